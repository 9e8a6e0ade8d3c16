/* Documents of the search index: what of a product can be found, chosen, sorted by. */
#include "catalog/product_search_int.h"

#include "base/json_read.h"
#include "catalog/published_int.h"
#include "search/defaults.h"
#include "text/html.h"
#include "text/text.h"

#include <stdio.h>
#include <string.h>

enum {
    TEXT_MAX = 8192, /* bytes of a description that are searched */
    MODELS_MAX = 20  /* variants whose maker's names are words, too */
};

Str product_field_name(Arena *a, const char *prefix, Str name)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, SEARCH_NAME_MAX + 1);
    buf_add(&b, str_from_cstr(prefix));
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '.' || c == ':' || c == '-';
        buf_addc(&b, plain ? c : '_');
    }
    return str_dup(a, str_head(buf_str(&b), SEARCH_NAME_MAX));
}

/* --- fields --------------------------------------------------------------------------------- */

Status product_fields(SearchIndex *ix, ProductFields *ret, Err *err)
{
    const struct {
        const char    *name;
        SearchFieldDef def;
        SearchField   *at;
    } FIELDS[] = {
        {"title", SEARCH_FIELD_TITLE, &ret->title},
        {"model", SEARCH_FIELD_MODEL, &ret->model},
        {"vendor", SEARCH_FIELD_VENDOR, &ret->vendor},
        {"type", SEARCH_FIELD_TYPE, &ret->type},
        {"words", SEARCH_FIELD_ATTRIBUTES, &ret->words},
        {"description", SEARCH_FIELD_DESCRIPTION, &ret->description},
        {"code", SEARCH_FIELD_CODE, &ret->code},
        {"vendor_is", {.kind = SEARCH_KEYWORD}, &ret->vendor_is},
        {"type_is", {.kind = SEARCH_KEYWORD}, &ret->type_is},
        {"tag_is", {.kind = SEARCH_KEYWORD}, &ret->tag_is},
        {"tag_handle", {.kind = SEARCH_KEYWORD}, &ret->tag_handle},
        {"collection_is", {.kind = SEARCH_KEYWORD}, &ret->collection_is},
        {"title_key", {.kind = SEARCH_KEYWORD}, &ret->title_key},
        {"available", {.kind = SEARCH_BOOL, .grouped = true}, &ret->available},
        {"created", {.kind = SEARCH_DATE}, &ret->created},
        {"stock", {.kind = SEARCH_BOOL}, &ret->stock},
        {"margin", {.kind = SEARCH_NUMBER}, &ret->margin},
        {"popularity", {.kind = SEARCH_SIGNAL}, &ret->popularity},
        {"rule_is", {.kind = SEARCH_KEYWORD}, &ret->rule_is},
    };
    for (size_t i = 0; i < COUNT_OF(FIELDS); i++) {
        SearchFieldDef def = FIELDS[i].def;
        def.name = str_from_cstr(FIELDS[i].name);
        TRY(search_field(ix, &def, FIELDS[i].at, err));
    }
    return ST_OK;
}

/* A field that some products bring with them. */
static Status field_of(DocMaker *m, const char *prefix, Str name, SearchKind kind, bool grouped,
                       SearchField *ret)
{
    const SearchFieldDef def = {
        .name = product_field_name(m->cx->arena, prefix, name), .kind = kind, .grouped = grouped};
    return search_field(m->ix, &def, ret, &m->cx->err);
}

static Status price_in(DocMaker *m, Str currency)
{
    static const CatalogBuyer GUEST = {.channel = STR_INIT(PUBLISHED_CHANNEL)};
    size_t                    n = m->n_prices;
    TRY(published_pricing(m->cx, m->view, &GUEST, currency, m->cx->now, &m->pricing[n]));
    TRY(field_of(m, "price.", currency, SEARCH_MONEY, true, &m->price[n]));
    m->n_prices++;
    return ST_OK;
}

/* --- titles in their order ---------------------------------------------------------------------
 */

static const Str TITLE_KEY = STR_INIT("title_key.");

