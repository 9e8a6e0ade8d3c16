/* Shopify's product CSV: the first row of a product has what concerns the product, each
 * row a variant, or a further picture. Both generations of column names are understood;
 * "Option4 name" and so on go on where Shopify ends. */
#include "catalog/category.h"
#include "catalog/import_int.h"
#include "catalog/shopify_columns.h"
#include "text/text.h"

#include <string.h>

/* --- columns ------------------------------------------------------------------------------ */

static bool starts_as(Str s, const char *prefix, Str *ret_rest)
{
    size_t n = strlen(prefix);
    if (s.len < n || !import_is_header((Str){s.ptr, n}, prefix))
        return false;
    *ret_rest = str_trim((Str){s.ptr + n, s.len - n});
    return true;
}

/* "Option3 value": 2 and "value". */
static bool option_column(Str h, int *ret_index, Str *ret_what)
{
    Str     rest, number;
    int64_t n;
    if (!starts_as(h, "option", &rest) || !str_cut(rest, ' ', &number, ret_what))
        return false;
    if (!str_parse_i64(number, &n) || n < 1 || n > IMPORT_TEXTS_MAX)
        return false;
    *ret_index = (int)(n - 1);
    return true;
}

/* "Fabric (product.metafields.custom.fabric)": key "custom.fabric", name "Fabric". */
static bool metafield_column(Str h, Str *ret_key, Str *ret_name)
{
    static const char MARK[] = "(product.metafields.";
    size_t            n = sizeof MARK - 1;
    if (h.len < n + 2 || h.ptr[h.len - 1] != ')')
        return false;
    for (size_t i = 0; i + n < h.len; i++) {
        if (memcmp(h.ptr + i, MARK, n) != 0)
            continue;
        *ret_key = (Str){h.ptr + i + n, h.len - i - n - 1};
        *ret_name = str_trim((Str){h.ptr, i});
        return ret_key->len > 0;
    }
    return false;
}

/* Index of the price list of that title in file->lists; -1 when there is no room. */
static int list_index(ImportFile *file, Str title)
{
    for (size_t i = 0; i < file->nlists; i++)
        if (str_eq(file->lists[i], title))
            return (int)i;
    if (file->nlists == IMPORT_TEXTS_MAX)
        return -1;
    file->lists[file->nlists] = title;
    return (int)file->nlists++;
}

static bool known_column(Str h, ImportColumn *col)
{
    for (size_t i = 0; i < shopify_ncolumns; i++) {
        const ShopifyColumn *k = &shopify_columns[i];
        if (!import_is_header(h, k->now) && (k->before == NULL || !import_is_header(h, k->before)))
            continue;
        *col = (ImportColumn){.meaning = k->meaning, .field = k->field};
        return true;
    }
    return false;
}

static bool option_meaning(Str h, ImportColumn *col)
{
    Str what;
    int index;
    if (!option_column(h, &index, &what))
        return false;
    bool name = import_is_header(what, "name");
    bool value = import_is_header(what, "value");
    /* "Linked To" names a metafield of Shopify's own: nothing here corresponds to it. */
    *col = (ImportColumn){.meaning = name    ? SHOPIFY_OPTION_NAME
                                     : value ? SHOPIFY_OPTION_VALUE
                                             : SHOPIFY_PASS,
                          .index = index};
    return true;
}

/* "Price / Germany", "Included / Germany" … */
static bool market_meaning(ImportFile *file, Arena *a, Str h, ImportColumn *col)
{
    Str market;
    int meaning = starts_as(h, "compare-at price /", &market) ? SHOPIFY_LIST_COMPARE
                  : starts_as(h, "price /", &market)          ? SHOPIFY_LIST_PRICE
                  : starts_as(h, "included /", &market)       ? SHOPIFY_CHANNEL
                                                              : SHOPIFY_PASS;
    if (meaning == SHOPIFY_PASS || market.len == 0)
        return false;
    if (meaning == SHOPIFY_CHANNEL) {
        *col = (ImportColumn){.meaning = SHOPIFY_CHANNEL, .key = text_handle(a, market, (Str){0})};
        return col->key.len > 0;
    }
    int index = list_index(file, market);
    *col = (ImportColumn){.meaning = index < 0 ? SHOPIFY_PASS : meaning, .index = index};
    return index >= 0;
}

