/* Groups of retention, lifecycle and stickiness against their definitions, and the people behind
 * each of their cells, on random events with remaps, erasures, merges and restarts in between. */
#include "grouped.h"

static Want want;
static char question[640];

/* Ask about groups; each must be wanted, none be missing. */
static const JsonValue *ask_groups(World *w)
{
    const JsonValue *a = ask(w, question), *groups = get(a, "groups");
    assert_int_equal(groups->n, want.n);
    assert_int_equal(number(get(a, "groups_total")), want.n);
    assert_null(json_get(a, STR("other")));
    return a;
}

static const GroupWant *wanted(const JsonValue *group)
{
    char   by[BY_TEXT];
    size_t before = want.n;
    by_json(get(group, "by"), by);
    const GroupWant *g = want_group(&want, by);
    assert_int_equal(want.n, before);
    return g;
}

static void check_people(World *w, const GroupWant *g, size_t at, const char *cell)
{
    if (rng_below(&w->rng, 8) != 0)
        return;
    uint64_t told = people_behind(w, question, cell, g->by);
    if (told != g->cell[at])
        print_message("cell %s of group %s of %s\n", cell, g->by, question);
    assert_int_equal(told, g->cell[at]);
}

/* --- retention ----------------------------------------------------------------------- */

enum { FROM = 4, TO = 25, SPAN = TO - FROM + 1 }; /* days of the model */
#define RANGE "\"from\":\"2025-01-10\",\"to\":\"2025-01-31\""

typedef struct RetentionRule {
    const char *members;
    bool        recurring, after, brackets;
} RetentionRule;

static bool in_range(const ModelEvent *e)
{
    return brute_day(e->time) >= FROM && brute_day(e->time) <= TO;
}

static bool brings_back(const ModelEvent *e)
{
    return (e->name == 2 || e->name == 4) && in_range(e);
}

static bool is_back(ModelEvent **v, size_t i, size_t n, const RetentionRule *r, int64_t k)
{
    static const int64_t BRACKETS[][2] = {{0, 0}, {1, 3}, {4, 40}};
    int64_t              from = brute_day(v[i]->time);
    int64_t              lo = r->brackets ? BRACKETS[k][0] : k;
    int64_t              hi = r->brackets ? BRACKETS[k][1] : r->after ? SPAN : k;
    for (; i < n; i++) {
        int64_t d = brute_day(v[i]->time) - from;
        if (brings_back(v[i]) && d >= lo && d <= hi)
            return true;
    }
    return false;
}

static size_t retention_cell(size_t cohort, size_t k)
{
    return cohort * (SPAN + 1) + k;
}

static void want_retention(World *w, By kind, const RetentionRule *r, size_t cells)
{
    char by[BY_TEXT];
    want.n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        int64_t last = -1;
        for (size_t i = 0; i < w->n[p]; i++) {
            const ModelEvent *e = w->person[p][i];
            int64_t           c = brute_day(e->time) - FROM;
            if (e->name != 1 || !in_range(e) || c == last)
                continue;
            last = c;
            by_of(kind, e, p, by);
            want_person(&want, by, retention_cell((size_t)c, 0), p);
            for (size_t k = 0; k < cells; k++)
                if (is_back(w->person[p], i, w->n[p], r, (int64_t)k))
                    want_person(&want, by, retention_cell((size_t)c, k + 1), p);
            if (!r->recurring)
                break;
        }
    }
}

static void check_cohorts(World *w, const GroupWant *g, const JsonValue *cohorts)
{
    char cell[64];
    assert_int_equal(cohorts->n, SPAN);
    for (uint32_t c = 0; c < cohorts->n; c++) {
        const JsonValue *back = get(&cohorts->items[c], "returned");
        size_t           at = retention_cell(c, 0);
        assert_int_equal(number(get(&cohorts->items[c], "people")), people_in(g->cell[at]));
        (void)snprintf(cell, sizeof cell, "\"cohort\":%u", c);
        if (g->cell[at] != 0)
            check_people(w, g, at, cell);
        for (uint32_t k = 0; k < back->n; k++) {
            at = retention_cell(c, k + 1);
            assert_int_equal(number(&back->items[k]), people_in(g->cell[at]));
            (void)snprintf(cell, sizeof cell, "\"cohort\":%u,\"period\":%u", c, k);
            if (g->cell[at] != 0)
                check_people(w, g, at, cell);
        }
    }
}

