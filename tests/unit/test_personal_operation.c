/* SPDX-License-Identifier: EUPL-1.2
 *
 * The text that people agree to: one text for each operation, and nothing else is read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/number.h"
#include "keeper/hpke.h"
#include "personal/operation.h"

#include <stdio.h>

#define ID   "0123456789abcdef0123456789abcdef"
#define HASH ID ID
#define TIME "time: 2026-11-22T01:02:03Z\n"
#define HEAD "Refrenda operation 1\n"
#define SIGN HEAD "kind: sign\ncredential: " ID "\nportal: Sede de Villa Ejemplo\n"
#define TWO                                                                                                            \
    SIGN "digest: SHA-256\ndocument: " HASH " Resolución: 1\nhash: " HASH "\ndocument: " HASH " b\nhash: " HASH        \
         "\n" TIME

static struct operation_document documents[PERSONAL_HASHES_MAXIMUM];

static rfd_status read_text(slice text, struct operation_text *out)
{
    struct rfd_error error;
    return operation_read(text, documents, PERSONAL_HASHES_MAXIMUM, out, &error);
}

static void test_reads_what_it_writes(void **state)
{
    (void)state;
    struct operation_text o;
    uint8_t hashes[2][DIGEST_SIZE_MAXIMUM];
    struct buf b;
    assert_int_equal(read_text(SLICE(TWO), &o), RFD_OK);
    assert_int_equal(o.kind, OPERATION_SIGN);
    assert_int_equal(o.count, 2);
    assert_int_equal(o.digest, DIGEST_SHA256);
    assert_true(slice_is(o.credential, ID));
    assert_true(slice_is(o.portal, "Sede de Villa Ejemplo"));
    assert_true(slice_is(documents[0].title, "Resolución: 1"));
    assert_int_equal(documents[1].shown[1], 0x23);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(operation_hash(&documents[i], hashes[i]), 32);
        documents[i].hash = slice_of(hashes[i], 32);
    }
    buf_init(&b, PERSONAL_TEXT_MAXIMUM);
    assert_int_equal(operation_write(&o, &b, NULL), RFD_OK);
    assert_true(slice_is(buf_slice(&b), TWO));
    buf_dispose(&b);
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum operation_kind kind;
    } good[] = {
        {HEAD "kind: generate\napproval: " HASH "\nportal: A\n" TIME, OPERATION_GENERATE},
        {HEAD "kind: password\ncredential: " ID "\nportal: A\n" TIME, OPERATION_PASSWORD},
        {HEAD "kind: mobile\ncredential: " ID "\nportal: A\nmobile: +51999000112\n" TIME, OPERATION_MOBILE},
        {HEAD "kind: totp\ncredential: " ID "\nportal: A\n" TIME, OPERATION_TOTP},
        {HEAD "kind: destroy\ncredential: " ID "\nportal: A\n" TIME, OPERATION_DESTROY},
        {HEAD "kind: code\ncredential: " ID "\nportal: A\n" TIME, OPERATION_CODE},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct operation_text o;
        struct buf b;
        assert_int_equal(read_text(slice_text(good[i].text), &o), RFD_OK);
        assert_int_equal(o.kind, good[i].kind);
        buf_init(&b, PERSONAL_TEXT_MAXIMUM);
        assert_int_equal(operation_write(&o, &b, NULL), RFD_OK);
        assert_true(slice_is(buf_slice(&b), good[i].text));
        buf_dispose(&b);
    }
}

/** What the hashes are of. */
static void test_of(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "of: documents\n", "of: both\n"};
    for (enum operation_of of = OPERATION_OF_HASHES; of <= OPERATION_OF_BOTH; of++) {
        char text[1024];
        struct operation_text o;
        (void)snprintf(text, sizeof text, SIGN "digest: SHA-256\n%sdocument: " HASH " a\nhash: " HASH "\n" TIME,
                       lines[of]);
        assert_int_equal(read_text(slice_text(text), &o), RFD_OK);
        assert_int_equal(o.of, of);
    }
}

