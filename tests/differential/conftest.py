"""Two copies of the town, and the two ways of answering on them."""

from collections.abc import AsyncIterator

import pytest
from engines import copy_of_the_town, oracle, other_way
from town import town
from ways import Ways

from databases import Database, copy_of
from sekisho.store.embedded import Urls


@pytest.fixture(scope="session")
async def founded_town(template: Urls) -> AsyncIterator[Urls]:
    """The town, settled once; its database is copied, and nobody stays connected to it."""
    async with copy_of(template) as database:
        await town(database)
        await database.dispose()
        yield database.urls


@pytest.fixture(scope="session")
async def town_copies(founded_town: Urls) -> AsyncIterator[tuple[Database, Database]]:
    """Two copies of the town."""
    async with copy_of_the_town(founded_town) as one, copy_of_the_town(founded_town) as other:
        yield one, other


@pytest.fixture(scope="session")
def ways(town_copies: tuple[Database, Database]) -> Ways:
    """The oracle and the compiled way."""
    one, other = town_copies
    return Ways(oracle(one), other_way(other))
