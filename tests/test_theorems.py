"""What holds of every decision, whatever the case: the promises as properties."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from generated_cases import generate
from hand_written_cases import ACCEPTED, ADULT, LATE, NOON, NOW, SOON, V1, case, event
from judged import GENEROUS, JUDGE, POLICY, RULES, WILLING, judged, lenses, permits, permitted_items
from sekisho.consent.fold import fold
from sekisho.consent.records import ConsentEvent, Scope, SubjectFacts
from sekisho.consent.state import Acceptance, Deny, Standing, SubjectState
from sekisho.decision import (
    AccessRequest,
    Datum,
    Denied,
    Override,
    Permitted,
    Rules,
    SourceBit,
    decide,
    explain,
    mask,
    present,
    recipient_code,
    shown_as,
    source_refusal,
    static_refusal,
)
from sekisho.judging import Case
from sekisho.policy.document import Minimisation, Policies
from sekisho.policy.lens import Lens
from sekisho.vocabulary import (
    AgeStatus,
    DisclosurePurpose,
    EventKind,
    LegalBasis,
    Purpose,
    Reason,
    RecipientCode,
    RecipientType,
    SourceKind,
    Transform,
)

SELF = Lens(RecipientType.SELF)
RESEARCH = Lens(RecipientType.FIRST_PARTY, Purpose.RESEARCH_ACADEMIC)
INQUIRY = Lens(RecipientType.FIRST_PARTY, Purpose.INQUIRY_RESPONSE)
COURT = Lens(RecipientType.PUBLIC_AUTHORITY, None, DisclosurePurpose.LEGAL_COMPLIANCE)
ALL_ITEMS = {item.id for item in POLICY.items}
DEPRIVED = SubjectState(
    age=AgeStatus.MINOR,
    processing_restricted=True,
    third_party_stopped=True,
    denies=frozenset({Deny(EventKind.WITHDRAWAL, Scope(recipients=frozenset(RecipientType)))}),
)
"""Everything personal stands against this one, but they are not closed."""


def by_right(found: Case) -> bool:
    """SELF and cases do not ask for consent; neither does a desk that handles a request."""
    request = found.request
    return request.lens.recipient_type is RecipientType.SELF or request.override is not None or request.handling


def test_default_deny() -> None:
    """S2: whatever is not explicitly permitted is denied; nobody said anything here."""
    for lens in lenses():
        nothing_said = replace(GENEROUS, acceptance=None)
        assert permitted_items(lens, nothing_said) == (ALL_ITEMS if lens == SELF else set()), lens.key
        assert permitted_items(lens, SubjectState()) == (ALL_ITEMS if lens == SELF else set()), lens.key


def test_a_missing_state_is_denied() -> None:
    """S2."""
    for lens in lenses():
        for item in ALL_ITEMS:
            assert not permits(AccessRequest(lens, item), None)
            assert not permits(AccessRequest(lens, item, override=Override(frozenset({item})), handling=True), None)
        assert not present(RULES, AccessRequest(lens, "sex"), None)


def test_an_inactive_policy_version_is_denied() -> None:
    """S2, S3.10."""
    for lens in lenses():
        rules = Rules(Policies((POLICY,)), None)
        assert permitted_items(lens, rules=rules) == set()
        assert not present(rules, AccessRequest(lens, "sex"), WILLING)
        assert mask(rules, lens, GENEROUS, ()).items == 0
    assert static_refusal(rules, AccessRequest(RESEARCH, "sex")) is Reason.NOT_IN_POLICY
    assert shown_as(rules, AccessRequest(RESEARCH, "sex")) is None


def test_consent_never_widens_policy() -> None:
    """S2.1, S2.2: where the text or the profile says no, no state of any person says yes."""
    for seed in range(5_000):
        found = JUDGE.read(generate(seed))
        refusal = static_refusal(found.rules, found.request)
        if refusal is not None:
            willing = replace(WILLING, participations=frozenset({found.request.study or ""}))
            assert decide(found.rules, found.request, willing) == Denied(refusal), seed


def test_profile_only_narrows() -> None:
    """S7: what is permitted is permitted by the text, and without its profile nothing but one's own is."""
    bare = replace(POLICY, minimisation=Minimisation(POLICY.minimisation.label, (), {}, ()))
    for lens in lenses():
        literal = {item.id for item in POLICY.items if POLICY.permitting(lens, item)}
        assert permitted_items(lens) <= literal
        assert permitted_items(lens, rules=Rules(Policies((bare,)), bare)) == (ALL_ITEMS if lens == SELF else set())


