#include "testapp.h"

#include "http/http_etag.h"
#include "http/http_form.h"
#include "http/page.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

_Atomic int testapp_runs;
HttpTopic  *testapp_topic;

static const ShapeField NOTE_FIELDS[] = {
    SHAPE_ID(Note, id, "nte", .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(Note, title, .min = 1, .max = 20, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_INT(Note, stars, .min = 0, .max = 5),
    SHAPE_INT(Note, rev, .flags = SHAPE_READ_ONLY),
};
const Shape note_shape = SHAPE_OF(Note, "Note", NOTE_FIELDS, .doc = "A few words.");

/* Notes that are there: 1 to 7, titled "a" to "g", each at revision 3. */
enum { NOTES = 7, REV = 3 };

static Note note(int64_t id)
{
    static const char TITLES[] = "abcdefg";
    return (Note){.id = id, .title = {&TITLES[id - 1], 1}, .stars = id % 3, .rev = REV};
}

static Status find(Cx *cx, const HttpReq *rq, Note *ret)
{
    int64_t id;
    TRY(http_param_id(cx, rq, 0, "nte", &id));
    if (id < 1 || id > NOTES)
        return cx_fail(cx, ST_NOT_FOUND, "test.unknown", "no such note");
    *ret = note(id);
    return ST_OK;
}

static Status get_note(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Note n;
    TRY(find(cx, rq, &n));
    http_etag_rev(cx, rs, n.rev);
    http_reply(rq, rs, &n);
    return ST_OK;
}

static Status add_note(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Note *n = rq->in;
    if (str_eq(n->title, STR("taken")))
        return cx_fail(cx, ST_CONFLICT, "test.taken", "there is one already");
    if (str_eq(n->title, STR("broken")))
        return cx_fail(cx, ST_IO, "test.broken", "the secret disk is full");
    n->id = 100 + atomic_fetch_add(&testapp_runs, 1);
    n->rev = 1;
    http_set_header(cx, rs, "Location", STR("/notes/new"));
    http_reply(rq, rs, n);
    return ST_OK;
}

static Status patch_note(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Note n;
    TRY(find(cx, rq, &n));
    TRY(http_check_rev(cx, rq, n.rev));
    n.rev++;
    http_etag_rev(cx, rs, n.rev);
    http_reply(rq, rs, &n);
    return ST_OK;
}

static Status drop_note(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Note n;
    TRY(find(cx, rq, &n));
    http_reply_none(rs);
    return ST_OK;
}

static PageKey note_key(const void *row)
{
    const Note *n = row;
    return (PageKey){.text = n->title, .id = n->id};
}

static Status list_notes(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page   page;
    Note   rows[NOTES];
    size_t n = 0;
    TRY(page_read(cx, rq, &page));
    if (page.backwards)
        for (int64_t id = page.id - 1; id >= 1 && n <= (size_t)page.limit; id--)
            rows[n++] = note(id);
    else
        for (int64_t id = page.id + 1; id <= NOTES && n <= (size_t)page.limit; id++)
            rows[n++] = note(id);
    page_reply(cx, rq, rs, &page, rows, n, note_key);
    return ST_OK;
}

/* What the path, the query and the forms contained. */
static Status echo(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str     q;
    int64_t n;
    bool    on;
    TRY(http_query(cx, rq, STR("q"), STR("none"), &q));
    TRY(http_query_i64(cx, rq, STR("n"), -5, 5, 0, &n));
    TRY(http_query_bool(cx, rq, STR("on"), false, &on));
    rs->type = "text/plain; charset=utf-8";
    for (size_t i = 0; i < rq->nparams; i++)
        buf_addf(&rs->body, "[" STR_FMT "]", STR_ARG(rq->params[i]));
    buf_addf(&rs->body, " q=" STR_FMT " n=%lld on=%d", STR_ARG(q), (long long)n, on);
    return ST_OK;
}

static Status form(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    HttpForm f;
    TRY(http_form_read(cx, rq, &f));
    rs->type = "text/plain; charset=utf-8";
    for (size_t i = 0; i < f.n; i++)
        buf_addf(&rs->body, STR_FMT "=%zu" STR_FMT ";", STR_ARG(f.parts[i].name),
                 f.parts[i].value.len, STR_ARG(f.parts[i].filename));
    return ST_OK;
}

/* Length and a checksum of the body. */
static Status sum(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    uint64_t h = 0;
    (void)cx;
    for (size_t i = 0; i < rq->body.len; i++)
        h = h * 31 + (unsigned char)rq->body.ptr[i];
    rs->type = "text/plain";
    buf_addf(&rs->body, "%zu %llu %s", rq->body.len, (unsigned long long)h,
             rq->body_file.len > 0 ? "file" : "memory");
    return ST_OK;
}

static Status slow(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t ms;
    TRY(http_query_i64(cx, rq, STR("ms"), 0, 5000, 100, &ms));
    (void)usleep((useconds_t)ms * 1000);
    rs->type = "text/plain";
    buf_addf(&rs->body, "slept");
    return ST_OK;
}

static Status fast(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)cx;
    rs->type = "text/plain";
    buf_addf(&rs->body, "%s", rq->tls ? "fast over tls" : "fast");
    return ST_OK;
}

static Status peer(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    rs->type = "text/plain";
    buf_addf(&rs->body, STR_FMT " %s " STR_FMT, STR_ARG(rq->peer), rq->tls ? "tls" : "plain",
             STR_ARG(cx->request_id));
    return ST_OK;
}

static Status page(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    (void)cx;
    rs->type = "text/html; charset=utf-8";
    rs->etag = STR("\"page1\"");
    while (rs->body.len < TESTAPP_PAGE - 64)
        buf_addf(&rs->body, "<p class=\"line\">Line %zu of it.</p>\n", rs->body.len);
    return ST_OK;
}

static Status big(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t n;
    TRY(http_query_i64(cx, rq, STR("n"), 0, TESTAPP_BIG, 1000000, &n));
    rs->type = "application/octet-stream";
    char *p = buf_extend(&rs->body, (size_t)n);
    for (int64_t i = 0; i < n; i++)
        p[i] = (char)('a' + i % 26);
    return ST_OK;
}

static Status file(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    static const char DIGITS[] = "0123456789";
    (void)rq;
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    for (int i = 0; i < 100; i++)
        if (fd < 0 || write(fd, DIGITS, 10) != 10)
            return cx_fail(cx, ST_IO, "test.file", "no temporary file");
    rs->file = fd;
    rs->file_size = 1000;
    rs->etag = STR("\"file1\"");
    rs->type = "application/octet-stream";
    return ST_OK;
}

static Status login(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    http_set_cookie(cx, rq, rs, STR("sid"), STR("s42"), SPAN_MINUTES(60));
    http_reply_none(rs);
    return ST_OK;
}

static Status stream(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)cx;
    HttpStream *s = http_stream_open(rs);
    Str         last = http_header(rq, STR("Last-Event-ID"));
    http_stream_send(s, &(HttpEvent){.name = STR("hello"), .data = last});
    http_stream_join(s, testapp_topic);
    http_stream_release(s);
    return ST_OK;
}

