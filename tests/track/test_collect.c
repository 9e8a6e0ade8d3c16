/* From a request to the right person's journey, on both engines. */
#include "base/rng.h"
#include "channel/track/key.h"
#include "channel/track/platform.h"
#include "channel/track/rejected.h"
#include "channel/track/track.h"
#include "channel/track/track_int.h"
#include "people/journey_store.h"
#include "people/people.h"
#include "people/people_http.h"
#include "world.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

WORLD_MODULES(&people_module, &track_module);

static char  folder[64];
static Core *core;

static const HttpApp *the_app(void)
{
    static HttpRoutes tables[2];
    static HttpApp    app = {.tables = tables, .ntables = 2, .title = "T", .version = "0"};
    if (app.index == NULL) {
        tables[0] = track_routes;
        tables[1] = people_journey_routes;
        http_app_index(&app);
    }
    return &app;
}

static void start(World *w)
{
    char journey[80], queue[80];
    Err  err;
    (void)snprintf(journey, sizeof journey, "%s/journey", folder);
    (void)snprintf(queue, sizeof queue, "%s/track", folder);
    assert_ok(core_start(w->db, world_modules, world_nmodules, &(CoreOptions){.manual = true},
                         &core, &err),
              &err);
    w->cx.core = core;
    assert_ok(people_journey_open(journey, w->db, core, &err), &err);
    assert_ok(track_start(&(TrackOptions){.dir = queue, .db = w->db, .core = core}, &err), &err);
}

static void stop(World *w)
{
    track_stop();
    (void)core_stop(core);
    people_journey_close();
    w->cx.core = core = NULL;
}

static int begin(void **state)
{
    people_modules(world_modules, world_nmodules);
    (void)snprintf(folder, sizeof folder, "/tmp/rapport-track-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    start(*state);
    return 0;
}

static int begin_sqlite(void **state)
{
    return world_setup_sqlite(state) + begin(state);
}

static int begin_postgres(void **state)
{
    return world_setup_postgres(state) + begin(state);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static int end(void **state)
{
    if (core != NULL)
        stop(*state);
    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return world_teardown(state);
}

static Str key_text(World *w, TrackKeyInput in)
{
    TrackKeyView key;
    assert_ok(track_key_add(&w->cx, &in, &key), &w->cx.err);
    static char text[64]; /* settle() forgets what is in the arena */
    (void)snprintf(text, sizeof text, STR_FMT, STR_ARG(key.write_key));
    return str_from_cstr(text);
}

static Str server_key(World *w)
{
    return key_text(w, (TrackKeyInput){.name = STR("S"), .kind = TRACK_SERVER});
}

static int send_from(World *w, Str key, const char *path, const char *body, const char *origin,
                     Str *ret_retry)
{
    HttpPair headers[3] = {{STR("X-Write-Key"), key}, {STR("Content-Type"), STR("text/plain")}};
    Cx       cx = {.core = core};
    HttpReq  rq = {.method = HTTP_POST,
                   .target = str_from_cstr(path),
                   .headers = headers,
                   .nheaders = 2,
                   .peer = STR("203.0.113.7"),
                   .body = str_from_cstr(body)};
    HttpResp rs;
    if (origin != NULL)
        headers[rq.nheaders++] = (HttpPair){STR("Origin"), str_from_cstr(origin)};
    assert_ok(cx_begin(&cx, &w->arena, w->db, clock_now()), &cx.err);
    http_dispatch(the_app(), &cx, &rq, &rs);
    for (size_t i = 0; i < rs.nheaders && ret_retry != NULL; i++)
        if (str_eq(rs.headers[i].name, STR("Retry-After")))
            *ret_retry = str_dup(&w->arena, rs.headers[i].value);
    int status = rs.status;
    http_resp_done(&rs);
    cx_end(&cx);
    return status;
}

static int post(World *w, Str key, const char *path, const char *body)
{
    return send_from(w, key, path, body, NULL, NULL);
}

static void settle(World *w)
{
    Err err;
    assert_ok(track_settle(&err), &err);
    assert_ok(core_drain(core, &err), &err);
    world_again(w);
}

static bool count_one(void *arg, const JourneyEvent *e)
{
    (void)e;
    ++*(int *)arg;
    return true;
}

/* Events of whoever has this identifier. */
static int events_of(World *w, int ns, const char *value)
{
    PeopleProfile who;
    Err           err;
    int           n = 0;
    assert_ok(people_find(&w->cx, ns, str_from_cstr(value), &who), &w->cx.err);
    assert_ok(journey_timeline(people_journey(), who.id, (UnixMs){0}, (UnixMs){INT64_MAX},
                               count_one, &n, &err),
              &err);
    return n;
}

static void browser_and_account_become_one_and_part_again(void **state)
{
    World *w = *state;
    Str    key = server_key(w);
    assert_int_equal(post(w, key, "/v1/track", "{\"event\":\"Seen\",\"anonymousId\":\"one-a\"}"),
                     200);
    assert_int_equal(post(w, key, "/v1/identify",
                          "{\"userId\":\"one-u\",\"anonymousId\":\"one-a\",\"traits\":{\"email\":"
                          "\"one@example.org\"}}"),
                     200);
    settle(w);
    assert_int_equal(events_of(w, PEOPLE_EMAIL, "one@example.org"), 2);
    PeopleProfile        who;
    PeopleIdentifierList list;
    assert_ok(people_find(&w->cx, PEOPLE_ANONYMOUS_ID, STR("one-a"), &who), &w->cx.err);
    assert_ok(people_identifier_list(&w->cx, who.id, &list), &w->cx.err);
    assert_int_equal(list.n, 3);
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].ns == PEOPLE_ANONYMOUS_ID)
            assert_ok(people_split(&w->cx, who.id, &(PeopleIds){&list.items[i].id, 1}, STR("two")),
                      &w->cx.err);
    settle(w);
    assert_int_equal(events_of(w, PEOPLE_EMAIL, "one@example.org"), 1);
    assert_int_equal(events_of(w, PEOPLE_ANONYMOUS_ID, "one-a"), 1);
}

