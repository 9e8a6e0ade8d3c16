-- Carts, checkout, orders. How to read and write this file: docs/sql.md.

-- @query cart_add exec
-- @from OrderCartRow
-- @in id id, token text, rev int, status enum:cart_status_names, channel text, account_id int
-- @in email text, name text, currency text, body text, qty int, total int, order_id int
-- @in locked_ms time?, created_ms time, updated_ms time, expires_ms time
INSERT INTO order_cart (id, token, rev, status, channel, account_id, email, name, currency, body, qty,
    total, order_id, locked_ms, created_ms, updated_ms, expires_ms)
VALUES (:id, :token, :rev, :status, :channel, :account_id, :email, :name, :currency, :body, :qty,
    :total, :order_id, :locked_ms, :created_ms, :updated_ms, :expires_ms);

-- @query cart_by_token one OrderCartRow
-- @in token text
-- @out id id, token text, rev int, status enum:cart_status_names, channel text, account_id int
-- @out email text, name text, currency text, body text, qty int, total int, order_id int
-- @out locked_ms time?, created_ms time, updated_ms time, expires_ms time
-- @missing order.no_cart
SELECT id, token, rev, status, channel, account_id, email, name, currency, body, qty, total, order_id,
    locked_ms, created_ms, updated_ms, expires_ms
FROM order_cart WHERE token = :token;

-- @query cart_get one OrderCartRow
-- @in id id
-- @out id id, token text, rev int, status enum:cart_status_names, channel text, account_id int
-- @out email text, name text, currency text, body text, qty int, total int, order_id int
-- @out locked_ms time?, created_ms time, updated_ms time, expires_ms time
-- @missing order.no_cart
SELECT id, token, rev, status, channel, account_id, email, name, currency, body, qty, total, order_id,
    locked_ms, created_ms, updated_ms, expires_ms
FROM order_cart WHERE id = :id;

-- The account's open carts: saved ones (named), or the others; newest first.
-- @query cart_of_account many OrderCartRow
-- @in account int, saved bool, max int
-- @out id id, token text, rev int, status enum:cart_status_names, channel text, account_id int
-- @out email text, name text, currency text, body text, qty int, total int, order_id int
-- @out locked_ms time?, created_ms time, updated_ms time, expires_ms time
SELECT id, token, rev, status, channel, account_id, email, name, currency, body, qty, total, order_id,
    locked_ms, created_ms, updated_ms, expires_ms
FROM order_cart
WHERE account_id = :account AND account_id <> 0 AND (name <> '') = :saved
    AND status IN ('open', 'completing')
ORDER BY id DESC LIMIT :max;

-- @query cart_list many OrderCartRow
-- @in account int, before int, max int
-- @out id id, token text, rev int, status enum:cart_status_names, channel text, account_id int
-- @out email text, name text, currency text, body text, qty int, total int, order_id int
-- @out locked_ms time?, created_ms time, updated_ms time, expires_ms time
SELECT id, token, rev, status, channel, account_id, email, name, currency, body, qty, total, order_id,
    locked_ms, created_ms, updated_ms, expires_ms
FROM order_cart
WHERE id < :before AND (:account = -1 OR account_id = :account)
ORDER BY id DESC LIMIT :max;

-- Only if nobody else changed it meanwhile.
-- @query cart_put exec
-- @from OrderCartPut
-- @in id id, seen int, rev int, status enum:cart_status_names, account_id int, email text, name text
-- @in currency text, body text, qty int, total int, order_id int, locked_ms time?, updated_ms time
-- @in expires_ms time
UPDATE order_cart SET rev = :rev, status = :status, account_id = :account_id, email = :email,
    name = :name, currency = :currency, body = :body, qty = :qty, total = :total,
    order_id = :order_id, locked_ms = :locked_ms, updated_ms = :updated_ms, expires_ms = :expires_ms
WHERE id = :id AND rev = :seen;

-- The contents stay as they are.
-- @query cart_status exec
-- @in id id, status enum:cart_status_names, order_id int, locked time?, now time
UPDATE order_cart SET rev = rev + 1, status = :status, order_id = :order_id, locked_ms = :locked,
    updated_ms = :now
