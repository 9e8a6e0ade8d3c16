-- Every statement of the catalogue. docs/sql.md tells how they are written.
--
-- Lists by product (…_in) come without ORDER BY: their index has the order that is wanted,
-- and product_load.c sorts where an engine does not keep it.

-- === products ============================================================================

-- @query product_get maybe CatalogProductRow
-- @in  id id
-- @out id id, handle text, status enum:catalog_status_names, kind enum:catalog_kind_names
-- @out title text, description text, description_safe text?, html_version int, vendor text
-- @out type text, tags text, category text, tax_class text, seo_title text
-- @out seo_description text, template_suffix text, variant_count int, value_count int, rev int
-- @out created_ms time, updated_ms time
SELECT id, handle, status, kind, title, description, description_safe, html_version, vendor,
    type, tags, category, tax_class, seo_title, seo_description, template_suffix, variant_count,
    value_count, rev, created_ms, updated_ms
FROM catalog_product WHERE id = :id;

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

-- === redirects ===========================================================================

-- @query redirect_by_path maybe CatalogRedirectRow
-- @in  path text
-- @out id id, path text, target text, automatic bool, created_ms time
SELECT id, path, target, automatic, created_ms FROM catalog_redirect WHERE path = :path;

-- @query redirect_get one CatalogRedirectRow
-- @missing catalog.no_redirect
-- @in  id id
-- @out id id, path text, target text, automatic bool, created_ms time
SELECT id, path, target, automatic, created_ms FROM catalog_redirect WHERE id = :id;

-- @query redirect_put exec
-- @in  id id, path text, target text, automatic bool, now time
INSERT INTO catalog_redirect (id, path, target, automatic, created_ms)
VALUES (:id, :path, :target, :automatic, :now)
ON CONFLICT (path) DO UPDATE SET target = excluded.target, automatic = excluded.automatic;

-- What led to `path` leads to where that leads.
-- @query redirect_retarget exec
-- @in  path text, target text
UPDATE catalog_redirect SET target = :target WHERE target = :path AND path <> :target;

-- @query redirect_delete exec
-- @in  id id
DELETE FROM catalog_redirect WHERE id = :id;

-- @query redirect_delete_path exec
-- @in  path text
DELETE FROM catalog_redirect WHERE path = :path;

-- === translations ========================================================================

-- @query translation_outdate exec
-- @in  entity_id id, field text
UPDATE catalog_translation SET outdated = TRUE WHERE entity_id = :entity_id AND field = :field;

-- @query translations_forget exec
-- @in  ids ids
DELETE FROM catalog_translation WHERE entity_id IN (:ids);

-- @query translations_forget_root exec
-- @in  root_id id
DELETE FROM catalog_translation WHERE root_id = :root_id;

-- === attribute definitions ===============================================================

-- @query attribute_defs many CatalogAttributeDefRow
-- @in  scope enum:catalog_scope_names
-- @out id id, scope enum:catalog_scope_names, key text, name text, type enum:catalog_type_names
-- @out item_type enum:catalog_type_names, unit text, choices text, filterable bool
-- @out searchable bool, visible bool, position int, rev int, created_ms time, updated_ms time
-- @sort by what people chose; at most CATALOG_DEFS_MAX
SELECT id, scope, key, name, type, item_type, unit, choices, filterable, searchable, visible,
    position, rev, created_ms, updated_ms
FROM catalog_attribute_def WHERE scope = :scope ORDER BY position, key LIMIT 2000;

-- @query attribute_def_get one CatalogAttributeDefRow
-- @missing catalog.no_attribute
-- @in  id id
-- @out id id, scope enum:catalog_scope_names, key text, name text, type enum:catalog_type_names
-- @out item_type enum:catalog_type_names, unit text, choices text, filterable bool
-- @out searchable bool, visible bool, position int, rev int, created_ms time, updated_ms time
SELECT id, scope, key, name, type, item_type, unit, choices, filterable, searchable, visible,
    position, rev, created_ms, updated_ms
FROM catalog_attribute_def WHERE id = :id;

-- @query attribute_def_by_key maybe
-- @in  scope enum:catalog_scope_names, key text
-- @out id id
SELECT id FROM catalog_attribute_def WHERE scope = :scope AND key = :key;

-- @query attribute_def_count one
-- @in  scope enum:catalog_scope_names
-- @out n int
SELECT count(*) AS n FROM catalog_attribute_def WHERE scope = :scope;

