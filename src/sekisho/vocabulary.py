"""The words every other room uses, and nothing else.

Names are canonical: they are what callers declare, what consent records scope, what the disclosure log
stores. A name never changes its meaning; a new meaning is a new name.
"""

from enum import StrEnum


class Purpose(StrEnum):
    """利用目的: what the data is used for. A child narrows its parent (see `parent`)."""

    SERVICE_PROVISION = "SERVICE_PROVISION"
    SERVICE_OPERATION = "SERVICE_OPERATION"
    SERVICE_ADMINISTRATION = "SERVICE_ADMINISTRATION"
    PRODUCT_SERVICE_GUIDANCE = "PRODUCT_SERVICE_GUIDANCE"
    AFTER_SERVICE_GUIDANCE = "AFTER_SERVICE_GUIDANCE"
    PERSONALIZED_ADVERTISING = "PERSONALIZED_ADVERTISING"
    PRODUCT_DEVELOPMENT = "PRODUCT_DEVELOPMENT"
    ALGORITHM_DEVELOPMENT = "ALGORITHM_DEVELOPMENT"
    SERVICE_IMPROVEMENT = "SERVICE_IMPROVEMENT"
    SURVEY_REQUEST = "SURVEY_REQUEST"
    CAMPAIGN_EVENT_PRIZE = "CAMPAIGN_EVENT_PRIZE"
    CAMPAIGN_EVENT_INFO = "CAMPAIGN_EVENT_INFO"
    LOTTERY_WINNER_ANNOUNCEMENT = "LOTTERY_WINNER_ANNOUNCEMENT"
    PRIZE_SHIPPING = "PRIZE_SHIPPING"
    TRIAL_CLINICAL_RECRUITMENT = "TRIAL_CLINICAL_RECRUITMENT"
    MONITOR_TRIAL_RECRUITMENT = "MONITOR_TRIAL_RECRUITMENT"
    MONITOR_TRIAL_EXECUTION = "MONITOR_TRIAL_EXECUTION"
    CLINICAL_RESEARCH_RECRUITMENT = "CLINICAL_RESEARCH_RECRUITMENT"
    CLINICAL_RESEARCH_EXECUTION = "CLINICAL_RESEARCH_EXECUTION"
    RESEARCH_ACADEMIC = "RESEARCH_ACADEMIC"
    PAPER_PUBLICATION = "PAPER_PUBLICATION"
    INQUIRY_RESPONSE = "INQUIRY_RESPONSE"
    OTHER_BUSINESS_ACTIVITY = "OTHER_BUSINESS_ACTIVITY"
    PLANNING = "PLANNING"
    MARKETING = "MARKETING"
    DEVELOPMENT = "DEVELOPMENT"
    PRODUCTION = "PRODUCTION"
    PROMOTION = "PROMOTION"
    SALES = "SALES"
    INCIDENTAL = "INCIDENTAL"

    @property
    def parent(self) -> "Purpose | None":
        """The purpose this one narrows, or `None` at the top."""
        return _PURPOSE_PARENT.get(self)

    @property
    def top(self) -> "Purpose":
        """The top-level purpose this one belongs to (itself, when it has no parent)."""
        return self.parent or self

    def within(self, other: "Purpose") -> bool:
        """Whether this purpose is `other` or a descendant of it."""
        return other in (self, self.parent)


class DisclosurePurpose(StrEnum):
    """開示目的: why a third party receives the data (policy text, lines 48 to 53)."""

    PROCESSING_FOR_USE_PURPOSE = "PROCESSING_FOR_USE_PURPOSE"
    APP_USAGE_ANALYSIS = "APP_USAGE_ANALYSIS"
    DATA_STORAGE = "DATA_STORAGE"
    CUSTOMER_SUPPORT = "CUSTOMER_SUPPORT"
    MARKETING_ANALYSIS = "MARKETING_ANALYSIS"
    OTHER_PROCESSING = "OTHER_PROCESSING"
    CONTRACT_POLICY_ENFORCEMENT = "CONTRACT_POLICY_ENFORCEMENT"
    LEGAL_COMPLIANCE = "LEGAL_COMPLIANCE"
    LEGAL_CLAIMS = "LEGAL_CLAIMS"
    ABUSE_SECURITY_SAFETY = "ABUSE_SECURITY_SAFETY"
    EXTERNAL_LINKAGE_AUTHENTICATION = "EXTERNAL_LINKAGE_AUTHENTICATION"

    @property
    def parent(self) -> "DisclosurePurpose | None":
        """The disclosure purpose this one narrows, or `None` at the top."""
        return _DISCLOSURE_PARENT.get(self)

    @property
    def top(self) -> "DisclosurePurpose":
        """The top-level disclosure purpose this one belongs to."""
        return self.parent or self

    def within(self, other: "DisclosurePurpose") -> bool:
        """Whether this disclosure purpose is `other` or a descendant of it."""
        return other in (self, self.parent)


