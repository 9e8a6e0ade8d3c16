/* The verbs that look after the data folder: migrate, backup. */
#include "app/app.h"
#include "app/copy_tree.h"
#include "app/verbs.h"
#include "journey/journey.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Status verb_migrate(Cli *cli, Err *err)
{
    CLEANUP(app_close) App app = {0};
    TRY(app_open(cli, DATA_ALONE, &app, err));
    fputs("The database is up to date.\n", cli->out);
    return ST_OK;
}

typedef struct Copied {
    CliProgress bar;
    int64_t     n;
} Copied;

static void one_more(void *arg, const char *name)
{
    Copied *c = arg;
    (void)name;
    cli_progress_at(&c->bar, ++c->n, 0);
}

/* A folder of files. */
static void remove_flat(const char *path)
{
    DIR           *dir = opendir(path);
    struct dirent *e;
    while (dir != NULL &&
           (e = readdir(dir)) != NULL) /* NOLINT(concurrency-mt-unsafe): this DIR is ours */
        (void)unlinkat(dirfd(dir), e->d_name, 0);
    if (dir != NULL)
        (void)closedir(dir);
    (void)rmdir(path);
}

/* Beside the running server, whose merges may take a file away while it is copied: then once more.
 */
static Status copy_journey(Cli *cli, const char *from, const char *to, Copied *copied, Err *err)
{
    struct stat info;
    Status      st = ST_OK;
    if (stat(from, &info) != 0)
        return ST_OK; /* no event has come yet */
    for (int i = 0; i < 20; i++) {
        Journey *j;
        st = journey_open(from, &(JourneyOptions){.read_only = true}, &j, err);
        if (st != ST_OK && strcmp(err->code, "journey.corrupt") == 0) {
            fprintf(cli->err, "the journey is damaged and copied as it is: %s\n", err->msg);
            return copy_tree(from, to, one_more, copied, err);
        }
        TRY(st);
        st = journey_backup(j, to, err);
        journey_close(j);
        if (st == ST_OK)
            break;
        remove_flat(to);
    }
    return st;
}

/* The queue before the database, so that what is no longer in it is in there; the database before
 * the media: whatever it knows of is already among them. */
static Status copy_all(Cli *cli, App *app, const DataDir *to, Copied *copied, Err *err)
{
    Arena      *a = &app->arena;
    struct stat info;
    const char *queue = data_dir_file(&app->data, a, "track");
    copied->bar = cli_progress(cli, "files");
    if (stat(queue, &info) == 0)
        TRY(copy_tree(queue, data_dir_file(to, a, "track"), one_more, copied, err));
    if (db_kind(app->db) == DB_SQLITE)
        TRY(db_backup(app->db, data_dir_file(to, a, "rapport.db"), err));
    TRY(copy_file(data_dir_file(&app->data, a, "secret"), data_dir_file(to, a, "secret"), err));
    TRY(copy_journey(cli, data_dir_file(&app->data, a, "journey"), data_dir_file(to, a, "journey"),
                     copied, err));
    Status st = copy_tree(data_dir_file(&app->data, a, "media"), data_dir_file(to, a, "media"),
                          one_more, copied, err);
    cli_progress_end(&copied->bar);
    return st;
}

/* Under another name until it is complete: a folder of that name is a whole backup. */
Status verb_backup(Cli *cli, Err *err)
{
    CLEANUP(app_close) App app = {0};
    char                   text[100];
    TRY(app_open(cli, DATA_BESIDE, &app, err));
    const char           *target = str_cstr(&app.arena, cli->arguments[0]);
    CLEANUP(buf_done) Buf part;
    buf_init(&part, 8192);
    buf_addf(&part, "%s.partial", target);
    if (buf_overflowed(&part) || access(target, F_OK) == 0 || mkdir(part.ptr, 0700) != 0)
        return err_set(err, ST_CONFLICT, "app.backup_exists", "%s, or %s.partial, cannot be made",
                       target, target);
    Copied  copied = {0};
    DataDir to = {.path = part.ptr, .lock = -1};
    TRY(copy_all(cli, &app, &to, &copied, err));
    if (rename(part.ptr, target) != 0)
        return err_set(err, ST_IO, "app.copy_failed", "cannot make %s: %s", target,
                       strerror_r(errno, text, sizeof text));
    fprintf(cli->out, "%s: %s%lld files\n", target,
            db_kind(app.db) == DB_SQLITE ? "database, " : "no database (use pg_dump), ",
            (long long)copied.n);
    return ST_OK;
}
