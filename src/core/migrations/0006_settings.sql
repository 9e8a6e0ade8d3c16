-- Settings: one struct each, as JSON of its shape.
CREATE TABLE core_setting (
    name       {TEXT} NOT NULL PRIMARY KEY,
    version    {INT}  NOT NULL, -- 1, 2, …: grows with every change
    value      {TEXT} NOT NULL,
    secrets    {TEXT} NOT NULL, -- the fields that no reply ever shows
    changed_ms {TIME} NOT NULL,
    changed_by {TEXT} NOT NULL
) {KEYED};

-- 32 random bytes per purpose, made once per installation.
CREATE TABLE core_secret (
    name    {TEXT} NOT NULL PRIMARY KEY,
    bytes   {BLOB} NOT NULL CHECK (length(bytes) = 32),
    made_ms {TIME} NOT NULL
) {KEYED};

-- Replies to requests with an Idempotency-Key.
CREATE TABLE core_idempotency (
    scope      {TEXT} NOT NULL, -- caller, method and path
    key        {TEXT} NOT NULL,
    print      {TEXT} NOT NULL, -- of the body
    status     {INT}  NOT NULL, -- 0: still running; 1: has changed something
    type       {TEXT} NOT NULL,
    location   {TEXT} NOT NULL,
    etag       {TEXT} NOT NULL,
    body       {TEXT} NOT NULL,
    process    {INT}  NOT NULL, -- that runs it
    claimed_ms {TIME} NOT NULL,
    PRIMARY KEY (scope, key)
) {STRICT};
CREATE INDEX core_idempotency_by_time ON core_idempotency (claimed_ms);
