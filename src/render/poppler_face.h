/* SPDX-License-Identifier: EUPL-1.2
 *
 * Poppler's headers have a field called like one of the functions that are banned here: the files that include them are
 * compiled without the ban (see meson.build), and get it back after them.
 */
#ifndef RENDER_POPPLER_FACE_H
#define RENDER_POPPLER_FACE_H

#include <cairo.h>
#include <poppler.h>

#undef BASE_BANNED_H
#include "base/banned.h"

#endif
