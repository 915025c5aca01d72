"""What was measured, and its medians."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.contestants import REFERENCE, Contestant
from benchmarks.load import Cost


@dataclass(frozen=True, slots=True)
class Middle:
    """The median of several runs, with the least and the greatest."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Middle":
        """The middle of `values`."""
        return cls(statistics.median(values), min(values), max(values))

    def told(self) -> str:
        """As a reader sees it."""
        return f"{self.median:.2f} ({self.least:.2f}–{self.greatest:.2f})"


@dataclass(frozen=True)
class Comparison:
    """Every single run, by contestant and workload, and how it was made."""

    circumstances: Mapping[str, Any]
    rounds: int
    seconds: float
    withheld: Mapping[str, float]
    contestants: Sequence[Contestant]
    costs: Mapping[tuple[str, str], Sequence[Cost]]

    def middle(self, name: str, workload: str, part: str) -> Middle:
        """The middle of one part of the cost (`server`, `database`, `both`, `p50`, `p99`, `per_second`)."""
        return Middle.of([getattr(cost, part) for cost in self.costs[name, workload]])

    def ratio(self, name: str, workload: str, part: str) -> float | None:
        """A contestant's median in units of the reference's; `None` where the reference was not measured."""
        if (REFERENCE, workload) not in self.costs:
            return None
        return self.middle(name, workload, part).median / self.middle(REFERENCE, workload, part).median

    def workloads(self) -> list[str]:
        """The workloads that were measured, in order."""
        return list(dict.fromkeys(workload for _, workload in self.costs))


def write_json(result: Comparison, path: Path) -> None:
    """Medians, ratios and every run."""
    rows = [_row(result, each, workload) for workload in result.workloads() for each in result.contestants]
    told = {
        "circumstances": result.circumstances,
        "rounds": result.rounds,
        "seconds": result.seconds,
        "withheld": result.withheld,
        "reference": REFERENCE,
        "results": rows,
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(result: Comparison, contestant: Contestant, workload: str) -> dict[str, Any]:
    parts = ("server", "database", "both", "p50", "p99", "per_second")
    return {
        "workload": workload,
        "name": contestant.name,
        "title": contestant.title,
        "governed": contestant.governed,
        "ours": contestant.ours,
        **{part: asdict(result.middle(contestant.name, workload, part)) for part in parts},
        "ratio_server": result.ratio(contestant.name, workload, "server"),
        "ratio_both": result.ratio(contestant.name, workload, "both"),
        "runs": [asdict(cost) for cost in result.costs[contestant.name, workload]],
    }
