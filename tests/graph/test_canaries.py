"""A value of its own for each person in every governed field: where the lens withholds, no byte of it leaves.

Generated from the schema: a field declared tomorrow is asked tomorrow.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.sql.visitors import iterate

from databases import Database
from graph.asking import wire
from graph.village import ACTIVITIES
from graph.world import SCHEMA, World, an_event
from sekisho.consent.records import ConsentEvent
from sekisho.graph.exchange import GraphAnswer
from sekisho.graph.governed import GovernedList
from sekisho.graph.schema import governed_fields
from sekisho.policy.document import Label
from sekisho.policy.lens import Lens
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.tables import people
from sekisho.vocabulary import Purpose, ReportMode

TABLES = {
    "subject_other_attribute": ("name", "value"),
    "subject_account_setting": ("name", "value"),
    "measurement": ("value", "unit", "device", "taken_at"),
    "linked_app_record": ("kind", "value", "unit", "started_at", "ended_at"),
    "survey_answer": ("question", "answer", "answered_at"),
    "campaign_entry": ("entry", "entered_at"),
    "event_entry": ("entry", "entered_at"),
    "monitor_trial": ("status", "note", "recorded_at"),
    "clinical_research_recruitment": ("status", "screening", "recorded_at"),
    "support_case": ("case_number", "channel", "topic", "status", "opened_at"),
    "access_record": ("page", "ip_address", "accessed_at"),
    "page_reference": ("referring_page", "exit_page", "referrer"),
    "cookie_record": ("name", "value", "derived", "set_at"),
    "app_operation": ("operation", "screen", "operated_at"),
    "search_record": ("query", "searched_at"),
}
ALWAYS = {
    "measurement": {"kind": "PULSE"},
    "survey_answer": {"activity_key": ACTIVITIES[0]},
    "campaign_entry": {"activity_key": ACTIVITIES[1]},
    "event_entry": {"activity_key": ACTIVITIES[2]},
    "monitor_trial": {"activity_key": ACTIVITIES[3]},
    "clinical_research_recruitment": {"activity_key": ACTIVITIES[4]},
    "page_reference": {"referred_at": datetime(2024, 1, 1, tzinfo=UTC)},
}
SOURCES = {"measurement": 2, "linked_app_record": 3}


class Canaries:
    """Values that stand nowhere else, each with the coordinate's column it sings in."""

    def __init__(self, name: str, number: int) -> None:
        self._name, self._number, self._count = name, number, 0
        self.values: dict[str, str] = {}

    def of(self, table: str, column: str) -> Any:
        self._count += 1
        kind = people.__dict__[table].c[column].type.python_type
        if kind is datetime:
            moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(
                days=self._count, microseconds=self._number * 1_000 + self._count
            )
            self.values[f"{table}.{column}"] = moment.strftime("%H:%M:%S.%f")
            return moment
        if kind is float:
            value = self._number * 1_000 + self._count + 0.0625
            self.values[f"{table}.{column}"] = repr(value)
            return value
        value = f"canary-{self._name}-{self._count}-sings"
        self.values[f"{table}.{column}"] = value
        return value


async def singing(world: World, name: str, number: int, *events: ConsentEvent, accepts: bool = True) -> Canaries:
    """Somebody with a canary in every column that a governed field shows."""
    canaries = Canaries(name, number)
    born = date(1951 + number * 7, 7, 3)
    canaries.values["subject_attribute.birth_date"] = str(born)
    await world.person(
        name,
        *(an_event("PARTICIPATION", key=key) for key in ACTIVITIES),
        an_event("LINK", key="GOOGLE_FIT"),
        *events,
        accepts=accepts,
        birth_date=born,
        height_cm=canaries.of("subject_attribute", "height_cm"),
        weight_kg=canaries.of("subject_attribute", "weight_kg"),
    )
    for table, columns in TABLES.items():
        row = ALWAYS.get(table, {}) | {column: canaries.of(table, column) for column in columns}
        await world.rows(table, name, row, source=SOURCES.get(table, 1))
    account = {
        column: canaries.of("subject_account", column)
        for column in ("login_id", "email", "token_issued_at", "token_expires_at")
    }
    await world.rows("subject_account", name, account)
    message = {column: canaries.of("support_message", column) for column in ("author", "body", "sent_at")}
    await world.rows("support_message", name, message | {"case_row_id": world.people[name]})
    return canaries


