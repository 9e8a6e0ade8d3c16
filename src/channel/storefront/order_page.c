#include "channel/storefront/order_page.h"

#include "base/id.h"
#include "channel/storefront/account.h"
#include "channel/storefront/basket.h"
#include "channel/storefront/render.h"
#include "channel/storefront/storefront_int.h"
#include "core/core.h"
#include "http/http_form.h"
#include "text/messages.h"

#include <string.h>

enum { FORM_MAX = 64 << 10, TRACK_BURST = 20, TRACK_PER_MINUTE = 5 };

typedef struct OrderPage { /* one request */
    Cx            *cx;
    const HttpReq *rq;
    HttpResp      *rs;
    Visit          v;
    HttpForm       form;
    Order          order;
    OrderView      view;
    ChangeAsk      ask;
    ChangePreview  preview;
} OrderPage;

Str order_link(Visit *v, Str token, bool fresh)
{
    return visit_urlf(v, "/orders/" STR_FMT "%s", STR_ARG(token), fresh ? "?new=1" : "");
}

static Str word(OrderPage *p, const char *key)
{
    return message_make(p->cx->arena, account_lang(&p->v), key, NULL, 0);
}

static Str field(const OrderPage *p, const char *name)
{
    Str s = http_form_text(&p->form, str_from_cstr(name));
    return s.ptr != NULL ? str_trim(s) : STR("");
}

static Status go(OrderPage *p, Str path)
{
    http_redirect(p->cx, p->rs, 303, path);
    return ST_OK;
}

static Status render(OrderPage *p, const char *kind, Str title)
{
    Visit *v = &p->v;
    v->kind = str_from_cstr(kind);
    v->suffix = STR("");
    v->title = title;
    v->no_index = v->uncacheable = true;
    buf_clear(&p->rs->body);
    TRY(render_page(v, p->rs));
    p->rs->cache_control = "no-store";
    /* The address is a key: nobody is told that they were led from there. */
    http_set_header(p->cx, p->rs, "Referrer-Policy", STR("no-referrer"));
    return ST_OK;
}

/* --- one order ------------------------------------------------------------------------------- */

static Status show(OrderPage *p)
{
    LiquidValue value;
    OrderView  *w = &p->view;
    w->v = &p->v;
    w->o = &p->order;
    TRY(order_view_load(w));
    TRY(order_value(w, &value));
    visit_global(&p->v, "order", value);
    return render(p, "order",
                  message(p->cx->arena, account_lang(&p->v), "storefront.order.title",
                          msg_s("number", p->order.number)));
}

/* What the quantities in the form come to. */
static void read_change(OrderPage *p)
{
    ChangeAction *items = arena_array(p->cx->arena, ChangeAction, p->order.lines.n + 1);
    size_t        n = 0;
    for (size_t i = 0; i < p->order.lines.n; i++) {
        const OrderLine *l = &p->order.lines.items[i];
        char             room[80];
        int64_t          qty = 0;
        (void)snprintf(room, sizeof room, "qty[" STR_FMT "]",
                       STR_ARG(id_format(p->cx->arena, ORDER_LINE_ID, l->id)));
        if (!str_parse_i64(field(p, room), &qty) || qty < 0 || qty >= l->left)
            continue;
        items[n++] = (ChangeAction){.kind = CHANGE_SET_QTY, .line_id = l->id, .qty = qty};
    }
    p->ask.actions.items = items;
    p->ask.actions.n = n;
}

static void read_cancel(OrderPage *p)
{
    ChangeAction *one = arena_new(p->cx->arena, ChangeAction);
    *one = (ChangeAction){.kind = CHANGE_CANCEL};
    p->ask.actions.items = one;
    p->ask.actions.n = 1;
}

static Money expected(const OrderPage *p)
{
    Str     minor, code;
    int64_t n;
    if (!str_cut(field(p, "expected"), ' ', &minor, &code) || !str_parse_i64(minor, &n) ||
        code.len != 3)
        return (Money){0};
    return money_of(n, code);
}

/* It went another way meanwhile: show how it stands. */
static Status refused(OrderPage *p, Status st)
{
    if (st != ST_CONFLICT && st != ST_INVALID && st != ST_DENIED && st != ST_STALE)
        return st;
    p->cx->err = (Err){0};
    p->cx->issues.n = 0;
    TRY(order_get(p->cx, p->order.id, &p->order));
    p->view.problem = word(p, "storefront.order.not_possible");
    p->view.preview = NULL;
    p->view.changing = false;
    p->v.status = 409;
    return show(p);
}

