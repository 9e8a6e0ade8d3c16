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

-- === fulfilments ==========================================================================

-- @query fulfillment_order maybe OrderFulfillmentHead
-- @in  id id
-- @out id id, status text, hold text, number text
SELECT id, status, hold, number FROM order_order WHERE id = :id;

-- @query fulfillment_left many OrderLeftRow
-- @in  order_id int, max int
-- @out id id:oln, variant_id int, requires_shipping bool, left int, fulfilled int, delivered int, kept int
SELECT id, variant_id, requires_shipping, qty - cancelled - fulfilled AS left, fulfilled, delivered,
       qty - cancelled AS kept
FROM order_line WHERE order_id = :order_id ORDER BY position LIMIT :max;

-- @query fulfillment_insert exec
-- @in  id id, order_id int, number int, location int, note text, now time
INSERT INTO order_fulfillment (id, order_id, number, location_id, status, note, rev, created_ms,
                               updated_ms)
VALUES (:id, :order_id, :number, :location, 'draft', :note, 1, :now, :now);

-- @query fulfillment_line_insert exec
-- @in  id int, line int, variant int, qty int
INSERT INTO order_fulfillment_line (fulfillment_id, line_id, variant_id, qty)
VALUES (:id, :line, :variant, :qty);

-- @query fulfillment_set exec
-- @in  id id, was enum:fulfillment_status_names, status enum:fulfillment_status_names, packed time?, shipped time?, delivered time?, now time
UPDATE order_fulfillment SET status = :status, packed_ms = :packed, shipped_ms = :shipped,
    delivered_ms = :delivered, updated_ms = :now, rev = rev + 1
WHERE id = :id AND status = :was;

-- @query fulfillments_of many OrderFulfillmentRow
-- @in  order_id int, max int
-- @out id id:ful, order_id int, number int, location_id int, status enum:fulfillment_status_names, note text, created_ms time, packed_ms time?, shipped_ms time?, delivered_ms time?, updated_ms time
SELECT id, order_id, number, location_id, status, note, created_ms, packed_ms, shipped_ms,
       delivered_ms, updated_ms
FROM order_fulfillment WHERE order_id = :order_id ORDER BY number LIMIT :max;

-- @query fulfillment_get one OrderFulfillmentRow
-- @missing order.no_fulfillment
-- @in  id id
-- @out id id:ful, order_id int, number int, location_id int, status enum:fulfillment_status_names, note text, created_ms time, packed_ms time?, shipped_ms time?, delivered_ms time?, updated_ms time
SELECT id, order_id, number, location_id, status, note, created_ms, packed_ms, shipped_ms,
       delivered_ms, updated_ms
FROM order_fulfillment WHERE id = :id;

-- @query fulfillment_lines many OrderFulfillmentLineRow
-- @in  ids ids
-- @out fulfillment_id int, line_id int, variant_id int, qty int
-- @unbounded as many as ids, times the lines of an order
SELECT fulfillment_id, line_id, variant_id, qty FROM order_fulfillment_line
WHERE fulfillment_id IN (:ids) ORDER BY fulfillment_id, line_id;

-- @query parcels_of many OrderParcelRow
-- @in  order_id int, max int
-- @out id id:pcl, fulfillment_id int, order_id int, carrier text, service text, tracking text, url text, weight_g int?, status enum:tracking_code_names, status_ms time?
SELECT id, fulfillment_id, order_id, carrier, service, tracking, url, weight_g, status, status_ms
FROM order_parcel WHERE order_id = :order_id ORDER BY id LIMIT :max;

-- @query parcel_get one OrderParcelRow
-- @missing order.no_parcel
-- @in  id id
-- @out id id:pcl, fulfillment_id int, order_id int, carrier text, service text, tracking text, url text, weight_g int?, status enum:tracking_code_names, status_ms time?
SELECT id, fulfillment_id, order_id, carrier, service, tracking, url, weight_g, status, status_ms
FROM order_parcel WHERE id = :id;

-- @query parcels_by_tracking many OrderParcelRow
-- @in  tracking_key text, max int
-- @out id id:pcl, fulfillment_id int, order_id int, carrier text, service text, tracking text, url text, weight_g int?, status enum:tracking_code_names, status_ms time?
SELECT id, fulfillment_id, order_id, carrier, service, tracking, url, weight_g, status, status_ms
FROM order_parcel WHERE tracking_key = :tracking_key AND tracking_key <> ''
ORDER BY id DESC LIMIT :max;

-- @query parcel_insert exec
-- @from OrderParcelIn
-- @in id id, fulfillment_id int, order_id int, carrier text, service text, tracking text, tracking_key text, url text, weight_g int?, now time
INSERT INTO order_parcel (id, fulfillment_id, order_id, carrier, service, tracking, tracking_key,
                          url, weight_g, status, status_ms, created_ms)
VALUES (:id, :fulfillment_id, :order_id, :carrier, :service, :tracking, :tracking_key, :url,
        :weight_g, '', NULL, :now);

-- @query parcel_change exec
-- @in id id, carrier text, service text, tracking text, tracking_key text, url text, weight_g int?
UPDATE order_parcel SET carrier = :carrier, service = :service, tracking = :tracking,
    tracking_key = :tracking_key, url = :url, weight_g = :weight_g WHERE id = :id;

-- @query parcel_state exec
-- @in id id, status enum:tracking_code_names, at time
UPDATE order_parcel SET status = :status, status_ms = :at
WHERE id = :id AND (status_ms IS NULL OR status_ms <= :at);

-- @query tracking_add exec
-- @from OrderTrackingIn
-- @in id id, parcel int, at time, code enum:tracking_code_names, text text, place text, source text, now time
INSERT INTO order_tracking (id, parcel_id, at_ms, code, text, place, source, noted_ms)
VALUES (:id, :parcel, :at, :code, :text, :place, :source, :now)
ON CONFLICT (parcel_id, at_ms, code, place) DO NOTHING;

-- @query tracking_count one
-- @in parcel int
-- @out n int
SELECT count(*) AS n FROM order_tracking WHERE parcel_id = :parcel;

-- @query tracking_of many OrderTrackingRow
-- @in  ids ids, max int
-- @out id id:trk, parcel_id int, at_ms time, code enum:tracking_code_names, text text, place text, source text
-- @sort of a few parcels
SELECT id, parcel_id, at_ms, code, text, place, source FROM order_tracking
WHERE parcel_id IN (:ids) ORDER BY at_ms DESC, id DESC LIMIT :max;

-- @query promises_late many OrderPromiseRow
-- @in  day int, max int
-- @out order_id int, method_id int, slot text, from_day int, to_day int, watched bool, told_ms time?
SELECT order_id, method_id, slot, from_day, to_day, watched, told_ms FROM order_promise
WHERE watched AND to_day > 0 AND to_day < :day AND told_ms IS NULL ORDER BY to_day LIMIT :max;

-- @query promise_told exec
-- @in  order_id int, now time
UPDATE order_promise SET told_ms = :now WHERE order_id = :order_id AND told_ms IS NULL AND watched;
