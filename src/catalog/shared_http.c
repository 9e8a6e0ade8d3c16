#include "catalog/shared_http.h"

#include <string.h>

#include "base/id.h"

/* --- slices ------------------------------------------------------------------------------- */

static Status sort_read(Cx *cx, const HttpReq *rq, unsigned sorts, CatalogSlice *s)
{
    Str sort, usual = sorts & SORT_COLLECTION ? STR("collection") : STR("created");
    TRY(http_query(cx, rq, STR("sort"), usual, &sort));
    if (str_starts(sort, STR("-"))) {
        s->descending = true;
        sort = (Str){sort.ptr + 1, sort.len - 1};
    }
    if (str_eq(sort, STR("created")))
        s->order = CATALOG_ORDER_CREATED;
    else if (str_eq(sort, STR("updated")) && (sorts & SORT_UPDATED))
        s->order = CATALOG_ORDER_UPDATED;
    else if (str_eq(sort, STR("title")) && (sorts & SORT_TITLE))
        s->order = CATALOG_ORDER_TITLE;
    else if (str_eq(sort, STR("collection")) && (sorts & SORT_COLLECTION))
        s->order = CATALOG_ORDER_COLLECTION;
    else
        return cx_fail(cx, ST_INVALID, "http.bad_param", "sort is created%s%s%s, or one with -",
                       sorts & SORT_UPDATED ? ", updated" : "", sorts & SORT_TITLE ? ", title" : "",
                       sorts & SORT_COLLECTION ? ", collection" : "");
    return ST_OK;
}

Status slice_read(Cx *cx, const HttpReq *rq, unsigned sorts, Page *page, CatalogSlice *ret)
{
    *ret = (CatalogSlice){0};
    TRY(page_read(cx, rq, page));
    TRY(sort_read(cx, rq, sorts, ret));
    ret->backwards = page->backwards;
    ret->from = page->has_after;
    ret->text = page->key;
    ret->number = page->key_i64;
    ret->id = page->id;
    ret->limit = page->limit + 1;
    return ST_OK;
}

static size_t shown(const Page *page, const CatalogKeyedList *keys)
{
    return (int64_t)keys->n > page->limit ? (size_t)page->limit : keys->n;
}

CatalogIds slice_ids(Cx *cx, const Page *page, const CatalogKeyedList *keys)
{
    size_t     n = shown(page, keys);
    CatalogIds ids = {arena_array(cx->arena, int64_t, n + 1), n};
    for (size_t i = 0; i < n; i++)
        ids.items[i] = keys->items[i].id;
    return ids;
}

static PageKey key_of(const CatalogSlice *s, const CatalogKeyed *k)
{
    PageKey key = {.id = k->id};
    if (s->order == CATALOG_ORDER_TITLE)
        key.text = k->text.ptr ? k->text : STR("");
    else if (s->order != CATALOG_ORDER_CREATED)
        key.i64 = k->number;
    return key;
}

void slice_reply(Cx *cx, const HttpReq *rq, HttpResp *rs, const CatalogSlice *s, const Page *page,
                 const CatalogKeyedList *keys, ShapeRows rows)
{
    size_t      count = shown(page, keys), size = rows.shape->size;
    bool        more = keys->n > count;
    const char *first_row = rows.items;
    Str         next = {0}, prev = {0};
    Json        j = page_begin(rs);
    for (size_t i = 0; i < rows.n; i++) {
        size_t at = page->backwards ? rows.n - 1 - i : i;
        shape_write_some(&j, rows.shape, first_row + at * size, rows.wanted);
    }
    if (count > 0) {
        Str first = page_cursor(cx, rq, key_of(s, &keys->items[0]));
        Str last = page_cursor(cx, rq, key_of(s, &keys->items[count - 1]));
        if (page->backwards) {
            next = first;
            prev = more ? last : (Str){0};
        } else {
            next = more ? last : (Str){0};
            prev = page->has_after ? first : (Str){0};
        }
    }
    page_end(&j, next, prev);
}

/* --- parameters --------------------------------------------------------------------------- */

Status query_enum(Cx *cx, const HttpReq *rq, const char *name, const char *const *names, int *ret)
{
    Str value;
    *ret = 0;
    TRY(http_query(cx, rq, str_from_cstr(name), STR(""), &value));
    if (value.len == 0)
        return ST_OK;
    for (int i = 0; names[i]; i++)
        if (str_eq(value, str_from_cstr(names[i])))
            *ret = i + 1;
    return *ret ? ST_OK
                : cx_fail(cx, ST_INVALID, "http.bad_param", "%s is none of its values", name);
}

Status query_time(Cx *cx, const HttpReq *rq, const char *name, OptTime *ret)
{
    Str    value;
    UnixMs t;
    *ret = (OptTime){0};
    TRY(http_query(cx, rq, str_from_cstr(name), STR(""), &value));
    if (value.len == 0)
        return ST_OK;
    if (!clock_parse(value, &t))
        return cx_fail(cx, ST_INVALID, "http.bad_param", "%s is no time (RFC 3339)", name);
    *ret = opt_time(t);
    return ST_OK;
}

Status query_ids(Cx *cx, const HttpReq *rq, const char *prefix, const int64_t **ret_ids,
                 size_t *ret_n)
{
    Str value, part;
    *ret_ids = NULL;
    *ret_n = 0;
    if (!http_query_has(rq, STR("ids")))
        return ST_OK;
    TRY(http_query(cx, rq, STR("ids"), STR(""), &value));
    int64_t *ids = arena_array(cx->arena, int64_t, PAGE_LIMIT_MAX);
    size_t   n = 0;
    while (value.len > 0) {
        str_cut(value, ',', &part, &value);
        if (n == PAGE_LIMIT_MAX || !id_parse(str_trim(part), prefix, &ids[n++]))
            return cx_fail(cx, ST_INVALID, "http.bad_param",
                           "ids are at most %d ids with commas between", PAGE_LIMIT_MAX);
    }
    *ret_ids = ids;
    *ret_n = n;
    return ST_OK;
}

Status query_fields(Cx *cx, const HttpReq *rq, const Shape *shape, const bool **ret)
{
    Str value, part;
    *ret = NULL;
    TRY(http_query(cx, rq, STR("fields"), STR(""), &value));
    if (value.len == 0)
        return ST_OK;
    bool *wanted = arena_array(cx->arena, bool, shape->n);
    while (value.len > 0) {
        str_cut(value, ',', &part, &value);
        const ShapeField *f = shape_field(shape, str_trim(part));
        if (!f)
            return cx_fail(cx, ST_INVALID, "http.bad_param", "there is no field " STR_FMT,
                           STR_ARG(part));
        wanted[f - shape->fields] = true;
    }
    *ret = wanted;
    return ST_OK;
}
