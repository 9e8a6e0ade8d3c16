#include "desk.h"
#include "shop.h"

#include "app/app.h"
#include "base/json_read.h"
#include "base/log.h"
#include "catalog/product_search.h"
#include "catalog/published.h"
#include "channel/storefront/storefront.h"
#include "channel/track/track.h"
#include "order/module.h"
#include "order/order.h"
#include "order/payment.h"
#include "order/pricing.h"
#include "order/pricing_module.h"
#include "people/mail.h"
#include "people/people.h"
#include "stock/module.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module, &pricing_module,
              &storefront_module, &track_module);

/* --- requests ----------------------------------------------------------------------------- */

const char *fmt(Desk *d, const char *format, ...)
{
    char   *out = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&out, format, args);
    va_end(args);
    assert_true(n >= 0);
    const char *kept = str_cstr(d->arena, (Str){out, (size_t)n});
    free(out);
    return kept;
}

static void keep_cookie(Desk *d, Str header)
{
    Str pair, rest, name, value;
    str_cut(header, ';', &pair, &rest);
    str_cut(pair, '=', &name, &value);
    size_t i = 0;
    while (i < d->ncookies && !str_eq(str_from_cstr(d->cookies[i][0]), name))
        i++;
    assert_in_range(i, 0, COUNT_OF(d->cookies) - 1);
    assert_in_range(value.len, 0, sizeof d->cookies[0][0] - 1);
    (void)snprintf(d->cookies[i][0], sizeof d->cookies[i][0], STR_FMT, STR_ARG(name));
    (void)snprintf(d->cookies[i][1], sizeof d->cookies[i][1], STR_FMT, STR_ARG(value));
    if (i == d->ncookies)
        d->ncookies++;
}

static Str cookies_of(const Desk *d)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8192);
    for (size_t i = 0; i < d->ncookies; i++)
        if (d->cookies[i][1][0] != '\0')
            buf_addf(&b, "%s%s=%s", b.len > 0 ? "; " : "", d->cookies[i][0], d->cookies[i][1]);
    return str_dup(d->arena, buf_str(&b));
}

static size_t headers_of(Desk *d, Str body, HttpPair *ret)
{
    bool   json = body.len > 0 && (body.ptr[0] == '{' || body.ptr[0] == '[');
    size_t n = 0;
    ret[n++] = (HttpPair){STR("Host"), STR("shop.example")};
    ret[n++] = (HttpPair){STR("User-Agent"), STR("Browser/1.0")};
    if (body.ptr != NULL)
        ret[n++] = (HttpPair){STR("Content-Type"), json ? STR("application/json")
                                                        : STR("application/x-www-form-urlencoded")};
    if (d->staff)
        ret[n++] = (HttpPair){STR("Authorization"), str_from_cstr(fmt(d, "Bearer %s", d->key))};
    else if (d->ncookies > 0)
        ret[n++] = (HttpPair){STR("Cookie"), cookies_of(d)};
    if (d->idempotency != NULL)
        ret[n++] = (HttpPair){STR("Idempotency-Key"), str_from_cstr(d->idempotency)};
    if (d->lang != NULL)
        ret[n++] = (HttpPair){STR("Accept-Language"), str_from_cstr(d->lang)};
    if (d->more[0] != NULL)
        ret[n++] = (HttpPair){str_from_cstr(d->more[0]), str_from_cstr(d->more[1])};
    return n;
}

static void take(Desk *d, const HttpResp *rs, const Cx *cx)
{
    Arena *a = d->arena;
    d->status = rs->status;
    d->body = str_dup(a, rs->borrowed.ptr != NULL ? rs->borrowed : buf_str(&rs->body));
    if (rs->file >= 0) { /* feeds, exports */
        char *bytes = arena_alloc(a, (size_t)rs->file_size + 1, 1);
        assert_int_equal(pread(rs->file, bytes, (size_t)rs->file_size, 0), rs->file_size);
        d->body = (Str){bytes, (size_t)rs->file_size};
    }
    d->type = str_cstr(a, str_from_cstr(rs->type != NULL ? rs->type : "application/json"));
    d->etag = str_cstr(a, rs->etag);
    d->location = "";
    d->retry_after = (Str){0};
    d->statements = cx->statements;
    for (size_t i = 0; i < rs->nheaders; i++) {
        Str name = rs->headers[i].name, value = str_dup(a, rs->headers[i].value);
        if (str_eq(name, STR("Location")))
            d->location = str_cstr(a, value);
        else if (str_eq(name, STR("Retry-After")))
            d->retry_after = value;
        else if (str_eq(name, STR("Set-Cookie")) && !d->staff)
            keep_cookie(d, value);
    }
}

