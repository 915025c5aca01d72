"""Every refusal and failure that leaves over HTTP: its code, its status, its sentence, what to do next. One table."""

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


def problem(code: Code) -> Problem:
    """The row of `code`."""
    return _BY_CODE[code]


def problem_rows() -> tuple[Problem, ...]:
    """All rows in the order of the documentation."""
    return _ROWS


_ROWS = (
    Problem(
        Refusal.TOKEN_MISSING,
        401,
        "no access token was sent",
        "send `Authorization: Bearer <token>` with a token of a configured issuer",
    ),
    Problem(
        Refusal.TOKEN_INVALID,
        401,
        "the access token is not valid here",
        "request a new token for this gateway's audience from a configured issuer",
    ),
    Problem(
        TransportCode.TOKEN_MALFORMED,
        400,
        "the authorization header is malformed",
        "send exactly one `Authorization: Bearer <token>` header",
    ),
    Problem(
        Refusal.CLIENT_UNKNOWN,
        403,
        "the client of this token is not a registered recipient",
        "ask the operator to register the client",
    ),
    Problem(
        Refusal.CLIENT_NOT_VALID,
        403,
        "the registration of this client is not valid now",
        "ask the operator to renew the registration",
    ),
    Problem(
        Refusal.COUNTRY_NOT_ADMITTED,
        403,
        "recipients of this country are not admitted",
        "ask the operator whether your country can be admitted",
    ),
    Problem(
        Refusal.PURPOSE_REQUIRED,
        400,
        "no purpose of use is declared",
        "declare one with `@purpose(is: ...)` on the operation or with `X-Purpose-Of-Use`",
    ),
    Problem(
        Refusal.PURPOSE_UNKNOWN,
        400,
        "the declared purpose of use does not exist",
        "ask `{ purposes { ... } }` for the names and send one of them exactly",
    ),
    Problem(
        Refusal.PURPOSE_CONFLICT,
        400,
        "the declarations of this request contradict each other",
        "declare once, or the same everywhere",
    ),
    Problem(
        Refusal.PURPOSE_NOT_ENTITLED,
        403,
        "this client is not entitled to the declared purpose of use",
        "declare a purpose of your registration, or ask the operator to extend it",
    ),
    Problem(Refusal.PURPOSE_NOT_APPLICABLE, 400, "this recipient declares no purpose of use", "leave the purpose out"),
    Problem(
        Refusal.PURPOSE_LEAF_REQUIRED,
        400,
        "the declared purpose of use is too general",
        "declare one of the purposes below it",
    ),
    Problem(
        Refusal.DISCLOSURE_PURPOSE_REQUIRED,
        400,
        "no disclosure purpose is declared",
        "declare one with `@purpose(disclosure: ...)` on the operation or with `X-Disclosure-Purpose`",
    ),
    Problem(
        Refusal.DISCLOSURE_PURPOSE_UNKNOWN,
        400,
        "the declared disclosure purpose does not exist",
        "ask `{ purposes { ... } }` for the names and send one of them exactly",
    ),
    Problem(
        Refusal.DISCLOSURE_PURPOSE_NOT_ENTITLED,
        403,
        "this client is not entitled to the declared disclosure purpose",
        "declare a disclosure purpose of your registration, or ask the operator to extend it",
    ),
    Problem(
        Refusal.DISCLOSURE_PURPOSE_NOT_APPLICABLE,
        400,
        "this recipient declares no disclosure purpose",
        "leave the disclosure purpose out",
    ),
    Problem(
        Refusal.DISCLOSURE_PURPOSE_NOT_ENABLED,
        403,
        "the declared disclosure purpose is not enabled on this gateway",
        "ask the operator whether it can be enabled",
    ),
    Problem(
        Refusal.RECIPIENT_TYPE_MISMATCH,
        403,
        "the declared recipient type is not the one this client is registered with",
        "leave the recipient type out, or send the registered one",
    ),
    Problem(
        Refusal.SERVES_REQUIRED,
        400,
        "an incidental purpose must name the activity it serves",
        "add `serves:` to the declaration",
    ),
    Problem(
        Refusal.SERVES_INVALID,
        400,
        "the activity that this purpose is said to serve does not fit",
        "name a use purpose with `serves:` under INCIDENTAL, and leave it out elsewhere",
    ),
    Problem(
        Refusal.STUDY_REQUIRED, 400, "carrying out a trial or a study needs its key", "add `study:` to the declaration"
    ),
    Problem(
        Refusal.STUDY_INVALID,
        400,
        "the declared study does not exist or does not fit the purpose",
        "name a registered study under an execution purpose, and leave it out elsewhere",
    ),
    Problem(
        Refusal.REFERENCE_REQUIRED,
        400,
        "this declaration needs the reference of a case or a request",
        "add `reference:` to the declaration, or send `X-Reference`",
    ),
    Problem(
        Refusal.REFERENCE_NOT_OPEN,
        403,
        "the referenced case or request is not open for this client and purpose",
        "ask the operator to open and approve it",
    ),
    Problem(
        Refusal.ORGANISATION_UNNAMED,
        403,
        "the organisation behind this client is not named in the registry",
        "ask the operator to complete the registration",
    ),
    Problem(
        Refusal.NOTHING_PERMITTED,
        403,
        "the policy permits this recipient nothing for the declared purpose",
        "declare another purpose of your registration",
    ),
    Problem(
        Refusal.POLICY_NOT_ACTIVE,
        503,
        "no policy version is active now",
        "try again after the operator has activated one",
    ),
    Problem(
        Refusal.FILTER_NOT_PERMITTED,
        403,
        "the filter or order uses an item that may not be read for this purpose",
        "remove that item from `where` and `orderBy`",
    ),
    Problem(
        Refusal.FIELDS_WITHHELD,
        403,
        "some of the requested fields are withheld, and this request asked to be refused then",
        "ask for less, or choose another report mode",
    ),
    Problem(
        Refusal.CURSOR_INVALID,
        400,
        "the cursor was not issued to this client for this purpose and operation",
        "start again from the first page",
    ),
    Problem(
        Refusal.PAGE_SIZE_INVALID,
        400,
        "the page size is out of range",
        "ask for at least one and at most the published number of rows",
    ),
    Problem(TransportCode.NOT_FOUND, 404, "there is nothing at this address", "send operations to `/graphql`"),
    Problem(
        TransportCode.METHOD_NOT_ALLOWED,
        405,
        "this address does not take that method",
        "use the method that the `Allow` header names",
    ),
    Problem(
        TransportCode.PROXY_NOT_TRUSTED,
        403,
        "requests are taken from the named proxy only",
        "send the request through the gateway's public address",
    ),
    Problem(
        TransportCode.TLS_REQUIRED,
        421,
        "this request did not arrive over TLS",
        "use the `https` address, and replace the token that was sent in the clear",
    ),
    Problem(
        TransportCode.NOT_ACCEPTABLE,
        406,
        "none of the accepted media types is offered",
        "accept `application/graphql-response+json` or `application/json`, in UTF-8",
    ),
    Problem(
        TransportCode.CONTENT_TYPE_UNSUPPORTED,
        415,
        "the content type or encoding of the request is not supported",
        "send `Content-Type: application/json`, in UTF-8 and not compressed",
    ),
    Problem(
        TransportCode.REPORT_MODE_UNKNOWN,
        400,
        "the report mode does not exist",
        "send `X-Report-Mode` with `extensions`, `errors`, `silent` or `reject`, or leave it out",
    ),
    Problem(
        TransportCode.BODY_TOO_LARGE,
        413,
        "the request body is too large",
        "send a shorter document, or fewer variables",
    ),
    Problem(
        TransportCode.BODY_TOO_SLOW, 408, "the request body did not arrive in time", "send the whole request at once"
    ),
    Problem(
        TransportCode.BODY_NOT_UTF8,
        400,
        "the request body is not valid UTF-8 text",
        "encode it in UTF-8 without a byte order mark and without lone surrogates",
    ),
    Problem(
        TransportCode.BODY_NOT_JSON,
        400,
        "the request body is not valid JSON",
        "send one JSON object as RFC 8259 defines it",
    ),
    Problem(
        TransportCode.BODY_MEMBER_TWICE,
        400,
        "an object in the request body has the same member twice",
        "send each member once",
    ),
    Problem(
        TransportCode.BODY_NUMBER_OUT_OF_RANGE,
        400,
        "a number in the request body is out of range",
        "send integers of at most 64 bits and finite decimals, anything longer as a string",
    ),
    Problem(
        TransportCode.BODY_TOO_DEEP,
        400,
        "the request body is nested too deeply",
        "send at most 64 levels of objects and arrays",
    ),
    Problem(
        TransportCode.BATCHING_NOT_OFFERED,
        400,
        "several operations in one request are not offered",
        "send one JSON object per request",
    ),
    Problem(
        TransportCode.REQUEST_MALFORMED,
        400,
        "the request body is not a GraphQL request",
        "send an object with the string `query` and, where needed, the string `operationName` and the objects "
        "`variables` and `extensions`, and nothing else",
    ),
    Problem(
        DocumentCode.GRAPHQL_PARSE_FAILED,
        400,
        "the document is not GraphQL",
        "correct the syntax at the named location",
    ),
    Problem(
        DocumentCode.GRAPHQL_VALIDATION_FAILED,
        400,
        "the operation does not fit the schema or the limits",
        "correct it as the message says",
    ),
    Problem(
        FieldCode.UNAUTHORIZED_FIELD_OR_TYPE,
        200,
        "this field is withheld and shown as `null`",
        "read the code beside it: it says whether the policy, its minimisation or the subject decides",
    ),
    Problem(
        TransportCode.DEADLINE_EXCEEDED,
        503,
        "the answer was not ready in time and nothing was released",
        "try again after the time that `Retry-After` names, or ask for less",
    ),
    Problem(
        TransportCode.LOG_UNAVAILABLE,
        503,
        "the disclosure could not be recorded and nothing was released",
        "try again after the time that `Retry-After` names",
    ),
    Problem(
        TransportCode.INTERNAL, 500, "the gateway failed and nothing was released", "give the operator the request id"
    ),
)

_BY_CODE: dict[Code, Problem] = {row.code: row for row in _ROWS}
