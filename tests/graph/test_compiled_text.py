"""What stands in a compiled statement's text, and what must not: refused columns, and anything a request brings."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy.sql.visitors import iterate

from graph.asked_of_schema import GOVERNED, of_root, whole
from graph.world import World
from sekisho.decision import shown_as, static_refusal
from sekisho.graph.compiled.engine import CompiledEngine, Foreseen
from sekisho.graph.compiled.plan import Plan
from sekisho.graph.exchange import Caller, DeclaredHeaders, GraphRequest
from sekisho.graph.governed import Governed, GovernedList
from sekisho.graph.operation import Circumstances
from sekisho.policy.lens import Lens
from sekisho.vocabulary import ReportMode

LENSES = {
    "app": ("SELF|||",),
    "analytics": tuple(
        f"FIRST_PARTY|{purpose}||"
        for purpose in (
            "SERVICE_PROVISION",
            "RESEARCH_ACADEMIC",
            "PRODUCT_SERVICE_GUIDANCE",
            "PRIZE_SHIPPING",
            "INQUIRY_RESPONSE",
            "MARKETING",
        )
    ),
    "university": ("JOINT_RESEARCH_PARTNER|RESEARCH_ACADEMIC|PROCESSING_FOR_USE_PURPOSE|",),
    "contractor": ("OPERATIONS_CONTRACTOR||CONTRACT_POLICY_ENFORCEMENT|",),
    "sign-in": ("EXTERNAL_AUTH_SERVICE||EXTERNAL_LINKAGE_AUTHENTICATION|",),
}
ALWAYS_READ = {"subject_id", "row_id", "source_id", "activity_key"}
JOINED_BY_EVERY_PAGE = {"subject_attribute"}
"""For filters; PostgreSQL leaves the join out where nothing of it is read (`test_query_plans`)."""

_QUOTED = re.compile(r"E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'", re.DOTALL)
_NUMBER = r"(?<![\w$.]){}(?![\w.])"


async def foreseen(
    world: World, engine: CompiledEngine, client: str, lens: Lens, text: str, **told: Any
) -> tuple[Foreseen, Plan]:
    person = world.people["aiko"] if client == "app" else None
    headers = DeclaredHeaders(*(((each,) if each else ()) for each in (lens.purpose, lens.disclosure)))
    found = await engine.foreseen(GraphRequest(text, Caller(client, person), headers=headers, **told))
    assert found.plan is not None
    return found, found.plan


def columns(declared: Governed, here: Circumstances) -> set[str]:
    """The columns of what a lens shows of a value; of every transform where it shows none."""
    shown = declared.value.shown
    transform = shown_as(here.rules, here.question(declared.item))
    expressions = shown.values() if transform is None else (shown[transform],)
    found = (part for each in expressions for part in iterate(each))
    return {f"{part.table.name}.{part.name}" for part in found if getattr(part, "table", None) is declared.value.table}


def divided(here: Circumstances) -> tuple[set[str], set[str]]:
    """The columns that the lens may read of somebody, and those it may read of nobody."""

    def refused(declared: Governed | GovernedList) -> bool:
        return static_refusal(here.rules, here.question(declared.item)) is not None

    lists = {each.element.__name__: each for each in GOVERNED.values() if isinstance(each, GovernedList)}
    allowed, forbidden = set(), set()
    for coordinate, declared in GOVERNED.items():
        listed = lists.get(coordinate.split(".")[0])
        if isinstance(declared, GovernedList):
            if not refused(declared):  # rows come in the order of their time, whether or not it is shown
                allowed |= {f"{declared.rows.table.name}.{declared.rows.time.name}"}
        elif refused(declared) or (listed is not None and refused(listed)):
            forbidden |= columns(declared, here)
        else:
            allowed |= columns(declared, here)
    return allowed, {each for each in forbidden - allowed if each.split(".")[1] not in ALWAYS_READ}


@pytest.mark.parametrize(("client", "key"), [(client, key) for client, keys in LENSES.items() for key in keys])
async def test_what_the_lens_shows_of_nobody_is_not_in_the_text(
    settled: World, one_statement: CompiledEngine, client: str, key: str
) -> None:
    body = of_root("subjects", whole()) + " other: " + of_root("subject", whole()).replace("$id", '"x"')
    found, made = await foreseen(settled, one_statement, client, Lens.parse(key), f"{{ {body} }}")
    assert found.admitted is not None
    allowed, forbidden = divided(found.admitted.circumstances)
    code = _QUOTED.sub("''", made.statement.text)
    for each in forbidden:
        assert not re.search(rf"\b{re.escape(each)}\b", code), each
    tables = {each.split(".")[0] for each in forbidden} - {each.split(".")[0] for each in allowed}
    for table in tables - JOINED_BY_EVERY_PAGE:
        assert not re.search(rf"\b{table}\b", code), table
    for each in allowed:
        assert re.search(rf"\b{re.escape(each)}\b", code), f"{each} is shown, but not read"


ASKED = """query ($id: ID!, $after: String, $born: String, $kind: MeasurementKind, $since: DateTime, $height: Float) {
  p: subjects(first: 17, after: $after, where: {
    birthDate: {gte: $born}, age: {in: [1041, 1042]}, sex: {eq: FEMALE}, heightCm: {lt: $height},
    weightKg: {gt: 51.0625}
  }) { edges { cursor node { id
    newest: measurements(last: 13, kind: $kind, since: $since, until: "2031-07-09T01:02:03Z") { value }
  } } pageInfo { endCursor } }
  subject(id: $id) { id }
  node(id: "literal-id") { id }
}"""
VALUES = {
    "id": "AAAAAAAAAAAAAAAAAAAAAA",
    "born": "1904",
    "kind": "BODY_TEMPERATURE",
    "since": "2029-05-06T07:08:09Z",
    "height": 181.0625,
}
OTHERS = {
    "id": "BBBBBBBBBBBBBBBBBBBBBB",
    "born": "1911-02",
    "kind": "STEPS",
    "since": "2001-01-01T00:00:00Z",
    "height": 1.5,
}
RESEARCH = Lens.parse("FIRST_PARTY|RESEARCH_ACADEMIC||")


async def test_nothing_that_a_request_brings_is_in_the_text_but_sizes(
    settled: World, one_statement: CompiledEngine
) -> None:
    _, made = await foreseen(settled, one_statement, "analytics", RESEARCH, ASKED, variables=VALUES)
    text = made.statement.text
    for brought in ("AAAA", "literal-id", "1904", "BODY_TEMPERATURE", "FEMALE", "2029", "2031", "07:08", "analytics"):
        assert brought not in text, brought
    for number in ("1041", "1042", "181.0625", "51.0625", "181", "51"):
        assert not re.search(_NUMBER.format(re.escape(number)), text), number
    assert "LIMIT 18" in text  # one more than asked, to know whether there is more
    assert "LIMIT 13" in text
    assert "LIMIT 2000" in text  # how far a page scans
    values = {"equal_0_0_kind", "since_0_0", "until_0_0", "id_1", "id_2", *(f"operand_0_{each}" for each in range(5))}
    assert values <= set(made.statement.parameters)


async def test_nothing_of_who_asks_is_in_the_text(settled: World, one_statement: CompiledEngine) -> None:
    """Neither the caller's nor the person's identity, nor the purpose, nor the operation's name or time."""
    text = "query Telltale { me { attributes { birthDate } } }"
    _, made = await foreseen(settled, one_statement, "app", Lens.parse("SELF|||"), text, request_id="request-77")
    code = made.statement.text
    for brought in ("Telltale", "request-77", str(settled.people["aiko"]), settled.people["aiko"].hex, "app'", "SELF"):
        assert brought not in code, brought
    assert not re.search(r"20\d\d-\d\d-\d\d", code)
    assert "2022-09" not in code
    names = set(made.statement.parameters)
    assert {"generation", "log_client_id", "log_policy_version", "log_operation_sha256", "id_0", "only"} <= names


