"""The village, settled once: for tests that only ask."""

from collections.abc import AsyncIterator

import pytest

from databases import copy_of
from graph.village import village
from graph.world import World
from sekisho.graph.compiled.engine import CompiledEngine
from sekisho.store.embedded import Urls


@pytest.fixture(scope="session")
async def settled(template: Urls) -> AsyncIterator[World]:
    """The village. Whoever changes anything in it must use a database of their own."""
    async with copy_of(template) as database:
        yield await village(database)


@pytest.fixture(scope="session")
async def one_statement(settled: World) -> CompiledEngine:
    """The village's gateway that answers with one statement."""
    return settled.compiled()
