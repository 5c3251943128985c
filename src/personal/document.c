/* SPDX-License-Identifier: EUPL-1.2
 *
 * Documents that were authorised by their own hash. What is signed for one are signed attributes (RFC 5652 §5.4) that
 * are made here, of the hash and of the credential's certificate: whoever asks has no say in them. Where the signature
 * goes into the document itself (PDF), the document is read here, piece by piece: it has to be an authorised one, octet
 * by octet, and what is signed is it together with what follows it. Of that only the size is looked at: what the
 * revision behind a document says, we do not judge (docs/threat-model.md).
 */
#include "personal/internal.h"

#include "base/error.h"
#include "pki/certificate/certificate.h"
#include "pki/cms/cms.h"

enum { ATTRIBUTES_MAXIMUM = 4096 };

rfd_status document_hash(const struct pending *o, slice digest, rfd_time time, uint8_t hash[DIGEST_SIZE_MAXIMUM],
                         struct rfd_error *error)
{
    struct cms_attributes attributes = {.digest = digest, .signer = o->certificate, .signing_time = time};
    struct buf b;
    TRY(signature_algorithm_choose(o->certificate, o->operation.digest, false, &attributes.algorithm, error));
    buf_init(&b, ATTRIBUTES_MAXIMUM);
    cms_put_signed_attributes(&b, &attributes);
    rfd_status status = buf_check(&b, "signed attributes", error);
    if (status == RFD_OK) status = digest_of(o->operation.digest, buf_slice(&b), hash, error);
    buf_dispose(&b);
    return status;
}

/* ---- Reading ---- */

/** One at a time of each operation: whoever begins anew throws away what was read. Under `lock`. */
static rfd_status take_reading(struct pending *o, uint64_t offset, struct rfd_error *error)
{
    if (o->of_reading) return error_set(error, RFD_E_BUSY, "another piece is being read");
    if (offset == 0) {
        digest_free(o->reading);
        o->reading = NULL;
        o->read = 0;
        TRY(digest_start(o->operation.digest, &o->reading, error));
    }
    if (o->reading == NULL || o->read != offset)
        return error_set(error, RFD_E_STATE, "it is not what comes next of the document");
    o->of_reading = true;
    o->users++;
    return RFD_OK;
}

rfd_status document_read(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                         struct rfd_error *error)
{
    struct pending *o = NULL;
    slice sad = message_get_bytes(r, PERSONAL_SAD_SIZE);
    uint64_t offset = message_get_u64(r);
    slice piece = message_get_bytes(r, PERSONAL_PIECE_MAXIMUM);
    (void)q, (void)answer;
    TRY(message_end(r, "read-document", error));
    if (piece.length == 0 || offset > PERSONAL_DOCUMENT_MAXIMUM - piece.length)
        return error_set(error, RFD_E_LIMIT, "a document of more than %d octets", PERSONAL_DOCUMENT_MAXIMUM);
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = sign_find_activated(p, sad, OPERATION_OF_DOCUMENTS, &o, error);
    if (status == RFD_OK) status = take_reading(o, offset, error);
    (void)pthread_mutex_unlock(&p->lock);
    if (status != RFD_OK) return status;
    status = digest_add(o->reading, piece, error);
    (void)pthread_mutex_lock(&p->lock);
    o->read += piece.length;
    o->of_reading = false;
    o->users--;
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}

/** Of what was read, and of it with what follows. The reading is over. */
static rfd_status finish(struct digest *read, slice before, slice after, uint8_t document[DIGEST_SIZE_MAXIMUM],
                         uint8_t whole[DIGEST_SIZE_MAXIMUM], struct rfd_error *error)
{
    struct digest *longer = NULL;
    TRY(digest_fork(read, &longer, error));
    rfd_status status = digest_finish(read, document, error);
    if (status == RFD_OK) status = digest_add(longer, before, error);
    if (status == RFD_OK) status = digest_add(longer, after, error);
    if (status == RFD_OK) status = digest_finish(longer, whole, error);
    digest_free(longer);
    return status;
}

rfd_status document_finish(struct personal *p, slice sad, const struct document_end *end,
                           uint8_t document[DIGEST_SIZE_MAXIMUM], uint8_t whole[DIGEST_SIZE_MAXIMUM],
                           struct rfd_error *error)
{
    struct pending *o = NULL;
    struct digest *read = NULL;
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = sign_find_activated(p, sad, OPERATION_OF_DOCUMENTS, &o, error);
    if (status == RFD_OK) status = take_reading(o, end->length == 0 ? UINT64_MAX : end->length, error);
    if (status == RFD_OK) {
        read = o->reading;
        o->reading = NULL;
        o->of_reading = false;
        o->users--;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (status == RFD_OK) status = finish(read, end->before, end->after, document, whole, error);
    digest_free(read);
    return status;
}
