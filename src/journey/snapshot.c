/* What a question reads: the segments of this moment and the patch for them. */
#include "journey/store.h"

enum { FEW = 1000 }; /* moves that are patched for each question rather than once in a base */

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

/* --- patches ------------------------------------------------------------------------- */

static void kept_done(KeptPatch *k)
{
    snapshot_done(&k->of);
    patch_done(&k->patch);
    free_keys(k->keys);
    *k = (KeptPatch){0};
}

static void share_parts(Segment *const *from, Segment **to)
{
    for (size_t i = 0; i < PATCH_PARTS; i++)
        to[i] = from[i] != NULL ? segment_ref(from[i]) : NULL;
}

static void copy_patch(const Patch *from, Patch *to)
{
    *to = *from;
    to->skip = grown(NULL, from->nskip, sizeof *from->skip);
    memcpy(to->skip, from->skip, from->nskip * sizeof *from->skip);
    if (from->hides != NULL) {
        to->hides = grown(NULL, from->nskip, sizeof *from->hides);
        memcpy(to->hides, from->hides, from->nskip * sizeof *from->hides);
    }
    share_parts(from->part, to->part);
    share_parts(from->base, to->base);
}

/* Under `lock`: is one of the segments among those of a patch? */
static bool concerns(const KeptPatch *k, Segment *const *old, size_t n)
{
    bool any = old == NULL;
    for (size_t i = 0; i < k->of.n && !any; i++)
        for (size_t o = 0; o < n && !any; o++)
            any = k->of.segs[i] == old[o];
    return any;
}

void store_forget_patches(Journey *j, Segment *const *old, size_t n)
{
    KeptPatch gone[2] = {{.folds = 0}};
    pthread_mutex_lock(&j->lock);
    if (concerns(&j->patch, old, n)) {
        gone[0] = j->patch;
        j->patch = (KeptPatch){0};
    }
    if (concerns(&j->base, old, n)) {
        gone[1] = j->base;
        j->base = (KeptPatch){0};
    }
    pthread_mutex_unlock(&j->lock);
    kept_done(&gone[0]);
    kept_done(&gone[1]);
}

/* Under `lock`: was it made for the first segments, with what is wanted? */
static bool kept_fits(const KeptPatch *k, const Snapshot *s, const Keys *wanted, uint64_t folds)
{
    return k->patch.nskip > 0 && k->folds == folds && k->of.n <= s->n &&
           memcmp(k->of.segs, s->segs, k->of.n * sizeof *s->segs) == 0 &&
           keys_cover(k->keys, wanted);
}

/* Not for segments that are replaced already: their files are to go. */
static void keep(Journey *j, KeptPatch *to, Snapshot s, const Keys *wanted, const Patch *patch,
                 uint64_t folds)
{
    KeptPatch made = {.folds = folds, .keys = put_keys(wanted)};
    bool      fresh = true;
    snapshot_add(&made.of, s.segs, s.n);
    copy_patch(patch, &made.patch);
    pthread_mutex_lock(&j->lock);
    for (size_t i = 0; i < s.n; i++)
        fresh = fresh && !atomic_load(&s.segs[i]->condemned);
    if (fresh) {
        KeptPatch old = *to;
        *to = made;
        made = old;
    }
    pthread_mutex_unlock(&j->lock);
    kept_done(&made);
}

/* What is wanted, and what others wanted of patches before: so that those who ask in turn make
 * them once. */
static Keys widened(Journey *j, const Keys *wanted, Arena *a)
{
    enum { WIDEST = 32 };
    Str *key = arena_array(a, Str, wanted->n + WIDEST);
    Keys k = {.key = key, .n = wanted->n};
    if (wanted->n > 0)
        memcpy(key, wanted->key, wanted->n * sizeof *key);
    pthread_mutex_lock(&j->lock);
    Str rest = j->base.keys.len > 0 ? j->base.keys : j->patch.keys, one;
    while (k.n < WIDEST && str_cut(rest, '\0', &one, &rest))
        if (!keys_has(&k, one))
            key[k.n++] = str_dup(a, one);
    pthread_mutex_unlock(&j->lock);
    return k;
}

/* How many of the first segments a base is for: the files, when they are behind, and segments in
 * memory as far as they are far behind. */
static size_t far_behind(Journey *j, const Snapshot *s)
{
    uint64_t moved = remap_version(j->remap), erased = remap_erase_version(j->remap);
    size_t   files = 0, covers = 0;
    bool     behind = false;
    for (size_t i = 0; i < s->n; i++) {
        const SegTail *t = &s->segs[i]->tail;
        if (s->segs[i]->path != NULL) {
            files = i + 1;
            behind = behind || t->remap_version < moved || t->erase_version < erased;
        } else if (t->remap_version < moved &&
                   remap_moves_after(j->remap, t->remap_version) > FEW) {
            covers = i + 1;
        }
    }
    return covers > 0 ? covers : behind ? files : 0;
}

/* The base that is kept, when few people are concerned by what came since; or a new one. *ret
 * without people: there is none. */
