/* Decoders of foreign bytes in processes of their own: parent and child.
 *
 * A child reads questions from file descriptor 3 and answers there, one after the other:
 *
 *      Question, bytes of the picture   ->   Answer, bytes of the rendition
 *
 * Both are this very program, so the structs go as they are. Parents keep children that are
 * free in a short list; a thread takes one, or starts one, and nobody waits for another. */
#include "picture/picture.h"

#include "base/fd.h"
#include "base/log.h"
#include "picture/picture_int.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#ifdef __has_feature
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#else
#define SANITIZED 0 /* those reserve all there is */
#endif

enum {
    CHILD_FD = 3,
    FREE_MAX = 8,                                 /* children that are kept for the next picture */
    IDLE_MS = 60 * 1000,                          /* a child that nobody asks ends */
    PATIENCE_MS = 2 * PICTURE_SECONDS_MAX * 1000, /* then it is ended: it keeps no time itself */
    MEMORY_MAX_MB = 2048
};

typedef enum Task { PROBE, PROBE_COLOUR, RENDER } Task;

typedef struct Question {
    Task          task;
    PictureFormat format;
    int64_t       width;
    size_t        room; /* for the rendition */
    size_t        n;
} Question;

typedef struct Answer {
    Status      st;
    char        code[32]; /* pointers mean nothing over there */
    char        msg[sizeof((Err *)0)->msg];
    PictureInfo info;
    size_t      n;
} Answer;

typedef struct Child {
    pid_t pid; /* 0: none */
    int   fd;
} Child;

static const char     *program;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Child           resting[FREE_MAX];
static size_t          nresting;

/* --- bytes over a socket --------------------------------------------------------------------- */

