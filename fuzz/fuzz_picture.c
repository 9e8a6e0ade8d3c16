/* fuzz_picture.c - bytes that say they are a picture; only small ones are decoded. */
#include "picture/picture.h"

int         LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* The AV1 decoder keeps a few bytes for the life of the process. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libdav1d";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    Str         bytes = {(const char *)data, size};
    PictureInfo info;
    Err         err = {0};
    if (!started && picture_init(&err) != ST_OK)
        return 0;
    started = true;
    if (picture_probe(bytes, false, &info, &err) != ST_OK)
        return 0;
    ASSERT(info.width > 0 && info.height > 0);
    if (info.width > 256 || info.height > 256)
        return 0;
    CLEANUP(buf_done) Buf out;
    buf_init(&out, 1 << 20);
    if (picture_render(bytes, 32, PICTURE_WEBP, &out, &err) == ST_OK) {
        ASSERT(picture_probe(buf_str(&out), true, &info, &err) == ST_OK);
        ASSERT(info.format == PICTURE_WEBP && info.width <= 32);
    }
    return 0;
}
