/* db_migrate.c - bring a database's schema up to what the program needs. */
#include "db/db_int.h"

#include <string.h>

/* clang-format off */
static const char TABLE_SQLITE[] =
    "CREATE TABLE IF NOT EXISTS db_migration ("
    " module TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, sum TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, PRIMARY KEY (module, version)) STRICT, WITHOUT ROWID";
static const char TABLE_POSTGRES[] =
    "CREATE TABLE IF NOT EXISTS db_migration ("
    " module TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, sum TEXT NOT NULL,"
    " at_ms BIGINT NOT NULL, PRIMARY KEY (module, version))";
static const DbQuery Q_ALL = {
    .name = "db.migration_all",
    .sqlite = "SELECT module, version, sum FROM db_migration ORDER BY module, version",
    .postgres = "SELECT module, version, sum FROM db_migration ORDER BY module, version",
    .types = "", .columns = "tit"};
static const DbQuery Q_KNOWN = {
    .name = "db.migration_known",
    .sqlite = "SELECT sum FROM db_migration WHERE module = ?1 AND version = ?2",
    .postgres = "SELECT sum FROM db_migration WHERE module = $1::text AND version = $2::bigint",
    .types = "ti", .columns = "t"};
static const DbQuery Q_ADD = {
    .name = "db.migration_add",
    .sqlite = "INSERT INTO db_migration (module, version, name, sum, at_ms)"
              " VALUES (?1, ?2, ?3, ?4, ?5)",
    .postgres = "INSERT INTO db_migration (module, version, name, sum, at_ms)"
                " VALUES ($1::text, $2::bigint, $3::text, $4::text, $5::bigint)",
    .types = "titti", .columns = ""};
/* clang-format on */

static const char *sum_of(const DbConn *conn, const DbMigration *m)
{
    return conn->driver->kind == DB_SQLITE ? m->sqlite_sum : m->postgres_sum;
}

static const DbMigration *find(const DbMigrations *modules, size_t n, Str module, int64_t version)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < modules[i].n; k++)
            if (modules[i].items[k].version == version &&
                str_eq(str_from_cstr(modules[i].items[k].module), module))
                return &modules[i].items[k];
    return NULL;
}

/* Everything that was applied must be what this program knows. */
static Status check_applied(DbConn *conn, const DbMigrations *modules, size_t n, size_t *ret_count,
                            Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 4096);
    CLEANUP(db_run_end) DbRun run = {0};
    size_t                    count = 0;
    TRY(db_run(conn, &Q_ALL, &run, err));
    for (;;) {
        bool row;
        TRY(db_step(&run, &row, err));
        if (!row)
            break;
        Str                module = db_col_str(&run, &a, 0);
        int64_t            version = db_col_i64(&run, 1);
        const DbMigration *m = find(modules, n, module, version);
        if (m == NULL)
            return err_set(err, ST_CONFLICT, "db.newer_schema",
                           "the database has migration " STR_FMT " %lld, which this program does "
                           "not know: use the newer program",
                           STR_ARG(module), (long long)version);
        if (!str_eq(db_col_str(&run, &a, 2), str_from_cstr(sum_of(conn, m))))
            return err_set(err, ST_CONFLICT, "db.migration_edited",
                           "migration %s %04d_%s was edited after it had been applied", m->module,
                           m->version, m->name);
        count++;
    }
    *ret_count = count;
    return ST_OK;
}

static Status is_known(DbConn *conn, const DbMigration *m, bool *ret, Err *err)
{
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(db_run(conn, &Q_KNOWN, &run, err));
    db_bind_str(&run, 1, str_from_cstr(m->module));
    db_bind_i64(&run, 2, m->version);
    return db_step(&run, ret, err);
}

static Status record(DbConn *conn, const DbMigration *m, Err *err)
{
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(db_run(conn, &Q_ADD, &run, err));
    db_bind_str(&run, 1, str_from_cstr(m->module));
    db_bind_i64(&run, 2, m->version);
    db_bind_str(&run, 3, str_from_cstr(m->name));
    db_bind_str(&run, 4, str_from_cstr(sum_of(conn, m)));
    db_bind_i64(&run, 5, clock_now().v);
    bool row;
    return db_step(&run, &row, err);
}

static Status apply_body(DbConn *conn, const DbMigration *m, Err *err)
{
    bool known; /* another process may have been faster */
    TRY(is_known(conn, m, &known, err));
    if (known)
        return ST_OK;
    const char *sql = conn->driver->kind == DB_SQLITE ? m->sqlite : m->postgres;
    Status      st = conn->driver->exec(conn, sql, err);
    if (st != ST_OK) {
        char text[sizeof err->msg];
        memcpy(text, err->msg, sizeof text);
        return err_set(err, ST_IO, "db.migration_failed", "%s %04d_%s: %s", m->module, m->version,
                       m->name, text);
    }
    TRY(conn->driver->fk_check(conn, err));
    return record(conn, m, err);
}

static Status apply(DbConn *conn, const DbMigration *m, Err *err)
{
    TRY(conn->driver->exec(conn, conn->driver->begin, err));
    Status st = apply_body(conn, m, err);
    if (st == ST_OK)
        st = conn->driver->exec(conn, "COMMIT", err);
    if (st != ST_OK) {
        Err ignored;
        (void)!conn->driver->exec(conn, "ROLLBACK", &ignored);
    }
    return st;
}

static Status migrate_on(DbConn *conn, const DbMigrations *modules, size_t n, Err *err)
{
    TRY(conn->driver->exec(conn, conn->driver->kind == DB_SQLITE ? TABLE_SQLITE : TABLE_POSTGRES,
                           err));
    size_t applied;
    TRY(check_applied(conn, modules, n, &applied, err));
    bool first = applied > 0; /* the first change to a database that has data */
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < modules[i].n; k++) {
            const DbMigration *m = &modules[i].items[k];
            bool               known;
            TRY(is_known(conn, m, &known, err));
            if (known)
                continue;
            if (first && conn->driver->before_migrating != NULL)
                TRY(conn->driver->before_migrating(conn->db, m, err));
            first = false;
            TRY(apply(conn, m, err));
        }
    }
    return ST_OK;
}

Status db_migrate(Db *db, const DbMigrations *modules, size_t n, Err *err)
{
    DbConn *conn;
    TRY(db->driver->admin_open(db, &conn, err));
    Status st = migrate_on(conn, modules, n, err);
    db->driver->conn_close(conn);
    return st;
}
