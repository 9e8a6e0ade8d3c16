/* What is held of a person: handing it out, and forgetting it for good. */
#include "people/customer_int.h"
#include "people/journey_store.h"

#include "base/id.h"

const char *const people_data_kind_names[] = {"export", "erase", NULL};
const char *const people_data_status_names[] = {"pending", "done", "cancelled", NULL};

static const ShapeField DATA_REQUEST_FIELDS[] = {
    SHAPE_ID(PeopleDataRequest, id, "drq"),
    SHAPE_ID(PeopleDataRequest, profile_id, "cus"),
    SHAPE_ENUM(PeopleDataRequest, kind, people_data_kind_names),
    SHAPE_ENUM(PeopleDataRequest, status, people_data_status_names),
    SHAPE_TEXT(PeopleDataRequest, requested_by),
    SHAPE_TIME(PeopleDataRequest, created_at),
    SHAPE_TIME(PeopleDataRequest, due_at, .doc = "When it will be done."),
    SHAPE_TIME(PeopleDataRequest, done_at),
};
const Shape people_data_request_shape =
    SHAPE_OF(PeopleDataRequest, "DataRequest", DATA_REQUEST_FIELDS,
             .doc = "Somebody asked for their data, or to be forgotten.");

static const PeopleDataSource *const *sources;
static size_t                         nsources;

void people_data_sources(const PeopleDataSource *const *list, size_t n)
{
    sources = list;
    nsources = n;
}

static PeopleDataRequest request_of(const PeopleDataRequestRow *r)
{
    return (PeopleDataRequest){.id = r->id,
                               .profile_id = r->profile_id,
                               .kind = r->kind,
                               .status = r->status,
                               .requested_by = r->requested_by,
                               .created_at = r->created_ms,
                               .due_at = r->due_ms,
                               .done_at = r->done_ms};
}

/* Who it is about: all identifiers, and the account. */
static Status who_is(Cx *cx, int64_t id, PeopleIdentifierRowList *ret_rows, PeopleDataOf *ret)
{
    PeopleProfileRow profile;
    TRY(people_members(cx, id, ret_rows));
    PeopleIds ids = people_member_ids(cx->arena, ret_rows);
    TRY(people_sql_profile_get(cx, ret_rows->items[0].profile_id, &profile));
    *ret = (PeopleDataOf){.profile_id = profile.id,
                          .account_id = profile.account_id.v,
                          .identifiers = ids.items,
                          .n = ids.n};
    return ST_OK;
}

/* --- handing out ----------------------------------------------------------------------------- */

#define WRITE_LIST(j, key, shape, list)                                                            \
    do {                                                                                           \
        json_arr((j), (key));                                                                      \
        for (size_t i_ = 0; i_ < (list).n; i_++)                                                   \
            shape_write((j), NULL, (shape), &(list).items[i_]);                                    \
        json_end(j);                                                                               \
    } while (0)

static Status write_account(Cx *cx, Json *j, int64_t account_id)
{
    PeopleAccount             account;
    PeopleAddressList         addresses;
    PeopleCustomerSessionList sessions;
    TRY(people_account_get(cx, account_id, &account));
    TRY(people_address_list(cx, account_id, &addresses));
    TRY(people_customer_session_list(cx, account_id, &sessions));
    shape_write(j, "account", &people_account_shape, &account);
    WRITE_LIST(j, "addresses", &people_address_shape, addresses);
    WRITE_LIST(j, "sessions", &people_customer_session_shape, sessions);
    return ST_OK;
}

typedef struct Export {
    int64_t id;
    Buf    *out;
} Export;

static Status write_all(Cx *cx, void *arg)
{
    Export                 *e = arg;
    PeopleIdentifierRowList rows;
    PeopleDataOf            who;
    PeopleProfile           profile;
    PeopleIdentifierList    identifiers;
    PeopleEdgeList          edges;
    PeopleTraitList         traits;
    PeopleConsentList       consents;
    buf_clear(e->out);
    TRY(who_is(cx, e->id, &rows, &who));
    TRY(people_profile_get(cx, e->id, &profile));
    TRY(people_identifier_list(cx, e->id, &identifiers));
    TRY(people_edge_list(cx, e->id, &edges));
    TRY(people_trait_list(cx, e->id, &traits));
    TRY(people_consent_list(cx, e->id, &consents));
    Json j = json_begin(e->out);
    json_obj(&j, NULL);
    json_str(&j, "exported_at", clock_format(cx->arena, cx->now));
    shape_write(&j, "customer", &people_profile_shape, &profile);
    WRITE_LIST(&j, "identifiers", &people_identifier_shape, identifiers);
    WRITE_LIST(&j, "links", &people_edge_shape, edges);
    WRITE_LIST(&j, "traits", &people_trait_shape, traits);
    WRITE_LIST(&j, "consents", &people_consent_shape, consents);
    if (who.account_id != 0)
        TRY(write_account(cx, &j, who.account_id));
    for (size_t i = 0; i < nsources; i++)
        TRY(sources[i]->write(cx, &who, &j, sources[i]->name));
    json_end(&j);
    return buf_overflowed(e->out)
               ? cx_fail(cx, ST_LIMIT, "people.export_too_big", "more data than one reply can hold")
               : ST_OK;
}

