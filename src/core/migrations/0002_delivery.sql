-- Programs on this database: those with a Core, which renew their row (`beats`), and others.
-- One that has not been seen for long, or whose process is gone, holds nothing any more.
CREATE TABLE core_process (
    id         {ID},
    node       {INT}  NOT NULL, -- its part of new ids: base/id.h
    beats      {BOOL} NOT NULL,
    mark       {TEXT} NOT NULL, -- tells whether it lives, to others on its machine: process.c
    started_ms {TIME} NOT NULL,
    seen_ms    {TIME} NOT NULL
) {STRICT};

-- How far each reaction got: all events up to (xid, event_id) are settled. `holder` delivers
-- to it until its lease ends; `fence` grows with every new holder, and whoever saves says
-- which one it has.
CREATE TABLE core_consumer (
    name     {TEXT} NOT NULL PRIMARY KEY,
    xid      {INT}  NOT NULL,
    event_id {INT}  NOT NULL,
    holder   {INT}  NOT NULL DEFAULT 0, -- core_process.id, or 0
    fence    {INT}  NOT NULL DEFAULT 0,
    until_ms {TIME} NOT NULL DEFAULT 0,
    moved_ms {TIME} NOT NULL,
    seen_ms  {TIME} NOT NULL -- by a program that has this reaction
) {KEYED};

-- Deliveries that failed: tried again later (state 0), or given up and parked until
-- somebody replays or drops them (state 1). With a copy of the event: it outlives core_event.
CREATE TABLE core_event_parked (
    consumer   {TEXT} NOT NULL,
    event_id   {INT}  NOT NULL,
    xid        {INT}  NOT NULL,
    type       {TEXT} NOT NULL,
    version    {INT}  NOT NULL,
    stream     {INT}  NOT NULL,
    at_ms      {TIME} NOT NULL,
    payload    {TEXT} NOT NULL,
    state      {INT}  NOT NULL CHECK (state IN (0, 1)),
    tries      {INT}  NOT NULL,
    next_ms    {TIME} NOT NULL, -- of the next try
    error      {TEXT} NOT NULL, -- code of the last failure; empty: only waits behind another
    detail     {TEXT} NOT NULL,
    failed_ms  {TIME} NOT NULL, -- first
    changed_ms {TIME} NOT NULL,
    PRIMARY KEY (consumer, event_id)
) {KEYED};
CREATE INDEX core_event_parked_by_order ON core_event_parked (consumer, xid, event_id)
    WHERE state = 0;
CREATE INDEX core_event_parked_by_event ON core_event_parked (event_id, consumer)
    WHERE state = 1;
