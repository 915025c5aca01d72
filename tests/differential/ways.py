"""Two ways of answering, side by side: each on its own copy of the town, with the same ids, nonces and instants."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from operations import Question
from spelling_graphql import CURSOR
from town import IDS

from databases import Database
from graph.village import D4
from graph.world import POLICIES
from sekisho.declaration import Admission
from sekisho.disclosure.record import LogRow, canonical
from sekisho.gateway.head import MediaType
from sekisho.gateway.replies import Reply, graph_reply
from sekisho.graph.exchange import Caller, Engine, GraphRequest
from sekisho.graph.limits import Limits
from sekisho.graph.recording import Minting
from sekisho.store import ledger, unfolding

LIMITS = Limits(page=3, page_max=4, rows=2, rows_max=4, scan=14)
"""Small, so that pages end, scans stop and sizes are refused often."""

ADMISSION = Admission(enabled=frozenset({D4}))
_ROWS_OF_ONE = 32
_ALL_ROWS = 1_000_000


def row_id_of(number: int, place: int) -> UUID:
    """The id of the row at a place (from 1) among those of a question."""
    return UUID(int=(number << _ROWS_OF_ONE) + place)


def nonce_of(number: int, place: int) -> bytes:
    """The nonce that goes with `row_id_of`."""
    return hashlib.sha256(f"{number} {place}".encode()).digest()


class Minted:
    """Ids and nonces that depend on nothing but the number of the question: for engines that must agree."""

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, number: int) -> None:
        self._number, self._ids, self._nonces = number, 0, 0

    def row_id(self) -> UUID:
        self._ids += 1
        return row_id_of(self._number, self._ids)

    def nonce(self) -> bytes:
        self._nonces += 1
        return nonce_of(self._number, self._nonces)

    @property
    def minting(self) -> Minting:
        return Minting(self.row_id, self.nonce)  # the instant is the clock's of the town


@dataclass
class Way:
    """One engine on its own database."""

    engine: Engine
    database: Database
    minted: Minted

    async def ask(self, question: Question, number: int, request_id: str) -> Reply | str:
        """The reply as bytes, or what went wrong instead."""
        self.minted.begin(number)
        person = IDS[question.person] if question.person is not None else None
        request = GraphRequest(
            question.text,
            Caller(question.client, person, f"token {number}"),
            question.operation_name,
            dict(question.variables) if question.variables is not None else None,
            question.headers,
            question.report,
            request_id,
        )
        try:
            return graph_reply(await self.engine.answer(request), MediaType.GRAPHQL_RESPONSE)
        except Exception as error:  # noqa: BLE001 - whatever is raised is the answer that is compared
            return f"raised {type(error).__name__}: {str(error.__cause__ or error).splitlines()[0]}"

    async def rows(self, request_id: str) -> dict[int, list[LogRow]]:
        """What was put on record under a request id, by the number of the question.

        Ids that were minted and never used (an attempt that had to learn anew) are closed up.
        """
        found: dict[int, list[LogRow]] = defaultdict(list)
        async with self.database.operator.connect() as connection:
            async for row in ledger.rows(connection, request_id=request_id, limit=_ALL_ROWS):
                number, minted = divmod(row.row_id.int, 1 << _ROWS_OF_ONE)
                place = len(found[number]) + 1
                nonce = nonce_of(number, place) if row.nonce == nonce_of(number, minted) else row.nonce
                found[number].append(replace(row, row_id=row_id_of(number, place), nonce=nonce))
        return found

    async def records(self, rows: Sequence[LogRow]) -> list[bytes]:
        """The disclosure records of the rows, in canonical form."""
        async with self.database.operator.connect() as connection:
            return [canonical(record) async for record in unfolding.records(connection, rows, POLICIES)]


@dataclass(frozen=True)
class Difference:
    """A question that the two ways did not answer or record alike."""

    question: Question
    what: str
    expected: Any
    found: Any

    @property
    def raised(self) -> bool:
        return self.what == "raised"


@dataclass
class Ways:
    """The oracle and the other way."""

    oracle: Way
    other: Way
    asked: int = 0

    async def ask_all(self, questions: Sequence[Question]) -> tuple[list[Difference], list[Reply], list[LogRow]]:
        """Every difference, and what the oracle replied and recorded."""
        request_id = f"batch {self.asked}"
        numbered: dict[int, tuple[Question, Reply | str, Reply | str]] = {}
        for question in questions:
            whole = await self._with_cursor(question)
            self.asked += 1
            numbered[self.asked] = (
                whole,
                await self.oracle.ask(whole, self.asked, request_id),
                await self.other.ask(whole, self.asked, request_id),
            )
        expected, found = await self.oracle.rows(request_id), await self.other.rows(request_id)
        differences = []
        for number, (question, reply, other) in numbered.items():
            difference = replied_differently(question, reply, other)
            difference = difference or await self._recorded_differently(
                question, expected.get(number, []), found.get(number, [])
            )
            if difference is not None:
                differences.append(difference)
        replies = [reply for _, reply, _ in numbered.values() if isinstance(reply, Reply)]
        return differences, replies, [row for rows in expected.values() for row in rows]

    async def difference(self, question: Question) -> Difference | None:
        """How the two ways differ over one question."""
        differences, _, _ = await self.ask_all([question])
        return differences[0] if differences else None

    async def _with_cursor(self, question: Question) -> Question:
        """The question with the cursor that it goes on from, as the oracle gave it."""
        if question.earlier is None:
            return question
        self.asked += 1
        first = replace(question, text=question.earlier, operation_name=None, earlier=None)
        reply = await self.oracle.ask(first, self.asked, "earlier")
        cursor = _cursor_in(reply) or CURSOR
        variables = {name: _instead(value, cursor) for name, value in (question.variables or {}).items()}
        return replace(
            question,
            text=question.text.replace(CURSOR, cursor),
            variables=variables if question.variables is not None else None,
            earlier=None,
        )

    async def _recorded_differently(
        self, question: Question, expected: Sequence[LogRow], found: Sequence[LogRow]
    ) -> Difference | None:
        """Equal rows unfold into equal records; only rows that are not equal are unfolded, to see."""
        if expected == found:
            return None
        before, after = await self.oracle.records(expected), await self.other.records(found)
        return Difference(question, "recorded", before, after) if before != after else None


def replied_differently(question: Question, expected: Reply | str, found: Reply | str) -> Difference | None:
    """Whether two replies differ in anything that leaves the gateway. An oracle that fails is a difference as well."""
    if isinstance(expected, str):
        return Difference(question, "raised", expected, found)
    return Difference(question, "replied", expected, found) if expected != found else None


def _cursor_in(reply: Reply | str) -> str | None:
    told = orjson.loads(reply.body) if isinstance(reply, Reply) else {}
    page = (told.get("data") or {}).get("page") or {}
    return (page.get("pageInfo") or {}).get("endCursor")


def _instead(value: Any, cursor: str) -> Any:
    return cursor if value == CURSOR else value
