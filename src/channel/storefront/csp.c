/* Content-Security-Policy: scripts are files of ours or stand word for word in the theme; styles
 * are ours, or those that the page has in it, named by their hashes. No nonce, so that pages can
 * be kept and sent again. */
#include "channel/storefront/render.h"

#include "channel/storefront/theme_int.h"

#include <pthread.h>
#include <string.h>
#include <xxhash.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Hashes of texts met before: the same critical CSS stands in every page. What a collision of
 * the short hash could do is make a policy refuse a style. */
enum { KNOWN = 1024 };
static struct {
    uint64_t hash;
    char     text[64];
} known[KNOWN];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static Str hash_of(Visit *v, Str bytes)
{
    uint64_t h = XXH3_64bits(bytes.ptr, bytes.len);
    size_t   at = (size_t)(h % KNOWN);
    Str      found = {0};
    pthread_mutex_lock(&lock);
    if (known[at].hash == h && known[at].text[0] != '\0')
        found = str_dup(visit_arena(v), str_from_cstr(known[at].text));
    pthread_mutex_unlock(&lock);
    if (found.ptr != NULL)
        return found;
    found = theme_csp_hash(visit_arena(v), bytes);
    pthread_mutex_lock(&lock);
    known[at].hash = h;
    (void)snprintf(known[at].text, sizeof known[at].text, STR_FMT, STR_ARG(found));
    pthread_mutex_unlock(&lock);
    return found;
}

typedef struct Hashes {
    Str    items[VISIT_STYLE_HASHES];
    size_t n;
} Hashes;

static void add(Hashes *h, Str hash)
{
    for (size_t i = 0; i < h->n; i++)
        if (str_eq(h->items[i], hash))
            return;
    if (h->n < COUNT_OF(h->items))
        h->items[h->n++] = hash;
}

/* Text of the <style> whose name ends at `at`. */
static void take_element(Visit *v, Str html, size_t at, Hashes *elements)
{
    size_t open = str_find(str_skip(html, at), STR(">"));
    if (open == SIZE_MAX)
        return;
    size_t from = at + open + 1, end = str_find(str_skip(html, from), STR("</style"));
    if (end != SIZE_MAX && end > 0)
        add(elements, hash_of(v, (Str){html.ptr + from, end}));
}

/* style="…": a browser hashes its value with the entities undone, so one with entities is left
 * out, and refused. */
static void take_attribute(Visit *v, Str html, size_t at, Hashes *attributes)
{
    if (at + 2 > html.len || html.ptr[at] != '=' || html.ptr[at + 1] != '"')
        return;
    const char *from = html.ptr + at + 2, *end = memchr(from, '"', html.len - at - 2);
    if (end == NULL || end - from > 2000 || memchr(from, '&', (size_t)(end - from)) != NULL)
        return;
    add(attributes, hash_of(v, (Str){from, (size_t)(end - from)}));
}

static bool is_style(const char *p, const char *end)
{
    return end - p >= 5 && memcmp(p, "style", 5) == 0;
}

/* The next "style" at or behind `p`, or NULL. A page is searched whole, so many bytes at a time:
 * where there is an 'y' with an 'l' behind it, which is rarer than the beginning. */
static const char *next_style(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 19; p += 16) {
        const __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(p + 2));
        const __m128i l = _mm_loadu_si128((const __m128i *)(const void *)(p + 3));
        unsigned      hits = (unsigned)_mm_movemask_epi8(_mm_and_si128(
                 _mm_cmpeq_epi8(y, _mm_set1_epi8('y')), _mm_cmpeq_epi8(l, _mm_set1_epi8('l'))));
        for (; hits != 0; hits &= hits - 1)
            if (is_style(p + __builtin_ctz(hits), end))
                return p + __builtin_ctz(hits);
    }
#endif
    for (; p < end; p++)
        if (is_style(p, end))
            return p;
    return NULL;
}

static void collect(Visit *v, Str html, Hashes *elements, Hashes *attributes)
{
    static const Str WORD = STR_INIT("style");
    for (size_t at = 0;;) {
        const char *p = next_style(html.ptr + at, html.ptr + html.len);
        if (p == NULL)
            return;
        size_t begin = (size_t)(p - html.ptr), end = begin + WORD.len;
        if (begin > 0 && html.ptr[begin - 1] == '<')
            take_element(v, html, end, elements);
        else if (begin > 0 && (html.ptr[begin - 1] == ' ' || html.ptr[begin - 1] == '\n'))
            take_attribute(v, html, end, attributes);
        at = end;
    }
}

static void list(Buf *b, const Str *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_addc(b, ' ');
        buf_add(b, items[i]);
    }
}

const char *csp_of(Visit *v, Str html)
{
    Hashes                elements = {.n = 0}, attributes = {.n = 0};
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 16 << 10);
    if (html.len > 0)
        collect(v, html, &elements, &attributes);
    buf_add(&b, STR("default-src 'self'; script-src 'self'"));
    list(&b, v->theme->script_hashes, v->theme->nscript_hashes);
    buf_add(&b, STR("; style-src 'self'"));
    list(&b, elements.items, elements.n);
    if (attributes.n > 0) {
        buf_add(&b, STR("; style-src-attr 'unsafe-hashes'"));
        list(&b, attributes.items, attributes.n);
    }
    buf_add(&b, STR("; img-src 'self' data: https:; media-src 'self' https:; font-src 'self'; "
                    "connect-src 'self'; frame-src https://www.youtube-nocookie.com "
                    "https://www.youtube.com https://player.vimeo.com; object-src 'none'; "
                    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"));
    return str_cstr(visit_arena(v), buf_str(&b));
}
