/* What the queue holds, worked off in order: who is who, and what was kept aside. */
#include "channel/track/track_int.h"

#include "base/log.h"
#include "base/metric.h"
#include "people/identity.h"
#include "people/journey_store.h"

enum { FORGET_MS = 30 * 60000 }; /* how long what an erased person sent may be kept aside */
enum { AT_ONCE = 100, WAIT_MS = 500, TRIES = 5, SYNC_MAX = 2 * AT_ONCE };

static Metric worked = METRIC_COUNTER("track_queue_worked", "Records of the queue worked off.");
static Metric lost = METRIC_COUNTER("track_queue_failed", "Records that the database refused.");

typedef struct Group {
    const QueueRecord *records;
    size_t             n;
    int64_t            profiles[SYNC_MAX]; /* whose subjects the journey is to be told of */
    size_t             nprofiles;
} Group;

static Str text_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && m->type == JSON_STRING ? m->text : STR("");
}

static int64_t number_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && m->type == JSON_NUMBER && m->integer ? m->i64 : 0;
}

/* --- who is who ------------------------------------------------------------------------------ */

static void add_known(PeopleLinking *in, PeopleKnown *known, int ns, Str value)
{
    Str   normal;
    Arena a = {.block_size = 1024};
    if (value.len > 0 && in->n < PEOPLE_KNOWN_MAX && people_normalise(&a, ns, value, &normal))
        known[in->n++] = (PeopleKnown){.ns = ns, .value = value};
    arena_done(&a);
}

/* What a browser says of itself is a claim; of an address or number it is not even that: anybody
 * can type it. */
static Status link_who(Cx *cx, const JsonValue *v, PeopleLinked *ret)
{
    const JsonValue *server = json_get(v, STR("server"));
    const JsonValue *traits = json_get(v, STR("traits"));
    bool             believed = server != NULL && server->boolean;
    PeopleKnown      known[PEOPLE_KNOWN_MAX];
    PeopleLinking    in = {.known = known,
                           .rule = PEOPLE_SAME_EVENT,
                           .confidence = believed ? 80 : 50,
                           .source = STR("tracking"),
                           .evidence = text_of(v, "m")};
    add_known(&in, known, PEOPLE_USER_ID, text_of(v, "user"));
    add_known(&in, known, PEOPLE_ANONYMOUS_ID, text_of(v, "anonymous"));
    add_known(&in, known, PEOPLE_ANONYMOUS_ID, text_of(v, "previous"));
    if (believed) {
        add_known(&in, known, PEOPLE_EMAIL, text_of(traits, "email"));
        add_known(&in, known, PEOPLE_PHONE, text_of(traits, "phone"));
    }
    *ret = (PeopleLinked){0};
    return in.n > 0 ? people_link(cx, &in, ret) : ST_OK;
}

/* When they answered, which may be long before it came: the newest answer counts. */
static Status note_consent(Cx *cx, const JsonValue *v, const PeopleLinked *who)
{
    const JsonValue *all = json_get(v, STR("consent"));
    for (uint32_t i = 0; all != NULL && all->type == JSON_OBJECT && i < all->n; i++) {
        Str              purpose = str_lower_ascii(cx->arena, all->members[i].key);
        const JsonValue *yes = &all->members[i].value;
        if (yes->type != JSON_BOOL || !people_is_purpose(purpose))
            continue;
        TRY(people_consent_note(
            cx, who->identifier_id,
            &(PeopleConsent){.purpose = purpose,
                             .status = yes->boolean ? PEOPLE_GRANTED : PEOPLE_DENIED,
                             .text_version = text_of(v, "text_version"),
                             .locale = text_of(v, "text_locale"),
                             .source = STR("tracking"),
                             .at = {number_of(v, "at")}}));
    }
    return ST_OK;
}

static Status who_record(Cx *cx, Group *g, const JsonValue *v)
{
    PeopleLinked     who;
    const JsonValue *traits = json_get(v, STR("traits"));
    TRY(link_who(cx, v, &who));
    if (who.profile_id == 0)
        return ST_OK; /* names nobody, or somebody who was erased */
    if (traits != NULL && traits->type == JSON_OBJECT && traits->n > 0)
        TRY(people_traits_note(cx,
                               &(PeopleTraits){.identifier_id = who.identifier_id,
                                               .values = traits,
                                               .source = STR("tracking"),
                                               .at = {number_of(v, "at")}},
                               NULL));
    TRY(note_consent(cx, v, &who));
    if (g->nprofiles < SYNC_MAX)
        g->profiles[g->nprofiles++] = who.profile_id;
    return ST_OK;
}

