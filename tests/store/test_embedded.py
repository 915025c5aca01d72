"""A real PostgreSQL in a folder: closed to others, kept over restarts, gone when its owner is."""

import os
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import IntegrityError

from sekisho.store.database import create_engine, migrate
from sekisho.store.embedded import EmbeddedPostgres, Urls
from sekisho.store.programs import EmbeddedUnavailable, Programs

HOLD = textwrap.dedent("""
    import sys
    from pathlib import Path
    from sekisho.store.embedded import EmbeddedPostgres
    EmbeddedPostgres(Path(sys.argv[1])).start()
    print("started", flush=True)
    sys.stdin.read()
""")


def postmaster(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def alive(process: int) -> bool:
    told = Path(f"/proc/{process}/stat")
    return told.exists() and told.read_text().rpartition(")")[2].split()[0] != "Z"


async def execute(url: URL, statement: str, **values: str) -> None:
    engine = create_engine(url, size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(statement), values)
    finally:
        await engine.dispose()


async def answer(url: URL, question: str) -> object:
    engine = create_engine(url, size=1)
    try:
        async with engine.begin() as connection:
            return await connection.scalar(text(question))
    finally:
        await engine.dispose()


@contextmanager
def another_process(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that started the server, and ends when its standard input does."""
    command = (sys.executable, "-c", HOLD, str(folder))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "started\n"
        yield holder


@pytest.fixture
def closed_folder(embedded_folder: Path) -> Path:
    """A data directory below a folder that only its owner may enter."""
    embedded_folder.chmod(0o700)
    return embedded_folder / "data"


async def test_each_role_reaches_its_own_user(server: Urls) -> None:
    assert await answer(server.admin, "SELECT current_user") == "postgres"
    assert await answer(server.owner, "SELECT pg_has_role('sekisho_owner', 'USAGE')") is True
    assert await answer(server.gateway, "SELECT current_user") == "sekisho_gateway_login"
    assert await answer(server.operator, "SELECT current_user") == "sekisho_operator_login"


async def test_a_restart_keeps_the_data(embedded_folder: Path) -> None:
    server = EmbeddedPostgres(embedded_folder)
    urls = server.start()
    await execute(urls.owner, "CREATE TABLE kept AS SELECT 7 AS seven")
    server.stop()
    with EmbeddedPostgres(embedded_folder) as again:
        assert await answer(again.owner, "SELECT seven FROM kept") == 7


async def test_two_servers_live_side_by_side(embedded_folder: Path, server: Urls) -> None:
    with EmbeddedPostgres(embedded_folder) as other:
        assert other.admin != server.admin
        assert await answer(other.admin, "SELECT 1") == await answer(server.admin, "SELECT 1") == 1


def test_nobody_else_may_enter_the_folder_or_the_socket(embedded_folder: Path) -> None:
    with EmbeddedPostgres(embedded_folder):
        socket = embedded_folder / ".s.PGSQL.5432"
        assert stat.S_IMODE(embedded_folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700


def test_a_folder_with_a_long_name_gets_a_private_socket_elsewhere(embedded_folder: Path) -> None:
    folder = embedded_folder / ("long" * 30)
    embedded_folder.chmod(0o755)
    with EmbeddedPostgres(folder) as urls:
        elsewhere = Path(str(urls.admin.query["host"]))
        assert elsewhere != folder
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
    assert not elsewhere.exists()


def test_stopping_leaves_no_process(embedded_folder: Path) -> None:
    server = EmbeddedPostgres(embedded_folder)
    server.start()
    process = postmaster(embedded_folder)
    assert alive(process)
    server.stop()
    assert not alive(process)
    server.stop()


def test_an_owner_that_ends_without_stopping_leaves_no_process(embedded_folder: Path) -> None:
    with another_process(embedded_folder):
        process = postmaster(embedded_folder)
        assert alive(process)
    assert not alive(process)


def test_who_joins_a_running_server_does_not_stop_it(embedded_folder: Path) -> None:
    with EmbeddedPostgres(embedded_folder) as urls:
        with EmbeddedPostgres(embedded_folder) as joined:
            assert joined == urls
        assert alive(postmaster(embedded_folder))


def test_the_server_of_a_killed_owner_is_taken_over_and_stopped(embedded_folder: Path) -> None:
    with another_process(embedded_folder) as holder:
        process = postmaster(embedded_folder)
        holder.kill()
    assert alive(process)
    with EmbeddedPostgres(embedded_folder):
        assert postmaster(embedded_folder) == process
    assert not alive(process)


async def test_the_log_of_the_server_holds_no_value(embedded_folder: Path) -> None:
    with EmbeddedPostgres(embedded_folder) as urls:
        await execute(urls.owner, "CREATE TABLE secrets (word text CHECK (word <> 'hush-hush'))")
        with pytest.raises(IntegrityError):
            await execute(urls.owner, "INSERT INTO secrets VALUES (:word)", word="hush-hush")
    log = (embedded_folder / "server.log").read_text()
    assert "violates check" in log
    assert "hush-hush" not in log


def test_migrating_needs_no_event_loop(embedded_folder: Path) -> None:
    with EmbeddedPostgres(embedded_folder) as urls:
        migrate(urls.owner)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_a_closed_folder_lets_the_server_pass_and_nobody_else(closed_folder: Path) -> None:
    with EmbeddedPostgres(closed_folder):
        assert (closed_folder.parent.stat().st_mode & 0o007) == 0
    with EmbeddedPostgres(closed_folder):
        assert (closed_folder.parent.stat().st_mode & 0o007) == 0


def test_a_program_that_fails_says_what_to_do() -> None:
    with pytest.raises(EmbeddedUnavailable, match="set the database URL"):
        Programs.here().run("pg_ctl", "start", "-D", "/nowhere")
