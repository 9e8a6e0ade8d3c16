/* Pictures: addresses in the right size, and tags with srcset from the renditions there are. */
#include "channel/storefront/filters.h"

#include "channel/storefront/member.h"

#include <string.h>

enum { WIDTH_MAX = 5760, WIDTHS_MAX = 16 };

/* What image_url gives: an address that still knows its picture. */
typedef struct ShownImage {
    ImageObject image;
    int64_t     width, height; /* asked for; 0: as it is */
    Str         url;
} ShownImage;

static LiquidValue shown_text(LiquidCx *cx, const void *self)
{
    (void)cx;
    return liquid_text(((const ShownImage *)self)->url);
}

static bool shown_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    (void)cx;
    (void)self;
    (void)key;
    (void)ret;
    return false;
}

static const LiquidDropType shown_type = {.name = "ImageUrl", .get = shown_get, .text = shown_text};

static int64_t int_of(LiquidValue v)
{
    int64_t n = 0;
    if (v.type == LIQUID_INT)
        return v.i;
    if (v.type == LIQUID_REAL && v.r > 0 && v.r < 100000)
        return (int64_t)v.r;
    if (v.type == LIQUID_TEXT && str_parse_i64(str_trim(liquid_str(v)), &n))
        return n;
    return 0;
}

static int64_t side(const LiquidArgs *args, Str name)
{
    int64_t n = int_of(liquid_named(args, name));
    return n > 0 && n <= WIDTH_MAX ? n : 0;
}

/* Size that a picture of `image` has when it is asked for in this width or height. */
static void fit(const ImageObject *image, int64_t *width, int64_t *height)
{
    if (image->width <= 0 || image->height <= 0)
        return;
    if (*width == 0 && *height == 0)
        *width = image->width;
    if (*width == 0)
        *width = (*height * image->width + image->height / 2) / image->height;
    if (*width > image->width)
        *width = image->width;
    *height = (*width * image->height + image->width / 2) / image->width;
}

static LiquidValue show(LiquidCx *cx, LiquidValue in, int64_t width, int64_t height)
{
    Visit      *v = filter_visit(cx);
    ShownImage *s = liquid_alloc(cx, sizeof *s);
    ImageObject image;
    if (s == NULL || !object_to_image(v, in, &image))
        return liquid_nil();
    *s = (ShownImage){.image = image, .width = width, .height = height};
    fit(&image, &s->width, &s->height);
    s->url = image_url(v, &image, s->width > 0 ? s->width : width);
    return liquid_drop(liquid_arena(cx), &shown_type, s);
}

LiquidValue filter_image_url(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    if (in.type == LIQUID_DROP && in.drop->type == &shown_type)
        return in;
    return show(cx, in, side(args, STR("width")), side(args, STR("height")));
}

/* The older form: '480x', 'x300', 'large', 'master'. */
LiquidValue filter_img_url(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    static const struct {
        const char *name;
        int64_t     width;
    } SIZES[] = {{"pico", 16},     {"icon", 32},    {"thumb", 50},  {"small", 100},
                 {"compact", 160}, {"medium", 240}, {"large", 480}, {"grande", 600}};
    Str     size = args->n > 0 ? liquid_to_text(cx, args->v[0]) : STR("small"), left, right;
    int64_t width = 0, height = 0;
    for (size_t i = 0; i < COUNT_OF(SIZES); i++)
        if (str_eq(size, str_from_cstr(SIZES[i].name)))
            return show(cx, in, SIZES[i].width, 0);
    if (str_cut(size, 'x', &left, &right)) {
        width = int_of(liquid_text(left));
        height = int_of(liquid_text(right));
    }
    if (width < 0 || width > WIDTH_MAX || height < 0 || height > WIDTH_MAX)
        width = height = 0;
    return show(cx, in, width, height);
}

/* --- image_tag
 * --------------------------------------------------------------------------------------- */

/* Widths worth offering: what the argument lists, else the renditions there are, none wider than
 * the picture or twice what was asked for. */
