"""Connections to PostgreSQL, the schema's version, and what a database must promise before data is served from it."""

import asyncio

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from sekisho.store import roles

_MIGRATION_LOCK = 7_365_010  # one migration at a time: any number will do, as long as it never changes
_DURABLE = ("on", "remote_apply")


class DatabaseUnfit(Exception):  # noqa: N818 - a verdict on the database, with what to change
    """The database, or the role logged in, does not keep what this product promises. The message says what to set."""


def create_engine(
    url: URL | str, *, size: int = 5, overflow: int = 10, probe: bool = True, **session: str
) -> AsyncEngine:
    """An engine whose sessions run in UTC, spell dates by ISO 8601 and compile nothing.

    `size` connections are kept, `overflow` more at peaks.

    `session` adds settings of PostgreSQL (`statement_timeout="5s"`). `probe` asks each connection for a sign of life
    before it is lent, at the price of a round trip; without it the first statement after a failover fails instead.
    """
    settings = {"application_name": "sekisho", "timezone": "UTC", "datestyle": "ISO, YMD", "jit": "off", **session}
    return create_async_engine(
        url, pool_size=size, max_overflow=overflow, pool_pre_ping=probe, connect_args={"server_settings": settings}
    )


async def upgrade(engine: AsyncEngine) -> None:
    """Bring roles and schema to this version, in one transaction.

    The user must own the database, and be allowed to create roles unless they exist. Raises `DatabaseUnfit` when it
    lacks the right.
    """
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            for statement in (*map(roles.create_group, roles.GROUPS), *roles.BECOME_OWNER):
                await connection.execute(text(statement))
            await connection.run_sync(_upgrade)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
        raise DatabaseUnfit(
            f"this user may not migrate the database ({error.orig}); run the migration as the database's owner,"
            f" with the roles {', '.join(roles.GROUPS)} created beforehand or the right CREATEROLE"
        ) from error


def migrate(url: URL | str) -> None:
    """`upgrade` for callers without an event loop."""

    async def run() -> None:
        engine = create_engine(url, size=1)
        try:
            await upgrade(engine)
        finally:
            await engine.dispose()

    asyncio.run(run())


async def schema_is_current(connection: AsyncConnection) -> bool:
    """Whether the database stands at exactly the version this program was written for."""
    found = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads())
    return set(found) == set(ScriptDirectory.from_config(_config()).get_heads())


async def check_durability(connection: AsyncConnection) -> None:
    """A commit that was acknowledged must survive. Raises `DatabaseUnfit` where it might not.

    A standby cannot serve: the statement that reads also writes its record.
    """
    setting = {name: await _setting(connection, name) for name in ("fsync", "full_page_writes", "synchronous_commit")}
    for name in ("fsync", "full_page_writes"):
        if setting[name] != "on":
            raise DatabaseUnfit(f"`{name}` is `{setting[name]}`: a crash could lose disclosure records; set it to `on`")
    if setting["synchronous_commit"] not in _DURABLE:
        raise DatabaseUnfit(
            f"`synchronous_commit` is `{setting['synchronous_commit']}`: an answer could leave before its record is"
            " durable; set it to `on` or `remote_apply` for this role and database"
        )
    if await connection.scalar(text("SELECT pg_is_in_recovery()")):
        raise DatabaseUnfit("this server is a standby; point the database URL at the primary")


async def check_gateway_role(connection: AsyncConnection) -> None:
    """The gateway must be able to write the log and unable to read or rewrite it. Raises `DatabaseUnfit` otherwise."""
    found = (await connection.execute(text(_POWERS))).mappings().one()
    too_much = [name for name, held in found.items() if held]
    if too_much:
        user = await connection.scalar(text("SELECT session_user"))
        raise DatabaseUnfit(
            f"the gateway must not log in as `{user}`, which {'; '.join(too_much)};"
            f" use a plain user that is a member of `{roles.GATEWAY}` and of nothing else"
        )
    if not await connection.scalar(text("SELECT has_table_privilege('disclosure_log', 'INSERT')")):
        raise DatabaseUnfit(f"this user cannot write the disclosure log; grant it the role `{roles.GATEWAY}`")


_MEMBERSHIPS = ",\n".join(
    f"    pg_has_role(session_user, '{group}', 'MEMBER') AS \"is a member of {group}\""
    for group in (roles.OWNER, roles.OPERATOR, roles.RETENTION)
)
_POWERS = f"""
SELECT
    bool_or(r.rolsuper) AS "is a superuser",
    bool_or(r.rolbypassrls) AS "bypasses row security",
    bool_or(r.rolcreaterole) AS "may create roles",
    bool_or(r.rolreplication) AS "may read the replication stream",
    has_any_column_privilege(session_user, 'disclosure_log', 'SELECT') AS "may read the disclosure log",
    has_any_column_privilege(session_user, 'disclosure_log', 'UPDATE') AS "may update the disclosure log",
    has_table_privilege(session_user, 'disclosure_log', 'DELETE, TRUNCATE') AS "may delete from the disclosure log",
    has_table_privilege(session_user, 'consent_event', 'UPDATE, DELETE, TRUNCATE') AS "may rewrite consent",
{_MEMBERSHIPS}
FROM pg_roles r WHERE r.rolname IN (session_user, current_user)
"""  # noqa: S608 - the names are this module's own


async def _setting(connection: AsyncConnection, name: str) -> str:
    return str(await connection.scalar(text("SELECT current_setting(:name)"), {"name": name}))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "sekisho.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
