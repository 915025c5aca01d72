"""The disclosure log in PostgreSQL: written with the data, read by operators."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

import asyncpg
from sqlalchemy import CTE, Row, Select, insert, select, text, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sekisho.disclosure.log import LogUnavailable
from sekisho.disclosure.record import LogRow
from sekisho.store.tables.log import disclosure_log, subject_handle
from sekisho.vocabulary import Outcome

_NAMES = tuple(field.name for field in fields(LogRow))
_COLUMNS = [disclosure_log.c[name] for name in _NAMES]


class HandleMissing(Exception):  # noqa: N818 - the domain's word
    """A subject has no handle in the log; handles are made when a subject is registered."""


class PostgresLedger:
    """The log as a room that commits for itself (`sekisho.disclosure.log.Ledger`)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def append(self, rows: tuple[LogRow, ...]) -> None:
        """Insert and commit `rows`. Raises `LogUnavailable` when that cannot be promised."""
        try:
            async with self._engine.connect() as connection, commits_watched(await driver_of(connection)):
                await append(connection, rows)
                await connection.commit()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise LogUnavailable("the disclosure record could not be written; try again later") from error


async def append(connection: AsyncConnection, rows: Iterable[LogRow]) -> None:
    """Insert `rows` in the caller's open transaction; they are durable when the caller's commit is."""
    values = [{name: getattr(row, name) for name in _NAMES} for row in rows]
    if values:
        await connection.execute(insert(disclosure_log), values)


async def rows(
    connection: AsyncConnection,
    *,
    about: UUID | None = None,
    request_id: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 1000,
) -> AsyncIterator[LogRow]:
    """At most `limit` rows in the order of `(occurred_at, row_id)`, those past `after` only.

    `about` is a handle: only statements that reached this person, each found from its commit on. Rows commit out of
    this order: a reader that must see each row once keeps its own list of those it has seen.
    """
    found = _places(about, request_id)
    page = select(found.c.row_id).order_by(found.c.occurred_at, found.c.row_id).limit(limit)
    if after is not None:
        page = page.where(tuple_(found.c.occurred_at, found.c.row_id) > tuple_(*after))
    for row in await connection.execute(_whole(page)):
        yield _log_row(row)


async def latest(
    connection: AsyncConnection, *, about: UUID | None = None, request_id: str | None = None, limit: int
) -> AsyncIterator[LogRow]:
    """The last `limit` rows of those that `rows` would give, oldest first."""
    found = _places(about, request_id)
    page = select(found.c.row_id).order_by(found.c.occurred_at.desc(), found.c.row_id.desc()).limit(limit)
    for row in await connection.execute(_whole(page)):
        yield _log_row(row)


async def index_disclosures(connection: AsyncConnection) -> int:
    """Merge what was logged since the last time into the index by subject. Returns the pages merged.

    Nobody needs it to find a row: until it is merged, a row stands in a list that every search reads through. Returns
    0 at once while another gateway merges. At most a minute.
    """
    await connection.execute(text("SET LOCAL statement_timeout = '1min'"))
    merged: int = (await connection.execute(text("SELECT index_disclosures()"))).scalar_one()
    return merged


async def keep_indexed(engine: AsyncEngine, failed: Callable[[Exception], None], *, every: float = 1.0) -> NoReturn:
    """`index_disclosures` every `every` seconds until cancelled; what goes wrong is told to `failed`, then tried again.

    A shorter time merges less at once, which costs more for each row; a longer one leaves merging to the statements
    once the list holds 4 MB (1,500 rows of a hundred people).
    """
    while True:
        await asyncio.sleep(every)
        try:
            async with engine.begin() as connection:
                await index_disclosures(connection)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            failed(error)


async def handles(connection: AsyncConnection, subject_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The handle of each subject, by subject id. Raises `HandleMissing` when one has none."""
    wanted = subject_handle.c.subject_id.in_(subject_ids)
    query = select(subject_handle.c.subject_id, subject_handle.c.handle).where(wanted)
    found = {row.subject_id: row.handle for row in await connection.execute(query)}
    if missing := set(subject_ids) - set(found):
        raise HandleMissing(f"{len(missing)} of the subjects have no handle in the log; register them first")
    return found


async def driver_of(connection: AsyncConnection) -> "asyncpg.Connection[Any]":
    """The asyncpg connection below."""
    return (await connection.get_raw_connection()).driver_connection


@asynccontextmanager
async def commits_watched(driver: "asyncpg.Connection[Any]") -> AsyncIterator[None]:
    """Raises `LogUnavailable` when a commit inside succeeded here but was not confirmed by the standby.

    PostgreSQL turns a cancelled wait for synchronous replication into success with a warning. A governed statement
    gives no warning of its own, so any is taken for that one.
    """
    warnings: list[str] = []

    def listen(_: Any, message: Any) -> None:
        if message.severity_en == "WARNING":
            warnings.append(message.message)

    driver.add_log_listener(listen)
    try:
        yield
    finally:
        driver.remove_log_listener(listen)
    if warnings:
        raise LogUnavailable("the disclosure record is not confirmed by the standby; nothing left, try again later")


def _places(about: UUID | None, request_id: str | None) -> CTE:
    """Time and id of the rows chosen.

    By subject they are found before they are ordered: the planner takes a person for common, and would read the whole
    log in order of time to look for them there.
    """
    query = select(disclosure_log.c.occurred_at, disclosure_log.c.row_id)
    if request_id is not None:
        query = query.where(disclosure_log.c.request_id == request_id)
    if about is None:
        return query.cte("found")
    return query.where(disclosure_log.c.subjects.bool_op("@>")([about])).cte("found").prefix_with("MATERIALIZED")


def _whole(page: Select[Any]) -> Select[Any]:
    chosen = select(*_COLUMNS).where(disclosure_log.c.row_id.in_(page))
    return chosen.order_by(disclosure_log.c.occurred_at, disclosure_log.c.row_id)


def _log_row(row: Row[Any]) -> LogRow:
    facts: dict[str, Any] = {
        name: tuple(fact) if isinstance(fact, list) else fact for name, fact in zip(_NAMES, row, strict=True)
    }
    return LogRow(**facts | {"outcome": Outcome(row.outcome)})
