/* test_cli.c - what the command line makes of words: verbs, options, hints, help. */
#include "test.h"

#include "app/cli.h"

/* A verb that prints what it was given. */
static Status run_show(Cli *cli, Err *err)
{
    int64_t n;
    TRY(cli_i64(cli, "count", 1, 10, &n, err));
    fprintf(cli->out, "dir=%s count=%lld json=%d", cli_cstr(cli, "dir"), (long long)n,
            cli_flag(cli, "json"));
    for (size_t i = 0; i < cli->narguments; i++)
        fprintf(cli->out, " [" STR_FMT "]", STR_ARG(cli->arguments[i]));
    return ST_OK;
}

static Status run_fail(Cli *cli, Err *err)
{
    (void)cli;
    return err_set(err, ST_IO, "test.broken", "the disk is full");
}

static Status run_version(Cli *cli, Err *err)
{
    (void)err;
    fputs("1\n", cli->out);
    return ST_OK;
}

static const CliOption OWN[] = {
    {"count", "NUMBER", "3", NULL, "how many"},
    {"json", NULL, NULL, NULL, "as JSON"},
    {0},
};
static const CliOption SHARED[] = {
    {"dir", "DIR", ".", "RAPPORT_TEST_CLI_DIR", "where"},
    {0},
};
static const CliVerb VERBS[] = {
    {"show files", "Show files", "FILE [OTHER]", "More about it.", OWN, SHARED, run_show},
    {"fail", "Fail", NULL, NULL, NULL, NULL, run_fail},
    {"version", "Show the version", NULL, NULL, NULL, NULL, run_version},
};

typedef struct Case {
    const char *line; /* words, separated by one space */
    int         code;
    const char *out; /* what is written, or its beginning */
    const char *err;
} Case;

static const Case CASES[] = {
    {"show files a", 0, "dir=. count=3 json=0 [a]", ""},
    {"show files a b --json --count 7 --dir /x", 0, "dir=/x count=7 json=1 [a] [b]", ""},
    {"show files --count=7 a --dir=", 0, "dir= count=7 json=0 [a]", ""},
    {"show files -- --json", 0, "dir=. count=3 json=0 [--json]", ""},
    {"show files - a", 0, "dir=. count=3 json=0 [-] [a]", ""},
    {"show files", 2, "", "rapport: missing argument FILE\n"},
    {"show files a b c", 2, "", "rapport: unexpected argument c\n"},
    {"show files a --count", 2, "", "rapport: needs a value: --count\n"},
    {"show files a --json=1", 2, "", "rapport: takes no value: --json\n"},
    {"show files a --count 11", 2, "", "rapport: --count needs a whole number from 1 to 10"},
    {"show files a --count x", 2, "", "rapport: --count needs a whole number from 1 to 10"},
    {"show files a --conut 1", 2, "", "rapport: unknown option --conut; did you mean --count?\n"},
    {"show files a --zzzzzz", 2, "", "rapport: unknown option --zzzzzz\n"},
    {"show files a -c", 2, "", "rapport: options begin with two dashes: -c\n"},
    {"show files --help", 0,
     "usage: rapport show files [options] FILE [OTHER]\n\nShow files.\n"
     "More about it.\n\noptions:\n"
     "  --count NUMBER           how many (default 3)\n"
     "  --json                   as JSON\n"
     "  --dir DIR                where (default .) (or RAPPORT_TEST_CLI_DIR)\n"
     "  --help                   show this text\n",
     ""},
    {"show", 2, "", "usage: rapport show VERB"},
    {"show --help", 0, "usage: rapport show VERB", ""},
    {"show fish", 2, "", "rapport: unknown verb show fish\n"},
    {"fali", 2, "", "rapport: unknown verb fali; did you mean fail?\n"},
    {"", 2, "", "usage: rapport VERB [options]\n\nverbs:\n  show files"},
    {"--help", 0, "usage: rapport VERB [options]", ""},
    {"help", 0, "usage: rapport VERB [options]", ""},
    {"help show files", 0, "usage: rapport show files [options] FILE", ""},
    {"help fail", 0, "usage: rapport fail", ""},
    {"help show", 0, "usage: rapport show VERB", ""},
    {"help fali", 2, "", "rapport: unknown verb fali; did you mean fail?\n"},
    {"--version", 0, "1", ""},
    {"fail", 1, "", "rapport: the disk is full (test.broken)\n"},
};

