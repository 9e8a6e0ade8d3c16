/* edits.h - what a merchant changed of a theme without touching its files: the setting
 * "storefront.theme".
 *
 * An edit is a JSON file of the theme, whole, that stands in for the theme's own (or is one more
 * alternate template): config/settings_data.json, templates/NAME.json, sections/NAME.json. Each
 * change is checked by building the theme with it, replaces the setting at the version that was
 * read, is recorded in the audit log, and can be undone: the last EDITS_PAST_MAX contents are kept
 * beside it.
 *
 * Codes: storefront.no_theme_file, storefront.bad_theme_file, storefront.too_many_edits,
 * storefront.nothing_to_undo. */
#pragma once

#include "channel/storefront/theme.h"
#include "core/setting.h"

enum { EDITS_MAX = 40, EDIT_MAX = 60000 /* bytes */, EDITS_PAST_MAX = 10 };

typedef struct ThemeEdit {
    Str path;
    Str json; /* of the past: absent when the theme's own was shown */
} ThemeEdit;

typedef struct ThemeEditList {
    ThemeEdit *items;
    size_t     n;
} ThemeEditList;

typedef struct ThemeEdits {
    ThemeEditList files;
    ThemeEditList past; /* what a file was before, the latest last */
} ThemeEdits;

extern const Shape      theme_edits_shape;
extern const Setting    theme_edits_setting;
extern const ThemeEdits theme_edits_defaults;

/* May a merchant edit it? */
bool edits_is_path(Str path);

/* Their JSON as files of a theme, in cx->arena. */
NODISCARD Status edits_read(Cx *cx, ThemeFile **ret, size_t *ret_n, int64_t *ret_version);

/* Put `json` in the place of a file (absent: the theme's own again) of the theme in `folder`. The
 * setting must be at `version`. ST_INVALID "storefront.bad_theme_file" says what is wrong. */
NODISCARD Status edits_put(Cx *cx, const char *folder, int64_t version, Str path, Str json);

/* Take the last change back; *ret_path says of which file. */
NODISCARD Status edits_undo(Cx *cx, const char *folder, int64_t version, Str *ret_path);
