"""From the root fields of an operation to one statement: its text, its parameters, and how to read its row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    LargeBinary,
    Select,
    case,
    func,
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy.dialects import postgresql

from sekisho.graph.compiled.gate import Gate
from sekisho.graph.compiled.record import rejection, written
from sekisho.graph.compiled.statement import RootStatement
from sekisho.store.merging import once
from sekisho.store.values import AT, TODAY

_DIALECT = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]

Expression = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement for the driver: its text with `$1 ...`, and the name of the parameter at each place."""

    text: str
    parameters: tuple[str, ...]
    columns: Mapping[str, int]


def compiled(roots: Sequence[RootStatement], before: Gate, *, rejecting: bool) -> Compiled:
    """One statement for all root fields: one snapshot, one record each, one commit."""
    told = [_Told.of(root) for root in roots]
    columns = [column.label(name) for each in told for name, column in each.columns]
    if rejecting:
        rejected = rejection(roots)
        columns = [_unless(rejected, each) for each in columns]
    # One row, whoever is found; none where the gate is closed.
    joined: FromClause = before.relation
    for each in told:
        joined = joined.join(each.relation, true(), isouter=True)
    record = written(roots, before.relation, rejecting=rejecting)
    return _text(select(*columns).select_from(joined).add_cte(record))


def _unless(rejected: Expression, column: Any) -> Any:
    """Nothing of a rejected operation's data leaves the database."""
    return case((rejected, null()), else_=column).label(column.name) if column.name.startswith("text") else column


class _Told(NamedTuple):
    """What comes back of one root field: a relation of at most one row, and columns."""

    relation: FromClause
    columns: tuple[tuple[str, Expression], ...]

    @classmethod
    def of(cls, root: RootStatement) -> "_Told":
        gathered = dict(_of_page(root) if root.root.is_page else _of_person(root))
        chosen = select(*(value.label(name) for name, value in gathered.items()))
        relation = chosen.where(*(() if root.root.is_page else (root.relation.c.present,))).subquery(
            f"told_{root.place}"
        )
        named = [(f"{name}_{root.place}", relation.c[name]) for name in gathered]
        return cls(relation, (*named, *_ends(root)))


def _of_person(root: RootStatement) -> Iterator[tuple[str, Expression]]:
    found = root.relation.c
    yield "ids", func.uuid_send(found.subject_id, type_=LargeBinary)
    yield "letters", found.letters
    yield "text0", found.text0
    for each in root.root.lists:
        yield f"rows{each.number}", postgresql.array([found[f"rows{each.number}"]])


def _of_page(root: RootStatement) -> Iterator[tuple[str, Expression]]:
    people = select(root.relation).order_by(root.relation.c.n).subquery(f"by_place_{root.place}").c
    yield "ids", func.string_agg(func.uuid_send(people.subject_id), literal_column("''::bytea"), type_=LargeBinary)
    yield "letters", func.string_agg(people.letters, literal_column("''"))
    for name in (column.name for column in root.relation.c if column.name.startswith("text")):
        yield name, func.string_agg(people[name], literal_column("','"))
    for each in root.root.lists:
        yield f"rows{each.number}", func.array_agg(people[f"rows{each.number}"])
    question = root.asked.question
    if question is not None and question.ordering is not None and root.tells_places:
        yield "values", func.array_agg(people.value)


def _ends(root: RootStatement) -> Iterator[tuple[str, Expression]]:
    """How far the page came."""
    place, question = root.place, root.asked.question
    if root.tells_end:
        found = select(func.count()).select_from(root.page).scalar_subquery()
        yield f"found_{place}", found
        if root.scan_end is not None and question is not None:
            end = root.scan_end.subquery(f"end_{place}")
            last = select(case((end.c.scanned == literal_column(str(question.scan)), end.c.last))).scalar_subquery()
            full = found > literal_column(str(question.size))
            yield f"end_{place}", case((full, null()), else_=last)
        if root.order_end is not None and question is not None:
            full, ended = found > literal_column(str(question.size)), once(root.order_end)
            for name, told in (("end", ended.c.subject_id), ("end_value", ended.c.value)):
                yield f"{name}_{place}", case((full, null()), else_=select(told).scalar_subquery())


def _text(statement: Select[Any]) -> Compiled:
    done = statement.compile(dialect=_DIALECT)
    columns = {column.name: place for place, column in enumerate(statement.selected_columns)}
    return Compiled(str(done), tuple(done.positiontup or ()), columns)


class _Compiler(_DIALECT.statement_compiler):  # type: ignore[misc, name-defined]
    """What is known is part of the text, and the instant is the database's own; only what has a name is a parameter."""

    def visit_bindparam(self, bindparam: BindParameter[Any], **told: Any) -> str:
        """A constant, the clock, or a parameter."""
        if bindparam.key == AT.key:
            return "statement_timestamp()"
        if bindparam.key == TODAY.key:
            return "(SELECT gate.today FROM gate)"
        if bindparam.unique and bindparam.value is not None:
            return _spelled(bindparam.value)
        return str(super().visit_bindparam(bindparam, **told))


_DIALECT.statement_compiler = _Compiler


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return "'" + str(value).replace("'", "''") + "'"
    raise TypeError(f"a constant of type `{type(value).__name__}` has no place in the text; name a parameter")
