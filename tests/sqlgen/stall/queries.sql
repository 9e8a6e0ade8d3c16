-- Statements of every kind, with every type.

-- Put an item on the stall.
-- @query item_add exec
-- @from StallItem
-- @in id id, name text, note text?, state enum:stall_states, price money, qty int?
-- @in made_ms time, sold_ms time?, organic bool, checked bool?, weight real, share real?
-- @in picture blob, thumbnail blob?, extra json?
INSERT INTO stall_item (id, name, note, state, price_amount, price_currency, qty, made_ms, sold_ms,
    organic, checked, weight, share, picture, thumbnail, extra)
VALUES (:id, :name, :note, :state, :price_amount, :price_currency, :qty, :made_ms, :sold_ms,
    :organic, :checked, :weight, :share, :picture, :thumbnail, :extra);

-- @query item_get one StallItem
-- @in id id
-- @out id id, name text, note text?, state enum:stall_states, price money, qty int?, made_ms time
-- @out sold_ms time?, organic bool, checked bool?, weight real, share real?, picture blob
-- @out thumbnail blob?, extra json?
-- @missing stall.no_item
SELECT id, name, note, state, price_amount, price_currency, qty, made_ms, sold_ms, organic, checked,
    weight, share, picture, thumbnail, extra
FROM stall_item WHERE id = :id;

-- @query item_by_name maybe StallLine
-- @in name text
-- @out id id:itm, name text, made_ms time
-- @shape StallLine One line of the list.
-- @doc name As written on the sign.
SELECT id, name, made_ms FROM stall_item WHERE name = :name;

-- @query item_page many StallLine
-- @in after time, after_id id, max int
-- @out id id:itm, name text, made_ms time
SELECT id, name, made_ms FROM stall_item
WHERE (made_ms, id) > (:after, :after_id) ORDER BY made_ms, id LIMIT :max;

-- @query item_all each StallLine
-- @out id id:itm, name text, made_ms time
-- @scan all of them
SELECT id, name, made_ms FROM stall_item ORDER BY id;

-- @query item_of many StallLine
-- @in ids ids, max int
-- @out id id:itm, name text, made_ms time
SELECT id, name, made_ms FROM stall_item WHERE id IN (:ids) ORDER BY id LIMIT :max;

-- @query item_named many StallLine
-- @in names texts
-- @out id id:itm, name text, made_ms time
-- @unbounded as many as names
-- @sort as many as names
SELECT id, name, made_ms FROM stall_item WHERE name IN (:names) ORDER BY id;

-- @query item_count one
-- @out n int, qty int
-- @scan the whole stall
SELECT count(*) AS n, CAST(coalesce(sum(qty), 0) AS {INT}) AS qty FROM stall_item;

-- @query item_sell maybe
-- @in id id, now time
-- @out name text
UPDATE stall_item SET sold_ms = :now WHERE id = :id AND sold_ms IS NULL RETURNING name;

-- @query item_drop exec
-- @in id id
DELETE FROM stall_item WHERE id = :id;

-- @query item_next maybe
-- @in before time
-- @out id id
SELECT id FROM stall_item WHERE made_ms < :before ORDER BY made_ms, id LIMIT 1;
-- @pg
SELECT id FROM stall_item WHERE made_ms < :before ORDER BY made_ms, id LIMIT 1 FOR UPDATE SKIP LOCKED;

-- @query tag_add exec
-- @in item_id id, tag text
INSERT INTO stall_tag (item_id, tag) VALUES (:item_id, :tag) ON CONFLICT DO NOTHING;
