#include "wire/mail.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <dkim.h>
#include <gmime/gmime.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t      once = PTHREAD_ONCE_INIT;
static GMimeFormatOptions *format;

static void init_once(void)
{
    g_mime_init();
    format = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
}

/* --- what may stand in a message ------------------------------------------------------------- */

static bool is_line(Str s, size_t max)
{
    if (s.len > max || !utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
            return false;
    return true;
}

/* An address without anything that could end it early. */
static bool is_address(Str s)
{
    if (!is_line(s, MAIL_ADDRESS_MAX) || s.len < 3 || s.ptr[0] == '@' || s.ptr[s.len - 1] == '@')
        return false;
    size_t ats = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (memchr(" <>()[],;:\\\"", s.ptr[i], 12) != NULL)
            return false;
        ats += s.ptr[i] == '@';
    }
    return ats == 1;
}

static bool is_text(Str s)
{
    return s.len <= MAIL_BODY_MAX && utf8_valid(s) &&
           (s.len == 0 || memchr(s.ptr, 0, s.len) == NULL);
}

static Status check(const MailMessage *m, Err *err)
{
    bool reply = m->reply_to.address.len == 0 ||
                 (is_address(m->reply_to.address) && is_line(m->reply_to.name, MAIL_LINE_MAX));
    if (m->text.len > MAIL_BODY_MAX || m->html.len > MAIL_BODY_MAX)
        return err_set(err, ST_LIMIT, "wire.mail_too_big", "a mail's text has up to %d bytes",
                       MAIL_BODY_MAX);
    if (!is_address(m->from.address) || !is_address(m->to.address) || !reply)
        return err_set(err, ST_INVALID, "wire.bad_mail", "an address cannot be used in a mail");
    if (!is_line(m->from.name, MAIL_LINE_MAX) || !is_line(m->to.name, MAIL_LINE_MAX) ||
        !is_line(m->subject, MAIL_LINE_MAX) || !is_text(m->text) || !is_text(m->html) ||
        !is_address(m->message_id))
        return err_set(err, ST_INVALID, "wire.bad_mail", "a text cannot be used in a mail");
    for (size_t i = 0; i < m->nheaders; i++)
        if (!is_line(m->headers[i].value, MAIL_LINE_MAX))
            return err_set(err, ST_INVALID, "wire.bad_mail", "a header cannot be used in a mail");
    return ST_OK;
}

/* --- putting it together --------------------------------------------------------------------- */

static GMimePart *text_part(Arena *a, const char *subtype, Str text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, str_cstr(a, text));
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return GMIME_PART(part);
}

static void set_body(Arena *a, GMimeMessage *message, const MailMessage *m)
{
    GMimePart *text = text_part(a, "plain", m->text);
    if (m->html.len == 0) {
        g_mime_message_set_mime_part(message, GMIME_OBJECT(text));
        g_object_unref(text);
        return;
    }
    GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
    GMimePart      *html = text_part(a, "html", m->html);
    g_mime_multipart_add(both, GMIME_OBJECT(text));
    g_mime_multipart_add(both, GMIME_OBJECT(html)); /* what is shown, if it can be */
    g_mime_message_set_mime_part(message, GMIME_OBJECT(both));
    g_object_unref(text);
    g_object_unref(html);
    g_object_unref(both);
}

static void add_address(Arena *a, GMimeMessage *message, GMimeAddressType type,
                        const MailAddress *who)
{
    const char *name = who->name.len > 0 ? str_cstr(a, who->name) : NULL;
    g_mime_message_add_mailbox(message, type, name, str_cstr(a, who->address));
}

static Str write_message(Arena *a, const MailMessage *m)
{
    GMimeMessage *message = g_mime_message_new(TRUE);
    GDateTime    *date = g_date_time_new_from_unix_utc(m->date.v / 1000);
    add_address(a, message, GMIME_ADDRESS_TYPE_FROM, &m->from);
    if (m->reply_to.address.len > 0)
        add_address(a, message, GMIME_ADDRESS_TYPE_REPLY_TO, &m->reply_to);
    add_address(a, message, GMIME_ADDRESS_TYPE_TO, &m->to);
    g_mime_message_set_subject(message, str_cstr(a, m->subject), "utf-8");
    g_mime_message_set_date(message, date);
    g_mime_message_set_message_id(message, str_cstr(a, m->message_id));
    for (size_t i = 0; i < m->nheaders; i++)
        g_mime_object_set_header(GMIME_OBJECT(message), m->headers[i].name,
                                 str_cstr(a, m->headers[i].value), "utf-8");
    set_body(a, message, m);
    char *bytes = g_mime_object_to_string(GMIME_OBJECT(message), format);
    Str   copy = str_dup(a, str_from_cstr(bytes));
    g_free(bytes);
    g_date_time_unref(date);
    g_object_unref(message);
    return copy;
}

