#include "http/http_log.h"

#include "base/log.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1 << 20, LINE_MAX_ = 1024 };

static struct {
    pthread_mutex_t lock;
    int             users; /* servers that flush */
    size_t          n;
    int64_t         dropped;
    char            bytes[BUFFER_SIZE];
} buffer = {.lock = PTHREAD_MUTEX_INITIALIZER};

int64_t http_log_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void write_all(const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(log_fd, p, n);
        if (done <= 0)
            return; /* nobody reads it: nothing else to do */
        p += done;
        n -= (size_t)done;
    }
}

void http_log_buffered(bool on)
{
    pthread_mutex_lock(&buffer.lock);
    buffer.users += on ? 1 : -1;
    pthread_mutex_unlock(&buffer.lock);
    http_log_flush();
}

void http_log_flush(void)
{
    static char            out[BUFFER_SIZE];
    static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&writing);
    pthread_mutex_lock(&buffer.lock);
    size_t  n = buffer.n;
    int64_t dropped = buffer.dropped;
    memcpy(out, buffer.bytes, n);
    buffer.n = 0;
    buffer.dropped = 0;
    pthread_mutex_unlock(&buffer.lock);
    write_all(out, n);
    pthread_mutex_unlock(&writing);
    if (dropped > 0)
        log_event(LOG_WARN, "http.log_dropped", log_i("lines", dropped));
}

static void put_line(const char *line, size_t n)
{
    pthread_mutex_lock(&buffer.lock);
    bool direct = buffer.users == 0;
    if (!direct && n <= sizeof buffer.bytes - buffer.n) {
        memcpy(buffer.bytes + buffer.n, line, n);
        buffer.n += n;
    } else if (!direct) {
        buffer.dropped++;
    }
    pthread_mutex_unlock(&buffer.lock);
    if (direct)
        write_all(line, n);
}

/* A line is put together by hand: at tens of thousands of lines per second, printf would
 * cost more than many a request. */
typedef struct Line {
    char   text[LINE_MAX_];
    size_t n;
} Line;

static void add(Line *l, Str s)
{
    size_t room = sizeof l->text - 1 - l->n;
    size_t n = s.len < room ? s.len : room;
    if (n > 0)
        memcpy(l->text + l->n, s.ptr, n);
    l->n += n;
}

static void add_i64(Line *l, Str key, int64_t v)
{
    char     digits[24];
    size_t   at = sizeof digits;
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do {
        digits[--at] = (char)('0' + u % 10);
        u /= 10;
    } while (u > 0);
    add(l, key);
    if (v < 0)
        add(l, STR("-"));
    add(l, (Str){digits + at, sizeof digits - at});
}

/* Values here are ours or were checked; quotes and controls are replaced all the same. */
static void add_text(Line *l, Str key, Str s)
{
    add(l, key);
    size_t from = l->n;
    add(l, s);
    for (size_t i = from; i < l->n; i++)
        if ((unsigned char)l->text[i] <= 0x20 || l->text[i] == '"')
            l->text[i] = '_';
}

/* "203.0.113.77" -> "203.0.113.0", "2001:db8:1:2::3" -> "2001:db8:1::" */
static void add_net(Line *l, Str peer)
{
    bool   v6 = peer.len > 0 && memchr(peer.ptr, ':', peer.len) != NULL;
    size_t n = 0;
    for (int dots = 0; n < peer.len; n++)
        if (peer.ptr[n] == (v6 ? ':' : '.') && ++dots == 3)
            break;
    if (peer.len == 0)
        return;
    add_text(l, STR(" net="), (Str){peer.ptr, n});
    add(l, v6 ? STR("::") : STR(".0"));
}

static void add_failure(Line *l, const Err *err)
{
    add_text(l, STR(" code="), str_from_cstr(err->code));
    add(l, STR(" msg=\""));
    size_t from = l->n;
    add(l, str_from_cstr(err->msg));
    for (size_t i = from; i < l->n; i++)
        if ((unsigned char)l->text[i] < 0x20 || l->text[i] == '"' || l->text[i] == '\\')
            l->text[i] = '\'';
    add(l, STR("\""));
    add_text(l, STR(" file="), str_from_cstr(err->file));
    add_i64(l, STR(" line="), err->line);
}

void http_log_request(const Cx *cx, const HttpReq *rq, const HttpResp *rs, int64_t bytes,
                      int64_t us)
{
    LogLevel level = rs->status >= 500 ? LOG_ERROR : LOG_INFO;
    if (level < log_min_level)
        return;
    Line l;
    l.n = 0;
    char ts[CLOCK_TEXT_LEN];
    clock_put(ts, cx->now);
    add_text(&l, STR("ts="), (Str){ts, sizeof ts});
    add(&l, level == LOG_ERROR ? STR(" level=error") : STR(" level=info"));
    add_text(&l, STR(" event=http.request id="), cx->request_id);
    add_text(&l, STR(" method="),
             rq->head ? STR("HEAD") : str_from_cstr(http_method_name(rq->method)));
    add_text(&l, STR(" route="), rq->route != NULL ? rq->route->pattern : STR("-"));
    add_i64(&l, STR(" status="), rs->status);
    add_i64(&l, STR(" bytes="), bytes);
    add_i64(&l, STR(" us="), us);
    add_i64(&l, STR(" sql="), cx->statements);
    add_net(&l, rq->peer);
    if (level == LOG_ERROR)
        add_failure(&l, &cx->err);
    else if (rs->status >= 400 && cx->err.code != NULL)
        add_text(&l, STR(" code="), str_from_cstr(cx->err.code));
    l.text[l.n++] = '\n';
    put_line(l.text, l.n);
}
