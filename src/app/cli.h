/* cli.h - the command line: `rapport VERB [SUBVERB] [options] [arguments]`.
 *
 * A verb is one entry in the table of verbs.c: its name, what it takes, what to say about
 * it, and the function that does it. Parsing, `--help`, hints at misspelt names and exit
 * codes come from the table, so no verb writes its own.
 *
 *      static const CliOption OPTIONS[] = {
 *          {"port", "NUMBER", "8080", NULL, "port to listen on; 0 takes a free one"},
 *          {0},
 *      };
 *
 * Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong use. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/status.h"

#include <stdio.h>

enum { CLI_MAX_OPTIONS = 24, CLI_MAX_ARGUMENTS = 8 };

typedef struct Cli Cli;

typedef struct CliOption {
    const char *name;     /* "data": given as `--data DIR` or `--data=DIR` */
    const char *value;    /* what stands for the value in the help; NULL: a flag */
    const char *fallback; /* the value when it is not given; NULL: none */
    const char *variable; /* environment variable that gives it too; NULL: none */
    const char *doc;
} CliOption;

typedef Status CliRun(Cli *cli, Err *err);

typedef struct CliVerb {
    const char      *name;      /* "serve", "import products" */
    const char      *summary;   /* one line, no full stop */
    const char      *arguments; /* their names, in order: "FILE.csv [NAME]"; NULL: none */
    const char      *detail;    /* further lines for --help; NULL: none */
    const CliOption *options;   /* ends with an empty one; NULL: none */
    const CliOption *shared;    /* options of several verbs, as APP_OPTIONS; NULL: none */
    CliRun          *run;
} CliVerb;

struct Cli {
    const CliVerb *verb;
    FILE          *out; /* results: what a script reads */
    FILE          *err; /* everything else */
    const char    *values[CLI_MAX_OPTIONS];
    Str            arguments[CLI_MAX_ARGUMENTS];
    size_t         narguments;
};

/* Do what argv asks; return the exit code. `verbs` has n entries in the order of the help. */
int cli_main(const CliVerb *verbs, size_t n, int argc, char **argv, FILE *out, FILE *err);

/* --- for verbs: an option that the verb does not have asserts ------------------------ */

bool        cli_flag(const Cli *cli, const char *option);
Str         cli_text(const Cli *cli, const char *option); /* absent when neither given nor preset */
const char *cli_cstr(const Cli *cli, const char *option); /* the same; NULL when absent */

/* ST_INVALID "app.bad_option" unless it is a whole number from min to max. */
NODISCARD Status cli_i64(const Cli *cli, const char *option, int64_t min, int64_t max, int64_t *ret,
                         Err *err);

/* --- progress of long work: a bar on a terminal, nothing elsewhere -------------------- */

typedef struct CliProgress {
    FILE       *out; /* NULL: show nothing */
    const char *what;
    UnixMs      started;
    UnixMs      shown;
} CliProgress;

/* Draws on cli->err, when that is a terminal, after a second, at most ten times a second. */
CliProgress cli_progress(const Cli *cli, const char *what);
void        cli_progress_at(CliProgress *p, int64_t done, int64_t total); /* total 0: unknown */
void        cli_progress_end(CliProgress *p);                             /* wipes the bar */
