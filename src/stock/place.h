/* place.h - where countries lie, roughly: the middle of each, in whole degrees. For telling which
 * of several warehouses is nearer to a country. */
#pragma once

#include "base/str.h"

typedef struct PlacePoint {
    double latitude, longitude;
} PlacePoint;

/* False: not known. Either case. */
bool place_of_country(Str code, PlacePoint *ret);
