#include "core/core_int.h"

#include "base/id.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* The mark of a process: "BOOT NAMESPACE PID START". Numbers of processes come again, so
 * the moment at which it started is part of it; they mean something only within one PID
 * namespace, and until the machine starts anew. */
typedef struct Mark {
    Str boot, namespace, pid, start;
} Mark;

static size_t read_file(const char *path, char *buf, size_t size)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return 0;
    size_t n = fread(buf, 1, size - 1, f);
    fclose(f);
    buf[n] = '\0';
    return n;
}

/* Field 22 of /proc/PID/stat: clock ticks since the machine started. The name in field 2
 * may contain anything, so count from the last ')'. */
static bool start_of(Str pid, char *buf, size_t size, Str *ret)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/" STR_FMT "/stat", STR_ARG(pid));
    if (read_file(path, buf, size) == 0)
        return false;
    const char *after = strrchr(buf, ')');
    if (after == NULL)
        return false;
    Str rest = str_trim(str_from_cstr(after + 1));
    Str field = {0};
    if (str_starts(rest, STR("Z")) || str_starts(rest, STR("X")))
        return false; /* it has ended, its parent only has not looked */
    for (int i = 3; i <= 22; i++)
        str_cut(rest, ' ', &field, &rest);
    *ret = field;
    return field.len > 0;
}

static size_t namespace_of_self(char *buf, size_t size)
{
    ssize_t n = readlink("/proc/self/ns/pid", buf, size - 1);
    buf[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

void process_mark(char ret[PROCESS_MARK_MAX])
{
    char boot[64], ns[64], pid[24], stat[1024];
    Str  start = {0};
    read_file("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    namespace_of_self(ns, sizeof ns);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (!start_of(str_from_cstr(pid), stat, sizeof stat, &start))
        start = STR("?");
    Str trimmed = str_trim(str_from_cstr(boot));
    snprintf(ret, PROCESS_MARK_MAX, STR_FMT " %s %s " STR_FMT, STR_ARG(trimmed), ns, pid,
             STR_ARG(start));
}

static Mark parse(Str text)
{
    Mark m = {0};
    str_cut(text, ' ', &m.boot, &text);
    str_cut(text, ' ', &m.namespace, &text);
    str_cut(text, ' ', &m.pid, &m.start);
    return m;
}

/* False also where that cannot be told. */
static bool mark_is_gone(Str mark, bool same_machine)
{
    char own[PROCESS_MARK_MAX], stat[1024];
    Str  start;
    process_mark(own);
    Mark self = parse(str_from_cstr(own));
    Mark other = parse(mark);
    if (self.boot.len == 0 || other.pid.len == 0 || str_eq(self.start, STR("?")))
        return false;
    if (!str_eq(self.boot, other.boot))
        return same_machine; /* it started anew since */
    if (!str_eq(self.namespace, other.namespace))
        return false;
    return !start_of(other.pid, stat, sizeof stat, &start) || !str_eq(start, other.start);
}

bool process_is_gone(const Cx *cx, const CoreProcess *row, SpanMs lease)
{
    int64_t silent = clock_now().v - row->seen_ms.v;
    int64_t most = row->beats ? 2 * lease.v : SPAN_DAYS(1).v;
    return silent > most || mark_is_gone(row->mark, db_kind(cx->db) == DB_SQLITE);
}

/* --- which node ---------------------------------------------------------------------------------
 */

enum { NODES = 256 };

static uint64_t some_bits(void)
{
    uint64_t bits = 0;
    ssize_t  got = getrandom(&bits, sizeof bits, 0);
    ASSERT(got == (ssize_t)sizeof bits);
    return bits;
}

int64_t process_new_id(void)
{
    return (int64_t)(some_bits() >> 2) + 1;
}

/* The node of this process, for all the databases that it opens; a forked child gets one of
 * its own. */
static struct {
    pthread_mutex_t mutex;
    pid_t           pid;
    int             node;
    int64_t         program; /* id of its row without a Core */
} own = {.mutex = PTHREAD_MUTEX_INITIALIZER};

int64_t process_program(void)
{
    pthread_mutex_lock(&own.mutex);
    if (own.program == 0 || own.pid != getpid())
        own.program = process_new_id();
    int64_t id = own.program;
    pthread_mutex_unlock(&own.mutex);
    return id;
}

/* Keep ours unless somebody has it; then take the first free one after a random place. */
static int choose(const bool taken[NODES])
{
    pthread_mutex_lock(&own.mutex);
    if (own.pid != getpid() || taken[own.node]) {
        int node = (int)(some_bits() % NODES);
        for (int i = 0; i < NODES && taken[node]; i++)
            node = (node + 1) % NODES;
        own.node = node;
        own.pid = getpid();
        id_node_set(node);
    }
    int node = own.node;
    pthread_mutex_unlock(&own.mutex);
    return node;
}

Status process_bury(Cx *cx, int64_t id)
{
    TRY(core_sql_process_delete(cx, id, NULL));
    TRY(core_sql_consumer_orphan(cx, id, NULL));
    return core_sql_job_orphan(cx, id, NULL);
}

Status process_register(Cx *cx, int64_t id, bool beats, SpanMs lease)
{
    char            mark[PROCESS_MARK_MAX];
    bool            taken[NODES] = {false};
    CoreProcessList list;
    process_mark(mark);
    TRY(core_sql_process_list(cx, PROCESSES_MAX, &list));
    for (size_t i = 0; i < list.n; i++) {
        const CoreProcess *p = &list.items[i];
        bool               mine = str_eq(p->mark, str_from_cstr(mark));
        if (!mine && !p->beats && process_is_gone(cx, p, lease))
            TRY(process_bury(cx, p->id));
        else if (!mine)
            taken[p->node & (NODES - 1)] = true;
    }
    return core_sql_process_put(cx, id, choose(taken), beats, str_from_cstr(mark), clock_now(),
                                NULL);
}