/* --- signing --------------------------------------------------------------------------------- */

/* The bytes that libopendkim wants without const. */
static unsigned char *bytes_of(Arena *a, Str s)
{
    unsigned char *out = arena_array(a, unsigned char, s.len + 1);
    if (s.len > 0)
        memcpy(out, s.ptr, s.len);
    return out;
}

static DKIM_STAT feed(Arena *a, DKIM *dkim, Str message)
{
    size_t    end = str_find(message, STR("\r\n\r\n"));
    Str       rest = str_head(message, end + 2), body = str_skip(message, end + 4);
    DKIM_STAT st = DKIM_STAT_OK;
    while (rest.len > 0 && st == DKIM_STAT_OK) {
        size_t line = str_find(rest, STR("\r\n"));
        while (line + 2 < rest.len && (rest.ptr[line + 2] == ' ' || rest.ptr[line + 2] == '\t'))
            line += 2 + str_find(str_skip(rest, line + 2), STR("\r\n")); /* folded: goes on */
        st = dkim_header(dkim, bytes_of(a, str_head(rest, line)), line);
        rest = str_skip(rest, line + 2);
    }
    if (st == DKIM_STAT_OK)
        st = dkim_eoh(dkim);
    if (st == DKIM_STAT_OK && body.len > 0)
        st = dkim_body(dkim, bytes_of(a, body), body.len);
    return st == DKIM_STAT_OK ? dkim_eom(dkim, NULL) : st;
}

/* The signature's header, with CRLF where it is folded. */
static Str signature_of(Arena *a, DKIM *dkim)
{
    unsigned char        *header;
    size_t                len;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 65536);
    if (dkim_getsighdr_d(dkim, sizeof DKIM_SIGNHEADER + 1, &header, &len) != DKIM_STAT_OK)
        return (Str){0};
    buf_add(&b, STR(DKIM_SIGNHEADER ": "));
    for (size_t i = 0; i < len; i++) {
        if (header[i] == '\n' && (i == 0 || header[i - 1] != '\r'))
            buf_addc(&b, '\r');
        buf_addc(&b, (char)header[i]);
    }
    buf_add(&b, STR("\r\n"));
    return str_dup(a, buf_str(&b));
}

/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's type */
static int no_password(char *buf, int size, int writing, void *user)
{
    (void)buf, (void)size, (void)writing, (void)user;
    return 0;
}

/* Asked before libopendkim is, which loses memory over what is none. */
static bool is_rsa_key(Str pem)
{
    BIO      *in = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, no_password, NULL) : NULL;
    bool      yes = key != NULL && EVP_PKEY_base_id(key) == EVP_PKEY_RSA;
    EVP_PKEY_free(key);
    BIO_free(in);
    ERR_clear_error();
    return yes;
}

static Status sign(Arena *a, const MailDkim *d, Str message, Str *ret, Err *err)
{
    DKIM_STAT st;
    Str       signature = {0};
    DKIM_LIB *lib = dkim_init(NULL, NULL);
    if (lib == NULL)
        base_out_of_memory(0);
    DKIM *dkim = is_rsa_key(d->key) ? dkim_sign(lib, (const unsigned char *)"rapport", NULL,
                                                bytes_of(a, d->key), bytes_of(a, d->selector),
                                                bytes_of(a, d->domain), DKIM_CANON_RELAXED,
                                                DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &st)
                                    : NULL;
    if (dkim != NULL) {
        st = feed(a, dkim, message);
        if (st == DKIM_STAT_OK)
            signature = signature_of(a, dkim);
        dkim_free(dkim);
    }
    dkim_close(lib);
    if (signature.len == 0)
        return err_set(err, ST_INVALID, "wire.bad_dkim_key",
                       "the mail cannot be signed: is the key an RSA key in PEM?");
    *ret = signature;
    return ST_OK;
}

Status mail_build(Arena *a, const MailMessage *m, const MailDkim *dkim, Str *ret, Err *err)
{
    Str signature = {0};
    TRY(check(m, err));
    pthread_once(&once, init_once);
    Str message = write_message(a, m);
    if (dkim != NULL)
        TRY(sign(a, dkim, message, &signature, err));
    if (signature.len + message.len > MAIL_MESSAGE_MAX)
        return err_set(err, ST_LIMIT, "wire.mail_too_big", "a mail has up to %d bytes",
                       MAIL_MESSAGE_MAX);
    char *out = arena_array(a, char, signature.len + message.len + 1);
    if (signature.len > 0)
        memcpy(out, signature.ptr, signature.len);
    memcpy(out + signature.len, message.ptr, message.len);
    *ret = (Str){out, signature.len + message.len};
    return ST_OK;
}