WHERE id = :id AND status <> 'completed';

-- Opens a cart again that waits for this draft.
-- @query cart_unlock exec
-- @in id id, order_id int, now time
UPDATE order_cart SET rev = rev + 1, status = 'open', locked_ms = NULL, updated_ms = :now
WHERE id = :id AND status = 'completing' AND order_id = :order_id;

-- @query cart_delete exec
-- @in id id
DELETE FROM order_cart WHERE id = :id AND status IN ('open', 'abandoned');

-- Carts whose lock is old.
-- @query cart_stuck many OrderCartStuck
-- @in until time, max int
-- @out id id, order_id int, token text
SELECT id, order_id, token FROM order_cart WHERE locked_ms < :until ORDER BY locked_ms LIMIT :max;

-- Expired carts that no money is on.
-- @query cart_expire exec
-- @in now time, max int
DELETE FROM order_cart WHERE id IN (
    SELECT id FROM order_cart
    WHERE expires_ms < :now AND status IN ('open', 'abandoned')
    ORDER BY expires_ms LIMIT :max);

-- @query number_next one
-- @out value int
UPDATE order_counter SET value = value + 1 WHERE name = 'order' RETURNING value;

-- @query order_add exec
-- @from OrderRow
-- @in id id, number text, cart_id int, cart_rev int, token text, channel text, account_id int
-- @in email text, email_key text, phone text, name text, country text, locale text, currency text
-- @in status enum:order_status_names, hold enum:order_hold_names
-- @in payment_status enum:order_payment_status_names
-- @in fulfillment_status enum:order_fulfillment_status_names
-- @in return_status enum:order_return_status_names, prices_include_tax bool
-- @in subtotal int, discount int, items int, delivery int, fees int, tax_added int, tax_included int
-- @in total int, placed_total int, captured int, refunded int, granted int, qty int, body text
-- @in events int, rev int, created_ms time, placed_ms time?, cancelled_ms time?, updated_ms time
INSERT INTO order_order (id, number, cart_id, cart_rev, token, channel, account_id, email, email_key,
    phone, name, country, locale, currency, status, hold, payment_status, fulfillment_status,
    return_status, prices_include_tax, subtotal, discount, items, delivery, fees, tax_added,
    tax_included, total, placed_total, captured, refunded, granted, qty, body, events, rev, created_ms,
    placed_ms, cancelled_ms, updated_ms)
VALUES (:id, :number, :cart_id, :cart_rev, :token, :channel, :account_id, :email, :email_key,
    :phone, :name, :country, :locale, :currency, :status, :hold, :payment_status,
    :fulfillment_status, :return_status, :prices_include_tax, :subtotal, :discount, :items, :delivery,
    :fees, :tax_added, :tax_included, :total, :placed_total, :captured, :refunded, :granted, :qty,
    :body, :events, :rev, :created_ms, :placed_ms, :cancelled_ms, :updated_ms);

-- @query order_get one OrderRow
-- @in id id
-- @out id id, number text, cart_id int, cart_rev int, token text, channel text, account_id int
-- @out email text, email_key text, phone text, name text, country text, locale text, currency text
-- @out status enum:order_status_names, hold enum:order_hold_names
-- @out payment_status enum:order_payment_status_names
-- @out fulfillment_status enum:order_fulfillment_status_names
-- @out return_status enum:order_return_status_names, prices_include_tax bool
-- @out subtotal int, discount int, items int, delivery int, fees int, tax_added int, tax_included int
-- @out total int, placed_total int, captured int, refunded int, granted int, qty int, body text
-- @out events int, rev int, created_ms time, placed_ms time?, cancelled_ms time?, updated_ms time
-- @missing order.no_order
SELECT id, number, cart_id, cart_rev, token, channel, account_id, email, email_key, phone, name,
    country, locale, currency, status, hold, payment_status, fulfillment_status, return_status,
    prices_include_tax, subtotal, discount, items, delivery, fees, tax_added, tax_included, total,
    placed_total, captured, refunded, granted, qty, body, events, rev, created_ms, placed_ms,
    cancelled_ms, updated_ms
