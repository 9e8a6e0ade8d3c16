/* The tags that themes have besides the language's. */
#include "channel/storefront/list_object.h"
#include "channel/storefront/object.h"
#include "channel/storefront/render.h"

#include "http/http_csrf.h"

#include <string.h>

/* --- sections, layouts -------------------------------------------------------------------------
 */

/* {% section 'x' %}: its settings stand in config/settings_data.json. */
static void tag_section(LiquidCx *cx, const LiquidTagCall *call)
{
    Visit            *v = liquid_host(cx);
    Str               type = liquid_to_text(cx, liquid_arg(&call->args, 0));
    const SectionDef *def = theme_section(v->theme, type);
    if (def == NULL) {
        liquid_fail(cx, "Error in tag 'section' - '" STR_FMT "' is not a valid section type",
                    STR_ARG(type));
        return;
    }
    const JsonValue *all = json_get(v->theme->values, STR("sections"));
    ThemeSection    *s = arena_new(visit_arena(v), ThemeSection);
    *s = (ThemeSection){
        .id = type, .def = def, .settings = json_get(json_get(all, type), STR("settings"))};
    render_section(cx, s, 0);
}

static void tag_sections(LiquidCx *cx, const LiquidTagCall *call)
{
    Visit           *v = liquid_host(cx);
    Str              name = liquid_to_text(cx, liquid_arg(&call->args, 0));
    const ThemePage *group = theme_group(v->theme, name);
    if (group == NULL)
        liquid_fail(cx, "there is no section group '" STR_FMT "'", STR_ARG(name));
    else
        render_group(cx, group);
}

static void tag_layout(LiquidCx *cx, const LiquidTagCall *call)
{
    Visit      *v = liquid_host(cx);
    LiquidValue name = liquid_arg(&call->args, 0);
    v->layout = name.type == LIQUID_TEXT ? str_dup(visit_arena(v), liquid_str(name)) : STR("");
}

static void tag_style(LiquidCx *cx, const LiquidTagCall *call)
{
    liquid_write(cx, STR("<style>"));
    liquid_render_body(cx, call);
    liquid_write(cx, STR("</style>"));
}

/* --- form
 * ------------------------------------------------------------------------------------------ */

static const struct {
    const char *type, *action;
    bool        file;
} FORMS[] = {
    {"product", "/cart/add", false},
    {"cart", "/cart", false},
    {"localization", "/localization", false},
    {"currency", "/localization", false},
    {"customer_login", "/account/login", false},
    {"create_customer", "/account/register", false},
    {"customer", "/contact#newsletter", false},
    {"recover_customer_password", "/account/recover", false},
    {"reset_customer_password", "/account/reset", false},
    {"activate_customer_password", "/account/activate", false},
    {"customer_address", "/account/addresses", false},
    {"guest_login", "/account/login", false},
    {"contact", "/contact", false},
    {"new_comment", "/contact", false},
    {"storefront_password", "/password", false},
};

static bool form_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    const Visit *v = self;
    visit_reads_page(liquid_host(cx));
    LiquidValue given = v->form.type != LIQUID_NIL ? liquid_get(cx, v->form, key) : liquid_nil();
    if (given.type == LIQUID_NIL && str_eq(key, STR("posted_successfully?")))
        given = liquid_bool(false);
    *ret = given;
    return given.type != LIQUID_NIL;
}

static const LiquidDropType form_type = {.name = "FormDrop", .get = form_get};

static void write_attribute(LiquidCx *cx, const char *name, LiquidValue value)
{
    if (value.type == LIQUID_NIL)
        return;
    liquid_write(cx, STR(" "));
    liquid_write(cx, str_from_cstr(name));
    liquid_write(cx, STR("=\""));
    liquid_write_value(cx, liquid_text(liquid_to_text(cx, value)));
    liquid_write(cx, STR("\""));
}

static void hidden(LiquidCx *cx, const char *name, Str value)
{
    liquid_write(cx, STR("<input type=\"hidden\""));
    write_attribute(cx, "name", liquid_text(str_from_cstr(name)));
    write_attribute(cx, "value", liquid_text(value));
    liquid_write(cx, STR(">"));
}

