"""`python -m benchmarks.growth`: the same request with few and with many people and disclosure records."""

from pathlib import Path
from typing import Annotated

import httpx
import typer

from benchmarks import population
from benchmarks.beside import beside
from benchmarks.circumstances import circumstances
from benchmarks.command import run_command
from benchmarks.compare import SEED
from benchmarks.contestants import DIRECTIVE
from benchmarks.loading import POLICY, database, write_people
from benchmarks.multiplying import multiply_log, multiply_people, warm
from benchmarks.series import in_turns, tell
from benchmarks.workloads import WORKLOADS
from benchmarks.workshop import DEFAULT_FOLDER, Cores, Workshop, run, workshop
from sekisho.store.embedded import Urls

FEW = population.PEOPLE
_MEASURED = WORKLOADS[:2]
"""Those that touch no table but the people's own: the others are not multiplied."""


def growth(
    folder: Annotated[Path, typer.Option(help="Where databases and results are kept.")] = DEFAULT_FOLDER,
    times: Annotated[int, typer.Option(help="How many times as many people.")] = 100,
    records: Annotated[int, typer.Option(help="How many disclosure records besides.")] = 10_000_000,
    rounds: Annotated[int, typer.Option(help="How often each is measured.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long each time.")] = 4,
) -> None:
    """Measure whether a request's cost grows with what is stored."""
    with workshop(folder.absolute(), Cores()) as place:
        databases = run(_few(place)), run(_many(place, times, records))
        for urls in databases:
            run(warm(urls))
        labels = f"{FEW:,} people, empty log", f"{FEW * times:,} people, {records:,} log rows"
        with beside(place, databases) as gateways:
            cases = gateways.cases(place, _MEASURED, labels, FEW, SEED)
            series = in_turns(place, "growth", cases, rounds, seconds)
        tell(series, circumstances(place, FEW * times), folder / "growth.json")


async def _few(place: Workshop) -> Urls:
    return await database(place, "growth_few", f"growth/1 people={FEW} seed={SEED}", _fill)


async def _many(place: Workshop, times: int, records: int) -> Urls:
    async def fill(urls: Urls) -> None:
        await _fill(urls)
        await multiply_people(urls, times)
        _ask_once(place, urls)
        await multiply_log(urls, records)

    recipe = f"growth/3 people={FEW} times={times} records={records} seed={SEED}"
    return await database(place, "growth_many", recipe, fill)


async def _fill(urls: Urls) -> None:
    people = list(population.invent(FEW, SEED))
    await write_people(urls, people, lambda each: population.history(each, POLICY.id), measured=False)


def _ask_once(place: Workshop, urls: Urls) -> None:
    """Let the gateway write the one record that the others are copies of: about one person, so a small one."""
    operation = f"query One {DIRECTIVE}{{ subjects(first: 1) {{ edges {{ node {{ attributes {{ sex }} }} }} }} }}"
    with beside(place, (urls,)) as gateway:
        asked = httpx.post(
            gateway.running[0].address, json={"query": operation}, headers=dict(gateway.headers), timeout=120
        )
        asked.raise_for_status()


if __name__ == "__main__":
    run_command(growth)
