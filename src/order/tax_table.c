/* The tax table in memory: which zone a destination is in, and its rates. */
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "order/tax.h"

enum { BASES_MAX = 4, LEVELS = 4 };

typedef enum Level { LEVEL_WORLD, LEVEL_COUNTRY, LEVEL_REGION, LEVEL_POSTAL } Level;

typedef struct Entry {
    const TaxZone *zone;
    Level          level;
    size_t         at; /* as they came: by age */
} Entry;

struct TaxTable {
    Entry            *items; /* active ones by country */
    size_t            n;
    const TaxClasses *classes;
};

static int by_country(const void *x, const void *y)
{
    const Entry *a = x, *b = y;
    int          c = str_cmp(a->zone->country, b->zone->country);
    return c != 0 ? c : a->at < b->at ? -1 : a->at > b->at;
}

const TaxTable *tax_table_make(Arena *a, const TaxZones *zones, const TaxClasses *classes)
{
    TaxTable *t = arena_new(a, TaxTable);
    t->items = arena_array(a, Entry, zones->n + 1);
    t->classes = classes;
    for (size_t i = 0; i < zones->n; i++) {
        const TaxZone *z = &zones->items[i];
        Level          level = z->postals.n > 0     ? LEVEL_POSTAL
                               : z->regions.n > 0   ? LEVEL_REGION
                               : z->country.len > 0 ? LEVEL_COUNTRY
                                                    : LEVEL_WORLD;
        if (z->active)
            t->items[t->n++] = (Entry){z, level, i};
    }
    array_sort(t->items, t->n, sizeof *t->items, by_country);
    return t;
}

/* --- where is it? ------------------------------------------------------------------------- */

/* "CA-QC" and "QC" are the same region of Canada. */
static bool region_fits(const TaxZone *z, Str region)
{
    Str head, tail;
    if (str_cut(region, '-', &head, &tail) && str_eq_nocase(head, z->country))
        region = tail;
    for (size_t i = 0; i < z->regions.n; i++) {
        Str is = z->regions.items[i];
        if (str_cut(is, '-', &head, &tail) && str_eq_nocase(head, z->country))
            is = tail;
        if (region.len > 0 && str_eq_nocase(is, region))
            return true;
    }
    return z->regions.n == 0;
}

/* Upper case, without spaces and hyphens; what is longer than `room` is cut. */
static Str postal_key(Str s, char *to, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len && n < room; i++)
        if (s.ptr[i] != ' ' && s.ptr[i] != '-')
            to[n++] = (char)(s.ptr[i] >= 'a' && s.ptr[i] <= 'z' ? s.ptr[i] - 32 : s.ptr[i]);
    return (Str){to, n};
}

static bool postal_fits(const TaxZone *z, Str postal)
{
    char from_text[20], to_text[20];
    for (size_t i = 0; i < z->postals.n; i++) {
        Str from = postal_key(z->postals.items[i].from, from_text, sizeof from_text);
        Str to = postal_key(z->postals.items[i].to, to_text, sizeof to_text);
        if (to.len == 0 ? from.len > 0 && str_starts(postal, from)
                        : postal.len == from.len && from.len == to.len &&
                              str_cmp(postal, from) >= 0 && str_cmp(postal, to) <= 0)
            return true;
    }
    return z->postals.n == 0;
}

static size_t first_of(const TaxTable *t, Str country)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (str_cmp(t->items[mid].zone->country, country) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* ret[level]: the oldest zone of that level that fits, or NULL. */
static void zones_at(const TaxTable *t, Str country, Str region, Str postal,
                     const TaxZone *ret[LEVELS])
{
    char key_text[20];
    Str  key = postal_key(postal, key_text, sizeof key_text);
    Str  wanted[] = {country, STR("")};
    for (size_t c = 0; c < (country.len > 0 ? 2 : 1); c++)
        for (size_t i = first_of(t, wanted[c]);
             i < t->n && str_eq(t->items[i].zone->country, wanted[c]); i++) {
            const Entry *e = &t->items[i];
            if (ret[e->level] == NULL && region_fits(e->zone, region) && postal_fits(e->zone, key))
                ret[e->level] = e->zone;
        }
}

/* --- what is the rate? -------------------------------------------------------------------- */

static Str base_of(const TaxTable *t, Str handle)
{
    for (size_t i = 0; t->classes && i < t->classes->n; i++)
        if (str_eq(t->classes->items[i].handle, handle))
            return t->classes->items[i].base;
    return STR("");
}

static size_t rates_of_class(const TaxZone *z, Str tax_class, UnixMs at, TotalsRate *to, size_t n)
{
    for (size_t i = 0; i < z->rates.n && n < TOTALS_RATES_MAX; i++) {
        const TaxRate *r = &z->rates.items[i];
        if (str_eq(r->tax_class, tax_class) && !(r->starts_at.has && at.v < r->starts_at.v.v) &&
            !(r->ends_at.has && at.v >= r->ends_at.v.v))
            to[n++] = (TotalsRate){r->id, r->name, r->rate_ppm, r->compound};
    }
    return n;
}

/* Of the class, else of what it is based on, else of standard. */
static size_t rates_of_zone(const TaxTable *t, const TaxZone *z, Str tax_class, UnixMs at,
                            TotalsRate *to, size_t n)
{
    size_t had = n;
    for (int i = 0; i < BASES_MAX && tax_class.len > 0 && n == had; i++) {
        n = rates_of_class(z, tax_class, at, to, n);
        if (n == had && str_eq(tax_class, STR("zero"))) {
            n = rates_of_class(z, STR("standard"), at, to, n);
            for (size_t j = had; j < n; j++)
                to[j] = (TotalsRate){.name = to[j].name};
            n = n > had ? had + 1 : n;
        }
        tax_class = base_of(t, tax_class);
    }
    return n == had ? rates_of_class(z, STR("standard"), at, to, n) : n;
}

/* At most two compound ones: more would be beyond what totals can count with exactly. */
static void limit_compounds(TotalsRate *rates, size_t n)
{
    size_t compound = 0;
    for (size_t i = 0; i < n; i++)
        if (rates[i].compound && ++compound > 2)
            rates[i].compound = false;
}

TotalsRates tax_table_rates(const TaxTable *t, Arena *a, Str country, Str region, Str postal,
                            Str tax_class, UnixMs at, int64_t *ret_zone)
{
    const TaxZone *at_level[LEVELS] = {0};
    TotalsRate    *rates = arena_array(a, TotalsRate, TOTALS_RATES_MAX);
    size_t         n = 0;
    int            low = LEVELS - 1, high;
    zones_at(t, country, region, postal, at_level);
    while (low >= 0 && at_level[low] == NULL)
        low--;
    high = low;
    if (ret_zone)
        *ret_zone = high >= 0 ? at_level[high]->id : 0;
    if (str_eq(tax_class, STR("exempt")))
        return (TotalsRates){rates, 0};
    for (int next = low; next >= 0 && (low == next || at_level[low]->adds);) {
        low = next;
        for (next = low - 1; next >= 0 && at_level[next] == NULL; next--)
            ;
    }
    for (int i = low < 0 ? 0 : low; i <= high; i++) /* the wider ones first */
        if (at_level[i])
            n = rates_of_zone(t, at_level[i], tax_class, at, rates, n);
    limit_compounds(rates, n);
    return (TotalsRates){rates, n};
}
