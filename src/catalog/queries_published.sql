-- What the read model of storefronts is built from (published.h).

-- @query heads_in many CatalogHeadRow
-- @in  ids ids
-- @out id id, handle text, title_key text, status enum:catalog_status_names
-- @out published_ms time?, unpublish_ms time?
-- @unbounded as many as ids
SELECT p.id, p.handle, p.title_key, p.status, u.published_ms, u.unpublish_ms
FROM catalog_product p
LEFT JOIN catalog_publication u ON u.entity_id = p.id AND u.channel = 'web'
WHERE p.id IN (:ids);

-- When a price of a product begins or ends next.
-- @query price_turns_in many CatalogTurnRow
-- @in  ids ids, now time
-- @out product_id id, turn_ms time
-- @unbounded one for each product
SELECT product_id, min(CASE WHEN starts_ms > :now THEN starts_ms ELSE ends_ms END) AS turn_ms
FROM catalog_price
WHERE product_id IN (:ids) AND (starts_ms > :now OR ends_ms > :now) GROUP BY product_id;

-- @query memberships_in many CatalogMembershipRow
-- @in  ids ids
-- @out product_id id, collection_id id
-- @unbounded as many as collections for each product
SELECT product_id, collection_id FROM catalog_collection_product WHERE product_id IN (:ids);

-- @query translations_in many CatalogPublishedTextRow
-- @in  ids ids
-- @out root_id id, entity_id id, field text, locale text, value text, value_safe text?
-- @out html_version int
-- @unbounded as many as texts and languages for each thing
SELECT root_id, entity_id, field, locale, value, value_safe, html_version
FROM catalog_translation WHERE root_id IN (:ids);

-- @query article_times many CatalogArticleTimeRow
-- @in  blog_id id
-- @out id id, published_ms time?
-- @unbounded articles of one blog
SELECT id, published_ms FROM catalog_article WHERE blog_id = :blog_id;
