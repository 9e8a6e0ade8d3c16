/* cx.h: transactions that nest, are doomed or run again; permissions. */
#include "dbtest.h"

#include "core/cx.h"

typedef struct CxTest {
    DbTest *t;
    Cx      cx;
} CxTest;

static int begin(void **state, int (*setup)(void **))
{
    CxTest *c = test_calloc(1, sizeof *c);
    void   *t = NULL;
    setup(&t);
    c->t = t;
    assert_ok(cx_begin(&c->cx, &c->t->arena, c->t->db, (UnixMs){1700000000000}), &c->cx.err);
    *state = c;
    return 0;
}

static int begin_sqlite(void **state)
{
    return begin(state, dbtest_setup_sqlite);
}

static int begin_postgres(void **state)
{
    return begin(state, dbtest_setup_postgres);
}

static int end(void **state)
{
    CxTest *c = *state;
    void   *t = c->t;
    cx_end(&c->cx);
    dbtest_teardown(&t);
    test_free(c);
    return 0;
}

#define ON_BOTH(fn)                                                                                \
    {#fn " (sqlite)", fn, begin_sqlite, end, NULL},                                                \
    {                                                                                              \
#fn " (postgres)", fn, begin_postgres, end, NULL                                           \
    }

static int64_t count(Cx *cx)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    assert_ok(cx_run(cx, &Q_COUNT, &run), &cx->err);
    assert_ok(db_step(&run, &row, &cx->err), &cx->err);
    return db_col_i64(&run, 0);
}

static Status put_tx(Cx *cx, void *arg)
{
    const char *name = arg;
    return dbtest_put_in(cx->conn, 100 + name[0], name, &cx->err);
}

static char *name_of(const char *literal)
{
    return (char *)(uintptr_t)literal; /* not written to */
}

static Status refuse_tx(Cx *cx, void *arg)
{
    TRY(put_tx(cx, arg));
    return cx_fail(cx, ST_DENIED, "t.no", "not today");
}

static Status outer_tx(Cx *cx, void *arg)
{
    (void)arg;
    assert_int_equal(cx->tx_depth, 1);
    TRY(cx_in_tx(cx, put_tx, name_of("a")));
    assert_int_equal(count(cx), 1); /* it joined */
    return cx_in_tx(cx, put_tx, name_of("b"));
}

static void a_call_inside_a_call_joins(void **state)
{
    Cx *cx = &((CxTest *)*state)->cx;
    assert_ok(cx_in_tx(cx, outer_tx, NULL), &cx->err);
    assert_int_equal(cx->tx_depth, 0);
    assert_int_equal(count(cx), 2);
}

static Status forgiving_tx(Cx *cx, void *arg)
{
    (void)arg;
    TRY(cx_in_tx(cx, put_tx, name_of("a")));
    assert_int_equal(cx_in_tx(cx, refuse_tx, name_of("b")), ST_DENIED);
    (void)cx_fail(cx, ST_NOT_FOUND, "t.other", "something else happened since");
    return ST_OK;
}

static void a_failed_part_dooms_the_whole_and_tells_why(void **state)
{
    Cx *cx = &((CxTest *)*state)->cx;
    assert_fails(cx_in_tx(cx, forgiving_tx, NULL), ST_DENIED, &cx->err, "t.no");
    assert_int_equal(count(cx), 0);
    assert_ok(cx_in_tx(cx, put_tx, name_of("a")), &cx->err); /* not the next one */
}

static Status snapshot_in_tx(Cx *cx, void *arg)
{
    TRY(put_tx(cx, arg));
    assert_int_equal(count(cx), 1);
    return ST_OK;
}

static Status nest_tx(Cx *cx, void *arg)
{
    return cx_in_snapshot(cx, snapshot_in_tx, arg);
}

