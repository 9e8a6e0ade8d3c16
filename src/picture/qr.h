/* qr.h - QR codes as SVG.
 *
 * One <svg> of black squares on white, in modules: it may be scaled to any size, keeps its
 * quiet zone of four modules, and stays black on white in dark pages, as readers expect. */
#pragma once

#include "base/buf.h"
#include "base/status.h"

enum { QR_BYTES_MAX = 2000 };

/* Append the code of `text`; `label` is what screen readers say (escaped here). Error
 * correction M: 15 % of it may be damaged. ST_LIMIT "picture.qr_too_long". */
NODISCARD Status qr_add_svg(Buf *b, Str text, Str label, Err *err);
