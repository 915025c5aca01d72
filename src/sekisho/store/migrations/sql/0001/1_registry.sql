-- Who and what is known besides people.

CREATE TABLE data_source (
    source_id smallint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    label_ja text NOT NULL,
    label_en text NOT NULL,
    CONSTRAINT pk_data_source PRIMARY KEY (source_id),
    CONSTRAINT ck_data_source_source_id_is_a_bit CHECK (source_id BETWEEN 0 AND 62),
    CONSTRAINT ck_data_source_kind_known CHECK (kind IN ('UNCLASSIFIED', 'SUBJECT', 'OMRON_CONNECT_CLOUD', 'LINKED_APP', 'THIRD_PARTY')),
    CONSTRAINT uq_data_source_kind_name UNIQUE (kind, name)
);

CREATE TABLE activity (
    activity_key text NOT NULL,
    kind text NOT NULL,
    title_ja text NOT NULL,
    title_en text NOT NULL,
    sensitive boolean NOT NULL,
    CONSTRAINT pk_activity PRIMARY KEY (activity_key),
    CONSTRAINT ck_activity_kind_known CHECK (kind IN ('SURVEY', 'CAMPAIGN', 'EVENT', 'MONITOR_TRIAL', 'CLINICAL_RESEARCH')),
    CONSTRAINT ck_activity_key_tells_kind CHECK (starts_with(activity_key, kind || ':'))
);

CREATE TABLE recipient (
    client_id text NOT NULL,
    version integer NOT NULL,
    recipient_id text NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    address text NOT NULL,
    representative text NOT NULL,
    country text NOT NULL,
    recipient_type text NOT NULL,
    purposes text[] NOT NULL,
    disclosure_purposes text[] NOT NULL,
    linked_service text,
    entitlements text[] NOT NULL,
    contract_reference text NOT NULL,
    entrustment boolean NOT NULL,
    statutory_basis text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    revoked_at timestamptz,
    registered_at timestamptz NOT NULL,
    CONSTRAINT pk_recipient PRIMARY KEY (client_id, version),
    CONSTRAINT ck_recipient_version_counts_from_one CHECK (version >= 1),
    CONSTRAINT ck_recipient_recipient_type_known CHECK (recipient_type IN ('SELF', 'FIRST_PARTY', 'AFFILIATE', 'CAPITAL_ALLIANCE_PARTNER', 'BUSINESS_ALLIANCE_PARTNER', 'JOINT_RESEARCH_PARTNER', 'OPERATIONS_CONTRACTOR', 'DATA_LINKAGE_PARTNER', 'OTHER_THIRD_PARTY', 'PUBLIC_AUTHORITY', 'EXTERNAL_AUTH_SERVICE', 'STATISTICS_RECIPIENT'))
);

CREATE TABLE access_case (
    case_id text NOT NULL,
    client_id text NOT NULL,
    disclosure text NOT NULL,
    subjects uuid[] NOT NULL,
    items text[] NOT NULL,
    opened_by text NOT NULL,
    opened_at timestamptz NOT NULL,
    approved_by text,
    approved_at timestamptz,
    expires_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT pk_access_case PRIMARY KEY (case_id),
    CONSTRAINT ck_access_case_disclosure_known CHECK (disclosure IN ('LEGAL_COMPLIANCE', 'LEGAL_CLAIMS', 'ABUSE_SECURITY_SAFETY')),
    CONSTRAINT ck_access_case_two_operators CHECK (approved_by <> opened_by),
    CONSTRAINT ck_access_case_approval_is_whole CHECK ((approved_by IS NULL) = (approved_at IS NULL))
);

CREATE TABLE policy_version (
    version text NOT NULL,
    effective_from timestamptz NOT NULL,
    document_sha256 text NOT NULL,
    text_sha256 text NOT NULL,
    registered_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_policy_version PRIMARY KEY (version)
);

CREATE TABLE gateway_key (
    name text NOT NULL,
    fingerprint text NOT NULL,
    registered_at timestamptz NOT NULL,
    CONSTRAINT pk_gateway_key PRIMARY KEY (name)
);

INSERT INTO data_source (source_id, kind, name, label_ja, label_en) VALUES
    (0, 'UNCLASSIFIED', '', '出所不明', 'Unclassified'),
    (1, 'SUBJECT', '', 'お客様本人', 'The data subject'),
    (2, 'OMRON_CONNECT_CLOUD', '', 'OMRON connect クラウド', 'OMRON connect cloud'),
    (3, 'LINKED_APP', 'GOOGLE_FIT', 'Google Fit', 'Google Fit'),
    (4, 'LINKED_APP', 'APPLE_HEALTH', 'Apple ヘルスケア', 'Apple Health'),
    (5, 'LINKED_APP', 'HEALTH_CONNECT', 'ヘルスコネクト', 'Health Connect');