/* Attribute keys have a-z, 0-9 and '_' in each part. */
static Str attribute_key(Arena *a, const char *space, Str name)
{
    Str                   h = text_handle(a, name, (Str){0});
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 200);
    buf_add(&b, str_from_cstr(space));
    buf_addc(&b, '.');
    for (size_t i = 0; i < h.len && i < 64; i++)
        buf_addc(&b, h.ptr[i] == '-' ? '_' : h.ptr[i]);
    return h.len > 0 ? str_dup(a, buf_str(&b)) : (Str){0};
}

static bool attribute_meaning(Arena *a, Str h, ImportColumn *col)
{
    Str key, name, rest;
    if (metafield_column(h, &key, &name)) {
        *col = (ImportColumn){.meaning = SHOPIFY_ATTRIBUTE, .key = key, .name = name};
        return true;
    }
    if (!starts_as(h, "google shopping /", &rest))
        return false;
    *col = (ImportColumn){
        .meaning = SHOPIFY_ATTRIBUTE, .key = attribute_key(a, "google", rest), .name = h};
    return col->key.len > 0;
}

static void map(ImportFile *file, Arena *a, ImportProblems *problems)
{
    for (size_t i = 0; i < file->n; i++) {
        Str           h = str_trim(file->headers[i]);
        ImportColumn *col = &file->columns[i];
        if (h.len == 0 || known_column(h, col) || option_meaning(h, col) ||
            market_meaning(file, a, h, col) || attribute_meaning(a, h, col))
            continue;
        import_problem(problems, 1, h, "unknown_column", "not known; its cells are passed over");
    }
}

static bool recognises(const Str *headers, size_t n)
{
    bool title = false, rest = false;
    for (size_t i = 0; i < n; i++) {
        title = title || import_is_header(headers[i], "Title") ||
                import_is_header(headers[i], "Handle");
        rest = rest || import_is_header(headers[i], "Handle") ||
               import_is_header(headers[i], "URL handle") ||
               import_is_header(headers[i], "Variant Price") ||
               import_is_header(headers[i], "Price");
    }
    return title && rest;
}

/* --- rows --------------------------------------------------------------------------------- */

static Str cell_of(const ImportFile *file, const ImportRow *row, int meaning)
{
    for (size_t i = 0; i < file->n; i++)
        if (file->columns[i].meaning == meaning)
            return row->cells[i];
    return (Str){0};
}

static Str title_of(const ImportFile *file, const ImportRow *row)
{
    for (size_t i = 0; i < file->n; i++)
        if (file->columns[i].meaning == SHOPIFY_PRODUCT_TEXT &&
            strcmp(file->columns[i].field, "title") == 0)
            return str_trim(row->cells[i]);
    return (Str){0};
}

static Str key(const ImportFile *file, const ImportRow *row, Arena *a)
{
    Str handle = str_trim(cell_of(file, row, SHOPIFY_HANDLE));
    if (handle.len > 0)
        return handle;
    Str title = title_of(file, row);
    return title.len > 0 ? text_handle(a, title, (Str){0}) : (Str){0};
}

typedef struct Building {
    const ImportFile *file;
    const ImportRow  *row;
    Arena            *a;
    ImportProblems   *problems;
    ImportProduct    *ip;
    Str               options[IMPORT_TEXTS_MAX]; /* names */
    size_t            noptions;
} Building;

static CellAt at(const Building *b, size_t column)
{
    return (CellAt){
        .problems = b->problems, .line = b->row->line, .column = b->file->headers[column]};
}

static void tell(const Building *b, size_t column, const char *code, const char *what)
{
    Str cell = b->row->cells[column];
    import_problem(b->problems, b->row->line, b->file->headers[column], code, "\"%.*s\" is not %s",
                   (int)(cell.len < 60 ? cell.len : 60), cell.ptr, what);
}

static bool read_status(Str cell, int *ret)
{
    for (int i = 0; catalog_status_names[i] != NULL; i++) {
        if (!import_is_header(cell, catalog_status_names[i]))
            continue;
        *ret = i;
        return true;
    }
    return false;
}

static void product_published(Building *b, Str cell, size_t i)
{
    bool on = false;
    if (str_trim(cell).len == 0)
        return;
    if (!cell_bool(cell, &on))
        tell(b, i, "bad_boolean", "TRUE or FALSE");
    else
        import_add_publication(b->ip, b->a, STR("web"), on);
}

