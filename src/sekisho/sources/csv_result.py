"""What became of an import: counts, and every refusal by line; never a value of the file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_REPORTED = 200
"""Refusals reported one by one; beyond them only the counts go on."""


class Refusal(NamedTuple):
    """One refused value, or with `whole_row` one refused line. `column` is empty where no single one is at fault."""

    line: int
    column: str
    reason: str
    whole_row: bool

    def __str__(self) -> str:
        where = f"line {self.line}, `{self.column}`" if self.column else f"line {self.line}"
        return f"{where}: {self.reason}{' (the whole row)' if self.whole_row else ''}"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Rows of the file and what they gave. `stored` and `already_there` count rows by table.

    `refused` lists the first refusals, `reasons` counts all of them by column and reason.
    """

    rows_in: int
    rows_imported: int
    rows_refused: int
    values_refused: int
    people_registered: int
    stored: Mapping[str, int]
    already_there: Mapping[str, int]
    refused: tuple[Refusal, ...]
    reasons: Mapping[tuple[str, str], int]


class ImportRefused(Exception):  # noqa: N818 - a verdict on the file, with what to do
    """Nothing was imported; `result` says which rows were in the way."""

    def __init__(self, result: ImportResult, why: str) -> None:
        self.result = result
        rows = [str(refusal) for refusal in result.refused if refusal.whole_row]
        super().__init__("\n".join([why, *rows]))


@dataclass(slots=True)
class Tally:
    """The result while it is being counted."""

    rows_in: int = 0
    rows_imported: int = 0
    rows_refused: int = 0
    values_refused: int = 0
    people_registered: int = 0
    stored: Counter[str] = field(default_factory=Counter)
    already_there: Counter[str] = field(default_factory=Counter)
    rows: list[Refusal] = field(default_factory=list)
    values: list[Refusal] = field(default_factory=list)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)

    def refuse_row(self, line: int, column: str, reason: str) -> None:
        """Count a refused line."""
        self.rows_refused += 1
        self._note(self.rows, Refusal(line, column, reason, whole_row=True))

    def refuse_value(self, line: int, column: str, reason: str) -> None:
        """Count a refused value."""
        self.values_refused += 1
        self._note(self.values, Refusal(line, column, reason, whole_row=False))

    def result(self) -> ImportResult:
        """The counts so far."""
        refused = sorted([*self.rows, *self.values])
        return ImportResult(
            self.rows_in,
            self.rows_imported,
            self.rows_refused,
            self.values_refused,
            self.people_registered,
            dict(self.stored),
            dict(self.already_there),
            tuple(refused),
            dict(self.reasons),
        )

    def nothing_stored(self) -> ImportResult:
        """The counts of an import that was undone."""
        undone = Tally(self.rows_in, 0, self.rows_refused, self.values_refused)
        undone.rows, undone.values, undone.reasons = self.rows, self.values, self.reasons
        return undone.result()

    def _note(self, kept: list[Refusal], refusal: Refusal) -> None:
        self.reasons[refusal.column, refusal.reason] += 1
        if len(kept) < MOST_REPORTED:
            kept.append(refusal)
