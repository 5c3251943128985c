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

/** What came with a message. */
struct piece {
    uint64_t offset;
    slice octets;
    bool of_revision;
};

static rfd_status begin_reading(struct reading *r, enum digest_id digest, struct rfd_error *error)
{
    digest_free(r->digest);
    *r = (struct reading){.digest = NULL};
    return digest_start(digest, &r->digest, error);
}

/** The document is no longer than what was read of it. */
static rfd_status end_document(struct reading *r, struct rfd_error *error)
{
    struct digest *document = NULL;
    if (r->document > 0) return RFD_OK;
    TRY(digest_fork(r->digest, &document, error));
    rfd_status status = digest_finish(document, r->hash, error);
    if (status == RFD_OK) r->document = r->length;
    digest_free(document);
    return status;
}

static rfd_status check_revision(const struct reading *r, uint64_t more, struct rfd_error *error)
{
    uint64_t before = r->document > 0 ? r->length - r->document : 0;
    if (before + more <= PERSONAL_REVISION_MAXIMUM) return RFD_OK;
    return error_set(error, RFD_E_LIMIT, "a revision of more than %d octets", PERSONAL_REVISION_MAXIMUM);
}

/** One at a time of each operation: whoever begins anew throws away what was read. Under `lock`. */
static rfd_status take_reading(struct pending *o, const struct piece *piece, struct rfd_error *error)
{
    struct reading *r = &o->reading;
    if (r->busy) return error_set(error, RFD_E_BUSY, "another piece is being read");
    if (piece->offset == 0 && !piece->of_revision) TRY(begin_reading(r, o->operation.digest, error));
    if (r->digest == NULL || r->length != piece->offset || (piece->of_revision ? r->length == 0 : r->document > 0))
        return error_set(error, RFD_E_STATE, "it is not what comes next of the document");
    if (piece->of_revision) TRY(check_revision(r, piece->octets.length, error));
    r->busy = true;
    o->users++;
    return RFD_OK;
}

static rfd_status add_piece(struct reading *r, const struct piece *piece, struct rfd_error *error)
{
    if (piece->of_revision) TRY(end_document(r, error));
    return digest_add(r->digest, piece->octets, error);
}

static rfd_status read_piece(struct personal *p, slice sad, const struct piece *piece, struct rfd_error *error)
{
    struct pending *o = NULL;
    uint64_t most = PERSONAL_DOCUMENT_MAXIMUM + (piece->of_revision ? PERSONAL_REVISION_MAXIMUM : 0);
    if (piece->octets.length == 0 || piece->offset > most - piece->octets.length)
        return error_set(error, RFD_E_LIMIT, "more than %llu octets", (unsigned long long)most);
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = sign_find_activated(p, sad, OPERATION_OF_DOCUMENTS, &o, error);
    if (status == RFD_OK) status = take_reading(o, piece, error);
    (void)pthread_mutex_unlock(&p->lock);
    if (status != RFD_OK) return status;
    status = add_piece(&o->reading, piece, error);
    (void)pthread_mutex_lock(&p->lock);
    o->reading.length += piece->octets.length;
    o->reading.busy = false;
    o->users--;
    (void)pthread_mutex_unlock(&p->lock);
    return status;
}

static rfd_status take_piece(struct personal *p, struct message_reader *r, bool of_revision, struct rfd_error *error)
{
    struct piece piece = {.of_revision = of_revision};
    slice sad = message_get_bytes(r, PERSONAL_SAD_SIZE);
    piece.offset = message_get_u64(r);
    piece.octets = message_get_bytes(r, PERSONAL_PIECE_MAXIMUM);
    TRY(message_end(r, "a piece of a document", error));
    return read_piece(p, sad, &piece, error);
}

rfd_status document_read(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                         struct rfd_error *error)
{
    (void)q, (void)answer;
    return take_piece(p, r, false, error);
}

rfd_status document_read_revision(struct personal *p, struct personal_request *q, struct message_reader *r,
                                  struct buf *answer, struct rfd_error *error)
{
    (void)q, (void)answer;
    return take_piece(p, r, true, error);
}

/* ---- Its end ---- */

/** Takes what was read out of the operation. Under `lock`. */
static rfd_status give_reading(struct pending *o, const struct document_end *end, struct reading *out,
                               struct rfd_error *error)
{
    struct reading *r = &o->reading;
    if (r->busy) return error_set(error, RFD_E_BUSY, "another piece is being read");
    if (r->digest == NULL || end->length == 0 || r->length != end->length)
        return error_set(error, RFD_E_STATE, "it is not what comes next of the document");
    TRY(check_revision(r, end->before.length + end->after.length, error));
    *out = *r;
    *r = (struct reading){.digest = NULL};
    return RFD_OK;
}

/** Of the document, and of it with all that follows. */
static rfd_status finish(struct reading *r, const struct document_end *end, uint8_t document[DIGEST_SIZE_MAXIMUM],
                         uint8_t whole[DIGEST_SIZE_MAXIMUM], struct rfd_error *error)
{
    TRY(end_document(r, error));
    TRY(digest_add(r->digest, end->before, error));
    TRY(digest_add(r->digest, end->after, error));
    memcpy(document, r->hash, sizeof r->hash);
    return digest_finish(r->digest, whole, error);
}

rfd_status document_finish(struct personal *p, slice sad, const struct document_end *end,
                           uint8_t document[DIGEST_SIZE_MAXIMUM], uint8_t whole[DIGEST_SIZE_MAXIMUM],
                           struct rfd_error *error)
{
    struct pending *o = NULL;
    struct reading reading = {.digest = NULL};
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = sign_find_activated(p, sad, OPERATION_OF_DOCUMENTS, &o, error);
    if (status == RFD_OK) status = give_reading(o, end, &reading, error);
    (void)pthread_mutex_unlock(&p->lock);
    if (status == RFD_OK) status = finish(&reading, end, document, whole, error);
    digest_free(reading.digest);
    return status;
}
