/* codec.h - bytes as text: hexadecimal, base64 and base64url (RFC 4648). */
#pragma once

#include "base/buf.h"

void codec_add_hex(Buf *b, Str bytes); /* lower case */

/* Append what `s` stands for. False, and nothing appended, when `s` is no such text. Hex is
 * read in either case. */
NODISCARD bool codec_hex(Str s, Buf *b);

typedef enum CodecBase64 {
    CODEC_BASE64,   /* + / and padding, which is required when reading */
    CODEC_BASE64URL /* - _ and no padding, for addresses, cookies and tokens */
} CodecBase64;

void codec_add_base64(Buf *b, CodecBase64 kind, Str bytes);

/* Strictly: one text for the same bytes, so no white space and no stray bits at the end. */
NODISCARD bool codec_base64(CodecBase64 kind, Str s, Buf *b);
