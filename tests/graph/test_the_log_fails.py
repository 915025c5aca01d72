"""No record, no data: whatever keeps the record from being written keeps the answer from leaving."""

import asyncio

import pytest
from sqlalchemy import text

from databases import Database
from graph.world import World
from sekisho.disclosure.log import LogUnavailable
from sekisho.vocabulary import ReportMode

ASKED = "query @purpose(is: RESEARCH_ACADEMIC) { subjects { edges { node { attributes { sex } } } } }"
BREAKING = {
    "no right to write": ("REVOKE INSERT ON disclosure_log FROM sekisho_gateway",),
    "a trigger that raises": (
        (
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'no space left'; END $$"
        ),
        "CREATE TRIGGER full_disk BEFORE INSERT ON disclosure_log EXECUTE FUNCTION full_disk()",
    ),
    "a trigger that raises at commit": (
        (
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'no space left'; END $$"
        ),
        (
            "CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON disclosure_log"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION full_disk()"
        ),
    ),
    "a warning at commit": (
        (
            "CREATE FUNCTION unsure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$"
        ),
        (
            "CREATE CONSTRAINT TRIGGER unsure AFTER INSERT ON disclosure_log"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION unsure()"
        ),
    ),
    "a constraint": ("ALTER TABLE disclosure_log ADD CONSTRAINT nothing CHECK (false) NOT VALID",),
}


@pytest.mark.parametrize("how", BREAKING)
async def test_nothing_is_answered_while_the_record_cannot_be_written(database: Database, how: str) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    assert (await world.ask("analytics", ASKED)).data
    async with database.admin.begin() as connection:
        for statement in BREAKING[how]:
            await connection.execute(text(statement))
    for mode in ReportMode:
        with pytest.raises(LogUnavailable) as raised:
            await world.ask("analytics", ASKED, report=mode)
        assert "FEMALE" not in str(raised.value)
    for refused in ("{ subjects { edges { cursor } } }", "query @purpose(is: SALES) { me { id } }"):
        with pytest.raises(LogUnavailable):
            await world.ask("nobody", refused)


async def test_what_writes_no_record_is_answered_all_the_same(database: Database) -> None:
    world = await World.founded(database, "analytics")
    async with database.admin.begin() as connection:
        await connection.execute(text("REVOKE INSERT ON disclosure_log FROM sekisho_gateway"))
    assert (await world.ask("analytics", "{ viewer { clientId } policy { version } }")).data


async def test_the_gateway_answers_again_when_the_log_does(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    for statement, answers in (
        ("REVOKE INSERT ON disclosure_log FROM sekisho_gateway", False),
        ("GRANT INSERT ON disclosure_log TO sekisho_gateway", True),
    ):
        async with database.admin.begin() as connection:
            await connection.execute(text(statement))
        asked = await asyncio.gather(*(world.ask("analytics", ASKED) for _ in range(20)), return_exceptions=True)
        assert [isinstance(each, LogUnavailable) for each in asked] == [not answers] * 20
    assert len(await world.log()) == 20


async def test_a_frozen_log_answers_nobody_until_it_thaws(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    async with database.admin.connect() as connection:
        await connection.execute(text("LOCK TABLE disclosure_log IN ACCESS EXCLUSIVE MODE"))
        asking = asyncio.create_task(world.ask("analytics", ASKED))
        done, _ = await asyncio.wait([asking], timeout=0.5)
        assert not done
        await connection.rollback()
    assert (await asking).data
    assert len(await world.log()) == 1


async def test_each_answer_has_its_record_and_each_record_is_there_before_the_answer(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    for number in range(10):
        await world.ask("analytics", ASKED, request_id=f"{number}")
        assert len(await world.log(f"{number}")) == 1
