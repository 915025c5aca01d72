"""`sekisho token`: an access token of the local issuer, for the demonstration and for trying things out."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from sekisho.demo.stage import AUDIENCE
from sekisho.gateway.issuer import local_issuer
from sekisho.gateway.service import databases, operator_connection
from sekisho.gateway.settings import Settings, read_settings
from sekisho.store.subjects import with_login

DataDir = Annotated[Path | None, typer.Option(help="Folder of the database and the keys (SEKISHO_DATA_DIR).")]


def token(
    client: Annotated[str, typer.Argument(help="The client, for example `karado-analytics`.")],
    login_id: Annotated[str | None, typer.Option(help="The data subject the token speaks for.")] = None,
    subject: Annotated[UUID | None, typer.Option(help="The same, by internal id.")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=1_440, help="How long it lasts.")] = 60,
    data_dir: DataDir = None,
) -> None:
    """Print an access token of the demonstration's local issuer; no other gateway accepts it.

    Example: curl -H "Authorization: Bearer $(sekisho token karado-analytics)" ...
    """
    folder = data_dir or read_settings().data_dir
    found = subject if login_id is None else asyncio.run(_found(folder, login_id))
    if login_id is not None and found is None:
        raise typer.BadParameter(f"nobody here has the login id `{login_id}`; `sekisho demo` prints one")
    typer.echo(local_issuer(folder / "keys", AUDIENCE).issue(client, found, timedelta(minutes=minutes)))


async def _found(data_dir: Path, login_id: str) -> UUID | None:
    with databases(Settings(data_dir=data_dir, database_url=None)) as addresses:
        async with operator_connection(addresses) as connection:
            return await with_login(connection, login_id)
