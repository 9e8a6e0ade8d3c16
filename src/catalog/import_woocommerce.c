/* WooCommerce's product CSV. A product is a row ("simple", "variable" …); its variants are
 * rows of the type "variation" that name it as their parent, by SKU or by "id:123", and
 * usually stand behind it. What has no place in the catalogue becomes an attribute "woo.…",
 * so that nothing is lost on the way back. */
#include "catalog/import_int.h"
#include "catalog/woocommerce_columns.h"
#include "text/text.h"

#include <stdio.h>
#include <string.h>

/* --- columns ------------------------------------------------------------------------------ */

/* "Weight (kg)": the unit, and what one of it is in grams or millimetres. */
static double unit_scale(Str header)
{
    static const struct {
        const char *mark;
        double      scale;
    } UNITS[] = {{"(kg)", 1000},         {"(g)", 1},     {"(lbs)", 453.59237}, {"(lb)", 453.59237},
                 {"(oz)", 28.349523125}, {"(m)", 1000},  {"(cm)", 10},         {"(mm)", 1},
                 {"(in)", 25.4},         {"(yd)", 914.4}};
    for (size_t i = 0; i < COUNT_OF(UNITS); i++) {
        size_t n = strlen(UNITS[i].mark);
        if (header.len >= n && memcmp(header.ptr + header.len - n, UNITS[i].mark, n) == 0)
            return UNITS[i].scale;
    }
    return 1;
}

/* The header without its unit: "Weight". */
static Str without_unit(Str header)
{
    Str head, tail;
    str_cut(header, '(', &head, &tail);
    return str_trim(head);
}

/* "Attribute 2 value(s)": index 1, what "value(s)". */
static bool attribute_column(Str h, ImportColumn *col)
{
    static const struct {
        const char *what;
        int         meaning;
    } PARTS[] = {{"name", WOO_ATTRIBUTE_NAME},
                 {"value(s)", WOO_ATTRIBUTE_VALUES},
                 {"visible", WOO_ATTRIBUTE_VISIBLE},
                 {"global", WOO_ATTRIBUTE_GLOBAL},
                 {"default", WOO_ATTRIBUTE_DEFAULT}};
    Str     word, number, what;
    int64_t n;
    if (!str_cut(h, ' ', &word, &h) || !import_is_header(word, "Attribute") ||
        !str_cut(h, ' ', &number, &what) || !str_parse_i64(number, &n) || n < 1 ||
        n > IMPORT_TEXTS_MAX)
        return false;
    for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
        if (!import_is_header(what, PARTS[i].what))
            continue;
        *col = (ImportColumn){.meaning = PARTS[i].meaning, .index = (int)n - 1};
        return true;
    }
    return false;
}

/* An attribute for what the catalogue has no member for: "woo.purchase_note". */
static void other_column(Arena *a, Str h, ImportColumn *col)
{
    Str                   handle = text_handle(a, h, (Str){0});
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 200);
    buf_add(&b, STR("woo."));
    for (size_t i = 0; i < handle.len && i < 60; i++)
        buf_addc(&b, handle.ptr[i] == '-' ? '_' : handle.ptr[i]);
    *col = (ImportColumn){.meaning = WOO_OTHER, .key = str_dup(a, buf_str(&b)), .name = h};
}

static void map(ImportFile *file, Arena *a, ImportProblems *problems)
{
    (void)problems;
    for (size_t i = 0; i < file->n; i++) {
        Str           h = str_trim(file->headers[i]);
        ImportColumn *col = &file->columns[i];
        if (h.len == 0 || import_is_header(h, IMPORT_MARK) || attribute_column(h, col))
            continue;
        for (size_t k = 0; k < woo_ncolumns && col->meaning == WOO_PASS; k++) {
            const WooColumn *c = &woo_columns[k];
            bool             fits = c->measure ? import_is_header(without_unit(h), c->name)
                                               : import_is_header(h, c->name);
            if (fits)
                *col = (ImportColumn){.meaning = c->meaning, .field = c->field};
        }
        if (col->meaning == WOO_PASS)
            other_column(a, h, col);
    }
}

static bool recognises(const Str *headers, size_t n)
{
    bool type = false, name = false, price = false;
    for (size_t i = 0; i < n; i++) {
        type = type || import_is_header(headers[i], "Type");
        name = name || import_is_header(headers[i], "Name");
        price = price || import_is_header(headers[i], "Regular price") ||
                import_is_header(headers[i], "SKU");
    }
    return type && name && price;
}

