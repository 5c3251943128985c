/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates of every kind from profiles, judged by the openssl command and by our own reader; orders that do not
 * fit; and for each rule of lint a certificate that breaks it.
 */
#include "authority_profiles.h"
#include "authority_support.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "pki/certificate/certificate_internal.h"
#include "pki/certificate/pem.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct hand keys[SAMPLES]; /* the key of each; `made` is a certificate that nobody looks at */
static struct buf ders[SAMPLES];
static const struct certificate *certificates[SAMPLES];

/* Who issued it: the root itself and the issuing authority, all else that one. */
static struct authority_signer issuer_of(enum sample sample)
{
    enum sample by = sample <= SAMPLE_AUTHORITY ? SAMPLE_ROOT : SAMPLE_AUTHORITY;
    struct authority_signer signer = keys[by].signer;
    signer.certificate = sample == SAMPLE_ROOT ? NULL : certificates[by];
    return signer;
}

static slice key_of(enum sample sample)
{
    return keys[sample].made.certificate->spki;
}

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    for (size_t i = 0; i < SAMPLES; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        char name[32];
        struct buf pem;
        hand_new(&keys[i], &(struct make){.name = "key", .rsa_bits = i == SAMPLE_LEGAL ? 2048 : 0});
        struct authority_signer signer = issuer_of((enum sample)i);
        struct profile_order order = sample_order((enum sample)i, key_of((enum sample)i));
        buf_init(&ders[i], PROFILE_CERTIFICATE_MAXIMUM);
        buf_init(&pem, 1 << 16);
        rfd_status status = profile_issue(&sample_profiles[i], &signer, &order, &ders[i], &error);
        if (status != RFD_OK) print_error("%s: %s\n", sample_profiles[i].name, error.detail);
        assert_int_equal(status, RFD_OK);
        assert_int_equal(certificate_parse(buf_slice(&ders[i]), &certificates[i], &error), RFD_OK);
        pem_put(&pem, "CERTIFICATE", buf_slice(&ders[i]));
        (void)snprintf(name, sizeof name, "%s.pem", sample_profiles[i].name);
        (void)folder_write(name, buf_slice(&pem));
        buf_dispose(&pem);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        certificate_unref(certificates[i]);
        buf_dispose(&ders[i]);
        hand_free(&keys[i]);
    }
    folder_remove();
    return 0;
}

/* --- Good ones --------------------------------------------------------------------------------------------------- */

static void openssl_judges(void **state)
{
    (void)state;
    static const struct {
        const char *options, *says;
    } cases[] = {
        {"-untrusted issuing.pem natural.pem", "natural.pem: OK"},
        {"-untrusted issuing.pem seal.pem", "seal.pem: OK"},
        {"-untrusted issuing.pem -purpose sslserver -verify_hostname firma.example.org server.pem", "server.pem: OK"},
        {"-untrusted issuing.pem -purpose timestampsign time.pem", "time.pem: OK"},
        {"-untrusted issuing.pem -purpose ocsphelper ocsp.pem", "ocsp.pem: OK"},
        {"-policy_check issuing.pem", "issuing.pem: OK"},
        {"root.pem", "root.pem: OK"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char command[300];
        (void)snprintf(command, sizeof command, "openssl verify -x509_strict -attime 1780272000 -CAfile root.pem %s",
                       cases[i].options);
        assert_true(shell_says(cases[i].says, command));
    }
    assert_true(shell_says("CPS: https://pki.example.org/cps", "openssl x509 -in natural.pem -noout -text"));
    assert_true(shell_says("URI:http://crl.example.org/0.crl", "openssl x509 -in natural.pem -noout -text"));
    assert_true(shell_says("email:ana@example.org", "openssl x509 -in natural.pem -noout -text"));
    assert_true(shell_says("Not After : May 30 23:59:59 2029 GMT", "openssl x509 -in natural.pem -noout -text"));
    assert_true(shell_says("Not Before: May 31 23:55:00 2026 GMT", "openssl x509 -in natural.pem -noout -text"));
}

/* Encoded anew by OpenSSL they are the same octets. */
static void certificates_are_der(void **state)
{
    (void)state;
    assert_true(shell_says("all the same",
                           "for c in root issuing natural seal server time ocsp; do\n"
                           "openssl x509 -in $c.pem -outform PEM -out again.pem && cmp $c.pem again.pem || exit 1\n"
                           "done; echo all the same"));
}

static void keys_are_copied(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        assert_true(slice_equal(certificates[i]->spki, key_of((enum sample)i)));
        assert_int_equal(certificates[i]->subject_key_id.length, 20);
        if (i == SAMPLE_ROOT) continue;
        enum sample by = i == SAMPLE_AUTHORITY ? SAMPLE_ROOT : SAMPLE_AUTHORITY;
        assert_true(slice_equal(certificates[i]->authority_key_id, certificates[by]->subject_key_id));
        assert_true(slice_equal(certificates[i]->issuer, certificates[by]->subject));
        assert_int_equal(certificate_verify_signature(certificates[i], certificates[by], NULL), RFD_OK);
    }
}

