-- INVARIANT (append-only): what was recorded is never rewritten, and deleted by retention alone.
-- ENABLE ALWAYS: a session that replays a replication stream is refused as well.

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'disclosure_log' AND current_user = 'sekisho_retention' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '`%` is append-only: % is refused; record a new event instead', TG_TABLE_NAME, lower(TG_OP)
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER consent_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
ALTER TABLE consent_event ENABLE ALWAYS TRIGGER consent_event_append_only;

CREATE TRIGGER disclosure_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON disclosure_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
ALTER TABLE disclosure_log ENABLE ALWAYS TRIGGER disclosure_log_append_only;
