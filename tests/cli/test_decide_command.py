import json
from pathlib import Path

from typist import Typist

CASE = {
    "at": "2026-04-01T09:00:00+09:00",
    "request": {"recipient": "FIRST_PARTY", "purpose": "RESEARCH_ACADEMIC", "item": "birthDate"},
    "subject": {"birth_date": "1980-05-05", "birth_precision": "DAY"},
    "events": [
        {
            "id": "1",
            "kind": "ACCEPTANCE",
            "version": "2022-09",
            "event_time": "2026-01-01T00:00:00+09:00",
            "recorded_at": "2026-01-01T00:00:00+09:00",
        }
    ],
}


def test_each_case_gets_one_line_in_its_order(run: Typist, tmp_path: Path) -> None:
    silent = {**CASE, "events": []}
    (tmp_path / "cases.jsonl").write_text(f"{json.dumps(CASE)}\n\n{json.dumps(silent)}\n", "utf-8")
    said = run("decide", str(tmp_path / "cases.jsonl"))
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == 0
    assert answers[0] == {"verdict": "PERMIT", "transform": "YEAR", "line": 33}
    assert (answers[1]["verdict"], answers[1]["reason"]) == ("DENY", "NO_ACCEPTANCE")


def test_a_line_that_is_no_case_is_answered_and_the_rest_goes_on(run: Typist, tmp_path: Path) -> None:
    lines = [b"nonsense", b"\xff\xfe", b'{"at": ' + b"9" * 5000 + b"}", json.dumps(CASE).encode()]
    (tmp_path / "cases.jsonl").write_bytes(b"\n".join(lines))
    said = run("decide", str(tmp_path / "cases.jsonl"))
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == 1
    assert [answer.get("line") for answer in answers[:3]] == [1, 2, 3]
    assert all("error" in answer for answer in answers[:3])
    assert answers[3]["verdict"] == "PERMIT"
