/* Idempotency keys and kill -9, on both engines: whatever moment a process dies at, who
 * repeats the request never makes it act twice, and learns when its reply is lost. */
#include "postgres.h"
#include "test.h"

#include "base/log.h"
#include "core/core.h"
#include "http/http.h"
#include "http/http_idempotency.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- a shop that only counts ------------------------------------------------------------------ */

static const DbMigration MIGRATIONS[] = {
    {.module = "tally",
     .version = 1,
     .name = "tally",
     .sqlite = "CREATE TABLE tally_mark (word TEXT NOT NULL, part INTEGER NOT NULL) STRICT",
     .postgres = "CREATE TABLE tally_mark (word TEXT NOT NULL, part BIGINT NOT NULL)",
     .sqlite_sum = "1",
     .postgres_sum = "1"},
};
static const Module        tally = {.name = "tally",
                                    .migrations = {.items = MIGRATIONS, .n = COUNT_OF(MIGRATIONS)}};
static const Module *const MODULES[] = {&tally};

static const DbQuery Q_MARK = {"tally.mark", "INSERT INTO tally_mark (word, part) VALUES (?1, ?2)",
                               "INSERT INTO tally_mark (word, part) VALUES ($1, $2)", "ti", ""};
static const DbQuery Q_COUNT = {
    "tally.count", "SELECT count(*) FROM tally_mark WHERE word = ?1 AND part = ?2",
    "SELECT count(*) FROM tally_mark WHERE word = $1 AND part = $2", "ti", "i"};

static const char *moment = ""; /* at which the process dies */

static void die_at(const char *here)
{
    if (strcmp(moment, here) == 0)
        (void)kill(getpid(), SIGKILL);
}

typedef struct Mark {
    Str     word;
    int64_t part;
} Mark;

static Status mark_tx(Cx *cx, void *arg)
{
    const Mark               *m = arg;
    bool                      row;
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(cx_run(cx, &Q_MARK, &run));
    db_bind_str(&run, 1, m->word);
    db_bind_i64(&run, 2, m->part);
    TRY(db_step(&run, &row, &cx->err));
    die_at("in");
    return ST_OK;
}

static Status tell(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Mark m = {rq->body, 1};
    die_at("before");
    TRY(cx_in_tx(cx, mark_tx, &m));
    die_at("between");
    m.part = 2;
    TRY(cx_in_tx(cx, mark_tx, &m));
    die_at("after");
    rs->type = "text/plain";
    buf_add(&rs->body, rq->body);
    return ST_OK;
}

static const HttpRoute ROUTES[] = {
    {HTTP_POST, STR_INIT("/steps"), tell, .flags = HTTP_PUBLIC | HTTP_IDEMPOTENT,
     .body = HTTP_BODY_RAW, .status = 201},
    {HTTP_POST, STR_INIT("/one"), tell, .flags = HTTP_PUBLIC | HTTP_IDEMPOTENT | HTTP_ONE_TX,
     .body = HTTP_BODY_RAW, .status = 201},
};
static const HttpRoutes TABLES[] = {{"Tally", ROUTES, COUNT_OF(ROUTES)}};
static HttpApp          app = {.tables = TABLES, .ntables = COUNT_OF(TABLES)};

/* --- a process of it -------------------------------------------------------------------------- */

typedef struct Desk {
    Arena arena;
    Db   *db;
    Core *core;
} Desk;

static Status desk_open(Desk *d, const char *url, Err *err)
{
    static const CoreOptions OPTIONS = {.manual = true};
    arena_init(&d->arena, 16384);
    TRY(db_open(url, NULL, &d->db, err));
    TRY(core_migrate(d->db, MODULES, COUNT_OF(MODULES), err));
    return core_start(d->db, MODULES, COUNT_OF(MODULES), &OPTIONS, &d->core, err);
}

static void desk_close(Desk *d)
{
    assert_true(core_stop(d->core));
    db_close(d->db);
    arena_done(&d->arena);
}

