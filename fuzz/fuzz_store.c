/* The files that a server finds when it starts: of the journey's store and of the tracker's queue.
 * The first byte says which: M the manifest, L links, g the log, e message ids seen, q the queue, a
 * how far it was worked off; each is opened as it is, and ('m', 'l', 'G', 'E', 'Q', 'A') with
 * checksums made right: what they say is not to be trusted.
 *
 * Whatever is there: opening, checking and mending come to an end, and what was mended is sound. */
#include "base/log.h"
#include "channel/track/queue.h"
#include "journey/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 16 };

static char folder[64];

static void empty(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *e;
         d != NULL && (e = readdir(d)) != NULL;) /* NOLINT(concurrency-mt-unsafe) */
        (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d != NULL)
        (void)closedir(d);
}

static void clean(void)
{
    char damaged[80];
    (void)snprintf(damaged, sizeof damaged, "%s/damaged", folder);
    empty(damaged);
    (void)rmdir(damaged);
    empty(folder);
}

static void put(const char *name, const unsigned char *p, size_t n)
{
    char path[100];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, p, n) != (ssize_t)n)
        abort();
    (void)close(fd);
}

/* --- checksums made right ------------------------------------------------------------------- */

static void set(unsigned char *p, uint64_t sum)
{
    memcpy(p, &sum, sizeof sum);
}

static uint32_t number(const unsigned char *p)
{
    uint32_t n;
    memcpy(&n, p, sizeof n);
    return n;
}

static void right_whole(unsigned char *p, size_t n) /* the manifest, how far the queue is */
{
    if (n >= 8)
        set(p + n - 8, XXH3_64bits(p, n - 8));
}

static void right_links(unsigned char *p, size_t n)
{
    for (size_t at = 0; n - at >= 16;) {
        uint64_t count = number(p + at + 4), seed = (uint64_t)number(p + at) << 32 | count;
        if (count > (n - at - 16) / 8)
            return;
        set(p + at + 8, XXH3_64bits_withSeed(p + at + 16, count * 8, seed));
        at += 16 + count * 8;
    }
}

/* The seed stands before the sum: the number of a record, or its bytes. */
static void right_records(unsigned char *p, size_t n, size_t from, size_t head, size_t sum)
{
    for (size_t at = from; at < n && n - at >= head;) {
        size_t bytes = number(p + at);
        if (bytes > n - at - head)
            return;
        set(p + at + sum, XXH3_64bits_withSeed(p + at + head, bytes, number(p + at + sum - 4)));
        at += head + bytes;
    }
}

static void right_seen(unsigned char *p, size_t n)
{
    for (size_t at = 0; n - at >= 24;) {
        uint64_t hour, count;
        memcpy(&hour, p + at, 8);
        memcpy(&count, p + at + 8, 8);
        if (count > (n - at - 24) / 8)
            return;
        set(p + at + 16, XXH3_64bits_withSeed(p + at + 24, count * 8, hour ^ count));
        at += 24 + count * 8;
    }
}

static void count(void *arg, const char *what)
{
    ASSERT(what[0] != '\0');
    ++*(int *)arg;
}

static void open_store(void)
{
    JourneyOptions plain = {.no_merging = true, .threads = 1};
    JourneyOptions mend = {.no_merging = true, .threads = 1, .mend = true};
    Journey       *j;
    Err            err;
    int            n = 0;
    Status         st = journey_open(folder, &plain, &j, &err);
    if (st == ST_OK) {
        st = journey_check(j, count, &n, &err);
        ASSERT((st == ST_OK) == (n == 0));
        journey_close(j);
    }
    if (journey_open(folder, &mend, &j, &err) != ST_OK) {
        ASSERT(strcmp(err.code, "journey.corrupt") == 0);
        return;
    }
    ASSERT(journey_mend(j, count, &n, &err) == ST_OK);
    n = 0;
    ASSERT(journey_check(j, count, &n, &err) == ST_OK);
    journey_close(j);
}

static void open_queue(void)
{
    Queue                    *q;
    Err                       err;
    QueueRecord               r[16];
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    int                       found = 0;
    ASSERT(queue_check(folder, false, count, &found) == found);
    if (queue_open(folder, &q, &err) != ST_OK)
        return;
    for (size_t n = 1; n > 0;) {
        if (queue_read(q, &a, r, COUNT_OF(r), 0, &n, &err) != ST_OK)
            break;
        queue_worked(q);
        arena_reset(&a);
    }
    queue_close(q);
}

static const struct {
    uint8_t     as_is, right;
    const char *name;
    void (*open)(void);
    void (*mend)(unsigned char *p, size_t n);
    size_t from, head, sum; /* of records */
} FILES[] = {
    {'M', 'm', "MANIFEST", open_store, right_whole},
    {'L', 'l', "links", open_store, right_links},
    {'g', 'G', "0000000001.log", open_store, .from = 16, .head = 16, .sum = 8},
    {'e', 'E', "seen", open_store, right_seen},
    {'q', 'Q', "queue-0000000001", open_queue, .head = QUEUE_HEAD, .sum = 4},
    {'a', 'A', "at", open_queue, right_whole},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (folder[0] == '\0') {
        (void)snprintf(folder, sizeof folder, "%s/fuzz-store-XXXXXX",
                       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (mkdtemp(folder) == NULL)
            abort();
        log_min_level = LOG_ERROR + 1;
    }
    for (size_t i = 0; size > 0 && size <= MOST && i < COUNT_OF(FILES); i++) {
        if (data[0] != FILES[i].as_is && data[0] != FILES[i].right)
            continue;
        unsigned char *p = malloc(size);
        if (p == NULL)
            abort();
        memcpy(p, data + 1, size - 1);
        if (data[0] == FILES[i].right && FILES[i].mend != NULL)
            FILES[i].mend(p, size - 1);
        else if (data[0] == FILES[i].right)
            right_records(p, size - 1, FILES[i].from, FILES[i].head, FILES[i].sum);
        put(FILES[i].name, p, size - 1);
        FILES[i].open();
        free(p);
        clean();
    }
    return 0;
}
