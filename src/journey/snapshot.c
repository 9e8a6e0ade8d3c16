/* What a question reads: the segments of this moment and the patch for them. */
#include "journey/store.h"

static void *grown(void *p, size_t n, size_t size)
{
    p = realloc(p, (n + 1) * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

void snapshot_done(Snapshot *s)
{
    for (size_t i = 0; i < s->n; i++)
        segment_unref(s->segs[i]);
    free(s->segs);
    *s = (Snapshot){0};
}

static void snapshot_add(Snapshot *s, Segment *const *segs, size_t n)
{
    s->segs = grown(s->segs, s->n + n, sizeof(Segment *));
    for (size_t i = 0; i < n; i++)
        s->segs[s->n++] = segment_ref(segs[i]);
}

/* Keys as one text, each with a zero behind it; all of them: "*". */
static Str put_keys(const Keys *wanted)
{
    CLEANUP(buf_done) Buf b = {0};
    Str                   text;
    buf_init(&b, SIZE_MAX / 4);
    if (wanted == NULL)
        buf_addc(&b, '*');
    for (size_t i = 0; wanted != NULL && i < wanted->n; i++) {
        buf_add(&b, wanted->key[i]);
        buf_addc(&b, '\0');
    }
    text.ptr = buf_take(&b, &text.len);
    return text;
}

/* Keep what was made of `active`, for others who ask before it changes; takes the keys. */
static void keep_live(Journey *j, Segment **made, size_t n, uint64_t state, Str keys)
{
    pthread_mutex_lock(&j->lock);
    Segment **old = j->live;
    size_t    nold = j->nlive;
    Str       old_keys = j->live_keys;
    j->live = made;
    j->nlive = n;
    j->live_state = state;
    j->live_keys = keys;
    pthread_mutex_unlock(&j->lock);
    for (size_t i = 0; i < nold; i++)
        segment_unref(old[i]);
    free(old);
    free((void *)(uintptr_t)old_keys.ptr);
}

/* Under `lock`. */
static bool live_fits(const Journey *j, Str keys)
{
    return j->nlive > 0 && j->live_state == j->published &&
           (str_eq(j->live_keys, keys) || str_eq(j->live_keys, STR("*")));
}

/* What is in no segment yet: laid out before, or the batches, each a reference. */
static LogBatch **take_active(Journey *j, Str keys, Snapshot *s, uint64_t *ret_state, size_t *ret_n)
{
    LogBatch **batches = NULL;
    size_t     n = 0;
    pthread_mutex_lock(&j->lock);
    snapshot_add(s, j->segs, j->nsegs);
    *ret_state = j->published;
    if (j->nactive > 0 && live_fits(j, keys)) {
        snapshot_add(s, j->live, j->nlive);
    } else if (j->nactive > 0) {
        n = j->nactive;
        batches = grown(NULL, n, sizeof(LogBatch *));
        for (size_t i = 0; i < n; i++)
            batches[i] = batch_ref(j->active[i]);
    }
    pthread_mutex_unlock(&j->lock);
    *ret_n = n;
    return batches;
}

/* Nobody is waited for: events that are being laid out for good are laid out here once more. */
Status snapshot_take(Journey *j, const Keys *wanted, Snapshot *ret, Err *err)
{
    Snapshot   s = {0};
    uint64_t   state;
    Str        keys = put_keys(wanted);
    size_t     n = 0, nmade = 0;
    LogBatch **batches = take_active(j, keys, &s, &state, &n);
    Segment  **made = NULL;
    Status     st = build_batches(j, batches, n, wanted, &made, &nmade, err);
    for (size_t i = 0; i < n; i++)
        batch_unref(batches[i]);
    free(batches);
    if (st == ST_OK && nmade > 0) {
        snapshot_add(&s, made, nmade);
        keep_live(j, made, nmade, state, keys);
        *ret = s;
        return ST_OK;
    }
    for (size_t i = 0; i < nmade; i++)
        segment_unref(made[i]);
    free(made);
    free((void *)(uintptr_t)keys.ptr);
    if (st == ST_OK)
        *ret = s;
    else
        snapshot_done(&s);
    return st;
}

/* --- the patch ----------------------------------------------------------------------- */

static void copy_patch(const Patch *from, Patch *to)
{
    *to = *from;
    to->skip = grown(NULL, from->nskip, sizeof *from->skip);
    memcpy(to->skip, from->skip, from->nskip * sizeof *from->skip);
    if (from->segment != NULL)
        segment_ref(from->segment);
}

void store_forget_patch(Journey *j)
{
    pthread_mutex_lock(&j->lock);
    Snapshot of = j->patched;
    Patch    patch = j->patch;
    j->patched = (Snapshot){0};
    j->patch = (Patch){0};
    pthread_mutex_unlock(&j->lock);
    snapshot_done(&of);
    patch_done(&patch);
}

/* Under `lock`. */
static bool patch_fits(const Journey *j, const Snapshot *s, const Patch *now, uint64_t folds)
{
    return j->patch.nskip > 0 && j->patched.n == s->n && j->patch_folds == folds &&
           j->patch.remap_version == now->remap_version &&
           j->patch.erase_version == now->erase_version &&
           memcmp(j->patched.segs, s->segs, s->n * sizeof *s->segs) == 0;
}

/* Not for segments that are replaced already: their files are to go. */
static void keep_patch(Journey *j, const Snapshot *s, const Patch *patch, uint64_t folds)
{
    Snapshot of = {0};
    Patch    copy;
    bool     fresh = true;
    snapshot_add(&of, s->segs, s->n);
    copy_patch(patch, &copy);
    pthread_mutex_lock(&j->lock);
    for (size_t i = 0; i < s->n; i++)
        fresh = fresh && !atomic_load(&s->segs[i]->condemned);
    if (fresh) {
        Snapshot old = j->patched;
        Patch    other = j->patch;
        j->patched = of;
        j->patch = copy;
        j->patch_folds = folds;
        of = old;
        copy = other;
    }
    pthread_mutex_unlock(&j->lock);
    snapshot_done(&of);
    patch_done(&copy);
}

Status store_patch(Journey *j, const Snapshot *s, Patch *ret, Err *err)
{
    Patch    now = {.remap_version = remap_version(j->remap)};
    uint64_t folds = remap_folds(j->remap);
    now.erase_version = remap_erase_version(j->remap);
    pthread_mutex_lock(&j->lock);
    bool fits = patch_fits(j, s, &now, folds);
    if (fits)
        copy_patch(&j->patch, ret);
    pthread_mutex_unlock(&j->lock);
    if (fits)
        return ST_OK;
    TRY(patch_make(s->segs, s->n, j->remap, ret, err));
    if (ret->nskip > 0 && folds == remap_folds(j->remap))
        keep_patch(j, s, ret, folds);
    return ST_OK;
}
