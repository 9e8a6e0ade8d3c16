/* assets/: names that carry the hash of their bytes, so that browsers keep them for ever. */
#include "channel/storefront/theme_int.h"

#include "base/codec.h"
#include "http/http_encode.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_DIGITS = 16, REFERENCE_DEPTH = 8, ASSETS_EXTRA = 2, ZSTD_LEVEL = 19, GZIP_LEVEL = 9 };

static const struct {
    const char *extension, *type;
    bool        packed; /* compressing pays */
} TYPES[] = {
    {".avif", "image/avif", false},      {".css", "text/css; charset=utf-8", true},
    {".gif", "image/gif", false},        {".glb", "model/gltf-binary", true},
    {".ico", "image/x-icon", true},      {".jpg", "image/jpeg", false},
    {".jpeg", "image/jpeg", false},      {".js", "text/javascript; charset=utf-8", true},
    {".json", "application/json", true}, {".mjs", "text/javascript; charset=utf-8", true},
    {".mp4", "video/mp4", false},        {".png", "image/png", false},
    {".svg", "image/svg+xml", true},     {".txt", "text/plain; charset=utf-8", true},
    {".wasm", "application/wasm", true}, {".webm", "video/webm", false},
    {".webp", "image/webp", false},      {".woff", "font/woff", false},
    {".woff2", "font/woff2", false},
};

static size_t type_index(Str name)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (str_ends(name, str_from_cstr(TYPES[i].extension)))
            return i;
    return SIZE_MAX;
}

