"""How many statements a compiled operation takes: one, whatever the schema governs and however it is asked for."""

from typing import Any

import pytest

from databases import Database
from graph.asked_of_schema import GOVERNED, list_arguments, of_coordinate, of_root, page_arguments, whole
from graph.hearing import Heard, heard
from graph.world import World
from sekisho.graph.compiled.engine import CompiledEngine
from sekisho.graph.exchange import GraphAnswer, Stage
from sekisho.policy.lens import Lens
from sekisho.vocabulary import ReportMode

ROOTS = ("me", "subject", "node", "subjects")
FIRST_PARTY = Lens.parse("FIRST_PARTY|RESEARCH_ACADEMIC||")
JOINT = Lens.parse("JOINT_RESEARCH_PARTNER|RESEARCH_ACADEMIC|PROCESSING_FOR_USE_PURPOSE|")
ASKERS = {"app": Lens.parse("SELF|||"), "analytics": FIRST_PARTY, "university": JOINT}
TWELVE = " ".join(f"r{each}: subjects(first: {each + 1}) {{ edges {{ cursor node {{ id }} }} }}" for each in range(12))
MIXED = """
  p: subjects(first: 4, where: {sex: {isNull: false}}, orderBy: {field: AGE}) { edges { cursor node {
    id attributes { birthDate age sex } account { email } measurements(last: 5) { value kind takenAt }
    old: measurements(first: 2, kind: PULSE) { value } surveyAnswers { question answer } linkedAppRecords { service }
  } } pageInfo { hasNextPage endCursor } }
  one: subject(id: $id) { id measurements(since: "2026-03-01T00:00:00Z") { value } }
  nobody: subject(id: "nobody") { id }
  node(id: $id) { __typename id ... on Subject { attributes { sex } } }
"""


async def asked(
    world: World, body: str, client: str, report: ReportMode, engine: CompiledEngine
) -> tuple[GraphAnswer, Heard]:
    """The answer, and what was said to the database for it."""
    lens = ASKERS[client]
    values: dict[str, Any] = {"id": world.pseudonym("aiko", client, lens), "cursor": None}
    text, names = body, [name for name in values if f"${name}" in body]
    if "$cursor" in body:
        begun = await world.ask(
            client,
            "{ subjects(first: 1) { pageInfo { endCursor } } }",
            purpose=lens.purpose,
            disclosure=lens.disclosure,
            as_person="aiko" if client == "app" else None,
            engine=engine,
        )
        assert begun.data is not None
        values["cursor"] = begun.data["subjects"]["pageInfo"]["endCursor"]
    declared = ", ".join({"id": "$id: ID!", "cursor": "$cursor: String"}[name] for name in names)
    text = f"query Asked({declared}) {{ {body} }}" if names else f"{{ {body} }}"
    async with heard(world, engine) as said:
        answer = await world.ask(
            client,
            text,
            purpose=lens.purpose,
            disclosure=lens.disclosure,
            variables={name: values[name] for name in names},
            report=report,
            as_person="aiko" if client == "app" else None,
            engine=engine,
        )
    return answer, said


@pytest.mark.parametrize("client", ASKERS)
@pytest.mark.parametrize("body", [TWELVE, MIXED], ids=["twelve roots", "mixed"])
async def test_nothing_but_one_statement_is_said_for_somebody_known(
    settled: World, one_statement: CompiledEngine, body: str, client: str
) -> None:
    await asked(settled, body, client, ReportMode.EXTENSIONS, one_statement)
    answer, said = await asked(settled, body, client, ReportMode.EXTENSIONS, one_statement)
    assert answer.stage is Stage.EXECUTED
    assert (said.by_driver, len(said.texts), said.by_others) == (1, 1, [])


