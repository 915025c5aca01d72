"""Profiles and masks: equal states once, and a mask for every version, lens and profile (S4)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from store_samples import a_recipient

from databases import Database
from judged import GENEROUS
from sekisho.consent.state import Acceptance, SubjectState
from sekisho.decision import Rules, mask
from sekisho.declaration import lenses_of
from sekisho.policy.document import Label, Policies
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.store.profiles import (
    all_profiles,
    intern,
    profiles,
    register_lenses,
    registered_lenses,
    source_bits,
    write_masks,
)
from sekisho.store.sources import ensure_source
from sekisho.vocabulary import AgeStatus, DisclosurePurpose, Purpose, RecipientType, SourceKind

FIRST = shipped_policy()
NEXT = FIRST.variant("2027-04", datetime(2027, 4, 1, tzinfo=UTC), without_purposes=[Purpose.RESEARCH_ACADEMIC])
POLICIES, BOTH = Policies((FIRST,)), Policies((FIRST, NEXT))
RESEARCH = Lens(RecipientType.FIRST_PARTY, Purpose.RESEARCH_ACADEMIC)
PARTNER = Lens(
    RecipientType.DATA_LINKAGE_PARTNER, Purpose.SERVICE_PROVISION, DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE
)
UNWILLING, WILLING = SubjectState(), replace(GENEROUS, third_party_sources=frozenset())


async def masks(connection: AsyncConnection) -> dict[tuple[str, int, int], tuple[int, int]]:
    rows = await connection.execute(text("SELECT * FROM lens_mask"))
    return {(row.policy_version, row.lens_id, row.profile_id): (row[3], row.sources) for row in rows}


async def assert_complete(connection: AsyncConnection, policies: Policies) -> None:
    """One mask for every version, lens and profile, and each says what the decision says."""
    sources = await source_bits(connection)
    assert await masks(connection) == {
        (version.id, lens_id, profile_id): tuple(mask(Rules(policies, version), lens, state, sources))
        for version in policies.versions
        for lens, lens_id in (await registered_lenses(connection)).items()
        for profile_id, state in (await all_profiles(connection)).items()
    }


async def test_equal_states_are_one_profile(database: Database) -> None:
    async with database.operator.begin() as connection:
        first = await intern(connection, [WILLING, UNWILLING, WILLING], POLICIES)
        again = await intern(connection, [SubjectState(), replace(WILLING)], POLICIES)
        assert first == again
        assert set(first) == {WILLING.canonical(), UNWILLING.canonical()}
        found = await all_profiles(connection)
        assert {state.canonical(): profile_id for profile_id, state in found.items()} == first
        only = first[WILLING.canonical()]
        assert await profiles(connection, [only, 999]) == {only: WILLING}
        assert await intern(connection, [], POLICIES) == {}


async def test_a_new_profile_comes_with_its_masks(database: Database) -> None:
    async with database.operator.begin() as connection:
        assert await register_lenses(connection, [RESEARCH, PARTNER], POLICIES) == 2
        await intern(connection, [UNWILLING], POLICIES)
        await assert_complete(connection, POLICIES)
        await intern(connection, [WILLING, replace(WILLING, age=AgeStatus.MINOR)], POLICIES)
        await assert_complete(connection, POLICIES)
        assert len(await masks(connection)) == 6


async def test_a_new_lens_comes_with_its_masks(database: Database) -> None:
    async with database.operator.begin() as connection:
        await intern(connection, [UNWILLING, WILLING], POLICIES)
        assert await masks(connection) == {}
        assert await register_lenses(connection, [RESEARCH], POLICIES) == 1
        await assert_complete(connection, POLICIES)
        assert await register_lenses(connection, [RESEARCH, PARTNER, PARTNER], POLICIES) == 1
        await assert_complete(connection, POLICIES)
        assert await register_lenses(connection, [RESEARCH, PARTNER], POLICIES) == 0
        assert set(await registered_lenses(connection)) == {RESEARCH, PARTNER}


async def test_a_new_version_comes_with_its_masks(database: Database) -> None:
    async with database.operator.begin() as connection:
        await register_lenses(connection, [RESEARCH, PARTNER], POLICIES)
        ids = await intern(connection, [UNWILLING, WILLING], POLICIES)
        await write_masks(connection, BOTH)
        await assert_complete(connection, BOTH)
        lens_id = (await registered_lenses(connection))[RESEARCH]
        found = await masks(connection)
        willing = ids[WILLING.canonical()]
        assert found[FIRST.id, lens_id, willing][0] != 0
        assert found[NEXT.id, lens_id, willing][0] == 0


async def test_whoever_accepted_a_version_that_is_known_later_is_judged_anew(database: Database) -> None:
    """S2.6: their mask changes when the version becomes known."""
    accepted = replace(WILLING, acceptance=Acceptance(NEXT.id))
    async with database.operator.begin() as connection:
        await register_lenses(connection, [PARTNER], POLICIES)
        await intern(connection, [accepted], POLICIES)
        assert [items for items, _ in (await masks(connection)).values()] == [0]
        await write_masks(connection, BOTH)
        assert all(items for items, _ in (await masks(connection)).values())


async def test_a_new_source_gets_its_bit_when_masks_are_written_anew(database: Database) -> None:
    """Until then it is out of reach for everybody."""
    async with database.operator.begin() as connection:
        await register_lenses(connection, [RESEARCH], POLICIES)
        await intern(connection, [replace(WILLING, third_party_sources=frozenset({"CLINIC"}))], POLICIES)
        clinic = await ensure_source(connection, SourceKind.THIRD_PARTY, "CLINIC", Label("病院", "clinic"))
        assert clinic.source_id in [source.bit for source in await source_bits(connection)]
        ((_, before),) = (await masks(connection)).values()
        await write_masks(connection, POLICIES)
        ((_, after),) = (await masks(connection)).values()
        assert before | 1 << clinic.source_id == after != before
        await assert_complete(connection, POLICIES)


async def test_a_profile_and_a_lens_that_appear_at_once_have_their_mask(database: Database) -> None:
    """INVARIANT (no mask is forgotten): profiles, lenses and versions change one at a time."""

    async def new_profile(state: SubjectState) -> None:
        async with database.operator.begin() as connection:
            await intern(connection, [state], POLICIES)

    async def new_lens(lens: Lens) -> None:
        async with database.operator.begin() as connection:
            await register_lenses(connection, [lens], POLICIES)

    states = [replace(WILLING, linked=frozenset({f"APP {number}"})) for number in range(4)]
    await asyncio.gather(*map(new_profile, states * 2), *map(new_lens, [RESEARCH, PARTNER] * 2))
    async with database.operator.connect() as connection:
        assert len(await all_profiles(connection)) == 4
        await assert_complete(connection, POLICIES)


async def test_every_lens_of_a_recipient_can_be_registered(database: Database) -> None:
    async with database.operator.begin() as connection:
        await intern(connection, [WILLING, UNWILLING], POLICIES)
        lenses = lenses_of(a_recipient())
        assert await register_lenses(connection, lenses, POLICIES) == len(lenses)
        assert set(await registered_lenses(connection)) == lenses
        await assert_complete(connection, POLICIES)


async def test_the_built_in_sources_have_the_first_bits(database: Database) -> None:
    async with database.gateway.connect() as connection:
        bits = await source_bits(connection)
    assert [(source.bit, source.kind.value, source.name) for source in bits] == [
        (0, "UNCLASSIFIED", ""),
        (1, "SUBJECT", ""),
        (2, "OMRON_CONNECT_CLOUD", ""),
        (3, "LINKED_APP", "GOOGLE_FIT"),
        (4, "LINKED_APP", "APPLE_HEALTH"),
        (5, "LINKED_APP", "HEALTH_CONNECT"),
    ]
