"""The declaring words: what a field *is*. No purpose ever stands beside a field.

`governed` and `governed_list` declare personal data with its category, its item and where its value is produced;
`structural` declares the few fields that carry none. A field of a subject type without one of these words does not
build (see `sekisho.graph.schema`). The words travel in field metadata, a schema directive and a resolver, so that
inheritance and generics keep them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.base import StrawberryObjectDefinition

from sekisho.graph.words import DataCategoryEnum
from sekisho.store.rows import RowSource
from sekisho.store.values import Value
from sekisho.vocabulary import DataCategory

GOVERNED = "sekisho.governed"
GOVERNED_LIST = "sekisho.governed_list"
STRUCTURAL = "sekisho.structural"

Cls = TypeVar("Cls", bound=type)

_SUBJECT_TYPES: set[type] = set()


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], description="Personal data: one item of the policy."
)
class Personal:
    """`@personal`: the data category and item a field shows, and its unit."""

    category: DataCategoryEnum
    item: str
    unit: str | None = strawberry.UNSET


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], description="A field that carries no personal data."
)
class Structural:
    """`@structural`: allow-listed, judged by nobody."""


@dataclass(frozen=True, eq=False)
class Governed:
    """A field that shows one item. `parse` turns what the database spelled into what GraphQL serialises."""

    category: DataCategory
    item: str
    value: Value
    parse: Callable[[Any], Any] | None = None


@dataclass(frozen=True, eq=False)
class GovernedList:
    """A list of rows; `item` decides whether the list is shown at all, `element` makes the object of one row.

    `time_item` is the item its times show: what a window of time asks for.
    """

    category: DataCategory
    item: str
    rows: RowSource
    element: Callable[..., Any]
    time_item: str


@dataclass_transform(kw_only_default=True)
def subject_type(cls: Cls) -> Cls:
    """Declare a type that carries personal data: each of its fields must be governed or structural."""
    declared = strawberry.type(cls, description=cls.__doc__)
    _SUBJECT_TYPES.add(declared)
    return declared


def is_subject_type(definition: StrawberryObjectDefinition | None) -> bool:
    """Whether this type, or the generic one it was made of, was declared with `subject_type` itself."""
    if definition is None:
        return False
    made_of = definition.concrete_of or definition
    return made_of.origin in _SUBJECT_TYPES


def governed(
    category: DataCategory,
    *,
    item: str,
    value: Value,
    unit: str | None = None,
    label: str = "",
    parse: Callable[[Any], Any] | None = None,
) -> Any:
    """A field that shows `item`: nullable, decided per subject, recorded. `label` is the item's Japanese name."""
    return strawberry.field(
        resolver=_resolve_value,
        description=label or None,
        directives=[Personal(category=category, item=item, unit=unit or strawberry.UNSET)],
        metadata={GOVERNED: Governed(category, item, value, parse)},
    )


def governed_list(declared: GovernedList, resolver: Callable[..., Any], label: str = "") -> Any:
    """A list of rows under one item: null when the item is withheld, and never a row that may not be seen."""
    return strawberry.field(
        resolver=resolver,
        description=label or None,
        directives=[Personal(category=declared.category, item=declared.item)],
        metadata={GOVERNED_LIST: declared},
    )


def structural(resolver: Callable[..., Any], label: str = "") -> Any:
    """A field that carries no personal data: containers, pseudonyms, paging."""
    return strawberry.field(
        resolver=resolver, description=label or None, directives=[Structural()], metadata={STRUCTURAL: True}
    )


def coordinate(info: strawberry.Info) -> str:
    """The schema coordinate of the field being resolved, by the concrete type."""
    return f"{info._raw_info.parent_type.name}.{info.field_name}"  # noqa: SLF001 - strawberry offers no public word


def declared_list(info: strawberry.Info) -> GovernedList:
    """What the list field being resolved was declared to be."""
    declared: GovernedList = info._field.metadata[GOVERNED_LIST]  # noqa: SLF001 - as in `coordinate`
    return declared


def _resolve_value(root: strawberry.Parent[Any], info: strawberry.Info) -> Awaitable[Any]:
    declared: Governed = info._field.metadata[GOVERNED]  # noqa: SLF001 - as in `coordinate`
    answer: Awaitable[Any] = info.context.read(root.reached, declared, coordinate(info), info.path)
    return answer
