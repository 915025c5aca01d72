"""A token is what a configured issuer signed for this gateway, now; everything else is refused."""

import base64
import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey

from sekisho.gateway.credentials import (
    LONGEST_TOKEN,
    REMEMBERED_TOKENS,
    TokenRefused,
    TokenVerifier,
    TrustedIssuer,
    token_verifier,
)
from sekisho.gateway.keysets import KeysRefused, LoadedKeys, key_set
from sekisho.gateway.settings import Settings, SettingsRefused

ISSUER = "https://issuer.example"
AUDIENCE = "https://gateway.example/"
NOW = 1_800_000_000
ED25519 = OKPKey.generate_key("Ed25519", {"kid": "ed"}, auto_kid=False)
P256 = ECKey.generate_key("P-256", {"kid": "ec"}, auto_kid=False)
RSA = RSAKey.generate_key(2048, {"kid": "rsa"}, auto_kid=False)
KEYS: dict[str, Key] = {"Ed25519": ED25519, "ES256": P256, "RS256": RSA}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "client_id": "research-lab",
    "sub": "research-lab",
    "iat": NOW - 10,
    "exp": NOW + 600,
    "jti": "token-1",
}


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def verifier(clock: Clock | None = None, algorithms: frozenset[str] = frozenset(KEYS)) -> TokenVerifier:
    public = {"keys": [key.as_dict(private=False) for key in KEYS.values()]}
    keys = LoadedKeys(key_set(json.dumps(public).encode(), "test"))
    return TokenVerifier({ISSUER: TrustedIssuer(keys, AUDIENCE, algorithms)}, clock or Clock())


def token(
    changed: dict[str, Any] | None = None, header: dict[str, Any] | None = None, algorithm: str = "Ed25519"
) -> str:
    claims = {name: value for name, value in (CLAIMS | (changed or {})).items() if value is not ...}
    return signed(json.dumps(claims), algorithm, header)


def signed(payload: str, algorithm: str = "Ed25519", header: dict[str, Any] | None = None) -> str:
    key = KEYS[algorithm]
    members = {"alg": algorithm, "typ": "at+jwt", "kid": key.kid} | (header or {})
    return jws.serialize_compact(
        {name: value for name, value in members.items() if value is not ...}, payload, key, algorithms=[algorithm]
    )


@pytest.mark.parametrize("algorithm", sorted(KEYS))
async def test_a_signed_token_names_its_caller(algorithm: str) -> None:
    caller = await verifier().verify(token(algorithm=algorithm))

    assert (caller.client_id, caller.subject_id, caller.token_id) == ("research-lab", None, "token-1")


async def test_a_subject_other_than_the_client_is_the_data_subject() -> None:
    subject = uuid4()

    assert (await verifier().verify(token({"sub": str(subject)}))).subject_id == subject


