"""What people said, and the interned states it folds into."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from sekisho.store.tables.columns import METADATA, instant, of_subject, one_of, words
from sekisho.vocabulary import AccountState, EventKind, RestrictionTarget

# INVARIANT (append-only): a trigger refuses UPDATE, DELETE and TRUNCATE here, whoever asks.
consent_event = Table(
    "consent_event",
    METADATA,
    Column("subject_id", Uuid, nullable=False),
    words("event_id"),
    words("kind"),
    instant("event_time"),
    instant("recorded_at"),
    words("policy_version", nullable=True),
    words("text_sha256", nullable=True),
    Column("scope", JSONB(none_as_null=True)),
    instant("valid_until", nullable=True),
    Column("ends", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    words("key", nullable=True),
    words("target", nullable=True),
    words("channel", nullable=True),
    words("language", nullable=True),
    words("entity", nullable=True),
    words("method", nullable=True),
    instant("notice_presented_at", nullable=True),
    Column("evidence", JSONB(none_as_null=True)),
    PrimaryKeyConstraint("subject_id", "event_id"),
    one_of("kind", EventKind),
    one_of("target", RestrictionTarget),
)

consent_profile = Table(
    "consent_profile",
    METADATA,
    Column("profile_id", Integer, Identity(always=True), primary_key=True),
    Column("state", Text, nullable=False, unique=True),
)

# The ends of a timeline are -infinity and infinity.
subject_state = Table(
    "subject_state",
    METADATA,
    of_subject(),
    instant("valid_from"),
    instant("valid_until"),
    Column("profile_id", Integer, ForeignKey("consent_profile.profile_id"), nullable=False),
    Column("participations", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("evidence", JSONB(none_as_null=True), nullable=False),
    words("account_state"),
    PrimaryKeyConstraint("subject_id", "valid_from"),
    CheckConstraint("valid_from < valid_until", name="lasts"),
    one_of("account_state", AccountState),
)

lens = Table(
    "lens",
    METADATA,
    Column("lens_id", Integer, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
)

lens_mask = Table(
    "lens_mask",
    METADATA,
    words("policy_version"),
    Column("lens_id", Integer, ForeignKey("lens.lens_id"), nullable=False),
    Column("profile_id", Integer, ForeignKey("consent_profile.profile_id"), nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("sources", BigInteger, nullable=False),
    PrimaryKeyConstraint("policy_version", "lens_id", "profile_id"),
)
