/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/source.h"
#include "pdf/lexer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static rfd_status read_one(const char *text, struct pdf_value *v, bool *duplicate)
{
    struct lexer l;
    lexer_memory(&l, slice_text(text), &arena);
    rfd_status status = lexer_value(&l, v, NULL);
    if (duplicate != NULL) *duplicate = l.duplicate_key;
    return status;
}

static struct pdf_value value(const char *text)
{
    struct pdf_value v = {0};
    assert_int_equal(read_one(text, &v, NULL), RFD_OK);
    return v;
}

static void assert_slice(slice s, const char *text)
{
    if (!slice_is(s, text)) fail_msg("'%.*s' is not '%s'", (int)s.length, (const char *)s.data, text);
}

static void classes_are_those_of_the_standard(void **state)
{
    (void)state;
    for (int c = -1; c < 256; c++) {
        bool space = c == 0 || c == 9 || c == 10 || c == 12 || c == 13 || c == 32;
        assert_int_equal(lexer_is_space(c), space);
        assert_int_equal(lexer_is_delimiter(c), c > 0 && strchr("()<>[]{}/%", c) != NULL);
    }
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t integer;
    } integers[] = {{"0", 0},
                    {"+17", 17},
                    {"-98", -98},
                    {"0000000042 ", 42},
                    {"-0", 0},
                    {"10737418240", INT64_C(10737418240)},
                    {"999999999999999999", INT64_C(999999999999999999)}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        struct pdf_value v = value(integers[i].text);
        assert_int_equal(v.kind, PDF_INTEGER);
        assert_true(v.integer == integers[i].integer);
    }
    static const struct {
        const char *text;
        double real;
    } reals[] = {{"34.5", 34.5},
                 {"-.002", -.002},
                 {"4.", 4},
                 {"+123.6", 123.6},
                 {"0.0000000000000000000000000000000001", 0},
                 {"99999999999999999999999", 1e23},
                 {"123456789012345678901234567890.5", 123456789012345678901234567890.5}};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        struct pdf_value v = value(reals[i].text);
        assert_int_equal(v.kind, PDF_REAL);
        assert_true(fabs(v.real - reals[i].real) <= fabs(reals[i].real) * 1e-12);
    }
    static const char *const bad[] = {"--5", "1-2", "1e5", "+", "-", ".", "-.", "1.2.3", "0x10", "12abc", "+-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pdf_value v;
        if (read_one(bad[i], &v, NULL) != RFD_E_PDF_DAMAGED) fail_msg("%s was read", bad[i]);
    }
}

static void whole_reals_are_integers(void **state)
{
    (void)state;
    int64_t i = 5;
    struct pdf_value v = value("3.0");
    assert_true(pdf_integer(&v, &i) && i == 3);
    v = value("3.5");
    assert_false(pdf_integer(&v, &i));
    v = value("99999999999999999999999");
    assert_false(pdf_integer(&v, &i));
    v = value("(3)");
    assert_false(pdf_integer(&v, &i));
    assert_int_equal(i, 3);
}

static void literal_strings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
    } cases[] = {{"(plain)", "plain"},
                 {"()", ""},
                 {"(a(b)c)", "a(b)c"},
                 {"(\\(\\)\\\\)", "()\\"},
                 {"(\\n\\r\\t\\b\\f)", "\n\r\t\b\f"},
                 {"(\\101\\7z\\0501)", "A\az(1"},
                 {"(\\400)", ""},
                 {"(a\\\nb)", "ab"},
                 {"(a\\\r\nb)", "ab"},
                 {"(a\r\nb\rc\nd)", "a\nb\nc\nd"},
                 {"(\\x)", "x"},
                 {"(%no comment)", "%no comment"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pdf_value v = value(cases[i].text);
        assert_int_equal(v.kind, PDF_STRING);
        assert_false(v.hexadecimal);
        assert_slice(v.raw, cases[i].text);
        if (strcmp(cases[i].text, "(\\400)") == 0)
            assert_true(v.bytes.length == 1 && v.bytes.data[0] == 0);
        else
            assert_slice(v.bytes, cases[i].bytes);
    }
}

static void plain_strings_and_names_are_not_copied(void **state)
{
    (void)state;
    static const char text[] = "[(abc) /Name /A#42]";
    struct pdf_value v = value(text);
    assert_ptr_equal(v.items[0].bytes.data, text + 2);
    assert_ptr_equal(v.items[1].bytes.data, text + 8);
    assert_slice(v.items[2].bytes, "AB");
    assert_slice(v.items[2].raw, "/A#42");
}

