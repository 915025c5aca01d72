"""Orders: all pages together are the naive sort of what the caller sees, however little a page may look at."""

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from databases import Database
from graph.asking import RESEARCH, found, names, next_page, page
from graph.world import World, an_event
from sekisho.graph.limits import Limits
from sekisho.policy.lens import Lens

SERVICE = Lens.parse("FIRST_PARTY|SERVICE_PROVISION||")
LENSES = (SERVICE, RESEARCH)  # one shows dates and ages in full, the other years and bands
FIELDS = {
    "BIRTH_DATE": ("birthDate", str),
    "AGE": ("age", lambda shown: int(shown.split("-")[0])),
    "SEX": ("sex", str),
    "HEIGHT_CM": ("heightCm", float),
    "WEIGHT_KG": ("weightKg", float),
}
_SAID: tuple[tuple[Any, ...], ...] = (
    (),
    (),
    (an_event("LINK", key="GOOGLE_FIT"),),
    (an_event("OBJECTION", scope={"categories": ["ATTRIBUTE"]}),),
    (an_event("WITHDRAWAL", scope={"purposes": ["RESEARCH_ACADEMIC"]}),),
    (an_event("OBJECTION", scope={"purposes": ["PERSONALIZED_ADVERTISING"]}),),
    (an_event("WITHDRAWAL"),),
)


async def crowd(database: Database, seed: int, people: int, scan: int) -> World:
    """People drawn from `seed`: few values, so that many are alike; some refuse, some are known to the month only."""
    draw = Random(seed)  # noqa: S311 - a reproducible world, not a secret
    world = await World.founded(database, "analytics", limits=Limits(scan=scan))
    for number in range(people):
        born = date(draw.choice([1971, 1972, 1984, 1985]), draw.randint(1, 12), draw.randint(1, 28))
        unknown = draw.random() < 0.15
        await world.person(
            f"person {seed}-{number}",
            *draw.choice(_SAID),
            *([an_event("ADULT_ATTESTATION")] if unknown else []),
            birth_date=None if unknown else born,
            birth_precision=None if unknown else draw.choice(["DAY", "MONTH", "YEAR"]),
            birth_date_source=draw.choice([1, 1, 1, 3]),
            sex=draw.choice(["MALE", "FEMALE", "OTHER", None]),
            height_cm=draw.choice([150.0, 160.5, None]),
            weight_kg=draw.choice([48.5, 60.0, 1e16, None]),
            weight_source=draw.choice([1, 1, 3]),
        )
    return world


async def shown(world: World, lens: Lens) -> Mapping[str, Mapping[str, Any]]:
    """What the caller sees of everybody, by name."""
    seen: dict[str, Mapping[str, Any]] = {}
    after = ""
    while True:
        asked = (
            f"{{ subjects(first: 100{after}) {{ edges {{ node {{ id attributes"
            " { birthDate age sex heightCm weightKg } } } pageInfo { hasNextPage endCursor } } }"
        )
        answer = await world.ask("analytics", asked, purpose=lens.purpose)
        assert answer.data is not None, answer.errors
        told = [edge["node"]["attributes"] for edge in answer.data["subjects"]["edges"]]
        seen |= dict(zip(names(world, answer, lens, "analytics"), told, strict=True))
        info = answer.data["subjects"]["pageInfo"]
        if not info["hasNextPage"]:
            return seen
        after = f', after: "{info["endCursor"]}"'


def naive(world: World, seen: Mapping[str, Mapping[str, Any]], field: str, *, descending: bool) -> list[str]:
    """By value and person, and then those of whom nothing is seen, by person."""
    name, key = FIELDS[field]
    valued = [each for each in seen if seen[each][name] is not None]
    valued.sort(key=lambda each: (key(seen[each][name]), world.people[each].int), reverse=descending)
    return valued + sorted(seen.keys() - valued, key=lambda each: world.people[each].int)


async def walk(world: World, lens: Lens, arguments: str, size: int, engine: Any) -> tuple[list[str], list[int]]:
    """Everybody from the first page to the one that does not go on, and how many each page had."""
    walked, lengths, after = [], [], None
    while True:
        answer = await next_page(world, f"first: {size}, {arguments}", after, lens, engine=engine)
        assert answer.data is not None, answer.errors
        here = names(world, answer, lens, "analytics")
        walked += here
        lengths.append(len(here))
        info = answer.data["subjects"]["pageInfo"]
        if not info["hasNextPage"]:
            return walked, lengths
        after = info["endCursor"]


