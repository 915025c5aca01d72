"""Statements run by the driver itself: confirmed, or nothing is told."""

import asyncio

import pytest

from databases import Database
from sekisho.disclosure.log import LogUnavailable
from sekisho.store.driver import Driver

PID = "SELECT pg_backend_pid() AS pid"


async def test_joins_go_by_key_and_plans_fit_every_page(database: Database) -> None:
    driver = database.driver()
    for name, wanted in {
        "enable_mergejoin": "off",
        "enable_hashjoin": "off",
        "plan_cache_mode": "force_generic_plan",
        "TimeZone": "UTC",
        "DateStyle": "ISO, YMD",
        "jit": "off",
    }.items():
        row = await driver.row("SELECT current_setting($1)", [name])
        assert row is not None
        assert (name, row[0]) == (name, wanted)


async def test_a_statement_without_a_row_tells_nothing(database: Database) -> None:
    assert await database.driver().row("SELECT 1 WHERE false", []) is None


async def test_a_connection_that_was_lost_is_replaced(database: Database) -> None:
    driver = database.driver()
    row = await driver.row(PID, [])
    assert row is not None
    async with database.admin.begin() as connection:
        await connection.exec_driver_sql(f"SELECT pg_terminate_backend({row['pid']}, 1000)")
    again = await driver.row(PID, [])
    assert again is not None
    assert again["pid"] != row["pid"]


async def test_a_statement_that_fails_is_told_as_an_unavailable_log_and_its_connection_is_not_lent_again(
    database: Database,
) -> None:
    driver = database.driver()
    row = await driver.row(PID, [])
    with pytest.raises(LogUnavailable):
        await driver.row("SELECT 1 / 0", [])
    assert driver.idle == 0
    again = await driver.row(PID, [])
    assert row is not None
    assert again is not None
    assert again["pid"] != row["pid"]


async def test_a_warning_is_taken_for_an_unconfirmed_commit(database: Database) -> None:
    """PostgreSQL warns where a standby did not confirm; nothing may be told then."""
    driver = database.driver()
    await driver.row(PID, [])
    with pytest.raises(LogUnavailable, match="not confirmed by the standby"):
        await driver.row("DO $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; END $$", [])
    assert driver.idle == 0


async def test_whoever_waits_too_long_for_a_connection_is_told_to_come_again(database: Database) -> None:
    driver = Driver(database.urls.gateway, size=1, patience=0.05)
    database.drivers.append(driver)
    held = asyncio.create_task(driver.row("SELECT pg_sleep(0.5)", []))
    await asyncio.sleep(0.2)
    with pytest.raises(LogUnavailable, match="busy"):
        await driver.row(PID, [])
    await held
    assert await driver.row(PID, []) is not None


async def test_a_caller_who_leaves_takes_the_connection_with_them(database: Database) -> None:
    driver = database.driver()
    asked = asyncio.create_task(driver.row("SELECT pg_sleep(5)", []))
    await asyncio.sleep(0.2)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert driver.idle == 0
    assert await driver.row(PID, []) is not None


async def test_the_seconds_until_it_was_durable_are_told(database: Database) -> None:
    told: list[float] = []
    driver = Driver(database.urls.gateway, size=1, written=told.append)
    database.drivers.append(driver)
    await driver.row("SELECT pg_sleep(0.05)", [])
    assert len(told) == 1
    assert told[0] >= 0.05