/* Is the reply what its route says? Members that there must be are there, of the right type. */
static void check_shape(Desk *d, const HttpReq *rq, const char *line)
{
    const JsonValue *v = NULL;
    Err              err = {0};
    if (d->status >= 300 || rq->route == NULL || rq->route->out == NULL ||
        strcmp(d->type, "application/json") != 0)
        return;
    assert_ok(json_parse(d->arena, d->body, &v, &err), &err);
    if (rq->route->flags & HTTP_LIST) {
        const JsonValue *data = json_get(v, STR("data"));
        if (data == NULL || data->type != JSON_ARRAY)
            fail_msg("%s: no list in " STR_FMT, line, STR_ARG(d->body));
        return;
    }
    if (v->type != JSON_OBJECT)
        fail_msg("%s: no object in " STR_FMT, line, STR_ARG(d->body));
    for (size_t i = 0; i < rq->route->out->n; i++) {
        const ShapeField *f = &rq->route->out->fields[i];
        if (!(f->flags & SHAPE_WRITE_ONLY) && json_get(v, str_from_cstr(f->name)) == NULL)
            fail_msg("%s: no %s in " STR_FMT, line, f->name, STR_ARG(d->body));
    }
}

void ask_at(Desk *d, const char *file, int at, int want, Str body, const char *line, ...)
{
    HttpPair headers[12];
    char    *text = NULL;
    Cx       cx = {0};
    Arena    arena;
    HttpResp rs;
    va_list  args;
    va_start(args, line);
    assert_true(vasprintf(&text, line, args) > 0);
    va_end(args);
    char *space = strchr(text, ' ');
    assert_non_null(space);
    *space = '\0';
    HttpReq rq = {.target = str_from_cstr(space + 1),
                  .headers = headers,
                  .nheaders = headers_of(d, body, headers),
                  .peer = str_from_cstr(d->peer),
                  .body = body};
    rq.method = http_method_from(str_from_cstr(text), &rq.head);
    arena_init(&arena, 64 << 10);
    assert_ok(cx_begin(&cx, &arena, d->w->db, d->w->cx.now), &cx.err);
    cx.core = d->w->cx.core;
    http_dispatch(app_http(), &cx, &rq, &rs);
    cx_end(&cx);
    take(d, &rs, &cx);
    if (want != 0 && d->status != want) {
        print_error("# %s %s: %d, not %d: %.*s\n", text, space + 1, d->status, want,
                    (int)(d->body.len < 3000 ? d->body.len : 3000), d->body.ptr);
        _fail(file, at);
    }
    check_shape(d, &rq, space + 1);
    http_resp_done(&rs);
    arena_done(&arena);
    free(text);
}

/* --- replies ------------------------------------------------------------------------------ */

static const JsonValue *find(Desk *d, const char *path)
{
    const JsonValue *v = NULL;
    Err              err = {0};
    Str              rest = str_from_cstr(path), part;
    assert_ok(json_parse(d->arena, d->body, &v, &err), &err);
    while (rest.len > 0 && v != NULL) {
        int64_t i;
        str_cut(rest, '.', &part, &rest);
        if (v->type == JSON_ARRAY)
            v = str_parse_i64(part, &i) && (uint64_t)i < v->n ? &v->items[i] : NULL;
        else
            v = json_get(v, part);
    }
    return v;
}

static const JsonValue *need(Desk *d, const char *path)
{
    const JsonValue *v = find(d, path);
    if (v == NULL || v->type == JSON_NULL)
        fail_msg("no %s in " STR_FMT, path, STR_ARG(d->body));
    return v;
}

const char *text_of(Desk *d, const char *path)
{
    return str_cstr(d->arena, need(d, path)->text);
}

int64_t int_of(Desk *d, const char *path)
{
    int64_t n = 0;
    if (!str_parse_i64(need(d, path)->text, &n))
        fail_msg("%s is no number in " STR_FMT, path, STR_ARG(d->body));
    return n;
}

bool true_in(Desk *d, const char *path)
{
    const JsonValue *v = need(d, path);
    assert_int_equal(v->type, JSON_BOOL);
    return v->boolean;
}

