/* Every kind of question against its definition over an array, on random events, with remaps,
 * erasures, merges and late events in between. */
#include "asking.h"

/* --- funnels ------------------------------------------------------------------------- */

typedef int Depth(ModelEvent **v, size_t n, int64_t window);

static int any_page(ModelEvent **v, size_t n, int64_t window)
{
    return brute_ordered(v, n, window, -1);
}

static void assert_funnel(World *w, const char *question, Depth *depth, bool odd_only)
{
    const JsonValue *steps = get(ask(w, question), "steps");
    int64_t          want[BRUTE_STEPS] = {0};
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        int d = odd_only && p % 2 == 0 ? 0 : depth(w->person[p], w->n[p], WINDOW_MS);
        for (int k = 0; k < d; k++)
            want[k]++;
    }
    for (int k = 0; k < BRUTE_STEPS; k++)
        assert_int_equal(number(get(&steps->items[k], "people")), want[k]);
}

#define STEPS "[\"Product Viewed\", \"Product Added\", \"Checkout Started\", \"Order Completed\"]"

static void check_funnels(World *w)
{
    assert_funnel(w, "{\"type\":\"funnel\",\"window\":\"2 hours\",\"steps\":" STEPS "}", any_page,
                  false);
    assert_funnel(w,
                  "{\"type\":\"funnel\",\"window\":\"2 hours\",\"times\":true,\"steps\":" STEPS "}",
                  any_page, false);
    assert_funnel(w,
                  "{\"type\":\"funnel\",\"window\":\"2 hours\",\"steps\":" STEPS
                  ",\"where\":{\"person.parity\":\"odd\"}}",
                  any_page, true);
    assert_funnel(
        w, "{\"type\":\"funnel\",\"window\":\"2 hours\",\"order\":\"strict\",\"steps\":" STEPS "}",
        brute_strict, false);
    assert_funnel(
        w, "{\"type\":\"funnel\",\"window\":\"2 hours\",\"order\":\"any\",\"steps\":" STEPS "}",
        brute_any, false);
    assert_funnel(w,
                  "{\"type\":\"funnel\",\"window\":\"2 hours\",\"steps\":" STEPS
                  ",\"exclude\":{\"event\":\"Page Viewed\",\"between\":[1,2]}}",
                  brute_excluded, false);
}

static void check_funnel_groups(World *w)
{
    const JsonValue *a =
        ask(w, "{\"type\":\"funnel\",\"window\":\"2 hours\",\"by\":\"page\",\"steps\":" STEPS "}");
    const JsonValue *groups = get(a, "groups");
    int64_t          told = 0, expected = 0;
    for (int page = 0; page < (int)COUNT_OF(MODEL_PAGES); page++) {
        int64_t want[BRUTE_STEPS] = {0};
        for (int p = 1; p <= MODEL_SUBJECTS; p++)
            for (int k = 0, d = brute_ordered(w->person[p], w->n[p], WINDOW_MS, page); k < d; k++)
                want[k]++;
        expected += want[0] > 0;
        for (uint32_t g = 0; g < groups->n; g++) {
            const JsonValue *by = get(&groups->items[g], "by");
            if (page == 0 ? by->type != JSON_NULL
                          : by->type != JSON_STRING ||
                                !str_eq(by->text, str_from_cstr(MODEL_PAGES[page])))
                continue;
            told++;
            for (int k = 0; k < BRUTE_STEPS; k++)
                assert_int_equal(number(get(&get(&groups->items[g], "steps")->items[k], "people")),
                                 want[k]);
        }
    }
    assert_int_equal(told, expected);
}

static void check_people(World *w)
{
    const JsonValue *a =
        ask(w, "{\"type\":\"people\",\"cell\":{\"step\":2,\"dropped\":true},\"of\":"
               "{\"type\":\"funnel\",\"window\":\"2 hours\",\"steps\":" STEPS "}}");
    const JsonValue *list = get(a, "profiles");
    uint32_t         at = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        if (any_page(w->person[p], w->n[p], WINDOW_MS) != 2)
            continue;
        assert_true(at < list->n);
        assert_int_equal(number(&list->items[at++]), p);
    }
    assert_int_equal(at, list->n);
}