/* "pt-BR" sorts as "pt" does. */
static Str language(Str locale)
{
    size_t at = str_find(locale, STR("-"));
    return at != SIZE_MAX ? str_head(locale, at) : locale;
}

SearchField product_title_key(const SearchIndex *ix, const ProductFields *fields, Str locale,
                              Arena *a)
{
    SearchField field;
    return search_field_find(ix, product_field_name(a, "title_key.", language(locale)), &field)
               ? field
               : fields->title_key;
}

/* Languages that any title was in so far. */
static void title_locales(DocMaker *m)
{
    for (size_t i = 0; i < search_fields(m->ix) && m->n_titles < TITLE_LOCALES; i++) {
        Str name = search_field_def(m->ix, (SearchField)i)->name;
        if (!str_starts(name, TITLE_KEY))
            continue;
        m->title_locales[m->n_titles] = str_skip(name, TITLE_KEY.len);
        m->title_keys[m->n_titles++] = (SearchField)i;
    }
}

/* The first title in a language: from now on all products have a key in it. The others follow
 * when everything is built anew (product_search.c). */
static Status new_title_locale(DocMaker *m, Str locale)
{
    Str name = language(locale);
    if (str_eq(name, language(published_shop(m->view)->locale)) || m->n_titles == TITLE_LOCALES)
        return ST_OK;
    for (size_t i = 0; i < m->n_titles; i++)
        if (str_eq(m->title_locales[i], name))
            return ST_OK;
    TRY(field_of(m, "title_key.", name, SEARCH_KEYWORD, false, &m->title_keys[m->n_titles]));
    m->title_locales[m->n_titles++] = str_dup(m->cx->arena, name);
    return ST_OK;
}

static Status title_keys(DocMaker *m, SearchDoc *d, const PublishedProduct *p)
{
    const CatalogProduct *x = &p->product;
    Arena                *a = m->cx->arena;
    search_doc_keyword(d, a, m->fields->title_key, SEARCH_WHOLE, text_fold(a, x->title));
    if (m->level >= LEVEL_NO_WORDS)
        return ST_OK;
    for (size_t i = 0; i < p->texts.n; i++)
        if (p->texts.items[i].entity == x->id && str_eq(p->texts.items[i].field, STR("title")))
            TRY(new_title_locale(m, p->texts.items[i].locale));
    for (size_t i = 0; i < m->n_titles; i++)
        search_doc_keyword(d, a, m->title_keys[i], SEARCH_WHOLE,
                           text_fold(a, published_text(p->texts, x->id, STR("title"),
                                                       m->title_locales[i], x->title)));
    return ST_OK;
}

Status doc_maker(SearchIndex *ix, const ProductFields *fields, Cx *cx, const Published *view,
                 DocMaker *ret)
{
    *ret = (DocMaker){.ix = ix, .fields = fields, .cx = cx, .view = view};
    map_init(&ret->options, cx->arena, 32);
    CatalogAttributeDefs defs = published_attributes(view, CATALOG_SCOPE_PRODUCT);
    map_init(&ret->defs, cx->arena, defs.n);
    for (size_t i = 0; i < defs.n; i++)
        map_put(&ret->defs, defs.items[i].key, NULL)->p = &defs.items[i];
    title_locales(ret);
    return price_in(ret, published_shop(view)->currency);
}

static bool knows_currency(const DocMaker *m, Str currency)
{
    for (size_t i = 0; i < m->n_prices; i++)
        if (str_eq(currency, str_from_cstr(m->pricing[i].currency)))
            return true;
    return m->n_prices == COUNT_OF(m->pricing);
}

/* --- texts ------------------------------------------------------------------------------------ */

/* In the shop's language and in every other that has it. */
static void text_all(const DocMaker *m, SearchDoc *d, SearchField field, const PublishedProduct *p,
                     int64_t entity, const char *name, Str source)
{
    Arena *a = m->cx->arena;
    if (source.len > 0)
        search_doc_text(d, a, field, published_shop(m->view)->locale, source);
    for (size_t i = 0; i < p->texts.n; i++) {
        const PublishedText *t = &p->texts.items[i];
        if (t->entity == entity && str_eq(t->field, str_from_cstr(name)) && t->value.len > 0)
            search_doc_text(d, a, field, t->locale, t->value);
    }
}