class RecipientType(StrEnum):
    """Who receives the data (policy text, lines 46 to 55)."""

    SELF = "SELF"
    FIRST_PARTY = "FIRST_PARTY"
    AFFILIATE = "AFFILIATE"
    CAPITAL_ALLIANCE_PARTNER = "CAPITAL_ALLIANCE_PARTNER"
    BUSINESS_ALLIANCE_PARTNER = "BUSINESS_ALLIANCE_PARTNER"
    JOINT_RESEARCH_PARTNER = "JOINT_RESEARCH_PARTNER"
    OPERATIONS_CONTRACTOR = "OPERATIONS_CONTRACTOR"
    DATA_LINKAGE_PARTNER = "DATA_LINKAGE_PARTNER"
    OTHER_THIRD_PARTY = "OTHER_THIRD_PARTY"
    PUBLIC_AUTHORITY = "PUBLIC_AUTHORITY"
    EXTERNAL_AUTH_SERVICE = "EXTERNAL_AUTH_SERVICE"
    STATISTICS_RECIPIENT = "STATISTICS_RECIPIENT"

    @property
    def declares_disclosure(self) -> bool:
        """Whether this recipient must declare a disclosure purpose (R2 to R10)."""
        return self not in _DECLARES_NO_DISCLOSURE

    @property
    def third_party(self) -> bool:
        """Whether a stop of third-party provision reaches this recipient (R2 to R10 and RS)."""
        return self not in (RecipientType.SELF, RecipientType.FIRST_PARTY)


class DataCategory(StrEnum):
    """情報の区分: what a datum is."""

    ATTRIBUTE = "ATTRIBUTE"
    ACCOUNT = "ACCOUNT"
    HEALTH_MEASUREMENT = "HEALTH_MEASUREMENT"
    LINKED_APP = "LINKED_APP"
    NEWLY_ACQUIRED = "NEWLY_ACQUIRED"
    SUPPORT = "SUPPORT"
    USAGE_HISTORY = "USAGE_HISTORY"
    DEVICE = "DEVICE"


class SourceKind(StrEnum):
    """Where a datum came from. `UNCLASSIFIED` is never released."""

    UNCLASSIFIED = "UNCLASSIFIED"
    SUBJECT = "SUBJECT"
    OMRON_CONNECT_CLOUD = "OMRON_CONNECT_CLOUD"
    LINKED_APP = "LINKED_APP"
    THIRD_PARTY = "THIRD_PARTY"


class ServiceContext(StrEnum):
    """The services the policy covers (policy text, lines 7 and 8); data of any other is not stored."""

    KARADO_APP = "KARADO_APP"
    KARADO_SERVICE = "KARADO_SERVICE"


class Transform(StrEnum):
    """How much of a value is shown."""

    FULL = "FULL"
    YEAR = "YEAR"
    BAND = "BAND"
    MASK = "MASK"


class EventKind(StrEnum):
    """What a data subject (or the service for them) put on record."""

    ACCEPTANCE = "ACCEPTANCE"
    REFUSAL = "REFUSAL"
    WITHDRAWAL = "WITHDRAWAL"
    OBJECTION = "OBJECTION"
    RESTRICTION = "RESTRICTION"
    LIFT = "LIFT"
    LINK = "LINK"
    UNLINK = "UNLINK"
    THIRD_PARTY_CONSENT = "THIRD_PARTY_CONSENT"
    THIRD_PARTY_CONSENT_WITHDRAWAL = "THIRD_PARTY_CONSENT_WITHDRAWAL"
    PARTICIPATION = "PARTICIPATION"
    PARTICIPATION_END = "PARTICIPATION_END"
    ADULT_ATTESTATION = "ADULT_ATTESTATION"


