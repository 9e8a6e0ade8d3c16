/* What mails say of the shop: its name, language and address. */
#include "people/mail.h"
#include "app/app.h"
#include "catalog/shop.h"
#include "channel/storefront/site.h"

Status app_mail_shop(Cx *cx, PeopleMailShop *ret)
{
    CatalogShop shop;
    Site        site;
    TRY(catalog_shop(cx, &shop));
    TRY(setting_get(cx, &site_setting, &site, NULL));
    *ret = (PeopleMailShop){.name = shop.name, .url = site.url, .locale = shop.locale};
    return ST_OK;
}
