/* Which zone, and what it costs. */
#include "order/delivery_int.h"

/* --- zones -------------------------------------------------------------------------------- */

/* Letters and digits in capitals; at most cap. */
static Str postal_key(Str postal, char *ret, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < postal.len && n < cap; i++) {
        char c = postal.ptr[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        if (c != ' ' && c != '-')
            ret[n++] = c;
    }
    return (Str){ret, n};
}

static bool postal_in(Str code, const DeliveryPostal *p)
{
    char f[32], t[32];
    Str  from = postal_key(p->from, f, sizeof f), to = postal_key(p->to, t, sizeof t);
    if (to.len == 0)
        return str_starts(code, from);
    return str_cmp(str_head(code, from.len), from) >= 0 && str_cmp(str_head(code, to.len), to) <= 0;
}

static bool has_region(const DeliveryPlace *p, Str region)
{
    for (size_t i = 0; i < p->regions.n; i++)
        if (region.len > 0 && str_eq_nocase(p->regions.items[i], region))
            return true;
    return false;
}

/* 0: not there; the more, the more specific. */
static int place_fits(const DeliveryPlace *p, const DeliveryTo *to)
{
    char key[32];
    if (p->country.len == 0)
        return 1;
    if (!str_eq_nocase(p->country, to->country))
        return 0;
    if (p->regions.n == 0 && p->postals.n == 0)
        return 2;
    if (p->regions.n > 0 && !has_region(p, to->region))
        return 0;
    if (p->postals.n == 0)
        return 3;
    Str code = postal_key(to->postal, key, sizeof key);
    for (size_t i = 0; i < p->postals.n; i++)
        if (code.len > 0 && postal_in(code, &p->postals.items[i]))
            return 4;
    return 0;
}

const DeliveryZone *delivery_zone_of(const DeliveryTables *t, int64_t profile, const DeliveryTo *to)
{
    const DeliveryZone *best = NULL;
    int                 most = 0;
    for (size_t i = 0; i < t->zones.n; i++) {
        const DeliveryZone *z = &t->zones.items[i];
        if (z->profile_id != profile)
            continue;
        for (size_t k = 0; k < z->places.n; k++) {
            int fits = place_fits(&z->places.items[k], to);
            if (fits > most) {
                most = fits;
                best = z;
            }
        }
    }
    return best;
}

int64_t delivery_profile_of(const DeliveryTables *t, int64_t product)
{
    size_t from = 0, to = t->products.n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (t->products.items[mid].product_id < product)
            from = mid + 1;
        else
            to = mid;
    }
    bool found = from < t->products.n && t->products.items[from].product_id == product;
    return found ? t->products.items[from].profile_id : DELIVERY_DEFAULT_PROFILE;
}

/* --- rates -------------------------------------------------------------------------------- */

static bool within(int64_t x, OptI64 from, OptI64 to)
{
    return (!from.has || x >= from.v) && (!to.has || x < to.v);
}

static bool rate_fits(const DeliveryRate *r, const DeliveryLoad *load, Str currency)
{
    return str_eq(str_from_cstr(r->amount.cur), currency) &&
           within(load->weight_g, r->weight_from, r->weight_to) &&
           within(load->amount, r->price_from, r->price_to) &&
           within(load->qty, r->qty_from, r->qty_to);
}

/* False: it does not fit into a number. */
static bool rate_amount(const DeliveryRate *r, const DeliveryLoad *load, Money *ret)
{
    int64_t more = 0;
    *ret = r->amount;
    if (!r->step_g.has || r->step_g.v <= 0 || money_absent(r->step_amount))
        return true;
    int64_t above = load->weight_g - (r->weight_from.has ? r->weight_from.v : 0);
    int64_t steps = above > 0 ? (above + r->step_g.v - 1) / r->step_g.v : 0;
    return !__builtin_mul_overflow(steps, r->step_amount.minor, &more) &&
           !__builtin_add_overflow(ret->minor, more, &ret->minor);
}

static const Money *free_over(const DeliveryMethod *m, Str currency)
{
    for (size_t i = 0; i < m->free_over.n; i++)
        if (str_eq(str_from_cstr(m->free_over.items[i].cur), currency))
            return &m->free_over.items[i];
    return NULL;
}

bool delivery_rate(const DeliveryMethod *m, const DeliveryLoad *load, Str currency, Money *ret,
                   Money *ret_to_free)
{
    *ret_to_free = (Money){0};
    if (m->max_weight_g.has && load->weight_g > m->max_weight_g.v)
        return false;
    for (size_t i = 0; i < m->rates.n; i++) {
        if (!rate_fits(&m->rates.items[i], load, currency))
            continue;
        if (!rate_amount(&m->rates.items[i], load, ret))
            return false;
        const Money *limit = free_over(m, currency);
        if (limit != NULL && load->amount >= limit->minor) {
            ret->minor = 0;
        } else if (limit != NULL && ret->minor > 0) {
            *ret_to_free = *limit;
            ret_to_free->minor -= load->amount;
        }
        return true;
    }
    return false;
}
