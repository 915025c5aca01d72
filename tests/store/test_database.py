"""What a database must promise before data is served from it."""

import pytest
from sqlalchemy import text

from databases import Database
from sekisho.store.database import DatabaseUnfit, check_durability, create_engine, upgrade


async def test_the_embedded_server_keeps_what_it_acknowledged(database: Database) -> None:
    async with database.gateway.connect() as connection:
        await check_durability(connection)


@pytest.mark.parametrize("setting", ["off", "local", "remote_write"])
async def test_a_commit_that_is_not_durable_is_no_place_for_records(database: Database, setting: str) -> None:
    async with database.gateway.connect() as connection:
        await connection.execute(text(f"SET synchronous_commit = {setting}"))
        with pytest.raises(DatabaseUnfit, match=f"`synchronous_commit` is `{setting}`.*set it to `on`"):
            await check_durability(connection)


async def test_a_stricter_commit_is_welcome(database: Database) -> None:
    async with database.gateway.connect() as connection:
        await connection.execute(text("SET synchronous_commit = remote_apply"))
        await check_durability(connection)


async def test_sessions_keep_time_in_utc(database: Database) -> None:
    for engine in (database.owner, database.operator, database.gateway):
        async with engine.connect() as connection:
            assert await connection.scalar(text("SHOW timezone")) == "UTC"


async def test_an_engine_passes_on_settings_of_its_sessions(database: Database) -> None:
    engine = create_engine(
        database.urls.gateway, probe=False, statement_timeout="1234ms", plan_cache_mode="force_generic_plan"
    )
    async with engine.connect() as connection:
        assert await connection.scalar(text("SHOW statement_timeout")) == "1234ms"
        assert await connection.scalar(text("SHOW plan_cache_mode")) == "force_generic_plan"
        assert await connection.scalar(text("SHOW timezone")) == "UTC"
    await engine.dispose()


async def test_a_user_that_may_not_migrate_is_told_who_may(database: Database) -> None:
    with pytest.raises(DatabaseUnfit, match="run the migration as the database's owner"):
        await upgrade(database.gateway)
