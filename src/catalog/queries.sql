-- Every statement about products; docs/sql.md tells how they are written. More: queries_*.sql.
--
-- Lists by product (…_in) come without ORDER BY: their index has the order that is wanted,
-- and product_load.c sorts where an engine does not keep it.

-- === products ============================================================================

-- @query products_in many CatalogProductRow
-- @in  ids ids
-- @out id id, handle text, status enum:catalog_status_names, kind enum:catalog_kind_names
-- @out title text, description text, description_safe text?, html_version int, vendor text
-- @out type text, tags text, category text, tax_class text, seo_title text
-- @out seo_description text, template_suffix text, variant_count int, value_count int, rev int
-- @out created_ms time, updated_ms time
-- @unbounded as many as ids
SELECT id, handle, status, kind, title, description, description_safe, html_version, vendor,
    type, tags, category, tax_class, seo_title, seo_description, template_suffix, variant_count,
    value_count, rev, created_ms, updated_ms
FROM catalog_product WHERE id IN (:ids);

-- @query product_by_handle maybe
-- @in  handle text
-- @out id id
SELECT id FROM catalog_product WHERE handle = :handle;

-- @query products_after many CatalogIdRow
-- @in  after id, max int
-- @out id id
SELECT id FROM catalog_product WHERE id > :after ORDER BY id LIMIT :max;

-- @query product_insert exec
-- @from CatalogProductWrite
-- @in  id id, handle text, status enum:catalog_status_names, kind enum:catalog_kind_names
-- @in  title text, title_key text, description text, description_safe text?, html_version int
-- @in  vendor text, vendor_key text, type text, type_key text, tags text, category text
-- @in  tax_class text, seo_title text, seo_description text, template_suffix text
-- @in  variant_count int, value_count int, rev int, created_ms time, updated_ms time
INSERT INTO catalog_product (id, handle, status, kind, title, title_key, description,
    description_safe, html_version, vendor, vendor_key, type, type_key, tags, category, tax_class,
    seo_title, seo_description, template_suffix, variant_count, value_count, rev, created_ms,
    updated_ms)
VALUES (:id, :handle, :status, :kind, :title, :title_key, :description, :description_safe,
    :html_version, :vendor, :vendor_key, :type, :type_key, :tags, :category, :tax_class,
    :seo_title, :seo_description, :template_suffix, :variant_count, :value_count, :rev,
    :created_ms, :updated_ms);

-- @query product_update exec
-- @from CatalogProductWrite
-- @in  id id, handle text, status enum:catalog_status_names, kind enum:catalog_kind_names
-- @in  title text, title_key text, description text, description_safe text?, html_version int
-- @in  vendor text, vendor_key text, type text, type_key text, tags text, category text
-- @in  tax_class text, seo_title text, seo_description text, template_suffix text
-- @in  variant_count int, value_count int, rev int, updated_ms time
UPDATE catalog_product SET handle = :handle, status = :status, kind = :kind, title = :title,
    title_key = :title_key, description = :description, description_safe = :description_safe,
    html_version = :html_version, vendor = :vendor, vendor_key = :vendor_key, type = :type,
    type_key = :type_key, tags = :tags, category = :category, tax_class = :tax_class,
    seo_title = :seo_title, seo_description = :seo_description,
    template_suffix = :template_suffix, variant_count = :variant_count,
    value_count = :value_count, rev = :rev, updated_ms = :updated_ms
WHERE id = :id;

-- Something that hangs on the product changed.
-- @query product_touch one
-- @missing catalog.no_product
-- @in  id id, now time
-- @out rev int
UPDATE catalog_product SET rev = rev + 1, updated_ms = :now WHERE id = :id RETURNING rev;

-- @query product_delete exec
-- @in  id id
DELETE FROM catalog_product WHERE id = :id;

-- @query tag_insert exec
-- @in  tag_key text, product_id id, tag text
INSERT INTO catalog_product_tag (tag_key, product_id, tag) VALUES (:tag_key, :product_id, :tag)
ON CONFLICT (tag_key, product_id) DO NOTHING;

-- @query tags_delete exec
-- @in  product_id id
DELETE FROM catalog_product_tag WHERE product_id = :product_id;

-- @query tags_list many CatalogFacet
-- @in  from text, before text, max int
-- @out name text!, uses int
SELECT min(tag) AS name, count(*) AS uses FROM catalog_product_tag
WHERE tag_key >= :from AND tag_key < :before GROUP BY tag_key ORDER BY tag_key LIMIT :max;

