"""What a caller declares, held against what the registry entitles it to: the request gates.

A declaration can only confirm or select; it never widens. Everything here is pure: the registry's row, the words
of the request and the operator's settings are arguments.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sekisho.decision import CASE_DISCLOSURES
from sekisho.policy.lens import Lens
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType, Refusal

RIGHTS_DESK = "rights_desk"

_MUST_NAME_A_LEAF = frozenset({Purpose.TRIAL_CLINICAL_RECRUITMENT, Purpose.OTHER_BUSINESS_ACTIVITY})
_STUDY_KIND = {
    Purpose.MONITOR_TRIAL_EXECUTION: "MONITOR_TRIAL",
    Purpose.CLINICAL_RESEARCH_EXECUTION: "CLINICAL_RESEARCH",
}
_NEEDS_A_SETTING = frozenset({DisclosurePurpose.LEGAL_CLAIMS, DisclosurePurpose.ABUSE_SECURITY_SAFETY})

Word = TypeVar("Word", bound=StrEnum)


class Refused(Exception):  # noqa: N818 - a verdict, not a fault
    """The whole operation is refused, before any data is touched.

    `refusal` is the code, `detail` says in one sentence what to do next.
    """

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.refusal = refusal
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Recipient:
    """One version of a row of the recipient registry, keyed by client: the authority on who a caller is.

    `recipient_id` names the organisation: clients of one organisation share pseudonyms. `valid_until` is exclusive.
    """

    client_id: str
    version: int
    recipient_id: str
    name: str
    name_en: str
    address: str
    representative: str
    country: str
    recipient_type: RecipientType
    purposes: frozenset[Purpose]
    disclosure_purposes: frozenset[DisclosurePurpose]
    linked_service: str | None
    entitlements: frozenset[str]
    contract_reference: str
    entrustment: bool
    statutory_basis: str
    valid_from: datetime
    valid_until: datetime | None = None
    revoked_at: datetime | None = None

    def valid(self, at: datetime) -> bool:
        """Whether the registration is in force at `at` and not revoked."""
        begun = self.valid_from <= at and (self.valid_until is None or at < self.valid_until)
        return begun and (self.revoked_at is None or at < self.revoked_at)

    def entitled_to(self, purpose: Purpose) -> bool:
        """Whether `purpose` or its parent is granted; entitlement covers descendants."""
        return any(purpose.within(granted) for granted in self.purposes)

    def entitled_to_disclosure(self, disclosure: DisclosurePurpose) -> bool:
        """Whether `disclosure` or its parent is granted."""
        return any(disclosure.within(granted) for granted in self.disclosure_purposes)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The words of one request, unjudged; `None` where nothing was said."""

    purpose: str | None = None
    disclosure: str | None = None
    recipient: str | None = None
    reference: str | None = None
    serves: str | None = None
    study: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration that passed: the lens, and what goes with it.

    `study` is an activity key (`CLINICAL_RESEARCH:...`). `reference` is kept only where one is asked for.
    `needs_case` and `handles_request` say what the reference must open. `ignored_purpose` is a known purpose declared
    where it does not count; the record keeps it.
    """

    lens: Lens
    reference: str | None = None
    study: str | None = None
    ignored_purpose: Purpose | None = None
    needs_case: bool = False
    handles_request: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """The operator's settings that bound every request: ISO 3166 alpha-2 countries, enabled disclosure purposes."""

    countries: frozenset[str] = frozenset({"JP"})
    enabled: frozenset[DisclosurePurpose] = frozenset()


def merge(sources: Iterable[Iterable[str]], name: str) -> str | None:
    """The one value that was said of `name`, in however many places. Raises `Refused` when two differ."""
    said = {value for source in sources for value in source}
    if len(said) > 1:
        raise Refused(Refusal.PURPOSE_CONFLICT, f"`{name}` is declared more than once and differently; declare it once")
    return next(iter(said), None)


def admit(recipient: Recipient | None, at: datetime, admission: Admission) -> Recipient:
    """The client may ask at all: registered, valid now, named, in an admitted country."""
    if recipient is None:
        raise Refused(Refusal.CLIENT_UNKNOWN, "this client is not registered; ask the operator to register it")
    if not recipient.valid(at):
        raise Refused(
            Refusal.CLIENT_NOT_VALID, "this client's registration is not in force; ask the operator to renew it"
        )
    if not recipient.name.strip():
        raise Refused(
            Refusal.ORGANISATION_UNNAMED, "this client has no organisation name; the operator must register one"
        )
    if recipient.country not in admission.countries:
        raise Refused(
            Refusal.COUNTRY_NOT_ADMITTED, "this recipient's country is not admitted; the operator's settings decide"
        )
    return recipient