static bool send_all(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* False: it ended, or said nothing for `ms`. */
static bool receive_all(int fd, void *p, size_t n, int ms)
{
    char *at = p;
    while (n > 0) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int           rc = poll(&ready, 1, ms);
        if (rc < 0 && errno == EINTR)
            continue;
        ssize_t got = rc > 0 ? recv(fd, at, n, 0) : -1;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

/* --- the child ------------------------------------------------------------------------------- */

static bool answer(const Question *q, Str bytes)
{
    CLEANUP(buf_done) Buf out;
    Answer                a = {0};
    Err                   err;
    buf_init(&out, q->room);
    if (q->task == RENDER)
        a.st = picture_render_here(bytes, q->width, q->format, &out, &err);
    else
        a.st = picture_probe_here(bytes, q->task == PROBE_COLOUR, &a.info, &err);
    if (a.st == ST_OK) {
        a.n = out.len;
    } else {
        (void)snprintf(a.code, sizeof a.code, "%s", err.code);
        (void)snprintf(a.msg, sizeof a.msg, "%s", err.msg);
    }
    return send_all(CHILD_FD, &a, sizeof a) && send_all(CHILD_FD, out.ptr, a.n);
}

int picture_work(void)
{
    struct rlimit memory = {(rlim_t)MEMORY_MAX_MB << 20, (rlim_t)MEMORY_MAX_MB << 20};
    Question      q;
    Err           err;
    (void)close_range(CHILD_FD + 1, ~0U, 0);
    if (!SANITIZED)
        (void)setrlimit(RLIMIT_AS, &memory);
    if (picture_init_here(&err) != ST_OK)
        return 1;
    while (receive_all(CHILD_FD, &q, sizeof q, IDLE_MS) && q.n <= PICTURE_BYTES_MAX) {
        char *bytes = malloc(q.n + 1);
        bool  on = bytes != NULL && receive_all(CHILD_FD, bytes, q.n, PATIENCE_MS) &&
                  answer(&q, (Str){bytes, q.n});
        free(bytes);
        if (!on)
            break;
    }
    return 0;
}

/* --- the parent ------------------------------------------------------------------------------ */

void picture_apart(const char *path)
{
    program = path;
}

static Status failed(Err *err, const char *what)
{
    return err_set(err, ST_IO, "picture.failed", "the picture could not be worked on: %s", what);
}

static Status start_child(Child *ret, Err *err)
{
    char                      *argv[] = {(char[]){"rapport"}, (char[]){PICTURE_WORKER}, NULL};
    int                        ends[2];
    posix_spawn_file_actions_t actions;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return failed(err, strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], CHILD_FD);
    int rc = posix_spawn(&ret->pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    ret->fd = ends[0];
    if (rc == 0)
        return ST_OK;
    close(ends[0]);
    *ret = (Child){0};
    return failed(err, "its process does not start");
}

static void end_child(Child *c)
{
    close(c->fd);
    (void)kill(c->pid, SIGKILL); /* it has nothing to lose; if it ended by itself it waits to be
                                  * buried, so the number is still its own */
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *c = (Child){0};
}

static bool take_resting(Child *ret)
{
    pthread_mutex_lock(&lock);
    bool any = nresting > 0;
    if (any)
        *ret = resting[--nresting];
    pthread_mutex_unlock(&lock);
    return any;
}

static void let_rest(Child *c)
{
    pthread_mutex_lock(&lock);
    if (nresting < FREE_MAX) {
        resting[nresting++] = *c;
        *c = (Child){0};
    }
    pthread_mutex_unlock(&lock);
    if (c->pid != 0)
        end_child(c);
}

/* False: the child is lost. */
static bool ask(Child *c, const Question *q, Str bytes, Answer *ret, Buf *out)
{
    if (!send_all(c->fd, q, sizeof *q) || !send_all(c->fd, bytes.ptr, bytes.len) ||
        !receive_all(c->fd, ret, sizeof *ret, PATIENCE_MS) || ret->n > q->room)
        return false;
    if (ret->n == 0)
        return true;
    char *at = buf_extend(out, ret->n);
    if (at != NULL && receive_all(c->fd, at, ret->n, PATIENCE_MS))
        return true;
    out->len -= at != NULL ? ret->n : 0;
    return false;
}

static Status what_it_said(const Answer *a, Err *err)
{
    static const char *const CODES[] = {"picture.failed", "picture.too_big", "picture.too_slow",
                                        "picture.unreadable", "picture.unsupported"};
    if (a->st == ST_OK)
        return ST_OK;
    for (size_t i = 0; i < COUNT_OF(CODES); i++)
        if (strcmp(a->code, CODES[i]) == 0)
            return err_set_at(err, a->st, CODES[i], __FILE__, __LINE__, "%s", a->msg);
    return failed(err, a->msg);
}

/* A child that rested may have ended meanwhile: then a new one is asked. */
static Status ask_apart(const Question *q, Str bytes, Answer *ret, Buf *out, Err *err)
{
    Child c = {0};
    while (take_resting(&c)) {
        if (ask(&c, q, bytes, ret, out)) {
            let_rest(&c);
            return ST_OK;
        }
        end_child(&c);
    }
    TRY(start_child(&c, err));
    if (!ask(&c, q, bytes, ret, out)) {
        end_child(&c);
        log_event(LOG_WARN, "picture.lost", log_i("bytes", (int64_t)bytes.len));
        return failed(err, "its process ended");
    }
    let_rest(&c);
    return ST_OK;
}

size_t picture_test_children(int *ret_pids, size_t n)
{
    pthread_mutex_lock(&lock);
    n = n < nresting ? n : nresting;
    for (size_t i = 0; i < n; i++)
        ret_pids[i] = resting[i].pid;
    pthread_mutex_unlock(&lock);
    return n;
}

Status picture_init(Err *err)
{
    return program == NULL ? picture_init_here(err) : ST_OK;
}

void picture_rest(void)
{
    Child c;
    if (program == NULL)
        picture_rest_here();
    while (take_resting(&c))
        end_child(&c);
}

void picture_exit(void)
{
    picture_rest();
    if (program == NULL)
        picture_exit_here();
}

Status picture_probe(Str bytes, bool with_colour, PictureInfo *ret, Err *err)
{
    Answer   a;
    Question q = {.task = with_colour ? PROBE_COLOUR : PROBE, .n = bytes.len};
    if (program == NULL || bytes.len > PICTURE_BYTES_MAX)
        return picture_probe_here(bytes, with_colour, ret, err);
    TRY(ask_apart(&q, bytes, &a, NULL, err));
    TRY(what_it_said(&a, err));
    *ret = a.info;
    return ST_OK;
}

Status picture_render(Str bytes, int64_t width, PictureFormat format, Buf *ret_bytes, Err *err)
{
    Answer   a;
    Question q = {.task = RENDER, .format = format, .width = width, .n = bytes.len};
    if (program == NULL || bytes.len > PICTURE_BYTES_MAX)
        return picture_render_here(bytes, width, format, ret_bytes, err);
    q.room = ret_bytes->max - ret_bytes->len;
    TRY(ask_apart(&q, bytes, &a, ret_bytes, err));
    return what_it_said(&a, err);
}
