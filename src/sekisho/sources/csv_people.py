"""Whom the lines of a CSV file are about, and whether their data may be taken in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.policy.document import Policies
from sekisho.sources.csv_mapping import MappingForm, SourceForm
from sekisho.sources.csv_rows import RowRefused, Target
from sekisho.sources.persons import (
    Known,
    OnRecord,
    by_login_id,
    records_of,
    registered,
    standing_at,
    subject_of,
)
from sekisho.store.activities import all_activities
from sekisho.store.subjects import register
from sekisho.vocabulary import SourceKind

_ACTIVITY_KINDS = {
    "survey_answer": "SURVEY",
    "campaign_entry": "CAMPAIGN",
    "event_entry": "EVENT",
    "monitor_trial": "MONITOR_TRIAL",
    "clinical_research_recruitment": "CLINICAL_RESEARCH",
}


class About(Protocol):
    """What is asked of a line: the person's key, when it was acquired, and its rows."""

    @property
    def key(self) -> tuple[str, ...]:
        """The person's key, as it stands in the file."""

    @property
    def acquired_at(self) -> datetime:
        """When the data was acquired."""

    @property
    def rows(self) -> tuple[tuple[Target, dict[str, Any]], ...]:
        """The rows it gives."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What is known of the people of one batch of lines."""

    mapping: MappingForm
    ids: Mapping[tuple[str, ...], Sequence[UUID]]
    known: Mapping[UUID, Known]
    records: Mapping[UUID, Sequence[OnRecord]]
    activities: frozenset[str]

    def admit(self, line: About) -> UUID:
        """The person whose data this is. Raises `RowRefused` when it may not be taken in."""
        found = self.ids[line.key]
        if len(found) > 1:
            raise RowRefused("the login id names more than one person", self.mapping.subject.columns[0])
        known = self.known.get(found[0]) if found else None
        if not found or (known is None and self.mapping.subject.unknown == "refuse"):
            raise RowRefused("this person is not registered; register them, or check the key")
        if known is not None and known.closed_at is not None:
            raise RowRefused("this person's account is closed; nothing is taken in for it")
        for activity, kind in _activities(line):
            if activity not in self.activities or not activity.startswith(f"{kind}:"):
                raise RowRefused(f"the activity is not registered as a {kind}; register it first")
        self._check_evidence(line, found[0])
        return found[0]

    def _check_evidence(self, line: About, subject_id: UUID) -> None:
        if not _needs_evidence(self.mapping.source, line):
            return
        standing = standing_at(self.records.get(subject_id, ()), line.acquired_at)
        source = self.mapping.source
        if source.kind is SourceKind.LINKED_APP and (standing is None or source.name not in standing.state.linked):
            raise RowRefused(f"no link of `{source.name}` was in force when this was acquired")
        if source.kind is SourceKind.THIRD_PARTY and (
            standing is None or source.name not in standing.state.third_party_sources
        ):
            raise RowRefused(f"no separate consent to data from `{source.name}` was in force when this was acquired")
        if any(standing is None or activity not in standing.participations for activity, _ in _activities(line)):
            raise RowRefused("the person did not take part in this activity when this was acquired")


@dataclass(frozen=True, slots=True)
class People:
    """Finds and registers the people of an import."""

    connection: AsyncConnection
    mapping: MappingForm
    policies: Policies
    activities: frozenset[str]

    @classmethod
    async def begin(cls, connection: AsyncConnection, mapping: MappingForm, policies: Policies) -> "People":
        """Read which activities there are."""
        return cls(connection, mapping, policies, frozenset(each.key for each in await all_activities(connection)))

    async def of(self, lines: Sequence[About]) -> Admission:
        """What is known of the people of these lines."""
        ids = await self._ids({line.key for line in lines})
        everybody = {each for found in ids.values() for each in found}
        known = await registered(self.connection, everybody)
        asking = any(_needs_evidence(self.mapping.source, line) for line in lines)
        records = await records_of(self.connection, known, self.policies) if asking else {}
        return Admission(self.mapping, ids, known, records, self.activities)

    async def register(self, subject_ids: Iterable[UUID], policies: Policies) -> int:
        """Register those who are not, and return how many they were."""
        wanted = dict.fromkeys(subject_ids)
        known = await registered(self.connection, wanted)
        new = [each for each in wanted if each not in known]
        if new:
            await register(self.connection, new, self.mapping.service_context, policies)
        return len(new)

    async def _ids(self, keys: set[tuple[str, ...]]) -> dict[tuple[str, ...], list[UUID]]:
        if self.mapping.subject.by == "login_id":
            found = await by_login_id(self.connection, (key[0] for key in keys))
            return {key: found.get(key[0], []) for key in keys}
        return {key: [subject_of(self.mapping.subject.namespace or "", key)] for key in keys}


def _needs_evidence(source: SourceForm, line: About) -> bool:
    return source.kind in (SourceKind.LINKED_APP, SourceKind.THIRD_PARTY) or bool(_activities(line))


def _activities(line: About) -> list[tuple[str, str]]:
    """The activities that the line's rows were given in, each with the kind it must be of."""
    return [
        (str(values["activity_key"]), _ACTIVITY_KINDS[target.table.name])
        for target, values in line.rows
        if "activity_key" in values
    ]