static void test_hostile(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n",
        HEAD,
        HEAD "kind: none\ncredential: " ID "\nportal: A\n" TIME,
        HEAD "kind: \ncredential: " ID "\nportal: A\n" TIME,
        HEAD "kind: destroy\ncredential: 0123456789ABCDEF0123456789abcdef\nportal: A\n" TIME,
        HEAD "kind: destroy\ncredential: 0123\nportal: A\n" TIME,
        HEAD "kind: destroy\nportal: A\n" TIME,
        HEAD "kind: destroy\ncredential: " ID "\nportal: \n" TIME,
        HEAD "kind: destroy\ncredential: " ID "\nportal:  A\n" TIME,
        HEAD "kind: destroy\ncredential: " ID "\nportal: A \n" TIME,
        HEAD "kind: destroy\ncredential: " ID "\nportal: A\tB\n" TIME,
        HEAD "kind: destroy\ncredential: " ID "\nportal: A\xE2\x80\xAE"
             "B\n" TIME, /* turns writing around */
        HEAD "kind: destroy\ncredential: " ID "\nportal: A\xFF\n" TIME,
        HEAD "kind: destroy\ncredential: " ID "\nportal: A\nmobile: +51999000112\n" TIME,
        HEAD "kind: destroy\r\ncredential: " ID "\nportal: A\n" TIME,
        HEAD "kind: destroy\ncredential: " ID "\nportal: A\n" TIME "\n",
        HEAD "kind: destroy\ncredential: " ID "\nportal: A\ntime: 2026-11-22T01:02:03+00:00\n",
        HEAD "kind: destroy\ncredential: " ID "\nportal: A\ntime: 2026-11-22\n",
        HEAD "kind: destroy\ncredential: " ID "\nportal: A\ntime: 2026-11-22T01:02:03.5Z\n",
        HEAD "kind: mobile\ncredential: " ID "\nportal: A\nmobile: 999000112\n" TIME,
        HEAD "kind: mobile\ncredential: " ID "\nportal: A\nmobile: +51999 000112\n" TIME,
        HEAD "kind: generate\napproval: " ID "\nportal: A\n" TIME,
        HEAD "kind: generate\ncredential: " ID "\napproval: " HASH "\nportal: A\n" TIME,
        SIGN "digest: SHA-256\n" TIME, /* no document */
        SIGN "digest: SHA-1\ndocument: " HASH " a\nhash: " HASH "\n" TIME,
        SIGN "digest: sha256\ndocument: " HASH " a\nhash: " HASH "\n" TIME,
        SIGN "digest: SHA-512\ndocument: " HASH " a\nhash: " HASH "\n" TIME, /* of another length */
        SIGN "digest: SHA-256\ndocument: " HASH " \nhash: " HASH "\n" TIME,
        SIGN "digest: SHA-256\ndocument: " HASH "\nhash: " HASH "\n" TIME,
        SIGN "digest: SHA-256\ndocument: " HASH " a\n" TIME,
        SIGN "digest: SHA-256\ndocument: " HASH " a\nhash: " HASH "\nhash: " HASH "\n" TIME,
        SIGN "digest: SHA-256\ndocument: " HASH " a\nhash: " ID "\n" TIME,
        SIGN "digest: SHA-256\nof: \ndocument: " HASH " a\nhash: " HASH "\n" TIME,
        SIGN "digest: SHA-256\nof: hashes\ndocument: " HASH " a\nhash: " HASH "\n" TIME,
        SIGN "digest: SHA-256\nof: Documents\ndocument: " HASH " a\nhash: " HASH "\n" TIME,
        SIGN "digest: SHA-256\nof: documents\nof: both\ndocument: " HASH " a\nhash: " HASH "\n" TIME,
        SIGN "of: documents\ndigest: SHA-256\ndocument: " HASH " a\nhash: " HASH "\n" TIME,
        HEAD "kind: code\ncredential: " ID "\nportal: A\nof: documents\n" TIME,
        HEAD "kind: code\ncredential: " ID "\nportal: A\nmobile: +51999000112\n" TIME,
    };
    struct operation_text o;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(read_text(slice_text(bad[i]), &o), RFD_E_ARGUMENT);
    /* Cut short anywhere. */
    for (size_t length = 0; length < sizeof TWO - 1; length++)
        assert_int_equal(read_text(slice_of(TWO, length), &o), RFD_E_ARGUMENT);
    assert_int_equal(operation_read(SLICE(TWO), documents, 1, &o, NULL), RFD_E_LIMIT);
}

static void test_what_cannot_be_written(void **state)
{
    (void)state;
    struct operation_text o = {.kind = OPERATION_DESTROY, .credential = SLICE(ID), .portal = SLICE("A\nkind: sign")};
    struct buf b;
    char title[OPERATION_TITLE_MAXIMUM + 2];
    uint8_t hash[32] = {0};
    buf_init(&b, PERSONAL_TEXT_MAXIMUM);
    assert_int_equal(operation_write(&o, &b, NULL), RFD_E_ARGUMENT);
    o.portal = SLICE("A");
    o.time = 1; /* no whole seconds */
    assert_int_equal(operation_write(&o, &b, NULL), RFD_E_ARGUMENT);
    o.time = 0;
    assert_int_equal(operation_write(&o, &b, NULL), RFD_OK);
    o.kind = OPERATION_NONE;
    assert_int_equal(operation_write(&o, &b, NULL), RFD_E_ARGUMENT);
    (void)snprintf(title, sizeof title, "%0*d", OPERATION_TITLE_MAXIMUM + 1, 1);
    documents[0] = (struct operation_document){.title = slice_text(title), .hash = slice_of(hash, sizeof hash)};
    o.kind = OPERATION_SIGN;
    o.digest = DIGEST_SHA256;
    o.documents = documents;
    o.count = 1;
    assert_int_equal(operation_write(&o, &b, NULL), RFD_E_ARGUMENT);
    documents[0].title = SLICE("a");
    assert_int_equal(operation_write(&o, &b, NULL), RFD_OK);
    o.digest = DIGEST_SHA1;
    assert_int_equal(operation_write(&o, &b, NULL), RFD_E_ARGUMENT);
    buf_dispose(&b);
}

