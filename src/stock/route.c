#include "stock/route.h"

#include "base/sort.h"
#include "stock/place.h"

#include <math.h>

typedef struct Router {
    const RouteAsk *ask;
    Arena          *a;
    size_t          order[ROUTE_PLACES]; /* places, best first */
    bool            chosen[ROUTE_PLACES];
    int64_t        *left;  /* of each line's variant at each place: nlines * nplaces */
    int64_t        *want;  /* of each line, what is there of it somewhere */
    int64_t        *total; /* the same of all lines of a variant, at the first of them */
    RoutePart      *parts;
    size_t          n;
} Router;

/* --- order of places ---------------------------------------------------------------------- */

static int compare_places(const RouteAsk *ask, size_t x, size_t y)
{
    const RoutePlace *p = &ask->places[x], *q = &ask->places[y];
    for (size_t i = 0; i < ask->nrules; i++) {
        if (ask->rules[i] == STOCK_NEAREST && fabs(p->far - q->far) > 0.5)
            return p->far < q->far ? -1 : 1;
        if (ask->rules[i] == STOCK_PRIORITY && p->priority != q->priority)
            return p->priority < q->priority ? -1 : 1;
    }
    if (p->priority != q->priority)
        return p->priority < q->priority ? -1 : 1;
    return p->id < q->id ? -1 : p->id > q->id;
}

static void order_places(Router *r)
{
    for (size_t i = 0; i < r->ask->nplaces; i++) {
        size_t k = i;
        for (; k > 0 && compare_places(r->ask, i, r->order[k - 1]) < 0; k--)
            r->order[k] = r->order[k - 1];
        r->order[k] = i;
    }
}

/* --- how many there are ------------------------------------------------------------------- */

static int64_t *left_of(Router *r, size_t line)
{
    while (r->ask->lines[line].shares > 0)
        line = r->ask->lines[line].shares - 1;
    return &r->left[line * r->ask->nplaces];
}

static void begin(Router *r)
{
    const RouteAsk *ask = r->ask;
    r->left = arena_array(r->a, int64_t, ask->nlines * ask->nplaces + 1);
    r->want = arena_array(r->a, int64_t, ask->nlines + 1);
    r->total = arena_array(r->a, int64_t, ask->nlines + 1);
    r->parts = arena_array(r->a, RoutePart, ask->nlines * (ask->nplaces + 1) + 1);
    int64_t *sum = arena_array(r->a, int64_t, ask->nlines + 1);
    for (size_t i = 0; i < ask->nlines; i++) {
        const RouteLine *line = &ask->lines[i];
        size_t           first = i;
        if (line->anywhere)
            continue;
        if (line->shares == 0)
            for (size_t k = 0; k < ask->nplaces; k++) {
                int64_t there = line->there[k] > 0 ? line->there[k] : 0;
                r->left[i * ask->nplaces + k] = there;
                sum[i] += there;
            }
        while (ask->lines[first].shares > 0)
            first = ask->lines[first].shares - 1;
        r->want[i] = line->qty < sum[first] ? line->qty : sum[first];
        sum[first] -= r->want[i];
        r->total[first] += r->want[i];
    }
}

/* --- choosing places ---------------------------------------------------------------------- */

/* Do these places (bits by order) have everything that is wanted? */
static bool covers(Router *r, unsigned set)
{
    const RouteAsk *ask = r->ask;
    for (size_t i = 0; i < ask->nlines; i++) {
        if (ask->lines[i].shares > 0 || ask->lines[i].anywhere)
            continue;
        int64_t there = 0;
        for (size_t k = 0; k < ask->nplaces; k++)
            if (set >> k & 1)
                there += r->left[i * ask->nplaces + r->order[k]];
        if (there < r->total[i])
            return false;
    }
    return true;
}

/* Is x better than y, of as many places: has it the earlier ones? */
static bool earlier(unsigned x, unsigned y)
{
    unsigned differ = x ^ y;
    return (x & differ & (0U - differ)) != 0; /* the lowest bit in which they differ */
}

static void choose_exactly(Router *r)
{
    unsigned all = 1U << r->ask->nplaces, best = all - 1;
    for (unsigned set = 0; set < all; set++) {
        int n = __builtin_popcount(set), least = __builtin_popcount(best);
        if ((n < least || (n == least && earlier(set, best))) && covers(r, set))
            best = set;
    }
    for (size_t k = 0; k < r->ask->nplaces; k++)
        r->chosen[r->order[k]] = best >> k & 1;
}

/* Pieces that this place adds to what is chosen. */
static int64_t adds(Router *r, const int64_t *lack, size_t place)
{
    int64_t sum = 0;
    for (size_t i = 0; i < r->ask->nlines; i++) {
        int64_t there = r->ask->lines[i].anywhere ? 0 : left_of(r, i)[place];
        sum += there < lack[i] ? there : lack[i];
    }
    return sum;
}

static void choose_greedily(Router *r)
{
    const RouteAsk *ask = r->ask;
    int64_t        *lack = arena_array(r->a, int64_t, ask->nlines + 1);
    for (size_t i = 0; i < ask->nlines; i++)
        lack[i] = r->want[i];
    for (size_t round = 0; round < ask->nplaces; round++) {
        int64_t most = 0;
        size_t  best = 0;
        for (size_t k = 0; k < ask->nplaces; k++) {
            size_t  place = r->order[k];
            int64_t sum = r->chosen[place] ? 0 : adds(r, lack, place);
            if (sum > most) {
                most = sum;
                best = place;
            }
        }
        if (most == 0)
            return;
        r->chosen[best] = true;
        for (size_t i = 0; i < ask->nlines; i++) {
            int64_t there = ask->lines[i].anywhere ? 0 : left_of(r, i)[best];
            lack[i] -= there < lack[i] ? there : lack[i];
        }
    }
}

