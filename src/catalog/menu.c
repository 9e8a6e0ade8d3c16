/* Menus: trees of links. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/content.h"
#include "catalog/events.h"
#include "text/text.h"

#define M &catalog_menu_shape, CatalogMenu

const char *const catalog_target_names[] = {"product", "collection", "page", "blog",
                                            "article", "policy",     "url",  NULL};

static const Shape      item_shape;
static const ShapeField ITEM[] = {
    SHAPE_ID(CatalogMenuItem, id, CATALOG_MENU_ITEM_ID, .doc = "Given by the program."),
    SHAPE_TEXT(CatalogMenuItem, title, .min = 1, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_ENUM(CatalogMenuItem, kind, catalog_target_names, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(CatalogMenuItem, target, .max = 32, .flags = SHAPE_LINE,
               .doc = "Id of what it leads to; of a policy, its kind.",
               .example = "\"col_01k3v9rnqe0g4\""),
    SHAPE_TEXT(CatalogMenuItem, url, .max = 2048, .flags = SHAPE_LINE,
               .doc = "For kind url: a path or an http(s) address."),
    SHAPE_TEXT(CatalogMenuItem, path, .flags = SHAPE_READ_ONLY,
               .doc = "Where it leads now; empty when the target is gone."),
    SHAPE_LIST(CatalogMenuItem, items, CatalogMenuItem, &item_shape, .max = CATALOG_MENU_ITEMS_MAX),
};
static const Shape item_shape =
    SHAPE_OF_PATCH(CatalogMenuItem, "MenuItem", ITEM, .doc = "A link, and those below it.");

static const ShapeField FIELDS[] = {
    SHAPE_ID(CatalogMenu, id, CATALOG_MENU_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(CatalogMenu, handle, .max = 255, .flags = SHAPE_LINE,
               .doc = "By which themes find it: main-menu, footer. Made from the title when "
                      "absent."),
    SHAPE_TEXT(CatalogMenu, title, .min = 1, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_LIST(CatalogMenu, items, CatalogMenuItem, &item_shape, .max = CATALOG_MENU_ITEMS_MAX,
               .doc = "At most four levels."),
    SHAPE_INT(CatalogMenu, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogMenu, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogMenu, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_menu_shape =
    SHAPE_OF_PATCH(CatalogMenu, "Menu", FIELDS, .doc = "A tree of links.");

/* --- where items lead --------------------------------------------------------------------- */

static const char *const PREFIX[] = {
    [CATALOG_TO_PRODUCT] = CATALOG_PRODUCT_ID, [CATALOG_TO_COLLECTION] = CATALOG_COLLECTION_ID,
    [CATALOG_TO_PAGE] = CATALOG_PAGE_ID,       [CATALOG_TO_BLOG] = CATALOG_BLOG_ID,
    [CATALOG_TO_ARTICLE] = CATALOG_ARTICLE_ID,
};

static int policy_kind(Str name)
{
    for (int i = 0; catalog_policy_kind_names[i]; i++)
        if (str_eq(name, str_from_cstr(catalog_policy_kind_names[i])))
            return i;
    return -1;
}

/* The number that is stored for a target; 0: it is not one. */
static int64_t target_id(int kind, Str target)
{
    int64_t id = 0;
    if (kind == CATALOG_TO_POLICY)
        return policy_kind(target) + 1;
    if (kind != CATALOG_TO_URL && !id_parse(target, PREFIX[kind], &id))
        return 0;
    return id;
}

static Str target_text(Arena *a, int kind, int64_t id)
{
    if (id == 0)
        return STR("");
    if (kind == CATALOG_TO_POLICY)
        return str_from_cstr(catalog_policy_kind_names[id - 1]);
    return id_format(a, PREFIX[kind], id);
}

typedef Status HandlesFn(Cx *cx, const int64_t *ids, size_t nids, CatalogPathRowList *ret);

