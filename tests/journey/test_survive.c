/* What was acknowledged survives: faults at every step, kill -9, full disks, flipped bits. */
#include "model.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { EVENTS = 2000, PEOPLE = 7 };

static const JourneyOptions QUIET = {.no_merging = true, .threads = 2, .memory_rows = 200};

/* Event number i: its person and time follow from i. */
static JourneyEvent numbered(int i, char message[16], JourneyProp *prop)
{
    (void)snprintf(message, 16, "m%d", i);
    *prop = (JourneyProp){.key = STR("page"), .type = JOURNEY_TEXT, .text = str_from_cstr(message)};
    return (JourneyEvent){.subject = 1 + i % PEOPLE,
                          .time = {MODEL_START + i},
                          .name = STR("Page Viewed"),
                          .message = str_from_cstr(message),
                          .props = prop,
                          .nprops = 1};
}

static Status append(Journey *j, int i, Err *err)
{
    char         message[16];
    JourneyProp  prop;
    JourneyEvent e = numbered(i, message, &prop);
    return journey_append(j, &e, 1, NULL, err);
}

typedef struct Seen {
    int count[EVENTS];
} Seen;

static bool see(void *arg, const JourneyEvent *e)
{
    Seen *s = arg;
    int   i = (int)(e->time.v - MODEL_START);
    assert_true(i >= 0 && i < EVENTS);
    s->count[i]++;
    return true;
}

static Seen *seen_events(Journey *j)
{
    Err   err;
    Seen *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (int64_t p = 1; p <= PEOPLE; p++)
        assert_ok(journey_timeline(j, p, (UnixMs){0}, (UnixMs){INT64_MAX}, see, s, &err), &err);
    return s;
}

static void finding(void *arg, const char *what)
{
    ++*(int *)arg;
    (void)what;
}

/* Acknowledged: exactly once. Not acknowledged: at most once. And every file is sound. */
static void assert_kept(const char *dir, const bool *acked, int n)
{
    Err      err;
    Journey *j;
    int      damaged = 0;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    Seen *s = seen_events(j);
    for (int i = 0; i < n; i++) {
        assert_true(s->count[i] <= 1);
        if (acked[i])
            assert_int_equal(s->count[i], 1);
    }
    assert_ok(journey_check(j, finding, &damaged, &err), &err);
    free(s);
    journey_close(j);
}

/* --- faults at every step ------------------------------------------------------------ */

#ifdef FAULT_INJECTION
/* A life of a store; stops at the first failure of opening, otherwise goes on as a server would. */
static bool live(const char *dir, bool *acked, int *n, int *ret_copied)
{
    Err      err;
    Journey *j;
    char     copy[4096];
    if (journey_open(dir, &QUIET, &j, &err) != ST_OK)
        return false;
    for (int round = 0; round < 3; round++) {
        for (int k = 0; k < 6; k++) {
            int i = (*n)++;
            acked[i] = append(j, i, &err) == ST_OK;
        }
        JourneyLink link = {50 + round, 60};
        if (journey_remap(j, &link, 1, &err) != ST_OK)
            continue;
        if (journey_erase(j, 60, &err) == ST_OK && journey_settle(j, round == 1, &err) != ST_OK)
            continue;
    }
    (void)snprintf(copy, sizeof copy, "%s/copy", dir);
    bool copied = journey_backup(j, copy, &err) == ST_OK;
    *ret_copied = *n;
    JourneyLoad *load = journey_load_begin(j);
    char         message[16];
    JourneyProp  prop;
    int          i = (*n)++;
    JourneyEvent e = numbered(i, message, &prop);
    bool         added = journey_load_add(load, &e, 1, &err) == ST_OK;
    acked[i] = journey_load_end(load, added, &err) == ST_OK && added;
    journey_close(j);
    return copied;
}

static void remove_copy(const char *dir)
{
    char *copy = malloc(4096);
    assert_non_null(copy);
    (void)snprintf(copy, 4096, "%s/copy", dir);
    model_rmdir(copy);
}

static void a_fault_at_any_step_loses_nothing_acknowledged(void **state)
{
    (void)state;
    for (int persistent = 0; persistent < 2; persistent++)
        for (int step = 1;; step++) {
            char *dir = model_dir();
            bool  acked[64] = {false};
            int   n = 0;
            fault_arm(step, persistent != 0);
            int  in_copy = 0;
            char copy[64];
            bool copied = live(dir, acked, &n, &in_copy);
            bool fired = fault_fired();
            fault_arm(0, false);
            assert_kept(dir, acked, n);
            (void)snprintf(copy, sizeof copy, "%s/copy", dir);
            if (copied)
                assert_kept(copy, acked, in_copy);
            remove_copy(dir);
            model_rmdir(dir);
            if (!fired)
                break;
            assert_true(step < 1000);
        }
}