FROM order_order WHERE id = :id;

-- What a placed order comes to.
-- @query order_total maybe
-- @in id id
-- @out total int
SELECT total FROM order_order WHERE id = :id AND number <> '';

-- @query order_id_by_number one
-- @in number text
-- @out id id
-- @missing order.no_order
SELECT id FROM order_order WHERE number = :number AND number <> '';

-- @query order_id_by_token one
-- @in token text
-- @out id id
-- @missing order.no_order
SELECT id FROM order_order WHERE token = :token;

-- Places a draft: once.
-- @query order_place exec
-- @from OrderPlacing
-- @in id id, number text, hold enum:order_hold_names
-- @in payment_status enum:order_payment_status_names, captured int, refunded int, events int
-- @in now time
UPDATE order_order SET number = :number, status = 'placed', hold = :hold,
    payment_status = :payment_status, captured = :captured, refunded = :refunded, events = :events,
    placed_ms = :now, updated_ms = :now, rev = rev + 1
WHERE id = :id AND status IN ('draft', 'expired');

-- @query order_derived exec
-- @from OrderDerived
-- @in id id, payment_status enum:order_payment_status_names
-- @in fulfillment_status enum:order_fulfillment_status_names
-- @in return_status enum:order_return_status_names, status enum:order_status_names, captured int
-- @in refunded int, granted int, now time
UPDATE order_order SET payment_status = :payment_status, fulfillment_status = :fulfillment_status,
    return_status = :return_status, status = :status, captured = :captured, refunded = :refunded,
    granted = :granted, updated_ms = :now, rev = rev + 1
WHERE id = :id;

-- @query order_expire exec
-- @in id id, now time
UPDATE order_order SET status = 'expired', updated_ms = :now WHERE id = :id AND status = 'draft';

-- Drafts nobody pays any more.
-- @query order_drafts_old many OrderDraftOld
-- @in until int, max int
-- @out id id, cart_id int
SELECT id, cart_id FROM order_order WHERE status = 'draft' AND id < :until ORDER BY id LIMIT :max;

-- @query order_hold exec
-- @in id id, hold enum:order_hold_names, now time
UPDATE order_order SET hold = :hold, updated_ms = :now, rev = rev + 1 WHERE id = :id;

-- @query order_status_set exec
-- @in id id, status enum:order_status_names, now time
UPDATE order_order SET status = :status, updated_ms = :now, rev = rev + 1 WHERE id = :id;

-- @query order_amounts exec
-- @from OrderAmounts
-- @in id id, seen int, status enum:order_status_names, subtotal int, discount int, items int
-- @in delivery int, fees int, tax_added int, tax_included int, total int, qty int, body text
-- @in name text, phone text, cancelled_ms time?, now time
UPDATE order_order SET status = :status, subtotal = :subtotal, discount = :discount, items = :items,
    delivery = :delivery, fees = :fees, tax_added = :tax_added, tax_included = :tax_included,
    total = :total, qty = :qty, body = :body, name = :name, phone = :phone,
    cancelled_ms = :cancelled_ms, updated_ms = :now, rev = rev + 1
WHERE id = :id AND rev = :seen;

-- How often somebody has bought: up to 100.
-- @query orders_before one
-- @in account int, email_key text
-- @out n int
SELECT CAST(count(*) AS {INT}) AS n FROM (
    SELECT id FROM order_order
    WHERE email_key = :email_key AND number <> '' AND status <> 'cancelled'
    UNION
    SELECT id FROM order_order
    WHERE account_id = :account AND account_id <> 0 AND number <> '' AND status <> 'cancelled'
    LIMIT 100) AS before;

