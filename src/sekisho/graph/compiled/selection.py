"""What an operation selects, as a tree of governed values, lists and the structure around them.

Fields are collected by graphql-core itself, so that aliases, fragments, type conditions, `@skip`, `@include` and merged
selections mean what they mean everywhere else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    coerce_input_literal,
    get_argument_values,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from sekisho.graph.documents import Document
from sekisho.graph.governed import Governed, GovernedList
from sekisho.graph.queries import PERSONAL_ROOTS

PERSON, ROW = -1, -2
"""The steps of a path that stand for the place of a person on the page, and of a row in its list."""

PathTemplate = tuple[str | int, ...]


class Spelling(Enum):
    """How a value of a GraphQL type becomes JSON: as it is, in quotes, or as escaped text."""

    NUMBER = "number"
    WORD = "word"
    TEXT = "text"


_WORDS = frozenset({"Timestamp", "PartialDate", "Age"})


class NotCompiled(Exception):  # noqa: N818 - a verdict on an operation
    """This operation has a part that the compiler does not know; it is answered field by field."""


@dataclass(frozen=True, eq=False)
class Constant:
    """`__typename`: known before anything is read."""

    key: str
    text: str


@dataclass(frozen=True, eq=False)
class Shown:
    """A governed value under its response key."""

    key: str
    coordinate: str
    declared: Governed
    spelling: Spelling
    path: PathTemplate


@dataclass(frozen=True, eq=False)
class Pseudonym:
    """The id of a person, filled in after the statement."""

    key: str


@dataclass(frozen=True, eq=False)
class Group:
    """An object that only groups a person's values: attributes, account."""

    key: str
    fields: tuple["PersonField", ...]


@dataclass(frozen=True, eq=False)
class Listed:
    """A governed list of rows. `number` tells the lists of one root apart."""

    key: str
    coordinate: str
    declared: GovernedList
    fields: tuple[Shown | Constant, ...]
    path: PathTemplate
    number: int
    asked: "AskedField"


PersonField = Constant | Shown | Pseudonym | Group | Listed


@dataclass(frozen=True, eq=False)
class SealedCursor:
    """The cursor of an edge, sealed after the statement."""

    key: str


@dataclass(frozen=True, eq=False)
class Found:
    """The person of an edge."""

    key: str
    fields: tuple[PersonField, ...]


@dataclass(frozen=True, eq=False)
class Edges:
    """The edges of a page."""

    key: str
    fields: tuple[Constant | SealedCursor | Found, ...]


@dataclass(frozen=True, eq=False)
class PageFacts:
    """Whether a page can go on: response key -> field of `PageInfo`."""

    key: str
    fields: tuple[tuple[str, str], ...]


class AskedField:
    """A field with its arguments, some of which may be variables."""

    __slots__ = ("_literals", "_mixed", "_node", "_variables", "told")

    def __init__(self, told: GraphQLField, node: FieldNode) -> None:
        self.told = told
        self._node = node
        self._literals: dict[str, Any] = {}
        self._variables: dict[str, str] = {}
        self._mixed = False
        for argument in node.arguments or ():
            name, value = argument.name.value, argument.value
            if isinstance(value, VariableNode):
                self._variables[name] = value.name.value
            elif _has_variables(value):
                self._mixed = True
            else:
                self._literals[name] = coerce_input_literal(value, told.args[name].type)

    def given(self, variables: VariableValues) -> Mapping[str, Any]:
        """The arguments by name; one that was not given is absent or `None`."""
        if self._mixed:
            return get_argument_values(self.told, self._node, variables)
        if not self._variables:
            return self._literals
        coerced = variables.coerced
        return self._literals | {name: coerced.get(variable) for name, variable in self._variables.items()}


def _has_variables(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_has_variables, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_has_variables(each.value) for each in value.fields)
    return isinstance(value, VariableNode)


@dataclass(frozen=True, eq=False)
class Root:
    """One governed root field: the person's fields, or the parts of a page."""

    key: str
    name: str
    asked: AskedField
    person: tuple[PersonField, ...] = ()
    page: tuple[Constant | Edges | PageFacts, ...] = ()
    lists: tuple[Listed, ...] = ()

    @property
    def is_page(self) -> bool:
        """Whether this root field answers with a page of people."""
        return self.name == "subjects"

    def shown(self) -> Iterator[Shown]:
        """Every occurrence of a governed value of a person, in the order of the answer."""
        for each in _fields_of(self):
            yield from _shown(each)


@dataclass(frozen=True, eq=False)
class Selection:
    """The root fields of an operation in the order of the answer: governed ones, and the nodes of the others."""

    governed: tuple[Root, ...]
    plain: tuple[tuple[str, tuple[FieldNode, ...]], ...]
    keys: tuple[str, ...]


