/* Statements made at run time from literals and bound values. */
#include "dbtest.h"

static void put_some(DbTest *t)
{
    static const char *const NAMES[] = {"apple", "pear", "plum", "fig"};
    for (int i = 0; i < 4; i++)
        assert_ok(dbtest_put(t->db, i + 1, NAMES[i], &t->err), &t->err);
}

/* The ids that a filter finds, as digits. */
static void ids(DbTest *t, const DbFilter *f, char ret[16])
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    size_t                    n = 0;
    assert_ok(db_filter_run(t->conn, f, "i", &run, &t->err), &t->err);
    for (;;) {
        assert_ok(db_step(&run, &row, &t->err), &t->err);
        if (!row)
            break;
        ret[n++] = (char)('0' + db_col_i64(&run, 0));
    }
    ret[n] = '\0';
}

static void values_are_bound_in_their_order(void **state)
{
    DbTest  *t = *state;
    DbFilter f;
    char     got[16];
    put_some(t);
    db_filter_init(&f, &t->arena, "SELECT id FROM t_item WHERE TRUE");
    db_filter_sql(&f, " AND name <> ");
    db_filter_str(&f, STR("pear' OR '1' = '1"));
    db_filter_sql(&f, " AND id >= ");
    db_filter_i64(&f, 2);
    db_filter_sql(&f, " AND ");
    db_filter_bool(&f, true);
    db_filter_sql(&f, " AND id < ");
    db_filter_real(&f, 3.5);
    db_filter_sql(&f, " ORDER BY id");
    ids(t, &f, got);
    assert_string_equal(got, "23");
}

static void lists_may_be_long_or_empty(void **state)
{
    DbTest  *t = *state;
    char     got[16];
    int64_t  many[1500];
    DbFilter f;
    put_some(t);
    for (int64_t i = 0; i < 1500; i++)
        many[i] = 1500 - i;
    for (size_t n = 0; n <= 1500; n += 1500) {
        db_filter_init(&f, &t->arena, "SELECT id FROM t_item WHERE id");
        db_filter_in_ids(&f, many, n);
        db_filter_sql(&f, " ORDER BY id");
        ids(t, &f, got);
        assert_string_equal(got, n == 0 ? "" : "1234");
    }
    const Str names[] = {STR_INIT("fig"), STR_INIT("it's"), STR_INIT("apple")};
    db_filter_init(&f, &t->arena, "SELECT id FROM t_item WHERE name");
    db_filter_in_strs(&f, names, COUNT_OF(names));
    db_filter_sql(&f, " ORDER BY id");
    ids(t, &f, got);
    assert_string_equal(got, "14");
}

static void engines_may_get_different_texts(void **state)
{
    DbTest  *t = *state;
    DbFilter f;
    char     got[16];
    put_some(t);
    db_filter_init(&f, &t->arena, "SELECT id FROM t_item WHERE name ");
    db_filter_sql_pg(&f, "GLOB ", "LIKE replace(");
    db_filter_str(&f, STR("p*"));
    db_filter_sql_pg(&f, "", ", '*', '%')");
    db_filter_sql(&f, " ORDER BY id");
    ids(t, &f, got);
    assert_string_equal(got, "23");
}

/* More texts than are kept, in turns, one inside another of the same text. */
static void any_number_of_texts_can_be_asked(void **state)
{
    DbTest *t = *state;
    put_some(t);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            DbFilter f;
            char     got[16];
            db_filter_init(&f, &t->arena, "SELECT id FROM t_item WHERE id > ");
            db_filter_i64(&f, 2);
            for (int bit = 0; bit < 8; bit++) { /* each i another text */
                if ((i >> bit & 1) != 0)
                    db_filter_sql(&f, " AND TRUE");
                else
                    db_filter_sql(&f, " AND id > 0");
            }
            db_filter_sql(&f, " ORDER BY id");
            ids(t, &f, got);
            assert_string_equal(got, "34");
        }
    }
}

static void a_text_may_run_inside_itself(void **state)
{
    DbTest                   *t = *state;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    int                       rows = 0;
    DbFilter                  f;
    put_some(t);
    db_filter_init(&f, &t->arena, "SELECT id FROM t_item WHERE id > ");
    db_filter_i64(&f, 0);
    db_filter_sql(&f, " ORDER BY id");
    assert_ok(db_filter_run(t->conn, &f, "i", &run, &t->err), &t->err);
    for (;; rows++) {
        char got[16];
        assert_ok(db_step(&run, &row, &t->err), &t->err);
        if (!row)
            break;
        ids(t, &f, got);
        assert_string_equal(got, "1234");
    }
    assert_int_equal(rows, 4);
}

static void a_filter_without_end_is_refused(void **state)
{
    DbTest  *t = *state;
    DbFilter f;
    DbRun    run = {0};
    db_filter_init(&f, &t->arena, "SELECT id FROM t_item WHERE TRUE");
    for (int i = 0; i < 7000; i++)
        db_filter_sql(&f, " AND TRUE ");
    assert_fails(db_filter_run(t->conn, &f, "i", &run, &t->err), ST_LIMIT, &t->err,
                 "db.filter_too_long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DBTEST(values_are_bound_in_their_order), DBTEST(lists_may_be_long_or_empty),
        DBTEST(engines_may_get_different_texts), DBTEST(any_number_of_texts_can_be_asked),
        DBTEST(a_text_may_run_inside_itself),    DBTEST(a_filter_without_end_is_refused),
    };
    return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
