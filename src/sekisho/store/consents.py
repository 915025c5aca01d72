"""Consent on record: append an event, and rewrite the person's timeline in the same transaction.

INVARIANT (withdrawal is now): the event and the timeline it changes commit together, so a statement that starts after
the commit was acknowledged finds the new state.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.consent.fold import Segment, timeline
from sekisho.consent.records import ConsentEvent, Scope, SubjectFacts
from sekisho.consent.writing import ConsentRefused, check_new_event
from sekisho.policy.document import Policies
from sekisho.store.profiles import intern
from sekisho.store.tables.consent import consent_event, subject_state
from sekisho.store.tables.people import subject, subject_attribute
from sekisho.vocabulary import BirthPrecision, EventKind, RestrictionTarget


@dataclass(frozen=True, slots=True)
class Notice:
    """How a consent event came about: the ISO/IEC TS 27560 fields that decide nothing but prove something.

    `channel` and `method` say where and how; `entity` who acted; `presented_at` when the policy was shown first.
    """

    text_sha256: str | None = None
    channel: str | None = None
    language: str | None = None
    entity: str | None = None
    method: str | None = None
    presented_at: datetime | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A consent event with its notice."""

    event: ConsentEvent
    notice: Notice = Notice()


async def record(
    connection: AsyncConnection, subject_id: UUID, events: Sequence[Recorded], policies: Policies
) -> tuple[ConsentEvent, ...]:
    """Put `events` of one person on record, recorded now by the database's clock, and rewrite their timeline.

    Returns them as they are on record: an event recorded before with the same content is left as it was. Raises
    `ConsentRefused`; nothing is written then.
    """
    await lock(connection, subject_id)
    now = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    stamped = [replace(each, event=replace(each.event, recorded_at=now)) for each in events]
    return await _append(connection, subject_id, stamped, policies)


async def record_history(
    connection: AsyncConnection, histories: Mapping[UUID, Sequence[Recorded]], policies: Policies
) -> None:
    """Put whole histories on record as they happened, each event with its own `recorded_at`.

    For moving a service's past consent in. Raises `ConsentRefused` when an event was recorded in the future.
    """
    now = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    for subject_id in sorted(histories):
        await lock(connection, subject_id)
        for each in histories[subject_id]:
            if each.event.recorded_at > now:
                raise ConsentRefused(f"event `{each.event.id}` says it was recorded in the future; check its clock")
    known = await histories_of(connection, histories)
    rows = []
    for subject_id, events in histories.items():
        as_recorded = sorted(events, key=lambda each: each.event.recorded_at)
        rows += [_row(subject_id, each) for each in _new(known[subject_id], as_recorded)]
    if rows:
        await connection.execute(insert(consent_event), rows)
    await rewrite_timelines(connection, list(histories), policies)


async def history(connection: AsyncConnection, subject_id: UUID) -> tuple[ConsentEvent, ...]:
    """Everything one person put on record, oldest first."""
    return (await histories_of(connection, (subject_id,)))[subject_id]


async def histories_of(
    connection: AsyncConnection, subject_ids: Iterable[UUID]
) -> dict[UUID, tuple[ConsentEvent, ...]]:
    """The records of several people, oldest first."""
    found: dict[UUID, list[ConsentEvent]] = {subject_id: [] for subject_id in subject_ids}
    chosen = (
        select(consent_event)
        .where(consent_event.c.subject_id == func.any(list(found)))
        .order_by(consent_event.c.recorded_at, consent_event.c.event_id)
    )
    for row in await connection.execute(chosen):
        found[row.subject_id].append(_event(row))
    return {subject_id: tuple(events) for subject_id, events in found.items()}


async def timelines_of(
    connection: AsyncConnection, subject_ids: Iterable[UUID], policies: Policies
) -> dict[UUID, tuple[Segment, ...]]:
    """The whole timelines that the records of `subject_ids` fold into, the past included."""
    events = await histories_of(connection, subject_ids)
    facts = await _facts(connection, events)
    return {each: timeline(events[each], facts[each], policies) for each in events}


async def rewrite_timelines(connection: AsyncConnection, subject_ids: Sequence[UUID], policies: Policies) -> None:
    """Fold the records of `subject_ids` anew and store their timelines, from where each person stands now.

    What is past is not kept: no statement looks back, and a page must not walk over anybody's history.
    """
    now = (await connection.execute(select(func.statement_timestamp()))).scalar_one()
    lines = await timelines_of(connection, subject_ids, policies)
    segments = {each: _ahead(lines[each], now) for each in subject_ids}
    states = (segment.standing.state for line in segments.values() for segment in line)
    ids = await intern(connection, states, policies)
    await connection.execute(delete(subject_state).where(subject_state.c.subject_id == func.any(list(subject_ids))))
    rows = [_state_row(each, segment, ids) for each, line in segments.items() for segment in line]
    if rows:
        await connection.execute(_INSERT_STATE, rows)


