"""How the command line puts an event on record: it tells what would change, asks, records, and tells from when."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import typer

from sekisho.cli.consequence import Consequence, acts_from, foresee, kind_text
from sekisho.cli.output import say
from sekisho.cli.session import Desk, confirmed, subject_of
from sekisho.consent.records import ConsentEvent
from sekisho.spelling import instant
from sekisho.store.connecting import Connection
from sekisho.store.consents import Notice, Recorded, record
from sekisho.store.standings import clock
from sekisho.vocabulary import EventKind

AtOption = Annotated[str | None, typer.Option("--at", help="When it was said, with its offset; now unless told.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="When it ends (exclusive); never unless told.")]

_UNSTAMPED = datetime.min.replace(tzinfo=UTC)

Named = tuple[UUID | None, str | None]


def put(here: Desk, who: Named, ready: Recorded, *, yes: bool) -> None:
    """Tell what the event changes, ask, record it, and tell from when it acts."""
    subject_id, event, foreseen = here.transact(lambda connection: _prepared(connection, here, who, ready.event))
    say(f"{kind_text(event.kind)} of {subject_id}:")
    for line in foreseen.lines:
        say(f"  {line}")
    confirmed("put this on record?", yes=yes)
    final = [replace(ready, event=event)]
    recorded = here.transact(lambda connection: record(connection, subject_id, final, here.policies))[0]
    say(f"recorded {recorded.id} at {recorded.recorded_at.isoformat()}")
    say(f"acts from {acts_from(recorded, here.policies).isoformat()}" if foreseen.counts else "without effect")


async def _prepared(
    connection: Connection, here: Desk, who: Named, event: ConsentEvent
) -> tuple[UUID, ConsentEvent, Consequence]:
    """The person, the event with its time by the database's clock, and what it would change."""
    subject_id = await subject_of(connection, *who)
    said = await clock(connection) if event.event_time is _UNSTAMPED else event.event_time
    timed = replace(event, event_time=said)
    return subject_id, timed, await foresee(connection, subject_id, timed, here.policies)


def drafted(kind: EventKind, at: str | None, until: str | None = None) -> ConsentEvent:
    """An event with an id of its own; the database's clock times what was not timed."""
    said = instant(at, "--at") if at else _UNSTAMPED
    return ConsentEvent(str(uuid4()), kind, said, _UNSTAMPED, until=instant(until, "--until") if until else None)


def told(event: ConsentEvent) -> Recorded:
    """An event that the operator was told."""
    return Recorded(event, Notice(channel="operator", entity="data subject", method="told to the operator"))
