/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pictures: PNG (libpng) and JPEG (libjpeg-turbo), told by their first bytes. Nothing of the file itself goes into a
 * PDF: pixels are decoded, and encoded anew (PNG as Flate, JPEG as baseline JPEG without metadata, EXIF orientation
 * applied). The same file gives the same bytes. Hostile files cost bounded time and memory.
 */
#ifndef PRINT_IMAGE_H
#define PRINT_IMAGE_H

#include "pdf/update.h"

enum { IMAGE_SIDE_MAXIMUM = 4096, IMAGE_FILE_MAXIMUM = 16 << 20 };

/** A decoded and re-encoded picture; constant, may be shared between threads. */
struct image;
/** RFD_E_IMAGE saying why, RFD_E_MEMORY. */
rfd_status image_read(slice file, struct image **out, struct rfd_error *error) RFD_MUST_CHECK;
void image_free(struct image *image);
unsigned image_width(const struct image *image);  /* pixels */
unsigned image_height(const struct image *image); /* pixels */
bool image_has_alpha(const struct image *image);

/**
 * Writes it as an image XObject (ISO 32000-2 §8.9) in the ICC space `profile` (grey pictures, too, so that any PDF/A
 * may hold it). Alpha becomes a soft mask, or with `opaque` (PDF/A-1, ISO 19005-1 §6.4 forbids soft masks) the picture
 * is laid on white and fully transparent pixels are left out by a stencil mask. /Interpolate is never true (§6.2.4
 * there).
 */
rfd_status image_write(const struct image *image, struct pdf_update *update, struct pdf_reference profile, bool opaque,
                       struct pdf_reference *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
