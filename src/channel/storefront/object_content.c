/* Pages, blogs, articles, policies, menus, attributes. */
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

#include "channel/storefront/list_object.h"

#include "base/id.h"
#include "text/html.h"

#include <string.h>

enum { TAGS_MAX = 200 /* of a blog */ };

LiquidValue object_list(Visit *v, const LiquidValue *items, size_t n)
{
    return liquid_array(visit_arena(v), items, n);
}

LiquidValue object_texts(Visit *v, CatalogTexts texts)
{
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, texts.n + 1);
    for (size_t i = 0; i < texts.n; i++)
        items[i] = liquid_text(texts.items[i]);
    return object_list(v, items, texts.n);
}

LiquidValue object_id(Visit *v, const char *prefix, int64_t id)
{
    return liquid_text(id_format(visit_arena(v), prefix, id));
}

static LiquidValue suffix(Str s)
{
    return s.len > 0 ? liquid_text(s) : liquid_nil();
}

/* --- pages
 * ----------------------------------------------------------------------------------------- */

static LiquidValue page_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_PAGE_ID, ((const PublishedPage *)self)->page.id);
}

static LiquidValue page_title(Visit *v, const void *self)
{
    const PublishedPage *p = self;
    return liquid_text(visit_text(v, p->texts, p->page.id, STR("title"), p->page.title));
}

static LiquidValue page_handle(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const PublishedPage *)self)->page.handle);
}

static LiquidValue page_content(Visit *v, const void *self)
{
    const PublishedPage *p = self;
    return liquid_html(visit_text(v, p->texts, p->page.id, STR("body"),
                                  published_safe(p->page.body, p->page.body_safe)));
}

static LiquidValue page_author(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const PublishedPage *)self)->page.author);
}

static LiquidValue page_url(Visit *v, const void *self)
{
    const PublishedPage *p = self;
    return liquid_text(visit_urlf(v, "/pages/" STR_FMT, STR_ARG(p->page.handle)));
}

static LiquidValue page_published(Visit *v, const void *self)
{
    (void)v;
    return object_time(((const PublishedPage *)self)->page.published_at);
}

static LiquidValue page_suffix(Visit *v, const void *self)
{
    (void)v;
    return suffix(((const PublishedPage *)self)->page.template_suffix);
}

static LiquidValue page_metafields(Visit *v, const void *self)
{
    return object_metafields(v, ((const PublishedPage *)self)->page.attributes, CATALOG_SCOPE_PAGE);
}

static const Member PAGE[] = {
    {"id", page_id, true},
    {"title", page_title, true},
    {"handle", page_handle, true},
    {"content", page_content, true},
    {"author", page_author, true},
    {"url", page_url, true},
    {"published_at", page_published, true},
    {"template_suffix", page_suffix, false},
    {"metafields", page_metafields, false},
};
OBJECT(page, "PageDrop", PAGE)

LiquidValue object_page(Visit *v, int64_t id)
{
    const PublishedPage *p = published_page(v->view, id);
    visit_note(v, PUBLISHED_PAGE, id);
    if (p == NULL || !catalog_shown(p->page.published_at, p->page.unpublish_at, v->cx->now))
        return liquid_nil();
    return liquid_drop(visit_arena(v), &page_type, p);
}

LiquidValue object_page_by_handle(Visit *v, Str handle)
{
    const PublishedPage *p = published_page_by_handle(v->view, handle);
    if (p != NULL)
        return object_page(v, p->page.id);
    visit_note_all(v);
    return liquid_nil();
}

/* --- articles
 * --------------------------------------------------------------------------------------- */

static const CatalogArticle *self_article(const void *self)
{
    return &((const PublishedArticle *)self)->article;
}

static Str article_text(const Visit *v, const PublishedArticle *a, Str field, Str source)
{
    return visit_text(v, a->texts, a->article.id, field, source);
}

static LiquidValue article_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_ARTICLE_ID, self_article(self)->id);
}

static LiquidValue article_title(Visit *v, const void *self)
{
    return liquid_text(article_text(v, self, STR("title"), self_article(self)->title));
}

