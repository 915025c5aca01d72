"""From events to the state at an instant, and to the whole timeline.

Grants open records that are in force from the later of their own time and their recording; endings and denies act
when recorded, whatever clock the client had. The order in which events are stored, and duplicates, change nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from sekisho.consent.age import adult_from
from sekisho.consent.records import ConsentEvent, SubjectFacts
from sekisho.consent.state import Acceptance, Deny, Evidence, Standing, SubjectState
from sekisho.policy.document import Policies
from sekisho.vocabulary import (
    AccountState,
    AgeStatus,
    BirthPrecision,
    EventKind,
    PartialWithdrawal,
    RestrictionTarget,
)

GRANTS = frozenset(
    {
        EventKind.ACCEPTANCE,
        EventKind.LINK,
        EventKind.THIRD_PARTY_CONSENT,
        EventKind.PARTICIPATION,
        EventKind.ADULT_ATTESTATION,
    }
)
"""Events that open a permit."""

LIFTING = frozenset({EventKind.LIFT, EventKind.WITHDRAWAL, EventKind.OBJECTION, EventKind.RESTRICTION})
"""Events whose `ends` counts."""

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_SCOPABLE = frozenset({EventKind.WITHDRAWAL, EventKind.OBJECTION})
_ENDED_BY_KEY = {
    EventKind.UNLINK: EventKind.LINK,
    EventKind.THIRD_PARTY_CONSENT_WITHDRAWAL: EventKind.THIRD_PARTY_CONSENT,
    EventKind.PARTICIPATION_END: EventKind.PARTICIPATION,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a person's timeline, `valid_from <= t < valid_until`; `None` is open at that end."""

    valid_from: datetime | None
    valid_until: datetime | None
    standing: Standing


def fold(events: Iterable[ConsentEvent], facts: SubjectFacts, policies: Policies, at: datetime) -> Standing:
    """Where the person stands at `at`."""
    return _History(events, facts, policies).standing(at)


def timeline(events: Iterable[ConsentEvent], facts: SubjectFacts, policies: Policies) -> tuple[Segment, ...]:
    """All of time, cut where the standing changes; equal neighbours are one segment."""
    history = _History(events, facts, policies)
    segments: list[Segment] = []
    # INVARIANT (nothing precedes the first change): one instant before it stands for all of them.
    for start, end in _stretches(history.changes()):
        standing = history.standing(start or _BEFORE_ALL)
        if segments and segments[-1].standing == standing:
            segments[-1] = Segment(segments[-1].valid_from, end, standing)
        else:
            segments.append(Segment(start, end, standing))
    return tuple(segments)


def _stretches(changes: Sequence[datetime]) -> Iterator[tuple[datetime | None, datetime | None]]:
    bounds = [None, *changes, None]
    return pairwise(bounds)


@dataclass(frozen=True, slots=True)
class _Grant:
    event: ConsentEvent
    begins: datetime
    ended: datetime | None

    def in_force(self, at: datetime) -> bool:
        until = self.event.until
        begun = self.begins <= at and (until is None or at < until)
        return begun and (self.ended is None or at < self.ended)


@dataclass(frozen=True, slots=True)
class _Bar:
    """A deny or a restriction: opened when recorded, ended only by name."""

    event: ConsentEvent
    ended: datetime | None

    def in_force(self, at: datetime) -> bool:
        return self.event.recorded_at <= at and (self.ended is None or at < self.ended)


