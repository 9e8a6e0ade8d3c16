/* bench_journey.c - ask the questions of bench/journey/questions of a store, several times each.
 *
 *      bench_journey DIR THREADS ROUNDS QUESTION.json...
 *
 * Prints one JSON object per line: the question, its times in ms, and the answer; last, how long a
 * loop takes that only reads the bytes of all segments with as many threads. */
#include "base/buf.h"
#include "journey/fast.h"
#include "journey/journey.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 64, THREADS_MAX = 64 };

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

static int ask(Journey *j, const char *path, int rounds)
{
    CLEANUP(buf_done) Buf b = {0};
    Err                   err = {0};
    Str                   question = read_file(path);
    double                least = 1e9;
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
    printf("],\"cpu_ms\":%.3f,\"answer\":" STR_FMT "}\n", least, STR_ARG(buf_str(&b)));
    return 0;
}

/* --- memory -------------------------------------------------------------------------- */

typedef struct Part {
    const unsigned char *p;
    size_t               n;
    uint64_t             sum;
} Part;

FAST static void *read_part(void *arg)
{
    Part           *part = arg;
    const uint64_t *v = (const uint64_t *)(const void *)part->p;
    uint64_t        sum = 0;
    for (size_t i = 0; i < part->n / 8; i++)
        sum += v[i];
    part->sum += sum;
    return NULL;
}

static size_t map_files(const char *dir, Part *files)
{
    size_t               n = 0;
    DIR                 *d = opendir(dir);
    const struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL && n < FILES_MAX) {
        char        path[4096];
        struct stat st;
        size_t      len = strlen(e->d_name);
        if (len < 4 || strcmp(e->d_name + len - 4, ".seg") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0)
            continue;
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
        close(fd);
        if (p != MAP_FAILED)
            files[n++] = (Part){p, (size_t)st.st_size, 0};
    }
    if (d != NULL)
        closedir(d);
    return n;
}

static void read_all(const Part *files, size_t n, size_t threads)
{
    for (size_t f = 0; f < n; f++) {
        Part      parts[THREADS_MAX];
        pthread_t ids[THREADS_MAX];
        size_t    each = files[f].n / threads / 64 * 64;
        for (size_t t = 0; t < threads; t++) {
            parts[t] = (Part){files[f].p + t * each, each, 0};
            if (t > 0 && pthread_create(&ids[t], NULL, read_part, &parts[t]) != 0)
                abort();
        }
        read_part(&parts[0]);
        for (size_t t = 1; t < threads; t++)
            pthread_join(ids[t], NULL);
    }
}

static void bandwidth(const char *dir, size_t threads)
{
    static Part files[FILES_MAX];
    size_t      n = map_files(dir, files), bytes = 0;
    double      best = 1e9;
    for (size_t f = 0; f < n; f++)
        bytes += files[f].n;
    for (int i = 0; i < 5; i++) {
        int64_t begun = clock_mono_us();
        read_all(files, n, threads);
        double ms = (double)(clock_mono_us() - begun) / 1000;
        best = ms < best ? ms : best;
    }
    printf("{\"read_ms\":%.3f,\"bytes\":%zu}\n", best, bytes);
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
    if (journey_open(argv[1], &o, &j, &err) != ST_OK)
        return fail(argv[1], &err);
    int failed = 0;
    for (int i = 4; i < argc && failed == 0; i++)
        failed = ask(j, argv[i], (int)rounds);
    JourneyStats s;
    journey_stats(j, &s);
    printf("{\"events\":%lld,\"bytes\":%lld}\n", (long long)s.events, (long long)s.bytes);
    journey_close(j);
    bandwidth(argv[1], (size_t)threads);
    return failed;
}
