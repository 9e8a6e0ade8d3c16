/* /api/v1/journey: questions about what people do, and the state of the store. */
#include "people/journey_int.h"
#include "people/people_http.h"

enum { QUESTION_MAX = 256 << 10, QUESTIONS_AT_ONCE = 4, SECONDS_MAX = 60 };

static atomic_int asking; /* questions that run */

static bool gone(const void *rq)
{
    return http_client_gone(rq);
}

static Status ask(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Watched w = {.gone = gone, .arg = rq, .until_us = clock_mono_us() + SECONDS_MAX * 1000000LL};
    people_watch(&w);
    Status st = people_journey_ask(cx, rq->body, &w.cancel, &rs->body);
    people_unwatch(&w);
    if (st == ST_CONFLICT && str_eq(str_from_cstr(cx->err.code), STR("journey.cancelled")) &&
        clock_mono_us() >= w.until_us)
        return cx_fail(cx, ST_CONFLICT, "journey.cancelled",
                       "it took more than %d seconds: take a shorter range, or a sample",
                       SECONDS_MAX);
    return st;
}

/* POST /api/v1/journey/query */
static Status post_query(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    if (rq->body.len == 0)
        return cx_fail(cx, ST_INVALID, "http.missing_body", "a question is missing");
    if (atomic_fetch_add(&asking, 1) >= QUESTIONS_AT_ONCE) {
        atomic_fetch_sub(&asking, 1);
        return cx_fail(cx, ST_BUSY, "people.too_many_questions", "at most %d at once",
                       QUESTIONS_AT_ONCE);
    }
    Status st = ask(cx, rq, rs);
    atomic_fetch_sub(&asking, 1);
    return st;
}

typedef struct State {
    int64_t events, segments, bytes, log_bytes, memory_events, mapped, unfolded, erasures, merging;
} State;

static const ShapeField STATE_FIELDS[] = {
    SHAPE_INT(State, events, .doc = "Events stored."),
    SHAPE_INT(State, segments, .doc = "Files that they are in."),
    SHAPE_INT(State, bytes, .doc = "Of these files."),
    SHAPE_INT(State, log_bytes, .doc = "Of the current log."),
    SHAPE_INT(State, memory_events, .doc = "Events that are in the log and in memory only."),
    SHAPE_INT(State, mapped, .doc = "Subjects that belong to another profile."),
    SHAPE_INT(State, unfolded, .doc = "Changes of identity that are not in all files yet."),
    SHAPE_INT(State, erasures, .doc = "Erased profiles that are not out of all files yet."),
    SHAPE_INT(State, merging, .doc = "Merges that run."),
};
static const Shape STATE =
    SHAPE_OF(State, "JourneyState", STATE_FIELDS, .doc = "How the store of events is.");

/* GET /api/v1/journey */
static Status get_state(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    JourneyStats s;
    Journey     *j;
    TRY(people_journey_use(cx, &j));
    journey_stats(j, &s);
    http_reply(rq, rs,
               &(State){s.events, s.segments, s.bytes, s.log_bytes, s.memory_rows, s.mapped,
                        s.moved, s.erased, s.merging});
    return ST_OK;
}

typedef struct Checked {
    PeopleTexts findings;
} Checked;

static const ShapeField CHECKED_FIELDS[] = {
    SHAPE_TEXTS(Checked, findings, .doc = "What is damaged, by file and block; empty: nothing is."),
};
static const Shape CHECKED =
    SHAPE_OF(Checked, "JourneyChecked", CHECKED_FIELDS, .doc = "What a check has found.");

enum { FINDINGS_MAX = 100 };

typedef struct Finding {
    Arena *a;
    Str    items[FINDINGS_MAX];
    size_t n;
} Finding;

static void found(void *arg, const char *what)
{
    Finding *f = arg;
    if (f->n < FINDINGS_MAX)
        f->items[f->n++] = str_dup(f->a, str_from_cstr(what));
}

