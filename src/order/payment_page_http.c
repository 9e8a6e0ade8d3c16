/* The pages at /pay: where buyers come back to, wait, confirm, and prove that they are people; and
 * where providers send their webhooks. They work without JavaScript. */
#include "catalog/shop.h"
#include "http/http_form.h"
#include "order/payment_http.h"
#include "order/payment_int.h"
#include "order/provider_test.h"
#include "picture/qr.h"
#include "text/messages.h"

#include <string.h>

static PeopleAssetUrl *asset_url;

void payment_page_assets(PeopleAssetUrl *url)
{
    asset_url = url;
}

/* --- pieces ---------------------------------------------------------------------------------- */

static void say(Cx *cx, HttpResp *rs, const char *before, const char *key, const char *after)
{
    buf_add(&rs->body, str_from_cstr(before));
    message_html(&rs->body, cx->lang, key, MSG_NONE);
    buf_add(&rs->body, str_from_cstr(after));
}

static void add_asset(Cx *cx, Buf *b, const char *before, Str name, const char *after)
{
    if (asset_url == NULL)
        return;
    buf_add(b, str_from_cstr(before));
    buf_add_html(b, asset_url(cx->arena, name));
    buf_add(b, str_from_cstr(after));
}

/* `refresh`: seconds and address of where the page goes by itself; absent: nowhere. */
static Status begin(Cx *cx, HttpResp *rs, const PaymentSession *s, const char *title_key,
                    int refresh, Str url)
{
    CatalogShop shop;
    Buf        *b = &rs->body;
    TRY(catalog_shop(cx, &shop));
    Lang lang;
    if (lang_find(s->locale, &lang))
        cx->lang = lang;
    rs->type = "text/html; charset=utf-8";
    buf_addf(b, "<!doctype html><html lang=\"" STR_FMT "\"><head><meta charset=\"utf-8\">",
             STR_ARG(lang_tag(cx->lang)));
    buf_add(b, STR("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                   "<meta name=\"referrer\" content=\"no-referrer\">"
                   "<meta name=\"robots\" content=\"noindex\">"));
    if (refresh >= 0) {
        buf_addf(b, "<meta http-equiv=\"refresh\" content=\"%d; url=", refresh);
        buf_add_html(b, url);
        buf_add(b, STR("\">"));
    }
    say(cx, rs, "<title>", title_key, " · ");
    buf_add_html(b, shop.name);
    buf_add(b, STR("</title>"));
    add_asset(cx, b, "<link rel=\"stylesheet\" href=\"", STR("pay.css"), "\">");
    buf_add(b, STR("</head><body><main><p class=\"brand\">"));
    buf_add_html(b, shop.name);
    buf_add(b, STR("</p>"));
    if (s->test)
        say(cx, rs, "<p class=\"test\">", "order.payment.page.test", "</p>");
    say(cx, rs, "<h1>", title_key, "</h1>");
    return ST_OK;
}

static void end(HttpResp *rs)
{
    buf_add(&rs->body, STR("</main></body></html>\n"));
}

static void add_amount(Cx *cx, HttpResp *rs, const PaymentSession *s)
{
    Buf *b = &rs->body;
    say(cx, rs, "<dl><dt>", "order.payment.page.amount", "</dt><dd>");
    message_format(b, cx->lang, STR("{amount}"), (const MessageArg[]){msg_m("amount", s->amount)},
                   1);
    buf_add(b, STR("</dd>"));
    if (s->number.len > 0) {
        say(cx, rs, "<dt>", "order.payment.page.order", "</dt><dd>");
        buf_add_html(b, s->number);
        buf_add(b, STR("</dd>"));
    }
    buf_add(b, STR("</dl>"));
}

/* Back to the shop; what failed says why in `payment`. */
static Status go_on(Cx *cx, HttpResp *rs, const PaymentNext *next)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, (size_t)2 * PAYMENT_URL_MAX);
    buf_add(&b, next->url);
    if (next->kind == PAYMENT_NEXT_FAILED)
        buf_addf(&b, "%cpayment=" STR_FMT, str_find(next->url, STR("?")) == SIZE_MAX ? '?' : '&',
                 STR_ARG(next->code));
    http_redirect(cx, rs, 303, buf_str(&b));
    return ST_OK;
}

/* --- coming back ----------------------------------------------------------------------------- */

static bool unanswered(Status st)
{
    return st == ST_BUSY || st == ST_IO;
}

static Status get_return(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PaymentNext    next;
    PaymentSession s;
    Status         st = payment_continue(cx, rq->params[0], &next);
    if (unanswered(st)) { /* the page that waits asks again */
        TRY(payment_session_by_token(cx, rq->params[0], &s));
        http_redirect(cx, rs, 303, payment_url(cx, &s, "wait"));
        return ST_OK;
    }
    TRY(st);
    return go_on(cx, rs, &next);
}

