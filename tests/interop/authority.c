/* SPDX-License-Identifier: EUPL-1.2
 *
 * An authority on the command line, for 95-authority.sh: what src/pki/authority makes, for other programs to judge.
 *
 *   authority init FOLDER           root, issuing authority and one certificate of every kind, with their keys
 *   authority issue FOLDER          a natural person's certificate for the PKCS #10 request on standard input
 *   authority ocsp FOLDER           the response to the request on standard input (seal.pem is revoked)
 *   authority path FOLDER PATH      the same for the path of a GET
 *   authority stamp FOLDER          the response to a time-stamp request on standard input
 *   authority crl FOLDER COUNT      a list with COUNT entries, the serial number of seal.pem before them
 *   authority speed FOLDER          how many of each in a second of processor time
 */
#include "../unit/authority_profiles.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "pki/authority/crl_writer.h"
#include "pki/authority/request.h"
#include "pki/authority/responder.h"
#include "pki/authority/stamper.h"
#include "pki/cms/timestamp.h"
#include "pki/certificate/pem.h"
#include "pki/issue/issue.h"
#include "pki/revocation/ocsp.h"
#include "pki/signature_pool.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/resource.h>

enum { INPUT_MAXIMUM = 1 << 20 };
#define DAY (86400 * RFD_SECOND)

static const char *folder;

static void need(bool good, const char *what)
{
    if (good) return;
    fprintf(stderr, "authority: %s\n", what);
    exit(1);
}

static void need_ok(rfd_status status, const struct rfd_error *error)
{
    if (status == RFD_OK) return;
    fprintf(stderr, "authority: %s: %s\n", rfd_status_message(status), error->detail);
    exit(1);
}

/* --- Members ----------------------------------------------------------------------------------------------------- */

struct member {
    EVP_PKEY *key;
    struct signature_pool pool;
    const struct certificate *certificate;
    struct authority_signer signer;
};

static FILE *open_file(const char *name, const char *extension, const char *mode)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s.%s", folder, name, extension);
    FILE *f = fopen(path, mode);
    need(f != NULL, path);
    return f;
}

static void read_all(FILE *f, struct buf *out)
{
    size_t got;
    buf_init(out, INPUT_MAXIMUM);
    do {
        uint8_t *to = buf_reserve(out, 4096);
        need(to != NULL, "input too large");
        got = fread(to, 1, 4096, f);
        out->length += got;
    } while (got > 0);
}

static rfd_status sign(void *context, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error)
{
    struct member *m = context;
    return signature_pool_sign(&m->pool, m->key, a, message, digest, signature, error);
}

static void arm(struct member *m)
{
    bool rsa = EVP_PKEY_is_a(m->key, "RSA") == 1;
    signature_pool_init(&m->pool);
    m->signer = (struct authority_signer){.certificate = m->certificate, .sign = sign, .context = m};
    m->signer.algorithm =
        (struct signature_algorithm){.scheme = rsa ? SCHEME_RSA_PKCS1 : SCHEME_ECDSA, .digest = DIGEST_SHA256};
}

static void load(struct member *m, const char *name)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct certificate_list list = {0};
    struct buf bytes;
    FILE *f = open_file(name, "pem", "rb");
    read_all(f, &bytes);
    (void)fclose(f);
    need_ok(certificate_list_read(&list, buf_slice(&bytes), &error), &error);
    buf_dispose(&bytes);
    m->certificate = certificate_ref(list.items[0]);
    certificate_list_dispose(&list);
    f = open_file(name, "key", "rb");
    m->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    (void)fclose(f);
    need(m->key != NULL, "key");
    arm(m);
}

static void unload(struct member *m)
{
    signature_pool_dispose(&m->pool);
    EVP_PKEY_free(m->key);
    certificate_unref(m->certificate);
}

/* --- init -------------------------------------------------------------------------------------------------------- */

