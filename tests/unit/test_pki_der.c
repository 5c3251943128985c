/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/error.h"
#include "pki/der.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define BYTES(...) ((slice){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

static void next_takes_definite_lengths(void **state)
{
    (void)state;
    uint8_t big[3 + 128] = {DER_OCTET_STRING, 0x81, 128};
    struct der_item item;
    slice in = slice_of(big, sizeof big);
    assert_true(der_next(&in, &item));
    assert_int_equal(item.content.length, 128);
    assert_int_equal(item.whole.length, sizeof big);
    assert_int_equal(in.length, 0);
    assert_false(der_next(&in, &item));
    assert_int_equal(der_peek(in), 0);
}

static void next_refuses_what_is_not_der(void **state)
{
    (void)state;
    const slice bad[] = {
        BYTES(0x04),                                                       /* cut */
        BYTES(0x04, 0x02, 0x00),                                           /* content cut */
        BYTES(0x04, 0x81, 0x01, 0x00),                                     /* long form of a short length */
        BYTES(0x04, 0x82, 0x00, 0x80),                                     /* leading zero */
        BYTES(0x30, 0x80, 0x00, 0x00),                                     /* indefinite */
        BYTES(0x1F, 0x01, 0x00),                                           /* high tag number */
        BYTES(0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00),                   /* five octets of length */
        BYTES(0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x00),                   /* far beyond the end */
        BYTES(0x04, 0x88, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00), /* sign of a size */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct der_item item;
        slice in = bad[i];
        assert_false(der_next(&in, &item));
        assert_ptr_equal(in.data, bad[i].data);
        assert_int_equal(der_total_length(bad[i]), 0);
    }
}

static void take_names_what_is_wrong(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    slice content;
    slice in = BYTES(0x02, 0x01, 0x05);
    assert_int_equal(der_take(&in, DER_OCTET_STRING, &content, "thing", &error), RFD_E_DER);
    assert_string_equal(error.detail, "thing: tag 0x02 where 0x04 belongs");
    assert_int_equal(in.length, 3);
    assert_false(der_take_optional(&in, DER_OCTET_STRING, &content));
    assert_int_equal(der_take(&in, DER_INTEGER, &content, "thing", &error), RFD_OK);
    assert_int_equal(der_take(&in, DER_INTEGER, &content, "thing", &error), RFD_E_DER);
    assert_int_equal(der_only(BYTES(0x02, 0x01, 0x05, 0x00), DER_INTEGER, &content, "thing", &error), RFD_E_DER);
    assert_string_equal(error.detail, "thing: 1 bytes after its end");
}

static void numbers(void **state)
{
    (void)state;
    uint64_t value;
    assert_true(der_unsigned(BYTES(0x00), &value));
    assert_int_equal(value, 0);
    assert_true(der_unsigned(BYTES(0x00, 0x80), &value));
    assert_int_equal(value, 128);
    assert_true(der_unsigned(BYTES(0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), &value));
    assert_true(value == UINT64_MAX);
    assert_false(der_unsigned(SLICE_EMPTY, &value));
    assert_false(der_unsigned(BYTES(0xFF), &value));
    assert_false(der_unsigned(BYTES(0x00, 0x01), &value));
    assert_false(der_unsigned(BYTES(0x01, 0, 0, 0, 0, 0, 0, 0, 0), &value));
}

static void times(void **state)
{
    (void)state;
    rfd_time t;
    char text[CLOCK_TEXT_SIZE];
    assert_true(der_time(DER_UTC_TIME, SLICE("491231235959Z"), &t));
    assert_string_equal(clock_iso(t, text), "2049-12-31T23:59:59Z");
    assert_true(der_time(DER_UTC_TIME, SLICE("500101000000Z"), &t));
    assert_string_equal(clock_iso(t, text), "1950-01-01T00:00:00Z");
    assert_true(der_time(DER_GENERALIZED_TIME, SLICE("20500101000000Z"), &t));
    assert_string_equal(clock_iso(t, text), "2050-01-01T00:00:00Z");
    assert_false(der_time(DER_UTC_TIME, SLICE("20500101000000Z"), &t));
    assert_false(der_time(DER_GENERALIZED_TIME, SLICE("20501301000000Z"), &t));
    assert_false(der_time(DER_INTEGER, SLICE("20500101000000Z"), &t));
}

