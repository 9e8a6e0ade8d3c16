#include "channel/storefront/wish.h"

#include "catalog/published.h"
#include "channel/storefront/storefront_sql.h"

static const ShapeField TOLD_FIELDS[] = {
    SHAPE_ID(WishTold, account_id, "acc"),
    SHAPE_ID(WishTold, product_id, CATALOG_PRODUCT_ID),
    SHAPE_TEXT(WishTold, name),
    SHAPE_TEXT(WishTold, brand),
    SHAPE_TEXT(WishTold, wishlist_name),
};
static const Shape TOLD =
    SHAPE_OF(WishTold, "WishTold", TOLD_FIELDS, .doc = "A product of a customer's wish list.");

const EventType wish_events[2] = {
    {"Product Added to Wishlist", 1, &TOLD, "A customer keeps a product for later."},
    {"Product Removed from Wishlist", 1, &TOLD, "A customer keeps it no longer."},
};

static Status tell(Cx *cx, const EventType *type, int64_t account, int64_t product)
{
    const Published        *view;
    const PublishedProduct *p = NULL;
    WishTold                told = {
                       .account_id = account, .product_id = product, .wishlist_name = STR("wishlist")};
    TRY(published_view(cx, &view));
    Status st = published_product(cx, view, product, &p);
    if (st == ST_NOT_FOUND)
        cx->err = (Err){0}; /* it is not sold any more */
    else
        TRY(st);
    if (p != NULL) {
        told.name = p->product.title;
        told.brand = p->product.vendor;
    }
    return event_tell(cx, type, account, &told);
}

Status wish_list(Cx *cx, int64_t account, Wishes *ret)
{
    StorefrontWishRowList rows;
    TRY(storefront_sql_wishes(cx, account, WISHES_MAX, &rows));
    int64_t *ids = arena_array(cx->arena, int64_t, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++)
        ids[i] = rows.items[i].product_id;
    *ret = (Wishes){ids, rows.n};
    return ST_OK;
}

typedef struct WishJob {
    int64_t account, product;
} WishJob;

static Status add_tx(Cx *cx, void *arg)
{
    const WishJob      *job = arg;
    StorefrontWishCount count;
    TRY(storefront_sql_wish_count(cx, job->account, &count));
    if (count.n >= WISHES_MAX)
        return cx_fail(cx, ST_LIMIT, "storefront.too_many_wishes", "at most %d products are kept",
                       WISHES_MAX);
    int64_t added;
    TRY(storefront_sql_wish_add(cx, job->account, job->product, cx->now, &added));
    return added > 0 ? tell(cx, &wish_events[0], job->account, job->product) : ST_OK;
}

Status wish_add(Cx *cx, int64_t account, int64_t product)
{
    WishJob job = {account, product};
    return cx_in_tx(cx, add_tx, &job);
}

static Status remove_tx(Cx *cx, void *arg)
{
    const WishJob *job = arg;
    int64_t        removed;
    TRY(storefront_sql_wish_remove(cx, job->account, job->product, &removed));
    return removed > 0 ? tell(cx, &wish_events[1], job->account, job->product) : ST_OK;
}

Status wish_remove(Cx *cx, int64_t account, int64_t product)
{
    WishJob job = {account, product};
    return cx_in_tx(cx, remove_tx, &job);
}
