-- What the merchant says about finding, and what shoppers searched for.

-- === entries =============================================================================

-- @query search_entries many CatalogSearchEntryRow
-- @in  kind text, after id, max int
-- @out id id, body text, created_ms time
SELECT id, body, created_ms FROM catalog_search_entry
WHERE kind = :kind AND id > :after ORDER BY id LIMIT :max;

-- @query search_entries_before many CatalogSearchEntryRow
-- @in  kind text, before id, max int
-- @out id id, body text, created_ms time
SELECT id, body, created_ms FROM catalog_search_entry
WHERE kind = :kind AND id < :before ORDER BY id DESC LIMIT :max;

-- @query search_entry_get one CatalogSearchEntryRow
-- @missing catalog.no_search_entry
-- @in  kind text, id id
-- @out id id, body text, created_ms time
SELECT id, body, created_ms FROM catalog_search_entry WHERE id = :id AND kind = :kind;

-- @query search_entry_put exec
-- @in  id id, kind text, body text, now time
INSERT INTO catalog_search_entry (id, kind, body, created_ms) VALUES (:id, :kind, :body, :now)
ON CONFLICT (id) DO UPDATE SET body = excluded.body;

-- @query search_entry_delete exec
-- @in  id id
DELETE FROM catalog_search_entry WHERE id = :id;

-- @query search_entry_count one
-- @in  kind text
-- @out n int
SELECT count(*) AS n FROM catalog_search_entry WHERE kind = :kind;

-- === what was searched for ==================================================================

-- @query search_day_add exec
-- @in  day int, locale text, query text, shown text, searches int, empty int, clicks int
INSERT INTO catalog_search_day (day, locale, query, shown, searches, empty, clicks)
VALUES (:day, :locale, :query, :shown, :searches, :empty, :clicks)
ON CONFLICT (day, locale, query) DO UPDATE SET
    searches = catalog_search_day.searches + excluded.searches,
    empty = catalog_search_day.empty + excluded.empty,
    clicks = catalog_search_day.clicks + excluded.clicks;

-- @query search_click_add exec
-- @in  day int, product_id id, clicks int
INSERT INTO catalog_search_click (day, product_id, clicks) VALUES (:day, :product_id, :clicks)
ON CONFLICT (day, product_id) DO UPDATE SET clicks = catalog_search_click.clicks + excluded.clicks;

-- @query search_day_count one
-- @in  day int
-- @out n int
SELECT count(*) AS n FROM catalog_search_day WHERE day = :day;

-- @query search_most many CatalogSearchCountRow
-- @in  since int, max int
-- @out locale text, query text, shown text!, searches int, empty int, clicks int
-- @sort the sums are what is sorted by
SELECT locale, query, min(shown) AS shown,
    CAST(sum(searches) AS {INT}) AS searches, CAST(sum(empty) AS {INT}) AS empty,
    CAST(sum(clicks) AS {INT}) AS clicks
FROM catalog_search_day WHERE day >= :since
GROUP BY locale, query ORDER BY 4 DESC, 1, 2 LIMIT :max;

-- @query search_missed many CatalogSearchCountRow
-- @in  since int, max int
-- @out locale text, query text, shown text!, searches int, empty int, clicks int
-- @sort the sums are what is sorted by
SELECT locale, query, min(shown) AS shown,
    CAST(sum(searches) AS {INT}) AS searches, CAST(sum(empty) AS {INT}) AS empty,
    CAST(sum(clicks) AS {INT}) AS clicks
FROM catalog_search_day WHERE day >= :since
GROUP BY locale, query HAVING sum(empty) > 0 ORDER BY 5 DESC, 1, 2 LIMIT :max;

-- @query search_clicked many CatalogSearchClickRow
-- @in  since int, max int
-- @out product_id id, clicks int
-- @sort the sums are what is sorted by
SELECT product_id, CAST(sum(clicks) AS {INT}) AS clicks
FROM catalog_search_click WHERE day >= :since GROUP BY product_id ORDER BY 2 DESC, 1 LIMIT :max;

-- @query search_days_forget exec
-- @in  before int
DELETE FROM catalog_search_day WHERE day < :before;

-- Asked once on a day long ago: of no use to anybody.
-- @query search_rare_forget exec
-- @in  since int, before int
DELETE FROM catalog_search_day WHERE day >= :since AND day < :before AND searches < 2 AND clicks = 0;

-- @query search_clicks_forget exec
-- @in  before int
DELETE FROM catalog_search_click WHERE day < :before;

-- @query search_day_more exec
-- @in  day int, locale text, query text, searches int, empty int, clicks int
UPDATE catalog_search_day SET searches = searches + :searches, empty = empty + :empty,
    clicks = clicks + :clicks
WHERE day = :day AND locale = :locale AND query = :query;