class _History:
    """A person's events, worked out once: which grants and bars there are, and when each ends."""

    def __init__(self, events: Iterable[ConsentEvent], facts: SubjectFacts, policies: Policies) -> None:
        self._facts = facts
        self._policies = policies
        unique = set(events)
        self._contradicts = len({event.id for event in unique}) < len(unique)
        # INVARIANT (one id, one content): of records that contradict each other none is believed.
        believed = frozenset() if self._contradicts else unique
        self._events = sorted(believed, key=lambda event: (event.recorded_at, event.id))
        self._whole = [event for event in self._events if self._ends_all(event)]
        self._bars = [_Bar(event, self._lifted(event)) for event in self._events if self._opens_bar(event)]
        self._grants = self._open_grants()

    def standing(self, at: datetime) -> Standing:
        grants = [grant.event for grant in self._grants if grant.in_force(at)]
        bars = [bar.event for bar in self._bars if bar.in_force(at)]
        state = self._state(grants, bars, at)
        acceptance = next((event for event in grants if event.kind is EventKind.ACCEPTANCE), None)
        return Standing(
            state,
            _keys(grants, EventKind.PARTICIPATION),
            Evidence(
                acceptance.id if acceptance else "",
                _ids(event for event in bars if event.kind is not EventKind.RESTRICTION),
                _ids(event for event in bars if event.kind is EventKind.RESTRICTION),
                _ids(event for event in grants if event.kind is not EventKind.ACCEPTANCE),
            ),
            self._account_state(state, at),
        )

    def changes(self) -> list[datetime]:
        """Every instant at which the standing may change, ascending."""
        instants = {event.recorded_at for event in self._events}
        for grant in self._grants:
            instants |= {grant.begins, grant.event.until or grant.begins, grant.ended or grant.begins}
        if self._facts.birth_date is not None:
            instants.add(adult_from(self._facts.birth_date, self._facts.birth_precision or BirthPrecision.YEAR))
        if self._facts.closed_at is not None:
            instants.add(self._facts.closed_at)
        return sorted(instants)

    def _state(self, grants: list[ConsentEvent], bars: list[ConsentEvent], at: datetime) -> SubjectState:
        acceptance = next((event for event in grants if event.kind is EventKind.ACCEPTANCE), None)
        stopped = {event.target for event in bars if event.kind is EventKind.RESTRICTION}
        denies = [Deny(event.kind, event.scope) for event in bars if event.kind in _SCOPABLE and event.scope]
        return SubjectState(
            closed=self._facts.closed_at is not None and self._facts.closed_at <= at,
            age=self._age(grants, at),
            processing_restricted=RestrictionTarget.PROCESSING in stopped,
            third_party_stopped=RestrictionTarget.THIRD_PARTY_PROVISION in stopped,
            acceptance=Acceptance(acceptance.version or "", acceptance.scope) if acceptance else None,
            denies=frozenset(denies),
            linked=_keys(grants, EventKind.LINK),
            third_party_sources=_keys(grants, EventKind.THIRD_PARTY_CONSENT),
            error=self._contradicts,
        )

    def _age(self, grants: list[ConsentEvent], at: datetime) -> AgeStatus:
        birth = self._facts.birth_date
        if birth is not None:
            adult = adult_from(birth, self._facts.birth_precision or BirthPrecision.YEAR)
            return AgeStatus.ADULT if adult <= at else AgeStatus.MINOR
        attested = any(event.kind is EventKind.ADULT_ATTESTATION for event in grants)
        return AgeStatus.ADULT if attested else AgeStatus.AGE_UNVERIFIED

    def _account_state(self, state: SubjectState, at: datetime) -> AccountState:
        if state.closed:
            return AccountState.CLOSED
        if state.processing_restricted or state.third_party_stopped:
            return AccountState.SUSPENDED
        if state.acceptance is not None:
            return AccountState.ACTIVE
        ended = any(event.recorded_at <= at for event in self._whole)
        return AccountState.ENDED if ended else AccountState.REGISTERED

    def _ends_all(self, event: ConsentEvent) -> bool:
        if event.kind is EventKind.REFUSAL:
            return True
        if event.kind not in _SCOPABLE:
            return False
        if event.scope is None:
            return True
        return self._policies.partial_withdrawal_at(event.recorded_at) is PartialWithdrawal.ENDS_USE

    def _opens_bar(self, event: ConsentEvent) -> bool:
        if event.kind is EventKind.RESTRICTION:
            return True
        return event.kind in _SCOPABLE and not self._ends_all(event)

    def _lifted(self, bar: ConsentEvent) -> datetime | None:
        """When the bar ends: the first event that names it and was recorded strictly later."""
        lifts = (
            event.recorded_at
            for event in self._events
            if event.kind in LIFTING and bar.id in event.ends and bar.recorded_at < event.recorded_at
        )
        return min(lifts, default=None)

    def _open_grants(self) -> list[_Grant]:
        events = [event for event in self._events if event.kind in GRANTS]
        begins = {event: self._begins(event) for event in events}
        blocked = {event: self._blocked(event) for event in events}
        grants = []
        for event in events:
            stopped = blocked[event]
            ends = [
                begins[other]
                for other in events
                if _same_key(event, other)
                and (begins[other], other.id) > (begins[event], event.id)
                and not _reached(blocked[other], begins[other])
            ]
            ends += [stopped] if stopped is not None else []
            grants.append(_Grant(event, begins[event], min(ends, default=None)))
        return grants

    def _begins(self, grant: ConsentEvent) -> datetime:
        """The later of the grant's own time and its recording; an acceptance also waits for its version."""
        begins = max(grant.event_time, grant.recorded_at)
        version = self._policies.get(grant.version) if grant.kind is EventKind.ACCEPTANCE and grant.version else None
        return max(begins, version.effective_from) if version else begins

    def _blocked(self, grant: ConsentEvent) -> datetime | None:
        """From when an ending stands against the grant, given before it or claimed to be no later than it."""
        against = (
            ending.recorded_at
            for ending in self._endings(grant)
            if grant.recorded_at <= ending.recorded_at or grant.event_time <= ending.event_time
        )
        return min(against, default=None)

    def _endings(self, grant: ConsentEvent) -> Iterator[ConsentEvent]:
        if grant.kind is EventKind.ADULT_ATTESTATION:
            return
        yield from self._whole
        for event in self._events:
            if _ENDED_BY_KEY.get(event.kind) is grant.kind and event.key == grant.key:
                yield event


def _same_key(one: ConsentEvent, other: ConsentEvent) -> bool:
    if one.kind is not other.kind or one.kind is EventKind.ADULT_ATTESTATION:
        return False
    return one.kind is EventKind.ACCEPTANCE or one.key == other.key


def _reached(instant: datetime | None, at: datetime) -> bool:
    return instant is not None and instant <= at


def _keys(grants: Iterable[ConsentEvent], kind: EventKind) -> frozenset[str]:
    return frozenset(event.key or "" for event in grants if event.kind is kind)


def _ids(events: Iterable[ConsentEvent]) -> tuple[str, ...]:
    return tuple(sorted(event.id for event in events))
