#include "base/real.h"
#include "catalog/category.h"
#include "catalog/import_int.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void import_problem(ImportProblems *p, int64_t line, Str column, const char *code, const char *fmt,
                    ...)
{
    char    text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ImportIssue *is = import_push(p->arena, (void **)&p->items, &p->n, &p->cap, sizeof *is);
    *is = (ImportIssue){.line = line,
                        .column = str_dup(p->arena, column),
                        .code = str_from_cstr(code),
                        .detail = str_dup(p->arena, str_from_cstr(text))};
}

void *import_push(Arena *a, void **items, size_t *n, size_t *cap, size_t size)
{
    if (*n == *cap) {
        size_t more = *cap == 0 ? 8 : *cap * 2;
        void  *grown = arena_alloc_array(a, more, size, _Alignof(max_align_t));
        if (*n > 0)
            memcpy(grown, *items, *n * size);
        *items = grown;
        *cap = more;
    }
    return (char *)*items + (*n)++ * size;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same_word(Str cell, const char *word)
{
    size_t n = strlen(word);
    if (cell.len != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(cell.ptr[i]) != word[i])
            return false;
    return true;
}

/* Next character with blanks squeezed to one ' ', lower case; '\0' at the end. */
static char header_char(Str s, size_t *at)
{
    bool blank = false;
    while (*at < s.len && (s.ptr[*at] == ' ' || s.ptr[*at] == '\t' || s.ptr[*at] == '\n')) {
        blank = true;
        (*at)++;
    }
    if (*at == s.len)
        return '\0';
    if (blank)
        return ' ';
    return lower(s.ptr[(*at)++]);
}

bool import_is_header(Str header, const char *name)
{
    Str    h = str_trim(header);
    Str    want = str_from_cstr(name);
    size_t i = 0, k = 0;
    for (;;) {
        char x = header_char(h, &i);
        char y = header_char(want, &k);
        if (x != y)
            return false;
        if (x == '\0')
            return true;
    }
}

bool cell_bool(Str cell, bool *ret)
{
    static const char *const YES[] = {"true", "1", "yes", "y"};
    static const char *const NO[] = {"false", "0", "no", "n"};
    Str                      s = str_trim(cell);
    for (size_t i = 0; i < COUNT_OF(YES); i++) {
        if (same_word(s, YES[i]) || same_word(s, NO[i])) {
            *ret = same_word(s, YES[i]);
            return true;
        }
    }
    return false;
}

/* A decimal number in plain notation: -12, 12.5, 12,5. The separator becomes '.'. */
static bool plain_number(Str cell, char *buf, size_t size)
{
    Str    s = str_trim(cell);
    size_t digits = 0, points = 0;
    if (s.len == 0 || s.len >= size)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i] == ',' ? '.' : s.ptr[i];
        bool sign = c == '-' && i == 0;
        if (!sign && c != '.' && (c < '0' || c > '9'))
            return false;
        digits += c >= '0' && c <= '9';
        points += c == '.';
        buf[i] = c;
    }
    buf[s.len] = '\0';
    return digits > 0 && points <= 1;
}

bool cell_scaled(Str cell, double scale, int64_t *ret)
{
    char   buf[40];
    double v = 0;
    if (!plain_number(cell, buf, sizeof buf) || !real_parse(str_from_cstr(buf), &v))
        return false;
    v = floor(v * scale + 0.5);
    if (!(v > -9e15 && v < 9e15))
        return false;
    *ret = (int64_t)v;
    return true;
}

bool cell_i64(Str cell, int64_t *ret)
{
    Str s = str_trim(cell);
    Str whole, rest;
    if (str_cut(s, '.', &whole, &rest))
        for (size_t i = 0; i < rest.len; i++)
            if (rest.ptr[i] != '0')
                return false;
    return str_parse_i64(whole, ret);
}

bool cell_money(const CellAt *at, Str cell, Str currency, Money *ret)
{
    char buf[40];
    Err  err = {0};
    *ret = (Money){0};
    if (str_trim(cell).len == 0)
        return true;
    Money m = {0};
    if (!plain_number(cell, buf, sizeof buf)) {
        import_problem(at->problems, at->line, at->column, "bad_price",
                       "\"" STR_FMT "\" is not an amount", STR_ARG(cell));
        return false;
    }
    if (buf[0] == '-') {
        import_problem(at->problems, at->line, at->column, "negative",
                       "an amount cannot be negative: %s", buf);
        return false;
    }
    /* ".5" and "5." are fine in files */
    char   whole[44];
    size_t n = strlen(buf);
    snprintf(whole, sizeof whole, "%s%s", buf[0] == '.' ? "0" : "", buf);
    if (buf[n - 1] == '.')
        whole[strlen(whole) - 1] = '\0';
    if (money_parse(str_from_cstr(whole), currency, &m, &err) != ST_OK) {
        import_problem(at->problems, at->line, at->column, "bad_price", "%s", err.msg);
        return false;
    }
    *ret = m;
    return true;
}

