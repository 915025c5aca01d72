"""What the endpoint hands to the engine, and what it does when the engine cannot answer."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from doubles import CLIENT, GRAPHQL, QUERY, Gateway, ToldEngine, gateway, never
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from sekisho.disclosure.log import LogUnavailable
from sekisho.graph.exchange import GraphAnswer, GraphRequest, Rendered, Stage
from sekisho.graph.numbers import Spelled
from sekisho.vocabulary import Refusal, ReportMode


def code_of(response: httpx.Response) -> str:
    code: str = response.json()["errors"][0]["extensions"]["code"]
    return code


async def test_declaring_headers_reach_the_engine_as_sent_with_every_occurrence(tmp_path: Path) -> None:
    under_test = gateway(tmp_path)
    headers = [
        ("authorization", f"Bearer {under_test.token()}"),
        ("x-purpose-of-use", "RESEARCH_ACADEMIC"),
        ("x-purpose-of-use", "research_academic "),
        ("x-disclosure-purpose", ""),
        ("x-recipient-type", "SELF, FIRST_PARTY"),
        ("cookie", "x-reference=a"),
    ]
    async with under_test.client() as client:
        await client.post("/graphql?purpose=SALES", headers=headers, json=QUERY)

    declared = under_test.engine.asked[0].headers
    assert declared.purpose == ("RESEARCH_ACADEMIC", "research_academic ")
    assert declared.disclosure == ("",)
    assert declared.recipient == ("SELF, FIRST_PARTY",)
    assert declared.reference == ()


async def test_the_members_of_the_request_reach_the_engine(tmp_path: Path) -> None:
    under_test = gateway(tmp_path)
    members = {"query": "query A { policy { id } }", "operationName": "A", "variables": {"first": 3, "after": None}}
    await under_test.post(json=members, headers={"x-report-mode": "silent", "x-request-id": "abc.DEF_1:2-3"})

    asked = under_test.engine.asked[0]
    assert (asked.query, asked.operation_name, asked.variables) == tuple(members.values())
    assert (asked.report, asked.request_id, asked.caller.client_id) == (ReportMode.SILENT, "abc.DEF_1:2-3", CLIENT)


async def test_the_report_mode_of_the_settings_is_the_default(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, report_mode=ReportMode.REJECT)
    await under_test.post()

    assert under_test.engine.asked[0].report is ReportMode.REJECT


@pytest.mark.parametrize("sent", ["a b", "a" * 129, "tanaka@example.jp", "", "<script>", "a\tb"])
async def test_a_request_id_that_is_no_plain_word_is_replaced(tmp_path: Path, sent: str) -> None:
    under_test = gateway(tmp_path)
    response = await under_test.post(headers={"x-request-id": sent})

    assert response.headers["x-request-id"] != sent
    assert response.headers["x-request-id"] == under_test.engine.asked[0].request_id


async def test_every_answer_forbids_caching_and_names_what_it_varies_by(tmp_path: Path) -> None:
    response = await gateway(tmp_path).post()

    assert response.headers["cache-control"] == "no-store"
    assert {"Authorization", "Accept", "X-Purpose-Of-Use"} <= set(response.headers["vary"].split(", "))
    assert "set-cookie" not in response.headers
    assert "strict-transport-security" not in response.headers


async def test_an_engine_that_does_not_answer_in_time_is_a_coded_503(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, ToldEngine(never), request_deadline_seconds=0.05)
    response = await under_test.post()

    assert (response.status_code, code_of(response)) == (503, "DEADLINE_EXCEEDED")
    assert response.headers["retry-after"] == "1"
    assert "data" not in response.json()


async def test_an_unavailable_log_is_a_coded_503(tmp_path: Path) -> None:
    async def no_log(_request: GraphRequest) -> GraphAnswer:
        raise LogUnavailable("disk full at 山田太郎")

    under_test = gateway(tmp_path, ToldEngine(no_log))
    response = await under_test.post()

    assert (response.status_code, code_of(response)) == (503, "LOG_UNAVAILABLE")
    assert response.headers["retry-after"] == "1"
    assert "山田" not in response.text + under_test.written.getvalue().decode()


async def test_an_unexpected_failure_shows_its_request_id_and_nothing_else(tmp_path: Path) -> None:
    async def broken(_request: GraphRequest) -> GraphAnswer:
        raise KeyError("blood pressure of 山田太郎 is 120")

    under_test = gateway(tmp_path, ToldEngine(broken))
    response = await under_test.post(headers={"x-request-id": "r-1"})

    assert (response.status_code, code_of(response)) == (500, "INTERNAL")
    assert response.json()["errors"][0]["extensions"]["requestId"] == "r-1"
    assert "山田" not in response.text + under_test.written.getvalue().decode()
    failure = under_test.lines()[0]
    assert failure["errors"] == ["builtins.KeyError"]
    assert any(frame.endswith(" broken") for frame in failure["frames"])


async def test_an_answer_that_cannot_be_written_is_a_500_without_data(tmp_path: Path) -> None:
    async def odd(_request: GraphRequest) -> GraphAnswer:
        return GraphAnswer(Stage.EXECUTED, data={"name": "山田", "odd": object()})

    response = await gateway(tmp_path, ToldEngine(odd)).post()

    assert (response.status_code, code_of(response)) == (500, "INTERNAL")
    assert "山田" not in response.text


async def test_data_beside_a_refusal_never_leaves(tmp_path: Path) -> None:
    async def careless(_request: GraphRequest) -> GraphAnswer:
        error = {"message": "no", "extensions": {"code": "FIELDS_WITHHELD"}}
        return GraphAnswer(Stage.REFUSED, {"name": "山田"}, (error,), refusal=Refusal.FIELDS_WITHHELD)

    response = await gateway(tmp_path, ToldEngine(careless)).post()

    assert response.status_code == 403
    assert response.json().keys() == {"errors"}


async def test_a_refusal_without_its_name_is_a_500(tmp_path: Path) -> None:
    async def nameless(_request: GraphRequest) -> GraphAnswer:
        return GraphAnswer(Stage.REFUSED, errors=({"message": "no"},))

    assert (await gateway(tmp_path, ToldEngine(nameless)).post()).status_code == 500


async def test_executed_with_errors_is_200_and_errors_come_first(tmp_path: Path) -> None:
    async def partly(_request: GraphRequest) -> GraphAnswer:
        return GraphAnswer(Stage.EXECUTED, {"a": None}, ({"message": "x"},), {"withheld": []})

    response = await gateway(tmp_path, ToldEngine(partly)).post()

    assert response.status_code == 200
    assert response.content == b'{"errors":[{"message":"x"}],"data":{"a":null},"extensions":{"withheld":[]}}'


async def test_data_that_the_database_rendered_is_sent_as_it_is(tmp_path: Path) -> None:
    async def rendered(_request: GraphRequest) -> GraphAnswer:
        return GraphAnswer(Stage.EXECUTED, Rendered('{"a":{"b":1e+16,"c":"山"}}'.encode()), extensions={"d": []})

    answer = await gateway(tmp_path, ToldEngine(rendered)).post()

    assert answer.content == '{"data":{"a":{"b":1e+16,"c":"山"}},"extensions":{"d":[]}}'.encode()


async def test_numbers_are_spelled_as_the_database_spells_them(tmp_path: Path) -> None:
    async def measured(_request: GraphRequest) -> GraphAnswer:
        values = [Spelled(value) for value in (170.0, 36.65, -0.0, 1e16, 0.00001)]
        return GraphAnswer(Stage.EXECUTED, {"values": values})

    answer = await gateway(tmp_path, ToldEngine(measured)).post()

    assert answer.content == b'{"data":{"values":[170,36.65,-0,1e+16,1e-05]}}'


async def test_rendered_data_beside_a_refusal_never_leaves(tmp_path: Path) -> None:
    async def careless(_request: GraphRequest) -> GraphAnswer:
        error = {"message": "no", "extensions": {"code": "FIELDS_WITHHELD"}}
        return GraphAnswer(Stage.REFUSED, Rendered(b'{"name":1}'), (error,), refusal=Refusal.FIELDS_WITHHELD)

    assert (await gateway(tmp_path, ToldEngine(careless)).post()).json().keys() == {"errors"}


async def test_a_body_beyond_the_limit_is_refused_whether_announced_or_not(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, max_body_bytes=1_000)

    async def in_parts() -> Any:
        for _ in range(11):
            yield b" " * 100

    announced = await under_test.post(content=b" " * 1_001)
    unannounced = await under_test.post(content=in_parts())
    exact = await under_test.post(content=orjson.dumps(QUERY).ljust(1_000))

    assert (announced.status_code, code_of(announced)) == (413, "BODY_TOO_LARGE")
    assert (unannounced.status_code, code_of(unannounced)) == (413, "BODY_TOO_LARGE")
    assert announced.headers["connection"] == "close"
    assert exact.status_code == 200


async def test_an_endless_body_is_given_up(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, max_body_bytes=1_000)
    chunks = 0

    async def endless() -> Message:
        nonlocal chunks
        chunks += 1
        return {"type": "http.request", "body": b" " * 400, "more_body": True}

    sent = await asked_directly(under_test, endless)

    assert sent[0]["status"] == 413
    assert chunks == 26


async def test_a_body_that_dawdles_is_a_coded_408(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, body_deadline_seconds=0.05)

    async def silent() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    assert (await asked_directly(under_test, silent))[0]["status"] == 408


async def test_a_caller_who_left_is_answered_nothing(tmp_path: Path) -> None:
    under_test = gateway(tmp_path)

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    assert await asked_directly(under_test, gone) == []
    assert under_test.lines()[-1]["code"] == "CALLER_LEFT"


async def asked_directly(under_test: Gateway, receive: Any) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"authorization", f"Bearer {under_test.token()}".encode()),
        (b"content-type", b"application/json"),
        (b"accept", GRAPHQL.encode()),
    ]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "client": ("127.0.0.1", 1)}
    await under_test.app(scope, receive, send)
    return sent


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), accept=st.text("*/;q=,.01abjson+graphqlresp-application ", max_size=60))
async def test_no_body_and_no_accept_header_makes_a_500(tmp_path: Path, body: bytes, accept: str) -> None:
    response = await gateway(tmp_path).post(content=body, headers={"accept": accept})

    assert response.status_code in (200, 400, 406)


async def test_many_callers_at_once_get_their_own_answers(tmp_path: Path) -> None:
    async def echo(request: GraphRequest) -> GraphAnswer:
        await asyncio.sleep(0)
        return GraphAnswer(Stage.EXECUTED, {"purpose": request.headers.purpose[0], "of": request.request_id})

    under_test = gateway(tmp_path, ToldEngine(echo))
    headers = [{"x-purpose-of-use": f"P{number}", "x-request-id": f"r{number}"} for number in range(300)]
    answers = await asyncio.gather(*(under_test.post(headers=each) for each in headers))

    assert [answer.json()["data"] for answer in answers] == [
        {"purpose": f"P{number}", "of": f"r{number}"} for number in range(300)
    ]
