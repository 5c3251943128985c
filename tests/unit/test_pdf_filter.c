/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"
#include "pdf/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct filter_parameters none = {1, 1, 8, 1, 1};

static rfd_status decode(const char *name, const struct filter_parameters *p, slice in, size_t maximum, struct buf *out)
{
    buf_init(out, maximum);
    return filter_decode(slice_text(name), p, in, out, NULL);
}

static void assert_decodes(const char *name, const struct filter_parameters *p, slice in, slice expected)
{
    struct buf out;
    assert_int_equal(decode(name, p, in, 1 << 20, &out), RFD_OK);
    assert_int_equal(out.length, expected.length);
    assert_memory_equal(out.data, expected.data, expected.length);
    buf_dispose(&out);
}

static void assert_fails(const char *name, const struct filter_parameters *p, slice in, rfd_status status)
{
    struct buf out;
    assert_int_equal(decode(name, p, in, 1 << 20, &out), status);
    buf_dispose(&out);
}

static struct buf deflated(size_t length)
{
    struct buf plain;
    struct buf packed;
    buf_init(&plain, 1 << 24);
    buf_init(&packed, 1 << 24);
    for (size_t i = 0; i < length; i++) buf_put_byte(&plain, (uint8_t)(i * i >> 7));
    assert_int_equal(filter_flate_encode(buf_slice(&plain), &packed, NULL), RFD_OK);
    buf_dispose(&plain);
    return packed;
}

static void flate_round_trip(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 100, 70000, 3000000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct buf out;
        struct buf packed = deflated(lengths[i]);
        assert_int_equal(decode("FlateDecode", &none, buf_slice(&packed), 1 << 24, &out), RFD_OK);
        assert_int_equal(out.length, lengths[i]);
        for (size_t j = 0; j < lengths[i]; j++) assert_int_equal(out.data[j], (uint8_t)(j * j >> 7));
        buf_dispose(&out);
        buf_dispose(&packed);
    }
}

static void flate_output_is_bounded(void **state)
{
    (void)state;
    struct buf out;
    struct buf packed = deflated(70000);
    assert_int_equal(decode("FlateDecode", &none, buf_slice(&packed), 70000, &out), RFD_OK);
    buf_dispose(&out);
    assert_int_equal(decode("FlateDecode", &none, buf_slice(&packed), 69999, &out), RFD_E_LIMIT);
    buf_dispose(&out);
    assert_int_equal(decode("FlateDecode", &none, buf_slice(&packed), 0, &out), RFD_E_LIMIT);
    buf_dispose(&out);
    buf_dispose(&packed);
}

static void flate_tolerates_only_what_follows_the_data(void **state)
{
    (void)state;
    struct buf packed = deflated(5000);
    struct buf out;
    for (size_t cut = 1; cut <= packed.length; cut++) {
        rfd_status expected = cut <= 4 ? RFD_OK : RFD_E_PDF_DAMAGED; /* the checksum may be missing */
        assert_int_equal(decode("FlateDecode", &none, slice_of(packed.data, packed.length - cut), 1 << 20, &out),
                         expected);
        buf_dispose(&out);
    }
    packed.data[packed.length - 1] ^= 1;
    buf_put_text(&packed, "\r\ntrailing");
    assert_int_equal(decode("FlateDecode", &none, buf_slice(&packed), 1 << 20, &out), RFD_OK);
    assert_int_equal(out.length, 5000);
    buf_dispose(&out);
    packed.data[0] = 0;
    assert_fails("FlateDecode", &none, buf_slice(&packed), RFD_E_PDF_DAMAGED);
    buf_dispose(&packed);
    assert_fails("FlateDecode", &none, SLICE(""), RFD_E_PDF_DAMAGED);
    assert_fails("FlateDecode", &none, SLICE("\x78\x9c\xff\xff"), RFD_E_PDF_DAMAGED);
}

