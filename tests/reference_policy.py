"""The static half of the reference model: versions, their literal layer, the minimisation profile.

Numbers in docstrings are sections of SEMANTICS; D-2 is a statement of POLICY.
"""

from datetime import datetime
from typing import Any

from reference_tables import (
    CATEGORY,
    COLUMN,
    D1,
    D3,
    D4,
    D5,
    EMAIL_UNDER_D1,
    LITERAL,
    LITERAL_CATEGORIES,
    PARENT,
    PROFILE,
    R1,
    R7,
    SELF,
    UNDER_D1,
    UNDER_OTHERS,
)

Case = dict[str, Any]
Request = dict[str, Any]
Version = dict[str, Any]

CASE_DISCLOSURES = (D3, D4, D5)


def current_version(case: Case, moment: datetime) -> Version | None:
    """3.10: the latest effective version, none when that one is revoked (or when two claim the same instant)."""
    latest: list[Version] = []
    for version in case["versions"]:
        if version["effective_from"] <= moment:
            if not latest or version["effective_from"] > latest[0]["effective_from"]:
                latest = [version]
            elif version["effective_from"] == latest[0]["effective_from"]:
                latest.append(version)
    return latest[0] if len(latest) == 1 and not latest[0]["revoked"] else None


def version_called(case: Case, name: str) -> Version | None:
    versions: list[Version] = case["versions"]
    for version in versions:
        if version["id"] == name:
            return version
    return None


def version_lists(version: Version, request: Request) -> bool:
    """2.1: some rule of the version's literal layer names recipient, category, purpose and disclosure purpose."""
    recipient, category = request["recipient"], CATEGORY[request["item"]]
    purpose, disclosure = request.get("purpose"), request.get("disclosure")
    without = version.get("without", {})
    if category in without.get("categories", ()) or recipient in without.get("recipients", ()):
        return False
    if within_one(purpose, without.get("purposes", ())) or within_one(disclosure, without.get("purposes", ())):
        return False
    return category in LITERAL_CATEGORIES and any(
        recipient in recipients and _part_lists(purposes, purpose) and _part_lists(disclosures, disclosure)
        for recipients, purposes, disclosures in LITERAL
    )


def _part_lists(named: tuple[str, ...] | None, declared: str | None) -> bool:
    """D-2: a rule without the part wants none declared, a rule with it wants one of its own."""
    return declared is None if named is None else within_one(declared, named)


def within_one(declared: str | None, named: Any) -> bool:
    """3.3: a name covers itself and its descendants."""
    return declared is not None and (declared in named or PARENT[declared] in named)


def shown_as(request: Request) -> str | None:
    """2.2, 7: how the item is shown, or nothing."""
    recipient, item = request["recipient"], request["item"]
    if recipient == SELF:
        return "FULL"
    if "case_items" in request:
        return "FULL" if item in case_items(request) else None
    if recipient == R7 and _of_another_service(request):
        return None
    disclosure, purpose = request.get("disclosure"), request.get("purpose")
    if recipient == R1:
        return _profile(item, purpose) if disclosure is None else None
    if within_one(disclosure, (D1,)):
        return _needed_under_d1(recipient, item, purpose)
    return "FULL" if item in UNDER_OTHERS.get((recipient, str(disclosure)), ()) else None


def _of_another_service(request: Request) -> bool:
    """7: R7 receives linked app data of its own service only."""
    datum = request.get("datum", {})
    return datum.get("source") == "LINKED_APP" and (
        "own_service" not in request or datum.get("name") != request["own_service"]
    )


def _needed_under_d1(recipient: str, item: str, purpose: str | None) -> str | None:
    """7: the row of the use purpose served, and in addition the recipient's own line."""
    served, never = UNDER_D1.get(recipient, ((), ()))
    shown = _profile(item, purpose)
    if shown is None or not within_one(purpose, served):
        return None
    if CATEGORY[item] not in never:
        return shown
    if item == "email":
        for (who, under), transform in EMAIL_UNDER_D1.items():
            if who == recipient and within_one(purpose, (under,)):
                return transform
    return None


def _profile(item: str, purpose: str | None) -> str | None:
    """7: the item's cell; a purpose without a column of its own uses its parent's."""
    column = COLUMN.get(str(purpose)) or COLUMN.get(str(PARENT.get(str(purpose))))
    return PROFILE.get((item, str(column)))


def case_items(request: Request) -> tuple[str, ...]:
    """2: a case is one under D3, or under D4 or D5 where the operator allows them."""
    return tuple(request.get("case_items", ())) if request.get("disclosure") in CASE_DISCLOSURES else ()
