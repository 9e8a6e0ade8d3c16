#include "channel/storefront/cart_pages.h"

#include "base/id.h"
#include "channel/storefront/account.h"
#include "channel/storefront/basket.h"
#include "channel/storefront/cart_input.h"
#include "channel/storefront/object.h"
#include "channel/storefront/render.h"
#include "channel/storefront/storefront_int.h"
#include "text/messages.h"

#include <string.h>

typedef struct CartVisit { /* one request for /cart… */
    Cx            *cx;
    const HttpReq *rq;
    HttpResp      *rs;
    Visit          v;
    Str            rest;   /* behind "/cart/": "add" */
    bool           script; /* JSON is wanted */
    CartInput      in;
    Cart           cart;
} CartVisit;

/* --- answers --------------------------------------------------------------------------------- */

static Status show_page(CartVisit *p)
{
    Visit *v = &p->v;
    Str    alone = visit_param(v, STR("section_id")), some = visit_param(v, STR("sections"));
    v->kind = STR("cart");
    v->title = message(visit_arena(v), account_lang(v), "storefront.cart.title", MSG_NONE);
    v->no_index = v->uncacheable = true;
    Status st = alone.ptr != NULL  ? render_sections(v, alone, true, p->rs)
                : some.ptr != NULL ? render_sections(v, some, false, p->rs)
                                   : render_page(v, p->rs);
    p->rs->cache_control = "no-store";
    return st;
}

/* {…} becomes {…,"sections":{…}}; each section sees the cart as it is now. */
static Status add_sections(CartVisit *p)
{
    Visit    v;
    HttpResp parts;
    if (p->in.sections.ptr == NULL || p->in.sections.len == 0 || p->rs->body.len < 2)
        return ST_OK;
    TRY(storefront_visit(p->cx, p->rq, &v));
    v.cart = p->v.cart;
    v.cart_removed = p->v.cart_removed;
    v.cart_read = v.uncacheable = true;
    v.kind = STR("cart");
    http_resp_init(&parts);
    Status st = render_sections(&v, p->in.sections, false, &parts);
    if (st == ST_OK) {
        Str whole = str_dup(p->cx->arena, buf_str(&p->rs->body));
        buf_clear(&p->rs->body);
        buf_add(&p->rs->body, str_head(whole, whole.len - 1));
        buf_add(&p->rs->body, STR(",\"sections\":"));
        buf_add(&p->rs->body, buf_str(&parts.body));
        buf_addc(&p->rs->body, '}');
    }
    http_resp_done(&parts);
    return st;
}

static Status reply_script(CartVisit *p, const LiquidTemplate *t)
{
    p->v.kind = STR("cart");
    p->v.no_index = p->v.uncacheable = true;
    TRY(render_bare(&p->v, t, "application/json", p->rs));
    p->rs->cache_control = "no-store";
    return add_sections(p);
}

static Status reply_cart(CartVisit *p)
{
    return reply_script(p, p->v.theme->cart);
}

static Status go(CartVisit *p, Str path)
{
    http_redirect(p->cx, p->rs, 303, path);
    return ST_OK;
}

static Str cart_url(CartVisit *p)
{
    return visit_url(&p->v, STR("/cart"));
}

/* After a change: scripts get the cart, forms the page. */
static Status reply(CartVisit *p)
{
    if (p->script)
        return reply_cart(p);
    Str to = p->in.return_to;
    return go(p, to.len > 0 && storefront_is_local(to) ? to : cart_url(p));
}

/* --- what went wrong ------------------------------------------------------------------------- */

static Str describe(CartVisit *p)
{
    CLEANUP(buf_done) Buf b = {0};
    Lang                  lang = account_lang(&p->v);
    buf_init(&b, 256);
    if (p->cx->issues.n > 0)
        buf_addf(&b, "issue.%s", p->cx->issues.items[0].code);
    else
        buf_addf(&b, "error.%s", p->cx->err.code != NULL ? p->cx->err.code : "");
    if (message_has(buf_str(&b)))
        return message_make(p->cx->arena, lang, buf_str(&b).ptr, NULL, 0);
    return message(p->cx->arena, lang, "storefront.cart.failed", MSG_NONE);
}

