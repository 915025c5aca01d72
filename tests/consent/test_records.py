"""What a scope names, and what it covers (S3.3)."""

import pytest

from sekisho.consent.records import Scope, purpose_word
from sekisho.policy.lens import Lens
from sekisho.vocabulary import DataCategory, DisclosurePurpose, Purpose, RecipientType

D1, STORAGE = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE, DisclosurePurpose.DATA_STORAGE
CLAIMS = DisclosurePurpose.LEGAL_CLAIMS
GUIDANCE, ADVERTISING = Purpose.PRODUCT_SERVICE_GUIDANCE, Purpose.PERSONALIZED_ADVERTISING
AFTER, SALES = Purpose.AFTER_SERVICE_GUIDANCE, Purpose.SALES
FIRST, PARTNER = RecipientType.FIRST_PARTY, RecipientType.BUSINESS_ALLIANCE_PARTNER
ATTRIBUTE, ACCOUNT = DataCategory.ATTRIBUTE, DataCategory.ACCOUNT


def of(*purposes: Purpose | DisclosurePurpose) -> Scope:
    return Scope(purposes=frozenset(purposes))


@pytest.mark.parametrize(
    ("named", "asked", "covered"),
    [
        (GUIDANCE, GUIDANCE, True),
        (GUIDANCE, ADVERTISING, True),
        (ADVERTISING, GUIDANCE, False),
        (ADVERTISING, AFTER, False),
        (SALES, ADVERTISING, False),
    ],
)
def test_a_purpose_covers_itself_and_its_descendants_never_parent_or_siblings(
    named: Purpose, asked: Purpose, covered: bool
) -> None:
    lens = Lens(FIRST, asked)
    assert of(named).permits(lens, ATTRIBUTE) is of(named).denies(lens, ATTRIBUTE) is covered


@pytest.mark.parametrize(
    ("named", "permits", "denies"),
    [
        ((GUIDANCE, D1), True, True),
        ((ADVERTISING, STORAGE), True, True),
        ((GUIDANCE,), False, True),
        ((D1,), False, True),
        ((SALES, D1), False, True),
        ((SALES, CLAIMS), False, False),
    ],
)
def test_under_d1_a_permit_covers_both_purposes_and_a_deny_hits_on_either(
    named: tuple[Purpose | DisclosurePurpose, ...], permits: bool, denies: bool
) -> None:
    lens = Lens(PARTNER, ADVERTISING, STORAGE)
    assert of(*named).permits(lens, ATTRIBUTE) is permits
    assert of(*named).denies(lens, ATTRIBUTE) is denies


def test_under_the_other_disclosure_purposes_only_those_count() -> None:
    lens = Lens(PARTNER, None, CLAIMS)
    assert of(CLAIMS).permits(lens, ATTRIBUTE)
    assert of(CLAIMS).denies(lens, ATTRIBUTE)
    assert not of(SALES).permits(lens, ATTRIBUTE)
    assert not of(SALES).denies(lens, ATTRIBUTE)


def test_the_activity_served_counts_for_denies_and_is_not_asked_of_permits() -> None:
    lens = Lens(FIRST, Purpose.INCIDENTAL, None, SALES)
    assert of(SALES).denies(lens, ATTRIBUTE)
    assert not of(SALES).permits(lens, ATTRIBUTE)
    assert of(Purpose.INCIDENTAL).permits(lens, ATTRIBUTE)


def test_a_lens_without_any_purpose_is_covered_only_where_purposes_are_left_out() -> None:
    own = Lens(RecipientType.SELF)
    assert not of(*Purpose, *DisclosurePurpose).permits(own, ATTRIBUTE)
    assert Scope(recipients=frozenset({RecipientType.SELF})).permits(own, ATTRIBUTE)


def test_every_part_that_is_named_must_fit() -> None:
    scope = Scope(frozenset({ATTRIBUTE}), frozenset({SALES}), frozenset({FIRST}))
    fitting = (Lens(FIRST, SALES), ATTRIBUTE)
    for lens, category, covered in (
        (*fitting, True),
        (Lens(FIRST, SALES), ACCOUNT, False),
        (Lens(FIRST, AFTER), ATTRIBUTE, False),
        (Lens(PARTNER, SALES, D1), ATTRIBUTE, False),
    ):
        assert scope.permits(lens, category) is scope.denies(lens, category) is covered


@pytest.mark.parametrize("told", [{}, {"categories": []}, {"purposes": []}, {"recipients": []}])
def test_an_empty_part_means_none_and_no_part_at_all_reaches_nothing(told: dict[str, list[str]]) -> None:
    scope = Scope.from_json(told)
    assert scope.names_nothing()
    assert not scope.permits(Lens(FIRST, SALES), ATTRIBUTE)
    assert not scope.denies(Lens(FIRST, SALES), ATTRIBUTE)
    assert Scope.from_json(scope.to_json()) == scope


def test_a_part_left_out_means_any() -> None:
    for scope in (of(SALES), Scope(frozenset({ATTRIBUTE})), Scope(recipients=frozenset({FIRST}))):
        assert not scope.names_nothing()
        assert scope.permits(Lens(FIRST, SALES), ATTRIBUTE)
        assert scope.denies(Lens(FIRST, SALES), ATTRIBUTE)


def test_a_scope_of_no_part_is_not_made_by_mistake() -> None:
    """Written down it would read `{}`, and reach nothing."""
    with pytest.raises(ValueError, match="has no scope"):
        Scope()


def test_a_scope_survives_being_written_sorted_and_without_what_means_any() -> None:
    scope = Scope(frozenset({ATTRIBUTE, ACCOUNT}), frozenset({SALES, D1}))
    assert scope.to_json() == {
        "categories": ["ACCOUNT", "ATTRIBUTE"],
        "purposes": ["PROCESSING_FOR_USE_PURPOSE", "SALES"],
    }
    assert Scope.from_json(scope.to_json()) == scope
    assert Scope.from_json({"recipients": ["FIRST_PARTY"]}) == Scope(recipients=frozenset({FIRST}))


@pytest.mark.parametrize(
    "told",
    [
        {"items": ["sex"]},
        {"categories": ["attribute"]},
        {"purposes": ["EVERYTHING"]},
        {"recipients": ["FRIENDS"]},
        {"categories": ["SALES"]},
    ],
)
def test_an_unknown_part_or_word_is_refused(told: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="is not a"):
        Scope.from_json(told)


def test_the_unknown_part_is_named_with_what_is_allowed() -> None:
    with pytest.raises(
        ValueError, match="`items` is not a part of a scope; allowed are categories, purposes, recipients"
    ):
        Scope.from_json({"items": [], "zebras": []})


def test_a_word_is_a_use_purpose_or_a_disclosure_purpose() -> None:
    assert purpose_word("SALES") is SALES
    assert purpose_word("LEGAL_CLAIMS") is CLAIMS
    with pytest.raises(ValueError, match="is not a valid"):
        purpose_word("sales")
