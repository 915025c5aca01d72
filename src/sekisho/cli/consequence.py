"""What a consent event would do, worked out by the same fold that will judge it, and said before it is done."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sekisho.consent.fold import GRANTS, fold
from sekisho.consent.records import ConsentEvent, Scope, SubjectFacts
from sekisho.consent.state import Acceptance, Standing
from sekisho.consent.writing import check_new_event
from sekisho.decision import Rules, mask
from sekisho.policy.document import Policies
from sekisho.store.activities import all_activities
from sekisho.store.connecting import Connection
from sekisho.store.consents import history
from sekisho.store.profiles import registered_lenses, source_bits
from sekisho.store.sources import all_sources
from sekisho.store.standings import clock, facts_of
from sekisho.store.versions import revoked_versions
from sekisho.vocabulary import AccountState, EventKind, PartialWithdrawal, RecipientType, SourceKind

_USES = {
    AccountState.ACTIVE: "the person may use the service",
    AccountState.SUSPENDED: "the person cannot use the service until the restriction is lifted",
    AccountState.ENDED: "the person cannot use the service; only a new acceptance brings it back",
    AccountState.REGISTERED: "the person cannot use the service before accepting the policy",
    AccountState.CLOSED: "the account is closed",
}


@dataclass(frozen=True, slots=True)
class Consequence:
    """What changes, in sentences, and whether the record counts at all."""

    lines: tuple[str, ...]
    counts: bool


async def foresee(connection: Connection, subject_id: UUID, event: ConsentEvent, policies: Policies) -> Consequence:
    """What `event` would change if it were recorded now. Raises `ConsentRefused` where it cannot be recorded."""
    now = await clock(connection)
    drafted = replace(event, recorded_at=now)
    known = await history(connection, subject_id)
    check_new_event(drafted, known)
    facts = await facts_of(connection, subject_id) or SubjectFacts()
    begins = acts_from(drafted, policies)
    before = fold(known, facts, policies, begins)
    after = fold((*known, drafted), facts, policies, begins)
    counts = event.kind not in GRANTS or event.id in (after.evidence.acceptance, *after.evidence.grants)
    lines = [*_notes(drafted, policies), *_changes(before, after)]
    if not counts:
        lines.append("it never takes effect: something on record already stands against it")
    lines += await _unknown(connection, event)
    lines += await _reached(connection, policies, begins, before, after)
    return Consequence(tuple(lines) or ("nothing changes",), counts)


def acts_from(event: ConsentEvent, policies: Policies) -> datetime:
    """From when a recorded event counts: a grant from the latest of its times, everything else at once."""
    if event.kind not in GRANTS:
        return event.recorded_at
    version = policies.get(event.version) if event.version else None
    begins = max(event.event_time, event.recorded_at)
    return max(begins, version.effective_from) if version else begins


def scope_text(scope: Scope | None) -> str:
    """A scope in words."""
    if scope is None:
        return "everything"
    parts = scope.to_json()
    return "; ".join(f"{name} {' '.join(words) or '(none)'}" for name, words in parts.items())


def acceptance_text(acceptance: Acceptance | None) -> str:
    """An acceptance in words."""
    if acceptance is None:
        return "none"
    return acceptance.version if acceptance.scope is None else f"{acceptance.version} ({scope_text(acceptance.scope)})"


def _notes(event: ConsentEvent, policies: Policies) -> Iterator[str]:
    whole = policies.partial_withdrawal_at(event.recorded_at) is PartialWithdrawal.ENDS_USE
    if event.scope is not None and whole:
        yield "the policy version in effect handles nothing in part: this counts as whole (policy text, line 68)"


def _changes(before: Standing, after: Standing) -> Iterator[str]:
    old, new = before.state, after.state
    if old.acceptance != new.acceptance:
        yield f"acceptance of the policy: {acceptance_text(old.acceptance)} -> {acceptance_text(new.acceptance)}"
    if old.age is not new.age:
        yield f"age: {old.age} -> {new.age}"
    for label, gone, come in (
        ("linked app", old.linked - new.linked, new.linked - old.linked),
        (
            "third-party consent",
            old.third_party_sources - new.third_party_sources,
            new.third_party_sources - old.third_party_sources,
        ),
        ("participation", before.participations - after.participations, after.participations - before.participations),
    ):
        yield from (f"{label} `{name}` ends" for name in sorted(gone))
        yield from (f"{label} `{name}` begins" for name in sorted(come))
    for deny in old.denies - new.denies:
        yield f"lifted: {deny.kind} of {scope_text(deny.scope)}"
    for deny in new.denies - old.denies:
        yield f"denied from now on: {scope_text(deny.scope)}; only a lift that names this record ends it"
    yield from _restrictions(before, after)
    if before.account_state is not after.account_state:
        yield f"account: {before.account_state} -> {after.account_state}; {_USES[after.account_state]}"


def _restrictions(before: Standing, after: Standing) -> Iterator[str]:
    for label, old, new in (
        ("processing", before.state.processing_restricted, after.state.processing_restricted),
        ("third-party provision", before.state.third_party_stopped, after.state.third_party_stopped),
    ):
        if old != new:
            yield f"{label} stops; only a lift that names this record ends it" if new else f"{label} is allowed again"


async def _reached(
    connection: Connection, policies: Policies, at: datetime, before: Standing, after: Standing
) -> list[str]:
    """How many of the registered ways to ask still find the person. The person's own way is not counted."""
    revoked = policies.revoked | await revoked_versions(connection, at)
    rules = Rules(policies, Policies(policies.versions, revoked).current(at))
    lenses = [each for each in await registered_lenses(connection) if each.recipient_type is not RecipientType.SELF]
    sources = await source_bits(connection)
    found = [[mask(rules, lens, each.state, sources) for lens in lenses] for each in (before, after)]
    if found[0] == found[1]:
        return []
    people = [sum(1 for each in masks if each.items) for masks in found]
    items = [sum(each.items.bit_count() for each in masks) for masks in found]
    told = f"of {len(lenses)} registered ways to ask, {people[0]} -> {people[1]} find this person"
    return [f"{told} ({items[0]} -> {items[1]} items in all)"]


async def _unknown(connection: Connection, event: ConsentEvent) -> list[str]:
    """A name that nothing here knows yet is probably misspelt."""
    if event.key is None:
        return []
    if event.kind in (EventKind.PARTICIPATION, EventKind.PARTICIPATION_END):
        names = {each.key for each in await all_activities(connection)}
    else:
        named = (SourceKind.LINKED_APP, SourceKind.THIRD_PARTY)
        names = {each.name for each in await all_sources(connection) if each.kind in named}
    known = ", ".join(sorted(names)) or "none"
    return [] if event.key in names else [f"no data is stored under `{event.key}` yet; check the name (known: {known})"]


def kind_text(kind: EventKind) -> str:
    """An event's kind as a reader sees it."""
    return kind.value.lower().replace("_", " ")
