/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the keeper costs beyond its keys: certificates from approvals, and OCSP signatures, against the raw operations of
 * OpenSSL measured in the same run.
 *
 *   bench_keeper [certificates] [signatures] [folder]
 *
 * Processor time of this process; the journal is synced once for 64 certificates, as when that many wait. With a
 * folder, the store lies there instead of under /tmp. Prints for each kind of work: how many a second, and microseconds
 * of each.
 */
#include "issue_support.h"

#include "base/clock.h"
#include "base/number.h"
#include "keeper/event.h"
#include "pki/authority/responder.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CERTIFICATES = 4000, SIGNATURES = 40000, TOGETHER = 64, CHEAP_KIBIBYTES = 64 };

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                               \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

struct bench {
    struct keystore store;
    struct packs *packs;
    struct keeper *keeper;
    struct buf answer, lines;
    struct issue_way way;
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(const char *what, size_t count, double spent)
{
    (void)printf("%-28s %9.0f/s %8.2f us\n", what, (double)count / spent, spent * 1e6 / (double)count);
}

/* ---- The keeper ---- */

static rfd_status audit(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    struct bench *b = context;
    (void)error;
    if (b->lines.length > 1 << 16) buf_reset(&b->lines);
    keeper_event_put(&b->lines, event);
    return RFD_OK;
}

static rfd_status take(struct bench *b, enum keeper_sender sender, enum keeper_operation operation, slice body)
{
    struct keeper_session session = {.sender = sender, .greeted = true};
    const struct message m = {.type = (uint16_t)operation, .body = body};
    buf_reset(&b->answer);
    NEED(keeper_take(b->keeper, &session, &m, &b->answer, NULL) == RFD_OK);
    struct message_reader r = message_read(buf_slice(&b->answer));
    return (rfd_status)message_get_u32(&r);
}

static rfd_status ask(void *context, enum keeper_operation operation, struct buf *body, struct message_reader *fields)
{
    struct bench *b = context;
    rfd_status status = take(b, KEEPER_FROM_ADMIN, operation, buf_slice(body));
    NEED(keeper_settle(b->keeper, NULL) == RFD_OK);
    *fields = message_read(buf_slice(&b->answer));
    (void)message_get_u32(fields);
    return status;
}

static void start(struct bench *b, const char *folder)
{
    char path[512];
    struct master master;
    *b = (struct bench){.way = {ask, b}};
    buf_init(&b->answer, ISSUE_BODY);
    buf_init(&b->lines, 1 << 20);
    NEED(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &master, NULL) == RFD_OK);
    master.passes = 1;
    master.kibibytes = CHEAP_KIBIBYTES;
    (void)snprintf(path, sizeof path, "%s/packs", source_root());
    NEED(packs_open(path, &b->packs, NULL) == RFD_OK);
    (void)snprintf(path, sizeof path, "%s", folder == NULL ? folder_file("store") : folder);
    NEED(keystore_files_init(path, &master, NULL) == RFD_OK);
    NEED(keystore_files_open(path, &master, &b->store, NULL) == RFD_OK);
    NEED(keeper_new(&b->store, b->packs, audit, b, &b->keeper, NULL) == RFD_OK);
    master_dispose(&master);
}

static void stop(struct bench *b)
{
    keeper_free(b->keeper);
    keystore_close(&b->store);
    packs_close(b->packs);
    buf_dispose(&b->answer);
    buf_dispose(&b->lines);
}

/* ---- Certificates ---- */

