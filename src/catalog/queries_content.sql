-- Pages, blogs, menus, policies, redirects and translations.

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

-- @query redirects_to many CatalogIdRow
-- @in  path text, target text
-- @out id id
-- @unbounded as many as paths something had
SELECT id FROM catalog_redirect WHERE target = :path AND path <> :target;

-- @query redirects_in many CatalogRedirectRow
-- @in  ids ids
-- @out id id, path text, target text, automatic bool, created_ms time
-- @unbounded as many as ids
SELECT id, path, target, automatic, created_ms FROM catalog_redirect WHERE id IN (:ids);

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
