"""Fingerprints of the gateway's keys: a key is pinned when it is first used, and never changes silently.

Pseudonyms, cursors and checkpoints mean something only under the key they were made with.
"""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.store.tables.registry import gateway_key


class KeyChanged(Exception):  # noqa: N818 - a verdict, with what to do
    """A key is not the one that was pinned; the message names it, never its value."""


def fingerprint(name: str, key: bytes) -> str:
    """SHA-256 over the key's name and value, in hexadecimal. It tells nothing about a key of full entropy."""
    return hashlib.sha256(b"sekisho gateway key\0" + name.encode() + b"\0" + key).hexdigest()


async def pin_key(connection: AsyncConnection, name: str, found: str) -> None:
    """Register the fingerprint `found` if `name` has none. Raises `KeyChanged` when it has another."""
    first = insert(gateway_key).values(name=name, fingerprint=found, registered_at=func.now())
    await connection.execute(first.on_conflict_do_nothing())
    pinned = await connection.scalar(select(gateway_key.c.fingerprint).where(gateway_key.c.name == name))
    if pinned != found:
        raise KeyChanged(f"the key `{name}` is not the one this database was first used with; restore the earlier key")
