-- Promotions and tax. How to read and write this file: docs/sql.md.

-- --- promotions ---------------------------------------------------------------------------

-- @query promotion_add exec
-- @from OrderPromotionRow
-- @in id id, title text, active bool, automatic bool, ends_ms time?, body text
-- @in limit_total int?, limit_per_customer int?, budget_amount int, budget_currency text
-- @in used int, used_amount int, codes int, rev int, created_ms time, updated_ms time
INSERT INTO order_promotion (id, title, active, automatic, ends_ms, body, limit_total,
    limit_per_customer, budget_amount, budget_currency, used, used_amount, codes, rev, created_ms,
    updated_ms)
VALUES (:id, :title, :active, :automatic, :ends_ms, :body, :limit_total, :limit_per_customer,
    :budget_amount, :budget_currency, :used, :used_amount, :codes, :rev, :created_ms, :updated_ms);

-- @query promotion_set exec
-- @from OrderPromotionRow
-- @in id id, title text, active bool, automatic bool, ends_ms time?, body text
-- @in limit_total int?, limit_per_customer int?, budget_amount int, budget_currency text
-- @in used int, used_amount int, rev int, updated_ms time
UPDATE order_promotion SET title = :title, active = :active, automatic = :automatic,
    ends_ms = :ends_ms, body = :body, limit_total = :limit_total,
    limit_per_customer = :limit_per_customer, budget_amount = :budget_amount,
    budget_currency = :budget_currency, used = :used, used_amount = :used_amount, rev = :rev,
    updated_ms = :updated_ms
WHERE id = :id;

-- @query promotion_drop exec
-- @in id id
DELETE FROM order_promotion WHERE id = :id;

-- @query promotion_get one OrderPromotionRow
-- @in id id
-- @out id id, title text, active bool, automatic bool, ends_ms time?, body text
-- @out limit_total int?, limit_per_customer int?, budget_amount int, budget_currency text
-- @out used int, used_amount int, codes int, rev int, created_ms time, updated_ms time
-- @missing order.no_promotion
SELECT id, title, active, automatic, ends_ms, body, limit_total, limit_per_customer, budget_amount,
    budget_currency, used, used_amount, codes, rev, created_ms, updated_ms
FROM order_promotion WHERE id = :id;

-- @query promotions_before many OrderPromotionRow
-- @in before int, max int
-- @out id id, title text, active bool, automatic bool, ends_ms time?, body text
-- @out limit_total int?, limit_per_customer int?, budget_amount int, budget_currency text
-- @out used int, used_amount int, codes int, rev int, created_ms time, updated_ms time
SELECT id, title, active, automatic, ends_ms, body, limit_total, limit_per_customer, budget_amount,
    budget_currency, used, used_amount, codes, rev, created_ms, updated_ms
FROM order_promotion WHERE id < :before ORDER BY id DESC LIMIT :max;

-- For the snapshot: those that may apply now or later, and what codes can lead to.
-- @query promotions_all many OrderPromotionRow
-- @in max int
-- @scan all of them go into the snapshot
-- @out id id, title text, active bool, automatic bool, ends_ms time?, body text
-- @out limit_total int?, limit_per_customer int?, budget_amount int, budget_currency text
-- @out used int, used_amount int, codes int, rev int, created_ms time, updated_ms time
SELECT id, title, active, automatic, ends_ms, body, limit_total, limit_per_customer, budget_amount,
    budget_currency, used, used_amount, codes, rev, created_ms, updated_ms
FROM order_promotion ORDER BY id DESC LIMIT :max;

-- @query promotion_count one
-- @out n int
-- @scan a shop has few
SELECT count(*) AS n FROM order_promotion;

-- How far the limits of some promotions are used, by all and by one buyer.
-- @query promotions_used many OrderPromotionUsed
-- @in ids ids, buyer text
-- @out id id, used int, used_amount int, used_by_buyer int
-- @unbounded as many as ids
SELECT p.id, p.used, p.used_amount, CAST(coalesce(b.used, 0) AS {INT}) AS used_by_buyer
FROM order_promotion p
LEFT JOIN order_promotion_buyer b ON b.promotion_id = p.id AND b.buyer = :buyer
WHERE p.id IN (:ids);

-- --- codes --------------------------------------------------------------------------------

-- @query code_add exec
-- @from OrderCodeRow
-- @in id id, promotion_id id, code text, code_key text, active bool, limit_total int?, used int
-- @in batch text, created_ms time
INSERT INTO order_code (id, promotion_id, code, code_key, active, limit_total, used, batch,
    created_ms)
VALUES (:id, :promotion_id, :code, :code_key, :active, :limit_total, :used, :batch, :created_ms)
ON CONFLICT (code_key) DO NOTHING;

-- @query code_set exec
-- @in id id, active bool, limit_total int?
UPDATE order_code SET active = :active, limit_total = :limit_total WHERE id = :id;

-- @query code_drop exec
-- @in id id
DELETE FROM order_code WHERE id = :id;

