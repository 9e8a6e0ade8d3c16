#include "bench_db.h"

#include "base/clock.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "%s: %s\n", what, why);
    exit(1); // NOLINT(concurrency-mt-unsafe): nothing to clean up
}

void bench_need(Status st, const Err *err)
{
    if (st != ST_OK)
        bench_fail(err->code, err->msg);
}

double bench_now(void)
{
    return (double)clock_mono_us() / 1e6;
}

/* `sql` with `name` behind it. */
static void server_do(const char *server, const char *sql, const char *name)
{
    char text[256];
    (void)snprintf(text, sizeof text, "%s %s", sql, name);
    PGconn   *pg = PQconnectdb(server);
    PGresult *res = PQexec(pg, text);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        bench_fail(text, PQerrorMessage(pg));
    PQclear(res);
    PQfinish(pg);
}

void bench_postgres_make(const char *server, const char *name, char ret_url[BENCH_URL_MAX])
{
    const char *at = strstr(server, "/postgres?");
    if (at == NULL)
        bench_fail(server, "names no database \"postgres\"");
    (void)snprintf(ret_url, BENCH_URL_MAX, "%.*s/%s?%s", (int)(at - server), server, name,
                   at + strlen("/postgres?"));
    server_do(server, "DROP DATABASE IF EXISTS", name);
    server_do(server, "CREATE DATABASE", name);
}

void bench_postgres_drop(const char *server, const char *name)
{
    server_do(server, "DROP DATABASE", name);
}
