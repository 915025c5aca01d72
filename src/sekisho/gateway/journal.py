"""The access log: one JSON line per request, without personal data.

A line holds what the gateway itself chose or checked: never a body, a query string, an address of a peer, a claim of
a token other than the client, an operation name, or the message of an exception (it may quote values).
"""

import sys
import traceback
from typing import BinaryIO

import orjson
import structlog

_FRAMES = 12


class Journal:
    """Writes lines to a binary stream, standard error unless told otherwise."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._line = structlog.wrap_logger(
            structlog.BytesLogger(stream if stream is not None else sys.stderr.buffer),
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                structlog.processors.JSONRenderer(serializer=orjson.dumps),
            ],
            wrapper_class=structlog.BoundLogger,
            cache_logger_on_first_use=True,
        )

    def request(
        self, *, request_id: str, method: str, status: int, code: str, client_id: str, milliseconds: float, size: int
    ) -> None:
        """One request to the graph and what became of it; status 0 when the caller left before a reply."""
        self._line.msg(
            "request",
            request_id=request_id,
            method=method if method in _METHODS else "OTHER",
            status=status,
            code=code,
            client_id=client_id,
            milliseconds=round(milliseconds, 3),
            bytes=size,
        )

    def token_refused(self, *, request_id: str, reason: str) -> None:
        """A token that was not taken, and why; nothing of the token."""
        self._line.msg("token_refused", request_id=request_id, reason=reason)

    def failure(self, *, request_id: str, error: BaseException) -> None:
        """An exception nobody expected: its types, cause by cause, and where it came from."""
        self._line.msg("failure", request_id=request_id, errors=_types(error), frames=_places(error))


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
