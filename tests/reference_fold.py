"""The personal half of the reference model: what the subject's records amount to at an instant.

Numbers in docstrings are sections of SEMANTICS. Every rule loops over all events of the case again. A case read by
`reference_model` holds instants as `datetime`, scopes as sets, each record once.
"""

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

from reference_policy import current_version, version_called, within_one
from reference_tables import CATEGORY, D1

Case = dict[str, Any]
Event = dict[str, Any]
Request = dict[str, Any]
Scope = dict[str, frozenset[str]]

TOKYO = timezone(timedelta(hours=9))
KEYED = ("LINK", "THIRD_PARTY_CONSENT", "PARTICIPATION")
KEY_ENDED_BY = {
    "UNLINK": "LINK",
    "THIRD_PARTY_CONSENT_WITHDRAWAL": "THIRD_PARTY_CONSENT",
    "PARTICIPATION_END": "PARTICIPATION",
}
DENYING = ("WITHDRAWAL", "OBJECTION")
NAMING = ("LIFT", "WITHDRAWAL", "OBJECTION", "RESTRICTION")  # the kinds whose `ends` counts


def acceptance_in_force(case: Case) -> Event | None:
    """3.4: one acceptance at most is in force."""
    events: list[Event] = case["events"]
    for event in events:
        if event["kind"] == "ACCEPTANCE" and _in_force(case, event):
            return event
    return None


def keys_in_force(case: Case, kind: str) -> list[str]:
    return sorted({event["key"] for event in case["events"] if event["kind"] == kind and _in_force(case, event)})


def _in_force(case: Case, grant: Event) -> bool:
    """3.1: from <= t < until, not ended, and nothing newer in its place."""
    at = case["at"]
    begun = _from(case, grant) <= at and ("until" not in grant or at < grant["until"])
    return begun and not _ended(case, grant, at) and not _replaced(case, grant)


def _from(case: Case, grant: Event) -> datetime:
    """3.13, 3.10: the later of event and recording; an acceptance not before its version is effective."""
    start: datetime = max(grant["event_time"], grant["recorded_at"])
    if grant["kind"] == "ACCEPTANCE":
        version = version_called(case, grant["version"])
        if version is not None:
            start = max(start, version["effective_from"])
    return start


def _ended(case: Case, grant: Event, moment: datetime) -> bool:
    """3.13: an ending acts when recorded, on all recorded or dated no later than itself; at a tie it wins."""
    for ending in case["events"]:
        no_later = grant["recorded_at"] <= ending["recorded_at"] or grant["event_time"] <= ending["event_time"]
        if ending["recorded_at"] <= moment and no_later and _concerns(case, ending, grant):
            return True
    return False


def _concerns(case: Case, ending: Event, grant: Event) -> bool:
    """3.5: a whole ending ends acceptance, links, third-party consents, participation; an attestation stays."""
    if ending["kind"] in KEY_ENDED_BY:
        return bool(grant["kind"] == KEY_ENDED_BY[ending["kind"]] and grant["key"] == ending["key"])
    return (grant["kind"] == "ACCEPTANCE" or grant["kind"] in KEYED) and _whole(case, ending)


def _whole(case: Case, event: Event) -> bool:
    """3.5, 3.7: a refusal, an unscoped withdrawal or objection; any of these when scopes `ends_use`."""
    if event["kind"] in DENYING and "scope" in event:
        return _scopes_end_use(case, event["recorded_at"])
    return event["kind"] == "REFUSAL" or event["kind"] in DENYING


def _scopes_end_use(case: Case, moment: datetime) -> bool:
    """3.7: judged when the event acts; the closed reading when no version is active."""
    current = current_version(case, moment)
    return current is None or current["partial_withdrawal"] == "ends_use"


def _replaced(case: Case, grant: Event) -> bool:
    """3.4, 3.9, 3.11: a newer grant of the same key ended this one for ever; at one instant the greater id stays."""
    if grant["kind"] == "ADULT_ATTESTATION":
        return False
    mine = _from(case, grant)
    for other in case["events"]:
        if other["kind"] == grant["kind"] and (grant["kind"] == "ACCEPTANCE" or other["key"] == grant["key"]):
            theirs = _from(case, other)
            newer = (theirs, other["id"]) > (mine, grant["id"])
            if newer and theirs <= case["at"] and not _ended(case, other, theirs):
                return True
    return False


