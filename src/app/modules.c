/* What the program consists of: its modules, bottom up, and the routes of their HTTP sides. */
#include "app/app.h"
#include "app/assets.h"
#include "app/version.h"
#include "app/welcome.h"
#include "catalog/content_http.h"
#include "catalog/import_http.h"
#include "catalog/media_http.h"
#include "catalog/module.h"
#include "catalog/product_http.h"
#include "catalog/search_http.h"
#include "channel/storefront/account.h"
#include "channel/storefront/cart_pages.h"
#include "channel/storefront/checkout_page.h"
#include "channel/storefront/order_page.h"
#include "channel/storefront/storefront.h"
#include "channel/track/track.h"
#include "http/http_builtin.h"
#include "http/http_idempotency.h"
#include "order/cart_http.h"
#include "order/delivery_http.h"
#include "order/mail_http.h"
#include "order/module.h"
#include "order/payment_http.h"
#include "order/pricing_http.h"
#include "order/pricing_module.h"
#include "people/people.h"
#include "people/people_http.h"
#include "stock/module.h"
#include "stock/stock_http.h"

/* One a line, so that two who add one do not meet. */
/* clang-format off */
const Module *const app_modules[] = {
    &people_module,
    &catalog_module,
    &stock_module,
    &order_module,
    &pricing_module,
    &storefront_module,
    &track_module,
};
const size_t app_nmodules = COUNT_OF(app_modules);

static const HttpRoutes *const ROUTES[] = {
    &http_builtin_routes,
    &assets_routes,
    &welcome_routes,
    &people_session_routes,
    &people_routes,
    &people_admin_routes,
    &people_own_routes,
    &people_webhook_routes,
    &people_page_routes,
    &people_customer_routes,
    &people_account_routes,
    &people_journey_routes,
    &catalog_media_routes,
    &catalog_import_routes,
    &catalog_product_routes,
    &catalog_bulk_routes,
    &catalog_collection_routes,
    &catalog_price_routes,
    &catalog_content_routes,
    &order_pricing_routes,
    &theme_routes,
    &storefront_routes,
    &catalog_search_routes,
    &order_delivery_routes,
    &order_fulfillment_routes,
    &order_cart_routes,
    &order_own_routes,
    &order_track_routes,
    &order_staff_routes,
    &stock_routes,
    &stock_document_routes,
    &catalog_search_guide_routes,
    &account_routes,
    &payment_page_routes,
    &payment_routes,
    &order_mail_routes,
    &track_routes,
    &track_key_routes,
    &cart_routes,
    &checkout_routes,
    &order_page_routes,
};
/* clang-format on */

/* The database answers; it was migrated before the first request. */
static Status ready(Cx *cx)
{
    static const DbQuery      ONE = {"app.ready", "SELECT 1", "SELECT 1", "", "i"};
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      row;
    TRY(cx_run(cx, &ONE, &run));
    return db_step(&run, &row, &cx->err);
}

const HttpApp *app_http(void)
{
    static HttpRoutes tables[COUNT_OF(ROUTES)];
    static HttpApp    app = {.tables = tables,
                             .ntables = COUNT_OF(tables),
                             .title = "Rapport",
                             .version = APP_VERSION,
                             .session_cookie = PEOPLE_COOKIE,
                             .hooks = {.authenticate = people_authenticate,
                                       .idempotency = &http_idempotency_core,
                                       .ready = ready}};
    if (app.index == NULL) {
        for (size_t i = 0; i < COUNT_OF(ROUTES); i++)
            tables[i] = *ROUTES[i];
        http_app_index(&app);
        people_page_assets(assets_url);
        payment_page_assets(assets_url);
    }
    return &app;
}
