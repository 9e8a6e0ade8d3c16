#include "app/app.h"

#include "base/id.h"
#include "base/log.h"
#include "catalog/media.h"
#include "catalog/product_search.h"
#include "catalog/published.h"
#include "channel/track/track.h"
#include "order/order.h"
#include "order/pricing.h"
#include "people/journey_store.h"
#include "people/mail.h"
#include "people/people.h"
#include "picture/picture.h"
#include "stock/module.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

const CliOption APP_OPTIONS[] = {
    {"data", "DIR", "./data", "RAPPORT_DATA_DIR", "folder of the shop's data"},
    {"database", "URL", NULL, "RAPPORT_DATABASE", "postgresql://…, instead of DIR/rapport.db"},
    {"log-level", "LEVEL", "info", NULL, "debug, info, warn or error"},
    {0},
};

static Status set_log_level(const Cli *cli, Err *err)
{
    static const char *const NAMES[] = {
        [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (str_eq(cli_text(cli, "log-level"), str_from_cstr(NAMES[i]))) {
            log_min_level = (LogLevel)i;
            return ST_OK;
        }
    }
    return err_set(err, ST_INVALID, "app.bad_option",
                   "--log-level is one of debug, info, warn, error");
}

static Status open_database(const Cli *cli, DataUse use, App *app, Err *err)
{
    DbOptions   options = {.connections = 32, .take_turns = true};
    const char *url = cli_cstr(cli, "database");
    if (url == NULL) {
        const char *file = data_dir_file(&app->data, &app->arena, "rapport.db");
        if (use == DATA_BESIDE && access(file, F_OK) != 0)
            return err_set(err, ST_NOT_FOUND, "app.no_shop", "there is no %s", file);
        return db_open(file, &options, &app->db, err);
    }
    if (strncmp(url, "postgresql://", 13) != 0 && strncmp(url, "postgres://", 11) != 0)
        return err_set(err, ST_INVALID, "app.bad_option", "--database begins with postgresql://");
    return db_open(url, &options, &app->db, err);
}

/* Ids of processes that share a database must differ: each has a number by chance. */
static void number_process(void)
{
    unsigned char node = 0;
    if (getrandom(&node, 1, 0) == 1)
        id_node_set(node);
}

Status app_open(const Cli *cli, DataUse use, App *app, Err *err)
{
    arena_init(&app->arena, 16384);
    number_process();
    TRY(set_log_level(cli, err));
    TRY(data_dir_open(&app->arena, cli_cstr(cli, "data"), use, &app->data, err));
    TRY(open_database(cli, use, app, err));
    stock_install();
    people_modules(app_modules, app_nmodules);
    people_mail_shop(app_mail_shop);
    order_install();
    return use == DATA_ALONE ? core_migrate(app->db, app_modules, app_nmodules, err) : ST_OK;
}

Status app_pictures(App *app, Err *err)
{
    picture_apart("/proc/self/exe");
    TRY(picture_init(err));
    return media_open(data_dir_file(&app->data, &app->arena, "media"), err);
}

Status app_start(App *app, bool manual, Err *err)
{
    /* Jobs wait most of the time, for other servers and for their commits, which they share. */
    CoreOptions options = {.workers = 6, .manual = manual};
    TRY(core_start(app->db, app_modules, app_nmodules, &options, &app->core, err));
    if (manual)
        return ST_OK;
    TRY(people_start(app->db, err));
    app->people = true;
    TRY(people_journey_open(data_dir_file(&app->data, &app->arena, "journey"), app->db, app->core,
                            err));
    TrackOptions track = {
        .dir = data_dir_file(&app->data, &app->arena, "track"), .db = app->db, .core = app->core};
    TRY(track_start(&track, err));
    TRY(published_start(app->db, app->core, NULL, err));
    TRY(pricing_start(app->db, app->core, err));
    return product_search_start(app->db, err);
}

bool app_stop(App *app)
{
    if (app->stopped)
        return app->idle;
    app->stopped = true;
    if (app->people)
        people_stop();
    if (app->db != NULL) {
        product_search_stop(app->db);
        published_stop(app->db);
    }
    track_stop();
    app->idle = core_stop(app->core);
    return app->idle;
}

void app_close(App *app)
{
    bool idle = app_stop(app);
    if (idle)
        people_journey_close();
    if (idle && app->db != NULL) {
        pricing_stop(app->db); /* a reaction renews it */
        db_close(app->db);
    }
    data_dir_close(&app->data);
    arena_done(&app->arena);
    *app = (App){0};
}

Status app_cx_begin(App *app, AppCx *c, Err *err)
{
    arena_init(&c->arena, 16384);
    if (cx_begin(&c->cx, &c->arena, app->db, clock_now()) != ST_OK)
        return app_failed(c, c->cx.err.status, err);
    c->cx.core = app->core;
    c->cx.actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("command line"), .all = true};
    return ST_OK;
}

void app_cx_end(AppCx *c)
{
    cx_end(&c->cx);
    arena_done(&c->arena);
}

Status app_failed(const AppCx *c, Status st, Err *err)
{
    if (st != ST_OK)
        *err = c->cx.err;
    return st;
}