-- All lines of an order at once, as JSON.
-- @query lines_add exec
-- @in order_id id, rows json
INSERT INTO order_line (id, order_id, position, variant_id, product_id, sku, title, variant_title,
    handle, image, vendor, tax_class, requires_shipping, taxable, weight_g, properties, gift_of,
    unit_price, compare_at, placed_discount, placed_total, placed_tax, gross, discount, tax_added,
    tax_included, total, qty, cancelled, fulfilled, shipped, delivered, return_requested, returned,
    written_off)
SELECT value ->> 'id', :order_id, value ->> 'position', value ->> 'variant_id', value ->> 'product_id',
    value ->> 'sku', value ->> 'title', value ->> 'variant_title', value ->> 'handle', value ->> 'image',
    value ->> 'vendor', value ->> 'tax_class', value ->> 'requires_shipping', value ->> 'taxable',
    value ->> 'weight_g', value ->> 'properties', value ->> 'gift_of', value ->> 'unit_price',
    value ->> 'compare_at', value ->> 'discount', value ->> 'total', value ->> 'tax', value ->> 'gross',
    value ->> 'discount', value ->> 'tax_added', value ->> 'tax_included', value ->> 'total',
    value ->> 'qty', 0, 0, 0, 0, 0, 0, 0
FROM json_each(:rows);
-- @pg
INSERT INTO order_line (id, order_id, position, variant_id, product_id, sku, title, variant_title,
    handle, image, vendor, tax_class, requires_shipping, taxable, weight_g, properties, gift_of,
    unit_price, compare_at, placed_discount, placed_total, placed_tax, gross, discount, tax_added,
    tax_included, total, qty, cancelled, fulfilled, shipped, delivered, return_requested, returned,
    written_off)
SELECT r.id, :order_id, r.position, r.variant_id, r.product_id, r.sku, r.title, r.variant_title,
    r.handle, r.image, r.vendor, r.tax_class, r.requires_shipping, r.taxable, r.weight_g, r.properties,
    r.gift_of, r.unit_price, r.compare_at, r.discount, r.total, r.tax, r.gross, r.discount, r.tax_added,
    r.tax_included, r.total, r.qty, 0, 0, 0, 0, 0, 0, 0
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id bigint, position bigint, variant_id bigint,
    product_id bigint, sku text, title text, variant_title text, handle text, image text, vendor text,
    tax_class text, requires_shipping boolean, taxable boolean, weight_g bigint, properties text,
    gift_of bigint, unit_price bigint, compare_at bigint, discount bigint, total bigint, tax bigint,
    gross bigint, tax_added bigint, tax_included bigint, qty bigint);

-- An order's only line.
-- @query line_add exec
-- @from OrderLineRow
-- @in id id, order_id int, position int, variant_id int, product_id int, sku text, title text
-- @in variant_title text, handle text, image text, vendor text, tax_class text
-- @in requires_shipping bool, taxable bool, weight_g int, properties text, gift_of int
-- @in unit_price int, compare_at int, placed_discount int, placed_total int, placed_tax int
-- @in gross int, discount int, tax_added int, tax_included int, total int, qty int
INSERT INTO order_line (id, order_id, position, variant_id, product_id, sku, title, variant_title,
    handle, image, vendor, tax_class, requires_shipping, taxable, weight_g, properties, gift_of,
    unit_price, compare_at, placed_discount, placed_total, placed_tax, gross, discount, tax_added,
    tax_included, total, qty, cancelled, fulfilled, shipped, delivered, return_requested, returned,
    written_off)
VALUES (:id, :order_id, :position, :variant_id, :product_id, :sku, :title, :variant_title,
    :handle, :image, :vendor, :tax_class, :requires_shipping, :taxable, :weight_g, :properties, :gift_of,
    :unit_price, :compare_at, :placed_discount, :placed_total, :placed_tax, :gross, :discount, :tax_added,
    :tax_included, :total, :qty, 0, 0, 0, 0, 0, 0, 0);

-- @query charges_add exec
-- @in order_id id, rows json
INSERT INTO order_charge (order_id, position, kind, method_id, title, amount, discount, tax_added,
    tax_included, total)
