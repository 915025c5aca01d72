"""What the head of a request says: who it is for, in which form the answer is wanted, what is declared."""

import re
import secrets
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from sekisho.gateway.codes import TransportCode
from sekisho.graph.exchange import DeclaredHeaders
from sekisho.vocabulary import Refusal, ReportMode

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)
_TOKEN_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/-"
_WORTH_REMEMBERING = 512


class HeadRefused(Exception):  # noqa: N818 - a refusal, as the other rooms call it
    """The head of the request is not what it must be; `code` says how. Carries nothing of the head."""

    def __init__(self, code: TransportCode | Refusal) -> None:
        super().__init__(code)
        self.code = code


class MediaType(StrEnum):
    """The media types of GraphQL responses, the preferred one first."""

    GRAPHQL_RESPONSE = "application/graphql-response+json"
    JSON = "application/json"


class Head:
    """The header fields of one request, by lower-case name, each with its occurrences in order."""

    __slots__ = ("_fields",)

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._fields: dict[bytes, tuple[str, ...]] = {}
        for name, value in headers:
            self._fields[name] = (*self._fields.get(name, ()), value.decode("latin-1"))

    def all(self, name: bytes) -> tuple[str, ...]:
        """The occurrences of a field, in order; empty when it is absent."""
        return self._fields.get(name, ())

    def request_id(self) -> str:
        """The caller's `X-Request-Id` when it is one plain word of at most 128 characters, else a fresh one."""
        sent = self.all(b"x-request-id")
        if len(sent) == 1 and _REQUEST_ID.fullmatch(sent[0]):
            return sent[0]
        return secrets.token_hex(16)

    def declared(self) -> DeclaredHeaders:
        """The declaring headers, unjudged."""
        return DeclaredHeaders(
            purpose=self.all(b"x-purpose-of-use"),
            disclosure=self.all(b"x-disclosure-purpose"),
            recipient=self.all(b"x-recipient-type"),
            reference=self.all(b"x-reference"),
        )

    def report_mode(self, default: ReportMode) -> ReportMode:
        """The report mode asked for. Raises `HeadRefused` for an unknown one, or for several."""
        asked = frozenset(self.all(b"x-report-mode"))
        if not asked:
            return default
        if len(asked) > 1 or not asked <= _REPORT_MODES:
            raise HeadRefused(TransportCode.REPORT_MODE_UNKNOWN)
        return ReportMode(*asked)

    def bearer_token(self) -> str:
        """The access token (RFC 6750, section 2.1; no other place counts). Raises `HeadRefused`."""
        sent = self.all(b"authorization")
        if len(sent) > 1:
            raise HeadRefused(TransportCode.TOKEN_MALFORMED)
        scheme, _, rest = "".join(sent).partition(" ")
        if scheme.lower() != "bearer":
            raise HeadRefused(Refusal.TOKEN_MISSING)
        token = rest.lstrip(" ").rstrip()
        if not _is_token(token):
            raise HeadRefused(TransportCode.TOKEN_MALFORMED)
        return token

    def accepted(self) -> MediaType | None:
        """The media type to answer with; `None` when none that is offered is accepted."""
        return _negotiated(self.all(b"accept"))

    def refuse_other_content(self) -> None:
        """Raise `HeadRefused` unless the body is declared as plain JSON in UTF-8."""
        types, encodings = self.all(b"content-type"), self.all(b"content-encoding")
        if len(types) != 1 or not _is_json_in_utf8(types[0]) or not _IDENTITY.issuperset(map(str.lower, encodings)):
            raise HeadRefused(TransportCode.CONTENT_TYPE_UNSUPPORTED)

    def refuse_announced_size(self, limit: int) -> None:
        """Raise `HeadRefused` when the announced length of the body is beyond `limit` bytes."""
        for length in self.all(b"content-length"):
            if not length.isdecimal() or not length.isascii() or len(length) > len(str(limit)) or int(length) > limit:
                raise HeadRefused(TransportCode.BODY_TOO_LARGE)


_REPORT_MODES = frozenset(ReportMode)
_IDENTITY = frozenset({"identity"})


def _is_token(text: str) -> bool:
    """Whether `text` is a `b64token` (RFC 6750, section 2.1)."""
    characters = text.rstrip("=").encode("latin-1", "replace")
    return bool(characters) and not characters.translate(None, _TOKEN_CHARACTERS)


def _negotiated(accept: tuple[str, ...]) -> MediaType | None:
    """Proactive negotiation (RFC 9110, section 12.5.1); without an Accept header the preferred type."""
    ranges = ",".join(accept)
    if not accept or not ranges.strip():
        return MediaType.GRAPHQL_RESPONSE
    return _remembered_choice(ranges) if len(ranges) <= _WORTH_REMEMBERING else _choice(ranges)


def _choice(ranges: str) -> MediaType | None:
    qualities: dict[MediaType, tuple[int, float]] = {}
    for media_range in ranges.split(","):
        name, quality = _range(media_range)
        for offered in MediaType:
            specificity = _specificity(name, offered)
            if specificity > qualities.get(offered, (0, 0.0))[0]:
                qualities[offered] = (specificity, quality)
    acceptable = [offered for offered in MediaType if qualities.get(offered, (0, 0.0))[1] > 0]
    return max(acceptable, key=lambda offered: qualities[offered][1], default=None)


_remembered_choice = lru_cache(maxsize=256)(_choice)


def _range(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in media_range.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            quality = float(value.strip()) if _QUALITY.fullmatch(value.strip()) else 0.0
        elif not _names_utf8(parameter):
            return "", 0.0
    return name, quality


def _specificity(name: str, offered: MediaType) -> int:
    if name == offered:
        return 3
    return {"application/*": 2, "*/*": 1}.get(name, 0)


def _is_json_in_utf8(content_type: str) -> bool:
    return content_type == MediaType.JSON or _says_json_in_utf8(content_type)


def _says_json_in_utf8(content_type: str) -> bool:
    name, *parameters = (part.strip().lower() for part in content_type.split(";"))
    return name == MediaType.JSON and all(_names_utf8(parameter) for parameter in parameters)


def _names_utf8(parameter: str) -> bool:
    key, _, value = parameter.partition("=")
    return key.strip() == "charset" and value.strip().strip('"') in ("utf-8", "utf8")
