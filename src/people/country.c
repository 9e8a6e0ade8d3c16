#include "people/country.h"

#include <string.h>

enum {
    P = COUNTRY_POSTAL,
    Q = COUNTRY_POSTAL | COUNTRY_POSTAL_NEEDED,
    F = COUNTRY_POSTAL | COUNTRY_POSTAL_NEEDED | COUNTRY_POSTAL_FIRST,
    G = COUNTRY_POSTAL | COUNTRY_POSTAL_FIRST,
    Z = COUNTRY_ZONE,
    ZN = COUNTRY_ZONE | COUNTRY_ZONE_NEEDED
};

/* clang-format off: a table */
static const Country TABLE[] = {
    {"AD", F, "ADNNN", NULL},
    {"AE", ZN, NULL, "emirate"},
    {"AF", P, "NNNN", NULL},
    {"AG", 0, NULL, NULL},
    {"AI", P, "AI-NNNN", NULL},
    {"AL", P, "NNNN", NULL},
    {"AM", G | Z, "NNNN|NNNNNN", "province"},
    {"AO", 0, NULL, NULL},
    {"AR", F | Z, "NNNN|ANNNNAAA", "province"},
    {"AS", Q | ZN, "NNNNN|NNNNN-NNNN", "state"},
    {"AT", F, "NNNN", NULL},
    {"AU", Q | ZN, "NNNN", "state"},
    {"AW", 0, NULL, NULL},
    {"AX", F, "NNNNN", NULL},
    {"AZ", G, "NNNN|AZ NNNN|AZNNNN", NULL},
    {"BA", G, "NNNNN", NULL},
    {"BB", P, "BBNNNNN", NULL},
    {"BD", P, "NNNN", NULL},
    {"BE", F, "NNNN", NULL},
    {"BF", 0, NULL, NULL},
    {"BG", F, "NNNN", NULL},
    {"BH", P, "NNN|NNNN", NULL},
    {"BI", 0, NULL, NULL},
    {"BJ", 0, NULL, NULL},
    {"BL", F, "NNNNN", NULL},
    {"BM", P, "AA NN|AA AA", NULL},
    {"BN", P, "AANNNN", NULL},
    {"BO", 0, NULL, NULL},
    {"BQ", 0, NULL, NULL},
    {"BR", Q | ZN, "NNNNN-NNN|NNNNNNNN", "state"},
    {"BS", Z, NULL, "island"},
    {"BT", P, "NNNNN", NULL},
    {"BW", 0, NULL, NULL},
    {"BY", G, "NNNNNN", NULL},
    {"BZ", 0, NULL, NULL},
    {"CA", Q | ZN, "ANA NAN|ANANAN", "province"},
    {"CC", Q, "NNNN", NULL},
    {"CD", 0, NULL, NULL},
    {"CF", 0, NULL, NULL},
    {"CG", 0, NULL, NULL},
    {"CH", F, "NNNN", NULL},
    {"CI", 0, NULL, NULL},
    {"CK", 0, NULL, NULL},
    {"CL", G | Z, "NNNNNNN|NNN-NNNN", "region"},
    {"CM", 0, NULL, NULL},
    {"CN", Q | ZN, "NNNNNN", "province"},
    {"CO", P | ZN, "NNNNNN", "department"},
    {"CR", P | Z, "NNNNN", "province"},
    {"CU", P, "NNNNN", NULL},
    {"CV", G | Z, "NNNN", "island"},
    {"CW", 0, NULL, NULL},
    {"CX", Q, "NNNN", NULL},
    {"CY", F, "NNNN", NULL},
    {"CZ", F, "NNN NN|NNNNN", NULL},
    {"DE", F, "NNNNN", NULL},
    {"DJ", 0, NULL, NULL},
    {"DK", F, "NNNN", NULL},
    {"DM", 0, NULL, NULL},
    {"DO", G, "NNNNN", NULL},
    {"DZ", G, "NNNNN", NULL},
    {"EC", P, "NNNNNN", NULL},
    {"EE", F, "NNNNN", NULL},
    {"EG", P | Z, "NNNNN", "governorate"},
    {"ER", 0, NULL, NULL},
    {"ES", F | ZN, "NNNNN", "province"},
    {"ET", G, "NNNN", NULL},
    {"FI", F, "NNNNN", NULL},
    {"FJ", 0, NULL, NULL},
    {"FK", Q, "FIQQ 1ZZ", NULL},
    {"FM", Q | ZN, "NNNNN|NNNNN-NNNN", "state"},
    {"FO", F, "NNN", NULL},
    {"FR", F, "NNNNN", NULL},
    {"GA", 0, NULL, NULL},
    {"GB", Q,
     "AN NAA|ANN NAA|ANA NAA|AAN NAA|AANN NAA|AANA NAA|ANNAA|ANNNAA|ANANAA|AANNAA|AANNNAA|AANANAA",
     NULL},
    {"GD", 0, NULL, NULL},
    {"GE", G, "NNNN", NULL},
    {"GF", F, "NNNNN", NULL},
    {"GG", Q, "GYN NAA|GYNN NAA", NULL},
    {"GH", 0, NULL, NULL},
    {"GI", Q, "GX11 1AA", NULL},
    {"GL", F, "NNNN", NULL},
    {"GM", 0, NULL, NULL},
    {"GN", G, "NNN", NULL},
    {"GP", F, "NNNNN", NULL},
    {"GQ", 0, NULL, NULL},
    {"GR", F, "NNN NN|NNNNN", NULL},
    {"GS", Q, "SIQQ 1ZZ", NULL},
    {"GT", G, "NNNNN", NULL},
    {"GU", Q, "NNNNN|NNNNN-NNNN", NULL},
    {"GW", G, "NNNN", NULL},
    {"GY", 0, NULL, NULL},
    {"HK", ZN, NULL, "area"},
    {"HN", P | ZN, "NNNNN", "department"},
    {"HR", F, "NNNNN", NULL},
    {"HT", G, "HTNNNN|NNNN", NULL},
    {"HU", F, "NNNN", NULL},
    {"ID", P | ZN, "NNNNN", "province"},
    {"IE", P | Z, "ANN ****|ANN****|ANA ****|ANA****", "county"},
    {"IL", P, "NNNNN|NNNNNNN", NULL},
    {"IM", Q, "IMN NAA|IMNN NAA", NULL},
    {"IN", Q | ZN, "NNNNNN|NNN NNN", "state"},
    {"IO", Q, "BBAD 1ZZ", NULL},
    {"IQ", P | ZN, "NNNNN", "province"},
    {"IR", P | Z, "NNNNN-NNNNN|NNNNNNNNNN", "province"},
    {"IS", F, "NNN", NULL},
    {"IT", F | ZN, "NNNNN", "province"},
    {"JE", Q, "JEN NAA|JENN NAA", NULL},
    {"JM", ZN, NULL, "parish"},
    {"JO", P, "NNNNN", NULL},
    {"JP", F | ZN, "NNN-NNNN|NNNNNNN", "prefecture"},
    {"KE", P, "NNNNN", NULL},
    {"KG", G, "NNNNNN", NULL},
    {"KH", P, "NNNNN|NNNNNN", NULL},
    {"KI", Z, NULL, "island"},
    {"KM", 0, NULL, NULL},
    {"KN", Z, NULL, "island"},
    {"KP", 0, NULL, NULL},
    {"KR", Q | ZN, "NNNNN", "province"},
    {"KW", G, "NNNNN", NULL},
    {"KY", P | Z, "KYN-NNNN", "island"},
    {"KZ", G, "NNNNNN|ANNANAN", NULL},
    {"LA", G, "NNNNN", NULL},
    {"LB", P, "NNNN|NNNN NNNN", NULL},
    {"LC", P, "LCNN NNN", NULL},
    {"LI", F, "NNNN", NULL},
    {"LK", P, "NNNNN", NULL},
    {"LR", G, "NNNN", NULL},
    {"LS", P, "NNN", NULL},
    {"LT", F, "LT-NNNNN|NNNNN", NULL},
    {"LU", F, "L-NNNN|NNNN", NULL},
    {"LV", Q, "LV-NNNN|NNNN", NULL},
    {"LY", 0, NULL, NULL},
    {"MA", G, "NNNNN", NULL},
    {"MC", F, "NNNNN", NULL},
    {"MD", G, "NNNN|MD-NNNN|MDNNNN", NULL},
    {"ME", G, "NNNNN", NULL},
    {"MF", F, "NNNNN", NULL},
    {"MG", G, "NNN", NULL},
    {"MH", Q | ZN, "NNNNN|NNNNN-NNNN", "state"},
    {"MK", G, "NNNN", NULL},
    {"ML", 0, NULL, NULL},
    {"MM", P, "NNNNN|NNNNNNN", NULL},
    {"MN", P, "NNNNN|NNNNNN", NULL},
    {"MO", 0, NULL, NULL},
    {"MP", Q | ZN, "NNNNN|NNNNN-NNNN", "state"},
    {"MQ", F, "NNNNN", NULL},
    {"MR", 0, NULL, NULL},
    {"MS", P, "MSR NNNN", NULL},
    {"MT", Q, "AAA NNNN|AAANNNN", NULL},
    {"MU", G, "NNNNN", NULL},
    {"MV", P, "NNNNN", NULL},
    {"MW", 0, NULL, NULL},
    {"MX", F | ZN, "NNNNN", "state"},
    {"MY", F | ZN, "NNNNN", "state"},
    {"MZ", G | Z, "NNNN", "province"},
    {"NA", P, "NNNNN", NULL},
    {"NC", F, "NNNNN", NULL},
    {"NE", G, "NNNN", NULL},
    {"NF", Q, "NNNN", NULL},
    {"NG", P | ZN, "NNNNNN", "state"},
    {"NI", G | Z, "NNNNN", "department"},
    {"NL", F, "NNNN AA|NNNNAA", NULL},
    {"NO", F, "NNNN", NULL},
    {"NP", P, "NNNNN", NULL},
    {"NR", Z, NULL, "district"},
    {"NU", 0, NULL, NULL},
    {"NZ", Q, "NNNN", NULL},
    {"OM", P, "NNN", NULL},
    {"PA", P | Z, "NNNN", "province"},
    {"PE", P | Z, "NNNNN|NNNNNN", "region"},
    {"PF", F | Z, "NNNNN", "island"},
    {"PG", P | Z, "NNN", "province"},
    {"PH", P | Z, "NNNN", "province"},
    {"PK", P, "NNNNN", NULL},
    {"PL", F, "NN-NNN|NNNNN", NULL},
    {"PM", F, "NNNNN", NULL},
    {"PN", Q, "PCRA 1ZZ", NULL},
    {"PR", Q, "NNNNN|NNNNN-NNNN", NULL},
    {"PS", P, "NNN|NNNNNNN", NULL},
    {"PT", F, "NNNN-NNN", NULL},
    {"PW", Q | ZN, "NNNNN|NNNNN-NNNN", "state"},
    {"PY", G, "NNNN|NNNNNN", NULL},
    {"QA", 0, NULL, NULL},
    {"RE", F, "NNNNN", NULL},
    {"RO", F | Z, "NNNNNN", "county"},
    {"RS", G, "NNNNN|NNNNNN", NULL},
    {"RU", F | Z, "NNNNNN", "region"},
    {"RW", 0, NULL, NULL},
    {"SA", P, "NNNNN|NNNNN-NNNN", NULL},
    {"SB", 0, NULL, NULL},
    {"SC", Z, NULL, "island"},
    {"SD", P, "NNNNN", NULL},
    {"SE", F, "NNN NN|NNNNN", NULL},
    {"SG", Q, "NNNNNN", NULL},
    {"SH", Q, "ASCA 1ZZ|STHL 1ZZ|TDCU 1ZZ", NULL},
    {"SI", F, "NNNN|SI-NNNN", NULL},
    {"SJ", F, "NNNN", NULL},
    {"SK", F, "NNN NN|NNNNN", NULL},
    {"SL", 0, NULL, NULL},
    {"SM", F, "NNNNN", NULL},
    {"SN", G, "NNNNN", NULL},
    {"SO", P | Z, "AA NNNNN", "region"},
    {"SR", Z, NULL, "district"},
    {"SS", 0, NULL, NULL},
    {"ST", 0, NULL, NULL},
    {"SV", G | ZN, "NNNN|CP NNNN", "department"},
    {"SX", 0, NULL, NULL},
    {"SY", 0, NULL, NULL},
    {"SZ", P, "ANNN", NULL},
    {"TC", Q, "TKCA 1ZZ", NULL},
    {"TD", 0, NULL, NULL},
    {"TF", 0, NULL, NULL},
    {"TG", 0, NULL, NULL},
    {"TH", Q | Z, "NNNNN", "province"},
    {"TJ", G, "NNNNNN", NULL},
    {"TK", 0, NULL, NULL},
    {"TL", 0, NULL, NULL},
    {"TM", G, "NNNNNN", NULL},
    {"TN", G, "NNNN", NULL},
    {"TO", 0, NULL, NULL},
    {"TR", F | Z, "NNNNN", "province"},
    {"TT", P, "NNNNNN", NULL},
    {"TV", Z, NULL, "island"},
    {"TW", F | ZN, "NNN|NNNNN|NNNNNN|NNN-NN|NNN-NNN", "county"},
    {"TZ", P, "NNNNN", NULL},
    {"UA", F | Z, "NNNNN", "region"},
    {"UG", 0, NULL, NULL},
    {"UM", Q | ZN, "NNNNN", "state"},
    {"US", Q | ZN, "NNNNN|NNNNN-NNNN", "state"},
    {"UY", G | Z, "NNNNN", "department"},
    {"UZ", G | Z, "NNNNNN", "region"},
    {"VA", F, "NNNNN", NULL},
    {"VC", P, "VCNNNN", NULL},
    {"VE", P | ZN, "NNNN|NNNN-A", "state"},
    {"VG", P, "VGNNNN", NULL},
    {"VI", Q, "NNNNN|NNNNN-NNNN", NULL},
    {"VN", P | ZN, "NNNNN|NNNNNN", "province"},
    {"VU", 0, NULL, NULL},
    {"WF", F, "NNNNN", NULL},
    {"WS", P, "AANNNN", NULL},
    {"XK", G, "NNNNN", NULL},
    {"YE", 0, NULL, NULL},
    {"YT", F, "NNNNN", NULL},
    {"ZA", Q, "NNNN", NULL},
    {"ZM", G, "NNNNN", NULL},
    {"ZW", 0, NULL, NULL},
};
/* clang-format on */

