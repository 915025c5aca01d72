"""The tour: questions that show each promise kept, asked over real HTTP, and judged.

Every stop says which promise it is about, what was asked and answered, and whether the promise held.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import strawberry
from sqlalchemy import text

from sekisho.consent.records import ConsentEvent
from sekisho.demo.asking import Question, Reply, ask, raw_rows, records_of
from sekisho.demo.person import Person
from sekisho.demo.stage import Stage
from sekisho.demo.standings import DemoStanding
from sekisho.disclosure.record import Record, canonical, commitment, leaf_input, record_nonce
from sekisho.gateway.service import load_keys, operator_connection
from sekisho.graph.governed import subject_type
from sekisho.graph.schema import UndeclaredField, build
from sekisho.graph.sealing import Pseudonyms
from sekisho.policy.lens import Lens
from sekisho.store.consents import Recorded
from sekisho.store.consents import record as put_on_record
from sekisho.store.database import create_engine
from sekisho.vocabulary import EventKind, Purpose, RecipientType

PAGE = 100
RESEARCH = Lens(RecipientType.FIRST_PARTY, Purpose.RESEARCH_ACADEMIC)
NOT_FOR_RESEARCH = frozenset(
    {
        DemoStanding.MINOR,
        DemoStanding.AGE_UNVERIFIED,
        DemoStanding.PROCESSING_RESTRICTED,
        DemoStanding.RESEARCH_WITHDRAWN,
        DemoStanding.WITHDRAWN,
        DemoStanding.REFUSED,
        DemoStanding.NEVER_ACCEPTED,
        DemoStanding.OLD_VERSION,
    }
)
"""Who does not exist for research: found by nobody, counted nowhere."""

PEOPLE = """query People($after: String) @purpose(is: RESEARCH_ACADEMIC) {
  subjects(first: 100, after: $after) {
    edges { node { id attributes { birthDate age sex heightCm weightKg } account { email } } }
    pageInfo { hasNextPage endCursor }
  }
}"""
ONE = """query One($id: ID!) @purpose(is: RESEARCH_ACADEMIC) {
  subject(id: $id) { id attributes { birthDate age sex weightKg } measurements(last: 2) { takenAt kind value unit } }
}"""
PARTNER = """query Cohort @purpose(is: RESEARCH_ACADEMIC, disclosure: PROCESSING_FOR_USE_PURPOSE) {
  subjects(first: 3) { edges { node { id attributes { age sex } measurements(last: 2) { kind value unit } } } }
}"""
GUIDANCE = """query Guidance @purpose(is: PRODUCT_SERVICE_GUIDANCE, disclosure: PROCESSING_FOR_USE_PURPOSE) {
  subjects(first: 3) { edges { node { id attributes { age sex weightKg } account { email loginId } } } }
}"""
SNEAKY = """query Sneaky @purpose(is: PRODUCT_SERVICE_GUIDANCE, disclosure: PROCESSING_FOR_USE_PURPOSE) {
  subjects(first: 3, orderBy: { field: WEIGHT_KG }, where: { weightKg: { gt: 70 } }) { edges { node { id } } }
}"""
WOMEN = """query Women @purpose(is: RESEARCH_ACADEMIC) {
  subjects(first: 3, where: { sex: { eq: FEMALE }, age: { gte: 40 } }) { edges { node { attributes { age sex } } } }
}"""
ME = "{ me { attributes { birthDate age sex heightCm weightKg } account { loginId email tokenIssuedAt } } }"
UNDECLARED = "{ subjects(first: 3) { edges { node { attributes { sex } } } } }"


@dataclass(frozen=True)
class Stop:
    """One stop of the tour. `promise` is the number of the sentence it is about, 0 for a plain question."""

    promise: int
    title: str
    question: Question | None
    reply: Reply | None
    records: tuple[Record, ...]
    kept: bool
    note: str


class Tour:
    """The stops, one after the other, against two gateways on one database."""

    def __init__(self, stage: Stage, first: str, second: str) -> None:
        self._stage = stage
        self._first = first
        self._second = second
        self._names = Pseudonyms(load_keys(stage.settings).pseudonyms, "omron-healthcare", RESEARCH)

    def stops(self) -> Iterator[Stop]:
        """Every stop, as it is reached."""
        yield self._no_purpose()
        yield self._no_disclosure_purpose()
        yield self._every_field_asks()
        yield self._partner()
        yield self._guidance()
        yield self._own_data()
        yield self._undeclared_fields()
        yield self._log_down()
        yield self._withdrawal()
        yield self._one_decision()
        yield self._filtered()
        yield self._anyone_can_check()
        yield self._says_why()

    def _no_purpose(self) -> Stop:
        question = self._question("karado-analytics", UNDECLARED)
        reply = ask(self._first, question)
        kept = reply.code == "PURPOSE_REQUIRED" and not reply.data
        return self._stop(1, "A request without a purpose", question, reply, kept, "refused; there is no default")

    def _no_disclosure_purpose(self) -> Stop:
        question = self._question("research-partner", UNDECLARED, {"X-Purpose-Of-Use": "RESEARCH_ACADEMIC"})
        reply = ask(self._first, question)
        kept = reply.code == "DISCLOSURE_PURPOSE_REQUIRED" and not reply.data
        return self._stop(1, "A third party without a disclosure purpose", question, reply, kept, "refused as well")

    def _every_field_asks(self) -> Stop:
        found: set[str] = set()
        after, reply, question = None, None, self._question("karado-analytics", PEOPLE)
        while True:
            question = self._question("karado-analytics", PEOPLE, variables={"after": after})
            page = ask(self._first, question)
            reply = reply or page
            found |= {edge["node"]["id"] for edge in page.data.get("subjects", {}).get("edges", [])}
            info = page.data.get("subjects", {}).get("pageInfo", {})
            if not info.get("hasNextPage"):
                break
            after = info["endCursor"]
        expected = {self._name(each) for each in self._people if each.standing not in NOT_FOR_RESEARCH}
        absent = len(self._people) - len(expected)
        note = (
            f"of {len(self._people)} people {len(found)} exist for research, {absent} do not:"
            " minors, restricted, withdrawn, never accepted"
        )
        return self._stop(2, "Research asks for everybody", question, reply, found == expected, note)

    def _partner(self) -> Stop:
        question = self._question("research-partner", PARTNER)
        reply = ask(self._first, question)
        stopped = {each.subject_id for each in self._stage.people.of(DemoStanding.THIRD_PARTY_STOPPED)}
        kept = bool(_nodes(reply)) and bool(stopped)
        return self._stop(0, "A joint research partner asks", question, reply, kept, "age in bands; ids of its own")

    def _guidance(self) -> Stop:
        question = self._question("business-partner", GUIDANCE)
        reply = ask(self._first, question)
        mails = [node["account"]["email"] for node in _nodes(reply)]
        kept = bool(mails) and all(mail is None or mail[1:5] == "***@" for mail in mails)
        return self._stop(0, "A business partner asks for guidance", question, reply, kept, "the e-mail is masked")

    def _own_data(self) -> Stop:
        person = self._someone(DemoStanding.ACCEPTED)
        question = Question("karado-app", self._stage.token("karado-app", person.subject_id), ME)
        reply = ask(self._first, question)
        kept = reply.data.get("me", {}).get("account", {}).get("loginId") == person.login_id and not reply.withheld
        return self._stop(0, "A data subject asks for themself", question, reply, kept, "everything of their own")

    def _undeclared_fields(self) -> Stop:
        try:
            build(self._stage.policies, _leaky_query())
        except UndeclaredField as refused:
            return Stop(
                3, "A field without a data category", None, None, (), kept=True, note=f"does not build: {refused}"
            )
        return Stop(3, "A field without a data category", None, None, (), kept=False, note="was built")

    def _log_down(self) -> Stop:
        question = self._question(
            "karado-analytics", ONE, variables={"id": self._name(self._someone(DemoStanding.ACCEPTED))}
        )
        self._as_owner("REVOKE INSERT ON disclosure_log FROM sekisho_gateway")
        try:
            reply = ask(self._first, question)
        finally:
            self._as_owner("GRANT INSERT ON disclosure_log TO sekisho_gateway")
        again = ask(self._first, question)
        kept = reply.status == 503 and "data" not in reply.body and again.status == 200  # noqa: PLR2004 - HTTP
        note = "no record, no data; once the log is back, so are the answers"
        return self._stop(4, "The log cannot be written", question, reply, kept, note)

    def _withdrawal(self) -> Stop:
        person = self._someone(DemoStanding.ACCEPTED, 1)
        question = self._question("karado-analytics", ONE, variables={"id": self._name(person)})
        before = ask(self._first, question)
        self._withdraw(person)
        after = [ask(address, question) for address in (self._second, self._first)]
        kept = before.data.get("subject") is not None and all(reply.data == {"subject": None} for reply in after)
        note = "the person withdrew; the next question, on either gateway, finds nobody"
        return self._stop(5, "Somebody withdraws between two questions", question, after[0], kept, note)

    def _one_decision(self) -> Stop:
        question = self._question("business-partner", SNEAKY)
        reply = ask(self._first, question)
        kept = reply.code == "FILTER_NOT_PERMITTED" and not reply.data
        note = "what may not be read may not be filtered or ordered by"
        return self._stop(6, "A partner sorts by a weight it may not read", question, reply, kept, note)

    def _filtered(self) -> Stop:
        question = self._question("karado-analytics", WOMEN)
        reply = ask(self._first, question)
        stop = self._stop(6, "Research filters by sex and age band", question, reply, kept=True, note="")
        uses = {field["use"] for each in stop.records for field in each["released"]}
        shown = [node["attributes"] for node in _nodes(reply)]
        kept = (
            bool(shown) and all(each["sex"] == "FEMALE" and each["age"] >= "40" for each in shown) and "FILTER" in uses
        )
        note = "the filter saw the band, and is recorded as a disclosure (use: FILTER)"
        return Stop(6, stop.title, question, reply, stop.records, kept, note)

    def _anyone_can_check(self) -> Stop:
        question = self._question(
            "karado-analytics", ONE, variables={"id": self._name(self._someone(DemoStanding.ACCEPTED))}
        )
        reply = ask(self._first, question)
        stop = self._stop(7, "A record is recomputed from its raw row", question, reply, kept=True, note="")
        rows = asyncio.run(self._raw(reply))
        kept = len(stop.records) == len(rows) == 1
        for each, row in zip(stop.records, rows, strict=False):
            committed = commitment(record_nonce(row.nonce, row.subjects[0]), each)
            kept = kept and b"commitment" in leaf_input(each, committed) and b"FEMALE" not in canonical(each)
        note = "its bytes and commitment are final; the Merkle tree, checkpoints and proofs over them are to come"
        return Stop(7, stop.title, question, reply, stop.records, kept, note)

    def _says_why(self) -> Stop:
        person = self._someone(DemoStanding.PROVIDER_WITHDRAWN)
        question = self._question("karado-analytics", ONE, variables={"id": self._name(person)})
        reply = ask(self._first, question)
        stop = self._stop(
            8, "A weight came from a third party without a consent of its own", question, reply, kept=True, note=""
        )
        codes = {entry["code"] for entry in reply.withheld}
        reasons = {field["reason"] for each in stop.records for field in each["withheld"]}
        kept = codes == {"SUBJECT"} and reasons == {"THIRD_PARTY_SOURCE_CONSENT_MISSING"}
        note = f"the recipient learns {', '.join(codes)}; the record keeps {', '.join(reasons)}"
        return Stop(8, stop.title, question, reply, stop.records, kept, note)

    def _question(
        self,
        client: str,
        operation: str,
        headers: dict[str, str] | None = None,
        variables: dict[str, Any] | None = None,
    ) -> Question:
        return Question(client, self._stage.token(client), operation, headers or {}, variables or {})

    def _stop(self, promise: int, title: str, question: Question, reply: Reply, kept: bool, note: str) -> Stop:
        return Stop(promise, title, question, reply, tuple(asyncio.run(self._records(reply))), kept, note)

    @property
    def _people(self) -> tuple[Person, ...]:
        return self._stage.people.people

    def _name(self, person: Person) -> str:
        return self._names.conceal(person.subject_id)

    def _someone(self, standing: DemoStanding, place: int = 0) -> Person:
        return self._stage.people.of(standing)[place]

    async def _records(self, reply: Reply) -> list[Record]:
        async with operator_connection(self._stage.addresses) as connection:
            return await records_of(connection, reply.request_id, self._stage.policies)

    async def _raw(self, reply: Reply) -> list[Any]:
        async with operator_connection(self._stage.addresses) as connection:
            return await raw_rows(connection, reply.request_id)

    def _withdraw(self, person: Person) -> None:
        async def write() -> None:
            now = datetime.now(UTC)
            event = ConsentEvent(str(uuid4()), EventKind.WITHDRAWAL, now, now)
            async with operator_connection(self._stage.addresses) as connection:
                await put_on_record(connection, person.subject_id, [Recorded(event)], self._stage.policies)

        asyncio.run(write())

    def _as_owner(self, statement: str) -> None:
        async def change() -> None:
            owner = self._stage.addresses.owner
            if owner is None:
                raise LookupError("the tour runs on its own embedded database only")
            engine = create_engine(owner, size=1)
            async with engine.begin() as connection:
                await connection.execute(text("SET ROLE sekisho_owner"))
                await connection.execute(text(statement))
            await engine.dispose()

        asyncio.run(change())


def _without_a_question(promise: int, title: str, *, kept: bool, note: str) -> Stop:
    return Stop(promise, title, None, None, (), kept, note)


def _nodes(reply: Reply) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (reply.data.get("subjects") or {}).get("edges", [])]


def _leaky_query() -> type:
    """A query whose data subject has a field that does not say what it is."""

    @subject_type
    class Leaky:
        """A data subject with an undeclared field."""

        blood_type: str

    @strawberry.type
    class Query:
        """A root that reaches it."""

        subject: Leaky | None = None

    return Query
