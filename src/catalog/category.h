/* category.h - collections as files name them: "Clothing > Shirts".
 *
 * Other shops keep categories in a tree; here each becomes a collection by hand, called by
 * the last part ("Shirts") with a handle of all parts ("clothing-shirts"), and a product is
 * in those above it, too. The path stays in the collection's attribute CATEGORY_ATTRIBUTE:
 * by it a file's category is found again, whatever the collection is called by then.
 *
 * A path is kept in one form: parts trimmed and joined by " > ", within them "&amp;", "&lt;" and
 * "&gt;" as WooCommerce has them, so that a part may contain ">". */
#pragma once

#include "catalog/product.h"

enum { CATEGORY_DEPTH_MAX = 10, CATEGORY_PART_MAX = 255 /* characters */ };

#define CATEGORY_ATTRIBUTE "import.category"

/* A path as a file has it, in the one form. False: no part is left, or too many or too
 * long ones are. */
NODISCARD bool category_path(Arena *a, Str text, Str *ret);

/* The path of one part, whatever is in it; and what the last part of a path is called. */
Str category_of_title(Arena *a, Str title);
Str category_title(Arena *a, Str path);

/* In the running transaction: put the product into the collections of these paths, and of
 * those above them; make what is missing. With `whole` it leaves others that have a path; what
 * staff chose beside them stays. */
NODISCARD Status categories_set(Cx *cx, int64_t product, const Str *paths, size_t n, bool whole,
                                bool *changed);

/* Paths of the collections by hand that each product is in, sorted, and without those that
 * are above another: what categories_set() needs to say the same again. ret[i] is of ids[i]. */
NODISCARD Status categories_of(Cx *cx, const int64_t *ids, size_t n, CatalogTexts *ret);
