#include "app/verbs.h"

static const CliOption JSON_OPTION[] = {
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};

static const CliOption LIQUID_OPTIONS[] = {
    {"data", "FILE.json", NULL, NULL, "an object: the names that the template sees"},
    {"dir", "FOLDER", NULL, NULL, "where render and include find snippets"},
    {"mode", "MODE", "lax", NULL, "lax, warn, strict or strict2: what malformed markup gets"},
    {"raise", NULL, NULL, NULL, "fail at the first error instead of writing it into the page"},
    {"no-escape", NULL, NULL, NULL, "write values as they are, not escaped for HTML"},
    {"strict-variables", NULL, NULL, NULL, "an unknown variable is an error"},
    {"strict-filters", NULL, NULL, NULL, "an unknown filter is an error"},
    {0},
};

/* In the order in which the help lists them. */
const CliVerb verbs[] = {
    {"liquid", "Render a Liquid template", "FILE", NULL, LIQUID_OPTIONS, NULL, verb_liquid},
    {"version", "Show the version", NULL, NULL, JSON_OPTION, NULL, verb_version},
};
const size_t nverbs = COUNT_OF(verbs);