static Status take_base(Journey *j, const Snapshot *s, const Keys *wanted, uint64_t folds,
                        Patch *ret, Err *err)
{
    size_t covers = far_behind(j, s);
    *ret = (Patch){0};
    pthread_mutex_lock(&j->lock);
    bool fits = kept_fits(&j->base, s, wanted, folds) && j->base.of.n >= covers;
    if (fits) {
        copy_patch(&j->base.patch, ret);
        ret->covers = j->base.of.n;
    }
    pthread_mutex_unlock(&j->lock);
    if (fits && remap_moves_after(j->remap, ret->remap_version) <= FEW)
        return ST_OK;
    patch_done(ret);
    if (covers == 0)
        return ST_OK;
    TRY(patch_make(s->segs, covers, j->remap, wanted, j->options.threads, ret, err));
    if (ret->nskip > 0)
        keep(j, &j->base, (Snapshot){s->segs, covers}, wanted, ret, folds);
    ret->covers = covers;
    return ST_OK;
}

/* Those of `a` that are not in `b`; both ascend. */
static size_t without(const int64_t *a, size_t na, const int64_t *b, size_t nb, int64_t *ret)
{
    size_t n = 0, k = 0;
    for (size_t i = 0; i < na; i++) {
        while (k < nb && b[k] < a[i])
            k++;
        if (k == nb || b[k] != a[i])
            ret[n++] = a[i];
    }
    return n;
}

/* The profiles of base and patch in one list, with who may tell of each. */
static void join_skips(Patch *p, const Patch *base)
{
    size_t   n = 0, i = 0, k = 0;
    int64_t *skip = grown(NULL, p->nskip + base->nskip, sizeof *skip);
    uint8_t *hides = grown(NULL, p->nskip + base->nskip, sizeof *hides);
    while (i < p->nskip || k < base->nskip) {
        bool mine = k == base->nskip || (i < p->nskip && p->skip[i] <= base->skip[k]);
        skip[n] = mine ? p->skip[i] : base->skip[k];
        hides[n] = mine ? SOURCE_PATCH : SOURCE_BASE;
        k += k < base->nskip && base->skip[k] == skip[n];
        i += mine;
        n++;
    }
    free(p->skip);
    p->skip = skip;
    p->hides = hides;
    p->nskip = n;
}

/* What came since the base was made, out of all segments and of the base itself. */
static Status gather_since(Journey *j, const Snapshot *s, const Keys *wanted, const Patch *base,
                           Patch *p, Err *err)
{
    Build    b;
    Status   st = ST_OK;
    int64_t *fresh =
        grown(NULL, p->nskip, sizeof *fresh); /* those that the base knows nothing of */
    size_t n = without(p->skip, p->nskip, base->skip, base->nskip, fresh);
    build_init(&b);
    for (size_t i = 0; i <= s->n && st == ST_OK; i++) {
        for (size_t k = 0; i == base->covers && k < PATCH_PARTS && base->part[k] != NULL; k++)
            if (st == ST_OK)
                st = gather(base->part[k], p->skip, p->nskip, j->remap, wanted, &b, err);
        if (i == s->n || st != ST_OK)
            break;
        bool covered = i < base->covers;
        st = gather(s->segs[i], covered ? fresh : p->skip, covered ? n : p->nskip, j->remap, wanted,
                    &b, err);
    }
    if (st == ST_OK)
        st = build_segment(&b, j->remap, p->erase_version, NULL, 0, &p->part[0], err);
    build_done(&b);
    free(fresh);
    return st;
}

static Status patch_since(Journey *j, const Snapshot *s, const Keys *wanted, const Patch *base,
                          Patch *ret, Err *err)
{
    Patch p = {.remap_version = remap_version(j->remap)};
    p.erase_version = remap_erase_version(j->remap);
    p.covers = base->covers;
    uint64_t moved = base->remap_version, erased = base->erase_version;
    for (size_t i = base->covers; i < s->n; i++) {
        const SegTail *t = &s->segs[i]->tail;
        moved = t->remap_version < moved ? t->remap_version : moved;
        erased = t->erase_version < erased ? t->erase_version : erased;
    }
    p.nskip = remap_touched(j->remap, moved, erased, &p.skip);
    Status st = p.nskip > 0 ? gather_since(j, s, wanted, base, &p, err) : ST_OK;
    if (st != ST_OK) {
        patch_done(&p);
        return st;
    }
    share_parts(base->part, p.base);
    join_skips(&p, base);
    *ret = p;
    return ST_OK;
}

static Status make_patch(Journey *j, const Snapshot *s, const Keys *wanted, uint64_t folds,
                         Patch *ret, Err *err)
{
    Patch  base = {0};
    Status st = take_base(j, s, wanted, folds, &base, err);
    if (st == ST_OK)
        st = base.nskip > 0
                 ? patch_since(j, s, wanted, &base, ret, err)
                 : patch_make(s->segs, s->n, j->remap, wanted, j->options.threads, ret, err);
    patch_done(&base);
    return st;
}

Status store_patch(Journey *j, const Snapshot *s, const Keys *wanted, Patch *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    uint64_t moved = remap_version(j->remap), erased = remap_erase_version(j->remap);
    uint64_t folds = remap_folds(j->remap);
    pthread_mutex_lock(&j->lock);
    bool fits = kept_fits(&j->patch, s, wanted, folds) && j->patch.of.n == s->n &&
                j->patch.patch.remap_version == moved && j->patch.patch.erase_version == erased;
    if (fits)
        copy_patch(&j->patch.patch, ret);
    pthread_mutex_unlock(&j->lock);
    if (fits)
        return ST_OK;
    Keys keys = widened(j, wanted, &a);
    TRY(make_patch(j, s, &keys, folds, ret, err));
    if (ret->nskip > 0 && folds == remap_folds(j->remap))
        keep(j, &j->patch, *s, &keys, ret, folds);
    return ST_OK;
}
