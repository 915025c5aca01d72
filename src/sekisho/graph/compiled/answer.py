"""From the statement's row to the answer: rendered fragments, pseudonyms and cursors filled in, what was withheld."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sekisho.decision import recipient_code
from sekisho.graph.compiled.json_text import MARK, marks
from sekisho.graph.compiled.statement import Asked, RootStatement
from sekisho.graph.compiled.tree import (
    PERSON,
    ROW,
    Constant,
    Edges,
    NotCompiled,
    PageFacts,
    PathTemplate,
    Pseudonym,
    Root,
    SealedCursor,
    Shown,
)
from sekisho.graph.releases import Use
from sekisho.graph.report import Path, Report
from sekisho.graph.sealing import Pseudonyms
from sekisho.store.questions import Position
from sekisho.vocabulary import Reason, RecipientCode

_ID_BYTES = 16
_MOST_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where a governed field stands in the answer, and the letter that says what became of it.

    `refusal` is set where everybody is refused. `rows` is the number of the list it stands in, if it stands in one.
    """

    coordinate: str
    place: int
    path: PathTemplate
    refusal: Reason | None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class RootAnswer:
    """Reads one governed root field from the row."""

    root: Root
    width: int
    columns: Mapping[str, int]
    occurrences: tuple[Occurrence, ...]
    marks: tuple[tuple[type, ...], ...]
    _withheld: dict[str, tuple[tuple[Occurrence, str], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, statement: RootStatement, columns: Mapping[str, int]) -> "RootAnswer":
        """The reader of what `statement` returns."""
        root, suffix = statement.root, f"_{statement.place}"
        named = {name.removesuffix(suffix): place for name, place in columns.items() if name.endswith(suffix)}
        parts = [part.fields for part in root.page if isinstance(part, Edges)] if root.is_page else [root.person]
        standing = tuple(_occurrences(statement))
        return cls(root, len(statement.uses), named, standing, tuple(tuple(marks(part)) for part in parts))

    def text(self, row: Sequence[Any], asked: Asked, pseudonyms: Pseudonyms) -> str:
        """The root field's value as JSON."""
        ids: bytes = row[self.columns["ids"]] or b""
        if not self.root.is_page:
            return self._filled(row, 0, ids, pseudonyms, ()) if ids else "null"
        cursors = _Cursors(self, row, asked, ids)
        parts, edges = [], 0
        for part in self.root.page:
            if isinstance(part, Constant):
                parts.append(f'"{part.key}":{part.text}')
            elif isinstance(part, PageFacts):
                parts.append(f'"{part.key}":{_object(cursors.fact(key, name) for key, name in part.fields)}')
            else:
                people = self._filled(row, edges, ids, pseudonyms, cursors) if ids else ""
                parts.append(f'"{part.key}":[{people}]')
                edges += 1
        return _object(parts)

    def letters(self, row: Sequence[Any]) -> str:
        """The record's letters of everybody in the answer, `width` of them for each."""
        found: str = row[self.columns["letters"]] or ""
        return found

    def report(self, row: Sequence[Any], report: Report) -> None:
        """Note what was withheld, and where."""
        letters = self.letters(row)
        width = self.width
        for place, start in enumerate(range(0, len(letters), width) if width else ()):
            for each, letter in self._refused(letters[start : start + width]):
                code, exact = _told(each, letter, report)
                found = report.found.setdefault((each.coordinate, code, exact), [])
                found.extend(self._paths(each, row, place))

    def _refused(self, letters: str) -> tuple[tuple[Occurrence, str], ...]:
        """What is withheld of a person with these letters: few people differ in them, so it is kept."""
        known = self._withheld.get(letters)
        if known is None:
            known = tuple((each, letters[each.place]) for each in self.occurrences if letters[each.place] in "ws")
            if len(self._withheld) >= _MOST_KEPT:
                self._withheld.clear()
            self._withheld[letters] = known
        return known

    def _paths(self, each: Occurrence, row: Sequence[Any], place: int) -> Iterator[Path]:
        steps = tuple(place if step == PERSON else step for step in each.path)
        if each.rows is None:
            yield steps
            return
        at = steps.index(ROW)
        for number in range(row[self.columns[f"rows{each.rows}"]][place]):
            yield (*steps[:at], number, *steps[at + 1 :])

    def _filled(
        self, row: Sequence[Any], part: int, ids: bytes, pseudonyms: Pseudonyms, cursors: "Iterable[str] | _Cursors"
    ) -> str:
        """The text with pseudonyms and cursors at its marks."""
        text: str = row[self.columns[f"text{part}"]]
        standing = self.marks[part]
        if not standing:
            return text
        concealed = pseudonyms.conceal_all(ids) if Pseudonym in standing else ()
        sealed = list(cursors) if SealedCursor in standing else ()
        told = [concealed if each is Pseudonym else sealed for each in standing]
        fillers = [words[person] for person in range(len(ids) // _ID_BYTES) for words in told]
        pieces = text.split(MARK)
        whole = [""] * (len(pieces) + len(fillers))
        whole[::2] = pieces
        whole[1::2] = fillers
        return "".join(whole)


class _Cursors:
    """The cursors of one page."""

    def __init__(self, answer: RootAnswer, row: Sequence[Any], asked: Asked, ids: bytes) -> None:
        if asked.page is None or asked.question is None:
            raise NotCompiled("a page without a question")
        self._seal = asked.page.cursors.seal
        self._ids = ids
        self._values = row[answer.columns["values"]] if "values" in answer.columns else None
        self._size = asked.question.size
        self._found = row[answer.columns["found"]] if "found" in answer.columns else 0
        self._end = row[answer.columns["end"]] if "end" in answer.columns else None
        self._end_value = row[answer.columns["end_value"]] if "end_value" in answer.columns else None

    def __iter__(self) -> Iterator[str]:
        return (self._seal(self._position(place)) for place in range(len(self._ids) // _ID_BYTES))

    def fact(self, key: str, name: str) -> str:
        """One field of `PageInfo` as JSON."""
        if name == "hasNextPage":
            return f'"{key}":{"true" if self._found > self._size or self._end is not None else "false"}'
        if name == "hasPreviousPage":
            return f'"{key}":false'
        if name == "__typename":
            return f'"{key}":"PageInfo"'
        position = self._first() if name == "startCursor" else self._last()
        return f'"{key}":null' if position is None else f'"{key}":"{self._seal(position)}"'

    def _position(self, place: int) -> Position:
        start = place * _ID_BYTES
        value = self._values[place] if self._values is not None else None
        return Position(UUID(bytes=self._ids[start : start + _ID_BYTES]), value)

    def _first(self) -> Position | None:
        return self._position(0) if self._ids else None

    def _last(self) -> Position | None:
        if self._end is not None:
            return Position(UUID(bytes=self._end.bytes), self._end_value)
        return self._position(len(self._ids) // _ID_BYTES - 1) if self._ids else None


def _occurrences(statement: RootStatement) -> Iterator[Occurrence]:
    places = {use: place for place, use in enumerate(statement.uses)}
    for each in statement.shown:
        yield _occurrence(statement, places, each.coordinate, each.declared.item, each.path)
    for listed in statement.root.lists:
        yield _occurrence(statement, places, listed.coordinate, listed.declared.item, listed.path)
        for value in listed.fields:
            if isinstance(value, Shown):
                yield _occurrence(
                    statement, places, value.coordinate, value.declared.item, value.path, rows=listed.number
                )


def _occurrence(
    statement: RootStatement,
    places: Mapping[Use, int],
    coordinate: str,
    item: str,
    path: PathTemplate,
    rows: int | None = None,
) -> Occurrence:
    place = places[Use(coordinate, "VALUE", item)]
    return Occurrence(coordinate, place, path, statement.item(item).refusal, rows)


def _told(each: Occurrence, letter: str, report: Report) -> tuple[RecipientCode, Reason | None]:
    """What the caller learns; the person themself learns the exact reason."""
    own = report.exact
    if letter == "s":
        return RecipientCode.SUBJECT, Reason.UNCLASSIFIED if own else None
    if each.refusal is not None:
        return recipient_code(each.refusal), each.refusal if own else None
    if own:
        raise NotCompiled("the exact reason of a refusal is looked up field by field")
    return RecipientCode.SUBJECT, None


def _object(members: Iterable[str]) -> str:
    return "{" + ",".join(members) + "}"
