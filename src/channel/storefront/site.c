#include "channel/storefront/site.h"

static const ShapeField FIELDS[] = {
    SHAPE_TEXT(Site, url, .max = 200, .flags = SHAPE_LINE,
               .doc = "Address of the shop, \"https://shop.example\"; empty: as it was asked for."),
    SHAPE_TEXTS(Site, locales, .max = SITE_LOCALES_MAX, .item_max = 24,
                .doc = "Languages besides the shop's own; empty: those of the theme."),
    SHAPE_TEXTS(Site, currencies, .max = SITE_CURRENCIES_MAX, .item_min = 3, .item_max = 3,
                .doc = "Currencies besides the shop's own."),
    SHAPE_TEXT(Site, description, .max = 500, .doc = "What the shop sells, for search engines."),
    SHAPE_BOOL(Site, closed, .doc = "Show only a page that says that the shop is closed."),
    SHAPE_TEXT(Site, closed_note, .max = 1000, .doc = "What that page says."),
    SHAPE_BOOL(Site, negotiate,
               .doc = "Send visitors to the home page in their browser's language at first."),
};
const Shape site_shape =
    SHAPE_OF(Site, "StorefrontSite", FIELDS, .doc = "Settings of the storefront.");

const Site    site_defaults = {.url = STR_INIT(""),
                               .description = STR_INIT(""),
                               .closed_note = STR_INIT(""),
                               .negotiate = true};
const Setting site_setting = {"storefront.site", &site_shape, &site_defaults};
