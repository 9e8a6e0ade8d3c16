/* What trackers send, as events. */
#include "channel/track/sink.h"
#include "test.h"

#include <math.h>
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

static void what_is_kept_aside_says_what_the_address_said(void **state)
{
    Read *r = *state;
    assert_int_equal(read_body(r, "{\"event\":\"X\"}", "track"), ST_OK);
    assert_int_equal(read_body(r, "{ }", "page"), ST_OK);
    assert_true(str_find(buf_str(&r->s->records),
                         STR("{\\\"event\\\":\\\"X\\\",\\\"type\\\":\\\"track\\\"}")) != SIZE_MAX);
    assert_true(str_find(buf_str(&r->s->records), STR("{ \\\"type\\\":\\\"page\\\"}")) != SIZE_MAX);
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
            &err),
        ST_OK);
    ga4_hit(r->s, STR("cid=1.2&en=add_to_cart&epn.value=3&pr1=idS~pr9.9~qt2"), STR(""), STR(""));
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
    } T[] = {{"?rec=1&url=http%3A%2F%2Fx%2F&action_name=Hi&_id=0123456789abcdef", "Page Viewed"},
             {"rec=1&e_c=Video&e_a=Played&uid=u", "Played"},
             {"rec=1&search=tea&uid=u", "Products Searched"},
             {"rec=1&idgoal=0&ec_id=7&revenue=1.5&uid=u", "Order Completed"},
             {"rec=1&idgoal=3&uid=u", "Goal Completed"},
             {"rec=1&link=http%3A%2F%2Fy&uid=u", "Link Clicked"},
             {"rec=1&c_n=Banner&c_p=a.jpg&uid=u", "Content Viewed"},
             {"rec=1&c_n=Banner&c_i=click&uid=u", "Content Clicked"},
             {"rec=1&_pks=S&_pkn=Kettle&_pkp=9.5&uid=u", "Product Viewed"},
             {"rec=1&_pkc=Kettles&uid=u", "Product List Viewed"}};
    static const char *const NOTHING[] = {"rec=1&ping=1&uid=u", "url=http%3A%2F%2Fx%2F&uid=u",
                                          "rec=0&uid=u", "rec=1&ca=1&ma_id=5&uid=u"};
    Read                    *r = *state;
    for (size_t i = 0; i < COUNT_OF(T); i++)
        matomo_hit(r->s, str_from_cstr(T[i].query), &(MatomoOf){0});
    for (size_t i = 0; i < COUNT_OF(NOTHING); i++)
        matomo_hit(r->s, str_from_cstr(NOTHING[i]), &(MatomoOf){0});
    assert_int_equal(r->s->n, COUNT_OF(T));
    assert_int_equal(r->s->rejected, 0);
    for (size_t i = 0; i < COUNT_OF(T); i++)
        assert_true(str_eq(r->s->events[i].name, str_from_cstr(T[i].name)));
}

static void matomo_tells_of_orders_and_where_people_came_from(void **state)
{
    Read *r = *state;
    matomo_hit(
        r->s,
        STR("rec=1&uid=u&idgoal=0&ec_id=7&revenue=20.10&ec_tx=3.35&ec_sh=2&url=https%3A%2F%2F"
            "shop.example%2Fthanks%3Fa%3D1%26utm_source%3Dletter%26mtm_campaign%3DMay%2520"
            "sale%23top"),
        &(MatomoOf){.language = STR("nl-NL,nl;q=0.5")});
    sink_seal(r->s);
    assert_int_equal(r->s->n, 1);
    const JourneyEvent *e = &r->s->events[0];
    assert_true(fabs(find(e, "total")->real - 20.1) < 1e-9);
    assert_true(fabs(find(e, "revenue")->real - 14.75) < 1e-9);
    assert_text(e, "context.page.path", "/thanks");
    assert_text(e, "context.page.search", "?a=1&utm_source=letter&mtm_campaign=May%20sale");
    assert_text(e, "context.campaign.source", "letter");
    assert_text(e, "context.campaign.name", "May sale");
    assert_text(e, "context.locale", "nl-NL");
}

