/* core_int.h - what the files of core share. */
#pragma once

#include "core/core.h"
#include "core/core_sql.h"
#include "core/job_int.h"
#include "core/limiter.h"
#include "core/relay_int.h"

enum { PROCESS_MARK_MAX = 160 };

struct Core {
    Db             *db;
    CoreOptions     options; /* with the defaults filled in */
    const Module  **modules; /* core's own first */
    size_t          nmodules;
    Permission     *permissions;
    size_t          npermissions;
    int64_t         process;   /* id of our row in core_process */
    _Atomic int64_t fixed_now; /* 0: none */
    atomic_bool     stopping;
    Limiter        *limiter;
    Relay           relay;
    Jobs            jobs;
};

/* A Cx for work of the program itself. */
NODISCARD Status core_cx(Core *core, Cx *cx, Arena *a);

/* How a process tells others on its machine that it lives. */
void process_mark(char ret[PROCESS_MARK_MAX]);

/* Is the program of this row gone? Surely so when its process is, on this machine; else
 * when it was not seen for two leases, or for a day when it does not renew its row. */
bool process_is_gone(const Cx *cx, const CoreProcess *row, SpanMs lease);

int64_t process_new_id(void);  /* random: ids of base/id.h need the node first */
int64_t process_program(void); /* the same for all that this process does without a Core */

/* It is gone: nothing is held by it any more. */
NODISCARD Status process_bury(Cx *cx, int64_t id);

/* In a transaction: note this program, give its ids a node that no other living program
 * has, and forget those that are gone. `id` is of the row. */
NODISCARD Status process_register(Cx *cx, int64_t id, bool beats, SpanMs lease);

enum { PROCESSES_MAX = 1000 };

int64_t mono_ms(void);

enum { CORE_PACE_MS = 3 };

/* The calling thread's name, and how far it gives way to those who answer somebody. */
void core_thread(const char *name, int nice);

/* Wait until CORE_PACE_MS have passed since `last` (monotonic ms): where one commit follows the
 * other, it takes less to look at several at once; who has had nothing to do looks at once. */
void core_pace(int64_t last);

/* calloc() that does not fail. */
void *core_alloc(size_t n, size_t size);

/* Wait for `cond` until the monotonic time `until_ms`; false when it has come. */
bool core_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_ms);
void core_cond_init(pthread_cond_t *cond); /* on the monotonic clock */

extern const Module core_module;

/* Schedules of core itself: prune.c */
NODISCARD Status core_prune(Cx *cx);

/* What setting_kept() knows: all of it; as a reaction. */
void             settings_forget(void);
NODISCARD Status settings_changed(Cx *cx, const Event *event);
