"""A CSV file comes in whole or not at all, once, and opens nothing by itself."""

import json
from datetime import date
from pathlib import Path

import pytest
from importing import CASES, POLICIES, counts, import_file, import_history, mapping, rows
from sqlalchemy import text

from databases import Database
from sekisho.demo.clients import register_demo_clients
from sekisho.policy.document import Label
from sekisho.sources.csv_import import import_csv
from sekisho.sources.csv_lines import FileRefused
from sekisho.sources.csv_result import MOST_REPORTED, ImportRefused
from sekisho.sources.persons import subject_of
from sekisho.store.activities import Activity, ensure_activity

FILE = CASES / "check.csv"
HEADER = "clinic,number,age,gender,height,weight,measured,pulse,sys1,dia1,sys2,dia2"
GOOD = "north,1,45,female,158.2,54.1,2026/04/01 09:10,71,118,76,114,74"
WITHOUT_KEY = "north,,45,female,158.2,54.1,2026/04/01 09:10,71,118,76,114,74"
SKIP = {"schema: 1": "schema: 1\non_error: skip_row"}
LINKED = {"kind: SUBJECT": "kind: LINKED_APP, name: GOOGLE_FIT"}
PROVIDED = {"kind: SUBJECT": "kind: THIRD_PARTY, name: CLINIC"}
NORTH_1 = subject_of("spring-check", ("north", "1"))


def a_file(folder: Path, *lines: str, encoding: str = "utf-8", header: str = HEADER) -> Path:
    path = folder / "a.csv"
    path.write_bytes("\n".join((header, *lines)).encode(encoding) + b"\n")
    return path


def a_grant(folder: Path, kind: str, key: str) -> Path:
    """A history of one grant to the first person."""
    at = "2026-03-01T00:00:00Z"
    told = {"subject": str(NORTH_1), "id": "g", "kind": kind, "event_time": at, "recorded_at": at, "key": key}
    path = folder / "given.jsonl"
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")
    return path


def survey_mapping() -> dict[str, str]:
    answer = (
        "  - table: survey_answer\n    columns:\n      activity_key: {constant: 'SURVEY:spring'}\n"
        "      question: {constant: gender}\n      answer: {column: gender}\n"
        "      answered_at: {constant: '2026-04-01T00:00:00+09:00'}\n"
    )
    return {"  - table: measurement": f"{answer}  - table: measurement"}


async def test_an_imported_file_is_stored_and_what_was_refused_is_named(database: Database) -> None:
    told: list[tuple[int, int]] = []
    result = await import_file(database, FILE, mapping(), progress=lambda *done: told.append(done))
    assert (result.rows_in, result.rows_imported, result.rows_refused, result.people_registered) == (5, 5, 0, 5)
    assert result.stored == {"subject_attribute": 5, "measurement": 19}
    assert [str(each) for each in result.refused] == [
        "line 4, `dia1`: allowed is a number from 1 to 200",
        "line 6, `gender`: allowed is one of male, female",
        "line 6, `weight`: allowed is a number",
    ]
    assert result.reasons["dia1", "allowed is a number from 1 to 200"] == 1
    assert told == [(5, FILE.stat().st_size)]


async def test_the_rest_of_a_row_with_a_refused_value_is_imported(database: Database) -> None:
    await import_file(database, FILE, mapping())
    third = subject_of("spring-check", ("north", "3"))
    stored = await rows(
        database, "SELECT kind, value FROM measurement WHERE subject_id = :id ORDER BY kind, value", id=third
    )
    assert stored == [
        ("DIASTOLIC_BLOOD_PRESSURE", 82.0),
        ("SYSTOLIC_BLOOD_PRESSURE", 138.0),
        ("SYSTOLIC_BLOOD_PRESSURE", 142.0),
    ]


async def test_an_age_becomes_the_year_of_the_latest_possible_birthday(database: Database) -> None:
    await import_file(database, FILE, mapping())
    query = "SELECT birth_date, birth_precision, birth_date_source, sex, height_cm FROM subject_attribute"
    stored = await rows(database, f"{query} WHERE subject_id = :id", id=NORTH_1)
    assert stored == [(date(1981, 1, 1), "YEAR", 1, "FEMALE", 158.2)]


async def test_every_row_tells_its_source_service_and_provenance(database: Database) -> None:
    await import_file(database, FILE, mapping())
    told = await rows(database, "SELECT DISTINCT source_id, service_context, provenance FROM measurement")
    assert told == [(1, "KARADO_APP", "health check, spring 2026")]


async def test_importing_a_file_again_stores_nothing_twice(database: Database) -> None:
    await import_file(database, FILE, mapping())
    before = await counts(database)
    again = await import_file(database, FILE, mapping())
    assert await counts(database) == before
    assert again.stored == {"subject_attribute": 0, "measurement": 0}
    assert again.already_there == {"subject_attribute": 5, "measurement": 19}
    assert again.people_registered == 0


async def test_equal_readings_of_one_row_are_all_kept(database: Database, tmp_path: Path) -> None:
    line = "north,2,45,male,171.0,60.4,2026/04/01 09:25,66,110,70,110,70"
    result = await import_file(database, a_file(tmp_path, line), mapping())
    assert result.stored["measurement"] == 5


