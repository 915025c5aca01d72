"""Small true-to-life rows for the tests of the store."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.declaration import Recipient
from sekisho.disclosure.record import SCHEMA, LogRow
from sekisho.store.tables.log import subject_handle
from sekisho.store.tables.people import subject
from sekisho.vocabulary import DisclosurePurpose, Outcome, Purpose, RecipientType

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ORIGIN = {"service_context": "KARADO_APP", "provenance": "entered in the app", "acquired_at": NOON}


async def register_subject(connection: AsyncConnection) -> UUID:
    subject_id = uuid4()
    person = {"subject_id": subject_id, "registered_at": NOON, "service_context": "KARADO_APP"}
    await connection.execute(insert(subject).values(person))
    await connection.execute(insert(subject_handle).values(subject_id=subject_id, handle=uuid4()))
    return subject_id


def a_measurement(subject_id: UUID, **changes: Any) -> dict[str, Any]:
    taken = {"taken_at": NOON, "kind": "PULSE", "value": 61.5, "unit": "/min", "device": "HCR-1"}
    return {"subject_id": subject_id, "row_id": uuid4(), "source_id": 2, **taken, **ORIGIN, **changes}


def an_event(subject_id: UUID, **changes: Any) -> dict[str, Any]:
    accepted = {"kind": "ACCEPTANCE", "event_time": NOON, "recorded_at": NOON, "policy_version": "2022-09"}
    return {"subject_id": subject_id, "event_id": str(uuid4()), **accepted, **changes}


def a_recipient(**changes: Any) -> Recipient:
    facts: dict[str, Any] = {
        "client_id": "karada-lab",
        "version": 0,
        "recipient_id": "karada-university",
        "name": "からだ大学",
        "name_en": "Karada University",
        "address": "京都府",
        "representative": "山田 花子",
        "country": "JP",
        "recipient_type": RecipientType.JOINT_RESEARCH_PARTNER,
        "purposes": frozenset({Purpose.RESEARCH_ACADEMIC, Purpose.PRODUCT_DEVELOPMENT}),
        "disclosure_purposes": frozenset({DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE}),
        "linked_service": None,
        "entitlements": frozenset(),
        "contract_reference": "2026-17",
        "entrustment": False,
        "statutory_basis": "ART29_CONSENT",
        "valid_from": NOON,
    }
    return Recipient(**facts | changes)


def log_row(**changes: Any) -> LogRow:
    facts: dict[str, Any] = {
        "row_id": uuid4(),
        "occurred_at": NOON,
        "schema": SCHEMA,
        "nonce": bytes(range(32)),
        "outcome": Outcome.ANSWERED,
        "refusal": "",
        "client_id": "karada-lab",
        "client_version": 1,
        "recipient_type": RecipientType.JOINT_RESEARCH_PARTNER.value,
        "purpose": Purpose.RESEARCH_ACADEMIC.value,
        "disclosure": DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE.value,
        "serves": "",
        "study": "",
        "reference": "",
        "ignored_purpose": "",
        "policy_version": "2022-09",
        "lens_key": "JOINT_RESEARCH_PARTNER|RESEARCH_ACADEMIC|PROCESSING_FOR_USE_PURPOSE|",
        "operation_name": "Page",
        "operation_sha256": "00" * 32,
        "request_id": "a request",
        "token_id": "a token",
        "report_mode": "extensions",
        "root": "subjects",
        "coordinates": ("Attributes.sex",),
        "items": ("sex",),
        "uses": ("VALUE",),
        "transforms": ("FULL",),
        "lists": ("measurements",),
        "subjects": (uuid4(),),
        "profiles": (1,),
        "evidence": ("an event",),
        "outcomes": ("v",),
        "row_counts": (3,),
        "legal_basis": "CONSENT",
    }
    return LogRow(**facts | changes)
