"""Where the choices of a generated case come from, and the few instants around which all happens.

Options stand simplest first, so that cases shrink towards the plain ones.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol, TypeVar

T = TypeVar("T")


class Draws(Protocol):
    """Where choices come from."""

    def chance(self, probability: float) -> bool: ...
    def one(self, options: Sequence[T]) -> T: ...


class SeededDraws:
    """Choices from a seed, the same on every machine."""

    def __init__(self, seed: int) -> None:
        self._roll = random.Random(seed).random  # noqa: S311 - cases want repeatable chance, not secrecy

    def chance(self, probability: float) -> bool:
        return self._roll() < probability

    def one(self, options: Sequence[T]) -> T:
        return options[int(self._roll() * len(options))]


# An instant of adulthood, and who comes of age then: the birth date as recorded, and how precisely.
HINGES = (
    ("2025-07-15", "2007-07-15", "DAY"),
    ("2026-03-01", "2008-02-29", "DAY"),
    ("2026-03-01", "2008-03-01", "DAY"),
    ("2026-02-28", "2008-02-28", "DAY"),
    ("2025-01-01", "2007-01-01", "DAY"),
    ("2026-03-01", "2008-02-10", "MONTH"),
    ("2023-02-28", "2005-02-03", "MONTH"),
    ("2024-06-30", "2006-06-07", "MONTH"),
    ("2025-12-31", "2007-12-01", "MONTH"),
    ("2024-12-31", "2006-07-07", "YEAR"),
)
_TICK, _DAY = timedelta(microseconds=1), timedelta(days=1)
OFFSETS = (-100 * _DAY, -_DAY, -_TICK, 0 * _DAY, _TICK, _DAY, 30 * _DAY, 900 * _DAY)
EARLY, NEAR, LAST = 0, (1, 2, 3, 4, 5, 6), 7
_TOKYO = timezone(timedelta(hours=9))
_CLOCKS = [
    [
        tuple((datetime.fromisoformat(hinge[0]).replace(tzinfo=_TOKYO) + offset).astimezone(zone).isoformat()
              for zone in (_TOKYO, UTC))
        for offset in OFFSETS
    ]
    for hinge in HINGES
]  # fmt: skip

SERVICES = ("GOOGLE_FIT", "APPLE_HEALTH")
PROVIDERS = ("HEALTH_CHECK_CENTRE", "PARTNER_CLINIC")
ACTIVITY_KIND = {
    "surveyAnswer": "SURVEY",
    "campaignEntry": "CAMPAIGN",
    "eventEntry": "EVENT",
    "monitorTrial": "MONITOR_TRIAL",
    "clinicalResearchRecruitment": "CLINICAL_RESEARCH",
}
TERMS = ("spring", "autumn")


class Moments:
    """The few instants of a case: a day long before, three close ones, one long after; spelled in two zones."""

    def __init__(self, draws: Draws, hinge: int) -> None:
        self.draws, self.clock = draws, _CLOCKS[hinge]
        self.close = sorted(draws.one(NEAR) for _ in range(3))

    def spelled(self, index: int) -> str:
        return self.draws.one(self.clock[index])

    def early(self) -> str:
        return self.spelled(EARLY)

    def any(self) -> int:
        return self.draws.one((EARLY, *self.close))

    def near(self) -> str:
        return self.spelled(self.draws.one(self.close))

    def later(self) -> str:
        return self.spelled(self.draws.one((*self.close, LAST)))

    def last(self) -> str:
        return self.spelled(LAST)

    def asked(self) -> str:
        first, second, third = self.close
        return self.spelled(self.draws.one((third, third, third, NEAR[-1], second, first)))
