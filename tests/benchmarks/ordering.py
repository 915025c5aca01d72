"""`python -m benchmarks.ordering`: the 100 lightest people, while more and more of them withhold their weight."""

from pathlib import Path
from typing import Annotated

import httpx
import typer

from benchmarks import population
from benchmarks.asking import write_asking
from benchmarks.circumstances import circumstances
from benchmarks.command import run_command
from benchmarks.compare import SEED
from benchmarks.contestants import gateways, headers
from benchmarks.loading import POLICY, database, write_people
from benchmarks.multiplying import multiply_people, warm
from benchmarks.population import ADVERTISING, SERVICES, Invented, recorded
from benchmarks.series import Case, in_turns, tell
from benchmarks.serving import Served, served
from benchmarks.workshop import DEFAULT_FOLDER, Cores, Workshop, run, workshop
from sekisho.consent.records import Scope
from sekisho.store.consents import Recorded
from sekisho.store.embedded import Urls
from sekisho.vocabulary import DataCategory, EventKind, Purpose

WITHHELD = {
    Purpose.SERVICE_PROVISION: 0.03,
    Purpose.PRODUCT_DEVELOPMENT: 0.50,
    Purpose.RESEARCH_ACADEMIC: 0.97,
    Purpose.MONITOR_TRIAL_RECRUITMENT: 1.00,
}
"""The share that withholds attributes for each purpose: whoever does for one does for those after it."""

_LINKED = ((), SERVICES[:1], SERVICES[1:2], SERVICES[2:], SERVICES)
_MANNERS = 2 * len(_LINKED)
_SELECTION = "subjects(first: 100, orderBy: { field: WEIGHT_KG }) { edges { node { id attributes { weightKg } } } }"


def ordering(
    folder: Annotated[Path, typer.Option(help="Where databases and results are kept.")] = DEFAULT_FOLDER,
    times: Annotated[int, typer.Option(help=f"How many times {population.PEOPLE:,} people.")] = 1,
    rounds: Annotated[int, typer.Option(help="How often each is measured.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long each time.")] = 4,
) -> None:
    """Measure whether an order by a governed value depends on how many withhold it."""
    with workshop(folder.absolute(), Cores()) as place:
        urls = run(_prepared(place, times))
        run(warm(urls))
        gateway = next(gateways(place, urls))
        with served(place, [gateway.program]) as (running,):
            told = headers(gateway, place)
            cases = [_case(place, running, told, purpose, share) for purpose, share in WITHHELD.items()]
            series = in_turns(place, "order by weight", cases, rounds, seconds)
        tell(series, circumstances(place, population.PEOPLE * times), folder / "ordering.json")


async def _prepared(place: Workshop, times: int) -> Urls:
    async def fill(urls: Urls) -> None:
        people = list(population.invent(population.PEOPLE, SEED))
        await write_people(urls, people, _history, measured=False)
        if times > 1:
            await multiply_people(urls, times)

    recipe = f"ordering/2 people={population.PEOPLE} times={times} seed={SEED}"
    return await database(place, f"ordering_{times}", recipe, fill)


def _history(person: Invented) -> list[Recorded]:
    """Acceptance, one of ten manners (links, advertising), and one of four ways to withhold: 40 states of adults."""
    at, manner = person.draw.random(), person.draw.randrange(_MANNERS)
    purposes = frozenset(purpose for purpose, share in WITHHELD.items() if at < share)
    scope = Scope(frozenset({DataCategory.ATTRIBUTE}), purposes)
    events = [recorded(person, 0, EventKind.ACCEPTANCE, version=POLICY.id)]
    events += [recorded(person, 1, EventKind.LINK, key=service) for service in _LINKED[manner // 2]]
    if manner % 2:
        events.append(recorded(person, 1, EventKind.OBJECTION, scope=ADVERTISING))
    events.append(recorded(person, 2, EventKind.WITHDRAWAL, scope=scope))
    return events


def _case(place: Workshop, running: Served, told: dict[str, str], purpose: Purpose, share: float) -> Case:
    operation = f"query Lightest @purpose(is: {purpose}) {{ {_SELECTION} }}"
    answer = httpx.post(running.address, json={"query": operation}, headers=told, timeout=120).raise_for_status()
    edges = answer.json()["data"]["subjects"]["edges"]
    shown = sum(edge["node"]["attributes"]["weightKg"] is not None for edge in edges)
    body = httpx.Request("POST", running.address, json={"query": operation}).content
    asking = write_asking(place, f"ordering-{purpose}", told, [body])
    return Case("order by weight", f"{share:.0%} withheld ({shown} of {len(edges)} shown)", running, asking)


if __name__ == "__main__":
    run_command(ordering)
