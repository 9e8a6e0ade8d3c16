/* Forms as browsers send them, and as nobody should. */
#include "testapp.h"

#include "http/http_form.h"

#include <stdio.h>

static Arena arena;
static Cx    cx;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 4096);
    cx = (Cx){.arena = &arena};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

#define TEST_FORM(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

/* "name=value" or "name=filename(type):value", one after the other. */
static Str show(const HttpForm *f)
{
    Buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < f->n; i++) {
        const HttpPart *p = &f->parts[i];
        buf_addf(&b, "%s" STR_FMT "=", i > 0 ? "|" : "", STR_ARG(p->name));
        if (p->is_file)
            buf_addf(&b, STR_FMT "(" STR_FMT "):", STR_ARG(p->filename), STR_ARG(p->type));
        buf_add(&b, p->value);
    }
    Str s = str_dup(&arena, buf_str(&b));
    buf_done(&b);
    return s;
}

typedef struct Case {
    const char *body;
    const char *shown; /* NULL: refused */
} Case;

static void urlencoded_forms_are_read(void **state)
{
    static const Case CASES[] = {
        {"", ""},
        {"a=1&b=2", "a=1|b=2"},
        {"a=1&a=2", "a=1|a=2"},
        {"a=x+y%2Bz&b", "a=x y+z|b="},
        {"na+me=%C3%BC", "na me=ü"},
        {"&&a=1&", "a=1"},
        {"a=b=c", "a=b=c"},
        {"=1", NULL},
        {"a=%", NULL},
        {"a=%4", NULL},
        {"a=%zz", NULL},
        {"a=%00", NULL},
        {"a=%ff", NULL},
        {"%ff=a", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        HttpForm f;
        Status   st = http_form_urlencoded(&cx, str_from_cstr(CASES[i].body), &f);
        if (st != ST_OK
                ? CASES[i].shown != NULL
                : CASES[i].shown == NULL || !str_eq(show(&f), str_from_cstr(CASES[i].shown)))
            fail_msg("%s: %s " STR_FMT, CASES[i].body, status_name(st),
                     STR_ARG(st == ST_OK ? show(&f) : STR("")));
    }
}

#define PART(name) "--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_(name, file)                                                                          \
    "--B\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n"
#define END "--B--\r\n"

static void multipart_forms_are_read(void **state)
{
    static const Case CASES[] = {
        {END, ""},
        {"--B--", ""},
        {PART("a") "1\r\n" END, "a=1"},
        {PART("a") "\r\n" END, "a="},
        {PART("a") "1\r\n" PART("b") "2\r\n" END, "a=1|b=2"},
        {PART("a") "one\r\ntwo\r\n--\r\n--BB\r\n" END, NULL}, /* "--BB" is no boundary line */
        {PART("a") "one\r\ntwo\r\n--\r\n--C\r\n" END, "a=one\r\ntwo\r\n--\r\n--C"},
        {"--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" END, "a=1"},
        {"--B\r\ncontent-disposition:FORM-DATA;name=\"a\"\r\nX: y\r\n\r\n1\r\n" END, "a=1"},
        {FILE_("f", "x.png") "Content-Type: image/png\r\n\r\n\x89PNG\xff\r\n" END,
         "f=x.png(image/png):\x89PNG\xff"},
        {FILE_("f", "") "\r\n\r\n" END, "f=():"},
        {FILE_("f", "C:\\\\tmp\\\\a b.txt") "\r\nz\r\n" END, "f=a b.txt():z"},
        {FILE_("f", "C:\\tmp\\c.txt") "\r\nz\r\n" END, "f=c.txt():z"},
        {FILE_("f", "../../etc/passwd") "\r\nz\r\n" END, "f=passwd():z"},
        {FILE_("f", "q\\\"uote.txt") "\r\nz\r\n" END, "f=q\"uote.txt():z"},
        {PART("a;b=\\\"c") "1\r\n" END, "a;b=\"c=1"},
        {"", NULL},
        {"--C\r\n", NULL},
        {"preamble\r\n" PART("a") "1\r\n" END, NULL},
        {PART("a") "1\r\n--B\r\n", NULL},
        {PART("a") "1\r\n", NULL},
        {PART("a") "1", NULL},
        {"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n", NULL},
        {"--B\r\n\r\n1\r\n" END, NULL},
        {"--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n" END, NULL},
        {PART("") "1\r\n" END, NULL},
        {"--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n" END, NULL},
        {"--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n" END, NULL},
        {"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n"
         "Content-Disposition: form-data; name=\"b\"\r\n\r\n1\r\n" END,
         NULL},
        {"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\nMQ==\r\n" END,
         NULL},
        {"--B\r\nno colon\r\n\r\n1\r\n" END, NULL},
        {"--B\r\nContent-Disposition : form-data; name=\"a\"\r\n\r\n1\r\n" END, NULL},
        {PART("a") "\xff\r\n" END, NULL},
        {PART("\xff") "1\r\n" END, NULL},
        {PART("a") "1\r\n" END "epilogue", NULL},
        {PART("a") "1\r\n--Bx--\r\n", NULL},
        {"--B\nContent-Disposition: form-data; name=\"a\"\n\n1\n--B--\n", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        HttpForm f;
        Status   st = http_form_multipart(&cx, str_from_cstr(CASES[i].body), STR("B"), &f);
        if (st != ST_OK
                ? CASES[i].shown != NULL
                : CASES[i].shown == NULL || !str_eq(show(&f), str_from_cstr(CASES[i].shown)))
            fail_msg("%zu %s: %s " STR_FMT, i, CASES[i].body, status_name(st),
                     STR_ARG(st == ST_OK ? show(&f) : str_from_cstr(cx.err.msg)));
    }
    HttpForm f;
    assert_fails(http_form_multipart(&cx, STR("--\r\n"), STR(""), &f), ST_INVALID, &cx.err,
                 "http.bad_form");
}

static void forms_have_limits(void **state)
{
    CLEANUP(buf_done) Buf b;
    HttpForm              f;
    (void)state;
    buf_init(&b, 4 << 20);
    for (int i = 0; i <= HTTP_FORM_PARTS; i++)
        buf_addf(&b, "%sa=1", i > 0 ? "&" : "");
    assert_fails(http_form_urlencoded(&cx, buf_str(&b), &f), ST_LIMIT, &cx.err,
                 "http.form_too_big");
    assert_ok(http_form_urlencoded(&cx, (Str){b.ptr, b.len - 4}, &f), &cx.err);
    assert_int_equal(f.n, HTTP_FORM_PARTS);

    buf_clear(&b);
    for (int i = 0; i <= HTTP_FORM_PARTS; i++)
        buf_addf(&b, PART("a") "1\r\n");
    buf_addf(&b, END);
    assert_fails(http_form_multipart(&cx, buf_str(&b), STR("B"), &f), ST_LIMIT, &cx.err,
                 "http.form_too_big");

    buf_clear(&b);
    buf_addf(&b, "--B\r\n");
    for (int i = 0; i < 100; i++)
        buf_addf(&b, "X-Padding-%d: some text that fills it\r\n", i);
    buf_addf(&b, "Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n" END);
    assert_fails(http_form_multipart(&cx, buf_str(&b), STR("B"), &f), ST_LIMIT, &cx.err,
                 "http.form_too_big");

    buf_clear(&b); /* a text is limited, a file is not */
    buf_addf(&b, PART("a"));
    for (int i = 0; i <= HTTP_FORM_TEXT / 1024; i++)
        buf_addf(&b, "%01024d", 0);
    buf_addf(&b, "\r\n" END);
    assert_fails(http_form_multipart(&cx, buf_str(&b), STR("B"), &f), ST_LIMIT, &cx.err,
                 "http.form_too_big");
    Str text = STR("--B\r\nContent-Disposition: form-data; name=\"a\"");
    Buf again;
    buf_init(&again, 4 << 20);
    buf_addf(&again, "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"x\"");
    buf_add(&again, (Str){b.ptr + text.len, b.len - text.len});
    assert_ok(http_form_multipart(&cx, buf_str(&again), STR("B"), &f), &cx.err);
    assert_true(http_form_file(&f, STR("a"))->value.len > HTTP_FORM_TEXT);
    buf_done(&again);
}

static void fields_are_found_by_name(void **state)
{
    HttpForm f;
    (void)state;
    assert_ok(http_form_multipart(&cx,
                                  STR(PART("a") "1\r\n" PART("e") "\r\n" FILE_(
                                      "a", "x") "\r\nbytes\r\n" FILE_("none", "") "\r\n\r\n" END),
                                  STR("B"), &f),
              &cx.err);
    assert_str(http_form_text(&f, STR("a")), "1");
    assert_non_null(http_form_text(&f, STR("e")).ptr);
    assert_null(http_form_text(&f, STR("x")).ptr);
    assert_str(http_form_file(&f, STR("a"))->value, "bytes");
    assert_null(http_form_file(&f, STR("none")));
}

static void header_parameters_are_taken_apart(void **state)
{
    static const struct {
        const char *header, *name, *value;
    } CASES[] = {
        {"multipart/form-data; boundary=abc", "boundary", "abc"},
        {"multipart/form-data;BOUNDARY=abc; x=y", "boundary", "abc"},
        {"a/b; x=\"q;\\\"r\"; boundary=\"a b\"", "boundary", "a b"},
        {"a/b; boundary", "boundary", NULL},
        {"a/b; boundary=", "boundary", NULL},
        {"a/b; =x; boundary=y", "boundary", NULL},
        {"a/b; boundary=\"open", "boundary", NULL},
        {"a/b", "boundary", NULL},
        {"", "boundary", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Str v =
            http_header_param(&arena, str_from_cstr(CASES[i].header), str_from_cstr(CASES[i].name));
        if (CASES[i].value == NULL ? v.ptr != NULL : !str_eq(v, str_from_cstr(CASES[i].value)))
            fail_msg("%s: " STR_FMT, CASES[i].header, STR_ARG(v));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_FORM(urlencoded_forms_are_read),
        TEST_FORM(multipart_forms_are_read),
        TEST_FORM(forms_have_limits),
        TEST_FORM(fields_are_found_by_name),
        TEST_FORM(header_parameters_are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
