/* desk.h - the whole program behind http_dispatch(), on both databases, with a clock that tests
 * move: for what a shop's staff, its shoppers and its payment providers do over HTTP.
 *
 *      Desk d = desk_open(w);
 *      ask(&d, 201, "{\"items\":[…]}", "POST /store/v1/carts");
 *      const char *token = text_of(&d, "token");
 *      ask(&d, 200, NULL, "GET /store/v1/carts/%s", token);
 *      desk_later(&d, SPAN_DAYS(1));
 *      desk_close(&d);
 *
 * Requests go out as staff with every permission while `staff` is set, else as anybody from the
 * address `peer`; cookies are kept. A reply that is JSON must be what its route says it is: it is
 * read by the route's shape. What it gives back lives until desk_close(). */
#pragma once

#include "world.h"

#include "http/http.h"

typedef struct Desk {
    World      *w;
    Arena      *arena; /* of everything that is given back, until desk_close() */
    bool        staff;
    const char *key;  /* of staff */
    const char *peer; /* "203.0.113.7" */
    const char *idempotency;
    const char *lang;
    const char *more[2]; /* one more header: its name and value; NULL: none */
    char        cookies[8][2][300];
    size_t      ncookies;
    int64_t     mug, poster, file; /* variants: 10 pieces for 10.00, not counted 3.33, 2.50 */
    const char *mug_id, *poster_id, *file_id, *method_id;
    /* of the last reply: */
    int         status;
    Str         body;
    const char *location, *type, *etag;
    Str         retry_after;
    int64_t     statements;
} Desk;

/* A shop with three products, delivery anywhere for 5.00 and the test provider. */
Desk desk_open(World *w);
void desk_close(Desk *d);

/* Send; `body` is JSON when it begins with '{' or '[', else a form; NULL: none. `line` is "METHOD
 * /target". The reply's status must be `want` (0: any). */
void ask_at(Desk *d, const char *file, int at, int want, Str body, const char *line, ...)
    PRINTF_LIKE(6, 7);
#define ask(d, want, body, ...)                                                                    \
    ask_at((d), __FILE__, __LINE__, (want), str_from_cstr(body), __VA_ARGS__)
#define ask_bytes(d, want, body, ...) ask_at((d), __FILE__, __LINE__, (want), (body), __VA_ARGS__)

/* A member of the reply, by a path of keys and numbers: "data.0.id". They fail when it is absent,
 * but absent_in(). */
const char *text_of(Desk *d, const char *path);
int64_t     int_of(Desk *d, const char *path);
bool        true_in(Desk *d, const char *path);
bool        absent_in(Desk *d, const char *path); /* or null */
size_t      count_in(Desk *d, const char *path);  /* of an array */

/* Is this in the body? */
#define assert_told(d, part)   assert_told_at((d), (part), true, __FILE__, __LINE__)
#define assert_untold(d, part) assert_told_at((d), (part), false, __FILE__, __LINE__)
void assert_told_at(Desk *d, const char *part, bool told, const char *file, int line);

/* The problem of a refusal: "order.cart_changed". */
#define assert_refused(d, code) assert_string_equal(text_of((d), "code"), (code))

/* Text that lives as long as the desk. */
const char *fmt(Desk *d, const char *format, ...) PRINTF_LIKE(2, 3);

/* Deliver events, run jobs that are due, renew read models. */
void desk_settle(Desk *d);
/* Move the clock, run what has come due, and what runs every minute. */
void desk_later(Desk *d, SpanMs span);

/* One number from the database. */
int64_t desk_number(Desk *d, const char *sql);

/* Everything that must hold of orders, payments and stock, asked from the database. */
void desk_sound(Desk *d);

/* How many mails of this template were written, over all. */
int64_t desk_mails(Desk *d, const char *template);

/* --- buying ------------------------------------------------------------------------------- */

/* A cart of `qty`, with e-mail, address in the Netherlands and delivery: its token. */
const char *desk_cart(Desk *d, const char *variant, int64_t qty);

/* What is sent to buy it with a card. */
const char *desk_card(Desk *d, const char *card);

/* Buy it: the order's id; the reply of the checkout stays. */
const char *desk_buy(Desk *d, const char *variant, int64_t qty);
