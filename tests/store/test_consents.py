"""Consent on record: what is stored is what the records fold into, at once and for every instant (S3, S4)."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from store_samples import NOON, ORIGIN, register_subject

from databases import Database
from generated_cases import generate
from judged import JUDGE
from sekisho.consent.fold import Segment, timeline
from sekisho.consent.records import ConsentEvent, Scope, SubjectFacts
from sekisho.consent.state import Evidence, Standing, SubjectState
from sekisho.consent.writing import ConsentRefused
from sekisho.policy.document import Policies
from sekisho.policy.load import shipped_policy
from sekisho.store import consents
from sekisho.store.consents import Notice, Recorded, history, record, record_history, rewrite_timelines
from sekisho.store.tables.consent import consent_event
from sekisho.store.tables.people import subject_attribute
from sekisho.vocabulary import AccountState, BirthPrecision, EventKind, Purpose, RestrictionTarget

POLICIES = Policies((shipped_policy(),))
ACCEPTED = ConsentEvent("a", EventKind.ACCEPTANCE, NOON, NOON, version="2022-09")
WITHDRAWN = ConsentEvent("w", EventKind.WITHDRAWAL, NOON, NOON)
SALES = Scope(purposes=frozenset({Purpose.SALES}))
NARROWED = replace(WITHDRAWN, id="s", scope=SALES)

_STORED = text(
    "SELECT nullif(valid_from, '-infinity') AS begins, nullif(valid_until, 'infinity') AS ends, state, participations,"
    " evidence, account_state FROM subject_state JOIN consent_profile USING (profile_id)"
    " WHERE subject_id = :subject_id ORDER BY valid_from"
)
_NOW = text(
    "SELECT account_state FROM subject_state WHERE subject_id = :subject_id"
    " AND valid_from <= statement_timestamp() AND statement_timestamp() < valid_until"
)


async def a_subject(database: Database, born: date | None = None) -> UUID:
    async with database.operator.begin() as connection:
        subject_id = await register_subject(connection)
        if born is not None:
            told = {"subject_id": subject_id, "birth_date": born, "birth_precision": "DAY", **ORIGIN}
            await connection.execute(insert(subject_attribute).values(told))
        return subject_id


async def put(database: Database, subject_id: UUID, *events: ConsentEvent) -> tuple[ConsentEvent, ...]:
    async with database.operator.begin() as connection:
        return await record(connection, subject_id, [Recorded(event) for event in events], POLICIES)


async def stored(connection: AsyncConnection, subject_id: UUID) -> tuple[Segment, ...]:
    rows = await connection.execute(_STORED, {"subject_id": subject_id})
    return tuple(
        Segment(
            row.begins,
            row.ends,
            Standing(
                SubjectState.from_canonical(row.state),
                frozenset(row.participations),
                Evidence.from_json(row.evidence),
                AccountState(row.account_state),
            ),
        )
        for row in rows
    )


def ahead(line: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """What is kept of a timeline: from where the person stands now."""
    return tuple(each for each in line if each.valid_until is None or each.valid_until > datetime.now(UTC))


async def now(database: Database, subject_id: UUID) -> str | None:
    """What a governed statement that starts now finds."""
    async with database.gateway.connect() as connection:
        found: str | None = await connection.scalar(_NOW, {"subject_id": subject_id})
        return found


async def refused(database: Database, subject_id: UUID, why: str, *events: ConsentEvent) -> None:
    with pytest.raises(ConsentRefused, match=why):
        await put(database, subject_id, *events)


async def test_an_event_is_recorded_now_by_the_databases_clock(database: Database) -> None:
    """S3.13: whatever clock the client had."""
    subject_id = await a_subject(database)
    async with database.operator.connect() as connection:
        before = await connection.scalar(text("SELECT clock_timestamp()"))
    (event,) = await put(database, subject_id, replace(ACCEPTED, recorded_at=datetime(1999, 1, 1, tzinfo=UTC)))
    async with database.operator.connect() as connection:
        after = await connection.scalar(text("SELECT clock_timestamp()"))
        assert await history(connection, subject_id) == (event,)
    assert before <= event.recorded_at <= after
    assert event == replace(ACCEPTED, recorded_at=event.recorded_at)


async def test_a_withdrawal_is_seen_by_every_statement_that_starts_after_its_commit(database: Database) -> None:
    """Promise 5, S4."""
    subject_id = await a_subject(database)
    await put(database, subject_id, ACCEPTED)
    assert await now(database, subject_id) == "ACTIVE"
    async with database.operator.begin() as connection:
        await record(connection, subject_id, [Recorded(WITHDRAWN)], POLICIES)
        assert await now(database, subject_id) == "ACTIVE"
    assert await now(database, subject_id) == "ENDED"


async def test_event_and_timeline_commit_together_or_not_at_all(database: Database) -> None:
    """S4."""
    subject_id = await a_subject(database)
    await put(database, subject_id, ACCEPTED)
    async with database.operator.connect() as connection:
        await record(connection, subject_id, [Recorded(WITHDRAWN)], POLICIES)
        await connection.rollback()
        assert [event.id for event in await history(connection, subject_id)] == ["a"]
    assert await now(database, subject_id) == "ACTIVE"


async def test_two_writers_of_one_person_wait_for_each_other(database: Database) -> None:
    """S4: neither writes a timeline that forgets the other's event."""
    subject_id = await a_subject(database)
    async with database.operator.begin() as connection:
        await record(connection, subject_id, [Recorded(ACCEPTED)], POLICIES)
        second = asyncio.create_task(put(database, subject_id, NARROWED))
        done, _ = await asyncio.wait([second], timeout=0.3)
        assert not done
    await second
    async with database.operator.connect() as connection:
        events = await history(connection, subject_id)
        line = await stored(connection, subject_id)
    assert [event.id for event in events] == ["a", "s"]
    assert line == ahead(timeline(events, SubjectFacts(), POLICIES))
    assert line[-1].standing.evidence == Evidence("a", ("s",))


