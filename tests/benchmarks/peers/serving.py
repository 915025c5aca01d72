"""How the Python peers are served: one uvicorn worker, with the pool opened before the first request."""

import os
from typing import Any

import uvicorn

from benchmarks.peers.governing import open_pool


class Opened:
    """The application behind an open pool, which it finds in `scope["state"]`."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._pool: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or open and close with the server."""
        if scope["type"] == "lifespan":
            await receive()
            self._pool = await open_pool()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        scope["pool"] = self._pool
        await self._app(scope, receive, send)


def serve(app: Any) -> None:
    """Serve until the process ends."""
    uvicorn.run(
        Opened(app),
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
    )
