"""The one decision: may this item of this person be released through this lens?

`decide` is pure and total: clock, storage and settings are arguments. It asks the gates in order and the first
refusal wins; whatever is not explicitly permitted is denied, and an error while deciding is a denial.
`mask` is the same decision for a whole consent profile, as bits.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from sekisho.consent.state import Standing, SubjectState
from sekisho.policy.document import Item, Policies, Policy
from sekisho.policy.lens import Lens
from sekisho.vocabulary import (
    AgeStatus,
    DataCategory,
    DisclosurePurpose,
    EventKind,
    LegalBasis,
    Purpose,
    Reason,
    RecipientCode,
    RecipientType,
    SourceKind,
    Transform,
)

CASE_DISCLOSURES = frozenset(
    {DisclosurePurpose.LEGAL_COMPLIANCE, DisclosurePurpose.LEGAL_CLAIMS, DisclosurePurpose.ABUSE_SECURITY_SAFETY}
)
"""Disclosure purposes that need an approved case."""


@dataclass(frozen=True, slots=True)
class Datum:
    """Where a stored value came from: its source, the service or provider by name, the activity it was given in."""

    source: SourceKind
    name: str | None = None
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """An approved, open case that lists this person: the items it lists."""

    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One question. Without `datum` it is asked of the item as such, before any stored value is looked at.

    `study` is the activity whose participants alone are read. `own_service` is the linked service of a data linkage
    partner. `handling` says that a rights desk handles an open request of this person.
    """

    lens: Lens
    item: str
    datum: Datum | None = None
    study: str | None = None
    own_service: str | None = None
    override: Override | None = None
    handling: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy versions there are, and the one in force now (`None` denies everything)."""

    policies: Policies
    current: Policy | None


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a release is lawful: policy version and line, the legal basis, the consent record behind it."""

    policy_version: str
    line: int
    legal_basis: LegalBasis
    evidence: str


@dataclass(frozen=True, slots=True)
class Permitted:
    """The item may be released, as far as `transform` shows it."""

    ground: Ground
    transform: Transform


@dataclass(frozen=True, slots=True)
class Denied:
    """The item is withheld."""

    reason: Reason


Decision = Permitted | Denied


class Mask(NamedTuple):
    """A consent profile seen through a lens: one bit per item and one per data source."""

    items: int
    sources: int


class SourceBit(NamedTuple):
    """A registered data source and its bit."""

    bit: int
    kind: SourceKind
    name: str


class Finding(NamedTuple):
    """What one gate says of a request: `None` lets it pass."""

    gate: str
    reason: Reason | None


def decide(rules: Rules, request: AccessRequest, standing: Standing | None) -> Decision:
    """The decision. A missing standing, a missing policy and an error all deny."""
    try:
        for _, gate in GATES:
            reason = gate(rules, request, standing)
            if reason is not None:
                return Denied(reason)
        return _permitted(rules, request, standing)
    except Exception:  # noqa: BLE001 - INVARIANT (fail closed): an error while deciding is a denial
        return Denied(Reason.ERROR)


def explain(rules: Rules, request: AccessRequest, standing: Standing | None) -> list[Finding]:
    """What every gate says, in order, also behind the first refusal."""
    return [Finding(name, _ask(gate, rules, request, standing)) for name, gate in GATES]


def mask(
    rules: Rules, lens: Lens, state: SubjectState, sources: Iterable[SourceBit], like: AccessRequest | None = None
) -> Mask:
    """The bits of everything `decide` permits for persons of this state through this lens.

    `like` carries what else the operation has: a case, a request being handled. The bits are the same for all clients
    of a lens, so a data linkage partner's reach narrows the sources to its own service besides.
    """
    asked = like or AccessRequest(lens, "")
    items = rules.current.items if rules.current else ()
    standing = Standing(state)
    permitted = (
        1 << item.bit
        for item in items
        if isinstance(decide(rules, replace(asked, item=item.id, datum=None, study=None), standing), Permitted)
    )
    readable = (1 << source.bit for source in sources if source_refusal(asked, state, source) is None)
    return Mask(sum(permitted), sum(readable))


def source_refusal(request: AccessRequest, state: SubjectState, source: SourceBit) -> Reason | None:
    """Why data of this source is out of reach for persons of this state, whatever the item; `None` if it is not."""
    datum = Datum(source.kind, source.name or None)
    refusal = _sourced(request.lens, datum)
    if refusal is not None or _passes_source(request):
        return refusal
    return _acquired(datum, state)


def static_refusal(rules: Rules, request: AccessRequest) -> Reason | None:
    """Why this item is out of reach for everybody through this lens; `None` if it depends on the person."""
    for _, gate in GATES[:STATIC_GATES]:
        reason = _ask(gate, rules, request, None)
        if reason is not None:
            return reason
    return None


