/* theme.h - a theme: its files, compiled and ready to render.
 *
 * A theme is a folder in the field's layout: layout/ templates/ sections/ snippets/ assets/
 * locales/ config/. It is read whole into memory, checked, and never changes again; a change
 * of the folder makes another Theme. Pages hold one while they render.
 *
 *      Theme *theme;
 *      TRY(theme_load(folder, &theme, &err));          // NULL: the one built in
 *      const ThemePage *page = theme_page(theme, STR("product"), STR("big"));
 *
 * Only names that a theme can have are read: plain parts, no link, nothing hidden, no more
 * than THEME_FILES_MAX files of at most THEME_FILE_MAX bytes. What is wrong with single files
 * is kept in theme->problems and the rest works: a section that does not compile says so
 * where it stands.
 *
 * Codes: storefront.bad_theme. */
#pragma once

#include "base/json_read.h"
#include "base/map.h"
#include "liquid/liquid.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    THEME_FILES_MAX = 2000,
    THEME_FILE_MAX = 4 << 20,
    THEME_BYTES_MAX = 64 << 20,
    THEME_SECTIONS_MAX = 25, /* of one template or group */
    THEME_BLOCKS_MAX = 50,   /* of one section */
    THEME_PROBLEMS_MAX = 200
};

#define THEME_PATH "/theme/" /* addresses of assets */

typedef struct ThemeFile {
    Str path; /* "snippets/card.liquid" */
    Str bytes;
} ThemeFile;

typedef struct ThemeAsset {
    Str         name;  /* "base.css" */
    Str         url;   /* "/theme/base.0123456789abcdef.css" */
    Str         bytes; /* with the addresses of other assets in it made theirs */
    Str         etag;
    const char *type;
    Str         gzip, zstd; /* made when first asked for; ptr NULL: not yet, len 0: no use */
} ThemeAsset;

/* --- settings -------------------------------------------------------------------------------- */

typedef enum SettingType { /* what its value becomes in a template */
                           SETTING_PLAIN,
                           SETTING_NOTE, /* header, paragraph: no value */
                           SETTING_CHECKBOX,
                           SETTING_NUMBER,
                           SETTING_RICHTEXT, /* HTML */
                           SETTING_HTML,     /* HTML as the merchant wrote it */
                           SETTING_LIQUID,
                           SETTING_PRODUCT,
                           SETTING_COLLECTION,
                           SETTING_PAGE,
                           SETTING_BLOG,
                           SETTING_ARTICLE,
                           SETTING_MENU,
                           SETTING_PRODUCTS,
                           SETTING_COLLECTIONS,
                           SETTING_IMAGE,
                           SETTING_FONT,
                           SETTING_URL
} SettingType;

typedef struct SettingDef {
    Str              id;
    SettingType      type;
    const JsonValue *fallback; /* NULL: none */
} SettingDef;

typedef struct SettingDefs {
    const SettingDef *items;
    size_t            n;
} SettingDefs;

typedef struct BlockDef {
    Str         type;
    Str         name;
    int64_t     limit; /* of one section; 0: none */
    SettingDefs settings;
} BlockDef;

typedef struct SectionDef { /* sections/NAME.liquid */
    Str type;               /* NAME */
    const LiquidTemplate *template;
    Str              error; /* when it does not compile: why */
    const JsonValue *schema;
    Str              name;
    Str              tag; /* "div"; "" none */
    Str class;            /* besides "section" */
    SettingDefs     settings;
    const BlockDef *blocks;
    size_t          nblocks;
    int64_t         max_blocks;
    const Map      *texts; /* its own translations by "LOCALE.KEY", or NULL */
} SectionDef;

/* --- pages -------------------------------------------------------------------------------------
 */

typedef struct ThemeBlock {
    Str              id, type;
    const BlockDef  *def;
    const JsonValue *settings; /* those given; NULL: none */
} ThemeBlock;

typedef struct ThemeSection {
    Str               id; /* "main" */
    const SectionDef *def;
    const JsonValue  *settings;
    const ThemeBlock *blocks;
    size_t            nblocks;
    bool              disabled;
} ThemeSection;

typedef struct ThemePage {          /* a template of a page, or a group of sections */
    Str name;                       /* "product.big"; of a group: "header-group" */
    const LiquidTemplate *template; /* of a .liquid file; else NULL */
    Str                 error;      /* of a file that cannot be read: no page */
    Str                 layout;     /* "theme"; "" none */
    Str                 wrapper;    /* "div#id.class", or "" */
    bool                group;      /* sections/NAME.json */
    const ThemeSection *sections;
    size_t              nsections;
} ThemePage;

