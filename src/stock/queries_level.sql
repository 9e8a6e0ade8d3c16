-- === levels ===============================================================================

-- Variants with what is said of them, and each of their levels: one row a level, one row with
-- location_id NULL where a variant has none.
-- @query stands many StockStandRow
-- @reads catalog_variant
-- @in  ids ids
-- @out variant_id id:var, product_id id:prd, tracked bool, policy enum:catalog_policy_names, low_at int?, oversell_max int?, expected_ms time?
-- @out location_id int?, on_hand int?, allocated int?, reserved int?, safety int?
-- @unbounded as many as ids, times the locations
SELECT v.id AS variant_id, v.product_id, v.tracked, v.policy, i.low_at, i.oversell_max, i.expected_ms,
       l.location_id, l.on_hand, l.allocated, l.reserved, l.safety
FROM catalog_variant v
LEFT JOIN stock_item i ON i.variant_id = v.id
LEFT JOIN stock_level l ON l.variant_id = v.id
WHERE v.id IN (:ids);

-- @query level_add exec
-- @in variant int, location int, on_hand int, allocated int, reserved int, now time
INSERT INTO stock_level (variant_id, location_id, on_hand, allocated, reserved, safety, changed_ms)
VALUES (:variant, :location, :on_hand, :allocated, :reserved, 0, :now)
ON CONFLICT (variant_id, location_id) DO UPDATE SET
    on_hand = stock_level.on_hand + excluded.on_hand,
    allocated = stock_level.allocated + excluded.allocated,
    reserved = stock_level.reserved + excluded.reserved, changed_ms = excluded.changed_ms;

-- @query level_change exec
-- @in variant int, location int, on_hand int, allocated int, reserved int, now time
UPDATE stock_level SET on_hand = on_hand + :on_hand, allocated = allocated + :allocated,
    reserved = reserved + :reserved, changed_ms = :now
WHERE variant_id = :variant AND location_id = :location;

-- @query level_safety exec
-- @in variant int, location int, safety int, now time
UPDATE stock_level SET safety = :safety, changed_ms = :now
WHERE variant_id = :variant AND location_id = :location;

-- What can be sold of each that has a level.
-- @query fill many StockFillRow
-- @in  ids ids
-- @out variant_id int, available int, oversell_max int?, expected_ms time?
-- @unbounded as many as ids
-- @sort by variant
SELECT l.variant_id, CAST(sum(CASE WHEN o.active AND o.online
           THEN l.on_hand - l.allocated - l.reserved - l.safety ELSE 0 END) AS {INT}) AS available,
       i.oversell_max, i.expected_ms
FROM stock_level l JOIN stock_location o ON o.id = l.location_id
LEFT JOIN stock_item i ON i.variant_id = l.variant_id
WHERE l.variant_id IN (:ids)
GROUP BY l.variant_id, i.oversell_max, i.expected_ms;

-- @query available many StockAvailableRow
-- @reads catalog_variant
-- @in  ids ids
-- @out variant_id id:var, product_id id:prd, tracked bool, policy enum:catalog_policy_names, available int, oversell_max int?, expected_ms time?
-- @unbounded as many as ids
-- @sort by variant
SELECT v.id AS variant_id, v.product_id, v.tracked, v.policy,
       CAST(coalesce(sum(CASE WHEN o.active AND o.online
           THEN l.on_hand - l.allocated - l.reserved - l.safety ELSE 0 END), 0) AS {INT}) AS available,
       i.oversell_max, i.expected_ms
FROM catalog_variant v
LEFT JOIN stock_level l ON l.variant_id = v.id
LEFT JOIN stock_location o ON o.id = l.location_id
LEFT JOIN stock_item i ON i.variant_id = v.id
WHERE v.id IN (:ids)
GROUP BY v.id, v.product_id, v.tracked, v.policy, i.oversell_max, i.expected_ms;

-- === movements ============================================================================

-- @query movement_add exec
-- @from StockMovementIn
-- @in id id, variant_id int, location_id int, kind enum:stock_movement_kind_names, on_hand int, allocated int
-- @in order_id int?, line_id int?, document_id int?, reason text, actor_kind int, actor_id int, at_ms time
INSERT INTO stock_movement (id, variant_id, location_id, kind, on_hand, allocated, order_id,
                            line_id, document_id, reason, actor_kind, actor_id, at_ms)
VALUES (:id, :variant_id, :location_id, :kind, :on_hand, :allocated, :order_id, :line_id,
        :document_id, :reason, :actor_kind, :actor_id, :at_ms);