static void hexadecimal_strings(void **state)
{
    (void)state;
    struct pdf_value v = value("<48 65\n6C6c 6F7>");
    assert_true(v.hexadecimal);
    assert_slice(v.bytes, "Hellop");
    v = value("<>");
    assert_int_equal(v.kind, PDF_STRING);
    assert_int_equal(v.bytes.length, 0);
    assert_int_equal(read_one("<4g>", &v, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(read_one("<48", &v, NULL), RFD_E_PDF_DAMAGED);
}

static void names(void **state)
{
    (void)state;
    assert_slice(value("/").bytes, "");
    assert_slice(value("/A;Name_With-Various***Characters?").bytes, "A;Name_With-Various***Characters?");
    assert_slice(value("/Lime#20Green").bytes, "Lime Green");
    assert_slice(value("/#41").bytes, "A");
    assert_slice(value("/A#").bytes, "A#");
    assert_slice(value("/A#4").bytes, "A#4");
    assert_slice(value("/A#zz#42").bytes, "A#zzB");
}

static void words(void **state)
{
    (void)state;
    assert_true(value("true").boolean);
    assert_false(value("false").boolean);
    assert_int_equal(value("null").kind, PDF_NULL);
    assert_int_equal(value("%comment\r null").kind, PDF_NULL);
    struct pdf_value v;
    assert_int_equal(read_one("nul", &v, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(read_one("endobj", &v, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(read_one("", &v, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(read_one("R", &v, NULL), RFD_E_PDF_DAMAGED);
}

static void references(void **state)
{
    (void)state;
    struct pdf_value v = value("12 3 R");
    assert_int_equal(v.kind, PDF_REFERENCE);
    assert_int_equal(v.reference.number, 12);
    assert_int_equal(v.reference.generation, 3);
    assert_slice(v.raw, "12 3 R");
    v = value("[1 2 3 0 R 4 %c\n 0 R]");
    assert_int_equal(v.count, 4);
    assert_int_equal(v.items[1].integer, 2);
    assert_int_equal(v.items[2].reference.number, 3);
    assert_int_equal(v.items[3].reference.number, 4);
    v = value("<</A 1 0 R/B 2>>");
    assert_int_equal(v.count, 2);
    assert_int_equal(pdf_entry_of(&v, "A")->reference.number, 1);
    v = value("5 6");
    assert_int_equal(v.kind, PDF_INTEGER);
    v = value("0 0 R");
    assert_int_equal(v.kind, PDF_NULL);
    static const char *const bad[] = {"[1 R]",     "[R]",      "[-1 0 R]",  "[1 65536 R]", "[4294967296 0 R]",
                                      "[1 [0 R]]", "[/A 0 R]", "[1.0 0 R]", "[+1 0 R]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (read_one(bad[i], &v, NULL) != RFD_E_PDF_DAMAGED) fail_msg("%s was read", bad[i]);
    }
}

static void containers(void **state)
{
    (void)state;
    bool duplicate;
    struct pdf_value v = value(" << /A [1 (x) <<>> []] /B#43 /D >> ");
    assert_slice(v.raw, "<< /A [1 (x) <<>> []] /B#43 /D >>");
    assert_slice(v.entries[0].value.raw, "[1 (x) <<>> []]");
    assert_slice(v.entries[1].key, "BC");
    assert_slice(v.entries[1].raw_key, "/B#43");
    assert_true(pdf_is_name(pdf_entry_of(&v, "BC"), "D"));
    assert_int_equal(pdf_entry_of(&v, "Missing")->kind, PDF_NULL);
    assert_int_equal(pdf_entry_of(pdf_entry_of(&v, "A"), "X")->kind, PDF_NULL);
    assert_int_equal(read_one("<</A 1/B 2/#41 3>>", &v, &duplicate), RFD_OK);
    assert_true(duplicate);
    assert_int_equal(pdf_entry_of(&v, "A")->integer, 1);
    static const char *const bad[] = {"[",    "[1 2", "<<",  "<</A>>", "<<1 2>>", "<</A 1",     "<</A 1 2>>",
                                      "]",    ">>",   "[>>", "<<]",    "[(a]",    "<</A 1>",    "(",
                                      "((a)", "(\\",  "{",   "}",      ")",       "<</A 1 /B>>"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (read_one(bad[i], &v, NULL) != RFD_E_PDF_DAMAGED) fail_msg("%s was read", bad[i]);
    }
}

static void duplicates_among_many_keys(void **state)
{
    (void)state;
    struct buf b;
    struct lexer l;
    struct pdf_value v;
    for (int twice = 0; twice < 2; twice++) {
        buf_init(&b, 1 << 20);
        buf_put_text(&b, "<<");
        for (int i = 0; i < 5000; i++) buf_print(&b, "/K%d %d", i, i);
        if (twice) buf_put_text(&b, "/K17 0");
        buf_put_text(&b, ">>");
        lexer_memory(&l, buf_slice(&b), &arena);
        assert_int_equal(lexer_value(&l, &v, NULL), RFD_OK);
        assert_int_equal(v.count, 5000 + twice);
        assert_int_equal(l.duplicate_key, twice);
        buf_dispose(&b);
    }
}

static void nesting_is_limited(void **state)
{
    (void)state;
    char text[200];
    struct pdf_value v;
    for (size_t depth = 63; depth <= 65; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        assert_int_equal(read_one(text, &v, NULL), depth <= 64 ? RFD_OK : RFD_E_PDF_DAMAGED);
    }
}

static void memory_is_limited_and_given_back(void **state)
{
    (void)state;
    struct arena small;
    struct buf b;
    struct lexer l;
    struct pdf_value v;
    arena_init(&small, 4096);
    buf_init(&b, 1 << 20);
    buf_put_text(&b, "[[1 2 3]");
    for (int i = 0; i < 2000; i++) buf_put_text(&b, "1 ");
    lexer_memory(&l, buf_slice(&b), &small);
    assert_int_equal(lexer_value(&l, &v, NULL), RFD_E_LIMIT);
    assert_int_equal(small.used, 0);
    buf_put_text(&b, "]");
    lexer_memory(&l, buf_slice(&b), &arena);
    assert_int_equal(lexer_value(&l, &v, NULL), RFD_OK);
    assert_int_equal(v.count, 2001);
    buf_dispose(&b);
    arena_dispose(&small);
}

static void keywords_and_integers(void **state)
{
    (void)state;
    struct lexer l;
    uint64_t n = 7;
    lexer_memory(&l, SLICE("obj<<objx 65536 12x 00012/"), &arena);
    assert_true(lexer_keyword(&l, "obj"));
    assert_int_equal(l.position, 3);
    assert_false(lexer_keyword(&l, "obj"));
    l.position = 5;
    assert_false(lexer_keyword(&l, "obj"));
    assert_int_equal(l.position, 5);
    assert_false(lexer_unsigned(&l, 9, &n));
    l.position = 10;
    assert_false(lexer_unsigned(&l, 65535, &n));
    assert_int_equal(l.position, 10);
    assert_true(lexer_unsigned(&l, 65536, &n) && n == 65536);
    lexer_skip_space(&l);
    assert_false(lexer_unsigned(&l, 65535, &n));
    l.position = 20;
    assert_true(lexer_unsigned(&l, 65535, &n) && n == 12);
    assert_int_equal(lexer_peek(&l), '/');
    l.position++;
    assert_int_equal(lexer_peek(&l), -1);
    assert_false(lexer_keyword(&l, "obj"));
}

/** A value whose tokens cross every boundary between blocks of a file that is read piece by piece. */
static void values_cross_blocks_of_a_sparse_source(void **state)
{
    (void)state;
    char path[] = "/tmp/test_pdf_lexer_XXXXXX";
    struct buf b;
    struct source *source = NULL;
    struct lexer l;
    struct pdf_value v = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    buf_init(&b, 8 << 20);
    buf_put_text(&b, "[");
    for (int i = 0; b.length < (1 << 20); i++)
        buf_print(&b, "/Name%d(text %d \\) end)<%08x>%d %d 0 R ", i, i, i, i, i + 1);
    buf_put_text(&b, "]");
    assert_int_equal(write(fd, b.data, b.length), b.length);
    assert_int_equal(source_open_file(path, &source, NULL), RFD_OK);
    lexer_at(&l, source, 0, &arena);
    assert_int_equal(lexer_value(&l, &v, NULL), RFD_OK);
    assert_int_equal(v.raw.length, b.length);
    for (uint32_t i = 0; i < v.count / 5; i++) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "text %u ) end", i);
        assert_slice(v.items[i * 5 + 1].bytes, expected);
        assert_int_equal(v.items[i * 5 + 3].integer, i);
        assert_int_equal(v.items[i * 5 + 4].reference.number, i + 1);
    }
    source_close(source);
    buf_dispose(&b);
    (void)close(fd);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(classes_are_those_of_the_standard, begin, end),
        cmocka_unit_test_setup_teardown(numbers, begin, end),
        cmocka_unit_test_setup_teardown(whole_reals_are_integers, begin, end),
        cmocka_unit_test_setup_teardown(literal_strings, begin, end),
        cmocka_unit_test_setup_teardown(plain_strings_and_names_are_not_copied, begin, end),
        cmocka_unit_test_setup_teardown(hexadecimal_strings, begin, end),
        cmocka_unit_test_setup_teardown(names, begin, end),
        cmocka_unit_test_setup_teardown(words, begin, end),
        cmocka_unit_test_setup_teardown(references, begin, end),
        cmocka_unit_test_setup_teardown(containers, begin, end),
        cmocka_unit_test_setup_teardown(duplicates_among_many_keys, begin, end),
        cmocka_unit_test_setup_teardown(nesting_is_limited, begin, end),
        cmocka_unit_test_setup_teardown(memory_is_limited_and_given_back, begin, end),
        cmocka_unit_test_setup_teardown(keywords_and_integers, begin, end),
        cmocka_unit_test_setup_teardown(values_cross_blocks_of_a_sparse_source, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
