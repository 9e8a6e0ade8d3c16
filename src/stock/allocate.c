/* Allocations: pieces promised to orders, and what becomes of them. */
#include "stock/reserve_int.h"
#include "stock/route.h"

enum { OPEN_MAX = 20000 /* lines of one order, times locations */ };

typedef struct Allot {
    Cx                     *cx;
    const StockAsk         *ask;
    StockReservationRowList held;
    StockStands             s;
    RoutePlace              places[ROUTE_PLACES];
    size_t                  nplaces;
    StockAllocation        *ret;
} Allot;

/* --- is there enough? --------------------------------------------------------------------- */

/* Pieces of a variant that this order can have at all: also those of the shop where it is fetched,
 * though it may not sell online. */
static int64_t there_of(const Allot *j, StockStand *x)
{
    int64_t there = stand_available(x);
    if (j->ask->to.location_id == 0)
        return there;
    const StockLevel *l = stand_level(&j->s, x, j->ask->to.location_id);
    return l->sells || level_free(l) < 0 ? there : there + level_free(l);
}

static void find_lacks(Allot *j)
{
    const StockAsk *ask = j->ask;
    int64_t        *taken = arena_array(j->cx->arena, int64_t, j->s.n + 1);
    j->ret->lack = (StockShort){0};
    for (size_t i = 0; i < ask->n; i++) {
        StockStand *x = stand_of(&j->s, ask->lines[i].variant_id);
        int64_t     oversell = x != NULL ? stand_oversell(x) : 0;
        if (oversell == STOCK_QTY_MAX)
            continue;
        int64_t left = 0;
        if (x != NULL) {
            int64_t *t = &taken[x - j->s.items];
            left = there_of(j, x) + oversell - *t;
            *t += ask->lines[i].qty < left ? ask->lines[i].qty : left > 0 ? left : 0;
        }
        if (ask->lines[i].qty > left)
            lack_add(j->cx, &j->ret->lack, ask->n, &ask->lines[i], left);
    }
}

/* --- where from? -------------------------------------------------------------------------- */

static void add_place(Allot *j, const StockLocation *l, double far)
{
    j->places[j->nplaces++] = (RoutePlace){l->id, l->priority, far};
}

static Status find_places(Allot *j)
{
    const StockLocation *here = stand_location(&j->s, j->ask->to.location_id);
    j->nplaces = 0;
    if (here != NULL && here->active)
        add_place(j, here, -1);
    for (size_t i = 0; i < j->s.locations.n && j->nplaces < ROUTE_PLACES; i++) {
        const StockLocation *l = &j->s.locations.items[i];
        if (l->active && l->online && l != here)
            add_place(j, l, route_distance(l, &j->ask->to));
    }
    if (j->nplaces == 0)
        return cx_fail(j->cx, ST_CONFLICT, "stock.no_place",
                       "there is no location that orders are sent from");
    return ST_OK;
}

static size_t earlier_line(const StockAsk *ask, size_t i)
{
    for (size_t k = i; k > 0; k--)
        if (ask->lines[k - 1].variant_id == ask->lines[i].variant_id)
            return k;
    return 0;
}

static RouteLine *route_lines(Allot *j)
{
    const StockAsk *ask = j->ask;
    RouteLine      *lines = arena_array(j->cx->arena, RouteLine, ask->n + 1);
    for (size_t i = 0; i < ask->n; i++) {
        StockStand *x = stand_of(&j->s, ask->lines[i].variant_id);
        lines[i] = (RouteLine){.qty = ask->lines[i].qty, .anywhere = x == NULL || !x->tracked};
        if (lines[i].anywhere)
            continue;
        lines[i].shares = earlier_line(ask, i);
        int64_t *there = arena_array(j->cx->arena, int64_t, j->nplaces);
        for (size_t k = 0; k < j->nplaces; k++)
            there[k] = level_free(stand_level(&j->s, x, j->places[k].id));
        lines[i].there = there;
    }
    return lines;
}

/* The rules matter only where there is a choice. */
static Status rules_of(Allot *j, const int **ret, size_t *ret_n)
{
    StockRouting     routing = {0};
    static const int HERE_FIRST[] = {STOCK_NEAREST};
    *ret = HERE_FIRST;
    *ret_n = 1;
    if (j->nplaces < 2 || j->ask->to.location_id != 0)
        return ST_OK;
    TRY(setting_get(j->cx, &stock_routing_setting, &routing, NULL));
    *ret = routing.rules.items;
    *ret_n = routing.rules.n;
    return ST_OK;
}

