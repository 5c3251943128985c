/* SPDX-License-Identifier: EUPL-1.2
 *
 * Embedded CMaps: codes of one to four bytes, text and character identifiers, and lists that are wrong.
 */
#include "base/memory.h"
#include "pdf/cmap.h"
#include "pdf/page_font_encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static const char map_text[] =
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def /CMapName /X def 1 /CMapType def\n"
    "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    "3 beginbfchar <0003> <0020> <0004> <00660069> <0005> <D83DDE00> endbfchar\n"
    "4 beginbfrange <0010> <0020> <0041> <0030> <0032> [<0061> <00620062> <00E1>] <0040> <0042> <00780030>\n"
    "<0050> <004F> <0041> endbfrange\n"
    "1 beginbfchar <0011> <00D1> endbfchar\n"
    "endcmap CMapName currentdict /CMap defineresource pop end end";

static void read_into(const char *text, struct arena *arena, struct cmap *map)
{
    arena_init(arena, 1 << 24);
    assert_int_equal(cmap_read(slice_text(text), arena, map, NULL), RFD_OK);
}

static void assert_text(const struct cmap *map, uint32_t code, const char *expected)
{
    struct buf out;
    buf_init(&out, 1000);
    assert_int_equal(cmap_put_text(map, code, &out), expected != NULL);
    assert_true(slice_is(buf_slice(&out), expected != NULL ? expected : ""));
    buf_dispose(&out);
}

static void text_of_codes(void **state)
{
    (void)state;
    struct arena arena;
    struct cmap map;
    read_into(map_text, &arena, &map);
    assert_true(map.complete);
    assert_text(&map, 2, NULL);
    assert_text(&map, 3, " ");
    assert_text(&map, 4, "fi");
    assert_text(&map, 5, "😀");
    assert_text(&map, 0x10, "A");
    assert_text(&map, 0x11, "Ñ"); /* defined again */
    assert_text(&map, 0x12, "C");
    assert_text(&map, 0x20, "Q");
    assert_text(&map, 0x21, NULL);
    assert_text(&map, 0x31, "bb");
    assert_text(&map, 0x32, "á");
    assert_text(&map, 0x42, "x2");
    assert_text(&map, 0x50, NULL); /* a range that ends before it begins */
    arena_dispose(&arena);
}

static void codes_of_strings(void **state)
{
    (void)state;
    static const char text[] =
        "begincodespacerange <00> <80> <8140> <9FFC> <E0000000> <E0FFFFFF> <F00000> <F0FFFF> <0> <1234567890> "
        "<00> <FFFF> endcodespacerange begincidrange <00> <80> 1 <8140> <817E> 633 endcidrange "
        "begincidchar <E0000001> 7000 <F00000> (x) endcidchar";
    static const struct {
        size_t length;
        uint32_t code;
        bool known;
        uint32_t identifier;
    } expected[] = {{1, 0x41, true, 0x42},   {2, 0x8141, true, 634}, {4, 0xE0000001, true, 7000},
                    {3, 0xF00000, false, 0}, {2, 0xFFFE, false, 0},  {1, 0x82, false, 0}};
    struct arena arena;
    struct cmap map;
    slice rest = SLICE("\x41\x81\x41\xE0\0\0\1\xF0\0\0\xFF\xFE\x82");
    read_into(text, &arena, &map);
    assert_int_equal(map.codespace_count, 4);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        uint32_t code, identifier = 0;
        assert_int_equal(cmap_next(&map, &rest, &code), expected[i].length);
        assert_int_equal(code, expected[i].code);
        assert_int_equal(cmap_value(&map, code, &identifier), expected[i].known);
        assert_int_equal(identifier, expected[i].identifier);
    }
    assert_int_equal(rest.length, 0);
    arena_dispose(&arena);
}

static void nothing_of_use(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "endbfchar endbfrange endcidrange endcidchar endcodespacerange",
        "1 2 endbfchar /A /B /C endbfrange <00> endbfchar <00> <01> endbfrange",
        "<0011223344> <0041> endbfchar <00> <> endbfchar <> <0041> endbfchar",
        "<00> <D800> endbfchar <01> <0000> endbfchar <02> <FFFD> endbfchar",
        "<00> -1 endcidchar <00> 70000 endcidchar <00> 1.5 endcidchar",
        "<00> <41",
        "((((((((",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena;
        struct cmap map;
        read_into(texts[i], &arena, &map);
        assert_text(&map, 0, NULL);
        assert_text(&map, 1, NULL);
        assert_text(&map, 2, NULL);
        arena_dispose(&arena);
    }
}