static Status preview(OrderPage *p)
{
    p->view.changing = true;
    if (p->ask.actions.n == 0) {
        p->view.problem = word(p, "storefront.order.nothing");
        return show(p);
    }
    Status st = order_change_preview(p->cx, p->order.id, &p->ask, &p->preview);
    if (st != ST_OK)
        return refused(p, st);
    p->view.preview = &p->preview;
    p->view.asked = &p->ask;
    return show(p);
}

static Status change(OrderPage *p, bool whole)
{
    p->ask.expected = expected(p);
    if (p->ask.actions.n == 0)
        return preview(p);
    Status st = order_change(p->cx, p->order.id, &p->ask, &p->order);
    if (st != ST_OK)
        return refused(p, st);
    return go(p, visit_urlf(&(Visit){.cx = p->cx, .root = STR("")}, STR_FMT "?done=%s",
                            STR_ARG(p->view.url), whole ? "cancelled" : "changed"));
}

static Status reorder(OrderPage *p)
{
    Cart   cart;
    Status st = basket_to_change(&p->v, p->rs, &cart);
    if (st == ST_OK)
        st = cart_reorder(p->cx, cart.token, p->order.id, &cart);
    if (st == ST_LIMIT) { /* the cart is full */
        p->view.problem = word(p, "error.order.cart_full");
        p->cx->err = (Err){0};
        p->v.status = 422;
        return show(p);
    }
    TRY(st);
    basket_set(&p->v, p->rs, &cart);
    return go(p, visit_url(&p->v, STR("/cart")));
}

static Status post(OrderPage *p)
{
    TRY(http_form_read(p->cx, p->rq, &p->form));
    Str  act = field(p, "act");
    bool whole = str_ends(act, STR("cancel"));
    p->ask = (ChangeAsk){.reason = STR(""), .key = STR(""), .buyer = true};
    if (str_eq(act, STR("reorder")))
        return reorder(p);
    if (whole)
        read_cancel(p);
    else
        read_change(p);
    return str_starts(act, STR("preview")) ? preview(p) : change(p, whole);
}

/* Links in mails name the language that the buyer read: "?locale=uk". */
static bool to_language(OrderPage *p, Str rest)
{
    VisitWays ways;
    Str       wanted = visit_param(&p->v, STR("locale"));
    if (wanted.len == 0 || p->rq->method != HTTP_GET)
        return false;
    visit_ways(&p->v, &ways);
    for (size_t i = 0; i < ways.nlocales; i++) {
        if (!str_eq_nocase(ways.locales[i], wanted) || str_eq_nocase(p->v.tag, wanted))
            continue;
        Str root = visit_root_for(&p->v, ways.locales[i], p->v.currency);
        (void)go(
            p, visit_urlf(&(Visit){.cx = p->cx, .root = root}, "/orders/" STR_FMT, STR_ARG(rest)));
        return true;
    }
    return false;
}

static Status answer(OrderPage *p)
{
    OrderView *w = &p->view;
    Str        done = visit_param(&p->v, STR("done"));
    w->problem = w->done = STR("");
    w->fresh = visit_param(&p->v, STR("new")).ptr != NULL;
    w->changing = visit_param(&p->v, STR("change")).ptr != NULL && p->order.can_change;
    if (str_eq(done, STR("changed")))
        w->done = word(p, "storefront.order.changed");
    if (p->order.status == ORDER_DRAFT || p->order.status == ORDER_EXPIRED) {
        storefront_say(&p->v, p->rs, 404);
        return ST_OK;
    }
    return p->rq->method == HTTP_POST ? post(p) : show(p);
}

/* --- tracking -------------------------------------------------------------------------------- */

static Status track_form(OrderPage *p, const char *problem)
{
    LiquidPair *x = arena_array(p->cx->arena, LiquidPair, 4);
    x[0] = (LiquidPair){STR("found"), liquid_bool(false)};
    x[1] = (LiquidPair){STR("problem"),
                        problem != NULL ? liquid_text(word(p, problem)) : liquid_nil()};
    x[2] = (LiquidPair){STR("number"), liquid_text(field(p, "number"))};
    x[3] = (LiquidPair){STR("email"), liquid_text(field(p, "email"))};
    visit_global(&p->v, "track", liquid_map(p->cx->arena, x, 4));
    return render(p, "track", word(p, "storefront.track.title"));
}

/* Numbers are guessed easily and addresses known: tries are counted. */
static Status count_try(OrderPage *p)
{
    CLEANUP(buf_done) Buf b = {0};
    SpanMs                wait;
    buf_init(&b, 256);
    buf_addf(&b, "storefront.track:" STR_FMT, STR_ARG(p->rq->peer));
    return rate_take(p->cx, buf_str(&b), TRACK_BURST, TRACK_PER_MINUTE, 1, &wait);
}

