/* published_int.h - between the files of the read model; private to src/catalog.
 *
 *   published_thing.c   one thing: an immutable struct with all that hangs on it
 *   published_table.c   tables of things that share what did not change
 *   published_load.c    things from SQL
 *   published_edit.c    the next view from the last one, and what changed
 *   published_mark.c    what events say has to be renewed
 *   published_log.c     what changed, for caches that follow
 *   published.c         the store: its thread, views, beginning and end
 *   published_read.c    what readers ask
 *
 * One edit at a time makes the next view; readers never see an unfinished one. Tables and
 * their buckets are counted by the editor alone; things by anybody, for readers may hold one
 * that is in no table. */
#pragma once

#include "catalog/catalog_int.h"
#include "catalog/published.h"
#include "core/core.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    PUB_SLOTS = 64,         /* views that may be held at once */
    PUB_ROUND = 1000,       /* things renewed together */
    PUB_BATCH = 100,        /* bodies loaded together */
    PUB_MARKS_MAX = 100000, /* then everything is built anew */
    PUB_RECENT = 4096,      /* marks that are remembered, for what readers load */
    PUB_LISTENERS = 8
};

#define PUB_NEVER INT64_MAX

/* A text that a reader made of a thing. */
typedef struct PubKept {
    struct PubKept *older;
    int64_t         attributes; /* revision of their definitions */
    size_t          len;
    char            text[];
} PubKept;

/* --- things ------------------------------------------------------------------------------- */

typedef struct PubThing {
    atomic_int         refs;
    atomic_uint        used; /* of bodies: read since the last look */
    PublishedKind      kind;
    int64_t            id;
    int64_t            scope;  /* of articles: the blog */
    Str                handle; /* of redirects: the path */
    Str                order;  /* key of published_ids() */
    int64_t            turn;   /* when it changes by itself; PUB_NEVER */
    size_t             bytes;
    int64_t           *rev;   /* in *value */
    void              *value; /* PublishedPage …; of products PublishedHead or PublishedProduct */
    Arena              arena;
    struct PubStore   *store;
    _Atomic(PubKept *) kept; /* newest first; freed with the thing */
} PubThing;

/* With one reference, and `size` zeroed bytes as value. Fill it, then pub_thing_done(). */
PubThing *pub_thing_new(struct PubStore *s, PublishedKind kind, int64_t id, size_t size);
void      pub_thing_done(PubThing *t);
PubThing *pub_thing_ref(PubThing *t);
void      pub_thing_unref(void *thing); /* NULL is fine */

/* Texts of one root among rows sorted by it. */
typedef struct PublishedText {
    int64_t entity;
    Str     field;
    Str     locale;
    Str     value; /* of HTML: safe */
} PublishedText;
PublishedTexts pub_texts_copy(Arena *a, const CatalogPublishedTextRowList *rows, int64_t root);

const PublishedMedia *pub_media_copy(Arena *a, CatalogMediaList media, Str handle);
CatalogIds            pub_ids_copy(Arena *a, const int64_t *ids, size_t n);
/* Places in `ids`, so that they ascend. */
const uint32_t *pub_ids_order(Arena *a, CatalogIds ids);

/* --- tables ------------------------------------------------------------------------------- */

typedef struct PubTable PubTable;

PubTable *pub_table_new(void);
PubTable *pub_table_copy(PubTable *from); /* to be changed, while readers see *from */
PubTable *pub_table_ref(PubTable *t);
void      pub_table_unref(PubTable *t); /* NULL is fine */
size_t    pub_table_count(const PubTable *t);

/* Keys: the id, or a hash of handle and scope; several things may have the same hash. */
uint64_t  pub_handle_key(Str handle, int64_t scope);
PubThing *pub_table_by_id(const PubTable *t, int64_t id); /* NULL: not there */
PubThing *pub_table_by_handle(const PubTable *t, Str handle, int64_t scope);