static void assert_written(struct buf *b, slice expected)
{
    assert_int_equal(buf_status(b), RFD_OK);
    assert_int_equal(b->length, expected.length);
    assert_memory_equal(b->data, expected.data, expected.length);
    buf_reset(b);
}

static void writes_elements(void **state)
{
    (void)state;
    struct buf b;
    rfd_time t;
    buf_init(&b, 1 << 20);
    der_put_unsigned(&b, 0);
    assert_written(&b, BYTES(0x02, 0x01, 0x00));
    der_put_unsigned(&b, 127);
    assert_written(&b, BYTES(0x02, 0x01, 0x7F));
    der_put_unsigned(&b, 128);
    assert_written(&b, BYTES(0x02, 0x02, 0x00, 0x80));
    der_put_integer(&b, BYTES(0x00, 0x00, 0x12, 0x34));
    assert_written(&b, BYTES(0x02, 0x02, 0x12, 0x34));
    der_put_boolean(&b, true);
    assert_written(&b, BYTES(0x01, 0x01, 0xFF));
    der_put_null(&b);
    assert_written(&b, BYTES(0x05, 0x00));
    der_put_bits(&b, BYTES(0xA5));
    assert_written(&b, BYTES(0x03, 0x02, 0x00, 0xA5));
    der_put_oid(&b, BYTES(0x55, 0x04, 0x03));
    assert_written(&b, BYTES(0x06, 0x03, 0x55, 0x04, 0x03));
    assert_true(clock_parse_iso(SLICE("2049-12-31T23:59:59Z"), &t));
    der_put_time(&b, t);
    assert_written(&b, SLICE("\x17\x0d"
                             "491231235959Z"));
    der_put_time(&b, t + RFD_SECOND);
    assert_written(&b, SLICE("\x18\x0f"
                             "20500101000000Z"));
    buf_dispose(&b);
}

static void close_makes_room_for_long_lengths(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 127, 128, 255, 256, 65535, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buf b;
        struct der_item outer;
        struct der_item inner;
        buf_init(&b, 1 << 20);
        size_t opened = der_open(&b, DER_SEQUENCE);
        size_t nested = der_open(&b, DER_OCTET_STRING);
        buf_fill(&b, 0x5A, sizes[i]);
        der_close(&b, nested);
        der_close(&b, opened);
        slice in = buf_slice(&b);
        assert_true(der_next(&in, &outer));
        assert_int_equal(in.length, 0);
        assert_true(der_next(&outer.content, &inner));
        assert_int_equal(inner.content.length, sizes[i]);
        if (sizes[i] > 0) assert_int_equal(inner.content.data[sizes[i] - 1], 0x5A);
        buf_dispose(&b);
    }
}

static void writing_past_the_maximum_sticks(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 129);
    size_t opened = der_open(&b, DER_SEQUENCE);
    buf_fill(&b, 0, 127);
    der_close(&b, opened);
    assert_int_equal(buf_status(&b), RFD_OK);
    buf_reset(&b);
    opened = der_open(&b, DER_SEQUENCE);
    buf_fill(&b, 0, 127);
    buf_put_byte(&b, 0);
    der_close(&b, opened);
    assert_int_equal(buf_status(&b), RFD_E_LIMIT);
    der_put_null(&b);
    assert_int_equal(der_open(&b, DER_SET), b.length);
    buf_dispose(&b);
}