static void a_full_disk_refuses_and_recovers(void **state)
{
    Err      err;
    Journey *j;
    char    *dir = model_dir();
    bool     acked[8] = {false};
    (void)state;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_ok(append(j, 0, &err), &err);
    fault_arm(1, false);
    assert_fails(append(j, 1, &err), ST_BUSY, &err, "journey.full");
    fault_arm(0, false);
    assert_ok(append(j, 1, &err), &err); /* the same message: it was not stored before */
    acked[0] = acked[1] = true;
    journey_close(j);
    assert_kept(dir, acked, 2);
    model_rmdir(dir);
}
#endif

/* --- kill -9 ------------------------------------------------------------------------- */

typedef struct Writer {
    Journey *j;
    int      from, out;
} Writer;

static void *writer(void *arg)
{
    Writer *w = arg;
    Err     err;
    for (int i = w->from; i < EVENTS; i += 4)
        if (append(w->j, i, &err) == ST_OK && write(w->out, &i, sizeof i) != sizeof i)
            break;
    return NULL;
}

static void child(const char *dir, int out)
{
    JourneyOptions o = {.memory_rows = 100};
    Journey       *j;
    Err            err;
    pthread_t      t[4];
    Writer         w[4];
    if (journey_open(dir, &o, &j, &err) != ST_OK)
        _exit(1);
    for (int i = 0; i < 4; i++) {
        w[i] = (Writer){j, i, out};
        pthread_create(&t[i], NULL, writer, &w[i]);
    }
    for (;;) {
        if (journey_settle(j, false, &err) != ST_OK)
            _exit(2);
    }
}

static void kill_at_any_moment_loses_nothing_acknowledged(void **state)
{
    Rng rng = rng_of(3);
    (void)state;
    for (int round = 0; round < 6; round++) {
        char *dir = model_dir();
        bool *acked = calloc(EVENTS, sizeof *acked);
        int   fds[2], i, n = 0;
        assert_int_equal(pipe(fds), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(fds[0]);
            child(dir, fds[1]);
        }
        close(fds[1]);
        int64_t after = rng_between(&rng, 1, 800);
        while (n < after && read(fds[0], &i, sizeof i) == sizeof i) {
            acked[i] = true;
            n++;
        }
        kill(pid, SIGKILL);
        while (read(fds[0], &i, sizeof i) == sizeof i)
            acked[i] = true;
        close(fds[0]);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_true(n > 0);
        assert_kept(dir, acked, EVENTS);
        free(acked);
        model_rmdir(dir);
    }
}

/* --- flipped bits, torn ends --------------------------------------------------------- */

static void fill(const char *dir, int n)
{
    Err      err;
    Journey *j;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    for (int i = 0; i < n; i++) {
        assert_ok(append(j, i, &err), &err);
        if (i == n / 2) {
            JourneyLink link = {50, 60};
            assert_ok(journey_settle(j, false, &err), &err);
            assert_ok(journey_remap(j, &link, 1, &err), &err);
        }
    }
    journey_close(j);
}