/** Ranges over everything, nested and repeated: found or not, quickly. */
static void overlaps(void **state)
{
    (void)state;
    struct buf text;
    struct arena arena;
    struct cmap map;
    buf_init(&text, 1 << 24);
    for (unsigned i = 0; i < 60000; i++) buf_print(&text, "<%04X> <FFFF> <0041> endbfrange ", i);
    buf_put_byte(&text, 0);
    read_into((const char *)text.data, &arena, &map);
    assert_text(&map, 100, "A");
    struct buf out;
    buf_init(&out, 1 << 24);
    for (uint32_t i = 0; i < 1000000; i++) (void)cmap_put_text(&map, i % 70000, &out);
    buf_dispose(&out);
    buf_dispose(&text);
    arena_dispose(&arena);
}

static void no_memory(void **state)
{
    (void)state;
    for (unsigned long n = 1;; n++) {
        struct arena arena;
        struct cmap map;
        arena_init(&arena, 1 << 24);
        memory_fail_after(n);
        rfd_status status = cmap_read(slice_text(map_text), &arena, &map, NULL);
        memory_fail_after(0);
        arena_dispose(&arena);
        if (status == RFD_OK) break;
        assert_int_equal(status, RFD_E_MEMORY);
    }
    struct arena small;
    struct cmap map;
    arena_init(&small, 16);
    assert_int_equal(cmap_read(slice_text(map_text), &small, &map, NULL), RFD_E_LIMIT);
    arena_dispose(&small);
}

static void encodings(void **state)
{
    (void)state;
    static const struct {
        const char *encoding;
        uint8_t code;
        uint32_t unicode;
    } cases[] = {
        {"WinAnsiEncoding", 0xF1, 0xF1},    {"WinAnsiEncoding", 0x80, 0x20AC},  {"WinAnsiEncoding", 0x81, 0x2022},
        {"WinAnsiEncoding", 0x27, 0x27},    {"WinAnsiEncoding", 0xAD, '-'},     {"MacRomanEncoding", 0x96, 0xF1},
        {"MacRomanEncoding", 0x8E, 0xE9},   {"MacRomanEncoding", 0xFF, 0x2C7},  {"MacRomanEncoding", 0xF0, 0},
        {"StandardEncoding", 0x27, 0x2019}, {"StandardEncoding", 0xAE, 0xFB01}, {"StandardEncoding", 0xE9, 0xD8},
        {"StandardEncoding", 0xFB, 0xDF},   {"StandardEncoding", 0xF1, 0xE6},   {"StandardEncoding", 0x80, 0},
        {"PDFDocEncoding", 0xA0, 0x20AC},   {"PDFDocEncoding", 0x18, 0x2D8},    {"PDFDocEncoding", 0xE1, 0xE1},
        {"PDFDocEncoding", 0x9F, 0},        {"No such encoding", 0x60, 0x2018}, {"WinAnsiEncoding", 0x41, 'A'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t unicode[FONT_CODES];
        page_font_encoding(slice_text(cases[i].encoding), unicode);
        assert_int_equal(unicode[cases[i].code], cases[i].unicode);
    }
}

static void glyph_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t unicode;
    } cases[] = {{"A", 'A'},
                 {"braceleft", '{'},
                 {"ntilde", 0xF1},
                 {"Ccedilla", 0xC7},
                 {"etilde", 0x1EBD},
                 {"uni00F1", 0xF1},
                 {"uni00F100E1", 0xF1},
                 {"u1F600", 0x1F600},
                 {"u00E1", 0xE1},
                 {"a.sc", 'a'},
                 {"one.oldstyle", '1'},
                 {"fi", 0xFB01},
                 {"f_f_i", 0xFB03},
                 {"Euro", 0x20AC},
                 {"dcroat", 0x111},
                 {"Lslash", 0x141},
                 {"dotlessi", 0x131},
                 {"scommaaccent", 0x219},
                 {"Idotaccent", 0x130},
                 {"ldot", 0x140},
                 {"g37", 0},
                 {"", 0},
                 {".notdef", 0},
                 {"uniD800", 0},
                 {"u110000", 0},
                 {"uniXYZW", 0},
                 {"u12", 0},
                 {"Xacute", 0},
                 {"1", 0}

    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(page_font_glyph(slice_text(cases[i].name)), cases[i].unicode);
    assert_int_equal(page_font_plain(0xF1), 'n');
    assert_int_equal(page_font_plain('n'), 'n');
    assert_int_equal(page_font_plain(0x4E00), 0x4E00);
    assert_int_equal(page_font_accented(0xB4, 0x131), 0xED);
    assert_int_equal(page_font_accented(0x2DC, 'n'), 0xF1);
    assert_int_equal(page_font_accented(0xB4, 'x'), 0);
    assert_int_equal(page_font_accented(0, 'L'), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_codes), cmocka_unit_test(codes_of_strings), cmocka_unit_test(nothing_of_use),
        cmocka_unit_test(overlaps),      cmocka_unit_test(no_memory),        cmocka_unit_test(encodings),
        cmocka_unit_test(glyph_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
