/* The timeline of an order, and what staff write beside it. */
#include "core/audit.h"
#include "order/order_store.h"

static Str actor_name(const Cx *cx)
{
    switch (cx->actor.kind) {
    case ACTOR_STAFF: return STR("staff");
    case ACTOR_API_KEY: return STR("api_key");
    case ACTOR_SYSTEM: return STR("system");
    case ACTOR_CUSTOMER:
    case ACTOR_ANONYMOUS: break;
    }
    return STR("customer");
}

Status order_event_at(Cx *cx, int64_t order_id, int64_t seq, const OrderEventIn *in)
{
    bool                staff = cx->actor.kind == ACTOR_STAFF || cx->actor.kind == ACTOR_API_KEY;
    const OrderEventRow row = {
        .order_id = order_id,
        .seq = seq,
        .type = str_from_cstr(in->type),
        .actor = actor_name(cx),
        .name = staff ? cx->actor.name : STR(""),
        .public = in->public,
        .text = in->text,
        .data = in->data.len > 0 ? in->data : STR("{}"),
        .at_ms = cx->now,
    };
    TRY(order_sql_event_add(cx, &row, NULL));
    /* What staff do stands in the audit log, too. */
    return staff ? audit_add(cx, "order.order", order_id, in->type, NULL, NULL, NULL) : ST_OK;
}

Status order_event(Cx *cx, int64_t order_id, const OrderEventIn *in)
{
    int64_t seq;
    TRY(order_sql_event_next(cx, order_id, &seq));
    return order_event_at(cx, order_id, seq, in);
}

Status order_events(Cx *cx, int64_t order_id, int64_t after, bool only_public, OrderEvents *ret)
{
    OrderEventRowList rows;
    TRY(order_sql_events_of(cx, order_id, after, only_public, ORDER_LIST_MAX, &rows));
    *ret = (OrderEvents){.items = arena_array(cx->arena, OrderEvent, rows.n)};
    for (size_t i = 0; i < rows.n; i++) {
        const OrderEventRow *r = &rows.items[i];
        ret->items[ret->n++] =
            (OrderEvent){r->seq, r->type, r->actor, r->name, r->public, r->text, r->data, r->at_ms};
    }
    return ST_OK;
}

/* --- notes, tags, holds ------------------------------------------------------------------- */

typedef struct Edit {
    int64_t    id;
    Str        text;
    OrderTexts tags;
    int        value;
    Order     *ret;
} Edit;

static Status check_text(Cx *cx, const char *pointer, Str s, size_t max)
{
    if (s.len == 0 || s.len > max * 4)
        issue_add(&cx->issues, str_from_cstr(pointer), "length", "has 1 to %zu characters", max);
    if (cx->issues.total > 0)
        return cx_fail(cx, ST_INVALID, "shape.invalid", "the text is not right");
    return ST_OK;
}

static Status note_tx(Cx *cx, void *arg)
{
    const Edit *e = arg;
    return order_event(cx, e->id, &(OrderEventIn){.type = "note", .text = e->text});
}

Status order_note(Cx *cx, int64_t order_id, Str text)
{
    Edit e = {.id = order_id, .text = str_trim(text)};
    TRY(check_text(cx, "/text", e.text, ORDER_NOTE_MAX));
    return cx_in_tx(cx, note_tx, &e);
}

static Status tags_tx(Cx *cx, void *arg)
{
    const Edit *e = arg;
    TRY(order_sql_tags_clear(cx, e->id, NULL));
    for (size_t i = 0; i < e->tags.n; i++)
        TRY(order_sql_tag_add(cx, e->id, e->tags.items[i], NULL));
    return order_event(cx, e->id, &(OrderEventIn){.type = "tags"});
}

Status order_tags_set(Cx *cx, int64_t order_id, OrderTexts tags, Order *ret)
{
    Edit e = {.id = order_id, .tags = tags};
    if (tags.n > ORDER_TAGS_MAX)
        issue_add(&cx->issues, STR("/tags"), "too_many", "are more than %d", ORDER_TAGS_MAX);
    for (size_t i = 0; i < tags.n && i < ORDER_TAGS_MAX; i++)
        TRY(check_text(cx, "/tags", tags.items[i], ORDER_TAG_MAX));
    if (cx->issues.total > 0)
        return cx_fail(cx, ST_INVALID, "shape.invalid", "the tags are not right");
    TRY(cx_in_tx(cx, tags_tx, &e));
    return order_get(cx, order_id, ret);
}

static Status hold_tx(Cx *cx, void *arg)
{
    const Edit *e = arg;
    OrderRow    row;
    TRY(order_sql_order_get(cx, e->id, &row));
    if (row.status != ORDER_PLACED && row.status != ORDER_CLOSED)
        return cx_fail(cx, ST_CONFLICT, "order.not_open", "this order is not open");
    if (row.hold == e->value)
        return ST_OK;
    TRY(order_sql_order_hold(cx, e->id, e->value, cx->now, NULL));
    TRY(order_event(
        cx, e->id,
        &(OrderEventIn){.type = e->value == HOLD_NONE ? "released" : "hold", .text = e->text}));
    return order_derive(cx, e->id);
}

Status order_hold_set(Cx *cx, int64_t order_id, int hold, Str reason, Order *ret)
{
    Edit e = {.id = order_id, .text = reason, .value = hold};
    TRY(cx_in_tx(cx, hold_tx, &e));
    return order_get(cx, order_id, ret);
}

static Status archive_tx(Cx *cx, void *arg)
{
    const Edit *e = arg;
    OrderRow    row;
    TRY(order_sql_order_get(cx, e->id, &row));
    int from = e->value ? row.status : ORDER_ARCHIVED;
    if (row.status != from || (e->value && row.status != ORDER_CLOSED &&
                               row.status != ORDER_CANCELLED && row.status != ORDER_ARCHIVED))
        return cx_fail(cx, ST_CONFLICT, "order.not_open",
                       "an order is archived when it is closed or cancelled");
    int to = e->value ? ORDER_ARCHIVED : (row.cancelled_ms.has ? ORDER_CANCELLED : ORDER_CLOSED);
    if (row.status == to)
        return ST_OK;
    TRY(order_sql_order_status_set(cx, e->id, to, cx->now, NULL));
    return order_event(cx, e->id, &(OrderEventIn){.type = e->value ? "archived" : "unarchived"});
}

Status order_archive(Cx *cx, int64_t order_id, bool archived, Order *ret)
{
    Edit e = {.id = order_id, .value = archived};
    TRY(cx_in_tx(cx, archive_tx, &e));
    return order_get(cx, order_id, ret);
}
