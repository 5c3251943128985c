/* SPDX-License-Identifier: EUPL-1.2
 *
 * signatures/signDoc: of digests, CMS for a PDF whose ByteRange has that digest, and detached CAdES; of whole
 * documents, signed PDF files, and CAdES. What was authorised are the digests of documents: the personal keeper says
 * yes or no.
 *
 * In steps, so that what can be refused is refused before anything is signed: read (digests), look (all of them are
 * authorised), prepare, sign, finish. One document at a time is decoded.
 */
#include "base/error.h"
#include "domain/csc/validation.h"
#include "web/csc/item.h"
#include "web/internal.h"

enum {
    CONTENT_MAXIMUM = CSC_DOCUMENTS_BODY,
    GROWTH_MAXIMUM = 2 << 20,      /* of a document by its signature */
    GROWTH_USUAL = 32 << 10,       /* by a signature with its chain and a stamp */
    GROWTH_VALIDATION = 160 << 10, /* by that and what validates it later */
};

struct signing_call {
    struct csc_call *call;
    struct csc_item *items;
    size_t count;
    bool whole; /* documents; else their digests */
    slice chain[CSC_CHAIN_MAXIMUM];
    size_t chain_count;
    const char *service;
    struct csc_validation *validation; /* NULL: nobody asked for it */
    struct buf content;                /* of one document */
};

/* ---- What is asked for ---- */

static rfd_status read_hash(struct csc_call *call, const json_t *value, struct csc_item *item, struct rfd_error *error)
{
    if (!csc_base64(call, csc_json_text(value), &item->document_digest))
        return csc_no(call, CSC_NO_DIGESTS_BASE64, error);
    bool fits = item->document_digest.length == digest_size(item->digest);
    return fits ? RFD_OK : csc_no(call, CSC_NO_HASH_LENGTH, error);
}

/** One entry of documentDigests: all of its hashes are signed alike. */
static rfd_status read_digests(struct signing_call *s, const json_t *entry, struct rfd_error *error)
{
    struct csc_item item;
    struct csc_call *call = s->call;
    TRY(csc_item_read(call, entry, false, s->service, &item, error));
    const json_t *hashes = json_object_get(entry, "hashes");
    size_t count = json_is_string(hashes) ? 1 : json_array_size(hashes);
    if (count == 0) return csc_no_parameter(call, "documentDigests", error);
    for (size_t i = 0; i < count; i++) {
        if (s->count == CSC_HASHES) return csc_no(call, CSC_NO_DIGESTS_REFUSED, error);
        TRY(read_hash(call, json_is_string(hashes) ? hashes : json_array_get(hashes, i), &item, error));
        s->items[s->count++] = item;
    }
    return RFD_OK;
}

static rfd_status read_document(struct signing_call *s, const json_t *entry, struct rfd_error *error)
{
    struct csc_call *call = s->call;
    struct csc_item *item = &s->items[s->count];
    uint8_t *digest = arena_allocate(call->page->arena, DIGEST_SIZE_MAXIMUM);
    if (digest == NULL) return arena_failed(call->page->arena, error);
    if (s->count == CSC_DOCUMENTS) return csc_no_parameter(call, "documents", error);
    TRY(csc_item_read(call, entry, true, s->service, item, error));
    item->text = csc_json_text(json_object_get(entry, "document"));
    if (!csc_item_decode(item->text, &s->content)) return csc_no(call, CSC_NO_DOCUMENTS_BASE64, error);
    TRY(digest_of(item->digest, buf_slice(&s->content), digest, error));
    item->document_digest = slice_of(digest, digest_size(item->digest));
    s->count++;
    return RFD_OK;
}

/** What a person agreed to, or what a portal authorised with a seal's PIN under 2.0, where hashes are of both kinds. */
static bool is_of_documents(const struct csc_token *sad)
{
    return sad->documents || (sad->version != 1 && sad->account == 0);
}

static rfd_status read_all(struct signing_call *s, struct rfd_error *error)
{
    struct csc_call *call = s->call;
    const json_t *digests = csc_value(call, "documentDigests"), *documents = csc_value(call, "documents");
    if (digests != NULL && documents != NULL) return csc_no(call, CSC_NO_BOTH, error);
    s->whole = documents != NULL;
    const json_t *list = s->whole ? documents : digests;
    if (json_array_size(list) == 0) return csc_no(call, CSC_NO_NEITHER, error);
    if (!is_of_documents(&call->sad)) return csc_no(call, CSC_NO_DIGESTS_REFUSED, error);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        TRY(s->whole ? read_document(s, entry, error) : read_digests(s, entry, error));
    }
    return s->count <= call->sad.count ? RFD_OK : csc_no(call, CSC_NO_DIGESTS_DIFFER, error);
}

/* ---- Whether it will be signed ---- */

