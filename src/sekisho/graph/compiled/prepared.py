"""What is known of an operation before anybody asks it: its document, its variables, what it selects."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    VariableNode,
    Visitor,
    coerce_input_value,
    is_leaf_type,
    is_non_null_type,
    type_from_ast,
    visit,
)
from graphql.execution.values import VariableValues, get_variable_values

from sekisho.graph.compiled.selection import Selector
from sekisho.graph.compiled.tree import Selection
from sekisho.graph.documents import Document
from sekisho.graph.governed import Governed, GovernedList
from sekisho.graph.queries import PERSONAL_ROOTS

Kept = TypeVar("Kept")
_SWITCHES = frozenset({"skip", "include"})
_SELECTIONS = 64


class Latest(Generic[Kept]):
    """The latest `most` things made, by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable) -> Kept | None:
        """What is kept under `key`."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: Hashable, made: Kept) -> Kept:
        """Keep `made`; the one longest unused goes."""
        self._kept[key] = made
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made

    def made(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What is kept under `key`, made when there is none."""
        found = self.get(key)
        return found if found is not None else self.keep(key, make())

    def forget(self, key: Hashable) -> None:
        """Keep nothing under `key`."""
        self._kept.pop(key, None)


@dataclass(eq=False)
class Prepared:
    """One operation of one document."""

    schema: GraphQLSchema
    governed: Mapping[str, Governed | GovernedList]
    document: Document
    node: OperationDefinitionNode
    text: str
    _selections: Latest[Selection] = field(default_factory=lambda: Latest(_SELECTIONS))

    def __post_init__(self) -> None:
        """Everything that no request changes."""
        self.name = self.node.name.value if self.node.name else ""
        self.sha256 = hashlib.sha256(self.text.encode()).hexdigest()
        self.reaches_people = bool(self.document.root_fields(self.node) & PERSONAL_ROOTS)
        self._definitions = tuple(self.node.variable_definitions or ())
        self._simple = self._simple_variables()
        self._switches = tuple(sorted(_switches(self.document.node)))

    def variables(self, given: Mapping[str, Any] | None) -> VariableValues | None:
        """The variables as GraphQL coerces them; `None` when they do not fit."""
        if not self._definitions:
            return _NONE
        inputs = given or {}
        if self._simple is not None:
            return self._coerced(self._simple, inputs)
        found = get_variable_values(self.schema, self._definitions, dict(inputs), hide_suggestions=True)
        return None if isinstance(found, list) else found

    def selection(self, variables: VariableValues) -> Selection:
        """What the operation selects with these variables. Raises `NotCompiled`."""
        key = tuple(variables.coerced.get(name) for name in self._switches)
        return self._selections.made(key, lambda: self._select(variables))

    def plain(self, selection: Selection) -> DocumentNode:
        """The operation with nothing but its root fields that reach nobody."""
        nodes: list[FieldNode] = [node for _, nodes in selection.plain for node in nodes]
        told = self.node
        operation = OperationDefinitionNode(
            operation=told.operation,
            name=told.name,
            variable_definitions=told.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=tuple(nodes)),
        )
        return DocumentNode(definitions=(operation, *self.document.fragments.values()))

    def _select(self, variables: VariableValues) -> Selection:
        return Selector(self.schema, self.governed, self.document, self.node, variables).selection()

    def _simple_variables(self) -> tuple[tuple[str, Any, Any], ...] | None:
        """Name, type and default of each variable, where all of them are scalars or enums."""
        found = []
        settled = get_variable_values(self.schema, [each for each in self._definitions if each.default_value], {})
        if isinstance(settled, list):
            return None
        for each in self._definitions:
            kind = type_from_ast(self.schema, each.type)
            if not is_leaf_type(kind.of_type if is_non_null_type(kind) else kind):
                return None
            name = each.variable.name.value
            found.append((name, kind, settled.coerced.get(name, Undefined)))
        return tuple(found)

    def _coerced(self, simple: tuple[tuple[str, Any, Any], ...], inputs: Mapping[str, Any]) -> VariableValues | None:
        coerced: dict[str, Any] = {}
        for name, kind, default in simple:
            value = inputs.get(name, Undefined)
            if value is not Undefined:
                value = coerce_input_value(value, kind)
                if value is Undefined:
                    return None
            elif default is not Undefined:
                value = default
            elif is_non_null_type(kind):
                return None
            else:
                continue
            coerced[name] = value
        return VariableValues({}, coerced)


_NONE = VariableValues({}, {})


class _Finder(Visitor):
    """Finds the variables that decide what is selected at all."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_directive(self, node: Any, *_: Any) -> None:
        """A directive: `@skip(if: $name)`."""
        if node.name.value in _SWITCHES:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.found.add(argument.value.name.value)


def _switches(document: Node) -> Iterator[str]:
    finder = _Finder()
    visit(document, finder)
    yield from finder.found
