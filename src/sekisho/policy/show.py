"""A policy as rows for a reader: who may see what for which purpose, and which layer withholds the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sekisho.policy.document import Item, LiteralRule, Policy
from sekisho.policy.lens import Lens
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType, Transform

MARKS = {Transform.FULL: "F", Transform.YEAR: "Y", Transform.BAND: "B", Transform.MASK: "M"}
WITHHELD = "-"


class Layer(StrEnum):
    """What withholds an item from everybody under a lens."""

    POLICY = "policy"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Shown:
    """One place of the matrix: a mark of `MARKS` and the line that allows it, or `-` and the layer that withholds."""

    mark: str
    line: int | None
    withheld_by: Layer | None


@dataclass(frozen=True, slots=True)
class Heading:
    """The lenses that show the same of every item, and their codes (`U2 U2a U8c`, `D2`)."""

    codes: tuple[str, ...]
    lenses: tuple[Lens, ...]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One item under each heading."""

    item: Item
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Item x purpose for one recipient type. Cases are not in it: they release the items that they list."""

    recipient: RecipientType
    headings: tuple[Heading, ...]
    rows: tuple[MatrixRow, ...]


def shown(policy: Policy, lens: Lens, item: Item) -> Shown:
    """What both layers say of `item` under `lens`, the text first."""
    rule = None if policy.pairing_refused(lens) else policy.permitting(lens, item)
    if rule is None:
        return Shown(WITHHELD, None, Layer.POLICY)
    cell = policy.needed(lens, item)
    if cell is None:
        return Shown(WITHHELD, rule.line, Layer.PROFILE)
    return Shown(MARKS[cell.show], rule.line, None)


def lenses(policy: Policy, recipient: RecipientType) -> tuple[Lens, ...]:
    """Every lens that a recipient type can have, in the order of the document; D1 stands for its children."""
    if recipient is RecipientType.SELF:
        return (Lens(recipient),)
    purposes = [entry.id for entry in policy.purposes]
    if not recipient.declares_disclosure:
        return tuple(Lens(recipient, purpose) for purpose in purposes)
    serving = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE
    alone = (entry.id for entry in policy.disclosures if entry.id.top is not serving)
    return (
        *(Lens(recipient, purpose, serving) for purpose in purposes),
        *(Lens(recipient, None, disclosure) for disclosure in alone),
    )


def matrix(policy: Policy, recipient: RecipientType) -> Matrix:
    """What a recipient type may see of each item, lenses that show the same joined under one heading."""
    joined: dict[tuple[Shown, ...], list[Lens]] = {}
    for lens in lenses(policy, recipient):
        column = tuple(shown(policy, lens, item) for item in policy.items)
        joined.setdefault(column, []).append(lens)
    codes = _codes(policy)
    headings = tuple(Heading(tuple(_code(codes, lens) for lens in same), tuple(same)) for same in joined.values())
    columns = list(joined)
    rows = (MatrixRow(item, tuple(column[at] for column in columns)) for at, item in enumerate(policy.items))
    return Matrix(recipient, headings, tuple(rows))


def facts(policy: Policy) -> tuple[tuple[str, str], ...]:
    """What the document says of itself, as name and value."""
    controller = policy.controller
    return (
        ("version", policy.id),
        ("name", f"{policy.name.ja} / {policy.name.en}"),
        ("controller", f"{controller.name.ja} / {controller.name.en}"),
        ("address", f"{controller.address.ja} / {controller.address.en}"),
        ("contact", controller.contact_email),
        ("established", policy.established),
        ("effective from", policy.effective_from.isoformat()),
        ("text sha256", policy.text_sha256),
        ("document sha256", policy.document_sha256),
        ("partial withdrawal", _withdrawal(policy)),
        ("never acquired", ", ".join(policy.never_acquired)),
        ("statistics", f"at least {policy.statistics.minimum_subjects} people a cell (L{policy.statistics.line})"),
    )


def literal(policy: Policy) -> tuple[tuple[str, ...], ...]:
    """The rules of the text: line, statement, recipients, purposes, disclosure purposes, categories."""
    codes = _codes(policy)
    return tuple(_literal_row(rule, codes) for rule in policy.literal)


def _withdrawal(policy: Policy) -> str:
    if policy.deviates_from is None or policy.deviation_reason is None:
        return policy.partial_withdrawal
    return f"{policy.partial_withdrawal} (deviates from {policy.deviates_from}: {policy.deviation_reason.en})"


def _literal_row(rule: LiteralRule, codes: dict[str, str]) -> tuple[str, ...]:
    return (
        f"L{rule.line}",
        rule.statement,
        _named(rule.recipients, codes),
        _named(rule.purposes, codes),
        _named(rule.disclosures, codes),
        ", ".join(sorted(rule.categories)),
    )


def _codes(policy: Policy) -> dict[str, str]:
    purposes = {entry.id.value: entry.code for entry in policy.purposes}
    disclosures = {entry.id.value: entry.code for entry in policy.disclosures}
    recipients = {entry.id.value: entry.code for entry in policy.recipients}
    return purposes | disclosures | recipients


def _code(codes: dict[str, str], lens: Lens) -> str:
    part: Purpose | DisclosurePurpose | RecipientType = lens.purpose or lens.disclosure or lens.recipient_type
    return codes[part.value]


def _named(words: Iterable[StrEnum] | None, codes: dict[str, str]) -> str:
    known = list(codes)
    return WITHHELD if words is None else " ".join(codes[word] for word in sorted(words, key=known.index))