/* --- retention, lifecycle, stickiness ------------------------------------------------ */

enum { DAYS = 77, WEEKS = 11 }; /* at most, of a history */

/* Does one of the events that bring back, from v[i] on, come so many days later? */
static bool comes_back(ModelEvent *const *v, size_t i, size_t n, int64_t days, bool after)
{
    int64_t from = brute_day(v[i]->time);
    for (; i < n; i++) {
        int64_t d = brute_day(v[i]->time) - from;
        if ((v[i]->name == 2 || v[i]->name == 4) && (after ? d >= days : d == days))
            return true;
    }
    return false;
}

static void check_retention(World *w, bool recurring, bool after)
{
    char text[256];
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"retention\",\"from\":\"2025-01-06\",\"interval\":\"day\",\"start\":"
                   "\"Product Viewed\",\"return\":[\"Product Added\",\"Order Completed\"],"
                   "\"mode\":\"%s\",\"count\":\"%s\"}",
                   recurring ? "recurring" : "first", after ? "on_or_after" : "on");
    const JsonValue *cohorts = get(ask(w, text), "cohorts");
    static int64_t   back[DAYS][DAYS];
    int64_t          people[DAYS] = {0}, days = cohorts->n;
    memset(back, 0, sizeof back);
    assert_true(days <= DAYS);
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        int64_t last = -1;
        for (size_t i = 0; i < w->n[p]; i++) {
            const ModelEvent *e = w->person[p][i];
            int64_t           c = brute_day(e->time);
            if (e->name != 1 || c == last)
                continue;
            last = c;
            people[c]++;
            for (int64_t k = 0; c + k < days; k++)
                back[c][k] += comes_back(w->person[p], i, w->n[p], k, after);
            if (!recurring)
                break;
        }
    }
    for (int64_t c = 0; c < days; c++) {
        const JsonValue *row = get(&cohorts->items[c], "returned");
        assert_int_equal(number(get(&cohorts->items[c], "people")), people[c]);
        for (int64_t k = 0; c + k < days; k++)
            assert_int_equal(number(&row->items[k]), back[c][k]);
    }
}

static void check_all_retention(World *w)
{
    const JsonValue *cohorts =
        get(ask(w, "{\"type\":\"retention\",\"from\":\"2025-01-06\",\"interval\":\"week\"}"),
            "cohorts");
    int64_t want[WEEKS][WEEKS] = {{0}};
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        bool here[WEEKS] = {false};
        int  first = -1;
        for (size_t i = 0; i < w->n[p]; i++)
            here[brute_day(w->person[p][i]->time) / 7] = true;
        for (int k = 0; k < WEEKS; k++) {
            first = first < 0 && here[k] ? k : first;
            if (first >= 0 && here[k])
                want[first][k - first]++;
        }
    }
    for (uint32_t c = 0; c < cohorts->n; c++) {
        const JsonValue *row = get(&cohorts->items[c], "returned");
        for (uint32_t k = 0; k < row->n; k++)
            assert_int_equal(number(&row->items[k]), want[c][k]);
    }
}

/* Kinds of one person's days are added; returns on how many days there was something. */
static int add_activity(const bool here[DAYS], int64_t kinds[][4])
{
    bool ever = false;
    int  n = 0;
    for (int d = 0; d < DAYS; d++) {
        bool yesterday = d > 0 && here[d - 1];
        n += here[d];
        if (here[d])
            kinds[d][!ever ? 0 : yesterday ? 1 : 2]++;
        else if (yesterday)
            kinds[d][3]++;
        ever = ever || here[d];
    }
    return n;
}

