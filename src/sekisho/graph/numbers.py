"""Floating-point numbers as PostgreSQL spells float8, so that a number reads the same whoever spelled it.

PostgreSQL (`extra_float_digits` = 1) writes the shortest digits that lie strictly between the midpoints to the
neighbouring doubles; Python's `repr` also takes digits that lie on a midpoint. Decimals of up to 17 digits lie on one
from 2**53 upwards only.
"""

from fractions import Fraction
from math import inf, isfinite, nextafter
from typing import Any

_FIXED_BELOW = 1e15
_REPR_IS_SCIENTIFIC = 1e16
_MOST_PLACES = 16
"""Places behind the point that tell any two doubles apart, in scientific notation."""


class Spelled(float):
    """A number that leaves as PostgreSQL spells it; JSON writers meet a type they have to ask about."""

    __slots__ = ()


def spell_float(value: float) -> bytes:
    """`value` as PostgreSQL's float8 output: `170`, `0.0001`, `1e-05`, `1e+15`, `-0`.

    Raises `ValueError` for what JSON has no word for: infinities and NaN.
    """
    if not isfinite(value):
        raise ValueError("infinities and NaN have no spelling in JSON; store numbers only")
    if abs(value) >= _FIXED_BELOW:
        return _scientific(value).encode()
    return repr(value).removesuffix(".0").encode()


def with_spelled(value: Any) -> Any:
    """JSON values with every float in them `Spelled`: GraphQL's own Float gives plain ones."""
    if isinstance(value, dict):
        return {name: with_spelled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_spelled(each) for each in value]
    return Spelled(value) if isinstance(value, float) else value


def _scientific(value: float) -> str:
    """The shortest digits strictly inside the interval that reads as `value`, which is at least 1e15 away from 0."""
    least, greatest = sorted((_midpoint(value, inf), _midpoint(value, 0.0)))
    rounded = (f"{value:.{places}e}" for places in range(_MOST_PLACES))
    shorter = (repr(value), *rounded) if abs(value) >= _REPR_IS_SCIENTIFIC else rounded
    return next((text for text in shorter if least < Fraction(text) < greatest), f"{value:.{_MOST_PLACES}e}")


def _midpoint(value: float, towards: float) -> Fraction:
    """The middle between `value` and its neighbour; beyond the greatest double, where that neighbour would stand."""
    neighbour = nextafter(value, towards if value > 0 else -towards)
    if isfinite(neighbour):
        return (Fraction(value) + Fraction(neighbour)) / 2
    return Fraction(value) + (Fraction(value) - Fraction(nextafter(value, 0.0))) / 2
