"""Access tokens: JWTs of configured issuers (RFC 9068), checked in full; there is no switch that skips it."""

import hashlib
import re
import time
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.registry import JWS_HEADER_REGISTRY

from sekisho.gateway.body import BodyRefused, read_json
from sekisho.gateway.keysets import KeySource, keys_from_file
from sekisho.gateway.settings import IssuerSettings, Settings, SettingsRefused
from sekisho.graph.exchange import Caller

CLOCK_SKEW_SECONDS = 30
LONGEST_TOKEN = 8192
"""Characters of a token."""

REMEMBERED_TOKENS = 10_000

_NAME = re.compile(r"[\x21-\x7e]{1,256}")
_ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_HEADER_MEMBERS = frozenset({"alg", "typ", "kid"})


class TokenRefused(Exception):  # noqa: N818 - a refusal, as the other rooms call it
    """The token is not valid here. `reason` is for the operator's eyes, and holds nothing of the token."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Verifier(Protocol):
    """Turns a bearer token into the caller it stands for."""

    async def verify(self, token: str) -> Caller:
        """The caller. Raises `TokenRefused`."""
        ...


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """One issuer: its keys, the audience its tokens name, the algorithms it may sign with."""

    keys: KeySource
    audience: str
    algorithms: frozenset[str]


class TokenVerifier:
    """Verifies tokens and remembers the verified ones, by hash, until they expire.

    Only the verdict on the token is remembered. Whether its client is registered, entitled and not revoked is asked
    anew by every statement.
    """

    def __init__(self, issuers: dict[str, TrustedIssuer], now: Callable[[], float] = time.time) -> None:
        self._issuers = issuers
        self._now = now
        self._remembered: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    async def verify(self, token: str) -> Caller:
        """The caller of `token`. Raises `TokenRefused`."""
        if len(token) > LONGEST_TOKEN:
            raise TokenRefused("the token is too long")
        digest = hashlib.sha256(token.encode()).digest()
        known = self._recall(digest)
        if known is not None:
            return known
        claims = await self._verified_claims(token)
        caller = _caller(claims)
        self._remember(digest, caller, claims["exp"])
        return caller

    def _recall(self, digest: bytes) -> Caller | None:
        known = self._remembered.get(digest)
        if known is None:
            return None
        caller, expires = known
        if self._now() >= expires + CLOCK_SKEW_SECONDS:
            del self._remembered[digest]
            return None
        self._remembered.move_to_end(digest)
        return caller

    def _remember(self, digest: bytes, caller: Caller, expires: float) -> None:
        self._remembered[digest] = (caller, expires)
        if len(self._remembered) > REMEMBERED_TOKENS:
            self._remembered.popitem(last=False)

    async def _verified_claims(self, token: str) -> dict[str, Any]:
        header, unverified = (_object(part) for part in _segments(token))
        name = unverified.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise TokenRefused("its issuer is not configured")
        _check_header(header, issuer.algorithms)
        try:
            verified = jws.deserialize_compact(token, await issuer.keys.keys(), registry=_registry(issuer.algorithms))
        except (JoseError, ValueError) as error:
            raise TokenRefused("its signature does not verify") from error
        claims = _object(verified.payload or b"")
        if claims.get("iss") != name:
            raise TokenRefused("its issuer is not the one it was verified for")
        self._check_claims(claims, issuer.audience)
        return claims

    def _check_claims(self, claims: dict[str, Any], audience: str) -> None:
        now = self._now()
        audiences = claims.get("aud")
        if audience not in (audiences if isinstance(audiences, list) else [audiences]):
            raise TokenRefused("it is for another audience")
        if now >= _instant(claims, "exp") + CLOCK_SKEW_SECONDS:
            raise TokenRefused("it has expired")
        if now < _instant(claims, "iat") - CLOCK_SKEW_SECONDS:
            raise TokenRefused("it was issued in the future")
        if "nbf" in claims and now < _instant(claims, "nbf") - CLOCK_SKEW_SECONDS:
            raise TokenRefused("it is not valid yet")
        for name in ("client_id", "sub", "jti"):
            if not isinstance(claims.get(name), str) or not _NAME.fullmatch(claims[name]):
                raise TokenRefused(f"its claim `{name}` is missing or malformed")


def token_verifier(settings: Settings) -> TokenVerifier:
    """The verifier for the configured issuers.

    Raises `SettingsRefused` when there is none, `sekisho.gateway.keysets.KeysRefused` when its keys cannot be used.
    """
    if not settings.issuers:
        raise SettingsRefused("no issuer of access tokens is configured; set `SEKISHO_ISSUERS`")
    return TokenVerifier({entry.issuer: _trusted(entry, settings.audience) for entry in settings.issuers})


def _trusted(entry: IssuerSettings, audience: str) -> TrustedIssuer:
    return TrustedIssuer(keys_from_file(entry.jwks_file), entry.audience or audience, frozenset(entry.algorithms))


def _registry(algorithms: frozenset[str]) -> JWSRegistry:
    registry = JWSRegistry(algorithms=sorted(algorithms))
    registry.header_registry = {name: JWS_HEADER_REGISTRY[name] for name in _HEADER_MEMBERS}
    return registry


def _segments(token: str) -> tuple[bytes, bytes]:
    """Header and payload as they stand in the token: read before the check only to choose the keys for it."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        raise TokenRefused("it is not a signed JWT")
    try:
        return urlsafe_b64decode(parts[0] + "=="), urlsafe_b64decode(parts[1] + "==")
    except ValueError as error:
        raise TokenRefused("it is not base64url") from error


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = read_json(text)
    except BodyRefused as refused:
        raise TokenRefused(f"its header or its claims are not strict JSON ({refused.code})") from None
    if not isinstance(value, dict):
        raise TokenRefused("its header or its claims are no object")
    return value


def _check_header(header: dict[str, Any], algorithms: frozenset[str]) -> None:
    if not header.keys() <= _HEADER_MEMBERS or not all(isinstance(value, str) for value in header.values()):
        raise TokenRefused("its header has a member that is not allowed")
    if header.get("typ", "").lower() not in _ACCESS_TOKEN_TYPES:
        raise TokenRefused("it is not an access token (`typ` is not `at+jwt`)")
    if header.get("alg") not in algorithms:
        raise TokenRefused("its algorithm is not allowed")


def _instant(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(f"its claim `{name}` is missing or no number")
    return float(value)


def _caller(claims: dict[str, Any]) -> Caller:
    client_id, subject = claims["client_id"], claims["sub"]
    return Caller(client_id, None if subject == client_id else _subject_id(subject), claims["jti"])


def _subject_id(subject: str) -> UUID | None:
    try:
        known = UUID(subject)
    except ValueError:
        return None
    return known if str(known) == subject.lower() else None
