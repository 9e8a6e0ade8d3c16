-- Every statement of src/core. How to read and write this file: docs/sql.md.

-- --- events -------------------------------------------------------------------------

-- An id that is higher than all before, also when the clock went back or another program
-- wrote last. The newest row is never pruned, so that this holds.
-- @query event_add exec
-- @in  id int, type text, version int, stream int, at time, payload text
INSERT INTO core_event (id, type, version, stream, at_ms, payload)
VALUES (max(:id, (SELECT coalesce(max(id), 0) + 1 FROM core_event)),
        :type, :version, :stream, :at, :payload);
-- @pg
INSERT INTO core_event (id, type, version, stream, at_ms, payload)
VALUES (:id, :type, :version, :stream, :at, :payload);

-- `ready`: no transaction that comes before it can still commit. `below` is a limit found
-- by event_frontier, 0 for none.
-- @query event_read many CoreEventRow
-- @in  xid int, id int, below int, max int
-- @out xid int, id int, type text, version int, stream int, at_ms time, payload text, ready bool
SELECT 0 AS xid, id, type, version, stream, at_ms, payload, TRUE AS ready
FROM core_event WHERE id > :id AND :xid >= 0 AND :below >= 0 ORDER BY id LIMIT :max;
-- @pg
SELECT xid, id, type, version, stream, at_ms, payload,
       (xid < :below OR xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint))
           AS ready
FROM core_event WHERE (xid, id) > (:xid, :id) ORDER BY xid, id LIMIT :max;

-- A limit below which this database has no open transaction, for when those of other
-- databases of the cluster hold pg_snapshot_xmin back. The transactions are looked at after
-- `ends` is known and before the rows are read (in another statement), so none can slip
-- through. 0 when somebody's transactions cannot be seen.
-- @query event_frontier one
-- @in  ends int
-- @out below int
SELECT :ends AS below;
-- @pg
SELECT CASE
    WHEN count(*) FILTER (WHERE query = '<insufficient privilege>') > 0 THEN 0
    ELSE coalesce(min(CAST(CAST(backend_xid AS text) AS bigint) + :ends - :ends % 4294967296
             - CASE WHEN CAST(CAST(backend_xid AS text) AS bigint) > :ends % 4294967296
                    THEN 4294967296 ELSE 0 END), :ends) END AS below
FROM pg_stat_activity WHERE datname = current_database();

-- The next transaction's number.
-- @query event_ends one
-- @out below int
SELECT 0 AS below;
-- @pg
SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS below;

-- Where a reader begins that wants only what comes from now on.
-- @query event_end one
-- @out xid int, id int
SELECT 0 AS xid, coalesce(max(id), 0) AS id FROM core_event;
-- @pg
SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) - 1 AS xid,
       9223372036854775807 AS id;

-- The newest position that anything refers to.
-- @query event_newest one
-- @out xid int, id int
SELECT coalesce(max(xid), 0) AS xid, 0 AS id FROM core_consumer;
-- @pg
SELECT coalesce(max(xid), 0) AS xid, 0 AS id
FROM (SELECT max(xid) AS xid FROM core_event UNION ALL SELECT max(xid) FROM core_consumer) x;

-- @query event_shift exec
-- @in  by int
-- @scan after a dump was restored into another cluster, once
UPDATE core_event SET version = version WHERE :by < 0;
-- @pg
UPDATE core_event SET xid = xid - :by;

-- @query consumer_shift exec
-- @in  by int
-- @scan a few dozen rows
UPDATE core_consumer SET xid = xid - :by;

-- @query parked_shift exec
-- @in  by int
-- @scan after a dump was restored into another cluster, once
UPDATE core_event_parked SET xid = xid - :by;

-- The oldest events, to see how far they may be deleted.
-- @query event_oldest many CoreEventAge
-- @in  xid int, id int, max int
-- @out xid int, id int, at_ms time
SELECT 0 AS xid, id, at_ms FROM core_event
WHERE id <= :id AND :xid >= 0 AND id < (SELECT max(id) FROM core_event) ORDER BY id LIMIT :max;
-- @pg
SELECT xid, id, at_ms FROM core_event WHERE (xid, id) <= (:xid, :id) ORDER BY xid, id LIMIT :max;

