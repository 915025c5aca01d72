-- What is stored about a person; subject_id is first in every key.

CREATE TABLE subject (
    subject_id uuid NOT NULL,
    registered_at timestamptz NOT NULL,
    closed_at timestamptz,
    service_context text NOT NULL,
    CONSTRAINT pk_subject PRIMARY KEY (subject_id),
    CONSTRAINT ck_subject_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE'))
);

CREATE TABLE subject_attribute (
    subject_id uuid NOT NULL,
    birth_date date,
    birth_precision text,
    birth_date_source smallint DEFAULT 1 NOT NULL,
    sex text,
    sex_source smallint DEFAULT 1 NOT NULL,
    height_cm double precision,
    height_source smallint DEFAULT 1 NOT NULL,
    weight_kg double precision,
    weight_source smallint DEFAULT 1 NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_subject_attribute PRIMARY KEY (subject_id),
    CONSTRAINT ck_subject_attribute_birth_date_is_whole CHECK ((birth_date IS NULL) = (birth_precision IS NULL)),
    CONSTRAINT ck_subject_attribute_birth_precision_known CHECK (birth_precision IN ('DAY', 'MONTH', 'YEAR')),
    CONSTRAINT ck_subject_attribute_sex_known CHECK (sex IN ('MALE', 'FEMALE', 'OTHER')),
    CONSTRAINT ck_subject_attribute_height_cm_finite CHECK (height_cm NOT IN ('NaN', 'Infinity', '-Infinity')),
    CONSTRAINT ck_subject_attribute_weight_kg_finite CHECK (weight_kg NOT IN ('NaN', 'Infinity', '-Infinity')),
    CONSTRAINT ck_subject_attribute_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_subject_attribute_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_subject_attribute_birth_date_source FOREIGN KEY (birth_date_source) REFERENCES data_source (source_id),
    CONSTRAINT fk_subject_attribute_sex_source FOREIGN KEY (sex_source) REFERENCES data_source (source_id),
    CONSTRAINT fk_subject_attribute_height_source FOREIGN KEY (height_source) REFERENCES data_source (source_id),
    CONSTRAINT fk_subject_attribute_weight_source FOREIGN KEY (weight_source) REFERENCES data_source (source_id)
);

