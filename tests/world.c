#include "world.h"

#include "postgres.h"

#include <stdlib.h>
#include <unistd.h>

/* Migrating costs more than copying, so each program migrates one database, once, and its
 * tests get copies. */
static char template_url[POSTGRES_URL_MAX];

static void migrate(const char *url)
{
    Db *db = NULL;
    Err err = {0};
    assert_ok(db_open(url, NULL, &db, &err), &err);
    assert_ok(core_migrate(db, world_modules, world_nmodules, &err), &err);
    db_close(db);
}

static pid_t template_owner;

static void drop_template(void)
{
    if (template_owner == getpid()) /* not in forked children */
        postgres_drop(template_url);
}

static void copy_template(char url[POSTGRES_URL_MAX])
{
    char name[64];
    if (template_owner == 0) {
        postgres_make(NULL, template_url);
        migrate(template_url);
        template_owner = getpid();
        assert_int_equal(atexit(drop_template), 0);
    }
    postgres_name(template_url, name);
    postgres_make(name, url);
}

static int setup(void **state, DbKind kind)
{
    World *w = test_calloc(1, sizeof *w);
    *state = w;
    log_min_level = LOG_ERROR;
    arena_init(&w->arena, 16384);
    w->kind = kind;
    if (kind == DB_POSTGRES)
        copy_template(w->url);
    else
        (void)snprintf(w->url, sizeof w->url, ":memory:");
    const DbOptions as_served = {.take_turns = true};
    assert_ok(db_open(w->url, &as_served, &w->db, &w->cx.err), &w->cx.err);
    if (kind == DB_SQLITE)
        assert_ok(core_migrate(w->db, world_modules, world_nmodules, &w->cx.err), &w->cx.err);
    assert_ok(cx_begin(&w->cx, &w->arena, w->db, WORLD_NOW), &w->cx.err);
    w->cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("test"), .all = true};
    return 0;
}

int world_setup_sqlite(void **state)
{
    return setup(state, DB_SQLITE);
}

int world_setup_postgres(void **state)
{
    return setup(state, DB_POSTGRES);
}

int world_teardown(void **state)
{
    World *w = *state;
    cx_end(&w->cx);
    db_close(w->db);
    if (w->kind == DB_POSTGRES)
        postgres_drop(w->url);
    arena_done(&w->arena);
    test_free(w);
    return 0;
}

void world_again(World *w)
{
    Actor  actor = w->cx.actor;
    UnixMs now = w->cx.now;
    Core  *core = w->cx.core;
    cx_end(&w->cx);
    arena_reset(&w->arena);
    w->cx = (Cx){0};
    assert_ok(cx_begin(&w->cx, &w->arena, w->db, now), &w->cx.err);
    w->cx.actor = actor;
    w->cx.core = core;
}
