"""The first people of many index scans, merged: one scan for each cell, as each consent profile is one.

A few of each cell are found first, about twice as many as wanted together. The last one wanted of these is no further
than the last one wanted of all, so that every scan ends there. INVARIANT (bounded): of each cell at most `most` entries
of an index are looked at, and of all cells together mostly three times as many.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, func, select, true, tuple_, union_all

from sekisho.store.conditions import bit_of
from sekisho.store.questions import number
from sekisho.store.tables.ordering import subject_order
from sekisho.store.values import AT, Expression

Table = Any
Conditions = Callable[[Table, Table], Sequence[ColumnElement[bool]]]


@dataclass(frozen=True, slots=True)
class Scan:
    """What is looked at of one cell (`profile_id`, `sources`, and whatever `conditions` compare), and in what order.

    It ends with the person: `sort` alone, unless that is the person already. `source` is the column that must be
    readable.
    """

    sort: str
    descending: bool
    source: str
    value: Callable[[Table, Table], Expression]
    conditions: Conditions

    def first(self, cells: CTE, most: int) -> Select[Any]:
        """The first `most` of all cells: `value`, `subject_id` and `valid_from`, in order."""
        few = number(2 * most) / func.greatest(func.count(), number(1)) + 1
        heads = _of_each(cells, self._of(cells, select(few).select_from(cells.alias()).scalar_subquery()))
        marked = once(heads.order_by(*self._order(heads.selected_columns)).offset(number(most - 1)).limit(number(1)))
        near = _of_each(cells.join(marked, true()), self._of(cells, number(most), marked))
        far = _of_each(cells, self._of(cells, number(most))).where(~select(marked).exists())
        rows = union_all(near, far).subquery()
        told = select(rows.c.value, rows.c.subject_id, rows.c.valid_from)
        return told.order_by(*self._order(rows.c)).limit(number(most))

    def _of(self, cells: CTE, most: ColumnElement[int], marked: CTE | None = None) -> Select[Any]:
        table = subject_order.alias()
        mine = (table.c[self.sort], table.c.subject_id)
        told = (self.value(table, cells).label("value"), mine[0].label("sort"))
        found = select(*told, table.c.subject_id, table.c.valid_from).where(
            table.c.profile_id == cells.c.profile_id,
            table.c.valid_from <= AT,
            table.c.valid_until > AT,
            bit_of(cells.c.sources, table.c[self.source]),
            *self.conditions(table, cells),
        )
        if marked is not None:
            last = tuple_(marked.c.sort, marked.c.subject_id)
            found = found.where(tuple_(*mine) >= last if self.descending else tuple_(*mine) <= last)
        return found.order_by(*directed(mine, descending=self.descending)).limit(most)

    def _order(self, found: Any) -> Sequence[ColumnElement[Any]]:
        return directed((found.sort, found.subject_id), descending=self.descending)


def _of_each(cells: FromClause, found: Select[Any]) -> Select[Any]:
    rows = found.lateral()
    return select(rows).select_from(cells.join(rows, true()))


def directed(columns: Sequence[Expression], *, descending: bool) -> Sequence[ColumnElement[Any]]:
    """All columns the same way: one index serves both."""
    return [each.desc() if descending else each.asc() for each in columns]


def once(found: Select[Any]) -> CTE:
    """Worked out once, wherever it is looked at."""
    return found.cte().prefix_with("MATERIALIZED", dialect="postgresql")
