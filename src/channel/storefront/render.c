#include "channel/storefront/render.h"

#include "base/log.h"
#include "channel/storefront/object.h"
#include "channel/storefront/part.h"
#include "channel/storefront/storefront_int.h"
#include "http/http_etag.h"

#include <string.h>

enum { OUTPUT_MAX = 8 << 20, MEMORY_MAX = 64 << 20, TIME_MAX_MS = 2000, PAGE_USUAL = 48 << 10 };

/* --- sections
 * --------------------------------------------------------------------------------------- */

static void write(LiquidCx *cx, const char *z)
{
    liquid_write(cx, str_from_cstr(z));
}

static void write_text(LiquidCx *cx, Str s)
{
    liquid_write_value(cx, liquid_text(s));
}

static void set_section(Visit *v, const ThemeSection *s, LiquidValue object)
{
    v->section = s;
    v->globals[0].value = object; /* the section itself */
}

static void open_tag(LiquidCx *cx, const ThemeSection *s)
{
    if (s->def->tag.len == 0)
        return;
    write(cx, "<");
    liquid_write(cx, s->def->tag);
    write(cx, " id=\"shopify-section-");
    write_text(cx, s->id);
    write(cx, "\" class=\"shopify-section");
    if (s->def->class.len > 0) {
        write(cx, " ");
        write_text(cx, s->def->class);
    }
    write(cx, "\">");
}

static void close_tag(LiquidCx *cx, const ThemeSection *s)
{
    if (s->def->tag.len == 0)
        return;
    write(cx, "</");
    liquid_write(cx, s->def->tag);
    write(cx, ">");
}

void render_section(LiquidCx *cx, const ThemeSection *s, int64_t index)
{
    Visit              *v = liquid_host(cx);
    const ThemeSection *outer = v->section;
    LiquidValue         outer_object = v->globals[0].value;
    if (s->disabled)
        return;
    v->nsections++;
    open_tag(cx, s);
    if (s->def->template == NULL) {
        write_text(cx, s->def->error);
    } else {
        LiquidPair name = {STR("section"), object_section(v, s, index)};
        set_section(v, s, name.value);
        liquid_render_other(cx, s->def->template, &name, 1);
    }
    set_section(v, outer, outer_object);
    close_tag(cx, s);
}

/* "div#id.class[a=b]" as a tag. */
static void open_wrapper(LiquidCx *cx, Str w)
{
    size_t n = 0;
    while (n < w.len && strchr("#.[", w.ptr[n]) == NULL)
        n++;
    Str name = str_head(w, n);
    write(cx, "<");
    liquid_write(cx, name);
    for (size_t i = n; i < w.len;) {
        char   kind = w.ptr[i++];
        size_t from = i;
        while (i < w.len && strchr(kind == '[' ? "]" : "#.[", w.ptr[i]) == NULL)
            i++;
        Str part = {w.ptr + from, i - from}, key, value;
        if (kind == '#' || kind == '.') {
            write(cx, kind == '#' ? " id=\"" : " class=\"");
            write_text(cx, part);
        } else if (str_cut(part, '=', &key, &value) && !str_starts(key, STR("on"))) {
            write(cx, " ");
            write_text(cx, key);
            write(cx, "=\"");
            write_text(cx, value);
        } else {
            continue;
        }
        write(cx, "\"");
        i += kind == '[';
    }
    write(cx, ">");
}

static void close_wrapper(LiquidCx *cx, Str w)
{
    size_t n = 0;
    while (n < w.len && strchr("#.[", w.ptr[n]) == NULL)
        n++;
    write(cx, "</");
    liquid_write(cx, str_head(w, n));
    write(cx, ">");
}

static void render_or_write(LiquidCx *cx, const ThemeSection *s, int64_t index)
{
    PartStart start;
    Visit    *v = liquid_host(cx);
    if (s->disabled || part_begin(cx, v, s, &start))
        return;
    render_section(cx, s, index);
    part_end(cx, v, s, &start);
}

void render_group(LiquidCx *cx, const ThemePage *page)
{
    bool wrapped = page->wrapper.len > 0;
    if (wrapped)
        open_wrapper(cx, page->wrapper);
    for (size_t i = 0; i < page->nsections; i++)
        render_or_write(cx, &page->sections[i], (int64_t)i + 1);
    if (wrapped)
        close_wrapper(cx, page->wrapper);
}

/* --- renderings
 * ----------------------------------------------------------------------------------------- */

