"""The smallest question that is still answered differently, and how a reader sees it."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import fields, replace

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    print_ast,
    visit,
)
from graphql.language import Visitor
from operations import Question
from ways import Difference

from sekisho.gateway.replies import Reply
from sekisho.graph.exchange import DeclaredHeaders
from sekisho.vocabulary import ReportMode

Find = Callable[[Question], Awaitable[Difference | None]]
MOST_TRIES = 400
_LONGEST = 3_000
_REMOVABLE = ("definitions", "selections", "directives", "arguments", "variable_definitions", "fields", "values")


async def shrunk(difference: Difference, find: Find, most: int = MOST_TRIES) -> Difference:
    """The difference of the smallest question found by taking away one thing after the other."""
    tries, again = 0, True
    while again:
        again = False
        for smaller in _smaller(difference.question):
            tries += 1
            if tries > most:
                return difference
            found = await find(smaller)
            if found is not None and found.what == difference.what:
                difference, again = found, True
                break
    return difference


def told(difference: Difference) -> str:
    """A difference as a person reads it: who asks what, what was expected, what came instead."""
    question = difference.question
    said = {each.name: list(getattr(question.headers, each.name)) for each in fields(question.headers)}
    lines = [
        f"{difference.what} differently",
        f"client:    {question.client}" + (f" for {question.person}" if question.person else ""),
        f"headers:   {json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)}",
        f"report:    {question.report}",
        f"operation: {question.operation_name!r}",
        f"variables: {json.dumps(question.variables, ensure_ascii=False)}",
        *(f"           {pseudonym} is {name}" for pseudonym, name in _named(question)),
        "",
        _pretty(question.text),
        "",
        f"expected:  {_shown(difference.expected)}",
        f"found:     {_shown(difference.found)}",
    ]
    return "\n".join(lines)


def _named(question: Question) -> Iterator[tuple[str, str]]:
    whole = question.text + json.dumps(question.variables)
    return ((pseudonym, name) for pseudonym, name in question.known_as.items() if pseudonym in whole)


def _shown(answer: object) -> str:
    if isinstance(answer, Reply):
        return f"{answer.status} {answer.code} {answer.body.decode()}"[:_LONGEST]
    if isinstance(answer, list):
        return "".join(f"\n  {record.decode()}" for record in answer)[:_LONGEST] or "nothing"
    return str(answer)[:_LONGEST]


def _pretty(text: str) -> str:
    try:
        return print_ast(parse(text))
    except GraphQLError:
        return text


def _smaller(question: Question) -> Iterator[Question]:
    """Questions with one thing less, the greatest losses first."""
    if question.report is not ReportMode.SILENT:
        yield replace(question, report=ReportMode.SILENT)
    try:
        document = parse(question.text)
    except GraphQLError:
        return
    for smaller in _smaller_documents(document):
        tidy = _tidied(smaller)
        if tidy is not None and (text := print_ast(tidy)) != question.text:
            yield _fitted(replace(question, text=text))
    for name in question.variables or {}:
        rest = {each: value for each, value in (question.variables or {}).items() if each != name}
        yield replace(question, variables=rest or None)
    for each in fields(DeclaredHeaders):
        if getattr(question.headers, each.name):
            yield replace(question, headers=replace(question.headers, **{each.name: ()}))
    if question.operation_name is not None:
        yield replace(question, operation_name=None)


def _smaller_documents(document: DocumentNode) -> Iterator[DocumentNode]:
    for path in _paths(document):
        yield _without(document, path)
    yield from _unwrapped(document)


Path = tuple[tuple[str, int | None], ...]


def _paths(node: Node, path: Path = ()) -> Iterator[Path]:
    """Where something can be taken away, outermost first."""
    inner = []
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, (list, tuple)):
            for place, each in enumerate(value):
                here = (*path, (key, place))
                if key in _REMOVABLE:
                    yield here
                inner.append((each, here))
        elif isinstance(value, Node):
            if key == "alias":
                yield (*path, (key, None))
            inner.append((value, (*path, (key, None))))
    for each, here in inner:
        yield from _paths(each, here)


def _without(node: Node, path: Path) -> Node:
    """A copy of the node without what stands at the path."""
    (key, place), *rest = path
    value = getattr(node, key)
    if rest:
        below = _without(value if place is None else value[place], tuple(rest))
        changed = below if place is None else (*value[:place], below, *value[place + 1 :])
    else:
        changed = None if place is None else (*value[:place], *value[place + 1 :])
    return _with(node, key, changed)


def _with(node: Node, key: str, value: object) -> Node:
    kept = {each: getattr(node, each, None) for each in node.keys} | {key: value}
    extra = {each: getattr(node, each) for each in ("operation", "value", "block") if hasattr(node, each)}
    return type(node)(**extra | kept)


def _unwrapped(document: DocumentNode) -> Iterator[DocumentNode]:
    """Fragments, one at a time, replaced by what they select."""
    named = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}

    class Unwrap(Visitor):
        def __init__(self, wanted: int) -> None:
            super().__init__()
            self.wanted, self.seen = wanted, -1

        def enter_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode | None:
            for place, each in enumerate(node.selections):
                behind = named.get(each.name.value) if isinstance(each, FragmentSpreadNode) else each
                if not isinstance(behind, (InlineFragmentNode, FragmentDefinitionNode)) or each.directives:
                    continue
                self.seen += 1
                if self.seen == self.wanted:
                    inner = behind.selection_set.selections
                    return SelectionSetNode(
                        selections=(*node.selections[:place], *inner, *node.selections[place + 1 :])
                    )
            return None

    for wanted in range(200):
        unwrap = Unwrap(wanted)
        changed = visit(document, unwrap)
        if unwrap.seen < wanted:
            return
        yield changed


def _tidied(document: DocumentNode) -> DocumentNode | None:
    """Without fragments and variables that nothing uses any more; `None` where nothing is left to ask."""
    while True:
        text = print_ast(document)
        kept = [
            each
            for each in document.definitions
            if not isinstance(each, FragmentDefinitionNode) or len(re.findall(rf"\b{each.name.value}\b", text)) > 1
        ]
        if len(kept) == len(document.definitions):
            break
        document = DocumentNode(definitions=tuple(kept))
    if not any(isinstance(each, OperationDefinitionNode) for each in document.definitions):
        return None
    return visit(document, _DropUnused(document))


class _DropUnused(Visitor):
    """Drops variable definitions without a use."""

    def __init__(self, document: DocumentNode) -> None:
        super().__init__()
        self.text = print_ast(document)

    def enter_variable_definition(self, node: Node, *_: object) -> object:
        uses = len(re.findall(rf"\${node.variable.name.value}\b", self.text))
        return self.REMOVE if uses < 2 else None


def _fitted(question: Question) -> Question:
    """Without values for variables that are gone."""
    if question.variables is None:
        return question
    kept = {name: value for name, value in question.variables.items() if f"${name}" in question.text}
    return replace(question, variables=kept or None)
