/* Filters on colours: "#8f3", "rgb(1, 2, 3)", "hsla(90, 50%, 40%, 0.5)". What is no colour
 * passes through unchanged. */
#include "liquid/filters.h"

#include "base/real.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct Colour {
    double r, g, b; /* 0-255 */
    double a;       /* 0-1 */
    bool   hsl;     /* was written as hsl() */
} Colour;

typedef struct Hsl {
    double h, s, l; /* 0-360, 0-100, 0-100 */
} Hsl;

/* --- reading ----------------------------------------------------------------------------- */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(Str s, Colour *ret)
{
    int v[8];
    if (s.len != 4 && s.len != 5 && s.len != 7 && s.len != 9)
        return false;
    for (size_t i = 1; i < s.len; i++)
        if ((v[i - 1] = hex(s.ptr[i])) < 0)
            return false;
    bool   shortly = s.len < 6;
    int    step = shortly ? 1 : 2;
    double part[4] = {0, 0, 0, 255};
    for (int i = 0; i < (int)(s.len - 1) / step; i++)
        part[i] = shortly ? v[i] * 17 : v[2 * i] * 16 + v[2 * i + 1];
    *ret = (Colour){part[0], part[1], part[2], part[3] / 255, false};
    return true;
}

/* The next number in *s, which moves behind it. */
static bool next_number(Str *s, double *ret)
{
    size_t i = 0, n = 0;
    while (i < s->len && (s->ptr[i] < '0' || s->ptr[i] > '9') && s->ptr[i] != '.' &&
           s->ptr[i] != '-')
        i++;
    while (i + n < s->len && ((s->ptr[i + n] >= '0' && s->ptr[i + n] <= '9') ||
                              s->ptr[i + n] == '.' || (n == 0 && s->ptr[i] == '-')))
        n++;
    Str text = {s->ptr + i, n};
    *s = (Str){s->ptr + i + n, s->len - i - n};
    return real_parse(text, ret);
}

static double clamp(double v, double max)
{
    return v < 0 ? 0 : v > max ? max : v;
}

/* One of red, green, blue: `turn` is where on the wheel of hues it is strongest. */
static double channel(Hsl x, double turn)
{
    double k = fmod(turn + x.h / 30, 12), l = x.l / 100;
    double reach = x.s / 100 * fmin(l, 1 - l);
    return (l - reach * fmax(-1, fmin(k - 3, fmin(9 - k, 1)))) * 255;
}

static Colour from_hsl(Hsl x, double a)
{
    return (Colour){channel(x, 0), channel(x, 8), channel(x, 4), a, true};
}

static Hsl to_hsl(Colour c)
{
    double r = c.r / 255, g = c.g / 255, b = c.b / 255;
    double max = fmax(r, fmax(g, b)), min = fmin(r, fmin(g, b)), d = max - min;
    Hsl    x = {0, 0, (max + min) * 50};
    if (d <= 0)
        return x;
    x.s = d / (1 - fabs(max + min - 1)) * 100;
    if (max <= r)
        x.h = fmod((g - b) / d + 6, 6);
    else if (max <= g)
        x.h = (b - r) / d + 2;
    else
        x.h = (r - g) / d + 4;
    x.h *= 60;
    return x;
}

static bool read_colour(Str s, Colour *ret)
{
    double v[4] = {0, 0, 0, 1};
    s = str_trim(s);
    if (s.len > 0 && s.ptr[0] == '#')
        return read_hex(s, ret);
    bool hsl = str_starts(s, STR("hsl"));
    if (!hsl && !str_starts(s, STR("rgb")))
        return false;
    for (int i = 0; i < 3; i++)
        if (!next_number(&s, &v[i]))
            return false;
    if (!next_number(&s, &v[3]))
        v[3] = 1;
    v[3] = clamp(v[3], 1);
    if (hsl)
        *ret = from_hsl((Hsl){clamp(v[0], 360), clamp(v[1], 100), clamp(v[2], 100)}, v[3]);
    else
        *ret = (Colour){clamp(v[0], 255), clamp(v[1], 255), clamp(v[2], 255), v[3], false};
    return true;
}

/* --- writing ----------------------------------------------------------------------------- */

static LiquidValue text(LiquidCx *cx, const char *z)
{
    return liquid_text(str_dup(cx->arena, str_from_cstr(z)));
}

