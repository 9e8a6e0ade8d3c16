/* The queue of what events mean for the database: in order, over restarts and failures. */
#include "channel/track/queue.h"

#include "base/fault.h"
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Folder {
    char path[64];
} Folder;

static int begin(void **state)
{
    static Folder f;
    (void)snprintf(f.path, sizeof f.path, "/tmp/rapport-queue-XXXXXX");
    *state = &f;
    return mkdtemp(f.path) != NULL ? 0 : -1;
}

static int end(void **state)
{
    const char *path = ((Folder *)*state)->path;
    DIR        *dir = opendir(path);
    fault_arm(0, false);
    if (dir == NULL)
        return -1;
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        (void)unlinkat(dirfd(dir), e->d_name, 0);
    (void)closedir(dir);
    return rmdir(path);
}

typedef struct Waiter {
    pthread_mutex_t lock;
    pthread_cond_t  bell;
    bool            done;
    Status          status;
} Waiter;

static void done(void *arg, Status st, const Err *err)
{
    Waiter *w = arg;
    (void)err;
    pthread_mutex_lock(&w->lock);
    w->done = true;
    w->status = st;
    pthread_cond_signal(&w->bell);
    pthread_mutex_unlock(&w->lock);
}

static Status put(Queue *q, int n)
{
    Waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .bell = PTHREAD_COND_INITIALIZER};
    char   text[32];
    Buf    b;
    buf_init(&b, 1024);
    (void)snprintf(text, sizeof text, "{\"n\":%d}", n);
    queue_add(&b, str_from_cstr(text));
    queue_put(q, buf_str(&b), done, &w);
    buf_done(&b);
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.bell, &w.lock);
    pthread_mutex_unlock(&w.lock);
    return w.status;
}

static Queue *opened(const Folder *f)
{
    Queue *q;
    Err    err;
    assert_ok(queue_open(f->path, &q, &err), &err);
    return q;
}

/* Read `n`, one by one. */
static int read_some(Queue *q, int from, int n)
{
    CLEANUP(arena_done) Arena a;
    int                       got = 0;
    arena_init(&a, 4096);
    for (int i = 0; i < n; i++) {
        QueueRecord record;
        size_t      some;
        Err         err;
        char        want[32];
        assert_ok(queue_read(q, &a, &record, 1, 20, &some, &err), &err);
        (void)snprintf(want, sizeof want, "{\"n\":%d}", from + i);
        got += some == 1 && str_eq(record.json, str_from_cstr(want));
    }
    return got;
}

/* Read all there is; they must be from, from + 1, … Gives how many. */
static int read_all(Queue *q, int from)
{
    CLEANUP(arena_done) Arena a;
    QueueRecord               records[3];
    Err                       err;
    int                       n = 0;
    arena_init(&a, 4096);
    for (size_t got = 1; got > 0; n += (int)got) {
        assert_ok(queue_read(q, &a, records, 3, 20, &got, &err), &err);
        for (size_t i = 0; i < got; i++) {
            char want[32];
            (void)snprintf(want, sizeof want, "{\"n\":%d}", from + n + (int)i);
            assert_true(str_eq(records[i].json, str_from_cstr(want)));
        }
    }
    return n;
}

static void what_is_put_comes_out_in_order(void **state)
{
    Queue *q = opened(*state);
    for (int i = 0; i < 10; i++)
        assert_int_equal(put(q, i), ST_OK);
    assert_true(queue_backlog(q) > 0);
    assert_int_equal(read_all(q, 0), 10);
    queue_worked(q);
    assert_int_equal(queue_backlog(q), 0);
    queue_close(q);
}

static void what_was_not_worked_off_comes_again(void **state)
{
    Queue *q = opened(*state);
    for (int i = 0; i < 4; i++)
        assert_int_equal(put(q, i), ST_OK);
    assert_int_equal(read_all(q, 0), 4);
    queue_worked(q);
    for (int i = 4; i < 7; i++)
        assert_int_equal(put(q, i), ST_OK);
    assert_int_equal(read_all(q, 4), 3); /* and then it ends, before it has said so */
    queue_close(q);
    q = opened(*state);
    assert_true(queue_backlog(q) > 0);
    assert_int_equal(put(q, 7), ST_OK);
    assert_int_equal(read_all(q, 4), 4);
    queue_worked(q);
    queue_close(q);
    q = opened(*state);
    assert_int_equal(read_all(q, 8), 0);
    queue_close(q);
}

