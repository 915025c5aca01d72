"""Policy versions in force: registered once with the hash of their document, revoked by the operator.

An identifier never changes its meaning: the same version with another document is refused.
"""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.policy.document import Policies
from sekisho.store.profiles import write_masks
from sekisho.store.tables.registry import policy_version as table


class VersionRefused(Exception):  # noqa: N818 - a verdict, with what to do
    """A policy version is not what this database knows under its name."""


async def register_versions(connection: AsyncConnection, policies: Policies) -> tuple[str, ...]:
    """Register versions not known yet and write every mask they need. Returns what is new. Raises `VersionRefused`."""
    known = await _known(connection)
    new = tuple(version for version in policies.versions if version.id not in known)
    for version in new:
        row = {
            "version": version.id,
            "effective_from": version.effective_from,
            "document_sha256": version.document_sha256,
            "text_sha256": version.text_sha256,
        }
        await connection.execute(insert(table).values(**row, registered_at=func.now()).on_conflict_do_nothing())
    await check_versions(connection, policies)
    if new:
        await write_masks(connection, policies)
    return tuple(version.id for version in new)


async def check_versions(connection: AsyncConnection, policies: Policies) -> None:
    """Raises `VersionRefused` unless every loaded version is registered with the same document."""
    known = await _known(connection)
    for version in policies.versions:
        if version.id not in known:
            raise VersionRefused(f"policy version `{version.id}` is not registered here; run `sekisho policy register`")
        if known[version.id] != version.document_sha256:
            raise VersionRefused(
                f"policy version `{version.id}` was registered with another document;"
                " give the changed document a version of its own"
            )


async def revoke_version(connection: AsyncConnection, version: str) -> None:
    """Revoke a version for good: while it is the current one, everything is denied. Raises `VersionRefused`."""
    revoking = update(table).where(table.c.version == version).values(revoked_at=func.now()).returning(table.c.version)
    if (await connection.execute(revoking)).one_or_none() is None:
        raise VersionRefused(f"there is no policy version `{version}`; `sekisho policy show` lists them")


async def revoked_versions(connection: AsyncConnection, at: datetime) -> frozenset[str]:
    """The versions revoked by `at`."""
    chosen = select(table.c.version).where(table.c.revoked_at <= at)
    return frozenset((await connection.execute(chosen)).scalars())


async def _known(connection: AsyncConnection) -> dict[str, str]:
    rows = await connection.execute(select(table.c.version, table.c.document_sha256))
    return {row.version: row.document_sha256 for row in rows}
