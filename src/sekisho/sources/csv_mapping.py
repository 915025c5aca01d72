"""The mapping of a CSV file: what its columns are, written by the operator, checked before the file is opened.

    schema: 1
    source: {kind: SUBJECT}            # or LINKED_APP / THIRD_PARTY with `name`, OMRON_CONNECT_CLOUD; obligatory
    service_context: KARADO_APP        # or KARADO_SERVICE; obligatory, data of other services is not stored
    provenance: health check, spring   # obligatory; kept on every row
    encoding: utf-8                    # left out: UTF-8 with or without BOM, and if the file is none, cp932
    delimiter: ","
    nulls: ["NA", "-"]                 # besides the empty field
    on_error: refuse_file              # one refused row and nothing is imported; `skip_row` imports the others
    acquired_at: {constant: "2026-04-01T00:00:00+09:00"}     # left out: the moment of the import
    subject:
      columns: [clinic, number]        # the key of the person
      by: derived                      # or login_id: the one column is a login id that is on record
      namespace: spring-check          # with `derived`: the same key in the same namespace is the same person
      unknown: refuse                  # or register
    rows:
      - table: subject_attribute
        columns:
          birth_date: {column: age, as: birth_year_from_age, as_of: "2026-04-01"}
          sex: {column: gender, as: enum, map: {male: MALE, female: FEMALE}}
          height_cm: {column: height, as: float, min: 40, max: 260}
      - table: measurement
        columns: {taken_at: {column: measured, as: datetime, format: "%Y/%m/%d %H:%M", timezone: Asia/Tokyo}}
        readings:
          - {kind: PULSE, column: pulse, unit: /min, min: 20, max: 250}

A value is `{column}` or `{constant}` and how it is read: `as: text` (what is left out), `float` and `integer` (`min`,
`max`), `date` (`format`, `precision`), `datetime` (`format`, `timezone`), `enum` (`map`), `birth_year_from_age`
(`as_of`: the year of the latest possible birthday, kept with the precision YEAR).

A *value* that cannot be read, or lies outside its bounds, is refused and reported; the rest of its row is imported. A
*row* is refused when the person's key is missing or unknown, an obligatory value is missing or unreadable, or the data
needs a link, consent or participation that was not in force when it was acquired.

A person found `by: derived` has the id uuid5(NAMESPACE, JSON of namespace and key). Recipients never see it.
"""

import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sekisho.policy.load import Marked, PolicyError, Problem, problem
from sekisho.vocabulary import BirthPrecision, ServiceContext, SourceKind

_PASSWORDS = ("password", "passwd", "passphrase", "passcode", "pwd", "パスワード", "暗証番号", "合言葉")


class MappingError(ValueError):
    """A mapping that cannot be used; `problems` has all that was found, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(f"line {problem.line}: {problem.message}" for problem in self.problems))


def names_a_password(name: str) -> bool:
    """Whether a column or entry of this name would hold a password (statement C3: none is ever taken in)."""
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))
    return any(unicodedata.normalize("NFKC", word) in plain for word in _PASSWORDS)


def _no_password(name: str) -> str:
    if names_a_password(name):
        raise ValueError(f"`{name}` names a password; passwords are never taken in, remove it from the mapping")
    return name


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("a text is empty; write it")
    return text


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"`{name}` is not a time zone; write one like Asia/Tokyo") from None
    return name


def _day(told: Any) -> Any:
    return told.isoformat() if isinstance(told, date) and not isinstance(told, datetime) else told


Filled = Annotated[str, AfterValidator(_filled)]
Named = Annotated[str, AfterValidator(_filled), AfterValidator(_no_password)]
Target = Annotated[str, AfterValidator(_no_password)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Day = Annotated[date, BeforeValidator(_day)]
Reader = Literal["text", "float", "integer", "date", "datetime", "enum", "birth_year_from_age"]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class SourceForm(_Form):
    """Where the data comes from."""

    kind: SourceKind
    name: str = ""


class SubjectForm(_Form):
    """How a row tells whom it is about."""

    columns: Annotated[list[Named], Field(min_length=1)]
    by: Literal["derived", "login_id"] = "derived"
    namespace: Filled | None = None
    unknown: Literal["register", "refuse"] = "refuse"


class ValueForm(_Form):
    """One value: a column or a constant, and how it is read."""

    column: Named | None = None
    constant: Any = None
    reader: Annotated[Reader, Field(alias="as")] = "text"
    least: Annotated[float | None, Field(alias="min", allow_inf_nan=False)] = None
    most: Annotated[float | None, Field(alias="max", allow_inf_nan=False)] = None
    format: Filled | None = None
    precision: BirthPrecision = BirthPrecision.DAY
    timezone: Zone | None = None
    map: dict[str, str] | None = None
    as_of: Day | None = None


class ReadingForm(_Form):
    """One number of several in a row: its kind, its column, its unit and the bounds of the possible."""

    kind: Filled
    column: Named
    unit: Filled
    least: Annotated[float | None, Field(alias="min", allow_inf_nan=False)] = None
    most: Annotated[float | None, Field(alias="max", allow_inf_nan=False)] = None


class EntryForm(_Form):
    """What one line of the file gives to one table."""

    table: str
    columns: dict[Target, ValueForm] = {}
    readings: list[ReadingForm] = []


class MappingForm(_Form):
    """A whole mapping, of the right shape; whether it fits the tables is checked in `csv_checks`."""

    form: Annotated[Literal[1], Field(alias="schema")]
    source: SourceForm
    service_context: ServiceContext
    provenance: Filled
    encoding: Filled | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    nulls: list[str] = []
    on_error: Literal["refuse_file", "skip_row"] = "refuse_file"
    acquired_at: ValueForm | None = None
    subject: SubjectForm
    rows: Annotated[list[EntryForm], Field(min_length=1)]


def read_form(document: bytes) -> tuple[MappingForm, Marked]:
    """The form in the bytes of a mapping, and where its keys stand. Raises `MappingError` with every mistake."""
    try:
        marked = Marked(document)
    except PolicyError as error:
        raise MappingError(list(error.problems)) from None
    try:
        return MappingForm.model_validate(marked.value), marked
    except ValidationError as error:
        raise MappingError([problem(marked, detail) for detail in error.errors()]) from None


def read_bytes(path: Path) -> bytes:
    """The bytes of a mapping. Raises `MappingError` for a file that cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        told = (error.strerror or str(error)).lower()
        raise MappingError([Problem(1, f"`{path}` cannot be read ({told}); name a mapping file")]) from error
