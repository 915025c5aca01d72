"""Each role may do its work and nothing else."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_samples import log_row

from databases import Database
from sekisho.store import ledger
from sekisho.store.database import DatabaseUnfit, check_gateway_role
from sekisho.store.tables.catalogue import CATALOGUE, PERSONAL

READ_BY_THE_GATEWAY = {
    *(table.name for table in PERSONAL),
    *("subject", "subject_handle", "subject_state", "subject_order", "consent_profile", "lens", "lens_mask"),
    *("access_case", "activity", "data_source", "gateway_key", "policy_version", "recipient", "alembic_version"),
    "registry_generation",
}
POWERS = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]


async def powers(database: Database, role: str) -> dict[str, set[str]]:
    query = text("SELECT has_table_privilege(:role, :table, :power)")
    held: dict[str, set[str]] = {}
    async with database.owner.connect() as connection:
        for table in (*CATALOGUE.tables, "alembic_version"):
            for power in POWERS:
                if await connection.scalar(query, {"role": role, "table": table, "power": power}):
                    held.setdefault(table, set()).add(power)
    return held


async def test_the_gateway_reads_what_it_serves_and_writes_the_log_and_its_key_pins_alone(database: Database) -> None:
    held = await powers(database, "sekisho_gateway")
    assert {table for table, power in held.items() if "SELECT" in power} == READ_BY_THE_GATEWAY
    assert {table: power - {"SELECT"} for table, power in held.items() if power - {"SELECT"}} == {
        "disclosure_log": {"INSERT"},
        "gateway_key": {"INSERT"},
    }


async def test_the_gateway_writes_the_log_and_cannot_read_it_back(database: Database) -> None:
    async with database.gateway.begin() as connection:
        await ledger.append(connection, [log_row()])
    with pytest.raises(DBAPIError, match="permission denied for table disclosure_log"):
        async with database.gateway.begin() as connection:
            await connection.execute(text("SELECT count(*) FROM disclosure_log"))


async def test_the_gateway_cannot_read_what_people_said_only_what_follows_from_it(database: Database) -> None:
    with pytest.raises(DBAPIError, match="permission denied for table consent_event"):
        async with database.gateway.begin() as connection:
            await connection.execute(text("SELECT evidence FROM consent_event"))
    async with database.gateway.begin() as connection:
        await connection.execute(text("SELECT evidence FROM subject_state"))


async def test_the_operator_reads_the_log_and_writes_none_of_it(database: Database) -> None:
    held = await powers(database, "sekisho_operator")
    assert held["disclosure_log"] == held["registry_generation"] == {"SELECT"}
    for appended in ("consent_event", "recipient", "gateway_key", "consent_profile", "lens"):
        assert held[appended] == {"SELECT", "INSERT"}


async def test_nobody_is_given_anything_by_default(database: Database) -> None:
    assert await powers(database, "public") == {}


async def test_a_gateway_is_served_by_a_plain_member_of_its_group(database: Database) -> None:
    async with database.gateway.connect() as connection:
        await check_gateway_role(connection)


async def test_a_gateway_does_not_start_as_superuser_owner_or_operator(database: Database) -> None:
    reasons = {
        database.admin: "is a superuser",
        database.owner: "may update the disclosure log",
        database.operator: "may read the disclosure log",
    }
    for engine, reason in reasons.items():
        async with engine.connect() as connection:
            with pytest.raises(DatabaseUnfit, match=reason):
                await check_gateway_role(connection)


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        ("GRANT SELECT (subjects) ON disclosure_log TO sekisho_gateway", "may read the disclosure log"),
        ("GRANT UPDATE (purpose) ON disclosure_log TO sekisho_gateway", "may update the disclosure log"),
        ("GRANT DELETE ON disclosure_log TO sekisho_gateway", "may delete from the disclosure log"),
        ("GRANT UPDATE ON consent_event TO sekisho_gateway", "may rewrite consent"),
        ("REVOKE INSERT ON disclosure_log FROM sekisho_gateway", "cannot write the disclosure log"),
    ],
)
async def test_a_gateway_does_not_start_with_a_right_too_many_or_too_few(
    database: Database, grant: str, reason: str
) -> None:
    async with database.owner.begin() as connection:
        await connection.execute(text(grant))
    async with database.gateway.connect() as connection:
        with pytest.raises(DatabaseUnfit, match=reason):
            await check_gateway_role(connection)
