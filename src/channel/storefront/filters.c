#include "channel/storefront/filters.h"

#include <string.h>

const LiquidFilter storefront_filters[] = {
    {"t", filter_t, 0, 0, true},
    {"translate", filter_t, 0, 0, true},
    {"money", filter_money, 0, 1, false},
    {"money_with_currency", filter_money_with_currency, 0, 1, false},
    {"money_without_currency", filter_money_without_currency, 0, 1, false},
    {"money_without_trailing_zeros", filter_money_without_trailing_zeros, 0, 1, false},
    {"date", filter_date, 0, 1, true},
    {"time_tag", filter_time_tag, 0, 1, true},
    {"weight_with_unit", filter_weight_with_unit, 0, 1, false},
    {"unit_price_with_measurement", filter_unit_price, 0, 2, false},
    {"unit_price", filter_unit_price, 0, 2, false},
    {"format_address", filter_format_address, 0, 0, false},
    {"default_errors", filter_default_errors, 0, 0, false},
    {"md5", filter_md5, 0, 0, false},
    {"sha1", filter_sha1, 0, 0, false},
    {"sha256", filter_sha256, 0, 0, false},
    {"hmac_sha256", filter_hmac_sha256, 1, 1, false},
    {"metafield_tag", filter_metafield_tag, 0, 0, true},
    {"metafield_text", filter_metafield_text, 0, 0, true},
    {"within", filter_within, 1, 1, false},
    {"url_for_vendor", filter_url_for_vendor, 0, 0, false},
    {"url_for_type", filter_url_for_type, 0, 0, false},
    {"link_to_vendor", filter_link_to_vendor, 0, 1, true},
    {"link_to_type", filter_link_to_type, 0, 1, true},
    {"link_to_tag", filter_link_to_tag, 0, 1, true},
    {"link_to_add_tag", filter_link_to_add_tag, 0, 1, true},
    {"link_to_remove_tag", filter_link_to_remove_tag, 0, 1, true},
    {"highlight_active_tag", filter_highlight_active_tag, 0, 1, false},
    {"sort_by", filter_sort_by, 1, 1, false},
    {"default_pagination", filter_default_pagination, 0, 0, true},
    {"structured_data", filter_structured_data, 0, 0, false},
    {"tracked", filter_tracked, 0, 0, true},
    {"customer_login_link", filter_customer_login_link, 0, 0, false},
    {"customer_logout_link", filter_customer_logout_link, 0, 0, false},
    {"customer_register_link", filter_customer_register_link, 0, 0, false},
    {"asset_url", filter_asset_url, 0, 0, false},
    {"asset_img_url", filter_asset_url, 0, 1, true},
    {"global_asset_url", filter_asset_url, 0, 0, false},
    {"shopify_asset_url", filter_asset_url, 0, 0, false},
    {"file_url", filter_file_url, 0, 0, false},
    {"file_img_url", filter_file_url, 0, 1, true},
    {"inline_asset_content", filter_inline_asset_content, 0, 0, false},
    {"stylesheet_tag", filter_stylesheet_tag, 0, 0, true},
    {"preload_tag", filter_preload_tag, 0, 0, true},
    {"script_tag", filter_script_tag, 0, 0, true},
    {"font_face", filter_font_face, 0, 0, true},
    {"font_url", filter_font_url, 0, 1, false},
    {"font_modify", filter_font_modify, 2, 2, false},
    {"payment_type_svg_tag", filter_payment_type_svg_tag, 0, 0, true},
    {"payment_type_img_url", filter_payment_type_img_url, 0, 0, false},
    {"payment_button", filter_payment_button, 0, 0, false},
    {"image_url", filter_image_url, 0, 0, true},
    {"img_url", filter_img_url, 0, 1, true},
    {"product_img_url", filter_img_url, 0, 1, true},
    {"collection_img_url", filter_img_url, 0, 1, true},
    {"article_img_url", filter_img_url, 0, 1, true},
    {"image_tag", filter_image_tag, 0, 0, true},
    {"media_tag", filter_media_tag, 0, 0, true},
    {"video_tag", filter_video_tag, 0, 0, true},
    {"model_viewer_tag", filter_model_viewer_tag, 0, 0, true},
    {"external_video_url", filter_external_video_url, 0, 0, true},
    {"external_video_tag", filter_external_video_tag, 0, 0, true},
    {"avatar", filter_avatar, 0, 0, true},
};
const size_t storefront_nfilters = COUNT_OF(storefront_filters);

/* --- tags ---------------------------------------------------------------------------------------
 */

void tag_add(LiquidBuild *b, const char *z)
{
    liquid_build_add(b, str_from_cstr(z));
}

void tag_text(LiquidBuild *b, LiquidValue v)
{
    bool html = v.type == LIQUID_TEXT && (v.safe == LIQUID_SAFE_HTML || v.safe == LIQUID_SAFE_RAW);
    Str  s = liquid_to_text(b->cx, v);
    if (html)
        liquid_build_add(b, s);
    else
        liquid_build_html(b, s);
}

static void attribute_value(LiquidBuild *b, LiquidValue v)
{
    liquid_build_add(b, STR("=\""));
    liquid_build_html(b, liquid_to_text(b->cx, v));
    liquid_build_add(b, STR("\""));
}

void tag_attribute(LiquidBuild *b, const char *name, LiquidValue v)
{
    if (v.type == LIQUID_NIL)
        return;
    liquid_build_add(b, STR(" "));
    tag_add(b, name);
    attribute_value(b, v);
}

/* Letters, digits and '-'; no handlers of events. */
static bool is_attribute(Str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return name.len > 0 && name.len < 60 && !str_eq_nocase(str_head(name, 2), STR("on"));
}

static bool listed(const char *list, Str name)
{
    Str item, rest = str_from_cstr(list);
    for (bool more = true; more;) {
        more = str_cut(rest, ' ', &item, &rest);
        if (str_eq(item, name))
            return true;
    }
    return false;
}

void tag_named(LiquidBuild *b, const LiquidArgs *args, const char *except)
{
    for (size_t i = 0; i < args->nnamed; i++) {
        const LiquidPair *p = &args->named[i];
        if (!is_attribute(p->key) || listed(except, p->key) || p->value.type == LIQUID_NIL ||
            (p->value.type == LIQUID_BOOL && !p->value.b))
            continue;
        liquid_build_add(b, STR(" "));
        liquid_build_add(b, p->key);
        if (p->value.type != LIQUID_BOOL)
            attribute_value(b, p->value);
    }
}

void hint_add(Visit *v, Str url, Str as)
{
    visit_reads_page(v);
    for (size_t i = 0; i < v->nhints; i++)
        if (str_eq(v->hints[i].url, url))
            return;
    if (v->nhints < VISIT_HINTS)
        v->hints[v->nhints++] = (VisitHint){url, as};
}
