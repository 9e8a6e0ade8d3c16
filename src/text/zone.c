#include "text/zone.h"

#include "base/map.h"

#include <pthread.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { NAME_MAX_ = 64, KEPT = 64, QUARTER_MS = 15 * 60 * 1000, DAY_MS = 86400000 };

typedef struct Kept {
    char    name[NAME_MAX_];
    size_t  len; /* 0: free */
    int64_t quarter;
    int64_t offset;
} Kept;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Kept            kept[KEPT];

static bool to_utf16(Str zone, UChar *ret, int32_t *ret_n)
{
    UErrorCode e = U_ZERO_ERROR;
    if (zone.len == 0 || zone.len >= NAME_MAX_)
        return false;
    u_strFromUTF8(ret, NAME_MAX_, ret_n, zone.ptr, (int32_t)zone.len, &e);
    return U_SUCCESS(e);
}

bool zone_known(Str zone)
{
    UChar      name[NAME_MAX_], canonical[128];
    int32_t    n;
    UErrorCode e = U_ZERO_ERROR;
    UBool      listed = 0;
    if (!to_utf16(zone, name, &n))
        return false;
    (void)ucal_getCanonicalTimeZoneID(name, n, canonical, 128, &listed, &e);
    return U_SUCCESS(e) && listed;
}

static int64_t ask(Str zone, UnixMs at)
{
    UChar      name[NAME_MAX_];
    int32_t    n;
    UErrorCode e = U_ZERO_ERROR;
    if (!to_utf16(zone, name, &n))
        return 0;
    UCalendar *c = ucal_open(name, n, "en", UCAL_GREGORIAN, &e);
    if (U_FAILURE(e))
        return 0;
    ucal_setMillis(c, (UDate)at.v, &e);
    int32_t ms = ucal_get(c, UCAL_ZONE_OFFSET, &e) + ucal_get(c, UCAL_DST_OFFSET, &e);
    ucal_close(c);
    return U_SUCCESS(e) ? ms : 0;
}

static int64_t floor_div(int64_t x, int64_t by)
{
    return x >= 0 ? x / by : -((-x + by - 1) / by);
}

int64_t zone_offset(Str zone, UnixMs at)
{
    if (zone.len == 0 || zone.len >= NAME_MAX_ || str_eq(zone, STR("UTC")))
        return 0;
    int64_t quarter = floor_div(at.v, QUARTER_MS);
    Kept   *k = &kept[(map_hash(zone) ^ (uint64_t)quarter) % KEPT];
    pthread_mutex_lock(&lock);
    bool hit =
        k->len == zone.len && k->quarter == quarter && memcmp(k->name, zone.ptr, zone.len) == 0;
    int64_t offset = k->offset;
    pthread_mutex_unlock(&lock);
    if (hit)
        return offset;
    offset = ask(zone, at);
    pthread_mutex_lock(&lock);
    *k = (Kept){.len = zone.len, .quarter = quarter, .offset = offset};
    memcpy(k->name, zone.ptr, zone.len);
    pthread_mutex_unlock(&lock);
    return offset;
}

ZoneTime zone_local(Str zone, UnixMs at)
{
    int64_t local = at.v + zone_offset(zone, at);
    int64_t day = floor_div(local, DAY_MS);
    return (ZoneTime){.day = day, .minutes = (int)((local - day * DAY_MS) / 60000)};
}

UnixMs zone_instant(Str zone, int64_t day, int minutes)
{
    int64_t local = day * DAY_MS + (int64_t)minutes * 60000;
    int64_t before = zone_offset(zone, (UnixMs){local - DAY_MS});
    int64_t guess = local - before;
    int64_t then = zone_offset(zone, (UnixMs){guess}); /* the clocks may have changed since */
    return (UnixMs){then == before ? guess : local - then};
}
