/* assets.h - the files that are built into the program: style sheets, scripts, icons.
 *
 * Each is served under a name with the hash of its bytes, so that a browser may keep it for
 * ever, and comes plain, as gzip and as zstd, packed while the program was built. For work
 * on these files `--assets DIR` serves them from a folder instead, read anew each time. */
#pragma once

#include "http/http.h"

typedef struct Asset {
    Str         name; /* "console/app.js": its path below src/app/assets */
    Str         path; /* "/assets/console/app.0123456789abcdef.js" */
    const char *type;
    Str         bytes, etag;
    Str         gzip, etag_gzip; /* empty where it would not be smaller */
    Str         zstd, etag_zstd;
} Asset;

typedef struct AssetType {
    const char *extension; /* ".css" */
    const char *type;      /* "text/css; charset=utf-8" */
} AssetType;

extern const Asset  assets[]; /* sorted by name */
extern const size_t nassets;

extern const AssetType asset_types[];
extern const size_t    nasset_types;

extern const HttpRoutes assets_routes; /* GET /assets/… */

/* Where a page finds the asset of this name; may live in `a`. A name that there is not
 * asserts. */
Str assets_url(Arena *a, Str name);

/* Serve the files of this folder (borrowed) under their plain names; NULL: the built-in
 * ones. Set once, before the first request. */
void assets_folder_set(const char *dir);
