-- Identifiers, edges, profiles, traits, consents. How to read and write this file: docs/sql.md.

-- --- identifiers -----------------------------------------------------------------------

-- @query identifier_add exec
-- @from PeopleIdentifierRow
-- @in id id, profile_id id, namespace enum:people_namespace_names, value text, verified_ms time?
-- @in shared bool, created_ms time, seen_ms time
INSERT INTO people_identifier (id, profile_id, namespace, value, verified_ms, shared, created_ms, seen_ms)
VALUES (:id, :profile_id, :namespace, :value, :verified_ms, :shared, :created_ms, :seen_ms);

-- @query identifier_find maybe PeopleIdentifierRow
-- @in namespace enum:people_namespace_names, value text
-- @out id id, profile_id id, namespace enum:people_namespace_names, value text, verified_ms time?
-- @out shared bool, created_ms time, seen_ms time
SELECT id, profile_id, namespace, value, verified_ms, shared, created_ms, seen_ms
FROM people_identifier WHERE namespace = :namespace AND value = :value;

-- @query identifier_get one PeopleIdentifierRow
-- @in id id
-- @out id id, profile_id id, namespace enum:people_namespace_names, value text, verified_ms time?
-- @out shared bool, created_ms time, seen_ms time
-- @missing people.no_customer
SELECT id, profile_id, namespace, value, verified_ms, shared, created_ms, seen_ms
FROM people_identifier WHERE id = :id;

-- @query identifier_of_profile many PeopleIdentifierRow
-- @in profile_id id, max int
-- @out id id, profile_id id, namespace enum:people_namespace_names, value text, verified_ms time?
-- @out shared bool, created_ms time, seen_ms time
SELECT id, profile_id, namespace, value, verified_ms, shared, created_ms, seen_ms
FROM people_identifier WHERE profile_id = :profile_id ORDER BY id LIMIT :max;

-- @query identifier_count one
-- @in id id
-- @out n int
SELECT count(*) AS n FROM people_identifier WHERE id = :id;

-- @query identifier_seen exec
-- @in id id, seen_ms time
UPDATE people_identifier SET seen_ms = :seen_ms WHERE id = :id AND seen_ms < :seen_ms;

-- @query identifier_verify exec
-- @in id id, now time
UPDATE people_identifier SET verified_ms = :now WHERE id = :id AND verified_ms IS NULL;

-- @query identifier_share exec
-- @in id id
UPDATE people_identifier SET shared = TRUE WHERE id = :id AND shared = FALSE;

-- @query identifier_move exec
-- @in ids ids, profile_id id
UPDATE people_identifier SET profile_id = :profile_id WHERE id IN (:ids);

-- @query identifier_remove exec
-- @in ids ids
DELETE FROM people_identifier WHERE id IN (:ids);

-- --- edges -----------------------------------------------------------------------------

-- @query edge_add exec
-- @from PeopleEdgeRow
-- @in id id, a_id id, b_id id, rule enum:people_rule_names, state enum:people_edge_state_names
-- @in confidence int, source text, evidence text, actor text, reason text, created_ms time
-- @in ended_ms time?, ended_by text
INSERT INTO people_edge (id, a_id, b_id, rule, state, confidence, source, evidence, actor, reason,
    created_ms, ended_ms, ended_by)
VALUES (:id, :a_id, :b_id, :rule, :state, :confidence, :source, :evidence, :actor, :reason,
    :created_ms, :ended_ms, :ended_by);

-- @query edge_between many PeopleEdgeRow
-- @in a_id id, b_id id, max int
-- @out id id, a_id id, b_id id, rule enum:people_rule_names, state enum:people_edge_state_names
-- @out confidence int, source text, evidence text, actor text, reason text, created_ms time
-- @out ended_ms time?, ended_by text
-- @sort a few rows
SELECT id, a_id, b_id, rule, state, confidence, source, evidence, actor, reason, created_ms, ended_ms,
    ended_by
FROM people_edge WHERE a_id = :a_id AND b_id = :b_id ORDER BY id DESC LIMIT :max;

-- @query edge_get one PeopleEdgeRow
-- @in id id
-- @out id id, a_id id, b_id id, rule enum:people_rule_names, state enum:people_edge_state_names
-- @out confidence int, source text, evidence text, actor text, reason text, created_ms time
-- @out ended_ms time?, ended_by text
-- @missing people.no_link_between
SELECT id, a_id, b_id, rule, state, confidence, source, evidence, actor, reason, created_ms, ended_ms,
    ended_by
FROM people_edge WHERE id = :id;

