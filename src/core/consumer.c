#include "core/consumer_int.h"

#include "core/backoff.h"

#include <stdlib.h>
#include <string.h>

static const Backoff BACKOFF = {.first = {50}, .most = {5 * 60 * 1000}, .factor = 4};

/* What runs longer is kept in a row, so that the cursor can go on. */
static const SpanMs SLOW = {5000};
/* A consumer that gets nothing it wants still moves its cursor now and then. */
static const SpanMs SAVE_IDLE = {10 * 1000};

enum { CONSUMER_BYTES = 8 << 20 }; /* of events that wait for one consumer */

static void *zeroed(size_t size)
{
    void *p = calloc(1, size);
    if (p == NULL)
        base_out_of_memory(size);
    return p;
}

/* --- events ------------------------------------------------------------------------ */

static Str put(char **at, Str s)
{
    Str copy = {*at, s.len};
    if (s.len > 0)
        memcpy(*at, s.ptr, s.len);
    *at += s.len;
    return copy;
}

SharedEvent *shared_event_new(const Event *event, Pos pos)
{
    size_t       bytes = sizeof(SharedEvent) + event->type.len + event->payload.len;
    SharedEvent *s = zeroed(bytes);
    char        *at = (char *)(s + 1);
    s->refs = 1;
    s->bytes = bytes;
    s->pos = pos;
    s->event = *event;
    s->event.type = put(&at, event->type);
    s->event.payload = put(&at, event->payload);
    return s;
}

SharedEvent *shared_event_ref(SharedEvent *s)
{
    s->refs++;
    return s;
}

void shared_event_unref(SharedEvent *s)
{
    if (s != NULL && --s->refs == 0)
        free(s);
}

/* --- lists ------------------------------------------------------------------------- */

static void list_add(DeliveryList *list, Delivery *d)
{
    d->next = NULL;
    d->prev = list->last;
    if (list->last != NULL)
        list->last->next = d;
    else
        list->first = d;
    list->last = d;
    list->n++;
}

static void list_remove(DeliveryList *list, Delivery *d)
{
    if (d->prev != NULL)
        d->prev->next = d->next;
    else
        list->first = d->next;
    if (d->next != NULL)
        d->next->prev = d->prev;
    else
        list->last = d->prev;
    d->prev = d->next = NULL;
    list->n--;
}

static Delivery *list_pop(DeliveryList *list)
{
    Delivery *d = list->first;
    list->first = d->next;
    if (list->first != NULL)
        list->first->prev = NULL;
    else
        list->last = NULL;
    list->n--;
    return d;
}

static void ready_add(Delivery *d)
{
    Consumer *c = d->consumer;
    d->state = DELIVERY_READY;
    d->next_ready = NULL;
    if (c->ready_last != NULL)
        c->ready_last->next_ready = d;
    else
        c->ready_first = d;
    c->ready_last = d;
}

static void drop_event(Delivery *d)
{
    if (d->shared == NULL)
        return;
    d->consumer->bytes -= d->shared->bytes;
    shared_event_unref(d->shared);
    d->shared = NULL;
}

/* --- streams ----------------------------------------------------------------------- */