/* --- dividing ----------------------------------------------------------------------------- */

static void part(Router *r, size_t line, size_t place, int64_t qty, bool backorder)
{
    r->parts[r->n++] = (RoutePart){line, place, qty, backorder};
}

static void take(Router *r, size_t line, size_t place, int64_t qty)
{
    left_of(r, line)[place] -= qty;
    part(r, line, place, qty, false);
}

/* From one place if one of them has all of it, else from one after the other. */
static void divide_line(Router *r, size_t i)
{
    int64_t want = r->want[i];
    for (size_t k = 0; k < r->ask->nplaces && want > 0; k++) {
        size_t place = r->order[k];
        if (r->chosen[place] && left_of(r, i)[place] >= want) {
            take(r, i, place, want);
            want = 0;
        }
    }
    for (int any = 0; any < 2; any++) /* lines of one variant: what was chosen may not do */
        for (size_t k = 0; k < r->ask->nplaces && want > 0; k++) {
            size_t  place = r->order[k];
            int64_t there = left_of(r, i)[place];
            int64_t qty = there < want ? there : want;
            if ((r->chosen[place] || any) && qty > 0) {
                take(r, i, place, qty);
                want -= qty;
            }
        }
    if (r->ask->lines[i].qty > r->want[i])
        part(r, i, r->order[0], r->ask->lines[i].qty - r->want[i], true);
}

/* Where something is sent from anyway: the best of these. */
static size_t used_place(const Router *r)
{
    for (size_t k = 0; k < r->ask->nplaces; k++)
        for (size_t i = 0; i < r->n; i++)
            if (r->parts[i].place == r->order[k])
                return r->order[k];
    return r->order[0];
}

static int by_line(const void *x, const void *y)
{
    const RoutePart *p = x, *q = y;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    if (p->backorder != q->backorder)
        return p->backorder ? 1 : -1;
    return p->place < q->place ? -1 : p->place > q->place;
}

/* Pieces on back-order at a place that has the same line's anyway: still two parts. */
size_t route(Arena *a, const RouteAsk *ask, RoutePart **ret)
{
    Router r = {.ask = ask, .a = a};
    ASSERT(ask->nplaces > 0 && ask->nplaces <= ROUTE_PLACES);
    order_places(&r);
    begin(&r);
    bool fewest = ask->nrules > 0 && ask->rules[0] == STOCK_FEWEST_PARCELS;
    if (fewest && ask->nplaces <= ROUTE_EXACT)
        choose_exactly(&r);
    else if (fewest)
        choose_greedily(&r);
    else
        for (size_t k = 0; k < ask->nplaces; k++)
            r.chosen[k] = true;
    for (size_t i = 0; i < ask->nlines; i++)
        if (!ask->lines[i].anywhere)
            divide_line(&r, i);
    size_t used = used_place(&r);
    for (size_t i = 0; i < ask->nlines; i++)
        if (ask->lines[i].anywhere)
            part(&r, i, used, ask->lines[i].qty, false);
    array_sort(r.parts, r.n, sizeof *r.parts, by_line);
    *ret = r.parts;
    return r.n;
}

/* --- distance ----------------------------------------------------------------------------- */

enum { FAR = 20000, IN_COUNTRY = 400, IN_ZONE = 150 };

static double radians(double degrees)
{
    return degrees * 3.14159265358979323846 / 180;
}

/* The haversine formula, on a sphere of 6,371 km. */
static double great_circle(PlacePoint p, PlacePoint q)
{
    double dlat = radians(q.latitude - p.latitude), dlon = radians(q.longitude - p.longitude);
    double h = sin(dlat / 2) * sin(dlat / 2) +
               cos(radians(p.latitude)) * cos(radians(q.latitude)) * sin(dlon / 2) * sin(dlon / 2);
    return 2 * 6371 * asin(sqrt(h < 1 ? h : 1));
}

/* Characters that count, in capitals: "1012 ab" is "1012AB". */
static size_t postal_key(Str postal, char *ret, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < postal.len && n < cap; i++) {
        char c = postal.ptr[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
            ret[n++] = c;
    }
    return n;
}

/* Codes that begin alike are near each other: each character that is the same halves the way. */
static double postal_distance(Str x, Str y)
{
    char   p[16], q[16];
    size_t n = postal_key(x, p, sizeof p), m = postal_key(y, q, sizeof q), same = 0;
    if (n == 0 || m == 0)
        return IN_COUNTRY;
    while (same < n && same < m && p[same] == q[same])
        same++;
    if (same == n && same == m)
        return 0;
    double way = IN_COUNTRY;
    for (size_t i = 0; i < same; i++)
        way /= 2;
    if (same < n && same < m) { /* the nearer of two that part at the same place */
        int d = p[same] > q[same] ? p[same] - q[same] : q[same] - p[same];
        way *= 0.75 + (d < 10 ? d : 10) / 40.0;
    }
    return way;
}

double route_distance(const StockLocation *from, const StockDestination *to)
{
    PlacePoint p = {0}, q = {0};
    if (from->country.len == 0 || to->country.len == 0)
        return FAR;
    if (str_eq_nocase(from->country, to->country)) {
        double way = postal_distance(from->postal, to->postal);
        bool   zone = from->zone.len > 0 && str_eq_nocase(from->zone, to->zone);
        return zone && way > IN_ZONE ? IN_ZONE : way;
    }
    if (!place_of_country(to->country, &q))
        return FAR;
    if (from->latitude.has)
        p = (PlacePoint){from->latitude.v, from->longitude.v};
    else if (!place_of_country(from->country, &p))
        return FAR;
    return IN_COUNTRY + 1 + great_circle(p, q);
}