static Status block_tx(Cx *cx, void *arg)
{
    Str                 name = STR("Demo-User");
    PeopleIdentityRules rules = people_identity_defaults;
    (void)arg;
    rules.blocked = (PeopleTexts){&name, 1};
    return setting_put(cx, &people_identity_setting, 0, &rules, NULL);
}

/* Else all who are called that were one person. */
static void what_the_setting_blocks_names_nobody_in_the_journey(void **state)
{
    static const char EVENT[] =
        "{\"event\":\"Seen\",\"userId\":\"demo-user\",\"anonymousId\":\"demo-a\"}";
    World            *w = *state;
    Str               key = server_key(w);
    PeopleProfile     who;
    TrackRejectedList list;
    assert_ok(cx_in_tx(&w->cx, block_tx, NULL), &w->cx.err);
    settle(w);
    assert_int_equal(post(w, key, "/v1/track", EVENT), 200);
    assert_int_equal(post(w, key, "/v1/track", "{\"event\":\"Seen\",\"userId\":\"demo-user\"}"),
                     200);
    settle(w);
    assert_ok(people_journey_find(&w->cx, PEOPLE_ANONYMOUS_ID, STR("demo-a"), &who), &w->cx.err);
    assert_int_equal(events_of(w, PEOPLE_ANONYMOUS_ID, "demo-a"), 1);
    assert_int_equal(people_journey_find(&w->cx, PEOPLE_USER_ID, STR("demo-user"), &who),
                     ST_NOT_FOUND);
    assert_ok(track_rejected_list(&w->cx, &(PeopleRange){.limit = 10}, STR(""), &list), &w->cx.err);
    assert_int_equal(list.n, 1);
}

/* Nothing was ever said of them. */
static void whoever_sent_an_event_is_found_by_what_it_came_under(void **state)
{
    World        *w = *state;
    Str           key = server_key(w);
    PeopleProfile who;
    assert_int_equal(post(w, key, "/v1/track", "{\"event\":\"Seen\",\"userId\":\"lone-u\"}"), 200);
    assert_int_equal(post(w, key, "/v1/track", "{\"event\":\"Seen\",\"anonymousId\":\"lone-a\"}"),
                     200);
    settle(w);
    assert_int_equal(events_of(w, PEOPLE_USER_ID, "lone-u"), 1);
    assert_int_equal(people_find(&w->cx, PEOPLE_ANONYMOUS_ID, STR("lone-a"), &who), ST_NOT_FOUND);
    assert_ok(people_journey_find(&w->cx, PEOPLE_ANONYMOUS_ID, STR(" lone-a "), &who), &w->cx.err);
    assert_int_equal(events_of(w, PEOPLE_ANONYMOUS_ID, "lone-a"), 1);
    assert_int_equal(people_journey_find(&w->cx, PEOPLE_ANONYMOUS_ID, STR("nobody"), &who),
                     ST_NOT_FOUND);
    assert_int_equal(people_journey_find(&w->cx, PEOPLE_EMAIL, STR("lone-a"), &who), ST_NOT_FOUND);
    Event e = {.id = 60,
               .type = STR("Order Completed"),
               .stream = 7,
               .at = clock_now(),
               .payload = STR("{\"order_id\":\"ord_7\",\"email\":\"Guest@Example.org\"}")};
    assert_ok(platform_told(&w->cx, &e), &w->cx.err);
    assert_ok(people_journey_find(&w->cx, PEOPLE_EMAIL, STR("guest@example.org"), &who),
              &w->cx.err);
    assert_int_equal(events_of(w, PEOPLE_EMAIL, "guest@example.org"), 1);
}

static int64_t consented(World *w, const char *user)
{
    PeopleProfile who;
    bool          may;
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, str_from_cstr(user), &who), &w->cx.err);
    assert_ok(people_may(&w->cx, who.id, STR("analytics"), &may), &w->cx.err);
    return may;
}

/* Also the second time, in the same words. */
static void whoever_said_no_may_say_yes_again(void **state)
{
    static const char YES[] =
        "{\"userId\":\"mind\",\"event\":\"Segment Consent Preference Updated\",\"context\":{"
        "\"consent\":{\"version\":\"v7\",\"locale\":\"nl\",\"categoryPreferences\":{\"analytics\":"
        "true}}}}";
    static const char NO[] =
        "{\"userId\":\"mind\",\"event\":\"Segment Consent Preference Updated\",\"context\":{"
        "\"consent\":{\"categoryPreferences\":{\"analytics\":false}}}}";
    static const char SEEN[] = "{\"userId\":\"mind\",\"event\":\"Seen\"}";
    World            *w = *state;
    Str               key = server_key(w);
    for (int i = 0; i < 3; i++) {
        post(w, key, "/v1/track", YES);
        settle(w);
        assert_true(consented(w, "mind"));
        post(w, key, "/v1/track", SEEN);
        post(w, key, "/v1/track", NO);
        settle(w);
        assert_false(consented(w, "mind"));
        post(w, key, "/v1/track", SEEN);
    }
    settle(w);
    assert_int_equal(events_of(w, PEOPLE_USER_ID, "mind"), 3 * 3);
    PeopleProfile     who;
    PeopleConsentList list;
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("mind"), &who), &w->cx.err);
    assert_ok(people_consent_list(&w->cx, who.id, &list), &w->cx.err);
    assert_int_equal(list.n, 6);
    assert_true(str_eq(list.items[1].text_version, STR("v7")));
    assert_true(str_eq(list.items[1].locale, STR("nl")));
}

