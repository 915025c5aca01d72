"""How the command line speaks: tables and JSON to standard output, refusals to standard error.

Whatever came from outside is shown with its control characters escaped: an operation's name must not steer a terminal.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

_UNKNOWN_WIDTH = 200  # columns, where the output is no terminal


def console(*, error: bool = False) -> Console:
    """Standard output (or standard error) as it is now."""
    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else _UNKNOWN_WIDTH, highlight=False, markup=False)


def say(line: str) -> None:
    """One line to standard output."""
    console().print(Text(plain(line)), soft_wrap=True)


def warn(line: str) -> None:
    """One line to standard error."""
    console(error=True).print(Text(plain(line)), soft_wrap=True)


def say_json(value: Any) -> None:
    """One JSON value on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table; every cell is shown as it is, never as markup."""
    shown = Table(title=title, title_justify="left", header_style="bold")
    for name in columns:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(plain(cell)) for cell in row))
    console().print(shown)


def plain(text: str) -> str:
    """`text` with everything escaped that a terminal would obey; line breaks stay."""
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text
    )


@contextmanager
def progress_of(name: str, size: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error for a file of `size` bytes; what it yields is told how many rows and bytes are done."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(error=True), transient=True) as bar:
        task = bar.add_task(plain(name), total=size)
        yield lambda rows, done: bar.update(task, completed=done, description=f"{plain(name)}: {rows} rows")