-- @query vendors_list many CatalogFacet
-- @in  from text, before text, max int
-- @out name text!, uses int
SELECT min(vendor) AS name, count(*) AS uses FROM catalog_product
WHERE vendor_key >= :from AND vendor_key < :before AND vendor_key <> ''
GROUP BY vendor_key ORDER BY vendor_key LIMIT :max;

-- @query types_list many CatalogFacet
-- @in  from text, before text, max int
-- @out name text!, uses int
SELECT min(type) AS name, count(*) AS uses FROM catalog_product
WHERE type_key >= :from AND type_key < :before AND type_key <> ''
GROUP BY type_key ORDER BY type_key LIMIT :max;

-- === options =============================================================================

-- @query options_in many CatalogOptionRow
-- @in  ids ids
-- @out id id, product_id id, position int, name text
-- @unbounded at most CATALOG_OPTIONS_MAX for each product
SELECT id, product_id, position, name FROM catalog_option WHERE product_id IN (:ids);

-- @query values_in many CatalogValueRow
-- @in  ids ids
-- @out id id, product_id id, option_id id, position int, number int, name text, swatch text
-- @unbounded options of each product times CATALOG_VALUES_MAX
SELECT id, product_id, option_id, position, number, name, swatch FROM catalog_option_value
WHERE product_id IN (:ids);

-- @query option_insert exec
-- @in  id id, product_id id, position int, name text
INSERT INTO catalog_option (id, product_id, position, name)
VALUES (:id, :product_id, :position, :name);

-- @query option_update exec
-- @in  id id, position int, name text
UPDATE catalog_option SET position = :position, name = :name WHERE id = :id;

-- @query options_delete exec
-- @in  ids ids
DELETE FROM catalog_option WHERE id IN (:ids);

-- @query value_insert exec
-- @in  id id, product_id id, option_id id, position int, number int, name text, swatch text
INSERT INTO catalog_option_value (id, product_id, option_id, position, number, name, swatch)
VALUES (:id, :product_id, :option_id, :position, :number, :name, :swatch);

-- @query value_update exec
-- @in  id id, option_id id, position int, name text, swatch text
UPDATE catalog_option_value
SET option_id = :option_id, position = :position, name = :name, swatch = :swatch WHERE id = :id;

-- @query values_delete exec
-- @in  ids ids
DELETE FROM catalog_option_value WHERE id IN (:ids);

-- === variants ============================================================================

-- @query variants_in many CatalogVariantRow
-- @in  ids ids
-- @out id id, product_id id, position int, option_key text, sku text, barcode text, mpn text
-- @out cost money, weight_g int?, weight_unit enum:catalog_weight_unit_names, length_mm int?
-- @out width_mm int?, height_mm int?, hs_code text, origin text, requires_shipping bool
-- @out taxable bool, tax_code text, measure_value real?, measure_unit text, measure_base real?
-- @out measure_base_unit text, tracked bool, policy enum:catalog_policy_names, quantity int
-- @out fulfilment text, min_qty int, max_qty int?, step_qty int, media_id int?
-- @out created_ms time, updated_ms time
-- @unbounded at most CATALOG_VARIANTS_MAX for each product
SELECT id, product_id, position, option_key, sku, barcode, mpn, cost_amount, cost_currency,
    weight_g, weight_unit, length_mm, width_mm, height_mm, hs_code, origin, requires_shipping,
    taxable, tax_code, measure_value, measure_unit, measure_base, measure_base_unit, tracked,
    policy, quantity, fulfilment, min_qty, max_qty, step_qty, media_id, created_ms, updated_ms
FROM catalog_variant WHERE product_id IN (:ids);

-- @query variants_by_id many CatalogVariantRow
-- @in  ids ids
-- @out id id, product_id id, position int, option_key text, sku text, barcode text, mpn text
-- @out cost money, weight_g int?, weight_unit enum:catalog_weight_unit_names, length_mm int?
-- @out width_mm int?, height_mm int?, hs_code text, origin text, requires_shipping bool
-- @out taxable bool, tax_code text, measure_value real?, measure_unit text, measure_base real?
-- @out measure_base_unit text, tracked bool, policy enum:catalog_policy_names, quantity int
-- @out fulfilment text, min_qty int, max_qty int?, step_qty int, media_id int?
-- @out created_ms time, updated_ms time
-- @unbounded as many as ids
SELECT id, product_id, position, option_key, sku, barcode, mpn, cost_amount, cost_currency,
    weight_g, weight_unit, length_mm, width_mm, height_mm, hs_code, origin, requires_shipping,
    taxable, tax_code, measure_value, measure_unit, measure_base, measure_base_unit, tracked,
    policy, quantity, fulfilment, min_qty, max_qty, step_qty, media_id, created_ms, updated_ms