/* --- rows --------------------------------------------------------------------------------- */

static Str cell_of(const ImportFile *file, const ImportRow *row, int meaning)
{
    for (size_t i = 0; i < file->n; i++)
        if (file->columns[i].meaning == meaning)
            return str_trim(row->cells[i]);
    return (Str){0};
}

/* The `index`-th attribute's part. */
static Str part_of(const ImportFile *file, const ImportRow *row, int meaning, int index)
{
    for (size_t i = 0; i < file->n; i++)
        if (file->columns[i].meaning == meaning && file->columns[i].index == index)
            return str_trim(row->cells[i]);
    return (Str){0};
}

/* "variable", of "variable, virtual". */
static Str type_of(const ImportFile *file, const ImportRow *row)
{
    Str head, tail;
    str_cut(cell_of(file, row, WOO_TYPE), ',', &head, &tail);
    return str_trim(head);
}

static bool is_type(const ImportFile *file, const ImportRow *row, const char *type)
{
    return import_is_header(type_of(file, row), type);
}

static bool has_flag(const ImportFile *file, const ImportRow *row, const char *flag)
{
    Str rest = cell_of(file, row, WOO_TYPE), part;
    while (rest.len > 0) {
        str_cut(rest, ',', &part, &rest);
        if (import_is_header(str_trim(part), flag))
            return true;
    }
    return false;
}

/* Rows of one product share: its id as "id:12", else its SKU, else its name. A variation
 * has it in "Parent". */
static Str key(const ImportFile *file, const ImportRow *row, Arena *a)
{
    if (is_type(file, row, "variation"))
        return cell_of(file, row, WOO_PARENT);
    Str sku = cell_of(file, row, WOO_SKU);
    Str id = cell_of(file, row, WOO_ID);
    /* The exporter names parents by SKU where they have one. */
    if (sku.len > 0)
        return sku;
    if (id.len == 0)
        return cell_of(file, row, WOO_NAME);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    buf_addf(&b, "id:" STR_FMT, STR_ARG(id));
    return str_dup(a, buf_str(&b));
}

typedef struct Building {
    const ImportFile *file;
    const ImportRow  *row;
    Arena            *a;
    ImportProblems   *problems;
    ImportProduct    *ip;
    Str               options[IMPORT_TEXTS_MAX];
    size_t            noptions;
    bool              bad;
} Building;

static void tell(Building *b, size_t column, const char *code, const char *what)
{
    Str cell = b->row->cells[column];
    import_problem(b->problems, b->row->line, b->file->headers[column], code, "\"%.*s\" is not %s",
                   (int)(cell.len < 60 ? cell.len : 60), cell.ptr, what);
    b->bad = true;
}

/* --- products ----------------------------------------------------------------------------- */

static void product_published(Building *b, size_t i)
{
    CatalogProduct *p = &b->ip->product;
    int64_t         n = 0;
    Str             cell = str_trim(b->row->cells[i]);
    if (cell.len == 0)
        return;
    if (!cell_i64(cell, &n)) {
        bool yes = false;
        if (!cell_bool(cell, &yes)) {
            tell(b, i, "bad_number", "1, 0 or -1");
            return;
        }
        n = yes;
    }
    /* 1: for all; 0: private; anything else: a draft */
    p->status = n == 0 || n == 1 ? CATALOG_ACTIVE : CATALOG_DRAFT;
    import_give(&p->given, &catalog_product_shape, "status");
    import_add_publication(b->ip, b->a, STR("web"), n == 1);
}

static void product_pictures(Building *b, Str cell)
{
    CatalogProduct *p = &b->ip->product;
    CatalogTexts    list = cell_list(b->a, cell);
    for (size_t i = 0; i < list.n; i++) {
        CatalogMedia *m = import_add_media(b->ip, b->a);
        m->url = list.items[i];
        import_give(&m->given, &catalog_media_shape, "url");
    }
    import_give(&p->given, &catalog_product_shape, "media");
}

static void product_categories(Building *b, size_t i)
{
    CatalogTexts list = cell_list(b->a, b->row->cells[i]);
    CellAt       at = {b->problems, b->row->line, b->file->headers[i]};
    for (size_t k = 0; k < list.n; k++)
        import_add_category(b->ip, b->a, &at, list.items[k]);
    b->ip->categories_whole = true;
}