def whole(world: World) -> str:
    """Every governed coordinate of the schema, as one selection of a subject."""
    core = SCHEMA._schema
    declared = governed_fields(core)
    told: dict[str, list[str]] = {}
    for coordinate in declared:
        parent, field = coordinate.split(".")
        told.setdefault(parent, []).append(field)
    parts = [f"id attributes {{ {' '.join(told['Attributes'])} }} account {{ {' '.join(told['Account'])} }}"]
    for coordinate, each in declared.items():
        if isinstance(each, GovernedList):
            parts.append(f"{coordinate.split('.')[1]}(last: 200) {{ {' '.join(told[each.element.__name__])} }}")
    selection = " ".join(parts)
    assert all(f" {coordinate.split('.')[1]}" in f" {selection}".replace("(", " (") for coordinate in declared)
    return selection


async def asked(world: World, client: str, lens: Lens, name: str) -> Sequence[GraphAnswer]:
    """Everything about somebody in every way there is to ask."""
    selection = whole(world)
    known = world.pseudonym(name, client, lens)
    ways = (
        f"subject(id: $id) {{ {selection} }}",
        f"node(id: $id) {{ ... on Subject {{ {selection} }} }}",
        f"subjects {{ edges {{ cursor node {{ {selection} }} }} pageInfo {{ endCursor }} }} me {{ {selection} }}",
        f"subjects(orderBy: {{field: SEX}}) {{ edges {{ node {{ {selection} }} }} }}",
    )
    answers = []
    for number, way in enumerate(ways):
        variables: dict[str, Any] = {"id": known} if "$id" in way else {}
        answers.append(
            await world.ask(
                client,
                f"query{' ($id: ID!)' if variables else ''} {{ {way} }}",
                purpose=lens.purpose,
                disclosure=lens.disclosure,
                variables=variables,
                report=list(ReportMode)[number % 3],
            )
        )
    return answers


DENIALS: dict[str, list[dict[str, Any]]] = {
    "whole withdrawal": [{"kind": "WITHDRAWAL"}],
    "whole objection": [{"kind": "OBJECTION"}],
    "refusal": [{"kind": "REFUSAL"}],
    "withdrawal of the purpose": [{"kind": "WITHDRAWAL", "scope": {"purposes": ["RESEARCH_ACADEMIC"]}}],
    "objection to the purpose": [{"kind": "OBJECTION", "scope": {"purposes": ["RESEARCH_ACADEMIC"]}}],
    "withdrawal from the recipient": [{"kind": "WITHDRAWAL", "scope": {"recipients": ["FIRST_PARTY"]}}],
    "processing restricted": [{"kind": "RESTRICTION", "target": "PROCESSING"}],
}


async def activities(world: World) -> None:
    async with world.database.operator.begin() as connection:
        for key in ACTIVITIES:
            await ensure_activity(connection, Activity(key, Label(key, key), sensitive=False))


RESEARCH = Lens.parse("FIRST_PARTY|RESEARCH_ACADEMIC||")


@pytest.mark.parametrize("denial", [*DENIALS, "never accepted"])
async def test_of_a_person_for_whom_the_lens_withholds_no_canary_sings(database: Database, denial: str) -> None:
    world = await World.founded(database, "analytics")
    await activities(world)
    events = [an_event(**each) for each in DENIALS.get(denial, [])]
    canaries = await singing(world, "aiko", 1, *events, accepts=bool(events))
    answers = await asked(world, "analytics", RESEARCH, "aiko")
    heard = b"".join(map(wire, answers)) + repr(await world.log()).encode()
    for place, canary in canaries.values.items():
        assert canary.encode() not in heard, place


