/* SPDX-License-Identifier: EUPL-1.2
 *
 * A CertificateList in four pieces: what is before the entries, the entries, what is after them, the signature. Only
 * the lengths of all four make the headers of the first; the pieces go into the digest and to the sink one after the
 * other and are never put together.
 */
#include "pki/authority/crl_writer.h"

#include "base/error.h"
#include "pki/authority/crl_entry.h"
#include "pki/issue/issue.h"

enum { HEAD_MAXIMUM = 64 << 10, SIGNATURE_MAXIMUM = 2048, ALGORITHM_MAXIMUM = 512, NAME_URI = DER_CONTEXT(6) };

struct list {
    struct buf entries; /* content of revokedCertificates */
    struct buf front;   /* version to nextUpdate */
    struct buf back;    /* [0] crlExtensions */
    struct buf headers; /* of TBSCertList; and of revokedCertificates */
    size_t tbs_header;  /* bytes of `headers` that are the first */
    size_t tbs;         /* bytes of TBSCertList */
    struct buf outer;   /* the header of CertificateList */
    struct buf tail;    /* its algorithm and signature */
    uint64_t entry_count;
};

/* --- Before and after -------------------------------------------------------------------------------------------- */

static void put_front(struct buf *b, const struct authority_signer *signer, const struct crl_plan *plan)
{
    der_put_unsigned(b, 1); /* version 2 */
    signature_algorithm_put(b, &signer->algorithm);
    buf_put_slice(b, signer->certificate->subject);
    der_put_time(b, plan->this_update);
    der_put_time(b, plan->next_update);
}

static void put_number(struct buf *b, enum oid_name id, bool critical, slice number)
{
    struct authority_extension e = authority_open_extension(b, id, critical);
    der_put_integer(b, number);
    authority_close_extension(b, e);
}

/* DistributionPointName: [0] fullName, one address. */
static void put_full_name(struct buf *b, const char *url)
{
    size_t name = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    size_t full = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    der_put(b, NAME_URI, slice_text(url));
    der_close(b, full);
    der_close(b, name);
}

/* RFC 5280 §5.2.5: critical, and never an empty SEQUENCE. */
static void put_issuing_point(struct buf *b, const struct crl_plan *plan)
{
    static const uint8_t yes = 0xFF;
    if (plan->issuing_point == NULL && !plan->only_users && !plan->only_authorities) return;
    struct authority_extension e = authority_open_extension(b, OID_ISSUING_DISTRIBUTION_POINT, true);
    size_t point = der_open(b, DER_SEQUENCE);
    if (plan->issuing_point != NULL) put_full_name(b, plan->issuing_point);
    if (plan->only_users) der_put(b, DER_CONTEXT(1), slice_of(&yes, 1));
    if (plan->only_authorities) der_put(b, DER_CONTEXT(2), slice_of(&yes, 1));
    der_close(b, point);
    authority_close_extension(b, e);
}

static void put_back(struct buf *b, const struct authority_signer *signer, const struct crl_plan *plan)
{
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    size_t list = der_open(b, DER_SEQUENCE);
    issue_put_authority_key_id(b, signer->certificate->subject_key_id);
    put_number(b, OID_CRL_NUMBER, false, plan->number);
    if (plan->base_number.length > 0) put_number(b, OID_DELTA_CRL_INDICATOR, true, plan->base_number);
    put_issuing_point(b, plan);
    if (plan->freshest != NULL) issue_put_freshest_crl(b, plan->freshest);
    if (plan->expired_since != RFD_TIME_NONE) {
        struct authority_extension e = authority_open_extension(b, OID_EXPIRED_CERTS_ON_CRL, false);
        authority_put_generalized_time(b, plan->expired_since);
        authority_close_extension(b, e);
    }
    der_close(b, list);
    der_close(b, tagged);
}

/* --- Entries ----------------------------------------------------------------------------------------------------- */

static rfd_status gather(struct list *l, const struct crl_plan *plan, const struct crl_source *source,
                         struct rfd_error *error)
{
    struct crl_entry_writer writer = {.day = INT64_MIN, .in_delta = plan->base_number.length > 0};
    for (;;) {
        struct crl_writer_entry entry = {.invalid_since = RFD_TIME_NONE};
        bool more = false;
        TRY(source->next(source->context, &entry, &more, error));
        if (!more) return buf_check(&l->entries, "entries of the list", error);
        TRY(crl_entry_put(&writer, &l->entries, &entry, error));
        l->entry_count++;
    }
}

