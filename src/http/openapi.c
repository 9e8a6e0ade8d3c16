/* The OpenAPI 3.1 document: made from the route tables and the shapes they name, so that it
 * cannot say anything else than the program does. */
#include "http/http_int.h"
#include "http/page.h"

#include <string.h>

enum { SHAPES_MAX = 1024 };

typedef struct Doc {
    Json           j;
    const HttpApp *app;
    const Shape   *shapes[SHAPES_MAX]; /* that routes use, with those inside them */
    size_t         nshapes;
    const Shape   *patches[SHAPES_MAX]; /* that are read by PATCH */
    size_t         npatches;
} Doc;

/* --- names ------------------------------------------------------------------------------------ */

/* "/products/:id" -> "/products/{id}" */
static void add_path(Buf *b, Str pattern)
{
    Str  rest = {pattern.ptr + 1, pattern.len - 1}, segment;
    bool more = true;
    while (more) {
        more = str_cut(rest, '/', &segment, &rest);
        buf_addc(b, '/');
        if (!str_starts(segment, STR(":"))) {
            buf_add(b, segment);
            continue;
        }
        size_t skip = str_starts(segment, STR(":*")) ? 2 : 1;
        buf_addf(b, "{" STR_FMT "}", STR_ARG(((Str){segment.ptr + skip, segment.len - skip})));
    }
}

/* GET /api/v1/products/:id/media -> get_products_by_id_media: tells the route, and is as
 * stable as the address. */
static void add_operation_id(Buf *b, const HttpRoute *r)
{
    Str  rest = {r->pattern.ptr + 1, r->pattern.len - 1}, segment;
    bool more = true;
    if (str_starts(rest, STR("api/v1/")))
        rest = (Str){rest.ptr + 7, rest.len - 7};
    for (const char *p = http_method_name(r->method); *p != '\0'; p++)
        buf_addc(b, (char)(*p - 'A' + 'a'));
    while (more) {
        more = str_cut(rest, '/', &segment, &rest);
        bool param = str_starts(segment, STR(":"));
        if (segment.len == 0)
            continue;
        buf_add(b, param ? STR("_by_") : STR("_"));
        for (size_t i = param; i < segment.len; i++) {
            char c = segment.ptr[i];
            bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (fine || c == '.' || c == '-' || c == '_')
                buf_addc(b, fine ? c : '_');
        }
    }
}

static void write_ref(Json *j, const char *place, const char *name, const char *suffix)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 512);
    buf_addf(&b, "#/components/%s/%s%s", place, name, suffix);
    json_str(j, "$ref", buf_str(&b));
}

/* --- parameters ------------------------------------------------------------------------------- */

static void write_param(Json *j, const char *name, const char *in, const char *type,
                        const char *doc, bool required)
{
    bool is_id = strcmp(type, "id") == 0;
    json_obj(j, NULL);
    json_str(j, "name", str_from_cstr(name));
    json_str(j, "in", str_from_cstr(in));
    json_bool(j, "required", required);
    if (doc != NULL)
        json_str(j, "description", str_from_cstr(doc));
    json_obj(j, "schema");
    json_str(j, "type", is_id ? STR("string") : str_from_cstr(type));
    json_end(j);
    json_end(j);
}

static void write_path_params(Json *j, Str pattern)
{
    Str  rest = pattern, segment;
    bool more = true;
    char name[64];
    while (more) {
        more = str_cut(rest, '/', &segment, &rest);
        size_t skip = str_starts(segment, STR(":*")) ? 2 : 1;
        if (!str_starts(segment, STR(":")) || segment.len - skip >= sizeof name)
            continue;
        memcpy(name, segment.ptr + skip, segment.len - skip);
        name[segment.len - skip] = '\0';
        write_param(j, name, "path", "string", NULL, true);
    }
}

static void write_limit(Json *j)
{
    json_obj(j, NULL);
    json_str(j, "name", STR("limit"));
    json_str(j, "in", STR("query"));
    json_str(j, "description", STR("Elements at most."));
    json_obj(j, "schema");
    json_str(j, "type", STR("integer"));
    json_i64(j, "minimum", 1);
    json_i64(j, "maximum", PAGE_LIMIT_MAX);
    json_i64(j, "default", PAGE_LIMIT);
    json_end(j);
    json_end(j);
}

/* Every list has them, in the same words. */
static bool is_of_lists(const char *name)
{
    return strcmp(name, "limit") == 0 || strcmp(name, "after") == 0 || strcmp(name, "before") == 0;
}

