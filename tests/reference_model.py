"""The rules said again, naively: one question about one case, straight from SEMANTICS (numbers in docstrings).

The second voice against which the product's fold and decision are checked. Standard library only, nothing from the
product, no index, no cache. A case is a plain dict as JSON gives it; `verdict`, `state` and `present` are the
questions. Absent members are absent, never null.
"""

from datetime import UTC, datetime
from typing import Any

from reference_fold import (
    acceptance_in_force,
    age_status,
    denies_in_force,
    deny_covers,
    is_closed,
    is_contradictory,
    keys_in_force,
    permit_covers,
    restricted,
    spelled_denies,
)
from reference_policy import case_items, current_version, shown_as, version_called, version_lists
from reference_tables import CATEGORY, D3, D4, D5, D6, ITEMS, R1, R9, R10, SELF, THIRD_PARTIES

Case = dict[str, Any]
Event = dict[str, Any]
Request = dict[str, Any]


def verdict(case: Case) -> dict[str, str]:
    """Whether the item is shown, and how: all gates in order, first refusal wins (2)."""
    return _verdict(_read(case))


def present(case: Case) -> bool:
    """Whether the subject is there at all for the lens: some item of all, none stored, is permitted (5)."""
    case = _read(case)
    asked = {name: part for name, part in case["request"].items() if name != "datum"}
    return any(_verdict(case | {"request": asked | {"item": item}})["verdict"] == "PERMIT" for item in ITEMS)


def state(case: Case) -> dict[str, Any]:
    """What the subject's records amount to at the case's instant (3). Under `error` none of them is believed."""
    case = _read(case)
    error = is_contradictory(case)
    if error:
        case = case | {"events": []}
    acceptance = acceptance_in_force(case)
    return {
        "closed": is_closed(case),
        "age": age_status(case),
        "processing_restricted": restricted(case, "PROCESSING"),
        "third_party_stopped": restricted(case, "THIRD_PARTY_PROVISION"),
        "acceptance": acceptance["version"] if acceptance else None,
        "denies": spelled_denies(case),
        "linked": keys_in_force(case, "LINK"),
        "third_party_sources": keys_in_force(case, "THIRD_PARTY_CONSENT"),
        "participations": keys_in_force(case, "PARTICIPATION"),
        "error": error,
    }


def _verdict(case: Case) -> dict[str, str]:
    for gate in GATES:
        reason = gate(case)
        if reason is not None:
            return {"verdict": "DENY", "reason": reason}
    transform = shown_as(case["request"])
    if transform is None:
        raise AssertionError("the minimisation gate let pass what is not needed")
    return {"verdict": "PERMIT", "transform": transform}


def _read(case: Case) -> Case:
    """The case with instants as instants, and each record once: duplicates change nothing (3.2)."""
    events: list[Event] = []
    for written in case["events"]:
        event = _read_event(written)
        if event not in events:
            events.append(event)
    subject = dict(case["subject"])
    if "closed_at" in subject:
        subject["closed_at"] = _instant(subject["closed_at"])
    versions = [version | {"effective_from": _instant(version["effective_from"])} for version in case["versions"]]
    return case | {"at": _instant(case["at"]), "versions": versions, "subject": subject, "events": events}


def _read_event(written: Event) -> Event:
    event = dict(written)
    for name in ("event_time", "recorded_at", "until"):
        if name in event:
            event[name] = _instant(event[name])
    if "scope" in event:
        event["scope"] = {part: frozenset(names) for part, names in event["scope"].items()}
    event["ends"] = tuple(event.get("ends", ()))
    return event


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"`{text}` has no offset from UTC: write one, `+09:00` or `Z`")
    return moment.astimezone(UTC)


def _gate_1_policy(case: Case) -> str | None:
    """2.1: the current version's literal layer, the pairings, unclassified data, third-party-sourced data."""
    request = case["request"]
    current = current_version(case, case["at"])
    if current is None:  # 3.10: nothing is in force that could be asked
        return "NOT_IN_POLICY"
    recipient, disclosure = request["recipient"], request.get("disclosure")
    if (recipient == R9 and disclosure not in (D3, D4, D5)) or (recipient == R10 and disclosure != D6):
        return "PAIRING"
    if not version_lists(current, request):
        return "NOT_IN_POLICY"
    source = request.get("datum", {}).get("source")
    if source == "UNCLASSIFIED":
        return "UNCLASSIFIED"
    if source == "THIRD_PARTY" and recipient in THIRD_PARTIES:
        return "THIRD_PARTY_SOURCED"
    return None


