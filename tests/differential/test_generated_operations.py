"""What the generated operations reach: without it, agreement would say little."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from callers import PASSERS_BY, USUAL
from engines import oracle
from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    parse,
    validate,
    visit,
)
from graphql.language import Visitor
from input_values import TURNS
from operations import CORE, GOVERNED, Question, questions
from spelling_graphql import CURSOR
from test_both_ways_agree import BATCHES, OPERATIONS_IN_A_BATCH
from town import PEOPLE

from databases import Database
from graph.village import VILLAGE_CLIENTS
from sekisho.graph.exchange import Stage
from sekisho.graph.filters import ASKABLE
from sekisho.vocabulary import ReportMode

SEEDS = range(BATCHES * OPERATIONS_IN_A_BATCH)
PARSED = SEEDS[:400]
ANSWERED_AT_LEAST = 0.6
RELEASING_AT_LEAST = 0.25
ASKED_SEEDS, TURNS_ASKED, FIRST_NUMBER = range(5_000, 5_070), 3, 1 << 60


@cache
def generated() -> list[Question]:
    return [each for seed in SEEDS for each in questions(seed)]


@cache
def documents() -> list[Node]:
    return [document for seed in PARSED if (document := parsed(questions(seed)[0].text))]


@cache
def texts() -> str:
    """All operations and all variables, one after the other."""
    return "\n".join(each.text + json.dumps(each.variables) for each in generated())


def parsed(text: str) -> Node | None:
    try:
        return parse(text)
    except GraphQLError:
        return None


@cache
def coordinates() -> Counter[str]:
    """How often each field of the schema is asked for."""
    found: Counter[str] = Counter()
    types = TypeInfo(CORE)

    class Count(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = types.get_parent_type()
            if parent is not None:
                found[f"{parent.name}.{node.name.value}"] += 1

    for document in documents():
        visit(document, TypeInfoVisitor(types, Count()))
    return found


def nodes() -> Iterator[Node]:
    """Every node of every document."""
    found: list[Node] = []

    class Collect(Visitor):
        def enter(self, node: Node, *_: object) -> None:
            found.append(node)

    for document in documents():
        visit(document, Collect())
    yield from found


def test_a_seed_always_gives_the_same_questions() -> None:
    assert questions(17) == questions(17)
    assert len({each.text for each in generated()}) > 0.9 * len(SEEDS)


def test_every_operation_is_asked_by_somebody_else_or_otherwise() -> None:
    for seed in range(20):
        asked = questions(seed)
        assert len(asked) <= TURNS
        assert len({repr(each) for each in asked}) == len(asked)
        assert len({each.text for each in asked}) == 1


def test_every_governed_field_of_the_schema_is_asked_for() -> None:
    assert not set(GOVERNED) - set(coordinates())


def test_every_root_field_is_asked_for() -> None:
    assert CORE.query_type is not None
    assert not {f"Query.{name}" for name in CORE.query_type.fields} - set(coordinates())


def test_every_argument_is_given_as_a_literal_and_as_a_variable() -> None:
    text = texts()
    arguments = {name for kind in ("Query", "Subject") for field in _fields(kind) for name in field.args}
    for name in arguments:
        assert re.search(rf"\b{name}: [^$\s]", text), f"`{name}` is never a literal"
        assert re.search(rf"\b{name}: \$", text), f"`{name}` is never a variable"


def _fields(kind: str) -> list[object]:
    return list(CORE.type_map[kind].fields.values())


def test_every_operator_on_every_item_that_may_be_asked_is_used() -> None:
    text = texts().replace('"', "")
    for name, field in CORE.type_map["SubjectWhere"].fields.items():
        assert re.search(rf"\b{name}:", text), name
        for operator in getattr(field.type, "fields", {}) if name in map(_camel, ASKABLE) else ():
            assert re.search(rf"\b{name}: {{[^{{}}]*\b{operator}:", text), f"{name}.{operator}"
    for name in CORE.type_map["SubjectOrderField"].values:
        assert re.search(rf"\bfield: {name}\b", text), name


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(each.title() for each in rest)


@pytest.mark.parametrize("kind", [FragmentSpreadNode, InlineFragmentNode, VariableDefinitionNode, DirectiveNode])
def test_every_shape_of_a_selection_occurs(kind: type[Node]) -> None:
    assert sum(isinstance(each, kind) for each in nodes()) > len(PARSED) / 10


def test_a_response_key_is_merged_from_several_places() -> None:
    """The same key twice in one selection, with further selections below."""
    merged = 0
    for each in nodes():
        selections = getattr(each, "selections", ())
        keys = Counter((field.alias or field.name).value for field in selections if isinstance(field, FieldNode))
        merged += any(count > 1 for count in keys.values())
    assert merged > len(PARSED) / 10


@pytest.mark.parametrize("mode", list(ReportMode))
def test_every_report_mode_is_used(mode: ReportMode) -> None:
    assert sum(each.report is mode for each in generated()) > len(SEEDS) / 10


def test_every_caller_asks() -> None:
    assert {each.client for each in generated()} == {*USUAL, *PASSERS_BY} == {*VILLAGE_CLIENTS, "nobody"}


def test_every_person_speaks_for_themself_and_is_asked_for_by_others() -> None:
    own = {each.person for each in generated()}
    assert {*PEOPLE, None} == own
    named = {
        name
        for each in generated()
        for pseudonym, name in each.known_as.items()
        if pseudonym in each.text or pseudonym in str(each.variables)
    }
    assert named == set(PEOPLE)


def test_cursors_come_from_earlier_pages() -> None:
    going_on = [each for each in generated() if each.earlier is not None]
    assert len(going_on) > len(SEEDS) / 20
    assert any(CURSOR in each.text for each in going_on)
    assert any(CURSOR in (each.variables or {}).values() for each in going_on)


def test_two_operations_stand_in_one_document() -> None:
    several = [
        each for each in documents() if sum(isinstance(part, OperationDefinitionNode) for part in each.definitions) > 1
    ]
    assert len(several) > len(PARSED) / 50


def test_most_documents_are_valid() -> None:
    invalid = [each for each in documents() if validate(CORE, each)]
    assert len(invalid) < 0.08 * len(PARSED), [str(validate(CORE, each)[0]) for each in invalid]


async def test_most_questions_are_answered_with_data(town_copies: tuple[Database, Database]) -> None:
    way, replies = oracle(town_copies[0]), []
    asked = [each for seed in ASKED_SEEDS for each in questions(seed)[:TURNS_ASKED]]
    for number, question in enumerate(asked, FIRST_NUMBER):
        replies.append(await way.ask(question, number, "answered"))
    released = await way.rows("answered")
    answered = sum(not isinstance(reply, str) and reply.code == Stage.EXECUTED for reply in replies)
    letters = {number: "".join("".join(row.outcomes) for row in rows) for number, rows in released.items()}
    assert answered >= ANSWERED_AT_LEAST * len(asked)
    assert sum("v" in each for each in letters.values()) >= RELEASING_AT_LEAST * len(asked)
    assert min(Counter("".join(letters.values()))[letter] for letter in "vew-") > len(asked) / 10
