"""Databases of invented people, made once and kept in the workshop until schema or recipe change."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from rich.progress import track
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from benchmarks.population import Invented, account, attributes, measurements
from benchmarks.workshop import Workshop, execute, fetch
from sekisho.declaration import Recipient, lenses_of
from sekisho.policy.document import Policies
from sekisho.policy.load import shipped_policy
from sekisho.store.consents import Recorded, record_history
from sekisho.store.database import create_engine, schema_is_current, upgrade
from sekisho.store.embedded import Urls
from sekisho.store.profiles import register_lenses
from sekisho.store.recipients import add_recipient
from sekisho.store.subjects import copy_rows, register
from sekisho.store.tables import people as tables
from sekisho.store.versions import register_versions
from sekisho.vocabulary import Purpose, RecipientType, ServiceContext

POLICY = shipped_policy()
POLICIES = Policies((POLICY,))

CLIENT = Recipient(
    client_id="benchmark",
    version=1,
    recipient_id="benchmark",
    name="計測用クライアント",
    name_en="The benchmark's client",
    address="",
    representative="",
    country="JP",
    recipient_type=RecipientType.FIRST_PARTY,
    purposes=frozenset(
        {
            Purpose.SERVICE_PROVISION,
            Purpose.PRODUCT_DEVELOPMENT,
            Purpose.RESEARCH_ACADEMIC,
            Purpose.TRIAL_CLINICAL_RECRUITMENT,
            Purpose.INQUIRY_RESPONSE,
        }
    ),
    disclosure_purposes=frozenset(),
    linked_service=None,
    entitlements=frozenset(),
    contract_reference="",
    entrustment=False,
    statutory_basis="INTERNAL_USE",
    valid_from=datetime(2022, 9, 1, tzinfo=UTC),
)

History = Callable[[Invented], Sequence[Recorded]]
Fill = Callable[[Urls], Awaitable[None]]

_BATCH = 500


async def database(workshop: Workshop, name: str, recipe: str, fill: Fill) -> Urls:
    """The database `name`, migrated and filled by `fill`; one that was completed with the same recipe is kept."""
    urls = workshop.urls.of(name)
    if await _stands(workshop, urls, recipe):
        return urls
    await execute(
        workshop.urls.of("postgres").admin,
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}" OWNER sekisho_owner',
    )
    async with _engine(urls.owner) as owner:
        await upgrade(owner)
    async with _transaction(urls.operator) as connection:
        await register_versions(connection, POLICIES)
        await add_recipient(connection, CLIENT)
        await register_lenses(connection, lenses_of(CLIENT), POLICIES)
    await fill(urls)
    await execute(urls.admin, "VACUUM (ANALYZE)", f"COMMENT ON DATABASE \"{name}\" IS '{recipe}'", "CHECKPOINT")
    return urls


async def write_people(urls: Urls, people: Sequence[Invented], history: History, *, measured: bool) -> None:
    """Store the people, what they told, their measurements if `measured`, and what they put on record."""
    for batch in track(list(_batches(people)), description=f"{len(people):,} people"):
        async with _transaction(urls.operator) as connection:
            await _write(connection, batch, history, measured=measured)


async def _write(connection: AsyncConnection, batch: Sequence[Invented], history: History, *, measured: bool) -> None:
    await register(connection, [each.subject_id for each in batch], ServiceContext.KARADO_APP, POLICIES)
    await copy_rows(connection, tables.subject_attribute, [attributes(each) for each in batch])
    await copy_rows(connection, tables.subject_account, [account(each) for each in batch])
    if measured:
        await copy_rows(connection, tables.measurement, [row for each in batch for row in measurements(each)])
    await record_history(connection, {each.subject_id: history(each) for each in batch}, POLICIES)


async def _stands(workshop: Workshop, urls: Urls, recipe: str) -> bool:
    told = "SELECT shobj_description(oid, 'pg_database') AS recipe FROM pg_database WHERE datname = $1"
    found = await fetch(workshop.urls.of("postgres").admin, told, urls.owner.database)
    if not found or found[0]["recipe"] != recipe:
        return False
    async with _transaction(urls.owner) as connection:
        return await schema_is_current(connection)


def _batches(people: Sequence[Invented]) -> Iterator[Sequence[Invented]]:
    return (people[start : start + _BATCH] for start in range(0, len(people), _BATCH))


@asynccontextmanager
async def _transaction(url: URL) -> AsyncIterator[AsyncConnection]:
    async with _engine(url) as engine, engine.begin() as connection:
        yield connection


@asynccontextmanager
async def _engine(url: URL) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url, size=1)
    try:
        yield engine
    finally:
        await engine.dispose()
