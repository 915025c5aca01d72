"""The GraphiQL page in a real browser, held to its own Content-Security-Policy."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import httpx
import pytest
import uvicorn
from graphql import build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sekisho.gateway.graphiql.pages import graphiql_routes

SDL = """
type Query { viewer: Viewer! }
type Viewer { clientId: String! recipientType: String! purpose: String disclosurePurpose: String }
"""

# Driven by a script of the page's own origin, so that the browser holds it to the very policy it holds the page to.
DRIVE = """
const violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
const until = async (found) => { while (!found()) await new Promise((done) => setTimeout(done, 20)); return found(); };
const one = (selector) => document.querySelector(selector);
const fill = (element, value) => {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), "value").set.call(element, value);
  element.dispatchEvent(new Event(element.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
};
const execute = () => one(".graphiql-execute-button").click();
await until(() => one(".graphiql-query-editor .CodeMirror-code") && one(".result-window .CodeMirror-code"));
const before = one(".sekisho-schema").textContent;
const unsent = await until(() => {
  execute(); // the button is there a moment before the editor behind it
  return one(".sekisho-summary").textContent.match(/Not sent.*/)?.[0];
});
fill(one("input[type=password]"), "Bearer SECRET-TOKEN");
await until(() => one(".sekisho-schema").dataset.state === "ready");
const [purpose, disclosure] = document.querySelectorAll("select");
fill(purpose, "RESEARCH_ACADEMIC");
fill(disclosure, "LEGAL_CLAIMS");
fill(one(".sekisho-reference input"), "case-17");
execute();
await until(() => one(".sekisho-table"));
one("button[aria-label='Open settings dialog']").click();
await until(() => one(".graphiql-dialog"));
const seen = {
  before, unsent, violations,
  withheld: one(".sekisho-withheld").textContent,
  dialog: one(".graphiql-dialog").textContent,
  address: location.href,
  state: history.state,
  kept: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
};
await fetch("/seen", { method: "POST", body: JSON.stringify(seen) });
"""


def _gateway(received: list[dict[str, str]], seen: SimpleQueue[dict[str, Any]]) -> Starlette:
    """The page, its driver, and a GraphQL endpoint that answers introspection and withholds one field."""
    schema = build_schema(SDL)
    routes = graphiql_routes()

    async def operate(request: Request) -> Response:
        body = await request.json()
        received.append({**request.headers, "operation": body.get("operationName")})
        viewer = {"clientId": "clinic", "recipientType": "FIRST_PARTY"}
        answer: dict[str, Any] = dict(graphql_sync(schema, body["query"], {"viewer": viewer}).formatted)
        withheld = {"coordinate": "Viewer.purpose", "code": "POLICY", "message": "not for this", "clause": "L31"}
        answer["extensions"] = {"withheld": [withheld | {"remedy": "ask less", "paths": [["viewer", "purpose"]]}]}
        return JSONResponse(answer, headers={"X-Request-Id": "request-1"})

    async def driven(request: Request) -> Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes))) as inner:
            page = await inner.get("http://gateway/graphiql")
        text = page.text.replace("</body>", '<script type="module" src="/drive.js"></script></body>')
        policy = {"Content-Security-Policy": page.headers["content-security-policy"]}
        return Response(text, media_type="text/html", headers=policy)

    async def drive(request: Request) -> Response:
        return Response(DRIVE, media_type="text/javascript")

    async def report(request: Request) -> Response:
        seen.put(await request.json())
        return Response()

    taken = [Route("/graphql", operate, methods=["POST"]), Route("/seen", report, methods=["POST"])]
    return Starlette(routes=[*routes, Route("/driven", driven), Route("/drive.js", drive), *taken])


@contextmanager
def _served(app: Starlette) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def chromium() -> str:
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    program = next((path for path in found if path), None)
    if program is None:
        pytest.skip("no chromium on this machine: install one to see the page run")
    return program


@contextmanager
def _opened(chromium: str, address: str, folder: Path) -> Iterator[None]:
    """The page in a browser of its own; what the browser writes to its console goes to `folder`/console."""
    command = [chromium, "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    command += ["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr"]
    if os.name == "posix" and os.geteuid() == 0:
        command.append("--no-sandbox")  # Chromium has no sandbox for root
    with (
        (folder / "console").open("wb") as console,
        subprocess.Popen([*command, address], stdout=subprocess.DEVNULL, stderr=console) as browser,
    ):
        try:
            yield
        finally:
            browser.terminate()


@pytest.mark.browser
def test_the_page_works_under_its_policy_and_keeps_the_token_to_itself(chromium: str, tmp_path: Path) -> None:
    received: list[dict[str, str]] = []
    reports: SimpleQueue[dict[str, Any]] = SimpleQueue()
    with _served(_gateway(received, reports)) as address, _opened(chromium, f"{address}/driven", tmp_path):
        seen = reports.get(timeout=30)

    assert seen["violations"] == []
    assert "Content Security Policy" not in (tmp_path / "console").read_text("utf-8", "replace")
    assert seen["before"] == "Enter a token to load the schema."
    assert "enter an access token" in seen["unsent"]
    for part in (
        "1 field",
        "Viewer.purpose",
        "viewer.purpose",
        "POLICY",
        "not for this",
        "ask less",
        "L31",
        "request-1",
    ):
        assert part in seen["withheld"]
    assert "Persist headers" not in seen["dialog"]
    assert seen["address"] == f"{address}/driven"
    assert seen["state"] is None
    assert seen["kept"] == '[{},{},""]'
    assert "SECRET-TOKEN" not in json.dumps(seen)

    introspection, operation = received
    assert introspection["authorization"] == operation["authorization"] == "Bearer SECRET-TOKEN"
    assert "x-purpose-of-use" not in introspection
    assert operation["operation"] == "Me"
    assert operation["x-purpose-of-use"] == "RESEARCH_ACADEMIC"
    assert operation["x-disclosure-purpose"] == "LEGAL_CLAIMS"
    assert operation["x-reference"] == "case-17"
    assert not {"cookie", "referer"} & (introspection.keys() | operation.keys())