static void from_ber(slice in, rfd_status expected, slice result)
{
    struct buf b;
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(&b, 4096);
    assert_int_equal(der_from_ber(in, &b, &error), expected);
    if (expected == RFD_OK) assert_written(&b, result);
    buf_dispose(&b);
}

static void ber_becomes_der(void **state)
{
    (void)state;
    slice der = BYTES(0x30, 0x03, 0x02, 0x01, 0x05);
    from_ber(der, RFD_OK, der);
    from_ber(BYTES(0x30, 0x80, 0x02, 0x01, 0x05, 0x00, 0x00), RFD_OK, der);
    from_ber(BYTES(0x30, 0x80, 0x02, 0x01, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00), RFD_OK, der); /* padding */
    from_ber(BYTES(0x30, 0x82, 0x00, 0x03, 0x02, 0x01, 0x05), RFD_OK, der);
    from_ber(BYTES(0x30, 0x84, 0x00, 0x00, 0x00, 0x04, 0x02, 0x81, 0x01, 0x05), RFD_OK, der);
    from_ber(
        BYTES(0x24, 0x80, 0x04, 0x02, 0x01, 0x02, 0x24, 0x80, 0x04, 0x01, 0x03, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00),
        RFD_OK, BYTES(0x04, 0x03, 0x01, 0x02, 0x03));
    from_ber(BYTES(0x24, 0x06, 0x04, 0x01, 0xAA, 0x04, 0x01, 0xBB), RFD_OK, BYTES(0x04, 0x02, 0xAA, 0xBB));
    from_ber(BYTES(0x23, 0x08, 0x03, 0x02, 0x00, 0xAA, 0x03, 0x02, 0x04, 0xB0), RFD_OK,
             BYTES(0x03, 0x03, 0x04, 0xAA, 0xB0));
    from_ber(BYTES(0x2C, 0x03, 0x04, 0x01, 'x'), RFD_OK, BYTES(0x0C, 0x01, 'x'));
    from_ber(BYTES(0xA0, 0x80, 0x24, 0x80, 0x00, 0x00, 0x00, 0x00), RFD_OK, BYTES(0xA0, 0x02, 0x04, 0x00));
}

static void bad_ber_is_refused(void **state)
{
    (void)state;
    from_ber(SLICE_EMPTY, RFD_E_DER, SLICE_EMPTY);
    from_ber(BYTES(0x00, 0x00), RFD_E_DER, SLICE_EMPTY);
    from_ber(BYTES(0x30, 0x80, 0x02, 0x01, 0x05), RFD_E_DER, SLICE_EMPTY);       /* no end of contents */
    from_ber(BYTES(0x30, 0x80, 0x02, 0x01, 0x05, 0x00), RFD_E_DER, SLICE_EMPTY); /* half of one */
    from_ber(BYTES(0x04, 0x80, 0x00, 0x00), RFD_E_DER, SLICE_EMPTY);             /* primitive, indefinite */
    from_ber(BYTES(0x30, 0x03, 0x02, 0x02, 0x05), RFD_E_DER, SLICE_EMPTY);       /* content leaves container */
    from_ber(BYTES(0x30, 0x02, 0x00, 0x00), RFD_E_DER, SLICE_EMPTY);             /* end mark without need */
    from_ber(BYTES(0x24, 0x03, 0x02, 0x01, 0x05), RFD_E_DER, SLICE_EMPTY);       /* wrong piece */
    from_ber(BYTES(0x24, 0x03, 0x04, 0x02, 0x05), RFD_E_DER, SLICE_EMPTY);       /* piece cut */
    from_ber(BYTES(0x23, 0x08, 0x03, 0x02, 0x04, 0xA0, 0x03, 0x02, 0x00, 0xB0), RFD_E_DER, SLICE_EMPTY);
    from_ber(BYTES(0x23, 0x02, 0x03, 0x00), RFD_E_DER, SLICE_EMPTY);
    from_ber(BYTES(0x30, 0x00, 0x01), RFD_E_DER, SLICE_EMPTY); /* more than padding */
    from_ber(BYTES(0x3F, 0x01, 0x00), RFD_E_DER, SLICE_EMPTY); /* high tag number */
    from_ber(BYTES(0x30, 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9), RFD_E_DER, SLICE_EMPTY);
}

