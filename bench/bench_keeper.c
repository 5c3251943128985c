/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the keeper costs beyond its keys: certificates from approvals, and OCSP signatures, against the raw operations
 * of OpenSSL measured in the same run.
 *
 *   bench_keeper [certificates] [signatures] [folder]
 *
 * Processor time of this process; the journal is synced once for 64 certificates, as when that many wait. With a
 * folder, the store lies there instead of under /tmp. Prints for each kind of work: how many a second, and microseconds
 * of each.
 */
#include "issue_support.h"
#include "keeper_running.h"

#include "base/clock.h"
#include "base/number.h"
#include "pki/authority/crl_writer.h"
#include "pki/authority/responder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { CERTIFICATES = 4000, SIGNATURES = 40000, TOGETHER = 64, ENTRIES = 1000000 };

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                               \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

struct bench {
    struct issue_world world;
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(const char *what, size_t count, double spent)
{
    (void)printf("%-34s %9.0f/s %8.2f us\n", what, (double)count / spent, spent * 1e6 / (double)count);
}

/* ---- The keeper ---- */

static rfd_status take(struct bench *b, enum keeper_sender sender, enum keeper_operation operation, slice body)
{
    struct keeper_session session = {.sender = sender, .greeted = true};
    const struct message m = {.type = (uint16_t)operation, .body = body};
    buf_reset(&b->world.answer);
    NEED(keeper_take(b->world.keeper, &session, &m, &b->world.answer, NULL) == RFD_OK);
    struct message_reader r = message_read(buf_slice(&b->world.answer));
    return (rfd_status)message_get_u32(&r);
}

static void settle(struct bench *b)
{
    NEED(keeper_settle(b->world.keeper, NULL) == RFD_OK);
}

/* ---- Certificates ---- */

/** Bodies of KEEPER_ISSUE, all different. */
static struct buf *make_orders(const struct issue_way *way, size_t count)
{
    struct identity agents = identity_new("P-256", "Agents", NULL, NULL);
    struct identity agent = identity_new("P-256", "Agent", &agents, NULL);
    const struct certificate *authority = issue_certificate_of(way, "issuing-1");
    struct buf *bodies = calloc(count, sizeof *bodies);
    struct buf spki, approval;
    NEED(bodies != NULL);
    NEED(issue_register(way, KEEPER_AGENT, "agent", agent.certificate, "pe-natural-person") == RFD_OK);
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
    buf_dispose(&spki);
    buf_dispose(&approval);
    certificate_unref(authority);
    identity_free(&agent);
    identity_free(&agents);
    return bodies;
}

static void free_orders(struct buf *bodies, size_t count)
{
    for (size_t i = 0; i < count; i++) buf_dispose(&bodies[i]);
    free(bodies);
}

static void measure_issue(struct bench *b, size_t count)
{
    struct buf *bodies = make_orders(&b->world.way, count);
    double processor = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    for (size_t i = 0; i < count; i++) {
        NEED(take(b, KEEPER_FROM_WEB, KEEPER_ISSUE, buf_slice(&bodies[i])) == RFD_OK);
        if (i % TOGETHER == TOGETHER - 1) settle(b);
    }
    settle(b);
    say("certificates", count, seconds(CLOCK_PROCESS_CPUTIME_ID) - processor);
    say("certificates, elapsed", count, seconds(CLOCK_MONOTONIC) - wall);
    free_orders(bodies, count);
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
static void make_response(const struct issue_way *way, struct buf *tbs)
{
    const struct certificate *authority = issue_certificate_of(way, "issuing-1");
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
    NEED(way->ask(way->context, KEEPER_CREATE_KEY, &body, &r) == RFD_OK);
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
    NEED(way->ask(way->context, KEEPER_ISSUE_SERVICE, &body, &r) == RFD_OK);
    buf_put_slice(&der, message_get_bytes(&r, ISSUE_BODY));
    buf_reset(&body);
    message_put_text(&body, "ocsp-1");
    message_put_bytes(&body, buf_slice(&der));
    NEED(way->ask(way->context, KEEPER_CERTIFY_KEY, &body, &r) == RFD_OK);
    const struct certificate *own = issue_certificate_of(way, "ocsp-1");
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
    certificate_unref(authority);
    for (size_t i = 0; i < 5; i++) buf_dispose(all[i]);
}

/** Body of KEEPER_SIGN_OCSP. */
static void make_question(const struct issue_way *way, struct buf *body)
{
    struct buf tbs;
    buf_init(&tbs, ISSUE_BODY);
    make_response(way, &tbs);
    message_put_text(body, "ocsp-1");
    message_put_bytes(body, buf_slice(&tbs));
    buf_dispose(&tbs);
}

static void measure_ocsp(struct bench *b, size_t count)
{
    struct buf body;
    buf_init(&body, ISSUE_BODY);
    make_question(&b->world.way, &body);
    double before = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    for (size_t i = 0; i < count; i++) NEED(take(b, KEEPER_FROM_STATUS, KEEPER_SIGN_OCSP, buf_slice(&body)) == RFD_OK);
    say("OCSP signatures", count, seconds(CLOCK_PROCESS_CPUTIME_ID) - before);
    say("OCSP signatures, elapsed", count, seconds(CLOCK_MONOTONIC) - wall);
    buf_dispose(&body);
}

/* ---- Through the process ---- */

static rfd_status ask_channel(void *context, enum keeper_operation operation, struct buf *body,
                              struct message_reader *fields)
{
    return keeper_ask(context, operation, buf_slice(body), RUNNING_WAIT, fields, NULL);
}

/** Asks with TOGETHER questions on their way at any time. `step` 0: the same body each time. */
static void pump(struct running *k, const char *role, enum keeper_operation operation, const struct buf *bodies,
                 size_t step, size_t count, const char *what)
{
    struct channel *c = running_greet(k, role, 0);
    struct message m;
    clockid_t theirs;
    char name[64];
    NEED(clock_getcpuclockid(k->pid, &theirs) == 0);
    double processor = seconds(theirs), wall = seconds(CLOCK_MONOTONIC);
    for (size_t sent = 0, got = 0; got < count;) {
        channel_hold(c, true);
        for (; sent < count && sent < got + TOGETHER; sent++) {
            slice body = buf_slice(&bodies[sent * step]);
            NEED(channel_send(c, (uint16_t)operation, 1000 + sent, body, NULL, 0, NULL) == RFD_OK);
        }
        channel_hold(c, false);
        NEED(channel_flush(c, NULL) == RFD_OK);
        running_wait(c, &m);
        do {
            struct message_reader r = message_read(m.body);
            if (m.request < 1000) continue;
            NEED(message_get_u32(&r) == RFD_OK);
            got++;
        } while (channel_next(c, &m));
    }
    (void)snprintf(name, sizeof name, "%s, process", what);
    say(name, count, seconds(theirs) - processor);
    (void)snprintf(name, sizeof name, "%s, process, elapsed", what);
    say(name, count, seconds(CLOCK_MONOTONIC) - wall);
    channel_free(c);
}

static void measure_process(size_t certificates, size_t signatures)
{
    struct running k;
    struct buf question;
    buf_init(&question, ISSUE_BODY);
    running_new(&k, folder_file("process"));
    running_start(&k);
    struct channel *admin = running_greet(&k, "admin", 0);
    const struct issue_way way = {ask_channel, admin};
    issue_ceremony(&way, "P-256", 16);
    if (certificates > 0) {
        struct buf *bodies = make_orders(&way, certificates);
        pump(&k, "web", KEEPER_ISSUE, bodies, 1, certificates, "certificates");
        free_orders(bodies, certificates);
    }
    make_question(&way, &question);
    if (signatures > 0) pump(&k, "status", KEEPER_SIGN_OCSP, &question, 0, signatures, "OCSP signatures");
    channel_free(admin);
    buf_dispose(&question);
    running_kill(&k);
}

/* ---- Lists ---- */

struct entries {
    size_t at, count;
    rfd_time now;
    uint8_t serial[17];
};

static rfd_status next_entry(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    struct entries *e = context;
    (void)error;
    for (size_t i = 0; i < sizeof(uint64_t); i++) e->serial[1 + i] = (uint8_t)((uint64_t)e->at >> 8 * (7 - i));
    e->serial[0] = 0x11;
    *more = e->at++ < e->count;
    *entry = (struct crl_writer_entry){.serial = slice_of(e->serial, sizeof e->serial),
                                       .revoked_at = e->now - (rfd_time)e->at * RFD_SECOND,
                                       .reason = 1,
                                       .invalid_since = RFD_TIME_NONE};
    return RFD_OK;
}

static rfd_status write_to_file(void *context, slice bytes, struct rfd_error *error)
{
    (void)error;
    for (slice left = bytes; left.length > 0;) {
        ssize_t written = write(*(int *)context, left.data, left.length);
        NEED(written > 0);
        left = slice_from(left, (size_t)written);
    }
    return RFD_OK;
}

static void measure_list(struct bench *b, size_t count)
{
    const struct certificate *authority = issue_certificate_of(&b->world.way, "issuing-1");
    struct authority_signer signer = {.certificate = authority};
    struct entries e = {.count = count, .now = clock_now() / RFD_SECOND * RFD_SECOND};
    const struct crl_plan plan = {.number = SLICE("\x05"),
                                  .this_update = e.now,
                                  .next_update = e.now + 3600 * RFD_SECOND,
                                  .issuing_point = "http://crl.example/issuing-1-0.crl",
                                  .expired_since = RFD_TIME_NONE};
    int fd = memfd_create("list", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const struct crl_source source = {next_entry, &e};
    const struct crl_target target = {write_to_file, &fd};
    struct crl_summary summary;
    struct message_reader r;
    struct buf body;
    NEED(signature_algorithm_choose(authority, DIGEST_NONE, false, &signer.algorithm, NULL) == RFD_OK);
    double before = seconds(CLOCK_PROCESS_CPUTIME_ID);
    NEED(crl_write_tbs(&signer, &plan, &source, &target, &summary, NULL) == RFD_OK);
    say("list, an entry written", count, seconds(CLOCK_PROCESS_CPUTIME_ID) - before);
    NEED(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) == 0);
    buf_init(&body, 256);
    message_put_text(&body, "issuing-1");
    b->world.descriptor = fd;
    before = seconds(CLOCK_PROCESS_CPUTIME_ID);
    NEED(issue_ask_as(&b->world, KEEPER_FROM_WORKER, KEEPER_SIGN_CRL, &body, &r) == RFD_OK);
    say("list, an entry checked and signed", count, seconds(CLOCK_PROCESS_CPUTIME_ID) - before);
    b->world.descriptor = -1;
    (void)close(fd);
    buf_dispose(&body);
    certificate_unref(authority);
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
    measure_process(certificates, signatures);
    issue_world_new(&b.world, argc > 3 ? argv[3] : folder_file("store"));
    issue_ceremony(&b.world.way, "P-256", 16);
    measure_raw(signatures > 0 ? signatures : SIGNATURES);
    if (certificates > 0) measure_issue(&b, certificates);
    if (signatures > 0) measure_ocsp(&b, signatures);
    measure_list(&b, ENTRIES);
    issue_world_free(&b.world);
    folder_remove();
    return 0;
}
