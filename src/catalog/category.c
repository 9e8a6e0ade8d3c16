#include "catalog/category.h"

#include "base/sort.h"
#include "base/utf8.h"
#include "catalog/attribute.h"
#include "catalog/catalog_int.h"
#include "text/text.h"

#include <string.h>

static const char SEPARATOR[] = " > ";

/* --- paths -------------------------------------------------------------------------------- */

static const struct {
    const char *entity;
    char        c;
} ENTITIES[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#039;", '\''}};

/* What people read: "Tom &amp; Jerry" is "Tom & Jerry". */
static Str part_decode(Arena *a, Str part)
{
    char  *out = arena_array(a, char, part.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < part.len;) {
        size_t k = 0;
        while (k < COUNT_OF(ENTITIES) &&
               !str_starts((Str){part.ptr + i, part.len - i}, str_from_cstr(ENTITIES[k].entity)))
            k++;
        out[n++] = k < COUNT_OF(ENTITIES) ? ENTITIES[k].c : part.ptr[i];
        i += k < COUNT_OF(ENTITIES) ? strlen(ENTITIES[k].entity) : 1;
    }
    return str_trim((Str){out, n});
}

static void part_encode(Buf *b, Str part)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (c == '&' || c == '<' || c == '>')
            buf_add(b, c == '&' ? STR("&amp;") : c == '<' ? STR("&lt;") : STR("&gt;"));
        else
            buf_addc(b, (unsigned char)c < ' ' ? ' ' : c);
    }
}

bool category_path(Arena *a, Str text, Str *ret)
{
    CLEANUP(buf_done) Buf b;
    size_t                depth = 0;
    buf_init(&b, CATEGORY_DEPTH_MAX * (size_t)(CATEGORY_PART_MAX * 6 * 4 + 8));
    while (text.len > 0) {
        Str part;
        str_cut(text, '>', &part, &text);
        part = part_decode(a, part);
        if (part.len == 0)
            continue;
        if (++depth > CATEGORY_DEPTH_MAX || utf8_count(part) > CATEGORY_PART_MAX)
            return false;
        if (depth > 1)
            buf_add(&b, str_from_cstr(SEPARATOR));
        part_encode(&b, part);
    }
    *ret = str_dup(a, buf_str(&b));
    return depth > 0;
}

Str category_of_title(Arena *a, Str title)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 6 * title.len + 8);
    part_encode(&b, title);
    return str_dup(a, buf_str(&b));
}

/* The path above; empty at the top. */
static Str above(Str path)
{
    for (size_t i = path.len; i >= sizeof SEPARATOR - 1; i--)
        if (memcmp(path.ptr + i - 3, SEPARATOR, sizeof SEPARATOR - 1) == 0)
            return (Str){path.ptr, i - 3};
    return (Str){0};
}

Str category_title(Arena *a, Str path)
{
    size_t skip = above(path).len;
    skip += skip > 0 ? sizeof SEPARATOR - 1 : 0;
    return part_decode(a, (Str){path.ptr + skip, path.len - skip});
}

static bool is_above(Str x, Str path)
{
    for (Str up = above(path); up.len > 0; up = above(up))
        if (str_eq(x, up))
            return true;
    return false;
}

/* --- from collections to paths ------------------------------------------------------------ */

/* The attribute's value is JSON. */
static Str path_of(Arena *a, const CatalogCategoryRow *row)
{
    const JsonValue *v;
    Err              err;
    if (row->path.len > 0 && json_parse(a, row->path, &v, &err) == ST_OK && v->type == JSON_STRING)
        return v->text;
    return category_of_title(a, row->title);
}

static int by_text(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

/* Sort; drop doubles and what is above another. */
static void least(CatalogTexts *paths)
{
    size_t n = 0;
    array_sort(paths->items, paths->n, sizeof(Str), by_text);
    for (size_t i = 0; i < paths->n; i++) {
        bool implied = i + 1 < paths->n && str_eq(paths->items[i], paths->items[i + 1]);
        for (size_t k = i + 1; !implied && k < paths->n; k++)
            implied = is_above(paths->items[i], paths->items[k]);
        if (!implied)
            paths->items[n++] = paths->items[i];
    }
    paths->n = n;
}

Status categories_of(Cx *cx, const int64_t *ids, size_t n, CatalogTexts *ret)
{
    CatalogCategoryRowList rows;
    IdIndex                index;
    TRY(catalog_sql_categories_of(cx, STR(CATEGORY_ATTRIBUTE), ids, n, &rows));
    id_index_init(&index, cx->arena, n);
    for (size_t i = 0; i < n; i++) {
        ret[i] = (CatalogTexts){0};
        id_index_add(&index, ids[i], &ret[i]);
    }
    for (size_t i = 0; i < rows.n; i++)
        ((CatalogTexts *)id_index_find(&index, rows.items[i].product_id))->n++;
    for (size_t i = 0; i < n; i++) {
        ret[i].items = arena_array(cx->arena, Str, ret[i].n + 1);
        ret[i].n = 0;
    }
    for (size_t i = 0; i < rows.n; i++) {
        CatalogTexts *list = id_index_find(&index, rows.items[i].product_id);
        list->items[list->n++] = path_of(cx->arena, &rows.items[i]);
    }
    for (size_t i = 0; i < n; i++)
        least(&ret[i]);
    return ST_OK;
}

/* --- from paths to collections ------------------------------------------------------------ */

static Str json_text(Arena *a, Str text)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 6 * text.len + 8);
    Json j = json_begin(&b);
    json_str(&j, NULL, text);
    return str_dup(a, buf_str(&b));
}

