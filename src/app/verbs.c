#include "app/verbs.h"

#include "app/app.h"

static const CliOption JSON_OPTION[] = {
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};

/* In the order in which the help lists them. */
const CliVerb verbs[] = {
    {"serve", "Run the shop until it is told to stop", NULL,
     "The data folder is made where it is missing. SIGTERM and Ctrl-C stop it once everything\n"
     "that was accepted is finished.",
     SERVE_OPTIONS, APP_OPTIONS, verb_serve},
    {"migrate", "Bring the database up to date, as `serve` does at its start", NULL,
     "An SQLite database is first copied beside itself. A database that a newer program made is\n"
     "left alone.",
     NULL, APP_OPTIONS, verb_migrate},
    {"backup", "Copy the data folder while the shop runs", "FOLDER",
     "FOLDER must not exist yet. It becomes a data folder of its own: to go back, stop the shop\n"
     "and give it to `serve --data`. A PostgreSQL database is not in it: use pg_dump for that.",
     NULL, APP_OPTIONS, verb_backup},
    {"liquid", "Render a Liquid template", "FILE", NULL, LIQUID_OPTIONS, NULL, verb_liquid},
    {"version", "Show the version", NULL, NULL, JSON_OPTION, NULL, verb_version},
};
const size_t nverbs = COUNT_OF(verbs);
