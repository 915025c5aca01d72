"""A checked form becomes a policy."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sekisho.policy import form
from sekisho.policy.document import (
    Cell,
    Column,
    Controller,
    Entry,
    Item,
    LiteralRule,
    Minimisation,
    Policy,
    PurposeEntry,
    RecipientEntry,
    RecipientRule,
    Statistics,
)
from sekisho.vocabulary import DisclosurePurpose, Purpose

Member = TypeVar("Member")


def build(told: form.PolicyForm, document: bytes) -> Policy:
    """The policy that `told` describes; `document` are the bytes it was read from."""
    items = tuple(_items(told))
    return Policy(
        id=told.version,
        name=told.name.label,
        controller=Controller(told.controller.name.label, told.controller.address.label, told.controller.contact_email),
        services=tuple(Entry(entry.id, entry.label, entry.line) for entry in told.services),
        text_sha256=told.text.sha256,
        text_lines=told.text.lines,
        document_sha256=hashlib.sha256(document).hexdigest(),
        established=told.established,
        effective_from=told.effective_from,
        integrates=told.integrates.label,
        partial_withdrawal=told.partial_withdrawal,
        deviates_from=told.deviates_from,
        deviation_reason=told.deviation_reason.label if told.deviation_reason else None,
        categories=tuple(Entry(entry.id, entry.label, entry.line) for entry in told.categories),
        items=items,
        never_acquired=tuple(entry.id for entry in told.never_acquired),
        purposes=tuple(_purposes(told.purposes, told.prefixes)),
        disclosures=tuple(_disclosures(told.disclosures, told.prefixes)),
        recipients=tuple(_recipient(entry, told.prefixes) for entry in told.recipients),
        sources=tuple(Entry(entry.id, entry.label, entry.line) for entry in told.sources),
        account_states=tuple(Entry(entry.id, entry.label, entry.line) for entry in told.account_states),
        statistics=Statistics(
            told.statistics.label,
            told.statistics.minimum_subjects,
            told.statistics.line,
            told.statistics.statement,
        ),
        literal=tuple(_literal(rule) for rule in told.literal),
        minimisation=_minimisation(told.minimisation, items),
    )


def _items(told: form.PolicyForm) -> Iterator[Item]:
    bit = 0
    for category in told.categories:
        for item in category.items:
            yield Item(item.id, category.id, item.label, item.line, bit, item.special)
            bit += 1


def _expanded(terms: Sequence[str], prefixes: dict[str, str]) -> tuple[str, ...]:
    parts = (term.split(":", 1) for term in terms)
    return tuple(prefixes[prefix] + name for prefix, name in parts)


def _purposes(entries: Sequence[form.PurposeForm], prefixes: dict[str, str]) -> Iterator[PurposeEntry[Purpose]]:
    for entry in entries:
        dpv = _expanded(entry.dpv, prefixes)
        yield PurposeEntry(entry.id, entry.code, entry.label, entry.line, dpv, tuple(entry.act_reasons), entry.nearest)
        yield from _purposes(entry.children, prefixes)


def _disclosures(
    entries: Sequence[form.DisclosureForm], prefixes: dict[str, str]
) -> Iterator[PurposeEntry[DisclosurePurpose]]:
    for entry in entries:
        dpv = _expanded(entry.dpv, prefixes)
        yield PurposeEntry(entry.id, entry.code, entry.label, entry.line, dpv, tuple(entry.act_reasons), entry.nearest)
        yield from _disclosures(entry.children, prefixes)


def _recipient(entry: form.RecipientForm, prefixes: dict[str, str]) -> RecipientEntry:
    dpv = _expanded(entry.dpv, prefixes)
    return RecipientEntry(entry.id, entry.code, entry.label, entry.line, dpv, _set(entry.only_with))


def _literal(rule: form.LiteralForm) -> LiteralRule:
    return LiteralRule(
        frozenset(rule.recipients),
        _set(rule.purposes),
        _set(rule.disclosures),
        frozenset(rule.categories),
        rule.line,
        rule.statement,
    )


def _minimisation(told: form.MinimisationForm, items: tuple[Item, ...]) -> Minimisation:
    return Minimisation(
        told.label,
        tuple(Column(entry.id, entry.label, frozenset(entry.purposes)) for entry in told.columns),
        {
            (item, column): Cell(cell.show, cell.label)
            for row in told.rows
            for cell in row.cells
            for item in row.items
            for column in cell.columns
        },
        tuple(_recipient_rule(rule, items) for rule in told.recipients),
    )


def _recipient_rule(rule: form.RecipientRuleForm, items: tuple[Item, ...]) -> RecipientRule:
    return RecipientRule(
        frozenset(rule.recipients),
        _set(rule.purposes),
        _set(rule.disclosures),
        named_items(rule, items),
        rule.show,
        rule.label,
    )


def named_items(rule: form.RecipientRuleForm, items: Sequence[Item]) -> frozenset[str]:
    """The ids of the items that a recipient rule names, by category or one by one."""
    by_category = {item.id for item in items if item.category in (rule.categories or ())}
    return frozenset(by_category | set(rule.items or ()))


def _set(members: list[Member] | None) -> frozenset[Member] | None:
    return None if members is None else frozenset(members)
