/* document.h - what goes into a search index: fields, documents, groups.
 *
 * A document has an id, texts and values. Some of its values belong to groups: parts of it
 * that are alternatives of one another, like the variants of a product, each with its size,
 * colour, price and stock. Filters on grouped fields hold when ONE group satisfies all of
 * them: "size M" and "red" find a product that has a red one in M, not one that has a red one
 * in L and a blue one in M. A document without groups counts as having one without values.
 *
 *      SearchDoc d = {.id = 42};
 *      search_doc_text(&d, arena, title, STR("uk"), STR("Червоні кросівки"));
 *      search_doc_keyword(&d, arena, vendor, SEARCH_WHOLE, STR("Acme"));
 *      int32_t m = search_doc_group(&d, arena, variant_id);
 *      search_doc_keyword(&d, arena, size, m, STR("M"));
 *      search_doc_number(&d, arena, price, m, 129900);
 *      TRY(search_apply(index, &d, 1, NULL, 0, err));
 */
#pragma once

#include "base/status.h"
#include "base/str.h"

enum {
    SEARCH_FIELDS_MAX = 2048,
    SEARCH_TEXT_FIELDS_MAX = 16,   /* among them */
    SEARCH_SIGNALS_MAX = 16,       /* among them */
    SEARCH_LOCALES_MAX = 32,       /* of one index */
    SEARCH_GROUPS_MAX = 2048,      /* of one document */
    SEARCH_VALUES_MAX = 100000,    /* of one document */
    SEARCH_KEYWORD_MAX = 255,      /* bytes; longer values are cut */
    SEARCH_NAME_MAX = 64,          /* bytes of a field's name */
    SEARCH_TEXT_BYTES_MAX = 65536, /* of one text; the rest is not read */
    SEARCH_TEXTS_MAX = 4096,       /* of one document */
    SEARCH_WHOLE = -1,             /* the group of values that belong to the whole document */
};

/* A word that stands in several fields counts for the best of them, and for this share of the
 * sum of the others. */
#define SEARCH_OTHER_FIELDS 0.3F

typedef enum SearchKind {
    SEARCH_TEXT,    /* found by words, in a locale */
    SEARCH_CODE,    /* an identifier (SKU, EAN, model): found whole, however it is spaced */
    SEARCH_KEYWORD, /* a value among others: filter, facet, sort (bytewise) */
    SEARCH_BOOL,    /* 0 or 1 */
    SEARCH_NUMBER,  /* in the field's unit: filter by range or value, facet, sort */
    SEARCH_MONEY,   /* a number in minor units of one currency */
    SEARCH_DATE,    /* a number: UTC milliseconds */
    SEARCH_SIGNAL,  /* a number for ranking that changes often (popularity): see search_signal() */
} SearchKind;
/* Numbers are doubles: whole ones are exact to 2^53, enough for minor units and milliseconds. */

typedef uint16_t SearchField; /* a field's number in its index, from 0, in order of adding */

typedef struct SearchFieldDef {
    Str        name; /* of [A-Za-z0-9_.:-], unique in the index; copied */
    SearchKind kind;
    bool       grouped; /* values belong to groups (not for texts, codes and signals) */
    bool       suggest; /* text: its words complete what is being typed */
    float      weight;  /* text, code: of a match here beside other fields; 0 counts as 1 */
    float      length;  /* text: words of an ordinary text; longer ones weigh less; 0: 12 */
    float      pull;    /* text: how much the length matters, 0 to 1; 0: 0.5 (BM25's b) */
} SearchFieldDef;

typedef struct SearchText {
    SearchField field;  /* SEARCH_TEXT or SEARCH_CODE; several texts per field are fine */
    Str         locale; /* ""; for codes not used. "" is text for every locale: names, brands */
    Str         text;
} SearchText;

typedef struct SearchValue {
    SearchField field;
    int32_t     group;  /* SEARCH_WHOLE, or from 0; must fit the field's `grouped` */
    Str         text;   /* keyword */
    double      number; /* the others; not a NaN */
} SearchValue;

typedef struct SearchDoc {
    int64_t      id;
    SearchText  *texts;
    size_t       n_texts;
    SearchValue *values; /* a field may have several per group or document */
    size_t       n_values;
    int64_t     *groups; /* their ids, shown in hits */
    size_t       n_groups;
} SearchDoc;

/* Append; the arrays grow in `a`, texts are borrowed until search_apply() has returned. */
void search_doc_text(SearchDoc *d, Arena *a, SearchField field, Str locale, Str text);
void search_doc_code(SearchDoc *d, Arena *a, SearchField field, Str code);
void search_doc_keyword(SearchDoc *d, Arena *a, SearchField field, int32_t group, Str value);
void search_doc_number(SearchDoc *d, Arena *a, SearchField field, int32_t group, double value);
/* Returns the group's number, for the values that belong to it. */
int32_t search_doc_group(SearchDoc *d, Arena *a, int64_t id);
