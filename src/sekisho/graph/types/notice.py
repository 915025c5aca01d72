"""利用目的の通知 and the caller's own standing: what anyone with a valid token may know."""

import strawberry

from sekisho.decision import recipient_code, shown_as, static_refusal
from sekisho.disclosure.record import instant
from sekisho.graph.report import CLAUSES, MESSAGES, REMEDIES
from sekisho.graph.words import (
    DataCategoryEnum,
    DisclosurePurposeEnum,
    PurposeEnum,
    RecipientTypeEnum,
    Timestamp,
    TransformEnum,
)
from sekisho.policy.document import Item, Label, Policy
from sekisho.vocabulary import DisclosurePurpose, Purpose


@strawberry.type(description="A short name in Japanese and English.")
class LabelNotice:
    """A label of the policy document."""

    ja: str
    en: str


@strawberry.type(description="One item of personal data the policy names (データ項目).")
class ItemNotice:
    """An item as the policy document lists it."""

    id: str
    category: DataCategoryEnum
    label: LabelNotice
    line: int = strawberry.field(description="The line of the policy text it rests on.")


@strawberry.type(description="The policy in force: who is responsible, which text, since when.")
class PolicyNotice:
    """The current policy version."""

    version: str
    name: LabelNotice
    controller: LabelNotice
    address: LabelNotice
    contact: str
    text_sha256: str = strawberry.field(name="textSha256")
    effective_from: Timestamp
    items: list[ItemNotice]


@strawberry.type(description="利用目的: one purpose of use.")
class PurposeNotice:
    """A purpose of the current policy version."""

    id: PurposeEnum
    parent: PurposeEnum | None
    children: list[PurposeEnum]
    code: str
    label: LabelNotice
    line: int
    version: str


@strawberry.type(description="開示目的: one purpose of disclosure to third parties.")
class DisclosurePurposeNotice:
    """A disclosure purpose of the current policy version."""

    id: DisclosurePurposeEnum
    parent: DisclosurePurposeEnum | None
    children: list[DisclosurePurposeEnum]
    code: str
    label: LabelNotice
    line: int
    version: str


@strawberry.type(description="What the declared purpose shows of one item, for everybody it may be shown for.")
class ItemAccess:
    """The static verdict on one item."""

    item: str
    category: DataCategoryEnum
    label: LabelNotice
    shown: TransformEnum | None = strawberry.field(description="How it is shown; null where it never is.")
    code: str | None = strawberry.field(description="Why it is never shown: POLICY or MINIMISATION.")
    message: str | None
    clause: str | None
    remedy: str | None


@strawberry.type(description="Who the gateway thinks you are, and what the declared purpose may see.")
class Viewer:
    """The caller by its registration and declaration."""

    client_id: str
    organisation: str
    recipient_type: RecipientTypeEnum
    country: str
    entitled_purposes: list[PurposeEnum]
    entitled_disclosure_purposes: list[DisclosurePurposeEnum]
    purpose: PurposeEnum | None
    disclosure_purpose: DisclosurePurposeEnum | None
    items: list[ItemAccess] = strawberry.field(description="Empty until a purpose is declared.")


def policy(info: strawberry.Info) -> PolicyNotice:
    """The current version."""
    current = _current(info)
    return PolicyNotice(
        version=current.id,
        name=_label(current.name),
        controller=_label(current.controller.name),
        address=_label(current.controller.address),
        contact=current.controller.contact_email,
        text_sha256=current.text_sha256,
        effective_from=Timestamp(instant(current.effective_from)),
        items=[ItemNotice(id=i.id, category=i.category, label=_label(i.label), line=i.line) for i in current.items],
    )


def purposes(info: strawberry.Info) -> list[PurposeNotice]:
    """Every purpose of use of the current version."""
    current = _current(info)
    return [
        PurposeNotice(
            id=entry.id,
            parent=entry.id.parent,
            children=[child for child in Purpose if child.parent is entry.id],
            code=entry.code,
            label=_label(entry.label),
            line=entry.line,
            version=current.id,
        )
        for entry in current.purposes
    ]


def disclosure_purposes(info: strawberry.Info) -> list[DisclosurePurposeNotice]:
    """Every disclosure purpose of the current version."""
    current = _current(info)
    return [
        DisclosurePurposeNotice(
            id=entry.id,
            parent=entry.id.parent,
            children=[child for child in DisclosurePurpose if child.parent is entry.id],
            code=entry.code,
            label=_label(entry.label),
            line=entry.line,
            version=current.id,
        )
        for entry in current.disclosures
    ]


def viewer(info: strawberry.Info) -> Viewer:
    """The caller."""
    here = info.context.circumstances
    lens = here.declared.lens if here.declared else None
    recipient = here.recipient
    return Viewer(
        client_id=recipient.client_id,
        organisation=recipient.name,
        recipient_type=recipient.recipient_type,
        country=recipient.country,
        entitled_purposes=sorted(recipient.purposes),
        entitled_disclosure_purposes=sorted(recipient.disclosure_purposes),
        purpose=lens.purpose if lens else None,
        disclosure_purpose=lens.disclosure if lens else None,
        items=[_access(info, item) for item in _current(info).items] if lens else [],
    )


def _access(info: strawberry.Info, item: Item) -> ItemAccess:
    rules, question = info.context.circumstances.rules, info.context.circumstances.question(item.id)
    refusal = static_refusal(rules, question)
    code = recipient_code(refusal) if refusal else None
    return ItemAccess(
        item=item.id,
        category=item.category,
        label=_label(item.label),
        shown=shown_as(rules, question),
        code=code.value if code else None,
        message=MESSAGES[code] if code else None,
        clause=CLAUSES.get(code) if code else None,
        remedy=REMEDIES[code] if code else None,
    )


def _current(info: strawberry.Info) -> Policy:
    current: Policy = info.context.circumstances.rules.current
    return current


def _label(label: Label) -> LabelNotice:
    return LabelNotice(ja=label.ja, en=label.en)
