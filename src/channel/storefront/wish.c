#include "channel/storefront/wish.h"

#include "channel/storefront/storefront_sql.h"

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
    return storefront_sql_wish_add(cx, job->account, job->product, cx->now, NULL);
}

Status wish_add(Cx *cx, int64_t account, int64_t product)
{
    WishJob job = {account, product};
    return cx_in_tx(cx, add_tx, &job);
}

static Status remove_tx(Cx *cx, void *arg)
{
    const WishJob *job = arg;
    return storefront_sql_wish_remove(cx, job->account, job->product, NULL);
}

Status wish_remove(Cx *cx, int64_t account, int64_t product)
{
    WishJob job = {account, product};
    return cx_in_tx(cx, remove_tx, &job);
}
