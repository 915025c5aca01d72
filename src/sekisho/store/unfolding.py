"""Disclosure records from log rows: who the parties were, and why each field was withheld, looked up again.

Deterministic: recipients are versioned, profiles immutable, and a row names its policy version and lens.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.consent.state import Standing, SubjectState
from sekisho.decision import AccessRequest, Denied, Override, Rules, decide
from sekisho.declaration import Recipient
from sekisho.disclosure.record import Clause, Context, LogRow, Party, Record, unfold
from sekisho.policy.document import Policies, Policy, PurposeEntry
from sekisho.policy.lens import Lens
from sekisho.store.cases import find_case
from sekisho.store.profiles import profiles
from sekisho.store.recipients import recipient_version
from sekisho.vocabulary import DisclosurePurpose, LegalBasis, Purpose, Reason, RecipientType

RETENTION_YEARS = 3
"""Years a record of third-party provision is kept (enforcement rules of the APPI, rule 21)."""


async def records(connection: AsyncConnection, rows: Iterable[LogRow], policies: Policies) -> AsyncIterator[Record]:
    """The records that `rows` unfold into, in their order."""
    for row in rows:
        states = await profiles(connection, set(row.profiles))
        recipient = await recipient_version(connection, row.client_id, row.client_version)
        override = await _override(connection, row)
        for record in unfold(row, _context(row, recipient, policies, states, override)):
            yield record


def _context(
    row: LogRow,
    recipient: Recipient | None,
    policies: Policies,
    states: dict[int, SubjectState],
    override: Override | None,
) -> Context:
    policy = policies.get(row.policy_version)
    rules = Rules(policies, policy)

    def reason(_: LogRow, profile_id: int, letter: str, item: str) -> Reason:
        if letter == "s":
            sourced = RecipientType(row.recipient_type).third_party
            return Reason.THIRD_PARTY_SOURCED if sourced else Reason.THIRD_PARTY_SOURCE_CONSENT_MISSING
        own = recipient.linked_service if recipient else None
        request = AccessRequest(Lens.parse(row.lens_key), item, None, row.study or None, own, override)
        decision = decide(rules, request, Standing(states[profile_id]))
        return decision.reason if isinstance(decision, Denied) else Reason.NO_PARTICIPATION

    return Context(
        _provider(policy),
        _party(row, recipient),
        recipient.statutory_basis if recipient else "",
        kept_until,
        reason,
        lambda item: policy.item(item).label.ja if policy else "",
        partial(_line, policy, row),
        partial(_accepted, states),
        _clauses(policy, row),
    )


def _line(policy: Policy | None, row: LogRow, item: str) -> int:
    rule = policy.permitting(Lens.parse(row.lens_key), policy.item(item)) if policy else None
    return rule.line if rule else 0


def _accepted(states: Mapping[int, SubjectState], profile_id: int) -> str:
    acceptance = states[profile_id].acceptance
    return acceptance.version if acceptance else ""


def _clauses(policy: Policy | None, row: LogRow) -> tuple[Clause, ...]:
    """The purposes of the row, as this policy version numbers and maps them."""
    declared = {row.purpose, row.disclosure, row.serves} - {""}
    entries: Iterable[PurposeEntry[Purpose] | PurposeEntry[DisclosurePurpose]] = (
        (*policy.purposes, *policy.disclosures) if policy else ()
    )
    return tuple(
        Clause(entry.id.value, entry.code, entry.line, entry.dpv, entry.act_reasons)
        for entry in entries
        if entry.id.value in declared
    )


def kept_until(moment: datetime) -> datetime:
    """When a record made at `moment` may go: the same day three years on, 1 March for a 29 February."""
    try:
        return moment.replace(year=moment.year + RETENTION_YEARS)
    except ValueError:
        return moment.replace(year=moment.year + RETENTION_YEARS, month=3, day=1)


def _provider(policy: Policy | None) -> Party:
    if policy is None:
        return Party("", "", "", "", "", "")
    controller = policy.controller
    return Party("", controller.name.ja, controller.address.ja, "", "JP", RecipientType.FIRST_PARTY.value)


def _party(row: LogRow, recipient: Recipient | None) -> Party:
    if recipient is None:
        return Party("", "", "", "", "", row.recipient_type)
    return Party(
        recipient.recipient_id,
        recipient.name,
        recipient.address,
        recipient.representative,
        recipient.country,
        recipient.recipient_type.value,
        recipient.entrustment,
    )


async def _override(connection: AsyncConnection, row: LogRow) -> Override | None:
    if row.legal_basis != LegalBasis.LEGAL_OVERRIDE.value:
        return None
    case = await find_case(connection, row.reference)
    return Override(case.items) if case else None
