#include "people/identity_int.h"
#include "people/journey_filter.h"
#include "people/journey_int.h"
#include "people/journey_trait.h"

#include "base/id.h"
#include "base/log.h"
#include "base/metric.h"

#include <pthread.h>
#include <string.h>

enum { PAGE = 1000, FORGOTTEN_MARK = 1, REFUSED_MARK = 2, KEEP_DAYS = 760 };

/* The profile of subjects that were forgotten: no identifier has this id. */
enum { NOBODY = 1 };

static const ShapeField FIELDS[] = {
    SHAPE_INT(PeopleJourneySetting, keep_days, .max = 36500,
              .doc = "Events that are older are forgotten; 0 keeps all."),
};
const Shape people_journey_shape =
    SHAPE_OF(PeopleJourneySetting, "JourneySetting", FIELDS, .doc = "How long events are kept.");
const PeopleJourneySetting people_journey_defaults = {.keep_days = KEEP_DAYS};

static const Setting SETTING = {"people.journey", &people_journey_shape, &people_journey_defaults};

/* Subjects that are not taken: a small hash table, subject 0 is free. */
typedef struct Marked {
    int64_t       *subject;
    unsigned char *why;
    size_t         cap, n;
} Marked;

static struct {
    _Atomic(Journey *) journey;
    Db                *db;
    Core              *core;
    pthread_t          thread;
    pthread_mutex_t    sleep; /* of the thread */
    pthread_cond_t     wake;
    atomic_bool        stop;
    pthread_rwlock_t   lock; /* of `marked` */
    Marked             marked;
    _Atomic size_t     nmarked;
    atomic_bool        broken; /* it could not be opened */
    atomic_bool        behind; /* it could not be told of something */
    Err                why;
} store = {.lock = PTHREAD_RWLOCK_INITIALIZER,
           .sleep = PTHREAD_MUTEX_INITIALIZER,
           .wake = PTHREAD_COND_INITIALIZER};

Journey *people_journey(void)
{
    return atomic_load_explicit(&store.journey, memory_order_acquire);
}

bool people_journey_broken(void)
{
    return atomic_load(&store.broken);
}

Status people_journey_use(Cx *cx, Journey **ret)
{
    *ret = people_journey();
    if (*ret != NULL)
        return ST_OK;
    if (people_journey_broken())
        return cx_fail(cx, ST_BUSY, "people.journey_damaged", "the journey is damaged: %s",
                       store.why.msg);
    return cx_fail(cx, ST_BUSY, "people.no_journey", "the journey is not open");
}

Status people_journey_answered(Cx *cx, Status st)
{
    Err why = cx->err;
    if (st != ST_IO || strcmp(cx->err.code, "journey.corrupt") != 0)
        return st;
    log_event(LOG_ERROR, "journey.damaged", log_s("msg", str_from_cstr(cx->err.msg)));
    return cx_fail(cx, ST_BUSY, "people.journey_damaged", "the journey is damaged: %s", why.msg);
}

int64_t people_subject(int ns, Str value)
{
    if (ns == PEOPLE_USER_ID)
        return journey_subject(STR("user"), value);
    if (ns == PEOPLE_ANONYMOUS_ID)
        return journey_subject(STR("anonymous"), value);
    return journey_subject(str_from_cstr(people_namespace_names[ns]), value);
}

/* --- who is not taken ------------------------------------------------------------------------ */

static size_t slot_of(const Marked *m, int64_t subject)
{
    size_t at = (size_t)((uint64_t)subject * 0x9e3779b97f4a7c15ULL >> 20) & (m->cap - 1);
    while (m->subject[at] != 0 && m->subject[at] != subject)
        at = (at + 1) & (m->cap - 1);
    return at;
}

static void grow(Marked *m)
{
    Marked old = *m;
    m->cap = old.cap > 0 ? old.cap * 2 : 64;
    m->subject = calloc(m->cap, sizeof *m->subject);
    m->why = calloc(m->cap, 1);
    if (m->subject == NULL || m->why == NULL)
        base_out_of_memory(m->cap);
    for (size_t i = 0; i < old.cap; i++)
        if (old.subject[i] != 0) {
            size_t at = slot_of(m, old.subject[i]);
            m->subject[at] = old.subject[i];
            m->why[at] = old.why[i];
        }
    free(old.subject);
    free(old.why);
}

