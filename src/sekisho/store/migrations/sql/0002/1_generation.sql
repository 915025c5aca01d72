-- INVARIANT (generation): whoever changes the registry changes its generation, in the same transaction.
-- What a gateway remembers of the registry holds for the generation it was read under, and for no other.

CREATE TABLE registry_generation (
    singleton boolean DEFAULT true NOT NULL,
    generation uuid DEFAULT gen_random_uuid() NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_registry_generation PRIMARY KEY (singleton),
    CONSTRAINT ck_registry_generation_one_row CHECK (singleton)
);
INSERT INTO registry_generation DEFAULT VALUES;

GRANT SELECT ON registry_generation TO sekisho_gateway, sekisho_operator;

-- Once for each transaction: its first change leaves the row with this transaction's id and time. The id alone comes
-- round again after 2^32 transactions; the time alone may be shared by two.
CREATE FUNCTION renew_registry_generation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE registry_generation SET generation = gen_random_uuid(), changed_at = now()
        WHERE NOT (xmin = pg_current_xact_id()::xid AND changed_at = now());
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION renew_registry_generation() FROM PUBLIC;

-- A snapshot taken before a TRUNCATE sees the emptied table and yet the generation from before.
CREATE FUNCTION refuse_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '`%` is never truncated: delete its rows instead, so that gateways learn of it', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

-- Deferred: the one row is locked at commit alone, after every other lock of the transaction, so that no two
-- transactions wait for each other. ENABLE ALWAYS: changes that a replication stream replays count as well.
DO $$
DECLARE
    changing text;
BEGIN
    EXECUTE format('ALTER FUNCTION renew_registry_generation() SET search_path = pg_catalog, %I, pg_temp', current_schema());
    FOREACH changing IN ARRAY ARRAY['recipient', 'policy_version', 'data_source', 'access_case', 'activity', 'lens'] LOOP
        EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %I'
            ' DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION renew_registry_generation()',
            changing || '_renews_generation', changing);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', changing, changing || '_renews_generation');
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()', changing || '_not_truncated', changing);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', changing, changing || '_not_truncated');
    END LOOP;
END
$$;
