-- Each process has a journey of its own, which knows by itself whom it has forgotten.
DROP INDEX people_forgotten_to_do;
ALTER TABLE people_forgotten DROP COLUMN erased;
CREATE INDEX people_forgotten_by_profile ON people_forgotten (profile_id, subject);
