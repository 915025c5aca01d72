"""One question over HTTP, and what came of it: the answer, what was withheld, and the record that was written."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.disclosure.record import LogRow, Record
from sekisho.policy.document import Policies
from sekisho.store import ledger
from sekisho.store.unfolding import records

_MEDIA_TYPE = "application/graphql-response+json"


@dataclass(frozen=True)
class Question:
    """What one caller asks: an operation, and what the caller declares in headers."""

    client_id: str
    token: str
    operation: str
    headers: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: dict[str, Any]
    request_id: str

    @property
    def data(self) -> dict[str, Any]:
        """The data, or nothing."""
        return self.body.get("data") or {}

    @property
    def code(self) -> str:
        """The code of the first error, or nothing."""
        errors = self.body.get("errors") or [{}]
        return str(errors[0].get("extensions", {}).get("code", ""))

    @property
    def withheld(self) -> list[dict[str, Any]]:
        """What was withheld."""
        found: list[dict[str, Any]] = self.body.get("extensions", {}).get("withheld", [])
        return found


def ask(address: str, question: Question) -> Reply:
    """Post the question to the gateway at `address`."""
    request_id = uuid4().hex
    answer = httpx.post(
        f"{address}/graphql",
        json={"query": question.operation, "variables": question.variables},
        headers={
            "Authorization": f"Bearer {question.token}",
            "Accept": _MEDIA_TYPE,
            "X-Request-Id": request_id,
            **question.headers,
        },
        timeout=30,
    )
    return Reply(answer.status_code, answer.json(), request_id)


async def records_of(connection: AsyncConnection, request_id: str, policies: Policies) -> list[Record]:
    """The records written for one request."""
    rows = await raw_rows(connection, request_id)
    return [record async for record in records(connection, rows, policies)]


async def raw_rows(connection: AsyncConnection, request_id: str) -> list[LogRow]:
    """The compact rows written for one request."""
    return [row async for row in ledger.rows(connection, request_id=request_id)]
