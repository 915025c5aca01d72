"""The invented people: the same for the same seed, one of every standing, and standing where they are said to stand."""

import hashlib
import ipaddress
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from databases import Database, copy_of
from sekisho.demo.clients import ANALYTICS, BUSINESS_PARTNER, register_demo_clients
from sekisho.demo.people import AS_OF, DemoPeople, DemoRefused, invent, write_demo
from sekisho.demo.person import PROVIDER
from sekisho.demo.standings import DemoStanding, standing_of
from sekisho.policy.document import Policies
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.store.embedded import Urls
from sekisho.store.tables.catalogue import CATALOGUE, PERSONAL
from sekisho.vocabulary import DisclosurePurpose, Purpose

POLICIES = Policies((shipped_policy(),))
SOURCES = {"GOOGLE_FIT": 3, "APPLE_HEALTH": 4, "HEALTH_CONNECT": 5, PROVIDER: 6}
DOCUMENTATION = [
    ipaddress.ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
RESEARCH = Lens(ANALYTICS.recipient_type, Purpose.RESEARCH_ACADEMIC)
DEVELOPMENT = Lens(ANALYTICS.recipient_type, Purpose.PRODUCT_DEVELOPMENT)
ADVERTISING = Lens(ANALYTICS.recipient_type, Purpose.PERSONALIZED_ADVERTISING)
PARTNER = Lens(
    BUSINESS_PARTNER.recipient_type,
    Purpose.PRODUCT_SERVICE_GUIDANCE,
    DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE,
)
NOWHERE = {RESEARCH: False, DEVELOPMENT: False, ADVERTISING: False, PARTNER: False}
EVERYWHERE = dict.fromkeys(NOWHERE, True)
PRESENT = {
    DemoStanding.ACCEPTED: EVERYWHERE,
    DemoStanding.MINOR: NOWHERE,
    DemoStanding.AGE_UNVERIFIED: NOWHERE,
    DemoStanding.PROCESSING_RESTRICTED: NOWHERE,
    DemoStanding.THIRD_PARTY_STOPPED: EVERYWHERE | {PARTNER: False},
    DemoStanding.RESEARCH_WITHDRAWN: EVERYWHERE | {RESEARCH: False},
    DemoStanding.MARKETING_OBJECTED: EVERYWHERE | {ADVERTISING: False},
    DemoStanding.WITHDRAWN: NOWHERE,
    DemoStanding.REFUSED: NOWHERE,
    DemoStanding.NEVER_ACCEPTED: NOWHERE,
    DemoStanding.GOOGLE_FIT_UNLINKED: EVERYWHERE,
    DemoStanding.OLD_VERSION: NOWHERE,
    DemoStanding.PROVIDER_CONSENTED: EVERYWHERE,
    DemoStanding.PROVIDER_WITHDRAWN: EVERYWHERE,
}


async def written(database: Database, people: int = 24, seed: int = 7) -> DemoPeople:
    async with database.operator.begin() as connection:
        await register_demo_clients(connection, POLICIES)
        return await write_demo(connection, POLICIES, people, seed)


async def content(connection: AsyncConnection) -> dict[str, str]:
    """A digest of every personal table, of the people and of their consent records."""
    tables = [*PERSONAL, CATALOGUE.tables["subject"], CATALOGUE.tables["consent_event"]]
    digests = {}
    for table in tables:
        rows = (await connection.execute(select(table).order_by(*table.primary_key))).all()
        digests[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return digests


async def presence(database: Database) -> dict[tuple[object, str], tuple[int, int]]:
    """Item and source bits by person and lens, now."""
    query = text(
        "SELECT s.subject_id, l.key, m.items, m.sources FROM subject_state s"
        " JOIN lens_mask m USING (profile_id) JOIN lens l USING (lens_id)"
        " WHERE s.valid_from <= now() AND now() < s.valid_until"
    )
    async with database.operator.connect() as connection:
        return {(row.subject_id, row.key): (row.items, row.sources) for row in await connection.execute(query)}


async def test_the_same_seed_writes_the_same_rows(database: Database, template: Urls) -> None:
    await written(database)
    async with copy_of(template) as second:
        await written(second)
        async with database.operator.connect() as one, second.operator.connect() as other:
            assert await content(one) == await content(other)


async def test_another_seed_invents_other_people(database: Database) -> None:
    first, second = await written(database, seed=1), await written(database, seed=2)
    assert not {each.subject_id for each in first.people} & {each.subject_id for each in second.people}
    assert second.written == 24


async def test_writing_the_demonstration_twice_adds_nobody_and_a_larger_one_adds_the_rest(database: Database) -> None:
    await written(database, 20)
    async with database.operator.connect() as connection:
        before = await content(connection)
    assert (await written(database, 20)).written == 0
    async with database.operator.connect() as connection:
        assert await content(connection) == before
    assert (await written(database, 25)).written == 5


def test_a_person_is_the_same_in_a_small_and_in_a_large_demonstration() -> None:
    small, large = list(invent(20, 7, SOURCES)), list(invent(60, 7, SOURCES))
    told = [(each.subject_id, each.email, each.born, each.links, each.activities) for each in large[:20]]
    assert told == [(each.subject_id, each.email, each.born, each.links, each.activities) for each in small]


def test_twenty_people_show_every_standing_and_many_people_are_mostly_plain_accepters() -> None:
    assert {standing_of(3, index) for index in range(20)} == set(DemoStanding)
    share = Counter(standing_of(3, index) for index in range(3_000))[DemoStanding.ACCEPTED] / 3_000
    assert 0.66 < share < 0.76
    assert all(standing.label.ja and standing.label.en for standing in DemoStanding)


async def test_everybody_stands_where_their_standing_says(database: Database) -> None:
    invented = await written(database, 40)
    masks = await presence(database)
    for person in invented.people:
        for lens, expected in PRESENT[person.standing].items():
            items, _ = masks[person.subject_id, lens.key]
            assert bool(items) is expected, (person.standing, lens.key)


async def test_unlinked_data_and_data_of_a_third_party_follow_their_own_consent(database: Database) -> None:
    invented = await written(database, 40)
    masks = await presence(database)
    for standing, source, readable in (
        (DemoStanding.GOOGLE_FIT_UNLINKED, "GOOGLE_FIT", False),
        (DemoStanding.PROVIDER_CONSENTED, PROVIDER, True),
        (DemoStanding.PROVIDER_WITHDRAWN, PROVIDER, False),
    ):
        for person in invented.of(standing):
            _, sources = masks[person.subject_id, RESEARCH.key]
            assert bool(sources >> person.source_ids[source] & 1) is readable, standing


async def test_no_linked_or_newly_acquired_row_was_acquired_without_a_record_in_force(database: Database) -> None:
    await written(database, 120)
    tables = ("survey_answer", "campaign_entry", "event_entry", "monitor_trial", "clinical_research_recruitment")
    given = " UNION ALL ".join(f"SELECT subject_id, activity_key AS key, acquired_at FROM {table}" for table in tables)
    linked = "SELECT subject_id, name, acquired_at FROM linked_app_record JOIN data_source USING (source_id)"
    async with database.operator.connect() as connection:
        for rows, kind, ending in ((given, "PARTICIPATION", "PARTICIPATION_END"), (linked, "LINK", "UNLINK")):
            unfounded = text(
                f"SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT FROM consent_event e WHERE e.kind = '{kind}'"
                " AND (e.subject_id, e.key) = (r.subject_id, r.key) AND e.recorded_at <= r.acquired_at)"
                f" OR EXISTS (SELECT FROM consent_event e WHERE e.kind IN ('{ending}', 'WITHDRAWAL')"
                " AND e.scope IS NULL AND e.subject_id = r.subject_id AND e.recorded_at <= r.acquired_at)),"
                f" count(*) FROM ({rows}) r (subject_id, key, acquired_at)"
            )
            assert (await connection.execute(unfounded)).one()[0] == 0
            assert (await connection.execute(unfounded)).one()[1] > 20


async def test_addresses_are_kept_for_documentation_and_nothing_happened_later_than_the_demonstration(
    database: Database,
) -> None:
    invented = await written(database, 40)
    async with database.operator.connect() as connection:
        addresses = (await connection.execute(text("SELECT DISTINCT ip_address FROM access_record"))).scalars().all()
        latest = [await connection.scalar(text(f"SELECT max(acquired_at) FROM {table}")) for table in PERSONAL]
    assert all(person.email.endswith(("@example.jp", "@example.com")) for person in invented.people)
    assert all(any(ipaddress.ip_address(each) in network for network in DOCUMENTATION) for each in addresses)
    assert all(moment is None or moment <= AS_OF for moment in latest)


async def test_each_person_has_between_twenty_and_sixty_measurements(database: Database) -> None:
    await written(database, 60)
    async with database.operator.connect() as connection:
        counts = (
            (await connection.execute(text("SELECT count(*) FROM measurement GROUP BY subject_id"))).scalars().all()
        )
        upside_down = text(
            "SELECT count(*) FROM measurement s JOIN measurement d USING (subject_id, taken_at)"
            " WHERE s.kind = 'SYSTOLIC_BLOOD_PRESSURE' AND d.kind = 'DIASTOLIC_BLOOD_PRESSURE' AND s.value <= d.value"
        )
        assert await connection.scalar(upside_down) == 0
    assert len(counts) == 60
    assert min(counts) >= 20
    assert max(counts) <= 60


async def test_progress_is_told_after_each_batch(database: Database) -> None:
    told: list[tuple[int, int]] = []
    async with database.operator.begin() as connection:
        await write_demo(connection, POLICIES, 30, 1, lambda done, of: told.append((done, of)))
    assert told == [(30, 30)]


async def test_people_cannot_have_accepted_a_policy_that_was_not_in_effect(database: Database) -> None:
    later = shipped_policy().variant("2030-01", effective_from=datetime(2030, 1, 1, tzinfo=UTC))
    async with database.operator.begin() as connection:
        with pytest.raises(DemoRefused, match="no policy version was in effect"):
            await write_demo(connection, Policies((later,)), 20, 1)