static Status get_cancel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PaymentSession s;
    TRY(payment_session_by_token(cx, rq->params[0], &s));
    Status st = payment_give_up(cx, s.id);
    if (st != ST_OK && st != ST_CONFLICT && !unanswered(st))
        return st;
    return get_return(cx, rq, rs);
}

/* From a form to another site: browsers that honour form-action 'self' follow no redirect there,
 * but they follow this page. */
static Status get_go(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PaymentSession   s;
    const JsonValue *v;
    TRY(payment_session_by_token(cx, rq->params[0], &s));
    Str url = {0};
    if (s.status == PAYMENT_ACTION && json_parse(cx->arena, s.next, &v, &cx->err) == ST_OK &&
        json_get(v, STR("url")) != NULL)
        url = json_get(v, STR("url"))->text;
    if (!str_starts(url, STR("https://")) && !str_starts(url, STR("http://")))
        return get_return(cx, rq, rs);
    TRY(begin(cx, rs, &s, "order.payment.page.go", 0, url));
    add_amount(cx, rs, &s);
    buf_add(&rs->body, STR("<a class=\"button\" href=\""));
    buf_add_html(&rs->body, url);
    say(cx, rs, "\">", "order.payment.page.go_on", "</a>");
    end(rs);
    return ST_OK;
}

static Str qr_of(Cx *cx, const PaymentSession *s)
{
    const JsonValue *v;
    if (s->next.len == 0 || json_parse(cx->arena, s->next, &v, &cx->err) != ST_OK)
        return (Str){0};
    const JsonValue *qr = json_get(v, STR("qr"));
    return qr != NULL && qr->type == JSON_STRING ? qr->text : (Str){0};
}

static Status get_wait(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PaymentSession s;
    PaymentNext    next;
    Status         st = payment_continue(cx, rq->params[0], &next);
    if (st != ST_OK && !unanswered(st))
        return st;
    TRY(payment_session_by_token(cx, rq->params[0], &s));
    Str here = payment_url(cx, &s, "wait");
    if (st == ST_OK && !str_eq(next.url, here))
        return go_on(cx, rs, &next);
    Str qr = qr_of(cx, &s);
    TRY(begin(cx, rs, &s, qr.len > 0 ? "order.payment.page.scan" : "order.payment.page.wait", 3,
              here));
    if (qr.len > 0) {
        buf_add(&rs->body, STR("<div class=\"qr\">"));
        Str label = message(cx->arena, cx->lang, "order.payment.page.scan", MSG_NONE);
        TRY(qr_add_svg(&rs->body, qr, label, &cx->err));
        buf_add(&rs->body, STR("</div>"));
    }
    add_amount(cx, rs, &s);
    say(cx, rs, "<p class=\"soft\" role=\"status\">", "order.payment.page.wait_hint", "</p>");
    if (qr.len > 0) { /* who cannot scan it must not be stuck here */
        buf_add(&rs->body, STR("<a class=\"button second\" href=\""));
        buf_add_html(&rs->body, payment_url(cx, &s, "cancel"));
        say(cx, rs, "\">", "order.payment.page.other", "</a>");
    }
    end(rs);
    return ST_OK;
}

/* --- the page that takes time ---------------------------------------------------------------- */

static Status show_check(Cx *cx, HttpResp *rs, const PaymentSession *s, bool early)
{
    PaymentPuzzle puzzle;
    Buf          *b = &rs->body;
    TRY(payment_puzzle_new(cx, s, &puzzle));
    TRY(begin(cx, rs, s, "order.payment.page.check", -1, (Str){0}));
    if (early)
        say(cx, rs, "<p class=\"wrong\" role=\"alert\">", "order.payment.page.early", "</p>");
    buf_add(b, STR("<p>"));
    message_html(b, cx->lang, "order.payment.page.check_hint",
                 msg_i("seconds", puzzle.wait.v / 1000));
    buf_addf(b,
             "</p><form method=\"post\" data-token=\"" STR_FMT "\" data-bits=\"%lld\">"
             "<input type=\"hidden\" name=\"token\" value=\"" STR_FMT
             "\"><input type=\"hidden\" name=\"answer\" value=\"\">",
             STR_ARG(puzzle.token), (long long)puzzle.bits, STR_ARG(puzzle.token));
    say(cx, rs, "<button>", "order.payment.page.check_button", "</button></form>");
    add_asset(cx, b, "<script type=\"module\" src=\"", STR("pay.js"), "\"></script>");
    end(rs);
    return ST_OK;
}

static Status get_check(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PaymentSession s;
    TRY(payment_session_by_token(cx, rq->params[0], &s));
    return s.status == PAYMENT_CREATED ? show_check(cx, rs, &s, false) : get_return(cx, rq, rs);
}