-- The oldest event after a place, for how far behind a reaction is.
-- @query event_after maybe
-- @in  xid int, id int
-- @out at_ms time
SELECT at_ms FROM core_event WHERE id > :id AND :xid >= 0 ORDER BY id LIMIT 1;
-- @pg
SELECT at_ms FROM core_event WHERE (xid, id) > (:xid, :id) ORDER BY xid, id LIMIT 1;

-- @query event_prune exec
-- @in  xid int, id int
DELETE FROM core_event WHERE id <= :id AND :xid >= 0;
-- @pg
DELETE FROM core_event WHERE (xid, id) <= (:xid, :id);

-- --- processes and leases -----------------------------------------------------------

-- @query process_put exec
-- @in  id int, node int, beats bool, mark text, now time
INSERT INTO core_process (id, node, beats, mark, started_ms, seen_ms)
VALUES (:id, :node, :beats, :mark, :now, :now)
ON CONFLICT (id) DO UPDATE SET node = excluded.node, seen_ms = excluded.seen_ms;

-- @query process_list many CoreProcess
-- @in  max int
-- @out id int, node int, beats bool, mark text, seen_ms time
-- @scan one row per running program
SELECT id, node, beats, mark, seen_ms FROM core_process ORDER BY id LIMIT :max;

-- @query process_get maybe CoreProcess
-- @in  id int
-- @out id int, node int, beats bool, mark text, seen_ms time
SELECT id, node, beats, mark, seen_ms FROM core_process WHERE id = :id;

-- @query process_delete exec
-- @in  id int
DELETE FROM core_process WHERE id = :id;

-- @query consumer_add exec
-- @in  name text, xid int, id int, now time
INSERT INTO core_consumer (name, xid, event_id, moved_ms, seen_ms)
VALUES (:name, :xid, :id, :now, :now)
ON CONFLICT (name) DO UPDATE SET seen_ms = excluded.seen_ms;

-- @query consumer_list many CoreConsumerRow
-- @in  max int
-- @out name text, xid int, event_id int, holder int, fence int, until_ms time, moved_ms time, seen_ms time
-- @scan a few dozen rows
SELECT name, xid, event_id, holder, fence, until_ms, moved_ms, seen_ms
FROM core_consumer ORDER BY name LIMIT :max;

-- @query consumer_take maybe
-- @in  name text, holder int, until time, now time
-- @out xid int, event_id int, fence int
UPDATE core_consumer SET holder = :holder, fence = fence + 1, until_ms = :until, seen_ms = :now
WHERE name = :name AND (holder = 0 OR until_ms < :now)
RETURNING xid, event_id, fence;

-- @query consumer_renew exec
-- @in  name text, holder int, fence int, until time, now time
UPDATE core_consumer SET until_ms = :until, seen_ms = :now
WHERE name = :name AND holder = :holder AND fence = :fence;

-- @query consumer_move exec
-- @in  name text, holder int, fence int, xid int, id int, now time
UPDATE core_consumer SET xid = :xid, event_id = :id, moved_ms = :now
WHERE name = :name AND holder = :holder AND fence = :fence;

-- @query consumer_release exec
-- @in  name text, holder int, fence int
UPDATE core_consumer SET holder = 0, until_ms = 0
WHERE name = :name AND holder = :holder AND fence = :fence;

-- @query consumer_orphan exec
-- @in  holder int
-- @scan a few dozen rows
UPDATE core_consumer SET holder = 0, until_ms = 0 WHERE holder = :holder;

-- @query consumer_forget exec
-- @in  before time
-- @scan a few dozen rows
DELETE FROM core_consumer WHERE seen_ms < :before AND holder = 0;

-- --- deliveries that failed -----------------------------------------------------------

