"""Declaring (S1): who may ask at all, and for what; every refusal, and what passes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.declaration import (
    RIGHTS_DESK,
    Admission,
    Declaration,
    Declared,
    Recipient,
    Refused,
    admit,
    judge,
    lenses_of,
    merge,
)
from sekisho.policy.lens import Lens
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType, Refusal

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SELF, R1, RS = RecipientType.SELF, RecipientType.FIRST_PARTY, RecipientType.STATISTICS_RECIPIENT
R6, R9 = RecipientType.OPERATIONS_CONTRACTOR, RecipientType.PUBLIC_AUTHORITY
THIRD_PARTIES = [each for each in RecipientType if each not in (SELF, R1, RS)]
D1, STORAGE = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE, DisclosurePurpose.DATA_STORAGE
D2, D3 = DisclosurePurpose.CONTRACT_POLICY_ENFORCEMENT, DisclosurePurpose.LEGAL_COMPLIANCE
D4, D5 = DisclosurePurpose.LEGAL_CLAIMS, DisclosurePurpose.ABUSE_SECURITY_SAFETY
D6 = DisclosurePurpose.EXTERNAL_LINKAGE_AUTHENTICATION
RESEARCH, PAPER = Purpose.RESEARCH_ACADEMIC, Purpose.PAPER_PUBLICATION
EXECUTION = Purpose.CLINICAL_RESEARCH_EXECUTION
ENABLED = Admission(enabled=frozenset({D4, D5}))


def client(kind: RecipientType, **changes: Any) -> Recipient:
    """A client entitled to everything its registry row can hold."""
    facts: dict[str, Any] = {
        "client_id": "client",
        "version": 1,
        "recipient_id": "organisation",
        "name": "からだ研究所",
        "name_en": "Karada Institute",
        "address": "京都府",
        "representative": "山田 花子",
        "country": "JP",
        "recipient_type": kind,
        "purposes": frozenset(Purpose),
        "disclosure_purposes": frozenset(DisclosurePurpose),
        "linked_service": None,
        "entitlements": frozenset(),
        "contract_reference": "2026-1",
        "entrustment": False,
        "statutory_basis": "ART29_CONSENT",
        "valid_from": NOON,
    }
    return Recipient(**facts | changes)


def refusal(said: Declaration, recipient: Recipient, admission: Admission = ENABLED) -> Refusal:
    with pytest.raises(Refused) as refused:
        judge(said, recipient, admission)
    assert str(refused.value) == refused.value.detail != ""
    return refused.value.refusal


def says(recipient: Recipient | None, at: datetime = NOON, admission: Admission = ENABLED) -> Refusal | None:
    try:
        admitted = admit(recipient, at, admission)
    except Refused as refused:
        return refused.refusal
    assert admitted is recipient
    return None


def test_a_client_that_is_not_registered_is_refused() -> None:
    assert says(None) is Refusal.CLIENT_UNKNOWN


@pytest.mark.parametrize(
    ("changes", "at", "found"),
    [
        ({}, NOON, None),
        ({}, NOON - TICK, Refusal.CLIENT_NOT_VALID),
        ({"valid_until": NOON + TICK}, NOON, None),
        ({"valid_until": NOON + TICK}, NOON + TICK, Refusal.CLIENT_NOT_VALID),
        ({"revoked_at": NOON + TICK}, NOON, None),
        ({"revoked_at": NOON + TICK}, NOON + TICK, Refusal.CLIENT_NOT_VALID),
        ({"valid_until": NOON + 2 * TICK, "revoked_at": NOON}, NOON, Refusal.CLIENT_NOT_VALID),
        ({"name": " "}, NOON, Refusal.ORGANISATION_UNNAMED),
        ({"country": "US"}, NOON, Refusal.COUNTRY_NOT_ADMITTED),
        ({"country": ""}, NOON, Refusal.COUNTRY_NOT_ADMITTED),
        ({"country": "jp"}, NOON, Refusal.COUNTRY_NOT_ADMITTED),
    ],
)
def test_a_client_is_valid_now_named_and_in_an_admitted_country(
    changes: dict[str, Any], at: datetime, found: Refusal | None
) -> None:
    assert says(client(R1, **changes), at) is found


def test_the_operators_settings_admit_countries() -> None:
    assert says(client(R1, country="DE"), admission=Admission(frozenset({"DE"}))) is None
    assert says(client(R1), admission=Admission(frozenset({"DE"}))) is Refusal.COUNTRY_NOT_ADMITTED
    assert says(client(R1), admission=Admission(frozenset())) is Refusal.COUNTRY_NOT_ADMITTED


def test_what_is_said_twice_must_be_equal() -> None:
    assert merge([["A"], ["A", "A"], []], "is") == "A"
    assert merge([[], []], "is") is None
    assert merge([], "is") is None
    for sources in ([["A"], ["B"]], [["A", "B"]], [["A"], ["a"]], [["A"], [""]], [["A"], ["A "]]):
        with pytest.raises(Refused, match="`is` is declared more than once and differently") as refused:
            merge(sources, "is")
        assert refused.value.refusal is Refusal.PURPOSE_CONFLICT


@pytest.mark.parametrize("kind", RecipientType)
def test_a_declared_recipient_type_is_the_credentials_own_or_refused(kind: RecipientType) -> None:
    for other in (*(each for each in RecipientType if each is not kind), kind.lower(), "", "R1"):
        assert refusal(Declaration(recipient=other), client(kind)) is Refusal.RECIPIENT_TYPE_MISMATCH
    own = Declaration(recipient=kind, purpose=RESEARCH if kind is not SELF else None)
    if kind.declares_disclosure:
        own = replace(own, disclosure=D1)
    assert judge(own, client(kind), ENABLED).lens.recipient_type is kind


def test_a_data_subject_declares_nothing() -> None:
    assert judge(Declaration(), client(SELF), ENABLED) == Declared(Lens(SELF))
    assert judge(Declaration(reference="x"), client(SELF), ENABLED) == Declared(Lens(SELF))
    for said, found in (
        (Declaration(purpose=RESEARCH), Refusal.PURPOSE_NOT_APPLICABLE),
        (Declaration(purpose=""), Refusal.PURPOSE_NOT_APPLICABLE),
        (Declaration(disclosure=D1), Refusal.DISCLOSURE_PURPOSE_NOT_APPLICABLE),
        (Declaration(serves="SALES"), Refusal.SERVES_INVALID),
        (Declaration(study="x"), Refusal.STUDY_INVALID),
    ):
        assert refusal(said, client(SELF)) is found


@pytest.mark.parametrize("kind", [R1, RS])
@pytest.mark.parametrize(
    ("said", "found"),
    [
        (Declaration(), Refusal.PURPOSE_REQUIRED),
        (Declaration(purpose=""), Refusal.PURPOSE_REQUIRED),
        (Declaration(purpose="EVERYTHING"), Refusal.PURPOSE_UNKNOWN),
        (Declaration(purpose="research_academic"), Refusal.PURPOSE_UNKNOWN),
        (Declaration(purpose=" RESEARCH_ACADEMIC"), Refusal.PURPOSE_UNKNOWN),
        (Declaration(purpose="RESEARCH_ACADEMIC "), Refusal.PURPOSE_UNKNOWN),
        (Declaration(purpose="U6"), Refusal.PURPOSE_UNKNOWN),
        (Declaration(purpose="学術研究"), Refusal.PURPOSE_UNKNOWN),
        (Declaration(purpose="DATA_STORAGE"), Refusal.PURPOSE_UNKNOWN),
        (Declaration(purpose="TRIAL_CLINICAL_RECRUITMENT"), Refusal.PURPOSE_LEAF_REQUIRED),
        (Declaration(purpose="OTHER_BUSINESS_ACTIVITY"), Refusal.PURPOSE_LEAF_REQUIRED),
        (Declaration(purpose=RESEARCH, disclosure=D1), Refusal.DISCLOSURE_PURPOSE_NOT_APPLICABLE),
        (Declaration(purpose=RESEARCH, disclosure=""), Refusal.DISCLOSURE_PURPOSE_NOT_APPLICABLE),
        (Declaration(purpose=RESEARCH, serves="SALES"), Refusal.SERVES_INVALID),
        (Declaration(purpose=RESEARCH, study="x"), Refusal.STUDY_INVALID),
        (Declaration(purpose="CLINICAL_RESEARCH_RECRUITMENT", study="x"), Refusal.STUDY_INVALID),
        (Declaration(purpose=EXECUTION), Refusal.STUDY_REQUIRED),
        (Declaration(purpose=EXECUTION, study=""), Refusal.STUDY_REQUIRED),
        (Declaration(purpose="INCIDENTAL"), Refusal.SERVES_REQUIRED),
        (Declaration(purpose="INCIDENTAL", serves=""), Refusal.SERVES_INVALID),
        (Declaration(purpose="INCIDENTAL", serves="sales"), Refusal.SERVES_INVALID),
        (Declaration(purpose="INCIDENTAL", serves="INCIDENTAL"), Refusal.SERVES_INVALID),
        (Declaration(purpose="INCIDENTAL", serves="RESEARCH_ACADEMIC"), Refusal.SERVES_INVALID),
        (Declaration(purpose="INCIDENTAL", serves="OTHER_BUSINESS_ACTIVITY"), Refusal.SERVES_INVALID),
        (Declaration(purpose="INCIDENTAL", serves="SALES", study="x"), Refusal.STUDY_INVALID),
        (Declaration(purpose="SALES", serves="SALES"), Refusal.SERVES_INVALID),
    ],
)
def test_a_use_that_is_declared_wrongly_is_refused(kind: RecipientType, said: Declaration, found: Refusal) -> None:
    assert refusal(said, client(kind)) is found


@pytest.mark.parametrize("kind", [R1, RS])
@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_may_be_declared_as_itself_except_u5_and_u8(kind: RecipientType, purpose: Purpose) -> None:
    said = Declaration(purpose=purpose)
    if purpose in (Purpose.TRIAL_CLINICAL_RECRUITMENT, Purpose.OTHER_BUSINESS_ACTIVITY):
        assert refusal(said, client(kind)) is Refusal.PURPOSE_LEAF_REQUIRED
        return
    serves = Purpose.SALES if purpose is Purpose.INCIDENTAL else None
    studied = {EXECUTION: "CLINICAL_RESEARCH:x", Purpose.MONITOR_TRIAL_EXECUTION: "MONITOR_TRIAL:x"}.get(purpose)
    said = replace(said, serves=serves, study="x" if studied else None)
    assert judge(said, client(kind), ENABLED) == Declared(Lens(kind, purpose, None, serves), study=studied)


def test_too_broad_a_purpose_is_answered_with_its_leaves() -> None:
    with pytest.raises(Refused, match="PLANNING, MARKETING, DEVELOPMENT, PRODUCTION, PROMOTION, SALES, INCIDENTAL"):
        judge(Declaration(purpose="OTHER_BUSINESS_ACTIVITY"), client(R1), ENABLED)
    with pytest.raises(Refused, match=r"one of: PLANNING, MARKETING, DEVELOPMENT, PRODUCTION, PROMOTION, SALES$"):
        judge(Declaration(purpose="INCIDENTAL"), client(R1), ENABLED)


def test_entitlement_covers_descendants_never_parents_or_siblings() -> None:
    parent, leaf = client(R1, purposes=frozenset({RESEARCH})), client(R1, purposes=frozenset({PAPER}))
    assert judge(Declaration(purpose=RESEARCH), parent, ENABLED).lens.purpose is RESEARCH
    assert judge(Declaration(purpose=PAPER), parent, ENABLED).lens.purpose is PAPER
    assert judge(Declaration(purpose=PAPER), leaf, ENABLED).lens.purpose is PAPER
    assert refusal(Declaration(purpose=RESEARCH), leaf) is Refusal.PURPOSE_NOT_ENTITLED
    assert refusal(Declaration(purpose="SALES"), parent) is Refusal.PURPOSE_NOT_ENTITLED
    assert refusal(Declaration(purpose=RESEARCH), client(R1, purposes=frozenset())) is Refusal.PURPOSE_NOT_ENTITLED
    broad = client(R1, purposes=frozenset({Purpose.OTHER_BUSINESS_ACTIVITY}))
    assert judge(Declaration(purpose="SALES"), broad, ENABLED).lens.purpose is Purpose.SALES


def test_a_reference_is_kept_only_at_the_rights_desk_and_ignored_elsewhere() -> None:
    desk = client(R1, entitlements=frozenset({RIGHTS_DESK}))
    inquiry = Declaration(purpose="INQUIRY_RESPONSE", reference="request 4")
    lens = Lens(R1, Purpose.INQUIRY_RESPONSE)
    assert judge(inquiry, desk, ENABLED) == Declared(lens, "request 4", handles_request=True)
    assert judge(replace(inquiry, reference=None), desk, ENABLED) == Declared(lens)
    assert judge(inquiry, client(R1), ENABLED) == Declared(lens)
    assert judge(replace(inquiry, purpose=RESEARCH), desk, ENABLED) == Declared(Lens(R1, RESEARCH))
    statistics = client(RS, entitlements=frozenset({RIGHTS_DESK}))
    assert judge(inquiry, statistics, ENABLED) == Declared(Lens(RS, Purpose.INQUIRY_RESPONSE))


@pytest.mark.parametrize("kind", THIRD_PARTIES)
@pytest.mark.parametrize(
    ("said", "found"),
    [
        (Declaration(), Refusal.DISCLOSURE_PURPOSE_REQUIRED),
        (Declaration(purpose=RESEARCH), Refusal.DISCLOSURE_PURPOSE_REQUIRED),
        (Declaration(disclosure="", purpose=RESEARCH), Refusal.DISCLOSURE_PURPOSE_REQUIRED),
        (Declaration(disclosure="EVERYTHING", purpose=RESEARCH), Refusal.DISCLOSURE_PURPOSE_UNKNOWN),
        (Declaration(disclosure="data_storage", purpose=RESEARCH), Refusal.DISCLOSURE_PURPOSE_UNKNOWN),
        (Declaration(disclosure="RESEARCH_ACADEMIC", purpose=RESEARCH), Refusal.DISCLOSURE_PURPOSE_UNKNOWN),
        (Declaration(disclosure="D1", purpose=RESEARCH), Refusal.DISCLOSURE_PURPOSE_UNKNOWN),
        (Declaration(disclosure=D1), Refusal.PURPOSE_REQUIRED),
        (Declaration(disclosure=STORAGE), Refusal.PURPOSE_REQUIRED),
        (Declaration(disclosure=D1, purpose="EVERYTHING"), Refusal.PURPOSE_UNKNOWN),
        (Declaration(disclosure=D1, purpose="OTHER_BUSINESS_ACTIVITY"), Refusal.PURPOSE_LEAF_REQUIRED),
        (Declaration(disclosure=D1, purpose=RESEARCH, serves="SALES"), Refusal.SERVES_INVALID),
        (Declaration(disclosure=D1, purpose=RESEARCH, study="x"), Refusal.STUDY_INVALID),
        (Declaration(disclosure=D1, purpose=EXECUTION), Refusal.STUDY_REQUIRED),
        (Declaration(disclosure=D1, purpose="INCIDENTAL"), Refusal.SERVES_REQUIRED),
        (Declaration(disclosure=D2, purpose="EVERYTHING"), Refusal.PURPOSE_UNKNOWN),
        (Declaration(disclosure=D2, purpose=""), Refusal.PURPOSE_UNKNOWN),
        (Declaration(disclosure=D2, serves="SALES"), Refusal.SERVES_INVALID),
        (Declaration(disclosure=D2, purpose="INCIDENTAL", serves="SALES"), Refusal.SERVES_INVALID),
        (Declaration(disclosure=D2, study="x"), Refusal.STUDY_INVALID),
        (Declaration(disclosure=D3), Refusal.REFERENCE_REQUIRED),
        (Declaration(disclosure=D3, reference=""), Refusal.REFERENCE_REQUIRED),
        (Declaration(disclosure=D4), Refusal.REFERENCE_REQUIRED),
        (Declaration(disclosure=D5), Refusal.REFERENCE_REQUIRED),
    ],
)
def test_a_disclosure_that_is_declared_wrongly_is_refused(
    kind: RecipientType, said: Declaration, found: Refusal
) -> None:
    assert refusal(said, client(kind)) is found


@pytest.mark.parametrize("kind", THIRD_PARTIES)
@pytest.mark.parametrize("disclosure", [each for each in DisclosurePurpose if each.top is D1])
def test_under_d1_and_its_children_the_purpose_is_declared_too(
    kind: RecipientType, disclosure: DisclosurePurpose
) -> None:
    said = Declaration(purpose=PAPER, disclosure=disclosure, reference="superfluous")
    assert judge(said, client(kind), ENABLED) == Declared(Lens(kind, PAPER, disclosure))
    serving = Declaration(purpose="INCIDENTAL", disclosure=disclosure, serves="SALES")
    lens = Lens(kind, Purpose.INCIDENTAL, disclosure, Purpose.SALES)
    assert judge(serving, client(kind), ENABLED) == Declared(lens)
    studying = Declaration(purpose="MONITOR_TRIAL_EXECUTION", disclosure=disclosure, study="x")
    assert judge(studying, client(kind), ENABLED).study == "MONITOR_TRIAL:x"


@pytest.mark.parametrize("kind", THIRD_PARTIES)
def test_under_d2_and_d6_a_known_purpose_is_ignored_and_kept_for_the_record(kind: RecipientType) -> None:
    for disclosure in (D2, D6):
        lens = Lens(kind, None, disclosure)
        assert judge(Declaration(disclosure=disclosure), client(kind), ENABLED) == Declared(lens)
        for ignored in (RESEARCH, Purpose.OTHER_BUSINESS_ACTIVITY):
            said = Declaration(purpose=ignored, disclosure=disclosure, reference="superfluous")
            assert judge(said, client(kind, purposes=frozenset()), ENABLED) == Declared(lens, ignored_purpose=ignored)


@pytest.mark.parametrize("disclosure", [D3, D4, D5])
def test_d3_to_d5_name_a_case(disclosure: DisclosurePurpose) -> None:
    said = Declaration(disclosure=disclosure, reference="order 4", purpose=RESEARCH)
    lens = Lens(R9, None, disclosure)
    expected = Declared(lens, "order 4", ignored_purpose=RESEARCH, needs_case=True)
    assert judge(said, client(R9), ENABLED) == expected


def test_d4_and_d5_are_refused_unless_the_operators_settings_allow_them() -> None:
    for disclosure in (D4, D5):
        said = Declaration(disclosure=disclosure, reference="order 4")
        assert refusal(said, client(R9), Admission()) is Refusal.DISCLOSURE_PURPOSE_NOT_ENABLED
        assert judge(said, client(R9), Admission(enabled=frozenset({disclosure}))).needs_case
    assert judge(Declaration(disclosure=D3, reference="order 4"), client(R9), Admission()).needs_case


def test_entitlement_to_a_disclosure_purpose_covers_its_children_never_its_parent() -> None:
    parent, child = (client(R6, disclosure_purposes=frozenset({each})) for each in (D1, STORAGE))
    said = Declaration(purpose=RESEARCH, disclosure=STORAGE)
    assert judge(said, parent, ENABLED).lens.disclosure is STORAGE
    assert judge(said, child, ENABLED).lens.disclosure is STORAGE
    assert refusal(replace(said, disclosure=D1), child) is Refusal.DISCLOSURE_PURPOSE_NOT_ENTITLED
    assert refusal(Declaration(disclosure=D2), parent) is Refusal.DISCLOSURE_PURPOSE_NOT_ENTITLED
    assert refusal(Declaration(disclosure=D4, reference="x"), parent) is Refusal.DISCLOSURE_PURPOSE_NOT_ENTITLED


def test_entitlement_to_a_purpose_is_asked_under_d1_too() -> None:
    narrow = client(R6, purposes=frozenset({PAPER}))
    said = Declaration(purpose=RESEARCH, disclosure=STORAGE)
    assert refusal(said, narrow) is Refusal.PURPOSE_NOT_ENTITLED


@pytest.mark.parametrize("kind", RecipientType)
def test_the_lenses_of_a_recipient_are_those_that_can_be_declared(kind: RecipientType) -> None:
    narrow = client(
        kind, purposes=frozenset({RESEARCH, Purpose.INCIDENTAL}), disclosure_purposes=frozenset({STORAGE, D3})
    )
    for recipient in (client(kind), narrow):
        assert lenses_of(recipient) == set(declarable(recipient))


def declarable(recipient: Recipient) -> list[Lens]:
    """Every lens that some declaration gives, tried one by one."""
    found = []
    for purpose in (None, *Purpose):
        for disclosure in (None, *DisclosurePurpose):
            for serves in (None, "SALES", "MARKETING", "PLANNING", "DEVELOPMENT", "PRODUCTION", "PROMOTION"):
                for study in (None, "x"):
                    said = Declaration(purpose, disclosure, None, "x", serves, study)
                    try:
                        found.append(judge(said, recipient, ENABLED).lens)
                    except Refused:
                        continue
    return found
