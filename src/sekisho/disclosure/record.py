"""What a disclosure record is: the compact row a statement writes, and the one record per subject it unfolds into.

The canonical bytes of a record are final: sorted, compact JSON of strings, integers, booleans, arrays and objects
with ASCII keys, which for these types equals RFC 8785. Absent facts are left out, never null. No value of a data
subject is ever part of a record, only schema coordinates.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sekisho.vocabulary import Outcome, Reason

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class LogRow:
    """One statement's compact log row: the columns of `disclosure_log`, in their order.

    `coordinates`, `items`, `uses` and `transforms` are parallel. Each text in `outcomes` belongs to the subject at its
    position and has one letter per coordinate: `v` value released, `e` permitted but nothing stored, `w` withheld,
    `s` withheld by the datum's source, `-` not reached (a list without rows). `lists` are coordinates; `row_counts`
    holds subjects x lists, flattened.
    """

    row_id: UUID
    occurred_at: datetime
    schema: int
    nonce: bytes
    outcome: Outcome
    refusal: str
    client_id: str
    client_version: int
    recipient_type: str
    purpose: str
    disclosure: str
    serves: str
    study: str
    reference: str
    ignored_purpose: str
    policy_version: str
    lens_key: str
    operation_name: str
    operation_sha256: str
    request_id: str
    token_id: str
    report_mode: str
    root: str
    coordinates: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    transforms: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    subjects: tuple[UUID, ...] = ()
    profiles: tuple[int, ...] = ()
    evidence: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    row_counts: tuple[int, ...] = ()
    legal_basis: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """A recipient or the provider as a record names it (enforcement rules of the APPI, rule 20(1))."""

    identifier: str
    name: str
    address: str
    representative: str
    country: str
    kind: str
    entrustment: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A purpose as the policy and others name it: its code there, Data Privacy Vocabulary IRIs, v3-ActReason codes."""

    word: str
    code: str
    line: int
    dpv: tuple[str, ...]
    act_reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What a row needs from elsewhere to unfold: the parties, the grounds, and why a field was withheld.

    Everything is deterministic: policy versions and profiles are immutable, and the row names policy, lens and
    profiles. `reason` takes row, profile, letter and item; `line` gives the line of the policy text that permits an
    item; `accepted` the policy version that people of a profile accepted.
    """

    provider: Party
    recipient: Party
    statutory_basis: str
    retention_until: Callable[[datetime], datetime]
    reason: Callable[[LogRow, int, str, str], Reason]
    label: Callable[[str], str]
    line: Callable[[str], int]
    accepted: Callable[[int], str]
    clauses: tuple[Clause, ...] = ()


_VALUE = "VALUE"

PROCESSING = "https://w3id.org/dpv#Disclose"
"""What was done, in the Data Privacy Vocabulary 2.3."""

Record = dict[str, Any]


def unfold(row: LogRow, context: Context) -> Iterator[Record]:
    """One record per subject of `row`; one without a subject when the operation reached nobody."""
    if not row.subjects:
        yield {**_shared(row, context), "id": str(row.row_id), "released": [], "withheld": []}
    for position, subject in enumerate(row.subjects):
        yield {**_shared(row, context), **_of_subject(row, position, context), "subject_ref": str(subject)}


def canonical(record: Record) -> bytes:
    """The record's canonical bytes (RFC 8785 for the types a record may hold)."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def record_nonce(row_nonce: bytes, subject: UUID) -> bytes:
    """The 32-byte nonce of one subject's record, derived from the row's nonce."""
    return hmac.digest(row_nonce, subject.bytes, hashlib.sha256)


def commitment(nonce: bytes, record: Record) -> bytes:
    """HMAC-SHA-256 of the canonical record: binding while the nonce is kept, unguessable after it is deleted."""
    return hmac.digest(nonce, canonical(record), hashlib.sha256)