static void write_params(Json *j, const HttpRoute *r)
{
    json_arr(j, "parameters");
    write_path_params(j, r->pattern);
    if (r->flags & HTTP_LIST) {
        write_limit(j);
        write_param(j, "after", "query", "string", "Go on behind this cursor.", false);
        write_param(j, "before", "query", "string", "Go back before this cursor.", false);
    }
    for (const HttpParam *p = r->params; p != NULL && p->name != NULL; p++)
        if (!(r->flags & HTTP_LIST) || !is_of_lists(p->name))
            write_param(j, p->name, "query", p->type != NULL ? p->type : "string", p->doc,
                        p->required);
    if (r->flags & HTTP_IDEMPOTENT)
        write_param(j, "Idempotency-Key", "header", "string",
                    "The same key and body again get the first reply, and act once.", false);
    json_end(j);
}

/* --- bodies and replies ----------------------------------------------------------------------- */

static void write_body(Json *j, const HttpRoute *r)
{
    bool patch = r->mode == SHAPE_PATCH;
    if (r->body == HTTP_BODY_NONE)
        return;
    json_obj(j, "requestBody");
    json_bool(j, "required", r->body == HTTP_BODY_JSON && r->in != NULL);
    json_obj(j, "content");
    json_obj(j, r->body == HTTP_BODY_JSON   ? "application/json"
                : r->body == HTTP_BODY_FORM ? "multipart/form-data"
                                            : "*/*");
    if (r->schema != NULL) {
        r->schema(j);
    } else {
        json_obj(j, "schema");
        if (r->body == HTTP_BODY_JSON && r->in != NULL)
            write_ref(j, "schemas", r->in->name, patch ? "Patch" : "");
        else if (r->body == HTTP_BODY_FORM || r->examples != NULL)
            json_str(j, "type", STR("object"));
        json_end(j);
    }
    if (r->examples != NULL)
        json_raw(j, "examples", str_from_cstr(r->examples));
    json_end(j);
    json_end(j);
    json_end(j);
}

static void write_list_schema(Json *j, const Shape *of)
{
    json_str(j, "type", STR("object"));
    json_obj(j, "properties");
    json_obj(j, "data");
    json_str(j, "type", STR("array"));
    json_obj(j, "items");
    write_ref(j, "schemas", of->name, "");
    json_end(j);
    json_end(j);
    json_obj(j, "page");
    write_ref(j, "schemas", "ListPage", "");
    json_end(j);
    json_end(j);
    json_arr(j, "required");
    json_str(j, NULL, STR("data"));
    json_str(j, NULL, STR("page"));
    json_end(j);
}

static void write_success(Json *j, const HttpRoute *r)
{
    CLEANUP(buf_done) Buf status;
    buf_init(&status, 16);
    buf_addf(&status, "%d", r->status != 0 ? r->status : 200);
    json_key(j, buf_str(&status));
    json_obj(j, NULL);
    json_str(j, "description", STR("Done."));
    if ((r->out != NULL || r->out_type != NULL) && r->status != 204) {
        json_obj(j, "content");
        json_obj(j, r->out_type != NULL ? r->out_type : "application/json");
        json_obj(j, "schema");
        if (r->out != NULL && (r->flags & HTTP_LIST))
            write_list_schema(j, r->out);
        else if (r->out != NULL)
            write_ref(j, "schemas", r->out->name, "");
        json_end(j);
        json_end(j);
        json_end(j);
    }
    json_end(j);
}

static void write_problem(Json *j, const char *status)
{
    json_obj(j, status);
    write_ref(j, "responses", "Problem", "");
    json_end(j);
}

static bool is_open(const HttpRoute *r)
{
    return (r->flags & (HTTP_PUBLIC | HTTP_NO_AUTH)) != 0;
}

static void write_responses(Json *j, const HttpRoute *r)
{
    json_obj(j, "responses");
    write_success(j, r);
    write_problem(j, "400");
    if (!is_open(r)) {
        write_problem(j, "401");
        write_problem(j, "403");
    }
    if (memchr(r->pattern.ptr, ':', r->pattern.len) != NULL)
        write_problem(j, "404");
    if (r->body == HTTP_BODY_JSON)
        write_problem(j, "422");
    write_problem(j, "default");
    json_end(j);
}

