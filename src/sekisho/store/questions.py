"""What an operation may ask the database, and the statements that ask it.

INVARIANT (a refused value is never selected): every expression of a governed value stands behind the bit that
permits it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    Uuid,
    and_,
    case,
    column,
    func,
    lateral,
    literal,
    null,
    or_,
    select,
    true,
)

from sekisho.store.conditions import Asked, Condition, bit_of
from sekisho.store.rows import RowSource, Window
from sekisho.store.tables.consent import lens, lens_mask, subject_state
from sekisho.store.tables.log import subject_handle
from sekisho.store.tables.people import subject_attribute
from sekisho.store.values import AT, Expression, Value
from sekisho.vocabulary import Transform


@dataclass(frozen=True, slots=True)
class ProfileMask:
    """A mask worked out for this operation alone (a case, a request being handled) instead of the stored one."""

    profile_id: int
    items: int
    sources: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an operation may find at all.

    `study` keeps participants only; `only` these people; `sources` further narrows the readable sources; `masks`
    replace the stored ones. `participating` shows rows of activities only where the person takes part now.
    """

    policy_version: str
    lens_key: str
    sources: int
    study: str | None = None
    only: tuple[UUID, ...] | None = None
    masks: tuple[ProfileMask, ...] | None = None
    participating: bool = True


@dataclass(frozen=True, slots=True)
class Ordering:
    """Order by one governed value, absent and refused values last; ties by person."""

    asked: Asked
    descending: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the person, and the order's value there."""

    subject_id: UUID
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


def person(reach: Reach, subject_id: UUID) -> Select[Any]:
    """One person by id, whether this reach finds them or not."""
    mask = _mask(reach)
    return _people(reach, mask, (), absent_too=True).where(subject_state.c.subject_id == subject_id)


def profiles_of(subject_ids: Sequence[UUID]) -> Select[Any]:
    """The consent profile of each of these people now."""
    return select(subject_state.c.profile_id).where(_among(subject_ids), *_now())


def scanned_page(reach: Reach, question: PageQuestion) -> Select[Any]:
    """The people this reach finds among the next `scan`, by internal id."""
    mask = _mask(reach)
    chosen = _people(reach, mask, question.asked).where(
        subject_state.c.subject_id.in_(select(_scan(reach, question).c.subject_id))
    )
    return _where(chosen, mask, reach, question).order_by(subject_state.c.subject_id).limit(question.size + 1)


def scan_end(reach: Reach, question: PageQuestion) -> Select[Any]:
    """How many people the scan looks at, and the last of them."""
    scanned = _scan(reach, question)
    last = select(scanned.c.subject_id).order_by(scanned.c.subject_id.desc()).limit(1).scalar_subquery()
    return select(func.count(), last).select_from(scanned)


def ordered_page(reach: Reach, question: PageQuestion, ordering: Ordering) -> Select[Any]:
    """The people this reach finds, by one governed value as this lens shows it."""
    mask = _mask(reach)
    seen = ordering.asked.seen(mask.c["items"], _sources(mask, reach))
    chosen = _where(_people(reach, mask, question.asked, seen), mask, reach, question)
    if question.after is not None:
        chosen = chosen.where(_behind(seen, question.after, descending=ordering.descending))
    direction = seen.desc() if ordering.descending else seen.asc()
    return chosen.order_by(direction.nulls_last(), subject_state.c.subject_id).limit(question.size + 1)


def rows_of(reach: Reach, source: RowSource, window: Window, people: Mapping[UUID, int]) -> Select[Any]:
    """The visible rows of each person (`people`: their readable sources), newest or oldest first."""
    table = source.table
    asked = _given("asked", ("subject_id", Uuid(), list(people)), ("sources", BigInteger(), list(people.values())))
    visible = [
        table.c.subject_id == asked.c.subject_id,
        bit_of(asked.c.sources, table.c.source_id),
        *(source.narrowing[name] == wanted for name, wanted in window.equal),
    ]
    if source.activity is not None and reach.participating:
        visible.append(source.activity == func.any(subject_state.c.participations))
    if window.since is not None:
        visible.append(source.time >= window.since)
    if window.until is not None:
        visible.append(source.time < window.until)
    activity = source.activity if source.activity is not None else null()
    order = (source.time.desc(), table.c.row_id) if window.newest else (source.time, table.c.row_id.desc())
    newest = lateral(
        select(table.c.row_id, table.c.source_id, activity.label("activity"), source.time.label("time"))
        .where(*visible)
        .order_by(*order)
        .limit(window.size)
    )
    outward = (newest.c.time.desc(), newest.c.row_id) if window.newest else (newest.c.time, newest.c.row_id.desc())
    return (
        select(asked.c.subject_id, newest.c.row_id, newest.c.source_id, newest.c.activity)
        .select_from(asked.join(subject_state, subject_state.c.subject_id == asked.c.subject_id).join(newest, true()))
        .where(*_now())
        .order_by(asked.c.subject_id, *outward)
    )


