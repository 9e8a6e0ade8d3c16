/* {{ product | tracked: position: 3 }}: a product, a variant or a line of a cart in the words of
 * the e-commerce spec (product_id, sku, name, price …), as JSON for
 * <script type="application/json" data-track="…">. Named arguments are further properties. */
#include "channel/storefront/filters.h"

#include <string.h>

enum { TRACKED_MAX = 16 << 10 };

/* Money in major units, as the spec has it; the currency once. */
static void put_money(Json *j, const char *key, LiquidValue v)
{
    Money                 m = {.minor = v.i};
    CLEANUP(buf_done) Buf b = {0};
    memcpy(m.cur, &v.len, 3);
    buf_init(&b, 64);
    money_add_text(&b, m);
    json_raw(j, key, buf_str(&b));
    if (strcmp(key, "price") == 0)
        json_str(j, "currency", str_from_cstr(m.cur));
}

/* What is empty is not said. */
static void put(Json *j, const char *key, LiquidValue v)
{
    if (v.type == LIQUID_TEXT && v.len > 0)
        json_str(j, key, liquid_str(v));
    else if (v.type == LIQUID_INT)
        json_i64(j, key, v.i);
    else if (v.type == LIQUID_MONEY)
        put_money(j, key, v);
}

typedef struct Named {
    const char *said, *member;
} Named;

static void put_all(LiquidCx *cx, Json *j, LiquidValue of, const Named *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(j, list[i].said, liquid_get(cx, of, str_from_cstr(list[i].member)));
}

static const Named PRODUCT[] = {
    {"product_id", "id"}, {"name", "title"}, {"brand", "vendor"}, {"category", "type"}};
static const Named VARIANT[] = {
    {"variant_id", "id"}, {"sku", "sku"}, {"variant", "title"}, {"price", "price"}, {"url", "url"}};
static const Named PRICED[] = {{"price", "price"}, {"url", "url"}};
static const Named LINE[] = {
    {"product_id", "product_id"},
    {"variant_id", "variant_id"},
    {"sku", "sku"},
    {"name", "product_title"},
    {"brand", "vendor"},
    {"category", "product_type"},
    {"variant", "variant_title"},
    {"price", "final_price"},
    {"quantity", "quantity"},
    {"url", "url"},
};

LiquidValue filter_tracked(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Visit                *v = filter_visit(cx);
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, TRACKED_MAX);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    if (object_to_variant(in) != NULL) {
        put_all(cx, &j, liquid_get(cx, in, STR("product")), PRODUCT, COUNT_OF(PRODUCT));
        put_all(cx, &j, in, VARIANT, COUNT_OF(VARIANT));
    } else if (object_to_product(in) != NULL) {
        put_all(cx, &j, in, PRODUCT, COUNT_OF(PRODUCT));
        put_all(cx, &j, in, PRICED, COUNT_OF(PRICED));
    } else {
        put_all(cx, &j, in, LINE, COUNT_OF(LINE));
    }
    for (size_t i = 0; i < args->nnamed; i++)
        put(&j, str_cstr(visit_arena(v), args->named[i].key), args->named[i].value);
    json_end(&j);
    if (buf_overflowed(&b))
        return liquid_fail(cx, "tracked: more than %d bytes", TRACKED_MAX);
    LiquidValue out = liquid_text(str_dup(visit_arena(v), buf_str(&b)));
    out.safe = LIQUID_SAFE_JSON;
    return out;
}
