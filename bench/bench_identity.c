/* bench_identity [DIR [PEOPLE [journey]]] - who is who among millions of identifiers (default: 2
 * for each of 1,000,000 people), in SQLite as a shop has it: how many are linked, merged and parted
 * a second, how long it takes meanwhile to find whose one is, and how much memory that needs at
 * most.
 *
 * The yardstick, of the same run: the bare rows of identifiers and edges, with the same indexes and
 * in transactions of the same size. Then the journey is told of every link, with questions in
 * between; with the word 'journey' that alone is done. */
#include "base/log.h"
#include "base/rng.h"
#include "core/core.h"
#include "journey/journey.h"
#include "people/identity.h"
#include "people/journey_store.h"
#include "people/people.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AT_ONCE = 100, LOOKUPS = 200000, REMAPS = 10000 };

static const DbMigration TABLE[] = {
    {.module = "bench",
     .version = 1,
     .name = "rows",
     .sqlite =
         "CREATE TABLE bench_identifier (id INTEGER PRIMARY KEY, profile_id INTEGER NOT NULL,"
         " namespace INTEGER NOT NULL, value TEXT NOT NULL, UNIQUE (namespace, value)) STRICT;"
         "CREATE INDEX bench_identifier_profile ON bench_identifier (profile_id);"
         "CREATE TABLE bench_edge (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL,"
         " b_id INTEGER NOT NULL) STRICT;"
         "CREATE INDEX bench_edge_a ON bench_edge (a_id);"
         "CREATE INDEX bench_edge_b ON bench_edge (b_id)",
     .postgres = "SELECT 1",
     .sqlite_sum = "1",
     .postgres_sum = "1"}};
static const DbQuery       Q_IDENTIFIER = {"bench.identifier",
                                           "INSERT INTO bench_identifier (id, profile_id, namespace, "
                                                 "value) VALUES (?1, ?2, ?3, ?4)",
                                           "SELECT 1", "iiit", ""};
static const DbQuery       Q_EDGE = {"bench.edge",
                                     "INSERT INTO bench_edge (id, a_id, b_id) VALUES (?1, ?2, ?3)",
                                     "SELECT 1", "iii", ""};
static const Module        BENCH = {.name = "bench", .migrations = {.items = TABLE, .n = 1}};
static const Module *const MODULES[] = {&people_module, &BENCH};

static Db     *db;
static int64_t people = 1000000;

_Noreturn static void fail(const Err *err)
{
    fprintf(stderr, "bench_identity: %s (%s)\n", err->msg, err->code != NULL ? err->code : "?");
    exit(1);
}

static double seconds_since(int64_t us)
{
    return (double)(clock_mono_us() - us) / 1e6;
}

/* Most memory so far, in MB. */
static double peak_mb(void)
{
    char   line[128];
    double kb = 0;
    FILE  *f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtod(line + 6, NULL);
    if (f != NULL)
        (void)fclose(f);
    return kb / 1024;
}

static Str name_of(Arena *a, const char *kind, int64_t i)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s-%016llx", kind,
                   (unsigned long long)((uint64_t)(i + 1) * 0x9e3779b97f4a7c15ULL));
    return str_dup(a, str_from_cstr(text));
}

/* --- steps, each for some people in one transaction ------------------------------------------ */

typedef struct Batch {
    int64_t from, to;
} Batch;

static Status bare_tx(Cx *cx, void *arg)
{
    const Batch *b = arg;
    for (int64_t i = b->from; i < b->to; i++) {
        for (int64_t k = 0; k < 2; k++) {
            CLEANUP(db_run_end) DbRun run = {0};
            bool                      row;
            TRY(cx_run(cx, &Q_IDENTIFIER, &run));
            db_bind_i64(&run, 1, 2 * i + k + 1);
            db_bind_i64(&run, 2, 2 * i + 1);
            db_bind_i64(&run, 3, k);
            db_bind_str(&run, 4, name_of(cx->arena, k == 0 ? "user" : "browser", i));
            TRY(db_step(&run, &row, &cx->err));
        }
        CLEANUP(db_run_end) DbRun run = {0};
        bool                      row;
        TRY(cx_run(cx, &Q_EDGE, &run));
        db_bind_i64(&run, 1, i + 1);
        db_bind_i64(&run, 2, 2 * i + 1);
        db_bind_i64(&run, 3, 2 * i + 2);
        TRY(db_step(&run, &row, &cx->err));
    }
    return ST_OK;
}

