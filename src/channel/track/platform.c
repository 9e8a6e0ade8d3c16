/* What the shop's own modules tell under Segment's names, put into the journey of whoever it is
 * about: "Order Completed" and the like. */
#include "channel/track/platform.h"

#include "base/id.h"
#include "channel/track/collect.h"
#include "people/identity.h"
#include "people/journey_store.h"

enum { PRODUCTS_MAX = 30 << 10 };

/* Names for people, "Order Completed", not those of modules, "order.completed". */
static bool is_told(Str type)
{
    return type.len > 0 && type.ptr[0] >= 'A' && type.ptr[0] <= 'Z' &&
           memchr(type.ptr, ' ', type.len) != NULL;
}

static Str text_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && m->type == JSON_STRING ? m->text : STR("");
}

/* --- who ------------------------------------------------------------------------------------- */

/* An account under its identifier, whichever profile that is part of by now. */
static Status subject_of_id(Cx *cx, int64_t id, int64_t *ret)
{
    PeopleIdentifierList list;
    Status               st = people_identifier_list(cx, id, &list);
    if (st == ST_NOT_FOUND) {
        cx->err = (Err){0};
        *ret = people_subject(PEOPLE_USER_ID, id_format(cx->arena, "acc", id));
        return ST_OK;
    }
    TRY(st);
    const PeopleIdentifier *best = &list.items[0];
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].ns == PEOPLE_USER_ID && best->ns != PEOPLE_USER_ID)
            best = &list.items[i];
    *ret = people_subject(best->ns, best->value);
    return ST_OK;
}

static Status subject_of(Cx *cx, const Event *e, const JsonValue *v, int64_t *ret)
{
    Str     who = text_of(v, "customer_id"), anonymous = text_of(v, "anonymous_id"), value;
    int64_t id;
    if (id_parse(who, "cus", &id) || id_parse(who, "acc", &id) ||
        id_parse(text_of(v, "account_id"), "acc", &id))
        return subject_of_id(cx, id, ret);
    if (people_normalise(cx->arena, PEOPLE_ANONYMOUS_ID, anonymous, &value))
        *ret = people_subject(PEOPLE_ANONYMOUS_ID, value); /* what was typed proves nothing */
    else if (people_normalise(cx->arena, PEOPLE_EMAIL, text_of(v, "email"), &value))
        *ret = people_subject(PEOPLE_EMAIL, value);
    else if (str_eq(e->type, STR("Product Added")))
        *ret = 0; /* a cart of nobody yet: their browser tells of it, if they let it */
    else
        *ret = journey_subject(STR("stream"), id_format(cx->arena, "str", e->stream));
    return ST_OK;
}

/* --- what ------------------------------------------------------------------------------------ */

/* {"amount":1250,"currency":"EUR"} as 12.50. */
static bool money_text(Arena *a, const JsonValue *v, Str *ret_amount, Str *ret_currency)
{
    const JsonValue *amount = json_get(v, STR("amount")), *currency = json_get(v, STR("currency"));
    Money            m = {0};
    if (amount == NULL || !amount->integer || currency == NULL || currency->text.len != 3)
        return false;
    m.minor = amount->i64;
    memcpy(m.cur, currency->text.ptr, 3);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    money_add_text(&b, m);
    *ret_amount = str_dup(a, buf_str(&b));
    *ret_currency = currency->text;
    return true;
}

static void put_products(Sink *s, const JsonValue *list)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, PRODUCTS_MAX);
    Json j = json_begin(&b);
    json_arr(&j, NULL);
    for (uint32_t i = 0; i < list->n; i++) {
        const JsonValue *item = &list->items[i];
        json_obj(&j, NULL);
        for (uint32_t k = 0; item->type == JSON_OBJECT && k < item->n; k++) {
            const JsonValue *m = &item->members[k].value;
            Str              amount, currency;
            json_key(&j, item->members[k].key);
            if (m->type == JSON_OBJECT && money_text(s->arena, m, &amount, &currency))
                json_raw(&j, NULL, amount);
            else if (m->type == JSON_STRING)
                json_str(&j, NULL, m->text);
            else if (m->type == JSON_BOOL)
                json_bool(&j, NULL, m->boolean);
            else
                json_raw(&j, NULL, m->type == JSON_NULL ? STR("null") : m->text);
        }
        json_end(&j);
    }
    json_end(&j);
    if (!buf_overflowed(&b))
        sink_json(s, STR("products"), str_dup(s->arena, buf_str(&b)));
}