-- @query parked_put exec
-- @from CoreParkedRow
-- @in  consumer text, event_id int, xid int, type text, version int, stream int, at_ms time, payload text, state int, tries int, next_ms time, error text, detail text, failed_ms time, changed_ms time
INSERT INTO core_event_parked (consumer, event_id, xid, type, version, stream, at_ms, payload,
    state, tries, next_ms, error, detail, failed_ms, changed_ms)
VALUES (:consumer, :event_id, :xid, :type, :version, :stream, :at_ms, :payload,
    :state, :tries, :next_ms, :error, :detail, :failed_ms, :changed_ms)
ON CONFLICT (consumer, event_id) DO UPDATE SET state = excluded.state, tries = excluded.tries,
    next_ms = excluded.next_ms, error = excluded.error, detail = excluded.detail,
    changed_ms = excluded.changed_ms;

-- @query parked_delete exec
-- @in  consumer text, event_id int
DELETE FROM core_event_parked WHERE consumer = :consumer AND event_id = :event_id;

-- Those to be tried again, in the order of the outbox.
-- @query parked_retry_list many CoreParkedRow
-- @in  consumer text, xid int, id int, max int
-- @out consumer text, event_id int, xid int, type text, version int, stream int, at_ms time, payload text, state int, tries int, next_ms time, error text, detail text, failed_ms time, changed_ms time
SELECT consumer, event_id, xid, type, version, stream, at_ms, payload, state, tries, next_ms,
       error, detail, failed_ms, changed_ms
FROM core_event_parked
WHERE consumer = :consumer AND state = 0 AND (xid, event_id) > (:xid, :id)
ORDER BY xid, event_id LIMIT :max;

-- @query parked_retry_counts many CoreParkedCount
-- @in  max int
-- @out consumer text, n int
-- @scan the index of the few that wait for another try
SELECT consumer, count(*) AS n FROM core_event_parked WHERE state = 0
GROUP BY consumer ORDER BY consumer LIMIT :max;

-- @query parked_counts many CoreParkedCount
-- @in  max int
-- @out consumer text, n int
-- @scan the index of those that are parked; for metrics
SELECT consumer, count(*) AS n FROM core_event_parked WHERE state = 1
GROUP BY consumer ORDER BY consumer LIMIT :max;

-- In the order of (event, reaction), after the one given.
-- @query parked_list many EventParked
-- @shape ParkedEvent An event that a reaction could not process.
-- @doc consumer The reaction.
-- @doc stream What the event is about; later events about it went on without this one.
-- @doc tries How often it was tried.
-- @doc error Code of the last failure.
-- @doc detail Its message.
-- @in  consumer text, event_id int, after_consumer text, max int
-- @out consumer text, event_id id:evt, type text, version int, stream text, at_ms time, payload json, tries int, error text, detail text, failed_ms time, parked_ms time
SELECT consumer, event_id, type, version, CAST(stream AS {TEXT}) AS stream, at_ms, payload, tries,
       error, detail, failed_ms, changed_ms AS parked_ms
FROM core_event_parked
WHERE state = 1 AND (event_id, consumer) > (:event_id, :after_consumer)
  AND (:consumer = '' OR consumer = :consumer)
ORDER BY event_id, consumer LIMIT :max;

-- The same backwards, before the one given.
-- @query parked_list_back many EventParked
-- @in  consumer text, event_id int, before_consumer text, max int
-- @out consumer text, event_id id:evt, type text, version int, stream text, at_ms time, payload json, tries int, error text, detail text, failed_ms time, parked_ms time
SELECT consumer, event_id, type, version, CAST(stream AS {TEXT}) AS stream, at_ms, payload, tries,
       error, detail, failed_ms, changed_ms AS parked_ms
FROM core_event_parked
WHERE state = 1 AND (event_id, consumer) < (:event_id, :before_consumer)
  AND (:consumer = '' OR consumer = :consumer)
ORDER BY event_id DESC, consumer DESC LIMIT :max;