/* --- Orders that do not fit -------------------------------------------------------------------------------------- */

static rfd_status try_order(const struct profile *p, const struct profile_order *order)
{
    struct authority_signer signer = issuer_of(SAMPLE_NATURAL);
    struct buf out;
    unsigned before = keys[SAMPLE_AUTHORITY].signatures;
    buf_init(&out, PROFILE_CERTIFICATE_MAXIMUM);
    buf_put_text(&out, "x");
    rfd_status status = profile_issue(p, &signer, order, &out, NULL);
    assert_int_equal(keys[SAMPLE_AUTHORITY].signatures, before + (status == RFD_OK));
    if (status != RFD_OK) assert_true(slice_is(buf_slice(&out), "x"));
    buf_dispose(&out);
    return status == RFD_E_LINT ? RFD_E_ARGUMENT : status; /* who refuses first does not matter here */
}

static rfd_status try_value(enum oid_name type, const char *text)
{
    struct profile_value values[8];
    struct profile_order order = sample_order(SAMPLE_NATURAL, key_of(SAMPLE_NATURAL));
    size_t i = 0;
    memcpy(values, order.values, order.value_count * sizeof *values);
    while (i < order.value_count && values[i].type != type) i++;
    values[i] = (struct profile_value){type, text};
    order.value_count += i == order.value_count;
    order.values = values;
    return try_order(&sample_profiles[SAMPLE_NATURAL], &order);
}

static void values(void **state)
{
    (void)state;
    char name[70];
    memset(name, 'a', sizeof name);
    name[64] = '\0';
    assert_int_equal(try_value(OID_COMMON_NAME, name), RFD_OK);
    name[64] = 'a', name[65] = '\0';
    assert_int_equal(try_value(OID_COMMON_NAME, name), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_TITLE, "Alcaldesa"), RFD_OK);
    assert_int_equal(try_value(OID_COMMON_NAME, NULL), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_COMMON_NAME, ""), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_COMMON_NAME, "a\xFF"), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_COMMON_NAME, "a\nb"), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_COMMON_NAME, " a"), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_SERIAL_NUMBER, "12345678"), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_SERIAL_NUMBER, "IDCPE-"), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_SERIAL_NUMBER, "IDCPE-ñ"), RFD_E_ARGUMENT);
    assert_int_equal(try_value(OID_COUNTRY, "ES"), RFD_E_ARGUMENT); /* fixed */
    assert_int_equal(try_value(OID_ORGANIZATION, "A"), RFD_E_ARGUMENT);
}

static void orders(void **state)
{
    (void)state;
    const struct profile *p = &sample_profiles[SAMPLE_NATURAL];
    const struct profile_order good = sample_order(SAMPLE_NATURAL, key_of(SAMPLE_NATURAL));
    struct profile_order order = good;
    assert_int_equal(try_order(p, &order), RFD_OK);
    order.serial = SLICE("\x00\x00");
    assert_int_equal(try_order(p, &order), RFD_E_ARGUMENT);
    order.serial = SLICE("\x80\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14");
    assert_int_equal(try_order(p, &order), RFD_E_ARGUMENT);
    order.serial = SLICE("\x01\x02\x03");
    assert_int_equal(try_order(p, &order), RFD_E_ARGUMENT); /* lint: no room for 64 random bits */
    order = good;
    order.now = moment("2037-01-01");
    assert_int_equal(try_order(p, &order), RFD_E_ARGUMENT); /* outlives its authority */
    struct profile cut = *p;
    cut.may_end_with_issuer = true;
    order.now = moment("2035-01-01");
    assert_int_equal(try_order(&cut, &order), RFD_OK);
    order.now = moment("2045-01-01");
    assert_int_equal(try_order(&cut, &order), RFD_E_ARGUMENT);
    order = good;
    static const char *const hosts[] = {"a.example.org"};
    order.hosts = hosts, order.host_count = 1;
    assert_int_equal(try_order(p, &order), RFD_E_ARGUMENT);
    static const char *const mails[] = {"nobody"};
    order = good;
    order.mails = mails;
    assert_int_equal(try_order(p, &order), RFD_E_ARGUMENT);
    struct profile none = *p;
    none.keys.kinds = KEY_KIND_RSA;
    order = good;
    assert_int_equal(try_order(&none, &order), RFD_E_KEY_ALGORITHM);
    none = *p;
    none.validity_days = 0;
    assert_int_equal(try_order(&none, &order), RFD_E_ARGUMENT);
    none.validity_days = UINT32_MAX;
    assert_int_equal(try_order(&none, &order), RFD_E_ARGUMENT);
    none = *p;
    none.backdated_seconds = UINT32_MAX;
    assert_int_equal(try_order(&none, &order), RFD_E_ARGUMENT);
    none = *p;
    none.policies[0].oid = "1.2.x";
    assert_int_equal(try_order(&none, &order), RFD_E_ARGUMENT);
}