static int64_t minor(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(json_get(v, str_from_cstr(member)), STR("amount"));
    return m != NULL && m->type == JSON_NUMBER && m->integer ? m->i64 : 0;
}

/* Segment's revenue: what the order brings without shipping and taxes. */
static void put_revenue(Sink *s, const JsonValue *v)
{
    const JsonValue *total = json_get(v, STR("total"));
    const JsonValue *cur = json_get(total, STR("currency"));
    Money            m = {.minor = minor(v, "total") - minor(v, "shipping") - minor(v, "tax")};
    if (cur == NULL || cur->text.len != 3)
        return;
    memcpy(m.cur, cur->text.ptr, 3);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    money_add_text(&b, m);
    sink_number(s, STR("revenue"), str_dup(s->arena, buf_str(&b)));
}

static void put_member(Sink *s, Str key, const JsonValue *v, bool *currency)
{
    Str amount, cur;
    if (str_eq(key, STR("email")) || str_eq(key, STR("anonymous_id")))
        return; /* the person has it; events need not */
    if (v->type == JSON_STRING)
        sink_text(s, key, v->text);
    else if (v->type == JSON_BOOL)
        sink_bool(s, key, v->boolean);
    else if (v->type == JSON_NUMBER)
        sink_number(s, key, v->text);
    else if (v->type == JSON_ARRAY && str_eq(key, STR("products")))
        put_products(s, v);
    else if (v->type == JSON_ARRAY)
        sink_json(s, key, v->text);
    else if (v->type == JSON_OBJECT && money_text(s->arena, v, &amount, &cur)) {
        sink_number(s, key, amount);
        if (!*currency)
            sink_text(s, STR("currency"), cur);
        *currency = true;
    }
}

/* What the order was worth is no property of a refund: its total is what was given back. */
static bool is_of_order(Str key)
{
    static const char *const KEYS[] = {"total", "subtotal", "discount", "shipping", "tax"};
    for (size_t i = 0; i < COUNT_OF(KEYS); i++)
        if (str_eq(key, str_from_cstr(KEYS[i])))
            return true;
    return false;
}

static void put_members(Sink *s, Str type, const JsonValue *v)
{
    bool             currency = json_get(v, STR("currency")) != NULL;
    const JsonValue *amount = json_get(v, STR("amount"));
    bool             back =
        str_eq(type, STR("Order Refunded")) && amount != NULL && amount->type == JSON_OBJECT;
    for (uint32_t i = 0; i < v->n; i++)
        if (!back || !is_of_order(v->members[i].key))
            put_member(s, v->members[i].key, &v->members[i].value, &currency);
    if (back)
        put_member(s, STR("total"), amount, &currency);
    else if (json_get(v, STR("total")) != NULL)
        put_revenue(s, v);
}

static Status put_event(Cx *cx, Sink *s, const Event *e, const JsonValue *v)
{
    int64_t subject;
    TRY(subject_of(cx, e, v, &subject));
    if (subject == 0)
        return ST_OK;
    put_members(s, e->type, v);
    sink_text(s, STR("context.channel"), STR("server"));
    CLEANUP(buf_done) Buf id;
    buf_init(&id, 64);
    buf_addf(&id, "outbox-%020lld", (long long)e->id);
    return sink_event_as(s, subject, e->type, e->at, str_dup(cx->arena, buf_str(&id)), &cx->err);
}

/* One append, which waits for the disk once. */
Status platform_told_many(Cx *cx, const Event *events, size_t n)
{
    Sink *s = NULL;
    if (people_journey() == NULL && people_journey_broken()) /* it comes again, until then */
        return cx_fail(cx, ST_BUSY, "track.not_started", "events cannot be stored at the moment");
    if (people_journey() == NULL)
        return ST_OK;
    for (size_t i = 0; i < n; i++) {
        const JsonValue *v;
        if (!is_told(events[i].type))
            continue;
        TRY(json_parse(cx->arena, events[i].payload, &v, &cx->err));
        if (v->type != JSON_OBJECT)
            continue;
        if (s == NULL)
            s = sink_begin(cx->arena, cx->now, track_key_own(), "platform");
        TRY(put_event(cx, s, &events[i], v));
    }
    return s == NULL ? ST_OK : collect_now(cx, s, NULL);
}

Status platform_told(Cx *cx, const Event *e)
{
    return platform_told_many(cx, e, 1);
}
