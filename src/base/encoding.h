/* encoding.h - find out how a text file is encoded, and turn it into UTF-8.
 *
 * Files that shops export are UTF-8, or what Excel made of them on somebody's computer:
 * UTF-16 with a byte order mark, windows-1251 (Cyrillic), windows-1252 (Western, also
 * called latin-1) or windows-1254 (Turkish).
 *
 * How it is told: a byte order mark decides. Otherwise a text is UTF-8 when its bytes
 * beyond ASCII are well-formed (up to one damaged place in ten). What is left has one byte
 * per letter, and neighbours tell: in Cyrillic words letters beyond ASCII stand next to
 * each other, in Western and Turkish ones next to ASCII letters. Between these two,
 * Turkish is what has ğ, ı, ş, İ, Ş at least four times as often as á, é, í, ó, ú, æ: other
 * Western languages have none of the former, and Icelandic, whose ð, ý, þ have the same byte
 * values, has as many of the latter.
 *
 *      EncodingGuess g = {0};
 *      encoding_look(&g, chunk);             // the whole file, or as much as is at hand
 *      Encoding e = encoding_guess(&g);
 *      Decoder d = decoder_of(e);
 *      decoder_feed(&d, chunk, last, &out);  // out is UTF-8
 */
#pragma once

#include "base/buf.h"

typedef enum Encoding {
    ENCODING_UTF8,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
    ENCODING_WINDOWS_1251,
    ENCODING_WINDOWS_1252,
    ENCODING_WINDOWS_1254
} Encoding;

const char    *encoding_name(Encoding e);              /* "utf-8", "windows-1251", … */
NODISCARD bool encoding_find(Str name, Encoding *ret); /* those names, and common others */

typedef struct EncodingGuess { /* counts; start with zeroes */
    unsigned char first[3];    /* of the file */
    unsigned char cut[4];      /* UTF-8 sequence that the last chunk ended in */
    unsigned char nfirst, ncut;
    unsigned char before;      /* last byte of the chunk before */
    int64_t       good, bad;   /* UTF-8 sequences, bytes that are in none */
    int64_t       wide_pairs;  /* letters beyond ASCII beside one another */
    int64_t       mixed_pairs; /* beside an ASCII letter */
    int64_t       turkish, icelandic;
} EncodingGuess;

void     encoding_look(EncodingGuess *g, Str bytes);
Encoding encoding_guess(const EncodingGuess *g);

/* In one step, for a text that is whole or cut somewhere. */
Encoding encoding_of(Str sample);

typedef struct Decoder {
    Encoding      encoding;
    bool          begun;  /* a byte order mark can no longer come */
    unsigned char cut[4]; /* bytes of a character that are still incomplete */
    unsigned char ncut;
    int64_t       damaged; /* characters replaced by U+FFFD so far */
} Decoder;

static inline Decoder decoder_of(Encoding e)
{
    return (Decoder){.encoding = e};
}

/* Append `bytes` to `out` as UTF-8, without a byte order mark. Chunks may end anywhere;
 * `last` says that no more come. Needs at most 3 bytes of output per byte, and 8 more. */
void decoder_feed(Decoder *d, Str bytes, bool last, Buf *out);