static void partitions(void **state)
{
    (void)state;
    struct authority_signer signer = issuer_of(SAMPLE_NATURAL);
    struct profile_order order = sample_order(SAMPLE_NATURAL, key_of(SAMPLE_NATURAL));
    struct buf out;
    order.crl_point = "http://crl.example.org/17.crl";
    buf_init(&out, PROFILE_CERTIFICATE_MAXIMUM);
    assert_int_equal(profile_build(&sample_profiles[SAMPLE_NATURAL], &signer, &order, &out, NULL), RFD_OK);
    assert_int_not_equal(find_bytes(buf_slice(&out), slice_text(order.crl_point)), SIZE_MAX);
    assert_int_equal(find_bytes(buf_slice(&out), SLICE("/0.crl")), SIZE_MAX);
    buf_dispose(&out);
}

/* --- Rules that are broken --------------------------------------------------------------------------------------- */

enum place { VERSION, SERIAL, ALGORITHM, ISSUER, VALIDITY, SUBJECT, KEY, PARTS, UNIQUE, EXTENSION, WHOLE_EXTENSION };

/* What to put where. EXTENSION: the value of the extension `oid`, "" leaves it out; WHOLE_EXTENSION: the element. */
static const struct violation {
    const char *rule;
    enum sample sample;
    enum place place;
    enum oid_name oid;
    const char *hex;
} violations[] = {
    {"version-3", SAMPLE_NATURAL, VERSION, 0, ""},
    {"serial-positive", SAMPLE_NATURAL, SERIAL, 0, "0209 80 0102030405060708"},
    {"serial-positive", SAMPLE_NATURAL, SERIAL, 0, "0209 00 0102030405060708"},
    {"serial-length", SAMPLE_NATURAL, SERIAL, 0, "0215 010203040506070809 0A0B0C0D0E0F101112131415"},
    {"serial-entropy", SAMPLE_NATURAL, SERIAL, 0, "0203 010203"},
    {"algorithm-strong", SAMPLE_NATURAL, ALGORITHM, 0, "300D 06092A864886F70D010105 0500"},
    {"algorithm-form", SAMPLE_NATURAL, ALGORITHM, 0, "300B 06092A864886F70D01010B"},
    {"algorithm-form", SAMPLE_NATURAL, ALGORITHM, 0, "300C 06082A8648CE3D040302 0500"},
    {"issuer-name", SAMPLE_NATURAL, ISSUER, 0, "300F 310D 300B 0603550403 0C0441424344"},
    {"issuer-name", SAMPLE_ROOT, ISSUER, 0, "300F 310D 300B 0603550403 0C0441424344"},
    {"validity-order", SAMPLE_NATURAL, VALIDITY, 0,
     "301E 170D3237303630313030303030305A 170D3236303630313030303030305A"},
    {"validity-form", SAMPLE_NATURAL, VALIDITY, 0,
     "3022 180F32303236303630313030303030305A 180F32303237303630313030303030305A"},
    {"validity-nested", SAMPLE_NATURAL, VALIDITY, 0,
     "301E 170D3235303630313030303030305A 170D3237303630313030303030305A"},
    {"validity-nested", SAMPLE_NATURAL, VALIDITY, 0,
     "301E 170D3236303630313030303030305A 170D3439303630313030303030305A"},
    {"subject-present", SAMPLE_NATURAL, SUBJECT, 0, "3000"},
    {"unique-ids-absent", SAMPLE_NATURAL, UNIQUE, 0, "820200FF"},
    {"key-good", SAMPLE_NATURAL, KEY, 0, "301A 300D 06092A864886F70D010101 0500 0309 00 3006 020133 020103"},
    {"name-single-valued", SAMPLE_NATURAL, SUBJECT, 0, "3018 3116 3009 0603550403 0C024142 3009 0603550404 0C024142"},
    {"name-no-repeat", SAMPLE_NATURAL, SUBJECT, 0, "301A 310B 3009 0603550403 0C024142 310B 3009 0603550403 0C024143"},
    {"name-string-type", SAMPLE_NATURAL, SUBJECT, 0, "300D 310B 3009 0603550403 14024142"},
    {"name-string-type", SAMPLE_NATURAL, SUBJECT, 0, "300D 310B 3009 0603550406 0C025045"},
    {"name-length", SAMPLE_NATURAL, SUBJECT, 0, "300E 310C 300A 0603550406 1303504552"},
    {"name-length", SAMPLE_NATURAL, SUBJECT, 0, "300B 3109 3007 0603550403 0C00"},
    {"name-text", SAMPLE_NATURAL, SUBJECT, 0, "300D 310B 3009 0603550403 0C02410A"},
    {"name-text", SAMPLE_NATURAL, SUBJECT, 0, "300D 310B 3009 0603550403 0C02C341"},
    {"name-text", SAMPLE_NATURAL, SUBJECT, 0, "300D 310B 3009 0603550403 0C024120"},
    {"name-text", SAMPLE_NATURAL, SUBJECT, 0, "300F 310D 300B 0603550403 0C0441E280AE"},
    {"name-text", SAMPLE_NATURAL, SUBJECT, 0, "300D 310B 3009 0603550403 1302412A"},
    {"name-country", SAMPLE_NATURAL, SUBJECT, 0, "300D 310B 3009 0603550406 13027065"},
    {"extension-boolean", SAMPLE_NATURAL, WHOLE_EXTENSION, OID_KEY_USAGE, "300E 0603551D0F 010101 0404 03020640"},
    {"extension-boolean", SAMPLE_NATURAL, WHOLE_EXTENSION, OID_OCSP_CRL_REFERENCE, "300B 06032A0304 010100 0401 05"},
    {"extension-critical", SAMPLE_NATURAL, WHOLE_EXTENSION, OID_KEY_USAGE, "300B 0603551D0F 0404 03020640"},
    {"extension-critical", SAMPLE_NATURAL, WHOLE_EXTENSION, OID_OCSP_CRL_REFERENCE, "300B 06032A0304 0101FF 0401 05"},
    {"extension-critical", SAMPLE_NATURAL, WHOLE_EXTENSION, OID_SUBJECT_ALT_NAME,
     "3010 0603551D11 0101FF 0406 3004 8102 6140"},
    {"extension-not-empty", SAMPLE_NATURAL, EXTENSION, OID_AUTHORITY_INFO_ACCESS, "3000"},
    {"authority-key-id", SAMPLE_NATURAL, EXTENSION, OID_AUTHORITY_KEY_ID, ""},
    {"authority-key-id", SAMPLE_NATURAL, EXTENSION, OID_AUTHORITY_KEY_ID, "300A 8008 0102030405060708"},
    {"subject-key-id", SAMPLE_NATURAL, EXTENSION, OID_SUBJECT_KEY_ID, ""},
    {"subject-key-id", SAMPLE_NATURAL, EXTENSION, OID_SUBJECT_KEY_ID, "0403 010203"},
    {"key-usage-present", SAMPLE_NATURAL, EXTENSION, OID_KEY_USAGE, ""},
    {"key-usage-form", SAMPLE_NATURAL, EXTENSION, OID_KEY_USAGE, "03020040"},
    {"key-usage-form", SAMPLE_NATURAL, EXTENSION, OID_KEY_USAGE, "03020700"},
    {"key-usage-form", SAMPLE_NATURAL, EXTENSION, OID_KEY_USAGE, "030100"},
    {"authority-constraints", SAMPLE_AUTHORITY, EXTENSION, OID_BASIC_CONSTRAINTS, "3000"},
    {"authority-constraints", SAMPLE_AUTHORITY, WHOLE_EXTENSION, OID_BASIC_CONSTRAINTS,
     "300C 0603551D13 0405 3003 0101FF"},
    {"authority-constraints", SAMPLE_ROOT, EXTENSION, OID_KEY_USAGE, "03020186"},
    {"authority-constraints", SAMPLE_ROOT, EXTENSION, OID_KEY_USAGE, "03020204"},
    {"user-constraints", SAMPLE_NATURAL, EXTENSION, OID_BASIC_CONSTRAINTS, "3003 0101FF"},
    {"user-constraints", SAMPLE_NATURAL, EXTENSION, OID_BASIC_CONSTRAINTS, "3003 010100"},
    {"user-constraints", SAMPLE_NATURAL, EXTENSION, OID_KEY_USAGE, "03020244"},
    {"policies-present", SAMPLE_NATURAL, EXTENSION, OID_CERTIFICATE_POLICIES, ""},
    {"policies-form", SAMPLE_NATURAL, EXTENSION, OID_CERTIFICATE_POLICIES, "300C 3004 06022A03 3004 06022A03"},
    {"policies-form", SAMPLE_NATURAL, EXTENSION, OID_CERTIFICATE_POLICIES,
     "3017 3015 06022A03 300F 300D 06082B06010505070201 160161"},
    {"policies-form", SAMPLE_NATURAL, EXTENSION, OID_CERTIFICATE_POLICIES,
     "3019 3017 06022A03 3011 300F 06082B06010505070202 3003 160161"},
    {"policies-form", SAMPLE_NATURAL, EXTENSION, OID_CERTIFICATE_POLICIES, "3008 3006 06022A03 3000"},
    {"purposes-form", SAMPLE_NATURAL, EXTENSION, OID_EXTENDED_KEY_USAGE, "3006 0604551D2500"},
    {"purposes-form", SAMPLE_NATURAL, EXTENSION, OID_EXTENDED_KEY_USAGE, "3008 06022A03 06022A03"},
    {"crl-point", SAMPLE_NATURAL, EXTENSION, OID_CRL_DISTRIBUTION_POINTS, ""},
    {"crl-point", SAMPLE_NATURAL, EXTENSION, OID_CRL_DISTRIBUTION_POINTS,
     "3015 3013 A011 A00F 860D 6C6461703A2F2F612E622F632F64"},
    {"crl-point", SAMPLE_NATURAL, EXTENSION, OID_CRL_DISTRIBUTION_POINTS, "3004 3002 A000"},
    {"authority-access", SAMPLE_NATURAL, EXTENSION, OID_AUTHORITY_INFO_ACCESS,
     "301B 3019 06082B06010505073001 860D 687474703A2F2F612E622F632F"},
    {"authority-access-form", SAMPLE_NATURAL, EXTENSION, OID_AUTHORITY_INFO_ACCESS,
     "301B 3019 06082B06010505073001 860D 6C6461703A2F2F612E622F632F"},
    {"alternative-name", SAMPLE_NATURAL, EXTENSION, OID_SUBJECT_ALT_NAME, "3003 810161"},
    {"alternative-name", SAMPLE_NATURAL, EXTENSION, OID_SUBJECT_ALT_NAME, "3006 8204 612E2E62"},
    {"alternative-name", SAMPLE_NATURAL, EXTENSION, OID_SUBJECT_ALT_NAME, "3005 8203 2D6162"},
    {"alternative-name", SAMPLE_NATURAL, EXTENSION, OID_SUBJECT_ALT_NAME, "3005 8703 010203"},
    {"ocsp-responder", SAMPLE_OCSP, EXTENSION, OID_OCSP_NOCHECK, ""},
    {"ocsp-responder", SAMPLE_OCSP, EXTENSION, OID_OCSP_NOCHECK, "0400"},
    {"ocsp-responder", SAMPLE_OCSP, EXTENSION, OID_EXTENDED_KEY_USAGE, "300E 06022A03 06082B06010505070309"},
    {"ocsp-responder", SAMPLE_OCSP, EXTENSION, OID_KEY_USAGE, "030206C0"},
    {"ocsp-strangers", SAMPLE_NATURAL, EXTENSION, OID_EXTENDED_KEY_USAGE, "300A 06082B06010505070309"},
    {"ocsp-strangers", SAMPLE_NATURAL, EXTENSION, OID_OCSP_NOCHECK, "0500"},
    {"time-stamping", SAMPLE_TIME, WHOLE_EXTENSION, OID_EXTENDED_KEY_USAGE,
     "3013 0603551D25 040C 300A 06082B06010505070308"},
    {"time-stamping", SAMPLE_TIME, EXTENSION, OID_EXTENDED_KEY_USAGE, "300E 06022A03 06082B06010505070308"},
    {"time-stamping", SAMPLE_TIME, EXTENSION, OID_KEY_USAGE, "030205A0"},
    {"time-stamping-strangers", SAMPLE_SERVER, EXTENSION, OID_EXTENDED_KEY_USAGE, "300A 06082B06010505070308"},
    {"natural-attributes", SAMPLE_NATURAL, SUBJECT, 0, "300D 310B 3009 0603550403 0C024142"},
    {"natural-attributes", SAMPLE_NATURAL, SUBJECT, 0,
     "3052 310B 3009 0603550406 13025045 310B 3009 0603550404 0C024142 310B 3009 0603550441 0C024142"
     "3110 300E 0603550405 130749444350452D31 3117 3015 0603550403 0C0E 4142434445464748494A4B4C4D4E"},
    {"natural-semantics", SAMPLE_NATURAL, SUBJECT, 0,
     "303F 310B 3009 0603550406 13025045 310B 3009 0603550404 0C024142 3116 3014 0603550405 130D 4142435045 2D 31323334353637"
     "310B 3009 0603550403 0C024142"},
    {"natural-semantics", SAMPLE_NATURAL, EXTENSION, OID_QC_STATEMENTS,
     "3017 3015 06082B06010505070B02 3009 0607 04008BEC490102"},
    {"legal-attributes", SAMPLE_LEGAL, SUBJECT, 0, "300D 310B 3009 0603550403 0C024142"},
    {"legal-semantics", SAMPLE_LEGAL, SUBJECT, 0,
     "3038 310B 3009 0603550406 13025045 310B 3009 060355040A 0C024142 310F 300D 0603550461 0C06 5641545045 31"
     "310B 3009 0603550403 0C024142"},
    {"key-usage-type", SAMPLE_NATURAL, EXTENSION, OID_KEY_USAGE, "03020450"},
    {"qc-statements-form", SAMPLE_NATURAL, EXTENSION, OID_QC_STATEMENTS, "300C 300A 0606 04008E460101 0500"},
    {"qc-statements-form", SAMPLE_NATURAL, EXTENSION, OID_QC_STATEMENTS,
     "3014 3008 0606 04008E460104 3008 0606 04008E460104"},
    {"qc-statements-form", SAMPLE_NATURAL, EXTENSION, OID_QC_STATEMENTS, "300C 300A 0606 04008E460104 0500"},
    {"qc-statements-form", SAMPLE_NATURAL, EXTENSION, OID_QC_STATEMENTS, "3010 300E 0606 04008E460107 3004 1302 7065"},
    {"qc-statements-form", SAMPLE_NATURAL, EXTENSION, OID_QC_STATEMENTS,
     "301D 301B 0606 04008E460105 3011 300F 1609 687474703A2F2F612F 1302 6573"},
    {"qc-statements-form", SAMPLE_NATURAL, EXTENSION, OID_QC_STATEMENTS, "300C 300A 0606 04008E460106 3000"},
    {"qc-statements-complete", SAMPLE_NATURAL, EXTENSION, OID_QC_STATEMENTS, "300A 3008 0606 04008E460101"},
};