/* By its title, and nothing is left for it. A file of ours has all of them beside it. */
static void product_collection(Building *b, size_t i)
{
    Str    title = str_trim(b->row->cells[i]);
    CellAt where = at(b, i);
    if (title.len > 0 && str_trim(cell_of(b->file, b->row, SHOPIFY_COLLECTIONS)).len == 0)
        import_add_category(b->ip, b->a, &where, category_of_title(b->a, title));
}

static void product_collections(Building *b, size_t i)
{
    CatalogTexts list = cell_list(b->a, b->row->cells[i]);
    CellAt       where = at(b, i);
    for (size_t k = 0; k < list.n; k++)
        import_add_category(b->ip, b->a, &where, list.items[k]);
    b->ip->categories_whole = b->ip->categories_whole || list.n > 0;
}

/* A cell that concerns the product, in its first row. */
static void product_cell(Building *b, size_t i)
{
    const ImportColumn *col = &b->file->columns[i];
    CatalogProduct     *p = &b->ip->product;
    Str                 cell = b->row->cells[i];
    bool                yes = false;
    switch ((ShopifyMeaning)col->meaning) {
    case SHOPIFY_PRODUCT_TEXT:
        import_set_text(p, &p->given, &catalog_product_shape, col->field, cell);
        break;
    case SHOPIFY_TAGS:
        p->tags = cell_list(b->a, cell);
        import_give(&p->given, &catalog_product_shape, "tags");
        break;
    case SHOPIFY_COLLECTION: product_collection(b, i); break;
    case SHOPIFY_COLLECTIONS: product_collections(b, i); break;
    case SHOPIFY_PUBLISHED: product_published(b, cell, i); break;
    case SHOPIFY_STATUS:
        if (str_trim(cell).len == 0)
            break;
        if (read_status(cell, &p->status))
            import_give(&p->given, &catalog_product_shape, "status");
        else
            tell(b, i, "bad_status", "active, draft or archived");
        break;
    case SHOPIFY_GIFT_CARD:
        if (!cell_bool(cell, &yes) || !yes)
            break;
        p->kind = CATALOG_GIFT_CARD;
        import_give(&p->given, &catalog_product_shape, "kind");
        break;
    case SHOPIFY_OPTION_NAME: b->options[col->index] = str_trim(cell); break;
    case SHOPIFY_ATTRIBUTE: import_add_attribute(b->ip, b->a, col->key, col->name, cell); break;
    case SHOPIFY_CHANNEL:
        if (cell_bool(cell, &yes))
            import_add_publication(b->ip, b->a, col->key, yes);
        break;
    case SHOPIFY_PASS:
    case SHOPIFY_HANDLE:
    case SHOPIFY_VARIANT_TEXT:
    case SHOPIFY_VARIANT_BOOL:
    case SHOPIFY_VARIANT_INT:
    case SHOPIFY_OPTION_VALUE:
    case SHOPIFY_PRICE:
    case SHOPIFY_COMPARE_AT:
    case SHOPIFY_COST:
    case SHOPIFY_TRACKER:
    case SHOPIFY_QUANTITY:
    case SHOPIFY_CONTINUE:
    case SHOPIFY_WEIGHT_UNIT:
    case SHOPIFY_MEASURE:
    case SHOPIFY_MEASURE_UNIT:
    case SHOPIFY_MEASURE_BASE:
    case SHOPIFY_MEASURE_BASE_UNIT:
    case SHOPIFY_IMAGE:
    case SHOPIFY_IMAGE_POSITION:
    case SHOPIFY_IMAGE_ALT:
    case SHOPIFY_VARIANT_IMAGE:
    case SHOPIFY_LIST_PRICE:
    case SHOPIFY_LIST_COMPARE: break;
    }
}

/* --- variants ----------------------------------------------------------------------------- */

typedef struct VariantCells { /* values that several cells make together */
    Money  price, compare_at;
    bool   has_price, has_compare;
    double measure, base;
    Str    measure_unit, base_unit;
    Money  list_price[IMPORT_TEXTS_MAX], list_compare[IMPORT_TEXTS_MAX];
    bool   bad; /* leave this row out */
} VariantCells;

