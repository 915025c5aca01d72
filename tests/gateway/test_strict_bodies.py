"""The body reader never fails otherwise than by a coded refusal, and takes no time that grows faster than the body."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sekisho.gateway.body import MAX_DEPTH, BodyRefused, read_json, read_request
from sekisho.gateway.codes import TransportCode

NEAR_JSON = st.lists(
    st.sampled_from(
        [
            *(
                b"{",
                b"}",
                b"[",
                b"]",
                b'"',
                b":",
                b",",
                b"\\",
                b"\\u",
                b"\\ud800",
                b"\\udc00",
                b"0",
                b"-",
                b"1e400",
                b"NaN",
            ),
            *(b"true", b"null", b'"query"', b'"variables"', b" ", b"\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"9" * 30),
        ]
    ),
    max_size=40,
).map(b"".join)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def refusal_of(text: bytes) -> TransportCode | None:
    try:
        read_request(text)
    except BodyRefused as refused:
        return refused.code
    return None


@settings(max_examples=1_000)
@given(st.binary(max_size=200) | NEAR_JSON)
@example(b"null")
@example(b"\xff\xfe")
@example(b'{"query":"' + b"\\" * 99)
def test_any_bytes_are_a_request_or_a_coded_refusal(text: bytes) -> None:
    code = refusal_of(text)

    assert code is None or code in TransportCode


@settings(max_examples=500)
@given(NEAR_JSON)
def test_what_is_accepted_is_json_to_another_reader_too(text: bytes) -> None:
    try:
        value = read_json(text)
    except BodyRefused:
        return

    assert orjson.loads(text) == value


@given(VALUES)
def test_every_value_of_strict_json_is_read_as_written(value: Any) -> None:
    assert read_json(orjson.dumps(value)) == value
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b'{"a":' * 50_000, TransportCode.BODY_TOO_DEEP),
        (b"[" * 100_000, TransportCode.BODY_TOO_DEEP),
        (b"[" * 65 + b"]" * 65, TransportCode.BODY_TOO_DEEP),
        (b'{"query":' + b"9" * 90_000 + b"}", TransportCode.BODY_NUMBER_OUT_OF_RANGE),
        (b'{"query":0.' + b"9" * 90_000 + b"}", TransportCode.BODY_NUMBER_OUT_OF_RANGE),
        (b'{"query":"' + b'\\"' * 49_000, TransportCode.BODY_NOT_JSON),
        (b'["' * 65 + b'\\"' * 49_000, TransportCode.BODY_NOT_JSON),
        (b"[" * 64 + b"]" * 64 + b"\xc3", TransportCode.BODY_NOT_UTF8),
        (b"[" + b"[]," * 33_000 + b"[]]", TransportCode.BATCHING_NOT_OFFERED),
        (b'{"query":"{a}","variables":{' + b'"a":1,' * 15_000 + b'"a":1}}', TransportCode.BODY_MEMBER_TWICE),
        (b'{"query":"\x01"}', TransportCode.BODY_NOT_JSON),
        (b"{'query':'{a}'}", TransportCode.BODY_NOT_JSON),
        (b'{"query":"\\ud800"}', TransportCode.BODY_NOT_UTF8),
        (b'{"query":"\\udc00\\ud800"}', TransportCode.BODY_NOT_UTF8),
        (b'{"query":"\\uD83D"}', TransportCode.BODY_NOT_UTF8),
    ],
)
def test_a_hostile_body_is_refused(text: bytes, code: TransportCode) -> None:
    assert refusal_of(text) is code


def test_levels_are_counted_outside_of_strings_only() -> None:
    brackets = json.dumps({"query": "{" * 500 + '"[\\' * 500})

    assert refusal_of(brackets.encode()) is None
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_an_escaped_backslash_before_u_is_no_surrogate() -> None:
    assert read_json(b'"\\\\ud800"') == "\\ud800"


def test_a_refused_body_is_nowhere_in_the_refusal() -> None:
    with pytest.raises(BodyRefused) as caught:
        read_json(b'{"secret": tanaka}')

    assert caught.value.__cause__ is None
    assert "tanaka" not in repr(caught.value)


def test_an_empty_operation_name_is_none() -> None:
    assert read_request(b'{"query":"{a}","operationName":""}').operation_name is None
