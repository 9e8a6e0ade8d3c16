/* events.h - what the catalogue tells others. Payloads say what changed, not how it is
 * now: whoever wants to know loads it. */
#pragma once

#include "catalog/product.h"
#include "core/event.h"

typedef struct CatalogProductChanged { /* created or changed in any part */
    int64_t product_id;
    int64_t rev;
    bool    created;
} CatalogProductChanged;

typedef struct CatalogDeleted {
    Str id; /* "prd_…"; the event's stream is the number */
    Str handle;
} CatalogDeleted;

typedef struct CatalogPriceChanged {
    int64_t product_id;
    struct {
        int64_t *items;
        size_t   n;
    } variant_ids; /* empty: many */
} CatalogPriceChanged;

typedef struct CatalogCollectionChanged {
    int64_t collection_id;
    int64_t rev;
    bool    rule; /* its rule changed: it has other products soon */
} CatalogCollectionChanged;

typedef struct CatalogMembersChanged { /* what a collection holds, or its order */
    int64_t collection_id;
    OptI64  product_id; /* absent: several */
} CatalogMembersChanged;

typedef struct CatalogContentChanged {
    Str kind; /* "page", "blog", "article", "menu", "policy", "price_list", "attribute",
               * "redirect", "translation" */
    Str  id;  /* "pag_…"; of translations the number of what has them, without a prefix */
    bool deleted;
} CatalogContentChanged;

typedef struct CatalogSearchChanged {
    Str what; /* "synonym", "redirect", "rule" */
} CatalogSearchChanged;

enum {
    CATALOG_EV_PRODUCT_CHANGED,
    CATALOG_EV_PRODUCT_DELETED,
    CATALOG_EV_PRICE_CHANGED,
    CATALOG_EV_COLLECTION_CHANGED,
    CATALOG_EV_COLLECTION_DELETED,
    CATALOG_EV_MEMBERS_CHANGED,
    CATALOG_EV_CONTENT_CHANGED,
    CATALOG_EV_SEARCH_CHANGED,
    CATALOG_EVENTS
};

extern const EventType catalog_events[];
#define catalog_product_changed    catalog_events[CATALOG_EV_PRODUCT_CHANGED]
#define catalog_product_deleted    catalog_events[CATALOG_EV_PRODUCT_DELETED]
#define catalog_price_changed      catalog_events[CATALOG_EV_PRICE_CHANGED]
#define catalog_collection_changed catalog_events[CATALOG_EV_COLLECTION_CHANGED]
#define catalog_collection_deleted catalog_events[CATALOG_EV_COLLECTION_DELETED]
#define catalog_members_changed    catalog_events[CATALOG_EV_MEMBERS_CHANGED]
#define catalog_content_changed    catalog_events[CATALOG_EV_CONTENT_CHANGED]
#define catalog_search_changed     catalog_events[CATALOG_EV_SEARCH_CHANGED]

NODISCARD Status catalog_tell_content(Cx *cx, const char *kind, int64_t id, bool deleted);
