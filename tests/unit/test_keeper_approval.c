/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keeper/approval.h"

#include "base/clock.h"
#include "issue_support.h"

#include <stdio.h>
#include <stdlib.h>

#define DIGITS "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
#define FRONT  "Refrenda approval 1\nauthority: " DIGITS "\nprofile: pe-natural-person\nrequest: A-7_x\n"
#define KEY    "key: " DIGITS "\n"
#define PERSON "subject: sn=Quispe Mamani\nsubject: givenName=Rosa María\nsubject: serialNumber=IDCPE-70000016\n"
#define ENTITY "subject: o=Entidad\nsubject: organizationIdentifier=VATPE-20000000001\nsubject: cn=Entidad\n"
#define TIME   "time: 2026-11-22T01:02:03Z\n"

static rfd_status read_text(const char *text)
{
    struct approval a;
    return approval_read(slice_text(text), &a, NULL);
}

static void test_reading(void **state)
{
    (void)state;
    struct approval a;
    const slice text = SLICE(FRONT KEY PERSON "mail: rosa@example.pe\nmail: r@example.pe\nhost: firma.example\n"
                                              "mobile: +51999000111\n" TIME);
    assert_int_equal(approval_read(text, &a, NULL), RFD_OK);
    assert_int_equal(a.authority[31], 0x0F);
    assert_int_equal(a.key[0], 0x0F);
    assert_false(a.central);
    assert_true(slice_is(a.profile, "pe-natural-person"));
    assert_true(slice_is(a.request, "A-7_x"));
    assert_int_equal(a.subject_count, 3);
    assert_int_equal(a.subject[1].type, OID_GIVEN_NAME);
    assert_true(slice_is(a.subject[1].value, "Rosa María"));
    assert_int_equal(a.mail_count, 2);
    assert_true(slice_is(a.mails[1], "r@example.pe"));
    assert_int_equal(a.host_count, 1);
    assert_true(slice_is(a.mobile, "+51999000111"));
    rfd_time time;
    assert_true(clock_parse_iso(SLICE("2026-11-22T01:02:03Z"), &time));
    assert_int_equal(a.time, time);
    assert_int_equal(read_text(FRONT "key: central\n" PERSON TIME), RFD_OK);
    /* A value may have what else means something. */
    assert_int_equal(read_text(FRONT KEY "subject: cn=a=b: c, d\\e\"f\n" TIME), RFD_OK);
}

/* Seals that sign with a code, too: a legal person's central key, and a mobile to send it to. */
static void test_codes(void **state)
{
    (void)state;
    static const char *const bad[] = {
        FRONT "key: central\n" ENTITY "mobile: +51999000111\ncode: Sign\n" TIME,
        FRONT "key: central\n" ENTITY "mobile: +51999000111\ncode: \n" TIME,
        FRONT "key: central\n" ENTITY "mobile: +51999000111\ncode: sign\ncode: sign\n" TIME,
        FRONT "key: central\n" ENTITY "code: sign\nmobile: +51999000111\n" TIME,
        FRONT "key: central\n" ENTITY "code: sign\n" TIME,
        FRONT "key: central\n" PERSON "mobile: +51999000111\ncode: sign\n" TIME,
        FRONT KEY ENTITY "mobile: +51999000111\ncode: sign\n" TIME,
    };
    struct approval a;
    assert_int_equal(
        approval_read(SLICE(FRONT "key: central\n" ENTITY "mobile: +51999000111\ncode: sign\n" TIME), &a, NULL),
        RFD_OK);
    assert_true(a.code);
    assert_int_equal(approval_read(SLICE(FRONT "key: central\n" ENTITY "mobile: +51999000111\n" TIME), &a, NULL),
                     RFD_OK);
    assert_false(a.code);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (read_text(bad[i]) != RFD_E_APPROVAL) fail_msg("text %zu", i);
}

