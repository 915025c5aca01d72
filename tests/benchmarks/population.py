"""The invented people of the benchmark and what they put on record. The same seed invents the same people.

Nobody is absent for the benchmarked lens: what somebody refuses is a category of data, never everything.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sekisho.consent.records import ConsentEvent, Scope
from sekisho.store.consents import Recorded
from sekisho.vocabulary import BirthPrecision, DataCategory, EventKind, Purpose, ServiceContext

PEOPLE = 10_000
MEASUREMENTS = 60
"""Of each person: with `PEOPLE` these are 600,000."""

REFUSED_SHARE = 0.2
"""How many refuse each of the categories in `REFUSABLE`, one independently of the other."""

# Kind of event that narrows, by category: one way each, so that the number of states stays small.
REFUSABLE = {
    DataCategory.ATTRIBUTE: EventKind.WITHDRAWAL,
    DataCategory.ACCOUNT: EventKind.OBJECTION,
    DataCategory.HEALTH_MEASUREMENT: EventKind.WITHDRAWAL,
}
SERVICES = ("GOOGLE_FIT", "APPLE_HEALTH", "HEALTH_CONNECT")
ADVERTISING = Scope(purposes=frozenset({Purpose.PERSONALIZED_ADVERTISING}))
"""Five manners (no link, one of three, an objection to advertising) times eight refusals: 40 states of adults."""

JOINED = datetime(2024, 4, 1, 9, tzinfo=UTC)
MEASURED_FROM = datetime(2026, 3, 1, 6, tzinfo=UTC)

_ORIGIN = {"service_context": ServiceContext.KARADO_APP.value, "provenance": "invented for the benchmark"}
_BY_SUBJECT, _BY_DEVICE = 1, 2  # the built-in sources SUBJECT and OMRON_CONNECT_CLOUD
_KINDS = (
    ("SYSTOLIC_BLOOD_PRESSURE", "mm[Hg]", 125, 12),
    ("DIASTOLIC_BLOOD_PRESSURE", "mm[Hg]", 78, 8),
    ("PULSE", "/min", 70, 9),
    ("BODY_WEIGHT", "kg", 62, 9),
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invented:
    """One person: id, the categories they refuse, their manner (0 to 4), and their own stream of chance."""

    number: int
    subject_id: UUID
    refuses: frozenset[DataCategory]
    manner: int
    draw: random.Random

    def new_id(self) -> UUID:
        """The next id of this person's stream."""
        return UUID(int=self.draw.getrandbits(128), version=4)


def invent(people: int, seed: int) -> Iterator[Invented]:
    """The people, without their rows."""
    for number in range(people):
        draw = random.Random(f"{seed}/{number}")  # noqa: S311 - invented people need no secrecy
        subject_id = UUID(int=draw.getrandbits(128), version=4)
        refuses = frozenset(category for category in REFUSABLE if draw.random() < REFUSED_SHARE)
        yield Invented(number, subject_id, refuses, draw.randrange(len(SERVICES) + 2), draw)


def attributes(person: Invented) -> Row:
    """What the person told about themself: an adult's birth date, sex, height, weight."""
    draw = person.draw
    return {
        "subject_id": person.subject_id,
        "birth_date": date(1940, 1, 1) + timedelta(days=draw.randrange(24_000)),
        "birth_precision": BirthPrecision.DAY.value,
        "sex": draw.choice(("MALE", "FEMALE")),
        "height_cm": round(draw.gauss(164, 8), 1),
        "weight_kg": round(draw.gauss(62, 10), 1),
        "acquired_at": JOINED,
        **_ORIGIN,
    }


def account(person: Invented) -> Row:
    """The person's login id and e-mail address."""
    return {
        "subject_id": person.subject_id,
        "login_id": f"person.{person.number}",
        "email": f"person.{person.number}@example.jp",
        "source_id": _BY_SUBJECT,
        "acquired_at": JOINED,
        **_ORIGIN,
    }


def measurements(person: Invented) -> Iterator[Row]:
    """What the person's devices sent: no two values at one moment."""
    for day in range(MEASUREMENTS):
        kind, unit, usual, spread = _KINDS[day % len(_KINDS)]
        yield {
            "subject_id": person.subject_id,
            "row_id": person.new_id(),
            "taken_at": MEASURED_FROM + timedelta(days=day, seconds=person.draw.randrange(7_200)),
            "kind": kind,
            "value": round(person.draw.gauss(usual, spread), 1),
            "unit": unit,
            "source_id": _BY_DEVICE,
            "acquired_at": MEASURED_FROM + timedelta(days=MEASUREMENTS),
            **_ORIGIN,
        }


def history(person: Invented, version: str) -> list[Recorded]:
    """What the person put on record: acceptance of `version`, their manner, and what they refuse."""
    records = [recorded(person, 0, EventKind.ACCEPTANCE, version=version)]
    if 0 < person.manner <= len(SERVICES):
        records.append(recorded(person, 1, EventKind.LINK, key=SERVICES[person.manner - 1]))
    if person.manner > len(SERVICES):
        records.append(recorded(person, 1, EventKind.OBJECTION, scope=ADVERTISING))
    for category in sorted(person.refuses):
        scope = Scope(frozenset({category}), frozenset({Purpose.SERVICE_PROVISION}))
        records.append(recorded(person, 2, REFUSABLE[category], scope=scope))
    return records


def recorded(person: Invented, day: int, kind: EventKind, **said: Any) -> Recorded:
    """One event on the person's record, `day` days after they joined."""
    at = JOINED + timedelta(days=day)
    return Recorded(ConsentEvent(id=str(person.new_id()), kind=kind, event_time=at, recorded_at=at, **said))
