"""JSON values read strictly: a reader takes a value and the member it stands at, and names that member if it refuses.

What is absent is left out, never null; what is unknown is refused; words are compared exactly.
"""

import json
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sekisho.consent.age import ADULT_YEARS
from sekisho.consent.records import AnyPurpose
from sekisho.vocabulary import (
    BirthPrecision,
    DataCategory,
    DisclosurePurpose,
    EventKind,
    PartialWithdrawal,
    Purpose,
    RecipientType,
    RestrictionTarget,
    SourceKind,
)

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)
Read = Callable[[Any, str], T]


class CaseError(ValueError):
    """A case that cannot be judged: `member` says where, `allowed` what may stand there."""

    def __init__(self, member: str, allowed: str) -> None:
        super().__init__(f"`{member}` is not what may stand there; allowed: {allowed}")
        self.member = member
        self.allowed = allowed


class Members:
    """The members of a JSON object, all of them among `known`. `place` is empty for the outermost object."""

    def __init__(self, value: Any, place: str, known: tuple[str, ...]) -> None:
        self._value, self._place = value, place
        if not isinstance(value, dict):
            raise CaseError(place or "case", "an object")
        for name in value:
            if name not in known:
                raise CaseError(self._member(name), f"no member of this name; the members are {', '.join(known)}")

    def get(self, name: str, read: Read[T]) -> T:
        """The member `name`, which must be there."""
        if name not in self._value:
            raise CaseError(self._member(name), "a value; it is missing")
        return read(self._value[name], self._member(name))

    def maybe(self, name: str, read: Read[T]) -> T | None:
        """The member `name`, or `None` where it is left out."""
        return read(self._value[name], self._member(name)) if name in self._value else None

    def _member(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name


def parse(line: str) -> Any:
    """The JSON value of one line of text. Raises `CaseError` for text that is none, or names a member twice."""
    try:
        return json.loads(line, object_pairs_hook=_each_once)
    except json.JSONDecodeError as error:
        raise CaseError("case", f"one JSON object on one line ({error.msg.lower()} at column {error.colno})") from None
    except RecursionError:
        raise CaseError("case", "a few levels of lists and objects, not thousands") from None


def word(words: type[Word]) -> Read[Word]:
    """A reader of one word of this vocabulary."""
    return _WORDS[words]


def one_of(words: Mapping[str, T], value: Any, place: str) -> T:
    """What `words` holds under the text `value`."""
    found = words.get(value) if isinstance(value, str) else None
    if found is None:
        raise CaseError(place, ", ".join(words))
    return found


def list_of(read: Read[T]) -> Read[tuple[T, ...]]:
    """A reader of a list, each entry read by `read`."""

    def entries(value: Any, place: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise CaseError(place, "a list")
        return tuple(read(entry, f"{place}[{index}]") for index, entry in enumerate(value))

    return entries


def text(value: Any, place: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise CaseError(place, "a text that is not empty")
    return value


def boolean(value: Any, place: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise CaseError(place, "true, false")
    return value


def instant(value: Any, place: str) -> datetime:
    """An ISO 8601 instant that says its offset from UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CaseError(place, "an instant with its offset from UTC, like 2026-04-01T09:00:00+09:00")
    return moment


def birth_date(value: Any, place: str) -> date:
    """A calendar day whose 18th birthday the calendar still has."""
    last = MAXYEAR - ADULT_YEARS
    try:
        born = date.fromisoformat(value)
    except (TypeError, ValueError):
        born = date.max
    if born.year > last:
        raise CaseError(place, f"a date like 2008-02-29, of the year {last} at the latest")
    return born


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise CaseError(next(name for name in names if names.count(name) > 1), "one member of this name")
    return found


def _reader(words: Mapping[str, T]) -> Read[T]:
    return lambda value, place: one_of(words, value, place)


_VOCABULARIES: tuple[type[StrEnum], ...] = (
    *(BirthPrecision, DataCategory, DisclosurePurpose, EventKind, PartialWithdrawal, Purpose, RecipientType),
    *(RestrictionTarget, SourceKind),
)
_WORDS: dict[type[StrEnum], Read[Any]] = {
    words: _reader({each.value: each for each in words}) for words in _VOCABULARIES
}
any_purpose: Read[AnyPurpose] = _reader({each.value: each for words in (Purpose, DisclosurePurpose) for each in words})
