/* The people behind the cells of trends, funnels, sessions, paths and attribution, and the
 * population of a question, against their definitions: on random events with remaps, erasures,
 * merges and restarts in between. */
#include "grouped.h"

static Want want;

#define RANGE "\"from\":\"2025-01-10\",\"to\":\"2025-01-31\""
enum { FROM = 4, TO = 25 }; /* days of the model */

static bool in_range(const ModelEvent *e)
{
    return brute_day(e->time) >= FROM && brute_day(e->time) <= TO;
}

static void assert_behind(World *w, const char *of, const char *cell, const char *by,
                          uint64_t expected)
{
    uint64_t told = people_behind(w, of, cell, by);
    if (told != expected)
        print_message("cell %s by %s of %s\n", cell, by != NULL ? by : "-", of);
    assert_int_equal(told, expected);
}

/* --- trends, funnels ----------------------------------------------------------------- */

static void check_trend_cells(World *w, By kind)
{
    char of[320], cell[64], by[BY_TEXT];
    (void)snprintf(of, sizeof of,
                   "{\"type\":\"trends\"," RANGE ",\"interval\":\"week\",\"series\":"
                   "[{},{\"event\":\"Order Completed\",\"measure\":\"people\"}],\"by\":%s}",
                   BY_JSON[kind]);
    want.n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++) {
            const ModelEvent *e = w->person[p][i];
            size_t            week = (size_t)(brute_day(e->time) / 7);
            if (!in_range(e))
                continue;
            by_of(kind, e, p, by);
            want_person(&want, by, week * 2, p);
            if (e->name == 4)
                want_person(&want, by, week * 2 + 1, p);
        }
    for (size_t g = 0; g < want.n && g < 7; g++)
        for (size_t c = 0; c < 8; c += 3) {
            (void)snprintf(cell, sizeof cell, "\"bucket\":%zu,\"series\":%zu", c / 2, c % 2);
            assert_behind(w, of, cell, want.group[g].by, want.group[g].cell[c]);
        }
}

/* Whoever begins with a value is in its group; cells: reached, and from BRUTE_STEPS on dropped. */
static void check_funnel_cells(World *w)
{
    static const char OF[] = "{\"type\":\"funnel\",\"window\":\"2 hours\",\"by\":\"page\","
                             "\"steps\":[\"Product Viewed\",\"Product Added\","
                             "\"Checkout Started\",\"Order Completed\"]}";
    char              cell[64], by[BY_TEXT];
    want.n = 0;
    for (int page = 0; page < (int)COUNT_OF(MODEL_PAGES); page++)
        for (int p = 1; p <= MODEL_SUBJECTS; p++) {
            int depth = brute_ordered(w->person[p], w->n[p], WINDOW_MS, page);
            text_json(by, MODEL_PAGES[page]);
            for (int k = 0; k < depth; k++)
                want_person(&want, by, (size_t)k, p);
            if (depth > 0)
                want_person(&want, by, (size_t)(BRUTE_STEPS + depth - 1), p);
        }
    for (size_t g = 0; g < want.n; g++)
        for (int k = 0; k < BRUTE_STEPS; k++) {
            (void)snprintf(cell, sizeof cell, "\"step\":%d", k + 1);
            assert_behind(w, OF, cell, want.group[g].by, want.group[g].cell[k]);
            (void)snprintf(cell, sizeof cell, "\"step\":%d,\"dropped\":true", k + 1);
            assert_behind(w, OF, cell, want.group[g].by, want.group[g].cell[BRUTE_STEPS + k]);
        }
}

/* --- sessions ------------------------------------------------------------------------ */

enum { SESSIONS, BOUNCES, EVENTS, SECONDS, NUMBERS };

typedef struct Numbers {
    int64_t of[GROUPS_MAX][NUMBERS]; /* of the group at that place in `want` */
} Numbers;
static Numbers numbers;

