/* texts.h - what shoppers read of a promotion or a way of delivery, in other languages.
 *
 * They stand with the thing itself, in the field `translations` of its JSON, next to `title`,
 * which is in the shop's own language:
 *
 *      "title": "Free delivery",
 *      "translations": [{"locale": "nl", "title": "Gratis bezorging"}]
 *
 * A text that is empty, or in no language that fits, is the shop's own. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum { ORDER_LOCALES_MAX = 60 };

typedef struct OrderTranslation {
    Str locale; /* BCP 47: "pt-BR" */
    Str title, description;
} OrderTranslation;

typedef struct OrderTranslations {
    OrderTranslation *items;
    size_t            n;
} OrderTranslations;

extern const Shape order_text_shape;  /* locale, title, description */
extern const Shape order_title_shape; /* locale, title */

/* In `locale` ("pt-BR", then "pt"), else `source`. */
Str order_title_in(const OrderTranslations *texts, Str locale, Str source);
Str order_description_in(const OrderTranslations *texts, Str locale, Str source);

/* Notes what is wrong: a language twice. */
void order_texts_check(Cx *cx, const OrderTranslations *texts);

/* The language in which to tell `own`'s texts: what whoever asks reads (cx->locale), else `own`. */
static inline Str order_locale(const Cx *cx, Str own)
{
    return cx->locale.len > 0 ? cx->locale : own;
}
