/* defaults.h - how a shop's texts weigh when a word is found in them.
 *
 * Found by measuring on catalogues with human judgements, on one half of the queries, and
 * checked on the other (bench/search-quality). A shop makes its fields of these:
 *
 *      SearchFieldDef d = SEARCH_FIELD_TITLE;
 *      d.name = STR("title");
 */
#pragma once

#include "search/document.h"

/* A product's title, and a model's or product line's name where it stands apart. */
#define SEARCH_FIELD_TITLE                                                                         \
    ((SearchFieldDef){                                                                             \
        .kind = SEARCH_TEXT, .suggest = true, .weight = 4, .length = 10, .pull = 0.75F})
#define SEARCH_FIELD_MODEL                                                                         \
    ((SearchFieldDef){.kind = SEARCH_TEXT, .weight = 2, .length = 8, .pull = 0.5F})
/* What kind of thing it is: type, category, collection. */
#define SEARCH_FIELD_TYPE                                                                          \
    ((SearchFieldDef){.kind = SEARCH_TEXT, .suggest = true, .weight = 8, .length = 2, .pull = 0.5F})
#define SEARCH_FIELD_VENDOR                                                                        \
    ((SearchFieldDef){.kind = SEARCH_TEXT, .suggest = true, .weight = 2, .length = 1, .pull = 0.1F})
/* Tags, options, values of attributes. */
#define SEARCH_FIELD_ATTRIBUTES                                                                    \
    ((SearchFieldDef){.kind = SEARCH_TEXT, .weight = 0.5F, .length = 40, .pull = 1})
#define SEARCH_FIELD_DESCRIPTION                                                                   \
    ((SearchFieldDef){.kind = SEARCH_TEXT, .weight = 3, .length = 10, .pull = 1})
/* SKU, EAN, manufacturer's number. */
#define SEARCH_FIELD_CODE ((SearchFieldDef){.kind = SEARCH_CODE, .weight = 4})
