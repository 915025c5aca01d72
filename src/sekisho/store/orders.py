"""People whose value is permitted and stored, in its order.

INVARIANT (a refused value orders nobody): only what a profile permits, from a source that it reads, is looked at.
Neither order nor cursor nor the length of a page can depend on anything else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Date, Integer, Select, Uuid, cast, extract, func, select, tuple_, union_all

from sekisho.store.conditions import Asked
from sekisho.store.merging import Scan, Table, directed, once
from sekisho.store.questions import Ordering, Position, number, parameter
from sekisho.store.tables.ordering import subject_order
from sekisho.store.values import BAND_YEARS, TODAY, Expression, band, years
from sekisho.vocabulary import Transform


@dataclass(frozen=True, slots=True)
class Key:
    """The column of `subject_order` that sorts like a value as it is shown, and the column of the datum's source.

    An `aging` one is worked out anew each day: the column sorts the other way round, and finer.
    """

    column: str
    source: str
    aging: bool = False

    @property
    def kind(self) -> Any:
        """The database's type of the order's value."""
        return Integer() if self.aging else subject_order.c[self.column].type


_KEYS = {
    ("birthDate", Transform.FULL): Key("birth_date", "birth_date_source"),
    ("birthDate", Transform.YEAR): Key("birth_year", "birth_date_source"),
    ("age", Transform.FULL): Key("latest_birthday", "birth_date_source", aging=True),
    ("age", Transform.BAND): Key("birth_year", "birth_date_source", aging=True),
    ("sex", Transform.FULL): Key("sex", "sex_source"),
    ("height", Transform.FULL): Key("height_cm", "height_source"),
    ("weight", Transform.FULL): Key("weight_kg", "weight_source"),
}


def key_of(asked: Asked) -> Key | None:
    """What sorts like this value under its transform; `None` where nothing is indexed."""
    return _KEYS.get((asked.item, asked.transform))


def first_in_order(cells: CTE, key: Key, ordering: Ordering, after: Position | None, most: int) -> CTE:
    """The first `most` people behind `after`: `place` from 1, `value`, `subject_id`, and `valid_from` of their state.

    `cells`: the profiles that permit the item, each with its readable sources.
    """
    way = _Way(key, ordering.descending, after, most)
    found = (way.by_age(cells) if key.aging else way.by_value(cells)).subquery()
    order = directed((found.c.value, found.c.subject_id), descending=ordering.descending)
    place = func.row_number().over(order_by=order).label("place")
    first = select(found.c.value, found.c.subject_id, found.c.valid_from, place).order_by(place).limit(number(most))
    return once(first)


@dataclass(frozen=True, slots=True)
class _Way:
    """One order, one way."""

    key: Key
    descending: bool
    after: Position | None
    most: int

    def by_value(self, cells: CTE) -> Select[Any]:
        """By the column itself."""

        def behind(table: Table, _: Table) -> Iterator[ColumnElement[bool]]:
            yield table.c[self.key.column].is_not(None)
            if self.after is not None:
                mine, told = (table.c[self.key.column], table.c.subject_id), (self._value, self._person)
                yield self._past(tuple_(*mine), tuple_(*told))

        return self._scan(self.key.column, behind).first(cells, self.most)

    def by_age(self, cells: CTE) -> Any:
        """By birthday until `most` are found, and by person within the age begun before and the last one reached.

        The birthday must not order people of one age. Those between the two ages are found whole.
        """
        dated = once(select(cells, TODAY.label("today")))
        far = once(self._beyond().first(dated, self.most))
        last = select((func.min if self.descending else func.max)(far.c.value)).scalar_subquery()
        parts = [select(far).where(far.c.value != last), self._of_age(dated, last, None)]
        if self.after is not None:
            parts.append(self._of_age(dated, self._value, self._person))
        # Each part stands in brackets of its own: it has an order and an end.
        return union_all(*(select(part.subquery()) for part in parts))

    def _beyond(self) -> Scan:
        """Those of the ages behind the one begun, by birthday, which goes the other way."""

        def behind(table: Table, cell: Table) -> Iterator[ColumnElement[bool]]:
            yield table.c[self.key.column].is_not(None)
            if self.after is not None:
                yield self._born_behind(table.c[self.key.column], cell.c.today)
                if self._whole_years:
                    yield self._past(self._age(table, cell), self._value)

        return self._scan(self.key.column, behind, descending=not self.descending)

    def _born_behind(self, born: Expression, today: Expression) -> ColumnElement[bool]:
        """What an index can tell of being older (younger) than `after`; for birthdays, give or take a day."""
        if not self._whole_years:
            first = _year(today) - self._value
            return born > first if self.descending else born <= first - BAND_YEARS
        birthday = cast(today - func.make_interval(self._value if self.descending else self._value + 1), Date)
        return born >= birthday - 1 if self.descending else born <= birthday + 1

    def _of_age(self, dated: CTE, age: Expression, after: Expression | None) -> Select[Any]:
        """People of one age, by person: a scan for each year in which they may be born."""
        latest = _year(dated.c.today) - age
        earliest = latest - (1 if self._whole_years else BAND_YEARS - 1)
        by_year = once(select(dated, age.label("age"), func.generate_series(earliest, latest).label("year")))

        def of_age(table: Table, cell: Table) -> Iterator[ColumnElement[bool]]:
            yield table.c.birth_year == cell.c.year
            if self._whole_years:
                yield self._age(table, cell) == cell.c.age
            if after is not None:
                yield self._past(table.c.subject_id, after)

        return self._scan("subject_id", of_age).first(by_year, self.most)

    def _scan(self, sort: str, conditions: Any, *, descending: bool | None = None) -> Scan:
        way = self.descending if descending is None else descending
        return Scan(sort, way, self.key.source, self._shown, conditions)

    def _shown(self, table: Table, cell: Table) -> Expression:
        return self._age(table, cell) if self.key.aging else table.c[self.key.column]

    def _age(self, table: Table, cell: Table) -> Expression:
        today = cell.c.today
        return years(table.c.latest_birthday, today) if self._whole_years else band(table.c.birth_year, today)

    def _past(self, mine: Expression, told: Expression) -> ColumnElement[bool]:
        return mine < told if self.descending else mine > told

    @property
    def _value(self) -> Expression:
        return cast(parameter(self._after.value, self.key.kind), self.key.kind)

    @property
    def _person(self) -> Expression:
        return parameter(self._after.subject_id, Uuid())

    @property
    def _after(self) -> Position:
        if self.after is None:
            raise ValueError("nothing was found before; ask what is behind a position")
        return self.after

    @property
    def _whole_years(self) -> bool:
        return self.key.column == "latest_birthday"


def _year(day: Expression) -> Expression:
    return cast(extract("year", day), Integer)
