#include "channel/track/queue.h"

#include "base/fault.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

typedef struct Put {
    struct Put *next;
    QueueDone  *done;
    void       *arg;
    size_t      n;
    char        bytes[];
} Put;

typedef struct Place {
    int64_t number, offset;
} Place;

struct Queue {
    char           *dir;
    int             dir_fd;
    pthread_t       thread;
    pthread_mutex_t lock;
    pthread_cond_t  work, more;
    Put            *first, *last;
    bool            closing, stopped;
    int64_t         waiting; /* bytes of `first` … */
    Place           end;     /* durable up to here */
    Place           at;      /* read up to here … */
    Place           worked;  /* … and worked off */
    int             fd;      /* of end.number; the thread's */
    bool            dirty;   /* the last write failed */
    bool            failing; /* that it does was logged */
    UnixMs          begun;   /* when end.number was */
    int             read_fd; /* of read_number; of the reader */
    int64_t         read_number;
    _Atomic int64_t backlog;
    _Atomic int64_t turn_ms; /* a file is written that long */
};

static Status fail(const char *what, Err *err)
{
    char text[64];
    if (errno == ENOSPC || errno == EDQUOT)
        return err_set(err, ST_BUSY, "track.full", "the disk is full");
    return err_set(err, ST_IO, "track.disk", "cannot %s the queue: %s", what,
                   strerror_r(errno, text, sizeof text));
}

static void file_name(char name[40], int64_t number)
{
    (void)snprintf(name, 40, "queue-%010lld", (long long)number);
}

static int open_file(const Queue *q, int64_t number, int flags)
{
    char name[40];
    file_name(name, number);
    if (fault_hit()) {
        errno = EIO;
        return -1;
    }
    return openat(q->dir_fd, name, flags | O_CLOEXEC, 0600);
}

static uint64_t sum_of(Str json)
{
    return XXH3_64bits_withSeed(json.ptr, json.len, json.len);
}

void queue_add(Buf *b, Str json)
{
    uint32_t n = (uint32_t)json.len;
    uint64_t sum = sum_of(json);
    buf_add(b, (Str){(const char *)&n, sizeof n});
    buf_add(b, (Str){(const char *)&sum, sizeof sum});
    buf_add(b, json);
}

/* --- writing --------------------------------------------------------------------------------- */

static Status begin_file(Queue *q, int64_t number, Err *err)
{
    int fd = open_file(q, number, O_RDWR | O_CREAT | O_TRUNC);
    if (fd < 0)
        return fail("make", err);
    if (fsync(fd) != 0 || fsync(q->dir_fd) != 0) {
        (void)close(fd);
        return fail("make", err);
    }
    if (q->fd >= 0)
        (void)close(q->fd);
    q->fd = fd;
    q->begun = clock_now();
    pthread_mutex_lock(&q->lock);
    q->end = (Place){number, 0};
    pthread_cond_signal(&q->more);
    pthread_mutex_unlock(&q->lock);
    q->dirty = false;
    return ST_OK;
}

static Status write_all(Queue *q, Str bytes, int64_t at, Err *err)
{
    while (bytes.len > 0) {
        bool    full = fault_hit();
        ssize_t n = full ? -1 : pwrite(q->fd, bytes.ptr, bytes.len, at);
        if (full)
            errno = ENOSPC;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail("write", err);
        bytes = (Str){bytes.ptr + n, bytes.len - (size_t)n};
        at += n;
    }
    return fdatasync(q->fd) == 0 ? ST_OK : fail("write", err);
}

/* Files go when they were worked off, and what people sent with them. */
static bool queue_is_old(const Queue *q)
{
    return q->end.offset > 0 && clock_now().v - q->begun.v >= atomic_load(&q->turn_ms);
}

