"""What invented people measure, and what their linked apps send: numbers that hang together."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.demo.person import BY_DEVICE, JAPAN, PROVIDER, Person, Row

MEASURED_FROM = datetime(2026, 6, 1, tzinfo=JAPAN)
MEASURED_DAYS = 100

_CUFFS = ("HCR-7502T", "HCR-1902T2", "HEM-7600T")
_SCALES = ("HBF-230T", "HBF-703T")


def measurement_rows(person: Person) -> Iterator[tuple[str, Row]]:
    """Between 20 and 60 measurements of three months: blood pressure with pulse, weight, steps, at times a fever."""
    draw = person.draw
    usual = draw.gauss(122, 13)
    cuff = draw.choice(_CUFFS)
    for _ in range(draw.randint(5, 13)):
        at = _moment(person, 6, 9)
        systolic = _within(draw.gauss(usual, 7), 86, 205)
        diastolic = _within(draw.gauss(systolic * 0.62, 5), 45, systolic - 20)
        yield _measured(person, at, "SYSTOLIC_BLOOD_PRESSURE", systolic, "mm[Hg]", cuff)
        yield _measured(person, at, "DIASTOLIC_BLOOD_PRESSURE", diastolic, "mm[Hg]", cuff)
        yield _measured(person, at, "PULSE", _within(draw.gauss(70, 9), 44, 130), "/min", cuff)
    scale = draw.choice(_SCALES)
    for _ in range(draw.randint(2, 8)):
        weight = round(person.weight_kg + draw.gauss(0, 0.7), 1)
        yield _measured(person, _moment(person, 6, 22), "BODY_WEIGHT", weight, "kg", scale)
    for _ in range(draw.randint(3, 12)):
        yield _measured(
            person, _moment(person, 21, 23), "STEPS", _within(draw.gauss(7200, 2800), 300, 26000), "{steps}", "HJ-326F"
        )
    if draw.random() < 0.08:  # noqa: PLR2004 - the share that ran a temperature
        fever = round(draw.uniform(37.4, 39.1), 1)
        yield _measured(person, _moment(person, 7, 22), "BODY_TEMPERATURE", fever, "Cel", "MC-6800B")
    if person.shares_weight:
        at = _moment(person, 9, 12)
        told = {"taken_at": at, "kind": "BODY_WEIGHT", "value": person.weight_kg, "unit": "kg", "device": None}
        yield "measurement", person.row(at, person.source_ids[PROVIDER], **told)


def linked_rows(person: Person) -> Iterator[tuple[str, Row]]:
    """What each linked app sent while it was linked."""
    for service in person.links:
        for _ in range(person.draw.randint(6, 14)):
            started = _moment(person, 7, 20)
            walked = person.draw.randint(10, 70)
            kind, value, unit = person.draw.choice(
                (
                    ("STEPS", float(walked * person.draw.randint(85, 120)), "{steps}"),
                    ("ACTIVE_ENERGY", round(walked * person.draw.uniform(3.0, 6.0), 1), "kcal"),
                    ("DISTANCE", round(walked * person.draw.uniform(60, 95)), "m"),
                )
            )
            told = {"kind": kind, "value": float(value), "unit": unit, "started_at": started}
            ended = started + timedelta(minutes=walked)
            yield "linked_app_record", person.row(ended, person.source_ids[service], **told, ended_at=ended)


def _measured(person: Person, at: datetime, kind: str, value: float, unit: str, device: str) -> tuple[str, Row]:
    told = {"taken_at": at, "kind": kind, "value": float(value), "unit": unit, "device": device}
    return "measurement", person.row(at, BY_DEVICE, **told)


def _moment(person: Person, first_hour: int, last_hour: int) -> datetime:
    """Some moment of the three months between two hours of the day."""
    seconds = person.draw.randrange(first_hour * 3600, last_hour * 3600)
    return MEASURED_FROM + timedelta(days=person.draw.randrange(MEASURED_DAYS), seconds=seconds)


def _within(value: float, low: float, high: float) -> float:
    return float(round(min(max(value, low), high)))