static void write_operation(Doc *d, const char *tag, const HttpRoute *r)
{
    static const char *const NAMES[HTTP_NMETHODS] = {"get",   "post",   "put",
                                                     "patch", "delete", "options"};
    Json                    *j = &d->j;
    CLEANUP(buf_done) Buf    id;
    buf_init(&id, 512);
    add_operation_id(&id, r);
    json_obj(j, NAMES[r->method]);
    json_str(j, "operationId", buf_str(&id));
    if (r->summary != NULL)
        json_str(j, "summary", str_from_cstr(r->summary));
    json_arr(j, "tags");
    json_str(j, NULL, str_from_cstr(tag));
    json_end(j);
    if (is_open(r)) {
        json_arr(j, "security");
        json_end(j);
    } else if (r->flags & HTTP_SHOPPER) {
        json_raw(j, "security", STR("[{\"customer\":[]}]"));
    } else if (r->permission != NULL) {
        json_str(j, "x-permission", str_from_cstr(r->permission));
    }
    write_params(j, r);
    write_body(j, r);
    write_responses(j, r);
    json_end(j);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool is_shown(const HttpRoute *r)
{
    return !(r->flags & HTTP_HIDDEN);
}

static bool has_path(const HttpRoute *r, Str pattern)
{
    return is_shown(r) && str_eq(r->pattern, pattern);
}

/* Does an earlier route have the same path? Then that one has written it. */
static bool is_repeated(const Doc *d, size_t table, size_t item)
{
    const HttpRoutes *tables = d->app->tables;
    Str               pattern = tables[table].items[item].pattern;
    for (size_t t = 0; t <= table; t++)
        for (size_t i = 0; i < (t < table ? tables[t].n : item); i++)
            if (has_path(&tables[t].items[i], pattern))
                return true;
    return false;
}

static void write_path(Doc *d, size_t table, size_t item)
{
    const HttpRoutes     *tables = d->app->tables;
    Str                   pattern = tables[table].items[item].pattern;
    CLEANUP(buf_done) Buf path;
    buf_init(&path, 1024);
    if (is_repeated(d, table, item))
        return;
    add_path(&path, pattern);
    json_key(&d->j, buf_str(&path));
    json_obj(&d->j, NULL);
    for (size_t t = table; t < d->app->ntables; t++)
        for (size_t i = t == table ? item : 0; i < tables[t].n; i++)
            if (has_path(&tables[t].items[i], pattern))
                write_operation(d, tables[t].tag, &tables[t].items[i]);
    json_end(&d->j);
}

static void collect(Doc *d)
{
    for (size_t t = 0; t < d->app->ntables; t++)
        for (size_t i = 0; i < d->app->tables[t].n; i++) {
            const HttpRoute *r = &d->app->tables[t].items[i];
            if (!is_shown(r))
                continue;
            if (r->out != NULL)
                shape_collect(r->out, d->shapes, SHAPES_MAX, &d->nshapes);
            if (r->in == NULL)
                continue;
            shape_collect(r->in, d->shapes, SHAPES_MAX, &d->nshapes);
            size_t n = 0;
            while (n < d->npatches && d->patches[n] != r->in)
                n++;
            if (r->mode == SHAPE_PATCH && n == d->npatches)
                d->patches[d->npatches++] = r->in;
        }
}

/* No two schemas may have one name: readers would take the last, and believe it of both. */
static void check_names(const Doc *d)
{
    static const char *const OURS[] = {"Money", "ListPage", "Problem"};
    for (size_t i = 0; i < d->nshapes; i++) {
        for (size_t k = 0; k < i; k++)
            ASSERT(strcmp(d->shapes[i]->name, d->shapes[k]->name) != 0);
        for (size_t k = 0; k < COUNT_OF(OURS); k++)
            ASSERT(strcmp(d->shapes[i]->name, OURS[k]) != 0);
    }
}

static void write_schemas(Doc *d)
{
    Json *j = &d->j;
    check_names(d);
    json_obj(j, "schemas");
    for (size_t i = 0; i < d->nshapes; i++)
        shape_schema(j, d->shapes[i]->name, d->shapes[i]);
    for (size_t i = 0; i < d->npatches; i++) {
        CLEANUP(buf_done) Buf name;
        buf_init(&name, 256);
        buf_addf(&name, "%sPatch", d->patches[i]->name);
        json_key(j, buf_str(&name));
        shape_schema_mode(j, NULL, d->patches[i], SHAPE_PATCH);
    }
    shape_schema_money(j, "Money");
    json_raw(j, "ListPage",
             STR("{\"type\":\"object\",\"description\":\"Where a list goes on.\","
                 "\"properties\":{\"next\":{\"type\":[\"string\",\"null\"]},"
                 "\"prev\":{\"type\":[\"string\",\"null\"]},\"has_more\":{\"type\":\"boolean\"}},"
                 "\"required\":[\"next\",\"prev\",\"has_more\"]}"));
    json_raw(j, "Problem",
             STR("{\"type\":\"object\",\"description\":\"What went wrong (RFC 9457).\","
                 "\"properties\":{\"type\":{\"type\":\"string\",\"format\":\"uri\"},"
                 "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
                 "\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\","
                 "\"description\":\"Id of the request, to be quoted to whoever runs the "
                 "server.\"},\"code\":{\"type\":\"string\",\"description\":\"Stable name of "
                 "the mistake.\"},\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
                 "\"properties\":{\"pointer\":{\"type\":\"string\",\"description\":\"RFC 6901 "
                 "pointer into the body.\"},\"code\":{\"type\":\"string\"},\"detail\":{"
                 "\"type\":\"string\"}},\"required\":[\"pointer\",\"code\",\"detail\"]}},"
                 "\"errors_total\":{\"type\":\"integer\"}},\"required\":[\"type\",\"title\","
                 "\"status\",\"detail\",\"code\"]}"));
    json_end(j);
}

static void write_components(Doc *d)
{
    Json       *j = &d->j;
    const char *cookie = d->app->session_cookie;
    json_obj(j, "components");
    write_schemas(d);
    json_raw(j, "responses",
             STR("{\"Problem\":{\"description\":\"It did not work.\",\"content\":{"
                 "\"application/problem+json\":{\"schema\":{\"$ref\":"
                 "\"#/components/schemas/Problem\"}}}}}"));
    json_obj(j, "securitySchemes");
    json_raw(j, "apiKey",
             STR("{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"An API key.\"}"));
    json_obj(j, "session");
    json_str(j, "type", STR("apiKey"));
    json_str(j, "in", STR("cookie"));
    json_str(j, "name", cookie != NULL ? str_from_cstr(cookie) : STR("session"));
    json_str(j, "description",
             STR("A signed-in member of staff. Requests that change something also carry the "
                 "header X-CSRF-Token."));
    json_end(j);
    json_raw(j, "customer",
             STR("{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"customer\",\"description\":"
                 "\"A signed-in customer. Requests that change something also carry the header "
                 "X-CSRF-Token.\"}"));
    json_end(j);
    json_end(j);
}

static bool has_shown(const HttpRoutes *table)
{
    for (size_t i = 0; i < table->n; i++)
        if (is_shown(&table->items[i]))
            return true;
    return false;
}

/* Does no table before `t` tell this tag? */
static bool tells_tag(const HttpApp *app, size_t t)
{
    for (size_t i = 0; i < t; i++)
        if (strcmp(app->tables[i].tag, app->tables[t].tag) == 0 && has_shown(&app->tables[i]))
            return false;
    return has_shown(&app->tables[t]);
}

static void write_head(Doc *d)
{
    Json *j = &d->j;
    json_str(j, "openapi", STR("3.1.0"));
    json_obj(j, "info");
    json_str(j, "title", d->app->title != NULL ? str_from_cstr(d->app->title) : STR("API"));
    json_str(j, "version", d->app->version != NULL ? str_from_cstr(d->app->version) : STR("0"));
    json_raw(j, "license", STR("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
    json_end(j);
    json_raw(j, "servers", STR("[{\"url\":\"/\"}]"));
    json_raw(j, "security", STR("[{\"apiKey\":[]},{\"session\":[]}]"));
    json_arr(j, "tags");
    for (size_t t = 0; t < d->app->ntables; t++) {
        if (!tells_tag(d->app, t))
            continue;
        json_obj(j, NULL);
        json_str(j, "name", str_from_cstr(d->app->tables[t].tag));
        json_end(j);
    }
    json_end(j);
}

void http_openapi_write(const HttpApp *app, Buf *b)
{
    Doc *d = calloc(1, sizeof *d);
    if (d == NULL)
        base_out_of_memory(sizeof *d);
    d->j = json_begin(b);
    d->app = app;
    collect(d);
    json_obj(&d->j, NULL);
    write_head(d);
    json_obj(&d->j, "paths");
    for (size_t t = 0; t < app->ntables; t++)
        for (size_t i = 0; i < app->tables[t].n; i++)
            if (is_shown(&app->tables[t].items[i]))
                write_path(d, t, i);
    json_end(&d->j);
    write_components(d);
    json_end(&d->j);
    free(d);
}
