/* verbs.h - what `rapport` can be asked to do.
 *
 * To add a verb: write its CliRun and its CliOptions in verb_NAME.c (and put that into
 * meson.build), name both here, and put a line into the table of verbs.c. */
#pragma once

#include "app/cli.h"

extern const CliVerb verbs[];
extern const size_t  nverbs;

CliRun verb_backup;
CliRun verb_journey_check;
CliRun verb_journey_load;
CliRun verb_journey_mend;
CliRun verb_journey_query;
CliRun verb_journey_settle;
CliRun verb_key_add;
CliRun verb_export_products;
CliRun verb_import_products;
CliRun verb_liquid;
CliRun verb_migrate;
CliRun verb_search;
CliRun verb_serve;
CliRun verb_staff_add;
CliRun verb_staff_disable;
CliRun verb_staff_list;
CliRun verb_staff_reset;
CliRun verb_theme_check;
CliRun verb_version;

extern const CliOption JOURNEY_LOAD_OPTIONS[];
extern const CliOption JOURNEY_OPTIONS[];
extern const CliOption JOURNEY_QUERY_OPTIONS[];
extern const CliOption KEY_ADD_OPTIONS[];
extern const CliOption EXPORT_OPTIONS[];
extern const CliOption IMPORT_OPTIONS[];
extern const CliOption LIQUID_OPTIONS[];
extern const CliOption SEARCH_OPTIONS[];
extern const CliOption SERVE_OPTIONS[];
extern const CliOption STAFF_ADD_OPTIONS[];
extern const CliOption STAFF_LIST_OPTIONS[];
extern const CliOption STAFF_RESET_OPTIONS[];
