"""How PostgreSQL goes about the compiled statements: by index alone, however many people there are.

The plans are those the gateway runs: generic ones, under its own session's settings, as its own role. Few people are
enough for an index to be the better way, since a page is as near at random as in a row.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from benchmarks.multiplying import multiply_people
from databases import copy_of
from graph.asked_of_schema import of_root, whole
from graph.village import ACTIVITIES, everything_about
from graph.world import LONG_AGO, World, an_event, parsed
from sekisho.graph.exchange import Caller, DeclaredHeaders, GraphRequest
from sekisho.graph.limits import Limits
from sekisho.policy.document import Label
from sekisho.policy.lens import Lens
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.cases import Case, approve_case, register_case
from sekisho.store.embedded import Urls
from sekisho.store.tables.catalogue import PERSONAL
from sekisho.vocabulary import DisclosurePurpose

PEOPLE, TIMES, SCAN = ("aiko", "ben", "chie", "dan"), 1_500, 100
SCANNED_BY_NOBODY = {table.name for table in PERSONAL} | {
    "subject",
    "subject_handle",
    "subject_order",
    "subject_state",
    "consent_event",
    "disclosure_log",
}
"""Everything that grows with the people, or with what is asked of them."""

RESEARCH, SELF, ORDER = "FIRST_PARTY|RESEARCH_ACADEMIC||", "SELF|||", "PUBLIC_AUTHORITY||LEGAL_COMPLIANCE|"
CLIENT_OF = {RESEARCH: "analytics", SELF: "app", ORDER: "authority"}
REFERRING = {ORDER: ' @purpose(reference: "order-1")'}
LISTS = """
    measurements(last: 50) { value kind takenAt } old: measurements(first: 2, kind: PULSE) { value }
    some: measurements(since: "2026-03-01T00:00:00Z", until: "2026-04-01T00:00:00Z") { value }
    linkedAppRecords { service value } surveyAnswers { answer }
"""
ASKED = {
    "one person": of_root("subject", "attributes { sex birthDate }"),
    "one person, all there is": of_root("subject", whole()),
    "a node": of_root("node", whole()),
    "the person themself": of_root("me", whole()),
    "a page": of_root(
        "subjects", "id attributes { sex age birthDate heightCm weightKg } account { email }", "first: 50"
    ),
    "a page of nothing": "subjects(first: 50) { edges { cursor } }",
    "a page further on": of_root("subjects", "id", "first: 50, after: $cursor"),
    "a page, all there is": of_root("subjects", whole()),
    "nested lists": of_root("subjects", LISTS, "first: 20"),
    "a page by value": of_root("subjects", "id", "first: 20, where: {age: {gte: 30}, sex: {eq: FEMALE}}"),
}
ORDERS = ("BIRTH_DATE", "AGE", "SEX", "HEIGHT_CM", "WEIGHT_KG")
ORDERED = {
    direction: " ".join(
        f"by_{field}: {of_root('subjects', 'id', f'first: 20, orderBy: {{field: {field}, direction: {direction}}}')}"
        for field in ORDERS
    )
    for direction in ("ASC", "DESC")
}


class Crowd:
    """A few thousand people, and a session of the gateway's that is asked how it would go about statements."""

    def __init__(self, world: World, session: Any) -> None:
        self.world = world
        self._session = session
        self._numbers = count()

    async def plan(self, key: str, body: str) -> list[dict[str, Any]]:
        """The nodes of the plan of the statement that answers `body`."""
        found = await self.world.engine.foreseen(await self._request(key, body))
        assert found.plan is not None
        statement, name = found.plan.statement, f"asked_{next(self._numbers)}"
        nothing = ", ".join("NULL" for _ in statement.parameters)
        await self._session.execute(f"PREPARE {name} AS {statement.text}")
        told = await self._session.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE {name}({nothing})")
        await self._session.execute(f"DEALLOCATE {name}")
        return list(nodes(json.loads(told)[0]["Plan"]))

    async def _request(self, key: str, body: str) -> GraphRequest:
        lens, client = Lens.parse(key), CLIENT_OF[key]
        caller = Caller(client, self.world.people["aiko"] if client == "app" else None)
        headers = DeclaredHeaders(*(((each,) if each else ()) for each in (lens.purpose, lens.disclosure)))
        values = {"id": self.world.pseudonym("aiko", client, lens)}
        if "$cursor" in body:
            page = f"query{REFERRING.get(key, '')} {{ subjects(first: 1) {{ pageInfo {{ endCursor }} }} }}"
            answer = await self.world.engine.answer(GraphRequest(page, caller, headers=headers))
            values["cursor"] = parsed(answer.data)["subjects"]["pageInfo"]["endCursor"]
        kinds = {"id": "ID!", "cursor": "String"}
        named = ", ".join(f"${name}: {kind}" for name, kind in kinds.items() if f"${name}" in body)
        query = f"query Asked{f'({named})' if named else ''}{REFERRING.get(key, '')} {{ {body} }}"
        return GraphRequest(query, caller, variables=values, headers=headers)