static void check_retention(World *w, By kind)
{
    static const RetentionRule RULES[] = {
        {"\"mode\":\"first\"", false, false, false},
        {"\"mode\":\"recurring\"", true, false, false},
        {"\"mode\":\"recurring\",\"count\":\"on_or_after\"", true, true, false},
        {"\"brackets\":[[0,0],[1,3],[4,40]]", false, false, true},
    };
    const RetentionRule *r = &RULES[rng_below(&w->rng, COUNT_OF(RULES))];
    (void)snprintf(question, sizeof question,
                   "{\"type\":\"retention\"," RANGE ",\"start\":\"Product Viewed\",\"return\":"
                   "[\"Product Added\",\"Order Completed\"],%s,\"by\":%s}",
                   r->members, BY_JSON[kind]);
    want_retention(w, kind, r, r->brackets ? 3 : SPAN);
    const JsonValue *groups = get(ask_groups(w), "groups");
    for (uint32_t g = 0; g < groups->n; g++)
        check_cohorts(w, wanted(&groups->items[g]), get(&groups->items[g], "cohorts"));
}

/* --- lifecycle ----------------------------------------------------------------------- */

static const char *const KINDS[] = {"new", "returning", "resurrecting", "dormant"};

/* What came before the range says who is new; only days of the range are told. */
static void want_day(By kind, ModelEvent **v, size_t n, int64_t day, int p)
{
    char              by[BY_TEXT];
    const ModelEvent *here = NULL, *yesterday = NULL;
    bool              before = false;
    for (size_t i = 0; i < n; i++) {
        int64_t d = brute_day(v[i]->time);
        if (v[i]->name != 0)
            continue;
        before = before || d < day;
        here = d == day && here == NULL ? v[i] : here;
        yesterday = d == day - 1 && yesterday == NULL ? v[i] : yesterday;
    }
    if (here == NULL && yesterday == NULL)
        return;
    by_of(kind, here != NULL ? here : yesterday, p, by);
    int what = here == NULL ? 3 : !before ? 0 : yesterday != NULL ? 1 : 2;
    want_person(&want, by, (size_t)(day - FROM) * 4 + (size_t)what, p);
}

static void check_lifecycle(World *w, By kind)
{
    char cell[64];
    (void)snprintf(question, sizeof question,
                   "{\"type\":\"lifecycle\"," RANGE ",\"interval\":\"day\",\"event\":"
                   "\"Page Viewed\",\"by\":%s}",
                   BY_JSON[kind]);
    want.n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (int64_t day = FROM; day <= TO; day++)
            want_day(kind, w->person[p], w->n[p], day, p);
    const JsonValue *groups = get(ask_groups(w), "groups");
    for (uint32_t i = 0; i < groups->n; i++) {
        const GroupWant *g = wanted(&groups->items[i]);
        const JsonValue *days = get(&groups->items[i], "buckets");
        assert_int_equal(days->n, SPAN);
        for (uint32_t d = 0; d < SPAN; d++)
            for (size_t k = 0; k < 4; k++) {
                size_t at = d * 4 + k;
                assert_int_equal(number(get(&days->items[d], KINDS[k])), people_in(g->cell[at]));
                (void)snprintf(cell, sizeof cell, "\"bucket\":%u,\"kind\":\"%s\"", d, KINDS[k]);
                if (g->cell[at] != 0)
                    check_people(w, g, at, cell);
            }
    }
}

/* --- stickiness ---------------------------------------------------------------------- */