static void variant_number(Building *b, CatalogVariant *v, size_t i, VariantCells *vc)
{
    const ImportColumn *col = &b->file->columns[i];
    const ShapeField   *f = shape_field(&catalog_variant_shape, str_from_cstr(col->field));
    Str                 cell = str_trim(b->row->cells[i]);
    OptI64              n = {0};
    if (cell.len > 0) {
        if (!cell_scaled(cell, 1, &n.v) || n.v < 0) {
            tell(b, i, n.v < 0 ? "negative" : "bad_number", "a number from 0 up");
            vc->bad = true;
            return;
        }
        n.has = true;
    }
    if (f->opt)
        memcpy((char *)v + f->offset, &n, sizeof n);
    else if (n.has)
        memcpy((char *)v + f->offset, &n.v, sizeof n.v);
    else
        return;
    import_give(&v->given, &catalog_variant_shape, col->field);
}

static void variant_bool(Building *b, CatalogVariant *v, size_t i, VariantCells *vc)
{
    const ImportColumn *col = &b->file->columns[i];
    const ShapeField   *f = shape_field(&catalog_variant_shape, str_from_cstr(col->field));
    Str                 cell = b->row->cells[i];
    bool                yes = false;
    if (str_trim(cell).len == 0)
        return;
    if (!cell_bool(cell, &yes)) {
        tell(b, i, "bad_boolean", "TRUE or FALSE");
        vc->bad = true;
        return;
    }
    memcpy((char *)v + f->offset, &yes, sizeof yes);
    import_give(&v->given, &catalog_variant_shape, col->field);
}

static void variant_policy(Building *b, CatalogVariant *v, size_t i, VariantCells *vc)
{
    Str  cell = str_trim(b->row->cells[i]);
    bool pre = import_is_header(cell, "preorder"), on = pre || import_is_header(cell, "continue");
    if (cell.len == 0)
        return;
    if (!on && !import_is_header(cell, "deny") && !cell_bool(cell, &on)) {
        tell(b, i, "bad_policy", "deny, continue, TRUE or FALSE");
        vc->bad = true;
        return;
    }
    v->policy = pre ? CATALOG_PREORDER : on ? CATALOG_CONTINUE : CATALOG_DENY;
    import_give(&v->given, &catalog_variant_shape, "policy");
}

static void variant_quantity(Building *b, CatalogVariant *v, size_t i, VariantCells *vc)
{
    Str cell = str_trim(b->row->cells[i]);
    if (cell.len == 0)
        return;
    if (!cell_i64(cell, &v->quantity)) {
        tell(b, i, "bad_number", "a whole number");
        vc->bad = true;
        return;
    }
    import_give(&v->given, &catalog_variant_shape, "quantity");
}

static void variant_weight_unit(Building *b, CatalogVariant *v, size_t i)
{
    Str cell = str_trim(b->row->cells[i]);
    for (int u = 0; catalog_weight_unit_names[u] != NULL; u++) {
        if (!import_is_header(cell, catalog_weight_unit_names[u]))
            continue;
        v->weight_unit = u;
        import_give(&v->given, &catalog_variant_shape, "weight_unit");
        return;
    }
    if (cell.len > 0)
        tell(b, i, "bad_unit", "g, kg, oz or lb");
}

static void variant_image(Building *b, CatalogVariant *v, Str src)
{
    CatalogMediaList *media = &b->ip->product.media;
    src = str_trim(src);
    import_give(&v->given, &catalog_variant_shape, "media_index");
    v->media_index = (OptI64){0};
    if (src.len == 0)
        return;
    for (size_t i = 0; i < media->n; i++) {
        if (str_eq(media->items[i].url, src)) {
            v->media_index = opt_i64((int64_t)i + 1);
            return;
        }
    }
    import_add_media(b->ip, b->a)->url = src;
    v->media_index = opt_i64((int64_t)media->n);
}

static void amount(Building *b, size_t i, VariantCells *vc, Money *ret)
{
    CellAt where = at(b, i);
    if (!cell_money(&where, b->row->cells[i], b->file->currency, ret))
        vc->bad = true;
}

static void variant_measure(Building *b, size_t i, VariantCells *vc, double *ret)
{
    int64_t millionths = 0;
    Str     cell = str_trim(b->row->cells[i]);
    if (cell.len == 0)
        return;
    if (!cell_scaled(cell, 1e6, &millionths) || millionths < 0) {
        tell(b, i, "bad_number", "a number from 0 up");
        vc->bad = true;
        return;
    }
    *ret = (double)millionths / 1e6;
}

