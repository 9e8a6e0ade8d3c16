-- Durable work. States: 0 delayed (until run_at), 1 ready, 2 running, 3 done, 4 dead.
CREATE TABLE core_job (
    id          {ID},
    kind        {TEXT} NOT NULL,
    state       {INT}  NOT NULL CHECK (state BETWEEN 0 AND 4),
    priority    {INT}  NOT NULL,
    run_at_ms   {TIME} NOT NULL,
    unique_key  {TEXT} NOT NULL, -- empty: none
    payload     {TEXT} NOT NULL, -- JSON
    attempts    {INT}  NOT NULL DEFAULT 0, -- begun
    process     {INT}  NOT NULL DEFAULT 0, -- that runs it, or did last
    token       {INT}  NOT NULL DEFAULT 0, -- of the claim; whoever lost it cannot finish it
    until_ms    {TIME} NOT NULL DEFAULT 0, -- end of the lease
    progress    {INT}  NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    note        {TEXT} NOT NULL DEFAULT '',
    result      {TEXT} NOT NULL DEFAULT '', -- JSON, or empty
    error       {TEXT} NOT NULL DEFAULT '', -- code of the last failure
    detail      {TEXT} NOT NULL DEFAULT '',
    queued_by   {TEXT} NOT NULL,
    queued_ms   {TIME} NOT NULL,
    started_ms  {TIME} NOT NULL DEFAULT 0, -- last
    finished_ms {TIME} NOT NULL DEFAULT 0
) {STRICT};
CREATE INDEX core_job_ready ON core_job (kind, priority DESC, run_at_ms, id) WHERE state = 1;
CREATE INDEX core_job_delayed ON core_job (run_at_ms) WHERE state = 0;
CREATE INDEX core_job_delayed_by_kind ON core_job (kind) WHERE state = 0;
CREATE UNIQUE INDEX core_job_unique ON core_job (kind, unique_key)
    WHERE state < 2 AND unique_key <> '';
CREATE INDEX core_job_running ON core_job (until_ms) WHERE state = 2;
CREATE INDEX core_job_finished ON core_job (state, finished_ms) WHERE state > 2;

-- When each schedule is next due, and when it last was.
CREATE TABLE core_schedule (
    name    {TEXT} NOT NULL PRIMARY KEY,
    cron    {TEXT} NOT NULL,
    next_ms {TIME} NOT NULL,
    last_ms {TIME} NOT NULL -- 0: never
) {KEYED};
