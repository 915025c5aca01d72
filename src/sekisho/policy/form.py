"""The form of a policy document: which keys it has, of which shape. Meaning across keys is checked in `checks`."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from sekisho.policy.document import Label
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

Member = TypeVar("Member", bound=StrEnum)

STATEMENT = r"^(S[1-7]|C(\d|1[0-3])|P[1-7]|D-([1-9]|1[0-2])|X[1-5]|Q([1-9]|1[0-6])|T[1-6]|K[12]|V[1-4]|G[1-7])$"


def _word(words: type[Member], noun: str) -> BeforeValidator:
    def read(value: Any) -> Member:
        try:
            return words(value)
        except ValueError:
            raise ValueError(f"`{value}` is not {noun}; one of: {', '.join(words)}") from None

    return BeforeValidator(read)


def _instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f'`{value}` is not an instant; write one as "2022-09-01T00:00:00+09:00"') from None
    if instant.tzinfo is None:
        raise ValueError(f"`{value}` has no offset from UTC; add one, such as +09:00")
    return instant


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("a text is empty; write it or leave the entry out")
    return value


def _not_empty(value: list[Member]) -> list[Member]:
    if not value:
        raise ValueError("a list is empty; name at least one, or leave the key out where it may be")
    if len(set(value)) < len(value):
        raise ValueError(f"a word stands twice in {', '.join(value)}; name each once")
    return value


Text = Annotated[str, AfterValidator(_filled)]
Line = Annotated[int, Field(strict=True)]
StatementId = Annotated[str, Field(pattern=STATEMENT)]
CategoryWord = Annotated[DataCategory, _word(DataCategory, "a data category")]
PurposeWord = Annotated[Purpose, _word(Purpose, "a purpose")]
DisclosureWord = Annotated[DisclosurePurpose, _word(DisclosurePurpose, "a disclosure purpose")]
RecipientWord = Annotated[RecipientType, _word(RecipientType, "a recipient type")]
Categories = Annotated[list[CategoryWord], AfterValidator(_not_empty)]
Purposes = Annotated[list[PurposeWord], AfterValidator(_not_empty)]
Disclosures = Annotated[list[DisclosureWord], AfterValidator(_not_empty)]
Recipients = Annotated[list[RecipientWord], AfterValidator(_not_empty)]


class Form(BaseModel):
    """A mapping of the document; a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Names(Form):
    """A mapping that carries its own label in `ja` and `en`."""

    ja: Text
    en: Text

    @property
    def label(self) -> Label:
        """Both names."""
        return Label(self.ja, self.en)


class TextForm(Form):
    """Which text the document speaks about."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    lines: Annotated[int, Field(ge=1)]


class ControllerForm(Form):
    """Who is responsible."""

    name: Names
    address: Names
    contact_email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


class ItemForm(Names):
    """One item of personal data."""

    id: Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9]*$")]
    line: Line
    special: bool = False


class CategoryForm(Names):
    """A data category and its items."""

    id: CategoryWord
    line: Line
    items: list[ItemForm]


class NeverForm(Names):
    """What the text leaves out of what is acquired."""

    id: Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9]*$")]
    line: Line
    statement: StatementId


class ServiceForm(Names):
    """A service that the policy covers."""

    id: Annotated[ServiceContext, _word(ServiceContext, "a service")]
    line: Line


class SourceForm(Names):
    """A kind of source."""

    id: Annotated[SourceKind, _word(SourceKind, "a kind of source")]
    line: Line | None = None


class StateForm(Names):
    """A state of an account."""

    id: Annotated[AccountState, _word(AccountState, "an account state")]
    line: Line


class AimForm(Names):
    """What use purposes and disclosure purposes have in common."""

    code: Annotated[str, Field(pattern=r"^[UD]\d+[a-z]?$")]
    line: Line
    dpv: Annotated[list[Text], Field(min_length=1)]
    act_reasons: Annotated[list[Text], Field(min_length=1)]
    nearest: bool = False


class PurposeForm(AimForm):
    """A use purpose and its children."""

    id: PurposeWord
    children: "list[PurposeForm]" = []


class DisclosureForm(AimForm):
    """A disclosure purpose and its children."""

    id: DisclosureWord
    children: "list[DisclosureForm]" = []


class RecipientForm(Names):
    """A recipient type."""

    id: RecipientWord
    code: Annotated[str, Field(pattern=r"^R(\d+|S)$")]
    line: Line
    dpv: Annotated[list[Text], Field(min_length=1)]
    only_with: Disclosures | None = None


class StatisticsForm(Names):
    """Anonymised statistics."""

    minimum_subjects: Annotated[int, Field(ge=10)]
    line: Line
    statement: StatementId


class LiteralForm(Form):
    """One rule of the text."""

    recipients: Recipients
    purposes: Purposes | None = None
    disclosures: Disclosures | None = None
    categories: Categories
    line: Line
    statement: StatementId


class ColumnForm(Names):
    """Purposes that need the same items."""

    id: Text
    purposes: Purposes


class CellForm(Names):
    """How much is shown in some columns, and why."""

    columns: Annotated[list[Text], Field(min_length=1)]
    show: Annotated[Transform, _word(Transform, "a transform")]


class RowForm(Form):
    """Items that are needed for the same."""

    items: Annotated[list[Text], Field(min_length=1)]
    cells: list[CellForm]


def _show(value: Any) -> Transform | None:
    if value == "ROW":
        return None
    try:
        return Transform(value)
    except ValueError:
        raise ValueError(f"`{value}` is not a transform; one of: ROW, {', '.join(Transform)}") from None


class RecipientRuleForm(Names):
    """What recipient types may receive of what is needed."""

    recipients: Recipients
    purposes: Purposes | None = None
    disclosures: Disclosures | None = None
    categories: Categories | None = None
    items: Annotated[list[Text], Field(min_length=1)] | None = None
    show: Annotated[Transform | None, BeforeValidator(_show)]


class MinimisationForm(Names):
    """The minimisation profile."""

    columns: list[ColumnForm]
    rows: list[RowForm]
    recipients: list[RecipientRuleForm]


class PolicyForm(Form):
    """A whole policy document."""

    schema_: Literal[1] = Field(alias="schema")
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    name: Names
    text: TextForm
    controller: ControllerForm
    services: list[ServiceForm]
    established: Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]
    effective_from: Annotated[datetime, BeforeValidator(_instant)]
    integrates: Names
    partial_withdrawal: Annotated[PartialWithdrawal, _word(PartialWithdrawal, "a way to treat a partial withdrawal")]
    deviates_from: Annotated[str, Field(pattern=r"^L\d+$")] | None = None
    deviation_reason: Names | None = None
    prefixes: dict[str, Text]
    categories: list[CategoryForm]
    never_acquired: list[NeverForm]
    sources: list[SourceForm]
    account_states: list[StateForm]
    purposes: list[PurposeForm]
    disclosures: list[DisclosureForm]
    recipients: list[RecipientForm]
    statistics: StatisticsForm
    literal: list[LiteralForm]
    minimisation: MinimisationForm