static LiquidValue article_handle(Visit *v, const void *self)
{
    const PublishedBlog *b = published_blog(v->view, self_article(self)->blog_id);
    Str                  handle = self_article(self)->handle;
    char                 room[600];
    if (b == NULL)
        return liquid_text(handle);
    int n =
        snprintf(room, sizeof room, STR_FMT "/" STR_FMT, STR_ARG(b->blog.handle), STR_ARG(handle));
    return liquid_text(str_dup(visit_arena(v), (Str){room, n > 0 ? (size_t)n : 0}));
}

static LiquidValue article_content(Visit *v, const void *self)
{
    const CatalogArticle *a = self_article(self);
    return liquid_html(article_text(v, self, STR("body"), published_safe(a->body, a->body_safe)));
}

static LiquidValue article_excerpt(Visit *v, const void *self)
{
    return liquid_text(article_text(v, self, STR("excerpt"), self_article(self)->excerpt));
}

static LiquidValue article_excerpt_or_content(Visit *v, const void *self)
{
    LiquidValue e = article_excerpt(v, self);
    return e.len > 0 ? e : article_content(v, self);
}

static LiquidValue article_author(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_article(self)->author);
}

static LiquidValue article_tags(Visit *v, const void *self)
{
    return object_texts(v, self_article(self)->tags);
}

static LiquidValue article_image(Visit *v, const void *self)
{
    const PublishedArticle *a = self;
    return object_media(v, a->article.media, a->media, 0, a->texts);
}

static LiquidValue article_url(Visit *v, const void *self)
{
    const CatalogArticle *a = self_article(self);
    const PublishedBlog  *b = published_blog(v->view, a->blog_id);
    visit_note(v, PUBLISHED_BLOG, a->blog_id);
    return liquid_text(visit_urlf(v, "/blogs/" STR_FMT "/" STR_FMT,
                                  STR_ARG(b != NULL ? b->blog.handle : STR("")),
                                  STR_ARG(a->handle)));
}

static LiquidValue article_published(Visit *v, const void *self)
{
    (void)v;
    return object_time(self_article(self)->published_at);
}

static LiquidValue article_created(Visit *v, const void *self)
{
    (void)v;
    return liquid_time(self_article(self)->created_at);
}

static LiquidValue article_updated(Visit *v, const void *self)
{
    (void)v;
    return liquid_time(self_article(self)->updated_at);
}

static LiquidValue article_suffix(Visit *v, const void *self)
{
    (void)v;
    return suffix(self_article(self)->template_suffix);
}

static LiquidValue article_blog(Visit *v, const void *self)
{
    return object_blog(v, self_article(self)->blog_id);
}

static LiquidValue article_zero(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_int(0);
}

static const Member ARTICLE[] = {
    {"id", article_id, true},
    {"title", article_title, true},
    {"handle", article_handle, true},
    {"content", article_content, true},
    {"excerpt", article_excerpt, true},
    {"author", article_author, true},
    {"tags", article_tags, true},
    {"url", article_url, true},
    {"published_at", article_published, true},
    {"created_at", article_created, true},
    {"updated_at", article_updated, true},
    {"image", article_image, false},
    {"excerpt_or_content", article_excerpt_or_content, false},
    {"template_suffix", article_suffix, false},
    {"blog", article_blog, false},
    {"comments_enabled?", member_no, false},
    {"comments_count", article_zero, false},
};
OBJECT(article, "ArticleDrop", ARTICLE)

LiquidValue object_article(Visit *v, int64_t id)
{
    const PublishedArticle *a = published_article(v->view, id);
    visit_note(v, PUBLISHED_ARTICLE, id);
    if (a == NULL || !catalog_shown(a->article.published_at, a->article.unpublish_at, v->cx->now))
        return liquid_nil();
    return liquid_drop(visit_arena(v), &article_type, a);
}