typedef struct Noting {
    int64_t              profile_id;
    int                  kind;
    bool                 now;
    PeopleDataRequestRow row;
} Noting;

static Status note_request(Cx *cx, Noting *n)
{
    n->row = (PeopleDataRequestRow){.id = id_new(),
                                    .profile_id = n->profile_id,
                                    .kind = n->kind,
                                    .status = PEOPLE_DATA_PENDING,
                                    .requested_by = people_actor_text(cx),
                                    .created_ms = cx->now,
                                    .due_ms = cx->now};
    if (n->kind == PEOPLE_DATA_ERASE && !n->now)
        n->row.due_ms = unix_ms_add(cx->now, PEOPLE_ERASE_DELAY);
    if (n->kind == PEOPLE_DATA_EXPORT) {
        n->row.status = PEOPLE_DATA_DONE;
        n->row.done_ms = opt_time(cx->now);
    }
    TRY(people_sql_data_request_add(cx, &n->row, NULL));
    return audit_add(cx, "people.customer", n->profile_id,
                     n->kind == PEOPLE_DATA_EXPORT ? "export" : "ask_erasure", NULL, NULL, NULL);
}

static Status note_export_tx(Cx *cx, void *arg)
{
    return note_request(cx, arg);
}

Status people_export(Cx *cx, int64_t profile_id, Buf *b)
{
    Export              e = {.id = profile_id, .out = b};
    PeopleIdentifierRow row;
    TRY(people_sql_identifier_get(cx, profile_id, &row));
    TRY(cx_in_snapshot(cx, write_all, &e));
    Noting n = {.profile_id = row.profile_id, .kind = PEOPLE_DATA_EXPORT};
    return cx_in_tx(cx, note_export_tx, &n);
}

/* --- forgetting ------------------------------------------------------------------------------ */

static Status suppress(Cx *cx, const PeopleIdentifierRowList *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        Str hash;
        TRY(people_identifier_hash(cx, rows->items[i].namespace, rows->items[i].value, &hash));
        TRY(people_sql_suppression_add(cx, rows->items[i].namespace, hash, cx->now, NULL));
        int64_t subject = people_subject(rows->items[i].namespace, rows->items[i].value);
        TRY(people_sql_forgotten_add(cx, subject, rows->items[i].profile_id, cx->now, NULL));
        if (rows->items[i].namespace == PEOPLE_EMAIL) {
            TRY(people_sql_mail_forget(cx, rows->items[i].value, NULL));
            TRY(people_sql_code_clear(cx, rows->items[i].value, NULL));
        }
    }
    return ST_OK;
}

/* Orders refer to the account: a row without a person stays, on an identifier of its own. */
static Status erase_accounts(Cx *cx, const PeopleIdentifierRowList *rows)
{
    PeopleAccountRowList accounts;
    PeopleIds            ids = people_member_ids(cx->arena, rows);
    TRY(people_sql_account_by_identifiers(cx, ids.items, ids.n, PEOPLE_IDENTIFIERS_MAX, &accounts));
    for (size_t i = 0; i < accounts.n; i++) {
        int64_t             id = accounts.items[i].id;
        Str                 value = id_format(cx->arena, "erased", id);
        bool                usable, proved;
        PeopleKnown         nobody = {.ns = PEOPLE_EXTERNAL, .value = value};
        PeopleIdentifierRow left;
        TRY(people_identifier_take(cx, &nobody, false, &usable, &proved, &left));
        ASSERT(usable);
        TRY(people_sql_address_clear(cx, id, NULL));
        TRY(people_customer_sessions_clear(cx, id, 0));
        TRY(people_sql_account_erase(cx, id, left.id, cx->now, NULL));
    }
    return ST_OK;
}

