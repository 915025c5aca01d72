"""Before any number: everybody must do the same work, or the run stops.

Same values, same withheld values, the same log rows among the peers, and no answer while the log cannot be written.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.contestants import DIRECTIVE, Contestant
from benchmarks.serving import Served
from benchmarks.workloads import Names, Workload, without_ids
from benchmarks.workshop import connect
from sekisho.store.embedded import Urls

_LOGGED = (
    "SELECT subject_id::text, purpose, recipient_type, disclosed, withheld, objects"
    " FROM bench_disclosure_log ORDER BY subject_id"
)
_IMPATIENT_SECONDS = 0.7
_STATUS_OK = 200


class NotTheSame(Exception):  # noqa: N818 - a verdict
    """A server does not do the same work; the message says which and where."""


@dataclass(frozen=True)
class Entrant:
    """A running contestant, what it calls people, and its request headers."""

    contestant: Contestant
    served: Served
    names: Names
    headers: dict[str, str]

    @property
    def name(self) -> str:
        """Its short name."""
        return self.contestant.name

    def body(self, workload: Workload, place: int) -> bytes:
        """The request that asks it for `place`."""
        operation = workload.operation(DIRECTIVE if self.contestant.ours else "")
        return workload.body(operation, self.names.value(workload, place))


async def check_agreement(urls: Urls, entrants: Sequence[Entrant], cases: Sequence[tuple[Workload, int]]) -> None:
    """Raises `NotTheSame`. The first entrant, the gateway, is the measure."""
    expected = [await _answer(entrants[0], *case) for case in cases]
    for entrant in entrants[1:]:
        for case, wanted in zip(cases, expected, strict=True):
            _same(entrant, case, wanted, await _answer(entrant, *case))
    await _same_records(urls, entrants, cases)
    for entrant in entrants:
        if entrant.contestant.governed:
            await _silent_while_the_log_is_locked(urls, entrant, cases[0])


async def _answer(entrant: Entrant, workload: Workload, place: int, patience: float = 120) -> Any:
    async with httpx.AsyncClient(headers=entrant.headers, timeout=patience) as client:
        answer = await client.post(entrant.served.address, content=entrant.body(workload, place))
    if answer.status_code != _STATUS_OK or "errors" in answer.json():
        raise NotTheSame(f"`{entrant.name}` answered {workload.name} with {answer.status_code}: {answer.text[:500]}")
    return without_ids(answer.json()["data"])


def _same(entrant: Entrant, case: tuple[Workload, int], wanted: Any, found: Any) -> None:
    same = wanted == found if entrant.contestant.governed else _fills(wanted, found)
    if not same:
        raise NotTheSame(f"`{entrant.name}` answers {case[0].name} of place {case[1]} otherwise than the gateway")


def _fills(wanted: Any, found: Any) -> bool:
    """Whether `found` tells all that `wanted` tells: who governs nothing may tell more."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_fills(each, found.get(name)) for name, each in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(_fills, wanted, found))
    return wanted is None or wanted == found


async def _same_records(urls: Urls, entrants: Sequence[Entrant], cases: Sequence[tuple[Workload, int]]) -> None:
    expected: dict[int, Any] = {}
    for entrant in entrants:
        if not entrant.contestant.governed or entrant.contestant.ours:
            continue
        for place, case in enumerate(cases):
            rows = await _logged(urls, entrant, case)
            if len(rows) != case[0].people or rows != expected.setdefault(place, rows):
                raise NotTheSame(f"`{entrant.name}` records {case[0].name} of place {case[1]} otherwise")


async def _logged(urls: Urls, entrant: Entrant, case: tuple[Workload, int]) -> list[tuple[Any, ...]]:
    connection = await connect(urls.owner)
    try:
        await connection.execute("TRUNCATE bench_disclosure_log")
        await _answer(entrant, *case)
        return [tuple(row) for row in await connection.fetch(_LOGGED)]
    finally:
        await connection.close()


async def _silent_while_the_log_is_locked(urls: Urls, entrant: Entrant, case: tuple[Workload, int]) -> None:
    """INVARIANT (written, then told): whoever cannot write its record does not answer."""
    log = "disclosure_log" if entrant.contestant.ours else "bench_disclosure_log"
    connection = await connect(urls.admin)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {log} IN EXCLUSIVE MODE")
            try:
                await _answer(entrant, *case, patience=_IMPATIENT_SECONDS)
            except httpx.TimeoutException:
                return
        raise NotTheSame(f"`{entrant.name}` answered although its record could not be written")
    finally:
        await connection.close()
        await asyncio.sleep(_IMPATIENT_SECONDS)  # until what was begun has ended