static void variant_cell(Building *b, CatalogVariant *v, size_t i, VariantCells *vc)
{
    const ImportColumn *col = &b->file->columns[i];
    Str                 cell = b->row->cells[i];
    switch ((ShopifyMeaning)col->meaning) {
    case SHOPIFY_VARIANT_TEXT:
        import_set_text(v, &v->given, &catalog_variant_shape, col->field, cell);
        break;
    case SHOPIFY_VARIANT_BOOL: variant_bool(b, v, i, vc); break;
    case SHOPIFY_VARIANT_INT: variant_number(b, v, i, vc); break;
    case SHOPIFY_OPTION_VALUE:
        if ((size_t)col->index < b->noptions)
            v->options.items[col->index] = str_trim(cell);
        break;
    case SHOPIFY_PRICE:
        vc->has_price = true;
        amount(b, i, vc, &vc->price);
        break;
    case SHOPIFY_COMPARE_AT:
        vc->has_compare = true;
        amount(b, i, vc, &vc->compare_at);
        break;
    case SHOPIFY_COST:
        amount(b, i, vc, &v->cost);
        import_give(&v->given, &catalog_variant_shape, "cost");
        break;
    case SHOPIFY_TRACKER:
        v->tracked = str_trim(cell).len > 0;
        import_give(&v->given, &catalog_variant_shape, "tracked");
        break;
    case SHOPIFY_QUANTITY: variant_quantity(b, v, i, vc); break;
    case SHOPIFY_CONTINUE: variant_policy(b, v, i, vc); break;
    case SHOPIFY_WEIGHT_UNIT: variant_weight_unit(b, v, i); break;
    case SHOPIFY_MEASURE: variant_measure(b, i, vc, &vc->measure); break;
    case SHOPIFY_MEASURE_BASE: variant_measure(b, i, vc, &vc->base); break;
    case SHOPIFY_MEASURE_UNIT: vc->measure_unit = str_trim(cell); break;
    case SHOPIFY_MEASURE_BASE_UNIT: vc->base_unit = str_trim(cell); break;
    case SHOPIFY_LIST_PRICE: amount(b, i, vc, &vc->list_price[col->index]); break;
    case SHOPIFY_LIST_COMPARE: amount(b, i, vc, &vc->list_compare[col->index]); break;
    case SHOPIFY_VARIANT_IMAGE: variant_image(b, v, cell); break;
    case SHOPIFY_PASS:
    case SHOPIFY_HANDLE:
    case SHOPIFY_PRODUCT_TEXT:
    case SHOPIFY_TAGS:
    case SHOPIFY_COLLECTION:
    case SHOPIFY_COLLECTIONS:
    case SHOPIFY_PUBLISHED:
    case SHOPIFY_STATUS:
    case SHOPIFY_GIFT_CARD:
    case SHOPIFY_OPTION_NAME:
    case SHOPIFY_IMAGE:
    case SHOPIFY_IMAGE_POSITION:
    case SHOPIFY_IMAGE_ALT:
    case SHOPIFY_ATTRIBUTE:
    case SHOPIFY_CHANNEL: break;
    }
}

static void variant_finish(Building *b, CatalogVariant *v, const VariantCells *vc)
{
    ImportProduct *ip = b->ip;
    if (vc->has_price || vc->has_compare) {
        import_give(&v->given, &catalog_variant_shape, "prices");
        if (!money_absent(vc->price)) {
            v->prices.items = arena_new(b->a, CatalogPrice);
            v->prices.items[0] = (CatalogPrice){.price = vc->price, .compare_at = vc->compare_at};
            v->prices.n = 1;
            import_give(&v->prices.items[0].given, &catalog_price_shape, "price");
            if (vc->has_compare)
                import_give(&v->prices.items[0].given, &catalog_price_shape, "compare_at");
        }
    }
    if (vc->measure > 0 && vc->measure_unit.len > 0) {
        v->measure = arena_new(b->a, CatalogMeasure);
        *v->measure =
            (CatalogMeasure){.value = vc->measure,
                             .unit = vc->measure_unit,
                             .base_value = vc->base > 0 ? vc->base : 1,
                             .base_unit = vc->base_unit.len > 0 ? vc->base_unit : vc->measure_unit};
        import_give(&v->given, &catalog_variant_shape, "measure");
    }
    for (size_t i = 0; i < b->file->nlists; i++) {
        if (money_absent(vc->list_price[i]))
            continue;
        ImportListPrice *lp = import_push(b->a, (void **)&ip->list_prices, &ip->nlist_prices,
                                          &ip->list_prices_cap, sizeof *lp);
        *lp = (ImportListPrice){.variant = ip->product.variants.n - 1,
                                .list = i,
                                .price = vc->list_price[i],
                                .compare_at = vc->list_compare[i]};
    }
}