/* Fill `path` of the items of one kind; one statement. */
static Status resolve_kind(Cx *cx, int kind, HandlesFn *handles, const char *prefix,
                           CatalogMenuItem **items, size_t n)
{
    Ids                ids = ids_new(cx->arena, n);
    CatalogPathRowList rows;
    IdIndex            index;
    for (size_t i = 0; i < n; i++)
        if (items[i]->kind == kind)
            ids_add(&ids, target_id(kind, items[i]->target));
    if (ids.n == 0)
        return ST_OK;
    TRY(handles(cx, ids.items, ids.n, &rows));
    id_index_init(&index, cx->arena, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        id_index_add(&index, rows.items[i].id, &rows.items[i]);
    for (size_t i = 0; i < n; i++) {
        if (items[i]->kind != kind)
            continue;
        const CatalogPathRow *row = id_index_find(&index, target_id(kind, items[i]->target));
        if (!row)
            continue;
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 2048);
        buf_add(&b, str_from_cstr(prefix));
        buf_add(&b, row->parent);
        if (row->parent.len)
            buf_addc(&b, '/');
        buf_add(&b, row->handle);
        items[i]->path = str_dup(cx->arena, buf_str(&b));
    }
    return ST_OK;
}

static Str policy_path(Arena *a, Str kind)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    buf_addf(&b, "/policies/" STR_FMT, STR_ARG(kind));
    for (size_t i = 0; i < b.len; i++)
        if (b.ptr[i] == '_')
            b.ptr[i] = '-';
    return str_dup(a, buf_str(&b));
}

static Status resolve(Cx *cx, CatalogMenuItem **items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        items[i]->path = STR("");
        if (items[i]->kind == CATALOG_TO_URL)
            items[i]->path = items[i]->url;
        if (items[i]->kind == CATALOG_TO_POLICY)
            items[i]->path = policy_path(cx->arena, items[i]->target);
    }
    static const struct {
        int         kind;
        HandlesFn  *handles;
        const char *prefix;
    } KINDS[] = {
        {CATALOG_TO_PRODUCT, catalog_sql_product_paths, "/products/"},
        {CATALOG_TO_COLLECTION, catalog_sql_collection_paths, "/collections/"},
        {CATALOG_TO_PAGE, catalog_sql_page_paths, "/pages/"},
        {CATALOG_TO_BLOG, catalog_sql_blog_paths, "/blogs/"},
        {CATALOG_TO_ARTICLE, catalog_sql_article_paths, "/blogs/"},
    };
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        TRY(resolve_kind(cx, KINDS[i].kind, KINDS[i].handles, KINDS[i].prefix, items, n));
    return ST_OK;
}

/* --- loading ------------------------------------------------------------------------------ */

/* All items of a tree, parents before their children. */
typedef struct Flat {
    CatalogMenuItem **items;
    int64_t          *parents;
    size_t            n;
} Flat;

static void flatten(CatalogMenuItems list, int64_t parent, Flat *f)
{
    for (size_t i = 0; i < list.n && f->n < CATALOG_MENU_ITEMS_MAX; i++) {
        f->items[f->n] = &list.items[i];
        f->parents[f->n++] = parent;
        flatten(list.items[i].items, list.items[i].id, f);
    }
}

static Flat flat_new(Arena *a)
{
    return (Flat){arena_array(a, CatalogMenuItem *, CATALOG_MENU_ITEMS_MAX),
                  arena_array(a, int64_t, CATALOG_MENU_ITEMS_MAX), 0};
}

/* Rows come by position, so each list gets its items in order. */
static CatalogMenuItems children(Arena *a, const CatalogMenuItemRowList *rows, int64_t parent,
                                 int depth)
{
    CatalogMenuItems list = {0};
    for (size_t i = 0; i < rows->n; i++)
        list.n += rows->items[i].parent_id == parent;
    list.items = arena_array(a, CatalogMenuItem, list.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const CatalogMenuItemRow *r = &rows->items[i];
        if (r->parent_id != parent)
            continue;
        list.items[n++] = (CatalogMenuItem){
            .id = r->id,
            .title = r->title,
            .kind = r->kind,
            .target = target_text(a, r->kind, r->target_id),
            .url = r->url,
            .items = depth < CATALOG_MENU_DEPTH ? children(a, rows, r->id, depth + 1)
                                                : (CatalogMenuItems){0},
        };
    }
    return list;
}

Status catalog_menu_get(Cx *cx, int64_t id, CatalogMenu *ret)
{
    CatalogMenuRow         row;
    CatalogMenuItemRowList items;
    TRY(catalog_sql_menu_get(cx, id, &row));
    TRY(catalog_sql_menu_items(cx, id, &items));
    *ret = (CatalogMenu){
        .id = row.id,
        .handle = row.handle,
        .title = row.title,
        .items = children(cx->arena, &items, 0, 1),
        .rev = row.rev,
        .created_at = row.created_ms,
        .updated_at = row.updated_ms,
    };
    Flat f = flat_new(cx->arena);
    flatten(ret->items, 0, &f);
    return resolve(cx, f.items, f.n);
}

