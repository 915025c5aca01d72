"""The recipient registry: who may ask, as whom, for what. Versions are appended; the greatest one counts."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.declaration import Recipient
from sekisho.store.tables.registry import recipient as table
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType

_COLUMNS = [table.c[field.name] for field in fields(Recipient)]
_SETS = ("purposes", "disclosure_purposes", "entitlements")


async def add_recipient(connection: AsyncConnection, recipient: Recipient) -> int:
    """Append a version of the client's row and return its number; `recipient.version` is not looked at.

    Revoking, renewing and renaming are new versions as well. Raises `IntegrityError` when two versions of one client
    are appended at the same time: append the later one again.
    """
    facts: dict[str, Any] = {field.name: getattr(recipient, field.name) for field in fields(Recipient)}
    facts |= {name: sorted(facts[name]) for name in _SETS}
    greatest = select(func.coalesce(func.max(table.c.version), 0)).where(table.c.client_id == recipient.client_id)
    facts["version"] = greatest.scalar_subquery() + 1
    added = insert(table).values(**facts, registered_at=func.now()).returning(table.c.version)
    return int((await connection.execute(added)).scalar_one())


async def current_recipient(connection: AsyncConnection, client_id: str) -> Recipient | None:
    """The version of the client that counts, valid or not; `None` for an unknown client."""
    query = select(*_COLUMNS).where(table.c.client_id == client_id).order_by(table.c.version.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return _recipient(row) if row else None


async def recipient_version(connection: AsyncConnection, client_id: str, version: int) -> Recipient | None:
    """One version of a client's row: who it was when the log named it."""
    query = select(*_COLUMNS).where(table.c.client_id == client_id, table.c.version == version)
    row = (await connection.execute(query)).one_or_none()
    return _recipient(row) if row else None


async def list_recipients(connection: AsyncConnection) -> tuple[Recipient, ...]:
    """The version that counts of every client, by client."""
    newest_first = select(*_COLUMNS).order_by(table.c.client_id, table.c.version.desc())
    query = newest_first.ext(distinct_on(table.c.client_id))
    return tuple(map(_recipient, await connection.execute(query)))


def _recipient(row: Row[Any]) -> Recipient:
    facts = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name begins with an underscore
    return Recipient(
        **facts
        | {
            "recipient_type": RecipientType(row.recipient_type),
            "purposes": frozenset(map(Purpose, row.purposes)),
            "disclosure_purposes": frozenset(map(DisclosurePurpose, row.disclosure_purposes)),
            "entitlements": frozenset(row.entitlements),
        }
    )