-- @query attribute_def_insert exec
-- @from CatalogAttributeDefRow
-- @in  id id, scope enum:catalog_scope_names, key text, name text, type enum:catalog_type_names
-- @in  item_type enum:catalog_type_names, unit text, choices text, filterable bool
-- @in  searchable bool, visible bool, position int, rev int, created_ms time, updated_ms time
INSERT INTO catalog_attribute_def (id, scope, key, name, type, item_type, unit, choices,
    filterable, searchable, visible, position, rev, created_ms, updated_ms)
VALUES (:id, :scope, :key, :name, :type, :item_type, :unit, :choices, :filterable, :searchable,
    :visible, :position, :rev, :created_ms, :updated_ms);

-- @query attribute_def_update exec
-- @from CatalogAttributeDefRow
-- @in  id id, name text, type enum:catalog_type_names, item_type enum:catalog_type_names
-- @in  unit text, choices text, filterable bool, searchable bool, visible bool, position int
-- @in  rev int, updated_ms time
UPDATE catalog_attribute_def SET name = :name, type = :type, item_type = :item_type,
    unit = :unit, choices = :choices, filterable = :filterable, searchable = :searchable,
    visible = :visible, position = :position, rev = :rev, updated_ms = :updated_ms
WHERE id = :id;

-- @query attribute_def_delete exec
-- @in  id id
DELETE FROM catalog_attribute_def WHERE id = :id;

-- @query attribute_def_used maybe
-- @in  def_id id
-- @out entity_id id
SELECT entity_id FROM catalog_attribute_value WHERE def_id = :def_id LIMIT 1;

-- @query translations_of_root many CatalogTranslationRow
-- @in  root_id id, locale text, max int
-- @out entity_id id, kind text, field text, locale text, value text, value_safe text?
-- @out html_version int, outdated bool, updated_ms time
SELECT entity_id, kind, field, locale, value, value_safe, html_version, outdated, updated_ms
FROM catalog_translation WHERE root_id = :root_id AND locale = :locale LIMIT :max;

-- @query translations_all many CatalogTranslationRow
-- @in  root_id id, max int
-- @out entity_id id, kind text, field text, locale text, value text, value_safe text?
-- @out html_version int, outdated bool, updated_ms time
SELECT entity_id, kind, field, locale, value, value_safe, html_version, outdated, updated_ms
FROM catalog_translation WHERE root_id = :root_id LIMIT :max;

-- @query translation_put exec
-- @from CatalogTranslationWrite
-- @in  entity_id id, field text, locale text, root_id id, kind text, value text
-- @in  value_safe text?, html_version int, updated_ms time
INSERT INTO catalog_translation (entity_id, field, locale, root_id, kind, value, value_safe,
    html_version, outdated, updated_ms)
VALUES (:entity_id, :field, :locale, :root_id, :kind, :value, :value_safe, :html_version, FALSE,
    :updated_ms)
ON CONFLICT (entity_id, field, locale) DO UPDATE
SET value = excluded.value, value_safe = excluded.value_safe,
    html_version = excluded.html_version, outdated = FALSE, updated_ms = excluded.updated_ms;

-- @query translation_delete exec
-- @in  entity_id id, field text, locale text
DELETE FROM catalog_translation
WHERE entity_id = :entity_id AND field = :field AND locale = :locale;

-- The thing whose page an entity belongs to: of an option or a picture, its product.
-- @query root_of_option maybe
-- @in  id id
-- @out root_id id
SELECT product_id AS root_id FROM catalog_option WHERE id = :id;

-- @query root_of_value maybe
-- @in  id id
-- @out root_id id
SELECT product_id AS root_id FROM catalog_option_value WHERE id = :id;

-- @query root_of_media maybe
-- @in  id id
-- @out root_id id
SELECT owner_id AS root_id FROM catalog_media WHERE id = :id;

-- @query root_of_menu_item maybe
-- @in  id id
-- @out root_id id
SELECT menu_id AS root_id FROM catalog_menu_item WHERE id = :id;

-- @query root_product maybe
-- @in  id id
-- @out root_id id
SELECT id AS root_id FROM catalog_product WHERE id = :id;

-- @query root_collection maybe
-- @in  id id
-- @out root_id id
SELECT id AS root_id FROM catalog_collection WHERE id = :id;

-- @query root_page maybe
-- @in  id id
-- @out root_id id
SELECT id AS root_id FROM catalog_page WHERE id = :id;

-- @query root_blog maybe
-- @in  id id
-- @out root_id id
SELECT id AS root_id FROM catalog_blog WHERE id = :id;

-- @query root_article maybe
-- @in  id id
-- @out root_id id
SELECT id AS root_id FROM catalog_article WHERE id = :id;

