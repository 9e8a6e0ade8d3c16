/* cart_input.h - what themes send to /cart, /cart/add, /cart/change and /cart/update: forms, or
 * JSON, in the shapes that theme authors know.
 *
 *      add      id, quantity, properties[NAME] - or items[0][id], items[0][quantity] …
 *      change   id (key of the line, or a variant) or line (1, 2, …); quantity; properties[NAME]
 *      update   updates[KEY]=n (key or variant) or updates[]=n for the lines in their order; note;
 *               attributes[NAME]; discount ("CODE" or "CODE,CODE")
 *      all      sections ("a,b"), sections_url; forms: return_to
 *
 * What cannot be read is ST_INVALID "storefront.bad_cart_input". */
#pragma once

#include "http/http_form.h"
#include "order/cart.h"

enum { CART_INPUT_ITEMS = 100, CART_INPUT_MAX = 64 << 10 /* bytes */ };

typedef struct CartInputItem {
    Str             key; /* of a line, or a variant, as sent; "" for the place in the list */
    OptI64          quantity;
    OrderProperties properties;
    bool            has_properties;
} CartInputItem;

typedef struct CartInput {
    CartInputItem   items[CART_INPUT_ITEMS]; /* add, change: one; update: updates */
    size_t          n;
    bool            listed; /* they were sent as a list: answer with one */
    int64_t         line;   /* 1, 2, …; 0: not said */
    Str             note;   /* absent: not said */
    OrderProperties attributes;
    Str             discount; /* absent: not said */
    Str             sections, sections_url, return_to;
    HttpForm        form; /* what was sent, when it was a form */
} CartInput;

/* `rest`: "add", "change", …; the query is read where there is no body. */
NODISCARD Status cart_input(Cx *cx, const HttpReq *rq, CartInput *ret);
