/* Mails: what may stand in them, their signature, and a real SMTP server on this machine. */
#include "test.h"

#include "wire/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static Arena arena;
static Err   err;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 65536);
    err = (Err){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static MailMessage letter(void)
{
    return (MailMessage){.from = {STR("Käsehaus & Co"), STR("shop@shop.example")},
                         .to = {STR(""), STR("ann@customer.example")},
                         .message_id = STR("test-1@shop.example"),
                         .subject = STR("Ваш код: 123456 — дуже довга тема, щоб її треба було "
                                        "розділити на кілька закодованих слів"),
                         .text = STR("Hello\n.\nFrom here on\n"),
                         .html = STR("<p>Hello — <b>мир</b></p>"),
                         .date = {1700000000000}};
}

static bool has(Str s, const char *part)
{
    return str_find(s, str_from_cstr(part)) != SIZE_MAX;
}

/* --- a server -------------------------------------------------------------------------------- */

typedef struct Sink {
    char     dir[64];
    FILE    *in;
    pid_t    pid;
    unsigned plain, starttls, tls, auth;
} Sink;

static Sink sink;

static int start_sink(void **state)
{
    int down[2], up[2];
    (void)state;
    snprintf(sink.dir, sizeof sink.dir, "/tmp/rapport-mail-XXXXXX");
    if (mkdtemp(sink.dir) == NULL || pipe(down) != 0 || pipe(up) != 0)
        return -1;
    sink.pid = fork();
    if (sink.pid == 0) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        close(down[1]);
        close(up[0]);
        execl("/usr/bin/python3", "/usr/bin/python3", MAIL_SINK, sink.dir, (char *)NULL);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    sink.in = fdopen(down[1], "w");
    FILE           *out = fdopen(up[0], "r");
    char            line[128] = "";
    char           *at = fgets(line, sizeof line, out);
    unsigned *const ports[] = {&sink.plain, &sink.starttls, &sink.tls, &sink.auth};
    for (size_t i = 0; at != NULL && i < COUNT_OF(ports); i++)
        for (at += *at == ' '; *at >= '0' && *at <= '9'; at++)
            *ports[i] = *ports[i] * 10 + (unsigned)(*at - '0');
    fclose(out);
    return sink.auth != 0 ? 0 : -1;
}

static int stop_sink(void **state)
{
    (void)state;
    fclose(sink.in);
    int status;
    waitpid(sink.pid, &status, 0);
    return 0;
}

static const char *file_in(const char *name)
{
    size_t room = strlen(sink.dir) + strlen(name) + 2;
    char  *out = arena_array(&arena, char, room);
    snprintf(out, room, "%s/%s", sink.dir, name);
    return out;
}

static Str read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    char *bytes = arena_array(&arena, char, 65536);
    if (f == NULL)
        fail_msg("there is no %s", path);
    size_t n = fread(bytes, 1, 65536, f);
    fclose(f);
    return (Str){bytes, n};
}

static int kept; /* mails so far */

static Str last(const char *kind)
{
    char name[32];
    snprintf(name, sizeof name, "%d.%s", kept, kind);
    return read_file(file_in(name));
}

static Status to_sink(unsigned port, MailSecurity security, Str to, Str bytes)
{
    MailServer server = {.host = STR("localhost"),
                         .port = (uint16_t)port,
                         .security = security,
                         .timeout = SPAN_SECONDS(2),
                         .ca_file = file_in("cert.pem")};
    if (port == sink.auth) {
        server.user = STR("shop");
        server.password = STR("secret");
    }
    Status st = mail_send(&server, STR("shop@shop.example"), to, bytes, &err);
    kept += st == ST_OK;
    return st;
}

/* --- building -------------------------------------------------------------------------------- */

