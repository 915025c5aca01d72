"""The same gateway on several databases, side by side."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from benchmarks.asking import Asking, write_asking
from benchmarks.contestants import DIRECTIVE, gateways, headers
from benchmarks.naming import gateway_names
from benchmarks.series import Case
from benchmarks.serving import Served, served
from benchmarks.workloads import Names, Workload, places
from benchmarks.workshop import Workshop
from sekisho.store.embedded import Urls

_BODIES = 3_000


@dataclass(frozen=True, slots=True)
class Beside:
    """One running gateway for each database, and the headers that all of them are asked with."""

    running: Sequence[Served]
    headers: Mapping[str, str]

    def asking(self, place: Workshop, workload: Workload, names: Names, seed: int) -> Asking:
        """The workload of random places among `names`: keys are shared, so every gateway understands them."""
        asked = [names.value(workload, at) for at in places(workload, len(names.ids), _BODIES, seed)]
        bodies = [workload.body(workload.operation(DIRECTIVE), each) for each in asked]
        return write_asking(place, f"beside-{workload.name}", self.headers, bodies)

    def cases(
        self, place: Workshop, workloads: Sequence[Workload], labels: Sequence[str], people: int, seed: int
    ) -> list[Case]:
        """Every workload on every database. `people`: how many the first has; the others have them too, and as many."""
        names = gateway_names(self.running[0], dict(self.headers), people)
        return [
            Case(workload.name, label, one, asking)
            for workload in workloads
            for asking in (self.asking(place, workload, names, seed),)
            for label, one in zip(labels, self.running, strict=True)
        ]


@contextmanager
def beside(place: Workshop, databases: Sequence[Urls]) -> Iterator[Beside]:
    """Gateways as served by default, until the block ends."""
    contestants = [next(gateways(place, urls)) for urls in databases]
    programs = [
        replace(each.program, name=f"{each.name}-{urls.owner.database}")
        for each, urls in zip(contestants, databases, strict=True)
    ]
    with served(place, programs) as running:
        yield Beside(running, headers(contestants[0], place))
