/* The store against an array: what was appended, moved, forgotten is what comes back. */
#include "model.h"

#include "base/real.h"
#include "journey/store.h"

typedef struct World {
    char    *dir;
    Journey *j;
    Model    m;
    Rng      rng;
    Err      err;
} World;

static const JourneyOptions QUIET = {.no_merging = true, .threads = 2, .memory_rows = 300};

static int setup(void **state)
{
    World *w = calloc(1, sizeof *w);
    w->dir = model_dir();
    model_init(&w->m);
    w->rng = rng_of(7);
    assert_ok(journey_open(w->dir, &QUIET, &w->j, &w->err), &w->err);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    World *w = *state;
    journey_close(w->j);
    model_rmdir(w->dir);
    model_done(&w->m);
    free(w);
    return 0;
}

static void append(World *w, size_t n)
{
    JourneyEvent events[64];
    JourneyProp(*props)[4] = calloc(64, sizeof *props);
    JourneyReceipt receipt;
    assert_true(n <= 64 && props != NULL);
    for (size_t i = 0; i < n; i++)
        events[i] = model_event(model_add(&w->m, &w->rng), props[i]);
    assert_ok(journey_append(w->j, events, n, &receipt, &w->err), &w->err);
    assert_int_equal(receipt.stored, n);
    free(props);
}

typedef struct Compare {
    ModelEvent **list;
    size_t       n, at;
} Compare;

static bool compare(void *arg, const JourneyEvent *e)
{
    Compare *c = arg;
    assert_true(c->at < c->n);
    const ModelEvent *want = c->list[c->at++];
    assert_int_equal(e->time.v, want->time);
    assert_int_equal(e->subject, want->subject);
    assert_str(e->name, MODEL_NAMES[want->name]);
    JourneyProp  props[4];
    JourneyEvent full = model_event(want, props);
    assert_int_equal(e->nprops, full.nprops);
    for (size_t i = 0; i < full.nprops; i++) {
        const JourneyProp *p = NULL;
        for (size_t k = 0; k < e->nprops; k++)
            if (str_eq(e->props[k].key, props[i].key))
                p = &e->props[k];
        assert_non_null(p);
        if (p == NULL) /* the analyser does not know that the line above does not return */
            continue;
        assert_int_equal(p->type, props[i].type);
        assert_int_equal(p->i, props[i].i);
        assert_true(real_same(p->real, props[i].real));
        assert_true(str_eq(p->text, props[i].text));
    }
    return true;
}

static void assert_same(World *w)
{
    for (int64_t p = 1; p <= MODEL_SUBJECTS; p++) {
        Compare c = {0};
        c.list = model_person(&w->m, p, &c.n);
        assert_ok(journey_timeline(w->j, p, (UnixMs){0}, (UnixMs){INT64_MAX}, compare, &c, &w->err),
                  &w->err);
        assert_int_equal(c.at, c.n);
        free(c.list);
    }
}

static void reopen(World *w)
{
    journey_close(w->j);
    w->j = NULL;
    assert_ok(journey_open(w->dir, &QUIET, &w->j, &w->err), &w->err);
}

static void link_some(World *w)
{
    JourneyLink links[3];
    for (size_t i = 0; i < 3; i++) {
        links[i] = (JourneyLink){rng_between(&w->rng, 1, MODEL_SUBJECTS),
                                 rng_between(&w->rng, 1, MODEL_SUBJECTS)};
        w->m.profile[links[i].subject] = links[i].profile;
    }
    assert_ok(journey_remap(w->j, links, 3, &w->err), &w->err);
}

static void erase_one(World *w)
{
    int64_t p = rng_between(&w->rng, 1, MODEL_SUBJECTS);
    for (size_t i = 0; i < w->m.n; i++)
        if (model_profile(&w->m, &w->m.events[i]) == p)
            w->m.events[i].gone = true;
    assert_ok(journey_erase(w->j, p, &w->err), &w->err);
}

static void what_was_appended_comes_back(void **state)
{
    World *w = *state;
    for (int i = 0; i < 20; i++)
        append(w, 50);
    assert_same(w);
    reopen(w);
    assert_same(w);
    assert_ok(journey_settle(w->j, false, &w->err), &w->err);
    assert_same(w);
    reopen(w);
    assert_same(w);
}