const Country *countries(size_t *ret_n)
{
    *ret_n = COUNT_OF(TABLE);
    return TABLE;
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

const Country *country_find(Str code)
{
    size_t lo = 0, hi = COUNT_OF(TABLE);
    if (code.len != 2)
        return NULL;
    char want[2] = {upper(code.ptr[0]), upper(code.ptr[1])};
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int    c = memcmp(TABLE[mid].code, want, 2);
        if (c == 0)
            return &TABLE[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

/* --- zones that have numbers ---------------------------------------------------------------- */

/* ISO 3166-2 counts the provinces of Turkey (as their number plates do) and the prefectures of
 * Japan: programs that know codes alone send "34", which nobody reads in an address. */
/* clang-format off: tables */
static const char *const TR_PROVINCES[] = {
    "Adana",     "Adıyaman",  "Afyonkarahisar", "Ağrı",          "Amasya",    "Ankara",
    "Antalya",   "Artvin",    "Aydın",          "Balıkesir",     "Bilecik",   "Bingöl",
    "Bitlis",    "Bolu",      "Burdur",         "Bursa",         "Çanakkale", "Çankırı",
    "Çorum",     "Denizli",   "Diyarbakır",     "Edirne",        "Elazığ",    "Erzincan",
    "Erzurum",   "Eskişehir", "Gaziantep",      "Giresun",       "Gümüşhane", "Hakkâri",
    "Hatay",     "Isparta",   "Mersin",         "İstanbul",      "İzmir",     "Kars",
    "Kastamonu", "Kayseri",   "Kırklareli",     "Kırşehir",      "Kocaeli",   "Konya",
    "Kütahya",   "Malatya",   "Manisa",         "Kahramanmaraş", "Mardin",    "Muğla",
    "Muş",       "Nevşehir",  "Niğde",          "Ordu",          "Rize",      "Sakarya",
    "Samsun",    "Siirt",     "Sinop",          "Sivas",         "Tekirdağ",  "Tokat",
    "Trabzon",   "Tunceli",   "Şanlıurfa",      "Uşak",          "Van",       "Yozgat",
    "Zonguldak", "Aksaray",   "Bayburt",        "Karaman",       "Kırıkkale", "Batman",
    "Şırnak",    "Bartın",    "Ardahan",        "Iğdır",         "Yalova",    "Karabük",
    "Kilis",     "Osmaniye",  "Düzce",
};
static const char *const JP_PREFECTURES[] = {
    "Hokkaido",  "Aomori",   "Iwate",    "Miyagi",    "Akita",     "Yamagata",  "Fukushima",
    "Ibaraki",   "Tochigi",  "Gunma",    "Saitama",   "Chiba",     "Tokyo",     "Kanagawa",
    "Niigata",   "Toyama",   "Ishikawa", "Fukui",     "Yamanashi", "Nagano",    "Gifu",
    "Shizuoka",  "Aichi",    "Mie",      "Shiga",     "Kyoto",     "Osaka",     "Hyogo",
    "Nara",      "Wakayama", "Tottori",  "Shimane",   "Okayama",   "Hiroshima", "Yamaguchi",
    "Tokushima", "Kagawa",   "Ehime",    "Kochi",     "Fukuoka",   "Saga",      "Nagasaki",
    "Kumamoto",  "Oita",     "Miyazaki", "Kagoshima", "Okinawa",
};
/* clang-format on */

Str country_zone_name(Str country, Str zone)
{
    const Country *c = country_find(country);
    Str            rest = str_trim(zone);
    int64_t        number;
    if (c == NULL)
        return zone;
    if (rest.len > 3 && rest.ptr[2] == '-' && country_find(str_head(rest, 2)) == c)
        rest = str_skip(rest, 3); /* "TR-34" */
    if (rest.len == 0 || rest.len > 2 || !str_parse_i64(rest, &number) || number < 1)
        return zone;
    if (strcmp(c->code, "TR") == 0 && number <= (int64_t)COUNT_OF(TR_PROVINCES))
        return str_from_cstr(TR_PROVINCES[number - 1]);
    if (strcmp(c->code, "JP") == 0 && number <= (int64_t)COUNT_OF(JP_PREFECTURES))
        return str_from_cstr(JP_PREFECTURES[number - 1]);
    return zone;
}

/* --- postal codes ---------------------------------------------------------------------------- */

static bool form_fits(Str form, Str postal)
{
    if (form.len != postal.len)
        return false;
    for (size_t i = 0; i < form.len; i++) {
        char f = form.ptr[i], c = upper(postal.ptr[i]);
        bool digit = c >= '0' && c <= '9', letter = c >= 'A' && c <= 'Z';
        if (f == 'N' ? !digit : f == 'A' ? !letter : f == '*' ? !digit && !letter : c != f)
            return false;
    }
    return true;
}

bool country_postal_fits(const Country *c, Str postal)
{
    Str rest = str_from_cstr(c->postal), form, p = str_trim(postal);
    if (c->postal == NULL)
        return true;
    while (rest.len > 0) {
        str_cut(rest, '|', &form, &rest);
        if (form_fits(form, p))
            return true;
    }
    return false;
}
