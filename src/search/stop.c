#include "search/language.h"

#include <pthread.h>
#include <string.h>

/* Folded, without accents, apart by blanks. Short lists: only what shoppers type around what
 * they look for. Words that may name goods or sizes are not on them. */
static const char *const LISTS[LANGUAGES] = {
    [LANG_EN] = "a an and at best buy by cheap for from get i in is it me my need of on online or "
                "order price sale shop store that the this to want with your",
    [LANG_UK] = "а або в вартість від де для до дешево з за замовити зі й і із інтернет "
                "купити купить магазин на недорого по придбати про та у хочу ціна ціни чи що як",
    [LANG_RU] = "а в где для до дешево за заказать и из или интернет как какой ко купить "
                "магазин мне на недорого о от по под при с со стоимость у хочу цена цены что",
    [LANG_TR] = "al alacagim almak bir bu da de en fiyat fiyati fiyatlari icin ile mi mu "
                "satin siparis ucuz uygun ve veya ya",
    [LANG_NL] = "aan bestellen bij de een en goedkoop goedkope het in kopen koop met mijn of om "
                "online op prijs te van voor winkel",
    [LANG_DE] = "am an auf aus bei bestellen billig das dem den der die ein eine einem einen "
                "einer fur gunstig gunstige im in ist kaufen mit oder online preis und von zu zum "
                "zur",
    [LANG_FR] = "a acheter au aux avec d dans de des du en et l la le les mon ou par pas pour prix "
                "sans sur un une",
    [LANG_ES] = "a al barato comprar con de del el en la las los mi o para por precio sin un una y",
    [LANG_IT] = "a al alla con comprare da dei del della di e gli i il in la le lo o per prezzo un "
                "una",
    [LANG_PT] = "a ao com comprar da das de do dos e em na no o os ou para por preco um uma",
    [LANG_ZH] = "一个 一件 一双 买 便宜 价格 和 在 我要 的 购买",
    [LANG_JA] = "お を が で と に の は へ も 価格 購入 通販",
};

static const char *const PREPOSITIONS[LANGUAGES] = {
    [LANG_EN] = "for with by from to of without",
    [LANG_UK] = "для з із зі до на від під без",
    [LANG_RU] = "для с со из к на от под без",
    [LANG_NL] = "voor met van uit bij zonder",
    [LANG_DE] = "fur mit von aus zu zum zur ohne",
    [LANG_FR] = "pour de des du avec en sans",
    [LANG_ES] = "para de del con sin",
    [LANG_IT] = "per di del della da con senza",
    [LANG_PT] = "para de da do com sem",
};

/* All of them in one table, asked for every word of every text. */
enum { SLOTS = 2048, IS_STOP = 1, IS_PREPOSITION = 2 };

typedef struct Slot {
    const char *word; /* not terminated; NULL: free */
    uint8_t     len;
    uint8_t     language;
    uint8_t     flags;
} Slot;

static Slot           slots[SLOTS];
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

/* Where the word is, or would be. */
static Slot *slot_of(Language l, const char *word, size_t len)
{
    uint32_t h = 2166136261U + (uint32_t)l; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)word[i]) * 16777619U;
    for (uint32_t i = h;; i++) {
        Slot *s = &slots[i % SLOTS];
        if (!s->word ||
            (s->len == len && s->language == (uint8_t)l && memcmp(s->word, word, len) == 0))
            return s;
    }
}

static void add_list(Language l, const char *list, uint8_t flag)
{
    for (const char *at = list; at && *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        Slot  *s = slot_of(l, at, n);
        *s = (Slot){at, (uint8_t)n, (uint8_t)l, (uint8_t)(s->flags | flag)};
        at += n;
    }
}

static void fill_slots(void)
{
    for (int l = 0; l < LANGUAGES; l++) {
        add_list((Language)l, LISTS[l], IS_STOP);
        add_list((Language)l, PREPOSITIONS[l], IS_PREPOSITION);
    }
}

static uint8_t flags_of(Language l, Str word)
{
    pthread_once(&slots_once, fill_slots);
    return word.len == 0 || word.len > UINT8_MAX ? 0 : slot_of(l, word.ptr, word.len)->flags;
}

bool stop_word(Language l, Str word)
{
    return flags_of(l, word) & IS_STOP;
}

bool preposition(Language l, Str word)
{
    return flags_of(l, word) & IS_PREPOSITION;
}

bool postposition(Language l, Str word)
{
    return l == LANG_TR && str_eq(word, STR("icin"));
}

bool head_is_last(Language l)
{
    return l == LANG_EN || l == LANG_DE || l == LANG_NL || l == LANG_TR || l == LANG_SV ||
           l == LANG_DA || l == LANG_NO || l == LANG_FI || l == LANG_HU;
}
