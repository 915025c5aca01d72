"""What the gateway is asked with in these tests: an engine that says what it is told, and a gateway around it."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette

from sekisho.gateway.app import create_app
from sekisho.gateway.credentials import token_verifier
from sekisho.gateway.health import Check
from sekisho.gateway.issuer import LocalIssuer, local_issuer
from sekisho.gateway.journal import Journal
from sekisho.gateway.settings import Settings
from sekisho.graph.exchange import GraphAnswer, GraphRequest, Stage
from sekisho.vocabulary import Refusal

AUDIENCE = "https://gateway.example/"
CLIENT = "research-lab"
GRAPHQL = "application/graphql-response+json"
QUERY = {"query": "{ policy { id } }"}


@dataclass
class ToldEngine:
    """Answers as told (by default: executed, with data) and keeps what it was asked; it judges nothing."""

    tell: Callable[[GraphRequest], Awaitable[GraphAnswer]] | None = None
    asked: list[GraphRequest] = field(default_factory=list)

    async def answer(self, request: GraphRequest) -> GraphAnswer:
        self.asked.append(request)
        if self.tell is not None:
            return await self.tell(request)
        return self.by_document(request)

    def by_document(self, request: GraphRequest) -> GraphAnswer:
        """The stage is chosen by the document, so that a case file can choose it."""
        if request.query.startswith("unreadable"):
            return GraphAnswer(Stage.PARSE, errors=(_error("GRAPHQL_PARSE_FAILED"),))
        if request.query.startswith("{ unknown"):
            return GraphAnswer(Stage.VALIDATION, errors=(_error("GRAPHQL_VALIDATION_FAILED"),))
        if request.query.startswith("{ subjects"):
            return GraphAnswer(Stage.REFUSED, errors=(_error("PURPOSE_REQUIRED"),), refusal=Refusal.PURPOSE_REQUIRED)
        return GraphAnswer(Stage.EXECUTED, data={"policy": {"id": "2022-09"}})


def _error(code: str) -> dict[str, Any]:
    return {"message": "as the engine says it", "extensions": {"code": code}}


async def all_well() -> list[Check]:
    return [Check("database", ok=True), Check("log", ok=True)]


@dataclass
class Gateway:
    """A gateway, the issuer it trusts, the engine behind it and the lines it wrote."""

    app: Starlette
    issuer: LocalIssuer
    engine: ToldEngine
    settings: Settings
    written: io.BytesIO

    def token(self) -> str:
        return self.issuer.issue(CLIENT)

    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.written.getvalue().splitlines()]

    @asynccontextmanager
    async def client(self, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app, client=(address, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.example") as client:
            yield client

    async def post(self, **members: Any) -> httpx.Response:
        """A well-formed request, changed by keyword arguments of `httpx`."""
        headers = {"authorization": f"Bearer {self.token()}", "accept": GRAPHQL} | members.pop("headers", {})
        if not members.keys() & {"content", "json"}:
            members["json"] = QUERY
        if "content" in members:
            headers.setdefault("content-type", "application/json")
        async with self.client() as client:
            return await client.post("/graphql", headers=headers, **members)


def gateway(key_dir: Path, engine: ToldEngine | None = None, **settings: Any) -> Gateway:
    """A gateway with settings of its own, whose keys lie in `key_dir`."""
    issuer = local_issuer(key_dir, AUDIENCE)
    chosen = Settings(issuers=(issuer.settings,), audience=AUDIENCE, key_dir=key_dir, **settings)
    written = io.BytesIO()
    told = engine if engine is not None else ToldEngine()
    app = create_app(chosen, told, token_verifier(chosen), all_well, journal=Journal(written))
    return Gateway(app, issuer, told, chosen, written)


async def never(_request: GraphRequest) -> GraphAnswer:
    await asyncio.Event().wait()
    raise AssertionError
