-- Who changed what. Rows are never changed; they are deleted only when they are older than
-- the time that core_audit_floor says, which only moves forward.
CREATE TABLE core_audit (
    id         {ID},
    at_ms      {TIME} NOT NULL,
    actor_kind {INT}  NOT NULL, -- enum ActorKind
    actor_id   {INT}  NOT NULL,
    actor_name {TEXT} NOT NULL,
    session    {INT}  NOT NULL,
    request_id {TEXT} NOT NULL,
    entity     {TEXT} NOT NULL,
    entity_id  {INT}  NOT NULL,
    action     {TEXT} NOT NULL,
    before     {TEXT} NOT NULL, -- JSON of the fields that changed, or empty
    after      {TEXT} NOT NULL
) {STRICT};
CREATE INDEX core_audit_by_entity ON core_audit (entity, entity_id, id);
CREATE INDEX core_audit_by_actor ON core_audit (actor_kind, actor_id, id);

CREATE TABLE core_audit_floor (
    id        {INT}  NOT NULL PRIMARY KEY CHECK (id = 1),
    before_ms {TIME} NOT NULL
) {KEYED};
INSERT INTO core_audit_floor (id, before_ms) VALUES (1, 0);
