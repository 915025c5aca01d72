"""`sekisho explain --operation`, as somebody asks it who wonders what the gateway would do."""

import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typist import Said, Typist

from sekisho.cli.session import desk
from sekisho.cli.sql_layout import laid_out
from sekisho.store.connecting import Connection
from sekisho.store.ledger import rows

pytestmark = pytest.mark.usefixtures("office")

RESEARCH = ("--client", "karado-analytics", "--purpose", "RESEARCH_ACADEMIC")
OPERATION = """query People($id: ID!, $kind: MeasurementKind) {
  people: subjects(first: 3) { edges { node {
    account { email } attributes { sex } measurements(kind: $kind) { value } accessHistory { page accessedAt }
  } } }
  subject(id: $id) { id }
  viewer { clientId }
}"""
VARIABLES = ("--variables", '{"id": "secret-pseudonym", "kind": "PULSE"}')
QUOTED = re.compile(r"""E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"[^"]*\"""", re.DOTALL)

Explain = Callable[..., Said]


@pytest.fixture
def explain(run: Typist, tmp_path: Path) -> Explain:
    def explained(operation: str, *words: str) -> Said:
        file = tmp_path / "operation.graphql"
        file.write_text(operation, "utf-8")
        return run("explain", "--operation", str(file), *words)

    return explained


def facts(said: Said) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(said.out)
    return told


def test_each_root_field_says_which_way_it_goes(explain: Explain) -> None:
    said = explain(OPERATION, *RESEARCH, *VARIABLES)
    assert said.code == 0, said.err
    first, second, third, lens = said.out.splitlines()[:4]
    assert first == "people (subjects): compiled to one statement"
    assert second == "subject: compiled to one statement"
    assert third.startswith("viewer: answered field by field, because it reaches nobody")
    assert lens == "lens: FIRST_PARTY|RESEARCH_ACADEMIC||"


def test_what_is_selected_of_nobody_is_listed_with_its_reason(explain: Explain) -> None:
    said = explain(OPERATION, *RESEARCH, *VARIABLES)
    listed = re.findall(r"(\w+\.\w+) +│ (\w+) +│ (\w+)", said.out)
    told = facts(explain(OPERATION, *RESEARCH, *VARIABLES, "--json"))
    assert listed == [(each["coordinate"], each["reason"], each["recipient_learns"]) for each in told["not_selected"]]
    refused = {"Account.email", "Subject.accessHistory", "AccessRecord.page", "AccessRecord.accessedAt"}
    assert {each["coordinate"] for each in told["not_selected"]} == refused
    assert {(each["reason"], each["recipient_learns"]) for each in told["not_selected"]} == {
        ("NOT_NEEDED", "MINIMISATION")
    }
    for column in ("email", "subject_account", "access_record", "accessed_at"):
        assert column not in QUOTED.sub("", told["sql"])


def test_a_lens_that_shows_all_that_is_asked_leaves_nothing_out(explain: Explain) -> None:
    said = explain("{ subjects { edges { node { attributes { sex } } } } }", *RESEARCH)
    assert "not selected at all: nothing" in said.out


def test_the_statement_is_shown_on_request_and_holds_parameters_instead_of_values(explain: Explain) -> None:
    brief = explain(OPERATION, *RESEARCH, *VARIABLES).out
    assert "add --sql to see the statement" in brief
    assert "disclosure_log" not in brief
    whole = explain(OPERATION, *RESEARCH, *VARIABLES, "--sql").out
    told = facts(explain(OPERATION, *RESEARCH, *VARIABLES, "--json"))
    # What a terminal would obey is shown escaped, as PostgreSQL reads it in such a literal.
    assert whole.endswith(told["sql"].replace("\x01", "\\x01") + "\n")
    assert "\nwritten AS (\n  INSERT INTO disclosure_log" in whole
    assert "secret-pseudonym" not in whole
    assert "PULSE" not in whole
    highest = max(int(number) for number in re.findall(r"\$(\d+)", told["sql"]))
    assert len(told["parameters"]) == highest
    assert {"generation", "log_client_id", "equal_0_0_kind", "id_1"} <= set(told["parameters"])
    assert re.findall(r"│ (\$\d+) +│ (\w+) +│", whole) == [
        (f"${at}", name) for at, name in enumerate(told["parameters"], 1)
    ]


def test_the_statement_shown_is_one_that_the_database_takes(explain: Explain) -> None:
    """The layout changes white space alone: the database prepares it, and counts the same parameters."""
    told = facts(explain(OPERATION, *RESEARCH, *VARIABLES, "--json"))

    async def prepared(connection: Connection) -> int:
        await connection.exec_driver_sql("SELECT 1")
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        return len((await driver.prepare(told["sql"])).get_parameters())

    with desk() as here:
        assert here.transact(prepared) == len(told["parameters"])


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT E'a\\' FROM b, (SELECT c' AS d, 'e''  \\' AS f",
        'SELECT "from  where" AS a, b[1] FROM c WHERE d AND e',
        "SELECT 'WITH (SELECT' AS a",
        "SELECT E'\x01\n  ' AS a",
    ],
)
def test_what_stands_in_quotes_is_left_as_it_is(statement: str) -> None:
    assert QUOTED.findall(laid_out(statement)) == QUOTED.findall(statement)
    assert "".join(laid_out(statement).split()) == "".join(statement.split())


