-- Collections, price lists and the definitions of attributes.

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
