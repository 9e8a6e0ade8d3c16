/* picture.h - take in pictures from anybody and make renditions for the web (libvips).
 *
 * What comes in is untrusted: the format is told by its bytes, only JPEG, PNG, WebP, GIF,
 * AVIF/HEIF and TIFF are read, and the dimensions are checked before a pixel is decoded,
 * so that a decompression bomb costs a header; what must be held whole while decoding
 * (interlaced, AVIF …) has a limit in bytes, and decoding has a limit in time. Metadata (EXIF,
 * GPS, comments) is dropped; orientation and colour profile are applied first. Of an animation
 * the first frame is used.
 *
 * A call uses one thread and, at the limits, up to 400 MB: callers bound how many run
 * at once. The same bytes give the same rendition. Errors: ST_INVALID "picture.unsupported"
 * (not one of the formats), ST_INVALID "picture.unreadable" (damaged), ST_LIMIT
 * "picture.too_big", ST_LIMIT "picture.too_slow". */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/status.h"

enum {
    PICTURE_BYTES_MAX = 32 << 20,
    PICTURE_SIDE_MAX = 16384,
    PICTURE_PIXELS_MAX = 64 << 20, /* width x height x frames */
    PICTURE_WHOLE_MAX = 128 << 20, /* bytes of pixels that must be held at once */
    PICTURE_SECONDS_MAX = 20,      /* to decode and encode one rendition */
    PICTURE_PLAN_MAX = 9
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

/* Decode and encode in processes of their own from now on: the program `path` (this one:
 * "/proc/self/exe"; kept) with PICTURE_WORKER as its only argument, whose main() calls
 * picture_work(). A picture that breaks a decoder takes only that process along (ST_IO
 * "picture.failed"), and the memory of encoders, tens of MB, ends with it. Before picture_init().
 */
#define PICTURE_WORKER "picture-worker"
void picture_apart(const char *path);
int  picture_work(void); /* the exit code */

NODISCARD Status picture_init(Err *err); /* once, in main() */
void             picture_exit(void);

/* After some renditions: what encoders used goes back to the system. Processes of their own end;
 * without, the allocator would keep a few dozen MB for each thread that ever made a picture. */
void picture_rest(void);

/* Which of the formats the bytes claim to be. */
bool        picture_sniff(Str bytes, PictureFormat *ret);
const char *picture_type(PictureFormat format); /* "image/jpeg" … */

/* Decodes nothing but the header, unless `with_colour` asks for ret->colour. */
NODISCARD Status picture_probe(Str bytes, bool with_colour, PictureInfo *ret, Err *err);

/* The widths worth making for a picture that is `width` wide, ascending: common steps from 160
 * up, then its own width or 2560, whichever is less. Returns how many, at least 1. */
size_t picture_plan(int64_t width, int64_t ret_widths[PICTURE_PLAN_MAX]);

/* Scale to `width` (never up) and write as WebP or AVIF. *ret_bytes is appended to; ST_LIMIT
 * "picture.too_big" when it does not fit. */
NODISCARD Status picture_render(Str bytes, int64_t width, PictureFormat format, Buf *ret_bytes,
                                Err *err);