static Status begin(Desk *d, Cx *cx)
{
    arena_reset(&d->arena);
    *cx = (Cx){.core = d->core};
    return cx_begin(cx, &d->arena, d->db, clock_now());
}

/* Send "word" with itself as key; the status of the answer, and whether its body was `text`. */
static int post(Desk *d, const char *path, const char *word, const char *text, bool *ret_text)
{
    const HttpPair headers[] = {{STR("Idempotency-Key"), str_from_cstr(word)}};
    Cx             cx;
    HttpResp       rs;
    HttpReq        rq = {.method = HTTP_POST,
                         .target = str_from_cstr(path),
                         .headers = headers,
                         .nheaders = 1,
                         .body = str_from_cstr(word)};
    if (begin(d, &cx) != ST_OK)
        return 0;
    http_dispatch(&app, &cx, &rq, &rs);
    int status = rs.status;
    *ret_text = memmem(rs.body.ptr, rs.body.len, text, strlen(text)) != NULL;
    http_resp_done(&rs);
    cx_end(&cx);
    return status;
}

static int64_t count(Desk *d, const char *word, int64_t part)
{
    Cx   cx;
    bool row = false;
    assert_ok(begin(d, &cx), &cx.err);
    int64_t n;
    {
        CLEANUP(db_run_end) DbRun run = {0};
        assert_ok(cx_run(&cx, &Q_COUNT, &run), &cx.err);
        db_bind_str(&run, 1, str_from_cstr(word));
        db_bind_i64(&run, 2, part);
        assert_ok(db_step(&run, &row, &cx.err), &cx.err);
        n = db_col_i64(&run, 0);
    }
    cx_end(&cx);
    return n;
}

/* --- a place for it --------------------------------------------------------------------------- */

typedef struct Place {
    bool postgres;
    char dir[64], url[256];
} Place;

/* So that no process dies while it makes tables: that is another test's. */
static void migrate(const Place *p)
{
    Desk d;
    Err  err = {0};
    assert_ok(desk_open(&d, p->url, &err), &err);
    desk_close(&d);
}

static void place_make(Place *p, bool postgres)
{
    *p = (Place){.postgres = postgres};
    log_min_level = LOG_ERROR + 1;
    app.hooks.idempotency = &http_idempotency_core;
    http_app_index(&app);
    moment = "";
    if (postgres) {
        postgres_make(NULL, p->url);
    } else {
        (void)snprintf(p->dir, sizeof p->dir, "/tmp/rapport-once-XXXXXX");
        assert_non_null(mkdtemp(p->dir));
        (void)snprintf(p->url, sizeof p->url, "%s/db", p->dir);
    }
    migrate(p);
}

static void place_drop(const Place *p)
{
    static const char *const FILES[] = {"db", "db-wal", "db-shm"};
    http_app_done(&app);
    if (p->postgres) {
        postgres_drop(p->url);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", p->dir, FILES[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(p->dir), 0);
}

/* --- death at a known moment ------------------------------------------------------------------ */

NORETURN static void dying_child(const Place *p, const char *path, const char *word)
{
    Desk d;
    Err  err;
    bool text = false;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (desk_open(&d, p->url, &err) == ST_OK)
        (void)post(&d, path, word, word, &text);
    _exit(1);
}

static void die(const Place *p, const char *path, const char *word, const char *when)
{
    int how = 0;
    moment = when;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        dying_child(p, path, word);
    moment = "";
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
}

static void every_moment(bool postgres)
{
    static const struct {
        const char *path, *when;
        int         status; /* of the repetition */
        const char *text;
        int64_t     first, second; /* how often each part was done in the end */
    } CASES[] = {
        {"/steps", "before", 201, "", 1, 1},
        {"/steps", "in", 201, "", 1, 1},
        {"/steps", "between", 409, "http.idempotency_unknown", 1, 0},
        {"/steps", "after", 409, "http.idempotency_unknown", 1, 1},
        {"/one", "before", 201, "", 1, 1},
        {"/one", "in", 201, "", 1, 1},
        {"/one", "between", 201, "", 1, 1},
        {"/one", "after", 201, "", 1, 1},
    };
    Place p;
    place_make(&p, postgres);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char word[32];
        Desk d;
        Err  err = {0};
        bool text = false;
        (void)snprintf(word, sizeof word, "%s-%s", CASES[i].path + 1, CASES[i].when);
        die(&p, CASES[i].path, word, CASES[i].when);
        assert_ok(desk_open(&d, p.url, &err), &err);
        for (int again = 0; again < 3; again++) {
            int status = post(&d, CASES[i].path, word, CASES[i].text, &text);
            if (status != CASES[i].status || !text)
                fail_msg("%s: %d, text %d, time %d", word, status, text, again);
        }
        assert_int_equal(count(&d, word, 1), CASES[i].first);
        assert_int_equal(count(&d, word, 2), CASES[i].second);
        desk_close(&d);
    }
    place_drop(&p);
}