static void save(const struct member *m, const char *name)
{
    struct buf pem;
    buf_init(&pem, INPUT_MAXIMUM);
    pem_put(&pem, "CERTIFICATE", m->certificate->der);
    FILE *f = open_file(name, "pem", "wb");
    need(fwrite(pem.data, 1, pem.length, f) == pem.length && fclose(f) == 0, "certificate");
    f = open_file(name, "key", "wb");
    need(PEM_write_PrivateKey(f, m->key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(f) == 0, "key");
    buf_dispose(&pem);
}

static void make(struct member *members, enum sample sample)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct member *m = &members[sample];
    uint8_t serial[ISSUE_SERIAL_SIZE];
    unsigned char *spki = NULL;
    struct buf der;
    m->key = sample == SAMPLE_LEGAL ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
                                    : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    int length = i2d_PUBKEY(m->key, &spki);
    need(length > 0, "key");
    struct profile_order order = sample_order(sample, slice_of(spki, (size_t)length));
    need_ok(issue_serial(serial, &error), &error);
    order.serial = slice_of(serial, sizeof serial);
    order.now = clock_now() - (sample <= SAMPLE_AUTHORITY ? DAY : 0);
    buf_init(&der, PROFILE_CERTIFICATE_MAXIMUM);
    arm(m);
    if (sample == SAMPLE_ROOT) {
        need_ok(profile_issue_root(&sample_profiles[sample], &m->signer, &order, &der, &error), &error);
    } else {
        const struct member *by = &members[sample == SAMPLE_AUTHORITY ? SAMPLE_ROOT : SAMPLE_AUTHORITY];
        need_ok(profile_issue(&sample_profiles[sample], &by->signer, &order, &der, &error), &error);
    }
    need_ok(certificate_parse(buf_slice(&der), &m->certificate, &error), &error);
    m->signer.certificate = m->certificate;
    save(m, sample_profiles[sample].name);
    buf_dispose(&der);
    OPENSSL_free(spki);
}

static void init(void)
{
    struct member members[SAMPLES] = {0};
    for (size_t i = 0; i < SAMPLES; i++) make(members, (enum sample)i);
    for (size_t i = 0; i < SAMPLES; i++) unload(&members[i]);
}

/* --- issue ------------------------------------------------------------------------------------------------------- */

static void put_out(struct buf *b)
{
    need(fwrite(b->data, 1, b->length, stdout) == b->length, "output");
    buf_dispose(b);
}

static void issue_for(slice der, const struct member *ca, rfd_time now, struct buf *out)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct request request;
    uint8_t serial[ISSUE_SERIAL_SIZE];
    const struct profile *p = &sample_profiles[SAMPLE_NATURAL];
    need_ok(request_parse(der, &request, &error), &error);
    need_ok(request_verify(&request, &p->keys, &error), &error);
    need_ok(issue_serial(serial, &error), &error);
    struct profile_order order = sample_order(SAMPLE_NATURAL, request.spki);
    order.serial = slice_of(serial, sizeof serial);
    order.key_checked = true;
    order.now = now;
    need_ok(profile_issue(p, &ca->signer, &order, out, &error), &error);
}

static void issue(void)
{
    struct member ca;
    struct buf input;
    struct buf out;
    load(&ca, "issuing");
    read_all(stdin, &input);
    buf_init(&out, PROFILE_CERTIFICATE_MAXIMUM);
    issue_for(buf_slice(&input), &ca, clock_now(), &out);
    put_out(&out);
    buf_dispose(&input);
    unload(&ca);
}

/* --- ocsp -------------------------------------------------------------------------------------------------------- */

struct status_service {
    struct member ca, delegate, good, revoked;
    struct responder_issuer issuer;
    struct responder responder;
};

static rfd_status look_up(void *context, size_t issuer, slice serial, struct responder_record *record,
                          struct rfd_error *error)
{
    const struct status_service *s = context;
    (void)issuer, (void)error;
    record->state = RESPONDER_NEVER_ISSUED;
    if (slice_equal(serial, s->good.certificate->serial)) record->state = RESPONDER_GOOD;
    if (slice_equal(serial, s->revoked.certificate->serial)) {
        record->state = RESPONDER_REVOKED;
        record->revoked_at = s->revoked.certificate->not_before;
        record->reason = 4;
    }
    return RFD_OK;
}

