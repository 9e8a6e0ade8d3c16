/* schema_org.h - structured data (JSON-LD) for search engines and assistants.
 *
 * Product, ProductGroup with its variants' offers, BreadcrumbList, Organization, WebSite,
 * Article, after schema.org and what Google's merchant listings ask for. The text may stand in
 * <script type="application/ld+json"> as it is. */
#pragma once

#include "channel/storefront/object.h"

enum { SCHEMA_VARIANTS_MAX = 500 /* of one group */ };

/* Each appends one JSON object. */
void schema_product(Visit *v, Buf *b, ProductObject *p);
void schema_article(Visit *v, Buf *b, const PublishedArticle *a);
void schema_breadcrumbs(Visit *v, Buf *b);
void schema_organization(Visit *v, Buf *b);
void schema_website(Visit *v, Buf *b);

/* Append such JSON with quotes of HTML escaped, too: it stays inert wherever it is put. */
void schema_org_add(Buf *b, Str json);
