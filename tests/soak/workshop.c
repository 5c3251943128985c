/* SPDX-License-Identifier: EUPL-1.2 */
#include "workshop.h"

#include "base/buf.h"

#include <stdio.h>

enum { LIST_SECONDS = 60, LIST_DAYS = 30, DOCUMENT_EXTRA = 1 << 20 };

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                                     \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static void need_ok(rfd_status status, const struct rfd_error *error)
{
    if (status == RFD_OK) return;
    fprintf(stderr, "%s: %s\n", rfd_status_name(status), error->detail);
    abort();
}

/** The issuer's revocation list, on which nobody is. */
static void add_list(struct workshop *w)
{
    struct rfd_error error = RFD_ERROR_INIT;
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_adj(NULL, time(NULL), 0, -LIST_SECONDS);
    ASN1_TIME *to = ASN1_TIME_adj(NULL, time(NULL), LIST_DAYS, 0);
    unsigned char *der = NULL;
    NEED(crl != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
    NEED(X509_CRL_set_issuer_name(crl, X509_get_subject_name(w->root.x509)) == 1);
    NEED(X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, to) == 1);
    NEED(X509_CRL_sign(crl, w->root.key, EVP_sha256()) > 0);
    int length = i2d_X509_CRL(crl, &der);
    need_ok(rfd_trust_add_crl(w->trust, slice_of(der, (size_t)length), &error), &error);
    OPENSSL_free(der);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    X509_CRL_free(crl);
}

void workshop_open(struct workshop *w, const char *kind)
{
    struct rfd_error error = RFD_ERROR_INIT;
    w->root = identity_new("P-256", "Workshop Root", NULL, NULL);
    w->signer = identity_new(kind, "Alba Ejemplo", &w->root, NULL);
    folder_write_identity(&w->signer, "signer.pem", "signer.key");
    need_ok(rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &w->key, &error),
            &error);
    need_ok(rfd_trust_new(&w->trust, &error), &error);
    need_ok(rfd_trust_add_anchors(w->trust, w->root.certificate->der, &error), &error);
    add_list(w);
}

void workshop_close(struct workshop *w)
{
    rfd_key_free(w->key);
    rfd_trust_free(w->trust);
    identity_free(&w->signer);
    identity_free(&w->root);
}

void workshop_document(struct buf *document, size_t size, unsigned salt)
{
    size_t offsets[5];
    buf_init(document, size + DOCUMENT_EXTRA);
    buf_put_text(document, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    offsets[1] = document->length;
    buf_put_text(document, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    offsets[2] = document->length;
    buf_put_text(document, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
    offsets[3] = document->length;
    buf_put_text(document,
                 "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>\nendobj\n");
    offsets[4] = document->length;
    buf_print(document, "4 0 obj\n<</Length %zu>>\nstream\n", size);
    for (size_t i = 0; i < size; i++)
        buf_put_byte(document, i % 64 == 63 ? '\n' : (uint8_t)(' ' + (i * 7 + salt) % 64));
    buf_put_text(document, "\nendstream\nendobj\n");
    size_t xref = document->length;
    buf_put_text(document, "xref\n0 5\n0000000000 65535 f \n");
    for (int i = 1; i < 5; i++) buf_print(document, "%010zu 00000 n \n", offsets[i]);
    buf_print(document, "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    NEED(buf_status(document) == RFD_OK);
}

struct rfd_sign_options workshop_sign_options(const struct workshop *w)
{
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    options.key = w->key;
    options.trust = w->trust;
    options.offline = true;
    return options;
}

struct rfd_verify_options workshop_verify_options(const struct workshop *w)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    options.trust = w->trust;
    options.offline = true;
    return options;
}

void workshop_sign(const struct workshop *w, struct buf *document)
{
    struct rfd_sign_options options = workshop_sign_options(w);
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_bytes update = {0};
    need_ok(rfd_sign_memory(buf_slice(document), &options, &update, NULL, &error), &error);
    buf_put(document, update.data, update.length);
    NEED(buf_status(document) == RFD_OK);
    rfd_bytes_free(&update);
}

bool workshop_passes(const struct workshop *w, slice document)
{
    struct rfd_verify_options options = workshop_verify_options(w);
    struct rfd_verification *v = NULL;
    if (rfd_verify_memory(document, &options, &v, NULL) != RFD_OK) return false;
    bool passes = rfd_verification_count(v) > 0 && rfd_verification_indication(v) == RFD_TOTAL_PASSED;
    rfd_verification_free(v);
    return passes;
}
