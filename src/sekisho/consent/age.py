"""Adulthood: 18 years by the calendar of Asia/Tokyo (Civil Code, article 4)."""

from calendar import monthrange
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sekisho.vocabulary import BirthPrecision

TOKYO = ZoneInfo("Asia/Tokyo")
ADULT_YEARS = 18


def latest_birthday(birth: date, precision: BirthPrecision) -> date:
    """The latest day the person can have been born on, given how exactly the date is known."""
    if precision is BirthPrecision.YEAR:
        return date(birth.year, 12, 31)
    if precision is BirthPrecision.MONTH:
        return birth.replace(day=monthrange(birth.year, birth.month)[1])
    return birth


def adult_from(birth: date, precision: BirthPrecision) -> datetime:
    """The instant from which the person is provably an adult: 00:00 in Tokyo of the 18th birthday.

    Someone born on 29 February has the 18th birthday on 1 March: that year is never a leap year.
    """
    born = latest_birthday(birth, precision)
    year = born.year + ADULT_YEARS
    day = date(year, 3, 1) if (born.month, born.day) == (2, 29) else date(year, born.month, born.day)
    return datetime.combine(day, time.min, TOKYO)
