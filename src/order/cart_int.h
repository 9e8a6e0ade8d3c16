/* cart_int.h - between the files of carts and checkout. */
#pragma once

#include "catalog/published.h"
#include "order/order_int.h"

typedef struct CartBodyLine {
    int64_t         id;
    int64_t         variant_id, product_id;
    int64_t         qty;
    OptI64          seen;  /* price that the shopper saw last */
    OptI64          price; /* staff's own */
    bool            adjusted;
    OrderProperties properties;
} CartBodyLine;

typedef struct CartBody { /* what order_cart.body holds */
    TOTALS_LIST(CartBodyLine) lines;
    Str             locale, country, phone;
    OrderAddress   *address, *billing;
    Str             note;
    bool            gift;
    Str             gift_message;
    OrderProperties attributes;
    OrderTexts      codes;
    int64_t         method_id; /* 0: none; kept as `method` */
    OptI64          method;
    Str             point, slot, payment;
    Str             anonymous_id; /* of the browser; "": not known */
    OrderTexts      left_out;
} CartBody;
extern const Shape cart_body_shape;

/* What the order's lines need beyond what is shown of a cart's. */
typedef struct CartLineMore {
    Str     tax_class;
    bool    taxable;
    bool    backorder; /* it is not there yet … */
    OptTime expected_at;
} CartLineMore;

typedef struct CartWork { /* a cart while it is being worked on */
    OrderCartRow    row;  /* as read */
    CartBody        body;
    bool            priced;
    Cart            cart;
    OrderTotalsIn   in;     /* of its totals */
    CartLineMore   *more;   /* cart.lines.n */
    DeliveryOption  option; /* with cart.delivery.method_id, unless that is a need */
    DeliveryPromise promise;
    const int64_t  *line_of; /* totals.lines[i] is cart.lines[line_of[i]] */
    struct CartTold {
        const EventType *type;
        int64_t          variant_id, qty;
    } * told; /* with the write: what happened to which variant */
    size_t     ntold;
    OrderTexts codes_before; /* what the cart had before it was edited */
} CartWork;

/* What a browser says that it is called; "" when it cannot be that. */
Str cart_anonymous_id(Cx *cx, Str said);

/* By token, or by id; checks that it is cx->actor's to see. */
NODISCARD Status cart_load(Cx *cx, Str token, CartWork *w);
NODISCARD Status cart_load_id(Cx *cx, int64_t id, CartWork *w);
NODISCARD Status cart_of_row(Cx *cx, const OrderCartRow *row, CartWork *w);

/* The same of a cart as it was last written here (cart_kept.h); false: none is kept, or it is not
 * cx->actor's or not open. */
bool cart_load_kept(Cx *cx, Str token, CartWork *w);

/* Forget the issues that came of an old row. */
void cart_try_again(Cx *cx, const Issues *before);

/* Fill w->cart. */
NODISCARD Status cart_price(Cx *cx, CartWork *w);

/* Load, let fn change w->body and w->row, price, write if it was not changed meanwhile; else
 * again. */
typedef Status   CartEditFn(Cx *cx, CartWork *w, void *arg);
NODISCARD Status cart_edit(Cx *cx, Str token, CartEditFn *fn, void *arg, Cart *ret);

/* Write w if its row still has the rev that was read; *ret_ok false: it has not. In a tx. */
NODISCARD Status cart_write(Cx *cx, CartWork *w, bool *ret_ok);

/* The delivery chosen and its price, for totals; what is wrong with it goes to needs. The lines
 * have their totals already. */
NODISCARD Status cart_delivery(Cx *cx, CartWork *w, TotalsDelivery *ret, size_t *ret_n);

/* 22 characters, 128 random bits. */
Str order_token(Cx *cx);

/* A customer's cart begins with what is known of them. */
NODISCARD Status cart_account_facts(Cx *cx, OrderCartRow *row, CartBody *body);

/* Tell w->told, in the transaction of the write. */
NODISCARD Status cart_tell(Cx *cx, const CartWork *w);

/* Put lines into a body, in the transaction's stead: the rules of cart_add(). `skip`: those that
 * are not sold are left out; ret_skipped[i] (not NULL) says which. */
NODISCARD Status cart_put_items(Cx *cx, CartWork *w, const CartItem *items, size_t n, bool skip,
                                bool *ret_skipped);

void cart_need(Cx *cx, CartNeeds *needs, const char *code, Str pointer, OptI64 line, Str message);

/* Read `variant` and its product from memory; ST_NOT_FOUND "catalog.no_variant" unless it is
 * shown in the online store. */
NODISCARD Status cart_variant(Cx *cx, const Published *v, int64_t variant_id,
                              const PublishedProduct **ret_product, const CatalogVariant **ret);

/* Put qty into the rules of the variant. */
int64_t cart_fit_qty(const CatalogVariant *v, int64_t qty);
