#include "app/verbs.h"

static const CliOption JSON_OPTION[] = {
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};

/* In the order in which the help lists them. */
const CliVerb verbs[] = {
    {"version", "Show the version", NULL, NULL, JSON_OPTION, NULL, verb_version},
};
const size_t nverbs = COUNT_OF(verbs);
