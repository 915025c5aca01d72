"""The registry's generation is new with every change of the registry, exactly when the change is there."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from store_samples import NOON, a_recipient, log_row, register_subject

from databases import Database
from judged import GENEROUS
from sekisho.policy.document import Label, Policies
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.store import ledger
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.cases import Case, approve_case, close_case, register_case
from sekisho.store.generation import current_generation
from sekisho.store.profiles import intern, register_lenses
from sekisho.store.recipients import add_recipient, current_recipient
from sekisho.store.sources import ensure_source
from sekisho.store.versions import register_versions, revoke_version
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType, SourceKind

POLICIES = Policies((shipped_policy(),))
RESEARCH = Lens(RecipientType.FIRST_PARTY, Purpose.RESEARCH_ACADEMIC)
ADVERTISING = Lens(RecipientType.FIRST_PARTY, Purpose.PRODUCT_DEVELOPMENT)
WALK = Activity("EVENT:walk", Label("散歩", "Walk"), sensitive=False)
CASE = Case(
    *("2026-1", "police", DisclosurePurpose.LEGAL_COMPLIANCE, frozenset({UUID(int=1)}), frozenset({"sex"}), "aoki"),
    *(NOON, NOON + timedelta(days=7)),
)
Change = Callable[[AsyncConnection], Awaitable[object]]
CHANGES: dict[str, Change] = {
    "a recipient": lambda connection: add_recipient(connection, a_recipient()),
    "a source": lambda connection: ensure_source(connection, SourceKind.THIRD_PARTY, "clinic"),
    "an activity": lambda connection: ensure_activity(connection, WALK),
    "a case": lambda connection: register_case(connection, CASE),
    "a lens": lambda connection: register_lenses(connection, [RESEARCH], POLICIES),
    "a policy version": lambda connection: register_versions(connection, POLICIES),
}
"""What the operator adds to each table of the registry, by the ways there are."""

LATER_CHANGES: dict[str, Change] = {
    "an approval": lambda connection: approve_case(connection, CASE.case_id, "baba", NOON),
    "an end of a case": lambda connection: close_case(connection, CASE.case_id, NOON),
    "a revoked version": lambda connection: revoke_version(connection, "2022-09"),
    "another label of a source": lambda connection: connection.execute(text("UPDATE data_source SET label_en = 'x'")),
    "another title": lambda connection: connection.execute(text("UPDATE activity SET title_en = 'x'")),
}
REGISTRY = ("recipient", "policy_version", "data_source", "access_case", "activity", "lens")
NO_CHANGES: dict[str, Change] = {
    "a person": register_subject,
    "a profile": lambda connection: intern(connection, [GENEROUS], POLICIES),
    "a source that is known": lambda connection: ensure_source(connection, SourceKind.LINKED_APP, "GOOGLE_FIT"),
    "a look": lambda connection: current_recipient(connection, "karada-lab"),
}


async def generation(database: Database) -> UUID:
    async with database.gateway.connect() as connection:
        return await current_generation(connection)


async def renews(database: Database, change: Change, engine: AsyncEngine | None = None) -> bool:
    before = await generation(database)
    async with (engine or database.operator).begin() as connection:
        await change(connection)
    return await generation(database) != before


async def furnish(database: Database) -> None:
    async with database.operator.begin() as connection:
        for change in CHANGES.values():
            await change(connection)


@pytest.mark.parametrize("name", CHANGES)
async def test_whatever_is_added_to_the_registry_renews_its_generation(database: Database, name: str) -> None:
    assert await renews(database, CHANGES[name])


@pytest.mark.parametrize("name", LATER_CHANGES)
async def test_whatever_changes_in_the_registry_renews_its_generation(database: Database, name: str) -> None:
    await furnish(database)
    assert await renews(database, LATER_CHANGES[name])


@pytest.mark.parametrize("table", REGISTRY)
async def test_rows_the_owner_rewrites_or_removes_by_hand_renew_it_too(database: Database, table: str) -> None:
    await furnish(database)
    key = {"policy_version": "version", "recipient": "client_id", "access_case": "case_id"}.get(table)
    column = key or {"data_source": "name", "activity": "title_ja", "lens": "key"}[table]
    for statement in (f"UPDATE {table} SET {column} = {column} || '!'", f"DELETE FROM {table}"):
        assert await renews(database, lambda on, said=statement: on.execute(text(said)), database.owner)


@pytest.mark.parametrize("name", NO_CHANGES)
async def test_what_is_not_the_registry_leaves_its_generation_alone(database: Database, name: str) -> None:
    assert not await renews(database, NO_CHANGES[name])


async def test_a_written_record_leaves_the_generation_alone(database: Database) -> None:
    assert not await renews(database, lambda on: ledger.append(on, [log_row()]), database.gateway)


async def test_a_change_that_is_taken_back_renews_nothing(database: Database) -> None:
    before = await generation(database)
    async with database.operator.connect() as connection:
        for change in CHANGES.values():
            await change(connection)
        await connection.rollback()
    assert await generation(database) == before


async def test_a_part_of_a_transaction_that_is_taken_back_renews_nothing(database: Database) -> None:
    before = await generation(database)
    async with database.operator.begin() as connection:
        part = await connection.begin_nested()
        await add_recipient(connection, a_recipient())
        await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        assert await current_generation(connection) != before
        await part.rollback()
    assert await generation(database) == before


async def test_a_change_after_a_part_that_was_taken_back_renews_it(database: Database) -> None:
    async def change(connection: AsyncConnection) -> None:
        await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        part = await connection.begin_nested()
        await add_recipient(connection, a_recipient())
        await part.rollback()
        await ensure_activity(connection, WALK)

    assert await renews(database, change)


async def test_every_transaction_that_changes_the_registry_makes_a_generation_of_its_own(database: Database) -> None:
    seen = {await generation(database)}
    for _ in range(5):
        async with database.operator.begin() as connection:
            await add_recipient(connection, a_recipient())
        seen.add(await generation(database))
    assert len(seen) == 6


async def test_the_new_generation_is_seen_exactly_when_the_change_is(database: Database) -> None:
    """One snapshot shows both or neither, whenever it is taken."""
    seen: set[tuple[UUID, int]] = set()
    both = text("SELECT generation, (SELECT count(*) FROM recipient) FROM registry_generation")
    done = asyncio.Event()

    async def watch() -> None:
        async with database.gateway.connect() as connection:
            while not done.is_set():
                seen.add(tuple((await connection.execute(both)).one()))
                await connection.rollback()

    watching = asyncio.create_task(watch())
    for _ in range(20):
        async with database.operator.begin() as connection:
            await add_recipient(connection, a_recipient())
            await asyncio.sleep(0.002)
    done.set()
    await watching
    assert len(seen) > 5
    assert len({generation for generation, _ in seen}) == len({count for _, count in seen}) == len(seen)


async def test_a_snapshot_from_before_the_change_keeps_the_generation_from_before(database: Database) -> None:
    before = await generation(database)
    async with database.gateway.connect() as connection:
        frozen = await connection.execution_options(isolation_level="REPEATABLE READ")
        assert await current_generation(frozen) == before
        async with database.operator.begin() as other:
            await add_recipient(other, a_recipient())
        assert await current_generation(frozen) == before
        assert await current_recipient(frozen, "karada-lab") is None
    assert await generation(database) != before


async def test_lenses_and_recipients_registered_in_either_order_do_not_wait_for_each_other(database: Database) -> None:
    """The row is locked at commit alone, after the lock of the masks: no circle. Both changes are in one generation."""
    lens_locked, recipient_added = asyncio.Event(), asyncio.Event()

    async def lens_first() -> None:
        async with database.operator.begin() as connection:
            await register_lenses(connection, [RESEARCH], POLICIES)
            lens_locked.set()
            await recipient_added.wait()
            await add_recipient(connection, a_recipient(client_id="one"))

    async def recipient_first() -> None:
        async with database.operator.begin() as connection:
            await lens_locked.wait()
            await add_recipient(connection, a_recipient(client_id="other"))
            recipient_added.set()
            await register_lenses(connection, [ADVERTISING], POLICIES)

    before = await generation(database)
    async with asyncio.timeout(20):
        await asyncio.gather(lens_first(), recipient_first())
    assert await generation(database) != before


async def test_many_who_change_the_registry_at_once_all_come_through(database: Database) -> None:
    async def change(number: int) -> None:
        async with database.operator.begin() as connection:
            await ensure_activity(connection, Activity(f"EVENT:{number}", Label("", ""), sensitive=False))
            await add_recipient(connection, a_recipient(client_id=str(number)))

    async with asyncio.timeout(20):
        await asyncio.gather(*map(change, range(12)))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_generation SET generation = gen_random_uuid()",
        "INSERT INTO registry_generation (singleton) VALUES (false)",
        "DELETE FROM registry_generation",
        "TRUNCATE registry_generation",
    ],
)
async def test_neither_gateway_nor_operator_sets_the_generation(database: Database, statement: str) -> None:
    for engine in (database.gateway, database.operator):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))


async def test_only_the_owner_hangs_its_function_on_a_table(database: Database) -> None:
    async with database.operator.connect() as connection:
        await connection.execute(text("CREATE TEMP TABLE mine (a int)"))
        hang = "CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION renew_registry_generation()"
        with pytest.raises(DBAPIError, match="permission denied for function"):
            await connection.execute(text(hang))


async def test_a_table_of_the_same_name_put_in_the_way_changes_nothing(database: Database) -> None:
    async def change(connection: AsyncConnection) -> None:
        await connection.execute(
            text("CREATE TEMP TABLE registry_generation (generation uuid, changed_at timestamptz)")
        )
        await add_recipient(connection, a_recipient())

    assert await renews(database, change)


async def test_there_is_one_generation(database: Database) -> None:
    for singleton, refusal in (("true", "pk_registry_generation"), ("false", "one_row")):
        with pytest.raises(DBAPIError, match=refusal):
            async with database.owner.begin() as connection:
                await connection.execute(text(f"INSERT INTO registry_generation (singleton) VALUES ({singleton})"))


@pytest.mark.parametrize("table", REGISTRY)
async def test_the_registry_is_never_truncated(database: Database, table: str) -> None:
    """An older snapshot would see the emptied table and the generation from before."""
    for engine in (database.owner, database.admin):
        with pytest.raises(DBAPIError, match="is never truncated"):
            async with engine.begin() as connection:
                await connection.execute(text(f"TRUNCATE {table} CASCADE"))


async def test_a_change_that_replication_replays_renews_it_as_well(database: Database) -> None:
    async def replay(connection: AsyncConnection) -> None:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await add_recipient(connection, a_recipient())

    assert await renews(database, replay, database.admin)


async def test_the_function_runs_as_the_owner_with_a_search_path_of_its_own(database: Database) -> None:
    query = """
        SELECT proowner::regrole::text, prosecdef, proconfig FROM pg_proc WHERE proname = 'renew_registry_generation'
    """
    async with database.owner.connect() as connection:
        (found,) = (await connection.execute(text(query))).all()
    assert tuple(found) == ("sekisho_owner", True, ["search_path=pg_catalog, public, pg_temp"])
