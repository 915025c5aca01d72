import json
from pathlib import Path

import pytest
from typist import Typist

pytestmark = pytest.mark.usefixtures("office")

MAPPING = Path(__file__).parents[1] / "cases" / "imports" / "check.yaml"
CSV = MAPPING.with_name("check.csv")
HISTORY = MAPPING.with_name("check-consent.jsonl")


def test_a_file_comes_in_with_its_counts_and_what_was_refused_by_line(run: Typist) -> None:
    said = run("import", "csv", str(CSV), "--mapping", str(MAPPING))
    assert "rows in the file" in said.out
    refused = [line for line in said.err.splitlines() if line.startswith("line ")]
    assert said.code == (1 if refused else 0)
    assert "people registered" in said.out


def test_a_mapping_that_does_not_fit_is_refused_with_its_lines(run: Typist, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(MAPPING.read_text("utf-8") + "colour: red\n", "utf-8")
    said = run("import", "csv", str(CSV), "--mapping", str(broken))
    assert said.code == 2
    assert "sekisho: line " in said.err


def test_past_consent_comes_in_once(run: Typist) -> None:
    words = ("consent", "import", str(HISTORY), "--register-unknown", "KARADO_APP")
    first = run(*words)
    assert first.code == 0, first.err
    again = run(*words)
    recorded = [line for line in again.out.splitlines() if "recorded" in line]
    assert recorded[0].split("│")[2].strip() == "0"


def test_a_refused_line_refuses_the_history(run: Typist, tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps({"id": "a-1"}) + "\n", "utf-8")
    said = run("consent", "import", str(file))
    assert said.code == 2
    assert "sekisho: line 1: " in said.err
