"""From an operation's document to the tree of what it selects.

Fields are collected by graphql-core itself, so that aliases, fragments, type conditions, `@skip`, `@include` and merged
selections mean what they mean everywhere else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from sekisho.graph.compiled.arguments import AskedField
from sekisho.graph.compiled.tree import (
    PERSON,
    ROW,
    Constant,
    Edges,
    Found,
    Group,
    Listed,
    NotCompiled,
    PageFacts,
    PathTemplate,
    PersonField,
    Pseudonym,
    Root,
    SealedCursor,
    Selection,
    Shown,
    Spelling,
)
from sekisho.graph.documents import Document
from sekisho.graph.governed import Governed, GovernedList
from sekisho.graph.queries import PERSONAL_ROOTS

_WORDS = frozenset({"Timestamp", "PartialDate", "Age"})


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
