/* What trackers send, as events. */
#include "channel/track/sink.h"
#include "test.h"

#include <string.h>

#define NOW ((UnixMs){1700000000000}) /* 2023-11-14T22:13:20Z */

static const TrackKey KEY = {.id = 1, .text = STR_INIT("key"), .kind = TRACK_SERVER};

typedef struct Read {
    Arena arena;
    Sink *s;
} Read;

static int begin(void **state)
{
    static Read r;
    arena_init(&r.arena, 4096);
    r.s = sink_begin(&r.arena, NOW, &KEY, "segment");
    *state = &r;
    return 0;
}

static int end(void **state)
{
    arena_done(&((Read *)*state)->arena);
    return 0;
}

static Status read_body(Read *r, const char *body, const char *type)
{
    MessageBody head;
    Err         err;
    Str         text = str_from_cstr(body);
    TRY(message_head(&r->arena, text, &head, &err));
    Status st = message_body(r->s, text, &head, (MessageOf){.type = str_from_cstr(type)}, &err);
    sink_seal(r->s);
    return st;
}

static const JourneyProp *find(const JourneyEvent *e, const char *key)
{
    for (size_t i = 0; i < e->nprops; i++)
        if (str_eq(e->props[i].key, str_from_cstr(key)))
            return &e->props[i];
    return NULL;
}

static void assert_text(const JourneyEvent *e, const char *key, const char *want)
{
    const JourneyProp *p = find(e, key);
    assert_non_null(p);
    assert_int_equal(p->text.len, strlen(want));
    assert_memory_equal(p->text.ptr, want, p->text.len);
}

static void a_message_becomes_an_event(void **state)
{
    Read *r = *state;
    assert_int_equal(
        read_body(r,
                  "{\"type\":\"track\",\"event\":\"Completed Order\",\"userId\":\"u1\","
                  "\"messageId\":\"0123456789abcdefghij\",\"properties\":{\"revenue\":12.5,"
                  "\"n\":3,\"gift\":true,\"nothing\":null,\"deep\":{\"er\":\"x\"},"
                  "\"products\":[{\"id\":1}]},\"context\":{\"ip\":\"203.0.113.77\","
                  "\"page\":{\"url\":\"http://x/\"}}}",
                  ""),
        ST_OK);
    assert_int_equal(r->s->n, 1);
    const JourneyEvent *e = &r->s->events[0];
    assert_true(str_eq(e->name, STR("Order Completed")));
    assert_int_equal(e->subject, journey_subject(STR("user"), STR("u1")));
    assert_int_equal(e->time.v, NOW.v);
    assert_true(str_eq(e->message, STR("0123456789abcdefghij")));
    assert_int_equal(find(e, "n")->i, 3);
    assert_int_equal(find(e, "gift")->type, JOURNEY_BOOL);
    assert_int_equal(find(e, "revenue")->type, JOURNEY_REAL);
    assert_null(find(e, "nothing"));
    assert_text(e, "deep.er", "x");
    assert_text(e, "products", "[{\"id\":1}]");
    assert_text(e, "context.page.url", "http://x/");
    assert_text(e, "context.ip", "203.0.113.0");
    assert_int_equal(r->s->nnews, 1); /* u1 is to be known */
}

static void each_type_has_its_name(void **state)
{
    static const struct {
        const char *type, *name;
    } T[] = {{"page", "Page Viewed"},
             {"screen", "Screen Viewed"},
             {"identify", "Identified"},
             {"group", "Grouped"},
             {"alias", "Aliased"}};
    Read *r = *state;
    for (size_t i = 0; i < COUNT_OF(T); i++)
        assert_int_equal(read_body(r, "{\"userId\":\"u\",\"name\":\"N\"}", T[i].type), ST_OK);
    assert_int_equal(r->s->n, COUNT_OF(T));
    for (size_t i = 0; i < COUNT_OF(T); i++)
        assert_true(str_eq(r->s->events[i].name, str_from_cstr(T[i].name)));
}

