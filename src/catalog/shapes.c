/* What a product looks like in JSON. */
#include "catalog/catalog.h"

const char *const catalog_status_names[] = {"draft", "active", "archived", NULL};
const char *const catalog_kind_names[] = {"physical",  "digital", "service",
                                          "gift_card", "bundle",  NULL};
const char *const catalog_media_kind_names[] = {"image", "video", "model3d", NULL};
const char *const catalog_weight_unit_names[] = {"g", "kg", "oz", "lb", NULL};
const char *const catalog_policy_names[] = {"deny", "continue", "preorder", NULL};
const char *const catalog_availability_names[] = {"out_of_stock", "in_stock", "backorder",
                                                  "preorder", NULL};

static const ShapeField PRICE_FIELDS[] = {
    SHAPE_ID(CatalogPrice, id, CATALOG_PRICE_ID, .doc = "Given by the program."),
    SHAPE_ID(CatalogPrice, list_id, CATALOG_PRICE_LIST_ID,
             .doc = "The price list; absent: the base prices."),
    SHAPE_MONEY(CatalogPrice, price, .doc = "For one piece."),
    SHAPE_MONEY(CatalogPrice, compare_at, .flags = SHAPE_NULLABLE,
                .doc = "The former price, shown struck through."),
    SHAPE_INT(CatalogPrice, min_qty, .min = 1, .max = 1000000,
              .doc = "Holds from this quantity on."),
    SHAPE_TIME(CatalogPrice, starts_at, .doc = "Null: always did."),
    SHAPE_TIME(CatalogPrice, ends_at, .doc = "Null: until further notice."),
    SHAPE_TIME(CatalogPrice, since, .flags = SHAPE_READ_ONLY,
               .doc = "When the price became what it is."),
};
const Shape catalog_price_shape =
    SHAPE_OF_PATCH(CatalogPrice, "VariantPrice", PRICE_FIELDS,
                   .doc = "What a variant costs in one price list and currency.");

static const ShapeField ATTRIBUTE_FIELDS[] = {
    SHAPE_TEXT(CatalogAttribute, key, .min = 3, .max = 129, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "namespace.key of its definition.", .example = "\"google.gender\""),
    SHAPE_JSON(CatalogAttribute, value, .max = 65535, .flags = SHAPE_REQUIRED,
               .doc = "Of the definition's type."),
};
const Shape catalog_attribute_shape = SHAPE_OF(CatalogAttribute, "AttributeValue", ATTRIBUTE_FIELDS,
                                               .doc = "The value of a custom attribute.");

static const ShapeField MEASURE_FIELDS[] = {
    SHAPE_REAL(CatalogMeasure, value, .flags = SHAPE_REQUIRED, .doc = "How much is in it.",
               .example = "0.75"),
    SHAPE_TEXT(CatalogMeasure, unit, .min = 1, .max = 10, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .example = "\"l\""),
    SHAPE_REAL(CatalogMeasure, base_value, .flags = SHAPE_REQUIRED,
               .doc = "For how much the price is shown.", .example = "1"),
    SHAPE_TEXT(CatalogMeasure, base_unit, .min = 1, .max = 10, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .example = "\"l\""),
};
const Shape catalog_measure_shape =
    SHAPE_OF(CatalogMeasure, "UnitMeasure", MEASURE_FIELDS, .doc = "For the price per unit.");