static void descriptions(const DocMaker *m, SearchDoc *d, const PublishedProduct *p)
{
    Arena *a = m->cx->arena;
    Str    html = published_safe(p->product.description, p->product.description_safe);
    if (html.len > 0)
        search_doc_text(d, a, m->fields->description, published_shop(m->view)->locale,
                        html_text(a, html, TEXT_MAX));
    for (size_t i = 0; i < p->texts.n; i++) {
        const PublishedText *t = &p->texts.items[i];
        if (t->entity == p->product.id && str_eq(t->field, STR("description")))
            search_doc_text(d, a, m->fields->description, t->locale,
                            html_text(a, t->value, TEXT_MAX));
    }
}

/* --- attributes ---------------------------------------------------------------------------------
 */

static const CatalogAttributeDef *def_of(const DocMaker *m, Str key)
{
    const MapValue *at = map_get(&m->defs, key);
    return at != NULL ? at->p : NULL;
}

static Str with_unit(Arena *a, Str number, Str unit)
{
    size_t n = number.len + 1 + unit.len;
    char  *z = arena_alloc(a, n, 1);
    memcpy(z, number.ptr, number.len);
    z[number.len] = ' ';
    memcpy(z + number.len + 1, unit.ptr, unit.len);
    return (Str){z, n};
}

static Status attribute_value(DocMaker *m, SearchDoc *d, const CatalogAttributeDef *def,
                              const JsonValue *v)
{
    Arena *a = m->cx->arena;
    Str    text = v->type == JSON_STRING || v->type == JSON_NUMBER ? v->text
                  : v->type == JSON_BOOL ? (v->boolean ? STR("true") : STR("false"))
                                         : (Str){0};
    if (text.len == 0)
        return ST_OK;
    bool searched = def->searchable && m->level < LEVEL_NO_WORDS;
    if (searched && v->type == JSON_STRING)
        search_doc_text(d, a, m->fields->words, published_shop(m->view)->locale, text);
    if (searched && v->type == JSON_BOOL && v->boolean) /* it is what its name says */
        search_doc_text(d, a, m->fields->words, published_shop(m->view)->locale, def->name);
    if (searched && v->type == JSON_NUMBER && def->unit.len > 0)
        search_doc_text(d, a, m->fields->words, STR(""), with_unit(a, text, def->unit));
    if (!def->filterable)
        return ST_OK;
    SearchField field;
    bool        number = v->type == JSON_NUMBER;
    TRY(field_of(m, number ? "n." : "m.", def->key, number ? SEARCH_NUMBER : SEARCH_KEYWORD, false,
                 &field));
    if (number)
        search_doc_number(d, a, field, SEARCH_WHOLE, v->integer ? (double)v->i64 : v->real);
    else
        search_doc_keyword(d, a, field, SEARCH_WHOLE, text);
    return ST_OK;
}

static Status attributes(DocMaker *m, SearchDoc *d, const CatalogProduct *p)
{
    for (size_t i = 0; i < p->attributes.n; i++) {
        const CatalogAttributeDef *def = def_of(m, p->attributes.items[i].key);
        const JsonValue           *v;
        Err                        err;
        if (def == NULL || (!def->filterable && !def->searchable) ||
            json_parse(m->cx->arena, p->attributes.items[i].value, &v, &err) != ST_OK)
            continue;
        if (v->type != JSON_ARRAY)
            TRY(attribute_value(m, d, def, v));
        for (size_t k = 0; v->type == JSON_ARRAY && k < v->n; k++)
            TRY(attribute_value(m, d, def, &v->items[k]));
    }
    return ST_OK;
}

/* --- variants
 * ------------------------------------------------------------------------------------- */

static void codes(const DocMaker *m, SearchDoc *d, const CatalogVariant *v)
{
    const Str all[] = {v->sku, v->barcode, v->mpn};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i].len > 0)
            search_doc_code(d, m->cx->arena, m->fields->code, all[i]);
}

