"""The gateway behind its server: in this process, or in several that share its sockets."""

import gc
import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import uvicorn
from starlette.applications import Starlette

from sekisho.gateway.journal import Journal
from sekisho.gateway.listening import addresses_of, listen, server_options
from sekisho.gateway.metrics import FOLDER_VARIABLE, exposed, forget_process, registry_of, registry_of_all
from sekisho.gateway.service import Addresses, create_gateway
from sekisho.gateway.settings import Settings
from sekisho.gateway.workers import Workers


def serve(settings: Settings, addresses: Addresses) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was begun.

    Raises `ListeningRefused` and `WorkersFailed`; with one process, the server's `SystemExit` when it cannot start.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(each) for each in listen(settings)]
        (_serve_alone if settings.workers == 1 else _serve_together)(settings, addresses, sockets)


def _serve_alone(settings: Settings, addresses: Addresses, sockets: Sequence[socket.socket]) -> None:
    app = create_gateway(settings, addresses)
    with exposed(registry_of(app.state.metrics), settings.metrics_host, settings.metrics_port) as port:
        server = Server(app, settings, lambda: _announce(settings, sockets, port))
        server.run(sockets=list(sockets))


def _serve_together(settings: Settings, addresses: Addresses, sockets: Sequence[socket.socket]) -> None:
    create_gateway(settings, addresses)  # what cannot be served is said here, once
    with _metrics_of_all(settings) as metrics:
        workers = Workers(GatewayWork(settings, addresses), sockets, settings.workers, Journal(), metrics.forget)
        workers.run(lambda: _announce(settings, sockets, metrics.port))


@dataclass(frozen=True)
class GatewayWork:
    """What each worker does. Whatever stands here goes to it whole: its secrets pass through no environment."""

    settings: Settings
    addresses: Addresses

    def __call__(self, sockets: Sequence[socket.socket], listening: Callable[[], None]) -> None:
        """Serve on `sockets` until told to stop."""
        app = create_gateway(self.settings, self.addresses)
        Server(app, self.settings, listening).run(sockets=list(sockets))


class Server(uvicorn.Server):
    """The server of one process, which says when it listens."""

    def __init__(self, app: Starlette, settings: Settings, listening: Callable[[], None]) -> None:
        super().__init__(uvicorn.Config(app, **server_options(settings), log_level="warning"))
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, or exit."""
        await super().startup(sockets=sockets)
        gc.collect()
        gc.freeze()  # schema, policies and statements stay for good: no collection need look at them again
        self._listening()


def _announce(settings: Settings, sockets: Sequence[socket.socket], metrics_port: int | None) -> None:
    metrics = "" if metrics_port is None else f"http://{settings.metrics_host}:{metrics_port}/metrics"
    Journal().listening(addresses=addresses_of(sockets, settings), workers=settings.workers, metrics=metrics)


@dataclass(frozen=True)
class _MetricsOfAll:
    """Where the metrics of all workers are told, and how to forget the present state of one that ended."""

    port: int | None
    forget: Callable[[int], object]


@contextmanager
def _metrics_of_all(settings: Settings) -> Iterator[_MetricsOfAll]:
    """Workers that are started meanwhile keep their metrics in one folder; here they are added up."""
    if settings.metrics_port is None:
        yield _MetricsOfAll(None, lambda _: None)
        return
    with tempfile.TemporaryDirectory(prefix="sekisho-metrics-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        try:
            with exposed(registry_of_all(folder), settings.metrics_host, settings.metrics_port) as port:
                yield _MetricsOfAll(port, partial(forget_process, folder))
        finally:
            del os.environ[FOLDER_VARIABLE]
