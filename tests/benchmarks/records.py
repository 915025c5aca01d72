"""`python -m benchmarks.records`: the same request about people with one and with many consent records."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import population
from benchmarks.beside import beside
from benchmarks.circumstances import circumstances
from benchmarks.command import run_command
from benchmarks.compare import SEED
from benchmarks.loading import POLICY, database, write_people
from benchmarks.population import ADVERTISING, Invented, recorded
from benchmarks.series import in_turns, tell
from benchmarks.workloads import WORKLOADS
from benchmarks.workshop import DEFAULT_FOLDER, Cores, Workshop, run, workshop
from sekisho.store.consents import Recorded
from sekisho.store.embedded import Urls
from sekisho.vocabulary import EventKind

STEPS = (1, 20, 200)
PEOPLE = 1_500
"""In each of the databases: more than one statement scans to fill a page."""


def records(
    folder: Annotated[Path, typer.Option(help="Where databases and results are kept.")] = DEFAULT_FOLDER,
    rounds: Annotated[int, typer.Option(help="How often each is measured.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long each time.")] = 4,
) -> None:
    """Measure whether a request's cost grows with what people put on record."""
    with workshop(folder.absolute(), Cores()) as place:
        databases = [run(_prepared(place, step)) for step in STEPS]
        labels = [f"{step} records each" for step in STEPS]
        with beside(place, databases) as gateways:
            cases = gateways.cases(place, WORKLOADS[:2], labels, PEOPLE, SEED)
            series = in_turns(place, "consent records", cases, rounds, seconds)
        tell(series, circumstances(place, PEOPLE), folder / "records.json")


async def _prepared(place: Workshop, step: int) -> Urls:
    async def fill(urls: Urls) -> None:
        people = list(population.invent(PEOPLE, SEED))
        await write_people(urls, people, partial(_history, most=step), measured=False)

    return await database(place, f"records_{step}", f"records/1 people={PEOPLE} each={step} seed={SEED}", fill)


def _history(person: Invented, most: int) -> list[Recorded]:
    return list(_changing(person, most))


def _changing(person: Invented, most: int) -> Iterator[Recorded]:
    """Acceptance, then objection and lift in turns: each of them changes where the person stands."""
    yield recorded(person, 0, EventKind.ACCEPTANCE, version=POLICY.id)
    objection = ""
    for day in range(1, most):
        if objection:
            yield recorded(person, day, EventKind.LIFT, ends=(objection,))
            objection = ""
        else:
            objecting = recorded(person, day, EventKind.OBJECTION, scope=ADVERTISING)
            objection = objecting.event.id
            yield objecting


if __name__ == "__main__":
    run_command(records)