def denies_in_force(case: Case) -> list[Event]:
    """3.6, 3.7: the scoped withdrawals and objections that nothing lifted."""
    return [
        event
        for event in case["events"]
        if event["kind"] in DENYING and not _whole(case, event) and _stands(case, event)
    ]


def restricted(case: Case, target: str) -> bool:
    """3.8."""
    return any(
        event["kind"] == "RESTRICTION" and event["target"] == target and _stands(case, event)
        for event in case["events"]
    )


def _stands(case: Case, event: Event) -> bool:
    """3.6: recorded, and not named by anything recorded strictly later; time alone ends nothing."""
    return event["recorded_at"] <= case["at"] and not any(
        other["kind"] in NAMING
        and event["id"] in other["ends"]
        and event["recorded_at"] < other["recorded_at"] <= case["at"]
        for other in case["events"]
    )


def spelled_denies(case: Case) -> list[dict[str, Any]]:
    """Each kind and scope once, sorted; `{}` is spelled as what it means, three empty parts."""
    spelled = set()
    for deny in denies_in_force(case):
        scope = deny["scope"] or {"categories": (), "purposes": (), "recipients": ()}
        parts = {part: sorted(names) for part, names in scope.items()}
        spelled.add(json.dumps({"kind": deny["kind"], "scope": parts}, sort_keys=True))
    return [json.loads(text) for text in sorted(spelled)]


def permit_covers(scope: Scope | None, request: Request) -> bool:
    """3.3: absent is any, empty is none; under D1 a permit must cover D1 and U."""
    if scope is None:
        return True
    if not scope or not _reaches(scope, request):
        return False
    if "purposes" not in scope:
        return True
    declared = _declared(request)
    return bool(declared) and all(within_one(name, scope["purposes"]) for name in declared)


def deny_covers(scope: Scope, request: Request) -> bool:
    """3.3, 1: a deny hits on either, and on the activity that INCIDENTAL serves."""
    if not scope or not _reaches(scope, request):
        return False
    if "purposes" not in scope:
        return True
    declared = _declared(request)
    if request.get("purpose") in declared:
        declared.append(request.get("serves"))
    return any(within_one(name, scope["purposes"]) for name in declared)


def _declared(request: Request) -> list[str | None]:
    """1: purpose and disclosure purpose; under D2 to D6 a use purpose is ignored."""
    purpose, disclosure = request.get("purpose"), request.get("disclosure")
    if disclosure is not None and not within_one(disclosure, (D1,)):
        return [disclosure]
    return [name for name in (purpose, disclosure) if name is not None]


def _reaches(scope: Scope, request: Request) -> bool:
    category, recipient = CATEGORY[request["item"]], request["recipient"]
    return category in scope.get("categories", (category,)) and recipient in scope.get("recipients", (recipient,))


def is_closed(case: Case) -> bool:
    """2.3: from that instant on."""
    return "closed_at" in case["subject"] and case["subject"]["closed_at"] <= case["at"]


def is_contradictory(case: Case) -> bool:
    """3.13: one id with two contents. Equal contents were read as one record."""
    return any(one is not other and one["id"] == other["id"] for one in case["events"] for other in case["events"])


def age_status(case: Case) -> str:
    """3.12: a birth date beats an attestation; neither known is unverified."""
    if "birth_date" in case["subject"]:
        return "ADULT" if _adult_from(case["subject"]) <= case["at"] else "MINOR"
    attested = any(event["kind"] == "ADULT_ATTESTATION" and _in_force(case, event) for event in case["events"])
    return "ADULT" if attested else "AGE_UNVERIFIED"


def _adult_from(subject: dict[str, Any]) -> datetime:
    """3.12: 00:00 in Tokyo of the 18th birthday, at the latest day the recorded precision allows."""
    born = date.fromisoformat(subject["birth_date"])
    precision = subject.get("birth_precision", "YEAR")
    if precision == "YEAR":
        born = date(born.year, 12, 31)
    elif precision == "MONTH":
        first_of_next = date(born.year + born.month // 12, born.month % 12 + 1, 1)
        born = first_of_next - timedelta(days=1)
    if (born.month, born.day) == (2, 29):  # 18 years after a leap year is none
        return datetime(born.year + 18, 3, 1, tzinfo=TOKYO)
    return datetime(born.year + 18, born.month, born.day, tzinfo=TOKYO)
