/* Endpoints of webhooks; how events reach them: webhook_send.c. */
#include "people/webhook_int.h"

#include "base/codec.h"
#include "base/id.h"
#include "core/audit.h"
#include "core/seal.h"

#include <sodium.h>

static const ShapeField WEBHOOK_FIELDS[] = {
    SHAPE_ID(PeopleWebhook, id, "whe"),
    SHAPE_TEXT(PeopleWebhook, url),
    SHAPE_TEXT(PeopleWebhook, description),
    SHAPE_TEXTS(PeopleWebhook, events),
    SHAPE_BOOL(PeopleWebhook, active),
    SHAPE_TEXT(PeopleWebhook, reason,
               .doc = "Why it was switched off: gone (it answered 410), failing (for five days)."),
    SHAPE_TEXT(PeopleWebhook, public_key, .doc = "whpk_…: checks signatures that begin with v1a."),
    SHAPE_TIME(PeopleWebhook, failing_since, .doc = "Nothing has arrived since then."),
    SHAPE_INT(PeopleWebhook, rev),
    SHAPE_TIME(PeopleWebhook, created_at),
    SHAPE_TIME(PeopleWebhook, updated_at),
};
const Shape people_webhook_shape =
    SHAPE_OF(PeopleWebhook, "Webhook", WEBHOOK_FIELDS, .doc = "Where events are sent.");

static const ShapeField INPUT_FIELDS[] = {
    SHAPE_TEXT(PeopleWebhookInput, url, .max = 2000, .flags = SHAPE_REQUIRED | SHAPE_URL),
    SHAPE_TEXT(PeopleWebhookInput, description, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXTS(PeopleWebhookInput, events, .flags = SHAPE_REQUIRED, .min = 1,
                .max = PEOPLE_WEBHOOK_EVENTS_MAX, .item_max = 100,
                .doc = "Names of events: \"order.placed\", \"order.*\", \"*\"."),
    SHAPE_BOOL(PeopleWebhookInput, active, .doc = "true where absent."),
};
const Shape people_webhook_input_shape = SHAPE_OF_PATCH(
    PeopleWebhookInput, "WebhookInput", INPUT_FIELDS, .doc = "An endpoint to be made or changed.");
enum { GIVEN_URL = 1, GIVEN_DESCRIPTION = 2, GIVEN_EVENTS = 4, GIVEN_ACTIVE = 8 };

static const ShapeField MADE_FIELDS[] = {
    SHAPE_OBJECT(PeopleWebhookMade, webhook, PeopleWebhook, &people_webhook_shape),
    SHAPE_TEXT(PeopleWebhookMade, secret, .doc = "whsec_…: checks signatures. Shown this once."),
};
const Shape people_webhook_made_shape = SHAPE_OF(PeopleWebhookMade, "WebhookMade", MADE_FIELDS,
                                                 .doc = "An endpoint and its new secret.");

static PeopleTexts lines_of(Cx *cx, Str text)
{
    PeopleTexts list = {.items = arena_array(cx->arena, Str, PEOPLE_WEBHOOK_EVENTS_MAX)};
    for (Str rest = text, line; rest.len > 0 && list.n < PEOPLE_WEBHOOK_EVENTS_MAX;) {
        str_cut(rest, '\n', &line, &rest);
        list.items[list.n++] = line;
    }
    return list;
}

static PeopleWebhook webhook_of(Cx *cx, const PeopleWebhookRow *r)
{
    return (PeopleWebhook){.id = r->id,
                           .url = r->url,
                           .description = r->description,
                           .events = lines_of(cx, r->events),
                           .active = r->active,
                           .reason = r->reason,
                           .public_key = r->public_key,
                           .failing_since = r->failing_ms,
                           .rev = r->rev,
                           .created_at = r->created_ms,
                           .updated_at = r->updated_ms};
}

Status people_webhook_list(Cx *cx, PeopleWebhookList *ret)
{
    PeopleWebhookRowList rows;
    TRY(cx_require(cx, "webhooks.read"));
    TRY(people_sql_webhook_all(cx, PEOPLE_WEBHOOKS_MAX, &rows));
    PeopleWebhookList list = {.items = arena_array(cx->arena, PeopleWebhook, rows.n + 1),
                              .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = webhook_of(cx, &rows.items[i]);
    *ret = list;
    return ST_OK;
}

Status people_webhook_get(Cx *cx, int64_t id, PeopleWebhook *ret)
{
    PeopleWebhookRow row;
    TRY(cx_require(cx, "webhooks.read"));
    TRY(people_sql_webhook_get(cx, id, &row));
    *ret = webhook_of(cx, &row);
    return ST_OK;
}

/* --- checks ---------------------------------------------------------------------------------- */

static bool is_event(Str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool star = c == '*' && i == name.len - 1;
        if (!star && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != ' ' && c != '-')
            return false;
    }
    return name.len > 0;
}

static Str joined(Cx *cx, const PeopleTexts *texts)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 32768);
    for (size_t i = 0; i < texts->n; i++) {
        if (!is_event(texts->items[i]))
            issue_add(&cx->issues, STR("/events"), "bad_format", "an event has a name");
        if (i > 0)
            buf_addc(&b, '\n');
        buf_add(&b, texts->items[i]);
    }
    return str_dup(cx->arena, buf_str(&b));
}

