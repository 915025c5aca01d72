"""Ways of answering that are wrong in one place: what the comparison must see, and show."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson
from operations import Question
from ways import Way

from sekisho.disclosure.record import LogRow
from sekisho.gateway.replies import Reply


def as_it_is(body: bytes) -> bytes:
    return body


def recorded_as_it_is(row: LogRow) -> LogRow:
    return row


@dataclass
class BrokenWay(Way):
    """A way whose replies and rows go wrong in a way of their own."""

    reply: Callable[[bytes], bytes] = as_it_is
    row: Callable[[LogRow], LogRow] = recorded_as_it_is

    async def ask(self, question: Question, number: int, request_id: str) -> Reply | str:
        right = await super().ask(question, number, request_id)
        if isinstance(right, str):
            return right
        return Reply(right.status, self.reply(right.body), right.media_type, right.code, right.fields)

    async def rows(self, request_id: str) -> dict[int, list[LogRow]]:
        right = await super().rows(request_id)
        return {number: [self.row(each) for each in rows] for number, rows in right.items()}


def spells_a_whole_number_like_python(body: bytes) -> bytes:
    return re.sub(rb":(-?[0-9]+)([,}])", rb":\1.0\2", body) if body.startswith(b'{"data"') else body


def loses_a_path(body: bytes) -> bytes:
    """Says one place less of what was withheld."""
    told = orjson.loads(body)
    for entry in told.get("extensions", {}).get("withheld", ()):
        if entry.get("paths"):
            del entry["paths"][-1]
            return orjson.dumps(told)
    return body


def takes_a_stored_value_for_none(row: LogRow) -> LogRow:
    """One letter of a record."""
    for place, letters in enumerate(row.outcomes):
        if "v" in letters:
            wrong = letters.replace("v", "e", 1)
            return replace(row, outcomes=(*row.outcomes[:place], wrong, *row.outcomes[place + 1 :]))
    return row


def counts_a_row_too_many(row: LogRow) -> LogRow:
    if not row.row_counts:
        return row
    return replace(row, row_counts=(row.row_counts[0] + 1, *row.row_counts[1:]))


def names_another_acceptance(row: LogRow) -> LogRow:
    return replace(row, evidence=tuple("another" if each else each for each in row.evidence))