def judge(declaration: Declaration, recipient: Recipient, admission: Admission) -> Declared:
    """Hold a declaration against the registry: complete, consistent and entitled, or `Refused`."""
    _confirm_recipient(declaration.recipient, recipient.recipient_type)
    if recipient.recipient_type is RecipientType.SELF:
        return _judge_self(declaration)
    if recipient.recipient_type.declares_disclosure:
        return _judge_third_party(declaration, recipient, admission)
    return _judge_use(declaration, recipient)


def lenses_of(recipient: Recipient) -> frozenset[Lens]:
    """Every lens that `judge` could give this recipient, whatever it declares."""
    kind = recipient.recipient_type
    if kind is RecipientType.SELF:
        return frozenset({Lens(kind)})
    purposes = [each for each in Purpose if each not in _MUST_NAME_A_LEAF and recipient.entitled_to(each)]
    served = [(each, serves) for each in purposes for serves in (_served(each) or (None,))]
    if not kind.declares_disclosure:
        return frozenset(Lens(kind, purpose, None, serves) for purpose, serves in served)
    disclosures = [each for each in DisclosurePurpose if recipient.entitled_to_disclosure(each)]
    serving = [each for each in disclosures if each.top is DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE]
    return frozenset(
        {Lens(kind, purpose, each, serves) for each in serving for purpose, serves in served}
        | {Lens(kind, None, each) for each in disclosures if each not in serving}
    )


def _served(purpose: Purpose) -> tuple[Purpose, ...]:
    """What an incidental purpose may serve: its siblings."""
    if purpose is not Purpose.INCIDENTAL:
        return ()
    return tuple(leaf for leaf in Purpose if leaf.parent is purpose.parent and leaf is not purpose)


def _confirm_recipient(said: str | None, actual: RecipientType) -> None:
    if said is not None and said != actual:
        raise Refused(
            Refusal.RECIPIENT_TYPE_MISMATCH,
            "the declared recipient type is not this credential's; leave it out or state the registered one",
        )


def _judge_self(declaration: Declaration) -> Declared:
    _refuse_any(declaration.purpose, Refusal.PURPOSE_NOT_APPLICABLE, "a data subject declares no purpose; leave it out")
    _refuse_any(
        declaration.disclosure,
        Refusal.DISCLOSURE_PURPOSE_NOT_APPLICABLE,
        "a data subject declares no disclosure purpose; leave it out",
    )
    _refuse_superfluous(declaration)
    return Declared(Lens(RecipientType.SELF))


def _judge_use(declaration: Declaration, recipient: Recipient) -> Declared:
    _refuse_any(
        declaration.disclosure,
        Refusal.DISCLOSURE_PURPOSE_NOT_APPLICABLE,
        "this recipient type declares a purpose, not a disclosure purpose; leave the disclosure purpose out",
    )
    purpose = _purpose(declaration.purpose, recipient)
    handles = _at_the_desk(recipient) and purpose is Purpose.INQUIRY_RESPONSE
    reference = declaration.reference if handles else None
    serves, study = _serves(declaration, purpose), _study(declaration, purpose)
    lens = Lens(recipient.recipient_type, purpose, None, serves)
    return Declared(lens, reference, study, handles_request=reference is not None)


def _at_the_desk(recipient: Recipient) -> bool:
    return recipient.recipient_type is RecipientType.FIRST_PARTY and RIGHTS_DESK in recipient.entitlements


def _judge_third_party(declaration: Declaration, recipient: Recipient, admission: Admission) -> Declared:
    disclosure = _disclosure(declaration.disclosure, recipient, admission)
    if disclosure.top is DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE:
        purpose = _purpose(declaration.purpose, recipient)
        serves, study = _serves(declaration, purpose), _study(declaration, purpose)
        return Declared(Lens(recipient.recipient_type, purpose, disclosure, serves), study=study)
    ignored = _known_purpose(declaration.purpose) if declaration.purpose is not None else None
    _refuse_superfluous(declaration)
    lens = Lens(recipient.recipient_type, None, disclosure)
    if disclosure not in CASE_DISCLOSURES:
        return Declared(lens, ignored_purpose=ignored)
    if not declaration.reference:
        raise Refused(
            Refusal.REFERENCE_REQUIRED, f"`{disclosure}` needs the reference of an approved case; declare `reference`"
        )
    return Declared(lens, declaration.reference, ignored_purpose=ignored, needs_case=True)


