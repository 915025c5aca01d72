"""Whatever changes between two asks, both ways see it: nothing that one of them keeps outlives what it was learnt from.

The same questions are asked before and after each change, of the same engines.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from engines import copy_of_the_town, oracle, other_way
from operations import Question, questions
from shrinking import shrunk, told
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from town import IDS, NEIGHBOURS
from ways import Ways

from databases import Database
from graph.village import D3, NOW, VILLAGE_CLIENTS
from graph.world import LONG_AGO, POLICIES, an_event
from sekisho.consent.records import ConsentEvent
from sekisho.graph.exchange import DeclaredHeaders
from sekisho.policy.document import Label
from sekisho.store.activities import Activity, ensure_activity
from sekisho.store.cases import Case, approve_case, close_case, register_case
from sekisho.store.consents import Recorded, record_history, rewrite_timelines
from sekisho.store.embedded import Urls
from sekisho.store.profiles import write_masks
from sekisho.store.recipients import add_recipient
from sekisho.store.sources import ensure_source
from sekisho.vocabulary import Purpose, ReportMode, SourceKind

SEEDS = range(20_000, 20_006)
YESTERDAY = NOW - timedelta(days=1)
Change = Callable[[AsyncConnection], Awaitable[object]]


def says(name: str, kind: str, **facts: object) -> Change:
    """Somebody put something on record yesterday."""
    event: ConsentEvent = an_event(kind, YESTERDAY, id=f"{name} {kind} {sorted(facts)}", **facts)
    return lambda connection: record_history(connection, {IDS[name]: [Recorded(event)]}, POLICIES)


async def _closes(connection: AsyncConnection) -> None:
    await connection.execute(
        text("UPDATE subject SET closed_at = :at WHERE subject_id = :id"), {"at": YESTERDAY, "id": IDS["ono"]}
    )
    await rewrite_timelines(connection, [IDS["ono"]], POLICIES)


async def _opens_a_case(connection: AsyncConnection) -> None:
    everybody = frozenset(IDS.values())
    items = frozenset({"email", "measurement", "linkedAppData"})
    later = NOW + timedelta(days=400)
    await register_case(connection, Case("order-3", "authority", D3, everybody, items, "op-1", LONG_AGO, later))
    await approve_case(connection, "order-3", "op-2", LONG_AGO)


async def _gains_a_source(connection: AsyncConnection) -> None:
    await ensure_source(connection, SourceKind.THIRD_PARTY, "a new clinic")
    await write_masks(connection, POLICIES)


async def _learns_of_a_study(connection: AsyncConnection) -> None:
    await ensure_activity(connection, Activity("CLINICAL_RESEARCH:new", Label("new", "new"), sensitive=False))


def client(name: str, **changes: object) -> Change:
    return lambda connection: add_recipient(connection, replace(VILLAGE_CLIENTS[name], **changes))


def it_is(days: int) -> Change:
    return lambda connection: connection.execute(
        text("UPDATE clock.shown SET at = :at"), {"at": NOW + timedelta(days=days)}
    )


CHANGES: dict[str, Change] = {
    "a person withdraws from research": says("nao", "WITHDRAWAL", scope={"purposes": ["RESEARCH_ACADEMIC"]}),
    "a person of a case withdraws": says("aiko", "WITHDRAWAL"),
    "a person accepts again": says("aiko", "ACCEPTANCE", version="2022-09"),
    "an app is unlinked": says("rei", "UNLINK", key="GOOGLE_FIT"),
    "a person leaves a survey": says("rei", "PARTICIPATION_END", key="SURVEY:2026-spring"),
    "provision is stopped": says("rei", "RESTRICTION", target="THIRD_PARTY_PROVISION"),
    "an account is closed": _closes,
    "a case is opened": _opens_a_case,
    "a case is closed": lambda connection: close_case(connection, "order-2", YESTERDAY),
    "a source is new": _gains_a_source,
    "a study is new": _learns_of_a_study,
    "a client loses a purpose": client("analytics", purposes=frozenset({Purpose.RESEARCH_ACADEMIC})),
    "a client is revoked": client("partner", revoked_at=YESTERDAY),
    "a client moves abroad": client("linkage", country="US"),
    "an organisation is another one": client("university", recipient_id="another university"),
    "two years go by": it_is(730),
    "they were never": it_is(-1200),
}


@pytest.fixture
async def changing(founded_town: Urls) -> AsyncIterator[tuple[Ways, tuple[Database, Database]]]:
    """Both ways on copies of the town that may change."""
    async with copy_of_the_town(founded_town) as one, copy_of_the_town(founded_town) as other:
        yield Ways(oracle(one), other_way(other)), (one, other)


async def test_both_ways_see_whatever_changes(changing: tuple[Ways, tuple[Database, Database]]) -> None:
    ways, copies = changing
    asked = [*_about_everybody(), *(each for seed in SEEDS for each in questions(seed)[:3])]
    await _agree(ways, asked, "at first")
    for what, change in CHANGES.items():
        for each in copies:
            async with each.admin.begin() as connection:
                await change(connection)
        await _agree(ways, asked, what)


async def _agree(ways: Ways, asked: list[Question], what: str) -> None:
    differences, _, _ = await ways.ask_all(asked)
    assert not differences, f"{what}: {told(await shrunk(differences[0], ways.difference))}"


def _about_everybody() -> list[Question]:
    """Plain questions that everything above bears on."""
    page = "subjects(first: 4) { edges { cursor node { id attributes { sex heightCm } measurements { value }"
    page += (
        " surveyAnswers { answer } linkedAppRecords { service value } account { email } } } pageInfo { endCursor } }"
    )
    return [
        Question(f"{{ {page} }}", "analytics", headers=DeclaredHeaders(("RESEARCH_ACADEMIC",))),
        Question(f"{{ {page} }}", "analytics", headers=DeclaredHeaders(("SURVEY_REQUEST",))),
        Question(f"{{ {page} }}", "partner", headers=DeclaredHeaders(("PRODUCT_SERVICE_GUIDANCE",), (_D1,))),
        Question(f"{{ {page} }}", "linkage", headers=DeclaredHeaders(("SERVICE_PROVISION",), (_D1,))),
        Question(f"{{ {page} }}", "university", headers=DeclaredHeaders(("RESEARCH_ACADEMIC",), (_D1,))),
        *(
            Question(f"{{ {page} }}", "authority", headers=DeclaredHeaders((), ("LEGAL_COMPLIANCE",), (), (reference,)))
            for reference in ("order-1", "order-2", "order-3")
        ),
        *(Question(page.join(("{ ", " me { attributes { age heightCm } } }")), "app", name) for name in NEIGHBOURS),
        Question(
            f'query @purpose(is: CLINICAL_RESEARCH_EXECUTION, study: "new") {{ {page} }}',
            "analytics",
            report=ReportMode.ERRORS,
        ),
    ]


_D1 = "PROCESSING_FOR_USE_PURPOSE"