/* --- Putting it together ----------------------------------------------------------------------------------------- */

/* Tag and length of an element whose content is written elsewhere. */
static void put_header(struct buf *b, size_t length)
{
    uint8_t octets[8];
    size_t count = 0;
    for (size_t rest = length; length >= 0x80 && rest > 0; rest >>= 8) count++;
    buf_put_byte(b, DER_SEQUENCE);
    buf_put_byte(b, count == 0 ? (uint8_t)length : (uint8_t)(0x80 | count));
    for (size_t i = 0; i < count; i++) octets[i] = (uint8_t)(length >> (8 * (count - 1 - i)));
    buf_put(b, octets, count);
}

/* The header of the entries comes first in the making, as its size counts for that of the whole. An empty list has
 * none (RFC 5280 §5.1.2.6). */
static size_t put_headers(struct list *l)
{
    uint8_t bytes[16];
    struct buf of_entries = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    if (l->entry_count > 0) put_header(&of_entries, l->entries.length);
    size_t content = l->front.length + of_entries.length + l->entries.length + l->back.length;
    put_header(&l->headers, content);
    l->tbs_header = l->headers.length;
    buf_put_slice(&l->headers, buf_slice(&of_entries));
    return l->tbs_header + content;
}

enum { TBS_PIECES = 5 };
static void tbs_pieces(const struct list *l, slice pieces[TBS_PIECES])
{
    pieces[0] = slice_part(buf_slice(&l->headers), 0, l->tbs_header);
    pieces[1] = buf_slice(&l->front);
    pieces[2] = slice_from(buf_slice(&l->headers), l->tbs_header);
    pieces[3] = buf_slice(&l->entries);
    pieces[4] = buf_slice(&l->back);
}

static rfd_status digest_pieces(enum digest_id id, const slice pieces[TBS_PIECES], uint8_t *out,
                                struct rfd_error *error)
{
    struct digest *digest;
    TRY(digest_start(id, &digest, error));
    rfd_status status = RFD_OK;
    for (size_t i = 0; status == RFD_OK && i < TBS_PIECES; i++) status = digest_add(digest, pieces[i], error);
    if (status == RFD_OK) status = digest_finish(digest, out, error);
    digest_free(digest);
    return status;
}

void crl_put_envelope(struct buf *head, struct buf *tail, size_t tbs_length, slice algorithm, slice signature)
{
    size_t before = tail->length;
    buf_put_slice(tail, algorithm);
    der_put_bits(tail, signature);
    put_header(head, tbs_length + tail->length - before);
}

/* The signature over the pieces, and what it needs around it. */
static rfd_status sign_pieces(struct list *l, const struct authority_signer *signer, const slice pieces[TBS_PIECES],
                              struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    uint8_t bytes[SIGNATURE_MAXIMUM];
    uint8_t algorithm_bytes[ALGORITHM_MAXIMUM];
    struct buf signature = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct buf algorithm = {
        .data = algorithm_bytes, .capacity = sizeof algorithm_bytes, .maximum = sizeof algorithm_bytes};
    enum digest_id id = signer->algorithm.digest;
    TRY(digest_pieces(id, pieces, digest, error));
    TRY(signer->sign(signer->context, &signer->algorithm, SLICE_EMPTY, slice_of(digest, digest_size(id)), &signature,
                     error));
    TRY(buf_check(&signature, "signature", error));
    signature_algorithm_put(&algorithm, &signer->algorithm);
    TRY(buf_check(&algorithm, "algorithm", error));
    crl_put_envelope(&l->outer, &l->tail, l->tbs, buf_slice(&algorithm), buf_slice(&signature));
    TRY(buf_check(&l->outer, "list", error));
    return buf_check(&l->tail, "list", error);
}

static rfd_status write_pieces(const slice pieces[TBS_PIECES], const struct crl_target *target, struct rfd_error *error)
{
    for (size_t i = 0; i < TBS_PIECES; i++) {
        if (pieces[i].length > 0) TRY(target->write(target->context, pieces[i], error));
    }
    return RFD_OK;
}

