"""Lists of rows: which table, in what order, and what a caller may narrow them by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from sekisho.store.values import Expression


@dataclass(frozen=True, eq=False)
class RowSource:
    """Rows of one table, in the order of `time`. `narrowing` names the columns that may be asked for by equality.

    Every such column shows the same item as the list itself, so that narrowing needs no further permission.
    """

    table: Table
    time: Expression
    narrowing: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def activity(self) -> Expression | None:
        """The column with the activity a row was given in, where rows have one."""
        return self.table.c.get("activity_key")


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of the list: the `size` newest (`newest`) or oldest, within `since <= time < until`.

    Times and what `equal` compares with may be bind parameters.
    """

    size: int
    newest: bool = True
    since: Any = None
    until: Any = None
    equal: tuple[tuple[str, Any], ...] = ()