def _gate_2_minimisation(case: Case) -> str | None:
    """2.2: what the profile does not need stays."""
    return "NOT_NEEDED" if shown_as(case["request"]) is None else None


def _gate_error(case: Case) -> str | None:
    """3.13: one id with two contents denies everything, to everybody; static gates come first."""
    return "ERROR" if is_contradictory(case) else None


def _gate_3_closed(case: Case) -> str | None:
    """2.3: binds all, the person and a case too."""
    return "CLOSED" if is_closed(case) else None


def _gate_4_age(case: Case) -> str | None:
    """2.4."""
    if _passes_by_right(case["request"]) or _handled(case["request"]):
        return None
    age = age_status(case)
    return None if age == "ADULT" else age


def _gate_5_processing(case: Case) -> str | None:
    """2.5."""
    if _passes_by_right(case["request"]) or _handled(case["request"]):
        return None
    return "PROCESSING_RESTRICTED" if restricted(case, "PROCESSING") else None


def _gate_6_acceptance(case: Case) -> str | None:
    """2.6, 3.10: an acceptance in force that covers this, of a known version that lists this."""
    request = case["request"]
    if _passes_by_right(request) or _handled(request):
        return None
    acceptance = acceptance_in_force(case)
    if acceptance is None or not permit_covers(acceptance.get("scope"), request):
        return "NO_ACCEPTANCE"
    version = version_called(case, acceptance["version"])
    return None if version is not None and version_lists(version, request) else "VERSION_NOT_ACCEPTED"


def _gate_7_denies(case: Case) -> str | None:
    """2.7: withdrawn, else objected."""
    request = case["request"]
    if _passes_by_right(request) or _handled(request):
        return None
    kinds = {deny["kind"] for deny in denies_in_force(case) if deny_covers(deny["scope"], request)}
    if "WITHDRAWAL" in kinds:
        return "WITHDRAWN"
    return "OBJECTED" if "OBJECTION" in kinds else None


def _gate_8_provision(case: Case) -> str | None:
    """2.8: R2 to R10 and RS."""
    request = case["request"]
    if _passes_by_right(request) or _handled(request) or request["recipient"] not in THIRD_PARTIES:
        return None
    return "THIRD_PARTY_PROVISION_STOPPED" if restricted(case, "THIRD_PARTY_PROVISION") else None


def _gate_9_source(case: Case) -> str | None:
    """2.9: the study, for every item; then what a stored datum came from."""
    request = case["request"]
    if _passes_by_right(request):
        return None
    if "study" in request and request["study"] not in keys_in_force(case, "PARTICIPATION"):
        return "NO_PARTICIPATION"
    return _datum_refused(case, request["item"], request["datum"]) if "datum" in request else None


def _datum_refused(case: Case, item: str, datum: dict[str, str]) -> str | None:
    """2.9: the link, the third party's consent, the activity; what is newly acquired always has an activity."""
    if datum["source"] == "LINKED_APP" and datum.get("name") not in keys_in_force(case, "LINK"):
        return "NOT_LINKED"
    if datum["source"] == "THIRD_PARTY" and datum.get("name") not in keys_in_force(case, "THIRD_PARTY_CONSENT"):
        return "THIRD_PARTY_SOURCE_CONSENT_MISSING"
    needs_activity = "activity" in datum or CATEGORY[item] == "NEWLY_ACQUIRED"
    if needs_activity and datum.get("activity") not in keys_in_force(case, "PARTICIPATION"):
        return "NO_PARTICIPATION"
    return None


GATES = (
    _gate_1_policy,
    _gate_2_minimisation,
    _gate_error,
    _gate_3_closed,
    _gate_4_age,
    _gate_5_processing,
    _gate_6_acceptance,
    _gate_7_denies,
    _gate_8_provision,
    _gate_9_source,
)


def _passes_by_right(request: Request) -> bool:
    """2: SELF passes 2 and 4 to 9; so does an approved case for its listed items."""
    return request["recipient"] == SELF or request["item"] in case_items(request)


def _handled(request: Request) -> bool:
    """2: handling a person's request, first party and inquiry only, account and support items only."""
    return (
        request.get("handling", False)
        and request["recipient"] == R1
        and request.get("purpose") == "INQUIRY_RESPONSE"
        and CATEGORY[request["item"]] in ("ACCOUNT", "SUPPORT")
    )
