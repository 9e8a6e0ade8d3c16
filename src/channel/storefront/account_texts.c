/* The words of the account pages, for templates: {{ texts.login_title }}. */
#include "channel/storefront/account.h"

#include "text/messages.h"

static const struct {
    const char *name, *key;
} TEXTS[] = {
    {"login_title", "storefront.account.login_title"},
    {"email", "storefront.account.email"},
    {"password", "storefront.account.password"},
    {"send_code", "storefront.account.send_code"},
    {"send_code_hint", "storefront.account.send_code_hint"},
    {"with_password", "storefront.account.with_password"},
    {"sign_in", "storefront.account.sign_in"},
    {"forgotten", "storefront.account.forgotten"},
    {"register_link", "storefront.account.register_link"},
    {"register_title", "storefront.account.register_title"},
    {"register", "storefront.account.register"},
    {"first_name", "storefront.account.first_name"},
    {"last_name", "storefront.account.last_name"},
    {"password_or_none", "storefront.account.password_or_none"},
    {"password_hint", "storefront.account.password_hint"},
    {"login_link", "storefront.account.login_link"},
    {"code_title", "storefront.account.code_title"},
    {"code", "storefront.account.code"},
    {"go_on", "storefront.account.go_on"},
    {"begin_again", "storefront.account.begin_again"},
    {"reset_title", "storefront.account.reset_title"},
    {"new_password", "storefront.account.new_password"},
    {"old_password", "storefront.account.old_password"},
    {"set_password", "storefront.account.set_password"},
    {"account_title", "storefront.account.account_title"},
    {"orders", "storefront.account.orders"},
    {"no_orders", "storefront.account.no_orders"},
    {"details", "storefront.account.details"},
    {"phone", "storefront.account.phone"},
    {"save", "storefront.account.save"},
    {"addresses", "storefront.account.addresses"},
    {"addresses_link", "storefront.account.addresses_link"},
    {"new_email", "storefront.account.new_email"},
    {"sessions", "storefront.account.sessions"},
    {"this_one", "storefront.account.this_one"},
    {"sign_out_everywhere", "storefront.account.sign_out_everywhere"},
    {"privacy", "storefront.account.privacy"},
    {"marketing_on", "storefront.account.marketing_on"},
    {"marketing_off", "storefront.account.marketing_off"},
    {"marketing_start", "storefront.account.marketing_start"},
    {"marketing_stop", "storefront.account.marketing_stop"},
    {"export", "storefront.account.export"},
    {"erase_hint", "storefront.account.erase_hint"},
    {"erase", "storefront.account.erase"},
    {"sign_out", "storefront.account.sign_out"},
    {"is_default", "storefront.account.is_default"},
    {"edit", "storefront.account.edit"},
    {"delete", "storefront.account.delete"},
    {"new_address", "storefront.account.new_address"},
    {"add", "storefront.account.add"},
    {"company", "storefront.account.company"},
    {"line1", "storefront.account.line1"},
    {"line2", "storefront.account.line2"},
    {"postal_code", "storefront.account.postal_code"},
    {"city", "storefront.account.city"},
    {"zone", "storefront.account.zone"},
    {"country", "storefront.account.country"},
    {"make_default", "storefront.account.make_default"},
};

static bool texts_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    const Visit *v = self;
    (void)cx;
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        if (!str_eq(key, str_from_cstr(TEXTS[i].name)))
            continue;
        *ret = liquid_text(message_make(visit_arena(v), account_lang(v), TEXTS[i].key, NULL, 0));
        return true;
    }
    return false;
}

static const LiquidDropType texts_type = {.name = "TextsDrop", .get = texts_get};

LiquidValue account_texts(Visit *v)
{
    return liquid_drop(visit_arena(v), &texts_type, v);
}

Lang account_lang(const Visit *v)
{
    Lang lang = LANG_EN;
    return lang_find(v->tag, &lang) ? lang : LANG_EN;
}
