"""Values that are hard to spell: what a column of each kind may hold, drawn from a few."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Date, DateTime, Double, Text

from generated_draws import Draws

TEXTS = (
    "plain",
    "",
    " ",
    'a "quoted" word',
    "back\\slash \\u0041 \\",
    "tab\tline\nreturn\rfeed\fback\b",
    "\x01\x1f\x7f\x80\x9f",
    "line\u2028separator\u2029paragraph\ufeff",
    "血圧計 が 便利 🩺👩🏽‍⚕️",
    "e\u0301 is not \u00e9",
    "\U0010ffff\ue000\ufffd",
    "</script><!-- & ' -->",
    "null",
    '{"edges": [1, "two"], "n": null}',
    "$1 :at %s %(x)s ? {0} ${x} \\' ''",
    "long " * 700,
)
FLOATS = (
    170.0,
    61.5,
    0.0,
    -0.0,
    0.1,
    0.1 + 0.2,
    1 / 3,
    1e-4,
    1e-5,
    1e-7,
    5e-324,
    2.2250738585072014e-308,
    1e14,
    1e15,
    1e16,
    123456789012345680.0,
    9007199254740993.0,
    1e21,
    1e22,
    1e100,
    1.7976931348623157e308,
    -1e15,
    -273.15,
)
_SPRING = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
MOMENTS = (
    _SPRING,
    _SPRING + timedelta(microseconds=1),
    _SPRING + timedelta(milliseconds=500),
    _SPRING + timedelta(days=1),
    _SPRING + timedelta(days=20, microseconds=123456),
    datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999998, tzinfo=UTC),
)
BIRTH_DATES = (
    date(1985, 5, 1),
    date(1990, 12, 31),
    date(1972, 2, 29),
    date(2000, 1, 1),
    date(2008, 4, 1),
    date(2008, 4, 2),
    date(1999, 4, 1),
    date(1900, 2, 28),
    date(2, 1, 1),
    date(2031, 1, 1),
)

_OF_KIND: dict[type, tuple[Any, ...]] = {Text: TEXTS, Double: FLOATS, DateTime: MOMENTS, Date: BIRTH_DATES}
_ABSENT = 0.2


def drawn(draws: Draws, column: Column[Any]) -> Any:
    """A value for a column, by its type; now and then nothing where nothing is allowed."""
    if column.nullable and draws.chance(_ABSENT):
        return None
    return draws.one(_OF_KIND[type(column.type)])


def often(draws: Draws, probability: float, value: Callable[[], Any]) -> Any:
    """A value, or nothing."""
    return value() if draws.chance(probability) else None
