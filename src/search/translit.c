#include "search/translit.h"

#include <string.h>

#include "base/utf8.h"

/* Readings of letters, apart by '|', likely ones first; "-": none at all. Longer letter groups
 * stand beside shorter ones: both are tried, the longer first. */
typedef struct Rule {
    const char *from;
    const char *to;
} Rule;

static const Rule TO_RUSSIAN[] = {
    {"shch", "щ|шч"}, {"sch", "щ|ш"},    {"zh", "ж"},         {"kh", "х"},       {"ch", "ч|х|к"},
    {"sh", "ш"},      {"ts", "ц|тс"},    {"tz", "ц"},         {"yu", "ю"},       {"ju", "ю"},
    {"iu", "ю|иу"},   {"ya", "я"},       {"ja", "я|джа"},     {"ia", "я|иа"},    {"yo", "ё|е|йо"},
    {"jo", "е|йо"},   {"ye", "е|ье"},    {"je", "е"},         {"ee", "и"},       {"oo", "у|оо"},
    {"ou", "оу|у"},   {"iy", "ий"},      {"yy", "ый"},        {"ij", "ий"},      {"yi", "ый|и"},
    {"ii", "ий|ии"},  {"ay", "ай|эй"},   {"ai", "ай|эй|аи"},  {"ei", "ей|эй"},   {"ey", "ей|эй"},
    {"ph", "ф"},      {"th", "т|з"},     {"ck", "к"},         {"ll", "лл|л"},    {"ss", "сс|с"},
    {"tt", "тт|т"},   {"pp", "пп|п"},    {"nn", "нн|н"},      {"ks", "кс|кз"},   {"dj", "дж"},
    {"ea", "и|еа"},   {"ie", "ие|и|ье"}, {"qu", "кв"},        {"a", "а|я|эй|э"}, {"b", "б"},
    {"c", "ц|к|с"},   {"d", "д"},        {"e", "е|э|ё|и|-"},  {"f", "ф"},        {"g", "г|ж|дж"},
    {"h", "х|г"},     {"i", "и|ы|й|ай"}, {"j", "й|ж|дж"},     {"k", "к"},        {"l", "л|ль"},
    {"m", "м|мь"},    {"n", "н|нь"},     {"o", "о|а|ё|оу"},   {"p", "п"},        {"q", "к"},
    {"r", "р|рь"},    {"s", "с|сь|з"},   {"t", "т|ть"},       {"u", "у|ю|а"},    {"v", "в"},
    {"w", "в|ш|у"},   {"x", "кс|х"},     {"y", "ы|й|и|ю|ай"}, {"z", "з|ж|ц"},    {"'", "ь|ъ"},
    {"4", "ч"},       {"6", "ш"},
};

static const Rule TO_UKRAINIAN[] = {
    {"shch", "щ"},   {"sch", "щ"},    {"zgh", "зг"},       {"zh", "ж"},      {"kh", "х"},
    {"ch", "ч"},     {"sh", "ш"},     {"ts", "ц|тс"},      {"tz", "ц"},      {"yu", "ю"},
    {"ju", "ю"},     {"iu", "ю"},     {"ya", "я"},         {"ja", "я"},      {"ia", "я|іа"},
    {"ye", "є"},     {"je", "є"},     {"ie", "є|іє"},      {"yi", "ї"},      {"ji", "ї"},
    {"yo", "йо|ьо"}, {"jo", "йо"},    {"io", "ьо|йо"},     {"yy", "ий"},     {"yj", "ий"},
    {"iy", "ій|ий"}, {"ij", "ій|ий"}, {"ii", "ії|ій"},     {"ay", "ай|ей"},  {"ai", "ай|ей|аі"},
    {"ei", "ей"},    {"ey", "ей"},    {"oo", "у"},         {"ee", "і"},      {"ou", "оу|у"},
    {"ph", "ф"},     {"th", "т|з"},   {"ck", "к"},         {"ll", "лл|л"},   {"ss", "сс|с"},
    {"tt", "тт|т"},  {"nn", "нн|н"},  {"dj", "дж"},        {"dzh", "дж"},    {"a", "а|я|е"},
    {"b", "б"},      {"c", "ц|к|с"},  {"d", "д"},          {"e", "е|є|и|-"}, {"f", "ф"},
    {"g", "г|ґ|дж"}, {"h", "г|х"},    {"i", "і|и|ї|й|ай"}, {"j", "й|ж|дж"},  {"k", "к"},
    {"l", "л|ль"},   {"m", "м"},      {"n", "н|нь"},       {"o", "о|а"},     {"p", "п"},
    {"q", "к"},      {"r", "р|рь"},   {"s", "с|сь|з"},     {"t", "т|ть"},    {"u", "у|ю"},
    {"v", "в"},      {"w", "в|ш|у"},  {"x", "кс|х"},       {"y", "и|й|і|ї"}, {"z", "з|ж"},
    {"'", "ь"},      {"4", "ч"},      {"6", "ш"},
};