-- @query parked_get one EventParked
-- @missing core.not_parked
-- @in  consumer text, event_id int
-- @out consumer text, event_id id:evt, type text, version int, stream text, at_ms time, payload json, tries int, error text, detail text, failed_ms time, parked_ms time
SELECT consumer, event_id, type, version, CAST(stream AS {TEXT}) AS stream, at_ms, payload, tries,
       error, detail, failed_ms, changed_ms AS parked_ms
FROM core_event_parked WHERE consumer = :consumer AND event_id = :event_id AND state = 1;

-- @query parked_replay exec
-- @in  consumer text, event_id int, now time
UPDATE core_event_parked SET state = 0, tries = 0, next_ms = :now, changed_ms = :now
WHERE consumer = :consumer AND event_id = :event_id AND state = 1;

-- @query parked_drop exec
-- @in  consumer text, event_id int
DELETE FROM core_event_parked WHERE consumer = :consumer AND event_id = :event_id AND state = 1;

-- @query parked_prune exec
-- @in  before_event int, before time, max int
DELETE FROM core_event_parked WHERE state = 1 AND (event_id, consumer) IN (
    SELECT event_id, consumer FROM core_event_parked
    WHERE state = 1 AND event_id < :before_event AND changed_ms < :before
    ORDER BY event_id LIMIT :max);

-- --- jobs -----------------------------------------------------------------------------

-- Changes nothing when a job of this kind and key waits already.
-- @query job_add exec
-- @from CoreJobAdd
-- @in  id int, kind text, state int, priority int, run_at time, unique_key text, payload text, queued_by text, now time
INSERT INTO core_job (id, kind, state, priority, run_at_ms, unique_key, payload, queued_by, queued_ms)
VALUES (:id, :kind, :state, :priority, :run_at, :unique_key, :payload, :queued_by, :now)
ON CONFLICT (kind, unique_key) WHERE state < 2 AND unique_key <> '' DO NOTHING;

-- @query job_twin maybe
-- @in  kind text, unique_key text
-- @out id int
SELECT id FROM core_job
WHERE kind = :kind AND unique_key = :unique_key AND state < 2 AND unique_key <> '';

-- @query job_active one
-- @in  kind text, unique_key text
-- @out n int
-- @scan of the index of running jobs, at most as many as there are workers
SELECT (SELECT count(*) FROM core_job
        WHERE kind = :kind AND unique_key = :unique_key AND state < 2 AND unique_key <> '')
     + (SELECT count(*) FROM core_job
        WHERE state = 2 AND kind = :kind AND unique_key = :unique_key) AS n;

-- @query job_waiting one
-- @in  kind text, max int
-- @out n int
SELECT (SELECT count(*) FROM (SELECT 1 FROM core_job WHERE kind = :kind AND state = 1 LIMIT :max) r)
     + (SELECT count(*) FROM (SELECT 1 FROM core_job WHERE kind = :kind AND state = 0 LIMIT :max) d)
    AS n;

-- Of these kinds, those that have jobs to be claimed.
-- @query job_ready_kinds many CoreJobKind
-- @unbounded as many as there are kinds
-- @in  kinds texts
-- @out kind text
SELECT value AS kind FROM json_each(:kinds)
WHERE EXISTS (SELECT 1 FROM core_job WHERE core_job.kind = value AND state = 1);
-- @pg
SELECT k AS kind FROM unnest(:kinds) k
WHERE EXISTS (SELECT 1 FROM core_job WHERE core_job.kind = k AND state = 1);

-- The first in line of a kind.
-- @query job_peek many CoreJobPeek
-- @in  kind text, max int
-- @out id int, priority int, run_at_ms time
SELECT id, priority, run_at_ms FROM core_job
WHERE kind = :kind AND state = 1 ORDER BY priority DESC, run_at_ms, id LIMIT :max;
-- @pg
SELECT id, priority, run_at_ms FROM core_job
WHERE kind = :kind AND state = 1 ORDER BY priority DESC, run_at_ms, id LIMIT :max
FOR UPDATE SKIP LOCKED;

