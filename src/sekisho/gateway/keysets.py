"""Public keys of an issuer, as its tokens are checked with them."""

from pathlib import Path
from typing import Any, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, KeySet, OKPKey, RSAKey

from sekisho.gateway.body import BodyRefused, read_json

_SMALLEST_RSA_BITS = 2048
_KNOWN_KINDS = frozenset({"OKP", "EC", "RSA"})


class KeysRefused(Exception):  # noqa: N818 - a refusal, as the other rooms call it
    """A JWK Set cannot be used. The message names the source and what to change in it."""


class KeySource(Protocol):
    """Where the keys of one issuer come from."""

    async def keys(self) -> KeySet:
        """The keys to check tokens with now."""
        ...


class LoadedKeys:
    """Keys that were read at start and stay."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    async def keys(self) -> KeySet:
        """The keys as loaded."""
        return self._keys


def keys_from_file(path: Path) -> LoadedKeys:
    """The keys in the JWK Set file `path`. Raises `KeysRefused`."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise KeysRefused(f"the key set `{path}` cannot be read ({error.strerror}); name a readable file") from error
    return LoadedKeys(key_set(text, str(path)))


def key_set(text: bytes, source: str) -> KeySet:
    """The signature keys of a JWK Set (RFC 7517): public Ed25519, P-256 and RSA keys of at least 2048 bits.

    Keys of kinds unknown here are passed over, as section 5 asks; secrets and weak keys refuse the whole set with
    `KeysRefused`.
    """
    try:
        members = read_json(text)
    except BodyRefused as refused:
        raise KeysRefused(f"the key set `{source}` is not strict JSON ({refused.code})") from None
    entries = members.get("keys") if isinstance(members, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise KeysRefused(f"the key set `{source}` has no list `keys`; publish a JWK Set")
    keys = [_key(entry, source) for entry in entries if entry.get("use", "sig") == "sig" and _usable(entry, source)]
    if not keys:
        raise KeysRefused(f"the key set `{source}` holds no Ed25519, P-256 or RSA signature key; add one")
    return KeySet(keys)


def _usable(entry: dict[str, Any], source: str) -> bool:
    if "k" in entry or "d" in entry:
        raise KeysRefused(f"the key set `{source}` holds a secret key; publish the public parts only")
    return entry.get("kty") in _KNOWN_KINDS


def _key(entry: dict[str, Any], source: str) -> Key:
    try:
        key = JWKRegistry.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise KeysRefused(f"a key in `{source}` cannot be read; correct or remove it") from error
    if isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA_BITS:
        raise KeysRefused(f"an RSA key in `{source}` has fewer than {_SMALLEST_RSA_BITS} bits; replace it")
    if isinstance(key, OKPKey) and key.curve_name != "Ed25519":
        raise KeysRefused(f"a key in `{source}` is on a curve other than Ed25519; remove it")
    if isinstance(key, ECKey) and key.curve_name != "P-256":
        raise KeysRefused(f"a key in `{source}` is on a curve other than P-256; remove it")
    return key
