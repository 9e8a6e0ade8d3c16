/* shape_macros.h - how shapes are written down; included by shape.h only.
 *
 *      SHAPE_BOOL, SHAPE_INT, SHAPE_REAL, SHAPE_TEXT, SHAPE_TIME, SHAPE_MONEY, SHAPE_JSON
 *          SHAPE_TEXT(Product, title, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE),
 *      SHAPE_ID(Product, id, "prd", .flags = SHAPE_READ_ONLY),
 *      SHAPE_ENUM(Product, status, STATUS_NAMES),
 *      SHAPE_OBJECT(Product, seo, Seo, &seo_shape),
 *      SHAPE_LIST(Product, variants, Variant, &variant_shape, .max = 10000),
 *      SHAPE_TEXTS, SHAPE_INTS, SHAPE_REALS, SHAPE_TIMES, SHAPE_MONEYS: lists of scalars
 *          SHAPE_TEXTS(Product, tags, .max = 250, .item_max = 255),
 *      SHAPE_IDS(Order, lines, "oln"), SHAPE_ENUMS(Product, channels, CHANNEL_NAMES)
 *
 * Behind these arguments come members of ShapeField, or nothing. The forms with _AS take
 * the name in JSON as third argument, for what is a keyword or no identifier in C:
 * SHAPE_TEXT_AS(Event, anonymous_id, "anonymousId", .max = 100).
 *
 * A member of another type than the kind's matches nothing in _Generic: that is the
 * compile error. The empty last argument lets the list of members be empty. */
#pragma once

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): types cannot stand in parentheses */

/* 0 or 1 by the member's type: is it the optional one? */
#define SHAPE_PICK_(T, m, ...)     _Generic(((T *)0)->m, __VA_ARGS__)
#define SHAPE_IS_OBJECT_(T, m, E)  _Generic(&((T *)0)->m, E *: 0, E **: 1, const E **: 1)
/* 0; a compile error unless the member is {E *items; size_t n;}. */
#define SHAPE_IS_LIST_(T, m, E)                                                                    \
    (SHAPE_PICK_(T, m.items, E *: 0, const E *: 0) + SHAPE_PICK_(T, m.n, size_t: 0) +              \
     0 * (int)sizeof(char[offsetof(T, m.items) == offsetof(T, m) &&                                \
                          offsetof(T, m.n) == offsetof(T, m) + sizeof(void *) ? 1 : -1]))

#define SHAPE_FIELD_(T, m, as, k, opt_, ...)                                                       \
    {.name = "" as, .kind = (k), .opt = (opt_), .offset = offsetof(T, m), __VA_ARGS__}
#define SHAPE_ITEMS_(T, m, as, k, E, ...)                                                          \
    SHAPE_FIELD_(T, m, as, SHAPE_K_LIST, SHAPE_IS_LIST_(T, m, E), .item = (k), __VA_ARGS__)

#define SHAPE_X_BOOL(T, m, as, ...)                                                                \
    SHAPE_FIELD_(T, m, as, SHAPE_K_BOOL, SHAPE_PICK_(T, m, bool: 0, OptBool: 1), __VA_ARGS__)
#define SHAPE_X_INT(T, m, as, ...)                                                                 \
    SHAPE_FIELD_(T, m, as, SHAPE_K_INT, SHAPE_PICK_(T, m, int64_t: 0, OptI64: 1), __VA_ARGS__)
#define SHAPE_X_REAL(T, m, as, ...)                                                                \
    SHAPE_FIELD_(T, m, as, SHAPE_K_REAL, SHAPE_PICK_(T, m, double: 0, OptReal: 1), __VA_ARGS__)
#define SHAPE_X_TEXT(T, m, as, ...)                                                                \
    SHAPE_FIELD_(T, m, as, SHAPE_K_TEXT, SHAPE_PICK_(T, m, Str: 0), __VA_ARGS__)
#define SHAPE_X_TIME(T, m, as, ...)                                                                \
    SHAPE_FIELD_(T, m, as, SHAPE_K_TIME, SHAPE_PICK_(T, m, UnixMs: 0, OptTime: 1), __VA_ARGS__)