typedef struct Said {
    int  code;
    char out[2048];
    char err[2048];
} Said;

static Said say(const char *line)
{
    Said  said = {0};
    char  words[512];
    char *argv[32] = {(char[]){"rapport"}};
    int   argc = 1;
    (void)snprintf(words, sizeof words, "%s", line);
    for (char *p = words; *p != '\0'; argc++) {
        argv[argc] = p;
        p += strcspn(p, " ");
        if (*p != '\0')
            *p++ = '\0';
    }
    FILE *out = fmemopen(said.out, sizeof said.out - 1, "w");
    FILE *err = fmemopen(said.err, sizeof said.err - 1, "w");
    assert_non_null(out);
    assert_non_null(err);
    said.code = cli_main(VERBS, COUNT_OF(VERBS), argc, argv, out, err);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(fclose(err), 0);
    return said;
}

static void lines_are_answered_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const Case *c = &CASES[i];
        Said        said = say(c->line);
        bool        fine = said.code == c->code && strncmp(said.out, c->out, strlen(c->out)) == 0 &&
                    strncmp(said.err, c->err, strlen(c->err)) == 0;
        if (c->out[0] == '\0')
            fine = fine && said.out[0] == '\0';
        if (c->err[0] == '\0')
            fine = fine && said.err[0] == '\0';
        if (!fine)
            fail_msg("`%s` gave %d, \"%s\", \"%s\"", c->line, said.code, said.out, said.err);
    }
}

static void words_with_a_minus_in_front_are_no_option(void **state)
{
    char  text[512] = "", written[64] = "";
    char  query_text[] = "-red lamp", option_text[] = "--red lamp";
    char  program[] = "rapport", show[] = "show", files[] = "files";
    char *query[] = {program, show, files, query_text, NULL};
    char *option[] = {program, show, files, option_text, NULL};
    FILE *out = fmemopen(written, sizeof written - 1, "w"), *err = fmemopen(text, 511, "w");
    (void)state;
    assert_non_null(out);
    assert_non_null(err);
    assert_int_equal(cli_main(VERBS, COUNT_OF(VERBS), 4, query, out, err), 0);
    assert_int_equal(cli_main(VERBS, COUNT_OF(VERBS), 4, option, out, err), 2);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(fclose(err), 0);
    assert_non_null(strstr(written, "[-red lamp]"));
    assert_non_null(strstr(text, "unknown option --red lamp"));
}

static void a_variable_presets_an_option_and_the_line_wins(void **state)
{
    (void)state;
    assert_int_equal(setenv("RAPPORT_TEST_CLI_DIR", "/from/env", 1), 0);
    assert_string_equal(say("show files a").out, "dir=/from/env count=3 json=0 [a]");
    assert_string_equal(say("show files a --dir /x").out, "dir=/x count=3 json=0 [a]");
    assert_int_equal(unsetenv("RAPPORT_TEST_CLI_DIR"), 0);
}

static void progress_is_silent_where_there_is_no_terminal(void **state)
{
    (void)state;
    FILE *f = tmpfile();
    assert_non_null(f);
    Cli         cli = {.err = f};
    CliProgress p = cli_progress(&cli, "rows");
    p.started.v = 0;
    cli_progress_at(&p, 5, 10);
    cli_progress_end(&p);
    assert_int_equal(ftell(f), 0);
    assert_int_equal(fclose(f), 0);
}

static void progress_draws_a_share_of_the_total(void **state)
{
    (void)state;
    char        drawn[512] = {0};
    FILE       *f = fmemopen(drawn, sizeof drawn, "w");
    CliProgress p = {.out = f, .what = "rows"};
    cli_progress_at(&p, 5, 10);
    assert_int_equal(fflush(f), 0);
    assert_string_equal(drawn, "\r\033[Krows [###############...............] 50.0%");
    assert_int_equal(fclose(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_answered_as_the_table_says),
        cmocka_unit_test(words_with_a_minus_in_front_are_no_option),
        cmocka_unit_test(a_variable_presets_an_option_and_the_line_wins),
        cmocka_unit_test(progress_is_silent_where_there_is_no_terminal),
        cmocka_unit_test(progress_draws_a_share_of_the_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
