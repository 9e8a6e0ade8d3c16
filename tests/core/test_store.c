/* The audit log, settings, secrets and kept replies. */
#include "fixture.h"

#include "base/id.h"
#include "core/audit.h"
#include "core/core_sql.h"
#include "core/idempotency.h"
#include "core/secret.h"
#include "core/setting.h"

/* --- audit log ------------------------------------------------------------------------------ */

typedef struct Thing {
    Str     title;
    int64_t price;
    Str     password;
    struct {
        Str   *items;
        size_t n;
    } tags;
    OptI64 weight;
} Thing;

static const ShapeField THING_FIELDS[] = {
    SHAPE_TEXT(Thing, title, .max = 100000),
    SHAPE_INT(Thing, price),
    SHAPE_TEXT(Thing, password, .flags = SHAPE_WRITE_ONLY, .max = 100),
    SHAPE_TEXTS(Thing, tags, .max = 10),
    SHAPE_INT(Thing, weight, .flags = SHAPE_NULLABLE),
};
static const Shape thing_shape = SHAPE_OF(Thing, "TestThing", THING_FIELDS, .doc = "A thing.");

typedef struct Change {
    int64_t      id;
    const char  *entity;
    const char  *action;
    const Thing *before, *after;
} Change;

static Status change_tx(Cx *cx, void *arg)
{
    const Change *c = arg;
    const char   *entity = c->entity != NULL ? c->entity : "test.thing";
    return audit_add(cx, entity, c->id, c->action, &thing_shape, c->before, c->after);
}

static void change(World *w, Change c)
{
    assert_ok(cx_in_tx(&w->cx, change_tx, &c), &w->cx.err);
}

static AuditEntry only_entry(World *w, int64_t entity_id)
{
    AuditEntry *list;
    size_t      n;
    AuditFilter f = {.entity = STR("test.thing"), .entity_id = entity_id, .limit = 10};
    assert_ok(audit_list(&w->cx, &f, &list, &n), &w->cx.err);
    assert_int_equal(n, 1);
    return list[0];
}

static void only_what_differs_is_recorded(void **state)
{
    World *w = *state;
    Str    tags[] = {STR("a"), STR("b")};
    Thing  x = {.title = STR("Old"), .price = 5, .password = STR("p1"), .tags = {tags, 2}};
    Thing  y = {.title = STR("N\"ew"), .price = 5, .password = STR("p2"), .tags = {tags, 1}};
    change(w, (Change){1, NULL, "create", NULL, &x});
    change(w, (Change){2, NULL, "update", &x, &y});
    change(w, (Change){3, NULL, "delete", &x, NULL});
    change(w, (Change){4, NULL, "update", &x, &x});
    AuditEntry e = only_entry(w, 1);
    assert_null(e.before.ptr);
    assert_str(e.after, "{\"title\":\"Old\",\"price\":5,\"tags\":[\"a\",\"b\"]}");
    e = only_entry(w, 2);
    assert_str(e.before, "{\"title\":\"Old\",\"tags\":[\"a\",\"b\"]}");
    assert_str(e.after, "{\"title\":\"N\\\"ew\",\"tags\":[\"a\"]}");
    assert_str(e.action, "update");
    assert_str(e.actor_name, "test");
    assert_int_equal(e.actor_kind, ACTOR_SYSTEM);
    assert_int_equal(e.at.v, WORLD_NOW.v);
    e = only_entry(w, 3);
    assert_null(e.after.ptr);
    AuditEntry *list;
    size_t      n;
    AuditFilter f = {.entity_id = 4, .limit = 10};
    assert_ok(audit_list(&w->cx, &f, &list, &n), &w->cx.err);
    assert_int_equal(n, 0); /* nothing differed */
}

static void long_fields_are_noted_by_their_length(void **state)
{
    World *w = *state;
    char  *text = arena_array(w->cx.arena, char, 50000);
    memset(text, 'x', 50000);
    Thing x = {.title = {text, 50000}};
    Thing y = {.title = STR("short"), .weight = opt_i64(3)};
    change(w, (Change){1, NULL, "update", &x, &y});
    AuditEntry e = only_entry(w, 1);
    assert_str(e.before, "{\"title\":\"(50000 bytes)\",\"weight\":null}");
    assert_str(e.after, "{\"title\":\"short\",\"weight\":3}");
}

static const DbQuery Q_ALTER = {"test.alter", "UPDATE core_audit SET action = 'x'",
                                "UPDATE core_audit SET action = 'x'", "", ""};
static const DbQuery Q_ERASE = {"test.erase", "DELETE FROM core_audit", "DELETE FROM core_audit",
                                "", ""};
