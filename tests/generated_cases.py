"""Cases for the reference model, drawn so that interesting things happen.

`generate(seed)` is deterministic; `build(draws)` is the same recipe over any source of choices, so that
`case_strategies.cases()` shrinks. All instants of a case lie around one hinge, an 18th birthday, a microsecond or
some days apart: equal instants and boundaries are the rule.
"""

from datetime import datetime
from typing import Any

from generated_draws import HINGES, PROVIDERS, SERVICES, TERMS, Draws, Moments, SeededDraws
from generated_events import Telling
from reference_policy import CASE_DISCLOSURES, shown_as
from reference_tables import (
    CATEGORY,
    D1,
    DISCLOSURE_PURPOSES,
    ITEMS,
    ITEMS_OF,
    PARENT,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
    RECIPIENTS,
    RS,
    SELF,
    USE_PURPOSES,
)

Case = dict[str, Any]
Request = dict[str, Any]

ACTIVITY_KIND = {
    "surveyAnswer": "SURVEY",
    "campaignEntry": "CAMPAIGN",
    "eventEntry": "EVENT",
    "monitorTrial": "MONITOR_TRIAL",
    "clinicalResearchRecruitment": "CLINICAL_RESEARCH",
}
SERVED = ("PLANNING", "MARKETING", "DEVELOPMENT", "PRODUCTION", "PROMOTION", "SALES")
TOP_PURPOSES = tuple(name for name, parent in PARENT.items() if parent is None)
_UNDER_D1 = tuple(name for name, parent in DISCLOSURE_PURPOSES.items() if D1 in (name, parent))
_CATEGORIES = tuple(ITEMS_OF)


def generate(seed: int) -> Case:
    """The case of a seed, the same on every machine."""
    return build(SeededDraws(seed))


def build(draws: Draws) -> Case:
    """One case: when, under which versions, who asks, about whom, what they had said."""
    hinge = draws.one(range(len(HINGES)))
    moments = Moments(draws, hinge)
    request = _request(draws)
    versions = _versions(draws, moments, request)
    subject = _subject(draws, moments, hinge)
    names = sorted(version["id"] for version in versions)
    events = Telling(draws, moments, request, names, birth_known="birth_date" in subject).told()
    return {"at": moments.asked(), "versions": versions, "request": request, "subject": subject, "events": events}


def _lenses(recipient: str) -> list[Request]:
    """Every normalised lens of a recipient, sensible or not."""
    if recipient == SELF:
        return [{"recipient": SELF}]
    alone = [{"recipient": recipient, "purpose": purpose} for purpose in USE_PURPOSES]
    if recipient in (R1, RS):
        return alone
    both = [lens | {"disclosure": d1} for d1 in _UNDER_D1 for lens in alone]
    others = [{"recipient": recipient, "disclosure": name} for name in DISCLOSURE_PURPOSES if name not in _UNDER_D1]
    return both + others


def _with_wanted(lens: Request) -> tuple[Request, tuple[str, ...]]:
    return lens, tuple(item for item in ITEMS if shown_as(lens | {"item": item}) is not None)


_ALL_LENSES = {recipient: [_with_wanted(lens) for lens in _lenses(recipient)] for recipient in RECIPIENTS}
_SENSIBLE = {
    recipient: [
        pair
        for pair in lenses
        for _ in range(4 if pair[0].get("purpose") == "INCIDENTAL" else 1)  # it alone serves another
        if pair[1] or pair[0].get("disclosure") in CASE_DISCLOSURES
    ]
    for recipient, lenses in _ALL_LENSES.items()
}
_WEIGHED = (
    *(R1,) * 20,
    *(R4,) * 6,
    *(R5, R6) * 5,
    *(R7,) * 4,
    *(R9, SELF) * 2,
    *(R2, R3, R8, R10),
)


