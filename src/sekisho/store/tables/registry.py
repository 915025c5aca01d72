"""Who and what is known here besides people: sources, activities, recipients, cases, policy versions, keys."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    true,
)

from sekisho.store.tables.columns import METADATA, instant, one_of, words
from sekisho.vocabulary import DisclosurePurpose, RecipientType, SourceKind

ACTIVITY_KINDS = ("SURVEY", "CAMPAIGN", "EVENT", "MONITOR_TRIAL", "CLINICAL_RESEARCH")
GREATEST_SOURCE_ID = 62  # a source is one bit of a mask in a signed bigint

data_source = Table(
    "data_source",
    METADATA,
    Column("source_id", SmallInteger, primary_key=True, autoincrement=False),
    words("kind"),
    words("name"),
    words("label_ja"),
    words("label_en"),
    CheckConstraint(f"source_id BETWEEN 0 AND {GREATEST_SOURCE_ID}", name="source_id_is_a_bit"),
    one_of("kind", SourceKind),
    UniqueConstraint("kind", "name"),
)

activity = Table(
    "activity",
    METADATA,
    Column("activity_key", Text, primary_key=True),
    words("kind"),
    words("title_ja"),
    words("title_en"),
    Column("sensitive", Boolean, nullable=False),
    one_of("kind", ACTIVITY_KINDS),
    CheckConstraint("starts_with(activity_key, kind || ':')", name="key_tells_kind"),
)

recipient = Table(
    "recipient",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    words("recipient_id"),
    words("name"),
    words("name_en"),
    words("address"),
    words("representative"),
    words("country"),
    words("recipient_type"),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("disclosure_purposes", ARRAY(Text), nullable=False),
    words("linked_service", nullable=True),
    Column("entitlements", ARRAY(Text), nullable=False),
    words("contract_reference"),
    Column("entrustment", Boolean, nullable=False),
    words("statutory_basis"),
    instant("valid_from"),
    instant("valid_until", nullable=True),
    instant("revoked_at", nullable=True),
    instant("registered_at"),
    CheckConstraint("version >= 1", name="version_counts_from_one"),
    one_of("recipient_type", RecipientType),
)

access_case = Table(
    "access_case",
    METADATA,
    Column("case_id", Text, primary_key=True),
    words("client_id"),
    words("disclosure"),
    Column("subjects", ARRAY(Uuid), nullable=False),
    Column("items", ARRAY(Text), nullable=False),
    words("opened_by"),
    instant("opened_at"),
    words("approved_by", nullable=True),
    instant("approved_at", nullable=True),
    instant("expires_at"),
    instant("closed_at", nullable=True),
    one_of(
        "disclosure",
        (DisclosurePurpose.LEGAL_COMPLIANCE, DisclosurePurpose.LEGAL_CLAIMS, DisclosurePurpose.ABUSE_SECURITY_SAFETY),
    ),
    CheckConstraint("approved_by <> opened_by", name="two_operators"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval_is_whole"),
)

policy_version = Table(
    "policy_version",
    METADATA,
    Column("version", Text, primary_key=True),
    instant("effective_from"),
    words("document_sha256"),
    words("text_sha256"),
    instant("registered_at"),
    instant("revoked_at", nullable=True),
)

gateway_key = Table(
    "gateway_key",
    METADATA,
    Column("name", Text, primary_key=True),
    words("fingerprint"),
    instant("registered_at"),
)


# INVARIANT (generation): triggers renew the one row with every change of the tables above but `gateway_key`.
registry_generation = Table(
    "registry_generation",
    METADATA,
    Column("singleton", Boolean, primary_key=True, server_default=true()),
    Column("generation", Uuid, nullable=False, server_default=func.gen_random_uuid()),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("singleton", name="one_row"),
)


def of_activity() -> Column[Any]:
    """The survey, campaign, event, trial or study that a row belongs to."""
    return Column("activity_key", Text, ForeignKey("activity.activity_key"), nullable=False)


def of_activity_kind(kind: str) -> CheckConstraint:
    """The row's activity is of this kind: its key says so."""
    return CheckConstraint(f"starts_with(activity_key, '{kind}:')", name="activity_kind")
