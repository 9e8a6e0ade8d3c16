/* filters.h - the filters that themes have besides the language's: their table is in filters.c. */
#pragma once

#include "channel/storefront/object.h"

LiquidFilterFn
    /* filter_text.c */
    filter_t,
    filter_money, filter_money_with_currency, filter_money_without_currency,
    filter_money_without_trailing_zeros, filter_date, filter_time_tag, filter_weight_with_unit,
    filter_unit_price, filter_format_address, filter_default_errors, filter_md5, filter_sha1,
    filter_sha256, filter_hmac_sha256, filter_metafield_tag, filter_metafield_text,
    /* filter_link.c */
    filter_within, filter_url_for_vendor, filter_url_for_type, filter_link_to_vendor,
    filter_link_to_type, filter_link_to_tag, filter_link_to_add_tag, filter_link_to_remove_tag,
    filter_highlight_active_tag, filter_sort_by, filter_default_pagination,
    filter_customer_login_link, filter_customer_logout_link, filter_customer_register_link,
    /* filter_asset.c */
    filter_asset_url, filter_file_url, filter_inline_asset_content, filter_stylesheet_tag,
    filter_preload_tag, filter_script_tag, filter_font_face, filter_font_url, filter_font_modify,
    filter_payment_type_svg_tag, filter_payment_type_img_url, filter_payment_button,
    /* filter_structured.c, filter_tracked.c */
    filter_structured_data, filter_tracked,
    /* filter_image.c */
    filter_image_url, filter_img_url, filter_image_tag, filter_media_tag, filter_video_tag,
    filter_model_viewer_tag, filter_external_video_url, filter_external_video_tag, filter_avatar;

/* --- what they share ----------------------------------------------------------------------------
 */

static inline Visit *filter_visit(LiquidCx *cx)
{
    return liquid_host(cx);
}

void tag_add(LiquidBuild *b, const char *z);
/* ` name="value"`, escaped; nothing for nil. */
void tag_attribute(LiquidBuild *b, const char *name, LiquidValue v);
/* The named arguments as attributes, but for those in `except` ("a b c"). */
void tag_named(LiquidBuild *b, const LiquidArgs *args, const char *except);
/* Text, escaped unless it is HTML already. */
void tag_text(LiquidBuild *b, LiquidValue v);

/* Link: <url>; rel=preload; as=… goes out with the page. */
void hint_add(Visit *v, Str url, Str as);
