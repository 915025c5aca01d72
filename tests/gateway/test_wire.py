"""A reply leaves in one piece, whatever its form."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from sekisho.gateway.wire import BoundedHttp

HEAD: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
ONE_BODY: list[Message] = [HEAD, {"type": "http.response.body", "body": b"body"}]
TWO_PARTS: list[Message] = [
    HEAD,
    {"type": "http.response.body", "body": b"bo", "more_body": True},
    {"type": "http.response.body", "body": b"dy"},
]
NO_BODY: list[Message] = [
    {"type": "http.response.start", "status": 204, "headers": []},
    {"type": "http.response.body", "body": b""},
]
POST = b"POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\n1"


class Taking(asyncio.Transport):
    """Keeps what it was told to send, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.pieces.append(bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def asked(messages: list[Message], *sent: bytes, crash: bool = False) -> Taking:
    """What a connection sends when each request is answered with `messages`."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
            await asyncio.sleep(0)
        if crash:
            raise LookupError

    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
    protocol = BoundedHttp(config, ServerState(), {}, asyncio.get_running_loop())
    transport = Taking()
    protocol.connection_made(transport)
    for data in sent:
        protocol.data_received(data)
        await asyncio.sleep(0.01)
    protocol.connection_lost(None)
    return transport


@pytest.mark.parametrize(
    ("messages", "pieces"),
    [
        (ONE_BODY, [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody"]),
        (TWO_PARTS, [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbo", b"dy"]),
        (NO_BODY, [b"HTTP/1.1 204 No Content\r\n\r\n"]),
    ],
)
async def test_head_and_body_leave_together(messages: list[Message], pieces: list[bytes]) -> None:
    assert (await asked(messages, POST, POST, POST)).pieces == pieces * 3


@pytest.mark.parametrize("messages", [ONE_BODY, TWO_PARTS, NO_BODY])
async def test_requests_sent_without_waiting_are_answered_one_after_the_other(messages: list[Message]) -> None:
    one = b"".join((await asked(messages, POST)).pieces)

    assert b"".join((await asked(messages, POST * 3)).pieces) == one * 3


async def test_a_head_alone_is_asked_for_and_sent() -> None:
    assert (await asked(ONE_BODY, b"HEAD / HTTP/1.1\r\n\r\n")).pieces == [
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"
    ]


async def test_what_the_server_says_by_itself_is_not_held_back() -> None:
    expecting = b"POST / HTTP/1.1\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n"
    assert (await asked(ONE_BODY, b"nonsense\r\n\r\n")).pieces[0].startswith(b"HTTP/1.1 400 ")
    assert (await asked(ONE_BODY, POST, b"nonsense\r\n\r\n")).pieces[1].startswith(b"HTTP/1.1 400 ")
    assert len((await asked(ONE_BODY, expecting, b"1")).pieces) == 1


async def test_a_reply_that_breaks_off_is_sent_as_far_as_it_came(caplog: pytest.LogCaptureFixture) -> None:
    transport = await asked([HEAD], POST, crash=True)

    assert transport.pieces == [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"]
    assert transport.closed
    assert "LookupError" in caplog.text
