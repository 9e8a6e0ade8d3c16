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

static void free_keys(Str keys)
{
    free((void *)(uintptr_t)keys.ptr);
}

/* Are the wanted ones among them? */
static bool keys_cover(Str keys, const Keys *wanted)
{
    bool all = str_eq(keys, STR("*"));
    if (all || wanted == NULL)
        return all;
    for (size_t i = 0; i < wanted->n; i++) {
        Str  rest = keys, key;
        bool has = false;
        while (!has && str_cut(rest, '\0', &key, &rest))
            has = str_eq(key, wanted->key[i]);
        if (!has)
            return false;
    }
    return true;
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
    free_keys(old_keys);
}

/* Under `lock`. */
static bool live_fits(const Journey *j, const Keys *wanted)
{
    return j->nlive > 0 && j->live_state == j->published && keys_cover(j->live_keys, wanted);
}

/* What is in no segment yet: laid out before, or the batches, each a reference. */
static LogBatch **take_active(Journey *j, const Keys *wanted, Snapshot *s, uint64_t *ret_state,
                              size_t *ret_n)
{
    LogBatch **batches = NULL;
    size_t     n = 0;
    pthread_mutex_lock(&j->lock);
    snapshot_add(s, j->segs, j->nsegs);
    *ret_state = j->published;
    if (j->nactive > 0 && live_fits(j, wanted)) {
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
    LogBatch **batches = take_active(j, wanted, &s, &state, &n);
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
    free_keys(keys);
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
    Str      keys = j->patch_keys;
    j->patch_keys = (Str){0};
    j->patched = (Snapshot){0};
    j->patch = (Patch){0};
    pthread_mutex_unlock(&j->lock);
    snapshot_done(&of);
    patch_done(&patch);
    free_keys(keys);
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
static void keep_patch(Journey *j, const Snapshot *s, const Keys *wanted, const Patch *patch,
                       uint64_t folds)
{
    Str      keys = put_keys(wanted);
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
        Str passed = j->patch_keys;
        j->patch_keys = keys;
        keys = passed;
        of = old;
        copy = other;
    }
    pthread_mutex_unlock(&j->lock);
    snapshot_done(&of);
    patch_done(&copy);
    free_keys(keys);
}

/* What is wanted, and what others wanted of the patch before: so that those who ask in turn make
 * it once. */
static Keys widened(Journey *j, const Keys *wanted, Arena *a)
{
    enum { WIDEST = 32 };
    Str *key = arena_array(a, Str, wanted->n + WIDEST);
    Keys k = {.key = key, .n = wanted->n};
    if (wanted->n > 0)
        memcpy(key, wanted->key, wanted->n * sizeof *key);
    pthread_mutex_lock(&j->lock);
    Str rest = j->patch_keys, one;
    while (k.n < WIDEST && str_cut(rest, '\0', &one, &rest))
        if (!keys_has(&k, one))
            key[k.n++] = str_dup(a, one);
    pthread_mutex_unlock(&j->lock);
    return k;
}

Status store_patch(Journey *j, const Snapshot *s, const Keys *wanted, Patch *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    Patch                     now = {.remap_version = remap_version(j->remap)};
    uint64_t                  folds = remap_folds(j->remap);
    now.erase_version = remap_erase_version(j->remap);
    pthread_mutex_lock(&j->lock);
    bool fits = patch_fits(j, s, &now, folds) && keys_cover(j->patch_keys, wanted);
    if (fits)
        copy_patch(&j->patch, ret);
    pthread_mutex_unlock(&j->lock);
    if (fits)
        return ST_OK;
    Keys keys = widened(j, wanted, &a);
    TRY(patch_make(s->segs, s->n, j->remap, &keys, ret, err));
    if (ret->nskip > 0 && folds == remap_folds(j->remap))
        keep_patch(j, s, &keys, ret, folds);
    return ST_OK;
}
