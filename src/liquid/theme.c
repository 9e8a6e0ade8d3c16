#include "liquid/theme.h"

#include "liquid/engine.h"
#include "liquid/parse.h"

#include <string.h>

const LiquidTag liquid_theme_tags[] = {
    {"section", LIQUID_TAG_LINE, NULL, 1, 1, NULL},
    {"sections", LIQUID_TAG_LINE, NULL, 1, 1, NULL},
    {"layout", LIQUID_TAG_LINE, NULL, 1, 1, NULL},
    {"form", LIQUID_TAG_BODY, NULL, 1, 4, NULL},
    {"paginate", LIQUID_TAG_BODY, "by", 2, 2, NULL},
    {"style", LIQUID_TAG_BODY, NULL, 0, 0, NULL},
    {"schema", LIQUID_TAG_RAW, NULL, 0, 0, NULL},
    {"stylesheet", LIQUID_TAG_RAW, NULL, 0, 1, NULL},
    {"javascript", LIQUID_TAG_RAW, NULL, 0, 0, NULL},
};
const size_t liquid_theme_ntags = COUNT_OF(liquid_theme_tags);

bool liquid_is_shop_filter(Str name)
{
    static const char *const NAMES[] = {
        "t",
        "translate",
        "image_url",
        "image_tag",
        "asset_url",
        "asset_img_url",
        "file_url",
        "file_img_url",
        "font_face",
        "font_url",
        "font_modify",
        "default_errors",
        "default_pagination",
        "structured_data",
        "tracked",
        "payment_type_svg_tag",
        "payment_type_img_url",
        "payment_button",
        "inline_asset_content",
        "url_for_type",
        "url_for_vendor",
        "link_to_type",
        "link_to_vendor",
        "link_to_tag",
        "link_to_add_tag",
        "link_to_remove_tag",
        "within",
        "sort_by",
        "highlight_active_tag",
        "format_address",
        "weight_with_unit",
        "unit_price",
        "unit_price_with_measurement",
        "media_tag",
        "video_tag",
        "model_viewer_tag",
        "external_video_tag",
        "external_video_url",
        "img_url",
        "customer_login_link",
        "customer_logout_link",
        "metafield_tag",
        "metafield_text",
        "avatar",
        "login_button",
        "md5",
        "sha1",
        "sha256",
        "hmac_sha256",
        "blake3",
        "shopify_asset_url",
        "global_asset_url",
        "item_count_for_variant",
        "line_items_for",
    };
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (str_eq(name, str_from_cstr(NAMES[i])))
            return true;
    return false;
}

/* Behind the {{ … }} or {% … %} at `s`, or 0. */
static size_t liquid_len(Str s)
{
    if (s.len < 2 || s.ptr[0] != '{' || (s.ptr[1] != '{' && s.ptr[1] != '%'))
        return 0;
    const char *end = memmem(s.ptr + 2, s.len - 2, s.ptr[1] == '{' ? "}}" : "%}", 2);
    return end != NULL ? (size_t)(end - s.ptr) + 2 : s.len;
}

static bool is_named(Str s, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++)
        if (i >= s.len || (s.ptr[i] | 0x20) != name[i])
            return false;
    return s.len > n && (s.ptr[n] == '=' || lq_is_space(s.ptr[n]));
}

/* From "<img" to its ">"; attributes are those words in front of which white space stands. */
static size_t read_image(Str s, LiquidImage *ret)
{
    bool   width = false, height = false;
    char   quote = '\0';
    size_t i = 4;
    while (i < s.len && (quote != '\0' || s.ptr[i] != '>')) {
        Str    rest = {s.ptr + i, s.len - i};
        size_t skip = liquid_len(rest);
        if (skip > 0) {
            i += skip;
            continue;
        }
        if (quote == '\0' && lq_is_space(s.ptr[i - 1])) {
            ret->alt = ret->alt || is_named(rest, "alt");
            width = width || is_named(rest, "width");
            height = height || is_named(rest, "height");
        }
        if (quote == s.ptr[i])
            quote = '\0';
        else if (quote == '\0' && (s.ptr[i] == '"' || s.ptr[i] == '\''))
            quote = s.ptr[i];
        i++;
    }
    ret->size = width && height;
    return i;
}

bool liquid_next_image(const LiquidTemplate *t, size_t *at, LiquidImage *ret)
{
    Str s = t->source;
    for (size_t i = *at; i + 4 < s.len; i++) {
        Str    rest = {s.ptr + i, s.len - i};
        size_t skip = liquid_len(rest);
        if (skip > 0) {
            i += skip - 1;
            continue;
        }
        if (s.ptr[i] != '<' || !is_named((Str){rest.ptr + 1, rest.len - 1}, "img"))
            continue;
        *ret = (LiquidImage){0};
        lq_place_of(t, i, &ret->line, &ret->column);
        *at = i + read_image(rest, ret);
        return true;
    }
    return false;
}