static Status post_check(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PaymentSession s;
    PaymentNext    next;
    HttpForm       form;
    TRY(payment_session_by_token(cx, rq->params[0], &s));
    TRY(http_form_read(cx, rq, &form));
    Status st = payment_puzzle_check(cx, &s, http_form_text(&form, STR("token")),
                                     http_form_text(&form, STR("answer")));
    if (st == ST_DENIED && s.status == PAYMENT_CREATED)
        return show_check(cx, rs, &s, true);
    if (st == ST_DENIED)
        return get_return(cx, rq, rs);
    TRY(st);
    st = payment_start(cx, s.id, &next);
    if (unanswered(st)) {
        http_redirect(cx, rs, 303, payment_url(cx, &s, "wait"));
        return ST_OK;
    }
    TRY(st);
    return go_on(cx, rs, &next);
}

/* --- the test provider's own page ------------------------------------------------------------ */

static Status get_test(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    PaymentTestPage page;
    TRY(payment_test_page(cx, rq->params[0], &page));
    if (!page.open)
        return get_return(cx, rq, rs);
    TRY(begin(cx, rs, &page.session, "order.payment.page.confirm", -1, (Str){0}));
    say(cx, rs, "<p>", "order.payment.page.confirm_hint", "</p>");
    add_amount(cx, rs, &page.session);
    buf_add(&rs->body, STR("<form method=\"post\">"));
    say(cx, rs, "<button name=\"action\" value=\"approve\">", "order.payment.page.approve",
        "</button>");
    say(cx, rs, "<button class=\"second\" name=\"action\" value=\"decline\">",
        "order.payment.page.decline", "</button></form>");
    end(rs);
    return ST_OK;
}

static Status post_test(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    HttpForm        form;
    PaymentTestPage page;
    bool            lost;
    TRY(payment_test_page(cx, rq->params[0], &page));
    TRY(http_form_read(cx, rq, &form));
    bool approve = str_eq(http_form_text(&form, STR("action")), STR("approve"));
    TRY(payment_test_decide(cx, rq->params[0], approve, &lost));
    if (lost) { /* as if the connection broke: nobody tells the shop */
        TRY(begin(cx, rs, &page.session, "order.payment.page.lost", -1, (Str){0}));
        say(cx, rs, "<p>", "order.payment.page.lost_hint", "</p>");
        end(rs);
        rs->status = 504;
        return ST_OK;
    }
    http_redirect(cx, rs, 303, payment_url(cx, &page.session, "return"));
    return ST_OK;
}

/* --- webhooks -------------------------------------------------------------------------------- */

static Status post_webhook(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const char *header = payment_hook_header(rq->params[0]);
    PaymentHook hook = {.body = rq->body};
    if (header != NULL)
        hook.signature = http_header(rq, str_from_cstr(header));
    TRY(payment_webhook(cx, rq->params[0], &hook));
    http_reply_none(rs);
    return ST_OK;
}

enum { PAGE = HTTP_PUBLIC | HTTP_HIDDEN | HTTP_SHOPPER, FORM = PAGE | HTTP_NO_CSRF };

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/pay/return/:token"), get_return, .flags = PAGE,
     .summary = "The buyer comes back from the provider"},
    {HTTP_GET, STR_INIT("/pay/cancel/:token"), get_cancel, .flags = PAGE,
     .summary = "The buyer gave up there"},
    {HTTP_GET, STR_INIT("/pay/go/:token"), get_go, .flags = PAGE,
     .summary = "On to the provider's page"},
    {HTTP_GET, STR_INIT("/pay/wait/:token"), get_wait, .flags = PAGE,
     .summary = "Wait for the provider, or scan a code"},
    {HTTP_GET, STR_INIT("/pay/check/:token"), get_check, .flags = PAGE,
     .summary = "A page that takes some seconds, after many failures"},
    {HTTP_POST, STR_INIT("/pay/check/:token"), post_check, .flags = FORM, .body = HTTP_BODY_FORM,
     .body_max = 4096, .summary = "It took them"},
    {HTTP_GET, STR_INIT("/pay/test/:token"), get_test, .flags = PAGE,
     .summary = "The test provider asks the buyer"},
    {HTTP_POST, STR_INIT("/pay/test/:token"), post_test, .flags = FORM, .body = HTTP_BODY_FORM,
     .body_max = 4096, .summary = "The buyer decides"},
    {HTTP_POST, STR_INIT("/pay/webhooks/:provider"), post_webhook,
     .flags = HTTP_NO_AUTH | HTTP_PUBLIC | HTTP_NO_CSRF, .body = HTTP_BODY_RAW,
     .body_max = PAYMENT_HOOK_MAX, .status = 204,
     .summary = "A payment provider tells what happened; signed by it"},
};
const HttpRoutes payment_page_routes = {"Payment pages", ROUTES, COUNT_OF(ROUTES)};
