#include "postgres.h"

#include "base/clock.h"

#include <libpq-fe.h>
#include <unistd.h>

/* glibc passes the arguments of main() to constructors. */
static __attribute__((constructor)) void run_beside_postgres(int argc, char **argv)
{
    if (getenv("RAPPORT_TEST_POSTGRES") != NULL)
        return;
    char        self[4096];
    const char *again[64] = {WITH_POSTGRES, self};
    ssize_t     n = readlink("/proc/self/exe", self, sizeof self - 1);
    ASSERT(n > 0 && argc < (int)COUNT_OF(again) - 1);
    self[n] = '\0';
    for (int i = 1; i < argc; i++)
        again[i + 1] = argv[i];
    (void)execv(WITH_POSTGRES, (char *const *)(uintptr_t)again);
    perror(WITH_POSTGRES);
    _exit(99); /* for Meson: an error, not a skipped test */
}

static PGconn *admin(void)
{
    static PGconn *conn;
    static pid_t   owner; /* a forked child needs a connection of its own */
    if (conn != NULL && owner == getpid())
        return conn;
    owner = getpid();
    conn = PQconnectdb(getenv("RAPPORT_TEST_POSTGRES"));
    if (PQstatus(conn) != CONNECTION_OK) {
        fprintf(stderr, "# PostgreSQL for tests: %s", PQerrorMessage(conn));
        abort();
    }
    return conn;
}

static void run(const char *sql)
{
    PGresult *result = PQexec(admin(), sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "# %s: %s", sql, PQresultErrorMessage(result));
        abort();
    }
    PQclear(result);
}

/* RAPPORT_TEST_POSTGRES is postgresql://USER@/postgres?host=FOLDER&port=PORT. */
static void url_of(const char *name, char ret[POSTGRES_URL_MAX])
{
    const char *base = getenv("RAPPORT_TEST_POSTGRES");
    const char *at = base != NULL ? strstr(base, "/postgres?") : NULL;
    ASSERT(at != NULL);
    int n = snprintf(ret, POSTGRES_URL_MAX, "%.*s/%s?%s", (int)(at - base), base, name,
                     at + strlen("/postgres?"));
    ASSERT(n > 0 && n < POSTGRES_URL_MAX);
}

void postgres_name(const char *url, char ret[64])
{
    const char *at = strstr(url, "@/");
    ASSERT(at != NULL);
    at += 2;
    int n = snprintf(ret, 64, "%.*s", (int)strcspn(at, "?"), at);
    ASSERT(n > 0 && n < 64);
}

void postgres_make(const char *original, char ret[POSTGRES_URL_MAX])
{
    static int made;
    char       name[64];
    char       sql[256];
    (void)snprintf(name, sizeof name, "t%d_%llx_%d", (int)getpid(),
                   (unsigned long long)clock_now().v, ++made);
    (void)snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s", name,
                   original != NULL ? original : "template0");
    run(sql);
    url_of(name, ret);
}

void postgres_drop(const char *url)
{
    char name[64];
    char sql[256];
    postgres_name(url, name);
    (void)snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
    run(sql);
}
