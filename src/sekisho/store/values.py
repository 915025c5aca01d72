"""Where a governed value is produced: one SQL expression per transform, and the few spellings they share.

Every time is spelled in UTC with microseconds. Calendar questions (age, birthdays) are asked in Asia/Tokyo at the
operation's instant: the bind parameters `at` and `today`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)

from sekisho.store.tables import people, registry
from sekisho.vocabulary import BirthPrecision, Transform

AT = bindparam("at", type_=DateTime(timezone=True))
"""The instant of the operation."""

TODAY = bindparam("today", type_=Date)
"""The date of that instant in Asia/Tokyo."""

BAND_YEARS = 5

Expression = ColumnElement[Any]


@dataclass(frozen=True, eq=False)
class Value:
    """A value of one table, as each transform shows it.

    `source` is the column with the datum's source, `activity` the one with its activity key. `compared` gives what
    filters and orders see where that is not the spelling itself: always of the transformed value.
    """

    table: Table
    shown: Mapping[Transform, Expression]
    source: Expression
    activity: Expression | None = None
    compared: Mapping[Transform, Expression] = field(default_factory=dict)

    def comparable(self, transform: Transform) -> Expression:
        """What a filter or an order may look at under `transform`."""
        return self.compared.get(transform, self.shown[transform])


def stored(table: Table, column: Expression, source: Expression | None = None) -> Value:
    """A value shown only as stored."""
    return Value(table, {Transform.FULL: column}, _source(table, source), table.c.get("activity_key"))


def masked_email(table: Table, column: Expression) -> Value:
    """An e-mail address, in full or as first character, `***` and domain."""
    masked = func.left(column, 1) + literal("***@") + func.split_part(column, "@", 2)
    return Value(table, {Transform.FULL: column, Transform.MASK: masked}, table.c.source_id)


def utc(column: Expression) -> Expression:
    """A moment as text: `2026-04-01T00:00:00.000000Z`."""
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def birth_date(table: Table) -> Value:
    """A birth date as exact as it is known (`1990-05-01`, `1990-05`, `1990`), or its year."""
    column, precision = table.c.birth_date, table.c.birth_precision
    known = case(
        (precision == BirthPrecision.DAY, cast(column, Text)),  # every session spells dates by ISO 8601
        (precision == BirthPrecision.MONTH, func.to_char(column, "YYYY-MM")),
        (precision == BirthPrecision.YEAR, func.to_char(column, "YYYY")),
    )
    return Value(
        table, {Transform.FULL: known, Transform.YEAR: func.to_char(column, "YYYY")}, table.c.birth_date_source
    )


def age(table: Table) -> Value:
    """The age in years as far as it is known (`34`, or `33-34`), or the five-year band of the year difference."""
    youngest, oldest = years(_latest_birthday(table)), years(_earliest_birthday(table))
    exact = case(
        (table.c.birth_precision == BirthPrecision.DAY, cast(years(table.c.birth_date), Text)),
        (youngest == oldest, cast(youngest, Text)),
        else_=_range(youngest, oldest),
    )
    start = band(func.date_part("year", table.c.birth_date))
    return Value(
        table,
        {Transform.FULL: exact, Transform.BAND: case((table.c.birth_date.is_not(None), _range(start, start + 4)))},
        table.c.birth_date_source,
        compared={Transform.FULL: youngest, Transform.BAND: start},
    )


def _source(table: Table, source: Expression | None) -> Expression:
    return table.c.source_id if source is None else source


def _range(low: Expression, high: Expression) -> Expression:
    return cast(low, Text) + literal("-") + cast(high, Text)


def years(born: Expression, today: Expression = TODAY) -> Expression:
    """Whole years since a birthday."""
    return cast(func.date_part("year", func.age(today, born)), Integer)


def band(year: Expression, today: Expression = TODAY) -> Expression:
    """Where the band of a year of birth begins, by difference of years."""
    return cast(func.floor((func.date_part("year", today) - year) / BAND_YEARS) * BAND_YEARS, Integer)


def _earliest_birthday(table: Table) -> Expression:
    precision, column = table.c.birth_precision, table.c.birth_date
    return case(
        (precision == BirthPrecision.YEAR, _truncated("year", column)),
        (precision == BirthPrecision.MONTH, _truncated("month", column)),
        else_=column,
    )


def _latest_birthday(table: Table) -> Expression:
    precision, column = table.c.birth_precision, table.c.birth_date
    return case(
        (precision == BirthPrecision.YEAR, _last_day("year", "1 year", column)),
        (precision == BirthPrecision.MONTH, _last_day("month", "1 month", column)),
        else_=column,
    )


def _truncated(unit: str, column: Expression) -> Expression:
    return cast(func.date_trunc(unit, column), Date)


def _last_day(unit: str, length: str, column: Expression) -> Expression:
    return cast(func.date_trunc(unit, column) + literal_column(f"interval '{length}'"), Date) - 1


def source_name(source_id: Expression) -> Expression:
    """The name of the linked service or provider a row came from."""
    named = select(registry.data_source.c.name).where(registry.data_source.c.source_id == source_id)
    return named.scalar_subquery()


def case_number(messages: Table) -> Expression:
    """The number of the support case a message belongs to."""
    cases = people.support_case
    same = and_(cases.c.subject_id == messages.c.subject_id, cases.c.row_id == messages.c.case_row_id)
    return select(cases.c.case_number).where(same).scalar_subquery()