def _ahead(line: Iterable[Segment], now: datetime) -> tuple[Segment, ...]:
    return tuple(each for each in line if each.valid_until is None or each.valid_until > now)


async def lock(connection: AsyncConnection, subject_id: UUID) -> None:
    """Let one writer at a time change a person's records. Raises `ConsentRefused` for somebody unknown."""
    chosen = select(subject.c.subject_id).where(subject.c.subject_id == subject_id).with_for_update()
    if await connection.scalar(chosen) is None:
        raise ConsentRefused("no such person is registered; register them, or check the id")


async def _append(
    connection: AsyncConnection, subject_id: UUID, events: Sequence[Recorded], policies: Policies
) -> tuple[ConsentEvent, ...]:
    known = await history(connection, subject_id)
    new = _new(known, events)
    if new:
        await connection.execute(insert(consent_event), [_row(subject_id, each) for each in new])
        await rewrite_timelines(connection, (subject_id,), policies)
    on_record = {event.id: event for event in (*(each.event for each in new), *known)}
    return tuple(on_record[each.event.id] for each in events)


def _new(known: Iterable[ConsentEvent], events: Sequence[Recorded]) -> list[Recorded]:
    """The events not on record yet, each checked against everything before it."""
    history_ = {event.id: event for event in known}
    new = []
    for each in events:
        earlier = history_.get(each.event.id)
        if earlier is not None and replace(earlier, recorded_at=each.event.recorded_at) == each.event:
            continue
        check_new_event(each.event, history_.values())
        history_[each.event.id] = each.event
        new.append(each)
    return new


async def _facts(connection: AsyncConnection, subject_ids: Iterable[UUID]) -> dict[UUID, SubjectFacts]:
    told = subject_attribute.c
    chosen = (
        select(subject.c.subject_id, subject.c.closed_at, told.birth_date, told.birth_precision)
        .select_from(subject.outerjoin(subject_attribute, told.subject_id == subject.c.subject_id))
        .where(subject.c.subject_id == func.any(list(subject_ids)))
    )
    return {
        row.subject_id: SubjectFacts(
            row.birth_date, BirthPrecision(row.birth_precision) if row.birth_precision else None, row.closed_at
        )
        for row in await connection.execute(chosen)
    }


def _row(subject_id: UUID, recorded: Recorded) -> dict[str, Any]:
    event, notice = recorded.event, recorded.notice
    return {
        "subject_id": subject_id,
        "event_id": event.id,
        "kind": event.kind.value,
        "event_time": event.event_time,
        "recorded_at": event.recorded_at,
        "policy_version": event.version,
        "text_sha256": notice.text_sha256,
        "scope": event.scope.to_json() if event.scope is not None else None,
        "valid_until": event.until,
        "ends": list(event.ends),
        "key": event.key,
        "target": event.target.value if event.target else None,
        "channel": notice.channel,
        "language": notice.language,
        "entity": notice.entity,
        "method": notice.method,
        "notice_presented_at": notice.presented_at,
        "evidence": dict(notice.evidence) or None,
    }


def _event(row: Any) -> ConsentEvent:
    return ConsentEvent(
        id=row.event_id,
        kind=EventKind(row.kind),
        event_time=row.event_time,
        recorded_at=row.recorded_at,
        version=row.policy_version,
        scope=Scope.from_json(row.scope) if row.scope is not None else None,
        until=row.valid_until,
        ends=tuple(row.ends),
        key=row.key,
        target=RestrictionTarget(row.target) if row.target else None,
    )


def _state_row(subject_id: UUID, segment: Segment, ids: Mapping[str, int]) -> dict[str, Any]:
    standing = segment.standing
    return {
        "begins": segment.valid_from,
        "ends": segment.valid_until,
        "subject_id": subject_id,
        "profile_id": ids[standing.state.canonical()],
        "participations": sorted(standing.participations),
        "evidence": standing.evidence.to_json(),
        "account_state": standing.account_state.value,
    }


_INSERT_STATE = insert(subject_state).values(
    valid_from=func.coalesce(
        bindparam("begins", type_=DateTime(timezone=True)), literal_column("'-infinity'::timestamptz")
    ),
    valid_until=func.coalesce(
        bindparam("ends", type_=DateTime(timezone=True)), literal_column("'infinity'::timestamptz")
    ),
)
