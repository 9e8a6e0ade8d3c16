-- Accounts of customers: sessions, codes, addresses; mails. How to read this file: docs/sql.md.

-- --- accounts --------------------------------------------------------------------------

-- @query account_add exec
-- @from PeopleAccountRow
-- @in id id, identifier_id id, email text, email_key text, first_name text, last_name text
-- @in phone text, locale text, password text, status enum:people_account_status_names, rev int
-- @in created_ms time, updated_ms time, last_login_ms time?
INSERT INTO people_account (id, identifier_id, email, email_key, first_name, last_name, phone, locale,
    password, status, rev, created_ms, updated_ms, last_login_ms)
VALUES (:id, :identifier_id, :email, :email_key, :first_name, :last_name, :phone, :locale, :password,
    :status, :rev, :created_ms, :updated_ms, :last_login_ms);

-- @query account_get one PeopleAccountRow
-- @in id id
-- @out id id, identifier_id id, email text, email_key text, first_name text, last_name text
-- @out phone text, locale text, password text, status enum:people_account_status_names, rev int
-- @out created_ms time, updated_ms time, last_login_ms time?
-- @missing people.no_account
SELECT id, identifier_id, email, email_key, first_name, last_name, phone, locale, password, status,
    rev, created_ms, updated_ms, last_login_ms
FROM people_account WHERE id = :id;

-- @query account_by_email maybe PeopleAccountRow
-- @in email_key text
-- @out id id, identifier_id id, email text, email_key text, first_name text, last_name text
-- @out phone text, locale text, password text, status enum:people_account_status_names, rev int
-- @out created_ms time, updated_ms time, last_login_ms time?
SELECT id, identifier_id, email, email_key, first_name, last_name, phone, locale, password, status,
    rev, created_ms, updated_ms, last_login_ms
FROM people_account WHERE email_key = :email_key AND email_key <> '';

-- @query account_by_identifiers many PeopleAccountRow
-- @in ids ids, max int
-- @out id id, identifier_id id, email text, email_key text, first_name text, last_name text
-- @out phone text, locale text, password text, status enum:people_account_status_names, rev int
-- @out created_ms time, updated_ms time, last_login_ms time?
-- @sort of one person
SELECT id, identifier_id, email, email_key, first_name, last_name, phone, locale, password, status,
    rev, created_ms, updated_ms, last_login_ms
FROM people_account WHERE identifier_id IN (:ids) ORDER BY id LIMIT :max;

-- @query account_set exec
-- @from PeopleAccountChange
-- @in id id, rev int, first_name text, last_name text, phone text, locale text
-- @in status enum:people_account_status_names, now time
UPDATE people_account SET first_name = :first_name, last_name = :last_name, phone = :phone,
    locale = :locale, status = :status, rev = rev + 1, updated_ms = :now
WHERE id = :id AND rev = :rev;

-- @query account_set_email exec
-- @in id id, email text, email_key text, now time
UPDATE people_account SET email = :email, email_key = :email_key, rev = rev + 1, updated_ms = :now
WHERE id = :id;

-- @query account_set_password exec
-- @in id id, password text, now time
UPDATE people_account SET password = :password, rev = rev + 1, updated_ms = :now WHERE id = :id;

-- The same password under newer parameters: only while it is still the one that was checked.
-- @query account_rehash exec
-- @in id id, old text, new text
UPDATE people_account SET password = :new WHERE id = :id AND password = :old;

-- @query account_logged_in exec
-- @in id id, now time
UPDATE people_account SET last_login_ms = :now WHERE id = :id;

-- What is left of an erased account: that there was one.
-- @query account_erase exec
-- @in id id, identifier_id id, now time
UPDATE people_account SET identifier_id = :identifier_id, email = '', email_key = '',
    first_name = '', last_name = '', phone = '', locale = '', password = '', status = 'erased',
    rev = rev + 1, updated_ms = :now
WHERE id = :id;

-- --- sessions --------------------------------------------------------------------------

-- @query customer_session_add exec
-- @from PeopleCustomerSessionRow
-- @in id id, account_id id, token_hash blob, agent text, net text, created_ms time, seen_ms time
-- @in ends_ms time
INSERT INTO people_customer_session (id, account_id, token_hash, agent, net, created_ms, seen_ms,
    ends_ms)
VALUES (:id, :account_id, :token_hash, :agent, :net, :created_ms, :seen_ms, :ends_ms);

-- @query customer_session_by_token maybe PeopleCustomerSessionRow
-- @in token_hash blob
-- @out id id, account_id id, token_hash blob, agent text, net text, created_ms time, seen_ms time
-- @out ends_ms time
SELECT id, account_id, token_hash, agent, net, created_ms, seen_ms, ends_ms
FROM people_customer_session WHERE token_hash = :token_hash;

-- @query customer_session_of many PeopleCustomerSessionRow
-- @in account_id id, max int
-- @out id id, account_id id, token_hash blob, agent text, net text, created_ms time, seen_ms time
-- @out ends_ms time
SELECT id, account_id, token_hash, agent, net, created_ms, seen_ms, ends_ms
FROM people_customer_session WHERE account_id = :account_id ORDER BY id DESC LIMIT :max;

-- @query customer_session_seen exec
-- @in id id, seen_ms time
UPDATE people_customer_session SET seen_ms = :seen_ms WHERE id = :id AND seen_ms < :seen_ms;

-- @query customer_session_remove exec
-- @in id id, account_id id
DELETE FROM people_customer_session WHERE id = :id AND account_id = :account_id;