-- @query root_menu maybe
-- @in  id id
-- @out root_id id
SELECT id AS root_id FROM catalog_menu WHERE id = :id;

-- @query root_policy maybe
-- @in  id id
-- @out root_id id
SELECT id AS root_id FROM catalog_policy WHERE id = :id;

-- @query root_attribute maybe
-- @in  id id
-- @out root_id id
SELECT id AS root_id FROM catalog_attribute_def WHERE id = :id;

-- === price lists =========================================================================

-- @query price_list_get one CatalogPriceListRow
-- @missing catalog.no_price_list
-- @in  id id
-- @out id id, handle text, title text, kind enum:catalog_list_kind_names, currency text
-- @out priority int, active bool, conditions text, starts_ms time?, ends_ms time?, rev int
-- @out created_ms time, updated_ms time
SELECT id, handle, title, kind, currency, priority, active, conditions, starts_ms, ends_ms, rev,
    created_ms, updated_ms
FROM catalog_price_list WHERE id = :id;

-- @query price_lists many CatalogPriceListRow
-- @out id id, handle text, title text, kind enum:catalog_list_kind_names, currency text
-- @out priority int, active bool, conditions text, starts_ms time?, ends_ms time?, rev int
-- @out created_ms time, updated_ms time
-- @scan all of them: at most CATALOG_LISTS_MAX
SELECT id, handle, title, kind, currency, priority, active, conditions, starts_ms, ends_ms, rev,
    created_ms, updated_ms
FROM catalog_price_list ORDER BY id LIMIT 1000;

-- @query price_list_by_handle maybe
-- @in  handle text
-- @out id id
SELECT id FROM catalog_price_list WHERE handle = :handle;

-- @query price_list_insert exec
-- @from CatalogPriceListRow
-- @in  id id, handle text, title text, kind enum:catalog_list_kind_names, currency text
-- @in  priority int, active bool, conditions text, starts_ms time?, ends_ms time?, rev int
-- @in  created_ms time, updated_ms time
INSERT INTO catalog_price_list (id, handle, title, kind, currency, priority, active, conditions,
    starts_ms, ends_ms, rev, created_ms, updated_ms)
VALUES (:id, :handle, :title, :kind, :currency, :priority, :active, :conditions, :starts_ms,
    :ends_ms, :rev, :created_ms, :updated_ms);

-- @query price_list_update exec
-- @from CatalogPriceListRow
-- @in  id id, handle text, title text, kind enum:catalog_list_kind_names, currency text
-- @in  priority int, active bool, conditions text, starts_ms time?, ends_ms time?, rev int
-- @in  updated_ms time
UPDATE catalog_price_list SET handle = :handle, title = :title, kind = :kind,
    currency = :currency, priority = :priority, active = :active, conditions = :conditions,
    starts_ms = :starts_ms, ends_ms = :ends_ms, rev = :rev, updated_ms = :updated_ms
WHERE id = :id;

-- @query price_list_delete exec
-- @in  id id
DELETE FROM catalog_price_list WHERE id = :id;

-- @query prices_of_list many CatalogPriceRow
-- @in  list_id id, after id, max int
-- @out id id, product_id id, variant_id id, list_id id, price money, compare_at int?
-- @out min_qty int, starts_ms time, ends_ms time?, since_ms time
SELECT id, product_id, variant_id, list_id, price_amount, price_currency, compare_at, min_qty,
    starts_ms, ends_ms, since_ms
FROM catalog_price WHERE list_id = :list_id AND id > :after ORDER BY id LIMIT :max;

-- === imports, files =================================================================
-- @query import_put exec
-- @from CatalogImportRow
-- @in  id id, file text, hash text, format enum:import_format_names, encoding text
-- @in  currency text, fetch_images bool, dry_run bool, status enum:import_status_names
-- @in  bytes int, bytes_done int, line int, rows int, created int, updated int, unchanged int
-- @in  variants int, pictures int, skipped int, issues int, error text
-- @in  created_ms time, updated_ms time
INSERT INTO catalog_import (id, file, hash, format, encoding, currency, fetch_images, dry_run,
    status, bytes, bytes_done, line, rows, created, updated, unchanged, variants, pictures,
    skipped, issues, error, created_ms, updated_ms)
VALUES (:id, :file, :hash, :format, :encoding, :currency, :fetch_images, :dry_run, :status,
    :bytes, :bytes_done, :line, :rows, :created, :updated, :unchanged, :variants, :pictures,
    :skipped, :issues, :error, :created_ms, :updated_ms)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, bytes_done = excluded.bytes_done,
    line = excluded.line, rows = excluded.rows, created = excluded.created,
    updated = excluded.updated, unchanged = excluded.unchanged, variants = excluded.variants,
    pictures = excluded.pictures, skipped = excluded.skipped, issues = excluded.issues,
    error = excluded.error, updated_ms = excluded.updated_ms;

