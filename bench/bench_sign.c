/* SPDX-License-Identifier: EUPL-1.2
 *
 * How fast small PDFs are signed in process, against the raw private-key operation measured in the same run.
 *
 *   bench_sign [RSA|P-256|P-384|P-521|ED25519] [documents] [stamp]
 *
 * With "stamp" the yardstick is the invisible signature: then each also shows six lines of text, different for each
 * document, and a QR code.
 *
 * Prints: kind, documents, raw operations a second, signatures a second, microseconds of each, and the ratio.
 * The documents are made here, 20 KB each and all different; levels above B-B are not measured (they wait for others).
 */
#include <refrenda/sign.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

enum { DOCUMENT_SIZE = 20 * 1024, DEFAULT_COUNT = 1000, VALID_SECONDS = 3600, PATH_SIZE = 256 };

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                               \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static EVP_PKEY *make_key(const char *kind)
{
    if (strcmp(kind, "RSA") == 0) return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    if (kind[0] == 'P') return EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
    return EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

static X509_NAME *make_name(const char *common_name)
{
    X509_NAME *name = X509_NAME_new();
    NEED(name != NULL);
    NEED(X509_NAME_add_entry_by_txt(name, "C", MBSTRING_UTF8, (const unsigned char *)"PE", -1, -1, 0) == 1);
    NEED(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) == 1);
    return name;
}

/** The signer's certificate, by an issuer of the same kind of key, as usual about 1 KB each. */
static X509 *make_certificate(EVP_PKEY *key, const char *name, EVP_PKEY *issuer, const char *issuer_name)
{
    X509 *x = X509_new();
    X509_NAME *subject = make_name(name), *by = make_name(issuer_name);
    X509V3_CTX context;
    NEED(x != NULL && X509_set_version(x, X509_VERSION_3) == 1);
    NEED(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), UINT64_C(0x1234567890ABCDEF)) == 1);
    NEED(X509_set_subject_name(x, subject) == 1 && X509_set_issuer_name(x, by) == 1 && X509_set_pubkey(x, key) == 1);
    NEED(X509_gmtime_adj(X509_getm_notBefore(x), -VALID_SECONDS) != NULL);
    NEED(X509_gmtime_adj(X509_getm_notAfter(x), VALID_SECONDS) != NULL);
    X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
    X509_EXTENSION *usage =
        X509V3_EXT_conf_nid(NULL, &context, NID_key_usage, "critical,digitalSignature,nonRepudiation");
    NEED(usage != NULL && X509_add_ext(x, usage, -1) == 1);
    bool without_digest = EVP_PKEY_is_a(issuer, "ED25519") == 1;
    NEED(X509_sign(x, issuer, without_digest ? NULL : EVP_sha256()) > 0);
    X509_EXTENSION_free(usage);
    X509_NAME_free(subject);
    X509_NAME_free(by);
    return x;
}

/** Writes PEM files for rfd_key_open_pem and opens them. */
static struct rfd_key *open_key(const char *kind, EVP_PKEY *key)
{
    char folder[] = "/tmp/bench_sign.XXXXXX", key_path[PATH_SIZE], certificate_path[PATH_SIZE];
    EVP_PKEY *issuer = make_key(kind);
    struct rfd_key *out = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    NEED(issuer != NULL && mkdtemp(folder) != NULL);
    X509 *signer = make_certificate(key, "BENCH INVENTADA", issuer, "Bench Issuer");
    X509 *authority = make_certificate(issuer, "Bench Issuer", issuer, "Bench Root");
    (void)snprintf(key_path, sizeof key_path, "%s/key.pem", folder);
    (void)snprintf(certificate_path, sizeof certificate_path, "%s/certificates.pem", folder);
    FILE *file = fopen(key_path, "w");
    NEED(file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(file) == 0);
    file = fopen(certificate_path, "w");
    NEED(file != NULL && PEM_write_X509(file, signer) == 1 && PEM_write_X509(file, authority) == 1 &&
         fclose(file) == 0);
    rfd_status status = rfd_key_open_pem(key_path, certificate_path, NULL, (rfd_slice){NULL, 0}, &out, &error);
    if (status != RFD_OK) (void)fprintf(stderr, "%s: %s\n", rfd_status_name(status), error.detail);
    NEED(status == RFD_OK);
    (void)unlink(key_path);
    (void)unlink(certificate_path);
    (void)rmdir(folder);
    X509_free(signer);
    X509_free(authority);
    EVP_PKEY_free(issuer);
    return out;
}

