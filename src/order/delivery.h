/* delivery.h - how goods get to people: what it costs, and when they arrive.
 *
 * A profile is how a group of products is delivered (all that are in no other: the default one).
 * It has zones, groups of places; a zone has methods. The zone of an address is the most
 * specific one that fits: postal codes before regions before countries before everywhere. A shop
 * delivers nowhere until it has a zone with a method.
 *
 *      DeliveryOptions options;
 *      TRY(order_delivery_options(cx, &ask, &options));    cart and checkout: all that fit
 *      TRY(order_delivery_choose(cx, &ask, method, point, slot, &option));   the one chosen, again
 *      TRY(order_delivery_placed(cx, order, &option, slot));   in the transaction that places it
 *
 * A cart with goods of several profiles is sent as several parcels and pays for each: the choice is
 * among the methods of the first, each together with the method of the same kind (else the
 * cheapest) of the others.
 *
 * What a method costs is the first of its rates whose limits the goods keep, in the cart's
 * currency; nothing from `free_over` on. A method without a rate that fits is not offered.
 *
 * The promise: an order before the cut-off of a day on which we work is packed from that day on,
 * for handling_days working days; it then travels transit_min to transit_max days on which
 * its carrier delivers. Our own holidays stop packing, those of the destination's country stop
 * delivering. Days are those of the shop's time zone. What is not there yet is packed from the day
 * on which it is expected; when nobody knows, there is no promise.
 *
 * Tables are kept in memory and renewed by events: options run no statement, except one for what is
 * where when a method is pickup in a shop, and one for slots that are taken.
 *
 * Codes: order.no_delivery_profile, order.no_delivery_zone, order.no_delivery_method,
 * order.delivery_unavailable, order.slot_full. */
#pragma once

#include "base/civil.h"
#include "core/cx.h"
#include "core/setting.h"
#include "order/texts.h"
#include "order/totals.h"

#define DELIVERY_PROFILE_ID "dlp"
#define DELIVERY_ZONE_ID    "dlz"
#define DELIVERY_METHOD_ID  "dlm"
#define DELIVERY_POINT_ID   "dpt"

enum {
    DELIVERY_DEFAULT_PROFILE = 1,
    DELIVERY_PROFILES_MAX = 100,
    DELIVERY_ZONES_MAX = 500,    /* in all */
    DELIVERY_METHODS_MAX = 2000, /* in all */
    DELIVERY_PLACES_MAX = 300,   /* of a zone */
    DELIVERY_RATES_MAX = 200,    /* of a method */
    DELIVERY_SLOTS_MAX = 100,    /* of a method, in a week */
    DELIVERY_POINTS_SHOWN = 20,
    DELIVERY_DAYS_MAX = 365
};

typedef enum DeliveryKind {
    DELIVERY_STANDARD,
    DELIVERY_EXPRESS,
    DELIVERY_PICKUP,       /* fetched in one of the shop's locations */
    DELIVERY_PICKUP_POINT, /* fetched at a locker or parcel shop */
    DELIVERY_LOCAL         /* brought by the shop itself, in a slot of time */
} DeliveryKind;
extern const char *const delivery_kind_names[];

/* --- what is set up ----------------------------------------------------------------------- */

typedef struct DeliveryProfile {
    uint64_t given;
    int64_t  id;
    Str      title;
    int64_t  products; /* how many are in it; of the default one 0: all the others */
    UnixMs   created_at, updated_at;
} DeliveryProfile;
typedef TOTALS_LIST(DeliveryProfile) DeliveryProfiles;

/* Codes from..to compare as text, without spaces, in upper case; `to` empty: all that begin so. */
typedef struct DeliveryPostal {
    Str from, to;
} DeliveryPostal;

typedef struct DeliveryPlace {
    Str country; /* ISO 3166-1 alpha-2; "": everywhere */
    TOTALS_LIST(Str) regions;
    TOTALS_LIST(DeliveryPostal) postals;
} DeliveryPlace;

typedef struct DeliveryZone {
    uint64_t given;
    int64_t  id;
    int64_t  profile_id;
    Str      title;
    TOTALS_LIST(DeliveryPlace) places;
    UnixMs created_at, updated_at;
} DeliveryZone;
typedef TOTALS_LIST(DeliveryZone) DeliveryZones;

typedef struct DeliveryRate { /* absent limits do not limit; from <= x < to */
    Money  amount;
    OptI64 weight_from, weight_to; /* grams, of all goods */
    OptI64 price_from, price_to;   /* minor units of the amount's currency */
    OptI64 qty_from, qty_to;
    OptI64 step_g; /* with step_amount: that much more for each step (begun) above weight_from */
    Money  step_amount;
} DeliveryRate;

