/* Customers for staff: /api/v1/customers, the evidence of who they are, mails, data requests. */
#include "base/id.h"
#include "http/http_etag.h"
#include "http/page.h"
#include "people/account_http.h"
#include "people/journey_store.h"
#include "people/mail.h"
#include "people/people_http.h"

#include <string.h>

/* --- finding --------------------------------------------------------------------------------- */

static PageKey profile_key(const void *row)
{
    return (PageKey){.id = ((const PeopleProfile *)row)->id};
}

/* GET /api/v1/customers */
static Status get_customers(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page              page;
    PeopleProfileList list;
    Str               query;
    TRY(page_read(cx, rq, &page));
    TRY(http_query(cx, rq, STR("query"), STR(""), &query));
    if (query.len > 0) {
        page = (Page){.limit = PAGE_LIMIT_MAX};
        TRY(people_profile_search(cx, query, &list));
    } else {
        PeopleRange range = people_range(&page);
        TRY(people_profile_list(cx, &range, &list));
    }
    page_reply(cx, rq, rs, &page, list.items, list.n, profile_key);
    return ST_OK;
}

static Status namespace_of(Cx *cx, Str name, int *ret)
{
    for (int i = 0; people_namespace_names[i] != NULL; i++) {
        if (str_eq(name, str_from_cstr(people_namespace_names[i]))) {
            *ret = i;
            return ST_OK;
        }
    }
    return cx_fail(cx, ST_INVALID, "http.bad_param", "namespace is one of user_id, email, phone …");
}

/* GET /api/v1/customers/lookup */
static Status get_lookup(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str           ns, value;
    int           which;
    PeopleProfile profile;
    TRY(http_query(cx, rq, STR("namespace"), STR("email"), &ns));
    TRY(http_query(cx, rq, STR("value"), STR(""), &value));
    TRY(namespace_of(cx, ns, &which));
    TRY(people_journey_find(cx, which, value, &profile));
    http_reply(rq, rs, &profile);
    return ST_OK;
}

static Status param_customer(Cx *cx, const HttpReq *rq, int64_t *ret)
{
    return http_param_id(cx, rq, 0, "cus", ret);
}

/* GET /api/v1/customers/:id */
static Status get_customer(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t       id;
    PeopleProfile profile;
    TRY(param_customer(cx, rq, &id));
    TRY(people_profile_get(cx, id, &profile));
    http_reply(rq, rs, &profile);
    return ST_OK;
}

/* --- making and changing --------------------------------------------------------------------- */

typedef struct KnownInput {
    int ns;
    Str value;
} KnownInput;

