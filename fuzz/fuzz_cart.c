/* What shoppers' browsers send of carts: bodies of /cart/add and its like as forms, JSON and
 * queries; links that fill a cart; e-mail addresses and postal addresses; references on bank
 * transfers. The first byte says which.
 *
 * Whatever is sent: what was read is within its limits and lies in what was sent. */
#include "base/utf8.h"
#include "channel/storefront/cart_input.h"
#include "order/bank.h"
#include "order/cart.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_properties(const OrderProperties *p)
{
    ASSERT(p->n <= CART_PROPERTIES_MAX);
    for (size_t i = 0; i < p->n; i++)
        ASSERT(p->items[i].value.len <= CART_INPUT_MAX && p->items[i].name.len <= CART_INPUT_MAX);
}

static void read_input(Cx *cx, char kind, Str body)
{
    static CartInput in; /* large; every call clears it */
    HttpPair         headers[] = {{STR("Content-Type"), kind == 'j'
                                                            ? STR("application/json")
                                                            : STR("application/x-www-form-urlencoded")}};
    HttpReq          rq = {.method = kind == 'q' ? HTTP_GET : HTTP_POST,
                           .headers = headers,
                           .nheaders = 1,
                           .query = kind == 'q' ? body : STR(""),
                           .body = kind == 'q' ? STR("") : body};
    if (cart_input(cx, &rq, &in) != ST_OK)
        return;
    ASSERT(in.n <= CART_INPUT_ITEMS && in.line >= 0 && in.line <= CART_QTY_MAX);
    check_properties(&in.attributes);
    for (size_t i = 0; i < in.n; i++) {
        const CartInputItem *item = &in.items[i];
        ASSERT(!item->quantity.has || (item->quantity.v >= 0 && item->quantity.v <= CART_QTY_MAX));
        ASSERT(kind == 'j' || item->key.ptr == NULL || utf8_valid(item->key));
        check_properties(&item->properties);
    }
}

static void read_link(Cx *cx, Str link)
{
    CartItem items[CART_LINES_MAX];
    size_t   n = 0;
    if (cart_link_read(cx, link, items, &n) != ST_OK)
        return;
    ASSERT(n >= 1 && n <= CART_LINES_MAX);
    for (size_t i = 0; i < n; i++)
        ASSERT(items[i].qty >= 1 && items[i].qty <= CART_QTY_MAX && items[i].variant_id > 0);
}

/* A hint differs from what was typed, and keeps what stands before the "@". */
static void read_email(Arena *a, Str email)
{
    Str hint = order_email_hint(a, email), name, domain;
    if (hint.len == 0)
        return;
    ASSERT(!str_eq(hint, email) && str_cut(hint, '@', &name, &domain));
    ASSERT(str_starts(email, name));
}

/* Lines: country, zone, postal code, city, street. */
static void read_address(Cx *cx, Str text)
{
    OrderAddress a = {.last_name = STR("B")};
    Str         *fields[] = {&a.country, &a.zone, &a.postal_code, &a.city, &a.line1};
    CartNeeds    needs = {.items = arena_array(cx->arena, CartNeed, 64)};
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        str_cut(text, '\n', fields[i], &text);
    order_address_needs(cx, &a, "/address", "address_incomplete", &needs);
    ASSERT(needs.n <= 16);
    for (size_t i = 0; i < needs.n; i++)
        ASSERT(str_starts(needs.items[i].pointer, STR("/address/")));
}

static void read_reference(Arena *a, Str text)
{
    Str found = bank_reference_find(a, text);
    ASSERT(found.len == 0 || found.len == BANK_REFERENCE_LEN);
    if (found.len > 0)
        ASSERT(str_eq(bank_reference_find(a, found), found));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a = {0};
    Issues                    issues = {0};
    if (size == 0 || size > CART_INPUT_MAX)
        return 0;
    char *copy = malloc(size); /* so that reading behind it is noticed */
    ASSERT(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    arena_init(&a, 4096);
    issues.arena = &a;
    Cx  cx = {.arena = &a, .issues = issues};
    Str text = {copy, size - 1};
    switch (data[0]) {
    case 'l': read_link(&cx, text); break;
    case 'e': read_email(&a, text); break;
    case 'a': read_address(&cx, text); break;
    case 'r': read_reference(&a, text); break;
    default: read_input(&cx, (char)data[0], text);
    }
    free(copy);
    return 0;
}
