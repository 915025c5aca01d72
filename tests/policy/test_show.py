import pytest

from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.policy.show import Layer, Shown, facts, lenses, literal, matrix, shown
from sekisho.vocabulary import DataCategory, DisclosurePurpose, Purpose, RecipientType

POLICY = shipped_policy()


def test_a_matrix_has_every_item_and_every_lens_of_the_recipient() -> None:
    for recipient in RecipientType:
        told = matrix(POLICY, recipient)
        assert [row.item.id for row in told.rows] == [item.id for item in POLICY.items]
        assert sorted(lens.key for heading in told.headings for lens in heading.lenses) == sorted(
            lens.key for lens in lenses(POLICY, recipient)
        )
        assert all(len(row.shown) == len(told.headings) for row in told.rows)


def test_the_first_partys_headings_join_purposes_that_show_the_same() -> None:
    headings = [heading.codes for heading in matrix(POLICY, RecipientType.FIRST_PARTY).headings]
    assert ("U2", "U2a", "U2b", "U8c") in headings
    assert ("U6", "U6a") in headings
    assert ("U1", "U1b") in headings
    assert ("U5", "U8") in headings


def test_each_mark_says_how_much_and_which_layer_withholds() -> None:
    research = Lens(RecipientType.FIRST_PARTY, Purpose.RESEARCH_ACADEMIC)
    assert shown(POLICY, research, POLICY.item("birthDate")) == Shown("Y", 33, None)
    assert shown(POLICY, research, POLICY.item("age")) == Shown("B", 33, None)
    assert shown(POLICY, research, POLICY.item("email")) == Shown("-", 33, Layer.PROFILE)
    guidance = Lens(
        RecipientType.BUSINESS_ALLIANCE_PARTNER,
        Purpose.PRODUCT_SERVICE_GUIDANCE,
        DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE,
    )
    assert shown(POLICY, guidance, POLICY.item("email")) == Shown("M", 48, None)


@pytest.mark.parametrize("recipient", [RecipientType.STATISTICS_RECIPIENT, RecipientType.PUBLIC_AUTHORITY])
def test_what_the_text_does_not_allow_is_withheld_by_the_policy(recipient: RecipientType) -> None:
    serving = Lens(recipient, Purpose.SALES, DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE)
    assert {shown(POLICY, serving, item) for item in POLICY.items} == {Shown("-", None, Layer.POLICY)}


def test_the_person_sees_everything_in_one_column() -> None:
    told = matrix(POLICY, RecipientType.SELF)
    assert [heading.codes for heading in told.headings] == [("R0",)]
    assert {row.shown for row in told.rows} == {(Shown("F", 65, None),)}


def test_a_narrower_version_shows_that_its_text_withholds() -> None:
    narrow = POLICY.variant("narrow", without_categories=[DataCategory.ATTRIBUTE])
    lens = Lens(RecipientType.FIRST_PARTY, Purpose.SERVICE_PROVISION)
    assert shown(narrow, lens, narrow.item("sex")).withheld_by is Layer.POLICY
    assert shown(narrow, lens, narrow.item("email")).withheld_by is None


def test_facts_name_the_version_and_both_hashes() -> None:
    told = dict(facts(POLICY))
    assert told["version"] == "2022-09"
    assert told["text sha256"] == POLICY.text_sha256
    assert told["document sha256"] == POLICY.document_sha256
    assert told["partial withdrawal"].startswith("narrows (deviates from L68: ")


def test_literal_rules_are_rows_of_codes() -> None:
    rows = literal(POLICY)
    assert rows[0][:5] == ("L65", "Q2", "R0", "-", "-")
    assert rows[1][:5] == ("L33", "P2", "R1", "U0a U0b U0c U1 U2 U3 U4 U5 U6 U7 U8", "-")
    assert rows[-1][:5] == ("L53", "D-5", "R10", "-", "D6")
