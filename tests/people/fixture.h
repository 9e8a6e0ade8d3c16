/* fixture.h - what the tests of src/people share: a shop with an owner. */
#pragma once

#include "people/password.h"
#include "people/people.h"
#include "people/people_int.h"
#include "world.h"

#define PASSWORD STR("correct horse battery")
#define HOME     (&(PeopleOrigin){.address = STR("203.0.113.7"), .agent = STR("Browser/1.0")})

enum {
    ROLE_MANAGER = 2,
    ROLE_SUPPORT = 3,
    ROLE_MARKETING = 4,
    ROLE_DEVELOPER = 6,
    ROLE_READER = 7
};

/* World setup and what belongs to it: cheap hashing, known permissions, nothing in memory. */
int people_setup_sqlite(void **state);
int people_setup_postgres(void **state);

#define TEST_PEOPLE(fn)                                                                            \
    {#fn " (sqlite)", fn, people_setup_sqlite, world_teardown, NULL},                              \
    {                                                                                              \
#fn " (postgres)", fn, people_setup_postgres, world_teardown, NULL                         \
    }

/* Add an active staff member with PASSWORD, by the system. */
PeopleStaff people_hire(World *w, const char *email, int64_t role);

/* Who does what follows: a staff member with all their permissions and a session; the system. */
Str  act_as(World *w, const char *email); /* gives the session's token */
void act_as_system(World *w);

/* Sign in from HOME and fail the test if that fails. A second step is not taken. */
PeopleLogin sign_in(World *w, const char *email, Str password);

/* Text anywhere in any column of the audit log, events or sessions? For secrets. */
bool stored_anywhere(World *w, Str text);

int64_t audit_count(World *w, const char *action);

/* Everything of people, events and audit log, in one number that any change changes. */
int64_t people_footprint(World *w);

/* Do it with a fault at the first, second, third … call to the outside, until it meets none:
 * whenever it fails, nothing may have changed. An hour passes between tries. */
typedef Status PeopleStep(World *w);
void           people_survives_faults(World *w, PeopleStep *step);

/* Move the clock. */
void later(World *w, SpanMs span);
