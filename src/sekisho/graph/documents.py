"""Documents: parsed and validated once, and what their operations declare."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    parse,
    validate,
)

from sekisho.declaration import Refused
from sekisho.graph.exchange import Stage
from sekisho.vocabulary import Refusal

PURPOSE = "purpose"
_WORDS = {"is": "purpose", "disclosure": "disclosure", "recipient": "recipient"}
_TEXTS = {"reference": "reference", "serves": "serves", "study": "study"}


class DocumentRefused(Exception):  # noqa: N818 - a verdict on a document
    """The document does not parse, does not validate, or does not say which operation is meant."""

    def __init__(self, stage: Stage, errors: tuple[GraphQLError, ...]) -> None:
        super().__init__(stage)
        self.stage = stage
        self.errors = errors


@dataclass(frozen=True)
class Document:
    """A valid document."""

    node: DocumentNode

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation called `name`, or the only one. Raises `DocumentRefused` when that is not clear."""
        operations = [each for each in self.node.definitions if isinstance(each, OperationDefinitionNode)]
        named = [each for each in operations if name is None or (each.name and each.name.value == name)]
        if len(named) == 1:
            return named[0]
        told = "the document has no such operation" if name else "the document has several operations; name one"
        raise DocumentRefused(Stage.VALIDATION, (GraphQLError(told),))

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The fragments by name."""
        return {each.name.value: each for each in self.node.definitions if isinstance(each, FragmentDefinitionNode)}

    def root_fields(self, operation: OperationDefinitionNode) -> frozenset[str]:
        """The names of the root fields, skipped ones included, behind fragments too."""
        return frozenset(_fields(operation.selection_set, self.fragments, set()))


class Documents:
    """The documents of one schema, the latest `most` of them kept."""

    def __init__(self, schema: GraphQLSchema, tokens: int, most: int = 500) -> None:
        self._schema = schema
        self._tokens = tokens
        self._most = most
        self._kept: OrderedDict[str, Document] = OrderedDict()

    def read(self, text: str) -> Document:
        """Parse and validate `text`. Raises `DocumentRefused`."""
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        document = self._check(text)
        self._kept[text] = document
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return document

    def _check(self, text: str) -> Document:
        try:
            node = parse(text, max_tokens=self._tokens)
        except GraphQLError as error:
            raise DocumentRefused(Stage.PARSE, (error,)) from None
        except RecursionError:
            raise DocumentRefused(Stage.PARSE, (GraphQLError("the document is nested too deeply"),)) from None
        if errors := validate(self._schema, node, hide_suggestions=True):
            raise DocumentRefused(Stage.VALIDATION, tuple(errors))
        return Document(node)


def declared_in(operation: OperationDefinitionNode) -> list[dict[str, str]]:
    """What the operation's `@purpose` directives say, one mapping each. Raises `Refused` for anything but literals."""
    return [_said(each) for each in operation.directives or () if each.name.value == PURPOSE]


def _said(directive: DirectiveNode) -> dict[str, str]:
    said = {}
    for argument in directive.arguments or ():
        value: Any = argument.value
        if isinstance(value, NullValueNode):
            continue
        if not isinstance(value, (EnumValueNode, StringValueNode)):
            raise Refused(
                Refusal.PURPOSE_REQUIRED, "`@purpose` takes literals only, never variables; write the word itself"
            )
        name = argument.name.value
        said[_WORDS.get(name) or _TEXTS[name]] = value.value
    return said


def _fields(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[str]:
    for each in selections.selections:
        if isinstance(each, FieldNode):
            yield each.name.value
        elif isinstance(each, InlineFragmentNode):
            yield from _fields(each.selection_set, fragments, seen)
        elif isinstance(each, FragmentSpreadNode) and each.name.value not in seen:
            seen.add(each.name.value)
            yield from _fields(fragments[each.name.value].selection_set, fragments, seen)