static const DbQuery Q_TRUNCATE = {"test.truncate", "DELETE FROM core_audit WHERE id > 0",
                                   "TRUNCATE core_audit", "", ""};
static const DbQuery Q_SINK = {"test.sink", "UPDATE core_audit_floor SET before_ms = before_ms - 1",
                               "UPDATE core_audit_floor SET before_ms = before_ms - 1", "", ""};
static const DbQuery Q_DROP_FLOOR = {"test.drop_floor", "DELETE FROM core_audit_floor",
                                     "DELETE FROM core_audit_floor", "", ""};
static const DbQuery Q_ENTRIES = {"test.entries", "SELECT count(*) FROM core_audit",
                                  "SELECT count(*) FROM core_audit", "", "i"};

static Status run_tx(Cx *cx, void *arg)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(cx_run(cx, arg, &run));
    return db_step(&run, &row, &cx->err);
}

static Status run(World *w, const DbQuery *query)
{
    return cx_in_tx(&w->cx, run_tx, (void *)(uintptr_t)query);
}

static void the_database_refuses_to_falsify_it(void **state)
{
    World *w = *state;
    Thing  x = {.price = 1};
    change(w, (Change){1, NULL, "create", NULL, &x});
    const DbQuery *const FORBIDDEN[] = {&Q_ALTER, &Q_ERASE, &Q_TRUNCATE, &Q_SINK, &Q_DROP_FLOOR};
    for (size_t i = 0; i < COUNT_OF(FORBIDDEN); i++)
        assert_int_equal(run(w, FORBIDDEN[i]), ST_CONFLICT);
    assert_int_equal(fixture_ask(&w->cx, &Q_ENTRIES), 1);
}

static Status add_old_tx(Cx *cx, void *arg)
{
    UnixMs       at = *(const UnixMs *)arg;
    CoreAuditAdd in = {.id = id_at(at), .at = at, .entity = STR("test.thing"), .entity_id = 1};
    return core_sql_audit_add(cx, &in, NULL);
}

static void old_entries_go_by_one_door_only(void **state)
{
    World  *w = *state;
    Thing   x = {.price = 1};
    int64_t deleted;
    UnixMs  now = w->cx.now = clock_now();
    UnixMs  old = unix_ms_add(now, SPAN_DAYS(-200));
    assert_ok(cx_in_tx(&w->cx, add_old_tx, &old), &w->cx.err);
    change(w, (Change){2, NULL, "create", NULL, &x});
    assert_fails(audit_prune(&w->cx, unix_ms_add(now, SPAN_DAYS(-10)), &deleted), ST_INVALID,
                 &w->cx.err, "core.audit_too_young");
    assert_ok(audit_prune(&w->cx, unix_ms_add(now, SPAN_DAYS(-300)), &deleted), &w->cx.err);
    assert_int_equal(deleted, 0);
    assert_int_equal(run(w, &Q_ERASE), ST_CONFLICT);
    assert_ok(audit_prune(&w->cx, unix_ms_add(now, SPAN_DAYS(-100)), &deleted), &w->cx.err);
    assert_int_equal(deleted, 1);
    assert_int_equal(fixture_ask(&w->cx, &Q_ENTRIES), 1);
    assert_int_equal(run(w, &Q_ERASE), ST_CONFLICT);
}

static void entries_are_found_by_whatever_people_ask(void **state)
{
    World *w = *state;
    Thing  x = {.price = 1};
    w->cx.now = clock_now();
    UnixMs start = w->cx.now;
    for (int64_t i = 1; i <= 30; i++) {
        w->cx.now = clock_now();
        w->cx.actor.kind = i % 2 == 0 ? ACTOR_STAFF : ACTOR_API_KEY;
        w->cx.actor.id = i % 3;
        change(w, (Change){i, i % 5 == 0 ? "test.other" : NULL, i % 7 == 0 ? "lend" : "create",
                           NULL, &x});
    }
    static const struct {
        AuditFilter f;
        size_t      n;
    } CASES[] = {
        {{.limit = 1000}, 30},
        {{.limit = 7}, 7},
        {{.entity = STR_INIT("test.other"), .limit = 100}, 6},
        {{.entity = STR_INIT("test.other"), .entity_id = 10, .limit = 100}, 1},
        {{.entity_id = 11, .limit = 100}, 1},
        {{.by_actor = true, .actor_kind = ACTOR_STAFF, .actor_id = 1, .limit = 100}, 5},
        {{.action = STR_INIT("lend"), .limit = 100}, 4},
        {{.until = {1}, .limit = 100}, 0},
    };
    AuditEntry *list;
    size_t      n;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        assert_ok(audit_list(&w->cx, &CASES[i].f, &list, &n), &w->cx.err);
        assert_int_equal(n, CASES[i].n);
    }
    AuditFilter f = {.since = start, .until = {clock_now().v + 1}, .limit = 1000};
    assert_ok(audit_list(&w->cx, &f, &list, &n), &w->cx.err);
    assert_int_equal(n, 30);
    assert_int_equal(list[0].entity_id, 30); /* newest first */
    AuditFilter older = {.after = list[9].id, .limit = 5};
    AuditFilter newer = {.after = list[9].id, .limit = 5, .backwards = true};
    AuditEntry *page;
    assert_ok(audit_list(&w->cx, &older, &page, &n), &w->cx.err);
    assert_int_equal(page[0].id, list[10].id);
    assert_ok(audit_list(&w->cx, &newer, &page, &n), &w->cx.err);
    assert_int_equal(page[0].id, list[8].id);
    assert_int_equal(page[4].id, list[4].id);
}

