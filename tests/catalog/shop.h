/* shop.h - what the tests of the catalogue share. */
#pragma once

#include "world.h"

#include "base/id.h"
#include "catalog/catalog.h"
#include "catalog/module.h"

/* Read JSON as a body would be read; issues go to cx->issues. */
Status shop_read(Cx *cx, const Shape *shape, const char *json, void *dst);

/* Create or change a product from JSON. */
Status shop_create(Cx *cx, const char *json, CatalogProduct *ret);
Status shop_update(Cx *cx, int64_t id, const char *json, CatalogProduct *ret);
Status shop_variant_update(Cx *cx, int64_t id, const char *json, CatalogVariant *ret);

/* A product from JSON that must succeed. */
CatalogProduct shop_product(World *w, const char *json);
CatalogProduct shop_get(World *w, int64_t id);

/* JSON as the API shows it. */
const char *shop_json(World *w, const Shape *shape, const void *value);

/* Is there an issue with this pointer and code? */
void assert_issue_at(const Cx *cx, const char *pointer, const char *code, const char *file,
                     int line);
#define assert_issue(cx, pointer, code) assert_issue_at((cx), (pointer), (code), __FILE__, __LINE__)

/* One number from the database. */
int64_t shop_number_at(World *w, const char *sqlite, const char *postgres);
#define shop_number(w, sql) shop_number_at((w), (sql), (sql))

/* Everything that must always be true, asked from the database. */
void shop_sound(World *w);

/* Deliver events and run jobs until nothing is left; starts a Core at first. */
void shop_drain(World *w);
/* Tests that drained end with it, before the world goes. */
void shop_close(World *w);

CatalogCollection shop_collection(World *w, const char *json);
Status shop_collection_update(Cx *cx, int64_t id, const char *json, CatalogCollection *ret);

/* The number of products that a collection has. */
int64_t shop_members(World *w, int64_t collection);