async def test_of_one_who_permits_the_canaries_of_what_the_lens_shows_sing_and_no_others(database: Database) -> None:
    world = await World.founded(database, "analytics", "app")
    await activities(world)
    loud = await singing(world, "aiko", 1)
    quiet = await singing(world, "ben", 2, an_event("WITHDRAWAL", scope={"purposes": ["RESEARCH_ACADEMIC"]}))
    for purpose in (Purpose.RESEARCH_ACADEMIC, Purpose.SERVICE_PROVISION, Purpose.SURVEY_REQUEST):
        lens = Lens.parse(f"FIRST_PARTY|{purpose}||")
        heard = wire((await asked(world, "analytics", lens, "aiko"))[2])
        shown = shown_columns(world, lens)
        for place, canary in loud.values.items():
            assert (canary.encode() in heard) is (place in shown), (purpose, place)
        if purpose is Purpose.RESEARCH_ACADEMIC:
            assert not [place for place, canary in quiet.values.items() if canary.encode() in heard]
    log = repr(await world.log()).encode()
    assert not [place for place, canary in loud.values.items() if canary.encode() in log]


async def test_the_person_hears_all_of_their_own_canaries_and_nobody_elses(database: Database) -> None:
    world = await World.founded(database, "app")
    await activities(world)
    own = await singing(world, "aiko", 1, an_event("WITHDRAWAL"))
    others = await singing(world, "ben", 2)
    selection = whole(world)
    answer = await world.ask(
        "app",
        f"query ($id: ID!) {{ me {{ {selection} }} subject(id: $id) {{ {selection} }}"
        f" subjects {{ edges {{ node {{ {selection} }} }} }} }}",
        as_person="aiko",
        variables={"id": world.pseudonym("ben", "app", Lens.parse("SELF|||"))},
    )
    heard = wire(answer)
    assert not [place for place, canary in own.values.items() if canary.encode() not in heard]
    assert not [place for place, canary in others.values.items() if canary.encode() in heard]


def test_there_is_a_canary_in_every_governed_field(settled: World) -> None:
    placed = {(table, column) for table, columns in TABLES.items() for column in columns}
    placed |= {(table, column) for table, always in ALWAYS.items() for column in always}
    placed |= {("support_message", column) for column in ("author", "body", "sent_at", "case_row_id")}
    placed |= {("subject_account", column) for column in ("login_id", "email", "token_issued_at", "token_expires_at")}
    placed |= {("subject_attribute", column) for column in ("birth_date", "sex", "height_cm", "weight_kg")}
    stored = {
        (declared.value.table.name, column.name)
        for declared in governed_fields(SCHEMA._schema).values()
        if not isinstance(declared, GovernedList)
        for column in columns_of(declared)
    }
    technical = {"subject_id", "row_id", "source_id", "birth_precision", "birth_date_source"}
    assert {place for place in stored if place[1] not in technical} <= placed


def columns_of(declared: Any) -> Iterator[Any]:

    for expression in declared.value.shown.values():
        for part in iterate(expression):
            if getattr(part, "table", None) is declared.value.table:
                yield part


def shown_columns(world: World, lens: Lens) -> set[str]:
    """The columns whose canary a lens shows in full, from the policy alone."""
    (policy,) = world.policies.versions
    items: dict[str, set[str]] = {}
    for declared in governed_fields(SCHEMA._schema).values():
        if isinstance(declared, GovernedList):
            continue
        for column in columns_of(declared):
            items.setdefault(f"{declared.value.table.name}.{column.name}", set()).add(declared.item)
    shown = set()
    for place, said in items.items():
        cells = [policy.needed(lens, policy.item(each)) for each in said]
        if any(cell is not None and cell.show == "FULL" for cell in cells):
            shown.add(place)
    return shown