async def test_writers_of_two_people_do_not_wait(database: Database) -> None:
    first, second = await a_subject(database), await a_subject(database)
    await put(database, first, ACCEPTED)
    async with database.operator.begin() as connection:
        await record(connection, first, [Recorded(replace(ACCEPTED, id="b"))], POLICIES)
        async with database.operator.begin() as other:
            await record(other, second, [Recorded(replace(ACCEPTED, event_time=NOON))], POLICIES)


async def test_many_writers_at_once_leave_one_true_timeline(database: Database) -> None:
    """S4."""
    subject_id = await a_subject(database)
    events = [
        replace(ConsentEvent(f"{number}", kind, NOON, NOON, key="GOOGLE_FIT"))
        for number, kind in enumerate((EventKind.LINK, EventKind.UNLINK) * 4)
    ]
    await asyncio.gather(*(put(database, subject_id, event) for event in events))
    async with database.operator.connect() as connection:
        kept = await history(connection, subject_id)
        assert await stored(connection, subject_id) == ahead(timeline(kept, SubjectFacts(), POLICIES))
    assert {event.id for event in kept} == {event.id for event in events}
    assert len({event.recorded_at for event in kept}) == len(events)


async def test_a_timeline_is_stored_from_now_on_ahead(database: Database) -> None:
    """S4: today's state, then the 18th birthday, then expiries."""
    subject_id = await a_subject(database, born=date(2030, 2, 28))
    until = datetime(2060, 1, 1, tzinfo=UTC)
    (event,) = await put(database, subject_id, replace(ACCEPTED, until=until))
    async with database.operator.connect() as connection:
        line = await stored(connection, subject_id)
    assert [each.valid_from for each in line] == [event.recorded_at, datetime(2048, 2, 27, 15, tzinfo=UTC), until]
    assert [each.standing.state.age.value for each in line] == ["MINOR", "ADULT", "ADULT"]
    facts = SubjectFacts(date(2030, 2, 28), BirthPrecision.DAY)
    assert line == ahead(timeline((event,), facts, POLICIES))