/* *ret_any: it has one now, in some currency. */
static Status prices(DocMaker *m, SearchDoc *d, int32_t group, const CatalogVariant *v,
                     bool *ret_any)
{
    CatalogQuote q;
    *ret_any = false;
    for (size_t i = 0; i < v->prices.n; i++)
        if (!knows_currency(m, str_from_cstr(v->prices.items[i].price.cur)))
            TRY(price_in(m, str_from_cstr(v->prices.items[i].price.cur)));
    for (size_t i = 0; i < m->n_prices; i++)
        if (catalog_quote(&m->pricing[i], v->prices, 1, &q)) {
            search_doc_number(d, m->cx->arena, m->price[i], group, (double)q.price.minor);
            *ret_any = true;
        }
    return ST_OK;
}

/* Making a handle asks ICU, and a thousand products have the same few options. */
static Status option_field(DocMaker *m, Str name, SearchField *ret)
{
    MapValue *known = map_put(&m->options, name, NULL);
    if (known->i == 0) {
        TRY(field_of(m, "option.", text_handle(m->cx->arena, name, STR("")), SEARCH_KEYWORD, true,
                     ret));
        known->i = *ret + 1;
    }
    *ret = (SearchField)(known->i - 1);
    return ST_OK;
}

static Status learn_names(DocMaker *m, const PublishedProduct *p)
{
    const CatalogOptions *options = &p->product.options;
    Status                st = ST_OK;
    if (m->names_lock != NULL)
        pthread_rwlock_wrlock(m->names_lock);
    for (size_t i = 0; st == ST_OK && i < options->n; i++) {
        SearchField field;
        st = option_field(m, options->items[i].name, &field);
        if (st == ST_OK)
            product_names_learn(m->names, field, p, &options->items[i]);
    }
    if (m->names_lock != NULL)
        pthread_rwlock_unlock(m->names_lock);
    return st;
}

/* Without a price it is not sold, as pages and offers say: *ret_available. */
static Status variant(DocMaker *m, SearchDoc *d, const PublishedProduct *p, const CatalogVariant *v,
                      bool *ret_available)
{
    Arena                *a = m->cx->arena;
    const CatalogOptions *options = &p->product.options;
    int32_t               group = search_doc_group(d, a, v->id);
    codes(m, d, v);
    TRY(prices(m, d, group, v, ret_available));
    *ret_available = *ret_available && catalog_variant_available(v);
    search_doc_number(d, a, m->fields->available, group, *ret_available ? 1 : 0);
    for (size_t i = 0; i < options->n && i < v->options.n; i++) {
        SearchField field;
        TRY(option_field(m, options->items[i].name, &field));
        search_doc_keyword(d, a, field, group, v->options.items[i]);
    }
    return ST_OK;
}

/* What the maker calls it, each name once. */
static void models(const DocMaker *m, SearchDoc *d, const CatalogVariants *list)
{
    for (size_t i = 0; i < list->n && i < MODELS_MAX; i++) {
        bool known = list->items[i].mpn.len == 0;
        for (size_t k = 0; !known && k < i; k++)
            known = str_eq(list->items[i].mpn, list->items[k].mpn);
        if (!known)
            search_doc_text(d, m->cx->arena, m->fields->model, STR(""), list->items[i].mpn);
    }
}

static void option_words(const DocMaker *m, SearchDoc *d, const PublishedProduct *p)
{
    const CatalogOptions *options = &p->product.options;
    for (size_t i = 0; i < options->n; i++)
        for (size_t k = 0; k < options->items[i].values.n; k++)
            text_all(m, d, m->fields->words, p, options->items[i].values.items[k].id, "name",
                     options->items[i].values.items[k].name);
}

/* --- the whole
 * --------------------------------------------------------------------------------------- */