static void product_cell(Building *b, size_t i)
{
    const ImportColumn *col = &b->file->columns[i];
    CatalogProduct     *p = &b->ip->product;
    Str                 cell = b->row->cells[i];
    switch ((WooMeaning)col->meaning) {
    case WOO_ID: import_add_attribute(b->ip, b->a, STR("woo.id"), STR("ID"), str_trim(cell)); break;
    case WOO_NAME:
    case WOO_PRODUCT_TEXT:
        import_set_text(p, &p->given, &catalog_product_shape, col->field, cell);
        break;
    case WOO_PUBLISHED: product_published(b, i); break;
    case WOO_TAGS:
        p->tags = cell_list(b->a, cell);
        import_give(&p->given, &catalog_product_shape, "tags");
        break;
    case WOO_CATEGORIES: product_categories(b, i); break;
    case WOO_IMAGES: product_pictures(b, cell); break;
    case WOO_TYPE:
        if (has_flag(b->file, b->row, "downloadable"))
            p->kind = CATALOG_DIGITAL;
        else if (has_flag(b->file, b->row, "grouped"))
            p->kind = CATALOG_BUNDLE;
        else
            p->kind = CATALOG_PHYSICAL;
        import_give(&p->given, &catalog_product_shape, "kind");
        if (is_type(b->file, b->row, "grouped") || is_type(b->file, b->row, "external") ||
            has_flag(b->file, b->row, "downloadable"))
            import_add_attribute(b->ip, b->a, STR("woo.type"), STR("Type"), str_trim(cell));
        break;
    case WOO_OTHER: import_add_attribute(b->ip, b->a, col->key, col->name, cell); break;
    case WOO_PASS:
    case WOO_SKU:
    case WOO_VARIANT_TEXT:
    case WOO_SALE_STARTS:
    case WOO_SALE_ENDS:
    case WOO_TAX_STATUS:
    case WOO_STOCK:
    case WOO_BACKORDERS:
    case WOO_SOLD_ALONE:
    case WOO_WEIGHT:
    case WOO_LENGTH:
    case WOO_SALE_PRICE:
    case WOO_REGULAR_PRICE:
    case WOO_COST:
    case WOO_PARENT:
    case WOO_ATTRIBUTE_NAME:
    case WOO_ATTRIBUTE_VALUES:
    case WOO_ATTRIBUTE_VISIBLE:
    case WOO_ATTRIBUTE_GLOBAL:
    case WOO_ATTRIBUTE_DEFAULT: break;
    }
}

/* --- variants ----------------------------------------------------------------------------- */

typedef struct Prices {
    Money   regular, sale;
    OptTime starts, ends;
    bool    given;
} Prices;

static void sale_date(Building *b, size_t i, OptTime *ret, bool end)
{
    Str    cell = str_trim(b->row->cells[i]);
    UnixMs t;
    char   text[40];
    if (cell.len == 0)
        return;
    /* "2026-11-22", "2026-11-22 10:00:00", RFC 3339; without a zone it is UTC */
    snprintf(text, sizeof text, STR_FMT "%s", STR_ARG(cell), cell.len == 19 ? "Z" : "");
    if (cell.len > 30 || (!clock_parse_date(cell, &t) && !clock_parse(str_from_cstr(text), &t))) {
        tell(b, i, "bad_date", "a date");
        return;
    }
    if (cell.len == CLOCK_DATE_LEN && end) /* to the end of that day */
        t = unix_ms_add(t, (SpanMs){SPAN_DAYS(1).v - 1000});
    *ret = opt_time(t);
}

static void amount(Building *b, size_t i, Money *ret)
{
    CellAt where = {.problems = b->problems, .line = b->row->line, .column = b->file->headers[i]};
    if (!cell_money(&where, b->row->cells[i], b->file->currency, ret))
        b->bad = true;
}

static void scaled(Building *b, CatalogVariant *v, size_t i)
{
    const ImportColumn *col = &b->file->columns[i];
    const ShapeField   *f = shape_field(&catalog_variant_shape, str_from_cstr(col->field));
    Str                 cell = str_trim(b->row->cells[i]);
    OptI64              n = {0};
    if (cell.len > 0) {
        if (!cell_scaled(cell, unit_scale(b->file->headers[i]), &n.v) || n.v < 0) {
            tell(b, i, n.v < 0 ? "negative" : "bad_number", "a number from 0 up");
            return;
        }
        n.has = true;
    }
    memcpy((char *)v + f->offset, &n, sizeof n);
    import_give(&v->given, &catalog_variant_shape, col->field);
}

