/* SPDX-License-Identifier: EUPL-1.2
 *
 * The OCSP responder: requests made by our own client and by the openssl command, answers judged by both, and the
 * faults of other responders (wrong issuer, critical extensions, lengths of nonces, '+' in a GET).
 */
#include "authority_support.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/memory.h"
#include "pki/authority/responder.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct hand root, other, delegate;
static struct made good, revoked, foreign, unknown;
static struct responder_issuer issuers[2];
static rfd_status look_up_fails;

/* Serial numbers decide: those of `good` and `revoked` are known, all else was never issued. */
static rfd_status look_up(void *context, size_t issuer, slice serial, struct responder_record *record,
                          struct rfd_error *error)
{
    (void)error;
    assert_ptr_equal(context, &root);
    assert_int_equal(record->state, RESPONDER_UNKNOWN);
    if (look_up_fails != RFD_OK) return look_up_fails;
    record->state = RESPONDER_NEVER_ISSUED;
    if (issuer == 0 && slice_equal(serial, good.certificate->serial)) {
        record->state = RESPONDER_GOOD;
        record->archive_cutoff = moment("2015-01-01");
    }
    if (issuer == 0 && slice_equal(serial, revoked.certificate->serial)) {
        record->state = RESPONDER_REVOKED;
        record->revoked_at = moment("2025-05-05T12:00:00Z");
        record->reason = 1;
    }
    return RFD_OK;
}

static const struct responder plain = {issuers, 2, look_up, &root, false};
static const struct responder extended = {issuers, 2, look_up, &root, true};

static struct responder_times now_times(void)
{
    rfd_time now = clock_now();
    return (struct responder_times){now, now - 60 * RFD_SECOND, now + 3600 * RFD_SECOND};
}

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    hand_new(&root, &(struct make){.name = "Root", .extensions = AUTHORITY_EXTENSIONS});
    hand_new(&other, &(struct make){.name = "Other", .extensions = AUTHORITY_EXTENSIONS});
    hand_new(&delegate, &(struct make){.name = "Responder", .issuer = &root.made, .extensions = OCSP_EXTENSIONS});
    good = MAKE(.name = "Good", .issuer = &root.made);
    revoked = MAKE(.name = "Revoked", .issuer = &root.made);
    unknown = MAKE(.name = "Never", .issuer = &root.made);
    foreign = MAKE(.name = "Foreign", .issuer = &other.made);
    made_write(&root.made, "root.pem", NULL);
    made_write(&other.made, "other.pem", NULL);
    made_write(&good, "good.pem", NULL);
    made_write(&revoked, "revoked.pem", NULL);
    made_write(&unknown, "never.pem", NULL);
    made_write(&foreign, "foreign.pem", NULL);
    assert_int_equal(responder_issuer_set(&issuers[0], root.made.certificate, &delegate.signer, NULL), RFD_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    made_free(&good);
    made_free(&revoked);
    made_free(&unknown);
    made_free(&foreign);
    hand_free(&delegate);
    hand_free(&other);
    hand_free(&root);
    folder_remove();
    return 0;
}

static int reset(void **state)
{
    (void)state;
    look_up_fails = RFD_OK;
    delegate.refuses = RFD_OK;
    /* A stranger to all but the tests that say otherwise: the slot holds the same issuer once more. */
    issuers[1] = issuers[0];
    return 0;
}

/* --- Helpers ----------------------------------------------------------------------------------------------------- */

static struct ocsp *answer(const struct responder *r, slice request)
{
    struct responder_times times = now_times();
    enum ocsp_status status;
    struct ocsp *o = NULL;
    struct buf out;
    buf_init(&out, RESPONDER_RESPONSE_MAXIMUM);
    assert_int_equal(responder_respond(r, request, &times, &out, &status, NULL), RFD_OK);
    assert_int_equal(ocsp_parse(buf_slice(&out), &o, NULL), RFD_OK);
    assert_int_equal(o->status, status);
    buf_dispose(&out);
    return o;
}

static struct ocsp *ask(const struct responder *r, const struct made *about, const struct made *issuer, slice nonce)
{
    struct buf request;
    buf_init(&request, 4096);
    assert_int_equal(ocsp_put_request(&request, about->certificate, issuer->certificate, nonce, NULL), RFD_OK);
    struct ocsp *o = answer(r, buf_slice(&request));
    buf_dispose(&request);
    return o;
}

