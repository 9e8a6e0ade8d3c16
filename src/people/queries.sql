-- Every statement of src/people. How to read and write this file: docs/sql.md.

-- --- roles ---------------------------------------------------------------------------

-- @query role_add exec
-- @from PeopleRoleRow
-- @in id id, name text, name_key text, description text, builtin text, permissions text
-- @in rev int, created_ms time, updated_ms time
INSERT INTO people_role (id, name, name_key, description, builtin, permissions, rev, created_ms,
    updated_ms)
VALUES (:id, :name, :name_key, :description, :builtin, :permissions, :rev, :created_ms, :updated_ms)
ON CONFLICT (name_key) DO NOTHING;

-- @query role_get one PeopleRoleRow
-- @in id id
-- @out id id, name text, name_key text, description text, builtin text, permissions text
-- @out rev int, created_ms time, updated_ms time
-- @missing people.no_role
SELECT id, name, name_key, description, builtin, permissions, rev, created_ms, updated_ms
FROM people_role WHERE id = :id;

-- @query role_by_name maybe
-- @in name_key text
-- @out id id
SELECT id FROM people_role WHERE name_key = :name_key;

-- @query role_page many PeopleRoleRow
-- @in after id, max int
-- @out id id, name text, name_key text, description text, builtin text, permissions text
-- @out rev int, created_ms time, updated_ms time
SELECT id, name, name_key, description, builtin, permissions, rev, created_ms, updated_ms
FROM people_role WHERE id > :after ORDER BY id LIMIT :max;

-- @query role_page_back many PeopleRoleRow
-- @in before id, max int
-- @out id id, name text, name_key text, description text, builtin text, permissions text
-- @out rev int, created_ms time, updated_ms time
SELECT id, name, name_key, description, builtin, permissions, rev, created_ms, updated_ms
FROM people_role WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query role_count one
-- @out n int
-- @scan a shop has a few dozen roles at most
SELECT count(*) AS n FROM people_role;

-- @query role_set exec
-- @in id id, rev int, name text, name_key text, description text, permissions text, now time
UPDATE people_role SET name = :name, name_key = :name_key, description = :description,
    permissions = :permissions, rev = rev + 1, updated_ms = :now
WHERE id = :id AND rev = :rev;

-- @query role_remove exec
-- @in id id
DELETE FROM people_role WHERE id = :id AND builtin = '';

-- @query role_holders one
-- @in id id
-- @out n int
SELECT count(*) AS n FROM people_staff_role WHERE role_id = :id;

-- --- staff ---------------------------------------------------------------------------

-- @query staff_add exec
-- @from PeopleStaffRow
-- @in id id, email text, email_key text, name text, locale text, status enum:people_status_names
-- @in password text, totp_step int, rev int, created_ms time, updated_ms time
INSERT INTO people_staff (id, email, email_key, name, locale, status, password, totp_step, rev,
    created_ms, updated_ms)
VALUES (:id, :email, :email_key, :name, :locale, :status, :password, :totp_step, :rev, :created_ms,
    :updated_ms)
ON CONFLICT (email_key) DO NOTHING;

-- @query staff_get one PeopleStaffRow
-- @in id id
-- @out id id, email text, email_key text, name text, locale text, status enum:people_status_names
-- @out password text, totp_secret blob?, totp_ms time?, totp_step int, rev int, created_ms time
-- @out updated_ms time, last_login_ms time?
-- @missing people.no_staff
SELECT id, email, email_key, name, locale, status, password, totp_secret, totp_ms, totp_step, rev,
    created_ms, updated_ms, last_login_ms
FROM people_staff WHERE id = :id;

-- @query staff_by_email maybe PeopleStaffRow
-- @in email_key text
-- @out id id, email text, email_key text, name text, locale text, status enum:people_status_names
-- @out password text, totp_secret blob?, totp_ms time?, totp_step int, rev int, created_ms time
-- @out updated_ms time, last_login_ms time?
SELECT id, email, email_key, name, locale, status, password, totp_secret, totp_ms, totp_step, rev,
    created_ms, updated_ms, last_login_ms
FROM people_staff WHERE email_key = :email_key;

