/* cart.h - what somebody wants to buy, and what it would cost right now.
 *
 * A cart belongs to a browser (by its token) or, once its owner has signed in, to an account.
 * Every function answers with the whole cart, priced: nothing of a price is ever taken from the
 * client, and nothing is stored that is not computed again by order_totals() at the next look.
 * Prices, products and stock come from memory (catalog/published.h): looking at a cart is one
 * statement, changing it two.
 *
 *      Cart cart;
 *      TRY(cart_create(cx, &(CartNew){.channel = STR("web"), .locale = locale}, &cart));
 *      TRY(cart_add(cx, cart.token, &(CartItem){.variant_id = v, .qty = 1}, 1, &cart));
 *      … cart.lines, cart.totals.total, cart.needs …
 *
 * A line that cannot be bought as it stands stays and says why (`problem`); it is not in the
 * totals, but is shown. Rules of a variant (min_qty, step_qty, max_qty) hold for the sum of its
 * lines; a quantity asked for that breaks them is put right - up to the minimum or the next
 * step, down to the maximum - and `adjusted` says so. Lines of the same variant, properties and
 * price are one line.
 *
 * A cart that is being paid (CART_COMPLETING) is shown, but not changed: ST_CONFLICT
 * "order.cart_locked"; checkout_reopen() (checkout.h) gives it up. One that was bought is
 * ST_CONFLICT "order.cart_done". Guests' carts are kept 30 days after the last change,
 * customers' 90.
 *
 * Errors: ST_NOT_FOUND "order.no_cart" (also for another's cart: tokens cannot be guessed, an
 * account's carts are its own), "order.no_line"; ST_INVALID "shape.invalid" with issues;
 * ST_LIMIT "order.cart_full". */
#pragma once

#include "core/cx.h"
#include "order/delivery.h"
#include "order/payment.h"
#include "order/totals.h"

#define ORDER_CART_ID "crt"
#define ORDER_CLN_ID  "cln"

enum {
    CART_LINES_MAX = 200,
    CART_QTY_MAX = 99999, /* of one line */
    CART_PROPERTIES_MAX = 20,
    CART_PROPERTY_MAX = 1000, /* characters of a value */
    CART_NOTE_MAX = 2000,
    CART_CODES_MAX = 10,
    CART_TOKEN_LEN = 22, /* 128 random bits, base64url */
    CART_SAVED_MAX = 20  /* saved carts of one account */
};

#define CART_GUEST_LIFE    SPAN_DAYS(30)
#define CART_CUSTOMER_LIFE SPAN_DAYS(90)

typedef enum CartStatus {
    CART_OPEN,
    CART_COMPLETING, /* being paid */
    CART_COMPLETED,  /* an order: order_id */
    CART_ABANDONED
} CartStatus;
extern const char *const cart_status_names[];

typedef struct OrderAddress {
    Str first_name, last_name, company;
    Str line1, line2, city;
    Str zone; /* state, province, prefecture */
    Str postal_code;
    Str country; /* ISO 3166-1 alpha-2, upper case */
    Str phone;
} OrderAddress;
extern const Shape order_address_shape;

typedef struct OrderProperty {
    Str name, value;
} OrderProperty;
typedef TOTALS_LIST(OrderProperty) OrderProperties;
typedef TOTALS_LIST(Str) OrderTexts;
extern const Shape order_property_shape;

/* Why a line cannot be bought as it stands. */
typedef enum CartProblem {
    CART_FINE,
    CART_GONE,     /* the product is not sold (here) any more */
    CART_SOLD_OUT, /* nothing is there */
    CART_SHORT,    /* fewer are there than wanted: `available` */
    CART_NO_PRICE, /* not sold in this currency */
    CART_BAD_QTY   /* the variant's rules have changed since: min_qty, step_qty, max_qty */
} CartProblem;
extern const char *const cart_problem_names[]; /* fine gone sold_out short no_price bad_qty */