/* A request for one certID of `good` with request extensions and extensions of the certID, each as Extension elements
 * that follow one another. */
static struct ocsp *ask_with(const char *request_extensions, const char *single_extensions)
{
    uint8_t bytes[2][512];
    slice request = hex(request_extensions, bytes[0], sizeof bytes[0]);
    slice single = hex(single_extensions, bytes[1], sizeof bytes[1]);
    struct buf plain_request;
    struct buf b;
    struct responder_request parsed;
    buf_init(&plain_request, 4096);
    buf_init(&b, 4096);
    assert_int_equal(ocsp_put_request(&plain_request, good.certificate, root.made.certificate, SLICE_EMPTY, NULL),
                     RFD_OK);
    assert_int_equal(responder_request_parse(buf_slice(&plain_request), &parsed, NULL), RFD_OK);
    size_t outer = der_open(&b, DER_SEQUENCE);
    size_t tbs = der_open(&b, DER_SEQUENCE);
    size_t list = der_open(&b, DER_SEQUENCE);
    size_t one = der_open(&b, DER_SEQUENCE);
    buf_put_slice(&b, parsed.ids[0].whole);
    size_t tagged = der_open(&b, DER_CONTEXT_CONSTRUCTED(0));
    der_put(&b, DER_SEQUENCE, single);
    der_close(&b, tagged);
    der_close(&b, one);
    der_close(&b, list);
    tagged = der_open(&b, DER_CONTEXT_CONSTRUCTED(2));
    der_put(&b, DER_SEQUENCE, request);
    der_close(&b, tagged);
    der_close(&b, tbs);
    der_close(&b, outer);
    struct ocsp *o = answer(&plain, buf_slice(&b));
    buf_dispose(&plain_request);
    buf_dispose(&b);
    return o;
}

static enum ocsp_status status_with(const char *request_extensions, const char *single_extensions)
{
    struct ocsp *o = ask_with(request_extensions, single_extensions);
    enum ocsp_status status = o->status;
    ocsp_free(o);
    return status;
}

/* --- Answers ----------------------------------------------------------------------------------------------------- */

static void says_what_is_known(void **state)
{
    (void)state;
    struct ocsp_single single;
    struct ocsp *o = ask(&plain, &good, &root.made, SLICE("0123456789abcdef0123456789abcdef"));
    assert_true(ocsp_find(o, good.certificate, root.made.certificate, &single));
    assert_int_equal(single.status, OCSP_GOOD);
    assert_int_equal(single.archive_cutoff, moment("2015-01-01"));
    assert_true(ocsp_nonce_matches(o, SLICE("0123456789abcdef0123456789abcdef")));
    assert_true(ocsp_is_responder(o, delegate.made.certificate) && ocsp_signed_by(o, delegate.made.certificate));
    assert_int_equal(o->responder_key.length, 20);
    assert_int_equal(o->certificates.count, 1);
    assert_false(o->unknown_critical);
    ocsp_free(o);
    o = ask(&plain, &revoked, &root.made, SLICE_EMPTY);
    assert_true(ocsp_find(o, revoked.certificate, root.made.certificate, &single));
    assert_int_equal(single.status, OCSP_REVOKED);
    assert_int_equal(single.reason, 1);
    assert_int_equal(single.revoked_at, moment("2025-05-05T12:00:00Z"));
    assert_int_equal(o->nonce.length, 0);
    ocsp_free(o);
}

static void never_issued_is_never_good(void **state)
{
    (void)state;
    struct ocsp_single single;
    struct ocsp *o = ask(&plain, &unknown, &root.made, SLICE_EMPTY);
    assert_true(ocsp_find(o, unknown.certificate, root.made.certificate, &single));
    assert_int_equal(single.status, OCSP_UNKNOWN);
    ocsp_free(o);
    o = ask(&extended, &unknown, &root.made, SLICE_EMPTY);
    assert_true(ocsp_find(o, unknown.certificate, root.made.certificate, &single));
    assert_int_equal(single.status, OCSP_REVOKED);
    assert_int_equal(single.revoked_at, 0);
    assert_int_equal(single.reason, 6);
    assert_int_not_equal(find_bytes(o->tbs, oid(OID_OCSP_EXTENDED_REVOKE)), SIZE_MAX);
    ocsp_free(o);
}