-- @query code_get one OrderCodeRow
-- @in id id
-- @out id id, promotion_id id, code text, code_key text, active bool, limit_total int?, used int
-- @out batch text, created_ms time
-- @missing order.no_code
SELECT id, promotion_id, code, code_key, active, limit_total, used, batch, created_ms
FROM order_code WHERE id = :id;

-- @query codes_by_key many OrderCodeRow
-- @in keys texts
-- @out id id, promotion_id id, code text, code_key text, active bool, limit_total int?, used int
-- @out batch text, created_ms time
-- @unbounded as many as keys
SELECT id, promotion_id, code, code_key, active, limit_total, used, batch, created_ms
FROM order_code WHERE code_key IN (:keys);

-- @query codes_after many OrderCodeRow
-- @in promotion_id id, batch text, after int, max int
-- @out id id, promotion_id id, code text, code_key text, active bool, limit_total int?, used int
-- @out batch text, created_ms time
SELECT id, promotion_id, code, code_key, active, limit_total, used, batch, created_ms
FROM order_code
WHERE promotion_id = :promotion_id AND id > :after AND (:batch = '' OR batch = :batch)
ORDER BY id LIMIT :max;

-- @query promotion_codes_add exec
-- @in id id, n int
UPDATE order_promotion SET codes = codes + :n WHERE id = :id;

-- --- counting -----------------------------------------------------------------------------

-- What orders used of a promotion. Only promotions with a limit or budget keep count in their own
-- row, so that all orders of a day do not wait for one row.
-- @query promotion_counted one
-- @in id id, currency text
-- @out n int, amount int
SELECT count(*) AS n,
    CAST(coalesce(sum(CASE WHEN currency = :currency THEN amount ELSE 0 END), 0) AS {INT}) AS amount
FROM order_promotion_use WHERE promotion_id = :id AND NOT given_back;

-- The budget counts only what is in its currency.
-- @query promotion_take exec
-- @in id id, amount int, currency text
UPDATE order_promotion
SET used = used + 1,
    used_amount = used_amount + CASE WHEN budget_currency = :currency THEN :amount ELSE 0 END
WHERE id = :id AND (limit_total IS NULL OR used < limit_total)
  AND (budget_currency = ''
       OR (budget_currency = :currency AND used_amount + :amount <= budget_amount));

-- @query promotion_give exec
-- @in id id, amount int, currency text
UPDATE order_promotion
SET used = used - 1,
    used_amount = used_amount - CASE WHEN budget_currency = :currency THEN :amount ELSE 0 END
WHERE id = :id AND used > 0 AND (budget_currency <> :currency OR used_amount >= :amount);

-- @query code_take exec
-- @in id id
UPDATE order_code SET used = used + 1
WHERE id = :id AND active AND (limit_total IS NULL OR used < limit_total);

-- @query code_give exec
-- @in id id
UPDATE order_code SET used = used - 1 WHERE id = :id AND used > 0;

-- @query buyer_take exec
-- @in promotion_id id, buyer text, most int
INSERT INTO order_promotion_buyer (promotion_id, buyer, used) VALUES (:promotion_id, :buyer, 1)
ON CONFLICT (promotion_id, buyer) DO UPDATE SET used = order_promotion_buyer.used + 1
WHERE order_promotion_buyer.used < :most;

-- @query buyer_give exec
-- @in promotion_id id, buyer text
UPDATE order_promotion_buyer SET used = used - 1
WHERE promotion_id = :promotion_id AND buyer = :buyer AND used > 0;

-- @query use_add exec
-- @from OrderPromotionUseRow
-- @in order_id id, promotion_id id, code_id int?, buyer text, amount int, currency text, at_ms time
INSERT INTO order_promotion_use (order_id, promotion_id, code_id, buyer, amount, currency, at_ms,
    given_back)
VALUES (:order_id, :promotion_id, :code_id, :buyer, :amount, :currency, :at_ms, FALSE)
ON CONFLICT (order_id, promotion_id) DO NOTHING;

-- @query use_drop exec
-- @in order_id id, promotion_id id
DELETE FROM order_promotion_use WHERE order_id = :order_id AND promotion_id = :promotion_id;

-- @query uses_of many OrderPromotionUseRow
-- @in order_id id
-- @out order_id id, promotion_id id, code_id int?, buyer text, amount int, currency text, at_ms time
-- @unbounded an order has few
SELECT order_id, promotion_id, code_id, buyer, amount, currency, at_ms
FROM order_promotion_use WHERE order_id = :order_id AND NOT given_back;

-- @query uses_give exec
-- @in order_id id
UPDATE order_promotion_use SET given_back = TRUE WHERE order_id = :order_id AND NOT given_back;

-- @query promotion_has_uses maybe
-- @in id id
-- @out order_id int
SELECT order_id FROM order_promotion_use WHERE promotion_id = :id LIMIT 1;

-- --- tax ----------------------------------------------------------------------------------

