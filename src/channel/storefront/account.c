#include "channel/storefront/account_int.h"

#include "base/id.h"
#include "channel/storefront/basket.h"
#include "channel/storefront/order_page.h"
#include "channel/storefront/storefront.h"
#include "channel/storefront/storefront_int.h"
#include "channel/storefront/wish.h"
#include "http/http_csrf.h"
#include "people/account_http.h"
#include "people/customer.h"
#include "people/html_http.h"
#include "text/messages.h"

#include <ctype.h>
#include <string.h>

enum { ISSUES_SHOWN = 10 };

/* --- forms ----------------------------------------------------------------------------------- */

/* customer[email], or email. */
Str account_field(const AccountPage *p, const char *group, const char *name)
{
    char room[64];
    int  n = snprintf(room, sizeof room, "%s[%s]", group, name);
    Str  value = http_form_text(&p->form, (Str){room, (size_t)n});
    if (value.ptr == NULL)
        value = http_form_text(&p->form, str_from_cstr(name));
    return value.ptr != NULL ? value : STR("");
}

static Str return_to(const AccountPage *p)
{
    Str to = account_field(p, "customer", "return_to");
    if (to.len == 0 && p->rq->method == HTTP_GET)
        to = visit_param((Visit *)(uintptr_t)&p->v, STR("return_to"));
    return to.ptr != NULL && storefront_is_local(to) ? to : STR("");
}

Status account_go(AccountPage *p, Str path)
{
    http_redirect(p->cx, p->rs, 303, visit_url(&p->v, path));
    return ST_OK;
}

/* --- showing --------------------------------------------------------------------------------- */

static LiquidValue issue_list(AccountPage *p)
{
    const Issues *is = &p->cx->issues;
    LiquidValue  *items = arena_array(p->cx->arena, LiquidValue, ISSUES_SHOWN);
    size_t        n = 0;
    for (size_t i = 0; i < is->n && n < ISSUES_SHOWN; i++) {
        CLEANUP(buf_done) Buf b = {0};
        CLEANUP(buf_done) Buf label = {0};
        Lang                  lang = account_lang(&p->v);
        buf_init(&b, 1024);
        buf_init(&label, 1024);
        buf_addf(&b, "issue.%s", is->items[i].code);
        Str text = message_has(buf_str(&b)) ? message_make(p->cx->arena, lang, b.ptr, NULL, 0)
                                            : is->items[i].detail;
        buf_addf(&label, "storefront.account." STR_FMT, STR_ARG(str_skip(is->items[i].pointer, 1)));
        if (message_has(buf_str(&label)))
            text = visit_urlf(&(Visit){.cx = p->cx, .root = STR("")}, STR_FMT ": " STR_FMT,
                              STR_ARG(message_make(p->cx->arena, lang, label.ptr, NULL, 0)),
                              STR_ARG(text));
        items[n++] = liquid_text(text);
    }
    return object_list(&p->v, items, n);
}

/* What went wrong, in the visitor's language. */
static void tell_problem(AccountPage *p)
{
    CLEANUP(buf_done) Buf b = {0};
    Lang                  lang = account_lang(&p->v);
    buf_init(&b, 1024);
    buf_addf(&b, "error.%s", p->cx->err.code != NULL ? p->cx->err.code : "");
    if (p->cx->issues.n > 0)
        p->problem = message(p->cx->arena, lang, "storefront.account.look", MSG_NONE);
    else if (message_has(buf_str(&b)))
        p->problem = message_make(p->cx->arena, lang, buf_str(&b).ptr, NULL, 0);
    else
        p->problem = message(p->cx->arena, lang, "storefront.account.wrong", MSG_NONE);
}

