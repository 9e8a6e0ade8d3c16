/* The options of questions against their definitions, on random events with remaps, erasures,
 * merges and restarts in between; and what holds for all questions: ranges, samples, limits,
 * stopping. */
#include "asking.h"

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * (1 + fabs(a) + fabs(b));
}

static int ascending(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* The smallest value that is not below the share. */
static double percentile(double *v, size_t n, int percent)
{
    qsort(v, n, sizeof *v, ascending);
    size_t rank = (n * (size_t)percent + 99) / 100;
    return v[rank > 0 ? rank - 1 : 0];
}

/* --- trends -------------------------------------------------------------------------- */

typedef struct Measured {
    double  v[4000]; /* weights of the day */
    size_t  n;
    int64_t events, people;
} Measured;

static void measure_day(World *w, int64_t day, Measured *ret)
{
    ret->n = 0;
    ret->events = ret->people = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        bool here = false;
        for (size_t i = 0; i < w->n[p]; i++) {
            const ModelEvent *e = w->person[p][i];
            if (brute_day(e->time) != day)
                continue;
            here = true;
            ret->events++;
            if (e->weight >= 0)
                ret->v[ret->n++] = e->weight;
        }
        ret->people += here;
    }
}

static void check_measures(World *w)
{
    static const struct {
        const char *name;
        int         percent; /* from `min` on */
    } MEASURES[] = {{"per_person", 0}, {"average", 0}, {"min", 0},  {"median", 50},
                    {"p90", 90},       {"p95", 95},    {"p99", 99}, {"max", 100}};
    static Measured m;
    for (size_t k = 0; k < COUNT_OF(MEASURES); k++) {
        char text[256];
        (void)snprintf(text, sizeof text,
                       "{\"type\":\"trends\",\"from\":\"2025-01-06\",\"to\":\"2025-02-05\","
                       "\"series\":[{\"measure\":\"%s\"%s}]}",
                       MEASURES[k].name, k > 0 ? ",\"property\":\"weight\"" : "");
        const JsonValue *values = get(&get(ask(w, text), "series")->items[0], "values");
        assert_int_equal(values->n, 31);
        for (uint32_t d = 0; d < values->n; d++) {
            measure_day(w, d, &m);
            double sum = 0;
            for (size_t i = 0; i < m.n; i++)
                sum += m.v[i];
            if (k == 0 ? m.people == 0 : m.n == 0)
                assert_int_equal(values->items[d].type, JSON_NULL);
            else if (k == 0)
                assert_true(near(real(&values->items[d]), (double)m.events / (double)m.people));
            else if (k == 1)
                assert_true(near(real(&values->items[d]), sum / (double)m.n));
            else
                assert_true(
                    near(real(&values->items[d]), percentile(m.v, m.n, MEASURES[k].percent)));
        }
    }
}

static void assert_same_values(const JsonValue *a, const JsonValue *b)
{
    const JsonValue *x = get(&get(a, "series")->items[0], "values");
    const JsonValue *y = get(&get(b, "series")->items[0], "values");
    assert_int_equal(x->n, y->n);
    for (uint32_t i = 0; i < x->n; i++)
        assert_int_equal(number(&x->items[i]), number(&y->items[i]));
}

static void check_comparison(World *w)
{
    static const char *const RANGES[][3] = {
        {"\"from\":\"2025-01-20\",\"to\":\"2025-01-24\",\"compare\":\"previous\"",
         "\"from\":\"2025-01-15\",\"to\":\"2025-01-19\"", "2025-01-15"},
        {"\"from\":\"2025-01-20\",\"to\":\"2025-01-24\",\"compare\":\"7 days\"",
         "\"from\":\"2025-01-13\",\"to\":\"2025-01-17\"", "2025-01-13"},
        {"\"from\":\"2025-01-20T10:00:00Z\",\"to\":\"2025-01-20T16:00:00Z\",\"interval\":\"hour\","
         "\"compare\":\"previous\"",
         "\"from\":\"2025-01-20T04:00:00Z\",\"to\":\"2025-01-20T10:00:00Z\",\"interval\":\"hour\"",
         "2025-01-20T04"}};
    for (size_t i = 0; i < COUNT_OF(RANGES); i++) {
        char both[320], early[320];
        (void)snprintf(both, sizeof both, "{\"type\":\"trends\",\"series\":[{}],%s}", RANGES[i][0]);
        (void)snprintf(early, sizeof early, "{\"type\":\"trends\",\"series\":[{}],%s}",
                       RANGES[i][1]);
        const JsonValue *told = get(ask(w, both), "compare");
        assert_str(get(told, "buckets")->items[0].text, RANGES[i][2]);
        assert_same_values(told, ask(w, early));
    }
}