static Status link_tx(Cx *cx, void *arg)
{
    const Batch *b = arg;
    for (int64_t i = b->from; i < b->to; i++) {
        PeopleLinked linked;
        PeopleKnown  known[] = {
             {.ns = PEOPLE_USER_ID, .value = name_of(cx->arena, "user", i)},
             {.ns = PEOPLE_ANONYMOUS_ID, .value = name_of(cx->arena, "browser", i)}};
        TRY(people_link(cx,
                        &(PeopleLinking){.known = known,
                                         .n = COUNT_OF(known),
                                         .rule = PEOPLE_LOGIN,
                                         .confidence = 100,
                                         .source = STR("bench"),
                                         .evidence = STR("a message")},
                        &linked));
    }
    return ST_OK;
}

static Status pair(Cx *cx, int64_t i, PeopleProfile *a, PeopleProfile *b)
{
    TRY(people_find(cx, PEOPLE_USER_ID, name_of(cx->arena, "user", 2 * i), a));
    return people_find(cx, PEOPLE_USER_ID, name_of(cx->arena, "user", 2 * i + 1), b);
}

static Status merge_tx(Cx *cx, void *arg)
{
    const Batch *batch = arg;
    for (int64_t i = batch->from; i < batch->to; i++) {
        PeopleProfile a, b;
        TRY(pair(cx, i, &a, &b));
        TRY(people_merge(cx, a.id, b.id, STR("bench"), &a));
    }
    return ST_OK;
}

static Status unmerge_tx(Cx *cx, void *arg)
{
    const Batch *batch = arg;
    for (int64_t i = batch->from; i < batch->to; i++) {
        PeopleProfile  a, b;
        PeopleEdgeList edges;
        TRY(pair(cx, i, &a, &b));
        TRY(people_edge_list(cx, a.id, &edges));
        for (size_t k = 0; k < edges.n; k++)
            if (edges.items[k].rule == PEOPLE_MANUAL)
                TRY(people_unmerge(cx, edges.items[k].id, STR("bench")));
    }
    return ST_OK;
}

static void begin(Cx *cx, Arena *a)
{
    *cx = (Cx){0};
    if (cx_begin(cx, a, db, clock_now()) != ST_OK)
        fail(&cx->err);
    cx->actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("bench"), .all = true};
}

static double all(CxTxFn *step, int64_t n)
{
    CLEANUP(arena_done) Arena a;
    int64_t                   begun = clock_mono_us();
    arena_init(&a, 1 << 20);
    for (int64_t i = 0; i < n; i += AT_ONCE) {
        Batch b = {i, i + AT_ONCE < n ? i + AT_ONCE : n};
        Cx    cx;
        begin(&cx, &a);
        if (cx_in_tx(&cx, step, &b) != ST_OK)
            fail(&cx.err);
        cx_end(&cx);
        arena_reset(&a);
    }
    return (double)n / seconds_since(begun);
}

/* --- finding ---------------------------------------------------------------------------------- */

static atomic_bool stop;

typedef struct Times {
    int64_t us[LOOKUPS];
    size_t  n;
} Times;

/* Of sorted times: `percent` of them are not longer. */
static double share_ms(const Times *t, size_t percent)
{
    size_t at = t->n * percent / 100;
    return (double)t->us[at] / 1e3;
}

static void find_one(Arena *a, int64_t i)
{
    PeopleProfile p;
    Cx            cx;
    begin(&cx, a);
    Status st = people_find(&cx, PEOPLE_ANONYMOUS_ID, name_of(a, "browser", i), &p);
    if (st != ST_OK && st != ST_NOT_FOUND)
        fail(&cx.err);
    cx_end(&cx);
    arena_reset(a);
}

