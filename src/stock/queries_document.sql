-- === transfers ============================================================================

-- @query transfers_before many StockTransferRow
-- @in  before int, max int
-- @out id id:trf, from_id int, to_id int, status enum:transfer_status_names, note text, expected_ms time?, sent_ms time?, done_ms time?, created_ms time, updated_ms time
SELECT id, from_id, to_id, status, note, expected_ms, sent_ms, done_ms, created_ms, updated_ms
FROM stock_transfer WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query transfer_get one StockTransferRow
-- @missing stock.no_transfer
-- @in  id id
-- @out id id:trf, from_id int, to_id int, status enum:transfer_status_names, note text, expected_ms time?, sent_ms time?, done_ms time?, created_ms time, updated_ms time
SELECT id, from_id, to_id, status, note, expected_ms, sent_ms, done_ms, created_ms, updated_ms
FROM stock_transfer WHERE id = :id;

-- @query transfer_insert exec
-- @in  id id, from_id int, to_id int, note text, expected time?, now time
INSERT INTO stock_transfer (id, from_id, to_id, status, note, expected_ms, created_ms, updated_ms)
VALUES (:id, :from_id, :to_id, 'draft', :note, :expected, :now, :now);

-- @query transfer_set exec
-- @in  id id, was enum:transfer_status_names, status enum:transfer_status_names, sent time?, done time?, now time
UPDATE stock_transfer SET status = :status, sent_ms = :sent, done_ms = :done, updated_ms = :now
WHERE id = :id AND status = :was;

-- @query transfer_line_put exec
-- @in  id int, variant int, qty int, received int, lost int
INSERT INTO stock_transfer_line (transfer_id, variant_id, qty, received, lost)
VALUES (:id, :variant, :qty, :received, :lost)
ON CONFLICT (transfer_id, variant_id) DO UPDATE SET received = excluded.received,
    lost = excluded.lost;

-- @query transfer_lines many StockTransferLineRow
-- @in  id int, max int
-- @out variant_id int, qty int, received int, lost int
SELECT variant_id, qty, received, lost FROM stock_transfer_line WHERE transfer_id = :id
ORDER BY variant_id LIMIT :max;

-- === counts ===============================================================================

-- @query counts_before many StockCountRow
-- @in  before int, max int
-- @out id id:cnt, location_id int, status enum:count_status_names, note text, posted_ms time?, created_ms time, updated_ms time
SELECT id, location_id, status, note, posted_ms, created_ms, updated_ms
FROM stock_count WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query count_get one StockCountRow
-- @missing stock.no_count
-- @in  id id
-- @out id id:cnt, location_id int, status enum:count_status_names, note text, posted_ms time?, created_ms time, updated_ms time
SELECT id, location_id, status, note, posted_ms, created_ms, updated_ms
FROM stock_count WHERE id = :id;

-- @query count_insert exec
-- @in  id id, location int, note text, now time
INSERT INTO stock_count (id, location_id, status, note, created_ms, updated_ms)
VALUES (:id, :location, 'open', :note, :now, :now);

-- @query count_set exec
-- @in  id id, status enum:count_status_names, posted time?, now time
UPDATE stock_count SET status = :status, posted_ms = :posted, updated_ms = :now
WHERE id = :id AND status = 'open';

-- @query count_line_put exec
-- @in  id int, variant int, counted int, expected int, now time
INSERT INTO stock_count_line (count_id, variant_id, counted, expected, counted_ms)
VALUES (:id, :variant, :counted, :expected, :now)
ON CONFLICT (count_id, variant_id) DO UPDATE SET counted = excluded.counted,
    expected = excluded.expected, counted_ms = excluded.counted_ms;

-- @query count_lines many StockCountLineRow
-- @in  id int, max int
-- @out variant_id int, counted int, expected int, counted_ms time
SELECT variant_id, counted, expected, counted_ms FROM stock_count_line WHERE count_id = :id
ORDER BY variant_id LIMIT :max;