static void check_stickiness(World *w, By kind)
{
    char by[BY_TEXT], cell[64];
    (void)snprintf(question, sizeof question,
                   "{\"type\":\"stickiness\"," RANGE ",\"event\":[\"Page Viewed\","
                   "\"Product Viewed\"],\"by\":%s}",
                   BY_JSON[kind]);
    want.n = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++) {
        const ModelEvent *first = NULL;
        int64_t           last = -1, n = 0;
        for (size_t i = 0; i < w->n[p]; i++) {
            const ModelEvent *e = w->person[p][i];
            if (e->name > 1 || !in_range(e))
                continue;
            first = first == NULL ? e : first;
            n += brute_day(e->time) != last;
            last = brute_day(e->time);
        }
        if (first == NULL)
            continue;
        by_of(kind, first, p, by);
        for (int64_t k = 0; k < n; k++) /* from SPAN on: at least so many */
            want_person(&want, by, (size_t)(SPAN + k), p);
        want_person(&want, by, (size_t)n - 1, p);
    }
    const JsonValue *groups = get(ask_groups(w), "groups");
    for (uint32_t i = 0; i < groups->n; i++) {
        const GroupWant *g = wanted(&groups->items[i]);
        const JsonValue *list = get(&groups->items[i], "intervals");
        for (uint32_t k = 0; k < list->n; k++) {
            assert_int_equal(number(get(&list->items[k], "people")), people_in(g->cell[k]));
            assert_int_equal(number(get(&list->items[k], "at_least")),
                             people_in(g->cell[SPAN + k]));
            (void)snprintf(cell, sizeof cell, "\"intervals\":%u", k + 1);
            check_people(w, g, k, cell);
            (void)snprintf(cell, sizeof cell, "\"at_least\":%u", k + 1);
            check_people(w, g, SPAN + k, cell);
        }
    }
}

/* --- what holds for all of them ------------------------------------------------------ */

static void add_numbers(const JsonValue *v, int64_t *sums, size_t *n)
{
    if (v->type == JSON_NUMBER)
        sums[(*n)++] += v->i64;
    for (uint32_t i = 0; v->type == JSON_ARRAY && i < v->n; i++)
        add_numbers(&v->items[i], sums, n);
    for (uint32_t i = 0; v->type == JSON_OBJECT && i < v->n; i++)
        if (!str_eq(v->members[i].key, STR("bucket")) &&
            !(str_eq(v->members[i].key, STR("intervals")) &&
              v->members[i].value.type == JSON_NUMBER))
            add_numbers(&v->members[i].value, sums, n);
}

/* Groups and the rest together are the whole. */
static void check_sums(World *w, const char *of, const char *member)
{
    static int64_t whole[2000], parts[2000];
    size_t         n = 0, m;
    (void)snprintf(question, sizeof question, "{%s," RANGE ",\"by\":\"page\",\"limit\":2}", of);
    const JsonValue *a = ask(w, question), *groups = get(a, "groups");
    memset(whole, 0, sizeof whole);
    memset(parts, 0, sizeof parts);
    add_numbers(get(a, member), whole, &n);
    assert_true(groups->n <= 2);
    for (uint32_t g = 0; g < groups->n; g++) {
        m = 0;
        add_numbers(get(&groups->items[g], member), parts, &m);
        assert_int_equal(m, n);
    }
    int64_t total = number(get(a, "groups_total"));
    if (total > 2) {
        const JsonValue *other = get(a, "other");
        assert_int_equal(number(get(other, "groups")), total - 2);
        m = 0;
        add_numbers(get(other, member), parts, &m);
    }
    assert_true(total == 0 || memcmp(whole, parts, n * sizeof *whole) == 0);
}

static void check_all(World *w)
{
    collect(w);
    for (By by = 0; by < BYS; by++) {
        check_retention(w, by);
        check_lifecycle(w, by);
        check_stickiness(w, by);
    }
    check_sums(w, "\"type\":\"retention\",\"mode\":\"recurring\"", "cohorts");
    check_sums(w, "\"type\":\"lifecycle\",\"interval\":\"day\"", "buckets");
    check_sums(w, "\"type\":\"stickiness\"", "intervals");
    arena_reset(&w->arena);
}

static void groups_are_what_their_definition_says(void **state)
{
    World *w = *state;
    for (uint64_t seed = 41; seed <= 44; seed++) {
        w->rng = rng_of(seed);
        w->m.coarse = seed == 41;
        for (int step = 0; step < 9; step++) {
            append(w, (size_t)rng_between(&w->rng, 20, 160));
            change(w);
            if (step % 3 == 2)
                check_all(w);
        }
    }
}

static void an_empty_store_has_no_groups(void **state)
{
    World *w = *state;
    w->rng = rng_of(1);
    check_all(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(groups_are_what_their_definition_says, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_store_has_no_groups, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
