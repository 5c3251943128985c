/* SPDX-License-Identifier: EUPL-1.2
 *
 * How fast verification is, as ratios of what the same run measures of OpenSSL alone:
 *
 *   documents   1,000 PDFs of 20 KB, each signed (B-B, P-256) by another person, one issuer, its CRL in the trust
 * store: against the two raw P-256 verifications that each needs signatures  one PDF with 50 signatures, with full
 * difference analysis: milliseconds large       one PDF of 1 GB (--large): against SHA-256 over it
 */
#include "base/buf.h"

#include <refrenda/verify.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DOCUMENTS = 1000, SIGNATURES = 50, PAGE_BYTES = 19000, DAY = 86400, RAW_ROUNDS = 4000 };

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                                     \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(rfd_status status, const struct rfd_error *error)
{
    if (status == RFD_OK) return;
    fprintf(stderr, "%s: %s\n", rfd_status_name(status), error->detail);
    exit(1);
}

/* --- People ------------------------------------------------------------------------------------------------------ */

struct person {
    EVP_PKEY *key;
    X509 *x509;
};

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    NEED(e != NULL && X509_add_ext(x, e, -1) == 1);
    X509_EXTENSION_free(e);
}

static struct person person_new(const char *name, long serial, const struct person *issuer)
{
    struct person p = {.key = EVP_EC_gen("P-256"), .x509 = X509_new()};
    X509_NAME *subject = X509_NAME_new();
    X509 *by = issuer == NULL ? p.x509 : issuer->x509;
    NEED(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1);
    NEED(X509_set_version(p.x509, X509_VERSION_3) == 1);
    NEED(ASN1_INTEGER_set(X509_get_serialNumber(p.x509), serial) == 1);
    NEED(X509_set_subject_name(p.x509, subject) == 1);
    NEED(X509_set_issuer_name(p.x509, issuer == NULL ? subject : X509_get_subject_name(by)) == 1);
    NEED(X509_gmtime_adj(X509_getm_notBefore(p.x509), -DAY) != NULL);
    NEED(X509_gmtime_adj(X509_getm_notAfter(p.x509), 365L * DAY) != NULL && X509_set_pubkey(p.x509, p.key) == 1);
    extend(p.x509, by, NID_basic_constraints, issuer == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(p.x509, by, NID_key_usage,
           issuer == NULL ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation");
    extend(p.x509, by, NID_subject_key_identifier, "hash");
    extend(p.x509, by, NID_authority_key_identifier, issuer == NULL ? "keyid" : "keyid:always");
    NEED(X509_sign(p.x509, issuer == NULL ? p.key : issuer->key, EVP_sha256()) > 0);
    X509_NAME_free(subject);
    return p;
}

static void person_free(struct person *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->x509);
}

static rfd_status sign_digest(void *context, rfd_slice message, rfd_slice digest, bool pss, uint8_t *signature,
                              size_t *length, struct rfd_error *error)
{
    (void)message, (void)pss, (void)error;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(context, NULL);
    NEED(c != NULL && EVP_PKEY_sign_init(c) == 1);
    NEED(EVP_PKEY_sign(c, signature, length, digest.data, digest.length) == 1);
    EVP_PKEY_CTX_free(c);
    return RFD_OK;
}

static struct rfd_key *key_of(const struct person *p)
{
    struct rfd_key *key;
    struct rfd_error error = RFD_ERROR_INIT;
    unsigned char *der = NULL;
    int length = i2d_X509(p->x509, &der);
    check(rfd_key_open_external((rfd_slice){der, (size_t)length}, sign_digest, p->key, &key, &error), &error);
    OPENSSL_free(der);
    return key;
}

static struct rfd_trust *trust_in(const struct person *issuer)
{
    struct rfd_trust *trust;
    struct rfd_error error = RFD_ERROR_INIT;
    unsigned char *der = NULL, *list = NULL;
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *now = ASN1_TIME_adj(NULL, time(NULL), 0, -60);
    ASN1_TIME *next = ASN1_TIME_adj(NULL, time(NULL), 30, 0);
    NEED(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
    NEED(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)) == 1);
    NEED(X509_CRL_set1_lastUpdate(crl, now) == 1 && X509_CRL_set1_nextUpdate(crl, next) == 1);
    NEED(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    int length = i2d_X509(issuer->x509, &der);
    int list_length = i2d_X509_CRL(crl, &list);
    check(rfd_trust_new(&trust, &error), &error);
    check(rfd_trust_add_anchors(trust, (rfd_slice){der, (size_t)length}, &error), &error);
    check(rfd_trust_add_crl(trust, (rfd_slice){list, (size_t)list_length}, &error), &error);
    OPENSSL_free(der);
    OPENSSL_free(list);
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    X509_CRL_free(crl);
    return trust;
}

/* --- Documents --------------------------------------------------------------------------------------------------- */

static void make_pdf(struct buf *b, size_t size, unsigned salt)
{
    size_t offsets[5];
    buf_put_text(b, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    offsets[1] = b->length;
    buf_put_text(b, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    offsets[2] = b->length;
    buf_put_text(b, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
    offsets[3] = b->length;
    buf_put_text(b,
                 "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>\nendobj\n");
    offsets[4] = b->length;
    buf_print(b, "4 0 obj\n<</Length %zu>>\nstream\n", size);
    uint8_t *page = buf_reserve(b, size);
    NEED(page != NULL);
    for (size_t i = 0; i < size; i++) page[i] = (uint8_t)(i % 64 == 63 ? '\n' : ' ' + (i * 7 + salt) % 64);
    b->length += size;
    buf_put_text(b, "\nendstream\nendobj\n");
    size_t xref = b->length;
    buf_put_text(b, "xref\n0 5\n0000000000 65535 f \n");
    for (int i = 1; i < 5; i++) buf_print(b, "%010zu 00000 n \n", offsets[i]);
    buf_print(b, "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    NEED(b->status == RFD_OK);
}

static void sign(struct buf *b, struct rfd_key *key)
{
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_bytes update;
    options.key = key;
    options.offline = true;
    check(rfd_sign_memory(buf_slice(b), &options, &update, NULL, &error), &error);
    buf_put(b, update.data, update.length);
    NEED(b->status == RFD_OK);
    rfd_bytes_free(&update);
}

static void verify(const struct buf *b, const struct rfd_trust *trust, size_t signatures)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_verification *v;
    options.trust = trust;
    options.offline = true;
    check(rfd_verify_memory(buf_slice(b), &options, &v, &error), &error);
    NEED(rfd_verification_count(v) == signatures && rfd_verification_indication(v) == RFD_TOTAL_PASSED);
    rfd_verification_free(v);
}

/* --- What is measured -------------------------------------------------------------------------------------------- */

static double raw_verification(const struct person *p)
{
    uint8_t digest[32] = {1}, signature[80];
    size_t length = sizeof signature;
    EVP_PKEY_CTX *s = EVP_PKEY_CTX_new(p->key, NULL), *v = EVP_PKEY_CTX_new(p->key, NULL);
    NEED(EVP_PKEY_sign_init(s) == 1 && EVP_PKEY_sign(s, signature, &length, digest, sizeof digest) == 1);
    NEED(EVP_PKEY_verify_init(v) == 1);
    double start = seconds();
    for (int i = 0; i < RAW_ROUNDS; i++) NEED(EVP_PKEY_verify(v, signature, length, digest, sizeof digest) == 1);
    double each = (seconds() - start) / RAW_ROUNDS;
    EVP_PKEY_CTX_free(s);
    EVP_PKEY_CTX_free(v);
    return each;
}

static void bench_documents(const struct person *issuer, const struct rfd_trust *trust)
{
    static struct buf documents[DOCUMENTS];
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "Signer %u", i);
        struct person p = person_new(name, (long)i + 2, issuer);
        struct rfd_key *key = key_of(&p);
        buf_init(&documents[i], 1 << 20);
        make_pdf(&documents[i], PAGE_BYTES, i);
        sign(&documents[i], key);
        rfd_key_free(key);
        person_free(&p);
    }
    double raw = raw_verification(issuer);
    double start = seconds();
    for (unsigned i = 0; i < DOCUMENTS; i++) verify(&documents[i], trust, 1);
    double each = (seconds() - start) / DOCUMENTS;
    raw = (raw + raw_verification(issuer)) / 2;
    printf(
        "verify %d documents of %zu bytes (B-B, P-256): %.1f us each; raw verification %.1f us; ratio %.2f (target 0.35)\n",
        DOCUMENTS, documents[0].length, each * 1e6, raw * 1e6, 2 * raw / each);
    for (unsigned i = 0; i < DOCUMENTS; i++) buf_dispose(&documents[i]);
}

static void bench_signatures(const struct person *issuer, const struct rfd_trust *trust)
{
    struct person p = person_new("Signer of fifty", 5000, issuer);
    struct rfd_key *key = key_of(&p);
    struct buf b;
    buf_init(&b, 1 << 24);
    make_pdf(&b, PAGE_BYTES, 0);
    for (int i = 0; i < SIGNATURES; i++) sign(&b, key);
    double start = seconds();
    verify(&b, trust, SIGNATURES);
    printf("verify one document with %d signatures (%zu bytes): %.1f ms (target 100)\n", SIGNATURES, b.length,
           (seconds() - start) * 1e3);
    buf_dispose(&b);
    rfd_key_free(key);
    person_free(&p);
}

static double hash_file(const char *path)
{
    static uint8_t block[1 << 20];
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    FILE *f = fopen(path, "rbe");
    double start = seconds();
    size_t n;
    NEED(f != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
    while ((n = fread(block, 1, sizeof block, f)) > 0) NEED(EVP_DigestUpdate(c, block, n) == 1);
    NEED(EVP_DigestFinal_ex(c, block, NULL) == 1 && fclose(f) == 0);
    EVP_MD_CTX_free(c);
    return seconds() - start;
}

static void bench_large(const struct person *issuer, const struct rfd_trust *trust)
{
    static const char path[] = "bench-verify-large.pdf";
    struct person p = person_new("Signer of much", 6000, issuer);
    struct rfd_key *key = key_of(&p);
    struct buf b;
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_verification *v;
    buf_init(&b, (size_t)2 << 30);
    make_pdf(&b, (size_t)1 << 30, 0);
    sign(&b, key);
    FILE *f = fopen(path, "wbe");
    NEED(f != NULL && fwrite(b.data, 1, b.length, f) == b.length && fclose(f) == 0);
    buf_dispose(&b);
    options.trust = trust;
    options.offline = true;
    double hash = hash_file(path);
    double start = seconds();
    check(rfd_verify_file(path, &options, &v, &error), &error);
    double whole = seconds() - start;
    NEED(rfd_verification_indication(v) == RFD_TOTAL_PASSED);
    printf("verify 1 GB: %.2f s; SHA-256 %.2f s; ratio %.2f (target 1.10)\n", whole, hash, whole / hash);
    rfd_verification_free(v);
    (void)unlink(path);
    rfd_key_free(key);
    person_free(&p);
}

int main(int argc, char **argv)
{
    struct person issuer = person_new("Issuer", 1, NULL);
    struct rfd_trust *trust = trust_in(&issuer);
    bench_documents(&issuer, trust);
    bench_signatures(&issuer, trust);
    if (argc > 1 && strcmp(argv[1], "--large") == 0) bench_large(&issuer, trust);
    rfd_trust_free(trust);
    person_free(&issuer);
    return 0;
}
