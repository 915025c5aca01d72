"""Whom imported data is about, and what stood on record for them when it was acquired."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.consent.fold import Segment
from sekisho.consent.state import SubjectState
from sekisho.policy.document import Policies
from sekisho.store.consents import timelines_of
from sekisho.store.tables.people import subject, subject_account

NAMESPACE = UUID("7d8f9a52-3c0e-5b64-9d0b-6a3f6f1c2e47")
"""The UUID namespace of everything imported; it never changes, or the same file would import twice."""


_BEFORE_ALL, _AFTER_ALL = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Known(NamedTuple):
    """A registered person and when their account was closed, if it was."""

    subject_id: UUID
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What stood on record for a person from `begins` until `ends`."""

    begins: datetime
    ends: datetime
    state: SubjectState
    participations: frozenset[str]


def subject_of(namespace: str, key: Sequence[str]) -> UUID:
    """The internal id of the person whom `namespace` knows by `key`: the same for ever."""
    parts = [unicodedata.normalize("NFC", part.strip()) for part in key]
    return uuid5(NAMESPACE, json.dumps(["subject", namespace, *parts], ensure_ascii=False))


async def registered(connection: AsyncConnection, subject_ids: Iterable[UUID]) -> dict[UUID, Known]:
    """Which of `subject_ids` are registered."""
    chosen = select(subject.c.subject_id, subject.c.closed_at).where(
        subject.c.subject_id == func.any(list(subject_ids))
    )
    return {row.subject_id: Known(*row) for row in await connection.execute(chosen)}


async def by_login_id(connection: AsyncConnection, login_ids: Iterable[str]) -> dict[str, list[UUID]]:
    """Who is on record under each login id; several where it is not unique."""
    account = subject_account.c
    chosen = select(account.login_id, account.subject_id).where(account.login_id == func.any(list(login_ids)))
    found: dict[str, list[UUID]] = {}
    for row in await connection.execute(chosen):
        found.setdefault(row.login_id, []).append(row.subject_id)
    return found


async def records_of(
    connection: AsyncConnection, subject_ids: Iterable[UUID], policies: Policies
) -> dict[UUID, list[OnRecord]]:
    """What stood on record for `subject_ids` through all time, as their records fold."""
    lines = await timelines_of(connection, subject_ids, policies)
    return {each: [_on_record(segment) for segment in line] for each, line in lines.items()}


def standing_at(records: Iterable[OnRecord], at: datetime) -> OnRecord | None:
    """What stood on record at `at`."""
    return next((each for each in records if each.begins <= at < each.ends), None)


def _on_record(segment: Segment) -> OnRecord:
    standing = segment.standing
    return OnRecord(
        segment.valid_from or _BEFORE_ALL, segment.valid_until or _AFTER_ALL, standing.state, standing.participations
    )
