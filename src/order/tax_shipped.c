/* The table of rates that ships (tax/tax_rates.csv) and how it comes into the shop's own. */
#include <string.h>

#include "base/embedded.h"
#include "base/id.h"
#include "order/tax_int.h"

extern const EmbeddedText order_tax_files[];

enum { COLUMNS = 8, ZONES = 200 };

typedef struct Line { /* country,zone,postals,class,name,percent,from,until */
    Str field[COLUMNS];
} Line;
enum { COUNTRY, ZONE, POSTALS, CLASS, NAME, PERCENT, FROM, UNTIL };

/* --- reading the file --------------------------------------------------------------------- */

/* "4.9" is 49000 ppm: at most four decimals. */
static int64_t ppm_of(Str percent)
{
    int64_t v = 0, scale = 10000;
    bool    decimals = false;
    for (size_t i = 0; i < percent.len; i++) {
        if (percent.ptr[i] == '.') {
            decimals = true;
            continue;
        }
        v = v * 10 + (percent.ptr[i] - '0');
        scale = decimals ? scale / 10 : scale;
    }
    return v * scale;
}

static OptTime day_of(Str s)
{
    UnixMs t;
    return s.len > 0 && clock_parse_date(s, &t) ? opt_time(t) : (OptTime){0};
}

/* The next line that is data; false: the end. What a comment says goes to *about. */
static bool next_line(Str *text, Line *ret, TaxShipped *about)
{
    for (Str line; text->len > 0;) {
        str_cut(*text, '\n', &line, text);
        if (str_starts(line, STR("# date: ")))
            about->date = str_skip(line, 8);
        if (str_starts(line, STR("# source: ")))
            about->source = str_skip(line, 10);
        if (line.len == 0 || line.ptr[0] == '#' || str_starts(line, STR("country,")))
            continue;
        for (size_t i = 0; i < COLUMNS; i++)
            str_cut(line, ',', &ret->field[i], &line);
        return true;
    }
    return false;
}

/* --- zones -------------------------------------------------------------------------------- */

static bool same_zone(Arena *a, const TaxZone *z, const Line *l)
{
    Str rest = l->field[POSTALS], one;
    (void)a;
    if (!str_eq(z->country, l->field[COUNTRY]) || z->regions.n > 0)
        return false;
    for (size_t i = 0; i < z->postals.n; i++) {
        str_cut(rest, ' ', &one, &rest);
        if (!str_eq(z->postals.items[i].from, one) || z->postals.items[i].to.len > 0)
            return false;
    }
    return rest.len == 0;
}

static TaxZone new_zone(Arena *a, const Line *l)
{
    TaxZone z = {.country = l->field[COUNTRY], .title = l->field[ZONE]};
    Str     rest = l->field[POSTALS], one;
    z.postals.items = arena_array(a, TaxPostal, rest.len / 2 + 1);
    while (rest.len > 0) {
        str_cut(rest, ' ', &one, &rest);
        z.postals.items[z.postals.n++] = (TaxPostal){one, STR("")};
    }
    return z;
}

typedef struct Apply {
    bool       again;
    TaxShipped out;
    TaxZones   zones; /* with room for more */
} Apply;

static Status zone_of(Cx *cx, Apply *job, const Line *l, TaxZone **ret)
{
    for (size_t i = 0; i < job->zones.n; i++)
        if (same_zone(cx->arena, &job->zones.items[i], l)) {
            *ret = &job->zones.items[i];
            return ST_OK;
        }
    *ret = &job->zones.items[job->zones.n++];
    **ret = new_zone(cx->arena, l);
    (*ret)->rates.items = arena_array(cx->arena, TaxRate, TAX_RATES_MAX);
    job->out.zones_added++;
    return tax_zone_add_shipped(cx, *ret);
}

/* --- rates -------------------------------------------------------------------------------- */

static bool holds(const TaxRate *r, UnixMs at)
{
    return !r->ends_at.has || r->ends_at.v.v > at.v;
}

static TaxRate rate_of(const Line *l)
{
    return (TaxRate){.id = id_new(),
                     .tax_class = l->field[CLASS],
                     .name = l->field[NAME],
                     .rate_ppm = ppm_of(l->field[PERCENT]),
                     .starts_at = day_of(l->field[FROM]),
                     .ends_at = day_of(l->field[UNTIL]),
                     .shipped = true};
}

