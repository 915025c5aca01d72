"""From settings to a running gateway: policies, keys, databases, engine, checks. Nothing here has a default purpose."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.applications import Starlette

from sekisho.declaration import Admission
from sekisho.gateway.app import create_app
from sekisho.gateway.credentials import token_verifier
from sekisho.gateway.health import Check
from sekisho.gateway.journal import Journal
from sekisho.gateway.metrics import Metrics
from sekisho.gateway.settings import PREFIX, Execution, Settings, SettingsRefused
from sekisho.graph.compiled.engine import CompiledEngine
from sekisho.graph.engine import ResolverEngine
from sekisho.graph.exchange import Engine
from sekisho.graph.limits import Limits
from sekisho.graph.schema import build
from sekisho.graph.sealing import KEY_BYTES, SealingKeys
from sekisho.policy.document import Policies
from sekisho.policy.load import load_policy, shipped_policy
from sekisho.store.database import (
    DatabaseUnfit,
    check_durability,
    check_gateway_role,
    create_engine,
    schema_is_current,
    upgrade,
)
from sekisho.store.driver import Driver
from sekisho.store.embedded import EmbeddedPostgres
from sekisho.store.keys import KeyChanged, fingerprint, pin_key
from sekisho.store.ledger import keep_indexed
from sekisho.store.versions import VersionRefused, check_versions, register_versions
from sekisho.vocabulary import DisclosurePurpose

_KEY_NAMES = ("pseudonyms", "cursors")
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the database is, for each role that a process of ours may log in as; `None` where none is configured."""

    gateway: URL
    operator: URL | None
    owner: URL | None


@contextmanager
def databases(settings: Settings) -> Iterator[Addresses]:
    """The configured database, or an embedded PostgreSQL in the data directory, started if it does not run."""
    if settings.database_url is not None:
        operator = settings.operator_database_url
        yield Addresses(
            _address(settings.database_url.get_secret_value()),
            _address(operator.get_secret_value()) if operator is not None else None,
            None,
        )
        return
    with EmbeddedPostgres(settings.data_dir / "postgres") as urls:
        yield Addresses(urls.gateway, urls.operator, urls.owner)


async def prepare(addresses: Addresses, policies: Policies) -> None:
    """Bring an embedded database up to date: schema and policy versions. A database of your own is yours to migrate."""
    if addresses.owner is not None:
        async with _engine(addresses.owner) as owner:
            await upgrade(owner)
    if addresses.operator is not None and addresses.owner is not None:
        async with _engine(addresses.operator) as operator, operator.begin() as connection:
            await register_versions(connection, policies)


def prepare_now(addresses: Addresses, policies: Policies) -> None:
    """`prepare` for callers without an event loop."""
    asyncio.run(prepare(addresses, policies))


def load_policies(settings: Settings) -> Policies:
    """Every configured policy version; the shipped one when none is. Raises `PolicyError`."""
    if not settings.policy_files:
        return Policies((shipped_policy(),))
    return Policies(tuple(load_policy(path) for path in settings.policy_files))


def load_keys(settings: Settings) -> SealingKeys:
    """The gateway's secrets, made on the first start. Raises `SettingsRefused` for a file others may read."""
    settings.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    return SealingKeys(*(_key(settings.keys / f"{name}.key") for name in _KEY_NAMES))


