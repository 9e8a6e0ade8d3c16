/* QR codes: drawn as squares, read back by their finder patterns and format. */
#include "test.h"

#include "picture/qr.h"

#include <string.h>

static void a_code_is_an_svg_of_squares(void **state)
{
    CLEANUP(buf_done) Buf b;
    Err                   err = {0};
    (void)state;
    buf_init(&b, 1 << 20);
    assert_ok(qr_add_svg(&b, STR("HELLO"), STR("a \"code\""), &err), &err);
    Str svg = buf_str(&b);
    assert_true(str_starts(svg, STR("<svg class=\"qr\"")));
    assert_non_null(memmem(svg.ptr, svg.len, "aria-label=\"a &quot;code&quot;\"", 29));
    assert_non_null(memmem(svg.ptr, svg.len, "viewBox=\"0 0 29 29\"", 19)); /* 21 and quiet zones */
    assert_non_null(memmem(svg.ptr, svg.len, "M4 4h7v1h-7z", 12));          /* finder, left */
    assert_non_null(memmem(svg.ptr, svg.len, "M18 4h7v1h-7z", 13));         /* and right */
    assert_non_null(memmem(svg.ptr, svg.len, "M4 24h7v1h-7z", 13));         /* and below */
}

static void too_much_is_refused(void **state)
{
    static char           big[QR_BYTES_MAX + 1];
    CLEANUP(buf_done) Buf b;
    Err                   err = {0};
    (void)state;
    memset(big, 0x7f, sizeof big);
    buf_init(&b, 1 << 20);
    assert_ok(qr_add_svg(&b, (Str){big, QR_BYTES_MAX}, STR(""), &err), &err);
    assert_int_equal(qr_add_svg(&b, (Str){big, sizeof big}, STR(""), &err), ST_LIMIT);
    assert_int_equal(qr_add_svg(&b, STR(""), STR(""), &err), ST_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_code_is_an_svg_of_squares),
                                       cmocka_unit_test(too_much_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
