#include "journey/log.h"

#include "base/log.h"
#include "journey/disk.h"

#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { HEAD_BYTES = 16, RECORD_HEAD = 16, GROUP_BYTES = 32 << 20 };

struct Log {
    char           *dir;
    Seen           *seen;
    LogPublish     *publish;
    void           *arg;
    pthread_t       thread;
    pthread_mutex_t lock;
    pthread_cond_t  work, turned;
    LogBatch       *first, *last; /* waiting */
    bool            stop;
    uint64_t        turns_wanted, turns_done; /* rotations */
    Status          turn_status;
    Err             turn_err;
    /* of the thread alone, but for log_pause() */
    pthread_mutex_t busy;
    int             fd;
    uint64_t        number;
    int64_t         size;
    bool            dirty;   /* there is something behind `size` */
    bool            failing; /* that it is was logged */
    Buf             out;
};

static void file_name(char name[32], uint64_t number)
{
    (void)snprintf(name, 32, "%010llu.log", (unsigned long long)number);
}

Status log_begin(const char *path, uint64_t number, Err *err)
{
    CLEANUP(disk_close) int fd = -1;
    char                    head[HEAD_BYTES] = "RPLOG01";
    memcpy(head + 8, &number, 8);
    TRY(disk_create(path, &fd, err));
    TRY(disk_write(fd, head, sizeof head, err));
    return disk_sync(fd, err);
}

/* Begin file `number`. */
static Status begin_file(Log *l, uint64_t number, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    CLEANUP(disk_close) int   fd = -1;
    char                      name[32], head[HEAD_BYTES] = "RPLOG01";
    arena_init(&a, 1024);
    file_name(name, number);
    memcpy(head + 8, &number, 8);
    TRY(disk_create(disk_path(&a, l->dir, name), &fd, err));
    TRY(disk_write(fd, head, sizeof head, err));
    TRY(disk_sync(fd, err));
    TRY(disk_sync_dir(l->dir, err));
    disk_close(&l->fd);
    l->fd = fd;
    fd = -1;
    l->number = number;
    l->size = HEAD_BYTES;
    l->dirty = false;
    return ST_OK;
}

/* --- one group ----------------------------------------------------------------------- */

static void mark_repeated(Log *l, LogBatch *b, UnixMs now)
{
    b->stored = b->events;
    for (size_t i = 0; i < b->events; i++) {
        uint64_t message;
        memcpy(&message, b->bytes + b->at[i] + 1, sizeof message);
        if (message == 0 || seen_add(l->seen, message, now))
            continue;
        b->bytes[b->at[i]] |= 1;
        b->stored--;
    }
}

/* Newest first, as seen_remove() wants them. */
static void unmark(Log *l, LogBatch *b)
{
    for (size_t i = b->events; i-- > 0;) {
        uint64_t message;
        memcpy(&message, b->bytes + b->at[i] + 1, sizeof message);
        if (message != 0 && (b->bytes[b->at[i]] & 1) == 0)
            seen_remove(l->seen, message);
    }
}

static void add_record(Buf *out, const LogBatch *b)
{
    uint32_t head[2] = {(uint32_t)b->n, (uint32_t)b->events};
    uint64_t sum = XXH3_64bits_withSeed(b->bytes, b->n, b->events);
    buf_add(out, (Str){(const char *)head, sizeof head});
    buf_add(out, (Str){(const char *)&sum, sizeof sum});
    buf_add(out, (Str){b->bytes, b->n});
}

/* After a failure the file is cut where it was sound, and a new one is begun: what a failed
 * fsync leaves behind cannot be known. */
static Status clean(Log *l, Err *err)
{
    if (!l->dirty)
        return ST_OK;
    TRY(disk_truncate(l->fd, l->size, err));
    TRY(disk_sync(l->fd, err));
    return begin_file(l, l->number + 1, err);
}

static Status write_group(Log *l, Err *err)
{
    TRY(clean(l, err));
    l->dirty = true;
    TRY(disk_write(l->fd, l->out.ptr, l->out.len, err));
    TRY(disk_sync(l->fd, err));
    l->dirty = false;
    l->size += (int64_t)l->out.len;
    return ST_OK;
}

static void finish(Log *l, LogBatch *b, Status st, const Err *err)
{
    JourneyReceipt receipt = {(int64_t)b->stored, (int64_t)(b->events - b->stored)};
    JourneyDone   *done = b->done;
    void          *arg = b->arg;
    b->next = NULL;
    if (st == ST_OK) {
        free(b->at);
        b->at = NULL;
        b->log = l->number;
        l->publish(l->arg, b);
    } else {
        batch_unref(b);
    }
    done(arg, st, &receipt, err);
}

/* Batches from `first` to the end, reversed in place and back, to undo newest first. */
static LogBatch *reversed(LogBatch *b)
{
    LogBatch *r = NULL;
    while (b != NULL) {
        LogBatch *next = b->next;
        b->next = r;
        r = b;
        b = next;
    }
    return r;
}

