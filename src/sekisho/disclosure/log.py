"""Append durably, or raise."""

from typing import Protocol

from sekisho.disclosure.record import LogRow


class LogUnavailable(Exception):  # noqa: N818 - the domain's word, not an error of the caller
    """The disclosure record could not be made durable; whatever it was about must not leave."""


class Ledger(Protocol):
    """What the store offers to the log: rows become durable before `append` returns."""

    async def append(self, rows: tuple[LogRow, ...]) -> None:
        """Insert and commit `rows`. Raises `LogUnavailable` when that cannot be promised."""
        ...