-- @query import_get one CatalogImportRow
-- @in  id id
-- @out id id, file text, hash text, format enum:import_format_names, encoding text
-- @out currency text, fetch_images bool, dry_run bool, status enum:import_status_names
-- @out bytes int, bytes_done int, line int, rows int, created int, updated int, unchanged int
-- @out variants int, pictures int, skipped int, issues int, error text
-- @out created_ms time, updated_ms time
-- @missing catalog.no_import
SELECT id, file, hash, format, encoding, currency, fetch_images, dry_run, status, bytes,
    bytes_done, line, rows, created, updated, unchanged, variants, pictures, skipped, issues,
    error, created_ms, updated_ms
FROM catalog_import WHERE id = :id;

-- The newest import of the same bytes that did not come to its end.
-- @query import_unfinished maybe CatalogImportRow
-- @in  hash text
-- @out id id, file text, hash text, format enum:import_format_names, encoding text
-- @out currency text, fetch_images bool, dry_run bool, status enum:import_status_names
-- @out bytes int, bytes_done int, line int, rows int, created int, updated int, unchanged int
-- @out variants int, pictures int, skipped int, issues int, error text
-- @out created_ms time, updated_ms time
SELECT id, file, hash, format, encoding, currency, fetch_images, dry_run, status, bytes,
    bytes_done, line, rows, created, updated, unchanged, variants, pictures, skipped, issues,
    error, created_ms, updated_ms
FROM catalog_import WHERE hash = :hash AND status <> 'done' AND NOT dry_run
ORDER BY id DESC LIMIT 1;

-- @query imports_list many CatalogImportRow
-- @in  before id, max int
-- @out id id, file text, hash text, format enum:import_format_names, encoding text
-- @out currency text, fetch_images bool, dry_run bool, status enum:import_status_names
-- @out bytes int, bytes_done int, line int, rows int, created int, updated int, unchanged int
-- @out variants int, pictures int, skipped int, issues int, error text
-- @out created_ms time, updated_ms time
SELECT id, file, hash, format, encoding, currency, fetch_images, dry_run, status, bytes,
    bytes_done, line, rows, created, updated, unchanged, variants, pictures, skipped, issues,
    error, created_ms, updated_ms
FROM catalog_import WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query import_issue_put exec
-- @from CatalogImportIssueRow
-- @in  import_id id, number int, line int, column_name text, code text, detail text
INSERT INTO catalog_import_issue (import_id, number, line, column_name, code, detail)
VALUES (:import_id, :number, :line, :column_name, :code, :detail);

-- @query import_issues many CatalogImportIssueRow
-- @in  import_id id, after int, max int
-- @out import_id id, number int, line int, column_name text, code text, detail text
SELECT import_id, number, line, column_name, code, detail FROM catalog_import_issue
WHERE import_id = :import_id AND number > :after ORDER BY number LIMIT :max;

-- @query product_by_sku maybe
-- @in  sku text
-- @out product_id id
SELECT product_id FROM catalog_variant WHERE sku = :sku AND sku <> '' ORDER BY id LIMIT 1;

-- @query product_by_attribute maybe
-- @in  key text, value text
-- @out entity_id id
SELECT v.entity_id FROM catalog_attribute_def d
JOIN catalog_attribute_value v ON v.def_id = d.id
WHERE d.scope = 'product' AND d.key = :key AND v.value = :value
ORDER BY v.entity_id LIMIT 1;

-- @query file_put exec
-- @from CatalogFileRow
-- @in  hash text, mime text, bytes int, width int, height int, colour text, created_ms time
INSERT INTO catalog_file (hash, mime, bytes, width, height, colour, created_ms)
VALUES (:hash, :mime, :bytes, :width, :height, :colour, :created_ms)
ON CONFLICT (hash) DO UPDATE SET created_ms = excluded.created_ms;

-- @query file_get maybe CatalogFileRow
-- @in  hash text
-- @out hash text, mime text, bytes int, width int, height int, colour text, created_ms time
SELECT hash, mime, bytes, width, height, colour, created_ms FROM catalog_file
WHERE hash = :hash;

-- @query files_unused many CatalogHashRow
-- @in  before time, max int
-- @out hash text, created_ms time
SELECT hash, created_ms FROM catalog_file f
WHERE created_ms < :before AND NOT EXISTS (SELECT 1 FROM catalog_media m WHERE m.hash = f.hash
    AND m.hash <> '')