typedef struct CartLine {
    int64_t         id;
    int64_t         variant_id, product_id;
    int64_t         qty;
    Str             title, variant_title, sku, vendor;
    Str             handle; /* of the product */
    Str             url;    /* "/products/HANDLE?variant=…" */
    Str             image;  /* path, or ""; add "?width=…" */
    Str             image_alt;
    OrderProperties options;    /* "Colour": "Red" */
    OrderProperties properties; /* as the shopper gave them: engraving, … */
    Money           unit_price; /* now */
    Money           compare_at; /* absent: none */
    Money           gross;      /* unit_price * qty */
    Money           discount;   /* <= 0 */
    Money           total;
    OptI64          gift_of; /* promotion that gives it */
    bool            requires_shipping;
    int64_t         weight_g;
    int64_t         min_qty, step_qty;
    OptI64          max_qty;
    OptI64          available;    /* pieces; absent: any number */
    int             availability; /* CatalogAvailability of so many: in stock only when all are */
    OptTime         availability_date; /* of what is not there yet; absent: not known */
    int             problem;           /* CartProblem */
    Str             message;           /* the problem, in cx->lang; "" */
    bool            adjusted;          /* the quantity asked for was put right */
    Money           was; /* the price last seen, where it changed since; absent: the same */
} CartLine;
typedef TOTALS_LIST(CartLine) CartLines;
extern const Shape cart_line_shape;

/* What is missing before it can be bought. Codes are stable:
 *      cart_empty, item_unavailable, email_missing, email_invalid, phone_missing,
 *      address_missing, address_incomplete, country_not_served, delivery_not_selected,
 *      delivery_unavailable, billing_incomplete, terms_not_accepted, payment_missing */
typedef struct CartNeed {
    Str    code;
    Str    pointer; /* of the field: "/address/postal_code"; "" none */
    OptI64 line_id;
    Str    message; /* in cx->lang */
} CartNeed;
typedef TOTALS_LIST(CartNeed) CartNeeds;
extern const Shape cart_need_shape;

typedef struct CartDelivery { /* the way chosen */
    int64_t method_id;        /* 0: none yet */
    OptI64  method;           /* the same, as JSON has it: null for none */
    Str     name;
    int     kind;                     /* DeliveryKind: delivery.h */
    Str     point;                    /* pickup point or shop, as delivery.h names it */
    Str     slot;                     /* of local delivery */
    Str     place;                    /* "Kiosk Dam, Dam 1, 1012 JS Amsterdam": as it was chosen */
    Str     promise_from, promise_to; /* "2026-11-27": days in the shop's time zone; "" unknown */
    Money   amount;                   /* before promotions */
} CartDelivery;
extern const Shape cart_delivery_shape;

typedef struct Cart {
    int64_t         id;
    Str             token;
    int64_t         rev; /* grows with every change */
    int             status;
    Str             channel; /* "web", "staff", "agent", … */
    Str             name;    /* of a saved cart; "" */
    OptI64          account_id;
    Str             currency, locale;
    Str             email, phone;
    Str             email_hint; /* "Did you mean anna@gmail.com?": the address; "" */
    OrderAddress   *address;    /* where it goes; NULL: not known yet */
    OrderAddress   *billing;    /* NULL: the same */
    CartLines       lines;
    int64_t         qty; /* of all lines that can be bought */
    int64_t         weight_g;
    bool            needs_delivery; /* something of it is sent or fetched */
    Str             note;
    bool            gift;
    Str             gift_message;
    OrderProperties attributes; /* of the whole cart, as themes set them */
    OrderTexts      codes;      /* as given; whether they apply: totals.codes */
    CartDelivery    delivery;
    Str             payment; /* key of the way to pay chosen, for its fee; "" */
    OrderTotals     totals;
    CartNeeds       needs;    /* before it can be bought; terms and payment are asked at the end */
    OrderTexts      left_out; /* titles of what the last change could not put in: reordering */
    OptI64          order_id;
    UnixMs          created_at, updated_at, expires_at;
} Cart;
extern const Shape cart_shape;