static void check_activity(World *w)
{
    const JsonValue *kinds =
        get(ask(w, "{\"type\":\"lifecycle\",\"interval\":\"day\",\"from\":\"2025-01-06\","
                   "\"event\":\"Page Viewed\"}"),
            "buckets");
    const JsonValue *sticky =
        get(ask(w, "{\"type\":\"stickiness\",\"interval\":\"day\",\"event\":\"Page Viewed\"}"),
            "intervals");
    int64_t want[DAYS][4] = {{0}}, counts[DAYS + 1] = {0};
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        bool here[DAYS] = {false};
        for (size_t i = 0; i < w->n[p]; i++)
            if (w->person[p][i]->name == 0)
                here[brute_day(w->person[p][i]->time)] = true;
        counts[add_activity(here, want)]++;
    }
    int64_t                  offset = kinds->n > 0 ? 0 : DAYS;
    static const char *const NAMES[] = {"new", "returning", "resurrecting", "dormant"};
    UnixMs                   first;
    if (kinds->n > 0 && clock_parse_date(get(&kinds->items[0], "start")->text, &first))
        offset = brute_day(first.v);
    for (uint32_t k = 0; k < kinds->n; k++)
        for (int i = 0; i < 4; i++)
            assert_int_equal(number(get(&kinds->items[k], NAMES[i])), want[offset + k][i]);
    for (uint32_t k = 0; k < sticky->n; k++)
        assert_int_equal(number(get(&sticky->items[k], "people")), counts[k + 1]);
}

/* --- sessions, paths ----------------------------------------------------------------- */

static void check_sessions(World *w, bool entry)
{
    const JsonValue *a = ask(w, entry ? "{\"type\":\"sessions\",\"often\":3,\"entry\":\"page\"}"
                                      : "{\"type\":\"sessions\",\"often\":3}");
    int64_t people = 0, sessions = 0, ms = 0, most = 0, often = 0, average = 0, bounces = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        int64_t n = 0, mine = 0;
        for (size_t i = 0; i < w->n[p]; i++) {
            int64_t gap = i > 0 ? w->person[p][i]->time - w->person[p][i - 1]->time : INT64_MAX;
            int64_t next =
                i + 1 < w->n[p] ? w->person[p][i + 1]->time - w->person[p][i]->time : INT64_MAX;
            n += gap > GAP_MS;
            mine += gap > GAP_MS ? 0 : gap;
            bounces += gap > GAP_MS && next > GAP_MS;
        }
        people += n > 0;
        sessions += n;
        ms += mine;
        most = n > most ? n : most;
        often += n >= 3;
        average += n > 0 ? mine / 1000 / n : 0;
    }
    assert_int_equal(number(get(a, "people")), people);
    assert_int_equal(number(get(a, "sessions")), sessions);
    assert_int_equal(number(get(a, "seconds")), ms / 1000);
    assert_int_equal(number(get(a, "most_of_a_person")), most);
    assert_int_equal(number(get(a, "people_often")), often);
    assert_int_equal(number(get(a, "person_average_seconds")), average);
    if (entry)
        assert_int_equal(number(get(a, "bounces")), bounces);
}

static void check_top_paths(const JsonValue *top, int64_t want[5][5][5], int64_t total)
{
    int64_t told = 0;
    for (uint32_t i = 0; i < top->n; i++) {
        const JsonValue *path = get(&top->items[i], "path");
        int              node[3] = {-1, -1, -1};
        for (int k = 0; k < 3; k++)
            for (int name = 0; name < 5; name++)
                if (str_eq(path->items[k].text, str_from_cstr(MODEL_NAMES[name])))
                    node[k] = name;
        told += number(get(&top->items[i], "count"));
        assert_int_equal(number(get(&top->items[i], "count")), want[node[0]][node[1]][node[2]]);
    }
    assert_int_equal(told, total);
}

