"""The log row of each root field, written by the statement that reads: promise 4 by construction."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from sekisho.disclosure.record import LogRow
from sekisho.graph.compiled.json_text import quoted
from sekisho.graph.compiled.statement import RootStatement
from sekisho.store.tables.log import disclosure_log
from sekisho.vocabulary import Outcome, Refusal

NAMES = tuple(field.name for field in fields(LogRow))
_OF_ROOT = ("row_id", "nonce")
_OF_OPERATION = NAMES[NAMES.index("client_id") : NAMES.index("root")]

Expression = ColumnElement[Any]


def written(roots: Sequence[RootStatement], gate: CTE, *, rejecting: bool) -> CTE:
    """The insertion of one row for each root field.

    `rejecting` records a refusal of the whole where anything is withheld: then nothing is released.
    """
    rejected = rejection(roots) if rejecting else None
    rows = [_row(root, gate, rejected) for root in roots]
    source = rows[0] if len(rows) == 1 else union_all(*rows)
    return insert(disclosure_log).from_select(list(NAMES), source).cte("written")


def rejection(roots: Sequence[RootStatement]) -> Expression:
    """Whether any root field withholds anything."""
    withheld = (
        select(func.coalesce(func.bool_or(root.relation.c.verdicts.op("~")(quoted("[ws]"))), False)).scalar_subquery()
        for root in roots
    )
    return or_(*withheld)


def _row(root: RootStatement, gate: CTE, rejected: Expression | None) -> Select[Any]:
    listed = dict(_of_page(root) if root.root.is_page else _of_person(root))
    gathered = select(*(value.label(name) for name, value in listed.items())).subquery(f"recorded_{root.place}")
    given = dict(_given(root, rejected))
    columns = [given[name] if name in given else _or_nothing(name, gathered.c[name]) for name in NAMES]
    named = (column.label(name) for name, column in zip(NAMES, columns, strict=True))
    return select(*named).select_from(gate.join(gathered, true(), isouter=True))


def _of_person(root: RootStatement) -> Iterator[tuple[str, Expression]]:
    found = root.relation.c
    yield "subjects", array([found.handle])
    yield "profiles", array([found.profile_id])
    yield "evidence", array([found.acceptance])
    yield "outcomes", array([found.letters])
    counts = [found[f"count{place}"] for place in range(len(root.lists))]
    yield "row_counts", array(counts) if counts else _nothing("row_counts")


def _of_page(root: RootStatement) -> Iterator[tuple[str, Expression]]:
    ordered = select(root.relation).order_by(root.relation.c.handle).subquery(f"by_handle_{root.place}")
    yield "subjects", func.array_agg(ordered.c.handle)
    yield "profiles", func.array_agg(ordered.c.profile_id)
    yield "evidence", func.array_agg(ordered.c.acceptance)
    yield "outcomes", func.array_agg(ordered.c.letters)
    yield "row_counts", _counts(ordered, len(root.lists))


def _or_nothing(name: str, column: Expression) -> Expression:
    return func.coalesce(column, _nothing(name))


def _nothing(name: str) -> Expression:
    return cast(literal_column("'{}'"), disclosure_log.c[name].type)


def _given(root: RootStatement, rejected: Expression | None) -> Iterator[tuple[str, Expression]]:
    table = disclosure_log.c
    for name in _OF_ROOT:
        yield name, bindparam(f"{name}_{root.place}", type_=table[name].type)
    for name in (*_OF_OPERATION, "schema", "legal_basis"):
        yield name, bindparam(f"log_{name}", type_=table[name].type)
    yield "occurred_at", func.statement_timestamp()
    yield "outcome", _either(rejected, Outcome.REJECTED, Outcome.ANSWERED)
    yield "refusal", _either(rejected, Refusal.FIELDS_WITHHELD, "")
    yield "root", quoted(root.root.key)
    yield "coordinates", _texts(use.coordinate for use in root.uses)
    yield "items", _texts(use.item for use in root.uses)
    yield "uses", _texts(use.use for use in root.uses)
    yield "transforms", _texts(root.transforms)
    yield "lists", _texts(root.lists)


def _either(condition: Expression | None, then: str, otherwise: str) -> Expression:
    plain = quoted(otherwise)
    return plain if condition is None else case((condition, quoted(then)), else_=plain)


def _texts(words: Iterator[str] | Sequence[str]) -> Expression:
    listed = ", ".join(str(quoted(word)) for word in words)
    return literal_column(f"ARRAY[{listed}]::text[]", ARRAY(Text))


def _counts(ordered: Any, width: int) -> Expression:
    """Subjects x lists, flattened."""
    if width == 0:
        return _nothing("row_counts")
    if width == 1:
        return func.array_agg(ordered.c.count0)
    of_person = func.concat_ws(quoted(","), *(ordered.c[f"count{place}"] for place in range(width)))
    return cast(func.string_to_array(func.string_agg(of_person, quoted(",")), quoted(",")), ARRAY(Integer))