static Status track(OrderPage *p)
{
    if (p->rq->method != HTTP_POST)
        return track_form(p, NULL);
    TRY(http_form_read(p->cx, p->rq, &p->form));
    if (count_try(p) != ST_OK) {
        p->v.status = 429;
        return track_form(p, "storefront.track.slow");
    }
    Str number = field(p, "number");
    if (str_starts(number, STR("#")))
        number = str_skip(number, 1);
    Status st = order_by_number(p->cx, number, &p->order);
    if (st != ST_OK && st != ST_NOT_FOUND)
        return st;
    if (st == ST_NOT_FOUND || !str_eq_nocase(field(p, "email"), p->order.email)) {
        p->cx->err = (Err){0};
        p->v.status = 404;
        return track_form(p, "storefront.track.none");
    }
    OrderView w = {.v = &p->v, .o = &p->order, .problem = STR(""), .done = STR("")};
    TRY(order_view_load(&w));
    visit_global(&p->v, "track", order_track_value(&w));
    return render(p, "track", word(p, "storefront.track.title"));
}

/* --- requests -------------------------------------------------------------------------------- */

/* Whose it is: by the link's key, or the customer's own. */
static Status find(OrderPage *p, Str rest)
{
    int64_t id = 0;
    if (str_starts(p->v.raw, STR("/orders/"))) {
        p->view.url = order_link(&p->v, rest, false);
        return order_by_token(p->cx, rest, &p->order);
    }
    if (p->cx->actor.kind != ACTOR_CUSTOMER || !id_parse(rest, ORDER_ID, &id))
        return cx_fail(p->cx, ST_NOT_FOUND, "order.no_order", "there is no such order");
    p->view.url = visit_urlf(&p->v, "/account/orders/" STR_FMT, STR_ARG(rest));
    return order_of_account(p->cx, p->cx->actor.id, id, &p->order);
}

static Status not_found(OrderPage *p)
{
    p->cx->err = (Err){0};
    p->v.status = 404;
    return track_form(p, "storefront.order.no_link");
}

static Status answer_order(OrderPage *p, const char *prefix)
{
    Str rest = str_skip(p->v.raw, strlen(prefix));
    if (rest.len == 0 || rest.len > 64)
        return not_found(p);
    if (strcmp(prefix, "/account/orders/") == 0 && p->cx->actor.kind != ACTOR_CUSTOMER)
        return go(p, visit_urlf(&p->v, "/account/login?return_to=" STR_FMT, STR_ARG(p->rq->path)));
    if (strcmp(prefix, "/orders/") == 0 && to_language(p, rest))
        return ST_OK;
    Status st = find(p, rest);
    return st == ST_NOT_FOUND ? not_found(p) : st != ST_OK ? st : answer(p);
}

static Status order_route(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    static const char *const PREFIXES[] = {"/orders/", "/account/orders/"};
    OrderPage               *p = arena_new(cx->arena, OrderPage);
    *p = (OrderPage){.cx = cx, .rq = rq, .rs = rs};
    if (!storefront_runs())
        return cx_fail(cx, ST_NOT_FOUND, "http.no_route", "nothing at this address");
    TRY(storefront_visit(cx, rq, &p->v));
    cx->lang = account_lang(&p->v);
    cx->locale = p->v.tag;
    p->v.uncacheable = true;
    if (p->v.site->closed) {
        storefront_say(&p->v, rs, 503);
        return ST_OK;
    }
    if (str_eq(p->v.raw, STR("/track")))
        return track(p);
    for (size_t i = 0; i < COUNT_OF(PREFIXES); i++)
        if (str_starts(p->v.raw, str_from_cstr(PREFIXES[i])))
            return answer_order(p, PREFIXES[i]);
    return storefront_home(cx, rq, rs); /* "/pages/track" */
}

#define PLACE(path, more)                                                                          \
    {.method = HTTP_GET,                                                                           \
     .pattern = STR_INIT(path),                                                                    \
     .handler = order_route,                                                                       \
     .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN},                                           \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(path), .handler = order_route,                    \
        .body = HTTP_BODY_FORM, .body_max = FORM_MAX,                                              \
        .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN | (more)                                 \
    }

/* Asking for an order by its number and address takes no right from a cookie, so no token. */
static const HttpRoute ROUTES[] = {
    PLACE("/orders/:token", 0),      PLACE("/:locale/orders/:token", 0),
    PLACE("/account/orders/:id", 0), PLACE("/:locale/account/orders/:id", 0),
    PLACE("/track", HTTP_NO_CSRF),   PLACE("/:locale/track", HTTP_NO_CSRF),
};
const HttpRoutes order_page_routes = {"Order pages", ROUTES, COUNT_OF(ROUTES)};
