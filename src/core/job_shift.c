/* job_shift.c - one round of the foreman: a transaction that notes what has ended, takes
 * back what expired, makes ready what was delayed and claims what is next. */
#include "core/core_int.h"

#include "base/id.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

enum {
    CLAIM_AHEAD_US = 20 * 1000, /* claim about that much work */
    CLAIM_FACTOR = 32,          /* but no more than that many jobs per worker */
    HAND_BACK_MS = 1000,        /* claimed and not begun for so long: others may have it */
    BATCH = 1000,               /* delayed or expired ones in one transaction */
    ATTEMPTS = 12,              /* of kinds that are not known here */
    COUNT_MS = 60 * 1000
};

typedef struct Wanted { /* a kind to be looked at */
    JobKindState *kind;
    int64_t       asked; /* at that time */
    int64_t       room;
    bool          empty; /* there were fewer than it has room for */
} Wanted;

typedef struct Candidate {
    CoreJobPeek   peek;
    JobKindState *kind;
    size_t        wanted; /* its place there */
} Candidate;

typedef struct Prolong { /* an active job whose lease is to be extended */
    JobRun *run;
    int64_t id, token;
    UnixMs  until;
} Prolong;

typedef struct Shift { /* one round of the foreman's work */
    Jobs           *jobs;
    JobRun         *finished;
    Prolong        *prolong;
    size_t          nprolong;
    bool            delayed, expired; /* look for these */
    int64_t         room;
    Wanted         *wanted;
    size_t          nwanted;
    int64_t         token;
    Candidate      *chosen; /* results */
    size_t          nchosen;
    CoreJobClaimed *claimed;
    size_t          nclaimed;
    Str            *ready; /* kinds that delayed jobs became ready of */
    size_t          nready;
    UnixMs          delayed_at;
    bool            more_delayed;
} Shift;

static Status note_end(Cx *cx, const JobRun *run)
{
    Str code = str_from_cstr(run->err.code);
    Str detail = str_from_cstr(run->err.msg);
    switch (run->end) {
    case JOB_END_DONE:
        return core_sql_job_done(cx, run->job.id, run->token, buf_str(&run->result), cx->now, NULL);
    case JOB_END_RETRY:
        return core_sql_job_retry(cx, run->job.id, run->token, run->again, code, detail, NULL);
    case JOB_END_DEAD:
        return core_sql_job_dead(cx, run->job.id, run->token, code, detail, cx->now, NULL);
    case JOB_END_HAND_BACK: break;
    }
    return core_sql_job_hand_back(cx, run->job.id, run->token, NULL);
}

/* Jobs whose workers did not come back in time. */
static Status take_expired(Cx *cx, Shift *s)
{
    CoreJobExpiredList list;
    Err                why;
    (void)err_set(&why, ST_BUSY, "core.job_lease_ended", "its worker did not come back in time");
    Str code = str_from_cstr(why.code);
    Str detail = str_from_cstr(why.msg);
    TRY(core_sql_job_expired(cx, cx->now, BATCH, &list));
    for (size_t i = 0; i < list.n; i++) {
        const CoreJobExpired *e = &list.items[i];
        const JobKindState   *k = jobs_kind(s->jobs, e->kind);
        bool                  over = e->attempts >= (k != NULL ? k->attempts : ATTEMPTS);
        if (over)
            TRY(core_sql_job_dead(cx, e->id, e->token, code, detail, cx->now, NULL));
        else
            TRY(core_sql_job_retry(cx, e->id, e->token, cx->now, code, detail, NULL));
        s->delayed |= !over;
    }
    return ST_OK;
}

static Status take_delayed(Cx *cx, Shift *s)
{
    CoreJobKindList list;
    OptI64          next = {0};
    TRY(core_sql_job_delayed_due(cx, cx->now, BATCH, &list));
    TRY(core_sql_job_next_delayed(cx, &next));
    s->ready = arena_array(cx->arena, Str, list.n + 1);
    for (size_t i = 0; i < list.n; i++)
        if (s->nready == 0 || !str_eq(s->ready[s->nready - 1], list.items[i].kind))
            s->ready[s->nready++] = list.items[i].kind;
    s->more_delayed = list.n == BATCH;
    s->delayed_at = (UnixMs){next.v};
    return ST_OK;
}

