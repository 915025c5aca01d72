"""The policy's statements about people, versions and sources, as far as a question can show them."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from databases import Database
from graph.asking import RESEARCH, found, page, refusal_of
from graph.clock import Clock
from graph.village import D3, D4, VILLAGE_CLIENTS
from graph.world import LONG_AGO, World, an_event
from sekisho.consent.state import SubjectState
from sekisho.declaration import Admission
from sekisho.policy.document import Label, Policies
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.cases import Case, approve_case, close_case, register_case
from sekisho.store.profiles import intern
from sekisho.store.recipients import add_recipient
from sekisho.store.sources import ensure_source
from sekisho.store.versions import revoke_version
from sekisho.vocabulary import EventKind, Purpose, ReportMode, SourceKind

US = timedelta(microseconds=1)
TOKYO_MIDNIGHT = datetime(2026, 3, 31, 15, tzinfo=UTC)
SEX = "{ subjects { edges { node { attributes { sex } } } } }"


@pytest.mark.parametrize(
    ("born", "precision", "adult_from"),
    [
        (date(2008, 4, 1), "DAY", TOKYO_MIDNIGHT),
        (date(2008, 3, 31), "DAY", TOKYO_MIDNIGHT - timedelta(days=1)),
        (date(2008, 2, 29), "DAY", datetime(2026, 2, 28, 15, tzinfo=UTC)),
        (date(2008, 3, 1), "MONTH", datetime(2026, 3, 30, 15, tzinfo=UTC)),
        (date(2008, 1, 1), "YEAR", datetime(2026, 12, 30, 15, tzinfo=UTC)),
    ],
)
async def test_s5_a_minor_is_there_from_the_midnight_of_tokyo_on_which_they_are_eighteen(
    database: Database, born: date, precision: str, adult_from: datetime
) -> None:
    clock = await Clock.of(database, adult_from - US)
    world = await World.founded(database, "analytics", "app")
    await world.person("emi", birth_date=born, birth_precision=precision)
    assert await found(world, "") == []
    assert (await world.ask("app", "{ me { attributes { sex } } }", as_person="emi")).data == {
        "me": {"attributes": {"sex": "FEMALE"}}
    }
    await clock.show(adult_from)
    assert await found(world, "") == ["emi"]


@pytest.mark.parametrize(
    ("at", "age"),
    [
        (TOKYO_MIDNIGHT - US, "17"),
        (TOKYO_MIDNIGHT, "18"),
        (TOKYO_MIDNIGHT.replace(year=2027) - US, "18"),
        (TOKYO_MIDNIGHT.replace(year=2027), "19"),
    ],
)
async def test_c13_age_is_counted_at_the_day_boundary_of_tokyo(database: Database, at: datetime, age: str) -> None:
    await Clock.of(database, at)
    world = await World.founded(database, "app")
    await world.person("emi", birth_date=date(2008, 4, 1))
    answer = await world.ask("app", "{ me { attributes { age } } }", as_person="emi")
    assert answer.data == {"me": {"attributes": {"age": age}}}


@pytest.mark.parametrize(
    ("precision", "at", "shown", "age"),
    [
        ("DAY", datetime(2026, 6, 15, tzinfo=UTC), "1990-06-15", "36"),
        ("MONTH", datetime(2026, 6, 15, tzinfo=UTC), "1990-06", "35-36"),
        ("MONTH", datetime(2026, 7, 1, tzinfo=UTC), "1990-06", "36"),
        ("YEAR", datetime(2026, 6, 15, tzinfo=UTC), "1990", "35-36"),
    ],
)
async def test_age_and_birth_date_are_as_exact_as_they_are_known(
    database: Database, precision: str, at: datetime, shown: str, age: str
) -> None:
    await Clock.of(database, at)
    world = await World.founded(database, "app")
    await world.person("emi", birth_date=date(1990, 6, 15), birth_precision=precision)
    answer = await world.ask("app", "{ me { attributes { birthDate age } } }", as_person="emi")
    assert answer.data == {"me": {"attributes": {"birthDate": shown, "age": age}}}


async def test_c13_a_band_does_not_tick_on_the_birthday(database: Database) -> None:
    clock = await Clock.of(database, datetime(2026, 1, 1, 15, tzinfo=UTC))
    world = await World.founded(database, "analytics")
    await world.person("emi", birth_date=date(1986, 4, 1))
    for at in (TOKYO_MIDNIGHT - US, TOKYO_MIDNIGHT, datetime(2026, 12, 31, 14, 59, tzinfo=UTC)):
        await clock.show(at)
        assert await ages(world) == ["40-44"]
    await clock.show(datetime(2025, 12, 31, 14, 59, 59, 999999, tzinfo=UTC))
    assert await ages(world) == ["35-39"]


async def ages(world: World) -> list[Any]:
    asked = "{ subjects { edges { node { attributes { age } } } } }"
    answer = await world.ask("analytics", asked, purpose="RESEARCH_ACADEMIC")
    assert answer.data is not None
    return [edge["node"]["attributes"]["age"] for edge in answer.data["subjects"]["edges"]]


async def test_c13_age_is_withheld_wherever_the_birth_date_is_withheld_for_its_source(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko", birth_date_source=3)
    asked = "{ subjects { edges { node { attributes { age birthDate sex } } } } }"
    answer = await world.ask("analytics", asked, purpose="RESEARCH_ACADEMIC")
    assert answer.data == {
        "subjects": {"edges": [{"node": {"attributes": {"age": None, "birthDate": None, "sex": "FEMALE"}}}]}
    }


async def test_s3_without_an_acceptance_nothing_is_read_for_any_purpose(settled: World) -> None:
    for purpose in ("SERVICE_PROVISION", "RESEARCH_ACADEMIC", "INQUIRY_RESPONSE", "SALES"):
        lens = Lens.parse(f"FIRST_PARTY|{purpose}||")
        assert "fumi" not in await found(settled, "", lens)


async def test_s7_what_was_not_given_blocks_nothing_else_and_is_told_apart_from_withheld_by_the_report_alone(
    settled: World,
) -> None:
    asked = "query ($id: ID!) { subject(id: $id) { attributes { heightCm sex } } }"
    answers = {}
    for name in ("haru", "kei"):
        variables = {"id": settled.pseudonym(name, "analytics", RESEARCH)}
        answers[name] = await settled.ask("analytics", asked, purpose="RESEARCH_ACADEMIC", variables=variables)
    assert answers["haru"].data == {"subject": {"attributes": {"heightCm": None, "sex": None}}}
    assert answers["kei"].data == {"subject": {"attributes": {"heightCm": None, "sex": "OTHER"}}}
    assert "withheld" not in answers["haru"].extensions
    assert [each["coordinate"] for each in answers["kei"].extensions["withheld"]] == ["Attributes.heightCm"]


async def test_v2_an_acceptance_of_an_older_text_is_none_of_this_version(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko", an_event("ACCEPTANCE", version="2021-04"), accepts=False)
    assert await found(world, "") == []
    await world.says("aiko", an_event("ACCEPTANCE", version="2022-09", at=datetime.now(UTC)))
    assert await found(world, "") == ["aiko"]


async def test_v3_a_purpose_added_by_a_later_version_needs_a_new_acceptance(database: Database) -> None:
    now = shipped_policy()
    old = now.variant(
        "2022-09", now.effective_from, None, frozenset(), frozenset({Purpose.SURVEY_REQUEST}), frozenset()
    )
    new = now.variant("2024-01", datetime(2024, 1, 1, tzinfo=UTC), None, frozenset(), frozenset(), frozenset())
    world = await World.founded(database, "analytics", policies=Policies((old, new)))
    await world.person("aiko")
    survey = Lens.parse("FIRST_PARTY|SURVEY_REQUEST||")
    assert await found(world, "") == ["aiko"]
    assert await found(world, "", survey) == []
    await world.says("aiko", an_event("ACCEPTANCE", version="2024-01", at=datetime.now(UTC)))
    assert await found(world, "", survey) == ["aiko"]


async def test_v4_a_purpose_that_the_current_version_dropped_is_refused_though_it_was_accepted(
    database: Database,
) -> None:
    old = shipped_policy()
    new = old.variant(
        "2024-01", datetime(2024, 1, 1, tzinfo=UTC), None, frozenset(), frozenset({Purpose.SURVEY_REQUEST}), frozenset()
    )
    world = await World.founded(database, "analytics", policies=Policies((old, new)))
    await world.person("aiko")
    assert await found(world, "") == ["aiko"]
    assert refusal_of(await page(world, "", Lens.parse("FIRST_PARTY|SURVEY_REQUEST||"))) == "NOTHING_PERMITTED"


async def test_a_revoked_version_denies_everything_at_once_and_everywhere(database: Database) -> None:
    world = await World.founded(database, "analytics", "app")
    await world.person("aiko")
    assert await found(world, "") == ["aiko"]
    async with database.operator.begin() as connection:
        await revoke_version(connection, "2022-09")
    assert refusal_of(await page(world, "")) == "POLICY_NOT_ACTIVE"
    assert refusal_of(await world.ask("app", "{ me { id } }", as_person="aiko")) == "POLICY_NOT_ACTIVE"
    assert refusal_of(await world.ask("analytics", "{ policy { version } }")) == "POLICY_NOT_ACTIVE"


async def test_d9_a_stop_of_third_party_provision_reaches_every_third_party_and_nobody_else(settled: World) -> None:
    there = {}
    for client, key in (
        ("analytics", "FIRST_PARTY|RESEARCH_ACADEMIC||"),
        ("affiliate", "AFFILIATE|PRODUCT_DEVELOPMENT|PROCESSING_FOR_USE_PURPOSE|"),
        ("capital", "CAPITAL_ALLIANCE_PARTNER|PLANNING|PROCESSING_FOR_USE_PURPOSE|"),
        ("partner", "BUSINESS_ALLIANCE_PARTNER|PRODUCT_SERVICE_GUIDANCE|PROCESSING_FOR_USE_PURPOSE|"),
        ("university", "JOINT_RESEARCH_PARTNER|RESEARCH_ACADEMIC|PROCESSING_FOR_USE_PURPOSE|"),
        ("contractor", "OPERATIONS_CONTRACTOR||CONTRACT_POLICY_ENFORCEMENT|"),
        ("linkage", "DATA_LINKAGE_PARTNER||EXTERNAL_LINKAGE_AUTHENTICATION|"),
        ("sign-in", "EXTERNAL_AUTH_SERVICE||EXTERNAL_LINKAGE_AUTHENTICATION|"),
    ):
        there[client] = "dan" in await found(settled, "", Lens.parse(key), client)
    assert there == dict.fromkeys(there, False) | {"analytics": True}


@pytest.mark.parametrize("scope", [None, {"purposes": ["RESEARCH_ACADEMIC"]}, {"purposes": ["PAPER_PUBLICATION"]}])
async def test_a_deny_reaches_its_purpose_and_its_children_not_its_parent(
    database: Database, scope: dict[str, Any] | None
) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko", an_event("WITHDRAWAL", **({"scope": scope} if scope else {})))
    parent, child = (Lens.parse(f"FIRST_PARTY|{each}||") for each in ("RESEARCH_ACADEMIC", "PAPER_PUBLICATION"))
    assert bool(await found(world, "", child)) is False
    assert bool(await found(world, "", parent)) is (scope == {"purposes": ["PAPER_PUBLICATION"]})


async def test_what_incidental_serves_counts_as_declared_for_a_deny(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko", an_event("OBJECTION", scope={"purposes": ["MARKETING"]}))
    for serves, expected in (("MARKETING", 0), ("PLANNING", 1)):
        declared = f"query @purpose(is: INCIDENTAL, serves: {serves})"
        answer = await world.ask("analytics", f"{declared} {SEX}")
        assert answer.data is not None
        assert len(answer.data["subjects"]["edges"]) == expected


async def test_a_grant_ends_to_the_microsecond_and_its_end_is_outside(database: Database) -> None:
    end = datetime(2026, 1, 1, tzinfo=UTC)
    clock = await Clock.of(database, end - US)
    world = await World.founded(database, "analytics")
    await world.person("aiko", an_event("LINK", key="GOOGLE_FIT", until=end))
    walked = {"kind": "STEPS", "value": 1.0, "unit": "{steps}", "started_at": LONG_AGO}
    await world.rows("linked_app_record", "aiko", walked, source=3)
    asked = "{ subjects { edges { node { linkedAppRecords { value } } } } }"
    for at, rows in ((end - US, 1), (end, 0), (end + US, 0)):
        await clock.show(at)
        answer = await world.ask("analytics", asked, purpose="RESEARCH_ACADEMIC")
        assert answer.data is not None
        assert len(answer.data["subjects"]["edges"][0]["node"]["linkedAppRecords"]) == rows


async def test_two_records_under_one_id_deny_everything(database: Database) -> None:
    world = await World.founded(database, "analytics", "app")
    await world.person("aiko")
    async with database.operator.begin() as connection:
        state = SubjectState.from_canonical(
            (
                await connection.execute(
                    text(
                        "SELECT state FROM consent_profile p JOIN subject_state s USING (profile_id)"
                        " WHERE valid_from < now() AND valid_until > now()"
                    )
                )
            ).scalar_one()
        )
        broken = replace(state, error=True)
        ids = await intern(connection, [broken], world.policies)
        await connection.execute(text("UPDATE subject_state SET profile_id = :id"), {"id": ids[broken.canonical()]})
    assert await found(world, "") == []
    assert (await world.ask("app", "{ me { id } }", as_person="aiko")).data == {"me": None}


async def with_case(world: World, disclosure: Any, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "case_id": "order",
        "client_id": "authority",
        "disclosure": disclosure,
        "subjects": frozenset({world.people["aiko"]}),
        "items": frozenset({"email", "surveyAnswer"}),
        "opened_by": "one",
        "opened_at": LONG_AGO,
        "expires_at": datetime(2099, 1, 1, tzinfo=UTC),
    }
    async with world.database.operator.begin() as connection:
        await register_case(connection, Case(**facts | changes))
        await approve_case(connection, "order", "two", LONG_AGO)


EMAIL = "{ subjects { edges { node { account { email } attributes { sex } } } } }"


@pytest.mark.parametrize("enabled", [False, True])
async def test_d4_needs_the_setting_and_then_a_case_of_its_own(database: Database, enabled: bool) -> None:
    admission = Admission(enabled=frozenset({D4}) if enabled else frozenset())
    world = await World.founded(database, "authority", clients=VILLAGE_CLIENTS, admission=admission)
    await world.person("aiko", an_event("WITHDRAWAL"))
    await world.rows("subject_account", "aiko", {"login_id": "aiko", "email": "aiko@example.jp"})
    await with_case(world, D4)
    answer = await world.ask("authority", EMAIL, disclosure="LEGAL_CLAIMS", reference=("order",))
    if not enabled:
        assert refusal_of(answer) == "DISCLOSURE_PURPOSE_NOT_ENABLED"
        return
    assert answer.data == {
        "subjects": {"edges": [{"node": {"account": {"email": "aiko@example.jp"}, "attributes": {"sex": None}}}]}
    }
    (row,) = await world.log()
    assert (row.legal_basis, row.reference) == ("LEGAL_OVERRIDE", "order")
    wrong = await world.ask("authority", EMAIL, disclosure="LEGAL_COMPLIANCE", reference=("order",))
    assert refusal_of(wrong) == "REFERENCE_NOT_OPEN"


async def test_a_closed_case_opens_nothing_from_then_on(database: Database) -> None:
    world = await World.founded(database, "authority", clients=VILLAGE_CLIENTS)
    await world.person("aiko")
    await with_case(world, D3)
    asked: dict[str, Any] = {"disclosure": "LEGAL_COMPLIANCE", "reference": ("order",)}
    assert (await world.ask("authority", EMAIL, **asked)).data
    async with database.operator.begin() as connection:
        await close_case(connection, "order", datetime.now(UTC))
    await asyncio.sleep(0.01)
    assert refusal_of(await world.ask("authority", EMAIL, **asked)) == "REFERENCE_NOT_OPEN"


async def test_a_case_does_not_reach_what_a_third_party_gave(database: Database) -> None:
    world = await World.founded(database, "authority", clients=VILLAGE_CLIENTS)
    async with database.operator.begin() as connection:
        source = await ensure_source(connection, SourceKind.THIRD_PARTY, "society")
    await world.person("aiko", an_event("THIRD_PARTY_CONSENT", key="society"))
    await world.rows("subject_account", "aiko", {"email": "aiko@example.jp"}, source=source.source_id)
    await with_case(world, D3)
    answer = await world.ask("authority", EMAIL, disclosure="LEGAL_COMPLIANCE", reference=("order",))
    assert answer.data is not None
    assert answer.data["subjects"]["edges"][0]["node"]["account"]["email"] is None
    assert {each["code"] for each in answer.extensions["withheld"] if each["coordinate"] == "Account.email"} == {
        "SUBJECT"
    }


@pytest.mark.parametrize("word", ["\x00", "a\nb", "\x1b[31m", "</script>", "𝕏" * 50, "x" * 10_000])
async def test_a_strange_reference_study_or_name_is_refused_and_makes_one_well_formed_row(
    settled: World, word: str
) -> None:
    for number, (client, asked) in enumerate(
        (
            ("authority", {"disclosure": "LEGAL_COMPLIANCE", "reference": (word,)}),
            ("analytics", {"purpose": word}),
            ("university", {"purpose": "RESEARCH_ACADEMIC", "disclosure": word}),
            ("analytics", {"purpose": "RESEARCH_ACADEMIC", "recipient": (word,)}),
        )
    ):
        request_id = f"{number} {word}"
        before = await settled.log()
        answer = await settled.ask(client, SEX, request_id=request_id, **asked)  # type: ignore[arg-type]
        assert answer.refusal is not None
        (row,) = [row for row in await settled.log() if row not in before]
        assert len(row.request_id) <= 128
        assert row.request_id.isprintable()


async def test_a_strange_study_is_refused(settled: World) -> None:
    for word in ("\\u0000", "\\n", "'", ""):
        declared = f'query @purpose(is: CLINICAL_RESEARCH_EXECUTION, study: "{word}")'
        answer = await settled.ask("analytics", f"{declared} {SEX}")
        assert refusal_of(answer) in ("STUDY_INVALID", "STUDY_REQUIRED")


async def test_g2_each_withheld_attempt_is_recorded_also_in_silence_and_in_rejection(settled: World) -> None:
    for mode in ReportMode:
        request_id = f"g2 {mode}"
        asked = "{ subjects { edges { node { account { email } } } } }"
        await settled.ask("analytics", asked, purpose="RESEARCH_ACADEMIC", report=mode, request_id=request_id)
        (row,) = await settled.log(request_id)
        assert set(row.outcomes) == {"w"}
        assert row.coordinates == ("Account.email",)


async def test_g4_an_absent_value_is_recorded_as_asked_not_as_disclosed(settled: World) -> None:
    asked = "query ($id: ID!) { subject(id: $id) { attributes { sex } } }"
    variables = {"id": settled.pseudonym("haru", "analytics", RESEARCH)}
    await settled.ask("analytics", asked, purpose="RESEARCH_ACADEMIC", variables=variables, request_id="g4")
    (row,) = await settled.log("g4")
    assert row.outcomes == ("e",)


async def test_c10_what_is_unclassified_is_released_to_nobody(database: Database) -> None:
    world = await World.founded(database, "analytics", "app")
    await world.person("aiko", sex_source=0)
    taken = {"kind": "PULSE", "value": 61.0, "unit": "/min", "taken_at": LONG_AGO}
    await world.rows("measurement", "aiko", taken, source=0)
    selection = "attributes { sex heightCm } measurements { value }"
    own = await world.ask("app", f"{{ me {{ {selection} }} }}", as_person="aiko")
    assert own.data == {"me": {"attributes": {"sex": None, "heightCm": 160.5}, "measurements": []}}
    assert [each["reason"] for each in own.extensions["withheld"]] == ["UNCLASSIFIED"]
    others = await world.ask(
        "analytics", f"{{ subjects {{ edges {{ node {{ {selection} }} }} }} }}", purpose="RESEARCH_ACADEMIC"
    )
    assert others.data is not None
    assert others.data["subjects"]["edges"][0]["node"] == own.data["me"]
    assert "reason" not in others.extensions["withheld"][0]


async def test_c4_relinking_makes_earlier_rows_readable_again(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko", an_event("LINK", key="GOOGLE_FIT"))
    walked = {"kind": "STEPS", "value": 1.0, "unit": "{steps}", "started_at": LONG_AGO}
    await world.rows("linked_app_record", "aiko", walked, source=3)
    asked = "{ subjects { edges { node { linkedAppRecords { value } } } } }"
    for kind, rows in ((None, 1), (EventKind.UNLINK, 0), (EventKind.LINK, 1)):
        if kind is not None:
            await world.says("aiko", an_event(kind, key="GOOGLE_FIT", at=datetime.now(UTC)))
        answer = await world.ask("analytics", asked, purpose="RESEARCH_ACADEMIC")
        assert answer.data is not None
        assert len(answer.data["subjects"]["edges"][0]["node"]["linkedAppRecords"]) == rows
        assert "withheld" not in answer.extensions


async def test_a_client_revoked_meanwhile_is_refused_with_its_next_statement(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    assert await found(world, "") == ["aiko"]
    async with database.operator.begin() as connection:
        await add_recipient(connection, replace(world.clients["analytics"], revoked_at=LONG_AGO))
    assert refusal_of(await page(world, "")) == "CLIENT_NOT_VALID"


async def test_rows_that_may_not_be_seen_use_up_no_place_in_a_window(database: Database) -> None:
    world = await World.founded(database, "analytics")
    async with database.operator.begin() as connection:
        for key in ("SURVEY:seen", "SURVEY:unseen"):
            await ensure_activity(connection, Activity(key, Label(key, key), sensitive=False))
    await world.person("aiko", an_event("PARTICIPATION", key="SURVEY:seen"))
    for key, at in (("SURVEY:seen", LONG_AGO), ("SURVEY:unseen", LONG_AGO + timedelta(days=1))):
        answer = {"activity_key": key, "question": "smoking", "answer": key, "answered_at": at}
        await world.rows("survey_answer", "aiko", answer)
    asked = "{ subjects { edges { node { surveyAnswers(last: 1) { answer } } } } }"
    answered = await world.ask("analytics", asked, purpose="RESEARCH_ACADEMIC")
    assert answered.data is not None
    assert answered.data["subjects"]["edges"][0]["node"]["surveyAnswers"] == [{"answer": "SURVEY:seen"}]
