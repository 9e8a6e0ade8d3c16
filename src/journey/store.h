/* store.h - what the files of a store are, inside; for the engine's own sources only.
 *
 *      MANIFEST          which segments count, from which log file on events are replayed
 *      MANIFEST.copy     the same, for when that is damaged
 *      0000000007.seg    segments; one that the manifest does not name is removed at opening
 *      0000000012.log    events that are in no segment yet
 *      links             remaps and erasures     (remap.c)
 *      seen              message ids             (seen.c)
 *      lock              one process writes
 *
 * Events go log -> `active` (batches as they came) -> small segments in memory -> files ->
 * larger files. Each step replaces its sources in one change of the list of segments, so that
 * a question sees every event once. */
#pragma once

#include "journey/log.h"
#include "journey/scan.h"

/* Segments of this moment, with everything that is durable; each is a reference. */
typedef struct Snapshot {
    Segment **segs;
    size_t    n;
} Snapshot;

#define MANIFEST_COPY "MANIFEST.copy"

/* A file that the manifest names, and that cannot be used. */
typedef struct Lost {
    uint64_t number, remap_version, erase_version;
    uint64_t sum; /* of its tail */
    char     why[160];
} Lost;

/* A patch that was made for a question, for the next one. */
typedef struct KeptPatch {
    Snapshot of; /* what it was made for */
    Patch    patch;
    uint64_t folds; /* remap_folds() then */
    Str      keys;  /* properties that it has; malloc'd, see snapshot.c */
} KeptPatch;

enum { STORE_MINI_ROWS = 16384 }; /* events that wait for a segment in memory */

struct Journey {
    char          *dir;
    JourneyOptions options;
    int            lock_fd;
    Remap         *remap;
    Seen           seen; /* of the log's thread; see log_pause() */
    Log           *log;  /* NULL: read only */

    pthread_mutex_t lock; /* of what follows; held for moments */
    Segment       **segs; /* oldest first: files, then memory */
    bool           *busy; /* [segment]: being merged */
    size_t          nsegs, cap_segs;
    LogBatch      **active; /* durable, in no segment yet */
    size_t          nactive, cap_active;
    size_t          active_rows;
    uint64_t        published; /* batches ever: names a state of `active` */
    Segment       **live;      /* segments of `active` as of `live_state` … */
    size_t          nlive;
    Str             live_keys; /* … with these properties; malloc'd, see snapshot.c */
    uint64_t        live_state;
    KeptPatch       patch; /* of all that there was when it was made */
    KeptPatch       base;  /* of the first segments, which change rarely: others go on from it */
    uint64_t        next;  /* number of the next file */
    uint64_t        log_first;
    int64_t         merging;
    atomic_bool     stop; /* closing: merges into files are left */

    pthread_mutex_t commit; /* held while the manifest changes */
    pthread_mutex_t memory_work, disk_work;
    pthread_mutex_t sealing;    /* held while `active` becomes segments */
    pthread_cond_t  wake, full; /* segments are to be merged; `active` is full */
    pthread_cond_t  asked;      /* no question runs any more */
    atomic_int      asking;     /* questions that run: merges let them go first */
    pthread_t       threads[3];
    size_t          nthreads;
    Lost           *lost; /* of the opening; see journey_mend() */
    size_t          nlost;
    bool            lenient;       /* open in spite of lost segments */
    bool            links_lost;    /* the end of the file of links is missing */
    uint64_t        manifest_sum;  /* of the manifest that was read */
    int64_t         links_damaged; /* bytes that remap_mend() left out */
    bool            exact;         /* log files have each number from log_first on */
};

/* Can questions be answered? "journey.corrupt" when a segment is lost. */
NODISCARD Status store_whole(const Journey *j, Err *err);

/* Is everything in a block as it was written? */
bool store_block_sound(Segment *s, size_t block);

/* Does the manifest say what it said at the opening? Of a store that is read only. */
NODISCARD Status store_unchanged(const Journey *j, bool *ret, Err *err);

/* Verify MANIFEST or its copy. ST_NOT_FOUND, "journey.corrupt". */
NODISCARD Status store_manifest_check(const char *dir, const char *name, Err *err);

/* --- snapshot.c ---------------------------------------------------------------------- */

/* What is in no segment yet has the properties that are wanted alone. */
NODISCARD Status snapshot_take(Journey *j, const Keys *wanted, Snapshot *ret, Err *err);
void             snapshot_done(Snapshot *s);

/* A patch for a snapshot. What was made last is kept for others who ask before segments, remaps or
 * erasures change; that of the first segments also when they do, as long as few people are
 * concerned. */
NODISCARD Status store_patch(Journey *j, const Snapshot *s, const Keys *wanted, Patch *ret,
                             Err *err);

/* These are replaced (NULL: the store is closed): their files are to go. */
void store_forget_patches(Journey *j, Segment *const *old, size_t n);

/* --- store.c ------------------------------------------------------------------------- */

/* Replace `n` neighbours (which are busy) by `made` (NULL: by nothing; takes the reference), and
 * say so in the manifest where files are concerned. `log_first`, unless 0: events of earlier log
 * files are all in segments then, which the same manifest says - or they would be replayed and
 * count twice. On failure nothing changes but that the reference is gone. */
NODISCARD Status store_replace(Journey *j, Segment *const *old, size_t n, Segment *made,
                               uint64_t log_first, Err *err);

/* Insert files behind the last file (load.c). */
NODISCARD Status store_insert(Journey *j, Segment *const *made, size_t n, Err *err);

NODISCARD Status store_save(Journey *j, Segment *const *segs, size_t n, uint64_t log_first,
                            Err *err);
uint64_t         store_number(Journey *j); /* for a new file */
char            *store_path(Journey *j, Arena *a, uint64_t number);

/* --- merge.c ------------------------------------------------------------------------- */

/* What is in `active`, when it has as many rows, becomes segments in memory. */
NODISCARD Status seal_active(Journey *j, size_t rows, Err *err);

/* Segments in memory become fewer; when they are much, or `flush`, they and `active` a file. */
NODISCARD Status merge_memory(Journey *j, bool flush, Err *err);

/* Merge files that are many or small; `settle`: fold in all remaps and erasures, `whole`: into
 * one. *ret_any: there was something to do. */
NODISCARD Status merge_disk(Journey *j, bool settle, bool whole, bool *ret_any, Err *err);

/* One segment out of several: a file, or (path NULL) in memory; NULL when nothing is left. */
NODISCARD Status merge_segments(Journey *j, Segment *const *segs, size_t n, const char *path,
                                uint64_t number, Segment **ret, Err *err);

void know_columns(Space *space, Segment *const *segs, size_t n);
void merge_threads_start(Journey *j);
void merge_threads_stop(Journey *j);

/* Segments in memory out of batches, one for each log file; appended to *segs. */
NODISCARD Status build_batches(Journey *j, LogBatch *const *batches, size_t n, const Keys *wanted,
                               Segment ***segs, size_t *nsegs, Err *err);