-- @query job_claim many CoreJobClaimed
-- @unbounded as many as there are ids
-- @in  ids ids, process int, token int, until time, now time
-- @out id int, kind text, attempts int, payload text
UPDATE core_job SET state = 2, attempts = attempts + 1, process = :process, token = :token,
    until_ms = :until, started_ms = :now
WHERE id IN (:ids) AND state = 1
RETURNING id, kind, attempts, payload;

-- @query job_done exec
-- @in  id int, token int, result text, now time
UPDATE core_job SET state = 3, progress = 100, result = :result, error = '', detail = '',
    until_ms = 0, finished_ms = :now
WHERE id = :id AND token = :token AND state = 2;

-- It failed and is tried again at run_at; when another one with its key has been queued
-- meanwhile it gives up the key.
-- @query job_retry exec
-- @in  id int, token int, run_at time, error text, detail text
UPDATE core_job SET state = 0, run_at_ms = :run_at, until_ms = 0, error = :error, detail = :detail,
    unique_key = CASE WHEN EXISTS (SELECT 1 FROM core_job twin WHERE twin.kind = core_job.kind
        AND twin.unique_key = core_job.unique_key AND twin.state < 2 AND twin.unique_key <> '')
        THEN '' ELSE unique_key END
WHERE id = :id AND token = :token AND state = 2;

-- @query job_dead exec
-- @in  id int, token int, error text, detail text, now time
UPDATE core_job SET state = 4, until_ms = 0, error = :error, detail = :detail, finished_ms = :now
WHERE id = :id AND token = :token AND state = 2;

-- Not begun after all: as if it had not been claimed.
-- @query job_hand_back exec
-- @in  id int, token int
UPDATE core_job SET state = 1, attempts = attempts - 1, until_ms = 0,
    unique_key = CASE WHEN EXISTS (SELECT 1 FROM core_job twin WHERE twin.kind = core_job.kind
        AND twin.unique_key = core_job.unique_key AND twin.state < 2 AND twin.unique_key <> '')
        THEN '' ELSE unique_key END
WHERE id = :id AND token = :token AND state = 2;

-- @query job_delayed_due many CoreJobKind
-- @unbounded max
-- @in  now time, max int
-- @out kind text
UPDATE core_job SET state = 1 WHERE id IN (
    SELECT id FROM core_job WHERE state = 0 AND run_at_ms <= :now ORDER BY run_at_ms LIMIT :max)
RETURNING kind;
-- @pg
UPDATE core_job SET state = 1 WHERE id IN (
    SELECT id FROM core_job WHERE state = 0 AND run_at_ms <= :now ORDER BY run_at_ms LIMIT :max
    FOR UPDATE SKIP LOCKED)
RETURNING kind;

-- @query job_next_delayed one
-- @out run_at_ms int?
SELECT min(run_at_ms) AS run_at_ms FROM core_job WHERE state = 0;

-- Running for longer than their lease: whoever had them is gone.
-- @query job_expired many CoreJobExpired
-- @in  now time, max int
-- @out id int, kind text, attempts int, token int
SELECT id, kind, attempts, token FROM core_job WHERE state = 2 AND until_ms < :now
ORDER BY until_ms LIMIT :max;
-- @pg
SELECT id, kind, attempts, token FROM core_job WHERE state = 2 AND until_ms < :now
ORDER BY until_ms LIMIT :max FOR UPDATE SKIP LOCKED;

-- @query job_orphan exec
-- @in  process int
-- @scan of the index of running jobs, a handful
UPDATE core_job SET until_ms = 0 WHERE state = 2 AND process = :process;

-- @query job_extend exec
-- @in  id int, token int, until time
UPDATE core_job SET until_ms = :until WHERE id = :id AND token = :token AND state = 2;

-- @query job_progress exec
-- @in  id int, token int, progress int, note text
UPDATE core_job SET progress = :progress, note = :note
WHERE id = :id AND token = :token AND state = 2;