/* The path of this page: a hole in a part that is kept for other pages. */
static void return_here(LiquidCx *cx, Visit *v)
{
    VisitTrace *t = v->trace;
    liquid_write(cx, STR("<input type=\"hidden\" name=\"return_to\" value=\""));
    size_t from = liquid_written(cx);
    liquid_write_value(cx, liquid_text(v->raw));
    if (t != NULL && t->nholes < VISIT_HOLES)
        t->holes[t->nholes++] = (VisitHole){from, liquid_written(cx) - from};
    else
        visit_reads_page(v);
    liquid_write(cx, STR("\">"));
}

static void form_attributes(LiquidCx *cx, const LiquidArgs *args)
{
    for (size_t i = 0; i < args->nnamed; i++) {
        const LiquidPair *p = &args->named[i];
        char              name[64];
        if (str_eq(p->key, STR("return_to")) || str_eq(p->key, STR("action")) ||
            str_eq(p->key, STR("method")) || p->key.len >= sizeof name ||
            str_eq_nocase(str_head(p->key, 2), STR("on")))
            continue;
        (void)snprintf(name, sizeof name, STR_FMT, STR_ARG(p->key));
        write_attribute(cx, name, p->value);
    }
}

static void tag_form(LiquidCx *cx, const LiquidTagCall *call)
{
    Visit      *v = liquid_host(cx);
    Str         type = liquid_to_text(cx, liquid_arg(&call->args, 0));
    const char *action = NULL;
    for (size_t i = 0; i < COUNT_OF(FORMS); i++)
        if (str_eq(type, str_from_cstr(FORMS[i].type)))
            action = FORMS[i].action;
    if (action == NULL) {
        liquid_fail(cx, "unknown form type '" STR_FMT "'", STR_ARG(type));
        return;
    }
    LiquidValue back = liquid_named(&call->args, STR("return_to"));
    Str         to = visit_url(v, str_from_cstr(action));
    LiquidValue thing = liquid_get(cx, liquid_arg(&call->args, 1), STR("id"));
    if (str_eq(type, STR("customer_address")) && thing.type == LIQUID_TEXT)
        to = visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, STR_FMT "/" STR_FMT, STR_ARG(to),
                        STR_ARG(liquid_str(thing)));
    liquid_write(cx, STR("<form method=\"post\""));
    write_attribute(cx, "action", liquid_text(to));
    liquid_write(cx, STR(" accept-charset=\"UTF-8\""));
    form_attributes(cx, &call->args);
    liquid_write(cx, STR(">"));
    hidden(cx, "form_type", type);
    if (v->cx->actor.session != 0)
        visit_reads_page(v);
    if (v->cx->actor.session != 0)
        hidden(cx, "csrf_token", http_csrf_token(v->cx));
    if (back.type == LIQUID_TEXT)
        hidden(cx, "return_to", liquid_str(back));
    else if (str_eq(str_from_cstr(action), STR("/localization")))
        return_here(cx, v);
    if (liquid_enter(cx)) {
        liquid_set(cx, STR("form"), liquid_drop(visit_arena(v), &form_type, v));
        liquid_render_body(cx, call);
        liquid_leave(cx);
    }
    liquid_write(cx, STR("</form>"));
}

/* --- paginate
 * ---------------------------------------------------------------------------------------- */

static Str page_url(Visit *v, int64_t page)
{
    char digits[24];
    int  n = snprintf(digits, sizeof digits, "%lld", (long long)page);
    Str  query = visit_query_with(v, STR("page"), page > 1 ? (Str){digits, (size_t)n} : (Str){0});
    return visit_urlf(v, STR_FMT STR_FMT, STR_ARG(v->raw), STR_ARG(query));
}

static LiquidValue page_part(Visit *v, int64_t page, Str title, bool link)
{
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 3);
    p[0] = (LiquidPair){STR("title"), liquid_text(title)};
    p[1] = (LiquidPair){STR("is_link"), liquid_bool(link)};
    p[2] = (LiquidPair){STR("url"), link ? liquid_text(page_url(v, page)) : liquid_nil()};
    return liquid_map(visit_arena(v), p, link ? 3 : 2);
}

static Str number(Visit *v, int64_t n)
{
    char room[24];
    int  len = snprintf(room, sizeof room, "%lld", (long long)n);
    return str_dup(visit_arena(v), (Str){room, (size_t)len});
}