static void open_status(struct status_service *s)
{
    struct rfd_error error = RFD_ERROR_INIT;
    load(&s->ca, "issuing");
    load(&s->delegate, "ocsp");
    load(&s->good, "natural");
    load(&s->revoked, "seal");
    need_ok(responder_issuer_set(&s->issuer, s->ca.certificate, &s->delegate.signer, &error), &error);
    s->responder = (struct responder){&s->issuer, 1, look_up, s, false};
}

static void close_status(struct status_service *s)
{
    unload(&s->ca);
    unload(&s->delegate);
    unload(&s->good);
    unload(&s->revoked);
}

static struct responder_times times_now(void)
{
    rfd_time now = clock_now();
    return (struct responder_times){now, now - 60 * RFD_SECOND, now + DAY};
}

static void ocsp(const char *path)
{
    struct status_service s;
    struct rfd_error error = RFD_ERROR_INIT;
    struct responder_times times = times_now();
    enum ocsp_status status;
    struct buf input;
    struct buf out;
    open_status(&s);
    if (path == NULL) {
        read_all(stdin, &input);
    } else {
        buf_init(&input, RESPONDER_PATH_MAXIMUM);
        need_ok(responder_decode_path(slice_text(path), &input, &error), &error);
    }
    buf_init(&out, RESPONDER_RESPONSE_MAXIMUM);
    need_ok(responder_respond(&s.responder, buf_slice(&input), &times, &out, &status, &error), &error);
    put_out(&out);
    buf_dispose(&input);
    close_status(&s);
}

/* --- stamp ------------------------------------------------------------------------------------------------------- */

static void open_stamper(struct stamper *s, struct member *service)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct stamper_plan plan = {.signer = &service->signer,
                                .policies = {SLICE("\x2B\x06\x01\x04\x01\x86\x8D\x1F\x01\x02")},
                                .policy_count = 1,
                                .accuracy = RFD_SECOND,
                                .fraction_digits = 3,
                                .names_itself = true};
    need_ok(stamper_set(s, &plan, &error), &error);
}

static void stamp(void)
{
    struct member service;
    struct stamper s;
    struct stamper_request request;
    struct rfd_error error = RFD_ERROR_INIT;
    uint8_t serial[ISSUE_SERIAL_SIZE];
    struct buf input;
    struct buf out;
    bool granted;
    load(&service, "time");
    open_stamper(&s, &service);
    read_all(stdin, &input);
    buf_init(&out, STAMPER_RESPONSE_MAXIMUM);
    need_ok(issue_serial(serial, &error), &error);
    need_ok(stamper_respond(&s, buf_slice(&input), slice_of(serial, sizeof serial), clock_now(), &out, &request,
                            &granted, &error),
            &error);
    put_out(&out);
    buf_dispose(&input);
    stamper_dispose(&s);
    unload(&service);
}

/* --- crl --------------------------------------------------------------------------------------------------------- */

struct population {
    slice first;
    uint64_t count, next;
    rfd_time from;
    uint8_t serial[ISSUE_SERIAL_SIZE];
};

static rfd_status next_entry(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    struct population *p = context;
    (void)error;
    *more = p->next <= p->count;
    if (!*more) return RFD_OK;
    p->serial[0] = 1;
    for (size_t i = 0; i < 16; i++) p->serial[1 + i] = (uint8_t)((p->next * 0x9E3779B97F4A7C15U) >> (8 * (i % 8)));
    for (size_t i = 0; i < 8; i++) p->serial[9 + i] = (uint8_t)(p->next >> (56 - 8 * i));
    entry->serial = p->next == 0 ? p->first : slice_of(p->serial, sizeof p->serial);
    entry->revoked_at = p->from + (rfd_time)(p->next % 100000000) * RFD_SECOND;
    entry->reason = p->next % 3 == 0 ? 1 : p->next % 3 == 1 ? 4 : 0;
    p->next++;
    return RFD_OK;
}

static rfd_status to_file(void *context, slice bytes, struct rfd_error *error)
{
    if (fwrite(bytes.data, 1, bytes.length, context) == bytes.length) return RFD_OK;
    return error_set(error, RFD_E_IO_WRITE, "standard output");
}