/* --- changes --------------------------------------------------------------------------------- */

static Str secret_new(Arena *a)
{
    unsigned char         bytes[32];
    CLEANUP(buf_done) Buf b;
    randombytes_buf(bytes, sizeof bytes);
    buf_init(&b, 128);
    buf_add(&b, STR("whsec_"));
    codec_add_base64(&b, CODEC_BASE64, (Str){(const char *)bytes, sizeof bytes});
    sodium_memzero(bytes, sizeof bytes);
    return str_dup(a, buf_str(&b));
}

static void key_new(Arena *a, Str *ret_seed, Str *ret_public)
{
    unsigned char         seed[32], public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char         key[crypto_sign_SECRETKEYBYTES];
    CLEANUP(buf_done) Buf b;
    randombytes_buf(seed, sizeof seed);
    crypto_sign_seed_keypair(public_key, key, seed);
    buf_init(&b, 128);
    codec_add_base64(&b, CODEC_BASE64, (Str){(const char *)seed, sizeof seed});
    *ret_seed = seal_text(a, str_dup(a, buf_str(&b)));
    buf_clear(&b);
    buf_add(&b, STR("whpk_"));
    codec_add_base64(&b, CODEC_BASE64, (Str){(const char *)public_key, sizeof public_key});
    *ret_public = str_dup(a, buf_str(&b));
    sodium_memzero(key, sizeof key);
}

typedef struct Change {
    int64_t                   id, rev;
    const PeopleWebhookInput *in;
    Str                       secret;
    PeopleWebhookRow          row;
} Change;

static Status add_tx(Cx *cx, void *arg)
{
    Change *c = arg;
    int64_t n;
    TRY(people_sql_webhook_count(cx, &n));
    if (n >= PEOPLE_WEBHOOKS_MAX)
        return cx_fail(cx, ST_LIMIT, "people.too_many_webhooks", "a shop has up to %d endpoints",
                       PEOPLE_WEBHOOKS_MAX);
    TRY(people_sql_webhook_add(cx, &c->row, NULL));
    PeopleWebhook made = webhook_of(cx, &c->row);
    TRY(audit_add(cx, "people.webhook", c->row.id, "create", &people_webhook_shape, NULL, &made));
    return people_tell_webhook(cx, c->row.id);
}

Status people_webhook_add(Cx *cx, const PeopleWebhookInput *in, PeopleWebhookMade *ret)
{
    Change c = {.in = in, .secret = secret_new(cx->arena)};
    TRY(cx_require(cx, "webhooks.write"));
    c.row =
        (PeopleWebhookRow){.id = id_new(),
                           .url = in->url,
                           .description = in->description.ptr != NULL ? in->description : STR(""),
                           .events = joined(cx, &in->events),
                           .secret = seal_text(cx->arena, c.secret),
                           .secret_old = STR(""),
                           .active = (in->given & GIVEN_ACTIVE) == 0 || in->active,
                           .reason = STR(""),
                           .rev = 1,
                           .created_ms = cx->now,
                           .updated_ms = cx->now};
    TRY(people_check_issues(cx));
    key_new(cx->arena, &c.row.key_seed, &c.row.public_key);
    TRY(cx_in_tx(cx, add_tx, &c));
    people_webhooks_forget();
    *ret = (PeopleWebhookMade){webhook_of(cx, &c.row), c.secret};
    return ST_OK;
}