/* One text for an approval: what is written otherwise is none. */
static void test_every_other_form(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "Refrenda approval 1\n",
        "Refrenda approval 2\n",
        FRONT KEY PERSON,
        FRONT KEY TIME,             /* nobody */
        FRONT PERSON KEY TIME,      /* another order */
        FRONT KEY PERSON TIME "\n", /* more at the end */
        FRONT KEY PERSON TIME TIME, /* twice */
        "\xEF\xBB\xBF" FRONT KEY PERSON TIME,
        FRONT KEY "subject: sn=a\r\n" TIME,
        FRONT KEY "subject:  sn=a\n" TIME,
        FRONT KEY "subject: sn=a \n" TIME,
        FRONT KEY "subject: sn= a\n" TIME,
        FRONT KEY "subject: sn=\n" TIME,
        FRONT KEY "subject: SN=a\n" TIME,
        FRONT KEY "subject: surname=a\n" TIME,
        FRONT KEY "subject: a\n" TIME,
        FRONT KEY "subject: sn=a\tb\n" TIME,
        FRONT KEY "subject: sn=a\x7F\n" TIME,
        FRONT KEY "subject: sn=a\xC2\x85z\n" TIME,     /* C1 */
        FRONT KEY "subject: sn=a\xE2\x80\xAEz\n" TIME, /* what follows reads from the right */
        FRONT KEY "subject: sn=a\xE2\x80\xA8z\n" TIME, /* a line of Unicode's ends */
        FRONT KEY "subject: sn=a\xFF\n" TIME,
        FRONT KEY PERSON "mail: a b@c\n" TIME,
        FRONT KEY PERSON "mail: ros\xC3\xADo@c\n" TIME,
        FRONT KEY PERSON "host: h\nmail: a@b\n" TIME,
        FRONT KEY PERSON "mobile: 51999000111\n" TIME,
        FRONT KEY PERSON "mobile: +5199900011x\n" TIME,
        FRONT KEY PERSON "mobile: \n" TIME,
        FRONT KEY PERSON "mobile: +51999000111\nmobile: +51999000112\n" TIME,
        FRONT KEY PERSON "time: 2026-11-22T01:02:03.0Z\n",
        FRONT KEY PERSON "time: 2026-11-22T01:02:03+00:00\n",
        FRONT KEY PERSON "time: 2026-11-22T01:02:60Z\n",
        FRONT KEY PERSON "time: 2026-11-22\n",
        FRONT "key: Central\n" PERSON TIME,
        FRONT "key: 0F0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\n" PERSON TIME,
        FRONT "key: 0f\n" PERSON TIME,
    };
    assert_int_equal(read_text(FRONT KEY PERSON TIME), RFD_OK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (read_text(texts[i]) != RFD_E_APPROVAL) fail_msg("text %zu", i);
    }
}

static void test_what_cannot_be_written(void **state)
{
    (void)state;
    static char many[APPROVAL_MAXIMUM];
    struct buf b;
    const struct approval good = {.profile = SLICE("p"),
                                  .request = SLICE("r"),
                                  .central = true,
                                  .subject = {{OID_COMMON_NAME, SLICE("a")}},
                                  .subject_count = 1,
                                  .time = 0};
    struct approval bad[10];
    for (size_t i = 0; i < 10; i++) bad[i] = good;
    bad[0].profile = SLICE("P");
    bad[1].profile = SLICE_EMPTY;
    bad[2].request = SLICE("r/1");
    bad[3].subject_count = 0;
    bad[4].subject[0].type = OID_SHA1;
    bad[5].subject[0].value = SLICE("a\nsubject: cn=b");
    bad[6].time = RFD_SECOND + 1;
    bad[7].time = RFD_TIME_NONE;
    bad[8].mail_count = APPROVAL_NAMES_MAXIMUM + 1;
    memset(many, 'a', sizeof many);
    bad[9].subject[0].value = slice_of(many, sizeof many);
    buf_init(&b, 1 << 20);
    assert_int_equal(approval_write(&good, &b, NULL), RFD_OK);
    size_t length = b.length;
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(approval_write(&bad[i], &b, NULL), RFD_E_ARGUMENT);
        assert_int_equal(b.length, length);
    }
    buf_dispose(&b);
}

