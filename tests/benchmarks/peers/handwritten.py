"""The endpoint one would write by hand: Starlette, asyncpg and orjson, no GraphQL; page, consent, values, log row.

A category is checked once for each person, and all of its fields are told or withheld together.
"""

from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers import governing
from benchmarks.peers.governing import ACCOUNT, ATTRIBUTE, MEASUREMENT, WHOLE
from benchmarks.peers.serving import serve

_NO_ATTRIBUTES = dict.fromkeys(("birthDate", "age", "sex", "heightCm", "weightKg", "born", "height", "weight"))
_NO_ACCOUNT = dict.fromkeys(("loginId", "email", "contact"))


def _told(row: Any, granted: int) -> dict[str, Any]:
    subject_id, birth_date, age, sex, height, weight, login_id, email = row
    attributes = _NO_ATTRIBUTES
    if granted & ATTRIBUTE:
        attributes = {
            "birthDate": birth_date,
            "age": age,
            "sex": sex,
            "heightCm": height,
            "weightKg": weight,
            "born": birth_date,
            "height": height,
            "weight": weight,
        }
    account = {"loginId": login_id, "email": email, "contact": email} if granted & ACCOUNT else _NO_ACCOUNT
    return {"id": subject_id, "attributes": attributes, "account": account}


def _noted(subject_id: str, granted: int, asked: tuple[int, ...], objects: int) -> tuple[str, int, int, int]:
    disclosed = sum(WHOLE[category] for category in asked if granted & category)
    return subject_id, disclosed, sum(WHOLE[category] for category in asked) - disclosed, objects


async def _people(pool: Any, headers: Any, rows: list[Any]) -> list[dict[str, Any]]:
    granted = await governing.grants(pool, [row[0] for row in rows], headers)
    told = [_told(row, granted.get(row[0], 0)) for row in rows]
    noted = [_noted(row[0], granted.get(row[0], 0), (ATTRIBUTE, ACCOUNT), 1) for row in rows]
    await governing.record(pool, headers, noted)
    return told


async def _page(pool: Any, headers: Any, variables: Any) -> dict[str, Any]:
    people = await _people(pool, headers, await governing.page(pool, 100, variables["after"]))
    return {"subjects": {"edges": [{"node": each} for each in people]}}


async def _one(pool: Any, headers: Any, variables: Any) -> dict[str, Any]:
    people = await _people(pool, headers, await governing.person(pool, variables["id"]))
    return {"subject": people[0] if people else None}


async def _measured(pool: Any, headers: Any, variables: Any) -> dict[str, Any]:
    ids = [row[0] for row in await governing.page(pool, 20, variables["after"])]
    granted = await governing.grants(pool, ids, headers)
    open_ = [each for each in ids if granted.get(each, 0) & MEASUREMENT]
    found = await governing.measurements(pool, open_)
    told: dict[str, Any] = {
        each: [{"takenAt": taken_at, "value": value, "unit": unit} for _, taken_at, value, unit in found[each]]
        for each in open_
    }
    noted = [_noted(each, granted.get(each, 0), (MEASUREMENT,), 1 + len(told.get(each, ()))) for each in ids]
    await governing.record(pool, headers, noted)
    return {"subjects": {"edges": [{"node": {"id": each, "measurements": told.get(each)}} for each in ids]}}


_OPERATIONS = {"W1": _page, "W2": _one, "W3": _measured}


async def _answer(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    data = await _OPERATIONS[asked["operationName"]](request.scope["pool"], request.headers, asked["variables"])
    return Response(orjson.dumps({"data": data}), media_type="application/json")


if __name__ == "__main__":
    serve(Starlette(routes=[Route("/graphql", _answer, methods=["POST"])]))