@pytest.mark.parametrize(
    "subject", ["tanaka", "{12345678-1234-5678-1234-567812345678}", "12345678123456781234567812345678"]
)
async def test_a_subject_that_is_no_plain_uuid_is_nobody_here(subject: str) -> None:
    assert (await verifier().verify(token({"sub": subject}))).subject_id is None


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": ...},
        {"iss": [ISSUER]},
        {"aud": "https://other.example/"},
        {"aud": ["https://other.example/"]},
        {"aud": ...},
        {"aud": {AUDIENCE: 1}},
        {"exp": NOW - 30},
        {"exp": ...},
        {"exp": str(NOW + 600)},
        {"exp": True},
        {"iat": NOW + 31},
        {"iat": ...},
        {"nbf": NOW + 31},
        {"nbf": None},
        {"client_id": ...},
        {"client_id": ""},
        {"client_id": 7},
        {"client_id": "a" * 257},
        {"client_id": "new\nline"},
        {"sub": ...},
        {"jti": ...},
        {"jti": "a" * 257},
    ],
    ids=str,
)
async def test_a_claim_that_does_not_fit_refuses_the_token(changed: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        await verifier().verify(token(changed))


@pytest.mark.parametrize("changed", [{"exp": NOW - 29}, {"iat": NOW + 30}, {"nbf": NOW + 30}, {"aud": ["x", AUDIENCE]}])
async def test_clocks_may_differ_by_thirty_seconds(changed: dict[str, Any]) -> None:
    assert await verifier().verify(token(changed))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": ...},
        {"typ": "id+jwt"},
        {"kid": "someone-else"},
        {"kid": ...},
        {"jku": "https://attacker.example/keys"},
        {"jwk": ED25519.as_dict(private=False)},
        {"x5u": "https://attacker.example/chain"},
        {"cty": "JWT"},
    ],
    ids=("plain-typ", "no-typ", "id-token", "kid", "no-kid", "jku", "jwk", "x5u", "cty"),
)
async def test_a_header_that_is_not_allowed_refuses_the_token(header: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        await verifier().verify(token(header=header))


async def test_the_long_spelling_of_the_type_is_taken_too() -> None:
    assert await verifier().verify(token(header={"typ": "application/AT+JWT"}))


async def test_an_unsigned_token_is_refused() -> None:
    header = segment({"alg": "none", "typ": "at+jwt"})

    with pytest.raises(TokenRefused):
        await verifier().verify(f"{header}.{segment(CLAIMS)}.")


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused() -> None:
    public = json.dumps(RSA.as_dict(private=False))
    header = {"alg": "HS256", "typ": "at+jwt", "kid": "rsa"}
    forged = jws.serialize_compact(header, json.dumps(CLAIMS), OctKey.import_key(public), algorithms=["HS256"])

    with pytest.raises(TokenRefused):
        await verifier().verify(forged)


async def test_an_algorithm_that_this_issuer_does_not_use_is_refused() -> None:
    with pytest.raises(TokenRefused):
        await verifier(algorithms=frozenset({"ES256"})).verify(token())


async def test_the_key_of_another_kind_does_not_verify() -> None:
    with pytest.raises(TokenRefused):
        await verifier().verify(token(header={"kid": "ec"}))


async def test_a_claim_twice_refuses_the_token() -> None:
    payload = json.dumps(CLAIMS)[:-1] + ', "client_id": "operator"}'

    with pytest.raises(TokenRefused):
        await verifier().verify(signed(payload))


@pytest.mark.parametrize("position", [0, 1, 2])
async def test_a_changed_segment_refuses_the_token(position: int) -> None:
    parts = token().split(".")
    parts[position] = ("A" if parts[position][0] != "A" else "B") + parts[position][1:]

    with pytest.raises(TokenRefused):
        await verifier().verify(".".join(parts))


async def test_a_token_is_remembered_only_until_it_expires() -> None:
    clock = Clock()
    remembering = verifier(clock)
    sent = token()
    await remembering.verify(sent)
    clock.now = NOW + 629.9
    assert await remembering.verify(sent)

    clock.now = NOW + 630
    with pytest.raises(TokenRefused):
        await remembering.verify(sent)


async def test_no_more_tokens_are_remembered_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.gateway.credentials.REMEMBERED_TOKENS", 3)
    remembering = verifier()
    for number in range(5):
        await remembering.verify(token({"jti": f"token-{number}"}))

    assert len(remembering._remembered) == 3
    assert REMEMBERED_TOKENS == 10_000


async def test_a_refused_token_is_not_remembered() -> None:
    remembering = verifier()
    with pytest.raises(TokenRefused):
        await remembering.verify(token({"aud": "x"}))

    assert not remembering._remembered


async def test_a_token_beyond_the_bound_is_not_even_read() -> None:
    with pytest.raises(TokenRefused, match="too long"):
        await verifier().verify("a" * (LONGEST_TOKEN + 1))


@settings(max_examples=300)
@given(
    st.text(max_size=60)
    | st.tuples(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=10)).map(
        lambda parts: ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    )
    | st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)).map(
        lambda value: f"{segment({'alg': value, 'typ': 'at+jwt'})}.{segment({'iss': ISSUER})}.AAAA"
    )
)
async def test_any_text_is_a_token_or_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        await verifier().verify(text)


def segment(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")


def test_without_an_issuer_there_is_no_verifier() -> None:
    with pytest.raises(SettingsRefused, match="SEKISHO_ISSUERS"):
        token_verifier(Settings(issuers=()))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "strict JSON"),
        ("[]", "no list `keys`"),
        ('{"keys": [1]}', "no list `keys`"),
        ('{"keys": []}', "no Ed25519"),
        ('{"keys": [{"kty": "future"}]}', "no Ed25519"),
        (json.dumps({"keys": [ED25519.as_dict(private=True)]}), "secret key"),
        (json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}), "secret key"),
        ('{"keys": [{"kty": "OKP", "crv": "Ed25519"}]}', "cannot be read"),
        ('{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}', "cannot be read"),
        (json.dumps({"keys": [ECKey.generate_key("P-384").as_dict(private=False)]}), "curve other than P-256"),
        (json.dumps({"keys": [OKPKey.generate_key("Ed448").as_dict(private=False)]}), "curve other than Ed25519"),
    ],
)
def test_a_key_set_that_cannot_be_used_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(KeysRefused, match=reason):
        key_set(text.encode(), "keys.json")


def test_unknown_kinds_of_keys_and_keys_for_encryption_are_passed_over() -> None:
    future = {"kty": "future", "kid": "later"}
    encryption = {**RSA.as_dict(private=False), "use": "enc", "kid": "enc"}
    keys = key_set(json.dumps({"keys": [future, encryption, ED25519.as_dict(private=False)]}).encode(), "keys.json")

    assert isinstance(keys, KeySet)
    assert [key.kid for key in keys] == ["ed"]


async def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"

    with pytest.raises(KeysRefused, match=r"missing\.json"):
        token_verifier(Settings.model_validate({"issuers": [{"issuer": ISSUER, "jwks_file": missing}]}))


def test_the_clock_of_the_verifier_is_the_clock() -> None:
    assert abs(TokenVerifier({})._now() - time.time()) < 5
