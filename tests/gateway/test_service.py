"""From settings to a gateway: what it makes, and on what it refuses to start."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from starlette.applications import Starlette

from databases import Database
from sekisho.gateway.issuer import local_issuer
from sekisho.gateway.service import (
    Addresses,
    admission,
    create_gateway,
    databases,
    load_keys,
    load_policies,
    operator_connection,
)
from sekisho.gateway.settings import Settings, SettingsRefused
from sekisho.policy.document import Policies
from sekisho.policy.load import shipped_policy
from sekisho.store.database import DatabaseUnfit
from sekisho.store.keys import KeyChanged
from sekisho.store.versions import VersionRefused, register_versions, revoke_version, revoked_versions
from sekisho.vocabulary import DisclosurePurpose


def settings_in(folder: Path, **changes: object) -> Settings:
    issuer = local_issuer(folder / "keys", "sekisho")
    return Settings(data_dir=folder, issuers=(issuer.settings,), **changes)


def addresses_of(database: Database) -> Addresses:
    return Addresses(database.urls.gateway, database.urls.operator, database.urls.owner)


async def started(app: Starlette) -> None:
    async with app.router.lifespan_context(app):
        pass


async def registered(database: Database, policies: Policies) -> None:
    async with database.operator.begin() as connection:
        await register_versions(connection, policies)


async def test_a_prepared_database_is_served_from(database: Database, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await registered(database, load_policies(settings))
    await started(create_gateway(settings, addresses_of(database)))


async def test_a_database_without_this_policy_version_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(VersionRefused, match="sekisho policy register"):
        await started(create_gateway(settings_in(tmp_path), addresses_of(database)))


async def test_the_same_version_with_another_document_is_refused(database: Database, tmp_path: Path) -> None:
    """V3: an identifier never changes its meaning."""
    changed = replace(shipped_policy(), document_sha256="0" * 64)
    await registered(database, Policies((changed,)))
    with pytest.raises(VersionRefused, match="version of its own"):
        await started(create_gateway(settings_in(tmp_path), addresses_of(database)))


@pytest.mark.parametrize("role", ["operator", "owner", "admin"])
async def test_the_gateway_starts_as_its_own_role_only(database: Database, tmp_path: Path, role: str) -> None:
    settings = settings_in(tmp_path)
    await registered(database, load_policies(settings))
    too_strong = Addresses(getattr(database.urls, role), None, None)
    with pytest.raises(DatabaseUnfit, match="must not log in as"):
        await started(create_gateway(settings, too_strong))


async def test_keys_never_rotate_silently(database: Database, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await registered(database, load_policies(settings))
    await started(create_gateway(settings, addresses_of(database)))
    (settings.keys / "pseudonyms.key").unlink()
    with pytest.raises(KeyChanged, match="restore the earlier key"):
        await started(create_gateway(settings, addresses_of(database)))


async def test_a_commit_that_could_be_lost_is_refused(database: Database, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await registered(database, load_policies(settings))
    async with database.admin.begin() as connection:
        name = database.urls.gateway.username
        await connection.execute(
            text(f'ALTER ROLE "{name}" IN DATABASE "{database.urls.gateway.database}" SET synchronous_commit = off')
        )
    with pytest.raises(DatabaseUnfit, match="synchronous_commit"):
        await started(create_gateway(settings, addresses_of(database)))


async def test_a_version_is_revoked_from_the_moment_it_is(database: Database) -> None:
    policies = Policies((shipped_policy(),))
    await registered(database, policies)
    async with database.operator.begin() as connection:
        before = (await connection.execute(text("SELECT clock_timestamp() - interval '1 second'"))).scalar_one()
        await revoke_version(connection, "2022-09")
    async with database.operator.begin() as connection:
        after = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
        assert await revoked_versions(connection, before) == frozenset()
        assert await revoked_versions(connection, after) == {"2022-09"}
        with pytest.raises(VersionRefused, match="there is no policy version"):
            await revoke_version(connection, "2031-01")


def test_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    keys = load_keys(settings)
    assert (keys.pseudonyms, keys.cursors) == (load_keys(settings).pseudonyms, load_keys(settings).cursors)
    assert keys.pseudonyms != keys.cursors
    assert str(keys.pseudonyms) not in repr(keys)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    load_keys(settings)
    (settings.keys / "cursors.key").chmod(0o644)
    with pytest.raises(SettingsRefused, match="chmod 600"):
        load_keys(settings)


def test_a_truncated_key_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    load_keys(settings)
    (settings.keys / "cursors.key").write_bytes(b"short")
    with pytest.raises(SettingsRefused, match="restore it"):
        load_keys(settings)


def test_another_database_than_postgresql_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database_url=SecretStr("mysql://user@host/db"))
    with pytest.raises(SettingsRefused, match="postgresql://"), databases(settings):
        pass


async def test_without_an_operator_address_nothing_is_written() -> None:
    with pytest.raises(SettingsRefused, match="OPERATOR_DATABASE_URL"):
        async with operator_connection(Addresses(None, None, None)):  # type: ignore[arg-type]
            pass


def test_legal_claims_and_abuse_are_off_until_switched_on(tmp_path: Path) -> None:
    assert admission(settings_in(tmp_path)).enabled == frozenset()
    assert admission(settings_in(tmp_path, legal_claims=True)).enabled == {DisclosurePurpose.LEGAL_CLAIMS}
