/* SPDX-License-Identifier: EUPL-1.2
 *
 * The keeper in this process: every operation, what it refuses, and what a stranger may send.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "keeper/keeper.h"
#include "pki/authority/responder.h"
#include "pki/cms/timestamp.h"
#include "pki/issue/issue.h"
#include "pki_fixture.h"

#include <stdio.h>

enum { CHEAP_KIBIBYTES = 64, BODY = 128 << 10, HOUR = 3600, DAY = 24 * HOUR, ACCURACY = 500000 };
#define NOW (INT64_C(1795000000) * RFD_SECOND)

/* id-ct 1.3.6.1.4.1.99999.1 */
static const uint8_t policy_oid[] = {0x2B, 6, 1, 4, 1, 0x86, 0x8D, 0x1F, 1};

struct world {
    struct keystore store;
    struct master master;
    struct keeper *keeper;
    struct identity authority;
    struct buf answer;
    size_t events;
    struct keeper_event last;
    char last_detail[RFD_ERROR_DETAIL_SIZE];
    bool audit_fails;
    char path[256];
};
static struct world w;
static int stores;

static rfd_status record(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    (void)context;
    w.events++;
    w.last = *event;
    (void)snprintf(w.last_detail, sizeof w.last_detail, "%s", event->detail);
    return w.audit_fails ? error_set(error, RFD_E_NO_SPACE, "no room for the audit") : RFD_OK;
}

static void open_keeper(void)
{
    assert_int_equal(keystore_files_open(w.path, &w.master, &w.store, NULL), RFD_OK);
    assert_int_equal(keeper_new(&w.store, NULL, record, NULL, &w.keeper, NULL), RFD_OK);
}

static void close_keeper(void)
{
    keeper_free(w.keeper);
    keystore_close(&w.store);
}

static int setup(void **state)
{
    (void)state;
    w = (struct world){.authority = identity_new("P-256", "Test CA", NULL, NULL)};
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &w.master, NULL), RFD_OK);
    w.master.passes = 1;
    w.master.kibibytes = CHEAP_KIBIBYTES;
    (void)snprintf(w.path, sizeof w.path, "%s-%d", folder_file("store"), ++stores);
    assert_int_equal(keystore_files_init(w.path, &w.master, NULL), RFD_OK);
    buf_init(&w.answer, BODY);
    clock_fix(NOW);
    open_keeper();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close_keeper();
    master_dispose(&w.master);
    identity_free(&w.authority);
    buf_dispose(&w.answer);
    clock_fix(RFD_TIME_NONE);
    return 0;
}

/* ---- Asking ---- */

/** Asks in a session that has said hello; `fields` reads what came back. */
static rfd_status ask(enum keeper_sender sender, enum keeper_operation operation, struct buf *body,
                      struct message_reader *fields)
{
    struct keeper_session session = {.sender = sender, .greeted = true};
    const struct message m = {.type = (uint16_t)operation, .body = buf_slice(body)};
    size_t events = w.events;
    buf_reset(&w.answer);
    assert_int_equal(keeper_handle(w.keeper, &session, &m, &w.answer, NULL), RFD_OK);
    assert_int_equal(w.events, events + 1); /* nothing happens unrecorded */
    buf_reset(body);
    struct message_reader r = message_read(buf_slice(&w.answer));
    rfd_status status = (rfd_status)message_get_u32(&r);
    if (!w.audit_fails) assert_int_equal(status, w.last.status);
    if (fields != NULL) *fields = r;
    return status;
}

static rfd_status create_key(const char *name, const char *purpose, const char *algorithm)
{
    struct buf b;
    bool ocsp = strcmp(purpose, "ocsp") == 0;
    bool tsa = strcmp(purpose, "tsa") == 0;
    buf_init(&b, BODY);
    message_put_text(&b, name);
    message_put_text(&b, purpose);
    message_put_text(&b, algorithm);
    message_put_bytes(&b, ocsp ? w.authority.certificate->der : SLICE_EMPTY);
    message_put_u32(&b, ocsp ? DAY : 0);
    message_put_bytes(&b, tsa ? slice_of(policy_oid, sizeof policy_oid) : SLICE_EMPTY);
    message_put_u32(&b, tsa ? ACCURACY : 0);
    rfd_status status = ask(KEEPER_FROM_ADMIN, KEEPER_CREATE_KEY, &b, NULL);
    buf_dispose(&b);
    return status;
}

