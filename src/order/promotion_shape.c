/* Promotions and codes as JSON. */
#include "order/promotion.h"

const char *const promotion_kind_names[] = {"percent",  "fixed", "delivery", "buy_get",
                                            "cheapest", "gift",  "bundle",   NULL};
const char *const promotion_target_names[] = {"items", "order", NULL};

#define IDS_MAX   .max = PROMOTION_IDS_MAX
#define TEXTS_MAX .max = PROMOTION_TEXTS_MAX, .item_max = 255

static const ShapeField SELECTION[] = {
    SHAPE_IDS(PromotionSelection, products, "prd", IDS_MAX),
    SHAPE_IDS(PromotionSelection, variants, "var", IDS_MAX),
    SHAPE_IDS(PromotionSelection, collections, "col", IDS_MAX),
    SHAPE_TEXTS(PromotionSelection, tags, TEXTS_MAX),
    SHAPE_TEXTS(PromotionSelection, vendors, TEXTS_MAX),
    SHAPE_TEXTS(PromotionSelection, types, TEXTS_MAX),
    SHAPE_IDS(PromotionSelection, not_products, "prd", IDS_MAX),
    SHAPE_IDS(PromotionSelection, not_collections, "col", IDS_MAX),
    SHAPE_TEXTS(PromotionSelection, not_tags, TEXTS_MAX),
    SHAPE_BOOL(PromotionSelection, not_reduced,
               .doc = "Leave out what has a higher compare_at price."),
};
static const Shape selection_shape =
    SHAPE_OF(PromotionSelection, "PromotionItems", SELECTION,
             .doc = "Items that one of the lists names and none of the not_ lists; with all lists "
                    "empty every item.");

static const ShapeField PART[] = {
    SHAPE_OBJECT(PromotionPart, items, PromotionSelection, &selection_shape),
    SHAPE_INT(PromotionPart, qty, .min = 1, .max = 1000, .flags = SHAPE_REQUIRED),
};
static const Shape part_shape =
    SHAPE_OF(PromotionPart, "PromotionPart", PART, .doc = "A part of a bundle.");

#define AMOUNTS .max = PROMOTION_AMOUNTS_MAX