@dataclass
class Selector:
    """Builds the tree of one operation, with the variables that `@skip` and `@include` look at."""

    schema: GraphQLSchema
    governed: Mapping[str, Governed | GovernedList]
    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues
    _lists: list[Listed] = field(default_factory=list)

    def selection(self) -> Selection:
        """The tree. Raises `NotCompiled`."""
        query = self.schema.query_type
        if query is None:
            raise NotCompiled("a schema without queries")
        self._fragments = {name: FragmentDetails(node) for name, node in self.document.fragments.items()}
        collected = collect_fields(self.schema, self._fragments, self.variables, query, self.operation)
        roots: list[Root] = []
        plain: list[tuple[str, tuple[FieldNode, ...]]] = []
        for key, details in collected.grouped_field_set.items():
            if details[0].node.name.value in PERSONAL_ROOTS:
                roots.append(self._root(key, details, query))
            else:
                plain.append((key, tuple(each.node for each in details)))
        return Selection(tuple(roots), tuple(plain), tuple(collected.grouped_field_set))

    def _root(self, key: str, details: list[FieldDetails], query: GraphQLObjectType) -> Root:
        node = details[0].node
        told, name = query.fields[node.name.value], node.name.value
        self._lists = []
        if name == "subjects":
            page = tuple(self._page_part(*each, (key,)) for each in self._collected(details, "SubjectConnection"))
            return Root(key, name, AskedField(told, node), page=page, lists=tuple(self._lists))
        person = self._person(details, "Subject", (key,))
        return Root(key, name, AskedField(told, node), person=person, lists=tuple(self._lists))

    def _page_part(
        self, key: str, details: list[FieldDetails], parent: GraphQLObjectType, path: PathTemplate
    ) -> Constant | Edges | PageFacts:
        name = details[0].node.name.value
        if name == "edges":
            at = (*path, key, PERSON)
            return Edges(key, tuple(self._edge_part(*each, at) for each in self._collected(details, "SubjectEdge")))
        if name == "pageInfo":
            facts = self._collected(details, "PageInfo")
            return PageFacts(key, tuple((response, told[0].node.name.value) for response, told, _ in facts))
        return _constant(key, name, parent)

    def _edge_part(
        self, key: str, details: list[FieldDetails], parent: GraphQLObjectType, path: PathTemplate
    ) -> Constant | SealedCursor | Found:
        name = details[0].node.name.value
        if name == "cursor":
            return SealedCursor(key)
        if name == "node":
            return Found(key, self._person(details, "Subject", (*path, key)))
        return _constant(key, name, parent)

    def _person(self, details: list[FieldDetails], type_name: str, path: PathTemplate) -> tuple[PersonField, ...]:
        return tuple(self._field(*each, path) for each in self._collected(details, type_name))

    def _field(
        self, key: str, details: list[FieldDetails], parent: GraphQLObjectType, path: PathTemplate
    ) -> PersonField:
        node, at = details[0].node, (*path, key)
        name = node.name.value
        if name == "__typename":
            return _constant(key, name, parent)
        told, coordinate = parent.fields[name], f"{parent.name}.{name}"
        declared = self.governed.get(coordinate)
        if isinstance(declared, Governed):
            return Shown(key, coordinate, declared, _spelling(told), at)
        if isinstance(declared, GovernedList):
            return self._list(key, details, told, declared, at)
        if name == "id":
            return Pseudonym(key)
        return Group(key, self._person(details, get_named_type(told.type).name, at))

    def _list(
        self, key: str, details: list[FieldDetails], told: GraphQLField, declared: GovernedList, path: PathTemplate
    ) -> Listed:
        element, node = get_named_type(told.type).name, details[0].node
        coordinate = f"Subject.{node.name.value}"
        fields = [self._row_field(*each, (*path, ROW)) for each in self._collected(details, element)]
        listed = Listed(key, coordinate, declared, tuple(fields), path, len(self._lists), AskedField(told, node))
        self._lists.append(listed)
        return listed

    def _row_field(
        self, key: str, details: list[FieldDetails], parent: GraphQLObjectType, path: PathTemplate
    ) -> Shown | Constant:
        found = self._field(key, details, parent, path)
        if isinstance(found, (Shown, Constant)):
            return found
        raise NotCompiled(f"`{parent.name}.{details[0].node.name.value}` below a list")

    def _collected(
        self, details: list[FieldDetails], type_name: str
    ) -> Iterator[tuple[str, list[FieldDetails], GraphQLObjectType]]:
        parent = self.schema.get_type(type_name)
        if not isinstance(parent, GraphQLObjectType):
            raise NotCompiled(f"`{type_name}` is no object type")
        collected = collect_subfields(self.schema, self._fragments, self.variables, self.operation, parent, details)
        for key, found in collected.grouped_field_set.items():
            yield key, found, parent


def _constant(key: str, name: str, parent: GraphQLObjectType) -> Constant:
    if name != "__typename":
        raise NotCompiled(f"`{parent.name}.{name}`")
    return Constant(key, f'"{parent.name}"')


def _spelling(told: GraphQLField) -> Spelling:
    named: Any = get_named_type(told.type)
    if named.name == "Float":
        return Spelling.NUMBER
    if named.name == "String":
        return Spelling.TEXT
    if named.name in _WORDS or isinstance(named, GraphQLEnumType):
        return Spelling.WORD
    raise NotCompiled(f"values of type `{named.name}`")


def _fields_of(root: Root) -> Iterator[PersonField]:
    yield from root.person
    for part in root.page:
        if isinstance(part, Edges):
            for each in part.fields:
                if isinstance(each, Found):
                    yield from each.fields


def _shown(each: PersonField) -> Iterator[Shown]:
    if isinstance(each, Shown):
        yield each
    elif isinstance(each, Group):
        for inner in each.fields:
            yield from _shown(inner)