/* POST /api/v1/journey/check */
static Status post_check(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Finding *f = arena_new(cx->arena, Finding);
    Journey *j;
    f->a = cx->arena;
    TRY(people_journey_use(cx, &j));
    Status st = journey_check(j, found, f, &cx->err);
    if (st != ST_OK && f->n == 0)
        return st;
    http_reply(rq, rs, &(Checked){{f->items, f->n}});
    return ST_OK;
}

/* One of each type, as docs/journey.md describes them. */
static const char EXAMPLES[] =
    "{\"trends\":{\"value\":{\"type\":\"trends\",\"last\":\"30 days\",\"interval\":\"day\","
    "\"timezone\":\"Europe/Amsterdam\",\"series\":[{\"event\":\"Order Completed\","
    "\"measure\":\"sum\",\"property\":\"revenue\"},{\"measure\":\"people\"}],"
    "\"by\":\"context.campaign.source\"}},"
    "\"funnel\":{\"value\":{\"type\":\"funnel\",\"steps\":[\"Product Viewed\",\"Product Added\","
    "\"Checkout Started\",\"Order Completed\"],\"window\":\"7 days\",\"times\":true}},"
    "\"retention\":{\"value\":{\"type\":\"retention\",\"start\":\"Order Completed\","
    "\"return\":\"Order Completed\",\"interval\":\"month\",\"last\":\"365 days\","
    "\"by\":\"person.country\"}},"
    "\"paths\":{\"value\":{\"type\":\"paths\",\"node\":[\"event\",\"context.page.path\"],"
    "\"length\":4,\"gap\":\"30 minutes\",\"top\":50,\"collapse\":true}},"
    "\"sessions\":{\"value\":{\"type\":\"sessions\",\"gap\":\"30 minutes\","
    "\"entry\":\"context.page.path\",\"exit\":\"context.page.path\","
    "\"by\":\"context.campaign.source\"}},"
    "\"attribution\":{\"value\":{\"type\":\"attribution\",\"conversion\":\"Order Completed\","
    "\"value\":\"revenue\",\"touch\":\"context.campaign.source\",\"model\":\"markov\","
    "\"lookback\":\"30 days\"}},"
    "\"lifecycle\":{\"value\":{\"type\":\"lifecycle\",\"interval\":\"week\","
    "\"last\":\"90 days\"}},"
    "\"stickiness\":{\"value\":{\"type\":\"stickiness\",\"interval\":\"day\","
    "\"last\":\"30 days\",\"segment\":{\"where\":{\"person.email\":{\"$exists\":true}},"
    "\"did\":{\"event\":\"Order Completed\",\"at_least\":2,\"last\":\"90 days\"}}}},"
    "\"people\":{\"value\":{\"type\":\"people\",\"of\":{\"type\":\"funnel\",\"steps\":["
    "\"Checkout Started\",\"Order Completed\"],\"window\":\"1 day\"},"
    "\"cell\":{\"step\":1,\"dropped\":true},\"limit\":100}},"
    "\"timeline\":{\"value\":{\"type\":\"timeline\",\"customer\":\"cus_01k3v9rnqe0g4\","
    "\"limit\":200}}}";

static const HttpRoute ROUTES[] = {
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/journey/query"),
     .handler = post_query,
     .permission = "journey.read",
     .body = HTTP_BODY_JSON,
     .body_max = QUESTION_MAX,
     .out_type = "application/json",
     .schema = people_journey_schema,
     .examples = EXAMPLES,
     .summary = "Ask about what people do: trends, funnel, retention, paths, sessions, "
                "attribution, lifecycle, stickiness, the people behind a cell, one's timeline"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/journey"),
     .handler = get_state,
     .permission = "journey.read",
     .out = &STATE,
     .summary = "How much is stored, and what is being done to it"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/journey/check"),
     .handler = post_check,
     .permission = "journey.write",
     .out = &CHECKED,
     .summary = "Read all files and verify every checksum"},
};

const HttpRoutes people_journey_routes = {"Journey", ROUTES, COUNT_OF(ROUTES)};
