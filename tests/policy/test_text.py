"""What the text says, statement by statement, in the document that is shipped."""

from datetime import UTC, datetime

import transcript

from sekisho.policy.document import Policy
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.vocabulary import DataCategory, DisclosurePurpose, PartialWithdrawal, Purpose, RecipientType

POLICY = shipped_policy()
D1 = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE
IMPLIED = (RecipientType.PUBLIC_AUTHORITY, RecipientType.EXTERNAL_AUTH_SERVICE)
LISTED = [
    recipient for recipient in RecipientType if recipient.declares_disclosure and recipient not in IMPLIED
]  # R2 to R8


def allowed(lens: Lens, policy: Policy = POLICY) -> set[str]:
    return {item.id for item in policy.items if policy.permitting(lens, item)}


def ids(category: DataCategory) -> list[str]:
    return [item.id for item in POLICY.items if item.category is category]


EVERYTHING = {item.id for item in POLICY.items}


def test_s1_the_policy_names_its_controller() -> None:
    assert POLICY.name.ja == "karado! 個人情報取扱方針"
    assert POLICY.controller.name.ja == "オムロンヘルスケア株式会社"
    assert POLICY.controller.address.ja == "京都府向日市寺戸町九ノ坪53番地"
    assert POLICY.controller.contact_email == "c-wellness-ohq@omron.com"
    assert POLICY.text_sha256 == "186d66b86b79e17a20c219a521dd58a27039b7d88bd17720228919c352a642d8"
    assert POLICY.id == "2022-09"


def test_s2_the_policy_covers_the_app_and_the_service() -> None:
    assert [(entry.id.value, entry.line) for entry in POLICY.services] == [("KARADO_APP", 7), ("KARADO_SERVICE", 8)]


def test_c1_attributes_have_six_items() -> None:
    assert ids(DataCategory.ATTRIBUTE) == ["birthDate", "age", "sex", "height", "weight", "otherAttributes"]


def test_c2_accounts_have_four_items_besides_the_password() -> None:
    assert ids(DataCategory.ACCOUNT) == ["loginId", "idToken", "email", "otherAccount"]


def test_c3_a_password_is_never_acquired_and_is_no_item() -> None:
    assert POLICY.never_acquired == ("password",)
    assert not [item.id for item in POLICY.items if "password" in item.id.lower()]


def test_c5_newly_acquired_information_has_five_origins() -> None:
    assert ids(DataCategory.NEWLY_ACQUIRED) == [
        "surveyAnswer",
        "campaignEntry",
        "eventEntry",
        "monitorTrial",
        "clinicalResearchRecruitment",
    ]


def test_c7_usage_history_has_nine_items() -> None:
    assert ids(DataCategory.USAGE_HISTORY) == [
        "accessHistory",
        "inAppOperation",
        "searchHistory",
        "ipAddress",
        "accessDate",
        "referringPage",
        "exitPage",
        "cookie",
        "referrer",
    ]


def test_c8_the_device_category_is_empty_and_permitted_to_nobody_but_the_person() -> None:
    assert ids(DataCategory.DEVICE) == []
    assert {
        recipient for rule in POLICY.literal if DataCategory.DEVICE in rule.categories for recipient in rule.recipients
    } == {RecipientType.SELF}


def test_items_take_their_bits_in_the_order_of_the_document() -> None:
    assert [item.bit for item in POLICY.items] == list(range(27))


def test_p1_the_purposes_are_exactly_the_words() -> None:
    assert sorted(entry.id for entry in POLICY.purposes) == sorted(Purpose)
    assert sorted(entry.id for entry in POLICY.disclosures) == sorted(DisclosurePurpose)
    tops = {entry.code: entry.line for entry in POLICY.purposes if entry.id.parent is None}
    assert tops == {"U0a": 33, "U0b": 33, "U0c": 33} | {f"U{at}": 34 + at for at in range(1, 9)}
    disclosures = {entry.code: entry.line for entry in POLICY.disclosures if entry.id.parent is None}
    assert disclosures == {f"D{at}": 47 + at for at in range(1, 7)}


def test_p2_use_purposes_reach_every_category_for_the_first_party() -> None:
    for purpose in Purpose:
        assert allowed(Lens(RecipientType.FIRST_PARTY, purpose)) == EVERYTHING


def test_p3_the_first_party_has_no_rule_for_a_disclosure_purpose() -> None:
    for disclosure in DisclosurePurpose:
        assert allowed(Lens(RecipientType.FIRST_PARTY, None, disclosure)) == set()
        assert allowed(Lens(RecipientType.FIRST_PARTY, Purpose.RESEARCH_ACADEMIC, disclosure)) == set()