static LiquidValue session_list(AccountPage *p)
{
    PeopleCustomerSessionList list = {0};
    if (p->cx->actor.kind != ACTOR_CUSTOMER ||
        people_customer_session_list(p->cx, p->cx->actor.id, &list) != ST_OK)
        return liquid_nil();
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        list.items[i].agent = html_agent(p->cx->arena, account_lang(&p->v), list.items[i].agent);
        items[i] = liquid_struct(p->cx->arena, &people_customer_session_shape, &list.items[i]);
    }
    return object_list(&p->v, items, list.n);
}

/* What was typed for a new address, to be mended. */
static LiquidValue typed_address(AccountPage *p)
{
    static const char *const NAMES[][2] = {{"first_name", "first_name"}, {"last_name", "last_name"},
                                           {"company", "company"},       {"address1", "address1"},
                                           {"address2", "address2"},     {"city", "city"},
                                           {"province", "province"},     {"zip", "zip"},
                                           {"country_code", "country"},  {"phone", "phone"}};
    LiquidPair              *pairs = arena_array(p->cx->arena, LiquidPair, COUNT_OF(NAMES));
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        pairs[i] = (LiquidPair){str_from_cstr(NAMES[i][0]),
                                liquid_text(account_field(p, "address", NAMES[i][1]))};
    return liquid_map(p->cx->arena, pairs, COUNT_OF(NAMES));
}

static LiquidValue account_object(AccountPage *p)
{
    bool       own = p->cx->actor.kind == ACTOR_CUSTOMER;
    LiquidPair pairs[] = {
        {STR("problem"), liquid_text(p->problem)},
        {STR("issues"), issue_list(p)},
        {STR("done"), liquid_text(p->done)},
        {STR("sent"), liquid_text(p->sent)},
        {STR("token"), liquid_text(p->token)},
        {STR("email"), liquid_text(account_field(p, "customer", "email"))},
        {STR("first_name"), liquid_text(account_field(p, "customer", "first_name"))},
        {STR("last_name"), liquid_text(account_field(p, "customer", "last_name"))},
        {STR("return_to"), liquid_text(return_to(p))},
        {STR("with_password"), liquid_bool(p->with_password)},
        {STR("csrf_token"), liquid_text(own ? http_csrf_token(p->cx) : STR(""))},
        {STR("new_address"), typed_address(p)},
        {STR("sessions"), session_list(p)},
        {STR("countries"), own ? account_countries(&p->v) : liquid_nil()},
        {STR("editing"),
         liquid_text(str_starts(p->rest, STR("addresses/")) ? str_skip(p->rest, 10) : STR(""))},
    };
    LiquidPair *copy = arena_array(p->cx->arena, LiquidPair, COUNT_OF(pairs));
    memcpy(copy, pairs, sizeof pairs);
    return liquid_map(p->cx->arena, copy, COUNT_OF(pairs));
}

/* form.errors, for themes that show these. */
static LiquidValue form_object(AccountPage *p)
{
    LiquidValue *one = arena_new(p->cx->arena, LiquidValue);
    LiquidPair  *pair = arena_array(p->cx->arena, LiquidPair, 2);
    *one = liquid_text(p->problem);
    pair[0] =
        (LiquidPair){STR("errors"), p->problem.len > 0 ? object_list(&p->v, one, 1) : liquid_nil()};
    pair[1] = (LiquidPair){STR("email"), liquid_text(account_field(p, "customer", "email"))};
    return liquid_map(p->cx->arena, pair, 2);
}

Status account_show(AccountPage *p, const char *name, const char *title_key)
{
    Visit      *v = &p->v;
    LiquidValue customer = liquid_nil();
    buf_clear(&p->rs->body);
    v->kind = visit_urlf(&(Visit){.cx = p->cx, .root = STR("")}, "customers/%s", name);
    v->suffix = STR("");
    v->title = message_make(p->cx->arena, account_lang(v), title_key, NULL, 0);
    v->no_index = v->uncacheable = true;
    v->form = form_object(p);
    v->status = p->problem.len > 0 ? http_status_of(&p->cx->err, &p->cx->issues) : 200;
    if (p->cx->actor.kind == ACTOR_CUSTOMER)
        TRY(account_customer(v, &customer));
    visit_global(v, "customer", customer);
    visit_global(v, "account", account_object(p));
    visit_global(v, "texts", account_texts(v));
    TRY(render_page(v, p->rs));
    p->rs->cache_control = "no-store";
    return ST_OK;
}

