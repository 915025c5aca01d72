"""Whom an operation reached: one person, or one row about them."""

from dataclasses import dataclass
from uuid import UUID

from sekisho.consent.state import Standing
from sekisho.decision import Datum


@dataclass(frozen=True, eq=False, slots=True)
class Person:
    """A data subject on a page: who they are inside, where they stand, and what their mask says of sources.

    `handle` is what the log calls them. `letters` are the record's letters of what was filtered or ordered by.
    """

    subject_id: UUID
    handle: UUID
    profile_id: int
    standing: Standing
    sources: int
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Reached:
    """What a governed field is resolved on: a person, or one row of theirs with where it came from."""

    person: Person
    root: str
    row_id: UUID | None = None
    datum: Datum | None = None
