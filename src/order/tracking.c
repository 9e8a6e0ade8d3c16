/* Parcels, and where they were. */
#include "base/id.h"
#include "order/delivery_int.h"
#include "order/fulfillment_int.h"
#include "order/order_int.h"

#include "text/zone.h"

enum { SAME_NUMBER = 10, LATE_BATCH = 200, KEY_MAX = 64 };

/* --- parcels ------------------------------------------------------------------------------ */

/* Letters and digits, in capitals: as carriers write a number differs by spaces and dashes. */
static Str tracking_key(Arena *a, Str tracking)
{
    char   key[KEY_MAX];
    size_t n = 0;
    for (size_t i = 0; i < tracking.len && n < KEY_MAX; i++) {
        char c = tracking.ptr[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
            key[n++] = c;
    }
    return n > 0 ? str_dup(a, (Str){key, n}) : STR("");
}

static Status check_parcel(Cx *cx, ParcelIn *in)
{
    Str *texts[] = {&in->carrier, &in->service, &in->tracking, &in->url};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i]->ptr == NULL)
            *texts[i] = STR("");
    bool web = str_starts(in->url, STR("https://")) || str_starts(in->url, STR("http://"));
    if (in->url.len > 0 && !web) {
        issue_add(&cx->issues, STR("/url"), "bad_format", "must be a web address");
        return cx_check_issues(cx);
    }
    if (in->url.len == 0)
        in->url = carrier_url(cx->arena, in->carrier, in->tracking);
    return ST_OK;
}

Status parcel_insert(Cx *cx, const Fulfillment *f, const ParcelIn *in, int64_t *ret_id)
{
    ParcelIn p = *in;
    if (f->parcels.n >= PARCELS_MAX)
        return cx_fail(cx, ST_LIMIT, "order.too_many_parcels", "at most %d parcels", PARCELS_MAX);
    TRY(check_parcel(cx, &p));
    const OrderParcelIn row = {.id = id_new(),
                               .fulfillment_id = f->id,
                               .order_id = f->order_id,
                               .carrier = p.carrier,
                               .service = p.service,
                               .tracking = p.tracking,
                               .tracking_key = tracking_key(cx->arena, p.tracking),
                               .url = p.url,
                               .weight_g = p.weight_g,
                               .now = cx->now};
    TRY(order_sql_parcel_insert(cx, &row, NULL));
    if (ret_id != NULL)
        *ret_id = row.id;
    return ST_OK;
}

typedef struct Change {
    int64_t         id; /* of the fulfilment; of the parcel */
    const ParcelIn *in;
    Parcel          made;
} Change;

static Status parcel_read(Cx *cx, int64_t id, Parcel *ret)
{
    OrderParcelRow row = {0};
    TRY(order_sql_parcel_get(cx, id, &row));
    *ret = parcel_from_row(&row);
    return ST_OK;
}

static Status add_tx(Cx *cx, void *arg)
{
    Change     *job = arg;
    Fulfillment f;
    TRY(fulfillment_get(cx, job->id, &f));
    if (f.status == FULFILLMENT_CANCELLED || f.status == FULFILLMENT_FAILED)
        return cx_fail(cx, ST_CONFLICT, "order.fulfillment_state", "the fulfilment is %s",
                       fulfillment_status_names[f.status]);
    int64_t id;
    TRY(parcel_insert(cx, &f, job->in, &id));
    return parcel_read(cx, id, &job->made);
}

Status parcel_add(Cx *cx, int64_t fulfillment_id, const ParcelIn *in, Parcel *ret)
{
    Change job = {.id = fulfillment_id, .in = in};
    TRY(cx_in_tx(cx, add_tx, &job));
    *ret = job.made;
    return ST_OK;
}