CREATE TABLE subject_other_attribute (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_subject_other_attribute PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_subject_other_attribute_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_subject_other_attribute_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_subject_other_attribute_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_subject_other_attribute_newest ON subject_other_attribute (subject_id, acquired_at DESC, row_id);

CREATE TABLE subject_account (
    subject_id uuid NOT NULL,
    login_id text,
    email text,
    token_issued_at timestamptz,
    token_expires_at timestamptz,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_subject_account PRIMARY KEY (subject_id),
    CONSTRAINT ck_subject_account_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_subject_account_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_subject_account_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);

CREATE TABLE subject_account_setting (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_subject_account_setting PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_subject_account_setting_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_subject_account_setting_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_subject_account_setting_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_subject_account_setting_newest ON subject_account_setting (subject_id, acquired_at DESC, row_id);

CREATE TABLE measurement (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    kind text NOT NULL,
    value double precision NOT NULL,
    unit text NOT NULL,
    device text,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_measurement PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_measurement_kind_known CHECK (kind IN ('SYSTOLIC_BLOOD_PRESSURE', 'DIASTOLIC_BLOOD_PRESSURE', 'PULSE', 'BODY_WEIGHT', 'STEPS', 'BODY_TEMPERATURE')),
    CONSTRAINT ck_measurement_value_finite CHECK (value NOT IN ('NaN', 'Infinity', '-Infinity')),
    CONSTRAINT ck_measurement_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_measurement_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_measurement_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_measurement_newest ON measurement (subject_id, taken_at DESC, row_id);

CREATE TABLE linked_app_record (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    kind text NOT NULL,
    value double precision NOT NULL,
    unit text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_linked_app_record PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_linked_app_record_value_finite CHECK (value NOT IN ('NaN', 'Infinity', '-Infinity')),
    CONSTRAINT ck_linked_app_record_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_linked_app_record_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_linked_app_record_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_linked_app_record_newest ON linked_app_record (subject_id, started_at DESC, row_id);

CREATE TABLE survey_answer (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    activity_key text NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    answered_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_survey_answer PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_survey_answer_activity_kind CHECK (starts_with(activity_key, 'SURVEY:')),
    CONSTRAINT ck_survey_answer_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_survey_answer_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_survey_answer_activity_key FOREIGN KEY (activity_key) REFERENCES activity (activity_key),
    CONSTRAINT fk_survey_answer_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_survey_answer_newest ON survey_answer (subject_id, answered_at DESC, row_id);

CREATE TABLE campaign_entry (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    activity_key text NOT NULL,
    entry text NOT NULL,
    entered_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_campaign_entry PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_campaign_entry_activity_kind CHECK (starts_with(activity_key, 'CAMPAIGN:')),
    CONSTRAINT ck_campaign_entry_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_campaign_entry_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_campaign_entry_activity_key FOREIGN KEY (activity_key) REFERENCES activity (activity_key),
    CONSTRAINT fk_campaign_entry_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_campaign_entry_newest ON campaign_entry (subject_id, entered_at DESC, row_id);

CREATE TABLE event_entry (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    activity_key text NOT NULL,
    entry text NOT NULL,
    entered_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_event_entry PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_event_entry_activity_kind CHECK (starts_with(activity_key, 'EVENT:')),
    CONSTRAINT ck_event_entry_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_event_entry_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_event_entry_activity_key FOREIGN KEY (activity_key) REFERENCES activity (activity_key),
    CONSTRAINT fk_event_entry_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_event_entry_newest ON event_entry (subject_id, entered_at DESC, row_id);

CREATE TABLE monitor_trial (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    activity_key text NOT NULL,
    status text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_monitor_trial PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_monitor_trial_activity_kind CHECK (starts_with(activity_key, 'MONITOR_TRIAL:')),
    CONSTRAINT ck_monitor_trial_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_monitor_trial_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_monitor_trial_activity_key FOREIGN KEY (activity_key) REFERENCES activity (activity_key),
    CONSTRAINT fk_monitor_trial_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_monitor_trial_newest ON monitor_trial (subject_id, recorded_at DESC, row_id);

CREATE TABLE clinical_research_recruitment (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    activity_key text NOT NULL,
    status text NOT NULL,
    screening text,
    recorded_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_clinical_research_recruitment PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_clinical_research_recruitment_activity_kind CHECK (starts_with(activity_key, 'CLINICAL_RESEARCH:')),
    CONSTRAINT ck_clinical_research_recruitment_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_clinical_research_recruitment_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_clinical_research_recruitment_activity_key FOREIGN KEY (activity_key) REFERENCES activity (activity_key),
    CONSTRAINT fk_clinical_research_recruitment_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_clinical_research_recruitment_newest ON clinical_research_recruitment (subject_id, recorded_at DESC, row_id);

CREATE TABLE support_case (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    case_number text NOT NULL,
    channel text NOT NULL,
    topic text NOT NULL,
    status text NOT NULL,
    opened_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_support_case PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_support_case_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_support_case_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_support_case_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_support_case_newest ON support_case (subject_id, opened_at DESC, row_id);

CREATE TABLE support_message (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    case_row_id uuid NOT NULL,
    sent_at timestamptz NOT NULL,
    author text NOT NULL,
    body text NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_support_message PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_support_message_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_support_message_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_support_message_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_support_message_case ON support_message (subject_id, case_row_id, sent_at DESC, row_id);
CREATE INDEX ix_support_message_newest ON support_message (subject_id, sent_at DESC, row_id);

CREATE TABLE access_record (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    accessed_at timestamptz NOT NULL,
    page text,
    ip_address text,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_access_record PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_access_record_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_access_record_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_access_record_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_access_record_newest ON access_record (subject_id, accessed_at DESC, row_id);

CREATE TABLE page_reference (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    referring_page text,
    exit_page text,
    referrer text,
    referred_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_page_reference PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_page_reference_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_page_reference_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_page_reference_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_page_reference_newest ON page_reference (subject_id, referred_at DESC, row_id);

CREATE TABLE cookie_record (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    derived text,
    set_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_cookie_record PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_cookie_record_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_cookie_record_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_cookie_record_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_cookie_record_newest ON cookie_record (subject_id, set_at DESC, row_id);

CREATE TABLE app_operation (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    operation text NOT NULL,
    screen text,
    operated_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_app_operation PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_app_operation_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_app_operation_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_app_operation_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_app_operation_newest ON app_operation (subject_id, operated_at DESC, row_id);

CREATE TABLE search_record (
    subject_id uuid NOT NULL,
    row_id uuid NOT NULL,
    query text NOT NULL,
    searched_at timestamptz NOT NULL,
    source_id smallint NOT NULL,
    service_context text NOT NULL,
    provenance text NOT NULL,
    acquired_at timestamptz NOT NULL,
    CONSTRAINT pk_search_record PRIMARY KEY (subject_id, row_id),
    CONSTRAINT ck_search_record_service_context_known CHECK (service_context IN ('KARADO_APP', 'KARADO_SERVICE')),
    CONSTRAINT fk_search_record_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_search_record_source_id FOREIGN KEY (source_id) REFERENCES data_source (source_id)
);
CREATE INDEX ix_search_record_newest ON search_record (subject_id, searched_at DESC, row_id);