/* From a browser that was offline. */
static void a_late_answer_does_not_outweigh_a_newer_one(void **state)
{
    World *w = *state;
    Str    key = server_key(w);
    post(
        w, key, "/v1/track",
        "{\"userId\":\"late\",\"event\":\"Segment Consent Preference Updated\",\"timestamp\":"
        "\"2026-01-02T00:00:00Z\",\"context\":{\"consent\":{\"categoryPreferences\":{\"analytics\":"
        "true}}}}");
    settle(w);
    post(
        w, key, "/v1/track",
        "{\"userId\":\"late\",\"event\":\"Segment Consent Preference Updated\",\"timestamp\":"
        "\"2026-01-03T00:00:00Z\",\"context\":{\"consent\":{\"categoryPreferences\":{\"analytics\":"
        "false}}}}");
    settle(w);
    post(
        w, key, "/v1/track",
        "{\"userId\":\"late\",\"event\":\"Segment Consent Preference Updated\",\"timestamp\":"
        "\"2026-01-01T00:00:00Z\",\"context\":{\"consent\":{\"categoryPreferences\":{\"analytics\":"
        "true}}}}");
    settle(w);
    assert_false(consented(w, "late"));
}

/* What was known before last is news again. */
static void traits_may_become_what_they_were(void **state)
{
    static const char *const PLANS[] = {"gold", "basic", "gold"};
    World                   *w = *state;
    Str                      key = server_key(w);
    PeopleProfile            who;
    char                     body[200];
    for (size_t i = 0; i < COUNT_OF(PLANS); i++) {
        (void)snprintf(
            body, sizeof body,
            "{\"userId\":\"back\",\"anonymousId\":\"b%zu\",\"traits\":{\"plan\":\"%s\"}}", i % 2,
            PLANS[i]);
        post(w, key, "/v1/identify", body);
        settle(w);
    }
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("back"), &who), &w->cx.err);
    assert_true(str_find(who.traits, STR("gold")) != SIZE_MAX);
    post(w, key, "/v1/batch",
         "{\"batch\":[{\"type\":\"identify\",\"userId\":\"back\",\"traits\":{\"plan\":\"x\"}},{"
         "\"type\":\"identify\",\"userId\":\"back\",\"traits\":{\"plan\":\"y\"}},{\"type\":"
         "\"identify\",\"userId\":\"back\",\"traits\":{\"plan\":\"x\"}}]}");
    settle(w);
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("back"), &who), &w->cx.err);
    assert_true(str_find(who.traits, STR("\"x\"")) != SIZE_MAX);
}

static void what_a_browser_says_of_addresses_joins_nobody(void **state)
{
    World *w = *state;
    Str    key = key_text(w, (TrackKeyInput){.name = STR("B"), .kind = TRACK_BROWSER});
    assert_int_equal(
        post(w, key, "/v1/i", "{\"userId\":\"two-u\",\"traits\":{\"email\":\"two@example.org\"}}"),
        200);
    settle(w);
    PeopleProfile who;
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("two-u"), &who), &w->cx.err);
    assert_int_equal(people_find(&w->cx, PEOPLE_EMAIL, STR("two@example.org"), &who), ST_NOT_FOUND);
}

/* A site id stands in every page: whoever knows it says nothing of addresses. */
static void what_comes_by_a_public_name_of_a_key_is_not_believed(void **state)
{
    World        *w = *state;
    Str           alias = STR("G-PUBLIC");
    PeopleProfile who;
    (void)key_text(w,
                   (TrackKeyInput){.name = STR("P"), .kind = TRACK_SERVER, .aliases = {&alias, 1}});
    post(w, alias, "/v1/identify",
         "{\"userId\":\"alias-u\",\"traits\":{\"email\":\"alias@example.org\"}}");
    settle(w);
    assert_int_equal(events_of(w, PEOPLE_USER_ID, "alias-u"), 1);
    assert_int_equal(people_find(&w->cx, PEOPLE_EMAIL, STR("alias@example.org"), &who),
                     ST_NOT_FOUND);
}

static void who_was_erased_stays_erased(void **state)
{
    World            *w = *state;
    Str               key = server_key(w);
    PeopleProfile     who;
    PeopleDataRequest request;
    const char *body = "{\"userId\":\"gone-u\",\"anonymousId\":\"gone-a\",\"traits\":{\"x\":1}}";
    assert_int_equal(post(w, key, "/v1/identify", body), 200);
    settle(w);
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("gone-u"), &who), &w->cx.err);
    assert_ok(people_erase_ask(&w->cx, who.id, true, &request), &w->cx.err);
    core_set_now(core, unix_ms_add(clock_now(), SPAN_SECONDS(5)));
    settle(w);
    for (int again = 0; again < 2; again++) {
        int n = 0;
        Err err;
        assert_int_equal(
            post(w, key, "/v1/track", "{\"event\":\"Late\",\"anonymousId\":\"gone-a\"}"), 200);
        assert_int_equal(people_find(&w->cx, PEOPLE_USER_ID, STR("gone-u"), &who), ST_NOT_FOUND);
        int64_t subject = people_subject(PEOPLE_ANONYMOUS_ID, STR("gone-a"));
        assert_ok(journey_timeline(people_journey(), journey_profile(people_journey(), subject),
                                   (UnixMs){0}, (UnixMs){INT64_MAX}, count_one, &n, &err),
                  &err);
        assert_int_equal(n, 0);
        stop(w); /* also after a restart */
        start(w);
    }
}

