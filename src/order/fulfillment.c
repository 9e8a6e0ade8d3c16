/* Fulfilments: what of an order leaves together, from draft to delivered. */
#include "base/id.h"
#include "order/delivery_int.h"
#include "order/fulfillment_int.h"
#include "order/order_int.h"

#include <string.h>

enum { FULFILLMENTS_MAX = 500, EVENTS_SHOWN = 5000 };

/* --- reading ------------------------------------------------------------------------------ */

static Fulfillment from_row(const OrderFulfillmentRow *r)
{
    return (Fulfillment){.id = r->id,
                         .order_id = r->order_id,
                         .number = r->number,
                         .location_id = r->location_id,
                         .status = r->status,
                         .note = r->note,
                         .created_at = r->created_ms,
                         .updated_at = r->updated_ms,
                         .packed_at = r->packed_ms,
                         .shipped_at = r->shipped_ms,
                         .delivered_at = r->delivered_ms};
}

Parcel parcel_from_row(const OrderParcelRow *r)
{
    const Carrier *c = carrier_find(r->carrier);
    return (Parcel){.id = r->id,
                    .fulfillment_id = r->fulfillment_id,
                    .carrier = r->carrier,
                    .carrier_name = c ? str_from_cstr(c->name) : r->carrier,
                    .service = r->service,
                    .tracking = r->tracking,
                    .url = r->url,
                    .weight_g = r->weight_g,
                    .status = r->status,
                    .status_at = r->status_ms};
}

typedef struct Loading {
    int64_t              order_id;
    OrderFulfillmentRow *one; /* NULL: all of the order */
    Fulfillments         ret;
} Loading;

