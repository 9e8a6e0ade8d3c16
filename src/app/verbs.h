/* verbs.h - what `rapport` can be asked to do. Each verb lives in a file verb_NAME.c. */
#pragma once

#include "app/cli.h"

extern const CliVerb verbs[];
extern const size_t  nverbs;

/* To add one: write verb_NAME.c with its CliRun and CliOptions, name both here, put a line
 * into the table in verbs.c, and the file into meson.build. */
CliRun verb_liquid, verb_version;