def test_a_version_that_lists_less_permits_less() -> None:
    """S3.10."""
    for seed in range(5_000):
        found = JUDGE.read(generate(seed))
        if isinstance(decide(found.rules, found.request, found.standing), Permitted):
            item = POLICY.item(found.request.item)
            assert found.rules.current
            assert found.rules.current.permitting(found.request.lens, item), seed
            acceptance = found.standing.state.acceptance
            assert by_right(found) or acceptance, seed


def test_deny_trumps_permit() -> None:
    """S3.2: one deny over everything ends every permit that rests on consent."""
    for seed in range(5_000):
        found = JUDGE.read(generate(seed))
        for kind, reason in ((EventKind.WITHDRAWAL, Reason.WITHDRAWN), (EventKind.OBJECTION, Reason.OBJECTED)):
            everything = Deny(kind, Scope(recipients=frozenset(RecipientType)))
            denied = replace(found.standing, state=replace(found.standing.state, denies=frozenset({everything})))
            if not by_right(found) and isinstance(decide(found.rules, found.request, found.standing), Permitted):
                assert decide(found.rules, found.request, denied) == Denied(reason), seed


def test_a_withdrawal_now_ends_every_permit_that_rests_on_consent() -> None:
    """S3.5, S3.13: whatever was said before it, also at the very same instant."""
    for seed in range(5_000):
        found = JUDGE.read(generate(seed))
        if found.standing.state.error or by_right(found):
            continue
        withdrawn = ConsentEvent("now", EventKind.WITHDRAWAL, found.at, found.at)
        standing = fold((*found.events, withdrawn), found.facts, found.rules.policies, found.at)
        assert standing.state.acceptance is None, seed
        assert not standing.state.linked | standing.state.third_party_sources | standing.participations, seed
        assert isinstance(decide(found.rules, found.request, standing), Denied), seed


def test_withdrawal_is_not_eternal() -> None:
    """S3.5, S3.6: a later acceptance undoes a whole one, an event that names it a scoped one."""
    again = event("b", "ACCEPTANCE", LATE, version="v1")
    asked: dict[str, Any] = {"purpose": "RESEARCH_ACADEMIC"}
    assert judged(case(ACCEPTED, event("w", "WITHDRAWAL", NOON), **asked)) == "NO_ACCEPTANCE"
    assert judged(case(ACCEPTED, event("w", "WITHDRAWAL", NOON), again, **asked)) == "FULL"
    scoped = event("w", "WITHDRAWAL", NOON, scope={"categories": ["ATTRIBUTE"]})
    assert judged(case(ACCEPTED, scoped, again, **asked)) == "WITHDRAWN"
    assert judged(case(ACCEPTED, scoped, event("l", "LIFT", LATE, ends=["w"]), **asked)) == "FULL"


def test_an_error_while_deciding_is_a_denial() -> None:
    """S2: here the item is none of the policy's, and then the state is none at all."""
    unknown, broken = AccessRequest(RESEARCH, "prefecture"), Standing(object())  # type: ignore[arg-type]
    assert decide(RULES, unknown, WILLING) == Denied(Reason.ERROR)
    assert static_refusal(RULES, unknown) is Reason.ERROR
    assert shown_as(RULES, unknown) is None
    assert explain(RULES, unknown, WILLING)[0].reason is Reason.ERROR
    for lens in (RESEARCH, SELF):
        assert decide(RULES, AccessRequest(lens, "sex"), broken) == Denied(Reason.ERROR)
    assert explain(RULES, AccessRequest(RESEARCH, "sex"), None)[-1].reason is Reason.ERROR


def test_contradicting_records_deny_everything_to_everybody() -> None:
    """S3.13."""
    for lens in lenses():
        assert permitted_items(lens, replace(GENEROUS, error=True)) == set()
    assert decide(RULES, AccessRequest(SELF, "sex"), Standing(SubjectState(error=True))) == Denied(Reason.ERROR)
    closed = Standing(SubjectState(error=True, closed=True))
    assert decide(RULES, AccessRequest(SELF, "sex"), closed) == Denied(Reason.ERROR)


