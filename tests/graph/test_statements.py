"""How many statements an operation takes in resolver mode, and that what nobody may see is not even selected."""

import pytest

from databases import Database
from graph.village import everything_about
from graph.world import World, an_event
from sekisho.policy.document import Label
from sekisho.store.activities import Activity, ensure_activity

WHOLE = """{
  subjects(first: 100, where: {sex: {isNull: false}}, orderBy: {field: AGE}) { edges { node {
    id attributes { birthDate age sex heightCm weightKg } account { email loginId }
    measurements(last: 5) { value kind takenAt } old: measurements(first: 2) { value }
    surveyAnswers { question answer } monitorTrials { note } linkedAppRecords { service value }
  } } }
}"""


async def with_people(world: World, count: int) -> None:
    async with world.database.operator.begin() as connection:
        for key in (
            "SURVEY:2026-spring",
            "CAMPAIGN:steps-2026",
            "EVENT:open-day",
            "MONITOR_TRIAL:cuff-7",
            "CLINICAL_RESEARCH:hypertension-2026",
        ):
            await ensure_activity(connection, Activity(key, Label(key, key), sensitive=False))
    for number in range(count):
        name = f"person {number}"
        if name not in world.people:
            await world.person(
                name,
                an_event("LINK", key="GOOGLE_FIT"),
                an_event("PARTICIPATION", key="SURVEY:2026-spring"),
            )
            await everything_about(world, name)


async def test_the_number_of_statements_does_not_grow_with_the_people(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await with_people(world, 2)
    few = await world.statements("analytics", WHOLE, purpose="RESEARCH_ACADEMIC")
    await with_people(world, 30)
    many = await world.statements("analytics", WHOLE, purpose="RESEARCH_ACADEMIC")
    assert len(many) == len(few)
    assert len(few) <= 20


@pytest.mark.parametrize("count", [1, 12])
async def test_one_row_of_the_log_is_written_for_each_root_field_in_one_statement(
    database: Database, count: int
) -> None:
    world = await World.founded(database, "analytics")
    roots = " ".join(f"r{each}: subjects {{ edges {{ cursor }} }}" for each in range(count))
    statements = await world.statements("analytics", f"{{ {roots} }}", purpose="RESEARCH_ACADEMIC")
    assert len([each for each in statements if "INSERT INTO disclosure_log" in each]) == 1
    assert len(await world.log()) == 2 * count


async def test_a_column_permitted_to_nobody_is_not_selected(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    asked = (
        "{ subjects { edges { node { account { email loginId } accessHistory { ipAddress } attributes { sex } } } } }"
    )
    statements = await world.statements("analytics", asked, purpose="RESEARCH_ACADEMIC")
    for secret in ("email", "login_id", "ip_address", "access_record", "subject_account", "birth_date,"):
        assert not [each for each in statements if secret in each], secret


async def test_g3_fields_not_requested_are_neither_loaded_nor_recorded(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    statements = await world.statements(
        "analytics", "{ subjects { edges { node { attributes { sex } } } } }", purpose="RESEARCH_ACADEMIC"
    )
    assert not [each for each in statements if "height_cm" in each or "measurement" in each]
    row, _ = await world.log()
    assert row.coordinates == ("Attributes.sex",)


async def test_g3_a_person_whose_profile_refuses_is_not_asked_for(database: Database) -> None:
    """The one statement for all people selects a value for those alone whose profile permits it."""
    world = await World.founded(database, "analytics")
    await world.person("aiko", an_event("OBJECTION", scope={"categories": ["HEALTH_MEASUREMENT"]}))
    asked = "{ subjects { edges { node { measurements { value } attributes { sex } } } } }"
    statements = await world.statements("analytics", asked, purpose="RESEARCH_ACADEMIC")
    assert not [each for each in statements if "FROM measurement" in each]
