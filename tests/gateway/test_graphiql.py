"""The GraphiQL page: what it is sent with and what it loads."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from graphql import build_schema, parse, validate
from starlette.applications import Starlette
from starlette.routing import Mount

from sekisho.gateway.graphiql.pages import CONTENT_SECURITY_POLICY, graphiql_routes
from sekisho.vocabulary import DisclosurePurpose, Purpose

REPOSITORY = Path(__file__).parents[2]
ROOM = REPOSITORY / "src/sekisho/gateway/graphiql"
ASSETS = ROOM / "assets"
SOURCE = ROOM / "source"

SDL = """
type Query {
  viewer: Viewer!
  subjects(first: Int, after: String): SubjectConnection!
  policy: Policy!
  purposes: [PurposeTerm!]!
}
type Viewer { clientId: String! recipientType: String! purpose: String disclosurePurpose: String }
type SubjectConnection { edges: [SubjectEdge!]! pageInfo: PageInfo! }
type SubjectEdge { node: Subject! }
type Subject { id: ID! attributes: Attributes }
type Attributes { birthDate: String age: String sex: String heightCm: Float weightKg: Float }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Policy { version: String! }
type PurposeTerm { id: ID! label: String! }
"""


class Elements(HTMLParser):
    """Every start tag of a page with its attributes, and the text that stands inside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.inline += data

    def root(self) -> dict[str, str | None]:
        return next(attributes for _, attributes in self.seen if attributes.get("id") == "sekisho")

    def files(self) -> list[str]:
        named = [attributes.get("src") or attributes.get("href") for _, attributes in self.seen]
        return [name for name in named if name]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=graphiql_routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as opened:
        yield opened


async def test_the_page_is_never_stored_framed_or_referred_from(client: httpx.AsyncClient) -> None:
    page = await client.get("/graphiql")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert "set-cookie" not in page.headers


async def test_the_policy_of_the_page_allows_its_own_files_only(client: httpx.AsyncClient) -> None:
    page = await client.get("/graphiql")
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    directives = dict(part.strip().split(" ", 1) for part in CONTENT_SECURITY_POLICY.split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


async def test_the_page_holds_no_inline_script_style_or_handler(client: httpx.AsyncClient) -> None:
    elements = Elements((await client.get("/graphiql")).text)
    assert elements.inline.strip() == ""
    names = {name for _, attributes in elements.seen for name in attributes}
    assert not [name for name in names if name == "style" or name.startswith("on")]


async def test_every_file_the_page_names_is_served_from_here(client: httpx.AsyncClient) -> None:
    named = Elements((await client.get("/graphiql")).text).files()
    assert len(named) == 3
    for name in named:
        assert name.startswith("/graphiql/assets/")
        assert (await client.get(name)).status_code == 200


async def test_files_may_be_kept_for_ever_and_have_one_meaning(client: httpx.AsyncClient) -> None:
    media_types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    for name in Elements((await client.get("/graphiql")).text).files():
        file = await client.get(name)
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.headers["x-content-type-options"] == "nosniff"
        assert file.headers["content-type"].split(";")[0] == media_types[Path(name).suffix]
        assert hashlib.sha256(file.content).hexdigest().startswith(Path(name).stem.rpartition("-")[2])


@pytest.mark.parametrize("name", ["nothing.js", "manifest.json", "..%2fpages.py", "%2e%2e/pages.py", "", "a/b.js"])
async def test_a_file_the_page_does_not_name_is_not_there(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/graphiql/assets/{name}")).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_the_page_takes_nothing(client: httpx.AsyncClient, method: str) -> None:
    assert (await client.request(method, "/graphiql")).status_code == 405


async def test_the_page_offers_the_vocabulary_and_nothing_else(client: httpx.AsyncClient) -> None:
    root = Elements((await client.get("/graphiql")).text).root()
    assert root["data-endpoint"] == "/graphql"
    assert json.loads(root["data-purposes"] or "") == [{"id": word, "parent": word.parent} for word in Purpose]
    assert json.loads(root["data-disclosures"] or "") == [
        {"id": word, "parent": word.parent} for word in DisclosurePurpose
    ]


async def test_the_page_finds_the_gateway_below_a_root_path() -> None:
    app = Starlette(routes=[Mount("/health", routes=graphiql_routes('/api"><script>'))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as opened:
        page = (await opened.get("/health/graphiql")).text
        elements = Elements(page)
        assert elements.root()["data-endpoint"] == '/health/api"><script>'
        assert page.count("<script") == 1
        assert [(await opened.get(name)).status_code for name in elements.files()] == [200, 200, 200]


def test_the_files_are_built_from_the_committed_source() -> None:
    paths = sorted(
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and path.relative_to(SOURCE).parts[0] != "node_modules"
    )
    built_from = [path for path in paths if path != "README.md" and not path.startswith(".")]
    lines = [f"{path} {hashlib.sha256((SOURCE / path).read_bytes()).hexdigest()}\n" for path in built_from]
    manifest = json.loads((ASSETS / "manifest.json").read_text("utf-8"))
    assert manifest["source"] == hashlib.sha256("".join(lines).encode()).hexdigest(), "rebuild: see source/README.md"


def test_the_files_are_few_small_and_load_nothing_from_elsewhere() -> None:
    manifest = json.loads((ASSETS / "manifest.json").read_text("utf-8"))
    expected = {"manifest.json", manifest["script"], manifest["style"], manifest["icon"]}
    assert {path.name for path in ASSETS.iterdir()} == expected
    assert sum(path.stat().st_size for path in ASSETS.iterdir()) < 1_500_000
    style = (ASSETS / manifest["style"]).read_text("utf-8")
    assert "@import" not in style
    assert all(address.startswith("data:") for address in re.findall(r"url\([\"']?([^\"')]+)", style))
    assert "sourceMappingURL" not in style + (ASSETS / manifest["script"]).read_text("utf-8")


def test_every_bundled_package_has_its_licence_beside_the_files() -> None:
    licences = (ROOM / "LICENSES.txt").read_text("utf-8")
    packages = json.loads((SOURCE / "package.json").read_text("utf-8"))["dependencies"]
    assert [name for name, version in packages.items() if f"\n{name} {version} (MIT)" not in licences] == []


@pytest.mark.parametrize("operation", sorted((SOURCE / "src/operations").glob("*.graphql")), ids=lambda path: path.stem)
def test_the_sample_operations_fit_the_schema(operation: Path) -> None:
    golden = REPOSITORY / "schema.graphql"
    schema = build_schema(golden.read_text("utf-8") if golden.exists() else SDL)
    assert validate(schema, parse(operation.read_text("utf-8"))) == []
