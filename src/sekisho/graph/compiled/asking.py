"""What one request asks of each root field: arguments with their variables, judged before data is touched."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from graphql.execution.values import VariableValues
from strawberry import Schema
from strawberry.types.arguments import convert_arguments

from sekisho.graph.compiled.statement import Asked
from sekisho.graph.compiled.tree import Root
from sekisho.graph.operation import Circumstances
from sekisho.graph.paging import AskedPage, page_asked
from sekisho.graph.sealing import Pseudonyms
from sekisho.graph.windows import check_window, window
from sekisho.store.conditions import operands, shape
from sekisho.store.rows import Window
from sekisho.vocabulary import RecipientType

_BACKREF = "strawberry-definition"


class Asking:
    """Reads the arguments of the governed root fields of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._registry = schema.schema_converter.scalar_registry
        self._config = schema.config

    def asked(self, root: Root, here: Circumstances, variables: VariableValues) -> Asked:
        """What `root` is asked with. Raises `Refused`."""
        windows = []
        for each in root.lists:
            given = each.asked.given(variables)
            check_window(here, each.declared, given)
            windows.append(window(here.limits, given))
        if root.is_page:
            page = self._page(root, here, variables)
            return Asked(tuple(windows), page, page.question)
        return Asked(tuple(windows), nobody=root.name == "me" and here.lens.recipient_type is not RecipientType.SELF)

    def _page(self, root: Root, here: Circumstances, variables: VariableValues) -> AskedPage:
        given = root.asked.given(variables)
        where, order_by = given.get("where"), given.get("orderBy")
        if where is not None or order_by is not None:
            told = root.asked.told.extensions[_BACKREF].arguments
            inputs = {name: each for name, each in (("where", where), ("orderBy", order_by)) if each is not None}
            found = convert_arguments(inputs, told, self._registry, self._config)
            where, order_by = found.get("where"), found.get("order_by")
        return page_asked(here, given.get("first"), given.get("after"), where, order_by)


def shape_of(asked: Asked) -> Hashable:
    """Equal for askings that one statement answers."""
    return (asked.nobody, *map(_window_shape, asked.windows), _page_shape(asked))


def values_of(
    root: Root, place: int, asked: Asked, pseudonyms: Pseudonyms, variables: VariableValues, self_id: Any
) -> dict[str, Any]:
    """The values of the parameters that `parametrised` names."""
    values: dict[str, Any] = {}
    for number, each in enumerate(asked.windows):
        values |= {f"since_{place}_{number}": each.since, f"until_{place}_{number}": each.until}
        values |= {f"equal_{place}_{number}_{name}": wanted for name, wanted in each.equal}
    if asked.question is not None:
        position = asked.question.after
        if position is not None:
            values |= {f"after_{place}": position.subject_id, f"after_value_{place}": position.value}
        told = enumerate(operands(asked.question.condition))
        values |= {f"operand_{place}_{number}": operand for number, operand in told}
    elif root.name == "me":
        values[f"id_{place}"] = self_id
    else:
        values[f"id_{place}"] = pseudonyms.reveal(str(root.asked.given(variables)["id"]))
    return values


def windows_parametrised(asked: Asked, place: int, parameter: Any) -> tuple[Window, ...]:
    """The windows with parameters for what differs from asking to asking."""
    return tuple(
        replace(
            each,
            since=parameter(f"since_{place}_{number}", each.since),
            until=parameter(f"until_{place}_{number}", each.until),
            equal=tuple((name, parameter(f"equal_{place}_{number}_{name}", told)) for name, told in each.equal),
        )
        for number, each in enumerate(asked.windows)
    )


def _window_shape(asked: Window) -> Hashable:
    narrowed = tuple(name for name, _ in asked.equal)
    return (asked.size, asked.newest, asked.since is None, asked.until is None, narrowed)


def _page_shape(asked: Asked) -> Hashable:
    question = asked.question
    if question is None:
        return None
    after, ordering = question.after, question.ordering
    position = None if after is None else type(after.value)
    order = None if ordering is None else (ordering.asked.coordinate, ordering.descending)
    return (question.size, question.scan, position, order, shape(question.condition))
