"""Statements that say which item something is, seen from the schema and the record."""

from databases import Database
from graph.world import LONG_AGO, SCHEMA, World
from sekisho.graph.schema import governed_fields
from sekisho.policy.load import shipped_policy
from sekisho.vocabulary import DataCategory, Outcome

CASE = {"case_number": "K-1", "channel": "app", "topic": "体重計", "status": "OPEN", "opened_at": LONG_AGO}
CASES = "{ subjects(first: 5) { edges { node { supportCases(last: 1) { topic } } } } }"


def test_c6_what_a_customer_gives_on_contacting_support_is_support_information() -> None:
    support = {name: field for name, field in governed_fields(SCHEMA._schema).items() if "upport" in name}
    assert {field.category for field in support.values()} == {DataCategory.SUPPORT}
    assert {field.item for field in support.values()} == {"supportCase"}
    assert shipped_policy().item("supportCase").line == 25


async def test_k2_what_people_ask_and_tell_is_read_to_answer_them(database: Database) -> None:
    world = await World.founded(database)
    await world.person("aiko")
    await world.rows("support_case", "aiko", CASE)
    answered = await world.ask("analytics", CASES, purpose="INQUIRY_RESPONSE")
    research = await world.ask("analytics", CASES, purpose="RESEARCH_ACADEMIC")
    assert answered.data == {"subjects": {"edges": [{"node": {"supportCases": [{"topic": "体重計"}]}}]}}
    assert research.data == {"subjects": {"edges": [{"node": {"supportCases": None}}]}}


async def test_p7_the_record_carries_the_purpose_as_declared(database: Database) -> None:
    world = await World.founded(database)
    await world.person("aiko")
    await world.ask("analytics", CASES, purpose="PAPER_PUBLICATION")
    assert [row.purpose for row in await world.log()] == ["PAPER_PUBLICATION"]


async def test_a_refusal_is_recorded_with_what_was_said(database: Database) -> None:
    world = await World.founded(database)
    await world.ask("authority", CASES, disclosure="LEGAL_COMPLIANCE", reference=("order 99",))
    await world.ask("university", CASES, purpose="SALES" * 60, disclosure="PROCESSING_FOR_USE_PURPOSE")
    first, second = await world.log()
    assert (first.outcome, first.refusal) == (Outcome.REFUSED, "REFERENCE_NOT_OPEN")
    assert (first.disclosure, first.reference) == ("LEGAL_COMPLIANCE", "order 99")
    assert second.refusal == "PURPOSE_UNKNOWN"
    assert len(second.purpose) == 128


async def test_a_variable_that_does_not_fit_is_not_repeated(database: Database) -> None:
    world = await World.founded(database)
    query = "query Q($n: Int) { subjects(first: $n) { edges { node { id } } } }"
    answer = await world.ask("analytics", query, purpose="RESEARCH_ACADEMIC", variables={"n": "花子の秘密"})
    assert answer.data is None
    assert answer.errors
    assert "花子の秘密" not in str(answer.errors)
