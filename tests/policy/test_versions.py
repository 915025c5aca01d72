from datetime import UTC, datetime, timedelta

import pytest

from sekisho.policy.document import Policies, UnknownItemError
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.vocabulary import DataCategory, DisclosurePurpose, PartialWithdrawal, Purpose, RecipientType

FIRST = shipped_policy()
LATER = datetime(2024, 4, 1, tzinfo=UTC)
NEXT = FIRST.variant("2024-04", effective_from=LATER, without_recipients=[RecipientType.AFFILIATE])
D1 = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE


def test_the_latest_version_in_effect_is_the_current_one_from_its_first_instant() -> None:
    both = Policies((NEXT, FIRST))
    assert both.current(LATER) is NEXT
    assert both.current(LATER - timedelta(microseconds=1)) is FIRST
    assert both.current(FIRST.effective_from - timedelta(microseconds=1)) is None


def test_a_revoked_current_version_is_not_replaced_by_an_older_one() -> None:
    revoked = Policies((FIRST, NEXT), frozenset({"2024-04"}))
    assert revoked.current(LATER) is None
    assert revoked.current(LATER - timedelta(days=1)) is FIRST
    assert revoked.get("2024-04") is NEXT


def test_without_a_version_in_effect_a_scoped_withdrawal_ends_use() -> None:
    assert Policies(()).partial_withdrawal_at(LATER) is PartialWithdrawal.ENDS_USE
    assert Policies((FIRST,)).partial_withdrawal_at(LATER) is PartialWithdrawal.NARROWS
    strict = FIRST.variant("strict", partial_withdrawal=PartialWithdrawal.ENDS_USE)
    assert Policies((strict,)).partial_withdrawal_at(LATER) is PartialWithdrawal.ENDS_USE
    assert strict.deviates_from is None


def test_an_unknown_version_is_none() -> None:
    assert Policies((FIRST,)).get("2019-01") is None


def test_two_versions_never_share_an_id() -> None:
    with pytest.raises(ValueError, match="same id"):
        Policies((FIRST, FIRST))


def test_two_versions_that_claim_one_instant_leave_none_in_effect() -> None:
    twins = Policies((FIRST, FIRST.variant("twin"), NEXT))
    assert twins.current(FIRST.effective_from) is None
    assert twins.current(LATER) is NEXT


def test_an_item_that_is_not_listed_is_named_in_the_error() -> None:
    with pytest.raises(UnknownItemError, match="`prefecture` is not an item of policy `2022-09`; one of: birthDate"):
        FIRST.item("prefecture")


def test_a_variant_permits_less_and_never_more() -> None:
    narrow = FIRST.variant(
        "narrow",
        without_categories=[DataCategory.LINKED_APP],
        without_purposes=[Purpose.OTHER_BUSINESS_ACTIVITY, DisclosurePurpose.LEGAL_CLAIMS],
        without_recipients=[RecipientType.AFFILIATE],
    )
    email, linked = FIRST.item("email"), FIRST.item("linkedAppData")
    first_party = Lens(RecipientType.FIRST_PARTY, Purpose.RESEARCH_ACADEMIC)
    assert narrow.permitting(first_party, email)
    assert narrow.permitting(first_party, linked) is None
    assert narrow.permitting(Lens(RecipientType.FIRST_PARTY, Purpose.SALES), email) is None
    assert narrow.permitting(Lens(RecipientType.AFFILIATE, Purpose.RESEARCH_ACADEMIC, D1), email) is None
    claims = DisclosurePurpose.LEGAL_CLAIMS
    assert narrow.permitting(Lens(RecipientType.OPERATIONS_CONTRACTOR, None, claims), email) is None
    assert narrow.minimisation is FIRST.minimisation
    assert [item.bit for item in narrow.items] == [item.bit for item in FIRST.items]


def test_a_variant_has_a_hash_of_its_own() -> None:
    assert NEXT.document_sha256 != FIRST.document_sha256
    again = FIRST.variant("2024-04", effective_from=LATER, without_recipients=[RecipientType.AFFILIATE])
    assert again.document_sha256 == NEXT.document_sha256
    assert again == NEXT