/* Does the row have a variant, or only a picture? */
static bool has_variant(const Building *b)
{
    for (size_t i = 0; i < b->file->n; i++) {
        int m = b->file->columns[i].meaning;
        if ((m == SHOPIFY_OPTION_VALUE || m == SHOPIFY_PRICE) && str_trim(b->row->cells[i]).len > 0)
            return true;
        if (m == SHOPIFY_VARIANT_TEXT && strcmp(b->file->columns[i].field, "sku") == 0 &&
            b->row->cells[i].len > 0)
            return true;
    }
    return false;
}

static bool same_options(const CatalogVariant *x, const CatalogVariant *y)
{
    for (size_t i = 0; i < x->options.n; i++)
        if (!str_eq(x->options.items[i], y->options.items[i]))
            return false;
    return true;
}

/* Every option has a value, and no sister has the same. */
static bool options_fine(Building *b, const CatalogVariant *v)
{
    for (size_t i = 0; i < v->options.n; i++) {
        if (v->options.items[i].len > 0)
            continue;
        import_problem(b->problems, b->row->line, b->options[i], "required",
                       "the variant has no value for this option");
        return false;
    }
    const CatalogVariants *list = &b->ip->product.variants;
    for (size_t i = 0; v->options.n > 0 && i + 1 < list->n; i++) {
        if (!same_options(&list->items[i], v))
            continue;
        import_problem(b->problems, b->row->line, STR(""), "duplicate_variant",
                       "line %lld has the same options", (long long)b->ip->variant_lines[i]);
        return false;
    }
    if (v->options.n == 0 && list->n > 1) {
        import_problem(b->problems, b->row->line, STR(""), "duplicate_variant",
                       "the product has no options, so it has one variant, on line %lld",
                       (long long)b->ip->variant_lines[0]);
        return false;
    }
    return true;
}

static void take_variant(Building *b)
{
    CatalogVariants *list = &b->ip->product.variants;
    CatalogVariant  *v = import_add_variant(b->ip, b->a, b->row->line);
    VariantCells     vc = {0};
    v->options = (CatalogTexts){arena_array(b->a, Str, b->noptions + 1), b->noptions};
    for (size_t i = 0; i < b->file->n; i++)
        variant_cell(b, v, i, &vc);
    import_give(&v->given, &catalog_variant_shape, "options");
    if (vc.bad || !options_fine(b, v)) {
        list->n--;
        b->ip->skipped++;
        b->ip->keep_variants = true;
        return;
    }
    variant_finish(b, v, &vc);
}

/* --- pictures ----------------------------------------------------------------------------- */

static void take_picture(Building *b)
{
    Str     src = str_trim(cell_of(b->file, b->row, SHOPIFY_IMAGE));
    int64_t position = 0;
    if (src.len == 0)
        return;
    CatalogMediaList *media = &b->ip->product.media;
    CatalogMedia     *m = NULL;
    for (size_t i = 0; i < media->n && m == NULL; i++)
        if (str_eq(media->items[i].url, src))
            m = &media->items[i];
    if (m == NULL)
        m = import_add_media(b->ip, b->a);
    m->url = src;
    m->alt = str_trim(cell_of(b->file, b->row, SHOPIFY_IMAGE_ALT));
    import_give(&m->given, &catalog_media_shape, "alt");
    /* For sorting; `kind` is what the field will hold. */
    if (cell_i64(cell_of(b->file, b->row, SHOPIFY_IMAGE_POSITION), &position) && position > 0)
        m->id = position;
}

/* By position, those without one in the order of the file, behind those with one. */
static void sort_pictures(CatalogMediaList *media)
{
    for (size_t i = 1; i < media->n; i++) {
        CatalogMedia m = media->items[i];
        size_t       k = i;
        while (m.id != 0 && k > 0 &&
               (media->items[k - 1].id == 0 || media->items[k - 1].id > m.id)) {
            media->items[k] = media->items[k - 1];
            k--;
        }
        media->items[k] = m;
    }
    for (size_t i = 0; i < media->n; i++)
        media->items[i].id = 0;
}

