"""Everything the demonstration needs, set up: database, policy, clients, people, keys, an issuer of tokens."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from uuid import UUID

import uvicorn

from sekisho.demo.clients import register_demo_clients
from sekisho.demo.people import DemoPeople, Progress, write_demo
from sekisho.gateway.issuer import LocalIssuer, local_issuer
from sekisho.gateway.journal import Journal
from sekisho.gateway.listening import server_options
from sekisho.gateway.service import (
    Addresses,
    create_gateway,
    databases,
    load_policies,
    operator_connection,
    prepare,
)
from sekisho.gateway.settings import Settings
from sekisho.policy.document import Policies

AUDIENCE = "sekisho"
_PATIENCE_SECONDS = 20


class StageRefused(Exception):  # noqa: N818 - a verdict, with what to do
    """The demonstration cannot start; the message says what to change."""


@dataclass(frozen=True)
class Stage:
    """A prepared demonstration: settings to serve it with, and who is in it."""

    settings: Settings
    addresses: Addresses
    policies: Policies
    issuer: LocalIssuer
    people: DemoPeople

    def token(self, client_id: str, subject_id: UUID | None = None) -> str:
        """An access token of the demonstration's own issuer."""
        return self.issuer.issue(client_id, subject_id)


@contextmanager
def staged(data_dir: Path, port: int, people: int, seed: int, progress: Progress) -> Iterator[Stage]:
    """The demonstration in `data_dir`, on an embedded PostgreSQL; whoever is stored there already stays."""
    issuer = local_issuer(data_dir / "keys", AUDIENCE)
    settings = Settings(
        data_dir=data_dir,
        database_url=None,
        port=port,
        graphiql=True,
        audience=AUDIENCE,
        issuers=(issuer.settings,),
        request_deadline_seconds=10.0,
        statement_deadline_seconds=10.0,
    )
    with databases(settings) as addresses:
        policies = load_policies(settings)
        invented = asyncio.run(_written(addresses, policies, people, seed, progress))
        yield Stage(settings, addresses, policies, issuer, invented)


@contextmanager
def serving(stage: Stage) -> Iterator[str]:
    """A gateway of its own on a free port, answering until the block ends. Gives its address."""
    settings = stage.settings.model_copy(update={"port": 0})
    app = create_gateway(settings, stage.addresses, Journal(BytesIO()))
    server = uvicorn.Server(uvicorn.Config(app, **server_options(settings), log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise StageRefused("the gateway did not start; run `sekisho demo` to see why")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)


async def _written(addresses: Addresses, policies: Policies, people: int, seed: int, progress: Progress) -> DemoPeople:
    await prepare(addresses, policies)
    async with operator_connection(addresses) as connection:
        await register_demo_clients(connection, policies)
        return await write_demo(connection, policies, people, seed, progress)