static void check_paths(World *w, bool collapse)
{
    const JsonValue *a = ask(w, collapse ? "{\"type\":\"paths\",\"collapse\":true,\"top\":10000}"
                                         : "{\"type\":\"paths\",\"top\":10000}");
    int64_t          want[5][5][5] = {{{0}}}, total = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        static int run[4000];
        size_t     n = 0;
        for (size_t i = 0; i <= w->n[p]; i++) {
            bool cut = i == w->n[p] ||
                       (i > 0 && w->person[p][i]->time - w->person[p][i - 1]->time > GAP_MS);
            for (size_t k = 0; cut && k + 2 < n; k++) {
                want[run[k]][run[k + 1]][run[k + 2]]++;
                total++;
            }
            n = cut ? 0 : n;
            if (i < w->n[p] && (!collapse || n == 0 || run[n - 1] != w->person[p][i]->name))
                run[n++] = w->person[p][i]->name;
        }
    }
    check_top_paths(get(a, "top"), want, total);
    assert_int_equal(number(get(a, "paths")), total);
}

/* --- trends -------------------------------------------------------------------------- */

typedef struct Day {
    int64_t people, sum, events;
    double  most;
} Day;

/* Of the events of a day with this channel; null: without one. */
static Day day_of(World *w, const JsonValue *channel, int64_t d)
{
    Day day = {.most = -1};
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        bool here = false;
        for (size_t i = 0; i < w->n[p]; i++) {
            const ModelEvent *e = w->person[p][i];
            Str  name = str_from_cstr(e->channel != 0 ? MODEL_CHANNELS[e->channel] : "");
            bool same = channel->type == JSON_NULL ? e->channel == 0 : str_eq(channel->text, name);
            if (!same || brute_day(e->time) != d)
                continue;
            here = true;
            day.events += e->name == 0;
            day.sum += e->revenue > 0 ? e->revenue : 0;
            day.most = e->weight > day.most ? e->weight : day.most;
        }
        day.people += here;
    }
    return day;
}

static void check_measure(Str measure, const JsonValue *v, const Day *day)
{
    if (str_eq(measure, STR("people")))
        assert_int_equal(number(v), day->people);
    else if (str_eq(measure, STR("sum")))
        assert_int_equal(number(v), day->sum);
    else if (str_eq(measure, STR("events")))
        assert_int_equal(number(v), day->events);
    else if (day->most >= 0)
        assert_true(fabs(real(v) - day->most) < 1e-9);
    else
        assert_int_equal(v->type, JSON_NULL);
}

static void check_trends(World *w)
{
    const JsonValue *a = ask(
        w, "{\"type\":\"trends\",\"interval\":\"day\",\"by\":\"channel\",\"from\":\"2025-01-06\","
           "\"series\":[{\"measure\":\"people\"},{\"measure\":\"sum\",\"property\":\"revenue\"},"
           "{\"event\":\"Page Viewed\",\"measure\":\"events\"},"
           "{\"measure\":\"max\",\"property\":\"weight\"}]}");
    const JsonValue *series = get(a, "series");
    uint32_t         days = get(a, "buckets")->n;
    for (uint32_t g = 0; g < series->n; g++) {
        const JsonValue *s = &series->items[g];
        for (uint32_t d = 0; d < days; d++) {
            Day day = day_of(w, get(s, "by"), d);
            check_measure(get(s, "measure")->text, &get(s, "values")->items[d], &day);
        }
    }
}

static void check_filtered(World *w)
{
    const JsonValue *a =
        ask(w, "{\"type\":\"trends\",\"interval\":\"none\",\"from\":\"2025-01-10\","
               "\"to\":\"2025-01-19\",\"where\":{\"page\":\"home\"},\"series\":"
               "[{\"event\":\"Product Viewed\",\"where\":{\"channel\":\"email\"}}]}");
    int64_t want = 0;
    for (size_t i = 0; i < w->m.n; i++) {
        const ModelEvent *e = &w->m.events[i];
        int64_t           d = brute_day(e->time);
        want += !e->gone && e->name == 1 && e->page == 1 && e->channel == 3 && d >= 4 && d <= 13;
    }
    assert_int_equal(number(&get(&get(a, "series")->items[0], "values")->items[0]), want);
}

