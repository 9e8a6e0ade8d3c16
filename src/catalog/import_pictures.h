/* import_pictures.h - pictures of an import that lie in a folder; private to src/catalog.
 *
 * Decoding pictures is no work for a transaction, so those of a batch are taken in before
 * it (media_take), and found by their source inside. */
#pragma once

#include "catalog/catalog_int.h"
#include "catalog/import_int.h"
#include "catalog/media.h"

typedef struct ImportPictures {
    Arena    *arena;
    NameTable by_source; /* -> MediaFile */
} ImportPictures;

void import_pictures_init(ImportPictures *p, Arena *a);

/* Take in the pictures that a group names and the folder has. What cannot be read is told. */
void import_pictures_take(ImportPictures *p, Cx *cx, const ImportFile *file, const ImportGroup *g,
                          ImportProblems *problems);

/* Fill hash, size and colour of the product's media that were taken in. */
void import_pictures_fill(const ImportPictures *p, ImportProduct *ip);

/* The file name at the end of a URL or path, decoded; empty when there is none that is safe
 * to open in a folder. */
Str import_picture_name(Arena *a, Str source);
