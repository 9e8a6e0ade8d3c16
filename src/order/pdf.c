#include "order/pdf.h"

#include "catalog/shop.h"
#include "text/messages.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

const char *const order_pdf_names[] = {"confirmation", "packing_slip", NULL};

/* Points: A4, its margins, and the columns of the table. */
static const double WIDTH = 595.28, HEIGHT = 841.89, LEFT = 50, RIGHT = 545.28, TOP = 48;
static const double BOTTOM = 778, FOOT = 800, GAP = 7;

typedef struct Column {
    const char *key;
    double      x, width;
    bool        end; /* aligned to the right */
} Column;

static const Column CONFIRMATION[] = {{"order.mail.article", 50, 240, false},
                                      {"order.mail.qty", 296, 34, true},
                                      {"order.mail.price", 336, 100, true},
                                      {"order.mail.sum", 440, 105.28, true}};
static const Column PACKING[] = {{"order.mail.sku", 50, 110, false},
                                 {"order.mail.article", 166, 320, false},
                                 {"order.mail.qty", 492, 53.28, true}};
enum { COLUMNS_MAX = 4 };

typedef struct Paper {
    Cx           *cx;
    const Order  *order;
    int           kind;
    Lang          lang;
    Str           shop, zone;
    cairo_t      *cr;
    bool          draw; /* else: only count pages */
    double        y;
    int           page, pages;
    const Column *columns;
    size_t        ncolumns;
} Paper;

typedef struct Style {
    double size;
    bool   bold, serif, end, soft;
} Style;

/* --- text ------------------------------------------------------------------------------------ */

/* Chinese characters stand lower than digits, each by their own font: side by side they get one
 * line to stand on. How far down from where the font would have it. */
static double strut(const Paper *p, double size, int baseline)
{
    double want = p->lang == LANG_ZH ? size * 1.16 : 0, have = (double)baseline / PANGO_SCALE;
    return want > have ? want - have : 0;
}

/* Write text into a column; gives its height. */
static double text_at(Paper *p, double x, double y, double width, Style s, Str text)
{
    int                   w, h;
    PangoLayout          *layout = pango_cairo_create_layout(p->cr);
    PangoFontDescription *font = pango_font_description_from_string(
        s.serif ? "DejaVu Serif,Noto Serif CJK SC" : "DejaVu Sans,Noto Sans CJK SC");
    pango_font_description_set_absolute_size(font, s.size * PANGO_SCALE);
    pango_font_description_set_weight(font, s.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, s.end ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    pango_layout_set_text(layout, text.len > 0 ? text.ptr : "", (int)text.len);
    pango_layout_get_size(layout, &w, &h);
    double down = strut(p, s.size, pango_layout_get_baseline(layout));
    y += down;
    if (p->draw) {
        double ink = s.soft ? 0.40 : 0.10;
        cairo_set_source_rgb(p->cr, ink, ink, ink);
        cairo_move_to(p->cr, x, y);
        pango_cairo_show_layout(p->cr, layout);
    }
    pango_font_description_free(font);
    g_object_unref(layout);
    return (double)h / PANGO_SCALE + down;
}

static Str say(const Paper *p, const char *key)
{
    return message_make(p->cx->arena, p->lang, key, NULL, 0);
}

static Str money_text(const Paper *p, Money m)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 200);
    message_format(&b, p->lang, STR("{amount}"), (const MessageArg[]){msg_m("amount", m)}, 1);
    return str_dup(p->cx->arena, buf_str(&b));
}

static Str number_text(const Paper *p, int64_t n)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 32);
    buf_add_i64(&b, n);
    return str_dup(p->cx->arena, buf_str(&b));
}

static void rule(Paper *p, double y, double ink)
{
    if (!p->draw)
        return;
    cairo_set_source_rgb(p->cr, ink, ink, ink);
    cairo_set_line_width(p->cr, 0.6);
    cairo_move_to(p->cr, LEFT, y);
    cairo_line_to(p->cr, RIGHT, y);
    cairo_stroke(p->cr);
}

