/* messages.h - the program's own texts, in all its languages.
 *
 * They stand in src/MODULE/locales/LANG.json, keys to ICU MessageFormat patterns:
 *
 *      "people.login.title": "Sign in",
 *      "people.codes.left": "{n, plural, one {# code is} other {# codes are}} left",
 *
 *      message_html(&rs->body, cx->lang, "people.login.title", MSG_NONE);
 *      Str s = message(cx->arena, cx->lang, "people.codes.left", msg_i("n", left));
 *
 * scripts/messages.py puts them into the program and fails the build when a language lacks a
 * key, an argument or a plural form, or when nobody uses a key.
 *
 * Patterns: {name}; {name, number|date|time[, style]}; {name, plural|selectordinal, [offset:1]
 * =0 {…} one {…} other {… # …}}; {name, select, a {…} other {…}}. Numbers may have the style
 * percent, dates and times short, medium, long or full, dates also day ("Wed, 25 November").
 * Apostrophes quote as ICU has it: '{' is a brace, '' an apostrophe, and a single one before
 * another letter is itself. Money and times are written as the language does. An argument without a
 * type is written by its kind.
 *
 * Safe to call from any thread. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/lang.h"
#include "base/money.h"

typedef enum MessageKind {
    MESSAGE_NONE,
    MESSAGE_TEXT,
    MESSAGE_INT,
    MESSAGE_REAL,
    MESSAGE_MONEY,
    MESSAGE_TIME
} MessageKind;

typedef struct MessageArg {
    const char *name;
    MessageKind kind;
    Str         text;
    int64_t     number;
    double      real;
    Money       money;
    UnixMs      time;
    const char *zone; /* "Europe/Kyiv"; NULL: UTC, and it says so */
} MessageArg;

#define MSG_NONE ((MessageArg){.name = ""})

static inline MessageArg msg_s(const char *name, Str v)
{
    return (MessageArg){.name = name, .kind = MESSAGE_TEXT, .text = v};
}
static inline MessageArg msg_i(const char *name, int64_t v)
{
    return (MessageArg){.name = name, .kind = MESSAGE_INT, .number = v};
}
static inline MessageArg msg_r(const char *name, double v)
{
    return (MessageArg){.name = name, .kind = MESSAGE_REAL, .real = v};
}
static inline MessageArg msg_m(const char *name, Money v)
{
    return (MessageArg){.name = name, .kind = MESSAGE_MONEY, .money = v};
}
static inline MessageArg msg_t(const char *name, UnixMs v, const char *zone)
{
    return (MessageArg){.name = name, .kind = MESSAGE_TIME, .time = v, .zone = zone};
}

#define MESSAGE_ARGS(...)                                                                          \
    (const MessageArg[]){__VA_ARGS__},                                                             \
        sizeof((const MessageArg[]){__VA_ARGS__}) / sizeof(MessageArg)

/* message(arena, lang, key, args…): the text, in the arena. At most MESSAGE_MAX bytes. */
#define message(a, lang, key, ...) message_make((a), (lang), (key), MESSAGE_ARGS(__VA_ARGS__))

/* message_text(buf, lang, key, args…): append it. */
#define message_text(b, lang, key, ...) message_add((b), (lang), (key), MESSAGE_ARGS(__VA_ARGS__))

/* message_html(buf, lang, key, args…): append it as HTML: the pattern is, arguments become
 * text. Patterns that are shown so write & and < as entities. */
#define message_html(b, lang, key, ...)                                                            \
    message_add_html((b), (lang), (key), MESSAGE_ARGS(__VA_ARGS__))

enum { MESSAGE_MAX = 64 * 1024 };

Str  message_make(Arena *a, Lang lang, const char *key, const MessageArg *args, size_t n);
void message_add(Buf *b, Lang lang, const char *key, const MessageArg *args, size_t n);
void message_add_html(Buf *b, Lang lang, const char *key, const MessageArg *args, size_t n);

/* Is there such a key? For those that are put together ("error." and a code). */
bool message_has(Str key);

/* Append a pattern that is in no file. What is broken in it is written as it stands. */
void message_format(Buf *b, Lang lang, Str pattern, const MessageArg *args, size_t n);
