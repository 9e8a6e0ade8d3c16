/* Bring the catalogue to what a file says about one product. What the file does not speak
 * of - other price lists, channels, attributes, videos - stays. */
#include "catalog/attribute.h"
#include "catalog/catalog_int.h"
#include "catalog/category.h"
#include "catalog/import_int.h"
#include "catalog/media.h"
#include "catalog/price.h"
#include "text/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct Apply {
    Cx               *cx;
    const ImportFile *file;
    ImportProduct    *ip;
    ImportProblems   *problems;
    CatalogProduct    was; /* id 0: there is none */
    int64_t           lists[IMPORT_TEXTS_MAX];
} Apply;

static bool given_product(const CatalogProduct *p, const char *field)
{
    return import_given(p->given, &catalog_product_shape, field);
}

/* --- which product is it? ----------------------------------------------------------------- */

static Status find_by_handle(Apply *ap, int64_t *ret_id)
{
    CatalogProduct p;
    Status         st = catalog_product_by_handle(ap->cx, ap->ip->product.handle, 0, &p);
    if (st == ST_NOT_FOUND)
        return ST_OK;
    TRY(st);
    *ret_id = p.id;
    return ST_OK;
}

/* Our own exports name products that never were in WooCommerce by our ids. */
static Status find_by_id(Apply *ap, int64_t *ret_id)
{
    CatalogAttributes *list = &ap->ip->product.attributes;
    CatalogProduct     p;
    int64_t            id;
    if (!str_parse_i64(ap->ip->external_id, &id))
        return ST_OK;
    Status st = catalog_product_get(ap->cx, id, 0, &p);
    if (st == ST_NOT_FOUND)
        return ST_OK;
    TRY(st);
    *ret_id = id;
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i].key, STR("woo.id")))
            list->items[i].value = (Str){0};
    return ST_OK;
}

static Status find(Apply *ap)
{
    ImportProduct *ip = ap->ip;
    int64_t        id = 0;
    bool           found = false;
    if (ip->external_id.len > 0) {
        TRY(catalog_sql_product_by_attribute(
            ap->cx, STR("woo.id"), cell_json(ap->cx->arena, ip->external_id), &found, &id));
        if (!found) {
            id = 0;
            TRY(find_by_id(ap, &id));
        }
    }
    if (id == 0 && ip->sku.len > 0) {
        TRY(catalog_sql_product_by_sku(ap->cx, ip->sku, &found, &id));
        if (!found)
            id = 0;
    }
    bool foreign = ip->external_id.len > 0 || ip->sku.len > 0;
    if (id == 0 && ip->product.handle.len > 0 && !(foreign && ip->must_exist))
        TRY(find_by_handle(ap, &id));
    if (id == 0)
        return ST_OK;
    return catalog_product_get(ap->cx, id, CATALOG_WITH_ALL, &ap->was);
}

/* --- what the catalogue has to know first ------------------------------------------------- */

/* NULL when there is none yet. WooCommerce's attributes have names only: "attribute.…" is
 * whatever attribute has that name. */
static const CatalogAttributeDef *def_of(const CatalogAttributeDefs *defs, Str key, Str name)
{
    bool named = str_starts(key, STR("attribute."));
    for (size_t i = 0; i < defs->n; i++)
        if (named ? str_eq(defs->items[i].name, name) : str_eq(defs->items[i].key, key))
            return &defs->items[i];
    return NULL;
}

/* The cell as JSON of the attribute's type; absent when it is empty. */
static Str typed_value(Arena *a, int type, Str text)
{
    const JsonValue *v;
    Err              err;
    bool             yes = false;
    if (str_trim(text).len == 0)
        return (Str){0};
    if (type == CATALOG_BOOLEAN && cell_bool(text, &yes))
        return yes ? STR("true") : STR("false");
    bool raw = type == CATALOG_NUMBER || type == CATALOG_JSON || type == CATALOG_LIST;
    if (raw && json_parse(a, str_trim(text), &v, &err) == ST_OK)
        return str_trim(text);
    return cell_json(a, text);
}