-- @query staff_page many PeopleStaffRow
-- @in after text, max int
-- @out id id, email text, email_key text, name text, locale text, status enum:people_status_names
-- @out password text, totp_secret blob?, totp_ms time?, totp_step int, rev int, created_ms time
-- @out updated_ms time, last_login_ms time?
SELECT id, email, email_key, name, locale, status, password, totp_secret, totp_ms, totp_step, rev,
    created_ms, updated_ms, last_login_ms
FROM people_staff WHERE email_key > :after ORDER BY email_key LIMIT :max;

-- @query staff_page_back many PeopleStaffRow
-- @in before text, max int
-- @out id id, email text, email_key text, name text, locale text, status enum:people_status_names
-- @out password text, totp_secret blob?, totp_ms time?, totp_step int, rev int, created_ms time
-- @out updated_ms time, last_login_ms time?
SELECT id, email, email_key, name, locale, status, password, totp_secret, totp_ms, totp_step, rev,
    created_ms, updated_ms, last_login_ms
FROM people_staff WHERE email_key < :before ORDER BY email_key DESC LIMIT :max;

-- @query staff_set exec
-- @from PeopleStaffChange
-- @in id id, rev int, email text, email_key text, name text, locale text
-- @in status enum:people_status_names, now time
UPDATE people_staff SET email = :email, email_key = :email_key, name = :name, locale = :locale,
    status = :status, rev = rev + 1, updated_ms = :now
WHERE id = :id AND rev = :rev;

-- @query staff_set_password exec
-- @in id id, password text, status enum:people_status_names, now time
UPDATE people_staff SET password = :password, status = :status, rev = rev + 1, updated_ms = :now
WHERE id = :id;

-- @query staff_set_locale exec
-- @in id id, locale text, now time
UPDATE people_staff SET locale = :locale, rev = rev + 1, updated_ms = :now WHERE id = :id;

-- The same password under newer parameters: only while it is still the one that was checked.
-- @query staff_rehash exec
-- @in id id, old text, new text
UPDATE people_staff SET password = :new WHERE id = :id AND password = :old;

-- @query staff_set_totp exec
-- @in id id, totp_secret blob?, totp_ms time?, totp_step int, now time
UPDATE people_staff SET totp_secret = :totp_secret, totp_ms = :totp_ms, totp_step = :totp_step,
    rev = rev + 1, updated_ms = :now
WHERE id = :id;

-- Spend a code: 0 rows when it, or a later one, was used before.
-- @query staff_spend_step exec
-- @in id id, step int
UPDATE people_staff SET totp_step = :step WHERE id = :id AND totp_step < :step;

-- @query staff_logged_in exec
-- @in id id, now time
UPDATE people_staff SET last_login_ms = :now WHERE id = :id;

-- @query staff_remove exec
-- @in id id
DELETE FROM people_staff WHERE id = :id;

-- @query staff_roles many PeopleStaffRole
-- @in ids ids, max int
-- @out staff_id id, role_id id, builtin text, permissions text
SELECT s.staff_id, s.role_id, r.builtin, r.permissions
FROM people_staff_role s JOIN people_role r ON r.id = s.role_id
WHERE s.staff_id IN (:ids) ORDER BY s.staff_id, s.role_id LIMIT :max;

-- @query staff_role_add exec
-- @in staff_id id, role_id id
INSERT INTO people_staff_role (staff_id, role_id) VALUES (:staff_id, :role_id)
ON CONFLICT DO NOTHING;

-- @query staff_role_clear exec
-- @in staff_id id
DELETE FROM people_staff_role WHERE staff_id = :staff_id;

-- Owners who can sign in, besides one.
-- @query owner_count one
-- @in besides id
-- @out n int
SELECT count(*) AS n FROM people_staff_role o JOIN people_staff s ON s.id = o.staff_id
WHERE o.role_id = 1 AND o.staff_id <> :besides AND s.status = 'active' AND s.password <> '';

-- --- recovery codes --------------------------------------------------------------------

-- @query recovery_add exec
-- @in staff_id id, hash blob
INSERT INTO people_recovery_code (staff_id, hash) VALUES (:staff_id, :hash);

-- @query recovery_spend exec
-- @in staff_id id, hash blob
DELETE FROM people_recovery_code WHERE staff_id = :staff_id AND hash = :hash;

