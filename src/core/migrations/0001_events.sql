-- The outbox: what modules told, in the transaction that made it true. On SQLite there is
-- one writer at a time and every new id is higher than all before, so ids are in the order
-- of commits; on PostgreSQL they are not, see the other file.
CREATE TABLE core_event (
    id      {ID},
    type    {TEXT} NOT NULL,
    version {INT}  NOT NULL,
    stream  {INT}  NOT NULL,
    at_ms   {TIME} NOT NULL,
    payload {TEXT} NOT NULL -- JSON
) {STRICT};