/* --- settings --------------------------------------------------------------------------------- */

typedef struct Mail {
    Str     host;
    int64_t port;
    Str     password;
    bool    tls;
} Mail;

static const ShapeField MAIL_FIELDS[] = {
    SHAPE_TEXT(Mail, host, .max = 200),
    SHAPE_INT(Mail, port, .min = 1, .max = 65535),
    SHAPE_TEXT(Mail, password, .flags = SHAPE_WRITE_ONLY, .max = 200),
    SHAPE_BOOL(Mail, tls),
};
static const Shape   mail_shape = SHAPE_OF(Mail, "TestMail", MAIL_FIELDS, .doc = "Mail.");
static const Mail    MAIL = {.host = STR_INIT("localhost"), .port = 25, .tls = true};
static const Setting MAIL_SETTING = {"test.mail", &mail_shape, &MAIL};

static void a_setting_is_its_default_until_it_is_changed(void **state)
{
    World  *w = *state;
    Mail    mail;
    int64_t version;
    assert_ok(setting_get(&w->cx, &MAIL_SETTING, &mail, &version), &w->cx.err);
    assert_int_equal(version, 0);
    assert_str(mail.host, "localhost");
    mail.port = 587;
    mail.password = STR("hush");
    assert_ok(setting_put(&w->cx, &MAIL_SETTING, 0, &mail, &version), &w->cx.err);
    assert_int_equal(version, 1);
    mail = (Mail){0};
    assert_ok(setting_get(&w->cx, &MAIL_SETTING, &mail, &version), &w->cx.err);
    assert_int_equal(version, 1);
    assert_int_equal(mail.port, 587);
    assert_true(mail.tls);
    assert_str(mail.password, "hush");
    assert_int_equal(fixture_ask(&w->cx, &Q_EVENTS), 1);
}

static void two_editors_cannot_overwrite_each_other(void **state)
{
    World  *w = *state;
    Mail    mail = MAIL;
    int64_t version;
    assert_fails(setting_put(&w->cx, &MAIL_SETTING, 3, &mail, NULL), ST_STALE, &w->cx.err,
                 "core.setting_stale");
    assert_ok(setting_put(&w->cx, &MAIL_SETTING, 0, &mail, &version), &w->cx.err);
    assert_fails(setting_put(&w->cx, &MAIL_SETTING, 0, &mail, NULL), ST_STALE, &w->cx.err,
                 "core.setting_stale");
    mail.tls = false;
    assert_ok(setting_put(&w->cx, &MAIL_SETTING, 1, &mail, &version), &w->cx.err);
    assert_int_equal(version, 2);
    assert_ok(setting_get(&w->cx, &MAIL_SETTING, &mail, NULL), &w->cx.err);
    assert_false(mail.tls);
}

static void a_secret_is_kept_changed_and_deleted_but_never_shown(void **state)
{
    World *w = *state;
    Mail   mail = MAIL;
    mail.password = STR("hush");
    assert_ok(setting_put(&w->cx, &MAIL_SETTING, 0, &mail, NULL), &w->cx.err);
    mail.password = (Str){0}; /* not given: stays */
    mail.port = 26;
    assert_ok(setting_put(&w->cx, &MAIL_SETTING, 1, &mail, NULL), &w->cx.err);
    assert_ok(setting_get(&w->cx, &MAIL_SETTING, &mail, NULL), &w->cx.err);
    assert_str(mail.password, "hush");
    mail.password = STR("");
    assert_ok(setting_put(&w->cx, &MAIL_SETTING, 2, &mail, NULL), &w->cx.err);
    assert_ok(setting_get(&w->cx, &MAIL_SETTING, &mail, NULL), &w->cx.err);
    assert_int_equal(mail.password.len, 0);
    AuditEntry *list;
    size_t      n;
    AuditFilter f = {.entity = STR("setting:test.mail"), .limit = 10};
    assert_ok(audit_list(&w->cx, &f, &list, &n), &w->cx.err);
    assert_int_equal(n, 1); /* the port; the others changed only the secret */
    assert_str(list[0].before, "{\"port\":25}");
    assert_str(list[0].after, "{\"port\":26}");
}

