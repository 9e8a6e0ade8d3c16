/* filters.h - inside of the engine: what its filters share. */
#pragma once

#include "liquid/cx.h"
#include "liquid/number.h"

#define LQ_FILTER(name)                                                                            \
    static LiquidValue name(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)

extern const LiquidFilter lq_string_filters[], lq_html_filters[], lq_url_filters[],
    lq_array_filters[], lq_select_filters[], lq_sort_filters[], lq_math_filters[],
    lq_date_filters[], lq_money_filters[], lq_colour_filters[], lq_theme_filters[];

/* Text made from `in`: as safe as that was. */
LiquidValue lq_like(LiquidValue in, LiquidValue made);

/* Text of an argument that goes into `in`: escaped when `in` is HTML and it is not. */
Str lq_into(LiquidCx *cx, LiquidValue in, LiquidValue part);

/* What Ruby's item[property] says. */
typedef enum LqPick { LQ_PICKED, LQ_NO_INDEX, LQ_NO_METHOD } LqPick;

LqPick      lq_pick(LiquidCx *cx, LiquidValue item, LiquidValue property, LiquidValue *ret);
LiquidValue lq_pick_error(LiquidCx *cx, LiquidValue property);

/* The input as filters on lists see it: nested lists flat, one object or value alone, nil as
 * none. False when a limit was reached. */
NODISCARD bool lq_flat(LiquidCx *cx, LiquidValue in, LiquidValue **ret, size_t *ret_n);

/* Case of letters, all of Unicode's. */
void lq_upcase(LiquidBuild *b, Str s);
void lq_downcase(LiquidBuild *b, Str s);
void lq_capitalize(LiquidBuild *b, Str s);
int  lq_casecmp(Str x, Str y); /* ASCII only, as Ruby's casecmp */