static void measure_issue(struct bench *b, const struct certificate *authority, size_t count)
{
    struct identity agents = identity_new("P-256", "Agents", NULL, NULL);
    struct identity agent = identity_new("P-256", "Agent", &agents, NULL);
    struct buf *bodies = calloc(count, sizeof *bodies);
    struct buf spki, approval;
    NEED(bodies != NULL);
    NEED(issue_register(&b->way, KEEPER_AGENT, "agent", agent.certificate, "pe-natural-person") == RFD_OK);
    buf_init(&spki, 512);
    buf_init(&approval, APPROVAL_SIGNED_MAXIMUM);
    for (size_t i = 0; i < count; i++) {
        buf_reset(&spki);
        buf_reset(&approval);
        issue_new_key(&spki);
        struct approval a = issue_approval(authority, buf_slice(&spki), (unsigned)i, clock_now());
        issue_sign(&agent, &a, &approval);
        buf_init(&bodies[i], ISSUE_BODY);
        issue_put_request(&bodies[i], buf_slice(&spki), buf_slice(&approval), SLICE_EMPTY);
    }
    double processor = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    for (size_t i = 0; i < count; i++) {
        NEED(take(b, KEEPER_FROM_WEB, KEEPER_ISSUE, buf_slice(&bodies[i])) == RFD_OK);
        if (i % TOGETHER == TOGETHER - 1) NEED(keeper_settle(b->keeper, NULL) == RFD_OK);
    }
    NEED(keeper_settle(b->keeper, NULL) == RFD_OK);
    say("certificates", count, seconds(CLOCK_PROCESS_CPUTIME_ID) - processor);
    say("certificates, elapsed", count, seconds(CLOCK_MONOTONIC) - wall);
    for (size_t i = 0; i < count; i++) buf_dispose(&bodies[i]);
    free(bodies);
    buf_dispose(&spki);
    buf_dispose(&approval);
    identity_free(&agent);
    identity_free(&agents);
}

/* ---- OCSP ---- */

static rfd_status keep_message(void *context, const struct signature_algorithm *a, slice message, slice digest,
                               struct buf *signature, struct rfd_error *error)
{
    (void)a;
    (void)digest;
    (void)error;
    buf_put_slice(context, message);
    buf_put_byte(signature, 0);
    return RFD_OK;
}

static rfd_status all_good(void *context, size_t issuer, slice serial, struct responder_record *record,
                           struct rfd_error *error)
{
    (void)context;
    (void)issuer;
    (void)serial;
    (void)error;
    record->state = RESPONDER_GOOD;
    record->archive_cutoff = RFD_TIME_NONE;
    return RFD_OK;
}

/** A responder's key, certified, and a ResponseData that it may sign. */
static void make_response(struct bench *b, const struct certificate *authority, struct buf *tbs)
{
    struct buf body, spki, der, request, response;
    struct message_reader r;
    struct responder_request parsed;
    struct responder_issuer issuer;
    enum ocsp_status status;
    struct buf *const all[] = {&body, &spki, &der, &request, &response};
    for (size_t i = 0; i < 5; i++) buf_init(all[i], ISSUE_BODY);
    message_put_text(&body, "ocsp-1");
    message_put_text(&body, "ocsp");
    message_put_text(&body, "P-256");
    message_put_bytes(&body, authority->der);
    message_put_u32(&body, 86400);
    message_put_bytes(&body, SLICE_EMPTY);
    message_put_u32(&body, 0);
    NEED(ask(b, KEEPER_CREATE_KEY, &body, &r) == RFD_OK);
    buf_put_slice(&spki, message_get_bytes(&r, ISSUE_BODY));
    buf_reset(&body);
    message_put_text(&body, "issuing-1");
    message_put_text(&body, "ocsp");
    message_put_u32(&body, 3);
    static const char *const words[] = {"c", "PE", "o", "Office", "cn", "OCSP"};
    for (size_t i = 0; i < 6; i++) message_put_text(&body, words[i]);
    message_put_u32(&body, 0);
    message_put_u32(&body, 0);
    message_put_bytes(&body, buf_slice(&spki));
    NEED(ask(b, KEEPER_ISSUE_SERVICE, &body, &r) == RFD_OK);
    buf_put_slice(&der, message_get_bytes(&r, ISSUE_BODY));
    buf_reset(&body);
    message_put_text(&body, "ocsp-1");
    message_put_bytes(&body, buf_slice(&der));
    NEED(ask(b, KEEPER_CERTIFY_KEY, &body, &r) == RFD_OK);
    const struct certificate *own = issue_certificate_of(&b->way, "ocsp-1");
    struct authority_signer signer = {.certificate = own, .sign = keep_message, .context = tbs};
    const struct responder responder = {.issuers = &issuer, .issuer_count = 1, .look_up = all_good};
    const rfd_time now = clock_now() / RFD_SECOND * RFD_SECOND;
    const struct responder_times times = {now, now, now + 3600 * RFD_SECOND};
    NEED(signature_algorithm_choose(own, DIGEST_NONE, false, &signer.algorithm, NULL) == RFD_OK);
    NEED(responder_issuer_set(&issuer, authority, &signer, NULL) == RFD_OK);
    NEED(ocsp_put_request(&request, own, authority, SLICE("0123456789abcdef"), NULL) == RFD_OK);
    NEED(responder_request_parse(buf_slice(&request), &parsed, NULL) == RFD_OK);
    NEED(responder_answer(&responder, &parsed, &times, &response, &status, NULL) == RFD_OK);
    certificate_unref(own);
    for (size_t i = 0; i < 5; i++) buf_dispose(all[i]);
}