static const DbQuery Q_OLD_VALUE = {
    "test.old_value",
    "UPDATE core_setting SET value = '{\"host\":\"mx\",\"port\":99999,\"gone\":[1],\"tls\":false}'",
    "UPDATE core_setting SET value = '{\"host\":\"mx\",\"port\":99999,\"gone\":[1],\"tls\":false}'",
    "", ""};

static void a_row_of_an_older_program_is_read_as_far_as_it_fits(void **state)
{
    World *w = *state;
    Mail   mail = MAIL;
    assert_ok(setting_put(&w->cx, &MAIL_SETTING, 0, &mail, NULL), &w->cx.err);
    assert_ok(run(w, &Q_OLD_VALUE), &w->cx.err);
    assert_ok(setting_get(&w->cx, &MAIL_SETTING, &mail, NULL), &w->cx.err);
    assert_str(mail.host, "mx");
    assert_int_equal(mail.port, 25); /* 99999 is out of range now */
    assert_false(mail.tls);
}

static Status put_and_fail(Cx *cx, void *arg)
{
    Mail mail = MAIL, seen;
    (void)arg;
    mail.port = 4321;
    TRY(setting_put(cx, &MAIL_SETTING, 1, &mail, NULL));
    TRY(setting_kept(cx, &MAIL_SETTING, &seen));
    assert_int_equal(seen.port, 4321);
    return cx_fail(cx, ST_INVALID, "test.no", "no");
}

static void what_is_kept_of_a_setting_changes_with_it(void **state)
{
    World *w = *state;
    Mail   mail = MAIL;
    Core  *core;
    assert_ok(core_start(w->db, world_modules, world_nmodules, &(CoreOptions){.manual = true},
                         &core, &w->cx.err),
              &w->cx.err);
    w->cx.core = core;
    assert_ok(setting_kept(&w->cx, &MAIL_SETTING, &mail), &w->cx.err);
    assert_int_equal(mail.port, 25);
    mail.port = 587;
    mail.password = STR("hush");
    assert_ok(setting_put(&w->cx, &MAIL_SETTING, 0, &mail, NULL), &w->cx.err);
    for (int i = 0; i < 2; i++) {
        mail = (Mail){0};
        assert_ok(setting_kept(&w->cx, &MAIL_SETTING, &mail), &w->cx.err);
        assert_int_equal(mail.port, 587); /* read, and then from memory */
        assert_str(mail.host, "localhost");
        assert_str(mail.password, "hush");
    }
    assert_int_equal(cx_in_tx(&w->cx, put_and_fail, NULL), ST_INVALID);
    assert_ok(setting_kept(&w->cx, &MAIL_SETTING, &mail), &w->cx.err);
    assert_int_equal(mail.port, 587);
    assert_ok(run(w, &Q_OLD_VALUE), &w->cx.err); /* as another process does it */
    assert_ok(setting_kept(&w->cx, &MAIL_SETTING, &mail), &w->cx.err);
    assert_str(mail.host, "localhost");
    assert_ok(core_drain(core, &w->cx.err), &w->cx.err); /* the event of the first change */
    assert_ok(setting_kept(&w->cx, &MAIL_SETTING, &mail), &w->cx.err);
    assert_str(mail.host, "mx");
    w->cx.core = NULL;
    assert_true(core_stop(core));
}

/* --- secrets
 * -------------------------------------------------------------------------------------- */

static void a_secret_is_made_once_per_name(void **state)
{
    World        *w = *state;
    unsigned char a[SECRET_BYTES], b[SECRET_BYTES], c[SECRET_BYTES];
    assert_ok(secret_get(&w->cx, "test.a", a), &w->cx.err);
    assert_ok(secret_get(&w->cx, "test.a", b), &w->cx.err);
    assert_ok(secret_get(&w->cx, "test.c", c), &w->cx.err);
    assert_memory_equal(a, b, SECRET_BYTES);
    assert_memory_not_equal(a, c, SECRET_BYTES);
}

/* --- kept replies
 * --------------------------------------------------------------------------------- */