Status account_again(AccountPage *p, Status st, const char *name, const char *title_key)
{
    if (st == ST_IO)
        return st;
    tell_problem(p);
    return account_show(p, name, title_key);
}

/* --- signing in ------------------------------------------------------------------------------ */

static Status show_login(AccountPage *p)
{
    return account_show(p, "login", "storefront.account.login_title");
}

static Status get_login(AccountPage *p)
{
    return p->cx->actor.kind == ACTOR_CUSTOMER ? account_go(p, STR("/account")) : show_login(p);
}

/* Send a code and show the page that asks for it. */
static Status ask(AccountPage *p, int purpose, const char *back, const char *back_title)
{
    PeopleAsking in = {.purpose = purpose,
                       .email = account_field(p, "customer", "email"),
                       .first_name = account_field(p, "customer", "first_name"),
                       .last_name = account_field(p, "customer", "last_name"),
                       .password = purpose == PEOPLE_CODE_REGISTER
                                       ? account_field(p, "customer", "password")
                                       : STR(""),
                       .locale = p->v.tag,
                       .from = people_origin(p->rq)};
    PeopleAsked  asked;
    SpanMs       retry = {0};
    Status       st = people_code_ask(p->cx, &in, &asked, &retry);
    if (people_retry_after(p->cx, p->rs, st, retry) != ST_OK)
        return account_again(p, st, back, back_title);
    p->token = asked.token;
    p->sent = message(p->cx->arena, account_lang(&p->v), "storefront.account.sent",
                      msg_s("email", in.email));
    return purpose == PEOPLE_CODE_PASSWORD
               ? account_show(p, "reset_password", "storefront.account.reset_title")
               : account_show(p, "code", "storefront.account.code_title");
}

/* What the visitor had in the cart, and what waited in the account's, become one. */
static Status bring_cart(AccountPage *p)
{
    Cart cart;
    bool found;
    p->cx->lang = account_lang(&p->v);
    p->cx->locale = p->v.tag;
    TRY(cart_merge(p->cx, http_cookie(p->rq, STR("cart")), &found, &cart));
    if (found)
        basket_set(&p->v, p->rs, &cart);
    return ST_OK;
}

static Status signed_in(AccountPage *p, const PeopleCustomerLogin *login)
{
    Str to = return_to(p);
    if (login->token.len > 0) { /* else an address was changed, in the same session */
        people_set_customer(p->cx, p->rq, p->rs, login);
        TRY(bring_cart(p));
    }
    if (to.len > 0) {
        http_redirect(p->cx, p->rs, 303, to); /* with its language already */
        return ST_OK;
    }
    return account_go(p, STR("/account"));
}

static PeopleEntering entering(const AccountPage *p)
{
    return (PeopleEntering){.token = account_field(p, "customer", "token"),
                            .code = account_field(p, "customer", "code"),
                            .password = account_field(p, "customer", "password"),
                            .anonymous = people_anonymous_id(p->rq),
                            .from = people_origin(p->rq)};
}

static Status post_code(AccountPage *p, const char *page, const char *title_key)
{
    PeopleEntering      in = entering(p);
    PeopleCustomerLogin login;
    SpanMs              retry = {0};
    Status              st = people_code_enter(p->cx, &in, &login, &retry);
    p->token = in.token;
    if (people_retry_after(p->cx, p->rs, st, retry) != ST_OK)
        return account_again(p, st, page, title_key);
    return signed_in(p, &login);
}

