"""`sekisho log`: the disclosure records, unfolded from the rows that the statements wrote."""

import sys
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import typer

from sekisho.cli.output import table
from sekisho.cli.session import Desk, LoginOption, SubjectOption, desk, subject_of
from sekisho.disclosure.record import LogRow, Record, canonical
from sekisho.store.connecting import Connection
from sekisho.store.ledger import handles, latest, rows
from sekisho.store.unfolding import records

app = typer.Typer(no_args_is_help=True, help="The disclosure log: what was released to whom, for what, and why not.")

_PAGE = 1000
_COLUMNS = ("time", "recipient", "purpose", "subject", "outcome", "released", "withheld")


@app.callback()
def log() -> None:
    """The disclosure log: what was released to whom, for what, and why not."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which records: of one request, about one person, the latest few."""

    request_id: str | None
    subject: UUID | None
    login_id: str | None
    limit: int | None

    async def handle(self, connection: Connection) -> UUID | None:
        """What the log calls the person, if one is named."""
        if self.subject is None and self.login_id is None:
            return None
        subject = await subject_of(connection, self.subject, self.login_id)
        return (await handles(connection, (subject,)))[subject]


@app.command()
def show(
    *,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Canonical JSON, one record on each line.")] = False,
    request_id: Annotated[str | None, typer.Option(help="Only the records of this request.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only this many, the latest ones.")] = None,
) -> None:
    """Show disclosure records, oldest first: one for each statement and person.

    Example: sekisho log show --login-id taro --limit 20
    """
    chosen = _Choice(request_id, subject, login_id, limit if jsonl else limit or 20)
    with desk() as here:
        if jsonl:
            here.transact(lambda connection: _print(connection, here, chosen))
            return
        found = here.transact(lambda connection: _collected(connection, here, chosen))
    table("disclosure records", _COLUMNS, map(_row, found))


async def _print(connection: Connection, here: Desk, chosen: _Choice) -> None:
    if chosen.limit is not None:
        for record in await _collected(connection, here, chosen):
            _write(record)
        return
    async for record in _told(connection, here, chosen):
        _write(record)


async def _collected(connection: Connection, here: Desk, chosen: _Choice) -> deque[Record]:
    """The latest records. A row unfolds into one record at least, so as many rows are enough."""
    return deque([record async for record in _told(connection, here, chosen)], maxlen=chosen.limit)


async def _told(connection: Connection, here: Desk, chosen: _Choice) -> AsyncIterator[Record]:
    handle = await chosen.handle(connection)
    async for row in _rows(connection, chosen.request_id, handle, chosen.limit):
        async for record in records(connection, (row,), here.policies):
            if handle is None or record["subject_ref"] == str(handle):
                yield record


def _rows(
    connection: Connection, request_id: str | None, handle: UUID | None, limit: int | None
) -> AsyncIterator[LogRow]:
    if limit is None:
        return _all(connection, request_id, handle)
    return latest(connection, about=handle, request_id=request_id, limit=limit)


async def _all(connection: Connection, request_id: str | None, handle: UUID | None) -> AsyncIterator[LogRow]:
    last: LogRow | None = None
    while True:
        after = (last.occurred_at, last.row_id) if last else None
        found = rows(connection, about=handle, request_id=request_id, after=after, limit=_PAGE)
        page = [row async for row in found]
        for row in page:
            yield row
        if len(page) < _PAGE:
            return
        last = page[-1]


def _write(record: Record) -> None:
    sys.stdout.write(canonical(record).decode() + "\n")


def _row(record: Record) -> tuple[str, ...]:
    recipient = record["recipient"]
    aims = [record.get(name) for name in ("disclosure_purpose", "purpose", "serves", "study")]
    withheld = sorted({f"{field['coordinate']} {field['reason']}" for field in record["withheld"]})
    return (
        record["time"],
        f"{recipient.get('name', record.get('client', ''))}\n{record['recipient_type']}",
        "\n".join(aim for aim in aims if aim),
        record.get("subject_ref", ""),
        " ".join(_named(record, ("outcome", "refusal", "legal_basis"))),
        "\n".join(_fields(record["released"])),
        "\n".join(withheld),
    )


def _fields(released: list[dict[str, Any]]) -> list[str]:
    return [f"{field['coordinate']} {field['transform']}" for field in released]


def _named(record: Record, names: tuple[str, ...]) -> list[str]:
    return [record[name] for name in names if name in record]
