/* OrderTotals as JSON. */
#include "order/promotion.h"

static const ShapeField LINE[] = {
    SHAPE_ID(TotalsOutLine, id, "cln", .doc = "Of the line."),
    SHAPE_ID(TotalsOutLine, variant_id, "var"),
    SHAPE_INT(TotalsOutLine, qty),
    SHAPE_MONEY(TotalsOutLine, unit_price),
    SHAPE_MONEY(TotalsOutLine, gross, .doc = "unit_price times qty."),
    SHAPE_MONEY(TotalsOutLine, discount, .doc = "At most 0."),
    SHAPE_MONEY(TotalsOutLine, relief,
                .doc = "At most 0: tax that the price includes and the buyer does not owe."),
    SHAPE_MONEY(TotalsOutLine, tax, .doc = "Included in the total, or on top of it."),
    SHAPE_MONEY(TotalsOutLine, total, .doc = "gross + discount + relief."),
    SHAPE_ID(TotalsOutLine, gift_of, ORDER_PROMOTION_ID, .doc = "The promotion that gives it."),
    SHAPE_INT(TotalsOutLine, gift_qty, .doc = "Pieces that it gives."),
};
static const Shape line_shape =
    SHAPE_OF(TotalsOutLine, "TotalsLine", LINE, .doc = "A priced line.");

static const ShapeField DELIVERY[] = {
    SHAPE_ID(TotalsOutDelivery, method_id, "dlm"),
    SHAPE_MONEY(TotalsOutDelivery, amount, .doc = "Before discounts."),
    SHAPE_MONEY(TotalsOutDelivery, discount, .doc = "At most 0."),
    SHAPE_MONEY(TotalsOutDelivery, relief, .doc = "At most 0."),
    SHAPE_MONEY(TotalsOutDelivery, tax),
    SHAPE_MONEY(TotalsOutDelivery, total),
};
static const Shape delivery_shape =
    SHAPE_OF(TotalsOutDelivery, "TotalsDelivery", DELIVERY, .doc = "What a delivery costs.");

static const ShapeField FEE[] = {
    SHAPE_TEXT(TotalsOutFee, kind, .max = 50, .doc = "cod, gift_wrap, surcharge, …"),
    SHAPE_MONEY(TotalsOutFee, amount),
    SHAPE_MONEY(TotalsOutFee, relief),
    SHAPE_MONEY(TotalsOutFee, tax),
    SHAPE_MONEY(TotalsOutFee, total),
};
static const Shape fee_shape = SHAPE_OF(TotalsOutFee, "TotalsFee", FEE, .doc = "A fee.");

static const ShapeField DISCOUNT[] = {
    SHAPE_ID(TotalsDiscount, promotion_id, ORDER_PROMOTION_ID),
    SHAPE_TEXT(TotalsDiscount, code, .doc = "Empty: automatic."),
    SHAPE_ENUM(TotalsDiscount, target, totals_target_names, .doc = "line or delivery."),
    SHAPE_INT(TotalsDiscount, index, .doc = "Into lines or deliveries, from 0."),
    SHAPE_MONEY(TotalsDiscount, amount, .doc = "Below 0."),
};
static const Shape discount_shape =
    SHAPE_OF(TotalsDiscount, "TotalsDiscount", DISCOUNT, .doc = "What reduces what by how much.");

static const ShapeField APPLIED[] = {
    SHAPE_ID(TotalsApplied, promotion_id, ORDER_PROMOTION_ID),
    SHAPE_ID(TotalsApplied, code_id, ORDER_CODE_ID, .doc = "Null: automatic."),
    SHAPE_TEXT(TotalsApplied, code, .doc = "Empty: automatic."),
    SHAPE_TEXT(TotalsApplied, title),
    SHAPE_ENUM(TotalsApplied, kind, promotion_kind_names),
    SHAPE_MONEY(TotalsApplied, amount, .doc = "At most 0."),
};
static const Shape applied_shape =
    SHAPE_OF(TotalsApplied, "TotalsPromotion", APPLIED, .doc = "A promotion that applies.");

static const ShapeField TAX[] = {
    SHAPE_ENUM(TotalsTax, target, totals_target_names),
    SHAPE_INT(TotalsTax, index, .doc = "Into lines, deliveries or fees, from 0."),
    SHAPE_ID(TotalsTax, rate_id, "txr", .doc = "Null: from a tax service."),
    SHAPE_TEXT(TotalsTax, name, .doc = "VAT, ПДВ, …"),
    SHAPE_INT(TotalsTax, rate_ppm, .doc = "Parts per million: 20 % is 200000."),
    SHAPE_MONEY(TotalsTax, base, .doc = "Without the tax."),
    SHAPE_MONEY(TotalsTax, amount),
    SHAPE_BOOL(TotalsTax, included, .doc = "In the item's total already."),
};
static const Shape tax_shape = SHAPE_OF(TotalsTax, "TotalsTax", TAX, .doc = "A tax on one item.");

