-- What ties the journey to identity. How to read and write this file: docs/sql.md.

-- @query forgotten_add exec
-- @in subject id, profile_id id, now time
INSERT INTO people_forgotten (subject, profile_id, at_ms) VALUES (:subject, :profile_id, :now)
ON CONFLICT (subject) DO UPDATE SET profile_id = excluded.profile_id, at_ms = excluded.at_ms;

-- @query forgotten_lift exec
-- @in subject id
DELETE FROM people_forgotten WHERE subject = :subject;

-- @query forgotten_page many PeopleForgottenRow
-- @in after id, max int
-- @out subject id
SELECT subject FROM people_forgotten WHERE subject > :after ORDER BY subject LIMIT :max;

-- @query forgotten_of_profile many PeopleForgottenRow
-- @in profile_id id, max int
-- @out subject id
SELECT subject FROM people_forgotten WHERE profile_id = :profile_id ORDER BY subject LIMIT :max;

-- All identifiers, in their order.
-- @query identifier_walk many PeopleIdentifierWalk
-- @in after id, max int
-- @out id id, profile_id id, namespace enum:people_namespace_names, value text
SELECT id, profile_id, namespace, value FROM people_identifier WHERE id > :after
ORDER BY id LIMIT :max;

-- Identifiers of whoever has ever said no to this purpose, in their order.
-- @query consent_refuser_page many PeopleRefuser
-- @in purpose text, after id, max int
-- @out id id, profile_id id
SELECT DISTINCT i.id, i.profile_id FROM people_consent c
JOIN people_identifier i ON i.id = c.identifier_id
WHERE c.purpose = :purpose AND c.status <> 'granted' AND i.id > :after
ORDER BY i.id LIMIT :max;

-- @query profile_some many PeopleProfileName
-- @in ids ids, max int
-- @out id id:cus, email text?, name text?
SELECT id, email, name FROM people_profile WHERE id IN (:ids) ORDER BY id LIMIT :max;

-- What everybody's identifiers say under one name; more than one may be of a profile.
-- @query trait_walk many PeopleTraitWalk
-- @in name text, after id, max int
-- @out id id, identifier_id id, profile_id id, value text, verified bool, at_ms time
SELECT t.id, t.identifier_id, i.profile_id, t.value, t.verified, t.at_ms FROM people_trait t
JOIN people_identifier i ON i.id = t.identifier_id
WHERE t.name = :name AND t.current AND t.identifier_id > :after
ORDER BY t.identifier_id LIMIT :max;

-- The same of some profiles.
-- @query trait_walk_some many PeopleTraitWalk
-- @in ids ids, name text, max int
-- @out id id, identifier_id id, profile_id id, value text, verified bool, at_ms time
SELECT t.id, t.identifier_id, i.profile_id, t.value, t.verified, t.at_ms FROM people_identifier i
JOIN people_trait t ON t.identifier_id = i.id
WHERE i.profile_id IN (:ids) AND t.name = :name AND t.current
ORDER BY t.identifier_id LIMIT :max;

-- What profiles say of themselves.
-- @query profile_walk many PeopleProfileWalk
-- @in after id, max int
-- @out id id, email text?, phone text?, name text?, country text?, locale text?, known bool
SELECT id, email, phone, name, country, locale, known FROM people_profile WHERE id > :after
ORDER BY id LIMIT :max;

-- @query profile_walk_some many PeopleProfileWalk
-- @in ids ids, max int
-- @out id id, email text?, phone text?, name text?, country text?, locale text?, known bool
SELECT id, email, phone, name, country, locale, known FROM people_profile WHERE id IN (:ids)
ORDER BY id LIMIT :max;
