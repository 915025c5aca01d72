"""What an operation selects: governed values, lists, and the structure around them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from graphql import FieldNode

from sekisho.graph.compiled.arguments import AskedField
from sekisho.graph.governed import Governed, GovernedList

PERSON, ROW = -1, -2
"""The steps of a path that stand for the place of a person on the page, and of a row in its list."""

PathTemplate = tuple[str | int, ...]


class Spelling(Enum):
    """How a value of a GraphQL type becomes JSON: as it is, in quotes, or as escaped text."""

    NUMBER = "number"
    WORD = "word"
    TEXT = "text"


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
