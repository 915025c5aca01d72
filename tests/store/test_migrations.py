"""The migrated database is the one the code describes."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection
from store_samples import a_recipient, log_row

from databases import Database, copy_of
from sekisho.store import ledger
from sekisho.store.database import _config, create_engine, schema_is_current, upgrade
from sekisho.store.embedded import EmbeddedPostgres, Urls
from sekisho.store.recipients import add_recipient, current_recipient
from sekisho.store.roles import BECOME_OWNER
from sekisho.store.tables.catalogue import CATALOGUE

STRUCTURE = {
    "columns": """
        SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, identity_generation
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 't'
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


async def test_a_plain_owner_that_may_create_roles_migrates_a_server_that_has_none(embedded_folder: Path) -> None:
    beforehand = (
        "DROP DATABASE sekisho",
        "DROP ROLE sekisho_owner_login, sekisho_gateway_login, sekisho_operator_login",
        "DROP ROLE sekisho_owner, sekisho_gateway, sekisho_operator, sekisho_retention",
        "CREATE ROLE plain LOGIN CREATEROLE",
        "CREATE DATABASE sekisho OWNER plain",
    )
    with EmbeddedPostgres(embedded_folder) as urls:
        admin, plain = create_engine(urls.of("postgres").admin), create_engine(urls.admin.set(username="plain"))
        async with admin.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in beforehand:
                await outside.execute(text(statement))
        await upgrade(plain)
        await upgrade(plain)
        async with plain.connect() as connection:
            owners = await connection.scalars(
                text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            )
            assert owners.all() == ["sekisho_owner"]
        await admin.dispose()
        await plain.dispose()


async def upgrade_to(database: Database, version: str) -> None:
    def run(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, version)

    async with database.admin.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public AUTHORIZATION sekisho_owner"))
        await connection.execute(text("GRANT USAGE ON SCHEMA public TO PUBLIC"))
    async with database.owner.begin() as connection:
        for statement in BECOME_OWNER:
            await connection.execute(text(statement))
        await connection.run_sync(run)


async def test_a_database_of_the_first_version_is_brought_up_to_date_with_its_data(database: Database) -> None:
    async with database.admin.connect() as connection:
        newest = await structure(connection)
    await upgrade_to(database, "0001")
    written = log_row()
    async with database.operator.begin() as connection:
        assert not await schema_is_current(connection)
        await add_recipient(connection, a_recipient())
    async with database.gateway.begin() as connection:
        await ledger.append(connection, [written])
    await upgrade(database.owner)
    async with database.admin.connect() as connection:
        assert await structure(connection) == newest
    async with database.operator.connect() as connection:
        assert await schema_is_current(connection)
        assert await current_recipient(connection, "karada-lab") is not None
        assert [row async for row in ledger.rows(connection)] == [written]