def test_p4_a_child_purpose_is_permitted_with_its_parent_and_never_the_other_way() -> None:
    research, paper = Purpose.RESEARCH_ACADEMIC, Purpose.PAPER_PUBLICATION
    without_parent = POLICY.variant("no-research", without_purposes=[research])
    without_child = POLICY.variant("no-papers", without_purposes=[paper])
    assert allowed(Lens(RecipientType.FIRST_PARTY, paper)) == EVERYTHING
    assert allowed(Lens(RecipientType.FIRST_PARTY, paper), without_parent) == set()
    assert allowed(Lens(RecipientType.FIRST_PARTY, research), without_parent) == set()
    assert allowed(Lens(RecipientType.FIRST_PARTY, paper), without_child) == set()
    assert allowed(Lens(RecipientType.FIRST_PARTY, research), without_child) == EVERYTHING


def test_q2_the_person_sees_everything_and_declares_nothing() -> None:
    assert allowed(Lens(RecipientType.SELF)) == EVERYTHING
    assert allowed(Lens(RecipientType.SELF, Purpose.SERVICE_PROVISION)) == set()


def test_d2_processing_for_a_use_purpose_needs_the_use_purpose_and_others_need_none() -> None:
    for recipient in LISTED:
        assert allowed(Lens(recipient, None, D1)) == set()
        assert allowed(Lens(recipient, Purpose.SALES, DisclosurePurpose.MARKETING_ANALYSIS)) == EVERYTHING
        assert allowed(Lens(recipient, Purpose.SALES, DisclosurePurpose.LEGAL_CLAIMS)) == set()
        assert allowed(Lens(recipient, Purpose.SALES)) == set()


def test_d4_the_text_pairs_no_listed_recipient_with_any_disclosure_purpose() -> None:
    lenses = [lens for lens in transcript.every_lens() if lens.recipient_type in LISTED]
    assert {lens.disclosure for lens in lenses} == set(DisclosurePurpose)
    assert [lens.key for lens in lenses if allowed(lens) != EVERYTHING or POLICY.pairing_refused(lens)] == []


def test_d5_implied_recipients_exist_only_with_the_purposes_that_name_them() -> None:
    paired = {
        (lens.recipient_type.value, str(lens.disclosure))
        for lens in transcript.every_lens()
        if lens.recipient_type in IMPLIED and not POLICY.pairing_refused(lens)
    }
    assert paired == {
        ("PUBLIC_AUTHORITY", "LEGAL_COMPLIANCE"),
        ("PUBLIC_AUTHORITY", "LEGAL_CLAIMS"),
        ("PUBLIC_AUTHORITY", "ABUSE_SECURITY_SAFETY"),
        ("EXTERNAL_AUTH_SERVICE", "EXTERNAL_LINKAGE_AUTHENTICATION"),
    }
    for lens in transcript.every_lens():
        if lens.recipient_type in IMPLIED:
            assert allowed(lens) == (set() if POLICY.pairing_refused(lens) else EVERYTHING)


def test_d10_statistics_stand_on_ten_people_and_never_reach_a_row() -> None:
    assert (POLICY.statistics.minimum_subjects, POLICY.statistics.line) == (10, 55)
    lenses = [lens for lens in transcript.every_lens() if lens.recipient_type is RecipientType.STATISTICS_RECIPIENT]
    assert lenses
    assert [lens.key for lens in lenses if allowed(lens)] == []


def test_q10_narrowing_is_marked_as_a_deviation_from_the_text() -> None:
    assert POLICY.partial_withdrawal is PartialWithdrawal.NARROWS
    assert POLICY.deviates_from == "L68"
    assert POLICY.deviation_reason


def test_v1_the_version_is_of_september_2022() -> None:
    assert POLICY.established == "2022-09"
    assert POLICY.effective_from == datetime(2022, 8, 31, 15, tzinfo=UTC)
    assert (POLICY.integrates.ja, POLICY.text_lines) == ("アプリ利用規約 第8条〜第10条・第11条", 83)


def test_every_rule_cites_the_line_of_what_it_permits() -> None:
    for disclosure, line in zip(
        ("CONTRACT_POLICY_ENFORCEMENT", "LEGAL_COMPLIANCE", "LEGAL_CLAIMS", "ABUSE_SECURITY_SAFETY"),
        range(49, 53),
        strict=True,
    ):
        rule = POLICY.permitting(
            Lens(RecipientType.AFFILIATE, None, DisclosurePurpose(disclosure)), POLICY.item("email")
        )
        assert rule is not None
        assert (rule.line, rule.statement) == (line, "D-4")


def test_labels_are_short_and_in_both_languages() -> None:
    labels = [item.label for item in POLICY.items] + [entry.label for entry in POLICY.recipients]
    labels += [entry.label for entry in POLICY.purposes] + [entry.label for entry in POLICY.disclosures]
    labels += [entry.label for entry in POLICY.categories] + [entry.label for entry in POLICY.sources]
    assert all(label.ja and label.en for label in labels)
    assert max(len(label.ja) for label in labels) <= 24


def test_vocabularies_outside_are_named_by_full_iris() -> None:
    mapped = [(entry.dpv, entry.act_reasons) for entry in POLICY.purposes]
    mapped += [(entry.dpv, entry.act_reasons) for entry in POLICY.disclosures]
    for iris, codes in mapped:
        assert iris
        assert codes
        assert all(iri.startswith("https://w3id.org/dpv") and "#" in iri for iri in iris)
