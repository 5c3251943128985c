/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing with a key of the personal keeper, between claim and embedding (conclusion.h):
 *
 *   check     what was shown, what is prepared and what was agreed to still are one.
 *   activate  password and code; the keeper gives what authorises exactly these documents, each once.
 *   sign      one after the other: the keeper reads it, and signs it with its revision (revision.h).
 */
#include "base/error.h"
#include "domain/central/conclusion.h"
#include "domain/central/revision.h"

struct work {
    struct conclusion *w;
    const struct central_proofs *proofs;
    struct operation_text text;
    struct operation_document texts[SIGNING_DOCUMENTS];
    struct revision revisions[SIGNING_DOCUMENTS];
};

/* ---- Check ---- */

/** What is authorised is what was shown. */
static bool is_whole(const struct operation_document *text)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    return operation_hash(text, hash) == sizeof text->shown && memcmp(hash, text->shown, sizeof text->shown) == 0;
}

static rfd_status check_document(struct work *k, size_t i, struct rfd_error *error)
{
    struct conclusion *w = k->w;
    const struct operation_document *text = &k->texts[w->count];
    const char *prepared = spool_path(w->c, w->row.prepared[i], w->a);
    TRY(conclusion_check_shown(w, i, text->shown, text->title, error));
    if (!is_whole(text)) return conclusion_differs(w, i, "the hash", error);
    return revision_find(w->row.sessions[i], prepared, w->row.s.documents[i].size, &k->revisions[w->count], error);
}

static rfd_status check_all(struct work *k, struct rfd_error *error)
{
    struct conclusion *w = k->w;
    TRY(operation_read(w->row.text, k->texts, SIGNING_DOCUMENTS, &k->text, error));
    if (k->text.kind != OPERATION_SIGN || k->text.of != OPERATION_OF_DOCUMENTS ||
        !slice_equal(k->text.credential, w->row.s.credential))
        return error_set(error, RFD_E_HASH_NOT_AUTHORISED, "the credential");
    for (size_t i = 0; i < w->row.s.count; i++) {
        if (!conclusion_is_due(w, i)) continue;
        if (w->count == k->text.count) return conclusion_differs(w, i, "the number", error);
        TRY(check_document(k, i, error));
        w->index[w->count++] = i;
    }
    w->asker = k->text.portal;
    return w->count == k->text.count ? RFD_OK
                                     : error_set(error, RFD_E_HASH_NOT_AUTHORISED, "a document is not there any more");
}

/* ---- Activate, sign ---- */

static rfd_status sign_documents(struct work *k, slice sad, struct rfd_error *error)
{
    struct conclusion *w = k->w;
    w->signatures = arena_zeroed(w->a, w->count + 1, sizeof *w->signatures);
    if (w->signatures == NULL) return arena_failed(w->a, error);
    for (size_t i = 0; i < w->count; i++)
        TRY(revision_sign(w->c, sad, &k->revisions[i], w->a, &w->signatures[i], error));
    return RFD_OK;
}

static rfd_status authorise(struct work *k, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    rfd_status status = central_activate(k->w->c, k->w->operation.data, k->proofs, &reply, error);
    if (status == RFD_OK) {
        slice sad = message_get_bytes(&reply.fields, PERSONAL_SAD_SIZE);
        (void)message_get_i64(&reply.fields);
        status = message_end(&reply.fields, "what authorises", error);
        if (status == RFD_OK) status = sign_documents(k, sad, error);
    }
    keeper_reply_dispose(&reply);
    return status;
}

static rfd_status sign(struct conclusion *w, void *context, struct rfd_error *error)
{
    struct work *k = context;
    k->w = w;
    TRY(check_all(k, error));
    return authorise(k, error);
}

static rfd_status check_way(struct transaction *t, struct conclusion *w, void *context, struct rfd_error *error)
{
    (void)t;
    (void)context;
    return w->row.s.credential.length > 0
               ? RFD_OK
               : error_set(error, RFD_E_ACTIVATION_ENDED, "it was prepared for a key of its owner's since");
}

rfd_status signing_sign(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                        const uint8_t *operation, const struct central_proofs *proofs, struct signing *out,
                        struct rfd_error *error)
{
    struct work *k = arena_zeroed(a, 1, sizeof *k);
    if (k == NULL) return arena_failed(a, error);
    k->proofs = proofs;
    const struct conclusion_way way = {.check = check_way, .sign = sign, .context = k};
    return conclusion_run(c, actor, a, token, slice_of(operation, PERSONAL_OPERATION_SIZE), &way, out, error);
}