#define SHAPE_X_MONEY(T, m, as, ...)                                                               \
    SHAPE_FIELD_(T, m, as, SHAPE_K_MONEY, SHAPE_PICK_(T, m, Money: 0), __VA_ARGS__)
#define SHAPE_X_JSON(T, m, as, ...)                                                                \
    SHAPE_FIELD_(T, m, as, SHAPE_K_JSON, SHAPE_PICK_(T, m, Str: 0), __VA_ARGS__)
#define SHAPE_X_ID(T, m, as, prefix_, ...)                                                         \
    SHAPE_FIELD_(T, m, as, SHAPE_K_ID, SHAPE_PICK_(T, m, int64_t: 0, OptI64: 1),                   \
                 .prefix = "" prefix_, __VA_ARGS__)
#define SHAPE_X_ENUM(T, m, as, names_, ...)                                                        \
    SHAPE_FIELD_(T, m, as, SHAPE_K_ENUM, SHAPE_PICK_(T, m, int: 0, unsigned: 0),                   \
                 .names = (names_), __VA_ARGS__)
#define SHAPE_X_OBJECT(T, m, as, E, of_, ...)                                                      \
    SHAPE_FIELD_(T, m, as, SHAPE_K_OBJECT, SHAPE_IS_OBJECT_(T, m, E), .of = (of_), __VA_ARGS__)
#define SHAPE_X_LIST(T, m, as, E, of_, ...)                                                        \
    SHAPE_ITEMS_(T, m, as, SHAPE_K_OBJECT, E, .of = (of_), __VA_ARGS__)
#define SHAPE_X_TEXTS(T, m, as, ...)  SHAPE_ITEMS_(T, m, as, SHAPE_K_TEXT, Str, __VA_ARGS__)
#define SHAPE_X_INTS(T, m, as, ...)   SHAPE_ITEMS_(T, m, as, SHAPE_K_INT, int64_t, __VA_ARGS__)
#define SHAPE_X_REALS(T, m, as, ...)  SHAPE_ITEMS_(T, m, as, SHAPE_K_REAL, double, __VA_ARGS__)
#define SHAPE_X_TIMES(T, m, as, ...)  SHAPE_ITEMS_(T, m, as, SHAPE_K_TIME, UnixMs, __VA_ARGS__)
#define SHAPE_X_MONEYS(T, m, as, ...) SHAPE_ITEMS_(T, m, as, SHAPE_K_MONEY, Money, __VA_ARGS__)
#define SHAPE_X_IDS(T, m, as, prefix_, ...)                                                        \
    SHAPE_ITEMS_(T, m, as, SHAPE_K_ID, int64_t, .prefix = "" prefix_, __VA_ARGS__)
#define SHAPE_X_ENUMS(T, m, as, names_, ...)                                                       \
    SHAPE_ITEMS_(T, m, as, SHAPE_K_ENUM, int, .names = (names_), __VA_ARGS__)

#define SHAPE_NAMED_(X, T, m, ...) SHAPE_X_##X(T, m, #m, __VA_ARGS__)

#define SHAPE_BOOL(T, ...) SHAPE_NAMED_(BOOL, T, __VA_ARGS__, )
#define SHAPE_INT(T, ...) SHAPE_NAMED_(INT, T, __VA_ARGS__, )
#define SHAPE_REAL(T, ...) SHAPE_NAMED_(REAL, T, __VA_ARGS__, )
#define SHAPE_TEXT(T, ...) SHAPE_NAMED_(TEXT, T, __VA_ARGS__, )
#define SHAPE_TIME(T, ...) SHAPE_NAMED_(TIME, T, __VA_ARGS__, )
#define SHAPE_MONEY(T, ...) SHAPE_NAMED_(MONEY, T, __VA_ARGS__, )
#define SHAPE_JSON(T, ...) SHAPE_NAMED_(JSON, T, __VA_ARGS__, )
#define SHAPE_ID(T, ...)  SHAPE_NAMED_(ID, T, __VA_ARGS__, )
#define SHAPE_ENUM(T, ...) SHAPE_NAMED_(ENUM, T, __VA_ARGS__, )
#define SHAPE_OBJECT(T, ...) SHAPE_NAMED_(OBJECT, T, __VA_ARGS__, )
#define SHAPE_LIST(T, ...) SHAPE_NAMED_(LIST, T, __VA_ARGS__, )
#define SHAPE_TEXTS(T, ...) SHAPE_NAMED_(TEXTS, T, __VA_ARGS__, )
#define SHAPE_INTS(T, ...) SHAPE_NAMED_(INTS, T, __VA_ARGS__, )
#define SHAPE_REALS(T, ...) SHAPE_NAMED_(REALS, T, __VA_ARGS__, )
#define SHAPE_TIMES(T, ...) SHAPE_NAMED_(TIMES, T, __VA_ARGS__, )
#define SHAPE_MONEYS(T, ...) SHAPE_NAMED_(MONEYS, T, __VA_ARGS__, )
#define SHAPE_IDS(T, ...) SHAPE_NAMED_(IDS, T, __VA_ARGS__, )
#define SHAPE_ENUMS(T, ...) SHAPE_NAMED_(ENUMS, T, __VA_ARGS__, )

