"""Where one person stands, for an operator who asks why: the stored timeline, the facts behind it, the clock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.consent.records import SubjectFacts
from sekisho.consent.state import Evidence, Standing, SubjectState
from sekisho.store.tables.consent import consent_profile, subject_state
from sekisho.store.tables.people import subject, subject_attribute
from sekisho.vocabulary import AccountState, BirthPrecision


@dataclass(frozen=True, slots=True)
class StoredStanding:
    """The row of a person's timeline that a statement at `at` picks."""

    at: datetime
    profile_id: int
    standing: Standing


async def clock(connection: AsyncConnection) -> datetime:
    """The database's own clock now: the one that stamps records."""
    now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def stored_standing(connection: AsyncConnection, subject_id: UUID) -> StoredStanding | None:
    """Where the person stands now, as the gateway would find them; `None` for somebody without a timeline."""
    now = func.statement_timestamp()
    chosen = (
        select(subject_state, consent_profile.c.state, now.label("at"))
        .join(consent_profile, consent_profile.c.profile_id == subject_state.c.profile_id)
        .where(subject_state.c.subject_id == subject_id)
        .where(subject_state.c.valid_from <= now, now < subject_state.c.valid_until)
    )
    row = (await connection.execute(chosen)).one_or_none()
    if row is None:
        return None
    standing = Standing(
        SubjectState.from_canonical(row.state),
        frozenset(row.participations),
        Evidence.from_json(row.evidence),
        AccountState(row.account_state),
    )
    return StoredStanding(row.at, row.profile_id, standing)


async def facts_of(connection: AsyncConnection, subject_id: UUID) -> SubjectFacts | None:
    """What decides about a person besides their consent events; `None` for somebody unknown."""
    told = subject_attribute.c
    chosen = (
        select(subject.c.closed_at, told.birth_date, told.birth_precision)
        .select_from(subject.outerjoin(subject_attribute, told.subject_id == subject.c.subject_id))
        .where(subject.c.subject_id == subject_id)
    )
    row = (await connection.execute(chosen)).one_or_none()
    if row is None:
        return None
    precision = BirthPrecision(row.birth_precision) if row.birth_precision else None
    return SubjectFacts(row.birth_date, precision, row.closed_at)
