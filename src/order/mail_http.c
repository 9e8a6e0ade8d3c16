/* Previews of mails about an order. */
#include "order/mail_http.h"

#include "base/id.h"
#include "order/mail.h"

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

static const HttpParam LOCALE[] = {{"locale", "Else the order's.", "string", false},
                                   {NULL, NULL, NULL, false}};

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/api/v1/orders/:id/mails/:kind"), get_mail, .permission = "orders.read",
     .out = &text_shape, .params = LOCALE,
     .summary = "A mail about an order as it would leave now: confirmed, shipped, refunded …"},
};
const HttpRoutes order_mail_routes = {"Orders", ROUTES, COUNT_OF(ROUTES)};
