"""What invented people put on record, as it happened: their whole consent history."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sekisho.consent.records import ConsentEvent, Scope
from sekisho.demo.person import JAPAN, PROVIDER, Person
from sekisho.demo.standings import DemoStanding
from sekisho.policy.document import Policy
from sekisho.store.consents import Notice, Recorded
from sekisho.vocabulary import EventKind, Purpose, RestrictionTarget

CHANGED_FROM = datetime(2026, 9, 16, tzinfo=JAPAN)
CHANGED_DAYS = 14
"""When people changed their minds: after everything that was measured."""

OLD_VERSION = "terms-2020"
"""What people accepted before the policy: a version that nobody here knows any more."""

_UNACCEPTED = (DemoStanding.REFUSED, DemoStanding.NEVER_ACCEPTED)
_CHANGES: dict[DemoStanding, dict[str, Any]] = {
    DemoStanding.PROCESSING_RESTRICTED: {"kind": EventKind.RESTRICTION, "target": RestrictionTarget.PROCESSING},
    DemoStanding.THIRD_PARTY_STOPPED: {
        "kind": EventKind.RESTRICTION,
        "target": RestrictionTarget.THIRD_PARTY_PROVISION,
    },
    DemoStanding.RESEARCH_WITHDRAWN: {
        "kind": EventKind.WITHDRAWAL,
        "scope": Scope(purposes=frozenset({Purpose.RESEARCH_ACADEMIC})),
    },
    DemoStanding.MARKETING_OBJECTED: {
        "kind": EventKind.OBJECTION,
        "scope": Scope(purposes=frozenset({Purpose.MARKETING, Purpose.PERSONALIZED_ADVERTISING})),
    },
    DemoStanding.WITHDRAWN: {"kind": EventKind.WITHDRAWAL},
    DemoStanding.GOOGLE_FIT_UNLINKED: {"kind": EventKind.UNLINK, "key": "GOOGLE_FIT"},
    DemoStanding.PROVIDER_WITHDRAWN: {"kind": EventKind.THIRD_PARTY_CONSENT_WITHDRAWAL, "key": PROVIDER},
}


def consent_history(person: Person, policy: Policy) -> list[Recorded]:
    """Everything the person put on record, oldest first; nothing for somebody who never answered."""
    return list(_events(person, policy))


def _events(person: Person, policy: Policy) -> Iterator[Recorded]:
    if person.standing is DemoStanding.REFUSED:
        yield _recorded(person, person.joined, policy, kind=EventKind.REFUSAL)
    if person.standing in _UNACCEPTED:
        return
    version = OLD_VERSION if person.standing is DemoStanding.OLD_VERSION else policy.id
    yield _recorded(person, person.joined, policy, kind=EventKind.ACCEPTANCE, version=version)
    for service, since in person.links.items():
        yield _recorded(person, since, policy, kind=EventKind.LINK, key=service)
    if person.shares_weight:
        later = person.joined + timedelta(days=1)
        yield _recorded(person, later, policy, kind=EventKind.THIRD_PARTY_CONSENT, key=PROVIDER)
    for activity, since in person.activities.items():
        yield _recorded(person, since, policy, kind=EventKind.PARTICIPATION, key=activity)
    if change := _CHANGES.get(person.standing):
        seconds = person.draw.randrange(CHANGED_DAYS * 86_400)
        yield _recorded(person, CHANGED_FROM + timedelta(seconds=seconds), policy, **change)


def _recorded(person: Person, at: datetime, policy: Policy, **said: Any) -> Recorded:
    event = ConsentEvent(
        id=str(person.new_id()), event_time=at, recorded_at=at + timedelta(seconds=person.draw.randint(1, 20)), **said
    )
    accepted = event.kind is EventKind.ACCEPTANCE
    notice = Notice(
        text_sha256=policy.text_sha256 if accepted and event.version == policy.id else None,
        channel="karado-app",
        language="ja",
        entity="data subject",
        method="tapped in the app",
        presented_at=at - timedelta(minutes=2) if accepted else None,
    )
    return Recorded(event, notice)