struct seen {
    const char *wanted;
    bool found;
};

static void note(void *context, const struct lint_rule *rule)
{
    struct seen *s = context;
    if (strcmp(rule->id, s->wanted) == 0) s->found = true;
}

/* The extension that a violation puts in place of another, or adds. */
static void put_changed(struct buf *b, const struct violation *v, bool critical)
{
    uint8_t bytes[256];
    slice value = hex(v->hex, bytes, sizeof bytes);
    if (value.length == 0) return;
    if (v->place == WHOLE_EXTENSION) {
        buf_put_slice(b, value);
        return;
    }
    struct authority_extension e = authority_open_extension(b, v->oid, critical);
    buf_put_slice(b, value);
    authority_close_extension(b, e);
}

static void put_extensions(struct buf *b, slice list, const struct violation *v)
{
    bool done = false;
    slice content;
    struct der_item item;
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(3));
    size_t opened = der_open(b, DER_SEQUENCE);
    while (der_next(&list, &item)) {
        slice one = item.whole;
        slice id;
        bool critical;
        assert_true(certificate_next_extension(&one, &id, &critical, &content));
        bool target = v->place >= EXTENSION && slice_equal(id, oid(v->oid));
        if (target)
            put_changed(b, v, critical);
        else
            buf_put_slice(b, item.whole);
        done = done || target;
    }
    if (v->place >= EXTENSION && !done) put_changed(b, v, v->oid == OID_KEY_USAGE);
    der_close(b, opened);
    der_close(b, tagged);
}

