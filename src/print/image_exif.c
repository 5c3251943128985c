/* SPDX-License-Identifier: EUPL-1.2
 *
 * The one thing that is read of a photograph's metadata: which way is up (Exif 2.3 §4.6.4, tag 0x0112), in the first
 * directory of a TIFF structure.
 */
#include "print/image_internal.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_LENGTH = 12, UPRIGHT = 1, ORIENTATIONS = 8, FIELD_SHORT = 2 };

/** `length` bytes at `at` as a number in the file's byte order; false outside. */
static bool number_at(slice tiff, bool little, size_t at, size_t length, uint32_t *out)
{
    uint32_t value = 0;
    if (at > tiff.length || tiff.length - at < length) return false;
    for (size_t i = 0; i < length; i++) value = value << 8 | tiff.data[little ? at + length - 1 - i : at + i];
    *out = value;
    return true;
}

/** The orientation if the directory's entry at `at` is that, else 0. */
static uint32_t entry_orientation(slice tiff, bool little, size_t at)
{
    uint32_t tag, type, value;
    if (!number_at(tiff, little, at, FIELD_SHORT, &tag) || tag != TAG_ORIENTATION) return 0;
    if (!number_at(tiff, little, at + 2, FIELD_SHORT, &type) || type != TYPE_SHORT) return 0;
    if (!number_at(tiff, little, at + 8, FIELD_SHORT, &value)) return 0;
    return value <= ORIENTATIONS ? value : 0;
}

unsigned image_exif_orientation(slice app1)
{
    uint32_t directory, count;
    if (app1.data == NULL || !slice_starts(app1, SLICE("Exif\0\0"))) return UPRIGHT;
    slice tiff = slice_from(app1, 6);
    bool little = slice_starts(tiff, SLICE("II*\0"));
    if (!little && !slice_starts(tiff, SLICE("MM\0*"))) return UPRIGHT;
    if (!number_at(tiff, little, 4, 4, &directory)) return UPRIGHT;
    if (!number_at(tiff, little, directory, FIELD_SHORT, &count)) return UPRIGHT;
    for (size_t i = 0; i < count; i++) {
        uint32_t orientation = entry_orientation(tiff, little, (size_t)directory + 2 + i * ENTRY_LENGTH);
        if (orientation != 0) return orientation;
    }
    return UPRIGHT;
}