static Status collection_make(Cx *cx, Str path, int64_t *ret_id)
{
    int64_t def;
    TRY(catalog_attribute_ensure(cx, CATALOG_SCOPE_COLLECTION, STR(CATEGORY_ATTRIBUTE),
                                 STR("Category"), CATALOG_TEXT, &def));
    CatalogAttribute  at = {STR(CATEGORY_ATTRIBUTE), json_text(cx->arena, path)};
    CatalogCollection c = {
        .title = category_title(cx->arena, path),
        .handle = text_handle(cx->arena, part_decode(cx->arena, path), (Str){0}),
        .kind = CATALOG_BY_HAND,
        .attributes = {&at, 1},
    };
    catalog_give(&catalog_collection_shape, &c, offsetof(CatalogCollection, title));
    catalog_give(&catalog_collection_shape, &c, offsetof(CatalogCollection, attributes));
    TRY(catalog_collection_create(cx, &c)); /* its handle is a wish: not given */
    *ret_id = c.id;
    return ST_OK;
}

/* The collection of a path: that has it, else, of one part, that is called so and has none,
 * else a new one. */
static Status collection_of(Cx *cx, Str path, int64_t *ret_id)
{
    bool                   found;
    CatalogCategoryRowList rows;
    TRY(catalog_sql_collection_by_attribute(cx, STR(CATEGORY_ATTRIBUTE), json_text(cx->arena, path),
                                            &found, ret_id));
    if (found)
        return ST_OK;
    if (above(path).len == 0) {
        Str title = part_decode(cx->arena, path);
        TRY(catalog_sql_collections_titled(cx, STR(CATEGORY_ATTRIBUTE), text_fold(cx->arena, title),
                                           &rows));
        for (size_t i = 0; i < rows.n; i++) {
            if (rows.items[i].path.len > 0 || !str_eq(rows.items[i].title, title))
                continue;
            *ret_id = rows.items[i].collection_id;
            return ST_OK;
        }
    }
    return collection_make(cx, path, ret_id);
}

/* All that a product is to be in: each path after those above it, once. */
static void wanted_add(Arena *a, NameTable *wanted, Str *list, size_t *n, Str path)
{
    Str up[CATEGORY_DEPTH_MAX], p = path;
    int depth = 0;
    for (; p.len > 0 && depth < CATEGORY_DEPTH_MAX; p = above(p))
        up[depth++] = p;
    while (depth-- > 0) {
        Str *at = arena_new(a, Str);
        *at = up[depth];
        if (name_table_add(wanted, up[depth], at))
            list[(*n)++] = up[depth];
    }
}

static Status leave_others(Cx *cx, int64_t product, const CatalogCategoryRowList *rows,
                           const NameTable *wanted, bool *changed)
{
    for (size_t i = 0; i < rows->n; i++) {
        const CatalogCategoryRow *row = &rows->items[i];
        if (row->path.len == 0 || name_table_find(wanted, path_of(cx->arena, row)))
            continue;
        TRY(catalog_collection_remove(cx, row->collection_id, &product, 1));
        *changed = true;
    }
    return ST_OK;
}

Status categories_set(Cx *cx, int64_t product, const Str *paths, size_t n, bool whole,
                      bool *changed)
{
    CatalogCategoryRowList rows;
    NameTable              in, wanted;
    size_t                 nlist = 0;
    Str                   *list = arena_array(cx->arena, Str, n * CATEGORY_DEPTH_MAX + 1);
    TRY(catalog_sql_categories_of(cx, STR(CATEGORY_ATTRIBUTE), &product, 1, &rows));
    name_table_init(&in, cx->arena, rows.n + 1);
    name_table_init(&wanted, cx->arena, n + 1);
    for (size_t i = 0; i < rows.n; i++)
        (void)!name_table_add(&in, path_of(cx->arena, &rows.items[i]), &rows.items[i]);
    for (size_t i = 0; i < n; i++)
        wanted_add(cx->arena, &wanted, list, &nlist, paths[i]);
    for (size_t i = 0; i < nlist; i++) {
        int64_t id;
        if (name_table_find(&in, list[i]))
            continue;
        TRY(collection_of(cx, list[i], &id));
        TRY(catalog_collection_add(cx, id, &product, 1));
        *changed = true;
    }
    return whole ? leave_others(cx, product, &rows, &wanted, changed) : ST_OK;
}