/* The issuer's name and key both count, not the serial number alone. */
static void strangers_are_not_answered(void **state)
{
    (void)state;
    struct ocsp *o = ask(&plain, &foreign, &other.made, SLICE_EMPTY);
    assert_int_equal(o->status, OCSP_UNAUTHORIZED);
    ocsp_free(o);
    o = ask(&plain, &good, &other.made, SLICE_EMPTY); /* our name, their key */
    assert_int_equal(o->status, OCSP_UNAUTHORIZED);
    ocsp_free(o);
    o = ask(&plain, &foreign, &root.made, SLICE_EMPTY); /* their name, our key */
    assert_int_equal(o->status, OCSP_UNAUTHORIZED);
    ocsp_free(o);
}

static struct ocsp *ask_openssl(const char *options)
{
    char command[512];
    struct buf request;
    buf_init(&request, 1 << 16);
    (void)snprintf(command, sizeof command, "openssl ocsp -reqout request %s && echo made", options);
    assert_true(shell_says("made", command));
    assert_true(file_read(folder_file("request"), &request));
    struct ocsp *o = answer(&plain, buf_slice(&request));
    (void)folder_write("response", slice_bytes(o->bytes));
    buf_dispose(&request);
    return o;
}

static void mixed_requests(void **state)
{
    (void)state;
    struct ocsp_single single;
    struct ocsp *o = ask_openssl("-issuer other.pem -cert foreign.pem -issuer root.pem -sha512 -cert good.pem "
                                 "-sha384 -cert revoked.pem");
    assert_int_equal(o->status, OCSP_SUCCESSFUL);
    assert_true(ocsp_find(o, foreign.certificate, other.made.certificate, &single));
    assert_int_equal(single.status, OCSP_UNKNOWN);
    assert_true(ocsp_find(o, good.certificate, root.made.certificate, &single));
    assert_int_equal(single.status, OCSP_GOOD);
    assert_true(ocsp_find(o, revoked.certificate, root.made.certificate, &single));
    assert_int_equal(single.status, OCSP_REVOKED);
    ocsp_free(o);
}

/* An issuer of ours whose signer is another: the first one's signer may not speak for it. */
static void nobody_speaks_for_another_authority(void **state)
{
    (void)state;
    struct ocsp_single single;
    assert_int_equal(responder_issuer_set(&issuers[1], other.made.certificate, &other.signer, NULL), RFD_OK);
    struct ocsp *o = ask_openssl("-issuer root.pem -cert good.pem -issuer other.pem -cert foreign.pem");
    assert_true(ocsp_find(o, good.certificate, root.made.certificate, &single));
    assert_int_equal(single.status, OCSP_GOOD);
    assert_true(ocsp_find(o, foreign.certificate, other.made.certificate, &single));
    assert_int_equal(single.status, OCSP_UNKNOWN);
    assert_true(ocsp_signed_by(o, delegate.made.certificate));
    ocsp_free(o);
    o = ask(&plain, &foreign, &other.made, SLICE_EMPTY);
    assert_true(ocsp_signed_by(o, other.made.certificate));
    assert_int_equal(o->certificates.count, 0); /* the CA itself: everyone has it */
    ocsp_free(o);
}

static void openssl_judges(void **state)
{
    (void)state;
    static const char *const digests[] = {"-sha1", "-sha256", "-sha384", "-sha512"};
    for (size_t i = 0; i < 4; i++) {
        char options[128];
        char command[300];
        (void)snprintf(options, sizeof options, "%s -issuer root.pem -cert good.pem", digests[i]);
        ocsp_free(ask_openssl(options));
        (void)snprintf(command, sizeof command,
                       "openssl ocsp -respin response -reqin request %s -issuer root.pem -cert good.pem "
                       "-CAfile root.pem -no_nonce",
                       digests[i]);
        assert_true(shell_says("good.pem: good", command));
        assert_true(shell_says("Response verify OK", command));
    }
    ocsp_free(ask_openssl("-issuer root.pem -cert revoked.pem -cert never.pem -no_nonce"));
    assert_true(shell_says("Reason: keyCompromise", "openssl ocsp -respin response -issuer root.pem -cert revoked.pem "
                                                    "-CAfile root.pem -no_nonce"));
    assert_true(shell_says("never.pem: unknown", "openssl ocsp -respin response -issuer root.pem -cert never.pem "
                                                 "-CAfile root.pem -no_nonce"));
}