static Status attributes_ready(Apply *ap, CatalogAttribute *spoken)
{
    CatalogAttributes   *list = &ap->ip->product.attributes;
    CatalogAttributeDefs defs;
    if (list->n == 0)
        return ST_OK;
    TRY(catalog_attributes_of(ap->cx, CATALOG_SCOPE_PRODUCT, &defs));
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        CatalogAttribute at = list->items[i];
        Str              name = ap->ip->attribute_names[i];

        const CatalogAttributeDef *def = def_of(&defs, at.key, name);
        at.value = typed_value(ap->cx->arena, def != NULL ? def->type : CATALOG_TEXT, at.value);
        if (def != NULL)
            at.key = def->key;
        spoken[i].key = at.key;
        if (at.value.ptr == NULL)
            continue; /* it is taken away: attributes_merge() keeps only others */
        if (def == NULL) {
            int64_t id;
            TRY(catalog_attribute_ensure(ap->cx, CATALOG_SCOPE_PRODUCT, at.key, name, CATALOG_TEXT,
                                         &id));
        }
        list->items[n++] = at;
    }
    list->n = n;
    return ST_OK;
}

/* The price list of a market: of that title, made when there is none. */
static Status list_ready(Apply *ap, CatalogPriceLists *all, Str title, int64_t *ret_id)
{
    for (size_t i = 0; i < all->n; i++) {
        if (!str_eq(all->items[i].title, title))
            continue;
        *ret_id = all->items[i].id;
        return ST_OK;
    }
    CLEANUP(buf_done) Buf condition;
    Str                   market = text_handle(ap->cx->arena, title, (Str){0});
    buf_init(&condition, 2048);
    Json j = json_begin(&condition);
    json_obj(&j, NULL);
    json_str(&j, "market", market);
    json_end(&j);
    CatalogPriceList list = {.title = title,
                             .kind = CATALOG_LIST_OVERRIDE,
                             .currency = ap->file->currency,
                             .active = true,
                             .conditions = buf_str(&condition)};
    import_give(&list.given, &catalog_price_list_shape, "title");
    import_give(&list.given, &catalog_price_list_shape, "kind");
    import_give(&list.given, &catalog_price_list_shape, "currency");
    import_give(&list.given, &catalog_price_list_shape, "active");
    import_give(&list.given, &catalog_price_list_shape, "conditions");
    TRY(catalog_price_list_create(ap->cx, &list));
    *ret_id = list.id;
    return ST_OK;
}

static Status lists_ready(Apply *ap)
{
    CatalogPriceLists all;
    if (ap->file->nlists == 0)
        return ST_OK;
    TRY(catalog_price_lists(ap->cx, &all));
    for (size_t i = 0; i < ap->file->nlists; i++)
        TRY(list_ready(ap, &all, ap->file->lists[i], &ap->lists[i]));
    return ST_OK;
}

/* --- what was there and stays ------------------------------------------------------------- */

static bool has_attribute(const CatalogAttribute *items, size_t n, Str key)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(items[i].key, key))
            return true;
    return false;
}

/* Attributes that the file has no column for. */
static void attributes_merge(Apply *ap, const CatalogAttribute *spoken, size_t nspoken)
{
    CatalogProduct    *p = &ap->ip->product;
    CatalogAttributes *list = &p->attributes;
    size_t             cap = list->n;
    if (!given_product(p, "attributes"))
        return;
    for (size_t i = 0; i < ap->was.attributes.n; i++) {
        const CatalogAttribute *at = &ap->was.attributes.items[i];
        if (!has_attribute(spoken, nspoken, at->key))
            *(CatalogAttribute *)import_push(ap->cx->arena, (void **)&list->items, &list->n, &cap,
                                             sizeof *at) = *at;
    }
}

static void publications_merge_file(Apply *ap)
{
    ImportProduct       *ip = ap->ip;
    CatalogPublications *out = &ip->product.publications;
    size_t               cap = 0;
    if (ip->npublications == 0)
        return;
    for (size_t i = 0; i < ap->was.publications.n; i++) {
        const CatalogPublication *pub = &ap->was.publications.items[i];
        bool                      off = false;
        for (size_t k = 0; k < ip->npublications; k++)
            off = off ||
                  (str_eq(ip->publications[k].channel, pub->channel) && !ip->publications[k].on);
        if (!off)
            *(CatalogPublication *)import_push(ap->cx->arena, (void **)&out->items, &out->n, &cap,
                                               sizeof *pub) = *pub;
    }
    for (size_t k = 0; k < ip->npublications; k++) {
        bool there = !ip->publications[k].on;
        for (size_t i = 0; i < out->n; i++)
            there = there || str_eq(out->items[i].channel, ip->publications[k].channel);
        if (!there)
            *(CatalogPublication *)import_push(ap->cx->arena, (void **)&out->items, &out->n, &cap,
                                               sizeof(CatalogPublication)) =
                (CatalogPublication){.channel = ip->publications[k].channel};
    }
    import_give(&ip->product.given, &catalog_product_shape, "publications");
}