static Status fail(CartVisit *p, Status st)
{
    if (st == ST_IO || st == ST_BUSY)
        return st;
    Str text = describe(p);
    int status = http_status_of(&p->cx->err, &p->cx->issues);
    status = status == 404 ? 404 : 422;
    buf_clear(&p->rs->body);
    if (p->script) {
        Json j = json_begin(&p->rs->body);
        json_obj(&j, NULL);
        json_i64(&j, "status", status);
        json_str(&j, "message", STR("Cart Error"));
        json_str(&j, "description", text);
        json_end(&j);
        p->rs->status = status;
        p->rs->type = "application/json";
        p->rs->cache_control = "no-store";
        return ST_OK;
    }
    p->v.cart_problem = text;
    p->v.status = status;
    p->cx->err = (Err){0};
    p->v.cart_read = false; /* as it stands */
    return show_page(p);
}

/* --- changing it ----------------------------------------------------------------------------- */

typedef Status ChangeFn(CartVisit *p);

static Status change(CartVisit *p, ChangeFn *fn)
{
    TRY(basket_to_change(&p->v, p->rs, &p->cart));
    TRY(fn(p));
    basket_set(&p->v, p->rs, &p->cart);
    return ST_OK;
}

static bool read_variant(Str s, int64_t *ret)
{
    return id_parse(s, CATALOG_VARIANT_ID, ret) || (str_parse_i64(s, ret) && *ret > 0);
}

/* The line that a key, a variant or a place names; NULL: none. */
static const CartLine *line_of(const Cart *c, Str key, int64_t place)
{
    int64_t id = 0;
    bool    by_line = id_parse(key, ORDER_CLN_ID, &id);
    if (key.len == 0)
        return place >= 1 && (size_t)place <= c->lines.n ? &c->lines.items[place - 1] : NULL;
    if (!by_line && !read_variant(key, &id))
        return NULL;
    for (size_t i = 0; i < c->lines.n; i++) {
        const CartLine *l = &c->lines.items[i];
        if (by_line ? l->id == id : l->variant_id == id && !l->gift_of.has)
            return l;
    }
    return NULL;
}

static Status no_line(CartVisit *p)
{
    return cx_fail(p->cx, ST_NOT_FOUND, "order.no_line", "there is no such line in the cart");
}

static Status add_items(CartVisit *p)
{
    CartItem *items = arena_array(p->cx->arena, CartItem, p->in.n + 1);
    if (p->in.n == 0)
        return cx_fail(p->cx, ST_INVALID, "storefront.bad_cart_input", "id is missing");
    for (size_t i = 0; i < p->in.n; i++) {
        const CartInputItem *from = &p->in.items[i];
        items[i] = (CartItem){.qty = from->quantity.has ? from->quantity.v : 1,
                              .properties = from->properties,
                              .price = (Money){0}};
        if (!read_variant(from->key, &items[i].variant_id))
            return cx_fail(p->cx, ST_NOT_FOUND, "catalog.no_variant", "there is no such variant");
        if (items[i].qty < 1)
            return cx_fail(p->cx, ST_INVALID, "storefront.bad_cart_input", "quantity is below 1");
    }
    return cart_add(p->cx, p->cart.token, items, p->in.n, &p->cart);
}

static Status change_line(CartVisit *p)
{
    const CartInputItem *in = &p->in.items[0];
    const CartLine      *l = line_of(&p->cart, in->key.ptr != NULL ? in->key : STR(""), p->in.line);
    if (l == NULL)
        return no_line(p);
    CartChange c = {.line_id = l->id,
                    .qty = in->quantity,
                    .properties = in->has_properties ? &in->properties : NULL};
    return cart_change(p->cx, p->cart.token, &c, 1, &p->cart);
}

/* What updates[] says, for lines that are still there. */
static Status change_lines(CartVisit *p)
{
    CartChange *changes = arena_array(p->cx->arena, CartChange, p->in.n + 1);
    size_t      n = 0;
    for (size_t i = 0; i < p->in.n; i++) {
        const CartInputItem *in = &p->in.items[i];
        Str                  key = in->key.ptr != NULL ? in->key : STR("");
        const CartLine      *l = line_of(&p->cart, key, (int64_t)i + 1);
        if (l == NULL || l->gift_of.has || !in->quantity.has || in->quantity.v == l->qty)
            continue;
        changes[n++] = (CartChange){.line_id = l->id, .qty = in->quantity};
    }
    return n > 0 ? cart_change(p->cx, p->cart.token, changes, n, &p->cart) : ST_OK;
}

/* Codes as given, one added. */
static Status set_codes(CartVisit *p, Str list)
{
    OrderTexts codes = {arena_array(p->cx->arena, Str, CART_CODES_MAX), 0};
    Str        code;
    while (list.len > 0 && codes.n < CART_CODES_MAX) {
        str_cut(list, ',', &code, &list);
        if (str_trim(code).len > 0)
            codes.items[codes.n++] = str_trim(code);
    }
    return cart_update(p->cx, p->cart.token, &(CartUpdate){.set = CART_SET_CODES, .codes = codes},
                       &p->cart);
}