/** A certificate of `issuer` for the key; NULL when it is refused by the keeper with `*status`. */
static const struct certificate *certify(const char *name, const struct identity *issuer, enum oid_name usage,
                                         rfd_status *status)
{
    struct buf body, der, extensions, subject;
    struct message_reader r;
    const struct certificate *made = NULL;
    static const uint8_t serial[] = {1, 2, 3};
    buf_init(&body, BODY);
    buf_init(&der, BODY);
    buf_init(&extensions, BODY);
    buf_init(&subject, BODY);
    message_put_text(&body, name);
    assert_int_equal(ask(KEEPER_FROM_WEB, KEEPER_PUBLIC_KEY, &body, &r), RFD_OK);
    (void)message_get_text(&r, 32);
    (void)message_get_text(&r, 32);
    assert_int_equal(message_get_i64(&r), NOW);
    slice spki = message_get_bytes(&r, BODY);
    const struct issue_name_part parts[] = {{OID_COMMON_NAME, name}};
    issue_put_name(&subject, parts, 1);
    issue_put_eku(&extensions, usage, true);
    struct issuer by = {.key = issuer->key, .name = issuer->certificate->subject};
    signature_pool_init(&by.pool);
    assert_int_equal(signature_algorithm_choose(issuer->certificate, DIGEST_NONE, false, &by.algorithm, NULL), RFD_OK);
    const struct issue_request request = {.serial = slice_of(serial, sizeof serial),
                                          .subject = buf_slice(&subject),
                                          .spki = spki,
                                          .extensions = buf_slice(&extensions),
                                          .not_before = NOW - HOUR * RFD_SECOND,
                                          .not_after = NOW + DAY * RFD_SECOND};
    assert_int_equal(issue_certificate(&by, &request, &der, NULL), RFD_OK);
    signature_pool_dispose(&by.pool);
    message_put_text(&body, name);
    message_put_bytes(&body, buf_slice(&der));
    rfd_status got = ask(KEEPER_FROM_ADMIN, KEEPER_CERTIFY_KEY, &body, NULL);
    if (got == RFD_OK) assert_int_equal(certificate_parse(buf_slice(&der), &made, NULL), RFD_OK);
    if (status != NULL)
        *status = got;
    else
        assert_int_equal(got, RFD_OK);
    buf_dispose(&body);
    buf_dispose(&der);
    buf_dispose(&extensions);
    buf_dispose(&subject);
    return made;
}

/** The fields AlgorithmIdentifier and signature must be `signer`'s over `message`. */
static void expect_signature(struct message_reader *r, const struct certificate *signer, slice message)
{
    struct signature_algorithm a;
    slice algorithm = message_get_bytes(r, 64);
    slice signature = message_get_bytes(r, 1024);
    assert_int_equal(message_end(r, "answer", NULL), RFD_OK);
    assert_int_equal(signature_algorithm_read(algorithm, DIGEST_NONE, &a, NULL), RFD_OK);
    assert_int_equal(signature_verify(&a, signer, message, signature, NULL), RFD_OK);
}

/* ---- OCSP ---- */

static rfd_status sign_by_keeper(void *context, const struct signature_algorithm *a, slice message, slice digest,
                                 struct buf *signature, struct rfd_error *error)
{
    struct buf body;
    struct message_reader r;
    (void)a;
    (void)digest;
    buf_init(&body, BODY);
    message_put_text(&body, context);
    message_put_bytes(&body, message);
    rfd_status status = ask(KEEPER_FROM_STATUS, KEEPER_SIGN_OCSP, &body, &r);
    buf_dispose(&body);
    if (status != RFD_OK) return error_set(error, status, "%s", w.last_detail);
    (void)message_get_bytes(&r, 64);
    buf_put_slice(signature, message_get_bytes(&r, 1024));
    return RFD_OK;
}

