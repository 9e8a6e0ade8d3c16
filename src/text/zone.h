/* zone.h - time zones by their IANA names: what day and time it is there.
 *
 * Any thread; answers are remembered for the quarter of an hour they hold for (offsets change at
 * its borders only), so asking again costs no call into ICU. */
#pragma once

#include "base/civil.h"
#include "base/clock.h"
#include "base/str.h"

/* Is there such a zone? "UTC", "Europe/Kyiv", … */
bool zone_known(Str zone);

/* Local time minus UTC, in milliseconds; 0 for a zone that is not known. */
int64_t zone_offset(Str zone, UnixMs at);

typedef struct ZoneTime {
    int64_t day;     /* civil.h */
    int     minutes; /* since local midnight */
} ZoneTime;

ZoneTime zone_local(Str zone, UnixMs at);

/* When day `day` reaches `minutes` there; in the hour that clocks skip, the time after it. */
UnixMs zone_instant(Str zone, int64_t day, int minutes);
