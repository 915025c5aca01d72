"""`sekisho log`: the disclosure records, unfolded from the rows that the statements wrote."""

import sys
from collections import deque
from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer

from sekisho.cli.output import table
from sekisho.cli.session import Desk, desk
from sekisho.disclosure.record import LogRow, Record, canonical
from sekisho.store.connecting import Connection
from sekisho.store.ledger import rows
from sekisho.store.unfolding import records

app = typer.Typer(no_args_is_help=True, help="The disclosure log: what was released to whom, for what, and why not.")

_PAGE = 1000
_COLUMNS = ("time", "recipient", "purpose", "subject", "outcome", "released", "withheld")


@app.callback()
def log() -> None:
    """The disclosure log: what was released to whom, for what, and why not."""


@app.command()
def show(
    *,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Canonical JSON, one record on each line.")] = False,
    request_id: Annotated[str | None, typer.Option(help="Only the records of this request.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only this many, the latest ones.")] = None,
) -> None:
    """Show disclosure records, oldest first: one for each statement and person.

    Example: sekisho log show --jsonl --limit 20
    """
    with desk() as here:
        if jsonl:
            here.transact(lambda connection: _print(connection, here, request_id, limit))
            return
        found = here.transact(lambda connection: _collected(connection, here, request_id, limit or 20))
    table("disclosure records", _COLUMNS, map(_row, found))


async def _print(connection: Connection, here: Desk, request_id: str | None, limit: int | None) -> None:
    if limit is not None:
        for record in await _collected(connection, here, request_id, limit):
            _write(record)
        return
    async for row in _all(connection, request_id):
        async for record in records(connection, (row,), here.policies):
            _write(record)


async def _collected(connection: Connection, here: Desk, request_id: str | None, limit: int) -> list[Record]:
    """The latest `limit` records. A row unfolds into one record at least, so as many rows are enough."""
    latest: deque[LogRow] = deque(maxlen=limit)
    async for row in _all(connection, request_id):
        latest.append(row)
    return list(deque([record async for record in records(connection, latest, here.policies)], maxlen=limit))


async def _all(connection: Connection, request_id: str | None) -> AsyncIterator[LogRow]:
    last: LogRow | None = None
    while True:
        after = (last.occurred_at, last.row_id) if last else None
        page = [row async for row in rows(connection, request_id=request_id, after=after, limit=_PAGE)]
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