#define SHAPE_BOOL_AS(T, m, ...) SHAPE_X_BOOL(T, m, __VA_ARGS__, )
#define SHAPE_INT_AS(T, m, ...) SHAPE_X_INT(T, m, __VA_ARGS__, )
#define SHAPE_REAL_AS(T, m, ...) SHAPE_X_REAL(T, m, __VA_ARGS__, )
#define SHAPE_TEXT_AS(T, m, ...) SHAPE_X_TEXT(T, m, __VA_ARGS__, )
#define SHAPE_TIME_AS(T, m, ...) SHAPE_X_TIME(T, m, __VA_ARGS__, )
#define SHAPE_MONEY_AS(T, m, ...) SHAPE_X_MONEY(T, m, __VA_ARGS__, )
#define SHAPE_JSON_AS(T, m, ...) SHAPE_X_JSON(T, m, __VA_ARGS__, )
#define SHAPE_ID_AS(T, m, ...)  SHAPE_X_ID(T, m, __VA_ARGS__, )
#define SHAPE_ENUM_AS(T, m, ...) SHAPE_X_ENUM(T, m, __VA_ARGS__, )
#define SHAPE_OBJECT_AS(T, m, ...) SHAPE_X_OBJECT(T, m, __VA_ARGS__, )
#define SHAPE_LIST_AS(T, m, ...) SHAPE_X_LIST(T, m, __VA_ARGS__, )
#define SHAPE_TEXTS_AS(T, m, ...) SHAPE_X_TEXTS(T, m, __VA_ARGS__, )
#define SHAPE_INTS_AS(T, m, ...) SHAPE_X_INTS(T, m, __VA_ARGS__, )
#define SHAPE_REALS_AS(T, m, ...) SHAPE_X_REALS(T, m, __VA_ARGS__, )
#define SHAPE_TIMES_AS(T, m, ...) SHAPE_X_TIMES(T, m, __VA_ARGS__, )
#define SHAPE_MONEYS_AS(T, m, ...) SHAPE_X_MONEYS(T, m, __VA_ARGS__, )
#define SHAPE_IDS_AS(T, m, ...) SHAPE_X_IDS(T, m, __VA_ARGS__, )
#define SHAPE_ENUMS_AS(T, m, ...) SHAPE_X_ENUMS(T, m, __VA_ARGS__, )

/* const Shape x_shape = SHAPE_OF(X, "X", X_FIELDS, .doc = "What an X is."); */
#define SHAPE_OF(T, ...) SHAPE_OF_(T, SIZE_MAX, __VA_ARGS__, )
#define SHAPE_OF_PATCH(T, ...)                                                                     \
    SHAPE_OF_(T, offsetof(T, given) + SHAPE_PICK_(T, given, uint64_t: 0), __VA_ARGS__, )
#define SHAPE_OF_(T, given_, name_, fields_, ...)                                                  \
    {.name = "" name_, .size = sizeof(T), .fields = (fields_), .n = COUNT_OF(fields_),             \
     .given_offset = (given_), .index = &(ShapeIndex *){0}, __VA_ARGS__}
/* NOLINTEND(bugprone-macro-parentheses) */
