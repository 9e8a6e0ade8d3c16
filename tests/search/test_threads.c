/* Readers, a writer, signals and a load at once: answers are whole at any moment. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/rng.h"
#include "search/search.h"

enum { DOCS = 200, READERS = 3, ROUNDS = 150, TEAM = 5 };

/* Documents come in teams of TEAM that change together, so a reader must find all of a team with
 * the same word, or none. */
typedef struct World {
    SearchIndex *ix;
    SearchField  title, team, version, sold;
    _Atomic bool stop;
    _Atomic int  answers, wrong;
} World;

static SearchField field(World *w, const char *name, SearchKind kind)
{
    SearchField    f = 0;
    Err            err;
    SearchFieldDef def = {.name = str_from_cstr(name), .kind = kind};
    assert_ok(search_field(w->ix, &def, &f, &err), &err);
    return f;
}

static Str numbered(Arena *a, const char *prefix, int n)
{
    char *text = arena_array(a, char, 32);
    return (Str){text, (size_t)snprintf(text, 32, "%s%d", prefix, n)};
}

static void make_team(const World *w, Arena *a, int team, int version, SearchDoc docs[TEAM])
{
    for (int i = 0; i < TEAM; i++) {
        docs[i] = (SearchDoc){.id = team * TEAM + i + 1};
        search_doc_text(&docs[i], a, w->title, STR(""), STR("common words of every team"));
        search_doc_keyword(&docs[i], a, w->team, SEARCH_WHOLE, numbered(a, "team", team));
        search_doc_number(&docs[i], a, w->version, SEARCH_WHOLE, version);
    }
}

static void put_team(World *w, Arena *a, int team, int version)
{
    SearchDoc docs[TEAM];
    Err       err;
    make_team(w, a, team, version, docs);
    if (search_apply(w->ix, docs, TEAM, NULL, 0, &err) != ST_OK)
        atomic_fetch_add(&w->wrong, 1);
}

/* All documents of a team are there, and of one version. */
static void check_team(World *w, Arena *a, int team)
{
    Str                  name = numbered(a, "team", team);
    const SearchFilter   one = {.field = w->team, .values = &name, .n = 1};
    const SearchFacetAsk facets[] = {{.field = w->version, .limit = 10}};
    SearchQuery          q = {.text = STR("common"),
                              .filters = &one,
                              .n_filters = 1,
                              .facets = facets,
                              .n_facets = 1,
                              .limit = 10};
    SearchResult         r;
    Err                  err;
    if (search_run(w->ix, &q, a, &r, &err) != ST_OK || r.total != TEAM || r.facets[0].n_all != 1 ||
        r.n_hits != TEAM)
        atomic_fetch_add(&w->wrong, 1);
    SearchCompletion *c;
    size_t            n;
    SearchSuggest     s = {.text = STR("common wor"), .limit = 3};
    if (search_suggest(w->ix, &s, a, &c, &n, &err) != ST_OK || n != 1)
        atomic_fetch_add(&w->wrong, 1);
    atomic_fetch_add(&w->answers, 1);
}

typedef struct Reader {
    World   *w;
    uint64_t seed;
} Reader;

static void *read_on(void *arg)
{
    const Reader             *me = arg;
    CLEANUP(arena_done) Arena a;
    Rng                       rng = rng_of(me->seed);
    arena_init(&a, 1 << 16);
    while (!atomic_load(&me->w->stop)) {
        check_team(me->w, &a, (int)rng_below(&rng, DOCS / TEAM));
        SearchReport report;
        search_report(me->w->ix, &report);
        arena_reset(&a);
    }
    return NULL;
}

static void *signal_on(void *arg)
{
    World *w = arg;
    Rng    rng = rng_of(99);
    while (!atomic_load(&w->stop)) {
        int64_t id = 1 + (int64_t)rng_below(&rng, DOCS);
        double  value = rng_real(&rng);
        Err     err;
        if (search_signal(w->ix, w->sold, &id, &value, 1, &err) != ST_OK)
            atomic_fetch_add(&w->wrong, 1);
        search_synonyms(w->ix, STR("en"), NULL);
    }
    return NULL;
}

static void load_anew(World *w, Arena *a, int version)
{
    SearchLoad *load;
    Err         err;
    assert_ok(search_load_begin(w->ix, &load, &err), &err);
    for (int team = 0; team < DOCS / TEAM; team++) {
        SearchDoc docs[TEAM];
        make_team(w, a, team, version, docs);
        assert_ok(search_load_add(load, docs, TEAM, &err), &err);
        if (team % 10 == 0)
            put_team(w, a, team, version + 1);
    }
    search_load_commit(load);
}

static void readers_see_whole_changes_while_everything_moves(void **state)
{
    (void)state;
    World     w = {.ix = search_index_new(&(SearchConfig){.locale = STR("en")})};
    pthread_t threads[READERS + 1];
    Reader    readers[READERS];
    Arena     a;
    Rng       rng = rng_of(1);
    w.title = field(&w, "title", SEARCH_TEXT);
    w.team = field(&w, "team", SEARCH_KEYWORD);
    w.version = field(&w, "version", SEARCH_NUMBER);
    w.sold = field(&w, "sold", SEARCH_SIGNAL);
    arena_init(&a, 1 << 16);
    for (int team = 0; team < DOCS / TEAM; team++)
        put_team(&w, &a, team, 0);
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = (Reader){&w, i + 10};
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    assert_int_equal(pthread_create(&threads[READERS], NULL, signal_on, &w), 0);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 10; i++)
            put_team(&w, &a, (int)rng_below(&rng, DOCS / TEAM), round);
        if (round % 40 == 39)
            load_anew(&w, &a, round);
        if (round % 50 == 49)
            search_merge(w.ix);
        arena_reset(&a);
    }
    while (atomic_load(&w.answers) < 20) /* on a busy machine readers may have had no turn */
        put_team(&w, &a, 0, 1);
    atomic_store(&w.stop, true);
    for (size_t i = 0; i <= READERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&w.wrong), 0);
    assert_int_equal(search_count(w.ix), DOCS);
    search_merge(w.ix);
    SearchReport report;
    search_report(w.ix, &report);
    assert_int_equal(report.segments, 1);
    assert_int_equal(report.documents, DOCS);
    search_index_free(w.ix);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_see_whole_changes_while_everything_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