SELECT :order_id, value ->> 'position', value ->> 'kind', value ->> 'method_id', value ->> 'title',
    value ->> 'amount', value ->> 'discount', value ->> 'tax_added', value ->> 'tax_included',
    value ->> 'total'
FROM json_each(:rows);
-- @pg
INSERT INTO order_charge (order_id, position, kind, method_id, title, amount, discount, tax_added,
    tax_included, total)
SELECT :order_id, r.position, r.kind, r.method_id, r.title, r.amount, r.discount, r.tax_added,
    r.tax_included, r.total
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (position bigint, kind text, method_id bigint,
    title text, amount bigint, discount bigint, tax_added bigint, tax_included bigint, total bigint);

-- @query discounts_add exec
-- @in order_id id, rows json
INSERT INTO order_discount (order_id, position, line_id, charge, promotion_id, code, title, amount, placed)
SELECT :order_id, value ->> 'position', value ->> 'line_id', value ->> 'charge',
    value ->> 'promotion_id', value ->> 'code', value ->> 'title', value ->> 'amount', value ->> 'placed'
FROM json_each(:rows);
-- @pg
INSERT INTO order_discount (order_id, position, line_id, charge, promotion_id, code, title, amount, placed)
SELECT :order_id, r.position, r.line_id, r.charge, r.promotion_id, r.code, r.title, r.amount, r.placed
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (position bigint, line_id bigint, charge bigint,
    promotion_id bigint, code text, title text, amount bigint, placed bigint);

-- @query taxes_add exec
-- @in order_id id, rows json
INSERT INTO order_tax (order_id, position, line_id, charge, rate_id, name, rate_ppm, base, amount,
    included, placed, placed_base)
SELECT :order_id, value ->> 'position', value ->> 'line_id', value ->> 'charge', value ->> 'rate_id',
    value ->> 'name', value ->> 'rate_ppm', value ->> 'base', value ->> 'amount', value ->> 'included',
    value ->> 'placed', value ->> 'placed_base'
FROM json_each(:rows);
-- @pg
INSERT INTO order_tax (order_id, position, line_id, charge, rate_id, name, rate_ppm, base, amount,
    included, placed, placed_base)
SELECT :order_id, r.position, r.line_id, r.charge, r.rate_id, r.name, r.rate_ppm, r.base, r.amount,
    r.included, r.placed, r.placed_base
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (position bigint, line_id bigint, charge bigint,
    rate_id bigint, name text, rate_ppm bigint, base bigint, amount bigint, included boolean, placed bigint,
    placed_base bigint);

-- @query lines_of many OrderLineRow
-- @in order_id id
-- @unbounded an order has at most as many lines as a cart, and a few that were added
-- @out id id, order_id int, position int, variant_id int, product_id int, sku text, title text
-- @out variant_title text, handle text, image text, vendor text, tax_class text
-- @out requires_shipping bool, taxable bool, weight_g int, properties text, gift_of int
-- @out unit_price int, compare_at int, placed_discount int, placed_total int, placed_tax int
-- @out gross int, discount int, tax_added int, tax_included int, total int, qty int, cancelled int
-- @out fulfilled int, shipped int, delivered int, return_requested int, returned int
-- @out written_off int
SELECT id, order_id, position, variant_id, product_id, sku, title, variant_title, handle, image, vendor,
    tax_class, requires_shipping, taxable, weight_g, properties, gift_of, unit_price, compare_at,
    placed_discount, placed_total, placed_tax, gross, discount, tax_added, tax_included, total, qty,
    cancelled, fulfilled, shipped, delivered, return_requested, returned, written_off
FROM order_line WHERE order_id = :order_id ORDER BY position;

-- @query charges_of many OrderChargeRow
-- @in order_id id
-- @unbounded a handful
-- @out position int, kind text, method_id int, title text, amount int, discount int, tax_added int
-- @out tax_included int, total int
SELECT position, kind, method_id, title, amount, discount, tax_added, tax_included, total
FROM order_charge WHERE order_id = :order_id ORDER BY position;

