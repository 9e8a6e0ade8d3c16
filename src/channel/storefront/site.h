/* site.h - the settings of the storefront: "storefront.site". */
#pragma once

#include "base/shape.h"
#include "core/setting.h"

enum { SITE_LOCALES_MAX = 32, SITE_CURRENCIES_MAX = 32 };

typedef struct SiteTexts {
    Str   *items;
    size_t n;
} SiteTexts;

typedef struct Site {
    Str       url;         /* "https://shop.example": of canonical addresses; "": as asked */
    SiteTexts locales;     /* offered besides the shop's own; empty: those of the theme */
    SiteTexts currencies;  /* besides the shop's own */
    Str       description; /* of the home page, for search engines */
    bool      closed;      /* only a page that says so is shown */
    Str       closed_note; /* what it says */
    bool      negotiate;   /* send first visitors to their browser's language */
} Site;

extern const Shape   site_shape;
extern const Setting site_setting;
extern const Site    site_defaults;
