/* search_guide.h - what a merchant says about finding: synonyms, redirects, rules.
 *
 *   synonyms    "tv", "television", "telly" find each other; or, with `from`, "sneakers" also
 *               finds "running shoes" and not the other way round. Per language.
 *   redirects   who searches for "returns" is led to /pages/returns.
 *   rules       for some queries (or all that have words): pin products to the first places, boost,
 * weaken or bury what a condition holds for (the language of collections' rules).
 *
 * Queries are compared as query_key() has them: "Return" and "returns" are one. A change holds
 * for every process within a second, without a restart; a rule with a new condition when the
 * index has been built anew, and until then as before.
 *
 * Codes: catalog.no_search_entry, catalog.too_many. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

#define CATALOG_SYNONYM_ID        "syn"
#define CATALOG_QUERY_REDIRECT_ID "qrd"
#define CATALOG_SEARCH_RULE_ID    "srl"

enum {
    SEARCH_GUIDE_MAX = 2000, /* synonyms, redirects; of rules: */
    SEARCH_GUIDE_RULES_MAX = 200,
    SEARCH_GUIDE_WORDS_MAX = 20,
    SEARCH_GUIDE_PINS_MAX = 20,
};

typedef struct SearchTexts {
    Str   *items;
    size_t n;
} SearchTexts;

typedef struct SearchSynonym {
    uint64_t    given;
    int64_t     id;
    Str         locale; /* "": of every language */
    Str         from;   /* "": all of `words` find each other */
    SearchTexts words;
    UnixMs      created_at;
} SearchSynonym;

typedef struct SearchQueryRedirect {
    uint64_t given;
    int64_t  id;
    Str      locale; /* "": of every language */
    Str      query;
    Str      target; /* a path, or an http(s) address elsewhere */
    UnixMs   created_at;
} SearchQueryRedirect;

typedef enum SearchRuleFor {
    SEARCH_RULE_ALWAYS,   /* whatever was typed */
    SEARCH_RULE_IS,       /* the query is `query` */
    SEARCH_RULE_CONTAINS, /* it has all the words of it */
} SearchRuleFor;

extern const char *const search_rule_for_names[];

typedef struct SearchGuideRule {
    uint64_t given;
    int64_t  id;
    Str      title; /* for the merchant */
    bool     enabled;
    Str      locale;  /* "": of every language */
    int      applies; /* SearchRuleFor */
    Str      query;
    OptTime  starts_at, ends_at;
    struct {
        int64_t *items;
        size_t   n;
    } pins;            /* products: the first stands first */
    Str     condition; /* JSON; "": none */
    int64_t boost;     /* percent of a perfect text match; less than 0 weakens */
    bool    bury;      /* behind everything else */
    UnixMs  created_at;
} SearchGuideRule;

extern const Shape search_synonym_shape, search_query_redirect_shape, search_guide_rule_shape;

typedef enum SearchGuideKind {
    SEARCH_GUIDE_SYNONYM,
    SEARCH_GUIDE_REDIRECT,
    SEARCH_GUIDE_RULE,
    SEARCH_GUIDE_KINDS
} SearchGuideKind;

const Shape *search_guide_shape(SearchGuideKind kind);

/* *ret is a struct of the kind's shape. */
NODISCARD Status search_guide_get(Cx *cx, SearchGuideKind kind, int64_t id, void *ret);
/* *value becomes the result. */
NODISCARD Status search_guide_create(Cx *cx, SearchGuideKind kind, void *value);
NODISCARD Status search_guide_update(Cx *cx, SearchGuideKind kind, int64_t id, void *value);
NODISCARD Status search_guide_delete(Cx *cx, SearchGuideKind kind, int64_t id);

/* Those behind `from`, by age, or backwards those before it, nearest first: structs of the kind's
 * shape, one behind the other. */
NODISCARD Status search_guide_list(Cx *cx, SearchGuideKind kind, int64_t from, bool backwards,
                                   int64_t max, void **ret, size_t *ret_n);