/* What a failed write left behind cannot be known: a new file is begun. */
static Status write_group(Queue *q, Put *group, Err *err)
{
    size_t n = 0, at = 0;
    if (q->dirty || q->end.offset > QUEUE_FILE_BYTES || queue_is_old(q)) {
        if (q->dirty && ftruncate(q->fd, q->end.offset) != 0)
            return fail("cut", err);
        TRY(begin_file(q, q->end.number + 1, err));
    }
    for (const Put *p = group; p != NULL; p = p->next)
        n += p->n;
    char *bytes = malloc(n + 1);
    if (bytes == NULL)
        base_out_of_memory(n);
    for (const Put *p = group; p != NULL; p = p->next) {
        memcpy(bytes + at, p->bytes, p->n);
        at += p->n;
    }
    q->dirty = true;
    Status st = write_all(q, (Str){bytes, n}, q->end.offset, err);
    free(bytes);
    if (st != ST_OK)
        return st;
    q->dirty = false;
    pthread_mutex_lock(&q->lock);
    q->end.offset += (int64_t)n;
    pthread_cond_signal(&q->more);
    pthread_mutex_unlock(&q->lock);
    atomic_fetch_add(&q->backlog, (int64_t)n);
    return ST_OK;
}

static void tell_failing(Queue *q, Status st, const Err *err)
{
    if (st != ST_OK && !q->failing)
        log_event(LOG_ERROR, "track.not_written", log_s("code", str_from_cstr(err->code)),
                  log_s("msg", str_from_cstr(err->msg)));
    if (st == ST_OK && q->failing)
        log_event(LOG_INFO, "track.written_again", log_i("file", q->end.number));
    q->failing = st != ST_OK;
}

/* Until something comes, or it is time to see how old the file is. */
static void wait_for_work(Queue *q)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += atomic_load(&q->turn_ms) / 1000 + 1;
    (void)pthread_cond_timedwait(&q->work, &q->lock, &until);
}

void queue_turn_after(Queue *q, int64_t ms)
{
    pthread_mutex_lock(&q->lock);
    atomic_store(&q->turn_ms, ms);
    pthread_cond_signal(&q->work);
    pthread_mutex_unlock(&q->lock);
}

static void *run(void *arg)
{
    Queue *q = arg;
    pthread_mutex_lock(&q->lock);
    for (;;) {
        Err    err = {0};
        Status st;
        if (q->first == NULL && !q->closing)
            wait_for_work(q);
        Put *group = q->first;
        if (group == NULL && q->closing)
            break;
        if (group == NULL) { /* nothing came for a while */
            pthread_mutex_unlock(&q->lock);
            if (queue_is_old(q) && begin_file(q, q->end.number + 1, &err) != ST_OK)
                tell_failing(q, ST_IO, &err);
            pthread_mutex_lock(&q->lock);
            continue;
        }
        q->first = q->last = NULL;
        q->waiting = 0;
        pthread_mutex_unlock(&q->lock);
        st = atomic_load(&q->backlog) > QUEUE_BACKLOG_MAX
                 ? err_set(&err, ST_BUSY, "track.full", "too much waits to be worked off")
                 : write_group(q, group, &err);
        tell_failing(q, st, &err);
        for (Put *p = group, *next; p != NULL; p = next) {
            next = p->next;
            p->done(p->arg, st, &err);
            free(p);
        }
        pthread_mutex_lock(&q->lock);
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

void queue_put(Queue *q, Str records, QueueDone *done, void *arg)
{
    Put *p = malloc(sizeof *p + records.len);
    if (p == NULL)
        base_out_of_memory(records.len);
    *p = (Put){.done = done, .arg = arg, .n = records.len};
    memcpy(p->bytes, records.ptr, records.len);
    pthread_mutex_lock(&q->lock);
    if (q->last != NULL)
        q->last->next = p;
    else
        q->first = p;
    q->last = p;
    pthread_cond_signal(&q->work);
    pthread_mutex_unlock(&q->lock);
}

/* --- reading --------------------------------------------------------------------------------- */

static bool wait_for_more(Queue *q, int ms, Place *ret_end)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&q->lock);
    int rc = 0;
    while (!q->stopped && rc == 0 && q->at.number == q->end.number && q->at.offset == q->end.offset)
        rc = pthread_cond_timedwait(&q->more, &q->lock, &until);
    *ret_end = q->end;
    bool any = q->at.number != q->end.number || q->at.offset != q->end.offset;
    pthread_mutex_unlock(&q->lock);
    return any;
}

