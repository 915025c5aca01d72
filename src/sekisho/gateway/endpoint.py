"""The one way in: POST /graphql, JSON, by GraphQL over HTTP."""

from time import perf_counter

from starlette.types import Receive, Scope, Send

from sekisho.disclosure.log import LogUnavailable
from sekisho.gateway.body import BodyRefused, RequestBody, read_request
from sekisho.gateway.codes import Code, TransportCode
from sekisho.gateway.credentials import TokenRefused, Verifier
from sekisho.gateway.deadlines import Deadline
from sekisho.gateway.head import Head, HeadRefused, MediaType
from sekisho.gateway.journal import Journal
from sekisho.gateway.metrics import Metrics
from sekisho.gateway.replies import Fields, Reply, graph_reply, problem_reply, send_reply
from sekisho.gateway.settings import Settings
from sekisho.graph.exchange import Caller, Engine, GraphRequest
from sekisho.vocabulary import Refusal

DRAINED = 10
"""How many times the limit of a body is still read, and thrown away, so that the refusal can be received."""

_ALLOW_POST: Fields = ((b"allow", b"POST"),)


class CallerLeft(Exception):  # noqa: N818 - an event, not a failure
    """The connection was closed before the request was complete; nobody is there to answer."""


class GraphQLEndpoint:
    """A plain ASGI callable: judges the head, reads the body, asks the engine, sends one whole reply."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        verifier: Verifier,
        journal: Journal,
        metrics: Metrics,
        fields: Fields = (),
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._verifier = verifier
        self._journal = journal
        self._metrics = metrics
        self._fields = fields
        self._body_deadline = Deadline(settings.body_deadline_seconds)
        self._answer_deadline = Deadline(settings.request_deadline_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every way out of here is a coded reply without a value in its errors."""
        started = perf_counter()
        exchange = _Exchange(Head(scope["headers"]))
        try:
            reply = await self._reply(exchange, scope["method"], receive)
        except CallerLeft:
            reply = Reply(0, b"", exchange.media_type, "CALLER_LEFT")
        except Exception as error:  # noqa: BLE001 - whatever failed, no data leaves and no message is shown
            self._journal.failure(request_id=exchange.request_id, error=error)
            reply = exchange.refuse(TransportCode.INTERNAL)
        if reply.status:
            await send_reply(reply, exchange.request_id, send, self._fields)
        seconds = perf_counter() - started
        self._metrics.request(status=reply.status, code=reply.code, seconds=seconds)
        self._journal.request(
            request_id=exchange.request_id,
            method=scope["method"],
            status=reply.status,
            code=reply.code,
            client_id=exchange.client_id,
            milliseconds=seconds * 1000,
            size=len(reply.body),
        )

    async def _reply(self, exchange: "_Exchange", method: str, receive: Receive) -> Reply:
        if method != "POST":
            return exchange.refuse(TransportCode.METHOD_NOT_ALLOWED, _ALLOW_POST)
        try:
            caller = await self._verifier.verify(exchange.head.bearer_token())
            exchange.client_id = caller.client_id
            request = await self._request(exchange, caller, receive)
        except (HeadRefused, BodyRefused) as refused:
            return exchange.refuse(refused.code)
        except TokenRefused as refused:
            self._journal.token_refused(request_id=exchange.request_id, reason=refused.reason)
            return exchange.refuse(Refusal.TOKEN_INVALID)
        try:
            answer = await self._answer_deadline.of(self._engine.answer(request))
            return graph_reply(answer, exchange.media_type)
        except TimeoutError:
            return exchange.refuse(TransportCode.DEADLINE_EXCEEDED)
        except LogUnavailable as unavailable:
            self._journal.failure(request_id=exchange.request_id, error=unavailable)
            return exchange.refuse(TransportCode.LOG_UNAVAILABLE)

    async def _request(self, exchange: "_Exchange", caller: Caller, receive: Receive) -> GraphRequest:
        head = exchange.head
        if exchange.accepted is None:
            raise HeadRefused(TransportCode.NOT_ACCEPTABLE)
        head.refuse_other_content()
        report = head.report_mode(self._settings.report_mode)
        head.refuse_announced_size(DRAINED * self._settings.max_body_bytes)
        body = await self._body(receive)
        return GraphRequest(
            query=body.query,
            caller=caller,
            operation_name=body.operation_name,
            variables=body.variables,
            headers=head.declared(),
            report=report,
            request_id=exchange.request_id,
        )

    async def _body(self, receive: Receive) -> RequestBody:
        try:
            body = await self._body_deadline.of(_received(receive, self._settings.max_body_bytes))
        except TimeoutError:
            raise BodyRefused(TransportCode.BODY_TOO_SLOW) from None
        return read_request(body)


class _Exchange:
    """What is known of one request while it is answered."""

    __slots__ = ("accepted", "client_id", "head", "media_type", "request_id")

    def __init__(self, head: Head) -> None:
        self.head = head
        self.request_id = head.request_id()
        self.accepted = head.accepted()
        self.media_type = self.accepted or MediaType.JSON
        self.client_id = ""

    def refuse(self, code: Code, fields: Fields = ()) -> Reply:
        return problem_reply(code, self.media_type, self.request_id, fields)


async def _received(receive: Receive, limit: int) -> bytes:
    """The whole body of at most `limit` bytes; what is beyond is counted and not kept."""
    chunks: list[bytes] = []
    size = 0
    while size <= DRAINED * limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerLeft
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        if not message.get("more_body", False):
            break
    if size > limit:
        raise BodyRefused(TransportCode.BODY_TOO_LARGE)
    return b"".join(chunks)
