/* schema_int.h - the fields and locales of an index. Both are only ever added to, under a lock;
 * reading needs none. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "search/analysis.h"
#include "search/document.h"
#include "search/values_int.h"

enum { NO_TEXT = 0xff, NO_SIGNAL = 0xff, LOCALE_NAME_MAX = 8 };

typedef struct Field {
    SearchFieldDef def;    /* with defaults filled in; the name is kept here */
    uint8_t        text;   /* number among texts and codes, or NO_TEXT */
    uint8_t        signal; /* number among signals, or NO_SIGNAL */
    Values        *values; /* keyword */
    char           name[SEARCH_NAME_MAX + 1];
} Field;

typedef struct Schema {
    pthread_mutex_t  lock; /* adding: fields, locales, values */
    _Atomic(Field *) fields[SEARCH_FIELDS_MAX];
    _Atomic uint32_t n_fields;
    _Atomic uint32_t n_texts;
    _Atomic uint32_t n_signals;
    _Atomic uint16_t text_fields[SEARCH_TEXT_FIELDS_MAX]; /* text number -> field */
    char             locales[SEARCH_LOCALES_MAX][LOCALE_NAME_MAX + 1];
    _Atomic uint32_t n_locales; /* locale i has space i + 1; 0 is "" */
    uint8_t          home;      /* locale of the configuration */
    bool             no_places;
    float            best_weight; /* the greatest of the text fields; under the lock */
} Schema;

Schema *schema_new(Str locale, bool no_places);
void    schema_free(Schema *s);
size_t  schema_bytes(const Schema *s);

NODISCARD Status search_schema_add(Schema *s, const SearchFieldDef *def, SearchField *ret,
                                   Err *err);

static inline uint32_t schema_count(const Schema *s)
{
    return atomic_load_explicit(&s->n_fields, memory_order_acquire);
}
static inline const Field *schema_field(const Schema *s, SearchField field)
{
    return atomic_load_explicit(&s->fields[field], memory_order_acquire);
}
static inline bool field_is_numeric(const Field *f)
{
    return f->def.kind != SEARCH_KEYWORD;
}
static inline bool field_has_column(const Field *f)
{
    return f->text == NO_TEXT && f->signal == NO_SIGNAL;
}

/* The number of a locale's language; -1: not in this index yet. */
int schema_locale(const Schema *s, Str locale);
/* The same, made when it is not there; -1 when there are too many. */
int                   schema_add_locale(Schema *s, Str locale);
static inline uint8_t locale_space(int locale)
{
    return (uint8_t)(locale + 1);
}

/* The number of a keyword in a field, made when it is new. */
uint32_t schema_value(Schema *s, const Field *f, Str text);
