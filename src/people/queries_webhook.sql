-- Webhooks. How to read and write this file: docs/sql.md.

-- @query webhook_add exec
-- @from PeopleWebhookRow
-- @in id id, url text, description text, events text, secret text, secret_old text
-- @in old_until_ms time?, key_seed text, public_key text, active bool, reason text
-- @in failing_ms time?, rev int, created_ms time, updated_ms time
INSERT INTO people_webhook (id, url, description, events, secret, secret_old, old_until_ms,
    key_seed, public_key, active, reason, failing_ms, rev, created_ms, updated_ms)
VALUES (:id, :url, :description, :events, :secret, :secret_old, :old_until_ms, :key_seed,
    :public_key, :active, :reason, :failing_ms, :rev, :created_ms, :updated_ms);

-- @query webhook_get one PeopleWebhookRow
-- @missing people.no_webhook
-- @in id id
-- @out id id, url text, description text, events text, secret text, secret_old text
-- @out old_until_ms time?, key_seed text, public_key text, active bool, reason text
-- @out failing_ms time?, rev int, created_ms time, updated_ms time
SELECT id, url, description, events, secret, secret_old, old_until_ms, key_seed, public_key, active,
    reason, failing_ms, rev, created_ms, updated_ms
FROM people_webhook WHERE id = :id;

-- @query webhook_all many PeopleWebhookRow
-- @scan a shop has a few dozen at most
-- @in max int
-- @out id id, url text, description text, events text, secret text, secret_old text
-- @out old_until_ms time?, key_seed text, public_key text, active bool, reason text
-- @out failing_ms time?, rev int, created_ms time, updated_ms time
SELECT id, url, description, events, secret, secret_old, old_until_ms, key_seed, public_key, active,
    reason, failing_ms, rev, created_ms, updated_ms
FROM people_webhook ORDER BY id LIMIT :max;

-- @query webhook_count one
-- @scan a shop has a few dozen at most
-- @out n int
SELECT count(*) AS n FROM people_webhook;

-- @query webhook_set exec
-- @in id id, rev int, url text, description text, events text, active bool, now time
UPDATE people_webhook SET url = :url, description = :description, events = :events,
    active = :active, reason = CASE WHEN :active THEN '' ELSE reason END,
    failing_ms = CASE WHEN :active THEN NULL ELSE failing_ms END, rev = rev + 1, updated_ms = :now
WHERE id = :id AND rev = :rev;

-- @query webhook_rotate exec
-- @in id id, secret text, secret_old text, old_until time, now time
UPDATE people_webhook SET secret = :secret, secret_old = :secret_old, old_until_ms = :old_until,
    rev = rev + 1, updated_ms = :now
WHERE id = :id;

-- @query webhook_off exec
-- @in id id, reason text, now time
UPDATE people_webhook SET active = FALSE, reason = :reason, rev = rev + 1, updated_ms = :now
WHERE id = :id AND active;

-- @query webhook_failing exec
-- @in id id, since time?
UPDATE people_webhook SET failing_ms = CASE WHEN :since IS NULL THEN NULL
    ELSE coalesce(failing_ms, :since) END
WHERE id = :id;

-- @query webhook_remove exec
-- @in id id
DELETE FROM people_webhook WHERE id = :id;

-- @query delivery_add exec
-- @from PeopleDeliveryRow
-- @in id id, webhook_id int, event_id text, type text, body text
-- @in status enum:people_delivery_names, attempts int, http_status int, problem text, millis int
-- @in created_ms time, next_ms time?, done_ms time?
INSERT INTO people_webhook_delivery (id, webhook_id, event_id, type, body, status, attempts,
    http_status, problem, millis, created_ms, next_ms, done_ms)
VALUES (:id, :webhook_id, :event_id, :type, :body, :status, :attempts, :http_status, :problem,
    :millis, :created_ms, :next_ms, :done_ms)
ON CONFLICT (webhook_id, event_id) DO NOTHING;

-- @query delivery_get one PeopleDeliveryRow
-- @missing people.no_delivery
-- @in id id
-- @out id id, webhook_id int, event_id text, type text, body text
-- @out status enum:people_delivery_names, attempts int, http_status int, problem text, millis int
-- @out created_ms time, next_ms time?, done_ms time?
SELECT id, webhook_id, event_id, type, body, status, attempts, http_status, problem, millis,
    created_ms, next_ms, done_ms
FROM people_webhook_delivery WHERE id = :id;

-- @query delivery_page many PeopleDeliveryRow
-- @in webhook_id int, before id, max int
-- @out id id, webhook_id int, event_id text, type text, body text
-- @out status enum:people_delivery_names, attempts int, http_status int, problem text, millis int
-- @out created_ms time, next_ms time?, done_ms time?
SELECT id, webhook_id, event_id, type, body, status, attempts, http_status, problem, millis,
    created_ms, next_ms, done_ms
FROM people_webhook_delivery
WHERE webhook_id = :webhook_id AND id < :before ORDER BY id DESC LIMIT :max;

-- @query delivery_page_back many PeopleDeliveryRow
-- @in webhook_id int, after id, max int
-- @out id id, webhook_id int, event_id text, type text, body text
-- @out status enum:people_delivery_names, attempts int, http_status int, problem text, millis int
-- @out created_ms time, next_ms time?, done_ms time?
SELECT id, webhook_id, event_id, type, body, status, attempts, http_status, problem, millis,
    created_ms, next_ms, done_ms
FROM people_webhook_delivery
WHERE webhook_id = :webhook_id AND id > :after ORDER BY id LIMIT :max;

-- @query delivery_failed many PeopleDeliveryRow
-- @in webhook_id int, since id, max int
-- @out id id, webhook_id int, event_id text, type text, body text
-- @out status enum:people_delivery_names, attempts int, http_status int, problem text, millis int
-- @out created_ms time, next_ms time?, done_ms time?
SELECT id, webhook_id, event_id, type, body, status, attempts, http_status, problem, millis,
    created_ms, next_ms, done_ms
FROM people_webhook_delivery
WHERE webhook_id = :webhook_id AND id >= :since AND status = 'failed' ORDER BY id LIMIT :max;

-- @query delivery_answer exec
-- @from PeopleDeliveryAnswer
-- @in id id, status enum:people_delivery_names, attempts int, http_status int, problem text
-- @in millis int, next time?, done time?
UPDATE people_webhook_delivery SET status = :status, attempts = :attempts,
    http_status = :http_status, problem = :problem, millis = :millis, next_ms = :next,
    done_ms = :done
WHERE id = :id;

-- @query delivery_again exec
-- @in id id, next time
UPDATE people_webhook_delivery SET status = 'waiting', attempts = 0, next_ms = :next,
    done_ms = NULL
WHERE id = :id;

-- @query delivery_prune exec
-- @in before id, max int
DELETE FROM people_webhook_delivery WHERE id IN (
    SELECT id FROM people_webhook_delivery WHERE id < :before ORDER BY id LIMIT :max);
