/* The cart as templates see it. Nothing is in it until the shop can sell: the module that sells
 * fills it in here. */
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

static LiquidValue no_items(Visit *v, const void *self)
{
    (void)self;
    return object_list(v, NULL, 0);
}

static LiquidValue zero(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_int(0);
}

static LiquidValue zero_money(Visit *v, const void *self)
{
    (void)self;
    return liquid_money(money_of(0, v->currency));
}

static LiquidValue empty(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_bool(true);
}

static LiquidValue currency(Visit *v, const void *self)
{
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 1);
    (void)self;
    p[0] = (LiquidPair){STR("iso_code"), liquid_text(v->currency)};
    return liquid_map(visit_arena(v), p, 1);
}

static LiquidValue nothing(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_nil();
}

static LiquidValue no(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_bool(false);
}

static const Member CART[] = {
    {"token", nothing, true},
    {"note", nothing, true},
    {"attributes", no_items, true},
    {"original_total_price", zero_money, true},
    {"total_price", zero_money, true},
    {"total_discount", zero_money, true},
    {"total_weight", zero, true},
    {"item_count", zero, true},
    {"items", no_items, true},
    {"requires_shipping", no, true},
    {"items_subtotal_price", zero_money, true},
    {"checkout_charge_amount", zero_money, false},
    {"items_count", zero, false},
    {"currency", currency, false},
    {"empty?", empty, false},
    {"cart_level_discount_applications", no_items, false},
    {"discount_applications", no_items, false},
    {"taxes_included", empty, false},
    {"duties_included", no, false},
};
OBJECT(cart, "CartDrop", CART)

static bool cart_read(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    visit_reads_cart(liquid_host(cx));
    return cart_get(cx, self, key, ret);
}

static const LiquidDropType read_cart_type = {
    .name = "CartDrop", .get = cart_read, .count = cart_count, .key_at = cart_key};

LiquidValue object_cart(Visit *v)
{
    (void)cart_type;
    return liquid_drop(visit_arena(v), &read_cart_type, v);
}