static Status update_tx(Cx *cx, void *arg)
{
    Change  *job = arg;
    ParcelIn p = *job->in;
    Parcel   was;
    TRY(parcel_read(cx, job->id, &was));
    TRY(check_parcel(cx, &p));
    TRY(order_sql_parcel_change(cx, job->id, p.carrier, p.service, p.tracking,
                                tracking_key(cx->arena, p.tracking), p.url, p.weight_g, NULL));
    return parcel_read(cx, job->id, &job->made);
}

Status parcel_update(Cx *cx, int64_t id, const ParcelIn *in, Parcel *ret)
{
    Change job = {.id = id, .in = in};
    TRY(cx_in_tx(cx, update_tx, &job));
    *ret = job.made;
    return ST_OK;
}

/* --- events ------------------------------------------------------------------------------- */

typedef struct Noting {
    const TrackingIn *events;
    size_t            n;
    Str               source;
    int64_t           noted;
} Noting;

/* The parcel that is meant; false: none of ours. */
static Status find_parcel(Cx *cx, const TrackingIn *in, bool *ret_found, OrderParcelRow *ret)
{
    OrderParcelRowList rows;
    *ret_found = false;
    if (in->parcel_id != 0) {
        TRY(order_sql_parcel_get(cx, in->parcel_id, ret));
        *ret_found = true;
        return ST_OK;
    }
    Str key = tracking_key(cx->arena, in->tracking);
    if (key.len == 0)
        return ST_OK;
    TRY(order_sql_parcels_by_tracking(cx, key, SAME_NUMBER, &rows));
    for (size_t i = 0; i < rows.n && !*ret_found; i++) {
        const Carrier *is = carrier_find(rows.items[i].carrier), *said = carrier_find(in->carrier);
        if (in->carrier.len > 0 && is != said)
            continue;
        *ret = rows.items[i];
        *ret_found = true;
    }
    return ST_OK;
}

/* What shoppers are told of at once. */
static Status tell_code(Cx *cx, const Fulfillment *f, const Parcel *p, int code)
{
    const char *line = code == TRACKING_EXCEPTION          ? "delivery_exception"
                       : code == TRACKING_DELIVERY_ATTEMPT ? "delivery_attempt"
                                                           : NULL;
    TRY(fulfillment_tell(cx, f, FULFILLMENT_EV_TRACKED, line, p));
    if (code == TRACKING_OUT_FOR_DELIVERY)
        return fulfillment_tell(cx, f, FULFILLMENT_EV_OUT_FOR_DELIVERY, "out_for_delivery", p);
    if (code == TRACKING_AVAILABLE_FOR_PICKUP)
        return fulfillment_tell(cx, f, FULFILLMENT_EV_READY, "ready_for_pickup", p);
    return ST_OK;
}

static bool all_delivered(const Fulfillment *f)
{
    for (size_t i = 0; i < f->parcels.n; i++)
        if (f->parcels.items[i].status != TRACKING_DELIVERED)
            return false;
    return f->parcels.n > 0;
}

static Status note_one(Cx *cx, Noting *job, const TrackingIn *in)
{
    OrderParcelRow row = {0};
    bool           found;
    int64_t        changed, newest, count;
    TRY(find_parcel(cx, in, &found, &row));
    if (!found)
        return ST_OK;
    TRY(order_sql_tracking_count(cx, row.id, &count));
    if (count >= TRACKING_MAX) /* a carrier that cannot stop */
        return ST_OK;
    const OrderTrackingIn add = {.id = id_new(),
                                 .parcel = row.id,
                                 .at = in->at,
                                 .code = in->code,
                                 .text = in->text.ptr ? in->text : STR(""),
                                 .place = in->place.ptr ? in->place : STR(""),
                                 .source = job->source,
                                 .now = cx->now};
    TRY(order_sql_tracking_add(cx, &add, &changed));
    if (changed == 0)
        return ST_OK;
    job->noted++;
    TRY(order_sql_parcel_state(cx, row.id, in->code, in->at, &newest));
    if (newest == 0) /* something later is known already */
        return ST_OK;
    Fulfillment f;
    TRY(fulfillment_get(cx, row.fulfillment_id, &f));
    row.status = in->code;
    row.status_ms = opt_time(in->at);
    Parcel p = parcel_from_row(&row);
    TRY(tell_code(cx, &f, &p, in->code));
    return f.status == FULFILLMENT_SHIPPED && all_delivered(&f)
               ? fulfillment_arrived(cx, &f, in->at)
               : ST_OK;
}