static void lzw(void **state)
{
    (void)state;
    /* The example of ISO 32000-2 §7.4.4.2. */
    assert_decodes("LZWDecode", &none, SLICE("\x80\x0B\x60\x50\x22\x0C\x0C\x85\x01"),
                   SLICE("\x2D\x2D\x2D\x2D\x2D\x41\x2D\x2D\x2D\x42"));
    assert_decodes("LZWDecode", &none, SLICE(""), SLICE(""));
    assert_decodes("LZWDecode", &none, SLICE("\x80\x20\x20\x20"), SLICE("\x80"));
    assert_fails("LZWDecode", &none, SLICE("\x80\x7F\xFF"), RFD_E_PDF_DAMAGED);
}

/** A plain LZW writer: literals until the table is full, so every code width is met. */
static struct buf lzw_literals(size_t count, unsigned early)
{
    struct buf b;
    uint32_t bits = 0;
    unsigned have = 0;
    unsigned width = 9;
    unsigned next = 258;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i <= count + 1; i++) {
        unsigned code = i == 0 ? 256 : i == count + 1 ? 257 : (unsigned)(i * 7 % 256);
        bits = bits << width | code;
        for (have += width; have >= 8; have -= 8) buf_put_byte(&b, (uint8_t)(bits >> (have - 8)));
        if (i > 1 && next < 4096) next++;
        while (width < 12 && next + early >= 1U << width) width++;
    }
    buf_put_byte(&b, (uint8_t)(bits << (8 - have)));
    return b;
}

static void lzw_widths(void **state)
{
    (void)state;
    for (unsigned early = 0; early < 2; early++) {
        struct filter_parameters p = none;
        struct buf out;
        struct buf packed = lzw_literals(6000, early);
        p.early_change = (int)early;
        assert_int_equal(decode("LZWDecode", &p, buf_slice(&packed), 1 << 20, &out), RFD_OK);
        assert_int_equal(out.length, 6000);
        for (size_t i = 0; i < 6000; i++) assert_int_equal(out.data[i], (i + 1) * 7 % 256);
        buf_dispose(&out);
        assert_int_equal(decode("LZWDecode", &p, buf_slice(&packed), 5999, &out), RFD_E_LIMIT);
        buf_dispose(&out);
        buf_dispose(&packed);
    }
}

static void ascii(void **state)
{
    (void)state;
    assert_decodes("ASCIIHexDecode", &none, SLICE("48 65\n6C6c6F7>junk"), SLICE("Hellop"));
    assert_fails("ASCIIHexDecode", &none, SLICE("4G>"), RFD_E_PDF_DAMAGED);
    assert_decodes("ASCII85Decode", &none, SLICE("87cURD]i,\"Ebo80~>"), SLICE("Hello World!"));
    assert_decodes("ASCII85Decode", &none, SLICE("87cURD]i,\"Ebo7 ~>"), SLICE("Hello World"));
    assert_decodes("ASCII85Decode", &none, SLICE("zz"), SLICE("\0\0\0\0\0\0\0\0"));
    assert_fails("ASCII85Decode", &none, SLICE("8~>"), RFD_E_PDF_DAMAGED);
    assert_fails("ASCII85Decode", &none, SLICE("s8W-\"~>"), RFD_E_PDF_DAMAGED);
    assert_fails("ASCII85Decode", &none, SLICE("87zUR~>"), RFD_E_PDF_DAMAGED);
    assert_fails("ASCII85Decode", &none, SLICE("87v~>"), RFD_E_PDF_DAMAGED);
}

static void run_length(void **state)
{
    (void)state;
    assert_decodes("RunLengthDecode", &none,
                   SLICE("\x02"
                         "abc\xFE"
                         "x\x80rest"),
                   SLICE("abcxxx"));
    assert_decodes("RunLengthDecode", &none,
                   SLICE("\x00"
                         "a"),
                   SLICE("a"));
    assert_fails("RunLengthDecode", &none,
                 SLICE("\x05"
                       "abc"),
                 RFD_E_PDF_DAMAGED);
    assert_fails("RunLengthDecode", &none, SLICE("\xFE"), RFD_E_PDF_DAMAGED);
    struct buf out;
    assert_int_equal(decode("RunLengthDecode", &none, SLICE("\x81x\x81x"), 200, &out), RFD_E_LIMIT);
    buf_dispose(&out);
}