/* --- funnels ------------------------------------------------------------------------- */

/* The last event of a step before event i; n when there is none. */
static size_t step_before(ModelEvent **v, size_t i, size_t n, int step)
{
    while (i-- > 0)
        if (brute_step(v[i], step))
            return i;
    return n;
}

/* When each step was made by the chain that got to `depth` first, of several the latest. */
static void step_times(ModelEvent **v, size_t n, int64_t window, int depth, int64_t *made)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        if (!brute_step(v[i], depth - 1))
            continue;
        made[depth - 1] = v[i]->time;
        for (int k = depth - 1; k > 0 && at < n; k--) {
            at = step_before(v, at, n, k - 1);
            made[k - 1] = at < n ? v[at]->time : 0;
        }
        if (at < n && v[i]->time - v[at]->time <= window)
            return;
    }
    fail();
}

static void check_spans(const JsonValue *step, double *spans, size_t n)
{
    double sum = 0;
    if (n == 0) {
        assert_null(json_get(step, STR("mean_seconds")));
        return;
    }
    for (size_t i = 0; i < n; i++)
        sum += spans[i];
    assert_true(near(real(get(step, "mean_seconds")), sum / (double)n));
    qsort(spans, n, sizeof *spans, ascending);
    assert_true(near(real(get(step, "median_seconds")), spans[(n - 1) / 2]));
    assert_true(near(real(get(step, "p90_seconds")), spans[(n - 1) * 9 / 10]));
}

/* Of odd people, of even ones, or (-1) of all. */
static void check_steps(World *w, const JsonValue *steps, int parity)
{
    static double spans[BRUTE_STEPS][MODEL_SUBJECTS];
    size_t        n[BRUTE_STEPS] = {0};
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        int64_t made[BRUTE_STEPS] = {0};
        int     depth = brute_ordered(w->person[p], w->n[p], 2 * 3600000, -1);
        if (depth < 2 || (parity >= 0 && p % 2 != parity))
            continue;
        step_times(w->person[p], w->n[p], 2 * 3600000, depth, made);
        for (int k = 1; k < depth; k++)
            spans[k][n[k]++] = (double)(made[k] - made[k - 1]) / 1000;
    }
    for (uint32_t k = 1; k < BRUTE_STEPS; k++)
        check_spans(&steps->items[k], spans[k], n[k]);
}

#define TIMED                                                                                      \
    "{\"type\":\"funnel\",\"window\":\"2 hours\",\"times\":true,\"steps\":"                        \
    "[\"Product Viewed\",\"Product Added\",\"Checkout Started\",\"Order Completed\"]"

static void check_times(World *w)
{
    check_steps(w, get(ask(w, TIMED "}"), "steps"), -1);
    const JsonValue *groups = get(ask(w, TIMED ",\"by\":\"person.parity\"}"), "groups");
    for (uint32_t g = 0; g < groups->n; g++)
        check_steps(w, get(&groups->items[g], "steps"),
                    str_eq(get(&groups->items[g], "by")->text, STR("odd")));
}

/* --- retention ----------------------------------------------------------------------- */

static bool back_between(ModelEvent **v, size_t i, size_t n, int64_t first, int64_t last,
                         bool rolling)
{
    int64_t begun = rolling ? v[i]->time : v[i]->time - (v[i]->time - MODEL_START) % DAY;
    for (; i < n; i++) {
        int64_t days = (v[i]->time - begun) / DAY;
        if (days >= first && days <= last)
            return true;
    }
    return false;
}

