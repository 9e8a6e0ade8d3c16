/* Mails about orders: each due one once, all of them in all languages. */
#include "sale.h"
#include "shop.h"

#include "base/id.h"
#include "core/job.h"
#include "order/mail.h"
#include "order/pdf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Event event_of(World *w, const char *type, const Order *o, const char *more)
{
    static char payload[600];
    Str         id = id_format(&w->arena, "ord", o->id);
    snprintf(payload, sizeof payload, "{\"order_id\":\"" STR_FMT "\"%s}", STR_ARG(id), more);
    return (Event){.id = id_new(),
                   .type = str_from_cstr(type),
                   .version = 1,
                   .stream = o->id,
                   .at = w->cx.now,
                   .payload = str_from_cstr(payload)};
}

static size_t mails(World *w, const char *template)
{
    PeopleMailEntryList list;
    PeopleRange         range = {.limit = 100};
    size_t              n = 0;
    assert_ok(people_mail_list(&w->cx, &range, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++)
        n += str_eq(list.items[i].template, str_from_cstr(template)) ? 1 : 0;
    return n;
}

static void an_event_sends_one_mail_however_often_it_comes(void **state)
{
    static const char *const CASES[][3] = {
        {"order.placed", "order_confirmed", ""},
        {"order.shipped", "order_shipped",
         ",\"tracking\":\"3SABC\",\"carrier\":\"PostNL\",\"url\":\"https://postnl.example/3SABC\""},
        {"order.delivered", "order_delivered", ""},
        {"order.delivery_late", "order_delayed", ",\"promised\":\"2026-11-27\""},
        {"order.changed", "order_changed", ""},
        {"order.cancelled", "order_cancelled", ""},
        {"order.payment_failed", "order_payment_failed", ""},
        {"Order Refunded", "order_refunded", ",\"amount\":{\"amount\":1250,\"currency\":\"EUR\"}"}};
    World *w = *state;
    Sale   s = sale_open(w);
    Order  o = sale_order(w, &s, s.mug, 2);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Event e = event_of(w, CASES[i][0], &o, CASES[i][2]);
        assert_ok(order_mail_event(&w->cx, &e), &w->cx.err);
        assert_ok(order_mail_event(&w->cx, &e), &w->cx.err);
        assert_int_equal(mails(w, CASES[i][1]), 1);
    }
    /* Paid at once: the confirmation says so. */
    Event paid = event_of(w, "order.paid", &o, "");
    assert_ok(order_mail_event(&w->cx, &paid), &w->cx.err);
    assert_int_equal(mails(w, "order_payment_received"), 0);
    Event gone = event_of(w, "order.placed", &(Order){.id = 12345}, "");
    assert_ok(order_mail_event(&w->cx, &gone), &w->cx.err);
    sale_close(w);
}

