"""Strawberry as one would serve it when nothing is governed: it only reads and answers."""

from asyncio import Task, create_task
from typing import Any

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from benchmarks.peers import governing
from benchmarks.peers.serving import serve


def _named(source: Any, name: str) -> Any:
    return source[name]


def _itself(root: strawberry.Parent[Any]) -> Any:
    return root


@strawberry.type
class Attributes:
    """What a person told about themself."""

    birthDate: str | None  # noqa: N815 - named as the column is answered, so that nothing translates
    age: str | None
    sex: str | None
    heightCm: float | None  # noqa: N815 - named as the column is answered, so that nothing translates
    weightKg: float | None  # noqa: N815 - named as the column is answered, so that nothing translates


@strawberry.type
class Account:
    """A person's account."""

    loginId: str | None  # noqa: N815 - named as the column is answered, so that nothing translates
    email: str | None


@strawberry.type
class Measurement:
    """One measured value."""

    takenAt: str | None  # noqa: N815 - named as the column is answered, so that nothing translates
    value: float | None
    unit: str | None


class Page:
    """The people of one answer; their measurements are read together, when the first person is asked."""

    def __init__(self, pool: Any, rows: list[Any]) -> None:
        self.rows = rows
        self._pool = pool
        self._found: Task[dict[str, list[Any]]] | None = None

    async def measurements(self, subject_id: str) -> list[Any]:
        """Those of one person."""
        if self._found is None:
            self._found = create_task(governing.measurements(self._pool, [row["id"] for row in self.rows]))
        return (await self._found)[subject_id]


async def _measured(root: strawberry.Parent[Any], info: strawberry.Info, last: int) -> Any:
    return await info.context["page"].measurements(root["id"])


@strawberry.type
class Subject:
    """One person."""

    id: strawberry.ID
    attributes: Attributes = strawberry.field(resolver=_itself)
    account: Account = strawberry.field(resolver=_itself)
    measurements: list[Measurement] | None = strawberry.field(resolver=_measured)


@strawberry.type
class SubjectEdge:
    """One person on a page."""

    node: Subject = strawberry.field(resolver=_itself)


def _rows(root: strawberry.Parent[Any]) -> Any:
    return root.rows


@strawberry.type
class SubjectConnection:
    """A page of people."""

    edges: list[SubjectEdge] = strawberry.field(resolver=_rows)


async def _subjects(info: strawberry.Info, first: int, after: str | None = None) -> Any:
    pool = info.context["pool"]
    page = info.context["page"] = Page(pool, await governing.page(pool, first, after or ""))
    return page


async def _subject(info: strawberry.Info, id: strawberry.ID) -> Any:  # noqa: A002 - the field's argument
    rows = await governing.person(info.context["pool"], str(id))
    return rows[0] if rows else None


@strawberry.type
class Query:
    """The same fields as the gateway's."""

    subjects: SubjectConnection | None = strawberry.field(resolver=_subjects)
    subject: Subject | None = strawberry.field(resolver=_subject)


class App(GraphQL[Any, Any]):
    """Strawberry's own ASGI application, with orjson instead of json."""

    async def get_context(self, request: Any, response: Any = None) -> Any:
        """What resolvers find."""
        return {"pool": request.scope["pool"]}

    def encode_json(self, data: object) -> bytes:
        """The answer's bytes."""
        return orjson.dumps(data)


if __name__ == "__main__":
    schema = strawberry.Schema(
        Query, config=StrawberryConfig(default_resolver=_named), extensions=[ParserCache, ValidationCache]
    )
    serve(Starlette(routes=[Route("/graphql", App(schema, graphql_ide=None), methods=["POST"])]))