bool absent_in(Desk *d, const char *path)
{
    const JsonValue *v = find(d, path);
    return v == NULL || v->type == JSON_NULL;
}

size_t count_in(Desk *d, const char *path)
{
    const JsonValue *v = need(d, path);
    assert_int_equal(v->type, JSON_ARRAY);
    return v->n;
}

void assert_told_at(Desk *d, const char *part, bool told, const char *file, int line)
{
    bool there = memmem(d->body.ptr, d->body.len, part, strlen(part)) != NULL;
    if (there == told)
        return;
    print_error("# %s %s in %.*s\n", told ? "no" : "there is", part,
                (int)(d->body.len < 1500 ? d->body.len : 1500), d->body.ptr);
    _fail(file, line);
}

int64_t desk_number(Desk *d, const char *sql)
{
    return shop_number(d->w, sql);
}

int64_t desk_mails(Desk *d, const char *template)
{
    return shop_number(
        d->w,
        fmt(d, "SELECT CAST(count(*) AS BIGINT) FROM people_mail WHERE template = '%s'", template));
}

#define NONE(d, sql)                                                                               \
    do {                                                                                           \
        int64_t n_ = desk_number((d), "SELECT CAST(count(*) AS BIGINT) FROM " sql);                \
        if (n_ != 0)                                                                               \
            fail_msg("%lld of: %s", (long long)n_, (sql));                                         \
    } while (0)

void desk_sound(Desk *d)
{
    NONE(d, "order_order WHERE total <> items + delivery + fees + tax_added OR total < 0");
    NONE(d, "order_order WHERE refunded > captured OR granted > refunded OR granted < 0");
    NONE(d, "(SELECT cart_id FROM order_order WHERE number <> '' AND cart_id <> 0 "
            "GROUP BY cart_id HAVING count(*) > 1) x");
    NONE(d, "order_payment WHERE refunded + refunding > captured OR captured < 0");
    NONE(d, "stock_level WHERE on_hand < 0 OR allocated < 0");
    NONE(d, "stock_level l WHERE on_hand <> (SELECT coalesce(sum(m.on_hand), 0) FROM "
            "stock_movement m WHERE m.variant_id = l.variant_id AND m.location_id = "
            "l.location_id)");
    NONE(d, "stock_level l WHERE allocated <> (SELECT coalesce(sum(m.allocated), 0) FROM "
            "stock_movement m WHERE m.variant_id = l.variant_id AND m.location_id = "
            "l.location_id)");
}

/* --- the shop ----------------------------------------------------------------------------- */

void desk_settle(Desk *d)
{
    World *w = d->w;
    shop_drain(w);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
    world_again(w);
}

/* What runs every minute or so while a shop runs. */
static void run_schedules(World *w)
{
    for (size_t i = 0; i < world_nmodules; i++) {
        const Module *m = world_modules[i];
        bool          ours = m == &stock_module || m == &order_module;
        for (size_t k = 0; ours && k < m->nschedules; k++) {
            assert_ok(m->schedules[k].run(&w->cx), &w->cx.err);
            world_again(w);
        }
    }
}

void desk_later(Desk *d, SpanMs span)
{
    d->w->cx.now = unix_ms_add(d->w->cx.now, span);
    core_set_now(d->w->cx.core, d->w->cx.now);
    desk_settle(d);
    run_schedules(d->w);
    desk_settle(d);
}

static void make_key(Desk *d)
{
    static const char PERMISSIONS[] =
        "catalog.read catalog.write stock.read stock.write orders.read orders.write settings.read "
        "settings.write webhooks.read webhooks.write people.read people.write audit.read "
        "system.read";
    Str           items[20], rest = str_from_cstr(PERMISSIONS);
    size_t        n = 0;
    PeopleKeyMade made;
    while (rest.len > 0)
        str_cut(rest, ' ', &items[n++], &rest);
    PeopleKeyInput in = {.name = STR("desk"), .permissions = {.items = items, .n = n}};
    assert_ok(people_key_add(&d->w->cx, &in, &made), &d->w->cx.err);
    d->key = fmt(d, STR_FMT, STR_ARG(made.secret));
}

