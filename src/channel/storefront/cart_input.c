#include "channel/storefront/cart_input.h"

#include "base/json_read.h"

#include <string.h>

static Status bad(Cx *cx, const char *what)
{
    return cx_fail(cx, ST_INVALID, "storefront.bad_cart_input", "%s cannot be read", what);
}

static Status number(Cx *cx, Str s, OptI64 *ret)
{
    int64_t n;
    if (!str_parse_i64(str_trim(s), &n) || n < 0 || n > CART_QTY_MAX)
        return bad(cx, "a quantity");
    *ret = (OptI64){.has = true, .v = n};
    return ST_OK;
}

static Status property(Cx *cx, OrderProperties *to, Str name, Str value)
{
    if (to->items == NULL)
        to->items = arena_array(cx->arena, OrderProperty, CART_PROPERTIES_MAX);
    if (to->n == CART_PROPERTIES_MAX)
        return bad(cx, "so many properties");
    to->items[to->n++] = (OrderProperty){name, value};
    return ST_OK;
}

/* --- forms ----------------------------------------------------------------------------------- */

/* "updates[x]" -> "updates", "x"; "items[0][id]" -> "items", "0", "id". */
static void split(Str name, Str *head, Str *a, Str *b)
{
    Str *parts[] = {a, b};
    *a = *b = (Str){0};
    size_t at = str_find(name, STR("["));
    *head = at == SIZE_MAX ? name : str_head(name, at);
    for (size_t i = 0; i < 2 && at != SIZE_MAX; i++) {
        Str    rest = str_skip(name, at + 1);
        size_t end = str_find(rest, STR("]"));
        if (end == SIZE_MAX)
            return;
        *parts[i] = str_head(rest, end);
        at = end + 1 < rest.len && rest.ptr[end + 1] == '[' ? at + 1 + end + 1 : SIZE_MAX;
    }
}

static CartInputItem *item_at(CartInput *in, Str index)
{
    int64_t i = 0;
    if (!str_parse_i64(index, &i) || i < 0 || i >= CART_INPUT_ITEMS)
        return NULL;
    if ((size_t)i >= in->n)
        in->n = (size_t)i + 1;
    return &in->items[i];
}

static Status item_field(Cx *cx, CartInputItem *item, Str name, Str sub, Str value)
{
    if (str_eq(name, STR("id")))
        item->key = value;
    else if (str_eq(name, STR("quantity")))
        return number(cx, value, &item->quantity);
    else if (str_eq(name, STR("properties")) && sub.ptr != NULL) {
        item->has_properties = true;
        return value.len > 0 ? property(cx, &item->properties, sub, value) : ST_OK;
    }
    return ST_OK;
}

static Status form_update(Cx *cx, CartInput *in, Str key, Str value)
{
    if (in->n == CART_INPUT_ITEMS)
        return bad(cx, "so many lines");
    CartInputItem *item = &in->items[in->n++];
    item->key = key;
    return number(cx, value, &item->quantity);
}

/* False: it is not one of these. */
static bool text_field(CartInput *in, Str name, Str value)
{
    struct {
        const char *name;
        Str        *to;
    } fields[] = {{"note", &in->note},
                  {"discount", &in->discount},
                  {"sections", &in->sections},
                  {"sections_url", &in->sections_url},
                  {"return_to", &in->return_to}};
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (str_eq(name, str_from_cstr(fields[i].name))) {
            *fields[i].to = value;
            return true;
        }
    return false;
}

static Status form_field(Cx *cx, CartInput *in, Str name, Str value)
{
    Str    head, a, b;
    OptI64 line = {0};
    split(name, &head, &a, &b);
    if (text_field(in, name, value))
        return ST_OK;
    if (str_eq(name, STR("line"))) {
        TRY(number(cx, value, &line));
        in->line = line.v;
        return ST_OK;
    }
    if (str_eq(head, STR("updates")) && a.ptr != NULL)
        return form_update(cx, in, a, value);
    if (str_eq(head, STR("attributes")) && a.ptr != NULL)
        return property(cx, &in->attributes, a, value);
    if (str_eq(head, STR("items")) && a.ptr != NULL && b.ptr != NULL) {
        CartInputItem *item = item_at(in, a);
        in->listed = true;
        return item != NULL ? item_field(cx, item, b, (Str){0}, value) : bad(cx, "an item");
    }
    bool own =
        str_eq(head, STR("id")) || str_eq(head, STR("quantity")) || str_eq(head, STR("properties"));
    if (!own)
        return ST_OK;
    if (in->n == 0)
        in->n = 1;
    return item_field(cx, &in->items[0], head, a, value);
}

