"""People and what is stored about them: registering, and writing rows of one table.

Writing data is not registering consent: without an acceptance on record nothing of it can be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.policy.document import Policies
from sekisho.store.consents import rewrite_timelines
from sekisho.store.tables.log import subject_handle
from sekisho.store.tables.people import subject, subject_attribute
from sekisho.vocabulary import ServiceContext

_BATCH = 1_000


async def register(
    connection: AsyncConnection, subject_ids: Sequence[UUID], context: ServiceContext, policies: Policies
) -> None:
    """Make people known, each with a random handle for the log and a timeline that permits nothing yet.

    Already known ids are left as they are.
    """
    for batch in _batches(subject_ids):
        rows = [{"subject_id": each, "service_context": context.value} for each in batch]
        new = (
            insert(subject)
            .values(registered_at=func.statement_timestamp())
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


async def known(connection: AsyncConnection, subject_ids: Iterable[UUID]) -> set[UUID]:
    """Which of `subject_ids` are registered."""
    chosen = select(subject.c.subject_id).where(subject.c.subject_id == func.any(list(subject_ids)))
    return set((await connection.execute(chosen)).scalars())


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
