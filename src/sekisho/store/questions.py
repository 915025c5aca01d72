"""What an operation may ask the database of the people it found, and the statements that ask it.

INVARIANT (a refused value is never selected): every expression of a governed value stands behind the bit that
permits it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    case,
    column,
    func,
    lateral,
    literal,
    literal_column,
    null,
    select,
    true,
)

from sekisho.store.conditions import Asked, Condition, bit_of
from sekisho.store.rows import RowSource, Window
from sekisho.store.tables.consent import subject_state
from sekisho.store.values import AT, Expression, Value
from sekisho.vocabulary import Transform


@dataclass(frozen=True, slots=True)
class Masks:
    """Masks worked out for one operation (a case, the person's own) instead of the stored ones: parallel lists."""

    profiles: Any
    items: Any
    sources: Any


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an operation may find at all.

    `study` keeps participants only; `only` these people; `sources` further narrows the readable sources; `masks`
    replace the stored ones. `participating` shows rows of activities only where the person takes part now. `lens_id`
    spares looking `lens_key` up. `None` narrows nothing; any other value may be a bind parameter.
    """

    policy_version: Any
    lens_key: Any
    sources: Any = None
    study: Any = None
    only: Any = None
    masks: Masks | None = None
    participating: bool = True
    lens_id: Any = None


@dataclass(frozen=True, slots=True)
class Ordering:
    """Order by one governed value, absent and refused values last; ties by person."""

    asked: Asked
    descending: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the person, and the order's value there. Both may be bind parameters."""

    subject_id: Any
    value: Any = None


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A page of people: how many, after whom, under what condition and order, scanning at most `scan` of them."""

    size: int
    scan: int
    after: Position | None = None
    condition: Condition | None = None
    ordering: Ordering | None = None
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One permitted value: of a person or of one of their rows, as `transform` shows it. `sources` is their mask."""

    subject_id: UUID
    row_id: UUID | None
    sources: int
    value: Value
    transform: Transform


def rows_of(reach: Reach, source: RowSource, window: Window, people: Mapping[UUID, int]) -> Select[Any]:
    """The visible rows of each person (`people`: their readable sources), newest or oldest first."""
    asked = given("asked", ("subject_id", Uuid(), list(people)), ("sources", BigInteger(), list(people.values())))
    table = source.table
    rows = visible_rows(reach, source, window, asked.c.subject_id, asked.c.sources, subject_state.c.participations)
    activity = source.activity if source.activity is not None else null()
    newest = lateral(
        rows.with_only_columns(table.c.row_id, table.c.source_id, activity.label("activity"), source.time.label("time"))
    )
    outward = (newest.c.time.desc(), newest.c.row_id) if window.newest else (newest.c.time, newest.c.row_id.desc())
    return (
        select(asked.c.subject_id, newest.c.row_id, newest.c.source_id, newest.c.activity)
        .select_from(asked.join(subject_state, subject_state.c.subject_id == asked.c.subject_id).join(newest, true()))
        .where(subject_state.c.valid_from <= AT, subject_state.c.valid_until > AT)
        .order_by(asked.c.subject_id, *outward)
    )


def visible_rows(
    reach: Reach,
    source: RowSource,
    window: Window,
    subject_id: Expression,
    sources: Expression,
    participations: Expression,
) -> Select[Any]:
    """The rows of one person's list that may be seen, as many as the window asks for; it selects nothing yet."""
    table = source.table
    order = (source.time.desc(), table.c.row_id) if window.newest else (source.time, table.c.row_id.desc())
    visible = _visible(reach, source, window, sources, participations)
    return (
        select()
        .select_from(table)
        .where(table.c.subject_id == subject_id, *visible)
        .order_by(*order)
        .limit(number(window.size))
    )


def _visible(
    reach: Reach, source: RowSource, window: Window, sources: Expression, participations: Expression
) -> Iterator[ColumnElement[bool]]:
    yield bit_of(sources, source.table.c.source_id)
    for name, wanted in window.equal:
        yield source.narrowing[name] == parameter(wanted, Text())
    if source.activity is not None and reach.participating:
        yield source.activity == func.any(participations)
    if window.since is not None:
        yield source.time >= parameter(window.since, DateTime(timezone=True))
    if window.until is not None:
        yield source.time < parameter(window.until, DateTime(timezone=True))


def values_of(table: Table, columns: Sequence[tuple[Value, Transform]], wanted: Sequence[Wanted]) -> Select[Any]:
    """Each column for each person or row that wants it: subject, row, then value and source of each column."""
    bits: dict[tuple[UUID, UUID | None], int] = {}
    sources: dict[tuple[UUID, UUID | None], int] = {}
    for each in wanted:
        key = (each.subject_id, each.row_id)
        place = columns.index((each.value, each.transform)) if (each.value, each.transform) in columns else None
        bits[key] = bits.get(key, 0) | (0 if place is None else 1 << place)
        sources[key] = each.sources
    asked = given(
        "asked",
        ("subject_id", Uuid(), [subject for subject, _ in bits]),
        ("row_id", Uuid(), [row for _, row in bits]),
        ("wanted", BigInteger(), list(bits.values())),
        ("sources", BigInteger(), [sources[key] for key in bits]),
    )
    shown: list[ColumnElement[Any]] = []
    for place, (value, transform) in enumerate(columns):
        permitted = and_(bit_of(asked.c.wanted, place), bit_of(asked.c.sources, value.source))
        shown += [case((permitted, value.shown[transform])), value.source]
    same = table.c.subject_id == asked.c.subject_id
    if "row_id" in table.c:
        same = and_(same, table.c.row_id == asked.c.row_id)
    unnamed = [each.label(f"c{place}") for place, each in enumerate(shown)]
    return select(asked.c.subject_id, asked.c.row_id, *unnamed).select_from(asked.join(table, same))


def given(name: str, *columns: tuple[str, Any, Any]) -> FromClause:
    """Parallel lists as a relation."""
    lists = (parameter(values, ARRAY(kind)) for _, kind, values in columns)
    return (
        func.unnest(*lists).table_valued(*(column(each, kind) for each, kind, _ in columns)).render_derived(name=name)
    )


def parameter(value: Any, kind: Any) -> ColumnElement[Any]:
    """`value` as a bind parameter of type `kind`, unless it is an expression already."""
    return value if isinstance(value, ColumnElement) else literal(value, kind)


def number(value: int) -> ColumnElement[int]:
    """A number that is part of the statement's text: a plan made for a limit is a better plan."""
    return literal_column(str(int(value)), Integer())
