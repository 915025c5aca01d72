"""The access log has one line per request and nothing personal in it."""

import io
from pathlib import Path

import orjson
from doubles import CLIENT, gateway

from sekisho.gateway.journal import Journal


async def test_a_request_is_one_line_of_what_the_gateway_knows(tmp_path: Path) -> None:
    under_test = gateway(tmp_path)
    body = {"query": "query 山田 { policy { id } }", "variables": {"name": "山田太郎"}}
    async with under_test.client("203.0.113.9") as client:
        await client.post(
            "/graphql?name=tanaka",
            headers={"authorization": f"Bearer {under_test.token()}", "user-agent": "tanaka", "x-reference": "case-9"},
            json=body,
        )

    (line,) = under_test.lines()
    assert line.keys() == {
        "event", "time", "process", "request_id", "method", "status", "code", "client_id", "milliseconds", "bytes",
    }  # fmt: skip
    assert (line["status"], line["code"], line["client_id"]) == (200, "EXECUTED", CLIENT)
    text = under_test.written.getvalue().decode()
    assert not any(word in text for word in ("山田", "tanaka", "203.0.113.9", "case-9", "Bearer"))


async def test_a_refused_token_is_logged_with_its_reason_and_nothing_of_it(tmp_path: Path) -> None:
    under_test = gateway(tmp_path)
    await under_test.post(headers={"authorization": "Bearer tanaka.taro.1234"})

    refused, request = under_test.lines()
    assert refused["event"] == "token_refused"
    assert refused["request_id"] == request["request_id"]
    assert (request["status"], request["code"], request["client_id"]) == (401, "TOKEN_INVALID", "")
    assert "tanaka" not in under_test.written.getvalue().decode()


def test_a_method_nobody_knows_is_not_repeated() -> None:
    written = io.BytesIO()
    Journal(written).request(
        request_id="r", method="TANAKA", status=405, code="", client_id="", milliseconds=1.23456, size=0
    )

    line = orjson.loads(written.getvalue())
    assert (line["method"], line["milliseconds"]) == ("OTHER", 1.235)


def test_a_failure_names_types_and_places_cause_by_cause() -> None:
    written = io.BytesIO()
    try:
        fail_with_names()
    except RuntimeError as error:
        Journal(written).failure(request_id="r", error=error)

    line = orjson.loads(written.getvalue())
    assert line["errors"] == ["builtins.RuntimeError", "builtins.FileNotFoundError"]
    assert line["frames"][0].startswith(__file__)
    assert "山田" not in written.getvalue().decode()


def fail_with_names() -> None:
    try:
        Path("山田").read_bytes()
    except OSError as error:
        raise RuntimeError("太郎") from error
