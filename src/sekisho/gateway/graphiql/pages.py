"""GET /graphiql: the page for trying operations, its files and the headers they are sent with."""

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Protocol, Self

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sekisho.vocabulary import DisclosurePurpose, Purpose

PAGE_PATH = "/graphiql"
ASSET_PATH = f"{PAGE_PATH}/assets"

# No inline script or style, no frame, no other origin; what is not named here (fonts, workers, objects) stays 'none'.
# Images from data: are the markers in the editor's style sheet.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE_HEADERS = _HEADERS | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_ASSET_HEADERS = _HEADERS | {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>sekisho GraphiQL</title>
<link rel="icon" type="image/svg+xml" href="{assets}/{icon}">
<link rel="stylesheet" href="{assets}/{style}">
<script type="module" src="{assets}/{script}"></script>
</head>
<body>
<div id="sekisho" data-endpoint="{endpoint}" data-purposes="{purposes}" data-disclosures="{disclosures}"></div>
<noscript>This page needs JavaScript. Operations can also be sent to {endpoint} by any HTTP client.</noscript>
</body>
</html>
"""


class _Word(Protocol):
    """A purpose or a disclosure purpose: its name and the word it narrows."""

    @property
    def value(self) -> str: ...

    @property
    def parent(self) -> Self | None: ...


def graphiql_routes(graphql_path: str = "/graphql") -> list[BaseRoute]:
    """The page and its files. `graphql_path` is where the gateway takes operations, below the same root path.

    The files are read once, here. Raises `FileNotFoundError` when the installed package lacks one.
    """
    folder = files("sekisho.gateway.graphiql") / "assets"
    manifest: dict[str, str] = json.loads((folder / "manifest.json").read_text("utf-8"))
    names = {part: manifest[part] for part in ("script", "style", "icon")}
    contents = {name: _asset(folder / name) for name in names.values()}

    async def page(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        html = _PAGE.format(
            assets=escape(f"{root}{ASSET_PATH}"),
            endpoint=escape(f"{root}{graphql_path}"),
            purposes=escape(_words(Purpose)),
            disclosures=escape(_words(DisclosurePurpose)),
            **names,
        )
        return Response(html, media_type="text/html", headers=_PAGE_HEADERS)

    async def asset(request: Request) -> Response:
        found = contents.get(request.path_params["name"])
        if found is None:
            return Response(status_code=404, headers=_PAGE_HEADERS)
        body, media_type = found
        return Response(body, media_type=media_type, headers=_ASSET_HEADERS)

    return [Route(PAGE_PATH, page, name="graphiql"), Route(f"{ASSET_PATH}/{{name}}", asset, name="graphiql_asset")]


def _asset(file: Traversable) -> tuple[bytes, str]:
    suffix = file.name[file.name.rindex(".") :]
    return file.read_bytes(), _MEDIA_TYPES[suffix]


def _words(words: Iterable[_Word]) -> str:
    """The names as JSON, each with the name it narrows or null; a child follows its parent."""
    return json.dumps([{"id": word.value, "parent": word.parent and word.parent.value} for word in words])
