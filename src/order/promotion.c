/* Promotions as staff write them. */
#include "order/promotion.h"

#include "base/id.h"
#include "catalog/product.h"
#include "order/pricing_int.h"

/* --- rows --------------------------------------------------------------------------------- */

Status promotion_from_row(Cx *cx, const OrderPromotionRow *row, OrderPromotion *ret)
{
    OrderPromotion p = {0};
    Issues         issues = {.arena = cx->arena};
    TRY(shape_read(&order_promotion_shape, SHAPE_PATCH, row->body, cx->arena, &p, &issues,
                   &cx->err));
    p.given = 0;
    p.id = row->id;
    p.title = row->title;
    p.active = row->active;
    p.used = row->used;
    p.used_amount = p.budget;
    p.used_amount.minor = row->used_amount;
    p.codes = row->codes;
    p.rev = row->rev;
    p.created_at = row->created_ms;
    p.updated_at = row->updated_ms;
    *ret = p;
    return ST_OK;
}

static Str body_of(Cx *cx, const OrderPromotion *p)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4 << 20);
    Json j = json_begin(&b);
    shape_write(&j, NULL, &order_promotion_shape, p);
    return buf_overflowed(&b) ? STR("") : str_dup(cx->arena, buf_str(&b));
}

static bool is_limited(const OrderPromotion *p)
{
    return p->limit_total.has || !money_absent(p->budget);
}

static OrderPromotionRow to_row(Cx *cx, const OrderPromotion *p)
{
    return (OrderPromotionRow){
        .id = p->id,
        .title = p->title,
        .active = p->active,
        .automatic = p->automatic,
        .ends_ms = p->ends_at,
        .body = body_of(cx, p),
        .limit_total = p->limit_total,
        .limit_per_customer = p->limit_per_customer,
        .budget_amount = p->budget.minor,
        .budget_currency = str_dup(cx->arena, str_from_cstr(p->budget.cur)),
        .used = is_limited(p) ? p->used : 0,
        .used_amount = is_limited(p) ? p->used_amount.minor : 0,
        .rev = p->rev,
        .created_ms = p->created_at,
        .updated_ms = p->updated_at,
    };
}

/* How often it was used, and how much it gave in the currency of its budget. */
static Status count_uses(Cx *cx, OrderPromotion *p)
{
    Str currency = str_dup(cx->arena, str_from_cstr(p->budget.cur));
    p->used_amount = p->budget;
    return order_sql_promotion_counted(cx, p->id, currency, &p->used, &p->used_amount.minor);
}

Status order_promotion_get(Cx *cx, int64_t id, OrderPromotion *ret)
{
    OrderPromotionRow row;
    TRY(order_sql_promotion_get(cx, id, &row));
    TRY(promotion_from_row(cx, &row, ret));
    return is_limited(ret) ? ST_OK : count_uses(cx, ret);
}

Str order_promotion_title(Cx *cx, int64_t id, Str locale, Str was)
{
    OrderPromotionRow row;
    OrderPromotion    p;
    Err               err = cx->err;
    if (order_sql_promotion_get(cx, id, &row) == ST_OK && promotion_from_row(cx, &row, &p) == ST_OK)
        return order_title_in(&p.translations, locale, p.title);
    cx->err = err;
    return was;
}

Status order_promotions(Cx *cx, int64_t before, int64_t max, OrderPromotions *ret)
{
    OrderPromotionRowList rows;
    TRY(order_sql_promotions_before(cx, before > 0 ? before : INT64_MAX, max, &rows));
    ret->items = arena_array(cx->arena, OrderPromotion, rows.n + 1);
    for (ret->n = 0; ret->n < rows.n; ret->n++)
        TRY(promotion_from_row(cx, &rows.items[ret->n], &ret->items[ret->n]));
    for (size_t i = 0; i < ret->n; i++)
        if (!is_limited(&ret->items[i]))
            TRY(count_uses(cx, &ret->items[i]));
    return ST_OK;
}

/* --- is it sound? ------------------------------------------------------------------------- */

static void issue(Cx *cx, const char *pointer, const char *code, const char *detail)
{
    issue_add(&cx->issues, str_from_cstr(pointer), code, "%s", detail);
}

static void check_amounts(Cx *cx, const char *name, PromotionAmounts m)
{
    char pointer[64];
    for (size_t i = 0; i < m.n; i++) {
        snprintf(pointer, sizeof pointer, "/%s/%zu", name, i);
        if (m.items[i].minor < 0 || m.items[i].minor > TOTALS_AMOUNT_MAX)
            issue(cx, pointer, "out_of_range", "is negative or too large");
        for (size_t j = 0; j < i; j++)
            if (memcmp(m.items[i].cur, m.items[j].cur, sizeof m.items[i].cur) == 0)
                issue(cx, pointer, "not_unique", "there is an amount in this currency already");
    }
}

