"""Health tells names of checks and nothing else."""

import asyncio
import io
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from sekisho.gateway.health import Check, ReadyZ, healthz
from sekisho.gateway.journal import Journal


async def well() -> list[Check]:
    return [Check("database", ok=True), Check("log", ok=True)]


async def ill() -> list[Check]:
    return [Check("database", ok=True), Check("log", ok=False)]


async def broken() -> list[Check]:
    raise OSError("no route to db-7.internal")


async def stuck() -> list[Check]:
    await asyncio.Event().wait()
    return []


async def unasked() -> list[Check]:
    return []


async def get(path: str, readiness: Callable[[], Awaitable[list[Check]]]) -> httpx.Response:
    ready = ReadyZ(readiness, Journal(io.BytesIO()))
    app = Starlette(routes=[Route("/healthz", healthz), Route("/readyz", ready.check)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.example") as client:
        return await client.get(path)


async def test_a_process_is_alive_whatever_its_checks_say() -> None:
    response = await get("/healthz", broken)

    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert response.headers["cache-control"] == "no-store"


async def test_ready_names_its_checks() -> None:
    response = await get("/readyz", well)

    assert response.status_code == 200
    assert response.json() == {"status": "ready", "checks": {"database": "ok", "log": "ok"}}


async def test_one_failed_check_is_503() -> None:
    response = await get("/readyz", ill)

    assert response.status_code == 503
    assert response.json() == {"status": "failed", "checks": {"database": "ok", "log": "failed"}}


@pytest.mark.parametrize("readiness", [broken, stuck, unasked])
async def test_checks_that_cannot_be_asked_have_failed(
    readiness: Callable[[], Awaitable[list[Check]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.gateway.health.READINESS_DEADLINE_SECONDS", 0.05)
    response = await get("/readyz", readiness)

    assert (response.status_code, response.json()) == (503, {"status": "failed", "checks": {}})