static void memberships(const DocMaker *m, SearchDoc *d, const PublishedProduct *p)
{
    char id[24];
    for (size_t i = 0; i < p->collections.n; i++) {
        int n = snprintf(id, sizeof id, "%lld", (long long)p->collections.items[i]);
        search_doc_keyword(d, m->cx->arena, m->fields->collection_is, SEARCH_WHOLE,
                           str_dup(m->cx->arena, (Str){id, (size_t)n}));
    }
}

/* Which of the merchant's rules are about it. */
static void conditions(const DocMaker *m, SearchDoc *d, const CatalogProduct *p)
{
    Arena *a = m->cx->arena;
    char   id[24];
    Facts *facts = m->conditions != NULL && m->conditions->n > 0 ? facts_of(a, p) : NULL;
    for (size_t i = 0; facts != NULL && i < m->conditions->n; i++) {
        const Rule *r = &m->conditions->items[i];
        if (!rule_holds(r, facts, a))
            continue;
        int n = snprintf(id, sizeof id, "%lld", (long long)r->collection);
        search_doc_keyword(d, a, m->fields->rule_is, SEARCH_WHOLE,
                           str_dup(a, (Str){id, (size_t)n}));
    }
}

/* What stays of the price, from 0 to 1, in the shop's currency: of the best variant. */
static void margin(const DocMaker *m, SearchDoc *d, const CatalogProduct *p)
{
    double       best = 0;
    CatalogQuote q;
    for (size_t i = 0; i < p->variants.n; i++) {
        const CatalogVariant *v = &p->variants.items[i];
        if (money_absent(v->cost) || strcmp(v->cost.cur, m->pricing[0].currency) != 0 ||
            !catalog_quote(&m->pricing[0], v->prices, 1, &q) || q.price.minor <= 0)
            continue;
        double share = 1 - (double)v->cost.minor / (double)q.price.minor;
        best = share > best ? share : best;
    }
    if (best > 0)
        search_doc_number(d, m->cx->arena, m->fields->margin, SEARCH_WHOLE, best);
}

Status doc_of(DocMaker *m, const PublishedProduct *p, SearchDoc *ret)
{
    Arena                *a = m->cx->arena;
    const ProductFields  *f = m->fields;
    const CatalogProduct *x = &p->product;
    SearchDoc             d = {.id = x->id};
    text_all(m, &d, f->title, p, x->id, "title", x->title);
    if (m->level < LEVEL_NO_DESCRIPTIONS)
        descriptions(m, &d, p);
    text_all(m, &d, f->type, p, x->id, "type", x->type);
    if (x->vendor.len > 0) {
        search_doc_text(&d, a, f->vendor, STR(""), x->vendor);
        search_doc_keyword(&d, a, f->vendor_is, SEARCH_WHOLE, x->vendor);
    }
    if (x->type.len > 0)
        search_doc_keyword(&d, a, f->type_is, SEARCH_WHOLE, x->type);
    for (size_t i = 0; i < x->tags.n; i++) {
        if (m->level < LEVEL_NO_WORDS)
            search_doc_text(&d, a, f->words, published_shop(m->view)->locale, x->tags.items[i]);
        search_doc_keyword(&d, a, f->tag_is, SEARCH_WHOLE, x->tags.items[i]);
        search_doc_keyword(&d, a, f->tag_handle, SEARCH_WHOLE,
                           text_handle(a, x->tags.items[i], STR("")));
    }
    if (m->level < LEVEL_NO_WORDS)
        option_words(m, &d, p);
    models(m, &d, &x->variants);
    TRY(attributes(m, &d, x));
    bool any = false, available;
    for (size_t i = 0; i < x->variants.n && i < SEARCH_GROUPS_MAX; i++) {
        TRY(variant(m, &d, p, &x->variants.items[i], &available));
        any = any || available;
    }
    memberships(m, &d, p);
    conditions(m, &d, x);
    margin(m, &d, x);
    TRY(title_keys(m, &d, p));
    TRY(learn_names(m, p));
    search_doc_number(&d, a, f->created, SEARCH_WHOLE, (double)x->created_at.v);
    search_doc_number(&d, a, f->stock, SEARCH_WHOLE, any ? 1 : 0);
    *ret = d;
    return ST_OK;
}
