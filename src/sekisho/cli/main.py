"""The command `sekisho`: one room for each group of commands, and one place where errors become words."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli import consent, imports, log, policy, recipients
from sekisho.cli.decide import decide
from sekisho.cli.demo import demo
from sekisho.cli.explain import explain
from sekisho.cli.migrate import migrate
from sekisho.cli.refusals import EXPECTED, refuse
from sekisho.cli.schema import schema
from sekisho.cli.serve import serve
from sekisho.cli.token import token
from sekisho.gateway.settings import PREFIX

app = typer.Typer(
    name="sekisho",
    help="関所: a GraphQL gateway that releases personal data by declared purpose, recipient and consent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"sekisho {installed('sekisho')}")
        raise typer.Exit


@app.callback()
def sekisho(
    data_dir: Annotated[
        Path | None, typer.Option(help=f"Folder of the embedded database and the keys ({PREFIX}DATA_DIR).")
    ] = None,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None:
    """関所: a GraphQL gateway that releases personal data by declared purpose, recipient and consent.

    Commands work on the database that the settings name, and on an embedded one where they name none.
    """
    if data_dir is not None:
        os.environ[f"{PREFIX}DATA_DIR"] = str(data_dir)  # the settings are the environment, for child processes too


app.command()(demo)
app.command()(serve)
app.command()(token)
app.add_typer(policy.app, name="policy")
app.add_typer(recipients.app, name="recipients")
app.add_typer(consent.app, name="consent")
app.add_typer(imports.app, name="import")
app.command()(explain)
app.command()(decide)
app.add_typer(log.app, name="log")
app.command()(schema)
app.command()(migrate)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; the process ends with its exit code. Expected errors are one sentence, without a traceback."""
    try:
        app(arguments, prog_name="sekisho")
    except EXPECTED as error:
        sys.exit(refuse(error))


if __name__ == "__main__":
    main()