ORDER BY created_ms LIMIT :max;

-- @query file_delete_unused exec
-- @in  hash text
DELETE FROM catalog_file WHERE hash = :hash
AND NOT EXISTS (SELECT 1 FROM catalog_media m WHERE m.hash = catalog_file.hash AND m.hash <> '');

-- === collections =========================================================================

-- @query collections_in many CatalogCollectionRow
-- @in  ids ids
-- @out id id, handle text, title text, description text, description_safe text?
-- @out html_version int, kind enum:catalog_collection_kind_names, rule text
-- @out sort enum:catalog_sort_names, seo_title text, seo_description text
-- @out template_suffix text, rev int, created_ms time, updated_ms time
-- @unbounded as many as ids
SELECT id, handle, title, description, description_safe, html_version, kind, rule, sort,
    seo_title, seo_description, template_suffix, rev, created_ms, updated_ms
FROM catalog_collection WHERE id IN (:ids);

-- @query collection_by_handle maybe
-- @in  handle text
-- @out id id
SELECT id FROM catalog_collection WHERE handle = :handle;

-- @query collection_kind maybe
-- @in  id id
-- @out kind enum:catalog_collection_kind_names
SELECT kind FROM catalog_collection WHERE id = :id;

-- @query collection_rule_rev maybe
-- @in  id id
-- @out rule_rev int
SELECT rule_rev FROM catalog_collection WHERE id = :id AND kind = 'rule';

-- @query collection_insert exec
-- @from CatalogCollectionWrite
-- @in  id id, handle text, title text, title_key text, description text
-- @in  description_safe text?, html_version int, kind enum:catalog_collection_kind_names
-- @in  rule text, sort enum:catalog_sort_names, seo_title text, seo_description text
-- @in  template_suffix text, rev int, created_ms time, updated_ms time
INSERT INTO catalog_collection (id, handle, title, title_key, description, description_safe,
    html_version, kind, rule, sort, seo_title, seo_description, template_suffix, rule_rev, rev,
    created_ms, updated_ms)
VALUES (:id, :handle, :title, :title_key, :description, :description_safe, :html_version, :kind,
    :rule, :sort, :seo_title, :seo_description, :template_suffix, 1, :rev, :created_ms,
    :updated_ms);

-- @query collection_update exec
-- @from CatalogCollectionWrite
-- @in  id id, handle text, title text, title_key text, description text
-- @in  description_safe text?, html_version int, kind enum:catalog_collection_kind_names
-- @in  rule text, sort enum:catalog_sort_names, seo_title text, seo_description text
-- @in  template_suffix text, rev int, updated_ms time
UPDATE catalog_collection SET handle = :handle, title = :title, title_key = :title_key,
    description = :description, description_safe = :description_safe,
    html_version = :html_version, kind = :kind, rule = :rule, sort = :sort,
    seo_title = :seo_title, seo_description = :seo_description,
    template_suffix = :template_suffix, rev = :rev, updated_ms = :updated_ms
WHERE id = :id;

-- @query collection_rule_changed exec
-- @in  id id
UPDATE catalog_collection SET rule_rev = rule_rev + 1 WHERE id = :id;

-- @query collection_delete exec
-- @in  id id
DELETE FROM catalog_collection WHERE id = :id;

-- @query rules many CatalogRuleRow
-- @out id id, rule text
SELECT id, rule FROM catalog_collection WHERE kind = 'rule' ORDER BY id LIMIT 1000;

-- @query rules_count one
-- @out n int
SELECT count(*) AS n FROM catalog_collection WHERE kind = 'rule';

-- @query members_last maybe
-- @in  collection_id id
-- @out position int
SELECT position FROM catalog_collection_product WHERE collection_id = :collection_id
ORDER BY position DESC LIMIT 1;

-- @query member_position maybe
-- @in  collection_id id, product_id id
-- @out position int
SELECT position FROM catalog_collection_product
WHERE collection_id = :collection_id AND product_id = :product_id;

-- @query member_previous maybe
-- @in  collection_id id, position int, product_id id
-- @out position int
SELECT position FROM catalog_collection_product
WHERE collection_id = :collection_id AND position < :position AND product_id <> :product_id
ORDER BY position DESC LIMIT 1;

-- @query members_shift exec
-- @in  collection_id id, position int, by int
UPDATE catalog_collection_product SET position = position + :by
WHERE collection_id = :collection_id AND position >= :position;