-- All active edges that begin at these: with all identifiers of a component, all of its edges.
-- @query edge_active_among many PeopleEdgeEnds
-- @in ids ids, max int
-- @out id id, a_id id, b_id id, rule enum:people_rule_names
SELECT id, a_id, b_id, rule FROM people_edge
WHERE a_id IN (:ids) AND state = 'active' LIMIT :max;

-- Those that end at one.
-- @query edge_active_into many PeopleEdgeEnds
-- @in id id, max int
-- @out id id, a_id id, b_id id, rule enum:people_rule_names
SELECT id, a_id, b_id, rule FROM people_edge WHERE b_id = :id AND state = 'active' LIMIT :max;

-- How many were refused at one, up to `max` on either side.
-- @query edge_refused_count one
-- @in id id, max int
-- @out n int
SELECT count(*) AS n FROM (
    SELECT id FROM (SELECT id FROM people_edge WHERE a_id = :id AND state = 'refused' LIMIT :max) x
    UNION ALL
    SELECT id FROM (SELECT id FROM people_edge WHERE b_id = :id AND state = 'refused' LIMIT :max) y) e;

-- @query edge_active_count one
-- @in ids ids
-- @out n int
SELECT count(*) AS n FROM people_edge WHERE a_id IN (:ids) AND state = 'active';

-- @query edge_of_a many PeopleEdgeRow
-- @in ids ids, max int
-- @out id id, a_id id, b_id id, rule enum:people_rule_names, state enum:people_edge_state_names
-- @out confidence int, source text, evidence text, actor text, reason text, created_ms time
-- @out ended_ms time?, ended_by text
-- @sort of one person
SELECT id, a_id, b_id, rule, state, confidence, source, evidence, actor, reason, created_ms, ended_ms,
    ended_by
FROM people_edge WHERE a_id IN (:ids) ORDER BY id DESC LIMIT :max;

-- @query edge_of_b many PeopleEdgeRow
-- @in ids ids, max int
-- @out id id, a_id id, b_id id, rule enum:people_rule_names, state enum:people_edge_state_names
-- @out confidence int, source text, evidence text, actor text, reason text, created_ms time
-- @out ended_ms time?, ended_by text
-- @sort of one person
SELECT id, a_id, b_id, rule, state, confidence, source, evidence, actor, reason, created_ms, ended_ms,
    ended_by
FROM people_edge WHERE b_id IN (:ids) ORDER BY id DESC LIMIT :max;

-- Accounts that this browser or device was ever used with. CROSS JOIN, because SQLite keeps its order:
-- otherwise it walks all accounts there are.
-- @query edge_accounts one
-- @in id id
-- @out n int
-- @sort a few rows
SELECT count(DISTINCT i.id) AS n FROM (
    SELECT b_id AS other_id FROM people_edge WHERE a_id = :id
    UNION ALL SELECT a_id AS other_id FROM people_edge WHERE b_id = :id) e
CROSS JOIN people_identifier i WHERE i.id = e.other_id AND i.namespace = 'user_id';

-- @query edge_end exec
-- @in ids ids, reason text, ended_by text, now time
UPDATE people_edge SET state = 'revoked', reason = :reason, ended_by = :ended_by, ended_ms = :now
WHERE id IN (:ids) AND state = 'active';

-- @query edge_remove exec
-- @in ids ids
DELETE FROM people_edge WHERE a_id IN (:ids) OR b_id IN (:ids);

-- --- profiles --------------------------------------------------------------------------

-- @query profile_put exec
-- @from PeopleProfileRow
-- @in id id, identifiers int, account_id id?, email text?, phone text?, name text?, name_key text
-- @in country text?, locale text?, known bool, created_ms time, seen_ms time
INSERT INTO people_profile (id, identifiers, account_id, email, phone, name, name_key, country,
    locale, known, created_ms, seen_ms)
VALUES (:id, :identifiers, :account_id, :email, :phone, :name, :name_key, :country, :locale, :known,
    :created_ms, :seen_ms)
ON CONFLICT (id) DO UPDATE SET identifiers = excluded.identifiers, account_id = excluded.account_id,
    email = excluded.email, phone = excluded.phone, name = excluded.name,
    name_key = excluded.name_key, country = excluded.country, locale = excluded.locale,
    known = excluded.known, created_ms = excluded.created_ms, seen_ms = excluded.seen_ms;

-- @query profile_get one PeopleProfileRow
-- @in id id
-- @out id id, identifiers int, account_id id?, email text?, phone text?, name text?, name_key text
-- @out country text?, locale text?, known bool, created_ms time, seen_ms time
-- @missing people.no_customer
SELECT id, identifiers, account_id, email, phone, name, name_key, country, locale, known, created_ms,
    seen_ms
