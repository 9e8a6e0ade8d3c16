#include "base/lang.h"

const char *const lang_tags[] = {"en", "uk", "ru", "tr", "nl", "zh", NULL};

static const char *const NAMES[LANGS] = {"English", "Українська", "Русский",
                                         "Türkçe",  "Nederlands", "中文"};

Str lang_tag(Lang lang)
{
    ASSERT(lang < LANGS);
    return str_from_cstr(lang_tags[lang]);
}

Str lang_name(Lang lang)
{
    ASSERT(lang < LANGS);
    return str_from_cstr(NAMES[lang]);
}

static bool is_same(Str s, const char *tag)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.ptr[i] | 0x20) != tag[i]) /* ASCII letters; tag[s.len] is not reached */
            return false;
    return true;
}

bool lang_find(Str tag, Lang *ret)
{
    Str primary, rest;
    str_cut(str_trim(tag), '-', &primary, &rest);
    for (Lang i = 0; primary.len == 2 && i < LANGS; i++) {
        if (is_same(primary, lang_tags[i])) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* "0", "1", "0.8", "0.875" as thousandths; what is no weight counts as 0. */
static int weight_of(Str s)
{
    int thousandths = 0, unit = 1000;
    for (size_t i = 0; i < s.len; i++) {
        if (i == 1 && s.ptr[i] == '.')
            continue;
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || unit == 0)
            return 0;
        thousandths += (s.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return thousandths > 1000 ? 0 : thousandths;
}

Lang lang_accept(Str header, Lang fallback)
{
    enum { ITEMS_MAX = 32 };
    Lang best = fallback;
    int  most = 0;
    for (int i = 0; i < ITEMS_MAX && header.len > 0; i++) {
        Str  item, tag, q;
        Lang lang;
        str_cut(header, ',', &item, &header);
        str_cut(item, ';', &tag, &q);
        q = str_trim(q);
        int weight = 1000;
        if (q.len > 2 && (q.ptr[0] | 0x20) == 'q' && q.ptr[1] == '=')
            weight = weight_of(str_trim((Str){q.ptr + 2, q.len - 2}));
        if (weight > most && lang_find(tag, &lang)) {
            best = lang;
            most = weight;
        }
    }
    return best;
}
