/* Log lines: one event, one line, whatever is in it. */
#include "test.h"

#include <unistd.h>

static int ends[2];

static int setup(void **state)
{
    (void)state;
    assert_int_equal(pipe(ends), 0);
    log_fd = ends[1];
    log_min_level = LOG_INFO;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    log_fd = STDERR_FILENO;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* What has been logged, without the time that each line begins with. */
static const char *logged(char *text, size_t max)
{
    ssize_t n = read(ends[0], text, max - 1);
    assert_true(n > 32);
    text[n] = '\0';
    assert_memory_equal(text, "ts=20", 5);
    assert_int_equal(text[3 + 10], 'T');
    assert_memory_equal(text + 3 + 23, "Z ", 2);
    return text + 3 + 25;
}

static void values_are_quoted_where_they_must_be(void **state)
{
    (void)state;
    char text[4096];
    log_event(LOG_WARN, "stock.low", log_s("sku", STR("tea-1")), log_i("qty", -3),
              log_b("sold_out", true), log_r("ratio", 0.25), log_t("at", (UnixMs){0}),
              log_z("none", NULL), log_s("name", STR("a b")), log_s("eq", STR("a=b")),
              log_s("quote", STR("a\"\\b")), log_s("lines", STR("a\nb\x01")),
              log_s("wide", STR("Їжак")), log_s("bad", STR("a\xFF")));
    assert_string_equal(logged(text, sizeof text),
                        "level=warn event=stock.low sku=tea-1 qty=-3 sold_out=true ratio=0.25 "
                        "at=1970-01-01T00:00:00.000Z none=\"\" name=\"a b\" eq=\"a=b\" "
                        "quote=\"a\\\"\\\\b\" lines=\"a\\nb\\u0001\" wide=Їжак bad=\"a\uFFFD\"\n");
}

static void long_values_are_cut_between_characters(void **state)
{
    (void)state;
    char text[4096], value[3001];
    for (size_t i = 0; i < 1500; i++)
        memcpy(value + 2 * i + 1, "\u0457", 2);
    value[0] = 'x';
    log_event(LOG_INFO, "e", log_s("v", (Str){value, sizeof value}), log_i("n", 1));
    const char *line = logged(text, sizeof text);
    assert_int_equal(strlen(line), strlen("level=info event=e v= n=1\n") + LOG_TEXT_MAX - 1);
    assert_string_equal(line + strlen(line) - 5, " n=1\n");
}

static void lower_levels_are_silent(void **state)
{
    (void)state;
    char text[4096];
    log_event(LOG_DEBUG, "no", log_i("x", 1));
    log_event(LOG_ERROR, "yes", log_i("x", 1));
    assert_string_equal(logged(text, sizeof text), "level=error event=yes x=1\n");
    LogLevel level;
    assert_true(log_level_find(STR("debug"), &level) && level == LOG_DEBUG);
    assert_false(log_level_find(STR("loud"), &level));
    assert_string_equal(log_level_name(LOG_WARN), "warn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_quoted_where_they_must_be, setup, teardown),
        cmocka_unit_test_setup_teardown(long_values_are_cut_between_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(lower_levels_are_silent, setup, teardown),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