static const Rule TO_LATIN[] = {
    {"дж", "j|g|dzh|dg"},
    {"кс", "x|ks|cks|cs"},
    {"ай", "ai|i|ay|y|igh"},
    {"ей", "ei|ey|a|ay|ai"},
    {"эй", "ei|a|ay"},
    {"ой", "oi|oy"},
    {"ау", "au|ow|ou|aw"},
    {"оу", "ou|o|ow|oa"},
    {"ью", "yu|u|ew"},
    {"ия", "ia|iya"},
    {"ія", "ia|iia"},
    {"иа", "ia"},
    {"ье", "ye|ie"},
    {"кв", "qu|kv|kw"},
    {"ск", "sk|sc|sch"},
    {"тч", "tch"},
    {"а", "a|u|o"},
    {"б", "b|bb"},
    {"в", "v|w|ve"},
    {"г", "g|h|gg|gue"},
    {"ґ", "g"},
    {"д", "d|dd|de"},
    {"е", "e|a|ye|ie|ea"},
    {"ё", "yo|e|io|jo"},
    {"є", "ie|ye|e|je"},
    {"ж", "zh|j|g|ge"},
    {"з", "z|s|th|se|ze"},
    {"и", "i|y|ee|ie|ea|e|yy|ii"},
    {"і", "i|ee|y|ea|ie|e"},
    {"ї", "i|yi|ji"},
    {"й", "y|i|j|-"},
    {"к", "k|c|ck|ch|ke|q|que|cc"},
    {"л", "l|ll|le|lle"},
    {"м", "m|mm|me"},
    {"н", "n|nn|ne"},
    {"о", "o|a|au"},
    {"п", "p|pp|pe"},
    {"р", "r|rr|re"},
    {"с", "s|c|ss|se|ce|x"},
    {"т", "t|tt|te|th"},
    {"у", "u|oo|w|ou|o|ew"},
    {"ф", "f|ph|ff"},
    {"х", "h|kh|ch|x"},
    {"ц", "ts|c|z|tz"},
    {"ч", "ch|tch|c|cz"},
    {"ш", "sh|sch|s|ch|sz"},
    {"щ", "shch|sch"},
    {"ъ", "-"},
    {"ь", "-"},
    {"ы", "y|i"},
    {"э", "e|a"},
    {"ю", "yu|u|iu|ue|ju|ew"},
    {"я", "ya|ia|ja|a"},
};

typedef struct Table {
    const Rule *rules;
    size_t      n;
} Table;

static const Table TABLES[] = {
    [TRANSLIT_TO_LATIN] = {TO_LATIN, COUNT_OF(TO_LATIN)},
    [TRANSLIT_TO_RUSSIAN] = {TO_RUSSIAN, COUNT_OF(TO_RUSSIAN)},
    [TRANSLIT_TO_UKRAINIAN] = {TO_UKRAINIAN, COUNT_OF(TO_UKRAINIAN)},
};

