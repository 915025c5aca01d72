"""What a person's records amount to, worked out by hand from the prose, the second voice must say too."""

from datetime import datetime, timedelta

import pytest

from hand_written_cases import (
    ACCEPTED,
    FULL,
    LATE,
    NOON,
    NOW,
    RESEARCH,
    SOON,
    V1,
    V2,
    Case,
    accepted,
    case,
    denied,
    event,
    research,
)
from reference_model import present, state, verdict
from reference_tables import D1, D3, R1, R5, R9, SELF


def test_without_a_record_all_is_denied() -> None:
    assert research() == denied("NO_ACCEPTANCE")
    assert not present(case(**RESEARCH))


def test_a_case_passes_everything_personal_but_closure_and_only_for_its_items() -> None:
    child = {"birth_date": "2015-01-01", "birth_precision": "DAY"}
    order: Case = {"recipient": R9, "disclosure": D3, "case_items": ["sex"], "subject": child}
    assert verdict(case(**order)) == FULL
    assert verdict(case(item="email", **order)) == denied("NOT_NEEDED")
    assert verdict(case(**order | {"subject": child | {"closed_at": NOW}})) == denied("CLOSED")
    assert verdict(case(datum={"source": "THIRD_PARTY", "name": "x"}, **order)) == denied("THIRD_PARTY_SOURCED")


def test_handling_a_request_reaches_account_and_support_without_acceptance() -> None:
    asked: Case = {"purpose": "INQUIRY_RESPONSE", "handling": True}
    assert verdict(case(item="loginId", **asked)) == verdict(case(item="supportCase", **asked)) == FULL
    assert verdict(case(item="birthDate", **asked)) == denied("NO_ACCEPTANCE")
    assert verdict(case(item="idToken", **asked)) == denied("NOT_NEEDED")


def test_a_withdrawal_ends_acceptance_and_at_one_instant_it_wins() -> None:
    assert accepted(ACCEPTED, event("w", "WITHDRAWAL", NOON)) is None
    assert accepted(ACCEPTED, event("w", "WITHDRAWAL", SOON)) is None
    assert accepted(event("w", "WITHDRAWAL", SOON), event("a", "ACCEPTANCE", NOON, version="v1")) == "v1"


def test_a_late_synced_acceptance_does_not_undo_a_withdrawal() -> None:
    late = event("b", "ACCEPTANCE", SOON, version="v1") | {"recorded_at": LATE}
    assert accepted(late, event("w", "WITHDRAWAL", NOON)) is None
    assert accepted(late | {"event_time": LATE}, event("w", "WITHDRAWAL", NOON)) == "v1"


def test_a_grant_dated_in_the_future_waits_and_a_withdrawal_in_between_ends_it() -> None:
    early = event("b", "ACCEPTANCE", SOON, version="v1") | {"event_time": LATE}
    assert accepted(early, at=NOON) is None
    assert accepted(early, at=LATE) == "v1"
    assert accepted(early, event("w", "WITHDRAWAL", NOON), at=LATE) is None


def test_a_period_contains_its_start_and_not_its_end() -> None:
    bounded = ACCEPTED | {"until": NOON}
    assert accepted(bounded, at=SOON) == "v1"
    assert accepted(bounded, at="2024-06-01T11:59:59.999999+09:00") == "v1"
    assert accepted(bounded, at=NOON) is None


def test_an_expired_acceptance_revives_nothing_older() -> None:
    assert accepted(ACCEPTED, event("b", "ACCEPTANCE", NOON, version="v1", until=LATE)) is None


def test_an_acceptance_acts_when_its_version_is_effective_and_the_earlier_one_stands_until_then() -> None:
    events, versions = (ACCEPTED, event("b", "ACCEPTANCE", NOON, version="v2")), [V1, V2]
    assert accepted(*events, versions=versions, at=NOW) == "v1"
    assert accepted(*events, versions=versions, at="2024-12-31T15:00:00+00:00") == "v2"


def test_a_scoped_withdrawal_narrows_and_only_its_id_lifts_it() -> None:
    scoped = event("w", "WITHDRAWAL", NOON, scope={"purposes": ["RESEARCH_ACADEMIC"]})
    again = event("b", "ACCEPTANCE", LATE, version="v1")
    assert research(ACCEPTED, scoped, again) == denied("WITHDRAWN")
    assert verdict(case(ACCEPTED, scoped, purpose="PAPER_PUBLICATION")) == denied("WITHDRAWN")
    assert verdict(case(ACCEPTED, scoped, purpose="PRODUCT_DEVELOPMENT")) == FULL
    assert research(ACCEPTED, scoped, event("l", "LIFT", LATE, ends=["w"])) == FULL
    assert research(ACCEPTED, scoped, event("l", "LIFT", LATE, ends=["x"])) == denied("WITHDRAWN")
    assert research(ACCEPTED, scoped, event("l", "LIFT", NOON, ends=["w"])) == denied("WITHDRAWN")
    assert research(ACCEPTED, scoped, again | {"ends": ["w"]}) == denied("WITHDRAWN")