/* --- Nonces and extensions --------------------------------------------------------------------------------------- */

static size_t put_nonce_extension(char *to, size_t size, size_t octets, bool wrapped)
{
    struct buf b;
    uint8_t zeros[300] = {0};
    buf_init(&b, 1024);
    struct authority_extension e = authority_open_extension(&b, OID_OCSP_NONCE, false);
    if (wrapped)
        der_put(&b, DER_OCTET_STRING, slice_of(zeros, octets));
    else
        buf_put(&b, zeros, octets);
    authority_close_extension(&b, e);
    assert_true(b.length * 2 < size);
    number_to_hex(buf_slice(&b), false, (uint8_t *)to);
    to[b.length * 2] = '\0';
    size_t length = b.length;
    buf_dispose(&b);
    return length;
}

static void nonces_of_every_length(void **state)
{
    (void)state;
    static const struct {
        size_t octets;
        bool wrapped;
        enum ocsp_status expected;
    } cases[] = {
        {0, true, OCSP_MALFORMED_REQUEST},    {1, true, OCSP_SUCCESSFUL},          {32, true, OCSP_SUCCESSFUL},
        {128, true, OCSP_SUCCESSFUL},         {129, true, OCSP_MALFORMED_REQUEST}, {0, false, OCSP_MALFORMED_REQUEST},
        {1, false, OCSP_SUCCESSFUL},          {16, false, OCSP_SUCCESSFUL},        {128, false, OCSP_SUCCESSFUL},
        {129, false, OCSP_MALFORMED_REQUEST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char extension[1024];
        (void)put_nonce_extension(extension, sizeof extension, cases[i].octets, cases[i].wrapped);
        struct ocsp *o = ask_with(extension, "");
        assert_int_equal(o->status, cases[i].expected);
        if (o->status == OCSP_SUCCESSFUL) {
            /* Echoed as it was sent, wrapped or bare. */
            size_t header = cases[i].wrapped ? (cases[i].octets < 128 ? 2 : 3) : 0;
            assert_int_equal(o->nonce.length, cases[i].octets + header);
        }
        ocsp_free(o);
    }
    char two[2048];
    size_t length = put_nonce_extension(two, sizeof two, 8, true);
    (void)put_nonce_extension(two + 2 * length, sizeof two - 2 * length, 8, true);
    assert_int_equal(status_with(two, ""), OCSP_MALFORMED_REQUEST);
}

static void critical_extensions(void **state)
{
    (void)state;
    assert_int_equal(status_with("300B 0603 2A0304 0101FF 0401 00", ""), OCSP_MALFORMED_REQUEST);
    assert_int_equal(status_with("3008 0603 2A0304 0401 00", ""), OCSP_SUCCESSFUL);
    assert_int_equal(status_with("", "300B 0603 2A0304 0101FF 0401 00"), OCSP_MALFORMED_REQUEST);
    assert_int_equal(status_with("", "3008 0603 2A0304 0401 00"), OCSP_SUCCESSFUL);
    /* A nonce at the certID is of no use, but harmless (as one client places it). */
    assert_int_equal(status_with("", "3011 0609 2B0601050507300102 0404 04021234"), OCSP_SUCCESSFUL);
    assert_int_equal(status_with("3014 0609 2B0601050507300102 0101FF 0404 04021234", ""), OCSP_SUCCESSFUL);
    assert_int_equal(status_with("3003 0101FF", ""), OCSP_MALFORMED_REQUEST);
}

/* --- Faults ------------------------------------------------------------------------------------------------------ */

static void malformed_requests(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "",
        "00",
        "3000",
        "30023000",
        "3004 3002 3000",
        "3007 3005 A003020101",
        "3006 3004 3002 3000",
        "30 0D 300B 3009 3007 3005 3003 020101",
        "3082FFFF",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        uint8_t bytes[64];
        struct ocsp *o = answer(&plain, hex(requests[i], bytes, sizeof bytes));
        assert_int_equal(o->status, OCSP_MALFORMED_REQUEST);
        ocsp_free(o);
    }
}