static rfd_status good_or_revoked(void *context, size_t issuer, slice serial, struct responder_record *out,
                                  struct rfd_error *error)
{
    (void)context;
    (void)issuer;
    (void)error;
    *out = (struct responder_record){.state = serial.data[0] % 2 == 0 ? RESPONDER_GOOD : RESPONDER_REVOKED,
                                     .revoked_at = NOW - HOUR * RFD_SECOND,
                                     .reason = 1,
                                     .archive_cutoff = NOW - DAY * RFD_SECOND};
    return RFD_OK;
}

struct asked {
    const struct identity *issuer; /* of the certID */
    const struct certificate *signer;
    rfd_time produced, update, next;
    const struct certificate *subject;
};

/** Lets the pki floor's responder answer with the keeper's key. */
static rfd_status respond(const struct asked *q, struct buf *out)
{
    char name[] = "ocsp-1";
    struct buf request;
    struct responder_request parsed;
    struct responder_issuer issuer;
    enum ocsp_status status;
    struct authority_signer signer = {.certificate = q->signer, .sign = sign_by_keeper, .context = name};
    const struct responder_times times = {q->produced, q->update, q->next};
    buf_init(&request, BODY);
    assert_int_equal(signature_algorithm_choose(q->signer, DIGEST_NONE, false, &signer.algorithm, NULL), RFD_OK);
    assert_int_equal(responder_issuer_set(&issuer, q->issuer->certificate, &signer, NULL), RFD_OK);
    assert_int_equal(ocsp_put_request(&request, q->subject, q->issuer->certificate, SLICE("0123456789abcdef"), NULL),
                     RFD_OK);
    assert_int_equal(responder_request_parse(buf_slice(&request), &parsed, NULL), RFD_OK);
    const struct responder r = {.issuers = &issuer, .issuer_count = 1, .look_up = good_or_revoked};
    rfd_status result = responder_answer(&r, &parsed, &times, out, &status, NULL);
    buf_dispose(&request);
    return result;
}

static void test_ocsp(void **state)
{
    (void)state;
    struct identity stranger = identity_new("P-256", "Other CA", NULL, NULL);
    struct identity subject = identity_new("P-256", "Somebody", &w.authority, NULL);
    struct identity foreign = identity_new("P-256", "Somebody else", &stranger, NULL);
    rfd_status status;
    struct buf out;
    struct ocsp *o = NULL;
    buf_init(&out, BODY);
    assert_int_equal(create_key("ocsp-1", "ocsp", "P-256"), RFD_OK);
    /* Another issuer's appointment, or one for something else, is none. */
    assert_null(certify("ocsp-1", &stranger, OID_EKU_OCSP_SIGNING, &status));
    assert_int_equal(status, RFD_E_SIGNING);
    assert_null(certify("ocsp-1", &w.authority, OID_EKU_TIME_STAMPING, &status));
    assert_int_equal(status, RFD_E_CERTIFICATE_KEY_USAGE);
    const struct certificate *signer = certify("ocsp-1", &w.authority, OID_EKU_OCSP_SIGNING, NULL);
    const struct asked good = {&w.authority,       signer, NOW, NOW - 60 * RFD_SECOND, NOW + HOUR * RFD_SECOND,
                               subject.certificate};
    assert_int_equal(respond(&good, &out), RFD_OK);
    assert_int_equal(ocsp_parse(buf_slice(&out), &o, NULL), RFD_OK);
    assert_true(ocsp_signed_by(o, signer) && ocsp_is_responder(o, signer));
    ocsp_free(o);
    assert_int_equal(w.last.uses, 1);
    buf_reset(&out);
    /* What the policy forbids. */
    struct asked bad[] = {good, good, good, good, good, good, good, good};
    bad[0].next = good.update + (DAY + 1) * RFD_SECOND; /* longer than a day */
    bad[1].next = good.update;
    bad[2].produced = NOW + 301 * RFD_SECOND;
    bad[3].produced = NOW - 301 * RFD_SECOND;
    bad[4].update = NOW + 301 * RFD_SECOND;
    bad[5].update = NOW - (DAY + 301) * RFD_SECOND;
    bad[6].issuer = &stranger;
    bad[6].subject = foreign.certificate;
    bad[7].next = RFD_TIME_NONE; /* believed for ever by some */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(respond(&bad[i], &out), RFD_E_KEY_REFUSED);
        buf_reset(&out);
    }
    /* A responder of another name and key. */
    bad[0] = good;
    bad[0].signer = subject.certificate;
    assert_int_equal(respond(&bad[0], &out), RFD_E_KEY_REFUSED);
    certificate_unref(signer);
    identity_free(&subject);
    identity_free(&foreign);
    identity_free(&stranger);
    buf_dispose(&out);
}

