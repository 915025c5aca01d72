"""`sekisho import`: data from files, whole or not at all."""

from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import progress_of, say, table, warn
from sekisho.cli.refusals import FAILED
from sekisho.cli.session import Desk, desk
from sekisho.sources.csv_checks import load_mapping
from sekisho.sources.csv_import import import_csv
from sekisho.sources.csv_mapping import MappingForm
from sekisho.sources.csv_result import ImportRefused, ImportResult

app = typer.Typer(no_args_is_help=True, help="Bring data in; without consent on record none of it can be read.")


@app.callback()
def imports() -> None:
    """Bring data in; without consent on record none of it can be read."""


@app.command("csv")
def from_csv(
    file: Annotated[Path, typer.Argument(help="The CSV file.")],
    mapping: Annotated[Path, typer.Option(help="What its columns mean (YAML).")],
) -> None:
    """Import a CSV file as a mapping says; exit code 1 if a row was refused.

    Example: sekisho import csv people.csv --mapping people.yaml
    """
    form = load_mapping(mapping)
    size = file.stat().st_size
    with desk() as here:
        try:
            result = _imported(here, file, form, size)
        except ImportRefused as refused:
            _summary(file, refused.result)
            warn(f"sekisho: {str(refused).partition(chr(10))[0]}")
            raise typer.Exit(FAILED) from None
    _summary(file, result)
    if result.rows_refused or result.values_refused:
        raise typer.Exit(FAILED)


def _imported(here: Desk, file: Path, form: MappingForm, size: int) -> ImportResult:
    with progress_of(file.name, size) as told:
        return here.transact(lambda connection: import_csv(connection, file, form, here.policies, told))


def _summary(file: Path, result: ImportResult) -> None:
    counts = (
        ("rows in the file", result.rows_in),
        ("rows imported", result.rows_imported),
        ("rows refused", result.rows_refused),
        ("values refused", result.values_refused),
        ("people registered", result.people_registered),
        *((f"stored in {name}", count) for name, count in result.stored.items()),
        *((f"already in {name}", count) for name, count in result.already_there.items() if count),
    )
    table(str(file), ("", "count"), ((name, str(count)) for name, count in counts))
    for refusal in result.refused:
        warn(str(refusal))
    total = sum(result.reasons.values())
    if total > len(result.refused):
        warn(f"and {total - len(result.refused)} more; correct these first")
    if result.people_registered:
        say("nobody reads data of people without an acceptance on record: `sekisho consent accept`")
