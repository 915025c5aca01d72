"""A small world of people and callers on a real database, asked through the real engine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from databases import Database
from sekisho.consent.records import ConsentEvent, Scope
from sekisho.declaration import Admission, Recipient, lenses_of
from sekisho.disclosure.record import LogRow
from sekisho.graph.compiled.engine import CompiledEngine
from sekisho.graph.engine import ResolverEngine
from sekisho.graph.exchange import Caller, DeclaredHeaders, Engine, GraphAnswer, GraphRequest, Rendered
from sekisho.graph.limits import Limits
from sekisho.graph.recording import Minting
from sekisho.graph.schema import build
from sekisho.graph.sealing import Pseudonyms, SealingKeys
from sekisho.policy.document import Policies
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.store import ledger
from sekisho.store.consents import Recorded, record, record_history
from sekisho.store.profiles import register_lenses
from sekisho.store.recipients import add_recipient
from sekisho.store.subjects import register, write_rows
from sekisho.store.tables import people
from sekisho.store.versions import register_versions
from sekisho.vocabulary import (
    DisclosurePurpose,
    EventKind,
    Purpose,
    RecipientType,
    ReportMode,
    RestrictionTarget,
    ServiceContext,
)

LONG_AGO = datetime(2023, 4, 1, tzinfo=UTC)
NAMESPACE = UUID("5eb1a6f0-3f5a-4d52-9f43-0d9f0a4a6d55")
KEYS = SealingKeys(b"p" * 32, b"c" * 32)
POLICIES = Policies((shipped_policy(),))
SCHEMA = build(POLICIES)
ORIGIN = {"service_context": "KARADO_APP", "provenance": "test", "acquired_at": LONG_AGO}
U1_TO_U8 = frozenset(purpose for purpose in Purpose if purpose.parent is None)
D1 = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE


def a_client(client_id: str, recipient_type: RecipientType, **changes: Any) -> Recipient:
    facts: dict[str, Any] = {
        "client_id": client_id,
        "version": 0,
        "recipient_id": f"organisation of {client_id}",
        "name": "からだ株式会社",
        "name_en": "Karada K.K.",
        "address": "京都市",
        "representative": "山田 花子",
        "country": "JP",
        "recipient_type": recipient_type,
        "purposes": U1_TO_U8,
        "disclosure_purposes": frozenset(DisclosurePurpose) if recipient_type.declares_disclosure else frozenset(),
        "linked_service": None,
        "entitlements": frozenset(),
        "contract_reference": "C-1",
        "entrustment": False,
        "statutory_basis": "ART29_CONSENT",
        "valid_from": LONG_AGO,
    }
    return Recipient(**facts | changes)


CLIENTS = {
    "analytics": a_client("analytics", RecipientType.FIRST_PARTY),
    "university": a_client("university", RecipientType.JOINT_RESEARCH_PARTNER),
    "partner": a_client("partner", RecipientType.BUSINESS_ALLIANCE_PARTNER),
    "contractor": a_client("contractor", RecipientType.OPERATIONS_CONTRACTOR),
    "linkage": a_client("linkage", RecipientType.DATA_LINKAGE_PARTNER, linked_service="GOOGLE_FIT"),
    "authority": a_client("authority", RecipientType.PUBLIC_AUTHORITY),
    "statistics": a_client("statistics", RecipientType.STATISTICS_RECIPIENT),
    "app": a_client("app", RecipientType.SELF, purposes=frozenset()),
}


@dataclass
class World:
    """Who lives here, and how to ask about them."""

    database: Database
    policies: Policies = POLICIES
    limits: Limits = field(default_factory=Limits)
    admission: Admission = field(default_factory=Admission)
    people: dict[str, UUID] = field(default_factory=dict)
    clients: Mapping[str, Recipient] = field(default_factory=lambda: CLIENTS)
    minting: Minting = field(default_factory=Minting)

    def __post_init__(self) -> None:
        self.engine: Engine = self.compiled()

    def another_engine(self, connections: AsyncEngine | None = None) -> ResolverEngine:
        """One more gateway on the same database."""
        return ResolverEngine(
            connections or self.database.gateway,
            SCHEMA,
            self.policies,
            KEYS,
            self.limits,
            self.admission,
            self.minting,
        )

    def compiled(self, resolver: ResolverEngine | None = None) -> CompiledEngine:
        """A gateway that answers with one statement, and by `resolver` what it does not."""
        return CompiledEngine(resolver or self.another_engine(), self.database.driver())

    @classmethod
    async def founded(cls, database: Database, *clients: str, **settings: Any) -> "World":
        world = cls(database, **settings)
        async with database.operator.begin() as connection:
            await register_versions(connection, world.policies)
            chosen = [world.clients[name] for name in clients or world.clients]
            for each in chosen:
                await add_recipient(connection, each)
            lenses = {lens for each in chosen for lens in lenses_of(each)}
            await register_lenses(connection, lenses, world.policies)
        return world

    async def person(self, name: str, *events: ConsentEvent, accepts: bool = True, **told: Any) -> UUID:
        """Registers somebody, an adult who accepted unless told otherwise, with attributes."""
        subject_id = self.people[name] = uuid5(NAMESPACE, name)
        attributes = {
            "birth_date": date(1985, 5, 1),
            "birth_precision": "DAY",
            "sex": "FEMALE",
            "height_cm": 160.5,
            "weight_kg": 52.0,
        }
        before = (an_event("ACCEPTANCE", version="2022-09"),) if accepts else ()
        async with self.database.operator.begin() as connection:
            await register(connection, [subject_id], ServiceContext.KARADO_APP, self.policies)
            row = {"subject_id": subject_id, **attributes, **told, **ORIGIN}
            await write_rows(connection, people.subject_attribute, [row], self.policies)
            history = [Recorded(event) for event in (*before, *events)]
            await record_history(connection, {subject_id: history}, self.policies)
        return subject_id

    async def rows(self, table: str, name: str, *rows: dict[str, Any], source: int = 1) -> None:
        """Stores rows about somebody."""
        about = {"subject_id": self.people[name], "source_id": source, **ORIGIN}
        keyed = [
            {**about, **({"row_id": uuid4()} if "row_id" in people.__dict__[table].c else {}), **row} for row in rows
        ]
        async with self.database.operator.begin() as connection:
            await write_rows(connection, people.__dict__[table], keyed, self.policies)

    async def says(self, name: str, *events: ConsentEvent) -> None:
        """Somebody puts something on record now."""
        async with self.database.operator.begin() as connection:
            await record(connection, self.people[name], [Recorded(event) for event in events], self.policies)

    async def ask(
        self,
        client: str,
        query: str,
        *,
        purpose: str | None = None,
        disclosure: str | None = None,
        variables: dict[str, Any] | None = None,
        report: ReportMode = ReportMode.EXTENSIONS,
        engine: Engine | None = None,
        as_person: str | None = None,
        operation_name: str | None = None,
        request_id: str = "request-1",
        **headers: tuple[str, ...],
    ) -> GraphAnswer:
        """Asks the engine as a client."""
        answer = await (engine or self.engine).answer(
            GraphRequest(
                query,
                Caller(client, self.people[as_person] if as_person else None, "token-1"),
                operation_name,
                variables,
                DeclaredHeaders((purpose,) if purpose else (), (disclosure,) if disclosure else (), **headers),
                report,
                request_id,
            )
        )
        data, extensions = parsed(answer.data), parsed(answer.extensions)
        return replace(answer, data=data, extensions=extensions)

    async def statements(self, client: str, query: str, *, refusal: str | None = None, **asked: Any) -> list[str]:
        """What an ask in resolver mode says to the database, when it is answered or refused as expected."""
        said: list[str] = []
        resolvers = self.another_engine()
        await self.ask(client, query, engine=resolvers, **asked)  # whoever asks first learns the profiles

        def listen(_: Any, __: Any, statement: str, *___: Any) -> None:
            said.append(statement)

        engine = self.database.gateway.sync_engine
        event.listen(engine, "before_cursor_execute", listen)
        try:
            answer = await self.ask(client, query, engine=resolvers, **asked)
        finally:
            event.remove(engine, "before_cursor_execute", listen)
        assert (answer.refusal and answer.refusal.value) == refusal, answer.errors
        return said

    def pseudonym(self, name: str, client: str, lens: Lens) -> str:
        """What somebody is called towards a client under a lens."""
        return Pseudonyms(KEYS.pseudonyms, self.clients[client].recipient_id, lens).conceal(self.people[name])

    async def log(self, request_id: str | None = None) -> Sequence[LogRow]:
        """Every log row, or every one of a request, oldest first."""
        async with self.database.operator.connect() as connection:
            return [row async for row in ledger.rows(connection, request_id=request_id)]

    async def handles(self) -> dict[UUID, str]:
        """Who is meant by each handle in the log."""
        names = {subject_id: name for name, subject_id in self.people.items()}
        async with self.database.operator.connect() as connection:
            found = await ledger.handles(connection, list(names))
        return {handle: names[subject_id] for subject_id, handle in found.items()}


def parsed(value: Any) -> Any:
    return json.loads(value.text) if isinstance(value, Rendered) else value


def an_event(kind: str, at: datetime = LONG_AGO, **facts: Any) -> ConsentEvent:
    if "scope" in facts:
        facts["scope"] = Scope.from_json(facts["scope"])
    if "target" in facts:
        facts["target"] = RestrictionTarget(facts["target"])
    identifier = facts.pop("id", None) or str(uuid4())
    return ConsentEvent(identifier, EventKind(kind), at, at, **facts)