static void any_order_of_changes_gives_what_an_array_gives(void **state)
{
    World *w = *state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        w->rng = rng_of(seed);
        for (int step = 0; step < 25; step++) {
            uint64_t what = rng_below(&w->rng, 12);
            if (what < 6)
                append(w, (size_t)rng_between(&w->rng, 1, 60));
            else if (what < 8)
                link_some(w);
            else if (what == 8)
                erase_one(w);
            else if (what == 9)
                reopen(w);
            else
                assert_ok(journey_settle(w->j, what == 11, &w->err), &w->err);
            if (step % 5 == 4)
                assert_same(w);
        }
        assert_same(w);
    }
}

static void a_message_counts_once(void **state)
{
    World         *w = *state;
    JourneyEvent   e[3];
    JourneyReceipt r;
    for (int i = 0; i < 3; i++)
        e[i] = (JourneyEvent){.subject = 1, .time = {MODEL_START + i}, .name = STR("X")};
    e[0].message = e[1].message = STR("m-1");
    assert_ok(journey_append(w->j, e, 3, &r, &w->err), &w->err);
    assert_int_equal(r.stored, 2);
    assert_int_equal(r.repeated, 1);
    reopen(w);
    assert_ok(journey_append(w->j, e, 1, &r, &w->err), &w->err);
    assert_int_equal(r.repeated, 1);
    assert_ok(journey_settle(w->j, false, &w->err), &w->err);
    reopen(w);
    assert_ok(journey_append(w->j, e, 1, &r, &w->err), &w->err);
    assert_int_equal(r.repeated, 1);
}

static bool refuse(void *arg, const JourneyEvent *e)
{
    (void)e;
    ++*(int *)arg;
    return true;
}

static void bad_events_are_refused_whole(void **state)
{
    World       *w = *state;
    JourneyProp  bad = {.key = STR("\xff"), .type = JOURNEY_INT};
    JourneyEvent e[2] = {{.subject = 1, .time = {5}, .name = STR("X")},
                         {.subject = 1, .time = {5}, .name = STR("X"), .props = &bad, .nprops = 1}};
    int          n = 0;
    assert_fails(journey_append(w->j, e, 2, NULL, &w->err), ST_INVALID, &w->err,
                 "journey.bad_event");
    e[0].subject = 0;
    assert_fails(journey_append(w->j, e, 1, NULL, &w->err), ST_INVALID, &w->err,
                 "journey.bad_event");
    assert_ok(journey_timeline(w->j, 1, (UnixMs){0}, (UnixMs){INT64_MAX}, refuse, &n, &w->err),
              &w->err);
    assert_int_equal(n, 0);
}

