/* wish.h - products that a customer keeps for later, newest first. */
#pragma once

#include "core/cx.h"

enum { WISHES_MAX = 200 }; /* of one account */

typedef struct Wishes {
    const int64_t *products;
    size_t         n;
} Wishes;

NODISCARD Status wish_list(Cx *cx, int64_t account, Wishes *ret);
/* Once more changes nothing. ST_LIMIT "storefront.too_many_wishes". */
NODISCARD Status wish_add(Cx *cx, int64_t account, int64_t product);
/* One that is not there changes nothing. */
NODISCARD Status wish_remove(Cx *cx, int64_t account, int64_t product);
