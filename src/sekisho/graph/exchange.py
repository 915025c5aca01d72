"""What the HTTP side hands to the graph, and what it gets back."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sekisho.vocabulary import Refusal, ReportMode


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds the verified token. `subject_id` is set only when the token speaks for a data subject."""

    client_id: str
    subject_id: UUID | None = None
    token_id: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredHeaders:
    """The declaring headers as sent, unjudged: `None` when absent, one entry per occurrence."""

    purpose: tuple[str, ...] = ()
    disclosure: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One well-formed GraphQL request of one verified caller."""

    query: str
    caller: Caller
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    headers: DeclaredHeaders = DeclaredHeaders()
    report: ReportMode = ReportMode.EXTENSIONS
    request_id: str = ""


class Stage(StrEnum):
    """How far an operation came; HTTP status codes follow from it."""

    PARSE = "PARSE"
    VALIDATION = "VALIDATION"
    REFUSED = "REFUSED"
    EXECUTED = "EXECUTED"


@dataclass(frozen=True, slots=True)
class Rendered:
    """JSON that is spelled already: UTF-8, one value."""

    text: bytes


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """The GraphQL response: `data` is absent (not null) unless the stage is EXECUTED.

    `refusal` is set at stage REFUSED, its code is also in `errors[0]["extensions"]["code"]`. `permitted` and `withheld`
    count the decisions: one for each person and use of an item.
    """

    stage: Stage
    data: dict[str, Any] | Rendered | None = None
    errors: tuple[dict[str, Any], ...] = ()
    extensions: dict[str, Any] | Rendered = field(default_factory=dict)
    refusal: Refusal | None = None
    permitted: int = 0
    withheld: int = 0


class Engine(Protocol):
    """Answers operations.

    Raises `sekisho.disclosure.log.LogUnavailable` when the record could not be made durable: no data left.
    """

    async def answer(self, request: GraphRequest) -> GraphAnswer:
        """Judge, execute and record one operation."""
        ...
