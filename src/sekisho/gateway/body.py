"""Bytes of a request body to a GraphQL request, or a coded refusal: strict, and in linear time."""

import json
import math
import re
from typing import Any, NamedTuple, NoReturn

import orjson

from sekisho.gateway.codes import TransportCode

MAX_DEPTH = 64
"""Levels of objects and arrays a body may have."""

_LONGEST_NUMBER = 64
"""Characters of a number; a 64-bit integer has 20, the shortest spelling of any double 24."""

_INTEGERS = range(-(2**63), 2**64)
_MEMBERS = frozenset({"query", "operationName", "variables", "extensions"})
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?|[\[{\]}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


class BodyRefused(Exception):  # noqa: N818 - a refusal, as the other rooms call it
    """The body is not what it must be; `code` says how. Carries nothing of the body."""

    def __init__(self, code: TransportCode) -> None:
        super().__init__(code)
        self.code = code


class RequestBody(NamedTuple):
    """The members of a GraphQL request; `extensions` are checked and dropped, nothing here reads them."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None


def read_request(body: bytes) -> RequestBody:
    """The GraphQL request in `body` (GraphQL over HTTP, JSON encoding). Raises `BodyRefused`."""
    members = read_json(body)
    if isinstance(members, list):
        raise BodyRefused(TransportCode.BATCHING_NOT_OFFERED)
    if not isinstance(members, dict) or not members.keys() <= _MEMBERS:
        raise BodyRefused(TransportCode.REQUEST_MALFORMED)
    query, operation_name = members.get("query"), members.get("operationName")
    variables, extensions = members.get("variables"), members.get("extensions")
    if (
        not isinstance(query, str)
        or not (operation_name is None or isinstance(operation_name, str))
        or not (variables is None or isinstance(variables, dict))
        or not (extensions is None or isinstance(extensions, dict))
    ):
        raise BodyRefused(TransportCode.REQUEST_MALFORMED)
    return RequestBody(query, operation_name or None, variables)


def read_json(text: bytes) -> Any:
    """The value of a JSON text (RFC 8259), stricter than the standard asks: I-JSON (RFC 7493) in bounded depth.

    Refused with `BodyRefused`: bytes that are not UTF-8, a byte order mark, lone surrogates, a member twice in one
    object, NaN and infinities, integers beyond 64 bits, decimals beyond a double, more than `MAX_DEPTH` levels.
    """
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        raise BodyRefused(TransportCode.BODY_NOT_UTF8) from None
    if decoded.startswith("\ufeff"):
        raise BodyRefused(TransportCode.BODY_NOT_UTF8)
    _refuse_depth(text)
    try:
        value = _DECODER.decode(decoded)
    except json.JSONDecodeError:
        raise BodyRefused(TransportCode.BODY_NOT_JSON) from None
    if _SURROGATE_ESCAPE.search(text):
        _refuse_lone_surrogates(text)
    return value


def _refuse_depth(text: bytes) -> None:
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        token = match[0]
        if token in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise BodyRefused(TransportCode.BODY_TOO_DEEP)
        elif token in (b"]", b"}"):
            depth -= 1


def _refuse_lone_surrogates(text: bytes) -> None:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BodyRefused(TransportCode.BODY_NOT_UTF8) from None


def _members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BodyRefused(TransportCode.BODY_MEMBER_TWICE)
    return members


def _integer(token: str) -> int:
    if len(token) > _LONGEST_NUMBER or (value := int(token)) not in _INTEGERS:
        raise BodyRefused(TransportCode.BODY_NUMBER_OUT_OF_RANGE)
    return value


def _decimal(token: str) -> float:
    if len(token) > _LONGEST_NUMBER or not math.isfinite(value := float(token)):
        raise BodyRefused(TransportCode.BODY_NUMBER_OUT_OF_RANGE)
    return value


def _not_json(_token: str) -> NoReturn:
    raise BodyRefused(TransportCode.BODY_NOT_JSON)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members_once, parse_int=_integer, parse_float=_decimal, parse_constant=_not_json
)
