/* json_out.h - values as JSON that is safe inside of <script> and in attributes: < > & '
 * are written as \u escapes. */
#pragma once

#include "liquid/cx.h"

void lq_json_add(LiquidBuild *b, LiquidValue v, unsigned depth);

/* Straight into the output: as JSON, or as what stands between the quotes of a string. */
void lq_json_out(LiquidCx *cx, LiquidValue v);
void lq_json_inner(LiquidCx *cx, Str s);
