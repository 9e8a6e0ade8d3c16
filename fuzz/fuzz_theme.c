/* A theme's files: templates, sections with their schema, groups, settings, locales, assets. The
 * first byte says which file the rest is. */
#include "channel/storefront/locale.h"
#include "channel/storefront/theme.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const Str PATHS[] = {
    STR_INIT("templates/index.json"),
    STR_INIT("sections/b.liquid"),
    STR_INIT("sections/group.json"),
    STR_INIT("config/settings_schema.json"),
    STR_INIT("config/settings_data.json"),
    STR_INIT("locales/uk.json"),
    STR_INIT("assets/b.css"),
    STR_INIT("assets/b.js"),
    STR_INIT("templates/product.big.liquid"),
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0)
        return 0;
    const ThemeFile files[] = {
        {STR_INIT("layout/theme.liquid"), STR_INIT("{{ content_for_layout }}")},
        {STR_INIT("sections/a.liquid"),
         STR_INIT(
             "{% schema %}{\"name\":\"A\",\"max_blocks\":3,\"blocks\":[{\"type\":\"x\",\"limit\":"
             "1}]}{% endschema %}")},
        {STR_INIT("assets/a.css"), STR_INIT("@import url(b.css);")},
        {STR_INIT("assets/a.js"), STR_INIT("import './b.js'")},
        {PATHS[data[0] % COUNT_OF(PATHS)], {(const char *)data + 1, size - 1}},
    };
    Theme *t;
    Err    err;
    Str    text;
    bool   html;
    char   tag[LOCALE_TAG_MAX + 1];
    if (theme_make(files, COUNT_OF(files), &t, &err) == ST_OK) {
        (void)theme_page(t, STR("index"), STR(""));
        if (theme_text(t->texts, locale_of(STR("uk")), STR("a.b"), true, 2, &text, &html))
            ASSERT(text.len <= size);
        theme_release(t);
    }
    if (locale_tag((Str){(const char *)data + 1, size - 1}, tag))
        ASSERT(tag[0] >= 'a' && tag[0] <= 'z');
    return 0;
}
