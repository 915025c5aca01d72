"""A case opens what a legal reference asks for, once a second operator agreed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from store_samples import NOON

from databases import Database
from sekisho.store.cases import Case, CaseRefused, approve_case, close_case, list_cases, open_case, register_case
from sekisho.vocabulary import DisclosurePurpose

CASE = Case(
    case_id="order 4",
    client_id="court",
    disclosure=DisclosurePurpose.LEGAL_COMPLIANCE,
    subjects=frozenset({UUID(int=1), UUID(int=2)}),
    items=frozenset({"email", "birthDate"}),
    opened_by="hanako",
    opened_at=NOON,
    expires_at=NOON + timedelta(days=30),
)
LATER = NOON + timedelta(days=1)


async def found(database: Database, case_id: str = "order 4", client_id: str = "court", days: int = 2) -> Case | None:
    async with database.gateway.connect() as connection:
        return await open_case(connection, case_id, client_id, NOON + timedelta(days=days))


async def prepare(database: Database, approver: str | None = "jiro") -> None:
    async with database.operator.begin() as connection:
        await register_case(connection, CASE)
        if approver:
            await approve_case(connection, CASE.case_id, approver, LATER)


async def test_an_approved_case_is_open_to_its_client(database: Database) -> None:
    await prepare(database)
    assert await found(database) == replace(CASE, approved_by="jiro", approved_at=LATER)


async def test_a_case_is_not_open_before_approval_after_expiry_or_to_another_client(database: Database) -> None:
    await prepare(database)
    assert await found(database, days=0) is None
    assert await found(database, days=30) is None
    assert await found(database, client_id="police") is None
    assert await found(database, case_id="order 5") is None


async def test_a_case_that_nobody_approved_is_not_open(database: Database) -> None:
    await prepare(database, approver=None)
    assert await found(database) is None


@pytest.mark.parametrize("operator", ["hanako", " Hanako", "HANAKO ", "", " "])
async def test_who_opened_a_case_does_not_approve_it(database: Database, operator: str) -> None:
    await prepare(database, approver=None)
    async with database.operator.begin() as connection:
        with pytest.raises(CaseRefused, match="another operator must approve it"):
            await approve_case(connection, CASE.case_id, operator, LATER)


async def test_the_table_itself_wants_two_operators(database: Database) -> None:
    await prepare(database, approver=None)
    with pytest.raises(IntegrityError, match="two_operators"):
        async with database.operator.begin() as connection:
            await connection.execute(text("UPDATE access_case SET approved_by = 'hanako', approved_at = now()"))


async def test_a_claimed_approval_is_not_registered(database: Database) -> None:
    async with database.operator.begin() as connection:
        await register_case(connection, replace(CASE, approved_by="jiro", approved_at=NOON))
        assert await list_cases(connection) == (CASE,)


async def test_a_closed_case_is_shut_and_stays_shut(database: Database) -> None:
    await prepare(database)
    async with database.operator.begin() as connection:
        await close_case(connection, CASE.case_id, LATER)
    assert await found(database) is None
    async with database.operator.begin() as connection:
        with pytest.raises(CaseRefused, match="closed already"):
            await close_case(connection, CASE.case_id, LATER)
        with pytest.raises(CaseRefused, match="open a new one"):
            await approve_case(connection, CASE.case_id, "saburo", LATER)


async def test_an_expired_case_is_not_approved(database: Database) -> None:
    await prepare(database, approver=None)
    async with database.operator.begin() as connection:
        with pytest.raises(CaseRefused, match="open a new one"):
            await approve_case(connection, CASE.case_id, "jiro", CASE.expires_at)


@pytest.mark.parametrize(
    ("case", "refusal"),
    [
        (replace(CASE, subjects=frozenset()), "names no subjects"),
        (replace(CASE, items=frozenset()), "no items"),
        (replace(CASE, expires_at=NOON), "expires before it opens"),
        (replace(CASE, opened_by=" "), "no operator"),
    ],
)
async def test_a_case_names_people_items_time_and_operator(database: Database, case: Case, refusal: str) -> None:
    async with database.operator.begin() as connection:
        with pytest.raises(CaseRefused, match=refusal):
            await register_case(connection, case)


async def test_a_reference_is_used_once(database: Database) -> None:
    await prepare(database)
    async with database.operator.begin() as connection:
        with pytest.raises(CaseRefused, match="choose another reference"):
            await register_case(connection, CASE)


async def test_an_unknown_case_is_neither_approved_nor_closed(database: Database) -> None:
    async with database.operator.begin() as connection:
        with pytest.raises(CaseRefused, match="there is no case"):
            await approve_case(connection, "order 9", "jiro", LATER)
        with pytest.raises(CaseRefused, match="there is no case"):
            await close_case(connection, "order 9", LATER)