static size_t widths_of(LiquidCx *cx, const ShownImage *s, const LiquidArgs *args,
                        int64_t ret[WIDTHS_MAX])
{
    Str     rest = liquid_to_text(cx, liquid_named(args, STR("widths"))), item;
    size_t  n = 0;
    int64_t max = s->width > 0 ? s->width : WIDTH_MAX;
    bool    listed = rest.len > 0;
    while (listed && n < WIDTHS_MAX) {
        int64_t w;
        bool    more = str_cut(rest, ',', &item, &rest);
        if (str_parse_i64(str_trim(item), &w) && w > 0 && w <= max)
            ret[n++] = w;
        if (!more)
            break;
    }
    const PublishedMedia *p = s->image.published;
    for (size_t i = 0; !listed && p != NULL && i < p->n && n < WIDTHS_MAX; i++)
        if (p->renditions[i].width <= max)
            ret[n++] = p->renditions[i].width;
    if (n > 0 && n < WIDTHS_MAX && ret[n - 1] < max && s->width > 0)
        ret[n++] = max;
    return n;
}

static Str srcset_of(LiquidCx *cx, const ShownImage *s, const LiquidArgs *args)
{
    int64_t     widths[WIDTHS_MAX];
    Visit      *v = filter_visit(cx);
    size_t      n = s->image.sized ? widths_of(cx, s, args, widths) : 0;
    LiquidBuild b = liquid_build(cx, 100 * n);
    for (size_t i = 0; i < n; i++) {
        Str url = image_url(v, &s->image, widths[i]);
        liquid_build_add(&b, i > 0 ? STR(", ") : STR(""));
        liquid_build_add(&b, url);
        if (s->image.sized && url.len > s->image.path.len) { /* "?width=480" -> " 480w" */
            liquid_build_add(&b, STR(" "));
            liquid_build_add(&b, str_skip(url, s->image.path.len + sizeof "?width=" - 1));
            liquid_build_add(&b, STR("w"));
        }
    }
    return n > 0 ? liquid_to_text(cx, liquid_built(&b)) : (Str){0};
}

/* Pictures in the first sections are seen at once, all others when they are scrolled to. */
static bool is_lazy(const Visit *v, const LiquidArgs *args)
{
    enum { FIRST = 2 };
    LiquidValue given = liquid_named(args, STR("loading"));
    if (given.type == LIQUID_TEXT)
        return str_eq(liquid_str(given), STR("lazy"));
    return v->nsections > FIRST && !liquid_truthy(liquid_named(args, STR("preload")));
}

static LiquidValue or_else(LiquidValue given, LiquidValue fallback)
{
    return given.type != LIQUID_NIL ? given : fallback;
}

LiquidValue filter_image_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Visit      *v = filter_visit(cx);
    LiquidBuild b = liquid_build(cx, 600);
    if (in.type != LIQUID_DROP || in.drop->type != &shown_type)
        in = show(cx, in, 0, 0);
    if (in.type == LIQUID_NIL)
        return in;
    const ShownImage *s = in.drop->self;
    Str               srcset = srcset_of(cx, s, args);
    bool              lazy = is_lazy(v, args);
    LiquidValue       width = s->width > 0 ? liquid_int(s->width) : liquid_nil();
    LiquidValue       height = s->height > 0 ? liquid_int(s->height) : liquid_nil();
    tag_add(&b, "<img");
    tag_attribute(&b, "src", liquid_text(s->url));
    if (srcset.ptr != NULL) {
        tag_attribute(&b, "srcset", liquid_text(srcset));
        tag_attribute(&b, "sizes",
                      or_else(liquid_named(args, STR("sizes")), liquid_text(STR("100vw"))));
    }
    tag_attribute(&b, "width", or_else(liquid_named(args, STR("width")), width));
    tag_attribute(&b, "height", or_else(liquid_named(args, STR("height")), height));
    tag_attribute(&b, "alt", or_else(liquid_named(args, STR("alt")), liquid_text(s->image.alt)));
    tag_add(&b, lazy ? " loading=\"lazy\" decoding=\"async\"" : "");
    if (liquid_truthy(liquid_named(args, STR("preload"))) &&
        liquid_named(args, STR("fetchpriority")).type == LIQUID_NIL)
        tag_add(&b, " fetchpriority=\"high\"");
    tag_named(&b, args, "src srcset sizes width height alt widths preload loading decoding");
    tag_add(&b, ">");
    return liquid_built_html(&b);
}

