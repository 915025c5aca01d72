"""One field of a CSV file becomes one value, or is refused: the reason never repeats what the field said."""

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sekisho.sources.csv_mapping import ValueForm
from sekisho.vocabulary import BirthPrecision

Convert = Callable[[str], Any]

_LONGEST_TEXT = 10_000
_OLDEST = 130


class ValueRefused(Exception):  # noqa: N818 - a verdict on a value, with what is allowed
    """The field cannot be read; the message says what is allowed and never what stood there."""


def converter(form: ValueForm) -> Convert:
    """How a field of this form is read; the function raises `ValueRefused`."""
    return _CONVERTERS[form.reader](form)


def precision_of(form: ValueForm) -> BirthPrecision:
    """How exactly a birth date of this form is known."""
    return BirthPrecision.YEAR if form.reader == "birth_year_from_age" else form.precision


def _text(_: ValueForm) -> Convert:
    def read(field: str) -> str:
        if "\x00" in field or len(field) > _LONGEST_TEXT:
            raise ValueRefused(f"allowed is a text of at most {_LONGEST_TEXT} characters without NUL")
        return field

    return read


def _float(form: ValueForm) -> Convert:
    def read(field: str) -> float:
        try:
            value = float(field)
        except ValueError:
            raise ValueRefused("allowed is a number") from None
        if not math.isfinite(value) or "_" in field:
            raise ValueRefused("allowed is a number")
        return _bounded(value, form)

    return read


def _integer(form: ValueForm) -> Convert:
    def read(field: str) -> float:
        if not field.removeprefix("-").isdecimal():
            raise ValueRefused("allowed is a whole number")
        try:
            value = float(int(field))
        except (ValueError, OverflowError):
            raise ValueRefused("allowed is a whole number") from None
        return _bounded(value, form)

    return read


def _bounded(value: float, form: ValueForm) -> float:
    if (form.least is not None and value < form.least) or (form.most is not None and value > form.most):
        least = "" if form.least is None else f" from {form.least:g}"
        most = "" if form.most is None else f" to {form.most:g}"
        raise ValueRefused(f"allowed is a number{least}{most}")
    return value


def _date(form: ValueForm) -> Convert:
    layout = form.format or "%Y-%m-%d"

    def read(field: str) -> date:
        return _moment(field, layout).date()

    return read


def _datetime(form: ValueForm) -> Convert:
    zone = ZoneInfo(form.timezone) if form.timezone else None

    def read(field: str) -> datetime:
        moment = _moment(field, form.format)
        if moment.tzinfo is None and zone is None:
            raise ValueRefused("allowed is an instant with its offset from UTC, or state `timezone` in the mapping")
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    return read


def _moment(field: str, layout: str | None) -> datetime:
    try:
        return datetime.fromisoformat(field) if layout is None else datetime.strptime(field, layout)  # noqa: DTZ007 - the caller adds the zone
    except ValueError:
        raise ValueRefused(f"allowed is a time written as `{layout or 'ISO 8601'}`") from None


def _enum(form: ValueForm) -> Convert:
    words = form.map or {}

    def read(field: str) -> str:
        if field not in words:
            raise ValueRefused(f"allowed is one of {', '.join(words)}")
        return words[field]

    return read


def _birth_year(form: ValueForm) -> Convert:
    on = form.as_of or date.min

    def read(field: str) -> date:
        age = int(field) if field.isdecimal() and len(field) <= len(str(_OLDEST)) else _OLDEST + 1
        if age > _OLDEST or age >= on.year:
            raise ValueRefused(f"allowed is an age in whole years from 0 to {_OLDEST}")
        return date(on.year - age, 1, 1)

    return read


_CONVERTERS: dict[str, Callable[[ValueForm], Convert]] = {
    "text": _text,
    "float": _float,
    "integer": _integer,
    "date": _date,
    "datetime": _datetime,
    "enum": _enum,
    "birth_year_from_age": _birth_year,
}