/* Cells: 0 anybody, 1 bounced, 2 three sessions or more. */
static void count_session(By kind, ModelEvent **v, size_t first, size_t last, int p, bool exit)
{
    char by[BY_TEXT];
    by_of(kind, v[exit ? last : first], p, by);
    size_t before = want.n, at = (size_t)(want_group(&want, by) - want.group);
    if (want.n > before)
        memset(numbers.of[at], 0, sizeof numbers.of[at]);
    want_person(&want, by, 0, p);
    if (first == last)
        want_person(&want, by, 1, p);
    numbers.of[at][SESSIONS]++;
    numbers.of[at][BOUNCES] += first == last;
    numbers.of[at][EVENTS] += (int64_t)(last - first + 1);
    numbers.of[at][SECONDS] += v[last]->time - v[first]->time;
}

static void want_sessions(World *w, By kind, bool exit)
{
    want.n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        ModelEvent **v = w->person[p];
        int64_t      sessions = 0;
        for (size_t i = 0, first = 0; i < w->n[p]; i++) {
            if (i + 1 < w->n[p] && v[i + 1]->time - v[i]->time <= GAP_MS)
                continue;
            count_session(kind, v, first, i, p, exit);
            sessions++;
            first = i + 1;
        }
        for (size_t g = 0; g < want.n && sessions >= 3; g++)
            if ((want.group[g].cell[0] >> p & 1) != 0)
                want.group[g].cell[2] |= 1ULL << p;
    }
}

static void check_session_row(const JsonValue *row, const char *value)
{
    char by[BY_TEXT];
    by_json(get(row, value), by);
    const GroupWant *g = want_group(&want, by);
    const int64_t   *n = numbers.of[g - want.group];
    assert_int_equal(number(get(row, "people")), people_in(g->cell[0]));
    assert_int_equal(number(get(row, "sessions")), n[SESSIONS]);
    assert_int_equal(number(get(row, "bounces")), n[BOUNCES]);
    assert_int_equal(number(get(row, "events")), n[EVENTS]);
    double seconds = (double)n[SECONDS] / 1000 / (double)n[SESSIONS];
    assert_true(fabs(real(get(row, "mean_seconds")) - seconds) < 1e-6);
    double events = (double)n[EVENTS] / (double)n[SESSIONS];
    assert_true(fabs(real(get(row, "mean_events")) - events) < 1e-9);
}

static void check_sessions(World *w, By kind)
{
    static const char *const MEMBERS[][3] = {
        {"by", "groups", "by"}, {"entry", "entry", "value"}, {"exit", "exit", "value"}};
    char of[256], cell[256];
    for (size_t m = 0; m < COUNT_OF(MEMBERS); m++) {
        (void)snprintf(of, sizeof of, "{\"type\":\"sessions\",\"often\":3,\"%s\":%s}",
                       MEMBERS[m][0], BY_JSON[kind]);
        want_sessions(w, kind, m == 2);
        const JsonValue *a = ask(w, of), *list = get(a, MEMBERS[m][1]);
        assert_int_equal(list->n, want.n);
        if (m == 0)
            assert_int_equal(number(get(a, "groups_total")), want.n);
        for (uint32_t i = 0; i < list->n; i++)
            check_session_row(&list->items[i], MEMBERS[m][2]);
        assert_int_equal(want.n, list->n);
        for (size_t g = 0; g < want.n && g < 6; g++)
            for (size_t c = 0; c < 3; c++) {
                (void)snprintf(cell, sizeof cell, "\"%s\":%s%s", MEMBERS[m][0], want.group[g].by,
                               c == 0   ? ""
                               : c == 1 ? ",\"bounced\":true"
                                        : ",\"often\":true");
                assert_behind(w, of, cell, NULL, want.group[g].cell[c]);
            }
    }
}

/* --- paths --------------------------------------------------------------------------- */

/* Who walked exactly these nodes from some event on, as far as the visit went? */
static uint64_t walked(World *w, const int *node, size_t n, size_t length)
{
    uint64_t mask = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++) {
            ModelEvent **v = w->person[p];
            size_t       k = 0;
            while (k < length && i + k < w->n[p] &&
                   (k == 0 || v[i + k]->time - v[i + k - 1]->time <= GAP_MS) &&
                   (k >= n || v[i + k]->name == node[k]))
                k++;
            if (k != n)
                continue;
            if (n == length || i + n == w->n[p] || v[i + n]->time - v[i + n - 1]->time > GAP_MS)
                mask |= 1ULL << p;
        }
    return mask;
}

