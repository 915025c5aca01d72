"""The registry's generation: while it stays, what was read of the registry holds."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.store.tables.registry import registry_generation as table


async def current_generation(connection: AsyncConnection) -> UUID:
    """The generation of recipients, policy versions, sources, cases, activities and lenses.

    A random identifier, new with the commit of every change to one of them. To remember what is read of them, ask for
    the generation first: what is read afterwards is of that generation or of a later one, and a later one differs.
    """
    generation: UUID = (await connection.execute(select(table.c.generation))).scalar_one()
    return generation
