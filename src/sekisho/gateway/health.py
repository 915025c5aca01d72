"""Whether the process lives, and whether it can answer: names of checks, nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sekisho.gateway.journal import Journal

READINESS_DEADLINE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the gateway needs in order to answer, under a name the operator knows."""

    name: str
    ok: bool


Readiness = Callable[[], Awaitable[list[Check]]]


async def healthz(_request: Request) -> Response:
    """The process is alive; asks nothing of anyone."""
    return _reply(200, {"status": "alive"})


class ReadyZ:
    """Runs the checks; 503 when one fails, takes too long, or cannot be asked."""

    def __init__(self, readiness: Readiness, journal: Journal) -> None:
        self._readiness = readiness
        self._journal = journal

    async def check(self, _request: Request) -> Response:
        """The checks by name, each `ok` or `failed`."""
        try:
            async with asyncio.timeout(READINESS_DEADLINE_SECONDS):
                checks = await self._readiness()
        except Exception as error:  # noqa: BLE001 - a check that cannot be asked has failed, whatever stopped it
            self._journal.failure(request_id="", error=error)
            return _reply(503, {"status": "failed", "checks": {}})
        ready = bool(checks) and all(check.ok for check in checks)
        verdicts = {check.name: "ok" if check.ok else "failed" for check in checks}
        return _reply(200 if ready else 503, {"status": "ready" if ready else "failed", "checks": verdicts})


def _reply(status: int, members: dict[str, object]) -> Response:
    return Response(
        orjson.dumps(members),
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store", "x-content-type-options": "nosniff"},
    )
