"""What one root field released and withheld, person by person: the material of the log row."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sekisho.graph.reached import Person
from sekisho.vocabulary import Transform


class Use(NamedTuple):
    """One governed coordinate in one use: VALUE, FILTER or ORDER."""

    coordinate: str
    use: str
    item: str


_RANK = {letter: rank for rank, letter in enumerate("-wsev")}


@dataclass
class Release:
    """One root field's releases, under its response key."""

    root: str
    people: dict[Person, dict[Use, str]] = field(default_factory=dict)
    transforms: dict[Use, str] = field(default_factory=dict)
    counts: dict[str, dict[Person, int]] = field(default_factory=dict)

    def reach(self, people: Iterable[Person]) -> None:
        """These people are part of the answer, whatever will be asked of them."""
        for person in people:
            self.people.setdefault(person, {})

    def note(self, person: Person, use: Use, letter: str, transform: Transform | None = None) -> None:
        """One thing was released or withheld; over several rows the most that was released counts."""
        letters = self.people.setdefault(person, {})
        before = letters.get(use, "-")
        letters[use] = max(before, letter, key=_RANK.__getitem__)
        if transform is not None:
            self.transforms[use] = transform.value

    def count(self, person: Person, coordinate: str, rows: int) -> None:
        """A list of `rows` rows was part of the answer."""
        counted = self.counts.setdefault(coordinate, {})
        counted[person] = counted.get(person, 0) + rows

    @property
    def uses(self) -> tuple[Use, ...]:
        """Every use there was, in the record's order."""
        return tuple(sorted({use for letters in self.people.values() for use in letters}))

    @property
    def lists(self) -> tuple[str, ...]:
        """Every counted list, in the record's order."""
        return tuple(sorted(self.counts))