/* --- attribution --------------------------------------------------------------------- */

typedef struct Touch {
    int     channel;
    int64_t time;
} Touch;

/* Visits with a channel before event i, within the look-back. */
static size_t touches(ModelEvent **v, size_t i, int64_t lookback, Touch *out)
{
    size_t  n = 0;
    int     before = 0;
    int64_t last = 0;
    for (size_t k = 0; k < i; k++) {
        if (v[k]->channel == 0 || v[i]->time - v[k]->time > lookback)
            continue;
        if (v[k]->channel != before || v[k]->time - last > GAP_MS)
            out[n++] = (Touch){v[k]->channel, v[k]->time};
        before = v[k]->channel;
        last = v[k]->time;
    }
    return n;
}

static double weight_of(const char *model, const Touch *t, size_t n, int64_t now, size_t i)
{
    if (strcmp(model, "linear") == 0)
        return 1;
    if (strcmp(model, "time_decay") == 0)
        return exp2(-(double)(now - t[i].time) / (7.0 * DAY));
    if (strcmp(model, "first") == 0)
        return i == 0;
    if (strcmp(model, "last") == 0)
        return i == n - 1;
    if (strcmp(model, "position") == 0)
        return n <= 2 ? 1 : i == 0 || i == n - 1 ? 0.4 : 0.2 / (double)(n - 2);
    assert_string_equal(model, "last_non_direct");
    size_t at = n - 1;
    while (at > 0 && t[at].channel == 1)
        at--;
    return i == (t[at].channel == 1 ? n - 1 : at);
}

static void share_out(const char *model, const Touch *t, size_t n, int64_t now, double *to,
                      double value)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weight_of(model, t, n, now, i);
    for (size_t i = 0; i < n; i++)
        to[t[i].channel] += weight_of(model, t, n, now, i) / sum * value;
}

static void check_attribution(World *w, const char *model)
{
    static Touch t[4000];
    char         text[256];
    double       conversions[8] = {0}, amount[8] = {0};
    int64_t      total = 0;
    (void)snprintf(
        text, sizeof text,
        "{\"type\":\"attribution\",\"conversion\":\"Order Completed\",\"value\":\"revenue\","
        "\"lookback\":\"5 days\",\"model\":\"%s\"}",
        model);
    const JsonValue *a = ask(w, text), *credits = get(a, "credits");
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++) {
            if (w->person[p][i]->name != 4)
                continue;
            size_t n = touches(w->person[p], i, 5LL * DAY, t);
            total++;
            if (n == 0)
                t[n++] = (Touch){1, w->person[p][i]->time};
            share_out(model, t, n, w->person[p][i]->time, conversions, 1);
            share_out(model, t, n, w->person[p][i]->time, amount, (double)w->person[p][i]->revenue);
        }
    assert_int_equal(number(get(a, "conversions")), total);
    for (uint32_t c = 0; c < credits->n; c++)
        for (int channel = 1; channel < (int)COUNT_OF(MODEL_CHANNELS); channel++) {
            if (!str_eq(get(&credits->items[c], "value")->text,
                        str_from_cstr(MODEL_CHANNELS[channel])))
                continue;
            assert_true(fabs(real(get(&credits->items[c], "conversions")) - conversions[channel]) <
                        1e-6);
            assert_true(fabs(real(get(&credits->items[c], "amount")) - amount[channel]) < 1e-3);
        }
}