def leaf_input(record: Record, committed: bytes) -> bytes:
    """What a Merkle leaf hashes (after the 0x00 of RFC 9162): nothing in it tells about a person."""
    leaf = {"id": record["id"], "time": record["time"], "schema": record["schema"], "commitment": committed.hex()}
    return canonical(leaf)


def instant(moment: datetime) -> str:
    """A moment as every record spells it: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _shared(row: LogRow, context: Context) -> Record:
    facts = {
        "schema": row.schema,
        "time": instant(row.occurred_at),
        "outcome": row.outcome.value,
        "refusal": row.refusal,
        "client": row.client_id,
        "client_version": row.client_version,
        "recipient": _party(context.recipient),
        "recipient_type": row.recipient_type,
        "provider": _party(context.provider),
        "purpose": row.purpose,
        "disclosure_purpose": row.disclosure,
        "serves": row.serves,
        "study": row.study,
        "reference": row.reference,
        "ignored_purpose": row.ignored_purpose,
        "purposes": [_clause(clause) for clause in context.clauses],
        "processing": PROCESSING,
        "policy_version": row.policy_version,
        "legal_basis": row.legal_basis,
        "statutory_basis": context.statutory_basis,
        "method": "GraphQL",
        "root": row.root,
        "operation_name": row.operation_name,
        "operation_sha256": row.operation_sha256,
        "request_id": row.request_id,
        "token_id": row.token_id,
        "report_mode": row.report_mode,
        "retention_until": instant(context.retention_until(row.occurred_at)),
    }
    return {name: fact for name, fact in facts.items() if fact != ""}


def _party(party: Party) -> Record:
    facts = {
        "id": party.identifier,
        "name": party.name,
        "address": party.address,
        "representative": party.representative,
        "country": party.country,
        "kind": party.kind,
    }
    named = {name: fact for name, fact in facts.items() if fact}
    return {**named, "entrustment": True} if party.entrustment else named


def _clause(clause: Clause) -> Record:
    named = {"id": clause.word, "code": clause.code, "line": clause.line, "dpv": list(clause.dpv)}
    return {**named, "act_reason": list(clause.act_reasons)}


def _of_subject(row: LogRow, position: int, context: Context) -> Record:
    letters = row.outcomes[position]
    fields = [_field(row, index, letter, context) for index, letter in enumerate(letters)]
    shown = row.outcome is Outcome.ANSWERED
    released = [field for field, letter in zip(fields, letters, strict=True) if letter == "v" and shown]
    empty = [field for field, letter in zip(fields, letters, strict=True) if letter == "e" and shown]
    withheld = [
        {**field, "reason": context.reason(row, row.profiles[position], letter, field["item"])}
        for field, letter in zip(fields, letters, strict=True)
        if letter in "ws"
    ]
    facts: Record = {
        "id": f"{row.row_id}.{position}",
        "released": released,
        "empty": empty,
        "withheld": withheld,
        "item_count": len({field["item"] for field in released}),
        "rows": _rows(row, position, released + empty),
    }
    if row.evidence[position]:
        accepted = context.accepted(row.profiles[position])
        facts["consent"] = {"record_id": row.evidence[position], "version": accepted, "obtained": True}
    return facts


def _rows(row: LogRow, position: int, permitted: Iterable[Record]) -> dict[str, int]:
    """How many rows of each list this person's record shows; of a list withheld from them nothing is said."""
    shown = {field["coordinate"] for field in permitted if field["use"] == _VALUE}
    width = len(row.lists)
    counts = row.row_counts[position * width : (position + 1) * width]
    return {name: count for name, count in zip(row.lists, counts, strict=True) if name in shown}


def _field(row: LogRow, index: int, letter: str, context: Context) -> Record:
    field: Record = {
        "coordinate": row.coordinates[index],
        "item": row.items[index],
        "label": context.label(row.items[index]),
        "use": row.uses[index],
    }
    if letter in "ve":
        field["transform"] = row.transforms[index]
        field["line"] = context.line(row.items[index])
    return field
