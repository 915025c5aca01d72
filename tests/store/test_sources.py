"""Sources are bits: numbered once, never more than 63."""

import pytest

from databases import Database
from sekisho.policy.document import Label
from sekisho.store.sources import SourceRefused, all_sources, ensure_source
from sekisho.vocabulary import SourceKind


async def test_the_sources_of_the_policy_are_there_from_the_start(database: Database) -> None:
    async with database.gateway.connect() as connection:
        found = [(source.source_id, source.kind, source.name) for source in await all_sources(connection)]
    assert found == [
        (0, SourceKind.UNCLASSIFIED, ""),
        (1, SourceKind.SUBJECT, ""),
        (2, SourceKind.OMRON_CONNECT_CLOUD, ""),
        (3, SourceKind.LINKED_APP, "GOOGLE_FIT"),
        (4, SourceKind.LINKED_APP, "APPLE_HEALTH"),
        (5, SourceKind.LINKED_APP, "HEALTH_CONNECT"),
    ]


async def test_a_new_source_takes_the_next_bit_and_keeps_it(database: Database) -> None:
    label = Label("検査会社", "Laboratory")
    async with database.operator.begin() as connection:
        first = await ensure_source(connection, SourceKind.THIRD_PARTY, "laboratory", label)
        assert (first.source_id, first.label) == (6, label)
        assert await ensure_source(connection, SourceKind.THIRD_PARTY, "laboratory") == first
        assert (await ensure_source(connection, SourceKind.LINKED_APP, "laboratory")).source_id == 7


async def test_the_last_bit_can_be_had_and_no_source_beyond_it(database: Database) -> None:
    async with database.operator.begin() as connection:
        for number in range(6, 63):
            assert (await ensure_source(connection, SourceKind.LINKED_APP, f"app {number}")).source_id == number
        with pytest.raises(SourceRefused, match="would be source 63"):
            await ensure_source(connection, SourceKind.LINKED_APP, "one too many")


async def test_only_apps_and_third_parties_have_names(database: Database) -> None:
    async with database.operator.begin() as connection:
        with pytest.raises(SourceRefused, match="name linked apps"):
            await ensure_source(connection, SourceKind.THIRD_PARTY, " ")
        with pytest.raises(SourceRefused, match="name linked apps"):
            await ensure_source(connection, SourceKind.SUBJECT, "me")
