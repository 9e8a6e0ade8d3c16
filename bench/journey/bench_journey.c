/* bench_journey.c - ask the questions of bench/journey/questions of a store, several times each.
 *
 *      bench_journey DIR THREADS ROUNDS QUESTION.json...
 *
 * Prints one JSON object per line: the question, its times in ms, the answer, and how long a loop
 * takes that with as many threads only reads the bytes of the columns that the question opened. */
#include "base/buf.h"
#include "base/fast.h"
#include "journey/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

static int fail(const char *what, const Err *err)
{
    fprintf(stderr, "%s: %s\n", what, err != NULL ? err->msg : "failed");
    return 1;
}

static Str read_file(const char *path)
{
    static char buf[1 << 16];
    int         fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t     n = fd >= 0 ? read(fd, buf, sizeof buf) : 0;
    if (fd >= 0)
        close(fd);
    return (Str){buf, n > 0 ? (size_t)n : 0};
}

/* Of all threads: on a machine with other work this is what can be compared. */
static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* --- memory -------------------------------------------------------------------------- */

/* Chunks that the question has opened: their checksums were verified then. */
typedef struct Part {
    const Snapshot *snapshot;
    size_t          k, of; /* the k-th of so many parts */
    uint64_t        sum, bytes;
} Part;

FAST static uint64_t read_bytes(const unsigned char *p, size_t n)
{
    const uint64_t *v = (const uint64_t *)(const void *)p; /* chunks begin at multiples of 8 */
    uint64_t        sum = 0;
    for (size_t i = 0; i < n / 8; i++)
        sum += v[i];
    return sum;
}

static void *read_part(void *arg)
{
    Part *part = arg;
    for (size_t i = 0; i < part->snapshot->n; i++) {
        Segment *s = part->snapshot->segs[i];
        size_t   n = s->tail.nchunks, end = n * (part->k + 1) / part->of;
        for (size_t c = n * part->k / part->of; c < end; c++)
            if (atomic_load_explicit(&s->verified[c], memory_order_relaxed) != 0) {
                part->sum += read_bytes(s->p + s->chunks[c].at, s->chunks[c].bytes);
                part->bytes += s->chunks[c].bytes;
            }
    }
    return NULL;
}

/* The least of many, as of the question's own times. */
static void bandwidth(Journey *j, size_t threads, int rounds)
{
    Err      err;
    Snapshot snapshot;
    double   best = 1e9;
    uint64_t bytes = 0, sum = 0;
    if (snapshot_take(j, NULL, &snapshot, &err) != ST_OK)
        abort();
    for (int i = 0; i < rounds; i++) {
        Part      parts[THREADS_MAX];
        pthread_t ids[THREADS_MAX];
        int64_t   begun = clock_mono_us();
        for (size_t t = threads; t-- > 0;) {
            parts[t] = (Part){&snapshot, t, threads, 0, 0};
            if (t > 0 && pthread_create(&ids[t], NULL, read_part, &parts[t]) != 0)
                abort();
        }
        read_part(&parts[0]);
        for (size_t t = 1; t < threads; t++)
            pthread_join(ids[t], NULL);
        double ms = (double)(clock_mono_us() - begun) / 1000;
        best = ms < best ? ms : best;
        bytes = 0;
        for (size_t t = 0; t < threads; t++) {
            bytes += parts[t].bytes;
            sum += parts[t].sum;
        }
    }
    snapshot_done(&snapshot);
    printf(",\"read_bytes\":%llu,\"read_ms\":%.3f,\"read_sum\":%llu", (unsigned long long)bytes,
           best, (unsigned long long)sum);
}

/* --- questions ----------------------------------------------------------------------- */

static int ask(Journey *j, const char *path, int rounds, int threads)
{
    CLEANUP(buf_done) Buf b = {0};
    Err                   err = {0};
    Str                   question = read_file(path);
    double                least = 1e9;
    JourneyStats          stats;
    buf_init(&b, 64 << 20);
    printf("{\"question\":\"%s\",\"ms\":[", path);
    for (int i = 0; i < rounds; i++) {
        buf_clear(&b);
        int64_t begun = clock_mono_us();
        double  cpu = cpu_ms();
        if (journey_ask(j, question, NULL, &b, &err) != ST_OK)
            return fail(path, &err);
        printf("%s%.3f", i > 0 ? "," : "", (double)(clock_mono_us() - begun) / 1000);
        cpu = cpu_ms() - cpu;
        least = cpu < least ? cpu : least;
    }
    printf("],\"cpu_ms\":%.3f", least);
    bandwidth(j, (size_t)threads, rounds);
    journey_stats(j, &stats);
    printf(",\"events\":%lld,\"bytes\":%lld,\"answer\":" STR_FMT "}\n", (long long)stats.events,
           (long long)stats.bytes, STR_ARG(buf_str(&b)));
    return 0;
}

int main(int argc, char **argv)
{
    Err      err = {0};
    Journey *j;
    int64_t  threads = 2, rounds = 5;
    if (argc < 4 || !str_parse_i64(str_from_cstr(argv[2]), &threads) ||
        !str_parse_i64(str_from_cstr(argv[3]), &rounds) || threads < 1 || threads > THREADS_MAX)
        return fail("bench_journey DIR THREADS ROUNDS QUESTION.json...", NULL);
    JourneyOptions o = {.read_only = true, .threads = (int)threads};
    int            failed = 0;
    for (int i = 4; i < argc && failed == 0; i++) { /* opened anew: nothing is verified yet */
        if (journey_open(argv[1], &o, &j, &err) != ST_OK)
            return fail(argv[1], &err);
        failed = ask(j, argv[i], (int)rounds, (int)threads);
        journey_close(j);
    }
    return failed;
}
