/* Random questions of all kinds, with all their members at once: however a store has come to what
 * it holds - in memory, in files, with links and erasures that are folded in or not, restarted,
 * settled - it answers to the letter as one that was told only what counts now. */
#include "asking.h"

enum { STORES = 6, TURNS = 60, EVENTS = 900 };

static const char *pick(Rng *r, const char *const *from, size_t n)
{
    return from[rng_below(r, n)];
}
#define PICK(r, ...)                                                                               \
    pick(r, (const char *const[]){__VA_ARGS__},                                                    \
         sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static bool maybe(Rng *r)
{
    return rng_below(r, 3) == 0;
}

static void put(Buf *b, const char *text)
{
    buf_add(b, str_from_cstr(text));
}

/* --- questions ----------------------------------------------------------------------- */

static void put_where(Buf *b, Rng *r)
{
    buf_addf(b, "\"where\":%s",
             PICK(r, "{\"page\":\"home\"}", "{\"channel\":\"email\"}", "{\"page\":\"nowhere\"}",
                  "{\"person.parity\":\"odd\"}", "{\"event\":\"Product Viewed\"}"));
}

static const char *event_name(Rng *r)
{
    return pick(r, MODEL_NAMES, COUNT_OF(MODEL_NAMES));
}

static void put_event(Buf *b, Rng *r)
{
    switch (rng_below(r, 4)) {
    case 0: buf_addf(b, "[\"%s\",\"%s\"]", event_name(r), event_name(r)); break;
    case 1:
        buf_addf(b, "{\"event\":\"%s\",", event_name(r));
        put_where(b, r);
        put(b, "}");
        break;
    default: buf_addf(b, "\"%s\"", event_name(r));
    }
}

/* True: it has both ends. */
static bool put_range(Buf *b, Rng *r)
{
    int64_t  from = rng_between(r, 6, 25), days = rng_between(r, 0, 12);
    unsigned ends = (unsigned)rng_below(r, 4);
    switch (ends) {
    case 0: buf_addf(b, ",\"from\":\"2025-01-%02d\"", (int)from); break;
    case 1:
        buf_addf(b, ",\"from\":\"2025-01-%02dT07:30:00Z\",\"to\":\"2025-02-%02d\"", (int)from,
                 (int)(1 + days));
        break;
    case 2: buf_addf(b, ",\"to\":\"2025-02-%02dT12:00:00+02:00\"", (int)(1 + days)); break;
    default: break;
    }
    return ends == 1;
}

static void put_did(Buf *b, Rng *r)
{
    put(b, "\"did\":{");
    buf_addf(b, "\"event\":\"%s\"", event_name(r));
    if (maybe(r))
        (void)put_range(b, r);
    if (maybe(r))
        buf_addf(b, ",\"at_least\":%d", (int)rng_between(r, 1, 4));
    else if (maybe(r))
        buf_addf(b, ",\"at_most\":%d", (int)rng_between(r, 0, 3));
    put(b, "}");
}

static void put_segment(Buf *b, Rng *r, bool person)
{
    put(b, "{");
    if (rng_below(r, 2) == 0)
        put_did(b, r);
    else if (person)
        put(b, "\"where\":{\"person.parity\":\"even\"}");
    else
        put_where(b, r);
    put(b, "}");
}

static void put_one_by(Buf *b, Rng *r)
{
    if (maybe(r))
        put_segment(b, r, false);
    else
        buf_addf(
            b, "\"%s\"",
            PICK(r, "page", "channel", "revenue", "person.parity", "weight", "no.such", "event"));
}

static void put_by(Buf *b, Rng *r, const char *member)
{
    buf_addf(b, ",\"%s\":", member);
    if (!maybe(r)) {
        put_one_by(b, r);
        return;
    }
    put(b, "[");
    put_one_by(b, r);
    put(b, ",");
    put_one_by(b, r);
    put(b, "]");
}

static void put_common(Buf *b, Rng *r, bool trends)
{
    if (put_range(b, r) && trends)
        put(b, PICK(r, "", ",\"compare\":\"previous\"", ",\"compare\":\"7 days\""));
    if (maybe(r))
        buf_addf(b, ",\"timezone\":\"%s\"",
                 PICK(r, "Europe/Kyiv", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"));
    if (maybe(r)) {
        put(b, ",");
        put_where(b, r);
    }
    if (maybe(r)) {
        put(b, ",\"segment\":");
        put_segment(b, r, true);
    }
    if (rng_below(r, 6) == 0)
        buf_addf(b, ",\"sample\":0.%d", (int)rng_between(r, 1, 9));
    if (maybe(r))
        buf_addf(b, ",\"limit\":%d", (int)rng_between(r, 1, 5));
}

static const char *const INTERVALS[] = {"hour", "day", "week", "month"};

static void put_trends(Buf *b, Rng *r)
{
    put(b, "\"series\":[");
    for (int64_t n = rng_between(r, 1, 3); n-- > 0;) {
        put(b, "{");
        if (rng_below(r, 2) == 0) {
            put(b, "\"event\":");
            put_event(b, r);
            put(b, ",");
        }
        if (maybe(r))
            put(b, PICK(r, "\"measure\":\"people\"", "\"measure\":\"events\""));
        else
            buf_addf(b, "\"measure\":\"%s\",\"property\":\"%s\"",
                     PICK(r, "sum", "average", "min", "max", "median", "p90", "p99"),
                     PICK(r, "revenue", "weight"));
        put(b, n > 0 ? "}," : "}");
    }
    put(b, "]");
    buf_addf(b, ",\"interval\":\"%s\"",
             PICK(r, "none", "hour", "day", "week", "month", "quarter", "year"));
    if (maybe(r))
        put_by(b, r, "by");
}

static void put_funnel(Buf *b, Rng *r)
{
    int64_t n = rng_between(r, 1, 4);
    put(b, "\"steps\":[");
    for (int64_t k = 0; k < n; k++) {
        put(b, k > 0 ? "," : "");
        put_event(b, r);
    }
    buf_addf(b, "],\"window\":\"%s\"", PICK(r, "5 minutes", "2 hours", "3 days", "40 days"));
    if (maybe(r))
        buf_addf(b, ",\"order\":\"%s\"", PICK(r, "strict", "any"));
    else if (maybe(r))
        put(b, ",\"times\":true");
    if (maybe(r)) {
        put(b, ",\"exclude\":");
        put_event(b, r);
    }
    if (maybe(r))
        put_by(b, r, "by");
}

static void put_retention(Buf *b, Rng *r)
{
    buf_addf(b, "\"interval\":\"%s\",\"mode\":\"%s\",\"count\":\"%s\"",
             pick(r, INTERVALS + 1, COUNT_OF(INTERVALS) - 1), PICK(r, "first", "recurring"),
             PICK(r, "on", "on_or_after"));
    if (maybe(r)) {
        put(b, ",\"start\":");
        put_event(b, r);
    }
    if (maybe(r)) {
        put(b, ",\"return\":");
        put_event(b, r);
    }
    put(b, PICK(r, "", "", ",\"brackets\":[[0,0],[1,3],[4,9]]", ",\"rolling\":true",
                ",\"periods\":4"));
    if (maybe(r))
        put_by(b, r, "by");
}

static void put_paths(Buf *b, Rng *r)
{
    buf_addf(b, "\"length\":%d,\"top\":%d,\"gap\":\"%s\"", (int)rng_between(r, 2, 5),
             (int)rng_between(r, 1, 30), PICK(r, "10 minutes", "30 minutes", "2 days"));
    if (maybe(r)) {
        put(b, ",\"event\":");
        put_event(b, r);
    }
    if (maybe(r))
        put(b, PICK(r, ",\"node\":\"page\"", ",\"node\":[\"event\",\"page\"]",
                    ",\"node\":\"revenue\""));
    else if (maybe(r))
        buf_addf(b, ",\"%s\":\"%s\"", PICK(r, "from_node", "to_node", "through_node"),
                 event_name(r));
    put(b, PICK(r, "", ",\"collapse\":true", ",\"drop_offs\":true",
                ",\"collapse\":true,\"drop_offs\":true"));
    if (maybe(r))
        put_by(b, r, "by");
}

static void put_sessions(Buf *b, Rng *r)
{
    buf_addf(b, "\"gap\":\"%s\",\"often\":%d", PICK(r, "3 minutes", "30 minutes", "1 day"),
             (int)rng_between(r, 1, 5));
    if (maybe(r)) {
        put(b, ",\"event\":");
        put_event(b, r);
    }
    if (maybe(r))
        put_by(b, r, "entry");
    if (maybe(r))
        put_by(b, r, "exit");
    if (maybe(r))
        put_by(b, r, "by");
    put(b, PICK(r, "", ",\"bounces\":true", ",\"percentiles\":true"));
}

static void put_attribution(Buf *b, Rng *r)
{
    buf_addf(b, "\"conversion\":\"Order Completed\",\"touch\":\"%s\",\"model\":\"%s\"",
             PICK(r, "channel", "page"),
             PICK(r, "last_non_direct", "last", "first", "linear", "position", "time_decay",
                  "markov", "shapley"));
    buf_addf(b, ",\"lookback\":\"%s\"", PICK(r, "1 hour", "4 days", "60 days"));
    put(b, PICK(r, "", ",\"value\":\"revenue\"", ",\"value\":\"weight\""));
    if (maybe(r)) {
        put(b, ",\"touch_event\":");
        put_event(b, r);
    }
    if (maybe(r))
        put_by(b, r, "by");
}

static void put_activity(Buf *b, Rng *r)
{
    buf_addf(b, "\"interval\":\"%s\"", pick(r, INTERVALS, COUNT_OF(INTERVALS)));
    if (maybe(r)) {
        put(b, ",\"event\":");
        put_event(b, r);
    }
    if (maybe(r))
        put_by(b, r, "by");
}

static const struct {
    const char *type;
    void (*put)(Buf *b, Rng *r);
} KINDS[] = {{"trends", put_trends},       {"funnel", put_funnel},
             {"retention", put_retention}, {"paths", put_paths},
             {"sessions", put_sessions},   {"attribution", put_attribution},
             {"lifecycle", put_activity},  {"stickiness", put_activity}};

static void put_question(Buf *b, Rng *r, size_t kind)
{
    buf_addf(b, "{\"type\":\"%s\",", KINDS[kind].type);
    KINDS[kind].put(b, r);
    put_common(b, r, kind == 0);
    put(b, "}");
}

static void put_people(Buf *b, Rng *r)
{
    static const struct {
        size_t      kind;
        const char *cells[3];
    } CELLS[] = {{0, {"\"bucket\":3", "\"by\":\"home\"", "\"series\":0"}},
                 {1, {"\"step\":1", "\"step\":1,\"dropped\":true", "\"by\":\"odd\""}},
                 {2, {"\"cohort\":0", "\"cohort\":1,\"period\":1", "\"period\":0"}},
                 {3, {"\"path\":[\"Page Viewed\",\"Product Viewed\"]", "\"by\":true", ""}},
                 {4, {"\"bounced\":true", "\"often\":true", "\"by\":\"email\""}},
                 {5, {"\"value\":\"email\"", "\"value\":null", "\"by\":\"help\""}},
                 {6, {"\"kind\":\"new\"", "\"kind\":\"returning\"", "\"by\":false"}},
                 {7, {"\"intervals\":2", "\"at_least\":2", ""}}};
    size_t k = rng_below(r, COUNT_OF(CELLS));
    put(b, "{\"type\":\"people\",\"of\":");
    put_question(b, r, CELLS[k].kind);
    buf_addf(b, ",\"cell\":{%s},\"limit\":%d}", CELLS[k].cells[rng_below(r, 3)],
             (int)rng_between(r, 1, 60));
}

/* --- stores -------------------------------------------------------------------------- */

/* Only what counts, in one file, its people as they are. */
static Journey *plain_store(World *w, const char *dir)
{
    Journey    *j;
    JourneyProp props[4];
    assert_ok(journey_open(dir, &QUIET, &j, &w->err), &w->err);
    for (size_t i = 0; i < w->m.n; i++) {
        JourneyEvent e = model_event(&w->m.events[i], props);
        if (!w->m.events[i].gone)
            assert_ok(journey_append(j, &e, 1, NULL, &w->err), &w->err);
    }
    for (int64_t s = 1; s <= MODEL_SUBJECTS; s++)
        assert_ok(journey_remap(j, &(JourneyLink){s, w->m.profile[s]}, 1, &w->err), &w->err);
    assert_ok(journey_settle(j, true, &w->err), &w->err);
    return j;
}

/* What it says, or why it does not. */
static Str said_by(World *w, Journey *j, Str question)
{
    const JourneyAsk o = {.compile = compile, .trait = trait};
    buf_clear(&w->answer);
    if (journey_ask(j, question, &o, &w->answer, &w->err) != ST_OK)
        return str_dup(&w->arena, str_from_cstr(w->err.msg));
    return str_dup(&w->arena, buf_str(&w->answer));
}

static bool was_answered(Str said)
{
    return str_starts(said, STR("{"));
}

static void compare(World *w, Journey *plain, size_t *ret_answered)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1 << 16);
    if (rng_below(&w->rng, 4) == 0)
        put_people(&b, &w->rng);
    else
        put_question(&b, &w->rng, rng_below(&w->rng, COUNT_OF(KINDS)));
    Str here = said_by(w, w->j, buf_str(&b)), there = said_by(w, plain, buf_str(&b));
    *ret_answered += was_answered(here);
    if (!str_eq(here, there))
        fail_msg(STR_FMT "\n" STR_FMT "\n" STR_FMT, STR_ARG(buf_str(&b)), STR_ARG(here),
                 STR_ARG(there));
    arena_reset(&w->arena);
}

/* What is older counts no longer, nor does what arrives later. */
static void expire(World *w)
{
    int64_t edge = MODEL_START + rng_between(&w->rng, 0, 10 * 86400000);
    w->edge = edge > w->edge ? edge : w->edge;
    assert_ok(journey_expire(w->j, (UnixMs){edge}, &w->err), &w->err);
}

static void forget_old(World *w)
{
    for (size_t i = 0; i < w->m.n; i++)
        w->m.events[i].gone |= w->m.events[i].time < w->edge;
}

/* A number of the environment, for who wants to ask longer. */
static int64_t number_of(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    int64_t     v;
    return text != NULL && str_parse_i64(str_from_cstr(text), &v) ? v : otherwise;
}

static void any_question_is_answered_the_same_however_it_is_kept(void **state)
{
    World *w = *state;
    size_t asked = 0, answered = 0;
    w->rng = rng_of((uint64_t)number_of("JOURNEY_SEED", 20250106));
    for (int64_t s = number_of("JOURNEY_STORES", STORES); s > 0; s--) {
        char *dir = model_dir();
        w->m.shift = rng_below(&w->rng, 2) == 0 ? rng_between(&w->rng, 0, 999) : 0;
        for (int i = 0; i < 30; i++) {
            append(w, EVENTS / 30);
            change(w);
            if (rng_below(&w->rng, 30) == 0)
                expire(w);
        }
        forget_old(w);
        Journey *plain = plain_store(w, dir);
        for (int i = 0; i < TURNS; i++, asked++)
            compare(w, plain, &answered);
        journey_close(plain);
        model_rmdir(dir);
    }
    assert_true(answered * 10 > asked * 8); /* most of them are questions */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        any_question_is_answered_the_same_however_it_is_kept, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