static Status post_password_login(AccountPage *p)
{
    PeopleEntering      in = entering(p);
    PeopleCustomerLogin login;
    SpanMs              retry = {0};
    Status st = people_customer_login(p->cx, account_field(p, "customer", "email"), in.password,
                                      &in, &login, &retry);
    p->with_password = true;
    if (people_retry_after(p->cx, p->rs, st, retry) != ST_OK)
        return account_again(p, st, "login", "storefront.account.login_title");
    return signed_in(p, &login);
}

static Status post_login(AccountPage *p)
{
    Str way = account_field(p, "customer", "way");
    if (account_field(p, "customer", "token").len > 0)
        return post_code(p, "code", "storefront.account.code_title");
    if (str_eq(way, STR("forgotten")))
        return ask(p, PEOPLE_CODE_PASSWORD, "login", "storefront.account.login_title");
    if (str_eq(way, STR("password")) ||
        (way.len == 0 && account_field(p, "customer", "password").len > 0))
        return post_password_login(p);
    return ask(p, PEOPLE_CODE_LOGIN, "login", "storefront.account.login_title");
}

static Status get_register(AccountPage *p)
{
    if (p->cx->actor.kind == ACTOR_CUSTOMER)
        return account_go(p, STR("/account"));
    return account_show(p, "register", "storefront.account.register_title");
}

static Status post_register(AccountPage *p)
{
    return ask(p, PEOPLE_CODE_REGISTER, "register", "storefront.account.register_title");
}

static Status post_recover(AccountPage *p)
{
    return ask(p, PEOPLE_CODE_PASSWORD, "login", "storefront.account.login_title");
}

static Status post_reset(AccountPage *p)
{
    return post_code(p, "reset_password", "storefront.account.reset_title");
}

/* A link that themes have; a foreign page cannot use it to sign anybody out. */
static Status sign_out(AccountPage *p)
{
    if (p->cx->actor.kind == ACTOR_CUSTOMER && http_same_origin(p->rq)) {
        TRY(people_customer_logout(p->cx));
        people_clear_customer(p->cx, p->rq, p->rs);
        basket_forget(&p->v, p->rs); /* it waits in the account */
    }
    return account_go(p, STR("/"));
}

/* --- the account ----------------------------------------------------------------------------- */

/* The newest orders, a page of them; older ones by ?before=. */
static Status read_orders(AccountPage *p)
{
    enum { PAGE = 20 };
    Orders  heads;
    int64_t before = 0;
    Str     from = visit_param(&p->v, STR("before"));
    if (from.ptr != NULL && !id_parse(from, ORDER_ID, &before))
        before = 0;
    TRY(order_list_own(p->cx, p->cx->actor.id, before, PAGE, &heads));
    LiquidValue *items = arena_array(p->cx->arena, LiquidValue, heads.n + 1);
    for (size_t i = 0; i < heads.n; i++) {
        Order *order = arena_new(p->cx->arena, Order);
        TRY(order_get(p->cx, heads.items[i].id, order));
        items[i] = order_head_value(&p->v, order);
    }
    visit_global(&p->v, "orders", object_list(&p->v, items, heads.n));
    visit_global(&p->v, "older_orders",
                 heads.n < PAGE
                     ? liquid_nil()
                     : liquid_text(visit_urlf(&p->v, "/account?before=" STR_FMT,
                                              STR_ARG(id_format(p->cx->arena, ORDER_ID,
                                                                heads.items[heads.n - 1].id)))));
    return ST_OK;
}

static Status show_account(AccountPage *p)
{
    TRY(read_orders(p));
    return account_show(p, "account", "storefront.account.account_title");
}

static Status show_details(AccountPage *p)
{
    return account_show(p, "details", "storefront.account.details");
}

static Status show_wishes(AccountPage *p)
{
    Wishes wishes;
    TRY(wish_list(p->cx, p->cx->actor.id, &wishes));
    visit_global(&p->v, "wishlist", object_products(&p->v, wishes.products, wishes.n, WISHES_MAX));
    return account_show(p, "wishlist", "storefront.account.wishes");
}