static void check_brackets(World *w, bool rolling)
{
    static const int64_t BRACKETS[3][2] = {{0, 0}, {1, 3}, {4, 20}};
    char                 text[256];
    int64_t              people[40] = {0}, back[40][3] = {{0}};
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"retention\",\"from\":\"2025-01-06\",\"start\":\"Product Added\","
                   "\"brackets\":[[0,0],[1,3],[4,20]],\"rolling\":%s}",
                   rolling ? "true" : "false");
    const JsonValue *cohorts = get(ask(w, text), "cohorts");
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++) {
            int64_t c = brute_day(w->person[p][i]->time);
            if (w->person[p][i]->name != 2)
                continue;
            people[c]++;
            for (int k = 0; k < 3; k++)
                back[c][k] +=
                    back_between(w->person[p], i, w->n[p], BRACKETS[k][0], BRACKETS[k][1], rolling);
            break;
        }
    for (uint32_t c = 0; c < cohorts->n; c++) {
        assert_int_equal(number(get(&cohorts->items[c], "people")), people[c]);
        for (int k = 0; k < 3; k++)
            assert_int_equal(number(&get(&cohorts->items[c], "returned")->items[k]), back[c][k]);
    }
}

/* --- paths --------------------------------------------------------------------------- */

typedef struct PathRule {
    const char *members;
    size_t      length;
    int         from, to, through; /* names; -1: any */
    bool        drop_offs;
} PathRule;

static bool path_fits(const PathRule *r, const int *node, size_t n)
{
    bool through = r->through < 0;
    for (size_t i = 0; i < n; i++)
        through = through || node[i] == r->through;
    return through && (r->from < 0 || node[0] == r->from) && (r->to < 0 || node[n - 1] == r->to);
}

/* All paths of a person's visits are told to `each`; returns how many. */
static int64_t count_paths(World *w, const PathRule *r, const int *want, size_t nwant)
{
    int64_t total = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++) {
            int    node[8];
            size_t n = 0;
            for (size_t k = i; k < w->n[p] && n < r->length; k++) {
                if (k > i && w->person[p][k]->time - w->person[p][k - 1]->time > 30 * 60000)
                    break;
                node[n++] = w->person[p][k]->name;
            }
            if ((n < r->length && !r->drop_offs) || !path_fits(r, node, n))
                continue;
            total += want == NULL || (n == nwant && memcmp(node, want, n * sizeof *node) == 0);
        }
    return total;
}

static void check_path_rules(World *w)
{
    static const PathRule RULES[] = {
        {"\"length\":2", 2, -1, -1, -1, false},
        {"\"length\":4,\"from_node\":\"Product Viewed\"", 4, 1, -1, -1, false},
        {"\"length\":3,\"to_node\":\"Order Completed\"", 3, -1, 4, -1, false},
        {"\"length\":3,\"through_node\":[\"Checkout Started\"]", 3, -1, -1, 3, false},
        {"\"length\":3,\"drop_offs\":true", 3, -1, -1, -1, true},
    };
    for (size_t k = 0; k < COUNT_OF(RULES); k++) {
        char text[256];
        (void)snprintf(text, sizeof text, "{\"type\":\"paths\",\"top\":10000,%s}",
                       RULES[k].members);
        const JsonValue *a = ask(w, text), *top = get(a, "top");
        int64_t          told = 0;
        for (uint32_t i = 0; i < top->n; i++) {
            const JsonValue *path = get(&top->items[i], "path");
            int              node[8] = {0};
            for (uint32_t n = 0; n < path->n; n++)
                while (!str_eq(path->items[n].text, str_from_cstr(MODEL_NAMES[node[n]])))
                    node[n]++;
            int64_t count = number(get(&top->items[i], "count"));
            assert_int_equal(count, count_paths(w, &RULES[k], node, path->n));
            if (RULES[k].drop_offs)
                assert_int_equal(get(&top->items[i], "dropped")->boolean, path->n < 3);
            told += count;
        }
        assert_int_equal(told, number(get(a, "paths")));
        assert_int_equal(told, count_paths(w, &RULES[k], NULL, 0));
    }
}

/* --- sessions ------------------------------------------------------------------------ */

