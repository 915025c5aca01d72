"""The record's letters: what became of each use of a value, for each person.

`v` a value was released, `e` permitted but nothing stored, `w` withheld, `s` withheld by the datum's source, `-` not
reached.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Text, case, cast, literal_column, not_, or_

from sekisho.graph.compiled.items import Items
from sekisho.graph.compiled.tree import Listed, Shown
from sekisho.graph.releases import Use
from sekisho.store.conditions import bit_of
from sekisho.vocabulary import Transform

Expression = ColumnElement[Any]

NOTHING = literal_column("'-'", Text())
_WITHHELD = literal_column("'w'", Text())
_RELEASED, _EMPTY, _SOURCED = (literal_column(f"'{letter}'", Text()) for letter in "ves")


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of one root field's people, from their values (`valued`)."""

    valued: FromClause
    item: Items
    shown: Sequence[Shown]
    lists: Sequence[Listed]
    asked: Sequence[tuple[int, Use, Transform]]

    def of_uses(self) -> dict[Use, Expression]:
        """What becomes of each use of a value."""
        found: dict[Use, Expression] = {use: self.valued.c[f"letter{place}"] for place, use, _ in self.asked}
        for each in self.shown:
            found[Use(each.coordinate, "VALUE", each.declared.item)] = self._value_letter(each)
        for coordinate in dict.fromkeys(each.coordinate for each in self.lists):
            lists = [each for each in self.lists if each.coordinate == coordinate]
            item = lists[0].declared.item
            found[Use(coordinate, "VALUE", item)] = self._list_letter(coordinate, item)
            for value in dict.fromkeys(_values_of(lists)):
                found[Use(value, "VALUE", _item_of(lists, value))] = self._row_letter(lists, value)
        return found

    def _value_letter(self, each: Shown) -> Expression:
        item = self.item(each.declared.item)
        if item.refusal is not None:
            return _WITHHELD
        value, source = self.valued.c[column_of(each)], self.valued.c[f"{column_of(each)}_source"]
        return case(
            (value.is_not(None), _RELEASED),
            (not_(bit_of(self.valued.c["items"], item.bit)), _WITHHELD),
            (not_(bit_of(self.valued.c.sources, source)), _SOURCED),
            else_=_EMPTY,
        )

    def _list_letter(self, coordinate: str, name: str) -> Expression:
        item = self.item(name)
        if item.refusal is not None:
            return _WITHHELD
        rows = self.counted(coordinate)
        return case((not_(bit_of(self.valued.c["items"], item.bit)), _WITHHELD), (rows > 0, _RELEASED), else_=_EMPTY)

    def _row_letter(self, lists: Iterable[Listed], coordinate: str) -> Expression:
        """The most that was released of a value over all rows of all lists that show it."""
        live = [
            (listed, each)
            for listed in lists
            if self.item(listed.declared.item).refusal is None
            for each in values_in(listed)
            if each.coordinate == coordinate
        ]
        if not live:
            return NOTHING
        rows = or_(*(self.valued.c[f"l{listed.number}_n"] > 0 for listed, _ in live))
        item = self.item(live[0][1].declared.item)
        if item.refusal is not None:
            return case((rows, _WITHHELD), else_=NOTHING)
        stored = or_(*(self.valued.c[f"l{listed.number}_{column_of(each)}"] > 0 for listed, each in live))
        refused = not_(bit_of(self.valued.c["items"], item.bit))
        return case((not_(rows), NOTHING), (refused, _WITHHELD), (stored, _RELEASED), else_=_EMPTY)

    def counted(self, coordinate: str) -> Expression:
        """The rows of every list of this coordinate."""
        counts = [self.row_count(each) for each in self.lists if each.coordinate == coordinate]
        total = counts[0]
        for each in counts[1:]:
            total = total + each
        return total

    def row_count(self, listed: Listed) -> Expression:
        """The rows of one list."""
        if self.item(listed.declared.item).refusal is not None:
            return literal_column("0", Integer())
        return cast(self.valued.c[f"l{listed.number}_n"], Integer)


def column_of(each: Shown) -> str:
    """A value's column: the same value under two response keys is read once."""
    return each.coordinate.replace(".", "_").lower()


def values_in(listed: Listed) -> Iterator[Shown]:
    """The values of a list's rows."""
    return (each for each in listed.fields if isinstance(each, Shown))


def _values_of(lists: Iterable[Listed]) -> Iterator[str]:
    return (each.coordinate for listed in lists for each in values_in(listed))


def _item_of(lists: Iterable[Listed], coordinate: str) -> str:
    return next(each.declared.item for listed in lists for each in values_in(listed) if each.coordinate == coordinate)
