/* /api/v1/search/…: synonyms, redirects and rules of the search, and what was searched for. */
#include <string.h>

#include "catalog/resource_http.h"
#include "catalog/search_guide.h"
#include "catalog/search_http.h"
#include "catalog/search_stats.h"
#include "catalog/shared_http.h"

enum { DAYS = 30, DAYS_MAX = 400 };

/* --- one of them -------------------------------------------------------------------------------
 */

#define GUIDE(name, KIND, T, url, prefix, shape)                                                   \
    static Status name##_get(Cx *cx, int64_t id, void *ret)                                        \
    {                                                                                              \
        return search_guide_get(cx, KIND, id, ret);                                                \
    }                                                                                              \
    static Status name##_create(Cx *cx, void *in)                                                  \
    {                                                                                              \
        return search_guide_create(cx, KIND, in);                                                  \
    }                                                                                              \
    static Status name##_update(Cx *cx, int64_t id, int64_t rev, void *in)                         \
    {                                                                                              \
        (void)rev;                                                                                 \
        return search_guide_update(cx, KIND, id, in);                                              \
    }                                                                                              \
    static Status name##_remove(Cx *cx, int64_t id, int64_t rev)                                   \
    {                                                                                              \
        (void)rev;                                                                                 \
        return search_guide_delete(cx, KIND, id);                                                  \
    }                                                                                              \
    static Status name##_list(Cx *cx, const HttpReq *rq, HttpResp *rs)                             \
    {                                                                                              \
        return list(cx, rq, rs, KIND, name##_key);                                                 \
    }                                                                                              \
    const Resource resource_##name##s = {url,          prefix,     &(shape),      offsetof(T, id), \
                                         SIZE_MAX,     name##_get, name##_create, name##_update,   \
                                         name##_remove}

static Status list(Cx *cx, const HttpReq *rq, HttpResp *rs, SearchGuideKind kind, PageKeyFn *key)
{
    Page   page;
    void  *rows;
    size_t n;
    TRY(page_read(cx, rq, &page));
    int64_t from = page.has_after ? page.id : 0;
    TRY(search_guide_list(cx, kind, from, page.backwards, page.limit + 1, &rows, &n));
    page_reply(cx, rq, rs, &page, rows, n, key);
    return ST_OK;
}

static PageKey synonym_key(const void *row)
{
    return (PageKey){.id = ((const SearchSynonym *)row)->id};
}

static PageKey query_redirect_key(const void *row)
{
    return (PageKey){.id = ((const SearchQueryRedirect *)row)->id};
}

static PageKey search_rule_key(const void *row)
{
    return (PageKey){.id = ((const SearchGuideRule *)row)->id};
}

#define SYNONYMS  "/api/v1/search/synonyms"
#define REDIRECTS "/api/v1/search/redirects"
#define RULES     "/api/v1/search/rules"

GUIDE(synonym, SEARCH_GUIDE_SYNONYM, SearchSynonym, SYNONYMS, CATALOG_SYNONYM_ID,
      search_synonym_shape);
GUIDE(query_redirect, SEARCH_GUIDE_REDIRECT, SearchQueryRedirect, REDIRECTS,
      CATALOG_QUERY_REDIRECT_ID, search_query_redirect_shape);
GUIDE(search_rule, SEARCH_GUIDE_RULE, SearchGuideRule, RULES, CATALOG_SEARCH_RULE_ID,
      search_guide_rule_shape);

/* --- what was searched for ---------------------------------------------------------------------
 */

/* GET /api/v1/search/queries: the most frequent, on one page */
static Status get_queries(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    SearchCounts counts;
    int64_t      days, limit;
    bool         missed;
    TRY(http_query_i64(cx, rq, STR("days"), 1, DAYS_MAX, DAYS, &days));
    TRY(http_query_i64(cx, rq, STR("limit"), 1, PAGE_LIMIT_MAX, PAGE_LIMIT, &limit));
    TRY(http_query_bool(cx, rq, STR("missed"), false, &missed));
    TRY(search_counts(cx, days, missed, limit, &counts));
    Json j = page_begin(rs);
    for (size_t i = 0; i < counts.n; i++)
        shape_write(&j, NULL, &search_count_shape, &counts.items[i]);
    page_end(&j, (Str){0}, (Str){0});
    return ST_OK;
}

/* --- routes -------------------------------------------------------------------------------------
 */

static const HttpParam QUERY_PARAMS[] = {
    {"days", "How far back, today included; 30 unless given.", "integer"},
    {"missed", "Only those that found nothing, or nothing with all the words.", "boolean"},
    {"limit", "So many.", "integer"},
    {0},
};

static const HttpRoute ROUTES[] = {
    LIST_ALL(SYNONYMS, synonym_list, search_synonym_shape, NULL, "Synonyms of the search"),
    POST_ONE(SYNONYMS, search_synonym_shape, "synonym"),
    GET_ONE(SYNONYMS, search_synonym_shape, "synonym"),
    PATCH_ONE(SYNONYMS, search_synonym_shape, "synonym"),
    DELETE_ONE(SYNONYMS, "synonym"),
    LIST_ALL(REDIRECTS, query_redirect_list, search_query_redirect_shape, NULL,
             "Queries that lead to pages"),
    POST_ONE(REDIRECTS, search_query_redirect_shape, "redirect of a query"),
    GET_ONE(REDIRECTS, search_query_redirect_shape, "redirect of a query"),
    PATCH_ONE(REDIRECTS, search_query_redirect_shape, "redirect of a query"),
    DELETE_ONE(REDIRECTS, "redirect of a query"),
    LIST_ALL(RULES, search_rule_list, search_guide_rule_shape, NULL,
             "Rules that pin, boost and bury products"),
    POST_ONE(RULES, search_guide_rule_shape, "rule of the search"),
    GET_ONE(RULES, search_guide_rule_shape, "rule of the search"),
    PATCH_ONE(RULES, search_guide_rule_shape, "rule of the search"),
    DELETE_ONE(RULES, "rule of the search"),
    LIST_ALL("/api/v1/search/queries", get_queries, search_count_shape, QUERY_PARAMS,
             "What was searched for, and what was not found"),
};

const HttpRoutes catalog_search_guide_routes = {"Search settings", ROUTES, COUNT_OF(ROUTES)};
