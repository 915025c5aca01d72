"""Windows over lists, judged before anything is read.

A size out of bounds is refused whoever is found. Asking for a time is comparing it: where a list's times may not be
read, the whole operation is refused, whether or not anybody is found. Judged on the operation as it will run, with its
variables, without what `@skip` leaves out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
)

from sekisho.decision import static_refusal
from sekisho.declaration import Refused
from sekisho.graph.governed import Governed, GovernedList
from sekisho.graph.limits import Limits, size
from sekisho.graph.operation import Circumstances
from sekisho.store.rows import Window
from sekisho.vocabulary import Refusal

TIMES = ("since", "until")


def window(limits: Limits, given: Mapping[str, Any]) -> Window:
    """The window that a list's arguments ask for. Raises `Refused` for a size that is none."""
    first, last, kind = given.get("first"), given.get("last"), given.get("kind")
    if first is not None and last is not None:
        raise Refused(Refusal.PAGE_SIZE_INVALID, "ask for `first` or `last`, not for both")
    asked, name = (first, "first") if first is not None else (last, "last")
    equal = (("kind", kind.value),) if kind is not None else ()
    rows = size(asked, limits.rows, limits.rows_max, name)
    return Window(rows, first is None, given.get("since"), given.get("until"), equal)


def check_window(here: Circumstances, declared: GovernedList, given: Mapping[str, Any]) -> None:
    """Raises `Refused` for a window that is none, or by times that may not be read through the operation's lens."""
    window(here.limits, given)
    by_time = any(given.get(name) is not None for name in TIMES)
    if by_time and static_refusal(here.rules, here.question(declared.time_item)):
        raise Refused(Refusal.FILTER_NOT_PERMITTED, "these times may not be read here, so not asked for")


@dataclass
class Windows:
    """The lists of one operation, with what is asked of each."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Any
    governed: Mapping[str, Governed | GovernedList]
    _seen: set[str] = field(default_factory=set)

    def asked(self, selections: SelectionSetNode, parent: Any) -> Iterator[tuple[GovernedList, dict[str, Any]]]:
        """Every list below `selections` of the type `parent`, with its arguments."""
        for each in selections.selections:
            if not self._included(each):
                continue
            if isinstance(each, FieldNode):
                yield from self._field(each, parent)
            elif isinstance(each, InlineFragmentNode):
                named = each.type_condition
                yield from self.asked(each.selection_set, self.schema.get_type(named.name.value) if named else parent)
            elif isinstance(each, FragmentSpreadNode) and each.name.value not in self._seen:
                self._seen.add(each.name.value)
                fragment = self.fragments[each.name.value]
                yield from self.asked(fragment.selection_set, self.schema.get_type(fragment.type_condition.name.value))

    def _field(self, node: FieldNode, parent: Any) -> Iterator[tuple[GovernedList, dict[str, Any]]]:
        told: GraphQLField | None = parent.fields.get(node.name.value)
        if told is None:  # `__typename` and introspection
            return
        declared = self.governed.get(f"{parent.name}.{node.name.value}")
        if isinstance(declared, GovernedList):
            yield declared, get_argument_values(told, node, self.variables)
        if node.selection_set:
            yield from self.asked(node.selection_set, get_named_type(told.type))

    def _included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables) or {}
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables) or {}
        return not skip.get("if") and include.get("if") is not False
