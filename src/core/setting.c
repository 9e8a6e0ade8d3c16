#include "core/setting.h"

#include "core/audit.h"
#include "core/core_int.h"
#include "core/seal.h"

#include <pthread.h>
#include <string.h>

static const ShapeField CHANGED_FIELDS[] = {
    SHAPE_TEXT(SettingChanged, name, .max = 200, .doc = "Which setting."),
    SHAPE_INT(SettingChanged, version, .doc = "Its version now."),
};
static const Shape changed_shape =
    SHAPE_OF(SettingChanged, "SettingChanged", CHANGED_FIELDS, .doc = "A setting was changed.");
const EventType core_setting_changed = {"core.setting_changed", 1, &changed_shape,
                                        "A setting was changed."};

/* --- reading ------------------------------------------------------------------------------ */

static bool is_secret(const ShapeField *f)
{
    return f->kind == SHAPE_K_TEXT && (f->flags & SHAPE_WRITE_ONLY) != 0;
}

static Str *text_at(void *value, const ShapeField *f)
{
    return (Str *)(void *)((char *)value + f->offset);
}

/* {"key":value} of one member, in the arena. */
static Str alone(Cx *cx, const JsonMember *m)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 2 * SETTING_MAX);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_key(&j, m->key);
    if (m->value.type == JSON_STRING)
        json_str(&j, NULL, m->value.text);
    else
        json_raw(&j, NULL, m->value.text);
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

/* Take over one field; one that does not fit any more keeps its default. */
static void read_member(Cx *cx, const Shape *shape, const JsonMember *m, void *value)
{
    const ShapeField *f = shape_field(shape, m->key);
    if (f == NULL || is_secret(f))
        return;
    Issues issues = {.arena = cx->arena};
    Err    err;
    void  *copy = arena_alloc(cx->arena, shape->size, _Alignof(max_align_t));
    memcpy(copy, value, shape->size);
    if (shape_read(shape, SHAPE_PATCH, alone(cx, m), cx->arena, copy, &issues, &err) == ST_OK)
        memcpy(value, copy, shape->size);
}

static Status read_row(Cx *cx, const Shape *shape, const CoreSettingRow *row, void *value)
{
    const JsonValue *v;
    TRY(json_parse(cx->arena, row->value, &v, &cx->err));
    for (uint32_t i = 0; v->type == JSON_OBJECT && i < v->n; i++)
        read_member(cx, shape, &v->members[i], value);
    TRY(json_parse(cx->arena, row->secrets, &v, &cx->err));
    for (size_t i = 0; i < shape->n; i++) {
        const JsonValue *secret = json_get(v, str_from_cstr(shape->fields[i].name));
        Str              text;
        if (is_secret(&shape->fields[i]) && secret != NULL && secret->type == JSON_STRING &&
            seal_open(cx->arena, secret->text, &text)) /* sealed by another key: as if absent */
            *text_at(value, &shape->fields[i]) = text;
    }
    return ST_OK;
}

Status setting_get(Cx *cx, const Setting *setting, void *ret, int64_t *ret_version)
{
    CoreSettingRow row = {0};
    bool           found;
    TRY(core_sql_setting_get(cx, str_from_cstr(setting->name), &found, &row));
    memcpy(ret, setting->defaults, setting->shape->size);
    if (found)
        TRY(read_row(cx, setting->shape, &row, ret));
    if (ret_version != NULL)
        *ret_version = found ? row.version : 0;
    return ST_OK;
}

/* --- in memory ---------------------------------------------------------------------------------
 */

enum { KEPT_MAX = 32 };

typedef struct KeptSetting {
    const Setting *setting;
    int64_t        core; /* core_id() */
    Arena          arena;
    void          *value;
} KeptSetting;

static pthread_rwlock_t kept_lock = PTHREAD_RWLOCK_INITIALIZER;
static KeptSetting      known[KEPT_MAX]; /* the first nknown */
static size_t           nknown;
static uint64_t         changes; /* of any setting: what was read before one is not kept */

void settings_forget(void)
{
    pthread_rwlock_wrlock(&kept_lock);
    changes++;
    while (nknown > 0)
        arena_done(&known[--nknown].arena);
    pthread_rwlock_unlock(&kept_lock);
}

Status settings_changed(Cx *cx, const Event *event)
{
    (void)cx, (void)event;
    settings_forget();
    return ST_OK;
}

/* With the lock held. */
static const KeptSetting *find_kept(int64_t core, const Setting *setting)
{
    for (size_t i = 0; i < nknown; i++)
        if (known[i].setting == setting && known[i].core == core)
            return &known[i];
    return NULL;
}