static void check_paths(World *w)
{
    static const int    NODES[][3] = {{1, 2, 3}, {0, 0, 1}, {0, 1, 0}, {4, 0, 0}, {2, 1, 0}};
    static const size_t LENGTHS[] = {3, 3, 2, 1, 2};
    for (size_t k = 0; k < COUNT_OF(NODES); k++) {
        char cell[256];
        int  at = snprintf(cell, sizeof cell, "\"path\":[");
        for (size_t i = 0; i < LENGTHS[k]; i++)
            at += snprintf(cell + at, sizeof cell - (size_t)at, "%s\"%s\"", i > 0 ? "," : "",
                           MODEL_NAMES[NODES[k][i]]);
        (void)snprintf(cell + at, sizeof cell - (size_t)at, "]");
        assert_behind(w, "{\"type\":\"paths\",\"drop_offs\":true}", cell, NULL,
                      walked(w, NODES[k], LENGTHS[k], 3));
    }
    /* by the place as well */
    uint64_t mask = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 1; i < w->n[p]; i++) {
            const ModelEvent *a = w->person[p][i - 1], *b = w->person[p][i];
            if (b->time - a->time <= GAP_MS && a->name == 0 && a->page == 1 && b->name == 1 &&
                b->page == 0)
                mask |= 1ULL << p;
        }
    assert_behind(w, "{\"type\":\"paths\",\"length\":2,\"node\":[\"event\",\"page\"]}",
                  "\"path\":[[\"Page Viewed\",\"home\"],[\"Product Viewed\",null]]", NULL, mask);
}

/* Paths of two by the value at the first: people behind each, and how often it was walked. */
static void check_path_groups(World *w, By kind)
{
    static int64_t walks[GROUPS_MAX][25];
    char           of[256], by[BY_TEXT], cell[128];
    want.n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 1; i < w->n[p]; i++) {
            const ModelEvent *a = w->person[p][i - 1], *b = w->person[p][i];
            size_t            at = (size_t)a->name * 5 + (size_t)b->name, before = want.n;
            if (b->time - a->time > GAP_MS)
                continue;
            by_of(kind, a, p, by);
            want_person(&want, by, at, p);
            if (want.n > before)
                memset(walks[before], 0, sizeof walks[before]);
            walks[want_group(&want, by) - want.group][at]++;
        }
    (void)snprintf(of, sizeof of, "{\"type\":\"paths\",\"length\":2,\"top\":30,\"by\":%s}",
                   BY_JSON[kind]);
    const JsonValue *a = ask(w, of), *groups = get(a, "groups");
    int64_t          told = 0;
    assert_int_equal(groups->n, want.n);
    for (uint32_t g = 0; g < groups->n; g++) {
        const JsonValue *top = get(&groups->items[g], "top");
        by_json(get(&groups->items[g], "by"), by);
        const GroupWant *of_group = want_group(&want, by);
        for (uint32_t i = 0; i < top->n; i++) {
            const JsonValue *path = get(&top->items[i], "path");
            size_t           at[2] = {0};
            for (int k = 0; k < 2; k++)
                while (!str_eq(path->items[k].text, str_from_cstr(MODEL_NAMES[at[k]])))
                    at[k]++;
            int64_t count = number(get(&top->items[i], "count"));
            assert_int_equal(count, walks[of_group - want.group][at[0] * 5 + at[1]]);
            told += count;
            (void)snprintf(cell, sizeof cell, "\"path\":[\"%s\",\"%s\"]", MODEL_NAMES[at[0]],
                           MODEL_NAMES[at[1]]);
            if ((i + g) % 5 == 0)
                assert_behind(w, of, cell, of_group->by, of_group->cell[at[0] * 5 + at[1]]);
        }
    }
    assert_int_equal(told, number(get(a, "paths")));
}

/* --- attribution --------------------------------------------------------------------- */

enum { CHANNELS = 5, LOOKBACK = 5 };