static void write_crl(const struct member *ca, slice first, uint64_t count, FILE *to, struct crl_summary *summary)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_time now = clock_now() / RFD_SECOND * RFD_SECOND;
    struct population population = {.first = first, .count = count, .from = now - 2000 * DAY};
    struct crl_plan plan = {.number = SLICE("\x10\x01"),
                            .this_update = now - 60 * RFD_SECOND,
                            .next_update = now + 7 * DAY,
                            .issuing_point = "http://crl.example.org/0.crl",
                            .only_users = true,
                            .expired_since = RFD_TIME_NONE};
    struct crl_source source = {next_entry, &population};
    struct crl_target target = {to_file, to};
    need_ok(crl_write(&ca->signer, &plan, &source, &target, summary, &error), &error);
}

static void crl(const char *count)
{
    struct member ca;
    struct member revoked;
    struct crl_summary summary;
    uint64_t entries;
    need(number_unsigned(slice_text(count), 100000000, &entries), "count");
    load(&ca, "issuing");
    load(&revoked, "seal");
    write_crl(&ca, revoked.certificate->serial, entries, stdout, &summary);
    fprintf(stderr, "%llu entries, %llu bytes\n", (unsigned long long)summary.entries,
            (unsigned long long)summary.bytes);
    unload(&ca);
    unload(&revoked);
}

/* --- speed ------------------------------------------------------------------------------------------------------- */

struct bench {
    struct status_service status;
    struct member rsa_service; /* the keys of natural and seal sign in the place of the services' */
    struct stamper stamper;
    struct buf request, stamp_request, csr, out;
    struct member *hand;
};

typedef void work(struct bench *b);

static void sign_only(struct bench *b)
{
    static const uint8_t digest[32];
    struct rfd_error error = RFD_ERROR_INIT;
    buf_reset(&b->out);
    need_ok(sign(b->hand, &b->hand->signer.algorithm, SLICE_EMPTY, slice_of(digest, 32), &b->out, &error), &error);
}

static void answer(struct bench *b)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct responder_times times = times_now();
    enum ocsp_status status;
    buf_reset(&b->out);
    need_ok(responder_respond(&b->status.responder, buf_slice(&b->request), &times, &b->out, &status, &error), &error);
    need(status == OCSP_SUCCESSFUL, "answer");
}

static void make_token(struct bench *b)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct stamper_request request;
    bool granted;
    buf_reset(&b->out);
    need_ok(stamper_respond(&b->stamper, buf_slice(&b->stamp_request), SLICE("\x01\x02\x03\x04\x05\x06\x07\x08"),
                            clock_now(), &b->out, &request, &granted, &error),
            &error);
    need(granted, "token");
}

static void prove(struct bench *b)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct request request;
    need_ok(request_parse(buf_slice(&b->csr), &request, &error), &error);
    need_ok(request_verify(&request, &sample_profiles[SAMPLE_NATURAL].keys, &error), &error);
}

static void certify(struct bench *b)
{
    buf_reset(&b->out);
    issue_for(buf_slice(&b->csr), &b->status.ca, clock_now(), &b->out);
}

enum { TURN = 20 };

static rfd_time take_turn(struct bench *b, work *w)
{
    rfd_time began = clock_spent();
    for (int i = 0; i < TURN; i++) w(b);
    return clock_spent() - began;
}

/* Signatures alone and the work take turns, so that what else the machine does falls on both. */
static void row(struct bench *b, const char *name, work *w)
{
    rfd_time alone = 0;
    rfd_time spent = 0;
    uint64_t count = 0;
    (void)take_turn(b, w);
    for (; spent < RFD_SECOND; count += TURN) {
        alone += take_turn(b, sign_only);
        spent += take_turn(b, w);
    }
    double second = (double)count * (double)RFD_SECOND;
    printf("%-34s %8.0f /s, signatures alone %8.0f /s, ratio %.2f\n", name, second / (double)spent,
           second / (double)alone, (double)alone / (double)spent);
}