static void stock(Building *b, CatalogVariant *v, size_t i)
{
    Str cell = str_trim(b->row->cells[i]);
    v->tracked = cell.len > 0 && !import_is_header(cell, "parent");
    import_give(&v->given, &catalog_variant_shape, "tracked");
    if (!v->tracked)
        return;
    if (!cell_i64(cell, &v->quantity)) {
        tell(b, i, "bad_number", "a whole number");
        return;
    }
    import_give(&v->given, &catalog_variant_shape, "quantity");
}

static void backorders(Building *b, CatalogVariant *v, Str cell)
{
    bool yes = false;
    cell = str_trim(cell);
    if (cell.len == 0)
        return;
    v->policy = import_is_header(cell, "notify") || (cell_bool(cell, &yes) && yes)
                    ? CATALOG_CONTINUE
                    : CATALOG_DENY;
    import_give(&v->given, &catalog_variant_shape, "policy");
    if (import_is_header(cell, "notify"))
        import_add_attribute(b->ip, b->a, STR("woo.backorders"), STR("Backorders allowed?"), cell);
}

static void variant_cell(Building *b, CatalogVariant *v, size_t i, Prices *prices)
{
    const ImportColumn *col = &b->file->columns[i];
    Str                 cell = b->row->cells[i];
    bool                yes = false;
    switch ((WooMeaning)col->meaning) {
    case WOO_SKU:
    case WOO_VARIANT_TEXT:
        import_set_text(v, &v->given, &catalog_variant_shape, col->field, cell);
        break;
    case WOO_REGULAR_PRICE:
        prices->given = true;
        amount(b, i, &prices->regular);
        break;
    case WOO_SALE_PRICE: amount(b, i, &prices->sale); break;
    case WOO_SALE_STARTS: sale_date(b, i, &prices->starts, false); break;
    case WOO_SALE_ENDS: sale_date(b, i, &prices->ends, true); break;
    case WOO_COST:
        amount(b, i, &v->cost);
        import_give(&v->given, &catalog_variant_shape, "cost");
        break;
    case WOO_TAX_STATUS:
        v->taxable = import_is_header(cell, "taxable");
        import_give(&v->given, &catalog_variant_shape, "taxable");
        break;
    case WOO_STOCK: stock(b, v, i); break;
    case WOO_BACKORDERS: backorders(b, v, cell); break;
    case WOO_SOLD_ALONE:
        v->max_qty = cell_bool(cell, &yes) && yes ? opt_i64(1) : (OptI64){0};
        import_give(&v->given, &catalog_variant_shape, "max_qty");
        break;
    case WOO_WEIGHT:
    case WOO_LENGTH: scaled(b, v, i); break;
    case WOO_TYPE:
        v->requires_shipping =
            !has_flag(b->file, b->row, "virtual") && !is_type(b->file, b->row, "external");
        import_give(&v->given, &catalog_variant_shape, "requires_shipping");
        break;
    case WOO_PASS:
    case WOO_ID:
    case WOO_NAME:
    case WOO_PRODUCT_TEXT:
    case WOO_PUBLISHED:
    case WOO_TAGS:
    case WOO_CATEGORIES:
    case WOO_IMAGES:
    case WOO_PARENT:
    case WOO_ATTRIBUTE_NAME:
    case WOO_ATTRIBUTE_VALUES:
    case WOO_ATTRIBUTE_VISIBLE:
    case WOO_ATTRIBUTE_GLOBAL:
    case WOO_ATTRIBUTE_DEFAULT:
    case WOO_OTHER: break;
    }
}

static CatalogPrice price_of(Money price, Money compare_at)
{
    CatalogPrice p = {.price = price, .compare_at = compare_at};
    import_give(&p.given, &catalog_price_shape, "price");
    import_give(&p.given, &catalog_price_shape, "compare_at");
    return p;
}

/* A sale without dates is the price, with the regular one struck through; a sale with dates
 * is a second price for that time. */