/* Shares of models over paths add up to all conversions. */
static void check_path_models(World *w)
{
    static const char *const MODELS[] = {"markov", "shapley"};
    for (size_t m = 0; m < COUNT_OF(MODELS); m++) {
        char   text[256];
        double sum = 0;
        (void)snprintf(
            text, sizeof text,
            "{\"type\":\"attribution\",\"conversion\":\"Order Completed\",\"model\":\"%s\"}",
            MODELS[m]);
        const JsonValue *a = ask(w, text), *credits = get(a, "credits");
        for (uint32_t c = 0; c < credits->n; c++)
            sum += real(get(&credits->items[c], "conversions"));
        assert_true(fabs(sum - real(get(a, "conversions"))) < 1e-6);
    }
}

static void check_all(World *w)
{
    static const char *const MODELS[] = {"last_non_direct", "last",     "first",
                                         "linear",          "position", "time_decay"};
    collect(w);
    check_funnels(w);
    check_funnel_groups(w);
    check_people(w);
    for (int i = 0; i < 4; i++)
        check_retention(w, i % 2 != 0, i / 2 != 0);
    check_all_retention(w);
    check_activity(w);
    check_sessions(w, false);
    check_sessions(w, true);
    check_paths(w, false);
    check_paths(w, true);
    check_trends(w);
    check_filtered(w);
    for (size_t m = 0; m < COUNT_OF(MODELS); m++)
        check_attribution(w, MODELS[m]);
    check_path_models(w);
    arena_reset(&w->arena);
}

static void check_history(World *w, uint64_t first, uint64_t last)
{
    for (uint64_t seed = first; seed <= last; seed++) {
        w->rng = rng_of(seed);
        for (int step = 0; step < 12; step++) {
            append(w, (size_t)rng_between(&w->rng, 10, 90));
            change(w);
            if (step % 4 == 3)
                check_all(w);
        }
        assert_ok(journey_settle(w->j, true, &w->err), &w->err);
        check_all(w);
    }
}

static void every_question_is_what_its_definition_says(void **state)
{
    check_history(*state, 1, 6);
}

/* Times are read as they are packed then. */
static void so_it_is_with_whole_seconds(void **state)
{
    World *w = *state;
    w->m.coarse = true;
    check_history(w, 7, 12);
}

/* More milliseconds than 32 bits hold, from within a second on; between, a segment of whole
 * seconds, which are packed otherwise. */
static void so_it_is_over_months(void **state)
{
    World *w = *state;
    w->m.days = 70;
    w->m.shift = 300;
    w->rng = rng_of(1);
    for (int step = 0; step < 12; step++) {
        w->m.coarse = step > 3 && step < 8;
        append(w, 300);
        change(w);
        if (step == 7)
            assert_ok(journey_settle(w->j, true, &w->err), &w->err);
        if (step % 4 == 3)
            check_all(w);
    }
    assert_ok(journey_settle(w->j, true, &w->err), &w->err);
    check_all(w);
}

/* Some people's times are of whole seconds, in a segment of their own. */
static void so_it_is_where_seconds_meet_milliseconds(void **state)
{
    World *w = *state;
    w->m.days = 70;
    w->m.shift = 300;
    w->m.coarse = true;
    w->rng = rng_of(2);
    append(w, 900);
    assert_ok(journey_settle(w->j, true, &w->err), &w->err);
    w->m.coarse = false;
    w->m.above = MODEL_SUBJECTS / 2;
    append(w, 300);
    check_all(w);
    assert_ok(journey_settle(w->j, true, &w->err), &w->err);
    check_all(w);
}

