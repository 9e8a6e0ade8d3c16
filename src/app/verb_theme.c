#include "app/theme_served.h"
#include "app/verbs.h"

#include "liquid/theme.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 5000, FILE_MAX = 4 << 20, NAME_SIZE = 300, SAID_MAX = 1000 };

typedef struct ThemeFile {
    Str path;                       /* "snippets/card.liquid", from the theme's folder */
    const LiquidTemplate *template; /* NULL: not Liquid, or does not compile */
} ThemeFile;

typedef struct Remark {
    Str path, text;
} Remark;

typedef struct Check {
    Cli             *cli;
    Arena           *a;
    int              root;
    Liquid          *lq;
    ThemeFile        files[FILES_MAX];
    size_t           n;
    const JsonValue *texts;    /* of the default locale; NULL: the theme has none */
    bool             includes; /* some template includes another */
    size_t           problems;
    Remark           said[SAID_MAX];
    size_t           nsaid;
} Check;

/* --- files ---------------------------------------------------------------------------------- */

static bool read_file(Check *c, Str path, Str *ret)
{
    int         fd = openat(c->root, str_cstr(c->a, path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    if (fd < 0)
        return false;
    bool  ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX;
    char *p = arena_alloc(c->a, ok ? (size_t)st.st_size + 1 : 1, 1);
    for (size_t got = 0; ok && got < (size_t)st.st_size;) {
        ssize_t n = read(fd, p + got, (size_t)st.st_size - got);
        ok = n > 0;
        got += ok ? (size_t)n : 0;
    }
    close(fd);
    *ret = (Str){p, ok ? (size_t)st.st_size : 0};
    return ok;
}

static bool exists(const Check *c, const char *folder, Str name, const char *ending)
{
    char path[NAME_SIZE];
    int  n = snprintf(path, sizeof path, "%s/" STR_FMT "%s", folder, STR_ARG(name), ending);
    return n > 0 && (size_t)n < sizeof path && faccessat(c->root, path, R_OK, 0) == 0;
}

static bool ends_with(Str s, const char *end)
{
    size_t n = strlen(end);
    return s.len >= n && str_eq((Str){s.ptr + s.len - n, n}, str_from_cstr(end));
}

/* All files of a folder and the folders in it, by name. */
static void find_files(Check *c, const char *folder, int depth)
{
    int  fd = openat(c->root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct dirent *e;
    while ((e = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        char path[NAME_SIZE];
        int  n = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof path)
            continue;
        Str name = str_from_cstr(path);
        if ((ends_with(name, ".liquid") || ends_with(name, ".json")) && c->n < FILES_MAX)
            c->files[c->n++].path = str_dup(c->a, name);
        else if (depth < 4)
            find_files(c, path, depth + 1);
    }
    (void)closedir(dir);
}

static int by_path(const void *x, const void *y)
{
    const ThemeFile *a = x, *b = y;
    return strcmp(a->path.ptr, b->path.ptr);
}

/* --- saying --------------------------------------------------------------------------------------
 */

static void say(Check *c, Str path, uint32_t line, uint32_t column, const char *what, Str name)
{
    fprintf(c->cli->out, STR_FMT ":%u:%u: %s" STR_FMT "\n", STR_ARG(path), line, column, what,
            STR_ARG(name));
    c->problems++;
    if (c->nsaid < COUNT_OF(c->said))
        c->said[c->nsaid++] = (Remark){path, name.len > 0 ? name : str_from_cstr(what)};
}

/* --- one template --------------------------------------------------------------------------------
 */

static void compile_file(Check *c, ThemeFile *f)
{
    Str         source;
    LiquidError e = {0};
    if (!read_file(c, f->path, &source)) {
        say(c, f->path, 1, 1, "cannot be read", STR(""));
        return;
    }
    if (liquid_compile(c->lq, f->path, source, &f->template, &e) != ST_OK) {
        say(c, f->path, e.line, e.column, "", e.detail);
        return;
    }
    for (size_t i = 0; i < liquid_warnings(f->template); i++) {
        const LiquidError *w = liquid_warning(f->template, i);
        say(c, f->path, w->line, w->column, "", w->detail);
    }
    const LiquidFact *facts;
    size_t            n = liquid_facts(f->template, &facts);
    for (size_t i = 0; i < n; i++)
        c->includes = c->includes || facts[i].kind == LIQUID_FACT_INCLUDE;
}

static bool is_used_in(const LiquidTemplate *t, Str name)
{
    const LiquidFact *facts;
    size_t            n = t != NULL ? liquid_facts(t, &facts) : 0;
    for (size_t i = 0; i < n; i++)
        if (facts[i].kind == LIQUID_FACT_GET && str_eq(facts[i].name, name))
            return true;
    return false;
}

/* Where templates include each other, a name that is set in one may be meant for another. */
static bool is_used(const Check *c, const LiquidTemplate *t, Str name)
{
    if (!c->includes)
        return is_used_in(t, name);
    for (size_t i = 0; i < c->n; i++)
        if (is_used_in(c->files[i].template, name))
            return true;
    return false;
}

/* Is there a text, or plural forms of one, under "cart.title"? */
static bool has_text(const JsonValue *texts, Str key)
{
    Str part;
    while (key.len > 0 && texts != NULL) {
        str_cut(key, '.', &part, &key);
        texts = json_get(texts, part);
    }
    return texts != NULL && (texts->type == JSON_STRING ||
                             (texts->type == JSON_OBJECT && json_get(texts, STR("other")) != NULL));
}

static void check_tag(Check *c, Str path, const LiquidFact *f)
{
    Str tag, name;
    str_cut(f->name, ' ', &tag, &name);
    if (str_eq(tag, STR("section")) && !exists(c, "sections", name, ".liquid"))
        say(c, path, f->line, f->column, "no section called ", name);
    if (str_eq(tag, STR("sections")) && !exists(c, "sections", name, ".json"))
        say(c, path, f->line, f->column, "no section group called ", name);
    if (str_eq(tag, STR("layout")) && !exists(c, "layout", name, ".liquid") &&
        !str_eq(name, STR("none")))
        say(c, path, f->line, f->column, "no layout called ", name);
}

static void check_fact(Check *c, const ThemeFile *file, const LiquidFact *f)
{
    switch (f->kind) {
    case LIQUID_FACT_FILTER:
        if (!liquid_is_shop_filter(f->name))
            say(c, file->path, f->line, f->column, "unknown filter ", f->name);
        break;
    case LIQUID_FACT_RENDER:
    case LIQUID_FACT_INCLUDE:
        if (f->name.len > 0 && !exists(c, "snippets", f->name, ".liquid"))
            say(c, file->path, f->line, f->column, "no snippet called ", f->name);
        break;
    case LIQUID_FACT_TAG: check_tag(c, file->path, f); break;
    case LIQUID_FACT_TEXT:
        if (c->texts != NULL && !has_text(c->texts, f->name))
            say(c, file->path, f->line, f->column, "no translation of ", f->name);
        break;
    case LIQUID_FACT_SET:
        if (!is_used(c, file->template, f->name))
            say(c, file->path, f->line, f->column, "set but never used: ", f->name);
        break;
    case LIQUID_FACT_GET: break;
    }
}

static void check_template(Check *c, const ThemeFile *file)
{
    const LiquidFact *facts;
    size_t            n = liquid_facts(file->template, &facts), at = 0;
    LiquidImage       image;
    for (size_t i = 0; i < n; i++)
        check_fact(c, file, &facts[i]);
    while (liquid_next_image(file->template, &at, &image)) {
        if (!image.alt)
            say(c, file->path, image.line, image.column, "image without alt", STR(""));
        if (!image.size)
            say(c, file->path, image.line, image.column, "image without width and height", STR(""));
    }
}

/* --- translations
 * ---------------------------------------------------------------------------------- */

/* JSON of Shopify's themes may begin with a comment. */
static Str without_comment(Str s)
{
    Str rest = str_trim(s);
    if (!str_starts(rest, STR("/*")))
        return s;
    const char *end = memmem(rest.ptr, rest.len, "*/", 2);
    return end != NULL ? (Str){end + 2, rest.len - (size_t)(end + 2 - rest.ptr)} : s;
}

static const JsonValue *read_json(Check *c, Str path)
{
    Str              text;
    const JsonValue *v;
    Err              err;
    if (!read_file(c, path, &text)) {
        say(c, path, 1, 1, "cannot be read", STR(""));
        return NULL;
    }
    if (json_parse(c->a, without_comment(text), &v, &err) == ST_OK)
        return v;
    say(c, path, 1, 1, "", str_dup(c->a, str_from_cstr(err.msg)));
    return NULL;
}

/* Plural forms differ from language to language: one text, whatever its forms. */
static bool is_plural(const JsonValue *v)
{
    return v->type == JSON_OBJECT && json_get(v, STR("other")) != NULL;
}

static void compare_texts(Check *c, Str path, Str prefix, const JsonValue *all,
                          const JsonValue *own)
{
    for (size_t i = 0; i < all->n; i++) {
        const JsonMember *m = &all->members[i];
        const JsonValue  *v = json_get(own, m->key);
        char              key[NAME_SIZE];
        int               n = snprintf(key, sizeof key, STR_FMT "%s" STR_FMT, STR_ARG(prefix),
                         prefix.len > 0 ? "." : "", STR_ARG(m->key));
        if (n < 0 || (size_t)n >= sizeof key)
            continue;
        if (v == NULL)
            say(c, path, 1, 1, "no translation of ", (Str){key, (size_t)n});
        else if (m->value.type == JSON_OBJECT && v->type == JSON_OBJECT && !is_plural(&m->value))
            compare_texts(c, path, (Str){key, (size_t)n}, &m->value, v);
    }
}

static bool is_locale(Str path)
{
    return str_starts(path, STR("locales/")) && ends_with(path, ".json") &&
           !ends_with(path, ".schema.json");
}

static void check_locales(Check *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (is_locale(c->files[i].path) && ends_with(c->files[i].path, ".default.json"))
            c->texts = read_json(c, c->files[i].path);
    for (size_t i = 0; i < c->n; i++) {
        Str path = c->files[i].path;
        if (!is_locale(path) || ends_with(path, ".default.json"))
            continue;
        const JsonValue *own = read_json(c, path);
        if (own != NULL && c->texts != NULL && c->texts->type == JSON_OBJECT)
            compare_texts(c, path, STR(""), c->texts, own);
    }
}

/* What the storefront says of it besides: schemas, settings, sections of pages, assets. */
static bool was_said(const Check *c, Str path, Str text)
{
    for (size_t i = 0; i < c->nsaid; i++)
        if (str_eq(c->said[i].path, path) && str_ends(text, c->said[i].text))
            return true;
    return false;
}

static void check_served(Check *c, const char *folder)
{
    Str   *problems;
    size_t n = theme_served_problems(c->a, folder, &problems);
    for (size_t i = 0; i < n; i++) {
        size_t at = str_find(problems[i], STR(": "));
        if (at == SIZE_MAX)
            say(c, STR("."), 1, 1, "", problems[i]);
        else if (!was_said(c, str_head(problems[i], at), str_skip(problems[i], at + 2)))
            say(c, str_head(problems[i], at), 1, 1, "", str_skip(problems[i], at + 2));
    }
}

/* --- the verb
 * ------------------------------------------------------------------------------------------ */

static void check_all(Check *c)
{
    static const char *const FOLDERS[] = {"layout",   "templates", "sections",
                                          "snippets", "blocks",    "locales"};
    for (size_t i = 0; i < COUNT_OF(FOLDERS); i++)
        find_files(c, FOLDERS[i], 0);
    qsort(c->files, c->n, sizeof c->files[0], by_path);
    check_locales(c);
    for (size_t i = 0; i < c->n; i++)
        if (ends_with(c->files[i].path, ".liquid"))
            compile_file(c, &c->files[i]);
    for (size_t i = 0; i < c->n; i++)
        if (c->files[i].template != NULL)
            check_template(c, &c->files[i]);
}

Status verb_theme_check(Cli *cli, Err *err)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    Check *c = arena_new(&a, Check);
    c->cli = cli;
    c->a = &a;
    c->root = open(cli->arguments[0].ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->root < 0)
        return err_set(err, ST_NOT_FOUND, "app.cannot_read", "cannot read the folder %s",
                       cli->arguments[0].ptr);
    const LiquidOptions options = {
        .mode = LIQUID_WARN, .facts = true, .tags = liquid_theme_tags, .ntags = liquid_theme_ntags};
    c->lq = liquid_new(&options);
    check_all(c);
    if (c->n > 0)
        check_served(c, cli->arguments[0].ptr);
    size_t n = c->n, problems = c->problems;
    liquid_free(c->lq);
    close(c->root);
    if (n == 0)
        return err_set(err, ST_NOT_FOUND, "app.no_theme", "%s has none of a theme's folders",
                       cli->arguments[0].ptr);
    fprintf(cli->out, "%zu files, %zu problems\n", n, problems);
    return problems == 0 ? ST_OK : err_set(err, ST_INVALID, "app.said", "%s", "");
}
