"""The only place where the gateway's parts are put together."""

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from sekisho.gateway.codes import TransportCode
from sekisho.gateway.credentials import Verifier
from sekisho.gateway.endpoint import GraphQLEndpoint
from sekisho.gateway.graphiql.pages import graphiql_routes
from sekisho.gateway.head import Head, MediaType
from sekisho.gateway.health import Readiness, ReadyZ, healthz
from sekisho.gateway.journal import Journal
from sekisho.gateway.listening import untrusted_way
from sekisho.gateway.metrics import Metrics
from sekisho.gateway.replies import STRICT_TRANSPORT, Fields, problem_reply, reply_fields, send_reply
from sekisho.gateway.settings import Settings
from sekisho.graph.exchange import Engine

GRAPHQL_PATH = "/graphql"


def create_app(
    settings: Settings,
    engine: Engine,
    verifier: Verifier,
    readiness: Readiness,
    *,
    journal: Journal | None = None,
    metrics: Metrics | None = None,
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """The gateway as an ASGI application; `app.state.metrics` counts what it does.

    Everything but the health checks is taken over the trusted way only.
    """
    lines = journal if journal is not None else Journal()
    counted = metrics if metrics is not None else Metrics()
    endpoint = GraphQLEndpoint(settings, engine, verifier, lines, counted, _transport_fields(settings))
    graphql = _behind_the_door(endpoint, settings, lines, counted)
    ready = ReadyZ(readiness, lines)
    routes: list[BaseRoute] = [
        Route(GRAPHQL_PATH, graphql),
        Route("/healthz", healthz),
        Route("/readyz", ready.check),
    ]
    if settings.graphiql:
        pages = Router(graphiql_routes(GRAPHQL_PATH), redirect_slashes=False)
        routes.append(Mount("", _behind_the_door(pages, settings, lines, counted)))
    app = Application(
        graphql,
        routes=routes,
        exception_handlers={HTTPException: _nothing_here},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.metrics = counted
    return app


class Application(Starlette):
    """The routes, and a way past all of them for the one path that nearly every request asks for."""

    def __init__(self, graphql: ASGIApp, **parts: Any) -> None:
        super().__init__(**parts)
        self._graphql = graphql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's start and end."""
        if scope["type"] == "http" and scope["path"] == GRAPHQL_PATH:
            await self._graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Doorway:
    """Stands before a route and takes requests over the trusted way only (policy text, line 58)."""

    def __init__(self, app: ASGIApp, settings: Settings, journal: Journal, metrics: Metrics) -> None:
        self._app = app
        self._proxies = settings.trusted_proxies
        self._journal = journal
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it without looking at anything else of it."""
        code = untrusted_way(scope, self._proxies)
        if code is None:
            await self._app(scope, receive, send)
            return
        request_id = Head(scope["headers"]).request_id()
        reply = problem_reply(code, MediaType.JSON, request_id)
        await send_reply(reply, request_id, send)
        self._metrics.request(status=reply.status, code=reply.code, seconds=0.0)
        self._journal.request(
            request_id=request_id,
            method=scope["method"],
            status=reply.status,
            code=reply.code,
            client_id="",
            milliseconds=0.0,
            size=len(reply.body),
        )


def _behind_the_door(app: ASGIApp, settings: Settings, journal: Journal, metrics: Metrics) -> ASGIApp:
    """Without named proxies every way is taken (`untrusted_way`): no doorway is needed."""
    return Doorway(app, settings, journal, metrics) if settings.trusted_proxies else app


def _transport_fields(settings: Settings) -> Fields:
    return (STRICT_TRANSPORT,) if settings.tls_certfile is not None or settings.trusted_proxies else ()


async def _nothing_here(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such address, no such method) in the gateway's form."""
    head = Head(request.scope["headers"])
    wrong_method = isinstance(error, HTTPException) and error.status_code == 405  # noqa: PLR2004 - HTTP
    code = TransportCode.METHOD_NOT_ALLOWED if wrong_method else TransportCode.NOT_FOUND
    allowed = error.headers if isinstance(error, HTTPException) and error.headers else {}
    extra = tuple((name.lower().encode(), value.encode()) for name, value in allowed.items())
    request_id = head.request_id()
    reply = problem_reply(code, head.accepted() or MediaType.JSON, request_id, extra)
    response = Response(reply.body, status_code=reply.status)
    response.raw_headers = reply_fields(reply, request_id)
    return response