/* Browsers compute the same: texts ended by zeros, SHA-256 of the text, the nonce. */
static void test_info(void **state)
{
    (void)state;
    struct operation_text o;
    struct buf b;
    uint8_t nonce[PERSONAL_NONCE_SIZE], hash[32];
    static const char begin[] = "refrenda-activation-1\0" ID "\0sign";
    memset(nonce, 7, sizeof nonce);
    assert_int_equal(read_text(SLICE(TWO), &o), RFD_OK);
    buf_init(&b, 1024);
    assert_int_equal(personal_activation_info(SLICE(TWO), &o, nonce, &b, NULL), RFD_OK);
    assert_int_equal(b.length, sizeof begin + 64);
    assert_memory_equal(b.data, begin, sizeof begin);
    assert_int_equal(digest_of(DIGEST_SHA256, SLICE(TWO), hash, NULL), RFD_OK);
    assert_memory_equal(b.data + sizeof begin, hash, 32);
    assert_memory_equal(b.data + sizeof begin + 32, nonce, 32);
    buf_reset(&b);
    o = (struct operation_text){.kind = OPERATION_GENERATE};
    memset(o.approval, 0xAB, sizeof o.approval);
    assert_int_equal(personal_activation_info(SLICE("x"), &o, nonce, &b, NULL), RFD_OK);
    assert_memory_equal(b.data + sizeof "refrenda-activation-1", "abababab", 8);
    assert_int_equal(b.length, sizeof "refrenda-activation-1" + 65 + sizeof "generate" + 64);
    buf_dispose(&b);
}

/* The same octets are in tests/script/60-activation.mjs: what a browser computes from its own key. */
static void test_info_of_an_app(void **state)
{
    (void)state;
    static const char text[] = HEAD "kind: totp\ncredential: " ID "\nportal: A\n" TIME;
    struct operation_text o;
    struct buf b, digits;
    uint8_t nonce[PERSONAL_NONCE_SIZE], hash[32], point[HPKE_POINT_SIZE];
    memset(nonce, 7, sizeof nonce);
    assert_true(
        number_hex(SLICE("04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539"
                         "c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0"),
                   point));
    assert_int_equal(read_text(slice_text(text), &o), RFD_OK);
    buf_init(&b, 1024);
    buf_init(&digits, 256);
    assert_int_equal(personal_activation_info(slice_text(text), &o, nonce, &b, NULL), RFD_E_ARGUMENT);
    buf_reset(&b);
    o.point = slice_of(point, sizeof point);
    assert_int_equal(personal_activation_info(slice_text(text), &o, nonce, &b, NULL), RFD_OK);
    assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&b), hash, NULL), RFD_OK);
    buf_put_hex(&digits, slice_of(hash, sizeof hash), false);
    assert_true(slice_is(buf_slice(&digits), "ce4ed907f27846e231fdf1db118b9d7352f96a3cf20a858b9b39009699516189"));
    buf_dispose(&b);
    buf_dispose(&digits);
}

/* A name that nobody can tell from another by reading is none; what people called their documents is theirs. */
static void test_names_of_portals(void **state)
{
    (void)state;
    static const char *const unseen[] = {"\u00a0", "\u00ad", "\u2000", "\u200a", "\u200b", "\u200c", "\u200d",
                                         "\u202f", "\u205f", "\u2060", "\u2064", "\u3000", "\ufeff"};
    struct operation_text o;
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, HEAD "kind: destroy\ncredential: " ID "\nportal: Sede%sde\n" TIME, unseen[i]);
        assert_int_equal(read_text(slice_text(text), &o), RFD_E_ARGUMENT);
    }
    assert_int_equal(
        read_text(SLICE(SIGN "digest: SHA-256\ndocument: " HASH " 10.00\u202fa. m.\nhash: " HASH "\n" TIME), &o),
        RFD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_it_writes),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_of),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_what_cannot_be_written),
        cmocka_unit_test(test_info),
        cmocka_unit_test(test_info_of_an_app),
        cmocka_unit_test(test_names_of_portals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