-- @query recovery_clear exec
-- @in staff_id id
DELETE FROM people_recovery_code WHERE staff_id = :staff_id;

-- @query recovery_count one
-- @in staff_id id
-- @out n int
SELECT count(*) AS n FROM people_recovery_code WHERE staff_id = :staff_id;

-- --- sessions --------------------------------------------------------------------------

-- @query session_add exec
-- @from PeopleSessionRow
-- @in id id, staff_id id, token_hash blob, half bool, agent text, net text, created_ms time
-- @in seen_ms time, ends_ms time
INSERT INTO people_session (id, staff_id, token_hash, half, agent, net, created_ms, seen_ms, ends_ms)
VALUES (:id, :staff_id, :token_hash, :half, :agent, :net, :created_ms, :seen_ms, :ends_ms);

-- @query session_by_token maybe PeopleSessionRow
-- @in token_hash blob
-- @out id id, staff_id id, token_hash blob, half bool, agent text, net text, created_ms time
-- @out seen_ms time, ends_ms time
SELECT id, staff_id, token_hash, half, agent, net, created_ms, seen_ms, ends_ms
FROM people_session WHERE token_hash = :token_hash;

-- @query session_get one PeopleSessionRow
-- @in id id
-- @out id id, staff_id id, token_hash blob, half bool, agent text, net text, created_ms time
-- @out seen_ms time, ends_ms time
-- @missing people.no_session
SELECT id, staff_id, token_hash, half, agent, net, created_ms, seen_ms, ends_ms
FROM people_session WHERE id = :id;

-- @query session_page many PeopleSessionRow
-- @in staff_id id, before id, max int
-- @out id id, staff_id id, token_hash blob, half bool, agent text, net text, created_ms time
-- @out seen_ms time, ends_ms time
SELECT id, staff_id, token_hash, half, agent, net, created_ms, seen_ms, ends_ms
FROM people_session
WHERE staff_id = :staff_id AND id < :before AND half = FALSE ORDER BY id DESC LIMIT :max;

-- @query session_page_back many PeopleSessionRow
-- @in staff_id id, after id, max int
-- @out id id, staff_id id, token_hash blob, half bool, agent text, net text, created_ms time
-- @out seen_ms time, ends_ms time
SELECT id, staff_id, token_hash, half, agent, net, created_ms, seen_ms, ends_ms
FROM people_session
WHERE staff_id = :staff_id AND id > :after AND half = FALSE ORDER BY id LIMIT :max;

-- @query session_seen exec
-- @in id id, seen_ms time
UPDATE people_session SET seen_ms = :seen_ms WHERE id = :id AND seen_ms < :seen_ms;

-- @query session_remove exec
-- @in id id
DELETE FROM people_session WHERE id = :id;

-- @query session_remove_others exec
-- @in staff_id id, besides id
DELETE FROM people_session WHERE staff_id = :staff_id AND id <> :besides;

-- A staff member has no more sessions than this: the oldest go.
-- @query session_trim exec
-- @in staff_id id, keep int
DELETE FROM people_session WHERE id IN (
    SELECT id FROM people_session WHERE staff_id = :staff_id ORDER BY id DESC LIMIT 1000 OFFSET :keep);

-- @query session_prune exec
-- @in now time, max int
DELETE FROM people_session WHERE id IN (
    SELECT id FROM people_session WHERE ends_ms <= :now ORDER BY ends_ms LIMIT :max);

-- --- one-time links --------------------------------------------------------------------

-- @query link_add exec
-- @in token_hash blob, purpose enum:people_purpose_names, staff_id id?, now time, ends_ms time
INSERT INTO people_link (token_hash, purpose, staff_id, created_ms, ends_ms)
VALUES (:token_hash, :purpose, :staff_id, :now, :ends_ms);

-- @query link_get maybe PeopleLinkRow
-- @in token_hash blob
-- @out purpose enum:people_purpose_names, staff_id id?, ends_ms time
SELECT purpose, staff_id, ends_ms FROM people_link WHERE token_hash = :token_hash;

-- 1 row for whoever comes first.
-- @query link_spend exec
-- @in token_hash blob, now time
DELETE FROM people_link WHERE token_hash = :token_hash AND ends_ms > :now;