static bool same_media(const CatalogMedia *x, const CatalogMedia *y)
{
    if (x->url.len > 0 && y->url.len > 0) /* two addresses may have the same bytes */
        return str_eq(x->url, y->url);
    return x->hash.len > 0 && str_eq(x->hash, y->hash);
}

static const CatalogMedia *find_media(CatalogMediaList list, const CatalogMedia *m)
{
    for (size_t i = 0; i < list.n; i++)
        if (same_media(&list.items[i], m))
            return &list.items[i];
    return NULL;
}

static CatalogMedia kept_media(const CatalogMedia *old)
{
    CatalogMedia m = {.id = old->id, .url = old->url, .hash = old->hash};
    import_give(&m.given, &catalog_media_shape, "id");
    return m;
}

/* Does a medium that the file does not name stay? Videos and models do, pictures that staff
 * uploaded, and all when the rows only add to the product. */
static bool media_stays(const Apply *ap, const CatalogMedia *old)
{
    return ap->ip->keep_variants || old->kind != CATALOG_IMAGE || old->url.len == 0;
}

/* The file's pictures in its order, then what stays; rows that only add come last. Variants
 * name their picture by its place, which may change here. */
static void media_merge_file(Apply *ap)
{
    CatalogProduct  *p = &ap->ip->product;
    CatalogMediaList in = p->media, was = ap->was.media;
    Arena           *a = ap->cx->arena;
    CatalogMediaList all = {arena_array(a, CatalogMedia, in.n + was.n + 1), 0};
    bool             adds = ap->ip->must_exist;
    if (!given_product(p, "media") && in.n == 0)
        return;
    for (size_t i = 0; adds && i < was.n; i++)
        all.items[all.n++] = kept_media(&was.items[i]);
    for (size_t i = 0; i < in.n; i++)
        if (find_media(all, &in.items[i]) == NULL)
            all.items[all.n++] = in.items[i];
    for (size_t i = 0; !adds && i < was.n; i++)
        if (media_stays(ap, &was.items[i]) && find_media(in, &was.items[i]) == NULL)
            all.items[all.n++] = kept_media(&was.items[i]);
    for (size_t i = 0; i < p->variants.n; i++) {
        OptI64 *at = &p->variants.items[i].media_index;
        if (at->has)
            at->v = find_media(all, &in.items[at->v - 1]) - all.items + 1;
    }
    p->media = all;
    import_give(&p->given, &catalog_product_shape, "media");
}

static Str options_key(Arena *a, CatalogTexts options)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64 << 10);
    for (size_t i = 0; i < options.n; i++) {
        buf_add(&b, options.items[i]);
        buf_addc(&b, '\n');
    }
    return str_dup(a, buf_str(&b));
}

static bool same_price_row(const CatalogPrice *x, int64_t list, Str currency)
{
    return x->list_id == list && str_eq(str_from_cstr(x->price.cur), currency) && x->min_qty == 1 &&
           !x->starts_at.has;
}

/* Prices in lists and currencies that the file does not speak of. */
static void prices_merge(Apply *ap, CatalogVariant *v, const CatalogVariant *was)
{
    size_t cap = v->prices.n;
    Str    currency = ap->file->currency;
    for (size_t i = 0; was != NULL && i < was->prices.n; i++) {
        const CatalogPrice *old = &was->prices.items[i];
        bool                spoken = same_price_row(old, CATALOG_BASE_LIST, currency);
        for (size_t l = 0; l < ap->file->nlists; l++)
            spoken = spoken || same_price_row(old, ap->lists[l], currency);
        for (size_t k = 0; k < v->prices.n; k++) /* a scheduled one of the file's */
            spoken = spoken || (v->prices.items[k].starts_at.has && old->starts_at.has &&
                                v->prices.items[k].starts_at.v.v == old->starts_at.v.v);
        if (spoken)
            continue;
        CatalogPrice *kept =
            import_push(ap->cx->arena, (void **)&v->prices.items, &v->prices.n, &cap, sizeof *kept);
        *kept = *old;
        kept->given = UINT64_MAX;
    }
}