/* Once when it begins, and once when it has passed: whoever sent is told each time. */
static void tell_failing(Log *l, Status st, const Err *err)
{
    if (st != ST_OK && !l->failing)
        log_event(LOG_ERROR, "journey.not_written", log_s("code", str_from_cstr(err->code)),
                  log_s("msg", str_from_cstr(err->msg)));
    if (st == ST_OK && l->failing)
        log_event(LOG_INFO, "journey.written_again", log_i("file", (int64_t)l->number));
    l->failing = st != ST_OK;
}

static void run_group(Log *l, LogBatch *group)
{
    Err    err = {0};
    UnixMs now = clock_now();
    buf_clear(&l->out);
    for (LogBatch *b = group; b != NULL; b = b->next) {
        mark_repeated(l, b, now);
        add_record(&l->out, b);
    }
    Status st = write_group(l, &err);
    tell_failing(l, st, &err);
    if (st != ST_OK) {
        group = reversed(group);
        for (LogBatch *b = group; b != NULL; b = b->next)
            unmark(l, b);
        group = reversed(group);
        Err other;
        if (clean(l, &other) != ST_OK)
            l->dirty = true; /* once more before the next group */
    }
    for (LogBatch *b = group, *next; b != NULL; b = next) {
        next = b->next;
        finish(l, b, st, &err);
    }
}

/* --- the thread ---------------------------------------------------------------------- */

/* Those that wait, as many as make one write. */
static LogBatch *take_group(Log *l)
{
    LogBatch *group = l->first, *b = group;
    size_t    bytes = b->n;
    while (b->next != NULL && bytes + b->next->n <= GROUP_BYTES) {
        b = b->next;
        bytes += b->n;
    }
    l->first = b->next;
    if (l->first == NULL)
        l->last = NULL;
    b->next = NULL;
    return group;
}

/* Begin a new file for those who wait for one. Called and left with the lock held. */
static void turn(Log *l)
{
    uint64_t wanted = l->turns_wanted;
    Err      err = {0};
    pthread_mutex_unlock(&l->lock);
    pthread_mutex_lock(&l->busy);
    Status st = clean(l, &err);
    if (st == ST_OK && l->size > HEAD_BYTES) /* one without records serves as well */
        st = begin_file(l, l->number + 1, &err);
    pthread_mutex_unlock(&l->busy);
    pthread_mutex_lock(&l->lock);
    l->turns_done = wanted;
    l->turn_status = st;
    l->turn_err = err;
    pthread_cond_broadcast(&l->turned);
}

