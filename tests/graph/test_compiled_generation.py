"""What one gateway learnt of the registry holds no longer than the registry: the very next statement sees a change.

Two gateways on one database: one has learnt everything, the change is made elsewhere, and the first is asked again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from databases import Database
from graph.hearing import heard
from graph.world import CLIENTS, LONG_AGO, U1_TO_U8, World, a_client, an_event
from sekisho.disclosure.log import LogUnavailable
from sekisho.graph.compiled.engine import CompiledEngine
from sekisho.graph.exchange import GraphAnswer
from sekisho.policy.document import Label
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.cases import Case, approve_case, close_case, register_case
from sekisho.store.connecting import Connection
from sekisho.store.generation import current_generation
from sekisho.store.recipients import add_recipient
from sekisho.store.sources import ensure_source
from sekisho.store.versions import revoke_version
from sekisho.vocabulary import DisclosurePurpose, Outcome, Purpose, RecipientType, SourceKind

LEGAL = DisclosurePurpose.LEGAL_COMPLIANCE
STEPS = {"kind": "STEPS", "value": 8123.0, "unit": "{steps}", "started_at": LONG_AGO}
OF_RESEARCH = ("analytics", "{ subjects { edges { node { attributes { sex } } } } }")
OF_A_CASE = (
    "authority",
    'query @purpose(reference: "order-1") { subjects { edges { node { linkedAppRecords { value } } } } }',
)

Change = Callable[[Connection], Awaitable[Any]]


class Gateways:
    """A gateway that has learnt who asks, and everybody who changes something behind its back."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.knowing = world.compiled()

    async def ask(self, asked: tuple[str, str], request_id: str, engine: CompiledEngine | None = None) -> GraphAnswer:
        client, query = asked
        declared = {"disclosure": LEGAL} if client == "authority" else {"purpose": Purpose.RESEARCH_ACADEMIC}
        return await self.world.ask(client, query, engine=engine or self.knowing, request_id=request_id, **declared)

    async def learn(self, *asked: tuple[str, str]) -> None:
        """Afterwards the knowing gateway answers with one statement."""
        for each in asked:
            assert (await self.ask(each, "before")).data is not None
            async with heard(self.world, self.knowing) as said:
                assert (await self.ask(each, "before")).data is not None
            assert (said.by_driver, said.by_others) == (1, [])

    async def change(self, *changes: Change) -> None:
        async with self.world.database.operator.begin() as connection:
            for each in changes:
                await each(connection)


@pytest.fixture
async def gateways(database: Database) -> Gateways:
    world = await World.founded(database, "analytics", "authority", "app")
    await world.person("aiko", an_event("LINK", key="GOOGLE_FIT"))
    await world.rows("linked_app_record", "aiko", STEPS, source=3)
    gateways = Gateways(world)
    listed, items = frozenset({world.people["aiko"]}), frozenset({"linkedAppData"})
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    order = Case("order-1", "authority", LEGAL, listed, items, "op-1", LONG_AGO, tomorrow)
    await gateways.change(
        lambda connection: register_case(connection, order),
        lambda connection: approve_case(connection, "order-1", "op-2", LONG_AGO),
    )
    await gateways.learn(OF_RESEARCH, OF_A_CASE)
    return gateways


def of_client(**changes: Any) -> Change:
    return lambda connection: add_recipient(connection, replace(CLIENTS["analytics"], **changes))


