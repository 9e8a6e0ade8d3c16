/* theme.h - linting a theme: what is wrong with one of its files, apart from the others. */
#pragma once

#include "liquid/liquid.h"

/* Tags that themes have besides the language's, by name and form only: for engines that read
 * themes without rendering them. */
extern const LiquidTag liquid_theme_tags[];
extern const size_t    liquid_theme_ntags;

/* Is it a filter that the storefront has, besides those of the engine? */
bool liquid_is_shop_filter(Str name);

/* An <img> in the text of a template. */
typedef struct LiquidImage {
    uint32_t line, column;
    bool     alt, size; /* has alt=; has width= and height= */
} LiquidImage;

/* The next <img> at or behind *at, which moves behind it. False when there is none. */
bool liquid_next_image(const LiquidTemplate *t, size_t *at, LiquidImage *ret);