static int64_t product(Desk *d, const char *title, const char *rest, int price, const char **ret)
{
    int64_t id;
    ask(d, 201,
        fmt(d,
            "{\"title\":\"%s\",\"status\":\"active\",\"media\":[{\"url\":"
            "\"https://x.example/a.jpg\"}],\"variants\":[{\"sku\":\"%s\",%s,\"prices\":[{\"price\":"
            "{\"amount\":%d,\"currency\":\"EUR\"}}]}]}",
            title, title, rest, price),
        "POST /api/v1/products");
    *ret = text_of(d, "variants.0.id");
    assert_true(id_parse(str_from_cstr(*ret), CATALOG_VARIANT_ID, &id));
    return id;
}

static void fill(Desk *d)
{
    d->mug =
        product(d, "Mug", "\"tracked\":true,\"quantity\":10,\"weight_g\":300", 1000, &d->mug_id);
    d->poster = product(d, "Poster", "\"tracked\":false,\"weight_g\":100", 333, &d->poster_id);
    d->file = product(d, "File", "\"tracked\":false,\"requires_shipping\":false", 250, &d->file_id);
    ask(d, 201, "{\"title\":\"All\",\"places\":[{\"country\":\"\"}]}",
        "POST /api/v1/delivery/zones");
    ask(d, 201,
        fmt(d,
            "{\"title\":\"Post\",\"zone_id\":\"%s\",\"kind\":\"standard\",\"rates\":[{\"amount\":{"
            "\"amount\":500,\"currency\":\"EUR\"}}]}",
            text_of(d, "id")),
        "POST /api/v1/delivery/methods");
    d->method_id = text_of(d, "id");
}

Desk desk_open(World *w)
{
    Desk d = {.w = w, .arena = test_calloc(1, sizeof(Arena)), .staff = true, .peer = "203.0.113.7"};
    const PublishedOptions options = {.manual = true};
    StorefrontOptions      storefront = {.db = w->db};
    TotalsTexts            countries;
    storefront_stop(); /* what a test that failed left */
    arena_init(d.arena, 1 << 20);
    log_min_level = LOG_ERROR + 1;
    stock_install();
    people_modules(world_modules, world_nmodules);
    people_mail_shop(app_mail_shop);
    order_install();
    payment_test_on(true);
    shop_drain(w);
    assert_ok(pricing_start(w->db, w->cx.core, &w->cx.err), &w->cx.err);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    assert_ok(product_search_start(w->db, &w->cx.err), &w->cx.err);
    storefront.core = w->cx.core;
    assert_ok(storefront_start(&storefront, &w->cx.err), &w->cx.err);
    make_key(&d);
    fill(&d);
    desk_settle(&d);
    assert_ok(order_delivery_countries(&w->cx, &countries), &w->cx.err);
    d.staff = false;
    return d;
}

void desk_close(Desk *d)
{
    World *w = d->w;
    storefront_stop();
    world_again(w);
    product_search_stop(w->db);
    published_stop(w->db);
    shop_close(w);
    pricing_stop(w->db);
    arena_done(d->arena);
    test_free(d->arena);
}

/* --- buying ------------------------------------------------------------------------------- */

const char *desk_cart(Desk *d, const char *variant, int64_t qty)
{
    ask(d, 201,
        fmt(d, "{\"items\":[{\"variant_id\":\"%s\",\"qty\":%lld}]}", variant, (long long)qty),
        "POST /store/v1/carts");
    const char *token = text_of(d, "token");
    ask(d, 200,
        fmt(d,
            "{\"email\":\"anna@example.com\",\"delivery_method_id\":\"%s\",\"address\":{"
            "\"first_name\":\"Anna\",\"last_name\":\"de Vries\",\"line1\":\"Keizersgracht 1\","
            "\"city\":\"Amsterdam\",\"postal_code\":\"1012 AB\",\"country\":\"NL\"}}",
            d->method_id),
        "PATCH /store/v1/carts/%s", token);
    return token;
}

const char *desk_card(Desk *d, const char *card)
{
    return fmt(d,
               "{\"payment\":\"test\",\"input\":{\"card\":\"%s\"},\"consent\":{\"terms\":true},"
               "\"return_url\":\"/done\"}",
               card);
}

const char *desk_buy(Desk *d, const char *variant, int64_t qty)
{
    const char *token = desk_cart(d, variant, qty);
    ask(d, 200, desk_card(d, "4242424242424242"), "POST /store/v1/carts/%s/checkout", token);
    assert_string_equal(text_of(d, "state"), "placed");
    return text_of(d, "order_id");
}
