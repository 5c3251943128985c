/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of refrenda/stamp.h: a stamp with everything parsed, decoded and encoded that does not depend on the
 * signature. Constant once made, but for what it remembers under a lock (`sizes`, `fonts`), so threads may share it.
 */
#ifndef PADES_STAMP_H
#define PADES_STAMP_H

#include "base/buf.h"
#include "pades/appearance/fit.h"
#include "pades/appearance/look.h"
#include "pades/appearance/template.h"
#include "print/font.h"
#include "print/image.h"
#include "print/qr.h"

enum { STAMP_LOOK_COUNT = RFD_LOOK_NOTIFICATION + 1 };

struct rfd_stamp {
    struct arena arena;
    enum rfd_stamp_style style;
    enum rfd_stamp_look look;
    double width, height, font_size; /* millimetres and points; 0: not said */
    int time_zone;
    char language[LANGUAGE_CODE_SIZE];
    bool own_text; /* the caller's, not ours */
    struct template text;
    const char *titles[STAMP_LOOK_COUNT]; /* translated; [0] is not used */
    struct template alternate;            /* "Signature of {name}", translated */
    slice post, number;
    struct template qr_text;
    bool has_qr;
    struct buf qr_fixed; /* a code without words that change: its content stream, deflated */
    struct fonts *fonts;
    struct fit_memory *sizes; /* in the arena */
    struct image *image, *crest;
};

/** The look of a signature with or without a commitment. */
enum rfd_stamp_look stamp_look(const struct rfd_stamp *stamp, bool endorses);
/** Width and height in points; the height of a strip is that of its page: 0. */
void stamp_size(const struct rfd_stamp *stamp, bool endorses, double *width, double *height);

/** A code's side in the space of its content: it is scaled where it is drawn. */
enum { STAMP_QR_SIDE = 100 };
/** The content stream that draws `text` as a code of that side, deflated. */
rfd_status stamp_qr_content(slice text, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