static bool comes_before(const Candidate *a, const Candidate *b)
{
    if (a->peek.priority != b->peek.priority)
        return a->peek.priority > b->peek.priority;
    if (a->peek.run_at_ms.v != b->peek.run_at_ms.v)
        return a->peek.run_at_ms.v < b->peek.run_at_ms.v;
    return a->peek.id < b->peek.id;
}

static int by_order(const void *x, const void *y)
{
    return comes_before(x, y) ? -1 : comes_before(y, x) ? 1 : 0;
}

/* Collect the first in line of every hot kind. */
static Status peek(Cx *cx, Shift *s)
{
    size_t cap = 1;
    for (size_t i = 0; i < s->nwanted; i++)
        cap += (size_t)s->wanted[i].room;
    s->chosen = arena_array(cx->arena, Candidate, cap);
    for (size_t i = 0; i < s->nwanted; i++) {
        Wanted         *w = &s->wanted[i];
        CoreJobPeekList list;
        TRY(core_sql_job_peek(cx, str_from_cstr(w->kind->kind->name), w->room, &list));
        w->empty = (int64_t)list.n < w->room;
        for (size_t k = 0; k < list.n; k++)
            s->chosen[s->nchosen++] = (Candidate){list.items[k], w->kind, i};
    }
    return ST_OK;
}

/* Claim what was chosen of one kind. */
static Status claim_kind(Cx *cx, Shift *s, JobKindState *kind, int64_t *ids)
{
    CoreJobClaimedList list;
    size_t             n = 0;
    for (size_t i = 0; i < s->nchosen; i++)
        if (s->chosen[i].kind == kind)
            ids[n++] = s->chosen[i].peek.id;
    if (n == 0)
        return ST_OK;
    TRY(core_sql_job_claim(cx, ids, n, s->jobs->core->process, s->token,
                           unix_ms_add(cx->now, kind->lease), cx->now, &list));
    for (size_t i = 0; i < list.n; i++)
        s->claimed[s->nclaimed++] = list.items[i];
    return ST_OK;
}

static Status claim(Cx *cx, Shift *s)
{
    if (s->nwanted == 0)
        return ST_OK;
    TRY(peek(cx, s));
    qsort(s->chosen, s->nchosen, sizeof *s->chosen, by_order);
    for (size_t i = (size_t)s->room; i < s->nchosen; i++)
        s->wanted[s->chosen[i].wanted].empty = false; /* that one is left */
    if (s->nchosen > (size_t)s->room)
        s->nchosen = (size_t)s->room;
    int64_t *ids = arena_array(cx->arena, int64_t, s->nchosen + 1);
    s->claimed = arena_array(cx->arena, CoreJobClaimed, s->nchosen + 1);
    s->token = id_new();
    for (size_t i = 0; i < s->nwanted; i++)
        TRY(claim_kind(cx, s, s->wanted[i].kind, ids));
    return ST_OK;
}

static Status prolong(Cx *cx, const Shift *s)
{
    for (size_t i = 0; i < s->nprolong; i++)
        TRY(core_sql_job_extend(cx, s->prolong[i].id, s->prolong[i].token, s->prolong[i].until,
                                NULL));
    return ST_OK;
}

static Status shift_tx(Cx *cx, void *arg)
{
    Shift *s = arg;
    s->nchosen = s->nclaimed = s->nready = 0;
    for (const JobRun *run = s->finished; run != NULL; run = run->next)
        TRY(note_end(cx, run));
    TRY(prolong(cx, s));
    if (s->expired)
        TRY(take_expired(cx, s));
    if (s->delayed)
        TRY(take_delayed(cx, s));
    return claim(cx, s);
}

/* --- before and after it ---------------------------------------------------------------------- */

/* How many more jobs may be claimed: as many as workers are free, and ahead of that about
 * CLAIM_AHEAD_US of work. */
static int64_t room_for_claims(const Jobs *j)
{
    int64_t workers = j->core->options.workers;
    int64_t ahead = j->average_us == 0 ? 1 : CLAIM_AHEAD_US / (j->average_us + 1);
    ahead = ahead < 1 ? 1 : ahead > CLAIM_FACTOR ? CLAIM_FACTOR : ahead;
    int64_t room = workers * ahead - j->nqueue - j->nactive;
    return j->stopping || room < 0 ? 0 : room;
}

