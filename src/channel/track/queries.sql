-- Every statement of src/channel/track. How to read and write this file: docs/sql.md.

-- @query key_add exec
-- @from TrackKeyRow
-- @in id id, name text, write_key text, kind enum:track_kind_names, aliases json, origins json
-- @in per_minute int, own bool, rev int, created_ms time, updated_ms time, revoked_ms time?
INSERT INTO track_key (id, name, write_key, kind, aliases, origins, per_minute, own, rev,
    created_ms, updated_ms, revoked_ms)
VALUES (:id, :name, :write_key, :kind, :aliases, :origins, :per_minute, :own, :rev, :created_ms,
    :updated_ms, :revoked_ms);

-- @query key_get one TrackKeyRow
-- @in id id
-- @out id id, name text, write_key text, kind enum:track_kind_names, aliases json, origins json
-- @out per_minute int, own bool, rev int, created_ms time, updated_ms time, revoked_ms time?
-- @missing track.no_key
SELECT id, name, write_key, kind, aliases, origins, per_minute, own, rev, created_ms, updated_ms,
    revoked_ms
FROM track_key WHERE id = :id;

-- @query key_all many TrackKeyRow
-- @in max int
-- @out id id, name text, write_key text, kind enum:track_kind_names, aliases json, origins json
-- @out per_minute int, own bool, rev int, created_ms time, updated_ms time, revoked_ms time?
SELECT id, name, write_key, kind, aliases, origins, per_minute, own, rev, created_ms, updated_ms,
    revoked_ms
FROM track_key WHERE id > 0 ORDER BY id LIMIT :max;

-- @query key_count one
-- @out n int
-- @scan there are a few dozen at most
SELECT count(*) AS n FROM track_key;

-- @query key_set exec
-- @from TrackKeyChange
-- @in id id, rev int, name text, kind enum:track_kind_names, aliases json, origins json
-- @in per_minute int, now time
UPDATE track_key SET name = :name, kind = :kind, aliases = :aliases, origins = :origins,
    per_minute = :per_minute, rev = rev + 1, updated_ms = :now
WHERE id = :id AND rev = :rev;

-- @query key_revoke exec
-- @in id id, now time
UPDATE track_key SET revoked_ms = :now, rev = rev + 1, updated_ms = :now
WHERE id = :id AND revoked_ms IS NULL;

-- @query rejected_add exec
-- @from TrackRejectedRow
-- @in id id, place int, key_id int, format text, reason text, raw text, cut bool, at_ms time
INSERT INTO track_rejected (id, place, key_id, format, reason, raw, cut, at_ms)
VALUES (:id, :place, :key_id, :format, :reason, :raw, :cut, :at_ms)
ON CONFLICT (place) DO NOTHING;

-- @query rejected_page many TrackRejectedRow
-- @in before id, reason text, max int
-- @out id id, place int, key_id int, format text, reason text, raw text, cut bool, at_ms time
SELECT id, place, key_id, format, reason, raw, cut, at_ms FROM track_rejected
WHERE id < :before AND (:reason = '' OR reason = :reason) ORDER BY id DESC LIMIT :max;

-- @query rejected_page_back many TrackRejectedRow
-- @in after id, reason text, max int
-- @out id id, place int, key_id int, format text, reason text, raw text, cut bool, at_ms time
SELECT id, place, key_id, format, reason, raw, cut, at_ms FROM track_rejected
WHERE id > :after AND (:reason = '' OR reason = :reason) ORDER BY id LIMIT :max;

-- @query rejected_some many TrackRejectedRow
-- @in ids ids, max int
-- @out id id, place int, key_id int, format text, reason text, raw text, cut bool, at_ms time
SELECT id, place, key_id, format, reason, raw, cut, at_ms FROM track_rejected
WHERE id IN (:ids) ORDER BY id LIMIT :max;

-- @query rejected_reasons many TrackReasonRow
-- @in max int
-- @out reason text, n int, first_ms time, last_ms time
-- @scan all of them: at most TRACK_REJECTED_MAX
-- @sort and a few reasons
SELECT reason, COUNT(*) AS n, MIN(at_ms) AS first_ms, MAX(at_ms) AS last_ms FROM track_rejected
GROUP BY reason ORDER BY n DESC, reason LIMIT :max;

-- @query rejected_remove_reason exec
-- @in reason text
-- @scan all of them: at most TRACK_REJECTED_MAX
DELETE FROM track_rejected WHERE reason = :reason;

-- @query rejected_remove exec
-- @in ids ids
DELETE FROM track_rejected WHERE id IN (:ids);

-- The id of the row that is `keep` rows from the newest.
-- @query rejected_edge maybe
-- @in keep int
-- @out id id
SELECT id FROM track_rejected WHERE id > 0 ORDER BY id DESC LIMIT 1 OFFSET :keep;

-- @query rejected_prune exec
-- @in edge id
DELETE FROM track_rejected WHERE id <= :edge;