/* From a product's page, which is the same for everybody: who has not signed in does so first. */
static Status post_wish(AccountPage *p)
{
    int64_t id = 0;
    if (!id_parse(account_field(p, "customer", "product"), CATALOG_PRODUCT_ID, &id))
        return cx_fail(p->cx, ST_NOT_FOUND, "catalog.no_product", "there is no such product");
    if (account_field(p, "customer", "remove").len > 0)
        TRY(wish_remove(p->cx, p->cx->actor.id, id));
    else
        TRY(wish_add(p->cx, p->cx->actor.id, id));
    return account_go(p, STR("/account/wishlist")); /* which shows what has become of it */
}

static Status details_again(AccountPage *p, Status st)
{
    return account_again(p, st, "details", "storefront.account.details");
}

static Status saved(AccountPage *p)
{
    p->done = message(p->cx->arena, account_lang(&p->v), "storefront.account.saved", MSG_NONE);
    return show_details(p);
}

static Status post_profile(AccountPage *p)
{
    static const struct {
        const char *name;
        size_t      offset;
    } FIELDS[] = {{"first_name", offsetof(PeopleAccountInput, first_name)},
                  {"last_name", offsetof(PeopleAccountInput, last_name)},
                  {"phone", offsetof(PeopleAccountInput, phone)}};
    CLEANUP(buf_done) Buf b = {0};
    PeopleAccountInput    in = {0};
    PeopleAccount         account;
    /* By way of the shape, which knows what is taken. */
    buf_init(&b, FORM_MAX * 2);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (size_t i = 0; i < COUNT_OF(FIELDS); i++)
        json_str(&j, FIELDS[i].name, account_field(p, "customer", FIELDS[i].name));
    json_end(&j);
    Status st =
        shape_read(&people_account_input_shape, SHAPE_PATCH, str_dup(p->cx->arena, buf_str(&b)),
                   p->cx->arena, &in, &p->cx->issues, &p->cx->err);
    if (st == ST_OK)
        st = people_account_update(p->cx, p->cx->actor.id, 0, &in, &account);
    return st == ST_OK ? saved(p) : details_again(p, st);
}

static Status post_email(AccountPage *p)
{
    return ask(p, PEOPLE_CODE_EMAIL, "details", "storefront.account.details");
}

static Status post_password(AccountPage *p)
{
    Status st = people_customer_password(p->cx, account_field(p, "customer", "old_password"),
                                         account_field(p, "customer", "password"));
    return st == ST_OK ? saved(p) : details_again(p, st);
}

static Status post_sessions(AccountPage *p)
{
    TRY(people_customer_sessions_end(p->cx, p->cx->actor.id));
    people_clear_customer(p->cx, p->rq, p->rs);
    return account_go(p, STR("/account/login"));
}

static Status post_consent(AccountPage *p)
{
    bool          yes = str_eq(account_field(p, "customer", "marketing"), STR("yes"));
    PeopleConsent consent = {.purpose = STR("marketing_email"),
                             .status = yes ? PEOPLE_GRANTED : PEOPLE_WITHDRAWN,
                             .text_version = STR("storefront.account.marketing 1"),
                             .locale = p->v.tag,
                             .source = STR("account"),
                             .net = p->rq->peer,
                             .agent = http_header(p->rq, STR("User-Agent"))};
    TRY(people_customer_consent(p->cx, &consent));
    return saved(p);
}

static Status own_profile(AccountPage *p, int64_t *ret)
{
    PeopleAccount account;
    TRY(people_account_get(p->cx, p->cx->actor.id, &account));
    *ret = account.profile_id;
    return ST_OK;
}

static Status post_export(AccountPage *p)
{
    int64_t id;
    TRY(own_profile(p, &id));
    return people_reply_export(p->cx, p->rs, id);
}