/* Every prefix of a good request, and with a byte more. */
static void cut_requests(void **state)
{
    (void)state;
    struct buf request;
    struct responder_request parsed;
    buf_init(&request, 4096);
    assert_int_equal(ocsp_put_request(&request, good.certificate, root.made.certificate, SLICE("12345678"), NULL),
                     RFD_OK);
    for (size_t length = 0; length < request.length; length++) {
        assert_int_not_equal(responder_request_parse(slice_of(request.data, length), &parsed, NULL), RFD_OK);
    }
    buf_put_byte(&request, 0);
    assert_int_equal(responder_request_parse(buf_slice(&request), &parsed, NULL), RFD_E_DER);
    buf_dispose(&request);
}

static void too_many_and_too_large(void **state)
{
    (void)state;
    struct buf one;
    struct responder_request parsed;
    buf_init(&one, 1 << 20);
    assert_int_equal(ocsp_put_request(&one, good.certificate, root.made.certificate, SLICE_EMPTY, NULL), RFD_OK);
    assert_int_equal(responder_request_parse(buf_slice(&one), &parsed, NULL), RFD_OK);
    for (size_t count = RESPONDER_IDS_MAXIMUM; count <= RESPONDER_IDS_MAXIMUM + 1; count++) {
        struct buf many;
        buf_init(&many, 1 << 20);
        size_t outer = der_open(&many, DER_SEQUENCE);
        size_t tbs = der_open(&many, DER_SEQUENCE);
        size_t list = der_open(&many, DER_SEQUENCE);
        for (size_t i = 0; i < count; i++) der_put(&many, DER_SEQUENCE, parsed.ids[0].whole);
        der_close(&many, list);
        der_close(&many, tbs);
        der_close(&many, outer);
        struct responder_request again;
        rfd_status status = responder_request_parse(buf_slice(&many), &again, NULL);
        assert_int_equal(status, count <= RESPONDER_IDS_MAXIMUM ? RFD_OK : RFD_E_DER);
        if (status == RFD_OK) {
            struct ocsp *o = answer(&plain, buf_slice(&many));
            assert_int_equal(o->status, OCSP_SUCCESSFUL);
            ocsp_free(o);
        }
        buf_dispose(&many);
    }
    buf_fill(&one, 0, RESPONDER_REQUEST_MAXIMUM);
    assert_int_equal(responder_request_parse(buf_slice(&one), &parsed, NULL), RFD_E_LIMIT);
    buf_dispose(&one);
}

static void failures_leave_nothing_behind(void **state)
{
    (void)state;
    struct responder_times times = now_times();
    enum ocsp_status status = OCSP_SIGNATURE_REQUIRED;
    struct buf request;
    struct buf out;
    buf_init(&request, 4096);
    buf_init(&out, RESPONDER_RESPONSE_MAXIMUM);
    buf_put_text(&out, "before");
    assert_int_equal(ocsp_put_request(&request, good.certificate, root.made.certificate, SLICE_EMPTY, NULL), RFD_OK);
    look_up_fails = RFD_E_STORE;
    assert_int_equal(responder_respond(&plain, buf_slice(&request), &times, &out, &status, NULL), RFD_E_STORE);
    look_up_fails = RFD_OK;
    delegate.refuses = RFD_E_TOKEN;
    assert_int_equal(responder_respond(&plain, buf_slice(&request), &times, &out, &status, NULL), RFD_E_TOKEN);
    assert_true(slice_is(buf_slice(&out), "before"));
    assert_int_equal(status, OCSP_SIGNATURE_REQUIRED);
    buf_dispose(&out);
    buf_init(&out, 100);
    delegate.refuses = RFD_OK;
    assert_int_equal(responder_respond(&plain, buf_slice(&request), &times, &out, &status, NULL), RFD_E_LIMIT);
    buf_dispose(&out);
    buf_dispose(&request);
}

static void error_responses(void **state)
{
    (void)state;
    static const enum ocsp_status all[] = {OCSP_MALFORMED_REQUEST, OCSP_INTERNAL_ERROR, OCSP_TRY_LATER,
                                           OCSP_SIGNATURE_REQUIRED, OCSP_UNAUTHORIZED};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct ocsp *o = NULL;
        assert_int_equal(ocsp_parse(responder_error(all[i]), &o, NULL), RFD_OK);
        assert_int_equal(o->status, all[i]);
        ocsp_free(o);
    }
    assert_int_equal(responder_error((enum ocsp_status)4).data[4], OCSP_INTERNAL_ERROR);
    assert_int_equal(responder_error((enum ocsp_status)200).data[4], OCSP_INTERNAL_ERROR);
}