static void malformed_questions_are_refused(void **state)
{
    World                   *w = *state;
    static const char *const BAD[] = {
        "{}",
        "[]",
        "{\"type\":\"nothing\"}",
        "{\"type\":\"funnel\"}",
        "{\"type\":\"funnel\",\"steps\":[]}",
        "{\"type\":\"funnel\",\"steps\":[7]}",
        "{\"type\":\"funnel\",\"steps\":[\"a\"],\"window\":\"soon\"}",
        "{\"type\":\"trends\",\"series\":[{\"measure\":\"sum\"}]}",
        "{\"type\":\"trends\",\"series\":[{}],\"timezone\":\"Moon/Base\"}",
        "{\"type\":\"retention\",\"interval\":\"none\"}",
        "{\"type\":\"people\",\"of\":{}}",
        "{\"type\":\"sessions\",\"entry\":{}}",
        "{\"type\":\"trends\",\"series\":[{}],\"by\":{\"where\":{}}}",
        "{\"type\":\"trends\",\"series\":[{}],\"by\":[{\"where\":7}]}",
        "{\"type\":\"sessions\",\"sample\":2}",
        "{\"type\":\"sessions\",\"from\":\"yesterday\"}",
        "{\"type\":\"sessions\",\"form\":\"2025-01-06\"}",
        "{\"type\":\"funnel\",\"steps\":[{\"evnt\":\"a\"}]}",
        "{\"type\":\"trends\",\"series\":[{\"prop\":\"a\"}]}",
        "{\"type\":\"people\",\"of\":{\"type\":\"sessions\"},\"cell\":{\"step\":1}}",
        "{\"type\":\"timeline\",\"profile\":1,\"last\":\"7 days\"}",
    };
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        Buf b;
        buf_init(&b, 1 << 20);
        Status st = journey_ask(w->j, str_from_cstr(BAD[i]), NULL, &b, &w->err);
        buf_done(&b);
        assert_fails(st, ST_INVALID, &w->err, "journey.bad_question");
    }
}

static void a_refusal_says_what_would_do(void **state)
{
    static const char *const SAID[][2] = {
        {"{\"type\":\"sessions\",\"form\":1}", "/form is unknown: sessions has gap event often"},
        {"{\"type\":\"funnel\",\"steps\":[\"a\"],\"order\":\"any order\"}",
         "/order must be one of ordered, strict, any"},
        {"{\"type\":\"funnels\"}", "/type must be one of trends, funnel, retention"}};
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(SAID); i++) {
        assert_fails(journey_ask(w->j, str_from_cstr(SAID[i][0]), NULL, &w->answer, &w->err),
                     ST_INVALID, &w->err, "journey.bad_question");
        assert_true(str_starts(str_from_cstr(w->err.msg), str_from_cstr(SAID[i][1])));
    }
}

static void an_empty_store_answers_everything(void **state)
{
    World *w = *state;
    check_all(w);
}

/* One segment, nothing moved: nobody needs the profiles but those who ask for them. */
static void few_people_are_who_they_are(void **state)
{
    World *w = *state;
    for (int64_t n = 1; n <= 9; n++) {
        JourneyEvent e = {.subject = n << 59 | n, .time = {MODEL_START}, .name = STR("Seen")};
        if (n == 9)
            e.subject = INT64_MAX;
        assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
        const JsonValue *a = ask(w, "{\"type\":\"people\",\"cell\":{\"series\":0,\"bucket\":0},"
                                    "\"of\":{\"type\":\"trends\",\"interval\":\"year\","
                                    "\"series\":[{\"measure\":\"people\"}]}}");
        const JsonValue *who = get(a, "profiles");
        assert_int_equal(number(get(a, "total")), n);
        assert_int_equal(who->n, n);
        for (int64_t i = 1; i <= n; i++)
            assert_int_equal(number(&who->items[i - 1]), i == 9 ? INT64_MAX : i << 59 | i);
    }
}

static void days_follow_the_time_zone(void **state)
{
    World       *w = *state;
    JourneyEvent e = {.subject = 1, .name = STR("X")};
    /* the night in which Amsterdam goes over to summer time: that day has 23 hours */
    assert_true(clock_parse(STR("2025-03-29T22:30:00Z"), &e.time));
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    assert_true(clock_parse(STR("2025-03-29T23:30:00Z"), &e.time));
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    assert_true(clock_parse(STR("2025-03-30T22:30:00Z"), &e.time));
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    const JsonValue *a =
        ask(w, "{\"type\":\"trends\",\"timezone\":\"Europe/Amsterdam\",\"series\":[{}]}");
    assert_int_equal(get(a, "buckets")->n, 3);
    assert_str(get(a, "buckets")->items[1].text, "2025-03-30");
    for (int i = 0; i < 3; i++)
        assert_int_equal(number(&get(&get(a, "series")->items[0], "values")->items[i]), 1);
}

