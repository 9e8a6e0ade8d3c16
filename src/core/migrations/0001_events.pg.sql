-- The outbox: what modules told, in the transaction that made it true. Transactions commit
-- in another order than they take ids, and a reader that went by ids would skip those that
-- commit late. So a row knows its transaction, rows are read in the order (xid, id), and
-- only while xid is below that of every transaction that may still commit.
CREATE TABLE core_event (
    xid     {INT}  NOT NULL DEFAULT CAST(CAST(pg_current_xact_id() AS text) AS bigint),
    id      {INT}  NOT NULL,
    type    {TEXT} NOT NULL,
    version {INT}  NOT NULL,
    stream  {INT}  NOT NULL,
    at_ms   {TIME} NOT NULL,
    payload {TEXT} NOT NULL, -- JSON
    PRIMARY KEY (xid, id)
);