static void check_session_ends(World *w)
{
    static double    lengths[8000];
    size_t           n = 0;
    int64_t          exits[COUNT_OF(MODEL_PAGES)] = {0};
    const JsonValue *a = ask(w, "{\"type\":\"sessions\",\"exit\":\"page\",\"percentiles\":true}");
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0, first = 0; i < w->n[p]; i++) {
            ModelEvent **v = w->person[p];
            if (i + 1 < w->n[p] && v[i + 1]->time - v[i]->time <= 30 * 60000)
                continue;
            lengths[n++] = (double)(v[i]->time - v[first]->time) / 1000;
            exits[v[i]->page]++;
            first = i + 1;
        }
    qsort(lengths, n, sizeof *lengths, ascending);
    if (n > 0) {
        assert_true(near(real(get(a, "median_seconds")), lengths[(n - 1) / 2]));
        assert_true(near(real(get(a, "p90_seconds")), lengths[(n - 1) * 9 / 10]));
    }
    const JsonValue *list = get(a, "exit");
    int64_t          told = 0;
    for (uint32_t i = 0; i < list->n; i++)
        for (size_t page = 0; page < COUNT_OF(MODEL_PAGES); page++) {
            const JsonValue *value = get(&list->items[i], "value");
            if (page == 0 ? value->type != JSON_NULL
                          : value->type != JSON_STRING ||
                                !str_eq(value->text, str_from_cstr(MODEL_PAGES[page])))
                continue;
            told += exits[page];
            assert_int_equal(number(get(&list->items[i], "sessions")), exits[page]);
        }
    assert_int_equal(told, n);
}

/* --- people behind cells, samples, timelines ----------------------------------------- */

/* Each cell of an answer has as many people behind it as it says. */
static int64_t behind(World *w, const char *of, const char *cell)
{
    char text[640];
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"people\",\"limit\":100000,\"cell\":%s,\"of\":%s}", cell, of);
    const JsonValue *a = ask(w, text), *list = get(a, "profiles");
    assert_int_equal(list->n, number(get(a, "total")));
    for (uint32_t i = 1; i < list->n; i++)
        assert_true(number(&list->items[i]) > number(&list->items[i - 1]));
    return list->n;
}

#define RANGE "\"from\":\"2025-01-06\",\"to\":\"2025-02-05\""

static void check_cells(World *w)
{
    static const char TRENDS[] = "{\"type\":\"trends\"," RANGE ",\"series\":"
                                 "[{\"measure\":\"people\"}]}",
                      RETENTION[] = "{\"type\":\"retention\"," RANGE ",\"interval\":\"week\"}",
                      LIFE[] = "{\"type\":\"lifecycle\"," RANGE ",\"interval\":\"week\"}",
                      STICKY[] = "{\"type\":\"stickiness\"," RANGE "}";
    char             cell[128];
    const JsonValue *days = get(&get(ask(w, TRENDS), "series")->items[0], "values");
    for (uint32_t d = 0; d < days->n; d += 5) {
        (void)snprintf(cell, sizeof cell, "{\"series\":0,\"bucket\":%u}", d);
        assert_int_equal(behind(w, TRENDS, cell), number(&days->items[d]));
    }
    const JsonValue *cohorts = get(ask(w, RETENTION), "cohorts");
    for (uint32_t c = 0; c < cohorts->n; c++) {
        (void)snprintf(cell, sizeof cell, "{\"cohort\":%u,\"period\":1}", c);
        const JsonValue *back = get(&cohorts->items[c], "returned");
        assert_int_equal(behind(w, RETENTION, cell), back->n > 1 ? number(&back->items[1]) : 0);
    }
    const JsonValue *weeks = get(ask(w, LIFE), "buckets");
    for (uint32_t k = 0; k < weeks->n; k++) {
        (void)snprintf(cell, sizeof cell, "{\"bucket\":%u,\"kind\":\"dormant\"}",
                       (unsigned)number(get(&weeks->items[k], "bucket")));
        assert_int_equal(behind(w, LIFE, cell), number(get(&weeks->items[k], "dormant")));
    }
    const JsonValue *sticky = get(ask(w, STICKY), "intervals");
    for (uint32_t k = 0; k < sticky->n; k++) {
        (void)snprintf(cell, sizeof cell, "{\"intervals\":%u}", k + 1);
        assert_int_equal(behind(w, STICKY, cell), number(get(&sticky->items[k], "people")));
    }
}

/* Those behind an attribution's value converted and had touched it; behind a path, walked it. */
static void check_other_cells(World *w)
{
    int64_t converted = 0, walked = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        bool touched = false, converts = false, walks = false;
        for (size_t i = 0; i < w->n[p]; i++) {
            ModelEvent **v = w->person[p];
            converts = converts || (v[i]->name == 4 && touched);
            touched = touched || v[i]->channel == 3;
            walks = walks || (i > 0 && v[i]->time - v[i - 1]->time <= 30 * 60000 &&
                              v[i - 1]->name == 1 && v[i]->name == 2);
        }
        converted += converts;
        walked += walks;
    }
    assert_int_equal(behind(w,
                            "{\"type\":\"attribution\",\"conversion\":\"Order Completed\","
                            "\"lookback\":\"100 days\",\"model\":\"linear\"}",
                            "{\"value\":\"email\"}"),
                     converted);
    assert_int_equal(behind(w, "{\"type\":\"paths\",\"length\":2}",
                            "{\"path\":[\"Product Viewed\",\"Product Added\"]}"),
                     walked);
}

