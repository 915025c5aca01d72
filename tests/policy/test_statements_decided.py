"""Statements of the policy that a single decision holds, one test each, named after its statement."""

from typing import Any

import pytest

from sekisho.judging import Judge
from sekisho.policy.load import shipped_policy

JUDGE = Judge(shipped_policy())
NOW = "2026-04-01T09:00:00+09:00"
BEFORE = "2026-01-01T00:00:00+09:00"
ADULT = {"birth_date": "1980-05-05", "birth_precision": "DAY"}
FIRST = {"recipient": "FIRST_PARTY", "purpose": "RESEARCH_ACADEMIC"}
PARTNER = {
    "recipient": "JOINT_RESEARCH_PARTNER",
    "purpose": "RESEARCH_ACADEMIC",
    "disclosure": "PROCESSING_FOR_USE_PURPOSE",
}
THIRD_PARTY = {"source": "THIRD_PARTY", "name": "GYM_CHAIN"}


def event(kind: str, at: str = BEFORE, **facts: Any) -> dict[str, Any]:
    return {"id": f"{kind} {at}", "kind": kind, "event_time": at, "recorded_at": at, **facts}


ACCEPTED = event("ACCEPTANCE", version="2022-09")


def verdict(
    lens: dict[str, Any], item: str, *events: dict[str, Any], subject: dict[str, str] | None = None, **facts: Any
) -> str:
    """`PERMIT`, or the reason of the refusal."""
    person = ADULT if subject is None else subject
    case = {"at": NOW, "request": {**lens, "item": item, **facts}, "subject": person, "events": list(events)}
    answer = JUDGE.answer(case)
    return str(answer.get("reason", answer["verdict"]))


def test_s3_without_an_acceptance_nothing_is_released() -> None:
    assert verdict(FIRST, "sex", ACCEPTED) == "PERMIT"
    assert verdict(FIRST, "sex") == "NO_ACCEPTANCE"


def test_s5_minors_and_people_of_unknown_age_are_not_read() -> None:
    born = {"birth_date": "2008-04-02", "birth_precision": "DAY"}
    assert verdict(FIRST, "sex", ACCEPTED, subject=born) == "MINOR"
    assert verdict(FIRST, "sex", ACCEPTED, subject={**born, "birth_date": "2008-04-01"}) == "PERMIT"
    assert verdict(FIRST, "sex", ACCEPTED, subject={}) == "AGE_UNVERIFIED"
    assert verdict(FIRST, "sex", ACCEPTED, event("ADULT_ATTESTATION"), subject={}) == "PERMIT"


def test_c4_linked_data_is_read_only_while_the_link_is_permitted() -> None:
    datum = {"source": "LINKED_APP", "name": "GOOGLE_FIT"}
    link = event("LINK", key="GOOGLE_FIT")
    unlink = event("UNLINK", "2026-02-01T00:00:00+09:00", key="GOOGLE_FIT")
    assert verdict(FIRST, "linkedAppData", ACCEPTED, datum=datum) == "NOT_LINKED"
    assert verdict(FIRST, "linkedAppData", ACCEPTED, link, datum=datum) == "PERMIT"
    assert verdict(FIRST, "linkedAppData", ACCEPTED, link, unlink, datum=datum) == "NOT_LINKED"


def test_c9_data_from_a_third_party_needs_a_consent_of_its_own() -> None:
    consent = event("THIRD_PARTY_CONSENT", key="GYM_CHAIN")
    assert verdict(FIRST, "weight", ACCEPTED, datum=THIRD_PARTY) == "THIRD_PARTY_SOURCE_CONSENT_MISSING"
    assert verdict(FIRST, "weight", ACCEPTED, consent, datum=THIRD_PARTY) == "PERMIT"


def test_c10_a_datum_of_unknown_source_is_never_released() -> None:
    datum = {"source": "UNCLASSIFIED"}
    assert verdict(FIRST, "weight", ACCEPTED, datum=datum) == "UNCLASSIFIED"
    assert verdict({"recipient": "SELF"}, "weight", ACCEPTED, datum=datum) == "UNCLASSIFIED"


def test_d3_third_parties_receive_nothing_that_came_from_a_third_party() -> None:
    consent = event("THIRD_PARTY_CONSENT", key="GYM_CHAIN")
    assert verdict(PARTNER, "weight", ACCEPTED, consent) == "PERMIT"
    assert verdict(PARTNER, "weight", ACCEPTED, consent, datum=THIRD_PARTY) == "THIRD_PARTY_SOURCED"


def test_d9_q6_a_stop_of_third_party_provision_reaches_every_third_party_and_no_one_else() -> None:
    stop = event("RESTRICTION", target="THIRD_PARTY_PROVISION")
    assert verdict(PARTNER, "sex", ACCEPTED, stop) == "THIRD_PARTY_PROVISION_STOPPED"
    assert verdict(FIRST, "sex", ACCEPTED, stop) == "PERMIT"


def test_q5_a_stop_of_processing_withholds_everything_from_everybody_else() -> None:
    stop = event("RESTRICTION", target="PROCESSING")
    for lens in (FIRST, PARTNER):
        assert verdict(lens, "sex", ACCEPTED, stop) == "PROCESSING_RESTRICTED"
    assert verdict({"recipient": "SELF"}, "sex", ACCEPTED, stop) == "PERMIT"


@pytest.mark.parametrize("kind", ["WITHDRAWAL", "OBJECTION", "REFUSAL"])
def test_q9_a_withdrawal_or_objection_acts_from_its_own_instant(kind: str) -> None:
    assert verdict(FIRST, "sex", ACCEPTED, event(kind, NOW)) == "NO_ACCEPTANCE"
    assert verdict(FIRST, "sex", ACCEPTED, event(kind, "2026-04-01T09:00:00.000001+09:00")) == "PERMIT"


def test_q9_the_request_itself_can_still_be_handled() -> None:
    desk = {"recipient": "FIRST_PARTY", "purpose": "INQUIRY_RESPONSE", "handling": True}
    assert verdict(desk, "supportCase", ACCEPTED, event("WITHDRAWAL", NOW)) == "PERMIT"
    assert verdict(desk, "birthDate", ACCEPTED, event("WITHDRAWAL", NOW)) == "NO_ACCEPTANCE"


def test_v2_consent_under_the_old_terms_is_no_acceptance_of_this_version() -> None:
    assert verdict(FIRST, "sex", event("ACCEPTANCE", version="terms-2021")) == "VERSION_NOT_ACCEPTED"


def test_v4_nothing_is_carried_over_to_a_later_version() -> None:
    narrow = {"id": "2022-09", "effective_from": "2022-09-01T00:00:00+09:00", "without": {"categories": ["ATTRIBUTE"]}}
    later = {"id": "2026-01", "effective_from": BEFORE}
    case = {"at": NOW, "versions": [narrow, later], "request": {**FIRST, "item": "sex"}, "subject": ADULT}
    assert JUDGE.answer({**case, "events": [ACCEPTED]})["reason"] == "VERSION_NOT_ACCEPTED"
    renewed = event("ACCEPTANCE", "2026-02-01T00:00:00+09:00", version="2026-01")
    assert JUDGE.answer({**case, "events": [ACCEPTED, renewed]})["verdict"] == "PERMIT"
