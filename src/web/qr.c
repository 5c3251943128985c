/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/qr.h"

#include "base/error.h"
#include "print/qr.h"

enum { SVG_MAXIMUM = 256 << 10 };

/** Rows of dark modules as one path; white around it, also in the dark. */
static void put_svg(struct buf *svg, const struct qr *qr)
{
    unsigned modules = qr_modules(qr);
    buf_print(svg,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" "
              "shape-rendering=\"crispEdges\" aria-hidden=\"true\" focusable=\"false\"><path fill=\"#fff\" "
              "d=\"M0 0h%uv%uH0z\"/><path fill=\"#000\" d=\"",
              modules + 8, modules + 8, modules + 8, modules + 8);
    for (unsigned y = 0; y < modules; y++) {
        for (unsigned x = 0; x < modules; x++) {
            unsigned from = x;
            while (x < modules && qr_is_dark(qr, x, y)) x++;
            if (x > from) buf_print(svg, "M%u %uh%uv1h-%uz", from + 4, y + 4, x - from, x - from);
        }
    }
    buf_put_text(svg, "\"/></svg>");
}

rfd_status page_qr(struct page *page, const char *name, slice text, struct rfd_error *error)
{
    struct qr *qr = NULL;
    struct buf svg;
    TRY(qr_new(text, &qr, error));
    buf_init_secret(&svg, SVG_MAXIMUM);
    put_svg(&svg, qr);
    qr_free(qr);
    rfd_status status = buf_check(&svg, "a QR code", error);
    if (status == RFD_OK) view_markup(page->view, name, arena_copy(page->arena, buf_slice(&svg)));
    buf_dispose(&svg);
    return status;
}