@pytest.mark.parametrize(
    "changed",
    [{name: value} for name, value in OTHERS.items()] + [OTHERS],
    ids=[*OTHERS, "all"],
)
async def test_askings_that_differ_in_values_alone_share_a_plan(
    settled: World, one_statement: CompiledEngine, changed: Mapping[str, Any]
) -> None:
    _, one = await foreseen(settled, one_statement, "analytics", RESEARCH, ASKED, variables=VALUES)
    _, other = await foreseen(settled, one_statement, "analytics", RESEARCH, ASKED, variables={**VALUES, **changed})
    assert one is other


async def test_two_people_share_a_plan_and_two_clients_with_one_lens_do_too(
    settled: World, one_statement: CompiledEngine
) -> None:
    text = "{ me { attributes { sex } } subjects { edges { cursor } } }"
    plans = []
    for client, person in (("app", "aiko"), ("app", "ben"), ("analytics", None), ("research-only", None)):
        headers = DeclaredHeaders(() if person else ("RESEARCH_ACADEMIC",))
        caller = Caller(client, settled.people[person] if person else None)
        plans.append((await one_statement.foreseen(GraphRequest(text, caller, headers=headers))).plan)
    assert plans[0] is plans[1]
    assert plans[2] is plans[3]
    assert plans[0] is not plans[2]


