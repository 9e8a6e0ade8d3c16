/* What events say has to be renewed. */
#include "catalog/events.h"
#include "catalog/published_int.h"

void pub_mark(PubStore *s, PublishedKind kind, int64_t id)
{
    s->recent[s->seen++ % PUB_RECENT] = kind == PUBLISHED_PRODUCT ? id : 0;
    if (s->seen - s->forgotten > PUB_RECENT)
        s->forgotten = s->seen - PUB_RECENT;
    if (s->marks.all)
        return;
    pub_marks_add(&s->marks, kind, id);
    if (s->marks.n >= PUB_MARKS_MAX) {
        s->marks.all = true;
        s->marks.n = 0;
    }
}

void pub_mark_all(PubStore *s)
{
    s->marks.all = true;
    s->marks.n = 0;
    s->forgotten = ++s->seen;
}

static void mark_policies(PubStore *s)
{
    for (int64_t k = 0; k <= CATALOG_SUBSCRIPTION; k++)
        pub_mark(s, PUBLISHED_POLICY, k + 1);
}

/* An id alone does not say of what it is. When it is not known yet, it may be of anything. */
static void mark_root(PubStore *s, const Published *v, int64_t id)
{
    bool known = false;
    for (PublishedKind k = 0; k < PUBLISHED_THINGS; k++)
        known = known || (k != PUBLISHED_POLICY && pub_table_by_id(v->by_id[k], id) != NULL);
    for (PublishedKind k = 0; k < PUBLISHED_THINGS; k++)
        if (k != PUBLISHED_POLICY && (!known || pub_table_by_id(v->by_id[k], id) != NULL))
            pub_mark(s, k, id);
    if (!known)
        mark_policies(s);
}

static void mark_content(PubStore *s, const Published *v, const CatalogContentChanged *told,
                         int64_t id)
{
    static const struct {
        const char   *name;
        PublishedKind kind;
    } KINDS[] = {{"page", PUBLISHED_PAGE},
                 {"blog", PUBLISHED_BLOG},
                 {"article", PUBLISHED_ARTICLE},
                 {"menu", PUBLISHED_MENU},
                 {"redirect", PUBLISHED_REDIRECT}};
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (str_eq(told->kind, str_from_cstr(KINDS[i].name)))
            pub_mark(s, KINDS[i].kind, id);
    if (str_eq(told->kind, STR("policy"))) {
        mark_policies(s);
    } else if (str_eq(told->kind, STR("price_list"))) {
        pub_mark(s, PUBLISHED_PRICING, 0);
    } else if (str_eq(told->kind, STR("attribute"))) {
        if (told->deleted) /* and all its values, whosesoever */
            pub_mark_all(s);
        else
            pub_mark(s, PUBLISHED_ATTRIBUTES, 0);
    } else if (str_eq(told->kind, STR("translation"))) {
        mark_root(s, v, id);
    }
}

/* What the payload of `event` says, as marks. */
Status pub_mark_event(Cx *cx, PubStore *s, const Published *v, const Event *event)
{
    if (str_eq(event->type, STR("catalog.product_changed")) ||
        str_eq(event->type, STR("catalog.product_deleted"))) {
        pub_mark(s, PUBLISHED_PRODUCT, event->stream);
    } else if (str_eq(event->type, STR("catalog.content_changed"))) {
        CatalogContentChanged told = {0};
        TRY(event_read(cx, event, &catalog_content_changed, &told));
        mark_content(s, v, &told, event->stream);
    } else if (str_eq(event->type, STR("core.setting_changed"))) {
        pub_mark(s, PUBLISHED_SHOP, 0);
    } else { /* of collections; what they hold, too */
        pub_mark(s, PUBLISHED_COLLECTION, event->stream);
    }
    return ST_OK;
}
