/* Amounts of money in a shop's format: "€{{amount_with_comma_separator}}".
 *
 * An amount is in minor units. The format is the filter's argument, or what the template
 * sees as shop.money_format (and shop.money_with_currency_format). */
#include "liquid/filters.h"

#include "base/money.h"

#include <stdio.h>
#include <string.h>

typedef enum Decimals { DECIMALS, NO_DECIMALS, NO_ZEROS } Decimals;

typedef struct Style {
    const char *name; /* what stands between the braces */
    const char *thousands, *point;
    bool        whole;
} Style;

static const Style STYLES[] = {
    {"amount", ",", ".", false},
    {"amount_no_decimals", ",", ".", true},
    {"amount_with_comma_separator", ".", ",", false},
    {"amount_no_decimals_with_comma_separator", ".", ",", true},
    {"amount_with_apostrophe_separator", "'", ".", false},
    {"amount_with_space_separator", " ", ",", false},
    {"amount_no_decimals_with_space_separator", " ", ",", true},
    {"amount_with_period_and_space_separator", " ", ".", false},
};

static const Style *style_of(Str name)
{
    for (size_t i = 0; i < COUNT_OF(STYLES); i++)
        if (str_eq(name, str_from_cstr(STYLES[i].name)))
            return &STYLES[i];
    return &STYLES[0];
}

static LiquidValue of_shop(LiquidCx *cx, const char *key)
{
    return liquid_get(cx, liquid_lookup(cx, STR("shop")), str_from_cstr(key));
}

/* Minor digits of the amount's currency, or of the shop's. */
static int minor_digits(LiquidCx *cx, LiquidValue v)
{
    char code[4] = {0};
    if (v.type == LIQUID_MONEY)
        memcpy(code, &v.len, 3);
    Str shop =
        v.type == LIQUID_MONEY ? str_from_cstr(code) : liquid_to_text(cx, of_shop(cx, "currency"));
    const Currency *c = currency_find(shop);
    return c != NULL ? c->decimals : 2;
}

static bool minor_units(LiquidValue v, LqNum *ret)
{
    if (v.type == LIQUID_NIL || v.type == LIQUID_BOOL)
        return false;
    *ret = lq_num_round(lq_num(v), 0);
    return !ret->inexact;
}

static void add_grouped(LiquidBuild *b, Str digits, const char *separator)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (i > 0 && (digits.len - i) % 3 == 0)
            liquid_build_add(b, str_from_cstr(separator));
        liquid_build_add(b, (Str){digits.ptr + i, 1});
    }
}

/* The digits of the amount, with its sign, in a style. */
static void add_amount(LiquidBuild *b, LqNum minor, int places, const Style *s, Decimals decimals)
{
    char   text[LQ_NUMBER_MAX];
    LqWide unit = 1, abs = minor.m < 0 ? -minor.m : minor.m;
    for (int i = 0; i < places; i++)
        unit *= 10;
    bool whole = s->whole || decimals == NO_DECIMALS || places == 0;
    if (whole)
        abs = (abs + unit / 2) / unit * unit;
    if (minor.m < 0)
        liquid_build_add(b, STR("-"));
    add_grouped(b, (Str){text, lq_wide_text(abs / unit, text)}, s->thousands);
    if (whole || (decimals == NO_ZEROS && abs % unit == 0))
        return;
    char fraction[16];
    (void)snprintf(fraction, sizeof fraction, "%0*d", places, (int)(abs % unit));
    liquid_build_add(b, str_from_cstr(s->point));
    liquid_build_add(b, str_from_cstr(fraction));
}

/* The name between "{{" and "}}" at `s`, and how long all of it is; 0 when there is none. */
static size_t placeholder(Str s, Str *ret_name)
{
    if (!str_starts(s, STR("{{")))
        return 0;
    const char *end = memmem(s.ptr, s.len, "}}", 2);
    if (end == NULL)
        return 0;
    *ret_name = str_trim((Str){s.ptr + 2, (size_t)(end - s.ptr) - 2});
    return (size_t)(end - s.ptr) + 2;
}

static LiquidValue formatted(LiquidCx *cx, LiquidValue in, Str format, Decimals decimals)
{
    LqNum       minor;
    LiquidBuild b = liquid_build(cx, format.len + 32);
    if (!minor_units(in, &minor))
        return liquid_text(STR(""));
    for (size_t i = 0; i < format.len;) {
        Str    name;
        size_t n = placeholder((Str){format.ptr + i, format.len - i}, &name);
        if (n > 0)
            add_amount(&b, minor, minor_digits(cx, in), style_of(name), decimals);
        else
            liquid_build_add(&b, (Str){format.ptr + i, 1});
        i += n > 0 ? n : 1;
    }
    return liquid_built(&b);
}

static Str format_of(LiquidCx *cx, const LiquidArgs *args, const char *key)
{
    LiquidValue v = liquid_arg(args, 0);
    if (v.type == LIQUID_NIL)
        v = of_shop(cx, key);
    if (v.type == LIQUID_NIL)
        v = of_shop(cx, "money_format");
    return v.type == LIQUID_NIL ? STR("{{amount}}") : liquid_to_text(cx, v);
}

LQ_FILTER(money)
{
    return formatted(cx, in, format_of(cx, args, "money_format"), DECIMALS);
}

LQ_FILTER(money_with_currency)
{
    return formatted(cx, in, format_of(cx, args, "money_with_currency_format"), DECIMALS);
}

LQ_FILTER(money_without_trailing_zeros)
{
    return formatted(cx, in, format_of(cx, args, "money_format"), NO_ZEROS);
}

/* The digits alone, in the style of the shop's format. */
LQ_FILTER(money_without_currency)
{
    Str format = format_of(cx, args, "money_format"), name;
    for (size_t i = 0; i < format.len; i++) {
        Str    rest = {format.ptr + i, format.len - i};
        size_t n = placeholder(rest, &name);
        if (n > 0)
            return formatted(cx, in, (Str){rest.ptr, n}, DECIMALS);
    }
    return formatted(cx, in, STR("{{amount}}"), DECIMALS);
}

const LiquidFilter lq_money_filters[] = {
    {"money", money, 0, 1, false},
    {"money_with_currency", money_with_currency, 0, 1, false},
    {"money_without_currency", money_without_currency, 0, 1, false},
    {"money_without_trailing_zeros", money_without_trailing_zeros, 0, 1, false},
    {0},
};
