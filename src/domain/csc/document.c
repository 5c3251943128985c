/* SPDX-License-Identifier: EUPL-1.2
 *
 * CMS of documents: for a PDF's /Contents, and CAdES. Their signed attributes follow from digest, certificate and time,
 * and were made by the keeper before: here they are made again.
 */
#include "domain/csc/document.h"

#include "base/error.h"
#include "domain/authority/register.h"
#include "domain/registration/registration.h"
#include "pki/certificate/pem.h"
#include "pki/cms/timestamp.h"

enum { ATTRIBUTES_MAXIMUM = 4096, TOKEN_MAXIMUM = 1 << 16, PEM_MAXIMUM = 1 << 18 };

static rfd_status keep(struct arena *a, const struct buf *b, const char *what, slice *out, struct rfd_error *error)
{
    TRY(buf_check(b, what, error));
    slice copy = arena_copy(a, buf_slice(b));
    if (copy.data == NULL) return arena_failed(a, error);
    *out = copy;
    return RFD_OK;
}

/* ---- What is signed ---- */

static rfd_status put_attributes(const struct csc_document *d, const struct certificate *signer,
                                 struct signature_algorithm *algorithm, struct buf *out, struct rfd_error *error)
{
    if (!digest_is_strong(d->digest) || d->document_digest.length != digest_size(d->digest))
        return error_set(error, RFD_E_ARGUMENT, "the digest of the document");
    TRY(signature_algorithm_choose(signer, d->digest, false, algorithm, error));
    const struct cms_attributes attributes = {
        .digest = d->document_digest, .algorithm = *algorithm, .signer = signer, .signing_time = d->time};
    cms_put_signed_attributes(out, &attributes);
    return buf_check(out, "signed attributes", error);
}

/* ---- What comes out ---- */

/** Over the signature, where the level wants it (EN 319 142-1 §6.3: B-T). */
static rfd_status stamp(const char *service, enum digest_id digest, slice signature, struct buf *token,
                        struct rfd_error *error)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    if (service == NULL || service[0] == '\0') return RFD_OK;
    TRY(digest_of(digest, signature, hash, error));
    return timestamp_fetch(NULL, service, digest, slice_of(hash, digest_size(digest)), token, error);
}

static rfd_status join(const struct csc_document *d, const struct certificate_list *certificates,
                       struct buf parts[static 2], struct buf *out, struct rfd_error *error)
{
    struct signature_algorithm algorithm;
    const struct certificate *signer = certificates->items[0];
    TRY(put_attributes(d, signer, &algorithm, &parts[0], error));
    TRY(signature_verify(&algorithm, signer, buf_slice(&parts[0]), d->signature, error));
    TRY(stamp(d->service, d->digest, d->signature, &parts[1], error));
    const struct cms_signed content = {.signed_attributes = buf_slice(&parts[0]),
                                       .signature = d->signature,
                                       .algorithm = algorithm,
                                       .signer = signer,
                                       .certificates = certificates,
                                       .timestamp_token = buf_slice(&parts[1]),
                                       .content = d->content};
    cms_put_signed_data(out, &content);
    return buf_check(out, "CMS", error);
}

rfd_status csc_document_join(const struct csc_document *document, struct buf *out, struct rfd_error *error)
{
    struct certificate_list certificates = {.count = 0};
    struct buf parts[2];
    rfd_status status = RFD_OK;
    buf_init(&parts[0], ATTRIBUTES_MAXIMUM);
    buf_init(&parts[1], TOKEN_MAXIMUM);
    for (size_t i = 0; i < document->chain_count; i++)
        TRY_OUT(certificate_list_read(&certificates, document->chain[i], error));
    if (certificates.count == 0) status = error_set(error, RFD_E_ARGUMENT, "no certificate");
    if (status == RFD_OK) status = join(document, &certificates, parts, out, error);
out:
    certificate_list_dispose(&certificates);
    for (size_t i = 0; i < 2; i++) buf_dispose(&parts[i]);
    return status;
}

/* ---- Certificates ---- */

static rfd_status split(slice pem, struct arena *a, slice out[static CSC_CHAIN_MAXIMUM], size_t *count,
                        struct rfd_error *error)
{
    struct pem_block block;
    struct buf der;
    rfd_status status = RFD_OK;
    buf_init(&der, PEM_MAXIMUM);
    for (*count = 0; status == RFD_OK && *count < CSC_CHAIN_MAXIMUM && pem_next(&pem, &block);) {
        buf_reset(&der);
        status = pem_decode(&block, &der, error);
        if (status == RFD_OK) status = keep(a, &der, "certificate", &out[(*count)++], error);
    }
    buf_dispose(&der);
    return status;
}

rfd_status csc_chain(struct transaction *t, int64_t registered, struct arena *a, slice out[static CSC_CHAIN_MAXIMUM],
                     size_t *count, struct rfd_error *error)
{
    struct holding holding = {.applicant = 0};
    struct buf pem;
    TRY(register_get(t, registered, store_arena(t), &holding.row, error));
    buf_init(&pem, PEM_MAXIMUM);
    rfd_status status = holding_chain(t, &holding, &pem, error);
    if (status == RFD_OK) status = split(buf_slice(&pem), a, out, count, error);
    buf_dispose(&pem);
    return status;
}

/* ---- Time stamps ---- */

static rfd_status ask(const char *service, slice request, struct buf *answer, struct rfd_error *error)
{
    const struct fetch_request question = {.url = service,
                                           .body = request,
                                           .content_type = "application/timestamp-query",
                                           .accept = "application/timestamp-reply",
                                           .maximum = TOKEN_MAXIMUM};
    return fetch(NULL, &question, answer, error);
}

rfd_status csc_stamp(const char *service, enum digest_id digest, slice hash, slice nonce, struct arena *a, slice *out,
                     struct rfd_error *error)
{
    struct timestamp read;
    struct buf request, answer;
    slice token = SLICE_EMPTY;
    rfd_status status = RFD_OK;
    buf_init(&request, ATTRIBUTES_MAXIMUM);
    buf_init(&answer, TOKEN_MAXIMUM);
    timestamp_put_request(&request, digest, hash, nonce, SLICE_EMPTY);
    TRY_OUT(buf_check(&request, "time-stamp request", error));
    TRY_OUT(ask(service, buf_slice(&request), &answer, error));
    TRY_OUT(timestamp_read_response(buf_slice(&answer), digest, hash, nonce, &token, error));
    TRY_OUT(timestamp_parse(token, &read, error));
    status = timestamp_verify(&read, hash, error);
    timestamp_dispose(&read);
    if (status != RFD_OK) goto out;
    *out = arena_copy(a, token);
    if (out->data == NULL) status = arena_failed(a, error);
out:
    buf_dispose(&request);
    buf_dispose(&answer);
    return status;
}
