/* SPDX-License-Identifier: EUPL-1.2
 *
 * QR codes (ISO/IEC 18004, by libqrencode) as vectors: one filled path, dark modules only, on white with the quiet zone
 * of four modules.
 */
#ifndef PRINT_QR_H
#define PRINT_QR_H

#include "print/canvas.h"

struct qr;
/** Error correction M. RFD_E_ARGUMENT when `text` is too long (about 2,300 bytes) or empty. */
rfd_status qr_new(slice text, struct qr **out, struct rfd_error *error) RFD_MUST_CHECK;
void qr_free(struct qr *qr);
/** Modules on a side, without the quiet zone. */
unsigned qr_modules(const struct qr *qr);
/** Whether the module in column x of row y, from the top left, is dark; for those who draw it themselves. */
bool qr_is_dark(const struct qr *qr, unsigned x, unsigned y);
/** Draws it into the square at (x, y) (lower left) with side `side`, quiet zone included. */
void qr_draw(const struct qr *qr, struct canvas *c, double x, double y, double side);

#endif