/** A page, a font and a stream that fills the size; `number` makes each different. */
static size_t make_document(char *to, unsigned number)
{
    size_t offsets[6], length = 0;
    length += (size_t)snprintf(to, DOCUMENT_SIZE, "%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n");
    offsets[1] = length;
    length += (size_t)snprintf(to + length, DOCUMENT_SIZE - length, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    offsets[2] = length;
    length +=
        (size_t)snprintf(to + length, DOCUMENT_SIZE - length, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
    offsets[3] = length;
    length += (size_t)snprintf(to + length, DOCUMENT_SIZE - length,
                               "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R"
                               "/Resources<</Font<</F1 4 0 R>>>>>>\nendobj\n");
    offsets[4] = length;
    length += (size_t)snprintf(to + length, DOCUMENT_SIZE - length,
                               "4 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n");
    offsets[5] = length;
    size_t stream = DOCUMENT_SIZE - length - 400;
    length += (size_t)snprintf(to + length, DOCUMENT_SIZE - length, "5 0 obj\n<</Length %zu>>\nstream\n", stream);
    for (size_t i = 0; i < stream; i++) to[length++] = (char)('a' + (i * 7 + number + i / 97) % 26);
    length += (size_t)snprintf(to + length, DOCUMENT_SIZE - length, "\nendstream\nendobj\n");
    size_t xref = length;
    length += (size_t)snprintf(to + length, DOCUMENT_SIZE - length, "xref\n0 6\n0000000000 65535 f \n");
    for (int i = 1; i < 6; i++)
        length += (size_t)snprintf(to + length, DOCUMENT_SIZE - length, "%010zu 00000 n \n", offsets[i]);
    length += (size_t)snprintf(to + length, DOCUMENT_SIZE - length,
                               "trailer\n<</Size 6/Root 1 0 R/ID[<%032u><%032u>]>>\nstartxref\n%zu\n%%%%EOF\n", number,
                               number, xref);
    return length;
}

/** Seconds for `count` raw operations over a digest (Ed25519: over a short message), one context for all. */
static double raw(EVP_PKEY *key, unsigned count)
{
    uint8_t digest[32] = {1}, signature[1024];
    bool whole = EVP_PKEY_is_a(key, "ED25519") == 1;
    EVP_MD_CTX *message = EVP_MD_CTX_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    NEED(message != NULL && context != NULL);
    if (!whole) NEED(EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1);
    double begin = seconds();
    for (unsigned i = 0; i < count; i++) {
        size_t length = sizeof signature;
        digest[0] = (uint8_t)i;
        if (whole)
            NEED(EVP_DigestSignInit(message, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestSign(message, signature, &length, digest, sizeof digest) == 1);
        else
            NEED(EVP_PKEY_sign(context, signature, &length, digest, sizeof digest) == 1);
    }
    double took = seconds() - begin;
    EVP_MD_CTX_free(message);
    EVP_PKEY_CTX_free(context);
    return took;
}

static double sign_all(struct rfd_key *key, const struct rfd_stamp *stamp, const char *documents, const size_t *lengths,
                       unsigned count)
{
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    struct rfd_place place = RFD_PLACE_INIT;
    struct rfd_error error = RFD_ERROR_INIT;
    char reason[64];
    options.key = key;
    if (stamp != NULL) {
        place.kind = RFD_PLACE_ANCHOR;
        place.anchor = RFD_ANCHOR_BOTTOM_RIGHT;
        options.stamp = stamp;
        options.place = &place;
        options.reason = reason;
        options.location = "Valdehierro";
    }
    double begin = seconds();
    for (unsigned i = 0; i < count; i++) {
        rfd_bytes update = {0};
        rfd_slice input = {(const uint8_t *)documents + (size_t)i * DOCUMENT_SIZE, lengths[i]};
        (void)snprintf(reason, sizeof reason, "Aprobación del expediente %u", i);
        rfd_status status = rfd_sign_memory(input, &options, &update, NULL, &error);
        if (status != RFD_OK) (void)fprintf(stderr, "%s: %s\n", rfd_status_name(status), error.detail);
        NEED(status == RFD_OK);
        rfd_bytes_free(&update);
    }
    return seconds() - begin;
}

static struct rfd_stamp *make_stamp(void)
{
    struct rfd_stamp_options options = RFD_STAMP_OPTIONS_INIT;
    struct rfd_stamp *stamp = NULL;
    options.post = "Jefa de la Oficina de Gestión Documental";
    options.number = "014-2026";
    options.qr = "https://verifica.valdehierro.example/d/7F3K-92QX-014-2026";
    NEED(rfd_stamp_new(&options, &stamp, NULL) == RFD_OK);
    return stamp;
}

static void measure_stamp(const char *kind, struct rfd_key *signer, const char *documents, const size_t *lengths,
                          unsigned count)
{
    struct rfd_stamp *stamp = make_stamp();
    (void)sign_all(signer, stamp, documents, lengths, count / 10 + 1);
    double before = sign_all(signer, NULL, documents, lengths, count);
    double stamped = sign_all(signer, stamp, documents, lengths, count);
    double invisible = (before + sign_all(signer, NULL, documents, lengths, count)) / 2;
    printf("%s documents=%u stamped/s=%.0f invisible_us=%.1f stamped_us=%.1f ratio=%.2f\n", kind, count,
           count / stamped, invisible / count * 1e6, stamped / count * 1e6, invisible / stamped);
    rfd_stamp_free(stamp);
}

static void measure_signing(const char *kind, EVP_PKEY *key, struct rfd_key *signer, const char *documents,
                            const size_t *lengths, unsigned count)
{
    (void)raw(key, count / 10 + 1);
    (void)sign_all(signer, NULL, documents, lengths, count / 10 + 1);
    double raw_before = raw(key, count), signing = sign_all(signer, NULL, documents, lengths, count);
    double operations = (raw_before + raw(key, count)) / 2;
    printf("%s documents=%u raw/s=%.0f sign/s=%.0f raw_us=%.1f sign_us=%.1f ratio=%.2f\n", kind, count,
           count / operations, count / signing, operations / count * 1e6, signing / count * 1e6, operations / signing);
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "P-256";
    unsigned count = DEFAULT_COUNT;
    if (argc > 2 && (sscanf(argv[2], "%u", &count) != 1 || count == 0)) {
        (void)fprintf(stderr, "usage: bench_sign [RSA|P-256|P-384|P-521|ED25519] [documents] [stamp]\n");
        return 2;
    }
    EVP_PKEY *key = make_key(kind);
    char *documents = calloc(count, DOCUMENT_SIZE);
    size_t *lengths = calloc(count, sizeof *lengths);
    NEED(key != NULL && documents != NULL && lengths != NULL);
    struct rfd_key *signer = open_key(kind, key);
    for (unsigned i = 0; i < count; i++) lengths[i] = make_document(documents + (size_t)i * DOCUMENT_SIZE, i);
    if (argc > 3 && strcmp(argv[3], "stamp") == 0)
        measure_stamp(kind, signer, documents, lengths, count);
    else
        measure_signing(kind, key, signer, documents, lengths, count);
    rfd_key_free(signer);
    EVP_PKEY_free(key);
    free(documents);
    free(lengths);
    return 0;
}