static Status divide(Allot *j)
{
    RouteAsk   ask = {.places = j->places, .nplaces = j->nplaces, .nlines = j->ask->n};
    RoutePart *parts;
    TRY(rules_of(j, &ask.rules, &ask.nrules));
    ask.lines = route_lines(j);
    size_t      n = route(j->cx->arena, &ask, &parts);
    StockParts *out = &j->ret->parts;
    *out = (StockParts){arena_array(j->cx->arena, StockPart, n + 1), n};
    for (size_t i = 0; i < n; i++) {
        const StockLine *line = &j->ask->lines[parts[i].line];
        out->items[i] = (StockPart){.line_id = line->line_id,
                                    .variant_id = line->variant_id,
                                    .location_id = j->places[parts[i].place].id,
                                    .qty = parts[i].qty,
                                    .backorder = parts[i].backorder};
    }
    return ST_OK;
}

/* --- writing ------------------------------------------------------------------------------ */

static Status book_part(Allot *j, const StockPart *p)
{
    StockStand *x = stand_of(&j->s, p->variant_id);
    if (x == NULL || !x->tracked)
        return ST_OK;
    level_book(stand_level(&j->s, x, p->location_id), 0, p->qty, 0);
    StockMovementIn in = {.variant_id = p->variant_id,
                          .location_id = p->location_id,
                          .kind = STOCK_ALLOCATED,
                          .allocated = p->qty,
                          .order_id = opt_i64(j->ask->order_id),
                          .line_id = opt_i64(p->line_id)};
    return stands_move(j->cx, &in);
}

static Status write(Allot *j)
{
    for (size_t i = 0; i < j->ret->parts.n; i++)
        TRY(book_part(j, &j->ret->parts.items[i]));
    if (j->held.n > 0) {
        TRY(stock_sql_reservations_forget(j->cx, j->ask->owner, NULL));
        TRY(reservations_orphans(j->cx, &j->s, &j->held));
    }
    return stands_write(j->cx, &j->s);
}

static Status plan(Allot *j)
{
    const StockAsk *ask = j->ask;
    j->held = (StockReservationRowList){0};
    if (ask->owner)
        TRY(stock_sql_reservations_of(j->cx, ask->owner, &j->held));
    TRY(stands_load(j->cx, stock_line_ids(j->cx, ask->lines, ask->n, &j->held), ask->n + j->held.n,
                    &j->s));
    if (ask->to.location_id && stand_location(&j->s, ask->to.location_id) == NULL)
        return cx_fail(j->cx, ST_NOT_FOUND, "stock.no_location", "there is no such location");
    reservations_off(&j->s, &j->held);
    find_lacks(j);
    return ST_OK;
}

Status stock_allocate(Cx *cx, const StockAsk *ask, StockAllocation *ret)
{
    ASSERT(cx->tx_depth > 0 && ask->n <= STOCK_LINES_MAX);
    *ret = (StockAllocation){0};
    Allot j = {.cx = cx, .ask = ask, .ret = ret};
    TRY(plan(&j));
    if (ret->lack.n > 0) {
        int64_t ended;
        TRY(reservations_prune_some(cx, &ended));
        if (ended > 0)
            TRY(plan(&j));
    }
    if (ret->lack.n > 0 && !(ask->flags & STOCK_FORCE))
        return cx_fail(cx, ST_CONFLICT, "stock.insufficient", "%zu lines cannot be had in full",
                       ret->lack.n);
    TRY(find_places(&j));
    TRY(divide(&j));
    return write(&j);
}

/* --- afterwards --------------------------------------------------------------------------- */