static const ShapeField VARIANT_FIELDS[] = {
    SHAPE_ID(CatalogVariant, id, CATALOG_VARIANT_ID, .doc = "Given by the program."),
    SHAPE_ID(CatalogVariant, product_id, CATALOG_PRODUCT_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_INT(CatalogVariant, position, .flags = SHAPE_READ_ONLY,
              .doc = "1 is the product's first."),
    SHAPE_TEXT(CatalogVariant, title, .flags = SHAPE_READ_ONLY,
               .doc = "Its option values, or the product's title.", .example = "\"Red / M\""),
    SHAPE_TEXTS(CatalogVariant, options, .max = CATALOG_OPTIONS_MAX, .item_min = 1, .item_max = 255,
                .doc = "One value for each of the product's options.",
                .example = "[\"Red\",\"M\"]"),
    SHAPE_TEXT(CatalogVariant, sku, .max = 255, .flags = SHAPE_LINE,
               .doc = "Stock keeping unit; may be empty."),
    SHAPE_TEXT(CatalogVariant, barcode, .max = 255, .flags = SHAPE_LINE,
               .doc = "GTIN, EAN, UPC or ISBN."),
    SHAPE_TEXT(CatalogVariant, mpn, .max = 255, .flags = SHAPE_LINE,
               .doc = "Manufacturer's part number."),
    SHAPE_LIST(CatalogVariant, prices, CatalogPrice, &catalog_price_shape,
               .max = CATALOG_PRICES_MAX),
    SHAPE_MONEY(CatalogVariant, cost, .flags = SHAPE_NULLABLE, .doc = "What the shop pays."),
    SHAPE_INT(CatalogVariant, weight_g, .min = 0, .max = 1000000000, .doc = "Grams."),
    SHAPE_ENUM(CatalogVariant, weight_unit, catalog_weight_unit_names,
               .doc = "The unit that people see."),
    SHAPE_INT(CatalogVariant, length_mm, .min = 0, .max = 1000000, .doc = "Millimetres."),
    SHAPE_INT(CatalogVariant, width_mm, .min = 0, .max = 1000000, .doc = "Millimetres."),
    SHAPE_INT(CatalogVariant, height_mm, .min = 0, .max = 1000000, .doc = "Millimetres."),
    SHAPE_TEXT(CatalogVariant, hs_code, .max = 20, .flags = SHAPE_LINE,
               .doc = "Harmonised System code for customs: 6 to 13 digits."),
    SHAPE_TEXT(CatalogVariant, origin, .max = 2, .flags = SHAPE_LINE,
               .doc = "Country of origin, ISO 3166-1 alpha-2.", .example = "\"TR\""),
    SHAPE_BOOL(CatalogVariant, requires_shipping),
    SHAPE_BOOL(CatalogVariant, taxable),
    SHAPE_TEXT(CatalogVariant, tax_code, .max = 64, .flags = SHAPE_LINE),
    SHAPE_OBJECT(CatalogVariant, measure, CatalogMeasure, &catalog_measure_shape,
                 .doc = "For the price per unit; null: none is shown."),
    SHAPE_BOOL(CatalogVariant, tracked, .doc = "Is the quantity counted?"),
    SHAPE_ENUM(CatalogVariant, policy, catalog_policy_names,
               .doc = "When the quantity is used up: stop selling, sell on, or sell on because it "
                      "comes out later."),
    SHAPE_INT(CatalogVariant, quantity, .min = -1000000000, .max = 1000000000,
              .doc = "Pieces that can be sold, over all locations that sell online. Writing it "
                     "counts the default location so that it becomes this."),
    SHAPE_ENUM(CatalogVariant, availability, catalog_availability_names, .flags = SHAPE_READ_ONLY,
               .doc = "How one more piece stands, as pages, feeds and structured data tell it."),
    SHAPE_TIME(CatalogVariant, expected_at, .flags = SHAPE_READ_ONLY, .doc = "When more comes."),
    SHAPE_TEXT(CatalogVariant, fulfilment, .max = 64, .flags = SHAPE_LINE, .doc = "Who sends it.",
               .example = "\"manual\""),
    SHAPE_INT(CatalogVariant, min_qty, .min = 1, .max = 1000000, .doc = "In one order."),
    SHAPE_INT(CatalogVariant, max_qty, .min = 1, .max = 1000000, .doc = "In one order."),
    SHAPE_INT(CatalogVariant, step_qty, .min = 1, .max = 1000000, .doc = "Sold in multiples of."),
    SHAPE_ID(CatalogVariant, media_id, CATALOG_MEDIA_ID, .doc = "The picture that shows it."),
    SHAPE_INT(CatalogVariant, media_index, .min = 1, .max = CATALOG_MEDIA_MAX,
              .flags = SHAPE_WRITE_ONLY,
              .doc = "In place of media_id: 1 is the first of the product's media."),
    SHAPE_LIST(CatalogVariant, attributes, CatalogAttribute, &catalog_attribute_shape,
               .max = CATALOG_ATTRIBUTES_MAX),
    SHAPE_TIME(CatalogVariant, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogVariant, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_variant_shape = SHAPE_OF_PATCH(CatalogVariant, "Variant", VARIANT_FIELDS,
                                                   .doc = "What is put into the basket.");

static const ShapeField VALUE_FIELDS[] = {
    SHAPE_ID(CatalogOptionValue, id, CATALOG_VALUE_ID, .doc = "Given by the program."),
    SHAPE_TEXT(CatalogOptionValue, name, .min = 1, .max = 255, .flags = SHAPE_LINE,
               .example = "\"Red\""),
    SHAPE_TEXT(CatalogOptionValue, swatch, .max = 7, .flags = SHAPE_LINE,
               .doc = "#rrggbb, or empty.", .example = "\"#cc0000\""),
};
const Shape catalog_option_value_shape =
    SHAPE_OF_PATCH(CatalogOptionValue, "OptionValue", VALUE_FIELDS, .doc = "Red, of Colour.");

static const ShapeField OPTION_FIELDS[] = {
    SHAPE_ID(CatalogOption, id, CATALOG_OPTION_ID, .doc = "Given by the program."),
    SHAPE_TEXT(CatalogOption, name, .min = 1, .max = 255, .flags = SHAPE_LINE,
               .example = "\"Colour\""),
    SHAPE_LIST(CatalogOption, values, CatalogOptionValue, &catalog_option_value_shape,
               .max = CATALOG_VALUES_MAX,
               .doc = "In order; values that variants use are added by themselves."),
};
const Shape catalog_option_shape =
    SHAPE_OF_PATCH(CatalogOption, "Option", OPTION_FIELDS, .doc = "What variants differ in.");

static const ShapeField MEDIA_FIELDS[] = {
    SHAPE_ID(CatalogMedia, id, CATALOG_MEDIA_ID, .doc = "Given by the program."),
    SHAPE_ENUM(CatalogMedia, kind, catalog_media_kind_names),
    SHAPE_TEXT(CatalogMedia, url, .max = 2048, .flags = SHAPE_LINE,
               .doc = "Where it came from or lies."),
    SHAPE_TEXT(CatalogMedia, hash, .max = 64, .flags = SHAPE_LINE | SHAPE_READ_ONLY,
               .doc = "Of the stored file; empty when it lies elsewhere."),
    SHAPE_TEXT(CatalogMedia, mime, .max = 100, .flags = SHAPE_LINE,
               .example = "\"model/gltf-binary\""),
    SHAPE_TEXT(CatalogMedia, alt, .max = 1000, .flags = SHAPE_LINE,
               .doc = "What it shows, for those who do not see it."),
    SHAPE_INT(CatalogMedia, width, .min = 1, .max = 100000, .doc = "Pixels."),
    SHAPE_INT(CatalogMedia, height, .min = 1, .max = 100000, .doc = "Pixels."),
    SHAPE_TEXT(CatalogMedia, colour, .max = 7, .flags = SHAPE_LINE,
               .doc = "#rrggbb to show while it loads, or empty."),
    SHAPE_TEXT(CatalogMedia, poster, .max = 2048, .flags = SHAPE_LINE,
               .doc = "Picture that stands for a video or model."),
};
const Shape catalog_media_shape =
    SHAPE_OF_PATCH(CatalogMedia, "Media", MEDIA_FIELDS, .doc = "A picture, video or 3D model.");

static const ShapeField PUBLICATION_FIELDS[] = {
    SHAPE_TEXT(
        CatalogPublication, channel, .min = 1, .max = 32, .flags = SHAPE_REQUIRED | SHAPE_HANDLE,
        .doc = "web, pos, agent, marketplace, or one of the shop's own.", .example = "\"web\""),
    SHAPE_TIME(CatalogPublication, published_at, .doc = "Absent when writing: now."),
    SHAPE_TIME(CatalogPublication, unpublish_at, .doc = "Null: stays."),
};
const Shape catalog_publication_shape =
    SHAPE_OF(CatalogPublication, "Publication", PUBLICATION_FIELDS,
             .doc = "Where and from when to when something is shown.");

static const ShapeField PRODUCT_FIELDS[] = {
    SHAPE_ID(CatalogProduct, id, CATALOG_PRODUCT_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(CatalogProduct, handle, .max = 255, .flags = SHAPE_LINE,
               .doc = "Its place in addresses: /products/HANDLE. Made from the title when absent;"
                      " when it changes, the old address leads to the new one.",
               .example = "\"red-shoes\""),
    SHAPE_ENUM(CatalogProduct, status, catalog_status_names),
    SHAPE_ENUM(CatalogProduct, kind, catalog_kind_names),
    SHAPE_TEXT(CatalogProduct, title, .min = 1, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(CatalogProduct, description, .max = CATALOG_HTML_MAX, .flags = SHAPE_HTML,
               .doc = "HTML as written. Readers without catalog.read get it made safe."),
    SHAPE_TEXT(CatalogProduct, description_safe, .max = CATALOG_HTML_MAX,
               .flags = SHAPE_HTML | SHAPE_NULLABLE | SHAPE_READ_ONLY,
               .doc = "The description made safe to show; null: it is so as written."),
    SHAPE_TEXT(CatalogProduct, vendor, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(CatalogProduct, type, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXTS(CatalogProduct, tags, .max = CATALOG_TAGS_MAX, .item_min = 1, .item_max = 255),
    SHAPE_TEXT(CatalogProduct, category, .max = 512, .flags = SHAPE_LINE,
               .doc = "Path or id in a taxonomy such as Google's."),
    SHAPE_TEXT(CatalogProduct, tax_class, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TEXT(CatalogProduct, seo_title, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(CatalogProduct, seo_description, .max = 5000),
    SHAPE_TEXT(CatalogProduct, template_suffix, .max = 64, .flags = SHAPE_LINE,
               .doc = "Shown with the theme's template product.SUFFIX."),
    SHAPE_LIST(CatalogProduct, media, CatalogMedia, &catalog_media_shape, .max = CATALOG_MEDIA_MAX),
    SHAPE_LIST(CatalogProduct, attributes, CatalogAttribute, &catalog_attribute_shape,
               .max = CATALOG_ATTRIBUTES_MAX),
    SHAPE_LIST(CatalogProduct, publications, CatalogPublication, &catalog_publication_shape,
               .max = CATALOG_CHANNELS_MAX, .doc = "New products: on web, from now."),
    SHAPE_INT(CatalogProduct, variant_count, .flags = SHAPE_READ_ONLY),
    SHAPE_LIST(CatalogProduct, options, CatalogOption, &catalog_option_shape,
               .max = CATALOG_OPTIONS_MAX),
    SHAPE_INT(CatalogProduct, rev, .flags = SHAPE_READ_ONLY, .doc = "Its ETag, for If-Match."),
    SHAPE_TIME(CatalogProduct, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogProduct, updated_at, .flags = SHAPE_READ_ONLY),
    /* last: catalog_product_head_shape leaves it out */
    SHAPE_LIST(CatalogProduct, variants, CatalogVariant, &catalog_variant_shape,
               .max = CATALOG_VARIANTS_MAX),
};
const Shape catalog_product_shape =
    SHAPE_OF_PATCH(CatalogProduct, "Product", PRODUCT_FIELDS, .doc = "What is sold.");

static ShapeIndex *head_index;
const Shape        catalog_product_head_shape = {.name = "ProductHead",
                                                 .doc = "A product without its variants.",
                                                 .size = sizeof(CatalogProduct),
                                                 .fields = PRODUCT_FIELDS,
                                                 .n = COUNT_OF(PRODUCT_FIELDS) - 1,
                                                 .given_offset = offsetof(CatalogProduct, given),
                                                 .index = &head_index};
