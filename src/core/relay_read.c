#include "core/core_int.h"

enum {
    READ_MAX = 256,   /* events in one statement */
    PENDING_TRIES = 6 /* then transactions of other databases are told apart: some 60 ms */
};

static Status read_rows(Relay *r, Cx *cx, Pos from, CoreEventRowList *ret)
{
    int64_t ends;
    int64_t below = 0;
    if (r->pending_tries >= PENDING_TRIES) {
        TRY(core_sql_event_ends(cx, &ends));
        TRY(core_sql_event_frontier(cx, ends, &below));
    }
    r->reads++;
    return core_sql_event_read(cx, from.xid, from.id, below, READ_MAX, ret);
}

static Event event_of(const CoreEventRow *row)
{
    return (Event){.id = row->id,
                   .type = row->type,
                   .version = (int)row->version,
                   .stream = row->stream,
                   .at = row->at_ms,
                   .payload = row->payload};
}

/* --- deliveries that failed before -------------------------------------------------------- */

static void feed_kept(Consumer *c, const CoreParkedRow *row)
{
    Event        event = {.id = row->event_id,
                          .type = row->type,
                          .version = (int)row->version,
                          .stream = row->stream,
                          .at = row->at_ms,
                          .payload = row->payload};
    SharedEvent *s = shared_event_new(&event, (Pos){row->xid, row->event_id});
    consumer_feed_kept(c, s, (int)row->tries, row->next_ms, row->failed_ms);
    shared_event_unref(s);
}

/* Take in the rows of core_event_parked that wait for another try and are not known yet:
 * at the beginning, and when staff replay something. */
static Status load_kept(Relay *r, Cx *cx, Consumer *c)
{
    CoreParkedRowList rows;
    Pos               from = {INT64_MIN, 0};
    bool              room = true;
    do {
        TRY(core_sql_parked_retry_list(cx, str_from_cstr(c->reaction->name), from.xid, from.id,
                                       READ_MAX, &rows));
        pthread_mutex_lock(&r->mutex);
        for (size_t i = 0; i < rows.n && c->held; i++) {
            const CoreParkedRow *row = &rows.items[i];
            room = c->kept.n < CONSUMER_KEPT;
            if (room && !consumer_keeps(c, row->event_id))
                feed_kept(c, row);
            from = (Pos){row->xid, row->event_id};
        }
        c->loaded = rows.n < READ_MAX && room; /* else it gets nothing newer yet */
        relay_ring_add(r, c);
        r->again_at = 1; /* see when the others are due */
        pthread_cond_signal(&r->work);
        pthread_mutex_unlock(&r->mutex);
    } while (rows.n == READ_MAX && room);
    return ST_OK;
}

static Consumer *find_held(Relay *r, Str name)
{
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        if (c->held && !c->reaction->every_process &&
            str_eq(str_from_cstr(c->reaction->name), name))
            return c;
    }
    return NULL;
}

/* Somebody may have asked for replays: does any consumer have rows that we do not know? */
static Status look_for_replays(Relay *r, Cx *cx)
{
    CoreParkedCountList counts;
    TRY(core_sql_parked_retry_counts(cx, (int64_t)r->n + 100, &counts));
    for (size_t i = 0; i < counts.n; i++) {
        Consumer *c = find_held(r, counts.items[i].consumer);
        if (c != NULL && (size_t)counts.items[i].n > c->kept.n)
            TRY(load_kept(r, cx, c));
    }
    return ST_OK;
}

/* --- new events ----------------------------------------------------------------------------- */

static bool wants_feeding(const Relay *r, const Consumer *c)
{
    return c->held && !c->leaving && c->loaded && c->idle_turn != r->turn;
}

/* Mark the consumers that take part in this pass; false when there are none. They are those
 * that are furthest behind and all that stand at or after the place where these begin. */
static bool choose(Relay *r, Pos *ret_from)
{
    bool any = false;
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        c->in_pass = wants_feeding(r, c) && consumer_has_room(c);
        c->full = wants_feeding(r, c) && !c->in_pass;
        if (c->in_pass && (!any || pos_before(c->read, *ret_from))) {
            *ret_from = c->read;
            any = true;
        }
    }
    return any;
}

static void feed_row(Relay *r, const CoreEventRow *row)
{
    Event        event = event_of(row);
    Pos          pos = {row->xid, row->id};
    SharedEvent *shared = NULL;
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        if (!c->in_pass || !pos_before(c->read, pos))
            continue;
        bool wants = consumer_wants(c, row->type);
        if (wants && !consumer_has_room(c)) {
            c->in_pass = false;
            c->full = true;
            continue;
        }
        if (wants) {
            if (shared == NULL)
                shared = shared_event_new(&event, pos);
            consumer_feed(c, shared);
            relay_ring_add(r, c);
        }
        c->read = pos;
    }
    shared_event_unref(shared);
}

/* Nothing is left behind the last row: whoever came that far waits for the next turn. */
static void rest(Relay *r, Pos last)
{
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        if (c->in_pass && !pos_before(c->read, last))
            c->idle_turn = r->turn;
    }
}

static void feed(Relay *r, Pos from, const CoreEventRowList *rows)
{
    Pos    last = from;
    size_t i = 0;
    for (; i < rows->n && rows->items[i].ready; i++) {
        feed_row(r, &rows->items[i]);
        last = (Pos){rows->items[i].xid, rows->items[i].id};
    }
    r->pending = i < rows->n;
    r->pending_tries = r->pending && i == 0 ? r->pending_tries + 1 : 0;
    if (i < READ_MAX)
        rest(r, last);
}

static Status load_new_ones(Relay *r, Cx *cx)
{
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        if (c->held && !c->loaded && c->kept.n < CONSUMER_KEPT / 2)
            TRY(load_kept(r, cx, c));
    }
    return ST_OK;
}

Status relay_read(Relay *r, Cx *cx, bool *ret_fed)
{
    Pos              from = {0};
    CoreEventRowList rows;
    *ret_fed = false;
    TRY(load_new_ones(r, cx));
    if (atomic_exchange(&r->replays, false))
        TRY(look_for_replays(r, cx));
    pthread_mutex_lock(&r->mutex);
    bool any = choose(r, &from);
    pthread_mutex_unlock(&r->mutex);
    if (!any)
        return ST_OK;
    TRY(read_rows(r, cx, from, &rows));
    if (rows.n > 0)
        db_settled(cx->db); /* reactions tell others */
    pthread_mutex_lock(&r->mutex);
    feed(r, from, &rows);
    if (r->ring_first != NULL)
        pthread_cond_signal(&r->work);
    pthread_mutex_unlock(&r->mutex);
    *ret_fed = rows.n > 0 && !(r->pending && r->pending_tries > 0);
    return ST_OK;
}