/* --- GET --------------------------------------------------------------------------------------------------------- */

static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *bytes; /* NULL: refused */
    } cases[] = {
        {"/MAA=", "3000"},
        {"MAA=", "3000"},
        {"//MAA=", "3000"},
        {"/MAA", "3000"},
        {"/MAA%3D", "3000"},
        {"/MAA%3d", "3000"},
        {"/MA%41=", "3000"},
        {"/M+/+MA==", "33EFFE30"},
        {"/M%2B%2F%2BMA", "33EFFE30"},
        {"/M//+MA=", "33FFFE30"},
        {"/M%2f/%2bMA%3D%3d", "33FFFE30"},
        {"/MAA%253D", NULL},
        {"", NULL},
        {"/", NULL},
        {"/====", NULL},
        {"/MAA%3", NULL},
        {"/MAA%zz", NULL},
        {"/M A=", NULL},
        {"/MA?", NULL},
        {"/%00", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        uint8_t bytes[16];
        buf_init(&out, RESPONDER_PATH_MAXIMUM);
        rfd_status status = responder_decode_path(slice_text(cases[i].path), &out, NULL);
        if (cases[i].bytes == NULL) {
            assert_int_equal(status, RFD_E_DER);
            assert_int_equal(out.length, 0);
        } else {
            assert_int_equal(status, RFD_OK);
            assert_true(slice_equal(buf_slice(&out), hex(cases[i].bytes, bytes, sizeof bytes)));
        }
        buf_dispose(&out);
    }
    struct buf out;
    static uint8_t many[RESPONDER_PATH_MAXIMUM + 1];
    memset(many, 'A', sizeof many);
    buf_init(&out, 2 * RESPONDER_PATH_MAXIMUM);
    assert_int_equal(responder_decode_path(slice_of(many, sizeof many), &out, NULL), RFD_E_LIMIT);
    assert_int_equal(responder_decode_path(slice_of(many, sizeof many - 1), &out, NULL), RFD_OK);
    buf_dispose(&out);
}

/* --- Memory ------------------------------------------------------------------------------------------------------ */

static void no_memory(void **state)
{
    (void)state;
    struct responder_times times = now_times();
    enum ocsp_status status;
    struct buf request;
    rfd_status result = RFD_E_MEMORY;
    buf_init(&request, 4096);
    assert_int_equal(ocsp_put_request(&request, good.certificate, root.made.certificate, SLICE_EMPTY, NULL), RFD_OK);
    signature_pool_dispose(&delegate.pool);
    signature_pool_init(&delegate.pool);
    for (unsigned long n = 1; result != RFD_OK; n++) {
        struct buf out;
        buf_init(&out, RESPONDER_RESPONSE_MAXIMUM);
        (void)memory_fail_after(n);
        result = responder_respond(&plain, buf_slice(&request), &times, &out, &status, NULL);
        (void)memory_fail_after(0);
        if (result != RFD_OK) {
            assert_int_equal(result, RFD_E_MEMORY);
            assert_int_equal(out.length, 0);
        }
        buf_dispose(&out);
        assert_true(n < 100);
    }
    buf_dispose(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(says_what_is_known, reset),
        cmocka_unit_test_setup(never_issued_is_never_good, reset),
        cmocka_unit_test_setup(strangers_are_not_answered, reset),
        cmocka_unit_test_setup(mixed_requests, reset),
        cmocka_unit_test_setup(nobody_speaks_for_another_authority, reset),
        cmocka_unit_test_setup(openssl_judges, reset),
        cmocka_unit_test_setup(nonces_of_every_length, reset),
        cmocka_unit_test_setup(critical_extensions, reset),
        cmocka_unit_test_setup(malformed_requests, reset),
        cmocka_unit_test_setup(cut_requests, reset),
        cmocka_unit_test_setup(too_many_and_too_large, reset),
        cmocka_unit_test_setup(failures_leave_nothing_behind, reset),
        cmocka_unit_test_setup(error_responses, reset),
        cmocka_unit_test_setup(no_memory, reset),
        cmocka_unit_test(paths),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
