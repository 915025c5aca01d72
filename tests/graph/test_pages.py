"""Pages of people: every present person once, nobody else, and cursors that tell nothing and serve nobody else."""

import base64
from datetime import date
from random import Random
from typing import Any

import pytest

from databases import Database, copy_of
from graph.asking import RESEARCH, SURVEY, names, page, refusal_of, wire
from graph.world import CLIENTS, SCHEMA, World, a_client, an_event
from sekisho.graph.limits import Limits
from sekisho.policy.document import Label
from sekisho.policy.lens import Lens
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.embedded import Urls
from sekisho.vocabulary import RecipientType, ReportMode

ORDERS = ("", "orderBy: {field: HEIGHT_CM}", "orderBy: {field: AGE, direction: DESC}", "orderBy: {field: SEX}")
DENIALS: tuple[tuple[Any, ...], ...] = (
    (),
    (),
    (("WITHDRAWAL", {"purposes": ["RESEARCH_ACADEMIC"]}),),
    (("OBJECTION", {"categories": ["ATTRIBUTE"]}),),
    (("WITHDRAWAL", None),),
)


async def crowd(database: Database, seed: int, people: int, scan: int) -> tuple[World, set[str]]:
    """People drawn from `seed`, some of them absent for research, and who is present."""
    draw = Random(seed)  # noqa: S311 - a reproducible world, not a secret
    world = await World.founded(database, "analytics", limits=Limits(scan=scan))
    present = set()
    for number in range(people):
        name = f"person {seed}-{number}"
        denials = draw.choice(DENIALS)
        events = [an_event(kind, **({"scope": scope} if scope else {})) for kind, scope in denials]
        await world.person(
            name,
            *events,
            sex=draw.choice(["MALE", "FEMALE", "OTHER", None]),
            height_cm=draw.choice([150.0, 160.5, 160.5, None]),
            birth_date=date(draw.randint(1950, 1999), 1, 1),
        )
        if not denials or denials[0][0] == "OBJECTION":
            present.add(name)
    return world, present


async def walk(world: World, arguments: str, size: int) -> tuple[list[list[str]], list[Any]]:
    """Every page from the first to the one that does not go on."""
    pages, infos, after = [], [], None
    while True:
        told = ", ".join(filter(None, (arguments, f"first: {size}", f'after: "{after}"' if after else "")))
        answer = await page(world, told)
        assert answer.data is not None, answer.errors
        pages.append(names(world, answer, RESEARCH, "analytics"))
        infos.append(answer.data["subjects"]["pageInfo"])
        after = infos[-1]["endCursor"]
        if not infos[-1]["hasNextPage"]:
            return pages, infos


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("scan", [1, 3, 2_000])
async def test_all_pages_together_find_each_present_person_exactly_once(
    database: Database, seed: int, scan: int
) -> None:
    world, present = await crowd(database, seed, people=11, scan=scan)
    for order in ORDERS:
        for size in (1, 2, 5, 100):
            pages, _ = await walk(world, order, size)
            walked = [name for each in pages for name in each]
            assert sorted(walked) == sorted(present)
            assert all(len(each) <= size for each in pages)


async def test_ordered_pages_keep_one_order(database: Database) -> None:
    world, _ = await crowd(database, 7, people=12, scan=2_000)
    for order in ORDERS:
        (whole,), _ = await walk(world, order, 100)
        pages, _ = await walk(world, order, 2)
        assert [name for each in pages for name in each] == whole


async def test_a_bounded_scan_gives_short_pages_that_go_on(database: Database) -> None:
    world = await World.founded(database, "analytics", limits=Limits(scan=2))
    for number in range(7):
        await world.person(f"{number}", accepts=number % 3 == 0)
    pages, infos = await walk(world, "", 2)
    assert sorted(name for each in pages for name in each) == ["0", "3", "6"]
    assert len(pages) == 4
    assert [info["hasNextPage"] for info in infos] == [True, True, True, False]
    assert any(len(each) < 2 for each in pages[:-1])


async def test_a_page_without_anybody_may_go_on(database: Database) -> None:
    world = await World.founded(database, "analytics", limits=Limits(scan=3))
    for number in range(5):
        await world.person(f"{number}", accepts=False)
    answer = await page(world, "first: 2")
    assert answer.data is not None
    assert answer.data["subjects"]["edges"] == []
    assert answer.data["subjects"]["pageInfo"]["hasNextPage"] is True
    assert answer.data["subjects"]["pageInfo"]["endCursor"]


