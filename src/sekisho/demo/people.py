"""The invented people and everything about them: the same seed invents the same people, byte for byte.

Person number k is the same in a small and in a large demonstration. What the database itself chooses stays random: the
log's handle for each person.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from faker import Faker
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.demo.activities import OFFERS, activity_rows
from sekisho.demo.health import linked_rows, measurement_rows
from sekisho.demo.histories import consent_history
from sekisho.demo.person import BY_SUBJECT, JAPAN, ORIGIN, PROVIDER, Person, Row, id_of
from sekisho.demo.standings import DemoStanding, standing_of
from sekisho.demo.usage import support_rows, usage_rows
from sekisho.policy.document import Label, Policies, Policy
from sekisho.store.activities import ensure_activity
from sekisho.store.consents import record_history
from sekisho.store.profiles import write_masks
from sekisho.store.sources import all_sources, ensure_source
from sekisho.store.subjects import copy_rows, known, register
from sekisho.store.tables.catalogue import CATALOGUE
from sekisho.vocabulary import BirthPrecision, ServiceContext, SourceKind

AS_OF = datetime(2026, 10, 1, tzinfo=JAPAN)
"""The demonstration's own today: nothing in it happened later."""

Progress = Callable[[int, int], None]
"""Told after each batch: how many people are written, and of how many."""

_BATCH = 500
_NO_SERVICES = (DemoStanding.REFUSED, DemoStanding.NEVER_ACCEPTED)
_NO_ACTIVITIES = (*_NO_SERVICES, DemoStanding.MINOR, DemoStanding.AGE_UNVERIFIED, DemoStanding.OLD_VERSION)


class DemoRefused(Exception):  # noqa: N818 - a verdict, with what to do
    """The demonstration cannot be written into this database; the message says why."""


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """Who was invented: ids, login names and standings in order, and how many of them were written just now."""

    people: tuple[Person, ...]
    written: int

    def of(self, standing: DemoStanding) -> tuple[Person, ...]:
        """Everybody of one standing."""
        return tuple(person for person in self.people if person.standing is standing)


async def write_demo(
    connection: AsyncConnection, policies: Policies, people: int, seed: int, progress: Progress = lambda _, __: None
) -> DemoPeople:
    """Invent `people` people and store all about them. Whoever of them is stored already is left as they are.

    Raises `DemoRefused` when no policy version was in effect that they could have accepted.
    """
    policy = policies.current(AS_OF)
    if policy is None:
        raise DemoRefused(f"no policy version was in effect at {AS_OF:%Y-%m-%d}; register one that was")
    sources = await _prepare(connection, policies)
    invented = list(invent(people, seed, sources))
    there = await known(connection, [person.subject_id for person in invented])
    new = [person for person in invented if person.subject_id not in there]
    for start in range(0, len(new), _BATCH):
        batch = new[start : start + _BATCH]
        await _write(connection, batch, policies, policy)
        progress(start + len(batch), len(new))
    return DemoPeople(tuple(invented), len(new))


def invent(people: int, seed: int, source_ids: dict[str, int]) -> Iterator[Person]:
    """The people themselves, without their rows. `source_ids` numbers linked services and third parties by name."""
    faker = Faker("ja_JP")
    return (_invent(faker, seed, index, source_ids) for index in range(people))


def _invent(faker: Faker, seed: int, index: int, source_ids: dict[str, int]) -> Person:
    draw = random.Random(f"{seed}/{index}")  # noqa: S311 - invented people need no secrecy
    faker.seed_instance(draw.getrandbits(32))
    standing = standing_of(seed, index)
    name = faker.romanized_name()
    login_id = f"{name.lower().replace(' ', '.')}.{index}"
    born, precision = _birth(draw, standing)
    sex = draw.choices(("MALE", "FEMALE", "OTHER", None), (48, 48, 1, 3))[0]
    height = round(draw.gauss(170 if sex == "MALE" else 158, 6.0), 1)
    joined = _joined(draw, standing)
    return Person(
        index=index,
        subject_id=id_of(seed, index),
        standing=standing,
        draw=draw,
        name=name,
        login_id=login_id,
        email=f"{login_id}@{draw.choice(('example.jp', 'example.com'))}",
        born=born,
        precision=precision,
        sex=sex,
        height_cm=height if draw.random() < 0.95 else None,  # noqa: PLR2004 - the share that filled it in
        weight_kg=round((height / 100) ** 2 * draw.uniform(18.5, 28.0), 1),
        joined=joined,
        links=_links(draw, standing, joined),
        activities=_activities(draw, standing),
        source_ids=source_ids,
    )