FROM catalog_variant WHERE id IN (:ids);

-- @query variant_product maybe
-- @in  id id
-- @out product_id id
SELECT product_id FROM catalog_variant WHERE id = :id;

-- @query variant_by_key maybe
-- @in  product_id id, option_key text
-- @out id id
SELECT id FROM catalog_variant WHERE product_id = :product_id AND option_key = :option_key;

-- @query variant_last maybe
-- @in  product_id id
-- @out position int
SELECT position FROM catalog_variant WHERE product_id = :product_id
ORDER BY position DESC LIMIT 1;

-- @query variant_insert exec
-- @from CatalogVariantRow
-- @in  id id, product_id id, position int, option_key text, sku text, barcode text, mpn text
-- @in  cost money, weight_g int?, weight_unit enum:catalog_weight_unit_names, length_mm int?
-- @in  width_mm int?, height_mm int?, hs_code text, origin text, requires_shipping bool
-- @in  taxable bool, tax_code text, measure_value real?, measure_unit text, measure_base real?
-- @in  measure_base_unit text, tracked bool, policy enum:catalog_policy_names, quantity int
-- @in  fulfilment text, min_qty int, max_qty int?, step_qty int, media_id int?
-- @in  created_ms time, updated_ms time
INSERT INTO catalog_variant (id, product_id, position, option_key, sku, barcode, mpn,
    cost_amount, cost_currency, weight_g, weight_unit, length_mm, width_mm, height_mm, hs_code,
    origin, requires_shipping, taxable, tax_code, measure_value, measure_unit, measure_base,
    measure_base_unit, tracked, policy, quantity, fulfilment, min_qty, max_qty, step_qty,
    media_id, created_ms, updated_ms)
VALUES (:id, :product_id, :position, :option_key, :sku, :barcode, :mpn, :cost_amount,
    :cost_currency, :weight_g, :weight_unit, :length_mm, :width_mm, :height_mm, :hs_code,
    :origin, :requires_shipping, :taxable, :tax_code, :measure_value, :measure_unit,
    :measure_base, :measure_base_unit, :tracked, :policy, :quantity, :fulfilment, :min_qty,
    :max_qty, :step_qty, :media_id, :created_ms, :updated_ms);

-- @query variant_update exec
-- @from CatalogVariantRow
-- @in  id id, position int, option_key text, sku text, barcode text, mpn text
-- @in  cost money, weight_g int?, weight_unit enum:catalog_weight_unit_names, length_mm int?
-- @in  width_mm int?, height_mm int?, hs_code text, origin text, requires_shipping bool
-- @in  taxable bool, tax_code text, measure_value real?, measure_unit text, measure_base real?
-- @in  measure_base_unit text, tracked bool, policy enum:catalog_policy_names, quantity int
-- @in  fulfilment text, min_qty int, max_qty int?, step_qty int, media_id int?
-- @in  updated_ms time
UPDATE catalog_variant SET position = :position, option_key = :option_key, sku = :sku,
    barcode = :barcode, mpn = :mpn, cost_amount = :cost_amount, cost_currency = :cost_currency,
    weight_g = :weight_g, weight_unit = :weight_unit, length_mm = :length_mm,
    width_mm = :width_mm, height_mm = :height_mm, hs_code = :hs_code, origin = :origin,
    requires_shipping = :requires_shipping, taxable = :taxable, tax_code = :tax_code,
    measure_value = :measure_value, measure_unit = :measure_unit, measure_base = :measure_base,
    measure_base_unit = :measure_base_unit, tracked = :tracked, policy = :policy,
    quantity = :quantity, fulfilment = :fulfilment, min_qty = :min_qty, max_qty = :max_qty,
    step_qty = :step_qty, media_id = :media_id, updated_ms = :updated_ms
WHERE id = :id;

-- Out of the way while combinations are exchanged: '!' and the id is no option_key.
-- @query variants_park exec
-- @in  ids ids
UPDATE catalog_variant SET option_key = '!' || CAST(id AS {TEXT}) WHERE id IN (:ids);