static void clocks_are_made_right(void **state)
{
    static const struct {
        const char *said;
        int64_t     want;
    } T[] = {
        /* the client's clock is ten minutes behind: one second before it was sent */
        {"\"timestamp\":\"2023-11-14T22:03:19Z\",\"sentAt\":\"2023-11-14T22:03:20Z\"", -1000},
        {"\"timestamp\":\"2023-11-14T22:13:10Z\"", -10000}, /* it did not say when it was sent */
        {"\"timestamp\":\"2031-01-01T00:00:00Z\"", 0},      /* the future */
        {"\"timestamp\":\"1970-01-05T00:00:00Z\"", 0},      /* a clock that was never set */
        {"\"timestamp\":\"nonsense\"", 0},
        {"\"timestamp\":1699999990", -10000},
        {"\"originalTimestamp\":\"2023-11-14T22:03:18Z\",\"timestamp\":\"2023-11-14T22:13:18Z\","
         "\"sentAt\":\"2023-11-14T22:03:20Z\"",
         -2000},
        {"\"originalTimestamp\":\"2023-11-14T22:03:18Z\",\"sentAt\":\"2023-11-14T22:03:20Z\"",
         -2000},
        {"\"timestamp\":\"2023-11-15T00:13:10+0200\"", -10000},
        {"\"timestamp\":\"2023-11-14T22:13:10\"", -10000},
        {"\"timestamp\":\"2023-11-14 22:13:10.250\"", -9750},
        {"\"timestamp\":\"2023-11-14\"", -80000000},
    };
    Read *r = *state;
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        char body[400];
        (void)snprintf(body, sizeof body, "{\"event\":\"X\",\"userId\":\"u\",%s}", T[i].said);
        r->s = sink_begin(&r->arena, NOW, &KEY, "segment");
        assert_int_equal(read_body(r, body, "track"), ST_OK);
        assert_int_equal(r->s->events[0].time.v - NOW.v, T[i].want);
    }
}

static void a_batch_read_in_one_go_is_the_same(void **state)
{
    static const char BODY[] =
        "{\"batch\":[{\"type\":\"track\",\"event\":\"A\",\"anonymousId\":\"x\",\"timestamp\":"
        "\"2023-11-14T22:03:19Z\"},{\"type\":\"track\",\"event\":\"B\",\"anonymousId\":\"x\"}],"
        "\"sentAt\":\"2023-11-14T22:03:20Z\"}";
    Read *r = *state;
    Err   err;
    bool  batch;
    for (int whole = 0; whole < 2; whole++) {
        r->s = sink_begin(&r->arena, NOW, &KEY, "segment");
        if (whole)
            assert_int_equal(message_whole(r->s, str_from_cstr(BODY), (MessageOf){0}, &batch, &err),
                             ST_OK);
        else
            assert_int_equal(read_body(r, BODY, ""), ST_OK);
        assert_int_equal(r->s->n, 2);
        assert_int_equal(r->s->events[0].time.v, NOW.v - 1000);
        assert_int_equal(r->s->events[1].time.v, NOW.v);
    }
}

static void what_is_not_understood_is_kept_aside(void **state)
{
    Read *r = *state;
    assert_int_equal(read_body(r,
                               "{\"batch\":[7,{\"type\":\"track\",\"userId\":\"u\"},{\"type\":"
                               "\"huh\",\"userId\":\"u\"},{\"type\":\"track\",\"event\":\"X\","
                               "\"anonymousId\":\"null\"},{\"type\":\"track\",\"event\":\"Good\","
                               "\"userId\":5}]}",
                               ""),
                     ST_OK);
    assert_int_equal(r->s->n, 1);
    assert_int_equal(r->s->rejected, 4);
    assert_true(str_find(buf_str(&r->s->records), STR("a track without an event")) != SIZE_MAX);
    r->s = sink_begin(&r->arena, NOW, &KEY, "segment");
    assert_int_equal(read_body(r, "{\"event\":\"X\",\"userId\":\"u\"", "track"), ST_INVALID);
    assert_int_equal(r->s->n, 0);
}

