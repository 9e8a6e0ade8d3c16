/* world.h - a fresh database and a Cx at a fixed time for each test, on both engines.
 *
 *      WORLD_MODULES(&people_module, &catalog_module);   // whose tables there are
 *
 *      static void handles_are_unique(void **state)
 *      {
 *          World *w = *state;
 *          assert_ok(product_add(&w->cx, …), &w->cx.err);
 *      }
 *
 *      int main(void)
 *      {
 *          const struct CMUnitTest tests[] = {
 *              TEST_WORLD(handles_are_unique),           // runs twice
 *          };
 *          return cmocka_run_group_tests(tests, NULL, NULL);
 *      }
 *
 * Programs link with `world` first, then what they test. */
#pragma once

#include "core/core.h"
#include "test.h"

typedef struct World {
    Arena  arena;
    Cx     cx; /* of the system, which may do everything; cx.now is WORLD_NOW */
    Db    *db; /* migrated; cx.db is the same */
    DbKind kind;
    char   url[256]; /* to open it once more */
} World;

#define WORLD_NOW ((UnixMs){1700000000000})

extern const Module *const world_modules[];
extern const size_t        world_nmodules;
#define WORLD_MODULES(...)                                                                         \
    const Module *const world_modules[] = {__VA_ARGS__};                                           \
    const size_t        world_nmodules = COUNT_OF(world_modules)

int world_setup_sqlite(void **state);
int world_setup_postgres(void **state);
int world_teardown(void **state);

#define TEST_SQLITE(fn)                                                                            \
    {                                                                                              \
#fn " (sqlite)", fn, world_setup_sqlite, world_teardown, NULL                              \
    }
#define TEST_POSTGRES(fn)                                                                          \
    {                                                                                              \
#fn " (postgres)", fn, world_setup_postgres, world_teardown, NULL                          \
    }
#define TEST_WORLD(fn) TEST_SQLITE(fn), TEST_POSTGRES(fn)

/* Forget what the last call left in cx: its error, its issues, its memory. For tests with
 * many steps. */
void world_again(World *w);