static bool opaque(Colour c)
{
    return c.a >= 1;
}

/* "0.5": few digits, no trailing zeros. */
static void alpha_text(double a, char out[static LQ_NUMBER_MAX])
{
    double rounded = nearbyint(a * 100) / 100;
    size_t n = lq_real_text(rounded, out);
    out[n] = '\0';
    if (n > 2 && strcmp(out + n - 2, ".0") == 0)
        out[n - 2] = '\0';
}

static LiquidValue as_rgb(LiquidCx *cx, Colour c)
{
    char z[80], a[LQ_NUMBER_MAX];
    int  r = (int)lround(c.r), g = (int)lround(c.g), b = (int)lround(c.b);
    alpha_text(c.a, a);
    if (opaque(c))
        (void)snprintf(z, sizeof z, "rgb(%d, %d, %d)", r, g, b);
    else
        (void)snprintf(z, sizeof z, "rgba(%d, %d, %d, %s)", r, g, b, a);
    return text(cx, z);
}

static LiquidValue as_hsl(LiquidCx *cx, Colour c)
{
    char z[80], a[LQ_NUMBER_MAX];
    Hsl  x = to_hsl(c);
    int  h = (int)lround(x.h) % 360, s = (int)lround(x.s), l = (int)lround(x.l);
    alpha_text(c.a, a);
    if (opaque(c))
        (void)snprintf(z, sizeof z, "hsl(%d, %d%%, %d%%)", h, s, l);
    else
        (void)snprintf(z, sizeof z, "hsla(%d, %d%%, %d%%, %s)", h, s, l, a);
    return text(cx, z);
}

static LiquidValue as_hex(LiquidCx *cx, Colour c)
{
    char z[16];
    (void)snprintf(z, sizeof z, "#%02x%02x%02x", (unsigned)lround(c.r), (unsigned)lround(c.g),
                   (unsigned)lround(c.b));
    return text(cx, z);
}

/* In the form it came in; with transparency, that of rgba(). */
static LiquidValue alike(LiquidCx *cx, Colour c)
{
    if (c.hsl)
        return as_hsl(cx, c);
    return opaque(c) ? as_hex(cx, c) : as_rgb(cx, c);
}

/* --- filters ----------------------------------------------------------------------------- */

static bool colour_of(LiquidCx *cx, LiquidValue v, Colour *ret)
{
    return read_colour(liquid_to_text(cx, v), ret);
}

static double number_of(LiquidValue v)
{
    return lq_num_double(lq_num(v));
}

LQ_FILTER(color_to_rgb)
{
    (void)args;
    Colour c;
    return colour_of(cx, in, &c) ? as_rgb(cx, c) : in;
}

LQ_FILTER(color_to_hsl)
{
    (void)args;
    Colour c;
    return colour_of(cx, in, &c) ? as_hsl(cx, c) : in;
}

LQ_FILTER(color_to_hex)
{
    (void)args;
    Colour c;
    return colour_of(cx, in, &c) ? as_hex(cx, c) : in;
}

static LiquidValue moved(LiquidCx *cx, LiquidValue in, double saturation, double lightness)
{
    Colour c;
    if (!colour_of(cx, in, &c))
        return in;
    bool hsl = c.hsl;
    Hsl  x = to_hsl(c);
    x.s = clamp(x.s + saturation, 100);
    x.l = clamp(x.l + lightness, 100);
    c = from_hsl(x, c.a);
    c.hsl = hsl;
    return alike(cx, c);
}

LQ_FILTER(color_lighten)
{
    return moved(cx, in, 0, number_of(args->v[0]));
}

LQ_FILTER(color_darken)
{
    return moved(cx, in, 0, -number_of(args->v[0]));
}

LQ_FILTER(color_saturate)
{
    return moved(cx, in, number_of(args->v[0]), 0);
}

LQ_FILTER(color_desaturate)
{
    return moved(cx, in, -number_of(args->v[0]), 0);
}

/* A part of a colour by name: of its red, green, blue and alpha, or of its hue … */
static double *rgb_part(Colour *c, Str name)
{
    return str_eq(name, STR("red"))     ? &c->r
           : str_eq(name, STR("green")) ? &c->g
           : str_eq(name, STR("blue"))  ? &c->b
           : str_eq(name, STR("alpha")) ? &c->a
                                        : NULL;
}