-- @query variants_delete exec
-- @in  ids ids
DELETE FROM catalog_variant WHERE id IN (:ids);

-- === media, publications ==================================================================

-- @query media_in many CatalogMediaRow
-- @in  ids ids
-- @out id id, owner_id id, position int, kind enum:catalog_media_kind_names, url text, hash text
-- @out mime text, alt text, width int?, height int?, colour text, poster text
-- @unbounded at most CATALOG_MEDIA_MAX for each owner
SELECT id, owner_id, position, kind, url, hash, mime, alt, width, height, colour, poster
FROM catalog_media WHERE owner_id IN (:ids);

-- @query media_get maybe CatalogMediaRow
-- @in  id id
-- @out id id, owner_id id, position int, kind enum:catalog_media_kind_names, url text, hash text
-- @out mime text, alt text, width int?, height int?, colour text, poster text
SELECT id, owner_id, position, kind, url, hash, mime, alt, width, height, colour, poster
FROM catalog_media WHERE id = :id;

-- @query media_insert exec
-- @from CatalogMediaWrite
-- @in  id id, owner_id id, position int, kind enum:catalog_media_kind_names, url text, hash text
-- @in  mime text, alt text, width int?, height int?, colour text, poster text, created_ms time
INSERT INTO catalog_media (id, owner_id, position, kind, url, hash, mime, alt, width, height,
    colour, poster, created_ms)
VALUES (:id, :owner_id, :position, :kind, :url, :hash, :mime, :alt, :width, :height, :colour,
    :poster, :created_ms);

-- @query media_update exec
-- @from CatalogMediaWrite
-- @in  id id, position int, kind enum:catalog_media_kind_names, url text, hash text
-- @in  mime text, alt text, width int?, height int?, colour text, poster text
UPDATE catalog_media SET position = :position, kind = :kind, url = :url, hash = :hash,
    mime = :mime, alt = :alt, width = :width, height = :height, colour = :colour,
    poster = :poster
WHERE id = :id;

-- @query media_delete exec
-- @in  ids ids
DELETE FROM catalog_media WHERE id IN (:ids);

-- @query media_delete_of exec
-- @in  owner_id id
DELETE FROM catalog_media WHERE owner_id = :owner_id;

-- @query publications_in many CatalogPublicationRow
-- @in  ids ids
-- @out entity_id id, channel text, published_ms time, unpublish_ms time?
-- @unbounded at most CATALOG_CHANNELS_MAX for each entity
SELECT entity_id, channel, published_ms, unpublish_ms FROM catalog_publication
WHERE entity_id IN (:ids);

-- @query publication_put exec
-- @in  entity_id id, channel text, published_ms time, unpublish_ms time?
INSERT INTO catalog_publication (entity_id, channel, published_ms, unpublish_ms)
VALUES (:entity_id, :channel, :published_ms, :unpublish_ms)
ON CONFLICT (entity_id, channel) DO UPDATE
SET published_ms = excluded.published_ms, unpublish_ms = excluded.unpublish_ms;

-- @query publication_delete exec
-- @in  entity_id id, channel text
DELETE FROM catalog_publication WHERE entity_id = :entity_id AND channel = :channel;

-- @query publications_delete exec
-- @in  entity_id id
DELETE FROM catalog_publication WHERE entity_id = :entity_id;

-- === prices ==============================================================================

-- @query prices_in many CatalogPriceRow
-- @in  ids ids
-- @out id id, product_id id, variant_id id, list_id id, price money, compare_at int?
-- @out min_qty int, starts_ms time, ends_ms time?, since_ms time
-- @unbounded at most CATALOG_PRICES_MAX for each variant
SELECT id, product_id, variant_id, list_id, price_amount, price_currency, compare_at, min_qty,
    starts_ms, ends_ms, since_ms
FROM catalog_price WHERE product_id IN (:ids);

-- @query prices_of many CatalogPriceRow
-- @in  ids ids
-- @out id id, product_id id, variant_id id, list_id id, price money, compare_at int?
-- @out min_qty int, starts_ms time, ends_ms time?, since_ms time
-- @unbounded at most CATALOG_PRICES_MAX for each variant
SELECT id, product_id, variant_id, list_id, price_amount, price_currency, compare_at, min_qty,
    starts_ms, ends_ms, since_ms
FROM catalog_price WHERE variant_id IN (:ids);