/* A sample is a part of the people with all that they did, and larger ones hold the smaller. */
static void check_sample(World *w)
{
    static const char *const SHARES[] = {"0.2", "0.6", "1"};
    bool                     in[3][MODEL_SUBJECTS + 1] = {{false}};
    for (size_t k = 0; k < COUNT_OF(SHARES); k++) {
        char    of[256];
        int64_t events = 0, people = 0;
        (void)snprintf(of, sizeof of,
                       "{\"type\":\"people\",\"cell\":{\"series\":0,\"bucket\":0},\"of\":{\"type\":"
                       "\"trends\",\"interval\":\"year\"," RANGE ",\"sample\":%s,\"series\":[{}]}}",
                       SHARES[k]);
        const JsonValue *list = get(ask(w, of), "profiles");
        for (uint32_t i = 0; i < list->n; i++) {
            int64_t p = number(&list->items[i]);
            in[k][p] = true;
            events += (int64_t)w->n[p];
            people++;
            assert_true(k == 0 || w->n[p] > 0);
        }
        for (int p = 1; p <= MODEL_SUBJECTS; p++)
            assert_true(k == 0 || in[k][p] || !in[k - 1][p]);
        (void)snprintf(of, sizeof of, "{\"type\":\"sessions\",\"sample\":%s}", SHARES[k]);
        const JsonValue *a = ask(w, of);
        assert_int_equal(number(get(a, "people")), people);
        assert_int_equal(number(get(a, "events")), events);
    }
}

static void check_timeline(World *w)
{
    for (int p = 1; p <= MODEL_SUBJECTS; p += 7) {
        char text[160];
        (void)snprintf(text, sizeof text, "{\"type\":\"timeline\",\"profile\":%d,\"limit\":10000}",
                       p);
        const JsonValue *list = get(ask(w, text), "events");
        assert_int_equal(list->n, w->n[p]);
        for (uint32_t i = 0; i < list->n; i++) {
            const ModelEvent *e = w->person[p][i];
            const JsonValue  *props = get(&list->items[i], "properties");
            const JsonValue  *page = json_get(props, STR("page"));
            UnixMs            t;
            assert_true(clock_parse(get(&list->items[i], "time")->text, &t));
            assert_int_equal(t.v, e->time);
            assert_str(get(&list->items[i], "event")->text, MODEL_NAMES[e->name]);
            assert_int_equal(number(get(&list->items[i], "subject")), e->subject);
            assert_int_equal(page != NULL, e->page != 0);
            if (page != NULL)
                assert_str(page->text, MODEL_PAGES[e->page]);
        }
    }
}

/* Any part of it, from either end: rows [a, a + n) of all. */
static void check_timeline_pages(World *w, int p)
{
    for (size_t skip = 0; skip <= w->n[p] + 1; skip += 3) {
        for (int latest = 0; latest < 2; latest++) {
            char   text[160];
            size_t limit = 4, all = w->n[p], left = all > skip ? all - skip : 0;
            size_t n = left < limit ? left : limit, a = latest ? left - n : all - left;
            (void)snprintf(text, sizeof text,
                           "{\"type\":\"timeline\",\"profile\":%d,\"limit\":%zu,\"skip\":%zu,"
                           "\"latest\":%s}",
                           p, limit, skip, latest ? "true" : "false");
            const JsonValue *answer = ask(w, text), *list = get(answer, "events");
            assert_int_equal(list->n, n);
            for (uint32_t i = 0; i < list->n; i++) {
                UnixMs t;
                assert_true(clock_parse(get(&list->items[i], "time")->text, &t));
                assert_int_equal(t.v, w->person[p][a + i]->time);
            }
            assert_int_equal(get(answer, "more")->boolean, left > n);
        }
    }
}

/* --- models over all paths ----------------------------------------------------------- */

enum { CHANNELS = 5, WAYS = 4000 };

typedef struct Way { /* visits up to a conversion */
    int    touch[64];
    size_t n;
} Way;