static Status note_tx(Cx *cx, void *arg)
{
    Noting *job = arg;
    job->noted = 0;
    for (size_t i = 0; i < job->n; i++)
        TRY(note_one(cx, job, &job->events[i]));
    return ST_OK;
}

Status tracking_note(Cx *cx, const TrackingIn *events, size_t n, Str source, int64_t *ret_new)
{
    Noting job = {.events = events, .n = n, .source = source};
    if (n > TRACKING_BATCH)
        return cx_fail(cx, ST_LIMIT, "order.too_many_tracked", "at most %d at once",
                       TRACKING_BATCH);
    for (size_t i = 0; i < n; i++)
        if (events[i].code <= TRACKING_NONE)
            issue_add(&cx->issues, STR("/events"), "missing", "event %zu has no code", i);
    TRY(cx_check_issues(cx));
    TRY(cx_in_tx(cx, note_tx, &job));
    *ret_new = job.noted;
    return ST_OK;
}

/* --- late --------------------------------------------------------------------------------- */

typedef struct Watch {
    int64_t day; /* promised before this day */
    size_t  n;
} Watch;

static Status tell_late(Cx *cx, const OrderPromiseRow *r, int64_t today)
{
    OrderFulfillmentHead head = {0};
    OrderLeftRowList     rows;
    bool                 found, shipped = true, all = true;
    int64_t              changed;
    TRY(order_sql_fulfillment_order(cx, r->order_id, &found, &head));
    if (!found || !str_eq(head.status, STR("placed")))
        return order_sql_promise_end(cx, r->order_id, NULL);
    TRY(order_sql_fulfillment_left(cx, r->order_id, TOTALS_LINES_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        if (!rows.items[i].requires_shipping)
            continue;
        shipped = shipped && rows.items[i].left == 0;
        all = all && rows.items[i].delivered >= rows.items[i].kept;
    }
    if (all)
        return order_sql_promise_end(cx, r->order_id, NULL);
    TRY(order_sql_promise_told(cx, r->order_id, cx->now, &changed));
    if (changed == 0)
        return ST_OK;
    const DeliveryLate told = {.order_id = r->order_id,
                               .promised = delivery_date(cx->arena, r->to_day),
                               .days = today - r->to_day,
                               .shipped = shipped};
    TRY(event_tell(cx, &fulfillment_events[FULFILLMENT_EV_LATE], r->order_id, &told));
    const OrderEventIn in = {
        .type = "delivery_late", .public = true, .text = told.promised, .data = STR("")};
    return order_event(cx, r->order_id, &in);
}

static Status watch_tx(Cx *cx, void *arg)
{
    Watch              *w = arg;
    OrderPromiseRowList rows;
    TRY(order_sql_promises_late(cx, w->day, LATE_BATCH, &rows));
    w->n = rows.n;
    for (size_t i = 0; i < rows.n; i++)
        TRY(tell_late(cx, &rows.items[i], w->day));
    return ST_OK;
}

Status delivery_watch(Cx *cx)
{
    const DeliveryTables *t;
    TRY(delivery_tables(cx, &t));
    UnixMs  then = unix_ms_add(cx->now, (SpanMs){-t->settings.late_hours * 3600000});
    int64_t day = zone_local(t->time_zone, then).day;
    for (;;) {
        Watch w = {.day = day};
        TRY(cx_in_tx(cx, watch_tx, &w));
        if (w.n < LATE_BATCH)
            return ST_OK;
        if (cx->core != NULL && core_stopping(cx->core))
            return cx_fail(cx, ST_BUSY, "core.stopping", "the program ends");
    }
}
