/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/colour.h"

#define U16(x)                            (uint8_t)((x) >> 8), (uint8_t)((x)&0xFF)
#define U32(x)                            (uint8_t)((uint32_t)(x) >> 24), (uint8_t)((x) >> 16 & 0xFF), U16((x)&0xFFFF)
#define TAG(a, b, c, d)                   a, b, c, d
#define ENTRY(a, b, c, d, offset, length) TAG(a, b, c, d), U32(offset), U32(length)
#define XYZ(x, y, z)                      TAG('X', 'Y', 'Z', ' '), U32(0), U32(x), U32(y), U32(z)

enum {
    TAGS = 9,
    DESCRIPTION = 128 + 4 + TAGS * 12,
    DESCRIPTION_LENGTH = 12 + 5 + 8 + 3 + 67,
    COPYRIGHT = DESCRIPTION + DESCRIPTION_LENGTH + 1, /* tags begin at multiples of four */
    COPYRIGHT_LENGTH = 8 + 4,
    WHITE = COPYRIGHT + COPYRIGHT_LENGTH,
    XYZ_LENGTH = 20,
    RED = WHITE + XYZ_LENGTH,
    GREEN = RED + XYZ_LENGTH,
    BLUE = GREEN + XYZ_LENGTH,
    CURVE = BLUE + XYZ_LENGTH,
    CURVE_POINTS = 64,
    CURVE_LENGTH = 12 + 2 * CURVE_POINTS,
    PROFILE_LENGTH = CURVE + CURVE_LENGTH,
};

/**
 * ICC.1:2001-04. White is D50, the primaries are those of IEC 61966-2-1 adapted to it (Bradford), in 1/65536; the curve
 * is that standard's, at 64 places, which between them is off by less than a sixth of an 8-bit step.
 */
/* clang-format off */
static const uint8_t profile[] = {
    /* Header (clause 6.1) */
    U32(PROFILE_LENGTH), U32(0), U32(0x02100000), TAG('m', 'n', 't', 'r'), TAG('R', 'G', 'B', ' '),
    TAG('X', 'Y', 'Z', ' '), U16(2026), U16(1), U16(1), U16(0), U16(0), U16(0), TAG('a', 'c', 's', 'p'), U32(0), U32(0),
    U32(0), U32(0), U32(0), U32(0), U32(0), U32(0xF6D6), U32(0x10000), U32(0xD32D), U32(0), U32(0), U32(0), U32(0),
    U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0),
    /* Tags (6.2); the three curves are one */
    U32(TAGS),
    ENTRY('d', 'e', 's', 'c', DESCRIPTION, DESCRIPTION_LENGTH),
    ENTRY('c', 'p', 'r', 't', COPYRIGHT, COPYRIGHT_LENGTH),
    ENTRY('w', 't', 'p', 't', WHITE, XYZ_LENGTH),
    ENTRY('r', 'X', 'Y', 'Z', RED, XYZ_LENGTH),
    ENTRY('g', 'X', 'Y', 'Z', GREEN, XYZ_LENGTH),
    ENTRY('b', 'X', 'Y', 'Z', BLUE, XYZ_LENGTH),
    ENTRY('r', 'T', 'R', 'C', CURVE, CURVE_LENGTH),
    ENTRY('g', 'T', 'R', 'C', CURVE, CURVE_LENGTH),
    ENTRY('b', 'T', 'R', 'C', CURVE, CURVE_LENGTH),
    /* textDescriptionType (6.5.17): ASCII, then no Unicode and no Macintosh text */
    TAG('d', 'e', 's', 'c'), U32(0), U32(5), 's', 'R', 'G', 'B', 0, U32(0), U32(0), U16(0), 0, U32(0), U32(0), U32(0),
    U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), U32(0), 0, 0, 0, 0,
    /* textType (6.5.18) */
    TAG('t', 'e', 'x', 't'), U32(0), 'C', 'C', '0', 0,
    /* XYZType (6.5.26): white, and primaries that add up to it, so that grey stays grey */
    XYZ(0xF6D6, 0x10000, 0xD32D),
    XYZ(0x6FA3, 0x38F6, 0x0390), XYZ(0x6294, 0xB785, 0x18DA), XYZ(0x249F, 0x0F85, 0xB6C3),
    /* curveType (6.5.3) */
    TAG('c', 'u', 'r', 'v'), U32(0), U32(CURVE_POINTS),
    U16(0x0000), U16(0x0051), U16(0x00a1), U16(0x00f4), U16(0x0159), U16(0x01d2), U16(0x0261), U16(0x0308),
    U16(0x03c5), U16(0x049c), U16(0x058c), U16(0x0697), U16(0x07bc), U16(0x08fd), U16(0x0a5b), U16(0x0bd6),
    U16(0x0d6f), U16(0x0f27), U16(0x10fd), U16(0x12f3), U16(0x150a), U16(0x1741), U16(0x199a), U16(0x1c15),
    U16(0x1eb2), U16(0x2172), U16(0x2456), U16(0x275e), U16(0x2a8a), U16(0x2ddb), U16(0x3152), U16(0x34ef),
    U16(0x38b1), U16(0x3c9b), U16(0x40ac), U16(0x44e4), U16(0x4945), U16(0x4dce), U16(0x5280), U16(0x575b),
    U16(0x5c60), U16(0x618e), U16(0x66e8), U16(0x6c6c), U16(0x721b), U16(0x77f6), U16(0x7dfd), U16(0x8430),
    U16(0x8a8f), U16(0x911c), U16(0x97d6), U16(0x9ebe), U16(0xa5d4), U16(0xad18), U16(0xb48b), U16(0xbc2d),
    U16(0xc3fe), U16(0xcbff), U16(0xd430), U16(0xdc91), U16(0xe523), U16(0xede5), U16(0xf6d9), U16(0xffff),
};
/* clang-format on */
_Static_assert(sizeof profile == PROFILE_LENGTH, "the offsets above are those of the bytes");

slice colour_profile(void)
{
    return slice_of(profile, sizeof profile);
}

struct pdf_reference colour_write_profile(struct pdf_update *update)
{
    struct pdf_reference reference = pdf_update_new(update);
    pdf_update_stream(update, reference, "/N 3", colour_profile(), false);
    return reference;
}