static bool has_column(const ImportFile *file, int meaning)
{
    for (size_t i = 0; i < file->n; i++)
        if (file->columns[i].meaning == meaning)
            return true;
    return false;
}

/* --- products ----------------------------------------------------------------------------- */

static bool is_default(Str name, Str value)
{
    return str_eq(name, STR("Title")) && (value.len == 0 || str_eq(value, STR("Default Title")));
}

/* The names of the options, from the first row that has any. */
static void take_options(Building *b, const ImportGroup *g)
{
    CatalogProduct *p = &b->ip->product;
    for (size_t i = 0; i < b->file->n; i++)
        if (b->file->columns[i].meaning == SHOPIFY_OPTION_NAME)
            b->options[b->file->columns[i].index] = str_trim(g->rows[0].cells[i]);
    while (b->noptions < IMPORT_TEXTS_MAX && b->options[b->noptions].len > 0)
        b->noptions++;
    if (g->more) { /* the names stand further up; here are values only */
        b->noptions = 0;
        for (size_t i = 0; i < b->file->n; i++)
            if (b->file->columns[i].meaning == SHOPIFY_OPTION_VALUE &&
                str_trim(g->rows[0].cells[i]).len > 0)
                b->noptions++;
        return;
    }
    if (b->noptions == 1) {
        Str value = cell_of(b->file, &g->rows[0], SHOPIFY_OPTION_VALUE);
        if (is_default(b->options[0], str_trim(value)))
            b->noptions = 0;
    }
    if (!has_column(b->file, SHOPIFY_OPTION_NAME) && !has_column(b->file, SHOPIFY_OPTION_VALUE))
        return;
    p->options.items = arena_array(b->a, CatalogOption, b->noptions + 1);
    p->options.n = b->noptions;
    for (size_t i = 0; i < b->noptions; i++) {
        p->options.items[i].name = b->options[i];
        import_give(&p->options.items[i].given, &catalog_option_shape, "name");
    }
    import_give(&p->given, &catalog_product_shape, "options");
}

static void finish(Building *b)
{
    CatalogProduct *p = &b->ip->product;
    if (has_column(b->file, SHOPIFY_IMAGE)) {
        for (size_t i = 0; i < p->media.n; i++)
            import_give(&p->media.items[i].given, &catalog_media_shape, "url");
        import_give(&p->given, &catalog_product_shape, "media");
    }
    if (p->variants.n > 0)
        import_give(&p->given, &catalog_product_shape, "variants");
    if (p->attributes.n > 0)
        import_give(&p->given, &catalog_product_shape, "attributes");
}

static void build(const ImportFile *file, const ImportGroup *g, Arena *a, ImportProblems *problems,
                  ImportProduct *ret)
{
    *ret =
        (ImportProduct){.line = g->rows[0].line, .must_exist = g->more, .keep_variants = g->more};
    Building b = {.file = file, .row = &g->rows[0], .a = a, .problems = problems, .ip = ret};
    ret->product.handle = text_is_handle(g->key) ? g->key : text_handle(a, g->key, (Str){0});
    import_give(&ret->product.given, &catalog_product_shape, "handle");
    if (ret->product.handle.len == 0) {
        import_problem(problems, ret->line, STR(""), "required",
                       "the row has neither a handle nor a title");
        ret->nothing = true;
        ret->skipped = (int64_t)g->n;
        return;
    }
    if (g->more && title_of(file, b.row).len > 0) {
        import_problem(problems, ret->line, STR(""), "duplicate_handle",
                       "another product of this file has the handle \"%.*s\"",
                       (int)ret->product.handle.len, ret->product.handle.ptr);
        ret->nothing = true;
        ret->skipped = (int64_t)g->n;
        return;
    }
    for (size_t i = 0; i < file->n && !g->more; i++)
        product_cell(&b, i);
    take_options(&b, g);
    for (size_t i = 0; i < g->n; i++) {
        b.row = &g->rows[i];
        take_picture(&b);
    }
    sort_pictures(&ret->product.media);
    for (size_t i = 0; i < g->n; i++) {
        b.row = &g->rows[i];
        if (has_variant(&b))
            take_variant(&b);
    }
    finish(&b);
}

const ImportReader import_shopify = {
    .format = IMPORT_SHOPIFY, .recognises = recognises, .map = map, .key = key, .build = build};