-- What of an order is allocated and has not left.
-- @query allocated_of_order many StockOpenRow
-- @in  order_id int, max int
-- @out line_id int!, variant_id id:var, location_id int, qty int, last_id int!
-- @sort of one order
SELECT line_id, variant_id, location_id, CAST(sum(allocated) AS {INT}) AS qty, max(id) AS last_id
FROM stock_movement WHERE order_id = :order_id
GROUP BY line_id, variant_id, location_id HAVING sum(allocated) > 0
ORDER BY line_id, last_id LIMIT :max;

-- === reservations =========================================================================

-- @query reservations_of many StockReservationRow
-- @in  owner int
-- @out owner_id int, variant_id id:var, location_id int, qty int, expires_ms time
-- @unbounded of one cart
SELECT owner_id, variant_id, location_id, qty, expires_ms FROM stock_reservation
WHERE owner_id = :owner;

-- @query reservations_forget exec
-- @in  owner int
DELETE FROM stock_reservation WHERE owner_id = :owner;

-- @query reservation_put exec
-- @in owner int, variant int, location int, qty int, expires time
INSERT INTO stock_reservation (owner_id, variant_id, location_id, qty, expires_ms)
VALUES (:owner, :variant, :location, :qty, :expires)
ON CONFLICT (owner_id, variant_id, location_id) DO UPDATE SET
    qty = excluded.qty, expires_ms = excluded.expires_ms;

-- @query reservations_extend exec
-- @in owner int, expires time
UPDATE stock_reservation SET expires_ms = :expires
WHERE owner_id = :owner AND expires_ms < :expires;

-- @query reservations_held one
-- @in owner int, now time
-- @out n int
SELECT count(*) AS n FROM stock_reservation WHERE owner_id = :owner AND expires_ms > :now;

-- @query reservations_ended many StockReservationRow
-- @in  now time, max int
-- @out owner_id int, variant_id id:var, location_id int, qty int, expires_ms time
SELECT owner_id, variant_id, location_id, qty, expires_ms FROM stock_reservation
WHERE expires_ms <= :now ORDER BY expires_ms LIMIT :max;

-- @query reservation_drop exec
-- @in owner int, variant int, location int
DELETE FROM stock_reservation
WHERE owner_id = :owner AND variant_id = :variant AND location_id = :location;


-- @query spread many StockSpreadRow
-- @reads catalog_variant
-- @in  ids ids
-- @out variant_id id:var, location_id int, free int
-- @unbounded as many as ids, times the locations
SELECT l.variant_id, l.location_id, l.on_hand - l.allocated - l.reserved - l.safety AS free
FROM stock_level l JOIN catalog_variant v ON v.id = l.variant_id
WHERE l.variant_id IN (:ids) AND v.tracked;

-- === for staff ============================================================================

-- @query item_get maybe StockItemRow
-- @in  variant int
-- @out variant_id id:var, low_at int?, oversell_max int?, expected_ms time?
SELECT variant_id, low_at, oversell_max, expected_ms FROM stock_item WHERE variant_id = :variant;

-- @query item_put exec
-- @in  variant int, low_at int?, oversell_max int?, expected time?, now time
INSERT INTO stock_item (variant_id, low_at, oversell_max, expected_ms, changed_ms)
VALUES (:variant, :low_at, :oversell_max, :expected, :now)
ON CONFLICT (variant_id) DO UPDATE SET low_at = excluded.low_at,
    oversell_max = excluded.oversell_max, expected_ms = excluded.expected_ms,
    changed_ms = excluded.changed_ms;

-- @query variants_of_sku many StockSkuRow
-- @reads catalog_variant
-- @in  skus texts, max int
-- @out sku text, id id:var
SELECT sku, id FROM catalog_variant WHERE sku IN (:skus) AND sku <> '' LIMIT :max;

-- @query movements_of many StockMovementRow
-- @in  variant int, before int, max int
-- @out id id:smv, variant_id int, location_id int, kind enum:stock_movement_kind_names, on_hand int, allocated int, order_id int?, line_id int?, document_id int?, reason text, at_ms time
SELECT id, variant_id, location_id, kind, on_hand, allocated, order_id, line_id, document_id,
       reason, at_ms
FROM stock_movement WHERE variant_id = :variant AND id < :before ORDER BY id DESC LIMIT :max;

-- @query levels_after many StockLevelRow
-- @reads catalog_variant, catalog_product
-- @in  variant int, location int, max int
-- @out variant_id int, location_id int, product_id int?, sku text?, title text?, on_hand int, allocated int, reserved int, safety int, changed_ms time
SELECT l.variant_id, l.location_id, v.product_id, v.sku, p.title, l.on_hand, l.allocated,
       l.reserved, l.safety, l.changed_ms
FROM stock_level l LEFT JOIN catalog_variant v ON v.id = l.variant_id
LEFT JOIN catalog_product p ON p.id = v.product_id
WHERE (l.variant_id, l.location_id) > (:variant, :location)
ORDER BY l.variant_id, l.location_id LIMIT :max;
