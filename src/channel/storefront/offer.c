#include "channel/storefront/offer.h"

#include "channel/storefront/object.h"
#include "text/text.h"

#include <string.h>

/* GTIN-8, -12, -13 or -14, as GS1 checks them. */
static bool is_gtin(Str s)
{
    int64_t sum = 0;
    if (s.len != 8 && s.len != 12 && s.len != 13 && s.len != 14)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        sum += (s.ptr[i] - '0') * ((s.len - 1 - i) % 2 == 0 ? 1 : 3);
    }
    return sum > 0 && sum % 10 == 0;
}

static void find_image(Offer *o)
{
    CatalogMediaList media = o->p->product.media;
    size_t           best = SIZE_MAX;
    for (size_t i = 0; i < media.n; i++) {
        bool own = o->v->media_id.has && media.items[i].id == o->v->media_id.v;
        if (media.items[i].kind != CATALOG_IMAGE)
            continue;
        if (own || best == SIZE_MAX)
            best = i;
        if (own)
            break;
    }
    if (best == SIZE_MAX)
        return;
    o->image = &media.items[best];
    o->image_path = o->p->media[best].path.len > 0 ? o->p->media[best].path : o->image->url;
}

/* Bytes that an address is written without: controls, what is beyond ASCII, and these. */
static bool is_fine(unsigned char c)
{
    static const uint8_t BAD[256] = {
        ['"'] = 1, ['<'] = 1, ['>'] = 1, ['\\'] = 1, ['^'] = 1, ['`'] = 1,
        ['{'] = 1, ['|'] = 1, ['}'] = 1, ['\''] = 1, [0x7f] = 1};
    return c > ' ' && c < 0x80 && !BAD[c];
}

Str offer_address(Arena *a, Str origin, Str path)
{
    CLEANUP(buf_done) Buf b = {0};
    size_t                i = 0, n = path.len == 0 || path.ptr[0] == '/' ? origin.len : 0;
    while (i < path.len && is_fine((unsigned char)path.ptr[i]))
        i++;
    if (i == path.len) { /* as it mostly is */
        char *z = arena_alloc(a, n + path.len + 1, 1);
        if (n > 0)
            memcpy(z, origin.ptr, n);
        if (path.len > 0)
            memcpy(z + n, path.ptr, path.len);
        return (Str){z, n + path.len};
    }
    buf_init(&b, 16384);
    offer_url(&b, origin, path);
    return str_dup(a, buf_str(&b));
}

Offer offer_of(const CatalogPricing *pricing, const PublishedProduct *p, const CatalogVariant *v,
               UnixMs now)
{
    Offer        o = {.p = p, .v = v};
    CatalogQuote q;
    if (pricing != NULL && catalog_quote(pricing, v->prices, 1, &q)) {
        o.priced = true;
        o.price = q.price;
        o.ends_at = q.ends_at;
        if (!money_absent(q.compare_at) && q.compare_at.minor > q.price.minor)
            o.compare_at = q.compare_at;
    }
    if (o.priced) {
        o.availability = (int)catalog_variant_availability(v);
        o.comes_at = catalog_variant_comes_at(v, now);
    }
    if (is_gtin(v->barcode))
        o.gtin = v->barcode;
    find_image(&o);
    return o;
}

const char *offer_option(Str name)
{
    static const struct {
        const char *word, *is;
    } WORDS[] = {
        {"color", "color"},       {"colour", "color"},       {"farbe", "color"},
        {"kleur", "color"},       {"couleur", "color"},      {"колір", "color"},
        {"цвет", "color"},        {"renk", "color"},         {"颜色", "color"},
        {"size", "size"},         {"größe", "size"},         {"maat", "size"},
        {"розмір", "size"},       {"размер", "size"},        {"beden", "size"},
        {"尺码", "size"},         {"尺寸", "size"},          {"taille", "size"},
        {"material", "material"}, {"materiaal", "material"}, {"матеріал", "material"},
        {"материал", "material"}, {"malzeme", "material"},   {"材质", "material"},
        {"pattern", "pattern"},   {"patroon", "pattern"},    {"візерунок", "pattern"},
        {"узор", "pattern"},      {"desen", "pattern"},      {"图案", "pattern"},
    };
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 512);
    Str folded = text_fold(&a, name);
    for (size_t i = 0; i < COUNT_OF(WORDS); i++)
        if (str_eq(folded, str_from_cstr(WORDS[i].word)))
            return WORDS[i].is;
    return NULL;
}

void offer_url(Buf *b, Str origin, Str path)
{
    static const char HEX[] = "0123456789ABCDEF";
    if (path.len == 0 || path.ptr[0] == '/')
        buf_add(b, origin);
    for (size_t i = 0; i < path.len;) {
        size_t from = i;
        while (i < path.len && is_fine((unsigned char)path.ptr[i]))
            i++;
        if (i > from)
            buf_add(b, (Str){path.ptr + from, i - from});
        if (i == path.len)
            return;
        unsigned char c = (unsigned char)path.ptr[i++];
        buf_addc(b, '%');
        buf_addc(b, HEX[c >> 4]);
        buf_addc(b, HEX[c & 15]);
    }
}
