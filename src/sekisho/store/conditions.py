"""What a caller may ask of governed values: comparisons in three-valued logic, on the transformed value only."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Double,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    false,
    literal,
    not_,
    null,
    or_,
    true,
)
from sqlalchemy.types import TypeEngine

from sekisho.store.values import Expression, Value
from sekisho.vocabulary import Transform


class Operator(StrEnum):
    """How a value is compared."""

    EQ = "eq"
    IN = "in"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IS_NULL = "isNull"


@dataclass(frozen=True)
class Asked:
    """A governed value as a filter or an order sees it: its expression under the lens, and the bit that permits it."""

    coordinate: str
    item: str
    bit: int
    value: Value
    transform: Transform

    def permitted(self, items: Expression, sources: Expression) -> ColumnElement[bool]:
        """Whether this row's person permits the item, and the datum's source may be read."""
        return and_(bit_of(items, self.bit), bit_of(sources, self.value.source))

    def seen(self, items: Expression, sources: Expression) -> Expression:
        """The transformed value, or NULL where it is refused: ordered like an absent value."""
        return case((self.permitted(items, sources), self.value.comparable(self.transform)))

    def letter(self, items: Expression, sources: Expression) -> Expression:
        """What the record keeps of this use: `v`, `e`, `w` or `s`."""
        stored = case((self.value.comparable(self.transform).is_(None), literal("e")), else_=literal("v"))
        refused = case((bit_of(items, self.bit), literal("s")), else_=literal("w"))
        return case((self.permitted(items, sources), stored), else_=refused)


@dataclass(frozen=True)
class Comparison:
    """One comparison. With `None`, and on an item refused for a person, it is UNKNOWN, also under `isNull`.

    `operand` may be a bind parameter.
    """

    asked: Asked
    operator: Operator
    operand: Any

    def sql(self, items: Expression, sources: Expression) -> ColumnElement[bool]:
        """The comparison in SQL: NULL unless permitted."""
        if self.operand is None:
            return cast(null(), Boolean)
        value, operand = self.asked.value.comparable(self.asked.transform), self.operand
        if self.takes_parameter:
            operand = literal(operand, kind_of(operand))
        compared = _COMPARE[self.operator](value, operand)
        return case((self.asked.permitted(items, sources), compared), else_=null())

    @property
    def takes_parameter(self) -> bool:
        """Whether the operand is a value of the caller's, and not part of the comparison's shape."""
        plain = not isinstance(self.operand, ColumnElement)
        return plain and self.operator is not Operator.IS_NULL and self.operand not in (None, [])


@dataclass(frozen=True)
class Every:
    """All of the parts."""

    parts: tuple["Condition", ...]

    def sql(self, items: Expression, sources: Expression) -> ColumnElement[bool]:
        """The conjunction in SQL; no parts means TRUE."""
        return and_(true(), *(part.sql(items, sources) for part in self.parts))


@dataclass(frozen=True)
class Some:
    """Any of the parts."""

    parts: tuple["Condition", ...]

    def sql(self, items: Expression, sources: Expression) -> ColumnElement[bool]:
        """The disjunction in SQL; no parts means FALSE."""
        return or_(false(), *(part.sql(items, sources) for part in self.parts))


@dataclass(frozen=True)
class Negated:
    """Not the part: UNKNOWN stays UNKNOWN."""

    part: "Condition"

    def sql(self, items: Expression, sources: Expression) -> ColumnElement[bool]:
        """The negation in SQL."""
        return not_(self.part.sql(items, sources))


Condition = Comparison | Every | Some | Negated


def bit_of(mask: Expression, bit: int | Expression) -> ColumnElement[bool]:
    """Whether `bit` (0-based) is set in `mask`."""
    place = literal(bit, Integer) if isinstance(bit, int) else cast(bit, Integer)
    return mask.op(">>")(place).op("&")(1) == 1


def asked_in(condition: Condition | None) -> tuple[Asked, ...]:
    """Every governed value a condition looks at."""
    if condition is None:
        return ()
    if isinstance(condition, Comparison):
        return (condition.asked,)
    parts = (condition.part,) if isinstance(condition, Negated) else condition.parts
    return tuple(asked for part in parts for asked in asked_in(part))


def shape(condition: Condition | None) -> Hashable:
    """Equal for conditions that differ in nothing but the values they compare with."""
    if condition is None:
        return None
    if isinstance(condition, Comparison):
        told = kind_of(condition.operand).__class__ if condition.takes_parameter else repr(condition.operand)
        return (condition.asked.coordinate, condition.operator, told, isinstance(condition.operand, list))
    parts = (condition.part,) if isinstance(condition, Negated) else condition.parts
    return (condition.__class__.__name__, *map(shape, parts))


def operands(condition: Condition | None) -> Iterator[Any]:
    """The values a condition compares with, in order."""
    if isinstance(condition, Comparison):
        if condition.takes_parameter:
            yield condition.operand
    elif condition is not None:
        for part in (condition.part,) if isinstance(condition, Negated) else condition.parts:
            yield from operands(part)


def parametrised(condition: Condition, names: Iterator[str]) -> Condition:
    """The condition with a named bind parameter for each of its `operands`."""
    if isinstance(condition, Comparison):
        if not condition.takes_parameter:
            return condition
        return replace(condition, operand=bindparam(next(names), type_=kind_of(condition.operand)))
    if isinstance(condition, Negated):
        return Negated(parametrised(condition.part, names))
    return replace(condition, parts=tuple(parametrised(part, names) for part in condition.parts))


def kind_of(operand: Any) -> TypeEngine[Any]:
    """The database's type for a caller's value."""
    if isinstance(operand, list):
        return ARRAY(kind_of(operand[0]))
    return Integer() if isinstance(operand, int) else Double() if isinstance(operand, float) else Text()


_COMPARE: dict[Operator, Callable[[Expression, Any], ColumnElement[bool]]] = {
    Operator.EQ: lambda value, operand: value == operand,
    Operator.IN: lambda value, operand: false() if operand == [] else value == any_(operand),
    Operator.LT: lambda value, operand: value < operand,
    Operator.LTE: lambda value, operand: value <= operand,
    Operator.GT: lambda value, operand: value > operand,
    Operator.GTE: lambda value, operand: value >= operand,
    Operator.IS_NULL: lambda value, operand: value.is_(None) if operand else value.is_not(None),
}
