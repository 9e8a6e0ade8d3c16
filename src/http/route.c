#include "http/http_int.h"

#include <stdlib.h>
#include <string.h>

/* The patterns of all tables as one tree, a level per path segment. A literal segment is
 * found in one hash table of all edges, so matching costs the depth of the path whatever
 * the number of tables. */

enum { DEPTH_MAX = 32 };

typedef struct Node {
    HttpRouteStat *routes[HTTP_NMETHODS]; /* that end here */
    HttpRouteStat *rest[HTTP_NMETHODS];   /* that end here with ":*rest" */
    uint32_t       param;                 /* node below ":name"; 0: none */
    unsigned       methods, rest_methods;
} Node;

typedef struct Edge {
    Str      segment; /* ptr NULL: free slot */
    uint32_t from, to;
} Edge;

struct HttpNodes {
    Node  *nodes; /* [0] is the root */
    size_t nnodes;
    Edge  *edges;
    size_t mask; /* slots - 1 */
};

static size_t slot_of(uint32_t from, Str segment)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ from;
    for (size_t i = 0; i < segment.len; i++)
        h = (h ^ (unsigned char)segment.ptr[i]) * UINT64_C(0x100000001b3);
    return (size_t)(h ^ h >> 29);
}

static Edge *find_edge(const struct HttpNodes *index, uint32_t from, Str segment)
{
    for (size_t i = slot_of(from, segment);; i++) {
        Edge *e = &index->edges[i & index->mask];
        if (e->segment.ptr == NULL || (e->from == from && str_eq(e->segment, segment)))
            return e;
    }
}

static uint32_t add_node(struct HttpNodes *index)
{
    return (uint32_t)index->nnodes++;
}

/* The node below `at` for one segment of a pattern, made when it is new. */
static uint32_t descend(struct HttpNodes *index, uint32_t at, Str segment)
{
    if (str_starts(segment, STR(":"))) {
        if (index->nodes[at].param == 0)
            index->nodes[at].param = add_node(index);
        return index->nodes[at].param;
    }
    Edge *e = find_edge(index, at, segment);
    if (e->segment.ptr == NULL)
        *e = (Edge){
            .segment = segment.len > 0 ? segment : STR(""), .from = at, .to = add_node(index)};
    return e->to;
}

static void add_route(struct HttpNodes *index, HttpRouteStat *stat)
{
    const HttpRoute *route = stat->route;
    Str              rest = route->pattern, segment;
    uint32_t         at = 0;
    bool             more = true, tail = false;
    ASSERT(str_starts(rest, STR("/")) && route->method < HTTP_NMETHODS);
    rest = (Str){rest.ptr + 1, rest.len - 1};
    while (more && !tail) {
        more = str_cut(rest, '/', &segment, &rest);
        tail = str_starts(segment, STR(":*"));
        if (!tail)
            at = descend(index, at, segment);
    }
    ASSERT(!more); /* nothing may follow ":*rest" */
    Node           *node = &index->nodes[at];
    HttpRouteStat **slot = tail ? &node->rest[route->method] : &node->routes[route->method];
    ASSERT(*slot == NULL); /* two routes with one method and pattern */
    *slot = stat;
    *(tail ? &node->rest_methods : &node->methods) |= 1U << route->method;
}

static size_t count_segments(const HttpApp *app)
{
    size_t n = 1;
    for (size_t t = 0; t < app->ntables; t++)
        for (size_t i = 0; i < app->tables[t].n; i++)
            for (size_t c = 0; c < app->tables[t].items[i].pattern.len; c++)
                n += app->tables[t].items[i].pattern.ptr[c] == '/';
    return n;
}

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

static struct HttpNodes *make_nodes(struct HttpIndex *index, size_t segments)
{
    struct HttpNodes *nodes = zeroed(1, sizeof *nodes);
    size_t            slots = 16;
    while (slots < segments * 2)
        slots *= 2;
    nodes->nodes = zeroed(segments + 1, sizeof *nodes->nodes);
    nodes->edges = zeroed(slots, sizeof *nodes->edges);
    nodes->mask = slots - 1;
    nodes->nnodes = 1;
    for (size_t i = 0; i < index->n; i++)
        add_route(nodes, &index->stats[i]);
    return nodes;
}