LiquidValue object_article_by_path(Visit *v, Str path)
{
    Str blog, handle;
    str_cut(path, '/', &blog, &handle);
    const PublishedBlog    *b = published_blog_by_handle(v->view, blog);
    const PublishedArticle *a =
        b != NULL ? published_article_by_handle(v->view, b->blog.id, handle) : NULL;
    if (a != NULL)
        return object_article(v, a->article.id);
    visit_note_all(v);
    return liquid_nil();
}

/* --- blogs
 * -------------------------------------------------------------------------------------------- */

static LiquidValue blog_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_BLOG_ID, ((const PublishedBlog *)self)->blog.id);
}

static LiquidValue blog_title(Visit *v, const void *self)
{
    const PublishedBlog *b = self;
    return liquid_text(visit_text(v, b->texts, b->blog.id, STR("title"), b->blog.title));
}

static LiquidValue blog_handle(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const PublishedBlog *)self)->blog.handle);
}

static LiquidValue blog_url(Visit *v, const void *self)
{
    return liquid_text(
        visit_urlf(v, "/blogs/" STR_FMT, STR_ARG(((const PublishedBlog *)self)->blog.handle)));
}

static bool article_has_tag(const PublishedArticle *a, Str tag)
{
    for (size_t i = 0; i < a->article.tags.n; i++)
        if (str_eq_nocase(a->article.tags.items[i], tag))
            return true;
    return false;
}

/* The visible articles; those with the tag of /blogs/x/tagged/TAG when there is one. */
static LiquidValue articles_of(Visit *v, const PublishedBlog *b, int64_t offset, int64_t limit,
                               int64_t *ret_all)
{
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, (size_t)limit + 1);
    size_t       n = 0;
    int64_t      all = 0;
    visit_reads_page(v);
    visit_note(v, PUBLISHED_BLOG, b->blog.id);
    for (size_t i = 0; i < b->articles.n; i++) {
        const PublishedArticle *a = published_article(v->view, b->articles.items[i]);
        if (a == NULL || (v->tagged.ptr != NULL && !article_has_tag(a, v->tagged)))
            continue;
        LiquidValue shown = object_article(v, b->articles.items[i]);
        if (shown.type == LIQUID_NIL)
            continue;
        if (all >= offset && (int64_t)n < limit)
            items[n++] = shown;
        all++;
    }
    *ret_all = all;
    return object_list(v, items, n);
}

static int64_t articles_total(Visit *v, void *self)
{
    int64_t all;
    (void)articles_of(v, self, 0, 0, &all);
    return all;
}

static LiquidValue articles_window(Visit *v, void *self, int64_t offset, int64_t limit)
{
    int64_t all;
    return articles_of(v, self, offset, limit, &all);
}

/* One list for each blog, so that {% paginate %} can move it. */
static LiquidValue blog_articles(Visit *v, const void *self)
{
    char key[9] = {'b'};
    memcpy(key + 1, &((const PublishedBlog *)self)->blog.id, 8);
    MapValue *known = map_put(&v->things, str_dup(visit_arena(v), (Str){key, 9}), NULL);
    if (known->p == NULL) {
        LiquidValue *made = arena_new(visit_arena(v), LiquidValue);
        *made =
            list_object(v, (ListSource){articles_total, articles_window, (void *)(uintptr_t)self});
        known->p = made;
    }
    return *(const LiquidValue *)known->p;
}

static LiquidValue blog_counted(Visit *v, const void *self)
{
    return liquid_int(articles_total(v, (void *)(uintptr_t)self));
}

static LiquidValue blog_tags(Visit *v, const void *self)
{
    const PublishedBlog *b = self;
    LiquidValue         *items = arena_array(visit_arena(v), LiquidValue, TAGS_MAX);
    size_t               n = 0;
    for (size_t i = 0; i < b->articles.n; i++) {
        const PublishedArticle *a = published_article(v->view, b->articles.items[i]);
        for (size_t k = 0; a != NULL && k < a->article.tags.n; k++) {
            bool known = n == TAGS_MAX;
            for (size_t x = 0; x < n && !known; x++)
                known = str_eq(liquid_str(items[x]), a->article.tags.items[k]);
            if (!known)
                items[n++] = liquid_text(a->article.tags.items[k]);
        }
    }
    visit_note(v, PUBLISHED_BLOG, b->blog.id);
    return object_list(v, items, n);
}