CHANGES: dict[str, tuple[Change, tuple[str, str], str]] = {
    "a client is revoked": (of_client(revoked_at=LONG_AGO), OF_RESEARCH, "CLIENT_NOT_VALID"),
    "a client expires": (of_client(valid_until=LONG_AGO + timedelta(days=1)), OF_RESEARCH, "CLIENT_NOT_VALID"),
    "a client loses the purpose": (
        of_client(purposes=U1_TO_U8 - {Purpose.RESEARCH_ACADEMIC}),
        OF_RESEARCH,
        "PURPOSE_NOT_ENTITLED",
    ),
    "a client moves abroad": (of_client(country="US"), OF_RESEARCH, "COUNTRY_NOT_ADMITTED"),
    "a client becomes another type": (
        lambda connection: add_recipient(connection, a_client("analytics", RecipientType.BUSINESS_ALLIANCE_PARTNER)),
        OF_RESEARCH,
        "DISCLOSURE_PURPOSE_REQUIRED",
    ),
    "a case is closed": (
        lambda connection: close_case(connection, "order-1", LONG_AGO),
        OF_A_CASE,
        "REFERENCE_NOT_OPEN",
    ),
    "the policy version is revoked": (
        lambda connection: revoke_version(connection, "2022-09"),
        OF_RESEARCH,
        "POLICY_NOT_ACTIVE",
    ),
    "the policy version is revoked, with a case open": (
        lambda connection: revoke_version(connection, "2022-09"),
        OF_A_CASE,
        "POLICY_NOT_ACTIVE",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_the_next_statement_sees_it_and_the_refused_attempt_is_recorded(gateways: Gateways, what: str) -> None:
    change, asked, code = CHANGES[what]
    await gateways.change(change)
    statements = gateways.knowing.driver.statements
    answer = await gateways.ask(asked, "after")
    assert (answer.refusal, answer.data) == (code, None)
    # One statement found its gate closed. It read nobody and wrote nothing: the only row is the refusal.
    assert gateways.knowing.driver.statements == statements + 1
    (row,) = await gateways.world.log("after")
    assert (row.outcome, row.refusal, row.client_id) == (Outcome.REFUSED, code, asked[0])
    assert (row.subjects, row.profiles, row.outcomes, row.coordinates) == ((), (), (), ())


@pytest.mark.parametrize("what", CHANGES)
async def test_what_was_learnt_does_not_come_back(gateways: Gateways, what: str) -> None:
    change, asked, code = CHANGES[what]
    await gateways.change(change)
    for number in range(3):
        assert (await gateways.ask(asked, f"after {number}")).refusal == code
        assert [row.outcome for row in await gateways.world.log(f"after {number}")] == [Outcome.REFUSED]


async def test_a_change_that_was_taken_back_was_none(gateways: Gateways) -> None:
    with pytest.raises(RuntimeError):
        await gateways.change(of_client(revoked_at=LONG_AGO), _gives_up)
    async with heard(gateways.world, gateways.knowing) as said:
        answer = await gateways.ask(OF_RESEARCH, "after")
    assert answer.refusal is None
    assert (said.by_driver, said.by_others) == (1, [])


async def _gives_up(_: Connection) -> None:
    raise RuntimeError("the operator gives up")


async def test_a_renewed_client_is_answered_under_its_new_version(gateways: Gateways) -> None:
    await gateways.change(of_client(contract_reference="C-2"))
    assert (await gateways.ask(OF_RESEARCH, "after")).data is not None
    (row,) = await gateways.world.log("after")
    assert row.client_version == 2
    assert (row.outcome, len(row.subjects)) == (Outcome.ANSWERED, 1)


async def test_a_revoked_client_that_is_readmitted_is_answered_again(gateways: Gateways) -> None:
    await gateways.change(of_client(revoked_at=LONG_AGO))
    assert (await gateways.ask(OF_RESEARCH, "revoked")).refusal == "CLIENT_NOT_VALID"
    await gateways.change(of_client())
    assert (await gateways.ask(OF_RESEARCH, "again")).data is not None


async def test_data_of_a_source_registered_since_is_in_the_next_answer(gateways: Gateways) -> None:
    """What a case may read is worked out with every source there is: a new one makes it worked out anew."""
    world = gateways.world
    async with world.database.operator.begin() as connection:
        source = await ensure_source(connection, SourceKind.LINKED_APP, "NEW_FIT")
    await world.rows("linked_app_record", "aiko", STEPS | {"value": 9000.0}, source=source.source_id)
    answer = await gateways.ask(OF_A_CASE, "after")
    assert answer.data is not None
    (edge,) = answer.data["subjects"]["edges"]
    assert sorted(each["value"] for each in edge["node"]["linkedAppRecords"]) == [8123.0, 9000.0]


async def test_who_in_a_case_says_something_new_is_found_all_the_same(gateways: Gateways) -> None:
    """Their new profile is unknown to what was learnt of the case: the gate is closed, and it is learnt anew."""
    await gateways.world.says("aiko", an_event("WITHDRAWAL", scope={"categories": ["SUPPORT"]}, at=_now()))
    statements = gateways.knowing.driver.statements
    answer = await gateways.ask(OF_A_CASE, "after")
    assert answer.data is not None
    assert len(answer.data["subjects"]["edges"]) == 1
    assert gateways.knowing.driver.statements == statements + 2
    (row,) = await gateways.world.log("after")
    assert (row.outcome, len(row.subjects)) == (Outcome.ANSWERED, 1)


async def test_a_withdrawal_needs_no_generation_to_be_seen(gateways: Gateways) -> None:
    await gateways.world.says("aiko", an_event("WITHDRAWAL", at=_now()))
    async with heard(gateways.world, gateways.knowing) as said:
        answer = await gateways.ask(OF_RESEARCH, "after")
    assert answer.data == {"subjects": {"edges": []}}
    assert (said.by_driver, said.by_others) == (1, [])


@pytest.mark.parametrize("asked", [OF_RESEARCH, OF_A_CASE], ids=["research", "a case"])
async def test_a_closed_gate_reads_and_records_nobody(gateways: Gateways, asked: tuple[str, str]) -> None:
    """The statement as the gateway said it, said once more under a generation that is not the registry's."""
    world, driver = gateways.world, gateways.knowing.driver
    async with heard(world, gateways.knowing) as said:
        await gateways.ask(asked, "open")
    async with world.database.operator.connect() as connection:
        generation = await current_generation(connection)
    ((statement,), (values,)) = said.texts, said.values
    assert list(values).count(generation) == 1
    log = len(await world.log())
    assert await driver.row(statement, [uuid4() if each == generation else each for each in values]) is None
    assert len(await world.log()) == log
    # Under the registry's own generation it would have been written: its row is in the log already.
    with pytest.raises(LogUnavailable):
        await driver.row(statement, values)


@pytest.mark.parametrize("what", ["an activity", "a source", "a client", "a case"])
async def test_every_change_of_the_registry_is_a_new_generation(gateways: Gateways, what: str) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    people, items = frozenset({gateways.world.people["aiko"]}), frozenset({"email"})
    case = Case("order-2", "authority", LEGAL, people, items, "op-1", LONG_AGO, tomorrow)
    changes: dict[str, Change] = {
        "an activity": lambda connection: ensure_activity(
            connection, Activity("SURVEY:new", Label("new", "new"), sensitive=False)
        ),
        "a source": lambda connection: ensure_source(connection, SourceKind.LINKED_APP, "OTHER_FIT"),
        "a client": lambda connection: add_recipient(connection, a_client("newcomer", RecipientType.FIRST_PARTY)),
        "a case": lambda connection: register_case(connection, case),
    }
    async with gateways.world.database.operator.connect() as connection:
        before = await current_generation(connection)
    await gateways.change(changes[what])
    async with gateways.world.database.operator.connect() as connection:
        assert await current_generation(connection) != before
    assert (await gateways.ask(OF_RESEARCH, "after")).data is not None
    assert len(await gateways.world.log("after")) == 1


def _now() -> datetime:
    return datetime.now(UTC)
