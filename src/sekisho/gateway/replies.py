"""One finished HTTP reply, and how it leaves: whole, uncached, unsniffed."""

from typing import Any, NamedTuple

import orjson
from starlette.types import Send

from sekisho.gateway.codes import Code, TransportCode
from sekisho.gateway.head import MediaType
from sekisho.gateway.problems import problem
from sekisho.graph.exchange import GraphAnswer, Rendered, Stage
from sekisho.graph.numbers import Spelled, spell_float
from sekisho.vocabulary import Refusal

RETRY_AFTER_SECONDS = 1
"""After how long a caller may try again when the gateway could not answer."""

_VARY = b"Authorization, Accept, X-Purpose-Of-Use, X-Disclosure-Purpose, X-Recipient-Type, X-Reference, X-Report-Mode"
_ALWAYS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"), (b"vary", _VARY)]
_CONTENT_TYPE = {each: (b"content-type", f"{each}; charset=utf-8".encode()) for each in MediaType}
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")

Fields = tuple[tuple[bytes, bytes], ...]


class Reply(NamedTuple):
    """A reply that is complete before its first byte leaves. `code` is what the journal calls it."""

    status: int
    body: bytes
    media_type: MediaType
    code: str
    fields: Fields = ()


def problem_reply(code: Code, media_type: MediaType, request_id: str, fields: Fields = ()) -> Reply:
    """A refusal or failure as a GraphQL response without data (GraphQL over HTTP, status codes)."""
    row = problem(code)
    error = {"message": row.message, "extensions": {"code": code, "requestId": request_id}}
    body = orjson.dumps({"errors": [error]})
    return Reply(row.status, body, media_type, code, (*_fields_of(code, row.status), *fields))


def graph_reply(answer: GraphAnswer, media_type: MediaType) -> Reply:
    """The graph's answer as a reply. `data` leaves at stage EXECUTED only, whatever the answer holds besides."""
    members: dict[str, Any] = {}
    if answer.errors:
        members["errors"] = answer.errors
    if answer.stage is Stage.EXECUTED:
        members["data"] = _member(answer.data)
    if answer.extensions:
        members["extensions"] = _member(answer.extensions)
    status = _status(answer, media_type)
    fields = _fields_of(answer.refusal, status) if answer.refusal else ()
    return Reply(status, orjson.dumps(members, _spelled), media_type, answer.refusal or answer.stage, fields)


def reply_fields(reply: Reply, request_id: str, fields: Fields = ()) -> list[tuple[bytes, bytes]]:
    """The header fields `reply` leaves with."""
    return [
        _CONTENT_TYPE[reply.media_type],
        (b"content-length", str(len(reply.body)).encode()),
        (b"x-request-id", request_id.encode()),
        *_ALWAYS,
        *reply.fields,
        *fields,
    ]


async def send_reply(reply: Reply, request_id: str, send: Send, fields: Fields = ()) -> None:
    """Send `reply` in one piece."""
    headers = reply_fields(reply, request_id, fields)
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _member(value: dict[str, Any] | Rendered | None) -> object:
    return orjson.Fragment(value.text) if isinstance(value, Rendered) else value


def _spelled(value: object) -> orjson.Fragment:
    """JSON of a value that orjson asks about: numbers of PostgreSQL's float8, and nothing else."""
    if isinstance(value, Spelled):
        return orjson.Fragment(spell_float(value))
    raise TypeError("an answer holds JSON values only; render others before")


def _status(answer: GraphAnswer, media_type: MediaType) -> int:
    if answer.stage is Stage.EXECUTED:
        return 200
    if answer.stage is Stage.REFUSED:
        if answer.refusal is None:
            raise ValueError("a refused answer must carry its refusal; set `refusal`")
        return problem(answer.refusal).status
    return 400 if media_type is MediaType.GRAPHQL_RESPONSE else 200


def _fields_of(code: Code, status: int) -> Fields:
    match code:
        case Refusal.TOKEN_MISSING:
            return ((b"www-authenticate", b'Bearer realm="sekisho"'),)
        case Refusal.TOKEN_INVALID:
            return ((b"www-authenticate", b'Bearer realm="sekisho", error="invalid_token"'),)
        case TransportCode.TOKEN_MALFORMED:
            return ((b"www-authenticate", b'Bearer realm="sekisho", error="invalid_request"'),)
        case TransportCode.BODY_TOO_LARGE | TransportCode.BODY_TOO_SLOW:
            return ((b"connection", b"close"),)
    return ((b"retry-after", str(RETRY_AFTER_SECONDS).encode()),) if status == 503 else ()  # noqa: PLR2004 - HTTP