static void keep(int64_t core, const Setting *setting, const void *value, uint64_t as_of)
{
    pthread_rwlock_wrlock(&kept_lock);
    if (changes == as_of && nknown < KEPT_MAX && find_kept(core, setting) == NULL) {
        KeptSetting *k = &known[nknown++];
        *k = (KeptSetting){.setting = setting, .core = core};
        arena_init(&k->arena, 1024);
        k->value = arena_alloc(&k->arena, setting->shape->size, _Alignof(max_align_t));
        shape_copy(setting->shape, &k->arena, k->value, value);
    }
    pthread_rwlock_unlock(&kept_lock);
}

Status setting_kept(Cx *cx, const Setting *setting, void *ret)
{
    int64_t core = core_id(cx->core);
    pthread_rwlock_rdlock(&kept_lock);
    uint64_t           as_of = changes;
    const KeptSetting *k = core != 0 ? find_kept(core, setting) : NULL;
    if (k != NULL)
        shape_copy(setting->shape, cx->arena, ret, k->value);
    pthread_rwlock_unlock(&kept_lock);
    if (k != NULL)
        return ST_OK;
    TRY(setting_get(cx, setting, ret, NULL));
    if (core != 0 && cx->tx_depth == 0) /* inside, it may be what is never committed */
        keep(core, setting, ret, as_of);
    return ST_OK;
}

/* --- writing -------------------------------------------------------------------------------- */

typedef struct Put {
    const Setting *setting;
    const void    *value;
    int64_t        version;
} Put;

static Status stale(Cx *cx, const Put *p, int64_t version)
{
    return cx_fail(cx, ST_STALE, "core.setting_stale", "%s is at version %lld, not %lld",
                   p->setting->name, (long long)version, (long long)p->version);
}

/* Secrets as they are to be: those given, else those before. */
static void write_secrets(Cx *cx, const Shape *shape, const void *before, const void *value, Buf *b)
{
    Json j = json_begin(b);
    json_obj(&j, NULL);
    for (size_t i = 0; i < shape->n; i++) {
        const ShapeField *f = &shape->fields[i];
        if (!is_secret(f))
            continue;
        Str given = *(const Str *)(const void *)((const char *)value + f->offset);
        Str old = *(const Str *)(const void *)((const char *)before + f->offset);
        Str kept = given.ptr != NULL ? given : old;
        if (kept.len > 0)
            json_str(&j, f->name, seal_text(cx->arena, kept));
    }
    json_end(&j);
}

static Status store(Cx *cx, Put *p, Str value, Str secrets)
{
    Str     name = str_from_cstr(p->setting->name);
    int64_t changed;
    if (p->version == 0)
        TRY(core_sql_setting_add(cx, name, value, secrets, cx->now, cx->actor.name, &changed));
    else
        TRY(core_sql_setting_set(cx, name, p->version, value, secrets, cx->now, cx->actor.name,
                                 &changed));
    return changed == 1 ? ST_OK : stale(cx, p, p->version + 1);
}

static Status put_tx(Cx *cx, void *arg)
{
    Put         *p = arg;
    const Shape *shape = p->setting->shape;
    int64_t      version;
    void        *before = arena_alloc(cx->arena, shape->size, _Alignof(max_align_t));
    TRY(setting_get(cx, p->setting, before, &version));
    if (version != p->version)
        return stale(cx, p, version);
    CLEANUP(buf_done) Buf value = {0};
    CLEANUP(buf_done) Buf secrets = {0};
    buf_init(&value, SETTING_MAX);
    buf_init(&secrets, SETTING_MAX);
    Json j = json_begin(&value);
    shape_write(&j, NULL, shape, p->value);
    write_secrets(cx, shape, before, p->value, &secrets);
    if (buf_overflowed(&value) || buf_overflowed(&secrets))
        return cx_fail(cx, ST_LIMIT, "core.setting_too_big", "%s has more than %d bytes",
                       p->setting->name, SETTING_MAX);
    TRY(store(cx, p, buf_str(&value), buf_str(&secrets)));
    SettingChanged told = {.name = str_from_cstr(p->setting->name), .version = version + 1};
    TRY(event_tell(cx, &core_setting_changed, 0, &told));
    char entity[128];
    snprintf(entity, sizeof entity, "setting:%s", p->setting->name);
    return audit_add(cx, entity, 0, "update", shape, before, p->value);
}

Status setting_put(Cx *cx, const Setting *setting, int64_t version, const void *value,
                   int64_t *ret_version)
{
    Put    p = {.setting = setting, .value = value, .version = version};
    Status st = cx_in_tx(cx, put_tx, &p);
    settings_forget(); /* at once, for who asks next; the event does it for all others */
    TRY(st);
    if (ret_version != NULL)
        *ret_version = version + 1;
    return ST_OK;
}