class RestrictionTarget(StrEnum):
    """処理制限: what a restriction stops (policy text, line 67)."""

    PROCESSING = "PROCESSING"
    THIRD_PARTY_PROVISION = "THIRD_PARTY_PROVISION"


class PartialWithdrawal(StrEnum):
    """What a scoped withdrawal does under a policy version."""

    NARROWS = "narrows"
    ENDS_USE = "ends_use"


class AgeStatus(StrEnum):
    """Whether the subject is provably an adult (18 years, Asia/Tokyo)."""

    ADULT = "ADULT"
    MINOR = "MINOR"
    AGE_UNVERIFIED = "AGE_UNVERIFIED"


class BirthPrecision(StrEnum):
    """How exactly a birth date is known."""

    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"


class AccountState(StrEnum):
    """The life of an account."""

    REGISTERED = "REGISTERED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"
    CLOSED = "CLOSED"


class Reason(StrEnum):
    """Why a field of a subject is withheld: the precise reason, for the record, the person and the operator."""

    NOT_IN_POLICY = "NOT_IN_POLICY"
    UNCLASSIFIED = "UNCLASSIFIED"
    THIRD_PARTY_SOURCED = "THIRD_PARTY_SOURCED"
    PAIRING = "PAIRING"
    NOT_NEEDED = "NOT_NEEDED"
    CLOSED = "CLOSED"
    MINOR = "MINOR"
    AGE_UNVERIFIED = "AGE_UNVERIFIED"
    PROCESSING_RESTRICTED = "PROCESSING_RESTRICTED"
    NO_ACCEPTANCE = "NO_ACCEPTANCE"
    VERSION_NOT_ACCEPTED = "VERSION_NOT_ACCEPTED"
    WITHDRAWN = "WITHDRAWN"
    OBJECTED = "OBJECTED"
    THIRD_PARTY_PROVISION_STOPPED = "THIRD_PARTY_PROVISION_STOPPED"
    NOT_LINKED = "NOT_LINKED"
    THIRD_PARTY_SOURCE_CONSENT_MISSING = "THIRD_PARTY_SOURCE_CONSENT_MISSING"
    NO_PARTICIPATION = "NO_PARTICIPATION"
    ERROR = "ERROR"


class RecipientCode(StrEnum):
    """What a recipient learns of a refusal."""

    POLICY = "POLICY"
    MINIMISATION = "MINIMISATION"
    SUBJECT = "SUBJECT"


class Refusal(StrEnum):
    """Why a whole operation is refused. Each has one message and one status in the gateway's table."""

    TOKEN_MISSING = "TOKEN_MISSING"  # noqa: S105 - a code, not a token
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - a code, not a token
    CLIENT_UNKNOWN = "CLIENT_UNKNOWN"
    CLIENT_NOT_VALID = "CLIENT_NOT_VALID"
    COUNTRY_NOT_ADMITTED = "COUNTRY_NOT_ADMITTED"
    PURPOSE_REQUIRED = "PURPOSE_REQUIRED"
    PURPOSE_UNKNOWN = "PURPOSE_UNKNOWN"
    PURPOSE_CONFLICT = "PURPOSE_CONFLICT"
    PURPOSE_NOT_ENTITLED = "PURPOSE_NOT_ENTITLED"
    PURPOSE_NOT_APPLICABLE = "PURPOSE_NOT_APPLICABLE"
    PURPOSE_LEAF_REQUIRED = "PURPOSE_LEAF_REQUIRED"
    DISCLOSURE_PURPOSE_REQUIRED = "DISCLOSURE_PURPOSE_REQUIRED"
    DISCLOSURE_PURPOSE_UNKNOWN = "DISCLOSURE_PURPOSE_UNKNOWN"
    DISCLOSURE_PURPOSE_NOT_ENTITLED = "DISCLOSURE_PURPOSE_NOT_ENTITLED"
    DISCLOSURE_PURPOSE_NOT_APPLICABLE = "DISCLOSURE_PURPOSE_NOT_APPLICABLE"
    DISCLOSURE_PURPOSE_NOT_ENABLED = "DISCLOSURE_PURPOSE_NOT_ENABLED"
    RECIPIENT_TYPE_MISMATCH = "RECIPIENT_TYPE_MISMATCH"
    SERVES_REQUIRED = "SERVES_REQUIRED"
    SERVES_INVALID = "SERVES_INVALID"
    STUDY_REQUIRED = "STUDY_REQUIRED"
    STUDY_INVALID = "STUDY_INVALID"
    REFERENCE_REQUIRED = "REFERENCE_REQUIRED"
    REFERENCE_NOT_OPEN = "REFERENCE_NOT_OPEN"
    ORGANISATION_UNNAMED = "ORGANISATION_UNNAMED"
    NOTHING_PERMITTED = "NOTHING_PERMITTED"
    POLICY_NOT_ACTIVE = "POLICY_NOT_ACTIVE"
    FILTER_NOT_PERMITTED = "FILTER_NOT_PERMITTED"
    FIELDS_WITHHELD = "FIELDS_WITHHELD"
    CURSOR_INVALID = "CURSOR_INVALID"
    PAGE_SIZE_INVALID = "PAGE_SIZE_INVALID"