/* In the night in which Amsterdam goes back, the hour from two on comes twice. */
static void hours_that_come_twice_are_told_apart(void **state)
{
    World       *w = *state;
    JourneyEvent e = {.subject = 1, .name = STR("X")};
    assert_true(clock_parse(STR("2025-10-26T10:00:00Z"), &e.time));
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    const JsonValue *a =
        ask(w, "{\"type\":\"trends\",\"timezone\":\"Europe/Amsterdam\",\"series\":[{}],"
               "\"interval\":\"hour\",\"from\":\"2025-10-26\",\"to\":\"2025-10-26\"}");
    const JsonValue *hours = get(a, "buckets");
    assert_int_equal(hours->n, 25);
    assert_str(hours->items[1].text, "2025-10-26T01");
    assert_str(hours->items[2].text, "2025-10-26T02+02:00");
    assert_str(hours->items[3].text, "2025-10-26T02+01:00");
    assert_str(hours->items[4].text, "2025-10-26T03");
}

/* As in every question, `to` includes the day that it names, in the time zone. */
/* A year is more milliseconds than 32 bits can be shifted by. */
static void years_are_counted_of_events_within_minutes(void **state)
{
    World *w = *state;
    for (int i = 0; i < 37; i++) {
        JourneyEvent e = {.subject = 1 + i % 5,
                          .time = {MODEL_START + 1 + (int64_t)i * 60007},
                          .name = i % 2 != 0 ? STR("A") : STR("B")};
        assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    }
    const JsonValue *series =
        get(ask(w, "{\"type\":\"trends\",\"interval\":\"year\",\"by\":\"event\",\"from\":"
                   "\"2025-01-01\",\"to\":\"2027-12-31\",\"series\":[{\"measure\":\"events\"}]}"),
            "series");
    int64_t sum = 0;
    for (uint32_t k = 0; k < series->n; k++) {
        const JsonValue *values = get(&series->items[k], "values");
        assert_int_equal(values->n, 3);
        sum += number(&values->items[0]);
        assert_int_equal(number(&values->items[1]) + number(&values->items[2]), 0);
    }
    assert_int_equal(sum, 37);
}

static void a_timeline_holds_its_last_day(void **state)
{
    World       *w = *state;
    JourneyEvent e = {.subject = 1, .name = STR("X")};
    assert_true(clock_parse(STR("2025-03-30T21:30:00Z"), &e.time));
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    assert_true(clock_parse(STR("2025-03-30T22:30:00Z"), &e.time));
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    const JsonValue *a = ask(w, "{\"type\":\"timeline\",\"profile\":1,\"timezone\":"
                                "\"Europe/Amsterdam\",\"from\":\"2025-03-30\","
                                "\"to\":\"2025-03-30\"}");
    assert_int_equal(get(a, "events")->n, 1);
    assert_str(get(&get(a, "events")->items[0], "time")->text, "2025-03-30T21:30:00.000Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_question_is_what_its_definition_says, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(so_it_is_with_whole_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(so_it_is_over_months, setup, teardown),
        cmocka_unit_test_setup_teardown(so_it_is_where_seconds_meet_milliseconds, setup, teardown),
        cmocka_unit_test_setup_teardown(malformed_questions_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_says_what_would_do, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_store_answers_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(few_people_are_who_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(days_follow_the_time_zone, setup, teardown),
        cmocka_unit_test_setup_teardown(hours_that_come_twice_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(years_are_counted_of_events_within_minutes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_timeline_holds_its_last_day, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
