-- Who may send events: a key each for what sends, told to it openly.
CREATE TABLE track_key (
    id          {ID},
    name        {TEXT} NOT NULL,
    write_key   {TEXT} NOT NULL,
    kind        {TEXT} NOT NULL CHECK (kind IN ('browser', 'server')),
    aliases     {JSON} NOT NULL, -- a list of texts: measurement ids, Matomo's site ids
    origins     {JSON} NOT NULL, -- a list of texts; none: pages of any origin
    per_minute  {INT} NOT NULL,  -- events; 0: no limit
    own         {BOOL} NOT NULL, -- the shop's own pages use it
    rev         {INT} NOT NULL,
    created_ms  {TIME} NOT NULL,
    updated_ms  {TIME} NOT NULL,
    revoked_ms  {TIME}
) {STRICT};
CREATE UNIQUE INDEX track_key_by_text ON track_key (write_key);

-- What could not be understood, with the reason. Bounded: the oldest go first.
CREATE TABLE track_rejected (
    id        {ID},
    place     {INT} NOT NULL, -- where it stood in the queue, so that it comes in once
    key_id    {INT} NOT NULL, -- 0: an unknown one
    format    {TEXT} NOT NULL, -- "segment", "ga4", "matomo"
    reason    {TEXT} NOT NULL,
    raw       {TEXT} NOT NULL,
    cut       {BOOL} NOT NULL, -- only its beginning was kept: it cannot be replayed
    at_ms     {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX track_rejected_by_place ON track_rejected (place);