static Status load_events(Cx *cx, Parcel *parcels, size_t n)
{
    OrderTrackingRowList rows;
    int64_t             *ids = arena_array(cx->arena, int64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = parcels[i].id;
    TRY(order_sql_tracking_of(cx, ids, n, EVENTS_SHOWN, &rows));
    for (size_t i = 0; i < n; i++) {
        TrackingEvents *to = &parcels[i].events;
        for (size_t pass = 0; pass < 2; pass++) {
            to->n = 0;
            for (size_t k = 0; k < rows.n; k++) {
                const OrderTrackingRow *r = &rows.items[k];
                if (r->parcel_id != parcels[i].id)
                    continue;
                if (pass == 1)
                    to->items[to->n] =
                        (TrackingEvent){r->id, r->at_ms, r->code, r->text, r->place, r->source};
                to->n++;
            }
            if (pass == 0)
                to->items = arena_array(cx->arena, TrackingEvent, to->n + 1);
        }
    }
    return ST_OK;
}

static Status load_parcels(Cx *cx, Loading *l)
{
    OrderParcelRowList rows;
    TRY(order_sql_parcels_of(cx, l->order_id, FULFILLMENTS_MAX * PARCELS_MAX, &rows));
    if (rows.n == 0)
        return ST_OK;
    Parcel *all = arena_array(cx->arena, Parcel, rows.n);
    size_t  n = 0;
    for (size_t i = 0; i < l->ret.n; i++) {
        Fulfillment *f = &l->ret.items[i];
        f->parcels.items = &all[n];
        for (size_t k = 0; k < rows.n; k++)
            if (rows.items[k].fulfillment_id == f->id) {
                all[n++] = parcel_from_row(&rows.items[k]);
                f->parcels.n++;
            }
    }
    return load_events(cx, all, n);
}

static Status load_lines(Cx *cx, Loading *l)
{
    OrderFulfillmentLineRowList rows;
    int64_t                    *ids = arena_array(cx->arena, int64_t, l->ret.n + 1);
    for (size_t i = 0; i < l->ret.n; i++)
        ids[i] = l->ret.items[i].id;
    TRY(order_sql_fulfillment_lines(cx, ids, l->ret.n, &rows));
    FulfillmentLine *all = arena_array(cx->arena, FulfillmentLine, rows.n + 1);
    size_t           n = 0;
    for (size_t i = 0; i < l->ret.n; i++) {
        Fulfillment *f = &l->ret.items[i];
        f->lines.items = &all[n];
        for (size_t k = 0; k < rows.n; k++)
            if (rows.items[k].fulfillment_id == f->id) {
                all[n++] = (FulfillmentLine){rows.items[k].line_id, rows.items[k].variant_id,
                                             rows.items[k].qty};
                f->lines.n++;
            }
    }
    return ST_OK;
}

static Status load(Cx *cx, void *arg)
{
    Loading                *l = arg;
    OrderFulfillmentRowList rows = {l->one, 1};
    if (l->one == NULL)
        TRY(order_sql_fulfillments_of(cx, l->order_id, FULFILLMENTS_MAX, &rows));
    l->ret = (Fulfillments){arena_array(cx->arena, Fulfillment, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        l->ret.items[i] = from_row(&rows.items[i]);
    if (rows.n == 0)
        return ST_OK;
    TRY(load_lines(cx, l));
    return load_parcels(cx, l);
}

Status fulfillments_of_order(Cx *cx, int64_t order_id, Fulfillments *ret)
{
    Loading l = {.order_id = order_id};
    TRY(cx_in_snapshot(cx, load, &l));
    *ret = l.ret;
    return ST_OK;
}

Status fulfillment_get(Cx *cx, int64_t id, Fulfillment *ret)
{
    OrderFulfillmentRow row = {0};
    TRY(order_sql_fulfillment_get(cx, id, &row));
    Loading l = {.order_id = row.order_id, .one = &row};
    TRY(cx_in_snapshot(cx, load, &l));
    *ret = l.ret.items[0];
    return ST_OK;
}

Status order_promise_get(Cx *cx, int64_t order_id, OrderPromise *ret)
{
    OrderPromiseRow row;
    bool            found;
    *ret = (OrderPromise){0};
    TRY(order_sql_promise_get(cx, order_id, &found, &row));
    if (found)
        *ret = (OrderPromise){row.from_day, row.to_day, row.told_ms.has};
    return ST_OK;
}

/* --- what is said of it ------------------------------------------------------------------- */

static Str data_of(Cx *cx, const Fulfillment *f, const Parcel *p)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8192);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "fulfillment_id", id_format(cx->arena, FULFILLMENT_ID, f->id));
    json_i64(&j, "number", f->number);
    if (p != NULL) {
        json_str(&j, "carrier", p->carrier_name);
        json_str(&j, "tracking", p->tracking);
        json_str(&j, "url", p->url);
        json_str(&j, "code", str_from_cstr(tracking_code_names[p->status]));
    }
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

Status fulfillment_tell(Cx *cx, const Fulfillment *f, int event, const char *type, const Parcel *p)
{
    const Parcel         *any = p == NULL && f->parcels.n > 0 ? &f->parcels.items[0] : p;
    const FulfillmentTold told = {.order_id = f->order_id,
                                  .fulfillment_id = f->id,
                                  .parcel_id = p ? p->id : 0,
                                  .status = f->status,
                                  .code = any ? any->status : TRACKING_NONE,
                                  .tracking = any ? any->tracking : STR(""),
                                  .carrier = any ? any->carrier_name : STR(""),
                                  .url = any ? any->url : STR("")};
    TRY(event_tell(cx, &fulfillment_events[event], f->order_id, &told));
    if (type == NULL)
        return ST_OK;
    const OrderEventIn in = {
        .type = type, .public = true, .text = STR(""), .data = data_of(cx, f, any)};
    return order_event(cx, f->order_id, &in);
}

/* --- making ------------------------------------------------------------------------------- */

/* May goods of this order leave now? */
static Status order_open(Cx *cx, int64_t order_id)
{
    OrderFulfillmentHead head = {0};
    bool                 found;
    TRY(order_sql_fulfillment_order(cx, order_id, &found, &head));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "order.no_order", "there is no such order");
    if (!str_eq(head.status, STR("placed")))
        return cx_fail(cx, ST_CONFLICT, "order.not_open", "the order is " STR_FMT,
                       STR_ARG(head.status));
    if (!str_eq(head.hold, STR("none")))
        return cx_fail(cx, ST_CONFLICT, "order.on_hold", "the order is on hold: " STR_FMT,
                       STR_ARG(head.hold));
    return ST_OK;
}