static rfd_status sign_ocsp_octets(slice octets)
{
    struct buf body;
    buf_init(&body, BODY);
    message_put_text(&body, "ocsp-1");
    message_put_bytes(&body, octets);
    rfd_status status = ask(KEEPER_FROM_STATUS, KEEPER_SIGN_OCSP, &body, NULL);
    buf_dispose(&body);
    return status;
}

/* A TSTInfo, a certificate, CMS attributes or nothing: an OCSP key signs none of them; nor what was a ResponseData
 * before one octet changed, unless it still is an allowed one. */
static void test_ocsp_key_signs_nothing_else(void **state)
{
    (void)state;
    struct identity subject = identity_new("P-256", "Somebody", &w.authority, NULL);
    struct buf out;
    struct ocsp *o = NULL;
    buf_init(&out, BODY);
    assert_int_equal(create_key("ocsp-1", "ocsp", "P-256"), RFD_OK);
    const struct certificate *signer = certify("ocsp-1", &w.authority, OID_EKU_OCSP_SIGNING, NULL);
    assert_int_equal(sign_ocsp_octets(w.authority.certificate->tbs), RFD_E_DER);
    assert_int_equal(sign_ocsp_octets(SLICE_EMPTY), RFD_E_DER);
    assert_int_equal(sign_ocsp_octets(SLICE("\x30\x00")), RFD_E_DER);
    assert_int_equal(sign_ocsp_octets(SLICE("\x31\x0B\x30\x09\x06\x02\x2A\x03\x31\x03\x02\x01\x01")), RFD_E_DER);
    assert_int_equal(sign_ocsp_octets(SLICE("\x30\x06\x02\x01\x01\x06\x01\x2A")), RFD_E_DER); /* as TSTInfo begins */
    const struct asked good = {&w.authority, signer, NOW, NOW, NOW + HOUR * RFD_SECOND, subject.certificate};
    assert_int_equal(respond(&good, &out), RFD_OK);
    assert_int_equal(ocsp_parse(buf_slice(&out), &o, NULL), RFD_OK);
    uint8_t *tbs = memory_copy(o->tbs.data, o->tbs.length);
    size_t length = o->tbs.length;
    size_t allowed = 0;
    assert_int_equal(sign_ocsp_octets(slice_of(tbs, length)), RFD_OK);
    for (size_t at = 0; at < length; at++) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            tbs[at] ^= (uint8_t)(1 << bit);
            allowed += sign_ocsp_octets(slice_of(tbs, length)) == RFD_OK;
            tbs[at] ^= (uint8_t)(1 << bit);
        }
        assert_int_not_equal(sign_ocsp_octets(slice_of(tbs, at)), RFD_OK);
    }
    /* Serial number, nonce and digits of times may differ. */
    assert_true(allowed < length);
    memory_free(tbs);
    ocsp_free(o);
    certificate_unref(signer);
    identity_free(&subject);
    buf_dispose(&out);
}

/* ---- Time-stamps ---- */

