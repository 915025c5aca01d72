"""A local issuer of access tokens for the demo and the tests: its tokens are verified like anybody else's."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from sekisho.gateway.settings import IssuerSettings

LOCAL_ISSUER = "urn:sekisho:local-issuer"

_KEY_FILE = "local-issuer.key.json"
_KEYS_FILE = "local-issuer.jwks.json"
_OTHERS = 0o077


class IssuerRefused(Exception):  # noqa: N818 - a refusal, as the other rooms call it
    """The key of the local issuer cannot be used. The message says what to do."""


class LocalIssuer:
    """Issues Ed25519-signed access tokens (RFC 9068) under a key of its own."""

    def __init__(self, key: OKPKey, keys_file: Path, audience: str) -> None:
        self._key = key
        self._keys_file = keys_file
        self._audience = audience

    @property
    def settings(self) -> IssuerSettings:
        """How the gateway's settings name this issuer."""
        return IssuerSettings(
            issuer=LOCAL_ISSUER, jwks_file=self._keys_file, audience=self._audience, algorithms=("Ed25519",)
        )

    def issue(self, client_id: str, subject_id: UUID | None = None, lifetime: timedelta = timedelta(minutes=10)) -> str:
        """A token for `client_id`, speaking for the data subject `subject_id` when one is given."""
        now = int(time.time())
        claims = {
            "iss": LOCAL_ISSUER,
            "aud": self._audience,
            "client_id": client_id,
            "sub": client_id if subject_id is None else str(subject_id),
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": str(uuid4()),
        }
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["Ed25519"])


def local_issuer(key_dir: Path, audience: str) -> LocalIssuer:
    """The local issuer whose key lies in `key_dir`; key and public key set are made when they are missing.

    Raises `IssuerRefused` for a key that others may read, or that is no Ed25519 key.
    """
    key_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_file, keys_file = key_dir / _KEY_FILE, key_dir / _KEYS_FILE
    if not key_file.exists():
        _make(key_file)
    key = _load(key_file)
    public = {"keys": [key.as_dict(private=False, use="sig", alg="Ed25519")]}
    _replace(keys_file, json.dumps(public).encode(), 0o644)
    return LocalIssuer(key, keys_file, audience)


def _make(key_file: Path) -> None:
    """Write a new key; where two processes start at once, the first one's stays."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    draft = _draft(key_file, json.dumps(key.as_dict(private=True)).encode(), 0o600)
    try:
        os.link(draft, key_file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _load(key_file: Path) -> OKPKey:
    if os.name == "posix" and key_file.stat().st_mode & _OTHERS:
        raise IssuerRefused(f"the key `{key_file}` is open to other users; run `chmod 600 {key_file}`")
    try:
        key = OKPKey.import_key(json.loads(key_file.read_bytes()))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise IssuerRefused(f"the key `{key_file}` cannot be read; delete it to have a new one made") from error
    if not key.is_private or key.curve_name != "Ed25519":
        raise IssuerRefused(f"the key `{key_file}` is no private Ed25519 key; delete it to have a new one made")
    key.ensure_kid()
    return key


def _replace(path: Path, content: bytes, mode: int) -> None:
    _draft(path, content, mode).replace(path)


def _draft(path: Path, content: bytes, mode: int) -> Path:
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