static void check_kind(Cx *cx, const OrderPromotion *p)
{
    bool sets = p->kind == PROMOTION_BUY_GET || p->kind == PROMOTION_CHEAPEST;
    if (p->kind == PROMOTION_PERCENT && p->percent_ppm == 0)
        issue(cx, "/percent_ppm", "required", "is missing");
    if ((p->kind == PROMOTION_FIXED || p->kind == PROMOTION_BUNDLE) && p->amounts.n == 0)
        issue(cx, "/amounts", "required", "is missing");
    if ((sets || (p->kind == PROMOTION_BUNDLE && p->parts.n == 0)) && p->buy_qty == 0)
        issue(cx, "/buy_qty", "required", "is missing");
    if (sets && p->get_qty == 0)
        issue(cx, "/get_qty", "required", "is missing");
    if (p->kind == PROMOTION_CHEAPEST && p->get_qty > p->buy_qty)
        issue(cx, "/get_qty", "out_of_range", "is more than buy_qty");
    if (p->kind == PROMOTION_GIFT && !p->gift_variant.has)
        issue(cx, "/gift_variant", "required", "is missing");
}

static void check(Cx *cx, const OrderPromotion *p)
{
    const PromotionRule *rule;
    Err                  err = {0};
    check_amounts(cx, "amounts", p->amounts);
    check_amounts(cx, "min_amounts", p->min_amounts);
    check_amounts(cx, "max_discounts", p->max_discounts);
    check_kind(cx, p);
    order_texts_check(cx, &p->translations);
    if (p->title.len == 0)
        issue(cx, "/title", "required", "is missing");
    if (p->starts_at.has && p->ends_at.has && p->ends_at.v.v <= p->starts_at.v.v)
        issue(cx, "/ends_at", "out_of_range", "is not after starts_at");
    if (!money_absent(p->budget) && p->budget.minor <= 0)
        issue(cx, "/budget", "out_of_range", "is not above 0");
    if (promotion_compile(cx->arena, p, &rule, &err) != ST_OK)
        issue(cx, "/conditions", "bad_format", err.msg);
}

/* Limits cannot fall below what was used already. */
static void check_used(Cx *cx, const OrderPromotion *p)
{
    if (p->limit_total.has && p->limit_total.v < p->used)
        issue(cx, "/limit_total", "out_of_range", "is less than the orders that used it");
    if (!money_absent(p->budget) && p->budget.minor < p->used_amount.minor)
        issue(cx, "/budget", "out_of_range", "is less than what was given already");
}

/* --- writing ------------------------------------------------------------------------------ */

typedef struct Change {
    int64_t        id, rev;
    OrderPromotion in, out;
} Change;

static Status check_room(Cx *cx)
{
    int64_t n;
    TRY(order_sql_promotion_count(cx, &n));
    return n < PROMOTIONS_MAX
               ? ST_OK
               : cx_fail(cx, ST_LIMIT, "order.too_many_promotions",
                         "there are %d promotions: delete some first", PROMOTIONS_MAX);
}

static Status save_tx(Cx *cx, void *arg)
{
    Change        *job = arg;
    OrderPromotion was = {.active = true}, *p = &job->out;
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(order_promotion_get(cx, job->id, &was));
        TRY(pricing_check_rev(cx, job->rev, was.rev));
    } else {
        TRY(check_room(cx));
    }
    *p = job->in;
    catalog_keep(&order_promotion_shape, p, &was);
    p->gift_qty = p->kind == PROMOTION_GIFT && p->gift_qty == 0 ? 1 : p->gift_qty;
    p->id = job->id ? job->id : id_new();
    TRY(count_uses(cx, p));
    check(cx, p);
    check_used(cx, p);
    TRY(cx_check_issues(cx));
    p->codes = was.codes;
    p->rev = was.rev + 1;
    p->created_at = job->id ? was.created_at : cx->now;
    p->updated_at = cx->now;
    OrderPromotionRow row = to_row(cx, p);
    if (row.body.len == 0)
        return cx_fail(cx, ST_LIMIT, "order.promotion_too_big", "the promotion names too much");
    TRY(job->id ? order_sql_promotion_set(cx, &row, NULL)
                : order_sql_promotion_add(cx, &row, NULL));
    TRY(pricing_tell(cx, "promotion"));
    return audit_add(cx, "order.promotion", p->id, job->id ? "update" : "create",
                     &order_promotion_shape, job->id ? &was : NULL, p);
}

Status order_promotion_create(Cx *cx, OrderPromotion *p)
{
    Change job = {.in = *p};
    TRY(cx_in_tx(cx, save_tx, &job));
    *p = job.out;
    return ST_OK;
}

Status order_promotion_update(Cx *cx, int64_t id, int64_t rev, OrderPromotion *p)
{
    Change job = {.id = id, .rev = rev, .in = *p};
    TRY(cx_in_tx(cx, save_tx, &job));
    *p = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    const Change  *job = arg;
    OrderPromotion was;
    bool           used;
    int64_t        order;
    TRY(order_promotion_get(cx, job->id, &was));
    TRY(pricing_check_rev(cx, job->rev, was.rev));
    TRY(order_sql_promotion_has_uses(cx, job->id, &used, &order));
    if (used)
        return cx_fail(cx, ST_CONFLICT, "order.promotion_has_uses",
                       "orders used it: switch it off instead");
    TRY(order_sql_promotion_drop(cx, job->id, NULL));
    TRY(pricing_tell(cx, "promotion"));
    return audit_add(cx, "order.promotion", job->id, "delete", &order_promotion_shape, &was, NULL);
}

Status order_promotion_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return cx_in_tx(cx, delete_tx, &job);
}