static void list_wanted(Jobs *j, Shift *s, Arena *a)
{
    s->wanted = arena_array(a, Wanted, j->nkinds + 1);
    for (size_t i = 0; i < j->nkinds && s->room > 0; i++) {
        JobKindState *k = &j->kinds[i];
        int64_t       room = s->room;
        if (k->kind->parallel > 0 && k->kind->parallel - k->claimed < room)
            room = k->kind->parallel - k->claimed;
        if (k->asked != k->seen && room > 0)
            s->wanted[s->nwanted++] = (Wanted){.kind = k, .asked = k->asked, .room = room};
    }
}

static void list_prolonged(const Jobs *j, Shift *s, Arena *a, UnixMs now)
{
    s->prolong = arena_array(a, Prolong, (size_t)j->nactive + 1);
    for (JobRun *run = j->active; run != NULL; run = run->next)
        if (run->kind->prolong && run->until - now.v < run->kind->lease.v / 2)
            s->prolong[s->nprolong++] = (Prolong){.run = run,
                                                  .id = run->job.id,
                                                  .token = run->token,
                                                  .until = unix_ms_add(now, run->kind->lease)};
}

/* Those that were claimed ahead and could not begin go among the finished, to be handed
 * back. */
static void give_up_waiting(Jobs *j)
{
    int64_t  now = mono_ms();
    JobRun **at = &j->queue;
    while (*at != NULL) {
        JobRun *run = *at;
        if (!j->stopping && now - run->claimed_at < HAND_BACK_MS) {
            at = &run->next;
            continue;
        }
        *at = run->next;
        j->nqueue--;
        run->end = JOB_END_HAND_BACK;
        run->next = j->finished;
        j->finished = run;
    }
}

static Shift begin(Jobs *j, Cx *cx)
{
    Shift s = {.jobs = j};
    give_up_waiting(j);
    s.finished = j->finished;
    j->finished = NULL;
    for (JobRun *run = s.finished; run != NULL; run = run->next)
        run->kind->claimed--; /* makes room for claims in the same transaction */
    s.room = room_for_claims(j);
    s.expired = j->look_expired && !j->stopping;
    s.delayed = j->delayed_at.v != 0 && j->delayed_at.v <= cx->now.v && !j->stopping;
    list_wanted(j, &s, cx->arena);
    list_prolonged(j, &s, cx->arena, cx->now);
    return s;
}

static void enqueue(Jobs *j, JobRun *run)
{
    JobRun **at = &j->queue;
    while (*at != NULL && (*at)->priority >= run->priority)
        at = &(*at)->next;
    run->next = *at;
    *at = run;
    j->nqueue++;
    run->kind->claimed++;
}

/* The claimed jobs, in the order in which they were chosen. */
static void enqueue_claimed(Jobs *j, const Shift *s, UnixMs now)
{
    for (size_t i = 0; i < s->nchosen; i++) {
        const CoreJobClaimed *c = NULL;
        for (size_t k = 0; k < s->nclaimed && c == NULL; k++)
            c = s->claimed[k].id == s->chosen[i].peek.id ? &s->claimed[k] : NULL;
        if (c == NULL)
            continue;
        JobKindState *kind = s->chosen[i].kind;
        JobRun       *run = core_alloc(1, sizeof *run + c->payload.len + 1);
        char         *payload = (char *)(run + 1);
        memcpy(payload, c->payload.ptr, c->payload.len);
        run->job = (Job){.id = c->id,
                         .attempt = (int)c->attempts,
                         .payload = {payload, c->payload.len},
                         .run = run};
        run->kind = kind;
        run->jobs = j;
        run->priority = s->chosen[i].peek.priority;
        run->token = s->token;
        run->claimed_at = mono_ms();
        atomic_init(&run->until, now.v + kind->lease.v);
        buf_init(&run->result, JOB_RESULT_MAX);
        enqueue(j, run);
        if (atomic_load(&kind->waiting) > 0)
            atomic_fetch_sub(&kind->waiting, 1);
    }
}

static void count_end(const JobRun *run)
{
    JobKindState *k = run->kind;
    k->done += run->end == JOB_END_DONE;
    k->retried += run->end == JOB_END_RETRY;
    k->dead += run->end == JOB_END_DEAD;
}

