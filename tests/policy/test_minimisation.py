from itertools import product

import pytest
import transcript

from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.policy.show import MARKS, WITHHELD
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType, Transform

POLICY = shipped_policy()
ROWS = transcript.table()
D1 = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE


def shown(lens: Lens, item: str) -> str:
    cell = POLICY.needed(lens, POLICY.item(item))
    return WITHHELD if cell is None else MARKS[cell.show]


def test_the_transcribed_table_lists_every_item_in_the_order_of_the_document() -> None:
    assert list(ROWS) == [item.id for item in POLICY.items]


@pytest.mark.parametrize("recipient", list(RecipientType))
def test_the_profile_says_what_the_transcribed_table_says(recipient: RecipientType) -> None:
    lenses = [lens for lens in transcript.every_lens() if lens.recipient_type is recipient]
    asked = list(product(lenses, ROWS))
    wrong = {
        (lens.key, item): (shown(lens, item), transcript.mark(lens, item, ROWS))
        for lens, item in asked
        if shown(lens, item) != transcript.mark(lens, item, ROWS)
    }
    assert asked
    assert wrong == {}


def test_an_unpaired_lens_needs_nothing() -> None:
    unpaired = [
        Lens(recipient, purpose, disclosure)
        for recipient in RecipientType
        for purpose in (*Purpose, None)
        for disclosure in (*DisclosurePurpose, None)
        if not transcript.well_formed(recipient, purpose, disclosure)
    ]
    assert unpaired
    assert [lens.key for lens in unpaired if any(POLICY.needed(lens, item) for item in POLICY.items)] == []


def test_a_purpose_without_a_column_uses_its_parents() -> None:
    profile = POLICY.minimisation
    assert profile.column_of(Purpose.ALGORITHM_DEVELOPMENT) is profile.column_of(Purpose.PRODUCT_DEVELOPMENT)
    assert profile.column_of(Purpose.PERSONALIZED_ADVERTISING) is not profile.column_of(
        Purpose.PRODUCT_SERVICE_GUIDANCE
    )
    assert profile.column_of(Purpose.OTHER_BUSINESS_ACTIVITY) is None


def test_an_alliance_partner_sees_a_masked_address_for_guidance_and_a_whole_one_for_shipping() -> None:
    recipient = RecipientType.BUSINESS_ALLIANCE_PARTNER
    assert shown(Lens(recipient, Purpose.PERSONALIZED_ADVERTISING, D1), "email") == "M"
    assert shown(Lens(recipient, Purpose.PRIZE_SHIPPING, D1), "email") == "F"
    assert shown(Lens(recipient, Purpose.CAMPAIGN_EVENT_PRIZE, D1), "email") == WITHHELD


def test_enforcing_a_contract_shows_the_contractor_the_accesses_and_not_their_dates() -> None:
    lens = Lens(RecipientType.OPERATIONS_CONTRACTOR, None, DisclosurePurpose.CONTRACT_POLICY_ENFORCEMENT)
    assert [item.id for item in POLICY.items if POLICY.needed(lens, item)] == ["loginId", "email", "accessHistory"]


def test_every_cell_says_why_in_both_languages() -> None:
    reasons = [cell.reason for cell in POLICY.minimisation.cells.values()]
    reasons += [rule.reason for rule in POLICY.minimisation.recipients]
    assert all(reason.ja and reason.en and len(reason.en) < 90 for reason in reasons)


def test_a_transform_stands_only_where_it_makes_sense() -> None:
    shown_as = {(item, cell.show) for (item, _), cell in POLICY.minimisation.cells.items()}
    narrowed = {(item, show) for item, show in shown_as if show is not Transform.FULL}
    assert narrowed == {("birthDate", Transform.YEAR), ("age", Transform.BAND)}


def test_the_profile_never_shows_what_a_row_withholds() -> None:
    third_parties = [lens for lens in transcript.every_lens() if lens.purpose and lens.disclosure]
    first_party = {
        (lens.key, item.id)
        for lens in third_parties
        for item in POLICY.items
        if POLICY.needed(lens, item) and not POLICY.needed(Lens(RecipientType.FIRST_PARTY, lens.purpose), item)
    }
    assert first_party == set()