-- @query tax_zones many OrderTaxZoneRow
-- @in max int
-- @scan all of them go into the snapshot
-- @out id id, title text, country text, regions text, postals text, adds bool, active bool
-- @out shipped bool, rev int, created_ms time, updated_ms time
SELECT id, title, country, regions, postals, adds, active, shipped, rev, created_ms, updated_ms
FROM order_tax_zone ORDER BY country, id LIMIT :max;

-- @query tax_zone_get one OrderTaxZoneRow
-- @in id id
-- @out id id, title text, country text, regions text, postals text, adds bool, active bool
-- @out shipped bool, rev int, created_ms time, updated_ms time
-- @missing order.no_tax_zone
SELECT id, title, country, regions, postals, adds, active, shipped, rev, created_ms, updated_ms
FROM order_tax_zone WHERE id = :id;

-- @query tax_zone_add exec
-- @from OrderTaxZoneRow
-- @in id id, title text, country text, regions text, postals text, adds bool, active bool
-- @in shipped bool, rev int, created_ms time, updated_ms time
INSERT INTO order_tax_zone (id, title, country, regions, postals, adds, active, shipped, rev,
    created_ms, updated_ms)
VALUES (:id, :title, :country, :regions, :postals, :adds, :active, :shipped, :rev, :created_ms,
    :updated_ms);

-- @query tax_zone_set exec
-- @from OrderTaxZoneRow
-- @in id id, title text, country text, regions text, postals text, adds bool, active bool
-- @in rev int, updated_ms time
UPDATE order_tax_zone SET title = :title, country = :country, regions = :regions,
    postals = :postals, adds = :adds, active = :active, rev = :rev, updated_ms = :updated_ms
WHERE id = :id;

-- @query tax_zone_drop exec
-- @in id id
DELETE FROM order_tax_zone WHERE id = :id;

-- @query tax_rates many OrderTaxRateRow
-- @in max int
-- @scan all of them go into the snapshot
-- @out id id, zone_id id, position int, tax_class text, name text, rate_ppm int, compound bool
-- @out starts_ms time?, ends_ms time?, shipped bool
SELECT id, zone_id, position, tax_class, name, rate_ppm, compound, starts_ms, ends_ms, shipped
FROM order_tax_rate ORDER BY zone_id, position, id LIMIT :max;

-- @query tax_rates_of many OrderTaxRateRow
-- @in zone_id id, max int
-- @out id id, zone_id id, position int, tax_class text, name text, rate_ppm int, compound bool
-- @out starts_ms time?, ends_ms time?, shipped bool
SELECT id, zone_id, position, tax_class, name, rate_ppm, compound, starts_ms, ends_ms, shipped
FROM order_tax_rate WHERE zone_id = :zone_id ORDER BY zone_id, position, id LIMIT :max;

-- @query tax_rate_put exec
-- @from OrderTaxRateRow
-- @in id id, zone_id id, position int, tax_class text, name text, rate_ppm int, compound bool
-- @in starts_ms time?, ends_ms time?, shipped bool
INSERT INTO order_tax_rate (id, zone_id, position, tax_class, name, rate_ppm, compound, starts_ms,
    ends_ms, shipped)
VALUES (:id, :zone_id, :position, :tax_class, :name, :rate_ppm, :compound, :starts_ms, :ends_ms,
    :shipped)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, tax_class = excluded.tax_class,
    name = excluded.name, rate_ppm = excluded.rate_ppm, compound = excluded.compound,
    starts_ms = excluded.starts_ms, ends_ms = excluded.ends_ms, shipped = excluded.shipped;

-- @query tax_rate_drop exec
-- @in id id
DELETE FROM order_tax_rate WHERE id = :id;

-- @query tax_classes many OrderTaxClassRow
-- @in max int
-- @scan all of them go into the snapshot
-- @out id id, handle text, title text, base text
SELECT id, handle, title, base FROM order_tax_class ORDER BY handle LIMIT :max;

-- @query tax_class_get one OrderTaxClassRow
-- @in id id
-- @out id id, handle text, title text, base text
-- @missing order.no_tax_class
SELECT id, handle, title, base FROM order_tax_class WHERE id = :id;

-- @query tax_class_add exec
-- @in id id, handle text, title text, base text
INSERT INTO order_tax_class (id, handle, title, base) VALUES (:id, :handle, :title, :base)
ON CONFLICT (handle) DO NOTHING;

-- @query tax_class_set exec
-- @in id id, title text, base text
UPDATE order_tax_class SET title = :title, base = :base WHERE id = :id;

-- @query tax_class_drop exec
-- @in id id
DELETE FROM order_tax_class WHERE id = :id;

-- @query tax_class_used maybe
-- @in handle text
-- @out zone_id int
-- @scan staff delete a class seldom
SELECT zone_id FROM order_tax_rate WHERE tax_class = :handle LIMIT 1;

-- @query tax_shipped_get maybe
-- @out date text
SELECT date FROM order_tax_shipped WHERE id = 1;

-- @query tax_shipped_set exec
-- @in date text, now time
INSERT INTO order_tax_shipped (id, date, applied_ms) VALUES (1, :date, :now)
ON CONFLICT (id) DO UPDATE SET date = excluded.date, applied_ms = excluded.applied_ms;