def _request(draws: Draws) -> Request:
    recipient = RS if draws.chance(0.005) else draws.one(_WEIGHED)
    lens, wanted = draws.one((draws.chance(0.95) and _SENSIBLE[recipient]) or _ALL_LENSES[recipient])
    item = draws.one(wanted) if wanted and draws.chance(0.87) else draws.one(ITEMS)
    if recipient == R4 and "email" in wanted and draws.chance(0.7):  # the one masked item
        item = "email"
    purpose = lens.get("purpose", "")
    request: Request = lens | {"item": item}
    if purpose.endswith("_EXECUTION"):
        request["study"] = f"{purpose.removesuffix('_EXECUTION')}:{draws.one(TERMS)}"
    if purpose == "INCIDENTAL":
        request["serves"] = draws.one(SERVED)
    if lens.get("disclosure") in CASE_DISCLOSURES and draws.chance(0.85):
        request["case_items"] = sorted({item if draws.chance(0.8) else draws.one(ITEMS), draws.one(ITEMS)})
    if recipient == R7 and draws.chance(0.9):
        request["own_service"] = draws.one(SERVICES)
    if draws.chance(0.4 if (recipient, purpose) == (R1, "INQUIRY_RESPONSE") else 0.02):
        request["handling"] = True
    if draws.chance(0.7):
        request["datum"] = _datum(draws, item, odd=0.5 if "handling" in request else 0.17)
    return request


def _datum(draws: Draws, item: str, odd: float) -> dict[str, str]:
    datum = {"source": _source(draws, item, odd)}
    if datum["source"] == "LINKED_APP":
        datum["name"] = draws.one(SERVICES)
    if datum["source"] == "THIRD_PARTY":
        datum["name"] = draws.one(PROVIDERS)
    if draws.chance(0.95 if item in ACTIVITY_KIND else 0.01):
        datum["activity"] = f"{ACTIVITY_KIND.get(item, 'SURVEY')}:{draws.one(TERMS)}"
    return datum


def _source(draws: Draws, item: str, odd: float) -> str:
    if draws.chance(odd):
        return draws.one(("LINKED_APP",) * 2 + ("UNCLASSIFIED",) * 2 + ("THIRD_PARTY",) * 9)
    if item == "linkedAppData":
        return "LINKED_APP"
    return draws.one(("OMRON_CONNECT_CLOUD", "LINKED_APP")) if item == "measurement" else "SUBJECT"


def _versions(draws: Draws, moments: Moments, request: Request) -> list[dict[str, Any]]:
    first = moments.near() if draws.chance(0.02) else "2022-09-01T00:00:00+09:00"
    versions = [_version(draws, "2022-09", first, request)]
    if draws.chance(0.3):
        second = moments.later() if draws.chance(0.7) else moments.early()
        if datetime.fromisoformat(second) != datetime.fromisoformat(first):
            versions.insert(draws.one((1, 0)), _version(draws, "2024-04", second, request))
    return versions


def _version(draws: Draws, name: str, effective_from: str, request: Request) -> dict[str, Any]:
    without: dict[str, list[str]] = {"categories": [], "purposes": [], "recipients": []}
    if draws.chance(0.1):
        part = draws.one(("categories", "purposes", "recipients"))
        near = {"categories": CATEGORY[request["item"]], "purposes": _top(request), "recipients": request["recipient"]}
        far = {"categories": _CATEGORIES, "purposes": TOP_PURPOSES, "recipients": RECIPIENTS}
        without[part] = [near[part] if draws.chance(0.5) else draws.one(far[part])]
    return {
        "id": name,
        "effective_from": effective_from,
        "revoked": draws.chance(0.02),
        "partial_withdrawal": draws.one(("narrows",) * 6 + ("ends_use",)),
        "without": without,
    }


def _top(request: Request) -> str:
    name = str(request.get("purpose", request.get("disclosure", D1)))
    return PARENT[name] or name


def _subject(draws: Draws, moments: Moments, hinge: int) -> dict[str, str]:
    subject: dict[str, str] = {}
    kind = draws.one(("adult",) * 12 + ("hinge",) * 4 + ("unknown",) * 4 + ("child",))
    if kind != "unknown":
        born = {"adult": ("1980-05-17", "DAY"), "child": ("2015-02-28", "MONTH"), "hinge": HINGES[hinge][1:]}[kind]
        subject["birth_date"], subject["birth_precision"] = born
    if draws.chance(0.05):
        subject["closed_at"] = moments.later()
    return subject