@pytest.mark.parametrize("scan", [1, 2_000])
@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: str(lens.purpose))
async def test_all_pages_together_are_the_naive_sort_of_what_is_seen(database: Database, lens: Lens, scan: int) -> None:
    world = await crowd(database, scan, people=14, scan=scan)
    seen, resolvers = await shown(world, lens), world.another_engine()
    for field in FIELDS:
        for direction in ("ASC", "DESC"):
            order = f"orderBy: {{field: {field}, direction: {direction}}}"
            expected = naive(world, seen, field, descending=direction == "DESC")
            for engine, size in ((world.engine, 3), (resolvers, 3)):
                walked, lengths = await walk(world, lens, order, size, engine)
                assert walked == expected, (field, direction, size)
                assert max(lengths) <= size


async def test_both_ways_of_answering_give_the_same_pages_and_cursors(database: Database) -> None:
    world = await crowd(database, 11, people=12, scan=3)
    resolvers = world.another_engine()
    for field in FIELDS:
        for arguments in ("", ", where: {sex: {eq: FEMALE}}", ", where: {not: {heightCm: {lt: 155}}}"):
            after, more = None, True
            while more:
                asked = f"first: 2, orderBy: {{field: {field}, direction: DESC}}{arguments}"
                one, other = [await next_page(world, asked, after, engine=each) for each in (world.engine, resolvers)]
                assert one.data is not None, one.errors
                assert one.data == other.data
                info = one.data["subjects"]["pageInfo"]
                after, more = info["endCursor"], info["hasNextPage"]


async def test_a_condition_finds_all_whom_it_means_in_order_though_a_page_looks_at_few(database: Database) -> None:
    world = await crowd(database, 5, people=12, scan=2)
    seen = await shown(world, RESEARCH)
    order = "orderBy: {field: WEIGHT_KG}, where: {sex: {eq: FEMALE}}"
    meant = [each for each in naive(world, seen, "WEIGHT_KG", descending=False) if seen[each]["sex"] == "FEMALE"]
    walked, lengths = await walk(world, RESEARCH, order, 3, None)
    assert walked == meant
    assert min(lengths[:-1], default=0) < 3


async def test_a_page_that_looked_at_as_many_as_it_may_says_that_it_can_go_on(database: Database) -> None:
    world = await World.founded(database, "analytics", limits=Limits(scan=2))
    for number in range(5):
        await world.person(f"{number}", height_cm=150.0 + number, sex="MALE" if number < 4 else "FEMALE")
    asked = "first: 2, orderBy: {field: HEIGHT_CM}, where: {sex: {eq: FEMALE}}"
    for engine in (world.engine, world.another_engine()):
        answer = await page(world, asked, engine=engine)
        assert answer.data is not None
        assert answer.data["subjects"]["edges"] == []
        assert answer.data["subjects"]["pageInfo"]["hasNextPage"] is True
        walked, lengths = await walk(world, RESEARCH, asked.removeprefix("first: 2, "), 2, engine)
        assert (walked, lengths[:2]) == (["4"], [0, 0])


async def test_a_refused_value_changes_neither_order_nor_cursors_nor_the_length_of_pages(database: Database) -> None:
    world = await World.founded(database, "analytics", limits=Limits(scan=2))
    for number in range(4):
        await world.person(f"open {number}", weight_kg=50.0 + number)
        await world.person(f"closed {number}", an_event("OBJECTION", scope={"categories": ["ATTRIBUTE"]}))
        await world.person(f"unlinked {number}", weight_source=3)
    told = []
    for weight in ("0.5", "51.5", "900", "NULL"):
        async with world.database.operator.begin() as connection:
            for name, subject_id in world.people.items():
                if not name.startswith("open"):
                    changed = text(f"UPDATE subject_attribute SET weight_kg = {weight} WHERE subject_id = :id")
                    await connection.execute(changed, {"id": subject_id})
        pages, after = [], ""
        while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
            answer = await page(world, f"first: 3, orderBy: {{field: WEIGHT_KG}}{after}")
            assert answer.data is not None, answer.errors
            pages.append(answer.data["subjects"])
            after = f', after: "{pages[-1]["pageInfo"]["endCursor"]}"'
        told.append(pages)
    assert told[1:] == told[:1] * 3


async def test_who_withdraws_or_tells_anew_is_found_elsewhere_at_once(database: Database) -> None:
    world = await World.founded(database, "analytics")
    for number, name in enumerate(("light", "middle", "heavy")):
        await world.person(name, weight_kg=50.0 + number)
    order = "orderBy: {field: WEIGHT_KG}"
    assert await found(world, order) == ["light", "middle", "heavy"]
    await world.says("light", an_event("OBJECTION", scope={"categories": ["ATTRIBUTE"]}))
    assert await found(world, order) == ["middle", "heavy", "light"]
    async with database.operator.begin() as connection:
        told = {"id": world.people["heavy"]}
        await connection.execute(text("UPDATE subject_attribute SET weight_kg = 1 WHERE subject_id = :id"), told)
    assert await found(world, order) == ["heavy", "middle", "light"]
    await world.says("middle", an_event("WITHDRAWAL"))
    assert await found(world, order) == ["heavy", "light"]
