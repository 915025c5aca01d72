"""The first people of many index scans, merged: one scan for each cell, as each consent profile is one.

The first of each cell are found; a cell whose first comes after `most` others cannot matter, and the one whose first
is in place n gives at most `most + 1 - n`. INVARIANT (bounded): what is looked at is at most the number of cells and
`most` * (`most` + 1) / 2 entries of an index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, func, select, true

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
        head = self._of(cells, number(1)).lateral()
        place = func.row_number().over(order_by=self._order(head)).label("place")
        heads = select(cells, place).select_from(cells.join(head, true())).order_by(place).limit(number(most)).cte()
        rows = self._of(heads, number(most + 1) - heads.c.place).lateral()
        told = select(rows.c.value, rows.c.subject_id, rows.c.valid_from).select_from(heads.join(rows, true()))
        return told.order_by(*self._order(rows)).limit(number(most))

    def _of(self, cells: CTE, most: ColumnElement[int]) -> Select[Any]:
        table = subject_order.alias()
        told = (self.value(table, cells).label("value"), table.c[self.sort].label("sort"))
        return (
            select(*told, table.c.subject_id, table.c.valid_from)
            .where(
                table.c.profile_id == cells.c.profile_id,
                table.c.valid_from <= AT,
                table.c.valid_until > AT,
                bit_of(cells.c.sources, table.c[self.source]),
                *self.conditions(table, cells),
            )
            .order_by(*directed((table.c[self.sort], table.c.subject_id), descending=self.descending))
            .limit(most)
        )

    def _order(self, found: Table) -> Sequence[ColumnElement[Any]]:
        return directed((found.c.sort, found.c.subject_id), descending=self.descending)


def directed(columns: Sequence[Expression], *, descending: bool) -> Sequence[ColumnElement[Any]]:
    """All columns the same way: one index serves both."""
    return [each.desc() if descending else each.asc() for each in columns]


def once(found: Select[Any]) -> CTE:
    """Worked out once, wherever it is looked at."""
    return found.cte().prefix_with("MATERIALIZED", dialect="postgresql")