-- @query price_get maybe CatalogPriceRow
-- @in  id id
-- @out id id, product_id id, variant_id id, list_id id, price money, compare_at int?
-- @out min_qty int, starts_ms time, ends_ms time?, since_ms time
SELECT id, product_id, variant_id, list_id, price_amount, price_currency, compare_at, min_qty,
    starts_ms, ends_ms, since_ms
FROM catalog_price WHERE id = :id;

-- @query price_insert exec
-- @from CatalogPriceRow
-- @in  id id, product_id id, variant_id id, list_id id, price money, compare_at int?
-- @in  min_qty int, starts_ms time, ends_ms time?, since_ms time
INSERT INTO catalog_price (id, product_id, variant_id, list_id, price_amount, price_currency,
    compare_at, min_qty, starts_ms, ends_ms, since_ms)
VALUES (:id, :product_id, :variant_id, :list_id, :price_amount, :price_currency, :compare_at,
    :min_qty, :starts_ms, :ends_ms, :since_ms);

-- @query price_update exec
-- @in  id id, price money, compare_at int?, ends_ms time?, since_ms time
UPDATE catalog_price SET price_amount = :price_amount, price_currency = :price_currency,
    compare_at = :compare_at, ends_ms = :ends_ms, since_ms = :since_ms
WHERE id = :id;

-- @query prices_delete exec
-- @in  ids ids
DELETE FROM catalog_price WHERE id IN (:ids);

-- @query history_insert exec
-- @in  variant_id id, list_id id, price money, min_qty int, from_ms time, to_ms time
INSERT INTO catalog_price_history (variant_id, list_id, price_amount, price_currency, min_qty,
    from_ms, to_ms)
VALUES (:variant_id, :list_id, :price_amount, :price_currency, :min_qty, :from_ms, :to_ms);

-- @query history_since many CatalogHistoryRow
-- @in  variant_id id, currency text, since time
-- @out list_id id, price money, min_qty int, from_ms time, to_ms time
-- @unbounded what changed in thirty days
SELECT list_id, price_amount, price_currency, min_qty, from_ms, to_ms FROM catalog_price_history
WHERE variant_id = :variant_id AND price_currency = :currency AND to_ms > :since;

-- @query history_in many CatalogPastRow
-- @in  ids ids, since time
-- @out variant_id id, list_id id, price money, from_ms time, to_ms time
-- @unbounded what changed in some months
SELECT h.variant_id, h.list_id, h.price_amount, h.price_currency, h.from_ms, h.to_ms
FROM catalog_price_history h JOIN catalog_variant v ON v.id = h.variant_id
WHERE v.product_id IN (:ids) AND h.min_qty = 1 AND h.to_ms > :since;

-- @query history_prune exec
-- @in  before time
DELETE FROM catalog_price_history WHERE to_ms < :before;

-- === attributes ==========================================================================

-- @query attribute_values_in many CatalogAttributeRow
-- @in  ids ids
-- @out entity_id id, def_id id, root_id id, key text, value text
-- @unbounded at most CATALOG_ATTRIBUTES_MAX for each product and variant
SELECT v.entity_id, v.def_id, v.root_id, d.key, v.value
FROM catalog_attribute_value v JOIN catalog_attribute_def d ON d.id = v.def_id
WHERE v.root_id IN (:ids);

-- @query attribute_values_of many CatalogAttributeRow
-- @in  ids ids
-- @out entity_id id, def_id id, root_id id, key text, value text
-- @unbounded at most CATALOG_ATTRIBUTES_MAX for each entity
SELECT v.entity_id, v.def_id, v.root_id, d.key, v.value
FROM catalog_attribute_value v JOIN catalog_attribute_def d ON d.id = v.def_id
WHERE v.entity_id IN (:ids);

-- @query attribute_value_put exec
-- @in  entity_id id, def_id id, root_id id, value text
INSERT INTO catalog_attribute_value (entity_id, def_id, root_id, value)
VALUES (:entity_id, :def_id, :root_id, :value)
ON CONFLICT (entity_id, def_id) DO UPDATE SET value = excluded.value;

-- @query attribute_value_delete exec
-- @in  entity_id id, def_id id
DELETE FROM catalog_attribute_value WHERE entity_id = :entity_id AND def_id = :def_id;

-- @query attribute_values_delete exec
-- @in  ids ids
DELETE FROM catalog_attribute_value WHERE entity_id IN (:ids);

-- @query attribute_values_delete_root exec
-- @in  root_id id
DELETE FROM catalog_attribute_value WHERE root_id = :root_id;
