"""Every refusal and failure that leaves over HTTP: its status, its code, its sentence, what to do next. One table."""

from sekisho.gateway.codes import Code, DocumentCode, FieldCode, Problem, TransportCode
from sekisho.vocabulary import Refusal


def problem(code: Code) -> Problem:
    """The row of `code`."""
    return _BY_CODE[code]


def problem_rows() -> tuple[Problem, ...]:
    """All rows in the order of the documentation: by status."""
    return tuple(_BY_CODE.values())


_TABLE: dict[int, dict[Code, tuple[str, str]]] = {
    200: {
        FieldCode.UNAUTHORIZED_FIELD_OR_TYPE: (
            "this field is withheld and shown as `null`",
            "read the code beside it: it says whether the policy, its minimisation or the subject decides",
        ),
    },
    400: {
        TransportCode.TOKEN_MALFORMED: (
            "the authorization header is malformed",
            "send exactly one `Authorization: Bearer <token>` header",
        ),
        Refusal.PURPOSE_REQUIRED: (
            "no purpose of use is declared",
            "declare one with `@purpose(is: ...)` on the operation or with `X-Purpose-Of-Use`",
        ),
        Refusal.PURPOSE_UNKNOWN: (
            "the declared purpose of use does not exist",
            "ask `{ purposes { ... } }` for the names and send one of them exactly",
        ),
        Refusal.PURPOSE_CONFLICT: (
            "the declarations of this request contradict each other",
            "declare once, or the same everywhere",
        ),
        Refusal.PURPOSE_NOT_APPLICABLE: ("this recipient declares no purpose of use", "leave the purpose out"),
        Refusal.PURPOSE_LEAF_REQUIRED: (
            "the declared purpose of use is too general",
            "declare one of the purposes below it",
        ),
        Refusal.DISCLOSURE_PURPOSE_REQUIRED: (
            "no disclosure purpose is declared",
            "declare one with `@purpose(disclosure: ...)` on the operation or with `X-Disclosure-Purpose`",
        ),
        Refusal.DISCLOSURE_PURPOSE_UNKNOWN: (
            "the declared disclosure purpose does not exist",
            "ask `{ purposes { ... } }` for the names and send one of them exactly",
        ),
        Refusal.DISCLOSURE_PURPOSE_NOT_APPLICABLE: (
            "this recipient declares no disclosure purpose",
            "leave the disclosure purpose out",
        ),
        Refusal.SERVES_REQUIRED: (
            "an incidental purpose must name the activity it serves",
            "add `serves:` to the declaration",
        ),
        Refusal.SERVES_INVALID: (
            "the activity that this purpose is said to serve does not fit",
            "name a use purpose with `serves:` under INCIDENTAL, and leave it out elsewhere",
        ),
        Refusal.STUDY_REQUIRED: ("carrying out a trial or a study needs its key", "add `study:` to the declaration"),
        Refusal.STUDY_INVALID: (
            "the declared study does not exist or does not fit the purpose",
            "name a registered study under an execution purpose, and leave it out elsewhere",
        ),
        Refusal.REFERENCE_REQUIRED: (
            "this declaration needs the reference of a case or a request",
            "add `reference:` to the declaration, or send `X-Reference`",
        ),
        Refusal.CURSOR_INVALID: (
            "the cursor was not issued to this client for this purpose and operation",
            "start again from the first page",
        ),
        Refusal.PAGE_SIZE_INVALID: (
            "the page size is out of range",
            "ask for at least one and at most the published number of rows",
        ),
        TransportCode.REPORT_MODE_UNKNOWN: (
            "the report mode does not exist",
            "send `X-Report-Mode` with `extensions`, `errors`, `silent` or `reject`, or leave it out",
        ),
        TransportCode.BODY_NOT_UTF8: (
            "the request body is not valid UTF-8 text",
            "encode it in UTF-8 without a byte order mark and without lone surrogates",
        ),
        TransportCode.BODY_NOT_JSON: (
            "the request body is not valid JSON",
            "send one JSON object as RFC 8259 defines it",
        ),
        TransportCode.BODY_MEMBER_TWICE: (
            "an object in the request body has the same member twice",
            "send each member once",
        ),
        TransportCode.BODY_NUMBER_OUT_OF_RANGE: (
            "a number in the request body is out of range",
            "send integers of at most 64 bits and finite decimals, anything longer as a string",
        ),
        TransportCode.BODY_TOO_DEEP: (
            "the request body is nested too deeply",
            "send at most 64 levels of objects and arrays",
        ),
        TransportCode.BATCHING_NOT_OFFERED: (
            "several operations in one request are not offered",
            "send one JSON object per request",
        ),
        TransportCode.REQUEST_MALFORMED: (
            "the request body is not a GraphQL request",
            "send an object of `query` and, where needed, `operationName`, `variables` and `extensions`; nothing else",
        ),
        DocumentCode.GRAPHQL_PARSE_FAILED: ("the document is not GraphQL", "correct the syntax at the named location"),
        DocumentCode.GRAPHQL_VALIDATION_FAILED: (
            "the operation does not fit the schema or the limits",
            "correct it as the message says",
        ),
    },
    401: {
        Refusal.TOKEN_MISSING: (
            "no access token was sent",
            "send `Authorization: Bearer <token>` with a token of a configured issuer",
        ),
        Refusal.TOKEN_INVALID: (
            "the access token is not valid here",
            "request a new token for this gateway's audience from a configured issuer",
        ),
    },
    403: {
        Refusal.CLIENT_UNKNOWN: (
            "the client of this token is not a registered recipient",
            "ask the operator to register the client",
        ),
        Refusal.CLIENT_NOT_VALID: (
            "the registration of this client is not valid now",
            "ask the operator to renew the registration",
        ),
        Refusal.COUNTRY_NOT_ADMITTED: (
            "recipients of this country are not admitted",
            "ask the operator whether your country can be admitted",
        ),
        Refusal.PURPOSE_NOT_ENTITLED: (
            "this client is not entitled to the declared purpose of use",
            "declare a purpose of your registration, or ask the operator to extend it",
        ),
        Refusal.DISCLOSURE_PURPOSE_NOT_ENTITLED: (
            "this client is not entitled to the declared disclosure purpose",
            "declare a disclosure purpose of your registration, or ask the operator to extend it",
        ),
        Refusal.DISCLOSURE_PURPOSE_NOT_ENABLED: (
            "the declared disclosure purpose is not enabled on this gateway",
            "ask the operator whether it can be enabled",
        ),
        Refusal.RECIPIENT_TYPE_MISMATCH: (
            "the declared recipient type is not the one this client is registered with",
            "leave the recipient type out, or send the registered one",
        ),
        Refusal.REFERENCE_NOT_OPEN: (
            "the referenced case or request is not open for this client and purpose",
            "ask the operator to open and approve it",
        ),
        Refusal.ORGANISATION_UNNAMED: (
            "the organisation behind this client is not named in the registry",
            "ask the operator to complete the registration",
        ),
        Refusal.NOTHING_PERMITTED: (
            "the policy permits this recipient nothing for the declared purpose",
            "declare another purpose of your registration",
        ),
        Refusal.FILTER_NOT_PERMITTED: (
            "the filter or order uses an item that may not be read for this purpose",
            "remove that item from `where` and `orderBy`",
        ),
        Refusal.FIELDS_WITHHELD: (
            "some of the requested fields are withheld, and this request asked to be refused then",
            "ask for less, or choose another report mode",
        ),
        TransportCode.PROXY_NOT_TRUSTED: (
            "requests are taken from the named proxy only",
            "send the request through the gateway's public address",
        ),
    },
    404: {
        TransportCode.NOT_FOUND: ("there is nothing at this address", "send operations to `/graphql`"),
    },
    405: {
        TransportCode.METHOD_NOT_ALLOWED: (
            "this address does not take that method",
            "use the method that the `Allow` header names",
        ),
    },
    406: {
        TransportCode.NOT_ACCEPTABLE: (
            "none of the accepted media types is offered",
            "accept `application/graphql-response+json` or `application/json`, in UTF-8",
        ),
    },
    408: {
        TransportCode.BODY_TOO_SLOW: ("the request body did not arrive in time", "send the whole request at once"),
    },
    413: {
        TransportCode.BODY_TOO_LARGE: ("the request body is too large", "send a shorter document, or fewer variables"),
    },
    415: {
        TransportCode.CONTENT_TYPE_UNSUPPORTED: (
            "the content type or encoding of the request is not supported",
            "send `Content-Type: application/json`, in UTF-8 and not compressed",
        ),
    },
    421: {
        TransportCode.TLS_REQUIRED: (
            "this request did not arrive over TLS",
            "use the `https` address, and replace the token that was sent in the clear",
        ),
    },
    500: {
        TransportCode.INTERNAL: ("the gateway failed and nothing was released", "give the operator the request id"),
    },
    503: {
        Refusal.POLICY_NOT_ACTIVE: (
            "no policy version is active now",
            "try again after the operator has activated one",
        ),
        TransportCode.DEADLINE_EXCEEDED: (
            "the answer was not ready in time and nothing was released",
            "try again after the time that `Retry-After` names, or ask for less",
        ),
        TransportCode.LOG_UNAVAILABLE: (
            "the disclosure could not be recorded and nothing was released",
            "try again after the time that `Retry-After` names",
        ),
    },
}

_BY_CODE = {
    code: Problem(code, status, title, remedy)
    for status, rows in _TABLE.items()
    for code, (title, remedy) in rows.items()
}
