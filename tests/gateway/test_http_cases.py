"""Each file in cases/http is one request and the whole answer to it."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from doubles import gateway

CASES = sorted((Path(__file__).parent.parent / "cases" / "http").glob("*.json"))
ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Any:
    path: Path = request.param
    return json.loads(path.read_text("utf-8"))


async def test_an_http_case_is_answered_as_its_file_says(case: Any, tmp_path: Path) -> None:
    under_test = gateway(tmp_path)
    async with under_test.client() as client:
        request = client.build_request(
            case["request"]["method"],
            case["request"]["path"],
            headers=[
                (name, value.replace("{token}", under_test.token())) for name, value in case["request"]["headers"]
            ],
            content=body_of(case["request"]),
        )
        if "accept" not in dict(case["request"]["headers"]):
            del request.headers["accept"]
        response = await client.send(request)

    assert response.status_code == case["answer"]["status"]
    for name, value in (ALWAYS | case["answer"]["headers"]).items():
        assert response.headers.get(name) == value, name
    assert response.json() == case["answer"]["body"]
    assert bool(under_test.engine.asked) is case["answer"]["reaches_the_graph"]


def body_of(request: dict[str, Any]) -> bytes:
    if "body_base64" in request:
        return base64.b64decode(request["body_base64"])
    body = request.get("body", "")
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def test_every_case_says_what_it_is_about() -> None:
    assert CASES
    assert all(json.loads(path.read_text("utf-8"))["says"] for path in CASES)
