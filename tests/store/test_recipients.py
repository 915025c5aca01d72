"""The registry of recipients: versions are appended, the greatest one counts."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from store_samples import NOON, a_recipient

from databases import Database
from sekisho.store.recipients import add_recipient, current_recipient, list_recipients


async def test_a_recipient_reads_back_as_it_was_registered(database: Database) -> None:
    registered = a_recipient(linked_service="GOOGLE_FIT", entitlements=frozenset({"rights_desk"}), entrustment=True)
    async with database.operator.begin() as connection:
        assert await add_recipient(connection, registered) == 1
    async with database.gateway.connect() as connection:
        assert await current_recipient(connection, "karada-lab") == replace(registered, version=1)


async def test_the_greatest_version_counts_and_the_earlier_ones_stay(database: Database) -> None:
    revoked = a_recipient(revoked_at=NOON + timedelta(days=1))
    async with database.operator.begin() as connection:
        await add_recipient(connection, a_recipient())
        assert await add_recipient(connection, revoked) == 2
        assert await add_recipient(connection, a_recipient(client_id="other", name="別の会社")) == 1
    async with database.gateway.connect() as connection:
        assert await current_recipient(connection, "karada-lab") == replace(revoked, version=2)
        assert [(found.client_id, found.version) for found in await list_recipients(connection)] == [
            ("karada-lab", 2),
            ("other", 1),
        ]


async def test_an_unknown_client_is_no_recipient(database: Database) -> None:
    async with database.gateway.connect() as connection:
        assert await current_recipient(connection, "nobody") is None


async def test_of_two_versions_appended_at_once_one_is_refused(database: Database) -> None:
    async with database.operator.connect() as first, database.operator.connect() as second:
        await add_recipient(first, a_recipient())
        late = asyncio.create_task(add_recipient(second, a_recipient(name="別の名前")))
        await asyncio.sleep(0.1)
        await first.commit()
        with pytest.raises(IntegrityError, match="pk_recipient"):
            await late