static const ShapeField KNOWN_FIELDS[] = {
    SHAPE_ENUM_AS(KnownInput, ns, "namespace", people_namespace_names, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(KnownInput, value, .min = 1, .max = PEOPLE_VALUE_MAX,
               .flags = SHAPE_REQUIRED | SHAPE_LINE),
};
static const Shape known_shape =
    SHAPE_OF(KnownInput, "IdentifierInput", KNOWN_FIELDS, .doc = "Something that names somebody.");

typedef struct KnownInputs {
    KnownInput *items;
    size_t      n;
} KnownInputs;

typedef struct CustomerInput {
    KnownInputs identifiers;
    Str         traits;
    Str         source;
    /* filled by the transaction */
    const JsonValue *values;
    int64_t          profile_id;
} CustomerInput;

static const ShapeField CUSTOMER_FIELDS[] = {
    SHAPE_LIST(CustomerInput, identifiers, KnownInput, &known_shape, .min = 1,
               .max = PEOPLE_KNOWN_MAX, .flags = SHAPE_REQUIRED,
               .doc = "All of the same person; one that is known already is recognised."),
    SHAPE_JSON(CustomerInput, traits, .flags = SHAPE_NULLABLE, .doc = "An object."),
    SHAPE_TEXT(CustomerInput, source, .max = 100, .flags = SHAPE_LINE,
               .doc = "Where it comes from; \"api\" by itself."),
};
static const Shape customer_input_shape = SHAPE_OF(CustomerInput, "CustomerInput", CUSTOMER_FIELDS,
                                                   .doc = "Somebody to be known from now on.");

static Status add_tx(Cx *cx, void *arg)
{
    CustomerInput *in = arg;
    PeopleKnown    known[PEOPLE_KNOWN_MAX];
    PeopleLinked   linked;
    Str            source = in->source.len > 0 ? in->source : STR("api");
    for (size_t i = 0; i < in->identifiers.n; i++)
        known[i] = (PeopleKnown){in->identifiers.items[i].ns, in->identifiers.items[i].value, true};
    PeopleLinking linking = {.known = known,
                             .n = in->identifiers.n,
                             .rule = PEOPLE_IMPORT,
                             .confidence = 90,
                             .source = source,
                             .evidence = cx->request_id};
    TRY(people_link(cx, &linking, &linked));
    if (linked.profile_id == 0)
        return cx_fail(cx, ST_INVALID, "people.names_nobody",
                       "none of these identifiers can name anybody");
    in->profile_id = linked.profile_id;
    PeopleTraits traits = {.identifier_id = linked.identifier_id,
                           .values = in->values,
                           .verified = true,
                           .source = source,
                           .at = cx->now};
    if (in->values != NULL)
        TRY(people_traits_note(cx, &traits, NULL));
    return audit_add(cx, "people.customer", linked.profile_id, "add", NULL, NULL, NULL);
}

/* POST /api/v1/customers */
static Status post_customer(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    CustomerInput *in = rq->in;
    PeopleProfile  profile;
    if (in->traits.ptr != NULL) {
        TRY(json_parse(cx->arena, in->traits, &in->values, &cx->err));
        if (in->values->type != JSON_OBJECT)
            return cx_fail(cx, ST_INVALID, "shape.invalid", "traits are an object");
    }
    TRY(cx_in_tx(cx, add_tx, in));
    TRY(people_profile_get(cx, in->profile_id, &profile));
    http_reply(rq, rs, &profile);
    return ST_OK;
}

typedef struct TraitsInput {
    Str traits;
} TraitsInput;

static const ShapeField TRAITS_FIELDS[] = {
    SHAPE_JSON(TraitsInput, traits, .flags = SHAPE_REQUIRED,
               .doc = "An object; null takes a trait back."),
};
static const Shape traits_input_shape =
    SHAPE_OF(TraitsInput, "TraitsInput", TRAITS_FIELDS, .doc = "What is known of a customer.");

/* PATCH /api/v1/customers/:id */
static Status patch_customer(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t            id;
    const TraitsInput *in = rq->in;
    PeopleProfile      profile;
    TRY(param_customer(cx, rq, &id));
    TRY(people_traits_set(cx, id, in->traits, &profile));
    http_reply(rq, rs, &profile);
    return ST_OK;
}

/* --- evidence -------------------------------------------------------------------------------- */

#define REPLY_ALL(rs, list, shape)                                                                 \
    do {                                                                                           \
        Json j_ = page_begin(rs);                                                                  \
        for (size_t i_ = 0; i_ < (list).n; i_++)                                                   \
            shape_write(&j_, NULL, (shape), &(list).items[i_]);                                    \
        page_end(&j_, (Str){0}, (Str){0});                                                         \
    } while (0)

/* A list of one customer, which is short enough to be read as a whole. */
typedef struct Whole {
    const char *items;
    size_t      n, size; /* of one */
    PageKeyFn  *key;     /* number and id, by which they ascend or descend */
    bool        ascending;
} Whole;

/* Does this row stand before, at or behind the cursor? */
static int side_of(const Whole *w, size_t i, const Page *page)
{
    PageKey k = w->key(w->items + i * w->size);
    int     c = k.i64 != page->key_i64 ? (k.i64 > page->key_i64) - (k.i64 < page->key_i64)
                                       : (k.id > page->id) - (k.id < page->id);
    return w->ascending ? c : -c;
}

/* The page of it that is asked for. */
static Status reply_page(Cx *cx, const HttpReq *rq, HttpResp *rs, const Whole *w)
{
    Page   page;
    size_t from = 0, n = 0;
    TRY(page_read(cx, rq, &page));
    char *rows = arena_alloc(cx->arena, ((size_t)page.limit + 1) * w->size, _Alignof(max_align_t));
    while (page.has_after && from < w->n && side_of(w, from, &page) < 0)
        from++; /* at the cursor, or where it was */
    if (page.has_after && !page.backwards && from < w->n && side_of(w, from, &page) == 0)
        from++;
    for (; n <= (size_t)page.limit && (page.backwards ? n < from : from + n < w->n); n++)
        memcpy(rows + n * w->size, w->items + (page.backwards ? from - 1 - n : from + n) * w->size,
               w->size);
    page_reply(cx, rq, rs, &page, rows, n, w->key);
    return ST_OK;
}

#define REPLY_PAGE(cx, rq, rs, list, by, up)                                                       \
    reply_page((cx), (rq), (rs),                                                                   \
               &(Whole){.items = (const char *)(list).items,                                       \
                        .n = (list).n,                                                             \
                        .size = sizeof(list).items[0],                                             \
                        .key = (by),                                                               \
                        .ascending = (up)})

static PageKey identifier_key(const void *row)
{
    return (PageKey){.id = ((const PeopleIdentifier *)row)->id};
}

static PageKey edge_key(const void *row)
{
    return (PageKey){.id = ((const PeopleEdge *)row)->id};
}

static PageKey trait_key(const void *row)
{
    return (PageKey){.id = ((const PeopleTrait *)row)->id};
}

static PageKey consent_key(const void *row)
{
    const PeopleConsent *c = row;
    return (PageKey){.i64 = c->at.v, .id = c->id};
}

/* GET /api/v1/customers/:id/identifiers */
static Status get_identifiers(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t              id;
    PeopleIdentifierList list;
    TRY(param_customer(cx, rq, &id));
    TRY(people_identifier_list(cx, id, &list));
    return REPLY_PAGE(cx, rq, rs, list, identifier_key, true);
}

/* GET /api/v1/customers/:id/links */
static Status get_links(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t        id;
    PeopleEdgeList list;
    TRY(param_customer(cx, rq, &id));
    TRY(people_edge_list(cx, id, &list));
    return REPLY_PAGE(cx, rq, rs, list, edge_key, false);
}

/* GET /api/v1/customers/:id/traits */
static Status get_traits(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t         id;
    PeopleTraitList list;
    TRY(param_customer(cx, rq, &id));
    TRY(people_trait_list(cx, id, &list));
    return REPLY_PAGE(cx, rq, rs, list, trait_key, false);
}

/* GET /api/v1/customers/:id/consents */
static Status get_consents(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    PeopleConsentList list;
    TRY(param_customer(cx, rq, &id));
    TRY(people_consent_list(cx, id, &list));
    return REPLY_PAGE(cx, rq, rs, list, consent_key, false);
}

/* POST /api/v1/customers/:id/consents */
static Status post_consent(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t                   id;
    const PeopleConsentInput *in = rq->in;
    TRY(param_customer(cx, rq, &id));
    TRY(people_consent_set(cx, id,
                           &(PeopleConsent){.purpose = in->purpose,
                                            .status = in->status,
                                            .text_version = in->text_version,
                                            .locale = in->locale,
                                            .source = STR("staff")}));
    http_reply_none(rs);
    return ST_OK;
}

/* --- merging and parting --------------------------------------------------------------------- */

typedef struct MergeInput {
    int64_t other_id;
    Str     note;
} MergeInput;

static const ShapeField MERGE_FIELDS[] = {
    SHAPE_ID_AS(MergeInput, other_id, "with", "cus", .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(MergeInput, note, .max = 200, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "Why they are the same: kept as the evidence."),
};
static const Shape merge_shape =
    SHAPE_OF(MergeInput, "CustomerMerge", MERGE_FIELDS, .doc = "Two customers who are one.");

/* POST /api/v1/customers/:id/merge */
static Status post_merge(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    const MergeInput *in = rq->in;
    PeopleProfile     profile;
    TRY(param_customer(cx, rq, &id));
    TRY(people_merge(cx, id, in->other_id, in->note, &profile));
    http_reply(rq, rs, &profile);
    return ST_OK;
}

typedef struct SplitInput {
    PeopleIds identifiers;
    Str       note;
} SplitInput;

static const ShapeField SPLIT_FIELDS[] = {
    SHAPE_IDS(SplitInput, identifiers, "idn", .min = 1, .max = PEOPLE_IDENTIFIERS_MAX,
              .flags = SHAPE_REQUIRED, .doc = "Those that name somebody else."),
    SHAPE_TEXT(SplitInput, note, .max = 200, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "Why: kept as the evidence."),
};
static const Shape split_shape =
    SHAPE_OF(SplitInput, "CustomerSplit", SPLIT_FIELDS, .doc = "One customer who is two.");

/* POST /api/v1/customers/:id/split */
static Status post_split(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    const SplitInput *in = rq->in;
    PeopleProfile     profile;
    TRY(param_customer(cx, rq, &id));
    TRY(people_split(cx, id, &in->identifiers, in->note));
    TRY(people_profile_get(cx, id, &profile));
    http_reply(rq, rs, &profile);
    return ST_OK;
}

/* DELETE /api/v1/customers/links/:id */
static Status delete_link(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    Str     note;
    TRY(http_param_id(cx, rq, 0, "edg", &id));
    TRY(http_query(cx, rq, STR("note"), STR(""), &note));
    if (str_trim(note).len == 0)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "note says why, and is kept");
    TRY(people_unmerge(cx, id, note));
    http_reply_none(rs);
    return ST_OK;
}

/* --- accounts -------------------------------------------------------------------------------- */

static Status param_account(Cx *cx, const HttpReq *rq, int64_t *ret)
{
    return http_param_id(cx, rq, 0, "acc", ret);
}

/* GET /api/v1/accounts/:id */
static Status get_account(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t       id;
    PeopleAccount account;
    TRY(param_account(cx, rq, &id));
    TRY(people_account_get(cx, id, &account));
    http_etag_rev(cx, rs, account.rev);
    http_reply(rq, rs, &account);
    return ST_OK;
}

static Status enable(Cx *cx, const HttpReq *rq, HttpResp *rs, bool enabled)
{
    int64_t       id;
    PeopleAccount account;
    TRY(param_account(cx, rq, &id));
    TRY(people_account_enable(cx, id, enabled, &account));
    http_reply(rq, rs, &account);
    return ST_OK;
}

/* POST /api/v1/accounts/:id/disable */
static Status post_disable(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return enable(cx, rq, rs, false);
}

/* POST /api/v1/accounts/:id/enable */
static Status post_enable(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return enable(cx, rq, rs, true);
}

/* DELETE /api/v1/accounts/:id/sessions */
static Status delete_sessions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(param_account(cx, rq, &id));
    TRY(people_customer_sessions_end(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

/* GET /api/v1/accounts/:id/addresses */
static Status get_addresses(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    PeopleAccount     account;
    PeopleAddressList list;
    TRY(param_account(cx, rq, &id));
    TRY(people_account_get(cx, id, &account));
    TRY(people_address_list(cx, id, &list));
    REPLY_ALL(rs, list, &people_address_shape);
    return ST_OK;
}

/* --- their data ------------------------------------------------------------------------------ */

/* POST /api/v1/customers/:id/export */
static Status post_export(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(param_customer(cx, rq, &id));
    return people_reply_export(cx, rs, id);
}

/* POST /api/v1/customers/:id/erase */
static Status post_erase(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t           id;
    bool              now;
    PeopleDataRequest request;
    TRY(param_customer(cx, rq, &id));
    TRY(http_query_bool(cx, rq, STR("now"), false, &now));
    TRY(people_erase_ask(cx, id, now, &request));
    http_reply(rq, rs, &request);
    return ST_OK;
}

/* POST /api/v1/data-requests/:id/cancel */
static Status post_cancel(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, "drq", &id));
    TRY(people_erase_cancel(cx, id));
    http_reply_none(rs);
    return ST_OK;
}

static PageKey request_key(const void *row)
{
    return (PageKey){.id = ((const PeopleDataRequest *)row)->id};
}

/* GET /api/v1/data-requests */
static Status get_requests(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page                  page;
    PeopleDataRequestList list;
    TRY(page_read(cx, rq, &page));
    PeopleRange range = people_range(&page);
    TRY(people_data_request_list(cx, &range, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, request_key);
    return ST_OK;
}

static PageKey mail_key(const void *row)
{
    return (PageKey){.id = ((const PeopleMailEntry *)row)->id};
}

/* GET /api/v1/mails */
static Status get_mails(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page                page;
    PeopleMailEntryList list;
    TRY(page_read(cx, rq, &page));
    PeopleRange range = people_range(&page);
    TRY(people_mail_list(cx, &range, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, mail_key);
    return ST_OK;
}

/* --- table ----------------------------------------------------------------------------------- */

#define READ  "customers.read"
#define WRITE "customers.write"

#define CUSTOMER_EXAMPLE                                                                           \
    HTTP_EXAMPLE("{\"identifiers\":[{\"namespace\":\"email\",\"value\":\"ann@example.org\"},"      \
                 "{\"namespace\":\"loyalty_card\",\"value\":\"4711\"}],"                           \
                 "\"traits\":{\"name\":\"Ann Linden\"},\"source\":\"till\"}")
#define TRAITS_EXAMPLE HTTP_EXAMPLE("{\"traits\":{\"name\":\"Ann Linden\",\"plan\":null}}")
#define CONSENT_EXAMPLE                                                                            \
    HTTP_EXAMPLE("{\"purpose\":\"marketing_email\",\"status\":\"withdrawn\","                      \
                 "\"text_version\":\"newsletter 3\",\"locale\":\"nl\"}")
#define MERGE_EXAMPLE                                                                              \
    HTTP_EXAMPLE("{\"with\":\"cus_01k3v9rnqe0g4\",\"note\":\"same card at the till\"}")
#define SPLIT_EXAMPLE                                                                              \
    HTTP_EXAMPLE("{\"identifiers\":[\"idn_01k3v9rnqe0g4\"],\"note\":\"her brother's tablet\"}")

static const HttpParam FIND[] = {
    {"query", "What a name, an e-mail address or a telephone number begins with.", "string", false},
    {0}};
static const HttpParam LOOKUP[] = {
    {"namespace", "user_id, email (without), phone, anonymous_id …", "string", false},
    {"value", "The identifier.", "string", true},
    {0}};
static const HttpParam NOTE[] = {{"note", "Why: kept as the evidence.", "string", true}, {0}};
static const HttpParam NOW[] = {
    {"now", "At once, without days to change one's mind.", "boolean", false}, {0}};

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/api/v1/customers"), get_customers, .permission = READ, .flags = HTTP_LIST,
     .out = &people_profile_shape, .params = FIND,
     .summary = "Customers of whom more is known than a browser, newest first"},
    {HTTP_POST, STR_INIT("/api/v1/customers"), post_customer, .permission = WRITE,
     .flags = HTTP_IDEMPOTENT, .body = HTTP_BODY_JSON, .in = &customer_input_shape,
     .out = &people_profile_shape, .status = 201, .examples = CUSTOMER_EXAMPLE,
     .summary = "Know somebody, by their identifiers"},
    {HTTP_GET, STR_INIT("/api/v1/customers/lookup"), get_lookup, .permission = READ,
     .out = &people_profile_shape, .params = LOOKUP, .summary = "Who has this identifier"},
    {HTTP_GET, STR_INIT("/api/v1/customers/:id"), get_customer, .permission = READ,
     .out = &people_profile_shape, .summary = "A customer; an id from before a merge is good, too"},
    {HTTP_PATCH, STR_INIT("/api/v1/customers/:id"), patch_customer, .permission = WRITE,
     .body = HTTP_BODY_JSON, .in = &traits_input_shape, .out = &people_profile_shape,
     .examples = TRAITS_EXAMPLE, .summary = "Change traits of a customer"},
    {HTTP_GET, STR_INIT("/api/v1/customers/:id/identifiers"), get_identifiers, .permission = READ,
     .flags = HTTP_LIST, .out = &people_identifier_shape, .summary = "All that names a customer"},
    {HTTP_GET, STR_INIT("/api/v1/customers/:id/links"), get_links, .permission = READ,
     .flags = HTTP_LIST, .out = &people_edge_shape,
     .summary = "Why these identifiers are taken for one person, or are not"},
    {HTTP_GET, STR_INIT("/api/v1/customers/:id/traits"), get_traits, .permission = READ,
     .flags = HTTP_LIST, .out = &people_trait_shape,
     .summary = "All that was ever told of a customer, newest first"},
    {HTTP_GET, STR_INIT("/api/v1/customers/:id/consents"), get_consents, .permission = READ,
     .flags = HTTP_LIST, .out = &people_consent_shape,
     .summary = "What a customer has agreed to, newest first"},
    {HTTP_POST, STR_INIT("/api/v1/customers/:id/consents"), post_consent, .permission = WRITE,
     .body = HTTP_BODY_JSON, .in = &people_consent_input_shape, .status = 204,
     .examples = CONSENT_EXAMPLE,
     .summary = "Note an answer that a customer gave to staff: on paper, by telephone"},
    {HTTP_POST, STR_INIT("/api/v1/customers/:id/merge"), post_merge, .permission = WRITE,
     .body = HTTP_BODY_JSON, .in = &merge_shape, .out = &people_profile_shape,
     .examples = MERGE_EXAMPLE, .summary = "Make one customer of two"},
    {HTTP_POST, STR_INIT("/api/v1/customers/:id/split"), post_split, .permission = WRITE,
     .body = HTTP_BODY_JSON, .in = &split_shape, .out = &people_profile_shape,
     .examples = SPLIT_EXAMPLE, .summary = "Part identifiers that name somebody else"},
    {HTTP_DELETE, STR_INIT("/api/v1/customers/links/:id"), delete_link, .permission = WRITE,
     .status = 204, .params = NOTE, .summary = "Take a link back: un-merge"},
    {HTTP_POST, STR_INIT("/api/v1/customers/:id/export"), post_export, .permission = WRITE,
     .out_type = "application/json", .summary = "All that is held of a customer, as JSON"},
    {HTTP_POST, STR_INIT("/api/v1/customers/:id/erase"), post_erase, .permission = WRITE,
     .out = &people_data_request_shape, .params = NOW, .summary = "Forget a customer for good"},
    {HTTP_GET, STR_INIT("/api/v1/accounts/:id"), get_account, .permission = READ,
     .out = &people_account_shape, .summary = "A customer's account"},
    {HTTP_POST, STR_INIT("/api/v1/accounts/:id/disable"), post_disable, .permission = WRITE,
     .out = &people_account_shape, .summary = "Let an account in no longer"},
    {HTTP_POST, STR_INIT("/api/v1/accounts/:id/enable"), post_enable, .permission = WRITE,
     .out = &people_account_shape, .summary = "Let an account in again"},
    {HTTP_DELETE, STR_INIT("/api/v1/accounts/:id/sessions"), delete_sessions, .permission = WRITE,
     .status = 204, .summary = "Sign a customer out everywhere"},
    {HTTP_GET, STR_INIT("/api/v1/accounts/:id/addresses"), get_addresses, .permission = READ,
     .flags = HTTP_LIST, .out = &people_address_shape, .summary = "A customer's addresses"},
    {HTTP_GET, STR_INIT("/api/v1/data-requests"), get_requests, .permission = READ,
     .flags = HTTP_LIST, .out = &people_data_request_shape,
     .summary = "Who asked for their data, or to be forgotten"},
    {HTTP_POST, STR_INIT("/api/v1/data-requests/:id/cancel"), post_cancel, .permission = WRITE,
     .status = 204, .summary = "Do not forget them after all"},
    {HTTP_GET, STR_INIT("/api/v1/mails"), get_mails, .permission = READ, .flags = HTTP_LIST,
     .out = &people_mail_entry_shape, .summary = "Mails that were or will be sent, newest first"},
};
const HttpRoutes people_customer_routes = {"Customers", ROUTES, COUNT_OF(ROUTES)};
