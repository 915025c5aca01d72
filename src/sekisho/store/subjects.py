"""People and what is stored about them: registering, and writing rows of one table.

Writing data is not registering consent: without an acceptance on record nothing of it can be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.policy.document import Policies
from sekisho.store.consents import rewrite_timelines
from sekisho.store.tables.log import subject_handle
from sekisho.store.tables.people import subject, subject_account, subject_attribute
from sekisho.vocabulary import ServiceContext

_BATCH = 1_000
_INSTANT = DateTime(timezone=True)


async def register(
    connection: AsyncConnection,
    subject_ids: Sequence[UUID],
    context: ServiceContext,
    policies: Policies,
    since: Mapping[UUID, datetime] | None = None,
) -> None:
    """Make people known, each with a random handle for the log and a timeline that permits nothing yet.

    `since` says when somebody registered elsewhere; without it they register now. Already known ids are left as they
    are.
    """
    moved = since or {}
    for batch in _batches(subject_ids):
        rows = [{"subject_id": each, "service_context": context.value, "since": moved.get(each)} for each in batch]
        new = (
            insert(subject)
            .values(registered_at=func.coalesce(bindparam("since", type_=_INSTANT), func.statement_timestamp()))
            .on_conflict_do_nothing()
            .returning(subject.c.subject_id)
        )
        fresh = [row.subject_id for row in await connection.execute(new, rows)]
        if fresh:
            await connection.execute(
                insert(subject_handle), [{"handle": uuid4(), "subject_id": each} for each in fresh]
            )
            await rewrite_timelines(connection, fresh, policies)


async def write_rows(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], policies: Policies
) -> None:
    """Store rows of one personal table; a birth date that came or changed rewrites the timelines it decides.

    A person's single row of attributes or account is replaced column by column by what `rows` name.
    """
    for batch in _batches(rows):
        statement = insert(table)
        if "row_id" not in table.c:
            named = {name: statement.excluded[name] for name in batch[0] if name != "subject_id"}
            statement = statement.on_conflict_do_update(index_elements=["subject_id"], set_=named)
        await connection.execute(statement, [dict(row) for row in batch])
    if table is subject_attribute:
        for batch in _batches(rows):
            await rewrite_timelines(connection, sorted({row["subject_id"] for row in batch}), policies)


async def add_new_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store those of `rows` whose key is not stored yet, and return how many those were.

    For tables of many rows for each person; every row names the same columns.
    """
    added = 0
    for batch in _batches(rows):
        statement = (
            insert(table).on_conflict_do_nothing(index_elements=["subject_id", "row_id"]).returning(table.c.row_id)
        )
        added += len((await connection.execute(statement, [dict(row) for row in batch])).all())
    return added


async def copy_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store many rows at once with `COPY`. Every row names the same columns, and its key is new.

    It rewrites no timeline: put the people's records on record afterwards if `rows` tell birth dates.
    """
    if not rows:
        return
    columns = list(rows[0])
    await connection.execute(select(1))  # the driver's transaction begins with the first statement
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None:
        raise ConnectionError("the connection was closed; take a new one")
    records = ([row[name] for name in columns] for row in rows)
    await driver.copy_records_to_table(table.name, records=records, columns=columns)


async def known(connection: AsyncConnection, subject_ids: Iterable[UUID]) -> set[UUID]:
    """Which of `subject_ids` are registered."""
    chosen = select(subject.c.subject_id).where(subject.c.subject_id == func.any(list(subject_ids)))
    return set((await connection.execute(chosen)).scalars())


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


async def with_login(connection: AsyncConnection, login_id: str) -> UUID | None:
    """Who has this login id."""
    chosen = select(subject_account.c.subject_id).where(subject_account.c.login_id == login_id).limit(1)
    found: UUID | None = await connection.scalar(chosen)
    return found
