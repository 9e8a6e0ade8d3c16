#include "base/buf.h"
#include "base/fault.h"
#include "wire/mail.h"

#include <curl/curl.h>
#include <string.h>

enum { CONNECT_MS = 10000, TIMEOUT_MS = 60000 };

typedef struct Upload {
    Str rest;
} Upload;

static size_t give(char *to, size_t size, size_t n, void *arg)
{
    Upload *up = arg;
    Str     part = str_head(up->rest, size * n);
    if (part.len > 0)
        memcpy(to, part.ptr, part.len);
    up->rest = str_skip(up->rest, part.len);
    return part.len;
}

/* Fit for an SMTP command: nothing that could end it. */
static bool is_plain(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == '<' || s.ptr[i] == '>')
            return false;
    return s.len > 0 && s.len <= MAIL_ADDRESS_MAX;
}

static bool is_host(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']'))
            return false;
    }
    return s.len > 0 && s.len <= 255;
}

static void set_server(CURL *curl, Arena *a, const MailServer *server)
{
    CLEANUP(buf_done) Buf url;
    buf_init(&url, 1024);
    buf_addf(&url, "%s://" STR_FMT ":%u", server->security == MAIL_TLS ? "smtps" : "smtp",
             STR_ARG(server->host), server->port);
    curl_easy_setopt(curl, CURLOPT_URL, buf_str(&url).ptr);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(server->security == MAIL_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     (long)(server->timeout.v > 0 ? server->timeout.v : TIMEOUT_MS));
    if (server->ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, server->ca_file);
    if (server->user.len > 0) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, str_cstr(a, server->user));
        curl_easy_setopt(curl, CURLOPT_PASSWORD, str_cstr(a, server->password));
    }
}

/* What a failure means for the next attempt. */
static Status failed(CURL *curl, CURLcode rc, const char *why, Err *err)
{
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    const char *said = why[0] != 0 ? why : curl_easy_strerror(rc);
    if (rc == CURLE_LOGIN_DENIED || rc == CURLE_PEER_FAILED_VERIFICATION ||
        rc == CURLE_USE_SSL_FAILED || rc == CURLE_SSL_CACERT_BADFILE)
        return err_set(err, ST_DENIED, "wire.mail_login", "the mail server: %s", said);
    if (code >= 500 && code < 600)
        return err_set(err, ST_INVALID, "wire.mail_refused", "the mail server: %ld, %s", code,
                       said);
    return err_set(err, ST_BUSY, "wire.mail_later", "the mail server: %ld, %s", code, said);
}

Status mail_send(const MailServer *server, Str from, Str to, Str message, Err *err)
{
    char                      why[CURL_ERROR_SIZE] = "";
    Upload                    up = {.rest = message};
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 2048);
    if (!is_plain(from) || !is_plain(to) || !is_host(server->host))
        return err_set(err, ST_INVALID, "wire.bad_mail", "an address or host cannot be used");
    if (fault_hit())
        return err_set(err, ST_BUSY, "wire.mail_later", "fault injected");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        base_out_of_memory(0);
    struct curl_slist *rcpt = curl_slist_append(NULL, str_cstr(&a, to));
    set_server(curl, &a, server);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, str_cstr(&a, from));
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, rcpt);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &up);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.len);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    CURLcode rc = curl_easy_perform(curl);
    Status   st = rc == CURLE_OK ? ST_OK : failed(curl, rc, why, err);
    curl_slist_free_all(rcpt);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return st;
}