Status stock_allocated(Cx *cx, int64_t order_id, StockParts *ret)
{
    StockOpenRowList rows;
    TRY(stock_sql_allocated_of_order(cx, order_id, OPEN_MAX, &rows));
    *ret = (StockParts){arena_array(cx->arena, StockPart, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = (StockPart){.line_id = rows.items[i].line_id,
                                    .variant_id = rows.items[i].variant_id,
                                    .location_id = rows.items[i].location_id,
                                    .qty = rows.items[i].qty};
    return ST_OK;
}

/* Of one line, last allocated first. */
static Status open_of_line(Cx *cx, int64_t order_id, int64_t line_id, StockParts *ret)
{
    TRY(stock_allocated(cx, order_id, ret));
    size_t n = 0;
    for (size_t i = 0; i < ret->n; i++)
        if (ret->items[i].line_id == line_id)
            ret->items[n++] = ret->items[i];
    ret->n = n;
    for (size_t i = 0; i < n / 2; i++) {
        StockPart swap = ret->items[i];
        ret->items[i] = ret->items[n - 1 - i];
        ret->items[n - 1 - i] = swap;
    }
    return ST_OK;
}

Status stock_unallocate(Cx *cx, int64_t order_id, int64_t line_id, int64_t qty)
{
    ASSERT(cx->tx_depth > 0);
    StockParts  open;
    StockStands s;
    TRY(open_of_line(cx, order_id, line_id, &open));
    if (open.n == 0)
        return ST_OK;
    TRY(stands_load(cx, &open.items[0].variant_id, 1, &s));
    StockStand *x = stand_of(&s, open.items[0].variant_id);
    for (size_t i = 0; i < open.n && qty > 0; i++) {
        const StockPart *p = &open.items[i];
        int64_t          take = p->qty < qty ? p->qty : qty;
        StockMovementIn  in = {.variant_id = p->variant_id,
                               .location_id = p->location_id,
                               .kind = STOCK_RELEASED,
                               .allocated = -take,
                               .order_id = opt_i64(order_id),
                               .line_id = opt_i64(line_id)};
        TRY(stands_move(cx, &in));
        if (x != NULL)
            level_book(stand_level(&s, x, p->location_id), 0, -take, 0);
        else /* the variant was deleted meanwhile */
            TRY(stock_sql_level_change(cx, p->variant_id, p->location_id, 0, -take, 0, cx->now,
                                       NULL));
        qty -= take;
    }
    return stands_write(cx, &s);
}

/* Take up to `qty` off the line's allocations elsewhere; *ret_left is what was not found. */
static Status off_elsewhere(Cx *cx, const StockMove *m, StockStands *s, StockStand *x,
                            const StockParts *open, int64_t *left)
{
    for (size_t i = 0; i<open->n && * left> 0; i++) {
        const StockPart *p = &open->items[i];
        if (p->location_id == m->location_id)
            continue;
        int64_t         take = p->qty < *left ? p->qty : *left;
        StockMovementIn in = {.variant_id = m->variant_id,
                              .location_id = p->location_id,
                              .kind = STOCK_RELEASED,
                              .allocated = -take,
                              .order_id = opt_i64(m->order_id),
                              .line_id = opt_i64(m->line_id),
                              .reason = STR("sent from elsewhere")};
        TRY(stands_move(cx, &in));
        level_book(stand_level(s, x, p->location_id), 0, -take, 0);
        *left -= take;
    }
    return ST_OK;
}

/* When fewer are there in the books than leave, so many were found. */
static Status find_more(Cx *cx, const StockMove *m, StockLevel *l)
{
    int64_t more = m->qty - l->on_hand;
    if (more <= 0)
        return ST_OK;
    StockMovementIn in = {.variant_id = m->variant_id,
                          .location_id = m->location_id,
                          .kind = STOCK_ADJUSTED,
                          .on_hand = more,
                          .order_id = opt_i64(m->order_id),
                          .line_id = opt_i64(m->line_id),
                          .reason = STR("found when sent")};
    level_book(l, more, 0, 0);
    return stands_move(cx, &in);
}

Status stock_ship(Cx *cx, const StockMove *m)
{
    ASSERT(cx->tx_depth > 0 && m->qty > 0);
    StockParts  open;
    StockStands s;
    int64_t     here = 0;
    TRY(open_of_line(cx, m->order_id, m->line_id, &open));
    TRY(stands_load(cx, &m->variant_id, 1, &s));
    StockStand *x = stand_of(&s, m->variant_id);
    if (x == NULL || (!x->tracked && open.n == 0))
        return ST_OK;
    if (stand_location(&s, m->location_id) == NULL)
        return cx_fail(cx, ST_NOT_FOUND, "stock.no_location", "there is no such location");
    for (size_t i = 0; i < open.n; i++)
        here += open.items[i].location_id == m->location_id ? open.items[i].qty : 0;
    here = here < m->qty ? here : m->qty;
    int64_t left = m->qty - here;
    TRY(off_elsewhere(cx, m, &s, x, &open, &left));
    StockLevel *l = stand_level(&s, x, m->location_id);
    TRY(find_more(cx, m, l));
    StockMovementIn in = {.variant_id = m->variant_id,
                          .location_id = m->location_id,
                          .kind = STOCK_SHIPPED,
                          .on_hand = -m->qty,
                          .allocated = -here,
                          .order_id = opt_i64(m->order_id),
                          .line_id = opt_i64(m->line_id)};
    TRY(stands_move(cx, &in));
    level_book(l, -m->qty, -here, 0);
    return stands_write(cx, &s);
}

Status stock_return(Cx *cx, const StockMove *m, bool damaged)
{
    ASSERT(cx->tx_depth > 0 && m->qty > 0);
    StockStands s;
    TRY(stands_load(cx, &m->variant_id, 1, &s));
    StockStand *x = stand_of(&s, m->variant_id);
    if (x == NULL || !x->tracked)
        return ST_OK;
    if (stand_location(&s, m->location_id) == NULL)
        return cx_fail(cx, ST_NOT_FOUND, "stock.no_location", "there is no such location");
    StockMovementIn in = {.variant_id = m->variant_id,
                          .location_id = m->location_id,
                          .kind = damaged ? STOCK_DAMAGED : STOCK_RETURNED,
                          .on_hand = damaged ? 0 : m->qty,
                          .order_id = opt_i64(m->order_id),
                          .line_id = opt_i64(m->line_id)};
    if (damaged) {
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 64);
        buf_addf(&b, "%lld came back damaged", (long long)m->qty);
        in.reason = str_dup(cx->arena, buf_str(&b));
    }
    TRY(stands_move(cx, &in));
    level_book(stand_level(&s, x, m->location_id), in.on_hand, 0, 0);
    return stands_write(cx, &s);
}
