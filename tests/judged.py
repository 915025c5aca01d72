"""The product's answers to cases written as JSON, and a few standings to ask about."""

from dataclasses import replace
from typing import Any

from sekisho.consent.state import Acceptance, Standing, SubjectState
from sekisho.decision import AccessRequest, Permitted, Rules, SourceBit, decide
from sekisho.judging import Judge
from sekisho.policy.document import Policies
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.vocabulary import AgeStatus, DisclosurePurpose, Purpose, RecipientType, SourceKind

POLICY = shipped_policy()
JUDGE = Judge(POLICY)
RULES = Rules(Policies((POLICY,)), POLICY)
ACTIVITY = "SURVEY:spring"

SOURCES = (
    SourceBit(0, SourceKind.UNCLASSIFIED, ""),
    SourceBit(1, SourceKind.SUBJECT, ""),
    SourceBit(2, SourceKind.OMRON_CONNECT_CLOUD, ""),
    SourceBit(3, SourceKind.LINKED_APP, "GOOGLE_FIT"),
    SourceBit(4, SourceKind.LINKED_APP, "APPLE_HEALTH"),
    SourceBit(5, SourceKind.THIRD_PARTY, "HEALTH_CHECK_CENTRE"),
    SourceBit(6, SourceKind.THIRD_PARTY, "PARTNER_CLINIC"),
)

GENEROUS = SubjectState(
    age=AgeStatus.ADULT,
    acceptance=Acceptance(POLICY.id),
    linked=frozenset({"GOOGLE_FIT", "APPLE_HEALTH"}),
    third_party_sources=frozenset({"HEALTH_CHECK_CENTRE", "PARTNER_CLINIC"}),
)
WILLING = Standing(GENEROUS, frozenset({ACTIVITY}))
"""An adult who accepted, linked and takes part."""


def judged(case: dict[str, Any]) -> str:
    """In one word: the transform, or why not."""
    answer = JUDGE.answer(case)
    return str(answer.get("transform", answer.get("reason")))


def standing(case: dict[str, Any]) -> Standing:
    return JUDGE.read(case).standing


def lenses() -> list[Lens]:
    """Every lens, sensible or not."""
    found = [Lens(RecipientType.SELF)]
    for recipient in RecipientType:
        if recipient.declares_disclosure:
            found += [
                Lens(recipient, None, disclosure) for disclosure in DisclosurePurpose if disclosure.parent is None
            ]
            d1 = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE
            found += [Lens(recipient, purpose, d1) for purpose in Purpose]
        elif recipient is not RecipientType.SELF:
            found += [Lens(recipient, purpose) for purpose in Purpose]
    return found


def permits(request: AccessRequest, state: SubjectState | None = GENEROUS, rules: Rules = RULES) -> bool:
    return isinstance(decide(rules, request, None if state is None else replace(WILLING, state=state)), Permitted)


def permitted_items(lens: Lens, state: SubjectState = GENEROUS, rules: Rules = RULES) -> set[str]:
    return {item.id for item in POLICY.items if permits(AccessRequest(lens, item.id), state, rules)}