static const ShapeField TAX_SUM[] = {
    SHAPE_TEXT(TotalsTaxSum, name),
    SHAPE_INT(TotalsTaxSum, rate_ppm, .doc = "Parts per million: 20 % is 200000."),
    SHAPE_MONEY(TotalsTaxSum, base),
    SHAPE_MONEY(TotalsTaxSum, amount),
    SHAPE_BOOL(TotalsTaxSum, included),
};
static const Shape tax_sum_shape =
    SHAPE_OF(TotalsTaxSum, "TotalsTaxSum", TAX_SUM, .doc = "Taxes of one name and rate.");

static const ShapeField GIFT[] = {
    SHAPE_ID(TotalsGift, promotion_id, ORDER_PROMOTION_ID),
    SHAPE_ID(TotalsGift, variant_id, "var"),
    SHAPE_INT(TotalsGift, qty),
};
static const Shape gift_shape =
    SHAPE_OF(TotalsGift, "TotalsGift", GIFT, .doc = "What a promotion puts into the cart.");

static const ShapeField CODE[] = {
    SHAPE_TEXT(TotalsCode, code),
    SHAPE_ID(TotalsCode, promotion_id, ORDER_PROMOTION_ID, .doc = "Null: there is no such code."),
    SHAPE_BOOL(TotalsCode, applied),
    SHAPE_ENUM(TotalsCode, reason, totals_refusal_names, .doc = "Why not; none: it applies."),
    SHAPE_MONEY(TotalsCode, missing_amount, .flags = SHAPE_NULLABLE, .doc = "With min_amount."),
    SHAPE_INT(TotalsCode, missing_qty, .doc = "With min_qty; else 0."),
    SHAPE_TIME(TotalsCode, at, .doc = "With not_started and expired."),
};
static const Shape code_shape =
    SHAPE_OF(TotalsCode, "TotalsCode", CODE, .doc = "A code that was given.");

static const ShapeField HINT[] = {
    SHAPE_ID(TotalsHint, promotion_id, ORDER_PROMOTION_ID),
    SHAPE_TEXT(TotalsHint, title),
    SHAPE_ENUM(TotalsHint, kind, promotion_kind_names),
    SHAPE_MONEY(TotalsHint, missing_amount, .flags = SHAPE_NULLABLE,
                .doc = "Null: pieces are missing."),
    SHAPE_INT(TotalsHint, missing_qty),
    SHAPE_ID(TotalsHint, variant_id, "var", .doc = "Of the gift."),
    SHAPE_MONEY(TotalsHint, reward, .flags = SHAPE_NULLABLE, .doc = "A fixed amount or price."),
    SHAPE_INT(TotalsHint, reward_ppm, .doc = "Parts per million off; 0: not a share."),
};
static const Shape hint_shape =
    SHAPE_OF(TotalsHint, "TotalsHint", HINT, .doc = "What is a little short of applying.");

static const ShapeField TOTALS[] = {
    SHAPE_TEXT(OrderTotals, currency),
    SHAPE_BOOL(OrderTotals, prices_include_tax),
    SHAPE_BOOL(OrderTotals, tax_exempt),
    SHAPE_BOOL(OrderTotals, tax_known,
               .doc = "False: the destination is not known yet, and the tax is that of the shop's "
                      "country."),
    SHAPE_LIST(OrderTotals, lines, TotalsOutLine, &line_shape),
    SHAPE_LIST(OrderTotals, deliveries, TotalsOutDelivery, &delivery_shape),
    SHAPE_LIST(OrderTotals, fees, TotalsOutFee, &fee_shape),
    SHAPE_LIST(OrderTotals, discounts, TotalsDiscount, &discount_shape),
    SHAPE_LIST(OrderTotals, applied, TotalsApplied, &applied_shape),
    SHAPE_LIST(OrderTotals, taxes, TotalsTax, &tax_shape),
    SHAPE_LIST(OrderTotals, tax_sums, TotalsTaxSum, &tax_sum_shape),
    SHAPE_LIST(OrderTotals, gifts, TotalsGift, &gift_shape),
    SHAPE_LIST(OrderTotals, codes, TotalsCode, &code_shape),
    SHAPE_LIST(OrderTotals, hints, TotalsHint, &hint_shape),
    SHAPE_MONEY(OrderTotals, subtotal, .doc = "Sum of the lines' gross."),
    SHAPE_MONEY(OrderTotals, discount, .doc = "At most 0: of the lines."),
    SHAPE_MONEY(OrderTotals, delivery_discount, .doc = "At most 0; in `delivery` already."),
    SHAPE_MONEY(OrderTotals, relief, .doc = "At most 0; in the totals of the items already."),
    SHAPE_MONEY(OrderTotals, items, .doc = "Sum of the lines' totals."),
    SHAPE_MONEY(OrderTotals, delivery),
    SHAPE_MONEY_AS(OrderTotals, fees_total, "fees_total"),
    SHAPE_MONEY(OrderTotals, tax_added, .doc = "On top of the items."),
    SHAPE_MONEY(OrderTotals, tax_included),
    SHAPE_MONEY(OrderTotals, tax, .doc = "Both."),
    SHAPE_MONEY(OrderTotals, total, .doc = "items + delivery + fees_total + tax_added."),
};
const Shape order_totals_shape =
    SHAPE_OF(OrderTotals, "Totals", TOTALS, .doc = "What a cart or an order costs, and why.");
