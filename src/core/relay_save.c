#include "core/core_int.h"

enum { SAVE_MS = 200, SAVE_LATER_MS = 5000 };

typedef struct Save {
    const Core *core;
    SavePlan   *plans;
    size_t      n;
} Save;

static Status put_row(Cx *cx, Str consumer, const KeptRow *row)
{
    const Event  *e = &row->shared->event;
    CoreParkedRow in = {.consumer = consumer,
                        .event_id = e->id,
                        .xid = row->shared->pos.xid,
                        .type = e->type,
                        .version = e->version,
                        .stream = e->stream,
                        .at_ms = e->at,
                        .payload = e->payload,
                        .state = row->parked ? 1 : 0,
                        .tries = row->tries,
                        .next_ms = row->again,
                        .error = str_from_cstr(row->err.code),
                        .detail = str_from_cstr(row->err.msg),
                        .failed_ms = row->first_failed,
                        .changed_ms = cx->now};
    return core_sql_parked_put(cx, &in, NULL);
}

static Status save_plan(Cx *cx, const Core *core, SavePlan *p)
{
    Consumer *c = p->consumer;
    Str       name = str_from_cstr(c->reaction->name);
    int64_t   changed;
    TRY(core_sql_consumer_move(cx, name, core->process, c->fence, p->low.xid, p->low.id, cx->now,
                               &changed));
    p->lost = changed == 0;
    if (p->lost)
        return ST_OK; /* its rows are for the new holder to write */
    for (size_t i = 0; i < p->nrows; i++)
        TRY(put_row(cx, name, &p->rows[i]));
    for (size_t i = 0; i < p->ngone; i++)
        TRY(core_sql_parked_delete(cx, name, p->gone[i]->pos.id, NULL));
    return ST_OK;
}

static Status save_tx(Cx *cx, void *arg)
{
    const Save *save = arg;
    for (size_t i = 0; i < save->n; i++)
        TRY(save_plan(cx, save->core, &save->plans[i]));
    return ST_OK;
}

static void make_plans(Relay *r, Cx *cx, bool all, Save *save)
{
    save->core = r->core;
    save->plans = arena_array(cx->arena, SavePlan, r->n + 1);
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        if (!c->held)
            continue;
        if (all || c->leaving)
            c->worked = true;
        if (consumer_plan(c, cx->now, cx->arena, &save->plans[save->n]))
            save->n++;
    }
}

static void settle_plans(Relay *r, const Save *save, Status st, UnixMs now)
{
    for (size_t i = 0; i < save->n; i++) {
        SavePlan *p = &save->plans[i];
        if (st == ST_OK && !p->lost) {
            consumer_saved(p, now);
            continue;
        }
        consumer_unsaved(p);
        if (st == ST_OK) { /* another process has it */
            consumer_clear(p->consumer);
            p->consumer->held = false;
        }
    }
    bool later = false;
    for (size_t i = 0; i < r->n; i++) {
        const Consumer *c = &r->consumers[i];
        later |= c->held && !c->reaction->every_process && !pos_same(c->saved, c->read);
    }
    if (st == ST_OK)
        r->save_at = later ? mono_ms() + (r->unsaved > 0 ? SAVE_MS : SAVE_LATER_MS) : 0;
    else
        r->save_at = mono_ms() + SAVE_MS;
}

Status relay_save(Relay *r, Cx *cx, bool all)
{
    Save save = {0};
    pthread_mutex_lock(&r->mutex);
    make_plans(r, cx, all, &save);
    int64_t counted = r->unsaved;
    pthread_mutex_unlock(&r->mutex);
    Status st = save.n == 0 ? ST_OK : cx_in_tx_relaxed(cx, save_tx, &save);
    pthread_mutex_lock(&r->mutex);
    r->unsaved -= st == ST_OK ? counted : 0;
    settle_plans(r, &save, st, cx->now);
    pthread_mutex_unlock(&r->mutex);
    return st;
}
