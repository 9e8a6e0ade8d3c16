/* wish.h - products that a customer keeps for later, newest first. */
#pragma once

#include "core/event.h"

enum { WISHES_MAX = 200 }; /* of one account */

typedef struct Wishes {
    const int64_t *products;
    size_t         n;
} Wishes;

typedef struct WishTold { /* "Product Added to Wishlist", "Product Removed from Wishlist" */
    int64_t account_id, product_id;
    Str     name, brand;
    Str     wishlist_name;
} WishTold;

extern const EventType wish_events[2];

NODISCARD Status wish_list(Cx *cx, int64_t account, Wishes *ret);
/* Once more changes nothing. ST_LIMIT "storefront.too_many_wishes". */
NODISCARD Status wish_add(Cx *cx, int64_t account, int64_t product);
/* One that is not there changes nothing. */
NODISCARD Status wish_remove(Cx *cx, int64_t account, int64_t product);
