-- Imports, and the files of pictures.

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

-- Collections by hand that products are in, with the path by which files name them.
-- @query categories_of many CatalogCategoryRow
-- @in  key text, ids ids
-- @out product_id id, collection_id id, title text, path text?
-- @unbounded as many as collections for each product
SELECT m.product_id, c.id AS collection_id, c.title, v.value AS path
FROM catalog_collection_product m
JOIN catalog_collection c ON c.id = m.collection_id AND c.kind = 'manual'
LEFT JOIN catalog_attribute_def d ON d.scope = 'collection' AND d.key = :key
LEFT JOIN catalog_attribute_value v ON v.entity_id = c.id AND v.def_id = d.id
WHERE m.product_id IN (:ids);

-- @query collections_titled many CatalogCategoryRow
-- @in  key text, title_key text
-- @out product_id id, collection_id id, title text, path text?
SELECT 0 AS product_id, c.id AS collection_id, c.title, v.value AS path
FROM catalog_collection c
LEFT JOIN catalog_attribute_def d ON d.scope = 'collection' AND d.key = :key
LEFT JOIN catalog_attribute_value v ON v.entity_id = c.id AND v.def_id = d.id
WHERE c.title_key = :title_key AND c.kind = 'manual' ORDER BY c.id LIMIT 1000;

-- @query collection_by_attribute maybe
-- @in  key text, value text
-- @out entity_id id
SELECT v.entity_id FROM catalog_attribute_def d
JOIN catalog_attribute_value v ON v.def_id = d.id
WHERE d.scope = 'collection' AND d.key = :key AND v.value = :value
ORDER BY v.entity_id LIMIT 1;
