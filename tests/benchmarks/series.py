"""One gateway beside another, or one operation beside another: measured in turns, told in one table."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.asking import Asking
from benchmarks.load import Cost, measure
from benchmarks.serving import Served
from benchmarks.summary import Middle
from benchmarks.workshop import Workshop

_PARTS = ("server", "database", "both", "p50", "p99")


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured: a group whose first case is the unit of the others, a label, a server and what it is asked."""

    group: str
    label: str
    served: Served
    asking: Asking


@dataclass(frozen=True)
class Series:
    """Every run of every case, in order."""

    title: str
    cases: Sequence[Case]
    costs: Mapping[tuple[str, str], Sequence[Cost]]

    def middle(self, case: Case, part: str) -> Middle:
        """The middle of one part of the cost."""
        return Middle.of([getattr(cost, part) for cost in self.costs[case.group, case.label]])

    def ratio(self, case: Case, part: str) -> float:
        """The case's median in units of its group's first."""
        first = next(each for each in self.cases if each.group == case.group)
        return self.middle(case, part).median / self.middle(first, part).median


def in_turns(place: Workshop, title: str, cases: Sequence[Case], rounds: int, seconds: float) -> Series:
    """Measure each case once a round, in random order."""
    costs: dict[tuple[str, str], list[Cost]] = defaultdict(list)
    for _ in range(rounds):
        for case in random.sample(cases, len(cases)):
            costs[case.group, case.label].append(measure(place, case.served, case.asking, seconds))
    return Series(title, cases, dict(costs))


def tell(series: Series, circumstances: Mapping[str, Any], target: Path) -> None:
    """Print the table, and write every run to `target`."""
    table = Table(title=f"{series.title}: CPU-ms per request, median (least–greatest)", title_justify="left")
    for name in ("", "", "server CPU-ms", "database CPU-ms", "× server", "× database", "p50 ms", "p99 ms"):
        table.add_column(name, justify="right" if name else "left")
    for case in series.cases:
        server, database, p50, p99 = (series.middle(case, part) for part in ("server", "database", "p50", "p99"))
        ratios = (f"{series.ratio(case, part):.2f}" for part in ("server", "database"))
        table.add_row(
            case.group, case.label, server.told(), database.told(), *ratios, f"{p50.median:.1f}", f"{p99.median:.1f}"
        )
    Console(width=max(Console().width, 130)).print(table)
    rows = [_row(series, case) for case in series.cases]
    told = {"title": series.title, "circumstances": circumstances, "results": rows}
    target.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(series: Series, case: Case) -> dict[str, Any]:
    middles = {part: asdict(series.middle(case, part)) for part in _PARTS}
    ratios = {f"ratio_{part}": series.ratio(case, part) for part in ("server", "database", "both")}
    runs = [asdict(cost) for cost in series.costs[case.group, case.label]]
    return {"group": case.group, "label": case.label, **middles, **ratios, "runs": runs}