/* Visits of [from, end), two days back: neighbours of one channel within half an hour are one. */
static void visits(ModelEvent **v, size_t from, size_t end, int64_t now, Way *ret)
{
    int     before = 0;
    int64_t last = 0;
    ret->n = 0;
    for (size_t i = from; i < end; i++) {
        if (v[i]->channel == 0 || now - v[i]->time > 2LL * DAY)
            continue;
        if (v[i]->channel != before || v[i]->time - last > 30 * 60000) {
            assert_true(ret->n < COUNT_OF(ret->touch));
            ret->touch[ret->n++] = v[i]->channel;
        }
        before = v[i]->channel;
        last = v[i]->time;
    }
}

static size_t all_ways(World *w, Way *ways)
{
    size_t n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        ModelEvent **v = w->person[p];
        for (size_t i = 0; i < w->n[p]; i++) {
            if (v[i]->name != 4)
                continue;
            visits(v, 0, i, v[i]->time, &ways[n]);
            if (ways[n].n == 0)
                ways[n].touch[ways[n].n++] = 1; /* direct */
            n++;
        }
        assert_true(n < WAYS - 2 - MODEL_SUBJECTS);
    }
    return n;
}

/* Shapley by its definition: over all orders, what a channel adds when it comes. The value of a set
 * is how many conversions use its channels only. */
static double set_value(const Way *ways, size_t n, unsigned set)
{
    double value = 0;
    for (size_t i = 0; i < n; i++) {
        bool only = true;
        for (size_t k = 0; k < ways[i].n; k++)
            only = only && (set >> ways[i].touch[k] & 1) != 0;
        value += only;
    }
    return value;
}

static void by_orders(const Way *ways, size_t n, unsigned set, int left, double *credit,
                      double *ret_orders)
{
    if (left == 0) {
        *ret_orders += 1;
        return;
    }
    for (int c = 1; c < CHANNELS; c++) {
        double inner = 0;
        if ((set >> c & 1) != 0)
            continue;
        by_orders(ways, n, set | 1U << c, left - 1, credit, &inner);
        credit[c] += inner * (set_value(ways, n, set | 1U << c) - set_value(ways, n, set));
        *ret_orders += inner;
    }
}

/* Visits since the last conversion up to the last visit: they led to nothing. */
static size_t null_ways(World *w, Way *ways)
{
    size_t n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        ModelEvent **v = w->person[p];
        size_t       from = 0, last = SIZE_MAX;
        for (size_t i = 0; i < w->n[p]; i++) {
            last = v[i]->channel != 0 ? i : last;
            if (v[i]->name == 4) {
                from = i + 1;
                last = SIZE_MAX;
            }
        }
        if (last != SIZE_MAX)
            visits(v, from, last + 1, v[last]->time, &ways[n++]);
    }
    return n;
}

enum { START = 0, CONVERSION = CHANNELS, NOTHING, STATES };

typedef struct Walk { /* how often it went from one state to another: START, channels, ends */
    double step[STATES][STATES];
} Walk;

static void walk_add(Walk *walk, const Way *ways, size_t n, int end)
{
    for (size_t i = 0; i < n; i++) {
        int at = START;
        for (size_t k = 0; k < ways[i].n; k++) {
            walk->step[at][ways[i].touch[k]]++;
            at = ways[i].touch[k];
        }
        walk->step[at][end]++;
    }
}

/* Somebody walks from the start until the end; who comes to `gone` is lost. */
static double chance(const Walk *walk, int gone)
{
    double here[STATES] = {[START] = 1}, left = 1;
    while (left > 1e-13) {
        double next[STATES] = {0};
        next[CONVERSION] = here[CONVERSION];
        left = 0;
        for (int from = 0; from < CHANNELS; from++) {
            double all = 0;
            for (int to = 0; to < STATES; to++)
                all += walk->step[from][to];
            for (int to = 0; to < STATES && all > 0; to++)
                if (to != gone)
                    next[to] += here[from] * walk->step[from][to] / all;
        }
        for (int k = 0; k < CHANNELS; k++)
            left += next[k];
        memcpy(here, next, sizeof here);
    }
    return here[CONVERSION];
}