static Status set_rest(CartVisit *p)
{
    CartUpdate u = {.attributes = p->in.attributes};
    if (p->in.note.ptr != NULL) {
        u.set |= CART_SET_GIFT;
        u.gift_message = str_trim(p->in.note);
        u.gift = u.gift_message.len > 0;
    }
    if (p->in.attributes.n > 0)
        u.set |= CART_SET_ATTRIBUTES;
    return u.set != 0 ? cart_update(p->cx, p->cart.token, &u, &p->cart) : ST_OK;
}

static Status update_lines(CartVisit *p)
{
    TRY(change_lines(p));
    TRY(set_rest(p));
    return p->in.discount.ptr != NULL ? set_codes(p, p->in.discount) : ST_OK;
}

static Status clear(CartVisit *p)
{
    return cart_clear(p->cx, p->cart.token, &p->cart);
}

/* --- /cart/add … ----------------------------------------------------------------------------- */

static Str field(const CartVisit *p, const char *name)
{
    Str s = http_form_text(&p->in.form, str_from_cstr(name));
    return s.ptr != NULL ? s : STR("");
}

/* The line or lines that were added, as scripts want them. */
static LiquidValue added(CartVisit *p)
{
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, p->in.n + 1);
    size_t       n = 0;
    for (size_t i = 0; i < p->in.n; i++) {
        const CartLine *l = line_of(p->v.cart, p->in.items[i].key, 0);
        if (l != NULL)
            items[n++] = basket_line(&p->v, l);
    }
    if (!p->in.listed)
        return n > 0 ? items[0] : liquid_nil();
    LiquidPair *pair = arena_array(p->cx->arena, LiquidPair, 1);
    pair[0] = (LiquidPair){STR("items"), object_list(&p->v, items, n)};
    return liquid_map(p->cx->arena, pair, 1);
}

static Status do_add(CartVisit *p)
{
    TRY(change(p, add_items));
    if (p->script) {
        visit_global(&p->v, "added", added(p));
        return reply_script(p, p->v.theme->added);
    }
    if (field(p, "buy").len > 0 || field(p, "checkout").len > 0)
        return go(p, visit_url(&p->v, STR("/checkout")));
    return reply(p);
}

static Status do_change(CartVisit *p)
{
    TRY(change(p, change_line));
    return reply(p);
}

static Status do_update(CartVisit *p)
{
    TRY(change(p, update_lines));
    return reply(p);
}

static Status do_clear(CartVisit *p)
{
    TRY(change(p, clear));
    return reply(p);
}

/* --- the page's own form --------------------------------------------------------------------- */

static Status remove_line(CartVisit *p)
{
    const CartLine *l = line_of(&p->cart, field(p, "remove"), 0);
    return l != NULL ? cart_remove(p->cx, p->cart.token, l->id, &p->cart) : no_line(p);
}

static Status page_form(CartVisit *p)
{
    TRY(change_lines(p));
    TRY(set_rest(p));
    if (field(p, "remove_code").len > 0)
        return cart_remove_code(p->cx, p->cart.token, field(p, "remove_code"), &p->cart);
    Str code = str_trim(field(p, "discount"));
    return code.len > 0 ? cart_apply_code(p->cx, p->cart.token, code, &p->cart) : ST_OK;
}

static Status do_page(CartVisit *p)
{
    const Cart     *before = basket_of(&p->v);
    const CartLine *gone = before != NULL && field(p, "remove").len > 0
                               ? line_of(before, field(p, "remove"), 0)
                               : NULL;
    Str             undo = STR("");
    if (gone != NULL)
        undo = visit_urlf(&p->v, "/cart?removed=" STR_FMT ":%lld",
                          STR_ARG(id_format(p->cx->arena, CATALOG_VARIANT_ID, gone->variant_id)),
                          (long long)gone->qty);
    TRY(change(p, field(p, "remove").len > 0 ? remove_line : page_form));
    if (gone != NULL)
        p->v.cart_removed = str_skip(undo, str_find(undo, STR("=")) + 1);
    if (p->script)
        return reply_cart(p);
    if (undo.len > 0)
        return go(p, undo);
    return go(p, field(p, "checkout").len > 0 ? visit_url(&p->v, STR("/checkout")) : cart_url(p));
}

/* --- permalinks ------------------------------------------------------------------------------ */

