"""What the tables refuse to hold, and how they are keyed."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, insert, text
from sqlalchemy.exc import IntegrityError
from store_samples import ORIGIN, a_measurement, log_row, register_subject

from databases import Database
from sekisho.store import ledger
from sekisho.store.tables import people
from sekisho.store.tables.catalogue import CATALOGUE, PERSONAL, ROWS
from sekisho.store.tables.consent import consent_event, subject_state


async def store(database: Database, table: Table, **row: Any) -> UUID:
    async with database.operator.begin() as connection:
        subject_id = await register_subject(connection)
        await connection.execute(insert(table).values({"subject_id": subject_id, **row}))
    return subject_id


async def measure(database: Database, **changes: Any) -> None:
    async with database.operator.begin() as connection:
        subject_id = await register_subject(connection)
        await connection.execute(insert(people.measurement).values(a_measurement(subject_id, **changes)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
async def test_a_number_that_json_cannot_spell_is_not_stored(database: Database, value: float) -> None:
    with pytest.raises(IntegrityError, match="value_finite"):
        await measure(database, value=value)
    with pytest.raises(IntegrityError, match="height_cm_finite"):
        await store(database, people.subject_attribute, height_cm=value, **ORIGIN)
    with pytest.raises(IntegrityError, match="weight_kg_finite"):
        await store(database, people.subject_attribute, weight_kg=value, **ORIGIN)


async def test_every_float_column_forbids_what_json_cannot_spell(database: Database) -> None:
    query = """
        SELECT c.table_name, c.column_name FROM information_schema.columns c
        WHERE c.table_schema = 'public' AND c.data_type IN ('double precision', 'real', 'numeric')
        AND NOT EXISTS (SELECT FROM information_schema.check_constraints k
            WHERE k.constraint_name = 'ck_' || c.table_name || '_' || c.column_name || '_finite')
    """
    async with database.owner.connect() as connection:
        assert (await connection.execute(text(query))).all() == []


async def test_data_of_another_service_is_not_stored(database: Database) -> None:
    with pytest.raises(IntegrityError, match="service_context_known"):
        await measure(database, service_context="SHOP")


def test_every_personal_table_tells_service_provenance_and_time() -> None:
    assert len(PERSONAL) == 18
    for table in PERSONAL:
        for name in ("service_context", "provenance", "acquired_at"):
            assert not table.c[name].nullable
        assert any(check.name == f"ck_{table.name}_service_context_known" for check in table.constraints)


async def test_data_of_an_unknown_source_is_not_stored(database: Database) -> None:
    with pytest.raises(IntegrityError, match="source_id"):
        await measure(database, source_id=41)
    with pytest.raises(IntegrityError, match="sex_source"):
        await store(database, people.subject_attribute, sex="OTHER", sex_source=41, **ORIGIN)


def test_every_personal_datum_names_its_source() -> None:
    for table in (*ROWS, people.subject_account):
        assert not table.c.source_id.nullable
        assert table.c.source_id.foreign_keys


async def test_data_of_nobody_is_not_stored(database: Database) -> None:
    with pytest.raises(IntegrityError, match="fk_measurement_subject_id"):
        async with database.operator.begin() as connection:
            await connection.execute(insert(people.measurement).values(a_measurement(UUID(int=1))))


async def test_an_entry_of_one_kind_of_activity_is_not_filed_under_another(database: Database) -> None:
    answer = {"question": "?", "answer": "!", "answered_at": ORIGIN["acquired_at"], "row_id": UUID(int=1)}
    with pytest.raises(IntegrityError, match="activity_kind"):
        await store(database, people.survey_answer, activity_key="EVENT:walk", source_id=1, **answer, **ORIGIN)


async def test_a_birth_date_comes_with_its_precision(database: Database) -> None:
    with pytest.raises(IntegrityError, match="birth_date_is_whole"):
        await store(database, people.subject_attribute, birth_precision="DAY", **ORIGIN)


async def test_a_log_row_needs_a_nonce_of_32_bytes(database: Database) -> None:
    with pytest.raises(IntegrityError, match="nonce_length"):
        async with database.gateway.begin() as connection:
            await ledger.append(connection, [log_row(nonce=b"short")])


async def test_no_column_is_called_a_password(database: Database) -> None:
    names = "password|passwd|passphrase|pwd|パスワード"
    query = f"SELECT table_name, column_name FROM information_schema.columns WHERE column_name ~* '{names}'"
    async with database.owner.connect() as connection:
        found = (await connection.execute(text(f"{query} AND table_schema = 'public'"))).all()
    assert found == []
    assert not [column for table in CATALOGUE.tables.values() for column in table.columns if "pass" in column.name]


def test_the_subject_comes_first_in_every_key_of_personal_data() -> None:
    for table in (people.subject, *PERSONAL, subject_state, consent_event):
        assert next(iter(table.primary_key.columns)).name == "subject_id"
        for index in table.indexes:
            assert next(iter(index.columns)).name == "subject_id"


def test_every_row_table_is_read_newest_first_through_an_index() -> None:
    for table in ROWS:
        assert f"ix_{table.name}_newest" in {index.name for index in table.indexes}