static void others_are_not_supported(void **state)
{
    (void)state;
    assert_fails("DCTDecode", &none, SLICE("x"), RFD_E_UNSUPPORTED);
    assert_fails("", &none, SLICE("x"), RFD_E_UNSUPPORTED);
}

static void assert_predicts(struct filter_parameters p, slice rows, slice expected, rfd_status status)
{
    struct buf packed;
    struct buf out;
    buf_init(&packed, 1 << 16);
    assert_int_equal(filter_flate_encode(rows, &packed, NULL), RFD_OK);
    assert_int_equal(decode("FlateDecode", &p, buf_slice(&packed), 1 << 16, &out), status);
    if (status == RFD_OK) {
        assert_int_equal(out.length, expected.length);
        assert_memory_equal(out.data, expected.data, expected.length);
    }
    buf_dispose(&out);
    buf_dispose(&packed);
}

static void png_predictors(void **state)
{
    (void)state;
    struct filter_parameters p = {12, 1, 8, 3, 1};
    assert_predicts(p,
                    SLICE("\x00\x01\x02\x03"
                          "\x01\x01\x01\x01"
                          "\x02\x01\x01\x01"
                          "\x03\x02\x02\x02"
                          "\x04\x01\x01\x01"),
                    SLICE("\1\2\3"
                          "\1\2\3"
                          "\2\3\4"
                          "\3\5\6"
                          "\4\6\7"),
                    RFD_OK);
    assert_predicts(p, SLICE("\x02\x01\x02\x03\x02\x01"), SLICE("\1\2\3\2"), RFD_OK); /* an incomplete row */
    assert_predicts(p, SLICE(""), SLICE(""), RFD_OK);
    assert_predicts(p, SLICE("\x05\x01\x02\x03"), SLICE(""), RFD_E_PDF_DAMAGED);
    p.colors = 2; /* two bytes a pixel: left is two bytes before */
    p.columns = 2;
    assert_predicts(p, SLICE("\x01\x01\x02\x01\x01"), SLICE("\1\2\2\3"), RFD_OK);
}

static void tiff_predictor(void **state)
{
    (void)state;
    assert_predicts((struct filter_parameters){2, 1, 8, 3, 1}, SLICE("\1\1\1\5\1\1"), SLICE("\1\2\3\5\6\7"), RFD_OK);
    assert_predicts((struct filter_parameters){2, 2, 8, 2, 1}, SLICE("\1\2\1\1"), SLICE("\1\2\2\3"), RFD_OK);
    assert_predicts((struct filter_parameters){2, 1, 16, 2, 1}, SLICE("\0\xFF\0\1"), SLICE("\0\xFF\1\0"), RFD_OK);
    assert_predicts((struct filter_parameters){2, 1, 4, 4, 1}, SLICE("\x11\x1F"), SLICE("\x12\x32"), RFD_OK);
    assert_predicts((struct filter_parameters){2, 1, 1, 8, 1}, SLICE("\xFF"), SLICE("\xAA"), RFD_OK);
}

static void impossible_predictor_parameters(void **state)
{
    (void)state;
    static const struct filter_parameters bad[] = {
        {12, 0, 8, 1, 1}, {12, 1, 7, 1, 1}, {12, 1, 8, 0, 1},          {12, -1, 8, 1, 1}, {12, 1, 8, -1, 1},
        {3, 1, 8, 1, 1},  {16, 1, 8, 1, 1}, {2, 65, 16, INT32_MAX, 1}, {0, 1, 8, 1, 1},   {2, 64, 16, INT32_MAX, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_predicts(bad[i], SLICE("\0\0"), SLICE(""), RFD_E_PDF_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flate_round_trip),
        cmocka_unit_test(flate_output_is_bounded),
        cmocka_unit_test(flate_tolerates_only_what_follows_the_data),
        cmocka_unit_test(lzw),
        cmocka_unit_test(lzw_widths),
        cmocka_unit_test(ascii),
        cmocka_unit_test(run_length),
        cmocka_unit_test(others_are_not_supported),
        cmocka_unit_test(png_predictors),
        cmocka_unit_test(tiff_predictor),
        cmocka_unit_test(impossible_predictor_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
