"""The gateway behind its real server: one connection, many requests; too much, too little, and TLS."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from doubles import GRAPHQL, QUERY, Gateway, ToldEngine, gateway

from sekisho.gateway.listening import server_options
from sekisho.graph.exchange import GraphAnswer, GraphRequest, Stage


@asynccontextmanager
async def serving(under_test: Gateway, **changed: Any) -> AsyncIterator[int]:
    """The gateway on a free port of this host; ends with the server's own graceful shutdown."""
    config = uvicorn.Config(under_test.app, log_config=None, **(server_options(under_test.settings) | changed))
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server offers no event to wait for
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


def head(under_test: Gateway, **headers: str) -> dict[str, str]:
    return {"authorization": f"Bearer {under_test.token()}", "accept": GRAPHQL} | headers


async def echo(request: GraphRequest) -> GraphAnswer:
    return GraphAnswer(Stage.EXECUTED, {"purpose": list(request.headers.purpose)})


async def test_the_purpose_may_change_within_one_connection(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, ToldEngine(echo), port=0)
    async with serving(under_test) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        answers = []
        for purpose in ("SALES", "RESEARCH_ACADEMIC", None, "SALES"):
            headers = head(under_test) | ({"x-purpose-of-use": purpose} if purpose else {})
            answers.append((await client.post("/graphql", headers=headers, json=QUERY)).json()["data"]["purpose"])

    assert answers == [["SALES"], ["RESEARCH_ACADEMIC"], [], ["SALES"]]


async def test_a_body_too_large_is_told_so_and_the_connection_is_closed(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, port=0)

    async def in_parts() -> Any:
        for _ in range(20):
            yield b" " * 10_000

    async with serving(under_test) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        headers = head(under_test, **{"content-type": "application/json"})
        announced = await client.post("/graphql", headers=headers, content=b" " * 200_000)
        unannounced = await client.post("/graphql", headers=headers, content=in_parts())

    assert (announced.status_code, unannounced.status_code) == (413, 413)
    assert announced.headers["connection"] == "close"
    assert announced.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_what_the_server_adds_names_no_software(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, port=0)
    async with serving(under_test) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        response = await client.post("/graphql", headers=head(under_test), json=QUERY)

    assert "server" not in response.headers
    assert response.headers["content-length"] == str(len(response.content))


async def test_a_web_socket_is_no_second_door(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, port=0)
    upgrade = {
        "connection": "upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "sec-websocket-protocol": "graphql-transport-ws",
    }
    async with serving(under_test) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        response = await client.get("/graphql", headers=head(under_test, **upgrade))

    assert response.status_code == 405


async def test_callers_who_leave_in_the_middle_leave_nothing_behind(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, port=0)
    start = f"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {under_test.token()}\r\n"
    start += "content-type: application/json\r\ncontent-length: 500\r\n\r\n{"
    async with serving(under_test) as port:
        before = len(asyncio.all_tasks())
        for _ in range(50):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(start.encode())
            await writer.drain()
            await asyncio.sleep(0.002)
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0.2)

        assert len(asyncio.all_tasks()) <= before
    assert {line["code"] for line in under_test.lines()} == {"CALLER_LEFT"}
    assert under_test.engine.asked == []


async def answered_raw(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


async def test_a_head_without_end_is_given_up(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, port=0)
    async with serving(under_test) as port:
        answer = await answered_raw(port, b"POST /graphql HTTP/1.1\r\nx-padding: ", *[b"a" * 8_192] * 9, pause=0.01)

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert under_test.lines() == []


@pytest.mark.parametrize("parts", [[], [b"POST /graphql HTTP/1.1\r\n", b"host: x\r\n", b"a: b\r\n"]])
async def test_a_head_that_dawdles_is_given_up(
    tmp_path: Path, parts: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.gateway.wire.HEAD_SECONDS", 0.15)
    async with serving(gateway(tmp_path, port=0)) as port:
        answer = await answered_raw(port, *parts, pause=0.04)

    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_second_head_that_dawdles_is_given_up_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.gateway.wire.HEAD_SECONDS", 0.15)
    alive = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    async with serving(gateway(tmp_path, port=0)) as port:
        answer = await answered_raw(port, alive, b"GET /healthz HTTP/1.1\r\n", pause=0.05)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


@pytest.mark.parametrize(
    "request_head", [b"GET /healthz HTTP/1.1\r\n\r\n", b"POST /graphql HTTP/1.1\r\ncontent-length: 500\r\n\r\n"]
)
@pytest.mark.parametrize("sent_on", [b"\r\n", b"{"])
async def test_what_is_no_request_keeps_no_connection_open(
    tmp_path: Path, request_head: bytes, sent_on: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.gateway.wire.HEAD_SECONDS", 0.15)
    async with serving(gateway(tmp_path, port=0)) as port:
        answer = await answered_raw(port, request_head, sent_on, pause=0.05)

    assert answer.startswith(b"HTTP/1.1 ")


async def test_a_client_that_does_not_take_its_answer_is_closed(tmp_path: Path) -> None:
    async def long(_request: GraphRequest) -> GraphAnswer:
        return GraphAnswer(Stage.EXECUTED, {"long": "a" * 30_000_000})

    under_test = gateway(tmp_path, ToldEngine(long), port=0)
    body = orjson.dumps(QUERY)
    start = f"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {under_test.token()}\r\n"
    start += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    async with serving(under_test, timeout_keep_alive=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(start.encode() + body)
        await asyncio.sleep(1)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(30_000_000)
        writer.close()


async def test_slow_clients_do_not_hold_up_the_others(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, port=0)
    async with serving(under_test) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
        for _, writer in slow:
            writer.write(b"POST /graphql HTTP/1.1\r\nhost: x\r\n")
        response = await client.post("/graphql", headers=head(under_test), json=QUERY)
        for _, writer in slow:
            writer.close()

    assert response.status_code == 200


async def test_a_shutdown_lets_the_answer_finish(tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def slow(_request: GraphRequest) -> GraphAnswer:
        begun.set()
        await asyncio.sleep(0.3)
        return GraphAnswer(Stage.EXECUTED, {"finished": True})

    under_test = gateway(tmp_path, ToldEngine(slow), port=0)
    async with httpx.AsyncClient() as client:
        async with serving(under_test) as port:
            address = f"http://127.0.0.1:{port}/graphql"
            waiting = asyncio.create_task(client.post(address, headers=head(under_test), json=QUERY))
            await begun.wait()
        response = await waiting

    assert orjson.loads(response.content) == {"data": {"finished": True}}


async def test_with_a_certificate_it_speaks_tls_and_says_so(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    under_test = gateway(tmp_path, port=0, tls_certfile=certificate, tls_keyfile=key)
    trusted = ssl.create_default_context(cafile=str(certificate))
    async with (
        serving(under_test) as port,
        httpx.AsyncClient(base_url=f"https://127.0.0.1:{port}", verify=trusted) as client,
    ):
        response = await client.post("/graphql", headers=head(under_test), json=QUERY)

    assert response.status_code == 200
    assert response.headers["strict-transport-security"] == "max-age=31536000"


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway.example")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file
