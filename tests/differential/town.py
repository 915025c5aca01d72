"""The village and its newcomers: people with generated histories, and with values that are hard to spell.

`NEIGHBOURS` permit everything and have something in every table; `SOULS` said and have whatever chance gave them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from nasty_values import BIRTH_DATES, FLOATS, drawn
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from databases import Database
from generated_cases import generate
from generated_draws import PROVIDERS, SERVICES, TERMS, Draws, SeededDraws
from graph.village import ACTIVITIES, D3, D4, NOW, PROVIDER, village
from graph.world import LONG_AGO, NAMESPACE, ORIGIN, World, an_event
from sekisho.consent.records import ConsentEvent
from sekisho.consent.writing import ConsentRefused, check_new_event
from sekisho.policy.document import Label
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.cases import Case, approve_case, register_case
from sekisho.store.consents import Recorded, record_history
from sekisho.store.sources import all_sources, ensure_source
from sekisho.store.subjects import register, write_rows
from sekisho.store.tables import people
from sekisho.store.tables.columns import METADATA
from sekisho.vocabulary import BirthPrecision, DisclosurePurpose, ServiceContext, SourceKind

VILLAGERS = ("aiko", "ben", "chie", "dan", "emi", "fumi", "goro", "haru", "iori", "jun", "kei", "mei")
NEIGHBOURS = ("nao", "ono", "rei")
SOULS = tuple(f"soul {number:02}" for number in range(17))
PEOPLE = (*VILLAGERS, *NEIGHBOURS, *SOULS)
IDS = {name: uuid5(NAMESPACE, name) for name in PEOPLE}
STUDIES = {"MONITOR_TRIAL": ("cuff-7", *TERMS), "CLINICAL_RESEARCH": ("hypertension-2026", *TERMS)}
CASES: dict[str, tuple[str, DisclosurePurpose, tuple[str, ...], tuple[str, ...]]] = {
    "order-2": ("authority", D3, ("aiko", "nao", *SOULS[:6]), ("email", "measurement", "sex", "height", "birthDate")),
    "claim-1": ("contractor", D4, ("ono", "kei", "goro", *SOULS[6:9]), ("loginId", "supportCase", "age", "weight")),
}
"""Cases besides the village's: client, disclosure purpose, people, items."""

_KIND_OF = {
    "survey_answer": "SURVEY",
    "campaign_entry": "CAMPAIGN",
    "event_entry": "EVENT",
    "monitor_trial": "MONITOR_TRIAL",
    "clinical_research_recruitment": "CLINICAL_RESEARCH",
}
_KEYS = (*ACTIVITIES, *(f"{kind}:{term}" for kind in _KIND_OF.values() for term in TERMS))
_TOLD = {"birth_date": date.fromisoformat, "closed_at": datetime.fromisoformat}
_TABLES = [table for table in METADATA.sorted_tables if "provenance" in table.c]
_ROWS = [table for table in _TABLES if "row_id" in table.c]


async def town(database: Database) -> World:
    """Everybody settles. The clock stands at `NOW`."""
    async with database.operator.begin() as connection:
        for name in PROVIDERS:  # sources are bits of masks: they come before the people
            await ensure_source(connection, SourceKind.THIRD_PARTY, name)
    world = await village(database)
    async with database.operator.begin() as connection:
        for key in _KEYS:
            await ensure_activity(connection, Activity(key, Label(key, key), sensitive=False))
        sources = {source.source_id: source.name for source in await all_sources(connection)}
        newcomers = [IDS[name] for name in (*NEIGHBOURS, *SOULS)]
        await register(connection, newcomers, ServiceContext.KARADO_APP, world.policies)
        for number, name in enumerate(NEIGHBOURS):
            await _settle(connection, world, name, SeededDraws(number), _permits_everything(name), tuple(sources), 4)
        for number, name in enumerate(SOULS):
            await _soul(connection, world, name, SeededDraws(1000 + number), tuple(sources))
        await _cases(connection)
    world.people |= {name: IDS[name] for name in (*NEIGHBOURS, *SOULS)}
    return world


def _permits_everything(name: str) -> list[ConsentEvent]:
    said = [("ACCEPTANCE", {"version": "2022-09"}), ("ADULT_ATTESTATION", {})]
    said += [("LINK", {"key": key}) for key in SERVICES]
    said += [("THIRD_PARTY_CONSENT", {"key": key}) for key in (*PROVIDERS, PROVIDER)]
    said += [("PARTICIPATION", {"key": key}) for key in _KEYS]
    return [an_event(kind, id=f"{name} {place}", **facts) for place, (kind, facts) in enumerate(said)]