async def test_an_empty_field_never_erases_what_is_stored(database: Database, tmp_path: Path) -> None:
    await import_file(database, FILE, mapping())
    await import_file(database, a_file(tmp_path, "north,1,45,,,55.0,2026/05/01 09:10,,,,,"), mapping())
    stored = await rows(
        database, "SELECT sex, height_cm, weight_kg FROM subject_attribute WHERE subject_id = :id", id=NORTH_1
    )
    assert stored == [("FEMALE", 158.2, 55.0)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (WITHOUT_KEY, "line 3, `number`: the key of the person is missing"),
        ("north,4,45", "line 3: the row has 3 fields and the header 12"),
        ("north,4,45,male,1,1,yesterday,70,,,,", "line 3, `measured`: allowed is a time written as"),
        ("north,4,45,male,1,1,,70,,,,", "line 3, `measured`: "),
        ("north,4,45,male,1,1,2999/01/01 00:00,70,,,,", "line 3, `measured`: it was acquired in the future"),
    ],
)
async def test_one_refused_row_refuses_the_file_and_leaves_nothing_behind(
    database: Database, tmp_path: Path, line: str, told: str
) -> None:
    before = await counts(database)
    with pytest.raises(ImportRefused) as refused:
        await import_file(database, a_file(tmp_path, GOOD, line, GOOD), mapping())
    assert told in str(refused.value)
    assert await counts(database) == before
    assert refused.value.result.rows_imported == 0
    assert not refused.value.result.stored


async def test_nothing_is_left_behind_even_if_the_caller_goes_on(database: Database, tmp_path: Path) -> None:
    lines = [GOOD.replace("north,1", f"north,{n}") for n in range(1_200)]
    async with database.operator.begin() as connection:
        with pytest.raises(ImportRefused):
            await import_csv(connection, a_file(tmp_path, *lines, WITHOUT_KEY), mapping(PROVIDED), POLICIES)
    assert not any((await counts(database)).values())
    assert len(await rows(database, "SELECT 1 FROM data_source WHERE name = 'CLINIC'")) == 0


async def test_skip_row_imports_the_others(database: Database, tmp_path: Path) -> None:
    result = await import_file(database, a_file(tmp_path, GOOD, WITHOUT_KEY), mapping(SKIP))
    assert (result.rows_imported, result.rows_refused) == (1, 1)
    assert (await counts(database))["subject"] == 1


async def test_a_file_of_which_no_row_could_be_imported_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="no row could be imported"):
        await import_file(database, a_file(tmp_path, WITHOUT_KEY), mapping(SKIP))


async def test_the_list_of_refusals_is_bounded_and_the_counts_are_not(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        await import_file(database, a_file(tmp_path, *[WITHOUT_KEY] * 700), mapping())
    assert len(refused.value.result.refused) == MOST_REPORTED
    assert refused.value.result.rows_refused == 700


async def test_refusals_never_repeat_a_value(database: Database, tmp_path: Path) -> None:
    secret = "north,1,secret-age,secret-sex,secret-height,secret-weight,secret-time,secret-pulse,,,,"
    for changes in ({}, SKIP):
        with pytest.raises(ImportRefused) as refused:
            await import_file(database, a_file(tmp_path, secret), mapping(changes))
        assert "secret" not in f"{refused.value} {refused.value.result}"


async def test_lines_are_counted_as_an_editor_counts_them(database: Database, tmp_path: Path) -> None:
    broken = GOOD.replace("female", '"fe\nmale"').replace("north,1", "north,9")
    with pytest.raises(ImportRefused, match="line 5, `number`"):
        await import_file(database, a_file(tmp_path, broken, "", WITHOUT_KEY), mapping())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
async def test_unicode_with_or_without_a_mark_and_shift_jis_are_read(
    database: Database, tmp_path: Path, encoding: str
) -> None:
    path = a_file(tmp_path, GOOD.replace("female", "女性"), encoding=encoding, header=HEADER.replace("gender", "性別"))
    form = mapping({"column: gender": "column: 性別", "{male: MALE, female: FEMALE}": "{女性: FEMALE}"})
    assert not (await import_file(database, path, form)).refused


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\x81\xff\n", "is not utf-8-sig nor cp932"),
        (b"clinic,number\n", "has no column `age`"),
        (f"{HEADER},age\n".encode(), "`age` stands twice"),
        (f'{HEADER}\n{GOOD}\n"open\n'.encode(), "line 3: this is not CSV"),
    ],
)
async def test_a_file_that_is_no_such_csv_is_refused(
    database: Database, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=told):
        await import_file(database, path, mapping())
    assert (await counts(database))["subject"] == 0


async def test_a_missing_file_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be read"):
        await import_file(database, tmp_path / "missing.csv", mapping())


async def test_people_who_are_not_registered_are_refused_unless_the_mapping_registers_them(
    database: Database,
) -> None:
    with pytest.raises(ImportRefused, match="line 2: this person is not registered"):
        await import_file(database, FILE, mapping({"unknown: register": "unknown: refuse"}))