-- @query member_move exec
-- @in  collection_id id, product_id id, position int
UPDATE catalog_collection_product SET position = :position
WHERE collection_id = :collection_id AND product_id = :product_id;

-- @query member_add exec
-- @in  collection_id id, product_id id, position int
INSERT INTO catalog_collection_product (collection_id, product_id, position)
VALUES (:collection_id, :product_id, :position)
ON CONFLICT (collection_id, product_id) DO NOTHING;

-- @query members_remove exec
-- @in  collection_id id, ids ids
DELETE FROM catalog_collection_product
WHERE collection_id = :collection_id AND product_id IN (:ids);

-- @query members_between many CatalogIdRow
-- @in  collection_id id, after id, last id
-- @out id id
-- @unbounded a chunk of products
SELECT product_id AS id FROM catalog_collection_product
WHERE collection_id = :collection_id AND product_id > :after AND product_id <= :last;

-- @query products_there many CatalogIdRow
-- @in  ids ids
-- @out id id
-- @unbounded as many as ids
SELECT id FROM catalog_product WHERE id IN (:ids);

-- @query collections_of many CatalogIdRow
-- @in  product_id id
-- @out id id
SELECT collection_id AS id FROM catalog_collection_product WHERE product_id = :product_id
ORDER BY collection_id LIMIT 10000;

-- @query rule_collections_of many CatalogIdRow
-- @in  product_id id
-- @out id id
SELECT m.collection_id AS id
FROM catalog_collection_product m JOIN catalog_collection c ON c.id = m.collection_id
WHERE m.product_id = :product_id AND c.kind = 'rule' LIMIT 1000;

-- === pages ===============================================================================

-- @query page_get one CatalogPageRow
-- @missing catalog.no_page
-- @in  id id
-- @out id id, handle text, title text, body text, body_safe text?, html_version int
-- @out author text, seo_title text, seo_description text, template_suffix text
-- @out published_ms time?, unpublish_ms time?, rev int, created_ms time, updated_ms time
SELECT id, handle, title, body, body_safe, html_version, author, seo_title, seo_description,
    template_suffix, published_ms, unpublish_ms, rev, created_ms, updated_ms
FROM catalog_page WHERE id = :id;

-- @query page_by_handle maybe
-- @in  handle text
-- @out id id
SELECT id FROM catalog_page WHERE handle = :handle;

-- @query page_insert exec
-- @from CatalogPageWrite
-- @in  id id, handle text, title text, title_key text, body text, body_safe text?
-- @in  html_version int, author text, seo_title text, seo_description text
-- @in  template_suffix text, published_ms time?, unpublish_ms time?, rev int, created_ms time
-- @in  updated_ms time
INSERT INTO catalog_page (id, handle, title, title_key, body, body_safe, html_version, author,
    seo_title, seo_description, template_suffix, published_ms, unpublish_ms, rev, created_ms,
    updated_ms)
VALUES (:id, :handle, :title, :title_key, :body, :body_safe, :html_version, :author, :seo_title,
    :seo_description, :template_suffix, :published_ms, :unpublish_ms, :rev, :created_ms,
    :updated_ms);

-- @query page_update exec
-- @from CatalogPageWrite
-- @in  id id, handle text, title text, title_key text, body text, body_safe text?
-- @in  html_version int, author text, seo_title text, seo_description text
-- @in  template_suffix text, published_ms time?, unpublish_ms time?, rev int, updated_ms time
UPDATE catalog_page SET handle = :handle, title = :title, title_key = :title_key, body = :body,
    body_safe = :body_safe, html_version = :html_version, author = :author,
    seo_title = :seo_title, seo_description = :seo_description,
    template_suffix = :template_suffix, published_ms = :published_ms,
    unpublish_ms = :unpublish_ms, rev = :rev, updated_ms = :updated_ms
WHERE id = :id;

-- @query page_delete exec
-- @in  id id
DELETE FROM catalog_page WHERE id = :id;

-- === blogs and articles ==================================================================

-- @query blog_get one CatalogBlogRow
-- @missing catalog.no_blog
-- @in  id id
-- @out id id, handle text, title text, seo_title text, seo_description text
-- @out template_suffix text, rev int, created_ms time, updated_ms time
SELECT id, handle, title, seo_title, seo_description, template_suffix, rev, created_ms,
    updated_ms
FROM catalog_blog WHERE id = :id;

-- @query blog_by_handle maybe
-- @in  handle text
-- @out id id
SELECT id FROM catalog_blog WHERE handle = :handle;

