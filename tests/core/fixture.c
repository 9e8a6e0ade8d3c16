#include "fixture.h"

#include "base/id.h"

Fixture fixture;

static const ShapeField TOLD_FIELDS[] = {
    SHAPE_INT(Told, n),
    SHAPE_TEXT(Told, note, .max = 200000),
};
static const Shape told_shape = SHAPE_OF(Told, "FixtureTold", TOLD_FIELDS, .doc = "A number.");

const EventType fixture_told = {"fixture.told", 1, &told_shape, "A number was told."};
const EventType fixture_many = {"fixture.many", 1, &told_shape, "One of several."};
const EventType fixture_other = {"fixture.other", 3, &told_shape, "Nobody listens."};

static const DbMigration MIGRATIONS[] = {
    {.module = "fixture",
     .version = 1,
     .name = "seen",
     .sqlite = "CREATE TABLE fixture_seen (event_id INTEGER PRIMARY KEY, stream INTEGER NOT NULL,"
               " n INTEGER NOT NULL, times INTEGER NOT NULL) STRICT;"
               "CREATE TABLE fixture_worked (job_id INTEGER PRIMARY KEY, n INTEGER NOT NULL,"
               " times INTEGER NOT NULL) STRICT",
     .postgres = "CREATE TABLE fixture_seen (event_id BIGINT PRIMARY KEY, stream BIGINT NOT NULL,"
                 " n BIGINT NOT NULL, times BIGINT NOT NULL);"
                 "CREATE TABLE fixture_worked (job_id BIGINT PRIMARY KEY, n BIGINT NOT NULL,"
                 " times BIGINT NOT NULL)",
     .sqlite_sum = "1",
     .postgres_sum = "1"},
};

#define SAME(text) .sqlite = (text), .postgres = (text)

const DbQuery Q_SEEN = {"fixture.seen", SAME("SELECT count(*) FROM fixture_seen"), "", "i"};
const DbQuery Q_TIMES = {"fixture.times",
                         SAME("SELECT CAST(coalesce(sum(times), 0) AS bigint) FROM fixture_seen"),
                         "", "i"};
const DbQuery Q_WORKED = {"fixture.worked", SAME("SELECT count(*) FROM fixture_worked"), "", "i"};
const DbQuery Q_EVENTS = {"fixture.events", SAME("SELECT count(*) FROM core_event"), "", "i"};
const DbQuery Q_PARKED = {"fixture.parked",
                          SAME("SELECT count(*) FROM core_event_parked WHERE state = 1"), "", "i"};
const DbQuery Q_RETRYING = {
    "fixture.retrying", SAME("SELECT count(*) FROM core_event_parked WHERE state = 0"), "", "i"};
const DbQuery Q_JOBS = {"fixture.jobs", SAME("SELECT count(*) FROM core_job WHERE state <> 3"), "",
                        "i"};

static const DbQuery Q_NOTE = {
    "fixture.note",
    "INSERT INTO fixture_seen (event_id, stream, n, times) VALUES (?1, ?2, ?3, 1)"
    " ON CONFLICT (event_id) DO UPDATE SET times = times + 1",
    "INSERT INTO fixture_seen (event_id, stream, n, times) VALUES ($1, $2, $3, 1)"
    " ON CONFLICT (event_id) DO UPDATE SET times = fixture_seen.times + 1",
    "iii", ""};
static const DbQuery Q_WORK = {
    "fixture.work",
    "INSERT INTO fixture_worked (job_id, n, times) VALUES (?1, ?2, 1)"
    " ON CONFLICT (job_id) DO UPDATE SET times = times + 1",
    "INSERT INTO fixture_worked (job_id, n, times) VALUES ($1, $2, 1)"
    " ON CONFLICT (job_id) DO UPDATE SET times = fixture_worked.times + 1",
    "ii", ""};

int64_t fixture_ask(Cx *cx, const DbQuery *query)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row = false;
    assert_ok(cx_run(cx, query, &run), &cx->err);
    assert_ok(db_step(&run, &row, &cx->err), &cx->err);
    assert_true(row);
    return db_col_i64(&run, 0);
}

int64_t fixture_n(Cx *cx, const Event *event)
{
    Told   told = {0};
    Issues issues = {.arena = cx->arena};
    Status st =
        shape_read(&told_shape, SHAPE_CREATE, event->payload, cx->arena, &told, &issues, &cx->err);
    ASSERT(st == ST_OK);
    return told.n;
}

/* --- the reaction ------------------------------------------------------------------------ */

typedef struct Note {
    const DbQuery *query;
    int64_t        values[3];
    int            n;
} Note;

static Status note_tx(Cx *cx, void *arg)
{
    const Note               *note = arg;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(cx_run(cx, note->query, &run));
    for (int i = 0; i < note->n; i++)
        db_bind_i64(&run, i + 1, note->values[i]);
    return db_step(&run, &row, &cx->err);
}

