#include "core/core_int.h"

#include <stdio.h>
#include <string.h>
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

bool process_is_gone(Str mark, bool same_machine)
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