/* The journey stood still while somebody was parted from another, and erased. */
static void erasing_somebody_takes_nothing_from_those_they_were_parted_from(void **state)
{
    World            *w = *state;
    Str               key = server_key(w);
    PeopleProfile     who;
    PeopleEdgeList    edges;
    PeopleDataRequest request;
    const char *body = "{\"event\":\"Seen\",\"userId\":\"stay-u\",\"anonymousId\":\"part-a\"}";
    assert_int_equal(post(w, key, "/v1/track", "{\"event\":\"Before\",\"anonymousId\":\"part-a\"}"),
                     200);
    assert_int_equal(post(w, key, "/v1/track", body), 200);
    settle(w);
    assert_int_equal(events_of(w, PEOPLE_USER_ID, "stay-u"), 2);
    people_journey_close();
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("stay-u"), &who), &w->cx.err);
    assert_ok(people_edge_list(&w->cx, who.id, &edges), &w->cx.err);
    assert_ok(people_unmerge(&w->cx, edges.items[0].id, STR("two")), &w->cx.err);
    assert_ok(people_find(&w->cx, PEOPLE_ANONYMOUS_ID, STR("part-a"), &who), &w->cx.err);
    assert_ok(people_erase_ask(&w->cx, who.id, true, &request), &w->cx.err);
    core_set_now(core, unix_ms_add(clock_now(), SPAN_SECONDS(5)));
    settle(w);
    assert_int_equal(people_find(&w->cx, PEOPLE_ANONYMOUS_ID, STR("part-a"), &who), ST_NOT_FOUND);
    track_stop();
    (void)core_stop(core);
    start(w);
    int64_t subject = people_subject(PEOPLE_ANONYMOUS_ID, STR("part-a"));
    while (journey_profile(people_journey(), subject) != 1) /* the comparison runs beside us */
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(events_of(w, PEOPLE_USER_ID, "stay-u"), 1);
}

