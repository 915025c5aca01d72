"""Adulthood, by the calendar of Tokyo (S3.12)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sekisho.consent.age import TOKYO, adult_from, latest_birthday
from sekisho.consent.fold import fold, timeline
from sekisho.consent.records import ConsentEvent, SubjectFacts
from sekisho.policy.document import Policies
from sekisho.vocabulary import AgeStatus, BirthPrecision, EventKind

DAY, MONTH, YEAR = BirthPrecision
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("born", "precision", "latest", "adult"),
    [
        (date(2006, 6, 30), DAY, date(2006, 6, 30), date(2024, 6, 30)),
        (date(2008, 2, 28), DAY, date(2008, 2, 28), date(2026, 2, 28)),
        (date(2008, 2, 29), DAY, date(2008, 2, 29), date(2026, 3, 1)),
        (date(2008, 3, 1), DAY, date(2008, 3, 1), date(2026, 3, 1)),
        (date(2008, 2, 1), MONTH, date(2008, 2, 29), date(2026, 3, 1)),
        (date(2007, 2, 1), MONTH, date(2007, 2, 28), date(2025, 2, 28)),
        (date(2006, 4, 30), MONTH, date(2006, 4, 30), date(2024, 4, 30)),
        (date(2006, 12, 1), MONTH, date(2006, 12, 31), date(2024, 12, 31)),
        (date(2006, 1, 1), YEAR, date(2006, 12, 31), date(2024, 12, 31)),
        (date(2008, 2, 29), YEAR, date(2008, 12, 31), date(2026, 12, 31)),
        (date(1882, 2, 28), DAY, date(1882, 2, 28), date(1900, 2, 28)),
    ],
)
def test_adulthood_begins_at_midnight_in_tokyo_of_the_latest_possible_birthday(
    born: date, precision: BirthPrecision, latest: date, adult: date
) -> None:
    assert latest_birthday(born, precision) == latest
    midnight = adult_from(born, precision)
    assert midnight == datetime(adult.year, adult.month, adult.day, tzinfo=TOKYO)
    facts = SubjectFacts(born, precision)
    for at, status in (
        (midnight - TICK, AgeStatus.MINOR),
        (midnight, AgeStatus.ADULT),
        (midnight + TICK, AgeStatus.ADULT),
    ):
        assert fold((), facts, Policies(()), at).state.age is status
        assert fold((), facts, Policies(()), at.astimezone(UTC)).state.age is status


def test_midnight_in_tokyo_is_three_in_the_afternoon_of_the_day_before_elsewhere() -> None:
    assert adult_from(date(2006, 6, 30), DAY).astimezone(UTC) == datetime(2024, 6, 29, 15, tzinfo=UTC)


def test_a_birth_date_of_no_precision_is_known_to_the_year_only() -> None:
    facts = SubjectFacts(date(2006, 1, 1))
    assert fold((), facts, Policies(()), datetime(2024, 12, 30, 23, tzinfo=TOKYO)).state.age is AgeStatus.MINOR
    assert fold((), facts, Policies(()), datetime(2024, 12, 31, tzinfo=TOKYO)).state.age is AgeStatus.ADULT
    assert [each.valid_from for each in timeline((), facts, Policies(()))] == [
        None,
        datetime(2024, 12, 31, tzinfo=TOKYO),
    ]


def test_a_birth_date_beats_an_attestation_and_without_either_age_is_unverified() -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    attested = ConsentEvent("s", EventKind.ADULT_ATTESTATION, at, at)
    assert fold((attested,), SubjectFacts(), Policies(()), at).state.age is AgeStatus.ADULT
    assert fold((attested,), SubjectFacts(), Policies(()), at - TICK).state.age is AgeStatus.AGE_UNVERIFIED
    assert fold((attested,), SubjectFacts(date(2015, 1, 1), DAY), Policies(()), at).state.age is AgeStatus.MINOR
    assert fold((), SubjectFacts(), Policies(()), at).state.age is AgeStatus.AGE_UNVERIFIED
