/* Going on without what is damaged. */
#include "journey/store.h"

#include "journey/disk.h"

typedef struct Mend {
    Journey        *j;
    JourneyFinding *fn;
    void           *arg;
} Mend;

static void file_name(char name[32], uint64_t number)
{
    (void)snprintf(name, 32, "%010llu.seg", (unsigned long long)number);
}

static Status write_range(View *view, SegWriter *w, const SegBlock *first, const SegBlock *last,
                          Err *err)
{
    CLEANUP(scan_done) Scan scan = {0};
    const WriteRows        *rows;
    bool                    more = true;
    TRY(scan_init(&scan, view, first->profile_min, last->profile_max, err));
    while (more) {
        TRY(scan_rows(&scan, &rows, &more, err));
        if (more)
            TRY(seg_writer_block(w, rows, err));
    }
    return ST_OK;
}

/* Blocks are of whole people, so what stands between two damaged ones is a range of them. */
static Status write_sound(Segment *s, const bool *sound, View *view, SegWriter *w, Err *err)
{
    size_t n = s->tail.nblocks;
    for (size_t from = 0, to; from < n; from = to + 1) {
        for (to = from; to < n && sound[to]; to++)
            continue;
        if (to > from)
            TRY(write_range(view, w, &s->blocks[from], &s->blocks[to - 1], err));
    }
    return ST_OK;
}

/* As it is otherwise: what it has not folded in stays to be folded in. */
static Status copy_sound(Journey *j, Segment *s, const bool *sound, uint64_t number, Segment **ret,
                         Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    View                      view = {0};
    Space                     space;
    SegWriter                *w = NULL;
    unsigned char            *bytes = NULL;
    size_t                    size = 0;
    char                     *path = store_path(j, &a, number);
    *ret = NULL;
    space_init(&space);
    know_columns(&space, &s, 1);
    Status st = view_make(&s, 1, NULL, &space, true, &view, err);
    view.keep_from = remap_expired(j->remap);
    if (st == ST_OK)
        st = seg_writer_new(path, &space, &w, err);
    if (st == ST_OK) {
        st = write_sound(s, sound, &view, w, err);
        if (st == ST_OK)
            st =
                seg_writer_end(w, s->tail.remap_version, s->tail.erase_version, &bytes, &size, err);
        else
            seg_writer_drop(w);
    }
    view_done(&view);
    space_done(&space);
    if (st == ST_OK && size > 0)
        st = segment_open(path, number, ret, err);
    return st;
}

static Status mend_segment(Mend *m, Segment *s, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    bool                     *sound = arena_array(&a, bool, s->tail.nblocks + 1);
    int64_t                   lost = 0;
    char                      what[120];
    Segment                  *made;
    for (size_t i = 0; i < s->tail.nblocks; i++) {
        sound[i] = store_block_sound(s, i);
        lost += sound[i] ? 0 : (int64_t)s->blocks[i].rows;
    }
    if (lost == 0)
        return ST_OK;
    TRY(disk_set_aside(m->j->dir, segment_name(s), err));
    TRY(copy_sound(m->j, s, sound, store_number(m->j), &made, err));
    Status st = disk_sync_dir(m->j->dir, err);
    if (st != ST_OK) { /* its file goes at the next opening */
        segment_unref(made);
        return st;
    }
    (void)snprintf(what, sizeof what, "%s: %lld of %lld events left out", segment_name(s),
                   (long long)lost, (long long)s->tail.rows);
    TRY(store_replace(m->j, &s, 1, made, 0, err));
    m->fn(m->arg, what);
    return ST_OK;
}

static Status mend_segments(Mend *m, Err *err)
{
    Snapshot s;
    TRY(snapshot_take(m->j, NULL, &s, err));
    Status st = ST_OK;
    for (size_t i = 0; i < s.n && st == ST_OK; i++)
        if (s.segs[i]->path != NULL)
            st = mend_segment(m, s.segs[i], err);
    snapshot_done(&s);
    return st;
}

/* The manifest first: a file that it does not name goes at the next opening. */
static Status leave_lost(Mend *m, Err *err)
{
    Journey *j = m->j;
    size_t   n = j->nlost;
    for (size_t i = 0; i < n; i++) {
        char name[32];
        file_name(name, j->lost[i].number);
        TRY(disk_set_aside(j->dir, name, err));
    }
    j->nlost = 0;
    Status st = n > 0 ? store_save(j, j->segs, j->nsegs, j->log_first, err) : ST_OK;
    if (st != ST_OK) {
        j->nlost = n;
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        CLEANUP(arena_done) Arena a = {.block_size = 1024};
        TRY(disk_unlink(store_path(j, &a, j->lost[i].number), err));
        m->fn(m->arg, j->lost[i].why);
    }
    return ST_OK;
}

Status journey_mend(Journey *j, JourneyFinding *fn, void *arg, Err *err)
{
    Mend m = {j, fn, arg};
    if (j->log == NULL || !j->options.mend || j->nthreads > 0)
        return err_set(err, ST_CONFLICT, "journey.in_use", "it was not opened to be mended");
    char what[80];
    (void)snprintf(what, sizeof what, "links: %lld bytes left out", (long long)j->links_damaged);
    if (j->links_damaged > 0)
        fn(arg, what);
    TRY(merge_memory(j, true, err)); /* what the logs have becomes a file, and `seen` is written */
    TRY(mend_segments(&m, err));
    return leave_lost(&m, err);
}