static bool read_at(int fd, char *to, size_t n, int64_t at)
{
    while (n > 0) {
        ssize_t got = pread(fd, to, n, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        n -= (size_t)got;
        at += got;
    }
    return true;
}

static bool read_record(Queue *q, Arena *a, int64_t end, QueueRecord *ret)
{
    char     head[QUEUE_HEAD];
    uint32_t n;
    uint64_t sum;
    if (end - q->at.offset < QUEUE_HEAD || !read_at(q->read_fd, head, sizeof head, q->at.offset))
        return false;
    memcpy(&n, head, sizeof n);
    memcpy(&sum, head + 4, sizeof sum);
    if (n > QUEUE_RECORD_MAX || (int64_t)n > end - q->at.offset - QUEUE_HEAD)
        return false;
    char *json = arena_array(a, char, n + 1);
    if (!read_at(q->read_fd, json, n, q->at.offset + QUEUE_HEAD) || sum_of((Str){json, n}) != sum)
        return false;
    *ret = (QueueRecord){.place = q->at.number << 32 | q->at.offset, .json = {json, n}};
    q->at.offset += QUEUE_HEAD + (int64_t)n;
    return true;
}

/* Behind a record that is damaged: the place of the next sound one, -1 when there is none. Records
 * are of any length, so it is looked for byte by byte; this is rare, and a file is of bounded size.
 */
static int64_t next_sound(const Queue *q, int64_t end)
{
    int64_t from = q->at.offset + 1, found = -1;
    size_t  n = end > from ? (size_t)(end - from) : 0;
    char   *bytes = malloc(n + 1);
    if (bytes == NULL)
        base_out_of_memory(n);
    bool readable = read_at(q->read_fd, bytes, n, from);
    for (size_t k = 0; readable && found < 0 && k + QUEUE_HEAD < n; k++) {
        uint32_t len;
        uint64_t sum;
        memcpy(&len, bytes + k, sizeof len);
        memcpy(&sum, bytes + k + 4, sizeof sum);
        const char *json = bytes + k + QUEUE_HEAD;
        if (*json == '{' && len <= QUEUE_RECORD_MAX && len <= n - k - QUEUE_HEAD &&
            sum_of((Str){json, len}) == sum)
            found = from + (int64_t)k;
    }
    free(bytes);
    return found;
}

/* One flipped bit costs its record, not those behind it. */
static bool pass_over(Queue *q, int64_t size)
{
    int64_t next = q->read_fd >= 0 && q->at.offset < size ? next_sound(q, size) : -1;
    if (next < 0)
        return false;
    log_event(LOG_ERROR, "track.damaged", log_i("file", q->at.number), log_i("from", q->at.offset),
              log_i("to", next));
    pthread_mutex_lock(&q->lock);
    q->at.offset = next;
    pthread_mutex_unlock(&q->lock);
    return true;
}

/* The file to read from; its end. A file that is not there any more is passed over. */
static int64_t file_end(Queue *q, Place end)
{
    struct stat info;
    if (q->read_number != q->at.number || q->read_fd < 0) {
        if (q->read_fd >= 0)
            (void)close(q->read_fd);
        q->read_fd = open_file(q, q->at.number, O_RDONLY);
        q->read_number = q->at.number;
    }
    if (q->read_fd < 0)
        return 0;
    if (q->at.number == end.number)
        return end.offset;
    return fstat(q->read_fd, &info) == 0 ? info.st_size : 0;
}

Status queue_read(Queue *q, Arena *a, QueueRecord *ret, size_t max, int ms, size_t *ret_n, Err *err)
{
    Place end;
    *ret_n = 0;
    if (!wait_for_more(q, ms, &end))
        return ST_OK;
    while (*ret_n < max) {
        int64_t size = file_end(q, end);
        if (read_record(q, a, size, &ret[*ret_n])) {
            ++*ret_n;
        } else if (pass_over(q, size)) {
            continue;
        } else if (q->at.number < end.number) { /* its end, or what a crash tore */
            if (q->at.offset < size)
                log_event(LOG_WARN, "track.torn", log_i("file", q->at.number),
                          log_i("from", q->at.offset), log_i("to", size));
            pthread_mutex_lock(&q->lock);
            q->at = (Place){q->at.number + 1, 0};
            pthread_mutex_unlock(&q->lock);
        } else if (q->at.offset < size) {
            return err_set(err, ST_IO, "track.disk", "the queue is damaged");
        } else {
            break;
        }
    }
    return ST_OK;
}

/* --- how far it is --------------------------------------------------------------------------- */

typedef struct AtFile {
    Place    at;
    uint64_t sum;
} AtFile;

static void remove_files(Queue *q, int64_t before)
{
    for (int64_t n = q->worked.number; n < before; n++) {
        char name[40];
        file_name(name, n);
        (void)unlinkat(q->dir_fd, name, 0);
    }
}

void queue_worked(Queue *q)
{
    AtFile f = {.at = q->at};
    if (q->at.number == q->worked.number && q->at.offset == q->worked.offset)
        return;
    f.sum = XXH3_64bits(&f.at, sizeof f.at);
    int fd = openat(q->dir_fd, "at", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        ssize_t n = pwrite(fd, &f, sizeof f, 0);
        (void)n; /* then some of it is worked off again */
        (void)close(fd);
    }
    remove_files(q, q->at.number);
    pthread_mutex_lock(&q->lock);
    q->worked = q->at;
    int64_t left = q->end.number == q->at.number ? q->end.offset - q->at.offset : -1;
    pthread_mutex_unlock(&q->lock);
    if (left >= 0)
        atomic_store(&q->backlog, left);
}

int64_t queue_backlog(Queue *q)
{
    pthread_mutex_lock(&q->lock);
    bool done =
        q->first == NULL && q->worked.number == q->end.number && q->worked.offset == q->end.offset;
    pthread_mutex_unlock(&q->lock);
    int64_t n = atomic_load(&q->backlog);
    return done ? 0 : n > 0 ? n : 1;
}

void queue_stop(Queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->stopped = true;
    pthread_cond_broadcast(&q->more);
    pthread_mutex_unlock(&q->lock);
}

/* --- opening --------------------------------------------------------------------------------- */

/* The smallest and the largest number of a file; 0: there is none. */
static void numbers(const Queue *q, int64_t *ret_first, int64_t *ret_last)
{
    DIR           *dir = opendir(q->dir);
    struct dirent *e;
    *ret_first = *ret_last = 0;
    while (dir != NULL &&
           (e = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe): this DIR is ours */
        Str     name = str_from_cstr(e->d_name);
        int64_t n;
        if (!str_starts(name, STR("queue-")) || !str_parse_i64(str_skip(name, 6), &n) || n <= 0)
            continue;
        *ret_first = *ret_first == 0 || n < *ret_first ? n : *ret_first;
        *ret_last = n > *ret_last ? n : *ret_last;
    }
    if (dir != NULL)
        (void)closedir(dir);
}

/* --- checking
 * ------------------------------------------------------------------------------------- */

typedef struct QueueCheck {
    Queue         q; /* for reading alone */
    bool          written;
    QueueFinding *fn;
    void         *arg;
    int64_t       found;
} QueueCheck;

static void tell(QueueCheck *c, const char *name, int64_t at)
{
    char what[100];
    (void)snprintf(what, sizeof what, "track/%s, byte %lld: checksum", name, (long long)at);
    c->found++;
    c->fn(c->arg, what);
}

static void check_file(QueueCheck *c, bool last)
{
    CLEANUP(arena_done) Arena a = {.block_size = 64 << 10};
    char                      name[40];
    QueueRecord               record;
    file_name(name, c->q.at.number);
    int64_t size = file_end(&c->q, (Place){c->q.at.number + 1, 0});
    while (c->q.at.offset < size) {
        if (read_record(&c->q, &a, size, &record)) {
            if (a.used > 4 << 20)
                arena_reset(&a);
            continue;
        }
        int64_t at = c->q.at.offset, next = next_sound(&c->q, size);
        if (next >= 0 || !(last && c->written))
            tell(c, name, at);
        c->q.at.offset = next >= 0 ? next : size;
    }
}

int64_t queue_check(const char *dir, bool written, QueueFinding *fn, void *arg)
{
    QueueCheck c = {.q = {.dir = (char *)(uintptr_t)dir, .read_fd = -1},
                    .written = written,
                    .fn = fn,
                    .arg = arg};
    int64_t    first, last;
    AtFile     f = {0};
    c.q.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c.q.dir_fd < 0)
        return 0; /* no event has come yet */
    int fd = openat(c.q.dir_fd, "at", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 &&
        !(read_at(fd, (char *)&f, sizeof f, 0) && XXH3_64bits(&f.at, sizeof f.at) == f.sum))
        tell(&c, "at", 0);
    if (fd >= 0)
        (void)close(fd);
    numbers(&c.q, &first, &last);
    for (int64_t n = first; n > 0 && n <= last; n++) {
        c.q.at = (Place){n, 0};
        check_file(&c, n == last);
    }
    if (c.q.read_fd >= 0)
        (void)close(c.q.read_fd);
    (void)close(c.q.dir_fd);
    return c.found;
}

