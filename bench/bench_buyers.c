/* bench_buyers.c - buyers for bench_checkout.py: one thread, one kept connection for each.
 *
 *      bench_buyers HOST PORT BUYERS SECONDS buy|add
 *
 * Environment: VARIANTS (ids separated by commas), METHOD (id of the way of delivery). "buy" does
 * complete checkouts, five requests each; "add" fills carts, twenty lines each. Prints
 * "TOTAL done failed seconds" and for each kind of request "STEP name n p50 p99 most", in us. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BUYERS_MAX = 1024, ROOM = 1 << 18, VARIANTS_MAX = 200000, LINES = 20 };
enum { CREATE, ADD, ADDRESS, DELIVERY, PAY, ALL, STEPS };

static const char *const NAMES[STEPS] = {"create", "add", "address", "delivery", "pay", "all"};

typedef struct Buyer {
    int     fd, step, lines;
    size_t  got;
    int64_t began;
    char    token[64];
    char   *in;
} Buyer;

typedef struct Times {
    uint32_t *us;
    size_t    n, cap;
} Times;

static Times    times[STEPS];
static char    *variants[VARIANTS_MAX];
static size_t   nvariants;
static Buyer    buyers[BUYERS_MAX];
static bool     only_add;
static int64_t  done, failed;
static uint64_t seed = 88172645463325252ULL;

static void die(const char *what)
{
    fprintf(stderr, "bench_buyers: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void note(int step, int64_t us)
{
    Times *t = &times[step];
    if (t->n == t->cap) {
        t->cap = t->cap == 0 ? 1024 : t->cap * 2;
        t->us = realloc(t->us, t->cap * sizeof *t->us);
        if (t->us == NULL)
            die("memory");
    }
    t->us[t->n++] = (uint32_t)us;
}

static const char *some_variant(void)
{
    seed ^= seed << 13; /* xorshift */
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return variants[seed % nvariants];
}