/* Visits before event i, as far as the look-back goes; also before the range. */
static size_t touches(ModelEvent **v, size_t i, int *out)
{
    size_t  n = 0;
    int     before = 0;
    int64_t last = 0;
    for (size_t k = 0; k < i; k++) {
        if (v[k]->channel == 0 || v[i]->time - v[k]->time > LOOKBACK * (int64_t)DAY)
            continue;
        if (v[k]->channel != before || v[k]->time - last > GAP_MS)
            out[n++] = v[k]->channel;
        before = v[k]->channel;
        last = v[k]->time;
    }
    if (n == 0)
        out[n++] = 1;
    return n;
}

enum { MODEL_FIRST, MODEL_LAST, MODEL_LINEAR, MODEL_NOT_DIRECT, MODEL_WAYS };

/* Which of n touches earn: [*first, *last). */
static void earning(int model, const int *t, size_t n, size_t *first, size_t *last)
{
    *first = 0;
    *last = model == MODEL_FIRST ? 1 : n;
    if (model == MODEL_LAST || model == MODEL_NOT_DIRECT)
        *first = n - 1;
    while (model == MODEL_NOT_DIRECT && *first > 0 && t[*first] == 1)
        --*first;
    if (model == MODEL_NOT_DIRECT && t[*first] == 1)
        *first = n - 1;
    if (model == MODEL_NOT_DIRECT)
        *last = *first + 1;
}

/* Conversions by their value: cell 0 all, then those of each channel; and what each earned. */
static double earned[GROUPS_MAX][CHANNELS];

static void want_conversion(ModelEvent **v, size_t i, int p, By kind, int model)
{
    static int t[4000];
    char       by[BY_TEXT];
    size_t     before = want.n, first, last, n = touches(v, i, t);
    by_of(kind, v[i], p, by);
    want_person(&want, by, 0, p);
    size_t g = (size_t)(want_group(&want, by) - want.group);
    if (want.n > before)
        memset(earned[g], 0, sizeof earned[g]);
    earning(model, t, n, &first, &last);
    for (size_t k = first; k < last; k++) {
        want_person(&want, by, (size_t)t[k], p);
        earned[g][t[k]] += 1 / (double)(last - first);
    }
}

static void check_credits(World *w, const JsonValue *group, const char *of, int model)
{
    const JsonValue *rows = get(group, "credits");
    char             by[BY_TEXT], cell[64];
    double           sum = 0;
    by_json(get(group, "by"), by);
    const GroupWant *g = want_group(&want, by);
    for (uint32_t r = 0; r < rows->n; r++) {
        size_t c = 1;
        while (!str_eq(get(&rows->items[r], "value")->text, str_from_cstr(MODEL_CHANNELS[c])))
            c++;
        double got = real(get(&rows->items[r], "conversions"));
        sum += got;
        assert_true(model == MODEL_WAYS || fabs(got - earned[g - want.group][c]) < 1e-6);
        (void)snprintf(cell, sizeof cell, "\"value\":\"%s\"", MODEL_CHANNELS[c]);
        if (rng_below(&w->rng, 3) == 0)
            assert_behind(w, of, cell, g->by, g->cell[c]);
    }
    assert_true(fabs(sum - real(get(group, "conversions"))) < 1e-6);
    if (rng_below(&w->rng, 3) == 0)
        assert_behind(w, of, "", g->by, g->cell[0]);
}

static void check_attribution(World *w, By kind, int model)
{
    static const char *const MODELS[] = {"first",           "last",   "linear",
                                         "last_non_direct", "markov", "shapley"};
    char                     of[320];
    int64_t                  told = 0;
    want.n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++)
            if (w->person[p][i]->name == 4 && in_range(w->person[p][i]))
                want_conversion(w->person[p], i, p, kind, model < MODEL_WAYS ? model : MODEL_WAYS);
    (void)snprintf(of, sizeof of,
                   "{\"type\":\"attribution\"," RANGE ",\"conversion\":\"Order Completed\","
                   "\"lookback\":\"5 days\",\"model\":\"%s\",\"by\":%s}",
                   MODELS[model], BY_JSON[kind]);
    const JsonValue *a = ask(w, of), *groups = get(a, "groups");
    assert_int_equal(groups->n, want.n);
    for (uint32_t i = 0; i < groups->n; i++) {
        check_credits(w, &groups->items[i], of, model < MODEL_WAYS ? model : MODEL_WAYS);
        told += number(get(&groups->items[i], "conversions"));
    }
    assert_int_equal(told, number(get(a, "conversions")));
}