def test_a_deny_of_the_child_leaves_the_parent() -> None:
    assert research(ACCEPTED, event("w", "WITHDRAWAL", NOON, scope={"purposes": ["PAPER_PUBLICATION"]})) == FULL


def test_an_objection_says_so_and_a_withdrawal_is_named_first() -> None:
    objected = event("o", "OBJECTION", NOON, scope={"categories": ["ATTRIBUTE"]})
    assert research(ACCEPTED, objected) == denied("OBJECTED")
    withdrawn = event("w", "WITHDRAWAL", LATE, scope={"recipients": [R1]})
    assert research(ACCEPTED, objected, withdrawn) == denied("WITHDRAWN")


def test_empty_scopes_cover_nothing() -> None:
    empty: tuple[dict[str, list[str]], ...] = (
        {},
        {"categories": []},
        {"purposes": []},
        {"recipients": [R1], "categories": []},
    )
    for scope in empty:
        assert research(ACCEPTED, event("w", "WITHDRAWAL", NOON, scope=scope)) == FULL
        assert research(ACCEPTED | {"scope": scope}) == denied("NO_ACCEPTANCE")


def test_under_d1_a_permit_needs_both_purposes_and_a_deny_either() -> None:
    asked = {"recipient": R5, "disclosure": "DATA_STORAGE"}
    for purposes in (["RESEARCH_ACADEMIC"], [D1]):
        assert research(ACCEPTED | {"scope": {"purposes": purposes}}, **asked) == denied("NO_ACCEPTANCE")
        deny = event("w", "WITHDRAWAL", NOON, scope={"purposes": purposes})
        assert research(ACCEPTED, deny, **asked) == denied("WITHDRAWN")
    assert research(ACCEPTED | {"scope": {"purposes": [D1, "RESEARCH_ACADEMIC"]}}, **asked) == FULL


def test_the_activity_served_counts_for_denies() -> None:
    deny = event("w", "WITHDRAWAL", NOON, scope={"purposes": ["SALES"]})
    assert verdict(case(ACCEPTED, deny, purpose="INCIDENTAL", serves="SALES")) == denied("WITHDRAWN")
    assert verdict(case(ACCEPTED, deny, purpose="INCIDENTAL", serves="PLANNING")) == FULL


def test_where_scopes_end_use_a_scoped_withdrawal_is_whole_judged_when_recorded() -> None:
    scoped = event("w", "WITHDRAWAL", NOON, scope={"purposes": ["SALES"]})
    strict = V1 | {"partial_withdrawal": "ends_use"}
    assert research(ACCEPTED, scoped, versions=[strict]) == denied("NO_ACCEPTANCE")
    assert state(case(ACCEPTED, scoped, versions=[strict]))["denies"] == []
    after = V1 | {"id": "v2", "effective_from": LATE, "partial_withdrawal": "ends_use"}
    assert research(ACCEPTED, scoped, versions=[V1, after]) == FULL


def test_restrictions_end_by_id_and_a_stop_of_provision_spares_the_first_party() -> None:
    stop = event("r", "RESTRICTION", NOON, target="THIRD_PARTY_PROVISION")
    asked = {"recipient": R5, "disclosure": D1}
    assert research(ACCEPTED, stop) == FULL
    assert research(ACCEPTED, stop, **asked) == denied("THIRD_PARTY_PROVISION_STOPPED")
    halt = event("p", "RESTRICTION", LATE, target="PROCESSING", ends=["r"])
    assert research(ACCEPTED, stop, halt, **asked) == denied("PROCESSING_RESTRICTED")
    assert not state(case(ACCEPTED, stop, halt))["third_party_stopped"]


def test_a_whole_ending_takes_links_and_participation_and_acceptance_alone_comes_back() -> None:
    given_keys = (
        event("l", "LINK", SOON, key="GOOGLE_FIT"),
        event("t", "THIRD_PARTY_CONSENT", SOON, key="CLINIC"),
        event("p", "PARTICIPATION", SOON, key="SURVEY:a"),
        event("s", "ADULT_ATTESTATION", SOON),
    )
    again = event("z", "ACCEPTANCE", LATE, version="v1")
    for kind in ("REFUSAL", "WITHDRAWAL", "OBJECTION"):
        now = state(case(ACCEPTED, *given_keys, event("w", kind, NOON), again, subject={}))
        assert now["acceptance"] == "v1"
        assert now["linked"] == now["third_party_sources"] == now["participations"] == []
        assert now["age"] == "ADULT"


