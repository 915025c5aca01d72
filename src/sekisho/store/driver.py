"""Statements that were written before, run by the PostgreSQL driver itself: one round trip, and the commit with it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.dialects import postgresql

from sekisho.disclosure.log import LogUnavailable

_PREPARED = 100  # statements kept for each connection, at 0.4 to 5 MB of the server's memory
_SESSION = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "extra_float_digits": "1",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",  # the page's size is text, so that one plan fits all
    # People are looked up once each, by key: joining whole tables, or remembering people, only costs.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_memoize": "off",
}
_LOST = (asyncpg.ConnectionDoesNotExistError, asyncpg.InterfaceError, ConnectionError)


class Driver:
    """A few connections that run one statement at a time, each its own transaction.

    INVARIANT (written, then told): a row comes back only after the statement's commit was confirmed, also by a
    synchronous standby where there is one.
    """

    def __init__(
        self,
        url: URL | str,
        *,
        size: int = 10,
        patience: float = 2.0,
        written: Callable[[float], None] | None = None,
        **session: str,
    ) -> None:
        """`patience`: seconds a statement waits for a connection. `session` adds settings of PostgreSQL.

        `written` is told the seconds until each statement, and what it wrote, was durable.
        """
        self._written = written
        self._patience = patience
        _, self._address = postgresql.asyncpg.dialect().create_connect_args(make_url(url))  # type: ignore[no-untyped-call]
        self._session = _SESSION | session
        self._idle: list[_Connection] = []
        self._free = asyncio.Semaphore(size)
        self.statements = 0

    async def row(self, text: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """The one row that the statement returns, `None` when there is none. Raises `LogUnavailable`.

        A connection that turns out to be lost is replaced once: at worst a record stays that nobody was told of.
        """
        await self._one_free()
        try:
            try:
                return await self._run(text, values)
            except _LOST:
                await self._forget_idle()
                return await self._run(text, values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise LogUnavailable("the database is out of reach, so nothing can be recorded; try again later") from error
        finally:
            self._free.release()

    @property
    def idle(self) -> int:
        """How many connections wait for a statement."""
        return len(self._idle)

    async def _one_free(self) -> None:
        """Wait for a connection. Raises `LogUnavailable` when none comes free in time."""
        if not self._free.locked():
            await self._free.acquire()  # at once
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise LogUnavailable("every connection to the database is busy; try again later") from None

    async def close(self) -> None:
        """Close every connection."""
        await self._forget_idle()

    async def _run(self, text: str, values: Sequence[Any]) -> Sequence[Any] | None:
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            started = perf_counter()
            rows = await connection.fetch(text, *values)
            if self._written is not None:
                self._written(perf_counter() - started)
            self.statements += 1
            connection.confirmed()
        except BaseException:
            # Whatever state it is in, nobody else gets it.
            connection.terminate()
            raise
        self._idle.append(connection)
        return rows[0] if rows else None

    async def _connect(self) -> "_Connection":
        connection: _Connection = await asyncpg.connect(
            **self._address,
            connection_class=_Connection,
            statement_cache_size=_PREPARED,
            max_cached_statement_lifetime=0,
            server_settings=self._session,
        )
        connection.add_log_listener(_heard)
        return connection

    async def _forget_idle(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            with suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
                await connection.close(timeout=1)


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that remembers warnings.

    PostgreSQL turns a cancelled wait for synchronous replication into success with a warning. A governed statement
    gives no warning of its own, so any is taken for that one.
    """

    __slots__ = ("warned",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.warned = False

    def confirmed(self) -> None:
        """Raises `LogUnavailable` when the last commit was not confirmed by the standby."""
        if self.warned:
            raise LogUnavailable("the disclosure record is not confirmed by the standby; nothing left, try again later")


def _heard(connection: Any, message: Any) -> None:
    if message.severity_en == "WARNING":
        connection.warned = True
