"""Whoever looks for a person's rows finds each of them from its commit on, and once."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from store_samples import NOON, log_row

from databases import Database
from sekisho.disclosure.record import LogRow
from sekisho.store import ledger

HANAKO, JIRO, NOBODY = UUID(int=1), UUID(int=2), UUID(int=3)


def row(second: int, *people: UUID, request_id: str = "") -> LogRow:
    many: dict[str, object] = {
        "profiles": (1,) * len(people),
        "evidence": ("",) * len(people),
        "outcomes": ("v",) * len(people),
        "row_counts": (0,) * len(people),
    }
    return log_row(occurred_at=NOON + timedelta(seconds=second), subjects=people, request_id=request_id, **many)


async def write(database: Database, *written: LogRow) -> None:
    async with database.gateway.begin() as connection:
        await ledger.append(connection, written)


async def found(database: Database, handle: UUID) -> list[LogRow]:
    async with database.operator.connect() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        return [row async for row in ledger.rows(connection, about=handle)]


async def merge(engine: AsyncEngine) -> int:
    async with engine.begin() as connection:
        return await ledger.index_disclosures(connection)


async def test_a_row_is_found_by_every_person_in_it_from_its_commit_on_and_after_merging(database: Database) -> None:
    written = [row(2, HANAKO, JIRO), row(1, JIRO), row(3), row(0, HANAKO, NOBODY), row(4, JIRO, HANAKO, HANAKO)]
    of_hanako, of_jiro = [written[3], written[0], written[4]], [written[1], written[0], written[4]]
    await write(database, *written)
    assert await found(database, HANAKO) == of_hanako
    assert await found(database, JIRO) == of_jiro
    assert await merge(database.gateway) > 0
    assert await found(database, HANAKO) == of_hanako
    assert await found(database, JIRO) == of_jiro
    assert await merge(database.gateway) == 0
    assert await found(database, uuid4()) == []


async def test_rows_that_commit_out_of_order_are_found_each_in_its_place(database: Database) -> None:
    early, late, later = row(1, HANAKO), row(2, HANAKO), row(3, HANAKO)
    async with database.gateway.connect() as slow:
        await ledger.append(slow, [early])
        await write(database, late)
        assert await found(database, HANAKO) == [late]
        await merge(database.gateway)
        assert await found(database, HANAKO) == [late]
        await slow.commit()
    assert await found(database, HANAKO) == [early, late]
    await write(database, later)
    assert await found(database, HANAKO) == [early, late, later]
    await merge(database.gateway)
    assert await found(database, HANAKO) == [early, late, later]


async def test_a_row_that_is_taken_back_is_never_found(database: Database) -> None:
    async with database.gateway.connect() as connection:
        await ledger.append(connection, [row(1, HANAKO)])
        await merge(database.gateway)
        await connection.rollback()
    assert await found(database, HANAKO) == []


async def test_a_row_is_found_while_its_list_is_being_merged(database: Database) -> None:
    async def ask(number: int) -> None:
        await write(database, row(number, HANAKO))
        assert len(await found(database, HANAKO)) > number

    async def merging() -> None:
        while True:
            await merge(database.operator)

    beside = asyncio.create_task(merging())
    for number in range(30):
        await ask(number)
    beside.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beside
    assert len(await found(database, HANAKO)) == 30


async def test_a_persons_rows_are_read_page_by_page_by_request_and_from_the_end(database: Database) -> None:
    written = [row(second, HANAKO, request_id=f"request {second % 2}") for second in range(6)]
    await write(database, *reversed(written), row(7, JIRO))
    place = (written[1].occurred_at, written[1].row_id)
    async with database.operator.connect() as connection:
        assert [each async for each in ledger.rows(connection, about=HANAKO, after=place, limit=2)] == written[2:4]
        odd = {"about": HANAKO, "request_id": "request 1"}
        assert [each async for each in ledger.rows(connection, **odd)] == written[1::2]
        assert [each async for each in ledger.latest(connection, **odd, limit=2)] == written[3::2]
        assert [each async for each in ledger.latest(connection, about=HANAKO, limit=2)] == written[4:]


async def test_a_search_by_person_goes_through_the_index_also_when_few_rows_are_wanted(database: Database) -> None:
    """In a log of thousands; the planner, left alone, would read all of it in order of time."""
    await write(database, row(0, HANAKO))
    columns = ", ".join(name for name in ledger._NAMES if name not in ("row_id", "occurred_at", "subjects"))
    more = f"""
        INSERT INTO disclosure_log (row_id, occurred_at, subjects, {columns})
        SELECT gen_random_uuid(), occurred_at + n * interval '1s', ARRAY[gen_random_uuid()], {columns}
        FROM disclosure_log, generate_series(1, 5000) n
    """
    async with database.owner.begin() as connection:
        await connection.execute(text(more))
    async with database.operator.connect() as connection:
        assert len([each async for each in ledger.rows(connection, about=HANAKO, limit=1)]) == 1
        assert len([each async for each in ledger.latest(connection, about=HANAKO, limit=1)]) == 1
        await connection.execute(text("SELECT pg_stat_force_next_flush()"))
    used = "SELECT indexrelname, idx_scan FROM pg_stat_user_indexes WHERE relname = 'disclosure_log'"
    async with database.owner.connect() as connection:
        scans = {each.indexrelname: each.idx_scan for each in await connection.execute(text(used))}
    assert scans["ix_disclosure_log_subjects"] == 2
    assert scans["ix_disclosure_log_in_time"] == 0


async def test_two_who_merge_at_once_do_not_wait_for_each_other(database: Database) -> None:
    await write(database, row(1, HANAKO))
    async with database.gateway.connect() as first:
        assert await ledger.index_disclosures(first) > 0
        await write(database, row(2, HANAKO))
        assert await merge(database.operator) == 0
        await first.commit()
    assert await merge(database.operator) > 0


async def test_nobody_but_gateway_and_operator_has_the_log_merged(database: Database) -> None:
    async with database.admin.connect() as connection:
        await connection.execute(text("SET LOCAL ROLE sekisho_retention"))
        with pytest.raises(DBAPIError, match="permission denied for function index_disclosures"):
            await ledger.index_disclosures(connection)


async def test_the_log_is_kept_merged_until_that_is_cancelled(database: Database) -> None:
    complaints: list[Exception] = []
    keeping = asyncio.create_task(ledger.keep_indexed(database.gateway, complaints.append, every=0.01))
    await write(database, row(1, HANAKO))
    await asyncio.sleep(0.5)
    assert await merge(database.operator) == 0
    async with database.admin.begin() as connection:
        await connection.execute(text("REVOKE EXECUTE ON FUNCTION index_disclosures() FROM sekisho_gateway"))
    await asyncio.sleep(0.1)
    assert complaints
    async with database.admin.begin() as connection:
        await connection.execute(text("GRANT EXECUTE ON FUNCTION index_disclosures() TO sekisho_gateway"))
    await write(database, row(2, HANAKO))
    await asyncio.sleep(0.5)
    assert await merge(database.operator) == 0
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping


async def test_what_is_held_for_each_person_is_stored_without_compression(database: Database) -> None:
    query = "SELECT attname FROM pg_attribute WHERE attrelid = 'disclosure_log'::regclass AND attstorage = 'e'"
    async with database.owner.connect() as connection:
        stored = (await connection.scalars(text(query))).all()
    assert set(stored) == {"subjects", "profiles", "evidence", "outcomes", "row_counts"}
