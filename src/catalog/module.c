/* What the module is to the program. */
#include "catalog/module.h"

#include "catalog/catalog_sql.h"
#include "catalog/collection.h"
#include "catalog/events.h"
#include "catalog/import_jobs.h"
#include "catalog/media_int.h"
#include "catalog/price.h"
#include "catalog/product_search.h"
#include "catalog/published_int.h"
#include "catalog/search_stats.h"
#include "catalog/shop.h"

static const Permission PERMISSIONS[] = {
    {"catalog.read", "See products, collections, pages and prices, drafts and costs too."},
    {"catalog.write", "Change products, collections, prices, pages, menus and policies."},
};

static const JobKind JOBS[] = {
    {.name = "catalog.import", .run = import_job, .lease = {5 * 60000}, .parallel = 1},
    {.name = "catalog.render", .run = media_job_render, .lease = {5 * 60000}, .parallel = 1},
    {.name = "catalog.fetch_media",
     .run = media_job_fetch,
     .attempts = 6,
     .lease = {2 * 60000},
     .parallel = 2},
    {.name = CATALOG_COLLECT_JOB, .run = catalog_collect_job, .parallel = 1},
};

static const Schedule SCHEDULES[] = {
    {"catalog.prune_media", "17 3 * * *", media_prune},
    {"catalog.forget_prices", "20 3 * * *", catalog_prices_forget},
    {"catalog.forget_searches", "26 3 * * *", search_counts_forget},
};

static const Reaction REACTIONS[] = {
    {"catalog.collect_content", "catalog.content_changed", catalog_collect_content, false},
    {"catalog.publish_product", "catalog.product_changed", published_react, true},
    {"catalog.publish_no_product", "catalog.product_deleted", published_react, true},
    {"catalog.publish_collection", "catalog.collection_changed", published_react, true},
    {"catalog.publish_no_collection", "catalog.collection_deleted", published_react, true},
    {"catalog.publish_members", "catalog.members_changed", published_react, true},
    {"catalog.publish_content", "catalog.content_changed", published_react, true},
    {"catalog.publish_setting", "core.setting_changed", published_react, true},
    {"catalog.search_guide", "catalog.search_changed", product_search_react, true},
    {"catalog.search_tuning", "core.setting_changed", product_search_react, true},
    {"catalog.collect_product", "catalog.product_changed", catalog_collect_product, false},
    {"catalog.collect_changed", "catalog.collection_changed", catalog_collect_changed, false},
};

const Module catalog_module = {
    .name = "catalog",
    .migrations = CATALOG_MIGRATIONS,
    .events = catalog_events,
    .nevents = CATALOG_EVENTS,
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
    .jobs = JOBS,
    .njobs = COUNT_OF(JOBS),
    .schedules = SCHEDULES,
    .nschedules = COUNT_OF(SCHEDULES),
    .settings = catalog_settings,
    .nsettings = COUNT_OF(catalog_settings),
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
};
