"""Small cases written by hand: one adult, one version, noon in June, and the words to ask about them."""

from typing import Any

from reference_model import state, verdict
from reference_tables import R1

Case = dict[str, Any]
V1 = {"id": "v1", "effective_from": "2022-09-01T00:00:00+09:00", "revoked": False, "partial_withdrawal": "narrows"}
V2 = V1 | {"id": "v2", "effective_from": "2025-01-01T00:00:00+09:00"}
ADULT = {"birth_date": "1980-05-17", "birth_precision": "DAY"}
RESEARCH = {"purpose": "RESEARCH_ACADEMIC"}
SOON, NOON, LATE = "2024-06-01T10:00:00+09:00", "2024-06-01T12:00:00+09:00", "2024-06-01T14:00:00+09:00"
NOW = "2024-07-01T00:00:00+09:00"
FULL = {"verdict": "PERMIT", "transform": "FULL"}


def event(id: str, kind: str, at: str, **more: Any) -> Case:  # noqa: A002 - the member is called so
    return {"id": id, "kind": kind, "event_time": at, "recorded_at": at} | more


ACCEPTED = event("a", "ACCEPTANCE", SOON, version="v1")


def case(*events: Case, at: str = NOW, **more: Any) -> Case:
    """A case about one adult, asked by the first party for the sex unless told otherwise."""
    subject, versions = more.pop("subject", ADULT), more.pop("versions", [V1])
    request = {"recipient": R1, "item": "sex"} | more
    return {"at": at, "versions": versions, "request": request, "subject": subject, "events": list(events)}


def denied(reason: str) -> dict[str, str]:
    return {"verdict": "DENY", "reason": reason}


def research(*events: Case, **more: Any) -> dict[str, str]:
    return verdict(case(*events, **(RESEARCH | more)))


def accepted(*events: Case, **more: Any) -> str | None:
    version: str | None = state(case(*events, **more))["acceptance"]
    return version
