"""The sample recipients: invented organisations, one client each, and the lenses they may ask through.

None of the partners exists. The first party is the controller that the policy names.
"""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.declaration import RIGHTS_DESK, Recipient, lenses_of
from sekisho.policy.document import Policies
from sekisho.policy.lens import Lens
from sekisho.store.profiles import register_lenses
from sekisho.store.recipients import add_recipient, current_recipient
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType

SINCE = datetime(2022, 8, 31, 15, tzinfo=UTC)  # 1 September 2022, 00:00 in Japan

ANALYTICS = Recipient(
    client_id="karado-analytics",
    version=1,
    recipient_id="omron-healthcare",
    name="オムロンヘルスケア株式会社",
    name_en="OMRON HEALTHCARE Co., Ltd.",
    address="京都府向日市寺戸町九ノ坪53番地",
    representative="代表取締役社長 見本 一郎",
    country="JP",
    recipient_type=RecipientType.FIRST_PARTY,
    purposes=frozenset(
        {
            Purpose.SERVICE_PROVISION,
            Purpose.SERVICE_OPERATION,
            Purpose.SERVICE_ADMINISTRATION,
            Purpose.PRODUCT_SERVICE_GUIDANCE,
            Purpose.PRODUCT_DEVELOPMENT,
            Purpose.SURVEY_REQUEST,
            Purpose.CAMPAIGN_EVENT_PRIZE,
            Purpose.TRIAL_CLINICAL_RECRUITMENT,
            Purpose.RESEARCH_ACADEMIC,
            Purpose.INQUIRY_RESPONSE,
            Purpose.OTHER_BUSINESS_ACTIVITY,
        }
    ),
    disclosure_purposes=frozenset(),
    linked_service=None,
    entitlements=frozenset({RIGHTS_DESK}),
    contract_reference="社内 (internal)",
    entrustment=False,
    statutory_basis="INTERNAL_USE",
    valid_from=SINCE,
)

RESEARCH_PARTNER = Recipient(
    client_id="research-partner",
    version=1,
    recipient_id="sekigahara-medical-university",
    name="学校法人見本学園 関ヶ原医療大学",
    name_en="Sekigahara Medical University (fictitious)",
    address="岐阜県不破郡関ケ原町見本1番地1",
    representative="学長 研究 花子",
    country="JP",
    recipient_type=RecipientType.JOINT_RESEARCH_PARTNER,
    purposes=frozenset(
        {Purpose.RESEARCH_ACADEMIC, Purpose.PRODUCT_DEVELOPMENT, Purpose.TRIAL_CLINICAL_RECRUITMENT},
    ),
    disclosure_purposes=frozenset({DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE}),
    linked_service=None,
    entitlements=frozenset(),
    contract_reference="共同研究契約 2024-017",
    entrustment=False,
    statutory_basis="ART29_CONSENT",
    valid_from=SINCE,
)

BUSINESS_PARTNER = Recipient(
    client_id="business-partner",
    version=1,
    recipient_id="hakone-fitness",
    name="株式会社箱根フィットネス",
    name_en="Hakone Fitness Inc. (fictitious)",
    address="神奈川県足柄下郡箱根町見本2番地",
    representative="代表取締役 体操 次郎",
    country="JP",
    recipient_type=RecipientType.BUSINESS_ALLIANCE_PARTNER,
    purposes=frozenset({Purpose.PRODUCT_SERVICE_GUIDANCE, Purpose.CAMPAIGN_EVENT_PRIZE, Purpose.MARKETING}),
    disclosure_purposes=frozenset({DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE}),
    linked_service=None,
    entitlements=frozenset(),
    contract_reference="業務提携契約 2025-004",
    entrustment=False,
    statutory_basis="ART29_CONSENT",
    valid_from=SINCE,
)

LINKAGE_PARTNER = Recipient(
    client_id="linkage-partner",
    version=1,
    recipient_id="example-fit",
    name="株式会社見本フィット",
    name_en="Example Fit Ltd. (fictitious)",
    address="東京都千代田区見本町3番地",
    representative="代表取締役 連携 三郎",
    country="JP",
    recipient_type=RecipientType.DATA_LINKAGE_PARTNER,
    purposes=frozenset({Purpose.SERVICE_PROVISION}),
    disclosure_purposes=frozenset(
        {DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE, DisclosurePurpose.EXTERNAL_LINKAGE_AUTHENTICATION}
    ),
    linked_service="GOOGLE_FIT",
    entitlements=frozenset(),
    contract_reference="データ連携契約 2025-011",
    entrustment=False,
    statutory_basis="ON_BEHALF",
    valid_from=SINCE,
)

APP = Recipient(
    client_id="karado-app",
    version=1,
    recipient_id="karado-app",
    name="お客様本人 (karado! アプリ)",
    name_en="The data subject, through the karado! app",
    address="京都府向日市寺戸町九ノ坪53番地",
    representative="代表取締役社長 見本 一郎",
    country="JP",
    recipient_type=RecipientType.SELF,
    purposes=frozenset(),
    disclosure_purposes=frozenset(),
    linked_service=None,
    entitlements=frozenset(),
    contract_reference="アプリ利用規約",
    entrustment=False,
    statutory_basis="SELF",
    valid_from=SINCE,
)

DEMO_RECIPIENTS = (ANALYTICS, RESEARCH_PARTNER, BUSINESS_PARTNER, LINKAGE_PARTNER, APP)


async def register_demo_clients(connection: AsyncConnection, policies: Policies) -> tuple[Recipient, ...]:
    """Add the sample recipients that are not registered yet, with their lenses. Returns all of them."""
    for recipient in DEMO_RECIPIENTS:
        if await current_recipient(connection, recipient.client_id) is None:
            await add_recipient(connection, recipient)
    lenses = frozenset[Lens]().union(*map(lenses_of, DEMO_RECIPIENTS))
    await register_lenses(connection, lenses, policies)
    return DEMO_RECIPIENTS