static Status post_erase(AccountPage *p)
{
    int64_t           id;
    PeopleDataRequest request;
    TRY(own_profile(p, &id));
    TRY(people_erase_ask(p->cx, id, false, &request));
    p->done = message(p->cx->arena, account_lang(&p->v), "storefront.account.erasing",
                      msg_t("date", request.due_at, NULL));
    return show_details(p);
}

/* --- addresses ------------------------------------------------------------------------------- */

static Status show_addresses(AccountPage *p)
{
    return account_show(p, "addresses", "storefront.account.addresses");
}

static Status read_address(AccountPage *p, PeopleAddressInput *ret)
{
    static const char *const NAMES[][2] = {{"first_name", "first_name"}, {"last_name", "last_name"},
                                           {"company", "company"},       {"line1", "address1"},
                                           {"line2", "address2"},        {"city", "city"},
                                           {"zone", "province"},         {"postal_code", "zip"},
                                           {"country", "country"},       {"phone", "phone"}};
    CLEANUP(buf_done) Buf    b = {0};
    buf_init(&b, FORM_MAX * 2);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        json_str(&j, NAMES[i][0], account_field(p, "address", NAMES[i][1]));
    json_bool(&j, "is_default", account_field(p, "address", "default").len > 0);
    json_end(&j);
    *ret = (PeopleAddressInput){0};
    return shape_read(&people_address_input_shape, SHAPE_CREATE, str_dup(p->cx->arena, buf_str(&b)),
                      p->cx->arena, ret, &p->cx->issues, &p->cx->err);
}

static Status save_address(AccountPage *p, int64_t id)
{
    PeopleAddressInput in;
    PeopleAddress      address;
    int64_t            account = p->cx->actor.id;
    TRY(read_address(p, &in));
    return id == 0 ? people_address_add(p->cx, account, &in, &address)
                   : people_address_update(p->cx, account, id, 0, &in, &address);
}

static Status post_addresses(AccountPage *p)
{
    int64_t id = 0;
    Str     text = str_skip(p->rest, 10); /* "addresses/" */
    Str     method = account_field(p, "customer", "_method");
    if (text.len > 0 && !id_parse(text, "adr", &id))
        return cx_fail(p->cx, ST_NOT_FOUND, "people.no_address", "there is no such address");
    Status st = id != 0 && str_eq_nocase(method, STR("delete"))
                    ? people_address_remove(p->cx, p->cx->actor.id, id)
                    : save_address(p, id);
    if (st == ST_OK)
        return account_go(p, STR("/account/addresses"));
    return account_again(p, st, "addresses", "storefront.account.addresses");
}

/* --- which page it is ------------------------------------------------------------------------ */

typedef Status PageFn(AccountPage *p);

typedef struct Place {
    const char *path; /* behind "/account/"; one that ends with '/' takes what follows */
    PageFn     *get, *post;
    bool        open; /* also for who has not signed in */
} Place;

static const Place PLACES[] = {
    {"", show_account, NULL, false},
    {"login", get_login, post_login, true},
    {"register", get_register, post_register, true},
    {"recover", NULL, post_recover, true},
    {"reset", NULL, post_reset, true},
    {"logout", sign_out, sign_out, true},
    {"addresses", show_addresses, post_addresses, false},
    {"addresses/", show_addresses, post_addresses, false},
    {"details", show_details, NULL, false},
    {"wishlist", show_wishes, post_wish, false},
    {"carts", account_show_carts, account_post_carts, false},
    {"cards", account_show_cards, account_post_cards, false},
    {"profile", NULL, post_profile, false},
    {"email", NULL, post_email, false},
    {"password", NULL, post_password, false},
    {"sessions", NULL, post_sessions, false},
    {"consent", NULL, post_consent, false},
    {"export", NULL, post_export, false},
    {"erase", NULL, post_erase, false},
};

