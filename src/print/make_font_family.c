/* SPDX-License-Identifier: EUPL-1.2
 *
 * Run by the build: cuts the built-in family out of the fonts that are given and writes it as a C file
 * (font_family.h). What is kept: the characters below, the layout that our shaping uses, no hints (pages are printed
 * and zoomed), and the names with the notice of the licence.
 *
 *   make_font_family OUTPUT REGULAR BOLD ITALIC MATHS SYMBOLS
 */
#include <hb-ot.h>
#include <hb-subset.h>

struct range {
    hb_codepoint_t first, last;
};

/** Latin with everything that European and American languages write, Greek, Cyrillic, punctuation and currency. */
static const struct range text_ranges[] = {{0x0020, 0x007E}, {0x00A0, 0x024F},
                                           {0x02B0, 0x036F}, {0x0370, 0x03FF},
                                           {0x0400, 0x052F}, {0x1E00, 0x1EFF},
                                           {0x2000, 0x206F}, {0x2070, 0x209F},
                                           {0x20A0, 0x20CF}, {0x2100, 0x215F},
                                           {0x25CC, 0x25CC}, {0xFB00, 0xFB06},
                                           {0xFFFD, 0xFFFD}, {0, 0}};
/** Arrows and basic mathematics. */
static const struct range maths_ranges[] = {{0x2190, 0x2199},
                                            {0x21D0, 0x21D5},
                                            {0x2200, 0x2209},
                                            {0x220F, 0x220F},
                                            {0x2211, 0x2213},
                                            {0x2215, 0x2215},
                                            {0x221A, 0x221A},
                                            {0x221E, 0x221E},
                                            {0x2227, 0x222B},
                                            {0x2234, 0x2235},
                                            {0x223C, 0x223C},
                                            {0x2248, 0x2248},
                                            {0x2260, 0x2261},
                                            {0x2264, 0x2265},
                                            {0x2282, 0x2287},
                                            {0x25CA, 0x25CA},
                                            {0, 0}};
/** Bullets, boxes, check marks, stars, warnings. */
static const struct range symbol_ranges[] = {{0x25A0, 0x25A1},
                                             {0x25AA, 0x25AB},
                                             {0x25B2, 0x25B2},
                                             {0x25B6, 0x25B6},
                                             {0x25BC, 0x25BC},
                                             {0x25C0, 0x25C0},
                                             {0x25C6, 0x25C6},
                                             {0x25CB, 0x25CB},
                                             {0x25CF, 0x25CF},
                                             {0x2605, 0x2606},
                                             {0x2610, 0x2612},
                                             {0x26A0, 0x26A0},
                                             {0x2702, 0x2702},
                                             {0x2709, 0x2709},
                                             {0x2713, 0x2714},
                                             {0x2717, 0x2718},
                                             {0, 0}};

static const hb_tag_t features[] = {
    HB_TAG('c', 'c', 'm', 'p'), HB_TAG('k', 'e', 'r', 'n'), HB_TAG('l', 'i', 'g', 'a'),
    HB_TAG('l', 'o', 'c', 'l'), HB_TAG('m', 'a', 'r', 'k'), HB_TAG('m', 'k', 'm', 'k'),
};

static const struct range *const faces[] = {text_ranges, text_ranges, text_ranges, maths_ranges, symbol_ranges};
enum { FACES = sizeof faces / sizeof *faces };

static hb_subset_input_t *describe(const struct range *ranges)
{
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    if (input == NULL) return NULL;
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_NO_HINTING);
    hb_set_t *names = hb_subset_input_set(input, HB_SUBSET_SETS_NAME_ID);
    hb_set_add_range(names, HB_OT_NAME_ID_COPYRIGHT, HB_OT_NAME_ID_POSTSCRIPT_NAME);
    hb_set_add_range(names, HB_OT_NAME_ID_LICENSE, HB_OT_NAME_ID_LICENSE_URL);
    hb_set_t *wanted = hb_subset_input_set(input, HB_SUBSET_SETS_LAYOUT_FEATURE_TAG);
    hb_set_clear(wanted);
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) hb_set_add(wanted, features[i]);
    for (size_t i = 0; ranges[i].first != 0; i++)
        hb_set_add_range(hb_subset_input_unicode_set(input), ranges[i].first, ranges[i].last);
    return input;
}

/** The subset's bytes; NULL when the file is no font. */
static hb_blob_t *cut(const char *path, const struct range *ranges)
{
    hb_blob_t *file = hb_blob_create_from_file_or_fail(path);
    if (file == NULL) return NULL;
    hb_face_t *whole = hb_face_create(file, 0);
    hb_subset_input_t *input = describe(ranges);
    hb_face_t *part = input == NULL ? NULL : hb_subset_or_fail(whole, input);
    hb_blob_t *bytes = part == NULL ? NULL : hb_face_reference_blob(part);
    hb_face_destroy(part);
    hb_subset_input_destroy(input);
    hb_face_destroy(whole);
    hb_blob_destroy(file);
    return bytes;
}

/** As a string literal, which compiles many times faster than a list of numbers. */
static void write_bytes(FILE *to, unsigned number, const unsigned char *bytes, unsigned length)
{
    enum { LINE = 64 };
    (void)fprintf(to, "static const char face%u[] =", number);
    for (unsigned i = 0; i < length; i++) {
        if (i % LINE == 0) (void)fputs(i == 0 ? "\n\"" : "\"\n\"", to);
        (void)fprintf(to, "\\%03o", bytes[i]);
    }
    (void)fputs("\";\n", to);
}

static int write_face(FILE *to, unsigned number, const char *path)
{
    unsigned length;
    hb_blob_t *blob = cut(path, faces[number]);
    if (blob == NULL) {
        (void)fprintf(stderr, "%s: cannot be read as a font\n", path);
        return -1;
    }
    const char *bytes = hb_blob_get_data(blob, &length);
    write_bytes(to, number, (const unsigned char *)bytes, length);
    hb_blob_destroy(blob);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != FACES + 2) {
        (void)fprintf(stderr, "usage: %s OUTPUT REGULAR BOLD ITALIC MATHS SYMBOLS\n", argv[0]);
        return 2;
    }
    int result = 0;
    FILE *to = fopen(argv[1], "w");
    if (to == NULL) return 1;
    (void)fputs("/* Made by make_font_family. */\n#include \"print/font_family.h\"\n", to);
    for (unsigned i = 0; i < FACES && result == 0; i++) result = write_face(to, i, argv[i + 2]);
    (void)fputs("const slice font_family[FONT_FAMILY_COUNT] = {\n", to);
    for (unsigned i = 0; i < FACES; i++) (void)fprintf(to, "    {(const uint8_t *)face%u, sizeof face%u - 1},\n", i, i);
    (void)fputs("};\n", to);
    if (fclose(to) != 0) result = -1;
    return result == 0 ? 0 : 1;
}