def test_contradicting_records_are_none_of_them_believed() -> None:
    """S3.13: two contents of one id, in either order, leave the same state: nothing but the error."""
    for told in ([ACCEPTED, ACCEPTED | {"version": "v2"}], [ACCEPTED | {"version": "v2"}, ACCEPTED]):
        standing = JUDGE.read(case(*told, event("l", "LINK", SOON, key="GOOGLE_FIT"), subject={})).standing
        assert standing == Standing(SubjectState(error=True))
        assert not standing.can_use


def test_self_sees_everything_of_their_own_unless_closed() -> None:
    """S2: SELF passes 2 and 4 to 9; 1 and 3 bind."""
    assert permitted_items(SELF, DEPRIVED) == ALL_ITEMS
    assert permitted_items(SELF, replace(DEPRIVED, closed=True)) == set()
    for source in (Datum(SourceKind.LINKED_APP, "UNLINKED"), Datum(SourceKind.THIRD_PARTY, "NOBODY")):
        assert permits(AccessRequest(SELF, "surveyAnswer", source), DEPRIVED)
    unclassified = AccessRequest(SELF, "sex", Datum(SourceKind.UNCLASSIFIED))
    assert decide(RULES, unclassified, WILLING) == Denied(Reason.UNCLASSIFIED)
    own = decide(RULES, AccessRequest(SELF, "birthDate"), Standing(DEPRIVED))
    assert isinstance(own, Permitted)
    assert (own.transform, own.ground.legal_basis) == (Transform.FULL, LegalBasis.SELF)


def test_a_case_opens_its_items_only() -> None:
    """S2: it passes 2 and 4 to 9 for what it lists; 1 and 3 bind, and nothing else of the person opens."""
    listed = Override(frozenset({"email", "measurement"}))
    asked = AccessRequest(COURT, "", override=listed)
    opened = {item for item in ALL_ITEMS if permits(replace(asked, item=item), DEPRIVED)}
    assert opened == listed.items
    refused = decide(RULES, replace(asked, item="sex"), WILLING)
    assert refused == Denied(Reason.NOT_NEEDED)
    email = replace(asked, item="email")
    assert not permits(email, replace(DEPRIVED, closed=True))
    third_party = replace(email, datum=Datum(SourceKind.THIRD_PARTY, "PARTNER_CLINIC"))
    assert decide(RULES, third_party, WILLING) == Denied(Reason.THIRD_PARTY_SOURCED)
    found = decide(RULES, email, Standing(DEPRIVED))
    assert isinstance(found, Permitted)
    assert (found.transform, found.ground.legal_basis) == (Transform.FULL, LegalBasis.LEGAL_OVERRIDE)


def test_without_a_case_a_purpose_that_takes_one_shows_nothing() -> None:
    """S7, R9."""
    assert permitted_items(COURT) == set()
    assert permitted_items(Lens(RecipientType.OPERATIONS_CONTRACTOR, None, DisclosurePurpose.LEGAL_CLAIMS)) == set()


@pytest.mark.parametrize("disclosure", ["PROCESSING_FOR_USE_PURPOSE", "CONTRACT_POLICY_ENFORCEMENT"])
def test_a_case_under_a_purpose_that_takes_none_opens_nothing(disclosure: str) -> None:
    """S2."""
    aim = DisclosurePurpose(disclosure)
    purpose = Purpose.SERVICE_PROVISION if aim is DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE else None
    lens = Lens(RecipientType.OPERATIONS_CONTRACTOR, purpose, aim)
    for item in ALL_ITEMS:
        asked = AccessRequest(lens, item, override=Override(frozenset(ALL_ITEMS)))
        assert decide(RULES, asked, WILLING) == Denied(Reason.NOT_NEEDED)


