"""INVARIANT (a refused value is never selected): the statement itself yields nothing that nobody may see."""

from typing import Any

from sqlalchemy import update

from databases import Database
from graph.world import World
from sekisho.graph.types.attributes import HEIGHT, SEX
from sekisho.store.questions import Wanted, values_of
from sekisho.store.reading import snapshot
from sekisho.store.tables.people import subject_attribute
from sekisho.vocabulary import Transform

EVERY_SOURCE = (1 << 63) - 1


async def test_a_value_is_selected_for_those_alone_who_permit_it_and_its_source(database: Database) -> None:
    world = await World.founded(database, "analytics")
    for name in ("aiko", "ben", "chie"):
        await world.person(name)
    full = Transform.FULL

    def wants(name: str, value: Any, sources: int = EVERY_SOURCE) -> Wanted:
        return Wanted(world.people[name], None, sources, value, full)

    wanted = [wants("aiko", HEIGHT), wants("ben", SEX), wants("chie", SEX, 0)]
    statement = values_of(subject_attribute, [(HEIGHT, full), (SEX, full)], wanted)
    async with database.gateway.connect() as connection:
        rows = (await connection.execute(statement)).all()
    found = {row[0]: (row[2], row[4]) for row in rows}
    assert found == {
        world.people["aiko"]: (160.5, None),
        world.people["ben"]: (None, "FEMALE"),
        world.people["chie"]: (None, None),
    }


async def test_all_of_an_operation_is_read_from_one_snapshot(database: Database) -> None:
    """What commits after the first statement is not seen by a later one."""
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    asked = [Wanted(world.people["aiko"], None, EVERY_SOURCE, HEIGHT, Transform.FULL)]
    async with snapshot(database.gateway) as view:
        async with database.operator.begin() as connection:
            await connection.execute(update(subject_attribute).values(height_cm=99.0))
        assert await view.values(asked) == [(160.5, 1)]
    async with snapshot(database.gateway) as view:
        assert await view.values(asked) == [(99.0, 1)]