-- @query discounts_of many OrderDiscountRow
-- @in order_id id
-- @unbounded bounded by lines and promotions
-- @out position int, line_id int, charge int, promotion_id int, code text, title text, amount int
-- @out placed int
SELECT position, line_id, charge, promotion_id, code, title, amount, placed
FROM order_discount WHERE order_id = :order_id ORDER BY position;

-- @query taxes_of many OrderTaxRow
-- @in order_id id
-- @unbounded bounded by lines and rates
-- @out position int, line_id int, charge int, rate_id int, name text, rate_ppm int, base int
-- @out amount int, included bool, placed int, placed_base int
SELECT position, line_id, charge, rate_id, name, rate_ppm, base, amount, included, placed,
    placed_base
FROM order_tax WHERE order_id = :order_id ORDER BY position;

-- @query charges_clear exec
-- @in order_id id
DELETE FROM order_charge WHERE order_id = :order_id;

-- @query discounts_clear exec
-- @in order_id id
DELETE FROM order_discount WHERE order_id = :order_id;

-- @query taxes_clear exec
-- @in order_id id
DELETE FROM order_tax WHERE order_id = :order_id;

-- @query line_amounts exec
-- @from OrderLineAmounts
-- @in id id, order_id id, cancelled int, gross int, discount int, tax_added int, tax_included int
-- @in total int
UPDATE order_line SET cancelled = :cancelled, gross = :gross, discount = :discount,
    tax_added = :tax_added, tax_included = :tax_included, total = :total
WHERE id = :id AND order_id = :order_id AND fulfilled <= qty - :cancelled;

-- @query line_fulfilled exec
-- @in order_id id, id id, qty int
UPDATE order_line SET fulfilled = fulfilled + :qty
WHERE id = :id AND order_id = :order_id AND fulfilled + :qty <= qty - cancelled
    AND fulfilled + :qty >= shipped;

-- @query line_shipped exec
-- @in order_id id, id id, qty int
UPDATE order_line SET shipped = shipped + :qty
WHERE id = :id AND order_id = :order_id AND shipped + :qty <= fulfilled
    AND shipped + :qty >= delivered;

-- @query line_delivered exec
-- @in order_id id, id id, qty int
UPDATE order_line SET delivered = delivered + :qty
WHERE id = :id AND order_id = :order_id AND delivered + :qty <= shipped
    AND delivered + :qty >= returned;

-- @query line_sums one OrderLineSums
-- @in order_id id
-- @out qty int, fulfilled int, shipped int, delivered int, return_requested int, returned int
SELECT CAST(coalesce(sum(qty - cancelled), 0) AS {INT}) AS qty,
    CAST(coalesce(sum(fulfilled), 0) AS {INT}) AS fulfilled,
    CAST(coalesce(sum(shipped), 0) AS {INT}) AS shipped,
    CAST(coalesce(sum(delivered), 0) AS {INT}) AS delivered,
    CAST(coalesce(sum(return_requested), 0) AS {INT}) AS return_requested,
    CAST(coalesce(sum(returned), 0) AS {INT}) AS returned
FROM order_line WHERE order_id = :order_id AND requires_shipping;

-- The next number of the timeline.
-- @query event_next one
-- @in id id
-- @out events int
-- @missing order.no_order
UPDATE order_order SET events = events + 1 WHERE id = :id RETURNING events;

-- @query event_add exec
-- @from OrderEventRow
-- @in order_id id, seq int, type text, actor text, name text, public bool, text text, data text
-- @in at_ms time
INSERT INTO order_event (order_id, seq, type, actor, name, public, text, data, at_ms)
VALUES (:order_id, :seq, :type, :actor, :name, :public, :text, :data, :at_ms);

-- @query events_of many OrderEventRow
-- @in order_id id, after int, only_public bool, max int
-- @out order_id id, seq int, type text, actor text, name text, public bool, text text, data text
-- @out at_ms time
SELECT order_id, seq, type, actor, name, public, text, data, at_ms
FROM order_event
WHERE order_id = :order_id AND seq > :after AND (public OR NOT :only_public)
ORDER BY seq LIMIT :max;