def test_handling_a_request_reaches_account_and_support_only() -> None:
    """S2: a first party at the desk, for an inquiry; closure and the profile bind."""
    unwilling = Standing(DEPRIVED)
    opened = {
        item for item in ALL_ITEMS
        if isinstance(decide(RULES, AccessRequest(INQUIRY, item, handling=True), unwilling), Permitted)
    }  # fmt: skip
    assert opened == {"loginId", "email", "otherAccount", "supportCase"}
    found = decide(RULES, AccessRequest(INQUIRY, "email", handling=True), unwilling)
    assert isinstance(found, Permitted)
    assert found.ground.legal_basis is LegalBasis.REQUEST_HANDLING
    assert not permits(AccessRequest(INQUIRY, "email", handling=True), replace(DEPRIVED, closed=True))
    for lens in (
        Lens(RecipientType.FIRST_PARTY, Purpose.SERVICE_PROVISION),
        Lens(RecipientType.OPERATIONS_CONTRACTOR, Purpose.INQUIRY_RESPONSE, DisclosurePurpose.CUSTOMER_SUPPORT),
    ):
        assert not permits(AccessRequest(lens, "email", handling=True), DEPRIVED)


def test_handling_a_request_does_not_pass_the_source() -> None:
    """S2: it passes 4 to 8, not 9."""
    linked = AccessRequest(INQUIRY, "email", Datum(SourceKind.LINKED_APP, "GOOGLE_FIT"), handling=True)
    assert decide(RULES, linked, Standing(DEPRIVED)) == Denied(Reason.NOT_LINKED)
    assert isinstance(decide(RULES, linked, Standing(replace(DEPRIVED, linked=frozenset({"GOOGLE_FIT"})))), Permitted)


def test_a_permit_carries_its_ground() -> None:
    """S2: version and line, the basis, the record behind it."""
    accepted = JUDGE.read(case(ACCEPTED, versions=[V1], purpose="RESEARCH_ACADEMIC"))
    found = decide(accepted.rules, accepted.request, accepted.standing)
    rule = POLICY.permitting(RESEARCH, POLICY.item("sex"))
    assert isinstance(found, Permitted)
    assert rule
    assert found.ground.policy_version == "v1"
    assert found.ground.line == rule.line
    assert (found.ground.legal_basis, found.ground.evidence) == (LegalBasis.CONSENT, "a")


def test_recipients_learn_three_codes_and_nothing_personal() -> None:
    """S5."""
    static = {
        Reason.NOT_IN_POLICY: RecipientCode.POLICY,
        Reason.PAIRING: RecipientCode.POLICY,
        Reason.NOT_NEEDED: RecipientCode.MINIMISATION,
    }
    for reason in Reason:
        assert recipient_code(reason) is static.get(reason, RecipientCode.SUBJECT)


def test_present_asks_all_items_and_no_stored_value() -> None:
    """S5: neither the item that is asked nor its datum decides who exists."""
    hidden = AccessRequest(RESEARCH, "loginId", Datum(SourceKind.UNCLASSIFIED))
    assert present(RULES, hidden, WILLING)
    assert not present(RULES, hidden, Standing(replace(GENEROUS, acceptance=None)))
    execution = Lens(RecipientType.FIRST_PARTY, Purpose.MONITOR_TRIAL_EXECUTION)
    assert not present(RULES, AccessRequest(execution, "sex", study="MONITOR_TRIAL:other"), WILLING)
    assert present(RULES, AccessRequest(execution, "sex", study="SURVEY:spring"), WILLING)
    assert present(RULES, AccessRequest(INQUIRY, "sex", handling=True), Standing(DEPRIVED))
    assert present(RULES, AccessRequest(COURT, "sex", override=Override(frozenset({"email"}))), Standing(DEPRIVED))


def test_a_partner_without_a_service_of_its_own_reads_no_linked_data() -> None:
    """S7, R7: not even data whose service has no name."""
    lens = Lens(
        RecipientType.DATA_LINKAGE_PARTNER, Purpose.SERVICE_PROVISION, DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE
    )
    for name in ("GOOGLE_FIT", None):
        asked = AccessRequest(lens, "linkedAppData", Datum(SourceKind.LINKED_APP, name))
        assert decide(RULES, asked, WILLING) == Denied(Reason.NOT_NEEDED)
    own = AccessRequest(lens, "linkedAppData", Datum(SourceKind.LINKED_APP, "GOOGLE_FIT"), own_service="GOOGLE_FIT")
    assert permits(own)
    assert permits(replace(own, item="measurement", datum=Datum(SourceKind.OMRON_CONNECT_CLOUD)))


