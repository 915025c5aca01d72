"""What the Python peers share: the pool, the statements, and the check and the record of a service governed by hand."""

import json
import os
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

import asyncpg

_HERE = Path(__file__).parent
CONNECTIONS = 16

PEOPLE, CONSENT, MEASUREMENTS, RECORD = (
    (_HERE / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    for name in ("people", "consent", "measurements", "record")
)
# The size of a page is part of the text: as a parameter it costs the planner's time again and again.
_BEHIND = "subject_id > $1 ORDER BY subject_id LIMIT"
PAGES = {size: PEOPLE.replace("condition", f"{_BEHIND} {size}") for size in (20, 100)}
PERSON = PEOPLE.replace("condition", "subject_id = $1")

FIELDS: dict[str, int] = json.loads((_HERE / "fields.json").read_text(encoding="utf-8"))
"""The category's number of each field; the field's own bit is its place."""
BITS = {name: 1 << place for place, name in enumerate(FIELDS)}
ATTRIBUTE, ACCOUNT, MEASUREMENT = (1 << number for number in range(3))
WHOLE = {category: sum(BITS[name] for name in FIELDS if 1 << FIELDS[name] == category) for category in (1, 2, 4)}
"""The bits of all fields of a category."""


async def open_pool() -> Any:
    """The pool, each of its connections open."""
    return await asyncpg.create_pool(
        host=os.environ["DATABASE_HOST"],
        user=os.environ["DATABASE_USER"],
        database=os.environ["DATABASE_NAME"],
        min_size=CONNECTIONS,
        max_size=CONNECTIONS,
        server_settings={"plan_cache_mode": "force_generic_plan"},
    )


async def page(pool: Any, size: int, after: str) -> list[Any]:
    """The people behind `after`."""
    return list(await pool.fetch(PAGES[size], after))


async def person(pool: Any, subject_id: str) -> list[Any]:
    """The one person, or nobody."""
    return list(await pool.fetch(PERSON, subject_id))


async def grants(pool: Any, ids: list[str], headers: Any) -> dict[str, int]:
    """What each person grants to the declared purpose and recipient type: a bit for each category."""
    rows = await pool.fetch(CONSENT, ids, headers["x-purpose-of-use"], headers["x-recipient-type"])
    return {row[0]: row[1] for row in rows}


async def measurements(pool: Any, ids: list[str]) -> dict[str, list[Any]]:
    """The last 50 measurements of each person, oldest first."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in await pool.fetch(MEASUREMENTS, ids):
        found[row[0]].append(row)
    for rows in found.values():
        rows.reverse()
    return found


async def record(pool: Any, headers: Any, told: list[tuple[str, int, int, int]]) -> None:
    """Commit one log row for each person: id, bits disclosed, bits withheld, number of objects."""
    if told:
        declared = headers["x-purpose-of-use"], headers["x-recipient-type"]
        await pool.execute(RECORD, uuid.uuid4(), *declared, *map(list, zip(*told, strict=True)))
