"""A recipient as an operator writes it down, and what must be true of it before it is registered."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from sekisho.declaration import RIGHTS_DESK, Recipient
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_SERVING = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE


class RecipientRefused(Exception):  # noqa: N818 - a verdict, with what to do
    """This recipient cannot be registered; one line for each reason."""


BASES = (
    *("ART29_CONSENT", "ART29_OPTOUT", "ART28_CONSENT", "ART31", "ENTRUST_27_5_1", "JOINT_27_5_3", "ON_BEHALF"),
    *("SELF", "INTERNAL_USE", "ANON_STATS", *(f"EXEMPT_27_1_{number}" for number in range(1, 8))),
)
"""On what statutory basis a recipient receives data: articles of the APPI, or why none applies."""


class RecipientForm(BaseModel):
    """One recipient; a key that is not one of these is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: Text
    recipient_id: Text
    name: Text
    name_en: str = ""
    address: Text
    representative: Text
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "JP"
    recipient_type: RecipientType
    purposes: frozenset[Purpose] = frozenset()
    disclosure_purposes: frozenset[DisclosurePurpose] = frozenset()
    linked_service: Text | None = None
    entitlements: frozenset[Text] = frozenset()
    contract_reference: Text
    entrustment: bool = False
    statutory_basis: Text
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    def recipient(self, now: datetime) -> Recipient:
        """The recipient, valid from `now` unless it says otherwise. Raises `RecipientRefused`."""
        found = [*self._purposes(), *self._facts(self.valid_from or now)]
        if found:
            raise RecipientRefused("\n".join(found))
        told = {name: getattr(self, name) for name in type(self).model_fields}
        return Recipient(**told | {"version": 0, "valid_from": self.valid_from or now})

    def _purposes(self) -> Iterator[str]:
        kind = self.recipient_type
        serving = any(each.within(_SERVING) for each in self.disclosure_purposes)
        if kind is RecipientType.SELF and self.purposes:
            yield "`purposes`: data subjects declare none; leave them out"
        if kind is not RecipientType.SELF and not kind.declares_disclosure and not self.purposes:
            yield f"`purposes`: `{kind}` asks for use purposes; name those it is entitled to"
        if not kind.declares_disclosure and self.disclosure_purposes:
            yield f"`disclosure_purposes`: `{kind}` declares none; leave them out"
        if kind.declares_disclosure and not self.disclosure_purposes:
            yield f"`disclosure_purposes`: `{kind}` must declare one with each request; name those it is entitled to"
        if serving and not self.purposes:
            yield f"`purposes`: `{_SERVING}` serves a use purpose; name those it is entitled to"

    def _facts(self, begins: datetime) -> Iterator[str]:
        kind = self.recipient_type
        if self.linked_service and kind is not RecipientType.DATA_LINKAGE_PARTNER:
            yield f"`linked_service`: only a `{RecipientType.DATA_LINKAGE_PARTNER}` has one; leave it out"
        if self.entitlements - {RIGHTS_DESK}:
            yield f"`entitlements`: only `{RIGHTS_DESK}` is known"
        if RIGHTS_DESK in self.entitlements and kind is not RecipientType.FIRST_PARTY:
            yield f"`entitlements`: `{RIGHTS_DESK}` is for the first party only"
        if self.statutory_basis not in BASES:
            yield f"`statutory_basis`: one of {', '.join(BASES)}"
        if self.valid_until is not None and self.valid_until <= begins:
            yield "`valid_until`: it is not after the beginning; give a later instant"


def read_form(document: str) -> RecipientForm:
    """The recipient in a YAML or JSON document. Raises `RecipientRefused`."""
    try:
        told = yaml.safe_load(document)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise RecipientRefused(f"line {mark.line + 1 if mark else 1}: this is neither YAML nor JSON") from None
    if not isinstance(told, dict):
        raise RecipientRefused("the file does not describe one recipient; write its keys and values")
    return fill_form(told)


def fill_form(told: dict[str, Any]) -> RecipientForm:
    """The recipient that these keys and values describe. Raises `RecipientRefused` with every mistake."""
    try:
        return RecipientForm.model_validate(told)
    except ValidationError as error:
        raise RecipientRefused("\n".join(_line(entry) for entry in error.errors())) from None


def _line(entry: Any) -> str:
    place = ".".join(str(part) for part in entry["loc"])
    if entry["type"] == "missing":
        return f"`{place}` is missing; give it"
    if entry["type"] == "extra_forbidden":
        return f"`{place}` is not a key that is known here; remove or correct it"
    return f"`{place}`: {entry['msg'][:1].lower()}{entry['msg'][1:]}"
