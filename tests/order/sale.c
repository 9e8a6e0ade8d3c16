#include "sale.h"
#include "shop.h"

#include "order/cart_int.h"
#include "order/delivery.h"
#include "order/module.h"
#include "order/pricing.h"
#include "people/people.h"
#include "stock/module.h"

WORLD_MODULES(&people_module, &catalog_module, &stock_module, &order_module);

static int64_t variant(World *w, const char *title, const char *rest, int price)
{
    char json[2000];
    (void)snprintf(json, sizeof json,
                   "{\"title\":\"%s\",\"status\":\"active\",\"variants\":[{\"sku\":\"%s\",%s,"
                   "\"prices\":[{\"price\":{\"amount\":%d,\"currency\":\"EUR\"}}]}]}",
                   title, title, rest, price);
    return shop_product(w, json).variants.items[0].id;
}

static int64_t delivery(World *w)
{
    DeliveryZone   z = {0};
    DeliveryMethod m = {0};
    char           json[1000];
    assert_ok(shop_read(&w->cx, &delivery_zone_shape,
                        "{\"title\":\"All\",\"places\":[{\"country\":\"\"}]}", &z),
              &w->cx.err);
    assert_ok(delivery_zone_save(&w->cx, 0, &z), &w->cx.err);
    Str id = id_format(&w->arena, DELIVERY_ZONE_ID, z.id);
    (void)snprintf(json, sizeof json,
                   "{\"title\":\"Post\",\"zone_id\":\"" STR_FMT "\",\"kind\":\"standard\","
                   "\"rates\":[{\"amount\":{\"amount\":500,\"currency\":\"EUR\"}}]}",
                   STR_ARG(id));
    assert_ok(shop_read(&w->cx, &delivery_method_shape, json, &m), &w->cx.err);
    assert_ok(delivery_method_save(&w->cx, 0, &m), &w->cx.err);
    return m.id;
}

void sale_settle(World *w)
{
    shop_drain(w);
    assert_ok(published_settle(&w->cx), &w->cx.err);
}

Sale sale_open(World *w)
{
    Sale             s;
    PublishedOptions options = {.manual = true};
    stock_install();
    order_install();
    payment_test_on(true);
    shop_drain(w);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    s.mug = variant(w, "Mug", "\"tracked\":true,\"quantity\":10,\"weight_g\":300", 1000);
    s.poster = variant(w, "Poster", "\"tracked\":false,\"weight_g\":100", 333);
    s.file = variant(w, "File", "\"tracked\":false,\"requires_shipping\":false", 250);
    s.method = delivery(w);
    sale_settle(w);
    return s;
}

void sale_close(World *w)
{
    world_again(w); /* lets go of views */
    published_stop(w->db);
    shop_close(w);
}

Cart sale_cart(World *w, const Sale *s, int64_t v, int64_t qty)
{
    Cart               cart;
    const OrderAddress to = {.first_name = STR("Anna"),
                             .last_name = STR("de Vries"),
                             .line1 = STR("Keizersgracht 1"),
                             .city = STR("Amsterdam"),
                             .postal_code = STR("1012 AB"),
                             .country = STR("NL")};
    const CartUpdate   u = {.set = CART_SET_EMAIL | CART_SET_ADDRESS | CART_SET_DELIVERY |
                                   CART_SET_PAYMENT,
                            .email = STR("anna@example.com"),
                            .address = &to,
                            .method_id = s->method,
                            .payment = STR("test")};
    const CartItem     item = {.variant_id = v, .qty = qty};
    assert_ok(cart_create(&w->cx, &(CartNew){0}, &cart), &w->cx.err);
    assert_ok(cart_add(&w->cx, cart.token, &item, 1, &cart), &w->cx.err);
    assert_ok(cart_update(&w->cx, cart.token, &u, &cart), &w->cx.err);
    static char tokens[64][40]; /* what world_again() leaves */
    static int  n;
    char       *kept = tokens[n++ % 64];
    assert_in_range(cart.token.len, 1, sizeof tokens[0]);
    memcpy(kept, cart.token.ptr, cart.token.len);
    cart.token.ptr = kept;
    return cart;
}

Status sale_buy(World *w, Str token, const char *card, CheckoutResult *ret)
{
    char input[100];
    (void)snprintf(input, sizeof input, "{\"card\":\"%s\"}", card);
    const CheckoutAsk ask = {.token = token,
                             .provider = STR("test"),
                             .input = str_dup(&w->arena, str_from_cstr(input)),
                             .consent = {.terms = true, .terms_text = STR("I agree")},
                             .base_url = STR("http://shop.example"),
                             .return_url = STR("/checkout/done"),
                             .address = STR("192.0.2.1")};
    return checkout_complete(&w->cx, &ask, ret);
}

Order sale_order(World *w, const Sale *s, int64_t v, int64_t qty)
{
    Cart           cart = sale_cart(w, s, v, qty);
    CheckoutResult result;
    Order          order;
    assert_ok(sale_buy(w, cart.token, "4242424242424242", &result), &w->cx.err);
    assert_int_equal(result.state, CHECKOUT_PLACED);
    assert_ok(order_get(&w->cx, result.order_id.v, &order), &w->cx.err);
    return order;
}

#define NONE(sql) assert_int_equal(shop_number(w, "SELECT CAST(count(*) AS BIGINT) FROM " sql), 0)

void sale_sound(World *w)
{
    NONE("order_order o WHERE items <> (SELECT coalesce(sum(total), 0) FROM order_line l "
         "WHERE l.order_id = o.id)");
    NONE("order_order o WHERE delivery + fees <> (SELECT coalesce(sum(total), 0) FROM "
         "order_charge c WHERE c.order_id = o.id)");
    NONE("order_order o WHERE tax_added + tax_included <> (SELECT coalesce(sum(amount), 0) FROM "
         "order_tax t WHERE t.order_id = o.id)");
    NONE("order_order o WHERE total <> items + delivery + fees + tax_added OR total < 0");
    NONE("order_order o WHERE events <> (SELECT count(*) FROM order_event e "
         "WHERE e.order_id = o.id)");
    NONE("order_order o WHERE events <> (SELECT coalesce(max(seq), 0) FROM order_event e "
         "WHERE e.order_id = o.id)");
    NONE("order_order WHERE refunded > captured OR granted > refunded OR granted < 0");
    NONE("order_order o WHERE granted <> (SELECT coalesce(sum(t.granted), 0) FROM "
         "order_payment_txn t WHERE t.order_id = o.id AND t.status = 'done')");
    NONE("order_payment_txn WHERE granted > amount_amount OR (granted > 0 AND kind <> 'refund')");
    NONE("order_line WHERE qty < cancelled OR total < 0 OR tax_included > total");
    NONE("(SELECT cart_id FROM order_order WHERE number <> '' AND cart_id <> 0 "
         "GROUP BY cart_id HAVING count(*) > 1) x");
    NONE("stock_level WHERE on_hand < 0 OR allocated < 0");
    NONE("order_payment WHERE refunded + refunding > captured");
}
