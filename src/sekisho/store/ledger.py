"""The disclosure log in PostgreSQL: written with the data, read by operators."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Row, insert, select, tuple_
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
    request_id: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 1000,
) -> AsyncIterator[LogRow]:
    """At most `limit` rows in the order of `(occurred_at, row_id)`, those past `after` only.

    Rows commit out of this order: a reader that must see each row once keeps its own list of those it has seen.
    """
    query = select(*_COLUMNS).order_by(disclosure_log.c.occurred_at, disclosure_log.c.row_id).limit(limit)
    if request_id is not None:
        query = query.where(disclosure_log.c.request_id == request_id)
    if after is not None:
        query = query.where(tuple_(disclosure_log.c.occurred_at, disclosure_log.c.row_id) > tuple_(*after))
    for row in await connection.execute(query):
        yield _log_row(row)


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


def _log_row(row: Row[Any]) -> LogRow:
    facts: dict[str, Any] = {
        name: tuple(fact) if isinstance(fact, list) else fact for name, fact in zip(_NAMES, row, strict=True)
    }
    return LogRow(**facts | {"outcome": Outcome(row.outcome)})