def values_of(table: Table, columns: Sequence[tuple[Value, Transform]], wanted: Sequence[Wanted]) -> Select[Any]:
    """Each column for each person or row that wants it: subject, row, then value and source of each column."""
    bits: dict[tuple[UUID, UUID | None], int] = {}
    sources: dict[tuple[UUID, UUID | None], int] = {}
    for each in wanted:
        key = (each.subject_id, each.row_id)
        place = columns.index((each.value, each.transform)) if (each.value, each.transform) in columns else None
        bits[key] = bits.get(key, 0) | (0 if place is None else 1 << place)
        sources[key] = each.sources
    asked = _given(
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


def _people(
    reach: Reach, mask: FromClause, asked: Sequence[Asked], seen: Expression | None = None, *, absent_too: bool = False
) -> Select[Any]:
    items, sources = mask.c["items"], _sources(mask, reach)
    present = func.coalesce(items, 0) != 0
    if reach.study is not None:
        present = and_(present, literal(reach.study) == func.any(subject_state.c.participations))
    if reach.only is not None:
        present = and_(present, _among(reach.only))
    chosen = (
        select(
            subject_state.c.subject_id,
            subject_handle.c.handle,
            subject_state.c.profile_id,
            subject_state.c.participations,
            subject_state.c.evidence,
            present.label("present"),
            func.coalesce(sources, 0).label("sources"),
            (null() if seen is None else seen).label("value"),
            *(each.letter(items, sources).label(f"letter{place}") for place, each in enumerate(asked)),
        )
        .select_from(
            subject_state.join(subject_handle, subject_handle.c.subject_id == subject_state.c.subject_id)
            .join(mask, mask.c.profile_id == subject_state.c.profile_id, isouter=True)
            .join(subject_attribute, subject_attribute.c.subject_id == subject_state.c.subject_id, isouter=True)
        )
        .where(*_now())
    )
    return chosen if absent_too else chosen.where(present)


def _where(chosen: Select[Any], mask: FromClause, reach: Reach, question: PageQuestion) -> Select[Any]:
    if question.condition is None:
        return chosen
    return chosen.where(question.condition.sql(mask.c["items"], _sources(mask, reach)))


def _mask(reach: Reach) -> FromClause:
    """The masks of this reach as a relation (profile_id, items, sources)."""
    if reach.masks is None:
        mine = select(lens.c.lens_id).where(lens.c.key == reach.lens_key).scalar_subquery()
        stored = select(lens_mask.c.profile_id, lens_mask.c["items"], lens_mask.c.sources)
        return stored.where(lens_mask.c.policy_version == reach.policy_version, lens_mask.c.lens_id == mine).subquery(
            "m"
        )
    return _given(
        "m",
        ("profile_id", Integer(), [each.profile_id for each in reach.masks]),
        ("items", BigInteger(), [each.items for each in reach.masks]),
        ("sources", BigInteger(), [each.sources for each in reach.masks]),
    )


def _given(name: str, *columns: tuple[str, Any, list[Any]]) -> FromClause:
    """Parallel lists as a relation."""
    lists = (literal(values, ARRAY(kind)) for _, kind, values in columns)
    return (
        func.unnest(*lists).table_valued(*(column(each, kind) for each, kind, _ in columns)).render_derived(name=name)
    )


def _sources(mask: FromClause, reach: Reach) -> Expression:
    return mask.c.sources.op("&")(literal(reach.sources, BigInteger))


def _scan(reach: Reach, question: PageQuestion) -> FromClause:
    scanned = select(subject_state.c.subject_id).where(*_now())
    if reach.only is not None:
        scanned = scanned.where(_among(reach.only))
    if question.after is not None:
        scanned = scanned.where(subject_state.c.subject_id > question.after.subject_id)
    return scanned.order_by(subject_state.c.subject_id).limit(question.scan).subquery("scanned")


def _behind(seen: Expression, after: Position, *, descending: bool) -> ColumnElement[bool]:
    """Behind `after` in the order: absent and refused values come last, ties go by person."""
    later = subject_state.c.subject_id > after.subject_id
    if after.value is None:
        return and_(seen.is_(None), later)
    further = seen < after.value if descending else seen > after.value
    return or_(further, seen.is_(None), and_(seen == after.value, later))


def _among(subject_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return subject_state.c.subject_id == func.any(literal(list(subject_ids), ARRAY(Uuid())))


def _now() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return subject_state.c.valid_from <= AT, subject_state.c.valid_until > AT
