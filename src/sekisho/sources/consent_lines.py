"""One line of a consent history: a JSON object, the fields of ISO/IEC TS 27560 under our names.

    {"subject": {"namespace": "spring-check", "key": ["north", "17"]},
     "id": "a-1", "kind": "ACCEPTANCE", "event_time": "2024-04-01T09:00:00+09:00",
     "recorded_at": "2024-04-01T09:00:02+09:00", "version": "2022-09"}

`subject` is such a key (the one a CSV mapping derives ids from) or an internal id. `id`, `kind`, `event_time` and
`recorded_at` are obligatory; `version`, `scope`, `until`, `ends`, `key`, `target` decide, and `text_sha256`, `channel`,
`language`, `entity`, `method`, `presented_at`, `evidence` prove how it came about.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from sekisho.consent.records import ConsentEvent, Scope
from sekisho.sources.persons import subject_of
from sekisho.store.consents import Notice, Recorded
from sekisho.vocabulary import EventKind, RestrictionTarget

_LONGEST = 1_000


class LineRefused(Exception):  # noqa: N818 - a verdict on a line, with what to do
    """The line is no consent event that could be put on record; the message never repeats its values."""


def _plain(text: str) -> str:
    if not text.strip() or "\x00" in text:
        raise ValueError("a text is empty or holds NUL; write it or leave the key out")
    return text


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is out of range; leave the key out where there is no end") from None


def _storable(evidence: dict[str, Any]) -> dict[str, Any]:
    if "\\u0000" in json.dumps(evidence):
        raise ValueError("the evidence holds NUL, which cannot be stored; remove it")
    return evidence


Text = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_plain)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KeyForm(_Form):
    """A person by the key that somebody else knows them by."""

    namespace: Text
    key: Annotated[list[Text], Field(min_length=1)]


class EventForm(_Form):
    """One consent event, with whom it is of and how it came about."""

    subject: UUID | KeyForm
    id: Text
    kind: EventKind
    event_time: Moment
    recorded_at: Moment
    version: Text | None = None
    scope: dict[str, list[str]] | None = None
    until: Moment | None = None
    ends: list[Text] = []
    key: Text | None = None
    target: RestrictionTarget | None = None
    text_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    channel: Text | None = None
    language: Text | None = None
    entity: Text | None = None
    method: Text | None = None
    presented_at: Moment | None = None
    evidence: Annotated[dict[str, Any], AfterValidator(_storable)] = {}

    @property
    def subject_id(self) -> UUID:
        """Whose event it is."""
        if isinstance(self.subject, UUID):
            return self.subject
        return subject_of(self.subject.namespace, self.subject.key)


def read_event(line: str) -> tuple[UUID, Recorded]:
    """The person and the event that `line` tells. Raises `LineRefused`."""
    try:
        json.loads(line, object_pairs_hook=_once, parse_constant=_no_number)
        form = EventForm.model_validate_json(line, strict=True)
        scope = None if form.scope is None else Scope.from_json(form.scope)
    except ValidationError as error:
        raise LineRefused(_said(error)) from None
    except (ValueError, RecursionError) as error:
        told = "it is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        raise LineRefused(f"{told}; write one JSON object on each line") from None
    event = ConsentEvent(
        id=form.id,
        kind=form.kind,
        event_time=form.event_time,
        recorded_at=form.recorded_at,
        version=form.version,
        scope=scope,
        until=form.until,
        ends=tuple(form.ends),
        key=form.key,
        target=form.target,
    )
    notice = Notice(
        form.text_sha256, form.channel, form.language, form.entity, form.method, form.presented_at, form.evidence
    )
    return form.subject_id, Recorded(event, notice)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError("a key stands twice")
        found[name] = value
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and the infinities are no JSON")


def _said(error: ValidationError) -> str:
    """The innermost thing that is wrong, by its key: an alternative that was not meant fails further out."""
    detail = max(error.errors(include_input=False, include_url=False), key=lambda each: len(each["loc"]))
    place = ".".join(str(part) for part in detail["loc"] if part not in ("uuid", "KeyForm"))
    match detail["type"]:
        case "missing":
            return f"`{place}` is missing; add it"
        case "extra_forbidden":
            return f"`{place}` is not a key that is known here; remove or correct it"
        case _:
            return f"`{place or 'line'}`: {detail['msg'].removeprefix('Value error, ')}"
