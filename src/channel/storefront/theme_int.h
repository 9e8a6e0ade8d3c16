/* theme_int.h - between the files that read a theme. */
#pragma once

#include "channel/storefront/theme.h"

/* Note what is wrong with a file. */
void theme_problem(Theme *t, Str path, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* theme_files.c: all files of a folder, into t->files. */
NODISCARD Status theme_read_folder(Theme *t, const char *folder, Err *err);
/* May a theme have a file of this path? */
bool theme_is_path(Str path);

/* Parse a JSON file; comments before it are fine. NULL with a problem noted. */
const JsonValue *theme_json(Theme *t, Str path, Str text);

/* theme_schema.c */
SettingDefs theme_settings(Theme *t, Str path, const JsonValue *list);
void        theme_schema(Theme *t, SectionDef *def, Str path, Str json);
void        theme_config(Theme *t); /* config/settings_schema.json, settings_data.json */

/* Note settings that are not among `defs`, and values of the wrong kind. */
void theme_check_values(Theme *t, Str path, Str where, SettingDefs defs, const JsonValue *values);

/* theme_page.c: templates/NAME.json and section groups. */
void theme_read_page(Theme *t, ThemePage *page, Str path, Str json);

/* What browsers may fetch before it is asked for: pages that a pointer rests on, but none of a
 * person, and no filtered lists. Stands in every page, word for word. */
#define THEME_SPECULATION                                                                          \
    "{\"prefetch\":[{\"where\":{\"and\":[{\"href_matches\":\"/*\"},{\"not\":{\"href_matches\":"    \
    "\"/*\\\\?*\"}},{\"not\":{\"href_matches\":\"/*account*\"}},{\"not\":{\"href_matches\":\"/"    \
    "*cart*\"}"                                                                                    \
    "},{\"not\":{\"selector_matches\":\"[rel~=nofollow]\"}}]},\"eagerness\":\"moderate\"}]}"

/* theme_asset.c */
void theme_read_assets(Theme *t);
void theme_hash_scripts(Theme *t);
/* An asset that no file is: what {% stylesheet %} of all sections say. Its address. */
Str theme_add_asset(Theme *t, Str name, Str bytes);

/* "'sha256-…'" of `bytes`, for Content-Security-Policy. */
Str theme_csp_hash(Arena *a, Str bytes);

/* --- head.c ---------------------------------------------------------------------------------- */

/* ThemeSays of its files. */
unsigned theme_says(const Theme *t);
