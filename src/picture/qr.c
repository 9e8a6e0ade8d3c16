#include "picture/qr.h"

#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4 };

/* One row: runs of dark modules as "M x y h n v 1 h -n z". */
static void add_row(Buf *b, const QRcode *code, int y)
{
    const unsigned char *row = code->data + (size_t)y * (size_t)code->width;
    for (int x = 0; x < code->width; x++) {
        int from = x;
        while (x < code->width && (row[x] & 1) != 0)
            x++;
        if (x > from)
            buf_addf(b, "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET, x - from, x - from);
    }
}

Status qr_add_svg(Buf *b, Str text, Str label, Err *err)
{
    QRcode *code = NULL;
    errno = 0;
    if (text.len > 0 && text.len <= QR_BYTES_MAX)
        code = QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);
    if (code == NULL && errno == ENOMEM)
        base_out_of_memory(text.len);
    if (code == NULL)
        return err_set(err, ST_LIMIT, "picture.qr_too_long", "a QR code holds 1 to %d bytes",
                       QR_BYTES_MAX);
    int size = code->width + 2 * QUIET;
    buf_addf(b,
             "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
             "role=\"img\" shape-rendering=\"crispEdges\" aria-label=\"",
             size, size);
    buf_add_html(b, label);
    buf_addf(b, "\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"", size, size);
    for (int y = 0; y < code->width; y++)
        add_row(b, code, y);
    buf_add(b, STR("\"/></svg>"));
    QRcode_free(code);
    return ST_OK;
}