typedef struct DeliverySlot { /* every week */
    int     weekday;          /* 0 Monday … 6 Sunday */
    int64_t from, to;         /* minutes since midnight */
    int64_t capacity;         /* orders */
} DeliverySlot;

typedef struct DeliveryMethod {
    uint64_t          given;
    int64_t           id;
    int64_t           zone_id;
    Str               title, description;
    OrderTranslations translations;
    int               kind; /* DeliveryKind */
    bool              active;
    int64_t           position;
    Str               carrier;   /* key of fulfillment.h's carriers, or "" */
    Str               tax_class; /* "": as the tax settings say */
    TOTALS_LIST(DeliveryRate) rates;
    struct {
        Money *items;
        size_t n;
    } free_over;                     /* one for each currency */
    OptI64 handling_days;            /* absent: as the setting says, as the next */
    OptI64 cutoff;                   /* minutes since midnight */
    OptI64 transit_min, transit_max; /* absent: no promise (pickup: 0) */
    struct {
        int   *items;
        size_t n;
    } weekdays; /* on which the carrier delivers; none: Monday to Friday */
    struct {
        int64_t *items;
        size_t   n;
    } locations; /* pickup: these; none: all where orders can be fetched */
    TOTALS_LIST(DeliverySlot) slots;
    int64_t days_ahead;   /* slots are offered for so many days */
    OptI64  max_weight_g; /* of all goods */
    UnixMs  created_at, updated_at;
} DeliveryMethod;
typedef TOTALS_LIST(DeliveryMethod) DeliveryMethods;

typedef struct DeliveryPoint { /* a locker or parcel shop */
    int64_t id;
    Str     carrier;
    Str     code; /* the carrier's */
    Str     name, line1, city, postal, country, hours;
} DeliveryPoint;
typedef TOTALS_LIST(DeliveryPoint) DeliveryPoints;

typedef struct DeliveryHoliday {
    Str  date;    /* "2026-12-25" */
    Str  country; /* "": the shop's own: nothing is packed; else nothing is delivered there */
    bool yearly;
    Str  title;
} DeliveryHoliday;
typedef TOTALS_LIST(DeliveryHoliday) DeliveryHolidays;

typedef struct DeliverySettings { /* "order.delivery" */
    int64_t handling_days;
    int64_t cutoff; /* minutes since midnight */
    struct {
        int   *items;
        size_t n;
    } workdays;             /* 0 Monday … */
    bool    promise;        /* show when things arrive */
    int64_t late_hours;     /* how long after the promised day an order counts as late */
    Str     webhook_secret; /* signs what carriers and their services send us; "": refused */
} DeliverySettings;
extern const Setting delivery_settings[1];
#define delivery_setting delivery_settings[0]

extern const Shape delivery_profile_shape, delivery_zone_shape, delivery_method_shape,
    delivery_point_shape, delivery_holiday_shape;

/* --- asking ------------------------------------------------------------------------------- */

typedef struct DeliveryLine {
    int64_t variant_id, product_id;
    int64_t qty;
    int64_t weight_g;    /* of one piece */
    int64_t amount;      /* of all pieces after discounts, minor units */
    bool    digital;     /* nothing is sent */
    bool    backorder;   /* it is not there yet … */
    OptTime expected_at; /* … and comes then */
} DeliveryLine;

typedef struct DeliveryAsk {
    Str                 country, region, postal; /* "" where not known yet */
    const DeliveryLine *lines;
    size_t              n;
    Str                 currency;
    Str                 locale; /* of titles; "": the shop's own */
    UnixMs              now;
} DeliveryAsk;

typedef struct DeliveryPromise { /* days of civil.h; 0, 0: none */
    int64_t from, to;
    OptTime order_by; /* until then it holds: the cut-off */
} DeliveryPromise;

typedef struct DeliveryOffer { /* a place to fetch it, or a slot of time */
    Str             id;        /* comes back as `point` or `slot` */
    Str             title;     /* "Shop Utrecht" */
    Str             line1, city, postal, country, hours;
    bool            here;          /* shop: all of it is there already */
    int64_t         day, from, to; /* slot: minutes since midnight */
    int64_t         left;          /* slot: orders it still takes */
    DeliveryPromise promise;
} DeliveryOffer;
typedef TOTALS_LIST(DeliveryOffer) DeliveryOffers;