static void put_violated(struct buf *b, const struct violation *v)
{
    uint8_t bytes[256];
    slice tbs = certificates[v->sample]->tbs;
    slice in = SLICE_EMPTY;
    struct der_item item;
    assert_true(der_take_optional(&tbs, DER_SEQUENCE, &in));
    size_t opened = der_open(b, DER_SEQUENCE);
    for (unsigned place = VERSION; place < PARTS; place++) {
        assert_true(der_next(&in, &item));
        buf_put_slice(b, v->place == place ? hex(v->hex, bytes, sizeof bytes) : item.whole);
    }
    if (v->place == UNIQUE) buf_put_slice(b, hex(v->hex, bytes, sizeof bytes));
    if (v->place != VERSION) put_extensions(b, certificates[v->sample]->extensions, v);
    der_close(b, opened);
}

static void each_rule_is_broken_by_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof violations / sizeof *violations; i++) {
        const struct violation *v = &violations[i];
        struct authority_signer signer = issuer_of(v->sample);
        struct seen seen = {v->rule, false};
        struct rfd_error error = RFD_ERROR_INIT;
        struct buf b;
        buf_init(&b, 1 << 16);
        put_violated(&b, v);
        rfd_status status =
            lint_certificate(buf_slice(&b), signer.certificate, sample_profiles[v->sample].kind, note, &seen, &error);
        if (status != RFD_E_ARGUMENT || !seen.found) fail_msg("case %zu, %s: %s", i, v->rule, error.detail);
        buf_dispose(&b);
    }
}