static rfd_status stamp(const char *digest, slice imprint, slice nonce, struct message_reader *r)
{
    struct buf body;
    buf_init(&body, BODY);
    message_put_text(&body, "tsa-1");
    message_put_text(&body, digest);
    message_put_bytes(&body, imprint);
    message_put_bytes(&body, nonce);
    message_put_u8(&body, 1);
    rfd_status status = ask(KEEPER_FROM_STATUS, KEEPER_SIGN_TIMESTAMP, &body, r);
    buf_dispose(&body);
    return status;
}

static void test_timestamps(void **state)
{
    (void)state;
    static const uint8_t imprint[32] = {1, 2, 3};
    const slice what = slice_of(imprint, sizeof imprint);
    struct message_reader r;
    struct timestamp t;
    slice token;
    uint8_t serial[32];
    assert_int_equal(create_key("tsa-1", "tsa", "P-256"), RFD_OK);
    assert_int_equal(stamp("SHA-256", what, SLICE_EMPTY, &r), RFD_E_KEY_REFUSED); /* no certificate yet */
    certificate_unref(certify("tsa-1", &w.authority, OID_EKU_TIME_STAMPING, NULL));
    for (int i = 0; i < 3; i++) {
        if (i == 2) { /* restarted, perhaps killed: serial numbers go on */
            close_keeper();
            open_keeper();
        }
        assert_int_equal(stamp("SHA-256", what, SLICE("\x01\x02"), &r), RFD_OK);
        slice response = message_get_bytes(&r, BODY);
        slice number = message_get_bytes(&r, 32);
        assert_int_equal(message_get_i64(&r), NOW);
        assert_int_equal(timestamp_read_response(response, DIGEST_SHA256, what, SLICE("\x01\x02"), &token, NULL),
                         RFD_OK);
        assert_int_equal(timestamp_parse(token, &t, NULL), RFD_OK);
        assert_int_equal(timestamp_verify(&t, what, NULL), RFD_OK);
        assert_true(slice_equal(t.serial, number));
        assert_int_equal(t.time, NOW);
        assert_int_equal(t.accuracy, ACCURACY);
        assert_true(slice_equal(t.policy, slice_of(policy_oid, sizeof policy_oid)));
        if (i > 0) assert_true(memcmp(serial, number.data, number.length) < 0);
        memcpy(serial, number.data, number.length);
        timestamp_dispose(&t);
    }
    assert_int_equal(stamp("SHA-1", slice_part(what, 0, 20), SLICE_EMPTY, &r), RFD_E_KEY_WEAK);
    assert_int_equal(stamp("SHA-512", what, SLICE_EMPTY, &r), RFD_E_ARGUMENT);
    assert_int_equal(stamp("nonsense", what, SLICE_EMPTY, &r), RFD_E_KEY_WEAK);
    assert_int_equal(stamp("SHA-256", what, SLICE("\0\1"), &r), RFD_E_ARGUMENT); /* no DER integer */
    /* A clock that goes back. */
    clock_fix(NOW - RFD_SECOND / 2);
    assert_int_equal(stamp("SHA-256", what, SLICE_EMPTY, &r), RFD_OK);
    (void)message_get_bytes(&r, BODY);
    (void)message_get_bytes(&r, 32);
    assert_int_equal(message_get_i64(&r), NOW); /* never earlier than the last */
    clock_fix(NOW - 2 * RFD_SECOND);
    assert_int_equal(stamp("SHA-256", what, SLICE_EMPTY, &r), RFD_E_KEY_REFUSED);
    close_keeper();
    open_keeper();
    assert_int_equal(stamp("SHA-256", what, SLICE_EMPTY, &r), RFD_E_KEY_REFUSED); /* nor after a restart */
}

/* ---- Seals and log heads ---- */

