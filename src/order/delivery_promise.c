/* When it arrives. */
#include "order/delivery_int.h"

#include "text/zone.h"

enum { LOOK_AHEAD = 400 /* days */ };

static bool is_holiday(const DeliveryTables *t, Str country, int64_t day)
{
    CivilDate d = civil_from_days(day);
    for (size_t i = 0; i < t->days.n; i++) {
        const DeliveryDay *h = &t->days.items[i];
        if (!str_eq(h->country, country))
            continue;
        CivilDate on = civil_from_days(h->day);
        if (h->day == day || (h->yearly && on.month == d.month && on.day == d.day))
            return true;
    }
    return false;
}

static bool has_weekday(const int *days, size_t n, int64_t day)
{
    int weekday = civil_weekday(day);
    for (size_t i = 0; i < n; i++)
        if (days[i] == weekday)
            return true;
    return n == 0 && weekday < 5;
}

static bool works(const DeliveryTables *t, int64_t day)
{
    return has_weekday(t->settings.workdays.items, t->settings.workdays.n, day) &&
           !is_holiday(t, STR(""), day);
}

static bool delivers(const DeliveryTables *t, const DeliveryMethod *m, Str country, int64_t day)
{
    return has_weekday(m->weekdays.items, m->weekdays.n, day) && !is_holiday(t, country, day);
}

/* The first working day from `day` on; 0: none in sight. */
static int64_t working_day(const DeliveryTables *t, int64_t day)
{
    for (int i = 0; i < LOOK_AHEAD; i++)
        if (works(t, day + i))
            return day + i;
    return 0;
}

int64_t delivery_ready(const DeliveryTables *t, const DeliveryMethod *m, const DeliveryWhen *when,
                       OptTime *ret_order_by)
{
    ZoneTime local = zone_local(t->time_zone, when->now);
    int64_t  cutoff = m->cutoff.has ? m->cutoff.v : t->settings.cutoff;
    int64_t  days = m->handling_days.has ? m->handling_days.v : t->settings.handling_days;
    int64_t  day = working_day(t, local.minutes < cutoff ? local.day : local.day + 1);
    *ret_order_by = day > 0 ? opt_time(zone_instant(t->time_zone, day, (int)cutoff)) : (OptTime){0};
    if (when->expected_at.has) {
        int64_t there = zone_local(t->time_zone, when->expected_at.v).day;
        if (there > day) {
            day = working_day(t, there);
            *ret_order_by = (OptTime){0};
        }
    }
    for (int64_t i = 0; i < days && day > 0; i++)
        day = working_day(t, day + 1);
    return when->unknown ? 0 : day;
}

/* After `n` days on which the carrier delivers; 0: on the first such day. */
static int64_t arrives(const DeliveryTables *t, const DeliveryMethod *m, Str country, int64_t day,
                       int64_t n)
{
    for (int i = 0; i < LOOK_AHEAD; i++) {
        bool open = delivers(t, m, country, day + i);
        if (i == 0 && n > 0)
            continue;
        if (open && n <= 1)
            return day + i;
        n -= open ? 1 : 0;
    }
    return 0;
}

DeliveryPromise delivery_promise(const DeliveryTables *t, const DeliveryMethod *m, Str country,
                                 const DeliveryWhen *when)
{
    DeliveryPromise p = {0};
    int64_t         ready = delivery_ready(t, m, when, &p.order_by);
    bool            pickup = m->kind == DELIVERY_PICKUP;
    if (ready == 0 || !t->settings.promise || (!pickup && !m->transit_max.has))
        return (DeliveryPromise){0};
    if (pickup && (when->here || !m->transit_max.has)) {
        p.from = p.to = ready;
        return p;
    }
    int64_t least = m->transit_min.has ? m->transit_min.v : m->transit_max.v;
    p.from = arrives(t, m, country, ready, least);
    p.to = arrives(t, m, country, ready, m->transit_max.v);
    return p.from == 0 || p.to == 0 ? (DeliveryPromise){0} : p;
}

/* --- dates as texts ----------------------------------------------------------------------- */

Str delivery_date(Arena *a, int64_t day)
{
    CLEANUP(buf_done) Buf b = {0};
    if (day <= 0)
        return STR("");
    CivilDate d = civil_from_days(day);
    buf_init(&b, 32);
    buf_addf(&b, "%04d-%02d-%02d", d.year, d.month, d.day);
    return str_dup(a, buf_str(&b));
}

Str order_delivery_day(Arena *a, int64_t day)
{
    return delivery_date(a, day);
}

static bool digits(Str s, size_t at, size_t n, int *ret)
{
    int64_t v;
    if (!str_parse_i64(str_head(str_skip(s, at), n), &v) || v < 0)
        return false;
    *ret = (int)v;
    return true;
}

bool delivery_date_read(Str s, int64_t *ret_day)
{
    CivilDate d;
    if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-' || !digits(s, 0, 4, &d.year) ||
        !digits(s, 5, 2, &d.month) || !digits(s, 8, 2, &d.day) || !civil_valid(d))
        return false;
    *ret_day = civil_to_days(d);
    return true;
}

Str delivery_slot_id(Arena *a, int64_t day, int64_t from, int64_t to)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    buf_add(&b, delivery_date(a, day));
    buf_addf(&b, "T%02d:%02d-%02d:%02d", (int)(from / 60), (int)(from % 60), (int)(to / 60),
             (int)(to % 60));
    return str_dup(a, buf_str(&b));
}

/* --- slots -------------------------------------------------------------------------------- */

static int64_t booked_of(const OrderSlotRowList *rows, Str slot)
{
    for (size_t i = 0; i < rows->n; i++)
        if (str_eq(rows->items[i].slot, slot))
            return rows->items[i].booked;
    return 0;
}

static void slots_of_day(Cx *cx, const DeliveryMethod *m, int64_t day, int64_t not_before,
                         DeliveryOffers *ret)
{
    for (size_t i = 0; i < m->slots.n; i++) {
        const DeliverySlot *s = &m->slots.items[i];
        if (s->weekday != civil_weekday(day) || s->from < not_before)
            continue;
        ret->items[ret->n++] =
            (DeliveryOffer){.id = delivery_slot_id(cx->arena, day, s->from, s->to),
                            .title = STR(""),
                            .day = day,
                            .from = s->from,
                            .to = s->to,
                            .left = s->capacity,
                            .promise = {.from = day, .to = day}};
    }
}

Status delivery_slots(Cx *cx, const DeliveryTables *t, const DeliveryMethod *m,
                      const DeliveryWhen *when, DeliveryOffers *ret)
{
    OptTime          order_by;
    OrderSlotRowList rows;
    ZoneTime         local = zone_local(t->time_zone, when->now);
    int64_t          ready = delivery_ready(t, m, when, &order_by);
    int64_t          days = m->days_ahead > 0 ? m->days_ahead : 7;
    *ret = (DeliveryOffers){0};
    if (ready == 0 || m->slots.n == 0)
        return ST_OK;
    ret->items = arena_array(cx->arena, DeliveryOffer, (size_t)days * m->slots.n + 1);
    for (int64_t day = ready; day < ready + days; day++)
        if (!is_holiday(t, STR(""), day))
            slots_of_day(cx, m, day, day == local.day ? local.minutes + 1 : 0, ret);
    TRY(order_sql_delivery_slots(cx, m->id, delivery_date(cx->arena, ready), 2000, &rows));
    for (size_t i = 0; i < ret->n; i++) {
        int64_t left = ret->items[i].left - booked_of(&rows, ret->items[i].id);
        ret->items[i].left = left > 0 ? left : 0;
    }
    return ST_OK;
}