async def test_the_place_on_a_page_is_a_value(settled: World, one_statement: CompiledEngine) -> None:
    page = "query ($after: String) { subjects(first: 1, after: $after) { edges { cursor } pageInfo { endCursor } } }"
    first = await settled.ask("analytics", page, purpose="RESEARCH_ACADEMIC", engine=one_statement)
    assert first.data is not None
    cursor = first.data["subjects"]["pageInfo"]["endCursor"]
    second = await settled.ask(
        "analytics", page, purpose="RESEARCH_ACADEMIC", variables={"after": cursor}, engine=one_statement
    )
    assert second.data is not None
    further = second.data["subjects"]["pageInfo"]["endCursor"]
    assert further != cursor
    plans = [
        (await foreseen(settled, one_statement, "analytics", RESEARCH, page, variables={"after": each}))[1]
        for each in (cursor, further)
    ]
    assert plans[0] is plans[1]
    assert "after_0" in plans[0].statement.parameters
    for each in settled.people.values():
        assert str(each) not in plans[0].statement.text


@pytest.mark.parametrize(
    "change",
    [
        ("first: 17", "first: 18"),
        ("last: 13", "first: 13"),
        ("lt: $height", "lte: $height"),
        ("eq: FEMALE", "isNull: true"),
    ],
)
async def test_what_changes_the_plan_is_not_shared(
    settled: World, one_statement: CompiledEngine, change: tuple[str, str]
) -> None:
    _, one = await foreseen(settled, one_statement, "analytics", RESEARCH, ASKED, variables=VALUES)
    _, other = await foreseen(settled, one_statement, "analytics", RESEARCH, ASKED.replace(*change), variables=VALUES)
    assert one.statement.text != other.statement.text


async def test_a_size_that_is_a_variable_makes_a_plan_for_each_size(
    settled: World, one_statement: CompiledEngine
) -> None:
    text = "query ($first: Int) { subjects(first: $first) { edges { cursor } } }"
    plans = [
        (await foreseen(settled, one_statement, "analytics", RESEARCH, text, variables={"first": each}))[1]
        for each in (5, 6, 5)
    ]
    assert plans[0] is plans[2]
    assert plans[0] is not plans[1]
    assert "LIMIT 5" in plans[0].statement.text


async def test_rejecting_is_a_plan_of_its_own_and_the_other_modes_share_one(
    settled: World, one_statement: CompiledEngine
) -> None:
    plans = {
        report: (await foreseen(settled, one_statement, "analytics", RESEARCH, ASKED, variables=VALUES, report=report))[
            1
        ]
        for report in ReportMode
    }
    assert plans[ReportMode.EXTENSIONS] is plans[ReportMode.ERRORS] is plans[ReportMode.SILENT]
    assert plans[ReportMode.REJECT] is not plans[ReportMode.SILENT]