async def test_each_root_field_is_a_row_of_the_log_by_the_same_statement(database: Database) -> None:
    world = await World.founded(database, "analytics")
    for request in ("request-1", "request-2"):
        before = world.engine.driver.statements
        await world.ask("analytics", f"{{ {TWELVE} }}", purpose="RESEARCH_ACADEMIC", request_id=request)
        assert world.engine.driver.statements == before + 1
        assert sorted(row.root for row in await world.log(request)) == sorted(f"r{each}" for each in range(12))


@pytest.mark.parametrize("coordinate", GOVERNED)
async def test_no_governed_field_falls_back(settled: World, one_statement: CompiledEngine, coordinate: str) -> None:
    report = list(ReportMode)[list(GOVERNED).index(coordinate) % len(ReportMode)]
    for client in ("app", "analytics"):
        answer, said = await asked(
            settled, of_root("subjects", of_coordinate(coordinate)), client, report, one_statement
        )
        assert answer.stage is Stage.EXECUTED or report is ReportMode.REJECT, answer.errors
        assert said.one_statement


@pytest.mark.parametrize("report", ReportMode)
@pytest.mark.parametrize("client", ASKERS)
async def test_no_root_and_no_report_mode_falls_back(
    settled: World, one_statement: CompiledEngine, client: str, report: ReportMode
) -> None:
    for root in ROOTS:
        body = of_root(root, whole())
        answer, said = await asked(settled, body, client, report, one_statement)
        assert said.one_statement, root
        assert answer.stage is Stage.EXECUTED or answer.refusal == "FIELDS_WITHHELD", answer.errors


async def test_no_argument_of_a_list_falls_back(settled: World, one_statement: CompiledEngine) -> None:
    """The person sees everything of theirs: nothing is refused, so everything is in the statement."""
    for some in parts(dict.fromkeys(each for _, each in list_arguments())):
        body = of_root("subjects", " ".join(f"l{at}: {each}" for at, each in enumerate(some)))
        answer, said = await asked(settled, body, "app", ReportMode.EXTENSIONS, one_statement)
        assert answer.stage is Stage.EXECUTED, (answer.errors, some)
        assert said.one_statement, some


@pytest.mark.parametrize("client", ["app", "analytics"])
async def test_no_argument_of_a_page_falls_back(settled: World, one_statement: CompiledEngine, client: str) -> None:
    for some in parts(dict.fromkeys(page_arguments())):
        body = " ".join(f"r{at}: {of_root('subjects', 'id', each)}" for at, each in enumerate(some))
        answer, said = await asked(settled, body, client, ReportMode.EXTENSIONS, one_statement)
        assert answer.stage is Stage.EXECUTED, (answer.errors, some)
        assert said.one_statement, some


async def test_root_fields_that_reach_nobody_cost_no_statement_beside_those_that_do(
    settled: World, one_statement: CompiledEngine
) -> None:
    body = "viewer { clientId } policy { version } subjects { edges { cursor } } __typename"
    for _ in range(2):
        answer, said = await asked(settled, body, "analytics", ReportMode.EXTENSIONS, one_statement)
    assert answer.data is not None
    assert list(answer.data) == ["viewer", "policy", "subjects", "__typename"]
    assert (said.by_driver, said.by_others) == (1, [])


@pytest.mark.parametrize("body", ["me @skip(if: true) { id } viewer { clientId }", "me @include(if: false) { id }"])
async def test_an_operation_of_which_nothing_governed_is_left_is_answered_and_records_nothing(
    settled: World, one_statement: CompiledEngine, body: str
) -> None:
    before = len(await settled.log())
    answer, said = await asked(settled, body, "analytics", ReportMode.EXTENSIONS, one_statement)
    assert answer.stage is Stage.EXECUTED
    assert "me" not in (answer.data or {})
    assert said.by_driver == 0
    assert len(await settled.log()) == before


def parts(whole_of_it: dict[str, None], size: int = 12) -> list[list[str]]:
    every = list(whole_of_it)
    return [every[start : start + size] for start in range(0, len(every), size)]
