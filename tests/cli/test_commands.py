import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typist import Typist

from sekisho.cli.main import app
from sekisho.store.embedded import Urls


def verbs(command: object, path: tuple[str, ...] = ("sekisho",)) -> Iterator[tuple[str, str]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path), getattr(command, "help", None) or ""
        return
    for name, each in below.items():
        yield from verbs(each, (*path, name))


VERBS = dict(verbs(typer.main.get_command(app)))


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_shows_an_example_of_itself(verb: str) -> None:
    last = re.search(r"Example: (.+)$", VERBS[verb], re.MULTILINE)
    assert last is not None, f"`{verb}` has no example"
    assert verb in last[1]


def test_the_verbs_are_these() -> None:
    tops = {verb.split()[1] for verb in VERBS}
    named = {"policy", "consent", "import", "recipients", "explain", "decide", "log", "schema", "migrate"}
    assert named | {"serve", "demo", "token"} <= tops


def test_an_unknown_command_is_a_usage_error(run: Typist) -> None:
    assert run("frobnicate").code == 2


def test_an_expected_error_is_words_and_never_a_traceback(run: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_DATABSE_URL", "postgresql://nowhere/")
    said = run("recipients", "list")
    assert said.code == 2
    assert said.err == "sekisho: `SEKISHO_DATABSE_URL` is not a setting; correct its name or unset it\n"


def test_a_database_out_of_reach_is_said_in_one_line(
    run: Typist, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = f"postgresql://somebody@/sekisho?host={tmp_path}"
    monkeypatch.setenv("SEKISHO_DATABASE_URL", address)
    monkeypatch.setenv("SEKISHO_OPERATOR_DATABASE_URL", address)
    said = run("recipients", "list")
    assert said.code == 2
    assert said.err.startswith("sekisho: ")
    assert len(said.err.splitlines()) == 1


def test_without_an_operators_address_the_command_says_which_setting_to_set(
    run: Typist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_DATABASE_URL", "postgresql://gateway@db.example.jp/sekisho")
    said = run("recipients", "list")
    assert (said.code, said.err) == (
        2,
        "sekisho: set SEKISHO_OPERATOR_DATABASE_URL to the operator's PostgreSQL address\n",
    )


def test_migrate_takes_postgresql_only(run: Typist) -> None:
    said = run("migrate", "--url", "mysql://root@localhost/db")
    assert said.code == 2
    assert "postgresql:// address" in said.err


def test_migrate_brings_a_database_up_to_date_twice(run: Typist, server: Urls) -> None:
    url = server.owner.render_as_string().replace("+asyncpg", "")
    for _ in range(2):
        assert run("migrate", "--url", url).out.startswith("the schema is this version's")


def test_the_schema_command_prints_what_its_check_compares(run: Typist, tmp_path: Path) -> None:
    kept = tmp_path / "schema.graphql"
    kept.write_text(run("schema").out, "utf-8")
    assert run("schema", "--check", "--file", str(kept)).code == 0
    kept.write_text(kept.read_text("utf-8").replace("birthDate: ", "birthday: "), "utf-8")
    said = run("schema", "--check", "--file", str(kept))
    assert said.code == 1
    assert "birthDate: " in said.err