static void take_prices(Building *b, CatalogVariant *v, const Prices *p)
{
    bool sale = !money_absent(p->sale);
    bool dated = sale && (p->starts.has || p->ends.has);
    if (!p->given)
        return;
    import_give(&v->given, &catalog_variant_shape, "prices");
    v->prices.items = arena_array(b->a, CatalogPrice, 2);
    if (!money_absent(p->regular) && (!sale || dated))
        v->prices.items[v->prices.n++] = price_of(p->regular, (Money){0});
    if (!sale)
        return;
    CatalogPrice *s = &v->prices.items[v->prices.n++];
    *s = price_of(p->sale, p->regular);
    if (!dated)
        return;
    /* A sale that has an end only began long ago. */
    s->starts_at = p->starts.has ? p->starts : opt_time((UnixMs){1});
    s->ends_at = p->ends;
    import_give(&s->given, &catalog_price_shape, "starts_at");
    import_give(&s->given, &catalog_price_shape, "ends_at");
}

/* The row's value of an option; variations may number their attributes differently. */
static Str option_value(const Building *b, Str option)
{
    for (int i = 0; i < IMPORT_TEXTS_MAX; i++) {
        Str name = part_of(b->file, b->row, WOO_ATTRIBUTE_NAME, i);
        if (name.len > 0 && str_eq(name, option))
            return part_of(b->file, b->row, WOO_ATTRIBUTE_VALUES, i);
    }
    return (Str){0};
}

static bool options_fine(Building *b, const CatalogVariant *v)
{
    for (size_t i = 0; i < v->options.n; i++) {
        if (v->options.items[i].len > 0)
            continue;
        import_problem(b->problems, b->row->line, b->options[i], "required",
                       "the variation has no value for this attribute: one that stands for all"
                       " values cannot be taken");
        return false;
    }
    const CatalogVariants *list = &b->ip->product.variants;
    for (size_t i = 0; i + 1 < list->n; i++) {
        bool same = true;
        for (size_t k = 0; same && k < v->options.n; k++)
            same = str_eq(list->items[i].options.items[k], v->options.items[k]);
        if (!same)
            continue;
        import_problem(b->problems, b->row->line, STR(""), "duplicate_variant",
                       "line %lld has the same attributes", (long long)b->ip->variant_lines[i]);
        return false;
    }
    return true;
}

static void variant_picture(Building *b, CatalogVariant *v)
{
    CatalogMediaList *media = &b->ip->product.media;
    Str               first, rest;
    str_cut(cell_of(b->file, b->row, WOO_IMAGES), ',', &first, &rest);
    first = str_trim(first);
    import_give(&v->given, &catalog_variant_shape, "media_index");
    if (first.len == 0)
        return;
    for (size_t i = 0; i < media->n; i++) {
        if (str_eq(media->items[i].url, first)) {
            v->media_index = opt_i64((int64_t)i + 1);
            return;
        }
    }
    CatalogMedia *m = import_add_media(b->ip, b->a);
    m->url = first;
    import_give(&m->given, &catalog_media_shape, "url");
    v->media_index = opt_i64((int64_t)media->n);
}

static void take_variant(Building *b, bool variation)
{
    CatalogVariants *list = &b->ip->product.variants;
    CatalogVariant  *v = import_add_variant(b->ip, b->a, b->row->line);
    Prices           prices = {0};
    b->bad = false;
    v->options = (CatalogTexts){arena_array(b->a, Str, b->noptions + 1), b->noptions};
    for (size_t i = 0; i < b->noptions; i++)
        v->options.items[i] = option_value(b, b->options[i]);
    import_give(&v->given, &catalog_variant_shape, "options");
    for (size_t i = 0; i < b->file->n; i++)
        variant_cell(b, v, i, &prices);
    if (b->bad || !options_fine(b, v)) {
        list->n--;
        b->ip->skipped++;
        b->ip->keep_variants = true;
        return;
    }
    take_prices(b, v, &prices);
    if (variation)
        variant_picture(b, v);
}

/* --- options ------------------------------------------------------------------------------ */

static void add_option(Building *b, Str name)
{
    for (size_t i = 0; i < b->noptions; i++)
        if (str_eq(b->options[i], name))
            return;
    if (b->noptions < IMPORT_TEXTS_MAX)
        b->options[b->noptions++] = name;
}