@pytest.fixture(scope="module")
async def crowd(template: Urls) -> AsyncIterator[Crowd]:
    async with copy_of(template) as database:
        # A page looks at a small part of everybody, as it does where there are many more of them.
        world = await World.founded(database, "analytics", "app", "authority", limits=Limits(scan=SCAN))
        await _settle(world)
        await multiply_people(database.urls, TIMES)
        async with database.admin.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await outside.execute(text("VACUUM ANALYZE"))
        session = await world.engine.driver._connect()
        await session.execute("SET random_page_cost = 1.1")  # as on solid-state disks, and in memory
        try:
            yield Crowd(world, session)
        finally:
            await session.close()


async def _settle(world: World) -> None:
    async with world.database.operator.begin() as connection:
        for key in ACTIVITIES:
            await ensure_activity(connection, Activity(key, Label(key, key), sensitive=False))
    for name in PEOPLE:
        events = [an_event("PARTICIPATION", key=key) for key in ACTIVITIES]
        await world.person(name, an_event("LINK", key="GOOGLE_FIT"), *events, accepts=name != "dan")
    await everything_about(world, "aiko")
    listed, tomorrow = frozenset({world.people["aiko"]}), datetime.now(UTC) + timedelta(days=1)
    items = frozenset({"email", "measurement", "sex", "age"})
    order = Case("order-1", "authority", DisclosurePurpose.LEGAL_COMPLIANCE, listed, items, "op-1", LONG_AGO, tomorrow)
    async with world.database.operator.begin() as connection:
        await register_case(connection, order)
        await approve_case(connection, "order-1", "op-2", LONG_AGO)


WALKS = ("Index Scan", "Index Only Scan")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def scanned(plan: list[dict[str, Any]]) -> list[str]:
    """The tables that would be read from end to end: as they lie, or along a whole index (for a merge, say)."""
    found = [each["Relation Name"] for each in plan if each["Node Type"] == "Seq Scan"]
    whole = [each for each in plan if each["Node Type"] in WALKS and "Index Cond" not in each]
    found += [each["Relation Name"] for each in whole if "Relation Name" in each]
    return [name for name in found if name in SCANNED_BY_NOBODY]


def indexed(plan: list[dict[str, Any]], index: str) -> list[str]:
    """The conditions by which an index is looked into."""
    return [each.get("Index Cond", "") for each in plan if each.get("Index Name") == index]


async def test_there_are_enough_people_for_a_scan_to_be_worse(crowd: Crowd) -> None:
    """What is guarded against is seen where there is no index to take."""
    told = await crowd._session.fetchval("EXPLAIN (FORMAT JSON) SELECT * FROM subject_attribute WHERE height_cm > 100")
    assert scanned(list(nodes(json.loads(told)[0]["Plan"]))) == ["subject_attribute"]


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("key", CLIENT_OF)
async def test_no_table_about_people_is_read_from_end_to_end(crowd: Crowd, key: str, what: str) -> None:
    assert scanned(await crowd.plan(key, ASKED[what])) == []


@pytest.mark.parametrize(("key", "direction"), [(RESEARCH, "ASC"), (RESEARCH, "DESC"), (SELF, "ASC")])
async def test_nor_is_it_to_put_people_in_order(crowd: Crowd, key: str, direction: str) -> None:
    assert scanned(await crowd.plan(key, ORDERED[direction])) == []


async def test_one_person_is_looked_up_by_their_id(crowd: Crowd) -> None:
    plan = await crowd.plan(RESEARCH, ASKED["one person"])
    (state,) = indexed(plan, "pk_subject_state")
    assert re.search(r"subject_id = \$\d+", state)
    assert indexed(plan, "pk_subject_attribute")


async def test_a_page_further_on_begins_where_the_last_one_ended(crowd: Crowd) -> None:
    conditions = indexed(await crowd.plan(RESEARCH, ASKED["a page further on"]), "pk_subject_state")
    assert conditions
    assert all(re.search(r"subject_id > \$\d+", each) for each in conditions)


async def test_the_rows_of_a_person_are_found_by_person_and_time(crowd: Crowd) -> None:
    asked = 'measurements(since: "2026-03-01T00:00:00Z", until: "2026-04-01T00:00:00Z") { value }'
    (condition,) = indexed(await crowd.plan(RESEARCH, of_root("subjects", asked)), "ix_measurement_newest")
    assert "subject_id = " in condition
    assert re.search(r"taken_at >= \$\d+", condition)
    assert re.search(r"taken_at < \$\d+", condition)


async def test_what_is_joined_for_filters_alone_is_left_out_where_nothing_is_filtered(crowd: Crowd) -> None:
    plan = await crowd.plan(RESEARCH, of_root("subjects", "measurements { value }"))
    assert not [each for each in plan if each.get("Relation Name") == "subject_attribute"]