static const ShapeField FIELDS[] = {
    SHAPE_ID(OrderPromotion, id, ORDER_PROMOTION_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(OrderPromotion, title, .min = 1, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "As shoppers read it.", .example = "\"Three for two\""),
    SHAPE_LIST(OrderPromotion, translations, OrderTranslation, &order_title_shape,
               .max = ORDER_LOCALES_MAX, .doc = "Of the title, for shoppers in other languages."),
    SHAPE_TEXT(OrderPromotion, note, .max = 2000, .doc = "For staff."),
    SHAPE_ENUM(OrderPromotion, kind, promotion_kind_names, .flags = SHAPE_REQUIRED),
    SHAPE_ENUM(OrderPromotion, target, promotion_target_names,
               .doc = "percent and fixed: off matching items, or once off the order."),
    SHAPE_BOOL(OrderPromotion, active),
    SHAPE_BOOL(OrderPromotion, automatic, .doc = "False: only with one of its codes."),
    SHAPE_INT(OrderPromotion, priority, .min = -1000000, .max = 1000000, .doc = "Highest first."),
    SHAPE_TEXT(OrderPromotion, stack_group, .max = 64, .flags = SHAPE_LINE,
               .doc = "Promotions of one group compete for pieces; empty: the group of its kind; "
                      "+: competes with none."),
    SHAPE_BOOL(OrderPromotion, exclusive, .doc = "Not together with any other."),
    SHAPE_TIME(OrderPromotion, starts_at),
    SHAPE_TIME(OrderPromotion, ends_at),
    SHAPE_JSON(OrderPromotion, conditions, .max = 16384, .flags = SHAPE_NULLABLE,
               .doc = "A condition on cart, customer and time; null: none.",
               .example = "{\"customer.groups\":{\"$in\":[\"vip\"]}}"),
    SHAPE_INT(OrderPromotion, percent_ppm, .min = 0, .max = 1000000,
              .doc = "Parts per million: 12.5 % is 125000. Rewards of buy_get, cheapest and "
                     "delivery: 0 is all of it."),
    SHAPE_MONEYS(OrderPromotion, amounts, AMOUNTS,
                 .doc = "fixed: off; bundle: its price. One for each currency."),
    SHAPE_MONEYS(OrderPromotion, max_discounts, AMOUNTS,
                 .doc = "Never more off one order than this."),
    SHAPE_OBJECT(OrderPromotion, buys, PromotionSelection, &selection_shape,
                 .doc = "What must be in the cart; empty: as rewards."),
    SHAPE_OBJECT(OrderPromotion, rewards, PromotionSelection, &selection_shape,
                 .doc = "What is reduced."),
    SHAPE_INT(OrderPromotion, buy_qty, .min = 0, .max = 1000),
    SHAPE_INT(OrderPromotion, get_qty, .min = 0, .max = 1000),
    SHAPE_INT(OrderPromotion, times, .min = 0, .max = 1000000,
              .doc = "Sets in one order; 0: any number."),
    SHAPE_LIST(OrderPromotion, parts, PromotionPart, &part_shape, .max = PROMOTION_PARTS_MAX,
               .doc = "bundle: what one consists of; empty: buy_qty pieces of buys."),
    SHAPE_MONEYS(OrderPromotion, min_amounts, AMOUNTS,
                 .doc = "Matching items must cost as much, before discounts."),
    SHAPE_INT(OrderPromotion, min_qty, .min = 0, .max = 1000000),
    SHAPE_ID(OrderPromotion, gift_variant, "var"),
    SHAPE_INT(OrderPromotion, gift_qty, .min = 0, .max = 1000, .doc = "1 when absent."),
    SHAPE_IDS(OrderPromotion, delivery_methods, "dlm", IDS_MAX, .doc = "Empty: all."),
    SHAPE_INT(OrderPromotion, limit_total, .min = 1, .max = SHAPE_INT_MAX,
              .doc = "Orders; null: any number."),
    SHAPE_INT(OrderPromotion, limit_per_customer, .min = 1, .max = 1000000,
              .doc = "Orders of one customer; null: any number."),
    SHAPE_MONEY(OrderPromotion, budget, .flags = SHAPE_NULLABLE,
                .doc = "Its discounts together are never more; null: no budget."),
    SHAPE_INT(OrderPromotion, used, .flags = SHAPE_READ_ONLY, .doc = "Orders."),
    SHAPE_MONEY(OrderPromotion, used_amount, .flags = SHAPE_READ_ONLY | SHAPE_NULLABLE,
                .doc = "Of the budget."),
    SHAPE_INT(OrderPromotion, codes, .flags = SHAPE_READ_ONLY),
    SHAPE_INT(OrderPromotion, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(OrderPromotion, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(OrderPromotion, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape order_promotion_shape =
    SHAPE_OF_PATCH(OrderPromotion, "Promotion", FIELDS, .doc = "A promotion.");

static const ShapeField CODE[] = {
    SHAPE_ID(OrderCode, id, ORDER_CODE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ID(OrderCode, promotion_id, ORDER_PROMOTION_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(OrderCode, code, .min = 1, .max = PROMOTION_CODE_MAX,
               .flags = SHAPE_REQUIRED | SHAPE_LINE, .example = "\"SUMMER-26\""),
    SHAPE_BOOL(OrderCode, active),
    SHAPE_INT(OrderCode, limit_total, .min = 1, .max = SHAPE_INT_MAX,
              .doc = "Orders with this code; null: any number."),
    SHAPE_INT(OrderCode, used, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(OrderCode, batch, .max = 64, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(OrderCode, created_at, .flags = SHAPE_READ_ONLY),
};
const Shape order_code_shape =
    SHAPE_OF_PATCH(OrderCode, "PromotionCode", CODE, .doc = "A code of a promotion.");

static const ShapeField BULK[] = {
    SHAPE_INT(OrderCodeBulk, n, .min = 1, .max = PROMOTION_BULK_MAX, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(OrderCodeBulk, prefix, .max = 32, .flags = SHAPE_LINE, .example = "\"SUMMER-\""),
    SHAPE_INT(OrderCodeBulk, length, .min = 6, .max = 20, .doc = "Random characters; 8 if absent."),
    SHAPE_INT(OrderCodeBulk, limit_total, .min = 1, .max = SHAPE_INT_MAX,
              .doc = "Of each: 1 works once."),
    SHAPE_TEXT(OrderCodeBulk, batch, .max = 64, .flags = SHAPE_LINE, .doc = "To find them again."),
};
const Shape order_code_bulk_shape =
    SHAPE_OF(OrderCodeBulk, "PromotionCodeBulk", BULK, .doc = "Codes made at random.");