static void mark(int64_t subject, unsigned why, bool on)
{
    Marked *m = &store.marked;
    pthread_rwlock_wrlock(&store.lock);
    size_t at = m->cap > 0 ? slot_of(m, subject) : 0;
    bool   there = m->cap > 0 && m->subject[at] != 0;
    if (!there && on) {
        if (m->n * 2 + 2 > m->cap)
            grow(m);
        at = slot_of(m, subject);
        m->subject[at] = subject;
        m->n++;
        there = true;
    }
    if (there)
        m->why[at] = (unsigned char)(on ? m->why[at] | why : m->why[at] & ~why);
    atomic_store(&store.nmarked, m->n);
    pthread_rwlock_unlock(&store.lock);
}

/* Why a subject is not taken; 0: it is. */
static unsigned why_not(int64_t subject)
{
    if (atomic_load_explicit(&store.nmarked, memory_order_relaxed) == 0)
        return 0;
    pthread_rwlock_rdlock(&store.lock);
    size_t   at = slot_of(&store.marked, subject);
    unsigned why = store.marked.subject[at] == 0 ? 0 : store.marked.why[at];
    pthread_rwlock_unlock(&store.lock);
    return why;
}

bool people_journey_takes(int64_t subject)
{
    return why_not(subject) == 0;
}

bool people_journey_forgot(int64_t subject)
{
    return (why_not(subject) & FORGOTTEN_MARK) != 0;
}

/* --- who names nobody ------------------------------------------------------------------------ */

/* What the setting blocks. Lists of before stay until the store is closed, for they may be in use:
 * it is seldom changed. */
typedef struct Blocked {
    struct Blocked *before;
    size_t          n;
    char           *at[]; /* compared without case */
} Blocked;

static _Atomic(Blocked *) blocked;

bool people_journey_blocks(Str value)
{
    const Blocked *b = atomic_load_explicit(&blocked, memory_order_acquire);
    for (size_t i = 0; b != NULL && i < b->n; i++)
        if (str_eq_nocase(str_from_cstr(b->at[i]), value))
            return true;
    return false;
}

static Status load_blocked(Cx *cx)
{
    PeopleIdentityRules rules;
    TRY(setting_get(cx, &people_identity_setting, &rules, NULL));
    Blocked *old = atomic_load(&blocked);
    if (old == NULL && rules.blocked.n == 0)
        return ST_OK;
    Blocked *b = calloc(1, sizeof *b + rules.blocked.n * sizeof b->at[0]);
    if (b == NULL)
        base_out_of_memory(rules.blocked.n);
    b->before = old;
    for (; b->n < rules.blocked.n; b->n++) {
        Str s = rules.blocked.items[b->n];
        b->at[b->n] = calloc(1, s.len + 1);
        if (b->at[b->n] == NULL)
            base_out_of_memory(s.len);
        memcpy(b->at[b->n], s.ptr, s.len);
    }
    atomic_store(&blocked, b);
    return ST_OK;
}

static void free_blocked(void)
{
    for (Blocked *b = atomic_exchange(&blocked, NULL), *before; b != NULL; b = before) {
        before = b->before;
        for (size_t i = 0; i < b->n; i++)
            free(b->at[i]);
        free(b);
    }
}

/* --- whose they are -------------------------------------------------------------------------- */

/* Did they say no? Who was never asked has not. */
static Status refuses(Cx *cx, const PeopleIdentifierRowList *members, bool *ret)
{
    PeopleConsentRow answer;
    bool             answered;
    PeopleIds        ids = people_member_ids(cx->arena, members);
    TRY(people_sql_consent_newest(cx, ids.items, ids.n, STR("analytics"), &answered, &answer));
    *ret = answered && answer.status != PEOPLE_GRANTED;
    return ST_OK;
}

/* Reading and telling are one step: what somebody read before the last change must not be told
 * after it. */
static pthread_mutex_t syncing = PTHREAD_MUTEX_INITIALIZER;

static Status sync_profile(Cx *cx, int64_t profile_id)
{
    Journey                *j = people_journey();
    PeopleIdentifierRowList rows;
    bool                    refused;
    if (j == NULL)
        return ST_OK;
    TRY(people_sql_identifier_of_profile(cx, profile_id, PEOPLE_IDENTIFIERS_MAX + 1, &rows));
    if (rows.n == 0)
        return ST_OK; /* part of another one meanwhile, or erased */
    TRY(refuses(cx, &rows, &refused));
    JourneyLink *links = arena_array(cx->arena, JourneyLink, rows.n);
    size_t       n = 0;
    for (size_t i = 0; i < rows.n; i++) {
        int64_t subject = people_subject(rows.items[i].namespace, rows.items[i].value);
        mark(subject, REFUSED_MARK, refused);
        mark(subject, FORGOTTEN_MARK, false); /* it is an identifier: they came back */
        if (journey_profile(j, subject) != profile_id)
            links[n++] = (JourneyLink){subject, profile_id};
    }
    return n > 0 ? journey_remap(j, links, n, &cx->err) : ST_OK;
}

