-- === what is set up for delivery ==========================================================

-- @query delivery_profiles many OrderDeliveryProfileRow
-- @in  max int
-- @out id id:dlp, title text, products int, created_ms time, updated_ms time
-- @scan there are few
SELECT p.id, p.title,
       (SELECT count(*) FROM order_delivery_product x WHERE x.profile_id = p.id) AS products,
       p.created_ms, p.updated_ms
FROM order_delivery_profile p ORDER BY p.id LIMIT :max;

-- @query delivery_profile_put exec
-- @in  id id, title text, now time
INSERT INTO order_delivery_profile (id, title, created_ms, updated_ms)
VALUES (:id, :title, :now, :now)
ON CONFLICT (id) DO UPDATE SET title = excluded.title, updated_ms = excluded.updated_ms;

-- @query delivery_profile_delete exec
-- @in  id id
DELETE FROM order_delivery_profile WHERE id = :id;

-- @query delivery_products many OrderDeliveryProductRow
-- @in  max int
-- @out product_id int, profile_id int
-- @scan all are kept in memory
SELECT product_id, profile_id FROM order_delivery_product ORDER BY product_id LIMIT :max;

-- @query delivery_product_put exec
-- @in  product int, profile int
INSERT INTO order_delivery_product (product_id, profile_id) VALUES (:product, :profile)
ON CONFLICT (product_id) DO UPDATE SET profile_id = excluded.profile_id;

-- @query delivery_products_drop exec
-- @in  ids ids
DELETE FROM order_delivery_product WHERE product_id IN (:ids);

-- @query delivery_zones many OrderDeliveryZoneRow
-- @in  max int
-- @out id id:dlz, profile_id int, body json, created_ms time, updated_ms time
-- @scan there are few
SELECT id, profile_id, body, created_ms, updated_ms FROM order_delivery_zone ORDER BY id LIMIT :max;

-- @query delivery_zone_put exec
-- @in  id id, profile int, body json, now time
INSERT INTO order_delivery_zone (id, profile_id, body, created_ms, updated_ms)
VALUES (:id, :profile, :body, :now, :now)
ON CONFLICT (id) DO UPDATE SET profile_id = excluded.profile_id, body = excluded.body,
    updated_ms = excluded.updated_ms;

-- @query delivery_zone_delete exec
-- @in  id id
DELETE FROM order_delivery_zone WHERE id = :id;

-- @query delivery_methods many OrderDeliveryMethodRow
-- @in  max int
-- @out id id:dlm, zone_id int, body json, created_ms time, updated_ms time
-- @scan there are few
SELECT id, zone_id, body, created_ms, updated_ms FROM order_delivery_method ORDER BY id LIMIT :max;

-- @query delivery_method_put exec
-- @in  id id, zone int, body json, now time
INSERT INTO order_delivery_method (id, zone_id, body, created_ms, updated_ms)
VALUES (:id, :zone, :body, :now, :now)
ON CONFLICT (id) DO UPDATE SET zone_id = excluded.zone_id, body = excluded.body,
    updated_ms = excluded.updated_ms;

-- @query delivery_method_delete exec
-- @in  id id
DELETE FROM order_delivery_method WHERE id = :id;

-- @query delivery_points many OrderDeliveryPointRow
-- @in  max int
-- @out id id:dpt, carrier text, code text, name text, line1 text, city text, postal text, country text, hours text
-- @scan all are kept in memory
-- @sort all are kept in memory
SELECT id, carrier, code, name, line1, city, postal, country, hours
FROM order_delivery_point ORDER BY country, postal, id LIMIT :max;

-- @query delivery_points_clear exec
-- @in  carrier text
DELETE FROM order_delivery_point WHERE carrier = :carrier;

-- @query delivery_point_add exec
-- @from OrderDeliveryPointRow
-- @in id id:dpt, carrier text, code text, name text, line1 text, city text, postal text, country text, hours text
INSERT INTO order_delivery_point (id, carrier, code, name, line1, city, postal, country, hours)
VALUES (:id, :carrier, :code, :name, :line1, :city, :postal, :country, :hours)
ON CONFLICT (carrier, code) DO NOTHING;

-- @query delivery_holidays many OrderDeliveryHolidayRow
-- @in  max int
-- @out day int, country text, yearly bool, title text
-- @scan there are few
SELECT day, country, yearly, title FROM order_delivery_holiday ORDER BY day, country LIMIT :max;

-- @query delivery_holidays_clear exec
DELETE FROM order_delivery_holiday;

-- @query delivery_holiday_add exec
-- @in  day int, country text, yearly bool, title text
INSERT INTO order_delivery_holiday (day, country, yearly, title)
VALUES (:day, :country, :yearly, :title) ON CONFLICT (day, country) DO NOTHING;

-- === slots and promises ===================================================================

-- @query delivery_slots many OrderSlotRow
-- @in  method int, since text, max int
-- @out slot text, booked int
SELECT slot, booked FROM order_delivery_slot
WHERE method_id = :method AND slot >= :since ORDER BY slot LIMIT :max;

-- @query delivery_slot_take exec
-- @in  method int, slot text, capacity int
INSERT INTO order_delivery_slot (method_id, slot, booked) VALUES (:method, :slot, 1)
ON CONFLICT (method_id, slot) DO UPDATE SET booked = order_delivery_slot.booked + 1
WHERE order_delivery_slot.booked < :capacity;

-- @query delivery_slot_give exec
-- @in  method int, slot text
UPDATE order_delivery_slot SET booked = booked - 1
WHERE method_id = :method AND slot = :slot AND booked > 0;

-- @query promise_put exec
-- @in  order_id int, method int, slot text, from_day int, to_day int
INSERT INTO order_promise (order_id, method_id, slot, from_day, to_day, watched, told_ms)
VALUES (:order_id, :method, :slot, :from_day, :to_day, TRUE, NULL)
ON CONFLICT (order_id) DO NOTHING;

-- @query promise_get maybe OrderPromiseRow
-- @in  order_id int
-- @out order_id int, method_id int, slot text, from_day int, to_day int, watched bool, told_ms time?
SELECT order_id, method_id, slot, from_day, to_day, watched, told_ms
FROM order_promise WHERE order_id = :order_id;

-- @query promise_end exec
-- @in  order_id int
UPDATE order_promise SET watched = FALSE WHERE order_id = :order_id AND watched;
