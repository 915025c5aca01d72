"""Input values before they are spelled: plain Python, and the few things that only GraphQL has."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

CURSOR = "the-cursor-of-an-earlier-page"
"""Stands in an operation, or in its variables, for a cursor that is asked for first."""


@dataclass(frozen=True)
class Word:
    """A member of an enum."""

    name: str


@dataclass(frozen=True)
class Known:
    """Somebody's pseudonym, whatever the caller calls them."""

    person: str


@dataclass(frozen=True)
class Var:
    """A variable in the place of a value."""

    name: str


def literal(value: Any, known_as: Callable[[str], str]) -> str:
    """The value as it stands in an operation."""
    if isinstance(value, Var):
        return f"${value.name}"
    if isinstance(value, Word):
        return value.name
    if isinstance(value, Known):
        return json.dumps(known_as(value.person))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {literal(each, known_as)}" for name, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(each, known_as) for each in value) + "]"
    return json.dumps(value)


def plain(value: Any, known_as: Callable[[str], str]) -> Any:
    """The value as it stands in the variables of a request."""
    if isinstance(value, Word):
        return value.name
    if isinstance(value, Known):
        return known_as(value.person)
    if isinstance(value, Mapping):
        return {name: plain(each, known_as) for name, each in value.items()}
    return [plain(each, known_as) for each in value] if isinstance(value, (list, tuple)) else value