-- @query tags_of many OrderTagRow
-- @in ids ids
-- @unbounded ORDER_TAGS_MAX for each order
-- @out order_id id, tag text
SELECT order_id, tag FROM order_tag WHERE order_id IN (:ids) ORDER BY order_id, tag;

-- @query tags_clear exec
-- @in order_id id
DELETE FROM order_tag WHERE order_id = :order_id;

-- @query tag_add exec
-- @in order_id id, tag text
INSERT INTO order_tag (order_id, tag) VALUES (:order_id, :tag) ON CONFLICT DO NOTHING;

-- @query change_add exec
-- @from OrderChangeRow
-- @in id id, order_id id, key text, kind text, actions text, reason text, actor text
-- @in difference int, refund int, at_ms time
INSERT INTO order_change (id, order_id, key, kind, actions, reason, actor, difference, refund, at_ms)
VALUES (:id, :order_id, :key, :kind, :actions, :reason, :actor, :difference, :refund, :at_ms);

-- @query change_by_key maybe
-- @in order_id id, key text
-- @out id id
SELECT id FROM order_change WHERE order_id = :order_id AND key = :key;

-- @query orders_by_ids many OrderRow
-- @in ids ids
-- @unbounded as many as ids
-- @out id id, number text, cart_id int, cart_rev int, token text, channel text, account_id int
-- @out email text, email_key text, phone text, name text, country text, locale text, currency text
-- @out status enum:order_status_names, hold enum:order_hold_names
-- @out payment_status enum:order_payment_status_names
-- @out fulfillment_status enum:order_fulfillment_status_names
-- @out return_status enum:order_return_status_names, prices_include_tax bool
-- @out subtotal int, discount int, items int, delivery int, fees int, tax_added int, tax_included int
-- @out total int, placed_total int, captured int, refunded int, granted int, qty int, body text
-- @out events int, rev int, created_ms time, placed_ms time?, cancelled_ms time?, updated_ms time
SELECT id, number, cart_id, cart_rev, token, channel, account_id, email, email_key, phone, name,
    country, locale, currency, status, hold, payment_status, fulfillment_status, return_status,
    prices_include_tax, subtotal, discount, items, delivery, fees, tax_added, tax_included, total,
    placed_total, captured, refunded, granted, qty, body, events, rev, created_ms, placed_ms,
    cancelled_ms, updated_ms
FROM order_order WHERE id IN (:ids) ORDER BY id DESC;

-- @query lines_by_orders many OrderLineRow
-- @in ids ids
-- @unbounded lines of so many orders
-- @out id id, order_id int, position int, variant_id int, product_id int, sku text, title text
-- @out variant_title text, handle text, image text, vendor text, tax_class text
-- @out requires_shipping bool, taxable bool, weight_g int, properties text, gift_of int
-- @out unit_price int, compare_at int, placed_discount int, placed_total int, placed_tax int
-- @out gross int, discount int, tax_added int, tax_included int, total int, qty int, cancelled int
-- @out fulfilled int, shipped int, delivered int, return_requested int, returned int
-- @out written_off int
SELECT id, order_id, position, variant_id, product_id, sku, title, variant_title, handle, image, vendor,
    tax_class, requires_shipping, taxable, weight_g, properties, gift_of, unit_price, compare_at,
    placed_discount, placed_total, placed_tax, gross, discount, tax_added, tax_included, total, qty,
    cancelled, fulfilled, shipped, delivered, return_requested, returned, written_off
FROM order_line WHERE order_id IN (:ids) ORDER BY order_id, position;

-- The payment sessions of a draft.
-- @query sessions_of_order many OrderSessionId
-- @in order_id int, max int
-- @out id id
SELECT id FROM order_payment_session WHERE order_id = :order_id ORDER BY id LIMIT :max;

-- @query event_there maybe
-- @in order_id id, type text, data text
-- @out seq int
SELECT seq FROM order_event WHERE order_id = :order_id AND type = :type AND data = :data
ORDER BY seq LIMIT 1;
