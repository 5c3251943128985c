/* SPDX-License-Identifier: EUPL-1.2
 *
 * libjpeg's message codes. Its jerror.h gives them as a list of JMESSAGE() for whoever defines that; the macros that it
 * otherwise brings along use functions that are banned here, and are left out by saying that it was there already.
 */
#ifndef PRINT_IMAGE_JPEG_CODES_H
#define PRINT_IMAGE_JPEG_CODES_H

#include <stdio.h>
#include <jpeglib.h>

#define JERROR_H
#define JMESSAGE(code, text) code,
enum {
#include <jerror.h>
    JPEG_CODES
};

#endif
