"""What may be put on record at all (S3.4, S3.6)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sekisho.consent.records import ConsentEvent, Scope
from sekisho.consent.writing import KEYED, ConsentRefused, check_new_event
from sekisho.vocabulary import DataCategory, EventKind, RestrictionTarget

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER, EARLIER = NOON + timedelta(hours=1), NOON - timedelta(hours=1)
SCOPE = Scope(frozenset({DataCategory.ACCOUNT}))
NOTHING = Scope(frozenset())


def an_event(kind: EventKind, **more: object) -> ConsentEvent:
    """The plainest event of this kind that may be recorded."""
    told: dict[str, object] = {}
    if kind is EventKind.ACCEPTANCE:
        told["version"] = "2022-09"
    if kind is EventKind.RESTRICTION:
        told["target"] = RestrictionTarget.PROCESSING
    if kind is EventKind.LIFT:
        told["ends"] = ("w",)
    if kind in KEYED:
        told["key"] = "GOOGLE_FIT"
    return ConsentEvent(**{"id": "n", "kind": kind, "event_time": NOON, "recorded_at": NOON, **told, **more})  # type: ignore[arg-type]


WITHDRAWN = replace(an_event(EventKind.WITHDRAWAL), id="w", recorded_at=EARLIER, scope=SCOPE)
HISTORY = (
    WITHDRAWN,
    replace(WITHDRAWN, id="o", kind=EventKind.OBJECTION),
    replace(an_event(EventKind.RESTRICTION), id="r", recorded_at=EARLIER),
    replace(an_event(EventKind.ACCEPTANCE), id="a", recorded_at=EARLIER),
    replace(an_event(EventKind.LIFT), id="l", recorded_at=EARLIER),
    replace(WITHDRAWN, id="now", recorded_at=NOON),
)


def refused(event: ConsentEvent, why: str) -> None:
    with pytest.raises(ConsentRefused, match=why):
        check_new_event(event, HISTORY)


@pytest.mark.parametrize("kind", EventKind)
def test_the_plainest_event_of_every_kind_is_recorded(kind: EventKind) -> None:
    check_new_event(an_event(kind), HISTORY)


@pytest.mark.parametrize("kind", EventKind)
def test_only_withdrawal_and_objection_may_be_scoped(kind: EventKind) -> None:
    """S3.4: a scoped acceptance is refused, too."""
    if kind in (EventKind.WITHDRAWAL, EventKind.OBJECTION):
        check_new_event(an_event(kind, scope=SCOPE), HISTORY)
        refused(an_event(kind, scope=NOTHING), "the scope names nothing; name what is meant, or leave `scope` out")
    else:
        refused(an_event(kind, scope=SCOPE), f"`{kind}` is whole and takes no scope")


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_about_one_service_provider_or_activity_names_it_and_no_other_does(kind: EventKind) -> None:
    if kind in KEYED:
        refused(an_event(kind, key=None), f"`{kind}` names the service, provider or activity it is about")
        refused(an_event(kind, key=""), "set `key`")
    else:
        refused(an_event(kind, key="GOOGLE_FIT"), f"`{kind}` takes no `key`; leave it out")


@pytest.mark.parametrize("kind", EventKind)
def test_a_restriction_and_nothing_else_has_a_target(kind: EventKind) -> None:
    given = None if kind is EventKind.RESTRICTION else RestrictionTarget.THIRD_PARTY_PROVISION
    refused(an_event(kind, target=given), "a restriction, and nothing else, sets `target`")


@pytest.mark.parametrize("kind", EventKind)
def test_only_grants_may_have_an_end(kind: EventKind) -> None:
    """S3.6: denies and restrictions have no `until`."""
    grants = {"ACCEPTANCE", "LINK", "THIRD_PARTY_CONSENT", "PARTICIPATION", "ADULT_ATTESTATION"}
    if kind in grants:
        check_new_event(an_event(kind, until=LATER), HISTORY)
        refused(an_event(kind, until=NOON), "`until` is not after `event_time`")
        refused(an_event(kind, until=EARLIER), "leave it out for a record without end")
    else:
        refused(an_event(kind, until=LATER), f"`{kind}` has no `until`: it ends only by an event that names it")


@pytest.mark.parametrize("kind", EventKind)
def test_only_lifts_denies_and_restrictions_end_records_by_id(kind: EventKind) -> None:
    """S3.6."""
    if kind in ("LIFT", "WITHDRAWAL", "OBJECTION", "RESTRICTION"):
        check_new_event(an_event(kind, ends=("w", "o", "r")), HISTORY)
    else:
        refused(an_event(kind, ends=("w",)), f"`{kind}` cannot end records by id; use a lift")


@pytest.mark.parametrize("ended", ["a", "l", "nobody's"])
def test_what_is_ended_by_id_is_a_deny_or_restriction_of_this_person(ended: str) -> None:
    refused(an_event(EventKind.LIFT, ends=("w", ended)), f"`{ended}` is no withdrawal, objection or restriction")


def test_what_is_ended_was_recorded_strictly_earlier() -> None:
    """S3.6."""
    refused(an_event(EventKind.LIFT, ends=("now",)), "`now` was not recorded before this event")
    check_new_event(an_event(EventKind.LIFT, ends=("now",), recorded_at=LATER), HISTORY)


def test_a_lift_names_what_it_ends() -> None:
    refused(an_event(EventKind.LIFT, ends=()), "a lift names the records it ends")


@pytest.mark.parametrize("version", [None, ""])
def test_an_acceptance_names_its_version(version: str | None) -> None:
    refused(an_event(EventKind.ACCEPTANCE, version=version), "set `version`")


def test_an_id_is_used_once() -> None:
    """S3.13."""
    refused(an_event(EventKind.ACCEPTANCE, id="a"), "event id `a` is already on record with other content")


@pytest.mark.parametrize("member", ["event_time", "recorded_at", "until"])
def test_every_time_says_its_zone(member: str) -> None:
    naive = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - the mistake
    refused(an_event(EventKind.ACCEPTANCE, **{member: naive}), f"`{member}` has no time zone")