/* --- pages ----------------------------------------------------------------------------------- */

static void table_head(Paper *p)
{
    double tallest = 0;
    for (size_t i = 0; i < p->ncolumns; i++) {
        const Column *c = &p->columns[i];
        Style         s = {.size = 8.5, .end = c->end, .soft = true};
        double        h = text_at(p, c->x, p->y, c->width, s, say(p, c->key));
        tallest = h > tallest ? h : tallest;
    }
    p->y += tallest + 4;
    rule(p, p->y, 0.10);
    p->y += GAP;
}

static void page_foot(Paper *p)
{
    Str   text = message(p->cx->arena, p->lang, "order.mail.page", msg_i("page", p->page),
                         msg_i("pages", p->pages));
    Style s = {.size = 8, .soft = true};
    CLEANUP(buf_done) Buf from;
    buf_init(&from, 1000);
    buf_addf(&from, STR_FMT " · " STR_FMT, STR_ARG(p->shop), STR_ARG(p->order->number));
    (void)text_at(p, LEFT, FOOT, 340, s, buf_str(&from));
    s.end = true;
    (void)text_at(p, RIGHT - 140, FOOT, 140, s, text);
}

static void next_page(Paper *p)
{
    page_foot(p);
    if (p->draw)
        cairo_show_page(p->cr);
    p->page++;
    p->y = TOP;
}

/* --- the top of the first page --------------------------------------------------------------- */

static void line_of(Paper *p, double x, double *y, Str text)
{
    if (text.len > 0)
        *y += text_at(p, x, *y, 230, (Style){.size = 10}, text) + 1;
}

static double address(Paper *p, double x, const char *key, const OrderAddress *a)
{
    double y = p->y;
    Str    lines[ORDER_ADDRESS_LINES];
    if (a == NULL)
        return y;
    y += text_at(p, x, y, 230, (Style){.size = 8.5, .soft = true}, say(p, key)) + 2;
    size_t n = order_address_lines(p->cx->arena, p->lang, a, lines);
    for (size_t i = 0; i < n; i++)
        line_of(p, x, &y, lines[i]);
    line_of(p, x, &y, a->phone);
    return y;
}

static void fact(Paper *p, const char *key, Str value)
{
    double h = text_at(p, LEFT, p->y, 120, (Style){.size = 10, .soft = true}, say(p, key));
    double v = text_at(p, LEFT + 124, p->y, 370, (Style){.size = 10}, value);
    p->y += (h > v ? h : v) + 1;
}

/* "Parcel shop, Kiosk Dam, Dam 1, 1012 JS Amsterdam" */
static Str method_text(const Paper *p, const CartDelivery *d)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8192);
    buf_addf(&b, STR_FMT "%s" STR_FMT, STR_ARG(d->name), d->place.len > 0 ? ", " : "",
             STR_ARG(d->place));
    return str_dup(p->cx->arena, buf_str(&b));
}

static void top(Paper *p)
{
    const Order          *o = p->order;
    UnixMs                at = o->placed_at.has ? o->placed_at.v : o->created_at;
    CLEANUP(buf_done) Buf date;
    buf_init(&date, 200);
    message_format(&date, p->lang, STR("{at, date, long}"),
                   (const MessageArg[]){msg_t("at", at, str_cstr(p->cx->arena, p->zone))}, 1);
    p->y = TOP;
    p->y += text_at(p, LEFT, p->y, 495, (Style){.size = 13, .bold = true, .serif = true}, p->shop);
    p->y += 22;
    p->y += text_at(
        p, LEFT, p->y, 495, (Style){.size = 22, .bold = true, .serif = true},
        say(p, p->kind == ORDER_PDF_PACKING ? "order.mail.packing" : "order.mail.confirmation"));
    p->y += 12;
    fact(p, "order.mail.number", o->number);
    fact(p, "order.mail.date", buf_str(&date));
    if (o->delivery_method.name.len > 0)
        fact(p, "order.mail.method", method_text(p, &o->delivery_method));
    p->y += 14;
    double to = address(p, LEFT, "order.mail.address", o->address);
    double by =
        p->kind == ORDER_PDF_CONFIRMATION ? address(p, 310, "order.mail.billing", o->billing) : to;
    p->y = (to > by ? to : by) + 22;
    table_head(p);
}