static int32_t zone_offset(void *arg, int64_t unix_s, char name[static 8])
{
    const Visit *v = arg;
    int32_t      offset = locale_zone_offset(v->shop->time_zone, unix_s);
    name[0] = '\0';
    if (offset == 0)
        memcpy(name, "UTC", 4);
    return offset;
}

static Status run(Visit *v, const LiquidTemplate *t, Buf *out)
{
    LiquidError  e;
    LiquidRender r = {
        .arena = visit_arena(v),
        .out = out,
        .globals = v->globals,
        .nglobals = v->nglobals,
        .limits = {.output = OUTPUT_MAX, .memory = MEMORY_MAX, .time_ms = TIME_MAX_MS},
        .now = v->cx->now,
        .offset_at = zone_offset,
        .offset_arg = v,
        .host = v};
    Status st = liquid_render(t, &r, &e);
    v->render = NULL;
    if (r.errors > 0)
        log_event(LOG_WARN, "storefront.template_error", log_s("template", r.first.template),
                  log_i("line", r.first.line), log_s("message", r.first.detail),
                  log_i("errors", (int64_t)r.errors));
    if (st != ST_OK)
        return cx_fail(v->cx, ST_LIMIT, "storefront.template_limit", STR_FMT, STR_ARG(e.message));
    return ST_OK;
}

/* {{ content_for_layout }}: the page's sections are rendered where it stands. */
static LiquidValue content_text(LiquidCx *cx, const void *self)
{
    const Visit *v = self;
    render_group(cx, v->template);
    return liquid_html(STR(""));
}

static const LiquidDropType content_type = {.name = "content_for_layout", .text = content_text};

static void set_globals(Visit *v)
{
    LiquidGlobal own[VISIT_GLOBALS];
    size_t       n = v->nglobals;
    memcpy(own, v->globals, n * sizeof *own);
    v->nglobals = 0;
    visit_global(v, "section", liquid_nil()); /* the first: see set_section() */
    for (size_t i = 0; i < n; i++)
        v->globals[v->nglobals++] = own[i];
    object_globals(v);
}

/* A page of a .liquid file is rendered before its layout, which it may choose. */
static Status render_liquid(Visit *v, LiquidValue *ret)
{
    CLEANUP(buf_done) Buf body = {0};
    buf_init(&body, OUTPUT_MAX);
    TRY(run(v, v->template->template, &body));
    *ret = liquid_html(str_dup(visit_arena(v), buf_str(&body)));
    return ST_OK;
}

/* Pages that not every theme draws: those of the built-in one are shown instead. */
static bool is_own_page(Str kind)
{
    return str_starts(kind, STR("customers/")) || str_eq(kind, STR("checkout")) ||
           str_eq(kind, STR("order")) || str_eq(kind, STR("track"));
}

static Status find_template(Visit *v)
{
    v->template = theme_page(v->theme, v->kind, v->suffix);
    if (v->template == NULL && is_own_page(v->kind) && storefront_own_theme(v) == ST_OK)
        v->template = theme_page(v->theme, v->kind, v->suffix);
    if (v->template == NULL)
        return cx_fail(v->cx, ST_NOT_FOUND, "storefront.no_template",
                       "the theme has no template " STR_FMT, STR_ARG(v->kind));
    if (v->template->error.len > 0)
        return cx_fail(v->cx, ST_IO, "storefront.bad_template", "templates/" STR_FMT ": " STR_FMT,
                       STR_ARG(v->template->name), STR_ARG(v->template->error));
    Str dot = str_skip(v->template->name, v->kind.len);
    v->suffix = str_starts(dot, STR(".")) ? str_skip(dot, 1) : STR("");
    v->layout = v->template->layout;
    return ST_OK;
}

static void add_hints(Visit *v, HttpResp *rs)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 4096);
    for (size_t i = 0; i < v->nhints; i++) {
        if (str_find(v->hints[i].url, STR(">")) != SIZE_MAX)
            continue;
        buf_addf(&b, "%s<" STR_FMT ">; rel=preload; as=" STR_FMT "%s", b.len > 0 ? ", " : "",
                 STR_ARG(v->hints[i].url), STR_ARG(v->hints[i].as),
                 str_eq(v->hints[i].as, STR("font")) ? "; crossorigin" : "");
    }
    if (b.len > 0 && !buf_overflowed(&b))
        http_set_header(v->cx, rs, "Link", buf_str(&b));
}

void render_headers(Visit *v, HttpResp *rs)
{
    rs->type = "text/html; charset=utf-8";
    rs->status = v->status;
    http_set_header(v->cx, rs, "Content-Language", v->tag);
    http_set_header(v->cx, rs, "Referrer-Policy", STR("strict-origin-when-cross-origin"));
    if (v->no_index)
        http_set_header(v->cx, rs, "X-Robots-Tag", STR("noindex"));
    rs->csp = csp_of(v, buf_str(&rs->body));
    add_hints(v, rs);
}