static void a_mail_has_both_forms_and_seven_bit_headers(void **state)
{
    (void)state;
    MailMessage m = letter();
    Str         bytes;
    assert_ok(mail_build(&arena, &m, NULL, &bytes, &err), &err);
    assert_true(has(bytes, "Message-Id: <test-1@shop.example>\r\n"));
    assert_true(has(bytes, "multipart/alternative"));
    assert_true(has(bytes, "text/plain; charset="));
    assert_true(has(bytes, "text/html; charset="));
    assert_true(has(bytes, "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
    size_t line = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        assert_true((unsigned char)bytes.ptr[i] < 128);
        assert_true(bytes.ptr[i] != '\n' || bytes.ptr[i - 1] == '\r');
        line = bytes.ptr[i] == '\n' ? 0 : line + 1;
        assert_true(line <= 998);
    }
}

static void nothing_that_was_typed_becomes_a_header_or_a_command(void **state)
{
    static const char *const BAD[] = {"a@b.example\r\nBcc: x@y.example",
                                      "a@b.example\n",
                                      "a b@c.de",
                                      "<a@b.example>",
                                      "a@b.example> RCPT TO:<x@y.example",
                                      "no-at",
                                      "a@b@c.example",
                                      "@b.example",
                                      "a@",
                                      "",
                                      "a,b@c.example"};
    Str                      bytes;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        MailMessage m = letter();
        m.to.address = str_from_cstr(BAD[i]);
        assert_fails(mail_build(&arena, &m, NULL, &bytes, &err), ST_INVALID, &err, "wire.bad_mail");
        m = letter();
        m.from.address = str_from_cstr(BAD[i]);
        assert_fails(mail_build(&arena, &m, NULL, &bytes, &err), ST_INVALID, &err, "wire.bad_mail");
    }
    MailMessage m = letter();
    m.subject = STR("Hello\r\nBcc: everybody@example.com");
    assert_fails(mail_build(&arena, &m, NULL, &bytes, &err), ST_INVALID, &err, "wire.bad_mail");
    m = letter();
    m.from.name = STR("Shop\r\nX: y");
    assert_fails(mail_build(&arena, &m, NULL, &bytes, &err), ST_INVALID, &err, "wire.bad_mail");
    MailHeader header = {"X-Test", STR("a\r\nBcc: x@y.example")};
    m = letter();
    m.headers = &header;
    m.nheaders = 1;
    assert_fails(mail_build(&arena, &m, NULL, &bytes, &err), ST_INVALID, &err, "wire.bad_mail");
    m = letter();
    m.text = (Str){"a\0b", 3};
    assert_fails(mail_build(&arena, &m, NULL, &bytes, &err), ST_INVALID, &err, "wire.bad_mail");
    MailServer server = {.host = STR("evil.example/..\r\n"), .port = 25};
    assert_fails(mail_send(&server, STR("a@b.example"), STR("c@d.example"), STR("x"), &err),
                 ST_INVALID, &err, "wire.bad_mail");
    server.host = STR("localhost");
    assert_fails(
        mail_send(&server, STR("a@b.example"), STR("c@d.example>\r\nDATA"), STR("x"), &err),
        ST_INVALID, &err, "wire.bad_mail");
}

static void a_name_with_specials_is_quoted(void **state)
{
    (void)state;
    MailMessage m = letter();
    Str         bytes;
    m.from.name = STR("Smith, \"Shop\" <boss@evil.example>");
    assert_ok(mail_build(&arena, &m, NULL, &bytes, &err), &err);
    assert_true(
        has(bytes, "From: \"Smith, \\\"Shop\\\" <boss@evil.example>\" <shop@shop.example>"));
}

static void a_key_that_is_none_is_refused(void **state)
{
    (void)state;
    MailMessage m = letter();
    MailDkim    dkim = {STR("shop.example"), STR("s1"), STR("-----BEGIN NOTHING-----")};
    Str         bytes;
    assert_fails(mail_build(&arena, &m, &dkim, &bytes, &err), ST_INVALID, &err,
                 "wire.bad_dkim_key");
}

/* --- sending --------------------------------------------------------------------------------- */