static IdempotencyClaim claim(World *w, const char *key, const char *print,
                              IdempotencyReply *ret_reply)
{
    IdempotencyClaim got = IDEMPOTENCY_OTHER;
    assert_ok(idempotency_claim(&w->cx, STR("post /x"), str_from_cstr(key), str_from_cstr(print),
                                &got, ret_reply),
              &w->cx.err);
    return got;
}

static void the_second_request_gets_the_first_reply(void **state)
{
    World           *w = *state;
    IdempotencyReply reply = {201, STR("application/json"), STR("/x/1"), STR("\"e\""), STR("{}")};
    IdempotencyReply got = {0};
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_NEW);
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_RUNNING);
    assert_int_equal(claim(w, "k", "q", &got), IDEMPOTENCY_OTHER);
    assert_int_equal(claim(w, "k2", "p", &got), IDEMPOTENCY_NEW);
    assert_ok(idempotency_keep(&w->cx, STR("post /x"), STR("k"), &reply), &w->cx.err);
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_REPLY);
    assert_int_equal(got.status, 201);
    assert_str(got.type, "application/json");
    assert_str(got.location, "/x/1");
    assert_str(got.etag, "\"e\"");
    assert_str(got.body, "{}");
    assert_int_equal(claim(w, "k", "q", &got), IDEMPOTENCY_OTHER);
    assert_ok(idempotency_drop(&w->cx, STR("post /x"), STR("k2")), &w->cx.err);
    assert_int_equal(claim(w, "k2", "other", &got), IDEMPOTENCY_NEW);
    assert_ok(idempotency_drop(&w->cx, STR("post /x"), STR("k")), &w->cx.err);
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_REPLY); /* what is kept stays */
}

static void a_claim_whose_maker_is_gone_lapses(void **state)
{
    World           *w = *state;
    IdempotencyReply got = {0};
    Core            *core = fixture_core(w);
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_NEW);
    assert_true(core_stop(core));
    w->cx.core = NULL;
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_NEW); /* its process has ended */
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_RUNNING);
    w->cx.now.v += 121 * 1000;
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_NEW); /* too long ago */
    assert_int_equal(claim(w, "k", "p", &got), IDEMPOTENCY_RUNNING);
}

/* --- permissions and limits
 * --------------------------------------------------------------------------- */

static void permissions_of_all_modules_are_listed(void **state)
{
    World            *w = *state;
    Core             *core = fixture_core(w);
    size_t            n;
    const Permission *list = core_permissions(core, &n);
    bool              mine = false;
    for (size_t i = 0; i < n; i++)
        mine |= strcmp(list[i].name, "fixture.write") == 0;
    assert_true(mine && n >= 4);
    assert_true(core_stop(core));
}

static void asking_too_often_is_refused_for_a_while(void **state)
{
    World *w = *state;
    SpanMs wait = {0};
    for (int i = 0; i < 5; i++)
        assert_ok(rate_take(&w->cx, STR("k"), 1, 60, 1, &wait), &w->cx.err); /* no Core */
    Core *core = fixture_core(w);
    assert_ok(rate_take(&w->cx, STR("k"), 1, 60, 1, &wait), &w->cx.err);
    assert_fails(rate_take(&w->cx, STR("k"), 1, 60, 1, &wait), ST_RATE, &w->cx.err,
                 "core.too_often");
    assert_int_equal(wait.v, 1000);
    w->cx.now.v += 1000;
    assert_ok(rate_take(&w->cx, STR("k"), 1, 60, 1, NULL), &w->cx.err);
    assert_true(core_stop(core));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(only_what_differs_is_recorded),
        TEST_WORLD(long_fields_are_noted_by_their_length),
        TEST_WORLD(the_database_refuses_to_falsify_it),
        TEST_WORLD(old_entries_go_by_one_door_only),
        TEST_WORLD(entries_are_found_by_whatever_people_ask),
        TEST_WORLD(a_setting_is_its_default_until_it_is_changed),
        TEST_WORLD(two_editors_cannot_overwrite_each_other),
        TEST_WORLD(a_secret_is_kept_changed_and_deleted_but_never_shown),
        TEST_WORLD(a_row_of_an_older_program_is_read_as_far_as_it_fits),
        TEST_WORLD(what_is_kept_of_a_setting_changes_with_it),
        TEST_WORLD(a_secret_is_made_once_per_name),
        TEST_WORLD(the_second_request_gets_the_first_reply),
        TEST_WORLD(a_claim_whose_maker_is_gone_lapses),
        TEST_SQLITE(permissions_of_all_modules_are_listed),
        TEST_SQLITE(asking_too_often_is_refused_for_a_while),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