Status render_page(Visit *v, HttpResp *rs)
{
    LiquidValue content;
    buf_expect(&rs->body, PAGE_USUAL);
    TRY(find_template(v));
    set_globals(v);
    if (v->template->sections == NULL)
        TRY(render_liquid(v, &content));
    else
        content = liquid_drop(visit_arena(v), &content_type, v);
    visit_global(v, "content_for_layout", content);
    visit_global(v, "content_for_header", head_content(v));
    const ThemePage      *layout = v->layout.len > 0 ? theme_layout(v->theme, v->layout) : NULL;
    const LiquidTemplate *t = layout != NULL ? layout->template : v->theme->bare;
    if (t == NULL)
        return cx_fail(v->cx, ST_INVALID, "storefront.bad_theme", "layout " STR_FMT ": " STR_FMT,
                       STR_ARG(v->layout),
                       STR_ARG(layout != NULL ? layout->error : STR("is missing")));
    TRY(run(v, t, &rs->body));
    render_headers(v, rs);
    return ST_OK;
}

Status render_bare(Visit *v, const LiquidTemplate *t, const char *type, HttpResp *rs)
{
    set_globals(v);
    TRY(run(v, t, &rs->body));
    render_headers(v, rs);
    rs->type = type;
    return ST_OK;
}

/* --- single sections
 * -------------------------------------------------------------------------------------- */

typedef struct Part {
    const ThemeSection *section;
} Part;

static LiquidValue part_text(LiquidCx *cx, const void *self)
{
    const Part *p = self;
    render_section(cx, p->section, 0);
    return liquid_html(STR(""));
}

static const LiquidDropType part_type = {.name = "section", .text = part_text};

static const ThemeSection *in_page(const ThemePage *page, Str id)
{
    for (size_t i = 0; page != NULL && i < page->nsections; i++)
        if (str_eq(page->sections[i].id, id))
            return &page->sections[i];
    return NULL;
}

/* By its full id on this page or in a group, else a section file by its name. */
static const ThemeSection *find_section(Visit *v, Str id)
{
    const ThemeSection *s = in_page(v->template, id);
    const MapSlot      *slot;
    size_t              at = 0;
    while (s == NULL && (slot = map_next(&v->theme->groups, &at)) != NULL)
        s = in_page(slot->value.p, id);
    const SectionDef *def = s == NULL ? theme_section(v->theme, id) : NULL;
    if (def == NULL)
        return s;
    ThemeSection *alone = arena_new(visit_arena(v), ThemeSection);
    *alone = (ThemeSection){.id = id, .def = def};
    return alone;
}

static Status render_one(Visit *v, const ThemeSection *s, Buf *out)
{
    Part *p = arena_new(visit_arena(v), Part);
    p->section = s;
    v->globals[v->nglobals - 1].value = liquid_drop(visit_arena(v), &part_type, p);
    return run(v, v->theme->bare, out);
}

static Status each_section(Visit *v, Str ids, Json *j)
{
    Str id;
    for (int i = 0; ids.len > 0 && i < RENDER_SECTIONS_MAX; i++) {
        str_cut(ids, ',', &id, &ids);
        const ThemeSection   *s = find_section(v, str_trim(id));
        CLEANUP(buf_done) Buf html = {0};
        buf_init(&html, OUTPUT_MAX);
        json_key(j, str_trim(id));
        if (s == NULL) {
            json_null(j, NULL);
            continue;
        }
        TRY(render_one(v, s, &html));
        json_str(j, NULL, buf_str(&html));
    }
    return ST_OK;
}

Status render_sections(Visit *v, Str ids, bool alone, HttpResp *rs)
{
    if (find_template(v) != ST_OK)
        v->template = NULL; /* sections of their own need none */
    v->section_only = true;
    v->no_index = true;
    set_globals(v);
    visit_global(v, "content_for_layout", liquid_nil());
    if (!alone) {
        Json j = json_begin(&rs->body);
        json_obj(&j, NULL);
        TRY(each_section(v, ids, &j));
        json_end(&j);
        render_headers(v, rs);
        rs->type = "application/json";
        return ST_OK;
    }
    const ThemeSection *s = find_section(v, ids);
    if (s == NULL)
        return cx_fail(v->cx, ST_NOT_FOUND, "storefront.no_section", "no section of this id");
    TRY(render_one(v, s, &rs->body));
    render_headers(v, rs);
    return ST_OK;
}