static Status update_tx(Cx *cx, void *arg)
{
    Change                   *c = arg;
    const PeopleWebhookInput *in = c->in;
    int64_t                   changed;
    TRY(people_sql_webhook_get(cx, c->id, &c->row));
    PeopleWebhook before = webhook_of(cx, &c->row);
    if (c->rev != 0 && c->rev != c->row.rev)
        return cx_fail(cx, ST_STALE, "people.stale", "somebody has changed it meanwhile");
    Str  url = in->given & GIVEN_URL ? in->url : c->row.url;
    Str  description = in->given & GIVEN_DESCRIPTION ? in->description : c->row.description;
    Str  events = in->given & GIVEN_EVENTS ? joined(cx, &in->events) : c->row.events;
    bool active = in->given & GIVEN_ACTIVE ? in->active : c->row.active;
    TRY(people_check_issues(cx));
    TRY(people_sql_webhook_set(cx, c->id, c->row.rev, url, description, events, active, cx->now,
                               &changed));
    TRY(people_sql_webhook_get(cx, c->id, &c->row));
    PeopleWebhook after = webhook_of(cx, &c->row);
    TRY(audit_add(cx, "people.webhook", c->id, "update", &people_webhook_shape, &before, &after));
    return people_tell_webhook(cx, c->id);
}

Status people_webhook_update(Cx *cx, int64_t id, int64_t rev, const PeopleWebhookInput *in,
                             PeopleWebhook *ret)
{
    Change c = {.id = id, .rev = rev, .in = in};
    TRY(cx_require(cx, "webhooks.write"));
    TRY(cx_in_tx(cx, update_tx, &c));
    people_webhooks_forget();
    *ret = webhook_of(cx, &c.row);
    return ST_OK;
}

static Status remove_tx(Cx *cx, void *arg)
{
    Change *c = arg;
    TRY(people_sql_webhook_get(cx, c->id, &c->row));
    PeopleWebhook before = webhook_of(cx, &c->row);
    TRY(people_sql_webhook_remove(cx, c->id, NULL));
    TRY(audit_add(cx, "people.webhook", c->id, "delete", &people_webhook_shape, &before, NULL));
    return people_tell_webhook(cx, c->id);
}

Status people_webhook_remove(Cx *cx, int64_t id)
{
    Change c = {.id = id};
    TRY(cx_require(cx, "webhooks.write"));
    TRY(cx_in_tx(cx, remove_tx, &c));
    people_webhooks_forget();
    return ST_OK;
}

static Status rotate_tx(Cx *cx, void *arg)
{
    Change *c = arg;
    TRY(people_sql_webhook_get(cx, c->id, &c->row));
    TRY(people_sql_webhook_rotate(cx, c->id, seal_text(cx->arena, c->secret), c->row.secret,
                                  unix_ms_add(cx->now, PEOPLE_WEBHOOK_GRACE), cx->now, NULL));
    TRY(people_sql_webhook_get(cx, c->id, &c->row));
    PeopleWebhook after = webhook_of(cx, &c->row);
    return audit_add(cx, "people.webhook", c->id, "rotate", &people_webhook_shape, NULL, &after);
}

Status people_webhook_rotate(Cx *cx, int64_t id, PeopleWebhookMade *ret)
{
    Change c = {.id = id, .secret = secret_new(cx->arena)};
    TRY(cx_require(cx, "webhooks.write"));
    TRY(cx_in_tx(cx, rotate_tx, &c));
    *ret = (PeopleWebhookMade){webhook_of(cx, &c.row), c.secret};
    return ST_OK;
}