CatalogTexts cell_list(Arena *a, Str cell)
{
    CatalogTexts list = {0};
    size_t       cap = 0;
    char        *text = arena_array(a, char, cell.len + 1);
    size_t       n = 0, from = 0;
    for (size_t i = 0; i <= cell.len; i++) {
        bool end = i == cell.len || cell.ptr[i] == ',';
        if (!end && cell.ptr[i] == '\\' && i + 1 < cell.len && cell.ptr[i + 1] == ',')
            i++;
        if (!end) {
            text[n++] = cell.ptr[i];
            continue;
        }
        Str item = str_trim((Str){text + from, n - from});
        from = n;
        if (item.len > 0)
            *(Str *)import_push(a, (void **)&list.items, &list.n, &cap, sizeof(Str)) = item;
    }
    return list;
}

Str cell_json(Arena *a, Str text)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, text.len * 6 + 16);
    Json j = json_begin(&b);
    json_str(&j, NULL, text);
    return str_dup(a, buf_str(&b));
}

/* --- building ----------------------------------------------------------------------------- */

static uint64_t bit_of(const Shape *shape, const char *field)
{
    const ShapeField *f = shape_field(shape, str_from_cstr(field));
    ASSERT(f != NULL);
    return UINT64_C(1) << (f - shape->fields);
}

void import_give(uint64_t *given, const Shape *shape, const char *field)
{
    *given |= bit_of(shape, field);
}

bool import_given(uint64_t given, const Shape *shape, const char *field)
{
    return (given & bit_of(shape, field)) != 0;
}

void import_set_text(void *dst, uint64_t *given, const Shape *shape, const char *field, Str v)
{
    const ShapeField *f = shape_field(shape, str_from_cstr(field));
    ASSERT(f != NULL && f->kind == SHAPE_K_TEXT);
    Str text = v.ptr != NULL ? v : STR("");
    if (!(f->flags & SHAPE_HTML))
        text = str_trim(text);
    memcpy((char *)dst + f->offset, &text, sizeof text);
    *given |= UINT64_C(1) << (f - shape->fields);
}

CatalogVariant *import_add_variant(ImportProduct *ip, Arena *a, int64_t line)
{
    CatalogVariants *list = &ip->product.variants;
    size_t           lines = list->n, cap = ip->variants_cap;
    CatalogVariant  *v =
        import_push(a, (void **)&list->items, &list->n, &ip->variants_cap, sizeof *v);
    *(int64_t *)import_push(a, (void **)&ip->variant_lines, &lines, &cap, sizeof(int64_t)) = line;
    *v = (CatalogVariant){0};
    return v;
}

CatalogMedia *import_add_media(ImportProduct *ip, Arena *a)
{
    CatalogMediaList *list = &ip->product.media;
    CatalogMedia *m = import_push(a, (void **)&list->items, &list->n, &ip->media_cap, sizeof *m);
    *m = (CatalogMedia){0};
    return m;
}

void import_add_attribute(ImportProduct *ip, Arena *a, Str key, Str name, Str text)
{
    CatalogAttributes *list = &ip->product.attributes;
    size_t             names = list->n, cap = ip->attributes_cap;
    CatalogAttribute  *at =
        import_push(a, (void **)&list->items, &list->n, &ip->attributes_cap, sizeof *at);
    *(Str *)import_push(a, (void **)&ip->attribute_names, &names, &cap, sizeof(Str)) = name;
    *at = (CatalogAttribute){.key = key, .value = text};
}

void import_add_category(ImportProduct *ip, Arena *a, const CellAt *at, Str path)
{
    Str one;
    if (!category_path(a, path, &one) || ip->ncategories == CATALOG_TAGS_MAX) {
        import_problem(at->problems, at->line, at->column, "bad_category",
                       "\"%.*s\" is too long or too deep, or there are too many",
                       (int)(path.len < 60 ? path.len : 60), path.ptr);
        return;
    }
    *(Str *)import_push(a, (void **)&ip->categories, &ip->ncategories, &ip->categories_cap,
                        sizeof one) = one;
}

void import_add_publication(ImportProduct *ip, Arena *a, Str channel, bool on)
{
    ImportPublication *p = import_push(a, (void **)&ip->publications, &ip->npublications,
                                       &ip->publications_cap, sizeof *p);
    *p = (ImportPublication){.channel = channel, .on = on};
}
