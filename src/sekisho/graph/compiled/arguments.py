"""The arguments of a field, some of which may be variables."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    coerce_input_literal,
    get_argument_values,
)
from graphql.execution.values import VariableValues


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
