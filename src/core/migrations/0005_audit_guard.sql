-- Refuse what would falsify the audit log.
CREATE TRIGGER core_audit_keep_update BEFORE UPDATE ON core_audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER core_audit_keep_delete BEFORE DELETE ON core_audit
WHEN old.at_ms >= (SELECT before_ms FROM core_audit_floor WHERE id = 1)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER core_audit_floor_update BEFORE UPDATE ON core_audit_floor
WHEN new.before_ms < old.before_ms
BEGIN
    SELECT RAISE(ABORT, 'the floor of the audit log only rises');
END;
CREATE TRIGGER core_audit_floor_delete BEFORE DELETE ON core_audit_floor
BEGIN
    SELECT RAISE(ABORT, 'the floor of the audit log only rises');
END;