static void keep(const char *kind, Str locale, const PeopleMailText *mail)
{
    const char *dir = getenv("MAIL_PREVIEWS");
    char        path[500];
    if (dir == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s." STR_FMT ".html", dir, kind, STR_ARG(locale));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fwrite(mail->html.ptr, 1, mail->html.len, f);
    fclose(f);
}

static void every_mail_speaks_six_languages(void **state)
{
    World         *w = *state;
    Sale           s = sale_open(w);
    Order          o = sale_order(w, &s, s.mug, 2);
    PeopleMailText mail, english;
    for (int kind = 0; kind < ORDER_MAIL_KINDS; kind++) {
        assert_ok(order_mail_preview(&w->cx, o.id, kind, STR("en"), &english), &w->cx.err);
        for (int lang = 0; lang < LANGS; lang++) {
            Str locale = lang_tag((Lang)lang);
            assert_ok(order_mail_preview(&w->cx, o.id, kind, locale, &mail), &w->cx.err);
            keep(order_mail_names[kind], locale, &mail);
            Str parts[] = {mail.subject, mail.html, mail.text};
            for (size_t i = 0; i < COUNT_OF(parts); i++) {
                assert_true(str_find(parts[i], STR("{{")) == SIZE_MAX);
                assert_true(str_find(parts[i], STR("Liquid error")) == SIZE_MAX);
            }
            assert_true(str_find(mail.html, o.number) != SIZE_MAX);
            assert_true(str_find(mail.html, o.lines.items[0].title) != SIZE_MAX);
            assert_true(str_find(mail.text, o.lines.items[0].title) != SIZE_MAX);
            assert_true(lang == LANG_EN || !str_eq(mail.subject, english.subject));
        }
    }
    sale_close(w);
}

static size_t pages_of(Str pdf)
{
    static const Str PAGE = STR_INIT("/Type /Page %");
    size_t           n = 0;
    for (Str rest = pdf;; n++) {
        size_t at = str_find(rest, PAGE);
        if (at == SIZE_MAX)
            return n;
        rest = str_skip(rest, at + PAGE.len);
    }
}

static void keep_pdf(const char *name, Str pdf)
{
    const char *dir = getenv("MAIL_PREVIEWS");
    char        path[500];
    if (dir == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s.pdf", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fwrite(pdf.ptr, 1, pdf.len, f);
    fclose(f);
}

static void documents_have_as_many_pages_as_they_need(void **state)
{
    static OrderLine lines[120];
    World           *w = *state;
    Sale             s = sale_open(w);
    Order            o = sale_order(w, &s, s.mug, 2);
    Str              pdf;
    OrderLine        one = o.lines.items[0];
    for (int kind = 0; order_pdf_names[kind] != NULL; kind++) {
        for (size_t n = 1; n <= COUNT_OF(lines); n += n < 4 ? 1 : 29) {
            for (size_t i = 0; i < n; i++)
                lines[i] = one;
            lines[0].title = STR("Кружка, kırmızı, красная, 红色马克杯");
            o.lines.items = lines;
            o.lines.n = n;
            assert_ok(order_pdf(&w->cx, &o, kind, n == 3 ? STR("zh") : STR("en"), &pdf),
                      &w->cx.err);
            assert_true(str_starts(pdf, STR("%PDF-")));
            size_t pages = pages_of(pdf);
            assert_true(n < 10 ? pages == 1 : pages >= n / 30 && pages <= n / 15 + 1);
            keep_pdf(n == 3 ? (kind == 0 ? "three" : "slip") : "long", pdf);
        }
    }
    sale_close(w);
}

static void names_stand_as_their_script_has_them(void **state)
{
    World                   *w = *state;
    static const char *const NAMES[][3] = {
        {"Anna", "de Vries", "Anna de Vries"}, {"小明", "王", "王小明"}, {"Mei", "王", "Mei 王"},
        {"はなこ", "山田", "山田はなこ"},      {"", "王", "王"},         {"", "", ""}};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        Str name =
            order_person_name(&w->arena, str_from_cstr(NAMES[i][0]), str_from_cstr(NAMES[i][1]));
        assert_string_equal(str_cstr(&w->arena, name), NAMES[i][2]);
    }
}

/* A province that a program sent as its number of ISO 3166-2 is one that people can read. */
static void an_address_is_written_as_its_country_does(void **state)
{
    World *w = *state;
    static const struct {
        const char *country, *postal, *city, *zone, *lines[3];
    } CASES[] = {
        {"TR", "34433", "Beyoğlu", "34", {"34433 Beyoğlu", "İstanbul", "Turkey"}},
        {"TR", "34433", "Beyoğlu", "İstanbul", {"34433 Beyoğlu", "İstanbul", "Turkey"}},
        {"US", "10001", "New York", "NY", {"New York NY 10001", "United States", NULL}},
        {"NL", "1012 AB", "Amsterdam", "", {"1012 AB Amsterdam", "Netherlands", NULL}},
        {"GB", "SW1A 1AA", "London", "", {"London SW1A 1AA", "United Kingdom", NULL}},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Str          lines[ORDER_ADDRESS_LINES];
        OrderAddress a = {.postal_code = str_from_cstr(CASES[i].postal),
                          .city = str_from_cstr(CASES[i].city),
                          .zone = str_from_cstr(CASES[i].zone),
                          .country = str_from_cstr(CASES[i].country)};
        size_t       n = order_address_lines(&w->arena, LANG_EN, &a, lines);
        assert_int_equal(n, CASES[i].lines[2] == NULL ? 2 : 3);
        for (size_t k = 0; k < n; k++)
            assert_string_equal(str_cstr(&w->arena, lines[k]), CASES[i].lines[k]);
    }
}

/* From the large to the small in the country's own script, the other way round in Latin. */
static void letters_to_east_asia_follow_their_script(void **state)
{
    World *w = *state;
    static const struct {
        Lang        lang;
        const char *x[9]; /* first, last, company, line1, line2, city, zone, postal, country */
        const char *lines;
    } CASES[] = {
        {LANG_ZH,
         {"小明", "王", "", "建国路88号", "3单元", "朝阳区", "北京市", "100022", "CN"},
         "中国/100022/北京市朝阳区/建国路88号/3单元/王小明"},
        {LANG_EN,
         {"小明", "王", "", "建国路88号", "", "朝阳区", "北京市", "100022", "CN"},
         "100022/北京市朝阳区/建国路88号/王小明/China"},
        {LANG_EN,
         {"Xiaoming", "Wang", "Rapport", "88 Jianguo Road", "", "Chaoyang", "Beijing", "100022",
          "CN"},
         "Xiaoming Wang/Rapport/88 Jianguo Road/Chaoyang/Beijing, 100022/China"},
        {LANG_EN,
         {"Xiaoming", "Wang", "", "88 Jianguo Road", "", "Chaoyang", "", "100022", "CN"},
         "Xiaoming Wang/88 Jianguo Road/Chaoyang/100022/China"},
        {LANG_EN,
         {"花子", "山田", "", "千代田1-1", "", "千代田区", "東京都", "100-0001", "JP"},
         "〒100-0001/東京都千代田区/千代田1-1/山田花子/Japan"},
        {LANG_EN,
         {"Hanako", "Yamada", "", "1-1 Chiyoda", "", "Chiyoda-ku", "Tokyo", "100-0001", "JP"},
         "Hanako Yamada/1-1 Chiyoda/Chiyoda-ku, Tokyo/100-0001/Japan"},
        {LANG_EN,
         {"Mei", "Lin", "", "No. 7, Section 5", "", "Taipei", "", "110", "TW"},
         "Mei Lin/No. 7, Section 5/Taipei 110/Taiwan"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(buf_done) Buf b = {0};
        Str                   lines[ORDER_ADDRESS_LINES], x[9];
        for (size_t k = 0; k < COUNT_OF(x); k++)
            x[k] = str_from_cstr(CASES[i].x[k]);
        OrderAddress a = {x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], STR("")};
        size_t       n = order_address_lines(&w->arena, CASES[i].lang, &a, lines);
        buf_init(&b, 1000);
        for (size_t k = 0; k < n; k++) {
            buf_addf(&b, "%s", k > 0 ? "/" : "");
            buf_add(&b, lines[k]);
        }
        assert_string_equal(str_cstr(&w->arena, buf_str(&b)), CASES[i].lines);
    }
}

/* What promotions took off stands in mail and document by its name and code, once each; lines stand
 * before it, so that they add up to the subtotal. */
static void discounts_are_named(void **state)
{
    World         *w = *state;
    OrderDiscount  rows[] = {{.line_id = opt_i64(1),
                              .promotion_id = 7,
                              .code = STR("SPRING"),
                              .title = STR("Spring"),
                              .amount = money_of(-100, STR("EUR"))},
                             {.promotion_id = 9, .amount = money_of(-500, STR("EUR"))},
                             {.line_id = opt_i64(2),
                              .promotion_id = 8,
                              .code = STR(""),
                              .title = STR("Three for two"),
                              .amount = money_of(-30, STR("EUR"))},
                             {.line_id = opt_i64(2),
                              .promotion_id = 7,
                              .code = STR("SPRING"),
                              .title = STR("Spring"),
                              .amount = money_of(-23, STR("EUR"))}};
    Order          o = {.discounts = {.items = rows, .n = COUNT_OF(rows)}};
    OrderDiscount *sums;
    assert_int_equal(order_discount_sums(&w->arena, &o, &sums), 2);
    assert_int_equal(sums[0].amount.minor, -123);
    assert_int_equal(sums[1].amount.minor, -30);
    assert_string_equal(
        str_cstr(&w->arena, order_discount_label(&w->arena, sums[0].title, sums[0].code)),
        "Spring (SPRING)");
    assert_string_equal(
        str_cstr(&w->arena, order_discount_label(&w->arena, sums[1].title, sums[1].code)),
        "Three for two");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(an_event_sends_one_mail_however_often_it_comes),
        TEST_WORLD(every_mail_speaks_six_languages),
        TEST_SQLITE(documents_have_as_many_pages_as_they_need),
        TEST_SQLITE(names_stand_as_their_script_has_them),
        TEST_SQLITE(an_address_is_written_as_its_country_does),
        TEST_SQLITE(letters_to_east_asia_follow_their_script),
        TEST_SQLITE(discounts_are_named),
    };
    return cmocka_run_group_tests_name("order_mail", tests, NULL, NULL);
}
