#include "base/text_format.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Directive {
    char kind;   /* s c d u %; 0: not one of ours */
    bool cut;    /* %.*s */
    int  longer; /* 0 int, 1 long or size_t, 2 long long */
    int  len;    /* bytes behind the '%' */
} Directive;

static Directive read_directive(const char *p)
{
    Directive   d = {0};
    const char *at = p;
    if (at[0] == '.' && at[1] == '*' && at[2] == 's')
        return (Directive){.kind = 's', .cut = true, .len = 3};
    for (; *at == 'l' && d.longer < 2; at++)
        d.longer++;
    if (*at == 'z' && d.longer == 0) {
        d.longer = 1;
        at++;
    }
    if (*at == 'd' || *at == 'i' || *at == 'u')
        d.kind = *at == 'u' ? 'u' : 'd';
    else if (d.longer == 0 && (*at == 's' || *at == 'c' || *at == '%'))
        d.kind = *at;
    d.len = (int)(at - p) + 1;
    return d;
}

static bool is_simple(const char *fmt)
{
    for (const char *p = strchr(fmt, '%'); p != NULL; p = strchr(p, '%')) {
        Directive d = read_directive(++p);
        if (d.kind == 0)
            return false;
        p += d.len;
    }
    return true;
}

typedef struct Out {
    char  *p;
    size_t size, len; /* len: of the whole text, written or not */
} Out;

static void put(Out *o, const char *s, size_t n)
{
    if (o->len < o->size) {
        size_t room = o->size - o->len;
        memcpy(o->p + o->len, s, n < room ? n : room);
    }
    o->len += n;
}

static void put_number(Out *o, uint64_t v, bool minus)
{
    char  text[24];
    char *end = text + sizeof text, *p = end;
    do {
        *--p = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    if (minus)
        *--p = '-';
    put(o, p, (size_t)(end - p));
}

typedef struct Args { /* a va_list that functions can hand on by reference */
    va_list ap;
} Args;

static void put_signed(Out *o, Directive d, Args *args)
{
    int64_t v = d.longer == 2   ? va_arg(args->ap, long long)
                : d.longer == 1 ? va_arg(args->ap, long)
                                : va_arg(args->ap, int);
    put_number(o, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
}

static void put_unsigned(Out *o, Directive d, Args *args)
{
    uint64_t v = d.longer == 2   ? va_arg(args->ap, unsigned long long)
                 : d.longer == 1 ? va_arg(args->ap, unsigned long)
                                 : va_arg(args->ap, unsigned);
    put_number(o, v, false);
}

static void put_text(Out *o, Directive d, Args *args)
{
    int         max = d.cut ? va_arg(args->ap, int) : -1;
    const char *s = va_arg(args->ap, const char *);
    if (s == NULL)
        s = "(null)";
    put(o, s, max >= 0 ? strnlen(s, (size_t)max) : strlen(s));
}

static void put_directive(Out *o, Directive d, Args *args)
{
    char c;
    switch (d.kind) {
    case 's': put_text(o, d, args); break;
    case 'd': put_signed(o, d, args); break;
    case 'u': put_unsigned(o, d, args); break;
    case 'c':
        c = (char)va_arg(args->ap, int);
        put(o, &c, 1);
        break;
    default: put(o, "%", 1); break;
    }
}

int text_format(char *out, size_t size, const char *fmt, va_list ap)
{
    if (!is_simple(fmt))
        return vsnprintf(out, size, fmt, ap);
    Out  o = {.p = out, .size = size > 0 ? size - 1 : 0};
    Args args;
    va_copy(args.ap, ap);
    for (;;) {
        const char *p = strchrnul(fmt, '%');
        put(&o, fmt, (size_t)(p - fmt));
        if (*p == '\0')
            break;
        Directive d = read_directive(p + 1);
        put_directive(&o, d, &args);
        fmt = p + 1 + d.len;
    }
    va_end(args.ap);
    if (size > 0)
        out[o.len < o.size ? o.len : o.size] = '\0';
    return o.len > INT32_MAX ? -1 : (int)o.len;
}
