/* theme_served.h - what the storefront finds wrong with a theme when it reads one to show it. */
#pragma once

#include "base/str.h"

/* "sections/hero.liquid: max_blocks is at most 50", in `a`. */
size_t theme_served_problems(Arena *a, const char *folder, Str **ret);