static void who_says_no_is_not_stored(void **state)
{
    static const struct {
        const char *consent;
        size_t      n;
    } T[] = {{"{\"categoryPreferences\":{\"analytics\":false}}", 0},
             {"{\"categoryPreferences\":{\"Analytics\":true,\"ads\":false}}", 1},
             {"{\"categoryPreferences\":{}}", 0},
             {"{}", 1}};
    Read *r = *state;
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        char body[300];
        (void)snprintf(body, sizeof body,
                       "{\"event\":\"X\",\"userId\":\"u\",\"context\":{\"consent\":%s}}",
                       T[i].consent);
        r->s = sink_begin(&r->arena, NOW, &KEY, "segment");
        assert_int_equal(read_body(r, body, "track"), ST_OK);
        assert_int_equal(r->s->n, T[i].n);
        assert_int_equal(r->s->refused, 1 - T[i].n);
    }
}

static void short_message_ids_count_within_their_key_and_person(void **state)
{
    Read *r = *state;
    assert_int_equal(read_body(r,
                               "{\"batch\":[{\"type\":\"page\",\"userId\":\"a\",\"messageId\":"
                               "\"1\"},{\"type\":\"page\",\"userId\":\"b\",\"messageId\":\"1\"},"
                               "{\"type\":\"page\",\"userId\":\"a\",\"messageId\":\"1\"}]}",
                               ""),
                     ST_OK);
    assert_false(str_eq(r->s->events[0].message, r->s->events[1].message));
    assert_true(str_eq(r->s->events[0].message, r->s->events[2].message));
}

static void identities_are_told_once(void **state)
{
    Read *r = *state;
    assert_int_equal(
        read_body(r,
                  "{\"batch\":[{\"type\":\"page\",\"userId\":\"once\",\"anonymousId\":"
                  "\"a\"},{\"type\":\"page\",\"userId\":\"once\",\"anonymousId\":\"a\"}]}",
                  ""),
        ST_OK);
    assert_int_equal(r->s->nnews, 1);
    sink_know(r->s->news, r->s->nnews);
    r->s = sink_begin(&r->arena, NOW, &KEY, "segment");
    assert_int_equal(read_body(r, "{\"userId\":\"once\",\"anonymousId\":\"a\"}", "page"), ST_OK);
    sink_seal(r->s);
    assert_int_equal(r->s->records.len, 0);
}

/* Also where the message comes before the time that it was sent. */
static void what_is_said_of_people_has_the_corrected_time(void **state)
{
    static const char BODY[] = "{\"batch\":[{\"type\":\"identify\",\"userId\":\"clock\",\"traits\":"
                               "{\"a\":1},\"timestamp\":"
                               "\"2099-01-01T00:00:00Z\"}],\"sentAt\":\"2099-01-01T00:00:20Z\"}";
    Read             *r = *state;
    Err               err;
    bool              batch;
    char              want[40];
    assert_int_equal(message_whole(r->s, str_from_cstr(BODY), (MessageOf){0}, &batch, &err), ST_OK);
    sink_seal(r->s);
    (void)snprintf(want, sizeof want, "\"at\":%lld,", (long long)NOW.v - 20000);
    assert_true(str_find(buf_str(&r->s->records), str_from_cstr(want)) != SIZE_MAX);
}