void http_app_index(HttpApp *app)
{
    ASSERT(app->index == NULL);
    struct HttpIndex *index = zeroed(1, sizeof *index);
    size_t            n = 0;
    for (size_t t = 0; t < app->ntables; t++)
        n += app->tables[t].n;
    index->stats = zeroed(n + 1, sizeof *index->stats);
    for (size_t t = 0; t < app->ntables; t++)
        for (size_t i = 0; i < app->tables[t].n; i++)
            index->stats[index->n++].route = &app->tables[t].items[i];
    index->nodes = make_nodes(index, count_segments(app));
    ASSERT(pthread_mutex_init(&index->lock, NULL) == 0);
    buf_init(&index->openapi, HTTP_MAX_REPLY);
    app->index = index;
}

void http_app_done(HttpApp *app)
{
    struct HttpIndex *index = app->index;
    if (index == NULL)
        return;
    free(index->nodes->nodes);
    free(index->nodes->edges);
    free(index->nodes);
    free(index->stats);
    buf_done(&index->openapi);
    pthread_mutex_destroy(&index->lock);
    free(index);
    app->index = NULL;
}

typedef struct Walk {
    const struct HttpNodes *index;
    HttpReq                *rq;
    unsigned                method_bit;
} Walk;

/* Remember what a node offers; true when it has a route for this method. */
static bool arrive(Walk *w, HttpRouteStat *const *routes, unsigned methods)
{
    w->rq->methods |= methods;
    if (!(methods & w->method_bit))
        return false;
    w->rq->stat = routes[w->rq->method];
    w->rq->route = w->rq->stat->route;
    return true;
}

/* Follow `path` (from a segment's begin) below node `at`. Literal segments win over ":x",
 * and ":x" over ":*rest"; a way that ends without a route is taken back. Where routes begin with
 * this very segment, ":*rest" has no say on what the address allows beyond what it serves itself:
 * a page for every address does not make POST of an unknown /api/… "not allowed", but unknown. */
static bool walk(Walk *w, uint32_t at, Str path, unsigned depth)
{
    const Node *node = &w->index->nodes[at];
    Str         segment, rest;
    bool        more = str_cut(path, '/', &segment, &rest);
    HttpReq    *rq = w->rq;
    const Edge *e = find_edge(w->index, at, segment);
    uint32_t    ways[2] = {e->segment.ptr != NULL ? e->to : 0, segment.len > 0 ? node->param : 0};
    size_t      nparams = rq->nparams;
    for (int way = 0; way < 2; way++) {
        if (ways[way] == 0 || (way == 1 && nparams == HTTP_MAX_PARAMS) || depth == DEPTH_MAX)
            continue;
        if (way == 1)
            rq->params[rq->nparams++] = segment;
        const Node *next = &w->index->nodes[ways[way]];
        if (more ? walk(w, ways[way], rest, depth + 1) : arrive(w, next->routes, next->methods))
            return true;
        rq->nparams = nparams;
    }
    if (node->rest_methods == 0 || path.len == 0 || nparams == HTTP_MAX_PARAMS)
        return false;
    if (e->segment.ptr != NULL && !(node->rest_methods & w->method_bit))
        return false;
    if (!arrive(w, node->rest, node->rest_methods))
        return false;
    rq->params[rq->nparams++] = path;
    return true;
}

static void find(const struct HttpNodes *index, HttpReq *rq)
{
    Walk w = {.index = index, .rq = rq, .method_bit = 0};
    if (rq->method < HTTP_NMETHODS)
        w.method_bit = 1U << rq->method;
    if (rq->path.len > 0 && rq->path.ptr[0] == '/')
        walk(&w, 0, (Str){rq->path.ptr + 1, rq->path.len - 1}, 0);
}

/* "http://host/path" is what proxies are sent; servers must take it too. */
static Str without_authority(Str target)
{
    if (!http_starts_nocase(target, STR("http://")) && !http_starts_nocase(target, STR("https://")))
        return target;
    size_t      from = target.ptr[4] == ':' ? 7 : 8;
    const char *slash = memchr(target.ptr + from, '/', target.len - from);
    if (slash == NULL)
        return STR("/");
    return (Str){slash, target.len - (size_t)(slash - target.ptr)};
}

void http_match(const HttpApp *app, HttpReq *rq)
{
    ASSERT(app->index != NULL);
    rq->matched = true;
    rq->app = app;
    rq->route = NULL;
    rq->stat = &app->index->none;
    rq->methods = 0;
    rq->nparams = 0;
    str_cut(without_authority(rq->target), '?', &rq->path, &rq->query);
    find(app->index->nodes, rq);
}
