"""Finding people: one by id, page by page by id, or in the order of a governed value.

Every number, id and text that differs from one asking to the next may be a bind parameter instead of a plain value, so
that a statement can be written once. INVARIANT (bounded scan): a page looks at a bounded number of people.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    func,
    null,
    or_,
    select,
)

from sekisho.store.conditions import Asked
from sekisho.store.questions import Ordering, PageQuestion, Position, Reach, given, number, parameter
from sekisho.store.tables.consent import lens, lens_mask, subject_state
from sekisho.store.tables.log import subject_handle
from sekisho.store.tables.people import subject_attribute
from sekisho.store.values import AT, Expression


def profiles_of(subject_ids: Sequence[UUID]) -> Select[Any]:
    """The consent profile of each of these people now."""
    return select(subject_state.c.profile_id).where(_among(subject_state.c.subject_id, subject_ids), *_now())


def person(reach: Reach, subject_id: Any, *also: ColumnElement[bool]) -> Select[Any]:
    """One person by id, whether this reach finds them or not (`present`)."""
    one = subject_state.c.subject_id == parameter(subject_id, Uuid())
    return _people(_Found.of(reach, _states(one, *also)), reach, ())


def scanned_page(reach: Reach, question: PageQuestion, *also: ColumnElement[bool]) -> Select[Any]:
    """The people this reach finds among the next `scan`, by internal id."""
    found = _Found.of(reach, _scan(reach, question, *also))
    chosen = _people(found, reach, question.asked).where(_present(found, reach))
    return _narrowed(chosen, found, question).order_by(found.state.c.subject_id)


def scan_end(reach: Reach, question: PageQuestion) -> Select[Any]:
    """How many people the scan looks at, and the last of them."""
    scanned = _scan(reach, question)
    last = select(scanned.c.subject_id).order_by(scanned.c.subject_id.desc()).limit(1).scalar_subquery()
    return select(func.count().label("scanned"), last.label("last")).select_from(scanned)


def ordered_page(reach: Reach, question: PageQuestion, ordering: Ordering, *also: ColumnElement[bool]) -> Select[Any]:
    """The people this reach finds, by one governed value as this lens shows it."""
    found = _Found.of(reach, _states(*_only(reach), *also))
    seen = ordering.asked.seen(found.items, found.sources)
    chosen = _people(found, reach, question.asked, seen).where(_present(found, reach))
    chosen = _narrowed(chosen, found, question)
    if question.after is not None:
        chosen = chosen.where(_behind(found, seen, question.after, descending=ordering.descending))
    direction = seen.desc() if ordering.descending else seen.asc()
    return chosen.order_by(direction.nulls_last(), found.state.c.subject_id)


class _Found(NamedTuple):
    """People's states now, each beside the mask of its profile; `items` and `sources` are NULL where there is none."""

    state: FromClause
    mask: FromClause
    items: Expression
    sources: Expression

    @classmethod
    def of(cls, reach: Reach, state: FromClause) -> "_Found":
        mask = _mask(reach)
        sources: Expression = mask.c.sources
        if reach.sources is not None:
            sources = sources.op("&")(parameter(reach.sources, BigInteger()))
        return cls(state, mask, mask.c["items"], sources)


def _people(found: _Found, reach: Reach, asked: Sequence[Asked], seen: Expression | None = None) -> Select[Any]:
    state, mask = found.state, found.mask
    return select(
        state.c.subject_id,
        subject_handle.c.handle,
        state.c.profile_id,
        state.c.participations,
        state.c.evidence,
        _present(found, reach).label("present"),
        func.coalesce(found.items, 0).label("items"),
        func.coalesce(found.sources, 0).label("sources"),
        (null() if seen is None else seen).label("value"),
        *(each.letter(found.items, found.sources).label(f"letter{place}") for place, each in enumerate(asked)),
    ).select_from(
        state.join(subject_handle, subject_handle.c.subject_id == state.c.subject_id)
        .join(mask, mask.c.profile_id == state.c.profile_id, isouter=True)
        .join(subject_attribute, subject_attribute.c.subject_id == state.c.subject_id, isouter=True)
    )


def _present(found: _Found, reach: Reach) -> ColumnElement[bool]:
    present: ColumnElement[bool] = func.coalesce(found.items, 0) != 0
    if reach.study is not None:
        present = and_(present, parameter(reach.study, Text()) == func.any(found.state.c.participations))
    if reach.only is not None:
        present = and_(present, _among(found.state.c.subject_id, reach.only))
    return present


def _narrowed(chosen: Select[Any], found: _Found, question: PageQuestion) -> Select[Any]:
    if question.condition is None:
        return chosen
    return chosen.where(question.condition.sql(found.items, found.sources))


def _mask(reach: Reach) -> FromClause:
    """The masks of this reach as a relation (profile_id, items, sources)."""
    if reach.masks is None:
        mine = select(lens.c.lens_id).where(lens.c.key == parameter(reach.lens_key, Text())).scalar_subquery()
        version = parameter(reach.policy_version, Text())
        stored = select(lens_mask.c.profile_id, lens_mask.c["items"], lens_mask.c.sources)
        return stored.where(lens_mask.c.policy_version == version, lens_mask.c.lens_id == mine).subquery("m")
    return given(
        "m",
        ("profile_id", Integer(), reach.masks.profiles),
        ("items", BigInteger(), reach.masks.items),
        ("sources", BigInteger(), reach.masks.sources),
    )


def _states(*conditions: ColumnElement[bool]) -> FromClause:
    return _columns().where(*_now(), *conditions).subquery("s")


def _scan(reach: Reach, question: PageQuestion, *also: ColumnElement[bool]) -> FromClause:
    scanned = _columns().where(*_now(), *_only(reach), *also)
    if question.after is not None:
        scanned = scanned.where(subject_state.c.subject_id > parameter(question.after.subject_id, Uuid()))
    return scanned.order_by(subject_state.c.subject_id).limit(number(question.scan)).subquery("s")


def _columns() -> Select[Any]:
    state = subject_state.c
    return select(state.subject_id, state.profile_id, state.participations, state.evidence)


def _only(reach: Reach) -> tuple[ColumnElement[bool], ...]:
    return (_among(subject_state.c.subject_id, reach.only),) if reach.only is not None else ()


def _behind(found: _Found, seen: Expression, after: Position, *, descending: bool) -> ColumnElement[bool]:
    """Behind `after` in the order: absent and refused values come last, ties go by person."""
    later = found.state.c.subject_id > parameter(after.subject_id, Uuid())
    if after.value is None:
        return and_(seen.is_(None), later)
    value = parameter(after.value, seen.type)
    further = seen < value if descending else seen > value
    return or_(further, seen.is_(None), and_(seen == value, later))


def _among(subject_id: Expression, subject_ids: Any) -> ColumnElement[bool]:
    listed = list(subject_ids) if isinstance(subject_ids, tuple) else subject_ids
    return subject_id == func.any(parameter(listed, ARRAY(Uuid())))


def _now() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return subject_state.c.valid_from <= AT, subject_state.c.valid_until > AT
