"""Runs SQL scripts inside a migration."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection


def run_all(connection: Connection, scripts: Iterable[Path]) -> None:
    """Run each script as one simple query: it may hold many statements, and takes no parameters."""
    driver = connection.connection.dbapi_connection
    if driver is None:
        raise RuntimeError("the connection was closed before its migration; migrate over an open one")
    for script in scripts:
        words = script.read_text(encoding="utf-8")
        driver.run_async(lambda asyncpg, words=words: asyncpg.execute(words))