static Status owner(Cx *cx, Str handle, int64_t scope, bool *ret_found, int64_t *ret_id)
{
    (void)scope;
    return catalog_sql_menu_by_handle(cx, handle, ret_found, ret_id);
}

Status catalog_menu_by_handle(Cx *cx, Str handle, CatalogMenu *ret)
{
    bool    found;
    int64_t id = 0;
    TRY(catalog_sql_menu_by_handle(cx, handle, &found, &id));
    return catalog_menu_get(cx, id, ret);
}

/* --- checking ----------------------------------------------------------------------------- */

typedef struct Check {
    Cx     *cx;
    Buf     pointer;
    size_t  n;
    IdIndex known; /* ids of the items that the menu had */
    IdIndex used;
} Check;

static void bad(Check *k, const char *member, const char *code, const char *why)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_addf(&b, STR_FMT "%s", STR_ARG(buf_str(&k->pointer)), member);
    issue_add(&k->cx->issues, buf_str(&b), code, "%s", why);
}

static void check_item(Check *k, CatalogMenuItem *m)
{
    if (m->kind == CATALOG_TO_URL) {
        if (m->url.len == 0 || !catalog_is_address(m->url))
            bad(k, "/url", "bad_format", "must be a path or an http(s) address");
        if (m->target.len > 0)
            bad(k, "/target", "not_one_of", "has an url instead");
    } else {
        if (target_id(m->kind, m->target) == 0)
            bad(k, "/target", "bad_format", "is not the id of such a thing");
        m->url = STR("");
    }
    if (m->id == 0 || !id_index_find(&k->known, m->id) || id_index_find(&k->used, m->id))
        m->id = id_new(); /* of another menu, or twice */
    id_index_add(&k->used, m->id, m);
}

/* Copies the lists: what was given may be used again when the transaction is. */
static CatalogMenuItems check_items(Check *k, CatalogMenuItems in, int depth)
{
    CatalogMenuItems out = {arena_array(k->cx->arena, CatalogMenuItem, in.n + 1), in.n};
    size_t           at = k->pointer.len;
    if (in.n > 0 && depth > CATALOG_MENU_DEPTH) {
        bad(k, "/items", "too_deep", "a menu has at most four levels");
        return (CatalogMenuItems){0};
    }
    for (size_t i = 0; i < in.n; i++) {
        if (++k->n > CATALOG_MENU_ITEMS_MAX) {
            bad(k, "/items", "too_many", "a menu has at most 1000 items");
            return (CatalogMenuItems){0};
        }
        buf_addf(&k->pointer, "/items/%zu", i);
        out.items[i] = in.items[i];
        check_item(k, &out.items[i]);
        out.items[i].items = check_items(k, in.items[i].items, depth + 1);
        k->pointer.len = at;
        if (k->pointer.ptr)
            k->pointer.ptr[at] = '\0';
    }
    return out;
}

static Status check_targets(Cx *cx, const Flat *f)
{
    TRY(cx_check_issues(cx));
    TRY(resolve(cx, f->items, f->n));
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i]->path.len == 0)
            issue_add(&cx->issues, STR("/items"), "not_found", "there is no " STR_FMT,
                      STR_ARG(f->items[i]->target));
    return cx_check_issues(cx);
}

/* --- writing ------------------------------------------------------------------------------ */

typedef struct Change {
    int64_t     id, rev;
    CatalogMenu in, out;
} Change;

static bool items_same(const Flat *x, const Flat *y)
{
    if (x->n != y->n)
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (x->parents[i] != y->parents[i] || !catalog_same(&item_shape, x->items[i], y->items[i]))
            return false;
    return true;
}

