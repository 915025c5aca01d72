from graph.world import World, an_event
from databases import Database


async def test_each_field_of_each_person_is_released_or_withheld(database: Database) -> None:
    world = await World.founded(database)
    await world.person("aiko")
    await world.person("ben", an_event("WITHDRAWAL", scope={"purposes": ["RESEARCH_ACADEMIC"]}))
    await world.person("chie", an_event("OBJECTION", scope={"categories": ["HEALTH_MEASUREMENT"]}))
    for n in ("aiko", "chie"):
        await world.rows("measurement", n, dict(taken_at=world_time(), kind="PULSE", value=61.5, unit="/min"), source=2)
    answer = await world.ask(
        "analytics",
        "query Q @purpose(is: RESEARCH_ACADEMIC) { subjects(first: 10) { edges { node { id attributes { birthDate age sex heightCm } account { email } measurements(last: 5) { takenAt kind value } } } pageInfo { hasNextPage endCursor } } }",
    )
    import json
    print(json.dumps({"data": answer.data, "errors": answer.errors, "ext": answer.extensions}, ensure_ascii=False, indent=1))
    for row in await world.log():
        print(row)
    assert answer.data


def world_time():
    from graph.world import LONG_AGO
    return LONG_AGO