enum { OUT_MAX = TRANSLIT_WORD_MAX * 4 };

typedef struct Walk {
    const Table       *table;
    const TranslitAsk *ask;
    Str                word;
    char               out[OUT_MAX];
    unsigned           steps;
    bool               over;
} Walk;

static void walk_from(Walk *w, size_t at, size_t len, unsigned cost);

/* The last letters of an inflected word need not be those of the form that is known. */
static bool may_go_on(const Walk *w, size_t at, size_t len)
{
    Str    out = {w->out, len};
    size_t letters = utf8_count(out);
    size_t rest = utf8_count(str_skip(w->word, at));
    return letters < 2 || rest <= 1 || w->ask->begins(w->ask->ctx, out);
}

static void try_options(Walk *w, const Rule *r, size_t at, size_t len, unsigned cost)
{
    size_t      next = at + strlen(r->from);
    unsigned    nth = 0;
    const char *option = r->to;
    while (*option && !w->over) {
        size_t n = strcspn(option, "|");
        size_t add = *option == '-' ? 0 : n;
        if (len + add < OUT_MAX) {
            memcpy(w->out + len, option, add);
            if (may_go_on(w, next, len + add))
                walk_from(w, next, len + add, cost + nth);
        }
        nth++;
        option += n + (option[n] == '|');
    }
}

/* One letter a step; a word has at most TRANSLIT_WORD_MAX, so recursion is shallow. */
static void walk_from(Walk *w, size_t at, size_t len, unsigned cost)
{
    if (w->over)
        return;
    if (++w->steps > TRANSLIT_STEPS_MAX) {
        w->over = true;
        return;
    }
    if (at >= w->word.len) {
        if (len > 0 && !w->ask->reading(w->ask->ctx, (Str){w->out, len}, cost))
            w->over = true;
        return;
    }
    Str  rest = str_skip(w->word, at);
    bool known = false;
    for (size_t i = 0; i < w->table->n; i++) {
        if (!str_starts(rest, str_from_cstr(w->table->rules[i].from)))
            continue;
        known = true;
        try_options(w, &w->table->rules[i], at, len, cost);
    }
    if (!known && rest.ptr[0] >= '0' && rest.ptr[0] <= '9' && len + 1 < OUT_MAX) {
        w->out[len] = rest.ptr[0];
        walk_from(w, at + 1, len + 1, cost);
    }
}

void translit_walk(TranslitTo to, Str word, const TranslitAsk *ask)
{
    Walk w = {.table = &TABLES[to], .ask = ask, .word = word};
    if (word.len > 0 && word.len <= TRANSLIT_WORD_MAX)
        walk_from(&w, 0, 0, 0);
}

static const Rule *longest_rule(const Table *t, Str rest)
{
    const Rule *best = NULL;
    for (size_t i = 0; i < t->n; i++)
        if (str_starts(rest, str_from_cstr(t->rules[i].from)) &&
            (!best || strlen(t->rules[i].from) > strlen(best->from)))
            best = &t->rules[i];
    return best;
}

size_t translit_plain(TranslitTo to, Str word, char *out, size_t cap)
{
    size_t len = 0;
    bool   changed = false;
    for (size_t at = 0; at < word.len;) {
        Str         rest = str_skip(word, at);
        const Rule *r = longest_rule(&TABLES[to], rest);
        if (!r && !((rest.ptr[0] >= '0' && rest.ptr[0] <= '9') || rest.ptr[0] == ' '))
            return 0;
        const char *add = r ? r->to : rest.ptr;
        size_t      n = r ? strcspn(r->to, "|") : 1;
        if (r && *r->to == '-')
            n = 0;
        if (len + n > cap)
            return 0;
        memcpy(out + len, add, n);
        len += n;
        changed |= r != NULL;
        at += r ? strlen(r->from) : 1;
    }
    return changed ? len : 0;
}