static Status save_items(Cx *cx, int64_t menu, const Flat *was, const Flat *is)
{
    IdIndex kept;
    Ids     gone = ids_new(cx->arena, was->n);
    id_index_init(&kept, cx->arena, is->n);
    for (size_t i = 0; i < is->n; i++)
        id_index_add(&kept, is->items[i]->id, is->items[i]);
    for (size_t i = 0; i < was->n; i++) {
        const CatalogMenuItem *now = id_index_find(&kept, was->items[i]->id);
        if (!now)
            ids_add(&gone, was->items[i]->id);
        else if (!str_eq(now->title, was->items[i]->title))
            TRY(translation_outdate(cx, now->id, "title"));
    }
    TRY(translation_forget(cx, gone.items, gone.n));
    TRY(catalog_sql_menu_items_delete(cx, menu, NULL));
    for (size_t i = 0; i < is->n; i++) {
        const CatalogMenuItem   *m = is->items[i];
        const CatalogMenuItemRow row = {
            .id = m->id,
            .menu_id = menu,
            .parent_id = is->parents[i],
            .position = (int64_t)i + 1,
            .title = m->title,
            .kind = m->kind,
            .target_id = target_id(m->kind, m->target),
            .url = m->url,
        };
        TRY(catalog_sql_menu_item_insert(cx, &row, NULL));
    }
    return ST_OK;
}

static Status save_row(Cx *cx, const CatalogMenu *was, CatalogMenu *m)
{
    m->rev = was->rev + 1;
    m->updated_at = cx->now;
    TRY(was->id ? catalog_sql_menu_update(cx, m->id, m->handle, m->title, m->rev, cx->now, NULL)
                : catalog_sql_menu_insert(cx, m->id, m->handle, m->title, m->rev, cx->now, NULL));
    if (was->id && !str_eq(was->title, m->title))
        TRY(translation_outdate(cx, m->id, "title"));
    return ST_OK;
}

static Status save_tx(Cx *cx, void *arg)
{
    Change     *job = arg;
    CatalogMenu was = {0}, *m = &job->out;
    Flat        x = flat_new(cx->arena), y = flat_new(cx->arena);
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(catalog_menu_get(cx, job->id, &was));
        TRY(rev_check(cx, job->rev, was.rev));
    }
    flatten(was.items, 0, &x);
    *m = job->in;
    bool explicit = GIVEN(M, m, handle) && m->handle.len > 0, items = GIVEN(M, m, items);
    catalog_keep(&catalog_menu_shape, m, &was);
    m->id = job->id ? job->id : id_new();
    m->created_at = job->id ? was.created_at : cx->now;
    if (m->title.len == 0)
        issue_add(&cx->issues, STR("/title"), "required", "is missing");
    if (items) {
        Check k = {.cx = cx};
        buf_init(&k.pointer, 4096);
        id_index_init(&k.known, cx->arena, x.n);
        id_index_init(&k.used, cx->arena, CATALOG_MENU_ITEMS_MAX + 1);
        for (size_t i = 0; i < x.n; i++)
            id_index_add(&k.known, x.items[i]->id, x.items[i]);
        m->items = check_items(&k, m->items, 1);
        buf_done(&k.pointer);
    }
    flatten(m->items, 0, &y);
    TRY(items ? check_targets(cx, &y) : cx_check_issues(cx));
    if (m->handle.len == 0)
        m->handle = text_handle(cx->arena, m->title, STR(""));
    TRY(handle_settle(cx, owner, 0, m->id, explicit, "menu", &m->handle));
    bool same = items_same(&x, &y);
    if (job->id && same && catalog_same(&catalog_menu_shape, &was, m))
        return ST_OK;
    TRY(save_row(cx, &was, m));
    if (!same)
        TRY(save_items(cx, m->id, &x, &y));
    TRY(catalog_tell_content(cx, "menu", m->id, false));
    return audit_change(cx, "catalog.menu", m->id, &catalog_menu_shape, job->id ? &was : NULL, m);
}

Status catalog_menu_create(Cx *cx, CatalogMenu *m)
{
    Change job = {.in = *m};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *m = job.out;
    return ST_OK;
}

Status catalog_menu_update(Cx *cx, int64_t id, int64_t rev, CatalogMenu *m)
{
    Change job = {.id = id, .rev = rev, .in = *m};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *m = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    Change *job = arg;
    TRY(catalog_menu_get(cx, job->id, &job->out));
    TRY(rev_check(cx, job->rev, job->out.rev));
    TRY(root_forget(cx, job->id));
    TRY(catalog_sql_menu_delete(cx, job->id, NULL));
    TRY(catalog_tell_content(cx, "menu", job->id, true));
    return audit_change(cx, "catalog.menu", job->id, &catalog_menu_shape, &job->out, NULL);
}

Status catalog_menu_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return catalog_in_tx(cx, delete_tx, &job);
}
