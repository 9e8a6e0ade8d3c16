#include "app/verbs.h"

#include "liquid/liquid.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

const CliOption LIQUID_OPTIONS[] = {
    {"data", "FILE.json", NULL, NULL, "an object: the names that the template sees"},
    {"dir", "FOLDER", NULL, NULL, "where render and include find snippets"},
    {"mode", "MODE", "lax", NULL, "lax, warn, strict or strict2: what malformed markup gets"},
    {"raise", NULL, NULL, NULL, "fail at the first error instead of writing it into the page"},
    {"no-escape", NULL, NULL, NULL, "write values as they are, not escaped for HTML"},
    {"strict-variables", NULL, NULL, NULL, "an unknown variable is an error"},
    {"strict-filters", NULL, NULL, NULL, "an unknown filter is an error"},
    {0},
};

enum { FILE_MAX = 64 << 20, OUTPUT_MAX = 256 << 20 };

/* --- files ------------------------------------------------------------------------------- */

static bool read_all(int fd, size_t size, char *p)
{
    for (size_t got = 0; got < size;) {
        ssize_t n = read(fd, p + got, size - got);
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

/* A whole regular file; `fd` is closed. */
static bool slurp(int fd, Arena *a, Str *ret)
{
    struct stat st;
    if (fd < 0)
        return false;
    bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX;
    if (ok) {
        char *p = arena_alloc(a, (size_t)st.st_size + 1, 1);
        ok = read_all(fd, (size_t)st.st_size, p);
        *ret = (Str){p, (size_t)st.st_size};
    }
    close(fd);
    return ok;
}

static Status read_file(const char *path, Arena *a, Str *ret, Err *err)
{
    if (slurp(open(path, O_RDONLY | O_CLOEXEC), a, ret))
        return ST_OK;
    return err_set(err, ST_NOT_FOUND, "app.cannot_read", "cannot read %s", path);
}

/* --- snippets ------------------------------------------------------------------------------- */

/* No name leads out of the folder: no absolute path, no "..", nothing hidden. */
static bool is_safe(Str name)
{
    if (name.len == 0 || name.len > 255 || name.ptr[0] == '/')
        return false;
    Str rest = name, part;
    while (rest.len > 0) {
        str_cut(rest, '/', &part, &rest);
        if (part.len == 0 || part.ptr[0] == '.')
            return false;
    }
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == '\0' || name.ptr[i] == '\\')
            return false;
    return true;
}

/* NAME.liquid, NAME, or _NAME.liquid. */
static bool load_snippet(void *arg, Str name, Arena *a, Str *ret_source)
{
    int  dir = *(const int *)arg;
    char path[300];
    if (dir < 0 || !is_safe(name))
        return false;
    for (size_t i = 0; i < 3; i++) {
        int n = snprintf(path, sizeof path, "%s" STR_FMT "%s", i == 2 ? "_" : "", STR_ARG(name),
                         i == 1 ? "" : ".liquid");
        if (n > 0 && (size_t)n < sizeof path &&
            slurp(openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), a, ret_source))
            return true;
    }
    return false;
}

/* --- the verb ----------------------------------------------------------------------------------
 */

static Status mode_of(Str s, LiquidMode *ret, Err *err)
{
    static const char *const MODES[] = {"lax", "warn", "strict", "strict2"};
    for (size_t i = 0; i < COUNT_OF(MODES); i++)
        if (str_eq(s, str_from_cstr(MODES[i]))) {
            *ret = (LiquidMode)i;
            return ST_OK;
        }
    return err_set(err, ST_INVALID, "app.bad_option",
                   "--mode is one of lax, warn, strict, strict2, not " STR_FMT, STR_ARG(s));
}

static void say(FILE *out, const char *file, const LiquidError *e)
{
    if (e->template.len > 0)
        fprintf(out, STR_FMT, STR_ARG(e->template));
    else
        fprintf(out, "%s", file);
    if (e->line > 0)
        fprintf(out, ":%u:%u", e->line, e->column);
    fprintf(out, ": " STR_FMT "\n", STR_ARG(e->detail));
}

static Status said(Err *err)
{
    return err_set(err, ST_INVALID, "app.said", "%s", "");
}

/* A limit that was reached replaces the page, as it does in the reference. */
static Status render(Cli *cli, const LiquidTemplate *t, LiquidRender *r, Err *err)
{
    LiquidError e = {0};
    Status      st = liquid_render(t, r, &e);
    if (st != ST_OK && (r->raise || st != ST_LIMIT)) {
        say(cli->err, cli->arguments[0].ptr, &e);
        return said(err);
    }
    Str page = st == ST_OK ? buf_str(r->out) : e.message;
    if (page.len > 0)
        fwrite(page.ptr, 1, page.len, cli->out);
    return ST_OK;
}

static Status compile_and_render(Cli *cli, Liquid *lq, Arena *a, LiquidRender *r, Err *err)
{
    Str                   source;
    const LiquidTemplate *t;
    LiquidError           e = {0};
    TRY(read_file(cli->arguments[0].ptr, a, &source, err));
    if (liquid_compile(lq, cli->arguments[0], source, &t, &e) != ST_OK) {
        say(cli->err, cli->arguments[0].ptr, &e);
        return said(err);
    }
    for (size_t i = 0; i < liquid_warnings(t); i++)
        say(cli->err, cli->arguments[0].ptr, liquid_warning(t, i));
    return render(cli, t, r, err);
}

static void free_engine(Liquid **lq)
{
    liquid_free(*lq);
}

static void close_dir(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

Status verb_liquid(Cli *cli, Err *err)
{
    CLEANUP(arena_done) Arena a;
    CLEANUP(buf_done) Buf     out;
    CLEANUP(close_dir) int    dir = -1;
    LiquidOptions             options = {.plain = cli_flag(cli, "no-escape"), .load_arg = &dir};
    arena_init(&a, 65536);
    buf_init(&out, OUTPUT_MAX);
    LiquidRender r = {.arena = &a, .out = &out, .raise = cli_flag(cli, "raise")};
    TRY(mode_of(cli_text(cli, "mode"), &options.mode, err));
    if (cli_cstr(cli, "dir") != NULL) {
        dir = open(cli_cstr(cli, "dir"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0)
            return err_set(err, ST_NOT_FOUND, "app.cannot_read", "cannot read the folder %s",
                           cli_cstr(cli, "dir"));
        options.load = load_snippet;
    }
    if (cli_cstr(cli, "data") != NULL) {
        Str              text;
        const JsonValue *data;
        TRY(read_file(cli_cstr(cli, "data"), &a, &text, err));
        TRY(json_parse(&a, text, &data, err));
        r.data = liquid_json(data);
    }
    r.strict_variables = cli_flag(cli, "strict-variables");
    r.strict_filters = cli_flag(cli, "strict-filters");
    CLEANUP(free_engine) Liquid *lq = liquid_new(&options);
    return compile_and_render(cli, lq, &a, &r, err);
}
