/* Two who want the same name at the same moment. */
#include "catalog/catalog_int.h"

#include <pthread.h>

enum { TRIES = 40 };

/* What is looked up before it is written: only somebody faster can break these rules. */
static const char *const NAMES[] = {
    "catalog_product_by_handle",    "catalog_collection_by_handle",   "catalog_page_by_handle",
    "catalog_blog_by_handle",       "catalog_article_by_handle",      "catalog_menu_by_handle",
    "catalog_price_list_by_handle", "catalog_attribute_def_by_key",   "catalog_redirect_by_path",
    "catalog_variant_by_options",   "catalog_option_value_by_number", "catalog_price_by_variant",
    "catalog_policy_by_version",
};

static bool somebody_was_faster(const Err *err)
{
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (db_constraint_is(err, NAMES[i]))
            return true;
    return false;
}

/* PostgreSQL runs fn on the caller's thread; on SQLite there are no races. */
static _Thread_local int lost;

int races_lost(void)
{
    return lost;
}

Status catalog_in_tx(Cx *cx, CxTxFn *fn, void *arg)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    Status                 st = cx_in_tx(cx, fn, arg);
    bool                   outer = cx->tx_depth == 0;
    if (st != ST_CONFLICT || !outer || !somebody_was_faster(&cx->err))
        return st;
    /* those who come again do so one after the other, or all but one would fail again */
    pthread_mutex_lock(&turn);
    for (lost = 1; lost <= TRIES && st == ST_CONFLICT && somebody_was_faster(&cx->err); lost++)
        st = cx_in_tx(cx, fn, arg);
    lost = 0;
    pthread_mutex_unlock(&turn);
    return st;
}