static rfd_status refuse(struct csc_call *call, rfd_status status, struct rfd_error *error)
{
    if (status == RFD_E_HASH_NOT_AUTHORISED) return csc_no(call, CSC_NO_DIGESTS_DIFFER, error);
    /* Another call reads a document by the same token. */
    if (status == RFD_E_STATE) return csc_no(call, CSC_NO_UNAVAILABLE, error);
    return status == RFD_E_ACTIVATION_ENDED ? csc_no(call, CSC_NO_SAD_EXPIRED, error) : status;
}

static rfd_status look(struct signing_call *s, struct rfd_error *error)
{
    struct csc_call *call = s->call;
    slice *digests = arena_zeroed(call->page->arena, s->count, sizeof *digests);
    if (digests == NULL) return arena_failed(call->page->arena, error);
    for (size_t i = 0; i < s->count; i++) {
        if (s->items[i].digest != call->sad.digest) return csc_no(call, CSC_NO_DIGESTS_DIFFER, error);
        digests[i] = s->items[i].document_digest;
    }
    return refuse(call, csc_check(&call->central, &call->sad, digests, s->count, error), error);
}

static rfd_status find_chain(struct transaction *t, void *context, struct rfd_error *error)
{
    struct signing_call *s = context;
    return csc_chain(t, s->call->key.registered, s->call->page->arena, s->chain, &s->chain_count, error);
}

/** One that is no PDF, or one that cannot be signed, is no such document. */
static rfd_status prepare(struct signing_call *s, struct csc_item *item, struct rfd_error *error)
{
    struct csc_call *call = s->call;
    if (!item->pdf || !s->whole) return RFD_OK;
    if (!csc_item_decode(item->text, &s->content)) return csc_no(call, CSC_NO_DOCUMENTS_BASE64, error);
    const struct csc_pdf_wish wish = {.content = buf_slice(&s->content),
                                      .chain = s->chain,
                                      .chain_count = s->chain_count,
                                      .digest = item->digest,
                                      .level = item->level,
                                      .service = s->service,
                                      .certify = item->certify,
                                      .reason = item->reason,
                                      .location = item->location,
                                      .name = item->name,
                                      .contact = item->contact};
    rfd_status status = csc_pdf_prepare(&call->central, &wish, call->page->arena, &item->file, error);
    return signing_is_of_document(status) ? csc_no_parameter(call, "documents", error) : status;
}

/** An answer that will be too long to be kept is refused while nothing is signed: octets of base64, of all documents
 * and of what signing usually adds. */
static rfd_status check_length(struct signing_call *s, struct rfd_error *error)
{
    size_t length = 0;
    if (!csc_is_later(s->call)) return RFD_OK;
    for (size_t i = 0; i < s->count; i++) {
        const struct csc_item *item = &s->items[i];
        size_t growth = item->level >= RFD_LEVEL_B_LT ? GROWTH_VALIDATION : GROWTH_USUAL;
        length += item->text.length + growth / 3 * 4;
    }
    return length <= CSC_RESULT_MAXIMUM ? RFD_OK : csc_no(s->call, CSC_NO_MODE, error);
}

/* ---- Signing ---- */

/** Those whose signed attributes are made of the digest alone, with a time (CAdES) or without: one question for all. */
static rfd_status sign_digests(struct signing_call *s, bool timed, struct rfd_error *error)
{
    struct csc_call *call = s->call;
    struct arena *a = call->page->arena;
    slice *digests = arena_zeroed(a, s->count, sizeof *digests);
    slice *signatures = arena_zeroed(a, s->count, sizeof *signatures);
    struct csc_item **which = arena_zeroed(a, s->count, sizeof(struct csc_item *));
    rfd_time time = RFD_TIME_NONE;
    size_t count = 0;
    if (digests == NULL || signatures == NULL || which == NULL) return arena_failed(a, error);
    for (size_t i = 0; i < s->count; i++) {
        if (s->items[i].file != NULL || s->items[i].pdf == timed) continue;
        which[count] = &s->items[i];
        digests[count++] = s->items[i].document_digest;
    }
    if (count == 0) return RFD_OK;
    TRY(csc_sign_documents(&call->central, &call->sad, timed, digests, count, a, signatures, &time, error));
    for (size_t i = 0; i < count; i++) {
        which[i]->signature = signatures[i];
        which[i]->time = time;
    }
    return RFD_OK;
}

static rfd_status sign_all(struct signing_call *s, struct rfd_error *error)
{
    const struct csc_call *call = s->call;
    for (size_t i = 0; i < s->count; i++) {
        struct csc_item *item = &s->items[i];
        if (item->file != NULL) TRY(csc_pdf_sign(&call->central, &call->sad, item->file, call->page->arena, error));
    }
    TRY(sign_digests(s, true, error));
    return sign_digests(s, false, error);
}

/* ---- What comes out ---- */

static rfd_status finish_pdf(struct signing_call *s, const struct csc_item *item, struct buf *out, slice *cms,
                             struct rfd_error *error)
{
    return csc_pdf_finish(&s->call->central, item->file, s->call->page->arena, out, cms, error);
}

