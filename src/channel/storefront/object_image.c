/* Pictures, videos and models. */
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

#include "base/id.h"

#include <string.h>

static LiquidValue image_self(Visit *v, const void *self);

static LiquidValue image_src(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const ImageObject *)self)->path);
}

static LiquidValue image_alt(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const ImageObject *)self)->alt);
}

static LiquidValue image_width(Visit *v, const void *self)
{
    const ImageObject *i = self;
    (void)v;
    return i->width > 0 ? liquid_int(i->width) : liquid_nil();
}

static LiquidValue image_height(Visit *v, const void *self)
{
    const ImageObject *i = self;
    (void)v;
    return i->height > 0 ? liquid_int(i->height) : liquid_nil();
}

static LiquidValue image_ratio(Visit *v, const void *self)
{
    const ImageObject *i = self;
    (void)v;
    return i->width > 0 && i->height > 0 ? liquid_real((double)i->width / (double)i->height)
                                         : liquid_real(1);
}

static LiquidValue image_id(Visit *v, const void *self)
{
    const ImageObject *i = self;
    return i->id != 0 ? object_id(v, CATALOG_MEDIA_ID, i->id) : liquid_nil();
}

static LiquidValue image_position(Visit *v, const void *self)
{
    (void)v;
    return liquid_int(((const ImageObject *)self)->position);
}

static LiquidValue image_colour(Visit *v, const void *self)
{
    const ImageObject *i = self;
    (void)v;
    return i->colour.len > 0 ? liquid_text(i->colour) : liquid_nil();
}

static LiquidValue image_kind(Visit *v, const void *self)
{
    static const char *const KINDS[] = {"image", "video", "model"};
    const ImageObject       *i = self;
    int                      kind = i->media != NULL ? i->media->kind : 0;
    (void)v;
    return liquid_text(str_from_cstr(KINDS[kind >= 0 && kind < 3 ? kind : 0]));
}

static LiquidValue image_sources(Visit *v, const void *self)
{
    const ImageObject *i = self;
    LiquidPair        *pairs = arena_array(visit_arena(v), LiquidPair, 2);
    LiquidValue       *one = arena_new(visit_arena(v), LiquidValue);
    if (i->media == NULL || i->media->kind == CATALOG_IMAGE)
        return liquid_nil();
    Str path = i->published != NULL ? i->published->path : i->media->url;
    pairs[0] = (LiquidPair){STR("url"), liquid_text(path)};
    pairs[1] = (LiquidPair){STR("mime_type"), liquid_text(i->media->mime)};
    *one = liquid_map(visit_arena(v), pairs, 2);
    return object_list(v, one, 1);
}

static LiquidValue image_preview(Visit *v, const void *self)
{
    const ImageObject *i = self;
    if (i->media == NULL || i->media->kind == CATALOG_IMAGE)
        return image_self(v, self);
    if (i->poster.len == 0)
        return liquid_nil();
    return object_image(v, &(ImageObject){.path = i->poster,
                                          .alt = i->alt,
                                          .width = i->width,
                                          .height = i->height,
                                          .sized = str_starts(i->poster, STR("/media/"))});
}

static const Member IMAGE[] = {
    {"id", image_id, true},
    {"src", image_src, true},
    {"alt", image_alt, true},
    {"width", image_width, true},
    {"height", image_height, true},
    {"aspect_ratio", image_ratio, true},
    {"position", image_position, true},
    {"media_type", image_kind, true},
    {"color", image_colour, false},
    {"preview_image", image_preview, false},
    {"sources", image_sources, false},
};
OBJECT(image, "ImageDrop", IMAGE)

static LiquidValue image_text(LiquidCx *cx, const void *self)
{
    (void)cx;
    return liquid_text(((const ImageObject *)self)->path);
}

static const LiquidDropType shown_image_type = {.name = "ImageDrop",
                                                .get = image_get,
                                                .count = image_count,
                                                .key_at = image_key,
                                                .text = image_text};

