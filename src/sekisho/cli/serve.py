"""`sekisho serve`: the gateway, until it is told to stop."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from sekisho.gateway.listening import server_options
from sekisho.gateway.service import create_gateway, databases, load_policies, prepare_now
from sekisho.gateway.settings import read_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; beyond loopback it needs TLS.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the embedded PostgreSQL and the keys.")] = None,
) -> None:
    """Serve the gateway; everything else is settings in the environment (SEKISHO_...).

    Example: SEKISHO_ISSUERS='[{"issuer": "https://id.example.jp", "jwks_file": "keys.json"}]' sekisho serve
    """
    given = {"host": host, "port": port, "data_dir": data_dir}
    settings = read_settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    with databases(settings) as addresses:
        prepare_now(addresses, load_policies(settings))
        uvicorn.run(create_gateway(settings, addresses), **server_options(settings), log_level="warning")