static void test_seals(void **state)
{
    (void)state;
    static const uint8_t digest[32] = {9};
    static const struct {
        const char *digest;
        size_t length;
        rfd_status status;
    } rows[] = {{"SHA-256", 32, RFD_OK}, {"SHA-256", 31, RFD_E_ARGUMENT}, {"MD5", 16, RFD_E_KEY_WEAK}};
    struct message_reader r;
    struct buf body;
    buf_init(&body, BODY);
    assert_int_equal(create_key("seal-1", "seal", "RSA-2048"), RFD_OK);
    const struct certificate *signer = certify("seal-1", &w.authority, OID_EKU_DOCUMENT_SIGNING, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        message_put_text(&body, "seal-1");
        message_put_text(&body, rows[i].digest);
        message_put_bytes(&body, slice_of(digest, rows[i].length));
        message_put_u8(&body, 1);
        assert_int_equal(ask(KEEPER_FROM_WEB, KEEPER_SIGN_SEAL, &body, &r), rows[i].status);
        if (rows[i].status != RFD_OK) continue;
        slice attributes = message_get_bytes(&r, BODY);
        assert_int_equal(attributes.data[0], DER_SET);
        expect_signature(&r, signer, attributes);
    }
    certificate_unref(signer);
    buf_dispose(&body);
}

static rfd_status sign_head(uint64_t size, uint8_t root, struct message_reader *r)
{
    uint8_t octets[KEEPER_ROOT_SIZE] = {root};
    struct buf body;
    buf_init(&body, BODY);
    message_put_text(&body, "log-1");
    message_put_u64(&body, size);
    message_put_bytes(&body, slice_of(octets, sizeof octets));
    rfd_status status = ask(KEEPER_FROM_WORKER, KEEPER_SIGN_LOG_HEAD, &body, r);
    buf_dispose(&body);
    return status;
}

static void test_log_heads(void **state)
{
    (void)state;
    struct message_reader r;
    assert_int_equal(create_key("log-1", "log", "P-256"), RFD_OK);
    const struct certificate *signer = certify("log-1", &w.authority, OID_EKU_DOCUMENT_SIGNING, NULL);
    assert_int_equal(sign_head(10, 1, &r), RFD_OK);
    slice content = message_get_bytes(&r, 64);
    assert_int_equal(content.length, 2 + 8 + 8 + KEEPER_ROOT_SIZE);
    expect_signature(&r, signer, content);
    assert_int_equal(sign_head(10, 1, NULL), RFD_OK);            /* the same again */
    assert_int_equal(sign_head(10, 2, NULL), RFD_E_KEY_REFUSED); /* a fork */
    assert_int_equal(sign_head(9, 1, NULL), RFD_E_KEY_REFUSED);  /* a shorter tree */
    close_keeper();
    open_keeper();
    assert_int_equal(sign_head(10, 2, NULL), RFD_E_KEY_REFUSED); /* still known */
    assert_int_equal(sign_head(9, 1, NULL), RFD_E_KEY_REFUSED);
    assert_int_equal(sign_head(11, 2, NULL), RFD_OK);
    certificate_unref(signer);
}

/* ---- Who may do what ---- */