/* --- rows ------------------------------------------------------------------------------------ */

static Str article_text(const Paper *p, const OrderLine *l)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 16384);
    buf_add(&b, l->title);
    if (l->variant_title.len > 0)
        buf_addf(&b, "\n" STR_FMT, STR_ARG(l->variant_title));
    for (size_t i = 0; i < l->properties.n; i++)
        buf_addf(&b, "\n" STR_FMT ": " STR_FMT, STR_ARG(l->properties.items[i].name),
                 STR_ARG(l->properties.items[i].value));
    return str_dup(p->cx->arena, buf_str(&b));
}

static void cells_of(const Paper *p, const OrderLine *l, Str ret[COLUMNS_MAX])
{
    if (p->kind == ORDER_PDF_PACKING) {
        ret[0] = l->sku;
        ret[1] = article_text(p, l);
        ret[2] = number_text(p, l->left);
        return;
    }
    ret[0] = article_text(p, l);
    ret[1] = number_text(p, l->left);
    ret[2] = money_text(p, l->unit_price);
    ret[3] = money_text(p, l->gross); /* so that they add up to the subtotal */
}

static double row(Paper *p, const Str *cells, bool draw)
{
    double tallest = 0;
    bool   was = p->draw;
    p->draw = was && draw;
    for (size_t i = 0; i < p->ncolumns; i++) {
        const Column *c = &p->columns[i];
        double h = text_at(p, c->x, p->y, c->width, (Style){.size = 10, .end = c->end}, cells[i]);
        tallest = h > tallest ? h : tallest;
    }
    p->draw = was;
    return tallest;
}

/* --- totals ---------------------------------------------------------------------------------- */

static double total_row(Paper *p, double y, Str label, Money m, bool bold)
{
    Style  s = {.size = bold ? 11.5 : 10, .bold = bold, .end = true};
    double h = text_at(p, 150, y, 262, s, label);
    (void)text_at(p, 418, y, RIGHT - 418, s, money_text(p, m));
    return y + h + 3;
}

static double total(Paper *p, double y, const char *key, Money m, bool always, bool bold)
{
    return money_absent(m) || (m.minor == 0 && !always) ? y : total_row(p, y, say(p, key), m, bold);
}

static double discounts(Paper *p, double y)
{
    OrderDiscount *sums;
    size_t         n = order_discount_sums(p->cx->arena, p->order, &sums);
    for (size_t i = 0; i < n; i++) {
        Str title = sums[i].title.len > 0 ? sums[i].title : say(p, "order.mail.discount");
        y = total_row(p, y, order_discount_label(p->cx->arena, title, sums[i].code), sums[i].amount,
                      false);
    }
    return y;
}

/* Write the totals from y on; gives where they end. */
static double totals(Paper *p, double y, bool draw)
{
    const Order *o = p->order;
    bool         was = p->draw;
    if (p->kind == ORDER_PDF_PACKING)
        return y;
    p->draw = was && draw;
    y += 6;
    y = total(p, y, "order.mail.subtotal", o->subtotal, true, false);
    y = discounts(p, y);
    y = total(p, y, "order.mail.delivery", o->delivery, o->address != NULL, false);
    y = total(p, y, "order.mail.fees", o->fees, false, false);
    y = total(p, y, "order.mail.tax", o->tax_added, false, false);
    y = total(p, y, "order.mail.total", o->total, true, true);
    if (o->prices_include_tax)
        y = total(p, y, "order.mail.tax_included", o->tax, false, false);
    y = total(p, y, "order.mail.refunded", o->refunded, false, false);
    y = total(p, y, "order.mail.due", o->due, false, true);
    p->draw = was;
    return y;
}

