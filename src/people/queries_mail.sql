-- Mails to be sent. How to read and write this file: docs/sql.md.

-- 1 row when nobody has queued it before.
-- @query mail_add exec
-- @from PeopleMailRow
-- @in id id, message_id text, template text, recipient text, locale text, data text
-- @in status enum:people_mail_status_names, attempts int, problem text, created_ms time
-- @in sent_ms time?
INSERT INTO people_mail (id, message_id, template, recipient, locale, data, status, attempts, problem,
    created_ms, sent_ms)
VALUES (:id, :message_id, :template, :recipient, :locale, :data, :status, :attempts, :problem,
    :created_ms, :sent_ms)
ON CONFLICT (message_id) DO NOTHING;

-- @query mail_get one PeopleMailRow
-- @in id id
-- @out id id, message_id text, template text, recipient text, locale text, data text
-- @out status enum:people_mail_status_names, attempts int, problem text, created_ms time
-- @out sent_ms time?
-- @missing people.no_mail
SELECT id, message_id, template, recipient, locale, data, status, attempts, problem, created_ms, sent_ms
FROM people_mail WHERE id = :id;

-- @query mail_page many PeopleMailRow
-- @in before id, max int
-- @out id id, message_id text, template text, recipient text, locale text, data text
-- @out status enum:people_mail_status_names, attempts int, problem text, created_ms time
-- @out sent_ms time?
SELECT id, message_id, template, recipient, locale, data, status, attempts, problem, created_ms, sent_ms
FROM people_mail WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query mail_page_back many PeopleMailRow
-- @in after id, max int
-- @out id id, message_id text, template text, recipient text, locale text, data text
-- @out status enum:people_mail_status_names, attempts int, problem text, created_ms time
-- @out sent_ms time?
SELECT id, message_id, template, recipient, locale, data, status, attempts, problem, created_ms, sent_ms
FROM people_mail WHERE id > :after ORDER BY id LIMIT :max;

-- @query mail_attempted exec
-- @in id id, status enum:people_mail_status_names, attempts int, problem text, data text
-- @in sent_ms time?
UPDATE people_mail SET status = :status, attempts = :attempts, problem = :problem, data = :data,
    sent_ms = :sent_ms
WHERE id = :id AND status <> 'sent';

-- @query mail_forget exec
-- @in recipient text
DELETE FROM people_mail WHERE recipient = :recipient;

-- Who got what is nobody's business for ever.
-- @query mail_prune exec
-- @in before id, max int
DELETE FROM people_mail WHERE id IN (
    SELECT id FROM people_mail WHERE id < :before ORDER BY id LIMIT :max);