static void what_was_kept_aside_of_somebody_who_was_erased_goes(void **state)
{
    World            *w = *state;
    Str               key = server_key(w);
    PeopleProfile     who;
    PeopleDataRequest request;
    TrackRejectedList list;
    const char       *body = "{\"userId\":\"gone-too\",\"traits\":{\"email\":\"Gone@x.test\"}}";
    assert_int_equal(post(w, key, "/v1/identify", body), 200);
    assert_int_equal(post(w, key, "/v1/track", "{\"userId\":\"gone-too\"}"), 200);
    assert_int_equal(post(w, key, "/v1/track", "{\"about\":[\"gone@x.test\"]}"), 200);
    assert_int_equal(post(w, key, "/v1/track", "{\"userId\":\"gone-to\"}"), 200);
    settle(w);
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("gone-too"), &who), &w->cx.err);
    assert_ok(people_erase_ask(&w->cx, who.id, true, &request), &w->cx.err);
    core_set_now(core, unix_ms_add(clock_now(), SPAN_SECONDS(5)));
    settle(w);
    assert_ok(rejected_forget(&w->cx), &w->cx.err);
    assert_ok(track_rejected_list(&w->cx, &(PeopleRange){.limit = 10}, STR(""), &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    assert_str(list.items[0].raw, "{\"userId\":\"gone-to\",\"type\":\"track\"}");
}

typedef struct Keep {
    int64_t     key;
    const char *raw, *end; /* which one stands between them */
    int         n;
} Keep;

static Status keep_tx(Cx *cx, void *arg)
{
    const Keep *k = arg;
    for (int i = 0; i < k->n; i++) {
        char             text[400];
        const JsonValue *record;
        (void)snprintf(
            text, sizeof text,
            "{\"key\":%lld,\"format\":\"segment\",\"reason\":\"of old\",\"raw\":\"%s%d%s\","
            "\"at\":%lld}",
            (long long)k->key, k->raw, i, k->end, (long long)clock_now().v);
        TRY(json_parse(cx->arena, str_dup(cx->arena, str_from_cstr(text)), &record, &cx->err));
        TRY(rejected_keep(cx, (1 << 30) + i, record));
    }
    return ST_OK;
}

/* As a version kept them that did not understand them: with a mark of their key and their time. */
static void keep_aside(World *w, int64_t key, const char *raw, const char *end, int n)
{
    Keep k = {key, raw, end, n};
    assert_ok(cx_in_tx(&w->cx, keep_tx, &k), &w->cx.err);
}

static void what_was_kept_aside_is_replayed_once_it_is_understood(void **state)
{
    World            *w = *state;
    Str               key = server_key(w);
    TrackRejectedList list;
    TrackReplayed     done;
    assert_int_equal(post(w, key, "/v1/track", "{\"event\":\"X\"}"), 200);
    assert_int_equal(
        post(w, key, "/v1/batch", "{\"batch\":[{\"type\":\"page\",\"userId\":\"k\"},3]}"), 200);
    settle(w);
    assert_ok(track_rejected_list(&w->cx, &(PeopleRange){.limit = 10}, STR(""), &list), &w->cx.err);
    assert_int_equal(list.n, 2);
    assert_ok(track_rejected_replay(&w->cx, &(TrackWhich){0}, &done), &w->cx.err);
    assert_int_equal(done.left, 2);
    assert_int_equal(done.stored, 0);
    int64_t   key_id = list.items[0].key_id.v;
    PeopleIds all = {.items = arena_array(&w->arena, int64_t, 2), .n = 2};
    for (size_t i = 0; i < 2; i++)
        all.items[i] = list.items[i].id;
    assert_ok(track_rejected_remove(&w->cx, &(TrackWhich){.ids = all}), &w->cx.err);
    assert_ok(track_rejected_list(&w->cx, &(PeopleRange){.limit = 10}, STR(""), &list), &w->cx.err);
    assert_int_equal(list.n, 0);

    keep_aside(w, key_id, "{\\\"type\\\":\\\"identify\\\",\\\"userId\\\":\\\"again",
               "\\\",\\\"traits\\\":{\\\"email\\\":\\\"again@example.org\\\"}}", 1);
    assert_ok(track_rejected_replay(&w->cx, &(TrackWhich){0}, &done), &w->cx.err);
    assert_int_equal(done.left, 0);
    assert_int_equal(done.stored, 1);
    settle(w);
    assert_int_equal(events_of(w, PEOPLE_EMAIL, "again@example.org"), 1);
    assert_ok(track_rejected_list(&w->cx, &(PeopleRange){.limit = 10}, STR(""), &list), &w->cx.err);
    assert_int_equal(list.n, 0);
}

/* 1,100 of one reason, among others of another: all of it, in more than one go. */
static void all_of_a_reason_is_listed_replayed_and_forgotten(void **state)
{
    enum { MANY = 1100 };
    World            *w = *state;
    Str               key = server_key(w);
    TrackReasons      reasons;
    TrackRejectedList list;
    TrackReplayed     done;
    assert_int_equal(post(w, key, "/v1/track", "{\"event\":\"X\"}"), 200);
    settle(w);
    assert_ok(track_rejected_list(&w->cx, &(PeopleRange){.limit = 10}, STR(""), &list), &w->cx.err);
    int64_t key_id = list.items[0].key_id.v;
    Str     other = str_dup(&w->arena, list.items[0].reason);
    keep_aside(w, key_id, "{\\\"type\\\":\\\"page\\\",\\\"userId\\\":\\\"many-", "\\\"}", MANY);
    assert_ok(track_rejected_reasons(&w->cx, &reasons), &w->cx.err);
    assert_int_equal(reasons.n, 2);
    assert_str(reasons.items[0].reason, "of old");
    assert_int_equal(reasons.items[0].n, MANY);
    assert_ok(track_rejected_list(&w->cx, &(PeopleRange){.limit = 10}, other, &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    assert_ok(track_rejected_replay(&w->cx, &(TrackWhich){.reason = STR("of old")}, &done),
              &w->cx.err);
    assert_int_equal(done.stored, MANY);
    assert_int_equal(done.left, 0);
    assert_ok(track_rejected_replay(&w->cx, &(TrackWhich){0}, &done), &w->cx.err);
    assert_int_equal(done.left, 1);
    assert_ok(track_rejected_remove(&w->cx, &(TrackWhich){0}), &w->cx.err);
    assert_ok(track_rejected_remove(&w->cx, &(TrackWhich){.reason = other}), &w->cx.err);
    assert_ok(track_rejected_reasons(&w->cx, &reasons), &w->cx.err);
    assert_int_equal(reasons.n, 0);
}

static void keys_have_origins_limits_and_an_end(void **state)
{
    World *w = *state;
    Str    origin = STR("https://shop.example"), alias = STR("G-1"), retry = STR("");
    Str    key = key_text(
           w, (TrackKeyInput){
                  .name = STR("L"), .origins = {&origin, 1}, .aliases = {&alias, 1}, .per_minute = 5});
    const char *page = "{\"userId\":\"l\"}";
    assert_int_equal(post(w, STR("nobody's"), "/v1/page", page), 401);
    assert_int_equal(send_from(w, key, "/v1/page", page, "https://other.example", NULL), 403);
    assert_int_equal(send_from(w, alias, "/v1/page", page, "https://shop.example", NULL), 200);
    CLEANUP(buf_done)
    Buf many; /* as many as are taken at once, three of which make no sense: they
                 count, for they would drive out what was kept aside before */
    buf_init(&many, 200000);
    buf_add(&many, STR("{\"batch\":[{},{},{}"));
    for (int i = 4; i < SINK_EVENTS_MAX; i++)
        buf_add(&many, STR(",{\"type\":\"page\",\"userId\":\"l\"}"));
    buf_add(&many, STR("]}"));
    buf_addc(&many, '\0');
    assert_int_equal(post(w, key, "/v1/batch", many.ptr), 200);
    assert_int_equal(send_from(w, key, "/v1/page", "{}", NULL, &retry), 429);
    assert_true(retry.len > 0);
    TrackKeyViews list;
    assert_ok(track_key_list(&w->cx, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(list.items[i].write_key, key))
            assert_ok(track_key_revoke(&w->cx, list.items[i].id), &w->cx.err);
    assert_int_equal(post(w, key, "/v1/page", page), 401);
}

static void bad_bodies_are_refused_as_a_whole(void **state)
{
    World *w = *state;
    Str    key = server_key(w);
    assert_int_equal(post(w, key, "/v1/batch", "{\"batch\":[{\"type\":\"page\",\"userId\":\"b\"},"),
                     400);
    assert_int_equal(post(w, key, "/v1/batch", "[]"), 400);
    assert_int_equal(post(w, key, "/v1/track", ""), 400);
    CLEANUP(buf_done) Buf big;
    buf_init(&big, 60000);
    buf_add(&big, STR("{\"event\":\"Big\",\"userId\":\"b\",\"properties\":{\"x\":\""));
    for (int i = 0; i < 33000; i++)
        buf_addc(&big, 'x');
    buf_add(&big, STR("\"}}"));
    buf_addc(&big, '\0');
    assert_int_equal(post(w, key, "/v1/track", big.ptr), 400); /* as Segment, and not 413 */
    settle(w);
    PeopleProfile who;
    assert_int_equal(people_find(&w->cx, PEOPLE_USER_ID, STR("b"), &who), ST_NOT_FOUND);
}

/* Their browser has told of it, or they do not want it told. */
static void what_nobody_puts_into_a_cart_is_left_to_their_browser(void **state)
{
    World       *w = *state;
    JourneyStats was, is;
    Event        e = {.id = 90,
                      .type = STR("Product Added"),
                      .stream = 6,
                      .at = clock_now(),
                      .payload = STR("{\"cart_id\":\"crt_1\",\"account_id\":null,\"anonymous_id\":\"\","
                                            "\"sku\":\"a\",\"price\":null,\"quantity\":1}")};
    journey_stats(people_journey(), &was);
    assert_ok(platform_told(&w->cx, &e), &w->cx.err);
    journey_stats(people_journey(), &is);
    assert_int_equal(is.events, was.events);
    e.id = 91;
    e.payload =
        STR("{\"cart_id\":\"crt_1\",\"anonymous_id\":\"adds\",\"sku\":\"a\",\"quantity\":1}");
    assert_ok(platform_told(&w->cx, &e), &w->cx.err);
    journey_stats(people_journey(), &is);
    assert_int_equal(is.events, was.events + 1);
}

static bool keep_total(void *arg, const JourneyEvent *e)
{
    double *ret = arg;
    for (size_t i = 0; i < e->nprops; i++) {
        const JourneyProp *p = &e->props[i];
        double             v = p->type == JOURNEY_REAL ? p->real : (double)p->i;
        if (str_eq(p->key, STR("total")))
            ret[0] += v;
        if (str_eq(p->key, STR("revenue")))
            ret[1] += v;
    }
    return true;
}

static void a_refund_is_worth_what_was_given_back(void **state)
{
    World        *w = *state;
    double        sums[2] = {0};
    PeopleProfile who;
    Event         e = {.id = 95,
                       .type = STR("Order Refunded"),
                       .stream = 8,
                       .at = clock_now(),
                       .payload = STR("{\"order_id\":\"ord_8\",\"email\":\"back@example.org\",\"total\":{"
                                              "\"amount\":2800,\"currency\":\"EUR\"},\"tax\":{\"amount\":486,"
                                              "\"currency\":\"EUR\"},\"amount\":{\"amount\":525,\"currency\":"
                                              "\"EUR\"}}")};
    assert_ok(platform_told(&w->cx, &e), &w->cx.err);
    assert_ok(people_journey_find(&w->cx, PEOPLE_EMAIL, STR("back@example.org"), &who), &w->cx.err);
    assert_ok(journey_timeline(people_journey(), who.id, (UnixMs){0}, (UnixMs){INT64_MAX},
                               keep_total, sums, &w->cx.err),
              &w->cx.err);
    assert_true(sums[0] > 5.24 && sums[0] < 5.26);
    assert_true(sums[1] < 0.01);
}

static void what_modules_tell_is_in_the_journey_once(void **state)
{
    World *w = *state;
    Str    key = server_key(w);
    Event  e = {.id = 77,
                .type = STR("Order Completed"),
                .stream = 5,
                .at = clock_now(),
                .payload = STR("{\"order_id\":\"ord_1\",\"email\":\"buyer@example.org\",\"total\":{"
                                "\"amount\":1250,\"currency\":\"EUR\"},\"products\":[{\"sku\":\"a\","
                                "\"price\":{\"amount\":1250,\"currency\":\"EUR\"}}]}")};
    assert_int_equal(post(w, key, "/v1/identify",
                          "{\"userId\":\"buyer\",\"traits\":{\"email\":\"buyer@example.org\"}}"),
                     200);
    settle(w);
    assert_ok(platform_told(&w->cx, &e), &w->cx.err);
    assert_ok(platform_told(&w->cx, &e), &w->cx.err);
    e.id = 78; /* a browser's, with an address that it typed: nobody has proven it */
    e.payload =
        STR("{\"order_id\":\"ord_2\",\"email\":\"buyer@example.org\",\"anonymous_id\":\"told-a\","
            "\"account_id\":null}");
    assert_int_equal(post(w, key, "/v1/track", "{\"event\":\"Seen\",\"anonymousId\":\"told-a\"}"),
                     200);
    assert_ok(platform_told(&w->cx, &e), &w->cx.err);
    settle(w);
    int     n = 0;
    Err     err;
    int64_t browser = people_subject(PEOPLE_ANONYMOUS_ID, STR("told-a"));
    assert_ok(journey_timeline(people_journey(), journey_profile(people_journey(), browser),
                               (UnixMs){0}, (UnixMs){INT64_MAX}, count_one, &n, &err),
              &err);
    assert_int_equal(n, 2);
    e.type = STR("order.placed");
    assert_ok(platform_told(&w->cx, &e), &w->cx.err);
    assert_int_equal(events_of(w, PEOPLE_EMAIL, "buyer@example.org"), 2);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    assert_ok(people_journey_ask(
                  &w->cx,
                  STR("{\"type\":\"trends\",\"interval\":\"year\",\"series\":[{\"event\":"
                      "\"Order Completed\",\"measure\":\"sum\",\"property\":\"revenue\"}]}"),
                  NULL, &b),
              &w->cx.err);
    assert_true(str_find(buf_str(&b), STR("12.5")) != SIZE_MAX);
}

static Str asked(World *w, const char *question)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    assert_ok(people_journey_ask(&w->cx, str_from_cstr(question), NULL, &b), &w->cx.err);
    return str_dup(&w->arena, buf_str(&b));
}

static int64_t total_of(World *w, const char *question)
{
    const JsonValue *v;
    int64_t          n = 0;
    Err              err;
    assert_ok(json_parse(&w->arena, asked(w, question), &v, &err), &err);
    v = json_get(v, STR("series"));
    for (uint32_t i = 0; v != NULL && i < v->n; i++) {
        const JsonValue *values = json_get(&v->items[i], STR("values"));
        for (uint32_t k = 0; k < values->n; k++)
            n += values->items[k].i64;
    }
    return n;
}

static void questions_see_what_people_are_now(void **state)
{
    static const char *const GOLD = "{\"type\":\"trends\",\"interval\":\"year\",\"where\":{"
                                    "\"person.tier\":\"gold\"},\"series\":[{\"event\":\"Sat\"}]}";
    static const char *const TOWN =
        "{\"type\":\"trends\",\"interval\":\"year\",\"series\":[{\"event\":\"Sat\"}],\"by\":"
        "\"person.home.town\"}";
    static const char *const KNOWN = "{\"type\":\"trends\",\"interval\":\"year\",\"where\":{"
                                     "\"person.email\":\"g@example.org\",\"person.known\":true},"
                                     "\"series\":[{\"event\":\"Sat\"}]}";
    World                   *w = *state;
    Str                      key = server_key(w);
    post(
        w, key, "/v1/identify",
        "{\"userId\":\"tier-g\",\"traits\":{\"tier\":\"gold\",\"email\":\"g@example.org\",\"home\":"
        "{\"town\":\"Utrecht\"}}}");
    post(w, key, "/v1/identify", "{\"userId\":\"tier-s\",\"traits\":{\"tier\":\"silver\"}}");
    for (int i = 0; i < 3; i++)
        post(w, key, "/v1/track", "{\"event\":\"Sat\",\"userId\":\"tier-g\"}");
    post(w, key, "/v1/track", "{\"event\":\"Sat\",\"userId\":\"tier-s\"}");
    post(w, key, "/v1/track", "{\"event\":\"Sat\",\"anonymousId\":\"tier-nobody\"}");
    settle(w);
    assert_int_equal(total_of(w, GOLD), 3);
    assert_int_equal(total_of(w, KNOWN), 3);
    assert_true(str_find(asked(w, TOWN), STR("Utrecht")) != SIZE_MAX);
    post(w, key, "/v1/identify", "{\"userId\":\"tier-s\",\"traits\":{\"tier\":\"gold\"}}");
    settle(w);
    assert_int_equal(total_of(w, GOLD), 4);
    post(w, key, "/v1/identify", "{\"userId\":\"tier-g\",\"traits\":{\"tier\":null}}");
    settle(w);
    assert_int_equal(total_of(w, GOLD), 1);
    post(w, key, "/v1/alias", "{\"userId\":\"tier-s\",\"previousId\":\"tier-nobody\"}");
    post(w, key, "/v1/identify", "{\"userId\":\"tier-s\",\"anonymousId\":\"tier-nobody\"}");
    settle(w);
    assert_int_equal(total_of(w, GOLD), 2);
}

#define BOTH(fn)                                                                                   \
    {#fn " (sqlite)", fn, begin_sqlite, end, NULL},                                                \
    {                                                                                              \
#fn " (postgres)", fn, begin_postgres, end, NULL                                           \
    }

/* --- whatever happens ------------------------------------------------------------------------ */

enum { NAMES = 10, PAST = 40 };

typedef struct Story { /* how many events each came with, and who was erased */
    Rng     rng;
    Str     key;
    int     events[NAMES];
    bool    gone[NAMES];
    int64_t posted;
} Story;

/* The first four are accounts, the others browsers. */
static int ns_of(size_t i)
{
    return i < 4 ? PEOPLE_USER_ID : PEOPLE_ANONYMOUS_ID;
}

static Str name_at(World *w, size_t i)
{
    char text[32];
    (void)snprintf(text, sizeof text, i < 4 ? "acc-%zu" : "web-%zu", i);
    return str_dup(&w->arena, str_from_cstr(text));
}

/* Their profile; who has no identifier is a subject. */
static int64_t whose(World *w, size_t i)
{
    PeopleProfile p;
    Str           name = name_at(w, i);
    Status        st = people_find(&w->cx, ns_of(i), name, &p);
    w->cx.err = (Err){0};
    return st == ST_OK ? p.id : people_subject(ns_of(i), name);
}

static void tell_some(World *w, Story *s)
{
    size_t  user = (size_t)rng_below(&s->rng, 4), web = 4 + (size_t)rng_below(&s->rng, NAMES - 4);
    bool    as_user = rng_below(&s->rng, 3) > 0, as_web = !as_user || rng_below(&s->rng, 2) > 0;
    char    body[300], when[CLOCK_TEXT_LEN];
    int64_t late = (int64_t)rng_below(&s->rng, 2) * (int64_t)rng_below(&s->rng, PAST) * 86400000;
    clock_put(when, (UnixMs){clock_now().v - late});
    (void)snprintf(
        body, sizeof body,
        "{\"event\":\"E\",\"messageId\":\"message-of-the-story-%lld\",\"timestamp\":\"%.*s\""
        "%s" STR_FMT "%s" STR_FMT "\"}",
        (long long)s->posted++, (int)sizeof when, when, as_user ? ",\"userId\":\"" : "",
        STR_ARG(as_user ? name_at(w, user) : STR("")),
        !as_web   ? ""
        : as_user ? "\",\"anonymousId\":\""
                  : ",\"anonymousId\":\"",
        STR_ARG(as_web ? name_at(w, web) : STR("")));
    assert_int_equal(post(w, s->key, "/v1/track", body), 200);
    if ((as_user && s->gone[user]) || (as_web && s->gone[web]))
        return;
    s->events[as_user ? user : web]++;
}

static void merge_some(World *w, Story *s)
{
    PeopleProfile p;
    int64_t       a = whose(w, (size_t)rng_below(&s->rng, NAMES)),
            b = whose(w, (size_t)rng_below(&s->rng, NAMES));
    Status st = people_merge(&w->cx, a, b, STR("story"), &p);
    assert_true(st == ST_OK || strcmp(w->cx.err.code, "people.same_customer") == 0 ||
                strcmp(w->cx.err.code, "people.no_customer") == 0);
    w->cx.err = (Err){0};
}

static void part_some(World *w, Story *s)
{
    PeopleEdgeList list;
    Status st = people_edge_list(&w->cx, whose(w, (size_t)rng_below(&s->rng, NAMES)), &list);
    w->cx.err = (Err){0};
    for (size_t i = 0; st == ST_OK && i < list.n; i++)
        if (list.items[i].state == PEOPLE_EDGE_ACTIVE && rng_below(&s->rng, 2) == 0) {
            assert_ok(people_unmerge(&w->cx, list.items[i].id, STR("story")), &w->cx.err);
            return;
        }
}

static void erase_some(World *w, Story *s)
{
    PeopleDataRequest request;
    size_t            who = (size_t)rng_below(&s->rng, NAMES);
    int64_t           profile = whose(w, who);
    if (profile == people_subject(ns_of(who), name_at(w, who)))
        return; /* no identifier */
    bool member[NAMES];
    for (size_t i = 0; i < NAMES; i++)
        member[i] = whose(w, i) == profile;
    assert_ok(people_erase_ask(&w->cx, profile, true, &request), &w->cx.err);
    core_set_now(core, unix_ms_add(clock_now(), SPAN_SECONDS(5)));
    settle(w);
    for (size_t i = 0; i < NAMES; i++)
        if (member[i]) {
            s->gone[i] = true;
            s->events[i] = 0;
        }
}

static void step_of(World *w, Story *s)
{
    uint64_t what = rng_below(&s->rng, 40);
    if (what < 24)
        tell_some(w, s);
    else if (what < 31)
        merge_some(w, s);
    else if (what < 38)
        part_some(w, s);
    else if (what == 38) {
        stop(w);
        start(w);
    } else if (rng_below(&s->rng, 3) == 0)
        erase_some(w, s);
    settle(w);
}

static void assert_told(World *w, const Story *s)
{
    int64_t people = 0, events = 0, profile[NAMES];
    for (size_t i = 0; i < NAMES; i++)
        profile[i] = whose(w, i);
    for (size_t i = 0; i < NAMES; i++) {
        Err  err;
        int  n = 0, want = 0;
        bool first = true;
        for (size_t k = 0; k < NAMES; k++)
            if (profile[k] == profile[i]) {
                want += s->events[k];
                first &= k >= i;
            }
        assert_ok(journey_timeline(people_journey(), profile[i], (UnixMs){0}, (UnixMs){INT64_MAX},
                                   count_one, &n, &err),
                  &err);
        assert_int_equal(n, want);
        people += first && want > 0;
        events += s->events[i];
    }
    CLEANUP(buf_done) Buf b;
    char                  says[80];
    buf_init(&b, 1 << 20);
    assert_ok(people_journey_ask(&w->cx, STR("{\"type\":\"sessions\"}"), NULL, &b), &w->cx.err);
    (void)snprintf(says, sizeof says, "\"population\":{\"people\":%lld,\"events\":%lld",
                   (long long)people, (long long)events);
    if (str_find(buf_str(&b), str_from_cstr(says)) == SIZE_MAX)
        fail_msg("not %s: " STR_FMT, says, STR_ARG(buf_str(&b)));
}

/* Accounts and browsers, events of today and of last month, merges and un-merges by staff, erasures
 * and restarts: everybody has the events of all that names them now. */
static void everybody_has_their_events_whatever_happens(void **state)
{
    World *w = *state;
    Story  s = {.rng = rng_of(20261123), .key = server_key(w)};
    for (int i = 0; i < 150; i++) {
        step_of(w, &s);
        assert_told(w, &s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(browser_and_account_become_one_and_part_again),
        BOTH(what_the_setting_blocks_names_nobody_in_the_journey),
        BOTH(whoever_sent_an_event_is_found_by_what_it_came_under),
        BOTH(whoever_said_no_may_say_yes_again),
        BOTH(a_late_answer_does_not_outweigh_a_newer_one),
        BOTH(traits_may_become_what_they_were),
        BOTH(what_a_browser_says_of_addresses_joins_nobody),
        BOTH(what_comes_by_a_public_name_of_a_key_is_not_believed),
        BOTH(who_was_erased_stays_erased),
        BOTH(erasing_somebody_takes_nothing_from_those_they_were_parted_from),
        BOTH(everybody_has_their_events_whatever_happens),
        BOTH(what_was_kept_aside_of_somebody_who_was_erased_goes),
        BOTH(questions_see_what_people_are_now),
        BOTH(what_was_kept_aside_is_replayed_once_it_is_understood),
        BOTH(all_of_a_reason_is_listed_replayed_and_forgotten),
        BOTH(keys_have_origins_limits_and_an_end),
        BOTH(bad_bodies_are_refused_as_a_whole),
        BOTH(what_nobody_puts_into_a_cart_is_left_to_their_browser),
        BOTH(a_refund_is_worth_what_was_given_back),
        BOTH(what_modules_tell_is_in_the_journey_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