Status people_journey_sync(Cx *cx, int64_t profile_id)
{
    ASSERT(cx->tx_depth == 0);
    pthread_mutex_lock(&syncing);
    Status st = sync_profile(cx, profile_id);
    pthread_mutex_unlock(&syncing);
    return st;
}

static Status member_id(Cx *cx, const Event *event, const char *member, const char *prefix,
                        int64_t *ret)
{
    const JsonValue *v;
    TRY(json_parse(cx->arena, event->payload, &v, &cx->err));
    const JsonValue *m = json_get(v, str_from_cstr(member));
    if (m == NULL || m->type != JSON_STRING || !id_parse(m->text, prefix, ret))
        return cx_fail(cx, ST_INVALID, "people.no_customer", "the event names no customer");
    return ST_OK;
}

/* Every process has a journey, and tells its own. What it could not be told is made up for by the
 * next comparison. */
static Status heard(Cx *cx, const Event *event, ReactionFn *fn)
{
    if (people_journey() == NULL)
        return ST_OK; /* it compares all when it is opened */
    Status st = fn(cx, event);
    if (st != ST_OK)
        atomic_store(&store.behind, true);
    return st;
}

static Status on_moved(Cx *cx, const Event *event)
{
    int64_t now, was;
    TRY(member_id(cx, event, "profile_id", "cus", &now));
    TRY(member_id(cx, event, "was_id", "cus", &was));
    people_traits_changed(now);
    people_traits_changed(was);
    TRY(people_journey_sync(cx, now));
    return people_journey_sync(cx, was);
}

Status people_journey_on_moved(Cx *cx, const Event *event)
{
    return heard(cx, event, on_moved);
}

static Status on_changed(Cx *cx, const Event *event)
{
    int64_t id;
    TRY(member_id(cx, event, "id", "cus", &id));
    people_traits_changed(id);
    return people_journey_sync(cx, id);
}

Status people_journey_on_changed(Cx *cx, const Event *event)
{
    return heard(cx, event, on_changed);
}

/* --- who was erased -------------------------------------------------------------------------- */

/* Forget those that this journey has not forgotten yet. Marked first, so that nothing comes behind
 * the erasure. They are parted from everybody else before, for whoever they belonged to may live,
 * and belong to NOBODY afterwards, by which it is known that it was done. */
static Status forget(Cx *cx, const PeopleForgottenRowList *rows)
{
    Journey     *j = people_journey();
    JourneyLink *links = arena_array(cx->arena, JourneyLink, rows->n + 1);
    size_t       n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        int64_t subject = rows->items[i].subject;
        mark(subject, FORGOTTEN_MARK, true);
        if (journey_profile(j, subject) == NOBODY)
            continue;
        links[n] = (JourneyLink){subject, n > 0 ? links[0].subject : subject};
        n++;
    }
    if (n == 0)
        return ST_OK;
    TRY(journey_remap(j, links, n, &cx->err));
    TRY(journey_erase(j, links[0].subject, &cx->err));
    for (size_t i = 0; i < n; i++)
        links[i].profile = NOBODY;
    return journey_remap(j, links, n, &cx->err);
}

/* Who came back meanwhile is none of those any more. */
static Status forget_page(Cx *cx, int64_t *after, PeopleForgottenRowList *rows)
{
    TRY(people_sql_forgotten_page(cx, *after, PAGE, rows));
    if (rows->n > 0)
        *after = rows->items[rows->n - 1].subject;
    return forget(cx, rows);
}

static Status forget_all(Cx *cx)
{
    PeopleForgottenRowList rows = {.n = PAGE};
    for (int64_t after = 0; rows.n == PAGE && !atomic_load(&store.stop);) {
        pthread_mutex_lock(&syncing);
        Status st = forget_page(cx, &after, &rows);
        pthread_mutex_unlock(&syncing);
        TRY(st);
    }
    return ST_OK;
}