typedef struct Making {
    Cx                  *cx;
    const FulfillmentIn *in;
    OrderLeftRowList     left;
    StockParts           open; /* what is allocated where and on no fulfilment yet */
    int64_t              number;
    Fulfillment          made;
} Making;

static OrderLeftRow *left_of(const Making *m, int64_t line_id)
{
    for (size_t i = 0; i < m->left.n; i++)
        if (m->left.items[i].id == line_id)
            return &m->left.items[i];
    return NULL;
}

/* What is on a draft or packed is still allocated, and spoken for. */
static Status find_open(Making *m, int64_t order_id)
{
    Fulfillments all;
    Loading      l = {.order_id = order_id};
    TRY(stock_allocated(m->cx, order_id, &m->open));
    TRY(load(m->cx, &l));
    all = l.ret;
    for (size_t i = 0; i < all.n; i++) {
        const Fulfillment *f = &all.items[i];
        m->number = f->number > m->number ? f->number : m->number;
        if (f->status != FULFILLMENT_DRAFT && f->status != FULFILLMENT_PACKED)
            continue;
        for (size_t k = 0; k < f->lines.n; k++)
            for (size_t p = 0; p < m->open.n; p++)
                if (m->open.items[p].line_id == f->lines.items[k].line_id &&
                    m->open.items[p].location_id == f->location_id)
                    m->open.items[p].qty -= f->lines.items[k].qty;
    }
    return ST_OK;
}

static int64_t usual_location(const Making *m)
{
    int64_t best = STOCK_DEFAULT_LOCATION, most = 0;
    for (size_t i = 0; i < m->open.n; i++)
        if (m->open.items[i].qty > most) {
            most = m->open.items[i].qty;
            best = m->open.items[i].location_id;
        }
    return best;
}

static Status insert(Making *m, int64_t order_id, int64_t location, const FulfillmentLine *lines,
                     size_t n, Str note)
{
    Cx     *cx = m->cx;
    int64_t id = id_new();
    TRY(order_sql_fulfillment_insert(cx, id, order_id, ++m->number, location, note, cx->now, NULL));
    for (size_t i = 0; i < n; i++) {
        TRY(order_sql_fulfillment_line_insert(cx, id, lines[i].line_id, lines[i].variant_id,
                                              lines[i].qty, NULL));
        TRY(order_line_fulfilled(cx, order_id, lines[i].line_id, lines[i].qty));
    }
    return fulfillment_get(cx, id, &m->made);
}

/* Lines as asked for, checked and each once; or all that is left. */
static Status lines_of(Making *m, FulfillmentLines *ret)
{
    Cx *cx = m->cx;
    *ret = (FulfillmentLines){
        arena_array(cx->arena, FulfillmentLine, m->left.n + m->in->lines.n + 1), 0};
    for (size_t i = 0; i < m->in->lines.n; i++) {
        const FulfillmentLine *want = &m->in->lines.items[i];
        OrderLeftRow          *left = left_of(m, want->line_id);
        if (left == NULL)
            return cx_fail(cx, ST_NOT_FOUND, "order.no_line", "the order has no such line");
        if (want->qty < 1 || want->qty > left->left)
            return cx_fail(cx, ST_CONFLICT, "order.too_many", "%lld pieces are left of a line",
                           (long long)left->left);
        left->left -= want->qty;
        size_t k = 0;
        while (k < ret->n && ret->items[k].line_id != want->line_id)
            k++;
        if (k == ret->n)
            ret->items[ret->n++] = (FulfillmentLine){want->line_id, left->variant_id, 0};
        ret->items[k].qty += want->qty;
    }
    for (size_t i = 0; m->in->lines.n == 0 && i < m->left.n; i++)
        if (m->left.items[i].requires_shipping && m->left.items[i].left > 0)
            ret->items[ret->n++] = (FulfillmentLine){
                m->left.items[i].id, m->left.items[i].variant_id, m->left.items[i].left};
    if (ret->n == 0)
        return cx_fail(cx, ST_CONFLICT, "order.too_many", "nothing is left to be sent");
    return ST_OK;
}

