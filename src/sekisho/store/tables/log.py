"""The disclosure log: one compact row per statement, and the handles that stand for people in it."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from sekisho.store.tables.columns import METADATA, identifier, instant, of_subject, one_of, words
from sekisho.vocabulary import Outcome

NONCE_BYTES = 32


def _texts(name: str) -> Column[Any]:
    return Column(name, ARRAY(Text), nullable=False)


def _numbers(name: str) -> Column[Any]:
    return Column(name, ARRAY(Integer), nullable=False)


# The log knows people by these random handles alone; closing an account destroys or moves only the mapping.
subject_handle = Table(
    "subject_handle",
    METADATA,
    identifier("handle"),
    of_subject(),
    PrimaryKeyConstraint("handle"),
    UniqueConstraint("subject_id"),
)

# INVARIANT (append-only): a trigger refuses UPDATE and TRUNCATE, and DELETE to all but the role of retention.
# Arrays with an entry for each person are stored uncompressed (`sql/0003`), which a column here cannot say.
# INVARIANT (no gap): the index by subject finds a row from its commit on, merged or not.
disclosure_log = Table(
    "disclosure_log",
    METADATA,
    identifier("row_id"),
    instant("occurred_at"),
    Column("schema", SmallInteger, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    words("outcome"),
    words("refusal"),
    words("client_id"),
    Column("client_version", Integer, nullable=False),
    words("recipient_type"),
    words("purpose"),
    words("disclosure"),
    words("serves"),
    words("study"),
    words("reference"),
    words("ignored_purpose"),
    words("policy_version"),
    words("lens_key"),
    words("operation_name"),
    words("operation_sha256"),
    words("request_id"),
    words("token_id"),
    words("report_mode"),
    words("root"),
    _texts("coordinates"),
    _texts("items"),
    _texts("uses"),
    _texts("transforms"),
    _texts("lists"),
    Column("subjects", ARRAY(Uuid), nullable=False),
    _numbers("profiles"),
    _texts("evidence"),
    _texts("outcomes"),
    _numbers("row_counts"),
    words("legal_basis"),
    PrimaryKeyConstraint("row_id"),
    one_of("outcome", Outcome),
    CheckConstraint(f"octet_length(nonce) = {NONCE_BYTES}", name="nonce_length"),
    Index("ix_disclosure_log_in_time", "occurred_at", "row_id"),
    Index(
        "ix_disclosure_log_subjects",
        "subjects",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "on", "gin_pending_list_limit": 4096},
    ),
)