-- @query link_clear exec
-- @in staff_id id
DELETE FROM people_link WHERE staff_id = :staff_id;

-- @query link_clear_owner exec
DELETE FROM people_link WHERE staff_id IS NULL AND purpose = 'owner';

-- @query link_prune exec
-- @in now time
-- @scan a handful of rows
DELETE FROM people_link WHERE ends_ms <= :now;

-- --- API keys --------------------------------------------------------------------------

-- @query key_add exec
-- @from PeopleKeyRow
-- @in id id, name text, secret_hash blob, permissions text, staff_id id?, rev int, created_ms time
-- @in updated_ms time, ends_ms time?
INSERT INTO people_key (id, name, secret_hash, permissions, staff_id, rev, created_ms, updated_ms,
    ends_ms)
VALUES (:id, :name, :secret_hash, :permissions, :staff_id, :rev, :created_ms, :updated_ms, :ends_ms);

-- @query key_get maybe PeopleKeyRow
-- @in id id
-- @out id id, name text, secret_hash blob, permissions text, staff_id id?, rev int, created_ms time
-- @out updated_ms time, ends_ms time?, used_ms time?, revoked_ms time?
SELECT id, name, secret_hash, permissions, staff_id, rev, created_ms, updated_ms, ends_ms, used_ms,
    revoked_ms
FROM people_key WHERE id = :id;

-- @query key_page many PeopleKeyRow
-- @in before id, max int
-- @out id id, name text, secret_hash blob, permissions text, staff_id id?, rev int, created_ms time
-- @out updated_ms time, ends_ms time?, used_ms time?, revoked_ms time?
SELECT id, name, secret_hash, permissions, staff_id, rev, created_ms, updated_ms, ends_ms, used_ms,
    revoked_ms
FROM people_key WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query key_page_back many PeopleKeyRow
-- @in after id, max int
-- @out id id, name text, secret_hash blob, permissions text, staff_id id?, rev int, created_ms time
-- @out updated_ms time, ends_ms time?, used_ms time?, revoked_ms time?
SELECT id, name, secret_hash, permissions, staff_id, rev, created_ms, updated_ms, ends_ms, used_ms,
    revoked_ms
FROM people_key WHERE id > :after ORDER BY id LIMIT :max;

-- @query key_set exec
-- @in id id, rev int, name text, permissions text, ends_ms time?, now time
UPDATE people_key SET name = :name, permissions = :permissions, ends_ms = :ends_ms, rev = rev + 1,
    updated_ms = :now
WHERE id = :id AND rev = :rev AND revoked_ms IS NULL;

-- @query key_revoke exec
-- @in id id, now time
UPDATE people_key SET revoked_ms = :now, rev = rev + 1, updated_ms = :now
WHERE id = :id AND revoked_ms IS NULL;

-- @query key_revoke_of exec
-- @in staff_id id, now time
UPDATE people_key SET revoked_ms = :now, rev = rev + 1, updated_ms = :now
WHERE staff_id = :staff_id AND revoked_ms IS NULL;

-- @query key_used exec
-- @in id id, used_ms time
UPDATE people_key SET used_ms = :used_ms WHERE id = :id AND (used_ms IS NULL OR used_ms < :used_ms);

-- --- throttling ------------------------------------------------------------------------

-- @query throttle_get maybe PeopleThrottle
-- @in key text
-- @out failures int, until_ms time, seen_ms time
SELECT failures, until_ms, seen_ms FROM people_throttle WHERE key = :key;

-- @query throttle_put exec
-- @in key text, failures int, until_ms time, now time
INSERT INTO people_throttle (key, failures, until_ms, seen_ms)
VALUES (:key, :failures, :until_ms, :now)
ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, until_ms = excluded.until_ms,
    seen_ms = excluded.seen_ms;

-- @query throttle_clear exec
-- @in key text
DELETE FROM people_throttle WHERE key = :key;

-- @query throttle_prune exec
-- @in before time, max int
DELETE FROM people_throttle WHERE key IN (
    SELECT key FROM people_throttle WHERE seen_ms < :before ORDER BY seen_ms LIMIT :max);