static LiquidValue blog_suffix(Visit *v, const void *self)
{
    (void)v;
    return suffix(((const PublishedBlog *)self)->blog.template_suffix);
}

static const Member BLOG[] = {
    {"id", blog_id, true},
    {"title", blog_title, true},
    {"handle", blog_handle, true},
    {"url", blog_url, true},
    {"articles", blog_articles, false},
    {"articles_count", blog_counted, false},
    {"all_tags", blog_tags, false},
    {"tags", blog_tags, false},
    {"template_suffix", blog_suffix, false},
    {"comments_enabled?", member_no, false},
    {"moderated?", member_no, false},
};
OBJECT(blog, "BlogDrop", BLOG)

LiquidValue object_blog(Visit *v, int64_t id)
{
    const PublishedBlog *b = published_blog(v->view, id);
    visit_note(v, PUBLISHED_BLOG, id);
    return b != NULL ? liquid_drop(visit_arena(v), &blog_type, b) : liquid_nil();
}

LiquidValue object_blog_by_handle(Visit *v, Str handle)
{
    const PublishedBlog *b = published_blog_by_handle(v->view, handle);
    if (b != NULL)
        return object_blog(v, b->blog.id);
    visit_note_all(v);
    return liquid_nil();
}

/* --- policies
 * ------------------------------------------------------------------------------------------ */

static LiquidValue policy_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_POLICY_ID, ((const PublishedPolicy *)self)->policy.id);
}

static LiquidValue policy_title(Visit *v, const void *self)
{
    const PublishedPolicy *p = self;
    return liquid_text(visit_text(v, p->texts, p->policy.id, STR("title"), p->policy.title));
}

static LiquidValue policy_body(Visit *v, const void *self)
{
    const PublishedPolicy *p = self;
    return liquid_html(visit_text(v, p->texts, p->policy.id, STR("body"),
                                  published_safe(p->policy.body, p->policy.body_safe)));
}

static LiquidValue policy_handle(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(
        str_from_cstr(catalog_policy_kind_names[((const PublishedPolicy *)self)->policy.kind]));
}

static LiquidValue policy_url(Visit *v, const void *self)
{
    return liquid_text(
        visit_urlf(v, "/policies/%s",
                   catalog_policy_kind_names[((const PublishedPolicy *)self)->policy.kind]));
}

static const Member POLICY[] = {
    {"id", policy_id, true},   {"title", policy_title, true},   {"body", policy_body, true},
    {"url", policy_url, true}, {"handle", policy_handle, true},
};
OBJECT(policy, "ShopPolicyDrop", POLICY)

LiquidValue object_policy(Visit *v, int kind)
{
    const PublishedPolicy *p = published_policy(v->view, kind);
    visit_note(v, PUBLISHED_POLICY, kind + 1);
    return p != NULL ? liquid_drop(visit_arena(v), &policy_type, p) : liquid_nil();
}

/* --- menus
 * ---------------------------------------------------------------------------------------------- */

typedef struct LinkObject {
    const PublishedMenu   *menu;
    const CatalogMenuItem *item;
    size_t                 level; /* 1, 2 … */
} LinkObject;

static LiquidValue links_of(Visit *v, const PublishedMenu *m, CatalogMenuItems list, size_t level);

static LiquidValue link_title(Visit *v, const void *self)
{
    const LinkObject *l = self;
    return liquid_text(visit_text(v, l->menu->texts, l->item->id, STR("title"), l->item->title));
}

static LiquidValue link_url(Visit *v, const void *self)
{
    return liquid_text(visit_url(v, ((const LinkObject *)self)->item->path));
}

static LiquidValue link_current(Visit *v, const void *self)
{
    return liquid_bool(visit_is_at(v, ((const LinkObject *)self)->item->path, false));
}

static LiquidValue link_active(Visit *v, const void *self)
{
    return liquid_bool(visit_is_at(v, ((const LinkObject *)self)->item->path, true));
}