static double *hsl_part(Hsl *x, Str name)
{
    return str_eq(name, STR("hue"))          ? &x->h
           : str_eq(name, STR("saturation")) ? &x->s
           : str_eq(name, STR("lightness"))  ? &x->l
                                             : NULL;
}

LQ_FILTER(color_modify)
{
    Colour c;
    Str    name = liquid_to_text(cx, args->v[0]);
    double v = number_of(args->v[1]);
    if (!colour_of(cx, in, &c))
        return in;
    bool    hsl = c.hsl;
    Hsl     x = to_hsl(c);
    double *part = rgb_part(&c, name), *other = hsl_part(&x, name);
    if (part != NULL)
        *part = clamp(v, part == &c.a ? 1 : 255);
    else if (other != NULL)
        *other = clamp(v, other == &x.h ? 360 : 100);
    if (other != NULL)
        c = from_hsl(x, c.a);
    c.hsl = hsl;
    return alike(cx, c);
}

LQ_FILTER(color_extract)
{
    Colour c;
    Str    name = liquid_to_text(cx, args->v[0]);
    if (!colour_of(cx, in, &c))
        return in;
    Hsl     x = to_hsl(c);
    double *part = rgb_part(&c, name);
    if (part == &c.a)
        return liquid_real(nearbyint(c.a * 100) / 100);
    if (part == NULL)
        part = hsl_part(&x, name);
    return part != NULL ? liquid_int(lround(*part)) : in;
}

static double brightness(Colour c)
{
    return (c.r * 299 + c.g * 587 + c.b * 114) / 1000;
}

static LiquidValue rounded(double v)
{
    return liquid_real(nearbyint(v * 100) / 100);
}

LQ_FILTER(color_brightness)
{
    (void)args;
    Colour c;
    return colour_of(cx, in, &c) ? rounded(brightness(c)) : in;
}

LQ_FILTER(brightness_difference)
{
    Colour c, d;
    if (!colour_of(cx, in, &c) || !colour_of(cx, args->v[0], &d))
        return in;
    return rounded(fabs(brightness(c) - brightness(d)));
}

LQ_FILTER(color_difference)
{
    Colour c, d;
    if (!colour_of(cx, in, &c) || !colour_of(cx, args->v[0], &d))
        return in;
    return liquid_int(lround(fabs(c.r - d.r) + fabs(c.g - d.g) + fabs(c.b - d.b)));
}

static double linear(double v)
{
    v /= 255;
    return v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double luminance(Colour c)
{
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

/* The contrast of WCAG, 1 to 21, with one decimal. */
LQ_FILTER(color_contrast)
{
    Colour c, d;
    if (!colour_of(cx, in, &c) || !colour_of(cx, args->v[0], &d))
        return in;
    double x = luminance(c), y = luminance(d);
    double ratio = (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
    return liquid_real(floor(ratio * 10) / 10);
}

LQ_FILTER(color_mix)
{
    Colour c, d;
    double w = clamp(number_of(args->v[1]), 100) / 100;
    if (!colour_of(cx, in, &c) || !colour_of(cx, args->v[0], &d))
        return in;
    c.r = c.r * w + d.r * (1 - w);
    c.g = c.g * w + d.g * (1 - w);
    c.b = c.b * w + d.b * (1 - w);
    c.a = c.a * w + d.a * (1 - w);
    return alike(cx, c);
}

const LiquidFilter lq_colour_filters[] = {
    {"brightness_difference", brightness_difference, 1, 1, false},
    {"color_brightness", color_brightness, 0, 0, false},
    {"color_contrast", color_contrast, 1, 1, false},
    {"color_darken", color_darken, 1, 1, false},
    {"color_desaturate", color_desaturate, 1, 1, false},
    {"color_difference", color_difference, 1, 1, false},
    {"color_extract", color_extract, 1, 1, false},
    {"color_lighten", color_lighten, 1, 1, false},
    {"color_mix", color_mix, 2, 2, false},
    {"color_modify", color_modify, 2, 2, false},
    {"color_saturate", color_saturate, 1, 1, false},
    {"color_to_hex", color_to_hex, 0, 0, false},
    {"color_to_hsl", color_to_hsl, 0, 0, false},
    {"color_to_rgb", color_to_rgb, 0, 0, false},
    {0},
};
