-- The disclosure log by subject. A statement only appends to the index's pending list (fastupdate), which every
-- reader reads as well: a row is found from its commit on. `index_disclosures` merges the list afterwards, outside
-- the statements. Should nobody merge, a statement does so itself at 4 MB: half a second, far from any deadline.
CREATE INDEX ix_disclosure_log_subjects ON disclosure_log USING gin (subjects)
    WITH (fastupdate = on, gin_pending_list_limit = 4096);

CREATE FUNCTION index_disclosures() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF pg_try_advisory_xact_lock(7365030) THEN
        RETURN gin_clean_pending_list('ix_disclosure_log_subjects');
    END IF;
    RETURN 0;
END
$$;
REVOKE ALL ON FUNCTION index_disclosures() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION index_disclosures() TO sekisho_gateway, sekisho_operator;

DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION index_disclosures() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
