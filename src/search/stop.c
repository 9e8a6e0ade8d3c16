#include "search/language.h"

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

static bool is_listed(const char *list, Str word)
{
    if (!list || word.len == 0)
        return false;
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, " ");
        if (n == word.len && memcmp(at, word.ptr, n) == 0)
            return true;
        at += n;
        at += strspn(at, " ");
    }
    return false;
}

bool stop_word(Language l, Str word)
{
    return is_listed(LISTS[l], word);
}

bool preposition(Language l, Str word)
{
    return is_listed(PREPOSITIONS[l], word);
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
