/* Previews of mails about an order, and its documents as PDF. */
#include "order/mail_http.h"

#include "base/id.h"
#include "order/mail.h"
#include "order/pdf.h"

static const ShapeField TEXT_FIELDS[] = {
    SHAPE_TEXT(PeopleMailText, subject),
    SHAPE_TEXT(PeopleMailText, html, .max = 1 << 20),
    SHAPE_TEXT(PeopleMailText, text, .max = 1 << 20),
};
static const Shape text_shape =
    SHAPE_OF(PeopleMailText, "MailPreview", TEXT_FIELDS, .doc = "A mail as it would leave now.");

/* GET /api/v1/orders/:id/mails/:kind */
static Status get_mail(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    Str            locale;
    PeopleMailText mail;
    TRY(http_param_id(cx, rq, 0, "ord", &id));
    TRY(http_query(cx, rq, STR("locale"), STR(""), &locale));
    for (int kind = 0; kind < ORDER_MAIL_KINDS; kind++) {
        if (!str_eq(rq->params[1], str_from_cstr(order_mail_names[kind])))
            continue;
        TRY(order_mail_preview(cx, id, kind, locale, &mail));
        http_reply(rq, rs, &mail);
        return ST_OK;
    }
    return cx_fail(cx, ST_NOT_FOUND, "order.no_mail", "there is no such mail");
}

/* --- documents ------------------------------------------------------------------------------- */

static Status reply_pdf(Cx *cx, HttpResp *rs, const Order *o, int kind, Str locale)
{
    CLEANUP(buf_done) Buf name = {0};
    Str                   pdf;
    TRY(order_pdf(cx, o, kind, locale, &pdf));
    rs->type = "application/pdf";
    buf_add(&rs->body, pdf);
    buf_init(&name, 200);
    buf_addf(&name, "inline; filename=\"" STR_FMT "-%s.pdf\"", STR_ARG(o->number),
             order_pdf_names[kind]);
    http_set_header(cx, rs, "Content-Disposition", buf_str(&name));
    return ST_OK;
}

/* GET /api/v1/orders/:id/documents/:kind */
static Status get_document(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Str     locale;
    Order   o;
    TRY(http_param_id(cx, rq, 0, "ord", &id));
    TRY(http_query(cx, rq, STR("locale"), STR(""), &locale));
    for (int kind = 0; order_pdf_names[kind] != NULL; kind++) {
        if (!str_eq(rq->params[1], str_from_cstr(order_pdf_names[kind])))
            continue;
        TRY(order_get(cx, id, &o));
        return reply_pdf(cx, rs, &o, kind, locale);
    }
    return cx_fail(cx, ST_NOT_FOUND, "order.no_document", "there is no such document");
}

/* GET /orders/:token/confirmation.pdf: whoever has the link. The address is a key. */
static Status get_own_document(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Order o;
    Str   locale;
    TRY(http_query(cx, rq, STR("locale"), STR(""), &locale));
    TRY(order_by_token(cx, rq->params[0], &o));
    if (o.status == ORDER_DRAFT || o.status == ORDER_EXPIRED)
        return cx_fail(cx, ST_NOT_FOUND, "order.no_order", "there is no such order");
    rs->cache_control = "no-store";
    return reply_pdf(cx, rs, &o, ORDER_PDF_CONFIRMATION, locale);
}

static const HttpParam LOCALE[] = {{"locale", "Else the order's.", "string", false},
                                   {NULL, NULL, NULL, false}};

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/api/v1/orders/:id/mails/:kind"), get_mail, .permission = "orders.read",
     .out = &text_shape, .params = LOCALE,
     .summary = "A mail about an order as it would leave now: confirmed, shipped, refunded …"},
    {HTTP_GET, STR_INIT("/api/v1/orders/:id/documents/:kind"), get_document,
     .permission = "orders.read", .out_type = "application/pdf", .params = LOCALE,
     .summary = "A document of an order as PDF: confirmation, packing_slip"},
    {HTTP_GET, STR_INIT("/orders/:token/confirmation.pdf"), get_own_document,
     .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN, .out_type = "application/pdf",
     .summary = "The buyer's confirmation, by the link in the mail"},
};
const HttpRoutes order_mail_routes = {"Orders", ROUTES, COUNT_OF(ROUTES)};
