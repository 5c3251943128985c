/* SPDX-License-Identifier: EUPL-1.2
 *
 * Dark modules in a row are one rectangle, and rectangles that go on in the next row grow; all are one path, so that
 * no reader shows seams between them.
 */
#include "print/qr.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"

#include <math.h>
#include <qrencode.h>

enum { QUIET = 4, FREED_MOST = 16 };

struct qr {
    QRcode *code;
};

/** The text may be a key, and libqrencode frees its copy as it is: it is among the pieces of this size that malloc()
 * gives out next, for it begins with those that were freed last. */
static void wipe_copy(size_t size)
{
    void *pieces[FREED_MOST];
    for (size_t i = 0; i < FREED_MOST; i++) {
        pieces[i] = memory_allocate(size);
        if (pieces[i] != NULL) secret_wipe(pieces[i], size);
    }
    for (size_t i = 0; i < FREED_MOST; i++) memory_free(pieces[i]);
}

rfd_status qr_new(slice text, struct qr **out, struct rfd_error *error)
{
    enum { TEXT_MAXIMUM = 2331 }; /* version 40, level M (ISO/IEC 18004 table 7) */
    if (text.length == 0 || text.length > TEXT_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "a QR code of %zu bytes; 1 to %d are possible", text.length,
                         (int)TEXT_MAXIMUM);
    struct qr *qr = memory_zeroed(1, sizeof *qr);
    if (qr == NULL) return error_memory(error);
    qr->code = QRcode_encodeData((int)text.length, text.data, 0, QR_ECLEVEL_M);
    wipe_copy(text.length);
    if (qr->code == NULL) {
        memory_free(qr);
        return error_memory(error);
    }
    *out = qr;
    return RFD_OK;
}

void qr_free(struct qr *qr)
{
    if (qr == NULL) return;
    QRcode_free(qr->code);
    memory_free(qr);
}

unsigned qr_modules(const struct qr *qr)
{
    return (unsigned)qr->code->width;
}

bool qr_is_dark(const struct qr *qr, unsigned x, unsigned y)
{
    return (qr->code->data[y * qr_modules(qr) + x] & 1) != 0;
}

/** Modules from column x on that are dark. */
static unsigned run_length(const struct qr *qr, unsigned x, unsigned y)
{
    unsigned n = 0;
    while (x + n < qr_modules(qr) && qr_is_dark(qr, x + n, y)) n++;
    return n;
}

/** "x y width height re"; rows count from the top. */
static void put_rectangle(struct buf *b, const unsigned box[4])
{
    for (size_t i = 0; i < 4; i++) {
        buf_put_unsigned(b, box[i]);
        buf_put_byte(b, ' ');
    }
    buf_put_text(b, "re\n");
}

/** A run of row y that is no continuation of one above becomes a rectangle down to where it changes. */
static void put_run(const struct qr *qr, struct buf *b, unsigned x, unsigned y, unsigned width)
{
    unsigned height = 1;
    bool continued = y > 0 && (x == 0 || !qr_is_dark(qr, x - 1, y - 1)) && run_length(qr, x, y - 1) == width;
    if (continued) return;
    while (y + height < qr_modules(qr) && (x == 0 || !qr_is_dark(qr, x - 1, y + height)) &&
           run_length(qr, x, y + height) == width)
        height++;
    put_rectangle(b, (const unsigned[]){x + QUIET, y + QUIET, width, height});
}

void qr_draw(const struct qr *qr, struct canvas *c, double x, double y, double side)
{
    unsigned modules = qr_modules(qr), whole = modules + 2 * QUIET;
    double module = floor(side / whole * 1000) / 1000, rest = (side - module * whole) / 2; /* as numbers are written */
    canvas_save(c);
    canvas_fill_rectangle(c, x, y, side, side, COLOUR_WHITE);
    canvas_transform(c, module, 0, 0, -module, x + rest, y + side - rest);
    canvas_set_fill(c, COLOUR_BLACK);
    for (unsigned row = 0; row < modules; row++) {
        for (unsigned column = 0, width; column < modules; column += width + 1) {
            width = run_length(qr, column, row);
            if (width > 0) put_run(qr, &c->content, column, row, width);
        }
    }
    buf_put_text(&c->content, "f\n");
    canvas_restore(c);
}
