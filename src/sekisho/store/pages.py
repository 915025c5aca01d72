"""Finding people: one by id, page by page by id, or in the order of a governed value.

Every number, id and text that differs from one asking to the next may be a bind parameter instead of a plain value, so
that a statement can be written once. INVARIANT (bounded scan): a page looks at a bounded number of people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)

from sekisho.store.conditions import Asked, bit_of
from sekisho.store.merging import directed, once
from sekisho.store.orders import Key, first_in_order, key_of
from sekisho.store.questions import Ordering, PageQuestion, Position, Reach, given, number, parameter
from sekisho.store.tables.consent import lens, lens_mask, subject_state
from sekisho.store.tables.log import subject_handle
from sekisho.store.tables.ordering import subject_order
from sekisho.store.tables.people import subject_attribute
from sekisho.store.values import AT, Expression

_LOOKED_AT = 500
"""How many people a page looks at in an order where a condition or a study leaves some of them out."""


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


@dataclass(frozen=True, slots=True)
class OrderedPage:
    """People in an order, each with their `place` in it, and where the look ended if it can go on.

    `end` selects `value` and `subject_id`, or no row where everybody was looked at; it is `None` where everybody
    always is.
    """

    people: Select[Any]
    end: Select[Any] | None


def ordered_page(reach: Reach, question: PageQuestion, ordering: Ordering, *also: ColumnElement[bool]) -> OrderedPage:
    """The people this reach finds, by one governed value as this lens shows it.

    Those whose value is permitted and stored come first, then all others by person. A page looks at a bounded number of
    both, but sorts the few whom a reach lists.
    """
    key = key_of(ordering.asked)
    if reach.only is not None or key is None:
        return OrderedPage(_sorted(reach, question, ordering, *also), None)
    looked, most = _looked(reach, question, ordering, key, *also), _most(reach, question)
    others = _others(question, key, *_behind_looked(question, looked, most), *also)
    told = [_rest(reach, question, ordering.asked, key, others)]
    last = others.offset(number(question.scan - 1)).limit(number(1)).subquery()
    ends = [select(_no(key), last.c.subject_id)]
    if looked is not None:
        told.append(select(looked.c.subject_id, looked.c.valid_from, looked.c.value, looked.c.place))
        ends.append(select(looked.c.value, looked.c.subject_id).where(looked.c.place == number(most)))
    chosen = union_all(*(select(each.subquery()) for each in told)).subquery()
    same = and_(subject_state.c.subject_id == chosen.c.subject_id, subject_state.c.valid_from == chosen.c.valid_from)
    standing = _columns().add_columns(chosen.c.value, chosen.c.place).select_from(subject_state.join(chosen, same))
    found = _Found.of(reach, standing.subquery("s"))
    people = _people(found, reach, question.asked, found.state.c.value, found.state.c.place)
    narrowed = _narrowed(people.where(_present(found, reach)), found, question)
    return OrderedPage(narrowed.order_by(found.state.c.place), union_all(*ends).subquery().select())


def _sorted(reach: Reach, question: PageQuestion, ordering: Ordering, *also: ColumnElement[bool]) -> Select[Any]:
    found = _Found.of(reach, _states(*_only(reach), *also))
    seen, subject_id = ordering.asked.seen(found.items, found.sources), found.state.c.subject_id
    shown = case((seen.is_not(None), subject_id))
    by_value = [each.nulls_last() for each in directed((seen, shown), descending=ordering.descending)]
    place = func.row_number().over(order_by=[*by_value, subject_id])
    chosen = _people(found, reach, question.asked, seen, place).where(_present(found, reach))
    chosen = _narrowed(chosen, found, question)
    if question.after is not None:
        chosen = chosen.where(_behind(found, seen, question.after, descending=ordering.descending))
    return chosen.order_by(literal_column("place"))


def _looked(
    reach: Reach, question: PageQuestion, ordering: Ordering, key: Key, *also: ColumnElement[bool]
) -> CTE | None:
    """The first people whose value is permitted and stored; `None` behind all of these."""
    if question.after is not None and question.after.value is None:
        return None
    found = _Found.of(reach, subject_state)
    cells = select(found.mask.c.profile_id, found.sources.label("sources"))
    permitting = once(cells.where(bit_of(found.items, ordering.asked.bit), *also))
    return first_in_order(permitting, key, ordering, question.after, _most(reach, question))


def _behind_looked(question: PageQuestion, looked: CTE | None, most: int) -> Iterator[ColumnElement[bool]]:
    """All others come once nobody is left whose value is permitted and stored."""
    if looked is not None:
        yield select(func.count()).select_from(looked).scalar_subquery() < number(most)
    elif question.after is not None:
        yield subject_order.c.subject_id > parameter(question.after.subject_id, Uuid())


def _others(question: PageQuestion, key: Key, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The next `scan` people by id."""
    table = subject_order.c
    value, source = table[key.column].label("value"), table[key.source].label("source")
    scanned = select(table.subject_id, table.valid_from, table.profile_id, value, source)
    scanned = scanned.where(table.valid_from <= AT, table.valid_until > AT, *conditions)
    return scanned.order_by(table.subject_id).limit(number(question.scan))


