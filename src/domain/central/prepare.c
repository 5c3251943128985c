/* SPDX-License-Identifier: EUPL-1.2
 *
 * Preparing for a key of the personal keeper: each document gets its empty signature (preparation.h). What people agree
 * to is the operation's text, which names each document by the SHA-256 of what they were shown, and nothing else is
 * authorised by it: the keeper reads the document itself before it signs (revision.h).
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/authority/register.h"
#include "domain/central/preparation.h"

struct preparing {
    struct preparation p;
    struct central_credential credential;
    struct central_authorisation begun;
};

/* ---- With which credential ---- */

static rfd_status read_chain(struct transaction *t, void *context, struct rfd_error *error)
{
    struct preparing *p = context;
    struct holding holding = {.request = 0};
    buf_reset(&p->p.chain);
    TRY(register_get(t, p->credential.registered, store_arena(t), &holding.row, error));
    return holding_chain(t, &holding, &p->p.chain, error);
}

static rfd_status choose_credential(struct preparing *p, slice id, struct rfd_error *error)
{
    slice holder;
    TRY(central_own_credential(p->p.c, p->p.actor, p->p.a, id, &holder, &p->credential, error));
    if (p->p.row.s.holder.length > 0 && !slice_equal(p->p.row.s.holder, holder))
        return error_set(error, RFD_E_FORBIDDEN, "somebody else has to sign this");
    if (p->credential.state == PERSONAL_LOCKED) return error_set(error, RFD_E_CREDENTIAL_LOCKED, NULL);
    if (!central_credential_is_usable(&p->credential, clock_now()))
        return error_set(error, RFD_E_STATE, "this certificate cannot sign now");
    return store_read(p->p.c->store, read_chain, p, error);
}

/* ---- Asking, and keeping ---- */

static rfd_status begin(struct preparing *p, enum personal_channel channel, slice language, struct rfd_error *error)
{
    struct central_begin b = {.text = {.kind = OPERATION_SIGN,
                                       .credential = slice_text(p->credential.id),
                                       .portal = p->p.asker,
                                       .digest = DIGEST_SHA256,
                                       .of = OPERATION_OF_DOCUMENTS,
                                       .documents = p->p.texts,
                                       .count = p->p.count},
                              .channel = channel,
                              .language = language,
                              .statement = p->p.row.s.statement};
    return central_begin(p->p.c, &b, p->p.a, &p->begun, error);
}

static rfd_status keep(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct preparing *p = context;
    const struct preparation_key key = {.credential = slice_text(p->credential.id),
                                        .certificate = p->credential.registered,
                                        .operation = slice_of(p->begun.operation, sizeof p->begun.operation),
                                        .text = p->begun.text};
    return preparation_keep(t, &p->p, &key, error);
}

/** A limit of the documents is told apart from the keeper's own, which is over after a while. */
static rfd_status make(struct preparation *p, struct rfd_error *error)
{
    rfd_status status = preparation_make(p, error);
    if (status != RFD_E_LIMIT) return status;
    return error_set(error, RFD_E_UNSUPPORTED, "so large a document, or so much that is appended to it");
}

rfd_status signing_prepare(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                           slice credential, enum personal_channel channel, slice language,
                           struct central_authorisation *out, struct rfd_error *error)
{
    struct preparing p = {.credential = {.registered = 0}};
    bool kept = false;
    rfd_status status = RFD_OK;
    preparation_init(&p.p, c, actor, a, token);
    p.p.whole = true;
    TRY_OUT(preparation_open(&p.p, error));
    TRY_OUT(choose_credential(&p, credential, error));
    TRY_OUT(make(&p.p, error));
    central_forget(c, p.p.row.operation); /* a credential has few of them at a time */
    TRY_OUT(begin(&p, channel, language, error));
    status = store_write(c->store, keep, &p, error);
    kept = status == RFD_OK;
    if (!kept) central_forget(c, slice_of(p.begun.operation, sizeof p.begun.operation));
    if (kept) *out = p.begun;
out:
    preparation_dispose(&p.p, kept);
    return status;
}
