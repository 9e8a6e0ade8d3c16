/* app.h - the program put together: its modules and routes, its data folder and database.
 *
 * A verb that works on a shop:
 *
 *      Status verb_thing(Cli *cli, Err *err)
 *      {
 *          CLEANUP(app_close) App app = {0};
 *          TRY(app_open(cli, DATA_ALONE, &app, err));
 *          CLEANUP(app_cx_end) AppCx c = {0};
 *          TRY(app_cx_begin(&app, &c, err));
 *          return app_failed(&c, thing_do(&c.cx, …), err);
 *      } */
#pragma once

#include "app/cli.h"
#include "app/data_dir.h"
#include "core/core.h"
#include "http/http.h"

extern const Module *const app_modules[]; /* bottom up */
extern const size_t        app_nmodules;

/* All routes, indexed. The first call is made before there are threads. */
const HttpApp *app_http(void);

/* The options of every verb that opens a shop: --data, --database, --log-level. */
extern const CliOption APP_OPTIONS[];

typedef struct App {
    Arena   arena; /* paths */
    DataDir data;
    Db     *db;            /* migrated, but for DATA_BESIDE */
    Core   *core;          /* NULL until app_start() */
    bool    people;        /* people_start() was called */
    bool    stopped, idle; /* app_stop() was called; what it found */
} App;                     /* zeroed before app_open() */

/* Open the data folder and the database that the options name. On failure *app can be
 * closed, too. */
NODISCARD Status app_open(const Cli *cli, DataUse use, App *app, Err *err);
void             app_close(App *app);

/* Nothing runs behind any more (reactions, jobs); false: something could not be stopped in time.
 * Once; app_close() does it where it was not done. */
bool app_stop(App *app);

/* Make DIR/media ready for pictures. Before threads start. */
NODISCARD Status app_pictures(App *app, Err *err);

/* Start the services of core. `manual`: no threads, for core_drain(). */
NODISCARD Status app_start(App *app, bool manual, Err *err);

/* For people_mail_shop(): what mails say of the shop. */
struct PeopleMailShop;
/* Where mails that are written to a folder link to while the shop has no address: this machine.
 * Before the first request; "" (as at first): nowhere. */
void             app_mail_here(const char *url);
NODISCARD Status app_mail_shop(Cx *cx, struct PeopleMailShop *ret);

/* One unit of work of the command line, done by the system, which may do everything. */
typedef struct AppCx {
    Arena arena;
    Cx    cx;
} AppCx;

NODISCARD Status app_cx_begin(App *app, AppCx *c, Err *err);
void             app_cx_end(AppCx *c);

/* `st`, with c->cx.err copied into *err when it is a failure. */
NODISCARD Status app_failed(const AppCx *c, Status st, Err *err);