static void flip(const char *path, off_t at, int bit)
{
    unsigned char c;
    int           fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= (unsigned char)(1U << bit);
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static bool found(const char *dir)
{
    JourneyOptions o = {.read_only = true, .threads = 1};
    Err            err;
    Journey       *j;
    int            n = 0;
    Status         st = journey_open(dir, &o, &j, &err);
    if (st != ST_OK)
        return strcmp(err.code, "journey.corrupt") == 0;
    st = journey_check(j, finding, &n, &err);
    journey_close(j);
    return st != ST_OK && n > 0;
}

static void a_flipped_bit_in_a_segment_is_found(void **state)
{
    char                *dir = model_dir(), path[4096] = "";
    const struct dirent *e;
    struct stat          st;
    Rng                  rng = rng_of(9);
    int                  missed = 0;
    (void)state;
    fill(dir, 300);
    assert_false(found(dir));
    DIR *d = opendir(dir);
    while ((e = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
        if (str_ends(str_from_cstr(e->d_name), STR(".seg")))
            (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    closedir(d);
    assert_int_equal(stat(path, &st), 0);
    for (int i = 0; i < 300; i++) {
        off_t at = (off_t)rng_below(&rng, (uint64_t)st.st_size);
        int   bit = (int)rng_below(&rng, 8);
        flip(path, at, bit);
        missed += !found(dir);
        flip(path, at, bit);
    }
    assert_int_equal(missed, 0);
    assert_false(found(dir));
    model_rmdir(dir);
}

static void find_file(const char *dir, Str end, char path[4096], off_t *ret_size)
{
    struct stat          st;
    const struct dirent *e;
    DIR                 *d = opendir(dir);
    path[0] = '\0';
    while ((e = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
        if (str_ends(str_from_cstr(e->d_name), end))
            (void)snprintf(path, 4096, "%s/%s", dir, e->d_name);
    closedir(d);
    assert_int_equal(stat(path, &st), 0);
    *ret_size = st.st_size;
}

/* One segment, of people at uneven distances: so their names are a chunk of their own. */
static void fill_scattered(const char *dir)
{
    Err      err;
    Journey *j;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    for (int i = 0; i < 150; i++) {
        char         message[16];
        JourneyProp  prop;
        JourneyEvent e = numbered(i, message, &prop);
        int64_t      k = 1 + i % 50; /* people enough for their block to be read as it is */
        e.subject = k * k * 1000;
        assert_ok(journey_append(j, &e, 1, NULL, &err), &err);
    }
    assert_ok(journey_settle(j, false, &err), &err);
    journey_close(j);
}

/* Who is behind the cell of a funnel; false: refused because of damage. */
static bool who(const char *dir, Buf *answer)
{
    static const char QUESTION[] =
        "{\"type\":\"people\",\"cell\":{\"step\":2},\"of\":{\"type\":\"funnel\",\"window\":"
        "\"1 days\",\"steps\":[\"Page Viewed\",\"Page Viewed\"]}}";
    JourneyOptions o = {.read_only = true, .threads = 1};
    Err            err;
    Journey       *j;
    Status         st = journey_open(dir, &o, &j, &err);
    buf_clear(answer);
    if (st == ST_OK) {
        JourneyAsk ask = {.now = {MODEL_START}};
        st = journey_ask(j, str_from_cstr(QUESTION), &ask, answer, &err);
        journey_close(j);
    }
    if (st != ST_OK)
        assert_string_equal(err.code, "journey.corrupt");
    return st == ST_OK;
}

static void a_damaged_segment_never_shortens_the_list_of_people(void **state)
{
    char *dir = model_dir(), path[4096] = "";
    off_t size = 0;
    int   refused = 0;
    Buf   right, answer;
    (void)state;
    buf_init(&right, 1 << 20);
    buf_init(&answer, 1 << 20);
    fill_scattered(dir);
    find_file(dir, STR(".seg"), path, &size);
    assert_true(who(dir, &right));
    for (off_t at = 0; at < size; at++) {
        flip(path, at, (int)(at % 8));
        if (!who(dir, &answer))
            refused++;
        else
            assert_true(str_eq(buf_str(&answer), buf_str(&right)));
        flip(path, at, (int)(at % 8));
    }
    assert_true(refused > 0);
    buf_done(&right);
    buf_done(&answer);
    model_rmdir(dir);
}

static void a_flipped_bit_in_the_manifest_is_found(void **state)
{
    char *dir = model_dir(), path[4096];
    (void)state;
    fill(dir, 50);
    (void)snprintf(path, sizeof path, "%s/MANIFEST", dir);
    for (int at = 0; at < 48; at += 5) {
        flip(path, at, at % 8);
        assert_true(found(dir));
        flip(path, at, at % 8);
    }
    model_rmdir(dir);
}

/* The first file of that name's end. */
static void a_flipped_bit_in_any_other_file_is_found(void **state)
{
    static const char *const NAMES[] = {"links", "seen", ".log"};
    char                    *dir = model_dir(), path[4096];
    Err                      err;
    Journey                 *j;
    JourneyLink              links[2] = {{51, 60}, {52, 61}};
    (void)state;
    fill(dir, 60);
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    for (int i = 0; i < 2; i++)
        assert_ok(journey_remap(j, &links[i], 1, &err), &err);
    assert_ok(append(j, 100, &err), &err);
    journey_close(j);
    assert_false(found(dir));
    for (size_t k = 0; k < COUNT_OF(NAMES); k++) {
        off_t size;
        find_file(dir, str_from_cstr(NAMES[k]), path, &size);
        assert_true(size > 16);
        for (off_t at = 0; at < size; at += at < 16 ? 1 : 1 + size / 40) {
            flip(path, at, (int)(at % 8));
            assert_true(found(dir));
            flip(path, at, (int)(at % 8));
        }
    }
    assert_false(found(dir));
    model_rmdir(dir);
}

/* Cut there, later links would be forgotten, and who was erased would be back. */
static void damage_among_links_stops_the_opening(void **state)
{
    char    *dir = model_dir(), path[4096];
    Journey *j;
    Err      err;
    off_t    size, now;
    (void)state;
    fill(dir, 20);
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_ok(journey_erase(j, 60, &err), &err);
    journey_close(j);
    find_file(dir, STR("links"), path, &size);
    flip(path, 20, 3);
    assert_fails(journey_open(dir, &QUIET, &j, &err), ST_IO, &err, "journey.corrupt");
    find_file(dir, STR("links"), path, &now);
    assert_int_equal(now, size);
    flip(path, 20, 3);
    assert_int_equal(truncate(path, size - 3), 0); /* torn while it was written */
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_int_equal(journey_profile(j, 50), 60);
    journey_close(j);
    model_rmdir(dir);
}

static void a_torn_log_is_cut_where_it_was_sound(void **state)
{
    (void)state;
    for (int cut = 1; cut < 200; cut += 13) {
        char                *dir = model_dir(), path[4096] = "";
        const struct dirent *e;
        struct stat          st;
        bool                 acked[40] = {false};
        fill(dir, 40);
        DIR *d = opendir(dir);
        while ((e = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
            if (str_ends(str_from_cstr(e->d_name), STR(".log")))
                (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        closedir(d);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(truncate(path, st.st_size > cut ? st.st_size - cut : 0), 0);
        for (int i = 0; i <= 20; i++)
            acked[i] = true; /* settled before */
        assert_kept(dir, acked, 40);
        model_rmdir(dir);
    }
}

/* The head says nothing that the name and the records do not: what was acknowledged stays. */
static void a_damaged_head_of_a_log_loses_nothing(void **state)
{
    char *dir = model_dir(), path[4096];
    off_t size;
    Err   err;
    (void)state;
    for (off_t at = 0; at < 16; at++) {
        Journey *j;
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        assert_ok(append(j, (int)at, &err), &err);
        journey_close(j);
        find_file(dir, STR(".log"), path, &size);
        flip(path, at, 3);
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        Seen *s = seen_events(j);
        for (int i = 0; i <= (int)at; i++)
            assert_int_equal(s->count[i], 1);
        free(s);
        journey_close(j);
    }
    model_rmdir(dir);
}

enum { IN_LOG = 60 };

/* Wherever the bit flips: the event of that record is missing, no other, and what was acknowledged
 * after it is there. */
static void a_damaged_record_of_a_log_costs_nothing_but_itself(void **state)
{
    Rng rng = rng_of(11);
    Err err;
    (void)state;
    for (int round = 0; round < 60; round++) {
        char    *dir = model_dir(), path[4096];
        off_t    size;
        int      missing = 0;
        Journey *j;
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        for (int i = 0; i < IN_LOG; i++)
            assert_ok(append(j, i, &err), &err);
        journey_close(j);
        find_file(dir, STR(".log"), path, &size);
        off_t each = (size - 16) / IN_LOG; /* some 60 bytes, the last one as well as others */
        flip(path, 16 + (off_t)rng_below(&rng, (uint64_t)(size - 16 - 2 * each)), round % 8);
        assert_true(found(dir));
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        Seen *s = seen_events(j);
        for (int i = 0; i < IN_LOG; i++)
            missing += s->count[i] == 0;
        assert_int_equal(missing, 1);
        assert_int_equal(s->count[IN_LOG - 1], 1);
        free(s);
        assert_ok(append(j, IN_LOG, &err), &err);
        assert_ok(journey_settle(j, true, &err), &err);
        journey_close(j);
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        s = seen_events(j);
        for (int i = 0; i <= IN_LOG; i++)
            missing -= s->count[i] == 0;
        assert_int_equal(missing, 0);
        free(s);
        journey_close(j);
        model_rmdir(dir);
    }
}

static void a_store_has_one_writer(void **state)
{
    char    *dir = model_dir();
    Journey *j, *other;
    Err      err;
    (void)state;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_fails(journey_open(dir, &QUIET, &other, &err), ST_CONFLICT, &err, "journey.in_use");
    journey_close(j);
    model_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef FAULT_INJECTION
        cmocka_unit_test(a_fault_at_any_step_loses_nothing_acknowledged),
        cmocka_unit_test(a_full_disk_refuses_and_recovers),
#endif
        cmocka_unit_test(kill_at_any_moment_loses_nothing_acknowledged),
        cmocka_unit_test(a_flipped_bit_in_a_segment_is_found),
        cmocka_unit_test(a_damaged_segment_never_shortens_the_list_of_people),
        cmocka_unit_test(a_flipped_bit_in_the_manifest_is_found),
        cmocka_unit_test(a_flipped_bit_in_any_other_file_is_found),
        cmocka_unit_test(damage_among_links_stops_the_opening),
        cmocka_unit_test(a_torn_log_is_cut_where_it_was_sound),
        cmocka_unit_test(a_damaged_head_of_a_log_loses_nothing),
        cmocka_unit_test(a_damaged_record_of_a_log_costs_nothing_but_itself),
        cmocka_unit_test(a_store_has_one_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
