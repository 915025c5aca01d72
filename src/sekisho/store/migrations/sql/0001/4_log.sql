-- The disclosure log and the handles that stand for people in it.

CREATE TABLE subject_handle (
    handle uuid NOT NULL,
    subject_id uuid NOT NULL,
    CONSTRAINT pk_subject_handle PRIMARY KEY (handle),
    CONSTRAINT uq_subject_handle_subject_id UNIQUE (subject_id),
    CONSTRAINT fk_subject_handle_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id)
);

CREATE TABLE disclosure_log (
    row_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    schema smallint NOT NULL,
    nonce bytea NOT NULL,
    outcome text NOT NULL,
    refusal text NOT NULL,
    client_id text NOT NULL,
    client_version integer NOT NULL,
    recipient_type text NOT NULL,
    purpose text NOT NULL,
    disclosure text NOT NULL,
    serves text NOT NULL,
    study text NOT NULL,
    reference text NOT NULL,
    ignored_purpose text NOT NULL,
    policy_version text NOT NULL,
    lens_key text NOT NULL,
    operation_name text NOT NULL,
    operation_sha256 text NOT NULL,
    request_id text NOT NULL,
    token_id text NOT NULL,
    report_mode text NOT NULL,
    root text NOT NULL,
    coordinates text[] NOT NULL,
    items text[] NOT NULL,
    uses text[] NOT NULL,
    transforms text[] NOT NULL,
    lists text[] NOT NULL,
    subjects uuid[] NOT NULL,
    profiles integer[] NOT NULL,
    evidence text[] NOT NULL,
    outcomes text[] NOT NULL,
    row_counts integer[] NOT NULL,
    legal_basis text NOT NULL,
    CONSTRAINT pk_disclosure_log PRIMARY KEY (row_id),
    CONSTRAINT ck_disclosure_log_outcome_known CHECK (outcome IN ('ANSWERED', 'REJECTED', 'REFUSED')),
    CONSTRAINT ck_disclosure_log_nonce_length CHECK (octet_length(nonce) = 32)
);
CREATE INDEX ix_disclosure_log_in_time ON disclosure_log (occurred_at, row_id);
