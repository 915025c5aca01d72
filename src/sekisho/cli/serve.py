"""`sekisho serve`: the gateway, until it is told to stop."""

import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from sekisho.gateway import serving
from sekisho.gateway.service import databases, load_policies, prepare_now
from sekisho.gateway.settings import read_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; beyond loopback it needs TLS.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes that answer.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the embedded PostgreSQL and the keys.")] = None,
) -> None:
    """Serve the gateway; everything else is settings in the environment (SEKISHO_...).

    Example: SEKISHO_ISSUERS='[{"issuer": "https://id.example.jp", "jwks_file": "keys.json"}]' sekisho serve
    """
    given = {"host": host, "port": port, "workers": workers, "data_dir": data_dir}
    settings = read_settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    signal.signal(signal.SIGTERM, _leave)
    with suppress(KeyboardInterrupt), databases(settings) as addresses:
        prepare_now(addresses, load_policies(settings))
        serving.serve(settings, addresses)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Leave by the way on which the embedded PostgreSQL is stopped."""
    sys.exit(0)