static Status fill(CartVisit *p)
{
    Str code = visit_param(&p->v, STR("discount"));
    TRY(cart_fill(p->cx, p->cart.token, p->rest, &p->cart));
    return code.len > 0 ? cart_apply_code(p->cx, p->cart.token, code, &p->cart) : ST_OK;
}

static Status permalink(CartVisit *p)
{
    Str storefront = visit_param(&p->v, STR("storefront"));
    TRY(http_decode(p->cx, p->rest, &p->rest));
    TRY(change(p, fill));
    return go(p,
              str_eq(storefront, STR("true")) ? cart_url(p) : visit_url(&p->v, STR("/checkout")));
}

/* --- which it is ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ChangeFn   *fn;
} DEEDS[] = {{"add", do_add}, {"change", do_change}, {"update", do_update}, {"clear", do_clear}};

static ChangeFn *deed(CartVisit *p)
{
    Str name = p->rest;
    if (str_ends(name, STR(".js")))
        name = str_head(name, name.len - 3);
    for (size_t i = 0; i < COUNT_OF(DEEDS); i++)
        if (str_eq(name, str_from_cstr(DEEDS[i].name)))
            return DEEDS[i].fn;
    return NULL;
}

/* Browsers that want a page say so. */
static bool wants_script(const CartVisit *p)
{
    Str accept = http_header(p->rq, STR("Accept"));
    if (str_ends(p->v.raw, STR(".js")) || str_ends(p->v.raw, STR(".json")))
        return true;
    return p->rq->method == HTTP_POST && accept.ptr != NULL &&
           str_find(accept, STR("text/html")) == SIZE_MAX;
}

static Status answer(CartVisit *p)
{
    bool      post = p->rq->method == HTTP_POST;
    ChangeFn *fn = deed(p);
    if (p->rest.len == 0 && !post)
        return p->script ? reply_cart(p) : show_page(p);
    if (p->rest.len > 0 && fn == NULL) {
        if (!post && str_find(p->rest, STR(":")) != SIZE_MAX)
            return permalink(p);
        storefront_say(&p->v, p->rs, 404);
        return ST_OK;
    }
    /* A link changes the cart as well, but not one on another site. */
    if (!http_same_origin(p->rq)) {
        if (!post)
            return go(p, cart_url(p));
        return cx_fail(p->cx, ST_DENIED, "http.cross_site", "sent by a page of another site");
    }
    TRY(cart_input(p->cx, p->rq, &p->in));
    return fn != NULL ? fn(p) : do_page(p);
}

static Status cart_page(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CartVisit *p = arena_new(cx->arena, CartVisit);
    *p = (CartVisit){.cx = cx, .rq = rq, .rs = rs};
    if (!storefront_runs())
        return cx_fail(cx, ST_NOT_FOUND, "http.no_route", "nothing at this address");
    TRY(storefront_visit(cx, rq, &p->v));
    if (!str_starts(p->v.raw, STR("/cart"))) /* "/pages/cart" */
        return storefront_home(cx, rq, rs);
    cx->lang = account_lang(&p->v);
    cx->locale = p->v.tag;
    p->v.uncacheable = true;
    p->script = wants_script(p);
    p->rest = str_skip(p->v.raw, strlen("/cart"));
    p->rest = str_starts(p->rest, STR("/")) ? str_skip(p->rest, 1) : STR(""); /* "/cart.js" */
    if (p->v.site->closed) {
        storefront_say(&p->v, rs, 503);
        return ST_OK;
    }
    Status st = answer(p);
    return st == ST_OK || st == ST_DENIED ? st : fail(p, st);
}

#define SHOWN(path)                                                                                \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(path), .handler = cart_page,                       \
        .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN                                          \
    }
#define SENT(path)                                                                                 \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(path), .handler = cart_page,                      \
        .body = HTTP_BODY_RAW, .body_max = CART_INPUT_MAX,                                         \
        .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN | HTTP_NO_CSRF                           \
    }

static const HttpRoute ROUTES[] = {
    SHOWN("/cart"),
    SHOWN("/cart.js"),
    SHOWN("/cart.json"),
    SHOWN("/cart/:*rest"),
    SHOWN("/:locale/cart"),
    SHOWN("/:locale/cart.js"),
    SHOWN("/:locale/cart.json"),
    SHOWN("/:locale/cart/:*rest"),
    SENT("/cart"),
    SENT("/cart/:*rest"),
    SENT("/:locale/cart"),
    SENT("/:locale/cart/:*rest"),
};
const HttpRoutes cart_routes = {"Cart pages", ROUTES, COUNT_OF(ROUTES)};
