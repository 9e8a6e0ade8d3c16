-- === locations ============================================================================

-- @query locations many StockLocationRow
-- @in  max int
-- @out id id:loc, name text, kind enum:stock_location_kind_names, active bool, online bool, pickup bool, priority int
-- @out address1 text, address2 text, city text, zone text, postal text, phone text, country text, time_zone text
-- @out latitude real?, longitude real?, created_ms time, updated_ms time
-- @scan there are few
-- @sort there are few
SELECT id, name, kind, active, online, pickup, priority, address1, address2, city, zone, postal,
       phone, country, time_zone, latitude, longitude, created_ms, updated_ms
FROM stock_location ORDER BY priority, id LIMIT :max;

-- @query location_get one StockLocationRow
-- @missing stock.no_location
-- @in  id id
-- @out id id:loc, name text, kind enum:stock_location_kind_names, active bool, online bool, pickup bool, priority int
-- @out address1 text, address2 text, city text, zone text, postal text, phone text, country text, time_zone text
-- @out latitude real?, longitude real?, created_ms time, updated_ms time
SELECT id, name, kind, active, online, pickup, priority, address1, address2, city, zone, postal,
       phone, country, time_zone, latitude, longitude, created_ms, updated_ms
FROM stock_location WHERE id = :id;

-- @query location_insert exec
-- @from StockLocationRow
-- @in id id:loc, name text, kind enum:stock_location_kind_names, active bool, online bool, pickup bool, priority int
-- @in address1 text, address2 text, city text, zone text, postal text, phone text, country text, time_zone text
-- @in latitude real?, longitude real?, created_ms time, updated_ms time
INSERT INTO stock_location (id, name, kind, active, online, pickup, priority, address1, address2,
                            city, zone, postal, phone, country, time_zone, latitude, longitude,
                            created_ms, updated_ms)
VALUES (:id, :name, :kind, :active, :online, :pickup, :priority, :address1, :address2, :city, :zone,
        :postal, :phone, :country, :time_zone, :latitude, :longitude, :created_ms, :updated_ms);

-- @query location_update exec
-- @from StockLocationRow
-- @in id id:loc, name text, kind enum:stock_location_kind_names, active bool, online bool, pickup bool, priority int
-- @in address1 text, address2 text, city text, zone text, postal text, phone text, country text, time_zone text
-- @in latitude real?, longitude real?, updated_ms time
UPDATE stock_location SET name = :name, kind = :kind, active = :active, online = :online,
    pickup = :pickup, priority = :priority, address1 = :address1, address2 = :address2,
    city = :city, zone = :zone, postal = :postal, phone = :phone, country = :country,
    time_zone = :time_zone, latitude = :latitude, longitude = :longitude, updated_ms = :updated_ms
WHERE id = :id;

-- @query location_delete exec
-- @in id id
DELETE FROM stock_location WHERE id = :id;

-- Is there anything that refers to it?
-- @query location_in_use maybe StockUse
-- @in id id
-- @out n int
SELECT 1 AS n FROM stock_location l WHERE l.id = :id AND (
    EXISTS (SELECT 1 FROM stock_level v WHERE v.location_id = l.id)
    OR EXISTS (SELECT 1 FROM stock_transfer t WHERE t.from_id = l.id)
    OR EXISTS (SELECT 1 FROM stock_transfer t WHERE t.to_id = l.id)
    OR EXISTS (SELECT 1 FROM stock_count c WHERE c.location_id = l.id));
