#include "app/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Name of the program in what it says. */
#define PROGRAM "rapport"

/* --- the options of a verb, its own and shared ones, as one list --------------------- */

static const CliOption *option_at(const CliVerb *verb, size_t i)
{
    for (const CliOption *o = verb->options; o != NULL && o->name != NULL; o++)
        if (i-- == 0)
            return o;
    for (const CliOption *o = verb->shared; o != NULL && o->name != NULL; o++)
        if (i-- == 0)
            return o;
    return NULL;
}

static bool option_find(const CliVerb *verb, Str name, size_t *ret)
{
    const CliOption *o;
    for (size_t i = 0; (o = option_at(verb, i)) != NULL; i++) {
        ASSERT(i < CLI_MAX_OPTIONS);
        if (str_eq(str_from_cstr(o->name), name)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* --- hints ------------------------------------------------------------------------ */

static size_t least(size_t x, size_t y)
{
    return x < y ? x : y;
}

/* Edits that turn x into y; texts over 40 bytes are as far apart as can be. */
static size_t distance(Str x, Str y)
{
    size_t row[41];
    if (x.len > 40 || y.len > 40)
        return SIZE_MAX;
    for (size_t j = 0; j <= y.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= x.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= y.len; j++) {
            size_t changed = diagonal + (x.ptr[i - 1] == y.ptr[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[y.len];
}

/* Keep in *best whichever of names seen so far is nearest, if it is near at all. */
static void hint(Str typed, const char *name, size_t *nearest, const char **best)
{
    size_t d = distance(typed, str_from_cstr(name));
    if (d < *nearest && d <= 1 + typed.len / 3) {
        *nearest = d;
        *best = name;
    }
}

static int wrong_use(FILE *err, const char *what, Str typed, const char *prefix, const char *best)
{
    fprintf(err, PROGRAM ": %s " STR_FMT, what, STR_ARG(typed));
    if (best != NULL)
        fprintf(err, "; did you mean %s%s?", prefix, best);
    fputc('\n', err);
    return 2;
}

static int unknown_option(const CliVerb *verb, Str typed, FILE *err)
{
    const char      *best = NULL;
    size_t           nearest = SIZE_MAX;
    const CliOption *o;
    Str              name = {typed.ptr + 2, typed.len - 2};
    for (size_t i = 0; (o = option_at(verb, i)) != NULL; i++)
        hint(name, o->name, &nearest, &best);
    hint(name, "help", &nearest, &best);
    wrong_use(err, "unknown option", typed, "--", best);
    fprintf(err, "`" PROGRAM " %s --help` lists the options.\n", verb->name);
    return 2;
}

/* --- help ------------------------------------------------------------------------- */

static void help_option(FILE *out, const char *name, const char *value, const char *doc)
{
    char left[64];
    (void)snprintf(left, sizeof left, "--%s%s%s", name, value != NULL ? " " : "",
                   value != NULL ? value : "");
    fprintf(out, "  %-24s %s", left, doc);
}

static void help_verb(const CliVerb *verb, FILE *out)
{
    const CliOption *o;
    fprintf(out, "usage: " PROGRAM " %s [options]%s%s\n\n%s.\n", verb->name,
            verb->arguments != NULL ? " " : "", verb->arguments != NULL ? verb->arguments : "",
            verb->summary);
    if (verb->detail != NULL)
        fprintf(out, "%s\n", verb->detail);
    fputs("\noptions:\n", out);
    for (size_t i = 0; (o = option_at(verb, i)) != NULL; i++) {
        help_option(out, o->name, o->value, o->doc);
        if (o->fallback != NULL)
            fprintf(out, " (default %s)", o->fallback);
        if (o->variable != NULL)
            fprintf(out, " (or %s)", o->variable);
        fputc('\n', out);
    }
    help_option(out, "help", NULL, "show this text\n");
}

/* All verbs, or those whose name begins with the word `group`. */
static void help_verbs(const CliVerb *verbs, size_t n, Str group, FILE *out)
{
    fprintf(out, "usage: " PROGRAM " " STR_FMT "%sVERB [options]\n\nverbs:\n", STR_ARG(group),
            group.len > 0 ? " " : "");
    for (size_t i = 0; i < n; i++) {
        Str head, tail;
        str_cut(str_from_cstr(verbs[i].name), ' ', &head, &tail);
        if (group.len == 0 || str_eq(head, group))
            fprintf(out, "  %-24s %s\n", verbs[i].name, verbs[i].summary);
    }
    fputs("\n`" PROGRAM " VERB --help` tells more about one.\n", out);
}

/* --- parsing ---------------------------------------------------------------------- */

/* Words of argv that name a verb: 0 none, otherwise 1 or 2. */
static size_t verb_match(const CliVerb *verb, int argc, char *const *argv)
{
    Str head, tail;
    str_cut(str_from_cstr(verb->name), ' ', &head, &tail);
    if (argc < 2 || !str_eq(head, str_from_cstr(argv[1])))
        return 0;
    if (tail.len == 0)
        return 1;
    return argc > 2 && str_eq(tail, str_from_cstr(argv[2])) ? 2 : 0;
}

static int no_verb(const CliVerb *verbs, size_t n, int argc, char *const *argv, FILE *out,
                   FILE *err)
{
    Str  first = argc > 1 ? str_from_cstr(argv[1]) : STR("");
    Str  second = argc > 2 ? str_from_cstr(argv[2]) : STR("");
    bool help = str_eq(first, STR("--help")) || str_eq(first, STR("-h"));
    if (help || str_eq(first, STR("help"))) {
        help_verbs(verbs, n, STR(""), out);
        return 0;
    }
    if (argc < 2) {
        help_verbs(verbs, n, STR(""), err);
        return 2;
    }
    const char *best = NULL;
    size_t      nearest = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        Str head, tail;
        str_cut(str_from_cstr(verbs[i].name), ' ', &head, &tail);
        if (tail.len > 0 && str_eq(head, first)) { /* a group, without its second word */
            bool asked = str_eq(second, STR("--help")) || str_eq(second, STR("-h"));
            if (second.len > 0 && !asked)
                fprintf(err, PROGRAM ": unknown verb %s %s\n", argv[1], argv[2]);
            help_verbs(verbs, n, first, asked ? out : err);
            return asked ? 0 : 2;
        }
        hint(first, verbs[i].name, &nearest, &best);
    }
    wrong_use(err, "unknown verb", first, "", best);
    fputs("`" PROGRAM " --help` lists the verbs.\n", err);
    return 2;
}

/* One option at argv[*i]; moves *i past a value that stands apart. -1: fine. */
static int take_option(Cli *cli, int argc, char *const *argv, int *i)
{
    Str    typed = str_from_cstr(argv[*i]);
    Str    name, value;
    size_t slot;
    bool   has_value = str_cut(typed, '=', &name, &value);
    if (name.len < 3 || !str_starts(name, STR("--")) ||
        !option_find(cli->verb, (Str){name.ptr + 2, name.len - 2}, &slot))
        return str_starts(name, STR("--"))
                   ? unknown_option(cli->verb, name, cli->err)
                   : wrong_use(cli->err, "options begin with two dashes:", name, "", NULL);
    bool takes_value = option_at(cli->verb, slot)->value != NULL;
    if (!takes_value && has_value)
        return wrong_use(cli->err, "takes no value:", name, "", NULL);
    if (!takes_value) {
        cli->values[slot] = "yes";
    } else if (has_value) {
        cli->values[slot] = value.ptr;
    } else if (*i + 1 < argc) {
        cli->values[slot] = argv[++*i];
    } else {
        return wrong_use(cli->err, "needs a value:", name, "", NULL);
    }
    return -1;
}

static int count_arguments(Cli *cli)
{
    size_t least_n = 0, most = 0;
    Str    rest = str_from_cstr(cli->verb->arguments != NULL ? cli->verb->arguments : "");
    Str    name;
    while (rest.len > 0) {
        str_cut(rest, ' ', &name, &rest);
        most++;
        if (name.ptr[0] == '[')
            continue;
        if (++least_n > cli->narguments)
            return wrong_use(cli->err, "missing argument", name, "", NULL);
    }
    if (cli->narguments > most)
        return wrong_use(cli->err, "unexpected argument", cli->arguments[most], "", NULL);
    return -1;
}

/* One dash and a blank somewhere: words to search for, of which the first is not wanted. */
static bool looks_like_option(Str word)
{
    bool dash = word.len > 1 && word.ptr[0] == '-';
    bool words = dash && word.ptr[1] != '-' && memchr(word.ptr, ' ', word.len) != NULL;
    return dash && !words;
}

/* Read what follows the verb. -1: fine, otherwise the exit code. */
static int parse(Cli *cli, int argc, char *const *argv, int from)
{
    bool only_arguments = false;
    for (int i = from; i < argc; i++) {
        Str word = str_from_cstr(argv[i]);
        if (!only_arguments && (str_eq(word, STR("--help")) || str_eq(word, STR("-h")))) {
            help_verb(cli->verb, cli->out);
            return 0;
        }
        if (!only_arguments && str_eq(word, STR("--"))) {
            only_arguments = true;
        } else if (!only_arguments && looks_like_option(word)) {
            int code = take_option(cli, argc, argv, &i);
            if (code >= 0)
                return code;
        } else if (cli->narguments < CLI_MAX_ARGUMENTS) {
            cli->arguments[cli->narguments++] = word;
        } else {
            return wrong_use(cli->err, "unexpected argument", word, "", NULL);
        }
    }
    return count_arguments(cli);
}

static void presets(Cli *cli)
{
    const CliOption *o;
    for (size_t i = 0; (o = option_at(cli->verb, i)) != NULL; i++) {
        cli->values[i] = o->fallback;
        const char *v = o->variable != NULL
                            ? getenv(o->variable) /* NOLINT(concurrency-mt-unsafe): no threads */
                            : NULL;
        if (v != NULL && *v != '\0')
            cli->values[i] = v;
    }
}

/* `rapport help VERB` and `rapport --version`, as other programs have them. */
static void usual_words(int argc, char **argv)
{
    Str first = argc > 1 ? str_from_cstr(argv[1]) : STR("");
    if (str_eq(first, STR("--version")) && argc == 2)
        argv[1] += 2;
    if (!str_eq(first, STR("help")) || argc == 2 || argc > 4)
        return;
    static char help[] = "--help";
    for (int i = 1; i + 1 < argc; i++)
        argv[i] = argv[i + 1];
    argv[argc - 1] = help;
}

int cli_main(const CliVerb *verbs, size_t n, int argc, char **argv, FILE *out, FILE *err)
{
    Cli    cli = {.out = out, .err = err};
    size_t words = 0;
    usual_words(argc, argv);
    for (size_t i = 0; i < n && words == 0; i++) {
        words = verb_match(&verbs[i], argc, argv);
        cli.verb = &verbs[i];
    }
    if (words == 0)
        return no_verb(verbs, n, argc, argv, out, err);
    presets(&cli);
    int code = parse(&cli, argc, argv, 1 + (int)words);
    if (code >= 0)
        return code;
    Err    e = {0};
    Status st = cli.verb->run(&cli, &e);
    if (st != ST_OK && e.msg[0] != '\0') /* empty: the verb has said why */
        fprintf(err, PROGRAM ": %s (%s)\n", e.msg, e.code);
    if (st == ST_OK && (fflush(out) != 0 || ferror(out) != 0)) {
        fputs(PROGRAM ": could not write the result\n", err);
        return 1;
    }
    return st == ST_OK ? 0 : str_eq(str_from_cstr(e.code), STR("app.bad_option")) ? 2 : 1;
}

/* --- for verbs -------------------------------------------------------------------- */

const char *cli_cstr(const Cli *cli, const char *option)
{
    size_t slot = 0;
    bool   found = option_find(cli->verb, str_from_cstr(option), &slot);
    ASSERT(found);
    return cli->values[slot];
}

Str cli_text(const Cli *cli, const char *option)
{
    return str_from_cstr(cli_cstr(cli, option));
}

bool cli_flag(const Cli *cli, const char *option)
{
    return cli_cstr(cli, option) != NULL;
}

Status cli_i64(const Cli *cli, const char *option, int64_t min, int64_t max, int64_t *ret, Err *err)
{
    int64_t v;
    if (!str_parse_i64(cli_text(cli, option), &v) || v < min || v > max)
        return err_set(err, ST_INVALID, "app.bad_option",
                       "--%s needs a whole number from %lld to %lld", option, (long long)min,
                       (long long)max);
    *ret = v;
    return ST_OK;
}

/* --- progress --------------------------------------------------------------------- */

CliProgress cli_progress(const Cli *cli, const char *what)
{
    bool terminal = isatty(fileno(cli->err)) == 1;
    return (CliProgress){.out = terminal ? cli->err : NULL, .what = what, .started = clock_now()};
}

void cli_progress_at(CliProgress *p, int64_t done, int64_t total)
{
    enum { WIDTH = 30 };
    UnixMs now = p->out != NULL ? clock_now() : (UnixMs){0};
    if (p->out == NULL || now.v - p->started.v < 1000 || now.v - p->shown.v < 100)
        return;
    p->shown = now;
    if (total <= 0) {
        fprintf(p->out, "\r\033[K%s %lld", p->what, (long long)done);
    } else {
        int64_t share = done >= total ? 1000 : (int64_t)((double)done / (double)total * 1000);
        char    bar[WIDTH + 1];
        for (int i = 0; i < WIDTH; i++)
            bar[i] = i * 1000 < share * WIDTH ? '#' : '.';
        bar[WIDTH] = '\0';
        fprintf(p->out, "\r\033[K%s [%s] %lld.%lld%%", p->what, bar, (long long)(share / 10),
                (long long)(share % 10));
    }
    (void)fflush(p->out);
}

void cli_progress_end(CliProgress *p)
{
    if (p->out != NULL && p->shown.v != 0)
        fputs("\r\033[K", p->out);
    p->out = NULL;
}