/* Wherever a bit flips: of this record alone nothing is read. */
static void a_damaged_record_costs_nothing_but_itself(void **state)
{
    const Folder *f = *state;
    enum { RECORDS = 9, EACH = QUEUE_HEAD + 7 }; /* {"n":5} */
    for (int at = 0; at < EACH; at++) {
        char          path[128];
        unsigned char c;
        Queue        *q = opened(f);
        for (int i = 0; i < RECORDS; i++)
            assert_int_equal(put(q, i), ST_OK);
        (void)snprintf(path, sizeof path, "%s/queue-%010d", f->path, 1);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        off_t place = 4 * EACH + at; /* in the fifth */
        assert_int_equal(pread(fd, &c, 1, place), 1);
        c ^= 0x04;
        assert_int_equal(pwrite(fd, &c, 1, place), 1);
        (void)close(fd);
        if (at % 2 == 1) { /* also of a file that is not the last one any more */
            queue_close(q);
            q = opened(f);
        }
        assert_int_equal(read_some(q, 0, 4), 4);
        assert_int_equal(read_all(q, 5), RECORDS - 5);
        queue_worked(q);
        queue_close(q);
        end(state);
        assert_int_equal(mkdir(f->path, 0700), 0);
    }
}

static void told(void *arg, const char *what)
{
    (void)snprintf(arg, 100, "%s", what);
}

static void a_flipped_bit_in_any_byte_is_found_and_named(void **state)
{
    const Folder *f = *state;
    enum { RECORDS = 3, EACH = QUEUE_HEAD + 7 };
    char   path[128], what[100] = "";
    Queue *q = opened(f);
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(put(q, i), ST_OK);
    queue_close(q);
    assert_int_equal(queue_check(f->path, false, told, what), 0);
    (void)snprintf(path, sizeof path, "%s/queue-%010d", f->path, 1);
    for (int at = 0; at < RECORDS * EACH; at++) {
        unsigned char c;
        int           fd = open(path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(pread(fd, &c, 1, at), 1);
        c ^= 0x10;
        assert_int_equal(pwrite(fd, &c, 1, at), 1);
        assert_int_equal(queue_check(f->path, false, told, what), 1);
        assert_non_null(strstr(what, "queue-0000000001"));
        c ^= 0x10;
        assert_int_equal(pwrite(fd, &c, 1, at), 1);
        (void)close(fd);
    }
    assert_int_equal(queue_check(f->path, false, told, what), 0);
}

static void a_torn_end_is_passed_over(void **state)
{
    const Folder *f = *state;
    char          path[120];
    Queue        *q = opened(f);
    assert_int_equal(put(q, 0), ST_OK);
    queue_close(q);
    (void)snprintf(path, sizeof path, "%s/queue-0000000001", f->path);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "\x09\0\0\0torn", 8), 8);
    (void)close(fd);
    q = opened(f);
    assert_int_equal(put(q, 1), ST_OK);
    assert_int_equal(read_all(q, 0), 2);
    queue_close(q);
}

static bool is_there(const Folder *f, int number)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/queue-%010d", f->path, number);
    return access(path, F_OK) == 0;
}

static void what_was_worked_off_goes_though_little_comes(void **state)
{
    const Folder *f = *state;
    Queue        *q = opened(f);
    for (int i = 0; i < 3; i++)
        assert_int_equal(put(q, i), ST_OK);
    assert_int_equal(read_all(q, 0), 3);
    queue_worked(q);
    assert_true(is_there(f, 1));
    queue_turn_after(q, 0);
    for (int i = 0; i < 100 && is_there(f, 1); i++) { /* comes back when there is a new file */
        CLEANUP(arena_done) Arena a = {.block_size = 1024};
        QueueRecord               r;
        size_t                    n;
        Err                       err;
        assert_int_equal(queue_read(q, &a, &r, 1, 1000, &n, &err), ST_OK);
        assert_int_equal(n, 0);
        queue_worked(q);
    }
    assert_false(is_there(f, 1));
    assert_int_equal(put(q, 3), ST_OK);
    assert_int_equal(read_all(q, 3), 1);
    queue_worked(q);
    queue_close(q);
    q = opened(f);
    assert_int_equal(put(q, 4), ST_OK);
    assert_int_equal(read_all(q, 4), 1);
    queue_close(q);
}

static void a_full_disk_is_said_and_passes(void **state)
{
    Queue *q = opened(*state);
    assert_int_equal(put(q, 0), ST_OK);
    for (int n = 1; n < 4; n++) {
        fault_arm(n, false);
        Status st = put(q, 1);
        bool   fired = fault_fired();
        fault_arm(0, false);
        if (st == ST_OK) {
            assert_false(fired);
            break;
        }
        assert_true(fired && (st == ST_BUSY || st == ST_IO));
    }
    assert_int_equal(read_all(q, 0), 2); /* each once */
    queue_close(q);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_put_comes_out_in_order),
        T(what_was_not_worked_off_comes_again),
        T(a_damaged_record_costs_nothing_but_itself),
        T(a_flipped_bit_in_any_byte_is_found_and_named),
        T(a_torn_end_is_passed_over),
        T(what_was_worked_off_goes_though_little_comes),
        T(a_full_disk_is_said_and_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