static Status create_tx(Cx *cx, void *arg)
{
    Making          *m = arg;
    FulfillmentLines lines;
    int64_t          order = m->in->order_id;
    m->cx = cx;
    m->number = 0;
    TRY(order_open(cx, order));
    TRY(order_sql_fulfillment_left(cx, order, TOTALS_LINES_MAX, &m->left));
    TRY(find_open(m, order));
    TRY(lines_of(m, &lines));
    int64_t       location = m->in->location_id ? m->in->location_id : usual_location(m);
    StockLocation there;
    TRY(stock_location_get(cx, location, &there));
    TRY(insert(m, order, location, lines.items, lines.n, m->in->note.ptr ? m->in->note : STR("")));
    return order_derive(cx, order);
}

Status fulfillment_create(Cx *cx, const FulfillmentIn *in, Fulfillment *ret)
{
    Making m = {.in = in};
    TRY(cx_in_tx(cx, create_tx, &m));
    *ret = m.made;
    return ST_OK;
}

typedef struct Planning {
    int64_t      order_id;
    Fulfillments ret;
} Planning;

/* Of each line, what is left and allocated there. */
static size_t part_of(Making *m, int64_t location, FulfillmentLine *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < m->open.n; i++) {
        StockPart    *p = &m->open.items[i];
        OrderLeftRow *left = left_of(m, p->line_id);
        if (p->location_id != location || p->qty <= 0 || left == NULL || left->left <= 0)
            continue;
        int64_t qty = p->qty < left->left ? p->qty : left->left;
        ret[n++] = (FulfillmentLine){p->line_id, p->variant_id, qty};
        left->left -= qty;
        p->qty = 0;
    }
    return n;
}

static size_t rest_of(Making *m, FulfillmentLine *lines, size_t n)
{
    for (size_t i = 0; i < m->left.n; i++) {
        OrderLeftRow *left = &m->left.items[i];
        size_t        k = 0;
        if (!left->requires_shipping || left->left <= 0)
            continue;
        while (k < n && lines[k].line_id != left->id)
            k++;
        if (k == n)
            lines[n++] = (FulfillmentLine){left->id, left->variant_id, 0};
        lines[k].qty += left->left;
        left->left = 0;
    }
    return n;
}

static Status plan_tx(Cx *cx, void *arg)
{
    Planning *p = arg;
    Making    m = {.cx = cx};
    TRY(order_open(cx, p->order_id));
    TRY(order_sql_fulfillment_left(cx, p->order_id, TOTALS_LINES_MAX, &m.left));
    TRY(find_open(&m, p->order_id));
    p->ret = (Fulfillments){arena_array(cx->arena, Fulfillment, m.open.n + 2), 0};
    FulfillmentLine *lines = arena_array(cx->arena, FulfillmentLine, m.open.n + m.left.n + 1);
    /* what is not counted goes with the first */
    int64_t          first = usual_location(&m);
    size_t           n = part_of(&m, first, lines);
    FulfillmentLine *others = arena_array(cx->arena, FulfillmentLine, m.open.n + 1);
    for (size_t i = 0; i < m.open.n; i++) {
        int64_t location = m.open.items[i].location_id;
        size_t  k = part_of(&m, location, others);
        if (k == 0)
            continue;
        TRY(insert(&m, p->order_id, location, others, k, STR("")));
        p->ret.items[p->ret.n++] = m.made;
    }
    n = rest_of(&m, lines, n);
    if (n > 0) {
        TRY(insert(&m, p->order_id, first, lines, n, STR("")));
        p->ret.items[p->ret.n++] = m.made;
    }
    return order_derive(cx, p->order_id);
}

Status fulfillment_plan(Cx *cx, int64_t order_id, Fulfillments *ret)
{
    Planning p = {.order_id = order_id};
    TRY(cx_in_tx(cx, plan_tx, &p));
    *ret = p.ret;
    return ST_OK;
}

/* --- moving on ---------------------------------------------------------------------------- */

