"""A policy version as a value: what the text allows, what is needed, and the words for both.

Nothing here reads a file or a clock. A `Policy` comes from `sekisho.policy.load`; its two layers are asked with
`Policy.permitting` (the text) and `Policy.needed` (the minimisation profile), and the profile can only narrow,
because both must say yes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar

from sekisho.policy.lens import Lens
from sekisho.vocabulary import (
    AccountState,
    DataCategory,
    DisclosurePurpose,
    PartialWithdrawal,
    Purpose,
    RecipientType,
    ServiceContext,
    SourceKind,
    Transform,
)

MAX_ITEMS = 62  # INVARIANT (mask width): one bit per item in a signed 64-bit column, the top bits unused

Word = TypeVar("Word", DataCategory, SourceKind, AccountState, ServiceContext)
Aim = TypeVar("Aim", Purpose, DisclosurePurpose)


class UnknownItemError(LookupError):
    """An item id that the policy does not list."""


@dataclass(frozen=True, slots=True)
class Label:
    """A short name in Japanese and in English; never a sentence of the policy text."""

    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of personal data (データ項目). `bit` is its place in masks, `line` its line of the policy text.

    `special`: may contain 要配慮個人情報 (APPI Art. 2(3)), whatever the value at hand.
    """

    id: str
    category: DataCategory
    label: Label
    line: int
    bit: int
    special: bool


@dataclass(frozen=True, slots=True)
class Entry(Generic[Word]):
    """What the policy says a word of the vocabulary stands for. `line` is `None` where the text has no such thing."""

    id: Word
    label: Label
    line: int | None


@dataclass(frozen=True, slots=True)
class PurposeEntry(Generic[Aim]):
    """A use purpose or disclosure purpose of the policy.

    `code` is the short name of the clause (`U1`, `D3`); `dpv` are full IRIs of the Data Privacy Vocabulary 2.3 and
    `act_reasons` codes of HL7 v3-ActReason, `nearest` when they are close to the meaning and not equal to it.
    """

    id: Aim
    code: str
    label: Label
    line: int
    dpv: tuple[str, ...]
    act_reasons: tuple[str, ...]
    nearest: bool


@dataclass(frozen=True, slots=True)
class RecipientEntry:
    """A recipient type. `only_with`: the disclosure purposes that bring it into the policy at all (`None`: any)."""

    id: RecipientType
    code: str
    label: Label
    line: int
    dpv: tuple[str, ...]
    only_with: frozenset[DisclosurePurpose] | None


@dataclass(frozen=True, slots=True)
class Controller:
    """個人情報取扱事業者: who is responsible."""

    name: Label
    address: Label
    contact_email: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """Anonymised statistics: the fewest distinct subjects a released cell may stand on, and where the text says so."""

    label: Label
    minimum_subjects: int
    line: int
    statement: str


