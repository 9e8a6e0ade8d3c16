/* {{ product | structured_data }}, {{ article | structured_data }}: JSON-LD. */
#include "base/id.h"
#include "channel/storefront/filters.h"
#include "channel/storefront/schema_org.h"

enum { STRUCTURED_MAX = 4 << 20 };

LiquidValue filter_structured_data(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Visit                *v = filter_visit(cx);
    CLEANUP(buf_done) Buf b = {0};
    ProductObject        *p = object_to_product(in);
    int64_t               id = 0;
    (void)args;
    buf_init(&b, STRUCTURED_MAX);
    LiquidValue article = liquid_get(cx, in, STR("id"));
    if (p != NULL) {
        schema_product(v, &b, p);
    } else if (article.type == LIQUID_TEXT && id_parse(liquid_str(article), "art", &id) &&
               published_article(v->view, id) != NULL) {
        schema_article(v, &b, published_article(v->view, id));
    } else {
        return liquid_fail(cx, "structured_data: a product or an article is needed");
    }
    CLEANUP(buf_done) Buf inert = {0};
    buf_init(&inert, STRUCTURED_MAX);
    schema_org_add(&inert, buf_str(&b));
    LiquidValue out = liquid_text(str_dup(visit_arena(v), buf_str(&inert)));
    out.safe = LIQUID_SAFE_JSON;
    return out;
}
