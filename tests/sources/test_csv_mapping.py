"""A mapping that is wrong is refused before any file is opened, with the line and what is allowed."""

from pathlib import Path

import pytest
from importing import CASES, mapping_text

from sekisho.sources.csv_checks import TABLES, load_mapping, read_mapping
from sekisho.sources.csv_mapping import MappingError, names_a_password


def refused(changes: dict[str, str]) -> str:
    with pytest.raises(MappingError) as error:
        read_mapping(mapping_text(changes).encode())
    return str(error.value)


def test_the_invented_mapping_is_accepted() -> None:
    assert load_mapping(CASES / "check.yaml").provenance == "health check, spring 2026"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("source: {kind: SUBJECT}\n", "", 1, "`source` is missing"),
        ("service_context: KARADO_APP\n", "", 1, "`service_context` is missing"),
        ("KARADO_APP", "ANOTHER_APP", 3, "KARADO_APP"),
        ("provenance: health check, spring 2026\n", "", 1, "`provenance` is missing"),
        ("kind: SUBJECT", "kind: UNCLASSIFIED", 2, "never released"),
        ("kind: SUBJECT", "kind: LINKED_APP", 2, "`name` goes with"),
        ("kind: SUBJECT", "kind: SUBJECT, name: X", 2, "`name` goes with"),
        ('nulls: ["NA"]', 'nulls: ["NA"]\nencoding: utf-99', 6, "no encoding"),
        ('nulls: ["NA"]', 'nulls: ["NA"]\ndelimiter: ";;"', 6, "delimiter"),
        ("as: float, min: 40", "as: number, min: 40", 16, "'float'"),
        ("table: measurement", "table: measurements", 18, "`measurements` is no table"),
        ("height_cm:", "tallness:", 16, "one of: birth_date, sex, height_cm, weight_kg"),
        ("      height_cm", "      subject_id", 16, "`subject_id` is no column"),
        ("male: MALE", "male: MAN", 15, "one of: MALE, FEMALE, OTHER"),
        ("kind: PULSE", "kind: HEARTBEAT", 22, "`HEARTBEAT` is not allowed"),
        (', as_of: "2026-04-01"', "", 14, "needs `as_of`"),
        ("as: float, min: 40", "as: text", 16, "read with `as: float or integer`"),
        ("as: float, min: 40, max: 260", "as: float, format: x", 16, "takes no `format`"),
        ("namespace: spring-check\n", "by: derived\n", 7, "`namespace` is missing"),
        ("namespace: spring-check\n", "by: login_id\n", 7, "one column"),
        ("Asia/Tokyo}\nsubject", "Asia/Kyoto}\nsubject", 6, "not a time zone"),
        ("{column: height,", "{column: height, constant: x,", 16, "either a `column` or a `constant`"),
        ("gender, as: enum, map", "gender, map", 15, "`as: text` takes no `map`"),
        ("gender, as: enum, map", "gender, on: x, map", 15, "put the key in quotes"),
        ("schema: 1", "schema: 1\nschema: 1", 2, "stands twice"),
        ("schema: 1", "schema: 2", 1, "schema"),
        ("nulls:", "nils:", 5, "`nils` is not a key"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_is_allowed(old: str, new: str, line: int, told: str) -> None:
    message = refused({old: new})
    assert told in message
    assert f"line {line}: " in message


def test_an_obligatory_column_must_be_mapped() -> None:
    message = refused({"      taken_at:": "      device: {column: gender}\n      #"})
    assert "`measurement` needs `taken_at`" in message


def test_every_mistake_is_named_at_once() -> None:
    message = refused({"height_cm:": "tallness:", "kind: PULSE": "kind: HEARTBEAT"})
    assert len(message.splitlines()) == 2


@pytest.mark.parametrize("name", ["password", "Pass-Word", "user_passwd", "パスワード", "ﾊﾟｽﾜｰﾄﾞ", "PWD", "暗証番号"])
def test_a_column_named_like_a_password_is_refused(name: str) -> None:
    assert names_a_password(name)
    assert "passwords are never taken in" in refused({"column: gender": f'column: "{name}"'})
    assert "passwords are never taken in" in refused({"height_cm:": f'"{name}":'})
    assert "passwords are never taken in" in refused({"[clinic, number]": f'[clinic, "{name}"]'})


def test_a_registered_item_named_like_a_password_is_refused() -> None:
    other = "  - table: subject_other_attribute\n    columns: {name: {constant: Password}, value: {column: height}}\n"
    assert "passwords are never taken in" in refused({"  - table: measurement": f"{other}  - table: measurement"})


def test_no_table_a_file_may_fill_has_a_column_for_passwords() -> None:
    assert not [name for table in TABLES.values() for name in map(str, table.columns) if names_a_password(name)]


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        load_mapping(tmp_path / "missing.yaml")
    for wrong in (b"", b"[]", b"\xff\xfe", b"a: [", b"schema: &a 1\nsource: *a"):
        with pytest.raises(MappingError):
            read_mapping(wrong)
