"""The schema: built, checked, printed.

INVARIANT (undeclared fields do not build): every type that a data subject's type leads to is a subject type, each of
its fields is governed or structural, a governed field is nullable, and its item is one of the policy's.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from strawberry.directive import DirectiveLocation
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig

from sekisho.graph.governed import GOVERNED, GOVERNED_LIST, STRUCTURAL, Governed, GovernedList, is_subject_type
from sekisho.graph.queries import PERSONAL_ROOTS, Query
from sekisho.graph.types.subject import Node, Subject
from sekisho.graph.words import SCALARS, DisclosurePurposeEnum, PurposeEnum, RecipientTypeEnum
from sekisho.policy.document import Policies

_BACKREF = "strawberry-definition"


class UndeclaredField(Exception):  # noqa: N818 - the domain's word
    """A field could show personal data without saying what it is; the process must not start."""


@strawberry.directive(
    locations=[DirectiveLocation.QUERY],
    name="purpose",
    description="What the data is for. Literals only; headers are equivalents.",
)
def purpose(
    is_: Annotated[PurposeEnum | None, strawberry.argument(name="is", description="利用目的")] = strawberry.UNSET,
    disclosure: Annotated[DisclosurePurposeEnum | None, strawberry.argument(description="開示目的")] = strawberry.UNSET,
    recipient: Annotated[
        RecipientTypeEnum | None, strawberry.argument(description="Only confirms what the credential says.")
    ] = strawberry.UNSET,
    reference: Annotated[
        str | None, strawberry.argument(description="The case or request that opens this.")
    ] = strawberry.UNSET,
    serves: Annotated[
        PurposeEnum | None, strawberry.argument(description="The activity an INCIDENTAL purpose serves.")
    ] = strawberry.UNSET,
    study: Annotated[
        str | None, strawberry.argument(description="The study whose participants are read.")
    ] = strawberry.UNSET,
) -> None:
    """`@purpose`: read from the document before execution, never executed."""


def build(policies: Policies, query: type = Query) -> strawberry.Schema:
    """The schema for these policy versions. Raises `UndeclaredField` when it could leak."""
    schema = strawberry.Schema(
        query, directives=[purpose], types=[Subject, Node], config=StrawberryConfig(scalar_map=SCALARS)
    )
    core = schema._schema  # noqa: SLF001 - strawberry offers no public word for the core schema
    check(core, {item.id for version in policies.versions for item in version.items})
    _let_repeat(core)
    return schema


def print_sdl(schema: strawberry.Schema) -> str:
    """The schema in SDL, with what each field is."""
    return print_schema(schema).rstrip() + "\n"


def check(schema: GraphQLSchema, items: set[str]) -> None:
    """Refuse a schema with a field that could show personal data undeclared."""
    for named in _personal_types(schema):
        if not is_subject_type(named.extensions.get(_BACKREF)):
            raise UndeclaredField(
                f"`{named.name}` can be reached from a data subject but is a plain type; declare it with `subject_type`"
            )
        for name, field in named.fields.items():
            _check_field(f"{named.name}.{name}", field, items)


def governed_fields(schema: GraphQLSchema) -> dict[str, Governed | GovernedList]:
    """Every governed coordinate with its declaration."""
    found: dict[str, Governed | GovernedList] = {}
    for named in _personal_types(schema):
        for name, field in named.fields.items():
            metadata = _metadata(field)
            declared = metadata.get(GOVERNED) or metadata.get(GOVERNED_LIST)
            if declared is not None:
                found[f"{named.name}.{name}"] = declared
    return found


def _check_field(coordinate: str, field: GraphQLField, items: set[str]) -> None:
    metadata = _metadata(field)
    declared = metadata.get(GOVERNED) or metadata.get(GOVERNED_LIST)
    if declared is None and not metadata.get(STRUCTURAL):
        raise UndeclaredField(f"`{coordinate}` has no data category; declare it `governed(...)` or `structural(...)`")
    if declared is None:
        return
    if isinstance(field.type, GraphQLNonNull):
        raise UndeclaredField(
            f"`{coordinate}` is governed but not null; one refusal would erase its siblings: allow null"
        )
    if declared.item not in items:
        raise UndeclaredField(
            f"`{coordinate}` shows `{declared.item}`, which no policy version lists; name a listed item"
        )


def _personal_types(schema: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    """Every object type that the personal root fields lead to."""
    query = schema.query_type
    waiting = [get_named_type(query.fields[name].type) for name in PERSONAL_ROOTS if query and name in query.fields]
    seen: set[str] = set()
    while waiting:
        named = waiting.pop()
        if named.name in seen:
            continue
        seen.add(named.name)
        if isinstance(named, (GraphQLInterfaceType, GraphQLUnionType)):
            waiting += schema.get_possible_types(named)
        elif isinstance(named, GraphQLObjectType):
            yield named
            waiting += [get_named_type(field.type) for field in named.fields.values()]


def _metadata(field: GraphQLField) -> dict[str, Any]:
    definition = field.extensions.get(_BACKREF)
    return dict(definition.metadata) if definition is not None else {}


def _let_repeat(schema: GraphQLSchema) -> None:
    """`@purpose` may be said twice, as long as it says the same: the declaration judges that, not the grammar."""
    for directive in schema.directives:
        if directive.name == purpose.graphql_name:
            directive.is_repeatable = True