static Status on_erased(Cx *cx, const Event *event)
{
    int64_t                id;
    PeopleForgottenRowList rows;
    TRY(member_id(cx, event, "profile_id", "cus", &id));
    people_traits_changed(id);
    pthread_mutex_lock(&syncing);
    Status st = people_sql_forgotten_of_profile(cx, id, PEOPLE_IDENTIFIERS_MAX + 1, &rows);
    st = st == ST_OK ? forget(cx, &rows) : st;
    pthread_mutex_unlock(&syncing);
    return st;
}

Status people_journey_on_erased(Cx *cx, const Event *event)
{
    return heard(cx, event, on_erased);
}

Status people_journey_expire(Cx *cx)
{
    PeopleJourneySetting s;
    TRY(setting_get(cx, &SETTING, &s, NULL));
    if (s.keep_days == 0)
        return ST_OK;
    return journey_expire(people_journey(),
                          unix_ms_add(cx->now, (SpanMs){-SPAN_DAYS(s.keep_days).v}), &cx->err);
}

Status people_journey_on_setting(Cx *cx, const Event *event)
{
    if (people_journey() == NULL)
        return ST_OK;
    if (str_find(event->payload, STR("\"people.identity\"")) != SIZE_MAX)
        return load_blocked(cx);
    return str_find(event->payload, STR("\"people.journey\"")) != SIZE_MAX
               ? people_journey_expire(cx)
               : ST_OK;
}

/* --- comparing it all ------------------------------------------------------------------------ */

static Status compare_rows(Cx *cx, int64_t *after, PeopleIdentifierWalkList *rows)
{
    Journey    *j = people_journey();
    JourneyLink links[PAGE];
    size_t      n = 0;
    TRY(people_sql_identifier_walk(cx, *after, PAGE, rows));
    for (size_t i = 0; i < rows->n; i++) {
        const PeopleIdentifierWalk *r = &rows->items[i];
        int64_t                     subject = people_subject(r->namespace, r->value);
        *after = r->id;
        if (journey_profile(j, subject) != r->profile_id)
            links[n++] = (JourneyLink){subject, r->profile_id};
    }
    return n > 0 ? journey_remap(j, links, n, &cx->err) : ST_OK;
}

static Status compare_identifiers(Cx *cx)
{
    PeopleIdentifierWalkList rows = {.n = PAGE};
    for (int64_t after = 0; rows.n == PAGE && !atomic_load(&store.stop);) {
        pthread_mutex_lock(&syncing);
        Status st = compare_rows(cx, &after, &rows);
        pthread_mutex_unlock(&syncing);
        arena_reset(cx->arena);
        TRY(st);
    }
    return ST_OK;
}

static Status load_refusers(Cx *cx)
{
    PeopleRefuserList rows = {.n = PAGE};
    for (int64_t after = 0; rows.n == PAGE;) {
        TRY(people_sql_consent_refuser_page(cx, STR("analytics"), after, PAGE, &rows));
        for (size_t i = 0; i < rows.n; i++) {
            after = rows.items[i].id;
            TRY(people_journey_sync(cx, rows.items[i].profile_id));
        }
    }
    return ST_OK;
}

static Status load_forgotten(Cx *cx)
{
    PeopleForgottenRowList rows = {.n = PAGE};
    for (int64_t after = 0; rows.n == PAGE;) {
        TRY(people_sql_forgotten_page(cx, after, PAGE, &rows));
        for (size_t i = 0; i < rows.n; i++) {
            after = rows.items[i].subject;
            mark(after, FORGOTTEN_MARK, true);
        }
    }
    return ST_OK;
}

typedef Status WorkFn(Cx *cx);

static Status with_cx(WorkFn *fn, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.core = store.core};
    arena_init(&a, 64 << 10);
    Status st = cx_begin(&cx, &a, store.db, clock_now());
    cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("journey"), .all = true};
    st = st == ST_OK ? fn(&cx) : st;
    if (st != ST_OK)
        *err = cx.err;
    cx_end(&cx);
    return st;
}

static Status compare(Cx *cx)
{
    TRY(forget_all(cx));
    TRY(people_journey_expire(cx));
    return compare_identifiers(cx);
}

/* Events grow old in a shop that runs for months. */
static Status every_hour(Cx *cx)
{
    if (!atomic_exchange(&store.behind, false))
        return people_journey_expire(cx);
    Status st = load_refusers(cx);
    st = st == ST_OK ? compare(cx) : st;
    if (st != ST_OK)
        atomic_store(&store.behind, true);
    return st;
}