static LiquidValue image_self(Visit *v, const void *self)
{
    (void)image_type;
    return liquid_drop(visit_arena(v), &shown_image_type, self);
}

LiquidValue object_image(Visit *v, const ImageObject *image)
{
    ImageObject *own = arena_new(visit_arena(v), ImageObject);
    *own = *image;
    return image_self(v, own);
}

static bool is_local(Str path)
{
    return str_starts(path, STR("/media/"));
}

static ImageObject of_media(const Visit *v, CatalogMediaList media, const PublishedMedia *published,
                            size_t i, PublishedTexts texts)
{
    const CatalogMedia   *m = &media.items[i];
    const PublishedMedia *p = published != NULL ? &published[i] : NULL;
    ImageObject           image = {.path = p != NULL ? p->path : m->url,
                                   .alt = visit_text(v, texts, m->id, STR("alt"), m->alt),
                                   .colour = m->colour,
                                   .id = m->id,
                                   .width = m->width.has ? m->width.v : 0,
                                   .height = m->height.has ? m->height.v : 0,
                                   .position = (int64_t)i + 1,
                                   .media = m,
                                   .published = p,
                                   .poster = m->poster};
    image.sized = m->kind == CATALOG_IMAGE && is_local(image.path);
    return image;
}

LiquidValue object_media(Visit *v, CatalogMediaList media, const PublishedMedia *published,
                         size_t i, PublishedTexts texts)
{
    if (i >= media.n)
        return liquid_nil();
    ImageObject image = of_media(v, media, published, i, texts);
    return object_image(v, &image);
}

LiquidValue object_media_list(Visit *v, CatalogMediaList media, const PublishedMedia *published,
                              PublishedTexts texts, bool all)
{
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, media.n + 1);
    size_t       n = 0;
    for (size_t i = 0; i < media.n; i++)
        if (all || media.items[i].kind == CATALOG_IMAGE)
            items[n++] = object_media(v, media, published, i, texts);
    return object_list(v, items, n);
}

static const ImageObject *as_image(LiquidValue value)
{
    return value.type == LIQUID_DROP && value.drop->type == &shown_image_type ? value.drop->self
                                                                              : NULL;
}

bool object_to_image(Visit *v, LiquidValue value, ImageObject *ret)
{
    static const Str MEMBERS[] = {STR_INIT("featured_image"), STR_INIT("image"),
                                  STR_INIT("preview_image")};
    for (size_t i = 0; as_image(value) == NULL && i < COUNT_OF(MEMBERS); i++) {
        LiquidValue found = value.type == LIQUID_DROP && v->render != NULL
                                ? liquid_get(v->render, value, MEMBERS[i])
                                : liquid_nil();
        if (as_image(found) != NULL)
            value = found;
    }
    const ImageObject *image = as_image(value);
    if (image != NULL) {
        *ret = *image;
        return true;
    }
    if (value.type != LIQUID_TEXT || value.len == 0)
        return false;
    Str path = liquid_str(value);
    *ret = (ImageObject){.path = path, .alt = STR(""), .sized = is_local(path)};
    return true;
}

Str image_url(Visit *v, const ImageObject *image, int64_t width)
{
    static const Str QUERY = STR_INIT("?width=");
    char             digits[24];
    char            *end = digits + sizeof digits, *d = end;
    if (!image->sized || width <= 0 || image->path.len > 1000)
        return image->path;
    for (int64_t w = width; w > 0; w /= 10)
        *--d = (char)('0' + w % 10);
    size_t n = (size_t)(end - d);
    char  *z = arena_alloc(visit_arena(v), image->path.len + QUERY.len + n, 1);
    memcpy(z, image->path.ptr, image->path.len);
    memcpy(z + image->path.len, QUERY.ptr, QUERY.len);
    memcpy(z + image->path.len + QUERY.len, d, n);
    return (Str){z, image->path.len + QUERY.len + n};
}
