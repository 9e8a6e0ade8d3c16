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
    {"staff add", "Let somebody in", NULL,
     "Prints a one-time link under which they set their password; or give a password on\n"
     "standard input. Roles: owner, manager, support, marketing, analyst, developer, read only,\n"
     "and those that the shop has made. Works while the shop runs, as all verbs of staff do.",
     STAFF_ADD_OPTIONS, APP_OPTIONS, verb_staff_add},
    {"staff list", "Show who may sign in", NULL, NULL, STAFF_LIST_OPTIONS, APP_OPTIONS,
     verb_staff_list},
    {"staff disable", "Let somebody in no longer", "EMAIL",
     "Their sessions and API keys end at once. The last owner cannot be disabled.", NULL,
     APP_OPTIONS, verb_staff_disable},
    {"staff reset", "Print a one-time link to set a new password", "EMAIL", NULL,
     STAFF_RESET_OPTIONS, APP_OPTIONS, verb_staff_reset},
    {"key add", "Make an API key, for programs", NULL,
     "Prints the key, which is shown this once. GET /api/v1/permissions lists what it can allow.",
     KEY_ADD_OPTIONS, APP_OPTIONS, verb_key_add},
    {"import products", "Take products from a CSV file", "FILE.csv",
     "Shopify's product CSV, in both generations of column names, and WooCommerce's. Rows that\n"
     "cannot be taken are skipped and told; the others are kept. Importing a file again changes\n"
     "nothing, and an import that was cut off goes on behind the last product it committed. While\n"
     "the shop runs it can be imported into, too.",
     IMPORT_OPTIONS, APP_OPTIONS, verb_import_products},
    {"export products", "Write all products to a CSV file", "FILE.csv",
     "What is exported and imported again changes nothing.", EXPORT_OPTIONS, APP_OPTIONS,
     verb_export_products},
    {"search", "Find products as a shopper would", "WORDS",
     "Typos, forms of words, other scripts and keyboard layouts are understood: docs/search.md.\n"
     "Works while the shop runs.",
     SEARCH_OPTIONS, APP_OPTIONS, verb_search},
    {"journey load", "Take events from a file", "FILE",
     "Everything counts once the file is done, or nothing. The server must not be running. Events\n"
     "come as messages of Segment's HTTP API, one per line, as CSV with a mapping, or as records\n"
     "of the event workload: see docs/journey.md.",
     JOURNEY_LOAD_OPTIONS, NULL, verb_journey_load},
    {"journey query", "Answer a question about people's journeys", "FILE.json",
     "Funnels, retention, paths, sessions, attribution, trends, ...: docs/journey.md has them "
     "all.\n"
     "Works while the shop runs.",
     JOURNEY_QUERY_OPTIONS, APP_OPTIONS, verb_journey_query},
    {"journey check", "Verify every checksum of the journey", NULL,
     "Names the file and the block of what is damaged, of events that wait for the database too; "
     "exit\n"
     "code 1 when there is any.",
     JOURNEY_OPTIONS, NULL, verb_journey_check},
    {"journey mend", "Go on without what `journey check` has found", NULL,
     "Damaged blocks and files leave the journey and are kept in DATA/journey/damaged; tells how "
     "many\n"
     "events are left out. The server must not be running. A file that a backup still has is "
     "better\n"
     "copied back instead.",
     JOURNEY_OPTIONS, NULL, verb_journey_mend},
    {"journey settle", "Merge the journey into one file, erase what is to be erased", NULL, NULL,
     JOURNEY_OPTIONS, NULL, verb_journey_settle},
    {"liquid", "Render a Liquid template", "FILE", NULL, LIQUID_OPTIONS, NULL, verb_liquid},
    {"theme check", "Lint a theme", "FOLDER",
     "Unknown filters, missing snippets, sections and translations, names that are set and never\n"
     "used, images without alt or size, and malformed markup. Exit code 1 when there are any.",
     NULL, NULL, verb_theme_check},
    {"version", "Show the version", NULL, NULL, JSON_OPTION, NULL, verb_version},
};
const size_t nverbs = COUNT_OF(verbs);
