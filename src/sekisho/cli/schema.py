"""`sekisho schema`: the schema as text, and whether the file in the repository still says the same."""

from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import say, warn
from sekisho.cli.refusals import FAILED
from sekisho.gateway.service import load_policies
from sekisho.gateway.settings import read_settings
from sekisho.graph.schema import build, print_sdl


def schema(
    *,
    check: Annotated[bool, typer.Option("--check", help="Compare with the file instead of printing.")] = False,
    file: Annotated[Path, typer.Option(help="The file to compare with.")] = Path("schema.graphql"),
) -> None:
    """Print the GraphQL schema with what each field is; with --check, exit code 1 if the file says otherwise.

    Example: sekisho schema > schema.graphql
    """
    printed = print_sdl(build(load_policies(read_settings())))
    if not check:
        typer.echo(printed, nl=False)
        return
    kept = file.read_text(encoding="utf-8")
    if kept == printed:
        say(f"{file} is the schema")
        return
    changes = unified_diff(kept.splitlines(), printed.splitlines(), str(file), "sekisho schema", lineterm="", n=1)
    for line in changes:
        warn(line)
    warn(f"{file} is not the schema; review the changes and run `sekisho schema > {file}`")
    raise typer.Exit(FAILED)