static void list_prices_add(Apply *ap)
{
    for (size_t i = 0; i < ap->ip->nlist_prices; i++) {
        const ImportListPrice *lp = &ap->ip->list_prices[i];
        CatalogVariant        *v = &ap->ip->product.variants.items[lp->variant];
        size_t                 cap = v->prices.n;
        CatalogPrice *price = import_push(ap->cx->arena, (void **)&v->prices.items, &v->prices.n,
                                          &cap, sizeof *price);
        *price = (CatalogPrice){
            .list_id = ap->lists[lp->list], .price = lp->price, .compare_at = lp->compare_at};
        import_give(&price->given, &catalog_price_shape, "list_id");
        import_give(&price->given, &catalog_price_shape, "price");
        import_give(&price->given, &catalog_price_shape, "compare_at");
        import_give(&v->given, &catalog_variant_shape, "prices");
    }
}

/* A variant that exists and stays as it is: named by its id alone. */
static CatalogVariant kept_variant(const CatalogVariant *old)
{
    CatalogVariant v = {.id = old->id, .options = old->options};
    import_give(&v.given, &catalog_variant_shape, "id");
    import_give(&v.given, &catalog_variant_shape, "options");
    return v;
}

/* The file does not speak of all variants: the others stay, in their places, and new ones
 * come last. */
static void variants_keep(Apply *ap, const NameTable *named)
{
    Arena          *a = ap->cx->arena;
    CatalogVariants in = ap->ip->product.variants, *out = &ap->ip->product.variants;
    int64_t        *lines = arena_array(a, int64_t, in.n + ap->was.variants.n + 1);
    bool           *taken = arena_array(a, bool, in.n + 1);
    CatalogVariants all = {arena_array(a, CatalogVariant, in.n + ap->was.variants.n + 1), 0};
    for (size_t i = 0; i < ap->was.variants.n; i++) {
        const CatalogVariant *old = &ap->was.variants.items[i];
        const CatalogVariant *now = name_table_find(named, options_key(a, old->options));
        bool stand_in = old->options.n == 0 && in.n > 0 && in.items[0].options.n > 0;
        if (now == NULL && stand_in)
            continue;
        lines[all.n] = now != NULL ? ap->ip->variant_lines[now - in.items] : ap->ip->line;
        all.items[all.n++] = now != NULL ? *now : kept_variant(old);
        if (now != NULL)
            taken[now - in.items] = true;
    }
    for (size_t i = 0; i < in.n; i++) {
        if (taken[i])
            continue;
        lines[all.n] = ap->ip->variant_lines[i];
        all.items[all.n++] = in.items[i];
    }
    *out = all;
    ap->ip->variant_lines = lines;
    if (all.n > 0)
        import_give(&ap->ip->product.given, &catalog_product_shape, "variants");
}

static void variants_merge_file(Apply *ap)
{
    CatalogVariants *list = &ap->ip->product.variants;
    NameTable        were, named;
    name_table_init(&were, ap->cx->arena, ap->was.variants.n + 1);
    name_table_init(&named, ap->cx->arena, list->n + 1);
    for (size_t i = 0; i < ap->was.variants.n; i++)
        (void)!name_table_add(&were, options_key(ap->cx->arena, ap->was.variants.items[i].options),
                              &ap->was.variants.items[i]);
    for (size_t i = 0; i < list->n; i++) {
        Str k = options_key(ap->cx->arena, list->items[i].options);
        if (import_given(list->items[i].given, &catalog_variant_shape, "prices"))
            prices_merge(ap, &list->items[i], name_table_find(&were, k));
        (void)!name_table_add(&named, k, &list->items[i]);
    }
    if (ap->ip->keep_variants && ap->was.id != 0)
        variants_keep(ap, &named);
}

/* --- what the catalogue refuses ----------------------------------------------------------- */

/* "/variants/3/price": the line of variant 3, and "price". */
static void tell_issue(Apply *ap, const Issue *is)
{
    int64_t line = ap->ip->line, index;
    Str     rest = is->pointer, head, number;
    if (str_starts(rest, STR("/variants/"))) {
        rest = (Str){rest.ptr + 10, rest.len - 10};
        str_cut(rest, '/', &number, &rest);
        if (str_parse_i64(number, &index) && index >= 0 &&
            (size_t)index < ap->ip->product.variants.n)
            line = ap->ip->variant_lines[index];
    }
    head = rest;
    while (head.len > 0 && head.ptr[0] == '/')
        head = (Str){head.ptr + 1, head.len - 1};
    import_problem(ap->problems, line, head, is->code, STR_FMT, STR_ARG(is->detail));
}