/* 1 … 4 [5] 6 … 20 */
static LiquidValue page_parts(Visit *v, int64_t current, int64_t pages)
{
    enum { PARTS_MAX = 16, AROUND = 2 };
    LiquidValue *parts = arena_array(visit_arena(v), LiquidValue, PARTS_MAX);
    size_t       n = 0;
    int64_t      last = 0;
    for (int64_t i = 1; i <= pages; i++) {
        if (i > 1 && i < pages && (i < current - AROUND || i > current + AROUND)) {
            i = i < current - AROUND ? current - AROUND - 1 : pages - 1;
            continue;
        }
        if (i > last + 1)
            parts[n++] = page_part(v, 0, STR("…"), false);
        parts[n++] = page_part(v, i, number(v, i), i != current);
        last = i;
    }
    return object_list(v, parts, n);
}

static LiquidValue paginate_object(Visit *v, int64_t items, int64_t size, int64_t page)
{
    int64_t     pages = size > 0 ? (items + size - 1) / size : 0;
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 9);
    p[0] = (LiquidPair){STR("current_page"), liquid_int(page)};
    p[1] = (LiquidPair){STR("current_offset"), liquid_int((page - 1) * size)};
    p[2] = (LiquidPair){STR("items"), liquid_int(items)};
    p[3] = (LiquidPair){STR("page_size"), liquid_int(size)};
    p[4] = (LiquidPair){STR("pages"), liquid_int(pages)};
    p[5] = (LiquidPair){STR("page_param"), liquid_text(STR("page"))};
    p[6] = (LiquidPair){STR("parts"), page_parts(v, page, pages)};
    p[7] = (LiquidPair){STR("previous"),
                        page > 1 ? page_part(v, page - 1, STR("«"), true) : liquid_nil()};
    p[8] = (LiquidPair){STR("next"),
                        page < pages ? page_part(v, page + 1, STR("»"), true) : liquid_nil()};
    return liquid_map(visit_arena(v), p, 9);
}

static int64_t page_size(LiquidValue v)
{
    int64_t n = v.type == LIQUID_INT ? v.i : 0;
    if (v.type == LIQUID_TEXT && !str_parse_i64(liquid_str(v), &n))
        n = 0;
    if (v.type == LIQUID_REAL && v.r >= 1 && v.r <= LIST_WINDOW_MAX)
        n = (int64_t)v.r;
    return n < 1 ? LIST_WINDOW : n > LIST_WINDOW_MAX ? LIST_WINDOW_MAX : n;
}

static void tag_paginate(LiquidCx *cx, const LiquidTagCall *call)
{
    Visit      *v = liquid_host(cx);
    LiquidValue things = liquid_arg(&call->args, 0);
    int64_t     size = page_size(liquid_arg(&call->args, 1));
    ListObject *list = list_of_value(things);
    visit_reads_page(v);
    int64_t items = list != NULL ? list_total(v, list) : (int64_t)liquid_count(cx, things);
    int64_t pages = (items + size - 1) / size, page = v->page_number;
    if (page > pages)
        page = pages > 0 ? pages : 1;
    if (list != NULL)
        list_move(list, (page - 1) * size, size);
    if (liquid_enter(cx)) {
        liquid_set(cx, STR("paginate"), paginate_object(v, items, size, page));
        liquid_render_body(cx, call);
        liquid_leave(cx);
    }
    if (list != NULL)
        list_move(list, 0, LIST_WINDOW);
}

const LiquidTag storefront_tags[] = {
    {"section", LIQUID_TAG_LINE, NULL, 1, 1, tag_section},
    {"sections", LIQUID_TAG_LINE, NULL, 1, 1, tag_sections},
    {"layout", LIQUID_TAG_LINE, NULL, 1, 1, tag_layout},
    {"form", LIQUID_TAG_BODY, NULL, 1, 4, tag_form},
    {"paginate", LIQUID_TAG_BODY, "by", 2, 2, tag_paginate},
    {"style", LIQUID_TAG_BODY, NULL, 0, 0, tag_style},
    {"schema", LIQUID_TAG_RAW, NULL, 0, 0, NULL},
    {"stylesheet", LIQUID_TAG_RAW, NULL, 0, 1, NULL},
    {"javascript", LIQUID_TAG_RAW, NULL, 0, 0, NULL},
};
const size_t storefront_ntags = COUNT_OF(storefront_tags);