static const Place *place_of(Str rest)
{
    for (size_t i = 0; i < COUNT_OF(PLACES); i++) {
        Str path = str_from_cstr(PLACES[i].path);
        if (str_eq(rest, path) || (str_ends(path, STR("/")) && str_starts(rest, path)))
            return &PLACES[i];
    }
    return NULL;
}

/* Where a form came from, when that needs no escapes: the product that somebody wants to keep. */
static Str came_from(AccountPage *p)
{
    if (p->rq->method != HTTP_POST || !http_same_origin(p->rq) ||
        http_form_read(p->cx, p->rq, &p->form) != ST_OK)
        return STR("");
    Str to = return_to(p);
    for (size_t i = 0; i < to.len; i++)
        if (strchr("/-_.~", to.ptr[i]) == NULL && !isalnum((unsigned char)to.ptr[i]))
            return STR("");
    return to;
}

static Status to_login(AccountPage *p)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 4096);
    buf_add(&b, STR("/account/login"));
    Str from = came_from(p);
    if (p->rest.len > 0)
        buf_addf(&b, "?return_to=" STR_FMT, STR_ARG(from.len > 0 ? from : p->rq->path));
    return account_go(p, str_dup(p->cx->arena, buf_str(&b)));
}

static Status answer(AccountPage *p)
{
    const Place *place = place_of(p->rest);
    bool         post = p->rq->method == HTTP_POST;
    PageFn      *fn = place == NULL ? NULL : post ? place->post : place->get;
    if (fn == NULL) {
        storefront_say(&p->v, p->rs, 404);
        return ST_OK;
    }
    if (!place->open && p->cx->actor.kind != ACTOR_CUSTOMER)
        return to_login(p);
    if (post) {
        TRY(people_same_origin(p->cx, p->rq));
        TRY(http_form_read(p->cx, p->rq, &p->form));
    }
    return fn(p);
}

static Status account_page(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    AccountPage p = {.cx = cx,
                     .rq = rq,
                     .rs = rs,
                     .problem = STR(""),
                     .done = STR(""),
                     .sent = STR(""),
                     .token = STR("")};
    if (!storefront_runs())
        return cx_fail(cx, ST_NOT_FOUND, "http.no_route", "nothing at this address");
    TRY(storefront_visit(cx, rq, &p.v));
    if (!str_starts(p.v.raw, STR("/account"))) /* "/collections/account" */
        return storefront_home(cx, rq, rs);
    p.v.uncacheable = true;
    p.rest = str_skip(p.v.raw, strlen("/account"));
    if (p.rest.len > 0)
        p.rest = str_skip(p.rest, 1);
    if (p.v.site->closed) {
        storefront_say(&p.v, rs, 503);
        return ST_OK;
    }
    return answer(&p);
}

#define PLACE(path, more)                                                                          \
    {.method = HTTP_GET,                                                                           \
     .pattern = STR_INIT(path),                                                                    \
     .handler = account_page,                                                                      \
     .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN},                                           \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(path), .handler = account_page,                   \
        .body = HTTP_BODY_FORM, .body_max = FORM_MAX,                                              \
        .flags = HTTP_PUBLIC | HTTP_SHOPPER | HTTP_HIDDEN | (more)                                 \
    }

/* What is added to the wish list is sent from pages that are the same for everybody, and so have
 * no token: like the cart's, these forms must come from a page of ours, which answer() asks. */
static const HttpRoute ROUTES[] = {PLACE("/account", 0),
                                   PLACE("/account/:*rest", 0),
                                   PLACE("/account/wishlist", HTTP_NO_CSRF),
                                   PLACE("/:locale/account", 0),
                                   PLACE("/:locale/account/:*rest", 0),
                                   PLACE("/:locale/account/wishlist", HTTP_NO_CSRF)};
const HttpRoutes       account_routes = {"Account pages", ROUTES, COUNT_OF(ROUTES)};
