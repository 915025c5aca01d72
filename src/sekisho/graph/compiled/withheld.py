"""What was withheld, as JSON, without a detour over one object for each path.

Says exactly what `sekisho.graph.report.Report.extensions` says. Taken where paths are told to a recipient; the person
themself, errors and refusals go through the report.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from sekisho.decision import recipient_code
from sekisho.graph.compiled.answer import Occurrence, RootAnswer
from sekisho.graph.compiled.tree import PERSON
from sekisho.graph.report import CLAUSES, MESSAGES, REMEDIES
from sekisho.vocabulary import RecipientCode

_MOST_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class _Paths:
    """Paths of one coordinate below one prefix: before the place of a person, and behind it."""

    answer: int
    place: int
    before: str
    behind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One coordinate and code; `paths` only where the answer differs from person to person."""

    text: str
    places: tuple[tuple[int, int], ...]
    paths: tuple[_Paths, ...]


class Withheld:
    """Tells what the governed root fields of one plan withheld."""

    def __init__(self, answers: Sequence[RootAnswer]) -> None:
        self._widths = [each.width for each in answers]
        self._columns = [each.columns["letters"] for each in answers]
        self._refused: dict[tuple[int, str], tuple[tuple[int, str], ...]] = {}
        standing = [(number, each) for number, answer in enumerate(answers) for each in answer.occurrences]
        self._entries = list(_entries(standing))
        # What was filtered or ordered by has letters too; those are for the record.
        self._told = {(number, each.place) for number, each in standing}
        # Paths into the rows of a list need to know how many rows there are: those go through the report.
        self._below = {(number, each.place) for number, each in standing if each.rows is not None and not each.refusal}

    def text(self, row: Sequence[Any]) -> bytes | None:
        """The value of `extensions`: empty when nothing was withheld, `None` when the report has to be asked."""
        found = self._found(row)
        if not found:
            return b""
        if not self._below.isdisjoint(place for place, _ in found):
            return None
        told = [text for entry in self._entries if (text := _told(entry, found))]
        return f'{{"withheld":[{",".join(told)}]}}'.encode()

    def _found(self, row: Sequence[Any]) -> dict[tuple[tuple[int, int], str], list[int]]:
        """Use and letter -> the places of the people it was withheld of, in order."""
        found: dict[tuple[tuple[int, int], str], list[int]] = {}
        for number, (width, column) in enumerate(zip(self._widths, self._columns, strict=True)):
            letters: str = row[column] or ""
            if not width:
                continue
            alike: dict[str, list[int]] = {}
            for person, start in enumerate(range(0, len(letters), width)):
                alike.setdefault(letters[start : start + width], []).append(person)
            for word, people in alike.items():
                for place, letter in self._withheld(number, word):
                    found.setdefault(((number, place), letter), []).extend(people)
        return found

    def _withheld(self, number: int, letters: str) -> tuple[tuple[int, str], ...]:
        known = self._refused.get((number, letters))
        if known is None:
            told = (place for place in range(len(letters)) if (number, place) in self._told)
            known = tuple((place, letters[place]) for place in told if letters[place] in "ws")
            if len(self._refused) >= _MOST_KEPT:
                self._refused.clear()
            self._refused[number, letters] = known
        return known


def _told(entry: _Entry, found: Mapping[tuple[tuple[int, int], str], list[int]]) -> str:
    if not entry.paths:
        return entry.text if any((place, "w") in found for place in entry.places) else ""
    paths: list[str] = []
    for each in entry.paths:
        people = [person for letter in "ws" for person in found.get(((each.answer, each.place), letter), ())]
        if not people:
            continue
        if not each.behind:
            paths.append(each.before)
            continue
        people.sort()
        if len(each.behind) == 1:
            before, behind = each.before, each.behind[0]
            paths += [f"{before}{person}{behind}" for person in people]
        else:
            paths += [f"{each.before}{person}{behind}" for person in people for behind in each.behind]
    return f'{entry.text},"paths":[{",".join(paths)}]}}' if paths else ""


def _entries(standing: Sequence[tuple[int, Occurrence]]) -> Iterator[_Entry]:
    """In the order of coordinate and code."""
    kinds = sorted(
        {(each.coordinate, code) for _, each in standing for code in _codes(each)}, key=lambda kind: (kind[0], kind[1])
    )
    for coordinate, code in kinds:
        chosen = [(number, each) for number, each in standing if each.coordinate == coordinate and code in _codes(each)]
        places = tuple(dict.fromkeys((number, each.place) for number, each in chosen))
        entry = {"coordinate": coordinate, "code": code.value, "message": MESSAGES[code], "remedy": REMEDIES[code]}
        if code in CLAUSES:
            yield _Entry(orjson.dumps({**entry, "clause": CLAUSES[code]}).decode(), places, ())
        else:
            text = orjson.dumps(entry).decode().removesuffix("}")
            yield _Entry(text, places, tuple(_paths(chosen)))


def _codes(each: Occurrence) -> tuple[RecipientCode, ...]:
    """The codes that this occurrence can be withheld with."""
    return (RecipientCode.SUBJECT,) if each.refusal is None else (recipient_code(each.refusal),)


def _paths(chosen: Iterable[tuple[int, Occurrence]]) -> Iterator[_Paths]:
    """The paths by prefix, in their order."""
    grouped: dict[tuple[tuple[str | int, ...], int, int], list[tuple[str | int, ...]]] = {}
    for number, each in chosen:
        at = each.path.index(PERSON) if PERSON in each.path else len(each.path)
        grouped.setdefault((each.path[:at], number, each.place), []).append(each.path[at + 1 :])
    for (before, number, place), behind in sorted(grouped.items(), key=lambda group: list(map(str, group[0][0]))):
        start = orjson.dumps(before).decode().removesuffix("]")
        ends = tuple("".join(f',"{step}"' for step in steps) + "]" for steps in sorted(behind, key=_words))
        yield _Paths(number, place, f"{start},", ends) if any(behind) else _Paths(number, place, f"{start}]", ())


def _words(steps: tuple[str | int, ...]) -> list[str]:
    return list(map(str, steps))
