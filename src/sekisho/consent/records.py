"""Consent events as they are kept: append-only, ISO/IEC TS 27560 event fields, and what a scope covers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from sekisho.policy.lens import Lens
from sekisho.vocabulary import (
    BirthPrecision,
    DataCategory,
    DisclosurePurpose,
    EventKind,
    Purpose,
    RecipientType,
    RestrictionTarget,
)

AnyPurpose = Purpose | DisclosurePurpose

_PARTS = ("categories", "purposes", "recipients")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a record reaches. A part that is `None` means any; an empty one means none.

    The empty JSON object covers nothing at all: nothing was named. A record that reaches everything has no scope.
    """

    categories: frozenset[DataCategory] | None = None
    purposes: frozenset[AnyPurpose] | None = None
    recipients: frozenset[RecipientType] | None = None

    def __post_init__(self) -> None:
        if self.categories is None and self.purposes is None and self.recipients is None:
            raise ValueError("a scope names some part; a record that reaches everything has no scope")

    @classmethod
    def from_json(cls, parts: Mapping[str, Iterable[str]]) -> Self:
        """The scope that `parts` names. Raises `ValueError` for an unknown part or word."""
        if unknown := sorted(set(parts) - set(_PARTS)):
            raise ValueError(f"`{unknown[0]}` is not a part of a scope; allowed are {', '.join(_PARTS)}")
        if not parts:
            return cls(frozenset(), frozenset(), frozenset())
        return cls(
            frozenset(map(DataCategory, parts["categories"])) if "categories" in parts else None,
            frozenset(map(purpose_word, parts["purposes"])) if "purposes" in parts else None,
            frozenset(map(RecipientType, parts["recipients"])) if "recipients" in parts else None,
        )

    def to_json(self) -> dict[str, list[str]]:
        """The scope as JSON, parts and words sorted; parts that mean any are left out."""
        parts = {"categories": self.categories, "purposes": self.purposes, "recipients": self.recipients}
        return {name: sorted(words) for name, words in parts.items() if words is not None}

    def names_nothing(self) -> bool:
        """Whether some part is empty, so that the scope reaches nothing."""
        return any(part is not None and not part for part in (self.categories, self.purposes, self.recipients))

    def permits(self, lens: Lens, category: DataCategory) -> bool:
        """Whether a permit of this scope covers the request: every purpose of the lens must be covered."""
        return self._reaches(lens, category) and (self.purposes is None or self._covers_all(lens))

    def denies(self, lens: Lens, category: DataCategory) -> bool:
        """Whether a deny of this scope hits the request: any purpose of the lens is enough."""
        return self._reaches(lens, category) and (
            self.purposes is None or any(map(self._names, _declared(lens, with_served=True)))
        )

    def _reaches(self, lens: Lens, category: DataCategory) -> bool:
        of_category = self.categories is None or category in self.categories
        return of_category and (self.recipients is None or lens.recipient_type in self.recipients)

    def _covers_all(self, lens: Lens) -> bool:
        declared = _declared(lens, with_served=False)
        return bool(declared) and all(map(self._names, declared))

    def _names(self, purpose: AnyPurpose) -> bool:
        return purpose in self.purposes or purpose.parent in self.purposes if self.purposes else False


def purpose_word(word: str) -> AnyPurpose:
    """The use purpose or disclosure purpose that `word` names. Raises `ValueError` when it is neither."""
    return Purpose(word) if word in Purpose.__members__ else DisclosurePurpose(word)


def _declared(lens: Lens, *, with_served: bool) -> list[AnyPurpose]:
    served = lens.serves if with_served else None
    return [purpose for purpose in (lens.purpose, lens.disclosure, served) if purpose is not None]


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One thing that was put on record.

    Times are timezone-aware. `until` is exclusive. `key` names the service (LINK), the provider (THIRD_PARTY_CONSENT)
    or the activity (PARTICIPATION). `ends` lists ids of denies and restrictions this event ends. `scope` absent means
    the whole.
    """

    id: str
    kind: EventKind
    event_time: datetime
    recorded_at: datetime
    version: str | None = None
    scope: Scope | None = None
    until: datetime | None = None
    ends: tuple[str, ...] = ()
    key: str | None = None
    target: RestrictionTarget | None = None


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """What decides about a person besides their consent events.

    A birth date known to the month or year is stored as any day of it, with its precision.
    """

    birth_date: date | None = None
    birth_precision: BirthPrecision | None = None
    closed_at: datetime | None = None