static void every_rule_has_a_violation(void **state)
{
    (void)state;
    size_t count;
    const struct lint_rule *rules = lint_rules(&count);
    assert_true(count >= 40);
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        for (size_t k = 0; k < sizeof violations / sizeof *violations; k++) {
            found += strcmp(violations[k].rule, rules[i].id) == 0;
        }
        if (found == 0) fail_msg("%s", rules[i].id);
        for (size_t k = 0; k < i; k++) assert_string_not_equal(rules[i].id, rules[k].id);
    }
}

static void not_a_certificate(void **state)
{
    (void)state;
    slice tbs = certificates[SAMPLE_NATURAL]->tbs;
    for (size_t length = 0; length < tbs.length; length += 7) {
        assert_int_equal(lint_certificate(slice_of(tbs.data, length), certificates[SAMPLE_AUTHORITY], LINT_NATURAL,
                                          NULL, NULL, NULL),
                         RFD_E_DER);
    }
}

static void no_memory(void **state)
{
    (void)state;
    struct authority_signer signer = issuer_of(SAMPLE_NATURAL);
    struct profile_order order = sample_order(SAMPLE_NATURAL, key_of(SAMPLE_NATURAL));
    rfd_status status = RFD_E_MEMORY;
    signature_pool_dispose(&keys[SAMPLE_AUTHORITY].pool);
    signature_pool_init(&keys[SAMPLE_AUTHORITY].pool);
    for (unsigned long n = 1; status != RFD_OK; n++) {
        struct buf out;
        buf_init(&out, PROFILE_CERTIFICATE_MAXIMUM);
        (void)memory_fail_after(n);
        status = profile_issue(&sample_profiles[SAMPLE_NATURAL], &signer, &order, &out, NULL);
        (void)memory_fail_after(0);
        assert_true(status == RFD_OK || status == RFD_E_MEMORY);
        buf_dispose(&out);
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_judges),
        cmocka_unit_test(certificates_are_der),
        cmocka_unit_test(keys_are_copied),
        cmocka_unit_test(values),
        cmocka_unit_test(orders),
        cmocka_unit_test(partitions),
        cmocka_unit_test(each_rule_is_broken_by_one),
        cmocka_unit_test(every_rule_has_a_violation),
        cmocka_unit_test(not_a_certificate),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