const ThemeAsset *theme_asset(const Theme *t, Str name)
{
    for (size_t low = 0, high = t->nassets; low < high;) {
        size_t mid = low + (high - low) / 2;
        int    order = str_cmp(t->assets[mid].name, name);
        if (order == 0)
            return &t->assets[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* --- addresses ------------------------------------------------------------------------------- */

static void hash_asset(Theme *t, ThemeAsset *a)
{
    unsigned char         sum[HASH_DIGITS / 2];
    CLEANUP(buf_done) Buf hex = {0};
    CLEANUP(buf_done) Buf b = {0};
    size_t                dot = a->name.len;
    while (dot > 0 && a->name.ptr[dot - 1] != '.')
        dot--;
    unsigned char whole[32];
    crypto_generichash(whole, sizeof whole, (const unsigned char *)a->bytes.ptr, a->bytes.len, NULL,
                       0);
    memcpy(sum, whole, sizeof sum);
    buf_init(&hex, 64);
    codec_add_hex(&hex, (Str){(const char *)sum, sizeof sum});
    buf_init(&b, 512);
    buf_addf(&b, THEME_PATH STR_FMT STR_FMT ".", (int)dot, a->name.ptr, STR_ARG(buf_str(&hex)));
    buf_add(&b, str_skip(a->name, dot));
    a->url = str_dup(&t->arena, buf_str(&b));
    buf_clear(&b);
    buf_addf(&b, "\"" STR_FMT "\"", STR_ARG(buf_str(&hex)));
    a->etag = str_dup(&t->arena, buf_str(&b));
}

static void settle(Theme *t, ThemeAsset *a, int depth);

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* In style sheets url(font.woff2), in scripts "./dialog.js": the name of another asset that
 * begins at `s`, behind what introduces it. */
static ThemeAsset *referred(Theme *t, const ThemeAsset *from, Str s, bool script)
{
    size_t n = 0;
    while (n < s.len && is_name_char(s.ptr[n]))
        n++;
    char end = n < s.len ? s.ptr[n] : '\0';
    bool ends = script ? end == '"' || end == '\'' : end == ')' || end == '"' || end == '\'';
    if (n == 0 || !ends)
        return NULL;
    const ThemeAsset *found = theme_asset(t, str_head(s, n));
    return found != NULL && found != from ? &t->assets[found - t->assets] : NULL;
}

/* How long is what introduces a reference at `s`; 0: none is there. */
static size_t introduction(Str s, bool script)
{
    static const Str MARKS[] = {STR_INIT("\"./"),    STR_INIT("'./"),    STR_INIT("url(\"./"),
                                STR_INIT("url('./"), STR_INIT("url(\""), STR_INIT("url('"),
                                STR_INIT("url(./"),  STR_INIT("url(")};
    for (size_t i = script ? 0 : 2; i < (script ? 2 : COUNT_OF(MARKS)); i++)
        if (str_starts(s, MARKS[i]))
            return MARKS[i].len;
    return 0;
}

static void rewrite(Theme *t, ThemeAsset *a, int depth)
{
    bool                  script = str_ends(a->name, STR("js"));
    CLEANUP(buf_done) Buf b = {0};
    size_t                from = 0;
    buf_init(&b, 2 * THEME_FILE_MAX);
    for (size_t i = 0; i < a->bytes.len; i++) {
        char c = a->bytes.ptr[i];
        if (script ? c != '"' && c != '\'' : c != 'u')
            continue;
        Str         rest = str_skip(a->bytes, i);
        size_t      skip = introduction(rest, script);
        ThemeAsset *to = skip > 0 ? referred(t, a, str_skip(rest, skip), script) : NULL;
        if (to == NULL)
            continue;
        settle(t, to, depth + 1);
        if (to->url.len == 0)
            continue; /* in a ring: by its plain name */
        size_t dot = str_ends(str_head(rest, skip), STR("./")) ? 2 : 0;
        buf_add(&b, (Str){a->bytes.ptr + from, i + skip - dot - from});
        buf_add(&b, to->url);
        from = i + skip + to->name.len;
        i = from - 1;
    }
    if (from == 0)
        return;
    buf_add(&b, str_skip(a->bytes, from));
    if (!buf_overflowed(&b))
        a->bytes = str_dup(&t->arena, buf_str(&b));
}

/* Give it its address: of the bytes with the addresses of others in them. */
static void settle(Theme *t, ThemeAsset *a, int depth)
{
    if (a->url.len > 0 || depth > REFERENCE_DEPTH || a->etag.len > 0)
        return;
    a->etag = STR("\"?\""); /* being settled */
    if (str_ends(a->name, STR(".css")) || str_ends(a->name, STR(".js")) ||
        str_ends(a->name, STR(".mjs")))
        rewrite(t, a, depth);
    hash_asset(t, a);
}

void theme_read_assets(Theme *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->nfiles; i++)
        n += str_starts(t->files[i].path, STR("assets/"));
    t->assets = arena_array(&t->arena, ThemeAsset, n + ASSETS_EXTRA);
    for (size_t i = 0; i < t->nfiles; i++) {
        const ThemeFile *f = &t->files[i];
        if (!str_starts(f->path, STR("assets/")))
            continue;
        Str    name = str_skip(f->path, sizeof "assets/" - 1);
        size_t type = type_index(name);
        if (type == SIZE_MAX) {
            theme_problem(t, f->path, "no type is known for this extension");
            continue;
        }
        t->assets[t->nassets++] =
            (ThemeAsset){.name = name, .bytes = f->bytes, .type = TYPES[type].type};
    }
    for (size_t i = 0; i < t->nassets; i++)
        settle(t, &t->assets[i], 0);
}

Str theme_add_asset(Theme *t, Str name, Str bytes)
{
    if (theme_asset(t, name) != NULL) {
        theme_problem(t, name, "the name of this asset is taken by the theme's own");
        return STR("");
    }
    size_t at = t->nassets;
    while (at > 0 && str_cmp(t->assets[at - 1].name, name) > 0) {
        t->assets[at] = t->assets[at - 1];
        at--;
    }
    t->assets[at] =
        (ThemeAsset){.name = name, .bytes = bytes, .type = TYPES[type_index(name)].type};
    t->nassets++;
    settle(t, &t->assets[at], 0);
    return t->assets[at].url;
}

/* "base.0123456789abcdef.css" -> "base.css" */
static Str without_hash(Str served, char room[static 300])
{
    size_t dot = served.len;
    while (dot > 0 && served.ptr[dot - 1] != '.')
        dot--;
    if (dot < HASH_DIGITS + 2 || served.ptr[dot - 2 - HASH_DIGITS] != '.' || served.len >= 300)
        return served;
    int n = snprintf(room, 300, STR_FMT STR_FMT, (int)(dot - 1 - HASH_DIGITS), served.ptr,
                     STR_ARG(str_skip(served, dot)));
    return (Str){room, (size_t)n};
}

const ThemeAsset *theme_asset_served(const Theme *t, Str served, bool *ret_current)
{
    char              room[300];
    const ThemeAsset *a = theme_asset(t, served);
    if (a == NULL)
        a = theme_asset(t, without_hash(served, room));
    *ret_current = a != NULL && str_eq(str_skip(a->url, sizeof THEME_PATH - 1), served);
    return a;
}

/* --- packing -----------------------------------------------------------------------------------
 */

Str theme_asset_packed(const Theme *t, const ThemeAsset *asset, AssetCoding coding)
{
    size_t type = type_index(asset->name);
    if (coding == ASSET_PLAIN || type == SIZE_MAX || !TYPES[type].packed || asset->bytes.len < 256)
        return (Str){0};
    Theme      *own = (Theme *)(uintptr_t)t; /* behind the lock */
    ThemeAsset *a = &own->assets[asset - t->assets];
    pthread_mutex_lock(&own->pack_lock);
    Str *packed = coding == ASSET_ZSTD ? &a->zstd : &a->gzip;
    if (packed->ptr == NULL)
        *packed = coding == ASSET_ZSTD ? http_pack_zstd(a->bytes, ZSTD_LEVEL)
                                       : http_pack_gzip(a->bytes, GZIP_LEVEL);
    Str ret = *packed;
    pthread_mutex_unlock(&own->pack_lock);
    return ret;
}

/* --- scripts in templates ------------------------------------------------------------------------
 */

Str theme_csp_hash(Arena *a, Str bytes)
{
    unsigned char         sum[crypto_hash_sha256_BYTES];
    CLEANUP(buf_done) Buf b = {0};
    crypto_hash_sha256(sum, (const unsigned char *)bytes.ptr, bytes.len);
    buf_init(&b, 128);
    buf_add(&b, STR("'sha256-"));
    codec_add_base64(&b, CODEC_BASE64, (Str){(const char *)sum, sizeof sum});
    buf_addc(&b, '\'');
    return str_dup(a, buf_str(&b));
}

/* The next script with text of its own in a template; false: there is none. */
static bool next_script(Str s, size_t *at, Str *ret)
{
    for (;;) {
        size_t open = str_find(str_skip(s, *at), STR("<script"));
        if (open == SIZE_MAX)
            return false;
        size_t begin = *at + open, end = str_find(str_skip(s, begin), STR(">"));
        if (end == SIZE_MAX)
            return false;
        Str    tag = {s.ptr + begin, end};
        size_t close = str_find(str_skip(s, begin + end), STR("</script"));
        if (close == SIZE_MAX)
            return false;
        *ret = (Str){s.ptr + begin + end + 1, close - 1};
        *at = begin + end + close;
        if (ret->len > 0 && str_find(tag, STR("src=")) == SIZE_MAX)
            return true;
    }
}

/* A script without Liquid in it is the theme's word for word, so it may run: its hash goes
 * into the policy. One that is put together while rendering may not. */
void theme_hash_scripts(Theme *t)
{
    enum { HASHES_MAX = 64 };
    Str *hashes = arena_array(&t->arena, Str, HASHES_MAX);
    hashes[t->nscript_hashes++] = theme_csp_hash(&t->arena, STR(THEME_SPECULATION));
    for (size_t i = 0; i < t->nfiles; i++) {
        Str    s = t->files[i].bytes, script;
        size_t at = 0;
        if (!str_ends(t->files[i].path, STR(".liquid")))
            continue;
        while (next_script(s, &at, &script)) {
            if (str_find(script, STR("{{")) != SIZE_MAX || str_find(script, STR("{%")) != SIZE_MAX)
                continue;
            if (t->nscript_hashes < HASHES_MAX)
                hashes[t->nscript_hashes++] = theme_csp_hash(&t->arena, script);
        }
    }
    t->script_hashes = hashes;
}
