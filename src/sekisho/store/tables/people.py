"""What is stored about a person: every table a governed field may name.

INVARIANT (no password): no column is called or holds a password (statement C3).
"""

from sqlalchemy import CheckConstraint, Column, Date, Index, Table, Uuid, text

from sekisho.store.tables.columns import (
    METADATA,
    about_subject,
    finite,
    identifier,
    in_service,
    instant,
    number,
    one_of,
    rows_of_subject,
    source,
    words,
)
from sekisho.store.tables.registry import of_activity, of_activity_kind
from sekisho.vocabulary import BirthPrecision

MEASUREMENT_KINDS = (
    "SYSTOLIC_BLOOD_PRESSURE",
    "DIASTOLIC_BLOOD_PRESSURE",
    "PULSE",
    "BODY_WEIGHT",
    "STEPS",
    "BODY_TEMPERATURE",
)
SEXES = ("MALE", "FEMALE", "OTHER")

subject = Table(
    "subject",
    METADATA,
    Column("subject_id", Uuid, primary_key=True),
    instant("registered_at"),
    instant("closed_at", nullable=True),
    words("service_context"),
    in_service(),
)

subject_attribute = about_subject(
    "subject_attribute",
    Column("birth_date", Date),
    words("birth_precision", nullable=True),
    source("birth_date_source", stated=True),
    words("sex", nullable=True),
    source("sex_source", stated=True),
    number("height_cm", nullable=True),
    source("height_source", stated=True),
    number("weight_kg", nullable=True),
    source("weight_source", stated=True),
    CheckConstraint("(birth_date IS NULL) = (birth_precision IS NULL)", name="birth_date_is_whole"),
    one_of("birth_precision", BirthPrecision),
    one_of("sex", SEXES),
    finite("height_cm"),
    finite("weight_kg"),
)

subject_other_attribute = rows_of_subject("subject_other_attribute", "acquired_at", words("name"), words("value"))

subject_account = about_subject(
    "subject_account",
    words("login_id", nullable=True),
    words("email", nullable=True),
    instant("token_issued_at", nullable=True),
    instant("token_expires_at", nullable=True),
    source(),
)

subject_account_setting = rows_of_subject("subject_account_setting", "acquired_at", words("name"), words("value"))

measurement = rows_of_subject(
    "measurement",
    "taken_at",
    instant("taken_at"),
    words("kind"),
    number("value"),
    words("unit"),
    words("device", nullable=True),
    one_of("kind", MEASUREMENT_KINDS),
    finite("value"),
)

linked_app_record = rows_of_subject(
    "linked_app_record",
    "started_at",
    words("kind"),
    number("value"),
    words("unit"),
    instant("started_at"),
    instant("ended_at", nullable=True),
    finite("value"),
)

survey_answer = rows_of_subject(
    "survey_answer",
    "answered_at",
    of_activity(),
    words("question"),
    words("answer"),
    instant("answered_at"),
    of_activity_kind("SURVEY"),
)

campaign_entry = rows_of_subject(
    "campaign_entry",
    "entered_at",
    of_activity(),
    words("entry"),
    instant("entered_at"),
    of_activity_kind("CAMPAIGN"),
)

event_entry = rows_of_subject(
    "event_entry",
    "entered_at",
    of_activity(),
    words("entry"),
    instant("entered_at"),
    of_activity_kind("EVENT"),
)

monitor_trial = rows_of_subject(
    "monitor_trial",
    "recorded_at",
    of_activity(),
    words("status"),
    words("note", nullable=True),
    instant("recorded_at"),
    of_activity_kind("MONITOR_TRIAL"),
)

clinical_research_recruitment = rows_of_subject(
    "clinical_research_recruitment",
    "recorded_at",
    of_activity(),
    words("status"),
    words("screening", nullable=True),
    instant("recorded_at"),
    of_activity_kind("CLINICAL_RESEARCH"),
)

support_case = rows_of_subject(
    "support_case",
    "opened_at",
    words("case_number"),
    words("channel"),
    words("topic"),
    words("status"),
    instant("opened_at"),
)

support_message = rows_of_subject(
    "support_message",
    "sent_at",
    identifier("case_row_id"),
    instant("sent_at"),
    words("author"),
    words("body"),
    Index("ix_support_message_case", "subject_id", "case_row_id", text("sent_at DESC"), "row_id"),
)

access_record = rows_of_subject(
    "access_record",
    "accessed_at",
    instant("accessed_at"),
    words("page", nullable=True),
    words("ip_address", nullable=True),
)

page_reference = rows_of_subject(
    "page_reference",
    "referred_at",
    words("referring_page", nullable=True),
    words("exit_page", nullable=True),
    words("referrer", nullable=True),
    instant("referred_at"),
)

cookie_record = rows_of_subject(
    "cookie_record",
    "set_at",
    words("name"),
    words("value"),
    words("derived", nullable=True),
    instant("set_at"),
)

app_operation = rows_of_subject(
    "app_operation",
    "operated_at",
    words("operation"),
    words("screen", nullable=True),
    instant("operated_at"),
)

search_record = rows_of_subject("search_record", "searched_at", words("query"), instant("searched_at"))