def _birth(draw: random.Random, standing: DemoStanding) -> tuple[date | None, BirthPrecision | None]:
    if standing is DemoStanding.AGE_UNVERIFIED:
        return None, None
    first, last = (2013, 2018) if standing is DemoStanding.MINOR else (1941, 2006)
    born = date(draw.randint(first, last), 1, 1) + timedelta(days=draw.randrange(365))
    return born, draw.choices(list(BirthPrecision), (92, 5, 3))[0]


def _joined(draw: random.Random, standing: DemoStanding) -> datetime:
    begin = datetime(2021 if standing is DemoStanding.OLD_VERSION else 2023, 1, 4, 8, tzinfo=JAPAN)
    days = 300 if standing is DemoStanding.OLD_VERSION else 1_170
    return begin + timedelta(days=draw.randrange(days), seconds=draw.randrange(14 * 3600))


def _links(draw: random.Random, standing: DemoStanding, joined: datetime) -> dict[str, datetime]:
    phone = draw.choices(("GOOGLE_FIT", "APPLE_HEALTH", "HEALTH_CONNECT", None), (28, 34, 8, 30))[0]
    since = joined + timedelta(minutes=draw.randint(3, 20_000))
    if standing in _NO_SERVICES:
        return {}
    if standing is DemoStanding.GOOGLE_FIT_UNLINKED:
        phone = "GOOGLE_FIT"
    return {} if phone is None else {phone: since}


def _activities(draw: random.Random, standing: DemoStanding) -> dict[str, datetime]:
    joins = {
        offer.activity.key: offer.opened + timedelta(minutes=draw.randrange(20 * 24 * 60))
        for offer in OFFERS
        if draw.random() < offer.share
    }
    return {} if standing in _NO_ACTIVITIES else joins


async def _prepare(connection: AsyncConnection, policies: Policies) -> dict[str, int]:
    """Register the third party and the activities; the numbers of all named sources."""
    before = await all_sources(connection)
    await ensure_source(
        connection,
        SourceKind.THIRD_PARTY,
        PROVIDER,
        Label("見本健診センター (架空)", "Example Health Check Centre (fictitious)"),
    )
    for offer in OFFERS:
        await ensure_activity(connection, offer.activity)
    after = await all_sources(connection)
    if len(after) > len(before):
        await write_masks(connection, policies)
    return {source.name: source.source_id for source in after if source.name}


async def _write(connection: AsyncConnection, batch: Sequence[Person], policies: Policies, policy: Policy) -> None:
    ids = [person.subject_id for person in batch]
    joined = {person.subject_id: person.joined for person in batch}
    await register(connection, ids, ServiceContext.KARADO_APP, policies, since=joined)
    tables: dict[str, list[Row]] = defaultdict(list)
    for person in batch:
        for table, row in _rows(person):
            tables[table].append(row)
    for table, rows in tables.items():
        await copy_rows(connection, CATALOGUE.tables[table], rows)
    histories = {person.subject_id: consent_history(person, policy) for person in batch}
    await record_history(connection, histories, policies)


def _rows(person: Person) -> Iterator[tuple[str, Row]]:
    return chain(
        _who(person),
        measurement_rows(person),
        linked_rows(person),
        activity_rows(person),
        support_rows(person),
        usage_rows(person),
    )


def _who(person: Person) -> Iterator[tuple[str, Row]]:
    told = {"subject_id": person.subject_id, "acquired_at": person.joined, **ORIGIN}
    yield (
        "subject_attribute",
        told
        | {
            "birth_date": person.born,
            "birth_precision": person.precision.value if person.precision else None,
            "sex": person.sex,
            "height_cm": person.height_cm,
            "weight_kg": person.weight_kg,
            "weight_source": person.source_ids[PROVIDER] if person.shares_weight else BY_SUBJECT,
        },
    )
    issued = AS_OF - timedelta(minutes=person.draw.randint(60, 60 * 24 * 10))
    yield (
        "subject_account",
        told
        | {
            "login_id": person.login_id,
            "email": person.email,
            "token_issued_at": issued,
            "token_expires_at": issued + timedelta(days=30),
            "source_id": BY_SUBJECT,
        },
    )
    habit = {"name": "喫煙", "value": person.draw.choice(("吸わない", "やめた", "吸う"))}
    yield "subject_other_attribute", person.row(person.joined, **habit)
    setting = {"name": "ニックネーム", "value": person.name.partition(" ")[0]}
    yield "subject_account_setting", person.row(person.joined, **setting)
