-- What people said, and the interned states it folds into.

CREATE TABLE consent_event (
    subject_id uuid NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    event_time timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    policy_version text,
    text_sha256 text,
    scope jsonb,
    valid_until timestamptz,
    ends text[] DEFAULT '{}' NOT NULL,
    key text,
    target text,
    channel text,
    language text,
    entity text,
    method text,
    notice_presented_at timestamptz,
    evidence jsonb,
    CONSTRAINT pk_consent_event PRIMARY KEY (subject_id, event_id),
    CONSTRAINT ck_consent_event_kind_known CHECK (kind IN ('ACCEPTANCE', 'REFUSAL', 'WITHDRAWAL', 'OBJECTION', 'RESTRICTION', 'LIFT', 'LINK', 'UNLINK', 'THIRD_PARTY_CONSENT', 'THIRD_PARTY_CONSENT_WITHDRAWAL', 'PARTICIPATION', 'PARTICIPATION_END', 'ADULT_ATTESTATION')),
    CONSTRAINT ck_consent_event_target_known CHECK (target IN ('PROCESSING', 'THIRD_PARTY_PROVISION'))
);

CREATE TABLE consent_profile (
    profile_id integer GENERATED ALWAYS AS IDENTITY,
    state text NOT NULL,
    CONSTRAINT pk_consent_profile PRIMARY KEY (profile_id),
    CONSTRAINT uq_consent_profile_state UNIQUE (state)
);

CREATE TABLE subject_state (
    subject_id uuid NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    profile_id integer NOT NULL,
    participations text[] DEFAULT '{}' NOT NULL,
    evidence jsonb NOT NULL,
    account_state text NOT NULL,
    CONSTRAINT pk_subject_state PRIMARY KEY (subject_id, valid_from),
    CONSTRAINT ck_subject_state_lasts CHECK (valid_from < valid_until),
    CONSTRAINT ck_subject_state_account_state_known CHECK (account_state IN ('REGISTERED', 'ACTIVE', 'SUSPENDED', 'ENDED', 'CLOSED')),
    CONSTRAINT fk_subject_state_subject_id FOREIGN KEY (subject_id) REFERENCES subject (subject_id),
    CONSTRAINT fk_subject_state_profile_id FOREIGN KEY (profile_id) REFERENCES consent_profile (profile_id)
);

CREATE TABLE lens (
    lens_id integer GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    CONSTRAINT pk_lens PRIMARY KEY (lens_id),
    CONSTRAINT uq_lens_key UNIQUE (key)
);

CREATE TABLE lens_mask (
    policy_version text NOT NULL,
    lens_id integer NOT NULL,
    profile_id integer NOT NULL,
    items bigint NOT NULL,
    sources bigint NOT NULL,
    CONSTRAINT pk_lens_mask PRIMARY KEY (policy_version, lens_id, profile_id),
    CONSTRAINT fk_lens_mask_lens_id FOREIGN KEY (lens_id) REFERENCES lens (lens_id),
    CONSTRAINT fk_lens_mask_profile_id FOREIGN KEY (profile_id) REFERENCES consent_profile (profile_id)
);