def shown_as(rules: Rules, request: AccessRequest) -> Transform | None:
    """How the lens shows the item to everybody it may be shown for; `None` where it is statically refused."""
    if static_refusal(rules, request) is not None:
        return None
    policy, item = _current(rules, request)
    return _transform(policy, item, request)


def present(rules: Rules, request: AccessRequest, standing: Standing | None) -> bool:
    """Whether the person exists for this lens: some item could be released, asked for or not, stored or not."""
    items = rules.current.items if rules.current else ()
    asked = (
        AccessRequest(
            request.lens, item.id, None, request.study, request.own_service, request.override, request.handling
        )
        for item in items
    )
    return any(isinstance(decide(rules, each, standing), Permitted) for each in asked)


def recipient_code(reason: Reason) -> RecipientCode:
    """What a recipient learns of `reason`: static refusals by name, everything personal alike."""
    if reason in (Reason.NOT_IN_POLICY, Reason.PAIRING):
        return RecipientCode.POLICY
    return RecipientCode.MINIMISATION if reason is Reason.NOT_NEEDED else RecipientCode.SUBJECT


def _policy(rules: Rules, request: AccessRequest, _: Standing | None) -> Reason | None:
    policy, lens = rules.current, request.lens
    if policy is None:
        return Reason.NOT_IN_POLICY
    if policy.pairing_refused(lens):
        return Reason.PAIRING
    if policy.permitting(lens, policy.item(request.item)) is None:
        return Reason.NOT_IN_POLICY
    return None if request.datum is None else _sourced(lens, request.datum)


def _sourced(lens: Lens, datum: Datum) -> Reason | None:
    if datum.source is SourceKind.UNCLASSIFIED:
        return Reason.UNCLASSIFIED
    if datum.source is SourceKind.THIRD_PARTY and lens.recipient_type.third_party:
        return Reason.THIRD_PARTY_SOURCED
    return None


def _minimisation(rules: Rules, request: AccessRequest, _: Standing | None) -> Reason | None:
    lens = request.lens
    if lens.recipient_type is RecipientType.SELF:
        return None
    if request.override is not None:
        return None if _listed(request) else Reason.NOT_NEEDED
    policy, item = _current(rules, request)
    if policy.needed(lens, item) is None or _another_service(request):
        return Reason.NOT_NEEDED
    return None


def _listed(request: AccessRequest) -> bool:
    """A case opens its listed items, under the disclosure purposes that take a case."""
    items = request.override.items if request.override else frozenset()
    return request.lens.disclosure in CASE_DISCLOSURES and request.item in items


def _another_service(request: AccessRequest) -> bool:
    """A data linkage partner reads linked data of its own service only."""
    if request.lens.recipient_type is not RecipientType.DATA_LINKAGE_PARTNER or request.datum is None:
        return False
    own = request.own_service is not None and request.datum.name == request.own_service
    return request.datum.source is SourceKind.LINKED_APP and not own


def _consistent(_: Rules, __: AccessRequest, standing: Standing | None) -> Reason | None:
    return Reason.ERROR if standing is None or standing.state.error else None


def _closed(_: Rules, __: AccessRequest, standing: Standing | None) -> Reason | None:
    return Reason.CLOSED if _state(standing).closed else None


def _age(rules: Rules, request: AccessRequest, standing: Standing | None) -> Reason | None:
    age = _state(standing).age
    if age is AgeStatus.ADULT or _passes_personal(rules, request):
        return None
    return Reason.MINOR if age is AgeStatus.MINOR else Reason.AGE_UNVERIFIED


def _processing(rules: Rules, request: AccessRequest, standing: Standing | None) -> Reason | None:
    restricted = _state(standing).processing_restricted and not _passes_personal(rules, request)
    return Reason.PROCESSING_RESTRICTED if restricted else None


def _acceptance(rules: Rules, request: AccessRequest, standing: Standing | None) -> Reason | None:
    if _passes_personal(rules, request):
        return None
    _, item = _current(rules, request)
    acceptance = _state(standing).acceptance
    if acceptance is None:
        return Reason.NO_ACCEPTANCE
    if acceptance.scope is not None and not acceptance.scope.permits(request.lens, item.category):
        return Reason.NO_ACCEPTANCE
    accepted = rules.policies.get(acceptance.version)
    if accepted is None or accepted.permitting(request.lens, item) is None:
        return Reason.VERSION_NOT_ACCEPTED
    return None


