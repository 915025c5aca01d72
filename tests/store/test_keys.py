"""Keys never rotate silently."""

import pytest

from databases import Database
from sekisho.store.keys import KeyChanged, fingerprint, pin_key

OLD, NEW = fingerprint("pseudonyms", b"old"), fingerprint("pseudonyms", b"new")


async def test_a_key_is_pinned_on_first_use_and_known_from_then_on(database: Database) -> None:
    async with database.gateway.begin() as connection:
        await pin_key(connection, "pseudonyms", OLD)
        await pin_key(connection, "pseudonyms", OLD)


async def test_another_key_under_the_same_name_is_refused(database: Database) -> None:
    async with database.gateway.begin() as connection:
        await pin_key(connection, "pseudonyms", OLD)
        with pytest.raises(KeyChanged, match="restore the earlier key"):
            await pin_key(connection, "pseudonyms", NEW)
        await pin_key(connection, "cursors", NEW)


def test_the_same_key_under_two_names_has_two_fingerprints() -> None:
    assert fingerprint("pseudonyms", b"key") != fingerprint("cursors", b"key")