static const HttpRoute NOTES_ROUTES[] = {
    {HTTP_GET, STR_INIT("/notes"), list_notes, .flags = HTTP_PUBLIC | HTTP_LIST,
     .out = &note_shape},
    {HTTP_POST, STR_INIT("/notes"), add_note, .flags = HTTP_PUBLIC | HTTP_IDEMPOTENT,
     .body = HTTP_BODY_JSON, .in = &note_shape, .out = &note_shape, .status = 201},
    {HTTP_GET, STR_INIT("/notes/:id"), get_note, .flags = HTTP_PUBLIC, .out = &note_shape},
    {HTTP_PATCH, STR_INIT("/notes/:id"), patch_note, .permission = "notes.write",
     .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &note_shape, .out = &note_shape},
    {HTTP_DELETE, STR_INIT("/notes/:id"), drop_note, .flags = 0},
    {HTTP_GET, STR_INIT("/notes/best"), echo, .flags = HTTP_PUBLIC},
};

static const HttpRoute OTHER_ROUTES[] = {
    {HTTP_GET, STR_INIT("/echo"), echo, .flags = HTTP_PUBLIC | HTTP_QUICK},
    {HTTP_GET, STR_INIT("/echo/:a/and/:b"), echo, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/tail/:*rest"), echo, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/under/:*rest"), echo, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/under/known"), echo, .flags = HTTP_PUBLIC},
    {HTTP_POST, STR_INIT("/form"), form, .flags = HTTP_PUBLIC, .body = HTTP_BODY_FORM},
    {HTTP_POST, STR_INIT("/sum"), sum, .flags = HTTP_PUBLIC | HTTP_QUICK, .body = HTTP_BODY_RAW},
    {HTTP_POST, STR_INIT("/upload"), sum, .flags = HTTP_PUBLIC, .body = HTTP_BODY_RAW,
     .body_max = TESTAPP_BIG},
    {HTTP_POST, STR_INIT("/archive"), sum, .permission = "notes.write", .body = HTTP_BODY_RAW,
     .body_max = TESTAPP_BIG},
    {HTTP_POST, STR_INIT("/login"), login, .flags = HTTP_PUBLIC},
    {HTTP_POST, STR_INIT("/hook"), login, .flags = HTTP_PUBLIC | HTTP_NO_CSRF},
    {HTTP_GET, STR_INIT("/slow"), slow, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/fast"), fast, .flags = HTTP_PUBLIC | HTTP_QUICK},
    {HTTP_GET, STR_INIT("/work"), fast, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/peer"), peer, .flags = HTTP_PUBLIC | HTTP_QUICK},
    {HTTP_GET, STR_INIT("/page"), page, .flags = HTTP_PUBLIC | HTTP_QUICK},
    {HTTP_GET, STR_INIT("/big"), big, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/file"), file, .flags = HTTP_PUBLIC},
    {HTTP_GET, STR_INIT("/stream"), stream, .flags = HTTP_PUBLIC},
};

static const HttpRoutes TABLES[] = {
    {"Notes", NOTES_ROUTES, COUNT_OF(NOTES_ROUTES)},
    {"Other", OTHER_ROUTES, COUNT_OF(OTHER_ROUTES)},
};

HttpApp testapp = {.tables = TABLES, .ntables = COUNT_OF(TABLES), .title = "Test", .version = "1"};

void testapp_begin(void)
{
    static const unsigned char SECRET[32] = "a secret of thirty-two bytes ...";
    http_secret_set(SECRET);
    testapp_runs = 0;
    testapp_topic = http_topic_new();
    testapp.hooks = (HttpHooks){0};
    http_app_index(&testapp);
}

void testapp_end(void)
{
    http_topic_free(testapp_topic);
    http_app_done(&testapp);
}
