"""Whether a mapping fits the tables: every mistake, with the place where it stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, DateTime, Double, Table, Text

from sekisho.policy.load import Place, Problem
from sekisho.sources.csv_mapping import (
    EntryForm,
    MappingError,
    MappingForm,
    ValueForm,
    names_a_password,
    read_bytes,
    read_form,
)
from sekisho.sources.csv_values import ValueRefused, converter
from sekisho.store.tables import people
from sekisho.store.tables.catalogue import PERSONAL, ROWS
from sekisho.vocabulary import SourceKind

TABLES = {table.name: table for table in PERSONAL if table is not people.support_message}
"""The tables a file may fill; a support message belongs to a case, which a line cannot name."""

READINGS = (people.measurement.name, people.linked_app_record.name)
"""The tables whose rows are one number of one kind each."""

_OURS = ("subject_id", "row_id", "service_context", "provenance", "acquired_at", "birth_precision")
_NAMED = (SourceKind.LINKED_APP, SourceKind.THIRD_PARTY)
_WORDS = {("subject_attribute", "sex"): people.SEXES, ("measurement", "kind"): people.MEASUREMENT_KINDS}
_FITTING: dict[type[Any], tuple[str, ...]] = {
    Text: ("text", "enum"),
    Double: ("float", "integer"),
    Date: ("date", "birth_year_from_age"),
    DateTime: ("datetime",),
}
_TAKES = {
    "least": ("float", "integer"),
    "most": ("float", "integer"),
    "format": ("date", "datetime"),
    "timezone": ("datetime",),
    "map": ("enum",),
    "as_of": ("birth_year_from_age",),
    "precision": ("date",),
}

Mistake = tuple[Place, str]


def load_mapping(path: Path) -> MappingForm:
    """The mapping in the file at `path`. Raises `MappingError` with every mistake and its line."""
    return read_mapping(read_bytes(path))


def read_mapping(document: bytes) -> MappingForm:
    """The mapping in the bytes of a document. Raises `MappingError` with every mistake and its line."""
    form, marked = read_form(document)
    if found := [Problem(marked.line(place), message) for place, message in _mistakes(form)]:
        raise MappingError(found)
    return form


def targets(table: Table) -> dict[str, Column[Any]]:
    """The columns of `table` that a file may fill."""
    return {name: column for name, column in table.c.items() if name not in _OURS and not _tells_source(name)}


def obligatory(table: Table) -> set[str]:
    """The columns of `table` that every row must fill."""
    return {name for name, column in targets(table).items() if not column.nullable}


def _tells_source(name: str) -> bool:
    return name == "source_id" or name.endswith("_source")


def _mistakes(form: MappingForm) -> Iterator[Mistake]:
    if form.source.kind is SourceKind.UNCLASSIFIED:
        yield ("source", "kind"), "data without a known source is never released; name where it comes from"
    if bool(form.source.name.strip()) is not (form.source.kind in _NAMED):
        yield ("source",), "`name` goes with the kinds LINKED_APP and THIRD_PARTY, and they need it"
    if form.encoding is not None and not _is_encoding(form.encoding):
        yield ("encoding",), f"`{form.encoding}` is no encoding; write one like utf-8, cp932 or euc_jp"
    if form.delimiter in '\r\n"':
        yield ("delimiter",), "the delimiter is one character, and no quote or line end"
    if form.acquired_at is not None:
        yield from _value(("acquired_at",), "acquired_at", form.acquired_at, ("datetime",), ())
    yield from _subject(form)
    for index, entry in enumerate(form.rows):
        yield from _entry(("rows", index), entry)


def _subject(form: MappingForm) -> Iterator[Mistake]:
    who = form.subject
    if who.by == "login_id":
        if len(who.columns) > 1 or who.namespace is not None:
            yield ("subject",), "`by: login_id` takes one column and no `namespace`"
        if who.unknown == "register":
            yield ("subject", "unknown"), "a login id that is not on record names nobody who could be registered"
    elif who.namespace is None:
        yield ("subject",), "`namespace` is missing here; say whose keys these are"


def _entry(place: Place, entry: EntryForm) -> Iterator[Mistake]:
    table = TABLES.get(entry.table)
    if table is None:
        yield (*place, "table"), f"`{entry.table}` is no table a file may fill; one of: {', '.join(TABLES)}"
        return
    allowed = targets(table)
    for name, value in entry.columns.items():
        here = (*place, "columns", name)
        if name not in allowed:
            yield here, f"`{name}` is no column of `{table.name}` a file may fill; one of: {', '.join(allowed)}"
            continue
        readers = _FITTING.get(type(allowed[name].type), ())
        yield from _value(here, name, value, readers, _WORDS.get((table.name, name), ()))
    if entry.readings:
        yield from _readings(place, entry, table)
    filled = set(entry.columns) | ({"kind", "value", "unit"} if entry.readings else set())
    if not filled:
        yield place, "nothing is mapped here; write `columns` or `readings`"
    if missing := sorted(obligatory(table) - filled if table in ROWS else ()):
        yield place, f"`{table.name}` needs {', '.join(f'`{name}`' for name in missing)} as well"


def _readings(place: Place, entry: EntryForm, table: Table) -> Iterator[Mistake]:
    if table.name not in READINGS:
        yield (*place, "readings"), f"`readings` go with: {', '.join(READINGS)}"
    words = _WORDS.get((table.name, "kind"), ())
    for index, reading in enumerate(entry.readings):
        if words and reading.kind not in words:
            yield (*place, "readings", index, "kind"), f"`{reading.kind}` is not allowed; one of: {', '.join(words)}"
    for name in sorted({"kind", "value", "unit"} & set(entry.columns)):
        yield (*place, "columns", name), f"`{name}` is told by each reading; remove it here"


def _value(
    place: Place, name: str, form: ValueForm, readers: tuple[str, ...], words: tuple[str, ...]
) -> Iterator[Mistake]:
    if (form.column is None) is (form.constant is None):
        yield place, f"`{name}` is either a `column` or a `constant`; write one of them"
        return
    if form.constant is not None:
        yield from _constant(place, name, form, readers, words)
        return
    if form.reader not in readers:
        yield place, f"`{name}` is read with `as: {' or '.join(readers)}`, not `{form.reader}`"
        return
    for part, with_ in _TAKES.items():
        if part in form.model_fields_set and form.reader not in with_:
            yield place, f"`as: {form.reader}` takes no `{ValueForm.model_fields[part].alias or part}`"
    if form.reader == "enum" and not form.map:
        yield place, "`as: enum` needs a `map` from what stands in the file to our words"
    if form.reader == "birth_year_from_age" and form.as_of is None:
        yield place, "`as: birth_year_from_age` needs `as_of`, the day for which the ages were told"
    if words and form.reader != "enum":
        yield place, f"`{name}` is read with `as: enum`, mapped to: {', '.join(words)}"
    if wrong := [word for word in (form.map or {}).values() if words and word not in words]:
        yield place, f"`{wrong[0]}` is not allowed; one of: {', '.join(words)}"


def _constant(
    place: Place, name: str, form: ValueForm, readers: tuple[str, ...], words: tuple[str, ...]
) -> Iterator[Mistake]:
    if form.model_fields_set - {"constant"}:
        yield place, "a constant takes no other key; quote it and write it as it is meant"
    elif words and form.constant not in words:
        yield place, f"`{form.constant}` is not allowed; one of: {', '.join(words)}"
    elif not isinstance(form.constant, str):
        yield place, "write the constant in quotes"
    elif name == "name" and names_a_password(form.constant):
        yield place, f"`{form.constant}` names a password; passwords are never taken in, remove it from the mapping"
    else:
        try:
            constant(form, readers)
        except ValueRefused as refused:
            yield place, f"`{form.constant}` does not fit `{name}`: {refused}"


def constant(form: ValueForm, readers: tuple[str, ...]) -> Any:
    """The value of a constant, read as its column is. Raises `ValueRefused`."""
    return converter(ValueForm.model_validate({"column": "constant", "as": readers[0]}))(form.constant)


def readers_of(column: Column[Any]) -> tuple[str, ...]:
    """How values for `column` may be read."""
    return _FITTING.get(type(column.type), ())


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, UnicodeError, ValueError):
        return False
    return True
