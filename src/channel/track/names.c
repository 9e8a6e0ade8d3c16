/* Names of events in older and other specifications, as those of today. */
#include "channel/track/sink.h"

typedef struct Pair {
    Str from, to;
} Pair;

#define P(from_, to_)                                                                              \
    {                                                                                              \
        STR_INIT(from_), STR_INIT(to_)                                                             \
    }

static Str mapped(const Pair *pairs, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(pairs[i].from, name))
            return pairs[i].to;
    return name;
}

Str names_v2(Str name)
{
    static const Pair V1[] = {
        P("Viewed Product Category", "Product List Viewed"),
        P("Viewed Promotion", "Promotion Viewed"),
        P("Clicked Promotion", "Promotion Clicked"),
        P("Clicked Product", "Product Clicked"),
        P("Viewed Product", "Product Viewed"),
        P("Added Product", "Product Added"),
        P("Removed Product", "Product Removed"),
        P("Started Order", "Checkout Started"),
        P("Viewed Checkout Step", "Checkout Step Viewed"),
        P("Completed Checkout Step", "Checkout Step Completed"),
        P("Completed Order", "Order Completed"),
        P("Updated Order", "Order Updated"),
        P("Cancelled Order", "Order Cancelled"),
        P("Refunded Order", "Order Refunded"),
    };
    /* All of them end so; few other names do. */
    if (name.len < 13 || name.len > 23)
        return name;
    return mapped(V1, COUNT_OF(V1), name);
}

Str names_ga4(Str name)
{
    static const Pair GA4[] = {
        P("page_view", "Page Viewed"),
        P("screen_view", "Screen Viewed"),
        P("view_item_list", "Product List Viewed"),
        P("view_item", "Product Viewed"),
        P("select_item", "Product Clicked"),
        P("add_to_cart", "Product Added"),
        P("remove_from_cart", "Product Removed"),
        P("view_cart", "Cart Viewed"),
        P("begin_checkout", "Checkout Started"),
        P("add_shipping_info", "Checkout Step Completed"),
        P("add_payment_info", "Payment Info Entered"),
        P("purchase", "Order Completed"),
        P("refund", "Order Refunded"),
        P("add_to_wishlist", "Product Added to Wishlist"),
        P("view_promotion", "Promotion Viewed"),
        P("select_promotion", "Promotion Clicked"),
        P("search", "Products Searched"),
        P("view_search_results", "Products Searched"),
        P("share", "Product Shared"),
        P("sign_up", "Signed Up"),
        P("login", "Signed In"),
        P("generate_lead", "Lead Generated"),
    };
    return mapped(GA4, COUNT_OF(GA4), name);
}

Str names_ga4_item(Str member)
{
    static const Pair ITEM[] = {
        P("item_id", "product_id"),
        P("item_name", "name"),
        P("item_brand", "brand"),
        P("item_category", "category"),
        P("item_variant", "variant"),
        P("index", "position"),
        P("item_list_id", "list_id"),
        P("item_list_name", "list_name"),
        P("transaction_id", "order_id"),
        P("search_term", "query"),
        P("creative_name", "creative"),
        P("shipping_tier", "shipping_method"),
        P("payment_type", "payment_method"),
    };
    return mapped(ITEM, COUNT_OF(ITEM), member);
}