static void *run(void *arg)
{
    Log *l = arg;
    pthread_mutex_lock(&l->lock);
    for (;;) {
        while (l->first == NULL && !l->stop && l->turns_done == l->turns_wanted)
            pthread_cond_wait(&l->work, &l->lock);
        if (l->turns_done != l->turns_wanted) {
            turn(l);
        } else if (l->first != NULL) {
            LogBatch *group = take_group(l);
            pthread_mutex_unlock(&l->lock);
            pthread_mutex_lock(&l->busy);
            run_group(l, group);
            pthread_mutex_unlock(&l->busy);
            pthread_mutex_lock(&l->lock);
        } else if (l->stop) {
            break;
        }
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

Status log_open(const char *dir, uint64_t number, Seen *seen, LogPublish *publish, void *arg,
                Log **ret, Err *err)
{
    Log *l = calloc(1, sizeof *l);
    if (l == NULL)
        base_out_of_memory(sizeof *l);
    *l = (Log){.dir = strdup(dir), .seen = seen, .publish = publish, .arg = arg, .fd = -1};
    buf_init(&l->out, SIZE_MAX / 4);
    pthread_mutex_init(&l->lock, NULL);
    pthread_mutex_init(&l->busy, NULL);
    pthread_cond_init(&l->work, NULL);
    pthread_cond_init(&l->turned, NULL);
    Status st = begin_file(l, number, err);
    if (st == ST_OK && pthread_create(&l->thread, NULL, run, l) != 0)
        st = err_set(err, ST_IO, "journey.disk", "no thread can be started");
    if (st == ST_OK) {
        *ret = l;
        return ST_OK;
    }
    disk_close(&l->fd);
    free(l->dir);
    free(l);
    return st;
}

void log_close(Log *l)
{
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_signal(&l->work);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    disk_close(&l->fd);
    buf_done(&l->out);
    pthread_mutex_destroy(&l->lock);
    pthread_mutex_destroy(&l->busy);
    pthread_cond_destroy(&l->work);
    pthread_cond_destroy(&l->turned);
    free(l->dir);
    free(l);
}

void log_append(Log *l, LogBatch *b)
{
    pthread_mutex_lock(&l->lock);
    if (l->last != NULL)
        l->last->next = b;
    else
        l->first = b;
    l->last = b;
    pthread_cond_signal(&l->work);
    pthread_mutex_unlock(&l->lock);
}

Status log_rotate(Log *l, uint64_t *ret_number, Err *err)
{
    pthread_mutex_lock(&l->lock);
    uint64_t mine = ++l->turns_wanted;
    pthread_cond_signal(&l->work);
    while (l->turns_done < mine)
        pthread_cond_wait(&l->turned, &l->lock);
    Status st = l->turn_status;
    if (st != ST_OK)
        *err = l->turn_err;
    pthread_mutex_unlock(&l->lock);
    TRY(st);
    pthread_mutex_lock(&l->busy);
    *ret_number = l->number;
    pthread_mutex_unlock(&l->busy);
    return ST_OK;
}

Status log_pause(Log *l, Status (*fn)(void *arg, Err *err), void *arg, Err *err)
{
    pthread_mutex_lock(&l->busy);
    Status st = fn(arg, err);
    pthread_mutex_unlock(&l->busy);
    return st;
}

int64_t log_size(Log *l)
{
    pthread_mutex_lock(&l->busy);
    int64_t n = l->size;
    pthread_mutex_unlock(&l->busy);
    return n;
}

/* --- replay -------------------------------------------------------------------------- */

static void count_event(void *arg, const JourneyEvent *event, uint64_t message)
{
    (void)event;
    (void)message;
    ++*(size_t *)arg;
}

Status log_head_check(const char *path, uint64_t number, bool *ret_sound, Err *err)
{
    char  *bytes, head[HEAD_BYTES] = "RPLOG01";
    size_t size;
    memcpy(head + 8, &number, 8);
    TRY(disk_read(path, &bytes, &size, err));
    *ret_sound = size < HEAD_BYTES || memcmp(bytes, head, HEAD_BYTES) == 0;
    free(bytes);
    return ST_OK;
}

/* The payload of the record at `at`; empty: it is not sound. */
static Str sound_record(const char *bytes, size_t size, size_t at, uint32_t *ret_events)
{
    uint32_t head[2];
    uint64_t sum;
    if (size - at < RECORD_HEAD)
        return (Str){0};
    memcpy(head, bytes + at, sizeof head);
    memcpy(&sum, bytes + at + 8, sizeof sum);
    Str payload = {bytes + at + RECORD_HEAD, head[0]};
    if (payload.len == 0 || payload.len > size - at - RECORD_HEAD || head[1] > payload.len ||
        payload.len > JOURNEY_BATCH_BYTES || head[1] > JOURNEY_BATCH_MAX ||
        XXH3_64bits_withSeed(payload.ptr, payload.len, head[1]) != sum)
        return (Str){0};
    *ret_events = head[1];
    return payload;
}

static LogBatch *batch_of(Str payload, uint32_t events, uint64_t number)
{
    LogBatch *b = calloc(1, sizeof *b);
    char     *copy = malloc(payload.len);
    if (b == NULL || copy == NULL)
        base_out_of_memory(payload.len);
    memcpy(copy, payload.ptr, payload.len);
    *b = (LogBatch){.bytes = copy, .n = payload.len, .events = events, .log = number};
    atomic_store(&b->refs, 1);
    if (batch_each(payload, count_event, &b->stored))
        return b;
    batch_unref(b);
    return NULL;
}

/* Where the next sound record begins; `size`: there is none. Records are of any length, so it may
 * be anywhere; mostly it is where the damaged one says that it ends. */
static size_t next_sound(const char *bytes, size_t size, size_t at)
{
    uint32_t events, length = 0;
    if (size - at >= RECORD_HEAD)
        memcpy(&length, bytes + at, sizeof length);
    size_t said = at + RECORD_HEAD + length;
    if (said < size && sound_record(bytes, size, said, &events).len > 0)
        return said;
    for (size_t k = at + 1; k + RECORD_HEAD < size; k++)
        if (sound_record(bytes, size, k, &events).len > 0)
            return k;
    return size;
}

static void replay_records(const char *bytes, size_t size, uint64_t number, LogBatchFn *fn,
                           void *arg, LogState *ret)
{
    size_t at = HEAD_BYTES;
    while (at < size) {
        uint32_t  events = 0;
        Str       payload = sound_record(bytes, size, at, &events);
        LogBatch *b = payload.len > 0 ? batch_of(payload, events, number) : NULL;
        if (b != NULL) {
            fn(arg, b);
            at += RECORD_HEAD + payload.len;
            ret->size = (int64_t)at;
            continue;
        }
        size_t next = next_sound(bytes, size, at);
        if (next < size && ret->damaged < 0)
            ret->damaged = (int64_t)at;
        at = next;
    }
}

Status log_replay(const char *path, uint64_t number, LogBatchFn *fn, void *arg, LogState *ret,
                  Err *err)
{
    char  *bytes;
    size_t size;
    TRY(disk_read(path, &bytes, &size, err));
    *ret = (LogState){.damaged = -1};
    bool begun = size >= HEAD_BYTES && memcmp(bytes, "RPLOG01", 8) == 0;
    if (begun || size > HEAD_BYTES) { /* else nothing was acknowledged */
        ret->size = HEAD_BYTES;       /* a damaged head: records have checksums of their own */
        replay_records(bytes, size, number, fn, arg, ret);
    }
    ret->torn = ret->size != (int64_t)size;
    free(bytes);
    return ST_OK;
}