static void ga4_becomes_the_names_of_today(void **state)
{
    Read *r = *state;
    Err   err;
    assert_int_equal(
        ga4_body(
            r->s,
            STR("{\"client_id\":\"1.2\",\"events\":[{\"name\":\"view_item\",\"params\":{\"items\":"
                "[{\"item_id\":\"S\",\"price\":3}]}},{\"name\":\"purchase\",\"params\":{"
                "\"transaction_id\":\"T\",\"value\":5,\"items\":[{\"item_id\":\"S\"}]}}]}"),
            &(Ga4Said){0}, &err),
        ST_OK);
    assert_int_equal(ga4_hit(r->s, STR("cid=1.2&en=add_to_cart&epn.value=3&pr1=idS~pr9.9~qt2"),
                             STR(""), STR(""), &err),
                     ST_OK);
    sink_seal(r->s);
    assert_int_equal(r->s->n, 3);
    assert_true(str_eq(r->s->events[0].name, STR("Product Viewed")));
    assert_text(&r->s->events[0], "product_id", "S");
    assert_text(&r->s->events[1], "order_id", "T");
    assert_int_equal(find(&r->s->events[1], "revenue")->i, 5);
    assert_text(&r->s->events[1], "products", "[{\"product_id\":\"S\"}]");
    assert_true(str_eq(r->s->events[2].name, STR("Product Added")));
    assert_int_equal(r->s->events[0].subject, r->s->events[2].subject);
}

static void matomo_becomes_the_names_of_today(void **state)
{
    static const struct {
        const char *query, *name;
    } T[] = {{"?url=http%3A%2F%2Fx%2F&action_name=Hi&_id=0123456789abcdef", "Page Viewed"},
             {"e_c=Video&e_a=Played&uid=u", "Played"},
             {"search=tea&uid=u", "Products Searched"},
             {"idgoal=0&ec_id=7&revenue=1.5&uid=u", "Order Completed"},
             {"idgoal=3&uid=u", "Goal Completed"},
             {"link=http%3A%2F%2Fy&uid=u", "Link Clicked"}};
    Read *r = *state;
    Err   err;
    for (size_t i = 0; i < COUNT_OF(T); i++)
        assert_int_equal(matomo_hit(r->s, str_from_cstr(T[i].query), &(MatomoOf){0}, &err), ST_OK);
    assert_int_equal(matomo_hit(r->s, STR("ping=1&uid=u"), &(MatomoOf){0}, &err), ST_OK);
    assert_int_equal(r->s->n, COUNT_OF(T));
    for (size_t i = 0; i < COUNT_OF(T); i++)
        assert_true(str_eq(r->s->events[i].name, str_from_cstr(T[i].name)));
}

static void visitors_differ_by_day_network_and_browser(void **state)
{
    Read  *r = *state;
    Arena *a = &r->arena;
    Str    one = visitor_hash(a, NOW, STR("203.0.113.7"), STR("Browser"), STR("k"));
    assert_true(str_eq(one, visitor_hash(a, NOW, STR("203.0.113.7"), STR("Browser"), STR("k"))));
    assert_false(str_eq(one, visitor_hash(a, NOW, STR("203.0.113.8"), STR("Browser"), STR("k"))));
    assert_false(str_eq(one, visitor_hash(a, NOW, STR("203.0.113.7"), STR("Other"), STR("k"))));
    UnixMs tomorrow = unix_ms_add(NOW, SPAN_DAYS(1));
    assert_false(
        str_eq(one, visitor_hash(a, tomorrow, STR("203.0.113.7"), STR("Browser"), STR("k"))));
    assert_true(visitor_is_bot(STR("Mozilla/5.0 (compatible; Googlebot/2.1)")));
    assert_true(visitor_is_bot(STR("curl/8.0.1")));
    assert_false(
        visitor_is_bot(STR("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/120.0")));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_message_becomes_an_event),
        T(each_type_has_its_name),
        T(clocks_are_made_right),
        T(a_batch_read_in_one_go_is_the_same),
        T(what_is_not_understood_is_kept_aside),
        T(who_says_no_is_not_stored),
        T(short_message_ids_count_within_their_key_and_person),
        T(identities_are_told_once),
        T(what_is_said_of_people_has_the_corrected_time),
        T(ga4_becomes_the_names_of_today),
        T(matomo_becomes_the_names_of_today),
        T(visitors_differ_by_day_network_and_browser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
