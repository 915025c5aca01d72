"""Records, folded: every rule of S3, one sentence each."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from hand_written_cases import ACCEPTED, ADULT, LATE, NOON, NOW, SOON, V1, V2, case, event
from judged import JUDGE, judged, standing
from sekisho.consent.fold import Segment, timeline
from sekisho.consent.state import Evidence, Standing
from sekisho.vocabulary import AccountState, AgeStatus, EventKind

LINK = event("l", "LINK", SOON, key="GOOGLE_FIT")
WITHDRAWN = event("w", "WITHDRAWAL", NOON)
SCOPED = event("w", "WITHDRAWAL", NOON, scope={"purposes": ["SALES"]})
STOPPED = event("r", "RESTRICTION", NOON, target="THIRD_PARTY_PROVISION")
RESTRICTED = event("r", "RESTRICTION", NOON, target="PROCESSING")
BEFORE_NOON, AFTER_NOON = "2024-06-01T11:59:59.999999+09:00", "2024-06-01T12:00:00.000001+09:00"


def accepted(*events: dict[str, Any], **more: Any) -> str | None:
    acceptance = standing(case(*events, **more)).state.acceptance
    return acceptance.version if acceptance else None


def linked(*events: dict[str, Any], **more: Any) -> set[str]:
    return set(standing(case(*events, **more)).state.linked)


def denies(*events: dict[str, Any], **more: Any) -> int:
    return len(standing(case(*events, **more)).state.denies)


def account(*events: dict[str, Any], **more: Any) -> AccountState:
    return standing(case(*events, **more)).account_state


def test_a_record_is_in_force_from_its_first_instant_until_before_its_last() -> None:
    """S3.1."""
    bounded = ACCEPTED | {"recorded_at": NOON, "event_time": NOON, "until": LATE}
    assert accepted(bounded, at=BEFORE_NOON) is None
    assert accepted(bounded, at=NOON) == accepted(bounded, at="2024-06-01T13:59:59.999999+09:00") == "v1"
    assert accepted(bounded, at=LATE) is None


@pytest.mark.parametrize(("happened", "recorded"), [(SOON, NOON), (NOON, SOON)])
def test_a_grant_acts_from_the_later_of_its_time_and_its_recording(happened: str, recorded: str) -> None:
    """S3.13."""
    grant = ACCEPTED | {"event_time": happened, "recorded_at": recorded}
    assert accepted(grant, at=BEFORE_NOON) is None
    assert accepted(grant, at=NOON) == "v1"


def test_an_ending_acts_when_recorded_whatever_the_clock_of_the_client() -> None:
    """S3.13."""
    for claimed in (SOON, LATE, "1970-01-01T00:00:00Z"):
        ending = WITHDRAWN | {"event_time": claimed}
        assert accepted(ACCEPTED, ending, at=BEFORE_NOON) == "v1"
        assert accepted(ACCEPTED, ending, at=NOON) is None


def test_at_equal_instants_an_ending_wins() -> None:
    """S3.13."""
    at_noon = ACCEPTED | {"event_time": NOON, "recorded_at": NOON}
    assert accepted(at_noon, WITHDRAWN, at=NOON) is None
    assert accepted(at_noon, WITHDRAWN, at=NOW) is None


def test_a_late_synced_acceptance_does_not_undo_a_withdrawal() -> None:
    """S3.13: its time must be after the time of the ending."""
    late = event("b", "ACCEPTANCE", NOON, version="v1") | {"recorded_at": LATE}
    assert accepted(late, WITHDRAWN) is None
    assert accepted(late | {"event_time": AFTER_NOON}, WITHDRAWN) == "v1"
    assert accepted(late, WITHDRAWN | {"event_time": BEFORE_NOON}) == "v1"


def test_an_ending_also_ends_a_grant_recorded_and_not_yet_in_force() -> None:
    """S3.13."""
    ahead = ACCEPTED | {"event_time": LATE}
    assert accepted(ahead, at=LATE) == "v1"
    assert accepted(ahead, WITHDRAWN, at=LATE) is None
    assert accepted(ahead | {"recorded_at": AFTER_NOON}, WITHDRAWN, at=LATE) == "v1"


def test_an_acceptance_ends_the_earlier_one_for_ever() -> None:
    """S3.4, S3.9: expiry revives nothing older."""
    versions = [V1, V2 | {"effective_from": V1["effective_from"], "id": "v0"}]
    second = event("b", "ACCEPTANCE", NOON, version="v0", until=LATE)
    assert accepted(ACCEPTED, second, versions=versions, at=BEFORE_NOON) == "v1"
    assert accepted(ACCEPTED, second, versions=versions, at=NOON) == "v0"
    assert accepted(ACCEPTED, second, versions=versions, at=LATE) is None
    expired = second | {"until": SOON}
    assert accepted(ACCEPTED, expired, versions=versions, at=NOON) is None


def test_an_acceptance_that_never_acts_ends_nothing() -> None:
    """S3.4, S3.13: it is dated no later than an unlink, refusal or withdrawal that was recorded before it."""
    early = event("w", "WITHDRAWAL", SOON) | {"event_time": LATE}
    first = ACCEPTED | {"event_time": AFTER_NOON, "recorded_at": AFTER_NOON}
    assert accepted(first, early, at=NOW) is None
    link, unlink = LINK | {"event_time": LATE, "recorded_at": LATE}, event("u", "UNLINK", NOON, key="GOOGLE_FIT")
    never = event("m", "LINK", SOON, key="GOOGLE_FIT") | {"recorded_at": NOW, "until": NOW}
    assert linked(link, unlink, never, at=NOW) == {"GOOGLE_FIT"}


def test_an_acceptance_acts_no_earlier_than_its_version_and_the_earlier_one_stands_until_then() -> None:
    """S3.10."""
    events, versions = (ACCEPTED, event("b", "ACCEPTANCE", NOON, version="v2")), [V1, V2]
    assert accepted(*events, versions=versions, at="2024-12-31T23:59:59.999999+09:00") == "v1"
    assert accepted(*events, versions=versions, at="2025-01-01T00:00:00+09:00") == "v2"


def test_only_an_acceptance_waits_for_a_version() -> None:
    """S3.10."""
    assert linked(LINK | {"version": "v2"}, versions=[V1, V2], at=NOW) == {"GOOGLE_FIT"}


@pytest.mark.parametrize("kind", ["REFUSAL", "WITHDRAWAL", "OBJECTION"])
def test_a_whole_ending_ends_all_but_the_attestation_and_acceptance_alone_comes_back(kind: str) -> None:
    """S3.5."""
    grants = (
        ACCEPTED,
        LINK,
        event("t", "THIRD_PARTY_CONSENT", SOON, key="CLINIC"),
        event("p", "PARTICIPATION", SOON, key="SURVEY:a"),
        event("s", "ADULT_ATTESTATION", SOON),
    )
    before = standing(case(*grants, event("w", kind, NOON), subject={}, at=BEFORE_NOON))
    after = standing(case(*grants, event("w", kind, NOON), event("b", "ACCEPTANCE", LATE, version="v1"), subject={}))
    assert (before.state.linked, before.state.third_party_sources) == ({"GOOGLE_FIT"}, {"CLINIC"})
    assert before.participations == {"SURVEY:a"}
    assert after.state.acceptance
    assert not after.state.linked | after.state.third_party_sources | after.participations
    assert before.state.age is after.state.age is AgeStatus.ADULT


def test_a_refusal_is_always_whole() -> None:
    """S3.5: whatever a scope on it says."""
    assert accepted(ACCEPTED, event("w", "REFUSAL", NOON, scope={"purposes": ["SALES"]})) is None


def test_a_scoped_withdrawal_never_ends_acceptance() -> None:
    """S3.6."""
    assert accepted(ACCEPTED, SCOPED) == "v1"
    assert linked(LINK, SCOPED) == {"GOOGLE_FIT"}
    assert denies(ACCEPTED, SCOPED) == 1


@pytest.mark.parametrize("kind", ["LIFT", "WITHDRAWAL", "OBJECTION", "RESTRICTION"])
def test_only_an_event_that_names_it_ends_a_deny(kind: str) -> None:
    """S3.6."""
    more: dict[str, Any] = {"target": "PROCESSING"} if kind == "RESTRICTION" else {}
    if kind in ("WITHDRAWAL", "OBJECTION"):
        more = {"scope": {"purposes": ["PLANNING"]}}
    named = event("z", kind, LATE, ends=["w"], **more)
    deny = {(each.kind, tuple(each.scope.to_json()["purposes"])) for each in standing(case(SCOPED, named)).state.denies}
    assert (EventKind.WITHDRAWAL, ("SALES",)) not in deny
    assert denies(SCOPED, named | {"ends": ["v"]}) >= 1
    assert denies(SCOPED, named, at="2024-06-01T13:59:59.999999+09:00") == 1


@pytest.mark.parametrize("kind", ["ACCEPTANCE", "LINK", "ADULT_ATTESTATION", "REFUSAL", "UNLINK"])
def test_acceptance_relink_and_time_lift_nothing(kind: str) -> None:
    """S3.6: also where they name it."""
    named = event("z", kind, LATE, ends=["w"], version="v1", key="GOOGLE_FIT")
    assert denies(SCOPED | {"until": LATE}, named, at="2099-01-01T00:00:00Z") == 1


def test_an_ending_lifts_only_what_was_opened_strictly_earlier() -> None:
    """S3.6."""
    assert denies(SCOPED, event("z", "LIFT", NOON, ends=["w"])) == 1
    assert denies(SCOPED, event("z", "LIFT", SOON, ends=["w"])) == 1
    assert denies(SCOPED, event("z", "LIFT", NOON, ends=["w"]) | {"recorded_at": AFTER_NOON}) == 0
    assert denies(SCOPED | {"ends": ["w"]}) == 1


def test_lifting_in_part_opens_a_narrower_one() -> None:
    """S3.6."""
    wide = SCOPED | {"scope": {"purposes": ["OTHER_BUSINESS_ACTIVITY"]}}
    narrower = event("x", "WITHDRAWAL", LATE, scope={"purposes": ["SALES"]}, ends=["w"])
    held = standing(case(ACCEPTED, wide, narrower))
    assert [deny.scope.to_json() for deny in held.state.denies] == [{"purposes": ["SALES"]}]
    assert held.evidence.denies == ("x",)


def test_only_denies_and_restrictions_are_ended_by_id() -> None:
    """S3.6."""
    assert accepted(ACCEPTED, event("z", "LIFT", LATE, ends=["a"])) == "v1"
    assert linked(LINK, event("z", "LIFT", LATE, ends=["l"])) == {"GOOGLE_FIT"}
    assert accepted(ACCEPTED, WITHDRAWN, event("z", "LIFT", LATE, ends=["w"])) is None


def test_where_scopes_end_use_a_scoped_one_counts_as_whole_and_opens_no_deny() -> None:
    """S3.7: judged when the event acts."""
    strict = V1 | {"partial_withdrawal": "ends_use"}
    for kind in ("WITHDRAWAL", "OBJECTION"):
        scoped = SCOPED | {"kind": kind}
        assert accepted(ACCEPTED, scoped, versions=[strict]) is None
        assert denies(ACCEPTED, scoped, versions=[strict]) == 0
        later = strict | {"id": "v2", "effective_from": AFTER_NOON}
        assert accepted(ACCEPTED, scoped, versions=[V1, later]) == "v1"
        assert accepted(ACCEPTED, scoped, versions=[V1, later | {"effective_from": NOON}]) is None
        assert accepted(ACCEPTED, scoped, versions=[V1 | {"revoked": True}]) is None


def test_a_restriction_ends_only_when_lifted_by_id() -> None:
    """S3.8."""
    again = event("b", "ACCEPTANCE", LATE, version="v1")
    assert standing(case(ACCEPTED, STOPPED, again)).state.third_party_stopped
    assert not standing(case(ACCEPTED, STOPPED, at=BEFORE_NOON)).state.third_party_stopped
    lifted = standing(case(ACCEPTED, STOPPED, event("z", "LIFT", LATE, ends=["r"])))
    assert not lifted.state.third_party_stopped
    assert standing(case(RESTRICTED)).state.processing_restricted
    assert not standing(case(STOPPED)).state.processing_restricted
    assert not standing(case(RESTRICTED)).state.third_party_stopped


def test_a_restriction_is_no_deny_even_with_a_scope() -> None:
    """S3.8: the request that the person made decides the consequence."""
    assert denies(ACCEPTED, STOPPED | {"scope": {"purposes": ["SALES"]}}) == 0


def test_a_link_is_ended_by_its_own_key_and_a_relink_restores_it() -> None:
    """S3.11."""
    other = event("m", "LINK", SOON, key="APPLE_HEALTH")
    unlink = event("u", "UNLINK", NOON, key="GOOGLE_FIT")
    assert linked(LINK, other, unlink, at=BEFORE_NOON) == {"GOOGLE_FIT", "APPLE_HEALTH"}
    assert linked(LINK, other, unlink) == {"APPLE_HEALTH"}
    assert linked(LINK, other, unlink, event("n", "LINK", LATE, key="GOOGLE_FIT")) == {"GOOGLE_FIT", "APPLE_HEALTH"}
    for another in ("PARTICIPATION_END", "THIRD_PARTY_CONSENT_WITHDRAWAL"):
        assert linked(LINK, event("u", another, NOON, key="GOOGLE_FIT")) == {"GOOGLE_FIT"}


def test_third_party_consents_and_participations_end_by_their_own_endings() -> None:
    """S3.5, S3.11."""
    consent = event("t", "THIRD_PARTY_CONSENT", SOON, key="CLINIC")
    ended = event("u", "THIRD_PARTY_CONSENT_WITHDRAWAL", NOON, key="CLINIC")
    assert standing(case(consent)).state.third_party_sources == {"CLINIC"}
    assert standing(case(consent, ended)).state.third_party_sources == set()
    joined, left = (event(id_, kind, at, key="SURVEY:a") for id_, kind, at in
                    (("p", "PARTICIPATION", SOON), ("q", "PARTICIPATION_END", NOON)))  # fmt: skip
    assert standing(case(joined)).participations == {"SURVEY:a"}
    assert standing(case(joined, left)).participations == set()


def test_a_new_grant_of_the_same_key_ends_the_earlier_and_at_one_instant_the_greater_id_stays() -> None:
    """S3.11."""
    for kind in ("LINK", "THIRD_PARTY_CONSENT", "PARTICIPATION"):
        long, short = event("a", kind, SOON, key="k"), event("b", kind, SOON, key="k", until=NOON)
        held = standing(case(long, short))
        assert not held.state.linked | held.state.third_party_sources | held.participations
        held = standing(case(long | {"id": "c"}, short))
        assert held.state.linked | held.state.third_party_sources | held.participations == {"k"}
        assert held.evidence.grants == ("c",)


def test_an_attestation_does_not_replace_another() -> None:
    """S3.5: expiry of the second leaves the first."""
    attested = (event("s", "ADULT_ATTESTATION", SOON), event("t", "ADULT_ATTESTATION", NOON, until=LATE))
    assert standing(case(*attested, subject={})).state.age is AgeStatus.ADULT


def test_an_account_is_closed_from_that_instant_on() -> None:
    """S2.3."""
    for at, closed in ((BEFORE_NOON, False), (NOON, True), (NOW, True)):
        held = standing(case(ACCEPTED, subject=ADULT | {"closed_at": NOON}, at=at))
        assert held.state.closed is closed
        assert held.account_state is (AccountState.CLOSED if closed else AccountState.ACTIVE)


def test_the_life_of_an_account() -> None:
    """S2: suspended while restricted, ended by a whole ending, and back by accepting again."""
    again = event("b", "ACCEPTANCE", LATE, version="v1")
    assert account() is account(LINK) is AccountState.REGISTERED
    assert account(ACCEPTED) is account(ACCEPTED, SCOPED) is AccountState.ACTIVE
    assert account(ACCEPTED, STOPPED) is account(ACCEPTED, RESTRICTED) is AccountState.SUSPENDED
    assert account(ACCEPTED, WITHDRAWN) is AccountState.ENDED
    assert account(ACCEPTED, WITHDRAWN, at=BEFORE_NOON) is AccountState.ACTIVE
    assert account(ACCEPTED, WITHDRAWN, again) is AccountState.ACTIVE
    assert account(ACCEPTED | {"until": NOON}) is AccountState.REGISTERED
    assert account(ACCEPTED | {"until": NOON}, event("w", "REFUSAL", LATE), at=NOON) is AccountState.REGISTERED


def test_evidence_names_the_records_behind_a_state() -> None:
    """S4."""
    held = standing(case(ACCEPTED, LINK, SCOPED, STOPPED, event("k", "LINK", SOON, key="APPLE_HEALTH")))
    assert held.evidence == Evidence("a", ("w",), ("r",), ("k", "l"))
    assert standing(case()).evidence == Evidence()
    linked_first = standing(case(LINK, ACCEPTED | {"recorded_at": NOON}))
    assert linked_first.evidence == Evidence("a", grants=("l",))
    assert standing(case(LINK)).evidence == Evidence(grants=("l",))


def test_one_record_stored_twice_in_two_time_zones_is_one_record() -> None:
    """S3.2, S3.13."""
    elsewhere = ACCEPTED | {"recorded_at": "2024-06-01T01:00:00Z", "event_time": "2024-06-01T01:00:00+00:00"}
    assert accepted(ACCEPTED, elsewhere) == "v1"


@pytest.mark.parametrize(
    "change",
    [{"version": "v2"}, {"until": NOW}, {"event_time": NOON}, {"recorded_at": NOON}, {"key": "k"}, {"ends": ["x"]},
     {"scope": {}}, {"kind": "REFUSAL"}, {"target": "PROCESSING"}],
)  # fmt: skip
def test_one_id_with_two_contents_is_an_error_whichever_part_differs(change: dict[str, Any]) -> None:
    """S3.13."""
    assert judged(case(ACCEPTED, ACCEPTED | change, purpose="RESEARCH_ACADEMIC")) == "ERROR"
    assert standing(case(ACCEPTED, ACCEPTED | change, at="1999-01-01T00:00:00Z")).state.error


def test_a_timeline_covers_all_of_time_in_the_fewest_stretches() -> None:
    """S4: today's state, then adulthood, then expiries."""
    told = case(ACCEPTED | {"until": LATE}, event("z", "LIFT", NOON, ends=["nothing"]), subject={
        "birth_date": "2006-07-01", "birth_precision": "DAY", "closed_at": "2024-08-01T00:00:00+09:00"})  # fmt: skip
    read = JUDGE.read(told)
    line = timeline(read.events, read.facts, read.rules.policies)
    cuts = [
        None,
        *map(datetime.fromisoformat, (SOON, LATE, "2024-07-01T00:00:00+09:00", "2024-08-01T00:00:00+09:00")),
        None,
    ]
    assert [(each.valid_from, each.valid_until) for each in line] == list(pairwise(cuts))
    states = [each.standing.account_state for each in line]
    assert states == [
        AccountState.REGISTERED,
        AccountState.ACTIVE,
        *(AccountState.REGISTERED,) * 2,
        AccountState.CLOSED,
    ]


def test_the_timeline_of_somebody_who_said_nothing_is_one_stretch() -> None:
    """S4."""
    read = JUDGE.read(case(subject={}))
    assert timeline((), read.facts, read.rules.policies) == (Segment(None, None, Standing(read.standing.state)),)


def test_a_deny_acts_at_once_and_to_the_microsecond() -> None:
    """S3.13."""
    noon = datetime.fromisoformat(NOON)
    asked: dict[str, Any] = {"purpose": "SALES", "item": "sex"}
    assert judged(case(ACCEPTED, SCOPED, at=(noon - timedelta(microseconds=1)).isoformat(), **asked)) == "FULL"
    assert judged(case(ACCEPTED, SCOPED, at=NOON, **asked)) == "WITHDRAWN"
