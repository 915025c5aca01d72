"""A database whose operations all happen at an instant that a test chooses.

`statement_timestamp()` is found in a schema of the test's own before the built-in one, on connections made afterwards.
"""

from datetime import datetime

from sqlalchemy import text

from databases import Database

_WOUND = (
    "CREATE SCHEMA clock",
    "CREATE TABLE clock.shown (at timestamptz NOT NULL)",
    "CREATE FUNCTION clock.statement_timestamp() RETURNS timestamptz LANGUAGE sql RETURN (SELECT at FROM clock.shown)",
    "GRANT USAGE ON SCHEMA clock TO PUBLIC",
    "GRANT SELECT ON clock.shown TO PUBLIC",
)


class Clock:
    """The clock of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def of(cls, database: Database, at: datetime) -> "Clock":
        """Takes the clock of `database` over. Nobody may be connected to it as the gateway yet."""
        name = database.urls.gateway.database
        async with database.admin.begin() as connection:
            for statement in _WOUND:
                await connection.execute(text(statement))
            await connection.execute(text("INSERT INTO clock.shown VALUES (:at)"), {"at": at})
            await connection.execute(text(f'ALTER DATABASE "{name}" SET search_path TO clock, pg_catalog, public'))
        return cls(database)

    async def show(self, at: datetime) -> None:
        """It is `at` now."""
        async with self._database.admin.begin() as connection:
            await connection.execute(text("UPDATE clock.shown SET at = :at"), {"at": at})