static Status count(Cx *cx, const Event *event)
{
    atomic_fetch_add(&fixture.reactions, 1);
    if (fixture.react != NULL)
        TRY(fixture.react(cx, event));
    Note note = {&Q_NOTE, {event->id, event->stream, fixture_n(cx, event)}, 3};
    return cx_in_tx(cx, note_tx, &note);
}

/* Of other events than count(): several at once where the relay has several. */
static Status together(Cx *cx, const Event *events, size_t n)
{
    atomic_fetch_add(&fixture.batches, 1);
    if (fixture.together != NULL)
        TRY(fixture.together(cx, events, n));
    for (size_t i = 0; i < n; i++)
        TRY(count(cx, &events[i]));
    return ST_OK;
}

static Status remember(Cx *cx, const Event *event)
{
    (void)cx;
    (void)event;
    atomic_fetch_add(&fixture.memories, 1);
    return ST_OK;
}

static const Reaction REACTIONS[] = {
    {.name = "fixture.count", .type = "fixture.told", .run = count},
    {.name = "fixture.together", .type = "fixture.many", .run = count, .run_many = together},
    {.name = "fixture.remember", .type = "*", .run = remember, .every_process = true},
};

/* --- the jobs ------------------------------------------------------------------------------- */

static Status work(Cx *cx, const Job *job)
{
    int64_t n = -1;
    bool    parsed = str_parse_i64(job->payload, &n);
    ASSERT(parsed);
    atomic_fetch_add(&fixture.jobs, 1);
    if (fixture.work != NULL)
        TRY(fixture.work(cx, job));
    Note note = {&Q_WORK, {job->id, n}, 2};
    return cx_in_tx(cx, note_tx, &note);
}

static const JobKind JOBS[] = {
    {.name = "fixture.work", .run = work, .attempts = 3, .lease = {2000}},
    {.name = "fixture.small", .run = work, .queue_max = 10},
    {.name = "fixture.single", .run = work, .parallel = 1},
    {.name = "fixture.sturdy", .run = work, .attempts = 100},
};

static Status clockwork(Cx *cx)
{
    atomic_fetch_add(&fixture.runs, 1);
    return fixture.clockwork != NULL ? fixture.clockwork(cx) : ST_OK;
}

static const Schedule SCHEDULES[] = {
    {.name = "fixture.clockwork", .cron = "30 4 * * *", .run = clockwork},
};

static const Permission PERMISSIONS[] = {{"fixture.read", "See it."}, {"fixture.write", "Do it."}};

const Module fixture_module = {
    .name = "fixture",
    .migrations = {.items = MIGRATIONS, .n = COUNT_OF(MIGRATIONS)},
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
    .jobs = JOBS,
    .njobs = COUNT_OF(JOBS),
    .schedules = SCHEDULES,
    .nschedules = COUNT_OF(SCHEDULES),
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
};

WORLD_MODULES(&fixture_module);

/* --- doing ------------------------------------------------------------------------------------ */

void fixture_reset(void)
{
    fixture.react = NULL;
    fixture.together = NULL;
    fixture.work = NULL;
    fixture.clockwork = NULL;
    atomic_store(&fixture.reactions, 0);
    atomic_store(&fixture.batches, 0);
    atomic_store(&fixture.jobs, 0);
    atomic_store(&fixture.memories, 0);
    atomic_store(&fixture.runs, 0);
}

typedef struct Tell {
    int64_t          stream, n;
    const EventType *type;
} Tell;

static Status tell_tx(Cx *cx, void *arg)
{
    const Tell *t = arg;
    Told        told = {.n = t->n, .note = STR("hello")};
    return event_tell(cx, t->type, t->stream, &told);
}

Status fixture_tell(Cx *cx, int64_t stream, int64_t n)
{
    Tell t = {stream, n, &fixture_told};
    return cx_in_tx(cx, tell_tx, &t);
}

Status fixture_tell_many(Cx *cx, int64_t stream, int64_t n)
{
    Tell t = {stream, n, &fixture_many};
    return cx_in_tx(cx, tell_tx, &t);
}

typedef struct Queue {
    const char       *kind;
    int64_t           n;
    const JobOptions *options;
    int64_t           id;
} Queue;

static Status queue_tx(Cx *cx, void *arg)
{
    Queue                *q = arg;
    CLEANUP(buf_done) Buf payload;
    buf_init(&payload, 32);
    buf_addf(&payload, "%lld", (long long)q->n);
    return job_queue(cx, q->kind, buf_str(&payload), q->options, &q->id);
}

Status fixture_queue(Cx *cx, const char *kind, int64_t n, const JobOptions *options,
                     int64_t *ret_id)
{
    Queue q = {kind, n, options, 0};
    TRY(cx_in_tx(cx, queue_tx, &q));
    if (ret_id != NULL)
        *ret_id = q.id;
    return ST_OK;
}

Core *fixture_core(World *w)
{
    static const CoreOptions MANUAL = {.manual = true};
    Core                    *core = NULL;
    fixture_reset();
    assert_ok(core_start(w->db, world_modules, world_nmodules, &MANUAL, &core, &w->cx.err),
              &w->cx.err);
    core_set_now(core, WORLD_NOW);
    w->cx.core = core;
    return core;
}