static void a_server_takes_it_over_every_kind_of_connection(void **state)
{
    (void)state;
    MailMessage m = letter();
    Str         bytes, to = STR("ann@customer.example");
    assert_ok(mail_build(&arena, &m, NULL, &bytes, &err), &err);
    assert_ok(to_sink(sink.plain, MAIL_PLAIN, to, bytes), &err);
    assert_str(last("to"), "shop@shop.example ann@customer.example");
    assert_true(str_eq(last("eml"), bytes)); /* dots at the start of lines, too */
    assert_ok(to_sink(sink.starttls, MAIL_STARTTLS, to, bytes), &err);
    assert_true(str_eq(last("eml"), bytes));
    assert_ok(to_sink(sink.tls, MAIL_TLS, to, bytes), &err);
    assert_ok(to_sink(sink.auth, MAIL_PLAIN, to, bytes), &err);
}

static void without_tls_nothing_is_sent_where_tls_was_asked_for(void **state)
{
    (void)state;
    MailServer server = {.host = STR("127.0.0.1"), .port = (uint16_t)sink.plain};
    assert_fails(to_sink(sink.plain, MAIL_STARTTLS, STR("a@b.example"), STR("x\r\n")), ST_DENIED,
                 &err, "wire.mail_login");
    server.port = (uint16_t)sink.tls; /* a certificate that the system does not trust */
    server.security = MAIL_TLS;
    assert_fails(mail_send(&server, STR("a@b.example"), STR("c@d.example"), STR("x\r\n"), &err),
                 ST_DENIED, &err, "wire.mail_login");
    server.port = (uint16_t)sink.auth;
    server.security = MAIL_PLAIN;
    server.user = STR("shop");
    server.password = STR("wrong");
    assert_fails(mail_send(&server, STR("a@b.example"), STR("c@d.example"), STR("x\r\n"), &err),
                 ST_DENIED, &err, "wire.mail_login");
}

static void the_servers_answer_says_whether_to_try_again(void **state)
{
    (void)state;
    assert_fails(to_sink(sink.plain, MAIL_PLAIN, STR("later@b.example"), STR("x\r\n")), ST_BUSY,
                 &err, "wire.mail_later");
    assert_fails(to_sink(sink.plain, MAIL_PLAIN, STR("refused@b.example"), STR("x\r\n")),
                 ST_INVALID, &err, "wire.mail_refused");
    assert_fails(to_sink(sink.plain, MAIL_PLAIN, STR("slow@b.example"), STR("x\r\n")), ST_BUSY,
                 &err, "wire.mail_later");
    assert_fails(to_sink(1, MAIL_PLAIN, STR("a@b.example"), STR("x\r\n")), ST_BUSY, &err,
                 "wire.mail_later");
}

/* --- signatures ------------------------------------------------------------------------------ */

static void another_implementation_verifies_the_signature(void **state)
{
    (void)state;
    MailMessage m = letter();
    MailDkim    dkim = {STR("shop.example"), STR("s1"), read_file(file_in("dkim.pem"))};
    Str         bytes, to = STR("ann@customer.example");
    assert_ok(mail_build(&arena, &m, &dkim, &bytes, &err), &err);
    assert_true(str_starts(bytes, STR("DKIM-Signature: ")));
    assert_ok(to_sink(sink.plain, MAIL_PLAIN, to, bytes), &err);
    assert_str(last("dkim"), "good");
    char  *changed = str_cstr(&arena, bytes);
    size_t at = str_find(bytes, STR("Hello"));
    changed[at] = 'J';
    assert_ok(to_sink(sink.plain, MAIL_PLAIN, to, (Str){changed, bytes.len}), &err);
    assert_str(last("dkim"), "bad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mail_has_both_forms_and_seven_bit_headers, begin, end),
        cmocka_unit_test_setup_teardown(nothing_that_was_typed_becomes_a_header_or_a_command, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_name_with_specials_is_quoted, begin, end),
        cmocka_unit_test_setup_teardown(a_key_that_is_none_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_server_takes_it_over_every_kind_of_connection, begin,
                                        end),
        cmocka_unit_test_setup_teardown(without_tls_nothing_is_sent_where_tls_was_asked_for, begin,
                                        end),
        cmocka_unit_test_setup_teardown(the_servers_answer_says_whether_to_try_again, begin, end),
        cmocka_unit_test_setup_teardown(another_implementation_verifies_the_signature, begin, end),
    };
    return cmocka_run_group_tests(tests, start_sink, stop_sink);
}