FROM people_profile WHERE id = :id;

-- @query profile_page many PeopleProfileRow
-- @in before id, max int
-- @out id id, identifiers int, account_id id?, email text?, phone text?, name text?, name_key text
-- @out country text?, locale text?, known bool, created_ms time, seen_ms time
SELECT id, identifiers, account_id, email, phone, name, name_key, country, locale, known, created_ms,
    seen_ms
FROM people_profile WHERE id < :before AND known ORDER BY id DESC LIMIT :max;

-- @query profile_page_back many PeopleProfileRow
-- @in after id, max int
-- @out id id, identifiers int, account_id id?, email text?, phone text?, name text?, name_key text
-- @out country text?, locale text?, known bool, created_ms time, seen_ms time
SELECT id, identifiers, account_id, email, phone, name, name_key, country, locale, known, created_ms,
    seen_ms
FROM people_profile WHERE id > :after AND known ORDER BY id LIMIT :max;

-- Names that begin so: from the folded text up to the next text of its length.
-- @query profile_by_name many PeopleProfileRow
-- @in first text, last text, max int
-- @out id id, identifiers int, account_id id?, email text?, phone text?, name text?, name_key text
-- @out country text?, locale text?, known bool, created_ms time, seen_ms time
SELECT id, identifiers, account_id, email, phone, name, name_key, country, locale, known, created_ms,
    seen_ms
FROM people_profile WHERE name_key >= :first AND name_key < :last ORDER BY name_key, id LIMIT :max;

-- @query profile_by_identifier many PeopleProfileRow
-- @in namespace enum:people_namespace_names, first text, last text, max int
-- @out id id, identifiers int, account_id id?, email text?, phone text?, name text?, name_key text
-- @out country text?, locale text?, known bool, created_ms time, seen_ms time
SELECT p.id, p.identifiers, p.account_id, p.email, p.phone, p.name, p.name_key, p.country, p.locale,
    p.known, p.created_ms, p.seen_ms
FROM people_identifier i JOIN people_profile p ON p.id = i.profile_id
WHERE i.namespace = :namespace AND i.value >= :first AND i.value < :last
ORDER BY i.value LIMIT :max;

-- @query profile_remove exec
-- @in id id
DELETE FROM people_profile WHERE id = :id;

-- --- traits ----------------------------------------------------------------------------

-- @query trait_add exec
-- @from PeopleTraitRow
-- @in id id, identifier_id id, name text, value text, verified bool, current bool, source text
-- @in at_ms time
INSERT INTO people_trait (id, identifier_id, name, value, verified, current, source, at_ms)
VALUES (:id, :identifier_id, :name, :value, :verified, :current, :source, :at_ms);

-- @query trait_current maybe PeopleTraitRow
-- @in identifier_id id, name text
-- @out id id, identifier_id id, name text, value text, verified bool, current bool, source text
-- @out at_ms time
SELECT id, identifier_id, name, value, verified, current, source, at_ms
FROM people_trait WHERE identifier_id = :identifier_id AND name = :name AND current = TRUE;

-- @query trait_replace exec
-- @in id id
UPDATE people_trait SET current = FALSE WHERE id = :id;

-- @query trait_names one
-- @in identifier_id id
-- @out n int
SELECT count(DISTINCT name) AS n FROM people_trait WHERE identifier_id = :identifier_id;

-- Older ones of a name, beyond so many, go.
-- @query trait_trim exec
-- @in identifier_id id, name text, keep int
DELETE FROM people_trait WHERE id IN (
    SELECT id FROM people_trait WHERE identifier_id = :identifier_id AND name = :name
    ORDER BY id DESC LIMIT 1000 OFFSET :keep) AND current = FALSE;

-- @query trait_of many PeopleTraitRow
-- @in ids ids, max int
-- @out id id, identifier_id id, name text, value text, verified bool, current bool, source text
-- @out at_ms time
SELECT id, identifier_id, name, value, verified, current, source, at_ms
FROM people_trait WHERE identifier_id IN (:ids) AND current = TRUE LIMIT :max;

-- @query trait_history many PeopleTraitRow
-- @in ids ids, max int
-- @out id id, identifier_id id, name text, value text, verified bool, current bool, source text
-- @out at_ms time
-- @sort of one person
SELECT id, identifier_id, name, value, verified, current, source, at_ms
FROM people_trait WHERE identifier_id IN (:ids) ORDER BY id DESC LIMIT :max;

