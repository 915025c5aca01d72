"""The server's HTTP protocol with bounds it lacks: how long and how slow a request's head, how slow a reader.

And with replies that leave in one piece: the server writes head and body apart, which is two calls of the system, two
packets, and a client that wakes up twice.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536
"""Bytes of a request line and header fields that may arrive while the head is still incomplete."""

HEAD_SECONDS = 10.0
"""Seconds a client has to send a complete head, from the connection or from the head's first byte."""


class OnePiece:
    """A transport that holds the head of a reply back until the first of its body comes, or the reply ends."""

    def __init__(self, transport: asyncio.Transport, protocol: "BoundedHttp") -> None:
        self._transport = transport
        self._protocol = protocol
        self._begun: object = None
        self._held = b""

    def write(self, data: bytes) -> None:
        """Hold what begins a reply; send everything else, after what was held."""
        cycle = self._protocol.cycle
        if cycle is not self._begun and cycle.response_started:
            self._begun = cycle
            self._held = data
        elif self._held:
            head, self._held = self._held, b""
            self._transport.writelines((head, data))
        else:
            self._transport.write(data)

    def release(self) -> None:
        """Send what is held."""
        if self._held:
            self.write(b"")

    def close(self) -> None:
        """Send what is held, and close."""
        self.release()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the transport is closing; nothing is sent any more."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection whose client sends its head too long or too slowly, or does not take its answer.

    A head that arrives in one piece, as nearly all do, needs no timer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first head its time."""
        self._one_piece = OnePiece(transport, self)
        super().connection_made(self._one_piece)  # type: ignore[arg-type]  # a transport in all that is asked of it
        self._bound_head(0)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; where that leaves a head incomplete, or nothing begun, bound it."""
        super().data_received(data)
        if self._in_head:
            self._bound_head(len(data))
        elif self.cycle is not None and self.cycle.response_complete:  # an empty line, or a body nobody waits for
            self._bound_head(0)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """The head is there; the endpoint bounds the body."""
        self._head_arrived()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """A reply without a body has ended too."""
        self._one_piece.release()
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; where the client has not even taken the last answer, do not wait for it."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def _bound_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > LONGEST_HEAD:
            self._refuse(b"431 Request Header Fields Too Large")
        elif self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_SECONDS, self._refuse, b"408 Request Timeout")

    def _head_arrived(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _refuse(self, status: bytes) -> None:
        self._head_arrived()
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
