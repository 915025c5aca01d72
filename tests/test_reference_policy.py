"""What policy and profile say, worked out by hand from the prose, the second voice must say too."""

import pytest

from hand_written_cases import ACCEPTED, FULL, NOON, SOON, V1, V2, Case, case, denied, event, research
from reference_model import present, verdict
from reference_tables import D1, D2, D3, D5, D6, ITEMS, PROFILE, R2, R4, R5, R6, R7, R8, R9, R10, RS, SELF


def test_an_accepted_purpose_shows_what_it_needs() -> None:
    assert research(ACCEPTED) == FULL
    assert research(ACCEPTED, item="birthDate") == {"verdict": "PERMIT", "transform": "YEAR"}
    assert research(ACCEPTED, item="age") == {"verdict": "PERMIT", "transform": "BAND"}
    assert research(ACCEPTED, item="email") == denied("NOT_NEEDED")


def test_a_child_uses_its_parents_column_and_bare_parents_without_one_show_nothing() -> None:
    assert verdict(case(ACCEPTED, purpose="PAPER_PUBLICATION")) == FULL
    assert verdict(case(ACCEPTED, purpose="DEVELOPMENT", item="birthDate"))["transform"] == "YEAR"
    assert not present(case(ACCEPTED, purpose="OTHER_BUSINESS_ACTIVITY"))
    assert not present(case(ACCEPTED, purpose="TRIAL_CLINICAL_RECRUITMENT"))


@pytest.mark.parametrize(
    ("recipient", "purpose", "item", "expected"),
    [
        (R4, "AFTER_SERVICE_GUIDANCE", "email", "MASK"),
        (R4, "PERSONALIZED_ADVERTISING", "email", "MASK"),
        (R4, "PRIZE_SHIPPING", "email", "FULL"),
        (R4, "CAMPAIGN_EVENT_INFO", "email", "NOT_NEEDED"),
        (R4, "CAMPAIGN_EVENT_INFO", "loginId", "NOT_NEEDED"),
        (R5, "MONITOR_TRIAL_RECRUITMENT", "email", "FULL"),
        (R5, "ALGORITHM_DEVELOPMENT", "linkedAppData", "FULL"),
        (R2, "ALGORITHM_DEVELOPMENT", "linkedAppData", "NOT_NEEDED"),
        (R2, "RESEARCH_ACADEMIC", "sex", "NOT_NEEDED"),
        (R6, "SERVICE_OPERATION", "ipAddress", "FULL"),
        (R7, "SERVICE_PROVISION", "measurement", "FULL"),
        (R7, "SERVICE_PROVISION", "loginId", "NOT_NEEDED"),
        (R8, "SERVICE_PROVISION", "sex", "NOT_NEEDED"),
        (R9, "SERVICE_PROVISION", "sex", "PAIRING"),
        (RS, "SERVICE_PROVISION", "sex", "NOT_IN_POLICY"),
    ],
)
def test_a_third_party_under_d1_sees_its_line_of_the_table(
    recipient: str, purpose: str, item: str, expected: str
) -> None:
    answer = verdict(case(ACCEPTED, recipient=recipient, purpose=purpose, disclosure="DATA_STORAGE", item=item))
    assert answer.get("transform", answer.get("reason")) == expected


def test_other_disclosure_purposes_show_their_few_items() -> None:
    def shown(recipient: str, disclosure: str) -> set[str]:
        asked = {"recipient": recipient, "disclosure": disclosure}
        return {item for item in ITEMS if verdict(case(ACCEPTED, item=item, **asked)) == FULL}

    assert shown(R6, D2) == {"loginId", "email", "accessHistory"}
    assert shown(R7, D6) == shown(R10, D6) == {"loginId", "email"}
    assert shown(R6, D6) == shown(R9, D3) == set()
    assert verdict(case(ACCEPTED, recipient=R10, disclosure=D5)) == denied("PAIRING")


def test_the_token_is_shown_to_the_person_and_in_a_case_only() -> None:
    assert verdict(case(recipient=SELF, item="idToken")) == FULL
    assert verdict(case(recipient=R9, disclosure=D3, case_items=["idToken"], item="idToken")) == FULL
    assert not any(item == "idToken" for item, _ in PROFILE)


def test_unclassified_data_is_shown_to_nobody() -> None:
    assert verdict(case(recipient=SELF, datum={"source": "UNCLASSIFIED"})) == denied("UNCLASSIFIED")


def test_the_accepted_and_the_current_version_must_both_list_it() -> None:
    narrow = V2 | {"without": {"categories": ["ATTRIBUTE"]}}
    after = {"at": "2025-02-01T00:00:00+09:00"}
    assert research(ACCEPTED, versions=[V1, narrow], **after) == denied("NOT_IN_POLICY")
    both = (ACCEPTED, event("b", "ACCEPTANCE", NOON, version="v1"))
    narrow_first = [V1 | {"without": {"purposes": ["RESEARCH_ACADEMIC"]}}, V2]
    assert research(*both, versions=narrow_first, **after) == denied("VERSION_NOT_ACCEPTED")
    assert research(event("a", "ACCEPTANCE", SOON, version="terms-2020")) == denied("VERSION_NOT_ACCEPTED")


def test_a_revoked_current_version_denies_and_nothing_older_stands_in() -> None:
    versions = [V1, V1 | {"id": "v2", "effective_from": SOON, "revoked": True}]
    assert research(ACCEPTED, versions=versions) == denied("NOT_IN_POLICY")


def test_r7_sees_linked_data_of_its_own_service_only() -> None:
    datum = {"source": "LINKED_APP", "name": "GOOGLE_FIT"}
    asked: Case = {"recipient": R7, "purpose": "SERVICE_PROVISION", "disclosure": D1, "item": "linkedAppData"}
    asked["datum"] = datum
    link = event("l", "LINK", SOON, key="GOOGLE_FIT")
    assert verdict(case(ACCEPTED, link, own_service="GOOGLE_FIT", **asked)) == FULL
    assert verdict(case(ACCEPTED, link, own_service="APPLE_HEALTH", **asked)) == denied("NOT_NEEDED")
    assert verdict(case(ACCEPTED, link, **asked)) == denied("NOT_NEEDED")