-- @query job_get one JobInfo
-- @missing core.no_such_job
-- @shape Job A piece of background work.
-- @doc state delayed, ready, running, done or dead.
-- @doc progress In percent, where the job tells.
-- @doc error Code of the last failure.
-- @in  id int
-- @out id id:job, kind text, state text, priority int, run_at_ms time, payload json, attempts int, progress int, note text, result text, error text, detail text, queued_by text, queued_ms time, started_ms time, finished_ms time
SELECT id, kind, CASE state WHEN 0 THEN 'delayed' WHEN 1 THEN 'ready' WHEN 2 THEN 'running'
       WHEN 3 THEN 'done' ELSE 'dead' END AS state, priority, run_at_ms, payload, attempts,
       progress, note, result, error, detail, queued_by, queued_ms, started_ms, finished_ms
FROM core_job WHERE id = :id;

-- @query job_requeue exec
-- @in  id int, now time
UPDATE core_job SET state = 1, attempts = 0, run_at_ms = :now, finished_ms = 0, progress = 0,
    unique_key = CASE WHEN EXISTS (SELECT 1 FROM core_job twin WHERE twin.kind = core_job.kind
        AND twin.unique_key = core_job.unique_key AND twin.state < 2 AND twin.unique_key <> '')
        THEN '' ELSE unique_key END
WHERE id = :id AND state IN (0, 4);

-- @query job_discard exec
-- @in  id int
DELETE FROM core_job WHERE id = :id AND state IN (0, 1, 4);

-- @query job_prune exec
-- @in  state int, before time, max int
DELETE FROM core_job WHERE id IN (SELECT id FROM core_job
    WHERE state = :state AND state > 2 AND finished_ms < :before ORDER BY finished_ms LIMIT :max);

-- When the job finished that is number `skip` counted from the newest.
-- @query job_finished_at many CoreJobTime
-- @in  state int, skip int, max int
-- @out run_at_ms time
SELECT finished_ms AS run_at_ms FROM core_job WHERE state = :state AND state > 2
ORDER BY finished_ms DESC LIMIT :max OFFSET :skip;

-- @query job_counts many CoreJobCount
-- @unused the console's overview of background work will show it
-- @in  max int
-- @out kind text, state int, n int
-- @scan of the indexes of waiting jobs; for metrics
SELECT kind, state, n FROM (
    SELECT kind, 0 AS state, count(*) AS n FROM core_job WHERE state = 0 GROUP BY kind
    UNION ALL SELECT kind, 1, count(*) FROM core_job WHERE state = 1 GROUP BY kind) counts
LIMIT :max;

-- --- schedules --------------------------------------------------------------------------

-- @query schedule_get maybe ScheduleInfo
-- @in  name text
-- @out name text, cron text, next_ms time, last_ms time
SELECT name, cron, next_ms, last_ms FROM core_schedule WHERE name = :name;

-- @query schedule_put exec
-- @in  name text, cron text, next time
INSERT INTO core_schedule (name, cron, next_ms, last_ms) VALUES (:name, :cron, :next, 0)
ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, next_ms = excluded.next_ms
WHERE core_schedule.cron <> excluded.cron;

-- @query schedule_list many ScheduleInfo
-- @shape Schedule Work at fixed times.
-- @doc last_ms When it last began; 1970 for never.
-- @in  max int
-- @out name text, cron text, next_ms time, last_ms time
-- @scan a few dozen rows
SELECT name, cron, next_ms, last_ms FROM core_schedule ORDER BY name LIMIT :max;

-- @query schedule_fire exec
-- @in  name text, due time, next time, now time
UPDATE core_schedule SET next_ms = :next, last_ms = :now WHERE name = :name AND next_ms = :due;

-- --- audit log ----------------------------------------------------------------------------

-- @query audit_add exec
-- @from CoreAuditAdd
-- @in  id int, at time, actor_kind int, actor_id int, actor_name text, session int, request_id text, entity text, entity_id int, action text, before text, after text
INSERT INTO core_audit (id, at_ms, actor_kind, actor_id, actor_name, session, request_id, entity,
    entity_id, action, before, after)
