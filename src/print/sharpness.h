/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a photograph is worth to whom has to read it: decoded whole, row by row, without ever being held, so that those
 * of large cameras cost little memory. Sharpness is the variance of the Laplacian (Pech-Pacheco et al., "Diatom
 * autofocusing in brightfield microscopy", 2000) of the grey picture, at 800 pixels of width so that numbers of
 * different cameras can be compared: edges that are not there, because they were blurred away, make it small.
 */
#ifndef PRINT_SHARPNESS_H
#define PRINT_SHARPNESS_H

#include "base/slice.h"

enum { SHARPNESS_WIDTH = 800, SHARPNESS_SIDE_MAXIMUM = 12000, SHARPNESS_PIXELS_MAXIMUM = 64000000 };

struct sharpness {
    unsigned width, height; /* upright */
    double variance;        /* 0: of one colour, or less than three pixels wide or high */
    slice rest;             /* what the file has after the picture's end */
};
/** Of a PNG or JPEG file. A picture that is narrower is not scaled up. RFD_E_IMAGE saying why. */
rfd_status sharpness_read(slice file, struct sharpness *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