def _rest(reach: Reach, question: PageQuestion, asked: Asked, key: Key, others: Select[Any]) -> Select[Any]:
    """Those of the others whose value is absent or refused, behind everybody else."""
    scanned, masked = others.subquery(), _Found.of(reach, subject_order)
    # One mask for each person, looked up on the way: the order stands, and the scan ends when enough are found.
    own = select(masked.items.label("items"), masked.sources.label("sources"))
    mask = own.where(masked.mask.c.profile_id == scanned.c.profile_id).limit(number(1)).lateral()
    readable = bit_of(mask.c.sources, scanned.c.source)
    shown = and_(bit_of(mask.c["items"], asked.bit), readable, scanned.c.value.is_not(None))
    rest = (
        select(scanned.c.subject_id, scanned.c.valid_from)
        .select_from(scanned.join(mask, true()))
        .where(mask.c["items"] != 0, not_(shown))
        .order_by(scanned.c.subject_id)
    )
    found = (rest if _narrows(reach, question) else rest.limit(number(question.size + 1))).subquery()
    place = func.row_number().over(order_by=found.c.subject_id) + number(_most(reach, question))
    return select(found.c.subject_id, found.c.valid_from, _no(key), place.label("place"))


def _no(key: Key) -> ColumnElement[Any]:
    return cast(null(), key.kind).label("value")


def _most(reach: Reach, question: PageQuestion) -> int:
    """How many are looked at in the order: those asked for, unless some of them may not be meant."""
    wanted = question.size + 1
    return min(question.scan, max(wanted, _LOOKED_AT) if _narrows(reach, question) else wanted)


def _narrows(reach: Reach, question: PageQuestion) -> bool:
    return question.condition is not None or reach.study is not None


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


def _people(
    found: _Found, reach: Reach, asked: Sequence[Asked], seen: Expression | None = None, *told: Expression
) -> Select[Any]:
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
        *(place.label("place") for place in told),
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
        named = select(lens.c.lens_id).where(lens.c.key == parameter(reach.lens_key, Text())).scalar_subquery()
        mine = named if reach.lens_id is None else parameter(reach.lens_id, Integer())
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
    """Behind `after` in the order: absent and refused values come last, ties go by person, the same way."""
    mine, person = found.state.c.subject_id, parameter(after.subject_id, Uuid())
    if after.value is None:
        return and_(seen.is_(None), mine > person)
    value = parameter(after.value, seen.type)
    further = or_(seen < value, and_(seen == value, mine < person))
    if not descending:
        further = or_(seen > value, and_(seen == value, mine > person))
    return or_(further, seen.is_(None))


def _among(subject_id: Expression, subject_ids: Any) -> ColumnElement[bool]:
    listed = list(subject_ids) if isinstance(subject_ids, tuple) else subject_ids
    return subject_id == func.any(parameter(listed, ARRAY(Uuid())))


def _now() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return subject_state.c.valid_from <= AT, subject_state.c.valid_until > AT