/* A number at the beginning of `s`. */
static size_t number(const char *s)
{
    size_t n = 0;
    for (; *s == ' '; s++)
        ;
    for (; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (size_t)(*s - '0');
    return n;
}

static void read_variants(char *list)
{
    while (list != NULL && nvariants < VARIANTS_MAX) {
        variants[nvariants++] = list;
        list = strchr(list, ',');
        if (list != NULL)
            *list++ = '\0';
    }
}

/* --- a request ---------------------------------------------------------------------------- */

static void send_step(Buyer *b)
{
    static const char *const METHODS[] = {"POST", "POST", "PATCH", "PATCH", "POST"};
    static const char *const ENDS[] = {"", "/lines", "", "", "/checkout"};
    char                     body[500], out[1000];
    switch (b->step) {
    case CREATE: (void)snprintf(body, sizeof body, "{}"); break;
    case ADD:
        (void)snprintf(body, sizeof body, "{\"items\":[{\"variant_id\":\"%s\",\"qty\":1}]}",
                       some_variant());
        break;
    case ADDRESS:
        (void)snprintf(body, sizeof body,
                       "{\"email\":\"buyer@example.com\",\"address\":{\"first_name\":\"A\","
                       "\"last_name\":\"B\",\"line1\":\"Street 1\",\"city\":\"Amsterdam\","
                       "\"postal_code\":\"1012 AB\",\"country\":\"NL\"}}");
        break;
    case DELIVERY:
        (void)snprintf(body, sizeof body, "{\"delivery_method_id\":\"%s\"}", getenv("METHOD"));
        break;
    default:
        (void)snprintf(body, sizeof body,
                       "{\"payment\":\"test\",\"input\":{\"card\":\"4242424242424242\"},"
                       "\"consent\":{\"terms\":true},\"return_url\":\"/done\"}");
    }
    int n = snprintf(out, sizeof out,
                     "%s /store/v1/carts%s%s%s HTTP/1.1\r\nHost: localhost\r\n"
                     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                     METHODS[b->step], b->step == CREATE ? "" : "/",
                     b->step == CREATE ? "" : b->token, ENDS[b->step], strlen(body), body);
    b->got = 0;
    b->began = now_us();
    if (write(b->fd, out, (size_t)n) != n)
        die("write");
}

/* --- its answer --------------------------------------------------------------------------- */

/* The body, when all of it is there. */
static const char *whole(const Buyer *b, int *ret_status)
{
    const char *end = strstr(b->in, "\r\n\r\n");
    const char *len = strcasestr(b->in, "\r\nContent-Length:");
    if (end == NULL || len == NULL || len > end)
        return NULL;
    size_t n = number(len + strlen("\r\nContent-Length:"));
    if ((size_t)(end + 4 - b->in) + n > b->got)
        return NULL;
    *ret_status = (int)number(b->in + strlen("HTTP/1.1 "));
    return end + 4;
}

static bool take_token(Buyer *b, const char *body)
{
    const char *at = strstr(body, "\"token\":\"");
    if (at == NULL)
        return false;
    at += strlen("\"token\":\"");
    size_t n = strcspn(at, "\"");
    if (n >= sizeof b->token)
        return false;
    memcpy(b->token, at, n);
    b->token[n] = '\0';
    return true;
}

static int next_step(Buyer *b)
{
    if (b->step == ADD && only_add)
        return ++b->lines % LINES == 0 ? CREATE : ADD;
    return b->step == PAY ? CREATE : b->step + 1;
}

static void answered(Buyer *b, int status, const char *body)
{
    int64_t us = now_us() - b->began;
    bool    fine = status >= 200 && status < 300;
    if (fine && b->step == CREATE)
        fine = take_token(b, body);
    if (fine && b->step == PAY)
        fine = strstr(body, "\"state\":\"placed\"") != NULL;
    note(b->step, us);
    note(ALL, us);
    if (!fine) {
        if (failed++ == 0)
            fprintf(stderr, "%s: %d %.600s\n", NAMES[b->step], status, body);
        b->step = CREATE;
        return;
    }
    done += b->step == (only_add ? ADD : PAY);
    b->step = next_step(b);
}

static void readable(Buyer *b, bool more)
{
    ssize_t n = read(b->fd, b->in + b->got, ROOM - b->got - 1);
    int     status;
    if (n <= 0)
        die("the server hung up");
    b->got += (size_t)n;
    b->in[b->got] = '\0';
    const char *body = whole(b, &status);
    if (body == NULL)
        return;
    answered(b, status, body);
    if (more)
        send_step(b);
}

/* --- all ---------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void report(int64_t took)
{
    printf("TOTAL %lld %lld %.3f\n", (long long)done, (long long)failed, (double)took / 1e6);
    for (int i = 0; i < STEPS; i++) {
        Times *t = &times[i];
        if (t->n == 0)
            continue;
        qsort(t->us, t->n, sizeof *t->us, by_time);
        printf("STEP %s %zu %u %u %u\n", NAMES[i], t->n, t->us[t->n / 2], t->us[t->n * 99 / 100],
               t->us[t->n - 1]);
    }
}

static void connect_all(const char *host, int port, int n, int epoll)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int                one = 1;
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
        die(host);
    for (int i = 0; i < n; i++) {
        Buyer *b = &buyers[i];
        b->fd = socket(AF_INET, SOCK_STREAM, 0);
        b->in = malloc(ROOM);
        if (b->fd < 0 || b->in == NULL || connect(b->fd, (struct sockaddr *)&to, sizeof to) != 0)
            die("connect");
        (void)setsockopt(b->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = b};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, b->fd, &e) != 0)
            die("epoll");
    }
}

int main(int argc, char **argv)
{
    static char *list; /* the variants stay in it */
    const char  *given = getenv("VARIANTS");
    if (argc != 6 || given == NULL || getenv("METHOD") == NULL) {
        fprintf(stderr, "bench_buyers HOST PORT BUYERS SECONDS buy|add\n");
        return 2;
    }
    int     n = (int)number(argv[3]), epoll = epoll_create1(0);
    int64_t begun, until;
    list = strdup(given);
    if (list == NULL)
        return 2;
    only_add = strcmp(argv[5], "add") == 0;
    read_variants(list);
    if (n < 1 || n > BUYERS_MAX || nvariants == 0)
        return 2;
    connect_all(argv[1], (int)number(argv[2]), n, epoll);
    begun = now_us();
    until = begun + (int64_t)number(argv[4]) * 1000000;
    for (int i = 0; i < n; i++)
        send_step(&buyers[i]);
    while (now_us() < until) {
        struct epoll_event events[64];
        int                got = epoll_wait(epoll, events, 64, 100);
        for (int i = 0; i < got; i++)
            readable(events[i].data.ptr, true);
    }
    report(now_us() - begun);
    return 0;
}
