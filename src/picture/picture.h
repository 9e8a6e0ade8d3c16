/* picture.h - take in pictures from anybody and make renditions for the web (libvips).
 *
 * What comes in is untrusted: the format is told by its bytes, only JPEG, PNG, WebP, GIF,
 * AVIF/HEIF and TIFF are read, and the dimensions are checked before a pixel is decoded,
 * so that a decompression bomb costs a header. Metadata (EXIF, GPS, comments) is dropped;
 * orientation and colour profile are applied first. */
#pragma once

#include "base/buf.h"
#include "base/status.h"

enum {
    PICTURE_BYTES_MAX = 32 << 20,
    PICTURE_SIDE_MAX = 16384,
    PICTURE_PIXELS_MAX = 64 << 20 /* width x height x frames */
};

typedef enum PictureFormat {
    PICTURE_JPEG,
    PICTURE_PNG,
    PICTURE_WEBP,
    PICTURE_AVIF,
    PICTURE_GIF,
    PICTURE_TIFF
} PictureFormat;

typedef struct PictureInfo {
    PictureFormat format;
    int64_t       width; /* pixels, after orientation */
    int64_t       height;
    bool          alpha;
    uint32_t      colour; /* dominant colour 0xRRGGBB, shown while it loads */
} PictureInfo;

NODISCARD Status picture_init(Err *err); /* once, in main() */
void             picture_exit(void);

/* ST_INVALID "picture.unreadable", ST_LIMIT "picture.too_big". Decodes nothing but the
 * header unless ret->colour is asked for by `with_colour`. */
NODISCARD Status picture_probe(Str bytes, bool with_colour, PictureInfo *ret, Err *err);

/* Scale to `width` (never up) and write as WebP or AVIF. *ret_bytes is appended to. */
NODISCARD Status picture_render(Str bytes, int64_t width, PictureFormat format, Buf *ret_bytes,
                                Err *err);
