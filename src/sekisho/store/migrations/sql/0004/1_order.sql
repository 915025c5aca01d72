-- What people may be ordered by, beside the consent profile they stand under. An index that leads with the profile
-- holds nobody's refused value among those that a page looks at, so that a page costs the same however many refuse.
CREATE TABLE subject_order (
    subject_id uuid NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    profile_id integer NOT NULL,
    birth_date text COLLATE "C",
    birth_year integer,
    latest_birthday date,
    birth_date_source smallint,
    sex text,
    sex_source smallint,
    height_cm double precision,
    height_source smallint,
    weight_kg double precision,
    weight_source smallint,
    CONSTRAINT pk_subject_order PRIMARY KEY (subject_id, valid_from),
    CONSTRAINT ck_subject_order_height_cm_finite CHECK (height_cm NOT IN ('NaN', 'Infinity', '-Infinity')),
    CONSTRAINT ck_subject_order_weight_kg_finite CHECK (weight_kg NOT IN ('NaN', 'Infinity', '-Infinity'))
);

CREATE INDEX ix_subject_order_birth_date ON subject_order (profile_id, birth_date, subject_id)
    INCLUDE (birth_date_source, valid_from, valid_until) WHERE birth_date IS NOT NULL;
CREATE INDEX ix_subject_order_birth_year ON subject_order (profile_id, birth_year, subject_id)
    INCLUDE (latest_birthday, birth_date_source, valid_from, valid_until) WHERE birth_year IS NOT NULL;
CREATE INDEX ix_subject_order_latest_birthday ON subject_order (profile_id, latest_birthday, subject_id)
    INCLUDE (birth_date_source, valid_from, valid_until) WHERE latest_birthday IS NOT NULL;
CREATE INDEX ix_subject_order_sex ON subject_order (profile_id, sex, subject_id)
    INCLUDE (sex_source, valid_from, valid_until) WHERE sex IS NOT NULL;
CREATE INDEX ix_subject_order_height_cm ON subject_order (profile_id, height_cm, subject_id)
    INCLUDE (height_source, valid_from, valid_until) WHERE height_cm IS NOT NULL;
CREATE INDEX ix_subject_order_weight_kg ON subject_order (profile_id, weight_kg, subject_id)
    INCLUDE (weight_source, valid_from, valid_until) WHERE weight_kg IS NOT NULL;

GRANT SELECT ON subject_order TO sekisho_gateway;
GRANT SELECT, INSERT, UPDATE, DELETE ON subject_order TO sekisho_operator;
