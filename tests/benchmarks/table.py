"""The comparison as a table."""

from rich.table import Table

from benchmarks.summary import Comparison


def comparison_table(result: Comparison) -> Table:
    """One line for each server and workload, the cheapest first."""
    table = Table(title="CPU-milliseconds per request: median (least–greatest)", title_justify="left")
    for name in ("workload", "server", "governed"):
        table.add_column(name)
    for name in ("server CPU-ms", "database CPU-ms", "ratio server", "ratio both", "p50 ms", "p99 ms"):
        table.add_column(name, justify="right")
    for workload in result.workloads():
        ordered = sorted(result.contestants, key=lambda each: result.middle(each.name, workload, "both").median)
        for each in ordered:
            parts = {part: result.middle(each.name, workload, part) for part in ("server", "database", "p50", "p99")}
            table.add_row(
                workload,
                each.title,
                "yes" if each.governed else "no",
                parts["server"].told(),
                parts["database"].told(),
                _ratio(result.ratio(each.name, workload, "server")),
                _ratio(result.ratio(each.name, workload, "both")),
                f"{parts['p50'].median:.1f}",
                f"{parts['p99'].median:.1f}",
                style="bold" if each.ours else None,
            )
        table.add_section()
    return table


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"