static Place read_at_file(const Queue *q)
{
    AtFile f = {0};
    int    fd = openat(q->dir_fd, "at", O_RDONLY | O_CLOEXEC);
    bool   fine =
        fd >= 0 && read_at(fd, (char *)&f, sizeof f, 0) && XXH3_64bits(&f.at, sizeof f.at) == f.sum;
    if (fd >= 0)
        (void)close(fd);
    return fine ? f.at : (Place){0};
}

static Status prepare(Queue *q, Err *err)
{
    int64_t first, last;
    if (mkdir(q->dir, 0700) != 0 && errno != EEXIST)
        return fail("make the folder of", err);
    q->dir_fd = open(q->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (q->dir_fd < 0)
        return fail("open the folder of", err);
    numbers(q, &first, &last);
    q->at = read_at_file(q);
    if (q->at.number < first || q->at.number > last)
        q->at = (Place){first, 0};
    TRY(begin_file(q, last + 1, err));
    if (q->at.number == 0)
        q->at = q->end;
    q->worked = q->at;
    atomic_store(&q->backlog, q->at.number != q->end.number);
    return ST_OK;
}

static void free_queue(Queue *q)
{
    if (q->fd >= 0)
        (void)close(q->fd);
    if (q->read_fd >= 0)
        (void)close(q->read_fd);
    if (q->dir_fd >= 0)
        (void)close(q->dir_fd);
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->work);
    pthread_cond_destroy(&q->more);
    free(q->dir);
    free(q);
}

Status queue_open(const char *dir, Queue **ret, Err *err)
{
    Queue *q = calloc(1, sizeof *q);
    if (q == NULL)
        base_out_of_memory(sizeof *q);
    q->dir = strdup(dir);
    q->turn_ms = QUEUE_TURN_MS;
    q->fd = q->read_fd = q->dir_fd = -1;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->work, NULL);
    pthread_cond_init(&q->more, NULL);
    Status st = prepare(q, err);
    if (st == ST_OK && pthread_create(&q->thread, NULL, run, q) != 0)
        st = err_set(err, ST_IO, "track.disk", "no thread can be started");
    if (st != ST_OK) {
        free_queue(q);
        return st;
    }
    *ret = q;
    return ST_OK;
}

void queue_close(Queue *q)
{
    if (q == NULL)
        return;
    pthread_mutex_lock(&q->lock);
    q->closing = true;
    pthread_cond_signal(&q->work);
    pthread_mutex_unlock(&q->lock);
    pthread_join(q->thread, NULL);
    free_queue(q);
}
