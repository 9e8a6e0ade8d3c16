/* What mails say of the shop: its name, language and address. */
#include "people/mail.h"
#include "app/app.h"
#include "catalog/shop.h"
#include "channel/storefront/site.h"

#include <stdio.h>

static char here[1024];

void app_mail_here(const char *url)
{
    (void)snprintf(here, sizeof here, "%s", url);
}

Status app_mail_shop(Cx *cx, PeopleMailShop *ret)
{
    CatalogShop shop;
    Site        site;
    TRY(catalog_shop(cx, &shop));
    TRY(setting_kept(cx, &site_setting, &site));
    Str url = site.url.len > 0 ? site.url : str_from_cstr(here);
    *ret = (PeopleMailShop){.name = shop.name, .url = url, .locale = shop.locale};
    return ST_OK;
}