async def test_people_are_found_by_the_login_id_on_record(database: Database, tmp_path: Path) -> None:
    await import_file(database, FILE, mapping())
    account = (
        "INSERT INTO subject_account (subject_id, login_id, source_id, service_context, provenance, acquired_at)"
        " VALUES (:id, 'hanako', 1, 'KARADO_APP', 'test', now())"
    )
    async with database.operator.begin() as connection:
        await connection.execute(text(account), {"id": NORTH_1})
    form = mapping(
        {
            "columns: [clinic, number]": "columns: [number]",
            "namespace: spring-check": "by: login_id",
            "  unknown: register\n": "",
        }
    )
    result = await import_file(database, a_file(tmp_path, GOOD.replace("north,1", "north,hanako")), form)
    assert result.people_registered == 0
    with pytest.raises(ImportRefused, match="not registered"):
        await import_file(database, a_file(tmp_path, GOOD.replace("north,1", "north,taro")), form)


async def test_linked_data_is_taken_in_only_while_the_link_was_in_force(database: Database, tmp_path: Path) -> None:
    await import_file(database, FILE, mapping())
    await import_history(database, CASES / "check-consent.jsonl")
    linked = await import_file(database, a_file(tmp_path, GOOD), mapping(LINKED))
    assert linked.stored["measurement"] == 5
    for when in ("2026/03/01", "2026/05/02"):  # before the link, and after it was ended
        with pytest.raises(ImportRefused, match="line 2: no link of `GOOGLE_FIT` was in force"):
            await import_file(database, a_file(tmp_path, GOOD.replace("2026/04/01", when)), mapping(LINKED))


async def test_linked_data_of_somebody_unknown_registers_nobody(database: Database) -> None:
    with pytest.raises(ImportRefused, match="no link of `GOOGLE_FIT`"):
        await import_file(database, FILE, mapping(LINKED))
    assert (await counts(database))["subject"] == 0


async def test_data_of_a_third_party_needs_its_own_consent(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="no separate consent to data from `CLINIC`"):
        await import_file(database, FILE, mapping(PROVIDED))
    given = a_grant(tmp_path, "THIRD_PARTY_CONSENT", "CLINIC")
    await import_history(database, given, mapping().service_context)
    assert (await import_file(database, a_file(tmp_path, GOOD), mapping(PROVIDED))).rows_imported == 1


async def test_newly_acquired_data_needs_an_activity_and_participation_in_it(
    database: Database, tmp_path: Path
) -> None:
    form = mapping(survey_mapping())
    with pytest.raises(ImportRefused, match="the activity is not registered as a SURVEY"):
        await import_file(database, a_file(tmp_path, GOOD), form)
    async with database.operator.begin() as connection:
        await ensure_activity(connection, Activity("SURVEY:spring", Label("春", "spring"), sensitive=False))
    with pytest.raises(ImportRefused, match="did not take part"):
        await import_file(database, a_file(tmp_path, GOOD), form)
    given = a_grant(tmp_path, "PARTICIPATION", "SURVEY:spring")
    await import_history(database, given, form.service_context)
    assert (await import_file(database, a_file(tmp_path, GOOD), form)).stored["survey_answer"] == 1


async def test_imported_people_without_an_acceptance_are_absent_for_every_lens(database: Database) -> None:
    async with database.operator.begin() as connection:
        await register_demo_clients(connection, POLICIES)
    await import_file(database, FILE, mapping())
    query = (
        "SELECT l.key, m.items FROM subject_state s JOIN lens_mask m USING (profile_id) JOIN lens l USING (lens_id)"
        " WHERE s.valid_from <= now() AND now() < s.valid_until"
    )
    masks = await rows(database, query)
    assert masks
    assert {key for key, items in masks if items} == {"SELF|||"}


async def test_a_field_that_names_a_password_refuses_its_row(database: Database, tmp_path: Path) -> None:
    other = "  - table: subject_other_attribute\n    columns: {name: {column: gender}, value: {column: height}}\n"
    form = mapping({"  - table: measurement": f"{other}  - table: measurement"})
    with pytest.raises(ImportRefused, match="line 2, `gender`: passwords are never taken in"):
        await import_file(database, a_file(tmp_path, GOOD.replace("female", "パスワード")), form)


async def test_nothing_is_taken_in_for_a_closed_account(database: Database, tmp_path: Path) -> None:
    await import_file(database, a_file(tmp_path, GOOD), mapping())
    async with database.operator.begin() as connection:
        await connection.execute(text("UPDATE subject SET closed_at = now()"))
    with pytest.raises(ImportRefused, match="account is closed"):
        await import_file(database, a_file(tmp_path, GOOD), mapping())


def test_the_same_key_is_the_same_person_for_ever() -> None:
    assert str(NORTH_1) == str(subject_of("spring-check", (" north ", "1")))
    assert subject_of("autumn-check", ("north", "1")) != NORTH_1
    assert subject_of("a", ("b", "c")) != subject_of("a", ("bc",))
    assert str(NORTH_1) == "078a1fdc-84c7-531a-a6a9-7e24db43c008"
