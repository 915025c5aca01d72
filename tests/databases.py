"""One fresh, migrated database, reachable as each role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from sekisho.store.database import create_engine
from sekisho.store.driver import Driver
from sekisho.store.embedded import Urls


@dataclass(frozen=True, slots=True)
class Database:
    """Engines on one database. `admin` is the superuser: to prove what not even it may do, never to serve from."""

    urls: Urls
    admin: AsyncEngine
    owner: AsyncEngine
    operator: AsyncEngine
    gateway: AsyncEngine
    drivers: list[Driver] = field(default_factory=list)

    @classmethod
    def at(cls, urls: Urls) -> "Database":
        return cls(urls, *map(create_engine, (urls.admin, urls.owner, urls.operator, urls.gateway)))

    def driver(self) -> Driver:
        """Connections of the gateway's for compiled operations."""
        self.drivers.append(Driver(self.urls.gateway, size=4))
        return self.drivers[-1]

    async def dispose(self) -> None:
        for driver in self.drivers:
            await driver.close()
        for engine in (self.admin, self.owner, self.operator, self.gateway):
            await engine.dispose()


@asynccontextmanager
async def copy_of(template: Urls) -> AsyncIterator[Database]:
    """A copy of the migrated database that nobody else uses; about 50 ms, dropped afterwards."""
    name = f"test_{uuid4().hex}"
    await _administer(template, f'CREATE DATABASE "{name}" TEMPLATE "{template.owner.database}" OWNER sekisho_owner')
    database = Database.at(template.of(name))
    try:
        yield database
    finally:
        await database.dispose()
        await _administer(template, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _administer(template: Urls, statement: str) -> None:
    engine = create_engine(template.of("postgres").admin, size=1)
    try:
        async with engine.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await outside.execute(text(statement))
    finally:
        await engine.dispose()
