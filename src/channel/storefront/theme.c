#include "channel/storefront/theme.h"

#include "base/codec.h"
#include "base/sort.h"
#include "base/utf8.h"
#include "channel/storefront/locale.h"
#include "channel/storefront/part.h"
#include "channel/storefront/theme_int.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void theme_problem(Theme *t, Str path, const char *fmt, ...)
{
    char    text[600];
    va_list ap;
    if (t->nproblems == THEME_PROBLEMS_MAX)
        return;
    int n = snprintf(text, sizeof text, STR_FMT ": ", STR_ARG(path));
    va_start(ap, fmt);
    if (n >= 0 && (size_t)n < sizeof text)
        (void)vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
    va_end(ap);
    t->problems[t->nproblems++] = str_dup(&t->arena, str_from_cstr(text));
}

/* --- finding things ----------------------------------------------------------------------------
 */

const ThemeFile *theme_file(const Theme *t, Str path)
{
    size_t low = 0, high = t->nfiles;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int    order = str_cmp(t->files[mid].path, path);
        if (order == 0)
            return &t->files[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static const void *find(const Map *m, Str key)
{
    const MapValue *v = map_get(m, key);
    return v != NULL ? v->p : NULL;
}

const ThemePage *theme_page(const Theme *t, Str kind, Str suffix)
{
    char name[300];
    if (suffix.len > 0 && kind.len + suffix.len < sizeof name - 2) {
        int n = snprintf(name, sizeof name, STR_FMT "." STR_FMT, STR_ARG(kind), STR_ARG(suffix));
        const ThemePage *page = find(&t->pages, (Str){name, (size_t)n});
        if (page != NULL)
            return page;
    }
    return find(&t->pages, kind);
}

const ThemePage *theme_group(const Theme *t, Str name)
{
    return find(&t->groups, name);
}

const ThemePage *theme_layout(const Theme *t, Str name)
{
    return find(&t->layouts, name);
}

const SectionDef *theme_section(const Theme *t, Str type)
{
    return find(&t->sections, type);
}

/* --- compiling ---------------------------------------------------------------------------------
 */

/* Snippets by their name, all else by its path. */
static bool load_source(void *arg, Str name, Arena *a, Str *ret_source)
{
    const Theme *t = arg;
    char         path[300];
    int          n = snprintf(path, sizeof path, "snippets/" STR_FMT ".liquid", STR_ARG(name));
    (void)a;
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    const ThemeFile *file = theme_file(t, (Str){path, (size_t)n});
    if (file == NULL)
        return false;
    *ret_source = file->bytes;
    return true;
}

static const LiquidTemplate *compile(Theme *t, const ThemeFile *file, Str *ret_error)
{
    const LiquidTemplate *template;
    LiquidError e = {0};
    if (liquid_compile(t->liquid, file->path, file->bytes, &template, &e) == ST_OK)
        return template;
    theme_problem(t, file->path, STR_FMT, STR_ARG(e.message));
    *ret_error = str_dup(&t->arena, e.message);
    return NULL;
}

/* "sections/hero.liquid" with "sections/" and ".liquid" -> "hero" */
static bool named(Str path, const char *folder, const char *ending, Str *ret)
{
    Str start = str_from_cstr(folder), end = str_from_cstr(ending);
    if (!str_starts(path, start) || !str_ends(path, end) || path.len <= start.len + end.len)
        return false;
    *ret = (Str){path.ptr + start.len, path.len - start.len - end.len};
    return true;
}

static void put(Theme *t, Map *m, Str path, Str name, void *what)
{
    bool      is_new;
    MapValue *v = map_put(m, name, &is_new);
    if (is_new)
        v->p = what;
    else
        theme_problem(t, path, "there is another file for the same thing");
}

static void read_section(Theme *t, const ThemeFile *file, Str name)
{
    SectionDef *def = arena_new(&t->arena, SectionDef);
    *def = (SectionDef){.type = name, .name = name, .tag = STR("div"), .max_blocks = 50};
    def->template = compile(t, file, &def->error);
    if (def->template != NULL)
        theme_schema(t, def, file->path, liquid_raw_block(def->template, STR("schema")));
    put(t, &t->sections, file->path, name, def);
}

static ThemePage *new_page(Theme *t, Str name)
{
    ThemePage *page = arena_new(&t->arena, ThemePage);
    *page = (ThemePage){.name = name, .layout = STR("theme"), .wrapper = STR("")};
    return page;
}

static void read_liquid_page(Theme *t, const ThemeFile *file, Str name, Map *into)
{
    ThemePage *page = new_page(t, name);
    page->template = compile(t, file, &page->error);
    put(t, into, file->path, name, page);
}

static void read_json_page(Theme *t, const ThemeFile *file, Str name, Map *into)
{
    ThemePage *page = new_page(t, name);
    page->group = into == &t->groups;
    theme_read_page(t, page, file->path, file->bytes);
    put(t, into, file->path, name, page);
}

/* Sections come first: pages refer to them. */
static void read_templates(Theme *t)
{
    Str name;
    for (size_t i = 0; i < t->nfiles; i++)
        if (named(t->files[i].path, "sections/", ".liquid", &name))
            read_section(t, &t->files[i], name);
    for (size_t i = 0; i < t->nfiles; i++) {
        const ThemeFile *file = &t->files[i];
        if (named(file->path, "templates/", ".json", &name))
            read_json_page(t, file, name, &t->pages);
        else if (named(file->path, "templates/", ".liquid", &name))
            read_liquid_page(t, file, name, &t->pages);
        else if (named(file->path, "layout/", ".liquid", &name))
            read_liquid_page(t, file, name, &t->layouts);
        else if (named(file->path, "sections/", ".json", &name))
            read_json_page(t, file, name, &t->groups);
    }
}

/* What {% stylesheet %} or {% javascript %} of all sections and snippets say, as one asset. */
static Str gather(Theme *t, const char *tag, const char *asset)
{
    CLEANUP(buf_done) Buf b = {0};
    Str                   name;
    buf_init(&b, THEME_FILE_MAX);
    for (size_t i = 0; i < t->nfiles; i++) {
        Str path = t->files[i].path;
        if (!named(path, "sections/", ".liquid", &name) &&
            !named(path, "snippets/", ".liquid", &name))
            continue;
        if (str_find(t->files[i].bytes, str_from_cstr(tag)) == SIZE_MAX)
            continue;
        const SectionDef *def = str_starts(path, STR("sections/")) ? theme_section(t, name) : NULL;
        const LiquidTemplate *template = def != NULL ? def->template : NULL;
        LiquidError e;
        if (def == NULL && liquid_load(t->liquid, name, &template, &e) != ST_OK)
            continue;
        Str text = template != NULL ? liquid_raw_block(template, str_from_cstr(tag)) : STR("");
        buf_add(&b, str_trim(text));
        if (text.len > 0)
            buf_addc(&b, '\n');
    }
    if (b.len == 0)
        return STR("");
    return theme_add_asset(t, str_from_cstr(asset), str_dup(&t->arena, buf_str(&b)));
}

static Str revision_of(Theme *t)
{
    crypto_generichash_state h;
    unsigned char            sum[16];
    CLEANUP(buf_done) Buf    b = {0};
    crypto_generichash_init(&h, NULL, 0, sizeof sum);
    for (size_t i = 0; i < t->nfiles; i++) {
        const ThemeFile *f = &t->files[i];
        crypto_generichash_update(&h, (const unsigned char *)f->path.ptr, f->path.len + 1);
        uint64_t size = f->bytes.len;
        crypto_generichash_update(&h, (const unsigned char *)&size, sizeof size);
        crypto_generichash_update(&h, (const unsigned char *)f->bytes.ptr, f->bytes.len);
    }
    crypto_generichash_final(&h, sum, sizeof sum);
    buf_init(&b, 2 * sizeof sum);
    codec_add_hex(&b, (Str){(const char *)sum, sizeof sum});
    return str_dup(&t->arena, buf_str(&b));
}

static int by_path(const void *x, const void *y)
{
    const ThemeFile *a = x, *b = y;
    return str_cmp(a->path, b->path);
}

static Theme *new_theme(void)
{
    static _Atomic int64_t serial;
    Theme                 *t = calloc(1, sizeof *t);
    if (t == NULL)
        base_out_of_memory(sizeof *t);
    arena_init(&t->arena, 64 << 10);
    atomic_init(&t->refs, 1);
    t->serial = atomic_fetch_add(&serial, 1) + 1;
    ASSERT(pthread_mutex_init(&t->pack_lock, NULL) == 0);
    map_init(&t->sections, &t->arena, 64);
    map_init(&t->pages, &t->arena, 64);
    map_init(&t->groups, &t->arena, 8);
    map_init(&t->layouts, &t->arena, 8);
    t->css = t->js = STR("");
    return t;
}

static bool is_text(Str path)
{
    return str_ends(path, STR(".liquid")) || str_ends(path, STR(".json"));
}

static const LiquidTemplate *own(Theme *t, const char *name, const char *source)
{
    const LiquidTemplate *template = NULL;
    LiquidError e;
    ASSERT(liquid_compile(t->liquid, str_from_cstr(name), str_from_cstr(source), &template, &e) ==
           ST_OK);
    return template;
}

static void own_templates(Theme *t)
{
    t->bare = own(t, "bare", "{{ content_for_layout }}");
    t->product = own(t, "product.js", "{{ product | json | raw }}");
    t->cart = own(t, "cart.js", "{{ cart | json | raw }}");
    t->added = own(t, "cart_add.js", "{{ added | json | raw }}");
    t->suggest =
        own(t, "suggest.json",
            "{\"resources\":{\"results\":{{ predictive_search.resources | json | raw }}}}");
    t->related =
        own(t, "related.json", "{\"products\":{{ recommendations.products | json | raw }}}");
}

static Status build(Theme *t, Err *err)
{
    if (t->nfiles > 1)
        qsort(t->files, t->nfiles, sizeof *t->files, by_path);
    t->revision = revision_of(t);
    for (size_t i = 0; i < t->nfiles; i++)
        if (is_text(t->files[i].path) && !utf8_valid(t->files[i].bytes)) {
            theme_problem(t, t->files[i].path, "is not UTF-8");
            t->files[i].bytes = STR("");
        }
    t->parts = parts_new();
    t->liquid = liquid_new(&(LiquidOptions){.mode = LIQUID_LAX,
                                            .load = load_source,
                                            .load_arg = t,
                                            .globals = visit_global_names,
                                            .filters = storefront_filters,
                                            .nfilters = storefront_nfilters,
                                            .tags = storefront_tags,
                                            .ntags = storefront_ntags});
    own_templates(t);
    theme_read_assets(t);
    theme_config(t);
    t->texts = theme_texts_read(t);
    read_templates(t);
    t->css = gather(t, "stylesheet", "sections.css");
    t->js = gather(t, "javascript", "sections.js");
    theme_hash_scripts(t);
    t->says = theme_says(t);
    if (theme_layout(t, STR("theme")) == NULL)
        return err_set(err, ST_INVALID, "storefront.bad_theme", "it has no layout/theme.liquid");
    return ST_OK;
}

static Status finish(Theme *t, Status st, Theme **ret, Err *err)
{
    if (st == ST_OK)
        st = build(t, err);
    if (st == ST_OK)
        *ret = t;
    else
        theme_release(t);
    return st;
}

Status theme_make(const ThemeFile *files, size_t n, Theme **ret, Err *err)
{
    Theme *t = new_theme();
    Status st = ST_OK;
    if (n > THEME_FILES_MAX)
        st = err_set(err, ST_LIMIT, "storefront.bad_theme", "more than %d files", THEME_FILES_MAX);
    t->files = arena_array(&t->arena, ThemeFile, n);
    for (size_t i = 0; st == ST_OK && i < n; i++)
        if (theme_is_path(files[i].path))
            t->files[t->nfiles++] =
                (ThemeFile){str_dup(&t->arena, files[i].path), str_dup(&t->arena, files[i].bytes)};
    return finish(t, st, ret, err);
}

/* What an edit says stands in the place of the file of its path. */
static void put_edits(Theme *t, const ThemeFile *edits, size_t n)
{
    ThemeFile *files = arena_array(&t->arena, ThemeFile, t->nfiles + n + 1);
    if (t->nfiles > 0)
        memcpy(files, t->files, t->nfiles * sizeof *files);
    t->files = files;
    for (size_t i = 0; i < n; i++) {
        Str    bytes = str_dup(&t->arena, edits[i].bytes);
        size_t at = 0;
        while (at < t->nfiles && !str_eq(t->files[at].path, edits[i].path))
            at++;
        if (at < t->nfiles)
            t->files[at].bytes = bytes;
        else
            t->files[t->nfiles++] = (ThemeFile){str_dup(&t->arena, edits[i].path), bytes};
    }
}

Status theme_load_with(const char *folder, const ThemeFile *edits, size_t n, Theme **ret, Err *err)
{
    Theme *t = new_theme();
    Status st = ST_OK;
    if (folder != NULL) {
        st = theme_read_folder(t, folder, err);
    } else {
        t->files = arena_array(&t->arena, ThemeFile, theme_builtin_nfiles);
        for (size_t i = 0; i < theme_builtin_nfiles; i++)
            t->files[t->nfiles++] = theme_builtin_files[i];
    }
    if (st == ST_OK && n > 0)
        put_edits(t, edits, n);
    return finish(t, st, ret, err);
}

Status theme_load(const char *folder, Theme **ret, Err *err)
{
    return theme_load_with(folder, NULL, 0, ret, err);
}

Theme *theme_hold(Theme *theme)
{
    atomic_fetch_add(&theme->refs, 1);
    return theme;
}

void theme_release(Theme *theme)
{
    if (theme == NULL || atomic_fetch_sub(&theme->refs, 1) != 1)
        return;
    for (size_t i = 0; i < theme->nassets; i++) {
        free((void *)(uintptr_t)theme->assets[i].gzip.ptr);
        free((void *)(uintptr_t)theme->assets[i].zstd.ptr);
    }
    theme_texts_free(theme->texts);
    liquid_free(theme->liquid);
    parts_free(theme->parts);
    pthread_mutex_destroy(&theme->pack_lock);
    arena_done(&theme->arena);
    free(theme);
}