Status fulfillment_set(Cx *cx, Fulfillment *f, int status)
{
    int64_t changed;
    int     was = f->status;
    f->status = status;
    f->updated_at = cx->now;
    TRY(order_sql_fulfillment_set(cx, f->id, was, status, f->packed_at, f->shipped_at,
                                  f->delivered_at, cx->now, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_CONFLICT, "order.fulfillment_state", "it has changed meanwhile");
    return ST_OK;
}

static Status wrong_state(Cx *cx, const Fulfillment *f)
{
    return cx_fail(cx, ST_CONFLICT, "order.fulfillment_state", "the fulfilment is %s",
                   fulfillment_status_names[f->status]);
}

typedef struct Step {
    int64_t         id;
    const ParcelIn *parcels;
    size_t          n;
    bool            restock;
    CxTxFn         *fn;
    Fulfillment     f;
} Step;

static Status pack_tx(Cx *cx, void *arg)
{
    Step *s = arg;
    TRY(fulfillment_get(cx, s->id, &s->f));
    if (s->f.status != FULFILLMENT_DRAFT)
        return wrong_state(cx, &s->f);
    TRY(order_open(cx, s->f.order_id));
    s->f.packed_at = opt_time(cx->now);
    TRY(fulfillment_set(cx, &s->f, FULFILLMENT_PACKED));
    return fulfillment_tell(cx, &s->f, FULFILLMENT_EV_PACKED, "packed", NULL);
}

/* The step, and what it is like afterwards, in one transaction. */
static Status step_tx(Cx *cx, void *arg)
{
    Step *s = arg;
    TRY(s->fn(cx, s));
    return fulfillment_get(cx, s->id, &s->f);
}

static Status step(Cx *cx, CxTxFn *fn, Step *s, Fulfillment *ret)
{
    s->fn = fn;
    TRY(cx_in_tx(cx, step_tx, s));
    *ret = s->f;
    return ST_OK;
}

Status fulfillment_pack(Cx *cx, int64_t id, Fulfillment *ret)
{
    Step s = {.id = id};
    return step(cx, pack_tx, &s, ret);
}

static Status ship_tx(Cx *cx, void *arg)
{
    Step *s = arg;
    TRY(fulfillment_get(cx, s->id, &s->f));
    Fulfillment *f = &s->f;
    if (f->status != FULFILLMENT_DRAFT && f->status != FULFILLMENT_PACKED)
        return wrong_state(cx, f);
    TRY(order_open(cx, f->order_id));
    for (size_t i = 0; i < s->n; i++)
        TRY(parcel_insert(cx, f, &s->parcels[i], NULL));
    if (!f->packed_at.has)
        f->packed_at = opt_time(cx->now);
    f->shipped_at = opt_time(cx->now);
    TRY(fulfillment_set(cx, f, FULFILLMENT_SHIPPED));
    for (size_t i = 0; i < f->lines.n; i++) {
        const FulfillmentLine *l = &f->lines.items[i];
        const StockMove        m = {f->order_id, l->line_id, l->variant_id, f->location_id, l->qty};
        TRY(order_line_shipped(cx, f->order_id, l->line_id, l->qty));
        TRY(stock_ship(cx, &m));
    }
    TRY(order_derive(cx, f->order_id));
    TRY(fulfillment_get(cx, s->id, f)); /* with its parcels */
    return fulfillment_tell(cx, f, FULFILLMENT_EV_SHIPPED, "shipped", NULL);
}

Status fulfillment_ship(Cx *cx, int64_t id, const ParcelIn *parcels, size_t n, Fulfillment *ret)
{
    Step s = {.id = id, .parcels = parcels, .n = n};
    return step(cx, ship_tx, &s, ret);
}

/* Has all of the order arrived that is sent? Then nothing is late any more. */
static Status end_promise(Cx *cx, int64_t order_id)
{
    OrderLeftRowList rows;
    TRY(order_sql_fulfillment_left(cx, order_id, TOTALS_LINES_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++)
        if (rows.items[i].requires_shipping && rows.items[i].delivered < rows.items[i].kept)
            return ST_OK;
    return order_sql_promise_end(cx, order_id, NULL);
}

Status fulfillment_arrived(Cx *cx, Fulfillment *f, UnixMs at)
{
    f->delivered_at = opt_time(at);
    TRY(fulfillment_set(cx, f, FULFILLMENT_DELIVERED));
    for (size_t i = 0; i < f->lines.n; i++)
        TRY(order_line_delivered(cx, f->order_id, f->lines.items[i].line_id,
                                 f->lines.items[i].qty));
    TRY(order_derive(cx, f->order_id));
    TRY(end_promise(cx, f->order_id));
    return fulfillment_tell(cx, f, FULFILLMENT_EV_DELIVERED, "delivered", NULL);
}

static Status deliver_tx(Cx *cx, void *arg)
{
    Step *s = arg;
    TRY(fulfillment_get(cx, s->id, &s->f));
    if (s->f.status != FULFILLMENT_SHIPPED)
        return wrong_state(cx, &s->f);
    return fulfillment_arrived(cx, &s->f, cx->now);
}

Status fulfillment_deliver(Cx *cx, int64_t id, Fulfillment *ret)
{
    Step s = {.id = id};
    return step(cx, deliver_tx, &s, ret);
}

/* Its pieces are to be sent again: they are promised to the order anew, there or not. */
static Status promise_again(Cx *cx, const Fulfillment *f)
{
    StockLine      *lines = arena_array(cx->arena, StockLine, f->lines.n + 1);
    StockAllocation got;
    for (size_t i = 0; i < f->lines.n; i++)
        lines[i] = (StockLine){f->lines.items[i].variant_id, f->lines.items[i].qty,
                               f->lines.items[i].line_id};
    const StockAsk ask = {.order_id = f->order_id,
                          .lines = lines,
                          .n = f->lines.n,
                          .to = {.country = STR(""),
                                 .zone = STR(""),
                                 .postal = STR(""),
                                 .location_id = f->location_id},
                          .flags = STOCK_FORCE};
    return stock_allocate(cx, &ask, &got);
}

static Status fail_tx(Cx *cx, void *arg)
{
    Step *s = arg;
    TRY(fulfillment_get(cx, s->id, &s->f));
    Fulfillment *f = &s->f;
    if (f->status != FULFILLMENT_SHIPPED)
        return wrong_state(cx, f);
    TRY(fulfillment_set(cx, f, FULFILLMENT_FAILED));
    for (size_t i = 0; i < f->lines.n; i++) {
        const FulfillmentLine *l = &f->lines.items[i];
        const StockMove        m = {f->order_id, l->line_id, l->variant_id, f->location_id, l->qty};
        TRY(order_line_shipped(cx, f->order_id, l->line_id, -l->qty));
        TRY(order_line_fulfilled(cx, f->order_id, l->line_id, -l->qty));
        if (s->restock)
            TRY(stock_return(cx, &m, false));
    }
    TRY(promise_again(cx, f));
    TRY(order_derive(cx, f->order_id));
    return fulfillment_tell(cx, f, FULFILLMENT_EV_FAILED, "delivery_failed", NULL);
}

Status fulfillment_fail(Cx *cx, int64_t id, bool restock, Fulfillment *ret)
{
    Step s = {.id = id, .restock = restock};
    return step(cx, fail_tx, &s, ret);
}

static Status cancel_tx(Cx *cx, void *arg)
{
    Step *s = arg;
    TRY(fulfillment_get(cx, s->id, &s->f));
    Fulfillment *f = &s->f;
    if (f->status != FULFILLMENT_DRAFT && f->status != FULFILLMENT_PACKED)
        return wrong_state(cx, f);
    bool packed = f->status == FULFILLMENT_PACKED;
    TRY(fulfillment_set(cx, f, FULFILLMENT_CANCELLED));
    for (size_t i = 0; i < f->lines.n; i++)
        TRY(order_line_fulfilled(cx, f->order_id, f->lines.items[i].line_id,
                                 -f->lines.items[i].qty));
    TRY(order_derive(cx, f->order_id));
    return packed ? fulfillment_tell(cx, f, FULFILLMENT_EV_CANCELLED, NULL, NULL) : ST_OK;
}

Status fulfillment_cancel(Cx *cx, int64_t id, Fulfillment *ret)
{
    Step s = {.id = id};
    return step(cx, cancel_tx, &s, ret);
}
