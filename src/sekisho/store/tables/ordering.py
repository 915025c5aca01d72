"""What people may be ordered by, beside where they stand: a copy, so that an index can lead with the consent profile.

INVARIANT (one truth): triggers keep it like `subject_state` and `subject_attribute`, in the same transaction.
"""

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid, text

from sekisho.store.tables.columns import METADATA, finite, instant, number, words


def _source(name: str) -> Column[int]:
    return Column(name, SmallInteger)


def _in_order(name: str, *shown: str) -> Index:
    """People of one profile by `name`, either way; what else a page looks at stands in the index as well."""
    return Index(
        f"ix_subject_order_{name}",
        "profile_id",
        name,
        "subject_id",
        postgresql_include=[*shown, "valid_from", "valid_until"],
        postgresql_where=text(f"{name} IS NOT NULL"),
    )


# A row for each stretch of a person's timeline that is not over when it is written.
subject_order = Table(
    "subject_order",
    METADATA,
    Column("subject_id", Uuid, nullable=False),
    instant("valid_from"),
    instant("valid_until"),
    Column("profile_id", Integer, nullable=False),
    # As exact as it is known: `1990-05-01`, `1990-05`, `1990`.
    Column("birth_date", Text(collation="C")),
    Column("birth_year", Integer),
    Column("latest_birthday", Date),
    _source("birth_date_source"),
    words("sex", nullable=True),
    _source("sex_source"),
    number("height_cm", nullable=True),
    _source("height_source"),
    number("weight_kg", nullable=True),
    _source("weight_source"),
    PrimaryKeyConstraint("subject_id", "valid_from"),
    finite("height_cm"),
    finite("weight_kg"),
    _in_order("birth_date", "birth_date_source"),
    _in_order("birth_year", "latest_birthday", "birth_date_source"),
    _in_order("latest_birthday", "birth_date_source"),
    _in_order("sex", "sex_source"),
    _in_order("height_cm", "height_source"),
    _in_order("weight_kg", "weight_source"),
)
