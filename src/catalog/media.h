/* media.h - the shop's pictures: stored once by what is in them, shown in the size that fits.
 *
 * A picture that is taken in is probed (picture.h), written to FOLDER/originals under the
 * BLAKE2b-256 hash of its bytes, and known to the database as a MediaFile. Media of products
 * name it by that hash. What browsers get are renditions - WebP and AVIF, in the widths of
 * picture_plan() - made by the job catalog.render after a picture was taken in, or at the
 * first request that comes before; they are files too, and can be made again at any time.
 *
 *      /media/HASH/blue-mug.jpg?width=640      the smallest rendition of at least 640
 *
 * The format is what the browser accepts; the address has the hash, so replies may be kept
 * for ever. Files that nothing names any more are deleted after a day. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum { MEDIA_HASH_LEN = 64 };

typedef struct MediaFile {
    Str     hash;
    Str     mime;  /* of the original: "image/jpeg" */
    int64_t bytes; /* of the original */
    int64_t width; /* pixels */
    int64_t height;
    Str     colour; /* "#rrggbb" to show while it loads */
    UnixMs  created_at;
} MediaFile;

extern const Shape media_file_shape;

/* Where the files are: once, before anything else here. Makes the folder. */
NODISCARD Status media_open(const char *folder, Err *err);

/* Take a picture in: store it, know it, queue its renditions. The same bytes again are
 * found, not stored twice. ST_INVALID "picture.unsupported" or "picture.unreadable",
 * ST_LIMIT "picture.too_big". Outside of transactions: decoding takes its time. */
NODISCARD Status media_take(Cx *cx, Str bytes, MediaFile *ret);

/* ST_NOT_FOUND "catalog.no_file". */
NODISCARD Status media_get(Cx *cx, Str hash, MediaFile *ret);

/* The rendition for `width` pixels (0: the largest) in `format` (a PictureFormat), as an
 * open file. Makes it when it is not there: ST_BUSY "catalog.rendering" when too many are
 * being made. */
NODISCARD Status media_rendition(Cx *cx, const MediaFile *file, int64_t width, int format,
                                 int *ret_fd, int64_t *ret_bytes, int64_t *ret_width);

/* The original, as an open file. */
NODISCARD Status media_original(Cx *cx, const MediaFile *file, int *ret_fd, int64_t *ret_bytes);

/* --- media of products -------------------------------------------------------------------- */

struct CatalogMedia;
struct CatalogProduct;

/* Fill in what is known of a stored file: hash, type, size, colour. */
void media_fill(struct CatalogMedia *m, const MediaFile *file);

/* The path of a picture in the shop, and the hash in such a path (absent: it is none). The
 * name is made of the product's handle, so that the address says what it shows. */
Str media_path(Arena *a, Str hash, Str name);
Str media_path_hash(Str path);

/* Queue a job for each picture of *p that lies elsewhere: it fetches it and takes it in. In
 * the running transaction. */
NODISCARD Status media_fetch_queue(Cx *cx, const struct CatalogProduct *p);
