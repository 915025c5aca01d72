"""How each of the two ways is built, and the copies of the town they answer on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from ways import ADMISSION, LIMITS, Minted, Way

from databases import Database, copy_of
from graph.world import KEYS, POLICIES, SCHEMA
from sekisho.graph.compiled.engine import CompiledEngine
from sekisho.graph.engine import ResolverEngine
from sekisho.store.embedded import Urls

_AS_IN_THE_TOWN = (
    "SET search_path TO clock, pg_catalog, public",
    "SET synchronous_commit TO off",  # nothing here is about what a crash leaves
)


def resolver(database: Database, minted: Minted) -> ResolverEngine:
    """Field by field: the oracle."""
    return ResolverEngine(database.gateway, SCHEMA, POLICIES, KEYS, LIMITS, ADMISSION, minted.minting)


def compiled(database: Database, minted: Minted) -> CompiledEngine:
    """One statement: the way under test. Its connections are closed with the database."""
    return CompiledEngine(resolver(database, minted), database.driver())


def oracle(database: Database) -> Way:
    """The resolvers on this copy."""
    minted = Minted()
    return Way(resolver(database, minted), database, minted)


def other_way(database: Database) -> Way:
    """The compiled statement on this copy."""
    minted = Minted()
    return Way(compiled(database, minted), database, minted)


@asynccontextmanager
async def copy_of_the_town(town: Urls) -> AsyncIterator[Database]:
    """A copy of the town with its clock, which belongs to a database by name and is not copied with it."""
    async with copy_of(town) as database:
        async with database.admin.begin() as connection:
            for setting in _AS_IN_THE_TOWN:
                await connection.execute(text(f'ALTER DATABASE "{database.urls.owner.database}" {setting}'))
        await database.dispose()
        yield database
