"""A governed operation is one statement: whoever asks, however many people, lists and root fields it reaches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest
from engines import other_way
from operations import questions
from sqlalchemy import event
from ways import Way

from databases import Database
from graph.village import village
from graph.world import World
from sekisho.graph.exchange import Caller, DeclaredHeaders, GraphRequest, Stage
from sekisho.store.recipients import add_recipient

RESEARCH = DeclaredHeaders(("RESEARCH_ACADEMIC",))
COMPILED_AT_LEAST = 0.97
SEEDS = range(15)
_NUMBERS = count(1)  # the log keeps every row, so nobody asks under a number of somebody else's

ONE = "{ subjects(first: 1) { edges { node { attributes { sex } } } } }"
EVERYBODY = """{
  subjects(first: 4, where: {sex: {isNull: false}}, orderBy: {field: AGE}) { edges { cursor node {
    id attributes { birthDate age sex heightCm } measurements { value kind } old: measurements(first: 2) { takenAt }
    surveyAnswers { question answer } monitorTrials { note } linkedAppRecords { service value }
  } } pageInfo { hasNextPage endCursor } }
}"""
THREE_ROOTS = """{ a: subjects { edges { node { id } } } b: subjects(first: 2) { pageInfo { endCursor } }
  subject(id: "AAAAAAAAAAAAAAAAAAAAAA") { id } viewer { clientId } __typename }"""


class Said:
    """Every statement on its way to the database: of the driver, and of everybody else."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.by_driver: list[str] = []
        self.by_others: list[str] = []

    @asynccontextmanager
    async def heard(self) -> AsyncIterator["Said"]:
        driver, engine = self.way.engine.driver, self.way.database.gateway.sync_engine
        event.listen(engine, "before_cursor_execute", self._other)
        connections = list(driver._idle)
        for each in connections:
            each.add_query_logger(self._own)
        try:
            yield self
            await asyncio.sleep(0)  # the driver tells its listeners in the loop's next turn
        finally:
            event.remove(engine, "before_cursor_execute", self._other)
            for each in connections:
                each.remove_query_logger(self._own)

    def _own(self, query: Any) -> None:
        self.by_driver.append(query.query)

    def _other(self, _: Any, __: Any, statement: str, *___: Any) -> None:
        self.by_others.append(statement)


@pytest.fixture
def way(town_copies: tuple[Database, Database]) -> Way:
    """The compiled way, with connections of its own that nobody else is asking through."""
    fresh = other_way(town_copies[1])
    fresh.minted.begin(next(_NUMBERS) << 50)
    return fresh


def asked(text: str, **changes: Any) -> GraphRequest:
    return GraphRequest(text, Caller("analytics", None, "token"), headers=RESEARCH, **changes)


@pytest.mark.parametrize("text", [ONE, EVERYBODY, THREE_ROOTS])
async def test_a_governed_operation_is_one_statement(text: str, way: Way) -> None:
    await way.engine.answer(asked(text))
    async with Said(way).heard() as said:
        answer = await way.engine.answer(asked(text))
    assert answer.stage is Stage.EXECUTED
    assert len(said.by_driver) == 1
    assert "disclosure_log" in said.by_driver[0]
    assert said.by_others == []
    assert way.engine.driver.statements == 2


async def test_what_is_asked_for_the_first_time_is_one_statement_once_the_caller_is_known(way: Way) -> None:
    await way.engine.answer(asked(ONE))
    async with Said(way).heard() as said:
        await way.engine.answer(asked(ONE.replace("sex", "heightCm")))
    assert len(said.by_driver) == 1


@pytest.mark.parametrize(
    ("text", "report"),
    [("{ viewer { clientId } }", "EXECUTED"), ("{ subjects(first: 0) { edges { cursor } } }", "REFUSED")],
)
async def test_what_reaches_nobody_or_is_refused_is_not_the_compiled_ways(text: str, report: str, way: Way) -> None:
    answer = await way.engine.answer(asked(text))
    assert answer.stage == report
    assert way.engine.driver.statements == 0


async def test_the_number_of_statements_does_not_grow_with_the_people(way: Way) -> None:
    counts = []
    for first in (1, 4):
        await way.engine.answer(asked(EVERYBODY.replace("first: 4", f"first: {first}")))
        async with Said(way).heard() as said:
            await way.engine.answer(asked(EVERYBODY.replace("first: 4", f"first: {first}")))
        counts.append((len(said.by_driver), len(said.by_others)))
    assert counts == [(1, 0), (1, 0)]


async def test_a_change_of_the_registry_costs_one_statement_more_and_once(database: Database) -> None:
    world = await village(database)
    way = other_way(database)
    await way.engine.answer(asked(ONE))
    await _renewed(world)
    async with Said(way).heard() as said:
        await way.engine.answer(asked(ONE))
    assert len(said.by_driver) == 2
    async with Said(way).heard() as said:
        await way.engine.answer(asked(ONE))
    assert len(said.by_driver) == 1


async def _renewed(world: World) -> None:
    async with world.database.operator.begin() as connection:
        await add_recipient(connection, world.clients["analytics"])


async def test_nearly_every_answer_about_people_is_one_statement_and_nothing_else(way: Way) -> None:
    """Generated operations, each asked twice: the second time nothing is left to learn."""
    driver, number, one, other = way.engine.driver, next(_NUMBERS) << 50, 0, []
    for question in (each for seed in SEEDS for each in questions(seed)):
        number += 2
        if "@purpose" not in question.text and question.headers == DeclaredHeaders() and question.client != "app":
            continue
        reply = await way.ask(question, number, "counted")
        if isinstance(reply, str) or reply.code != Stage.EXECUTED:
            continue
        before = driver.statements
        async with Said(way).heard() as said:
            await way.ask(question, number + 1, "counted")
        assert driver.statements - before == len(said.by_driver) <= 1
        if said.by_driver:
            assert said.by_others == []
            one += 1
        elif any("disclosure_log" in each for each in said.by_others):
            other.append(question.text)
    assert one >= COMPILED_AT_LEAST * (one + len(other)), other