/* Is a text in a dictionary of any segment, or in the log? */
static bool files_hold(const char *dir, Str text)
{
    bool                 any = false;
    const struct dirent *e;
    DIR                 *d = opendir(dir);
    while ((e = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        char     path[4096];
        Segment *s;
        Err      err;
        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (!str_ends(str_from_cstr(e->d_name), STR(".seg")))
            continue;
        assert_ok(segment_open(path, 1, &s, &err), &err);
        for (size_t c = 0; c < s->tail.ncolumns; c++)
            for (uint32_t k = 1; k <= s->columns[c].ndict; k++)
                any = any || str_eq(s->columns[c].dict[k], text);
        segment_unref(s);
    }
    closedir(d);
    return any;
}

static void texts_of_who_was_erased_are_in_no_file(void **state)
{
    static const Str SECRET = STR_INIT("her address"), NAME = STR_INIT("Her Own Event");
    char            *dir = model_dir();
    Journey         *j;
    Err              err;
    (void)state;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    for (int i = 0; i < 300; i++) {
        JourneyProp  prop = {.key = STR("page"), .type = JOURNEY_TEXT, .text = STR("home")};
        JourneyEvent e = {.subject = 1 + i % 10,
                          .time = {MODEL_START + i},
                          .name = STR("Seen"),
                          .props = &prop,
                          .nprops = 1};
        if (e.subject == 4) {
            prop.text = SECRET;
            e.name = NAME;
        }
        assert_ok(journey_append(j, &e, 1, NULL, &err), &err);
    }
    assert_ok(journey_settle(j, false, &err), &err);
    assert_true(files_hold(dir, SECRET) && files_hold(dir, NAME));
    assert_ok(journey_erase(j, 4, &err), &err);
    assert_ok(journey_settle(j, false, &err), &err);
    assert_true(files_hold(dir, STR("home")) && files_hold(dir, STR("Seen")));
    assert_false(files_hold(dir, SECRET));
    assert_false(files_hold(dir, NAME));
    journey_close(j);
    model_rmdir(dir);
}

static bool has_dictionary(const Segment *s, Str key)
{
    for (unsigned c = SEG_FIXED; c < s->tail.ncolumns; c++)
        if (str_eq(s->columns[c].key, key))
            return !s->columns[c].raw;
    fail_msg("no column %.*s", (int)key.len, key.ptr);
    return false;
}

/* Several segments are read into one: of each some products are known before any is written. */
static void products_of_a_large_catalogue_have_a_dictionary(void **state)
{
    enum { BATCH = 1000, BATCHES = 60, PARTS = 6, PRODUCTS = 12000 };
    static char      texts[BATCH][2][24];
    static const Str KEYS[] = {STR_INIT("product_id"), STR_INIT("ticket")};
    JourneyEvent    *events = calloc(BATCH, sizeof *events);
    JourneyProp(*props)[2] = calloc(BATCH, sizeof *props);
    World   *w = *state;
    Snapshot snapshot;
    int      n = 0;
    if (events == NULL || props == NULL)
        base_out_of_memory(BATCH);
    for (int batch = 0; batch < BATCHES; batch++) {
        for (int i = 0; i < BATCH; i++, n++) {
            (void)snprintf(texts[i][0], sizeof texts[i][0], "product-%lld",
                           (long long)rng_between(&w->rng, 1, PRODUCTS));
            (void)snprintf(texts[i][1], sizeof texts[i][1], "ticket-%d", n);
            for (int k = 0; k < 2; k++)
                props[i][k] = (JourneyProp){
                    .key = KEYS[k], .type = JOURNEY_TEXT, .text = str_from_cstr(texts[i][k])};
            events[i] = (JourneyEvent){.subject = rng_between(&w->rng, 1, 9999),
                                       .time = {MODEL_START + n},
                                       .name = STR("Product Viewed"),
                                       .props = props[i],
                                       .nprops = 2};
        }
        assert_ok(journey_append(w->j, events, BATCH, NULL, &w->err), &w->err);
        if ((batch + 1) % (BATCHES / PARTS) == 0)
            assert_ok(journey_settle(w->j, false, &w->err), &w->err);
    }
    assert_ok(journey_settle(w->j, true, &w->err), &w->err);
    assert_ok(snapshot_take(w->j, NULL, &snapshot, &w->err), &w->err);
    assert_int_equal(snapshot.n, 1);
    assert_true(has_dictionary(snapshot.segs[0], KEYS[0]));
    assert_false(has_dictionary(snapshot.segs[0], KEYS[1]));
    snapshot_done(&snapshot);
    free(events);
    free(props);
}

/* Background work does it, whether or not anything comes. */
static void events_that_are_too_old_leave_the_files(void **state)
{
    enum { DAY = 86400000 };
    char        *dir = model_dir();
    Journey     *j;
    JourneyStats s;
    Err          err;
    (void)state;
    assert_ok(journey_open(dir, &(JourneyOptions){.threads = 1}, &j, &err), &err);
    for (int i = 0; i < 10; i++) {
        JourneyEvent e = {
            .subject = 1 + i % 3, .time = {MODEL_START + (int64_t)i * DAY}, .name = STR("Seen")};
        assert_ok(journey_append(j, &e, 1, NULL, &err), &err);
    }
    assert_ok(journey_settle(j, false, &err), &err);
    assert_ok(journey_expire(j, (UnixMs){MODEL_START + 5 * (int64_t)DAY}, &err), &err);
    journey_stats(j, &s);
    for (int i = 0; i < 600 && s.events > 5; i++) { /* a minute at most */
        (void)nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        journey_stats(j, &s);
    }
    assert_int_equal(s.events, 5);
    assert_ok(journey_expire(j, (UnixMs){MODEL_START + 50 * (int64_t)DAY}, &err), &err);
    assert_ok(journey_settle(j, false, &err), &err);
    journey_stats(j, &s);
    assert_int_equal(s.events, 0);
    assert_int_equal(s.segments, 0);
    journey_close(j);
    model_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_appended_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(any_order_of_changes_gives_what_an_array_gives, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_message_counts_once, setup, teardown),
        cmocka_unit_test(texts_of_who_was_erased_are_in_no_file),
        cmocka_unit_test_setup_teardown(products_of_a_large_catalogue_have_a_dictionary, setup,
                                        teardown),
        cmocka_unit_test(events_that_are_too_old_leave_the_files),
        cmocka_unit_test_setup_teardown(bad_events_are_refused_whole, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
