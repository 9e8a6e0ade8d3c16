/* pdf.h - documents of an order on paper: the buyer's confirmation, the packing slip.
 *
 * A4, by Cairo and Pango with the fonts of the system (fonts-dejavu-core, fonts-noto-cjk): Latin,
 * Cyrillic and Chinese, text that can be searched and copied. A row of the table is never torn, its
 * head stands on each page, and the totals come with the last row at least. */
#pragma once

#include "order/order.h"

typedef enum OrderPdfKind { ORDER_PDF_CONFIRMATION, ORDER_PDF_PACKING } OrderPdfKind;

extern const char *const order_pdf_names[]; /* confirmation packing_slip */

enum { ORDER_PDF_MAX = 32 << 20 };

/* The bytes live in cx->arena. `locale` empty: the order's. ST_IO "order.pdf_failed". */
NODISCARD Status order_pdf(Cx *cx, const Order *order, int kind, Str locale, Str *ret);