static void ber_depth_and_size_are_bounded(void **state)
{
    (void)state;
    uint8_t deep[2000];
    const uint8_t tags[] = {0x30, 0x24, 0x23};
    for (size_t t = 0; t < sizeof tags; t++) {
        memset(deep, 0, sizeof deep);
        for (size_t i = 0; i + 1 < sizeof deep / 2; i += 2) {
            deep[i] = tags[t];
            deep[i + 1] = 0x80;
        }
        from_ber(slice_of(deep, sizeof deep), RFD_E_DER, SLICE_EMPTY);
    }
    struct buf small;
    buf_init(&small, 3);
    assert_int_equal(der_from_ber(BYTES(0x04, 0x02, 0x01, 0x02), &small, NULL), RFD_E_LIMIT);
    buf_dispose(&small);
}

static void every_cut_of_ber_is_refused(void **state)
{
    (void)state;
    slice whole = BYTES(0x30, 0x80, 0x24, 0x80, 0x04, 0x81, 0x02, 0x01, 0x02, 0x04, 0x00, 0x00, 0x00, 0x23, 0x04, 0x03,
                        0x02, 0x01, 0xFE, 0x00, 0x00);
    from_ber(whole, RFD_OK, BYTES(0x30, 0x08, 0x04, 0x02, 0x01, 0x02, 0x03, 0x02, 0x01, 0xFE));
    for (size_t n = 0; n < whole.length; n++) from_ber(slice_part(whole, 0, n), RFD_E_DER, SLICE_EMPTY);
}

static void object_identifiers(void **state)
{
    (void)state;
    char text[OID_TEXT_SIZE];
    uint8_t octets[32];
    const char *good[] = {"0.0",         "0.39",
                          "1.0",         "1.39.1",
                          "2.0",         "2.47.3",
                          "2.999.3",     "1.2.840.113549.1.1.11",
                          "2.5.29.32.0", "1.3.18446744073709551615"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        size_t length = oid_parse(good[i], octets, sizeof octets);
        assert_true(length > 0);
        assert_string_equal(oid_text(slice_of(octets, length), text), good[i]);
    }
    const char *bad[] = {"", "1", "3.1", "1.40", "1.2.", "1..2", "1.2.x", " 1.2", "1.2.18446744073709551616", "-1.2"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_int_equal(oid_parse(bad[i], octets, sizeof octets), 0);
    assert_int_equal(oid_parse("1.2.840.113549", octets, 3), 0);
    assert_string_equal(oid_text(SLICE_EMPTY, text), "");
    assert_string_equal(oid_text(BYTES(0x80, 0x01), text), ""); /* padded arc */
    assert_string_equal(oid_text(BYTES(0x2A, 0x86), text), ""); /* cut arc */
    uint8_t many[120];
    memset(many, 0x01, sizeof many);
    assert_string_equal(oid_text(slice_of(many, sizeof many), text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_takes_definite_lengths),
        cmocka_unit_test(next_refuses_what_is_not_der),
        cmocka_unit_test(take_names_what_is_wrong),
        cmocka_unit_test(numbers),
        cmocka_unit_test(times),
        cmocka_unit_test(writes_elements),
        cmocka_unit_test(close_makes_room_for_long_lengths),
        cmocka_unit_test(writing_past_the_maximum_sticks),
        cmocka_unit_test(ber_becomes_der),
        cmocka_unit_test(bad_ber_is_refused),
        cmocka_unit_test(ber_depth_and_size_are_bounded),
        cmocka_unit_test(every_cut_of_ber_is_refused),
        cmocka_unit_test(object_identifiers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