static Status refused(Apply *ap, Status st)
{
    Cx *cx = ap->cx;
    if (st == ST_INVALID && cx->issues.n > 0) {
        for (size_t i = 0; i < cx->issues.n; i++)
            tell_issue(ap, &cx->issues.items[i]);
        cx->issues.n = cx->issues.total = 0;
    } else if (st != ST_IO && st != ST_BUSY) {
        import_problem(ap->problems, ap->ip->line, STR(""), cx->err.code, "%s", cx->err.msg);
    }
    return st;
}

static Status refuse(Apply *ap, const char *code, const char *what)
{
    import_problem(ap->problems, ap->ip->line, STR(""), code, "%s", what);
    return cx_fail(ap->cx, ST_INVALID, "catalog.bad_rows", "%s", what);
}

/* --- together ----------------------------------------------------------------------------- */

static Status fetch_queue(Apply *ap)
{
    if (!ap->file->fetch_images)
        return ST_OK;
    return media_fetch_queue(ap->cx, &ap->ip->product);
}

static Status create(Apply *ap, ImportOutcome *ret)
{
    CatalogProduct *p = &ap->ip->product;
    if (ap->ip->must_exist)
        return refuse(ap, "no_product", "the rows add to a product that is not there");
    if (!given_product(p, "title") || p->title.len == 0)
        return refuse(ap, "required", "a new product needs a title");
    if (p->variants.n == 0 && ap->ip->skipped > 0)
        return refuse(ap, "no_variant", "none of the product's variants could be taken");
    if (!given_product(p, "status")) {
        p->status = CATALOG_ACTIVE;
        import_give(&p->given, &catalog_product_shape, "status");
    }
    if (p->publications.n == 0 && ap->ip->npublications > 0)
        import_give(&p->given, &catalog_product_shape, "publications");
    TRY(catalog_product_create(ap->cx, p));
    *ret = IMPORT_CREATED;
    return ST_OK;
}

static Status change(Apply *ap, ImportOutcome *ret)
{
    CatalogProduct *p = &ap->ip->product;
    bool            changed = false;
    TRY(catalog_product_update(ap->cx, ap->was.id, 0, p, &changed));
    *ret = changed ? IMPORT_UPDATED : IMPORT_UNCHANGED;
    return ST_OK;
}

static Status categories(Apply *ap, ImportOutcome *outcome)
{
    const ImportProduct *ip = ap->ip;
    bool                 changed = false;
    if (ip->ncategories > 0 || ip->categories_whole)
        TRY(categories_set(ap->cx, ip->product.id, ip->categories, ip->ncategories,
                           ip->categories_whole, &changed));
    if (changed && *outcome == IMPORT_UNCHANGED)
        *outcome = IMPORT_UPDATED;
    return ST_OK;
}

Status import_apply(Cx *cx, const ImportFile *file, ImportProduct *ip, ImportProblems *problems,
                    ImportOutcome *ret)
{
    Apply ap = {.cx = cx, .file = file, .ip = ip, .problems = problems};
    /* attributes_ready() drops empty ones: what the file speaks of is all of them */
    size_t            nspoken = ip->product.attributes.n;
    CatalogAttribute *spoken = arena_array(cx->arena, CatalogAttribute, nspoken + 1);
    if (nspoken > 0)
        memcpy(spoken, ip->product.attributes.items, nspoken * sizeof *spoken);
    TRY(find(&ap));
    TRY(attributes_ready(&ap, spoken));
    TRY(lists_ready(&ap));
    if (ap.was.id != 0 && ip->external_id.len + ip->sku.len > 0)
        ip->product.handle = ap.was.handle; /* it is known by its id: the address stays */
    attributes_merge(&ap, spoken, nspoken);
    publications_merge_file(&ap);
    media_merge_file(&ap);
    list_prices_add(&ap);
    variants_merge_file(&ap);
    Status st = ap.was.id == 0 ? create(&ap, ret) : change(&ap, ret);
    if (st == ST_OK)
        st = categories(&ap, ret);
    if (st == ST_OK)
        st = fetch_queue(&ap);
    return st == ST_OK ? ST_OK : refused(&ap, st);
}
