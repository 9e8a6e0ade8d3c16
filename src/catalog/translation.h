/* translation.h - texts in other languages.
 *
 * What can be translated has an id and named fields:
 *      prd title description seo_title seo_description type     opt, opv name
 *      col title description seo_title seo_description          med alt
 *      pag, art title body excerpt seo_title seo_description    blg title …
 *      mnu, mni title      pol title body      att name
 * When the source changes, its translations are marked outdated, and are shown until they
 * are written anew. Locales are BCP 47 tags in canonical case ("pt-BR").
 *
 * Codes: issues not_found, unknown_field, bad_format. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum { CATALOG_TRANSLATIONS_MAX = 1000 /* written at once */ };

typedef struct CatalogTranslation {
    Str    entity; /* "prd_…" */
    Str    field;
    Str    locale;
    Str    value;      /* as written; "" removes it */
    Str    value_safe; /* of HTML, made safe; absent: `value` is */
    bool   outdated;   /* the source changed since */
    UnixMs updated_at;
} CatalogTranslation;

typedef struct CatalogTranslations {
    CatalogTranslation *items;
    size_t              n;
} CatalogTranslations;

extern const Shape catalog_translation_shape;

/* All texts of a product (options, values, media included), collection, page … in one
 * statement. `locale` empty: all locales. */
NODISCARD Status catalog_translations_get(Cx *cx, int64_t root_id, Str locale,
                                          CatalogTranslations *ret);

/* The thing whose texts those of `entity` ("opt_…") are loaded with: its product.
 * ST_NOT_FOUND "catalog.no_entity". */
NODISCARD Status catalog_translation_root(Cx *cx, Str entity, int64_t *ret_root_id);

/* Write them; each replaces what was there and is not outdated. */
NODISCARD Status catalog_translations_put(Cx *cx, const CatalogTranslation *items, size_t n);
