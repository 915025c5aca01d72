"""The gateway's own statement without mask, record and commit of one: what governing costs in the database.

THE PLACE FOR IT: `sql/bare/W1.sql`, `W2.sql` and `W3.sql`, each a statement that takes the internal id of the person,
or of the last person before the page, as `$1`, and returns one row whose first column is the JSON text of `data`. As
long as they are missing, this server is not measured.
"""

from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers.serving import serve

STATEMENTS = {
    path.stem: path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "sql/bare").glob("*.sql")
}


async def _answer(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    (value,) = asked["variables"].values()
    data = await request.scope["pool"].fetchval(STATEMENTS[asked["operationName"]], value)
    return Response(b'{"data":%b}' % data.encode(), media_type="application/json")


if __name__ == "__main__":
    serve(Starlette(routes=[Route("/graphql", _answer, methods=["POST"])]))
