"""From releases to log rows."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_bytes
from uuid import UUID, uuid4

from sekisho.declaration import Declaration, Declared, Recipient, Refused
from sekisho.disclosure.record import SCHEMA, LogRow
from sekisho.graph.exchange import GraphRequest
from sekisho.graph.reached import Person
from sekisho.graph.releases import Release
from sekisho.policy.document import Policy
from sekisho.vocabulary import LegalBasis, Outcome, RecipientType

NAME_LENGTH = 64
REFERENCE_LENGTH = 128
NONCE_BYTES = 32

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a1-\uffef]")


@dataclass(frozen=True)
class Minting:
    """Where ids, nonces and the recorded instant come from.

    Injectable, so that two ways of answering can be compared byte for byte.
    """

    row_id: Callable[[], UUID] = uuid4
    nonce: Callable[[], bytes] = lambda: token_bytes(NONCE_BYTES)
    instant: Callable[[datetime], datetime] = lambda database: database


@dataclass(frozen=True)
class Facts:
    """What every row of one operation shares."""

    request: GraphRequest
    operation_name: str
    instant: datetime
    recipient: Recipient | None
    said: Declaration
    declared: Declared | None
    policy: Policy | None
    legal_basis: LegalBasis | None


def row(facts: Facts, minting: Minting, outcome: Outcome, release: Release | None, refused: Refused | None) -> LogRow:
    """One log row: of one root field's release, or of a refusal."""
    request, declared, recipient, said = facts.request, facts.declared, facts.recipient, facts.said
    lens = declared.lens if declared else None
    shared = LogRow(
        row_id=minting.row_id(),
        occurred_at=facts.instant,
        schema=SCHEMA,
        nonce=minting.nonce(),
        outcome=outcome,
        refusal=refused.refusal.value if refused else "",
        client_id=request.caller.client_id,
        client_version=recipient.version if recipient else 0,
        recipient_type=recipient.recipient_type.value if recipient else "",
        purpose=_word(lens.purpose if lens else said.purpose),
        disclosure=_word(lens.disclosure if lens else said.disclosure),
        serves=_word(lens.serves if lens else said.serves),
        study=_word(declared.study if declared else said.study),
        reference=_word(declared.reference if declared else said.reference),
        ignored_purpose=declared.ignored_purpose.value if declared and declared.ignored_purpose else "",
        policy_version=facts.policy.id if facts.policy else "",
        lens_key=lens.key if lens else "",
        operation_name=bounded(facts.operation_name, NAME_LENGTH),
        operation_sha256=hashlib.sha256(request.query.encode()).hexdigest(),
        request_id=bounded(request.request_id, REFERENCE_LENGTH),
        token_id=bounded(request.caller.token_id, REFERENCE_LENGTH),
        report_mode=request.report.value,
        root=release.root if release else "",
        legal_basis=facts.legal_basis.value if facts.legal_basis else "",
    )
    return shared if release is None else _with_release(shared, release)


def _word(text: str | None) -> str:
    """A declared word: as judged, or as said where it was refused."""
    return bounded(text, REFERENCE_LENGTH)


def legal_basis(recipient_type: RecipientType, *, override: bool, handling: bool) -> LegalBasis:
    """The basis an operation as a whole stands on."""
    if recipient_type is RecipientType.SELF:
        return LegalBasis.SELF
    if override:
        return LegalBasis.LEGAL_OVERRIDE
    return LegalBasis.REQUEST_HANDLING if handling else LegalBasis.CONSENT


def bounded(text: str | None, length: int) -> str:
    """A caller's text as the log keeps it: printable, at most `length` characters."""
    return _UNPRINTABLE.sub("�", (text or "")[: length + 1])[:length]


def _consent(shared: LogRow, person: Person) -> str:
    """The acceptance a release stands on; none where the ground is another one."""
    return person.standing.evidence.acceptance if shared.legal_basis == LegalBasis.CONSENT else ""


def _with_release(shared: LogRow, release: Release) -> LogRow:
    uses, lists = release.uses, release.lists
    people = sorted(release.people, key=lambda person: person.handle)
    return replace(
        shared,
        coordinates=tuple(use.coordinate for use in uses),
        items=tuple(use.item for use in uses),
        uses=tuple(use.use for use in uses),
        transforms=tuple(release.transforms.get(use, "") for use in uses),
        lists=lists,
        subjects=tuple(person.handle for person in people),
        profiles=tuple(person.profile_id for person in people),
        evidence=tuple(_consent(shared, person) for person in people),
        outcomes=tuple("".join(release.people[person].get(use, "-") for use in uses) for person in people),
        row_counts=tuple(release.counts[name].get(person, 0) for person in people for name in lists),
    )
