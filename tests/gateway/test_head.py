"""What is read of a head quickly is what its grammar says."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sekisho.gateway.codes import TransportCode
from sekisho.gateway.head import Head, HeadRefused
from sekisho.vocabulary import Refusal

BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
"""RFC 6750, section 2.1, after the white space around a field's value is taken off (RFC 9110, section 5.5)."""

NEAR_TOKENS = st.lists(st.sampled_from(["bearer", "Bearer", "BEARER", " ", "\t", "a", "Z9", "-._~+/", "=", ":", "é"]))
VALUES = NEAR_TOKENS.map("".join) | st.text(st.characters(max_codepoint=255), max_size=30)


def read(*values: str) -> str:
    try:
        return Head([(b"authorization", value.encode("latin-1")) for value in values]).bearer_token()
    except HeadRefused as refused:
        return refused.code


def by_the_grammar(value: str) -> str:
    if value.split(" ", maxsplit=1)[0].lower() != "bearer":
        return Refusal.TOKEN_MISSING
    match = BEARER.fullmatch(value.strip())
    return match[1] if match else TransportCode.TOKEN_MALFORMED


@settings(max_examples=2_000)
@given(VALUES)
@example("Bearer")
@example("Bearer  a==")
@example("Bearer a=b")
@example("Bearer =")
@example("Bearer \ta")
@example("bearer a\x85")
def test_a_token_is_what_the_grammar_says(value: str) -> None:
    assert read(value) == by_the_grammar(value)


def test_two_tokens_are_none() -> None:
    assert read("Bearer a", "Bearer a") == TransportCode.TOKEN_MALFORMED
    assert read("Basic a", "Bearer a") == TransportCode.TOKEN_MALFORMED
    assert read() == Refusal.TOKEN_MISSING


def test_fresh_request_ids_are_plain_words_of_their_own() -> None:
    fresh = {Head([]).request_id() for _ in range(1_000)}

    assert len(fresh) == 1_000
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in fresh)