/* What the buyer wrote to who packs it: never left out. */
static void note(Paper *p)
{
    bool  was = p->draw;
    Style s = {.size = 10};
    if (p->order->note.len == 0)
        return;
    p->draw = false;
    double h = text_at(p, LEFT, 0, RIGHT - LEFT, s, p->order->note);
    p->draw = was;
    if (p->y + 14 + h > BOTTOM && p->y > TOP)
        next_page(p);
    else
        p->y += 14;
    p->y += text_at(p, LEFT, p->y, RIGHT - LEFT, s, p->order->note);
}

/* --- the whole ------------------------------------------------------------------------------- */

static void document(Paper *p)
{
    size_t last = SIZE_MAX;
    p->page = 1;
    for (size_t i = 0; i < p->order->lines.n; i++)
        last = p->order->lines.items[i].left > 0 ? i : last;
    top(p);
    for (size_t i = 0; i < p->order->lines.n; i++) {
        const OrderLine *l = &p->order->lines.items[i];
        Str              cells[COLUMNS_MAX];
        if (l->left == 0)
            continue;
        cells_of(p, l, cells);
        double h = row(p, cells, false);
        double below = i == last ? totals(p, 0, false) : 0;
        if (p->y + h + GAP + below > BOTTOM && p->y > TOP + 60) {
            next_page(p);
            table_head(p);
        }
        (void)row(p, cells, true);
        p->y += h + GAP;
        rule(p, p->y - GAP / 2, 0.85);
    }
    p->y = totals(p, p->y, true);
    if (p->kind == ORDER_PDF_PACKING)
        note(p);
    page_foot(p);
    p->pages = p->page;
}

static cairo_status_t write_bytes(void *to, const unsigned char *bytes, unsigned int n)
{
    Buf *b = to;
    buf_add(b, (Str){(const char *)bytes, n});
    return buf_overflowed(b) ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void draw_all(Paper *p, cairo_surface_t *surface)
{
    char title[100];
    snprintf(title, sizeof title, "%.80s", str_cstr(p->cx->arena, p->order->number));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
    p->cr = cairo_create(surface);
    p->draw = false;
    document(p); /* how many pages there are */
    p->draw = true;
    document(p);
    cairo_show_page(p->cr);
    cairo_destroy(p->cr);
    cairo_surface_finish(surface);
}

Status order_pdf(Cx *cx, const Order *order, int kind, Str locale, Str *ret)
{
    CatalogShop shop;
    bool        packing = kind == ORDER_PDF_PACKING;
    TRY(catalog_shop(cx, &shop));
    Paper p = {.cx = cx,
               .order = order,
               .kind = kind,
               .shop = shop.name,
               .zone = shop.time_zone,
               .columns = packing ? PACKING : CONFIRMATION,
               .ncolumns = packing ? COUNT_OF(PACKING) : COUNT_OF(CONFIRMATION)};
    if (!lang_find(locale.len > 0 ? locale : order->locale, &p.lang))
        p.lang = LANG_EN;
    CLEANUP(buf_done) Buf out;
    buf_init(&out, ORDER_PDF_MAX);
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_bytes, &out, WIDTH, HEIGHT);
    draw_all(&p, surface);
    cairo_status_t st = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (st != CAIRO_STATUS_SUCCESS || out.len == 0)
        return cx_fail(cx, ST_IO, "order.pdf_failed", "%s", cairo_status_to_string(st));
    *ret = str_dup(cx->arena, buf_str(&out));
    return ST_OK;
}