static void test_purposes_and_senders(void **state)
{
    (void)state;
    static const struct {
        const char *name, *purpose;
    } keys[] = {{"ca-1", "ca"}, {"ocsp-1", "ocsp"}, {"tsa-1", "tsa"}, {"seal-1", "seal"}, {"log-1", "log"}};
    static const struct {
        enum keeper_operation operation;
        unsigned senders; /* who may */
        const char *key;  /* whose key it takes */
    } rows[] = {{KEEPER_SIGN_OCSP, KEEPER_FROM_STATUS | KEEPER_FROM_WORKER, "ocsp-1"},
                {KEEPER_SIGN_TIMESTAMP, KEEPER_FROM_STATUS, "tsa-1"},
                {KEEPER_SIGN_SEAL, KEEPER_FROM_ADMIN | KEEPER_FROM_WORKER | KEEPER_FROM_WEB, "seal-1"},
                {KEEPER_SIGN_LOG_HEAD, KEEPER_FROM_WORKER, "log-1"},
                {KEEPER_CERTIFY_KEY, KEEPER_FROM_ADMIN, NULL},
                {KEEPER_CREATE_KEY, KEEPER_FROM_ADMIN, NULL},
                {KEEPER_LIST_KEYS, KEEPER_FROM_ADMIN, NULL}};
    struct buf body;
    buf_init(&body, BODY);
    for (size_t k = 0; k < 5; k++) assert_int_equal(create_key(keys[k].name, keys[k].purpose, "P-256"), RFD_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (unsigned sender = 1; sender <= KEEPER_FROM_WEB; sender <<= 1) {
            for (size_t k = 0; k < 5; k++) {
                message_put_text(&body, keys[k].name);
                rfd_status status = ask(sender, rows[i].operation, &body, NULL);
                bool may = (rows[i].senders & sender) != 0;
                bool fits = rows[i].key == NULL || strcmp(rows[i].key, keys[k].name) == 0;
                /* Where it is allowed, only fields are missing. */
                assert_int_equal(status, may && fits ? RFD_E_PROTOCOL : RFD_E_KEY_REFUSED);
            }
        }
    }
    message_put_text(&body, "nobody");
    assert_int_equal(ask(KEEPER_FROM_WEB, KEEPER_SIGN_SEAL, &body, NULL), RFD_E_KEY_UNKNOWN);
    message_put_text(&body, "../master");
    assert_int_equal(ask(KEEPER_FROM_WEB, KEEPER_SIGN_SEAL, &body, NULL), RFD_E_KEY_UNKNOWN);
    buf_dispose(&body);
}

