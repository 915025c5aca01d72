"""What people may be ordered by is a copy: whoever changes the original changes it, in the same transaction."""

import asyncio
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from store_samples import NOON, ORIGIN, register_subject

from databases import Database
from sekisho.store.tables.consent import consent_profile, subject_state
from sekisho.store.tables.ordering import subject_order
from sekisho.store.tables.people import subject_attribute

ORIGINAL = text("""
    SELECT s.subject_id, s.valid_from, s.valid_until, s.profile_id,
        to_char(a.birth_date, known), extract(year FROM a.birth_date)::integer,
        (SELECT max(day)::date FROM generate_series(a.birth_date, a.birth_date + 366, interval '1 day') day
            WHERE to_char(day, known) = to_char(a.birth_date, known)),
        a.birth_date_source, a.sex, a.sex_source, a.height_cm, a.height_source, a.weight_kg, a.weight_source
    FROM subject_state s LEFT JOIN subject_attribute a USING (subject_id)
        LEFT JOIN (VALUES ('YEAR', 'YYYY'), ('MONTH', 'YYYY-MM'), ('DAY', 'YYYY-MM-DD')) exact (precision, known)
        ON exact.precision = a.birth_precision
    WHERE s.valid_until > statement_timestamp()
""")
FAR = datetime.fromisoformat("2100-01-01T00:00:00Z")


async def agrees(connection: AsyncConnection) -> int:
    """Whether the copy is like its original; how many rows there are."""
    copied = {tuple(row) for row in await connection.execute(select(subject_order))}
    assert copied == {tuple(row) for row in await connection.execute(ORIGINAL)}
    return len(copied)


def a_state(subject_id: UUID, profile_id: int, since: datetime = NOON, until: datetime = FAR) -> dict[str, Any]:
    told = {"valid_from": since, "valid_until": until, "profile_id": profile_id, "evidence": {}}
    return {"subject_id": subject_id, "account_state": "ACTIVE", **told}


def told(draw: Random) -> dict[str, Any]:
    born = draw.choice([None, date(1984, 2, draw.randint(1, 29)), date(1999, 12, 31)])
    return {
        "birth_date": born,
        "birth_precision": born and draw.choice(["DAY", "MONTH", "YEAR"]),
        "birth_date_source": draw.choice([1, 3]),
        "sex": draw.choice([None, "OTHER"]),
        "height_cm": draw.choice([None, 170.0]),
        "weight_kg": draw.choice([None, -0.0, 1e300]),
        "weight_source": draw.choice([1, 3]),
    }


async def profiles(connection: AsyncConnection) -> list[int]:
    states = [{"state": name} for name in ("one", "other")]
    found = await connection.execute(insert(consent_profile).returning(consent_profile.c.profile_id), states)
    return list(found.scalars())


@pytest.mark.parametrize("seed", range(4))
async def test_the_copy_is_like_its_original_whatever_is_written(database: Database, seed: int) -> None:
    draw = Random(seed)  # noqa: S311 - a reproducible sequence, not a secret
    async with database.operator.begin() as connection:
        known = await profiles(connection)
        people = [await register_subject(connection) for _ in range(4)]
    for _ in range(40):
        some = draw.sample(people, draw.randint(1, 3))
        profile, day = draw.choice(known), NOON.replace(day=draw.randint(1, 28))
        state, attribute = subject_state.c.subject_id, subject_attribute.c.subject_id
        statement: Any = draw.choice(
            [
                delete(subject_state).where(state.in_(some)),
                delete(subject_attribute).where(attribute.in_(some)),
                update(subject_state).values(profile_id=profile).where(state.in_(some)),
                update(subject_attribute).values(told(draw)).where(attribute.in_(some)),
                "told",
                "stands",
                "stands",
            ]
        )
        async with database.operator.begin() as connection:
            if statement == "told":
                await connection.execute(delete(subject_attribute).where(attribute.in_(some)))
                rows = [{"subject_id": each, **told(draw), **ORIGIN} for each in some]
                await connection.execute(insert(subject_attribute), rows)
            elif statement == "stands":
                await connection.execute(delete(subject_state).where(state.in_(some)))
                over = [a_state(each, profile, NOON.replace(year=2020), day) for each in some]
                await connection.execute(insert(subject_state), over + [a_state(each, known[0], day) for each in some])
            else:
                await connection.execute(statement)
            await agrees(connection)


async def test_what_is_over_is_not_copied(database: Database) -> None:
    async with database.operator.begin() as connection:
        (known, _), someone = await profiles(connection), await register_subject(connection)
        past = a_state(someone, known, NOON.replace(year=2020), NOON.replace(year=2021))
        await connection.execute(insert(subject_state), [past, a_state(someone, known)])
        assert await agrees(connection) == 1


async def test_two_who_write_about_one_person_at_once_leave_the_copy_like_its_original(database: Database) -> None:
    async with database.operator.begin() as connection:
        known, someone = await profiles(connection), await register_subject(connection)
        await connection.execute(insert(subject_state), [a_state(someone, known[0])])
        await connection.execute(insert(subject_attribute), [{"subject_id": someone, "weight_kg": 50.0, **ORIGIN}])
    mine, weight = subject_state.c.subject_id == someone, update(subject_attribute).values(weight_kg=60.0)

    async def stand() -> None:
        async with database.operator.begin() as connection:
            await connection.execute(delete(subject_state).where(mine))
            await connection.execute(insert(subject_state), [a_state(someone, known[1])])

    async with database.operator.begin() as first:
        await first.execute(weight.where(subject_attribute.c.subject_id == someone))
        second = asyncio.create_task(stand())
        await asyncio.sleep(0.3)
        assert not second.done()
    await second
    async with database.operator.connect() as connection:
        assert await agrees(connection) == 1
        row = (await connection.execute(select(subject_order.c.profile_id, subject_order.c.weight_kg))).one()
        assert tuple(row) == (known[1], 60.0)


async def test_every_indexed_order_is_read_from_the_index_alone(database: Database) -> None:
    async with database.owner.connect() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        for index in subject_order.indexes:
            _, column, _ = index.columns
            for way in ("ASC", "DESC"):
                asked = "SELECT subject_id FROM subject_order WHERE profile_id = 1 AND valid_until > now()"
                order = f"AND {column.name} IS NOT NULL ORDER BY {column.name} {way}, subject_id {way}"
                plan = "\n".join(await connection.scalars(text(f"EXPLAIN {asked} {order}")))
                assert str(index.name) in plan
                assert "Sort" not in plan