def test_nothing_is_recorded_by_explaining(explain: Explain) -> None:
    explain(OPERATION, *RESEARCH, *VARIABLES, "--sql")
    explain("{ me { id } }", "--client", "karado-analytics")

    async def log(connection: Connection) -> list[Any]:
        return [row async for row in rows(connection)]

    with desk() as here:
        assert here.transact(log) == []


def test_an_operation_may_come_from_standard_input(run: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("{ subjects { edges { cursor } } }"))
    said = run("explain", "--operation", "-", *RESEARCH)
    assert said.out.startswith("subjects: compiled to one statement")


def test_what_reaches_nobody_needs_no_purpose_and_has_no_statement(explain: Explain) -> None:
    told = facts(explain("{ policy { version } }", "--client", "karado-analytics", "--json"))
    assert [(each["key"], each["way"]) for each in told["roots"]] == [("policy", "FIELD_BY_FIELD")]
    assert not {"lens", "sql", "parameters", "not_selected"} & told.keys()


def test_a_gateway_set_to_resolvers_says_so(explain: Explain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_EXECUTION", "resolvers")
    told = facts(explain("{ subjects { edges { cursor } } }", *RESEARCH, "--json"))
    assert told["roots"][0]["because"] == "SEKISHO_EXECUTION is `resolvers`"
    assert "sql" not in told


def test_a_declaration_in_the_operation_counts(explain: Explain) -> None:
    words = ("--client", "research-partner", "--json")
    declared = "@purpose(is: RESEARCH_ACADEMIC, disclosure: PROCESSING_FOR_USE_PURPOSE)"
    told = facts(explain(f"query {declared} {{ subjects {{ edges {{ cursor }} }} }}", *words))
    assert told["lens"] == "JOINT_RESEARCH_PARTNER|RESEARCH_ACADEMIC|PROCESSING_FOR_USE_PURPOSE|"


def test_a_client_that_acts_for_people_needs_one_named(explain: Explain, taro: str) -> None:
    asked = "{ me { account { email } } }"
    said = explain(asked, "--client", "karado-app")
    assert said.code == 2
    assert "TOKEN_INVALID" in said.err
    assert "--login-id" in said.err
    told = facts(explain(asked, "--client", "karado-app", "--login-id", taro, "--json"))
    assert (told["lens"], told["not_selected"]) == ("SELF|||", [])


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("{ subjects {", "the operation does not parse, line 1, column 13"),
        ("{ subjects { edges } }", "the operation is not valid, line 1, column 14"),
        ("{ subjects(first: 0) { edges { cursor } } }", "PAGE_SIZE_INVALID"),
        ("query A { me { id } } query B { me { id } }", "the document has several operations; name one"),
        ("query ($n: Int!) { subjects(first: $n) { edges { cursor } } }", "check `variables` against the operation"),
        ("query @purpose(is: SALES) { me { id } }", "PURPOSE"),
    ],
)
def test_what_the_gateway_would_refuse_is_refused_with_its_words(explain: Explain, operation: str, said: str) -> None:
    found = explain(operation, *RESEARCH)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
    assert "refused" in facts(explain(operation, *RESEARCH, "--json"))


def test_a_refused_declaration_says_what_to_do(explain: Explain) -> None:
    asked = "{ subjects { edges { cursor } } }"
    found = explain(asked, "--client", "karado-analytics")
    assert found.code == 2
    assert "PURPOSE_REQUIRED: declare what the data is for" in found.err
    refused = facts(explain(asked, "--client", "stranger", "--purpose", "RESEARCH_ACADEMIC", "--json"))["refused"]
    assert refused["code"] == "CLIENT_UNKNOWN"


def test_one_of_several_operations_is_named(explain: Explain) -> None:
    both = "query A { a: subjects { edges { cursor } } } query B { b: subjects { edges { cursor } } }"
    assert explain(both, *RESEARCH, "--operation-name", "B").out.startswith("b (subjects): compiled")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "ask about one --field or about one --operation"),
        (("--field", "Attributes.sex", "--operation", "a.graphql"), "ask about one --field or about one --operation"),
        (("--operation", "a.graphql", "--study", "1"), "--study cannot stand beside --operation"),
        (("--field", "Attributes.sex", "--sql"), "--sql cannot stand beside --field"),
        (("--operation", "nowhere.graphql"), "`nowhere.graphql`: no such file"),
        (("--operation", __file__, "--variables", "[1]"), "write a JSON object"),
        (("--operation", __file__, "--variables", "{"), "write a JSON object"),
    ],
)
def test_a_field_and_an_operation_are_asked_about_one_at_a_time(run: Typist, words: tuple[str, ...], said: str) -> None:
    found = run("explain", *RESEARCH, *words)
    assert found.code == 2
    assert said in re.sub(r"[│\s]+", " ", found.err)