static void a_snapshot_inside_a_transaction_sees_its_writes(void **state)
{
    Cx *cx = &((CxTest *)*state)->cx;
    assert_ok(cx_in_tx(cx, nest_tx, name_of("a")), &cx->err);
}

static void a_connection_is_taken_when_needed(void **state)
{
    CxTest *c = *state;
    int64_t idle = db_stats(c->t->db).idle;
    assert_null(c->cx.conn);
    (void)count(&c->cx);
    DbConn *first = c->cx.conn;
    assert_non_null(first);
    (void)count(&c->cx);
    assert_ptr_equal(c->cx.conn, first);
    assert_int_equal(c->cx.statements, 2);
    cx_idle(&c->cx);
    assert_null(c->cx.conn);
    assert_true(db_stats(c->t->db).idle > idle);
    assert_int_equal(count(&c->cx), 0);
}

typedef struct Again {
    CxTest *c;
    int     runs;
} Again;

/* A second writer gets in between, the first time. */
static Status again_tx(Cx *cx, void *arg)
{
    Again *again = arg;
    DBTEST_QUERY(SET, "UPDATE t_item SET n = coalesce(n, 0) + 1 WHERE id = 1", "");
    (void)count(cx);
    issue_add(&cx->issues, STR("/name"), "required", "must be there");
    if (again->runs++ == 0)
        assert_ok(dbtest_put(again->c->t->db, 2, "salt", &again->c->t->err), &again->c->t->err);
    return dbtest_do(cx->conn, &SET, &cx->err);
}

static void a_second_run_starts_with_the_issues_there_were(void **state)
{
    CxTest *c = *state;
    Again   again = {.c = c};
    assert_ok(dbtest_put(c->t->db, 1, "tea", &c->t->err), &c->t->err);
    issue_add(&c->cx.issues, STR("/id"), "required", "must be there");
    /* make both transactions conflict: each reads what the other writes */
    assert_ok(cx_in_tx(&c->cx, again_tx, &again), &c->cx.err);
    assert_int_equal(c->cx.issues.total, 2);
}

static void permissions_are_asked_by_name(void **state)
{
    (void)state;
    static const Str HAS[] = {STR_INIT("catalog.write"), STR_INIT("order.read")};
    static const struct {
        ActorKind   kind;
        bool        all;
        const char *wanted;
        Status      st;
    } CASES[] = {
        {ACTOR_ANONYMOUS, false, "catalog.read", ST_UNKNOWN},
        {ACTOR_STAFF, false, "catalog.write", ST_OK},
        {ACTOR_STAFF, false, "catalog.read", ST_OK}, /* write includes read */
        {ACTOR_STAFF, false, "order.read", ST_OK},
        {ACTOR_STAFF, false, "order.write", ST_DENIED},
        {ACTOR_STAFF, false, "cat.read", ST_DENIED},
        {ACTOR_STAFF, false, "catalog2.read", ST_DENIED},
        {ACTOR_STAFF, true, "order.write", ST_OK},
        {ACTOR_API_KEY, false, "people.read", ST_DENIED},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Cx cx = {.actor = {.kind = CASES[i].kind,
                           .permissions = HAS,
                           .npermissions = COUNT_OF(HAS),
                           .all = CASES[i].all}};
        if (cx_require(&cx, CASES[i].wanted) != CASES[i].st)
            fail_msg("case %zu: %s", i, CASES[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_call_inside_a_call_joins),
        ON_BOTH(a_failed_part_dooms_the_whole_and_tells_why),
        ON_BOTH(a_snapshot_inside_a_transaction_sees_its_writes),
        ON_BOTH(a_connection_is_taken_when_needed),
        {"a_second_run_starts_with_the_issues_there_were (postgres)",
         a_second_run_starts_with_the_issues_there_were, begin_postgres, end, NULL},
        cmocka_unit_test(permissions_are_asked_by_name),
    };
    return cmocka_run_group_tests_name("cx", tests, NULL, NULL);
}