static void test_creation(void **state)
{
    (void)state;
    struct message_reader r;
    struct buf body;
    buf_init(&body, BODY);
    assert_int_equal(create_key("a", "no-purpose", "P-256"), RFD_E_ARGUMENT);
    assert_int_equal(create_key("a", "seal", "RSA-1024"), RFD_E_KEY_ALGORITHM);
    assert_int_equal(create_key("A", "seal", "P-256"), RFD_E_ARGUMENT);
    assert_int_equal(create_key("a", "seal", "P-256"), RFD_OK);
    assert_int_equal(create_key("a", "ca", "P-256"), RFD_E_EXISTS);
    /* Policies of another purpose, and none where one is needed. */
    static const struct {
        const char *purpose;
        uint32_t validity, accuracy;
    } rows[] = {{"seal", DAY, 0}, {"ocsp", DAY, 0}, {"ocsp", 0, 0}, {"tsa", 0, ACCURACY}, {"ca", 0, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        message_put_text(&body, "b");
        message_put_text(&body, rows[i].purpose);
        message_put_text(&body, "P-256");
        message_put_bytes(&body, SLICE_EMPTY);
        message_put_u32(&body, rows[i].validity);
        message_put_bytes(&body, SLICE_EMPTY);
        message_put_u32(&body, rows[i].accuracy);
        assert_int_not_equal(ask(KEEPER_FROM_ADMIN, KEEPER_CREATE_KEY, &body, NULL), RFD_OK);
    }
    assert_int_equal(ask(KEEPER_FROM_ADMIN, KEEPER_LIST_KEYS, &body, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
    assert_true(slice_is(message_get_text(&r, 64), "a"));
    assert_true(slice_is(message_get_text(&r, 64), "seal"));
    assert_true(slice_is(message_get_text(&r, 64), "P-256"));
    assert_int_equal(message_end(&r, "list", NULL), RFD_OK);
    buf_dispose(&body);
}

static void test_certificate_of_another_key(void **state)
{
    (void)state;
    struct buf body;
    buf_init(&body, BODY);
    assert_int_equal(create_key("seal-1", "seal", "P-256"), RFD_OK);
    message_put_text(&body, "seal-1");
    message_put_bytes(&body, w.authority.certificate->der);
    assert_int_equal(ask(KEEPER_FROM_ADMIN, KEEPER_CERTIFY_KEY, &body, NULL), RFD_E_KEY_MISMATCH);
    message_put_text(&body, "seal-1");
    message_put_bytes(&body, SLICE("\x30\x00"));
    assert_int_equal(ask(KEEPER_FROM_ADMIN, KEEPER_CERTIFY_KEY, &body, NULL), RFD_E_DER);
    buf_dispose(&body);
}

static void test_nothing_without_audit(void **state)
{
    (void)state;
    struct message_reader r;
    assert_int_equal(create_key("log-1", "log", "P-256"), RFD_OK);
    w.audit_fails = true;
    assert_int_equal(sign_head(1, 1, &r), RFD_E_NO_SPACE);
    (void)message_get_text(&r, RFD_ERROR_DETAIL_SIZE);
    assert_int_equal(message_end(&r, "refusal", NULL), RFD_OK); /* no signature behind it */
    w.audit_fails = false;
}

/* ---- Strangers ---- */

static void test_greeting(void **state)
{
    (void)state;
    struct keeper_session session = {.sender = KEEPER_FROM_ADMIN};
    struct buf body, answer;
    buf_init(&body, 64);
    buf_init(&answer, BODY);
    struct message m = {.type = KEEPER_LIST_KEYS};
    assert_int_equal(keeper_handle(w.keeper, &session, &m, &answer, NULL), RFD_E_PROTOCOL);
    m.type = 999;
    assert_int_equal(keeper_handle(w.keeper, &session, &m, &answer, NULL), RFD_E_PROTOCOL);
    assert_int_equal(answer.length, 0);
    message_put_u32(&body, KEEPER_VERSION);
    m = (struct message){.type = KEEPER_HELLO, .body = buf_slice(&body)};
    assert_int_equal(keeper_handle(w.keeper, &session, &m, &answer, NULL), RFD_OK);
    assert_true(session.greeted);
    assert_int_equal(keeper_handle(w.keeper, &session, &m, &answer, NULL), RFD_OK);
    assert_int_equal(w.last.status, RFD_E_PROTOCOL); /* hello twice */
    buf_dispose(&body);
    buf_dispose(&answer);
}

/* Bodies cut short, with an octet more, and of chance: refused, and the keeper goes on. */
static void test_garbage(void **state)
{
    (void)state;
    uint32_t chance = 99;
    struct buf body;
    buf_init(&body, BODY);
    assert_int_equal(create_key("log-1", "log", "P-256"), RFD_OK);
    assert_int_equal(create_key("ocsp-1", "ocsp", "P-256"), RFD_OK);
    for (int i = 0; i < 20000; i++) {
        unsigned length = chance >> 24 & 63;
        if (i % 2 == 0) message_put_text(&body, i % 4 == 0 ? "log-1" : "ocsp-1");
        for (unsigned n = 0; n < length; n++) {
            chance = chance * 1664525 + 1013904223;
            buf_put_byte(&body, (chance >> 28) < 12 ? 0 : (uint8_t)(chance >> 20));
        }
        chance = chance * 1664525 + 1013904223;
        enum keeper_operation operation = KEEPER_CREATE_KEY + (chance >> 16) % 8;
        rfd_status status = ask(1U << (chance >> 8 & 3), operation, &body, NULL);
        if (operation != KEEPER_LIST_KEYS && operation != KEEPER_PUBLIC_KEY && operation != KEEPER_SIGN_LOG_HEAD)
            assert_int_not_equal(status, RFD_OK);
    }
    assert_int_equal(create_key("still-here", "log", "P-256"), RFD_OK);
    buf_dispose(&body);
}

static int open_folder(void **state)
{
    (void)state;
    return folder_new() == NULL;
}

static int close_folder(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ocsp),
        TEST(test_ocsp_key_signs_nothing_else),
        TEST(test_timestamps),
        TEST(test_seals),
        TEST(test_log_heads),
        TEST(test_purposes_and_senders),
        TEST(test_creation),
        TEST(test_certificate_of_another_key),
        TEST(test_nothing_without_audit),
        TEST(test_greeting),
        TEST(test_garbage),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
