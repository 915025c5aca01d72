"""The words of everything that is refused or fails over HTTP, and the form of a row about them."""

from dataclasses import dataclass
from enum import StrEnum

from sekisho.vocabulary import Refusal


class TransportCode(StrEnum):
    """What is refused or fails before, around or after the graph."""

    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    PROXY_NOT_TRUSTED = "PROXY_NOT_TRUSTED"
    TLS_REQUIRED = "TLS_REQUIRED"
    TOKEN_MALFORMED = "TOKEN_MALFORMED"  # noqa: S105 - the name of a refusal, not a secret
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    CONTENT_TYPE_UNSUPPORTED = "CONTENT_TYPE_UNSUPPORTED"
    REPORT_MODE_UNKNOWN = "REPORT_MODE_UNKNOWN"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    BODY_TOO_SLOW = "BODY_TOO_SLOW"
    BODY_NOT_UTF8 = "BODY_NOT_UTF8"
    BODY_NOT_JSON = "BODY_NOT_JSON"
    BODY_MEMBER_TWICE = "BODY_MEMBER_TWICE"
    BODY_NUMBER_OUT_OF_RANGE = "BODY_NUMBER_OUT_OF_RANGE"
    BODY_TOO_DEEP = "BODY_TOO_DEEP"
    BATCHING_NOT_OFFERED = "BATCHING_NOT_OFFERED"
    REQUEST_MALFORMED = "REQUEST_MALFORMED"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    LOG_UNAVAILABLE = "LOG_UNAVAILABLE"
    INTERNAL = "INTERNAL"


class DocumentCode(StrEnum):
    """What is wrong with a GraphQL document before it becomes an operation."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"


class FieldCode(StrEnum):
    """What stands beside a single field of an answer that did leave."""

    UNAUTHORIZED_FIELD_OR_TYPE = "UNAUTHORIZED_FIELD_OR_TYPE"


Code = Refusal | TransportCode | DocumentCode | FieldCode


@dataclass(frozen=True, slots=True)
class Problem:
    """One row: the HTTP status, one sentence, and what the caller does next."""

    code: Code
    status: int
    title: str
    remedy: str

    @property
    def message(self) -> str:
        """The sentence and the remedy as the caller reads them; never a value of theirs or of a subject."""
        return f"{self.title}; {self.remedy}"