/* All but the signature. */
static rfd_status make(struct list *l, const struct authority_signer *signer, const struct crl_plan *plan,
                       const struct crl_source *source, struct rfd_error *error)
{
    TRY(gather(l, plan, source, error));
    put_front(&l->front, signer, plan);
    put_back(&l->back, signer, plan);
    TRY(buf_check(&l->front, "list", error));
    TRY(buf_check(&l->back, "extensions of the list", error));
    l->tbs = put_headers(l);
    return buf_check(&l->headers, "list", error);
}

static bool is_number(slice number)
{
    return number.length > 0 && number.length <= CRL_WRITER_NUMBER_MAXIMUM;
}

static rfd_status check_plan(const struct authority_signer *signer, const struct crl_plan *plan,
                             struct rfd_error *error)
{
    if (signer->algorithm.scheme == SCHEME_ED25519 || signer->algorithm.scheme == SCHEME_ED448) {
        return error_set(error, RFD_E_KEY_ALGORITHM, "%s signs whole messages, a list is signed by its digest",
                         signature_algorithm_name(&signer->algorithm));
    }
    if (signer->certificate->subject_key_id.length == 0) {
        return error_set(error, RFD_E_ARGUMENT, "the authority has no key identifier (RFC 5280 §5.2.1)");
    }
    bool delta = plan->base_number.length > 0;
    if (!is_number(plan->number) || (delta && !is_number(plan->base_number)) || (delta && plan->freshest != NULL)) {
        return error_set(error, RFD_E_ARGUMENT, "list: its numbers (RFC 5280 §5.2.3, §5.2.4)");
    }
    bool dates = crl_entry_is_date(plan->this_update) && crl_entry_is_date(plan->next_update);
    if (!dates || plan->next_update <= plan->this_update || (plan->only_users && plan->only_authorities)) {
        return error_set(error, RFD_E_ARGUMENT, "list: its times or its scope (RFC 5280 §5.1.2.5, §5.2.5)");
    }
    return RFD_OK;
}

static void list_init(struct list *l)
{
    struct buf *const parts[] = {&l->front, &l->back, &l->headers, &l->outer, &l->tail};
    *l = (struct list){.entry_count = 0};
    buf_init(&l->entries, CRL_WRITER_BYTES_MAXIMUM);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) buf_init(parts[i], HEAD_MAXIMUM);
}

static void list_dispose(struct list *l)
{
    struct buf *const parts[] = {&l->front, &l->back, &l->headers, &l->outer, &l->tail, &l->entries};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) buf_dispose(parts[i]);
}

rfd_status crl_write(const struct authority_signer *signer, const struct crl_plan *plan,
                     const struct crl_source *source, const struct crl_target *target, struct crl_summary *summary,
                     struct rfd_error *error)
{
    struct list l;
    slice pieces[TBS_PIECES];
    rfd_status status = RFD_OK;
    TRY(check_plan(signer, plan, error));
    list_init(&l);
    TRY_OUT(make(&l, signer, plan, source, error));
    tbs_pieces(&l, pieces);
    TRY_OUT(sign_pieces(&l, signer, pieces, error));
    TRY_OUT(target->write(target->context, buf_slice(&l.outer), error));
    TRY_OUT(write_pieces(pieces, target, error));
    TRY_OUT(target->write(target->context, buf_slice(&l.tail), error));
    *summary = (struct crl_summary){l.entry_count, l.outer.length + l.tbs + l.tail.length};
out:
    list_dispose(&l);
    return status;
}

rfd_status crl_write_tbs(const struct authority_signer *signer, const struct crl_plan *plan,
                         const struct crl_source *source, const struct crl_target *target, struct crl_summary *summary,
                         struct rfd_error *error)
{
    struct list l;
    slice pieces[TBS_PIECES];
    rfd_status status = RFD_OK;
    TRY(check_plan(signer, plan, error));
    list_init(&l);
    TRY_OUT(make(&l, signer, plan, source, error));
    tbs_pieces(&l, pieces);
    TRY_OUT(write_pieces(pieces, target, error));
    *summary = (struct crl_summary){l.entry_count, l.tbs};
out:
    list_dispose(&l);
    return status;
}

rfd_status crl_write_to_buf(void *context, slice bytes, struct rfd_error *error)
{
    struct buf *out = context;
    buf_put_slice(out, bytes);
    return buf_check(out, "list", error);
}
