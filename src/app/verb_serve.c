#include "app/app.h"
#include "app/assets.h"
#include "app/verbs.h"
#include "app/version.h"
#include "base/log.h"
#include "channel/storefront/storefront.h"
#include "channel/track/track.h"
#include "core/seal.h"
#include "http/http_server.h"
#include "order/payment.h"
#include "people/mail.h"
#include "people/people.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

const CliOption SERVE_OPTIONS[] = {
    {"host", "ADDRESS", "127.0.0.1", NULL, "address to listen on; 0.0.0.0 or :: for all"},
    {"port", "NUMBER", "8080", NULL, "port to listen on; 0 takes a free one"},
    {"tls-cert", "FILE", NULL, NULL, "certificate chain (PEM), to speak TLS"},
    {"tls-key", "FILE", NULL, NULL, "its key (PEM)"},
    {"trust-proxy", "NETWORKS", NULL, NULL, "proxies that say who asks: \"10.0.0.0/8, ::1\""},
    {"assets", "DIR", NULL, NULL, "serve built-in files from here, to work on them"},
    {"theme", "DIR", NULL, NULL, "theme of the storefront, shown anew when a file of it changes"},
    {"mail-dir", "DIR", NULL, NULL, "write mails into files here instead of sending them"},
    {"page-cache", "MB", "64", NULL, "memory for pages of the storefront; 0 keeps none"},
    {"secret", "FILE", NULL, NULL, "32 random bytes that processes share; else DIR/secret"},
    {"test-payments", NULL, NULL, NULL, "offer the test provider, which takes no real money"},
    {0},
};

/* Only sigwait() is to see these; so they are blocked before any thread starts. */
static void block_stop_signals(sigset_t *stop)
{
    sigemptyset(stop);
    sigaddset(stop, SIGTERM);
    sigaddset(stop, SIGINT);
    sigaddset(stop, SIGHUP);
    pthread_sigmask(SIG_BLOCK, stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* a client went away: write() says so */
}

static Status check_options(const Cli *cli, Err *err)
{
    if ((cli_cstr(cli, "tls-cert") == NULL) != (cli_cstr(cli, "tls-key") == NULL))
        return err_set(err, ST_INVALID, "app.bad_option", "--tls-cert and --tls-key go together");
    return ST_OK;
}

/* Before anything runs that may want a sealed setting. */
static Status read_secret(const Cli *cli, App *app, Err *err)
{
    unsigned char secret[DATA_SECRET_BYTES];
    TRY(data_dir_secret(&app->data, &app->arena, cli_cstr(cli, "secret"), secret, err));
    http_secret_set(secret);
    seal_key_set(secret);
    return ST_OK;
}

static Status listen_on(Cli *cli, App *app, HttpServer **ret, Err *err)
{
    int64_t port, pages;
    TRY(cli_i64(cli, "port", 0, 65535, &port, err));
    TRY(cli_i64(cli, "page-cache", 0, 65536, &pages, err));
    assets_folder_set(cli_cstr(cli, "assets"));
    people_mail_dir(cli_cstr(cli, "mail-dir"));
    payment_test_on(cli_flag(cli, "test-payments"));
    StorefrontOptions storefront = {.db = app->db,
                                    .core = app->core,
                                    .theme = cli_cstr(cli, "theme"),
                                    .watch = cli_cstr(cli, "theme") != NULL,
                                    .cache_bytes = pages == 0 ? -1 : pages << 20,
                                    .head = track_head};
    TRY(storefront_start(&storefront, err));
    HttpServerOptions options = {.address = cli_cstr(cli, "host"),
                                 .port = (uint16_t)port,
                                 .tmp_dir = data_dir_file(&app->data, &app->arena, "tmp"),
                                 .tls_cert = cli_cstr(cli, "tls-cert"),
                                 .tls_key = cli_cstr(cli, "tls-key"),
                                 .trust_proxy = cli_cstr(cli, "trust-proxy"),
                                 .db = app->db,
                                 .core = app->core};
    Status            st = http_server_start(&options, app_http(), ret, err);
    if (st != ST_OK && app_stop(app))
        storefront_stop();
    return st;
}

/* "http://127.0.0.1:8080" */
static const char *base_url(const Cli *cli, const HttpServer *server, Arena *a)
{
    const char           *host = cli_cstr(cli, "host");
    bool                  v6 = strchr(host, ':') != NULL;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_addf(&b, "%s://%s%s%s:%u", cli_cstr(cli, "tls-cert") != NULL ? "https" : "http",
             v6 ? "[" : "", host, v6 ? "]" : "", http_server_port(server));
    return str_cstr(a, buf_str(&b));
}

/* Where it is; and, while nobody owns the shop, the link to become the owner. */
static Status announce(Cli *cli, App *app, const HttpServer *server, Err *err)
{
    CLEANUP(app_cx_end) AppCx c = {0};
    PeopleLink                link;
    TRY(app_cx_begin(app, &c, err));
    TRY(app_failed(&c, people_owner_link(&c.cx, &link), err));
    const char *url = base_url(cli, server, &c.arena);
    if (cli_cstr(cli, "mail-dir") != NULL)
        app_mail_here(url);
    fprintf(cli->out, "Rapport %s is ready at %s/\n", APP_VERSION, url);
    if (link.path.len > 0)
        fprintf(cli->out,
                "Nobody owns this shop yet. Whoever opens this link first does:\n%s" STR_FMT "\n",
                url, STR_ARG(link.path));
    (void)fflush(cli->out);
    log_event(LOG_INFO, "app.ready", log_s("version", STR(APP_VERSION)),
              log_i("port", http_server_port(server)));
    return ST_OK;
}

Status verb_serve(Cli *cli, Err *err)
{
    sigset_t stop;
    int      number = 0;
    block_stop_signals(&stop);
    TRY(check_options(cli, err));
    CLEANUP(app_close) App app = {0};
    HttpServer            *server;
    TRY(app_open(cli, DATA_ALONE, &app, err));
    TRY(app_pictures(&app, err));
    TRY(read_secret(cli, &app, err));
    TRY(app_start(&app, false, err));
    TRY(listen_on(cli, &app, &server, err));
    Status st = announce(cli, &app, server, err);
    while (st == ST_OK && sigwait(&stop, &number) == EINTR)
        ;
    log_event(LOG_INFO, "app.stopping", log_i("signal", number));
    http_server_stop(server);
    if (app_stop(&app)) /* reactions drop pages of the storefront */
        storefront_stop();
    return st;
}