/* Signed with the key that makes the yardstick just now. */
static void make_csr(struct bench *b)
{
    X509_REQ *req = X509_REQ_new();
    unsigned char *der = NULL;
    need(req != NULL && X509_REQ_set_pubkey(req, b->hand->key) == 1 &&
             X509_REQ_sign(req, b->hand->key, EVP_sha256()) > 0,
         "request");
    int length = i2d_X509_REQ(req, &der);
    need(length > 0, "request");
    buf_reset(&b->csr);
    buf_put(&b->csr, der, (size_t)length);
    OPENSSL_free(der);
    X509_REQ_free(req);
}

/* The services' certificates stay, only the key that signs changes. */
static void with_key(struct bench *b, struct member *hand, const char *kind)
{
    char name[64];
    struct member *const services[] = {&b->status.delegate, &b->rsa_service};
    b->hand = hand;
    for (size_t i = 0; i < 2; i++) {
        services[i]->signer.context = hand;
        services[i]->signer.algorithm = hand->signer.algorithm;
    }
    (void)snprintf(name, sizeof name, "%s OCSP answer with nonce", kind);
    row(b, name, answer);
    (void)snprintf(name, sizeof name, "%s time-stamp token", kind);
    row(b, name, make_token);
    make_csr(b);
    (void)snprintf(name, sizeof name, "%s proof of possession", kind);
    row(b, name, prove);
    (void)snprintf(name, sizeof name, "%s PKCS #10 to P-256 certificate", kind);
    row(b, name, certify);
}

static void speed(void)
{
    struct bench b = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    struct crl_summary summary;
    struct rusage usage;
    static const uint8_t hash[32];
    open_status(&b.status);
    load(&b.rsa_service, "time");
    open_stamper(&b.stamper, &b.rsa_service);
    buf_init(&b.request, INPUT_MAXIMUM);
    buf_init(&b.stamp_request, INPUT_MAXIMUM);
    buf_init(&b.out, INPUT_MAXIMUM);
    need_ok(ocsp_put_request(&b.request, b.status.good.certificate, b.status.ca.certificate,
                             SLICE("0123456789abcdef0123456789abcdef"), &error),
            &error);
    timestamp_put_request(&b.stamp_request, DIGEST_SHA256, slice_of(hash, 32), SLICE("\x12\x34\x56\x78"), SLICE_EMPTY);
    buf_init(&b.csr, INPUT_MAXIMUM);
    with_key(&b, &b.status.revoked, "RSA-2048");
    with_key(&b, &b.status.good, "P-256");
    FILE *null = fopen("/dev/null", "wb");
    rfd_time began = clock_spent();
    write_crl(&b.status.ca, b.status.revoked.certificate->serial, 1000000, null, &summary);
    rfd_time spent = clock_spent() - began;
    (void)fclose(null);
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("CRL of %llu entries: %.3f s, %llu bytes; largest process %ld MB\n", (unsigned long long)summary.entries,
           (double)spent / (double)RFD_SECOND, (unsigned long long)summary.bytes, usage.ru_maxrss / 1024);
    buf_dispose(&b.request);
    buf_dispose(&b.stamp_request);
    buf_dispose(&b.csr);
    buf_dispose(&b.out);
    stamper_dispose(&b.stamper);
    unload(&b.rsa_service);
    close_status(&b.status);
}

int main(int count, char **arguments)
{
    need(count >= 3, "usage: authority init|issue|ocsp|path|stamp|crl|speed FOLDER [ARGUMENT]");
    const char *what = arguments[1];
    const char *argument = count > 3 ? arguments[3] : NULL;
    folder = arguments[2];
    if (strcmp(what, "init") == 0)
        init();
    else if (strcmp(what, "issue") == 0)
        issue();
    else if (strcmp(what, "ocsp") == 0 || strcmp(what, "path") == 0)
        ocsp(argument);
    else if (strcmp(what, "stamp") == 0)
        stamp();
    else if (strcmp(what, "crl") == 0 && argument != NULL)
        crl(argument);
    else if (strcmp(what, "speed") == 0)
        speed();
    else
        need(false, "unknown command");
    return 0;
}