/* Put `t` in the place of what has the same id under `key`; takes a reference. */
void pub_table_put(PubTable **t, uint64_t key, PubThing *thing);
void pub_table_drop(PubTable *t, uint64_t key, int64_t id);

typedef void PubVisit(PubThing *thing, void *arg);
void         pub_table_each(const PubTable *t, PubVisit *fn, void *arg);

/* --- views -------------------------------------------------------------------------------- */

/* What there is one of. */
typedef struct PubPricing {
    int64_t           rev;
    CatalogPriceLists lists;
    const Condition **conditions; /* lists.n; NULL: everybody */
} PubPricing;

typedef struct PubShop {
    int64_t     rev;
    CatalogShop shop;
    int64_t     bytes; /* budget, as the setting says */
} PubShop;

typedef struct PubAttributes {
    int64_t              rev;
    CatalogAttributeDefs scopes[4];
} PubAttributes;

typedef struct PubList {
    int64_t    rev;
    CatalogIds ids;
} PubList;

typedef struct PubRedirect {
    int64_t rev;
    Str     target;
} PubRedirect;

typedef struct PubHead {
    PublishedHead head;
    uint64_t      title; /* hash of its sort key: its place in collections by title */
} PubHead;

struct Published {
    struct PubStore *store;
    struct PubSlot  *slot; /* where it stands */
    int64_t          rev;
    PubTable        *by_id[PUBLISHED_THINGS];     /* of products: heads */
    PubTable        *by_handle[PUBLISHED_THINGS]; /* not of policies */
    PubTable        *bodies;                      /* of products that are resident, by id */
    PubThing        *lists[PUBLISHED_THINGS];     /* PubList; NULL: none is kept */
    PubThing        *pricing, *shop, *attributes;
};

typedef struct PubSlot {
    _Alignas(64) _Atomic int64_t holders;
    bool      taken; /* the editor's: has a view */
    Published view;
} PubSlot;

/* --- what has to be renewed ----------------------------------------------------------------- */

typedef struct PubMark {
    PublishedKind kind;
    int64_t       id;
} PubMark;

typedef struct PubMarks {
    PubMark *items; /* heap */
    size_t   n, cap;
    bool     all; /* everything, there were too many */
} PubMarks;

typedef struct PubTurn { /* at that time a thing changes by itself */
    int64_t at;
    PubMark mark;
} PubTurn;

typedef struct PubTurns {
    PubTurn *items; /* heap */
    size_t   n, cap;
} PubTurns;

typedef struct PubOffer { /* a body that a reader loaded, to be kept */
    PubThing        *thing;
    int64_t          seen; /* marks made before it was loaded */
    struct PubOffer *next;
} PubOffer;

typedef struct PubStore {
    Db              *db;
    Core            *core;
    PublishedOptions options;
    PubSlot          slots[PUB_SLOTS];
    atomic_int       current;
    _Atomic int64_t  bytes; /* of all things, also those that only readers hold */
    _Atomic int64_t  used;  /* body_bytes of the current view */
    _Atomic int64_t  kept;  /* bytes of what readers made of products */
    _Atomic int64_t  misses, evictions, renewals, resident;

    pthread_mutex_t editing; /* one edit at a time; guards: */
    int64_t         rev;
    int64_t         body_bytes;
    PubTurns        turns; /* ordered as a heap by time */
    size_t          fill;  /* products still to look at, from the end of the list */
    size_t          hand;  /* of the clock that chooses what is evicted */

    pthread_mutex_t marking; /* guards: */
    pthread_cond_t  marked;  /* the thread waits */
    pthread_cond_t  settled; /* published_settle() waits */
    PubMarks        marks;
    PubOffer       *offers;
    size_t          noffers;
    int64_t         seen; /* marks made so far */
    int64_t         recent[PUB_RECENT];
    int64_t         forgotten; /* marks up to this one are not in `recent` */
    int64_t         next_turn;
    bool            busy; /* marks were taken and are not in the view yet */
    bool            stopping, threaded, filling;
    pthread_t       thread;

    pthread_mutex_t logging; /* guards: */
    PublishedChange log[PUBLISHED_LOG];
    int64_t         logged;   /* changes ever */
    int64_t         log_from; /* the log knows all after this revision */
    struct {
        PublishedListener *fn;
        void              *arg;
    } listeners[PUB_LISTENERS];
} PubStore;

