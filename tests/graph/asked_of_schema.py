"""Operations over everything the schema governs: read from the schema, so that a field added tomorrow is asked too.

`$id` stands for what the asker calls somebody, `$cursor` for a cursor of the asker's own.
"""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
    is_required_input_field,
)

from graph.world import SCHEMA
from sekisho.graph.governed import GovernedList
from sekisho.graph.schema import governed_fields

CORE = SCHEMA._schema
GOVERNED = governed_fields(CORE)
LISTS = [coordinate for coordinate, declared in GOVERNED.items() if isinstance(declared, GovernedList)]
_SAMPLES = {
    "Int": ("3",),
    "Float": ("160.5",),
    "Boolean": ("true", "false"),
    "DateTime": ('"2026-03-02T00:00:00Z"',),
    "ID": ("$id",),
}
_TEXTS = {"after": "$cursor", "eq": '"1985"'}


def of_root(root: str, selection: str, arguments: str = "") -> str:
    """A root field that selects `selection` of each person."""
    if root == "subjects":
        given = f"({arguments})" if arguments else ""
        return f"subjects{given} {{ edges {{ cursor node {{ {selection} }} }} pageInfo {{ hasNextPage endCursor }} }}"
    if root == "me":
        return f"me {{ {selection} }}"
    inner = f"... on Subject {{ {selection} }}" if root == "node" else selection
    return f"{root}(id: $id) {{ {inner} }}"


def whole() -> str:
    """Every governed coordinate of a person."""
    told: dict[str, list[str]] = {}
    for coordinate in GOVERNED:
        parent, name = coordinate.split(".")
        told.setdefault(parent, []).append(name)
    parts = [f"id attributes {{ {' '.join(told['Attributes'])} }} account {{ {' '.join(told['Account'])} }}"]
    return " ".join([*parts, *(f"{each.split('.')[1]} {{ {' '.join(told[_element(each)])} }}" for each in LISTS)])


def of_coordinate(coordinate: str) -> str:
    """A person's fields down to one governed coordinate."""
    parent, name = coordinate.split(".")
    if parent == "Subject":
        return f"{name} {{ __typename }}"
    if parent in ("Attributes", "Account"):
        return f"{parent.lower()} {{ {name} }}"
    lists = [each.split(".")[1] for each in LISTS if _element(each) == parent]
    assert lists, f"nothing leads to `{coordinate}`"
    return " ".join(f"{each} {{ {name} }}" for each in lists)


def list_arguments() -> Iterator[tuple[str, str]]:
    """Each list with each of its arguments, alone: its coordinate, and the list as it is asked for."""
    for coordinate in LISTS:
        name = coordinate.split(".")[1]
        for argument, told in CORE.type_map["Subject"].fields[name].args.items():  # type: ignore[attr-defined]
            for value in (*_values(argument, told), "null"):
                yield coordinate, f"{name}({argument}: {value}) {{ __typename }}"


def page_arguments() -> Iterator[str]:
    """Each argument of a page, alone, and a few together; every comparison of every filter, every order both ways."""
    told = CORE.query_type.fields["subjects"].args  # type: ignore[union-attr]
    for argument, each in told.items():
        for value in (*_values(argument, each), "null"):
            yield f"{argument}: {value}"
    yield "first: 2, where: {sex: {eq: FEMALE}, heightCm: {gt: 150.5}}, orderBy: {field: AGE, direction: DESC}"


def _element(coordinate: str) -> str:
    parent, name = coordinate.split(".")
    return get_named_type(CORE.type_map[parent].fields[name].type).name  # type: ignore[attr-defined]


def _values(name: str, told: GraphQLArgument) -> tuple[str, ...]:
    return tuple(_of_type(name, told.type, 0))


def _of_type(name: str, kind: Any, depth: int) -> Iterator[str]:
    kind = get_nullable_type(kind)
    if isinstance(kind, GraphQLList):
        inner = tuple(_of_type(name, kind.of_type, depth))
        yield from ("[]", f"[{', '.join(inner)}]")
    elif isinstance(kind, GraphQLEnumType):
        yield from kind.values
    elif isinstance(kind, GraphQLInputObjectType):
        yield from _of_input(kind, depth + 1)
    else:
        yield from _SAMPLES.get(kind.name) or (_TEXTS.get(name, '"1985-05"'),)


def _of_input(kind: GraphQLInputObjectType, depth: int) -> Iterator[str]:
    required = [name for name, each in kind.fields.items() if is_required_input_field(each)]
    if required:
        yield from _with_required(kind, required, depth)
        return
    # A condition within a condition is asked with everything at once.
    plain = {name: each for name, each in kind.fields.items() if depth == 1 or get_named_type(each.type) is not kind}
    if depth > 1 and len(plain) < len(kind.fields):
        yield f"{{{', '.join(f'{name}: {[*_of_type(name, each.type, depth)][-1]}' for name, each in plain.items())}}}"
        return
    yield from ("{}", f"{{{next(iter(plain))}: null}}")
    for name, each in plain.items():
        yield from (f"{{{name}: {value}}}" for value in _of_type(name, each.type, depth))


def _with_required(kind: GraphQLInputObjectType, required: list[str], depth: int) -> Iterator[str]:
    (name,) = required
    for value in _of_type(name, kind.fields[name].type, depth):
        yield f"{{{name}: {value}}}"
        for also, each in kind.fields.items():
            if also != name:
                yield from (f"{{{name}: {value}, {also}: {other}}}" for other in _of_type(also, each.type, depth))