static void forget_finished(Jobs *j, JobRun *run, UnixMs now)
{
    JobRun *next;
    for (; run != NULL; run = next) {
        next = run->next;
        count_end(run);
        if (run->end == JOB_END_HAND_BACK)
            run->kind->asked++;
        if (run->end == JOB_END_RETRY && (j->delayed_at.v == 0 || run->again.v < j->delayed_at.v))
            j->delayed_at = run->again.v > now.v ? run->again : (UnixMs){1};
        jobs_run_free(run);
    }
}

static void apply(Jobs *j, const Shift *s, UnixMs now)
{
    for (size_t i = 0; i < s->nwanted; i++)
        if (s->wanted[i].empty)
            s->wanted[i].kind->seen = s->wanted[i].asked;
    for (size_t i = 0; i < s->nready; i++) {
        JobKindState *k = jobs_kind(j, s->ready[i]);
        if (k != NULL)
            k->asked++;
    }
    if (s->delayed)
        j->delayed_at = s->more_delayed ? (UnixMs){1} : s->delayed_at;
    if (s->expired)
        j->look_expired = false;
    for (size_t i = 0; i < s->nprolong; i++) /* still active, or finished and not yet freed */
        atomic_store(&s->prolong[i].run->until, s->prolong[i].until.v);
    enqueue_claimed(j, s, now);
    forget_finished(j, s->finished, now);
    if (j->queue != NULL && j->threaded)
        pthread_cond_broadcast(&j->work);
}

static bool is_idle(const Shift *s)
{
    return s->finished == NULL && s->nprolong == 0 && s->nwanted == 0 && !s->expired && !s->delayed;
}

/* The transaction failed: what had ended is to be noted next time. */
static void put_back(Jobs *j, const Shift *s)
{
    for (JobRun *run = s->finished; run != NULL; run = run->next)
        run->kind->claimed++;
    JobRun **at = &j->finished;
    while (*at != NULL)
        at = &(*at)->next;
    *at = s->finished;
}

Status jobs_shift(Jobs *j, Cx *cx, bool *ret_did)
{
    pthread_mutex_lock(&j->mutex);
    cx->now = core_now(j->core);
    Shift s = begin(j, cx);
    *ret_did = j->shifting = !is_idle(&s);
    pthread_mutex_unlock(&j->mutex);
    if (!*ret_did)
        return ST_OK;
    Status st = cx_in_tx_relaxed(cx, shift_tx, &s);
    pthread_mutex_lock(&j->mutex);
    j->shifting = false;
    if (st == ST_OK)
        apply(j, &s, cx->now);
    else
        put_back(j, &s);
    pthread_mutex_unlock(&j->mutex);
    return st;
}

Status jobs_settle(Jobs *j, Cx *cx)
{
    bool did;
    pthread_mutex_lock(&j->mutex);
    j->stopping = true;
    pthread_mutex_unlock(&j->mutex);
    return jobs_shift(j, cx, &did);
}

/* What waits is only estimated between counts. */
static Status recount(Jobs *j, Cx *cx)
{
    int64_t now = mono_ms();
    for (size_t i = 0; i < j->nkinds; i++) {
        JobKindState *k = &j->kinds[i];
        int64_t       n;
        if (atomic_load(&k->waiting) == 0 || now - atomic_load(&k->counted_at) < COUNT_MS)
            continue;
        TRY(core_sql_job_waiting(cx, str_from_cstr(k->kind->name), k->queue_max, &n));
        atomic_store(&k->waiting, n);
        atomic_store(&k->counted_at, now);
    }
    return ST_OK;
}

Status jobs_look(Jobs *j, Cx *cx)
{
    CoreJobKindList list;
    OptI64          next = {0};
    Str            *names = arena_array(cx->arena, Str, j->nkinds + 1);
    for (size_t i = 0; i < j->nkinds; i++)
        names[i] = str_from_cstr(j->kinds[i].kind->name);
    TRY(core_sql_job_ready_kinds(cx, names, j->nkinds, &list));
    TRY(core_sql_job_next_delayed(cx, &next));
    TRY(recount(j, cx));
    pthread_mutex_lock(&j->mutex);
    for (size_t i = 0; i < list.n; i++)
        jobs_kind(j, list.items[i].kind)->asked++;
    j->delayed_at = (UnixMs){next.v};
    pthread_mutex_unlock(&j->mutex);
    return ST_OK;
}