/* As Matomo does: a site's id stands in every page. */
static void matomo_takes_another_time_from_who_has_the_key(void **state)
{
    static const TrackKey ALIAS = {
        .id = 1, .text = STR_INIT("k"), .kind = TRACK_SERVER, .by_alias = true};
    static const Str LATE = STR_INIT("rec=1&uid=u&cdt=2023-11-01%2010%3A00%3A00");
    static const Str SOON = STR_INIT("rec=1&uid=u&cdt=1699999990");
    static const Str FROM = STR_INIT("rec=1&cip=198.51.100.1");
    Read            *r = *state;
    MatomoOf         of = {.peer = STR("203.0.113.7")};
    r->s = sink_begin(&r->arena, NOW, &KEY, "matomo");
    matomo_hit(r->s, LATE, &of);
    matomo_hit(r->s, FROM, &of);
    assert_int_equal(r->s->n, 2);
    assert_int_equal(r->s->events[0].time.v, 1698832800000);
    int64_t said = r->s->events[1].subject;
    r->s = sink_begin(&r->arena, NOW, &ALIAS, "matomo");
    matomo_hit(r->s, LATE, &of);
    matomo_hit(r->s, SOON, &of);
    matomo_hit(r->s, FROM, &of);
    assert_int_equal(r->s->n, 2);
    assert_int_equal(r->s->rejected, 1);
    assert_int_equal(r->s->events[0].time.v, 1699999990000);
    assert_true(r->s->events[1].subject != said);
}

static void a_bad_event_of_ga4_is_kept_aside_without_the_others(void **state)
{
    Read *r = *state;
    Err   err;
    assert_int_equal(
        ga4_body(r->s,
                 STR("{\"client_id\":\"ga.9\",\"user_properties\":{\"a\":{\"value\":1}},"
                     "\"events\":[{\"name\":\"one\"},{\"params\":{\"x\":2}},"
                     "{\"name\":\"three\"},4]}"),
                 &err),
        ST_OK);
    sink_seal(r->s);
    assert_int_equal(r->s->n, 2);
    assert_int_equal(r->s->rejected, 2);
    Str said = buf_str(&r->s->records);
    assert_true(
        str_find(said,
                 STR("{\\\"client_id\\\":\\\"ga.9\\\",\\\"user_properties\\\":{\\\"a\\\":"
                     "{\\\"value\\\":1}},\\\"events\\\":[{\\\"params\\\":{\\\"x\\\":2}}]}")) !=
        SIZE_MAX);
    assert_true(str_find(said, STR("\\\"events\\\":[4]}")) != SIZE_MAX);
}

static void hits_of_gtag_tell_of_products_and_people(void **state)
{
    Read *r = *state;
    ga4_hit(r->s, STR("v=2&cid=gt.9&dl=https%3A%2F%2Fs.example%2Fp%3Futm_medium%3Dmail"),
            STR("en=view_item&pr1=idS~nmKettle~pr9.9~qt2&up.plan=gold&upn.age=4"), STR("Agent"));
    ga4_hit(r->s, STR("cid=gt.9"), STR("en=purchase&epn.value=7.5&pr1=idS&pr2=idT"), STR(""));
    ga4_hit(r->s, STR("cid=gt.9"), STR("en="), STR(""));
    sink_seal(r->s);
    assert_int_equal(r->s->n, 2);
    const JourneyEvent *seen = &r->s->events[0], *bought = &r->s->events[1];
    assert_text(seen, "product_id", "S");
    assert_int_equal(find(seen, "quantity")->i, 2);
    assert_text(seen, "context.page.path", "/p");
    assert_text(seen, "context.campaign.medium", "mail");
    assert_text(bought, "products", "[{\"product_id\":\"S\"},{\"product_id\":\"T\"}]");
    assert_true(fabs(find(bought, "revenue")->real - 7.5) < 1e-9);
    Str said = buf_str(&r->s->records);
    assert_true(str_find(said, STR("\"traits\":{\"plan\":\"gold\",\"age\":4")) != SIZE_MAX);
    assert_true(str_find(said, STR("\"raw\":\"cid=gt.9&en=\"")) != SIZE_MAX);
}