@dataclass(frozen=True, slots=True)
class LiteralRule:
    """What one line of the policy text allows: recipients x purposes x disclosure purposes x categories.

    `None` for purposes or disclosures matches only a lens without that part. A named purpose covers its children,
    except those in `without`, which a version does not list.
    """

    recipients: frozenset[RecipientType]
    purposes: frozenset[Purpose] | None
    disclosures: frozenset[DisclosurePurpose] | None
    categories: frozenset[DataCategory]
    line: int
    statement: str
    without: frozenset[Purpose | DisclosurePurpose] = frozenset()

    def permits(self, lens: Lens, category: DataCategory) -> bool:
        """Whether this line of the text allows data of `category` under `lens`."""
        return (
            lens.recipient_type in self.recipients
            and category in self.categories
            and covers(self.purposes, lens.purpose)
            and covers(self.disclosures, lens.disclosure)
            and self.without.isdisjoint(_with_parents(lens))
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """An item that is needed for a purpose: how much of it, and why. What is not needed has no cell."""

    show: Transform
    reason: Label


@dataclass(frozen=True, slots=True)
class Column:
    """Purposes that need the same items. A purpose without a column of its own uses its parent's."""

    id: str
    label: Label
    purposes: frozenset[Purpose]


@dataclass(frozen=True, slots=True)
class RecipientRule:
    """What a recipient type may receive of what is needed.

    `show` is `None` where the item is shown as its row of the profile says; with a transform that one is shown
    instead. Under a use purpose the row must have a cell too, so that a rule for a recipient never adds to it.
    """

    recipients: frozenset[RecipientType]
    purposes: frozenset[Purpose] | None
    disclosures: frozenset[DisclosurePurpose] | None
    items: frozenset[str]
    show: Transform | None
    reason: Label

    def covers(self, lens: Lens, item: Item) -> bool:
        """Whether this rule speaks about `item` under `lens`."""
        return (
            lens.recipient_type in self.recipients
            and item.id in self.items
            and covers(self.purposes, lens.purpose)
            and covers(self.disclosures, lens.disclosure)
        )


@dataclass(frozen=True, slots=True)
class Minimisation:
    """The minimisation profile: not in the policy text, the operator's own; `cells` by (item id, column id)."""

    label: Label
    columns: tuple[Column, ...]
    cells: Mapping[tuple[str, str], Cell]
    recipients: tuple[RecipientRule, ...]

    def column_of(self, purpose: Purpose) -> Column | None:
        """The column that `purpose` uses: its own, else its parent's, else none (nothing is needed)."""
        for wanted in (purpose, purpose.parent):
            for column in self.columns:
                if wanted in column.purposes:
                    return column
        return None

    def row(self, item: Item, purpose: Purpose) -> Cell | None:
        """The cell of `item` for `purpose`, before any rule about recipients."""
        column = self.column_of(purpose)
        return None if column is None else self.cells.get((item.id, column.id))


@dataclass(frozen=True)
class Policy:
    """One version of the privacy policy. `document_sha256` is over the bytes of the policy document as loaded."""

    id: str
    name: Label
    controller: Controller
    services: tuple[Entry[ServiceContext], ...]
    text_sha256: str
    text_lines: int
    document_sha256: str
    established: str
    effective_from: datetime
    integrates: Label
    partial_withdrawal: PartialWithdrawal
    deviates_from: str | None
    deviation_reason: Label | None
    categories: tuple[Entry[DataCategory], ...]
    items: tuple[Item, ...]
    never_acquired: tuple[str, ...]
    purposes: tuple[PurposeEntry[Purpose], ...]
    disclosures: tuple[PurposeEntry[DisclosurePurpose], ...]
    recipients: tuple[RecipientEntry, ...]
    sources: tuple[Entry[SourceKind], ...]
    account_states: tuple[Entry[AccountState], ...]
    statistics: Statistics
    literal: tuple[LiteralRule, ...]
    minimisation: Minimisation

    def __hash__(self) -> int:
        return hash((self.id, self.document_sha256))

    @cached_property
    def _items_by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def _recipients_by_id(self) -> dict[RecipientType, RecipientEntry]:
        return {entry.id: entry for entry in self.recipients}

    def item(self, item_id: str) -> Item:
        """The item `item_id`. Raises `UnknownItemError` for an id that this version does not list."""
        found = self._items_by_id.get(item_id)
        if found is None:
            raise UnknownItemError(
                f"`{item_id}` is not an item of policy `{self.id}`; one of: {', '.join(self._items_by_id)}"
            )
        return found

    def permitting(self, lens: Lens, item: Item) -> LiteralRule | None:
        """The line of the text that allows `item` under `lens`, or `None`: the text does not (gate 1)."""
        return next((rule for rule in self.literal if rule.permits(lens, item.category)), None)

    def needed(self, lens: Lens, item: Item) -> Cell | None:
        """How much of `item` the profile shows under `lens`, or `None`: not needed (gate 2); it knows no cases."""
        for rule in self.minimisation.recipients:
            if not rule.covers(lens, item):
                continue
            if lens.purpose is None:
                return None if rule.show is None else Cell(rule.show, rule.reason)
            cell = self.minimisation.row(item, lens.purpose)
            return cell if cell is None or rule.show is None else Cell(rule.show, rule.reason)
        return None

    def pairing_refused(self, lens: Lens) -> bool:
        """Whether the recipient type exists only with other disclosure purposes than the declared one (D-5)."""
        entry = self._recipients_by_id.get(lens.recipient_type)
        return entry is None or (entry.only_with is not None and not covers(entry.only_with, lens.disclosure))

    def variant(
        self,
        id: str,  # noqa: A002 - the field that it replaces
        effective_from: datetime | None = None,
        partial_withdrawal: PartialWithdrawal | None = None,
        without_categories: Iterable[DataCategory] = (),
        without_purposes: Iterable[Purpose | DisclosurePurpose] = (),
        without_recipients: Iterable[RecipientType] = (),
    ) -> "Policy":
        """Another version of this policy whose text allows less: its literal rules leave out what is named.

        A purpose goes with its children. Items keep their bits, the profile stays.
        """
        withdrawal = partial_withdrawal or self.partial_withdrawal
        narrows = withdrawal is PartialWithdrawal.NARROWS
        less = _narrowed(
            self.literal, frozenset(without_categories), frozenset(without_purposes), frozenset(without_recipients)
        )
        effective = effective_from or self.effective_from
        told = f"{self.document_sha256} {id} {effective.isoformat()} {withdrawal} {sorted(map(_rule_text, less))}"
        return replace(
            self,
            id=id,
            effective_from=effective,
            partial_withdrawal=withdrawal,
            deviates_from=self.deviates_from if narrows else None,
            deviation_reason=self.deviation_reason if narrows else None,
            literal=less,
            document_sha256=hashlib.sha256(told.encode()).hexdigest(),
        )


@dataclass(frozen=True)
class Policies:
    """Every version known, and which of them the operator revoked."""

    versions: tuple[Policy, ...]
    revoked: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if len(self._by_id) < len(self.versions):
            raise ValueError("two policy versions have the same id; give each its own")

    @cached_property
    def _by_id(self) -> dict[str, Policy]:
        return {version.id: version for version in self.versions}

    def get(self, version_id: str) -> Policy | None:
        """The version `version_id`, revoked or not, or `None` when it is not known."""
        return self._by_id.get(version_id)

    def current(self, at: datetime) -> Policy | None:
        """The version in effect at `at` (aware), or `None`: there is none, it was revoked, or two claim the instant."""
        begun = [version for version in self.versions if version.effective_from <= at]
        last = max((version.effective_from for version in begun), default=None)
        latest = [version for version in begun if version.effective_from == last]
        return latest[0] if len(latest) == 1 and latest[0].id not in self.revoked else None

    def partial_withdrawal_at(self, at: datetime) -> PartialWithdrawal:
        """What a scoped withdrawal recorded at `at` does; it ends use when no version is in effect."""
        current = self.current(at)
        return PartialWithdrawal.ENDS_USE if current is None else current.partial_withdrawal


def covers(named: frozenset[Aim] | None, part: Aim | None) -> bool:
    """Whether a rule that names `named` reaches a lens with `part`: both absent, or within one of them."""
    if named is None or part is None:
        return named is None and part is None
    return part in named or part.parent in named


def _with_parents(lens: Lens) -> set[Purpose | DisclosurePurpose]:
    parts = (lens.purpose, lens.disclosure)
    found = {part for part in parts if part is not None}
    return found | {part.parent for part in found if part.parent is not None}


def _narrowed(
    rules: tuple[LiteralRule, ...],
    categories: frozenset[DataCategory],
    purposes: frozenset[Purpose | DisclosurePurpose],
    recipients: frozenset[RecipientType],
) -> tuple[LiteralRule, ...]:
    return tuple(
        replace(
            rule,
            recipients=rule.recipients - recipients,
            categories=rule.categories - categories,
            without=rule.without | purposes,
        )
        for rule in rules
    )


def _rule_text(rule: LiteralRule) -> str:
    parts = (rule.recipients, rule.purposes or (), rule.disclosures or (), rule.categories, rule.without)
    return f"{rule.line} {rule.statement} " + " ".join(",".join(sorted(part)) or "-" for part in parts)