static Status query(Cx *cx, const HttpReq *rq, CartInput *in)
{
    Str rest = rq->query, name, value, n, v;
    while (http_query_next(&rest, &name, &value)) {
        TRY(http_decode_form(cx, name, &n));
        TRY(http_decode_form(cx, value, &v));
        TRY(form_field(cx, in, n, v));
    }
    return ST_OK;
}

/* --- JSON ------------------------------------------------------------------------------------ */

static Str text_of(const JsonValue *v)
{
    return v != NULL && (v->type == JSON_STRING || v->type == JSON_NUMBER) ? v->text : (Str){0};
}

static Status json_properties(Cx *cx, const JsonValue *v, OrderProperties *ret)
{
    for (uint32_t i = 0; v != NULL && v->type == JSON_OBJECT && i < v->n; i++) {
        Str value = text_of(&v->members[i].value);
        if (v->members[i].value.type == JSON_BOOL)
            value = v->members[i].value.boolean ? STR("true") : STR("false");
        if (value.ptr != NULL && value.len > 0)
            TRY(property(cx, ret, v->members[i].key, value));
    }
    return ST_OK;
}

static Status json_item(Cx *cx, const JsonValue *v, CartInputItem *ret)
{
    const JsonValue *id = json_get(v, STR("id")), *p = json_get(v, STR("properties"));
    Str              quantity = text_of(json_get(v, STR("quantity")));
    ret->key = text_of(id);
    ret->has_properties = p != NULL;
    if (quantity.ptr != NULL)
        TRY(number(cx, quantity, &ret->quantity));
    return json_properties(cx, p, &ret->properties);
}

static Status json_items(Cx *cx, const JsonValue *items, CartInput *in)
{
    in->listed = true;
    if (items->n > CART_INPUT_ITEMS)
        return bad(cx, "so many items");
    for (uint32_t i = 0; i < items->n; i++)
        TRY(json_item(cx, &items->items[i], &in->items[in->n++]));
    return ST_OK;
}

static Status json_updates(Cx *cx, const JsonValue *v, CartInput *in)
{
    bool list = v->type == JSON_ARRAY;
    if (!list && v->type != JSON_OBJECT)
        return bad(cx, "updates");
    for (uint32_t i = 0; i < v->n; i++) {
        const JsonValue *q = list ? &v->items[i] : &v->members[i].value;
        TRY(form_update(cx, in, list ? STR("") : v->members[i].key, text_of(q)));
    }
    return ST_OK;
}

static Status json_sections(Cx *cx, const JsonValue *v, Str *ret)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 2048);
    for (uint32_t i = 0; i < v->n; i++) {
        if (i > 0)
            buf_addc(&b, ',');
        buf_add(&b, text_of(&v->items[i]));
    }
    if (buf_overflowed(&b))
        return bad(cx, "so many sections");
    *ret = str_dup(cx->arena, buf_str(&b));
    return ST_OK;
}

static Status json_input(Cx *cx, const HttpReq *rq, CartInput *in)
{
    const JsonValue *v;
    OptI64           line = {0};
    TRY(json_parse(cx->arena, rq->body, &v, &cx->err));
    const JsonValue *items = json_get(v, STR("items")), *updates = json_get(v, STR("updates"));
    const JsonValue *sections = json_get(v, STR("sections"));
    Str              nth = text_of(json_get(v, STR("line")));
    if (items != NULL && items->type == JSON_ARRAY)
        TRY(json_items(cx, items, in));
    else if (json_get(v, STR("id")) != NULL || nth.ptr != NULL)
        TRY(json_item(cx, v, &in->items[in->n++]));
    if (updates != NULL)
        TRY(json_updates(cx, updates, in));
    if (nth.ptr != NULL)
        TRY(number(cx, nth, &line));
    in->line = line.v;
    in->note = text_of(json_get(v, STR("note")));
    in->discount = text_of(json_get(v, STR("discount")));
    in->sections_url = text_of(json_get(v, STR("sections_url")));
    in->sections = text_of(sections);
    if (sections != NULL && sections->type == JSON_ARRAY)
        TRY(json_sections(cx, sections, &in->sections));
    return json_properties(cx, json_get(v, STR("attributes")), &in->attributes);
}

Status cart_input(Cx *cx, const HttpReq *rq, CartInput *ret)
{
    Str type = http_header(rq, STR("Content-Type"));
    memset(ret, 0, sizeof *ret);
    if (rq->method != HTTP_POST || rq->body.len == 0)
        return query(cx, rq, ret);
    if (type.ptr != NULL && str_find(type, STR("json")) != SIZE_MAX)
        return json_input(cx, rq, ret);
    TRY(http_form_read(cx, rq, &ret->form));
    for (size_t i = 0; i < ret->form.n; i++)
        if (!ret->form.parts[i].is_file)
            TRY(form_field(cx, ret, ret->form.parts[i].name, ret->form.parts[i].value));
    return ST_OK;
}
