"""What was recorded stays as it was: proven against every role, the superuser included."""

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from store_samples import an_event, log_row, register_subject

from databases import Database
from sekisho.store import ledger
from sekisho.store.tables.consent import consent_event

REWRITINGS = {
    "disclosure_log": (
        "UPDATE disclosure_log SET purpose = ''",
        "DELETE FROM disclosure_log",
        "TRUNCATE disclosure_log",
    ),
    "consent_event": ("UPDATE consent_event SET kind = 'LIFT'", "DELETE FROM consent_event", "TRUNCATE consent_event"),
}
STATEMENTS = [statement for statements in REWRITINGS.values() for statement in statements]


async def fill(database: Database) -> None:
    async with database.owner.begin() as connection:
        await ledger.append(connection, [log_row()])
        subject_id = await register_subject(connection)
        await connection.execute(insert(consent_event).values(an_event(subject_id)))


async def attempt(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def refusal(engine: AsyncEngine, *statements: str) -> str:
    with pytest.raises(DBAPIError) as caught:
        await attempt(engine, *statements)
    return str(caught.value.orig)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_neither_owner_nor_superuser_rewrites_what_was_recorded(database: Database, statement: str) -> None:
    await fill(database)
    assert "is append-only" in await refusal(database.owner, statement)
    assert "is append-only" in await refusal(database.admin, statement)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_neither_gateway_nor_operator_may_even_try(database: Database, statement: str) -> None:
    assert "permission denied" in await refusal(database.gateway, statement)
    assert "permission denied" in await refusal(database.operator, statement)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_session_that_replays_replication_is_refused_too(database: Database, statement: str) -> None:
    await fill(database)
    assert "is append-only" in await refusal(database.admin, "SET session_replication_role = replica", statement)


async def test_retention_deletes_log_rows_and_cannot_change_them(database: Database) -> None:
    await fill(database)
    retain = "SET LOCAL ROLE sekisho_retention"
    assert "permission denied" in await refusal(database.admin, retain, "UPDATE disclosure_log SET purpose = ''")
    assert "permission denied" in await refusal(database.admin, retain, "TRUNCATE disclosure_log")
    assert "permission denied" in await refusal(database.admin, retain, "DELETE FROM consent_event")
    assert "permission denied" in await refusal(database.admin, retain, "SELECT subjects FROM disclosure_log")
    async with database.admin.begin() as connection:
        await connection.execute(text(retain))
        deleted = await connection.execute(text("DELETE FROM disclosure_log WHERE occurred_at < now()"))
        assert deleted.rowcount == 1
