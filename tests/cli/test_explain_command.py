import json
from pathlib import Path
from typing import Any

import pytest
from typist import Typist

from sekisho.decision import GATES

pytestmark = pytest.mark.usefixtures("office")


def told(run: Typist, login_id: str, *words: str) -> dict[str, Any]:
    said = run("explain", "--login-id", login_id, *words, "--json")
    assert said.code == 0, said.err
    explanation: dict[str, Any] = json.loads(said.out)
    return explanation


def test_all_gates_are_told_in_order_also_behind_the_first_refusal(run: Typist, taro: str) -> None:
    words = ("--client", "research-partner", "--field", "Account.email", "--purpose", "RESEARCH_ACADEMIC")
    found = told(run, taro, *words, "--disclosure", "PROCESSING_FOR_USE_PURPOSE")
    assert [each["gate"] for each in found["gates"]] == [name for name, _ in GATES]
    reasons = {each["gate"]: each["reason"] for each in found["gates"] if each["reason"]}
    assert reasons == {"minimisation": "NOT_NEEDED", "acceptance": "NO_ACCEPTANCE"}
    assert (found["verdict"], found["reason"], found["recipient_learns"]) == ("DENY", "NOT_NEEDED", "MINIMISATION")
    assert found["present"] is False


def test_a_release_names_its_ground(run: Typist, taro: str) -> None:
    accepted = run("consent", "accept", "--login-id", taro, "--yes").out
    words = ("--client", "research-partner", "--field", "Attributes.birthDate", "--purpose", "RESEARCH_ACADEMIC")
    found = told(run, taro, *words, "--disclosure", "PROCESSING_FOR_USE_PURPOSE")
    assert (found["verdict"], found["transform"]) == ("PERMIT", "YEAR")
    ground = found["ground"]
    assert (ground["policy_version"], ground["line"], ground["statement"]) == ("2022-09", 48, "D-2")
    assert ground["evidence"] in accepted


def test_a_stored_value_is_also_asked_for_its_source(run: Typist, taro: str) -> None:
    run("consent", "accept", "--login-id", taro, "--yes")
    words = ("--client", "karado-analytics", "--field", "LinkedAppRecord.value", "--purpose", "RESEARCH_ACADEMIC")
    assert told(run, taro, *words)["verdict"] == "PERMIT"
    assert told(run, taro, *words, "--source", "LINKED_APP:GOOGLE_FIT")["reason"] == "NOT_LINKED"


def test_a_request_that_is_refused_is_explained_before_any_field(run: Typist, taro: str) -> None:
    found = told(run, taro, "--client", "research-partner", "--field", "Attributes.sex")
    assert found["refused"]["code"] == "DISCLOSURE_PURPOSE_REQUIRED"
    assert "gates" not in found
    assert told(run, taro, "--client", "stranger", "--field", "Attributes.sex")["refused"]["code"] == "CLIENT_UNKNOWN"


def test_an_unknown_field_is_refused_with_fields_like_it(run: Typist, taro: str) -> None:
    said = run("explain", "--login-id", taro, "--client", "karado-analytics", "--field", "Subject.birthDate")
    assert said.code == 2
    assert "Attributes.birthDate" in said.err


def test_in_words_it_says_what_the_recipient_learns(run: Typist, taro: str) -> None:
    words = ("--client", "karado-analytics", "--field", "Attributes.sex", "--purpose", "RESEARCH_ACADEMIC")
    said = run("explain", "--login-id", taro, *words)
    assert "decision: withheld, NO_ACCEPTANCE" in said.out
    assert "the recipient learns: nothing, not even that the person exists" in said.out


def test_an_empty_log_has_no_lines(run: Typist, office: Path) -> None:
    assert run("log", "show", "--jsonl").out == ""
    assert run("log", "show").code == 0
