"""What a caller may ask of governed values: comparisons in three-valued logic, on the transformed value only."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, and_, case, cast, literal, not_, null, or_

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
    """One comparison. With `None`, and on an item refused for a person, it is UNKNOWN, also under `isNull`."""

    asked: Asked
    operator: Operator
    operand: Any

    def sql(self, items: Expression, sources: Expression) -> ColumnElement[bool]:
        """The comparison in SQL: NULL unless permitted."""
        if self.operand is None:
            return cast(null(), Boolean)
        compared = _COMPARE[self.operator](self.asked.value.comparable(self.asked.transform), self.operand)
        return case((self.asked.permitted(items, sources), compared), else_=null())


@dataclass(frozen=True)
class Every:
    """All of the parts."""

    parts: tuple["Condition", ...]

    def sql(self, items: Expression, sources: Expression) -> ColumnElement[bool]:
        """The conjunction in SQL; no parts means TRUE."""
        return and_(literal(value=True), *(part.sql(items, sources) for part in self.parts))


@dataclass(frozen=True)
class Some:
    """Any of the parts."""

    parts: tuple["Condition", ...]

    def sql(self, items: Expression, sources: Expression) -> ColumnElement[bool]:
        """The disjunction in SQL; no parts means FALSE."""
        return or_(literal(value=False), *(part.sql(items, sources) for part in self.parts))


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


_COMPARE: dict[Operator, Callable[[Expression, Any], ColumnElement[bool]]] = {
    Operator.EQ: lambda value, operand: value == operand,
    Operator.IN: lambda value, operand: value.in_(operand) if operand else literal(value=False),
    Operator.LT: lambda value, operand: value < operand,
    Operator.LTE: lambda value, operand: value <= operand,
    Operator.GT: lambda value, operand: value > operand,
    Operator.GTE: lambda value, operand: value >= operand,
    Operator.IS_NULL: lambda value, operand: value.is_(None) if operand else value.is_not(None),
}