async def test_stored_timelines_of_generated_people_are_those_their_records_fold_into(database: Database) -> None:
    """S4: the fold at an instant and the stored timeline agree; the other half is in `test_decision`."""
    async with database.owner.begin() as connection:
        for seed in range(150):
            case = JUDGE.read(generate(seed))
            events = tuple({event.id: event for event in case.events}.values())
            subject_id = await a_generated_person(connection, events, case.facts)
            await rewrite_timelines(connection, (subject_id,), case.rules.policies)
            assert set(await history(connection, subject_id)) == set(events), seed
            line = timeline(events, case.facts, case.rules.policies)
            assert await stored(connection, subject_id) == ahead(line), seed


async def a_generated_person(connection: AsyncConnection, events: Sequence[ConsentEvent], facts: SubjectFacts) -> UUID:
    """Somebody whose records are in the table as they are, also such as the write path refuses."""
    subject_id = await register_subject(connection)
    closed = {"at": facts.closed_at, "subject_id": subject_id}
    await connection.execute(text("UPDATE subject SET closed_at = :at WHERE subject_id = :subject_id"), closed)
    if facts.birth_date and facts.birth_precision:
        born = {"birth_date": facts.birth_date, "birth_precision": facts.birth_precision.value}
        await connection.execute(insert(subject_attribute).values(subject_id=subject_id, **born, **ORIGIN))
    rows = [consents._row(subject_id, Recorded(event)) for event in events]
    if rows:
        await connection.execute(insert(consent_event), rows)
    return subject_id


async def test_a_closed_account_is_closed_in_its_timeline(database: Database) -> None:
    subject_id = await a_subject(database)
    await put(database, subject_id, ACCEPTED)
    closed_at = datetime(2027, 1, 1, tzinfo=UTC)
    async with database.owner.begin() as connection:
        await connection.execute(text("UPDATE subject SET closed_at = :at"), {"at": closed_at})
        await rewrite_timelines(connection, (subject_id,), POLICIES)
        line = await stored(connection, subject_id)
    assert [(each.valid_from, each.standing.state.closed) for each in line][-1] == (closed_at, True)


async def test_what_happened_before_is_recorded_as_it_happened(database: Database) -> None:
    """History import: in any order, each event with its own `recorded_at`."""
    subject_id = await a_subject(database)
    day = timedelta(days=1)
    past = [
        replace(ACCEPTED, recorded_at=NOON - 400 * day, event_time=NOON - 400 * day),
        replace(NARROWED, recorded_at=NOON - 300 * day),
        replace(WITHDRAWN, id="l", kind=EventKind.LIFT, ends=("s",), recorded_at=NOON - 200 * day),
    ]
    async with database.operator.begin() as connection:
        await record_history(connection, {subject_id: [Recorded(event) for event in reversed(past)]}, POLICIES)
        assert await history(connection, subject_id) == tuple(past)
        line = await stored(connection, subject_id)
    assert [each.valid_from for each in line] == [past[-1].recorded_at]


async def test_a_history_from_the_future_is_refused(database: Database) -> None:
    subject_id = await a_subject(database)
    ahead = replace(ACCEPTED, recorded_at=datetime.now(UTC) + timedelta(hours=1))
    async with database.operator.begin() as connection:
        with pytest.raises(ConsentRefused, match="event `a` says it was recorded in the future; check its clock"):
            await record_history(connection, {subject_id: [Recorded(ahead)]}, POLICIES)
        assert await history(connection, subject_id) == ()


async def test_a_history_may_be_brought_in_again(database: Database) -> None:
    subject_id = await a_subject(database)
    for _ in range(2):
        async with database.operator.begin() as connection:
            await record_history(connection, {subject_id: [Recorded(ACCEPTED), Recorded(ACCEPTED)]}, POLICIES)
            assert await history(connection, subject_id) == (ACCEPTED,)
            assert len(await stored(connection, subject_id)) == 1


async def test_somebody_who_said_nothing_has_a_timeline_too(database: Database) -> None:
    subject_id = await a_subject(database)
    async with database.operator.begin() as connection:
        await record_history(connection, {subject_id: []}, POLICIES)
        assert await stored(connection, subject_id) == ahead(timeline((), SubjectFacts(), POLICIES))


async def test_the_same_event_again_is_left_as_it_was(database: Database) -> None:
    """S3.2: a client that retries learns what is on record."""
    subject_id = await a_subject(database)
    first = await put(database, subject_id, ACCEPTED)
    assert await put(database, subject_id, ACCEPTED) == first
    assert await put(database, subject_id, ACCEPTED, NARROWED, NARROWED)
    async with database.operator.connect() as connection:
        kept = await history(connection, subject_id)
    assert [event.id for event in kept] == ["a", "s"]
    assert kept[0] == first[0]


