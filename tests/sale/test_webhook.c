/* Events of a sale sent to another program: when it does not answer, the schedule of Standard
 * Webhooks is kept, then the endpoint is switched off and staff are told; what was missed is sent
 * again. */
#include "desk.h"

#include "people/people.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Somebody else's program: answers every request with `status`. */
typedef struct Other {
    int         socket, port;
    atomic_int  status, got;
    atomic_bool over;
    pthread_t   thread;
} Other;

static void answer(Other *o, int fd)
{
    char    text[8192];
    ssize_t n = recv(fd, text, sizeof text, 0);
    if (n > 0) {
        char reply[200];
        atomic_fetch_add(&o->got, 1);
        int len = snprintf(reply, sizeof reply,
                           "HTTP/1.1 %d X\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy",
                           atomic_load(&o->status));
        (void)send(fd, reply, (size_t)len, MSG_NOSIGNAL);
    }
    close(fd);
}

static void *serve(void *arg)
{
    Other *o = arg;
    while (!atomic_load(&o->over)) {
        struct pollfd p = {.fd = o->socket, .events = POLLIN};
        if (poll(&p, 1, 50) == 1)
            answer(o, accept(o->socket, NULL, NULL));
    }
    return NULL;
}

static void other_open(Other *o, int status)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          len = sizeof at;
    *o = (Other){.socket = socket(AF_INET, SOCK_STREAM, 0)};
    atomic_store(&o->status, status);
    assert_true(o->socket >= 0);
    assert_int_equal(bind(o->socket, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(o->socket, 16), 0);
    assert_int_equal(getsockname(o->socket, (struct sockaddr *)&at, &len), 0);
    o->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&o->thread, NULL, serve, o), 0);
}

static void other_close(Other *o)
{
    atomic_store(&o->over, true);
    pthread_join(o->thread, NULL);
    close(o->socket);
}

static void hire(Desk *d, const char *email, const char *locale, int64_t role)
{
    PeopleStaff      staff;
    PeopleStaffInput in = {.email = str_from_cstr(email),
                           .name = STR("Somebody"),
                           .locale = str_from_cstr(locale),
                           .roles = {.items = &role, .n = 1}};
    assert_ok(people_staff_add_with(&d->w->cx, &in, STR("correct horse battery"), &staff),
              &d->w->cx.err);
    world_again(d->w);
}

static const char *endpoint(Desk *d, const Other *o)
{
    hire(d, "dev@shop.example", "nl", 6);    /* developer: looks after endpoints */
    hire(d, "reader@shop.example", "en", 7); /* reader: does not */
    d->staff = true;
    ask(d, 200, "{\"allow_private\":true}", "PATCH /api/v1/settings/people.webhooks");
    ask(d, 201,
        fmt(d, "{\"url\":\"http://127.0.0.1:%d/hook\",\"events\":[\"order.placed\"]}", o->port),
        "POST /api/v1/webhooks");
    const char *id = text_of(d, "webhook.id");
    d->staff = false;
    desk_settle(d);
    return id;
}

static void see(Desk *d, const char *id)
{
    d->staff = true;
    ask(d, 200, NULL, "GET /api/v1/webhooks/%s", id);
    d->staff = false;
}

static void deliveries(Desk *d, const char *id)
{
    d->staff = true;
    ask(d, 200, NULL, "GET /api/v1/webhooks/%s/deliveries", id);
    d->staff = false;
}

static void who_does_not_answer_is_asked_again_and_then_no_more(void **state)
{
    static const int64_t AFTER_S[] = {5,         5 * 60,    30 * 60,   2 * 3600, 5 * 3600,
                                      10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600};
    Desk                 d = desk_open(*state);
    Other                o;
    other_open(&o, 500);
    const char *id = endpoint(&d, &o);
    (void)desk_buy(&d, d.poster_id, 1);
    desk_settle(&d);
    for (size_t i = 0; i < COUNT_OF(AFTER_S); i++) {
        assert_int_equal(atomic_load(&o.got), (int)i + 1);
        deliveries(&d, id);
        assert_string_equal(text_of(&d, "data.0.status"), "waiting");
        assert_int_equal(int_of(&d, "data.0.attempts"), (int64_t)i + 1);
        assert_int_equal(int_of(&d, "data.0.http_status"), 500);
        desk_later(&d, (SpanMs){AFTER_S[i] * 999}); /* not yet */
        assert_int_equal(atomic_load(&o.got), (int)i + 1);
        desk_later(&d, (SpanMs){AFTER_S[i] * 102 + 1000}); /* with a tenth by chance */
    }
    deliveries(&d, id);
    assert_int_equal(int_of(&d, "data.0.attempts"), 10);
    assert_string_equal(text_of(&d, "data.0.status"), "failed");
    see(&d, id); /* some three days so far */
    assert_true(true_in(&d, "active"));
    /* Five days without any success: off, and told once. */
    desk_later(&d, SPAN_DAYS(3));
    (void)desk_buy(&d, d.poster_id, 1);
    (void)desk_buy(&d, d.poster_id, 1);
    desk_settle(&d);
    see(&d, id);
    assert_false(true_in(&d, "active"));
    assert_string_equal(text_of(&d, "reason"), "failing");
    assert_int_equal(desk_mails(&d, "webhook_failing"), 1);
    assert_int_equal(desk_number(&d, "SELECT count(*) FROM people_mail WHERE template = "
                                     "'webhook_failing' AND locale = 'nl'"),
                     1);
    assert_int_equal(desk_number(&d, "SELECT count(*) FROM core_audit WHERE action = 'switch_off'"),
                     1);
    int before = atomic_load(&o.got);
    (void)desk_buy(&d, d.poster_id, 1); /* nothing goes there any more */
    desk_later(&d, SPAN_DAYS(1));
    assert_int_equal(atomic_load(&o.got), before);
    /* It works again: switched on, and what failed is sent once more. */
    atomic_store(&o.status, 204);
    d.staff = true;
    ask(&d, 200, "{\"active\":true}", "PATCH /api/v1/webhooks/%s", id);
    deliveries(&d, id);
    size_t failed = 0;
    for (size_t i = 0; i < count_in(&d, "data"); i++)
        failed += strcmp(text_of(&d, fmt(&d, "data.%zu.status", i)), "failed") == 0;
    assert_true(failed >= 1);
    d.staff = true;
    ask(&d, 200, "{\"since\":\"2023-11-14T00:00:00Z\"}", "POST /api/v1/webhooks/%s/replay", id);
    d.staff = false;
    desk_settle(&d);
    deliveries(&d, id);
    for (size_t i = 0; i < count_in(&d, "data"); i++)
        assert_string_equal(text_of(&d, fmt(&d, "data.%zu.status", i)), "done");
    other_close(&o);
    desk_close(&d);
}

static void who_wants_no_more_is_not_asked_again(void **state)
{
    Desk  d = desk_open(*state);
    Other o;
    other_open(&o, 410);
    const char *id = endpoint(&d, &o);
    (void)desk_buy(&d, d.poster_id, 1);
    desk_settle(&d);
    see(&d, id);
    assert_false(true_in(&d, "active"));
    assert_string_equal(text_of(&d, "reason"), "gone");
    assert_int_equal(desk_mails(&d, "webhook_gone"), 1);
    assert_int_equal(atomic_load(&o.got), 1);
    (void)desk_buy(&d, d.poster_id, 1);
    desk_later(&d, SPAN_DAYS(1));
    assert_int_equal(atomic_load(&o.got), 1);
    other_close(&o);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(who_does_not_answer_is_asked_again_and_then_no_more),
        TEST_WORLD(who_wants_no_more_is_not_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
