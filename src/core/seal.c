#include "core/seal.h"

#include "base/codec.h"

#include <sodium.h>
#include <string.h>

static const Str     MARK = STR_INIT("sealed:");
static unsigned char key[crypto_secretbox_KEYBYTES];
static bool          has_key;

void seal_key_set(const unsigned char bytes[32])
{
    static const char PURPOSE[] = "rapport seal v1";
    crypto_generichash(key, sizeof key, (const unsigned char *)PURPOSE, sizeof PURPOSE - 1, bytes,
                       32);
    has_key = true;
}

Str seal_text(Arena *a, Str plain)
{
    if (!has_key || plain.len == 0)
        return plain;
    size_t         room = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.len;
    unsigned char *box = arena_array(a, unsigned char, room);
    randombytes_buf(box, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain.ptr,
                          plain.len, box, key);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 2 * room + 100);
    buf_add(&b, MARK);
    codec_add_base64(&b, CODEC_BASE64URL, (Str){(const char *)box, room});
    return str_dup(a, buf_str(&b));
}

bool seal_open(Arena *a, Str kept, Str *ret)
{
    enum { HEAD = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES };
    CLEANUP(buf_done) Buf b = {0};
    if (!str_starts(kept, MARK)) {
        *ret = kept;
        return true;
    }
    buf_init(&b, kept.len);
    if (!has_key || !codec_base64(CODEC_BASE64URL, str_skip(kept, MARK.len), &b) || b.len < HEAD)
        return false;
    size_t               n = b.len - HEAD;
    char                *plain = arena_array(a, char, n + 1);
    const unsigned char *box = (const unsigned char *)b.ptr;
    if (crypto_secretbox_open_easy((unsigned char *)plain, box + crypto_secretbox_NONCEBYTES,
                                   n + crypto_secretbox_MACBYTES, box, key) != 0)
        return false;
    *ret = (Str){plain, n};
    return true;
}
