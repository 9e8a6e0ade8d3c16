-- Where events are sent, and what was sent there.
CREATE TABLE people_webhook (
    id            {ID},
    url           {TEXT} NOT NULL,
    description   {TEXT} NOT NULL,
    events        {TEXT} NOT NULL, -- names, one a line; "order.*" and "*" too
    secret        {TEXT} NOT NULL, -- sealed
    secret_old    {TEXT} NOT NULL, -- the one before, as long as both sign
    old_until_ms  {TIME},
    key_seed      {TEXT} NOT NULL, -- Ed25519, sealed
    public_key    {TEXT} NOT NULL,
    active        {BOOL} NOT NULL,
    reason        {TEXT} NOT NULL, -- why it was switched off
    failing_ms    {TIME},          -- since when nothing has arrived
    rev           {INT} NOT NULL,
    created_ms    {TIME} NOT NULL,
    updated_ms    {TIME} NOT NULL
) {STRICT};

CREATE TABLE people_webhook_delivery (
    id          {ID},
    webhook_id  {INT} NOT NULL REFERENCES people_webhook (id) ON DELETE CASCADE,
    event_id    {TEXT} NOT NULL,
    type        {TEXT} NOT NULL,
    body        {TEXT} NOT NULL,
    status      {TEXT} NOT NULL CHECK (status IN ('waiting', 'done', 'failed')),
    attempts    {INT} NOT NULL,
    http_status {INT} NOT NULL, -- of the last attempt; 0: none
    problem     {TEXT} NOT NULL,
    millis      {INT} NOT NULL,
    created_ms  {TIME} NOT NULL,
    next_ms     {TIME},
    done_ms     {TIME}
) {STRICT};
CREATE UNIQUE INDEX people_webhook_delivery_once ON people_webhook_delivery (webhook_id, event_id);
CREATE INDEX people_webhook_delivery_by_webhook ON people_webhook_delivery (webhook_id, id);
