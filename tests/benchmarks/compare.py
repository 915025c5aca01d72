"""`python -m benchmarks.compare`: the gateway and the peers, on the same data, in the same run."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import population
from benchmarks.agreement import Entrant, check_agreement
from benchmarks.asking import Asking, write_asking
from benchmarks.chart import chart
from benchmarks.circumstances import circumstances
from benchmarks.command import run_command
from benchmarks.contestants import REFERENCE, Contestant, gateways, headers, peers
from benchmarks.load import Cost, measure, warm_up
from benchmarks.loading import POLICY, database, write_people
from benchmarks.naming import gateway_names, internal_names
from benchmarks.peer_tables import withheld, write_peer_tables
from benchmarks.serving import served
from benchmarks.summary import Comparison, write_json
from benchmarks.table import comparison_table
from benchmarks.workloads import WORKLOADS, Workload, places
from benchmarks.workshop import DEFAULT_FOLDER, Cores, Workshop, execute, run, workshop
from sekisho.store.embedded import Urls

SEED = 1603
_CASES = {"W1": 5, "W2": 40, "W3": 5}
"""How many random requests everybody must answer alike before anything is measured."""

_BODIES = 3_000
_CONSOLE = Console(width=max(Console().width, 150))

Costs = dict[tuple[str, str], list[Cost]]


def compare(
    folder: Annotated[Path, typer.Option(help="Where databases, packages and results are kept.")] = DEFAULT_FOLDER,
    rounds: Annotated[int, typer.Option(help="How often each server is measured with each workload.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long each time, at least.")] = 4,
    only: Annotated[str, typer.Option(help="Names of servers besides the gateway, with commas; all by default.")] = "",
    people: Annotated[int, typer.Option(help="How many people there are.")] = population.PEOPLE,
    out: Annotated[Path | None, typer.Option(help="Where the results go; `compare.json` in the folder.")] = None,
) -> None:
    """Measure what a request costs the gateway and its peers."""
    chosen = {name.strip() for name in only.split(",") if name.strip()}
    with workshop(folder.absolute(), Cores()) as place:
        urls = run(prepared(place, people))
        known = (*gateways(place, urls), *peers(place, urls))
        contestants = [each for each in known if each is known[0] or not chosen or each.name in chosen]
        with entered(place, urls, contestants, people) as entrants:
            cases = [(each, at) for each in WORKLOADS for at in places(each, people, _CASES[each.name], SEED)]
            run(check_agreement(urls, entrants, cases))
            shares = run(withheld(urls))
            _CONSOLE.print(f"{len(entrants)} servers agree in {len(cases)} cases; withheld: {_told(shares)}")
            costs = _rounds(place, urls, entrants, (rounds, seconds, people))
        result = Comparison(circumstances(place, people), rounds, seconds, shares, contestants, costs)
    _CONSOLE.print(comparison_table(result))
    target = out or folder / "compare.json"
    write_json(result, target)
    chart(target, target.with_suffix(".svg"))
    _CONSOLE.print(f"ratios are to `{REFERENCE}`; every run is in {target}, and drawn beside it")


async def prepared(place: Workshop, people: int) -> Urls:
    """The database of this many people, with what the peers keep."""

    async def fill(urls: Urls) -> None:
        invented = list(population.invent(people, SEED))
        await write_people(urls, invented, lambda each: population.history(each, POLICY.id), measured=True)
        await write_peer_tables(urls)

    return await database(place, f"compare_{people}", f"compare/1 people={people} seed={SEED}", fill)


@contextmanager
def entered(place: Workshop, urls: Urls, contestants: Sequence[Contestant], people: int) -> Iterator[list[Entrant]]:
    """All contestants, running; the first of them is a gateway, which tells what it calls people."""
    with served(place, [each.program for each in contestants]) as running:
        given = [headers(each, place) for each in contestants]
        sealed, internal = gateway_names(running[0], given[0], people), run(internal_names(urls))
        yield [
            Entrant(each, one, sealed if each.ours else internal, told)
            for each, one, told in zip(contestants, running, given, strict=True)
        ]


def _rounds(place: Workshop, urls: Urls, entrants: Sequence[Entrant], extent: tuple[int, float, int]) -> Costs:
    rounds, seconds, people = extent
    costs: Costs = defaultdict(list)
    pairs = [(each, workload) for workload in WORKLOADS for each in entrants]
    asking = {(each.name, workload.name): _asking(place, each, workload, people) for each, workload in pairs}
    for entrant, workload in pairs:
        warm_up(place, entrant.served, asking[entrant.name, workload.name])
    for number in range(1, rounds + 1):
        for workload in WORKLOADS:
            run(execute(urls.admin, "TRUNCATE bench_disclosure_log", "CHECKPOINT"))
            for entrant in random.sample(entrants, len(entrants)):
                key = entrant.name, workload.name
                cost = measure(place, entrant.served, asking[key], seconds)
                costs[key].append(cost)
                told = f"{cost.server:.2f} + {cost.database:.2f} CPU-ms"
                _CONSOLE.print(f"round {number}, {workload.name}, {entrant.name}: {told}")
    return dict(costs)


def _asking(place: Workshop, entrant: Entrant, workload: Workload, people: int) -> Asking:
    bodies = [entrant.body(workload, at) for at in places(workload, people, _BODIES, SEED)]
    return write_asking(place, f"{entrant.name}-{workload.name}", entrant.headers, bodies)


def _told(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


if __name__ == "__main__":
    run_command(compare)
