"""Cases: what a legal reference opens, to one client, for listed people and items, until it expires.

INVARIANT (four eyes): a case is opened and approved by two different operators.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Update, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.store.tables.registry import access_case as table
from sekisho.vocabulary import DisclosurePurpose


class CaseRefused(Exception):  # noqa: N818 - a verdict, with what to do
    """This case cannot be opened, approved or closed; the message says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `expires_at` is exclusive. `items` are item ids of the policy."""

    case_id: str
    client_id: str
    disclosure: DisclosurePurpose
    subjects: frozenset[UUID]
    items: frozenset[str]
    opened_by: str
    opened_at: datetime
    expires_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    closed_at: datetime | None = None

    def opens(self, client_id: str, at: datetime) -> bool:
        """Whether the case lets this client pass at `at`: approved by then, neither closed nor expired, and its own."""
        approved = self.approved_at is not None and self.approved_at <= at
        ended = self.expires_at <= at or (self.closed_at is not None and self.closed_at <= at)
        return client_id == self.client_id and approved and not ended


async def register_case(connection: AsyncConnection, case: Case) -> None:
    """Put a case up for approval. Raises `CaseRefused` when it names nobody, nothing, or no time.

    An approval that `case` claims is not taken over.
    """
    if not case.subjects or not case.items:
        raise CaseRefused(f"case `{case.case_id}` names no subjects or no items; list both")
    if case.expires_at <= case.opened_at:
        raise CaseRefused(f"case `{case.case_id}` expires before it opens; give a later expiry")
    if not case.opened_by.strip():
        raise CaseRefused(f"case `{case.case_id}` has no operator; say who opens it")
    if await find_case(connection, case.case_id):
        raise CaseRefused(f"case `{case.case_id}` exists; choose another reference")
    await connection.execute(
        insert(table).values(
            case_id=case.case_id,
            client_id=case.client_id,
            disclosure=case.disclosure,
            subjects=sorted(case.subjects),
            items=sorted(case.items),
            opened_by=case.opened_by,
            opened_at=case.opened_at,
            expires_at=case.expires_at,
        )
    )


async def approve_case(connection: AsyncConnection, case_id: str, operator: str, at: datetime) -> None:
    """Let the case take effect. Raises `CaseRefused` for the operator who opened it, and for a case past approval."""
    case = await _known(connection, case_id)
    if not operator.strip() or _same(operator, case.opened_by):
        raise CaseRefused(f"case `{case_id}` was opened by `{case.opened_by}`; another operator must approve it")
    pending = table.c.approved_at.is_(None) & table.c.closed_at.is_(None) & (table.c.expires_at > at)
    approval = update(table).where(table.c.case_id == case_id, pending).values(approved_by=operator, approved_at=at)
    await _change(connection, approval, f"case `{case_id}` is approved, closed or expired already; open a new one")


async def close_case(connection: AsyncConnection, case_id: str, at: datetime) -> None:
    """End the case, approved or not. Raises `CaseRefused` for one that is closed or unknown."""
    await _known(connection, case_id)
    closing = update(table).where(table.c.case_id == case_id, table.c.closed_at.is_(None)).values(closed_at=at)
    await _change(connection, closing, f"case `{case_id}` is closed already; there is nothing to do")


async def open_case(connection: AsyncConnection, case_id: str, client_id: str, at: datetime) -> Case | None:
    """The case, if it is open to this client at `at`; an unknown case and another client's look the same."""
    case = await find_case(connection, case_id)
    return case if case and case.opens(client_id, at) else None


async def find_case(connection: AsyncConnection, case_id: str) -> Case | None:
    """The case as it stands, whatever its state."""
    row = (await connection.execute(select(table).where(table.c.case_id == case_id))).one_or_none()
    return _case(row) if row else None


async def list_cases(connection: AsyncConnection) -> tuple[Case, ...]:
    """Every case, oldest first."""
    return tuple(map(_case, await connection.execute(select(table).order_by(table.c.opened_at, table.c.case_id))))


async def _known(connection: AsyncConnection, case_id: str) -> Case:
    case = await find_case(connection, case_id)
    if case is None:
        raise CaseRefused(f"there is no case `{case_id}`; open it first")
    return case


async def _change(connection: AsyncConnection, statement: Update, otherwise: str) -> None:
    if (await connection.execute(statement.returning(table.c.case_id))).one_or_none() is None:
        raise CaseRefused(otherwise)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _case(row: Row[Any]) -> Case:
    facts = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name begins with an underscore
    disclosure = DisclosurePurpose(row.disclosure)
    return Case(
        **facts | {"disclosure": disclosure, "subjects": frozenset(row.subjects), "items": frozenset(row.items)}
    )
