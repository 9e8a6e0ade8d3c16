/* {{ content_for_header }}: what the shop itself puts into the head of every page. */
#include "channel/storefront/render.h"
#include "channel/storefront/storefront_int.h"

static void link_to(Buf *b, const char *before, Str url, const char *after)
{
    if (url.len == 0)
        return;
    buf_add(b, str_from_cstr(before));
    buf_add_html(b, url);
    buf_add(b, str_from_cstr(after));
}

LiquidValue head_content(Visit *v)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 64 << 10);
    link_to(&b, "<link rel=\"stylesheet\" href=\"", v->theme->css, "\">");
    link_to(&b, "<script defer src=\"", v->theme->js, "\"></script>");
    if (storefront_watches())
        buf_add(&b, STR("<script defer src=\"" RELOAD_SCRIPT "\"></script>"));
    return liquid_html(str_dup(visit_arena(v), buf_str(&b)));
}