def test_a_source_says_why_it_is_out_of_reach() -> None:
    """S2.1, S2.9."""
    third_party = Lens(RecipientType.AFFILIATE, Purpose.PRODUCT_DEVELOPMENT, DisclosurePurpose.DATA_STORAGE)
    clinic, fit = SourceBit(5, SourceKind.THIRD_PARTY, "CLINIC"), SourceBit(3, SourceKind.LINKED_APP, "FIT")
    asked, state = AccessRequest(RESEARCH, ""), SubjectState()
    assert source_refusal(asked, state, SourceBit(0, SourceKind.UNCLASSIFIED, "")) is Reason.UNCLASSIFIED
    assert source_refusal(asked, state, SourceBit(1, SourceKind.SUBJECT, "")) is None
    assert source_refusal(asked, state, fit) is Reason.NOT_LINKED
    assert source_refusal(asked, replace(state, linked=frozenset({"FIT"})), fit) is None
    assert source_refusal(asked, state, clinic) is Reason.THIRD_PARTY_SOURCE_CONSENT_MISSING
    assert source_refusal(asked, replace(state, third_party_sources=frozenset({"CLINIC"})), clinic) is None
    assert source_refusal(AccessRequest(third_party, ""), state, clinic) is Reason.THIRD_PARTY_SOURCED
    assert source_refusal(AccessRequest(SELF, ""), state, fit) is None


def test_an_accepted_version_that_is_revoked_or_unknown() -> None:
    """S2.6, S3.10: a revoked one still tells what was accepted, an unknown one tells nothing."""
    old = POLICY.variant("old")
    rules = Rules(Policies((POLICY, old), revoked=frozenset({"old"})), POLICY)
    assert permits(AccessRequest(RESEARCH, "sex"), replace(GENEROUS, acceptance=Acceptance("old")), rules)
    unknown = Standing(replace(GENEROUS, acceptance=Acceptance("terms-2020")))
    assert decide(rules, AccessRequest(RESEARCH, "sex"), unknown) == Denied(Reason.VERSION_NOT_ACCEPTED)


def test_adulthood_arrives_by_itself() -> None:
    """S3.12: the same records, a microsecond apart."""
    subject = {"birth_date": "2006-07-01", "birth_precision": "DAY"}
    asked: dict[str, Any] = {"purpose": "RESEARCH_ACADEMIC", "subject": subject}
    assert judged(case(ACCEPTED, at="2024-06-30T23:59:59.999999+09:00", **asked)) == "MINOR"
    assert judged(case(ACCEPTED, at="2024-07-01T00:00:00+09:00", **asked)) == "FULL"
    assert judged(case(ACCEPTED, at="2024-06-30T15:00:00Z", **asked)) == "FULL"


def test_gates_are_explained_behind_the_first_refusal_too() -> None:
    """S2: `explain` reports all of them, in order."""
    told = JUDGE.answer(
        case(purpose="RESEARCH_ACADEMIC", subject=ADULT | {"birth_date": "2015-01-01", "closed_at": SOON})
    )
    assert told == {
        "verdict": "DENY",
        "reason": "CLOSED",
        "gates": [
            {"gate": "closed", "reason": "CLOSED"},
            {"gate": "age", "reason": "MINOR"},
            {"gate": "acceptance", "reason": "NO_ACCEPTANCE"},
        ],
    }


def test_nothing_acts_before_it_was_recorded() -> None:
    """S3.13: a timeline begins with nothing said."""
    before = datetime.fromisoformat(SOON) - timedelta(microseconds=1)
    for seed in range(500):
        found = JUDGE.read(generate(seed))
        first = min((each.recorded_at for each in found.events), default=datetime.now(UTC))
        standing = fold(found.events, SubjectFacts(), found.rules.policies, first - timedelta(microseconds=1))
        assert standing == Standing(SubjectState(error=standing.state.error)), seed
    assert judged(case(ACCEPTED, at=before.isoformat(), purpose="RESEARCH_ACADEMIC")) == "NO_ACCEPTANCE"
    assert judged(case(ACCEPTED, at=NOW, purpose="RESEARCH_ACADEMIC")) == "FULL"
