#include "search/schema_int.h"

#include "search/mem_int.h"

Schema *schema_new(Str locale, bool no_places)
{
    Schema *s = mem_new(1, sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    s->no_places = no_places;
    s->best_weight = 1;
    atomic_store(&s->n_locales, 1); /* "" */
    int home = schema_add_locale(s, locale);
    s->home = (uint8_t)(home < 0 ? 0 : home);
    return s;
}

void schema_free(Schema *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < schema_count(s); i++) {
        Field *f = atomic_load(&s->fields[i]);
        values_free(f->values);
        free(f);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}

size_t schema_bytes(const Schema *s)
{
    size_t n = sizeof *s;
    for (uint32_t i = 0; i < schema_count(s); i++) {
        const Field *f = schema_field(s, (SearchField)i);
        n += sizeof *f + (f->values ? values_bytes(f->values) : 0);
    }
    return n;
}

/* --- fields ----------------------------------------------------------------------------- */

static bool is_name(Str name)
{
    if (name.len == 0 || name.len > SEARCH_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '.' || c == ':' || c == '-';
        if (!fine)
            return false;
    }
    return true;
}

static Status check_def(const SearchFieldDef *def, Err *err)
{
    bool text = def->kind == SEARCH_TEXT || def->kind == SEARCH_CODE;
    if (!is_name(def->name))
        return err_set(err, ST_INVALID, "search.field", "\"" STR_FMT "\" is no name of a field",
                       STR_ARG(def->name));
    if (def->grouped && (text || def->kind == SEARCH_SIGNAL))
        return err_set(err, ST_INVALID, "search.field", STR_FMT " cannot be of groups",
                       STR_ARG(def->name));
    bool fine = def->weight >= 0 && def->weight <= 100 && def->length >= 0 && def->length <= 1e6F &&
                def->pull >= 0 && def->pull <= 1;
    if (!fine)
        return err_set(err, ST_INVALID, "search.field",
                       "weight, length or pull of " STR_FMT " is out of range", STR_ARG(def->name));
    return ST_OK;
}

static Field *field_new(const SearchFieldDef *def)
{
    Field *f = mem_new(1, sizeof *f);
    memcpy(f->name, def->name.ptr, def->name.len);
    f->def = *def;
    f->def.name = (Str){f->name, def->name.len};
    f->def.weight = def->weight > 0 ? def->weight : 1;
    f->def.length = def->length > 0 ? def->length : 12;
    f->def.pull = def->pull > 0 ? def->pull : 0.5F;
    f->text = NO_TEXT;
    f->signal = NO_SIGNAL;
    if (def->kind == SEARCH_KEYWORD)
        f->values = values_new();
    return f;
}

static Status add_locked(Schema *s, const SearchFieldDef *def, SearchField *ret, Err *err)
{
    uint32_t n = schema_count(s);
    for (uint32_t i = 0; i < n; i++) {
        const Field *f = schema_field(s, (SearchField)i);
        if (!str_eq(f->def.name, def->name))
            continue;
        if (f->def.kind != def->kind || f->def.grouped != def->grouped)
            return err_set(err, ST_INVALID, "search.field", STR_FMT " is there with another kind",
                           STR_ARG(def->name));
        *ret = (SearchField)i;
        return ST_OK;
    }
    bool     text = def->kind == SEARCH_TEXT || def->kind == SEARCH_CODE;
    uint32_t n_texts = atomic_load(&s->n_texts), n_signals = atomic_load(&s->n_signals);
    if (n == SEARCH_FIELDS_MAX || (text && n_texts == SEARCH_TEXT_FIELDS_MAX) ||
        (def->kind == SEARCH_SIGNAL && n_signals == SEARCH_SIGNALS_MAX))
        return err_set(err, ST_LIMIT, "search.fields", "no room for one more field");
    Field *f = field_new(def);
    if (text) {
        f->text = (uint8_t)n_texts;
        atomic_store(&s->text_fields[n_texts], (uint16_t)n);
        atomic_store(&s->n_texts, n_texts + 1);
        if (f->def.weight > s->best_weight)
            s->best_weight = f->def.weight;
    } else if (def->kind == SEARCH_SIGNAL) {
        f->signal = (uint8_t)n_signals;
        atomic_store(&s->n_signals, n_signals + 1);
    }
    atomic_store(&s->fields[n], f);
    atomic_store_explicit(&s->n_fields, n + 1, memory_order_release);
    *ret = (SearchField)n;
    return ST_OK;
}

Status search_schema_add(Schema *s, const SearchFieldDef *def, SearchField *ret, Err *err)
{
    TRY(check_def(def, err));
    pthread_mutex_lock(&s->lock);
    Status st = add_locked(s, def, ret, err);
    pthread_mutex_unlock(&s->lock);
    return st;
}

/* --- locales ------------------------------------------------------------------------------ */

/* "uk-UA" and "uk" are one: the language decides. */
static Str language_of(Str locale)
{
    size_t n = 0;
    while (n < locale.len && n < LOCALE_NAME_MAX && locale.ptr[n] != '-' && locale.ptr[n] != '_')
        n++;
    return str_head(locale, n);
}

int schema_locale(const Schema *s, Str locale)
{
    Str      language = language_of(locale);
    uint32_t n = atomic_load_explicit(&s->n_locales, memory_order_acquire);
    for (uint32_t i = 0; i < n; i++)
        if (str_eq_nocase(str_from_cstr(s->locales[i]), language))
            return (int)i;
    return -1;
}

int schema_add_locale(Schema *s, Str locale)
{
    int found = schema_locale(s, locale);
    if (found >= 0)
        return found;
    pthread_mutex_lock(&s->lock);
    found = schema_locale(s, locale);
    uint32_t n = atomic_load(&s->n_locales);
    if (found < 0 && n < SEARCH_LOCALES_MAX) {
        Str language = language_of(locale);
        memcpy(s->locales[n], language.ptr, language.len);
        atomic_store_explicit(&s->n_locales, n + 1, memory_order_release);
        found = (int)n;
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

uint32_t schema_value(Schema *s, const Field *f, Str text)
{
    uint32_t number = values_find(f->values, text);
    if (number != 0)
        return number;
    pthread_mutex_lock(&s->lock);
    number = values_add(f->values, text);
    pthread_mutex_unlock(&s->lock);
    return number;
}
