"""`python -m benchmarks.chart`: the comparison as bars, for light and dark pages, drawn from its JSON."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.command import run_command
from benchmarks.workloads import WORKLOADS

_WIDTH, _LABELS, _BARS = 760, 236, 400
_LINE, _BAR, _GAP, _TOP = 26, 16, 46, 56
_LONGEST = 3.0
"""Bars end at this many times the reference; what is longer is cut and told in its number."""

_STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", "Hiragino Sans", sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 15px; } .quiet { fill: #59636e; } .ours { font-weight: 600; }
.number { font-variant-numeric: tabular-nums; }
.s { fill: #57606a; } .d { fill: #afb8c1; } .ours-s { fill: #b5432e; } .ours-d { fill: #e5a896; }
.open { opacity: .45; } .axis { stroke: #d1d9e0; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .quiet { fill: #9198a1; } .axis { stroke: #3d444d; }
  .s { fill: #9198a1; } .d { fill: #4d555e; } .ours-s { fill: #f0806a; } .ours-d { fill: #8a4336; }
}
"""


def chart(
    results: Annotated[Path, typer.Argument(help="`compare.json` of a comparison.")],
    out: Annotated[Path, typer.Argument(help="Where the drawing goes.")],
) -> None:
    """Draw a comparison that was measured before."""
    out.write_text(drawing(json.loads(results.read_text(encoding="utf-8"))), encoding="utf-8")


def drawing(told: dict[str, Any]) -> str:
    """The SVG of a comparison as `benchmarks.summary` writes it; a server far behind all others is left out."""
    panels, top = [], _TOP
    for workload in WORKLOADS:
        rows = [row for row in told["results"] if row["workload"] == workload.name and _drawn(row)]
        if rows:
            ordered = sorted(rows, key=lambda row: float(row["both"]["median"]))
            panels.append("".join(_panel(workload.title, ordered, _scale(ordered, told["reference"]), top)))
            top += _GAP + _LINE * len(rows)
    title = "What one request costs: CPU-milliseconds, the fewer the better"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{top}" viewBox="0 0 {_WIDTH} {top}"'
        f' role="img" aria-label="{title}"><style>{_STYLE}</style>'
        f'<text class="title" x="0" y="18">{title}</text>{_legend()}{"".join(panels)}</svg>\n'
    )


def _panel(title: str, rows: Sequence[dict[str, Any]], scale: float, top: int) -> Iterator[str]:
    height = _LINE * len(rows)
    yield f'<text class="quiet" x="{_LABELS}" y="{top + 14}">{escape(title)}</text>'
    yield f'<line class="axis" x1="{_LABELS}" x2="{_LABELS}" y1="{top + 22}" y2="{top + 22 + height}"/>'
    for number, row in enumerate(rows):
        yield from _bar(row, scale, top + 26 + number * _LINE)


def _bar(row: dict[str, Any], scale: float, top: int) -> Iterator[str]:
    server, both = row["server"]["median"] * scale, row["both"]["median"] * scale
    end = min(both, _BARS)
    kind, open_ = ("ours-" if row["ours"] else ""), ("" if row["governed"] else ' class="open"')
    parts = ((0, min(server, end), "s"), (min(server, end), end, "d"))
    yield f'<text class="{"ours" if row["ours"] else ""}" text-anchor="end" x="{_LABELS - 8}" y="{top + 13}">'
    yield f"{escape(row['title'])}</text><g{open_}>"
    for begin, finish, part in parts:
        width = f'width="{finish - begin:.1f}" height="{_BAR}"'
        yield f'<rect class="{kind}{part}" x="{_LABELS + begin:.1f}" y="{top}" {width}/>'
    yield f'</g><text class="number quiet" x="{_LABELS + end + 7:.1f}" y="{top + 13}">'
    yield f"{_cut(both)}{row['server']['median']:.2f} + {row['database']['median']:.2f}</text>"


def _legend() -> str:
    told = (("s", 0, "server"), ("d", 82, "database"), ("s open", 178, "not governed: no consent asked, no record"))
    return "".join(map(_legend_entry, told))


def _legend_entry(entry: tuple[str, int, str]) -> str:
    kind, at, told = entry
    square = f'<rect class="{kind}" x="{at}" y="32" width="12" height="12"/>'
    return f'{square}<text class="quiet" x="{at + 18}" y="43">{told}</text>'


def _scale(rows: Sequence[dict[str, Any]], reference: str) -> float:
    unit = next((row["both"]["median"] for row in rows if row["name"] == reference), rows[-1]["both"]["median"])
    longest = min(max(row["both"]["median"] for row in rows), _LONGEST * unit)
    return float(_BARS / longest) if longest else 0.0


def _cut(length: float) -> str:
    return "⋯ " if length > _BARS else ""


def _drawn(row: dict[str, Any]) -> bool:
    """Field by field is for checking and for what has no table, not for speed: the table tells it."""
    return bool(row["name"] != "sekisho-resolvers")


if __name__ == "__main__":
    run_command(chart)
