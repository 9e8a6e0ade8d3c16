/* png.h - pictures for tests. Needs vips. */
#pragma once

#include "world.h"

#include <vips/vips.h>

/* A picture of one colour, as PNG, in the world's arena. */
static inline Str make_png(World *w, int width, int height, double shade)
{
    VipsImage *black = NULL, *image = NULL;
    void      *bytes = NULL;
    size_t     n = 0;
    assert_int_equal(vips_black(&black, width, height, "bands", 3, NULL), 0);
    assert_int_equal(vips_linear1(black, &image, 1, shade, "uchar", TRUE, NULL), 0);
    assert_int_equal(vips_pngsave_buffer(image, &bytes, &n, NULL), 0);
    Str copy = str_dup(&w->arena, (Str){bytes, n});
    g_free(bytes);
    g_object_unref(image);
    g_object_unref(black);
    return copy;
}
