"""One line of a CSV file becomes rows of the tables that its mapping names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Table

from sekisho.sources.csv_checks import TABLES, constant, obligatory, readers_of
from sekisho.sources.csv_mapping import EntryForm, MappingForm, ReadingForm, ValueForm, names_a_password
from sekisho.sources.csv_values import Convert, ValueRefused, converter, precision_of
from sekisho.sources.persons import NAMESPACE
from sekisho.store.tables.catalogue import ROWS

_SOURCED = {
    "birth_date": "birth_date_source",
    "sex": "sex_source",
    "height_cm": "height_source",
    "weight_kg": "weight_source",
}
"""The columns of a person's attributes that tell their source beside them."""


class RowRefused(Exception):  # noqa: N818 - a verdict on a line, with what to do
    """The line is left out; `column` is where the reason lies, if it is one column's."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.column = column


class RefusedValue(NamedTuple):
    """One field that was left out of an imported line."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a row to be: a constant, or a field and how it is read."""

    name: str
    position: int | None
    header: str
    convert: Convert
    constant: Any = None

    @classmethod
    def of(cls, name: str, form: ValueForm, positions: Mapping[str, int], readers: tuple[str, ...]) -> "Cell":
        """The cell that `form` describes."""
        if form.column is None:
            return cls(name, None, "", str, constant(form, readers))
        return cls(name, positions[form.column], form.column, converter(form))


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one line, blanks cut off and nulls known."""

    texts: list[str]
    nulls: frozenset[str]

    def read(self, cell: Cell) -> Any:
        """The cell's value, `None` where the file says nothing. Raises `ValueRefused`."""
        if cell.position is None:
            return cell.constant
        field_ = self.texts[cell.position].strip()
        return None if not field_ or field_ in self.nulls else cell.convert(field_)


@dataclass(frozen=True, slots=True)
class Target:
    """A row to be: `reading` is its number, `cells` the rest. `number` is its place in the mapping."""

    table: Table
    number: int
    cells: tuple[Cell, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    reading: Cell | None = None

    @property
    def sits_alone(self) -> bool:
        """Whether a person has one row of the table at most."""
        return self.table not in ROWS

    def values(self, fields: Fields, refused: list[RefusedValue]) -> dict[str, Any] | None:
        """The row's values, or `None` where the line has none for it. Raises `RowRefused`; adds to `refused`."""
        told: dict[str, Any] = dict(self.fixed)
        if self.reading is not None:
            number = _read(fields, self.reading, refused)
            if number is None:
                return None
            told["value"] = number
        needed = obligatory(self.table) if not self.sits_alone else set[str]()
        for cell in self.cells:
            try:
                told[cell.name] = fields.read(cell)
            except ValueRefused as error:
                if cell.name in needed:
                    raise RowRefused(str(error), cell.header) from None
                refused.append(RefusedValue(cell.header, str(error)))
                told[cell.name] = None
        if self.reading is None and not any(
            told[cell.name] is not None for cell in self.cells if cell.position is not None
        ):
            return None if any(cell.position is not None for cell in self.cells) else told
        for cell in self.cells:
            if cell.name in needed and told[cell.name] is None:
                raise RowRefused("an obligatory value is missing", cell.header)
        if "name" in told and names_a_password(str(told["name"])):
            raise RowRefused("passwords are never taken in", next(c.header for c in self.cells if c.name == "name"))
        return told


def plan(form: MappingForm, positions: Mapping[str, int]) -> tuple[Target, ...]:
    """The rows that every line gives, at most."""
    found: list[Target] = []
    for entry in form.rows:
        table = TABLES[entry.table]
        cells = tuple(
            Cell.of(name, value, positions, readers_of(table.c[name])) for name, value in entry.columns.items()
        )
        if entry.readings:
            found += [_reading(table, len(found) + n, cells, each, positions) for n, each in enumerate(entry.readings)]
        else:
            found.append(Target(table, len(found), cells, _precision(entry)))
    return tuple(found)


def columns_of(form: MappingForm) -> set[str]:
    """Every column of the file that the mapping names."""
    values = [value for entry in form.rows for value in entry.columns.values()]
    values += [form.acquired_at] if form.acquired_at else []
    named = {value.column for value in values if value.column is not None}
    return named | set(form.subject.columns) | {each.column for entry in form.rows for each in entry.readings}


def stamped(
    target: Target, values: Mapping[str, Any], subject_id: UUID, source_id: int, origin: Mapping[str, Any], line: int
) -> dict[str, Any]:
    """The whole row: with its person, its source, its origin, and an id that the same line always gets."""
    row = {"subject_id": subject_id, **values, **origin}
    if target.sits_alone:
        told = {name: value for name, value in row.items() if value is not None}
        if "birth_date" not in told:
            told.pop("birth_precision", None)
        if "source_id" in target.table.c:
            told["source_id"] = source_id
        return told | {
            _SOURCED[name]: source_id for name in _SOURCED if name in told and target.table.name == "subject_attribute"
        }
    said = {name: _spelled(value) for name, value in values.items()}
    where = [target.table.name, target.number, str(subject_id), source_id, line, said]
    row_id = uuid5(NAMESPACE, json.dumps(where, sort_keys=True, ensure_ascii=False))
    return row | {"row_id": row_id, "source_id": source_id}


def _reading(
    table: Table, number: int, cells: tuple[Cell, ...], form: ReadingForm, positions: Mapping[str, int]
) -> Target:
    bounds = {"min": form.least, "max": form.most}
    value = ValueForm.model_validate(
        {"column": form.column, "as": "float", **{name: bound for name, bound in bounds.items() if bound is not None}}
    )
    cell = Cell.of("value", value, positions, ("float",))
    return Target(table, number, cells, {"kind": form.kind, "unit": form.unit}, cell)


def _precision(entry: EntryForm) -> dict[str, Any]:
    birth = entry.columns.get("birth_date") if entry.table == "subject_attribute" else None
    return {} if birth is None else {"birth_precision": precision_of(birth).value}


def _read(fields: Fields, cell: Cell, refused: list[RefusedValue]) -> Any:
    try:
        return fields.read(cell)
    except ValueRefused as error:
        refused.append(RefusedValue(cell.header, str(error)))
        return None


def _spelled(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
