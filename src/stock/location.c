/* Locations: warehouses and shops. */
#include "base/id.h"
#include "stock/stock_int.h"

#define L StockLocation

const char *const stock_location_kind_names[] = {"warehouse", "shop", NULL};

static const ShapeField FIELDS[] = {
    SHAPE_ID(L, id, STOCK_LOCATION_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(L, name, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .example = "\"Warehouse Utrecht\""),
    SHAPE_ENUM(L, kind, stock_location_kind_names),
    SHAPE_BOOL(L, active, .doc = "Inactive: nothing is sold from there."),
    SHAPE_BOOL(L, online, .doc = "Its stock is sold in the online shop, and sent from there."),
    SHAPE_BOOL(L, pickup, .doc = "Orders can be fetched there."),
    SHAPE_INT(L, priority, .min = 0, .max = 1000000, .doc = "Lower is asked first."),
    SHAPE_TEXT(L, address1, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(L, address2, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(L, city, .max = 100, .flags = SHAPE_LINE),
    SHAPE_TEXT(L, zone, .max = 100, .flags = SHAPE_LINE, .doc = "State or province."),
    SHAPE_TEXT(L, postal, .max = 20, .flags = SHAPE_LINE),
    SHAPE_TEXT(L, phone, .max = 50, .flags = SHAPE_LINE),
    SHAPE_TEXT(L, country, .max = 2, .flags = SHAPE_LINE, .doc = "ISO 3166-1 alpha-2.",
               .example = "\"NL\""),
    SHAPE_TEXT(L, time_zone, .max = 64, .flags = SHAPE_LINE,
               .doc = "IANA; empty: that of the shop.", .example = "\"Europe/Amsterdam\""),
    SHAPE_REAL(L, latitude),
    SHAPE_REAL(L, longitude),
    SHAPE_TIME(L, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(L, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape stock_location_shape = SHAPE_OF_PATCH(
    L, "StockLocation", FIELDS, .doc = "A warehouse or a shop where goods are kept.");

static StockLocation from_row(const StockLocationRow *r)
{
    return (StockLocation){
        .id = r->id,
        .name = r->name,
        .kind = r->kind,
        .active = r->active,
        .online = r->online,
        .pickup = r->pickup,
        .priority = r->priority,
        .address1 = r->address1,
        .address2 = r->address2,
        .city = r->city,
        .zone = r->zone,
        .postal = r->postal,
        .phone = r->phone,
        .country = r->country,
        .time_zone = r->time_zone,
        .latitude = r->latitude,
        .longitude = r->longitude,
        .created_at = r->created_ms,
        .updated_at = r->updated_ms,
    };
}

static StockLocationRow to_row(const StockLocation *l)
{
    return (StockLocationRow){
        .id = l->id,
        .name = l->name,
        .kind = l->kind,
        .active = l->active,
        .online = l->online,
        .pickup = l->pickup,
        .priority = l->priority,
        .address1 = l->address1,
        .address2 = l->address2,
        .city = l->city,
        .zone = l->zone,
        .postal = l->postal,
        .phone = l->phone,
        .country = l->country,
        .time_zone = l->time_zone,
        .latitude = l->latitude,
        .longitude = l->longitude,
        .created_ms = l->created_at,
        .updated_ms = l->updated_at,
    };
}

Status stock_locations(Cx *cx, StockLocations *ret)
{
    StockLocationRowList rows;
    TRY(stock_sql_locations(cx, STOCK_LOCATIONS_MAX, &rows));
    *ret = (StockLocations){arena_array(cx->arena, StockLocation, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = from_row(&rows.items[i]);
    return ST_OK;
}

Status stock_location_get(Cx *cx, int64_t id, StockLocation *ret)
{
    StockLocationRow row = {0};
    TRY(stock_sql_location_get(cx, id, &row));
    *ret = from_row(&row);
    return ST_OK;
}

static void check_coordinates(Cx *cx, const StockLocation *l)
{
    if (l->latitude.has != l->longitude.has)
        issue_add(&cx->issues, STR("/latitude"), "incomplete",
                  "needs the longitude, and vice versa");
    if (l->latitude.has && !(l->latitude.v >= -90 && l->latitude.v <= 90))
        issue_add(&cx->issues, STR("/latitude"), "out_of_range", "must be from -90 to 90");
    if (l->longitude.has && !(l->longitude.v >= -180 && l->longitude.v <= 180))
        issue_add(&cx->issues, STR("/longitude"), "out_of_range", "must be from -180 to 180");
}

static Status check(Cx *cx, StockLocation *l)
{
    if (l->country.len > 0) {
        const Country *c = country_find(l->country);
        if (c == NULL)
            issue_add(&cx->issues, STR("/country"), "not_found", "there is no such country");
        else
            l->country = str_from_cstr(c->code);
    }
    if (l->time_zone.len > 0 && !zone_known(l->time_zone))
        issue_add(&cx->issues, STR("/time_zone"), "not_found", "there is no such time zone");
    check_coordinates(cx, l);
    return cx_check_issues(cx);
}

typedef struct Change {
    int64_t       id; /* 0: a new one */
    StockLocation in, out;
} Change;

static Status save_tx(Cx *cx, void *arg)
{
    Change       *job = arg;
    StockLocation was = {.active = true, .online = true, .priority = 100, .name = STR("")};
    cx->issues.n = cx->issues.total = 0;
    if (job->id)
        TRY(stock_location_get(cx, job->id, &was));
    StockLocation *l = &job->out;
    *l = job->in;
    catalog_keep(&stock_location_shape, l, &was);
    TRY(check(cx, l));
    l->id = job->id ? job->id : id_new();
    l->created_at = job->id ? was.created_at : cx->now;
    l->updated_at = cx->now;
    const StockLocationRow row = to_row(l);
    if (job->id) {
        TRY(stock_sql_location_update(cx, &row, NULL));
    } else {
        StockLocations all;
        TRY(stock_locations(cx, &all));
        if (all.n >= STOCK_LOCATIONS_MAX)
            return cx_fail(cx, ST_LIMIT, "stock.too_many_locations", "at most %d locations",
                           STOCK_LOCATIONS_MAX);
        TRY(stock_sql_location_insert(cx, &row, NULL));
    }
    TRY(stock_tell_locations(cx, l->id));
    return audit_add(cx, "stock.location", l->id, job->id ? "update" : "create",
                     &stock_location_shape, job->id ? &was : NULL, l);
}

Status stock_location_create(Cx *cx, StockLocation *l)
{
    Change job = {.in = *l};
    TRY(cx_in_tx(cx, save_tx, &job));
    *l = job.out;
    return ST_OK;
}

Status stock_location_update(Cx *cx, int64_t id, StockLocation *l)
{
    Change job = {.id = id, .in = *l};
    TRY(cx_in_tx(cx, save_tx, &job));
    *l = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    Change        *job = arg;
    StockLocations all;
    bool           used;
    StockUse       use;
    TRY(stock_location_get(cx, job->id, &job->out));
    TRY(stock_locations(cx, &all));
    if (all.n == 1)
        return cx_fail(cx, ST_CONFLICT, "stock.last_location", "a shop has at least one location");
    TRY(stock_sql_location_in_use(cx, job->id, &used, &use));
    if (used || job->id == STOCK_DEFAULT_LOCATION)
        return cx_fail(cx, ST_CONFLICT, "stock.location_in_use",
                       "stock is or was there: make it inactive instead");
    TRY(stock_sql_location_delete(cx, job->id, NULL));
    TRY(stock_tell_locations(cx, job->id));
    return audit_add(cx, "stock.location", job->id, "delete", &stock_location_shape, &job->out,
                     NULL);
}

Status stock_location_delete(Cx *cx, int64_t id)
{
    Change job = {.id = id};
    return cx_in_tx(cx, delete_tx, &job);
}
