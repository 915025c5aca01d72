"""The one `MetaData`, and the columns and constraints that several tables share."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.schema import SchemaItem

from sekisho.vocabulary import ServiceContext

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def words(name: str, *, nullable: bool = False) -> Column[Any]:
    """A text column."""
    return Column(name, Text, nullable=nullable)


def instant(name: str, *, nullable: bool = False) -> Column[Any]:
    """A moment, kept with its time zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def identifier(name: str) -> Column[Any]:
    """A random identifier."""
    return Column(name, Uuid, nullable=False)


def number(name: str, *, nullable: bool = False) -> Column[Any]:
    """A float8; its table forbids NaN and the infinities (`finite`), so that it has one spelling in JSON."""
    return Column(name, Double, nullable=nullable)


def of_subject() -> Column[Any]:
    """`subject_id`: first in every key, so that it can be a distribution column."""
    return Column("subject_id", Uuid, ForeignKey("subject.subject_id"), nullable=False)


def source(name: str = "source_id", *, stated: bool = False) -> Column[Any]:
    """Where a datum came from. `stated`: the person said so unless something else is recorded."""
    default = text("1") if stated else None
    return Column(name, SmallInteger, ForeignKey("data_source.source_id"), nullable=False, server_default=default)


def origin() -> tuple[Column[Any], ...]:
    """What every personal row tells about itself: its service (statement S2), how it got here, and when."""
    return words("service_context"), words("provenance"), instant("acquired_at")


def one_of(column: str, allowed: Iterable[StrEnum | str]) -> CheckConstraint:
    """`column` holds one of `allowed`, or nothing."""
    listed = ", ".join(f"'{word}'" for word in allowed)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def finite(column: str) -> CheckConstraint:
    """`column` is a number that JSON can spell."""
    return CheckConstraint(f"{column} NOT IN ('NaN', 'Infinity', '-Infinity')", name=f"{column}_finite")


def in_service() -> CheckConstraint:
    """Data of any service the policy does not cover is not stored (statement S2)."""
    return one_of("service_context", ServiceContext)


def about_subject(name: str, *items: SchemaItem) -> Table:
    """A table with at most one row for each person."""
    return Table(name, METADATA, of_subject(), *items, *origin(), in_service(), PrimaryKeyConstraint("subject_id"))


def rows_of_subject(name: str, time: str, *items: SchemaItem) -> Table:
    """A table with many rows for each person, read newest first by `time`."""
    return Table(
        name,
        METADATA,
        of_subject(),
        identifier("row_id"),
        *items,
        source(),
        *origin(),
        in_service(),
        PrimaryKeyConstraint("subject_id", "row_id"),
        Index(f"ix_{name}_newest", "subject_id", text(f"{time} DESC"), "row_id"),
    )