def _denies(rules: Rules, request: AccessRequest, standing: Standing | None) -> Reason | None:
    if _passes_personal(rules, request):
        return None
    _, item = _current(rules, request)
    hits = {deny.kind for deny in _state(standing).denies if deny.scope.denies(request.lens, item.category)}
    if EventKind.WITHDRAWAL in hits:
        return Reason.WITHDRAWN
    return Reason.OBJECTED if hits else None


def _third_party_stop(rules: Rules, request: AccessRequest, standing: Standing | None) -> Reason | None:
    stopped = _state(standing).third_party_stopped and request.lens.recipient_type.third_party
    return Reason.THIRD_PARTY_PROVISION_STOPPED if stopped and not _passes_personal(rules, request) else None


def _source(rules: Rules, request: AccessRequest, standing: Standing | None) -> Reason | None:
    if standing is None:
        return Reason.ERROR
    if _passes_source(request):
        return None
    if request.study is not None and request.study not in standing.participations:
        return Reason.NO_PARTICIPATION
    if request.datum is None:
        return None
    return _acquired(request.datum, standing.state) or _participated(rules, request, request.datum, standing)


def _acquired(datum: Datum, state: SubjectState) -> Reason | None:
    if datum.source is SourceKind.LINKED_APP and datum.name not in state.linked:
        return Reason.NOT_LINKED
    if datum.source is SourceKind.THIRD_PARTY and datum.name not in state.third_party_sources:
        return Reason.THIRD_PARTY_SOURCE_CONSENT_MISSING
    return None


def _participated(rules: Rules, request: AccessRequest, datum: Datum, standing: Standing) -> Reason | None:
    _, item = _current(rules, request)
    if item.category is not DataCategory.NEWLY_ACQUIRED and datum.activity is None:
        return None
    return None if datum.activity in standing.participations else Reason.NO_PARTICIPATION


def _passes_personal(rules: Rules, request: AccessRequest) -> bool:
    """Whether gates 4 to 8 let this request pass: the person's own, an approved case, or handling their request."""
    if _passes_source(request):
        return True
    _, item = _current(rules, request)
    at_the_desk = (
        request.lens.recipient_type is RecipientType.FIRST_PARTY and request.lens.purpose is Purpose.INQUIRY_RESPONSE
    )
    return request.handling and at_the_desk and item.category in (DataCategory.ACCOUNT, DataCategory.SUPPORT)


def _passes_source(request: AccessRequest) -> bool:
    return request.lens.recipient_type is RecipientType.SELF or request.override is not None


def _permitted(rules: Rules, request: AccessRequest, standing: Standing | None) -> Decision:
    policy, item = _current(rules, request)
    rule, transform = policy.permitting(request.lens, item), _transform(policy, item, request)
    if rule is None or transform is None or standing is None:
        return Denied(Reason.ERROR)
    ground = Ground(policy.id, rule.line, _basis(rules, request), standing.evidence.acceptance)
    return Permitted(ground, transform)


def _transform(policy: Policy, item: Item, request: AccessRequest) -> Transform | None:
    if _passes_source(request):
        return Transform.FULL
    cell = policy.needed(request.lens, item)
    return cell.show if cell else None


def _basis(rules: Rules, request: AccessRequest) -> LegalBasis:
    if request.lens.recipient_type is RecipientType.SELF:
        return LegalBasis.SELF
    if request.override is not None:
        return LegalBasis.LEGAL_OVERRIDE
    return LegalBasis.REQUEST_HANDLING if _passes_personal(rules, request) else LegalBasis.CONSENT


def _current(rules: Rules, request: AccessRequest) -> tuple[Policy, Item]:
    if rules.current is None:
        raise LookupError("no policy version is active")
    return rules.current, rules.current.item(request.item)


def _state(standing: Standing | None) -> SubjectState:
    if standing is None:
        raise LookupError("the subject has no state")
    return standing.state


def _ask(gate: "Gate", rules: Rules, request: AccessRequest, standing: Standing | None) -> Reason | None:
    try:
        return gate(rules, request, standing)
    except Exception:  # noqa: BLE001 - as in `decide`: an error denies
        return Reason.ERROR


Gate = Callable[[Rules, AccessRequest, Standing | None], Reason | None]

GATES: tuple[tuple[str, Gate], ...] = (
    ("policy", _policy),
    ("minimisation", _minimisation),
    ("consistent records", _consistent),
    ("closed", _closed),
    ("age", _age),
    ("processing restricted", _processing),
    ("acceptance", _acceptance),
    ("scoped denies", _denies),
    ("third-party provision", _third_party_stop),
    ("source", _source),
)
"""The gates in order. The first refusal decides."""

STATIC_GATES = 2
"""How many of the gates look at no person: they say the same to everybody."""