/* Credits of a model over all paths, by channel, and that they add up. */
static void check_credits(World *w, const char *question, const double want[CHANNELS])
{
    const JsonValue *a = ask(w, question), *credits = get(a, "credits");
    double           told = 0;
    for (uint32_t i = 0; i < credits->n; i++)
        for (int c = 1; c < CHANNELS; c++)
            if (str_eq(get(&credits->items[i], "value")->text, str_from_cstr(MODEL_CHANNELS[c]))) {
                double got = real(get(&credits->items[i], "conversions"));
                assert_true(fabs(got - want[c]) < 1e-6);
                told += got;
            }
    assert_true(fabs(told - real(get(a, "conversions"))) < 1e-6);
}

/* Markov by its definition: by how much fewer would convert if a channel led nowhere. */
static void check_markov(World *w)
{
    static Way ways[WAYS];
    Walk       walk = {0};
    double     effect[CHANNELS] = {0}, effects = 0;
    size_t     n = all_ways(w, ways);
    walk_add(&walk, ways, n, CONVERSION);
    walk_add(&walk, ways + n, null_ways(w, ways + n), NOTHING);
    double whole = chance(&walk, -1);
    for (int c = 1; c < CHANNELS && whole > 0; c++)
        effects += effect[c] = 1 - chance(&walk, c) / whole;
    for (int c = 1; c < CHANNELS && effects > 0; c++)
        effect[c] *= (double)n / effects;
    check_credits(w,
                  "{\"type\":\"attribution\",\"conversion\":\"Order Completed\","
                  "\"lookback\":\"2 days\",\"model\":\"markov\"}",
                  effect);
}

static void check_shapley(World *w)
{
    static Way ways[WAYS];
    size_t     n = all_ways(w, ways);
    double     credit[CHANNELS] = {0}, orders = 0;
    by_orders(ways, n, 0, CHANNELS - 1, credit, &orders);
    for (int c = 1; c < CHANNELS; c++)
        credit[c] /= orders;
    check_credits(w,
                  "{\"type\":\"attribution\",\"conversion\":\"Order Completed\","
                  "\"lookback\":\"2 days\",\"model\":\"shapley\"}",
                  credit);
}

/* --- segments that are said where they are used ------------------------------------------ */

/* Home pages seen by odd people or not, in groups by a condition on the person and one on the
 * event. */
static void check_segment_groups(World *w)
{
    int64_t          want[2][2] = {{0}}, told = 0;
    const JsonValue *series = get(
        ask(w, "{\"type\":\"trends\",\"interval\":\"none\",\"from\":\"2025-01-06\",\"series\":[{"
               "\"event\":\"Page Viewed\"}],\"by\":[{\"where\":{\"person.parity\":\"odd\"}},"
               "{\"where\":{\"page\":\"home\",\"channel\":\"email\"}}]}"),
        "series");
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++) {
            const ModelEvent *e = w->person[p][i];
            want[p % 2][e->page == 1 && e->channel == 3] += e->name == 0;
        }
    for (uint32_t g = 0; g < series->n; g++) {
        const JsonValue *by = get(&series->items[g], "by");
        int64_t          n = number(&get(&series->items[g], "values")->items[0]);
        assert_int_equal(by->items[0].type, JSON_BOOL);
        assert_int_equal(n, want[by->items[0].boolean][by->items[1].boolean]);
        told += n;
    }
    assert_int_equal(told, want[0][0] + want[0][1] + want[1][0] + want[1][1]);
}

static void check_segment_funnel(World *w)
{
    int64_t          want[2][BRUTE_STEPS] = {{0}};
    const JsonValue *groups = get(ask(w, "{\"type\":\"funnel\",\"window\":\"2 "
                                         "hours\",\"by\":{\"where\":{\"person.parity\":\"odd\"}},"
                                         "\"steps\":[\"Product Viewed\",\"Product "
                                         "Added\",\"Checkout Started\",\"Order Completed\"]}"),
                                  "groups");
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        int depth = brute_ordered(w->person[p], w->n[p], WINDOW_MS, -1);
        for (int k = 0; k < depth; k++)
            want[p % 2][k]++;
    }
    for (uint32_t g = 0; g < groups->n; g++) {
        bool             odd = get(&groups->items[g], "by")->boolean;
        const JsonValue *steps = get(&groups->items[g], "steps");
        for (int k = 0; k < BRUTE_STEPS; k++)
            assert_int_equal(number(get(&steps->items[k], "people")), want[odd][k]);
    }
    assert_int_equal(groups->n, (want[0][0] > 0) + (want[1][0] > 0));
}