static Status record(Cx *cx, Group *g, const QueueRecord *r)
{
    const JsonValue *v;
    TRY(json_parse(cx->arena, r->json, &v, &cx->err));
    if (str_eq(text_of(v, "k"), STR("rejected")))
        return rejected_keep(cx, r->place, v);
    return who_record(cx, g, v);
}

static Status group_tx(Cx *cx, void *arg)
{
    Group *g = arg;
    g->nprofiles = 0;
    for (size_t i = 0; i < g->n; i++)
        TRY(record(cx, g, &g->records[i]));
    return rejected_prune(cx);
}

/* --- the thread ------------------------------------------------------------------------------ */

static Status work_group(Cx *cx, Group *g)
{
    TRY(cx_in_tx(cx, group_tx, g));
    for (size_t i = 0; i < g->nprofiles; i++) {
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = g->profiles[k] == g->profiles[i];
        if (!again)
            TRY(people_journey_sync(cx, g->profiles[i]));
    }
    return ST_OK;
}

static Status in_cx(Group *g, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.core = track.core};
    arena_init(&a, 64 << 10);
    Status st = cx_begin(&cx, &a, track.db, clock_now());
    cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("tracking"), .all = true};
    st = st == ST_OK ? work_group(&cx, g) : st;
    if (st != ST_OK)
        *err = cx.err;
    cx_end(&cx);
    return st;
}

static void wait_ms(int ms)
{
    for (; ms > 0 && !atomic_load(&track.stop); ms -= 50)
        (void)nanosleep(&(struct timespec){.tv_nsec = 50 * 1000000L}, NULL);
}

/* A failure that passes is waited for; one record that cannot be worked off is told of and passed
 * over, so that it holds up no others. False: the program stops, and it is done the next time. */
static bool work_off(Group *g)
{
    for (int i = 0; !atomic_load(&track.stop); i++) {
        Err    err = {0};
        Status st = in_cx(g, &err);
        if (st == ST_OK) {
            metric_add(&worked, (int64_t)g->n);
            return true;
        }
        bool passing = st == ST_BUSY || st == ST_IO;
        if (!passing && g->n > 1) { /* one by one */
            for (size_t k = 0; k < g->n; k++) {
                Group one = {.records = g->records + k, .n = 1};
                if (!work_off(&one))
                    return false;
            }
            return true;
        }
        if (!passing || i == 0)
            log_event(LOG_ERROR, "track.not_worked_off", log_s("code", str_from_cstr(err.code)),
                      log_s("msg", str_from_cstr(err.msg)));
        if (!passing) {
            metric_add(&lost, 1);
            return true;
        }
        wait_ms(i < TRIES ? 200 << i : 10000);
    }
    return false;
}

static void forget(void)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.core = track.core};
    arena_init(&a, 64 << 10);
    Status st = cx_begin(&cx, &a, track.db, clock_now());
    cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("tracking"), .all = true};
    st = st == ST_OK ? rejected_forget(&cx) : st;
    if (st != ST_OK)
        log_event(LOG_ERROR, "track.not_forgotten", log_s("code", str_from_cstr(cx.err.code)),
                  log_s("msg", str_from_cstr(cx.err.msg)));
    cx_end(&cx);
}

void *work_run(void *arg)
{
    CLEANUP(arena_done) Arena a = {0};
    QueueRecord               records[AT_ONCE];
    UnixMs                    forgot = {0};
    (void)arg;
    arena_init(&a, 64 << 10);
    while (!atomic_load(&track.stop)) {
        if (clock_now().v - forgot.v > FORGET_MS) {
            forgot = clock_now();
            forget();
        }
        Err   err = {0};
        Group g = {.records = records};
        arena_reset(&a);
        if (queue_read(track.queue, &a, records, AT_ONCE, WAIT_MS, &g.n, &err) != ST_OK) {
            log_event(LOG_ERROR, "track.queue", log_s("code", str_from_cstr(err.code)),
                      log_s("msg", str_from_cstr(err.msg)));
            wait_ms(10000);
            continue;
        }
        if (g.n > 0 && !work_off(&g))
            break;
        queue_worked(track.queue);
    }
    return NULL;
}