/* Room for one more, keeping what is there. */
static void push_rate(Cx *cx, TaxZone *z, TaxRate r)
{
    TaxRate *all = arena_array(cx->arena, TaxRate, z->rates.n + 1);
    if (z->rates.n > 0)
        memcpy(all, z->rates.items, z->rates.n * sizeof *all);
    all[z->rates.n] = r;
    z->rates.items = all;
    z->rates.n++;
}

/* A rate of the class that is as shipped and holds another value ends when the new one begins;
 * where staff wrote one of this class, theirs stays alone. */
static Status apply_rate(Cx *cx, Apply *job, TaxZone *z, const Line *l)
{
    TaxRate want = rate_of(l);
    for (size_t i = 0; i < z->rates.n; i++) {
        TaxRate *r = &z->rates.items[i];
        if (!str_eq(r->tax_class, want.tax_class) || !holds(r, cx->now))
            continue;
        if (!r->shipped) {
            job->out.rates_kept++;
            return ST_OK;
        }
        if (r->rate_ppm == want.rate_ppm)
            return ST_OK;
        r->ends_at = want.starts_at.has ? want.starts_at : opt_time(cx->now);
        if (!want.starts_at.has)
            want.starts_at = r->ends_at;
        job->out.rates_ended++;
        TRY(tax_rate_write(cx, z->id, i, r));
    }
    if (z->rates.n >= TAX_RATES_MAX)
        return ST_OK;
    job->out.rates_added++;
    push_rate(cx, z, want);
    return tax_rate_write(cx, z->id, z->rates.n - 1, &want);
}

static Status add_class(Cx *cx, Str handle, const char *title, Str base)
{
    return order_sql_tax_class_add(cx, id_new(), handle, str_from_cstr(title), base, NULL);
}

static Status add_classes(Cx *cx)
{
    TRY(add_class(cx, STR("standard"), "Standard", STR("")));
    TRY(add_class(cx, STR("reduced"), "Reduced", STR("")));
    TRY(add_class(cx, STR("reduced-2"), "Reduced, lower", STR("reduced")));
    TRY(add_class(cx, STR("reduced-3"), "Reduced, lowest", STR("reduced-2")));
    TRY(add_class(cx, STR("super-reduced"), "Super-reduced", STR("reduced-2")));
    TRY(add_class(cx, STR("zero"), "Zero rate", STR("")));
    return add_class(cx, STR("exempt"), "Exempt", STR(""));
}

/* --- all of it ---------------------------------------------------------------------------- */

static Status load_zones(Cx *cx, Apply *job)
{
    TaxZones all;
    TRY(tax_zones(cx, &all));
    job->zones = (TaxZones){arena_array(cx->arena, TaxZone, all.n + ZONES), all.n};
    if (all.n > 0)
        memcpy(job->zones.items, all.items, all.n * sizeof *all.items);
    return ST_OK;
}

static Status about(Cx *cx, TaxShipped *ret)
{
    Str  text = order_tax_files[0].text;
    Line line;
    bool found;
    *ret = (TaxShipped){.date = STR(""), .source = STR(""), .applied = STR("")};
    while (next_line(&text, &line, ret))
        ;
    TRY(order_sql_tax_shipped_get(cx, &found, &ret->applied));
    if (!found)
        ret->applied = STR("");
    return ST_OK;
}

static Status apply_tx(Cx *cx, void *arg)
{
    Apply *job = arg;
    Str    text = order_tax_files[0].text;
    Line   line;
    TRY(about(cx, &job->out));
    if (!job->again && str_cmp(job->out.applied, job->out.date) >= 0)
        return ST_OK;
    TRY(add_classes(cx));
    TRY(load_zones(cx, job));
    while (next_line(&text, &line, &job->out)) {
        TaxZone *z;
        TRY(zone_of(cx, job, &line, &z));
        if (!str_eq(line.field[CLASS], STR("none")))
            TRY(apply_rate(cx, job, z, &line));
    }
    TRY(order_sql_tax_shipped_set(cx, job->out.date, cx->now, NULL));
    TRY(pricing_tell(cx, "tax"));
    return audit_add(cx, "order.tax_table", 1, "apply", &tax_shipped_shape, NULL, &job->out);
}

Status tax_shipped_apply(Cx *cx, bool again, TaxShipped *ret)
{
    Apply job = {.again = again};
    TRY(cx_in_tx(cx, apply_tx, &job));
    *ret = job.out;
    return ST_OK;
}

Status tax_shipped_get(Cx *cx, TaxShipped *ret)
{
    return about(cx, ret);
}