/* Only people of a segment, and only what a condition says of the event. */
static void check_segment_filter(World *w)
{
    const JsonValue *a = ask(w, "{\"type\":\"sessions\",\"where\":{\"person.parity\":\"even\","
                                "\"channel\":\"social\"}}");
    int64_t          events = 0, people = 0;
    for (int p = 2; p <= MODEL_SUBJECTS; p += 2) {
        int64_t before = events;
        for (size_t i = 0; i < w->n[p]; i++)
            events += w->person[p][i]->channel == 4;
        people += events > before;
    }
    assert_int_equal(number(get(a, "events")), events);
    assert_int_equal(number(get(a, "people")), people);
}

/* --- all of it ----------------------------------------------------------------------- */

static void check_options(World *w)
{
    collect(w);
    check_measures(w);
    check_comparison(w);
    check_times(w);
    check_brackets(w, false);
    check_brackets(w, true);
    check_path_rules(w);
    check_session_ends(w);
    check_cells(w);
    check_other_cells(w);
    check_sample(w);
    check_timeline(w);
    check_timeline_pages(w, 1);
    check_shapley(w);
    check_markov(w);
    check_segment_groups(w);
    check_segment_funnel(w);
    check_segment_filter(w);
    arena_reset(&w->arena);
}

static void every_option_is_what_its_definition_says(void **state)
{
    World *w = *state;
    for (uint64_t seed = 21; seed <= 24; seed++) {
        w->rng = rng_of(seed);
        w->m.coarse = seed == 21;
        for (int step = 0; step < 9; step++) {
            append(w, (size_t)rng_between(&w->rng, 10, 90));
            change(w);
            if (step % 3 == 2)
                check_options(w);
        }
    }
}

static void an_empty_store_has_empty_cells(void **state)
{
    World *w = *state;
    check_options(w);
}

static void groups_are_cut_at_the_limit(void **state)
{
    World *w = *state;
    w->rng = rng_of(31);
    append(w, 300);
    const JsonValue *a = ask(w, "{\"type\":\"trends\",\"interval\":\"none\",\"by\":\"page\","
                                "\"limit\":2,\"series\":[{}]}");
    assert_int_equal(get(a, "series")->n, 2);
    assert_int_equal(number(get(a, "groups_total")), COUNT_OF(MODEL_PAGES));
    a = ask(w, "{\"type\":\"funnel\",\"by\":\"page\",\"limit\":3,\"steps\":[\"Page Viewed\"]}");
    assert_int_equal(get(a, "groups")->n, 3);
    a = ask(w, "{\"type\":\"paths\",\"top\":4,\"gap\":\"40 days\"}");
    assert_int_equal(get(a, "top")->n, 4);
}

static void a_question_can_be_stopped(void **state)
{
    static const char *const QUESTIONS[] = {"{\"type\":\"trends\",\"series\":[{}]}",
                                            "{\"type\":\"sessions\"}", "{\"type\":\"paths\"}",
                                            "{\"type\":\"funnel\",\"steps\":[\"Page Viewed\"]}"};
    World                   *w = *state;
    atomic_bool              cancel = true;
    JourneyAsk               o = {.cancel = &cancel};
    w->rng = rng_of(32);
    append(w, 50);
    for (size_t i = 0; i < COUNT_OF(QUESTIONS); i++) {
        buf_clear(&w->answer);
        assert_fails(journey_ask(w->j, str_from_cstr(QUESTIONS[i]), &o, &w->answer, &w->err),
                     ST_CONFLICT, &w->err, "journey.cancelled");
    }
    atomic_store(&cancel, false);
    assert_int_equal(number(get(ask_of(w, "{\"type\":\"sessions\"}", &o), "events")), 50);
}

static void a_comparison_needs_a_range(void **state)
{
    static const char *const BAD[] = {
        "{\"type\":\"trends\",\"series\":[{}],\"compare\":\"previous\"}",
        "{\"type\":\"trends\",\"series\":[{}]," RANGE ",\"compare\":\"soon\"}",
        "{\"type\":\"trends\",\"series\":[{}]," RANGE ",\"compare\":0}",
        "{\"type\":\"sessions\"," RANGE ",\"compare\":\"previous\"}"};
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_fails(journey_ask(w->j, str_from_cstr(BAD[i]), NULL, &w->answer, &w->err),
                     ST_INVALID, &w->err, "journey.bad_question");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_option_is_what_its_definition_says, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_store_has_empty_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(groups_are_cut_at_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(a_question_can_be_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(a_comparison_needs_a_range, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