class ReportMode(StrEnum):
    """How an answer tells what it withheld."""

    EXTENSIONS = "extensions"
    ERRORS = "errors"
    SILENT = "silent"
    REJECT = "reject"


class Outcome(StrEnum):
    """What became of an operation, as the log keeps it."""

    ANSWERED = "ANSWERED"
    REJECTED = "REJECTED"
    REFUSED = "REFUSED"


class LegalBasis(StrEnum):
    """On what ground a field was released."""

    CONSENT = "CONSENT"
    SELF = "SELF"
    LEGAL_OVERRIDE = "LEGAL_OVERRIDE"
    REQUEST_HANDLING = "REQUEST_HANDLING"


_DECLARES_NO_DISCLOSURE = frozenset({RecipientType.SELF, RecipientType.FIRST_PARTY, RecipientType.STATISTICS_RECIPIENT})

_PURPOSE_PARENT = {
    child: parent
    for parent, children in {
        Purpose.PRODUCT_SERVICE_GUIDANCE: (Purpose.AFTER_SERVICE_GUIDANCE, Purpose.PERSONALIZED_ADVERTISING),
        Purpose.PRODUCT_DEVELOPMENT: (Purpose.ALGORITHM_DEVELOPMENT, Purpose.SERVICE_IMPROVEMENT),
        Purpose.CAMPAIGN_EVENT_PRIZE: (
            Purpose.CAMPAIGN_EVENT_INFO,
            Purpose.LOTTERY_WINNER_ANNOUNCEMENT,
            Purpose.PRIZE_SHIPPING,
        ),
        Purpose.TRIAL_CLINICAL_RECRUITMENT: (
            Purpose.MONITOR_TRIAL_RECRUITMENT,
            Purpose.MONITOR_TRIAL_EXECUTION,
            Purpose.CLINICAL_RESEARCH_RECRUITMENT,
            Purpose.CLINICAL_RESEARCH_EXECUTION,
        ),
        Purpose.RESEARCH_ACADEMIC: (Purpose.PAPER_PUBLICATION,),
        Purpose.OTHER_BUSINESS_ACTIVITY: (
            Purpose.PLANNING,
            Purpose.MARKETING,
            Purpose.DEVELOPMENT,
            Purpose.PRODUCTION,
            Purpose.PROMOTION,
            Purpose.SALES,
            Purpose.INCIDENTAL,
        ),
    }.items()
    for child in children
}

_DISCLOSURE_PARENT = dict.fromkeys(
    (
        DisclosurePurpose.APP_USAGE_ANALYSIS,
        DisclosurePurpose.DATA_STORAGE,
        DisclosurePurpose.CUSTOMER_SUPPORT,
        DisclosurePurpose.MARKETING_ANALYSIS,
        DisclosurePurpose.OTHER_PROCESSING,
    ),
    DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE,
)
