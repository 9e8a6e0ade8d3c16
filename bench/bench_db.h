/* bench_db.h - what benches of the database share: giving up, the clock, a database of their own.
 */
#pragma once

#include "base/status.h"

/* Say what went wrong and end the program. */
NORETURN void bench_fail(const char *what, const char *why);
void          bench_need(Status st, const Err *err);

double bench_now(void); /* seconds, from some moment */

enum { BENCH_URL_MAX = 512 };

/* Make database `name` on the server of a URL that names "postgres"; and drop it. */
void bench_postgres_make(const char *server, const char *name, char ret_url[BENCH_URL_MAX]);
void bench_postgres_drop(const char *server, const char *name);
