"""What the gateway counts for its operator (Prometheus): no person, no client, nothing that a caller chose.

Values are of one process. Where several processes serve (`sekisho.gateway.workers`), each keeps its own in files of
the folder that `PROMETHEUS_MULTIPROC_DIR` names, and whoever exposes them adds them up.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the environment that the library reads when it is imported, hence before a worker starts."""

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The counters of one gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ours: Any = {"namespace": "sekisho", "registry": self.registry}
        self._requests = Counter("requests", "Requests to the graph.", ("status", "code"), **ours)
        self._seconds = Histogram(
            "request_seconds", "Seconds from a request's head to its reply.", buckets=_SECONDS, **ours
        )
        decisions = Counter("decisions", "Fields that were judged, by what became of them.", ("verdict",), **ours)
        self._permitted, self._withheld = decisions.labels("permitted"), decisions.labels("withheld")
        self._log_seconds = Histogram(
            "log_seconds", "Seconds until a disclosure was durable in its log.", buckets=_SECONDS, **ours
        )
        self._outcomes: dict[tuple[int, str], Counter] = {}

    def request(self, *, status: int, code: str, seconds: float) -> None:
        """One request and what became of it; status 0 when the caller left before a reply."""
        outcome = self._outcomes.get((status, code))
        if outcome is None:
            outcome = self._outcomes[status, code] = self._requests.labels(status, code)
        outcome.inc()
        self._seconds.observe(seconds)

    def decisions(self, *, permitted: int, withheld: int) -> None:
        """How many fields of how many subjects one answer permitted and withheld."""
        self._permitted.inc(permitted)
        self._withheld.inc(withheld)

    def log_written(self, *, seconds: float) -> None:
        """One disclosure record is durable."""
        self._log_seconds.observe(seconds)


def registry_of(metrics: Metrics) -> CollectorRegistry:
    """What one process exposes of its own values, with its memory, processor time and open files."""
    if FOLDER_VARIABLE in os.environ:
        return registry_of_all(os.environ[FOLDER_VARIABLE])
    ProcessCollector(registry=metrics.registry)
    return metrics.registry


def registry_of_all(folder: str) -> CollectorRegistry:
    """The sums over all processes that keep their values in `folder`."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # the library's gap
    return registry


def forget_process(folder: str, process: int) -> None:
    """What the ended `process` counted stays in the sums."""
    mark_process_dead(process, folder)  # type: ignore[no-untyped-call]  # the library's gap


@contextmanager
def exposed(registry: CollectorRegistry, host: str, port: int | None) -> Iterator[int | None]:
    """Metrics at `http://host:port/metrics` until the block ends; gives the port. Without a port there are none.

    An address of their own, because whoever may ask the gateway for data need not know how it is doing.
    """
    if port is None:
        yield None
        return
    server, thread = start_http_server(port, host, registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
