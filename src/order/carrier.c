/* Carriers whose parcels can be followed on the web. */
#include "order/fulfillment.h"

#include <stdlib.h>
#include <string.h>

/* In order of key. */
static const Carrier CARRIERS[] = {
    {"aras", "Aras Kargo", "https://kargotakip.araskargo.com.tr/mainpage.aspx?code={}"},
    {"bpost", "bpost", "https://track.bpost.cloud/btr/web/#/search?itemCode={}"},
    {"cdek", "CDEK", "https://www.cdek.ru/ru/tracking?order_id={}"},
    {"chinapost", "China Post", "https://www.ems.com.cn/english/?mailNum={}"},
    {"correos", "Correos",
     "https://www.correos.es/es/en/tools/tracker/items/details?tracking-number={}"},
    {"dhl", "DHL", "https://www.dhl.com/en/express/tracking.html?AWB={}"},
    {"dhl_de", "DHL Paket",
     "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={}"},
    {"dpd", "DPD", "https://tracking.dpd.de/status/en_US/parcel/{}"},
    {"evri", "Evri", "https://www.evri.com/track/parcel/{}"},
    {"fedex", "FedEx", "https://www.fedex.com/fedextrack/?trknbr={}"},
    {"gls", "GLS", "https://gls-group.com/track/{}"},
    {"hermes_de", "Hermes",
     "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{}"},
    {"inpost", "InPost", "https://inpost.pl/sledzenie-przesylek?number={}"},
    {"la_poste", "La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code={}"},
    {"meest", "Meest", "https://t.meest-group.com/{}"},
    {"mng", "MNG Kargo", "https://service.mngkargo.com.tr/iactive/popup/KargoTakip/link1.asp?k={}"},
    {"nova_poshta", "Nova Poshta", "https://novaposhta.ua/tracking/?cargo_number={}"},
    {"pochta", "Pochta Rossii", "https://www.pochta.ru/tracking#{}"},
    {"poczta", "Poczta Polska", "https://emonitoring.poczta-polska.pl/?numer={}"},
    {"postnl", "PostNL", "https://jouw.postnl.nl/track-and-trace/{}"},
    {"ptt", "PTT Kargo", "https://gonderitakip.ptt.gov.tr/Track/Verify?q={}"},
    {"royal_mail", "Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{}"},
    {"sf", "SF Express", "https://www.sf-express.com/we/ow/chn/en/waybill/waybill-detail/{}"},
    {"surat", "Surat Kargo", "https://www.suratkargo.com.tr/KargoTakip/?kargotakipno={}"},
    {"swiss_post", "Swiss Post", "https://service.post.ch/ekp-web/ui/entry/search/{}"},
    {"ukrposhta", "Ukrposhta", "https://track.ukrposhta.ua/tracking_UA.html?barcode={}"},
    {"ups", "UPS", "https://www.ups.com/track?tracknum={}"},
    {"usps", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"},
    {"yurtici", "Yurtici Kargo",
     "https://www.yurticikargo.com/tr/online-servisler/gonderi-sorgula?code={}"},
};

const Carrier *carriers(size_t *ret_n)
{
    *ret_n = COUNT_OF(CARRIERS);
    return CARRIERS;
}

const Carrier *carrier_find(Str key)
{
    for (size_t i = 0; i < COUNT_OF(CARRIERS); i++)
        if (str_eq_nocase(key, str_from_cstr(CARRIERS[i].key)) ||
            str_eq_nocase(key, str_from_cstr(CARRIERS[i].name)))
            return &CARRIERS[i];
    return NULL;
}

static void add_number(Buf *b, Str tracking)
{
    for (size_t i = 0; i < tracking.len; i++) {
        unsigned char c = (unsigned char)tracking.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            buf_addc(b, (char)c);
        else if (c != ' ')
            buf_addf(b, "%%%02X", c);
    }
}

Str carrier_url(Arena *a, Str carrier, Str tracking)
{
    CLEANUP(buf_done) Buf b = {0};
    const Carrier        *c = carrier_find(carrier);
    if (c == NULL || tracking.len == 0)
        return STR("");
    Str    url = str_from_cstr(c->url);
    size_t at = str_find(url, STR("{}"));
    buf_init(&b, 2048);
    buf_add(&b, str_head(url, at));
    add_number(&b, tracking);
    buf_add(&b, str_skip(url, at + 2));
    return str_dup(a, buf_str(&b));
}