static bool child_active(Visit *v, const CatalogMenuItem *item)
{
    for (size_t i = 0; i < item->items.n; i++)
        if (visit_is_at(v, item->items.items[i].path, false) ||
            child_active(v, &item->items.items[i]))
            return true;
    return false;
}

static LiquidValue link_child_active(Visit *v, const void *self)
{
    return liquid_bool(child_active(v, ((const LinkObject *)self)->item));
}

static LiquidValue link_links(Visit *v, const void *self)
{
    const LinkObject *l = self;
    return links_of(v, l->menu, l->item->items, l->level + 1);
}

static size_t depth_of(const CatalogMenuItems items)
{
    size_t depth = 0;
    for (size_t i = 0; i < items.n; i++) {
        size_t d = 1 + depth_of(items.items[i].items);
        depth = d > depth ? d : depth;
    }
    return depth;
}

static LiquidValue link_levels(Visit *v, const void *self)
{
    (void)v;
    return liquid_int((int64_t)depth_of(((const LinkObject *)self)->item->items));
}

static LiquidValue link_kind(Visit *v, const void *self)
{
    static const char *const NAMES[] = {"product_link", "collection_link", "page_link", "blog_link",
                                        "article_link", "policy_link",     "http_link"};
    int                      kind = ((const LinkObject *)self)->item->kind;
    (void)v;
    return liquid_text(str_from_cstr(NAMES[kind >= 0 && kind < 7 ? kind : 6]));
}

static LiquidValue link_handle(Visit *v, const void *self)
{
    (void)v;
    const LinkObject *l = self;
    Str               path = l->item->path;
    size_t            from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return liquid_text(str_skip(path, from));
}

static LiquidValue link_object(Visit *v, const void *self)
{
    const LinkObject *l = self;
    int64_t           id;
    if (l->item->kind == CATALOG_TO_PRODUCT && id_parse(l->item->target, CATALOG_PRODUCT_ID, &id))
        return object_product(v, id);
    if (l->item->kind == CATALOG_TO_COLLECTION &&
        id_parse(l->item->target, CATALOG_COLLECTION_ID, &id))
        return object_collection(v, id);
    if (l->item->kind == CATALOG_TO_PAGE && id_parse(l->item->target, CATALOG_PAGE_ID, &id))
        return object_page(v, id);
    return liquid_nil();
}

static const Member LINK[] = {
    {"title", link_title, true},
    {"url", link_url, true},
    {"links", link_links, true},
    {"active", link_active, true},
    {"current", link_current, true},
    {"child_active", link_child_active, false},
    {"child_current", link_child_active, false},
    {"levels", link_levels, false},
    {"type", link_kind, false},
    {"handle", link_handle, false},
    {"object", link_object, false},
};
OBJECT(link, "LinkDrop", LINK)

static LiquidValue links_of(Visit *v, const PublishedMenu *m, CatalogMenuItems list, size_t level)
{
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, list.n + 1);
    LinkObject  *objects = arena_array(visit_arena(v), LinkObject, list.n + 1);
    size_t       n = 0;
    for (size_t i = 0; i < list.n; i++) {
        if (list.items[i].path.len == 0)
            continue; /* what it led to is gone */
        objects[n] = (LinkObject){m, &list.items[i], level};
        items[n] = liquid_drop(visit_arena(v), &link_type, &objects[n]);
        n++;
    }
    return object_list(v, items, n);
}

static LiquidValue menu_title(Visit *v, const void *self)
{
    const PublishedMenu *m = self;
    return liquid_text(visit_text(v, m->texts, m->menu.id, STR("title"), m->menu.title));
}

static LiquidValue menu_handle(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const PublishedMenu *)self)->menu.handle);
}

static LiquidValue menu_links(Visit *v, const void *self)
{
    const PublishedMenu *m = self;
    return links_of(v, m, m->menu.items, 1);
}

static LiquidValue menu_levels(Visit *v, const void *self)
{
    (void)v;
    return liquid_int((int64_t)depth_of(((const PublishedMenu *)self)->menu.items));
}

