"""Many callers on the same people at once, and a withdrawal that another gateway sees with its next statement."""

import asyncio
from typing import Any

from databases import Database
from graph.asking import RESEARCH, wire
from graph.world import World, an_event
from sekisho.policy.lens import Lens
from sekisho.store.database import create_engine

ASKED = """query ($id: ID!) { subject(id: $id) {
  id attributes { birthDate age sex heightCm } account { email loginId } measurements(last: 2) { value }
  linkedAppRecords { value } campaignEntries { entry } supportCases { topic } accessHistory { page ipAddress }
} subjects(first: 3) { edges { node { id account { email } } } } }"""
CALLERS: tuple[tuple[str, str, str | None], ...] = (
    ("analytics", "RESEARCH_ACADEMIC", None),
    ("analytics", "SURVEY_REQUEST", None),
    ("analytics", "SERVICE_PROVISION", None),
    ("analytics", "SERVICE_OPERATION", None),
    ("analytics", "INQUIRY_RESPONSE", None),
    ("partner", "PRODUCT_SERVICE_GUIDANCE", "PROCESSING_FOR_USE_PURPOSE"),
    ("partner", "PRIZE_SHIPPING", "PROCESSING_FOR_USE_PURPOSE"),
    ("university", "RESEARCH_ACADEMIC", "PROCESSING_FOR_USE_PURPOSE"),
    ("contractor", "SERVICE_ADMINISTRATION", "CUSTOMER_SUPPORT"),
    ("contractor", "", "CONTRACT_POLICY_ENFORCEMENT"),
    ("linkage", "SERVICE_PROVISION", "PROCESSING_FOR_USE_PURPOSE"),
    ("sign-in", "", "EXTERNAL_LINKAGE_AUTHENTICATION"),
)
KINDS = {"partner": "BUSINESS_ALLIANCE_PARTNER", "university": "JOINT_RESEARCH_PARTNER", "analytics": "FIRST_PARTY"}
KINDS |= {"contractor": "OPERATIONS_CONTRACTOR", "linkage": "DATA_LINKAGE_PARTNER", "sign-in": "EXTERNAL_AUTH_SERVICE"}


async def one(world: World, number: int, run: str) -> bytes:
    """Ask as one of the callers about one of the people."""
    client, purpose, disclosure = CALLERS[number % len(CALLERS)]
    person = ("aiko", "ben", "chie", "dan", "kei", "mei")[number % 5]
    lens = Lens.parse(f"{KINDS[client]}|{purpose}|{disclosure or ''}|")
    answer = await world.ask(
        client,
        ASKED,
        purpose=purpose or None,
        disclosure=disclosure,
        variables={"id": world.pseudonym(person, client, lens)},
        request_id=f"{run} {number}",
    )
    assert answer.data is not None, answer.errors
    return wire(answer)


async def test_two_hundred_at_once_get_what_each_would_get_alone(settled: World) -> None:
    numbers = range(200)
    distinct = len(CALLERS) * 5
    alone = [await one(settled, number, "alone") for number in range(distinct)]
    assert len(set(alone)) > distinct // 2
    together = await asyncio.gather(*(one(settled, number, "together") for number in numbers))
    crossed = [number for number in numbers if together[number] != alone[number % distinct]]
    assert crossed == []
    for number in numbers:
        (client, purpose, disclosure), rows = CALLERS[number % len(CALLERS)], await settled.log(f"together {number}")
        assert {(row.client_id, row.purpose, row.disclosure) for row in rows} == {(client, purpose, disclosure or "")}


async def test_a_withdrawal_is_seen_by_another_gateway_with_its_next_statement(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    elsewhere = create_engine(database.urls.gateway, size=2)
    other = world.another_engine(elsewhere)
    asked = "query ($id: ID!) @purpose(is: RESEARCH_ACADEMIC) { subject(id: $id) { attributes { sex } } }"
    known: dict[str, Any] = {"id": world.pseudonym("aiko", "analytics", RESEARCH)}
    stale = missing = 0
    try:
        for number in range(100):
            withdrawal = an_event("WITHDRAWAL", scope={"purposes": ["RESEARCH_ACADEMIC"]}, id=f"withdrawn {number}")
            await world.says("aiko", withdrawal)
            for engine in (other, world.engine):
                answer = await world.ask("analytics", asked, variables=known, engine=engine)
                stale += answer.data != {"subject": None}
            await world.says("aiko", an_event("LIFT", id=f"lifted {number}", ends=(f"withdrawn {number}",)))
            answer = await world.ask("analytics", asked, variables=known, engine=other)
            missing += answer.data != {"subject": {"attributes": {"sex": "FEMALE"}}}
    finally:
        await elsewhere.dispose()
    assert (stale, missing) == (0, 0)


async def test_an_answer_is_of_one_instant_though_a_withdrawal_commits_meanwhile(database: Database) -> None:
    """All that one operation tells of a person was permitted together, or not at all."""
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    roots = " ".join(f"r{each}: subjects {{ edges {{ node {{ attributes {{ sex }} }} }} }}" for each in range(10))
    asked = f"query @purpose(is: RESEARCH_ACADEMIC) {{ {roots} }}"
    mixed = []
    for number in range(15):
        withdrawal = an_event("WITHDRAWAL", scope={"purposes": ["RESEARCH_ACADEMIC"]}, id=f"withdrawn {number}")
        answer, _ = await asyncio.gather(world.ask("analytics", asked), world.says("aiko", withdrawal))
        assert answer.data is not None
        if len({len(root["edges"]) for root in answer.data.values()}) != 1:
            mixed.append(number)
        await world.says("aiko", an_event("LIFT", id=f"lifted {number}", ends=(f"withdrawn {number}",)))
    assert mixed == []
