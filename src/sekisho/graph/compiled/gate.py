"""The gate of a statement: what was learnt of the registry must still hold, or nothing is read and nothing written."""

from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Select,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from sekisho.store.tables.consent import subject_state
from sekisho.store.tables.registry import registry_generation
from sekisho.store.values import TODAY

Expression = ColumnElement[Any]


class Gate(NamedTuple):
    """What stands before everything else of the statement: one row, or none and nothing happens."""

    relation: CTE

    @property
    def held(self) -> ColumnElement[bool]:
        """Whether it is open."""
        return select(self.relation.c.open).scalar_subquery()

    def dated(self, value: Expression) -> Expression:
        """`value` with the date in Asia/Tokyo as the gate worked it out, once; the gate must be among the relations."""
        today = self.relation.c.today

        def instead(element: Any, **_: Any) -> Any:
            return today if element is TODAY else None

        return replacement_traverse(value, {}, instead) if any(each is TODAY for each in iterate(value)) else value

    def dates(self, value: Expression) -> bool:
        """Whether `dated` made a difference."""
        return any(each is self.relation.c.today for each in iterate(value))


def gate(*, of_case: bool) -> Gate:
    """Whether what was learnt of the registry holds in this snapshot.

    `of_case`: the masks that came with the statement know every profile of the people it may reach.
    """
    table, now = registry_generation.c, func.statement_timestamp()
    moment = DateTime(timezone=True)
    today = cast(func.timezone(literal_column("'Asia/Tokyo'"), now), Date)
    holds: Any = select(literal_column("true").label("open"), today.label("today")).where(
        table.generation == bindparam("generation", type_=Uuid()),
        now >= bindparam("holds_from", type_=moment),
        now < bindparam("holds_until", type_=moment),
    )
    if of_case:
        holds = holds.where(~_unknown_profile().exists())
    return Gate(holds.cte("gate").prefix_with("MATERIALIZED", dialect="postgresql"))


def _unknown_profile() -> Select[Any]:
    state = subject_state.c
    people = bindparam("only", type_=ARRAY(Uuid()))
    known = bindparam("mask_profiles", type_=ARRAY(state.profile_id.type))
    now = func.statement_timestamp()
    return select(literal_column("1")).where(
        state.subject_id == func.any(people),
        state.valid_from <= now,
        state.valid_until > now,
        state.profile_id != func.all(known),
    )