-- @query blog_insert exec
-- @from CatalogBlogRow
-- @in  id id, handle text, title text, seo_title text, seo_description text
-- @in  template_suffix text, rev int, created_ms time, updated_ms time
INSERT INTO catalog_blog (id, handle, title, seo_title, seo_description, template_suffix, rev,
    created_ms, updated_ms)
VALUES (:id, :handle, :title, :seo_title, :seo_description, :template_suffix, :rev, :created_ms,
    :updated_ms);

-- @query blog_update exec
-- @from CatalogBlogRow
-- @in  id id, handle text, title text, seo_title text, seo_description text
-- @in  template_suffix text, rev int, updated_ms time
UPDATE catalog_blog SET handle = :handle, title = :title, seo_title = :seo_title,
    seo_description = :seo_description, template_suffix = :template_suffix, rev = :rev,
    updated_ms = :updated_ms
WHERE id = :id;

-- @query blog_delete exec
-- @in  id id
DELETE FROM catalog_blog WHERE id = :id;

-- @query articles_of many CatalogHandleRow
-- @in  blog_id id
-- @out id id, handle text
-- @unbounded the articles of one blog
SELECT id, handle FROM catalog_article WHERE blog_id = :blog_id ORDER BY handle;

-- @query article_get one CatalogArticleRow
-- @missing catalog.no_article
-- @in  id id
-- @out id id, blog_id id, handle text, title text, author text, excerpt text, body text
-- @out body_safe text?, html_version int, tags text, seo_title text, seo_description text
-- @out template_suffix text, published_ms time?, unpublish_ms time?, rev int, created_ms time
-- @out updated_ms time
SELECT id, blog_id, handle, title, author, excerpt, body, body_safe, html_version, tags,
    seo_title, seo_description, template_suffix, published_ms, unpublish_ms, rev, created_ms,
    updated_ms
FROM catalog_article WHERE id = :id;

-- @query article_by_handle maybe
-- @in  blog_id id, handle text
-- @out id id
SELECT id FROM catalog_article WHERE blog_id = :blog_id AND handle = :handle;

-- @query article_insert exec
-- @from CatalogArticleWrite
-- @in  id id, blog_id id, handle text, title text, title_key text, author text, excerpt text
-- @in  body text, body_safe text?, html_version int, tags text, seo_title text
-- @in  seo_description text, template_suffix text, published_ms time?, unpublish_ms time?
-- @in  rev int, created_ms time, updated_ms time
INSERT INTO catalog_article (id, blog_id, handle, title, title_key, author, excerpt, body,
    body_safe, html_version, tags, seo_title, seo_description, template_suffix, published_ms,
    unpublish_ms, rev, created_ms, updated_ms)
VALUES (:id, :blog_id, :handle, :title, :title_key, :author, :excerpt, :body, :body_safe,
    :html_version, :tags, :seo_title, :seo_description, :template_suffix, :published_ms,
    :unpublish_ms, :rev, :created_ms, :updated_ms);

-- @query article_update exec
-- @from CatalogArticleWrite
-- @in  id id, handle text, title text, title_key text, author text, excerpt text
-- @in  body text, body_safe text?, html_version int, tags text, seo_title text
-- @in  seo_description text, template_suffix text, published_ms time?, unpublish_ms time?
-- @in  rev int, updated_ms time
UPDATE catalog_article SET handle = :handle, title = :title, title_key = :title_key,
    author = :author, excerpt = :excerpt, body = :body, body_safe = :body_safe,
    html_version = :html_version, tags = :tags, seo_title = :seo_title,
    seo_description = :seo_description, template_suffix = :template_suffix,
    published_ms = :published_ms, unpublish_ms = :unpublish_ms, rev = :rev,
    updated_ms = :updated_ms
WHERE id = :id;

-- @query article_delete exec
-- @in  id id
DELETE FROM catalog_article WHERE id = :id;

-- === menus ===============================================================================

-- @query menu_get one CatalogMenuRow
-- @missing catalog.no_menu
-- @in  id id
-- @out id id, handle text, title text, rev int, created_ms time, updated_ms time
SELECT id, handle, title, rev, created_ms, updated_ms FROM catalog_menu WHERE id = :id;

-- @query menu_by_handle maybe
-- @in  handle text
-- @out id id
SELECT id FROM catalog_menu WHERE handle = :handle;

-- @query menu_insert exec
-- @in  id id, handle text, title text, rev int, now time
INSERT INTO catalog_menu (id, handle, title, rev, created_ms, updated_ms)
VALUES (:id, :handle, :title, :rev, :now, :now);

-- @query menu_update exec
-- @in  id id, handle text, title text, rev int, now time
UPDATE catalog_menu SET handle = :handle, title = :title, rev = :rev, updated_ms = :now
WHERE id = :id;