async def test_each_edge_has_a_cursor_to_go_on_from(settled: World) -> None:
    answer = await page(settled, "")
    assert answer.data is not None
    edges, everybody = answer.data["subjects"]["edges"], names(settled, answer, RESEARCH, "analytics")
    for place, edge in enumerate(edges):
        rest = await page(settled, f'after: "{edge["cursor"]}"')
        assert names(settled, rest, RESEARCH, "analytics") == everybody[place + 1 :]


@pytest.fixture
async def cursor(settled: World) -> str:
    answer = await page(settled, "first: 1, orderBy: {field: HEIGHT_CM}")
    assert answer.data is not None
    return str(answer.data["subjects"]["pageInfo"]["endCursor"])


def decoded(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


async def test_a_cursor_tells_neither_value_nor_person(settled: World, cursor: str) -> None:
    whole = decoded(cursor)
    assert b"155" not in whole
    assert settled.people["mei"].bytes not in whole
    assert str(settled.people["mei"]).encode() not in whole
    assert b"subject" not in whole


async def test_the_same_place_of_the_same_question_has_the_same_cursor(settled: World, cursor: str) -> None:
    answer = await page(settled, "first: 1, orderBy: {field: HEIGHT_CM}")
    assert answer.data is not None
    assert answer.data["subjects"]["pageInfo"]["endCursor"] == cursor
    assert answer.data["subjects"]["edges"][0]["cursor"] == cursor


async def test_a_cursor_is_good_for_its_own_question(settled: World, cursor: str) -> None:
    assert refusal_of(await page(settled, f'orderBy: {{field: HEIGHT_CM}}, after: "{cursor}"')) is None


UNIVERSITY = Lens.parse("JOINT_RESEARCH_PARTNER|RESEARCH_ACADEMIC|PROCESSING_FOR_USE_PURPOSE|")
PAPER = Lens.parse("FIRST_PARTY|PAPER_PUBLICATION||")


@pytest.mark.parametrize(
    ("client", "lens", "arguments"),
    [
        ("research-only", RESEARCH, "orderBy: {field: HEIGHT_CM}"),
        ("university", UNIVERSITY, "orderBy: {field: HEIGHT_CM}"),
        ("analytics", PAPER, "orderBy: {field: HEIGHT_CM}"),
        ("analytics", RESEARCH, ""),
        ("analytics", RESEARCH, "orderBy: {field: WEIGHT_KG}"),
        ("analytics", RESEARCH, "orderBy: {field: HEIGHT_CM, direction: DESC}"),
        ("analytics", RESEARCH, "orderBy: {field: HEIGHT_CM}, where: {sex: {eq: MALE}}"),
    ],
)
async def test_a_cursor_of_another_client_lens_or_question_is_refused(
    settled: World, cursor: str, client: str, lens: Lens, arguments: str
) -> None:
    told = ", ".join(filter(None, (arguments, f'after: "{cursor}"')))
    assert refusal_of(await page(settled, told, lens, client)) == "CURSOR_INVALID"


async def test_a_forged_or_shortened_cursor_is_refused(settled: World, cursor: str) -> None:
    whole = decoded(cursor)
    flipped = [bytes([*whole[:place], whole[place] ^ 1, *whole[place + 1 :]]) for place in range(len(whole))]
    forged = [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in (*flipped, whole[:-1], whole[:12], b"")]
    for each in (*forged, cursor[:-1], cursor + "=", cursor + "A", "AAAA", "あ", " " + cursor):
        refused = await page(settled, f'orderBy: {{field: HEIGHT_CM}}, after: "{each}"')
        assert refusal_of(refused) == "CURSOR_INVALID", each


async def test_a_cursor_of_another_study_is_refused(database: Database) -> None:
    world = await World.founded(database, "analytics")
    async with database.operator.begin() as connection:
        for key in ("CLINICAL_RESEARCH:one", "CLINICAL_RESEARCH:two"):
            await ensure_activity(connection, Activity(key, Label(key, key), sensitive=False))
    for name in ("aiko", "ben"):
        keys = ("CLINICAL_RESEARCH:one", "CLINICAL_RESEARCH:two")
        await world.person(name, *(an_event("PARTICIPATION", key=key) for key in keys))
    declared = 'query @purpose(is: CLINICAL_RESEARCH_EXECUTION, study: "one")'
    answer = await world.ask("analytics", declared + " { subjects(first: 1) { pageInfo { endCursor } } }")
    assert answer.data is not None
    end = answer.data["subjects"]["pageInfo"]["endCursor"]
    for study, refusal in (("one", None), ("two", "CURSOR_INVALID")):
        onward = f'query @purpose(is: CLINICAL_RESEARCH_EXECUTION, study: "{study}")'
        asked = await world.ask(
            "analytics", f'{onward} {{ subjects(first: 1, after: "{end}") {{ edges {{ cursor }} }} }}'
        )
        assert refusal_of(asked) == refusal


async def test_no_type_of_the_schema_counts_people(settled: World) -> None:
    fields = {
        name.lower()
        for named in SCHEMA._schema.type_map.values()
        if not named.name.startswith("__")
        for name in getattr(named, "fields", {})
    }
    assert not [
        name for name in fields if "total" in name or ("count" in name and name != "country" and "account" not in name)
    ]


async def test_an_absent_person_and_an_unknown_id_are_the_same_bytes(settled: World) -> None:
    unknown, asked = "AAAAAAAAAAAAAAAAAAAAAA", "account { email } measurements(last: 3) { value }"
    absent = ("ben", "emi", "fumi", "goro", "iori", "jun")
    for root in ("subject", "node"):
        for mode in ReportMode:
            answers = {
                wire(
                    await settled.ask(
                        "analytics",
                        f"query ($id: ID!) {{ {root}(id: $id) {{ id ... on Subject {{ {asked} }} }} }}",
                        purpose="RESEARCH_ACADEMIC",
                        variables={"id": each},
                        report=mode,
                    )
                )
                for each in (
                    unknown,
                    *(settled.pseudonym(name, "analytics", RESEARCH) for name in absent),
                )
            }
            assert len(answers) == 1


async def test_pseudonyms_differ_by_recipient_and_by_top_level_purpose_only(settled: World) -> None:
    def known(client: str, key: str) -> str:
        return settled.pseudonym("aiko", client, Lens.parse(key))

    research = known("analytics", "FIRST_PARTY|RESEARCH_ACADEMIC||")
    assert research == known("analytics", "FIRST_PARTY|PAPER_PUBLICATION||")
    others = {
        known("analytics", "FIRST_PARTY|SURVEY_REQUEST||"),
        known("research-only", "FIRST_PARTY|RESEARCH_ACADEMIC||"),
        known("university", "JOINT_RESEARCH_PARTNER|RESEARCH_ACADEMIC|PROCESSING_FOR_USE_PURPOSE|"),
        known("linkage", "DATA_LINKAGE_PARTNER||EXTERNAL_LINKAGE_AUTHENTICATION|"),
    }
    assert len({research, *others}) == 5
    for lens, there in ((RESEARCH, True), (Lens.parse("FIRST_PARTY|PAPER_PUBLICATION||"), True), (SURVEY, False)):
        answer = await settled.ask(
            "analytics",
            "query ($id: ID!) { subject(id: $id) { id } }",
            purpose=lens.purpose,
            variables={"id": research},
        )
        assert answer.data is not None
        assert (answer.data["subject"] is not None) is there


async def test_clients_of_one_organisation_share_pseudonyms_and_no_cursor(template: Urls) -> None:
    second = a_client("second", RecipientType.FIRST_PARTY, recipient_id=CLIENTS["analytics"].recipient_id)
    async with copy_of(template) as database:
        world = await World.founded(database, clients={"analytics": CLIENTS["analytics"], "second": second})
        await world.person("aiko")
        await world.person("ben")
        first = await page(world, "first: 1")
        assert first.data is not None
        asked = await page(world, "first: 1", client="second")
        assert asked.data is not None
        assert asked.data["subjects"]["edges"][0]["node"] == first.data["subjects"]["edges"][0]["node"]
        end = first.data["subjects"]["pageInfo"]["endCursor"]
        assert refusal_of(await page(world, f'first: 1, after: "{end}"', client="second")) == "CURSOR_INVALID"