async def _soul(connection: AsyncConnection, world: World, name: str, draws: Draws, sources: Sequence[int]) -> None:
    """Somebody with a generated history; what cannot be put on record is left out."""
    case = generate(int(10_000 * IDS[name].int % 9973) + len(name))
    closed = case["subject"].get("closed_at")
    if closed is not None and datetime.fromisoformat(closed) <= NOW:
        await connection.execute(
            text("UPDATE subject SET closed_at = :at WHERE subject_id = :id"),
            {"at": datetime.fromisoformat(closed), "id": IDS[name]},
        )
    events = list(_recordable(case["events"]))
    if draws.chance(0.8):  # most take part in something and have linked something
        events += _permits_everything(name)[2:]
    await _settle(connection, world, name, draws, events, sources, 2)


def _recordable(told: Sequence[Mapping[str, Any]]) -> Iterator[ConsentEvent]:
    known: dict[str, ConsentEvent] = {}
    for each in sorted(told, key=lambda event: (datetime.fromisoformat(event["recorded_at"]), event["id"])):
        facts = {name: value for name, value in each.items() if name not in ("recorded_at", "event_time")}
        for instant in ("until",):
            if instant in facts:
                facts[instant] = datetime.fromisoformat(facts[instant])
        event = an_event(**facts | {"ends": tuple(facts.get("ends", ()))})
        event = replace(
            event,
            recorded_at=datetime.fromisoformat(each["recorded_at"]),
            event_time=datetime.fromisoformat(each["event_time"]),
        )
        try:
            check_new_event(event, known.values())
        except ConsentRefused:
            continue
        known[event.id] = event
        yield event


async def _settle(
    connection: AsyncConnection,
    world: World,
    name: str,
    draws: Draws,
    events: Sequence[ConsentEvent],
    sources: Sequence[int],
    most: int,
) -> None:
    about = {"subject_id": IDS[name], **ORIGIN}
    if draws.chance(0.95):
        await write_rows(connection, people.subject_attribute, [about | _attributes(draws, sources)], world.policies)
    if draws.chance(0.9):
        account = _row(draws, people.subject_account, sources)
        await write_rows(connection, people.subject_account, [about | account], world.policies)
    cases: list[UUID] = []
    for table in _ROWS:
        rows = []
        for number in range(draws.one(range(most + 1))):
            row_id = uuid5(NAMESPACE, f"{name} {table.name} {number}")
            rows.append(about | {"row_id": row_id} | _row(draws, table, sources))
            if table is people.support_case:
                cases.append(row_id)
            if table is people.support_message:
                rows[-1]["case_row_id"] = draws.one((*cases, UUID(int=7)))
        if rows:
            await write_rows(connection, table, rows, world.policies)
    await record_history(connection, {IDS[name]: [Recorded(event) for event in events]}, world.policies)


def _attributes(draws: Draws, sources: Sequence[int]) -> dict[str, Any]:
    born = draws.chance(0.85)
    adult = BIRTH_DATES[:4]
    return {
        "birth_date": draws.one(adult if draws.chance(0.7) else BIRTH_DATES) if born else None,
        "birth_precision": draws.one(list(BirthPrecision)).value if born else None,
        "sex": draws.one((None, *people.SEXES)),
        "height_cm": draws.one((160.5, None, 170.0, 155.0, *FLOATS)),
        "weight_kg": draws.one((52.0, None, 52.0, *FLOATS)),
        **{
            f"{item}_source": _source(draws, (1,), sources)
            for item in ("birth_date", "sex", "height", "weight")
        },
    }  # fmt: skip


def _row(draws: Draws, table: Table, sources: Sequence[int]) -> dict[str, Any]:
    given = {"subject_id", "row_id", "case_row_id", *ORIGIN}
    row = {column.name: drawn(draws, column) for column in table.c if column.name not in given | {"source_id"}}
    if table is people.measurement:
        row["kind"] = draws.one(people.MEASUREMENT_KINDS)
    if "activity_key" in table.c:
        row["activity_key"] = draws.one([key for key in _KEYS if key.startswith(f"{_KIND_OF[table.name]}:")])
    usual = {people.measurement: (2, 2, 3), people.linked_app_record: (3, 4)}.get(table, (1,))
    return row | {"source_id": _source(draws, usual, sources)}


def _source(draws: Draws, usual: Sequence[int], sources: Sequence[int]) -> int:
    return draws.one(usual) if draws.chance(0.75) else draws.one(sources)


async def _cases(connection: AsyncConnection) -> None:
    for case_id, (client, disclosure, listed, items) in CASES.items():
        subjects = frozenset(IDS[name] for name in listed)
        case = Case(case_id, client, disclosure, subjects, frozenset(items), "op-1", LONG_AGO, NOW.replace(year=2030))
        await register_case(connection, case)
        await approve_case(connection, case_id, "op-2", LONG_AGO)
