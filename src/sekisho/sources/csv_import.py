"""A CSV file is imported as its mapping says: streamed, whole or not at all, and at most once.

INVARIANT (nothing half-imported): everything happens in one savepoint, which is undone unless the import succeeds.
INVARIANT (no consent by import): data alone opens nothing; without an acceptance on record nobody can read it.

The same line of the same file always has the same row ids, so importing a file again stores nothing twice. A corrected
line is new: it is stored beside the old one. In a person's one row of attributes or account, the later value replaces
the earlier; an empty field leaves it as it is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.policy.document import Policies
from sekisho.sources.csv_lines import CsvFile, FileRefused, Line, positions
from sekisho.sources.csv_mapping import MappingForm
from sekisho.sources.csv_people import People
from sekisho.sources.csv_result import ImportRefused, ImportResult, Tally
from sekisho.sources.csv_rows import Cell, Fields, RefusedValue, RowRefused, Target, columns_of, plan, stamped
from sekisho.sources.csv_values import ValueRefused
from sekisho.store.profiles import write_masks
from sekisho.store.sources import all_sources, ensure_source
from sekisho.store.subjects import add_new_rows, write_rows

Progress = Callable[[int, int], None]
"""Told after each batch: how many rows and how many bytes are done."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line that could be read: whom it is about, when it was acquired, and the values of its rows."""

    number: int
    key: tuple[str, ...]
    acquired_at: datetime
    rows: tuple[tuple[Target, dict[str, Any]], ...]


async def import_csv(
    connection: AsyncConnection,
    path: Path,
    mapping: MappingForm,
    policies: Policies,
    progress: Progress = lambda _, __: None,
) -> ImportResult:
    """Import the file at `path`. Raises `ImportRefused` or `FileRefused`; nothing of it is stored then."""
    tally = Tally()
    async with connection.begin_nested():
        file = CsvFile.at(path, mapping.encoding, mapping.delimiter)
        work = await _Import.begin(connection, mapping, policies, tally)
        for batch in _batches(work.lines(file)):
            await work.store(batch)
            progress(tally.rows_in, batch[-1].bytes_done)
        work.conclude()
    return tally.result()