static Status erase_person(Cx *cx, int64_t profile_id)
{
    PeopleIdentifierRowList rows;
    PeopleDataOf            who;
    TRY(who_is(cx, profile_id, &rows, &who));
    for (size_t i = 0; i < nsources; i++)
        TRY(sources[i]->erase(cx, &who));
    TRY(suppress(cx, &rows));
    TRY(erase_accounts(cx, &rows));
    PeopleIds ids = people_member_ids(cx->arena, &rows);
    TRY(people_sql_trait_remove(cx, ids.items, ids.n, NULL));
    TRY(people_sql_consent_remove(cx, ids.items, ids.n, NULL));
    TRY(people_sql_edge_remove(cx, ids.items, ids.n, NULL));
    TRY(people_sql_identifier_remove(cx, ids.items, ids.n, NULL));
    TRY(people_profile_refresh(cx, who.profile_id));
    TRY(people_tell_erased(cx, &(PeopleErased){.profile_id = who.profile_id, .identifiers = ids}));
    return audit_add(cx, "people.customer", who.profile_id, "erase", NULL, NULL, NULL);
}

static Status erase_tx(Cx *cx, void *arg)
{
    const int64_t       *id = arg;
    PeopleDataRequestRow row;
    int64_t              n;
    bool                 gone = false;
    TRY(people_sql_data_request_get(cx, *id, &row));
    if (row.status != PEOPLE_DATA_PENDING || row.kind != PEOPLE_DATA_ERASE)
        return ST_OK; /* done before, or cancelled */
    TRY(people_sql_identifier_count(cx, row.profile_id, &n));
    gone = n == 0; /* erased by an earlier request */
    if (!gone)
        TRY(erase_person(cx, row.profile_id));
    return people_sql_data_request_end(cx, *id, PEOPLE_DATA_DONE, cx->now, NULL);
}

Status people_erase_job(Cx *cx, const Job *job)
{
    const JsonValue *v;
    int64_t          id;
    TRY(json_parse(cx->arena, job->payload, &v, &cx->err));
    const JsonValue *request = json_get(v, STR("request"));
    if (request == NULL || !id_parse(request->text, "drq", &id))
        return cx_fail(cx, ST_INVALID, "people.no_data_request", "the job names no request");
    return cx_in_tx(cx, erase_tx, &id);
}

static Status ask_tx(Cx *cx, void *arg)
{
    Noting             *n = arg;
    PeopleIdentifierRow row;
    bool                waiting;
    int64_t             id;
    TRY(people_sql_identifier_get(cx, n->profile_id, &row));
    n->profile_id = row.profile_id;
    TRY(people_sql_data_request_waiting(cx, n->profile_id, PEOPLE_DATA_ERASE, &waiting, &id));
    if (waiting && !n->now)
        return people_sql_data_request_get(cx, id, &n->row);
    TRY(note_request(cx, n));
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "request", id_format(cx->arena, "drq", n->row.id));
    json_end(&j);
    return job_queue(cx, "people.erase", str_dup(cx->arena, buf_str(&b)),
                     &(JobOptions){.run_at = n->row.due_ms}, NULL);
}

Status people_erase_ask(Cx *cx, int64_t profile_id, bool now, PeopleDataRequest *ret)
{
    Noting n = {.profile_id = profile_id, .kind = PEOPLE_DATA_ERASE, .now = now};
    TRY(cx_in_tx(cx, ask_tx, &n));
    *ret = request_of(&n.row);
    return ST_OK;
}

static Status cancel_tx(Cx *cx, void *arg)
{
    const int64_t       *id = arg;
    PeopleDataRequestRow row;
    int64_t              changed;
    TRY(people_sql_data_request_get(cx, *id, &row));
    TRY(people_sql_data_request_end(cx, *id, PEOPLE_DATA_CANCELLED, cx->now, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_CONFLICT, "people.request_over", "it was done or cancelled before");
    return audit_add(cx, "people.customer", row.profile_id, "cancel_erasure", NULL, NULL, NULL);
}

Status people_erase_cancel(Cx *cx, int64_t request_id)
{
    return cx_in_tx(cx, cancel_tx, &request_id);
}

Status people_data_request_list(Cx *cx, const PeopleRange *range, PeopleDataRequestList *ret)
{
    PeopleDataRequestRowList rows;
    if (range->backwards)
        TRY(people_sql_data_request_page_back(cx, range->id, range->limit, &rows));
    else
        TRY(people_sql_data_request_page(cx, range->from ? range->id : INT64_MAX, range->limit,
                                         &rows));
    PeopleDataRequestList list = {.items = arena_array(cx->arena, PeopleDataRequest, rows.n + 1),
                                  .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = request_of(&rows.items[i]);
    *ret = list;
    return ST_OK;
}
