"""Past consent comes in from a file of JSON lines: all of it or nothing, and at most once.

INVARIANT (nothing half-imported): everything happens in one savepoint, which is undone when any line is refused.

Each person's events stand oldest first, as they were recorded. An event already on record with the same content is left
as it is; the same id with other content is refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.consent.records import ConsentEvent
from sekisho.consent.writing import ConsentRefused, check_new_event
from sekisho.policy.document import Policies
from sekisho.sources.consent_lines import LineRefused, read_event
from sekisho.sources.persons import registered
from sekisho.store.consents import Recorded, histories_of, record_history
from sekisho.store.subjects import register
from sekisho.vocabulary import ServiceContext

MOST_REPORTED = 200
"""Refused lines reported one by one; beyond them only the count goes on."""

Progress = Callable[[int, int], None]
"""Told after each batch: how many lines and how many bytes are done."""

_BATCH = 500
_LONGEST_LINE = 1 << 20


class RefusedLine(NamedTuple):
    """One line that cannot be put on record, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ConsentImportResult:
    """What a file gave: lines with an event, events put on record, events that were there, people registered."""

    lines: int
    recorded: int
    already_there: int
    people_registered: int


class ConsentImportRefused(Exception):  # noqa: N818 - a verdict on the file, with what to do
    """Nothing was put on record; `lines` has the first refused lines, `refused` counts all."""

    def __init__(self, lines: Sequence[RefusedLine], refused: int) -> None:
        self.lines = tuple(lines)
        self.refused = refused
        told = (f"line {each.line}: {each.reason}" for each in lines)
        super().__init__("\n".join([f"{refused} lines cannot be put on record, so nothing was; correct them", *told]))


class _Told(NamedTuple):
    """A line that could be read."""

    number: int
    subject_id: UUID
    recorded: Recorded


async def import_consent(
    connection: AsyncConnection,
    path: Path,
    policies: Policies,
    register_unknown: ServiceContext | None = None,
    progress: Progress = lambda _, __: None,
) -> ConsentImportResult:
    """Put the consent history in the file at `path` on record.

    `register_unknown` registers people who are not known under that service; without it their lines are refused.
    Raises `ConsentImportRefused`, or `OSError` when the file cannot be read.
    """
    async with connection.begin_nested():
        work = _Import(connection, policies, register_unknown, await _now(connection))
        for batch, bytes_done in _batches(path):
            await work.take(batch)
            progress(batch[-1][0], bytes_done)
        return work.result()


class _Import:
    """One import under way."""

    def __init__(
        self, connection: AsyncConnection, policies: Policies, register_unknown: ServiceContext | None, now: datetime
    ) -> None:
        self._connection = connection
        self._policies = policies
        self._register_unknown = register_unknown
        self._now = now
        self._refused: list[RefusedLine] = []
        self._refusals = 0
        self._lines = self._recorded = self._registered = 0

    async def take(self, batch: Sequence[tuple[int, bytes]]) -> None:
        """Put the events of these lines on record, unless some line was refused before."""
        told = sorted(self._read(batch), key=lambda each: each.recorded.event.recorded_at)
        told = await self._of_known_people(told)
        histories = await histories_of(self._connection, {each.subject_id for each in told})
        new = self._new(
            told, {subject_id: {each.id: each for each in events} for subject_id, events in histories.items()}
        )
        if self._refusals or not new:
            return
        grouped: dict[UUID, list[Recorded]] = {}
        for each in new:
            grouped.setdefault(each.subject_id, []).append(each.recorded)
        await record_history(self._connection, grouped, self._policies)
        self._recorded += len(new)

    def result(self) -> ConsentImportResult:
        """The counts. Raises `ConsentImportRefused` when any line was refused."""
        if self._refusals:
            raise ConsentImportRefused(sorted(self._refused), self._refusals)
        return ConsentImportResult(self._lines, self._recorded, self._lines - self._recorded, self._registered)

    def _read(self, batch: Sequence[tuple[int, bytes]]) -> Iterator[_Told]:
        for number, line in batch:
            self._lines += 1
            try:
                yield _Told(number, *read_event(_decoded(number, line)))
            except LineRefused as refused:
                self._refuse(number, str(refused))

    async def _of_known_people(self, told: Sequence[_Told]) -> list[_Told]:
        known = await registered(self._connection, {each.subject_id for each in told})
        new = {each.subject_id: None for each in told if each.subject_id not in known}
        if new and self._register_unknown is not None and not self._refusals:
            await register(self._connection, list(new), self._register_unknown, self._policies)
            self._registered += len(new)
        accepted = []
        for each in told:
            person = known.get(each.subject_id)
            if person is None and self._register_unknown is None:
                self._refuse(each.number, "this person is not registered; register them, or check the key")
            elif person is not None and person.closed_at is not None:
                self._refuse(each.number, "this person's account is closed; nothing is put on record for it")
            else:
                accepted.append(each)
        return accepted

    def _new(self, told: Sequence[_Told], histories: Mapping[UUID, dict[str, ConsentEvent]]) -> list[_Told]:
        new = []
        for each in told:
            event, history = each.recorded.event, histories[each.subject_id]
            earlier = history.get(event.id)
            if earlier is not None and replace(earlier, recorded_at=event.recorded_at) == event:
                continue
            try:
                self._check_clock(event)
                check_new_event(event, history.values())
            except ConsentRefused as refused:
                self._refuse(each.number, str(refused))
                continue
            history[event.id] = event
            new.append(each)
        return new

    def _check_clock(self, event: ConsentEvent) -> None:
        if event.recorded_at > self._now:
            raise ConsentRefused("it says it was recorded in the future; check its clock")

    def _refuse(self, number: int, reason: str) -> None:
        self._refusals += 1
        if len(self._refused) < MOST_REPORTED:
            self._refused.append(RefusedLine(number, reason))


def _decoded(number: int, line: bytes) -> str:
    if len(line) > _LONGEST_LINE:
        raise LineRefused(f"the line is longer than {_LONGEST_LINE} bytes; shorten its evidence")
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise LineRefused("it is not UTF-8; save the file as UTF-8") from None


async def _now(connection: AsyncConnection) -> datetime:
    now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    return now


def _batches(path: Path) -> Iterator[tuple[list[tuple[int, bytes]], int]]:
    """The lines that hold something, numbered, with the bytes read so far."""
    with path.open("rb") as raw:
        batch: list[tuple[int, bytes]] = []
        number = 0
        while line := raw.readline(_LONGEST_LINE + 2):
            number += 1
            rest = line
            while len(line) > _LONGEST_LINE and rest and not rest.endswith(b"\n"):
                rest = raw.readline(_LONGEST_LINE)
            if line.strip():
                batch.append((number, line))
            if len(batch) == _BATCH:
                yield batch, raw.tell()
                batch = []
        if batch:
            yield batch, raw.tell()
