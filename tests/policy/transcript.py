"""The minimisation profile once more, read from the transcribed table and written down as plain sets."""

from pathlib import Path

from sekisho.policy.lens import Lens
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType

TABLE = Path(__file__).with_name("minimisation.txt")

COLUMN = {  # purpose -> the column it uses
    "SERVICE_PROVISION": "U0a",
    "SERVICE_OPERATION": "U0b",
    "SERVICE_ADMINISTRATION": "U0c",
    "PRODUCT_SERVICE_GUIDANCE": "U1",
    "AFTER_SERVICE_GUIDANCE": "U1",
    "PERSONALIZED_ADVERTISING": "U1a",
    "PRODUCT_DEVELOPMENT": "U2",
    "ALGORITHM_DEVELOPMENT": "U2",
    "SERVICE_IMPROVEMENT": "U2",
    "SURVEY_REQUEST": "U3",
    "CAMPAIGN_EVENT_PRIZE": "U4",
    "CAMPAIGN_EVENT_INFO": "U4",
    "LOTTERY_WINNER_ANNOUNCEMENT": "U4",
    "PRIZE_SHIPPING": "U4",
    "TRIAL_CLINICAL_RECRUITMENT": None,
    "MONITOR_TRIAL_RECRUITMENT": "U5r",
    "MONITOR_TRIAL_EXECUTION": "U5x",
    "CLINICAL_RESEARCH_RECRUITMENT": "U5r",
    "CLINICAL_RESEARCH_EXECUTION": "U5x",
    "RESEARCH_ACADEMIC": "U6",
    "PAPER_PUBLICATION": "U6",
    "INQUIRY_RESPONSE": "U7",
    "OTHER_BUSINESS_ACTIVITY": None,
    "PLANNING": "U8p",
    "MARKETING": "U8m",
    "DEVELOPMENT": "U2",
    "PRODUCTION": "U8p",
    "PROMOTION": "U8m",
    "SALES": "U8m",
    "INCIDENTAL": "U8p",
}

ACCOUNT = {"loginId", "idToken", "email", "otherAccount"}
ATTRIBUTE = {"birthDate", "age", "sex", "height", "weight", "otherAttributes"}
D1 = {
    "PROCESSING_FOR_USE_PURPOSE",
    "APP_USAGE_ANALYSIS",
    "DATA_STORAGE",
    "CUSTOMER_SUPPORT",
    "MARKETING_ANALYSIS",
    "OTHER_PROCESSING",
}
U1 = {"PRODUCT_SERVICE_GUIDANCE", "AFTER_SERVICE_GUIDANCE", "PERSONALIZED_ADVERTISING"}
U2 = {"PRODUCT_DEVELOPMENT", "ALGORITHM_DEVELOPMENT", "SERVICE_IMPROVEMENT"}
U4 = {"CAMPAIGN_EVENT_PRIZE", "CAMPAIGN_EVENT_INFO", "LOTTERY_WINNER_ANNOUNCEMENT", "PRIZE_SHIPPING"}
U5 = {
    "TRIAL_CLINICAL_RECRUITMENT",
    "MONITOR_TRIAL_RECRUITMENT",
    "MONITOR_TRIAL_EXECUTION",
    "CLINICAL_RESEARCH_RECRUITMENT",
    "CLINICAL_RESEARCH_EXECUTION",
}
U6 = {"RESEARCH_ACADEMIC", "PAPER_PUBLICATION"}
U8 = {"OTHER_BUSINESS_ACTIVITY", "PLANNING", "MARKETING", "DEVELOPMENT"} | {
    "PRODUCTION",
    "PROMOTION",
    "SALES",
    "INCIDENTAL",
}

DECLARES_D1_WITH = {
    "AFFILIATE": U2 | U8,
    "CAPITAL_ALLIANCE_PARTNER": U2 | U8,
    "BUSINESS_ALLIANCE_PARTNER": U1 | U2 | U4 | U8,
    "JOINT_RESEARCH_PARTNER": U2 | U5 | U6,
    "OPERATIONS_CONTRACTOR": set(COLUMN),
    "DATA_LINKAGE_PARTNER": {"SERVICE_PROVISION"},
}
NEVER = {
    "AFFILIATE": ACCOUNT | {"linkedAppData", "supportCase"},
    "CAPITAL_ALLIANCE_PARTNER": ACCOUNT | {"linkedAppData", "supportCase"},
    "BUSINESS_ALLIANCE_PARTNER": ACCOUNT | {"linkedAppData", "supportCase"},
    "JOINT_RESEARCH_PARTNER": ACCOUNT,
    "OPERATIONS_CONTRACTOR": set(),
}
ALONE = {
    ("OPERATIONS_CONTRACTOR", "CONTRACT_POLICY_ENFORCEMENT"): {"loginId", "email", "accessHistory"},
    ("DATA_LINKAGE_PARTNER", "EXTERNAL_LINKAGE_AUTHENTICATION"): {"loginId", "email"},
    ("EXTERNAL_AUTH_SERVICE", "EXTERNAL_LINKAGE_AUTHENTICATION"): {"loginId", "email"},
}


def table() -> dict[str, dict[str, str]]:
    """The marks of the table by item and column."""
    lines = [line.split() for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    columns = lines[0][1:]
    return {item: dict(zip(columns, marks, strict=True)) for item, *marks in lines[1:]}


def mark(lens: Lens, item: str, rows: dict[str, dict[str, str]]) -> str:
    """What the profile shows of `item` under `lens`."""
    recipient, purpose, disclosure = lens.recipient_type.value, lens.purpose, lens.disclosure
    if recipient == "SELF":
        return "F"
    if purpose is None:
        return "F" if item in ALONE.get((recipient, str(disclosure)), set()) else "-"
    column = COLUMN[purpose]
    row = "-" if column is None else rows[item][column]
    if recipient == "FIRST_PARTY":
        return row
    if disclosure not in D1 or purpose not in DECLARES_D1_WITH.get(recipient, set()):
        return "-"
    return _third_party(recipient, purpose, item, row)


def _third_party(recipient: str, purpose: str, item: str, row: str) -> str:
    if item == "email" and recipient == "BUSINESS_ALLIANCE_PARTNER":
        narrowed = "M" if purpose in U1 else "F" if purpose == "PRIZE_SHIPPING" else "-"
        return narrowed if row != "-" else "-"
    if item == "email" and recipient == "JOINT_RESEARCH_PARTNER":
        return row if purpose in U5 else "-"
    if recipient == "DATA_LINKAGE_PARTNER":
        return row if item in ATTRIBUTE | {"measurement", "linkedAppData"} else "-"
    return "-" if item in NEVER[recipient] else row


def every_lens() -> list[Lens]:
    """Every lens that can be declared, and those that cannot: recipient x purpose or none x disclosure or none."""
    return [
        Lens(recipient, purpose, disclosure)
        for recipient in RecipientType
        for purpose in (*Purpose, None)
        for disclosure in (*DisclosurePurpose, None)
        if well_formed(recipient, purpose, disclosure)
    ]


def well_formed(recipient: RecipientType, purpose: Purpose | None, disclosure: DisclosurePurpose | None) -> bool:
    """Whether a lens has the parts that its recipient type declares."""
    if recipient is RecipientType.SELF:
        return purpose is None and disclosure is None
    if recipient in (RecipientType.FIRST_PARTY, RecipientType.STATISTICS_RECIPIENT):
        return purpose is not None and disclosure is None
    return disclosure is not None and (disclosure in D1) is (purpose is not None)
