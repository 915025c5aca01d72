"""`where` and `orderBy`: over governed items only, and only through the decision.

A filter sees what the lens shows: the year where only the year is shown, the band where only the band. An item that
is statically out of reach refuses the operation before data is touched.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

import strawberry

from sekisho.decision import shown_as
from sekisho.declaration import Refused
from sekisho.graph.operation import Circumstances
from sekisho.graph.types import attributes
from sekisho.graph.words import Sex
from sekisho.store.conditions import Asked, Comparison, Condition, Every, Negated, Operator, Some
from sekisho.store.questions import Ordering
from sekisho.store.values import Value
from sekisho.vocabulary import Refusal

ASKABLE: dict[str, tuple[str, str, Value]] = {
    "birth_date": ("Attributes.birthDate", "birthDate", attributes.BIRTH_DATE),
    "age": ("Attributes.age", "age", attributes.AGE),
    "sex": ("Attributes.sex", "sex", attributes.SEX),
    "height_cm": ("Attributes.heightCm", "height", attributes.HEIGHT),
    "weight_kg": ("Attributes.weightKg", "weight", attributes.WEIGHT),
}
"""What may be filtered and ordered by: input name -> coordinate, item, value."""

MOST_PARTS = 50
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_OPERATORS = {"eq": "eq", "in_": "in", "lt": "lt", "lte": "lte", "gt": "gt", "gte": "gte", "is_null": "isNull"}


@strawberry.input(description="Compares a date as text, as far as the lens shows it: `1990` comes before `1990-05`.")
class DateFilter:
    """Comparisons of one date."""

    eq: str | None = strawberry.UNSET
    in_: list[str] | None = strawberry.field(name="in", default=strawberry.UNSET)
    lt: str | None = strawberry.UNSET
    lte: str | None = strawberry.UNSET
    gt: str | None = strawberry.UNSET
    gte: str | None = strawberry.UNSET
    is_null: bool | None = strawberry.UNSET


@strawberry.input(description="Compares whole years: the least age possible, or the start of the band shown.")
class AgeFilter:
    """Comparisons of an age."""

    eq: int | None = strawberry.UNSET
    in_: list[int] | None = strawberry.field(name="in", default=strawberry.UNSET)
    lt: int | None = strawberry.UNSET
    lte: int | None = strawberry.UNSET
    gt: int | None = strawberry.UNSET
    gte: int | None = strawberry.UNSET
    is_null: bool | None = strawberry.UNSET


@strawberry.input(description="Compares a number.")
class FloatFilter:
    """Comparisons of a measured number."""

    eq: float | None = strawberry.UNSET
    in_: list[float] | None = strawberry.field(name="in", default=strawberry.UNSET)
    lt: float | None = strawberry.UNSET
    lte: float | None = strawberry.UNSET
    gt: float | None = strawberry.UNSET
    gte: float | None = strawberry.UNSET
    is_null: bool | None = strawberry.UNSET


@strawberry.input(description="Compares a sex.")
class SexFilter:
    """Comparisons of a sex."""

    eq: Sex | None = strawberry.UNSET
    in_: list[Sex] | None = strawberry.field(name="in", default=strawberry.UNSET)
    is_null: bool | None = strawberry.UNSET


@strawberry.input(
    description="All given parts must hold. On an item withheld for a person every comparison is unknown, "
    "so neither it nor its negation finds them."
)
class SubjectWhere:
    """A condition on people."""

    and_: list["SubjectWhere"] | None = strawberry.field(name="and", default=strawberry.UNSET)
    or_: list["SubjectWhere"] | None = strawberry.field(name="or", default=strawberry.UNSET)
    not_: "SubjectWhere | None" = strawberry.field(name="not", default=strawberry.UNSET)
    birth_date: DateFilter | None = strawberry.UNSET
    age: AgeFilter | None = strawberry.UNSET
    sex: SexFilter | None = strawberry.UNSET
    height_cm: FloatFilter | None = strawberry.UNSET
    weight_kg: FloatFilter | None = strawberry.UNSET


@strawberry.enum(description="What people may be ordered by.")
class SubjectOrderField(Enum):
    """The governed values that order."""

    BIRTH_DATE = "birth_date"
    AGE = "age"
    SEX = "sex"
    HEIGHT_CM = "height_cm"
    WEIGHT_KG = "weight_kg"


@strawberry.enum(description="Ascending or descending.")
class Direction(Enum):
    """Which way an order goes."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.input(description="An order by what the lens shows; absent and withheld values come last either way.")
class SubjectOrder:
    """An order of people."""

    field: SubjectOrderField
    direction: Direction = Direction.ASC


def condition(here: Circumstances, where: SubjectWhere | None) -> Condition | None:
    """The condition in the database's words. Raises `Refused` for an item that is statically out of reach."""
    if where is None:
        return None
    if _parts(where) > MOST_PARTS:
        raise Refused(Refusal.FILTER_NOT_PERMITTED, f"`where` has more than {MOST_PARTS} parts; ask for less at once")
    return _condition(here, where)


def ordering(here: Circumstances, order: SubjectOrder | None) -> Ordering | None:
    """The order in the database's words. Raises `Refused` like `condition`."""
    if order is None:
        return None
    return Ordering(_asked(here, order.field.value), descending=order.direction is Direction.DESC)


def _condition(here: Circumstances, where: SubjectWhere) -> Condition:
    parts: list[Condition] = [_condition(here, part) for part in where.and_ or ()]
    if where.or_ is not None and where.or_ is not strawberry.UNSET:
        parts.append(Some(tuple(_condition(here, part) for part in where.or_)))
    if where.not_:
        parts.append(Negated(_condition(here, where.not_)))
    for name in ASKABLE:
        compared = getattr(where, name)
        if compared:
            parts += _comparisons(_asked(here, name), compared)
    return Every(tuple(parts))


def _comparisons(asked: Asked, compared: Any) -> Iterator[Comparison]:
    for attribute, operator in _OPERATORS.items():
        operand = getattr(compared, attribute, strawberry.UNSET)
        if operand is not strawberry.UNSET:
            yield Comparison(asked, Operator(operator), _plain(operand))


def _plain(operand: Any) -> Any:
    if isinstance(operand, list):
        return [_plain(each) for each in operand]
    if isinstance(operand, str) and not _DATE.fullmatch(operand):
        raise Refused(
            Refusal.FILTER_NOT_PERMITTED, "dates are compared as `1990`, `1990-05` or `1990-05-01`; write them so"
        )
    return operand.value if isinstance(operand, Enum) else operand


def _asked(here: Circumstances, name: str) -> Asked:
    coordinate, item, value = ASKABLE[name]
    current = here.rules.current
    transform = shown_as(here.rules, here.question(item))
    if transform is None or current is None:
        raise Refused(
            Refusal.FILTER_NOT_PERMITTED,
            f"`{coordinate}` may not be read for this purpose, so not filtered or ordered by",
        )
    return Asked(coordinate, item, current.item(item).bit, value, transform)


def _parts(where: SubjectWhere) -> int:
    nested = [*(where.and_ or ()), *(where.or_ or ()), *([where.not_] if where.not_ else ())]
    return 1 + sum(_parts(part) for part in nested)
