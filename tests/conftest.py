"""What every test may ask for: one embedded PostgreSQL for the whole run, and a fresh database for each test."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from databases import Database, copy_of
from sekisho.demo.stage import Stage, staged
from sekisho.store.database import create_engine, upgrade
from sekisho.store.embedded import EmbeddedPostgres, Urls


@contextmanager
def folder_for_a_server() -> Iterator[Path]:
    """A folder that a server's system user can reach, unlike pytest's own, and short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="sekisho-tests-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def embedded_folder() -> Iterator[Path]:
    """A folder for a test that starts a server of its own."""
    with folder_for_a_server() as folder:
        yield folder


@pytest.fixture(scope="session")
def server() -> Iterator[Urls]:
    """The embedded server (one for each xdist worker); its database `sekisho` is empty until `template` migrates it."""
    with folder_for_a_server() as folder, EmbeddedPostgres(folder) as urls:
        yield urls


@pytest.fixture(scope="session")
async def template(server: Urls) -> Urls:
    """The migrated database that `database` copies. Nobody may stay connected to it."""
    engine = create_engine(server.owner, size=1)
    await upgrade(engine)
    await engine.dispose()
    return server


@pytest.fixture
async def database(template: Urls) -> AsyncIterator[Database]:
    """A fresh, migrated database for one test."""
    async with copy_of(template) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The demonstration with a few people, for tests that ask it over HTTP."""
    with folder_for_a_server() as folder, staged(folder, 0, 20, 1603, lambda _, __: None) as prepared:
        yield prepared
