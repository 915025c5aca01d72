"""The access log: one JSON line per request, without personal data.

A line holds what the gateway itself chose or checked: never a body, a query string, an address of a peer, a claim of
a token other than the client, an operation name, or the message of an exception (it may quote values).
"""

import os
import sys
import traceback
from datetime import UTC, datetime
from typing import BinaryIO

import orjson

_FRAMES = 12
_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class Journal:
    """Writes lines to a binary stream, standard error unless told otherwise: each whole, in one piece, at once."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr.buffer
        self._process = os.getpid()

    def request(
        self, *, request_id: str, method: str, status: int, code: str, client_id: str, milliseconds: float, size: int
    ) -> None:
        """One request to the graph and what became of it; status 0 when the caller left before a reply."""
        self._write(
            "request",
            {
                "request_id": request_id,
                "method": method if method in _METHODS else "OTHER",
                "status": status,
                "code": code,
                "client_id": client_id,
                "milliseconds": round(milliseconds, 3),
                "bytes": size,
            },
        )

    def listening(self, *, addresses: list[str], workers: int, metrics: str) -> None:
        """The gateway answers from now on, with so many processes; `metrics` is empty when there are none."""
        self._write("listening", {"addresses": addresses, "workers": workers, "metrics": metrics})

    def worker_ended(self, *, worker: int, code: int) -> None:
        """The process `worker` ended that nobody told to; `code` is its exit code, negative for a signal."""
        self._write("worker_ended", {"worker": worker, "code": code})

    def token_refused(self, *, request_id: str, reason: str) -> None:
        """A token that was not taken, and why; nothing of the token."""
        self._write("token_refused", {"request_id": request_id, "reason": reason})

    def failure(self, *, request_id: str, error: BaseException) -> None:
        """An exception nobody expected: its types, cause by cause, and where it came from."""
        self._write("failure", {"request_id": request_id, "errors": _types(error), "frames": _places(error)})

    def _write(self, event: str, members: dict[str, object]) -> None:
        line = {"event": event, "time": datetime.now(UTC), "process": self._process, **members}
        self._stream.write(orjson.dumps(line, option=_LINE))
        self._stream.flush()


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def _types(error: BaseException) -> list[str]:
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < _FRAMES:
        names.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    return names


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
