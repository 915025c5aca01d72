"""Why an item of a person is released to a client, or not: everything that `explain` tells, worked out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sekisho.decision import (
    AccessRequest,
    Datum,
    Decision,
    Denied,
    Finding,
    Override,
    Permitted,
    Rules,
    present,
    recipient_code,
)
from sekisho.decision import decide as decided
from sekisho.decision import explain as all_gates
from sekisho.declaration import Declaration, Declared, Recipient, Refused, admit, judge
from sekisho.gateway.service import admission
from sekisho.gateway.settings import Settings
from sekisho.graph.schema import build, governed_fields
from sekisho.policy.document import Policies
from sekisho.store.cases import open_case
from sekisho.store.connecting import Connection
from sekisho.store.recipients import current_recipient
from sekisho.store.standings import StoredStanding, clock, stored_standing
from sekisho.store.versions import revoked_versions
from sekisho.vocabulary import RecipientCode, RecipientType, Refusal


class FieldRefused(Exception):  # noqa: N818 - a verdict, with what to do
    """The named field is not a governed field of the schema."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: which field of whom, by which client, as it would declare it."""

    subject_id: UUID
    coordinate: str
    client: str
    declaration: Declaration
    datum: Datum | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What each gate says. `refused` ends it before any field is asked: there is no decision then."""

    question: Question
    item: str
    recipient: Recipient | None
    stored: StoredStanding | None
    refused: Refused | None = None
    findings: tuple[Finding, ...] = ()
    decision: Decision | None = None
    present: bool = False
    statement: str = ""

    @property
    def learned(self) -> RecipientCode | None:
        """What the recipient would be told of a refusal."""
        return recipient_code(self.decision.reason) if isinstance(self.decision, Denied) else None


def item_of(coordinate: str, policies: Policies) -> str:
    """The item that a schema coordinate shows (or the item itself). Raises `FieldRefused`."""
    fields: Mapping[str, Any] = governed_fields(build(policies)._schema)  # noqa: SLF001 - strawberry has no public word
    if coordinate in fields:
        return str(fields[coordinate].item)
    items = {item.id for version in policies.versions for item in version.items}
    if coordinate not in items:
        last = coordinate.rpartition(".")[2]
        near = ", ".join(sorted(each for each in fields if each.endswith(f".{last}"))) or "see `sekisho schema`"
        raise FieldRefused(f"`{coordinate}` is no personal field; write it like `Attributes.birthDate` ({near})")
    return coordinate


async def explained(
    connection: Connection, question: Question, item: str, policies: Policies, settings: Settings
) -> Explanation:
    """Ask every gate, as the gateway would at this instant, with the person's stored standing."""
    now = await clock(connection)
    recipient = await current_recipient(connection, question.client)
    stored = await stored_standing(connection, question.subject_id)
    begun = Explanation(question, item, recipient, stored)
    versions = replace(policies, revoked=policies.revoked | await revoked_versions(connection, now))
    rules = Rules(versions, versions.current(now))
    try:
        admitted = admit(recipient, now, admission(settings))
        found = judge(question.declaration, admitted, admission(settings))
        override = await _override(connection, question, found, stored)
    except Refused as refused:
        return replace(begun, refused=refused)
    request = AccessRequest(
        found.lens, item, question.datum, found.study, admitted.linked_service, override, found.handles_request
    )
    standing = stored.standing if stored else None
    decision = decided(rules, request, standing)
    return replace(
        begun,
        findings=tuple(all_gates(rules, request, standing)),
        decision=decision,
        present=present(rules, request, standing),
        statement=_statement(rules, request, decision),
    )


async def _override(
    connection: Connection, question: Question, found: Declared, stored: StoredStanding | None
) -> Override | None:
    if found.handles_request:
        raise Refused(Refusal.REFERENCE_NOT_OPEN, "no open request has this reference; check it with the rights desk")
    if not found.needs_case or stored is None:
        return None
    case = await open_case(connection, found.reference or "", question.client, stored.at)
    if case is None or case.disclosure is not found.lens.disclosure:
        raise Refused(
            Refusal.REFERENCE_NOT_OPEN, "no approved, open case of this client has this reference and purpose"
        )
    # a person outside the case is absent: nothing is listed for them
    return Override(case.items if question.subject_id in case.subjects else frozenset())


def _statement(rules: Rules, request: AccessRequest, decision: Decision) -> str:
    """The clause that permits the item, where one does."""
    if rules.current is None or not isinstance(decision, Permitted):
        return ""
    rule = rules.current.permitting(request.lens, rules.current.item(request.item))
    return rule.statement if rule else ""


def facts(explanation: Explanation) -> dict[str, Any]:
    """The explanation as JSON values; what there is not is left out."""
    asked, decision = explanation.question, explanation.decision
    told: dict[str, Any] = {
        "subject": str(asked.subject_id),
        "field": asked.coordinate,
        "item": explanation.item,
        "client": asked.client,
        "recipient_type": explanation.recipient.recipient_type.value if explanation.recipient else None,
        "refused": _refused(explanation.refused),
        "gates": [{"gate": gate, "reason": reason} for gate, reason in explanation.findings] or None,
        "evidence": explanation.stored.standing.evidence.to_json() if explanation.stored else None,
    }
    if decision is not None:
        told |= _verdict(explanation, decision)
    return {name: fact for name, fact in told.items() if fact is not None}


def _refused(refused: Refused | None) -> dict[str, str] | None:
    return {"code": refused.refusal.value, "message": refused.detail} if refused else None


def _verdict(explanation: Explanation, decision: Decision) -> dict[str, Any]:
    told: dict[str, Any] = {"present": explanation.present, "recipient_learns": explanation.learned}
    if isinstance(decision, Denied):
        return {**told, "verdict": "DENY", "reason": decision.reason.value}
    ground = decision.ground
    return {
        **told,
        "verdict": "PERMIT",
        "transform": decision.transform.value,
        "ground": {
            "policy_version": ground.policy_version,
            "line": ground.line,
            "statement": explanation.statement,
            "legal_basis": ground.legal_basis.value,
            "evidence": ground.evidence,
        },
    }


def is_self(explanation: Explanation) -> bool:
    """Whether the client acts for data subjects: they are told the exact reason."""
    recipient = explanation.recipient
    return recipient is not None and recipient.recipient_type is RecipientType.SELF
