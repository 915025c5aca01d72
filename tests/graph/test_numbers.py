"""A number is spelled as PostgreSQL spells it, digit by digit."""

import math
import random
import struct
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from sekisho.graph.numbers import Spelled, spell_float
from sekisho.store.database import create_engine
from sekisho.store.embedded import Urls

FINITE = st.floats(allow_nan=False, allow_infinity=False)


async def spelled_by_postgresql(server: Urls, values: list[float]) -> list[bytes]:
    engine = create_engine(server.of("postgres").admin, size=1)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(text("SELECT unnest(cast(:values AS float8[]))::text"), {"values": values})
            return [row[0].encode() for row in rows]
    finally:
        await engine.dispose()


def at_every_power_of_two() -> Iterator[float]:
    for exponent in range(-1074, 1024):
        power = 2.0**exponent
        yield from (power, math.nextafter(power, 0), math.nextafter(power, math.inf))


def at_every_power_of_ten() -> Iterator[float]:
    for exponent in range(-323, 309):
        yield from (float(f"{digits}e{exponent}") for digits in range(1, 100, 7))


def on_midpoints(draw: random.Random) -> Iterator[float]:
    """Around these a decimal of few digits lies exactly between two doubles."""
    for exponent in range(54, 100):
        for _ in range(100):
            zeros = 10 ** draw.randrange(20)
            yield float((draw.getrandbits(54) << (exponent - 53)) // zeros * zeros)


def nasty(draw: random.Random) -> Iterator[float]:
    yield from (0.0, 1e23, 5e-324, 1.7976931348623157e308, 1e15, 999999999999999.9, 0.0001, 0.00009999)
    yield from at_every_power_of_two()
    yield from at_every_power_of_ten()
    yield from on_midpoints(draw)
    for _ in range(5_000):
        yield struct.unpack("<d", draw.randbytes(8))[0]
        yield float(f"{draw.randrange(10 ** draw.randrange(1, 18))}e{draw.randrange(-8, 25)}")


async def test_numbers_are_spelled_as_postgresql_spells_them(server: Urls) -> None:
    positive = [value for value in nasty(random.Random(1603)) if math.isfinite(value)]  # noqa: S311 - no secret
    values = [*positive, *(-value for value in positive)]

    theirs = await spelled_by_postgresql(server, values)

    assert [pair for pair in zip(map(spell_float, values), theirs, strict=True) if pair[0] != pair[1]] == []


@settings(max_examples=500)
@given(FINITE)
@example(2.0**54)
@example(-0.0)
def test_every_spelling_reads_as_the_number_it_spells(value: float) -> None:
    spelling = spell_float(value)

    assert struct.pack("<d", float(spelling)) == struct.pack("<d", value)
    assert len(spelling) <= len("-1.2345678901234567e-308")


@pytest.mark.parametrize(
    ("value", "spelling"),
    [(170.0, b"170"), (-0.0, b"-0"), (36.65, b"36.65"), (1e14, b"100000000000000"), (1e15, b"1e+15"), (1e-5, b"1e-05")],
)
def test_a_number_of_daily_life_is_plain(value: float, spelling: bytes) -> None:
    assert spell_float(value) == spell_float(Spelled(value)) == spelling


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_json_has_no_word_for_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no spelling"):
        spell_float(value)