typedef struct DeliveryOption {
    int64_t         method_id;
    int             kind;
    Str             title, description, carrier;
    Str             tax_class;
    Money           amount;
    Money           to_free; /* what is missing to free delivery; absent: no such thing */
    DeliveryPromise promise;
    DeliveryOffers  points; /* pickup, pickup point: choose one */
    DeliveryOffers  slots;  /* local: choose one */
    DeliveryOffer   chosen; /* order_delivery_choose(): the point or slot */
} DeliveryOption;

typedef enum DeliveryProblem {
    DELIVERY_FINE,
    DELIVERY_NOTHING,    /* nothing is to be sent */
    DELIVERY_NO_ADDRESS, /* the country is not known */
    DELIVERY_NOT_SERVED, /* no zone is there */
    DELIVERY_NO_METHOD   /* there is one, but no method for these goods */
} DeliveryProblem;
extern const char *const delivery_problem_names[];

typedef struct DeliveryOptions {
    DeliveryOption *items; /* cheapest first */
    size_t          n;
    int             problem; /* DeliveryProblem; other than DELIVERY_FINE: there are none */
} DeliveryOptions;

NODISCARD Status order_delivery_options(Cx *cx, const DeliveryAsk *ask, DeliveryOptions *ret);

/* The method chosen, as it stands now. `point` and `slot` are ids of offers, "" where there are
 * none. ST_CONFLICT "order.delivery_unavailable", "order.slot_full". */
NODISCARD Status order_delivery_choose(Cx *cx, const DeliveryAsk *ask, int64_t method_id, Str point,
                                       Str slot, DeliveryOption *ret);

/* For a product page: the promise and cost of the fastest ordinary delivery of one piece there.
 * False: none. No statement. `cx` may be that of an I/O thread. */
NODISCARD bool order_delivery_hint(Cx *cx, Str country, const DeliveryLine *line, Str currency,
                                   UnixMs now, DeliveryOption *ret);

/* Where a buyer is taken to live of whom nothing is known: the shop's own country (as the tax
 * settings say) if it delivers there, else the first country of its first zone; "" for neither. */
Str order_delivery_home(Cx *cx);

/* What a way of delivery is called in `locale` now; `was` when it is gone. */
Str order_delivery_title(Cx *cx, int64_t method_id, Str locale, Str was);

/* Countries that the shop delivers to, ascending; {"", …} first: everywhere. No statement. */
NODISCARD Status order_delivery_countries(Cx *cx, TotalsTexts *ret);

/* The location of a point of kind DELIVERY_PICKUP, for StockDestination; 0: it is none. */
int64_t order_delivery_location(Str point);

/* "2026-11-27"; "" for 0. */
Str order_delivery_day(Arena *a, int64_t day);

/* --- orders ------------------------------------------------------------------------------- */

/* In the transaction that places the order: keep the promise, take the slot. ST_CONFLICT
 * "order.slot_full". */
NODISCARD Status order_delivery_placed(Cx *cx, int64_t order_id, int64_t method_id, Str slot,
                                       int64_t promise_from, int64_t promise_to);
/* It was cancelled: give the slot back. */
NODISCARD Status order_delivery_cancelled(Cx *cx, int64_t order_id);

/* --- setting up --------------------------------------------------------------------------- */

NODISCARD Status delivery_profiles(Cx *cx, DeliveryProfiles *ret);
NODISCARD Status delivery_profile_save(Cx *cx, int64_t id /* 0: new */, DeliveryProfile *p);
NODISCARD Status delivery_profile_delete(Cx *cx, int64_t id);
/* Put products into a profile, out of any other; DELIVERY_DEFAULT_PROFILE: into none. */
NODISCARD Status delivery_profile_take(Cx *cx, int64_t id, const int64_t *products, size_t n);

NODISCARD Status delivery_zones(Cx *cx, DeliveryZones *ret);
NODISCARD Status delivery_zone_save(Cx *cx, int64_t id, DeliveryZone *z);
NODISCARD Status delivery_zone_delete(Cx *cx, int64_t id); /* with its methods */

NODISCARD Status delivery_methods(Cx *cx, DeliveryMethods *ret);
NODISCARD Status delivery_method_save(Cx *cx, int64_t id, DeliveryMethod *m);
NODISCARD Status delivery_method_delete(Cx *cx, int64_t id);

NODISCARD Status delivery_holidays(Cx *cx, DeliveryHolidays *ret);
NODISCARD Status delivery_holidays_put(Cx *cx, const DeliveryHolidays *list);

/* Replace all points of a carrier. */
NODISCARD Status delivery_points_put(Cx *cx, Str carrier, const DeliveryPoints *list);
