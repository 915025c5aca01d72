"""The log is written with the data, or nothing leaves."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from store_samples import NOON, log_row, register_subject

from databases import Database
from sekisho.disclosure.log import Ledger, LogUnavailable
from sekisho.store import ledger
from sekisho.store.database import create_engine, upgrade
from sekisho.store.embedded import EmbeddedPostgres, Urls


async def test_a_row_reads_back_as_it_was_written(database: Database) -> None:
    written = log_row(evidence=("", "x"), profiles=(3, 4), subjects=(uuid4(), uuid4()), outcomes=("ve", "ws"))
    async with database.gateway.begin() as connection:
        await ledger.append(connection, [written])
    async with database.operator.connect() as connection:
        assert [row async for row in ledger.rows(connection)] == [written]


async def test_a_row_whose_transaction_is_rolled_back_was_never_written(database: Database) -> None:
    async with database.gateway.connect() as connection:
        await ledger.append(connection, [log_row()])
        await connection.rollback()
    async with database.operator.connect() as connection:
        assert [row async for row in ledger.rows(connection)] == []


async def test_rows_are_read_by_request_and_page_by_page(database: Database) -> None:
    written = [
        log_row(occurred_at=NOON + timedelta(seconds=second), request_id=f"request {second % 2}") for second in range(5)
    ]
    async with database.gateway.begin() as connection:
        await ledger.append(connection, reversed(written))
    async with database.operator.connect() as connection:
        assert [row async for row in ledger.rows(connection, request_id="request 1")] == written[1::2]
        place = (written[1].occurred_at, written[1].row_id)
        assert [row async for row in ledger.rows(connection, after=place, limit=2)] == written[2:4]


async def test_the_latest_rows_come_oldest_first(database: Database) -> None:
    written = [
        log_row(occurred_at=NOON + timedelta(seconds=second), request_id=f"request {second % 2}") for second in range(6)
    ]
    async with database.gateway.begin() as connection:
        await ledger.append(connection, reversed(written))
    async with database.operator.connect() as connection:
        assert [row async for row in ledger.latest(connection, limit=2)] == written[4:]
        assert [row async for row in ledger.latest(connection, request_id="request 0", limit=2)] == written[2::2]
        assert [row async for row in ledger.latest(connection, limit=9)] == written


async def test_every_subject_has_a_handle_or_the_log_says_so(database: Database) -> None:
    async with database.operator.begin() as connection:
        people = [await register_subject(connection) for _ in range(3)]
    async with database.gateway.connect() as connection:
        found = await ledger.handles(connection, people)
        assert set(found) == set(people)
        assert set(found.values()).isdisjoint(people)
        with pytest.raises(ledger.HandleMissing, match="1 of the subjects"):
            await ledger.handles(connection, [*people, UUID(int=1)])


async def test_a_ledger_commits_before_it_returns(database: Database) -> None:
    log: Ledger = ledger.PostgresLedger(database.gateway)
    await log.append((log_row(),))
    async with database.operator.connect() as connection:
        assert len([row async for row in ledger.rows(connection)]) == 1


async def test_a_ledger_that_cannot_write_says_so(database: Database) -> None:
    with pytest.raises(LogUnavailable):
        await ledger.PostgresLedger(database.operator).append((log_row(),))
    async with database.admin.begin() as connection:
        await connection.execute(text("ALTER TABLE disclosure_log RENAME TO away"))
    with pytest.raises(LogUnavailable):
        await ledger.PostgresLedger(database.gateway).append((log_row(),))


@pytest.fixture
def lonely(embedded_folder: Path) -> Iterator[Urls]:
    with EmbeddedPostgres(embedded_folder) as urls:
        yield urls


async def test_a_cancelled_wait_for_the_standby_is_a_failure(lonely: Urls) -> None:
    owner, admin, gateway = map(create_engine, (lonely.owner, lonely.admin, lonely.gateway))
    try:
        await upgrade(owner)
        async with admin.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await outside.execute(text("ALTER SYSTEM SET synchronous_standby_names = '*'"))
            await outside.execute(text("SELECT pg_reload_conf()"))
            waiting = asyncio.create_task(ledger.PostgresLedger(gateway).append((log_row(),)))
            cancel = text("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            while not (await outside.execute(cancel)).all():  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(0.02)
            with pytest.raises(LogUnavailable, match="not confirmed by the standby"):
                await waiting
    finally:
        for engine in (owner, admin, gateway):
            await engine.dispose()
