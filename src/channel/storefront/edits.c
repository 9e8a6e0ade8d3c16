#include "channel/storefront/edits.h"

#include <string.h>

static const ShapeField EDIT_FIELDS[] = {
    SHAPE_TEXT(ThemeEdit, path, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "templates/index.json, config/settings_data.json …"),
    SHAPE_TEXT(ThemeEdit, json, .max = EDIT_MAX, .flags = SHAPE_NULLABLE,
               .doc = "The whole file; null in the past: the theme's own."),
};
static const Shape edit_shape =
    SHAPE_OF(ThemeEdit, "ThemeEdit", EDIT_FIELDS, .doc = "A file of the theme as it was edited.");

static const ShapeField FIELDS[] = {
    SHAPE_LIST(ThemeEdits, files, ThemeEdit, &edit_shape, .max = EDITS_MAX,
               .doc = "Files that stand in for the theme's; change them at /api/v1/theme."),
    SHAPE_LIST(ThemeEdits, past, ThemeEdit, &edit_shape, .max = EDITS_PAST_MAX,
               .doc = "What they were before, the latest last."),
};
const Shape theme_edits_shape =
    SHAPE_OF(ThemeEdits, "ThemeEdits", FIELDS, .doc = "What was changed of the theme.");

const ThemeEdits theme_edits_defaults;
const Setting theme_edits_setting = {"storefront.theme", &theme_edits_shape, &theme_edits_defaults};

bool edits_is_path(Str path)
{
    static const Str FOLDERS[] = {STR_INIT("templates/"), STR_INIT("sections/")};
    if (str_eq(path, STR("config/settings_data.json")))
        return true;
    if (!str_ends(path, STR(".json")) || path.len > 100)
        return false;
    for (size_t i = 0; i < COUNT_OF(FOLDERS); i++) {
        if (!str_starts(path, FOLDERS[i]))
            continue;
        Str name = str_skip(path, FOLDERS[i].len);
        for (size_t k = 0; k < name.len; k++) {
            char c = name.ptr[k];
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || (c == '.' && k > 0)))
                return false;
        }
        return name.len > sizeof ".json" - 1;
    }
    return false;
}

Status edits_read(Cx *cx, ThemeFile **ret, size_t *ret_n, int64_t *ret_version)
{
    ThemeEdits edits;
    TRY(setting_get(cx, &theme_edits_setting, &edits, ret_version));
    *ret = arena_array(cx->arena, ThemeFile, edits.files.n + 1);
    *ret_n = 0;
    for (size_t i = 0; i < edits.files.n; i++)
        if (edits_is_path(edits.files.items[i].path))
            (*ret)[(*ret_n)++] = (ThemeFile){edits.files.items[i].path, edits.files.items[i].json};
    return ST_OK;
}

static ThemeEdit *find(const ThemeEditList *list, Str path)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i].path, path))
            return &list->items[i];
    return NULL;
}

/* The lists with room for one more. */
static void with_room(Arena *a, ThemeEditList *list)
{
    ThemeEdit *more = arena_array(a, ThemeEdit, list->n + 1);
    if (list->n > 0)
        memcpy(more, list->items, list->n * sizeof *more);
    list->items = more;
}

static Status set_file(Cx *cx, ThemeEdits *e, Str path, Str json)
{
    ThemeEdit *known = find(&e->files, path);
    if (json.ptr == NULL) {
        if (known == NULL)
            return cx_fail(cx, ST_NOT_FOUND, "storefront.no_theme_file", "nobody edited this file");
        *known = e->files.items[--e->files.n];
    } else if (known != NULL) {
        known->json = json;
    } else if (e->files.n == EDITS_MAX) {
        return cx_fail(cx, ST_LIMIT, "storefront.too_many_edits", "at most %d files", EDITS_MAX);
    } else {
        e->files.items[e->files.n++] = (ThemeEdit){path, json};
    }
    return ST_OK;
}

static size_t bytes_of(const ThemeEditList *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        n += list->items[i].json.len + list->items[i].path.len;
    return n;
}

/* As much of the past as there is room for beside what is. */
static void remember(ThemeEdits *e, Str path, Str before)
{
    enum { ROOM = SETTING_MAX * 3 / 4 }; /* the rest is what JSON escapes */
    while (e->past.n == EDITS_PAST_MAX ||
           (e->past.n > 0 && bytes_of(&e->files) + bytes_of(&e->past) + before.len > ROOM)) {
        e->past.n--;
        memmove(e->past.items, e->past.items + 1, e->past.n * sizeof *e->past.items);
    }
    e->past.items[e->past.n++] = (ThemeEdit){path, before};
}

/* Build the theme with the edits: what it says of this file is what is wrong with them. */
static Status check(Cx *cx, const char *folder, const ThemeEdits *e, Str path)
{
    ThemeFile *files = arena_array(cx->arena, ThemeFile, e->files.n + 1);
    Theme     *theme;
    for (size_t i = 0; i < e->files.n; i++)
        files[i] = (ThemeFile){e->files.items[i].path, e->files.items[i].json};
    TRY(theme_load_with(folder, files, e->files.n, &theme, &cx->err));
    Str problem = {0};
    for (size_t i = 0; i < theme->nproblems && problem.ptr == NULL; i++)
        if (str_starts(theme->problems[i], path))
            problem = str_dup(cx->arena, theme->problems[i]);
    theme_release(theme);
    return problem.ptr == NULL
               ? ST_OK
               : cx_fail(cx, ST_INVALID, "storefront.bad_theme_file", STR_FMT, STR_ARG(problem));
}

static Status begin(Cx *cx, int64_t version, ThemeEdits *ret)
{
    int64_t now;
    TRY(setting_get(cx, &theme_edits_setting, ret, &now));
    if (now != version)
        return cx_fail(cx, ST_STALE, "core.setting_stale", "somebody else changed the theme");
    with_room(cx->arena, &ret->files);
    with_room(cx->arena, &ret->past);
    return ST_OK;
}

Status edits_put(Cx *cx, const char *folder, int64_t version, Str path, Str json)
{
    ThemeEdits e;
    if (!edits_is_path(path))
        return cx_fail(cx, ST_NOT_FOUND, "storefront.no_theme_file",
                       "settings_data.json, templates and groups of sections can be edited");
    TRY(begin(cx, version, &e));
    const ThemeEdit *known = find(&e.files, path);
    Str              before = known != NULL ? known->json : (Str){0};
    TRY(set_file(cx, &e, path, json));
    if (json.ptr != NULL)
        TRY(check(cx, folder, &e, path));
    remember(&e, path, before);
    return setting_put(cx, &theme_edits_setting, version, &e, NULL);
}

Status edits_undo(Cx *cx, const char *folder, int64_t version, Str *ret_path)
{
    ThemeEdits e;
    TRY(begin(cx, version, &e));
    if (e.past.n == 0)
        return cx_fail(cx, ST_CONFLICT, "storefront.nothing_to_undo", "nothing was changed");
    ThemeEdit last = e.past.items[--e.past.n];
    if (last.json.ptr != NULL || find(&e.files, last.path) != NULL)
        TRY(set_file(cx, &e, last.path, last.json));
    if (last.json.ptr != NULL)
        TRY(check(cx, folder, &e, last.path));
    *ret_path = last.path;
    return setting_put(cx, &theme_edits_setting, version, &e, NULL);
}
