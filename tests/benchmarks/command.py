"""How each command of the benchmark runs: expected failures are one sentence."""

import sys
from collections.abc import Callable
from typing import Any

import typer

from benchmarks.agreement import NotTheSame
from benchmarks.load import LoadFailed
from benchmarks.naming import PeopleMissing
from benchmarks.serving import ServerSilent
from sekisho.store.programs import EmbeddedUnavailable

_EXPECTED = (NotTheSame, LoadFailed, PeopleMissing, ServerSilent, EmbeddedUnavailable)


def run_command(command: Callable[..., Any]) -> None:
    """Run `command` with the arguments of this process."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    try:
        app()
    except _EXPECTED as error:
        sys.exit(str(error))