def _purpose(said: str | None, recipient: Recipient) -> Purpose:
    if not said:
        raise Refused(
            Refusal.PURPOSE_REQUIRED, "declare what the data is for: `@purpose(is: ...)` or `X-Purpose-Of-Use`"
        )
    purpose = _known_purpose(said)
    if purpose in _MUST_NAME_A_LEAF:
        leaves = ", ".join(leaf for leaf in Purpose if leaf.parent is purpose)
        raise Refused(Refusal.PURPOSE_LEAF_REQUIRED, f"`{purpose}` is too broad to declare; declare one of: {leaves}")
    if not recipient.entitled_to(purpose):
        raise Refused(
            Refusal.PURPOSE_NOT_ENTITLED,
            f"this client is not entitled to `{purpose}`; ask the operator or declare another",
        )
    return purpose


def _known_purpose(said: str) -> Purpose:
    return _known(Purpose, said, Refusal.PURPOSE_UNKNOWN, "the purpose is not one of the policy's; query `purposes`")


def _disclosure(said: str | None, recipient: Recipient, admission: Admission) -> DisclosurePurpose:
    if not said:
        raise Refused(
            Refusal.DISCLOSURE_PURPOSE_REQUIRED,
            "declare why a third party receives the data: `@purpose(disclosure: ...)` or `X-Disclosure-Purpose`",
        )
    disclosure = _known(
        DisclosurePurpose,
        said,
        Refusal.DISCLOSURE_PURPOSE_UNKNOWN,
        "the disclosure purpose is not one of the policy's; query `purposes`",
    )
    if not recipient.entitled_to_disclosure(disclosure):
        raise Refused(
            Refusal.DISCLOSURE_PURPOSE_NOT_ENTITLED,
            f"this client is not entitled to `{disclosure}`; ask the operator or declare another",
        )
    if disclosure in _NEEDS_A_SETTING and disclosure not in admission.enabled:
        raise Refused(
            Refusal.DISCLOSURE_PURPOSE_NOT_ENABLED,
            f"`{disclosure}` is switched off here; the operator's settings decide",
        )
    return disclosure


def _serves(declaration: Declaration, purpose: Purpose) -> Purpose | None:
    if purpose is not Purpose.INCIDENTAL:
        _refuse_any(declaration.serves, Refusal.SERVES_INVALID, "`serves` goes with `INCIDENTAL` only; leave it out")
        return None
    allowed = _served(purpose)
    if declaration.serves is None:
        raise Refused(
            Refusal.SERVES_REQUIRED, f"`INCIDENTAL` names the activity it serves, one of: {', '.join(allowed)}"
        )
    if declaration.serves not in allowed:
        raise Refused(Refusal.SERVES_INVALID, f"`serves` must be one of: {', '.join(allowed)}")
    return Purpose(declaration.serves)


def _study(declaration: Declaration, purpose: Purpose) -> str | None:
    kind = _STUDY_KIND.get(purpose)
    if kind is None:
        _refuse_any(
            declaration.study, Refusal.STUDY_INVALID, "`study` goes with an execution purpose only; leave it out"
        )
        return None
    if not declaration.study:
        raise Refused(Refusal.STUDY_REQUIRED, f"`{purpose}` reads one study's participants; declare `study`")
    return f"{kind}:{declaration.study}"


def _refuse_superfluous(declaration: Declaration) -> None:
    _refuse_any(declaration.serves, Refusal.SERVES_INVALID, "`serves` goes with `INCIDENTAL` only; leave it out")
    _refuse_any(declaration.study, Refusal.STUDY_INVALID, "`study` goes with an execution purpose only; leave it out")


def _refuse_any(said: str | None, refusal: Refusal, detail: str) -> None:
    if said is not None:
        raise Refused(refusal, detail)


def _known(words: Callable[[str], Word], said: str, refusal: Refusal, detail: str) -> Word:
    try:
        return words(said)
    except ValueError:
        raise Refused(refusal, detail) from None
