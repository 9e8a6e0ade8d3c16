#include "order/texts.h"

#define LOCALE                                                                                     \
    SHAPE_TEXT(OrderTranslation, locale, .min = 2, .max = 35,                                      \
               .flags = SHAPE_REQUIRED | SHAPE_LINE, .example = "\"nl\"")
#define TITLE SHAPE_TEXT(OrderTranslation, title, .max = 255, .flags = SHAPE_LINE)

static const ShapeField TEXT[] = {LOCALE, TITLE,
                                  SHAPE_TEXT(OrderTranslation, description, .max = 500)};
const Shape             order_text_shape =
    SHAPE_OF(OrderTranslation, "DeliveryText", TEXT, .doc = "Its texts in another language.");

static const ShapeField TITLES[] = {LOCALE, TITLE};
const Shape             order_title_shape =
    SHAPE_OF(OrderTranslation, "PromotionText", TITLES, .doc = "Its title in another language.");

/* The text at `offset`, for the language or what is left of its tag. */
static Str text_in(const OrderTranslations *texts, Str locale, size_t offset, Str source)
{
    while (texts->n > 0 && locale.len > 0) {
        for (size_t i = 0; i < texts->n; i++) {
            const OrderTranslation *t = &texts->items[i];
            Str                     s = *(const Str *)(const void *)((const char *)t + offset);
            if (s.len > 0 && str_eq_nocase(t->locale, locale))
                return s;
        }
        while (locale.len > 0 && locale.ptr[locale.len - 1] != '-')
            locale.len--;
        if (locale.len > 0)
            locale.len--;
    }
    return source;
}

Str order_title_in(const OrderTranslations *texts, Str locale, Str source)
{
    return text_in(texts, locale, offsetof(OrderTranslation, title), source);
}

Str order_description_in(const OrderTranslations *texts, Str locale, Str source)
{
    return text_in(texts, locale, offsetof(OrderTranslation, description), source);
}

void order_texts_check(Cx *cx, const OrderTranslations *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq_nocase(texts->items[i].locale, texts->items[k].locale)) {
                char pointer[64];
                (void)snprintf(pointer, sizeof pointer, "/translations/%zu/locale", i);
                issue_add(&cx->issues, str_from_cstr(pointer), "not_unique",
                          "there is a text in this language already");
            }
}