static void measure_ocsp(struct bench *b, const struct certificate *authority, size_t count)
{
    struct buf tbs, body;
    buf_init(&tbs, ISSUE_BODY);
    buf_init(&body, ISSUE_BODY);
    make_response(b, authority, &tbs);
    message_put_text(&body, "ocsp-1");
    message_put_bytes(&body, buf_slice(&tbs));
    double before = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    for (size_t i = 0; i < count; i++)
        NEED(take(b, KEEPER_FROM_STATUS, KEEPER_SIGN_OCSP, buf_slice(&body)) == RFD_OK);
    say("OCSP signatures", count, seconds(CLOCK_PROCESS_CPUTIME_ID) - before);
    say("OCSP signatures, elapsed", count, seconds(CLOCK_MONOTONIC) - wall);
    buf_dispose(&tbs);
    buf_dispose(&body);
}

/* ---- The yardstick ---- */

static void measure_raw(size_t count)
{
    uint8_t digest[32] = {1}, signature[128];
    size_t length = sizeof signature;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    EVP_PKEY_CTX *signing = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    EVP_PKEY_CTX *verifying = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    NEED(EVP_PKEY_sign_init(signing) == 1 && EVP_PKEY_verify_init(verifying) == 1);
    double before = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < count; i++) {
        length = sizeof signature;
        NEED(EVP_PKEY_sign(signing, signature, &length, digest, sizeof digest) == 1);
    }
    say("raw P-256 signatures", count, seconds(CLOCK_PROCESS_CPUTIME_ID) - before);
    before = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < count / 4; i++)
        NEED(EVP_PKEY_verify(verifying, signature, length, digest, sizeof digest) == 1);
    say("raw P-256 verifications", count / 4, seconds(CLOCK_PROCESS_CPUTIME_ID) - before);
    EVP_PKEY_CTX_free(signing);
    EVP_PKEY_CTX_free(verifying);
    EVP_PKEY_free(key);
}

static size_t count_of(int argc, char **argv, int at, size_t otherwise)
{
    uint64_t value = otherwise;
    if (argc > at) NEED(number_unsigned(slice_text(argv[at]), 10000000, &value));
    return (size_t)value;
}

int main(int argc, char **argv)
{
    struct bench b;
    size_t certificates = count_of(argc, argv, 1, CERTIFICATES);
    size_t signatures = count_of(argc, argv, 2, SIGNATURES);
    (void)folder_new();
    start(&b, argc > 3 ? argv[3] : NULL);
    issue_ceremony(&b.way, "P-256", 16);
    const struct certificate *authority = issue_certificate_of(&b.way, "issuing-1");
    measure_raw(signatures > 0 ? signatures : SIGNATURES);
    if (certificates > 0) measure_issue(&b, authority, certificates);
    if (signatures > 0) measure_ocsp(&b, authority, signatures);
    certificate_unref(authority);
    stop(&b);
    folder_remove();
    return 0;
}