/* The attributes that variations have a value for are options, in the parent's order. */
static void take_options(Building *b, const ImportGroup *g)
{
    CatalogProduct *p = &b->ip->product;
    for (int i = 0; i < IMPORT_TEXTS_MAX; i++) {
        Str name = part_of(b->file, &g->rows[0], WOO_ATTRIBUTE_NAME, i);
        for (size_t r = 0; name.len > 0 && r < g->n; r++) {
            b->row = &g->rows[r];
            if (is_type(b->file, b->row, "variation") && option_value(b, name).len > 0) {
                add_option(b, name);
                break;
            }
        }
    }
    p->options.items = arena_array(b->a, CatalogOption, b->noptions + 1);
    p->options.n = b->noptions;
    for (size_t i = 0; i < b->noptions; i++) {
        p->options.items[i].name = b->options[i];
        import_give(&p->options.items[i].given, &catalog_option_shape, "name");
    }
    import_give(&p->given, &catalog_product_shape, "options");
}

/* The parent's other attributes describe it. */
static void take_attributes(Building *b)
{
    for (int i = 0; i < IMPORT_TEXTS_MAX; i++) {
        Str  name = part_of(b->file, b->row, WOO_ATTRIBUTE_NAME, i);
        bool option = name.len == 0;
        for (size_t k = 0; k < b->noptions; k++)
            option = option || str_eq(b->options[k], name);
        if (option)
            continue;
        Str                   handle = text_handle(b->a, name, (Str){0});
        CLEANUP(buf_done) Buf k;
        buf_init(&k, 200);
        buf_add(&k, STR("attribute."));
        for (size_t c = 0; c < handle.len && c < 60; c++)
            buf_addc(&k, handle.ptr[c] == '-' ? '_' : handle.ptr[c]);
        if (handle.len > 0)
            import_add_attribute(b->ip, b->a, str_dup(b->a, buf_str(&k)), name,
                                 part_of(b->file, b->row, WOO_ATTRIBUTE_VALUES, i));
    }
}

/* --- together ----------------------------------------------------------------------------- */

/* "id:12" and "12" are the product with the attribute woo.id "12"; else it is a SKU. */
static void take_identity(Building *b, const ImportGroup *g)
{
    Str k = g->key;
    Str id = cell_of(b->file, b->row, WOO_ID);
    if (!b->ip->must_exist) {
        b->ip->external_id = id;
        b->ip->sku = cell_of(b->file, b->row, WOO_SKU);
    } else if (str_starts(k, STR("id:"))) {
        b->ip->external_id = (Str){k.ptr + 3, k.len - 3};
    } else {
        b->ip->sku = k;
    }
}

static void build(const ImportFile *file, const ImportGroup *g, Arena *a, ImportProblems *problems,
                  ImportProduct *ret)
{
    *ret = (ImportProduct){.line = g->rows[0].line};
    Building b = {.file = file, .row = &g->rows[0], .a = a, .problems = problems, .ip = ret};
    bool     parent = !is_type(file, b.row, "variation");
    ret->must_exist = ret->keep_variants = !parent;
    take_identity(&b, g);
    if (parent) {
        Str name = cell_of(file, b.row, WOO_NAME);
        ret->product.handle = text_handle(a, name, (Str){0});
        for (size_t i = 0; i < file->n; i++)
            product_cell(&b, i);
        if (b.bad) {
            ret->nothing = true;
            ret->skipped = (int64_t)g->n;
            return;
        }
    }
    take_options(&b, g);
    b.row = &g->rows[0];
    if (parent)
        take_attributes(&b);
    bool variable = parent && is_type(file, b.row, "variable");
    ret->keep_variants = ret->keep_variants || variable; /* others may stand further down */
    for (size_t i = parent ? 1 : 0; i < g->n; i++) {
        b.row = &g->rows[i];
        if (is_type(file, b.row, "variation")) {
            take_variant(&b, true);
            continue;
        }
        import_problem(problems, b.row->line, STR(""), "duplicate_product",
                       "line %lld has the same SKU or id", (long long)ret->line);
        ret->skipped++;
    }
    b.row = &g->rows[0];
    if (parent && (!variable || ret->product.variants.n == 0)) {
        if (!variable || ret->skipped == 0)
            take_variant(&b, false);
    }
    if (ret->product.variants.n > 0)
        import_give(&ret->product.given, &catalog_product_shape, "variants");
    if (ret->product.attributes.n > 0)
        import_give(&ret->product.given, &catalog_product_shape, "attributes");
}

const ImportReader import_woocommerce = {
    .format = IMPORT_WOOCOMMERCE, .recognises = recognises, .map = map, .key = key, .build = build};