static const Member MENU[] = {
    {"title", menu_title, true},
    {"handle", menu_handle, true},
    {"links", menu_links, true},
    {"levels", menu_levels, false},
};
OBJECT(menu, "LinklistDrop", MENU)

LiquidValue object_menu(Visit *v, Str handle)
{
    const PublishedMenu *m = published_menu_by_handle(v->view, handle);
    if (m == NULL) {
        visit_note_all(v);
        return liquid_nil();
    }
    visit_note(v, PUBLISHED_MENU, m->menu.id);
    return liquid_drop(visit_arena(v), &menu_type, m);
}

/* --- attributes
 * -------------------------------------------------------------------------------------------- */

typedef struct FieldsObject {
    CatalogAttributes attributes;
    CatalogScope      scope;
    Str               space; /* absent: all of them */
} FieldsObject;

static const CatalogAttributeDef *definition(Visit *v, CatalogScope scope, Str key)
{
    CatalogAttributeDefs defs = published_attributes(v->view, scope);
    visit_note(v, PUBLISHED_ATTRIBUTES, 0);
    for (size_t i = 0; i < defs.n; i++)
        if (str_eq(defs.items[i].key, key))
            return &defs.items[i];
    return NULL;
}

/* {value, type, name, unit} of an attribute that shoppers may see. */
static LiquidValue field(Visit *v, CatalogScope scope, const CatalogAttribute *a)
{
    const CatalogAttributeDef *def = definition(v, scope, a->key);
    const JsonValue           *json;
    Err                        err;
    if (def == NULL || !def->visible || json_parse(visit_arena(v), a->value, &json, &err) != ST_OK)
        return liquid_nil();
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 5);
    p[0] = (LiquidPair){STR("value"), liquid_json(json)};
    p[1] = (LiquidPair){STR("type"), liquid_text(str_from_cstr(catalog_type_names[def->type]))};
    p[2] = (LiquidPair){STR("name"), liquid_text(def->name)};
    p[3] = (LiquidPair){STR("unit"), liquid_text(def->unit)};
    p[4] = (LiquidPair){STR("key"), liquid_text(a->key)};
    return liquid_map(visit_arena(v), p, 5);
}

static const LiquidDropType *fields_drop(void);

/* "namespace" gives those of it, "key" in a namespace or "namespace.key" the field. */
static bool fields_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    Visit              *v = liquid_host(cx);
    const FieldsObject *f = self;
    for (size_t i = 0; i < f->attributes.n; i++) {
        const CatalogAttribute *a = &f->attributes.items[i];
        Str                     space, name;
        str_cut(a->key, '.', &space, &name);
        bool inside = f->space.ptr != NULL && str_eq(space, f->space) && str_eq(name, key);
        if (inside || str_eq(a->key, key)) {
            *ret = field(v, f->scope, a);
            return true;
        }
        if (f->space.ptr != NULL || !str_eq(space, key))
            continue;
        FieldsObject *inner = arena_new(visit_arena(v), FieldsObject);
        *inner = (FieldsObject){f->attributes, f->scope, space};
        *ret = liquid_drop(visit_arena(v), fields_drop(), inner);
        return true;
    }
    return false;
}

static size_t fields_count(LiquidCx *cx, const void *self)
{
    (void)cx;
    return ((const FieldsObject *)self)->attributes.n;
}

static Str fields_key(LiquidCx *cx, const void *self, size_t i)
{
    (void)cx;
    return ((const FieldsObject *)self)->attributes.items[i].key;
}

static const LiquidDropType fields_type = {
    .name = "MetafieldsDrop", .get = fields_get, .count = fields_count, .key_at = fields_key};

static const LiquidDropType *fields_drop(void)
{
    return &fields_type;
}

LiquidValue object_metafields(Visit *v, CatalogAttributes attributes, CatalogScope scope)
{
    FieldsObject *f = arena_new(visit_arena(v), FieldsObject);
    *f = (FieldsObject){.attributes = attributes, .scope = scope};
    return liquid_drop(visit_arena(v), &fields_type, f);
}