/* NULL: there is none. */
PubStore *pub_store_of(Db *db);

/* Bytes of bodies that there may be. */
int64_t pub_budget(const PubStore *s, const Published *v);

/* With s->marking held: this, or everything, is to be renewed; what an event says. */
void             pub_mark(PubStore *s, PublishedKind kind, int64_t id);
void             pub_mark_all(PubStore *s);
NODISCARD Status pub_mark_event(Cx *cx, PubStore *s, const Published *v, const Event *event);

struct PubEdit;
void pub_log(PubStore *s, const struct PubEdit *e); /* and tell the listeners */

void pub_count_kept(PubStore *s, int64_t bytes);

/* --- one edit ----------------------------------------------------------------------------- */

typedef struct PubEdit {
    PubStore        *store;
    Cx              *cx;
    Published        next; /* holds a reference to all in it */
    int64_t          rev;  /* of what changes */
    bool             own[PUBLISHED_THINGS], own_handles[PUBLISHED_THINGS], own_bodies;
    bool             relist[PUBLISHED_THINGS]; /* the list of ids is not right any more */
    bool             reset;                    /* everything was built anew */
    PubMarks         more;                     /* found on the way */
    PubMarks         worked;                   /* sorted: done in this edit */
    PubTurns         turns;                    /* of new things, in no order */
    PublishedChange *changes;                  /* heap */
    size_t           nchanges, changes_cap;
    int64_t          bytes;       /* of bodies put, less those dropped */
    PubMarks         fresh, gone; /* products */
} PubEdit;

void pub_edit_begin(PubEdit *e, PubStore *s, Cx *cx, const Published *from);

/* Work off these marks and what follows from them; what is too much stays in e->more. */
NODISCARD Status pub_edit_marks(PubEdit *e, const PubMark *marks, size_t n);
/* Everything anew; bodies are left out. */
NODISCARD Status pub_edit_all(PubEdit *e);
/* Load bodies of products that are not resident. */
NODISCARD Status pub_edit_fill(PubEdit *e, const int64_t *ids, size_t n);
/* Keep a body that a reader loaded, if it is not out of date. */
void pub_edit_admit(PubEdit *e, PubThing *body);
void pub_edit_evict(PubEdit *e, PubThing *body);
/* Lists of ids: last. */
void pub_edit_finish(PubEdit *e);
void pub_edit_done(PubEdit *e); /* frees what is the edit's own */

void pub_view_clear(Published *v); /* give all references back */
void pub_marks_add(PubMarks *m, PublishedKind kind, int64_t id);
void pub_turns_add(PubTurns *t, PubTurn turn);

/* --- from SQL ------------------------------------------------------------------------------- */

/* Each makes things with one reference; ids that are not there any more are left out. */
typedef struct PubThings {
    PubThing **items;
    size_t     n;
} PubThings;

NODISCARD Status pub_load(Cx *cx, PubStore *s, PublishedKind kind, const int64_t *ids, size_t n,
                          PubThings *ret);
NODISCARD Status pub_load_bodies(Cx *cx, PubStore *s, const int64_t *ids, size_t n, PubThings *ret);
NODISCARD Status pub_load_pricing(Cx *cx, PubStore *s, PubThing **ret);
NODISCARD Status pub_load_shop(Cx *cx, PubStore *s, PubThing **ret);
NODISCARD Status pub_load_attributes(Cx *cx, PubStore *s, PubThing **ret);
/* Ids of all things of a kind. */
NODISCARD Status pub_load_ids(Cx *cx, PublishedKind kind, Ids *ret);

/* --- events ------------------------------------------------------------------------------- */

/* The reaction, for the module's table; the same for every type of event. */
Status published_react(Cx *cx, const Event *event);
