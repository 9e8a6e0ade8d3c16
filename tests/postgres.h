/* postgres.h - databases on the test run's own PostgreSQL (scripts/with-postgres).
 *
 * A program that is linked with postgres.c always has one: started outside of
 * scripts/with-postgres it starts itself again inside, before main(). So a test never
 * leaves PostgreSQL out, however it is run. */
#pragma once

#include "base/base.h"

/* Make a database, empty or as a copy of `original` (NULL: empty; nobody may be connected
 * to it), and return its URL in `ret`. Failing ends the program. */
enum { POSTGRES_URL_MAX = 256 };
void postgres_make(const char *original, char ret[POSTGRES_URL_MAX]);

/* Drop it, whoever is still connected. What is not dropped goes with the cluster. */
void postgres_drop(const char *url);

/* The name of the database in a URL made here; lives as long as the URL. */
void postgres_name(const char *url, char ret[64]);