static Stream **stream_place(Consumer *c, int64_t id)
{
    uint64_t hash = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);
    Stream **at = &c->streams[hash >> 56];
    _Static_assert(CONSUMER_STREAMS == 256, "one chain for each value of the top byte");
    while (*at != NULL && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

/* The first of a stream may run: at once, or when its time has come. */
static void stream_start(Delivery *d)
{
    if (d->tries > 0)
        d->state = DELIVERY_WAITING;
    else
        ready_add(d);
}

static void stream_add(Delivery *d)
{
    Stream **at = stream_place(d->consumer, d->shared->event.stream);
    if (*at == NULL) {
        *at = zeroed(sizeof **at);
        (*at)->id = d->shared->event.stream;
    }
    Stream *s = *at;
    d->stream = s;
    if (s->last != NULL) {
        s->last->next_in_stream = d;
        d->state = DELIVERY_BEHIND;
    } else {
        s->first = d;
        stream_start(d);
    }
    s->last = d;
}

/* `d`, the first of its stream, is finished: on to the next one. */
static void stream_pop(Delivery *d)
{
    Stream *s = d->stream;
    ASSERT(s->first == d);
    d->stream = NULL;
    s->first = d->next_in_stream;
    if (s->first != NULL) {
        stream_start(s->first);
        return;
    }
    Stream **at = stream_place(d->consumer, s->id);
    *at = s->next;
    free(s);
}

/* --- feeding ----------------------------------------------------------------------- */

bool consumer_wants(const Consumer *c, Str type)
{
    const char *wanted = c->reaction->type;
    return strcmp(wanted, "*") == 0 || str_eq(type, str_from_cstr(wanted));
}

bool consumer_has_room(const Consumer *c)
{
    return c->window.n < CONSUMER_WINDOW && c->kept.n < CONSUMER_KEPT && c->bytes < CONSUMER_BYTES;
}

static Delivery *delivery_new(Consumer *c, SharedEvent *s)
{
    Delivery *d = zeroed(sizeof *d);
    d->consumer = c;
    d->shared = shared_event_ref(s);
    d->pos = s->pos;
    c->bytes += s->bytes;
    return d;
}

void consumer_feed(Consumer *c, SharedEvent *s)
{
    Delivery *d = delivery_new(c, s);
    list_add(&c->window, d);
    stream_add(d);
}

void consumer_feed_kept(Consumer *c, SharedEvent *s, int tries, UnixMs again, UnixMs first_failed)
{
    Delivery *d = delivery_new(c, s);
    d->kept = true;
    d->tries = tries;
    d->again = again;
    d->first_failed = first_failed;
    list_add(&c->kept, d);
    stream_add(d);
}

bool consumer_keeps(const Consumer *c, int64_t event_id)
{
    for (const Delivery *d = c->kept.first; d != NULL; d = d->next)
        if (d->pos.id == event_id)
            return true;
    return false;
}

/* --- running ----------------------------------------------------------------------- */

Delivery *consumer_take(Consumer *c, UnixMs now)
{
    Delivery *d = c->ready_first;
    if (d == NULL)
        return NULL;
    c->ready_first = d->next_ready;
    if (c->ready_first == NULL)
        c->ready_last = NULL;
    d->next_ready = NULL;
    d->state = DELIVERY_RUNNING;
    d->since = now;
    c->running++;
    return d;
}

Delivery *consumer_take_more(Consumer *c, UnixMs now)
{
    const Delivery *d = c->ready_first;
    return d != NULL && d->tries == 0 && !d->kept ? consumer_take(c, now) : NULL;
}

static void touch(Delivery *d)
{
    if (d->kept && !d->changed) {
        d->changed = true;
        d->consumer->changed++;
    }
}

static void give_up(Delivery *d)
{
    Consumer *c = d->consumer;
    stream_pop(d);
    if (c->reaction->every_process) { /* its memory only: nothing to replay later */
        c->lost++;
        d->state = DELIVERY_DONE;
        drop_event(d);
    } else {
        c->parked++;
        d->state = DELIVERY_GIVEN_UP;
    }
}

void consumer_finish(Delivery *d, Status st, const Err *err, UnixMs now, uint64_t random)
{
    Consumer *c = d->consumer;
    ASSERT(d->state == DELIVERY_RUNNING);
    if (d->orphan) {
        shared_event_unref(d->shared);
        free(d);
        return;
    }
    c->running--;
    c->worked = true;
    touch(d);
    if (st == ST_OK) {
        c->delivered++;
        stream_pop(d);
        d->state = DELIVERY_DONE;
        drop_event(d);
        return;
    }
    c->failed++;
    d->err = *err;
    if (d->tries++ == 0)
        d->first_failed = now;
    if (st == ST_INVALID || d->tries >= CONSUMER_TRIES) {
        give_up(d);
        return;
    }
    d->state = DELIVERY_WAITING;
    d->again = unix_ms_add(now, backoff_wait(&BACKOFF, d->tries, random));
}

static void awake_list(const DeliveryList *list, UnixMs now, UnixMs *next)
{
    for (Delivery *d = list->first; d != NULL; d = d->next) {
        if (d->state != DELIVERY_WAITING)
            continue;
        if (d->again.v <= now.v)
            ready_add(d);
        else if (next->v == 0 || d->again.v < next->v)
            *next = d->again;
    }
}

UnixMs consumer_awake(Consumer *c, UnixMs now)
{
    UnixMs next = {0};
    awake_list(&c->window, now, &next);
    awake_list(&c->kept, now, &next);
    return next;
}

/* --- saving ------------------------------------------------------------------------ */

/* Must not hold the cursor back: it failed, or it runs for long. */
static bool is_stuck(const Delivery *d, UnixMs now)
{
    return d->kept || d->tries > 0 || d->state == DELIVERY_GIVEN_UP ||
           (d->state == DELIVERY_RUNNING && now.v - d->since.v > SLOW.v);
}

static bool is_stuck_or_behind(const Delivery *d, UnixMs now)
{
    return is_stuck(d, now) || (d->state == DELIVERY_BEHIND && is_stuck(d->stream->first, now));
}

static void plan_row(SavePlan *p, Delivery *d)
{
    if (p->rows != NULL)
        p->rows[p->nrows] = (KeptRow){.delivery = d,
                                      .shared = shared_event_ref(d->shared),
                                      .tries = d->tries,
                                      .again = d->again,
                                      .first_failed = d->first_failed,
                                      .parked = d->state == DELIVERY_GIVEN_UP,
                                      .err = d->err};
    p->nrows++;
}

/* Walk the front of the window as far as all is settled, or can be by writing a row. */
static void plan_window(SavePlan *p, UnixMs now)
{
    Consumer *c = p->consumer;
    size_t    room = c->kept.n < CONSUMER_KEPT ? CONSUMER_KEPT - c->kept.n : 0;
    Delivery *d = c->window.first;
    for (; d != NULL; d = d->next) {
        if (d->state != DELIVERY_DONE) {
            if (!is_stuck_or_behind(d, now) || p->nrows == room)
                break;
            plan_row(p, d);
        }
        p->low = d->pos;
    }
    if (d == NULL)
        p->low = c->read;
}

static void plan_kept(SavePlan *p)
{
    for (Delivery *d = p->consumer->kept.first; d != NULL; d = d->next) {
        if (!d->changed)
            continue;
        if (d->state != DELIVERY_DONE)
            plan_row(p, d);
        else if (p->gone != NULL)
            p->gone[p->ngone++] = d;
    }
}

static void plan(SavePlan *p, UnixMs now)
{
    p->nrows = p->ngone = 0;
    plan_window(p, now);
    if (p->consumer->changed > 0)
        plan_kept(p);
}

/* Done deliveries at the front of the window have no more use. */
static void window_trim(Consumer *c)
{
    while (c->window.first != NULL && c->window.first->state == DELIVERY_DONE)
        free(list_pop(&c->window));
}

/* Where no cursor is saved, done ones have no use wherever they stand. */
static void window_sweep(Consumer *c)
{
    Delivery *next;
    for (Delivery *d = c->window.first; d != NULL; d = next) {
        next = d->next;
        if (d->state == DELIVERY_DONE) {
            list_remove(&c->window, d);
            free(d);
        }
    }
}

bool consumer_plan(Consumer *c, UnixMs now, Arena *a, SavePlan *ret)
{
    if (c->reaction->every_process) {
        window_sweep(c);
        return false;
    }
    SavePlan p = {.consumer = c, .low = c->saved};
    plan(&p, now); /* once to count, once to fill in */
    if (p.nrows > 0 || c->changed > 0) {
        p.rows = arena_array(a, KeptRow, p.nrows + 1);
        p.gone = arena_array(a, Delivery *, c->changed + 1);
        plan(&p, now);
    } else if (pos_same(p.low, c->saved) || (!c->worked && now.v - c->saved_at.v < SAVE_IDLE.v)) {
        return false;
    }
    *ret = p;
    return true;
}

/* The row of `d` is written. */
static void row_saved(const KeptRow *row)
{
    Delivery *d = row->delivery;
    Consumer *c = d->consumer;
    shared_event_unref(row->shared);
    if (!d->kept) {
        list_remove(&c->window, d);
        list_add(&c->kept, d);
        d->kept = true;
    } else if (d->changed) {
        d->changed = false;
        c->changed--;
    }
    if (row->parked) {
        list_remove(&c->kept, d);
        drop_event(d);
        free(d);
    } else if (d->tries != row->tries || d->state == DELIVERY_DONE ||
               d->state == DELIVERY_GIVEN_UP) {
        touch(d); /* it went on while the row was written */
    }
}

void consumer_saved(const SavePlan *plan, UnixMs now)
{
    Consumer *c = plan->consumer;
    for (size_t i = 0; i < plan->nrows; i++)
        row_saved(&plan->rows[i]);
    for (size_t i = 0; i < plan->ngone; i++) {
        list_remove(&c->kept, plan->gone[i]);
        c->changed--;
        free(plan->gone[i]);
    }
    window_trim(c);
    c->saved = plan->low;
    c->saved_at = now;
    c->worked = c->window.n > 0;
}

void consumer_unsaved(const SavePlan *plan)
{
    for (size_t i = 0; i < plan->nrows; i++)
        shared_event_unref(plan->rows[i].shared);
}

/* --- the end ----------------------------------------------------------------------- */

static void clear_list(DeliveryList *list)
{
    Delivery *next;
    for (Delivery *d = list->first; d != NULL; d = next) {
        next = d->next;
        if (d->state == DELIVERY_RUNNING) {
            d->orphan = true;
            d->stream = NULL;
            continue;
        }
        shared_event_unref(d->shared);
        free(d);
    }
    *list = (DeliveryList){0};
}

void consumer_clear(Consumer *c)
{
    clear_list(&c->window);
    clear_list(&c->kept);
    for (size_t i = 0; i < CONSUMER_STREAMS; i++) {
        Stream *next;
        for (Stream *s = c->streams[i]; s != NULL; s = next) {
            next = s->next;
            free(s);
        }
        c->streams[i] = NULL;
    }
    c->ready_first = c->ready_last = NULL;
    c->running = 0;
    c->changed = 0;
    c->bytes = 0;
    c->loaded = false;
    c->worked = false;
}

bool consumer_is_idle(const Consumer *c)
{
    if (c->running > 0 || c->ready_first != NULL || c->changed > 0)
        return false;
    return c->reaction->every_process ? c->window.n == 0 : pos_same(c->saved, c->read);
}

static void oldest_of(const DeliveryList *list, int64_t *oldest)
{
    for (const Delivery *d = list->first; d != NULL; d = d->next)
        if (d->shared != NULL && d->shared->event.at.v < *oldest)
            *oldest = d->shared->event.at.v;
}

SpanMs consumer_lag(const Consumer *c, UnixMs now)
{
    int64_t oldest = now.v;
    oldest_of(&c->window, &oldest);
    oldest_of(&c->kept, &oldest);
    return (SpanMs){now.v - oldest};
}