-- @query menu_delete exec
-- @in  id id
DELETE FROM catalog_menu WHERE id = :id;

-- @query menu_items many CatalogMenuItemRow
-- @in  menu_id id
-- @out id id, menu_id id, parent_id id, position int, title text
-- @out kind enum:catalog_target_names, target_id id, url text
-- @unbounded at most CATALOG_MENU_ITEMS_MAX
SELECT id, menu_id, parent_id, position, title, kind, target_id, url FROM catalog_menu_item
WHERE menu_id = :menu_id ORDER BY position;

-- @query menu_item_insert exec
-- @from CatalogMenuItemRow
-- @in  id id, menu_id id, parent_id id, position int, title text
-- @in  kind enum:catalog_target_names, target_id id, url text
INSERT INTO catalog_menu_item (id, menu_id, parent_id, position, title, kind, target_id, url)
VALUES (:id, :menu_id, :parent_id, :position, :title, :kind, :target_id, :url);

-- @query menu_items_delete exec
-- @in  menu_id id
DELETE FROM catalog_menu_item WHERE menu_id = :menu_id;

-- @query product_paths many CatalogPathRow
-- @in  ids ids
-- @out id id, parent text, handle text
-- @unbounded as many as ids
SELECT id, '' AS parent, handle FROM catalog_product WHERE id IN (:ids);

-- @query collection_paths many CatalogPathRow
-- @in  ids ids
-- @out id id, parent text, handle text
-- @unbounded as many as ids
SELECT id, '' AS parent, handle FROM catalog_collection WHERE id IN (:ids);

-- @query page_paths many CatalogPathRow
-- @in  ids ids
-- @out id id, parent text, handle text
-- @unbounded as many as ids
SELECT id, '' AS parent, handle FROM catalog_page WHERE id IN (:ids);

-- @query blog_paths many CatalogPathRow
-- @in  ids ids
-- @out id id, parent text, handle text
-- @unbounded as many as ids
SELECT id, '' AS parent, handle FROM catalog_blog WHERE id IN (:ids);

-- @query article_paths many CatalogPathRow
-- @in  ids ids
-- @out id id, parent text, handle text
-- @unbounded as many as ids
SELECT a.id, b.handle AS parent, a.handle
FROM catalog_article a JOIN catalog_blog b ON b.id = a.blog_id WHERE a.id IN (:ids);

-- === policies ============================================================================

-- @query policies_newest many CatalogPolicyRow
-- @out id id, kind enum:catalog_policy_kind_names, version int, title text, body text
-- @out body_safe text?, html_version int, created_ms time
-- @scan a few kinds, each with some versions
SELECT id, kind, version, title, body, body_safe, html_version, created_ms FROM catalog_policy p
WHERE version = (SELECT max(version) FROM catalog_policy q WHERE q.kind = p.kind)
ORDER BY kind LIMIT 100;

-- @query policy_newest maybe CatalogPolicyRow
-- @in  kind enum:catalog_policy_kind_names
-- @out id id, kind enum:catalog_policy_kind_names, version int, title text, body text
-- @out body_safe text?, html_version int, created_ms time
SELECT id, kind, version, title, body, body_safe, html_version, created_ms FROM catalog_policy
WHERE kind = :kind ORDER BY version DESC LIMIT 1;

-- @query policy_version maybe CatalogPolicyRow
-- @in  kind enum:catalog_policy_kind_names, version int
-- @out id id, kind enum:catalog_policy_kind_names, version int, title text, body text
-- @out body_safe text?, html_version int, created_ms time
SELECT id, kind, version, title, body, body_safe, html_version, created_ms FROM catalog_policy
WHERE kind = :kind AND version = :version;

-- @query policy_versions many CatalogPolicyRow
-- @in  kind enum:catalog_policy_kind_names
-- @out id id, kind enum:catalog_policy_kind_names, version int, title text, body text
-- @out body_safe text?, html_version int, created_ms time
SELECT id, kind, version, title, body, body_safe, html_version, created_ms FROM catalog_policy
WHERE kind = :kind ORDER BY version DESC LIMIT 1000;

-- @query policy_insert exec
-- @from CatalogPolicyRow
-- @in  id id, kind enum:catalog_policy_kind_names, version int, title text, body text
-- @in  body_safe text?, html_version int, created_ms time
INSERT INTO catalog_policy (id, kind, version, title, body, body_safe, html_version, created_ms)
VALUES (:id, :kind, :version, :title, :body, :body_safe, :html_version, :created_ms);