static void *find_meanwhile(void *arg)
{
    Times                    *t = arg;
    CLEANUP(arena_done) Arena a;
    Rng                       rng = rng_of(7);
    arena_init(&a, 65536);
    while (!atomic_load(&stop) && t->n < LOOKUPS) {
        int64_t begun = clock_mono_us();
        find_one(&a, (int64_t)rng_below(&rng, (uint64_t)people));
        t->us[t->n++] = clock_mono_us() - begun;
        usleep(500);
    }
    return NULL;
}

static int ascending(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static double find_all(void)
{
    CLEANUP(arena_done) Arena a;
    Rng                       rng = rng_of(8);
    int64_t                   begun = clock_mono_us();
    arena_init(&a, 65536);
    for (int i = 0; i < LOOKUPS; i++)
        find_one(&a, (int64_t)rng_below(&rng, (uint64_t)people));
    return LOOKUPS / seconds_since(begun);
}

static void identifiers(void)
{
    static Times t;
    pthread_t    finder;
    double       bare = all(bare_tx, people), before = peak_mb();
    if (pthread_create(&finder, NULL, find_meanwhile, &t) != 0)
        exit(1);
    double linked = all(link_tx, people);
    atomic_store(&stop, true);
    pthread_join(finder, NULL);
    qsort(t.us, t.n, sizeof t.us[0], ascending);
    printf("%lld identifiers of %lld people, %d people in one transaction\n",
           (long long)(2 * people), (long long)people, AT_ONCE);
    printf("  bare rows of 2 identifiers and an edge   %8.0f people/s\n", bare);
    printf("  linked                                   %8.0f people/s = %.2fx\n", linked,
           linked / bare);
    printf("  finding whose one is, meanwhile          p50 %.2f ms, p99 %.2f ms\n",
           share_ms(&t, 50), share_ms(&t, 99));
    printf("  found afterwards                         %8.0f /s\n", find_all());
    int64_t some = people / 20;
    printf("  merged by staff                          %8.0f /s\n", all(merge_tx, some));
    printf("  parted again                             %8.0f /s\n", all(unmerge_tx, some));
    printf("  memory at most                           %8.0f MB (bare rows: %.0f MB)\n", peak_mb(),
           before);
}

/* --- a server that starts ----------------------------------------------------------------------
 */

/* The journey is compared with all identifiers, by a thread of its own. */
static void opening(const char *dir)
{
    Core        *core;
    Err          err;
    JourneyStats s = {0};
    double       open_s[2], told_s = 0;
    if (core_start(db, MODULES, COUNT_OF(MODULES), &(CoreOptions){.manual = true}, &core, &err) !=
        ST_OK)
        fail(&err);
    for (int i = 0; i < 2; i++) {
        int64_t begun = clock_mono_us();
        if (people_journey_open(dir, db, core, &err) != ST_OK)
            fail(&err);
        open_s[i] = seconds_since(begun);
        while (i == 0 && s.mapped < 2 * people) {
            usleep(10000);
            journey_stats(people_journey(), &s);
        }
        told_s = i == 0 ? seconds_since(begun) : told_s;
        people_journey_close();
    }
    (void)core_stop(core);
    printf("  the journey, opened beside them          %8.3f s, knows of all after %.1f s\n",
           open_s[0], told_s);
    printf("  opened again                             %8.3f s; memory at most %.0f MB\n",
           open_s[1], peak_mb());
}

/* --- the journey ------------------------------------------------------------------------------ */

static double ask_ms(Journey *j, int64_t persons)
{
    CLEANUP(buf_done) Buf b;
    Err                   err;
    char                  want[64];
    int64_t               begun = clock_mono_us();
    buf_init(&b, 1 << 20);
    if (journey_ask(j, STR("{\"type\":\"sessions\"}"), NULL, &b, &err) != ST_OK)
        fail(&err);
    (void)snprintf(want, sizeof want, "\"people\":%lld,", (long long)persons);
    if (str_find(buf_str(&b), str_from_cstr(want)) == SIZE_MAX) {
        fprintf(stderr, "bench_identity: %s is not in the answer\n", want);
        exit(1);
    }
    return seconds_since(begun) * 1000;
}

static void fill(Journey *j)
{
    static JourneyEvent e[REMAPS];
    Err                 err;
    JourneyLoad        *load = journey_load_begin(j);
    for (int64_t i = 0; i < 2 * people; i += REMAPS) {
        size_t n = (size_t)(2 * people - i < REMAPS ? 2 * people - i : REMAPS);
        for (size_t k = 0; k < n; k++)
            e[k] = (JourneyEvent){.subject = i + (int64_t)k + 1,
                                  .time = {1736121600000 + i},
                                  .name = STR("Page Viewed")};
        if (journey_load_add(load, e, n, &err) != ST_OK)
            fail(&err);
    }
    if (journey_load_end(load, true, &err) != ST_OK)
        fail(&err);
}

/* Every second subject becomes the one before it, in the middle of which there is a question. */
static void remaps(const char *dir)
{
    static JourneyLink links[REMAPS];
    Journey           *j;
    Err                err;
    double             during = 0, s = 0;
    if (journey_open(dir, &(JourneyOptions){.threads = 2}, &j, &err) != ST_OK)
        fail(&err);
    fill(j);
    double before = ask_ms(j, 2 * people), memory = peak_mb();
    for (int64_t i = 0; i < people; i += REMAPS) {
        size_t n = (size_t)(people - i < REMAPS ? people - i : REMAPS);
        for (size_t k = 0; k < n; k++)
            links[k] = (JourneyLink){2 * (i + (int64_t)k) + 2, 2 * (i + (int64_t)k) + 1};
        int64_t begun = clock_mono_us();
        if (journey_remap(j, links, n, &err) != ST_OK)
            fail(&err);
        s += seconds_since(begun);
        if (i / REMAPS == people / REMAPS / 2)
            during = ask_ms(j, 2 * people - i - (int64_t)n);
    }
    printf("the journey is told, %d links at once: %.0f links/s\n", REMAPS, (double)people / s);
    printf("  a question over %lld events: before %.1f ms, half way %.1f ms, ",
           (long long)(2 * people), before, during);
    printf("after %.1f ms, ", ask_ms(j, people));
    if (journey_settle(j, false, &err) != ST_OK)
        fail(&err);
    printf("once folded in %.1f ms\n", ask_ms(j, people));
    printf("  memory at most %.0f MB (before the links: %.0f MB)\n", peak_mb(), memory);
    journey_close(j);
}

/* With the files in it. */
static void remove_dir(const char *path)
{
    DIR                 *d = opendir(path);
    const struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
        (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d != NULL)
        (void)closedir(d);
    (void)rmdir(path);
}

static void shop(const char *dir)
{
    char      file[600];
    Err       err = {0};
    DbOptions options = {.connections = 4};
    (void)snprintf(file, sizeof file, "%s/shop.db", dir);
    if (db_open(file, &options, &db, &err) != ST_OK ||
        core_migrate(db, MODULES, COUNT_OF(MODULES), &err) != ST_OK)
        fail(&err);
    identifiers();
    (void)snprintf(file, sizeof file, "%s/opened", dir);
    opening(file);
    remove_dir(file);
    db_close(db);
}

int main(int argc, char **argv)
{
    char dir[512], file[600];
    log_min_level = LOG_ERROR;
    (void)snprintf(dir, sizeof dir, "%s/bench_identity.XXXXXX", argc > 1 ? argv[1] : ".");
    if ((argc > 2 && (!str_parse_i64(str_from_cstr(argv[2]), &people) || people < 1000)) ||
        mkdtemp(dir) == NULL)
        return 1;
    if (argc <= 3)
        shop(dir);
    (void)snprintf(file, sizeof file, "%s/journey", dir);
    remaps(file);
    remove_dir(file);
    remove_dir(dir);
    return 0;
}