static void test_content(void **state)
{
    (void)state;
    struct identity agent = identity_new("P-256", "Agent", NULL, NULL);
    struct buf b;
    slice text;
    buf_init(&b, 1 << 20);
    issue_sign_text(&agent, SLICE(FRONT KEY PERSON TIME), &b);
    assert_int_equal(approval_content(buf_slice(&b), &text, NULL), RFD_OK);
    assert_true(slice_is(text, FRONT KEY PERSON TIME));
    assert_int_not_equal(approval_content(slice_part(buf_slice(&b), 0, b.length - 1), &text, NULL), RFD_OK);
    assert_int_not_equal(approval_content(SLICE("text"), &text, NULL), RFD_OK);
    buf_reset(&b);
    buf_fill(&b, 0, APPROVAL_SIGNED_MAXIMUM + 1);
    assert_int_equal(approval_content(buf_slice(&b), &text, NULL), RFD_E_APPROVAL);
    buf_dispose(&b);
    identity_free(&agent);
}

/* As an office would sign one that has nothing but openssl. */
static void test_openssl_signs(void **state)
{
    (void)state;
    struct identity agent = identity_new("RSA", "Agent", NULL, NULL);
    struct buf b;
    slice text;
    char certificate[256], key[256], out[256], in[256];
    if (folder_new() == NULL) fail();
    folder_write_identity(&agent, "agent.pem", "agent.key");
    (void)snprintf(certificate, sizeof certificate, "%s", folder_file("agent.pem"));
    (void)snprintf(key, sizeof key, "%s", folder_file("agent.key"));
    (void)snprintf(out, sizeof out, "%s", folder_file("approval.p7m"));
    (void)snprintf(in, sizeof in, "%s", folder_write("approval.txt", SLICE(FRONT KEY PERSON TIME)));
    assert_int_equal(RUN("openssl", "cms", "-sign", "-nodetach", "-binary", "-in", in, "-signer", certificate, "-inkey",
                         key, "-outform", "DER", "-out", out),
                     0);
    assert_true(file_read(out, &b));
    assert_int_equal(approval_content(buf_slice(&b), &text, NULL), RFD_OK);
    assert_true(slice_is(text, FRONT KEY PERSON TIME));
    buf_dispose(&b);
    folder_remove();
    identity_free(&agent);
}

static void test_policy(void **state)
{
    (void)state;
    struct buf b;
    struct authority_policy p;
    uint8_t text[64];
    struct buf address = {.data = text, .capacity = sizeof text, .maximum = sizeof text};
    buf_init(&b, AUTHORITY_POLICY_MAXIMUM);
    issue_policy(&b, 12);
    assert_int_equal(authority_policy_read(buf_slice(&b), &p, NULL), RFD_OK);
    assert_int_equal(p.partitions, 12);
    authority_policy_address(p.crl_point, 11, &address);
    assert_true(slice_is(buf_slice(&address), "http://crl.example/issuing-1-11.crl"));
    struct authority_policy bad[9];
    for (size_t i = 0; i < 9; i++) bad[i] = p;
    bad[0].instance = 0;
    bad[1].instance = 0x80;
    bad[2].partitions = 0;
    bad[3].partitions = AUTHORITY_PARTITIONS_MAXIMUM + 1;
    bad[4].crl_point = SLICE("http://crl.example/one.crl"); /* for twelve */
    bad[5].ocsp = SLICE("ftp://ocsp.example/");
    bad[6].ocsp = SLICE("http://ocsp.example/{partition}");
    bad[7].crl_point = SLICE("http://crl.example/{partition}/{partition}");
    bad[8].profiles[0] = SLICE("Not a name");
    for (size_t i = 0; i < 9; i++) {
        struct buf other;
        buf_init(&other, AUTHORITY_POLICY_MAXIMUM);
        assert_int_equal(authority_policy_write(&bad[i], &other, NULL), RFD_E_ARGUMENT);
        assert_int_equal(other.length, 0);
        buf_dispose(&other);
    }
    for (size_t cut = 0; cut < b.length; cut++)
        assert_int_equal(authority_policy_read(slice_part(buf_slice(&b), 0, cut), &p, NULL), RFD_E_ARGUMENT);
    buf_put_byte(&b, 0);
    assert_int_equal(authority_policy_read(buf_slice(&b), &p, NULL), RFD_E_ARGUMENT);
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_every_other_form),
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_what_cannot_be_written),
        cmocka_unit_test(test_openssl_signs),
        cmocka_unit_test(test_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