-- @query trait_remove exec
-- @in ids ids
DELETE FROM people_trait WHERE identifier_id IN (:ids);

-- --- consent ---------------------------------------------------------------------------

-- @query consent_add exec
-- @from PeopleConsentRow
-- @in id id, identifier_id id, purpose text, status enum:people_consent_names, text_version text
-- @in locale text, source text, net text, agent text, at_ms time
INSERT INTO people_consent (id, identifier_id, purpose, status, text_version, locale, source, net,
    agent, at_ms)
VALUES (:id, :identifier_id, :purpose, :status, :text_version, :locale, :source, :net, :agent, :at_ms);

-- @query consent_of many PeopleConsentRow
-- @in ids ids, max int
-- @out id id, identifier_id id, purpose text, status enum:people_consent_names, text_version text
-- @out locale text, source text, net text, agent text, at_ms time
-- @sort of one person
SELECT id, identifier_id, purpose, status, text_version, locale, source, net, agent, at_ms
FROM people_consent WHERE identifier_id IN (:ids) ORDER BY at_ms DESC, id DESC LIMIT :max;

-- The newest answer to one purpose.
-- @query consent_newest maybe PeopleConsentRow
-- @in ids ids, purpose text
-- @out id id, identifier_id id, purpose text, status enum:people_consent_names, text_version text
-- @out locale text, source text, net text, agent text, at_ms time
-- @sort of one person
SELECT id, identifier_id, purpose, status, text_version, locale, source, net, agent, at_ms
FROM people_consent WHERE identifier_id IN (:ids) AND purpose = :purpose
ORDER BY at_ms DESC, id DESC LIMIT 1;

-- @query consent_remove exec
-- @in ids ids
DELETE FROM people_consent WHERE identifier_id IN (:ids);

-- --- requests about one's data ---------------------------------------------------------

-- @query data_request_add exec
-- @from PeopleDataRequestRow
-- @in id id, profile_id id, kind enum:people_data_kind_names, status enum:people_data_status_names
-- @in requested_by text, created_ms time, due_ms time, done_ms time?
INSERT INTO people_data_request (id, profile_id, kind, status, requested_by, created_ms, due_ms,
    done_ms)
VALUES (:id, :profile_id, :kind, :status, :requested_by, :created_ms, :due_ms, :done_ms);

-- @query data_request_get one PeopleDataRequestRow
-- @in id id
-- @out id id, profile_id id, kind enum:people_data_kind_names, status enum:people_data_status_names
-- @out requested_by text, created_ms time, due_ms time, done_ms time?
-- @missing people.no_data_request
SELECT id, profile_id, kind, status, requested_by, created_ms, due_ms, done_ms
FROM people_data_request WHERE id = :id;

-- @query data_request_end exec
-- @in id id, status enum:people_data_status_names, now time
UPDATE people_data_request SET status = :status, done_ms = :now WHERE id = :id AND status = 'pending';

-- @query data_request_page many PeopleDataRequestRow
-- @in before id, max int
-- @out id id, profile_id id, kind enum:people_data_kind_names, status enum:people_data_status_names
-- @out requested_by text, created_ms time, due_ms time, done_ms time?
SELECT id, profile_id, kind, status, requested_by, created_ms, due_ms, done_ms
FROM people_data_request WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query data_request_page_back many PeopleDataRequestRow
-- @in after id, max int
-- @out id id, profile_id id, kind enum:people_data_kind_names, status enum:people_data_status_names
-- @out requested_by text, created_ms time, due_ms time, done_ms time?
SELECT id, profile_id, kind, status, requested_by, created_ms, due_ms, done_ms
FROM people_data_request WHERE id > :after ORDER BY id LIMIT :max;

-- @query data_request_waiting maybe
-- @in profile_id id, kind enum:people_data_kind_names
-- @out id id
SELECT id FROM people_data_request
WHERE profile_id = :profile_id AND kind = :kind AND status = 'pending' ORDER BY id LIMIT 1;

-- @query suppression_add exec
-- @in namespace enum:people_namespace_names, hash blob, now time
INSERT INTO people_suppression (namespace, hash, created_ms) VALUES (:namespace, :hash, :now)
ON CONFLICT DO NOTHING;

-- @query suppression_has one
-- @in namespace enum:people_namespace_names, hash blob
-- @out n int
SELECT count(*) AS n FROM people_suppression WHERE namespace = :namespace AND hash = :hash;

-- @query suppression_lift exec
-- @in namespace enum:people_namespace_names, hash blob
DELETE FROM people_suppression WHERE namespace = :namespace AND hash = :hash;