-- @query customer_session_clear exec
-- @in account_id id, besides id
DELETE FROM people_customer_session WHERE account_id = :account_id AND id <> :besides;

-- Nobody has more sessions than this: the oldest go.
-- @query customer_session_trim exec
-- @in account_id id, keep int
DELETE FROM people_customer_session WHERE id IN (
    SELECT id FROM people_customer_session WHERE account_id = :account_id
    ORDER BY id DESC LIMIT 1000 OFFSET :keep);

-- @query customer_session_prune exec
-- @in now time, max int
DELETE FROM people_customer_session WHERE id IN (
    SELECT id FROM people_customer_session WHERE ends_ms <= :now ORDER BY ends_ms LIMIT :max);

-- --- codes -----------------------------------------------------------------------------

-- @query code_add exec
-- @from PeopleCodeRow
-- @in token_hash blob, purpose enum:people_code_names, email text, email_key text, code_hash blob
-- @in account_id id?, first_name text, last_name text, password text, locale text, tries int
-- @in created_ms time, ends_ms time
INSERT INTO people_code (token_hash, purpose, email, email_key, code_hash, account_id, first_name,
    last_name, password, locale, tries, created_ms, ends_ms)
VALUES (:token_hash, :purpose, :email, :email_key, :code_hash, :account_id, :first_name, :last_name,
    :password, :locale, :tries, :created_ms, :ends_ms);

-- @query code_get maybe PeopleCodeRow
-- @in token_hash blob
-- @out token_hash blob, purpose enum:people_code_names, email text, email_key text, code_hash blob
-- @out account_id id?, first_name text, last_name text, password text, locale text, tries int
-- @out created_ms time, ends_ms time
SELECT token_hash, purpose, email, email_key, code_hash, account_id, first_name, last_name, password,
    locale, tries, created_ms, ends_ms
FROM people_code WHERE token_hash = :token_hash;

-- 1 row while it has tries left.
-- @query code_try exec
-- @in token_hash blob, tries_max int, now time
UPDATE people_code SET tries = tries + 1
WHERE token_hash = :token_hash AND tries < :tries_max AND ends_ms > :now;

-- 1 row for whoever comes first.
-- @query code_spend exec
-- @in token_hash blob
DELETE FROM people_code WHERE token_hash = :token_hash;

-- @query code_clear exec
-- @in email_key text
DELETE FROM people_code WHERE email_key = :email_key;

-- @query code_prune exec
-- @in now time, max int
DELETE FROM people_code WHERE token_hash IN (
    SELECT token_hash FROM people_code WHERE ends_ms <= :now ORDER BY ends_ms LIMIT :max);

-- --- addresses -------------------------------------------------------------------------

-- @query address_add exec
-- @from PeopleAddressRow
-- @in id id, account_id id, first_name text, last_name text, company text, line1 text, line2 text
-- @in city text, zone text, postal_code text, country text, phone text, is_default bool, rev int
-- @in created_ms time, updated_ms time
INSERT INTO people_address (id, account_id, first_name, last_name, company, line1, line2, city, zone,
    postal_code, country, phone, is_default, rev, created_ms, updated_ms)
VALUES (:id, :account_id, :first_name, :last_name, :company, :line1, :line2, :city, :zone,
    :postal_code, :country, :phone, :is_default, :rev, :created_ms, :updated_ms);

-- @query address_get one PeopleAddressRow
-- @in id id
-- @out id id, account_id id, first_name text, last_name text, company text, line1 text, line2 text
-- @out city text, zone text, postal_code text, country text, phone text, is_default bool, rev int
-- @out created_ms time, updated_ms time
-- @missing people.no_address
SELECT id, account_id, first_name, last_name, company, line1, line2, city, zone, postal_code,
    country, phone, is_default, rev, created_ms, updated_ms
FROM people_address WHERE id = :id;

-- @query address_of many PeopleAddressRow
-- @in account_id id, max int
-- @out id id, account_id id, first_name text, last_name text, company text, line1 text, line2 text
-- @out city text, zone text, postal_code text, country text, phone text, is_default bool, rev int
-- @out created_ms time, updated_ms time
SELECT id, account_id, first_name, last_name, company, line1, line2, city, zone, postal_code,
    country, phone, is_default, rev, created_ms, updated_ms
FROM people_address WHERE account_id = :account_id ORDER BY id LIMIT :max;

-- @query address_set exec
-- @from PeopleAddressRow
-- @in id id, rev int, first_name text, last_name text, company text, line1 text, line2 text
-- @in city text, zone text, postal_code text, country text, phone text, is_default bool
-- @in updated_ms time
UPDATE people_address SET first_name = :first_name, last_name = :last_name, company = :company,
    line1 = :line1, line2 = :line2, city = :city, zone = :zone, postal_code = :postal_code,
    country = :country, phone = :phone, is_default = :is_default, rev = rev + 1,
    updated_ms = :updated_ms
WHERE id = :id AND rev = :rev;

-- @query address_no_default exec
-- @in account_id id
UPDATE people_address SET is_default = FALSE WHERE account_id = :account_id AND is_default = TRUE;

-- @query address_make_default exec
-- @in id id
UPDATE people_address SET is_default = TRUE WHERE id = :id;

-- @query address_remove exec
-- @in id id
DELETE FROM people_address WHERE id = :id;

-- @query address_clear exec
-- @in account_id id
DELETE FROM people_address WHERE account_id = :account_id;
