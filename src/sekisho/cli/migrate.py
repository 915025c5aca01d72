"""`sekisho migrate`: bring a database of your own to this version's schema."""

from typing import Annotated

import typer

from sekisho.cli.output import say
from sekisho.store import database

_DRIVER = "postgresql+asyncpg://"
_SPELLINGS = ("postgresql://", "postgres://", _DRIVER)


def migrate(
    url: Annotated[
        str,
        typer.Option(
            envvar="OWNER_DATABASE_URL",
            prompt="PostgreSQL address of the database's owner",
            hide_input=True,
            help="PostgreSQL address of the owner; asked for when neither option nor variable gives it.",
        ),
    ],
) -> None:
    """Bring the schema and the roles of a PostgreSQL of your own to this version; twice does no harm.

    The embedded database migrates itself. A password in the option is seen by other users of the machine: prefer the
    variable OWNER_DATABASE_URL, or let it be asked.

    Example: sekisho migrate --url postgresql://sekisho_admin@db.example.jp/sekisho
    """
    spelled = next((prefix for prefix in _SPELLINGS if url.startswith(prefix)), None)
    if spelled is None:
        raise typer.BadParameter("give a postgresql:// address", param_hint="--url")
    database.migrate(_DRIVER + url.removeprefix(spelled))
    say("the schema is this version's; next, as the operator: `sekisho policy register`")