def test_sources_are_asked_of_stored_data() -> None:
    link = event("l", "LINK", SOON, key="GOOGLE_FIT")
    linked = {"item": "measurement", "datum": {"source": "LINKED_APP", "name": "GOOGLE_FIT"}}
    assert research(ACCEPTED, **linked) == denied("NOT_LINKED")
    assert research(ACCEPTED, link, **linked) == FULL
    gone = event("u", "UNLINK", NOON, key="GOOGLE_FIT")
    assert research(ACCEPTED, link, gone, **linked) == denied("NOT_LINKED")
    assert research(ACCEPTED, link, gone, event("m", "LINK", LATE, key="GOOGLE_FIT"), **linked) == FULL
    foreign = {"datum": {"source": "THIRD_PARTY", "name": "CLINIC"}}
    assert research(ACCEPTED, **foreign) == denied("THIRD_PARTY_SOURCE_CONSENT_MISSING")
    assert research(ACCEPTED, event("t", "THIRD_PARTY_CONSENT", SOON, key="CLINIC"), **foreign) == FULL


def test_new_data_needs_its_activity_and_a_study_its_participants() -> None:
    joined = event("p", "PARTICIPATION", SOON, key="SURVEY:a")
    answer = {"item": "surveyAnswer", "datum": {"source": "SUBJECT", "activity": "SURVEY:a"}}
    assert research(ACCEPTED, **answer) == denied("NO_PARTICIPATION")
    assert research(ACCEPTED, joined, **answer) == FULL
    assert research(ACCEPTED, joined, item="surveyAnswer", datum={"source": "SUBJECT"}) == denied("NO_PARTICIPATION")
    execution = {"purpose": "CLINICAL_RESEARCH_EXECUTION", "study": "CLINICAL_RESEARCH:b"}
    assert verdict(case(ACCEPTED, joined, **execution)) == denied("NO_PARTICIPATION")
    assert not present(case(ACCEPTED, joined, **execution))
    assert present(case(ACCEPTED, event("q", "PARTICIPATION", SOON, key="CLINICAL_RESEARCH:b"), **execution))


def test_one_id_with_two_contents_denies_even_the_person_and_a_duplicate_changes_nothing() -> None:
    assert verdict(case(ACCEPTED, ACCEPTED | {"version": "v9"}, recipient=SELF)) == denied("ERROR")
    assert research(ACCEPTED, dict(ACCEPTED)) == FULL
    elsewhere = ACCEPTED | {"recorded_at": "2024-06-01T01:00:00Z", "event_time": "2024-06-01T01:00:00+00:00"}
    assert research(ACCEPTED, elsewhere) == FULL


@pytest.mark.parametrize(
    ("born", "precision", "adult_from"),
    [
        ("2006-06-30", "DAY", "2024-06-30T00:00:00+09:00"),
        ("2008-02-29", "DAY", "2026-03-01T00:00:00+09:00"),
        ("2008-02-01", "MONTH", "2026-03-01T00:00:00+09:00"),
        ("2005-02-01", "MONTH", "2023-02-28T00:00:00+09:00"),
        ("2006-12-01", "MONTH", "2024-12-31T00:00:00+09:00"),
        ("2006-01-01", "YEAR", "2024-12-31T00:00:00+09:00"),
    ],
)
def test_adulthood_begins_at_midnight_in_tokyo_of_the_latest_possible_birthday(
    born: str, precision: str, adult_from: str
) -> None:
    subject = {"birth_date": born, "birth_precision": precision}
    just_before = (datetime.fromisoformat(adult_from) - timedelta(microseconds=1)).isoformat()
    assert state(case(subject=subject, at=adult_from))["age"] == "ADULT"
    assert state(case(subject=subject, at=just_before))["age"] == "MINOR"


def test_a_birth_date_beats_an_attestation() -> None:
    attested = event("s", "ADULT_ATTESTATION", SOON)
    assert state(case(attested, subject={}))["age"] == "ADULT"
    assert state(case(subject={}))["age"] == "AGE_UNVERIFIED"
    assert state(case(attested, subject={"birth_date": "2015-01-01", "birth_precision": "DAY"}))["age"] == "MINOR"


def test_a_new_link_replaces_the_earlier_and_at_one_instant_the_greater_id_stays() -> None:
    short = event("b", "LINK", SOON, key="GOOGLE_FIT", until=NOON)
    long = event("a", "LINK", SOON, key="GOOGLE_FIT")
    assert state(case(short, long))["linked"] == []
    assert state(case(short | {"id": "a"}, long | {"id": "b"}))["linked"] == ["GOOGLE_FIT"]
