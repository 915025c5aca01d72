"""The world of the cases: fixed people, fixed instants, one of each kind of caller.

Whoever the case files name lives here. `aiko` has something in every table and permits everything.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from databases import Database
from graph.clock import Clock
from graph.world import CLIENTS, LONG_AGO, NAMESPACE, World, a_client, an_event
from sekisho.consent.records import ConsentEvent
from sekisho.declaration import RIGHTS_DESK, Recipient
from sekisho.graph.recording import Minting
from sekisho.policy.document import Label
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.cases import Case, approve_case, register_case
from sekisho.store.consents import rewrite_timelines
from sekisho.store.sources import ensure_source
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType, SourceKind

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
PROVIDER = "health insurance society"
SUBJECT, OMRON, GOOGLE_FIT, APPLE_HEALTH, UNCLASSIFIED = 1, 2, 3, 4, 0
D1, D2, D3, D4, D6 = (
    DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE,
    DisclosurePurpose.CONTRACT_POLICY_ENFORCEMENT,
    DisclosurePurpose.LEGAL_COMPLIANCE,
    DisclosurePurpose.LEGAL_CLAIMS,
    DisclosurePurpose.EXTERNAL_LINKAGE_AUTHENTICATION,
)
ACTIVITIES = (
    "SURVEY:2026-spring",
    "CAMPAIGN:steps-2026",
    "EVENT:open-day",
    "MONITOR_TRIAL:cuff-7",
    "CLINICAL_RESEARCH:hypertension-2026",
)


def _third(client_id: str, kind: RecipientType, *disclosures: DisclosurePurpose, **changes: Any) -> Recipient:
    return a_client(client_id, kind, disclosure_purposes=frozenset(disclosures), **changes)


def _only(*purposes: Purpose) -> dict[str, frozenset[Purpose]]:
    return {"purposes": frozenset(purposes)}


VILLAGE_CLIENTS: dict[str, Recipient] = {
    each.client_id: each
    for each in (
        CLIENTS["analytics"],
        CLIENTS["app"],
        a_client("research-only", RecipientType.FIRST_PARTY, **_only(Purpose.RESEARCH_ACADEMIC)),
        a_client("paper-only", RecipientType.FIRST_PARTY, **_only(Purpose.PAPER_PUBLICATION)),
        a_client("desk", RecipientType.FIRST_PARTY, entitlements=frozenset({RIGHTS_DESK})),
        _third(
            "affiliate",
            RecipientType.AFFILIATE,
            D1,
            **_only(Purpose.PRODUCT_DEVELOPMENT, Purpose.MARKETING, Purpose.RESEARCH_ACADEMIC),
        ),
        _third("capital", RecipientType.CAPITAL_ALLIANCE_PARTNER, D1, **_only(Purpose.PLANNING)),
        _third(
            "partner",
            RecipientType.BUSINESS_ALLIANCE_PARTNER,
            D1,
            **_only(Purpose.PRODUCT_SERVICE_GUIDANCE, Purpose.CAMPAIGN_EVENT_PRIZE),
        ),
        _third(
            "university",
            RecipientType.JOINT_RESEARCH_PARTNER,
            D1,
            **_only(Purpose.RESEARCH_ACADEMIC, Purpose.TRIAL_CLINICAL_RECRUITMENT, Purpose.INQUIRY_RESPONSE),
        ),
        _third(
            "contractor", RecipientType.OPERATIONS_CONTRACTOR, D1, D2, D6, D4, **_only(Purpose.SERVICE_ADMINISTRATION)
        ),
        _third(
            "linkage",
            RecipientType.DATA_LINKAGE_PARTNER,
            D1,
            D6,
            linked_service="GOOGLE_FIT",
            **_only(Purpose.SERVICE_PROVISION),
        ),
        _third("stranger", RecipientType.OTHER_THIRD_PARTY, D1, **_only(Purpose.RESEARCH_ACADEMIC)),
        _third("authority", RecipientType.PUBLIC_AUTHORITY, D3, D4, **_only(Purpose.RESEARCH_ACADEMIC)),
        _third("other-authority", RecipientType.PUBLIC_AUTHORITY, D3, D6, purposes=frozenset()),
        _third("sign-in", RecipientType.EXTERNAL_AUTH_SERVICE, D6, D2, purposes=frozenset()),
        a_client("statistics", RecipientType.STATISTICS_RECIPIENT, **_only(Purpose.RESEARCH_ACADEMIC)),
        a_client("expired", RecipientType.FIRST_PARTY, **_only(Purpose.RESEARCH_ACADEMIC), valid_until=NOW),
        a_client("revoked", RecipientType.FIRST_PARTY, **_only(Purpose.RESEARCH_ACADEMIC), revoked_at=NOW),
        a_client("too-early", RecipientType.FIRST_PARTY, valid_from=NOW + timedelta(microseconds=1)),
        a_client("abroad", RecipientType.FIRST_PARTY, country="US"),
        a_client("unnamed", RecipientType.FIRST_PARTY, name=" "),
    )
}


class Minted:
    """Ids, nonces and instants that are the same in every run."""

    def __init__(self) -> None:
        self._count = 0

    def row_id(self) -> UUID:
        self._count += 1
        return uuid5(NAMESPACE, f"row {self._count}")


async def village(database: Database) -> World:
    """Everybody settles. The clock stands at `NOW`."""
    await Clock.of(database, NOW)
    world = await World.founded(
        database, clients=VILLAGE_CLIENTS, minting=Minting(Minted().row_id, lambda: b"n" * 32, lambda _: NOW)
    )
    async with database.operator.begin() as connection:
        for key in ACTIVITIES:
            await ensure_activity(connection, Activity(key, Label(key, key), sensitive=False))
        provider = await ensure_source(connection, SourceKind.THIRD_PARTY, PROVIDER)
    # Sources are bits of masks: they come before the people.
    await _aiko(world, provider.source_id)
    await _those_who_narrow(world)
    await _those_who_are_absent(world)
    await _those_whose_data_came_from_elsewhere(world, provider.source_id)
    await _cases(world)
    return world


def says(name: str, kind: str, **facts: Any) -> ConsentEvent:
    """An event with an id that tells what it is."""
    about = facts.get("key") or facts.get("target") or ""
    return an_event(kind, id=f"{name}: {kind} {about}".strip(), **facts)


async def settles(world: World, name: str, *events: ConsentEvent, accepts: bool = True, **told: Any) -> None:
    """Somebody moves in, accepting the policy first unless told otherwise."""
    before = (says(name, "ACCEPTANCE", version="2022-09"),) if accepts else ()
    await world.person(name, *before, *events, accepts=False, **told)


def moments(count: int, day: int = 1) -> Sequence[datetime]:
    """One moment a day, in March 2026."""
    return [datetime(2026, 3, day + each, 6, 30, tzinfo=UTC) for each in range(count)]


async def _aiko(world: World, provider: int) -> None:
    links = [says("aiko", "LINK", key="GOOGLE_FIT"), says("aiko", "LINK", key="APPLE_HEALTH")]
    taking_part = [says("aiko", "PARTICIPATION", key=key) for key in ACTIVITIES]
    separately = [says("aiko", "THIRD_PARTY_CONSENT", key=PROVIDER)]
    await settles(world, "aiko", *links, *taking_part, *separately, birth_date=date(1985, 5, 1))
    await everything_about(world, "aiko")
    pulse = {"kind": "PULSE", "unit": "/min", "taken_at": moments(1, 20)[0]}
    await world.rows("measurement", "aiko", pulse | {"value": 99.0}, source=provider)
    await world.rows("measurement", "aiko", pulse | {"value": 98.0}, source=UNCLASSIFIED)


async def everything_about(world: World, name: str) -> None:
    """Something in every table, all of it from the person except measurements and linked data."""
    stored: dict[str, list[dict[str, Any]]] = {
        "subject_account": [
            {
                "login_id": f"{name}-login",
                "email": f"{name}@example.jp",
                "token_issued_at": moments(1)[0],
                "token_expires_at": moments(1, 31)[0],
            }
        ],
        "subject_other_attribute": [{"name": "blood type", "value": "A"}],
        "subject_account_setting": [{"name": "theme", "value": "dark"}],
        "survey_answer": [
            {"activity_key": ACTIVITIES[0], "question": "smoking", "answer": "never", "answered_at": moments(1)[0]}
        ],
        "campaign_entry": [{"activity_key": ACTIVITIES[1], "entry": "10,000 steps", "entered_at": moments(1)[0]}],
        "event_entry": [{"activity_key": ACTIVITIES[2], "entry": "two seats", "entered_at": moments(1)[0]}],
        "monitor_trial": [
            {"activity_key": ACTIVITIES[3], "status": "ENROLLED", "note": "cuff M", "recorded_at": moments(1)[0]}
        ],
        "clinical_research_recruitment": [
            {"activity_key": ACTIVITIES[4], "status": "ASKED", "screening": "no", "recorded_at": moments(1)[0]}
        ],
        "access_record": [{"accessed_at": at, "page": "/home", "ip_address": "203.0.113.7"} for at in moments(2)],
        "page_reference": [
            {
                "referring_page": "https://example.jp/a",
                "exit_page": "/bye",
                "referrer": "https://example.jp",
                "referred_at": moments(1)[0],
            }
        ],
        "cookie_record": [{"name": "sid", "value": "c00k1e", "derived": "returning", "set_at": moments(1)[0]}],
        "app_operation": [{"operation": "TAP", "screen": "graph", "operated_at": moments(1)[0]}],
        "search_record": [{"query": "low salt", "searched_at": moments(1)[0]}],
    }
    for table, rows in stored.items():
        await world.rows(table, name, *rows)
    case_id = uuid5(NAMESPACE, f"case of {name}")
    await world.rows(
        "support_case",
        name,
        {
            "row_id": case_id,
            "case_number": f"C-{name}",
            "channel": "APP",
            "topic": "cuff",
            "status": "OPEN",
            "opened_at": moments(1)[0],
        },
    )
    await world.rows(
        "support_message",
        name,
        {"case_row_id": case_id, "sent_at": moments(1)[0], "author": "SUBJECT", "body": "it pinches"},
    )
    measured = [("PULSE", 61.5, "/min"), ("SYSTOLIC_BLOOD_PRESSURE", 121.0, "mm[Hg]"), ("PULSE", 63.0, "/min")]
    rows = [
        {"taken_at": at, "kind": kind, "value": value, "unit": unit, "device": "HEM-7600T"}
        for at, (kind, value, unit) in zip(moments(3), measured, strict=True)
    ]
    await world.rows("measurement", name, *rows, source=OMRON)
    for source, value in ((GOOGLE_FIT, 8123.0), (APPLE_HEALTH, 7001.0)):
        walked = {"kind": "STEPS", "value": value, "unit": "{steps}", "started_at": moments(1, source)[0]}
        await world.rows("linked_app_record", name, walked, source=source)


async def _those_who_narrow(world: World) -> None:
    research = {"scope": {"purposes": ["RESEARCH_ACADEMIC"]}}
    await settles(world, "ben", says("ben", "WITHDRAWAL", **research), birth_date=date(1990, 12, 31), sex="MALE")
    await settles(
        world,
        "chie",
        says("chie", "OBJECTION", scope={"categories": ["HEALTH_MEASUREMENT"]}),
        says("chie", "WITHDRAWAL", scope={"recipients": ["BUSINESS_ALLIANCE_PARTNER"]}),
        birth_date=date(1972, 2, 29),
    )
    await settles(world, "dan", says("dan", "RESTRICTION", target="THIRD_PARTY_PROVISION"), sex="MALE")
    taken = {"kind": "PULSE", "value": 70.0, "unit": "/min", "taken_at": moments(1)[0]}
    for name in ("ben", "chie", "dan"):
        await world.rows("measurement", name, taken, source=OMRON)
        await world.rows("subject_account", name, {"login_id": f"{name}-login", "email": f"{name}@example.jp"})
    nothing = dict.fromkeys(("sex", "height_cm", "weight_kg", "birth_date", "birth_precision"))
    await settles(world, "haru", says("haru", "ADULT_ATTESTATION"), **nothing)


async def _those_who_are_absent(world: World) -> None:
    await settles(world, "emi", birth_date=date(2008, 4, 2))
    await settles(world, "fumi", accepts=False)
    await settles(world, "goro", says("goro", "WITHDRAWAL", at=LONG_AGO + timedelta(days=1)))
    await settles(world, "iori", says("iori", "RESTRICTION", target="PROCESSING"))
    await settles(world, "jun")
    async with world.database.operator.begin() as connection:
        await connection.execute(
            text("UPDATE subject SET closed_at = :at WHERE subject_id = :id"),
            {"at": LONG_AGO, "id": world.people["jun"]},
        )
        await rewrite_timelines(connection, [world.people["jun"]], world.policies)
    for name in ("emi", "fumi", "goro", "iori", "jun"):
        await world.rows("subject_account", name, {"login_id": f"{name}-login", "email": f"{name}@example.jp"})


async def _those_whose_data_came_from_elsewhere(world: World, provider: int) -> None:
    await settles(
        world,
        "kei",
        says("kei", "LINK", key="GOOGLE_FIT"),
        says("kei", "UNLINK", key="GOOGLE_FIT", at=LONG_AGO + timedelta(days=1)),
        says("kei", "LINK", key="APPLE_HEALTH"),
        sex="OTHER",
        height_cm=171.5,
        height_source=provider,
        weight_source=APPLE_HEALTH,
    )
    await everything_about(world, "kei")
    await settles(
        world,
        "mei",
        says("mei", "THIRD_PARTY_CONSENT", key=PROVIDER),
        says("mei", "PARTICIPATION", key=ACTIVITIES[4]),
        height_cm=155.0,
        height_source=provider,
        birth_date=date(2000, 1, 1),
        birth_precision="YEAR",
    )


async def _cases(world: World) -> None:
    opened = LONG_AGO
    listed = frozenset({world.people["aiko"], world.people["goro"], world.people["jun"]})
    async with world.database.operator.begin() as connection:
        for case_id, items, expires in (
            ("order-1", {"email", "measurement"}, NOW + timedelta(days=1)),
            ("order-expired", {"email"}, NOW),
            ("order-unapproved", {"email"}, NOW + timedelta(days=1)),
        ):
            await register_case(
                connection, Case(case_id, "authority", D3, listed, frozenset(items), "op-1", opened, expires)
            )
            if case_id != "order-unapproved":
                await approve_case(connection, case_id, "op-2", opened)