VALUES (:id, :at, :actor_kind, :actor_id, :actor_name, :session, :request_id, :entity,
    :entity_id, :action, :before, :after);

-- @query audit_floor_set exec
-- @in  before time
UPDATE core_audit_floor SET before_ms = :before WHERE id = 1 AND before_ms < :before;

-- @query audit_prune exec
-- @in  before_id int, before time, max int
DELETE FROM core_audit WHERE id IN (SELECT id FROM core_audit
    WHERE id < :before_id AND at_ms < :before ORDER BY id LIMIT :max);

-- --- settings, secrets, idempotency ---------------------------------------------------------

-- @query setting_get maybe CoreSettingRow
-- @in  name text
-- @out version int, value text, secrets text, changed_ms time, changed_by text
SELECT version, value, secrets, changed_ms, changed_by FROM core_setting WHERE name = :name;

-- @query setting_add exec
-- @in  name text, value text, secrets text, now time, who text
INSERT INTO core_setting (name, version, value, secrets, changed_ms, changed_by)
VALUES (:name, 1, :value, :secrets, :now, :who) ON CONFLICT (name) DO NOTHING;

-- @query setting_set exec
-- @in  name text, version int, value text, secrets text, now time, who text
UPDATE core_setting SET version = version + 1, value = :value, secrets = :secrets,
    changed_ms = :now, changed_by = :who
WHERE name = :name AND version = :version;

-- @query secret_get maybe
-- @in  name text
-- @out bytes blob
SELECT bytes FROM core_secret WHERE name = :name;

-- @query secret_add exec
-- @in  name text, bytes blob, now time
INSERT INTO core_secret (name, bytes, made_ms) VALUES (:name, :bytes, :now)
ON CONFLICT (name) DO NOTHING;

-- @query idempotency_claim exec
-- @in  scope text, key text, print text, process int, now time
INSERT INTO core_idempotency (scope, key, print, status, type, location, etag, body, process, claimed_ms)
VALUES (:scope, :key, :print, 0, '', '', '', '', :process, :now)
ON CONFLICT (scope, key) DO NOTHING;

-- @query idempotency_get maybe CoreIdempotencyRow
-- @in  scope text, key text
-- @out print text, status int, type text, location text, etag text, body text, process int, claimed_ms time
SELECT print, status, type, location, etag, body, process, claimed_ms
FROM core_idempotency WHERE scope = :scope AND key = :key;

-- @query idempotency_take_over exec
-- @in  scope text, key text, claimed time, process int, now time
UPDATE core_idempotency SET process = :process, claimed_ms = :now
WHERE scope = :scope AND key = :key AND status = 0 AND claimed_ms = :claimed;

-- Status 1: it has changed something.
-- @query idempotency_act exec
-- @in  scope text, key text, process int, claimed time
UPDATE core_idempotency SET status = 1
WHERE scope = :scope AND key = :key AND status <= 1 AND process = :process AND claimed_ms = :claimed;

-- @query idempotency_keep exec
-- @from CoreIdempotencyKeep
-- @in  scope text, key text, process int, claimed time, status int, type text, location text
-- @in  etag text, body text
UPDATE core_idempotency SET status = :status, type = :type, location = :location, etag = :etag,
    body = :body
WHERE scope = :scope AND key = :key AND status <= 1 AND process = :process AND claimed_ms = :claimed;

-- @query idempotency_drop exec
-- @in  scope text, key text, process int, claimed time
DELETE FROM core_idempotency
WHERE scope = :scope AND key = :key AND status = 0 AND process = :process AND claimed_ms = :claimed;

-- @query idempotency_prune exec
-- @in  before time, max int
DELETE FROM core_idempotency WHERE (scope, key) IN (SELECT scope, key FROM core_idempotency
    WHERE claimed_ms < :before ORDER BY claimed_ms LIMIT :max);
