"""What the tests of the commands may ask for: an office with a database of its own, and somebody who types."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typist import Typist

from sekisho.cli.session import Desk, desk
from sekisho.demo.clients import register_demo_clients
from sekisho.store.connecting import Connection
from sekisho.store.embedded import EmbeddedPostgres
from sekisho.store.subjects import register, write_rows
from sekisho.store.tables.people import subject_account, subject_attribute
from sekisho.vocabulary import ServiceContext

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Typist:
    return Typist(capsys)


@pytest.fixture(scope="module")
def office() -> Iterator[Path]:
    """A data directory with a running server and the sample recipients; every command of the module works on it."""
    with tempfile.TemporaryDirectory(prefix="sekisho-tests-") as told, pytest.MonkeyPatch.context() as patch:
        folder = Path(told)
        for name in [each for each in os.environ if each.startswith("SEKISHO_")]:
            patch.delenv(name)
        patch.setenv("SEKISHO_DATA_DIR", str(folder))
        with EmbeddedPostgres(folder / "postgres"):
            with desk() as here:
                here.transact(lambda connection: register_demo_clients(connection, here.policies))
            yield folder


@pytest.fixture
def taro(office: Path) -> str:
    """The login id of an adult of whom nothing is on record."""
    login_id = f"taro-{uuid4().hex[:8]}"
    with desk() as here:
        here.transact(lambda connection: _register(connection, here, uuid4(), login_id))
    return login_id


async def _register(connection: Connection, here: Desk, subject_id: UUID, login_id: str) -> None:
    origin = {"service_context": "KARADO_APP", "provenance": "entered in the app", "acquired_at": NOON}
    who = {"subject_id": subject_id, **origin}
    await register(connection, [subject_id], ServiceContext.KARADO_APP, here.policies)
    born = {"birth_date": date(1980, 5, 5), "birth_precision": "DAY"}
    await write_rows(connection, subject_account, [{**who, "login_id": login_id, "source_id": 1}], here.policies)
    await write_rows(connection, subject_attribute, [{**who, **born}], here.policies)