/* Without groups the answer is made in another way. */
static void check_last_touches(World *w)
{
    const JsonValue *rows =
        get(ask(w, "{\"type\":\"attribution\"," RANGE ",\"conversion\":\"Order Completed\","
                   "\"lookback\":\"5 days\"}"),
            "credits");
    double sums[CHANNELS] = {0};
    want.n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++)
            if (w->person[p][i]->name == 4 && in_range(w->person[p][i]))
                want_conversion(w->person[p], i, p, BY_PARITY, MODEL_NOT_DIRECT);
    for (size_t g = 0; g < want.n; g++)
        for (size_t c = 1; c < CHANNELS; c++)
            sums[c] += earned[g][c];
    for (uint32_t r = 0; r < rows->n; r++) {
        size_t c = 1;
        while (!str_eq(get(&rows->items[r], "value")->text, str_from_cstr(MODEL_CHANNELS[c])))
            c++;
        assert_true(fabs(real(get(&rows->items[r], "conversions")) - sums[c]) < 1e-6);
    }
}

/* --- population ---------------------------------------------------------------------- */

/* People and events in the range for which `where` holds, whatever the question looks at. */
static void check_population(World *w)
{
    static const char *const OF[] = {
        "\"type\":\"trends\",\"series\":[{\"event\":\"Order Completed\"}]",
        "\"type\":\"funnel\",\"steps\":[\"Page Viewed\",\"Order Completed\"]",
        "\"type\":\"retention\",\"by\":\"channel\"",
        "\"type\":\"paths\"",
        "\"type\":\"sessions\"",
        "\"type\":\"sessions\",\"entry\":\"page\"",
        "\"type\":\"attribution\",\"conversion\":\"Order Completed\"",
        "\"type\":\"lifecycle\"",
        "\"type\":\"stickiness\""};
    static const char *const WHERE[] = {"", ",\"where\":{\"page\":\"home\"}",
                                        ",\"where\":{\"person.parity\":\"odd\"}"};
    for (size_t k = 0; k < COUNT_OF(OF) * COUNT_OF(WHERE); k++) {
        size_t  where = k % COUNT_OF(WHERE);
        int64_t people = 0, events = 0;
        char    text[320];
        for (int p = 1; p <= MODEL_SUBJECTS; p++) {
            int64_t n = 0;
            for (size_t i = 0; i < w->n[p] && (where != 2 || p % 2 != 0); i++)
                n += in_range(w->person[p][i]) && (where != 1 || w->person[p][i]->page == 1);
            people += n > 0;
            events += n;
        }
        (void)snprintf(text, sizeof text, "{%s," RANGE "%s}", OF[k / COUNT_OF(WHERE)],
                       WHERE[where]);
        const JsonValue *a = ask(w, text), *told = get(a, "population");
        assert_int_equal(number(get(told, "people")), people);
        assert_int_equal(number(get(told, "events")), events);
        assert_str(get(a, "from")->text, "2025-01-10T00:00:00.000Z");
        assert_str(get(a, "to")->text, "2025-02-01T00:00:00.000Z");
    }
}

static void check_all(World *w)
{
    collect(w);
    for (By by = 0; by < BYS; by++) {
        check_trend_cells(w, by);
        check_sessions(w, by);
        check_path_groups(w, by);
        check_attribution(w, by, (int)rng_below(&w->rng, 6));
    }
    check_funnel_cells(w);
    check_paths(w);
    check_last_touches(w);
    check_population(w);
    arena_reset(&w->arena);
}

static void cells_hold_whom_their_definition_says(void **state)
{
    World *w = *state;
    for (uint64_t seed = 51; seed <= 54; seed++) {
        w->rng = rng_of(seed);
        w->m.coarse = seed == 51;
        for (int step = 0; step < 9; step++) {
            append(w, (size_t)rng_between(&w->rng, 20, 120));
            change(w);
            if (step % 3 == 2)
                check_all(w);
        }
    }
}

static void an_empty_store_has_nobody_behind_its_cells(void **state)
{
    World *w = *state;
    w->rng = rng_of(1);
    check_all(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cells_hold_whom_their_definition_says, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_store_has_nobody_behind_its_cells, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
