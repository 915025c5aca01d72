"""The one reader: people, rows and values of one operation, all from one database snapshot.

INVARIANT (one snapshot): consent, values and the record are read and written in one REPEATABLE READ transaction, and
the record commits before anything read here may leave.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sekisho.consent.age import TOKYO
from sekisho.store import pages, questions
from sekisho.store.questions import PageQuestion, Position, Reach, Wanted
from sekisho.store.rows import RowSource, Window

_COLUMNS_AT_ONCE = 60  # one bit each in a bigint

Answer = tuple[Any, int | None]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person found: where they stand now, and the record's letter of each value asked about."""

    subject_id: UUID
    handle: UUID
    profile_id: int
    participations: frozenset[str]
    evidence: Mapping[str, Any]
    present: bool
    sources: int
    letters: tuple[str, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Page:
    """People in order, where the scan ended, and whether it can go on."""

    people: tuple[PersonRow, ...]
    end: Position | None
    more: bool


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One row of a list: its key and where it came from."""

    row_id: UUID
    source_id: int
    activity: str | None


class Snapshot:
    """One transaction's view. Its questions may be asked concurrently; they are answered one after the other."""

    def __init__(self, connection: AsyncConnection, instant: datetime) -> None:
        self.connection = connection
        self.instant = instant
        self._now = {"at": instant, "today": instant.astimezone(TOKYO).date()}
        self._turn = asyncio.Lock()

    async def person(self, reach: Reach, subject_id: UUID) -> PersonRow | None:
        """One person by id, found by this reach or not (`present`); `None` when there is no such person."""
        rows = await self._rows(pages.person(reach, subject_id))
        return _person(rows[0], 0) if rows else None

    async def profiles_of(self, subject_ids: Sequence[UUID]) -> set[int]:
        """The consent profiles of these people now."""
        return {row.profile_id for row in await self._rows(pages.profiles_of(subject_ids))}

    async def page(self, reach: Reach, question: PageQuestion) -> Page:
        """The next people that this reach finds."""
        ordering = question.ordering
        if ordering is not None:
            return await self._ordered(question, pages.ordered_page(reach, question, ordering))
        rows = await self._rows(pages.scanned_page(reach, question).limit(question.size + 1))
        scanned, last = (await self._rows(pages.scan_end(reach, question)))[0]
        return _page(rows, question, Position(last) if scanned == question.scan else None)

    async def _ordered(self, question: PageQuestion, asked: pages.OrderedPage) -> Page:
        rows = await self._rows(asked.people.limit(question.size + 1))
        if asked.end is None or len(rows) > question.size:
            return _page(rows, question, None)
        ends = await self._rows(asked.end)
        return _page(rows, question, Position(ends[0].subject_id, ends[0].value) if ends else None)

    async def rows(
        self, reach: Reach, source: RowSource, window: Window, people: Mapping[UUID, int]
    ) -> dict[UUID, list[FoundRow]]:
        """The visible rows of each person (`people`: their readable sources), oldest first within the window."""
        found: dict[UUID, list[FoundRow]] = {subject_id: [] for subject_id in people}
        for row in await self._rows(questions.rows_of(reach, source, window, people)):
            found[row.subject_id].append(FoundRow(row.row_id, row.source_id, row.activity))
        return {subject_id: rows[::-1] if window.newest else rows for subject_id, rows in found.items()}

    async def values(self, wanted: Sequence[Wanted]) -> list[Answer]:
        """Each wanted value with its datum's source id; `(None, None)` where nothing is stored."""
        answers: dict[Wanted, Answer] = {}
        by_table = sorted(dict.fromkeys(wanted), key=_table_name)
        for _, group in groupby(by_table, key=_table_name):
            answers |= await self._values_of_table(list(group))
        return [answers.get(each, (None, None)) for each in wanted]

    async def _values_of_table(self, wanted: list[Wanted]) -> dict[Wanted, Answer]:
        columns = list(dict.fromkeys((each.value, each.transform) for each in wanted))
        answers: dict[Wanted, Answer] = {}
        for start in range(0, len(columns), _COLUMNS_AT_ONCE):
            chunk = columns[start : start + _COLUMNS_AT_ONCE]
            place = {each: 2 + 2 * index for index, each in enumerate(chunk)}
            rows = await self._rows(questions.values_of(wanted[0].value.table, chunk, wanted))
            found = {(row[0], row[1]): row for row in rows}
            for each in wanted:
                row, at = found.get((each.subject_id, each.row_id)), place.get((each.value, each.transform))
                if row is not None and at is not None:
                    answers[each] = (row[at], row[at + 1])
        return answers

    async def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        async with self._turn:
            found: Sequence[Any] = (await self.connection.execute(statement, self._now)).all()
            return found


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[Snapshot]:
    """One REPEATABLE READ transaction; what is inserted in it is lost unless it is committed inside."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        instant = (await connection.execute(select(func.statement_timestamp()))).scalar_one()
        yield Snapshot(connection, instant)


def _page(rows: Sequence[Any], question: PageQuestion, scan_end: Position | None) -> Page:
    people = tuple(_person(row, len(question.asked)) for row in rows[: question.size])
    if len(rows) > question.size:
        return Page(people, people[-1].position, more=True)
    if scan_end is not None:
        return Page(people, scan_end, more=True)
    return Page(people, people[-1].position if people else None, more=False)


def _person(row: Any, letters: int) -> PersonRow:
    return PersonRow(
        row.subject_id,
        row.handle,
        row.profile_id,
        frozenset(row.participations),
        row.evidence,
        row.present,
        row.sources,
        tuple(row[-letters:]) if letters else (),
        Position(row.subject_id, row.value),
    )


def _table_name(wanted: Wanted) -> str:
    return wanted.value.table.name