/* --- videos and models
 * ------------------------------------------------------------------------------- */

static const ImageObject *media_of(LiquidCx *cx, LiquidValue in, ImageObject *room)
{
    return object_to_image(filter_visit(cx), in, room) ? room : NULL;
}

LiquidValue filter_video_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    ImageObject        room;
    const ImageObject *m = media_of(cx, in, &room);
    LiquidBuild        b = liquid_build(cx, 300);
    if (m == NULL || m->media == NULL)
        return liquid_nil();
    tag_add(&b, "<video playsinline");
    if (liquid_named(args, STR("controls")).type == LIQUID_NIL)
        tag_add(&b, " controls");
    if (m->poster.len > 0)
        tag_attribute(&b, "poster", liquid_text(m->poster));
    tag_attribute(&b, "aria-label", m->alt.len > 0 ? liquid_text(m->alt) : liquid_nil());
    tag_add(&b, " preload=\"none\"");
    tag_named(&b, args, "poster image_size preload");
    tag_add(&b, "><source");
    tag_attribute(&b, "src", liquid_text(m->path));
    tag_attribute(&b, "type", m->media->mime.len > 0 ? liquid_text(m->media->mime) : liquid_nil());
    tag_add(&b, "></video>");
    return liquid_built_html(&b);
}

LiquidValue filter_model_viewer_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    ImageObject        room;
    const ImageObject *m = media_of(cx, in, &room);
    LiquidBuild        b = liquid_build(cx, 300);
    if (m == NULL)
        return liquid_nil();
    tag_add(&b, "<model-viewer camera-controls ar");
    tag_attribute(&b, "src", liquid_text(m->path));
    tag_attribute(&b, "alt", liquid_text(m->alt));
    if (m->poster.len > 0)
        tag_attribute(&b, "poster", liquid_text(m->poster));
    tag_named(&b, args, "src alt poster image_size");
    tag_add(&b, "></model-viewer>");
    return liquid_built_html(&b);
}

LiquidValue filter_external_video_url(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    ImageObject        room;
    const ImageObject *m = media_of(cx, in, &room);
    (void)args;
    return m != NULL ? liquid_text(m->path) : liquid_nil();
}

LiquidValue filter_external_video_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 200);
    Str         url = liquid_to_text(cx, in);
    if (!str_starts(url, STR("https://www.youtube-nocookie.com/")) &&
        !str_starts(url, STR("https://www.youtube.com/embed/")) &&
        !str_starts(url, STR("https://player.vimeo.com/")))
        return liquid_nil();
    tag_add(&b, "<iframe");
    tag_attribute(&b, "src", liquid_text(url));
    tag_add(&b, " loading=\"lazy\" allowfullscreen");
    tag_named(&b, args, "src loading allowfullscreen");
    tag_add(&b, "></iframe>");
    return liquid_built_html(&b);
}

LiquidValue filter_media_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    ImageObject        room;
    const ImageObject *m = media_of(cx, in, &room);
    if (m == NULL || m->media == NULL || m->media->kind == CATALOG_IMAGE)
        return filter_image_tag(cx, in, args);
    return m->media->kind == CATALOG_VIDEO ? filter_video_tag(cx, in, args)
                                           : filter_model_viewer_tag(cx, in, args);
}

LiquidValue filter_avatar(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidValue name = liquid_get(cx, in, STR("first_name"));
    LiquidBuild b = liquid_build(cx, 64);
    (void)args;
    tag_add(&b, "<span class=\"avatar\" aria-hidden=\"true\">");
    tag_text(&b, liquid_text(str_head(liquid_to_text(cx, name), 1)));
    tag_add(&b, "</span>");
    return liquid_built_html(&b);
}