def create_gateway(settings: Settings, addresses: Addresses, journal: Journal | None = None) -> Starlette:
    """The gateway as an ASGI application. It refuses to start on a database that does not keep its promises."""
    policies, keys = load_policies(settings), load_keys(settings)
    deadline = f"{round(settings.statement_deadline_seconds * 1000)}ms"
    database = create_engine(addresses.gateway, application_name="sekisho gateway", statement_timeout=deadline)
    resolver = ResolverEngine(
        database,
        build(policies),
        policies,
        keys,
        Limits(page=settings.page_size_default, page_max=settings.page_size_max, scan=settings.scan_bound),
        admission(settings),
    )
    metrics = Metrics()
    driver = Driver(
        addresses.gateway,
        size=settings.database_connections,
        patience=settings.request_deadline_seconds,
        written=lambda seconds: metrics.log_written(seconds=seconds),
        application_name="sekisho gateway",
        statement_timeout=deadline,
    )
    engine: Engine = resolver if settings.execution is Execution.RESOLVERS else CompiledEngine(resolver, driver)

    lines = journal if journal is not None else Journal()

    async def readiness() -> list[Check]:
        return await _checks(database, policies, keys)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await _refuse_unfit(database, policies, keys)
        indexing = asyncio.create_task(keep_indexed(database, lambda error: lines.failure(request_id="", error=error)))
        try:
            yield
        finally:
            indexing.cancel()
            with suppress(asyncio.CancelledError):
                await indexing
            await driver.close()
            await database.dispose()

    return create_app(
        settings, engine, token_verifier(settings), readiness, journal=lines, metrics=metrics, lifespan=lifespan
    )


def admission(settings: Settings) -> Admission:
    """What the operator's settings admit."""
    enabled = {
        DisclosurePurpose.LEGAL_CLAIMS: settings.legal_claims,
        DisclosurePurpose.ABUSE_SECURITY_SAFETY: settings.abuse_security_safety,
    }
    return Admission(settings.admitted_countries, frozenset(each for each, on in enabled.items() if on))


@asynccontextmanager
async def operator_connection(addresses: Addresses) -> AsyncIterator[AsyncConnection]:
    """One transaction as the operator, committed at the end. Raises `SettingsRefused` when none is configured."""
    if addresses.operator is None:
        raise SettingsRefused(f"set {PREFIX}OPERATOR_DATABASE_URL to the operator's PostgreSQL address")
    async with _engine(addresses.operator) as engine, engine.begin() as connection:
        yield connection


async def _refuse_unfit(database: AsyncEngine, policies: Policies, keys: SealingKeys) -> None:
    async with database.begin() as connection:
        if not await schema_is_current(connection):
            raise DatabaseUnfit("the database's schema is not this version's; run `sekisho migrate`")
        await check_durability(connection)
        await check_gateway_role(connection)
        await check_versions(connection, policies)
        for name in _KEY_NAMES:
            await _pinned(connection, keys, name)


async def _checks(database: AsyncEngine, policies: Policies, keys: SealingKeys) -> list[Check]:
    async with database.connect() as connection:
        return [
            Check("schema", await schema_is_current(connection)),
            Check("durability", await _passes(check_durability(connection))),
            Check("role", await _passes(check_gateway_role(connection))),
            Check("policy", await _passes(check_versions(connection, policies))),
            *[Check(f"key {name}", await _passes(_pinned(connection, keys, name))) for name in _KEY_NAMES],
        ]


async def _pinned(connection: AsyncConnection, keys: SealingKeys, name: str) -> None:
    await pin_key(connection, name, fingerprint(name, getattr(keys, name)))


async def _passes(check: Awaitable[None]) -> bool:
    try:
        await check
    except (DatabaseUnfit, VersionRefused, KeyChanged):
        return False
    return True


@asynccontextmanager
async def _engine(url: URL) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url, size=1)
    try:
        yield engine
    finally:
        await engine.dispose()


def _key(path: Path) -> bytes:
    """The key in `path`; a fresh one where there is none."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # two processes that start at once: the first one's key stays
            os.link(draft, path)
        draft.unlink()
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise SettingsRefused(f"the key `{path}` is open to other users; run `chmod 600 {path}`")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SettingsRefused(f"the key `{path}` is not {KEY_BYTES} bytes long; restore it from its backup")
    return key


def _address(text: str) -> URL:
    url = make_url(text)
    if url.get_backend_name() != "postgresql":
        raise SettingsRefused(f"`{url.drivername}` is not supported; give a postgresql:// address")
    return url.set(drivername="postgresql+asyncpg")