/* False: it is being closed. */
static bool wait_an_hour(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3600;
    pthread_mutex_lock(&store.sleep);
    int rc = 0;
    while (!atomic_load(&store.stop) && rc == 0)
        rc = pthread_cond_timedwait(&store.wake, &store.sleep, &until);
    pthread_mutex_unlock(&store.sleep);
    return !atomic_load(&store.stop);
}

static void tell(const char *event, const Err *err)
{
    if (!atomic_load(&store.stop))
        log_event(LOG_ERROR, event, log_s("code", str_from_cstr(err->code)),
                  log_s("msg", str_from_cstr(err->msg)));
}

static void *run(void *arg)
{
    Err err = {0};
    (void)arg;
    if (with_cx(compare, &err) != ST_OK) {
        atomic_store(&store.behind, true);
        tell("people.journey_not_compared", &err);
    }
    while (wait_an_hour())
        if (with_cx(every_hour, &err) != ST_OK)
            tell("people.journey_not_compared", &err);
    return NULL;
}

/* Who is not taken is known before the first event comes. */
static Status prepare(Cx *cx)
{
    TRY(load_blocked(cx));
    TRY(load_forgotten(cx));
    return load_refusers(cx);
}

/* --- the store ------------------------------------------------------------------------------- */

static void collect(Buf *b, void *arg)
{
    JourneyStats s;
    journey_stats(arg, &s);
    const struct {
        const char *name, *help;
        int64_t     v;
    } ALL[] = {
        {"journey_events", "Events stored.", s.events},
        {"journey_segments", "Files of events.", s.segments},
        {"journey_segment_bytes", "Bytes of those files.", s.bytes},
        {"journey_log_bytes", "Bytes of the current log.", s.log_bytes},
        {"journey_memory_events", "Events in the log and in memory only.", s.memory_rows},
        {"journey_mapped_subjects", "Subjects that belong to another profile.", s.mapped},
        {"journey_unfolded_moves", "Identity changes not yet folded into all files.", s.moved},
        {"journey_unfolded_erasures", "Erased profiles not yet gone from all files.", s.erased},
        {"journey_messages_seen", "Message ids kept to find repeated ones.", s.seen},
        {"journey_merging", "Merges that run.", s.merging},
        {"journey_damaged_files", "Files that are damaged: see `rapport journey check`.",
         s.damaged},
    };
    for (size_t i = 0; i < COUNT_OF(ALL); i++) {
        metric_family(b, METRIC_GAUGE_K, ALL[i].name, ALL[i].help);
        metric_sample(b, METRIC_GAUGE_K, ALL[i].name, "", ALL[i].v);
    }
}

Status people_journey_open(const char *dir, Db *db, Core *core, Err *err)
{
    Journey *j;
    ASSERT(people_journey() == NULL);
    store.db = db;
    store.core = core;
    atomic_store(&store.stop, false);
    atomic_store(&store.broken, false);
    atomic_store(&store.behind, false);
    Status st = journey_open(dir, &(JourneyOptions){0}, &j, err);
    if (st == ST_IO && strcmp(err->code, "journey.corrupt") == 0) {
        log_event(LOG_ERROR, "journey.closed", log_s("msg", str_from_cstr(err->msg)));
        store.why = *err;
        atomic_store(&store.broken, true);
        return ST_OK;
    }
    TRY(st);
    atomic_store(&store.journey, j);
    st = with_cx(prepare, err);
    if (st == ST_OK && pthread_create(&store.thread, NULL, run, NULL) != 0)
        st = err_set(err, ST_IO, "journey.disk", "no thread can be started");
    if (st != ST_OK) {
        atomic_store(&store.journey, NULL);
        journey_close(j);
        return st;
    }
    metric_collect(collect, j);
    return ST_OK;
}

void people_journey_close(void)
{
    Journey *j = people_journey();
    if (j == NULL)
        return;
    pthread_mutex_lock(&store.sleep);
    atomic_store(&store.stop, true);
    pthread_cond_signal(&store.wake);
    pthread_mutex_unlock(&store.sleep);
    pthread_join(store.thread, NULL);
    metric_uncollect(collect, j);
    atomic_store(&store.journey, NULL);
    journey_close(j);
    people_traits_close();
    free_blocked();
    pthread_rwlock_wrlock(&store.lock);
    free(store.marked.subject);
    free(store.marked.why);
    store.marked = (Marked){0};
    atomic_store(&store.nmarked, 0);
    pthread_rwlock_unlock(&store.lock);
}
