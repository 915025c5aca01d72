"""Where the benchmark works: one folder with a PostgreSQL of its own, keys, an issuer of tokens and scratch places."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import URL

from sekisho.gateway.issuer import LocalIssuer, local_issuer
from sekisho.store.embedded import SETTINGS, EmbeddedPostgres, Urls

AUDIENCE = "sekisho-benchmarks"
DEFAULT_FOLDER = Path(__file__).parents[2] / ".sekisho" / "benchmarks"

# Larger than the demonstration's server, and nothing that starts by itself while somebody is measured: tables are
# vacuumed and analysed when they are loaded. Pages are as near at random as in a row, as on every solid-state disk.
SERVER_SETTINGS = {
    **SETTINGS,
    "shared_buffers": "3GB",
    "max_connections": "400",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "random_page_cost": "1.1",
}
_TOKEN_LIFETIME = timedelta(hours=6)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Cores:
    """Which core the measured server runs on, and which one PostgreSQL and the load generator share."""

    server: int = 0
    database: int = 1


@dataclass(frozen=True)
class Workshop:
    """The running database server and what belongs to it. `postmaster` is the process id of the server."""

    folder: Path
    urls: Urls
    issuer: LocalIssuer
    postmaster: int
    cores: Cores

    def place(self, name: str) -> Path:
        """A folder of this name inside the workshop, made when it is missing."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def token(self, client_id: str) -> str:
        """A token that outlives the longest run."""
        return self.issuer.issue(client_id, lifetime=_TOKEN_LIFETIME)


@contextmanager
def workshop(folder: Path, cores: Cores) -> Iterator[Workshop]:
    """The workshop in `folder`; its PostgreSQL runs on the database's core until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(folder / "postgres", SERVER_SETTINGS) as urls:
        postmaster = run(_postmaster(urls))
        for pid in (postmaster, *children(postmaster)):
            with suppress(ProcessLookupError):  # a helper process that has ended meanwhile
                os.sched_setaffinity(pid, {cores.database})
        yield Workshop(folder, urls, local_issuer(folder / "keys", AUDIENCE), postmaster, cores)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` in an event loop of its own."""
    return asyncio.run(work)


async def execute(url: URL, *statements: str) -> None:
    """Run statements one after the other, each committed by itself."""
    connection = await connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: URL, statement: str, *given: Any) -> list[Any]:
    """The rows of one statement."""
    connection = await connect(url)
    try:
        return list(await connection.fetch(statement, *given))
    finally:
        await connection.close()


async def connect(url: URL) -> Any:
    """One connection of the driver itself."""
    return await asyncpg.connect(host=url.query["host"], user=url.username, database=url.database)


def children(pid: int) -> list[int]:
    """The processes that `pid` started and their children, as far as they are alive."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except FileNotFoundError:
        return []
    return [each for child in map(int, listed.split()) for each in (child, *children(child))]


async def _postmaster(urls: Urls) -> int:
    connection = await connect(urls.admin)
    try:
        return _parent(await connection.fetchval("SELECT pg_backend_pid()"))
    finally:
        await connection.close()


def _parent(pid: int) -> int:
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return int(status.rpartition(")")[2].split()[1])