static void ga4_says_what_is_wrong(void **state)
{
    static const struct {
        const char *body, *code; /* NULL: nothing is */
    } T[] = {{"{\"client_id\":\"1\",\"events\":[{\"name\":\"a_1\",\"params\":{\"b\":1}}]}", NULL},
             {"{\"events\":[{\"name\":\"a\"}]}", "VALUE_REQUIRED"},
             {"{\"client_id\":\"1\"}", "VALUE_REQUIRED"},
             {"{\"client_id\":\"1\",\"events\":[{}]}", "VALUE_REQUIRED"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"_a\"}]}", "NAME_INVALID"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"1a\"}]}", "NAME_INVALID"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"a b\"}]}", "NAME_INVALID"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":"
              "\"abcdefghijabcdefghijabcdefghijabcdefghijk\"}]}",
              "NAME_INVALID"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"session_start\"}]}", "NAME_RESERVED"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"ga_x\"}]}", "NAME_RESERVED"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"a\",\"params\":{\"b c\":1}}]}",
              "NAME_INVALID"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"a\",\"params\":{\"firebase_x\":1}}]}",
              "NAME_RESERVED"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"a\",\"params\":{\"b\":[1]}}]}",
              "VALUE_INVALID"},
             {"{\"client_id\":\"1\",\"events\":[{\"name\":\"a\",\"params\":{\"value\":1}}]}",
              "VALUE_REQUIRED"},
             {"{\"client_id\":\"1\",\"timestamp_micros\":1,\"events\":[{\"name\":\"a\"}]}",
              "VALUE_OUT_OF_BOUNDS"},
             {"{\"client_id\":\"1\",\"user_properties\":{\"user_id\":{\"value\":1}},\"events\":[{"
              "\"name\":"
              "\"a\"}]}",
              "NAME_RESERVED"},
             {"{\"client_id\":\"1\",\"consent\":{\"ad_user_data\":\"yes\"},\"events\":[{\"name\":"
              "\"a\"}]}",
              "VALUE_INVALID"},
             {"{\"client_id\":\"1\",\"colour\":1,\"events\":[{\"name\":\"a\"}]}", "VALUE_INVALID"},
             {"{", "VALUE_INVALID"},
             {"[]", "VALUE_INVALID"}};
    Read *r = *state;
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        CLEANUP(buf_done) Buf b;
        const JsonValue      *v;
        Err                   err;
        buf_init(&b, 100000);
        ga4_check(&r->arena, str_from_cstr(T[i].body), NOW, &b);
        assert_int_equal(json_parse(&r->arena, str_dup(&r->arena, buf_str(&b)), &v, &err), ST_OK);
        const JsonValue *said = json_get(v, STR("validationMessages"));
        assert_int_equal(said->n, T[i].code != NULL);
        if (T[i].code != NULL)
            assert_true(str_eq(json_get(&said->items[0], STR("validationCode"))->text,
                               str_from_cstr(T[i].code)));
    }
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
}

#define SAFARI "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"

static void programs_are_told_from_browsers(void **state)
{
    static const char *const PROGRAMS[] = {
        "",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 " SAFARI "; compatible; GPTBot/1.2; +https://openai.com/gptbot",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) " SAFARI " (compatible; "
        "GoogleOther)",
        "Mozilla/5.0 (compatible; Google-InspectionTool/1.0)",
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0.0.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " SAFARI " Chrome-Lighthouse",
        "curl/8.0.1",
        "Wget/1.21",
        "python-requests/2.31",
        "Go-http-client/2.0",
        "WhatsApp/2.23.20.0 A",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    };
    static const char *const BROWSERS[] = {
        "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " SAFARI " Edg/131.0.0.0",
        "Mozilla/5.0 (Linux; Android 13; CUBOT P80) " SAFARI,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 10; K) " SAFARI " (Ecosia android@150.0.0.0)",
        "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
        "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; en) Presto/2.12.423 Version/12.16",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(PROGRAMS); i++)
        assert_true(visitor_is_bot(str_from_cstr(PROGRAMS[i])));
    for (size_t i = 0; i < COUNT_OF(BROWSERS); i++)
        assert_false(visitor_is_bot(str_from_cstr(BROWSERS[i])));
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
        T(what_is_kept_aside_says_what_the_address_said),
        T(who_says_no_is_not_stored),
        T(short_message_ids_count_within_their_key_and_person),
        T(identities_are_told_once),
        T(what_is_said_of_people_has_the_corrected_time),
        T(ga4_becomes_the_names_of_today),
        T(matomo_becomes_the_names_of_today),
        T(matomo_tells_of_orders_and_where_people_came_from),
        T(matomo_takes_another_time_from_who_has_the_key),
        T(a_bad_event_of_ga4_is_kept_aside_without_the_others),
        T(hits_of_gtag_tell_of_products_and_people),
        T(ga4_says_what_is_wrong),
        T(visitors_differ_by_day_network_and_browser),
        T(programs_are_told_from_browsers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
