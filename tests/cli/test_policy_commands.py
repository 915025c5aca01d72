import json
from importlib.resources import files
from pathlib import Path

import pytest
from typist import Typist

from sekisho.policy.coverage import coverage, statement_ids

DOCUMENT = (files("sekisho.policy") / "karado-2022-09.yaml").read_text("utf-8")


def test_a_sound_document_is_told_so(run: Typist, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(DOCUMENT, "utf-8")
    said = run("policy", "check", str(tmp_path / "policy.yaml"))
    assert said.code == 0
    assert "version 2022-09 holds together" in said.out


def test_every_mistake_is_named_with_its_line(run: Typist, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(DOCUMENT.replace("id: birthDate", "id: birthDate\n    colour: red", 1), "utf-8")
    said = run("policy", "check", str(file))
    assert said.code == 1
    assert f"{file}:" in said.err
    assert "problem(s); correct them and check again" in said.err


def test_a_file_that_is_not_there_is_a_refusal(run: Typist, tmp_path: Path) -> None:
    said = run("policy", "check", str(tmp_path / "none.yaml"))
    assert (said.code, said.err) == (2, f"sekisho: `{tmp_path / 'none.yaml'}`: no such file or directory\n")


def test_the_matrix_says_how_much_of_each_item_is_shown(run: Typist) -> None:
    said = run("policy", "show", "--recipient", "JOINT_RESEARCH_PARTNER", "--layer", "profile")
    assert said.code == 0
    [birth] = [line for line in said.out.splitlines() if "birthDate" in line]
    assert "生年月日" in birth
    assert "Y" in birth
    assert "what the text allows" not in said.out


def test_p6_the_policy_is_shown_with_its_version_lines_and_names(run: Typist) -> None:
    said = run("policy", "show")
    assert "2022-09" in said.out
    assert "karado! 個人情報取扱方針" in said.out
    assert "L33" in said.out


def test_coverage_lists_every_statement_and_fails_when_one_is_silently_missing(run: Typist) -> None:
    said = run("policy", "coverage", "--json")
    listed = [json.loads(line) for line in said.out.splitlines()]
    assert [one["id"] for one in listed] == list(statement_ids())
    silent = [one.id for one in coverage() if not (one.tests or one.later or one.outside)]
    assert said.code == (1 if silent else 0)
    assert all(each in said.err for each in silent)


@pytest.mark.usefixtures("office")
def test_registering_twice_changes_nothing(run: Typist) -> None:
    for _ in range(2):
        assert run("policy", "register").out.startswith("policy version 2022-09 is registered, in effect from")


@pytest.mark.usefixtures("office")
def test_a_changed_document_under_a_known_version_is_refused(
    run: Typist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.yaml").write_text(DOCUMENT + "# changed\n", "utf-8")
    monkeypatch.setenv("SEKISHO_POLICY_FILES", str(tmp_path / "policy.yaml"))
    said = run("policy", "register")
    assert said.code == 2
    assert "give the changed document a version of its own" in said.err


def test_a_revoked_version_leaves_nothing_permitted(run: Typist, taro: str) -> None:
    run("consent", "accept", "--login-id", taro, "--yes")
    asked = ("explain", "--login-id", taro, "--field", "Attributes.sex", "--client", "karado-analytics")
    asked += ("--purpose", "RESEARCH_ACADEMIC", "--json")
    assert json.loads(run(*asked).out)["verdict"] == "PERMIT"
    assert run("policy", "revoke", "2019-01", "--yes").code == 2
    said = run("policy", "revoke", "2022-09", "--yes")
    assert "everything is denied until another version takes effect" in said.out
    told = json.loads(run(*asked).out)
    assert (told["verdict"], told["reason"], told["present"]) == ("DENY", "NOT_IN_POLICY", False)
