"""Past consent comes in whole or not at all, once, and takes effect as it happened."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from importing import CASES, POLICIES, counts, import_history, rows

from databases import Database
from sekisho.sources.consent_import import ConsentImportRefused
from sekisho.sources.persons import records_of, standing_at, subject_of
from sekisho.vocabulary import ServiceContext

FILE = CASES / "check-consent.jsonl"
APP = ServiceContext.KARADO_APP
NORTH_1 = subject_of("spring-check", ("north", "1"))
GOOD: dict[str, Any] = {
    "subject": str(NORTH_1),
    "id": "a",
    "kind": "ACCEPTANCE",
    "event_time": "2026-03-20T09:00:00+09:00",
    "recorded_at": "2026-03-20T09:00:00+09:00",
    "version": "2022-09",
}

NEXT = GOOD | {"id": "b"}


def a_history(folder: Path, *events: dict[str, Any] | str) -> Path:
    lines = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in events]
    path = folder / "history.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


async def test_a_history_takes_effect_as_it_happened(database: Database) -> None:
    result = await import_history(database, FILE, APP)
    assert (result.lines, result.recorded, result.already_there, result.people_registered) == (5, 5, 0, 2)
    async with database.operator.connect() as connection:
        line = await records_of(connection, [NORTH_1], POLICIES)
    for when, expected in (("2026-03-01", set()), ("2026-04-01", {"GOOGLE_FIT"}), ("2026-06-01", set())):
        stood = standing_at(line[NORTH_1], datetime.fromisoformat(f"{when}T00:00:00+09:00"))
        assert stood is not None
        assert stood.state.linked == expected
    now = "SELECT CAST(state AS jsonb) -> 'linked' FROM subject_state JOIN consent_profile USING (profile_id)"
    assert await rows(database, now + " WHERE subject_id = :id", id=NORTH_1) == [([],)]


async def test_importing_a_history_again_records_nothing_twice(database: Database) -> None:
    await import_history(database, FILE, APP)
    before = await counts(database)
    again = await import_history(database, FILE, APP)
    assert (again.recorded, again.already_there) == (0, 5)
    assert await counts(database) == before


async def test_what_proves_an_event_is_kept_beside_it(database: Database) -> None:
    await import_history(database, FILE, APP)
    kept = "SELECT channel, language, evidence FROM consent_event WHERE event_id = 'n1-accepts'"
    assert await rows(database, kept) == [("app", "ja", {"screen": "terms"})]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("{", "it is not JSON"),
        ("[]", "line"),
        ('{"id": "a", "id": "b"}', "a key stands twice"),
        (NEXT | {"id": ""}, "`id`: "),
        (NEXT | {"kind": "AGREEMENT"}, "`kind`: "),
        ({key: value for key, value in NEXT.items() if key != "recorded_at"}, "`recorded_at` is missing"),
        (NEXT | {"password": "x"}, "`password` is not a key that is known here"),
        (NEXT | {"event_time": "2026-03-20T09:00:00"}, "`event_time`: "),
        (NEXT | {"event_time": 1}, "`event_time`: "),
        (NEXT | {"recorded_at": "2999-01-01T00:00:00Z"}, "recorded in the future"),
        (NEXT | {"version": None}, "names the policy version"),
        (NEXT | {"scope": {"purposes": ["RESEARCH_ACADEMIC"]}}, "takes no scope"),
        (NEXT | {"kind": "WITHDRAWAL", "version": None, "scope": {"purposes": ["NOTHING"]}}, "NOTHING"),
        (NEXT | {"kind": "WITHDRAWAL", "version": None, "scope": {}}, "names nothing"),
        (NEXT | {"kind": "LIFT", "version": None, "ends": ["x"]}, "no withdrawal, objection or restriction"),
        (NEXT | {"kind": "LINK", "version": None}, "set `key`"),
        (NEXT | {"evidence": {"a": "\0"}}, "NUL"),
        (NEXT | {"text_sha256": "00"}, "`text_sha256`: "),
        (NEXT | {"until": "9999-12-31T23:59:59-12:00"}, "out of range"),
        (NEXT | {"subject": {"namespace": "a", "key": []}}, "`subject.key`: "),
        (GOOD | {"version": "other"}, "already on record with other content"),
    ],
)
async def test_one_refused_line_refuses_the_file(
    database: Database, tmp_path: Path, event: dict[str, Any] | str, told: str
) -> None:
    other = GOOD | {"id": "z", "event_time": "2026-08-01T00:00:00Z", "recorded_at": "2026-08-01T00:00:00Z"}
    before = await counts(database)
    with pytest.raises(ConsentImportRefused) as refused:
        await import_history(database, a_history(tmp_path, GOOD, "", event, other), APP)
    assert [each.line for each in refused.value.lines] == [3]
    assert told in refused.value.lines[0].reason
    assert await counts(database) == before


async def test_people_are_registered_only_where_that_is_asked_for(database: Database) -> None:
    with pytest.raises(ConsentImportRefused) as refused:
        await import_history(database, FILE)
    assert [each.line for each in refused.value.lines] == [1, 2, 4, 5, 6]
    assert "not registered" in refused.value.lines[0].reason


async def test_a_line_that_is_too_long_or_no_utf_8_is_refused(database: Database, tmp_path: Path) -> None:
    path = a_history(tmp_path, GOOD, "x" * (3 << 20), GOOD | {"id": "b"})
    path.write_bytes(path.read_bytes() + b"\xff\n")
    with pytest.raises(ConsentImportRefused) as refused:
        await import_history(database, path, APP)
    assert [each.line for each in refused.value.lines] == [2, 4]


async def test_a_history_longer_than_a_batch_is_still_all_or_nothing(database: Database, tmp_path: Path) -> None:
    events = [GOOD | {"id": f"e{n}", "recorded_at": f"2026-03-20T09:{n // 60:02}:{n % 60:02}Z"} for n in range(700)]
    with pytest.raises(ConsentImportRefused):
        await import_history(database, a_history(tmp_path, *events, "{"), APP)
    assert not any((await counts(database)).values())
    assert (await import_history(database, a_history(tmp_path, *events), APP)).recorded == 700