/* --- the theme -----------------------------------------------------------------------------------
 */

typedef struct ThemeTexts ThemeTexts; /* locale.h */

/* What a theme writes into pages itself: the shop does not write it once more (head.c). */
typedef enum ThemeSays {
    THEME_SAYS_CANONICAL = 1,
    THEME_SAYS_LANGUAGES = 2,
    THEME_SAYS_DESCRIPTION = 4,
    THEME_SAYS_OPEN_GRAPH = 8,
    THEME_SAYS_PRODUCT = 16, /* structured data of products and articles */
    THEME_SAYS_BREADCRUMBS = 32,
    THEME_SAYS_ORGANIZATION = 64,
    THEME_SAYS_WEBSITE = 128,
    THEME_SAYS_FEED = 256
} ThemeSays;

typedef struct Theme {
    Arena                 arena;
    _Atomic int           refs;
    Liquid               *liquid;
    int64_t               serial;   /* of this process: no two themes have the same */
    Str                   revision; /* hash of everything, hexadecimal */
    ThemeFile            *files;    /* by path */
    size_t                nfiles;
    ThemeAsset           *assets; /* by name */
    size_t                nassets;
    pthread_mutex_t       pack_lock; /* of gzip and zstd of assets */
    Map                   sections;  /* SectionDef by type */
    Map                   pages;     /* ThemePage by name */
    Map                   groups;
    Map                   layouts; /* ThemePage by name, with `template` */
    const LiquidTemplate *bare;    /* of a page without layout */
    const LiquidTemplate *product; /* of /products/x.js */
    const LiquidTemplate *cart;    /* of /cart.js */
    const LiquidTemplate *added;   /* of /cart/add.js */
    const LiquidTemplate *suggest; /* of /search/suggest.json */
    const LiquidTemplate *related; /* of /recommendations/products.json */
    struct Parts         *parts;   /* of pages, rendered already: part.h */
    SettingDefs           settings;
    const JsonValue      *values; /* of settings */
    ThemeTexts           *texts;
    Str                   css, js;       /* addresses of what sections brought with them, or "" */
    const Str            *script_hashes; /* "'sha256-…'" of scripts that templates have in them */
    size_t                nscript_hashes;
    unsigned              says; /* ThemeSays */
    Str                   problems[THEME_PROBLEMS_MAX];
    size_t                nproblems;
} Theme;

/* Read and compile it; the caller holds it. `folder` NULL: the one built in. */
NODISCARD Status theme_load(const char *folder, Theme **ret, Err *err);
/* The same, with `edits` in the place of its files or besides them (edits.h). */
NODISCARD Status theme_load_with(const char *folder, const ThemeFile *edits, size_t n, Theme **ret,
                                 Err *err);
/* The same of files in memory, which are copied: for tests and fuzzing. */
NODISCARD Status theme_make(const ThemeFile *files, size_t n, Theme **ret, Err *err);

Theme *theme_hold(Theme *theme);
void   theme_release(Theme *theme); /* NULL is fine */

/* The template for `kind` ("product"), alternate when `suffix` is not empty and there is one
 * of it; NULL: the theme has none. */
const ThemePage  *theme_page(const Theme *t, Str kind, Str suffix);
const ThemePage  *theme_group(const Theme *t, Str name);
const ThemePage  *theme_layout(const Theme *t, Str name);
const SectionDef *theme_section(const Theme *t, Str type);
const ThemeFile  *theme_file(const Theme *t, Str path);
const ThemeAsset *theme_asset(const Theme *t, Str name);

/* By what the address has behind THEME_PATH; *ret_current false: it names other bytes. */
const ThemeAsset *theme_asset_served(const Theme *t, Str served, bool *ret_current);

typedef enum AssetCoding { ASSET_PLAIN, ASSET_GZIP, ASSET_ZSTD } AssetCoding;

/* The bytes packed so, made once; empty when it does not pay. */
Str theme_asset_packed(const Theme *t, const ThemeAsset *asset, AssetCoding coding);

/* A file of themes, as embedded: "sections/hero.liquid". */
extern const ThemeFile theme_builtin_files[];
extern const size_t    theme_builtin_nfiles;

/* Tags and filters of themes, for engines. */
extern const LiquidTag    storefront_tags[];
extern const size_t       storefront_ntags;
extern const LiquidFilter storefront_filters[];
extern const size_t       storefront_nfilters;
