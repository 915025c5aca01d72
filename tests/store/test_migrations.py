"""The migrated database is the one the code describes."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from databases import Database, copy_of
from sekisho.store.database import schema_is_current, upgrade
from sekisho.store.embedded import Urls
from sekisho.store.tables.catalogue import CATALOGUE

STRUCTURE = {
    "columns": """
        SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, identity_generation
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
        AND conrelid::regclass::text <> 'alembic_version'
    """,
    "indexes": """
        SELECT tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    """,
}


async def structure(connection: AsyncConnection) -> dict[str, set[Any]]:
    return {part: {*map(tuple, await connection.execute(text(query)))} for part, query in STRUCTURE.items()}


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, CATALOGUE))


async def test_alembic_finds_nothing_to_migrate(database: Database) -> None:
    async with database.owner.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_gives_what_the_tables_in_code_would_create(database: Database, template: Urls) -> None:
    async with copy_of(template) as other:
        async with other.admin.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
            await connection.run_sync(CATALOGUE.create_all)
            created = await structure(connection)
        async with database.admin.connect() as connection:
            migrated = await structure(connection)
    for part, found in migrated.items():
        assert found == created[part]


async def test_the_schema_is_current_after_migrating_and_not_before(database: Database) -> None:
    async with database.owner.begin() as connection:
        assert await schema_is_current(connection)
        await connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
        assert not await schema_is_current(connection)


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    async with database.admin.connect() as connection:
        before = await structure(connection)
    await upgrade(database.owner)
    async with database.admin.connect() as connection:
        assert await structure(connection) == before