/* --- making and finding ------------------------------------------------------------------- */

typedef struct CartNew {
    Str channel;      /* "": web */
    Str currency;     /* "": the shop's */
    Str locale;       /* "": the shop's */
    Str country;      /* a guess of where it goes, for taxes; "" */
    Str name;         /* a saved cart */
    Str anonymous_id; /* of the browser, so that the journey knows whose it is; "" */
} CartNew;

/* For cx->actor: a customer's belongs to the account. Writes a row: make one when something is
 * put into it. */
NODISCARD Status cart_create(Cx *cx, const CartNew *in, Cart *ret);

NODISCARD Status cart_get(Cx *cx, Str token, Cart *ret);
NODISCARD Status cart_get_id(Cx *cx, int64_t id, Cart *ret); /* staff */

/* The newest open cart of an account that has no name; *ret_found false: none. */
NODISCARD Status cart_of_account(Cx *cx, int64_t account_id, bool *ret_found, Cart *ret);

typedef TOTALS_LIST(Cart) Carts;

/* Newest first, id < before (0: all); priced. Staff: account_id -1: all. */
NODISCARD Status cart_list(Cx *cx, int64_t account_id, int64_t before, int64_t max, Carts *ret);

/* --- lines -------------------------------------------------------------------------------- */

typedef struct CartItem {
    int64_t         variant_id;
    int64_t         qty; /* 1 … CART_QTY_MAX */
    OrderProperties properties;
    Money           price; /* staff alone: instead of the price list's; absent */
} CartItem;

/* ST_NOT_FOUND "catalog.no_variant" for one that is not sold: nothing is added. */
NODISCARD Status cart_add(Cx *cx, Str token, const CartItem *items, size_t n, Cart *ret);

/* qty 0 takes the line away. */
typedef struct CartChange {
    int64_t                line_id;
    OptI64                 qty;
    const OrderProperties *properties; /* NULL: as they are */
} CartChange;
NODISCARD Status cart_change(Cx *cx, Str token, const CartChange *changes, size_t n, Cart *ret);
NODISCARD Status cart_remove(Cx *cx, Str token, int64_t line_id, Cart *ret);
NODISCARD Status cart_clear(Cx *cx, Str token, Cart *ret);

/* "VARIANT:QTY,VARIANT:QTY,…" of a permalink: variants by number as in themes, or "var_…".
 * Puts these into the cart in place of what it has. What cannot be had is left out; ST_INVALID
 * "order.bad_permalink" when it cannot be read, "catalog.no_variant" when nothing is left. */
NODISCARD Status cart_fill(Cx *cx, Str token, Str items, Cart *ret);
/* The reading alone: what it names, whether it is sold or not. */
NODISCARD Status cart_link_read(Cx *cx, Str items, CartItem ret[CART_LINES_MAX], size_t *ret_n);

/* --- what else belongs to it -------------------------------------------------------------- */

enum CartGiven { /* which members of CartUpdate are meant */
                 CART_SET_EMAIL = 1,
                 CART_SET_PHONE = 2,
                 CART_SET_ADDRESS = 4,
                 CART_SET_BILLING = 8,
                 CART_SET_NOTE = 16,
                 CART_SET_GIFT = 32,
                 CART_SET_ATTRIBUTES = 64,
                 CART_SET_CODES = 128,
                 CART_SET_DELIVERY = 256,
                 CART_SET_PAYMENT = 512,
                 CART_SET_LOCALE = 1024,
                 CART_SET_NAME = 2048,
                 CART_SET_CURRENCY = 4096,
                 CART_SET_ANONYMOUS = 8192
};