static void a_repetition_never_acts_twice_sqlite(void **state)
{
    (void)state;
    every_moment(false);
}

static void a_repetition_never_acts_twice_postgres(void **state)
{
    (void)state;
    every_moment(true);
}

/* --- death at any moment ---------------------------------------------------------------------- */

enum { ROUNDS = 8 };

static const char *const PATHS[] = {"/steps", "/one"};

static void word_of(char word[32], unsigned round, int n)
{
    (void)snprintf(word, 32, "%u-%d", round, n);
}

NORETURN static void busy_child(const Place *p, unsigned round, int acks)
{
    Desk d;
    Err  err;
    char word[32];
    bool text = false;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (desk_open(&d, p->url, &err) != ST_OK)
        _exit(2);
    for (int n = 0;; n++) {
        word_of(word, round, n);
        if (post(&d, PATHS[n % 2], word, word, &text) != 201 || !text ||
            write(acks, &n, sizeof n) != sizeof n)
            _exit(3);
    }
}

/* Returns how many were acknowledged. */
static int look(const Place *p, unsigned round, int acks)
{
    Desk d;
    Err  err = {0};
    char word[32];
    bool text = false;
    int  n, last = -1;
    assert_ok(desk_open(&d, p->url, &err), &err);
    while (read(acks, &n, sizeof n) == sizeof n)
        last = n;
    for (n = 0; n <= last + 1; n++) {
        word_of(word, round, n);
        int status = post(&d, PATHS[n % 2], word, "", &text);
        if (status != 201) /* only what was not acknowledged, and not in one transaction */
            assert_true(status == 409 && n > last && n % 2 == 0);
        assert_int_equal(count(&d, word, 1), 1);
        assert_int_equal(count(&d, word, 2), status == 201 ? 1 : count(&d, word, 2));
    }
    desk_close(&d);
    return last + 1;
}

static void any_moment(bool postgres)
{
    Place p;
    int   acked = 0;
    place_make(&p, postgres);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int pipefd[2], how = 0;
        assert_int_equal(pipe(pipefd), 0);
        pid_t child = fork();
        if (child == 0)
            busy_child(&p, round, pipefd[1]);
        close(pipefd[1]);
        (void)usleep(80000 + round * 7919 % 40000);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how)); /* it had not failed by itself */
        acked += look(&p, round, pipefd[0]);
        close(pipefd[0]);
    }
    print_message("# %d acknowledged, each acted once\n", acked);
    place_drop(&p);
}

static void killed_at_random_each_acts_once_sqlite(void **state)
{
    (void)state;
    any_moment(false);
}

static void killed_at_random_each_acts_once_postgres(void **state)
{
    (void)state;
    any_moment(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repetition_never_acts_twice_sqlite),
        cmocka_unit_test(a_repetition_never_acts_twice_postgres),
        cmocka_unit_test(killed_at_random_each_acts_once_sqlite),
        cmocka_unit_test(killed_at_random_each_acts_once_postgres),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
