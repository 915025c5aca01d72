"""Which testable statements of the policy there are, where each is enforced, and which tests hold it."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, ValidationError

from sekisho.policy.form import Form, Line, StatementId, Text
from sekisho.policy.load import Marked, PolicyError, Problem, problem

COUNTS = {
    "S": (1, 7),
    "C": (0, 13),
    "P": (1, 7),
    "D-": (1, 12),
    "X": (1, 5),
    "Q": (1, 16),
    "T": (1, 6),
    "K": (1, 2),
    "V": (1, 4),
    "G": (1, 7),
}
_TEST_ID = re.compile(r"^tests/[\w/]+\.py::test_\w+$")

ModulePath = Annotated[str, Field(pattern=r"^[a-z0-9_/.-]+\.(py|yaml)$")]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: the modules that enforce it (paths in the package) and the tests that hold it.

    `later` names the capability that brings it, or what is still missing of it; `outside` says why it is not the
    gateway's to enforce. A statement has modules, or one of these two, or modules and `later`.
    """

    id: str
    about: str
    lines: tuple[int, ...]
    enforced: tuple[str, ...]
    tests: tuple[str, ...]
    later: str | None
    outside: str | None


class StatementForm(Form):
    """One entry of the coverage file."""

    id: StatementId
    about: Text
    lines: list[Annotated[Line, Field(ge=1)]] = Field(default_factory=list)
    enforced: list[ModulePath] = Field(default_factory=list)
    tests: list[str] = Field(default_factory=list)
    later: Text | None = None
    outside: Text | None = None


class CoverageForm(Form):
    """The coverage file."""

    statements: list[StatementForm]


def statement_ids() -> tuple[str, ...]:
    """The id of every statement, in the order of the policy's sections."""
    return tuple(f"{part}{at}" for part, (first, last) in COUNTS.items() for at in range(first, last + 1))


@cache
def coverage() -> tuple[Statement, ...]:
    """Every statement. Raises `PolicyError` with the lines of the file where it does not hold together."""
    return read_coverage((files("sekisho.policy") / "coverage.yaml").read_bytes())


def read_coverage(document: bytes) -> tuple[Statement, ...]:
    """Every statement in the bytes of a coverage file. Raises `PolicyError` with every mistake."""
    marked = Marked(document)
    try:
        told = CoverageForm.model_validate(marked.value).statements
    except ValidationError as error:
        raise PolicyError([problem(marked, detail) for detail in error.errors()]) from None
    found = [Problem(marked.line(("statements", at)), wrong) for at, one in enumerate(told) for wrong in _wrong(one)]
    found += _order(marked, [one.id for one in told])
    if found:
        raise PolicyError(found)
    return tuple(_statement(one) for one in told)


def _statement(one: StatementForm) -> Statement:
    return Statement(one.id, one.about, tuple(one.lines), tuple(one.enforced), tuple(one.tests), one.later, one.outside)


def _wrong(one: StatementForm) -> list[str]:
    found = []
    if one.outside is not None and (one.enforced or one.tests or one.later):
        found.append(f"`{one.id}` is outside and something else besides; keep one")
    if one.outside is None and not one.enforced and one.later is None:
        found.append(f"`{one.id}` is enforced nowhere; say where, or write `later` or `outside`")
    if one.tests and not one.enforced:
        found.append(f"`{one.id}` has tests and is enforced nowhere; say where")
    found += [
        f"`{test}` is not a test id; write tests/<file>.py::test_<name>"
        for test in one.tests
        if not _TEST_ID.match(test)
    ]
    return found


def _order(marked: Marked, named: list[str]) -> list[Problem]:
    for at, (expected, found) in enumerate(zip(statement_ids(), named, strict=False)):
        if expected != found:
            return [Problem(marked.line(("statements", at, "id")), f"`{found}` stands here; `{expected}` is expected")]
    missing = statement_ids()[len(named) :]
    if missing:
        return [Problem(marked.line(("statements",)), f"`{missing[0]}` is missing at the end; add it")]
    extra = named[len(statement_ids()) :]
    return (
        [Problem(marked.line(("statements", len(named) - 1)), f"`{extra[0]}` is one too many; remove it")]
        if extra
        else []
    )
