"""Words for those who only hand a connection on: what it is, and how the database fails them."""

from typing import TypeAlias

from asyncpg import PostgresError
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

Connection: TypeAlias = AsyncConnection
"""One open transaction, as `sekisho.gateway.service.operator_connection` lends it."""

DatabaseFault = (SQLAlchemyError, PostgresError)
"""What a statement or a connection raises when the database does not do its part."""


def fault(error: BaseException) -> str:
    """What to do about a database fault, with the server's own first line and no parameter of the statement."""
    if isinstance(error, ArgumentError):
        return "the database address cannot be read; write postgresql://user:password@host:port/database"
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    told = str(cause).partition("\n")[0].rpartition(">: ")[2]
    return f"the database refused: {told}; check its address, its role and its schema (`sekisho migrate`)"