async def test_one_id_with_another_content_is_refused(database: Database) -> None:
    """S3.13."""
    subject_id = await a_subject(database)
    await put(database, subject_id, ACCEPTED)
    await refused(database, subject_id, "event id `a` is already on record", replace(ACCEPTED, version="2024-04"))
    await refused(database, subject_id, "`s` is already on record", NARROWED, replace(NARROWED, scope=None))


async def test_a_refused_event_leaves_nothing_of_its_transaction(database: Database) -> None:
    subject_id = await a_subject(database)
    await refused(database, subject_id, "set `version`", ACCEPTED, replace(ACCEPTED, id="b", version=None))
    async with database.operator.connect() as connection:
        assert await history(connection, subject_id) == ()


async def test_a_deny_is_lifted_in_part_in_one_transaction(database: Database) -> None:
    """S3.6: an event cannot end another of its own instant."""
    subject_id = await a_subject(database)
    await put(database, subject_id, ACCEPTED, replace(NARROWED, scope=Scope(purposes=frozenset(Purpose))))
    await put(database, subject_id, replace(NARROWED, id="t", ends=("s",)))
    async with database.operator.connect() as connection:
        line = await stored(connection, subject_id)
    assert [deny.scope for deny in line[-1].standing.state.denies] == [SALES]
    both = (replace(NARROWED, id="u"), replace(NARROWED, id="v", ends=("u",)))
    await refused(database, subject_id, "`u` was not recorded before this event", *both)


async def test_nobody_unknown_puts_anything_on_record(database: Database) -> None:
    await refused(database, uuid4(), "no such person is registered", ACCEPTED)


async def test_everything_that_was_said_is_kept_with_how_it_came_about(database: Database) -> None:
    """ISO/IEC TS 27560."""
    subject_id = await a_subject(database)
    notice = Notice("ab" * 32, "app", "ja", "subject", "checkbox", NOON, {"screen": "同意"})
    event = ConsentEvent("l", EventKind.LINK, NOON, NOON, until=NOON + timedelta(days=9000), key="GOOGLE_FIT")
    restricted = ConsentEvent("r", EventKind.RESTRICTION, NOON, NOON, target=RestrictionTarget.PROCESSING)
    async with database.operator.begin() as connection:
        first = await record(connection, subject_id, [Recorded(event, notice), Recorded(NARROWED)], POLICIES)
        second = await record(connection, subject_id, [Recorded(replace(restricted, ends=("s",)))], POLICIES)
        assert await history(connection, subject_id) == (*first, *second)
        row: Any = (await connection.execute(text("SELECT * FROM consent_event WHERE event_id = 'l'"))).one()
        bare: Any = (await connection.execute(text("SELECT * FROM consent_event WHERE event_id = 's'"))).one()
    assert (row.text_sha256, row.channel, row.language, row.entity, row.method) == ("ab" * 32, *notice_words(notice))
    assert (row.notice_presented_at, row.evidence) == (NOON, {"screen": "同意"})
    assert (bare.channel, bare.evidence, bare.scope) == (None, None, {"purposes": ["SALES"]})


def notice_words(notice: Notice) -> tuple[str | None, ...]:
    return notice.channel, notice.language, notice.entity, notice.method


@pytest.mark.parametrize("statement", ["UPDATE consent_event SET kind = 'LIFT'", "DELETE FROM consent_event"])
async def test_what_is_on_record_is_never_rewritten(database: Database, statement: str) -> None:
    subject_id = await a_subject(database)
    await put(database, subject_id, ACCEPTED)
    for engine in (database.operator, database.owner, database.admin):
        with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))
    async with database.operator.connect() as connection:
        assert [event.id for event in await history(connection, subject_id)] == ["a"]


async def test_the_gateway_itself_puts_nothing_on_record(database: Database) -> None:
    subject_id = await a_subject(database)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.gateway.begin() as connection:
            await record(connection, subject_id, [Recorded(ACCEPTED)], POLICIES)
