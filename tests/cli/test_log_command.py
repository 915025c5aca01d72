"""`sekisho log show` chooses by person, by request, and by how many."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typist import Typist

from sekisho.cli.session import desk
from sekisho.disclosure.record import SCHEMA, LogRow
from sekisho.store.connecting import Connection
from sekisho.store.database import create_engine
from sekisho.store.ledger import PostgresLedger, handles
from sekisho.store.subjects import with_login
from sekisho.vocabulary import Outcome, RecipientType

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def a_row(second: int, people: list[UUID], request_id: str) -> LogRow:
    unsaid = ("refusal", "purpose", "disclosure", "serves", "study", "reference", "ignored_purpose", "operation_name")
    unsaid += ("operation_sha256", "token_id")
    return LogRow(
        row_id=uuid4(),
        occurred_at=NOON + timedelta(seconds=second),
        schema=SCHEMA,
        nonce=bytes(32),
        outcome=Outcome.ANSWERED,
        client_id="karado-analytics",
        client_version=1,
        recipient_type=RecipientType.FIRST_PARTY.value,
        policy_version="2022-09",
        lens_key="FIRST_PARTY|RESEARCH_ACADEMIC||",
        request_id=request_id,
        report_mode="extensions",
        root="subjects",
        coordinates=("Attributes.sex",),
        items=("sex",),
        uses=("VALUE",),
        transforms=("FULL",),
        subjects=tuple(people),
        profiles=(1,) * len(people),
        evidence=("",) * len(people),
        outcomes=("v",) * len(people),
        **dict.fromkeys(unsaid, ""),
    )


def handle_of(login_id: str) -> UUID:
    async def find(connection: Connection) -> UUID:
        subject = await with_login(connection, login_id)
        assert subject is not None
        return (await handles(connection, (subject,)))[subject]

    with desk() as here:
        return here.transact(find)


def write(*rows: LogRow) -> None:
    async def append() -> None:
        engine = create_engine(here.addresses.gateway, size=1)
        await PostgresLedger(engine).append(rows)
        await engine.dispose()

    with desk() as here:
        asyncio.run(append())


def times(run: Typist, *words: str) -> list[str]:
    said = run("log", "show", "--jsonl", *words)
    assert said.code == 0
    return [json.loads(line)["time"][17:19] for line in said.out.splitlines()]


@pytest.fixture
def logged(office: Path, taro: str) -> UUID:
    """Three statements about Taro: the middle one alone, the others on a page with somebody else."""
    handle, other = handle_of(taro), uuid4()
    pages = ([other, handle], [handle], [handle, other])
    write(*(a_row(second, people, f"{taro} {second}") for second, people in enumerate(pages)))
    return handle


def test_a_persons_records_are_theirs_alone_oldest_first(run: Typist, taro: str, logged: UUID) -> None:
    assert times(run, "--login-id", taro) == ["00", "01", "02"]
    found = run("log", "show", "--jsonl", "--login-id", taro).out.splitlines()
    assert {json.loads(line)["subject_ref"] for line in found} == {str(logged)}


def test_the_latest_few_records_of_a_person_or_of_all(run: Typist, taro: str, logged: UUID) -> None:
    assert times(run, "--login-id", taro, "--limit", "2") == ["01", "02"]
    assert times(run, "--limit", "2") == ["02", "02"]
    assert times(run, "--login-id", taro, "--request-id", f"{taro} 0", "--limit", "2") == ["00"]
    assert times(run, "--request-id", f"{taro} 2") == ["02", "02"]


def test_a_person_is_named_by_id_as_well_and_the_table_shows_them(run: Typist, taro: str, logged: UUID) -> None:
    with desk() as here:
        subject = here.transact(lambda connection: with_login(connection, taro))
    assert times(run, "--subject", str(subject)) == ["00", "01", "02"]
    shown = run("log", "show", "--login-id", taro)
    assert shown.code == 0
    assert "Attributes.sex" in shown.out


def test_an_unknown_person_is_no_empty_log(run: Typist, office: Path) -> None:
    said = run("log", "show", "--login-id", "nobody")
    assert said.code == 2
    assert "nobody here has the login id `nobody`" in said.err


def test_a_person_about_whom_nothing_left_has_no_records(run: Typist, taro: str) -> None:
    assert times(run, "--login-id", taro) == []