typedef struct CartUpdate {
    unsigned            set; /* CartGiven */
    Str                 email, phone;
    const OrderAddress *address; /* incomplete is fine: `needs` says what is missing */
    const OrderAddress *billing; /* NULL with CART_SET_BILLING: the same as the address */
    Str                 note;
    bool                gift;
    Str                 gift_message;
    OrderProperties     attributes; /* replace all; an empty value removes */
    OrderTexts          codes;      /* replace all */
    int64_t             method_id;  /* 0: none */
    Str                 point, slot;
    Str                 payment;
    Str                 locale;
    Str                 name;
    Str                 currency;
    Str                 anonymous_id; /* as in CartNew */
} CartUpdate;

/* All at once: one write. What is typed is kept, complete or not; only what is too long or no
 * text is refused. */
NODISCARD Status cart_update(Cx *cx, Str token, const CartUpdate *in, Cart *ret);

NODISCARD Status cart_set_address(Cx *cx, Str token, const OrderAddress *address, Cart *ret);
NODISCARD Status cart_set_delivery(Cx *cx, Str token, int64_t method_id, Str point, Str slot,
                                   Cart *ret);
/* The ways that fit the cart as it is, with their costs and promises. */
NODISCARD Status cart_delivery_options(Cx *cx, Str token, Cart *ret_cart, DeliveryOptions *ret);
/* A code that does not apply is kept and says why: ret->totals.codes. */
NODISCARD Status cart_apply_code(Cx *cx, Str token, Str code, Cart *ret);
NODISCARD Status cart_remove_code(Cx *cx, Str token, Str code, Cart *ret);

/* --- people ------------------------------------------------------------------------------- */

/* At log-in (cx->actor is the customer): the guest's cart, if any, and the account's become one,
 * which is the account's; of a line that both have the larger quantity counts. `token` may be
 * empty or no cart's. *ret_found false: there is none at all. */
NODISCARD Status cart_merge(Cx *cx, Str token, bool *ret_found, Cart *ret);

/* Keep it under a name for later; the browser's cart is empty then. Customers only.
 * ST_LIMIT "order.too_many_saved". cart_restore: its lines go into the open cart. */
NODISCARD Status cart_save(Cx *cx, Str token, Str name, Cart *ret_saved);
NODISCARD Status cart_saved(Cx *cx, int64_t account_id, Carts *ret);
NODISCARD Status cart_restore(Cx *cx, Str token, int64_t saved_id, Cart *ret);
NODISCARD Status cart_delete(Cx *cx, int64_t id);

/* What an order had, as far as it is still sold: into the cart. The rest is named in
 * ret->left_out, until the cart is changed again. */
NODISCARD Status cart_reorder(Cx *cx, Str token, int64_t order_id, Cart *ret);

/* --- helpers ------------------------------------------------------------------------------ */

/* "anna@gmial.com" -> "anna@gmail.com"; "" when there is nothing to say. Pure. */
Str order_email_hint(Arena *a, Str email);

/* "Anna de Vries", and "王小明": written in Han, kana or Hangul the family's name stands first. */
Str order_person_name(Arena *a, Str first, Str last);

enum { ORDER_ADDRESS_LINES = 8 };

/* The lines of a letter, as the country orders them, its name in `lang`; gives how many. In China,
 * Hong Kong, Japan, Korea, Macao and Taiwan the order follows the script. Pure. */
size_t order_address_lines(Arena *a, Lang lang, const OrderAddress *x,
                           Str ret[static ORDER_ADDRESS_LINES]);
/* The same with the country's name in a language of a page: "de-AT". */
size_t order_address_lines_in(Arena *a, const char *tag, const OrderAddress *x,
                              Str ret[static ORDER_ADDRESS_LINES]);

/* Fill what a country's address lacks into `needs`, pointers beginning with `pointer`. Pure but
 * for cx->arena and cx->lang. */
void order_address_needs(Cx *cx, const OrderAddress *address, const char *pointer, const char *code,
                         CartNeeds *needs);
