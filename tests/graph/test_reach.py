"""Whom an operation may find at all is found at once, however many others there are."""

from databases import Database
from graph.world import World
from sekisho.graph.limits import Limits

ME = "{ subjects(first: 1) { edges { node { attributes { sex } } } pageInfo { hasNextPage } } }"


async def test_a_person_finds_themself_on_the_first_page(database: Database) -> None:
    world = await World.founded(database, limits=Limits(scan=1))
    for name in ("aiko", "ben", "chie"):
        await world.person(name)
    for name in ("aiko", "ben", "chie"):
        answer = await world.ask("app", ME, as_person=name)
        assert answer.data is not None
        assert len(answer.data["subjects"]["edges"]) == 1