static rfd_status finish_cms(struct signing_call *s, const struct csc_item *item, struct buf *out, slice *cms,
                             struct rfd_error *error)
{
    struct csc_document joined = {.chain = s->chain,
                                  .chain_count = s->chain_count,
                                  .digest = item->digest,
                                  .document_digest = item->document_digest,
                                  .time = item->time,
                                  .signature = item->signature,
                                  .service = item->level >= RFD_LEVEL_B_T ? s->service : NULL};
    if (item->attached && !csc_item_decode(item->text, &s->content)) return error_memory(error);
    if (item->attached) joined.content = buf_slice(&s->content);
    TRY(csc_document_join(&joined, out, error));
    *cms = buf_slice(out);
    return RFD_OK;
}

static rfd_status finish(struct signing_call *s, const struct csc_item *item, json_t *list, struct rfd_error *error)
{
    struct buf out;
    slice cms = SLICE_EMPTY;
    buf_init(&out, CONTENT_MAXIMUM + GROWTH_MAXIMUM);
    rfd_status status =
        item->file != NULL ? finish_pdf(s, item, &out, &cms, error) : finish_cms(s, item, &out, &cms, error);
    if (status == RFD_OK && s->validation != NULL) status = csc_validation_add(s->validation, cms, error);
    if (status == RFD_OK && json_array_append_new(list, csc_json_base64(s->call, buf_slice(&out))) != 0)
        status = error_memory(error);
    buf_dispose(&out);
    return status;
}

struct showing {
    const struct csc_call *call;
    json_t *info;
};

static rfd_status show_one(void *context, const char *list, slice der, struct rfd_error *error)
{
    const struct showing *s = context;
    json_t *to = json_object_get(s->info, list);
    if (to == NULL) {
        to = json_array();
        if (json_object_set_new(s->info, list, to) != 0) return error_memory(error);
    }
    return json_array_append_new(to, csc_json_base64(s->call, der)) == 0 ? RFD_OK : error_memory(error);
}

static rfd_status put_validation(const struct signing_call *s, json_t *answer, struct rfd_error *error)
{
    struct showing showing = {s->call, json_object()};
    if (s->validation == NULL) {
        json_decref(showing.info);
        return RFD_OK;
    }
    if (json_object_set_new(answer, "validationInfo", showing.info) != 0) return error_memory(error);
    return csc_validation_walk(s->validation, show_one, &showing, error);
}

/** Signed documents, and signatures that are not inside of theirs: each in the request's order. */
static rfd_status answer(struct signing_call *s, struct rfd_error *error)
{
    json_t *documents = json_array(), *signatures = json_array(), *all = json_object();
    rfd_status status = RFD_OK;
    for (size_t i = 0; i < s->count && status == RFD_OK; i++)
        status = finish(s, &s->items[i], s->items[i].file != NULL ? documents : signatures, error);
    if (json_array_size(documents) > 0) (void)json_object_set(all, "DocumentWithSignature", documents);
    if (json_array_size(signatures) > 0) (void)json_object_set(all, "SignatureObject", signatures);
    json_decref(documents);
    json_decref(signatures);
    if (status == RFD_OK) status = put_validation(s, all, error);
    if (status == RFD_OK) return csc_answer_mode(s->call, all, error);
    json_decref(all);
    return status;
}

/* ---- Together ---- */

static rfd_status sign(struct signing_call *s, struct rfd_error *error)
{
    struct csc_call *call = s->call;
    TRY(read_all(s, error));
    TRY(check_length(s, error));
    TRY(csc_check_room(call, error));
    TRY(page_read(call->page, find_chain, s, error));
    TRY(look(s, error));
    if (csc_switch(call, "returnValidationInfo"))
        TRY(csc_validation_new(s->chain, s->chain_count, &s->validation, error));
    for (size_t i = 0; i < s->count; i++) TRY(prepare(s, &s->items[i], error));
    TRY(refuse(call, sign_all(s, error), error));
    return answer(s, error);
}

rfd_status csc_sign_document(struct csc_call *call, struct rfd_error *error)
{
    struct arena *a = call->page->arena;
    struct signing_call s = {.call = call, .items = arena_zeroed(a, CSC_HASHES, sizeof *s.items)};
    s.service = sign_options_service(call->central.settings, a);
    if (s.items == NULL || s.service == NULL) return arena_failed(a, error);
    TRY(csc_need_sad(call, error));
    TRY(csc_check_mode(call, error));
    bool whole = csc_value(call, "documents") != NULL;
    if (whole && !csc_known_enter(call->page->web->csc_known)) return csc_no(call, CSC_NO_UNAVAILABLE, error);
    buf_init(&s.content, CONTENT_MAXIMUM);
    rfd_status status = sign(&s, error);
    if (whole) csc_known_leave(call->page->web->csc_known);
    for (size_t i = 0; i < s.count; i++) csc_pdf_forget(s.items[i].file);
    csc_validation_free(s.validation);
    buf_dispose(&s.content);
    return status;
}
