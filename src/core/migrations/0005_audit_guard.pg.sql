-- Refuse what would falsify the audit log.
CREATE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'core_audit_floor' THEN
        IF TG_OP = 'UPDATE' THEN
            IF new.before_ms >= old.before_ms THEN
                RETURN new;
            END IF;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF old.at_ms < (SELECT before_ms FROM core_audit_floor WHERE id = 1) THEN
            RETURN old;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER core_audit_keep BEFORE UPDATE OR DELETE ON core_audit
    FOR EACH ROW EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER core_audit_keep_all BEFORE TRUNCATE ON core_audit
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER core_audit_floor_keep BEFORE UPDATE OR DELETE ON core_audit_floor
    FOR EACH ROW EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER core_audit_floor_keep_all BEFORE TRUNCATE ON core_audit_floor
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();