class _Import:
    """One import under way."""

    def __init__(
        self,
        connection: AsyncConnection,
        mapping: MappingForm,
        policies: Policies,
        tally: Tally,
        people: People,
        source_id: int,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._mapping = mapping
        self._policies = policies
        self._tally = tally
        self._people = people
        self._source_id = source_id
        self._now = now
        self._nulls = frozenset(mapping.nulls)
        self._targets: tuple[Target, ...] = ()
        self._key: tuple[int, ...] = ()
        self._width = 0
        self._acquired: Cell | None = None

    @classmethod
    async def begin(
        cls, connection: AsyncConnection, mapping: MappingForm, policies: Policies, tally: Tally
    ) -> "_Import":
        """Register the source, and look at the clock."""
        before = await all_sources(connection)
        source = await ensure_source(connection, mapping.source.kind, mapping.source.name)
        if source not in before:
            await write_masks(connection, policies)
        now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        people = await People.begin(connection, mapping, policies)
        return cls(connection, mapping, policies, tally, people, source.source_id, now)

    def lines(self, file: CsvFile) -> Iterator[Line]:
        """The lines of the file behind its header, which says where each column stands."""
        lines = file.lines()
        header = next(lines, None)
        if header is None:
            raise FileRefused("the file is empty; its first line names the columns")
        places = positions(header.fields, columns_of(self._mapping))
        self._targets = plan(self._mapping, places)
        self._key = tuple(places[name] for name in self._mapping.subject.columns)
        self._width = len(header.fields)
        if self._mapping.acquired_at is not None:
            self._acquired = Cell.of("acquired_at", self._mapping.acquired_at, places, ("datetime",))
        yield from lines

    async def store(self, batch: Sequence[Line]) -> None:
        """Import what can be imported of these lines."""
        self._tally.rows_in += len(batch)
        parsed = [each for each in map(self._parse, batch) if each is not None]
        people = await self._people.of(parsed)
        accepted: list[tuple[Parsed, UUID]] = []
        for line in parsed:
            try:
                accepted.append((line, people.admit(line)))
            except RowRefused as refused:
                self._tally.refuse_row(line.number, refused.column, str(refused))
        if self._hopeless():
            return
        self._tally.people_registered += await self._people.register(
            (subject_id for _, subject_id in accepted), self._policies
        )
        await self._write(accepted)
        self._tally.rows_imported += len(accepted)

    def conclude(self) -> None:
        """Undo all of it where the mapping, or an import of nothing, says so."""
        if self._hopeless():
            raise ImportRefused(
                self._tally.nothing_stored(),
                f"{self._tally.rows_refused} of {self._tally.rows_in} rows cannot be imported, so nothing was;"
                " correct them, or state `on_error: skip_row` in the mapping",
            )
        if self._tally.rows_in and not self._tally.rows_imported:
            raise ImportRefused(self._tally.nothing_stored(), "no row could be imported; nothing was changed")

    def _hopeless(self) -> bool:
        return self._mapping.on_error == "refuse_file" and self._tally.rows_refused > 0

    def _parse(self, line: Line) -> Parsed | None:
        refused: list[RefusedValue] = []
        try:
            parsed = self._read(line, refused)
        except RowRefused as error:
            self._tally.refuse_row(line.number, error.column, str(error))
            return None
        for column, reason in refused:
            self._tally.refuse_value(line.number, column, reason)
        return parsed

    def _read(self, line: Line, refused: list[RefusedValue]) -> Parsed:
        if len(line.fields) != self._width:
            raise RowRefused(f"the row has {len(line.fields)} fields and the header {self._width}; check the delimiter")
        fields = Fields(line.fields, self._nulls)
        key = tuple(line.fields[position].strip() for position in self._key)
        for part, column in zip(key, self._mapping.subject.columns, strict=True):
            if not part or part in self._nulls or "\x00" in part:
                raise RowRefused("the key of the person is missing", column)
        rows = ((target, target.values(fields, refused)) for target in self._targets)
        told = tuple((target, values) for target, values in rows if values is not None)
        return Parsed(line.number, key, self._acquired_at(fields), told)

    def _acquired_at(self, fields: Fields) -> datetime:
        if self._acquired is None:
            return self._now
        try:
            acquired = fields.read(self._acquired)
        except ValueRefused as error:
            raise RowRefused(str(error), self._acquired.header) from None
        if not isinstance(acquired, datetime):
            raise RowRefused("when it was acquired is missing", self._acquired.header)
        if acquired > self._now:
            raise RowRefused("it was acquired in the future; check the clock or the time zone", self._acquired.header)
        return acquired

    async def _write(self, accepted: Iterable[tuple[Parsed, UUID]]) -> None:
        rows: dict[Table, list[dict[str, Any]]] = {}
        single: dict[Table, dict[UUID, dict[str, Any]]] = {}
        for line, subject_id in accepted:
            origin = {
                "service_context": self._mapping.service_context.value,
                "provenance": self._mapping.provenance,
                "acquired_at": line.acquired_at,
            }
            for target, values in line.rows:
                row = stamped(target, values, subject_id, self._source_id, origin, line.number)
                if target.sits_alone:
                    single.setdefault(target.table, {}).setdefault(subject_id, {}).update(row)
                else:
                    rows.setdefault(target.table, []).append(row)
        for table, alone in single.items():
            await self._replace(table, alone)
        for table, many in rows.items():
            added = sum([await add_new_rows(self._connection, table, alike) for alike in _alike(many)])
            self._tally.stored[table.name] += added
            self._tally.already_there[table.name] += len(many) - added

    async def _replace(self, table: Table, told: Mapping[UUID, dict[str, Any]]) -> None:
        """Write what is new in the one row that each of these people has."""
        chosen = select(table).where(table.c.subject_id == func.any(list(told)))
        stored = {row["subject_id"]: row for row in (await self._connection.execute(chosen)).mappings()}
        new = [row for subject_id, row in told.items() if not _same(row, stored.get(subject_id))]
        for alike in _alike(new):
            await write_rows(self._connection, table, alike, self._policies)
        self._tally.stored[table.name] += len(new)
        self._tally.already_there[table.name] += len(told) - len(new)


def _same(row: Mapping[str, Any], stored: Mapping[Any, Any] | None) -> bool:
    return stored is not None and all(stored[name] == value for name, value in row.items() if name != "acquired_at")


def _alike(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """The rows by the columns they name."""
    groups: dict[frozenset[str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(frozenset(row), []).append(row)
    return groups.values()


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
